//! What a council instructs a practice to do: an officer gives it, and the practice acts on it once.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::{REFERRALS, in_practice};
use crate::practice::cases::{at_once, close, column, pointer};
use crate::practice::people::exclude;
use crate::practice::referrals::due_first;

pub(crate) const GIVEN: &str = "/v1/council/instructions";
const GOT: &str = "/v1/practice/instructions";
const WORDS: &str = "Somebody else works with Mrs Marlow from Monday on.";

/// A case to which a referral of the council's led, which the first social worker has.
pub(crate) struct Referred {
    /// The council's referral.
    pub(crate) referral: String,
    /// The practice's referral.
    received: String,
    /// The address of the case.
    pub(crate) case: String,
    pub(crate) person: String,
}

/// Sends a referral to a practice, which accepts it and gives it to its first social worker.
pub(crate) fn referred(council: &Council, practice: &Practice) -> Referred {
    referred_with(council, practice, messages::referral())
}

fn referred_with(council: &Council, practice: &Practice, mut message: Value) -> Referred {
    message["chosen_practice"] = practice.slug.as_str().into();
    let sent = council.system.post(REFERRALS, &message);
    let received = due_first(&practice.manager);
    let id = received.text("/id").unwrap_or_else(|| panic!("{}", sent.body)).to_owned();
    let how = json!({ "allocate": { "staff_id": practice.social_worker.id, "reason": "Has room." } });
    let accepted = practice.manager.change(&in_practice(&id, "/accept"), &received, &how);
    let one = |at: &str| accepted.text(at).unwrap_or_else(|| panic!("{}", accepted.body)).to_owned();
    Referred {
        referral: sent.text("/id").unwrap().to_owned(),
        received: id,
        case: format!("/v1/practice/cases/{}", one("/case_id")),
        person: one("/service_user_id"),
    }
}

/// Instructs the practice that has the case of this referral to take it from its worker.
pub(crate) fn instruct(officer: &dyn Caller, referral: &str) -> Answer {
    officer.create(GIVEN, &json!({ "kind": "move_worker_off", "referral_id": referral, "words": WORDS }))
}

fn id(answer: &Answer) -> String {
    answer.text("/id").unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

/// A request to give a case to the second social worker because the council instructs it.
pub(crate) fn on_instruction(practice: &Practice, instruction: &str) -> Value {
    json!({
        "staff_id": practice.social_worker_2.id, "reason": "The council instructs us.", "ground": "council_instruction",
        "instruction_id": instruction,
    })
}

fn move_on(practice: &Practice, case: &str, instruction: &str) -> Answer {
    let manager = &practice.manager;
    manager.change(&format!("{case}/allocate"), &manager.get(case), &on_instruction(practice, instruction))
}

fn withdraw(officer: &Staff, instruction: &str) -> Answer {
    let path = format!("{GIVEN}/{instruction}");
    officer.change(&format!("{path}/withdraw"), &officer.get(&path), &json!({}))
}

#[test]
fn an_officer_instructs_a_practice_which_acts_on_it_once() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let theirs = referred(&council, &practice);
    let officer = world.officer(&council, &[OfficerRole::Complaints]);
    let given = instruct(&officer, &theirs.referral);
    assert_eq!(given.status, 201, "{}", given.body);
    let instruction = id(&given);
    assert_eq!((given.text("/status"), given.text("/words")), (Some("given"), Some(WORDS)));
    assert_eq!(given.text("/practice/slug"), Some(practice.slug.as_str()));

    // The practice sees the council, the time and the words, and nothing of who gave it.
    let got = practice.manager.get(GOT);
    let mut item = got.body["items"][0].clone();
    assert_eq!(
        (item["council"]["id"].clone(), item["words"].clone()),
        (json!(council.id), json!(WORDS)),
        "{}",
        got.body
    );
    assert_eq!(format!("/v1/practice/cases/{}", item["case_id"].as_str().unwrap()), theirs.case);
    for member in ["id", "kind", "status", "council", "case_id", "service_user_id", "words", "given_at"] {
        item.as_object_mut().unwrap().remove(member).unwrap();
    }
    assert_eq!(item, json!({}));
    let told = practice.second_manager.get("/v1/practice/notices");
    assert!(column(&told, "/kind").contains(&Some("instruction.received")), "{}", told.body);
    let log = practice.records_officer.get("/v1/practice/audit?action=instruction.received");
    let row = &log.body["items"][0];
    assert_eq!((&row["roles"], row.get("actor_id"), row.get("from")), (&json!([]), None, None), "{}", log.body);
    assert!(!log.body.to_string().contains(&officer.id.to_string()), "{}", log.body);
    let own = world.first_officer(&council).get("/v1/council/audit?action=instruction.given");
    assert_eq!(own.text("/items/0/officer/id"), Some(officer.id.to_string().as_str()), "{}", own.body);

    let moved = move_on(&practice, &theirs.case, &instruction);
    assert_eq!(
        moved.text("/allocated_to/id"),
        Some(practice.social_worker_2.id.to_string().as_str()),
        "{}",
        moved.body
    );
    assert_eq!(column(&practice.manager.get(&format!("{GOT}?status=given")), "/id"), [None; 0]);
    let read = officer.get(&format!("{GIVEN}/{instruction}"));
    assert_eq!(read.text("/status"), Some("followed"), "{}", read.body);
    assert_eq!(withdraw(&officer, &instruction).status, 409, "the practice has acted on it");
    world.work(&practice);
    let events = council.system.get("/v1/council/events");
    assert!(column(&events, "/kind").contains(&Some("instruction.followed")), "{}", events.body);

    // Once.
    let back = json!({
        "staff_id": practice.social_worker.id, "reason": "Again.", "ground": "council_instruction",
        "instruction_id": instruction,
    });
    let path = format!("{}/allocate", theirs.case);
    let again = practice.manager.change(&path, &practice.manager.get(&theirs.case), &back);
    assert_eq!(pointer(&again), (422, Some("/instruction_id")), "{}", again.body);
}

#[test]
fn no_worker_chooses_the_councils_ground_without_its_instruction_and_every_wrong_one_gets_the_same_answer() {
    let world = World::new();
    let (council, other) = (world.council(), world.council());
    let (practice, neighbour) = (world.practice(&council), world.practice(&council));
    let theirs = referred(&council, &practice);
    let without = json!({
        "staff_id": practice.social_worker_2.id, "reason": "So they say.", "ground": "council_instruction",
    });
    let path = format!("{}/allocate", theirs.case);
    let refused = practice.manager.change(&path, &practice.manager.get(&theirs.case), &without);
    assert_eq!(pointer(&refused), (422, Some("/instruction_id")), "{}", refused.body);
    let mut stray = messages::move_on_leaving(practice.social_worker_2.id);
    stray["instruction_id"] = json!(theirs.referral);
    let stray = practice.manager.change(&path, &practice.manager.get(&theirs.case), &stray);
    assert_eq!(pointer(&stray), (422, Some("/instruction_id")), "{}", stray.body);

    let officer = world.first_officer(&council);
    let another_case = id(&instruct(officer, &referred(&council, &practice).referral));
    let another_practice = id(&instruct(officer, &referred(&council, &neighbour).referral));
    let at_the_other = world.practice(&other);
    let another_council = id(&instruct(world.first_officer(&other), &referred(&other, &at_the_other).referral));
    let withdrawn = id(&instruct(officer, &theirs.referral));
    let answer = withdraw(officer, &withdrawn);
    assert_eq!(answer.text("/status"), Some("withdrawn"), "{}", answer.body);
    let nobodys = "01937c5e-2b00-7a41-9d6c-000000000000".to_owned();
    let answers = [another_case, another_practice, another_council, withdrawn, nobodys].map(|instruction| {
        let refused = move_on(&practice, &theirs.case, &instruction);
        assert_eq!(pointer(&refused), (422, Some("/instruction_id")), "{}", refused.body);
        refused.body["errors"].clone()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let worker = practice.manager.get(&theirs.case);
    assert_eq!(worker.text("/allocated_to/id"), Some(practice.social_worker.id.to_string().as_str()));
    let told = practice.manager.get("/v1/practice/notices");
    assert!(column(&told, "/kind").contains(&Some("instruction.withdrawn")), "{}", told.body);
    let kept = column(&practice.manager.get(GOT), "/id").len();
    assert_eq!((kept, column(&neighbour.manager.get(GOT), "/id").len()), (2, 1), "each practice lists its own");
}

#[test]
fn an_instruction_is_about_whoever_had_the_case_when_it_was_given_and_gives_it_to_nobody_else() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let theirs = referred(&council, &practice);
    let given = instruct(world.first_officer(&council), &theirs.referral);
    let (path, manager) = (format!("{}/allocate", theirs.case), &practice.manager);
    let away = json!({ "staff_id": practice.social_worker_2.id, "reason": "She is ill.", "ground": "worker_absent" });
    let moved = manager.change(&path, &manager.get(&theirs.case), &away);
    assert_eq!(moved.status, 200, "{}", moved.body);
    let mut back = on_instruction(&practice, &id(&given));
    back["staff_id"] = json!(practice.social_worker.id);
    let refused = manager.change(&path, &manager.get(&theirs.case), &back);
    assert_eq!(pointer(&refused), (422, Some("/instruction_id")), "{}", refused.body);
}

#[test]
fn of_two_who_act_on_the_same_instruction_at_once_one_does() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let theirs = referred(&council, &practice);
    let instruction = id(&instruct(world.first_officer(&council), &theirs.referral));
    let seen = practice.manager.get(&theirs.case);
    let path = format!("{}/allocate", theirs.case);
    let statuses = at_once(&world, &practice.manager, &path, &seen, &on_instruction(&practice, &instruction));
    assert!(statuses == [200, 412] || statuses == [200, 422], "{statuses:?}");
    let lines = practice.manager.get(&format!("{}/timeline", theirs.case));
    let given = column(&lines, "/kind").into_iter().filter(|kind| *kind == Some("allocated")).count();
    assert_eq!(given, 2, "the first worker's, and one more: {}", lines.body);
}

#[test]
fn an_officer_gives_an_instruction_and_no_system_nor_another_council_does() {
    let world = World::new();
    let (council, other) = (world.council(), world.council());
    let practice = world.practice(&council);
    let theirs = referred(&council, &practice);
    for system in [&council.system, &council.complaints] {
        assert_eq!(instruct(system, &theirs.referral).status, 403);
        assert_eq!(system.get(GIVEN).status, 403);
    }
    assert_eq!(instruct(&practice.manager, &theirs.referral).status, 401, "a practice instructs itself in nothing");
    for role in OfficerRole::ALL {
        let may = !matches!(role, OfficerRole::Duty | OfficerRole::RecordsOfficer | OfficerRole::Administrator);
        let given = instruct(&world.officer(&council, &[*role]), &theirs.referral);
        assert_eq!(given.status, if may { 201 } else { 403 }, "{role}: {}", given.body);
    }
    let stranger = world.first_officer(&other);
    let refused = instruct(stranger, &theirs.referral);
    assert_eq!(pointer(&refused), (422, Some("/referral_id")), "{}", refused.body);
    let given = id(&instruct(world.first_officer(&council), &theirs.referral));
    assert_eq!(stranger.get(&format!("{GIVEN}/{given}")).status, 404);
    let tag = [("if-match", "\"1\"")];
    assert_eq!(stranger.send("POST", &format!("{GIVEN}/{given}/withdraw"), &tag, None).status, 404);
    assert_eq!(column(&stranger.get(GIVEN), "/id"), [None; 0]);
    assert_eq!(practice.social_worker.get(GOT).status, 403, "managers read what the practice is instructed to do");
    // A session in which the second factor was proved long ago gives none.
    let officer = world.first_officer(&council);
    world.set_clock("2026-11-20T10:06:00Z");
    assert_eq!(instruct(officer, &theirs.referral).status, 401);
}

#[test]
fn an_instruction_is_about_an_open_case_of_the_councils_own_referral_and_keeps_its_acceptance() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let officer = world.first_officer(&council);
    let mut message = messages::referral();
    message["chosen_practice"] = practice.slug.as_str().into();
    let waits = council.system.post(REFERRALS, &message);
    assert_eq!(pointer(&instruct(officer, &id(&waits))), (422, Some("/referral_id")), "nobody has accepted it");
    let received = due_first(&practice.manager);
    let decline = in_practice(received.text("/id").unwrap(), "/decline");
    assert_eq!(practice.manager.change(&decline, &received, &json!({ "reason": "no_capacity" })).status, 200);
    assert_eq!(pointer(&instruct(officer, &id(&waits))), (422, Some("/referral_id")), "nor ever will");

    let theirs = referred(&council, &practice);
    assert_eq!(instruct(officer, &theirs.referral).status, 201);
    let undo = in_practice(&theirs.received, "/undo");
    let seen = practice.manager.get(&in_practice(&theirs.received, ""));
    let undone = practice.manager.change(&undo, &seen, &json!({}));
    assert_eq!(undone.status, 409, "an instruction stands under the acceptance: {}", undone.body);
    let closed = close(&practice.manager, &theirs.case, &messages::close_on_death());
    assert_eq!(closed.text("/status"), Some("closed"), "{}", closed.body);
    assert_eq!(pointer(&instruct(officer, &theirs.referral)), (422, Some("/referral_id")), "the case is closed");
    for words in [json!("x".repeat(2001)), json!(""), json!("\0")] {
        let body = json!({ "kind": "move_worker_off", "referral_id": theirs.referral, "words": words });
        assert_eq!(officer.create(GIVEN, &body).status, 422, "{words}");
    }
}

#[test]
fn a_council_that_sent_a_referral_instructs_nothing_about_a_case_for_which_another_is_responsible() {
    let world = World::new();
    let (sender, responsible) = (world.council(), world.council());
    let practice = world.practice(&sender);
    world.contract(&responsible, &practice, json!({}));
    let mut message = messages::referral();
    message["person"]["ordinary_residence"] = responsible.gss_code.as_str().into();
    let theirs = referred_with(&sender, &practice, message);
    assert_eq!(practice.manager.get(&theirs.case).text("/council/gss_code"), Some(responsible.gss_code.as_str()));
    let refused = instruct(world.first_officer(&sender), &theirs.referral);
    assert_eq!(pointer(&refused), (422, Some("/referral_id")), "{}", refused.body);
    assert_eq!(column(&practice.manager.get(GOT), "/id"), [None; 0]);
}

#[test]
fn an_instruction_about_a_closed_record_is_read_by_those_to_whom_the_record_is_open() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let theirs = referred(&council, &practice);
    assert_eq!(exclude(&practice.manager, &theirs.person, &practice.second_manager).status, 201);
    let officer = world.officer(&council, &[OfficerRole::ResponsiblePerson]);
    let instruction = id(&instruct(&officer, &theirs.referral));
    let excluded = &practice.second_manager;
    assert_eq!(column(&excluded.get(GOT), "/id"), [None; 0]);
    let told = excluded.get("/v1/practice/notices");
    assert!(!column(&told, "/kind").contains(&Some("instruction.received")), "{}", told.body);
    assert_eq!(column(&practice.manager.get(GOT), "/id"), [Some(instruction.as_str())]);
    let answer = withdraw(&officer, &instruction);
    assert_eq!(answer.text("/status"), Some("withdrawn"), "{}", answer.body);
    let told = excluded.get("/v1/practice/notices");
    assert!(!column(&told, "/kind").contains(&Some("instruction.withdrawn")), "{}", told.body);
    let stale = [("if-match", "\"1\"")];
    assert_eq!(officer.send("POST", &format!("{GIVEN}/{instruction}/withdraw"), &stale, None).status, 412);
}
