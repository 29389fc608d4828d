//! Wednesday 2 December. An urgent referral comes back to its council; others are accepted that would have been nobody's;
//! and a worker wants to leave.

use almoner_demo::web::Answer;
use almoner_tests::Practice;
use almoner_tests::callers::Caller;
use serde_json::{Value, json};

use super::cast::{
    Accepted, Fortnight, INBOX, STAFF, Waiting, about, accept, assert_refused, done, for_myself, id_of, minute,
    notices, put, step,
};
use crate::practice::cases::column;

/// Harold's two working days ended yesterday. The practice does not have his referral any more, and the council sends it
/// next door.
pub(super) fn the_urgent_one_comes_back_and_is_sent_elsewhere(story: &Fortnight, harold: &Waiting) {
    let Practice { second_manager: irena, social_worker: hannah, .. } = &story.practice;
    story.at("2026-12-02T08:30");
    story.what_is_due_is_done();
    let back = story.council_reads(&harold.at_the_council);
    assert_eq!((back.text("/status"), back.body.get("practice")), (Some("unrouted"), None), "{}", back.body);
    assert!(back.text("/routing/explanation").unwrap().contains("did not answer in time"), "{}", back.body);
    assert_eq!(back.body["emergency_duty_team"]["ring_now"], true);
    assert_eq!(story.told_the_council("referral.came_back", &harold.at_the_council), 1);
    assert_eq!(notices(irena, "referral.came_back", &harold.at_the_practice), 1);
    assert_eq!(column(&hannah.get(INBOX), "/id"), [None; 0]);
    let late = step(hannah, &harold.at_the_practice, "accept", &json!({}));
    assert_refused(&late, 409, "invalid-state");

    let next_door = json!({ "practice": story.next_door.slug });
    let path = format!("{}/route", harold.at_the_council);
    let sent_on = done(story.world.first_officer(&story.council).change(&path, &back, &next_door));
    assert_eq!(sent_on.text("/practice/slug"), Some(story.next_door.slug.as_str()), "{}", sent_on.body);
    assert_eq!(minute(&sent_on, "/human_contact_due_at"), Some("2026-12-02T17:00"), "{}", sent_on.body);
}

fn warned(answer: &Answer) -> Vec<(&str, &str)> {
    let warnings = answer.body["warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
    warnings.iter().map(|one| (one["code"].as_str().unwrap(), one["pointer"].as_str().unwrap())).collect()
}

/// Megan lives in Wales and cares for Nora, who lives here: the council of the one cared for is responsible. Dai comes from
/// a prison, and his message does not say of which council. Both are accepted; what is doubtful is said to both sides.
pub(super) fn a_carer_in_another_area_and_a_prisoner_are_accepted(story: &Fortnight) {
    let Fortnight { council, practice: Practice { social_worker: hannah, social_worker_2: tomasz, .. }, .. } = story;
    story.at("2026-12-02T09:30");
    let mut carer = about("Megan", "Bevan", "1972-05-09");
    carer["function"] = "carers_assessment".into();
    carer["person"]["ordinary_residence"] = "W06000023".into();
    carer["cared_for"] =
        json!({ "name": "Nora Bevan", "relationship": "mother", "ordinary_residence": council.gss_code });
    let megan = story.send(&carer);
    assert_eq!(warned(&megan.answer), [("", ""); 0], "{}", megan.answer.body);
    let accepted = accept(hannah, &megan, &for_myself(hannah)).answer;
    let responsible = &accepted.body["responsible_council"];
    assert_eq!((&responsible["code"], &responsible["presumed"]), (&json!(council.gss_code), &json!(false)));

    let mut prisoner = about("Dai", "Rowlands", "1968-10-30");
    prisoner["function"] = "review".into();
    prisoner["route_of_access"] = "Prison".into();
    prisoner["person"]["ordinary_residence"] = "W06000023".into();
    prisoner["person"]["preferred_contact"] = "phone".into();
    prisoner["person"].as_object_mut().unwrap().remove("phone");
    let dai = story.send(&prisoner);
    let doubts =
        [("contact_missing", "/person/preferred_contact"), ("responsible_council_presumed", "/person/held_in")];
    assert_eq!(warned(&dai.answer), doubts, "{}", dai.answer.body);
    assert_eq!(warned(&tomasz.get(&dai.at_the_practice)), doubts, "they stand on the referral");
    let accepted = accept(tomasz, &dai, &for_myself(tomasz)).answer;
    let responsible = &accepted.body["responsible_council"];
    assert_eq!((&responsible["code"], &responsible["presumed"]), (&json!(council.gss_code), &json!(true)));
    let case = tomasz.get(&format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap()));
    assert_eq!(case.text("/council/gss_code"), Some(council.gss_code.as_str()), "{}", case.body);
}

/// Another team of the council sends Arthur again, and a third sends him next door. The council is told of both. The
/// practice sees its own other case; next door nobody learns that there is one.
pub(super) fn the_council_is_told_of_a_second_open_case(
    story: &Fortnight,
    arthur: &Accepted,
    first: &Waiting,
) -> Accepted {
    let hannah = &story.practice.social_worker;
    story.at("2026-12-02T11:00");
    let mut message = about("Arthur", "Price", "1939-11-02");
    message["function"] = "support_planning".into();
    message["person"] = first.message["person"].clone();
    let whom = json!({
        "service_user_id": id_of(&arthur.person), "allocate": { "staff_id": hannah.id, "reason": "Is on duty." },
    });
    let second = accept(hannah, &story.send(&message), &whom);
    assert_eq!(second.answer.body["other_open_cases"][0]["id"], json!(id_of(&arthur.case)), "{}", second.answer.body);
    assert_eq!(story.told_the_council("referral.second_open_case", &second.at_the_council), 1);
    assert_eq!(story.told_the_council("referral.open_elsewhere", &second.at_the_council), 0, "it is one practice");

    let mut elsewhere = about("Arthur", "Price", "1939-11-02");
    elsewhere["person"] = first.message["person"].clone();
    elsewhere["chosen_practice"] = story.next_door.slug.as_str().into();
    let sent = story.post(&elsewhere);
    assert_eq!(sent.text("/practice/slug"), Some(story.next_door.slug.as_str()), "{}", sent.body);
    let manager = &story.next_door.manager;
    let inbox = manager.get(INBOX);
    let line = column(&inbox, "/person").iter().position(|person| *person == Some("Art Price")).unwrap();
    let theirs = format!("{INBOX}/{}", column(&inbox, "/id")[line].unwrap());
    let accepted = done(step(manager, &theirs, "accept", &json!({})));
    let sent = super::cast::at_the_council(&sent);
    assert_eq!(story.told_the_council("referral.open_elsewhere", &sent), 1);
    assert_eq!(accepted.body.get("other_open_cases"), None, "{}", accepted.body);
    assert!(!accepted.body.to_string().contains(&story.practice.slug), "{}", accepted.body);
    second
}

/// Lucy's last day is tomorrow. With Arthur's case in her hands she does not leave, and the refusal names it; so her
/// leaving waits for the work to be moved, and the managers are told.
pub(super) fn nobody_leaves_with_open_work(story: &Fortnight, arthur: &Accepted) {
    let Practice { second_manager: irena, social_worker_2: tomasz, practitioner: lucy, administrator: kit, .. } =
        &story.practice;
    story.at("2026-12-02T14:00");
    let member = format!("{STAFF}/{}", lucy.id);
    let open_work = json!({ "cases": [id_of(&arthur.case)], "other_cases": 0 });
    let plan = |how: &Value| put(kit, &format!("{member}/leaving"), &kit.get(&member), how);
    for refused in [step(kit, &member, "leave", &json!({})), plan(&json!({ "last_day": "2026-12-03" }))] {
        assert_refused(&refused, 409, "open-work");
        assert_eq!(refused.body["open_work"], open_work, "{}", refused.body);
    }
    let planned = done(plan(&json!({ "last_day": "2026-12-03", "with_open_work": "wait" })));
    let leaving = &planned.body["leaving"];
    assert_eq!((&leaving["last_day"], &leaving["access_ended"]), (&json!("2026-12-03"), &json!(false)), "{leaving}");
    for manager in [irena, tomasz] {
        assert_eq!(notices(manager, "staff.leaving_planned", &member), 1, "{}", manager.email);
    }
    assert_eq!(lucy.get(&arthur.case).status, 200, "until then she works");
}
