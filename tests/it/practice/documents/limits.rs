//! How many documents there may be.

use almoner_tests::callers::Caller;
use almoner_tests::documents::{disposition, files, pdf, send_in, send_with};
use almoner_tests::{Web, postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::Office;

pub(super) fn sql(statement: &str) {
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    database.batch_execute(statement).unwrap();
}

/// Adds so many documents to those that a case has.
fn add(document: &str, count: u32) {
    sql(&format!(
        "INSERT INTO documents (practice_id, document_id, service_user_id, access_restricted, team_id, case_id, first_id, number, kind,
             size, key_id, details, object_id, content_key, status, sent_by, sent_at, scanned_at)
         SELECT practice_id, made.id, service_user_id, access_restricted, team_id, case_id, made.id, number, kind,
             size, key_id, details, object_id, content_key, status, sent_by, sent_at, scanned_at
         FROM documents, LATERAL (SELECT gen_random_uuid() AS id FROM generate_series(1, {count})) made
         WHERE document_id = '{document}'"
    ));
}

/// Adds so many documents to those that a council sent with a referral.
pub(super) fn add_to_council(document: &str, count: u32) {
    sql(&format!(
        "INSERT INTO council_documents SELECT council_id, made.id, council_request_id, made.id, number, kind, size, key_id, details,
             object_id, content_key, status, client_id, sent_at, scanned_at
         FROM council_documents, LATERAL (SELECT gen_random_uuid() AS id FROM generate_series(1, {count})) made
         WHERE document_id = '{document}'"
    ));
}

/// Sends in two documents at the same moment: the row of the practice's day is held until both have come so far. Returns the statuses, the smaller first.
fn two_at_once(office: &Office, query: &str) -> [u16; 2] {
    let caller = &office.practice.social_worker;
    let authorization = format!("Bearer {}", caller.token().unwrap());
    let (url, path) = (office.world.url(), format!("{}/documents{query}", office.case));
    let send = || {
        let (key, name) = (almoner_tests::callers::fresh_key(), disposition("x.pdf"));
        let headers = [("authorization", &*authorization), ("idempotency-key", &key), ("content-disposition", &name)];
        Web::new(url).send("POST", &path, &headers, Some(("application/pdf", &pdf(1000)))).status
    };
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let practice = office.practice.id;
    let held = format!("BEGIN; SELECT FROM document_days WHERE owner_id = '{practice}' FOR UPDATE");
    database.batch_execute(&held).unwrap();
    let mut statuses = std::thread::scope(|threads| {
        let sending = [threads.spawn(send), threads.spawn(send)];
        std::thread::sleep(std::time::Duration::from_millis(1500));
        database.batch_execute("COMMIT").unwrap();
        sending.map(|one| one.join().unwrap())
    });
    statuses.sort_unstable();
    statuses
}

#[test]
fn a_case_has_at_most_two_hundred_documents_also_of_two_that_come_at_once() {
    let office = Office::new();
    let first = office.send("first.pdf");
    add(first.text("/id").unwrap(), 198);
    assert_eq!(two_at_once(&office, ""), [201, 409]);
    let caller = &office.practice.manager;
    let refused = send_in(caller, &office.case, "x.pdf", "application/pdf", &pdf(10));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    assert!(refused.text("/detail").unwrap().contains("200 documents"), "{}", refused.body);
    assert_eq!(files(&office.directory).len(), 2, "nothing is left of what was refused");
    // The record itself has a list of its own.
    let person = caller.get(&office.case).text("/service_user/id").unwrap().to_owned();
    let record = crate::practice::people::of(&person, "");
    let of_record = send_in(caller, &record, "x.pdf", "application/pdf", &pdf(10));
    assert_eq!(of_record.status, 201);
    add(of_record.text("/id").unwrap(), 199);
    assert_eq!(send_in(caller, &record, "x.pdf", "application/pdf", &pdf(10)).status, 409);
}

#[test]
fn a_practice_sends_in_at_most_a_gigabyte_a_day_also_of_two_that_come_at_once() {
    let office = Office::new();
    office.send("first.pdf");
    let practice = office.practice.id;
    let almost = 1024 * 1024 * 1024 - 1500;
    sql(&format!("UPDATE document_days SET bytes = {almost} WHERE owner_id = '{practice}'"));
    assert_eq!(two_at_once(&office, ""), [201, 409]);
    let refused = send_in(&office.practice.manager, &office.case, "x.pdf", "application/pdf", &pdf(1000));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    assert!(refused.text("/detail").unwrap().contains("1 GB"), "{}", refused.body);
    // Another practice has a day of its own, and the next day is another.
    let other = office.world.practice(&office.council);
    let case = crate::practice::cases::case_of(&other, &office.council, &other.social_worker);
    assert_eq!(send_in(&other.manager, &case, "x.pdf", "application/pdf", &pdf(1000)).status, 201);
    office.world.set_clock("2026-11-21T08:00:00Z");
    office.practice.manager.forget_token();
    assert_eq!(send_in(&office.practice.manager, &office.case, "x.pdf", "application/pdf", &pdf(1000)).status, 201);
}

#[test]
fn the_last_document_that_there_was_room_for_is_answered_again_when_it_is_sent_again() {
    let office = Office::new();
    let first = office.send("first.pdf");
    add(first.text("/id").unwrap(), 198);
    let (caller, key, content) = (&office.practice.social_worker, almoner_tests::callers::fresh_key(), pdf(1000));
    let send = |content: &[u8]| {
        let headers = [("idempotency-key", key.as_str()), ("content-disposition", "attachment; filename=last.pdf")];
        send_with(caller, &office.case, &headers, "application/pdf", content)
    };
    let made = send(&content);
    assert_eq!(made.status, 201, "{}", made.body);
    // The day is over too.
    let almost = 1024 * 1024 * 1024 - 500;
    sql(&format!("UPDATE document_days SET bytes = {almost} WHERE owner_id = '{}'", office.practice.id));
    let again = send(&content);
    assert_eq!((again.status, again.text("/id")), (201, made.text("/id")), "{}", again.body);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(send(&pdf(10)).text("/type"), Some("/problems/idempotency-key-reused"));
    assert_eq!(files(&office.directory).len(), 2, "nothing is left of what was sent again");
}

#[test]
fn of_two_new_versions_that_come_at_once_one_is_refused() {
    let office = Office::new();
    let first = office.send("plan.pdf");
    assert_eq!(two_at_once(&office, &format!("?replaces={}", first.text("/id").unwrap())), [201, 409]);
    assert_eq!(files(&office.directory).len(), 2, "nothing is left of what was refused");
}
