use almoner_tests::callers::Caller;
use almoner_tests::{System, World, messages};
use serde_json::json;

use crate::council::{REFERRALS, at, due_first, in_practice};

/// Collects the references on every page of two, in order.
fn page_through(system: &System, path: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = system.get(&format!("{path}limit=2{cursor}"));
        assert_eq!(page.status, 200, "{}", page.body);
        let items = page.body["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["council_reference"].as_str().unwrap().to_owned()));
        match page.text("/next_cursor") {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
    }
}

fn send(system: &System) -> String {
    let sent = system.post(REFERRALS, &messages::referral());
    sent.text("/council_reference").unwrap().to_owned()
}

#[test]
fn paging_through_shows_each_referral_once_the_newest_first() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    let mut sent: Vec<String> = (0..5).map(|_| send(&council.system)).collect();
    sent.reverse();
    assert_eq!(page_through(&council.system, &format!("{REFERRALS}?")), sent);

    // A referral that arrives while somebody reads page by page moves nothing on the pages to come.
    let first = council.system.get(&format!("{REFERRALS}?limit=2"));
    send(&council.system);
    let next = council.system.get(&format!("{REFERRALS}?limit=2&cursor={}", first.text("/next_cursor").unwrap()));
    assert_eq!(next.text("/items/0/council_reference"), Some(sent[2].as_str()));
}

#[test]
fn a_last_page_that_is_just_full_has_no_next() {
    let world = World::new();
    let council = world.council();
    send(&council.system);
    send(&council.system);
    let page = council.system.get(&format!("{REFERRALS}?limit=2"));
    assert_eq!((page.body["items"].as_array().unwrap().len(), page.text("/next_cursor")), (2, None));
}

#[test]
fn a_list_is_narrowed_by_status_and_by_reference() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let references: Vec<String> = (0..4).map(|_| send(&council.system)).collect();
    for step in ["/accept", "/decline"] {
        let received = due_first(&practice.manager);
        let body = if step == "/accept" { json!({}) } else { json!({ "reason": "duplicate" }) };
        let path = in_practice(received.text("/id").unwrap(), step);
        assert_eq!(practice.manager.change(&path, &received, &body).status, 200);
    }
    let withdrawn = council.system.get(&format!("{REFERRALS}?council_reference={}", references[3]));
    let withdrawn = council.system.get(&format!("{REFERRALS}/{}", withdrawn.text("/items/0/id").unwrap()));
    council.system.change(&at(&withdrawn, "/withdraw"), &withdrawn, &json!({}));

    for (status, reference) in [
        ("accepted", &references[0]),
        ("declined", &references[1]),
        ("received", &references[2]),
        ("withdrawn", &references[3]),
    ] {
        assert_eq!(page_through(&council.system, &format!("{REFERRALS}?status={status}&")), [reference.as_str()]);
        let narrow = format!("{REFERRALS}?status={status}&council_reference={reference}&");
        assert_eq!(page_through(&council.system, &narrow), [reference.as_str()]);
    }
    let none = format!("{REFERRALS}?status=accepted&council_reference={}&", references[1]);
    assert_eq!(page_through(&council.system, &none), Vec::<String>::new());
    assert_eq!(page_through(&council.system, &format!("{REFERRALS}?status=expired&")), Vec::<String>::new());
}

#[test]
fn a_list_carries_nothing_about_the_person() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    let message = messages::referral();
    council.system.post(REFERRALS, &message);
    let list = council.system.get(REFERRALS).body.to_string();
    let number = message["person"]["nhs_number"].as_str().unwrap();
    for secret in ["Edith", "Marlow", number, "1941-03-08", "SY1 1UT", "fallen"] {
        assert!(!list.contains(secret), "{secret}: {list}");
    }
}

#[test]
fn a_page_that_cannot_be_is_refused() {
    let world = World::new();
    let council = world.council();
    for query in [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=two",
        "limit=99999999999",
        "cursor=%21",
        "cursor=AAAA",
        "cursor=",
        "cursor=bm90LWFuLWlk",
        "cursor=L3w_",
        "status=lost",
        "status=",
        "limit=2&limit=3",
    ] {
        let refused = council.system.get(&format!("{REFERRALS}?{query}"));
        assert_eq!(
            (refused.status, refused.text("/type")),
            (422, Some("/problems/validation-failed")),
            "{query}: {}",
            refused.body
        );
    }
    let none = council.system.get(&format!("{REFERRALS}?council_reference=%27%20OR%201%3D1%20--"));
    assert_eq!((none.status, none.body), (200, json!({ "items": [] })));
    for reference in ["a%00b", "", "x".repeat(65).as_str()] {
        let refused = council.system.get(&format!("{REFERRALS}?council_reference={reference}"));
        let told = (refused.status, refused.text("/errors/0/pointer"));
        assert_eq!(told, (422, Some("council_reference")), "{reference}: {}", refused.body);
    }
}
