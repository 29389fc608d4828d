use std::thread;

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Web, World, messages};
use serde_json::{Value, json};

use crate::council::{REFERRALS, at, due_first, in_practice};

#[test]
fn a_referral_is_taken_once_and_its_reference_is_its_key() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let message = messages::referral();

    let sent = council.system.post("/v1/council/referrals", &message);
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_eq!(sent.text("/status"), Some("received"));
    assert_eq!(sent.text("/practice/slug"), Some(practice.slug.as_str()));
    assert_eq!(sent.text("/routing/strategy"), Some("most_free_capacity"));
    // The day is five working days after a Friday.
    assert_eq!(sent.text("/response_due_on"), Some("2026-11-27"));

    let again = council.system.post("/v1/council/referrals", &message);
    assert_eq!((again.status, again.body), (200, sent.body));

    let mut other = message;
    other["reason"] = "Something else.".into();
    assert_eq!(council.system.post("/v1/council/referrals", &other).status, 409);
}

#[test]
fn the_same_content_written_otherwise_is_the_same_referral() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    let mut message = messages::referral();
    message["person"]["nhs_number"] = "999 054 8609".into();
    let sent = council.system.post(REFERRALS, &message);
    assert_eq!(sent.status, 201, "{}", sent.body);

    message["person"]["nhs_number"] = "9990548609".into();
    message["person"]["address"]["postcode"] = "sy11ut".into();
    message["person"]["preferred_name"] = " ".into();
    message["safeguarding_concern"] = false.into();
    message["reason"] = format!("  {}\n", message["reason"].as_str().unwrap()).into();
    let again = council.system.post(REFERRALS, &message);
    assert_eq!((again.status, again.body), (200, sent.body));
}

#[test]
fn one_reference_at_two_councils_is_two_referrals() {
    let world = World::new();
    let [one, other] = [world.council(), world.council()];
    let practice = world.practice(&one);
    world.contract(&other, &practice, json!({}));
    let message = messages::referral();

    let sent = [one.system.post(REFERRALS, &message), other.system.post(REFERRALS, &message)];
    assert_eq!((sent[0].status, sent[1].status), (201, 201), "{} {}", sent[0].body, sent[1].body);
    assert_ne!(sent[0].text("/id"), sent[1].text("/id"));
    assert_eq!(practice.manager.get("/v1/practice/referrals").body["items"].as_array().unwrap().len(), 2);
}

#[test]
fn two_at_once_with_one_reference_are_one_referral() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for _ in 0..5 {
        let message = messages::referral().to_string();
        let authorization = format!("Bearer {}", council.system.token().unwrap());
        let send = || {
            let content = Some(("application/json", message.as_bytes()));
            Web::new(world.url()).send("POST", REFERRALS, &[("authorization", &authorization)], content)
        };
        let answers = thread::scope(|scope| {
            let both = [scope.spawn(send), scope.spawn(send)];
            both.map(|one| one.join().unwrap())
        });
        let mut statuses = answers.each_ref().map(|answer| answer.status);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201], "{} {}", answers[0].body, answers[1].body);
        assert_eq!(answers[0].body, answers[1].body);
    }
    let inbox = practice.manager.get("/v1/practice/referrals");
    assert_eq!(inbox.body["items"].as_array().unwrap().len(), 5);
}

#[test]
fn a_referral_is_taken_back_until_it_is_accepted() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);

    let sent = council.system.post(REFERRALS, &messages::referral());
    let received = due_first(&practice.manager);
    let withdrawn = council.system.change(&at(&sent, "/withdraw"), &sent, &json!({}));
    assert_eq!((withdrawn.status, withdrawn.text("/status")), (200, Some("withdrawn")), "{}", withdrawn.body);
    assert!(withdrawn.text("/decided_at").is_some());
    let kept = practice.manager.get(&in_practice(received.text("/id").unwrap(), ""));
    assert_eq!(kept.text("/status"), Some("withdrawn"));
    let accept = in_practice(received.text("/id").unwrap(), "/accept");
    assert_eq!(practice.manager.change(&accept, &kept, &json!({})).status, 409);
    let twice = council.system.change(&at(&sent, "/withdraw"), &withdrawn, &json!({}));
    assert_eq!((twice.status, twice.text("/type")), (409, Some("/problems/invalid-state")), "{}", twice.body);

    let sent = council.system.post(REFERRALS, &messages::referral());
    let received = due_first(&practice.manager);
    let accept = in_practice(received.text("/id").unwrap(), "/accept");
    assert_eq!(practice.manager.change(&accept, &received, &json!({})).status, 200);
    let stale = council.system.change(&at(&sent, "/withdraw"), &sent, &json!({}));
    assert_eq!(stale.status, 412, "{}", stale.body);
    let accepted = council.system.get(&at(&sent, ""));
    let refused = council.system.change(&at(&sent, "/withdraw"), &accepted, &json!({}));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
}

#[test]
fn of_taking_back_and_accepting_at_once_one_happens() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for round in 0..12 {
        let sent = council.system.post(REFERRALS, &messages::referral());
        let received = due_first(&practice.manager);
        let accept = in_practice(received.text("/id").unwrap(), "/accept");
        let step = |token: String, path: &str, after: u64| {
            thread::sleep(std::time::Duration::from_millis(after));
            let (authorization, key) = (format!("Bearer {token}"), fresh_key());
            let headers = [("authorization", &*authorization), ("if-match", "\"1\""), ("idempotency-key", &*key)];
            Web::new(world.url()).send("POST", path, &headers, Some(("application/json", b"{}")))
        };
        // Accepting takes longer. So the council starts a little later in each round, and each side is the quicker one in
        // some rounds.
        let steps = [
            (council.system.token().unwrap(), at(&sent, "/withdraw"), 3 * round),
            (practice.manager.token().unwrap(), accept.clone(), 0),
        ];
        let answers = thread::scope(|scope| {
            steps
                .map(|(token, path, after)| scope.spawn(move || step(token, &path, after)))
                .map(|one| one.join().unwrap())
        });
        let won = answers.iter().position(|answer| answer.status == 200).unwrap();
        let lost = &answers[1 - won];
        let current =
            [council.system.get(&at(&sent, "")), practice.manager.get(&in_practice(received.text("/id").unwrap(), ""))];
        assert_eq!((lost.status, lost.etag()), (412, current[1 - won].etag()), "{}", lost.body);
        let status = Some(["withdrawn", "accepted"][won]);
        assert_eq!(council.system.get(&at(&sent, "")).text("/status"), status);
        let seen = practice.manager.get(&in_practice(received.text("/id").unwrap(), ""));
        assert_eq!(seen.text("/status"), status, "both sides say the same");
    }
    let cases = practice.manager.get("/v1/practice/cases");
    let open = cases.body["items"].as_array().unwrap().len();
    let free = world.anyone().get(&format!("/v1/public/practices/{}", practice.slug)).body["free_capacity"].clone();
    assert_eq!(free, 100 - open, "each that was taken back released its capacity");
}

#[test]
fn an_unrouted_referral_can_be_taken_back_too() {
    let world = World::new();
    let council = world.council();
    let sent = council.system.post(REFERRALS, &messages::referral());
    assert_eq!(sent.text("/status"), Some("unrouted"));
    let withdrawn = council.system.change(&at(&sent, "/withdraw"), &sent, &json!({}));
    assert_eq!((withdrawn.status, withdrawn.text("/status")), (200, Some("withdrawn")), "{}", withdrawn.body);
}

#[test]
fn a_change_names_the_version_that_it_changes() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let sent = council.system.post(REFERRALS, &messages::referral());
    let read = council.system.get(&at(&sent, ""));
    assert_eq!(read.etag(), sent.etag());
    for (step, body) in [("/withdraw", json!({})), ("/route", json!({ "practice": practice.slug }))] {
        let officer = world.first_officer(&council);
        let blind = officer.post(&at(&sent, step), &body);
        assert_eq!((blind.status, blind.text("/type")), (428, Some("/problems/if-match-missing")), "{}", blind.body);
        for etag in ["\"2\"", "\"0\"", "W/\"2\"", "\"01\"", "\"2\", \"3\""] {
            let stale = officer.post_with(&at(&sent, step), &[("if-match", etag)], &body);
            assert_eq!(
                (stale.status, stale.text("/type")),
                (412, Some("/problems/version-mismatch")),
                "{etag}: {}",
                stale.body
            );
            assert_eq!(stale.etag(), sent.etag(), "what is current");
        }
    }
    assert_eq!(council.system.get(&at(&sent, "")).body, read.body, "nothing has changed");
    let unchanged = council.system.send("GET", &at(&sent, ""), &[("if-none-match", sent.etag().unwrap())], None);
    assert_eq!((unchanged.status, unchanged.body), (304, Value::Null));
}

#[test]
fn a_referral_is_nobodys_but_its_councils() {
    let world = World::new();
    let [council, other] = [world.council(), world.council()];
    let practice = world.practice(&council);
    world.contract(&other, &practice, json!({}));
    let sent = council.system.post(REFERRALS, &messages::referral());
    let unknown = format!("{REFERRALS}/{}", uuid::Uuid::from_u128(1));

    let [theirs, nobodys] = [at(&sent, ""), unknown].map(|path| other.system.get(&path));
    assert_eq!((theirs.status, &theirs.body), (404, &nobodys.body), "the same answer as for what does not exist");
    for step in ["/withdraw", "/route"] {
        let officer = world.first_officer(&other);
        let refused = officer.change(&at(&sent, step), &sent, &json!({ "practice": practice.slug }));
        assert_eq!((refused.status, refused.body), (404, nobodys.body.clone()));
    }
    let reference = sent.text("/council_reference").unwrap();
    for path in [REFERRALS.to_owned(), format!("{REFERRALS}?council_reference={reference}")] {
        assert_eq!(other.system.get(&path).body, json!({ "items": [] }));
    }
    assert_eq!(council.complaints.get(&at(&sent, "")).status, 403, "nor its complaints system's");
    assert_eq!(council.system.get(&at(&sent, "")).text("/status"), Some("received"));
}

#[test]
fn a_council_sees_of_a_person_only_what_it_sent() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let message = messages::referral();
    let sent = council.system.post(REFERRALS, &message);
    let received = due_first(&practice.manager);
    let accept = in_practice(received.text("/id").unwrap(), "/accept");
    let accepted = practice.manager.change(&accept, &received, &json!({}));
    let person = format!("/v1/practice/service-users/{}", accepted.text("/service_user_id").unwrap());
    let known = practice.manager.get(&person);
    let learnt = json!({ "phone": "07700 900999", "preferred_name": "Edie", "communication_needs": ["Large print"] });
    assert_eq!(practice.manager.patch(&person, &known, &learnt).status, 200);

    let seen = council.system.get(&at(&sent, ""));
    let mut as_sent = message;
    as_sent["safeguarding_concern"] = false.into();
    as_sent["person"]["date_of_birth_accuracy"] = "exact".into();
    assert_eq!(seen.body["message"], as_sent);
    let text = seen.body.to_string();
    for secret in ["07700 900999", "Edie", "Large print", practice.manager.id.to_string().as_str()] {
        assert!(!text.contains(secret), "{text}");
    }
    for pointer in ["/service_user_id", "/case_id"] {
        assert!(!text.contains(accepted.text(pointer).unwrap()), "{text}");
    }
}

#[test]
fn the_council_reads_the_outcome_when_the_case_is_closed() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let sent = council.system.post(REFERRALS, &messages::referral());
    let received = due_first(&practice.manager);
    let accept = in_practice(received.text("/id").unwrap(), "/accept");
    let accepted = practice.manager.change(&accept, &received, &json!({}));
    let seen = council.system.get(&at(&sent, ""));
    assert_eq!((seen.text("/status"), &seen.body["outcome"]), (Some("accepted"), &Value::Null));

    world.set_clock("2026-12-01T10:00:00Z");
    practice.manager.forget_token();
    council.forget_tokens();
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    let mut close = messages::close();
    close["ground"] = "taken_over".into();
    close["evidence"] = messages::evidence();
    let closed = practice.manager.change(&format!("{case}/close"), &practice.manager.get(&case), &close);
    assert_eq!((closed.status, closed.text("/status")), (200, Some("closed")), "{}", closed.body);

    let seen = council.system.get(&at(&sent, ""));
    assert_eq!(seen.text("/status"), Some("accepted"));
    assert_eq!(seen.text("/outcome"), Some("NFA: Support ended as planned"));
    assert_eq!(seen.text("/closed_on"), Some("2026-12-01"));
    assert!(!seen.body.to_string().contains("surgery"), "the evidence stays with the practice");
}

#[test]
fn capacity_is_reserved_when_a_referral_arrives_and_released_when_the_work_has_ended() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({ "capacity": 3 }));
    world.contract(&council, &practice, json!({}));
    let listing = format!("/v1/public/practices/{}", practice.slug);
    let free_capacity = || world.anyone().get(&listing).body["free_capacity"].as_i64().unwrap();
    assert_eq!(free_capacity(), 3);

    let sent = council.system.post(REFERRALS, &messages::referral());
    assert_eq!(free_capacity(), 2);
    council.system.change(&at(&sent, "/withdraw"), &sent, &json!({}));
    assert_eq!(free_capacity(), 3, "taken back");

    council.system.post(REFERRALS, &messages::referral());
    let received = due_first(&practice.manager);
    let decline = in_practice(received.text("/id").unwrap(), "/decline");
    practice.manager.change(&decline, &received, &json!({ "reason": "no_capacity" }));
    assert_eq!(free_capacity(), 3, "declined");

    council.system.post(REFERRALS, &messages::referral());
    let received = due_first(&practice.manager);
    let accept = in_practice(received.text("/id").unwrap(), "/accept");
    let accepted = practice.manager.change(&accept, &received, &json!({}));
    assert_eq!(free_capacity(), 2, "the case has the capacity that the referral had");
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    let close = messages::close_on_death();
    practice.manager.change(&format!("{case}/close"), &practice.manager.get(&case), &close);
    assert_eq!(free_capacity(), 3, "closed");

    council.system.post(REFERRALS, &messages::referral());
    world.set_clock("2026-12-01T10:00:00Z");
    world.work(&practice);
    assert_eq!(free_capacity(), 3, "expired");
}
