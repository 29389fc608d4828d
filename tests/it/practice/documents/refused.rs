//! Bad input: each is answered with a problem that says what is wrong, and nothing is left of it.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::documents::{
    container, disposition, docx, expect_no_files, files, jpeg_taken_at, pdf, send_in, send_with,
};
use data_encoding::{BASE64, HEXLOWER};

use super::Office;
use super::of_referrals::Arrival;
use crate::practice::cases::column;

const LARGEST: usize = 25 * 1024 * 1024;
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const ODT: &str = "application/vnd.oasis.opendocument.text";

fn told(answer: &Answer) -> (u16, &str, &str) {
    let kind = answer.text("/type").unwrap_or_default().trim_start_matches("/problems/");
    (answer.status, kind, answer.text("/errors/0/pointer").unwrap_or("-"))
}

pub(super) fn expect_nothing_left(office: &Office, why: &str) {
    assert!(column(&office.listed(&office.practice.social_worker), "/id").is_empty(), "{why}");
    expect_no_files(&office.directory, why);
}

#[test]
fn a_content_that_is_no_document_or_another_than_was_declared_is_refused() {
    let office = Office::new();
    let caller = &office.practice.social_worker;
    let picture = jpeg_taken_at("home");
    let docm = container(&[(
        "[Content_Types].xml",
        "<Override ContentType=\"application/vnd.ms-word.document.macroEnabled.main+xml\"/>",
    )]);
    let odt = |parts: &[(&str, &str)]| container(&[&[("mimetype", ODT), ("content.xml", "<x/>")], parts].concat());
    let cut_off = docx(&[])[..100].to_vec();
    for (why, media_type, content, pointer) in [
        ("empty", "application/pdf", Vec::new(), ""),
        ("a picture that is called a PDF", "application/pdf", picture, "content-type"),
        ("a PDF that is called a picture", "image/png", pdf(100), "content-type"),
        ("a text that is called a PDF", "application/pdf", b"Saw Edith.".to_vec(), "content-type"),
        ("a page that is called a text", "text/plain", b"\n<!DOCTYPE html><html>".to_vec(), ""),
        ("a page after a comment", "text/plain", b"<!-- x --><script>1</script>".to_vec(), ""),
        ("a page in the middle of a text", "text/plain", b"Dear all, <script src=x></script>".to_vec(), ""),
        ("a picture in SVG that is called a text", "text/plain", b"<svg xmlns='x'/>".to_vec(), ""),
        ("a picture in SVG that is called a PNG", "image/png", b"<?xml version='1.0'?><svg/>".to_vec(), ""),
        ("a page before a PDF", "application/pdf", [b"<html>", &pdf(100)[..]].concat(), ""),
        ("a program", "application/pdf", b"MZ\x90\0\x03\0\0\0\x04".to_vec(), ""),
        ("an old document of Word", DOCX, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), ""),
        ("a DOCM", DOCX, docm, ""),
        ("a DOCX with macros", DOCX, docx(&[("word/vbaProject.bin", "x")]), ""),
        ("a DOCX with macros in capitals", DOCX, docx(&[("word/VbaProject.BIN", "x")]), ""),
        ("an ODT with macros", ODT, odt(&[("Basic/Standard/Module1.xml", "x")]), ""),
        ("an ODT with scripts", ODT, odt(&[("Scripts/python/x.py", "x")]), ""),
        ("a DOCX that is called an ODT", ODT, docx(&[]), "content-type"),
        ("an archive", DOCX, container(&[("x.txt", "x")]), ""),
        ("a DOCX that is cut off", DOCX, cut_off, ""),
        ("UTF-16", "text/plain", b"\xff\xfeh\0i\0".to_vec(), ""),
    ] {
        let refused = send_in(caller, &office.case, "x", media_type, &content);
        assert_eq!(told(&refused), (422, "validation-failed", pointer), "{why}: {}", refused.body);
        expect_nothing_left(&office, why);
    }
    for media_type in [
        "text/html",
        "image/svg+xml",
        "application/octet-stream",
        "application/zip",
        "video/mp4",
        "text/plain; charset=utf-16",
    ] {
        for holder in [office.case.clone(), office.record()] {
            let refused = send_in(caller, &holder, "x", media_type, &pdf(10));
            assert_eq!(told(&refused), (415, "unsupported-media-type", "-"), "{media_type}");
        }
    }
    let headers = [("content-disposition", "attachment; filename=x"), ("content-encoding", "gzip")];
    assert_eq!(send_with(caller, &office.case, &headers, "application/pdf", &pdf(10)).status, 415);
    expect_nothing_left(&office, "another type");
}

#[test]
fn a_name_that_is_a_path_too_long_or_no_name_is_refused_and_others_are_cleaned() {
    let office = Office::new();
    let caller = &office.practice.social_worker;
    for name in [
        "../../x",
        "..\\..\\x",
        "/etc/passwd",
        "a/b.pdf",
        "..",
        ".htaccess",
        "",
        "\u{200b}",
        "a\nb",
        "a\0b",
        "a\u{7f}b",
        &"x".repeat(4000),
    ] {
        let refused = send_in(caller, &office.case, name, "application/pdf", &pdf(10));
        assert_eq!(told(&refused), (422, "validation-failed", "Content-Disposition"), "{name:?}: {}", refused.body);
        assert!(!refused.body.to_string().contains("passwd"), "what was sent is not repeated");
    }
    for (name, kept) in [
        ("pl\u{200b}an\u{202e}.pdf", "plan.pdf"),
        ("page.html", "page.html.pdf"),
        ("Caf\u{e9} \u{2013} \"x\".pdf", "Caf\u{e9} \u{2013} \"x\".pdf"),
    ] {
        let sent = send_in(caller, &office.case, name, "application/pdf", &pdf(10));
        assert_eq!((sent.status, sent.text("/name")), (201, Some(kept)), "{}", sent.body);
    }
    for header in
        ["", "inline; filename=\"x.pdf\"", "attachment", "form-data; name=\"x\"", "attachment; filename*=UTF-8''%FF"]
    {
        let refused = send_with(caller, &office.case, &[("content-disposition", header)], "application/pdf", &pdf(10));
        assert_eq!(told(&refused), (400, "malformed-header", "-"), "{header:?}");
    }
    let plain = [("content-disposition", "attachment; filename=\"plain.pdf\"")];
    assert_eq!(send_with(caller, &office.case, &plain, "application/pdf", &pdf(10)).text("/name"), Some("plain.pdf"));
}

#[test]
fn a_content_with_another_hash_than_was_said_is_refused() {
    let office = Office::new();
    let caller = &office.practice.social_worker;
    let content = b"Saw Edith at home.";
    let digest = |value: &str| {
        let headers = [("content-disposition", &*disposition("x.txt")), ("content-digest", value)];
        send_with(caller, &office.case, &headers, "text/plain", content)
    };
    let wrong = digest("sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:");
    assert_eq!(told(&wrong), (422, "validation-failed", "Content-Digest"), "{}", wrong.body);
    expect_nothing_left(&office, "another hash");
    for malformed in ["sha-256", "sha-256=uU0nuZNNPgil", "sha-256=:AAAA:", "sha-256=:!:", "\u{e9}"] {
        assert_eq!(told(&digest(malformed)), (400, "malformed-header", "-"), "{malformed}");
    }
    // Of a hash of another kind the service says nothing.
    let sent = digest("md5=:AAAA:");
    assert_eq!(sent.status, 201, "{}", sent.body);
    let hash = HEXLOWER.decode(sent.text("/sha256").unwrap().as_bytes()).unwrap();
    let right = format!("sha-256=:{}:", BASE64.encode(&hash));
    assert_eq!(digest(&right).status, 201);
    assert_eq!(digest(&format!("md5=:AAAA:, {right}")).status, 201);
}

#[test]
fn a_document_may_have_twenty_five_megabytes_and_not_one_byte_more() {
    let office = Office::new();
    let caller = &office.practice.social_worker;
    let mut content = pdf(LARGEST + 1);
    for holder in [office.case.clone(), office.record()] {
        let refused = send_in(caller, &holder, "x.pdf", "application/pdf", &content);
        assert_eq!(told(&refused), (413, "content-too-large", "-"), "{}", refused.body);
        expect_nothing_left(&office, "one byte too many");
    }
    content.truncate(LARGEST);
    // What is refused before it is read is answered too.
    let nobodys = format!("/v1/practice/cases/{}", fresh_key());
    assert_eq!(send_in(caller, &nobodys, "x.pdf", "application/pdf", &content).status, 404);
    let sent = send_in(caller, &office.case, "x.pdf", "application/pdf", &content);
    assert_eq!(sent.status, 201, "{}", sent.body);
    almoner_tests::documents::find_clean(sent.text("/id").unwrap());
    assert!(caller.get(sent.header("location").unwrap()).content == content);
}

#[test]
fn a_repeated_request_sends_a_document_once_and_another_content_under_its_key_is_refused() {
    let office = Office::new();
    let caller = &office.practice.social_worker;
    let (key, content) = (fresh_key(), pdf(70_000));
    let send = |name: &str, content: &[u8]| {
        let name = disposition(name);
        let headers = [("idempotency-key", key.as_str()), ("content-disposition", &name)];
        let path = format!("{}/documents", office.case);
        caller.send("POST", &path, &headers, Some(("application/pdf", content)))
    };
    let first = send("x.pdf", &content);
    let again = send("x.pdf", &content);
    assert_eq!((first.status, again.status), (201, 201), "{}", again.body);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.body, again.body);
    for other in [send("y.pdf", &content), send("x.pdf", &pdf(70_000))] {
        assert_eq!(told(&other), (422, "idempotency-key-reused", "-"), "{}", other.body);
    }
    assert_eq!(files(&office.directory).len(), 1, "one object of four contents");
    assert_eq!(column(&office.listed(caller), "/id").len(), 1);
}

#[test]
fn a_referrals_document_that_is_too_large_or_of_no_known_kind_is_refused_at_both_doors() {
    let arrival = Arrival::new();
    let Arrival { council, practice, sent, received, .. } = &arrival;
    let too_large = pdf(LARGEST + 1);
    for (by, holder) in [(&council.system as &dyn Caller, sent), (&practice.manager, received)] {
        assert_eq!(send_in(by, holder, "x.pdf", "application/pdf", &too_large).status, 413, "{holder}");
        assert_eq!(send_in(by, holder, "x.html", "text/html", b"<html>").status, 415, "{holder}");
    }
    expect_no_files(&arrival.directory, "nothing is left of what was refused");
}
