//! Requests that nobody at the practice is left to decide: taken back by who asked, and listed for the operator.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::{at_once, case_of, close, column};

const LIST: &str = "/v1/practice/countersignatures";
const OUTSIDE: &str = "/v1/operator/outside-requests";

/// Asks to close a case as the only manager outside the line of its worker, so that nobody is left to decide.
fn waiting(practice: &Practice, council: &Council) -> (String, String) {
    let case = case_of(practice, council, &practice.social_worker);
    assert_eq!(close(&practice.second_manager, &case, &messages::close()).text("/status"), Some("closing"));
    let request = request_of(practice, &case);
    (case, request)
}

fn request_of(practice: &Practice, case: &str) -> String {
    let timeline = practice.manager.get(&format!("{case}/timeline"));
    format!("{LIST}/{}", column(&timeline, "/subject_id").last().copied().flatten().unwrap())
}

fn take_back(by: &Staff, request: &str) -> Answer {
    by.change(&format!("{request}/take-back"), &by.get(request), &json!({}))
}

/// The operator's list. Other tests' practices are on it too.
fn all(world: &World) -> Vec<Value> {
    let operator = world.operator();
    let (mut items, mut path) = (Vec::new(), format!("{OUTSIDE}?limit=200"));
    loop {
        let page = operator.get(&path);
        assert_eq!(page.status, 200, "{}", page.body);
        items.extend(page.body["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page.text("/next_cursor") else { return items };
        path = format!("{OUTSIDE}?limit=200&cursor={cursor}");
    }
}

/// The identifiers of this practice's requests in the operator's list.
fn listed(world: &World, practice: &Practice) -> Vec<String> {
    let own = all(world).into_iter().filter(|item| item["practice"]["slug"] == practice.slug.as_str());
    own.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn id(request: &str) -> String {
    request.rsplit('/').next().unwrap().to_owned()
}

#[test]
fn whoever_asked_takes_back_what_nobody_is_left_to_decide_and_asks_again() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (case, request) = waiting(&practice, &council);
    let asker = &practice.second_manager;
    let seen = asker.get(&request);
    assert_eq!(seen.body["waits_for_outside"], true);
    let taken_back = take_back(asker, &request);
    assert_eq!((taken_back.status, taken_back.text("/status")), (200, Some("taken_back")), "{}", taken_back.body);
    assert_eq!(taken_back.body["waits_for_outside"], false);
    assert!(taken_back.text("/decided_at").is_some() && taken_back.text("/answer").is_none(), "{}", taken_back.body);
    let open = asker.get(&case);
    assert_eq!((open.text("/status"), open.text("/ground")), (Some("open"), None), "{}", open.body);
    assert_eq!(open.text("/allocated_to/name"), Some("Hannah Price"));
    let timeline = asker.get(&format!("{case}/timeline"));
    assert_eq!(column(&timeline, "/kind")[2..], [Some("closing_asked"), Some("closing_taken_back")]);
    assert_eq!(column(&timeline, "/by/name").last(), Some(&Some("Irena Kowalczyk")));
    assert_eq!(world.audited(&practice, "countersignature.taken_back"), 1);

    let again = take_back(asker, &request);
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/invalid-state")), "{}", again.body);
    let path = format!("{request}/take-back");
    assert_eq!(asker.change(&path, &seen, &json!({})).status, 412, "the version that was seen first");
    assert_eq!(asker.post(&path, &json!({})).status, 428);
    // The worker asks, and a signatory is drawn. Later the task to pass the first request on finds nothing to do.
    assert_eq!(close(&practice.social_worker, &case, &messages::close()).text("/status"), Some("closing"));
    let drawn = request_of(&practice, &case);
    world.set_clock("2026-11-25T00:01:00Z");
    world.work(&practice);
    asker.forget_token();
    assert_eq!(asker.get(&request).text("/status"), Some("taken_back"));
    assert_ne!(drawn, request);
}

#[test]
fn nobody_else_takes_a_request_back_and_nobody_while_somebody_is_drawn() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let (case, request) = waiting(&practice, &council);
    let seen = practice.second_manager.get(&request);
    let path = format!("{request}/take-back");
    for other in [&practice.manager, &practice.director, &practice.social_worker, &elsewhere.second_manager] {
        let refused = other.change(&path, &seen, &json!({}));
        assert_eq!((refused.status, refused.text("/type")), (404, Some("/problems/not-found")), "{}", other.email);
    }
    assert_eq!(practice.records_officer.change(&path, &seen, &json!({})).status, 404);
    assert_eq!(practice.administrator.change(&path, &seen, &json!({})).status, 403);
    assert_eq!(practice.manager.get(&case).text("/status"), Some("closing"));

    let case = case_of(&practice, &council, &practice.social_worker);
    assert_eq!(close(&practice.social_worker, &case, &messages::close()).status, 200);
    let drawn = request_of(&practice, &case);
    let refused = take_back(&practice.social_worker, &drawn);
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    assert_eq!(
        take_back(&practice.second_manager, &drawn).status,
        404,
        "the signatory decides, and takes nothing back"
    );
    assert_eq!(practice.social_worker.get(&drawn).text("/status"), Some("waiting"));
}

#[test]
fn of_two_who_take_back_at_once_one_does() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (_, request) = waiting(&practice, &council);
    let asker = &practice.second_manager;
    let seen = asker.get(&request);
    assert_eq!(at_once(&world, asker, &format!("{request}/take-back"), &seen, &json!({})), [200, 412]);
    assert_eq!(world.audited(&practice, "countersignature.taken_back"), 1);
}

#[test]
fn the_operator_lists_what_waits_and_reads_nothing_of_the_record() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let requests = [waiting(&practice, &council), waiting(&practice, &council), waiting(&elsewhere, &council)];
    let drawn = case_of(&practice, &council, &practice.social_worker);
    close(&practice.social_worker, &drawn, &messages::close());
    assert_eq!(listed(&world, &practice), [id(&requests[0].1), id(&requests[1].1)]);
    assert_eq!(listed(&world, &elsewhere), [id(&requests[2].1)]);

    let items = all(&world);
    let item = items.iter().find(|item| item["id"] == id(&requests[0].1)).unwrap();
    let mut members: Vec<&String> = item.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["id", "practice", "purpose", "waiting_since"]);
    assert_eq!(item["purpose"], "countersign");
    let case = practice.manager.get(&requests[0].0);
    let secrets =
        [case.text("/id"), case.text("/service_user/id"), Some("Marlow"), Some("Irena"), Some("nothing further")];
    for secret in secrets.into_iter().flatten() {
        assert!(!Value::from(items.clone()).to_string().contains(secret), "{secret}");
    }
    let first = world.operator().get(&format!("{OUTSIDE}?limit=1"));
    let next = world.operator().get(&format!("{OUTSIDE}?limit=1&cursor={}", first.text("/next_cursor").unwrap()));
    assert_ne!(first.text("/items/0/id"), next.text("/items/0/id"));
    for other in [&practice.manager, &practice.director] {
        assert_eq!(other.get(OUTSIDE).status, 401, "{}", other.email);
    }

    // What is taken back is off the list; what its signatory lets lie comes on it when nobody is left.
    assert_eq!(take_back(&practice.second_manager, &requests[0].1).status, 200);
    assert_eq!(listed(&world, &practice), [id(&requests[1].1)]);
    world.set_clock("2026-11-25T00:01:00Z");
    world.work(&practice);
    [&practice.manager, &practice.social_worker].into_iter().for_each(Staff::forget_token);
    let late = request_of(&practice, &drawn);
    assert_eq!(listed(&world, &practice), [id(&requests[1].1), id(&late)]);
    assert_eq!(take_back(&practice.social_worker, &late).text("/status"), Some("taken_back"));
    assert_eq!(listed(&world, &practice), [id(&requests[1].1)]);
}
