//! How a complaint is looked into and by when: plans, progress, delays, what is not considered.

use almoner_tests::callers::Caller;
use almoner_tests::complaints::{assign, follow};
use serde_json::{Value, json};

use super::answered::{draft, let_in, ready_to_sign, sign};
use super::bundle::{extended, in_order, page, taken_to_the_ombudsman, text};
use super::{Scene, acknowledge, plan, pointers, put};

fn planning(respond_by: &str, period: &str) -> Value {
    json!({ "handling": "Grace Obi reads the diary, and rings you each Friday.", "respond_by": respond_by, "period": period })
}

#[test]
fn a_plan_is_agreed_or_determined_within_six_months_and_the_complainant_reads_it() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let early = put(officer, &complaint, "plan", &planning("2026-12-18", "agreed"));
    assert_eq!((early.status, early.text("/type")), (409, Some("/problems/invalid-state")), "{}", early.body);
    acknowledge(officer, &complaint);
    assert_eq!(officer.get(&complaint).text("/plan_due_on"), Some("2026-12-04"), "ten working days");

    for (respond_by, why) in [("2026-11-19", "in the past"), ("2027-05-20", "the day after six months")] {
        let refused = put(officer, &complaint, "plan", &planning(respond_by, "determined"));
        assert_eq!(pointers(&refused), ["/respond_by"], "{why}");
    }
    let seen = officer.get(&complaint);
    let path = format!("{complaint}/plan");
    let planned = officer.put(&path, &seen, &planning("2026-12-18", "agreed"));
    assert_eq!((planned.status, planned.text("/status")), (200, Some("investigating")), "{}", planned.body);
    assert_eq!(officer.put(&path, &seen, &planning("2026-12-11", "agreed")).status, 412, "of two at once one is told");
    let later = put(officer, &complaint, "plan", &planning("2026-12-19", "determined"));
    assert_eq!(pointers(&later), ["/respond_by"], "a later day is an extension");
    let nearer = put(officer, &complaint, "plan", &planning("2026-12-11", "agreed"));
    assert_eq!(nearer.text("/response_due_on"), Some("2026-12-11"), "{}", nearer.body);

    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/handling"), Some("Grace Obi reads the diary, and rings you each Friday."));
    assert_eq!((followed.text("/period"), followed.text("/response_due_on")), (Some("agreed"), Some("2026-12-11")));
    for body in [json!({}), json!({ "handling": " ", "respond_by": "2026-12-11", "period": "contract" })] {
        assert_eq!(put(officer, &complaint, "plan", &body).status, 422, "{body}");
    }
}

#[test]
fn whoever_is_written_to_hears_how_it_goes() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    assert_eq!(officer.get(&complaint).text("/progress_due_on"), Some("2026-12-18"), "from the acknowledgement on");
    let planned = plan(officer, &complaint, "2027-02-26");
    assert_eq!(planned.text("/progress_due_on"), Some("2026-12-18"), "twenty working days");
    scene.it_is("2026-12-16T09:00:00Z");
    let told = officer.create(&format!("{complaint}/messages"), &json!({ "text": "I have read the diary." }));
    assert_eq!(told.text("/progress_due_on"), Some("2027-01-18"), "Christmas and New Year are no working days");
}

#[test]
fn a_response_that_is_late_is_explained_and_one_that_is_not_is_not() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-11-27");
    let path = format!("{complaint}/explain-delay");
    let why = json!({ "reason": "Your worker is ill, and we want to hear her first." });
    assert_eq!(officer.change(&path, &officer.get(&complaint), &why).status, 409, "before the day is over");
    scene.it_is("2026-11-28T00:00:00Z");
    let explained = officer.change(&path, &officer.get(&complaint), &why);
    assert_eq!(explained.status, 200, "{}", explained.body);
    assert!(explained.text("/delay_explained_at").is_some());
    let read = follow(&scene.world.partner(), &receipt);
    let last = read.body["messages"].as_array().unwrap().last().unwrap().to_string();
    assert!(last.contains("Your worker is ill") && last.contains("0300 061 0614"), "{last}");
}

#[test]
fn what_is_not_considered_is_told_with_the_reason_and_the_ombudsman_and_is_an_officers() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    let path = format!("{complaint}/exclude");
    let unheard = json!({ "ground": "previously_investigated", "reason": "We answered the same on 3 March." });
    let mut body = unheard.clone();
    body["heard_on"] = json!("2026-02-12");
    assert_eq!(handler.change(&path, &handler.get(&complaint), &body).status, 403);
    let unknown = json!({ "ground": "tiresome", "reason": "It is." });
    assert_eq!(pointers(&officer.change(&path, &officer.get(&complaint), &unknown)), ["/ground"]);
    let refused = officer.change(&path, &officer.get(&complaint), &unheard);
    assert_eq!(pointers(&refused), ["/heard_on"], "nobody heard her then, so it was not investigated");
    let excluded = officer.change(&path, &officer.get(&complaint), &body);
    assert_eq!((excluded.status, excluded.text("/status")), (200, Some("not_considered")), "{}", excluded.body);
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/status"), Some("not_considered"));
    let told = followed.text("/messages/0/text").unwrap();
    assert!(told.contains("Ombudsman") && told.contains("on 12 February 2026"), "{}", followed.body);
    let action = json!({ "what": "Somebody rings.", "owner": "The practice", "due_on": "2027-01-15" });
    assert_eq!(officer.create(&format!("{complaint}/actions"), &action).status, 409);
    for step in ["acknowledge", "exclude", "reopen"] {
        let body = match step {
            "acknowledge" => json!({ "message": "Thank you." }),
            "exclude" => body.clone(),
            _ => json!({ "reason": "There is something new." }),
        };
        let refused = officer.change(&format!("{complaint}/{step}"), &officer.get(&complaint), &body);
        assert_eq!(refused.status, 409, "{step}: {}", refused.body);
        assert!(refused.text("/detail").unwrap().contains("not_considered"), "the state is said: {}", refused.body);
    }
}

#[test]
fn the_risk_is_judged_at_any_time_and_shown_to_those_who_have_the_complaint_alone() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let judged = put(officer, &complaint, "risk", &json!({ "risk": "high" }));
    assert_eq!((judged.status, judged.text("/risk")), (200, Some("high")), "{}", judged.body);
    assert_eq!(pointers(&put(officer, &complaint, "risk", &json!({ "risk": "enormous" }))), ["/risk"]);
    assert!(!follow(&scene.world.partner(), &receipt).body.to_string().contains("risk"));
}

#[test]
fn what_comes_out_of_order_is_refused_with_the_state() {
    let scene = Scene::new();
    let (_, officer, complaint) = ready_to_sign(&scene, json!({}));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    let action = |for_ombudsman: bool| json!({ "what": "Ring first.", "owner": "The practice", "due_on": "2027-01-15", "for_ombudsman": for_ombudsman });
    let add = |for_ombudsman: bool| officer.create(&format!("{complaint}/actions"), &action(for_ombudsman));
    let added = add(false);
    assert_eq!(sign(responsible, &complaint).status, 200);
    put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" }));
    let refused = |complaint: &str, to: &str, body: &Value, state: &str| {
        let refused = put(officer, complaint, to, body);
        let kind = (refused.status, refused.text("/type"));
        assert_eq!(kind, (409, Some("/problems/invalid-state")), "{to}: {}", refused.body);
        assert!(refused.body.to_string().contains(state), "{to}: {}", refused.body);
    };
    let risk = json!({ "risk": "high" });
    let timeliness = json!({ "happened_on": "2026-11-01" });
    let limits = json!({ "how": "In writing.", "reasons": "You rang nineteen times.", "until": "2026-12-20" });
    refused(&complaint, "risk", &risk, "answered");
    refused(&complaint, "timeliness", &timeliness, "answered");
    assert_eq!(put(officer, &complaint, "limits", &limits).status, 200, "she rings about what was promised");
    assert_eq!(add(false).status, 201, "what was found later is promised besides");
    let done = json!({ "on": "2026-11-20", "words": "I have seen it." });
    for place in 0..2 {
        let action = officer.get(&complaint).text(&format!("/actions/{place}/id")).unwrap().to_owned();
        assert_eq!(put(officer, &complaint, &format!("actions/{action}/done"), &done).status, 200);
    }
    let first = format!("actions/{}/done", added.text("/actions/0/id").unwrap());
    refused(&complaint, &first, &json!({ "on": "2026-11-20", "words": "Otherwise." }), "done");
    assert_eq!(officer.get(&complaint).text("/actions/0/done"), Some("I have seen it."));

    assert_eq!(officer.change(&format!("{complaint}/close"), &officer.get(&complaint), &json!({})).status, 200);
    for (to, body) in [("risk", &risk), ("timeliness", &timeliness), ("limits", &limits)] {
        refused(&complaint, to, body, "closed");
    }
    assert_eq!((add(false).status, add(true).status), (409, 409), "nothing is left to promise");
    let decided = json!({ "asked_on": "2026-11-20", "decision": "upheld", "decided_on": "2026-11-20" });
    assert_eq!(put(officer, &complaint, "ombudsman", &decided).status, 200);
    assert_eq!((add(false).status, add(true).status), (409, 201), "but what the Ombudsman asks for");

    let (_, officer, over) = scene.opened(json!({}));
    let why = json!({ "ground": "employment", "reason": "It is about your own employment." });
    assert_eq!(officer.change(&format!("{over}/exclude"), &officer.get(&over), &why).status, 200);
    for (to, body) in [("risk", &risk), ("timeliness", &timeliness), ("limits", &limits)] {
        let refused = put(officer, &over, to, body);
        assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
        assert!(refused.body.to_string().contains("not_considered"), "{}", refused.body);
    }
}

#[test]
fn every_plan_and_period_stands_in_the_file_and_in_the_complaint_those_too_from_before_it_was_reopened() {
    let scene = Scene::new();
    let (_, officer, complaint) = ready_to_sign(&scene, json!({}));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    let nearer =
        json!({ "handling": "I speak to the two who came.", "respond_by": "2026-12-11", "period": "determined" });
    assert_eq!(put(officer, &complaint, "plan", &nearer).status, 200);
    extended(officer, &complaint);
    assert_eq!(sign(responsible, &complaint).status, 200);
    assert_eq!(put(officer, &complaint, "response/sent", &json!({ "by": "hand", "on": "2026-11-20" })).status, 200);
    let why = json!({ "reason": "You told us that it happened again." });
    let reopened = responsible.change(&format!("{complaint}/reopen"), &responsible.get(&complaint), &why);
    let periods = reopened.body["periods"].as_array().unwrap_or_else(|| panic!("{}", reopened.body));
    let of = |period: &Value| {
        let text = |member: &str| period[member].as_str().map(str::to_owned).unwrap_or_default();
        [text("origin"), text("before"), text("respond_by"), text("handling"), text("officer_id")]
    };
    let contracts = reopened.text("/response_due_on").unwrap();
    let (by, above) = (officer.id.to_string(), responsible.id.to_string());
    let expected = [
        ["agreed", contracts, "2026-12-18", "I read the diary, and ring you each Friday.", &by],
        ["determined", "2026-12-18", "2026-12-11", "I speak to the two who came.", &by],
        ["extended", "2026-12-11", "2027-01-29", "", &by],
        ["begun_anew", "2027-01-29", contracts, "", &above],
    ];
    assert_eq!(periods.iter().map(of).collect::<Vec<_>>(), expected, "it began anew on the day of receipt");

    plan(officer, &complaint, "2026-12-18");
    put(officer, &complaint, "response", &draft());
    scene.it_is("2026-12-21T09:00:00Z");
    assert_eq!(sign(responsible, &complaint).status, 200);
    assert_eq!(put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-12-21" })).status, 200);
    taken_to_the_ombudsman(officer, &complaint);
    let words = text(&page(officer, &complaint));
    let plans = [
        "4. Plan",
        "Period 1",
        "The complainant agreed to it",
        "I read the diary, and ring you each Friday.",
        "18 December 2026",
        "Period 2",
        "The council determined it",
        "I speak to the two who came.",
        "11 December 2026",
        "Period 3",
        "It was extended",
        "29 January 2027 In the place of 11 December 2026",
        "Beatrice Oyelaran",
        "Period 4",
        "looked into anew",
        "Helena Vance",
        "Period 5",
    ];
    in_order(&words, &plans);
    in_order(&words, &["It was sent in time: it was due by 29 January", "It was sent late: it was due by 18 December"]);
}
