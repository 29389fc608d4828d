//! The audit log: its content, its readers, and the rule that nothing happens without it.

mod kept;
mod readings;
mod unusual;

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::follow;
use almoner_tests::{Practice, World, messages, postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};
use serde_json::{Value, json};

use crate::practice::cases::{case_of, close, column, open, pointer, record};

const AUDIT: &str = "/v1/practice/audit";

/// The result of a query of the shared database, as text, for values that no door shows.
fn database(query: &str) -> String {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let mut db = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    diesel::sql_query(format!("SELECT COALESCE(({query})::text, 'none') AS line"))
        .get_result::<Line>(&mut db)
        .unwrap()
        .line
}

pub(crate) fn asked(practice: &Practice, query: &str) -> Answer {
    let answer = practice.records_officer.get(&format!("{AUDIT}{query}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

fn actions(answer: &Answer) -> Vec<&str> {
    column(answer, "/action").into_iter().flatten().collect()
}

#[test]
fn an_event_says_who_did_what_to_whom_in_what_role_from_where_and_in_which_session() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let person = record(&practice, &messages::person());
    let read = practice.social_worker.get(&format!("/v1/practice/service-users/{person}"));

    let found = asked(&practice, &format!("?staff_id={}", practice.social_worker.id));
    assert_eq!(actions(&found), ["service_user.read", "session.begun", "staff.joined"], "{}", found.body);
    let event = &found.body["items"][0];
    let session = database(&format!(
        "SELECT session_id FROM sessions WHERE staff_id = '{}' ORDER BY created_at DESC LIMIT 1",
        practice.social_worker.id
    ));
    for (member, value) in [
        ("action", json!("service_user.read")),
        ("staff", json!({ "id": practice.social_worker.id, "name": "Hannah Price" })),
        ("roles", json!(["social_worker"])),
        ("door", json!("practice")),
        ("session_id", json!(session)),
        ("subject_id", json!(person)),
        ("service_user_id", json!(person)),
        ("from_address", json!("127.0.0.1")),
        ("outcome", json!("done")),
        ("request_id", json!(read.header("x-request-id").unwrap())),
    ] {
        assert_eq!(event[member], value, "{member}");
    }
    assert!(event["at"].as_str().unwrap().starts_with("2026-11-20T10:0"), "{event}");
    for closed in ["number", "hash", "chain", "reason", "client_id"] {
        assert!(event.get(closed).is_none(), "{closed}: {event}");
    }
    assert!(!found.body.to_string().contains("Marlow"), "names of people served are not in it");
}

#[test]
fn the_log_is_asked_by_person_staff_kind_outcome_and_time_in_pages() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let (edith, frank) = (record(&practice, &messages::person()), record(&practice, &messages::person()));
    for (minute, person) in [(1, &edith), (2, &frank), (3, &edith), (4, &edith)] {
        world.set_clock(&format!("2026-11-20T10:0{minute}:00Z"));
        assert_eq!(practice.social_worker.get(&format!("/v1/practice/service-users/{person}")).status, 200);
    }
    let count = |query: &str| asked(&practice, query).body["items"].as_array().unwrap().len();
    assert_eq!(count(&format!("?service_user_id={edith}&action=service_user.read")), 3);
    assert_eq!(count(&format!("?service_user_id={frank}&action=service_user.created")), 1);
    assert_eq!(count(&format!("?staff_id={}&action=service_user.read", practice.social_worker.id)), 4);
    assert_eq!(count(&format!("?staff_id={}&outcome=refused", practice.social_worker.id)), 0);
    let between = "from=2026-11-20T10:02:00Z&until=2026-11-20T10:04:00Z";
    assert_eq!(count(&format!("?staff_id={}&{between}", practice.social_worker.id)), 2, "from is in, until is not");
    assert_eq!(count("?action=case.closed"), 0);

    let mut times = Vec::new();
    let mut query = format!("?staff_id={}&action=service_user.read&limit=3", practice.social_worker.id);
    loop {
        let page = asked(&practice, &query);
        times.extend(column(&page, "/at").into_iter().flatten().map(|at| at[14..16].to_owned()));
        let Some(cursor) = page.text("/next_cursor") else { break };
        query = format!("?staff_id={}&action=service_user.read&limit=3&cursor={cursor}", practice.social_worker.id);
    }
    assert_eq!(times, ["04", "03", "02", "01"], "the newest first");

    for (query, parameter) in [
        ("?outcome=perhaps", "outcome"),
        ("?from=yesterday", "from"),
        ("?service_user_id=edith", "service_user_id"),
        ("?action=%00", "action"),
        ("?action=", "action"),
        ("?action=no.such.kind", "action"),
        ("?action=complaint.read", "action"),
        ("?cursor=nonsense!", "cursor"),
        ("?limit=201", "limit"),
    ] {
        let refused = practice.records_officer.get(&format!("{AUDIT}{query}"));
        assert_eq!(pointer(&refused), (422, Some(parameter)), "{query}: {}", refused.body);
    }
}

#[test]
fn row_43_every_reading_of_a_record_has_an_event() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let person = practice.manager.get(&case).text("/service_user/id").unwrap().to_owned();
    let note = practice.social_worker.create(&format!("{case}/notes"), &messages::note("Saw Edith at home."));
    assert_eq!(close(&practice.social_worker, &case, &messages::close()).status, 200);
    let signatory = &practice.second_manager;
    let request = signatory.get("/v1/practice/countersignatures").text("/items/0/id").unwrap().to_owned();
    council.system.post("/v1/council/referrals", &messages::referral());
    let referral = practice.manager.get("/v1/practice/referrals").text("/items/0/id").unwrap().to_owned();
    for (path, action, about) in [
        (format!("/v1/practice/service-users/{person}"), "service_user.read", true),
        (case.clone(), "case.read", true),
        (format!("{case}/notes"), "notes.read", true),
        (format!("/v1/practice/service-users/{person}/notes"), "service_user.notes_read", true),
        (note.header("location").unwrap().to_owned(), "note.read", true),
        (format!("{case}/timeline"), "case.timeline_read", true),
        (format!("/v1/practice/cases?service_user_id={person}"), "case.listed", true),
        ("/v1/practice/cases".to_owned(), "case.listed", false),
        ("/v1/practice/caseload".to_owned(), "caseload.read", false),
        (format!("/v1/practice/countersignatures/{request}"), "countersignature.read", true),
        ("/v1/practice/referrals".to_owned(), "referral.listed", false),
        (format!("/v1/practice/referrals/{referral}"), "referral.read", false),
    ] {
        let read = signatory.get(&path);
        assert_eq!(read.status, 200, "{path}: {}", read.body);
        let query = format!("?staff_id={}&action={action}", signatory.id);
        let found = asked(&practice, &query);
        let event = &found.body["items"][0];
        assert_eq!(event["request_id"].as_str(), read.header("x-request-id"), "{path}: {}", found.body);
        assert_eq!(event["service_user_id"].as_str() == Some(person.as_str()), about, "{path}");
    }
    let of_council = |action: &str| {
        database(&format!(
            "SELECT count(*) FROM audit_events WHERE owner_id = '{}' AND action = '{action}'",
            council.id
        ))
    };
    council.system.get("/v1/council/referrals");
    assert_eq!(of_council("referral.listed"), "1");
}

#[test]
fn row_43_every_refusal_has_an_event() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = record(&practice, &messages::person());
    let nobody = fresh_key();
    let refused = |caller: &dyn Caller, method: &str, path: &str, status: u16| {
        let answer = caller.send(method, path, &[], None);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        answer.header("x-request-id").unwrap().to_owned()
    };
    let forbidden = refused(&practice.administrator, "GET", &format!("/v1/practice/service-users/{person}"), 403);
    let not_found = refused(&practice.social_worker, "GET", &format!("/v1/practice/cases/{nobody}"), 404);
    practice.records_officer.get(AUDIT);
    world.set_clock("2026-11-20T10:06:00Z");
    let too_old = refused(&practice.records_officer, "GET", &format!("{AUDIT}/export"), 401);

    let found = asked(&practice, "?outcome=refused");
    let events: Vec<_> = found.body["items"].as_array().unwrap().iter().collect();
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            (event["action"].as_str().unwrap(), event["request_id"].as_str().unwrap(), event["subject_id"].as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("audit.export", too_old.as_str(), None),
            ("cases.read", not_found.as_str(), Some(nobody.as_str())),
            ("service_users.read", forbidden.as_str(), Some(person.as_str())),
        ]
    );
    assert_eq!(events[2]["service_user_id"], json!(person), "she may ask who tried");
    assert_eq!(events[2]["roles"], json!(["administrator"]));

    // Refusals at the other doors are recorded too, in those doors' own logs.
    refused(&council.complaints, "GET", "/v1/council/referrals", 403);
    refused(&council.system, "GET", &format!("/v1/council/referrals/{nobody}"), 404);
    let of_council = format!(
        "SELECT string_agg(concat_ws(' ', chain, action, client_id IS NOT NULL, subject_id), ', ' ORDER BY event_id)
         FROM audit_events WHERE owner_id = '{}' AND outcome = 'refused'",
        council.id
    );
    let tried = "referrals.follow";
    assert_eq!(database(&of_council), format!("platform {tried} t, platform {tried} t {nobody}"));
}

#[test]
fn row_43_signing_in_and_out_have_an_event() {
    let world = World::new();
    let practice = world.practice(&world.council());
    assert_eq!(practice.social_worker.send("DELETE", "/v1/practice/sessions/current", &[], None).status, 204);
    let events = database(&format!(
        "SELECT string_agg(concat_ws(' ', chain, action, from_address, session_id = subject_id), ', ' ORDER BY event_id)
         FROM audit_events WHERE actor_id = '{}' AND action LIKE 'session.%'",
        practice.social_worker.id
    ));
    assert_eq!(events, "practice session.begun 127.0.0.1 t, practice session.ended 127.0.0.1 t");
}

#[test]
fn complaints_leave_nothing_in_the_log_that_a_practice_reads() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let desk = world.desk(&council);
    let mut confidential = messages::complaint(&practice.slug);
    confidential["confidential"] = true.into();
    let (receipt, officer, path) = world.opened(&council, &desk, &confidential);
    let seen = officer.get(&path);
    assert_eq!(
        officer.change(&format!("{path}/acknowledge"), &seen, &json!({ "message": "May I ring you?" })).status,
        200
    );
    let why = json!({ "reason": "To agree when to ring." });
    assert_eq!(officer.create(&format!("{path}/unsealings"), &why).status, 201);
    assert_eq!(desk.officers[1].get(&path).status, 404);
    assert_eq!(follow(&world.partner(), &receipt).status, 200);
    let written = practice.social_worker.create("/v1/practice/complaints", &messages::complaint(&practice.slug));
    assert_eq!(written.status, 202, "{}", written.body);

    let found = asked(&practice, "?limit=200");
    assert!(!found.body.to_string().contains("omplaint"), "{}", found.body);
    assert!(!found.body.to_string().contains(path.rsplit('/').next().unwrap()));
    assert_eq!(
        database(&format!(
            "SELECT count(*) FROM audit_events WHERE owner_id = '{}' AND chain = 'complaints'",
            practice.id
        )),
        "0"
    );
    let kept = database(&format!(
        "SELECT string_agg(concat_ws(' ', door, action, outcome, reason IS NOT NULL), ', ' ORDER BY event_id)
         FROM audit_events WHERE owner_id = '{}' AND chain = 'complaints' AND action NOT LIKE 'session.%'
             AND action <> 'complaint.offers_listed'",
        council.id
    ));
    assert_eq!(
        kept,
        "partner complaint.lodged done f, worker complaint.offered done f, complaints complaint.opened done f, \
         complaints complaint.read done f, complaints complaint.acknowledged done f, complaints complaint.unsealed done t, \
         complaints complaint.read done f, complaints complaints.work refused f, partner complaint.followed done f, \
         practice complaint.lodged done f"
    );
}

#[test]
fn a_person_is_told_who_read_their_record() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = record(&practice, &messages::person());
    let case = open(&practice, &council, &person);
    assert_eq!(practice.social_worker.get(&case).status, 200);
    assert_eq!(practice.practitioner.get(&format!("/v1/practice/service-users/{person}")).status, 200);
    assert_eq!(practice.administrator.get(&format!("/v1/practice/service-users/{person}")).status, 403);

    let path = format!("/v1/practice/service-users/{person}/readers");
    let readers = practice.records_officer.get(&path);
    let told: Vec<String> = readers.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reader| {
            let text = |pointer: &str| reader.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
            [text("/staff/name"), text("/action"), text("/outcome")].join(", ")
        })
        .collect();
    assert_eq!(
        told,
        [
            "Kit Duffy, service_users.read, refused",
            "Lucy Freeman, service_user.read, done",
            "Hannah Price, case.read, done",
            "Gareth Pugh, case.opened, done",
            "Gareth Pugh, service_user.created, done",
        ]
    );
    assert_eq!(readers.body["elsewhere"], "Your council may hold more about who read your record. Ask it too.");
    assert!(readers.body["items"][0].get("from_address").is_none(), "where staff sat is not the person's business");
    assert_eq!(
        actions(&practice.records_officer.get(&path))[0],
        "service_user.readers_listed",
        "nor is this forgotten"
    );
    let unknown = practice.records_officer.get(&format!("/v1/practice/service-users/{}/readers", fresh_key()));
    assert_eq!(unknown.status, 404);
}

#[test]
fn the_export_is_a_line_for_each_event_and_is_itself_on_record() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let person = record(&practice, &messages::person());
    practice.social_worker.get(&format!("/v1/practice/service-users/{person}"));
    let exported = practice.records_officer.get(&format!("{AUDIT}/export?service_user_id={person}"));
    assert_eq!(exported.status, 200, "{}", exported.body);
    assert_eq!(exported.header("content-type"), Some("application/x-ndjson"));
    let text = exported.body.as_str().expect("lines, not one JSON");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["service_user.read", "service_user.created"]);
    assert_eq!(actions(&asked(&practice, "?action=audit.exported")), ["audit.exported"]);

    // The day has 20,001 events: more than one export may have.
    PgConnection::establish(&postgres::superuser_url(&postgres::shared_name()))
        .unwrap()
        .batch_execute(&format!(
            "INSERT INTO audit_events (owner_id, event_id, chain, at, door, action, request_id, roles, outcome)
             SELECT '{}', gen_random_uuid(), 'practice', '2026-10-01', 'practice', 'x', gen_random_uuid(), '{{}}', 'done'
             FROM generate_series(1, 20001)",
            practice.id
        ))
        .unwrap();
    let refused = practice.records_officer.get(&format!("{AUDIT}/export"));
    assert_eq!(pointer(&refused), (422, Some("from")), "{}", refused.body);
    assert_eq!(practice.records_officer.get(&format!("{AUDIT}/export?from=2026-10-02T00:00:00Z")).status, 200);
}
