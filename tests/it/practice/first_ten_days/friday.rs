//! Friday 27 November. What was done in a hurry is looked at, and then, at twenty to five, a ward discharges somebody.

use almoner_tests::callers::Caller;
use almoner_tests::{Practice, messages};
use serde_json::json;

use super::cast::{Accepted, Fortnight, TO_SIGN, Waiting, about, done, going_home, minute, notices, step};
use crate::practice::cases::column;

/// Rosalind finds that the glass was broken for a good reason, and Irena that the record is rightly closed.
pub(super) fn the_broken_glass_and_the_restriction_are_looked_at(story: &Fortnight, carys: &Accepted) {
    let Practice { second_manager: irena, social_worker_2: tomasz, records_officer: rosalind, .. } = &story.practice;
    story.at("2026-11-27T09:15");
    let open = rosalind.get("/v1/practice/break-glass?reviewed=false");
    let access = format!("/v1/practice/break-glass/{}", open.text("/items/0/id").unwrap());
    let finding =
        json!({ "finding": "justified", "text": "The police asked for the key at 16:35, and she was found." });
    let reviewed = done(step(rosalind, &access, "review", &finding));
    assert_eq!(reviewed.text("/review/by/name"), Some("Rosalind Quayle"), "{}", reviewed.body);
    assert_eq!(notices(tomasz, "break_glass.reviewed", &access), 1);

    let waits = irena.get(TO_SIGN);
    assert_eq!(column(&waits, "/action"), [Some("warning_or_restriction")], "{}", waits.body);
    let (purpose, due_on) = (waits.text("/items/0/purpose"), waits.text("/items/0/due_on"));
    assert_eq!((purpose, due_on), (Some("review"), Some("2026-12-01")), "three working days: {}", waits.body);
    let request = format!("{TO_SIGN}/{}", waits.text("/items/0/id").unwrap());
    done(step(irena, &request, "approve", &messages::approve()));
    assert_eq!(tomasz.get(&carys.person).status, 404, "it stays closed");
}

/// A hundred and twenty minutes begin at twenty to five on a Friday. The practice shuts at five, so that they end on Monday
/// at twenty to eleven; and the person is at home on Saturday. The council learns it in the answer, and whom to ring until
/// then.
pub(super) fn a_ward_discharges_somebody_at_twenty_to_five(story: &Fortnight) -> Waiting {
    story.at("2026-11-27T16:40");
    let mut message = going_home(about("Glenys", "Parry", "1934-04-30"), "2026-11-28");
    message["urgency"] = "immediate".into();
    let ward = story.send(&message);
    assert_eq!(minute(&ward.answer, "/human_contact_due_at"), Some("2026-11-30T10:40"), "{}", ward.answer.body);
    assert_eq!(ward.answer.text("/response_due_on"), Some("2026-11-28"));
    let until_then = json!({
        "phone": "0345 678 9040", "ring_now": true, "seen_same_day": false,
        "detail": "0345 678 9040 is the emergency duty team: ring it now. Nobody at the practice is sure to look at this \
                   referral before Monday 30 November 2026 at 10:40, which is not the day on which it was sent there.",
    });
    assert_eq!(ward.answer.body["emergency_duty_team"], until_then);
    let warnings = &ward.answer.body["warnings"];
    assert_eq!(
        (&warnings[0]["code"], &warnings[0]["pointer"]),
        (&json!("discharge_before_answer"), &json!("/discharge/expected_on")),
        "{warnings}"
    );
    assert_eq!(notices(&story.practice.social_worker, "referral.received", &ward.at_the_practice), 1);
    ward
}

/// Five minutes later an urgent one follows. Everybody who sees it takes it for somebody else's.
pub(super) fn an_urgent_one_is_sent_at_a_quarter_to_five(story: &Fortnight) -> Waiting {
    story.at("2026-11-27T16:45");
    let mut message = about("Harold", "Gittins", "1941-12-05");
    message["urgency"] = "urgent".into();
    let harold = story.send(&message);
    let (looked_at, due) = (minute(&harold.answer, "/human_contact_due_at"), harold.answer.text("/response_due_on"));
    assert_eq!((looked_at, due), (Some("2026-11-30T16:45"), Some("2026-12-01")), "{}", harold.answer.body);
    // On Sunday the person is home and nobody works. Nothing leaves the practice, and nothing rings in an empty office.
    story.at("2026-11-29T12:00");
    story.what_is_due_is_done();
    let told = story.council_reads(&harold.at_the_council);
    assert_eq!((told.etag(), told.body.get("human_contact_missed_at")), (harold.answer.etag(), None));
    harold
}
