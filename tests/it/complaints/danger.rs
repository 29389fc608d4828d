//! Danger, of which whoever lodges a complaint is asked: what the council's safeguarding duty sees, and who else.

use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::Caller;
use serde_json::{Value, json};

use super::{NOBODYS, Scene, pointers};

const ALERTS: &str = "/v1/council/safeguarding-alerts";
const EVENTS: &str = "/v1/council/safeguarding-events";

fn unsure() -> Value {
    json!({ "danger": { "now": "unsure", "place": "At home, 4 Wyle Cop. Her son is with her." } })
}

#[test]
fn the_duty_is_told_at_once_who_is_in_danger_and_where_and_not_a_word_of_the_complaint() {
    let scene = Scene::new();
    let duty = scene.world.officer(&scene.council, &[OfficerRole::Duty]);
    let receipt = scene.world.lodge(&scene.complaint(unsure()));
    let phone = receipt.text("/danger/emergency_duty/0/phone").unwrap_or_else(|| panic!("{}", receipt.body));
    assert!(receipt.text("/danger/what_to_do").unwrap().contains("999") && !phone.is_empty(), "{}", receipt.body);

    // Nobody has opened the complaint, and no worker has come by.
    let listed = duty.get(&format!("{ALERTS}?untaken=true"));
    let alert = &listed.body["items"][0];
    assert_eq!((listed.status, &alert["danger_now"]), (200, &json!("unsure")), "{}", listed.body);
    assert_eq!(alert["place"], "At home, 4 Wyle Cop. Her son is with her.");
    assert_eq!(alert["name"], "Edith Marlow");
    let path = format!("{ALERTS}/{}", alert["id"].as_str().unwrap());
    let whole = duty.get(&path);
    assert_eq!(whole.text("/name"), Some("Edith Marlow"), "{}", whole.body);
    let text = format!("{} {}", listed.body, whole.body);
    let complaint = scene.complaint(json!({}));
    for secret in [complaint["narrative"].as_str().unwrap(), receipt.text("/reference").unwrap(), "complain", "Hannah"]
    {
        assert!(!text.contains(secret), "{secret}: {text}");
    }

    // It is taken up once, and then nobody is told of it any more.
    let taken = duty.create(&format!("{path}/take"), &json!({ "done": "I rang her: she is safe, with a neighbour." }));
    assert_eq!((taken.status, taken.text("/taken_by")), (201, Some("Ravi Mistry")), "{}", taken.body);
    assert_eq!(duty.create(&format!("{path}/take"), &json!({ "done": "Again." })).status, 409);
    assert_eq!(duty.get(&format!("{ALERTS}?untaken=true")).body["items"], json!([]));
    assert_eq!(duty.get(&path).body["done"], "I rang her: she is safe, with a neighbour.");
    assert!(duty.get(ALERTS).text("/items/0/taken_at").is_some());
    let kinds = |kind: &str| scene.world.announced(&scene.council, kind, alert["id"].as_str().unwrap());
    scene.it_is("2026-11-20T14:00:00Z");
    assert_eq!((kinds("safeguarding.alerted"), kinds("safeguarding.untaken")), (1, 0));
}

#[test]
fn the_dutys_feed_rings_whoever_is_on_duty_and_the_councils_other_feed_has_nothing_of_it() {
    let scene = Scene::new();
    let (bell, elsewhere) = (&scene.council.safeguarding, scene.world.council().safeguarding);
    let empty = json!({ "items": [], "next_after": 0, "has_more": false });
    let before = scene.council.system.get("/v1/council/events").body;
    scene.world.lodge(&scene.complaint(unsure()));
    scene.it_is("2026-11-20T11:30:00Z");
    scene.world.work(&scene.practice);
    scene.council.system.forget_token();
    let duty = scene.world.officer(&scene.council, &[OfficerRole::Duty]);
    let alert = duty.get(ALERTS).body["items"][0]["id"].clone();
    let rung = bell.get(EVENTS);
    assert_eq!((rung.status, &rung.body["next_after"]), (200, &json!(2)), "{}", rung.body);
    for (place, kind) in ["safeguarding.alerted", "safeguarding.untaken"].into_iter().enumerate() {
        let event = &rung.body["items"][place];
        let expected = json!({ "number": place + 1, "kind": kind, "version": 1, "at": event["at"], "alert_id": alert });
        assert_eq!(*event, expected);
    }
    assert_eq!(duty.get(EVENTS).body, rung.body, "an officer on duty reads the same");
    assert_eq!(bell.get(&format!("{EVENTS}?after=1&limit=1")).body["items"][0]["number"], json!(2));
    let faulty = bell.get(&format!("{EVENTS}?after=-1&limit=201"));
    assert_eq!(pointers(&faulty), ["after", "limit"]);

    // It is told that something is up, and not what. Nothing of it stands in the council's other feed, nor in another council's.
    assert_eq!(bell.get(&format!("{ALERTS}/{}", alert.as_str().unwrap())).status, 403);
    assert_eq!(scene.council.system.get("/v1/council/events").body, before);
    assert_eq!(scene.council.system.get(EVENTS).status, 403);
    let commissioner = scene.world.officer(&scene.council, &[OfficerRole::Commissioner]);
    assert_eq!(commissioner.get(EVENTS).status, 403);
    assert_eq!(elsewhere.get(EVENTS).body, empty);
}

#[test]
fn each_hour_until_somebody_takes_it_up_the_council_is_told_again() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({ "danger": { "now": "yes" }, "person": null })));
    let duty = scene.world.officer(&scene.council, &[OfficerRole::Safeguarding]);
    let listed = duty.get(ALERTS);
    let alert = listed.text("/items/0/id").unwrap_or_else(|| panic!("{}", listed.body)).to_owned();
    assert_eq!(listed.text("/items/0/name"), Some("Edith Marlow"), "who speaks of themselves: {}", listed.body);
    let untaken = || scene.world.announced(&scene.council, "safeguarding.untaken", &alert);
    scene.it_is("2026-11-20T10:59:00Z");
    assert_eq!(untaken(), 0);
    scene.it_is("2026-11-20T11:30:00Z");
    assert_eq!(untaken(), 1);
    // A Saturday night counts like any other hour.
    scene.it_is("2026-11-21T23:00:00Z");
    assert_eq!(untaken(), 2);
}

#[test]
fn in_a_confidential_complaint_the_place_is_sealed_with_who_it_is() {
    let scene = Scene::new();
    let mut confidential = unsure();
    confidential["confidential"] = true.into();
    let (_, officer, complaint) = scene.opened(confidential);
    let read = officer.get(&complaint);
    assert_eq!(read.body["danger"], json!({ "now": "unsure" }), "{}", read.body);
    assert!(!read.body.to_string().contains("Wyle Cop"), "{}", read.body);
    officer.step_up();
    let why = json!({ "reason": "To agree with you when it is safe to ring." });
    assert_eq!(officer.create(&format!("{complaint}/unsealings"), &why).status, 201);
    assert_eq!(officer.get(&complaint).body["danger"], unsure()["danger"]);
}

#[test]
fn where_nobody_is_in_danger_nobody_is_told() {
    let scene = Scene::new();
    let duty = scene.world.officer(&scene.council, &[OfficerRole::Duty]);
    let receipt = scene.world.lodge(&scene.complaint(json!({ "danger": { "now": "no", "place": "At home." } })));
    assert!(receipt.body.get("danger").is_none(), "{}", receipt.body);
    assert_eq!(duty.get(ALERTS).body["items"], json!([]));
}

#[test]
fn whoever_lodges_a_complaint_is_asked_whether_somebody_is_in_danger() {
    let scene = Scene::new();
    let (partner, system) = (scene.world.partner(), &scene.council.complaints);
    let mut unasked = scene.complaint(json!({}));
    unasked.as_object_mut().unwrap().remove("danger");
    for (danger, pointer) in [(None, "/danger"), (Some(json!({ "now": "perhaps" })), "/danger/now")] {
        let mut complaint = unasked.clone();
        complaint.as_object_mut().unwrap().extend(danger.map(|danger| ("danger".to_owned(), danger)));
        let mut taken_down = scene.telephoned(json!({}));
        taken_down["complaint"] = complaint.clone();
        let mut of_the_practice = complaint.clone();
        of_the_practice["practice"] = scene.practice.slug.as_str().into();
        let desk = scene.desk.officers[0].create("/v1/complaints", &taken_down);
        assert_eq!(pointers(&desk), [format!("/complaint{pointer}")], "{}", desk.body);
        for refused in [
            partner.create("/v1/partner/complaints", &complaint),
            system.create("/v1/council/complaints", &complaint),
            scene.practice.practitioner.create("/v1/practice/complaints", &of_the_practice),
        ] {
            assert_eq!(pointers(&refused), [pointer], "{}", refused.body);
        }
    }
}

#[test]
fn only_the_duty_of_this_council_sees_it() {
    let scene = Scene::new();
    let other = scene.world.council();
    scene.world.lodge(&scene.complaint(unsure()));
    let duty = scene.world.officer(&scene.council, &[OfficerRole::Duty]);
    let path = format!("{ALERTS}/{}", duty.get(ALERTS).text("/items/0/id").unwrap());
    let elsewhere = scene.world.officer(&other, &[OfficerRole::Duty]);
    assert_eq!((elsewhere.get(ALERTS).body["items"].clone(), elsewhere.get(&path).status), (json!([]), 404));
    assert_eq!(elsewhere.create(&format!("{path}/take"), &json!({ "done": "Mine." })).status, 404);
    let commissioner = scene.world.officer(&scene.council, &[OfficerRole::Commissioner, OfficerRole::Administrator]);
    assert_eq!((commissioner.get(ALERTS).status, commissioner.get(&path).status), (403, 403));
    assert_eq!(scene.council.complaints.get(ALERTS).status, 403, "a system of the council's");
    assert_eq!(duty.get(&format!("{ALERTS}/{NOBODYS}")).status, 404);
}

#[test]
fn from_every_desk_the_duty_is_told() {
    let scene = Scene::new();
    let duty = scene.world.officer(&scene.council, &[OfficerRole::Duty]);
    let complaint = scene.complaint(unsure());
    assert_eq!(scene.practice.practitioner.create("/v1/practice/complaints", &complaint).status, 202);
    let form = scene.council.complaints.create("/v1/council/complaints", &complaint);
    assert!(form.text("/danger/emergency_duty/0/phone").is_some(), "{}", form.body);
    let taken_down = scene.desk.officers[0].create("/v1/complaints", &scene.telephoned(unsure()));
    assert!(taken_down.text("/danger/emergency_duty/0/phone").is_some(), "{}", taken_down.body);
    let mut minute = json!({
        "said": "She would not say why she is afraid to go home.", "settled": "I rang her sister, who fetched her.",
        "complainant": { "name": "Edith Marlow", "basis": "recipient" },
        "contact": { "preferred": "phone", "phone": "07700 900461" },
        "danger": { "now": "no" },
    });
    let handed = |minute: &Value| scene.practice.practitioner.create("/v1/practice/concerns", minute);
    let without = handed(&minute);
    assert_eq!(without.status, 202, "{}", without.body);
    minute["danger"] = unsure()["danger"].clone();
    let with = handed(&minute);
    assert_eq!((with.status, &with.body), (202, &without.body), "the practice is told the same");
    let listed = duty.get(ALERTS);
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 4, "and the duty of each: {}", listed.body);
    assert!(!listed.body.to_string().contains("sister"), "but not a word of what was settled: {}", listed.body);
    minute["danger"]["now"] = "perhaps".into();
    assert_eq!(pointers(&handed(&minute)), ["/danger/now"]);
    let log = scene.practice.records_officer.get("/v1/practice/audit?limit=200");
    assert!(!log.body.to_string().contains("safeguarding"), "{}", log.body);
}

#[test]
fn a_concern_that_comes_to_light_in_a_complaint_is_raised_and_the_complaint_goes_on() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let duty = scene.world.officer(&scene.council, &[OfficerRole::Safeguarding]);
    let raise =
        |body: Value| officer.change(&format!("{complaint}/raise-safeguarding"), &officer.get(&complaint), &body);
    let raised = raise(json!({
        "now": "no", "person": { "family_name": "Marlow" }, "words": "She says that her son takes her pension.",
    }));
    assert_eq!((raised.status, raised.text("/status")), (200, Some("received")), "{}", raised.body);
    let alert = duty.get(&format!("{ALERTS}/{}", duty.get(ALERTS).text("/items/0/id").unwrap()));
    assert_eq!(alert.text("/words"), Some("She says that her son takes her pension."), "{}", alert.body);
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.safeguarding_raised"), 1);
    let refused = raise(
        json!({ "now": "no", "person": { "family_name": "Marlow", "date_of_birth": "2026-11-21" }, "words": "So." }),
    );
    assert_eq!(pointers(&refused), ["/person/date_of_birth"]);
}
