//! Handling of complaints at the practice.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, World, messages};
use serde_json::{Value, json};

use crate::partner::complaints::{follow, lodge};
use crate::practice::cases::{column, pointer, record};

pub(crate) const LIST: &str = "/v1/practice/complaints";

/// The address of the newest complaint that the complaints manager sees.
fn newest(practice: &Practice) -> String {
    let page = practice.complaints_manager.get(LIST);
    format!("{LIST}/{}", page.text("/items/0/id").unwrap_or_else(|| panic!("none: {}", page.body)))
}

fn offer() -> Value {
    json!({ "message": "Thank you for telling us. May I ring you on Thursday to agree how we look into this, and by when?" })
}

#[test]
fn of_two_who_acknowledge_at_once_the_loser_gets_the_current_version() {
    let world = World::new();
    let practice = world.practice(&world.council());
    for _ in 0..3 {
        lodge(&world.partner(), &messages::complaint(&practice.slug));
        let path = newest(&practice);
        let seen = practice.complaints_manager.get(&path);
        let authorization = format!("Bearer {}", practice.complaints_manager.token().unwrap());
        let acknowledge = || {
            let headers = [("authorization", authorization.as_str()), ("if-match", seen.etag().unwrap())];
            let content = offer().to_string();
            let content = Some(("application/json", content.as_bytes()));
            almoner_tests::Web::new(world.url()).send("POST", &format!("{path}/acknowledge"), &headers, content)
        };
        let mut answers = std::thread::scope(|threads| {
            [threads.spawn(acknowledge), threads.spawn(acknowledge)].map(|thread| thread.join().unwrap())
        });
        answers.sort_by_key(|answer| answer.status);
        assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 412], "{}", answers[1].body);
        assert_eq!(answers[1].etag(), practice.complaints_manager.get(&path).etag());
    }
}

#[test]
fn the_complaints_manager_lists_reads_and_acknowledges() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    let lodged = lodge(&partner, &messages::complaint(&practice.slug));

    let listed = practice.complaints_manager.get(LIST);
    assert_eq!(column(&listed, "/status"), [Some("received")]);
    assert_eq!(column(&listed, "/acknowledgement_due_on"), [Some("2026-11-25")]);
    assert_eq!(listed.body["items"][0]["overdue"], false);
    assert!(lodged.path.ends_with(listed.text("/items/0/reference").unwrap()));
    let path = newest(&practice);
    let read = practice.complaints_manager.get(&path);
    assert_eq!(read.text("/narrative"), Some("Three visits were cancelled and nobody rang."));
    assert_eq!(read.text("/wants"), Some("An apology, and visits that happen."));
    assert_eq!(read.text("/complainant/name"), Some("Edith Marlow"));
    assert_eq!(read.text("/contact/instructions"), Some("Mornings only."));
    assert!(read.body["service_user_id"].is_null() && read.body["acknowledged_at"].is_null());

    let acknowledge = format!("{path}/acknowledge");
    assert_eq!(practice.complaints_manager.post(&acknowledge, &offer()).status, 428);
    let stale = practice.complaints_manager.post_with(&acknowledge, &[("if-match", "\"9\"")], &offer());
    assert_eq!((stale.status, stale.etag()), (412, read.etag()));
    assert_eq!(pointer(&practice.complaints_manager.change(&acknowledge, &read, &json!({}))), (422, Some("/message")));
    let done = practice.complaints_manager.change(&acknowledge, &read, &offer());
    assert_eq!((done.status, done.text("/status")), (200, Some("acknowledged")), "{}", done.body);
    assert_ne!(done.etag(), read.etag());
    let twice = practice.complaints_manager.change(&acknowledge, &done, &offer());
    assert_eq!((twice.status, twice.text("/type")), (409, Some("/problems/invalid-state")));

    let followed = follow(&partner, &lodged);
    assert_eq!(followed.text("/status"), Some("acknowledged"));
    assert_eq!(followed.text("/acknowledged_at"), done.text("/acknowledged_at"));
    assert_eq!(followed.text("/messages/0/text"), offer()["message"].as_str());
    assert_eq!(followed.body["messages"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_not_acknowledged_in_time_is_flagged() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    lodge(&partner, &messages::complaint(&practice.slug));
    lodge(&partner, &messages::complaint(&practice.slug));
    let path = newest(&practice);
    let seen = practice.complaints_manager.get(&path);
    practice.complaints_manager.change(&format!("{path}/acknowledge"), &seen, &offer());
    let overdue_at = |time: &str| {
        world.set_clock(time);
        practice.complaints_manager.forget_token();
        let page = practice.complaints_manager.get(LIST);
        let items = page.body["items"].as_array().unwrap();
        items.iter().map(|item| item["overdue"].as_bool().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(overdue_at("2026-11-25T23:59:00Z"), [false, false]);
    assert_eq!(overdue_at("2026-11-26T00:01:00Z"), [false, true]);
}

#[test]
fn a_list_of_complaints_has_pages() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    let lodged: Vec<_> = (0..3).map(|_| lodge(&partner, &messages::complaint(&practice.slug)).path).collect();
    let first = practice.complaints_manager.get(&format!("{LIST}?limit=2"));
    let rest = format!("{LIST}?limit=2&cursor={}", first.text("/next_cursor").unwrap());
    let rest = practice.complaints_manager.get(&rest);
    assert!(rest.body["next_cursor"].is_null());
    let references: Vec<_> = [column(&first, "/reference"), column(&rest, "/reference")].concat();
    let expected: Vec<_> = lodged.iter().rev().map(|path| path.rsplit('/').next()).collect();
    assert_eq!(references, expected);
}

#[test]
fn a_confidential_complaint_shows_nobody() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let mut complaint = messages::complaint(&practice.slug);
    complaint["confidential"] = true.into();
    complaint["person"] = json!({ "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08" });
    // The practice knows the person, but which of its records the complaint is about would reveal who they are.
    record(&practice, &messages::person());
    lodge(&world.partner(), &complaint);
    let read = practice.complaints_manager.get(&newest(&practice));
    assert_eq!((read.status, &read.body["confidential"]), (200, &json!(true)));
    for sealed in ["complainant", "person", "contact", "service_user_id"] {
        assert!(read.body.get(sealed).is_none(), "{sealed}: {}", read.body);
    }
    for word in ["Marlow", "1941", "07700", "Mornings"] {
        assert!(!read.body.to_string().contains(word), "{word}: {}", read.body);
    }
    assert_eq!(read.text("/narrative"), Some("Three visits were cancelled and nobody rang."));
}

#[test]
fn who_complains_in_confidence_is_opened_for_a_reason_that_they_read() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    let mut complaint = messages::complaint(&practice.slug);
    complaint["confidential"] = true.into();
    let lodged = lodge(&partner, &complaint);
    let path = newest(&practice);
    let reveal = |body: &Value| {
        let headers = [("idempotency-key", "the key of this reason")];
        practice.complaints_manager.post_with(&format!("{path}/complainant"), &headers, body)
    };
    assert_eq!(pointer(&reveal(&json!({}))), (422, Some("/reason")));
    assert_eq!(pointer(&reveal(&json!({ "reason": " " }))), (422, Some("/reason")));
    let opened = reveal(&json!({ "reason": "To agree when it is safe to ring." }));
    assert_eq!((opened.status, opened.text("/complainant/name")), (201, Some("Edith Marlow")), "{}", opened.body);
    assert_eq!(opened.text("/contact/instructions"), Some("Mornings only."));
    let followed = follow(&partner, &lodged);
    assert!(followed.text("/messages/0/text").unwrap().ends_with("To agree when it is safe to ring."));

    // The identity stays sealed afterwards, both to a reader and to a handler who repeats the request.
    let again = reveal(&json!({ "reason": "To agree when it is safe to ring." }));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    for answer in [again, practice.complaints_manager.get(&path)] {
        assert!(answer.body.get("complainant").is_none() && answer.body.get("contact").is_none(), "{}", answer.body);
        assert_eq!(answer.body["messages"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn other_roles_are_refused_and_another_practices_complaints_manager_finds_nothing() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    lodge(&world.partner(), &messages::complaint(&practice.slug));
    let path = newest(&practice);
    let seen = practice.complaints_manager.get(&path);
    let steps = |caller: &almoner_tests::Staff| -> Vec<Answer> {
        let nobody = json!({ "staff": [] });
        let person = json!({ "service_user_id": practice.id });
        vec![
            caller.get(&path),
            caller.change(&format!("{path}/acknowledge"), &seen, &offer()),
            caller.change(&format!("{path}/subjects"), &seen, &nobody),
            caller.change(&format!("{path}/person"), &seen, &person),
            caller.create(&format!("{path}/messages"), &json!({ "text": "Who are you?" })),
            caller.create(&format!("{path}/complainant"), &json!({ "reason": "To know." })),
        ]
    };
    for other in [
        &practice.director,
        &practice.manager,
        &practice.second_manager,
        &practice.social_worker,
        &practice.practitioner,
        &practice.records_officer,
        &practice.administrator,
    ] {
        assert_eq!(other.get(LIST).status, 403, "{}", other.email);
        assert!(steps(other).iter().all(|answer| answer.status == 403), "{}", other.email);
    }
    assert!(column(&elsewhere.complaints_manager.get(LIST), "/id").is_empty());
    for answer in steps(&elsewhere.complaints_manager) {
        assert_eq!((answer.status, answer.text("/type")), (404, Some("/problems/not-found")), "{}", answer.body);
    }
    assert_eq!(practice.complaints_manager.get(&path).body, seen.body);
}

#[test]
fn the_person_is_matched_by_name_with_number_or_birth_and_never_by_either_alone() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    let known = messages::person();
    let id = record(&practice, &known);
    let matched = |person: Value| {
        let mut complaint = messages::complaint(&practice.slug);
        complaint["person"] = person.clone();
        lodge(&partner, &complaint);
        let read = practice.complaints_manager.get(&newest(&practice));
        assert_eq!(read.body["person"]["family_name"], person["family_name"]);
        read.text("/service_user_id").map(str::to_owned)
    };
    let number = &known["nhs_number"];
    let (mine, nobody) = (Some(id.clone()), None);
    for (person, expected) in [
        (json!({ "family_name": "Marlow", "nhs_number": number }), &mine),
        (json!({ "family_name": "Somebody", "nhs_number": number }), &nobody),
        (json!({ "family_name": "Marlow", "date_of_birth": "1941-03-09", "nhs_number": number }), &nobody),
        (json!({ "family_name": "Marlow", "date_of_birth": "1941-01-01", "date_of_birth_accuracy": "year" }), &mine),
        (json!({ "family_name": "Marlow", "date_of_birth": "1941-03-01", "date_of_birth_accuracy": "month" }), &mine),
        (
            json!({ "family_name": "Marlow", "date_of_birth": "1941-03-08", "date_of_birth_accuracy": "unknown" }),
            &nobody,
        ),
        (json!({ "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08" }), &mine),
        (json!({ "family_name": "MARLOW", "date_of_birth": "1941-03-08" }), &mine),
        (json!({ "given_name": "Edith", "family_name": "Marlow" }), &nobody),
        (json!({ "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-09" }), &nobody),
        (json!({ "given_name": "Edith", "family_name": "Harlow", "date_of_birth": "1941-03-08" }), &nobody),
        (json!({ "family_name": "Marlow", "nhs_number": messages::nhs_number(900_000) }), &nobody),
    ] {
        assert_eq!(&matched(person.clone()), expected, "{person}");
    }
    // A number that is on no record yet does not undo what name and birth find; one beside another number does.
    let number = messages::nhs_number(900_000);
    let born = json!({ "family_name": "Marlow", "date_of_birth": "1941-03-08", "nhs_number": number });
    assert_eq!(matched(born), None);
    let mut unnumbered = messages::person();
    unnumbered.as_object_mut().unwrap().remove("nhs_number");
    unnumbered["family_name"] = "Pritchard".into();
    let other = record(&practice, &unnumbered);
    let born = json!({ "family_name": "Pritchard", "date_of_birth": "1941-03-08", "nhs_number": number });
    assert_eq!(matched(born), Some(other));
    // If two people match, neither is chosen.
    let mut twin = known;
    twin["nhs_number"] = messages::nhs_number(910_000).into();
    record(&practice, &twin);
    assert_eq!(matched(json!({ "family_name": "Marlow", "date_of_birth": "1941-03-08" })), None);
}

#[test]
fn a_person_who_was_not_clear_is_identified() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    lodge(&world.partner(), &messages::complaint(&practice.slug));
    let path = newest(&practice);
    let seen = practice.complaints_manager.get(&path);
    let identify = |person: &str| {
        practice.complaints_manager.change(&format!("{path}/person"), &seen, &json!({ "service_user_id": person }))
    };
    let stranger = record(&elsewhere, &messages::person());
    assert_eq!(pointer(&identify(&stranger)), (422, Some("/service_user_id")));
    let person = record(&practice, &messages::person());
    let done = identify(&person);
    assert_eq!((done.status, done.text("/service_user_id")), (200, Some(person.as_str())), "{}", done.body);
    assert_eq!(identify(&person).status, 412, "seen before the change");

    // An identified person cannot be replaced: naming somebody else would show the complaint to those who work with the person.
    let now = practice.complaints_manager.get(&path);
    let other = record(&practice, &messages::person());
    let body = json!({ "service_user_id": other });
    let refused = practice.complaints_manager.change(&format!("{path}/person"), &now, &body);
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")));
}

#[test]
fn row_30_subjects_are_confirmed_once_by_somebody_who_is_not_among_them() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let report = json!({
        "name": "Ewan Clarke", "email": format!("ewan@{}.example", practice.slug), "roles": ["practitioner"],
        "line_manager_id": practice.second_manager.id,
    });
    world.staff(practice.id, report);
    lodge(&world.partner(), &messages::complaint(&practice.slug));
    let path = newest(&practice);
    let confirm = |staff: &[Value]| {
        let seen = practice.complaints_manager.get(&path);
        practice.complaints_manager.change(&format!("{path}/subjects"), &seen, &json!({ "staff": staff }))
    };
    let worker = json!(practice.social_worker.id);
    let own = json!(practice.complaints_manager.id);
    assert_eq!(pointer(&confirm(&[worker.clone(), own])), (422, Some("/staff/1")));
    assert_eq!(pointer(&confirm(&[json!(elsewhere.social_worker.id)])), (422, Some("/staff/0")));
    assert_eq!(pointer(&confirm(&[worker.clone(), worker.clone()])), (422, Some("/staff/1")));
    let read = practice.complaints_manager.get(&path);
    assert_eq!((&read.body["subjects"], read.text("/subjects_confirmed_at")), (&json!([]), None));

    let done = confirm(std::slice::from_ref(&worker));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["subjects"], json!([{ "id": worker, "name": "Hannah Price" }]));
    assert!(done.text("/subjects_confirmed_at").is_some());
    let twice = confirm(&[worker]);
    assert_eq!((twice.status, twice.text("/type")), (409, Some("/problems/invalid-state")));

    // The complaint is about nobody in particular.
    lodge(&world.partner(), &messages::complaint(&practice.slug));
    let path = newest(&practice);
    let seen = practice.complaints_manager.get(&path);
    let done = practice.complaints_manager.change(&format!("{path}/subjects"), &seen, &json!({ "staff": [] }));
    assert_eq!((done.status, &done.body["subjects"]), (200, &json!([])), "{}", done.body);
    assert!(done.text("/subjects_confirmed_at").is_some());
}

#[test]
fn a_message_sent_twice_is_written_once() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    let lodged = lodge(&partner, &messages::complaint(&practice.slug));
    let path = format!("{}/messages", newest(&practice));
    let headers = [("idempotency-key", "the key of this message")];
    let first = practice.complaints_manager.post_with(&path, &headers, &json!({ "text": "May I ring?" }));
    let second = practice.complaints_manager.post_with(&path, &headers, &json!({ "text": "May I ring?" }));
    assert_eq!((first.status, &first.body["messages"]), (201, &second.body["messages"]), "{}", first.body);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(follow(&partner, &lodged).body["messages"].as_array().unwrap().len(), 1);
}

#[test]
fn who_is_named_stays_behind_the_wall_when_it_is_said_to_be_about_nobody_in_particular() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let member = json!({
        "name": "Quillon Zebedee", "email": format!("quillon@{}.example", practice.slug), "roles": ["complaints_manager"],
    });
    let named = world.staff(practice.id, member);
    let mut complaint = messages::complaint(&practice.slug);
    complaint["staff"] = json!(["Quillon"]);
    lodge(&world.partner(), &complaint);
    let path = newest(&practice);
    let seen = practice.complaints_manager.get(&path);
    assert_eq!(named.get(&path).status, 404);
    let settled = practice.complaints_manager.change(&format!("{path}/subjects"), &seen, &json!({ "staff": [] }));
    assert_eq!(settled.status, 200, "{}", settled.body);
    assert_eq!(named.get(&path).status, 404);
}

#[test]
fn a_name_that_is_nobodys_could_be_anybodys_and_goes_to_the_council() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for (member, name) in [("staff", "the lady with the keys"), ("must_not_see", "everyone")] {
        let mut complaint = messages::complaint(&practice.slug);
        complaint[member] = json!([name]);
        let partner = world.partner();
        let lodged = lodge(&partner, &complaint);
        assert_eq!(follow(&partner, &lodged).text("/held_by"), Some("council"), "{name}");
    }
}

#[test]
fn whoever_opened_the_case_or_wrote_in_it_is_presumed_without_ever_having_been_allocated() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let member = json!({
        "name": "Xanthe Yarrow", "email": format!("xanthe@{}.example", practice.slug), "roles": ["complaints_manager", "manager"],
    });
    let xanthe = world.staff(practice.id, member);
    let person = messages::person();
    let case = messages::case(&council.gss_code, &record(&practice, &person));
    assert_eq!(xanthe.create("/v1/practice/cases", &case).status, 201);
    let mut complaint = messages::complaint(&practice.slug);
    complaint["person"] = json!({ "family_name": "Marlow", "nhs_number": person["nhs_number"] });
    lodge(&world.partner(), &complaint);
    let path = newest(&practice);
    assert_eq!(xanthe.get(&path).status, 404);
    assert_eq!(practice.complaints_manager.get(&path).status, 200);
}
