//! An oral concern that was settled at a practice's desk, and when a complaint is taken to have come.

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::answer;
use almoner_tests::{Staff, messages};
use serde_json::{Value, json};

use super::{Scene, acknowledge, pointers, put};

const CONCERNS: &str = "/v1/practice/concerns";

pub(super) fn minute() -> Value {
    json!({
        "said": "Nobody rang on Monday although it was promised.", "danger": { "now": "no" },
        "settled": "I rang her daughter while she was here. She said that this is all she wanted.",
        "complainant": { "name": "Edith Marlow", "basis": "recipient" },
        "contact": { "preferred": "phone", "phone": "07700 900461" },
    })
}

impl Scene {
    /// Puts a minute into the letterbox, and has whoever is asked open it. Returns who that is, and the path of the complaint.
    pub(super) fn minute(&self, minute: &Value) -> (&Staff, String) {
        let handed = self.practice.practitioner.create(CONCERNS, minute);
        assert_eq!(handed.status, 202, "{}", handed.body);
        self.world.work_for_council(&self.council);
        let (officer, offer) = self.offer();
        let opened = answer(officer, &offer, false);
        (
            officer,
            format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap_or_else(|| panic!("{}", opened.body))),
        )
    }
}

pub(super) fn confirm(officer: &Staff, complaint: &str) -> almoner_demo::web::Answer {
    let body = json!({ "confirmed": "I rang her at ten. The visit on Friday is all she wants." });
    officer.change(&format!("{complaint}/confirm-settled"), &officer.get(complaint), &body)
}

#[test]
fn what_was_settled_on_the_spot_is_over_once_the_person_has_confirmed_it_by_the_next_working_day() {
    let scene = Scene::new();
    let (officer, complaint) = scene.minute(&minute());
    let read = officer.get(&complaint);
    assert_eq!(
        (read.text("/confirm_by"), read.text("/way")),
        (Some("2026-11-23"), Some("practice_desk")),
        "{}",
        read.body
    );
    assert!(read.text("/settled").unwrap().starts_with("I rang her daughter"), "{}", read.body);
    assert_eq!(officer.get("/v1/complaints/due").text("/items/0/clock"), Some("confirmation"));
    scene.it_is("2026-11-23T23:59:00Z");
    let done = confirm(officer, &complaint);
    assert_eq!((done.status, done.text("/status")), (200, Some("not_considered")), "{}", done.body);
    assert_eq!(done.text("/exclusion"), Some("oral_resolved"));
    assert!(done.text("/messages/0/text").unwrap().contains("no reason to refuse"), "{}", done.body);
    assert_eq!(confirm(officer, &complaint).status, 409, "once");
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.settled"), 1);
    let report = scene.desk.responsible.get("/v1/complaints/annual-report?ending=2027");
    assert_eq!(report.body["received"], json!(0), "it never became a complaint: {}", report.body);
    assert_eq!(report.body["not_considered"], json!([{ "what": "oral_resolved", "number": 1 }]));
}

#[test]
fn what_nobody_confirmed_in_time_is_a_complaint_of_the_day_on_which_it_was_said() {
    let scene = Scene::new();
    let mut yesterday = minute();
    yesterday["made_on"] = "2026-11-19".into();
    let (officer, complaint) = scene.minute(&yesterday);
    let read = officer.get(&complaint);
    assert_eq!(read.text("/received_at"), Some("2026-11-19T12:00:00Z"), "{}", read.body);
    assert_eq!(
        (read.text("/confirm_by"), read.text("/acknowledgement_due_on")),
        (Some("2026-11-20"), Some("2026-11-24"))
    );
    scene.it_is("2026-11-21T00:00:00Z");
    assert_eq!(confirm(officer, &complaint).status, 409);
    assert_eq!(officer.get("/v1/complaints/due").text("/items/0/clock"), Some("acknowledgement"));
    acknowledge(officer, &complaint);
    // A complaint that never was a concern is not settled so either.
    let (_, officer, other) = scene.opened(json!({}));
    let refused = confirm(officer, &other);
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
}

#[test]
fn the_letterbox_for_minutes_answers_the_same_always_and_keeps_no_trace() {
    let scene = Scene::new();
    let (practice, council) = (&scene.practice, scene.council.id.uuid());
    let key = fresh_key();
    let put_in = |minute: &Value| practice.practitioner.post_with(CONCERNS, &[("idempotency-key", &key)], minute);
    let first = put_in(&minute());
    let again = put_in(&minute());
    assert_eq!((first.status, again.status, &first.body), (202, 202, &again.body));
    assert_eq!(scene.world.audited_of(council, "complaint.lodged"), 1, "the same request is the same minute");
    let log = practice.records_officer.get("/v1/practice/audit?limit=200");
    assert!(log.status == 200 && !log.body.to_string().contains("concern"), "{}", log.body);
    assert!([404, 405].contains(&practice.manager.get(CONCERNS).status));
    // Every fault at once, each where it stands in the minute.
    let mut bad = minute();
    bad["made_on"] = "2026-11-21".into();
    bad["said"] = "\u{200b}".into();
    bad["settled"] = "x".repeat(4001).into();
    bad["complainant"]["name"] = "".into();
    assert_eq!(pointers(&put_in(&bad)), ["/complainant/name", "/said", "/settled"]);
    let mut ahead = minute();
    ahead["made_on"] = "2026-11-21".into();
    ahead["complainant"]["basis"] = "representative".into();
    assert_eq!(pointers(&put_in(&ahead)), ["/complainant/representation_reason", "/person", "/made_on"]);
}

#[test]
fn who_is_named_in_what_was_done_at_the_desk_is_not_asked_to_open_it() {
    let scene = Scene::new();
    let mut named = minute();
    named["settled"] = "I passed her to Beatrice at the council, who put it right.".into();
    assert_eq!(scene.practice.practitioner.create(CONCERNS, &named).status, 202);
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Callum");
}

#[test]
fn that_the_same_was_settled_before_is_no_ground_to_refuse_a_complaint() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    for ground in ["same_as_oral_resolved", "oral_resolved"] {
        let body = json!({ "ground": ground, "reason": "It was settled." });
        let refused = officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &body);
        assert_eq!(pointers(&refused), ["/ground"]);
    }
}

#[test]
fn a_letter_that_was_written_down_later_counts_from_the_day_on_which_it_came() {
    let scene = Scene::new();
    let officer = &scene.desk.officers[0];
    let letter = scene.complaint(json!({ "received_on": "2026-11-13", "happened_on": "2025-06-30" }));
    let taken = officer.create("/v1/complaints", &json!({ "came_by": "letter", "complaint": letter }));
    assert_eq!((taken.status, taken.text("/acknowledgement_due_on")), (201, Some("2026-11-18")), "{}", taken.body);
    assert_eq!(taken.text("/response_latest_on"), Some("2027-05-12"));
    // An app hands a complaint over at once, and nobody receives one tomorrow.
    let app = scene.world.partner();
    let refused = app.create("/v1/partner/complaints", &letter);
    assert_eq!(pointers(&refused), ["/received_on"]);
    let ahead = scene.telephoned(json!({ "received_on": "2026-11-21", "happened_on": "2026-11-22" }));
    let refused = officer.create("/v1/complaints", &ahead);
    assert_eq!(pointers(&refused), ["/complaint/received_on", "/complaint/happened_on"]);
    let at_the_desk = messages::complaint(&scene.practice.slug);
    let at_the_desk = {
        let mut one = at_the_desk;
        one["received_on"] = "2026-11-18".into();
        one
    };
    assert_eq!(scene.practice.manager.create("/v1/practice/complaints", &at_the_desk).status, 202);
}

#[test]
fn a_complaint_that_came_late_is_looked_into_for_reasons_or_excluded() {
    let scene = Scene::new();
    let out_of_time =
        json!({ "ground": "out_of_time", "reason": "It is more than a year ago, and both workers have left." });
    let (_, officer, complaint) = scene.opened(json!({ "happened_on": "2026-10-01" }));
    assert_eq!(officer.get(&complaint).body["late"], json!(false));
    let refused = officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &out_of_time);
    assert_eq!(pointers(&refused), ["/ground"], "it came in time");
    let too_early =
        json!({ "happened_on": "2026-11-21", "noticed_on": "2026-11-20", "accepted_because": "She was ill." });
    let refused = put(officer, &complaint, "timeliness", &too_early);
    assert_eq!(pointers(&refused), ["/happened_on", "/noticed_on", "/accepted_because"]);
    // A date put right makes it late: it is looked into all the same, or not.
    let late =
        json!({ "happened_on": "2025-06-30", "accepted_because": "She was in hospital. Both workers are still here." });
    let recorded = put(officer, &complaint, "timeliness", &late);
    assert_eq!((recorded.status, &recorded.body["late"]), (200, &json!(true)), "{}", recorded.body);
    assert_eq!(recorded.body["timeliness"], late);
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.timeliness_recorded"), 1);
    let refused = officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &out_of_time);
    assert_eq!(pointers(&refused), ["/ground"], "it is looked into all the same");
    assert_eq!(put(officer, &complaint, "timeliness", &json!({ "happened_on": "2025-06-30" })).status, 200);
    let excluded = officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &out_of_time);
    assert_eq!((excluded.status, excluded.text("/exclusion")), (200, Some("out_of_time")), "{}", excluded.body);
    let (_, officer, late) = scene.opened(json!({ "happened_on": "2020-01-01", "noticed_on": "2025-11-19" }));
    assert_eq!(officer.get(&late).body["late"], json!(true), "twelve months after the notice are over");
}
