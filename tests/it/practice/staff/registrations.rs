//! Registration with Social Work England: who may decide and be allocated work, and who has to be looked up.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, Staff, World, messages, postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

use crate::practice::cases::{case_of, close, column, give, open, pointer, record};

const LIST: &str = "/v1/practice/registrations";
const REFERRALS: &str = "/v1/practice/referrals";

fn path(of: &Staff) -> String {
    format!("/v1/practice/staff/{}/registration", of.id)
}

fn put(by: &Staff, of: &Staff, seen: &Answer, body: &Value) -> Answer {
    let headers = [("if-match", seen.etag().unwrap())];
    by.send("PUT", &path(of), &headers, Some(("application/json", body.to_string().as_bytes())))
}

/// Records what was found in the register for a member of staff.
fn look_up(by: &Staff, of: &Staff, body: &Value) -> Answer {
    put(by, of, &by.get(&path(of)), body)
}

fn registered(checked_on: &str, until: &str) -> Value {
    json!({ "status": "registered", "checked_on": checked_on, "registration_ends_on": until })
}

/// An entry in the register of a social worker who may not practise.
fn barred(status: &str) -> Value {
    json!({ "status": status, "checked_on": "2026-11-20" })
}

fn at(world: &World, now: &str, callers: &[&Staff]) {
    world.set_clock(now);
    for caller in callers {
        caller.forget_token();
    }
}

fn assert_barred(answer: &Answer, what: &str) {
    let kind = (answer.status, answer.text("/type"));
    assert_eq!(kind, (403, Some("/problems/registration-lapsed")), "{what}: {}", answer.body);
}

/// The addresses of the referrals that wait in the inbox.
fn inbox(by: &Staff) -> Vec<String> {
    column(&by.get(REFERRALS), "/id").into_iter().flatten().map(|id| format!("{REFERRALS}/{id}")).collect()
}

fn step(by: &Staff, path: &str, step: &str, body: &Value) -> Answer {
    by.change(&format!("{path}/{step}"), &by.get(path), body)
}

#[test]
fn a_social_worker_decides_until_the_end_of_the_last_day_of_their_registration_and_then_no_more() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (worker, manager) = (&practice.social_worker, &practice.manager);
    let written = look_up(manager, worker, &registered("2026-11-20", "2026-11-30"));
    assert_eq!((written.status, &written.body["may_practise"]), (200, &json!(true)), "{}", written.body);
    let case = case_of(&practice, &council, worker);
    let person = record(&practice, &messages::person());
    for _ in 0..4 {
        let mut referral = messages::referral();
        referral["respond_by"] = "2026-12-18".into();
        let sent = council.system.post("/v1/council/referrals", &referral);
        assert_eq!(sent.status, 201, "{}", sent.body);
    }
    let referrals = inbox(manager);
    let no = json!({ "reason": "no_capacity" });

    at(&world, "2026-11-29T10:00:00Z", &[worker]);
    assert_eq!(step(worker, &referrals[0], "decline", &no).status, 200, "the day before");
    at(&world, "2026-11-30T23:59:00Z", &[worker]);
    assert_eq!(step(worker, &referrals[1], "decline", &no).status, 200, "the last day counts");
    at(&world, "2026-12-01T00:01:00Z", &[worker, manager]);
    assert_barred(&step(worker, &referrals[2], "decline", &no), "decline");
    let accept = step(worker, &referrals[2], "accept", &json!({}));
    assert_barred(&accept, "accept");
    assert!(accept.text("/detail").unwrap().contains("2026-11-30"), "{}", accept.body);
    assert_barred(&step(worker, &referrals[1], "undo", &json!({})), "undo");
    assert_barred(&close(worker, &case, &messages::close()), "close");
    assert_barred(&step(worker, &case, "agree-to-closing", &json!({ "ground": "work_complete" })), "agree to closing");
    let new = worker.create("/v1/practice/cases", &messages::case(&council.gss_code, &person));
    assert_barred(&new, "open a case");
    let whose = worker.get(&case).text("/service_user/id").unwrap().to_owned();
    let notes = format!("/v1/practice/service-users/{whose}/warning-notes");
    let warned = manager.create(&notes, &messages::warning_note());
    let note = format!("{notes}/{}", warned.text("/id").unwrap());
    assert_barred(&worker.create(&notes, &messages::warning_note()), "warn");
    let error = json!({ "finding": "entered_in_error", "text": "Another person's dog." });
    assert_barred(&step(worker, &note, "review", &error), "review a warning note");
    assert_eq!(inbox(manager).len(), 2, "nothing was decided");

    // The case stays with the worker, who can read it and write notes, until it is allocated to another.
    assert_eq!(worker.get(&case).text("/allocated_to/name"), Some("Hannah Price"));
    assert_eq!(worker.create(&format!("{case}/notes"), &messages::note("Handed over to the duty desk.")).status, 201);
    assert_eq!(give(&practice, &case, &practice.practitioner).status, 200);

    look_up(manager, worker, &registered("2026-12-01", "2027-11-30"));
    assert_eq!(step(worker, &referrals[2], "decline", &no).status, 200, "renewed, it counts from the next request");
}

/// A social worker who has joined now, and whom nobody has looked up.
fn newcomer(world: &World, practice: &Practice) -> Staff {
    world.staff(
        practice.id,
        json!({
            "name": "Wren Abbott", "email": format!("wren@{}.example", practice.slug), "roles": ["social_worker"],
            "line_manager_id": practice.manager.id, "social_work_england_number": "SW778899",
        }),
    )
}

#[test]
fn whoever_was_never_looked_up_works_for_fourteen_days_and_is_on_the_list_until_somebody_looks() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let newcomer = newcomer(&world, &practice);
    let unseen = practice.administrator.get(&path(&newcomer));
    assert_eq!(
        (unseen.status, unseen.etag(), &unseen.body["attention"], &unseen.body["may_practise"]),
        (200, Some("\"0\""), &json!(["never_checked"]), &json!(true))
    );
    let list = || practice.administrator.get(LIST);
    assert_eq!(column(&list(), "/staff/name"), [Some("Wren Abbott")], "the others have been looked up");

    // The fourteenth day is the last, to its end in London.
    for (now, expected) in [("2026-12-04T23:59:00Z", 200), ("2026-12-05T00:01:00Z", 403)] {
        at(&world, now, &[&practice.manager, &practice.administrator, &newcomer]);
        council.system.forget_token();
        council.system.post("/v1/council/referrals", &messages::referral());
        let accepted = step(&newcomer, &inbox(&practice.manager)[0], "accept", &json!({}));
        assert_eq!(accepted.status, expected, "{now}: {}", accepted.body);
        let may = practice.administrator.get(&path(&newcomer)).body["may_practise"].clone();
        assert_eq!(may, expected == 200, "{now}");
    }
    let refused = step(&newcomer, &inbox(&practice.manager)[0], "accept", &json!({}));
    assert_eq!(refused.text("/type"), Some("/problems/registration-lapsed"), "{}", refused.body);
    let why = refused.text("/detail").unwrap();
    assert!(
        why.contains("nobody at the practice had looked up the registration") && why.contains("2026-12-04"),
        "{why}"
    );

    let found = registered("2026-12-05", "2027-11-30");
    assert_eq!(look_up(&practice.administrator, &newcomer, &found).status, 200);
    let accepted = step(&newcomer, &inbox(&practice.manager)[0], "accept", &json!({}));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
}

#[test]
fn no_case_is_given_to_a_social_worker_whom_the_register_bars() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let worker = &practice.social_worker;
    let case = open(&practice, &council, &record(&practice, &messages::person()));
    council.system.post("/v1/council/referrals", &messages::referral());
    let referral = &inbox(&practice.manager)[0];
    let to = json!({ "allocate": { "staff_id": worker.id, "reason": "Has room." } });
    for status in ["suspended", "removed", "lapsed"] {
        assert_eq!(look_up(&practice.manager, worker, &barred(status)).status, 200);
        let given = give(&practice, &case, worker);
        assert_eq!(pointer(&given), (422, Some("/staff_id")), "{}", given.body);
        assert!(given.text("/errors/0/detail").unwrap().contains(status), "{}", given.body);
        let accepted = step(&practice.manager, referral, "accept", &to);
        assert_eq!(pointer(&accepted), (422, Some("/allocate/staff_id")), "{}", accepted.body);
        assert_barred(&step(worker, referral, "accept", &to), status);
    }
    let conditions = json!({
        "status": "registered_with_conditions", "checked_on": "2026-11-20", "registration_ends_on": "2026-11-30",
    });
    assert_eq!(look_up(&practice.manager, worker, &conditions).status, 200);
    assert_eq!(give(&practice, &case, worker).status, 200);
}

/// Makes a manager outside everybody's line of management, with these roles.
fn lead(world: &World, practice: &Practice, login: &str, roles: &[&str]) -> Staff {
    let email = format!("{login}@{}.example", practice.slug);
    let member = json!({ "name": login, "email": email, "roles": roles, "social_work_england_number": "SW777" });
    world.staff(practice.id, member)
}

#[test]
fn a_manager_who_is_a_social_worker_is_neither_drawn_nor_heard_while_the_register_bars_them() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let both = lead(&world, &practice, "both", &["manager", "social_worker"]);
    let requests = || column(&both.get("/v1/practice/countersignatures"), "/id").len();
    let case = || {
        let case = case_of(&practice, &council, &practice.social_worker);
        close(&practice.social_worker, &case, &messages::close())
    };
    // Two managers could be drawn, this one and the second manager. The draw is repeated so often that chance cannot explain it.
    look_up(&practice.manager, &both, &barred("suspended"));
    for _ in 0..8 {
        assert_eq!(case().status, 200);
    }
    assert_eq!(requests(), 0);
    look_up(&practice.manager, &both, &registered("2026-11-20", "2026-11-30"));
    for _ in 0..40 {
        if requests() > 0 {
            break;
        }
        assert_eq!(case().status, 200);
    }
    let id = column(&both.get("/v1/practice/countersignatures"), "/id")[0].unwrap().to_owned();
    let request = format!("/v1/practice/countersignatures/{id}");

    look_up(&practice.manager, &both, &barred("removed"));
    assert_barred(&step(&both, &request, "approve", &messages::approve()), "approve");
    assert_barred(&step(&both, &request, "refuse", &json!({ "reason": "See her first." })), "refuse");
    let unallocated = open(&practice, &council, &record(&practice, &messages::person()));
    let to = json!({ "staff_id": practice.practitioner.id, "reason": "Has room." });
    assert_barred(&step(&both, &unallocated, "allocate", &to), "allocate");
    look_up(&practice.manager, &both, &registered("2026-11-20", "2026-11-30"));
    assert_eq!(step(&both, &request, "approve", &messages::approve()).status, 200);
}

#[test]
fn a_manager_who_is_no_social_worker_decides_whatever_the_register_says() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let manager = lead(&world, &practice, "manager-only", &["manager"]);
    look_up(&practice.manager, &manager, &barred("removed"));
    council.system.post("/v1/council/referrals", &messages::referral());
    let declined = step(&manager, &inbox(&manager)[0], "decline", &json!({ "reason": "no_capacity" }));
    assert_eq!(declined.status, 200, "{}", declined.body);
}

#[test]
fn nobody_looks_up_themselves_and_what_is_found_is_what_a_register_says() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let both = lead(&world, &practice, "both", &["manager", "social_worker"]);
    let found = registered("2026-11-20", "2027-11-30");
    let own = look_up(&both, &both, &found);
    assert_eq!((own.status, own.text("/type")), (403, Some("/problems/forbidden")), "{}", own.body);
    assert!(both.get(&path(&both)).body["found"].is_null());

    for (member, value, at) in [
        ("status", json!("fine"), "/status"),
        ("checked_on", json!("2026-11-21"), "/checked_on"),
        ("checked_on", Value::Null, "/checked_on"),
        ("registration_ends_on", Value::Null, "/registration_ends_on"),
        ("registration_ends_on", json!("2027-12-01"), "/registration_ends_on"),
        ("annotations", json!(["amhp", "amhp"]), "/annotations"),
        ("annotations", json!(["wizard"]), "/annotations/0"),
        ("number", json!("SW1"), "/number"),
    ] {
        let mut spoilt = found.clone();
        spoilt[member] = value;
        let refused = look_up(&practice.manager, &both, &spoilt);
        assert_eq!(pointer(&refused), (422, Some(at)), "{}", refused.body);
    }
    // A member of staff without a number cannot be looked up.
    assert_eq!(look_up(&practice.manager, &practice.practitioner, &found).status, 422);

    let mut with_notes = found.clone();
    with_notes["annotations"] = json!(["amhp", "bia"]);
    let seen = practice.manager.get(&path(&both));
    let written = put(&practice.manager, &both, &seen, &with_notes);
    assert_eq!((written.status, &written.body["found"]["annotations"]), (200, &json!(["amhp", "bia"])));
    assert_eq!(written.body["found"]["checked_by"], json!({ "id": practice.manager.id, "name": "Gareth Pugh" }));
    let late = put(&practice.administrator, &both, &seen, &found);
    assert_eq!((late.status, late.etag()), (412, written.etag()), "two looked at once: {}", late.body);
}

#[test]
fn the_list_names_who_has_lapsed_who_is_about_to_and_who_was_not_looked_up_for_a_year() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (hannah, tomasz, manager) = (&practice.social_worker, &practice.social_worker_2, &practice.manager);
    look_up(manager, hannah, &registered("2026-11-20", "2026-11-30"));
    look_up(manager, tomasz, &registered("2026-11-20", "2027-11-30"));
    case_of(&practice, &council, hannah);
    let list = |query: &str| {
        let page = manager.get(&format!("{LIST}{query}"));
        let items = page.body["items"].as_array().unwrap_or_else(|| panic!("{}", page.body)).clone();
        items.iter().map(|one| (one["staff"]["name"].clone(), one["attention"].clone())).collect::<Vec<_>>()
    };
    let named = |name: &str, why: &[&str]| (json!(name), json!(why));
    assert_eq!(list(""), [named("Hannah Price", &["lapsing"])]);
    assert!(list("?lapsing_within_days=9").is_empty());
    assert_eq!(list("?lapsing_within_days=10"), [named("Hannah Price", &["lapsing"])]);
    assert_eq!(manager.get(LIST).body["items"][0]["cases_in_hand"], json!(1), "to be given to somebody else");
    for query in ["?lapsing_within_days=367", "?lapsing_within_days=-1", "?lapsing_within_days=soon"] {
        assert_eq!(manager.get(&format!("{LIST}{query}")).status, 422, "{query}");
    }
    let first = manager.get(&format!("{LIST}?limit=1&lapsing_within_days=366"));
    assert!(first.text("/next_cursor").is_none(), "Tomasz's is 375 days off: {}", first.body);

    at(&world, "2026-12-01T09:00:00Z", &[manager]);
    assert_eq!(list(""), [named("Hannah Price", &["lapsed"])]);
    at(&world, "2027-11-20T09:00:00Z", &[manager]);
    let later = [
        named("Hannah Price", &["lapsed", "checked_long_ago"]),
        named("Tomasz Zielinski", &["lapsing", "checked_long_ago"]),
    ];
    assert_eq!(list(""), later);
    let page = manager.get(&format!("{LIST}?limit=1"));
    assert_eq!(column(&page, "/staff/name"), [Some("Hannah Price")]);
    assert_eq!(list(&format!("?limit=1&cursor={}", page.text("/next_cursor").unwrap())), later[1..]);
}

#[test]
fn another_number_than_the_one_that_was_looked_up_is_noticed_and_lifts_no_bar() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let worker = &practice.social_worker;
    look_up(&practice.manager, worker, &barred("removed"));
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let other = format!("UPDATE staff SET social_work_england_number = 'SW9' WHERE staff_id = '{}'", worker.id);
    database.batch_execute(&other).unwrap();
    let shown = practice.manager.get(&path(worker));
    assert_eq!(shown.body["attention"], json!(["lapsed", "other_number"]));
    council.system.post("/v1/council/referrals", &messages::referral());
    assert_barred(&step(worker, &inbox(&practice.manager)[0], "accept", &json!({})), "accept");
}
