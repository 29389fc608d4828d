//! An officer who has a complaint is gone, or somebody above is away or silent: who is asked then, and what the complainant is told. And the
//! complaints that nobody has, which an operator is told of.

use almoner_domain::officers::roles::OfficerRole;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{answer, follow, write_as_complainant};
use almoner_tests::{PASSWORD, Staff};
use serde_json::json;

use super::clocks::told;
use super::{Scene, acknowledge, plan, put, sees};

const GONE: &str = "The officer who had your complaint does not work on complaints any more.";

fn at_the_council(officer: &Staff) -> String {
    format!("/v1/council/officers/{}", officer.id)
}

/// An officer leaves now, or with the end of a day.
fn leaves(scene: &Scene, officer: &Staff, body: &serde_json::Value) {
    let chief = scene.world.first_officer(&scene.council);
    let path = at_the_council(officer);
    let left = chief.put(&format!("{path}/leaving"), &chief.get(&path), body);
    assert_eq!(left.status, 200, "{}", left.body);
}

fn leaves_at_once(scene: &Scene, officer: &Staff) {
    leaves(scene, officer, &json!({}));
}

fn loses_the_role(scene: &Scene, officer: &Staff) {
    let chief = scene.world.first_officer(&scene.council);
    let path = at_the_council(officer);
    let changed = chief.patch(&path, &chief.get(&path), &json!({ "roles": ["duty"] }));
    assert_eq!(changed.status, 200, "{}", changed.body);
}

fn has_credentials_replaced(scene: &Scene, officer: &Staff) {
    let chief = scene.world.first_officer(&scene.council);
    let drawn = chief.create(&format!("{}/credential-reset", at_the_council(officer)), &json!({}));
    let token = drawn.text("/link/token").unwrap_or_else(|| panic!("{}", drawn.body));
    let opened = scene.world.anyone().post("/v1/council/invitations/open", &json!({ "token": token }));
    let secret = TotpSecret::from_base32(opened.text("/authenticator/secret").unwrap()).unwrap();
    let content = json!({ "token": token, "password": PASSWORD, "code": secret.code(scene.world.clock.now()) });
    let accepted = scene.world.anyone().post("/v1/council/invitations/accept", &content);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
}

fn has_the_account_disabled(scene: &Scene, officer: &Staff) {
    let account = officer.get("/v1/complaints/account");
    let path = format!("/v1/operator/accounts/{}/disable", account.text("/id").unwrap());
    assert_eq!(scene.world.operator().create(&path, &json!({})).status, 200);
}

#[test]
fn what_an_officer_had_who_is_gone_comes_before_the_responsible_person_and_the_complainant_is_told() {
    let ways: [fn(&Scene, &Staff); 4] =
        [leaves_at_once, loses_the_role, has_credentials_replaced, has_the_account_disabled];
    for (number, is_gone) in ways.iter().enumerate() {
        let scene = Scene::new();
        let (receipt, officer, complaint) = scene.opened(json!({}));
        acknowledge(officer, &complaint);
        plan(officer, &complaint, "2027-01-15");
        is_gone(&scene, officer);
        assert_eq!(officer.get(&complaint).status, 401, "way {number}: from the next request on");
        // The hourly round has not come yet: the one who is gone has it by name alone.
        assert_eq!(scene.world.unattended(&scene.council), 1, "way {number}");
        scene.world.clock.advance(chrono::TimeDelta::minutes(1));
        scene.world.work_for_council(&scene.council);
        assert_eq!(scene.world.unattended(&scene.council), 0, "way {number}: somebody is asked");
        assert!(scene.desk.officers[1].get("/v1/complaints/offers").body["items"] == json!([]), "way {number}");
        let responsible = &scene.desk.responsible;
        let offered = responsible.get("/v1/complaints/offers");
        assert_eq!(offered.text("/items/0/asked_as"), Some("responsible_person"), "way {number}: {}", offered.body);
        let words = told(&scene, &receipt);
        assert_eq!(words.len(), 1, "way {number}: {words:?}");
        assert!(words[0].starts_with(GONE) && words[0].contains("0300 061 0614"), "way {number}: {words:?}");
        assert_eq!(answer(responsible, offered.text("/items/0/id").unwrap(), false).status, 200);
        assert!(sees(responsible, &complaint));
        scene.world.work_for_council(&scene.council);
        assert_eq!(told(&scene, &receipt).len(), 1, "way {number}: once");
        let has_it = follow(&scene.world.partner(), &receipt);
        assert_eq!(has_it.body["has_it"].as_array().unwrap().len(), 1, "way {number}: {}", has_it.body);
        assert_eq!(has_it.text("/has_it/0/name"), Some("Helena Vance"), "way {number}");
    }
}

#[test]
fn whoever_leaves_with_the_end_of_a_day_is_missed_within_the_hour() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    leaves(&scene, officer, &json!({ "last_day": "2026-11-20" }));
    scene.world.set_clock("2026-11-20T23:59:00Z");
    scene.desk.forget_tokens();
    scene.world.work_for_council(&scene.council);
    assert!(sees(officer, &complaint) && told(&scene, &receipt).is_empty(), "the day is not over");
    scene.world.set_clock("2026-11-21T00:59:00Z");
    scene.desk.officers[1].forget_token();
    scene.world.work_for_council(&scene.council);
    assert!(told(&scene, &receipt)[0].starts_with(GONE));
    scene.desk.responsible.forget_token();
    let offered = scene.desk.responsible.get("/v1/complaints/offers");
    assert_eq!(offered.body["items"].as_array().map(Vec::len), Some(1), "{}", offered.body);
}

#[test]
fn a_colleague_who_has_it_too_keeps_it_and_nobody_is_told() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    let colleague = &scene.desk.officers[1];
    let body = json!({ "officer_id": colleague.id, "reason": "We look into it together." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &body).status, 201);
    leaves_at_once(&scene, officer);
    scene.world.clock.advance(chrono::TimeDelta::hours(1));
    colleague.forget_token();
    scene.world.work_for_council(&scene.council);
    assert!(sees(colleague, &complaint) && told(&scene, &receipt).is_empty());
    assert_eq!(scene.world.unattended(&scene.council), 0);
}

#[test]
fn whoever_is_asked_and_leaves_is_missed_at_once_though_an_officer_has_it_whom_the_complainant_names() {
    let scene = Scene::new();
    let (receipt, officer, _) = scene.opened(json!({}));
    let name = ["Beatrice Oyelaran", "Callum Whitfield"][usize::from(officer.id == scene.desk.officers[1].id)];
    let written = write_as_complainant(&scene.world.partner(), &receipt, &format!("{name} has not rung me."));
    assert_eq!(written.status, 201, "{}", written.body);
    scene.world.work_for_council(&scene.council);
    let (asked, _) = scene.offer();
    leaves_at_once(&scene, asked);
    scene.world.clock.advance(chrono::TimeDelta::minutes(1));
    scene.world.work_for_council(&scene.council);
    let others = scene.desk.everybody().into_iter().filter(|one| one.id != asked.id);
    let next: Vec<_> = others.filter(|one| one.get("/v1/complaints/offers").text("/items/0/id").is_some()).collect();
    assert!(next.len() == 1 && next[0].id != officer.id, "{} are asked", next.len());
}

#[test]
fn where_nobody_above_is_left_a_complaints_officer_is_asked_after_one_is_gone() {
    let scene = Scene::new();
    let (receipt, officer, _) = scene.opened(json!({ "must_not_see": ["Helena Vance", "Idris Rahman"] }));
    leaves_at_once(&scene, officer);
    scene.world.work_for_council(&scene.council);
    let offered = scene.desk.officers[1].get("/v1/complaints/offers");
    assert_eq!(offered.text("/items/0/asked_as"), Some("complaints"), "{}", offered.body);
    assert_eq!(told(&scene, &receipt).len(), 1);
}

#[test]
fn whose_complaint_is_over_is_not_told_that_an_officer_left_but_somebody_has_it() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let over = json!({ "ground": "previously_investigated", "reason": "It was answered in spring.", "heard_on": "2026-03-03" });
    assert_eq!(officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &over).status, 200);
    leaves_at_once(&scene, officer);
    assert_eq!(scene.world.unattended(&scene.council), 0, "it is not open");
    scene.world.clock.advance(chrono::TimeDelta::hours(24));
    scene.desk.responsible.forget_token();
    scene.world.partner().forget_token();
    scene.world.work_for_council(&scene.council);
    let offered = scene.desk.responsible.get("/v1/complaints/offers");
    assert_eq!(offered.body["items"].as_array().map(Vec::len), Some(1), "{}", offered.body);
    assert!(told(&scene, &receipt).is_empty());
}

#[test]
fn a_text_that_names_everybody_at_the_desk_leaves_nobody_and_an_operator_is_told_until_somebody_from_outside_comes() {
    let everybody = "Beatrice Oyelaran, Callum Whitfield, Helena Vance and Idris Rahman all knew of it.";
    let scene = Scene::new();
    assert_eq!(scene.world.unattended(&scene.council), 0);
    // Named when it was lodged: nobody ever has it.
    scene.world.lodge(&scene.complaint(json!({ "narrative": everybody })));
    scene.world.work_for_council(&scene.council);
    assert!(scene.desk.offers().is_empty());
    assert_eq!(scene.world.unattended(&scene.council), 1);
    // Named later: whoever has it does not read all of it.
    let (receipt, officer, complaint) = scene.opened(json!({}));
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.world.unattended(&scene.council), 1);
    assert_eq!(write_as_complainant(&scene.world.partner(), &receipt, everybody).status, 201);
    scene.world.work_for_council(&scene.council);
    assert!(sees(officer, &complaint));
    assert_eq!(scene.world.unattended(&scene.council), 2, "nobody reads the message");
    let elsewhere = scene.world.council();
    assert_eq!(scene.world.unattended(&elsewhere), 0, "each council has its own");
    let outside = scene.world.officer_named(&scene.council, "Farid Nazari", &[OfficerRole::Alternate]).at_complaints();
    scene.world.clock.advance(chrono::TimeDelta::minutes(61));
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.world.unattended(&scene.council), 0, "somebody is asked");
    let offers = outside.get("/v1/complaints/offers");
    assert_eq!(offers.body["items"].as_array().map(Vec::len), Some(2), "{}", offers.body);
}

#[test]
fn while_the_responsible_person_is_away_who_stands_in_for_them_is_asked_though_the_first_has_it() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    let responsible = &scene.desk.responsible;
    let body = json!({ "officer_id": responsible.id, "reason": "She answers for it." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &body).status, 201);
    let away = json!({ "from": "2026-11-20", "until": "2026-12-31" }).to_string();
    let there = responsible.at_the_council();
    let said = there.send("PUT", "/v1/council/absence", &[], Some(("application/json", away.as_bytes())));
    assert_eq!(said.status, 204, "{}", said.body);
    scene.it_is("2026-12-05T00:01:00Z");
    assert_eq!(scene.asked(), ("Idris", "alternate".to_owned()), "the plan is late");
}

#[test]
fn what_runs_out_while_the_responsible_person_has_it_comes_before_who_stands_in_for_them() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-11-24");
    scene.it_is("2026-11-25T00:01:00Z");
    assert_eq!(scene.asked().0, "Helena", "the response is late");
    let (responsible, offer) = scene.offer();
    assert_eq!(answer(responsible, &offer, false).status, 200);
    scene.it_is("2026-11-27T09:00:00Z");
    assert!(scene.desk.offers().is_empty(), "she got it because of that");
    // Nobody moves it for five working days more.
    scene.it_is("2026-12-03T00:01:00Z");
    assert_eq!(scene.asked(), ("Idris", "alternate".to_owned()));
    assert_eq!(told(&scene, &receipt).len(), 3, "nobody looks, and nobody said why there is no response");
    let (alternate, offer) = scene.offer();
    assert_eq!(answer(alternate, &offer, false).status, 200);
    let reason = json!({ "reason": "Your worker is ill. You hear from us by Friday." });
    let explained = put_change(alternate, &complaint, "explain-delay", &reason);
    assert_eq!(explained, 200);
    scene.it_is("2026-12-07T00:01:00Z");
    assert!(scene.desk.offers().is_empty(), "both have it");
}

fn put_change(caller: &Staff, complaint: &str, to: &str, body: &serde_json::Value) -> u16 {
    caller.change(&format!("{complaint}/{to}"), &caller.get(complaint), body).status
}

#[test]
fn a_guest_cannot_bring_a_complaint_back_from_the_responsible_person() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(almoner_tests::complaints::assign(officer, &complaint, &handler).status, 201);
    leaves_at_once(&scene, officer);
    assert_eq!(scene.world.unattended(&scene.council), 1, "a handler alone is nobody who answers for it");
    scene.world.clock.advance(chrono::TimeDelta::minutes(1));
    scene.world.work_for_council(&scene.council);
    let plan = json!({ "handling": "I go on.", "respond_by": "2026-12-18", "period": "agreed" });
    assert_eq!(put(&handler, &complaint, "plan", &plan).status, 200, "who looks into it goes on meanwhile");
    let offered = scene.desk.responsible.get("/v1/complaints/offers");
    assert_eq!(offered.text("/items/0/asked_as"), Some("responsible_person"), "{}", offered.body);
}

#[test]
fn an_officer_does_not_leave_a_complaint_to_a_colleague_who_is_gone() {
    let ways: [fn(&Scene, &Staff); 4] =
        [leaves_at_once, loses_the_role, has_credentials_replaced, has_the_account_disabled];
    for (number, is_gone) in ways.iter().enumerate() {
        let scene = Scene::new();
        let (_, officer, complaint) = scene.opened(json!({}));
        let colleague = scene.desk.officers.iter().find(|one| one.id != officer.id).unwrap();
        let let_in = json!({ "officer_id": colleague.id, "reason": "To look into it with me." });
        let assigned = officer.create(&format!("{complaint}/assignments"), &let_in);
        let all = assigned.body["items"].as_array().unwrap_or_else(|| panic!("{}", assigned.body));
        let own = all.iter().find(|one| one["officer_id"] == json!(officer.id)).unwrap();
        let path = format!("{complaint}/assignments/{}", own["id"].as_str().unwrap());
        is_gone(&scene, colleague);
        let refused = officer.send("DELETE", &path, &[], None);
        assert_eq!(refused.status, 409, "{number}: {}", refused.body);
    }
}

#[test]
fn nobody_is_let_in_whose_account_is_disabled() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let colleague = scene.desk.officers.iter().find(|one| one.id != officer.id).unwrap();
    has_the_account_disabled(&scene, colleague);
    let let_in = json!({ "officer_id": colleague.id, "reason": "To look into it with me." });
    let refused = officer.create(&format!("{complaint}/assignments"), &let_in);
    assert_eq!(super::pointers(&refused), ["/officer_id"], "{}", refused.body);
}
