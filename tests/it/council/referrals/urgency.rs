//! What cannot wait: by when a practice looks at a referral and answers it, what the council is told until then, and what
//! happens if nobody does.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, Staff, World, messages, postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

use crate::council::{REFERRALS, at, in_practice};
use crate::practice::people::exclude;

const INBOX: &str = "/v1/practice/referrals";

/// Moves the clock, and has the callers begin anew.
fn now(world: &World, at: &str, council: &Council, staff: &[&Staff]) {
    world.set_clock(at);
    council.forget_tokens();
    for member in staff {
        member.forget_token();
    }
}

fn send(council: &Council, urgency: &str, home_on: Option<&str>, more: &[(&str, Value)]) -> Answer {
    let mut message = messages::referral();
    message["urgency"] = urgency.into();
    if let Some(home_on) = home_on {
        message["route_of_access"] = "Discharge from Hospital".into();
        message["discharge"] = json!({ "hospital": "Royal Infirmary", "ward": "9", "expected_on": home_on });
    }
    for (member, value) in more {
        message[member] = value.clone();
    }
    let sent = council.system.post(REFERRALS, &message);
    assert_eq!(sent.status, 201, "{}", sent.body);
    sent
}

/// The minute of the time at this place. The clock of a test goes on after it was set.
fn minute<'a>(answer: &'a Answer, pointer: &str) -> Option<&'a str> {
    answer.text(pointer).map(|time| &time[..16])
}

/// The kinds of the notices that somebody has not read, the oldest first, with what they are about.
fn notices(of: &Staff) -> Vec<(String, String)> {
    let list = of.get("/v1/practice/notices?unread=true");
    let items = list.body["items"].as_array().unwrap().iter().rev();
    items.map(|one| (one["kind"].as_str().unwrap().into(), one["subject_id"].as_str().unwrap().into())).collect()
}

/// The referral that was sent last, as its practice knows it.
fn latest(practice: &Practice) -> Answer {
    let notices = practice.manager.get("/v1/practice/notices?limit=1");
    practice.manager.get(&in_practice(notices.text("/items/0/subject_id").unwrap(), ""))
}

#[test]
fn an_answer_is_due_by_urgency_and_not_after_the_person_is_home() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    now(&world, "2026-11-20T16:40:00Z", &council, &[]);
    for (urgency, home_on, respond_by, due_on, looked_at) in [
        ("standard", None, None, "2026-11-27", None),
        ("standard", None, Some("2026-12-04"), "2026-12-04", None),
        ("urgent", None, None, "2026-11-24", Some("2026-11-23T16:40")),
        ("urgent", None, Some("2026-12-04"), "2026-11-24", Some("2026-11-23T16:40")),
        ("immediate", None, None, "2026-11-23", Some("2026-11-23T10:40")),
        ("standard", Some("2026-11-24"), None, "2026-11-24", Some("2026-11-23T16:40")),
        ("standard", Some("2026-11-24"), Some("2026-12-04"), "2026-11-24", Some("2026-11-23T16:40")),
        ("urgent", Some("2026-11-23"), None, "2026-11-23", Some("2026-11-23T16:40")),
        ("immediate", Some("2026-11-21"), None, "2026-11-21", Some("2026-11-23T10:40")),
        ("standard", Some("2026-11-19"), None, "2026-11-23", Some("2026-11-23T16:40")),
    ] {
        let more: Vec<(&str, Value)> = respond_by.map(|day| ("respond_by", json!(day))).into_iter().collect();
        let sent = send(&council, urgency, home_on, &more);
        let case = format!("{urgency} {home_on:?} {respond_by:?}: {}", sent.body);
        assert_eq!(sent.text("/response_due_on"), Some(due_on), "{case}");
        assert_eq!(minute(&sent, "/human_contact_due_at"), looked_at, "{case}");
        let arrived = latest(&practice);
        assert_eq!(arrived.text("/message/council_reference"), sent.text("/council_reference"));
        assert_eq!(arrived.body["response_due_on"], sent.body["response_due_on"], "{case}");
        assert_eq!(arrived.body["human_contact_due_at"], sent.body["human_contact_due_at"], "{case}");
    }
}

#[test]
fn a_contract_says_its_own_periods_for_what_cannot_wait() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({}));
    world.contract(
        &council,
        &practice,
        json!({ "urgent_response_working_days": 1, "immediate_minutes": 30, "urgent_minutes": 60 }),
    );
    let urgent = send(&council, "urgent", None, &[]);
    assert_eq!(urgent.text("/response_due_on"), Some("2026-11-23"));
    assert_eq!(minute(&urgent, "/human_contact_due_at"), Some("2026-11-20T11:00"));
    let immediate = send(&council, "immediate", None, &[]);
    assert_eq!(minute(&immediate, "/human_contact_due_at"), Some("2026-11-20T10:30"));
}

#[test]
fn the_council_is_given_the_duty_team_first_and_told_before_when_nobody_looks() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    now(&world, "2026-11-20T14:40:00Z", &council, &[]);
    let today = send(&council, "immediate", None, &[]);
    assert_eq!(
        today.body["emergency_duty_team"],
        json!({
            "phone": "0345 678 9040", "ring_now": false, "seen_same_day": true,
            "detail": "0345 678 9040 is the emergency duty team: ring it if this cannot wait. Somebody at the practice looks at \
                       this referral by Friday 20 November 2026 at 16:40.",
        })
    );
    now(&world, "2026-11-20T16:40:00Z", &council, &[]);
    let later = send(&council, "immediate", None, &[]);
    assert_eq!(
        later.body["emergency_duty_team"],
        json!({
            "phone": "0345 678 9040", "ring_now": true, "seen_same_day": false,
            "detail": "0345 678 9040 is the emergency duty team: ring it now. Nobody at the practice is sure to look at this \
                       referral before Monday 23 November 2026 at 10:40, which is not the day on which it was sent there.",
        })
    );
    let urgent = send(&council, "urgent", None, &[]);
    assert_eq!(urgent.body["emergency_duty_team"]["ring_now"], false, "{}", urgent.body);
    let goes_home = send(&council, "standard", Some("2026-11-21"), &[]);
    assert!(goes_home.text("/emergency_duty_team/detail").unwrap().contains("before Monday 23 November 2026 at 16:40"));
    let standard = send(&council, "standard", None, &[]);
    assert_eq!(standard.body["emergency_duty_team"], Value::Null);

    let mut nowhere = messages::referral();
    nowhere["urgency"] = "urgent".into();
    nowhere["person"].as_object_mut().unwrap().remove("address");
    let unrouted = council.system.post(REFERRALS, &nowhere);
    assert_eq!((unrouted.status, unrouted.text("/status")), (201, Some("unrouted")), "{}", unrouted.body);
    assert_eq!(unrouted.body["emergency_duty_team"]["ring_now"], true);
    assert!(unrouted.text("/emergency_duty_team/detail").unwrap().contains("No practice has this referral"));

    now(&world, "2026-11-23T09:30:00Z", &council, &[]);
    assert_eq!(council.system.get(&at(&later, "")).body["emergency_duty_team"], later.body["emergency_duty_team"]);
    let withdrawn = council.system.change(&at(&later, "/withdraw"), &later, &json!({}));
    assert_eq!((withdrawn.status, &withdrawn.body["emergency_duty_team"]), (200, &Value::Null), "{}", withdrawn.body);
}

#[test]
fn the_arrival_of_a_referral_is_a_notice_to_those_who_may_answer_it() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let elsewhere = world.practice(&council);
    let to = [("chosen_practice", json!(practice.slug))];
    let [standard, urgent, immediate] = ["standard", "urgent", "immediate"].map(|urgency| {
        send(&council, urgency, None, &to);
        latest(&practice).text("/id").unwrap().to_owned()
    });
    let told =
        |ids: &[&String]| ids.iter().map(|id| ("referral.received".to_owned(), (*id).clone())).collect::<Vec<_>>();
    for manager in [&practice.manager, &practice.second_manager, &practice.director] {
        assert_eq!(notices(manager), told(&[&standard, &urgent, &immediate]));
    }
    for worker in [&practice.social_worker, &practice.social_worker_2] {
        assert_eq!(notices(worker), told(&[&urgent, &immediate]));
    }
    for other in [&practice.practitioner, &practice.records_officer, &practice.administrator, &elsewhere.manager] {
        assert!(notices(other).is_empty());
    }
}

#[test]
fn nobody_is_told_of_a_referral_about_a_person_whose_record_is_closed_to_them() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let known = practice.manager.create("/v1/practice/service-users", &messages::person());
    let person = known.text("/id").unwrap();
    assert_eq!(exclude(&practice.manager, person, &practice.second_manager).status, 201);
    let before = notices(&practice.second_manager);
    let mut message = messages::referral();
    message["urgency"] = "immediate".into();
    message["chosen_practice"] = practice.slug.as_str().into();
    message["person"]["nhs_number"] = known.body["nhs_number"].clone();
    let sent = council.system.post(REFERRALS, &message);
    assert_eq!(sent.text("/status"), Some("received"), "{}", sent.body);
    let staff = [&practice.manager, &practice.second_manager, &practice.social_worker];
    now(&world, "2026-11-20T12:01:00Z", &council, &staff);
    world.work(&practice);
    let kinds = |of: &Staff| notices(of).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    let told = kinds(&practice.manager);
    assert!(
        ["referral.received", "referral.overdue"].iter().all(|kind| told.iter().any(|one| one == kind)),
        "{told:?}"
    );
    assert_eq!(notices(&practice.second_manager), before);
    assert!(notices(&practice.social_worker).is_empty(), "the record is guarded");
}

#[test]
fn nobody_is_told_that_a_referral_is_overdue_which_is_answered_at_that_moment() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let sent = send(&council, "immediate", None, &[("chosen_practice", json!(practice.slug))]);
    let id = latest(&practice).text("/id").unwrap().to_owned();
    now(&world, "2026-11-20T12:01:00Z", &council, &[&practice.manager]);
    // The answer stands, and is not committed yet, while the worker looks.
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let request = sent.text("/id").unwrap();
    let answer = format!(
        "BEGIN;
         UPDATE referrals SET status = 'declined', version = 2 WHERE referral_id = '{id}';
         UPDATE council_requests SET status = 'declined', version = 2 WHERE council_request_id = '{request}'"
    );
    database.batch_execute(&answer).unwrap();
    let commit = "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))) \
                  LOOP PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$; COMMIT";
    std::thread::scope(|scope| {
        scope.spawn(|| database.batch_execute(commit).unwrap());
        world.work(&practice);
    });
    world.work(&practice);
    assert_eq!(world.audited(&practice, "referral.overdue"), 0);
    let seen = council.system.get(&at(&sent, ""));
    assert_eq!((seen.text("/status"), seen.body.get("human_contact_missed_at")), (Some("declined"), None));
    assert!(!notices(&practice.manager).contains(&("referral.overdue".to_owned(), id)));
}

#[test]
fn what_nobody_looks_at_in_time_rings_and_may_be_sent_elsewhere() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let to = [("chosen_practice", json!(practice.slug))];
    let sent = send(&council, "immediate", None, &to);
    let id = latest(&practice).text("/id").unwrap().to_owned();
    let answered = send(&council, "immediate", None, &to);
    let seen = latest(&practice);
    assert_eq!(
        practice.manager.change(&in_practice(seen.text("/id").unwrap(), "/accept"), &seen, &json!({})).status,
        200
    );
    let there = json!({ "practice": elsewhere.slug });
    let early = world.first_officer(&council).change(&at(&sent, "/route"), &sent, &there);
    assert_eq!((early.status, early.text("/type")), (409, Some("/problems/invalid-state")), "{}", early.body);

    now(&world, "2026-11-20T11:59:00Z", &council, &[&practice.manager]);
    world.work(&practice);
    assert_eq!(council.system.get(&at(&sent, "")).etag(), sent.etag(), "there is a minute left");
    now(
        &world,
        "2026-11-20T12:01:00Z",
        &council,
        &[&practice.manager, &practice.second_manager, &practice.social_worker],
    );
    for _ in 0..2 {
        world.work(&practice);
    }
    let overdue = ("referral.overdue".to_owned(), id.clone());
    for manager in [&practice.manager, &practice.second_manager] {
        assert_eq!(notices(manager).into_iter().filter(|one| *one == overdue).count(), 1, "it rings once");
    }
    assert!(!notices(&practice.social_worker).contains(&overdue));
    assert_eq!(world.audited(&practice, "referral.overdue"), 1);
    let rang = council.system.get(&at(&sent, ""));
    assert_eq!(minute(&rang, "/human_contact_missed_at"), Some("2026-11-20T12:01"), "{}", rang.body);
    assert_eq!((rang.text("/status"), rang.text("/practice/slug")), (Some("received"), Some(practice.slug.as_str())));
    assert_eq!(
        rang.body["emergency_duty_team"],
        json!({
            "phone": "0345 678 9040", "ring_now": true, "seen_same_day": false,
            "detail": "0345 678 9040 is the emergency duty team: ring it now. Nobody at the practice has answered this referral, \
                       at which a human was to look by Friday 20 November 2026 at 12:00: you may name another practice.",
        })
    );
    assert_eq!(council.system.get(&at(&answered, "")).body["human_contact_missed_at"], Value::Null);
    let line = practice.manager.get(INBOX);
    assert_eq!((line.text("/items/0/id"), &line.body["items"][0]["overdue"]), (Some(id.as_str()), &json!(true)));

    let stale = world.first_officer(&council).change(&at(&sent, "/route"), &sent, &there);
    assert_eq!(stale.status, 412, "{}", stale.body);
    let moved = world.first_officer(&council).change(&at(&sent, "/route"), &rang, &there);
    assert_eq!((moved.status, moved.text("/practice/slug")), (200, Some(elsewhere.slug.as_str())), "{}", moved.body);
    assert_eq!(moved.body["human_contact_missed_at"], Value::Null);
    assert_eq!(minute(&moved, "/human_contact_due_at"), Some("2026-11-20T14:01"));
    assert_eq!(moved.body["emergency_duty_team"]["seen_same_day"], true);
    let left = practice.manager.get(&in_practice(&id, ""));
    assert_eq!(left.text("/status"), Some("withdrawn"));
    let late = practice.manager.change(&in_practice(&id, "/accept"), &left, &json!({}));
    assert_eq!((late.status, late.text("/type")), (409, Some("/problems/invalid-state")), "{}", late.body);
}

#[test]
fn what_cannot_wait_does_not_expire_but_comes_back_to_the_council() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let to = [("chosen_practice", json!(practice.slug))];
    now(&world, "2026-11-20T16:40:00Z", &council, &[]);
    let standard = send(&council, "standard", None, &[to[0].clone(), ("respond_by", json!("2026-11-23"))]);
    let back = [
        send(&council, "immediate", None, &to),
        send(&council, "immediate", Some("2026-11-21"), &to),
        send(&council, "standard", Some("2026-11-21"), &to),
    ];
    // The person is home on Saturday. Nobody works before Monday, and until then nothing leaves.
    now(&world, "2026-11-22T12:00:00Z", &council, &[]);
    world.work(&practice);
    for sent in back.iter().chain([&standard]) {
        assert_eq!(council.system.get(&at(sent, "")).etag(), sent.etag());
    }
    now(&world, "2026-11-24T00:00:00Z", &council, &[&practice.manager]);
    world.work(&practice);
    let expired = council.system.get(&at(&standard, ""));
    assert_eq!(
        (expired.text("/status"), expired.text("/practice/slug")),
        (Some("expired"), Some(practice.slug.as_str()))
    );
    for sent in &back {
        let returned = council.system.get(&at(sent, ""));
        assert_eq!(returned.text("/status"), Some("unrouted"), "{}", returned.body);
        assert_eq!(returned.text("/routing/strategy"), Some("unrouted"));
        let why = format!(
            "Practice {} did not answer in time, and does not have the referral any more: name a practice.",
            practice.slug
        );
        assert_eq!(returned.text("/routing/explanation"), Some(why.as_str()));
        for gone in ["practice", "response_due_on", "human_contact_due_at", "decided_at"] {
            assert_eq!(returned.body[gone], Value::Null, "{gone}: {}", returned.body);
        }
    }
    let kinds: Vec<String> = notices(&practice.manager).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "referral.came_back").count(), 3, "{kinds:?}");
    for (action, times) in [("referral.came_back", 3), ("referral.expired", 1), ("referral.overdue", 3)] {
        assert_eq!(world.audited(&practice, action), times, "{action}");
    }
    assert_eq!(practice.manager.get(INBOX).body["items"], json!([]));
    let gone = practice.manager.get(&format!("{INBOX}?status=expired"));
    assert_eq!(gone.body["items"].as_array().unwrap().len(), 4, "{}", gone.body);
    let (id, version) =
        (gone.text("/items/0/id").unwrap(), practice.manager.get(&in_practice(gone.text("/items/0/id").unwrap(), "")));
    let late = practice.manager.change(&in_practice(id, "/accept"), &version, &json!({}));
    assert_eq!((late.status, late.text("/type")), (409, Some("/problems/invalid-state")), "{}", late.body);

    let returned = council.system.get(&at(&back[0], ""));
    let routed = world.first_officer(&council).change(
        &at(&back[0], "/route"),
        &returned,
        &json!({ "practice": elsewhere.slug }),
    );
    assert_eq!((routed.status, routed.text("/practice/slug")), (200, Some(elsewhere.slug.as_str())), "{}", routed.body);
    let returned = council.system.get(&at(&back[1], ""));
    let withdrawn = council.system.change(&at(&back[1], "/withdraw"), &returned, &json!({}));
    assert_eq!(withdrawn.text("/status"), Some("withdrawn"), "{}", withdrawn.body);
}
