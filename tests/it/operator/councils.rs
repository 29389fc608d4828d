//! Councils that change: their codes, names and numbers, and what was known under a code that they had.

use std::thread;

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, Staff, Web, World, messages};
use serde_json::{Value, json};

use super::{council as new_council, page_through};
use crate::practice::cases::{column, record};

const COUNCILS: &str = "/v1/operator/councils";
const REORGANISATIONS: &str = "/v1/operator/reorganisations";
const SENT: &str = "/v1/council/referrals";
const PEOPLE: &str = "/v1/practice/service-users";

/// A code that nobody else in the tests has.
pub(super) fn fresh_code(world: &World, kind: &str) -> String {
    world.council().gss_code.replace("E06", kind)
}

fn at(council: &Council) -> String {
    format!("{COUNCILS}/{}", council.id)
}

/// Changes a council, with the version that it has now.
pub(super) fn change(operator: &Staff, council: &Council, body: &Value) -> Answer {
    operator.change(&format!("{}/change", at(council)), &operator.get(&at(council)), body)
}

fn changed(operator: &Staff, council: &Council, body: &Value) {
    let done = change(operator, council, body);
    assert_eq!(done.status, 200, "{}", done.body);
}

pub(super) fn enter(operator: &Staff, day: &str, abolished: &[&str], created: &[&str]) -> Answer {
    let codes = |codes: &[&str]| codes.iter().map(|code| json!({ "code": code, "name": code })).collect::<Vec<_>>();
    let new = json!({
        "title": "Severnshire", "takes_effect_on": day, "abolished": codes(abolished), "created": codes(created),
    });
    let entered = operator.create(REORGANISATIONS, &new);
    assert_eq!(entered.status, 201, "{}", entered.body);
    entered
}

pub(super) fn refused_at(answer: &Answer, pointer: &str, words: &str) {
    assert_eq!((answer.status, answer.text("/errors/0/pointer")), (422, Some(pointer)), "{}", answer.body);
    assert!(answer.text("/errors/0/detail").unwrap().contains(words), "{words}: {}", answer.body);
}

pub(super) fn person_with(code: &str, id: &str) -> Value {
    let mut person = messages::person();
    person["council_person_ids"] = json!([{ "council": code, "id": id }]);
    person
}

pub(super) fn found(practice: &Practice, code: &str, id: &str) -> Vec<String> {
    let wanted = json!({ "council_person_id": { "council": code, "id": id } });
    let page = practice.manager.post(&format!("{PEOPLE}/search"), &wanted);
    assert_eq!(page.status, 200, "{}", page.body);
    column(&page, "/id").into_iter().map(|id| id.unwrap().to_owned()).collect()
}

/// Sends a referral of this council for somebody with this identifier.
pub(super) fn send(council: &Council, practice: &Practice, id: &str, edits: &[(&str, Value)]) -> Answer {
    let mut message = messages::referral();
    message["chosen_practice"] = practice.slug.clone().into();
    message["person"]["council_person_id"] = id.into();
    for (member, value) in edits {
        message["person"][*member] = value.clone();
    }
    council.system.post(SENT, &message)
}

#[test]
fn the_history_of_a_council_is_shown_after_two_changes_and_the_council_stays_itself() {
    let world = World::new();
    let operator = world.operator();
    let council = world.council();
    let practice = world.practice(&council);
    let (first, second) = (council.gss_code.clone(), fresh_code(&world, "E08"));
    let third = fresh_code(&world, "E09");
    let sent = send(&council, &practice, "A1", &[]);
    assert_eq!(sent.status, 201, "{}", sent.body);

    world.set_clock("2027-04-05T10:00:00Z");
    operator.forget_token();
    changed(&operator, &council, &json!({ "starts_on": "2027-04-01", "gss_code": second, "name": "The New Council" }));
    world.set_clock("2027-06-01T10:00:00Z");
    operator.forget_token();
    changed(&operator, &council, &json!({ "gss_code": third, "emergency_duty_phone": "01632 960000" }));

    let now = operator.get(&at(&council));
    assert_eq!(now.text("/gss_code"), Some(third.as_str()));
    assert_eq!(now.text("/name"), Some("The New Council"));
    assert_eq!(now.text("/emergency_duty_phone"), Some("01632 960000"));
    assert_eq!(now.text("/starts_on"), Some("2027-06-01"));
    let former = json!([
        {
            "starts_on": "2027-04-01", "replaced_on": "2027-06-01", "gss_code": second, "name": "The New Council",
            "emergency_duty_phone": "0345 678 9040",
        },
        {
            "starts_on": "2026-11-20", "replaced_on": "2027-04-01", "gss_code": first, "name": format!("Council {first}"),
            "emergency_duty_phone": "0345 678 9040",
        },
    ]);
    assert_eq!(now.body["former_details"], former, "{}", now.body);
    let listed = page_through(&operator, COUNCILS);
    assert_eq!(*listed.iter().find(|one| one["id"] == now.body["id"]).unwrap(), now.body);

    // Its systems, its contract and its referrals are the council's as before, and everybody sees what it is called now.
    council.system.forget_token();
    practice.manager.forget_token();
    let read = council.system.get(&format!("{SENT}/{}", sent.text("/id").unwrap()));
    assert_eq!(read.status, 200, "{}", read.body);
    let mut urgent = messages::referral();
    urgent["urgency"] = "immediate".into();
    urgent["requested_on"] = "2027-06-01".into();
    urgent["consent"]["recorded_on"] = "2027-06-01".into();
    let urgent = council.system.post(SENT, &urgent);
    assert_eq!(urgent.text("/emergency_duty_team/phone"), Some("01632 960000"), "{}", urgent.body);
    let inbox = practice.manager.get("/v1/practice/referrals");
    assert!(column(&inbox, "/council/gss_code").iter().all(|code| *code == Some(third.as_str())), "{}", inbox.body);
    assert!(column(&inbox, "/council/name").contains(&Some("The New Council")));
}

#[test]
fn a_change_is_made_once_with_the_version_that_was_seen() {
    let world = World::new();
    let (operator, council) = (world.operator(), world.council());
    let seen = operator.get(&at(&council));
    let path = format!("{}/change", at(&council));
    let body = json!({ "name": "The New Council" });
    assert_eq!(operator.change(&path, &seen, &body).status, 200);
    let again = operator.change(&path, &seen, &body);
    assert_eq!((again.status, again.text("/type")), (412, Some("/problems/version-mismatch")), "{}", again.body);
    refused_at(&change(&operator, &council, &body), "", "must change the code, the name or the number");
    assert_eq!(operator.get(&at(&council)).body["former_details"].as_array().unwrap().len(), 1);

    let seen = operator.get(&at(&council));
    let token = format!("Bearer {}", operator.token().unwrap());
    let mut statuses: Vec<u16> = thread::scope(|scope| {
        let changing: Vec<_> = ["One name", "Another name"]
            .map(|name| {
                let (seen, token, path) = (&seen, &token, &path);
                let (url, content) = (world.url(), json!({ "name": name }).to_string());
                scope.spawn(move || {
                    let headers = [("authorization", token.as_str()), ("if-match", seen.etag().unwrap())];
                    let content = Some(("application/json", content.as_bytes()));
                    Web::new(url).send("POST", path, &headers, content).status
                })
            })
            .into();
        changing.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(operator.get(&at(&council)).body["former_details"].as_array().unwrap().len(), 2);
}

#[test]
fn a_code_is_one_councils_for_good() {
    let world = World::new();
    let operator = world.operator();
    let (council, other) = (world.council(), world.council());
    let second = fresh_code(&world, "E08");
    let taken = change(&operator, &council, &json!({ "gss_code": other.gss_code }));
    assert_eq!((taken.status, taken.text("/errors/0/pointer")), (409, Some("/gss_code")), "{}", taken.body);
    changed(&operator, &council, &json!({ "gss_code": second }));
    // What the first council had before is nobody else's, because people are found under it.
    for refused in [
        change(&operator, &other, &json!({ "gss_code": council.gss_code })),
        operator.create(COUNCILS, &new_council(&council.gss_code)),
    ] {
        refused_at(&refused, "/gss_code", &format!("abolished on 2026-11-20; name {second}"));
    }
    changed(&operator, &council, &json!({ "gss_code": council.gss_code }));
    for (body, pointer, words) in [
        (json!({ "starts_on": "2026-11-21", "name": "A" }), "/starts_on", "must not be in the future"),
        (json!({ "starts_on": "2026-11-19", "name": "A" }), "/starts_on", "must not be before 2026-11-20"),
        (json!({ "starts_on": "2026-11-20" }), "", "must change the code, the name or the number"),
        (json!({ "gss_code": "W06000023" }), "/gss_code", "must be the GSS code of a council"),
        (json!({ "name": "x".repeat(201) }), "/name", ""),
    ] {
        refused_at(&change(&operator, &council, &body), pointer, words);
    }
    let twice_wrong = change(&operator, &council, &json!({ "starts_on": "2026-11-21", "gss_code": "E10000006" }));
    let pointers = [twice_wrong.text("/errors/0/pointer"), twice_wrong.text("/errors/1/pointer")];
    assert_eq!(pointers, [Some("/starts_on"), Some("/gss_code")], "{}", twice_wrong.body);
}

#[test]
fn a_councils_own_code_of_yesterday_is_refused_today_and_its_successor_is_named() {
    let world = World::new();
    let operator = world.operator();
    let (council, sender) = (world.council(), world.council());
    let practice = world.practice(&council);
    world.contract(&sender, &practice, json!({}));
    let person = record(&practice, &messages::person());
    let new = fresh_code(&world, "E08");
    let open = |code: &str| practice.manager.create("/v1/practice/cases", &messages::case(code, &person));
    assert_eq!(open(&council.gss_code).status, 201);
    assert_eq!(open(&new).status, 422, "nobody has it yet");
    changed(&operator, &council, &json!({ "gss_code": new }));
    world.set_clock("2026-11-21T10:00:00Z");
    practice.manager.forget_token();
    refused_at(&open(&council.gss_code), "/council", &format!("abolished on 2026-11-20; name {new}"));
    assert_eq!(open(&new).status, 201);
    let residence = send(&sender, &practice, "A1", &[("ordinary_residence", council.gss_code.clone().into())]);
    refused_at(&residence, "/person/ordinary_residence", "abolished on 2026-11-20");
}

#[test]
fn what_was_known_under_a_code_is_found_under_the_next() {
    let world = World::new();
    let operator = world.operator();
    let council = world.council();
    let practice = world.practice(&council);
    let elsewhere = world.practice(&world.council());
    let old = council.gss_code.clone();
    let new = fresh_code(&world, "E08");
    let known = record(&practice, &person_with(&old, "SHR-77"));
    record(&elsewhere, &person_with(&old, "SHR-77"));
    assert_eq!(found(&practice, &old, "shr77"), [known.as_str()]);
    assert_eq!(found(&practice, &new, "SHR-77"), Vec::<String>::new());

    changed(&operator, &council, &json!({ "gss_code": new }));
    for code in [&old, &new] {
        assert_eq!(
            found(&practice, code, "shr 77"),
            [known.as_str()],
            "{code}: this practice's person, and no other's"
        );
    }
    // The council writes under its new code, the practice knows the person by the old one.
    let sent = send(&council, &practice, "shr/77", &[("nhs_number", Value::Null), ("family_name", "Harlow".into())]);
    assert_eq!(sent.status, 201, "{}", sent.body);
    let inbox = practice.manager.get("/v1/practice/referrals");
    let seen = practice.manager.get(&format!("/v1/practice/referrals/{}", inbox.text("/items/0/id").unwrap()));
    assert_eq!(seen.text("/likely_matches/0/service_user/id"), Some(known.as_str()), "{}", seen.body);
    assert!(seen.body["likely_matches"][0]["why"].as_array().unwrap().contains(&json!("council_person_id")));
    let accept = format!("/v1/practice/referrals/{}/accept", seen.text("/id").unwrap());
    let how = json!({ "service_user_id": known, "mismatch_reason": "She married: the council has her new name." });
    let accepted = practice.manager.change(&accept, &seen, &how);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let read = practice.manager.get(&format!("{PEOPLE}/{known}"));
    assert_eq!(
        read.body["council_person_ids"].as_array().unwrap().len(),
        1,
        "it is the same identifier: {}",
        read.body
    );
}

#[test]
fn a_restricted_person_is_recognised_under_the_next_code_and_a_referral_that_waits_under_the_last() {
    let world = World::new();
    let operator = world.operator();
    let council = world.council();
    let practice = world.practice(&council);
    let new = fresh_code(&world, "E08");
    let restricted = record(&practice, &person_with(&council.gss_code, "R-1"));
    let restrict = |id: &str| {
        let seen = practice.manager.get(&format!("{PEOPLE}/{id}/restriction"));
        let body = json!({ "ground": "hazard", "staff": [practice.manager.id], "reason": "Is known here.", "review_on": "2027-01-11" });
        let headers = [("if-match", seen.etag().unwrap())];
        let content = body.to_string();
        let done = practice.manager.send(
            "PUT",
            &format!("{PEOPLE}/{id}/restriction"),
            &headers,
            Some(("application/json", content.as_bytes())),
        );
        assert!(done.status < 300, "{}", done.body);
    };
    restrict(&restricted);
    let waiting = record(&practice, &person_with(&council.gss_code, "W-1"));
    changed(&operator, &council, &json!({ "gss_code": new }));

    // It arrives under the new code about somebody who was restricted under the old one.
    assert_eq!(send(&council, &practice, "r 1", &[("nhs_number", Value::Null)]).status, 201);
    let inbox = |staff: &Staff| column(&staff.get("/v1/practice/referrals"), "/id").len();
    assert_eq!((inbox(&practice.manager), inbox(&practice.social_worker)), (1, 0));
    // It waits under the new code, and then the person is restricted who is known under the old one.
    assert_eq!(send(&council, &practice, "w1", &[("nhs_number", Value::Null)]).status, 201);
    assert_eq!((inbox(&practice.manager), inbox(&practice.social_worker)), (2, 1));
    restrict(&waiting);
    assert_eq!((inbox(&practice.manager), inbox(&practice.social_worker)), (2, 0));

    // The glass is broken with the new code too.
    let how = json!({
        "council_person_id": { "council": new, "id": "R1" }, "date_of_birth": "1941-03-08", "reason": "Nobody else is here.",
    });
    practice.social_worker.step_up();
    let opened = practice.social_worker.create("/v1/practice/break-glass", &how);
    assert_eq!((opened.status, opened.text("/service_user_id")), (201, Some(restricted.as_str())), "{}", opened.body);
}

#[test]
fn a_message_that_names_the_predecessor_is_accepted_for_its_successor() {
    let world = World::new();
    let operator = world.operator();
    let (council, sender) = (world.council(), world.council());
    let practice = world.practice(&council);
    world.contract(&sender, &practice, json!({}));
    let new = fresh_code(&world, "E08");
    let sent = send(&sender, &practice, "A1", &[("ordinary_residence", council.gss_code.clone().into())]);
    assert_eq!(sent.status, 201, "{}", sent.body);
    changed(&operator, &council, &json!({ "gss_code": new }));
    let inbox = practice.manager.get("/v1/practice/referrals");
    let seen = practice.manager.get(&format!("/v1/practice/referrals/{}", inbox.text("/items/0/id").unwrap()));
    let accept = format!("/v1/practice/referrals/{}/accept", seen.text("/id").unwrap());
    let accepted = practice.manager.change(&accept, &seen, &json!({}));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let case = practice.manager.get(&format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap()));
    assert_eq!(case.text("/council/gss_code"), Some(new.as_str()), "{}", case.body);
}
