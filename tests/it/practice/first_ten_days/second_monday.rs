//! Monday 30 November. The ward is rung in time, an urgent referral is not answered, and the manager leaves somebody to act
//! for him.

use almoner_tests::Practice;
use almoner_tests::callers::Caller;
use serde_json::json;

use super::cast::{
    Accepted, Fortnight, INBOX, STAFF, TO_SIGN, Waiting, accept, assert_refused, done, for_myself, minute, notices,
    put, step,
};
use crate::practice::cases::column;

pub(super) fn the_ward_is_rung_before_the_time_that_was_promised(story: &Fortnight, ward: &Waiting) {
    let hannah = &story.practice.social_worker;
    story.at("2026-11-30T09:05");
    story.what_is_due_is_done();
    let still = story.council_reads(&ward.at_the_council);
    assert_eq!(
        (still.text("/status"), still.body.get("human_contact_missed_at")),
        (Some("received"), None),
        "it waited"
    );
    let inbox = hannah.get(INBOX);
    assert_eq!(column(&inbox, "/person"), [Some("Glenys Parry"), Some("Harold Gittins")], "{}", inbox.body);
    story.at("2026-11-30T10:30");
    let glenys = accept(hannah, ward, &for_myself(hannah));
    let record = hannah.get(&glenys.person);
    let discharge = &record.body["from_referrals"][0]["differences"][0];
    assert_eq!(discharge["field"], "discharge", "the ward stands with the record: {}", record.body);
    assert!(discharge["message"].as_str().unwrap().contains("Ward 22"), "{discharge}");
    let told = story.council_reads(&glenys.at_the_council);
    assert_eq!((told.text("/status"), minute(&told, "/decided_at")), (Some("accepted"), Some("2026-11-30T10:30")));
}

/// Gareth is away for four days, and the others who manage access are at the county's training tomorrow. They say so,
/// Gareth with Tomasz as his stand-in; and he gives him a manager's power until Friday. It counts once Rosalind has
/// confirmed it, and opens no record that is closed to Tomasz.
pub(super) fn the_manager_goes_away_and_somebody_acts_for_them(story: &Fortnight, nora: &Accepted, carys: &Accepted) {
    let Practice { manager: gareth, social_worker: hannah, social_worker_2: tomasz, .. } = &story.practice;
    let Practice { director: amara, second_manager: irena, records_officer: rosalind, practitioner: lucy, .. } =
        &story.practice;
    story.at("2026-11-30T15:00");
    let away = json!({ "from": "2026-12-01", "until": "2026-12-04", "stand_in_id": tomasz.id });
    let trained = json!({ "from": "2026-12-01", "until": "2026-12-01" });
    for (who, how) in [(gareth, &away), (irena, &trained), (amara, &trained), (rosalind, &trained)] {
        let content = how.to_string();
        let said = who.send("PUT", "/v1/practice/absence", &[], Some(("application/json", content.as_bytes())));
        assert_eq!(said.status, 204, "{}", said.body);
    }
    let colleagues = lucy.get(STAFF);
    let items = colleagues.body["items"].as_array().unwrap();
    let seen = items.iter().find(|one| one["id"] == json!(gareth.id)).unwrap();
    assert_eq!(seen["absence"], away, "everybody sees who is asked instead");
    assert_eq!(tomasz.get(TO_SIGN).status, 403, "a stand-in has no power by that");

    let member = format!("{STAFF}/{}", tomasz.id);
    let how = json!({ "for_id": gareth.id, "until": "2026-12-04" });
    assert_refused(&put(hannah, &format!("{member}/acting"), &gareth.get(&member), &how), 403, "forbidden");
    done(put(gareth, &format!("{member}/acting"), &gareth.get(&member), &how));
    assert_eq!(tomasz.get(TO_SIGN).status, 403, "nobody has confirmed it");
    assert_refused(&step(gareth, &member, "confirm", &json!({})), 409, "invalid-state");
    let confirmed = done(step(rosalind, &member, "confirm", &json!({})));
    assert_eq!(confirmed.text("/acting_manager/until"), Some("2026-12-04"), "{}", confirmed.body);
    assert_eq!(confirmed.body["roles"], json!(["social_worker"]), "it is no role of his");
    assert_eq!(tomasz.get(TO_SIGN).status, 200);
    assert_eq!((tomasz.get(&nora.case).status, tomasz.get(&carys.person).status), (200, 404));
}

/// By a quarter to five nobody has answered the urgent referral of Friday. It does not lapse: it rings, once, with the
/// managers, and the council may name another practice.
pub(super) fn the_urgent_one_that_nobody_answered_rings(story: &Fortnight, harold: &Waiting) {
    let Practice { manager: gareth, second_manager: irena, social_worker_2: tomasz, .. } = &story.practice;
    story.at("2026-11-30T16:40");
    story.what_is_due_is_done();
    assert_eq!(notices(gareth, "referral.overdue", &harold.at_the_practice), 0, "there are five minutes left");
    story.at("2026-11-30T16:47");
    for _ in 0..2 {
        story.what_is_due_is_done();
    }
    for manager in [gareth, irena, tomasz] {
        assert_eq!(notices(manager, "referral.overdue", &harold.at_the_practice), 1, "{}", manager.email);
    }
    assert_eq!(story.told_the_council("referral.overdue", &harold.at_the_council), 1);
    let rang = story.council_reads(&harold.at_the_council);
    assert_eq!(minute(&rang, "/human_contact_missed_at"), Some("2026-11-30T16:47"), "{}", rang.body);
    assert_eq!(rang.text("/status"), Some("received"), "it is still the practice's to answer");
    assert_eq!(irena.get(INBOX).body["items"][0]["overdue"], true);
}
