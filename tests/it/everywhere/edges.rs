//! The parts of the service around its operations: unknown addresses, headers, health, limits.

use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};

#[test]
fn an_unknown_address_is_a_problem_and_an_unknown_method_says_which_there_are() {
    let world = World::new();
    let anyone = world.anyone();
    let nowhere = anyone.get("/v1/practice/nothing-here");
    assert_eq!((nowhere.status, nowhere.text("/type")), (404, Some("/problems/not-found")));
    assert_eq!(nowhere.header("content-type"), Some("application/problem+json"));

    let deleted = anyone.send("DELETE", "/v1/practice/cases", &[], None);
    assert_eq!((deleted.status, deleted.text("/type")), (405, Some("/problems/method-not-allowed")));
    assert_eq!(deleted.header("allow"), Some("GET, HEAD, POST"));
    assert_eq!(anyone.send("TRACE", "/v1/practice/cases", &[], None).status, 405);
}

#[test]
fn every_answer_carries_a_request_id_and_is_never_cached() {
    let world = World::new();
    let council = world.council();
    for answer in [
        world.anyone().get("/v1/public/practices"),
        world.anyone().get("/v1/practice/cases"),
        world.anyone().get("/nowhere"),
        council.system.post("/v1/council/referrals", &messages::referral()),
    ] {
        assert!(answer.header("x-request-id").unwrap().parse::<uuid::Uuid>().is_ok_and(|id| !id.is_nil()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn an_identifier_that_is_none_names_nothing() {
    let world = World::new();
    let practice = world.practice(&world.council());
    for id in ["x", "1", "%00", "'; DROP TABLE cases; --", "00000000-0000-0000-0000-00000000000g"] {
        let answer = practice.manager.get(&format!("/v1/practice/cases/{}", id.replace(' ', "%20")));
        assert_eq!((answer.status, answer.text("/type")), (404, Some("/problems/not-found")), "{id}");
    }
}

#[test]
fn an_identifier_has_one_spelling_wherever_it_stands() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let staff = &practice.manager;
    let made = staff.create("/v1/practice/service-users", &messages::person());
    let id = made.text("/id").unwrap();
    let case = |person: &str| staff.create("/v1/practice/cases", &messages::case(&council.gss_code, person));
    let digits = id.replace('-', "");
    for other in [
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        format!("URN:UUID:{id}"),
        format!("{{{digits}}}"),
        digits,
        format!("{id}-"),
        format!("{}-{}", &id[..4], &id[4..]),
    ] {
        let encoded = other.replace('{', "%7B").replace('}', "%7D");
        let read = staff.get(&format!("/v1/practice/service-users/{encoded}"));
        assert_eq!((read.status, read.text("/type")), (404, Some("/problems/not-found")), "{other}");
        let listed = staff.get(&format!("/v1/practice/cases?service_user_id={encoded}"));
        assert_eq!((listed.status, listed.text("/errors/0/pointer")), (422, Some("service_user_id")), "{other}");
        let opened = case(&other);
        assert_eq!((opened.status, opened.text("/errors/0/pointer")), (422, Some("/service_user_id")), "{other}");
        let form = format!("grant_type=client_credentials&client_id={encoded}&client_secret=x");
        let asked = council.system.ask_token(&form);
        assert_eq!((asked.status, asked.text("/error")), (401, Some("invalid_client")), "{other}");
    }
    let system = &council.system;
    let form =
        |client: &str| format!("grant_type=client_credentials&client_id={client}&client_secret={}", system.secret);
    for other in [format!("%7B{}%7D", system.id), system.id.replace('-', "")] {
        assert_eq!(system.ask_token(&form(&other)).status, 401, "{other}: the secret is the right one");
    }

    // Capitals are the same identifier (RFC 9562), also to a key that did the work once.
    let capitals = id.to_uppercase();
    assert_eq!(system.ask_token(&form(&system.id.to_uppercase())).status, 200);
    let read = staff.get(&format!("/v1/practice/service-users/{capitals}"));
    assert_eq!((read.status, read.text("/id")), (200, Some(id)));
    assert_eq!(staff.get(&format!("/v1/practice/cases?service_user_id={capitals}")).status, 200);
    let opened = case(&capitals);
    assert_eq!((opened.status, opened.text("/service_user/id")), (201, Some(id)), "{}", opened.body);
    let note = messages::note("She was well.");
    let notes = |case: &str| {
        staff.post_with(&format!("/v1/practice/cases/{case}/notes"), &[("idempotency-key", "one-note")], &note)
    };
    let case = opened.text("/id").unwrap();
    let [first, again] = [notes(case), notes(&case.to_uppercase())];
    assert_eq!((first.status, again.status), (201, 201), "{}", again.body);
    assert_eq!(first.body["id"], again.body["id"]);
}

#[test]
fn a_page_that_is_none_is_refused_by_name() {
    let world = World::new();
    let practice = world.practice(&world.council());
    for (query, parameter) in
        [("limit=0", "limit"), ("limit=201", "limit"), ("cursor=!!", "cursor"), ("cursor=AAAA", "cursor")]
    {
        let answer = practice.manager.get(&format!("/v1/practice/cases?{query}"));
        assert_eq!((answer.status, answer.text("/errors/0/pointer")), (422, Some(parameter)), "{query}");
    }
    assert_eq!(practice.manager.get("/v1/practice/cases?limit=many").status, 422);
}

#[test]
fn the_service_is_alive_and_ready() {
    let world = World::new();
    assert_eq!(world.anyone().get("/health/live").status, 200);
    assert_eq!(world.anyone().get("/health/ready").status, 200);
}

#[test]
fn what_was_read_and_has_not_changed_is_not_sent_again() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let made = practice.social_worker.create("/v1/practice/service-users", &messages::person());
    let path = format!("/v1/practice/service-users/{}", made.text("/id").unwrap());
    let unchanged = practice.social_worker.send("GET", &path, &[("if-none-match", made.etag().unwrap())], None);
    assert_eq!((unchanged.status, unchanged.body), (304, serde_json::Value::Null));
    assert_eq!(practice.social_worker.send("GET", &path, &[("if-none-match", "\"9\"")], None).status, 200);
}

#[test]
fn a_day_beyond_the_calendar_is_refused_and_never_a_fault_of_ours() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let cursor = "LTk5OTktMTItMzF8MDE5MzdjNWUtMmIwMC03YTQxLTlkNmMtNWYwZTFhMmIzYzRk";
    assert_eq!(practice.manager.get(&format!("/v1/practice/referrals?cursor={cursor}")).status, 422);
    let person = practice.social_worker.create("/v1/practice/service-users", &messages::person());
    let case = messages::case(&council.gss_code, person.text("/id").unwrap());
    let case = practice.social_worker.create("/v1/practice/cases", &case);
    let notes = format!("{}/notes", case.header("location").unwrap());
    let note = serde_json::json!({ "kind": "note", "text": "Old.", "happened_at": "-9999-01-01T00:00:00Z" });
    assert_eq!(practice.social_worker.create(&notes, &note).status, 422);
    let contract = serde_json::json!({
        "council_id": council.id, "practice_id": practice.id, "starts_on": "-9999-01-01", "response_working_days": 5,
        "delegations": [],
    });
    let refused = world.operator().create("/v1/operator/contracts", &contract);
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/starts_on")));
}
