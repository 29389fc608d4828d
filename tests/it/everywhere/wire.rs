//! Raw bytes on the wire, as clients send them that do not follow HTTP, and the server's answers.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use almoner_tests::World;

/// Opens a connection. An answer that never ends fails the test.
fn connect(world: &World) -> TcpStream {
    let stream = TcpStream::connect(world.url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// Reads everything until the server closes the connection.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&answer)),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

pub(super) fn send(world: &World, bytes: &str) -> String {
    let mut stream = connect(world);
    // A server that has refused the start need not read the rest.
    let _ = stream.write_all(bytes.as_bytes());
    let _ = stream.shutdown(std::net::Shutdown::Write);
    rest(stream)
}

pub(super) fn statuses(answer: &str) -> Vec<u16> {
    answer.split("HTTP/1.").skip(1).filter_map(|part| part.get(2..5)?.parse().ok()).collect()
}

/// A request behind which another is hidden. A server that reads its length in two ways sees the second one.
fn smuggled(headers: &str, body: &str) -> String {
    format!(
        "POST /v1/practice/sessions HTTP/1.1\r\nHost: almoner.test\r\nContent-Type: application/json\r\n{headers}\r\n\r\n{body}"
    )
}

#[test]
fn row_39_a_request_whose_length_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_served() {
    let world = World::new();
    let hidden = "GET /health/live HTTP/1.1\r\nHost: almoner.test\r\n\r\n";
    let chunked = format!("0\r\n\r\n{hidden}");
    let length = |extra: &str| format!("Content-Length: {}\r\n{extra}", chunked.len());
    for (headers, body) in [
        (length("Transfer-Encoding: chunked"), chunked.as_str()),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5".to_owned(), &chunked),
        ("Content-Length: 0\r\nContent-Length: 5".to_owned(), hidden),
        ("Content-Length: 5\r\nContent-Length: 5".to_owned(), hidden),
        ("Content-Length: 0, 5".to_owned(), hidden),
        ("Content-Length: +0".to_owned(), hidden),
        ("Content-Length: -1".to_owned(), hidden),
        ("Content-Length: 0x0".to_owned(), hidden),
        ("Content-Length: ".to_owned(), hidden),
        ("Content-Length : 0".to_owned(), hidden),
        ("Transfer-Encoding : chunked".to_owned(), &chunked),
        ("Transfer-Encoding: xchunked".to_owned(), &chunked),
        ("Transfer-Encoding: chunked, identity".to_owned(), &chunked),
        ("Transfer-Encoding: identity, chunked".to_owned(), &chunked),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity".to_owned(), &chunked),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked".to_owned(), &chunked),
        ("Transfer-Encoding:\u{b}chunked".to_owned(), &chunked),
        ("Transfer-Encoding:\r\n chunked".to_owned(), &chunked),
        ("X: y\r\n Transfer-Encoding: chunked".to_owned(), &chunked),
        ("Transfer\u{1}Encoding: chunked".to_owned(), &chunked),
        ("X: y\0\r\nContent-Length: 0".to_owned(), hidden),
        (": chunked".to_owned(), hidden),
    ] {
        let answer = send(&world, &smuggled(&headers, body));
        assert_eq!(statuses(&answer), [400], "{headers:?}\n{answer}");
    }
}

#[test]
fn row_39_a_chunk_that_is_none_ends_the_connection() {
    let world = World::new();
    let hidden = "GET /health/live HTTP/1.1\r\nHost: almoner.test\r\n\r\n";
    for chunks in ["zz\r\n", "-1\r\n", "0x0\r\n\r\n", "fffffffffffffffff\r\n", "1\r\nab\r\n0\r\n\r\n"] {
        let answer = send(&world, &smuggled("Transfer-Encoding: chunked", &format!("{chunks}{hidden}")));
        let statuses = statuses(&answer);
        assert!(!statuses.contains(&200) && statuses.iter().all(|status| *status >= 400), "{chunks:?}\n{answer}");
    }
}

#[test]
fn row_39_two_requests_of_well_formed_lengths_are_two() {
    let world = World::new();
    let second = "GET /health/live HTTP/1.1\r\nHost: almoner.test\r\nConnection: close\r\n\r\n";
    let both = format!("{}{second}", smuggled("Content-Length: 2", "{}"));
    assert_eq!(statuses(&send(&world, &both)), [422, 200]);
    let both = format!("{}{second}", smuggled("Transfer-Encoding: chunked", "2\r\n{}\r\n0\r\n\r\n"));
    assert_eq!(statuses(&send(&world, &both)), [422, 200]);
}

#[test]
fn row_29_headers_have_a_limit_in_size_and_number() {
    let world = World::new();
    let request = |headers: &str| {
        format!("GET /health/live HTTP/1.1\r\nHost: almoner.test\r\nConnection: close\r\n{headers}\r\n")
    };
    assert_eq!(statuses(&send(&world, &request(&"X: y\r\n".repeat(80)))), [200]);
    assert_eq!(statuses(&send(&world, &request(&"X: y\r\n".repeat(200)))), [431]);
    assert_eq!(statuses(&send(&world, &request(&format!("X: {}\r\n", "y".repeat(140_000))))), [431]);
    let long = format!("GET /{} HTTP/1.1\r\nHost: almoner.test\r\n\r\n", "a".repeat(140_000));
    assert!(statuses(&send(&world, &long)).iter().all(|status| *status >= 400));
}

/// Sends one byte after another, a few in a second, until the server closes the connection. Returns what it answered.
fn drip(mut stream: TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let (mut answer, mut chunk) = (Vec::new(), [0; 4096]);
    // At most a minute: a server that waits for ever fails the test.
    for _ in 0..300 {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&chunk[..read]),
            Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {
                if stream.write_all(b"x").is_err() {
                    break;
                }
            }
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn row_29_who_sends_drop_by_drop_is_cut_off() {
    let world = World::with_settings(|settings| settings.request_timeout = Duration::from_secs(1));
    for start in [
        "GET /health/live HTTP/1.1\r\nHost: almo",
        "POST /v1/practice/sessions HTTP/1.1\r\nHost: almoner.test\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        "POST /oauth/token HTTP/1.1\r\nHost: almoner.test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ng",
    ] {
        let begun = Instant::now();
        let mut stream = connect(&world);
        stream.write_all(start.as_bytes()).unwrap();
        let answer = drip(stream);
        assert!(begun.elapsed() < Duration::from_secs(20), "{start}");
        assert!(statuses(&answer).iter().all(|status| [408, 504].contains(status)), "{answer}");
    }
}

#[test]
fn row_37_trace_and_what_is_no_method_are_refused_and_echo_nothing() {
    let world = World::new();
    for method in ["TRACE", "TRACK", "CONNECT", "PROPFIND", "get"] {
        let request = format!(
            "{method} /v1/practice/cases HTTP/1.1\r\nHost: almoner.test\r\nX-Secret: hush\r\nConnection: close\r\n\r\n"
        );
        let answer = send(&world, &request);
        let [status] = statuses(&answer)[..] else { panic!("{method}: {answer}") };
        assert!([400, 404, 405, 501].contains(&status), "{method}: {answer}");
        assert!(!answer.contains("hush"), "{method}: {answer}");
    }
}
