use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};

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
    assert_eq!(sent.text("/routing/strategy"), Some("most_free_places"));
    // Five working days after a Friday.
    assert_eq!(sent.text("/respond_by"), Some("2026-11-27"));

    let again = council.system.post("/v1/council/referrals", &message);
    assert_eq!((again.status, again.body), (200, sent.body));

    let mut other = message;
    other["reason"] = "Something else.".into();
    assert_eq!(council.system.post("/v1/council/referrals", &other).status, 409);
}
