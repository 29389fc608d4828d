//! The places in pictures, which are taken out unless they are to be kept.

use almoner_tests::callers::Caller;
use almoner_tests::documents::{disposition, honest_scanner, jpeg_taken_at, send_with};
use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use super::Office;
use super::of_referrals::{Arrival, documents};
use super::refused::expect_nothing_left;
use super::uploads::upload;
use crate::practice::cases::{column, pointer};

const PLACE: &str = "taken at 52.7077 N, 2.7541 W";

fn says_where(content: &[u8]) -> bool {
    content.windows(PLACE.len()).any(|window| window == PLACE.as_bytes())
}

#[test]
fn the_places_in_a_picture_are_dropped_unless_the_sender_keeps_them() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    let picture = jpeg_taken_at(PLACE);
    let name = disposition("bruise.jpg");
    // The hash is the one of what is sent.
    let hash = format!("sha-256=:{}:", BASE64.encode(&Sha256::digest(&picture)));
    let headers = [("content-disposition", name.as_str()), ("content-digest", &hash)];
    let dropped = send_with(sender, &office.case, &headers, "image/jpeg", &picture);
    assert_eq!((dropped.status, &dropped.body["places_dropped"]), (201, &true.into()), "{}", dropped.body);
    let keeping = format!("{}/documents?places=keep", office.case);
    let kept = sender.send(
        "POST",
        &keeping,
        &[("content-disposition", name.as_str()), ("idempotency-key", "keeps the places")],
        Some(("image/jpeg", &picture)),
    );
    assert_eq!((kept.status, &kept.body["places_dropped"]), (201, &false.into()), "{}", kept.body);
    office.world.scan(&office.practice, honest_scanner());
    let read = |sent: &almoner_demo::web::Answer| {
        let read = sender.get(sent.header("location").unwrap());
        assert_eq!(read.status, 200);
        assert_eq!(sent.text("/sha256"), Some(data_encoding::HEXLOWER.encode(&Sha256::digest(&read.content)).as_str()));
        read.content
    };
    assert!(!says_where(&read(&dropped)));
    assert!(read(&kept) == picture);
    let wish = sender.send(
        "POST",
        &format!("{}/documents?places=drop", office.case),
        &[("content-disposition", name.as_str()), ("idempotency-key", "another wish")],
        Some(("image/jpeg", &picture)),
    );
    assert_eq!(pointer(&wish), (422, Some("places")), "{}", wish.body);
}

#[test]
fn a_picture_that_is_cut_off_is_refused_unless_it_is_to_be_kept_as_it_is() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    let picture = jpeg_taken_at(PLACE);
    let half = &picture[..picture.len() / 2];
    let headers = [("content-disposition", "attachment; filename=bruise.jpg")];
    let refused = send_with(sender, &office.case, &headers, "image/jpeg", half);
    assert_eq!(pointer(&refused), (422, Some("")), "{}", refused.body);
    assert!(refused.text("/errors/0/detail").unwrap().contains("places=keep"), "{}", refused.body);
    expect_nothing_left(&office, "a picture that is cut off");
}

#[test]
fn a_picture_that_was_uploaded_or_that_a_council_sends_says_no_place_either() {
    let office = Office::new();
    let sender = &office.practice.social_worker;
    let picture = jpeg_taken_at(PLACE);
    let uploaded = upload(sender, &picture);
    let id = uploaded.rsplit('/').next().unwrap();
    let headers = [("content-disposition", "attachment; filename=bruise.jpg"), ("idempotency-key", "an uploaded one")];
    let path = format!("{}/documents?upload={id}", office.case);
    let sent = sender.send("POST", &path, &headers, Some(("image/jpeg", b"")));
    assert_eq!(sent.status, 201, "{}", sent.body);
    office.world.scan(&office.practice, honest_scanner());
    let read = sender.get(sent.header("location").unwrap());
    assert!(read.status == 200 && !says_where(&read.content));

    let arrival = Arrival::new();
    let headers = [("content-disposition", "attachment; filename=bruise.jpg")];
    let sent = send_with(&arrival.council.system, &arrival.sent, &headers, "image/jpeg", &picture);
    assert_eq!((sent.status, &sent.body["places_dropped"]), (201, &true.into()), "{}", sent.body);
    arrival.world.scan_council(&arrival.council, honest_scanner());
    let listed = documents(&arrival.practice.manager, &arrival.received);
    assert_eq!(listed.body["items"][0]["places_dropped"], true, "{}", listed.body);
    let [document] = column(&listed, "/id")[..] else { panic!("one document: {}", listed.body) };
    let read = arrival.practice.manager.get(&format!("/v1/practice/documents/{}", document.unwrap()));
    assert!(read.status == 200 && !says_where(&read.content));
}
