//! What is on record of officers: in the council's own log, for its records officer, and at the practice, for the person.

use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use serde_json::json;

use super::super::{REFERRALS, at, in_practice};
use super::{OFFICERS, new_officer};
use crate::practice::cases::column;
use crate::practice::referrals::due_first;

const LOG: &str = "/v1/council/audit";

#[test]
fn a_records_officer_reads_what_officers_and_systems_did_and_nobody_else_does() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let keeper = world.officer(&council, &[OfficerRole::RecordsOfficer]);
    let duty = world.officer(&council, &[OfficerRole::Duty]);
    world.practice(&council);
    let sent = council.system.post(REFERRALS, &messages::referral());
    let id = sent.text("/id").unwrap();
    assert_eq!(duty.get(&at(&sent, "")).status, 200);
    assert_eq!(duty.get("/v1/council/confirmations").status, 403);
    first.create(OFFICERS, &new_officer(&["duty"]));

    let read = keeper.get(&format!("{LOG}?subject_id={id}&action=referral.read"));
    assert_eq!(column(&read, "/officer/name"), [Some("Ravi Mistry")], "{}", read.body);
    assert_eq!(read.text("/items/0/officer/id"), Some(duty.id.to_string().as_str()));
    assert_eq!(
        (&read.body["items"][0]["roles"], &read.body["items"][0]["door"]),
        (&json!(["duty"]), &json!("council"))
    );
    let by_system = keeper.get(&format!("{LOG}?subject_id={id}&action=referral.sent"));
    assert_eq!(by_system.text("/items/0/actor_id"), Some(council.system.id.as_str()), "{}", by_system.body);
    let refused = keeper.get(&format!("{LOG}?actor_id={}&outcome=refused", duty.id));
    assert_eq!(column(&refused, "/action"), [Some("confirmations.read")], "{}", refused.body);
    let invited = keeper.get(&format!("{LOG}?action=officer.invited"));
    let doors: Vec<_> = invited.body["items"].as_array().unwrap().iter().map(|one| one["door"].clone()).collect();
    assert!(
        doors.contains(&json!("console")) && doors.contains(&json!("council")),
        "the operator's too: {}",
        invited.body
    );
    assert_eq!(keeper.get(&format!("{LOG}?action=cases.read")).status, 422, "a word of another log");
    let page = keeper.get(&format!("{LOG}?limit=2"));
    let next = keeper.get(&format!("{LOG}?limit=2&cursor={}", page.text("/next_cursor").unwrap()));
    assert!(column(&page, "/id").iter().all(|id| !column(&next, "/id").contains(id)), "{}", next.body);
    let export = keeper.get(&format!("{LOG}/export?subject_id={id}"));
    assert_eq!(export.status, 200, "{}", export.body);

    assert_eq!(first.get(LOG).status, 200, "they have every role");
    assert_eq!(duty.get(LOG).status, 403);
    assert_eq!(council.system.get(LOG).status, 403);
    // Another council's officer reads their own.
    let other = world.council();
    let elsewhere = world.first_officer(&other);
    assert_eq!(column(&elsewhere.get(&format!("{LOG}?subject_id={id}")), "/id"), [None; 0]);
}

#[test]
fn row_3_a_councils_log_has_nothing_about_complaints() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let desk = world.desk(&council);
    let keeper = world.officer(&council, &[OfficerRole::RecordsOfficer, OfficerRole::Complaints]);
    let (_, officer, path) = world.opened(&council, &desk, &messages::complaint(&practice.slug));
    assert_eq!(officer.get(&path).status, 200);
    assert_eq!(keeper.at_complaints().get(&path).status, 404);
    let id = path.rsplit('/').next().unwrap();
    let log = keeper.get(&format!("{LOG}?limit=200"));
    assert!(!log.body.to_string().contains("complaint."), "{}", log.body);
    assert!(!log.body.to_string().contains("complaints.work"), "not a refusal either: {}", log.body);
    assert!(!log.body.to_string().contains(id));
}

#[test]
fn an_officers_reading_of_a_referral_is_on_record_at_the_practice_and_a_systems_is_not() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let commissioner = world.officer(&council, &[OfficerRole::Commissioner]);
    let sent = council.system.post(REFERRALS, &messages::referral());
    let waiting = due_first(&practice.manager);
    let referral = waiting.text("/id").unwrap().to_owned();
    // Before it is known whom it is about, and after.
    assert_eq!(commissioner.get(&at(&sent, "")).status, 200);
    assert_eq!(council.system.get(&at(&sent, "")).status, 200);
    assert_eq!(commissioner.get(REFERRALS).status, 200, "a list shows no message");
    let accepted = practice.manager.change(&in_practice(&referral, "/accept"), &waiting, &json!({}));
    let person = accepted.text("/service_user_id").unwrap();
    assert_eq!(commissioner.get(&at(&sent, "")).status, 200);

    let readers = practice.records_officer.get(&format!("/v1/practice/service-users/{person}/readers?limit=200"));
    let by_the_council: Vec<_> = readers.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|reader| reader["action"] == "referral.read_by_council")
        .collect();
    assert_eq!(by_the_council.len(), 2, "{}", readers.body);
    for reader in by_the_council {
        assert_eq!((&reader["roles"], &reader["door"]), (&json!(["commissioner"]), &json!("council")), "{reader}");
        assert_eq!(reader["council"]["gss_code"], council.gss_code.as_str(), "{reader}");
        assert_eq!(reader.get("staff"), None, "{reader}");
    }
    let log = practice.records_officer.get("/v1/practice/audit?action=referral.read_by_council");
    assert_eq!(column(&log, "/council/gss_code"), [Some(council.gss_code.as_str()); 2], "{}", log.body);
    // A practice that never had the referral has nothing on record.
    let other = world.practice(&council);
    let theirs = other.records_officer.get("/v1/practice/audit?action=referral.read_by_council");
    assert_eq!(column(&theirs, "/id"), [None; 0]);
}
