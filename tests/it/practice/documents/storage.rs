//! What happens where the content does not arrive whole, or cannot be stored.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::documents::{expect_no_files, files, honest_scanner, pdf, send_in};
use almoner_tests::postgres;
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::Office;
use crate::practice::cases::column;

/// Sends the head of a request and the beginning of its content, and closes the connection.
fn break_off(office: &Office, content: &[u8], sent: usize) {
    let authority = office.world.url().trim_start_matches("http://").to_owned();
    let token = office.practice.social_worker.token().unwrap();
    let mut connection = TcpStream::connect(&authority).unwrap();
    write!(
        connection,
        "POST {}/documents HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {}\r\n\
         Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=x.pdf\r\nContent-Length: {}\r\n\r\n",
        office.case,
        fresh_key(),
        content.len()
    )
    .unwrap();
    connection.write_all(&content[..sent]).unwrap();
    connection.flush().unwrap();
    std::thread::sleep(Duration::from_millis(100));
    connection.shutdown(std::net::Shutdown::Both).unwrap();
    let _ = connection.read(&mut [0; 100]);
}

#[test]
fn a_connection_that_is_cut_at_any_chunk_leaves_nothing_half() {
    let office = Office::new();
    let content = pdf(3 * 1024 * 1024);
    let chunk = 64 * 1024;
    let ends =
        [0, 1, chunk - 1, chunk, chunk + 1, 1024 * 1024, 1024 * 1024 + 5 * chunk, 2 * 1024 * 1024, content.len() - 1];
    for sent in ends {
        break_off(&office, &content, sent);
    }
    expect_no_files(&office.directory, "nothing half");
    let worker = &office.practice.social_worker;
    assert!(column(&office.listed(worker), "/id").is_empty());
    assert_eq!(office.world.audited(&office.practice, "document.sent"), 0);
    let sent = send_in(worker, &office.case, "x.pdf", "application/pdf", &content);
    assert_eq!(sent.status, 201, "and the whole is taken afterwards: {}", sent.body);
}

#[test]
fn where_nothing_can_be_stored_that_is_said_and_nothing_is_half() {
    let office = Office::new();
    // A file is in the place of the directory.
    std::fs::create_dir_all(office.directory.parent().unwrap()).unwrap();
    std::fs::write(&office.directory, "").unwrap();
    let worker = &office.practice.social_worker;
    let refused = send_in(worker, &office.case, "x.pdf", "application/pdf", &pdf(100));
    assert_eq!(
        (refused.status, refused.text("/type")),
        (503, Some("/problems/service-unavailable")),
        "{}",
        refused.body
    );
    assert!(refused.header("retry-after").is_some());
    assert!(!refused.body.to_string().contains("documents/"), "no path is told");
    assert!(column(&office.listed(worker), "/id").is_empty());
    std::fs::remove_file(&office.directory).unwrap();
    assert_eq!(send_in(worker, &office.case, "x.pdf", "application/pdf", &pdf(100)).status, 201);
}

#[test]
fn a_content_that_no_document_has_is_cleared_away_after_a_day_and_no_other() {
    let office = Office::new();
    let (world, practice) = (&office.world, &office.practice);
    let lost = office.send("lost.pdf");
    let [object] = &files(&office.directory)[..] else { panic!("one object") };
    let object = object.clone();
    let kept = office.send("kept.pdf");
    // As if the process had died before it wrote the row, and another while it took the content in.
    let delete = format!("DELETE FROM documents WHERE document_id = '{}'", lost.text("/id").unwrap());
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    database.batch_execute(&delete).unwrap();
    let half = object.with_file_name(format!("{}#1", object.file_name().unwrap().to_string_lossy()));
    std::fs::write(&half, "half").unwrap();

    world.scan(practice, honest_scanner());
    assert_eq!(files(&office.directory).len(), 3, "it may still be on its way");
    world.clock.advance(TimeDelta::hours(25));
    world.scan(practice, honest_scanner());
    assert!(!object.exists() && !half.exists(), "{:?}", files(&office.directory));
    practice.social_worker.forget_token();
    assert_eq!(practice.social_worker.get(kept.header("location").unwrap()).status, 200);
}

#[test]
#[ignore = "wants a small disk of its own: scripts/deep.d/full-disk"]
fn where_the_disk_is_full_that_is_said_and_nothing_is_half() {
    let disk = std::path::PathBuf::from(std::env::var_os("ALMONER_TEST_SMALL_DISK").expect("a disk of 4 MiB"));
    let office = Office::in_directory(disk.join("documents"));
    let worker = &office.practice.social_worker;
    let unavailable = (503, Some("/problems/service-unavailable"));
    for _ in 0..3 {
        let refused = send_in(worker, &office.case, "x.pdf", "application/pdf", &pdf(6 * 1024 * 1024));
        assert_eq!((refused.status, refused.text("/type")), unavailable, "{}", refused.body);
        assert!(column(&office.listed(worker), "/id").is_empty());
    }
    let upload = super::uploads::begin(worker, 6 * 1024 * 1024);
    let piece = super::uploads::append(worker, &upload, 0, &pdf(6 * 1024 * 1024));
    assert_eq!((piece.status, piece.text("/type")), unavailable, "{}", piece.body);
    assert_eq!(super::uploads::received(worker, &upload), 0);
    expect_no_files(&office.directory, "the room is free again");
    assert_eq!(send_in(worker, &office.case, "x.pdf", "application/pdf", &pdf(1024 * 1024)).status, 201);
}
