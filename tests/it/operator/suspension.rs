//! A suspended practice: its staff cannot sign in, nothing is sent to it, and its deadlines run on.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, Staff, World, messages, postgres};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::{Value, json};

const REASON: &str = "The insurance ended on 31 October.";

fn path(practice: &Practice) -> String {
    format!("/v1/operator/practices/{}", practice.id)
}

fn suspend(operator: &Staff, practice: &Practice) -> Answer {
    let path = path(practice);
    let done = operator.change(&format!("{path}/suspend"), &operator.get(&path), &json!({ "reason": REASON }));
    assert_eq!(done.status, 200, "{}", done.body);
    done
}

fn resume(operator: &Staff, practice: &Practice) -> Answer {
    let path = path(practice);
    let done = operator.change(&format!("{path}/resume"), &operator.get(&path), &json!({}));
    assert_eq!(done.status, 200, "{}", done.body);
    done
}

fn everybody(practice: &Practice) -> [&Staff; 9] {
    [
        &practice.director,
        &practice.manager,
        &practice.second_manager,
        &practice.social_worker,
        &practice.social_worker_2,
        &practice.practitioner,
        &practice.practitioner_2,
        &practice.records_officer,
        &practice.administrator,
    ]
}

#[test]
fn row_7_the_sessions_at_a_suspended_practice_end_for_good_and_nobody_elses() {
    let world = World::new();
    let council = world.council();
    let (practice, neighbour) = (world.practice(&council), world.practice(&council));
    let operator = world.operator();
    let answers = |practice: &Practice| everybody(practice).map(|member| member.get("/v1/practice/staff").status);
    assert_eq!(answers(&practice), [200; 9]);

    let suspended = suspend(&operator, &practice);
    assert_eq!(suspended.text("/suspension/reason"), Some(REASON));
    assert!(suspended.text("/suspension/suspended_at").unwrap().starts_with("2026-11-20T10:0"));
    assert_eq!(answers(&practice), [401; 9], "with the tokens that they have");
    let refused = practice.manager.create("/v1/practice/service-users", &messages::person());
    assert_eq!(refused.text("/type"), Some("/problems/not-authenticated"), "{}", refused.body);
    assert_eq!(answers(&neighbour), [200; 9], "nobody else is");

    let resumed = resume(&operator, &practice);
    assert!(resumed.body["suspension"].is_null(), "{}", resumed.body);
    assert_eq!(answers(&practice), [401; 9], "the sessions of before have ended");
    world.clock.advance(chrono::TimeDelta::minutes(1));
    for member in everybody(&practice) {
        member.forget_token();
    }
    assert_eq!(answers(&practice), [200; 9], "and everybody signs in anew");
}

#[test]
fn signing_in_to_a_suspended_practice_is_answered_like_a_wrong_password() {
    let world = World::new();
    let council = world.council();
    let (practice, other) = (world.practice(&council), world.practice(&council));
    let locum = |practice: &Practice| {
        let email = format!("locum@{}.example", other.slug);
        world.staff(practice.id, json!({ "name": "Sian Bevan", "email": email, "roles": ["practitioner"] }))
    };
    let (here, _) = (locum(&practice), locum(&other));
    suspend(&world.operator(), &practice);

    let mut credentials = practice.manager.credentials();
    credentials["password"] = "not the password of anybody".into();
    let wrong = world.anyone().post("/v1/practice/sessions", &credentials);
    let refused = practice.manager.sign_in(None);
    assert_eq!((refused.status, &refused.body), (401, &wrong.body), "a stranger is not told");
    assert_eq!(practice.manager.sign_in(Some(&practice.slug)).body, wrong.body);

    // A member of staff who works at another practice too has only that practice left.
    assert_eq!(here.sign_in(Some(&practice.slug)).body, wrong.body);
    let elsewhere = here.sign_in(None);
    assert_eq!(
        (elsewhere.status, elsewhere.text("/practice/slug")),
        (201, Some(other.slug.as_str())),
        "{}",
        elsewhere.body
    );
}

#[test]
fn a_suspended_practice_is_not_in_the_directory_and_people_can_still_find_out_how_to_complain() {
    let world = World::new();
    let practice = world.practice_with(json!({ "districts": ["LD7"] }));
    world.make_ready(&practice);
    let operator = world.operator();
    let one = format!("/v1/public/practices/{}", practice.slug);
    let listed = || {
        let page = world.anyone().get("/v1/public/practices?postcode=LD7%201AA&limit=200");
        assert_eq!(page.status, 200, "{}", page.body);
        page.body["items"].as_array().unwrap().iter().any(|item| item["slug"] == practice.slug.as_str())
    };
    assert_eq!((listed(), world.anyone().get(&one).status), (true, 200));
    suspend(&operator, &practice);
    assert_eq!((listed(), world.anyone().get(&one).status), (false, 404));
    let procedure = world.anyone().get(&format!("{one}/complaints-procedure"));
    assert_eq!((procedure.status, procedure.text("/procedure")), (200, Some("Tell any of us.")));
    assert!(!procedure.body.to_string().contains("suspen"), "why is not for everybody: {}", procedure.body);
    resume(&operator, &practice);
    assert_eq!((listed(), world.anyone().get(&one).status), (true, 200));
}

#[test]
fn nothing_is_sent_to_a_suspended_practice_and_to_name_it_is_answered_as_if_there_were_no_contract() {
    let world = World::new();
    let council = world.council();
    let (large, small) = (world.practice_with(json!({})), world.practice_with(json!({ "capacity": 2 })));
    let stranger = world.practice_with(json!({}));
    for practice in [&large, &small] {
        world.contract(&council, practice, json!({}));
    }
    let operator = world.operator();
    let send = |member: Option<(&str, &Practice)>| {
        let mut referral = messages::referral();
        if let Some((member, practice)) = member {
            referral[member] = practice.slug.as_str().into();
        }
        council.system.post("/v1/council/referrals", &referral)
    };
    assert_eq!(send(None).text("/practice/slug"), Some(large.slug.as_str()));
    suspend(&operator, &large);
    assert_eq!(send(None).text("/practice/slug"), Some(small.slug.as_str()), "it goes to another");
    for member in ["chosen_practice", "preferred_practice"] {
        let (refused, unknown) = (send(Some((member, &large))), send(Some((member, &stranger))));
        assert_eq!(refused.text("/errors/0/pointer"), Some(format!("/{member}").as_str()), "{}", refused.body);
        assert_eq!((refused.status, refused.body), (unknown.status, unknown.body));
    }
    suspend(&operator, &small);
    let unrouted = send(None);
    assert_eq!((unrouted.status, unrouted.text("/status")), (201, Some("unrouted")), "{}", unrouted.body);
    let named = |practice: &Practice| {
        let to = json!({ "practice": practice.slug });
        world.first_officer(&council).change(
            &format!("/v1/council/referrals/{}/route", unrouted.text("/id").unwrap()),
            &unrouted,
            &to,
        )
    };
    assert_eq!((named(&small).status, named(&small).body), (422, named(&stranger).body));
    resume(&operator, &small);
    assert_eq!(named(&small).status, 200);
}

#[test]
fn what_waits_at_a_suspended_practice_stands_until_the_council_sends_it_to_another() {
    let world = World::new();
    let council = world.council();
    let (practice, other) = (world.practice(&council), world.practice_with(json!({})));
    let operator = world.operator();
    let sent = council.system.post("/v1/council/referrals", &messages::referral());
    assert_eq!(sent.text("/practice/slug"), Some(practice.slug.as_str()));
    world.contract(&council, &other, json!({}));
    let inbox = practice.manager.get("/v1/practice/referrals");
    let here = format!("/v1/practice/referrals/{}", inbox.text("/items/0/id").unwrap());
    let at = format!("/v1/council/referrals/{}", sent.text("/id").unwrap());
    let route = |seen: &Answer| {
        world.first_officer(&council).change(&format!("{at}/route"), seen, &json!({ "practice": other.slug.as_str() }))
    };
    assert_eq!(route(&sent).status, 409, "while the practice can answer, the council waits");

    suspend(&operator, &practice);
    let standing = council.system.get(&at);
    assert_eq!((standing.text("/status"), &standing.body["practice"]["suspended"]), (Some("received"), &json!(true)));
    let routed = route(&standing);
    assert_eq!((routed.status, routed.text("/practice/slug")), (200, Some(other.slug.as_str())), "{}", routed.body);
    assert_eq!(other.manager.get("/v1/practice/referrals").body["items"].as_array().unwrap().len(), 1);
    assert_eq!(operator.get(&path(&practice)).body["capacity_reserved"], 0, "its capacity is released");

    resume(&operator, &practice);
    practice.manager.forget_token();
    let left = practice.manager.get(&here);
    assert_eq!(left.text("/status"), Some("withdrawn"), "{}", left.body);
    let accept = practice.manager.change(&format!("{here}/accept"), &left, &json!({}));
    assert_eq!(accept.status, 409, "{}", accept.body);
}

#[test]
fn a_council_that_polls_with_the_tag_that_it_has_learns_of_a_suspension_its_end_and_another_number() {
    let world = World::new();
    let (council, operator) = (world.council(), world.operator());
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let referred = |practice: &Practice, reference: &str| {
        let mut message = messages::referral();
        message["council_reference"] = reference.into();
        message["chosen_practice"] = practice.slug.as_str().into();
        let sent = council.system.create("/v1/council/referrals", &message);
        assert_eq!(sent.status, 201, "{}", sent.body);
        council.system.get(sent.header("location").unwrap())
    };
    let poll = |seen: &Answer| {
        let path = format!("/v1/council/referrals/{}", seen.text("/id").unwrap());
        council.system.send("GET", &path, &[("if-none-match", seen.etag().unwrap())], None)
    };
    let (sent, other) = (referred(&practice, "REF-1"), referred(&elsewhere, "REF-2"));
    assert_eq!(poll(&sent).status, 304);
    suspend(&operator, &practice);
    let suspended = poll(&sent);
    assert_eq!((suspended.status, &suspended.body["practice"]["suspended"]), (200, &json!(true)));
    assert_eq!((poll(&suspended).status, poll(&other).status), (304, 304), "nothing else has changed");
    assert_ne!(suspended.body["changed_at"], sent.body["changed_at"], "it is among what changed since");
    resume(&operator, &practice);
    let resumed = poll(&suspended);
    assert_eq!((resumed.status, &resumed.body["practice"]["suspended"]), (200, &json!(false)));
    let path = format!("/v1/operator/councils/{}", council.id);
    let number = json!({ "emergency_duty_phone": "0345 678 9041" });
    let changed = operator.change(&format!("{path}/change"), &operator.get(&path), &number);
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!((poll(&resumed).status, poll(&other).status), (200, 200), "a referral may show the number");
}

#[test]
fn the_clocks_of_a_suspended_practice_do_not_stop() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let sent = council.system.post("/v1/council/referrals", &messages::referral());
    suspend(&world.operator(), &practice);
    world.set_clock("2026-11-28T00:01:00Z");
    world.work(&practice);
    council.system.forget_token();
    let expired = council.system.get(&format!("/v1/council/referrals/{}", sent.text("/id").unwrap()));
    assert_eq!(expired.text("/status"), Some("expired"), "{}", expired.body);
}

#[test]
fn nobody_is_said_to_look_at_a_referral_that_waits_at_a_suspended_practice() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let operator = world.operator();
    let mut message = messages::referral();
    message["urgency"] = "immediate".into();
    let sent = council.system.post("/v1/council/referrals", &message);
    assert_eq!(sent.body["emergency_duty_team"]["ring_now"], false, "{}", sent.body);
    let at = format!("/v1/council/referrals/{}", sent.text("/id").unwrap());

    suspend(&operator, &practice);
    let standing = council.system.get(&at);
    assert_eq!(
        standing.body["emergency_duty_team"],
        json!({
            "phone": "0345 678 9040", "ring_now": true, "seen_same_day": false,
            "detail": "0345 678 9040 is the emergency duty team: ring it now. The practice that has this referral is suspended, \
                       and nobody looks at it there: name another.",
        })
    );

    resume(&operator, &practice);
    assert_eq!(council.system.get(&at).body["emergency_duty_team"], sent.body["emergency_duty_team"]);
}

#[test]
fn a_complaint_about_a_suspended_practice_is_its_councils_as_before() {
    let world = World::new();
    let council = world.council();
    let (practice, desk) = (world.practice(&council), world.desk(&council));
    let (_, officer, path) = world.opened(&council, &desk, &messages::complaint(&practice.slug));
    suspend(&world.operator(), &practice);
    assert_eq!(officer.get(&path).status, 200);
    let (_, officer, path) = world.opened(&council, &desk, &messages::complaint(&practice.slug));
    assert_eq!(officer.get(&path).text("/practice/slug"), Some(practice.slug.as_str()));
}

#[test]
fn a_suspension_wants_a_reason_a_fresh_factor_and_the_version_that_was_read() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    let path = path(&practice);
    let seen = operator.get(&path);
    let send = |step: &str, seen: &Answer, body: &Value| operator.change(&format!("{path}/{step}"), seen, body);
    for (body, pointer) in [
        (json!({}), "/reason"),
        (json!({ "reason": " " }), "/reason"),
        (json!({ "reason": "x".repeat(2001) }), "/reason"),
        (json!({ "reason": REASON, "until": "2026-12-01" }), "/until"),
    ] {
        let refused = send("suspend", &seen, &body);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
    let reason = json!({ "reason": REASON });
    assert_eq!(operator.post(&format!("{path}/suspend"), &reason).status, 428);
    assert_eq!(send("resume", &seen, &json!({})).status, 409, "it is not suspended");
    let suspended = send("suspend", &seen, &json!({ "reason": "x".repeat(2000) }));
    assert_eq!(suspended.status, 200, "{}", suspended.body);
    assert_eq!(send("suspend", &seen, &reason).status, 412, "somebody was quicker");
    let again = send("suspend", &suspended, &reason);
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/invalid-state")), "{}", again.body);

    world.set_clock("2026-11-20T10:05:30Z");
    for step in ["suspend", "resume"] {
        let old = send(step, &suspended, &reason);
        assert_eq!((old.status, old.text("/type")), (401, Some("/problems/step-up-required")), "{}", old.body);
    }
    assert!(operator.get(&path).body["suspension"].is_object(), "and yet it can be read");
    // The operator's own work continues.
    assert_eq!(operator.get(&format!("{path}/staff")).status, 200);
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Counts the audit rows of this action about a practice in the log of this owner.
fn logged(owner: &str, action: &str, practice: &Practice) -> i64 {
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    diesel::sql_query(
        "SELECT count(*) FROM audit_events WHERE owner_id::text = $1 AND action = $2 AND subject_id::text = $3
         AND door = 'operator' AND actor_id IS NOT NULL",
    )
    .bind::<Text, _>(owner)
    .bind::<Text, _>(action)
    .bind::<Text, _>(practice.id.to_string())
    .get_result::<Count>(&mut database)
    .unwrap()
    .count
}

#[test]
fn both_logs_say_who_suspended_and_resumed_a_practice() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let operator = world.operator();
    suspend(&operator, &practice);
    resume(&operator, &practice);
    for owner in [uuid::Uuid::nil().to_string(), practice.id.to_string()] {
        for action in ["practice.suspended", "practice.resumed"] {
            assert_eq!(logged(&owner, action, &practice), 1, "{action} in the log of {owner}");
        }
    }
}
