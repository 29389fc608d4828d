//! What is taken although it is doubtful or cannot be obeyed: both sides are told, and the council nothing that it may not know.

use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use serde_json::{Value, json};

use crate::council::{REFERRALS, at, due_first, in_practice};
use crate::practice::cases::column;
use crate::practice::people::restrict;

fn warned(body: &Value) -> Vec<(&str, &str)> {
    let warnings = body["warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |warning: &'_ Value, member: &str| warning[member].as_str().map(str::to_owned);
    for warning in warnings {
        assert!(text(warning, "detail").is_some_and(|detail| detail.starts_with("is ")), "{warning}");
    }
    warnings.iter().map(|warning| (warning["code"].as_str().unwrap(), warning["pointer"].as_str().unwrap())).collect()
}

#[test]
fn doubts_come_back_with_the_answer_each_time_and_stand_on_the_referral() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let mut message = messages::referral();
    message["function"] = "carers_assessment".into();
    message["route_of_access"] = "Discharge from Hospital".into();
    message["discharge"] = json!({ "hospital": "Royal Infirmary", "expected_on": "2026-11-21" });
    message["person"]["date_of_birth"] = "1941-01-01".into();
    message["person"]["preferred_contact"] = "via_representative".into();
    message["carer"] = json!({ "name": "Gwen Marlow" });
    let sent = council.system.post(REFERRALS, &message);
    assert_eq!(sent.status, 201, "{}", sent.body);
    let expected = [
        ("discharge_before_answer", "/discharge/expected_on"),
        ("date_of_birth_in_doubt", "/person/date_of_birth"),
        ("representative_missing", "/person/preferred_contact"),
        ("cared_for_missing", "/cared_for"),
    ];
    assert_eq!(warned(&sent.body), expected, "{}", sent.body);
    let again = council.system.post(REFERRALS, &message);
    assert_eq!((again.status, &again.body), (200, &sent.body));
    assert_eq!(council.system.get(&at(&sent, "")).body["warnings"], sent.body["warnings"]);
    assert_eq!(due_first(&practice.manager).body["warnings"], sent.body["warnings"]);
    // A list shows none: it does not open the messages.
    assert_eq!(council.system.get(REFERRALS).body["items"][0].get("warnings"), None);

    // The same on another day: what stands on a referral does not change with the day on which it is read.
    world.set_clock("2026-11-25T10:00:00Z");
    council.forget_tokens();
    assert_eq!(council.system.post(REFERRALS, &message).body, sent.body);
}

#[test]
fn a_sound_message_has_no_warnings_and_an_unrouted_one_is_warned_of_as_of_its_day() {
    let world = World::new();
    let council = world.council();
    let sent = council.system.post(REFERRALS, &messages::referral());
    assert_eq!((sent.status, sent.text("/status")), (201, Some("unrouted")), "{}", sent.body);
    assert_eq!(sent.body.get("warnings"), None, "{}", sent.body);
    for (home_on, expected) in [("2026-11-19", 1), ("2026-11-20", 0)] {
        let mut message = messages::referral();
        message["route_of_access"] = "Discharge from Hospital".into();
        message["discharge"] = json!({ "hospital": "Royal Infirmary", "expected_on": home_on });
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(warned(&sent.body).len(), expected, "{home_on}: {}", sent.body);
    }
}

#[test]
fn that_a_known_person_was_born_on_another_day_is_for_the_practice_alone() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let stranger = world.practice(&council);
    let [known, unknown] = [messages::referral(), messages::referral()];
    let mut person = messages::person();
    person["nhs_number"] = known["person"]["nhs_number"].clone();
    person["date_of_birth"] = "1952-06-30".into();
    let record = practice.manager.create("/v1/practice/service-users", &person);
    assert_eq!(record.status, 201, "{}", record.body);

    let deliver = |mut message: Value, to: &str| {
        message["chosen_practice"] = to.into();
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(sent.status, 201, "{}", sent.body);
        sent
    };
    let sent = deliver(known.clone(), &practice.slug);
    let seen = due_first(&practice.manager);
    let in_doubt = vec![("date_of_birth_in_doubt", "/person/date_of_birth")];
    assert_eq!(warned(&seen.body), in_doubt, "{}", seen.body);
    // Accepting it shows the doubt, and so does whatever is read afterwards: whichever record the practice took it for.
    let accepted = practice.manager.change(
        &in_practice(seen.text("/id").unwrap(), "/accept"),
        &seen,
        &json!({ "service_user_id": record.text("/id").unwrap(), "mismatch_reason": "Her passport says 8 March 1941." }),
    );
    assert_eq!((accepted.status, warned(&accepted.body)), (200, in_doubt.clone()), "{}", accepted.body);
    let read = practice.manager.get(&in_practice(seen.text("/id").unwrap(), ""));
    assert_eq!(warned(&read.body), in_doubt, "{}", read.body);
    // Nothing that the council is given differs from what it is given about somebody whom nobody knows.
    let other = deliver(unknown, &practice.slug);
    let members = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&sent.body), members(&other.body));
    for body in [&sent.body, &council.system.get(&at(&sent, "")).body] {
        assert_eq!(body.get("warnings"), None, "{body}");
    }
    // A new record beside the known one: the doubt is told all the same, and to nobody from whom the known one is closed.
    let mut again = known.clone();
    again["council_reference"] = format!("{}-A", known["council_reference"].as_str().unwrap()).into();
    again["person"]["council_person_id"] = "ANOTHER".into();
    deliver(again, &practice.slug);
    let listed = practice.manager.get("/v1/practice/referrals");
    let seen = column(&listed, "/id")
        .into_iter()
        .map(|id| practice.manager.get(&in_practice(id.unwrap(), "")))
        .find(|seen| seen.text("/message/person/council_person_id") == Some("ANOTHER"))
        .unwrap();
    let path = in_practice(seen.text("/id").unwrap(), "");
    let accepted = practice.manager.change(&format!("{path}/accept"), &seen, &json!({}));
    assert_eq!((accepted.status, warned(&accepted.body)), (200, in_doubt.clone()), "{}", accepted.body);
    assert_ne!(accepted.text("/service_user_id"), record.text("/id"));
    assert_eq!(warned(&practice.social_worker.get(&path).body), in_doubt);
    let id = record.text("/id").unwrap();
    assert_eq!(restrict(&practice.manager, id, &json!([practice.manager.id])).status, 200);
    assert_eq!(warned(&practice.manager.get(&path).body), in_doubt);
    assert_eq!(practice.social_worker.get(&path).body.get("warnings"), None);
    // Nor does another practice learn it.
    let mut elsewhere = known;
    elsewhere["council_reference"] = format!("{}-B", elsewhere["council_reference"].as_str().unwrap()).into();
    deliver(elsewhere, &stranger.slug);
    assert_eq!(due_first(&stranger.manager).body.get("warnings"), None);
}
