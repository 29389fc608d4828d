//! Versions of a document.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::documents::{find_clean, honest_scanner, pdf, send_in, send_with};

use super::Office;
use crate::practice::cases::case_of;

fn replace(office: &Office, by: &dyn Caller, replaced: &str, content: &[u8]) -> Answer {
    let key = fresh_key();
    let headers = [("idempotency-key", key.as_str()), ("content-disposition", "attachment; filename=plan.txt")];
    let path = format!("{}/documents?replaces={replaced}", office.case);
    by.send("POST", &path, &headers, Some(("text/plain", content)))
}

#[test]
fn a_new_version_follows_the_newest_and_every_version_stays() {
    let office = Office::new();
    let (worker, manager) = (&office.practice.social_worker, &office.practice.manager);
    let first = office.send("plan.pdf");
    let id = first.text("/id").unwrap();
    assert_eq!((&first.body["number"], first.text("/first_id")), (&1.into(), Some(id)));
    assert_eq!(replace(&office, manager, id, b"Two.").status, 422, "it waits, and is its sender's");
    find_clean(id);
    let second = replace(&office, manager, id, b"Two.");
    assert_eq!(
        (second.status, &second.body["number"], second.text("/first_id")),
        (201, &2.into(), Some(id)),
        "{}",
        second.body
    );
    let newest = second.text("/id").unwrap();
    let again = replace(&office, worker, id, b"Another two.");
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/invalid-state")), "{}", again.body);
    find_clean(newest);
    let third = replace(&office, worker, newest, b"Three.");
    assert_eq!(
        (third.status, &third.body["number"], third.text("/first_id")),
        (201, &3.into(), Some(id)),
        "{}",
        third.body
    );
    assert_eq!(worker.get(first.header("location").unwrap()).status, 200);
    assert_eq!(worker.get(second.header("location").unwrap()).content, b"Two.");
}

#[test]
fn a_version_that_was_found_infected_is_passed_over() {
    let office = Office::new();
    let (worker, manager) = (&office.practice.social_worker, &office.practice.manager);
    let first = office.send("plan.pdf");
    let id = first.text("/id").unwrap();
    assert_eq!(replace(&office, worker, id, b"MALWARE, as the tests write it").status, 201);
    office.world.scan(&office.practice, honest_scanner());
    let next = replace(&office, manager, id, b"Sound.");
    assert_eq!((next.status, &next.body["number"]), (201, &3.into()), "{}", next.body);
}

#[test]
fn a_version_replaces_a_document_of_the_same_case() {
    let office = Office::new();
    let worker = &office.practice.social_worker;
    let other = case_of(&office.practice, &office.council, worker);
    let elsewhere = send_in(worker, &other, "plan.pdf", "application/pdf", &pdf(10));
    for replaced in [elsewhere.text("/id").unwrap(), "01937c5e-2b00-7a41-9d6c-000000000000"] {
        let refused = replace(&office, worker, replaced, b"Two.");
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("replaces")), "{}", refused.body);
    }
    let none =
        send_with(worker, &office.case, &[("content-disposition", "attachment; filename=x")], "text/plain", b"x");
    assert_eq!(none.status, 201);
    assert_eq!(replace(&office, worker, "no-id", b"Two.").status, 422);
}
