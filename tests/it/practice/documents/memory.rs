//! How much memory documents take while they arrive.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use almoner_tests::callers::{Caller, fresh_key};

use super::Office;

const SIZE: usize = 25 * 1024 * 1024;
const AT_ONCE: usize = 16;

/// The memory of this process, in KiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Sends in a text of 25 MB in small pieces, of which no more is in memory. Returns the status.
fn send(authority: &str, token: &str, path: &str) -> u16 {
    let mut connection = TcpStream::connect(authority).unwrap();
    write!(
        connection,
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {}\r\n\
         Content-Type: text/plain\r\nContent-Disposition: attachment; filename=x.txt\r\nContent-Length: {SIZE}\r\n\r\n",
        fresh_key()
    )
    .unwrap();
    let piece = [b'x'; 16 * 1024];
    for _ in 0..SIZE / piece.len() {
        connection.write_all(&piece).unwrap();
    }
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).unwrap();
    std::str::from_utf8(&answer[9..]).unwrap().parse().unwrap()
}

#[test]
#[ignore = "a measurement, which wants the machine to itself"]
fn sixteen_documents_that_arrive_at_once_take_less_than_a_hundred_mebibytes() {
    let office = Office::new();
    office.send("first.pdf");
    let authority = office.world.url().trim_start_matches("http://").to_owned();
    let (token, path) = (office.practice.social_worker.token().unwrap(), format!("{}/documents", office.case));
    let before = memory();
    let (most, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let statuses: Vec<u16> = std::thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                most.fetch_max(memory(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let sending: Vec<_> = (0..AT_ONCE).map(|_| threads.spawn(|| send(&authority, &token, &path))).collect();
        let statuses = sending.into_iter().map(|one| one.join().unwrap()).collect();
        done.store(true, Ordering::Relaxed);
        statuses
    });
    assert_eq!(statuses, [201; AT_ONCE]);
    let besides = most.load(Ordering::Relaxed).saturating_sub(before) / 1024;
    eprintln!("{AT_ONCE} documents of 25 MB at once took {besides} MiB besides {} MiB", before / 1024);
    assert!(besides < 100, "{besides} MiB");
}
