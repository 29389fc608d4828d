//! Declining a referral: the reasons, the evidence that some of them require, and what the council reads.

use almoner_domain::people::grounds::{AdverseAction, Effect};
use almoner_domain::referrals::state::DeclineReason;
use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use serde_json::json;

use super::{assert_refused, council_and_practice, decline, due_first, receive, send, step};

#[test]
fn declining_gives_a_reason_and_releases_the_capacity() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let listing = format!("/v1/public/practices/{}", practice.slug);
    let received = receive(&council, &practice, &messages::referral());
    assert_eq!(world.anyone().get(&listing).body["free_capacity"], 99);
    let too_much = json!({ "reason": "no_capacity", "status": "accepted" });
    for (body, pointer) in [(json!({}), "/reason"), (json!({ "reason": "busy" }), "/reason"), (too_much, "/status")] {
        let refused = decline(&practice.manager, &received, &body);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
    let how = json!({ "reason": "conflict_of_interest" });
    let declined = decline(&practice.social_worker, &received, &how);
    assert_eq!((declined.status, declined.text("/status")), (200, Some("declined")), "{}", declined.body);
    assert_eq!(declined.text("/decline_reason"), Some("conflict_of_interest"));
    assert_eq!(world.anyone().get(&listing).body["free_capacity"], 100);
    assert_refused(&decline(&practice.manager, &received, &how), 412, "version-mismatch");
    assert_refused(&practice.manager.change(&step(&received, "/decline"), &declined, &how), 409, "invalid-state");
    assert_refused(&practice.manager.change(&step(&received, "/accept"), &declined, &json!({})), 409, "invalid-state");
    assert_eq!(world.anyone().get(&listing).body["free_capacity"], 100, "given back once");
}

#[test]
fn declining_takes_evidence_where_the_reason_can_be_shown_and_the_council_does_not_read_it() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    for reason in DeclineReason::ALL {
        let sent = send(&council, &messages::referral());
        let received = due_first(&practice.manager);
        let mut how = json!({ "reason": reason.as_str() });
        let is_shown = AdverseAction::DecliningReferral.effect(reason.ground()) == Some(Effect::AtOnceWithEvidence);
        if is_shown {
            let without = decline(&practice.manager, &received, &how);
            assert_eq!((without.status, without.text("/errors/0/pointer")), (422, Some("/evidence")), "{reason}");
        }
        how["evidence"] = json!({ "what": "e\0", "on": "2026-11-21", "from": "x" });
        let refused = decline(&practice.manager, &received, &how);
        let pointers: Vec<_> =
            (0..3).map(|n| refused.text(&format!("/errors/{n}/pointer")).map(str::to_owned)).collect();
        assert_eq!(pointers, ["what", "on", "from"].map(|member| Some(format!("/evidence/{member}"))), "{reason}");
        how["evidence"] = messages::evidence();
        let declined = decline(&practice.manager, &received, &how);
        assert_eq!((declined.status, declined.text("/decline_reason")), (200, Some(reason.as_str())));
        assert!(declined.text("/decline_note").unwrap().starts_with("Evidence: The surgery"), "{}", declined.body);
        let seen = council.system.get(&format!("/v1/council/referrals/{}", sent.text("/id").unwrap()));
        assert_eq!(seen.text("/decline_reason"), Some(reason.as_str()));
        assert!(!seen.body.to_string().contains("surgery"), "{}", seen.body);
    }
    let received = receive(&council, &practice, &messages::referral());
    for ground in ["other", "hazard", "worker_absent", "provider_stopped", "no_delegation", "\0", ""] {
        let how = json!({ "reason": ground, "evidence": messages::evidence() });
        let refused = decline(&practice.manager, &received, &how);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/reason")), "{ground}");
    }
}

#[test]
fn a_note_with_a_declined_referral_is_kept_for_the_practice_and_never_shown_to_the_council() {
    let world = World::new();
    let (council, practice) = council_and_practice(&world);
    let sent = send(&council, &messages::referral());
    let received = due_first(&practice.manager);
    let how = json!({ "reason": "conflict_of_interest", "note": "Her nephew is our office manager." });
    decline(&practice.manager, &received, &how);
    let kept = practice.second_manager.get(&step(&received, ""));
    assert!(kept.body.to_string().contains("Her nephew"), "{}", kept.body);
    let seen = council.system.get(&format!("/v1/council/referrals/{}", sent.text("/id").unwrap()));
    assert!(!seen.body.to_string().contains("nephew"), "{}", seen.body);
}
