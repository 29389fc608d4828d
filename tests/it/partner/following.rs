//! Following a complaint with its access code.

use almoner_demo::web::Web;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::answer;
use almoner_tests::{World, messages, postgres};
use diesel::prelude::*;
use diesel::{PgConnection, sql_query, sql_types};
use serde_json::json;

use super::complaints::{Lodged, follow, lodge};

#[test]
fn a_complaint_is_followed_with_its_code() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    let lodged = lodge(&partner, &messages::complaint(&practice.slug));
    let followed = follow(&partner, &lodged);
    assert_eq!(followed.status, 200, "{}", followed.body);
    assert_eq!((&followed.body["has_it"], followed.text("/status")), (&json!([]), Some("received")));
    assert!(followed.body.get("council").is_none() && followed.body.get("response_due_on").is_none(), "nobody has it");
    assert_eq!(followed.text("/acknowledgement_due_on"), Some("2026-11-25"));
    assert!(followed.body["acknowledged_at"].is_null());
    assert_eq!(followed.body["messages"], json!([]));
    for right in ["no_detriment", "advocacy", "council", "ombudsman"] {
        assert!(followed.text(&format!("/rights/{right}")).is_some(), "{right}");
    }
    assert!(!followed.body.to_string().contains(&lodged.code), "the code is shown once");
}

#[test]
fn row_8_without_its_code_a_complaint_is_not_there() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let (partner, other) = (world.partner(), world.partner());
    let lodged = lodge(&partner, &messages::complaint(&practice.slug));
    let others = lodge(&partner, &messages::complaint(&practice.slug));
    let unknown = "/v1/partner/complaints/C-AAAAA-AAAAA";
    let code = |code: &'static str| vec![("complaint-access-code", code)];
    let right = vec![("complaint-access-code", lodged.code.as_str())];

    let nothing = partner.send("GET", unknown, &right, None);
    assert_eq!((nothing.status, nothing.text("/type")), (404, Some("/problems/not-found")));
    let longer = format!("{}a", lodged.code);
    for (what, caller, path, headers) in [
        ("a wrong code", &partner, lodged.path.as_str(), code("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
        ("an empty code", &partner, &lodged.path, code("")),
        ("no code", &partner, &lodged.path, vec![]),
        ("more than the code", &partner, &lodged.path, vec![("complaint-access-code", longer.as_str())]),
        ("another complaint's code", &partner, &lodged.path, vec![("complaint-access-code", others.code.as_str())]),
        ("a reference that is none", &partner, "/v1/partner/complaints/%27%20OR%201=1", right.clone()),
    ] {
        let read = caller.send("GET", path, &headers, None);
        assert_eq!((read.status, &read.body), (404, &nothing.body), "{what}");
        let with_key = [headers, vec![("idempotency-key", "a key of this message")]].concat();
        let written = caller.post_with(&format!("{path}/messages"), &with_key, &json!({ "text": "Let me in." }));
        assert_eq!((written.status, &written.body), (404, &nothing.body), "{what}");
    }
    assert_eq!(follow(&partner, &lodged).body["messages"], json!([]));
    // The code is the complainant's, and not the app's: they follow with it wherever they are.
    assert_eq!(follow(&other, &lodged).status, 200);
}

#[test]
fn row_12_who_tries_codes_of_one_reference_is_slowed_down_and_counted_and_nobody_else_is() {
    let (world, metrics) = World::with_metrics();
    let refused = || {
        let answer = Web::new(&metrics).send("GET", "/metrics", &[], None).unwrap();
        let line = answer.body.as_str().unwrap().lines().find(|line| line.starts_with("almoner_codes_refused_total"));
        line.unwrap().rsplit(' ').next().unwrap().parse::<u32>().unwrap()
    };
    let council = world.council();
    let practice = world.practice(&council);
    let (app, other) = (world.partner(), world.partner());
    let [lodged, of_somebody_else] = [(); 2].map(|()| lodge(&app, &messages::complaint(&practice.slug)));
    let wrong = [("Complaint-Access-Code", "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa-aaaa-aaaa")];
    for tried in 0..30 {
        assert_eq!(app.send("GET", &lodged.path, &wrong, None).status, 404, "{tried}");
    }
    assert_eq!(refused(), 0, "anybody may mistype");
    let right = [("Complaint-Access-Code", lodged.code.as_str())];
    let without_hyphens = lodged.path.replace('-', "");
    for (path, code) in [(&lodged.path, &wrong), (&without_hyphens, &wrong), (&lodged.path, &right)] {
        let answer = app.send("GET", path, code, None);
        assert_eq!((answer.status, answer.header("retry-after").is_some()), (429, true), "{}", answer.body);
    }
    assert_eq!(refused(), 3);
    assert_eq!(follow(&other, &lodged).status, 200, "through another app");
    assert_eq!(follow(&app, &of_somebody_else).status, 200, "another complaint");
    world.clock.advance(chrono::TimeDelta::seconds(30));
    assert_eq!(follow(&app, &lodged).status, 200, "half a minute later");
    let log = format!("{}/{}.log", almoner_tests::log::directory().display(), std::process::id());
    let log = std::fs::read_to_string(log).unwrap();
    let line = log.lines().find(|line| line.contains("asked for too often through an app")).unwrap();
    assert!(!line.contains("C-"), "{line}");
}

#[test]
fn messages_go_both_ways() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let partner = world.partner();
    let desk = world.desk(&council);
    let lodged = lodge(&partner, &messages::complaint(&practice.slug));
    let path = format!("{}/messages", lodged.path);
    let write = |key: &str, text: &str| {
        let headers = [("complaint-access-code", lodged.code.as_str()), ("idempotency-key", key)];
        partner.post_with(&path, &headers, &json!({ "text": text }))
    };

    let written = write("the key of the first", "She came today.\nThank you.");
    assert_eq!(written.status, 201, "{}", written.body);
    assert_eq!(written.text("/messages/0/text"), Some("She came today.\nThank you."));
    let again = write("the key of the first", "She came today.\nThank you.");
    assert_eq!((again.status, &again.body["messages"]), (201, &written.body["messages"]));

    world.work_for_council(&council);
    let (officer, offer) = desk.offers().remove(0);
    let opened = answer(officer, &offer, false);
    let complaint = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap());
    let answered = officer.create(&format!("{complaint}/messages"), &json!({ "text": "I am glad." }));
    assert_eq!(answered.status, 201, "{}", answered.body);
    write("the key of the third", "So am I.");

    let followed = follow(&partner, &lodged);
    let lines: Vec<_> = followed.body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| (message["author"].as_str().unwrap(), message["text"].as_str().unwrap()))
        .collect();
    let expected =
        [("complainant", "She came today.\nThank you."), ("council", "I am glad."), ("complainant", "So am I.")];
    assert_eq!(lines, expected);
    assert_eq!(officer.get(&complaint).body["messages"], followed.body["messages"]);
    assert_eq!(followed.text("/has_it/0/name"), Some("Beatrice Oyelaran"));
    assert!(!followed.body.to_string().contains(&officer.id.to_string()), "the name, and no identifier");

    for text in ["", " ", "Hm\u{0}", &"x".repeat(10_001)] {
        let refused = write("the key of a bad one", text);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/text")));
    }
}

#[test]
fn a_reference_and_a_code_are_typed_as_people_type_them() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    let lodged = lodge(&partner, &messages::complaint(&practice.slug));
    let reference = lodged.path.rsplit('/').next().unwrap();
    let groups: Vec<&str> = [&lodged.code[..8], &lodged.code[8..16], &lodged.code[16..]].to_vec();
    for (typed, code) in [
        (reference.to_lowercase(), lodged.code.to_uppercase()),
        (reference.replace('-', ""), groups.join("-")),
        (reference.replace('-', "%20"), groups.join(" ")),
        (format!("%20{}", reference.replace('-', "%E2%80%91")), groups.join("\u{a0}")),
        (format!("{reference}%E2%80%8B"), format!("\u{feff}{}\u{200b}", lodged.code)),
    ] {
        let path = format!("/v1/partner/complaints/{typed}");
        let headers = [("complaint-access-code", code.as_str())];
        let followed = partner.send("GET", &path, &headers, None);
        assert_eq!((followed.status, followed.text("/reference")), (200, Some(reference)), "{typed} {code:?}");
        let with_key = [headers[0], ("idempotency-key", &fresh_key())];
        let written = partner.post_with(&format!("{path}/messages"), &with_key, &json!({ "text": "Thank\tyou." }));
        assert_eq!((written.status, written.header("location")), (201, Some(lodged.path.as_str())), "{}", written.body);
    }
    assert_eq!(follow(&partner, &lodged).text("/messages/0/text"), Some("Thank you."));
}

#[derive(QueryableByName)]
struct About {
    #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
    service_user_id: Option<uuid::Uuid>,
}

/// The record that a complaint was found to be about, which nobody is shown: it keeps those out who worked with the person.
fn whom_it_is_about(lodged: &Lodged) -> Option<String> {
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let reference = lodged.path.rsplit('/').next().unwrap();
    let found = sql_query(
        "SELECT service_user_id FROM complaints JOIN complaint_receipts USING (council_id, complaint_id) WHERE reference = $1",
    );
    let about: About = found.bind::<sql_types::Text, _>(reference).get_result(&mut database).unwrap();
    about.service_user_id.map(|id| id.to_string())
}

#[test]
fn a_complaint_finds_its_person_by_a_name_that_is_divided_otherwise() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    let known = |given: &str, family: &str, born: &str| {
        let mut person = messages::person();
        person["given_name"] = given.into();
        person["family_name"] = family.into();
        person["date_of_birth"] = born.into();
        let known = practice.manager.create("/v1/practice/service-users", &person);
        assert_eq!(known.status, 201, "{}", known.body);
        known.text("/id").unwrap().to_owned()
    };
    let divided = known("Mary Ann", "Mc Donald", "1941-03-08");
    let joined = known("Maryann", "McDonald", "1950-01-31");
    for (given, family, born, person) in [
        ("Maryann", "McDonald", "1941-03-08", &divided),
        ("Mary", "Mc-Donald", "1941-03-08", &divided),
        ("Mary Ann", "Mc Donald", "1950-01-31", &joined),
        ("Mary-Ann", "Mc\u{200b}Donald", "1950-01-31", &joined),
    ] {
        let mut complaint = messages::complaint(&practice.slug);
        complaint["person"] = json!({ "given_name": given, "family_name": family, "date_of_birth": born });
        let lodged = lodge(&partner, &complaint);
        assert_eq!(whom_it_is_about(&lodged).as_deref(), Some(person.as_str()), "{given} {family}");
    }
}
