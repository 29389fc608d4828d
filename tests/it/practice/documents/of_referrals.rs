//! Documents of referrals: what a council sends goes to the practice that has its referral, and is seen as the referral is.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_persistence::Objects;
use almoner_tests::callers::Caller;
use almoner_tests::documents::{files, honest_scanner, pdf, send_in, send_with};
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};
use std::path::PathBuf;

use super::erased::{ask, have_erased};
use super::number;
use crate::council::REFERRALS;
use crate::practice::cases::column;
use crate::practice::people::{exclude, of, restrict};
use crate::practice::referrals::due_first;

pub(super) const INBOX: &str = "/v1/practice/referrals";

/// A council with a referral at a practice, on a server that stores documents in a directory of its own.
pub(super) struct Arrival {
    pub(super) world: World,
    pub(super) council: Council,
    pub(super) practice: Practice,
    /// The address of the referral at the council.
    pub(super) sent: String,
    /// The address of the referral at the practice.
    pub(super) received: String,
    pub(super) directory: PathBuf,
}

impl Arrival {
    pub(super) fn of(message: &Value) -> Self {
        let directory =
            almoner_tests::log::directory().join(format!("{}.documents", almoner_tests::callers::fresh_key()));
        let objects = Objects::in_directory(&directory);
        let world = World::with_settings(|settings| settings.documents = objects);
        let council = world.council();
        let practice = world.practice(&council);
        let sent = council.system.post(REFERRALS, message);
        assert_eq!((sent.status, sent.text("/status")), (201, Some("received")), "{}", sent.body);
        let received = format!("{INBOX}/{}", due_first(&practice.director).text("/id").unwrap());
        let sent = format!("{REFERRALS}/{}", sent.text("/id").unwrap());
        Self { world, council, practice, sent, received, directory }
    }

    pub(super) fn new() -> Self {
        Self::of(&messages::referral())
    }

    /// Sends in a document as the council.
    fn send(&self, name: &str) -> Answer {
        let sent = send_in(&self.council.system, &self.sent, name, "application/pdf", &pdf(1000));
        assert_eq!(sent.status, 201, "{}", sent.body);
        sent
    }

    pub(super) fn scan(&self) {
        self.world.scan_council(&self.council, honest_scanner());
    }

    /// The one document that somebody at the practice finds in the referral.
    fn one(&self, by: &Staff) -> String {
        one_document(by, &self.received)
    }

    fn accept(&self, by: &Staff, how: &Value) -> Answer {
        let accepted = by.change(&format!("{}/accept", self.received), &by.get(&self.received), how);
        assert_eq!(accepted.status, 200, "{}", accepted.body);
        accepted
    }

    fn decline(&self) {
        let by = &self.practice.manager;
        let how = json!({ "reason": "no_capacity" });
        assert_eq!(by.change(&format!("{}/decline", self.received), &by.get(&self.received), &how).status, 200);
    }

    /// Sends the referral to another practice, and returns its address there.
    fn route(&self, to: &Practice) -> String {
        let seen = self.council.system.get(&self.sent);
        let how = json!({ "practice": to.slug });
        let officer = self.world.first_officer(&self.council);
        let routed = officer.change(&format!("{}/route", self.sent), &seen, &how);
        assert_eq!((routed.status, routed.text("/status")), (200, Some("received")), "{}", routed.body);
        format!("{INBOX}/{}", due_first(&to.manager).text("/id").unwrap())
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// The one document that somebody at the practice finds in a referral.
pub(super) fn one_document(by: &Staff, received: &str) -> String {
    let listed = documents(by, received);
    let [Some(id)] = column(&listed, "/id")[..] else { panic!("one document: {}", listed.body) };
    format!("/v1/practice/documents/{id}")
}

pub(super) fn documents(by: &dyn Caller, holder: &str) -> Answer {
    let listed = by.get(&format!("{holder}/documents"));
    assert_eq!(listed.status, 200, "{}", listed.body);
    listed
}

fn sees_nothing(by: &dyn Caller, holder: &str, document: &str) {
    for path in [format!("{holder}/documents"), document.to_owned()] {
        assert_eq!(by.get(&path).status, 404, "{path}");
    }
    assert_eq!(send_in(by, holder, "x.pdf", "application/pdf", &pdf(10)).status, 404);
}

#[test]
fn what_a_council_sends_is_its_systems_alone_until_it_is_clean_and_then_the_practices_too() {
    let arrival = Arrival::new();
    let Arrival { world, council, practice, sent, received, .. } = &arrival;
    let content = pdf(100_000);
    let letter = send_in(&council.system, sent, "Discharge letter.pdf", "application/pdf", &content);
    assert_eq!((letter.status, letter.text("/status")), (201, Some("quarantined")), "{}", letter.body);
    let own = letter.header("location").unwrap();
    assert_eq!(own, format!("/v1/council/documents/{}", letter.text("/id").unwrap()));
    let colleague = world.client(Some(council.id), &["referrals"]);

    assert_eq!(column(&documents(&council.system, sent), "/status"), [Some("quarantined")]);
    assert!(column(&documents(&colleague, sent), "/id").is_empty(), "another system's");
    assert!(column(&documents(&practice.manager, received), "/id").is_empty());
    assert_eq!(council.system.get(own).status, 404, "nobody is given what is not clean");

    arrival.scan();
    for by in [&council.system, &colleague] {
        assert_eq!(column(&documents(by, sent), "/name"), [Some("Discharge letter.pdf")]);
        let given = by.get(own);
        assert!(given.status == 200 && given.content == content, "{}", given.status);
        assert_eq!(given.header("content-security-policy"), Some("sandbox"));
    }
    for by in [&practice.manager, &practice.social_worker, &practice.practitioner] {
        let listed = documents(by, received);
        assert_eq!(column(&listed, "/name"), [Some("Discharge letter.pdf")]);
        assert_eq!(column(&listed, "/council/gss_code"), [Some(council.gss_code.as_str())]);
        assert!(listed.body["items"][0]["sent_by"].is_null() && listed.body["items"][0]["case_id"].is_null());
        let theirs = arrival.one(by);
        assert_ne!(theirs.rsplit('/').next(), own.rsplit('/').next(), "each knows it by an identifier of its own");
        assert!(by.get(&theirs).content == content);
        assert_eq!(by.get(&theirs.replace("practice", "council")).status, 401);
    }
    let theirs = arrival.one(&practice.manager);
    // Who does not read referrals reads nothing that came with one.
    for by in [&practice.records_officer, &practice.administrator] {
        assert!(matches!(by.get(&theirs).status, 403 | 404), "{}", by.email);
        assert_eq!(by.get(&format!("{received}/documents")).status, 403);
    }
    assert_eq!(files(&arrival.directory).len(), 1, "one object, with two keys");
    for (event, count) in [("document.received", 1), ("document.cleared", 1), ("document.sent", 0)] {
        assert_eq!(world.audited(practice, event), count, "{event}");
    }
    let of_council = "SELECT count(*)::int FROM audit_events WHERE action = 'document.downloaded' AND outcome = 'done'";
    assert_eq!(number(&format!("{of_council} AND owner_id = '{}'", council.id)), 2);

    let (other_council, other_practice) = (world.council(), world.practice(council));
    sees_nothing(&other_council.system, sent, own);
    sees_nothing(&other_practice.manager, received, &theirs);
    assert_eq!(send_in(&council.complaints, sent, "x.pdf", "application/pdf", &pdf(10)).status, 403);
}

#[test]
fn what_a_practice_sends_to_a_referral_is_not_the_councils() {
    let arrival = Arrival::new();
    let Arrival { world, council, practice, sent, received, .. } = &arrival;
    let note = send_in(&practice.social_worker, received, "Telephone call.txt", "text/plain", b"She rang.");
    assert_eq!(note.status, 201, "{}", note.body);
    assert!(column(&documents(&practice.manager, received), "/id").is_empty(), "it waits");
    world.scan(practice, honest_scanner());
    assert_eq!(column(&documents(&practice.manager, received), "/sent_by/name"), [Some("Hannah Price")]);
    assert!(column(&documents(&council.system, sent), "/id").is_empty());
    arrival.decline();
    let late = send_in(&practice.social_worker, received, "x.txt", "text/plain", b"Too late.");
    assert_eq!((late.status, late.text("/type")), (409, Some("/problems/invalid-state")), "{}", late.body);
}

#[test]
fn the_case_and_the_record_show_what_came_with_the_referral_until_the_acceptance_is_undone() {
    let arrival = Arrival::new();
    let Arrival { practice, received, .. } = &arrival;
    arrival.send("before.pdf");
    arrival.scan();
    let accepted = arrival.accept(&practice.social_worker, &json!({}));
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    let person = accepted.text("/service_user_id").unwrap().to_owned();
    arrival.send("after.pdf");
    arrival.scan();
    let both = [Some("after.pdf"), Some("before.pdf")];
    for holder in [received.clone(), case.clone(), of(&person, "")] {
        let listed = documents(&practice.social_worker, &holder);
        assert_eq!(column(&listed, "/name"), both, "{holder}");
        assert_eq!(column(&listed, "/service_user_id"), [Some(person.as_str()); 2]);
        assert_eq!(column(&listed, "/referral_id"), [Some(received.rsplit('/').next().unwrap()); 2]);
    }
    // The records officer reads what is in a record.
    let document =
        format!("/v1/practice/documents/{}", documents(&practice.manager, &case).text("/items/1/id").unwrap());
    assert_eq!(practice.records_officer.get(&document).status, 200);
    // A restriction of the record takes them with it, and so does the end of one.
    let page = practice.social_worker.get(&format!("{case}/documents?limit=1"));
    let rest = format!("{case}/documents?cursor={}", page.text("/next_cursor").unwrap());
    assert_eq!(column(&practice.social_worker.get(&rest), "/name"), [Some("before.pdf")]);
    exclude(&practice.manager, &person, &practice.practitioner);
    sees_nothing(&practice.practitioner, &case, &document);
    sees_nothing(&practice.practitioner, received, &document);
}

#[test]
fn an_acceptance_that_is_undone_takes_the_documents_back_into_the_referral() {
    let arrival = Arrival::new();
    let Arrival { practice, received, .. } = &arrival;
    arrival.send("letter.pdf");
    arrival.scan();
    let worker = &practice.social_worker;
    arrival.accept(worker, &json!({}));
    let undone = worker.change(&format!("{received}/undo"), &worker.get(received), &json!({}));
    assert_eq!((undone.status, undone.text("/status")), (200, Some("received")), "{}", undone.body);
    let listed = documents(worker, received);
    assert_eq!(column(&listed, "/name"), [Some("letter.pdf")]);
    assert!(listed.body["items"][0]["service_user_id"].is_null(), "{}", listed.body);
    assert_eq!(worker.get(&arrival.one(worker)).status, 200);
    assert_eq!(practice.records_officer.get(&arrival.one(worker)).status, 404, "it is in no record any more");
    let accepted = arrival.accept(worker, &json!({}));
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    assert_eq!(column(&documents(worker, &case), "/name"), [Some("letter.pdf")]);
}

#[test]
fn a_restricted_referrals_documents_are_open_as_it_is_at_each_moment() {
    let mut message = messages::referral();
    message["restricted"] = json!({ "reason": "Her son works there.", "not_to_see": ["Gareth Pugh"] });
    let arrival = Arrival::of(&message);
    let Arrival { practice, received, .. } = &arrival;
    arrival.send("letter.pdf");
    arrival.scan();
    let document = arrival.one(&practice.director);
    assert_eq!(practice.second_manager.get(&document).status, 200);
    for by in [&practice.manager, &practice.social_worker] {
        sees_nothing(by, received, &document);
    }
    assert_eq!(practice.records_officer.get(&document).status, 404);
    // A manager names others.
    let to = json!({ "reason": "Works with her.", "staff": [practice.second_manager.id, practice.social_worker_2.id] });
    let seen = practice.second_manager.get(received);
    let headers = [("if-match", seen.etag().unwrap())];
    let content = to.to_string();
    let put = practice.second_manager.send(
        "PUT",
        &format!("{received}/restriction"),
        &headers,
        Some(("application/json", content.as_bytes())),
    );
    assert!(put.status < 300, "{}", put.body);
    sees_nothing(&practice.director, received, &document);
    assert_eq!(practice.social_worker_2.get(&document).status, 200);
    arrival.send("another.pdf");
    arrival.scan();
    assert_eq!(
        column(&documents(&practice.social_worker_2, received), "/name"),
        [Some("another.pdf"), Some("letter.pdf")]
    );
    // The record that it opens is restricted to them.
    let accepted = arrival.accept(&practice.second_manager, &json!({}));
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    assert_eq!(documents(&practice.social_worker_2, &case).body["items"].as_array().unwrap().len(), 2);
    for by in [&practice.director, &practice.manager, &practice.social_worker] {
        sees_nothing(by, &case, &document);
    }
}

#[test]
fn a_referral_about_a_restricted_person_has_restricted_documents_from_the_first_moment() {
    let arrival = Arrival::new();
    let Arrival { practice, council, world, .. } = &arrival;
    let accepted = arrival.accept(&practice.manager, &json!({}));
    let person = accepted.text("/service_user_id").unwrap();
    let to = json!([practice.social_worker.id, practice.manager.id]);
    assert!(restrict(&practice.manager, person, &to).status < 300);
    // The council refers the same person again.
    let mut again = messages::referral();
    let first = council.system.get(&arrival.sent);
    again["person"] = first.body["message"]["person"].clone();
    let sent = council.system.post(REFERRALS, &again);
    assert_eq!(sent.status, 201, "{}", sent.body);
    let received = format!("{INBOX}/{}", due_first(&practice.manager).text("/id").unwrap());
    let sent = format!("{REFERRALS}/{}", sent.text("/id").unwrap());
    let letter = send_in(&council.system, &sent, "letter.pdf", "application/pdf", &pdf(10));
    assert_eq!(letter.status, 201, "{}", letter.body);
    world.scan_council(council, honest_scanner());
    let listed = documents(&practice.social_worker, &received);
    let document = format!("/v1/practice/documents/{}", listed.text("/items/0/id").unwrap());
    assert_eq!(practice.social_worker.get(&document).status, 200);
    for by in [&practice.social_worker_2, &practice.director, &practice.practitioner] {
        sees_nothing(by, &received, &document);
    }
    let of_record = documents(&practice.social_worker, &of(person, ""));
    assert!(column(&of_record, "/id").is_empty(), "it waits, and is in no record yet: {}", of_record.body);
}

#[test]
fn the_next_practice_gets_every_document_and_the_one_before_gets_no_more() {
    let arrival = Arrival::new();
    let Arrival { world, council, practice, received, .. } = &arrival;
    let next = world.practice(council);
    let first = arrival.send("first.pdf");
    arrival.scan();
    arrival.send("waits.pdf");
    arrival.decline();
    arrival.send("while declined.pdf");
    let at_next = arrival.route(&next);
    arrival.send("later.pdf");
    let bad = send_in(&council.system, &arrival.sent, "bad.txt", "text/plain", b"MALWARE, as the tests write it");
    assert_eq!(bad.status, 201, "{}", bad.body);
    arrival.scan();
    assert_eq!(
        column(&documents(&next.manager, &at_next), "/name"),
        [Some("later.pdf"), Some("while declined.pdf"), Some("waits.pdf"), Some("first.pdf")]
    );
    // The practice before reads what it had, as it reads the referral.
    assert_eq!(column(&documents(&practice.manager, received), "/name"), [Some("waits.pdf"), Some("first.pdf")]);
    assert_eq!(column(&documents(&council.system, &arrival.sent), "/status")[0], Some("infected"));
    assert_eq!(files(&arrival.directory).len(), 4, "what the scanner found is gone");
    let at_practice = documents(&practice.manager, received);
    let old = format!("/v1/practice/documents/{}", at_practice.text("/items/1/id").unwrap());
    assert_eq!(next.manager.get(&old).status, 404);
    // What one of them erases, the others have.
    assert_eq!(ask(&practice.records_officer, &old).status, 404, "a records officer does not read the referral");
    have_erased(world, council, &practice.manager, &old);
    world.scan(practice, honest_scanner());
    let theirs = documents(&next.manager, &at_next);
    let theirs = format!("/v1/practice/documents/{}", theirs.text("/items/3/id").unwrap());
    assert_eq!(next.manager.get(&theirs).status, 200);
    assert_eq!(council.system.get(first.header("location").unwrap()).status, 200);
}

#[test]
fn versions_of_a_councils_document_are_versions_at_the_practice_too() {
    let arrival = Arrival::new();
    let Arrival { world, council, practice, sent, received, .. } = &arrival;
    let first = arrival.send("plan.pdf");
    let replace = |old: &Answer| {
        let key = almoner_tests::callers::fresh_key();
        let headers = [("idempotency-key", key.as_str()), ("content-disposition", "attachment; filename=plan.pdf")];
        let path = format!("{sent}/documents?replaces={}", old.text("/id").unwrap());
        council.system.send("POST", &path, &headers, Some(("application/pdf", &pdf(50))))
    };
    let second = replace(&first);
    assert_eq!((second.status, second.body["number"].as_i64()), (201, Some(2)), "{}", second.body);
    assert_eq!(replace(&first).status, 409, "another version has replaced it");
    arrival.scan();
    let versions = |by: &Staff, at: &str| {
        let listed = documents(by, at);
        let items = listed.body["items"].as_array().unwrap().clone();
        let first = items
            .iter()
            .map(|one| one["first_id"].clone())
            .map(|one| one.to_string())
            .collect::<std::collections::BTreeSet<_>>()
            .len();
        (items.iter().map(|one| one["number"].as_i64().unwrap()).collect::<Vec<_>>(), first)
    };
    assert_eq!(versions(&practice.manager, received), (vec![2, 1], 1));
    arrival.decline();
    let next = world.practice(council);
    let at_next = arrival.route(&next);
    assert_eq!(versions(&next.manager, &at_next), (vec![2, 1], 1));
    let third = replace(&second);
    assert_eq!(third.status, 201, "{}", third.body);
    arrival.scan();
    assert_eq!(versions(&next.manager, &at_next), (vec![3, 2, 1], 1));
    // The practice accepts, and adds a version of its own to the case. The council's next one is numbered after it.
    let shown = next.manager.get(&at_next);
    let case = next.manager.change(&format!("{at_next}/accept"), &shown, &json!({}));
    assert_eq!(case.status, 200, "{}", case.body);
    let of_case = format!("/v1/practice/cases/{}", case.text("/case_id").unwrap());
    let newest = documents(&next.manager, &of_case).text("/items/0/id").unwrap().to_owned();
    let key = almoner_tests::callers::fresh_key();
    let headers = [("idempotency-key", key.as_str()), ("content-disposition", "attachment; filename=plan.pdf")];
    let own = format!("{of_case}/documents?replaces={newest}");
    let own = next.manager.send("POST", &own, &headers, Some(("application/pdf", &pdf(60))));
    assert_eq!((own.status, own.body["number"].as_i64()), (201, Some(4)), "{}", own.body);
    let fourth = replace(&third);
    assert_eq!(fourth.status, 201, "{}", fourth.body);
    arrival.scan();
    assert_eq!(versions(&next.manager, &of_case), (vec![5, 4, 3, 2, 1], 1));
}

#[test]
fn a_referral_that_is_withdrawn_takes_no_document() {
    let arrival = Arrival::new();
    let seen = arrival.council.system.get(&arrival.sent);
    let withdrawn = arrival.council.system.change(&format!("{}/withdraw", arrival.sent), &seen, &json!({}));
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.body);
    let late = send_in(&arrival.council.system, &arrival.sent, "x.pdf", "application/pdf", &pdf(10));
    assert_eq!((late.status, late.text("/type")), (409, Some("/problems/invalid-state")), "{}", late.body);
    assert!(files(&arrival.directory).is_empty());
}

#[test]
fn a_council_sends_two_hundred_documents_with_a_referral_and_the_last_again() {
    let arrival = Arrival::new();
    let Arrival { council, sent, .. } = &arrival;
    let first = arrival.send("first.pdf");
    super::limits::add_to_council(first.text("/id").unwrap(), 198);
    let key = almoner_tests::callers::fresh_key();
    let content = pdf(100);
    let last = || {
        let headers = [("idempotency-key", key.as_str()), ("content-disposition", "attachment; filename=last.pdf")];
        send_with(&council.system, sent, &headers, "application/pdf", &content)
    };
    let made = last();
    assert_eq!(made.status, 201, "{}", made.body);
    let again = last();
    assert_eq!((again.status, again.text("/id")), (201, made.text("/id")), "{}", again.body);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let refused = send_in(&council.system, sent, "x.pdf", "application/pdf", &pdf(10));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    assert_eq!(files(&arrival.directory).len(), 2, "nothing is left of what was refused or replayed");
}

#[test]
fn an_officer_reads_what_the_council_sent_and_that_is_on_record_at_the_practice() {
    let arrival = Arrival::new();
    let Arrival { world, council, practice, sent, received, .. } = &arrival;
    let letter = arrival.send("Discharge letter.pdf");
    let own = letter.header("location").unwrap();
    let commissioner = world.officer(council, &[OfficerRole::Commissioner]);
    assert!(column(&documents(&commissioner, sent), "/id").is_empty(), "not before it is clean");
    assert_eq!(commissioner.get(own).status, 404);
    arrival.scan();
    assert_eq!(commissioner.get(own).status, 200);
    let action = "/v1/practice/audit?action=referral.read_by_council";
    let read = practice.records_officer.get(action);
    let referral = received.rsplit('/').next();
    assert_eq!(column(&read, "/subject_id"), [referral; 2], "the list, and the document: {}", read.body);
    assert_eq!(council.system.get(own).status, 200);
    assert_eq!(practice.records_officer.get(action).body["items"], read.body["items"], "a system's reading is not");
    let refused = send_in(&commissioner, sent, "x.pdf", "application/pdf", &pdf(10));
    assert_eq!(refused.status, 403, "a system sends, not an officer: {}", refused.body);
    for role in [OfficerRole::Complaints, OfficerRole::Administrator, OfficerRole::RecordsOfficer] {
        assert_eq!(world.officer(council, &[role]).get(own).status, 403, "{role:?}");
    }
}
