//! What the council writes to a complainant who does not follow the complaint with its code: it is given to them, or comes before the
//! responsible person.

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{follow, write_as_complainant};
use serde_json::{Value, json};

use super::{Scene, pointers, put};

fn by_post() -> Value {
    json!({ "contact": { "preferred": "letter", "address": "4 Wyle Cop\nShrewsbury SY1 1UT" } })
}

/// The days by which an officer is to give the complainant something.
fn due(officer: &Staff) -> Vec<String> {
    let due = officer.get("/v1/complaints/due");
    let items = due.body["items"].as_array().unwrap_or_else(|| panic!("{}", due.body));
    let own = items.iter().filter(|item| item["clock"] == "give_message");
    own.map(|item| item["on"].as_str().unwrap().to_owned()).collect()
}

/// Excludes a complaint. Returns the identifier of the message with the reasons.
fn excluded(officer: &Staff, complaint: &str) -> String {
    let body = json!({ "ground": "previously_investigated", "reason": "We answered the same in spring.", "heard_on": "2026-03-03" });
    let done = officer.change(&format!("{complaint}/exclude"), &officer.get(complaint), &body);
    assert_eq!(done.status, 200, "{}", done.body);
    last(&done)["id"].as_str().unwrap().to_owned()
}

fn last(complaint: &Answer) -> Value {
    complaint.body["messages"]
        .as_array()
        .and_then(|all| all.last())
        .unwrap_or_else(|| panic!("{}", complaint.body))
        .clone()
}

fn give(officer: &Staff, complaint: &str, message: &str, by: &str, on: &str) -> Answer {
    put(officer, complaint, &format!("messages/{message}/given"), &json!({ "by": by, "on": on }))
}

#[test]
fn the_reasons_for_an_exclusion_are_given_in_writing_to_whoever_telephoned() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.taken_down("telephone", by_post());
    let message = excluded(officer, &complaint);
    assert_eq!(last(&officer.get(&complaint))["in_writing"], json!(true));
    assert_eq!(due(officer), ["2026-11-24"], "after the end too, by the second working day");

    let letter = officer.get(&format!("{complaint}/messages/{message}/letter.html"));
    assert_eq!(letter.status, 200, "{}", letter.body);
    let html = String::from_utf8(letter.content).unwrap();
    for part in
        ["Edith Marlow", "4 Wyle Cop", "20 November 2026", "We answered the same in spring.", "Ombudsman", "review"]
    {
        assert!(html.contains(part), "{part}: {html}");
    }
    let pdf = officer.get(&format!("{complaint}/messages/{message}/letter.pdf"));
    assert!(pdf.status == 200 && pdf.content.starts_with(b"%PDF-"), "{}", pdf.body);

    for (by, on, pointer) in [
        ("phone", "2026-11-20", "/by"),
        ("in_person", "2026-11-20", "/by"),
        ("email", "2026-11-20", "/by"),
        ("app", "2026-11-20", "/by"),
        ("post", "2026-11-19", "/on"),
        ("post", "2026-11-21", "/on"),
    ] {
        assert_eq!(pointers(&give(officer, &complaint, &message, by, on)), [pointer], "{by} on {on}");
    }
    let given = give(officer, &complaint, &message, "post", "2026-11-20");
    assert_eq!(given.status, 200, "{}", given.body);
    assert_eq!(last(&given)["given"], json!({ "by": "post", "on": "2026-11-20" }));
    assert_eq!(due(officer), Vec::<String>::new());
    assert_eq!(give(officer, &complaint, &message, "post", "2026-11-20").status, 409, "it is recorded once");
    assert_eq!(give(officer, &complaint, super::NOBODYS, "post", "2026-11-20").status, 404);
}

#[test]
fn what_nobody_gives_in_time_comes_before_the_responsible_person() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.taken_down("letter", by_post());
    excluded(officer, &complaint);
    scene.it_is("2026-11-24T09:00:00Z");
    assert_eq!(scene.desk.offers().len(), 0);
    scene.it_is("2026-11-25T09:00:00Z");
    let (name, asked_as) = scene.asked();
    assert_eq!((name, asked_as.as_str()), ("Helena", "responsible_person"));
    let messages = officer.get(&complaint).body["messages"].as_array().unwrap().len();
    assert_eq!(messages, 1, "another message would wait to be given too");
}

#[test]
fn whoever_follows_the_complaint_or_cannot_be_reached_is_given_nothing() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.taken_down("telephone", by_post());
    let written = officer.create(&format!("{complaint}/messages"), &json!({ "text": "I ring you on Monday." }));
    assert_eq!(written.status, 201, "{}", written.body);
    assert_eq!(due(officer), ["2026-11-24"]);
    let said = last(&written)["id"].as_str().unwrap().to_owned();
    assert_eq!(pointers(&give(officer, &complaint, &said, "app", "2026-11-20")), ["/by"], "they have no code yet");
    assert_eq!(follow(&scene.world.partner(), &receipt).status, 200);
    assert_eq!(due(officer), Vec::<String>::new(), "they read it with the code now");
    assert_eq!(
        give(officer, &complaint, &said, "phone", "2026-11-20").status,
        200,
        "a word on the telephone counts here"
    );

    let scene = Scene::new();
    let nobody = json!({ "anonymous": true, "complainant": null, "contact": null });
    let (_, officer, complaint) = scene.taken_down("telephone", nobody);
    excluded(officer, &complaint);
    assert_eq!(due(officer), Vec::<String>::new(), "nobody can be given anything");
    let (_, officer, complaint) = scene.opened(json!({}));
    excluded(officer, &complaint);
    assert_eq!(due(officer), Vec::<String>::new(), "whoever complains with an app reads it there");
}

#[test]
fn an_acknowledgement_says_how_it_was_given_to_whoever_reads_it_nowhere() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.taken_down("telephone", by_post());
    let mut body = json!({ "message": "May I ring you to agree how we look into this?" });
    let acknowledge =
        |body: &Value| officer.change(&format!("{complaint}/acknowledge"), &officer.get(&complaint), body);
    assert_eq!(pointers(&acknowledge(&body)), ["/by"]);
    body["by"] = "phone".into();
    let done = acknowledge(&body);
    assert_eq!((done.status, done.text("/acknowledged_by")), (200, Some("phone")), "{}", done.body);
    assert_eq!(last(&done)["given"], json!({ "by": "phone", "on": "2026-11-20" }));
    assert_eq!(due(officer), Vec::<String>::new());
}

#[test]
fn a_letter_has_the_name_and_the_address_so_the_identity_is_unsealed_first() {
    let scene = Scene::new();
    let mut changes = by_post();
    changes["confidential"] = true.into();
    let (_, officer, complaint) = scene.taken_down("telephone", changes);
    let message = excluded(officer, &complaint);
    let letter = format!("{complaint}/messages/{message}/letter.pdf");
    assert_eq!(officer.get(&letter).status, 409);
    let why = json!({ "reason": "To address the letter." });
    assert_eq!(officer.create(&format!("{complaint}/unsealings"), &why).status, 201);
    assert_eq!(officer.get(&letter).status, 200);
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Laura Leadbetter");
    assert_eq!(guest.get(&letter).status, 404, "nobody else's");
}

#[test]
fn what_the_complainant_wrote_is_neither_given_to_them_nor_a_letter() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.taken_down("telephone", by_post());
    assert_eq!(write_as_complainant(&scene.world.partner(), &receipt, "Thank you.").status, 201);
    let message = last(&officer.get(&complaint))["id"].as_str().unwrap().to_owned();
    let refused = give(officer, &complaint, &message, "post", "2026-11-20");
    assert!(refused.status == 409 && refused.body.to_string().contains("own"), "{}", refused.body);
    for ending in ["html", "pdf"] {
        let letter = officer.get(&format!("{complaint}/messages/{message}/letter.{ending}"));
        assert_eq!(letter.status, 409, "{}", letter.body);
    }
}

#[test]
fn after_the_code_was_used_what_is_owed_in_writing_waits_until_it_is_used_again() {
    let scene = Scene::new();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.taken_down("telephone", by_post());
    assert_eq!(follow(&app, &receipt).status, 200);
    scene.world.clock.advance(chrono::TimeDelta::minutes(1));
    let said = officer.create(&format!("{complaint}/messages"), &json!({ "text": "I ring you on Monday." }));
    assert_eq!((said.status, due(officer)), (201, Vec::new()), "{}", said.body);
    excluded(officer, &complaint);
    assert_eq!(due(officer), ["2026-11-24"]);
    scene.world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(follow(&app, &receipt).status, 200);
    assert_eq!(due(officer), Vec::<String>::new());
}

#[test]
fn to_whoever_can_only_be_rung_what_is_owed_in_writing_is_said() {
    let scene = Scene::new();
    let (_, officer, complaint) =
        scene.taken_down("telephone", json!({ "contact": { "preferred": "phone", "phone": "07700 900461" } }));
    let message = excluded(officer, &complaint);
    assert_eq!(due(officer), ["2026-11-24"]);
    assert_eq!(give(officer, &complaint, &message, "phone", "2026-11-20").status, 200);
    assert_eq!(due(officer), Vec::<String>::new());
}

#[test]
fn a_contact_that_is_given_later_begins_the_two_days_then() {
    let scene = Scene::new();
    let unknown = json!({ "contact": null });
    let (_, officer, complaint) = scene.taken_down("in_person", unknown);
    excluded(officer, &complaint);
    assert_eq!(due(officer), Vec::<String>::new());
    scene.it_is("2026-12-01T09:00:00Z");
    let contact = json!({ "preferred": "letter", "address": "4 Wyle Cop" });
    let asked = officer.create(&format!("{complaint}/requests"), &json!({ "kind": "contact", "contact": contact }));
    let request = asked.text("/requests/0/id").unwrap_or_else(|| panic!("{}", asked.body));
    let decision =
        json!({ "confirmed": true, "told_by": "in_person", "told_on": "2026-12-01", "words": "She said so." });
    let path = format!("{complaint}/requests/{request}/decide");
    let decided = officer.change(&path, &officer.get(&complaint), &decision);
    assert_eq!(decided.status, 200, "{}", decided.body);
    assert_eq!(due(officer), ["2026-12-03"]);
}
