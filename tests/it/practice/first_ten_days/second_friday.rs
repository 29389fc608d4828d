//! Friday 4 December. A colleague has left, a person asks who read their record, and the ward sends somebody home again.

use almoner_tests::callers::Caller;
use almoner_tests::{Practice, messages};
use serde_json::{Value, json};

use super::cast::{
    Accepted, Fortnight, INBOX, STAFF, TO_SIGN, about, accept, assert_refused, done, for_myself, going_home, id_of,
    minute, notices, put,
};
use super::thursday::WHY_THE_GLASS_WAS_BROKEN;
use crate::practice::cases::column;

/// Lucy's access ended at midnight. She is among those who left, and whoever looks for what she did can still name her.
pub(super) fn whoever_has_left_is_still_named(story: &Fortnight, arthur: &Accepted) {
    let Practice { second_manager: irena, practitioner: lucy, .. } = &story.practice;
    let Practice { records_officer: rosalind, administrator: kit, .. } = &story.practice;
    story.at("2026-12-04T08:45");
    let lucys = lucy.id.to_string();
    assert_eq!(lucy.sign_in(None).status, 401, "whether or not anything has run since midnight");
    story.what_is_due_is_done();
    assert_eq!(notices(irena, "staff.left", &lucys), 1);
    let left = kit.get(&format!("{STAFF}/{}", lucy.id));
    assert_eq!(
        (left.text("/left_at"), left.body.get("leaving")),
        (Some("2026-12-04T00:00:00Z"), None),
        "{}",
        left.body
    );
    let is_among = |list: &str| column(&irena.get(list), "/id").contains(&Some(lucys.as_str()));
    assert_eq!((is_among(STAFF), is_among(&format!("{STAFF}?left=true"))), (false, true));
    let caseload = irena.get(&format!("/v1/practice/caseload?staff_id={lucys}"));
    assert_eq!((caseload.text("/staff/name"), &caseload.body["open"]), (Some("Lucy Freeman"), &json!(0)));
    let wrote = format!("/v1/practice/audit?staff_id={lucys}&service_user_id={}&limit=200", id_of(&arthur.person));
    let log = rosalind.get(&wrote);
    assert!(column(&log, "/action").contains(&Some("service_user.difference_settled")), "{}", log.body);
    let history = irena.get(&format!("{}/history", arthur.person));
    assert!(history.body.to_string().contains("Lucy Freeman"), "what she wrote has her name: {}", history.body);
}

/// Carys asks who has read her record. Hannah read the referral before there was a record, and that counts; Tomasz broke
/// the glass, and she is told why. What Gareth wrote of Lucy's neighbour is not told.
pub(super) fn a_person_asks_who_read_their_record(story: &Fortnight, carys: &Accepted) {
    let rosalind = &story.practice.records_officer;
    story.at("2026-12-04T11:00");
    let readers = done(rosalind.get(&format!("{}/readers?limit=200", carys.person)));
    let items = readers.body["items"].as_array().unwrap();
    let of = |name: &str, action: &str| -> Vec<&Value> {
        items.iter().filter(|one| one["staff"]["name"] == name && one["action"] == action).collect()
    };
    let accepted = of("Hannah Price", "referral.accepted");
    let minutes =
        |of: Vec<&Value>| of.iter().map(|one| one["at"].as_str().unwrap()[..16].to_owned()).collect::<Vec<_>>();
    assert_eq!(minutes(accepted), ["2026-11-26T10:20"]);
    let read = minutes(of("Hannah Price", "referral.read"));
    assert_eq!(read, ["2026-11-26T10:20", "2026-11-26T10:00"], "before there was a record: {}", readers.body);
    assert!(!of("Gareth Pugh", "referral.read").is_empty(), "who closed it had read it: {}", readers.body);
    let broken = of("Tomasz Zielinski", "break_glass.opened");
    assert_eq!(broken.iter().map(|one| &one["reason"]).collect::<Vec<_>>(), [WHY_THE_GLASS_WAS_BROKEN]);
    assert_eq!(of("Tomasz Zielinski", "service_user.read").iter().filter(|one| one["outcome"] == "done").count(), 1);
    assert!(!readers.body.to_string().contains("next door"), "{}", readers.body);
}

/// After the Friday before, the practice opens on Saturdays. The ward sends at twenty to five again: a hundred and twenty
/// minutes now end on Saturday, and Hannah answers before she goes home.
pub(super) fn the_ward_sends_again_and_somebody_is_there_on_saturday(story: &Fortnight) {
    let Practice { social_worker: hannah, administrator: kit, .. } = &story.practice;
    story.at("2026-12-04T15:00");
    let usual = kit.get("/v1/practice/opening-hours");
    let mut longer = usual.body.clone();
    longer["saturday"] = json!({ "from": "10:00", "to": "13:00" });
    done(put(kit, "/v1/practice/opening-hours", &usual, &longer));

    story.at("2026-12-04T16:40");
    let mut message = going_home(about("Emrys", "Vaughan", "1930-07-11"), "2026-12-05");
    message["urgency"] = "immediate".into();
    let emrys = story.send(&message);
    assert_eq!(minute(&emrys.answer, "/human_contact_due_at"), Some("2026-12-05T11:40"), "{}", emrys.answer.body);
    assert_eq!(
        emrys.answer.body.get("warnings"),
        None,
        "he is not at home before somebody looks: {}",
        emrys.answer.body
    );
    story.at("2026-12-04T16:55");
    accept(hannah, &emrys, &for_myself(hannah));
    assert_eq!(column(&hannah.get(INBOX), "/id"), [None; 0], "nobody waits over this weekend");
}

/// On the first Saturday Wren and Tomasz are on duty. Tomasz is no manager any more. Nobody has looked Wren up in the
/// register in fourteen days, so that Wren decides nothing until somebody does.
pub(super) fn what_had_an_end_ended_with_the_week(story: &Fortnight, nora: &Accepted) {
    let Practice { social_worker_2: tomasz, administrator: kit, .. } = &story.practice;
    let wren = &story.newcomer;
    let review = messages::case(&story.council.gss_code, id_of(&nora.person));
    let open = || wren.create("/v1/practice/cases", &review);
    story.at("2026-12-04T23:55");
    assert_eq!((tomasz.get(TO_SIGN).status, open().status), (200, 201), "the last day counts");

    story.at("2026-12-05T10:00");
    assert_eq!(tomasz.get(TO_SIGN).status, 403);
    let member = kit.get(&format!("{STAFF}/{}", tomasz.id));
    assert_eq!((member.status, member.body.get("acting_manager")), (200, None), "{}", member.body);
    assert_eq!(tomasz.get("/v1/practice/caseload").body["open"], 1, "what is his own goes on");

    let refused = open();
    assert_refused(&refused, 403, "registration-lapsed");
    assert!(refused.text("/detail").unwrap().contains("2026-12-04"), "{}", refused.body);
    let path = format!("{STAFF}/{}/registration", wren.id);
    let found = json!({ "status": "registered", "checked_on": "2026-12-05", "registration_ends_on": "2027-11-30" });
    done(put(kit, &path, &kit.get(&path), &found));
    assert_eq!(open().status, 201);
}
