//! A practice that is not ready gets nothing: neither a referral nor a place in the directory.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};

use crate::council::{REFERRALS, at};
use crate::practice::staff::confirmation::take_over;

fn put(by: &Staff, path: &str, seen: &Answer, body: &Value) {
    let headers = [("if-match", seen.etag().unwrap())];
    let done = by.send("PUT", path, &headers, Some(("application/json", body.to_string().as_bytes())));
    assert_eq!(done.status, 200, "{}", done.body);
}

fn record(operator: &Staff, practice: &Practice, item: &str, expires_on: &str) {
    let onboarding = format!("/v1/operator/practices/{}/onboarding", practice.id);
    let body = json!({ "done_on": "2026-11-20", "expires_on": expires_on, "evidence": "Seen by the contracts team." });
    put(operator, &format!("{onboarding}/{item}"), &operator.get(&onboarding), &body);
}

fn look_up(practice: &Practice, of: &Staff, status: &str) {
    let path = format!("/v1/practice/staff/{}/registration", of.id);
    let found = json!({ "status": status, "checked_on": "2026-11-20", "registration_ends_on": "2026-11-30" });
    put(&practice.manager, &path, &practice.manager.get(&path), &found);
}

/// Tries everything that a ready practice gets. `missing` is what it lacks, in the words that name it, if it is not ready.
fn expect(world: &World, council: &Council, practice: &Practice, operator: &Staff, missing: &[&str]) {
    let ready = missing.is_empty();
    let listed = world.anyone().get(&format!("/v1/public/practices/{}", practice.slug));
    assert_eq!(listed.status, if ready { 200 } else { 404 }, "{missing:?}: {}", listed.body);
    let onboarding = operator.get(&format!("/v1/operator/practices/{}/onboarding", practice.id));
    assert_eq!(onboarding.body["ready_for_referrals"], ready, "{missing:?}");
    let why = onboarding.text("/not_ready_because").unwrap_or_default();
    assert!(missing.iter().all(|words| why.contains(words)), "{why}");
    assert_eq!(why.matches("no ").count(), missing.len(), "{why}");

    let by_district = council.system.post(REFERRALS, &messages::referral());
    let status = if ready { "received" } else { "unrouted" };
    assert_eq!((by_district.status, by_district.text("/status")), (201, Some(status)), "{}", by_district.body);
    if !ready {
        let explanation = by_district.text("/routing/explanation").unwrap();
        assert!(explanation.contains("is ready to be sent referrals"), "{explanation}");
        let named = world.first_officer(council).change(
            &at(&by_district, "/route"),
            &by_district,
            &json!({ "practice": practice.slug }),
        );
        assert_eq!((named.status, named.text("/errors/0/pointer")), (422, Some("/practice")), "{}", named.body);
    }
    for pointer in ["/chosen_practice", "/preferred_practice"] {
        let mut message = messages::referral();
        message[&pointer[1..]] = practice.slug.as_str().into();
        let sent = council.system.post(REFERRALS, &message);
        if ready {
            assert_eq!((sent.status, sent.text("/status")), (201, Some("received")), "{}", sent.body);
        } else {
            assert_eq!((sent.status, sent.text("/errors/0/pointer")), (422, Some(pointer)), "{}", sent.body);
            let detail = sent.text("/errors/0/detail").unwrap();
            assert!(missing.iter().all(|words| detail.contains(words)), "{detail}");
        }
    }
}

#[test]
fn a_practice_that_is_not_ready_gets_nothing_and_each_lack_is_said() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({}));
    world.contract_alone(&council, &practice, json!({}));
    let operator = world.operator();
    let [worker, insurance, agreement] = ["no social worker", "no insurance", "no agreement"];
    expect(&world, &council, &practice, &operator, &[worker, insurance, agreement]);
    record(&operator, &practice, "insurance", "2026-11-25");
    expect(&world, &council, &practice, &operator, &[worker, agreement]);
    look_up(&practice, &practice.social_worker, "suspended");
    expect(&world, &council, &practice, &operator, &[worker, agreement]);
    look_up(&practice, &practice.social_worker, "registered_with_conditions");
    expect(&world, &council, &practice, &operator, &[agreement]);
    record(&operator, &practice, "processing_agreement", "2027-11-25");
    expect(&world, &council, &practice, &operator, &[]);

    // The last day counts, of insurance and of a registration.
    for (now, missing) in [
        ("2026-11-25T23:59:00Z", &[][..]),
        ("2026-11-26T00:01:00Z", &[insurance]),
        ("2026-12-01T00:01:00Z", &[worker, insurance]),
    ] {
        world.set_clock(now);
        council.forget_tokens();
        operator.forget_token();
        expect(&world, &council, &practice, &operator, missing);
    }
}

#[test]
fn a_social_worker_counts_who_is_there_and_whom_the_register_has_under_the_same_number() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({}));
    world.contract_alone(&council, &practice, json!({}));
    let (operator, administrator) = (world.operator(), &practice.administrator);
    record(&operator, &practice, "insurance", "2027-11-25");
    record(&operator, &practice, "processing_agreement", "2027-11-25");
    look_up(&practice, &practice.social_worker, "registered");
    expect(&world, &council, &practice, &operator, &[]);

    // What was looked up is another number's.
    let path = format!("/v1/practice/staff/{}", practice.social_worker.id);
    let renumbered =
        administrator.patch(&path, &administrator.get(&path), &json!({ "social_work_england_number": "SW314159" }));
    assert_eq!(renumbered.status, 200, "{}", renumbered.body);
    expect(&world, &council, &practice, &operator, &["no social worker"]);
    look_up(&practice, &practice.social_worker, "registered");
    expect(&world, &council, &practice, &operator, &[]);

    // Their account waits until somebody confirms that it is theirs.
    let link = administrator.create(&format!("{path}/credential-reset"), &json!({}));
    take_over(&world, &link);
    expect(&world, &council, &practice, &operator, &["no social worker"]);
    let confirmed = practice.manager.change(&format!("{path}/confirm"), &practice.manager.get(&path), &json!({}));
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    expect(&world, &council, &practice, &operator, &[]);
}

#[test]
fn the_directory_lists_those_that_are_ready_on_every_page() {
    let world = World::new();
    let council = world.council();
    let district = json!({ "districts": ["ZE3"] });
    let practices: Vec<Practice> = (0..4).map(|_| world.practice_with(district.clone())).collect();
    for (at, practice) in practices.iter().enumerate() {
        match at {
            1 | 3 => world.contract(&council, practice, json!({})),
            _ => world.contract_alone(&council, practice, json!({})),
        }
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.anyone().get(&format!("/v1/public/practices?postcode=ZE3&limit=1{cursor}"));
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap().to_owned()));
        let Some(next) = page.text("/next_cursor") else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, [practices[1].slug.clone(), practices[3].slug.clone()]);
}
