//! Documents of complaints: who sends them, who is given them, and to whom they are closed.

use std::path::PathBuf;

use almoner_demo::web::Answer;
use almoner_persistence::Objects;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{answer, assign, follow, send_as_complainant};
use almoner_tests::documents::{
    disposition, expect_no_files, files, honest_scanner, jpeg_taken_at, pdf, send_in, send_with,
};
use almoner_tests::{Staff, World, postgres};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::json;

use super::answered::let_in;
use super::{Scene, acknowledge, raise, sees};

const NOTE: (&str, &[u8]) = ("text/plain", b"The visits of November, as I wrote them down.");
const EICAR: (&str, &[u8]) = ("text/plain", b"MALWARE, as the tests write it");

/// A scene whose documents are stored in a directory of its own.
fn stored_apart() -> (Scene, PathBuf) {
    let directory = almoner_tests::log::directory().join(format!("{}.documents", fresh_key()));
    let objects = Objects::in_directory(&directory);
    let database = postgres::url_as("almoner_app", &postgres::shared_name());
    (Scene::of(World::on(&database, |settings| settings.documents = objects)), directory)
}

/// Sends a document with the receipt, and returns its identifier.
fn sent(scene: &Scene, receipt: &Answer, name: &str) -> String {
    let sent = send_as_complainant(&scene.world.partner(), receipt, name, NOTE);
    assert_eq!(sent.status, 201, "{}", sent.body);
    sent.text("/id").unwrap().to_owned()
}

fn scan(scene: &Scene) {
    scene.world.scan_council(&scene.council, honest_scanner());
}

/// The names of the documents that somebody sees in the list of a complaint, the newest first.
fn names(reader: &Staff, complaint: &str) -> Vec<String> {
    let listed = reader.get(&format!("{complaint}/documents"));
    assert_eq!(listed.status, 200, "{}", listed.body);
    let items = listed.body["items"].as_array().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

fn kind(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.text("/type").map(|kind| kind.trim_start_matches("/problems/")))
}

fn database() -> PgConnection {
    PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap()
}

#[test]
fn what_comes_with_the_code_is_given_to_the_officer_once_the_scanner_has_found_it_clean() {
    let scene = Scene::new();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let sent = send_as_complainant(&app, &receipt, "visits.txt", NOTE);
    assert_eq!(sent.status, 201, "{}", sent.body);
    let reference = receipt.text("/reference").unwrap();
    assert_eq!(sent.header("location"), Some(format!("/v1/partner/complaints/{reference}").as_str()));
    let document = format!("{complaint}/documents/{}", sent.text("/id").unwrap());
    assert_eq!(names(officer, &complaint), ["visits.txt"], "that something came is seen at once");
    assert_eq!(kind(&officer.get(&document)), (404, Some("not-found")), "and nobody is given it");
    assert_eq!(follow(&app, &receipt).text("/documents/0/status"), Some("quarantined"));

    scan(&scene);
    let given = officer.get(&document);
    assert_eq!((given.status, given.content.as_slice()), (200, NOTE.1));
    assert!(given.header("content-disposition").unwrap().contains("visits.txt"));
    let listed = officer.get(&format!("{complaint}/documents"));
    assert_eq!(listed.text("/items/0/author"), Some("complainant"), "{}", listed.body);
    assert_eq!(listed.text("/items/0/sha256"), sent.text("/sha256"));
    let followed = follow(&app, &receipt);
    assert_eq!(followed.text("/documents/0/name"), Some("visits.txt"), "{}", followed.body);
    assert_eq!(followed.text("/documents/0/status"), Some("clean"));
    for (event, times) in [
        ("complaint.document_sent", 1),
        ("complaint.document_cleared", 1),
        ("complaint.documents_listed", 2),
        ("complaint.document_given_out", 1),
    ] {
        assert_eq!(scene.world.audited_of(scene.council.id.uuid(), event), times, "{event}");
        assert_eq!(scene.world.audited(&scene.practice, event), 0, "{event}");
    }
}

#[test]
fn what_the_scanner_finds_is_destroyed_and_the_complainant_sees_that_it_could_not_be_taken() {
    let (scene, directory) = stored_apart();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let sent = send_as_complainant(&app, &receipt, "note.txt", EICAR);
    assert_eq!((sent.status, files(&directory).len()), (201, 1), "{}", sent.body);
    scan(&scene);
    assert_eq!(follow(&app, &receipt).text("/documents/0/status"), Some("infected"));
    assert_eq!(officer.get(&format!("{complaint}/documents")).text("/items/0/status"), Some("infected"));
    assert_eq!(officer.get(&format!("{complaint}/documents/{}", sent.text("/id").unwrap())).status, 404);
    assert!(files(&directory).is_empty(), "the object is gone");
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.document_found_infected"), 1);
    let told = scene.practice.manager.get("/v1/practice/notices");
    assert_eq!(told.body["items"], json!([]), "nobody at the practice is told");
}

#[test]
fn a_document_whose_name_may_name_an_officer_is_closed_to_them_and_another_is_asked() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let document = sent(&scene, &receipt, "IMG_0001_MsOyelaran.txt");
    scan(&scene);
    let (content, passed_on) =
        (format!("{complaint}/documents/{document}"), format!("{complaint}/documents/{document}/passed-on"));
    assert!(names(officer, &complaint).is_empty(), "she does not see it");
    assert_eq!(officer.get(&content).status, 404);
    assert_eq!(officer.send("PUT", &passed_on, &[], None).status, 404, "to her there is no such document");
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
    let (other, offer) = scene.offer();
    assert_eq!(answer(other, &offer, false).status, 200);
    assert_eq!(other.get(&content).status, 200);
    assert_eq!(other.send("PUT", &passed_on, &[], None).status, 204);
    assert_eq!(other.send("PUT", &passed_on, &[], None).status, 204, "the same again changes nothing");
    assert_eq!(officer.get(&content).status, 200, "he has judged that another is meant");
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.document_passed_on"), 1);
}

#[test]
fn whom_the_name_of_a_document_means_that_came_before_the_first_offer_is_not_asked() {
    let scene = Scene::new();
    let receipt = scene.world.lodge(&scene.complaint(json!({})));
    sent(&scene, &receipt, "beatrice.txt");
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
    // Neither is anybody let in who is named where nobody looks.
    let (officer, offer) = scene.offer();
    let opened = answer(officer, &offer, false);
    let complaint = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap());
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    sent(&scene, &receipt, "letter to Mrs Ashby.txt");
    let refused = assign(officer, &complaint, &guest);
    assert!(refused.text("/errors/0/detail").unwrap_or_default().contains("name stands in"), "{}", refused.body);
    assert!(!sees(&guest, &complaint));
}

#[test]
fn an_offer_to_somebody_whom_the_name_of_a_document_means_opens_nothing() {
    let scene = Scene::new();
    let receipt = scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    let (officer, offer) = scene.offer();
    sent(&scene, &receipt, "Oyelaran.txt");
    let answered = answer(officer, &offer, false);
    assert_eq!(answered.text("/outcome"), Some("conflict"), "before the worker comes by: {}", answered.body);
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
}

#[test]
fn guests_get_the_complainants_documents_once_an_officer_passes_them_on_and_everybody_those_of_the_council_at_once() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let handler = scene.world.handler(
        &scene.council,
        &scene.desk,
        &scene.practice,
        &scene.practice.practitioner_2,
        "Bola Adeyemi",
    );
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    let document = sent(&scene, &receipt, "visits.txt");
    let made = send_in(&handler, &complaint, "diary.pdf", "application/pdf", &pdf(100));
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!((made.text("/sent_by"), made.text("/author")), (Some("Bola Adeyemi"), Some("council")));
    scan(&scene);
    assert_eq!(names(&handler, &complaint), ["diary.pdf"]);
    assert_eq!(names(officer, &complaint), ["diary.pdf", "visits.txt"]);
    assert_eq!(officer.get(made.header("location").unwrap()).status, 200);
    let path = format!("{complaint}/documents/{document}");
    assert_eq!(handler.get(&path).status, 404);
    assert_eq!(handler.send("PUT", &format!("{path}/passed-on"), &[], None).status, 403, "a guest passes nothing on");
    assert_eq!(officer.send("PUT", &format!("{path}/passed-on"), &[], None).status, 204);
    assert_eq!(handler.get(&path).status, 200);
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.body["documents"].as_array().unwrap().len(), 1, "the complainant sees what they sent");
    let first = officer.get(&format!("{complaint}/documents?limit=1"));
    let next = first.text("/next_cursor").unwrap_or_else(|| panic!("{}", first.body));
    let second = officer.get(&format!("{complaint}/documents?limit=1&cursor={next}"));
    assert_eq!(second.text("/items/0/name"), Some("visits.txt"), "{}", second.body);
}

#[test]
fn nobody_else_has_a_document_of_a_complaint() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({ "staff": ["Hannah Price"] }));
    let document = sent(&scene, &receipt, "visits.txt");
    scan(&scene);
    acknowledge(officer, &complaint);
    let head = raise(officer, &complaint);
    let subject = scene.world.shown_a_part(&scene.council, officer, &complaint, "Hannah Price", "subject");
    let hearing =
        json!({ "guest_id": subject.id, "heads": [head], "message": "We ask her.", "interim": "Mr Bell visits." });
    assert_eq!(officer.create(&format!("{complaint}/hearings"), &hearing).status, 201);
    scene.world.clock.advance(TimeDelta::days(10));
    subject.forget_token();
    scene.desk.forget_tokens();
    assert_eq!(subject.get("/v1/complaints/shown").body["items"].as_array().unwrap().len(), 1);
    let other_council = scene.world.council();
    let other_desk = scene.world.desk(&other_council);
    let path = format!("{complaint}/documents/{document}");
    for (who, caller) in [
        ("an officer who does not have it", &scene.desk.officers[1]),
        ("a guest to whom heads are shown", &subject),
        ("an officer of another council", &other_desk.officers[0]),
    ] {
        assert_eq!(caller.get(&format!("{complaint}/documents")).status, 404, "{who}");
        assert_eq!(caller.get(&path).status, 404, "{who}");
        assert_eq!(send_in(caller, &complaint, "note.txt", NOTE.0, NOTE.1).status, 404, "{who}");
    }
    let manager = &scene.practice.manager;
    manager.forget_token();
    assert_eq!(manager.get(&path).status, 401, "a member of staff is nobody at this door");
    for door in ["practice", "council"] {
        let elsewhere = format!("/v1/{door}/documents/{document}");
        let caller = if door == "practice" { manager } else { scene.world.first_officer(&scene.council) };
        caller.forget_token();
        assert_eq!(caller.get(&elsewhere).status, 404, "{door}");
    }
    assert_eq!(officer.get(&path).status, 200);
    // Another complaint of the same officer's is no way to it.
    let (_, second, elsewhere) = scene.opened(json!({}));
    if second.id != officer.id {
        let_in(second, &elsewhere, officer);
    }
    assert!(sees(officer, &elsewhere));
    assert_eq!(officer.get(&format!("{elsewhere}/documents/{document}")).status, 404);
    assert_eq!(officer.send("PUT", &format!("{elsewhere}/documents/{document}/passed-on"), &[], None).status, 404);
}

#[test]
fn with_a_wrong_code_nothing_is_sent_and_whoever_follows_is_given_no_content() {
    let (scene, directory) = stored_apart();
    let app = scene.world.partner();
    let (receipt, other) =
        (scene.world.lodge(&scene.complaint(json!({}))), scene.world.lodge(&scene.complaint(json!({}))));
    let reference = receipt.text("/reference").unwrap();
    let complaint = format!("/v1/partner/complaints/{reference}");
    let name = disposition("visits.txt");
    for code in [other.text("/access_code"), Some("gq3tkzw5x7m2c4yhr6bdnafpe2sujv5i"), None] {
        let mut headers = vec![("content-disposition", name.as_str())];
        headers.extend(code.map(|code| ("complaint-access-code", code)));
        let refused = send_with(&app, &complaint, &headers, NOTE.0, NOTE.1);
        assert_eq!(kind(&refused), (404, Some("not-found")), "{}", refused.body);
    }
    expect_no_files(&directory, "a wrong code");
    // In any app, as people type it.
    let code = receipt.text("/access_code").unwrap().to_uppercase();
    let typed = format!("/v1/partner/complaints/{}", reference.to_lowercase().replace('-', ""));
    let headers = [("content-disposition", name.as_str()), ("complaint-access-code", code.as_str())];
    let sent = send_with(&app, &typed, &headers, NOTE.0, NOTE.1);
    assert_eq!((sent.status, sent.header("location")), (201, Some(complaint.as_str())), "{}", sent.body);
    let document = format!("{complaint}/documents/{}", sent.text("/id").unwrap());
    scan(&scene);
    assert_eq!(app.send("GET", &document, &[("complaint-access-code", &code)], None).status, 404);
    assert_eq!(follow(&app, &other).body["documents"], json!([]), "another complaint has nothing of it");
}

#[test]
fn the_same_request_twice_sends_one_document_and_leaves_one_object() {
    let (scene, directory) = stored_apart();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let (key, name, code) = (fresh_key(), disposition("visits.txt"), receipt.text("/access_code").unwrap());
    let path = format!("/v1/partner/complaints/{}", receipt.text("/reference").unwrap());
    let headers = [("idempotency-key", key.as_str()), ("content-disposition", &name), ("complaint-access-code", code)];
    let first = send_with(&app, &path, &headers, NOTE.0, NOTE.1);
    let second = send_with(&app, &path, &headers, NOTE.0, NOTE.1);
    assert_eq!((first.status, second.status), (201, 201), "{}", second.body);
    assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), (None, Some("true")));
    assert_eq!(first.text("/id"), second.text("/id"));
    let other = send_with(&app, &path, &headers, "text/plain", b"Something else.");
    assert_eq!(kind(&other), (422, Some("idempotency-key-reused")), "{}", other.body);
    assert_eq!((names(officer, &complaint).len(), files(&directory).len()), (1, 1));

    let headers = [("idempotency-key", key.as_str()), ("content-disposition", &name)];
    let first = send_with(officer, &complaint, &headers, NOTE.0, NOTE.1);
    let second = send_with(officer, &complaint, &headers, NOTE.0, NOTE.1);
    assert_eq!((first.status, second.header("idempotency-replayed")), (201, Some("true")), "{}", second.body);
    assert_eq!(first.text("/id"), second.text("/id"));
    let other = send_with(officer, &complaint, &headers, "text/plain", b"Something else.");
    assert_eq!(kind(&other), (422, Some("idempotency-key-reused")), "{}", other.body);
    assert_eq!((names(officer, &complaint).len(), files(&directory).len()), (2, 2));
}

#[test]
fn what_is_no_document_too_large_or_badly_named_is_refused_with_the_code_as_everywhere() {
    let (scene, directory) = stored_apart();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    for (why, name, media_type, content, answer) in [
        ("a page", "page.txt", "text/plain", b"<!DOCTYPE html><html>".to_vec(), (422, "validation-failed")),
        ("another kind", "x.pdf", "application/pdf", NOTE.1.to_vec(), (422, "validation-failed")),
        ("no kind that is taken", "x.html", "text/html", NOTE.1.to_vec(), (415, "unsupported-media-type")),
        ("a path", "../x.txt", "text/plain", NOTE.1.to_vec(), (422, "validation-failed")),
        ("nothing", "x.txt", "text/plain", Vec::new(), (422, "validation-failed")),
        ("too large", "x.pdf", "application/pdf", pdf(25 * 1024 * 1024 + 1), (413, "content-too-large")),
    ] {
        let told = (answer.0, Some(answer.1));
        let refused = send_as_complainant(&app, &receipt, name, (media_type, &content));
        assert_eq!(kind(&refused), told, "{why}: {}", refused.body);
        let refused = send_in(officer, &complaint, name, media_type, &content);
        assert_eq!(kind(&refused), told, "{why}: {}", refused.body);
    }
    let code = [("complaint-access-code", receipt.text("/access_code").unwrap())];
    let path = format!("/v1/partner/complaints/{}", receipt.text("/reference").unwrap());
    for nameless in [send_with(&app, &path, &code, NOTE.0, NOTE.1), send_with(officer, &complaint, &[], NOTE.0, NOTE.1)]
    {
        assert_eq!(kind(&nameless), (400, Some("malformed-header")), "{}", nameless.body);
    }
    expect_no_files(&directory, "what was refused");
    assert!(names(officer, &complaint).is_empty());
    // The places are taken out of a picture on the way, unless they are kept.
    let picture = jpeg_taken_at("The refuge, 4 Mill Lane");
    let sent = send_as_complainant(&app, &receipt, "bruise.jpg", ("image/jpeg", &picture));
    assert_eq!((sent.status, &sent.body["places_dropped"]), (201, &json!(true)), "{}", sent.body);
    let kept = format!("{complaint}/documents?places=keep");
    let headers = [("idempotency-key", "kept-places"), ("content-disposition", &disposition("ramp.jpg"))];
    let kept = officer.send("POST", &kept, &headers, Some(("image/jpeg", &picture)));
    assert_eq!((kept.status, &kept.body["places_dropped"]), (201, &json!(false)), "{}", kept.body);
    scan(&scene);
    let given = officer.get(&format!("{complaint}/documents/{}", sent.text("/id").unwrap()));
    assert!(given.status == 200 && !given.content.windows(4).any(|part| part == b"Mill"));
}

#[test]
fn fifty_documents_come_with_a_code_and_the_council_can_still_add_its_own() {
    let scene = Scene::new();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let document = sent(&scene, &receipt, "visits.txt");
    // Forty-nine more of the same, as rows alone.
    let more = |author: &str, count: u32| {
        let columns = "kind, size, key_id, details, object_id, content_key, status, sent_at, scanned_at";
        let from = format!("FROM complaint_documents, generate_series(1, {count}) WHERE document_id = '{document}'");
        let (officer, who) =
            if author == "council" { ("officer_id, ", format!("'{}', ", officer.id)) } else { ("", String::new()) };
        let copy = format!(
            "INSERT INTO complaint_documents (council_id, complaint_id, document_id, author, {officer}{columns}, names)
             SELECT council_id, complaint_id, gen_random_uuid(), '{author}', {who}{columns}, names {from}"
        );
        database().batch_execute(&copy).unwrap();
    };
    more("complainant", 49);
    let refused = send_as_complainant(&app, &receipt, "one more.txt", NOTE);
    assert_eq!(kind(&refused), (409, Some("invalid-state")), "{}", refused.body);
    assert!(refused.text("/detail").unwrap().contains("50 documents"), "{}", refused.body);
    assert_eq!(send_in(officer, &complaint, "letter.txt", NOTE.0, NOTE.1).status, 201);
    more("council", 49);
    let refused = send_in(officer, &complaint, "one more.txt", NOTE.0, NOTE.1);
    assert_eq!(kind(&refused), (409, Some("invalid-state")), "{}", refused.body);
    // Neither has to do with what the council's systems may send on a day.
    let second = scene.world.lodge(&scene.complaint(json!({})));
    let large = format!(
        "UPDATE complaint_documents SET size = 250 * 1024 * 1024 - 10 WHERE document_id = '{}'",
        sent(&scene, &second, "a.txt")
    );
    database().batch_execute(&large).unwrap();
    let refused = send_as_complainant(&app, &second, "b.txt", NOTE);
    assert_eq!(kind(&refused), (409, Some("invalid-state")), "{}", refused.body);
    assert!(refused.text("/detail").unwrap().contains("250 MB"), "{}", refused.body);
}

#[test]
fn a_content_whose_row_never_came_is_cleared_away_after_a_day_and_one_that_was_sent_stays() {
    let (scene, directory) = stored_apart();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let document = sent(&scene, &receipt, "visits.txt");
    let lost = sent(&scene, &receipt, "lost.txt");
    database().batch_execute(&format!("DELETE FROM complaint_documents WHERE document_id = '{lost}'")).unwrap();
    assert_eq!(files(&directory).len(), 2);
    scan(&scene);
    assert_eq!(files(&directory).len(), 2, "it may be on its way");
    scene.world.clock.advance(TimeDelta::hours(25));
    scene.desk.forget_tokens();
    scan(&scene);
    let [kept] = &files(&directory)[..] else { panic!("one object") };
    let given = || officer.get(&format!("{complaint}/documents/{document}"));
    assert_eq!(given().status, 200);
    std::fs::remove_file(kept).unwrap();
    assert_eq!(kind(&given()), (503, Some("service-unavailable")), "one whose object is lost is not called empty");
}

#[test]
fn in_a_confidential_complaint_documents_are_for_whoever_has_it_without_unsealing() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({ "confidential": true }));
    let document = sent(&scene, &receipt, "visits.txt");
    scan(&scene);
    assert_eq!(officer.get(&format!("{complaint}/documents/{document}")).status, 200);
    let listed = officer.get(&format!("{complaint}/documents"));
    assert!(!listed.body.to_string().contains("Marlow"), "who sent it is not said: {}", listed.body);
    assert_eq!(listed.text("/items/0/sent_by"), None);
    assert_eq!(follow(&scene.world.partner(), &receipt).body["unsealings"], json!([]));
}
