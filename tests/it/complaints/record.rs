//! The record at a practice that an officer opens for looking into a complaint: one person, one period, and nothing at the practice tells
//! of it.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{assign, follow};
use almoner_tests::{Staff, messages};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Scene, pointers, put, sees};
use crate::practice::cases::{open, record};
use crate::practice::people::from_referrals::{accepted, settle};
use crate::practice::people::{of, restrict};

/// The period of the record, with these members besides.
pub(super) fn period(changes: &Value) -> Value {
    let mut opened =
        json!({ "from": "2026-11-01", "until": "2026-11-20", "reason": "To see what was written of the visits." });
    opened.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    opened
}

/// Lodges a complaint of this person's about the practice, and opens it. Returns the receipt, the officer and the complaint.
fn complained<'s>(scene: &'s Scene, person: &Value, changes: &Value) -> (Answer, &'s Staff, String) {
    let mut complaint =
        json!({ "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] } });
    complaint.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    scene.opened(complaint)
}

/// Writes a note of what happened at a moment.
fn write(scene: &Scene, case: &str, text: &str, happened_at: &str) {
    let note = json!({ "kind": "visit", "text": text, "happened_at": happened_at });
    let written = scene.practice.manager.create(&format!("{case}/notes"), &note);
    assert_eq!(written.status, 201, "{}", written.body);
}

fn texts(notes: &Answer) -> Vec<&str> {
    assert_eq!(notes.status, 200, "{}", notes.body);
    notes.body["items"].as_array().unwrap().iter().map(|note| note["text"].as_str().unwrap()).collect()
}

#[test]
fn an_officer_looks_into_one_record_in_one_period_past_its_restriction_and_nothing_at_the_practice_tells_of_it() {
    let scene = Scene::new();
    let (practice, person) = (&scene.practice, messages::person());
    let known = record(practice, &person);
    let case = open(practice, &scene.council, &known);
    write(&scene, &case, "Before the period.", "2026-10-31T23:00:00Z");
    write(&scene, &case, "The visit was cancelled. Nobody rang.", "2026-11-03T09:00:00Z");
    let of_nobody_else =
        record(practice, &json!({ "given_name": "Ada", "family_name": "Brown", "date_of_birth": "1950-01-01" }));
    let of_another = open(practice, &scene.council, &of_nobody_else);
    write(&scene, &of_another, "Of somebody else.", "2026-11-03T09:00:00Z");
    let kept = restrict(&practice.manager, &known, &json!([practice.manager.id, practice.records_officer.id]));
    assert_eq!(kept.status, 200, "{}", kept.body);
    let (receipt, officer, complaint) = complained(&scene, &person, &json!({}));
    let (path, notes) = (format!("{complaint}/record"), format!("{complaint}/record/notes"));
    let readers = || practice.records_officer.get(&format!("/v1/practice/service-users/{known}/readers")).body;
    assert_eq!((officer.get(&path).status, officer.get(&notes).status), (404, 404), "nobody has opened it");
    let read_before = readers();

    let opened = put(officer, &complaint, "record", &period(&json!({})));
    assert_eq!((opened.status, opened.text("/record/until")), (200, Some("2026-11-20")), "{}", opened.body);
    let looked_into = officer.get(&path);
    assert_eq!(looked_into.text("/person/family_name"), person["family_name"].as_str(), "{}", looked_into.body);
    assert_eq!(looked_into.body["cases"].as_array().unwrap().len(), 1, "{}", looked_into.body);
    assert_eq!(texts(&officer.get(&notes)), ["The visit was cancelled. Nobody rang."]);
    let read_after = readers();
    let count = |readers: &Value| readers["items"].as_array().unwrap().len();
    assert_eq!(count(&read_after), count(&read_before) + 1, "but for the list itself: {read_after}");
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/record_openings/0/reason"), Some("To see what was written of the visits."));

    let responsible = &scene.desk.responsible;
    let let_in = json!({ "officer_id": responsible.id, "reason": "Signs for the council." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &let_in).status, 201);
    let own = json!({ "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] } });
    assert_eq!(put(responsible, &complaint, "record", &period(&own)).status, 200);
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(
        followed.body["record_openings"].as_array().unwrap().len(),
        2,
        "though their record was named otherwise"
    );

    let narrower = put(officer, &complaint, "record", &period(&json!({ "from": "2026-11-10" })));
    assert_eq!(narrower.status, 200, "{}", narrower.body);
    assert_eq!(texts(&officer.get(&notes)), Vec::<&str>::new(), "the other period is closed");
    for _ in 0..2 {
        assert_eq!(officer.send("DELETE", &path, &[], None).status, 204);
        assert_eq!((officer.get(&path).status, officer.get(&notes).status), (404, 404));
    }
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.body["record_openings"].as_array().unwrap().len(), 3, "{}", followed.body);
    assert!(followed.text("/record_openings/2/closed_at").is_some(), "{}", followed.body);
}

#[test]
fn a_guest_reads_the_record_only_where_that_was_said_and_whoever_has_no_complaint_never() {
    let scene = Scene::new();
    let person = messages::person();
    let known = record(&scene.practice, &person);
    let case = open(&scene.practice, &scene.council, &known);
    write(&scene, &case, "Nobody rang.", "2026-11-03T09:00:00Z");
    let (_, officer, complaint) = complained(&scene, &person, &json!({}));
    let investigator = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &investigator).status, 201);
    let notes = format!("{complaint}/record/notes");
    let refused = investigator.put(&format!("{complaint}/record"), &investigator.get(&complaint), &period(&json!({})));
    assert_eq!(refused.status, 403, "a guest opens none");
    assert_eq!(put(officer, &complaint, "record", &period(&json!({}))).status, 200);
    assert_eq!(investigator.get(&notes).status, 404, "it is the officers' own");
    assert_eq!(put(officer, &complaint, "record", &period(&json!({ "guests": true }))).status, 200);
    assert_eq!(texts(&investigator.get(&notes)), ["Nobody rang."]);
    let colleague = scene.desk.officers.iter().find(|one| one.id != officer.id).unwrap();
    assert!(!sees(colleague, &complaint));
    for somebody in [colleague, &scene.desk.responsible] {
        assert_eq!((somebody.get(&notes).status, somebody.get(&format!("{complaint}/record")).status), (404, 404));
    }
    let other = scene.world.council();
    let elsewhere = scene.world.desk(&other);
    assert_eq!(elsewhere.officers[0].get(&notes).status, 404, "another council's");
    assert_eq!(scene.practice.manager.get(&notes).status, 401, "the practice's");
}

#[test]
fn once_it_is_said_that_the_complaint_is_about_somebody_else_the_record_of_before_is_closed_and_opens_no_more() {
    let scene = Scene::new();
    let person = messages::person();
    let case = open(&scene.practice, &scene.council, &record(&scene.practice, &person));
    write(&scene, &case, "Nobody rang.", "2026-11-03T09:00:00Z");
    let (_, officer, complaint) = complained(&scene, &person, &json!({}));
    assert_eq!(put(officer, &complaint, "record", &period(&json!({}))).status, 200);
    let responsible = &scene.desk.responsible;
    let let_in = json!({ "officer_id": responsible.id, "reason": "To look into it with me." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &let_in).status, 201);
    let another = json!({ "kind": "person", "person": { "family_name": "Nobody", "given_name": "Else" } });
    let asked = officer.create(&format!("{complaint}/requests"), &another);
    let decide = format!("{complaint}/requests/{}/decide", asked.text("/requests/0/id").unwrap());
    let decision = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-11-20", "words": "She said so." });
    assert_eq!(officer.change(&decide, &officer.get(&complaint), &decision).status, 200);
    assert_eq!(officer.get(&format!("{complaint}/record")).status, 404, "it is closed");
    assert_eq!(pointers(&put(responsible, &complaint, "record", &period(&json!({})))), ["/person"]);
}

#[test]
fn in_a_confidential_complaint_the_record_is_sealed_like_the_identity() {
    let scene = Scene::new();
    let person = messages::person();
    record(&scene.practice, &person);
    let (receipt, officer, complaint) = complained(&scene, &person, &json!({ "confidential": true }));
    let sealed = put(officer, &complaint, "record", &period(&json!({})));
    assert!(
        sealed.status == 409 && sealed.body.to_string().contains("sealed"),
        "whether there is a record: {}",
        sealed.body
    );
    let reason = json!({ "reason": "To read what was written." });
    let responsible = &scene.desk.responsible;
    let let_in = json!({ "officer_id": responsible.id, "reason": "To open the record." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &let_in).status, 201);
    assert_eq!(responsible.create(&format!("{complaint}/unsealings"), &reason).status, 201);
    assert_eq!(put(responsible, &complaint, "record", &period(&json!({}))).status, 200);
    for path in [format!("{complaint}/record"), format!("{complaint}/record/notes")] {
        let sealed = officer.get(&path);
        assert_eq!((sealed.status, sealed.text("/type")), (409, Some("/problems/invalid-state")), "{}", sealed.body);
    }
    let unsealed = officer.create(&format!("{complaint}/unsealings"), &reason);
    assert_eq!(unsealed.status, 201, "{}", unsealed.body);
    assert_eq!(officer.get(&format!("{complaint}/record")).status, 200);
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.body["record_openings"].as_array().unwrap().len(), 1, "they are the person");
}

#[test]
fn a_record_is_opened_of_somebody_whom_the_practice_knows_in_a_period_that_is_over_with_a_fresh_factor() {
    let scene = Scene::new();
    let person = messages::person();
    let known = record(&scene.practice, &person);
    open(&scene.practice, &scene.council, &known);
    let (receipt, first, complaint) = scene.opened(json!({}));
    let naming = json!({ "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] } });
    assert_eq!(pointers(&put(first, &complaint, "record", &period(&naming))), ["/person"], "an officer names nobody");
    let officer = &scene.desk.responsible;
    let let_in = json!({ "officer_id": officer.id, "reason": "Says whose record it is." });
    assert_eq!(first.create(&format!("{complaint}/assignments"), &let_in).status, 201);
    for (changes, at) in [
        (json!({}), &["/person"][..]),
        (json!({ "from": "2026-11-21", "until": "2026-11-20" }), &["/until"]),
        (json!({ "until": "2026-11-21" }), &["/until"]),
        (json!({ "person": { "family_name": "Nobody", "nhs_number": messages::nhs_number(77) } }), &["/person"]),
        (json!({ "reason": " " }), &["/reason"]),
    ] {
        assert_eq!(pointers(&put(officer, &complaint, "record", &period(&changes))), at, "{changes}");
    }
    let born = json!({ "given_name": "Winifred", "family_name": "Lockwood", "date_of_birth": "1938-05-04" });
    record(&scene.practice, &born);
    let by_birth = json!({ "person": { "family_name": "Lockwood", "date_of_birth": "1938-05-04" } });
    assert_eq!(put(officer, &complaint, "record", &period(&by_birth)).status, 200);
    let looked_into = officer.get(&format!("{complaint}/record"));
    assert_eq!(looked_into.text("/person/given_name"), Some("Winifred"), "{}", looked_into.body);
    assert_eq!(looked_into.body["cases"], json!([]));
    let seen = officer.get(&complaint);
    let path = format!("{complaint}/record");
    assert_eq!(officer.put(&path, &seen, &period(&naming)).status, 200);
    assert_eq!(officer.put(&path, &seen, &period(&naming)).status, 412, "in the version that was seen");
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(
        followed.body["record_openings"],
        json!([]),
        "whose record it is, the officer says, and not the complainant"
    );
    scene.world.clock.advance(TimeDelta::minutes(6));
    let stale = put(officer, &complaint, "record", &period(&naming));
    assert_eq!((stale.status, stale.text("/type")), (401, Some("/problems/step-up-required")), "{}", stale.body);
}

#[test]
fn a_complaint_about_no_practice_has_no_record_to_look_into() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({ "practice": null, "council": scene.council.gss_code }));
    let refused = put(officer, &complaint, "record", &period(&json!({})));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
}

#[test]
fn a_record_shows_what_was_done_under_this_council_and_not_under_another() {
    let scene = Scene::new();
    let mut person = messages::person();
    let other = scene.world.council();
    person["council_person_ids"] = json!([
        { "council": scene.council.gss_code, "id": "OWN-1" },
        { "council": other.gss_code, "id": "THEIRS-1" },
    ]);
    let known = record(&scene.practice, &person);
    scene.world.contract(&other, &scene.practice, json!({}));
    let own = open(&scene.practice, &scene.council, &known);
    let of_other = open(&scene.practice, &other, &known);
    write(&scene, &own, "Under this council.", "2026-11-03T09:00:00Z");
    write(&scene, &of_other, "Under another.", "2026-11-03T09:00:00Z");
    let (manager, notes) = (&scene.practice.manager, format!("{}/warning-notes", of(&known, "")));
    let written = manager.create(&notes, &messages::warning_note());
    let note = format!("{notes}/{}", written.text("/id").unwrap());
    let told = json!({ "not_because": "She was not at home." });
    assert_eq!(manager.put(&format!("{note}/told"), &written, &told).status, 200);
    let stays = json!({ "finding": "stays", "text": "The dog is there.", "review_on": "2027-05-01" });
    let seen = scene.practice.director.get(&note);
    assert_eq!(scene.practice.director.change(&format!("{note}/review"), &seen, &stays).status, 200);
    let mut referral = messages::referral();
    referral["person"]["nhs_number"] = person["nhs_number"].clone();
    referral["person"]["council_person_id"] = "THEIRS-1".into();
    referral["visit_warnings"] = json!([{ "kind": "infection", "detail": "What another council knows." }]);
    let theirs = accepted(&other, &scene.practice, &referral, Some(&manager.get(&of(&known, ""))));
    let taken = settle(manager, &of(&known, ""), "visit_warnings", &theirs.body["id"], "take_over");
    assert_eq!(taken.body["warnings"].as_array().unwrap().len(), 2, "{}", taken.body);
    let (_, officer, complaint) = complained(&scene, &person, &json!({ "council": scene.council.gss_code }));
    assert_eq!(put(officer, &complaint, "record", &period(&json!({}))).status, 200);
    assert_eq!(texts(&officer.get(&format!("{complaint}/record/notes"))), ["Under this council."]);
    let read = officer.get(&format!("{complaint}/record"));
    assert_eq!(read.body["cases"].as_array().unwrap().len(), 1);
    let numbers = &read.body["person"]["council_person_ids"];
    assert_eq!(*numbers, json!([{ "council": scene.council.gss_code, "id": "OWN-1" }]), "another's tells of its work");
    let warned: Vec<&Value> =
        read.body["warning_notes"].as_array().unwrap().iter().map(|note| &note["detail"]).collect();
    assert_eq!(warned, ["A large dog in the yard: ring from the gate."], "{}", read.body);
    assert_eq!(read.text("/warning_notes/0/written_by"), Some("Gareth Pugh"));
    assert_eq!(read.text("/warning_notes/0/told/not_because"), Some("She was not at home."));
    assert_eq!(read.text("/warning_notes/0/told_before/0/told/on"), Some("2026-11-19"), "{}", read.body);
    assert_eq!(read.text("/warning_notes/0/told_before/0/changed_by"), Some("Gareth Pugh"));
    assert_eq!(read.text("/warning_notes/0/reviews/0/by"), Some("Amara Okafor"), "{}", read.body);
}

#[test]
fn the_record_of_somebody_for_whom_another_council_alone_had_work_done_is_not_opened() {
    let scene = Scene::new();
    let (practice, person) = (&scene.practice, messages::person());
    let known = record(practice, &person);
    let other = scene.world.council();
    scene.world.contract(&other, practice, json!({}));
    open(practice, &other, &known);
    let responsible = &scene.desk.responsible;
    let (_, officer, complaint) = complained(&scene, &person, &json!({ "council": scene.council.gss_code }));
    let named = json!({ "family_name": person["family_name"], "nhs_number": person["nhs_number"] });
    let let_in = json!({ "officer_id": responsible.id, "reason": "To say who is meant." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &let_in).status, 201);
    for (opener, body) in [(officer, period(&json!({}))), (responsible, period(&json!({ "person": named })))] {
        let refused = put(opener, &complaint, "record", &body);
        assert_eq!(pointers(&refused), ["/person"], "{}", refused.body);
    }
    // Whether the practice knows the person, the answer does not say.
    let nobody = period(&json!({ "person": { "family_name": "Nobody", "nhs_number": "9434765919" } }));
    let unknown = put(responsible, &complaint, "record", &nobody);
    let known_elsewhere = put(responsible, &complaint, "record", &period(&json!({ "person": named })));
    assert_eq!(unknown.body["errors"], known_elsewhere.body["errors"]);
    // A referral alone changes nothing: whoever sends one would open what another council had done.
    let mut referral = messages::referral();
    referral["person"]["nhs_number"] = person["nhs_number"].clone();
    assert_eq!(scene.council.system.create("/v1/council/referrals", &referral).status, 201);
    assert_eq!(pointers(&put(officer, &complaint, "record", &period(&json!({})))), ["/person"]);
    // Work of its own, and the record is this council's to look into.
    open(practice, &scene.council, &known);
    assert_eq!(put(officer, &complaint, "record", &period(&json!({}))).status, 200);
}
