//! Who may complain for another person, and on which grounds somebody who complains is not heard (SI 2009/309 regs 5, 8 and 12).

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{assign, follow};
use serde_json::{Value, json};

use super::answered::{draft, let_in, sign};
use super::{Scene, acknowledge, found, plan, pointers, put, raise};

/// A complaint of somebody who acts for another person for this reason.
fn acts(reason: &str) -> Value {
    json!({
        "person": { "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08" },
        "complainant": { "name": "Owen Marlow", "basis": "representative", "representation_reason": reason },
    })
}

pub(super) fn check(caller: &Staff, complaint: &str, seen: &[&str], outcome: &str) -> Answer {
    let check = json!({ "seen": seen, "words": "I rang her, and read the papers.", "checked_on": "2026-11-20", "outcome": outcome });
    caller.create(&format!("{complaint}/representative-checks"), &check)
}

fn exclude(officer: &Staff, complaint: &str, ground: &str) -> Answer {
    let body = json!({ "ground": ground, "reason": "We may not look into this because you may not act for her." });
    officer.change(&format!("{complaint}/exclude"), &officer.get(complaint), &body)
}

#[test]
fn the_check_of_a_representative_is_kept_told_and_in_the_file() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(acts("requested"));
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    assert_eq!(pointers(&check(officer, &complaint, &["authority"], "satisfied")), ["/seen"], "she did not ask him to");
    assert_eq!(pointers(&check(officer, &complaint, &["consent", "consent"], "satisfied")), ["/seen"]);
    let checked = check(&handler, &complaint, &["consent"], "satisfied");
    assert_eq!(checked.status, 201, "{}", checked.body);
    let one = &officer.get(&complaint).body["representative_checks"][0];
    assert_eq!(
        (&one["outcome"], &one["representative"], &one["guest_id"], &one["seen"]),
        (&json!("satisfied"), &json!("Owen Marlow"), &json!(handler.id), &json!(["consent"])),
        "{one}"
    );
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.body["representative_check"], json!({ "checked_on": "2026-11-20", "outcome": "satisfied" }));
    assert!(!followed.body.to_string().contains("read the papers"), "{}", followed.body);
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.representative_checked"), 1);

    assert_eq!(put(officer, &complaint, "ombudsman", &json!({ "asked_on": "2026-11-20" })).status, 200);
    let file = String::from_utf8(officer.get(&format!("{complaint}/ombudsman/bundle.html")).content).unwrap();
    for part in ["Check of the representative", "Margaret Ashby", "own consent", "I rang her, and read the papers."] {
        assert!(file.contains(part), "{part}: {file}");
    }

    let stranger = scene.desk.everybody().into_iter().find(|one| one.get(&complaint).status == 404).unwrap();
    assert_eq!(check(stranger, &complaint, &["consent"], "satisfied").status, 404);
}

#[test]
fn nobody_is_refused_as_a_representative_who_is_none_or_whose_check_did_not_find_so() {
    let scene = Scene::new();
    let (_, officer, own) = scene.opened(json!({}));
    for ground in ["not_in_best_interests", "child_needs_no_representative", "responsible_body"] {
        assert_eq!(pointers(&exclude(officer, &own, ground)), ["/ground"], "{ground}");
    }
    let refused = check(officer, &own, &["consent"], "satisfied");
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);

    let (_, officer, for_her) = scene.opened(acts("lacks_capacity_mca"));
    for ground in ["not_in_best_interests", "may_not_complain"] {
        assert_eq!(pointers(&exclude(officer, &for_her, ground)), ["/ground"], "{ground}: nobody has checked");
    }
    assert_eq!(pointers(&check(officer, &for_her, &[], "child_needs_none")), ["/outcome"], "she is no child");
    assert_eq!(check(officer, &for_her, &["best_interests"], "satisfied").status, 201);
    assert_eq!(
        pointers(&exclude(officer, &for_her, "not_in_best_interests")),
        ["/ground"],
        "the check found otherwise"
    );
    assert_eq!(check(officer, &for_her, &["best_interests"], "not_in_best_interests").status, 201);
    assert_eq!(pointers(&exclude(officer, &for_her, "may_not_complain")), ["/ground"], "nor for another reason");
    let excluded = exclude(officer, &for_her, "not_in_best_interests");
    assert_eq!(
        (excluded.status, excluded.text("/exclusion")),
        (200, Some("not_in_best_interests")),
        "{}",
        excluded.body
    );
    assert_eq!(check(officer, &for_her, &["best_interests"], "satisfied").status, 201, "a review looks at it again");
}

#[test]
fn a_representative_is_answered_once_the_last_check_found_that_they_may_complain() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(acts("lacks_capacity_mca"));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-12-18");
    let head = raise(officer, &complaint);
    found(officer, &complaint, &head);
    let kept = put(officer, &complaint, "response", &draft());
    assert_eq!(kept.text("/missing/0/pointer"), Some("/representative_check"), "{}", kept.body);
    assert_eq!(pointers(&sign(responsible, &complaint)), ["/representative_check"], "nobody has checked");
    assert_eq!(check(officer, &complaint, &["best_interests"], "satisfied").status, 201);
    assert_eq!(check(officer, &complaint, &["best_interests"], "not_in_best_interests").status, 201);
    assert_eq!(pointers(&sign(responsible, &complaint)), ["/representative_check"], "the last check counts");
    assert_eq!(check(officer, &complaint, &["best_interests"], "satisfied").status, 201);
    assert_eq!(officer.get(&format!("{complaint}/response")).body["missing"], json!([]));
    let signed = sign(responsible, &complaint);
    assert_eq!(signed.status, 200, "{}", signed.body);
}

#[test]
fn who_may_not_complain_at_all_is_told_so_and_an_accepted_complaint_is_not_late() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(acts("requested"));
    assert_eq!(check(officer, &complaint, &[], "no_authority").status, 201);
    let excluded = exclude(officer, &complaint, "may_not_complain");
    assert_eq!((excluded.status, excluded.text("/exclusion")), (200, Some("may_not_complain")), "{}", excluded.body);
    assert!(follow(&scene.world.partner(), &receipt).text("/messages/0/text").unwrap().contains("Ombudsman"));

    let (_, officer, late) = scene.opened(json!({ "happened_on": "2025-06-30" }));
    let accepted = json!({ "happened_on": "2025-06-30", "accepted_because": "She was in hospital." });
    assert_eq!(put(officer, &late, "timeliness", &accepted).status, 200);
    assert_eq!(pointers(&exclude(officer, &late, "out_of_time")), ["/ground"], "it is looked into all the same");

    let (_, officer, nobodys) = scene.opened(json!({ "complainant": null, "anonymous": true }));
    assert_eq!(pointers(&exclude(officer, &nobodys, "may_not_complain")), ["/ground"], "nobody is named");
}

#[test]
fn in_a_confidential_complaint_a_check_tells_nobody_who_acts_until_they_unseal_it() {
    let scene = Scene::new();
    let mut hidden = acts("requested");
    hidden["confidential"] = true.into();
    let (_, officer, complaint) = scene.opened(hidden);
    let refused = check(officer, &complaint, &["consent"], "satisfied");
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    let unseal = json!({ "reason": "To ring the person for whom you act." });
    assert_eq!(officer.create(&format!("{complaint}/unsealings"), &unseal).status, 201);
    assert_eq!(check(officer, &complaint, &["consent"], "satisfied").status, 201);
    assert_eq!(officer.get(&complaint).text("/representative_checks/0/representative"), Some("Owen Marlow"));
    scene.it_is("2026-11-20T14:00:00Z");
    let sealed = officer.get(&complaint);
    assert_eq!(sealed.text("/representative_checks/0/outcome"), Some("satisfied"));
    assert!(
        !sealed.body.to_string().contains("Owen") && !sealed.body.to_string().contains("papers"),
        "{}",
        sealed.body
    );
}
