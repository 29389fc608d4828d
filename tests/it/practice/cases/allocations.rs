//! The workers to whom a case was allocated, and why each of them.

use almoner_tests::World;
use almoner_tests::callers::Caller;

use super::{case_of, column, give};

#[test]
fn the_workers_of_a_case_are_listed_in_order_with_the_reason_and_who_chose_them() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    assert_eq!(give(&practice, &case, &practice.practitioner).status, 200);

    let listed = practice.social_worker.get(&format!("{case}/allocations"));
    assert_eq!(listed.status, 200, "{}", listed.body);
    assert_eq!(column(&listed, "/worker/name"), [Some("Hannah Price"), Some("Lucy Freeman")]);
    assert_eq!(column(&listed, "/allocated_by/id"), [Some(practice.manager.id.to_string().as_str()); 2]);
    assert_eq!(column(&listed, "/ground"), [None, Some("worker_left")]);
    let reasons = column(&listed, "/reason");
    assert_eq!(reasons[0], Some("Knows the family."));
    assert!(reasons[1].is_some_and(|reason| reason.starts_with("Has room.\n\nEvidence: Her letter")), "{reasons:?}");
    let ends = column(&listed, "/ends_at");
    assert_eq!((ends[0], ends[1]), (listed.text("/items/1/starts_at"), None), "one worker at a time");
    assert_eq!(world.audited(&practice, "case.allocations_listed"), 1);

    let first = practice.social_worker.get(&format!("{case}/allocations?limit=1"));
    let rest = format!("{case}/allocations?limit=1&cursor={}", first.text("/next_cursor").unwrap());
    assert_eq!(column(&practice.social_worker.get(&rest), "/worker/name"), [Some("Lucy Freeman")]);
}

#[test]
fn another_practice_and_somebody_excluded_from_the_person_do_not_find_the_workers_of_a_case() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let other = world.practice(&council);
    let case = case_of(&practice, &council, &practice.social_worker);
    let person = practice.manager.get(&case).text("/service_user/id").unwrap().to_owned();

    assert_eq!(other.manager.get(&format!("{case}/allocations")).status, 404);
    crate::practice::people::exclude(&practice.manager, &person, &practice.practitioner);
    assert_eq!(practice.practitioner.get(&format!("{case}/allocations")).status, 404);
    assert_eq!(world.audited(&practice, "case.allocations_listed"), 0);
}
