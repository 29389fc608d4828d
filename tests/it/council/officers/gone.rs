//! Officers who leave: their access ends at its moment, and waits for no job.

use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::World;
use almoner_tests::callers::Caller;
use serde_json::json;

use super::confirmed::replace_credentials;
use super::{OFFICERS, can_sign_in, new_officer, of, put, step};
use crate::practice::cases::pointer;

#[test]
fn an_officer_who_leaves_is_nobody_from_the_next_request_on_and_may_come_back() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let leaver = world.officer(&council, &[OfficerRole::Commissioner]);
    assert_eq!(leaver.get("/v1/council/referrals").status, 200);
    let left = put(first, &of(&leaver, "/leaving"), &first.get(&of(&leaver, "")), &json!({}));
    assert!(left.text("/left_at").is_some(), "{}", left.body);
    assert_eq!(leaver.get("/v1/council/referrals").status, 401);
    assert_eq!(leaver.get("/v1/council/account").status, 401);
    assert!(!can_sign_in(&leaver));
    first.forget_token();
    let gone = first.get(&of(&leaver, ""));
    for (what, refused) in [
        ("changed", first.patch(&of(&leaver, ""), &gone, &json!({ "roles": ["duty"] }))),
        ("reset", first.create(&of(&leaver, "/credential-reset"), &json!({}))),
        ("invited", first.create(&of(&leaver, "/invitation"), &json!({}))),
        ("kept", first.send("DELETE", &of(&leaver, "/leaving"), &[("if-match", gone.etag().unwrap())], None)),
        ("confirmed", first.change(&of(&leaver, "/confirm"), &gone, &json!({}))),
    ] {
        assert_eq!(
            (refused.status, refused.text("/type")),
            (409, Some("/problems/invalid-state")),
            "{what}: {}",
            refused.body
        );
    }
    // The same person comes back, with a row of their own, and waits to be confirmed as anybody does.
    let again = json!({ "name": "Ravi Mistry", "email": leaver.email, "roles": ["duty"] });
    let invited = first.create(OFFICERS, &again);
    assert_eq!(invited.status, 201, "{}", invited.body);
    let back = world.take_up_office(&invited);
    assert_ne!(back.id, leaver.id);
    assert!(!can_sign_in(&back), "nobody has confirmed that they are back");
}

#[test]
fn an_officer_acts_until_the_end_of_their_last_day_in_london() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let leaver = world.officer(&council, &[OfficerRole::Referrals]);
    for day in ["2026-11-19", "2027-11-22"] {
        let refused = put(first, &of(&leaver, "/leaving"), &first.get(&of(&leaver, "")), &json!({ "last_day": day }));
        assert_eq!(pointer(&refused), (422, Some("/last_day")), "{day}: {}", refused.body);
    }
    let planned =
        put(first, &of(&leaver, "/leaving"), &first.get(&of(&leaver, "")), &json!({ "last_day": "2026-11-23" }));
    assert_eq!((planned.text("/last_day"), planned.text("/left_at")), (Some("2026-11-23"), None), "{}", planned.body);
    let headers = [("if-match", planned.etag().unwrap())];
    let stays = first.send("DELETE", &of(&leaver, "/leaving"), &headers, None);
    assert_eq!((stays.status, stays.text("/last_day")), (200, None), "{}", stays.body);
    put(first, &of(&leaver, "/leaving"), &stays, &json!({ "last_day": "2026-11-23" }));
    world.set_clock("2026-11-23T23:58:00Z");
    assert!(can_sign_in(&leaver), "the last minute of the day");
    assert_eq!(leaver.get("/v1/council/referrals").status, 200);
    world.set_clock("2026-11-24T00:00:01Z");
    assert_eq!(leaver.get("/v1/council/referrals").status, 401, "no job has run");
    assert!(!can_sign_in(&leaver));
}

#[test]
fn a_council_is_told_when_nobody_there_reads_complaints_any_more() {
    let world = World::new();
    let council = world.council();
    let operator = world.operator();
    let unread = || {
        operator.forget_token();
        operator.get(&format!("/v1/operator/councils/{}", council.id)).text("/complaints_unread_since").is_some()
    };
    let second = world.officer(&council, &[OfficerRole::Administrator]);
    assert!(unread(), "nobody has a role in complaints yet");
    let reader = world.officer(&council, &[OfficerRole::Alternate]);
    assert!(!unread(), "a complaint could be offered to the alternate");
    let without = second.patch(&of(&reader, ""), &second.get(&of(&reader, "")), &json!({ "roles": ["duty"] }));
    assert_eq!(without.status, 200, "{}", without.body);
    assert!(unread());
    assert_eq!(
        world.announced(&council, "council.complaints_unread", &council.id.to_string()),
        1,
        "the council is told"
    );
    let sent = council.system.post("/v1/council/referrals", &almoner_tests::messages::referral());
    assert!(sent.text("/complaints_unread_since").is_some(), "{}", sent.body);
    world.officer(&council, &[OfficerRole::Complaints]);
    assert!(!unread());
}

#[test]
fn a_council_is_told_when_the_last_who_reads_complaints_gets_new_credentials() {
    let world = World::new();
    let councils = [world.council(), world.council()];
    let operator = world.operator();
    let unread = || {
        operator.forget_token();
        councils.each_ref().map(|council| {
            let seen = operator.get(&format!("/v1/operator/councils/{}", council.id));
            seen.text("/complaints_unread_since").is_some()
        })
    };
    let reader = world.officer(&councils[0], &[OfficerRole::Complaints]);
    let honest = councils.each_ref().map(|council| world.officer(council, &[OfficerRole::Administrator]));
    let elsewhere = json!({ "name": "Ravi Mistry", "email": reader.email, "roles": ["complaints"] });
    let first = world.first_officer(&councils[1]);
    let elsewhere = world.take_up_office(&first.create(OFFICERS, &elsewhere));
    assert_eq!(step(&honest[1], &elsewhere, "/confirm").status, 200);
    assert_eq!(unread(), [false, false]);
    let drawn = world.first_officer(&councils[0]).create(&of(&reader, "/credential-reset"), &json!({}));
    replace_credentials(&world, "council", &drawn, &reader);
    assert_eq!(unread(), [true, true], "whoever drew the link may be them now, at each council");
}

#[test]
fn a_link_ends_with_the_access_for_which_it_was_drawn() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let leaver = world.officer(&council, &[OfficerRole::Duty]);
    let reset = first.create(&of(&leaver, "/credential-reset"), &json!({}));
    let invited = first.create(OFFICERS, &new_officer(&["duty"]));
    let awaited = format!("{OFFICERS}/{}", invited.text("/id").unwrap());
    for (path, drawn) in [(of(&leaver, ""), &reset), (awaited, &invited)] {
        let token = json!({ "token": drawn.text("/link/token").unwrap() });
        let open = || world.anyone().post("/v1/council/invitations/open", &token);
        assert_eq!(open().status, 200, "{path}");
        let last_day = json!({ "last_day": "2026-11-20" });
        let planned = put(first, &format!("{path}/leaving"), &first.get(&path), &last_day);
        assert_eq!(planned.status, 200, "{path}: {}", planned.body);
        world.set_clock("2026-11-20T23:59:00Z");
        assert_eq!(open().status, 200, "{path}: the last minute of the day");
        world.set_clock("2026-11-21T00:00:01Z");
        assert_eq!(open().status, 410, "{path}: no job has run");
        world.set_clock("2026-11-20T10:00:00Z");
        first.forget_token();
    }
}

#[test]
fn a_session_of_before_is_nobody_when_its_officer_has_come_back() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let honest = world.officer(&council, &[OfficerRole::Commissioner]);
    let leaver = world.officer(&council, &[OfficerRole::Duty]);
    assert_eq!(leaver.get("/v1/council/account").status, 200);
    put(first, &of(&leaver, "/leaving"), &first.get(&of(&leaver, "")), &json!({}));
    let again = json!({ "name": "Ravi Mistry", "email": leaver.email, "roles": ["commissioner"] });
    let back = world.take_up_office(&first.create(OFFICERS, &again));
    assert_eq!(step(&honest, &back, "/confirm").status, 200);
    for path in ["/v1/council/account", "/v1/council/referrals"] {
        assert_eq!(leaver.get(path).status, 401, "{path}");
    }
    assert!(can_sign_in(&back));
    assert_eq!(back.get("/v1/council/account").status, 200);
}

#[test]
fn a_disabled_account_is_nobody_at_a_council() {
    let world = World::new();
    let council = world.council();
    let officer = world.officer(&council, &[OfficerRole::Duty]);
    let operator = world.operator();
    let account = officer.get("/v1/council/account");
    let path = format!("/v1/operator/accounts/{}/disable", account.text("/id").unwrap());
    assert_eq!(operator.create(&path, &json!({})).status, 200);
    assert_eq!(officer.get("/v1/council/account").status, 401);
    assert!(!can_sign_in(&officer));
}
