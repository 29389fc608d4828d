//! A session goes on with a refresh token that serves once; what comes back later was stolen.

use std::collections::BTreeSet;

use almoner_tests::World;
use almoner_tests::callers::Caller;
use chrono::TimeDelta;
use serde_json::json;

use super::sessions::{SESSIONS, access, assert_signed_out, read_with, refresh};

#[test]
fn a_session_goes_on_with_a_token_that_serves_once() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let first = practice.manager.sign_in(None);
    world.set_clock("2026-11-20T10:11:00Z");
    assert_signed_out(&read_with(&world, access(&first)));
    let second = refresh(&world, &first);
    assert_eq!(second.status, 200, "{}", second.body);
    assert_eq!(second.body["session_id"], first.body["session_id"]);
    assert_ne!(second.body["refresh_token"], first.body["refresh_token"]);
    assert_eq!(read_with(&world, access(&second)).status, 200);
    for nobodys in ["", "AAAA", access(&second), &"A".repeat(86)] {
        let refused = world.anyone().post(&format!("{SESSIONS}/refresh"), &json!({ "refresh_token": nobodys }));
        assert_signed_out(&refused);
    }
    assert_eq!(refresh(&world, &second).status, 200, "what is nobody's ends nobody's session");
    let third = practice.director.sign_in(None);
    let at_the_other_door = json!({ "refresh_token": third.body["refresh_token"] });
    assert_signed_out(&world.anyone().post("/v1/operator/sessions/refresh", &at_the_other_door));
    assert_eq!(refresh(&world, &third).status, 200, "at the wrong door it is not spent");
}

#[test]
fn row_21_a_refresh_token_that_comes_back_ends_the_session_and_is_on_record() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let first = practice.manager.sign_in(None);
    let other = practice.manager.sign_in(None);
    let second = refresh(&world, &first);
    world.clock.advance(TimeDelta::seconds(11));
    assert_signed_out(&refresh(&world, &first));
    assert_signed_out(&read_with(&world, access(&second)));
    assert_signed_out(&refresh(&world, &second));
    assert_eq!(read_with(&world, access(&other)).status, 200, "the other session goes on");
    assert_eq!(world.audited(&practice, "session.token_reused"), 1);
    practice.manager.sign_in(None);
    let told = practice.manager.get("/v1/practice/notices");
    assert_eq!(told.text("/items/0/kind"), Some("session.token_reused"), "{}", told.body);
    assert_eq!(told.body["items"][0]["subject_id"], first.body["session_id"]);
}

#[test]
fn row_21_a_telephone_that_lost_the_answer_in_a_lift_gets_the_same_token_again() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let first = practice.manager.sign_in(None);
    let lost = refresh(&world, &first);
    world.clock.advance(TimeDelta::seconds(9));
    let again = refresh(&world, &first);
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(again.body["refresh_token"], lost.body["refresh_token"]);
    assert_eq!(again.body["session_ends_at"], first.body["session_ends_at"], "it lasts no longer");
    assert_eq!(read_with(&world, access(&again)).status, 200);
    assert_eq!(refresh(&world, &again).status, 200, "the session goes on with it");
    assert_eq!(world.audited(&practice, "session.token_reused"), 0);
}

#[test]
fn row_21_once_the_newer_token_was_used_the_older_ends_the_session_at_once() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let first = practice.manager.sign_in(None);
    let second = refresh(&world, &first);
    let third = refresh(&world, &second);
    assert_eq!(third.status, 200, "{}", third.body);
    assert_signed_out(&refresh(&world, &first));
    assert_signed_out(&refresh(&world, &third));
    assert_eq!(world.audited(&practice, "session.token_reused"), 1);
}

#[test]
fn row_21_all_who_send_a_refresh_token_at_once_get_one_and_the_same_successor() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let signed_in = practice.manager.sign_in(None);
    let successors: BTreeSet<String> = std::thread::scope(|threads| {
        let sent: Vec<_> = (0..6).map(|_| threads.spawn(|| refresh(&world, &signed_in))).collect();
        let answers = sent.into_iter().map(|thread| thread.join().unwrap());
        answers
            .map(|answer| answer.text("/refresh_token").unwrap_or_else(|| panic!("{}", answer.body)).to_owned())
            .collect()
    });
    assert_eq!(successors.len(), 1, "there is one line of tokens");
    world.clock.advance(TimeDelta::seconds(11));
    assert_signed_out(&refresh(&world, &signed_in));
    assert_signed_out(&read_with(&world, access(&signed_in)));
}

#[test]
fn row_20_a_session_ends_when_it_is_idle_and_after_twelve_hours_whatever_happens() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let signed_in = practice.manager.sign_in(None);
    world.clock.advance(TimeDelta::minutes(29));
    let mut renewed = refresh(&world, &signed_in);
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    let idle = practice.director.sign_in(None);
    for _ in 0..24 {
        world.clock.advance(TimeDelta::minutes(28));
        renewed = refresh(&world, &renewed);
        assert_eq!(renewed.status, 200, "{}", renewed.body);
    }
    assert_signed_out(&refresh(&world, &idle));
    world.clock.advance(TimeDelta::minutes(21));
    assert_signed_out(&refresh(&world, &renewed));
    assert_signed_out(&read_with(&world, access(&renewed)));
}
