mod declining;
mod mismatch;
mod other_work;
mod undoing;

use std::collections::BTreeSet;
use std::thread;

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, Staff, Web, World, messages};
use serde_json::{Value, json};

const INBOX: &str = "/v1/practice/referrals";

/// Makes a council and a practice that works for it.
fn council_and_practice(world: &World) -> (Council, Practice) {
    let council = world.council();
    let practice = world.practice(&council);
    (council, practice)
}

fn send(council: &Council, message: &Value) -> Answer {
    let sent = council.system.post("/v1/council/referrals", message);
    assert_eq!((sent.status, sent.text("/status")), (201, Some("received")), "{}", sent.body);
    sent
}

/// The path of a step on the referral in this answer.
fn step(referral: &Answer, step: &str) -> String {
    format!("{INBOX}/{}{step}", referral.text("/id").unwrap())
}

pub(super) fn accept(staff: &Staff, seen: &Answer, how: &Value) -> Answer {
    staff.change(&step(seen, "/accept"), seen, how)
}

fn decline(staff: &Staff, seen: &Answer, how: &Value) -> Answer {
    staff.change(&step(seen, "/decline"), seen, how)
}

/// The referral that is due first in the inbox.
pub(crate) fn due_first(staff: &Staff) -> Answer {
    staff.get(&format!("{INBOX}/{}", staff.get(INBOX).text("/items/0/id").unwrap()))
}

/// A referral as an answer shows it, but for when it last changed.
pub(crate) fn as_it_is(referral: &Answer) -> Value {
    let mut shown = referral.body.clone();
    shown.as_object_mut().unwrap().remove("changed_at").unwrap();
    shown
}

/// Sends this message and returns the referral that arrives.
fn receive(council: &Council, practice: &Practice, message: &Value) -> Answer {
    send(council, message);
    due_first(&practice.manager)
}

fn due_days(inbox: &Answer) -> Vec<&str> {
    inbox.body["items"].as_array().unwrap().iter().map(|item| item["response_due_on"].as_str().unwrap()).collect()
}

fn due(day: &str) -> Value {
    let mut message = messages::referral();
    message["respond_by"] = day.into();
    message
}

fn assert_refused(answer: &Answer, status: u16, kind: &str) {
    let kind = format!("/problems/{kind}");
    assert_eq!((answer.status, answer.text("/type")), (status, Some(kind.as_str())), "{}", answer.body);
}

#[test]
fn the_inbox_shows_what_is_due_first_and_what_is_overdue() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    for day in ["2026-12-01", "2026-11-20", "2026-11-24", "2026-11-23"] {
        send(&council, &due(day));
    }
    let inbox = practice.practitioner.get(INBOX);
    assert_eq!(due_days(&inbox), ["2026-11-20", "2026-11-23", "2026-11-24", "2026-12-01"]);
    let item = &inbox.body["items"][0];
    assert_eq!(item["person"], "Edith Marlow");
    assert_eq!((&item["council"]["gss_code"], &item["overdue"]), (&json!(council.gss_code), &json!(false)));
    assert!(!inbox.body.to_string().contains("1941-03-08"), "a list shows no more than it must");

    world.set_clock("2026-11-24T10:00:00Z");
    practice.practitioner.forget_token();
    let inbox = practice.practitioner.get(INBOX);
    let overdue: Vec<&Value> = inbox.body["items"].as_array().unwrap().iter().map(|item| &item["overdue"]).collect();
    assert_eq!(overdue, [true, true, false, false]);
}

#[test]
fn paging_through_the_inbox_shows_each_referral_once() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let mut sent: Vec<&str> = ["2026-11-25", "2026-11-24", "2026-11-25", "2026-11-24", "2026-11-25"].into();
    for day in &sent {
        send(&council, &due(day));
    }
    sent.sort_unstable();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = practice.manager.get(&format!("{INBOX}?limit=2{cursor}"));
        seen.extend(page.body["items"].as_array().unwrap().clone());
        let Some(next) = page.text("/next_cursor") else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen.iter().map(|item| item["response_due_on"].as_str().unwrap()).collect::<Vec<_>>(), sent);
    let different: BTreeSet<String> = seen.iter().map(|item| item["id"].to_string()).collect();
    assert_eq!(different.len(), 5);
}

#[test]
fn the_inbox_is_of_what_waits_unless_another_status_is_asked_for() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let manager = &practice.manager;
    let accepted = receive(&council, &practice, &messages::referral());
    accept(manager, &accepted, &json!({}));
    let declined = receive(&council, &practice, &messages::referral());
    decline(manager, &declined, &json!({ "reason": "duplicate" }));
    let received = receive(&council, &practice, &messages::referral());
    for (query, expected) in [
        ("", Some(&received)),
        ("?status=received", Some(&received)),
        ("?status=accepted", Some(&accepted)),
        ("?status=declined", Some(&declined)),
        ("?status=withdrawn", None),
        ("?status=unrouted", None),
    ] {
        let ids: Vec<Value> = expected.iter().map(|referral| referral.body["id"].clone()).collect();
        let inbox = manager.get(&format!("{INBOX}{query}"));
        let seen: Vec<Value> = inbox.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        assert_eq!(seen, ids, "{query}");
    }
    assert_eq!(manager.get(&format!("{INBOX}?status=lost")).status, 422);
}

#[test]
fn a_referral_comes_with_the_known_people_who_may_be_meant_and_why() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let manager = &practice.manager;
    let message = messages::referral();
    let mut same = messages::person();
    same["nhs_number"] = message["person"]["nhs_number"].clone();
    let mut alike = json!({ "given_name": "Edyth", "family_name": "Marlowe", "date_of_birth": "1941-03-08" });
    alike["address"] = json!({ "lines": ["Elsewhere"], "postcode": "SY1 1UT" });
    let stranger = json!({ "given_name": "Arthur", "family_name": "Price", "date_of_birth": "1939-11-02" });
    let ids: Vec<Value> = [&stranger, &alike, &same]
        .map(|person| manager.create("/v1/practice/service-users", person).body["id"].clone())
        .into();

    let received = receive(&council, &practice, &message);
    let matches = received.body["likely_matches"].as_array().unwrap();
    let meant: Vec<&Value> = matches.iter().map(|one| &one["service_user"]["id"]).collect();
    assert_eq!(meant, [&ids[2], &ids[1]], "the likeliest first, and not the stranger: {}", received.body);
    assert_eq!(matches[0]["why"], json!(["nhs_number", "date_of_birth", "name", "postcode"]));
    assert_eq!(matches[0]["score"], 100);
    assert_eq!(matches[1]["why"], json!(["date_of_birth", "similar_name", "postcode"]));
    let whole = message["person"]["nhs_number"].as_str().unwrap();
    assert_eq!(matches[0]["service_user"]["nhs_number"], format!("*** *** {}", &whole[6..]));
}

#[test]
fn accepting_opens_a_record_and_a_case() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let mut message = messages::referral();
    message["urgency"] = "urgent".into();
    let received = receive(&council, &practice, &message);
    let accepted = accept(&practice.social_worker, &received, &json!({}));
    assert_eq!((accepted.status, accepted.text("/status")), (200, Some("accepted")), "{}", accepted.body);
    let decider = json!({ "id": practice.social_worker.id, "name": "Hannah Price" });
    assert_eq!(accepted.body["decided_by"], decider);
    assert_eq!(accepted.body["likely_matches"], json!([]));

    let person = accepted.text("/service_user_id").unwrap();
    let record = practice.manager.get(&format!("/v1/practice/service-users/{person}"));
    for member in ["given_name", "family_name", "date_of_birth", "nhs_number", "address", "phone"] {
        assert_eq!(record.body[member], message["person"][member], "{member}");
    }
    let known_as = json!([{ "council": council.gss_code, "id": message["person"]["council_person_id"] }]);
    assert_eq!(record.body["council_person_ids"], known_as);
    let case = practice.manager.get(&format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap()));
    assert_eq!(case.body["referral_id"], received.body["id"]);
    assert_eq!(
        (case.text("/council/gss_code"), case.text("/priority")),
        (Some(council.gss_code.as_str()), Some("urgent"))
    );
    assert_eq!((case.text("/status"), &case.body["allocated_to"]), (Some("open"), &Value::Null));
    assert!(case.text("/delegation_id").is_some());
}

#[test]
fn accepting_may_recognise_somebody_who_is_known() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let message = messages::referral();
    let mut person = messages::person();
    person["nhs_number"] = message["person"]["nhs_number"].clone();
    person["address"]["lines"] = json!(["9 Mardol"]);
    let known = practice.manager.create("/v1/practice/service-users", &person);
    let received = receive(&council, &practice, &message);
    let elsewhere = world.practice_with(json!({}));
    let theirs = elsewhere.manager.create("/v1/practice/service-users", &messages::person());
    let nobody = json!(uuid::Uuid::nil());
    for id in [&nobody, &theirs.body["id"]] {
        let answer = accept(&practice.manager, &received, &json!({ "service_user_id": id }));
        assert_refused(&answer, 422, "validation-failed");
        assert_eq!(answer.text("/errors/0/pointer"), Some("/service_user_id"));
    }
    let how = json!({ "service_user_id": known.body["id"], "priority": "immediate" });
    let accepted = accept(&practice.manager, &received, &how);
    assert_eq!(accepted.body["service_user_id"], known.body["id"], "{}", accepted.body);
    let record = practice.manager.get(known.header("location").unwrap());
    let known_as = json!([{ "council": council.gss_code, "id": message["person"]["council_person_id"] }]);
    assert_eq!(record.body["council_person_ids"], known_as, "what the council calls them is kept");
    assert_eq!(record.body["address"], known.body["address"], "and nothing else is overwritten");
}

#[test]
fn accepting_may_give_the_case_to_a_worker_at_once_or_does_nothing_at_all() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let received = receive(&council, &practice, &messages::referral());
    let elsewhere = world.practice_with(json!({}));
    let to = |staff: &Staff| json!({ "allocate": { "staff_id": staff.id, "reason": "Works in the district." } });
    for wrong in [&practice.administrator, &practice.manager, &elsewhere.social_worker] {
        let refused = accept(&practice.manager, &received, &to(wrong));
        assert_refused(&refused, 422, "validation-failed");
        assert_eq!(refused.text("/errors/0/pointer"), Some("/allocate/staff_id"));
    }
    assert_eq!(practice.manager.get("/v1/practice/cases").body, json!({ "items": [] }));
    let people = practice.manager.post("/v1/practice/service-users/search", &json!({ "name": "marlow" }));
    assert_eq!(people.body["items"], json!([]));
    let still = practice.manager.get(&step(&received, ""));
    assert_eq!((still.text("/status"), still.etag()), (Some("received"), received.etag()));

    let accepted = accept(&practice.manager, &received, &to(&practice.practitioner));
    let case = practice.manager.get(&format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap()));
    assert_eq!(case.text("/allocated_to/name"), Some("Lucy Freeman"), "{}", case.body);
}

#[test]
fn accepting_twice_with_one_key_is_accepting_once() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let received = receive(&council, &practice, &messages::referral());
    let accept = |etag: Option<&str>, key: Option<&str>, body: Value| {
        let named = [etag.map(|etag| ("if-match", etag)), key.map(|key| ("idempotency-key", key))];
        let headers: Vec<_> = named.into_iter().flatten().collect();
        practice.manager.post_with(&step(&received, "/accept"), &headers, &body)
    };
    let (etag, key) = (received.etag(), Some("the-frontends-own-key"));
    for no_key in [None, Some("short"), Some("")] {
        assert_refused(&accept(etag, no_key, json!({})), 400, "idempotency-key-missing");
    }
    assert_refused(&accept(None, key, json!({})), 428, "if-match-missing");

    let first = accept(etag, key, json!({}));
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, None), "{}", first.body);
    let again = accept(etag, key, json!({}));
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")));
    assert_eq!((&again.body, again.etag()), (&first.body, first.etag()));
    assert_refused(&accept(etag, key, json!({ "priority": "urgent" })), 422, "idempotency-key-reused");

    assert_refused(&accept(etag, Some("another-key"), json!({})), 412, "version-mismatch");
    assert_refused(&accept(first.etag(), Some("a-third-key"), json!({})), 409, "invalid-state");
    assert_eq!(practice.manager.get("/v1/practice/cases").body["items"].as_array().unwrap().len(), 1);
}

#[test]
fn row_32_of_two_who_accept_at_once_one_does() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    for round in 1..=5 {
        let received = receive(&council, &practice, &messages::referral());
        let (path, etag) = (step(&received, "/accept"), received.etag().unwrap());
        let accept = |authorization: String, key: String| {
            let headers = [("authorization", &*authorization), ("if-match", etag), ("idempotency-key", &*key)];
            Web::new(world.url()).send("POST", &path, &headers, Some(("application/json", b"{}")))
        };
        let callers = [&practice.manager, &practice.social_worker]
            .map(|staff| (format!("Bearer {}", staff.token().unwrap()), almoner_tests::callers::fresh_key()));
        let answers = thread::scope(|scope| {
            callers.map(|(token, key)| scope.spawn(|| accept(token, key))).map(|one| one.join().unwrap())
        });
        let mut statuses = answers.each_ref().map(|answer| answer.status);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", answers[0].body, answers[1].body);
        assert_eq!(practice.manager.get("/v1/practice/cases").body["items"].as_array().unwrap().len(), round);
        let people = practice.manager.post("/v1/practice/service-users/search", &json!({ "name": "marlow" }));
        assert_eq!(people.body["items"].as_array().unwrap().len(), round, "no record of the one who lost");
    }
}

#[test]
fn what_no_delegation_covers_any_longer_cannot_be_accepted() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({}));
    let until = json!([{ "function": "needs_assessment", "starts_on": "2024-04-01", "ends_on": "2026-11-22" }]);
    world.contract(&council, &practice, json!({ "delegations": until }));
    let received = receive(&council, &practice, &messages::referral());
    world.set_clock("2026-11-23T10:00:00Z");
    practice.manager.forget_token();
    assert_refused(&accept(&practice.manager, &received, &json!({})), 409, "not-delegated");
    assert_eq!(practice.manager.get("/v1/practice/cases").body, json!({ "items": [] }));
    let declined =
        decline(&practice.manager, &received, &json!({ "reason": "not_delegated", "evidence": messages::evidence() }));
    assert_eq!(declined.status, 200, "{}", declined.body);
}

#[test]
fn the_council_where_somebody_is_ordinarily_resident_must_have_delegated_the_work() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let home = world.council();
    let resident_of = |code: &str| {
        let mut message = messages::referral();
        message["person"]["ordinary_residence"] = code.into();
        message
    };
    let unknown_to_us = receive(&council, &practice, &resident_of("E10999999"));
    assert_refused(&accept(&practice.manager, &unknown_to_us, &json!({})), 409, "not-delegated");
    decline(&practice.manager, &unknown_to_us, &json!({ "reason": "outside_area", "evidence": messages::evidence() }));
    let received = receive(&council, &practice, &resident_of(&home.gss_code));
    assert_refused(&accept(&practice.manager, &received, &json!({})), 409, "not-delegated");
    world.contract(&home, &practice, json!({}));
    let accepted = accept(&practice.manager, &received, &json!({}));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let case = practice.manager.get(&format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap()));
    assert_eq!(
        case.text("/council/gss_code"),
        Some(home.gss_code.as_str()),
        "the responsible council, whoever sent the person"
    );
}

#[test]
fn an_enquiry_is_made_on_the_councils_instruction_without_a_delegation() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let mut message = messages::referral();
    message["function"] = "safeguarding_enquiry".into();
    let officer = json!({ "id": "O1", "name": "An Officer", "role": "Safeguarding Adults Manager" });
    message["instruction"] = json!({ "officer": officer, "due_by": "2026-12-08" });
    let received = receive(&council, &practice, &message);
    let accepted = accept(&practice.manager, &received, &json!({}));
    assert_eq!((accepted.status, accepted.text("/status")), (200, Some("accepted")), "{}", accepted.body);
    let case = practice.manager.get(&format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap()));
    assert_eq!((case.text("/function"), &case.body["delegation_id"]), (Some("safeguarding_enquiry"), &Value::Null));
    assert_eq!(accepted.text("/message/instruction/officer/id"), Some("O1"), "who instructed stays readable");
}

#[test]
fn referrals_are_decided_by_those_who_may_and_seen_by_their_practice_alone() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let other = world.practice(&council);
    let mut message = messages::referral();
    message["chosen_practice"] = practice.slug.as_str().into();
    let received = receive(&council, &practice, &message);
    let no = json!({ "reason": "no_capacity" });
    let decide = |staff: &Staff| [accept(staff, &received, &json!({})), decline(staff, &received, &no)];
    assert_eq!(practice.practitioner.get(&step(&received, "")).status, 200);
    for answer in decide(&practice.practitioner) {
        assert_refused(&answer, 403, "forbidden");
    }
    for staff in [&practice.administrator, &practice.records_officer] {
        assert_refused(&staff.get(INBOX), 403, "forbidden");
        assert_refused(&staff.get(&step(&received, "")), 403, "forbidden");
    }
    let unknown = other.manager.get(&format!("{INBOX}/{}", uuid::Uuid::from_u128(1)));
    assert_eq!((other.manager.get(&step(&received, "")).body, unknown.status), (unknown.body.clone(), 404));
    for answer in decide(&other.manager) {
        assert_refused(&answer, 404, "not-found");
    }
    assert_eq!(other.manager.get(INBOX).body, json!({ "items": [] }));
    assert_eq!(practice.manager.get(&step(&received, "")).body, received.body, "nothing has changed");
}
