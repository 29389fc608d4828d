//! Complaints that nobody at the practice may read, so that the council holds them.

use almoner_tests::callers::Caller;
use almoner_tests::{Practice, Staff, World, messages};
use serde_json::{Value, json};

use crate::partner::complaints::{follow, lodge};
use crate::practice::cases::{case_of, column, give, open, record};

const LIST: &str = "/v1/council/complaints";

/// Makes a practitioner whose line manager is the complaints manager.
fn report_of_the_complaints_manager(world: &World, practice: &Practice) -> Staff {
    world.staff(
        practice.id,
        json!({
            "name": "Ewan Clarke", "email": format!("ewan@{}.example", practice.slug), "roles": ["practitioner"],
            "line_manager_id": practice.complaints_manager.id,
        }),
    )
}

#[test]
fn a_complaint_about_the_work_of_the_complaints_manager_or_their_people_goes_to_the_council() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let partner = world.partner();
    let worker = report_of_the_complaints_manager(&world, &practice);
    // Another complaints manager works on the case herself.
    let both = json!({
        "name": "Mair Lloyd", "email": format!("mair@{}.example", practice.slug),
        "roles": ["complaints_manager", "practitioner"],
    });
    let both = world.staff(practice.id, both);
    let person = messages::person();
    let case = open(&practice, &council, &record(&practice, &person));
    give(&practice, &case, &both);
    give(&practice, &case, &worker);

    let mut complaint = messages::complaint(&practice.slug);
    complaint["person"] = json!({ "family_name": "Marlow", "nhs_number": person["nhs_number"] });
    let lodged = lodge(&partner, &complaint);
    assert_eq!(follow(&partner, &lodged).text("/held_by"), Some("council"));
    let held = council.complaints.get(LIST);
    assert_eq!(column(&held, "/status"), [Some("received")]);
    let id = held.text("/items/0/id").unwrap();
    for manager in [&practice.complaints_manager, &both] {
        assert!(column(&manager.get("/v1/practice/complaints"), "/id").is_empty(), "{}", manager.email);
        assert_eq!(manager.get(&format!("/v1/practice/complaints/{id}")).status, 404, "{}", manager.email);
    }
    // The council may not know the practice's identifier of the person.
    let read = council.complaints.get(&format!("{LIST}/{id}"));
    assert!(read.body["service_user_id"].is_null(), "{}", read.body);
}

#[test]
fn a_complaint_that_names_the_only_complaints_manager_goes_to_the_council() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let partner = world.partner();
    for (member, name) in [
        ("staff", "Bola Adeyemi"),
        ("staff", "bola"),
        ("staff", "Ms Adeyemy"),
        ("staff", "Bolla Adayemi"),
        ("must_not_see", "Bola Adeyemi"),
        ("must_not_see", "the Adeyemi woman"),
    ] {
        let mut complaint = messages::complaint(&practice.slug);
        complaint[member] = json!([name]);
        let lodged = lodge(&partner, &complaint);
        assert_eq!(follow(&partner, &lodged).text("/held_by"), Some("council"), "{member} {name}");
    }
    let mut other = messages::complaint(&practice.slug);
    other["staff"] = json!(["Hannah Price"]);
    other["must_not_see"] = json!(["Gareth Pugh"]);
    assert_eq!(follow(&partner, &lodge(&partner, &other)).text("/held_by"), Some("practice"));
    assert_eq!(column(&council.complaints.get(LIST), "/id").len(), 6);
    assert_eq!(column(&practice.complaints_manager.get("/v1/practice/complaints"), "/id").len(), 1);
}

#[test]
fn while_the_person_is_unknown_only_a_complaints_manager_without_cases_or_reports_is_free() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let partner = world.partner();
    report_of_the_complaints_manager(&world, &practice);
    let lodged = lodge(&partner, &messages::complaint(&practice.slug));
    assert_eq!(follow(&partner, &lodged).text("/held_by"), Some("council"), "the one has reports");

    let both = json!({
        "name": "Mair Lloyd", "email": format!("mair@{}.example", practice.slug),
        "roles": ["complaints_manager", "practitioner"],
    });
    let both = world.staff(practice.id, both);
    let lodged = lodge(&partner, &messages::complaint(&practice.slug));
    assert_eq!(follow(&partner, &lodged).text("/held_by"), Some("practice"), "the other has nothing yet");
    let person = messages::person();
    let case = open(&practice, &council, &record(&practice, &person));
    give(&practice, &case, &practice.social_worker);
    case_of(&practice, &council, &both);
    assert!(column(&both.get("/v1/practice/complaints"), "/id").is_empty(), "a case since then closes it to her");
    let lodged = lodge(&partner, &messages::complaint(&practice.slug));
    assert_eq!(follow(&partner, &lodged).text("/held_by"), Some("council"), "the other has a case");

    // Once the person is identified, both complaints managers are free of conflict: neither works with that person.
    let mut known = messages::complaint(&practice.slug);
    known["person"] = json!({ "family_name": "Marlow", "nhs_number": person["nhs_number"] });
    assert_eq!(follow(&partner, &lodge(&partner, &known)).text("/held_by"), Some("practice"));
    for manager in [&practice.complaints_manager, &both] {
        assert_eq!(column(&manager.get("/v1/practice/complaints"), "/id").len(), 1, "{}", manager.email);
    }
}

#[test]
fn the_councils_complaints_system_reads_and_acknowledges_what_it_holds() {
    let world = World::new();
    let (council, other) = (world.council(), world.council());
    let practice = world.practice(&council);
    let partner = world.partner();
    let mut complaint = messages::complaint(&practice.slug);
    complaint["staff"] = json!(["Bola Adeyemi"]);
    let lodged = lodge(&partner, &complaint);

    let listed = council.complaints.get(LIST);
    assert_eq!(column(&listed, "/practice/name"), [Some(format!("Practice {}", practice.slug).as_str())]);
    assert_eq!(listed.body["items"][0]["overdue"], false);
    let path = format!("{LIST}/{}", listed.text("/items/0/id").unwrap());
    let read = council.complaints.get(&path);
    assert_eq!(read.text("/narrative"), Some("Three visits were cancelled and nobody rang."));
    assert_eq!(read.text("/complainant/name"), Some("Edith Marlow"));
    assert_eq!(read.body["staff_named"], json!(["Bola Adeyemi"]));

    let acknowledge = format!("{path}/acknowledge");
    let offer = json!({ "message": "Thank you. May we ring you to agree how this is looked into, and by when?" });
    assert_eq!(council.system.get(LIST).status, 403);
    assert_eq!(council.system.get(&path).status, 403);
    assert_eq!(council.system.change(&acknowledge, &read, &offer).status, 403);
    assert!(column(&other.complaints.get(LIST), "/id").is_empty());
    assert_eq!(other.complaints.get(&path).status, 404);
    assert_eq!(other.complaints.change(&acknowledge, &read, &offer).status, 404);

    assert_eq!(council.complaints.post(&acknowledge, &offer).status, 428);
    assert_eq!(council.complaints.post_with(&acknowledge, &[("if-match", "\"7\"")], &offer).status, 412);
    let done = council.complaints.change(&acknowledge, &read, &offer);
    assert_eq!((done.status, done.text("/status")), (200, Some("acknowledged")), "{}", done.body);
    assert_eq!(council.complaints.change(&acknowledge, &done, &offer).status, 409);

    let followed = follow(&partner, &lodged);
    assert_eq!((followed.text("/held_by"), followed.text("/status")), (Some("council"), Some("acknowledged")));
    assert_eq!(followed.text("/messages/0/author"), Some("council"));
    let headers = [("complaint-access-code", lodged.code.as_str()), ("idempotency-key", "the key of this message")];
    let written = partner.post_with(&format!("{}/messages", lodged.path), &headers, &json!({ "text": "Please do." }));
    assert_eq!(written.status, 201, "{}", written.body);
    assert_eq!(council.complaints.get(&path).text("/messages/1/text"), Some("Please do."));
}

#[test]
fn a_confidential_complaint_shows_the_council_nobody_either_without_a_reason() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let mut complaint = messages::complaint(&practice.slug);
    complaint["must_not_see"] = json!(["Bola Adeyemi"]);
    complaint["confidential"] = true.into();
    lodge(&world.partner(), &complaint);
    let listed = council.complaints.get(LIST);
    let path = format!("{LIST}/{}", listed.text("/items/0/id").unwrap());
    let reason = json!({ "reason": "To agree when it is safe to ring." });
    let other = world.council();
    assert_eq!(other.complaints.create(&format!("{path}/complainant"), &reason).status, 404);
    assert_eq!(council.system.create(&format!("{path}/complainant"), &reason).status, 403);
    let opened = council.complaints.create(&format!("{path}/complainant"), &reason);
    assert_eq!((opened.status, opened.text("/complainant/name")), (201, Some("Edith Marlow")), "{}", opened.body);
    let read = council.complaints.get(&path);
    assert_eq!((&read.body["confidential"], read.text("/messages/0/author")), (&json!(true), Some("council")));
    for sealed in ["complainant", "person", "contact"] {
        assert!(read.body.get(sealed).is_none(), "{sealed}: {}", read.body);
    }
}

#[test]
fn it_goes_to_the_council_that_is_responsible_for_the_person() {
    let world = World::new();
    let (first, second) = (world.council(), world.council());
    let practice = world.practice(&first);
    world.contract(&second, &practice, json!({}));
    let person = messages::person();
    open(&practice, &second, &record(&practice, &person));
    let partner = world.partner();
    let mut complaint = messages::complaint(&practice.slug);
    complaint["staff"] = json!(["Bola Adeyemi"]);
    lodge(&partner, &complaint);
    let held = |council: &almoner_tests::Council| column(&council.complaints.get(LIST), "/id").len();
    assert_eq!((held(&first), held(&second)), (1, 0), "the oldest contract, while nobody is known");
    complaint["person"] = json!({ "family_name": "Marlow", "nhs_number": person["nhs_number"] });
    lodge(&partner, &complaint);
    assert_eq!((held(&first), held(&second)), (1, 1), "the council of the person's case");
}

#[test]
fn overdue_is_flagged_at_the_council_too() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let mut complaint: Value = messages::complaint(&practice.slug);
    complaint["staff"] = json!(["Bola Adeyemi"]);
    lodge(&world.partner(), &complaint);
    for (at, overdue) in [("2026-11-25T23:59:00Z", false), ("2026-11-26T00:01:00Z", true)] {
        world.set_clock(at);
        council.complaints.forget_token();
        assert_eq!(council.complaints.get(LIST).body["items"][0]["overdue"], overdue, "{at}");
    }
}

#[test]
fn a_complaint_that_nobody_at_the_practice_may_read_any_more_goes_to_the_council_with_all_that_was_written() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let partner = world.partner();
    let mut complaint = messages::complaint(&practice.slug);
    complaint["staff"] = json!(["Hannah Price"]);
    let lodged = lodge(&partner, &complaint);
    let id = practice.complaints_manager.get("/v1/practice/complaints").text("/items/0/id").unwrap().to_owned();
    let path = format!("/v1/practice/complaints/{id}");
    let seen = practice.complaints_manager.get(&path);
    let written = json!({ "message": "Thank you. May I ring you?" });
    assert_eq!(practice.complaints_manager.change(&format!("{path}/acknowledge"), &seen, &written).status, 200);

    // While somebody may read the complaint, it stays with the practice.
    world.set_clock("2026-11-20T12:00:00Z");
    practice.complaints_manager.forget_token();
    world.work(&practice);
    assert_eq!(practice.complaints_manager.get(&path).status, 200);

    // The person is unknown, and the complaints manager now has reports of her own.
    report_of_the_complaints_manager(&world, &practice);
    assert_eq!(practice.complaints_manager.get(&path).status, 404);
    world.set_clock("2026-11-20T14:00:00Z");
    for system in [&council.complaints, &partner] {
        system.forget_token();
    }
    world.work(&practice);

    let read = council.complaints.get(&format!("{LIST}/{id}"));
    assert_eq!(read.status, 200, "{}", read.body);
    assert_eq!(read.text("/narrative"), complaint["narrative"].as_str());
    assert_eq!(read.text("/complainant/name"), Some("Edith Marlow"));
    assert_eq!(read.body["staff_named"], json!(["Hannah Price"]));
    assert_eq!(read.text("/messages/0/text"), Some("Thank you. May I ring you?"));
    let followed = follow(&partner, &lodged);
    assert_eq!((followed.text("/held_by"), followed.text("/status")), (Some("council"), Some("acknowledged")));
    assert_eq!(followed.text("/messages/0/text"), Some("Thank you. May I ring you?"));
    practice.complaints_manager.forget_token();
    assert_eq!(practice.complaints_manager.get(&path).status, 404);
}
