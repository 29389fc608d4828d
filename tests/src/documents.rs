//! Documents for the tests: their contents, and sending them in.

use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use almoner_demo::web::Answer;
use almoner_worker::Scanner;
use diesel::connection::SimpleConnection;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::callers::{Caller, fresh_key};

/// The type of the main part of a DOCX.
const MAIN_PART: &str = "<Override PartName=\"/word/document.xml\" \
    ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>";

/// A PDF of about this many bytes, of which no two are alike.
pub fn pdf(size: usize) -> Vec<u8> {
    let mut content = format!("%PDF-1.7\n% {}\n", fresh_key()).into_bytes();
    content.resize(content.len().max(size), b' ');
    content
}

/// A picture in which a comment says where it was taken.
pub fn jpeg_taken_at(place: &str) -> Vec<u8> {
    let length = u16::try_from(place.len() + 2).expect("a short comment").to_be_bytes();
    let comment = [&b"\xff\xd8\xff\xfe"[..], &length, place.as_bytes()].concat();
    [&comment[..], b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00", &[0x5a; 600], b"\xff\xd9"].concat()
}

/// A container with these parts, each with its text.
pub fn container(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).expect("a part");
        archive.write_all(text.as_bytes()).expect("a part");
    }
    archive.finish().expect("a container").into_inner()
}

/// A DOCX with these parts besides.
pub fn docx(more: &[(&str, &str)]) -> Vec<u8> {
    container(&[&[("[Content_Types].xml", MAIN_PART), ("word/document.xml", "<w:document/>")], more].concat())
}

/// Sends in a document of a case or a person, at this address, under this name.
pub fn send_in(caller: &dyn Caller, holder: &str, name: &str, media_type: &str, content: &[u8]) -> Answer {
    send_with(caller, holder, &[("content-disposition", &disposition(name))], media_type, content)
}

/// Sends in a document with these headers, and a fresh `Idempotency-Key` unless one of them is.
pub fn send_with(
    caller: &dyn Caller,
    holder: &str,
    headers: &[(&str, &str)],
    media_type: &str,
    content: &[u8],
) -> Answer {
    let key = fresh_key();
    let headers = if headers.iter().any(|(name, _)| *name == "idempotency-key") {
        headers.to_vec()
    } else {
        [&[("idempotency-key", key.as_str())], headers].concat()
    };
    caller.send("POST", &format!("{holder}/documents"), &headers, Some((media_type, content)))
}

/// Begins an upload of this many bytes at a door, by tus.
pub fn begin_upload(caller: &dyn Caller, door: &str, size: usize) -> Answer {
    let headers = [("tus-resumable", "1.0.0"), ("upload-length", &size.to_string())];
    caller.send("POST", &format!("/v1/{door}/uploads"), &headers, None)
}

/// The header with the name of a document.
pub fn disposition(name: &str) -> String {
    format!("attachment; filename*=UTF-8''{}", percent_encoded(name))
}

fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Marks a document as clean, as the worker does, for a test in which no scanner runs.
pub fn find_clean(document: &str) {
    let update =
        format!("UPDATE documents SET status = 'clean', scanned_at = sent_at WHERE document_id = '{document}'");
    crate::audited::database().batch_execute(&update).expect("the document");
}

/// Marks a document of a complaint as clean.
pub fn find_complaint_document_clean(document: &str) {
    let update = format!(
        "UPDATE complaint_documents SET status = 'clean', scanned_at = sent_at WHERE document_id = '{document}'"
    );
    crate::audited::database().batch_execute(&update).expect("the document");
}

/// Marks a document that a council sent as clean, at the council and at its practice.
pub fn find_council_document_clean(document: &str) {
    let set = "SET status = 'clean', scanned_at = sent_at";
    let update = format!(
        "UPDATE council_documents {set} WHERE document_id = '{document}';
         UPDATE documents {set} WHERE council_document_id = '{document}'"
    );
    crate::audited::database().batch_execute(&update).expect("the document");
}

/// A scanner that is this script of the shell's, in a file of its own that everybody may read.
pub fn scanner(script: &str) -> Scanner {
    let path = std::env::temp_dir().join(format!("almoner-test-scanner-{}", fresh_key()));
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a script");
    Scanner::parse(path.to_str().expect("a path")).expect("a command")
}

/// A scanner that finds the test content of EICAR, and contents with the word `MALWARE`, and nothing else.
pub fn honest_scanner() -> Scanner {
    scanner("if grep -q -e EICAR -e MALWARE; then cat > /dev/null; exit 1; fi; exit 0")
}

/// Waits until nothing is left below a directory: what was broken off is removed on a thread of its own.
pub fn expect_no_files(directory: &Path, why: &str) {
    let until = Instant::now() + Duration::from_secs(10);
    while !files(directory).is_empty() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(files(directory).is_empty(), "{why}: {:?}", files(directory));
}

/// The files below a directory, whole or half.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let entries = entries.map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
