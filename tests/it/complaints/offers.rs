//! A complaint is offered, unopened, to one officer after another, until somebody has it.

use almoner_tests::callers::Caller;
use almoner_tests::complaints::answer;
use serde_json::json;

use super::{Scene, sees};

#[test]
fn a_complaint_is_offered_unopened_to_the_next_of_the_rota() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({ "staff": ["Hannah Price"] })));
    scene.world.work_for_council(&scene.council);
    let (officer, offer) = scene.offer();
    assert_eq!(scene.asked(), ("Beatrice", "complaints".to_owned()));
    let path = format!("/v1/complaints/offers/{offer}");
    let read = officer.get(&path);
    assert_eq!(read.text("/practice/slug"), Some(scene.practice.slug.as_str()), "{}", read.body);
    // The next working day after a Friday.
    assert_eq!(read.text("/open_by"), Some("2026-11-23"));
    assert_eq!(read.body["concerned"], json!(["Hannah Price", "Edith Marlow"]), "whom they may know");
    assert!(!read.body.to_string().contains("Three visits"), "and nothing of what happened: {}", read.body);
    assert_eq!(scene.desk.officers[1].get(&path).status, 404, "another's offer");
    assert_eq!(officer.get("/v1/complaints").body["items"], json!([]), "nobody has it");

    let opened = answer(officer, &offer, false);
    assert_eq!((opened.status, opened.text("/outcome")), (200, Some("opened")), "{}", opened.body);
    let complaint = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap());
    assert!(sees(officer, &complaint));
    assert!(!sees(&scene.desk.officers[1], &complaint));
    let again = answer(officer, &offer, false);
    assert_eq!((again.status, &again.body), (200, &opened.body), "the same answer again");
    assert_eq!(answer(officer, &offer, true).status, 404, "another answer to what is answered");
    assert_eq!(answer(&scene.desk.officers[1], &offer, false).status, 404);
    let assignments = officer.get(&format!("{complaint}/assignments"));
    assert_eq!(assignments.body["items"].as_array().unwrap().len(), 1, "{}", assignments.body);

    // The next complaint goes to the next officer, and the third to the first again.
    for expected in ["Callum", "Beatrice"] {
        scene.world.clock.advance(chrono::TimeDelta::minutes(1));
        scene.world.lodge(&scene.complaint(json!({})));
        scene.world.work_for_council(&scene.council);
        assert_eq!(scene.asked().0, expected);
        let (officer, offer) = scene.offer();
        assert_eq!(answer(officer, &offer, false).status, 200);
    }
}

#[test]
fn who_knows_somebody_concerned_is_not_asked_again_and_the_next_is_asked_at_once() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({})));
    for (name, asked_as) in
        [("Beatrice", "complaints"), ("Callum", "complaints"), ("Helena", "responsible_person"), ("Idris", "alternate")]
    {
        scene.world.work_for_council(&scene.council);
        assert_eq!(scene.asked(), (name, asked_as.to_owned()));
        let (officer, offer) = scene.offer();
        let declined = answer(officer, &offer, true);
        assert_eq!((declined.status, declined.text("/outcome")), (200, Some("conflict")), "{}", declined.body);
        assert!(declined.body.get("complaint_id").is_none(), "it stays closed to them: {}", declined.body);
    }
    // Nobody is left: it is on record, and tried again every hour.
    scene.world.work_for_council(&scene.council);
    assert!(scene.desk.offers().is_empty());
    let owner = scene.council.id.uuid();
    assert_eq!(scene.world.audited_of(owner, "complaint.stranded"), 1);
    scene.it_is("2026-11-20T11:01:00Z");
    assert_eq!(scene.world.audited_of(owner, "complaint.stranded"), 2);
    scene.council.forget_tokens();
    let new = scene.world.officer_named(
        &scene.council,
        "Tamsin Ogilvie",
        &[almoner_domain::officers::roles::OfficerRole::Complaints],
    );
    scene.it_is("2026-11-20T12:02:00Z");
    let offered = new.at_complaints().get("/v1/complaints/offers");
    assert_eq!(offered.body["items"].as_array().unwrap().len(), 1, "{}", offered.body);
}

#[test]
fn who_does_not_open_it_by_the_end_of_the_next_working_day_is_passed_over() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    let (first, offer) = scene.offer();
    scene.it_is("2026-11-23T23:59:00Z");
    assert_eq!(scene.asked().0, "Beatrice", "the day is not over");
    scene.it_is("2026-11-24T00:00:00Z");
    assert_eq!(scene.asked().0, "Callum");
    assert_eq!(answer(first, &offer, false).status, 404, "it is offered to another");
}

#[test]
fn the_days_are_working_days_at_christmas_and_easter_and_after_hours_on_a_friday() {
    for (lodged, last_moment, open_by) in [
        ("2026-12-24T16:00:00Z", "2026-12-29T23:59:00Z", "2026-12-29"), // Boxing Day is on a Saturday
        ("2026-04-02T16:00:00Z", "2026-04-07T22:59:00Z", "2026-04-07"), // Good Friday, and Easter Monday
        ("2026-11-20T23:30:00Z", "2026-11-23T23:59:00Z", "2026-11-23"), // Friday night
        ("2026-11-21T12:00:00Z", "2026-11-23T23:59:00Z", "2026-11-23"), // a Saturday
    ] {
        let scene = Scene::new();
        scene.it_is(lodged);
        scene.world.lodge(&scene.complaint(json!({})));
        scene.world.work_for_council(&scene.council);
        let (officer, offer) = scene.offer();
        let read = officer.get(&format!("/v1/complaints/offers/{offer}"));
        assert_eq!(read.text("/open_by"), Some(open_by), "{lodged}: {}", read.body);
        scene.it_is(last_moment);
        assert_eq!(scene.asked().0, "Beatrice", "{lodged}");
        scene.world.clock.advance(chrono::TimeDelta::minutes(1));
        scene.desk.forget_tokens();
        scene.world.work_for_council(&scene.council);
        assert_eq!(scene.asked().0, "Callum", "{lodged}");
    }
}

#[test]
fn what_nobody_has_acknowledged_after_two_working_days_comes_before_the_responsible_person() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    scene.it_is("2026-11-24T23:59:00Z");
    assert!(scene.desk.offers().is_empty(), "two working days are not over");
    scene.it_is("2026-11-25T00:00:00Z");
    assert_eq!(scene.asked(), ("Helena", "responsible_person".to_owned()), "a day is left");
    let (responsible, offer) = scene.offer();
    assert_eq!(answer(responsible, &offer, false).status, 200);
    assert!(sees(officer, &complaint) && sees(responsible, &complaint), "both have it");
    let acknowledged = responsible.change(
        &format!("{complaint}/acknowledge"),
        &responsible.get(&complaint),
        &json!({ "message": "May I ring you?" }),
    );
    assert_eq!(acknowledged.text("/status"), Some("acknowledged"), "{}", acknowledged.body);
    scene.it_is("2026-11-27T09:00:00Z");
    assert!(scene.desk.offers().is_empty());
}

#[test]
fn what_nobody_opens_comes_before_the_responsible_person_too() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    scene.it_is("2026-11-24T00:00:00Z");
    assert_eq!(scene.asked().0, "Callum");
    scene.it_is("2026-11-25T00:00:00Z");
    assert_eq!(scene.asked(), ("Helena", "responsible_person".to_owned()));
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.escalated"), 1);
    // She does not open it either, and whoever stands in for her is asked.
    scene.it_is("2026-11-27T00:00:00Z");
    assert_eq!(scene.asked(), ("Idris", "alternate".to_owned()));
}

#[test]
fn where_neither_the_responsible_person_nor_the_alternate_is_left_a_late_complaint_goes_to_a_complaints_officer() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({ "must_not_see": ["Helena Vance", "Idris Rahman"] })));
    scene.it_is("2026-11-25T00:00:00Z");
    assert_eq!(scene.asked(), ("Beatrice", "complaints".to_owned()), "two working days are over");
    scene.it_is("2026-11-27T00:00:00Z");
    assert_eq!(scene.asked().0, "Callum", "and nobody strands it");
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.stranded"), 0);
}

#[test]
fn an_officer_whom_a_colleague_lets_in_while_they_are_asked_still_answers() {
    for knows_somebody in [false, true] {
        let scene = Scene::new();
        let (_, officer, complaint) = scene.opened(json!({}));
        scene.it_is("2026-11-25T00:00:00Z");
        let (responsible, offer) = scene.offer();
        let body = json!({ "officer_id": responsible.id, "reason": "It is late." });
        assert_eq!(officer.create(&format!("{complaint}/assignments"), &body).status, 201);
        assert!(sees(responsible, &complaint));
        let answered = answer(responsible, &offer, knows_somebody);
        assert_eq!(answered.status, 200, "{}", answered.body);
        assert_eq!(sees(responsible, &complaint), !knows_somebody, "who knows somebody concerned has it no more");
        assert!(sees(officer, &complaint));
    }
}

#[test]
fn who_leaves_is_asked_no_longer() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&scene.council);
    let (asked, _) = scene.offer();
    let chief = scene.world.first_officer(&scene.council);
    let path = format!("/v1/council/officers/{}", asked.id);
    let gone = chief.put(&format!("{path}/leaving"), &chief.get(&path), &json!({}));
    assert!(gone.text("/left_at").is_some(), "{}", gone.body);
    scene.world.work_for_council(&scene.council);
    let offered = scene.desk.officers[1].get("/v1/complaints/offers");
    assert_eq!(offered.text("/items/0/asked_as"), Some("complaints"), "nobody had it: {}", offered.body);
}

#[test]
fn a_complaint_about_the_councils_own_people_begins_with_the_responsible_person() {
    let scene = Scene::new();
    let council = json!(scene.council.gss_code);
    for changes in [json!({ "about": ["council"] }), json!({ "practice": null, "council": council })] {
        scene.world.lodge(&scene.complaint(changes));
        scene.world.work_for_council(&scene.council);
        assert_eq!(scene.asked(), ("Helena", "responsible_person".to_owned()));
        let (officer, offer) = scene.offer();
        assert_eq!(answer(officer, &offer, false).status, 200);
    }
}
