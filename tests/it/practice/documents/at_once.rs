//! Documents of referrals that are sent while something else happens to the referral, or at the same moment.

use std::time::Duration;

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::documents::{disposition, files, honest_scanner, pdf, send_in};
use almoner_tests::{Web, postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::of_referrals::{Arrival, documents};
use crate::practice::cases::column;

/// Does this in the database, and commits it once so many documents of the council are on their way and have come as far as what
/// it holds. Returns the statuses of their answers, the smaller first.
fn while_held(arrival: &Arrival, held: &str, count: usize) -> Vec<u16> {
    let authorization = format!("Bearer {}", arrival.council.system.token().unwrap());
    let (url, path) = (arrival.world.url(), format!("{}/documents", arrival.sent));
    let send = || {
        let (key, name) = (fresh_key(), disposition("x.pdf"));
        let headers = [("authorization", &*authorization), ("idempotency-key", &key), ("content-disposition", &name)];
        Web::new(url).send("POST", &path, &headers, Some(("application/pdf", &pdf(1000)))).status
    };
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    database.batch_execute(&format!("BEGIN; {held}")).unwrap();
    let mut statuses = std::thread::scope(|threads| {
        let sending: Vec<_> = (0..count).map(|_| threads.spawn(send)).collect();
        std::thread::sleep(Duration::from_millis(1500));
        assert!(sending.iter().all(|one| !one.is_finished()), "each waits for what is held");
        database.batch_execute("COMMIT").unwrap();
        sending.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    statuses.sort_unstable();
    statuses
}

#[test]
fn a_document_that_is_sent_while_the_referral_goes_elsewhere_is_refused_and_goes_nowhere() {
    let arrival = Arrival::new();
    let id = arrival.sent.rsplit('/').next().unwrap();
    let taken_back = format!(
        "UPDATE council_requests SET status = 'unrouted', practice_id = NULL, contract_id = NULL, referral_id = NULL
         WHERE council_request_id = '{id}'"
    );
    assert_eq!(while_held(&arrival, &taken_back, 1), [409]);
    assert!(column(&documents(&arrival.council.system, &arrival.sent), "/id").is_empty());
    let sent = send_in(&arrival.council.system, &arrival.sent, "again.pdf", "application/pdf", &pdf(10));
    assert_eq!(sent.status, 201, "it is kept for the next practice: {}", sent.body);
    arrival.world.scan_council(&arrival.council, honest_scanner());
    assert_eq!(column(&documents(&arrival.council.system, &arrival.sent), "/name"), [Some("again.pdf")]);
    assert!(column(&documents(&arrival.practice.manager, &arrival.received), "/id").is_empty());
    assert_eq!(files(&arrival.directory).len(), 1);
}

#[test]
fn a_document_that_is_sent_while_the_practice_declines_stays_with_the_council() {
    let arrival = Arrival::new();
    let id = arrival.received.rsplit('/').next().unwrap();
    let declined = format!("UPDATE referrals SET status = 'declined' WHERE referral_id = '{id}'");
    assert_eq!(while_held(&arrival, &declined, 1), [201]);
    arrival.world.scan_council(&arrival.council, honest_scanner());
    assert_eq!(column(&documents(&arrival.council.system, &arrival.sent), "/status"), [Some("clean")]);
    assert!(column(&documents(&arrival.practice.manager, &arrival.received), "/id").is_empty());
}

#[test]
fn of_two_that_come_at_once_the_two_hundredth_is_taken_and_the_next_refused() {
    let arrival = Arrival::new();
    let first = send_in(&arrival.council.system, &arrival.sent, "first.pdf", "application/pdf", &pdf(10));
    super::limits::add_to_council(first.text("/id").unwrap(), 198);
    let day = format!("SELECT FROM document_days WHERE owner_id = '{}' FOR UPDATE", arrival.council.id);
    assert_eq!(while_held(&arrival, &day, 2), [201, 409]);
    assert_eq!(files(&arrival.directory).len(), 2, "nothing is left of what was refused");
}

#[test]
fn a_council_sends_in_at_most_a_gigabyte_a_day_and_uses_up_no_practices() {
    let arrival = Arrival::new();
    let first = send_in(&arrival.council.system, &arrival.sent, "first.pdf", "application/pdf", &pdf(10));
    assert_eq!(first.status, 201, "{}", first.body);
    let (almost, council) = (1024 * 1024 * 1024 - 500, arrival.council.id);
    super::limits::sql(&format!("UPDATE document_days SET bytes = {almost} WHERE owner_id = '{council}'"));
    let refused = send_in(&arrival.council.system, &arrival.sent, "x.pdf", "application/pdf", &pdf(1000));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    assert!(refused.text("/detail").unwrap().contains("1 GB"), "{}", refused.body);
    let theirs = send_in(&arrival.practice.manager, &arrival.received, "x.pdf", "application/pdf", &pdf(1000));
    assert_eq!(theirs.status, 201, "{}", theirs.body);
}
