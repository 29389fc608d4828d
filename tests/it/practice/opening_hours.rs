//! The opening hours of a practice, in which the minutes of a referral count.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Staff, World, messages};
use serde_json::{Value, json};

const HOURS: &str = "/v1/practice/opening-hours";

fn set(by: &Staff, etag: &str, hours: &Value) -> Answer {
    by.send("PUT", HOURS, &[("if-match", etag)], Some(("application/json", hours.to_string().as_bytes())))
}

/// By which minute a human looks at the referral in this answer.
fn looked_at_by(sent: &Answer) -> &str {
    &sent.text("/human_contact_due_at").unwrap()[..16]
}

fn open(from: &str, to: &str) -> Value {
    json!({ "from": from, "to": to })
}

#[test]
fn a_practice_is_open_from_nine_to_five_on_weekdays_until_a_manager_or_an_administrator_says_otherwise() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let usual = practice.practitioner.get(HOURS);
    let nine_to_five = open("09:00", "17:00");
    let weekdays = json!({
        "monday": nine_to_five, "tuesday": nine_to_five, "wednesday": nine_to_five, "thursday": nine_to_five,
        "friday": nine_to_five,
    });
    assert_eq!((usual.status, &usual.body, usual.etag()), (200, &weekdays, Some("\"0\"")));

    let mut longer = weekdays.clone();
    longer["saturday"] = open("10:00", "13:00");
    for refused in [&practice.social_worker, &practice.practitioner_2, &practice.records_officer] {
        assert_eq!(set(refused, "\"0\"", &longer).status, 403);
    }
    let first = set(&practice.administrator, "\"0\"", &longer);
    assert_eq!((first.status, first.etag()), (200, Some("\"1\"")), "{}", first.body);
    assert_eq!((&first.body["saturday"], &first.body["sunday"]), (&open("10:00", "13:00"), &Value::Null));
    assert!(first.text("/changed_at").unwrap().starts_with("2026-11-20T10:0"));
    assert_eq!(practice.records_officer.get(HOURS).body, first.body);

    // What somebody has not seen they do not change.
    for stale in ["\"0\"", "\"2\""] {
        let refused = set(&practice.manager, stale, &weekdays);
        assert_eq!((refused.status, refused.etag()), (412, Some("\"1\"")), "{}", refused.body);
    }
    let unmatched = practice.manager.send("PUT", HOURS, &[], Some(("application/json", b"{}".as_slice())));
    assert_eq!(unmatched.status, 428, "{}", unmatched.body);
    let second = set(&practice.manager, "\"1\"", &json!({ "monday": open("08:30", "24:00") }));
    assert_eq!((second.status, second.etag()), (200, Some("\"2\"")), "{}", second.body);
    assert_eq!(second.body["friday"], Value::Null, "a day that is left out is closed");
    assert_eq!(world.audited(&practice, "opening_hours.set"), 2);

    let elsewhere = world.practice(&council);
    assert_eq!(elsewhere.manager.get(HOURS).body, weekdays, "each practice has its own");
}

#[test]
fn hours_that_no_practice_can_have_are_refused_at_their_place() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let nul = "09:0\u{0}0";
    for (hours, pointer) in [
        (json!({}), ""),
        (json!({ "monday": null }), ""),
        (json!({ "monday": open("09:00", "09:59") }), "/monday/to"),
        (json!({ "monday": open("17:00", "09:00") }), "/monday/to"),
        (json!({ "monday": open("9", "17:00") }), "/monday/from"),
        (json!({ "monday": open(nul, "17:00") }), "/monday/from"),
        (json!({ "monday": open("\u{200b}", "17:00") }), "/monday/from"),
        (json!({ "monday": open(&"9".repeat(4001), "17:00") }), "/monday/from"),
        (json!({ "monday": open("09:00", "24:01") }), "/monday/to"),
        (json!({ "monday": { "from": "09:00" } }), "/monday/to"),
        (json!({ "monday": { "from": "09:00", "to": "17:00", "lunch": "12:00" } }), "/monday/lunch"),
        (json!({ "monday": 9 }), "/monday"),
        (json!({ "mondays": open("09:00", "17:00") }), "/mondays"),
        (json!({ "version": 7, "monday": open("09:00", "17:00") }), "/version"),
    ] {
        let refused = set(&practice.manager, "\"0\"", &hours);
        assert_eq!(
            (refused.status, refused.text("/errors/0/pointer")),
            (422, Some(pointer)),
            "{hours}: {}",
            refused.body
        );
    }
    assert_eq!(practice.manager.get(HOURS).etag(), Some("\"0\""), "nothing was kept");
}

#[test]
fn of_two_who_set_the_hours_at_once_one_is_told_that_they_have_changed() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    for etag in ["\"0\"", "\"1\""] {
        let hours = json!({ "monday": open("09:00", "17:00") });
        let callers = [&practice.manager, &practice.administrator];
        let mut statuses = std::thread::scope(|threads| {
            let at_once = callers.map(|caller| {
                let (token, url, hours) = (caller.token().unwrap(), world.url(), hours.clone());
                threads.spawn(move || {
                    let authorization = format!("Bearer {token}");
                    let headers = [("if-match", etag), ("authorization", authorization.as_str())];
                    let content = hours.to_string();
                    almoner_tests::Web::new(url)
                        .send("PUT", HOURS, &headers, Some(("application/json", content.as_bytes())))
                        .status
                })
            });
            at_once.map(|one| one.join().unwrap())
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }
}

#[test]
fn minutes_count_in_the_hours_of_the_practice_that_gets_the_referral() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    world.set_clock("2026-11-20T16:40:00Z");
    let send = || {
        let mut message = messages::referral();
        message["urgency"] = "immediate".into();
        let sent = council.system.post("/v1/council/referrals", &message);
        assert_eq!(sent.text("/status"), Some("received"), "{}", sent.body);
        sent
    };
    let before = send();
    assert_eq!(looked_at_by(&before), "2026-11-23T10:40", "the last twenty minutes count");

    let saturdays = json!({ "friday": open("09:00", "17:00"), "saturday": open("10:00", "13:00") });
    assert_eq!(set(&practice.manager, "\"0\"", &saturdays).status, 200);
    assert_eq!(looked_at_by(&send()), "2026-11-21T11:40");
    let still = council.system.get(&format!("/v1/council/referrals/{}", before.text("/id").unwrap()));
    assert_eq!(looked_at_by(&still), "2026-11-23T10:40", "what was promised stays");

    let elsewhere = world.practice_with(json!({}));
    world.contract(&council, &elsewhere, json!({ "immediate_minutes": 30 }));
    let mut message = messages::referral();
    message["urgency"] = "immediate".into();
    message["chosen_practice"] = elsewhere.slug.into();
    let routed = council.system.post("/v1/council/referrals", &message);
    assert_eq!(looked_at_by(&routed), "2026-11-23T09:10", "another's hours are its own");
}
