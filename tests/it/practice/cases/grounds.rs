//! The grounds for closing a case, and the evidence on which it takes effect at once.

use almoner_domain::people::grounds::{AdverseAction, Effect, Ground};
use almoner_tests::callers::{Caller, pointers};
use almoner_tests::{World, messages};
use serde_json::{Value, json};

use super::{case_of, close, column, pointer};

#[test]
fn every_ground_closes_waits_or_is_refused_as_the_table_says() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let worker = &practice.social_worker;
    let words =
        Ground::ALL.iter().map(|ground| ground.as_str()).chain(["moved_away", "worker_under_allegation", "DIED"]);
    let refused = case_of(&practice, &council, worker);
    for word in words {
        let mut how = messages::close_on_death();
        how["ground"] = word.into();
        let effect = AdverseAction::Closing.ground(word).ok().map(|(_, effect)| effect);
        let Some(effect) = effect else {
            let answer = close(worker, &refused, &how);
            assert_eq!(pointers(&answer), ["/ground"], "{word}");
            let detail = answer.text("/errors/0/detail").unwrap();
            assert!(detail.starts_with("must be one of: died, agreed_with_person, taken_over, "), "{word}: {detail}");
            assert!(!detail.contains("worker_absent"), "{word}: only the grounds for closing are named: {detail}");
            continue;
        };
        let case = case_of(&practice, &council, worker);
        let status = if effect == Effect::Countersigned { "closing" } else { "closed" };
        let answer = close(worker, &case, &how);
        assert_eq!((answer.status, answer.text("/status")), (200, Some(status)), "{word}: {}", answer.body);
        let case = case_of(&practice, &council, worker);
        how.as_object_mut().unwrap().remove("evidence");
        let without = close(worker, &case, &how);
        let expected = if effect == Effect::AtOnceWithEvidence { (422, Some("/evidence")) } else { (200, None) };
        assert_eq!(pointer(&without), expected, "{word}: {}", without.body);
    }
    assert_eq!(worker.get(&refused).text("/status"), Some("open"));
    assert_eq!(column(&worker.get(&format!("{refused}/timeline")), "/kind"), [Some("opened"), Some("allocated")]);
}

#[test]
fn evidence_says_what_when_and_from_whom_and_every_fault_is_told() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let worker = &practice.social_worker;
    let case = case_of(&practice, &council, worker);
    let (invisible, padded) = ("\u{200b}\u{2060}".repeat(20), format!("e{}", " \u{200b}".repeat(30)));
    for (member, value) in [
        ("what", json!("e")),
        ("what", json!("x".repeat(19))),
        ("what", json!("x".repeat(4001))),
        ("what", json!(format!("{}\0", "x".repeat(30)))),
        ("what", json!(invisible)),
        ("what", json!(padded)),
        ("what", json!("")),
        ("what", json!(7)),
        ("what", Value::Null),
        ("on", json!("2026-11-21")),
        ("on", json!("9999-12-31")),
        ("on", json!("1899-12-31")),
        ("on", json!("2026-02-30")),
        ("on", json!("yesterday")),
        ("on", json!("2026-11-19T10:00:00Z")),
        ("on", Value::Null),
        ("from", json!("x")),
        ("from", json!("x".repeat(201))),
        ("from", json!("The\0 surgery")),
        ("from", json!("The\nsurgery")),
        ("from", json!(invisible)),
        ("from", json!(["The surgery"])),
        ("from", Value::Null),
    ] {
        let mut how = messages::close_on_death();
        how["evidence"][member] = value.clone();
        assert_eq!(pointers(&close(worker, &case, &how)), [format!("/evidence/{member}")], "{member}: {value}");
        // The same holds where the evidence is not required.
        how["ground"] = "other".into();
        assert_eq!(pointers(&close(worker, &case, &how)), [format!("/evidence/{member}")], "{member}: {value}");
    }
    let mut how = messages::close_on_death();
    for evidence in [json!("Letter of 19 November from the surgery."), json!({}), json!([])] {
        how["evidence"] = evidence.clone();
        let refused = close(worker, &case, &how);
        assert!(
            pointers(&refused).iter().all(|pointer| pointer.starts_with("/evidence")),
            "{evidence}: {}",
            refused.body
        );
    }
    how["evidence"] = json!({ "what": "e", "on": "2026-11-21", "from": "x", "why": "y" });
    assert_eq!(pointers(&close(worker, &case, &how))[0], "/evidence/why");
    how = json!({
        "ground": "worker_absent", "reason": "\0", "outcome": "Gone",
        "evidence": { "what": "e", "on": "2026-11-21", "from": "x" },
    });
    assert_eq!(
        pointers(&close(worker, &case, &how)),
        ["/ground", "/reason", "/outcome", "/evidence/what", "/evidence/on", "/evidence/from"]
    );
    assert_eq!(worker.get(&case).text("/status"), Some("open"));

    let mut how = messages::close_on_death();
    how["evidence"] = json!({ "what": "x".repeat(4000), "on": "2026-11-20", "from": "GP" });
    assert_eq!(close(worker, &case, &how).text("/status"), Some("closed"), "the limits themselves are taken");
}

#[test]
fn the_day_of_the_evidence_is_a_day_in_london() {
    let world = World::new();
    world.set_clock("2026-06-30T23:30:00Z");
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let mut how = messages::close_on_death();
    how["evidence"]["on"] = "2026-07-02".into();
    assert_eq!(pointers(&close(&practice.social_worker, &case, &how)), ["/evidence/on"]);
    how["evidence"]["on"] = "2026-07-01".into();
    assert_eq!(close(&practice.social_worker, &case, &how).status, 200, "in London it is July");
}
