//! Loops over every operation that provoke the answers which the mechanisms around an operation give, so that the tests'
//! client compares each with the document ([`almoner_tests::promise`]).

use std::time::Duration;

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::roles::Role;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::answer;
use almoner_tests::{Anyone, Council, Practice, Staff, System, World, messages};
use chrono::TimeDelta;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use super::loops::{NOBODYS, send};
use super::operations::{Operation, operations};
use super::things::with_roles;

/// A caller at each door, with every permission there.
pub(super) struct Callers {
    council: Council,
    practice: Practice,
    staff: Staff,
    officer: Staff,
    at_the_desk: Staff,
    partner: System,
    operator: Staff,
    anyone: Anyone,
}

impl Callers {
    pub(super) fn new(world: &World) -> Self {
        let council = world.council();
        let practice = world.practice(&council);
        let officer = world.officer(&council, OfficerRole::ALL);
        let callers = Self {
            staff: with_roles(world, &practice, Role::ALL),
            practice,
            at_the_desk: officer.at_complaints(),
            officer,
            partner: world.partner(),
            operator: world.operator(),
            anyone: world.anyone(),
            council,
        };
        // Each gets its token now, while nothing is in the way.
        let council = &callers.council;
        for system in [&council.system, &council.complaints, &council.safeguarding, &callers.partner] {
            system.token();
        }
        for somebody in [&callers.staff, &callers.officer, &callers.at_the_desk, &callers.operator] {
            somebody.token();
        }
        callers
    }

    /// The caller who may do this.
    pub(super) fn of(&self, operation: &Operation) -> &dyn Caller {
        let Some((door, _)) = operation.security() else { return &self.anyone };
        match (door.as_str(), operation.of_systems().as_deref()) {
            ("practice", _) => &self.staff,
            ("council", Some(scope)) => self.council.system_with(scope),
            ("council", None) => &self.officer,
            ("complaints", _) => &self.at_the_desk,
            ("partner", _) => &self.partner,
            _ => &self.operator,
        }
    }
}

/// Lets the server's statements in this database end so soon, from now on.
fn with_timeout(database: &mut PgConnection, name: &str, timeout: &str) {
    let statements = format!(
        "ALTER ROLE almoner_app IN DATABASE {name} SET {timeout} = '100ms';
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND usename = 'almoner_app'"
    );
    database.batch_execute(&statements).unwrap();
}

pub(super) fn expect(operation: &Operation, answer: &Answer, status: u16, kind: &str) {
    let name = operation.name();
    assert_eq!(answer.status, status, "{name}: {}", answer.body);
    assert_eq!(answer.text("/type"), Some(format!("/problems/{kind}").as_str()), "{name}: {}", answer.body);
}

/// Sends every operation without a token, and expects of each that the service has this fault. The keys that tokens are
/// checked with are half a minute old, and every request waits until they are loaded anew.
fn expect_of_all(world: &World, status: u16, kind: &str) {
    world.clock.advance(TimeDelta::minutes(1));
    let anyone = world.anyone();
    for operation in operations() {
        expect(&operation, &send(&anyone, &operation, NOBODYS), status, kind);
    }
}

#[test]
fn every_operation_may_be_answered_that_the_service_has_a_fault() {
    let (world, mut database, _) = World::apart("faulty", |_| {});
    database.batch_execute("ALTER TABLE signing_keys RENAME TO signing_keys_elsewhere").unwrap();
    expect_of_all(&world, 500, "internal-error");
}

#[test]
fn every_operation_may_be_answered_that_the_service_is_unavailable() {
    let (world, mut database, name) = World::apart("unavailable", |_| {});
    with_timeout(&mut database, &name, "statement_timeout");
    database.batch_execute("BEGIN; LOCK TABLE signing_keys IN ACCESS EXCLUSIVE MODE").unwrap();
    expect_of_all(&world, 503, "service-unavailable");
    database.batch_execute("ROLLBACK").unwrap();
}

#[test]
fn every_operation_may_be_answered_that_it_took_too_long() {
    let (world, mut database, name) =
        World::apart("too_long", |settings| settings.request_timeout = Duration::from_millis(20));
    // A statement that nobody waits for any more ends before the next requests have waited too long for its connection.
    with_timeout(&mut database, &name, "statement_timeout");
    database.batch_execute("BEGIN; LOCK TABLE signing_keys IN ACCESS EXCLUSIVE MODE").unwrap();
    expect_of_all(&world, 504, "timeout");
    database.batch_execute("ROLLBACK").unwrap();
}

#[test]
fn every_operation_may_be_answered_that_there_were_too_many() {
    let one = almoner_api::Quota::new(1, 1);
    let world = World::with_settings(|settings| {
        settings.quotas.public = one;
        settings.quotas.sign_in = one;
    });
    let all = operations();
    // The first request at each kind of limit is the last that is not refused.
    for first in [&all[0], all.iter().find(|operation| operation.name() == "POST /v1/practice/sessions").unwrap()] {
        assert_ne!(send(&world.anyone(), first, NOBODYS).status, 429, "{}", first.name());
    }
    // Every refusal is held back for a moment, so the operations are tried side by side.
    std::thread::scope(|threads| {
        for some in all.chunks(all.len() / 12) {
            let anyone = world.anyone();
            threads.spawn(move || {
                for operation in some {
                    expect(operation, &send(&anyone, operation, NOBODYS), 429, "too-many-requests");
                }
            });
        }
    });
}

#[test]
fn what_meets_a_lock_is_told_when_to_come_back_a_change_that_another_request_is_in_progress() {
    let (world, mut database, name) = World::apart("in_progress", |_| {});
    let callers = Callers::new(&world);
    with_timeout(&mut database, &name, "lock_timeout");
    let everything = "BEGIN; DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'signing_keys' LOOP
            EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', name);
        END LOOP; END $$";
    database.batch_execute(everything).unwrap();
    let mut covered = 0;
    // The connections that were ended are replaced.
    for _ in 0..8 {
        callers.staff.get("/v1/practice/notices?limit=0");
    }
    for operation in operations().iter().filter(|operation| operation.method != "GET") {
        let content = operation.example().map(|(media_type, example)| (well_formed(&media_type, example), media_type));
        let content = content.as_ref().map(|(content, media_type)| (media_type.as_str(), content.as_bytes()));
        let key = fresh_key();
        let headers = operation.headers(&key, &[]);
        let path = operation.path_with(NOBODYS);
        let answer = callers.of(operation).send(&operation.method, &path, &headers, content);
        expect(operation, &answer, 409, "in-progress");
        assert!(answer.header("retry-after").is_some(), "{}", operation.name());
        covered += 1;
    }
    // A reading is in nobody's way, so the service is not available to it.
    let mut read = 0;
    for operation in operations().iter().filter(|operation| operation.method == "GET") {
        let headers = operation.headers("", &[]);
        let answer = callers.of(operation).send("GET", &operation.path_with(NOBODYS), &headers, None);
        if answer.status != 200 {
            expect(operation, &answer, 503, "service-unavailable");
            assert!(answer.header("retry-after").is_some(), "{}", operation.name());
            read += 1;
        }
    }
    database.batch_execute("ROLLBACK").unwrap();
    assert!(covered > 80 && read > 50, "{covered} {read}");
}

/// The example as content that is looked for in the database: with credentials that have the form of real ones.
fn well_formed(media_type: &str, mut example: Value) -> String {
    for (name, length) in [("token", 64), ("refresh_token", 86), ("state", 86), ("client_secret", 43)] {
        if example[name].is_string() {
            example[name] = "A".repeat(length).into();
        }
    }
    if media_type != "application/x-www-form-urlencoded" {
        return example.to_string();
    }
    let members = example.as_object().unwrap().iter();
    members.map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect::<Vec<_>>().join("&")
}

#[test]
fn content_that_is_none_too_large_of_another_type_or_of_another_shape_is_refused_by_every_operation_that_takes_content()
{
    let world = World::new();
    let callers = Callers::new(&world);
    let large = format!("{{\"a\": \"{}\"}}", "a".repeat(300 * 1024));
    let mut covered = 0;
    for operation in operations() {
        let Some((media_type, _)) = operation.example() else { continue };
        // A form is tried with the tokens, and a document with the documents.
        if !media_type.ends_with("json") {
            continue;
        }
        let try_with = |media_type: &str, content: &str| {
            let key = fresh_key();
            let headers = operation.headers(&key, &[]);
            let content = Some((media_type, content.as_bytes()));
            callers.of(&operation).send(&operation.method, &operation.path_with(NOBODYS), &headers, content)
        };
        expect(&operation, &try_with(&media_type, "{"), 400, "malformed-json");
        expect(&operation, &try_with(&media_type, &"[".repeat(100)), 400, "nesting-too-deep");
        expect(&operation, &try_with("text/plain", "{}"), 415, "unsupported-media-type");
        expect(&operation, &try_with(&media_type, &large), 413, "content-too-large");
        expect(&operation, &try_with(&media_type, "[]"), 422, "validation-failed");
        covered += 1;
    }
    assert!(covered > 55, "{covered}");
}

/// Sends an operation with the content of its example, and these headers.
fn send_with(caller: &dyn Caller, operation: &Operation, value: &str, headers: &[(&str, &str)]) -> Answer {
    let content = operation.example().map(|(media_type, example)| (media_type, example.to_string()));
    let content = content.as_ref().map(|(media_type, example)| (media_type.as_str(), example.as_bytes()));
    caller.send(&operation.method, &operation.path_with(value), headers, content)
}

#[test]
fn a_header_that_is_required_and_left_out_is_refused_by_every_operation_that_takes_it() {
    let world = World::new();
    let callers = Callers::new(&world);
    for (header, status, kind) in [
        ("If-Match", 428, "if-match-missing"),
        ("Idempotency-Key", 400, "idempotency-key-missing"),
        ("Content-Disposition", 400, "malformed-header"),
        ("Upload-Length", 400, "malformed-header"),
        ("Upload-Offset", 400, "malformed-header"),
        ("Tus-Resumable", 412, "tus-version-unsupported"),
    ] {
        let mut covered = 0;
        for operation in operations().iter().filter(|operation| operation.needs(header)) {
            let key = fresh_key();
            let headers = operation.headers(&key, &[header]);
            expect(operation, &send_with(callers.of(operation), operation, NOBODYS, &headers), status, kind);
            covered += 1;
        }
        assert!(
            covered >= if ["If-Match", "Idempotency-Key"].contains(&header) { 20 } else { 2 },
            "{header}: {covered}"
        );
    }
}

#[test]
fn a_parameter_that_is_none_is_refused_by_every_list_and_search() {
    let world = World::new();
    let callers = Callers::new(&world);
    let mut covered = 0;
    for operation in operations() {
        let queries = operation.json["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "query");
        let names: Vec<&str> = queries.map(|one| one["name"].as_str().unwrap()).collect();
        let Some(name) = names.iter().find(|name| **name == "limit").or(names.first()) else { continue };
        let (path, key) = (format!("{}?{name}=0", operation.path_with(NOBODYS)), fresh_key());
        let content = operation.example().map(|(media_type, content)| (media_type, content.to_string()));
        let content = content.as_ref().map(|(media_type, content)| (media_type.as_str(), content.as_bytes()));
        let headers = operation.headers(&key, &[]);
        let answer = callers.of(&operation).send(&operation.method, &path, &headers, content);
        expect(&operation, &answer, 422, "validation-failed");
        assert_eq!(answer.text("/errors/0/pointer"), Some(*name), "{}", operation.name());
        covered += 1;
    }
    assert!(covered > 20, "{covered}");
}

#[test]
fn a_key_that_did_other_work_is_refused_by_every_operation_that_takes_a_key_and_no_content() {
    let world = World::new();
    let callers = Callers::new(&world);
    let key = fresh_key();
    let headers = [("idempotency-key", key.as_str()), ("if-match", "\"1\"")];
    let gss_code = world.council().gss_code.replace("E06", "E09");
    let council = json!({ "gss_code": gss_code, "name": "A council", "emergency_duty_phone": "0345 678 9040" });
    for (caller, path, content) in [
        (&callers.staff, "/v1/practice/service-users", messages::person()),
        (&callers.officer, "/v1/council/officers", json!({ "name": "R", "email": "r@c.example", "roles": ["duty"] })),
        (&callers.operator, "/v1/operator/councils", council),
    ] {
        let done = caller.post_with(path, &headers, &content);
        assert_eq!(done.status, 201, "{}", done.body);
    }
    let new_guest = json!({ "name": "R", "email": format!("{key}@elsewhere.example"), "capacity": "investigator" });
    let guest = callers.at_the_desk.create("/v1/complaints/guests", &new_guest);
    let guest = guest.text("/id").unwrap_or_else(|| panic!("{}", guest.body)).to_owned();
    world.lodge(&messages::complaint(&callers.practice.slug));
    world.work_for_council(&callers.council);
    let offered = callers.at_the_desk.get("/v1/complaints/offers");
    let opened = answer(&callers.at_the_desk, offered.text("/items/0/id").unwrap(), false);
    let complaint = opened.text("/complaint_id").unwrap().to_owned();
    let account = callers.operator.get("/v1/operator/account");
    let mut covered = 0;
    for operation in operations() {
        if !operation.needs("Idempotency-Key") || operation.example().is_some() {
            continue;
        }
        let of = match operation.security() {
            Some((door, _)) if door == "practice" => callers.practice.social_worker.id.to_string(),
            Some((door, _)) if door == "council" => callers.officer.id.to_string(),
            Some((door, _)) if door == "complaints" && operation.path.contains("/guests/") => guest.clone(),
            Some((door, _)) if door == "complaints" => complaint.clone(),
            _ => account.text("/id").unwrap().to_owned(),
        };
        let answer = send_with(callers.of(&operation), &operation, &of, &headers);
        expect(&operation, &answer, 422, "idempotency-key-reused");
        covered += 1;
    }
    assert!(covered >= 3, "{covered}");
}
