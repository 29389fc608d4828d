//! Putting down which practice a complaint is about that names none, and who has it no more then.

use almoner_tests::Web;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{assign, follow};
use almoner_tests::messages;
use serde_json::{Value, json};

use super::places::{about, opened_without_a_practice};
use super::record::period;
use super::{Scene, pointers, put, sees};
use crate::practice::cases::{give, open, record};

fn named(practice: &str) -> Value {
    json!({ "practice": practice })
}

#[test]
fn once_an_officer_has_put_down_the_practice_the_record_there_can_be_opened_and_the_complainant_is_told() {
    let scene = Scene::new();
    let (practice, person) = (&scene.practice, messages::person());
    open(practice, &scene.council, &record(practice, &person));
    let (receipt, officer, complaint) = opened_without_a_practice(&scene, &about(&person), json!({}));
    let due = |at: &str| officer.get(&complaint).text(at).map(str::to_owned);
    let clocks = [due("/acknowledgement_due_on"), due("/response_due_on")];
    let refused = put(officer, &complaint, "record", &period(&json!({})));
    assert_eq!(refused.status, 409, "{}", refused.body);

    let done = put(officer, &complaint, "practice", &named(&practice.slug));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.text("/practice/slug"), Some(practice.slug.as_str()), "{}", done.body);
    assert_eq!([due("/acknowledgement_due_on"), due("/response_due_on")], clocks, "every clock stays");
    let opened = put(officer, &complaint, "record", &period(&json!({})));
    assert_eq!(opened.status, 200, "{}", opened.body);
    assert_eq!(officer.get(&format!("{complaint}/record")).body["cases"].as_array().unwrap().len(), 1);
    let told = || {
        let followed = follow(&scene.world.partner(), &receipt);
        let messages = followed.body["messages"].as_array().unwrap().clone();
        let told = "We understand that your complaint is about";
        messages.iter().filter(|message| message["text"].as_str().unwrap().starts_with(told)).count()
    };
    assert_eq!(told(), 1);
    let seen = officer.get(&complaint);
    assert_eq!((&seen.body["practice_named_by"], &seen.body["about_council"]), (&json!("council"), &json!(false)));
    let again = put(officer, &complaint, "practice", &named(&practice.slug));
    assert_eq!((again.status, again.etag(), told()), (200, seen.etag(), 1), "the same again changes nothing");
    assert_eq!(officer.get(&format!("{complaint}/record")).status, 200, "the record is open still");
}

#[test]
fn a_practice_is_put_down_that_works_for_the_council_and_only_where_the_complainant_named_none() {
    let scene = Scene::new();
    let (_, officer, complaint) = opened_without_a_practice(&scene, &json!({ "family_name": "Marlow" }), json!({}));
    let elsewhere = scene.world.practice(&scene.world.council());
    for wrong in [elsewhere.slug.as_str(), "nobody-has-this-name"] {
        let refused = put(officer, &complaint, "practice", &named(wrong));
        assert_eq!(pointers(&refused), ["/practice"], "{wrong}");
        assert!(refused.body.to_string().contains("with which your council has or had a contract"), "{}", refused.body);
    }
    let seen = officer.get(&complaint);
    let second = scene.world.practice(&scene.council);
    let body = |slug: &str| (format!("{complaint}/practice"), named(slug));
    let (path, first) = body(&scene.practice.slug);
    assert_eq!(officer.put(&path, &seen, &first).status, 200);
    let late = officer.put(&path, &seen, &body(&second.slug).1);
    assert_eq!(late.status, 412, "whoever saw the version before is told: {}", late.body);

    let (_, officer, complaint) = scene.opened(json!({}));
    let refused = put(officer, &complaint, "practice", &named(&second.slug));
    assert!(refused.status == 409 && refused.body.to_string().contains("the complainant named"), "{}", refused.body);
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Laura Leadbetter");
    assert_eq!(assign(officer, &complaint, &guest).status, 201);
    let refused = put(&guest, &complaint, "practice", &named(&scene.practice.slug));
    assert_eq!(refused.status, 403, "{}", refused.body);
}

#[test]
fn a_practice_that_was_put_down_is_put_right_while_no_guest_has_the_complaint() {
    let scene = Scene::new();
    let (practice, person) = (&scene.practice, messages::person());
    let second = scene.world.practice(&scene.council);
    for practice in [practice, &second] {
        open(practice, &scene.council, &record(practice, &person));
    }
    let (_, officer, complaint) = opened_without_a_practice(&scene, &about(&person), json!({}));
    assert_eq!(put(officer, &complaint, "practice", &named(&practice.slug)).status, 200);
    assert_eq!(put(officer, &complaint, "record", &period(&json!({}))).status, 200);
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Laura Leadbetter");
    let assigned = assign(officer, &complaint, &guest);
    let refused = put(officer, &complaint, "practice", &named(&second.slug));
    assert!(refused.status == 409 && refused.body.to_string().contains("open to a guest"), "{}", refused.body);
    let guests = assigned.body["items"].as_array().unwrap().iter().find(|one| one["guest_id"].is_string()).unwrap();
    let path = format!("{complaint}/assignments/{}", guests["id"].as_str().unwrap());
    let ended = officer.send("DELETE", &path, &[], None);
    assert_eq!(ended.status, 204, "{}", ended.body);
    assert_eq!(put(officer, &complaint, "practice", &named(&second.slug)).status, 200);
    assert_eq!(officer.get(&format!("{complaint}/record")).status, 404, "the record at the first is closed");
    assert_eq!(
        put(officer, &complaint, "record", &period(&json!({}))).status,
        200,
        "the person is known at the second"
    );
}

#[test]
fn who_worked_with_the_person_there_or_owns_the_practice_has_the_complaint_no_more() {
    let scene = Scene::new();
    let (practice, person) = (&scene.practice, messages::person());
    let (_, officer, complaint) = opened_without_a_practice(&scene, &about(&person), json!({}));
    let guests = [(&practice.social_worker, "H. Price"), (&practice.director, "The Director")]
        .map(|(member, name)| (member, scene.world.handler(&scene.council, &scene.desk, practice, member, name)));
    let free = scene.world.investigator(&scene.council, &scene.desk, "Laura Leadbetter");
    assert_eq!(assign(officer, &complaint, &guests[0].1).status, 201, "the practice has no record of the person yet");
    assert_eq!(
        assign(officer, &complaint, &guests[1].1).status,
        422,
        "an owner, at whichever practice of the council's"
    );
    assert_eq!(assign(officer, &complaint, &free).status, 201);
    let case = open(practice, &scene.council, &record(practice, &person));
    assert_eq!(give(practice, &case, &practice.social_worker).status, 200);
    assert!(sees(&guests[0].1, &complaint));
    assert_eq!(put(officer, &complaint, "practice", &named(&practice.slug)).status, 200);
    assert!(!sees(&guests[0].1, &complaint) && sees(&free, &complaint));
}

#[test]
fn of_letting_somebody_in_and_putting_down_the_practice_at_once_the_later_knows_the_earlier() {
    for _ in 0..8 {
        let scene = Scene::new();
        let (_, officer, complaint) = opened_without_a_practice(&scene, &json!({ "family_name": "Marlow" }), json!({}));
        let other = scene.desk.officers.iter().find(|one| one.id != officer.id).unwrap();
        let declared = other.create("/v1/complaints/interests", &named(&scene.practice.slug));
        assert_eq!(declared.status, 201, "{}", declared.body);
        let let_in = json!({ "officer_id": other.id, "reason": "To look into it with me." }).to_string();
        let (authorization, seen) = (format!("Bearer {}", officer.token().unwrap()), officer.get(&complaint));
        let (body, etag, key) = (named(&scene.practice.slug).to_string(), seen.etag().unwrap(), fresh_key());
        let url = scene.world.url();
        let send = |method: &str, to: &str, (name, value): (&str, &str), body: &str| {
            let headers = [("authorization", authorization.as_str()), (name, value)];
            let content = Some(("application/json", body.as_bytes()));
            Web::new(url).send(method, &format!("{complaint}/{to}"), &headers, content).status
        };
        let (let_in, put_down) = std::thread::scope(|threads| {
            let let_in = threads.spawn(|| send("POST", "assignments", ("idempotency-key", &key), &let_in));
            let put_down = threads.spawn(|| send("PUT", "practice", ("if-match", etag), &body));
            (let_in.join().unwrap(), put_down.join().unwrap())
        });
        assert!([201, 422].contains(&let_in) && [200, 412].contains(&put_down), "{let_in} {put_down}");
        assert!(put_down == 412 || !sees(other, &complaint), "{let_in} {put_down}");
    }
}

#[test]
fn who_has_an_interest_in_the_practice_has_the_complaint_no_more_and_lets_another_in_before() {
    let scene = Scene::new();
    let (_, officer, complaint) = opened_without_a_practice(&scene, &json!({ "family_name": "Marlow" }), json!({}));
    let declared = officer.create("/v1/complaints/interests", &named(&scene.practice.slug));
    assert_eq!(declared.status, 201, "{}", declared.body);
    let refused = put(officer, &complaint, "practice", &named(&scene.practice.slug));
    assert!(refused.status == 409 && refused.body.to_string().contains("let another officer in"), "{}", refused.body);
    assert_eq!(officer.get(&complaint).text("/practice/slug"), None, "nothing is changed");
    let other = scene.desk.officers.iter().find(|one| one.id != officer.id).unwrap();
    let let_in = json!({ "officer_id": other.id, "reason": "I have an interest." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &let_in).status, 201);
    assert_eq!(put(officer, &complaint, "practice", &named(&scene.practice.slug)).status, 200);
    assert!(!sees(officer, &complaint) && sees(other, &complaint));
}
