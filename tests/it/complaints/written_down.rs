//! The written record of a complaint that was made by word of mouth, of which the complainant is given a copy (SI 2009/309 reg 13(2)).

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{answer, follow};
use serde_json::{Value, json};

use super::answered::{draft, let_in, sign};
use super::{Scene, acknowledge, found, plan, pointers, put, raise};

impl Scene {
    /// Takes a complaint down that came in this way, and has whoever is asked open it. Returns the receipt, who that is, and its path.
    pub(super) fn taken_down(&self, came_by: &str, changes: Value) -> (Answer, &Staff, String) {
        let body = json!({ "came_by": came_by, "complaint": self.complaint(changes) });
        let receipt = self.desk.officers[0].create("/v1/complaints", &body);
        assert_eq!(receipt.status, 201, "{}", receipt.body);
        self.world.work_for_council(&self.council);
        let (officer, offer) = self.offer();
        let opened = answer(officer, &offer, false);
        let id = opened.text("/complaint_id").unwrap_or_else(|| panic!("{}", opened.body)).to_owned();
        (receipt, officer, format!("/v1/complaints/{id}"))
    }
}

fn page(officer: &Staff, complaint: &str) -> String {
    let page = officer.get(&format!("{complaint}/written-record/letter.html"));
    assert_eq!(page.status, 200, "{}", page.body);
    String::from_utf8(page.content).unwrap()
}

/// The days on which the written record is due to an officer.
fn due(officer: &Staff) -> Vec<String> {
    let due = officer.get("/v1/complaints/due");
    let items = due.body["items"].as_array().unwrap_or_else(|| panic!("{}", due.body));
    let own = items.iter().filter(|item| item["clock"] == "written_record");
    own.map(|item| item["on"].as_str().unwrap().to_owned()).collect()
}

/// Asks for the written record with the code.
fn with_code(scene: &Scene, receipt: &Answer, code: &str, ending: &str) -> Answer {
    let path = format!("/v1/partner/complaints/{}/written-record.{ending}", receipt.text("/reference").unwrap());
    scene.world.partner().send("GET", &path, &[("complaint-access-code", code)], None)
}

#[test]
fn what_was_said_is_written_down_and_given_to_the_complainant_or_late() {
    let scene = Scene::new();
    let changes = json!({
        "wants": "Another worker.", "format": "large_print", "staff": ["Hannah Price"],
        "contact": { "preferred": "phone", "phone": "07700 900461" },
    });
    let (receipt, officer, complaint) = scene.taken_down("telephone", changes);
    assert_eq!(due(officer), ["2026-11-25"], "with the acknowledgement");
    let record = page(officer, &complaint);
    for part in
        ["You telephoned us", "20 November 2026", "Edith Marlow", "Another worker.", "Hannah Price", "wrong or missing"]
    {
        assert!(record.contains(part), "{part}: {record}");
    }
    let pdf = officer.get(&format!("{complaint}/written-record/letter.pdf"));
    assert!(pdf.status == 200 && pdf.content.starts_with(b"%PDF-"), "{}", pdf.status);
    let to = |body: Value| put(officer, &complaint, "written-record/given", &body);
    assert_eq!(pointers(&to(json!({ "by": "app", "on": "2026-11-20" }))), ["/by"], "she did not consent to that");
    assert_eq!(pointers(&to(json!({ "by": "post", "on": "2026-11-19" }))), ["/on"]);
    assert_eq!(pointers(&to(json!({ "by": "post", "on": "2026-11-21" }))), ["/on"]);
    let given = to(json!({ "by": "post", "on": "2026-11-20" }));
    assert_eq!(given.body["taken_down"]["record_given"], json!({ "by": "post", "on": "2026-11-20" }), "{}", given.body);
    assert_eq!(due(officer), [""; 0]);
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.record_given"), 1);
    let again = to(json!({ "by": "hand", "on": "2026-11-20" }));
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/invalid-state")), "{}", again.body);
    assert_eq!(put(officer, &complaint, "ombudsman", &json!({ "asked_on": "2026-11-20" })).status, 200);
    let file = String::from_utf8(officer.get(&format!("{complaint}/ombudsman/bundle.html")).content).unwrap();
    assert!(file.contains("On the telephone") && file.contains("Given by post on 20 November 2026"), "{file}");
    // Whoever found the receipt reads nothing of the story.
    let code = receipt.text("/access_code").unwrap();
    assert_eq!(with_code(&scene, &receipt, code, "html").status, 404);

    let (_, second, late) = scene.taken_down("in_person", json!({}));
    scene.it_is("2026-11-26T09:00:00Z");
    assert!(second.get(&late).body["messages"].to_string().contains("written record"), "she is told that it is late");
    assert!(due(second).contains(&"2026-11-25".to_owned()));
}

#[test]
fn the_record_of_what_was_said_names_the_practice_where_the_complainant_did_and_not_where_an_officer_put_it_down() {
    let scene = Scene::new();
    let practice = format!("Practice {}", scene.practice.slug);
    let (_, officer, named) = scene.taken_down("telephone", json!({}));
    assert!(page(officer, &named).contains(&practice));
    let unnamed = json!({ "practice": null, "council": scene.council.gss_code, "person": { "family_name": "Nobody" } });
    let (_, officer, complaint) = scene.taken_down("telephone", unnamed);
    let put_down = put(officer, &complaint, "practice", &json!({ "practice": scene.practice.slug }));
    assert_eq!(put_down.text("/practice/name"), Some(practice.as_str()), "{}", put_down.body);
    assert!(!page(officer, &complaint).contains(&practice));
}

#[test]
fn who_consented_to_it_reads_the_record_in_the_app_with_the_code_alone() {
    let scene = Scene::new();
    let contact = json!({ "preferred": "email", "email": "edith@example.org", "electronic": true });
    let (receipt, officer, complaint) = scene.taken_down("visit", json!({ "contact": contact }));
    let code = receipt.text("/access_code").unwrap();
    assert_eq!(with_code(&scene, &receipt, code, "html").status, 404, "it has not been given");
    let given = put(officer, &complaint, "written-record/given", &json!({ "by": "app", "on": "2026-11-20" }));
    assert_eq!(given.status, 200, "{}", given.body);
    assert_eq!(follow(&scene.world.partner(), &receipt).text("/written_record_given_on"), Some("2026-11-20"));
    let read = with_code(&scene, &receipt, code, "html");
    assert!(read.status == 200 && String::from_utf8(read.content).unwrap().contains("We visited you"));
    assert!(with_code(&scene, &receipt, code, "pdf").content.starts_with(b"%PDF-"));
    for wrong in ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""] {
        assert_eq!(with_code(&scene, &receipt, wrong, "pdf").status, 404);
    }
    let contact = json!({ "preferred": "email", "email": "edith@example.org", "electronic": true });
    let (receipt, officer, complaint) = scene.taken_down("visit", json!({ "narrative": "日記", "contact": contact }));
    let given = put(officer, &complaint, "written-record/given", &json!({ "by": "app", "on": "2026-11-20" }));
    assert_eq!(given.status, 200, "{}", given.body);
    let code = receipt.text("/access_code").unwrap();
    assert_eq!(with_code(&scene, &receipt, code, "pdf").status, 409, "what has no font is read as a page");
    assert_eq!(with_code(&scene, &receipt, code, "html").status, 200);
}

#[test]
fn what_was_written_needs_no_record_and_a_sealed_identity_is_in_none() {
    let scene = Scene::new();
    let (_, officer, letter) = scene.taken_down("letter", json!({}));
    assert_eq!(due(officer), [""; 0]);
    let refused = [
        officer.get(&format!("{letter}/written-record/letter.html")),
        officer.get(&format!("{letter}/written-record/letter.pdf")),
        put(officer, &letter, "written-record/given", &json!({ "by": "post", "on": "2026-11-20" })),
    ];
    assert_eq!(refused.map(|one| one.status), [409; 3]);
    let (_, officer, hidden) = scene.taken_down("telephone", json!({ "confidential": true }));
    let path = format!("{hidden}/written-record/letter.html");
    let refused = officer.get(&path);
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    let unseal = json!({ "reason": "To send you what you told us." });
    assert_eq!(officer.create(&format!("{hidden}/unsealings"), &unseal).status, 201);
    assert_eq!(officer.get(&path).status, 200);
    let stranger = scene.desk.everybody().into_iter().find(|one| one.get(&hidden).status == 404).unwrap();
    assert_eq!(stranger.get(&path).status, 404);
}

#[test]
fn the_answer_to_somebody_who_telephoned_says_so_and_so_does_the_file() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.taken_down("telephone", json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-12-18");
    let head = raise(officer, &complaint);
    found(officer, &complaint, &head);
    put(officer, &complaint, "response", &draft());
    let_in(officer, &complaint, &scene.desk.responsible);
    let signed = sign(&scene.desk.responsible, &complaint);
    assert_eq!(signed.text("/letter/came_by"), Some("telephone"), "{}", signed.body);
    put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" }));
    put(officer, &complaint, "ombudsman", &json!({ "asked_on": "2026-11-20" }));
    for page in ["response/letter.html", "ombudsman/bundle.html"] {
        let html = String::from_utf8(officer.get(&format!("{complaint}/{page}")).content).unwrap();
        assert!(html.contains("You telephoned us") && !html.contains("You wrote to us"), "{page}: {html}");
    }
}
