//! Cases: opening, listing and allocating them.

mod allocations;
mod asking;
mod closing;
mod countersignatures;
mod entered_in_error;
mod grounds;
mod moving;
mod notes;
mod outside;
mod without_case;

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Council, Practice, Staff, Web, World, messages};
use serde_json::{Value, json};

/// Opens a record for a person. Returns its identifier.
pub(crate) fn record(practice: &Practice, person: &Value) -> String {
    let made = practice.manager.create("/v1/practice/service-users", person);
    assert_eq!(made.status, 201, "{}", made.body);
    made.text("/id").unwrap().to_owned()
}

/// Opens a case of review with this person. Returns its address.
pub(crate) fn open(practice: &Practice, council: &Council, person: &str) -> String {
    let made = practice.manager.create("/v1/practice/cases", &messages::case(&council.gss_code, person));
    assert_eq!(made.status, 201, "{}", made.body);
    made.header("location").unwrap().to_owned()
}

/// Allocates a case to a worker. If another has it, the ground is that they left.
pub(crate) fn give(practice: &Practice, case: &str, worker: &Staff) -> Answer {
    let seen = practice.manager.get(case);
    let is_another = seen.text("/allocated_to/id").is_some_and(|id| id != worker.id.to_string());
    let body = if is_another {
        messages::move_on_leaving(worker.id)
    } else {
        json!({ "staff_id": worker.id, "reason": "Knows the family." })
    };
    practice.manager.change(&format!("{case}/allocate"), &seen, &body)
}

/// Opens a case with a person of its own and allocates it to this worker. Returns its address.
pub(crate) fn case_of(practice: &Practice, council: &Council, worker: &Staff) -> String {
    let person = record(practice, &messages::person());
    let case = open(practice, council, &person);
    let given = give(practice, &case, worker);
    assert_eq!(given.status, 200, "{}", given.body);
    case
}

/// Asks to close a case, with its current version.
pub(crate) fn close(by: &Staff, case: &str, how: &Value) -> Answer {
    by.change(&format!("{case}/close"), &by.get(case), how)
}

/// Sends the same change twice at once, with the version that was seen. Returns the statuses, the smaller first.
pub(crate) fn at_once(world: &World, by: &Staff, path: &str, seen: &Answer, body: &Value) -> [u16; 2] {
    twice_at_once(world, by, ("POST", path), seen, body)
}

/// Sends the same change twice at the same time, and returns the statuses in order.
pub(crate) fn twice_at_once(
    world: &World,
    by: &Staff,
    (method, path): (&str, &str),
    seen: &Answer,
    body: &Value,
) -> [u16; 2] {
    both_at_once(world, by, [(method, path, seen), (method, path, seen)], body)
}

/// Sends two changes at the same time, each with the version that was seen, and returns the statuses in order.
pub(crate) fn both_at_once(world: &World, by: &Staff, requests: [(&str, &str, &Answer); 2], body: &Value) -> [u16; 2] {
    let (authorization, content) = (format!("Bearer {}", by.token().unwrap()), body.to_string());
    let send = |(method, path, seen): (&str, &str, &Answer)| {
        let headers = [("authorization", authorization.as_str()), ("if-match", seen.etag().unwrap())];
        Web::new(world.url()).send(method, path, &headers, Some(("application/json", content.as_bytes()))).status
    };
    let send = &send;
    let mut statuses = std::thread::scope(|threads| {
        requests.map(|request| threads.spawn(move || send(request))).map(|one| one.join().unwrap())
    });
    statuses.sort_unstable();
    statuses
}

/// The values at one pointer of every item of a page.
pub(crate) fn column<'a>(page: &'a Answer, pointer: &str) -> Vec<Option<&'a str>> {
    let items = page.body["items"].as_array().unwrap_or_else(|| panic!("no page: {}", page.body));
    items.iter().map(|item| item.pointer(pointer).and_then(Value::as_str)).collect()
}

/// The status of a refusal, and the pointer of its first fault.
pub(crate) fn pointer(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.text("/errors/0/pointer"))
}

#[test]
fn a_case_is_opened_under_a_delegation_in_force() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = record(&practice, &messages::person());

    let new =
        json!({ "service_user_id": person, "council": council.gss_code, "function": "review", "priority": "urgent" });
    let opened = practice.social_worker.create("/v1/practice/cases", &new);
    assert_eq!(opened.status, 201, "{}", opened.body);
    assert_eq!(opened.text("/status"), Some("open"));
    assert_eq!(opened.text("/priority"), Some("urgent"));
    assert_eq!(opened.text("/council/gss_code"), Some(council.gss_code.as_str()));
    assert_eq!(opened.text("/service_user/name"), Some("Edith Marlow"));
    assert!(opened.text("/delegation_id").is_some());
    assert!(opened.body["allocated_to"].is_null());

    let read = practice.social_worker.get(opened.header("location").unwrap());
    assert_eq!((read.status, &read.body, read.etag()), (200, &opened.body, opened.etag()));
}

#[test]
fn without_a_delegation_in_force_today_no_case_is_opened() {
    let world = World::new();
    let (council, ended, stranger) = (world.council(), world.council(), world.council());
    let practice = world.practice_with(json!({}));
    let delegations = json!([
        { "function": "review", "starts_on": "2024-04-01", "ends_on": "2026-11-19" },
        { "function": "support_planning", "starts_on": "2026-11-21" },
        { "function": "needs_assessment", "starts_on": "2026-11-20", "ends_on": "2026-11-20" },
    ]);
    world.contract(&council, &practice, json!({ "delegations": delegations }));
    world.contract(&ended, &practice, json!({ "ends_on": "2026-11-19" }));
    let person = record(&practice, &messages::person());
    let open = |council: &str, function: &str| {
        let new = json!({ "service_user_id": person, "council": council, "function": function });
        practice.manager.create("/v1/practice/cases", &new)
    };

    assert_eq!(open(&council.gss_code, "needs_assessment").status, 201);
    for (council, function) in [
        (&council, "review"),
        (&council, "support_planning"),
        (&council, "carers_assessment"),
        (&ended, "review"),
        (&stranger, "review"),
    ] {
        let refused = open(&council.gss_code, function);
        assert_eq!(refused.status, 409, "{function}: {}", refused.body);
        assert_eq!(refused.text("/type"), Some("/problems/not-delegated"));
    }
    assert_eq!(pointer(&open("E06999999", "review")), (422, Some("/council")));
    let unknown = json!({ "service_user_id": fresh_key(), "council": council.gss_code, "function": "review" });
    assert_eq!(pointer(&practice.manager.create("/v1/practice/cases", &unknown)), (422, Some("/service_user_id")));
}

#[test]
fn a_safeguarding_enquiry_is_not_opened_by_hand() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = record(&practice, &messages::person());
    let new = json!({ "service_user_id": person, "council": council.gss_code, "function": "safeguarding_enquiry" });
    assert_eq!(pointer(&practice.manager.create("/v1/practice/cases", &new)), (422, Some("/function")));
}

#[test]
fn cases_are_listed_newest_first_by_state_and_person_and_in_pages() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (edith, arthur) = (record(&practice, &messages::person()), record(&practice, &messages::person()));
    let cases: Vec<String> = [&edith, &arthur, &edith].map(|person| open(&practice, &council, person)).into();
    assert_eq!(close(&practice.manager, &cases[0], &messages::close_on_death()).text("/status"), Some("closed"));
    let id = |n: usize| cases[n].rsplit('/').next();
    let list = |query: &str| practice.social_worker.get(&format!("/v1/practice/cases{query}"));

    assert_eq!(column(&list(""), "/id"), [id(2), id(1), id(0)]);
    assert_eq!(column(&list("?status=open"), "/id"), [id(2), id(1)]);
    assert_eq!(column(&list("?status=closed"), "/id"), [id(0)]);
    assert_eq!(column(&list(&format!("?service_user_id={edith}")), "/id"), [id(2), id(0)]);
    assert_eq!(column(&list(&format!("?service_user_id={edith}&status=open")), "/id"), [id(2)]);
    assert!(column(&list("?status=closing"), "/id").is_empty());

    let first = list("?limit=2");
    assert_eq!(column(&first, "/id"), [id(2), id(1)]);
    let second = list(&format!("?limit=2&cursor={}", first.text("/next_cursor").unwrap()));
    assert_eq!(column(&second, "/id"), [id(0)]);
    assert!(second.body["next_cursor"].is_null());
    for wrong in ["?limit=0", "?limit=201", "?cursor=nonsense", "?status=lost", "?service_user_id=7"] {
        assert_eq!(list(wrong).status, 422, "{wrong}");
    }
}

#[test]
fn a_list_has_the_cases_that_changed_since_a_moment_and_a_complaint_moves_none() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let edith = messages::person();
    let cases: Vec<String> =
        [edith.clone(), messages::person()].map(|person| open(&practice, &council, &record(&practice, &person))).into();
    let [first, second] = [0, 1].map(|n| cases[n].rsplit('/').next());
    let since = |moment: &str| practice.manager.get(&format!("/v1/practice/cases?changed_since={moment}"));
    assert_eq!(column(&since("2026-11-20T10:00:00Z"), "/id"), [second, first]);
    let opened = practice.manager.get(&cases[1]);
    assert_eq!(opened.text("/changed_at"), opened.text("/opened_at"));

    let steps: [(&str, &dyn Fn() -> Answer); 3] = [
        ("2026-11-20T10:01", &|| give(&practice, &cases[0], &practice.social_worker)),
        ("2026-11-20T10:02", &|| give(&practice, &cases[0], &practice.practitioner)),
        ("2026-11-20T10:03", &|| close(&practice.manager, &cases[0], &messages::close_on_death())),
    ];
    for (moment, step) in steps {
        world.set_clock(&format!("{moment}:00Z"));
        let changed = step();
        assert_eq!(changed.status, 200, "{}", changed.body);
        let seen = since(&format!("{moment}:00Z"));
        assert_eq!(column(&seen, "/id"), [first], "{moment}");
        assert!(column(&seen, "/changed_at")[0].is_some_and(|at| at.starts_with(moment)), "{}", seen.body);
    }
    assert_eq!(column(&since("2026-11-20T10:03:00Z&status=closed"), "/id"), [first]);
    assert!(column(&since("2026-11-20T10:03:00Z&status=open"), "/id").is_empty());

    world.set_clock("2026-11-20T10:04:00Z");
    let written = practice.manager.create(&format!("{}/notes", cases[1]), &messages::note("Saw her at home."));
    assert_eq!(written.status, 201, "{}", written.body);
    let mut complaint = messages::complaint(&practice.slug);
    complaint["person"] = json!({ "family_name": "Marlow", "nhs_number": edith["nhs_number"] });
    complaint["staff"] = json!(["Hannah Price"]);
    assert_eq!(world.partner().create("/v1/partner/complaints", &complaint).status, 201);
    world.work(&practice);
    assert!(column(&since("2026-11-20T10:04:00Z"), "/id").is_empty(), "neither is a change of a case");
    assert_eq!(since("yesterday").status, 422);
}

#[test]
fn a_manager_gives_a_case_to_a_worker_and_whoever_had_it_has_it_no_longer() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = open(&practice, &council, &record(&practice, &messages::person()));
    let caseload = |worker: &Staff| worker.get("/v1/practice/caseload").body["open"].clone();

    let to = |staff: &Staff| json!({ "staff_id": staff.id, "reason": "Has room." });
    let by_worker = practice.social_worker.change(
        &format!("{case}/allocate"),
        &practice.manager.get(&case),
        &to(&practice.social_worker),
    );
    assert_eq!(by_worker.status, 403);
    for other in [&practice.second_manager, &practice.administrator, &practice.records_officer] {
        assert_eq!(pointer(&give(&practice, &case, other)), (422, Some("/staff_id")), "{}", other.email);
    }
    let elsewhere = world.practice(&council);
    assert_eq!(pointer(&give(&practice, &case, &elsewhere.social_worker)), (422, Some("/staff_id")));

    let given = give(&practice, &case, &practice.social_worker);
    assert_eq!((given.status, given.text("/allocated_to/name")), (200, Some("Hannah Price")));
    assert_eq!((caseload(&practice.social_worker), caseload(&practice.practitioner)), (json!(1), json!(0)));
    let given = give(&practice, &case, &practice.practitioner);
    assert_eq!((given.status, given.text("/allocated_to/name")), (200, Some("Lucy Freeman")));
    assert_eq!((caseload(&practice.social_worker), caseload(&practice.practitioner)), (json!(0), json!(1)));
}

#[test]
fn a_caseload_is_ones_own_unless_a_manager_asks() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let routine = case_of(&practice, &council, &practice.social_worker);
    let waiting = case_of(&practice, &council, &practice.social_worker);
    close(&practice.social_worker, &waiting, &messages::close());
    let closed = case_of(&practice, &council, &practice.social_worker);
    close(&practice.social_worker, &closed, &messages::close_on_death());
    let mut urgent = messages::case(&council.gss_code, &record(&practice, &messages::person()));
    urgent["priority"] = "urgent".into();
    let urgent = practice.manager.create("/v1/practice/cases", &urgent).header("location").unwrap().to_owned();
    give(&practice, &urgent, &practice.social_worker);

    let own = practice.social_worker.get("/v1/practice/caseload");
    assert_eq!((&own.body["open"], &own.body["waiting"]), (&json!(2), &json!(1)));
    assert_eq!(own.body["staff"], json!({ "id": practice.social_worker.id, "name": "Hannah Price" }));
    let ids: Vec<_> = own.body["cases"].as_array().unwrap().iter().map(|case| case["id"].as_str()).collect();
    assert_eq!(ids, [&urgent, &routine, &waiting].map(|case| case.rsplit('/').next()));

    let of_worker = format!("/v1/practice/caseload?staff_id={}", practice.social_worker.id);
    assert_eq!(practice.manager.get(&of_worker).body, own.body);
    for other in [&practice.social_worker_2, &practice.practitioner, &practice.records_officer] {
        assert_eq!(other.get(&of_worker).status, 403, "{}", other.email);
    }
    let nobodys = format!("/v1/practice/caseload?staff_id={}", uuid::Uuid::nil());
    assert_eq!(practice.manager.get(&nobodys).status, 404);
    let own_by_name = practice.social_worker.get(&of_worker);
    assert_eq!((own_by_name.status, own_by_name.body), (200, own.body));
}

#[test]
fn a_change_names_the_version_that_it_changes() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let current = practice.manager.get(&case);
    let give = messages::move_on_leaving(practice.practitioner.id);
    for (caller, path, body) in [
        (&practice.manager, format!("{case}/allocate"), &give),
        (&practice.social_worker, format!("{case}/close"), &messages::close()),
    ] {
        let send = |etag: &[(&str, &str)]| {
            let key = fresh_key();
            caller.post_with(&path, &[&[("idempotency-key", key.as_str())], etag].concat(), body)
        };
        assert_eq!(send(&[]).status, 428, "{path}");
        for stale in ["\"1\"", "\"99\"", "W/\"1\"", "\"02\""] {
            let refused = send(&[("if-match", stale)]);
            assert_eq!((refused.status, refused.etag()), (412, current.etag()), "{path} {stale}");
        }
    }
    assert_eq!(practice.manager.get(&case).body, current.body);
}

#[test]
fn another_practices_case_is_not_there() {
    let world = World::new();
    let council = world.council();
    let (practice, other) = (world.practice(&council), world.practice(&council));
    let case = case_of(&practice, &council, &practice.social_worker);
    let seen = practice.manager.get(&case);
    let give = json!({ "staff_id": other.social_worker.id, "reason": "Has room." });
    for refused in [
        other.manager.get(&case),
        other.manager.get(&format!("{case}/timeline")),
        other.manager.get(&format!("{case}/notes")),
        other.manager.create(&format!("{case}/notes"), &messages::note("A visit.")),
        other.manager.change(&format!("{case}/allocate"), &seen, &give),
        other.manager.change(&format!("{case}/close"), &seen, &messages::close()),
    ] {
        assert_eq!((refused.status, refused.text("/type")), (404, Some("/problems/not-found")), "{}", refused.body);
    }
    assert!(column(&other.manager.get("/v1/practice/cases"), "/id").is_empty());
    let person = seen.text("/service_user/id").unwrap();
    let query = format!("/v1/practice/cases?service_user_id={person}");
    assert!(column(&other.manager.get(&query), "/id").is_empty());
    let new = messages::case(&council.gss_code, person);
    assert_eq!(pointer(&other.manager.create("/v1/practice/cases", &new)), (422, Some("/service_user_id")));
}

#[test]
fn a_timeline_is_in_order_and_has_nothing_of_a_complaint() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = messages::person();
    let case = open(&practice, &council, &record(&practice, &person));
    give(&practice, &case, &practice.social_worker);
    practice.social_worker.create(&format!("{case}/notes"), &messages::note("Saw Edith at home."));
    let timeline = || practice.social_worker.get(&format!("{case}/timeline"));
    let before = timeline();
    assert_eq!(column(&before, "/kind"), [Some("opened"), Some("allocated"), Some("note_written")]);
    let (manager, worker) = (Some("Gareth Pugh"), Some("Hannah Price"));
    assert_eq!(column(&before, "/by/name"), [manager, manager, worker]);

    let mut complaint = messages::complaint(&practice.slug);
    complaint["person"] = json!({ "family_name": "Marlow", "nhs_number": person["nhs_number"] });
    complaint["staff"] = json!(["Hannah Price"]);
    assert_eq!(world.partner().create("/v1/partner/complaints", &complaint).status, 201);
    assert_eq!(timeline().body, before.body);

    close(&practice.social_worker, &case, &messages::close());
    let after = timeline();
    assert_eq!(column(&after, "/kind")[3..], [Some("closing_asked")]);
    assert!(!after.body.to_string().contains("complain"), "{}", after.body);
    let second = practice.social_worker.get(&format!("{case}/timeline?limit=3"));
    let second = format!("{case}/timeline?limit=3&cursor={}", second.text("/next_cursor").unwrap());
    assert_eq!(column(&practice.social_worker.get(&second), "/kind"), [Some("closing_asked")]);
}
