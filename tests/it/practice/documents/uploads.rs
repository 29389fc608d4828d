//! Contents that arrive in pieces, by tus 1.0.0.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::documents::{begin_upload, disposition, files, honest_scanner, pdf, send_in, send_with};
use almoner_tests::{Staff, Web, postgres};
use chrono::TimeDelta;
use data_encoding::BASE64;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::of_referrals::{Arrival, documents};
use super::{Office, number_in};
use crate::practice::cases::{column, pointer};

const UPLOADS: &str = "/v1/practice/uploads";
const VERSION: (&str, &str) = ("tus-resumable", "1.0.0");

/// Begins an upload of this size, and returns its address.
pub(super) fn begin(caller: &dyn Caller, size: usize) -> String {
    let begun = begin_upload(caller, "practice", size);
    assert_eq!(begun.status, 201, "{}", begun.body);
    begun.header("location").unwrap().to_owned()
}

fn append_with(caller: &dyn Caller, upload: &str, from: usize, more: &[(&str, &str)], piece: &[u8]) -> Answer {
    let from = from.to_string();
    let headers = [&[VERSION, ("upload-offset", &from)], more].concat();
    caller.send("PATCH", upload, &headers, Some(("application/offset+octet-stream", piece)))
}

pub(super) fn append(caller: &dyn Caller, upload: &str, from: usize, piece: &[u8]) -> Answer {
    append_with(caller, upload, from, &[], piece)
}

/// The bytes that an upload has, as its `HEAD` says.
pub(super) fn received(caller: &dyn Caller, upload: &str) -> usize {
    let head = caller.send("HEAD", upload, &[VERSION], None);
    assert_eq!(head.status, 200, "{upload}");
    head.header("upload-offset").unwrap().parse().unwrap()
}

/// Sends in the document whose content is an upload.
fn finish_with(caller: &dyn Caller, holder: &str, upload: &str, headers: &[(&str, &str)], kind: &str) -> Answer {
    let id = upload.rsplit('/').next().unwrap();
    let (name, key) = (disposition("plan.pdf"), fresh_key());
    let headers = [&[("content-disposition", name.as_str()), ("idempotency-key", key.as_str())], headers].concat();
    let mut all: Vec<(&str, &str)> = Vec::new();
    for (name, value) in headers {
        // The last of a name counts.
        all.retain(|(known, _)| *known != name);
        all.push((name, value));
    }
    caller.send("POST", &format!("{holder}/documents?upload={id}"), &all, Some((kind, b"")))
}

fn finish(caller: &dyn Caller, holder: &str, upload: &str) -> Answer {
    finish_with(caller, holder, upload, &[], "application/pdf")
}

/// Uploads the whole of a content in pieces, and returns the upload's address.
pub(super) fn upload(caller: &dyn Caller, content: &[u8]) -> String {
    let upload = begin(caller, content.len());
    let mut from = 0;
    for piece in content.chunks(content.len().div_ceil(3)) {
        let answer = append(caller, &upload, from, piece);
        assert_eq!(answer.status, 204, "{}", answer.body);
        from += piece.len();
        assert_eq!(answer.header("upload-offset").unwrap(), from.to_string());
    }
    upload
}

#[test]
fn a_content_that_came_in_pieces_is_a_document_like_any_other_and_nothing_else_is_left_of_it() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    let content = pdf(7 * 1024 * 1024 + 5);
    let begun = begin_upload(sender, "practice", content.len());
    assert_eq!(begun.status, 201, "{}", begun.body);
    assert_eq!(begun.body["size"], json!(content.len()));
    assert_eq!((begun.header("upload-offset"), begun.header("tus-resumable")), (Some("0"), Some("1.0.0")));
    assert!(begun.header("upload-expires").unwrap().ends_with(" GMT"), "{:?}", begun.headers);
    let upload = begun.header("location").unwrap();
    let mut from = 0;
    for piece in content.chunks(3 * 1024 * 1024) {
        assert_eq!(received(sender, upload), from);
        assert_eq!(append(sender, upload, from, piece).status, 204);
        from += piece.len();
    }
    let sent = finish(sender, &office.case, upload);
    assert_eq!((sent.status, sent.text("/kind")), (201, Some("pdf")), "{}", sent.body);
    assert_eq!(sent.text("/sha256"), Some(data_encoding::HEXLOWER.encode(&Sha256::digest(&content)).as_str()));
    office.world.scan(&office.practice, honest_scanner());
    assert_eq!(files(&office.directory).len(), 1, "the pieces are gone");
    assert!(sender.get(sent.header("location").unwrap()).content == content);
    assert_eq!(sender.send("HEAD", upload, &[VERSION], None).status, 404, "the document took it");
}

#[test]
fn a_piece_that_breaks_off_is_kept_as_far_as_it_came() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    let content = pdf(500_000);
    let upload = begin(sender, content.len());
    let authority = office.world.url().trim_start_matches("http://").to_owned();
    let mut connection = TcpStream::connect(&authority).unwrap();
    write!(
        connection,
        "PATCH {upload} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\n\
         Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {}\r\n\r\n",
        sender.token().unwrap(),
        content.len()
    )
    .unwrap();
    connection.write_all(&content[..300_000]).unwrap();
    connection.flush().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    connection.shutdown(std::net::Shutdown::Both).unwrap();
    let _ = connection.read(&mut [0; 100]);
    let until = Instant::now() + Duration::from_secs(10);
    while received(sender, &upload) == 0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    let came = received(sender, &upload);
    assert_eq!(came, 300_000, "what came counts");
    assert_eq!(append(sender, &upload, came, &content[came..]).status, 204);
    let sent = finish(sender, &office.case, &upload);
    assert_eq!(sent.status, 201, "{}", sent.body);
    office.world.scan(&office.practice, honest_scanner());
    assert!(sender.get(sent.header("location").unwrap()).content == content);
}

#[test]
fn a_piece_goes_on_from_what_came_and_has_the_checksum_that_it_says() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    let content = pdf(1000);
    let upload = begin(sender, content.len());
    let sha256 = |piece: &[u8]| format!("sha256 {}", BASE64.encode(&Sha256::digest(piece)));
    let right = append_with(sender, &upload, 0, &[("upload-checksum", &sha256(&content[..400]))], &content[..400]);
    assert_eq!(right.status, 204, "{}", right.body);
    let wrong = append_with(sender, &upload, 400, &[("upload-checksum", &sha256(b"x"))], &content[400..]);
    assert_eq!((wrong.status, wrong.text("/type")), (460, Some("/problems/checksum-mismatch")), "{}", wrong.body);
    let other = append_with(sender, &upload, 400, &[("upload-checksum", "md5 AAAA")], &content[400..]);
    assert_eq!((other.status, other.text("/type")), (400, Some("/problems/malformed-header")), "{}", other.body);
    for from in [0, 399, 401, 1000, 5000] {
        let refused = append(sender, &upload, from, b"x");
        assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{from}");
        assert!(refused.text("/detail").unwrap().contains("400 bytes"), "{}", refused.body);
    }
    // Whoever sends all of it before they read the answer reads it.
    assert_eq!(append(sender, &upload, 401, &pdf(20_000_000)).status, 409);
    assert_eq!(append(sender, &upload, 400, &pdf(20_000_000)).status, 413);
    let too_long = append(sender, &upload, 400, &[b' '; 601]);
    assert_eq!((too_long.status, too_long.text("/type")), (413, Some("/problems/content-too-large")));
    assert_eq!(append(sender, &upload, 400, b"").status, 204, "nothing came, and nothing is wrong");
    assert_eq!(received(sender, &upload), 400, "nothing of these was kept");
    assert_eq!(files(&office.directory).len(), 1);
    // RFC 3174: the checksum of `abc`.
    let abc = begin(sender, 3);
    let sha1 = append_with(sender, &abc, 0, &[("upload-checksum", "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")], b"abc");
    assert_eq!(sha1.status, 204, "{}", sha1.body);
}

#[test]
fn of_two_pieces_that_go_on_from_the_same_byte_one_is_kept() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    let content = pdf(200_000);
    let upload = begin(sender, content.len());
    let authorization = format!("Bearer {}", sender.token().unwrap());
    let url = office.world.url();
    let send = || {
        let headers = [VERSION, ("upload-offset", "0"), ("authorization", &*authorization)];
        let piece = Some(("application/offset+octet-stream", &content[..]));
        Web::new(url).send("PATCH", &upload, &headers, piece).status
    };
    let mut statuses = std::thread::scope(|threads| {
        let sending: Vec<_> = (0..4).map(|_| threads.spawn(send)).collect();
        sending.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409, 409, 409]);
    assert_eq!(received(sender, &upload), content.len());
    assert_eq!(files(&office.directory).len(), 1, "nothing is left of the others");
}

#[test]
fn an_upload_is_its_callers_alone() {
    let office = Office::new();
    let (sender, colleague) = (&office.practice.social_worker, &office.practice.manager);
    let content = pdf(100);
    let upload = upload(sender, &content);
    let other = office.world.practice(&office.council);
    let strangers: [&Staff; 2] = [colleague, &other.social_worker];
    for stranger in strangers {
        assert_eq!(stranger.send("HEAD", &upload, &[VERSION], None).status, 404);
        assert_eq!(append(stranger, &upload, content.len(), b"x").status, 404);
        assert_eq!(stranger.send("DELETE", &upload, &[VERSION], None).status, 404);
    }
    let taken = finish(colleague, &office.case, &upload);
    assert_eq!(pointer(&taken), (422, Some("upload")), "{}", taken.body);
    assert_eq!(received(sender, &upload), content.len(), "nothing happened to it");
    assert_eq!(sender.send("DELETE", &upload, &[VERSION], None).status, 204);
    assert_eq!(sender.send("DELETE", &upload, &[VERSION], None).status, 404);
    office.world.scan(&office.practice, None);
    assert!(files(&office.directory).is_empty(), "what came of it is gone");
}

#[test]
fn an_upload_expires_after_a_day_with_all_that_came_of_it() {
    // The worker deletes what has expired of everybody, so this database is the test's own.
    let database = format!("almoner_it_uploads_{}", std::process::id());
    postgres::create(&database);
    almoner_persistence::migrations::migrate(&postgres::superuser_url(&database)).unwrap();
    let office = Office::on(&database);
    let sender = &office.practice.social_worker;
    let whole = upload(sender, &pdf(100));
    let half = begin(sender, 100);
    append(sender, &half, 0, b"%PDF-1.7");
    office.world.clock.advance(TimeDelta::hours(24));
    sender.forget_token();
    assert_eq!(sender.send("HEAD", &half, &[VERSION], None).status, 404);
    assert_eq!(append(sender, &half, 8, b"x").status, 404);
    let late = finish(sender, &office.case, &whole);
    assert_eq!(pointer(&late), (422, Some("upload")), "{}", late.body);
    office.world.clock.advance(TimeDelta::hours(2));
    office.world.scan(&office.practice, None);
    assert!(files(&office.directory).is_empty(), "the worker deletes the pieces");
    office.world.work_everywhere();
    let left = "(SELECT count(*)::integer FROM upload_pieces) + (SELECT count(*)::integer FROM uploads)";
    assert_eq!(number_in(&database, left), 0, "and the rows");
}

#[test]
fn a_document_takes_an_upload_once_and_only_when_it_is_whole() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    let content = pdf(1000);
    let upload = begin(sender, content.len());
    append(sender, &upload, 0, &content[..999]);
    let early = finish(sender, &office.case, &upload);
    assert_eq!((early.status, early.text("/type")), (409, Some("/problems/invalid-state")), "{}", early.body);
    append(sender, &upload, 999, &content[999..]);
    let lied = finish_with(sender, &office.case, &upload, &[], "image/png");
    assert_eq!(pointer(&lied), (422, Some("content-type")), "{}", lied.body);
    let hash = [("content-digest", "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:")];
    let wrong = finish_with(sender, &office.case, &upload, &hash, "application/pdf");
    assert_eq!(pointer(&wrong), (422, Some("Content-Digest")), "{}", wrong.body);
    let id = upload.rsplit('/').next().unwrap();
    let full = send_with(
        sender,
        &office.case,
        &[("content-disposition", "attachment; filename=x.pdf")],
        "application/pdf",
        &content,
    );
    assert_eq!(full.status, 201, "{}", full.body);
    let both = sender.send(
        "POST",
        &format!("{}/documents?upload={id}", office.case),
        &[("content-disposition", "attachment; filename=x.pdf"), ("idempotency-key", &fresh_key())],
        Some(("application/pdf", &content)),
    );
    assert_eq!(pointer(&both), (422, Some("")), "{}", both.body);

    let key = fresh_key();
    let first = finish_with(sender, &office.case, &upload, &[("idempotency-key", &key)], "application/pdf");
    assert_eq!(first.status, 201, "what was refused took nothing: {}", first.body);
    let again = finish_with(sender, &office.case, &upload, &[("idempotency-key", &key)], "application/pdf");
    assert_eq!((again.status, &again.body), (201, &first.body), "{}", again.body);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let second = finish(sender, &office.case, &upload);
    assert_eq!(pointer(&second), (422, Some("upload")), "{}", second.body);
    office.world.scan(&office.practice, None);
    assert_eq!(files(&office.directory).len(), 2, "of each document one");
}

#[test]
fn of_two_documents_that_take_an_upload_at_once_one_is_sent() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    let upload = upload(sender, &pdf(100_000));
    let id = upload.rsplit('/').next().unwrap();
    let authorization = format!("Bearer {}", sender.token().unwrap());
    let (url, path) = (office.world.url(), format!("{}/documents?upload={id}", office.case));
    let send = || {
        let (key, name) = (fresh_key(), disposition("x.pdf"));
        let headers = [("authorization", &*authorization), ("idempotency-key", &key), ("content-disposition", &name)];
        Web::new(url).send("POST", &path, &headers, Some(("application/pdf", b""))).status
    };
    let mut statuses = std::thread::scope(|threads| {
        let sending: Vec<_> = (0..4).map(|_| threads.spawn(send)).collect();
        sending.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422, 422, 422]);
    assert_eq!(column(&office.listed(sender), "/id").len(), 1);
    office.world.scan(&office.practice, None);
    assert_eq!(files(&office.directory).len(), 1);
}

#[test]
fn an_upload_has_a_size_that_a_document_may_have_and_a_caller_has_twenty_under_way() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    for (size, status) in
        [("0", 400), ("", 400), ("x", 400), ("+5", 400), ("26214401", 413), ("99999999999999999999", 400)]
    {
        let refused = sender.send("POST", UPLOADS, &[VERSION, ("upload-length", size)], None);
        assert_eq!(refused.status, status, "{size}: {}", refused.body);
    }
    for version in [None, Some("0.2.2"), Some("1.0.1")] {
        let mut headers = vec![("upload-length", "5")];
        headers.extend(version.map(|version| ("tus-resumable", version)));
        let refused = sender.send("POST", UPLOADS, &headers, None);
        let said = (refused.status, refused.text("/type"), refused.header("tus-version"));
        assert_eq!(said, (412, Some("/problems/tus-version-unsupported"), Some("1.0.0")), "{version:?}");
    }
    let first = begin(sender, 26_214_400);
    (0..18).for_each(|_| drop(begin(sender, 1)));
    // Of four at once, the twentieth is begun and no other.
    let authorization = format!("Bearer {}", sender.token().unwrap());
    let send = || {
        let headers = [VERSION, ("upload-length", "1"), ("authorization", &*authorization)];
        Web::new(office.world.url()).send("POST", UPLOADS, &headers, None).status
    };
    let held = format!("BEGIN; SELECT FROM uploads WHERE owner_id = '{}' FOR UPDATE", office.practice.id);
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    database.batch_execute(&held).unwrap();
    let mut statuses = std::thread::scope(|threads| {
        let sending: Vec<_> = (0..4).map(|_| threads.spawn(send)).collect();
        std::thread::sleep(Duration::from_millis(1500));
        assert!(sending.iter().all(|one| !one.is_finished()), "each waits for what is held");
        database.batch_execute("COMMIT").unwrap();
        sending.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
    let refused = begin_upload(sender, "practice", 1);
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    assert_eq!(
        begin_upload(&office.practice.manager, "practice", 1).status,
        201,
        "a colleague has uploads of their own"
    );
    assert_eq!(sender.send("DELETE", &first, &[VERSION], None).status, 204);
    let upload = begin(sender, 1000);
    let id = upload.rsplit('/').next().unwrap();
    super::limits::sql(&format!(
        "INSERT INTO upload_pieces SELECT owner_id, caller_id, upload_id, number, 1, gen_random_uuid(), ''
         FROM uploads, generate_series(0, 499) AS number WHERE upload_id = '{id}'"
    ));
    super::limits::sql(&format!("UPDATE uploads SET received = 500 WHERE upload_id = '{id}'"));
    let refused = append(sender, &upload, 500, b"x");
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.text("/detail").unwrap().contains("500 pieces"), "{}", refused.body);
}

#[test]
fn the_service_says_what_it_speaks() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    for path in [UPLOADS, "/v1/council/uploads"] {
        let options = sender.send("OPTIONS", path, &[], None);
        assert_eq!(options.status, 204);
        for (name, value) in [
            ("tus-version", "1.0.0"),
            ("tus-extension", "creation,checksum,expiration,termination"),
            ("tus-checksum-algorithm", "sha1,sha256"),
            ("tus-max-size", "26214400"),
        ] {
            assert_eq!(options.header(name), Some(value), "{path} {name}");
        }
    }
    let upload = begin(sender, 10);
    let other = sender.send("PATCH", &upload, &[VERSION, ("upload-offset", "0")], Some(("application/pdf", b"x")));
    assert_eq!((other.status, other.text("/type")), (415, Some("/problems/unsupported-media-type")));
    let head = sender.send("HEAD", &upload, &[VERSION], None);
    assert!(head.header("cache-control").unwrap().contains("no-store"), "{:?}", head.headers);
    assert_eq!(sender.get("/v1/practice/notices").header("tus-version"), None, "nowhere else");
}

#[test]
fn a_council_uploads_what_it_sends_with_a_referral() {
    let arrival = Arrival::new();
    let system = &arrival.council.system;
    let content = pdf(600_000);
    let begun = begin_upload(system, "council", content.len());
    assert_eq!(begun.status, 201, "{}", begun.body);
    let upload = begun.header("location").unwrap();
    assert_eq!(append(system, upload, 0, &content[..100_000]).status, 204);
    let elsewhere = arrival.world.council();
    assert_eq!(elsewhere.system.send("HEAD", upload, &[VERSION], None).status, 404);
    let second = arrival.world.client(Some(arrival.council.id), &["referrals"]);
    assert_eq!(second.send("HEAD", upload, &[VERSION], None).status, 404, "another system of the same council's");
    assert_eq!(append(system, upload, 100_000, &content[100_000..]).status, 204);
    let sent = finish(system, &arrival.sent, upload);
    assert_eq!(sent.status, 201, "{}", sent.body);
    arrival.world.scan_council(&arrival.council, honest_scanner());
    assert_eq!(files(&arrival.directory).len(), 1);
    let listed = documents(&arrival.practice.manager, &arrival.received);
    let [document] = column(&listed, "/id")[..] else { panic!("one document: {}", listed.body) };
    let read = arrival.practice.manager.get(&format!("/v1/practice/documents/{}", document.unwrap()));
    assert!(read.content == content);
    let small = send_in(system, &arrival.sent, "x.pdf", "application/pdf", &pdf(10));
    assert_eq!(small.status, 201, "and as before: {}", small.body);
}

#[test]
fn a_council_is_refused_what_a_practice_is() {
    let office = Office::new();
    let system = &office.council.system;
    let begun = begin_upload(system, "council", 10);
    let upload = begun.header("location").unwrap();
    assert_eq!(append(system, upload, 5, b"x").status, 409);
    assert_eq!(append(system, upload, 0, b"more than ten bytes").status, 413);
    assert_eq!(append_with(system, upload, 0, &[("upload-checksum", "sha1 AAAA")], b"x").status, 460);
    let other = system.send("PATCH", upload, &[VERSION, ("upload-offset", "0")], Some(("application/pdf", b"x")));
    assert_eq!(other.status, 415);
    assert_eq!(received(system, upload), 0);
    assert_eq!(begin_upload(system, "council", 26_214_401).status, 413);
    (0..19).for_each(|_| assert_eq!(begin_upload(system, "council", 10).status, 201));
    assert_eq!(begin_upload(system, "council", 10).status, 409);
}
