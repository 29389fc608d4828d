//! Thursday 26 November. A telephone loses its token, a record is closed before it is opened, and somebody breaks the
//! glass.

use almoner_demo::web::Answer;
use almoner_tests::Practice;
use almoner_tests::callers::Caller;
use chrono::TimeDelta;
use serde_json::json;

use super::cast::{Accepted, Fortnight, INBOX, about, accept, assert_refused, done, for_myself, notices, put};
use crate::practice::cases::column;

const SESSIONS: &str = "/v1/practice/sessions";

/// Lucy's telephone renews its token in a lift, and the answer is lost. Five seconds later the old token brings the same
/// newer one again. Once that was used, the old one was stolen: it ends the session, and Lucy is told.
pub(super) fn a_telephone_loses_its_token_in_a_lift(story: &Fortnight) {
    let lucy = &story.practice.practitioner;
    story.at("2026-11-26T08:50");
    let renew = |with: &Answer| {
        let token = json!({ "refresh_token": with.body["refresh_token"] });
        story.world.anyone().post(&format!("{SESSIONS}/refresh"), &token)
    };
    let morning = lucy.sign_in(None);
    assert_eq!(morning.status, 201, "{}", morning.body);
    let lost = done(renew(&morning));
    story.world.clock.advance(TimeDelta::seconds(5));
    let again = done(renew(&morning));
    assert_eq!(again.body["refresh_token"], lost.body["refresh_token"]);
    let later = done(renew(&again));
    lucy.go_on_with(&later);
    assert_eq!(lucy.get(INBOX).status, 200, "she works on");

    let stolen = renew(&morning);
    assert_refused(&stolen, 401, "not-authenticated");
    assert_eq!(lucy.get(INBOX).status, 401, "whoever has the newer tokens is signed out too");
    story.at("2026-11-26T08:52");
    let session = morning.text("/session_id").unwrap();
    assert_eq!(notices(lucy, "session.token_reused", session), 1);
}

/// A referral comes about Carys, who hides from a man next door to Lucy. Gareth closes it before anybody else has read it,
/// and gives it to Hannah to screen. The record that she opens is closed from its first moment, and stays closed to the
/// others when Rosalind and Irena are let in.
pub(super) fn a_waiting_referral_is_closed_to_all_but_a_screener(story: &Fortnight) -> Accepted {
    let Practice { manager: gareth, second_manager: irena, social_worker: hannah, .. } = &story.practice;
    let Practice { social_worker_2: tomasz, practitioner: lucy, records_officer: rosalind, .. } = &story.practice;
    story.at("2026-11-26T10:00");
    let carys = story.send(&about("Carys", "Bowen", "1950-08-17"));
    let seen = gareth.get(&carys.at_the_practice);
    let reason = "Her plan hides her from a man who lives next door to one of us.";
    let how = json!({ "reason": reason, "staff": [gareth.id, hannah.id] });
    assert_refused(&put(hannah, &format!("{}/restriction", carys.at_the_practice), &seen, &how), 403, "forbidden");
    let given = done(put(gareth, &format!("{}/restriction", carys.at_the_practice), &seen, &how));
    assert_eq!(given.text("/restriction/reason"), Some(reason), "{}", given.body);
    for other in [lucy, tomasz, irena] {
        assert_eq!(column(&other.get(INBOX), "/id"), [None; 0], "{}", other.email);
        assert_eq!(other.get(&carys.at_the_practice).status, 404, "{}", other.email);
    }
    assert_eq!(hannah.get(INBOX).text("/items/0/person"), Some("Carys Bowen"));
    assert_eq!(hannah.get(&carys.at_the_practice).body["know_first"]["restricted"], true);

    story.at("2026-11-26T10:20");
    let carys = accept(hannah, &carys, &for_myself(hannah));
    for other in [lucy, tomasz, irena, rosalind] {
        assert_eq!(other.get(&carys.person).status, 404, "{}", other.email);
    }
    let path = format!("{}/restriction", carys.person);
    let seen = gareth.get(&path);
    assert_eq!(seen.text("/restriction/reason"), Some(reason), "{}", seen.body);
    let wider = json!({
        "ground": "safeguarding_plan", "reason": reason, "staff": [gareth.id, hannah.id, irena.id, rosalind.id],
        "review_on": "2027-02-26",
    });
    let wider = done(put(gareth, &path, &seen, &wider));
    assert_eq!(wider.body["restriction"]["staff"].as_array().map(Vec::len), Some(4), "{}", wider.body);
    assert_eq!((rosalind.get(&carys.person).status, lucy.get(&carys.person).status), (200, 404));
    carys
}

/// In the evening Carys's brother rings. Hannah has gone home, Tomasz is on duty, and the record is closed to him: he opens
/// it for an hour, for a reason, and those who manage access are told at once.
pub(super) fn somebody_on_duty_breaks_the_glass(story: &Fortnight, carys: &Accepted) {
    let Practice { manager: gareth, second_manager: irena, social_worker_2: tomasz, .. } = &story.practice;
    let Practice { practitioner: lucy, records_officer: rosalind, .. } = &story.practice;
    story.at("2026-11-26T16:40");
    let number = gareth.get(&carys.person).body["nhs_number"].clone();
    assert_eq!(tomasz.get(&carys.person).status, 404);
    let how = json!({ "nhs_number": number, "reason": WHY_THE_GLASS_WAS_BROKEN });
    let by_lucy = lucy.create("/v1/practice/break-glass", &how);
    assert_refused(&by_lucy, 403, "forbidden");
    let opened = tomasz.create("/v1/practice/break-glass", &how);
    assert_eq!(opened.status, 201, "{}", opened.body);
    assert_eq!(tomasz.get(&carys.person).status, 200);
    assert_eq!(lucy.get(&carys.person).status, 404, "to nobody else");
    let access = opened.text("/id").unwrap();
    for manages_access in [gareth, irena, rosalind] {
        assert_eq!(notices(manages_access, "break_glass.opened", access), 1, "{}", manages_access.email);
    }
    story.at("2026-11-26T17:45");
    assert_eq!(tomasz.get(&carys.person).status, 404, "the hour is over");
}

pub(super) const WHY_THE_GLASS_WAS_BROKEN: &str = "Her brother rang: she does not answer, and the key is with us.";
