//! Erasing a document.

use almoner_tests::callers::Caller;
use almoner_tests::documents::{disposition, files, find_clean, honest_scanner, pdf, send_with};
use chrono::TimeDelta;
use serde_json::json;

use super::Office;
use crate::practice::cases::column;

#[test]
fn an_erased_document_loses_its_key_and_its_name_at_once_and_its_object_with_the_next_pass() {
    let office = Office::new();
    let (world, practice) = (&office.world, &office.practice);
    let (worker, officer) = (&practice.social_worker, &practice.records_officer);
    let sent = office.send("about another person.pdf");
    let (id, address) = (sent.text("/id").unwrap(), sent.header("location").unwrap());
    let erase =
        |by: &dyn Caller| by.post(&format!("{address}/erase"), &json!({ "reason": "It is about another person." }));
    assert_eq!(erase(officer).status, 404, "it is its sender's alone");
    find_clean(id);
    assert_eq!(erase(worker).status, 403);
    assert_eq!(erase(officer).status, 204);
    assert_eq!((worker.get(address).status, erase(officer).status), (404, 404));
    assert!(column(&office.listed(worker), "/id").is_empty());
    let left = format!(
        "SELECT octet_length(details) + (content_key IS NOT NULL)::int FROM documents WHERE document_id = '{id}'"
    );
    assert_eq!(super::number(&left), 0, "neither key nor name");
    assert_eq!(files(&office.directory).len(), 1, "noise");
    world.scan(practice, None);
    assert!(files(&office.directory).is_empty());
    assert_eq!(world.audited(practice, "document.erased"), 1);
}

#[test]
fn a_document_that_is_erased_while_it_waits_is_not_scanned_and_another_version_takes_its_place() {
    let office = Office::new();
    let (world, practice) = (&office.world, &office.practice);
    let manager = &practice.manager;
    let send = |query: &str| {
        let headers = [("content-disposition", &*disposition("plan.pdf"))];
        let path = format!("{}/documents{query}", office.case);
        let key = almoner_tests::callers::fresh_key();
        let headers = [&headers[..], &[("idempotency-key", key.as_str())]].concat();
        manager.send("POST", &path, &headers, Some(("application/pdf", &pdf(100))))
    };
    let first = send("");
    let replacing = format!("?replaces={}", first.text("/id").unwrap());
    let second = send(&replacing);
    let erase = format!("{}/erase", second.header("location").unwrap());
    assert_eq!(manager.post(&erase, &json!({ "reason": "The wrong file." })).status, 204);
    world.scan(practice, honest_scanner());
    assert_eq!(world.audited(practice, "document.cleared"), 1, "the first alone");
    let third = send(&replacing);
    assert_eq!((third.status, &third.body["number"]), (201, &3.into()), "{}", third.body);
    world.clock.advance(TimeDelta::minutes(3));
    world.scan(practice, honest_scanner());
    assert_eq!(files(&office.directory).len(), 2);
    let none =
        send_with(manager, &office.case, &[("content-disposition", "attachment; filename=x")], "text/plain", b"x");
    assert_eq!(none.status, 201);
}
