//! What is known of somebody is known of them in whatever capacity they come, and from the moment it is known.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{answer, assign, write_as_complainant};
use almoner_tests::{Staff, messages, postgres};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

use super::{Scene, put, sees};
use crate::practice::cases::{give, open, record};
use crate::practice::people::exclude;

/// A complaint's members about this person.
fn about(person: &Value) -> Value {
    json!({ "person": { "family_name": person["family_name"], "nhs_number": person["nhs_number"] } })
}

/// Why an assignment is refused.
fn refused(answer: &Answer) -> String {
    assert_eq!(answer.status, 422, "{}", answer.body);
    answer.body["errors"].to_string()
}

/// Has an officer leave, and come back with a row of their own.
fn leaves_and_comes_back(scene: &Scene, officer: &Staff, name: &str) -> Staff {
    let first = scene.world.first_officer(&scene.council);
    let path = format!("/v1/council/officers/{}", officer.id);
    let left = first.put(&format!("{path}/leaving"), &first.get(&path), &json!({}));
    assert_eq!(left.status, 200, "{}", left.body);
    scene.world.officer_again(&scene.council, officer, name, &[OfficerRole::Complaints]).at_complaints()
}

#[test]
fn what_becomes_known_after_a_complaint_was_offered_counts_as_if_the_officer_had_said_it() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    let (first, offer) = scene.offer();
    let declared = first.create("/v1/complaints/interests", &json!({ "practice": scene.practice.slug }));
    assert_eq!(declared.status, 201, "{}", declared.body);
    for _ in 0..2 {
        let answered = answer(first, &offer, false);
        assert_eq!((answered.status, answered.text("/outcome")), (200, Some("conflict")), "{}", answered.body);
        assert!(answered.body.get("complaint_id").is_none(), "{}", answered.body);
    }
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
}

#[test]
fn an_officer_who_left_and_came_back_is_barred_from_what_they_were_barred_from() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    let (first, offer) = scene.offer();
    assert_eq!(answer(first, &offer, true).status, 200);
    let back = leaves_and_comes_back(&scene, first, "Beatrice Oyelaran");
    scene.world.work_for_council(&scene.council);
    let second = &scene.desk.officers[1];
    let offers = |officer: &Staff| officer.get("/v1/complaints/offers").body["items"].clone();
    assert_eq!(offers(&back), json!([]), "it is not offered to them again");
    let opened = answer(second, offers(second)[0]["id"].as_str().unwrap(), false);
    let path = format!("/v1/complaints/{}/assignments", opened.text("/complaint_id").unwrap());
    let again = second.create(&path, &json!({ "officer_id": back.id, "reason": "Is back." }));
    assert!(refused(&again).contains("knows somebody concerned"), "{}", again.body);
}

#[test]
fn an_officer_who_left_and_came_back_does_not_get_back_what_they_had() {
    let scene = Scene::new();
    let (_, first, complaint) = scene.opened(json!({}));
    let second = scene.desk.officers.iter().find(|other| other.id != first.id).unwrap();
    let with = |officer: &Staff| json!({ "officer_id": officer.id, "reason": "Two of us." });
    let path = format!("{complaint}/assignments");
    assert_eq!(first.create(&path, &with(second)).status, 201);
    let back = leaves_and_comes_back(&scene, first, "Beatrice Oyelaran");
    let again = refused(&second.create(&path, &with(&back)));
    assert!(again.contains("had the complaint before"), "{again}");
    assert_eq!(back.get(&complaint).status, 404);
}

#[test]
fn an_officer_who_worked_on_the_persons_referral_is_not_let_in_as_a_guest() {
    let scene = Scene::new();
    let referrer = scene.world.officer_named(&scene.council, "Tamsin Ogilvie", &[OfficerRole::Referrals]);
    let person = messages::person();
    let mut referral = messages::referral();
    referral["person"]["nhs_number"] = person["nhs_number"].clone();
    let sent = scene.council.system.post("/v1/council/referrals", &referral);
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_eq!(referrer.get(&format!("/v1/council/referrals/{}", sent.text("/id").unwrap())).status, 200);

    // The practice has no record of the person: who handled what the council asked for is known by the number alone.
    let (_, officer, complaint) = scene.opened(about(&person));
    let as_guest = scene.world.investigator_with(&scene.council, &scene.desk, "Tamsin Ogilvie", &referrer.email);
    assert!(refused(&assign(officer, &complaint, &as_guest)).contains("decided"));
    assert!(!sees(&as_guest, &complaint));
}

#[test]
fn who_declined_a_referral_is_known_though_nobody_has_a_record_of_the_person() {
    let scene = Scene::new();
    let practice = &scene.practice;
    let person = messages::person();
    let mut referral = messages::referral();
    referral["person"]["nhs_number"] = person["nhs_number"].clone();
    assert_eq!(scene.council.system.post("/v1/council/referrals", &referral).status, 201);
    let arrived = practice.manager.get("/v1/practice/referrals");
    let path = format!("/v1/practice/referrals/{}", arrived.text("/items/0/id").unwrap());
    let declined = practice.manager.change(
        &format!("{path}/decline"),
        &practice.manager.get(&path),
        &json!({ "reason": "no_capacity" }),
    );
    assert_eq!(declined.status, 200, "{}", declined.body);
    let (_, officer, complaint) = scene.opened(about(&person));
    let handler = scene.world.handler(&scene.council, &scene.desk, practice, &practice.manager, "Gareth Pugh");
    assert!(refused(&assign(officer, &complaint, &handler)).contains("worked with the person"));
}

#[test]
fn a_colleague_who_is_excluded_from_the_record_is_not_let_in_to_read_it() {
    let scene = Scene::new();
    let practice = &scene.practice;
    let person = messages::person();
    let known = record(practice, &person);
    open(practice, &scene.council, &known);
    let relative = &practice.practitioner_2;
    assert_eq!(exclude(&practice.manager, &known, relative).status, 201);
    let (_, officer, complaint) = scene.opened(about(&person));
    let handler = scene.world.handler(&scene.council, &scene.desk, practice, relative, "Bola Adeyemi");
    assert!(refused(&assign(officer, &complaint, &handler)).contains("worked with the person"));
}

#[test]
fn whoever_managed_somebody_or_owned_a_share_is_not_let_in_within_24_months_of_its_end() {
    let scene = Scene::new();
    let practice = &scene.practice;
    let person = messages::person();
    let known = record(practice, &person);
    let case = open(practice, &scene.council, &known);
    assert_eq!(give(practice, &case, &practice.social_worker).status, 200);
    let change = |member: &Staff, changes: &Value| {
        let path = format!("/v1/practice/staff/{}", member.id);
        let administrator = &practice.administrator;
        let changed = administrator.patch(&path, &administrator.get(&path), changes);
        assert_eq!(changed.status, 200, "{}", changed.body);
        scene.world.clock.advance(TimeDelta::seconds(2));
    };
    // The line between them stood for two seconds, and has ended.
    let above = &practice.practitioner_2;
    change(&practice.social_worker, &json!({ "line_manager_id": above.id }));
    change(&practice.social_worker, &json!({ "line_manager_id": practice.manager.id }));
    let owner = &practice.records_officer;
    change(owner, &json!({ "owner": true }));
    change(owner, &json!({ "owner": false }));

    let (_, officer, complaint) = scene.opened(about(&person));
    let guests = [(above, "Bola Adeyemi", "in the line"), (owner, "Rosalind Quayle", "controls the practice")].map(
        |(member, name, expected)| {
            let guest = scene.world.handler(&scene.council, &scene.desk, practice, member, name);
            let refused = refused(&assign(officer, &complaint, &guest));
            assert!(refused.contains(expected), "{name}: {refused}");
            assert!(!sees(&guest, &complaint), "{name}");
            guest
        },
    );
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let earlier =
        format!("UPDATE former_lines SET until = until - interval '25 months' WHERE practice_id = '{}'", practice.id);
    database.batch_execute(&earlier).unwrap();
    for guest in guests {
        let assigned = assign(officer, &complaint, &guest);
        assert_eq!(assigned.status, 201, "25 months after its end: {}", assigned.body);
    }
}

#[test]
fn a_member_of_staff_who_comes_with_another_address_is_known_by_their_name() {
    let scene = Scene::new();
    let practice = &scene.practice;
    let person = messages::person();
    let known = record(practice, &person);
    let case = open(practice, &scene.council, &known);
    assert_eq!(give(practice, &case, &practice.social_worker).status, 200);
    let (_, officer, complaint) = scene.opened(about(&person));
    for (name, is_let_in) in [("Hannah J. Price", false), ("Hannah Ashby", true)] {
        let guest = scene.world.investigator(&scene.council, &scene.desk, name);
        let assigned = assign(officer, &complaint, &guest);
        assert_eq!(assigned.status, if is_let_in { 201 } else { 422 }, "{name}: {}", assigned.body);
    }
}

#[test]
fn a_name_in_an_email_or_a_postal_address_bars_like_one_in_the_text() {
    for contact in [
        json!({ "preferred": "email", "email": "beatrice.oyelaran@home.example" }),
        json!({ "preferred": "letter", "address": "12 Oyelaran Road, Shrewsbury" }),
    ] {
        let scene = Scene::new();
        scene.world.lodge(&scene.complaint(json!({ "contact": contact })));
        scene.world.work_for_council(&scene.council);
        assert_eq!(scene.asked().0, "Callum", "{contact}");
    }
}

#[test]
fn an_officer_whom_something_names_that_waits_turns_nothing_until_another_has_it() {
    let scene = Scene::new();
    let (receipt, first, complaint) = scene.opened(json!({}));
    let second = scene.desk.officers.iter().find(|one| one.id != first.id).unwrap();
    let let_in = json!({ "officer_id": second.id, "reason": "We look into it together." });
    assert_eq!(first.create(&format!("{complaint}/assignments"), &let_in).status, 201);
    let asked = first.create(&format!("{complaint}/requests"), &json!({ "kind": "withdrawal" }));
    assert_eq!(asked.status, 201, "{}", asked.body);
    let text = "Beatrice told my neighbour that I had complained.";
    assert_eq!(write_as_complainant(&scene.world.partner(), &receipt, text).status, 201);

    let of_second = second.get(&format!("{complaint}/assignments"));
    let of_second = format!("{complaint}/assignments/{}", of_second.text("/items/1/id").unwrap());
    let decision = json!({ "confirmed": false, "told_by": "phone", "told_on": "2026-11-20", "words": "She said no." });
    let request = format!("{complaint}/requests/{}/decide", asked.text("/requests/0/id").unwrap());
    let exclusion = json!({ "ground": "employment", "reason": "It is about her own work." });
    let limits = json!({ "how": "In writing.", "reasons": "You write too often.", "until": "2026-12-20" });
    let seen = || first.get(&complaint);
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    for (what, refused) in [
        ("ends", first.send("DELETE", &of_second, &[], None)),
        ("decides", first.change(&request, &seen(), &decision)),
        ("excludes", first.change(&format!("{complaint}/exclude"), &seen(), &exclusion)),
        ("lets in", assign(first, &complaint, &guest)),
        ("limits", put(first, &complaint, "limits", &limits)),
        ("draws a code", first.create(&format!("{complaint}/code"), &json!({ "reason": "She lost it." }))),
    ] {
        assert!([409, 422].contains(&refused.status), "{what}: {} {}", refused.status, refused.body);
    }
    assert_eq!(second.change(&request, &second.get(&complaint), &decision).status, 200, "the other decides");
    let waiting = second.get(&complaint);
    let message = waiting.text("/messages/0/id").unwrap_or_else(|| panic!("{}", waiting.body));
    let own = first.get(&format!("{complaint}/assignments"));
    let own = format!("{complaint}/assignments/{}", own.text("/items/0/id").unwrap());
    assert_eq!(second.send("DELETE", &own, &[], None).status, 204, "and ends what the first has");
    assert_eq!(second.send("PUT", &format!("{complaint}/messages/{message}/passed-on"), &[], None).status, 204);
}

#[test]
fn what_guests_have_ends_with_the_complaint_and_so_does_the_record_that_is_open() {
    let scene = Scene::new();
    let person = messages::person();
    let known = record(&scene.practice, &person);
    open(&scene.practice, &scene.council, &known);
    let (_, officer, complaint) = scene.opened(about(&person));
    let head = super::raise(officer, &complaint);
    let investigator = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &investigator).status, 201);
    let subject = scene.world.shown_a_part(&scene.council, officer, &complaint, "Hannah Price", "subject");
    let hearing =
        json!({ "guest_id": subject.id, "heads": [head], "message": "We ask her.", "interim": "Mr Bell visits." });
    assert_eq!(officer.create(&format!("{complaint}/hearings"), &hearing).status, 201);
    let period =
        json!({ "from": "2026-11-01", "until": "2026-11-20", "reason": "To see what was written.", "guests": true });
    assert_eq!(put(officer, &complaint, "record", &period).status, 200);
    assert_eq!(investigator.get(&format!("{complaint}/record")).status, 200);

    let lead = scene.world.shown_a_part(&scene.council, officer, &complaint, "Rosalind Quayle", "employers_lead");
    let notice = json!({ "guest_id": lead.id, "text": "Nobody visits alone.", "reason": "She leads another team." });
    let asked = officer.create(&format!("{complaint}/requests"), &json!({ "kind": "withdrawal" }));
    let decision = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-11-20", "words": "She said so." });
    let path = format!("{complaint}/requests/{}/decide", asked.text("/requests/0/id").unwrap());
    let withdrawn = officer.change(&path, &officer.get(&complaint), &decision);
    assert_eq!((withdrawn.status, withdrawn.text("/status")), (200, Some("withdrawn")), "{}", withdrawn.body);
    assert!(!sees(&investigator, &complaint) && sees(officer, &complaint));
    assert_eq!(officer.get(&format!("{complaint}/record")).status, 404, "the record is closed");
    scene.it_is("2026-11-27T10:00:00Z");
    subject.forget_token();
    investigator.forget_token();
    assert_eq!(subject.get("/v1/complaints/shown").body["items"], json!([]), "she never saw what she was to see");
    let told = |guest: &Staff| guest.get("/v1/complaints/ended-assignments").body["items"].clone();
    assert_eq!(told(&investigator), json!([]), "nobody is told before an officer chooses to");
    let assignments = officer.get(&format!("{complaint}/assignments"));
    let tell = |place: usize| {
        let id = assignments.text(&format!("/items/{place}/id")).unwrap();
        officer.send("PUT", &format!("{complaint}/assignments/{id}/told"), &[], None).status
    };
    assert_eq!((tell(0), tell(1), tell(1), tell(2)), (409, 204, 204, 204), "the officer has it still");
    assert_eq!(told(&investigator)[0]["words"], told(&subject)[0]["words"], "the same words always");
    assert_eq!(told(&investigator).as_array().unwrap().len(), 1);
    assert_eq!(told(&scene.desk.alternate), json!([]));
    let listed = officer.get(&format!("{complaint}/assignments"));
    assert!(listed.text("/items/1/told_at").is_some(), "{}", listed.body);
    for (to, body) in [
        ("hearings", hearing),
        ("notices", notice),
        ("assignments", json!({ "guest_id": investigator.id, "reason": "To file it." })),
    ] {
        let refused = officer.create(&format!("{complaint}/{to}"), &body);
        assert_eq!(refused.status, 409, "{to}: {}", refused.body);
    }
}
