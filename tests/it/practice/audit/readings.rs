//! What counts as a reading besides a GET that is answered in full, and whom a refusal was about.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Council, Practice, World, messages};
use serde_json::{Value, json};

use super::asked;
use crate::practice::cases::{close, column, give, record};
use crate::practice::people::{break_glass, end_exclusion, exclude, lift, restrict};
use crate::practice::referrals::{accept, due_first};

/// The referral that a social worker has accepted, as they see it.
fn accepted(council: &Council, practice: &Practice) -> Answer {
    assert_eq!(council.system.post("/v1/council/referrals", &messages::referral()).status, 201);
    let accepted = accept(&practice.social_worker, &due_first(&practice.social_worker), &json!({}));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    accepted
}

/// The addresses of an accepted referral, of its case, and of the countersignature by which the case is to be closed.
fn referral_case_and_countersignature(practice: &Practice, accepted: &Answer) -> (String, String, String) {
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    assert_eq!(give(practice, &case, &practice.social_worker).status, 200);
    assert_eq!(close(&practice.social_worker, &case, &messages::close()).status, 200);
    let timeline = practice.social_worker.get(&format!("{case}/timeline"));
    let asked = column(&timeline, "/subject_id").into_iter().next_back().flatten().unwrap();
    let referral = format!("/v1/practice/referrals/{}", accepted.text("/id").unwrap());
    (referral, case, format!("/v1/practice/countersignatures/{asked}"))
}

/// The events that the request of this answer left.
fn events_of(practice: &Practice, answer: &Answer) -> Vec<Value> {
    let request = answer.header("x-request-id").unwrap();
    let log = asked(practice, "?limit=200");
    let events = log.body["items"].as_array().unwrap().iter();
    events.filter(|event| event["request_id"] == request).cloned().collect()
}

#[test]
fn row_43_an_answer_that_is_not_sent_again_is_a_reading_and_so_is_a_head() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let accepted = accepted(&council, &practice);
    let person = accepted.text("/service_user_id").unwrap();
    let (referral, case, countersignature) = referral_case_and_countersignature(&practice, &accepted);
    let record = format!("/v1/practice/service-users/{person}");
    for (path, action) in [
        (&record, "service_user.read"),
        (&case, "case.read"),
        (&referral, "referral.read"),
        (&countersignature, "countersignature.read"),
    ] {
        let reader = &practice.social_worker;
        let seen = reader.get(path);
        let known = [("if-none-match", seen.etag().unwrap())];
        let unchanged = reader.send("GET", path, &known, None);
        assert_eq!((unchanged.status, &unchanged.body), (304, &Value::Null), "{path}");
        let events = events_of(&practice, &unchanged);
        assert_eq!(events.len(), 1, "{path}: {events:?}");
        for (pointer, value) in [
            ("/action", action),
            ("/service_user_id", person),
            ("/outcome", "done"),
            ("/staff/id", &reader.id.to_string()),
        ] {
            assert_eq!(events[0].pointer(pointer).and_then(Value::as_str), Some(value), "{path}: {pointer}");
        }

        // Who asks for the headers alone learns that the record is there, and which version: that is a reading.
        let head = reader.send("HEAD", path, &[], None);
        assert_eq!((head.status, head.etag(), &head.body), (200, seen.etag(), &Value::Null), "{path}");
        let [event] = &events_of(&practice, &head)[..] else { panic!("{path}: one event") };
        assert_eq!((event["action"].as_str(), event["outcome"].as_str()), (Some(action), Some("done")), "{path}");
        let refused = practice.administrator.send("HEAD", path, &[], None);
        assert_eq!((refused.status, &refused.body), (403, &Value::Null), "{path}");
    }
}

#[test]
fn row_43_a_request_that_is_repeated_with_its_key_reads_what_it_made() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let key = fresh_key();
    let person = messages::person();
    let create = || {
        let headers = [("idempotency-key", key.as_str())];
        practice.manager.post_with("/v1/practice/service-users", &headers, &person)
    };
    let (made, again) = (create(), create());
    assert_eq!((made.status, again.status), (201, 201), "{}", again.body);
    assert_eq!(made.body, again.body);
    let actions = |answer: &Answer| -> Vec<Value> {
        events_of(&practice, answer).into_iter().map(|event| event["action"].clone()).collect()
    };
    assert_eq!(actions(&made), ["service_user.created"]);
    assert_eq!(actions(&again), ["service_user.read"]);
}

#[test]
fn row_43_a_refusal_names_the_person_of_what_was_asked_for() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let accepted = accepted(&council, &practice);
    let person = accepted.text("/service_user_id").unwrap();
    let (referral, case, countersignature) = referral_case_and_countersignature(&practice, &accepted);
    let about_her = format!("?outcome=refused&service_user_id={person}");
    let mut refusals = Vec::new();
    for (caller, path, status) in [
        (&practice.administrator, referral, 403),
        (&practice.administrator, case.clone(), 403),
        (&practice.administrator, format!("{case}/notes"), 403),
        (&practice.administrator, countersignature.clone(), 403),
        // A second person's request is there for the signatory drawn and for the one who asked, and for nobody else.
        (&practice.social_worker_2, countersignature, 404),
    ] {
        let refused = caller.get(&path);
        assert_eq!(refused.status, status, "{path}: {}", refused.body);
        refusals.insert(0, refused.header("x-request-id").unwrap().to_owned());
    }
    let log = asked(&practice, &about_her);
    let requests: Vec<&str> = column(&log, "/request_id").into_iter().flatten().collect();
    assert_eq!(requests, refusals, "she may ask who tried: {}", log.body);

    let whom = json!({ "staff_id": practice.records_officer.id, "reason": "Is her nephew." });
    let path = format!("/v1/practice/service-users/{person}/exclusions");
    assert_eq!(practice.manager.create(&path, &whom).status, 201);
    assert_eq!(asked(&practice, &about_her).body["items"], json!([]), "nothing of her is the nephew's to read");
    let all = asked(&practice, "?outcome=refused&limit=200");
    assert!(refusals.iter().all(|request| !all.body.to_string().contains(request)), "{}", all.body);
}

#[test]
fn row_43_a_refused_break_glass_access_names_the_person() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let person = messages::person();
    let id = record(&practice, &person);
    assert_eq!(restrict(&practice.manager, &id, &json!([practice.second_manager.id])).status, 204);
    let opened = break_glass(&practice.social_worker, &person);
    assert_eq!(opened.status, 201, "{}", opened.body);
    let path = opened.header("location").unwrap();
    // Only the one who opened the record and those who manage access see that it was opened.
    let refused = practice.social_worker_2.get(path);
    assert_eq!(refused.status, 404, "{}", refused.body);
    let events = events_of(&practice, &refused);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!((&events[0]["outcome"], &events[0]["service_user_id"]), (&json!("refused"), &json!(id)));
}

#[test]
fn row_43_who_read_a_referral_before_it_was_accepted_has_read_the_record() {
    let world = World::new();
    let council = world.council();
    let (practice, other) = (world.practice(&council), world.practice(&world.council()));
    let inbox = "/v1/practice/referrals";
    let send = |message: &Value| {
        let before = column(&practice.manager.get(inbox), "/id").len();
        let arrived = council.system.post("/v1/council/referrals", message);
        assert_eq!(arrived.status, 201, "{}", arrived.body);
        let listed = practice.manager.get(inbox);
        assert_eq!(column(&listed, "/id").len(), before + 1, "{}", listed.body);
        format!("{inbox}/{}", column(&listed, "/id").last().unwrap().unwrap())
    };
    let (theirs, somebodys) = (send(&messages::referral()), send(&messages::referral()));
    assert_eq!(practice.practitioner.get(&theirs).status, 200);
    assert_eq!(practice.practitioner.get(&somebodys).status, 200);
    assert_eq!(practice.administrator.get(&theirs).status, 403);
    assert_eq!(other.manager.get(&theirs).status, 404);
    let seen = practice.social_worker.get(&theirs);
    let accepted = practice.social_worker.change(&format!("{theirs}/accept"), &seen, &json!({}));
    let person = accepted.text("/service_user_id").unwrap_or_else(|| panic!("{}", accepted.body)).to_owned();

    let path = format!("/v1/practice/service-users/{person}/readers");
    let told = |sealed: bool| {
        let readers = practice.records_officer.get(&path);
        let found = |name: &str, action: &str, outcome: &str| {
            let items = readers.body["items"].as_array().unwrap().iter();
            items
                .filter(|one| one["staff"]["name"] == name && one["action"] == action && one["outcome"] == outcome)
                .count()
        };
        assert_eq!(found("Lucy Freeman", "referral.read", "done"), 1, "{sealed}: {}", readers.body);
        assert_eq!(found("Hannah Price", "referral.read", "done"), 1, "{sealed}: {}", readers.body);
        assert_eq!(found("Kit Duffy", "referrals.read", "refused"), 1, "{sealed}: {}", readers.body);
        assert!(column(&readers, "/action").contains(&Some("referral.accepted")), "{sealed}: {}", readers.body);
        // The log of the person says the same, and no event twice.
        let log = asked(&practice, &format!("?service_user_id={person}&limit=200"));
        let ids = column(&log, "/id");
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len(), "{sealed}: {}", log.body);
        let reads = asked(&practice, &format!("?service_user_id={person}&action=referral.read&limit=200"));
        assert_eq!(column(&reads, "/id").len(), 2, "{sealed}: {}", reads.body);
        let subject = theirs.rsplit('/').next();
        assert!(column(&reads, "/subject_id").iter().all(|id| *id == subject), "{sealed}: {}", reads.body);
        // A page goes on where the one before it ended, whichever index the events come from.
        let (mut paged, mut at) = (Vec::new(), format!("{path}?limit=2"));
        loop {
            let page = practice.records_officer.get(&at);
            paged.extend(column(&page, "/action").into_iter().flatten().map(str::to_owned));
            let Some(cursor) = page.text("/next_cursor") else { break };
            at = format!("{path}?limit=2&cursor={cursor}");
        }
        let of = |action: &str| paged.iter().filter(|one| *one == action).count();
        assert_eq!((of("referral.read"), of("referrals.read"), of("referral.accepted")), (2, 1, 1), "{paged:?}");
    };
    told(false);
    world.work(&practice);
    told(true);

    // Another practice's officer learns nothing, and neither does one from whom the record is closed.
    let elsewhere = asked(&other, &format!("?service_user_id={person}&limit=200"));
    assert_eq!(elsewhere.body["items"], json!([]));
    assert_eq!(other.records_officer.get(&path).status, 404);
    assert_eq!(exclude(&practice.manager, &person, &practice.records_officer).status, 201);
    assert_eq!(practice.records_officer.get(&path).status, 404);
    let closed = asked(&practice, &format!("?service_user_id={person}&limit=200"));
    assert_eq!(closed.body["items"], json!([]));
}

#[test]
fn row_43_the_person_is_told_why_a_glass_was_broken_and_the_log_keeps_why_a_record_was_closed() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let person = messages::person();
    let id = record(&practice, &person);
    let officer = &practice.records_officer;
    let reasons = |path: &str, action: &str| -> Vec<Value> {
        let answer = officer.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let items = answer.body["items"].as_array().unwrap().iter();
        items.filter(|one| one["action"] == action).map(|one| one["reason"].clone()).collect()
    };
    let readers = format!("/v1/practice/service-users/{id}/readers?limit=200");
    let log = format!("/v1/practice/audit?service_user_id={id}&limit=200");
    let (restricted, excluded) = ("service_user.restricted", "service_user.staff_excluded");
    let why = json!("Her son works at the county's newspaper.");

    assert_eq!(restrict(&practice.manager, &id, &json!([practice.manager.id, officer.id])).status, 200);
    assert_eq!(break_glass(&practice.social_worker, &person).status, 201);
    assert_eq!(exclude(&practice.manager, &id, &practice.practitioner).status, 201);
    assert_eq!(reasons(&readers, "break_glass.opened"), [json!("She rang, and then nothing more.")]);
    assert_eq!(reasons(&log, "break_glass.opened"), [json!("She rang, and then nothing more.")]);
    assert_eq!(end_exclusion(&practice.manager, &id, &practice.practitioner).status, 204);
    assert_eq!(lift(&practice.manager, &id).status, 204);
    assert_eq!(reasons(&log, restricted), std::slice::from_ref(&why), "it stays after the restriction");
    assert_eq!(reasons(&log, excluded), [json!("Is her nephew.")], "it stays after the exclusion");
    // Such a reason may name somebody else, so the person is not told it.
    assert_eq!((reasons(&readers, restricted), reasons(&readers, excluded)), (vec![Value::Null], vec![Value::Null]));

    // While the record is closed to the officer, they learn that it was restricted and not why.
    assert_eq!(restrict(&practice.manager, &id, &json!([practice.manager.id])).status, 200);
    assert_eq!(reasons(&log, restricted), [Value::Null, Value::Null]);
    assert_eq!(reasons(&log, excluded), [Value::Null]);
    assert_eq!(lift(&practice.manager, &id).status, 204);
    assert_eq!(reasons(&log, restricted), [why.clone(), why]);
}

#[test]
fn why_a_referral_was_accepted_onto_a_record_that_differs_is_read_with_that_record_alone() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let mut message = messages::referral();
    message["person"]["family_name"] = "Price".into();
    let id = record(&practice, &messages::person());
    assert_eq!(council.system.post("/v1/council/referrals", &message).status, 201);
    let why = "Her passport has her married name.";
    let how = json!({ "service_user_id": id, "mismatch_reason": why });
    let accepted = accept(&practice.manager, &due_first(&practice.manager), &how);
    assert_eq!(accepted.status, 200, "{}", accepted.body);

    let log = "/v1/practice/audit?action=referral.record_differs";
    let reason = || practice.records_officer.get(log).text("/items/0/reason").map(str::to_owned);
    assert!(reason().is_some_and(|reason| reason.contains(why)), "while the record is open");
    assert_eq!(restrict(&practice.manager, &id, &json!([practice.manager.id])).status, 200);
    assert_eq!(practice.records_officer.get(log).body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(reason(), None, "while it is closed to the officer");
    assert_eq!(lift(&practice.manager, &id).status, 204);
    assert!(reason().is_some(), "when it is open again");
}
