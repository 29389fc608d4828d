//! Comparing the place where documents are stored with the rows of all practices and councils, as the worker's role.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use almoner_persistence::documents::{Compared, compare};
use almoner_persistence::{Clock, Login, MasterKeys, Objects, Store, StoreOptions, random};
use diesel::connection::SimpleConnection;
use uuid::Uuid;

use crate::cluster::Database;
use crate::doors::world;

const PRACTICE: &str = "00000000-0000-0000-0000-0000000000a1";
const OTHER: &str = "00000000-0000-0000-0000-0000000000a2";
const COUNCIL: &str = "00000000-0000-0000-0000-0000000000d1";

/// The folder of every object here.
const FOLDER: u8 = 0x5e;

/// A place where documents are stored, which is removed when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let scratch = Self(std::env::temp_dir().join(format!("almoner-stored-{}", Uuid::from_bytes(random::bytes()))));
        fs::create_dir_all(scratch.0.join("5e")).unwrap();
        scratch
    }

    /// Stores an object as many hours ago.
    fn store(&self, object: &str, hours: u64) {
        let file = File::create(self.0.join("5e").join(object.replace('-', ""))).unwrap();
        let now = file.metadata().unwrap().modified().unwrap();
        file.set_modified(now - Duration::from_hours(hours)).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn object(number: u32) -> String {
    format!("5e000000-0000-4000-8000-{number:012}")
}

/// Writes a row of a document of a complaint, with its key.
fn insert_of_a_complaint(database: &Database, number: u32) {
    let object = object(number);
    let row = format!(
        "INSERT INTO complaint_documents (council_id, complaint_id, document_id, author, kind, size, key_id, details, object_id, content_key,
             sent_at, names)
         VALUES ('{COUNCIL}', '{COUNCIL}', '{object}', 'complainant', 'pdf', 1, '{COUNCIL}', '', '{object}', 'x', now(), '{{}}')"
    );
    run(database, &format!("SET session_replication_role = replica; {row}"));
}

/// Writes a row of a document, without what it hangs on.
fn insert(database: &Database, owner: &str, number: u32, has_key: bool) {
    let (object, key) = (object(number), if has_key { "'x'" } else { "NULL" });
    let row = if owner == COUNCIL {
        format!(
            "INSERT INTO council_documents (council_id, document_id, council_request_id, first_id, number, kind, size, key_id, details,
                 object_id, content_key, status, client_id, sent_at)
             VALUES ('{owner}', '{object}', '{owner}', '{object}', 1, 'pdf', 1, '{owner}', '', '{object}', {key}, 'quarantined',
                 '{owner}', now())"
        )
    } else {
        format!(
            "INSERT INTO documents (practice_id, document_id, service_user_id, team_id, first_id, number, kind, size, key_id, details,
                 object_id, content_key, status, sent_by, sent_at)
             VALUES ('{owner}', '{object}', '{owner}', '{owner}', '{object}', 1, 'pdf', 1, '{owner}', '', '{object}', {key},
                 'quarantined', '{owner}', now())"
        )
    };
    run(database, &format!("SET session_replication_role = replica; {row}"));
}

fn run(database: &Database, statements: &str) {
    database.connect("postgres").batch_execute(statements).unwrap();
}

fn compared(database: &Database, directory: &Path, folder: u8) -> Compared {
    let store = Store::open(StoreOptions {
        database_url: database.url("almoner_work"),
        login: Login::Work,
        connections: 1,
        keeps_statements: true,
        master_keys: MasterKeys::parse("1:dGVzdHMgYWxvbmUsIDMyIGJ5dGVzIG9mIGEgbWFzdGU=").unwrap(),
        clock: Clock::new(),
    });
    compare(&store.unwrap(), &Objects::in_directory(directory), folder).unwrap()
}

#[test]
fn an_object_without_a_row_and_a_row_without_an_object_are_found_at_every_practice_and_council() {
    let (database, scratch) = (world("stored"), Scratch::new());
    for (number, owner) in [(1, PRACTICE), (2, OTHER), (3, COUNCIL)] {
        insert(&database, owner, number, true);
        scratch.store(&object(number), 100);
        insert(&database, owner, number + 10, true);
    }
    // The practice's own row of what the council sent.
    insert(&database, OTHER, 3, true);
    insert_of_a_complaint(&database, 4);
    scratch.store(&object(4), 100);
    insert_of_a_complaint(&database, 14);
    let whole = compared(&database, &scratch.0, FOLDER);
    assert_eq!((whole.objects, whole.rows), (4, 9));
    assert!(whole.without_row.is_empty(), "{whole:?}");
    let mut lost: Vec<_> =
        whole.without_object.iter().map(|row| (row.owner.to_string(), row.object.to_string())).collect();
    lost.sort();
    assert_eq!(
        lost,
        [(11, PRACTICE), (12, OTHER), (13, COUNCIL), (14, COUNCIL)]
            .map(|(number, owner)| (owner.to_owned(), object(number)))
    );
    let elsewhere = compared(&database, &scratch.0, FOLDER + 1);
    assert_eq!((elsewhere.objects, elsewhere.rows), (0, 0));
}

#[test]
fn an_object_that_is_young_or_about_to_be_deleted_is_not_found() {
    let (database, scratch) = (world("stored_for_a_while"), Scratch::new());
    // One erased, one that was never sent, and one that is on its way.
    insert(&database, PRACTICE, 1, false);
    for (number, hours) in [(1, 49), (2, 49), (3, 47)] {
        scratch.store(&object(number), hours);
    }
    let found = || {
        let compared = compared(&database, &scratch.0, FOLDER);
        assert!(compared.without_object.is_empty() && compared.objects == 3, "{compared:?}");
        let mut found: Vec<_> = compared.without_row.iter().map(ToString::to_string).collect();
        found.sort();
        found
    };
    assert_eq!(found(), [object(1), object(2)]);
    let (first, second) = (object(1), object(2));
    run(
        &database,
        &format!(
            "INSERT INTO jobs (owner_id, job_id, kind, subject_id, due_at, done_at) VALUES
                 ('{PRACTICE}', '{first}', 'clear_object', '{first}', now(), NULL),
                 ('{PRACTICE}', '{second}', 'clear_object', '{second}', now(), now())"
        ),
    );
    assert_eq!(found(), [second], "a job deletes the other");
}
