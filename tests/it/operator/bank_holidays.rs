//! Bank holidays that the operator adds, and the deadlines that they move. Each test has a database of its own, because a
//! bank holiday is everybody's.

use std::thread;

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Council, Practice, Staff, Web, World, messages, postgres};
use diesel::{Connection, PgConnection, RunQueryDsl, sql_types};
use serde_json::{Value, json};

use super::page_through;
use crate::practice::cases::{case_of, close, column};

const HOLIDAYS: &str = "/v1/operator/bank-holidays";
const SENT: &str = "/v1/council/referrals";
const INBOX: &str = "/v1/practice/referrals";

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

/// A world on a database of its own.
struct Apart {
    world: World,
    database: String,
}

impl Apart {
    fn new(what: &str) -> Self {
        let database = format!("almoner_it_holidays_{what}_{}", std::process::id());
        postgres::create(&database);
        almoner_persistence::migrations::migrate(&postgres::superuser_url(&database)).unwrap();
        Self { world: World::on(&postgres::url_as("almoner_app", &database), |_| {}), database }
    }

    /// Counts the events of a kind in the audit log of this owner.
    fn audited(&self, owner: impl Into<uuid::Uuid>, action: &str) -> i64 {
        let mut database = PgConnection::establish(&postgres::superuser_url(&self.database)).unwrap();
        diesel::sql_query("SELECT count(*) AS count FROM audit_events WHERE owner_id = $1 AND action = $2")
            .bind::<sql_types::Uuid, _>(owner.into())
            .bind::<sql_types::Text, _>(action)
            .get_result::<Count>(&mut database)
            .unwrap()
            .count
    }
}

fn holiday(day: &str) -> Value {
    json!({ "day": day, "title": "Bank holiday for the jubilee" })
}

fn add(operator: &Staff, day: &str) -> Answer {
    let added = operator.create(HOLIDAYS, &holiday(day));
    assert_eq!(added.status, 201, "{}", added.body);
    added
}

/// Sends a request from a thread of its own, with this token.
fn post(world: &World, token: &str, path: &str, content: &Value) -> Answer {
    let (bearer, key) = (format!("Bearer {token}"), fresh_key());
    let mut headers = vec![("authorization", bearer.as_str())];
    if path == HOLIDAYS {
        headers.push(("idempotency-key", &key));
    }
    Web::new(world.url()).send("POST", path, &headers, Some(("application/json", content.to_string().as_bytes())))
}

fn send(council: &Council, edits: &[(&str, Value)]) -> Answer {
    let mut message = messages::referral();
    for (member, value) in edits {
        message[member] = value.clone();
    }
    let sent = council.system.post(SENT, &message);
    assert_eq!((sent.status, sent.text("/status")), (201, Some("received")), "{}", sent.body);
    sent
}

fn at_council(council: &Council, sent: &Answer) -> Answer {
    council.system.get(&format!("{SENT}/{}", sent.text("/id").unwrap()))
}

/// The days by which the practice answers what is in its inbox.
fn due_days(practice: &Practice) -> Vec<String> {
    let inbox = practice.manager.get(INBOX);
    column(&inbox, "/response_due_on").into_iter().map(|day| day.unwrap().to_owned()).collect()
}

#[test]
fn a_bank_holiday_moves_what_is_counted_over_it_and_says_what_moved() {
    let apart = Apart::new("moves");
    let world = &apart.world;
    let (council, other) = (world.council(), world.council());
    let (practice, elsewhere) = (world.practice(&council), world.practice(&other));
    let operator = world.operator();
    let partner = world.partner();

    let counted = send(&council, &[("chosen_practice", json!(practice.slug))]);
    let theirs = send(&other, &[("chosen_practice", json!(elsewhere.slug))]);
    let sooner = send(&council, &[("respond_by", "2026-11-24".into())]);
    let on_the_day = send(&council, &[("respond_by", "2026-11-25".into())]);
    let later = send(&council, &[("respond_by", "2026-11-27".into())]);
    assert_eq!(counted.text("/response_due_on"), Some("2026-11-27"));
    let receipt = partner.create("/v1/partner/complaints", &messages::complaint(&practice.slug));
    assert_eq!(receipt.text("/acknowledgement_due_on"), Some("2026-11-25"));
    let mut unknown = messages::complaint(&elsewhere.slug);
    unknown["staff"] = json!(["Nobody of this name"]);
    let at_the_council = partner.create("/v1/partner/complaints", &unknown);
    assert_eq!(at_the_council.status, 201, "{}", at_the_council.body);
    let case = case_of(&practice, &council, &practice.social_worker);
    assert_eq!(close(&practice.social_worker, &case, &messages::close()).status, 200);
    let request = column(&practice.second_manager.get("/v1/practice/countersignatures"), "/id")[0].unwrap().to_owned();
    let request = format!("/v1/practice/countersignatures/{request}");
    let asked = practice.second_manager.get(&request);
    assert!(["2026-11-24", "2026-11-25"].contains(&asked.text("/due_on").unwrap()), "{}", asked.body);

    world.set_clock("2026-11-23T16:30:00Z");
    council.system.forget_token();
    let urgent = send(&council, &[("urgency", "immediate".into()), ("chosen_practice", json!(practice.slug))]);
    assert_eq!(&urgent.text("/human_contact_due_at").unwrap()[..16], "2026-11-24T10:30");
    assert_eq!(urgent.text("/response_due_on"), Some("2026-11-24"));
    let seen = at_council(&council, &urgent);

    // The Tuesday, which everything but a day that the council named is counted over.
    operator.forget_token();
    let added = add(&operator, "2026-11-24");
    // Those of complaints move too, and no number tells the operator that there are any.
    let moved = json!({ "referral_responses": 4, "human_contacts": 1, "countersignatures": 1 });
    assert_eq!(added.body["moved"], moved, "{}", added.body);
    assert_eq!(operator.get(added.header("location").unwrap()).body, added.body);
    for (sent, by, day) in [
        (&counted, &council, "2026-11-30"),
        (&theirs, &other, "2026-11-30"),
        (&sooner, &council, "2026-11-25"),
        (&on_the_day, &council, "2026-11-25"),
        (&later, &council, "2026-11-27"),
        (&urgent, &council, "2026-11-25"),
    ] {
        by.system.forget_token();
        let now = at_council(by, sent);
        assert_eq!(now.text("/response_due_on"), Some(day), "{}", now.body);
    }
    let now = at_council(&council, &urgent);
    assert_eq!(&now.text("/human_contact_due_at").unwrap()[..16], "2026-11-25T10:30");
    assert_ne!(now.etag(), seen.etag(), "a version that has not moved is no longer the current one");
    practice.manager.forget_token();
    let at_practice = ["2026-11-25", "2026-11-25", "2026-11-25", "2026-11-27", "2026-11-30"];
    assert_eq!(due_days(&practice), at_practice);
    practice.second_manager.forget_token();
    assert_eq!(
        practice.second_manager.get(&request).text("/due_on"),
        match asked.text("/due_on") {
            Some("2026-11-24") => Some("2026-11-25"),
            _ => Some("2026-11-26"),
        }
    );
    partner.forget_token();
    for lodged in [&receipt, &at_the_council] {
        let path = format!("/v1/partner/complaints/{}", lodged.text("/reference").unwrap());
        let code = [("complaint-access-code", lodged.text("/access_code").unwrap())];
        let followed = partner.send("GET", &path, &code, None);
        assert_eq!(followed.text("/acknowledgement_due_on"), Some("2026-11-26"), "{}", followed.body);
        assert_eq!(followed.text("/response_latest_on"), Some("2027-05-19"), "six months are six months");
    }

    // Each log says what moved in it, and no other's.
    for (owner, action, times) in [
        (practice.id.uuid(), "referral.deadline_moved", 4),
        (elsewhere.id.uuid(), "referral.deadline_moved", 1),
        (practice.id.uuid(), "countersignature.deadline_moved", 1),
        (elsewhere.id.uuid(), "countersignature.deadline_moved", 0),
        (practice.id.uuid(), "complaint.deadline_moved", 0),
        (elsewhere.id.uuid(), "complaint.deadline_moved", 0),
        (other.id.uuid(), "complaint.deadline_moved", 3),
        (council.id.uuid(), "complaint.deadline_moved", 3),
    ] {
        assert_eq!(apart.audited(owner, action), times, "{action}");
    }
}

#[test]
fn what_has_passed_stays_and_what_has_moved_does_not_expire_on_its_old_day() {
    let apart = Apart::new("passed");
    let world = &apart.world;
    let council = world.council();
    let practice = world.practice(&council);
    let operator = world.operator();
    let passed = send(&council, &[("respond_by", "2026-11-23".into())]);
    let open = send(&council, &[]);
    world.set_clock("2026-11-25T10:00:00Z");
    operator.forget_token();
    // A day that has passed too, but lies within the count of what has not.
    let added = add(&operator, "2026-11-23");
    assert_eq!(added.body["moved"]["referral_responses"], 1, "{}", added.body);
    council.system.forget_token();
    assert_eq!(at_council(&council, &passed).text("/response_due_on"), Some("2026-11-23"));
    assert_eq!(at_council(&council, &open).text("/response_due_on"), Some("2026-11-30"));

    for (at, status) in [("2026-11-28T10:00:00Z", "received"), ("2026-12-01T00:30:00Z", "expired")] {
        world.set_clock(at);
        world.work(&practice);
        council.system.forget_token();
        assert_eq!(at_council(&council, &open).text("/status"), Some(status), "{at}");
        assert_eq!(at_council(&council, &passed).text("/status"), Some("expired"), "{at}");
    }
    operator.forget_token();
    let again = add(&operator, "2026-11-27");
    assert_eq!(again.body["moved"]["referral_responses"], 0, "what has expired does not move: {}", again.body);
}

#[test]
fn a_countersignature_that_has_moved_is_passed_on_after_its_new_day() {
    let apart = Apart::new("passed_on");
    let world = &apart.world;
    let council = world.council();
    let practice = world.practice(&council);
    let operator = world.operator();
    let case = case_of(&practice, &council, &practice.social_worker);
    assert_eq!(close(&practice.social_worker, &case, &messages::close()).status, 200);
    let due_on = |at: &str| {
        world.set_clock(at);
        practice.second_manager.forget_token();
        let asked = practice.second_manager.get("/v1/practice/countersignatures");
        column(&asked, "/due_on").first().copied().flatten().map(str::to_owned)
    };
    let before = due_on("2026-11-20T10:01:00Z").unwrap();
    operator.forget_token();
    assert_eq!(add(&operator, "2026-11-23").body["moved"]["countersignatures"], 1);
    let after = due_on("2026-11-20T10:02:00Z").unwrap();
    assert!(after > before, "{before} {after}");
    let the_day_after =
        |day: &str| format!("{}T10:00:00Z", day.parse::<chrono::NaiveDate>().unwrap().succ_opt().unwrap());
    world.set_clock(&the_day_after(&before));
    world.work(&practice);
    assert_eq!(due_on(&the_day_after(&before)), Some(after.clone()), "it is not passed on yet");
    world.set_clock(&the_day_after(&after));
    world.work(&practice);
    assert_eq!(due_on(&the_day_after(&after)), None, "it is somebody else's now, or nobody's");
}

#[test]
fn a_bank_holiday_is_added_once() {
    let apart = Apart::new("once");
    let world = &apart.world;
    let council = world.council();
    world.practice(&council);
    let operator = world.operator();
    let sent = send(&council, &[]);
    let key = fresh_key();
    let key = [("idempotency-key", key.as_str())];
    let [first, again] = [(); 2].map(|()| operator.post_with(HOLIDAYS, &key, &holiday("2026-11-25")));
    assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (201, 201, Some("true")));
    assert_eq!(first.body, again.body);
    let taken = operator.create(HOLIDAYS, &holiday("2026-11-25"));
    assert_eq!((taken.status, taken.text("/errors/0/pointer")), (409, Some("/day")), "{}", taken.body);
    let shipped = operator.create(HOLIDAYS, &holiday("2026-12-25"));
    assert_eq!((shipped.status, shipped.text("/errors/0/pointer")), (409, Some("/day")), "{}", shipped.body);
    for (day, words) in [
        ("2026-11-28", "must not be a Saturday or Sunday"),
        ("2031-01-02", "must be in a year whose bank holidays are loaded, which are 2024 to 2030"),
        ("26 November", "must be a date"),
    ] {
        let refused = operator.create(HOLIDAYS, &holiday(day));
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/day")), "{}", refused.body);
        assert!(refused.text("/errors/0/detail").unwrap().starts_with(words), "{}", refused.body);
    }
    assert_eq!(at_council(&council, &sent).text("/response_due_on"), Some("2026-11-30"), "it moved by one day");
    let listed = page_through(&operator, HOLIDAYS);
    assert_eq!(listed.len(), 8 * 7 + 1, "the holidays of seven years, and one");
    assert_eq!(listed.iter().filter(|one| one["moved"].is_object()).count(), 1);
    let days: Vec<&str> = listed.iter().map(|one| one["day"].as_str().unwrap()).collect();
    assert!(days.is_sorted() && days.contains(&"2026-11-25"), "{days:?}");
}

#[test]
fn of_two_at_once_one_adds_the_day_and_two_days_at_once_both_count() {
    let apart = Apart::new("at_once");
    let world = &apart.world;
    let council = world.council();
    world.practice(&council);
    let tokens = [(); 2].map(|()| world.operator().token().unwrap());
    let sent = send(&council, &[]);
    let both = |days: [&'static str; 2]| -> Vec<u16> {
        thread::scope(|scope| {
            let adding: Vec<_> = tokens
                .iter()
                .zip(days)
                .map(|(token, day)| scope.spawn(|| post(world, token, HOLIDAYS, &holiday(day)).status))
                .collect();
            adding.into_iter().map(|one| one.join().unwrap()).collect()
        })
    };
    let mut same = both(["2026-11-24", "2026-11-24"]);
    same.sort_unstable();
    assert_eq!(same, [201, 409]);
    assert_eq!(at_council(&council, &sent).text("/response_due_on"), Some("2026-11-30"));
    assert_eq!(both(["2026-11-25", "2026-11-26"]), [201, 201]);
    assert_eq!(at_council(&council, &sent).text("/response_due_on"), Some("2026-12-02"));
}

#[test]
fn a_referral_that_arrives_while_a_bank_holiday_is_added_is_counted_with_it() {
    let apart = Apart::new("arriving");
    let world = &apart.world;
    let council = world.council();
    let practice = world.practice(&council);
    let operator = world.operator();
    let (adds, sends) = (operator.token().unwrap(), council.system.token().unwrap());
    for day in ["2026-11-24", "2026-11-25", "2026-11-26"] {
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..4 {
                        let sent = post(world, &sends, SENT, &messages::referral());
                        assert_eq!(sent.status, 201, "{}", sent.body);
                    }
                });
            }
            scope.spawn(|| {
                let added = post(world, &adds, HOLIDAYS, &holiday(day));
                assert_eq!(added.status, 201, "{}", added.body);
            });
        });
    }
    let due = due_days(&practice);
    assert_eq!((due.len(), due.iter().filter(|day| *day == "2026-12-02").count()), (36, 36), "{due:?}");
}

#[test]
fn an_answer_is_asked_for_on_a_day_that_the_calendar_knows() {
    let world = World::new();
    world.set_clock("2030-06-03T10:00:00Z");
    let council = world.council();
    world.practice(&council);
    let by = |day: &str| {
        let mut message = messages::referral();
        message["requested_on"] = "2030-06-03".into();
        message["consent"]["recorded_on"] = "2030-06-03".into();
        message["respond_by"] = day.into();
        council.system.post(SENT, &message)
    };
    let taken = by("2030-12-31");
    assert_eq!((taken.status, taken.text("/response_due_on")), (201, Some("2030-12-31")), "{}", taken.body);
    for day in ["2031-01-01", "2031-05-30"] {
        let refused = by(day);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/respond_by")), "{}", refused.body);
        let words = "must be in a year whose bank holidays are loaded, which are 2024 to 2030";
        assert_eq!(refused.text("/errors/0/detail"), Some(words));
    }
}
