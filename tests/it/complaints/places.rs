//! Who is barred by what they are elsewhere: at a practice that the complaint does not name, under another name, at the safeguarding duty, or
//! once it is said of whom the complaint is.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{answer, assign, follow};
use almoner_tests::{Staff, messages};
use serde_json::{Value, json};

use super::objected::object;
use super::represented::check;
use super::{Scene, put, sees};
use crate::practice::cases::{give, open, record, twice_at_once};
use crate::practice::people::of;

/// Opens a complaint that names the council and no practice, about this person, with these members.
pub(super) fn opened_without_a_practice<'s>(
    scene: &'s Scene,
    person: &Value,
    changes: Value,
) -> (Answer, &'s Staff, String) {
    let mut complaint = scene.complaint(changes);
    complaint.as_object_mut().unwrap().remove("practice");
    complaint["council"] = scene.council.gss_code.as_str().into();
    complaint["person"] = person.clone();
    scene.world.opened(&scene.council, &scene.desk, &complaint)
}

pub(super) fn about(person: &Value) -> Value {
    json!({ "given_name": person["given_name"], "family_name": person["family_name"], "nhs_number": person["nhs_number"] })
}

/// A record at the practice of this person, whose case the first social worker has.
fn worked_with(scene: &Scene, person: &Value) {
    let case = open(&scene.practice, &scene.council, &record(&scene.practice, person));
    assert_eq!(give(&scene.practice, &case, &scene.practice.social_worker).status, 200);
}

#[test]
fn who_worked_with_the_person_is_not_let_in_though_the_complaint_names_no_practice() {
    let scene = Scene::new();
    let (practice, person) = (&scene.practice, messages::person());
    worked_with(&scene, &person);
    let (_, officer, complaint) = opened_without_a_practice(&scene, &about(&person), json!({}));
    for (member, name, expected) in [
        (&practice.social_worker, "H. Price", "worked with the person"),
        (&practice.director, "The Director", "controls the practice"),
        (&practice.manager, "Another Name", "worked with the person"),
    ] {
        let guest = scene.world.handler(&scene.council, &scene.desk, practice, member, name);
        let refused = assign(officer, &complaint, &guest);
        assert!(refused.status == 422 && refused.body.to_string().contains(expected), "{name}: {}", refused.body);
        assert!(!sees(&guest, &complaint), "{name}");
    }
    let free = scene.world.investigator(&scene.council, &scene.desk, "Laura Leadbetter");
    assert_eq!(assign(officer, &complaint, &free).status, 201);
}

#[test]
fn who_reviewed_a_warning_note_about_the_person_is_not_let_in() {
    let scene = Scene::new();
    let (practice, person) = (&scene.practice, messages::person());
    let path = of(&record(practice, &person), "/warning-notes");
    let written = practice.director.create(&path, &messages::warning_note());
    let note = format!("{path}/{}", written.text("/id").unwrap());
    // Of the two managers one was drawn to review it as a second person, and the other one keeps it in force.
    let drawn = practice.manager.get("/v1/practice/countersignatures").body["items"] != json!([]);
    let reviewer = if drawn { &practice.second_manager } else { &practice.manager };
    let stays = json!({ "finding": "stays", "text": "The dog is there.", "review_on": "2027-05-01" });
    assert_eq!(reviewer.change(&format!("{note}/review"), &reviewer.get(&note), &stays).status, 200);
    let (_, officer, complaint) = opened_without_a_practice(&scene, &about(&person), json!({}));
    let guest = scene.world.handler(&scene.council, &scene.desk, practice, reviewer, "Another Name");
    let refused = assign(officer, &complaint, &guest);
    assert!(refused.status == 422 && refused.body.to_string().contains("worked with the person"), "{}", refused.body);
    assert!(!sees(&guest, &complaint));
}

#[test]
fn a_guest_is_known_by_the_name_that_they_have_where_they_work() {
    let scene = Scene::new();
    let practice = &scene.practice;
    let nobody = json!({ "family_name": "Marlow" });
    let named = json!({ "narrative": "Hannah shouted at me.", "must_not_see": ["Bola"] });
    let (_, officer, complaint) = opened_without_a_practice(&scene, &nobody, named);
    for (member, name, expected) in [
        (&practice.social_worker, "H. P.", "whose name stands in the complaint"),
        (&practice.practitioner_2, "B. A.", "must not see"),
        (&practice.manager, "The Manager", "in the line"),
    ] {
        let guest = scene.world.handler(&scene.council, &scene.desk, practice, member, name);
        let refused = assign(officer, &complaint, &guest);
        assert!(refused.status == 422 && refused.body.to_string().contains(expected), "{name}: {}", refused.body);
    }
    // An officer of the council's who is invited under initials is the officer still.
    let (_, officer, complaint) = scene.opened(json!({ "narrative": "Tamsin kept my file." }));
    let referrer = scene.world.officer_named(&scene.council, "Tamsin Ogilvie", &[OfficerRole::Referrals]);
    let guest = scene.world.investigator_with(&scene.council, &scene.desk, "T. O.", &referrer.email);
    let refused = assign(officer, &complaint, &guest);
    assert!(refused.body.to_string().contains("whose name stands in the complaint"), "{}", refused.body);
}

#[test]
fn whoever_worked_with_the_person_has_it_no_more_once_it_is_said_who_that_is() {
    let scene = Scene::new();
    let (practice, person) = (&scene.practice, messages::person());
    worked_with(&scene, &person);
    let (_, officer, complaint) = scene.opened(json!({ "person": { "family_name": "Unknown" } }));
    let worker = scene.world.handler(&scene.council, &scene.desk, practice, &practice.social_worker, "Hannah Price");
    let other = scene.world.investigator(&scene.council, &scene.desk, "Laura Leadbetter");
    for guest in [&worker, &other] {
        assert_eq!(assign(officer, &complaint, guest).status, 201);
        assert!(sees(guest, &complaint));
    }
    let asked =
        officer.create(&format!("{complaint}/requests"), &json!({ "kind": "person", "person": about(&person) }));
    let decide = format!("{complaint}/requests/{}/decide", asked.text("/requests/0/id").unwrap());
    let decision = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-11-20", "words": "She said so." });
    let decided = officer.change(&decide, &officer.get(&complaint), &decision);
    assert_eq!(decided.status, 200, "{}", decided.body);
    assert!(!sees(&worker, &complaint) && sees(&other, &complaint) && sees(officer, &complaint));
}

#[test]
fn an_officer_who_decided_for_the_person_lets_another_in_before_it_is_said_who_that_is() {
    let scene = Scene::new();
    let person = messages::person();
    let mut referral = messages::referral();
    referral["person"]["nhs_number"] = person["nhs_number"].clone();
    let sent = scene.council.system.post("/v1/council/referrals", &referral);
    let (_, officer, complaint) = scene.opened(json!({ "person": { "family_name": "Unknown" } }));
    let roles = [OfficerRole::Complaints, OfficerRole::Referrals];
    let second = scene.world.officer_named(&scene.council, "Tamsin Ogilvie", &roles);
    assert_eq!(second.get(&format!("/v1/council/referrals/{}", sent.text("/id").unwrap())).status, 200);
    let second = second.at_complaints();
    let let_in = json!({ "officer_id": second.id, "reason": "She is free." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &let_in).status, 201);
    let own = officer.get(&format!("{complaint}/assignments"));
    let first =
        own.body["items"].as_array().unwrap().iter().find(|one| one["officer_id"] == json!(officer.id)).unwrap();
    let ended = second.send("DELETE", &format!("{complaint}/assignments/{}", first["id"].as_str().unwrap()), &[], None);
    assert_eq!(ended.status, 204, "{}", ended.body);
    let asked = second.create(&format!("{complaint}/requests"), &json!({ "kind": "person", "person": about(&person) }));
    let decide = format!("{complaint}/requests/{}/decide", asked.text("/requests/0/id").unwrap());
    let decision = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-11-20", "words": "She said so." });
    let decided = second.change(&decide, &second.get(&complaint), &decision);
    assert!(decided.status == 409 && decided.body.to_string().contains("let another officer in"), "{}", decided.body);
}

#[test]
fn an_officer_who_took_up_a_concern_about_the_person_is_not_let_in() {
    let scene = Scene::new();
    let person = messages::person();
    let duty =
        scene.world.officer_named(&scene.council, "Tamsin Ogilvie", &[OfficerRole::Complaints, OfficerRole::Duty]);
    scene.world.lodge(&scene.complaint(json!({ "person": about(&person), "danger": { "now": "yes" } })));
    let alerts = "/v1/council/safeguarding-alerts";
    let alert = duty.get(alerts);
    let path = format!("{alerts}/{}", alert.text("/items/0/id").unwrap_or_else(|| panic!("{}", alert.body)));
    let taken = duty.create(&format!("{path}/take"), &json!({ "done": "I rang. No enquiry." }));
    assert_eq!(taken.status, 201, "{}", taken.body);
    let (_, officer, complaint) = scene.opened(json!({ "person": about(&person) }));
    let assigned = officer
        .create(&format!("{complaint}/assignments"), &json!({ "officer_id": duty.id, "reason": "She is free." }));
    assert!(assigned.status == 422 && assigned.body.to_string().contains("decided"), "{}", assigned.body);
}

#[test]
fn who_takes_a_complaint_down_and_tells_the_duty_of_danger_has_decided_nothing_for_the_person() {
    let scene = Scene::new();
    let person = messages::person();
    let taker = &scene.desk.officers[0];
    let content = json!({ "person": about(&person), "danger": { "now": "yes" } });
    assert_eq!(taker.create("/v1/complaints", &scene.telephoned(content)).status, 201);
    let (_, officer, complaint) = scene.opened(json!({ "person": about(&person) }));
    let let_in = json!({ "officer_id": taker.id, "reason": "She is free." });
    let assigned = officer.create(&format!("{complaint}/assignments"), &let_in);
    // Whoever opened it has it already.
    assert!(officer.id == taker.id || assigned.status == 201, "{}", assigned.body);
    let concern = json!({ "now": "no", "person": about(&person), "words": "Her son takes her pension." });
    let raised = taker.change(&format!("{complaint}/raise-safeguarding"), &taker.get(&complaint), &concern);
    assert_eq!(raised.status, 200, "{}", raised.body);
    let (_, officer, next) = scene.opened(json!({ "person": about(&person) }));
    let assigned = officer.create(&format!("{next}/assignments"), &let_in);
    assert!(officer.id == taker.id || assigned.status == 201, "{}", assigned.body);
}

#[test]
fn what_a_guest_did_at_a_practice_of_another_council_is_told_to_nobody() {
    let scene = Scene::new();
    let (elsewhere, person) = (scene.world.council(), messages::person());
    let neighbour = scene.world.practice(&elsewhere);
    let case = open(&neighbour, &elsewhere, &record(&neighbour, &person));
    assert_eq!(give(&neighbour, &case, &neighbour.social_worker).status, 200);
    let (_, officer, complaint) = scene.opened(json!({ "person": about(&person) }));
    let email = neighbour.social_worker.email.as_str();
    let guest = scene.world.investigator_with(&scene.council, &scene.desk, "Laura Leadbetter", email);
    assert_eq!(assign(officer, &complaint, &guest).status, 201);
    // At a practice of the council's own it is known, though the complaint is about another.
    let second = scene.world.practice(&scene.council);
    let case = open(&second, &scene.council, &record(&second, &person));
    assert_eq!(give(&second, &case, &second.social_worker).status, 200);
    let worker = scene.world.investigator_with(&scene.council, &scene.desk, "Nora Ashby", &second.social_worker.email);
    let refused = assign(officer, &complaint, &worker);
    assert!(refused.status == 422 && refused.body.to_string().contains("worked with the person"), "{}", refused.body);
}

#[test]
fn a_practice_buries_no_complaint_by_naming_the_whole_desk() {
    let scene = Scene::new();
    let everybody = "Beatrice Oyelaran, Callum Whitfield, Helena Vance and Idris Rahman were rude.";
    let written = scene.complaint(json!({ "narrative": everybody }));
    assert_eq!(scene.practice.social_worker.create("/v1/practice/complaints", &written).status, 202);
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked(), ("Idris", "alternate".to_owned()));
    let (alternate, offer) = scene.offer();
    assert_eq!(answer(alternate, &offer, false).text("/outcome"), Some("opened"));
    // Where the complainant says so themselves, it is the council's to find somebody from outside.
    scene.world.lodge(&scene.complaint(json!({ "narrative": everybody })));
    scene.world.work_for_council(&scene.council);
    assert!(scene.desk.offers().is_empty());
}

#[test]
fn whoever_follows_sees_each_objection_that_was_made_with_the_code() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Laura Leadbetter");
    assert_eq!(assign(officer, &complaint, &guest).status, 201);
    let app = scene.world.partner();
    let before = follow(&app, &receipt);
    assert_eq!(before.body["objections"], json!([]));
    // The officer keeps it until another has opened it, and stays the first.
    for place in 0..2 {
        assert_eq!(object(&scene.world, &receipt, place, None).status, 201);
    }
    let after = follow(&app, &receipt);
    let names: Vec<&str> =
        after.body["objections"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Beatrice Oyelaran", "Laura Leadbetter"], "{}", after.body);
}

#[test]
fn whoever_says_that_they_act_for_somebody_learns_of_no_record_until_it_is_found_that_they_do() {
    let scene = Scene::new();
    let person = messages::person();
    worked_with(&scene, &person);
    let (receipt, officer, complaint) = scene.opened(json!({
        "person": about(&person),
        "complainant": { "name": "Owen Marlow", "basis": "representative", "representation_reason": "requested" },
    }));
    let period = json!({ "from": "2026-11-01", "until": "2026-11-20", "reason": "To see.", "guests": false });
    let openings = || follow(&scene.world.partner(), &receipt).body["record_openings"].as_array().unwrap().len();
    assert_eq!(put(officer, &complaint, "record", &period).status, 200);
    assert_eq!(openings(), 0, "nobody has looked whether she asked him to");
    assert_eq!(check(officer, &complaint, &["consent"], "satisfied").status, 201);
    assert_eq!(put(officer, &complaint, "record", &period).status, 200);
    assert_eq!(openings(), 1);
}

#[test]
fn of_two_who_change_a_complaint_at_once_one_is_told_that_the_version_is_another() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    super::acknowledge(officer, &complaint);
    super::plan(officer, &complaint, "2026-12-18");
    let seen = officer.get(&complaint);
    let body = json!({ "considered": "The diary.", "conclusions": "It was missed.", "action": "None." });
    let path = format!("{complaint}/response");
    let statuses = twice_at_once(&scene.world, officer, ("PUT", &path), &seen, &body);
    assert_eq!(statuses, [200, 412]);
}
