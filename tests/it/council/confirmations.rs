//! What a council confirms of the actions that took effect at once.

use std::collections::BTreeSet;

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, World, messages};
use serde_json::json;

use super::instructions::{instruct, on_instruction, referred};
use super::{REFERRALS, due_first, in_practice};
use crate::practice::cases::{case_of, close, column, pointer};

const LIST: &str = "/v1/council/confirmations";

/// Closes so many cases at once with evidence. Returns their identifiers.
fn closed(practice: &Practice, council: &Council, count: usize) -> BTreeSet<String> {
    let close = |_| {
        let case = case_of(practice, council, &practice.social_worker);
        assert_eq!(close(&practice.social_worker, &case, &messages::close_on_death()).text("/status"), Some("closed"));
        case.rsplit('/').next().unwrap().to_owned()
    };
    (0..count).map(close).collect()
}

fn later(world: &World, councils: &[&Council], at: &str) {
    world.set_clock(at);
    for council in councils {
        council.forget_tokens();
    }
}

fn sample(world: &World, council: &Council, query: &str) -> Answer {
    let page = world.first_officer(council).get(&format!("{LIST}{query}"));
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

fn cases(page: &Answer) -> BTreeSet<String> {
    column(page, "/case_id").into_iter().flatten().map(str::to_owned).collect()
}

#[test]
fn a_tenth_of_each_practices_month_is_sampled_and_the_same_each_time() {
    let world = World::new();
    let (council, other) = (world.council(), world.council());
    let (practice, second, theirs) = (world.practice(&council), world.practice(&council), world.practice(&other));
    let (of_first, of_second) = (closed(&practice, &council, 21), closed(&second, &council, 1));
    let of_other = closed(&theirs, &other, 1);
    // What waits for a second person is not done at once.
    let waits = case_of(&practice, &council, &practice.social_worker);
    close(&practice.social_worker, &waits, &messages::close());
    later(&world, &[&council, &other], "2026-12-01T10:00:00Z");

    let page = sample(&world, &council, "?month=2026-11");
    let found = cases(&page);
    assert_eq!((found.intersection(&of_first).count(), found.len()), (3, 4), "three of 21, and the one: {}", page.body);
    assert!(of_second.is_subset(&found));
    assert_eq!(cases(&sample(&world, &other, "?month=2026-11")), of_other);
    assert_eq!(sample(&world, &council, "").body, page.body, "the last month that is over");
    let item = page.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| of_second.contains(item["case_id"].as_str().unwrap()));
    let item = item.unwrap();
    assert_eq!((&item["action"], &item["ground"]), (&json!("closing"), &json!("died")));
    assert_eq!((&item["function"], &item["done_on"]), (&json!("review"), &json!("2026-11-20")));
    assert_eq!(item["practice"]["slug"], second.slug.as_str());
    assert!(item.get("referral_id").is_none());
    assert!(!page.body.to_string().contains("surgery"), "the evidence stays with the practice");

    let first = sample(&world, &council, "?limit=3");
    let rest = sample(&world, &council, &format!("?limit=3&cursor={}", first.text("/next_cursor").unwrap()));
    assert_eq!((column(&first, "/id").len(), column(&rest, "/id").len()), (3, 1));
    assert_eq!(&cases(&first) | &cases(&rest), found);

    later(&world, &[&council], "2027-01-15T10:00:00Z");
    assert_eq!(sample(&world, &council, "?month=2026-11").body, page.body);
    assert!(cases(&sample(&world, &council, "")).is_empty(), "nothing was closed in December");
}

#[test]
fn a_month_is_sampled_when_it_is_over_and_for_whom_it_is_the_council() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    closed(&practice, &council, 1);
    for month in ["2026-11", "2026-12", "9999-12", "2026-13", "2026-1", "november", "2026-11-01", "%00", "2026-10%00"] {
        let refused = world.first_officer(&council).get(&format!("{LIST}?month={month}"));
        assert_eq!(pointer(&refused), (422, Some("month")), "{month}: {}", refused.body);
    }
    assert!(cases(&sample(&world, &council, "?month=2026-10")).is_empty());
    assert_eq!(council.system.get(LIST).status, 403, "what is confirmed with the person is for an officer");
    assert_eq!(council.complaints.get(LIST).status, 403, "another scope");
    assert_eq!(practice.manager.get(LIST).status, 401);
    assert_eq!(world.partner().get(LIST).status, 401);
}

#[test]
fn an_entry_names_the_referral_that_led_to_the_case() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let sent = council.system.post(REFERRALS, &messages::referral());
    let received = due_first(&practice.manager);
    let accept = in_practice(received.text("/id").unwrap(), "/accept");
    let accepted = practice.manager.change(&accept, &received, &json!({}));
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    assert_eq!(close(&practice.manager, &case, &messages::close_on_death()).text("/status"), Some("closed"));
    later(&world, &[&council], "2026-12-01T10:00:00Z");
    let page = sample(&world, &council, "");
    assert_eq!(column(&page, "/referral_id"), [sent.text("/id")]);
}

#[test]
fn what_the_council_instructed_is_listed_whole_and_a_case_taken_from_its_worker_is_sampled_too() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let moved = |ground: &str| {
        let case = case_of(&practice, &council, &practice.social_worker);
        let mut how = messages::move_on_leaving(practice.social_worker_2.id);
        how["ground"] = ground.into();
        let answer = practice.manager.change(&format!("{case}/allocate"), &practice.manager.get(&case), &how);
        assert_eq!(answer.status, 200, "{ground}: {}", answer.body);
        case.rsplit('/').next().unwrap().to_owned()
    };
    let instructed = |_| {
        let theirs = referred(&council, &practice);
        let given = instruct(world.first_officer(&council), &theirs.referral);
        let how = on_instruction(&practice, given.text("/id").unwrap());
        let path = format!("{}/allocate", theirs.case);
        let answer = practice.manager.change(&path, &practice.manager.get(&theirs.case), &how);
        assert_eq!(answer.status, 200, "{}", answer.body);
        theirs.case.rsplit('/').next().unwrap().to_owned()
    };
    let instructed: BTreeSet<String> = (0..3).map(instructed).collect();
    let on_evidence: BTreeSet<String> = (0..2).map(|_| moved("person_asked")).collect();
    // What a second person reviews, or has not decided, is not confirmed from outside.
    for ground in ["hazard", "worker_absent", "other"] {
        moved(ground);
    }
    later(&world, &[&council], "2026-12-01T10:00:00Z");
    let page = sample(&world, &council, "");
    let found = cases(&page);
    assert!(instructed.is_subset(&found), "{}", page.body);
    assert_eq!((found.len(), found.intersection(&on_evidence).count()), (4, 1), "{}", page.body);
    assert!(column(&page, "/action").iter().all(|action| *action == Some("moving_worker_off")));
    for item in page.body["items"].as_array().unwrap() {
        let is_instructed = instructed.contains(item["case_id"].as_str().unwrap());
        let words = item.pointer("/instruction/words").and_then(serde_json::Value::as_str);
        assert_eq!(words.is_some_and(|words| words.contains("Somebody else works")), is_instructed, "{item}");
    }
}
