use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use serde_json::{Value, json};

use crate::council::{REFERRALS, at, due_first, in_practice};

/// Makes a referral with these members changed, such as the practice that it names or prefers.
fn referral_with(members: &[(&str, Value)]) -> Value {
    let mut message = messages::referral();
    for (pointer, value) in members {
        match message.pointer_mut(pointer) {
            Some(place) => *place = value.clone(),
            None => message[&pointer[1..]] = value.clone(),
        }
    }
    message
}

#[test]
fn the_persons_choice_outranks_the_councils_preference_and_every_other_rule() {
    let world = World::new();
    let council = world.council();
    let nearest = world.practice(&council);
    let chosen = world.practice_with(json!({ "districts": ["LD1"], "capacity": 0 }));
    world.contract(&council, &chosen, json!({}));

    let message = referral_with(&[
        ("/chosen_practice", chosen.slug.as_str().into()),
        ("/preferred_practice", nearest.slug.as_str().into()),
    ]);
    let sent = council.system.post(REFERRALS, &message);
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_eq!(sent.text("/practice/slug"), Some(chosen.slug.as_str()));
    assert_eq!(sent.text("/routing/strategy"), Some("choice"));
    assert!(sent.text("/routing/explanation").unwrap().contains("The person chose this practice"));
    assert_eq!(nearest.manager.get("/v1/practice/referrals").body["items"], json!([]));
    assert_eq!(due_first(&chosen.manager).text("/message/chosen_practice"), Some(chosen.slug.as_str()));
}

#[test]
fn the_councils_preference_decides_where_the_person_made_no_choice() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    let preferred = world.practice_with(json!({ "districts": ["LD1"], "capacity": 1 }));
    world.contract(&council, &preferred, json!({}));

    let sent =
        council.system.post(REFERRALS, &referral_with(&[("/preferred_practice", preferred.slug.as_str().into())]));
    assert_eq!(sent.text("/practice/slug"), Some(preferred.slug.as_str()));
    assert_eq!(sent.text("/routing/strategy"), Some("council_preference"));
    assert!(sent.text("/routing/explanation").unwrap().contains("the council prefers this practice"));
}

#[test]
fn without_a_name_it_goes_to_whoever_serves_the_district_and_has_the_most_free_capacity() {
    let world = World::new();
    let council = world.council();
    let [small, large, elsewhere] = [("SY1", 2), ("SY1", 3), ("LD1", 900)].map(|(district, capacity)| {
        let practice = world.practice_with(json!({ "districts": [district], "capacity": capacity }));
        world.contract(&council, &practice, json!({}));
        practice
    });
    let next = || council.system.post(REFERRALS, &messages::referral());

    let first = next();
    assert_eq!(first.text("/practice/slug"), Some(large.slug.as_str()));
    assert_eq!(
        first.text("/routing/explanation"),
        Some("Of 2 practices under contract that serve SY1, this one has the most free capacity (3)."),
    );
    // Both have a free capacity of two. Among equals the name decides, so that the same request always has the same answer.
    assert_eq!(next().text("/practice/slug"), Some(small.slug.as_str()));
    assert_eq!(next().text("/practice/slug"), Some(large.slug.as_str()));
    assert_eq!(elsewhere.manager.get("/v1/practice/referrals").body["items"], json!([]));
}

#[test]
fn what_no_rule_can_route_is_kept_unrouted_and_says_why() {
    let world = World::new();
    let council = world.council();
    let full = world.practice_with(json!({ "districts": ["SY1"], "capacity": 0 }));
    world.contract(&council, &full, json!({}));

    let mut nowhere = messages::referral();
    nowhere["person"].as_object_mut().unwrap().remove("address");
    let not_served = referral_with(&[("/person/address/postcode", "ZE1 0AA".into())]);
    for (message, why) in [
        (nowhere, "no choice, no preference and no postcode"),
        (not_served, "No practice under contract for this function serves ZE1"),
        (messages::referral(), "Every practice under contract that serves SY1 is full"),
    ] {
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!((sent.status, sent.text("/status")), (201, Some("unrouted")), "{}", sent.body);
        assert_eq!(sent.text("/routing/strategy"), Some("unrouted"));
        assert!(sent.text("/routing/explanation").unwrap().contains(why), "{}", sent.body);
        assert_eq!((&sent.body["practice"], &sent.body["response_due_on"]), (&Value::Null, &Value::Null));
    }
    assert_eq!(full.manager.get("/v1/practice/referrals").body["items"], json!([]));
}

#[test]
fn a_name_that_cannot_be_met_is_refused_rather_than_passed_over() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    let stranger = world.practice_with(json!({}));
    let over = world.practice_with(json!({}));
    world.contract(&council, &over, json!({ "ends_on": "2026-11-19" }));
    let yet_to_come = world.practice_with(json!({}));
    world.contract(&council, &yet_to_come, json!({ "starts_on": "2026-11-21" }));
    let for_reviews = world.practice_with(json!({}));
    let reviews = json!([{ "function": "review", "starts_on": "2024-04-01" }]);
    world.contract(&council, &for_reviews, json!({ "delegations": reviews }));

    for slug in [&stranger.slug, &over.slug, &yet_to_come.slug, &for_reviews.slug, "no-such-practice"] {
        for pointer in ["/chosen_practice", "/preferred_practice"] {
            let message = referral_with(&[(pointer, slug.into())]);
            let refused = council.system.post(REFERRALS, &message);
            assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
            let reference = message["council_reference"].as_str().unwrap();
            let kept = council.system.get(&format!("{REFERRALS}?council_reference={reference}"));
            assert_eq!(kept.body["items"], json!([]));
        }
    }
}

#[test]
fn the_council_names_a_practice_for_what_no_rule_routed() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({ "capacity": 0 }));
    world.contract(&council, &practice, json!({}));
    let stranger = world.practice_with(json!({}));
    let sent = council.system.post(REFERRALS, &messages::referral());
    assert_eq!(sent.text("/status"), Some("unrouted"));

    let refused =
        world.first_officer(&council).change(&at(&sent, "/route"), &sent, &json!({ "practice": stranger.slug }));
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/practice")), "{}", refused.body);
    assert_eq!(council.system.get(&at(&sent, "")).text("/status"), Some("unrouted"));

    let named =
        world.first_officer(&council).change(&at(&sent, "/route"), &sent, &json!({ "practice": practice.slug }));
    assert_eq!((named.status, named.text("/status")), (200, Some("received")), "{}", named.body);
    assert_eq!(named.text("/routing/strategy"), Some("named_by_council"));
    assert_eq!(named.text("/routing/explanation"), Some("The council named this practice."));
    assert_eq!(named.text("/response_due_on"), Some("2026-11-27"));
    assert_eq!(due_first(&practice.manager).text("/message/council_reference"), sent.text("/council_reference"));

    let again =
        world.first_officer(&council).change(&at(&sent, "/route"), &named, &json!({ "practice": practice.slug }));
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/invalid-state")), "a practice has it");
}

#[test]
fn what_a_practice_declined_goes_to_the_one_that_the_council_names() {
    let world = World::new();
    let council = world.council();
    let [first, second] = [world.practice(&council), world.practice(&council)];
    let wanted =
        referral_with(&[("/chosen_practice", first.slug.as_str().into()), ("/respond_by", "2026-11-23".into())]);
    let sent = council.system.post(REFERRALS, &wanted);
    let received = due_first(&first.manager);
    let decline = in_practice(received.text("/id").unwrap(), "/decline");
    assert_eq!(first.manager.change(&decline, &received, &json!({ "reason": "no_capacity" })).status, 200);

    let declined = council.system.get(&at(&sent, ""));
    assert_eq!((declined.text("/status"), declined.text("/decline_reason")), (Some("declined"), Some("no_capacity")));
    let named =
        world.first_officer(&council).change(&at(&sent, "/route"), &declined, &json!({ "practice": second.slug }));
    assert_eq!((named.status, named.text("/status")), (200, Some("received")), "{}", named.body);
    assert_eq!(named.text("/practice/slug"), Some(second.slug.as_str()));
    assert_eq!((&named.body["decline_reason"], &named.body["decided_at"]), (&Value::Null, &Value::Null));
    assert_eq!(named.text("/response_due_on"), Some("2026-11-27"), "the day asked for was the first practice's");

    assert_eq!(due_first(&second.manager).text("/status"), Some("received"));
    let kept = first.manager.get(&in_practice(received.text("/id").unwrap(), ""));
    assert_eq!(kept.text("/status"), Some("declined"), "the first practice's answer stands");
}

#[test]
fn the_same_practice_may_be_named_again_and_again() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let sent = council.system.post(REFERRALS, &messages::referral());
    for _ in 0..3 {
        let received = due_first(&practice.manager);
        let decline = in_practice(received.text("/id").unwrap(), "/decline");
        assert_eq!(practice.manager.change(&decline, &received, &json!({ "reason": "no_capacity" })).status, 200);
        let declined = council.system.get(&at(&sent, ""));
        let named = world.first_officer(&council).change(
            &at(&sent, "/route"),
            &declined,
            &json!({ "practice": practice.slug }),
        );
        assert_eq!((named.status, named.text("/status")), (200, Some("received")), "{}", named.body);
    }
    let count = |status: &str| {
        let inbox = practice.manager.get(&format!("/v1/practice/referrals?status={status}"));
        inbox.body["items"].as_array().unwrap().len()
    };
    assert_eq!((count("received"), count("declined")), (1, 3));
    let received = due_first(&practice.manager);
    let accept = in_practice(received.text("/id").unwrap(), "/accept");
    assert_eq!(practice.manager.change(&accept, &received, &json!({})).status, 200);
    assert_eq!(council.system.get(&at(&sent, "")).text("/status"), Some("accepted"));
}

#[test]
fn what_a_practice_left_unanswered_goes_to_the_one_that_the_council_names() {
    let world = World::new();
    let council = world.council();
    let [first, second] = [world.practice(&council), world.practice(&council)];
    let sent = council.system.post(REFERRALS, &referral_with(&[("/chosen_practice", first.slug.as_str().into())]));
    let received = due_first(&first.manager);

    world.set_clock("2026-11-27T23:59:00Z");
    world.work(&first);
    council.forget_tokens();
    assert_eq!(council.system.get(&at(&sent, "")).text("/status"), Some("received"), "its last day is not over");

    world.set_clock("2026-11-28T00:00:01Z");
    world.work(&first);
    council.forget_tokens();
    first.manager.forget_token();
    let expired = council.system.get(&at(&sent, ""));
    assert_eq!(expired.text("/status"), Some("expired"));
    let named =
        world.first_officer(&council).change(&at(&sent, "/route"), &expired, &json!({ "practice": second.slug }));
    assert_eq!(named.text("/practice/slug"), Some(second.slug.as_str()), "{}", named.body);
    // The day is five working days after a Saturday.
    assert_eq!(named.text("/response_due_on"), Some("2026-12-04"));

    let late = in_practice(received.text("/id").unwrap(), "/accept");
    assert_eq!(first.manager.change(&late, &received, &json!({})).status, 412, "too late, by what it had read");
    let kept = first.manager.get(&in_practice(received.text("/id").unwrap(), ""));
    assert_eq!(first.manager.change(&late, &kept, &json!({})).status, 409, "and too late altogether");
    assert_eq!(council.system.get(&at(&sent, "")).text("/status"), Some("received"), "the second has it");
}

#[test]
fn the_day_for_an_answer_is_the_messages_or_counts_working_days_by_the_contract() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({}));
    world.contract(&council, &practice, json!({ "response_working_days": 2 }));

    let sent = council.system.post(REFERRALS, &messages::referral());
    assert_eq!(sent.text("/response_due_on"), Some("2026-11-24"), "Monday, Tuesday");
    let wanted = council.system.post(REFERRALS, &referral_with(&[("/respond_by", "2026-11-20".into())]));
    assert_eq!(wanted.text("/response_due_on"), Some("2026-11-20"));
}

#[test]
fn easter_is_no_working_time() {
    let world = World::new();
    world.set_clock("2026-04-02T10:00:00Z");
    let council = world.council();
    world.practice(&council);
    let before = [("/requested_on", "2026-04-02".into()), ("/consent/recorded_on", "2026-04-02".into())];

    let sent = council.system.post(REFERRALS, &referral_with(&before));
    assert_eq!(sent.status, 201, "{}", sent.body);
    // The period runs from Tuesday to Friday after Easter Monday, and ends on the Monday after.
    assert_eq!(sent.text("/response_due_on"), Some("2026-04-13"));
}

#[test]
fn whoever_cannot_wait_learns_when_a_human_looks_and_whom_to_ring_now() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    let immediate = || referral_with(&[("/urgency", "immediate".into())]);

    let sent = council.system.post(REFERRALS, &immediate());
    assert_eq!(sent.text("/emergency_duty_team/phone"), Some("0345 678 9040"));
    let moment = |pointer| sent.text(pointer).unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(moment("/human_contact_due_at") - moment("/received_at"), chrono::Duration::minutes(120));

    world.set_clock("2026-11-20T18:30:00Z");
    council.forget_tokens();
    let after_hours = council.system.post(REFERRALS, &immediate());
    assert_eq!(
        after_hours.text("/human_contact_due_at"),
        Some("2026-11-23T11:00:00Z"),
        "two hours after Monday's opening"
    );

    let standard = council.system.post(REFERRALS, &messages::referral());
    assert_eq!(
        (&standard.body["human_contact_due_at"], &standard.body["emergency_duty_team"]),
        (&Value::Null, &Value::Null)
    );
}
