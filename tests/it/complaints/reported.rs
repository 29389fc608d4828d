//! The annual report: it counts every complaint of the council's, and shows none.

use almoner_tests::callers::Caller;
use serde_json::json;

use super::{Scene, acknowledge, found, plan, pointers, put, raise};

#[test]
fn a_year_of_complaints_is_counted_whoever_has_them_and_none_is_shown() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-12-18");
    let head = raise(officer, &complaint);
    found(officer, &complaint, &head);
    let draft = json!({ "considered": "I looked.", "conclusions": "You are right.", "action": "I am satisfied." });
    put(officer, &complaint, "response", &draft);
    let let_in = json!({ "officer_id": scene.desk.responsible.id, "reason": "Signs for the council." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &let_in).status, 201);
    let sign = format!("{complaint}/response/sign");
    let seen = scene.desk.responsible.get(&complaint);
    assert_eq!(scene.desk.responsible.send("POST", &sign, &[("if-match", seen.etag().unwrap())], None).status, 200);
    put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" }));
    put(officer, &complaint, "ombudsman", &json!({ "asked_on": "2026-11-20" }));
    let learning = json!({ "learning": "A visit without a call is heard as being forgotten." });
    let closed = officer.change(&format!("{complaint}/close"), &officer.get(&complaint), &learning);
    assert_eq!(closed.status, 200, "{}", closed.body);
    let (_, other, excluded) = scene.opened(json!({}));
    let exclude = json!({ "ground": "employment", "reason": "It is about your own employment." });
    assert_eq!(other.change(&format!("{excluded}/exclude"), &other.get(&excluded), &exclude).status, 200);
    scene.world.lodge(&scene.complaint(json!({})));

    let idle = &scene.desk.alternate;
    let report = idle.get("/v1/complaints/annual-report?ending=2027");
    assert_eq!(report.status, 200, "{}", report.body);
    for (member, number) in [
        ("received", 3),
        ("well_founded", 1),
        ("answered", 1),
        ("answered_in_time", 1),
        ("withdrawn", 0),
        ("taken_to_the_ombudsman", 1),
        ("upheld_by_the_ombudsman", 0),
    ] {
        assert_eq!(report.body[member], json!(number), "{member}: {}", report.body);
    }
    assert_eq!(report.body["by_theme"], json!([{ "what": "delay", "number": 1 }]));
    assert_eq!(report.body["not_considered"], json!([{ "what": "employment", "number": 1 }]));
    assert_eq!(report.body["by_practice"][0]["number"], json!(3));
    assert_eq!(report.body["learning"], json!(["A visit without a call is heard as being forgotten."]));
    let text = report.body.to_string();
    assert!(!text.contains("Marlow") && !text.contains("C-") && !text.contains("cancelled"), "{text}");
    let html = idle.get("/v1/complaints/annual-report.html?ending=2027");
    assert_eq!((html.status, html.header("content-type")), (200, Some("text/html; charset=utf-8")));

    assert_eq!(idle.get("/v1/complaints/annual-report").body["received"], json!(0), "the year that has ended");
    assert_eq!(pointers(&idle.get("/v1/complaints/annual-report?ending=2028")), ["ending"]);
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(guest.get("/v1/complaints/annual-report").status, 403);
    let elsewhere = scene.world.council();
    let desk = scene.world.desk(&elsewhere);
    assert_eq!(desk.responsible.get("/v1/complaints/annual-report?ending=2027").body["received"], json!(0));
}
