//! Who is told that a document of a council arrived.

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::documents::{honest_scanner, pdf, send_in};
use serde_json::json;

use super::of_referrals::Arrival;
use crate::practice::cases::column;

/// The documents of which somebody has been told that they arrived.
fn told(who: &Staff) -> usize {
    who.forget_token();
    column(&who.get("/v1/practice/notices"), "/kind").iter().filter(|kind| **kind == Some("document.cleared")).count()
}

fn send(arrival: &Arrival, content: &[u8]) -> Answer {
    let sent = send_in(&arrival.council.system, &arrival.sent, "letter.txt", "text/plain", content);
    assert_eq!(sent.status, 201, "{}", sent.body);
    arrival.world.scan_council(&arrival.council, honest_scanner());
    sent
}

#[test]
fn the_managers_are_told_that_a_document_arrived_and_the_worker_once_the_case_has_one() {
    let arrival = Arrival::new();
    let practice = &arrival.practice;
    let before = practice.manager.get(&arrival.received);
    send_in(&arrival.council.system, &arrival.sent, "letter.pdf", "application/pdf", &pdf(100));
    assert_eq!(told(&practice.manager), 0, "it waits for the scanner");
    assert_eq!(practice.manager.get(&arrival.received).etag(), before.etag());
    arrival.world.clock.advance(chrono::TimeDelta::minutes(1));
    arrival.world.scan_council(&arrival.council, honest_scanner());
    assert_eq!([told(&practice.manager), told(&practice.social_worker), told(&practice.administrator)], [1, 0, 0]);

    // The referral is another one for whoever is about to answer it, and for whoever asks what has changed.
    let after = practice.manager.get(&arrival.received);
    assert_ne!((after.etag(), after.text("/changed_at")), (before.etag(), before.text("/changed_at")));
    let accept = format!("{}/accept", arrival.received);
    let how = json!({ "allocate": { "staff_id": practice.social_worker.id, "reason": "Has room." } });
    assert_eq!(practice.manager.change(&accept, &before, &how).status, 412);
    let since = after.text("/changed_at").unwrap();
    let changed = practice.manager.get(&format!("/v1/practice/referrals?changed_since={since}"));
    assert_eq!(column(&changed, "/id"), [after.text("/id")], "{}", changed.body);
    assert_eq!(practice.manager.change(&accept, &after, &how).status, 200);

    send(&arrival, b"She goes home on Friday.");
    assert_eq!([told(&practice.manager), told(&practice.social_worker)], [1, 1]);
    send(&arrival, b"MALWARE, as the tests write it");
    assert_eq!([told(&practice.manager), told(&practice.social_worker)], [1, 1], "nothing arrived");
}
