//! People are recognised and found however their identifiers and names are written.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::restrict;
use crate::practice::cases::{open, record};

const INBOX: &str = "/v1/practice/referrals";

/// Ways of writing the identifier `SHR-93551`.
const WRITTEN: [&str; 14] = [
    "SHR-93551",
    "shr-93551",
    "SHR93551",
    "SHR 93551",
    "SHR/93551",
    "SHR-93551\u{200b}",
    "\u{feff}SHR-93551",
    "SHR\u{2011}93551",
    "SHR\u{2212}93551",
    "S\u{ad}HR-935\u{2060}51",
    "ＳＨＲ－９３５５１",
    "SHR\u{a0}93551",
    "\u{202d}SHR-93551\u{202c}",
    "Shr.93551",
];

/// A person of the council with the identifier of [`WRITTEN`].
fn person_of(council: &str) -> Value {
    let mut person = messages::person();
    person["council_person_ids"] = json!([{ "council": council, "id": WRITTEN[0] }]);
    person
}

/// A referral about that person, whom it names in this way, and by nothing else.
fn referral(written: &str) -> Value {
    let mut message = messages::referral();
    let person = message["person"].as_object_mut().unwrap();
    person.insert("council_person_id".to_owned(), written.into());
    person.remove("nhs_number");
    message
}

fn inbox(staff: &Staff) -> usize {
    staff.get(INBOX).body["items"].as_array().unwrap().len()
}

#[test]
fn row_2_a_restricted_person_is_recognised_however_the_council_writes_their_identifier() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = record(&practice, &person_of(&council.gss_code));
    assert_eq!(restrict(&practice.manager, &person, &json!([practice.manager.id])).status, 200);
    for (index, written) in WRITTEN.into_iter().enumerate() {
        let sent = council.system.post("/v1/council/referrals", &referral(written));
        assert_eq!(sent.status, 201, "{written:?}: {}", sent.body);
        assert_eq!(inbox(&practice.social_worker), 0, "{written:?} opens the referral to whom the record is closed");
        assert_eq!(inbox(&practice.manager), index + 1, "{written:?}");
        let newest = practice.manager.get(INBOX).text("/items/0/id").unwrap().to_owned();
        assert_eq!(practice.social_worker.get(&format!("{INBOX}/{newest}")).status, 404, "{written:?}");
    }
    let another = council.system.post("/v1/council/referrals", &referral("SHR-93552"));
    assert_eq!((another.status, inbox(&practice.social_worker)), (201, 1), "{}", another.body);
}

#[test]
fn row_2_referrals_that_came_before_are_restricted_with_the_person_however_they_name_them() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for written in WRITTEN {
        assert_eq!(council.system.post("/v1/council/referrals", &referral(written)).status, 201, "{written:?}");
    }
    assert_eq!(inbox(&practice.social_worker), WRITTEN.len());
    let person = record(&practice, &person_of(&council.gss_code));
    assert_eq!(restrict(&practice.manager, &person, &json!([practice.manager.id])).status, 200);
    assert_eq!((inbox(&practice.social_worker), inbox(&practice.manager)), (0, WRITTEN.len()));
}

#[test]
fn an_identifier_finds_and_matches_its_person_however_it_is_written() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = record(&practice, &person_of(&council.gss_code));
    for written in WRITTEN {
        let criteria = json!({ "council_person_id": { "council": council.gss_code, "id": written } });
        let found = practice.social_worker.post("/v1/practice/service-users/search", &criteria);
        assert_eq!(found.text("/items/0/id"), Some(person.as_str()), "{written:?}: {}", found.body);
        council.system.post("/v1/council/referrals", &referral(written));
        let newest = practice.manager.get(INBOX).text("/items/0/id").unwrap().to_owned();
        let received = practice.manager.get(&format!("{INBOX}/{newest}"));
        assert_eq!(
            received.text("/likely_matches/0/why/0"),
            Some("council_person_id"),
            "{written:?}: {}",
            received.body
        );
    }
    assert_eq!(restrict(&practice.manager, &person, &json!([practice.manager.id])).status, 200);
    let how = json!({
        "council_person_id": { "council": council.gss_code, "id": "shr\u{2011}93551" }, "date_of_birth": "1941-03-08",
        "reason": "Nobody answers.",
    });
    practice.social_worker.step_up();
    let opened = practice.social_worker.create("/v1/practice/break-glass", &how);
    assert_eq!(opened.status, 201, "{}", opened.body);
}

fn named(given: &str, family: &str) -> Value {
    let mut person = messages::person();
    person["given_name"] = given.into();
    person["family_name"] = family.into();
    person
}

fn found(practice: &Practice, name: &str) -> Vec<String> {
    let answer: Answer = practice.manager.post("/v1/practice/service-users/search", &json!({ "name": name }));
    assert_eq!(answer.status, 200, "{name}: {}", answer.body);
    answer.body["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_name_is_found_however_it_is_divided_into_words() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    for (given, family) in [
        ("Sean", "O Brannigan"),
        ("Una", "OBrannigan"),
        ("Ann", "Mc Donald"),
        ("Flora", "McDonald"),
        ("Piet", "van der Berg"),
        ("Jo", "Smith-Jones"),
    ] {
        record(&practice, &named(given, family));
    }
    for (name, expected) in [
        ("O'Brannigan", &["Una OBrannigan", "Sean O Brannigan"][..]),
        ("O Brannigan", &["Una OBrannigan", "Sean O Brannigan"]),
        ("obrannigan", &["Una OBrannigan", "Sean O Brannigan"]),
        ("Sean O\u{2019}Brannigan", &["Sean O Brannigan"]),
        ("Una O Brannigan", &["Una OBrannigan"]),
        ("Mc Donald", &["Flora McDonald", "Ann Mc Donald"]),
        ("McDonald", &["Flora McDonald", "Ann Mc Donald"]),
        ("Mac\u{200b}Donald Flora", &["Flora McDonald"]),
        ("Vanderberg", &["Piet van der Berg"]),
        ("Van Derberg", &["Piet van der Berg"]),
        ("smithjones", &["Jo Smith-Jones"]),
        ("smith jones", &["Jo Smith-Jones"]),
        ("Jones Smith", &["Jo Smith-Jones"]),
        ("Smith-Johns-Taylor", &[]),
    ] {
        assert_eq!(found(&practice, name), expected, "{name}");
    }
}

#[test]
fn a_referral_matches_a_name_that_is_divided_otherwise() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    record(&practice, &named("Mary Ann", "Mc Donald"));
    let mut message = messages::referral();
    message["person"]["given_name"] = "Maryann".into();
    message["person"]["family_name"] = "McDonald".into();
    message["person"].as_object_mut().unwrap().remove("nhs_number");
    council.system.post("/v1/council/referrals", &message);
    let id = practice.manager.get(INBOX).text("/items/0/id").unwrap().to_owned();
    let received = practice.manager.get(&format!("{INBOX}/{id}"));
    let why = &received.body["likely_matches"][0]["why"];
    assert!(why.as_array().is_some_and(|why| why.contains(&json!("name"))), "{}", received.body);
}

#[test]
fn unusual_access_finds_a_namesake_whose_name_is_divided_otherwise() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for (name, family_name) in
        [("Sean O Brannigan", "O'Brannigan"), ("Ann Mc Donald", "McDonald"), ("Flora Vanderberg", "van der Berg")]
    {
        let email = format!("{}@practice.example", fresh_key());
        let member = json!({ "name": name, "email": email, "roles": ["practitioner"] });
        let worker = world.staff(practice.id, member);
        let person = record(&practice, &named("Edith", family_name));
        open(&practice, &council, &person);
        assert_eq!(worker.get(&format!("/v1/practice/service-users/{person}")).status, 200);
        let report = practice.records_officer.get("/v1/practice/audit/unusual");
        let items = report.body["items"].as_array().unwrap();
        let own = |item: &&Value| item["kind"] == "own_surname" && item["service_user_id"] == person.as_str();
        assert_eq!(items.iter().find(own).map(|item| &item["staff"]["name"]), Some(&name.into()), "{}", report.body);
    }
}
