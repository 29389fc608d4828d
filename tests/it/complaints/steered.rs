//! Nothing that happens at a practice chooses who reads a complaint, and whoever is complained about in it turns nothing.

use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{assign, follow, send_as_complainant};
use almoner_tests::documents::{find_clean, pdf, send_in};
use almoner_tests::messages;
use serde_json::json;

use super::answered::{let_in, ready_to_sign, sign};
use super::objected::object;
use super::settled::{confirm, minute};
use super::{Scene, acknowledge, pointers, put, raise};
use crate::council::instructions::{instruct, referred};
use crate::practice::cases::{give, open, record};
use crate::practice::documents::erased::have_erased_by;

/// What is said of who worked with the person.
const WORKED: &str = "worked with the person";

#[test]
fn whoever_a_practice_invites_under_an_officers_name_chooses_no_reader() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    let (first, offer) = scene.offer();
    for name in ["Beatrice Oyelaran", "Callum Whitfield", "Helena Vance", "Idris Rahman"] {
        let email = format!("{}@nowhere.example", name.replace(' ', "."));
        let puppet = json!({ "name": name, "email": email, "roles": ["practitioner"] });
        let invited = scene.practice.administrator.create("/v1/practice/staff", &puppet);
        assert_eq!(invited.status, 201, "{}", invited.body);
    }
    let opened = almoner_tests::complaints::answer(first, &offer, false);
    assert_eq!((opened.status, opened.text("/outcome")), (200, Some("opened")), "{}", opened.body);
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum", "the next of the rota, as if nobody had been invited");
}

#[test]
fn a_second_place_at_the_practice_hides_nobodys_first() {
    let scene = Scene::new();
    let practice = &scene.practice;
    let person = messages::person();
    let case = open(practice, &scene.council, &record(practice, &person));
    assert_eq!(give(practice, &case, &practice.social_worker).status, 200);
    let about = json!({ "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] } });
    let (_, officer, complaint) = scene.opened(about);
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Hannah Price");
    let second = json!({ "name": "Hannah Price", "email": guest.email, "roles": ["practitioner"] });
    scene.world.join(practice.id, second);
    let refused = assign(officer, &complaint, &guest);
    assert!(refused.status == 422 && refused.body.to_string().contains(WORKED), "{}", refused.body);
}

#[test]
fn who_worked_with_whoever_complains_about_their_own_care_is_not_let_in_though_no_record_was_recognised() {
    let scene = Scene::new();
    let practice = &scene.practice;
    let person = messages::person();
    let case = open(practice, &scene.council, &record(practice, &person));
    assert_eq!(give(practice, &case, &practice.social_worker).status, 200);
    let handler = |member, name| scene.world.handler(&scene.council, &scene.desk, practice, member, name);
    let worker = handler(&practice.social_worker, "Hannah Price");
    let other = handler(&practice.practitioner_2, "Moira Keane");
    let called = format!("Mrs {} {}", person["given_name"].as_str().unwrap(), person["family_name"].as_str().unwrap());
    for complainant in [
        json!({ "complainant": { "name": called, "basis": "recipient" }, "person": null }),
        json!({ "person": { "family_name": person["family_name"] } }),
    ] {
        let (_, officer, complaint) = scene.opened(complainant);
        let refused = assign(officer, &complaint, &worker);
        assert!(refused.status == 422 && refused.body.to_string().contains(WORKED), "{}", refused.body);
        assert_eq!(assign(officer, &complaint, &other).status, 201, "who has nothing to do with her");
    }
}

#[test]
fn who_had_a_complaint_is_known_by_their_name_with_another_address_and_in_another_capacity() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Gwilym Vaughan");
    assert_eq!(assign(officer, &complaint, &guest).status, 201);
    assert_eq!(object(&scene.world, &receipt, 1, None).status, 201);
    let again = scene.world.investigator(&scene.council, &scene.desk, "Gwilym Vaughan");
    let refused = assign(officer, &complaint, &again);
    assert!(refused.status == 422 && refused.body.to_string().contains("had the complaint before"), "{}", refused.body);
}

#[test]
fn an_officer_to_whom_the_complainant_objects_turns_nothing_until_another_has_it() {
    let scene = Scene::new();
    let person = messages::person();
    open(&scene.practice, &scene.council, &record(&scene.practice, &person));
    let about = json!({ "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] } });
    let (receipt, first, complaint) = ready_to_sign(&scene, about);
    let head = raise(first, &complaint);
    let (_, colleague, other) = scene.opened(json!({}));
    let_in(colleague, &other, first);
    let other = other.rsplit('/').next().unwrap();
    let subject = scene.world.shown_a_part(&scene.council, first, &complaint, "Hannah Price", "subject");
    let lead = scene.world.shown_a_part(&scene.council, first, &complaint, "Rosalind Quayle", "employers_lead");
    let add = json!({ "what": "Ring first.", "owner": "Rosalind Quayle", "due_on": "2026-12-01" });
    let added = first.create(&format!("{complaint}/actions"), &add);
    let action = added.body["actions"][0]["id"].as_str().unwrap_or_else(|| panic!("{}", added.body)).to_owned();
    let limits = json!({ "how": "In writing.", "reasons": "You rang nineteen times.", "until": "2026-12-20" });
    assert_eq!(put(first, &complaint, "limits", &limits).status, 200);
    assert_eq!(object(&scene.world, &receipt, 0, None).status, 201);
    first.step_up();

    let put = |to: &str, body| put(first, &complaint, to, &body);
    let post = |to: &str, body| first.create(&format!("{complaint}/{to}"), &body);
    let change = |to: &str, body| first.change(&format!("{complaint}/{to}"), &first.get(&complaint), &body);
    let delete = |to: &str| first.send("DELETE", &format!("{complaint}/{to}"), &[], None);
    let plan = json!({ "handling": "Slowly.", "respond_by": "2026-12-18", "period": "determined" });
    let finding = json!({ "outcome": "not_well_founded", "finding": "Nothing.", "heard_on": "2026-11-20" });
    let a_head = json!({ "statement": "Another.", "about": "service", "theme": "delay" });
    let hearing =
        json!({ "guest_id": subject.id, "heads": [head], "message": "We ask.", "interim": "Mr Bell visits." });
    let period = json!({ "from": "2026-11-01", "until": "2026-11-20", "reason": "To see.", "guests": false });
    let apart = json!({ "stream": "grievance", "owner": "The practice", "words": "Apart." });
    for (what, refused) in [
        ("plans", put("plan", plan)),
        ("judges the risk", put("risk", json!({ "risk": "low" }))),
        ("puts down when it was", put("timeliness", json!({ "happened_on": "2026-11-01" }))),
        ("raises a head", post("heads", a_head.clone())),
        ("writes a head anew", put(&format!("heads/{head}"), a_head)),
        ("holds a head", put(&format!("heads/{head}/hold"), json!({ "until": "2026-12-01", "reason": "Court." }))),
        ("finds", put(&format!("heads/{head}/finding"), finding)),
        ("takes a head out", delete(&format!("heads/{head}"))),
        ("has her heard", post("hearings", hearing)),
        ("tells the employer", post("notices", json!({ "guest_id": lead.id, "text": "So.", "reason": "So." }))),
        ("opens the record", put("record", period)),
        ("ends the limits", delete("limits")),
        ("adds an action", post("actions", add)),
        (
            "says that it is done",
            put(&format!("actions/{action}/done"), json!({ "on": "2026-11-20", "words": "Done." })),
        ),
        ("sets apart", post("matters", apart)),
        ("drafts", put("response", super::answered::draft())),
        ("records the Ombudsman", put("ombudsman", json!({ "asked_on": "2026-11-20" }))),
        ("proposes a link", post("link-proposals", json!({ "reference": "C-AAAAA-AAAAA" }))),
    ] {
        assert!([409, 422].contains(&refused.status), "{what}: {} {}", refused.status, refused.body);
        assert!(refused.body.to_string().contains("waiting for another officer"), "{what}: {}", refused.body);
    }
    for method in ["PUT", "DELETE"] {
        let refused = first.send(method, &format!("{complaint}/links/{other}"), &[], None);
        assert!(refused.body.to_string().contains("waiting for another officer"), "{method}: {}", refused.body);
    }
    // What cannot wait does not.
    let danger = json!({ "now": "no", "person": { "family_name": "Marlow" }, "words": "Her son takes her pension." });
    assert_eq!(change("raise-safeguarding", danger).status, 200);
    assert_eq!(post("messages", json!({ "text": "Another officer is asked." })).status, 201);
    assert_eq!(post("requests", json!({ "kind": "withdrawal" })).status, 201);
}

#[test]
fn who_is_objected_to_acknowledges_in_time_and_neither_signs_nor_settles_anything() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = ready_to_sign(&scene, json!({}));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    assert_eq!(object(&scene.world, &receipt, 1, None).status, 201);
    responsible.step_up();
    let signed = sign(responsible, &complaint);
    assert!(signed.status == 409 && signed.body.to_string().contains("another officer"), "{}", signed.body);

    let (receipt, officer, complaint) = scene.opened(json!({}));
    assert_eq!(object(&scene.world, &receipt, 0, None).status, 201);
    acknowledge(officer, &complaint);
    let scene = Scene::new();
    let (officer, minuted) = scene.minute(&minute());
    let code = officer.create(&format!("{minuted}/code"), &json!({ "reason": "She has none." }));
    assert_eq!(object(&scene.world, &code, 0, Some("It is not settled.")).status, 201);
    let refused = confirm(officer, &minuted);
    assert!(refused.status == 409 && refused.body.to_string().contains("another officer"), "{}", refused.body);
}

#[test]
fn nobody_alone_says_whose_record_is_read_and_reads_it() {
    let scene = Scene::new();
    let person = messages::person();
    open(&scene.practice, &scene.council, &record(&scene.practice, &person));
    let (_, officer, complaint) = scene.opened(json!({ "person": null }));
    let about = json!({ "family_name": person["family_name"], "nhs_number": person["nhs_number"] });
    let asked = officer.create(&format!("{complaint}/requests"), &json!({ "kind": "person", "person": about }));
    assert_eq!(asked.status, 201, "{}", asked.body);
    let decide = format!("{complaint}/requests/{}/decide", asked.text("/requests/0/id").unwrap());
    let decision = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-11-20", "words": "She said so." });
    let decided = officer.change(&decide, &officer.get(&complaint), &decision);
    assert_eq!(decided.status, 200, "{}", decided.body);
    let period = json!({ "from": "2026-11-01", "until": "2026-11-20", "reason": "To see.", "guests": false });
    assert_eq!(pointers(&put(officer, &complaint, "record", &period)), ["/person"]);
    let second = scene.desk.officers.iter().find(|one| one.id != officer.id).unwrap();
    let_in(officer, &complaint, second);
    assert_eq!(put(second, &complaint, "record", &period).status, 200, "two know of it");
}

#[test]
fn a_notice_goes_to_nobody_who_has_not_joined() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let id = complaint.rsplit('/').next().unwrap();
    let new = json!({ "name": "Laura Leadbetter", "email": "laura@elsewhere.example", "capacity": "employers_lead",
        "complaint_id": id, "practice": scene.practice.slug });
    let invited = officer.create("/v1/complaints/guests", &new);
    assert_eq!(invited.status, 201, "{}", invited.body);
    let notice =
        json!({ "guest_id": invited.text("/id").unwrap(), "text": "Nobody visits alone.", "reason": "She leads." });
    let refused = officer.create(&format!("{complaint}/notices"), &notice);
    assert_eq!(pointers(&refused), ["/guest_id"], "{}", refused.body);
}

#[test]
fn whatever_is_done_with_the_code_shows_to_whoever_follows_next() {
    let scene = Scene::new();
    let (receipt, ..) = scene.opened(json!({}));
    let partner = scene.world.partner();
    assert!(follow(&partner, &receipt).body.get("last_followed_at").is_none());
    scene.world.set_clock("2026-11-20T15:00:00Z");
    let partner = scene.world.partner();
    let sent = send_as_complainant(&partner, &receipt, "diary.txt", ("text/plain", b"The third."));
    assert_eq!(sent.status, 201, "{}", sent.body);
    scene.world.set_clock("2026-11-20T16:00:00Z");
    let followed = follow(&scene.world.partner(), &receipt);
    let last = followed.text("/last_followed_at").unwrap_or_default();
    assert!(last.starts_with("2026-11-20T15:00"), "{}", followed.body);
}

#[test]
fn who_instructed_the_practice_or_had_a_document_of_the_persons_erased_is_not_let_in() {
    let scene = Scene::new();
    let practice = &scene.practice;
    let theirs = referred(&scene.council, practice);
    let roles = [OfficerRole::Complaints, OfficerRole::Commissioner];
    let eraser = scene.world.officer_named(&scene.council, "Tamsin Ogilvie", &roles);
    let instructor = scene.world.officer_named(&scene.council, "Amara Quist", &roles);
    eraser.step_up();
    instructor.step_up();
    assert_eq!(instruct(&instructor, &theirs.referral).status, 201);
    let person = practice.manager.get(&format!("/v1/practice/service-users/{}", theirs.person));
    let holder = format!("/v1/practice/service-users/{}", theirs.person);
    let sent = send_in(&practice.manager, &holder, "letter.pdf", "application/pdf", &pdf(0));
    let document = sent.header("location").unwrap_or_else(|| panic!("{}", sent.body)).to_owned();
    find_clean(sent.text("/id").unwrap());

    let about =
        json!({ "person": { "family_name": person.text("/family_name"), "nhs_number": person.text("/nhs_number") } });
    let (_, officer, complaint) = scene.opened(about);
    let period = json!({ "from": "2026-11-01", "until": "2026-11-20", "reason": "To see.", "guests": false });
    let opened = put(officer, &complaint, "record", &period);
    assert_eq!(opened.status, 200, "{}", opened.body);
    let of_record = || officer.get(&format!("{complaint}/record")).body["documents"].clone();
    assert!(of_record().to_string().contains("letter.pdf"), "{}", of_record());

    // What is erased leaves its name and content, and does not leave the record without a trace.
    have_erased_by(&eraser, &practice.manager, &document);
    let afterwards = of_record();
    let left = afterwards.as_array().unwrap().iter().find(|one| one["id"] == sent.body["id"]).unwrap();
    assert!(left.get("name").is_none() && left["erased_at"].is_string(), "{left}");
    assert!(left["erasure_asked_by"].is_string(), "{left}");
    for known in [&eraser, &instructor] {
        let refused = officer
            .create(&format!("{complaint}/assignments"), &json!({ "officer_id": known.id, "reason": "Has time." }));
        assert!(
            refused.status == 422 && refused.body.to_string().contains("decided, referred or signed"),
            "{}",
            refused.body
        );
    }
}

#[test]
fn a_link_is_not_agreed_to_that_would_tell_a_barred_officer_of_a_complaint() {
    let scene = Scene::new();
    let (_, one, first) = scene.opened(json!({}));
    let (_, other, second) = scene.opened(json!({ "must_not_see": ["Beatrice Oyelaran"] }));
    assert_ne!(one.id, other.id);
    let own = other.get(&second);
    let asked =
        one.create(&format!("{first}/link-proposals"), &json!({ "reference": own.text("/reference").unwrap() }));
    assert_eq!(asked.status, 201, "{}", asked.body);
    let seen = other.get(&second);
    let proposals = seen.body["link_proposals"].as_array().unwrap();
    let proposal = proposals.iter().find(|one| one["to_answer"] == true).unwrap()["id"].as_str().unwrap();
    let answer = |agreed: bool| {
        let path = format!("{second}/link-proposals/{proposal}/answer");
        other.change(&path, &other.get(&second), &json!({ "agreed": agreed }))
    };
    assert_eq!(pointers(&answer(true)), ["/agreed"]);
    assert_eq!(answer(false).status, 200);
    assert_eq!(one.get(&first).body["linked"], json!([]));
}
