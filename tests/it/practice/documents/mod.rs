//! Documents: sending them in, having them scanned, listing them, giving them out.

mod arrivals;
mod at_once;
pub(crate) mod erased;
mod in_a_bucket;
mod limits;
mod memory;
mod of_referrals;
mod places;
mod refused;
mod scanned;
mod storage;
mod uploads;
mod versions;

use almoner_demo::web::Answer;
use almoner_persistence::Objects;
use almoner_tests::callers::Caller;
use almoner_tests::documents::{files, honest_scanner, jpeg_taken_at, pdf, send_in};
use almoner_tests::{Council, Practice, World, postgres};
use diesel::{Connection, PgConnection, RunQueryDsl};
use std::path::PathBuf;

use super::cases::{case_of, column};
use super::people;

/// A practice with a case, on a server that stores documents in a directory of its own.
pub(super) struct Office {
    pub(super) world: World,
    pub(super) council: Council,
    pub(super) practice: Practice,
    /// The address of the case.
    pub(super) case: String,
    pub(super) directory: PathBuf,
}

impl Office {
    pub(super) fn new() -> Self {
        Self::on(&postgres::shared_name())
    }

    /// An office on this database.
    fn on(database: &str) -> Self {
        let name = almoner_tests::callers::fresh_key();
        Self::at(database, almoner_tests::log::directory().join(format!("{name}.documents")))
    }

    /// An office that stores documents in this directory.
    fn in_directory(directory: PathBuf) -> Self {
        Self::at(&postgres::shared_name(), directory)
    }

    fn at(database: &str, directory: PathBuf) -> Self {
        let objects = Objects::in_directory(&directory);
        let world = World::on(&postgres::url_as("almoner_app", database), |settings| settings.documents = objects);
        let council = world.council();
        let practice = world.practice(&council);
        let case = case_of(&practice, &council, &practice.social_worker);
        Self { world, council, practice, case, directory }
    }

    /// Sends in a PDF as the social worker.
    pub(super) fn send(&self, name: &str) -> Answer {
        let sent = send_in(&self.practice.social_worker, &self.case, name, "application/pdf", &pdf(100));
        assert_eq!(sent.status, 201, "{}", sent.body);
        sent
    }

    /// The address of the record of the case's person.
    pub(super) fn record(&self) -> String {
        let case = self.practice.manager.get(&self.case);
        people::of(case.text("/service_user/id").unwrap(), "")
    }

    pub(super) fn listed(&self, by: &dyn Caller) -> Answer {
        let listed = by.get(&format!("{}/documents", self.case));
        assert_eq!(listed.status, 200, "{}", listed.body);
        listed
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// The number that a query finds, as the superuser.
pub(super) fn number(query: &str) -> i32 {
    number_in(&postgres::shared_name(), query)
}

/// The number that a query finds in this database.
fn number_in(database: &str, query: &str) -> i32 {
    #[derive(diesel::QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        number: i32,
    }
    let mut database = PgConnection::establish(&postgres::superuser_url(database)).unwrap();
    diesel::sql_query(format!("SELECT ({query}) AS number")).get_result::<Number>(&mut database).unwrap().number
}

#[test]
fn a_document_is_in_its_senders_lists_alone_until_the_scanner_finds_it_clean() {
    let office = Office::new();
    let Office { world, practice, case, .. } = &office;
    let (sender, colleague) = (&practice.social_worker, &practice.manager);
    let content = pdf(200_000);
    let sent = send_in(sender, case, "Mrs Marlow\u{2019}s plan.pdf", "application/pdf", &content);
    assert_eq!((sent.status, sent.text("/status")), (201, Some("quarantined")), "{}", sent.body);
    let address = sent.header("location").unwrap();
    assert_eq!(sent.body["size"], content.len());

    assert_eq!(column(&office.listed(sender), "/status"), [Some("quarantined")]);
    assert!(column(&office.listed(colleague), "/id").is_empty());
    for by in [sender, colleague] {
        assert_eq!(by.get(address).status, 404, "nobody is given what is not clean");
    }

    world.scan(practice, honest_scanner());
    for by in [sender, colleague] {
        let listed = office.listed(by);
        assert_eq!(column(&listed, "/name"), [Some("Mrs Marlow\u{2019}s plan.pdf")]);
        assert_eq!(column(&listed, "/status"), [Some("clean")]);
        assert_eq!(column(&listed, "/sent_by/name"), [Some("Hannah Price")]);
        let given = by.get(address);
        assert_eq!(given.status, 200);
        assert!(given.content == content, "as it was sent");
        for (header, value) in [
            ("content-type", "application/pdf"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "sandbox"),
            ("cache-control", "no-store"),
            (
                "content-disposition",
                "attachment; filename=\"Mrs Marlow_s plan.pdf\"; filename*=UTF-8''Mrs%20Marlow%E2%80%99s%20plan.pdf",
            ),
        ] {
            assert_eq!(given.header(header), Some(value));
        }
        assert_eq!(given.header("content-length"), Some(content.len().to_string().as_str()));
    }
    for (event, count) in [
        ("document.sent", 1),
        ("document.cleared", 1),
        ("document.downloaded", 2),
        ("case.documents_listed", 4),
        ("document.found_infected", 0),
    ] {
        assert_eq!(world.audited(practice, event), count, "{event}");
    }
}

#[test]
fn the_documents_of_a_record_are_those_of_its_cases_and_those_without_a_case() {
    let office = Office::new();
    let Office { practice, case, .. } = &office;
    let worker = &practice.social_worker;
    let person = practice.manager.get(case).text("/service_user/id").unwrap().to_owned();
    let record = people::of(&person, "");
    let first = office.send("of the case.pdf");
    let second = send_in(worker, &record, "photo", "image/jpeg", &jpeg_taken_at("home"));
    assert_eq!((second.status, second.text("/name")), (201, Some("photo.jpg")), "{}", second.body);
    assert!(second.body["case_id"].is_null() && first.text("/case_id").is_some());
    let listed = worker.get(&format!("{record}/documents"));
    assert_eq!(column(&listed, "/name"), [Some("photo.jpg"), Some("of the case.pdf")]);
    assert_eq!(column(&office.listed(worker), "/name"), [Some("of the case.pdf")]);
    assert_eq!(office.world.audited(practice, "service_user.documents_listed"), 1);
    let page = worker.get(&format!("{record}/documents?limit=1"));
    let rest = format!("{record}/documents?cursor={}", page.text("/next_cursor").unwrap());
    assert_eq!(column(&worker.get(&rest), "/name"), [Some("of the case.pdf")]);
}

#[test]
fn equal_contents_of_two_records_are_two_objects_in_which_nothing_can_be_read() {
    let office = Office::new();
    let Office { practice, council, directory, .. } = &office;
    let content = b"Edith Marlow wants to go on cooking for herself.";
    let other = case_of(practice, council, &practice.social_worker);
    for case in [&office.case, &other] {
        assert_eq!(send_in(&practice.social_worker, case, "note.txt", "text/plain", content).status, 201);
    }
    let objects: Vec<_> = files(directory).iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert_eq!(objects.len(), 2);
    assert_ne!(objects[0], objects[1]);
    for object in objects {
        assert!(!object.windows(6).any(|window| window == b"Marlow"), "what is stored is sealed");
    }
}

#[test]
fn whoever_may_not_see_the_person_finds_no_document_of_theirs() {
    let office = Office::new();
    let Office { world, practice, case, .. } = &office;
    let sent = office.send("letter.pdf");
    let document = sent.header("location").unwrap();
    world.scan(practice, honest_scanner());
    let excluded = &practice.practitioner;
    assert_eq!(excluded.get(document).status, 200);
    let person = practice.manager.get(case).text("/service_user/id").unwrap().to_owned();
    people::exclude(&practice.manager, &person, excluded);
    let other = world.practice(&office.council);
    for by in [excluded, &other.manager] {
        assert_eq!(by.get(document).status, 404);
        for holder in [case.clone(), people::of(&person, "")] {
            assert_eq!(by.get(&format!("{holder}/documents")).status, 404);
            assert_eq!(send_in(by, &holder, "x.pdf", "application/pdf", &pdf(10)).status, 404);
        }
    }
    // A record that is restricted while a document waits takes the document with it.
    let waits = office.send("another.pdf");
    let to = serde_json::json!([practice.social_worker.id, practice.manager.id]);
    assert!(people::restrict(&practice.manager, &person, &to).status < 300);
    world.scan(practice, honest_scanner());
    let waits = waits.header("location").unwrap();
    assert_eq!(practice.social_worker_2.get(waits).status, 404);
    assert_eq!(practice.social_worker_2.get(document).status, 404);
    assert_eq!(practice.social_worker.get(waits).status, 200);
}
