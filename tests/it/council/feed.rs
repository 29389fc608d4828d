//! The council's feed of events, and its lists of what has changed.

use std::thread;

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Council, Practice, Severing, System, Web, World, messages, postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

use super::{REFERRALS, at, in_practice};
use crate::practice::cases::column;
use crate::practice::referrals::due_first;

const EVENTS: &str = "/v1/council/events";
const POSITION: &str = "/v1/council/events/position";

/// Sends a referral with this reference.
fn send(council: &Council, reference: &str) -> Answer {
    let mut message = messages::referral();
    message["council_reference"] = reference.into();
    let sent = council.system.create(REFERRALS, &message);
    assert_eq!(sent.status, 201, "{}", sent.body);
    sent
}

/// Declines the first referral of the inbox.
fn decline(practice: &Practice) {
    let seen = due_first(&practice.manager);
    let path = in_practice(seen.text("/id").unwrap(), "/decline");
    let declined = practice.manager.change(&path, &seen, &json!({ "reason": "no_capacity" }));
    assert_eq!(declined.status, 200, "{}", declined.body);
}

/// The numbers and the kinds of the events of an answer.
fn told(answer: &Answer) -> Vec<(i64, String)> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|one| (one["number"].as_i64().unwrap(), one["kind"].as_str().unwrap().to_owned())).collect()
}

fn numbered(kinds: &[&str]) -> Vec<(i64, String)> {
    (1..).zip(kinds).map(|(number, kind)| (number, (*kind).to_owned())).collect()
}

#[test]
fn a_council_reads_what_happened_to_its_referrals_in_the_order_of_the_numbers() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    assert_eq!(council.system.get(EVENTS).body, json!({ "items": [], "next_after": 0, "has_more": false }));
    let [first, second] = ["REF-1", "REF-2"].map(|reference| send(&council, reference));
    decline(&practice);
    assert_eq!(council.system.get(EVENTS).body["items"], json!([]), "what has no number yet is not told");
    world.work(&practice);
    decline(&practice);
    let routed = world.first_officer(&council).change(
        &at(&first, "/route"),
        &council.system.get(&at(&first, "")),
        &json!({ "practice": practice.slug }),
    );
    assert_eq!(routed.status, 200, "{}", routed.body);
    world.set_clock("2026-11-20T10:01:00Z");
    let seen = due_first(&practice.manager);
    let path = in_practice(seen.text("/id").unwrap(), "/accept");
    let accepted = practice.manager.change(&path, &seen, &json!({ "priority": "routine" }));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    world.work(&practice);

    let whole = council.system.get(EVENTS);
    assert_eq!(told(&whole), numbered(&["referral.declined", "referral.declined", "referral.accepted"]));
    let ids = column(&whole, "/referral_id");
    assert_eq!(ids, [first.text("/id"), second.text("/id"), first.text("/id")]);
    let last = &whole.body["items"][2];
    assert_eq!(last["version"], 1);
    assert!(last["at"].as_str().unwrap().starts_with("2026-11-20T10:01:"), "{last}");
    assert_eq!((&whole.body["next_after"], &whole.body["has_more"]), (&json!(3), &json!(false)));

    let page = council.system.get(&format!("{EVENTS}?limit=2"));
    assert_eq!((told(&page).len(), &page.body["next_after"], &page.body["has_more"]), (2, &json!(2), &json!(true)));
    let rest = council.system.get(&format!("{EVENTS}?limit=2&after=2"));
    assert_eq!(told(&rest), [(3, "referral.accepted".to_owned())]);
    assert_eq!(council.system.get(&format!("{EVENTS}?after=3")).body["next_after"], json!(3));
    let of_kind = council.system.get(&format!("{EVENTS}?kind=referral.accepted&limit=1"));
    assert_eq!((told(&of_kind).len(), &of_kind.body["next_after"]), (1, &json!(3)));
    let of_second = council.system.get(&format!("{EVENTS}?referral_id={}", second.text("/id").unwrap()));
    assert_eq!(told(&of_second), [(2, "referral.declined".to_owned())]);
    assert_eq!(of_second.body["next_after"], json!(3), "what does not fit the question is passed over for good");
}

#[test]
fn another_council_reads_nothing_of_it_and_a_complaint_leaves_no_gap() {
    let world = World::new();
    let (council, other) = (world.council(), world.council());
    let practice = world.practice(&council);
    world.practice(&other);
    let sent = send(&council, "REF-1");
    decline(&practice);
    world.work(&practice);
    let desk = world.desk(&council);
    world.opened(&council, &desk, &messages::complaint(&practice.slug));
    world.work(&practice);
    send(&council, "REF-2");
    decline(&practice);
    world.work(&practice);
    assert_eq!(told(&council.system.get(EVENTS)), numbered(&["referral.declined", "referral.declined"]));
    let theirs = other.system.get(&format!("{EVENTS}?referral_id={}", sent.text("/id").unwrap()));
    assert_eq!(theirs.body, json!({ "items": [], "next_after": 0, "has_more": false }));
    assert_eq!(council.complaints.get(EVENTS).status, 403, "the system for complaints follows no referrals");
}

#[test]
fn what_cannot_be_asked_is_refused_at_its_parameter() {
    let world = World::new();
    let council = world.council();
    for (query, parameter) in [
        ("after=-1", "after"),
        ("after=9007199254740992", "after"),
        ("after=first", "after"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("kind=complaint.lodged", "kind"),
        ("kind=referral.lost", "kind"),
        ("referral_id=REF-1", "referral_id"),
        ("since=1", "since"),
    ] {
        let refused = council.system.get(&format!("{EVENTS}?{query}"));
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(parameter)), "{}", refused.body);
    }
    let all = council.system.get(&format!("{EVENTS}?limit=0&after=-1"));
    assert_eq!(column_of(&all.body["errors"], "pointer"), ["after", "limit"], "all at once");
}

/// The texts of a member of each item.
fn column_of<'a>(items: &'a Value, member: &str) -> Vec<&'a str> {
    items.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap()).collect()
}

#[test]
fn the_service_keeps_for_each_client_how_far_it_has_read() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let second = world.client(Some(council.id), &["referrals"]);
    let keep = |system: &System, after: &Value| {
        let content = json!({ "after": after }).to_string();
        system.send("PUT", POSITION, &[], Some(("application/json", content.as_bytes())))
    };
    assert_eq!(council.system.get(POSITION).body, json!({ "after": 0 }));
    for reference in ["REF-1", "REF-2"] {
        send(&council, reference);
        decline(&practice);
    }
    world.work(&practice);
    for after in [2, 1] {
        let kept = keep(&council.system, &json!(after));
        assert_eq!((kept.status, &kept.body), (200, &json!({ "after": after })));
        assert_eq!(council.system.get(POSITION).body, json!({ "after": after }), "it may go back");
    }
    assert_eq!(second.get(POSITION).body, json!({ "after": 0 }), "another client has its own");
    for wrong in [json!(3), json!(-1), json!("2"), Value::Null] {
        let refused = keep(&council.system, &wrong);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/after")), "{wrong}");
    }
    assert_eq!(council.system.get(POSITION).body, json!({ "after": 1 }));
}

#[test]
fn events_are_kept_for_ninety_days_and_who_comes_later_is_told() {
    let database = Severing::new("feed");
    let world = World::on(&database.url(), |_| {});
    let council = world.council();
    let practice = world.practice(&council);
    send(&council, "REF-1");
    decline(&practice);
    let mut in_danger = messages::complaint(&practice.slug);
    in_danger["danger"] = json!({ "now": "yes" });
    world.lodge(&in_danger);
    world.work(&practice);
    world.set_clock("2027-02-18T09:59:00Z");
    world.work_everywhere();
    council.forget_tokens();
    practice.manager.forget_token();
    assert_eq!(
        told(&council.system.get(&format!("{EVENTS}?after=0"))).len(),
        1,
        "for ninety days it can be read again"
    );
    world.set_clock("2027-02-18T10:05:00Z");
    council.forget_tokens();
    send(&council, "REF-2");
    decline(&practice);
    world.work_everywhere();
    let late = council.system.get(&format!("{EVENTS}?after=0"));
    assert_eq!((late.status, late.text("/type")), (410, Some("/problems/events-removed")), "{}", late.body);
    assert_eq!(late.text("/detail"), Some("The events up to number 1 are kept no longer. Ask after 1."));
    let rung = council.safeguarding.get("/v1/council/safeguarding-events?after=0");
    assert_eq!((rung.status, rung.text("/type")), (410, Some("/problems/events-removed")), "{}", rung.body);
    assert_eq!(told(&council.system.get(&format!("{EVENTS}?after=1"))), [(2, "referral.declined".to_owned())]);
    assert_eq!(told(&council.system.get(EVENTS)), [(2, "referral.declined".to_owned())]);
    assert_eq!(council.system.get(POSITION).body, json!({ "after": 1 }));
}

/// Asks for the feed, and does this to it between the question for its end and the one for its events.
fn read_while(world: &World, council: &Council, database: &mut PgConnection, query: &str, changes: &str) -> Answer {
    let (web, token) = (Web::new(world.url()), format!("Bearer {}", council.system.token().unwrap()));
    database.batch_execute("BEGIN; LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE").unwrap();
    thread::scope(|scope| {
        let asked = scope.spawn(|| web.send("GET", &format!("{EVENTS}{query}"), &[("authorization", &token)], None));
        let waiting = "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass) \
                       LOOP PERFORM pg_sleep(0.01); END LOOP; END $$";
        database.batch_execute(&format!("{waiting}; {changes}; COMMIT")).unwrap();
        asked.join().unwrap()
    })
}

#[test]
fn what_is_numbered_while_the_feed_is_read_waits_and_what_is_removed_meanwhile_is_told() {
    let name = format!("almoner_it_feed_meanwhile_{}", std::process::id());
    postgres::create(&name);
    almoner_persistence::migrations::migrate(&postgres::superuser_url(&name)).unwrap();
    let world = World::on(&postgres::url_as("almoner_app", &name), |_| {});
    let mut database = PgConnection::establish(&postgres::superuser_url(&name)).unwrap();
    let council = world.council();
    let practice = world.practice(&council);
    for reference in ["REF-1", "REF-2"] {
        send(&council, reference);
        decline(&practice);
        if reference == "REF-1" {
            world.work(&practice);
        }
    }
    let mut read_while = |query: &str, changes: &str| read_while(&world, &council, &mut database, query, changes);

    let number = "UPDATE outbox SET number = 2 WHERE number IS NULL; UPDATE feed_heads SET number = 2";
    let first = read_while("?after=0", number);
    assert_eq!((told(&first).len(), &first.body["next_after"]), (1, &json!(1)), "the second has come since");
    assert_eq!(told(&council.system.get(&format!("{EVENTS}?after=1"))), [(2, "referral.declined".to_owned())]);

    let remove = "DELETE FROM outbox WHERE number = 1; UPDATE feed_heads SET removed = 1";
    let restore = "INSERT INTO outbox SELECT owner_id, gen_random_uuid(), recipient_id, feed, kind, subject_id, at, 1 FROM outbox;
                   UPDATE feed_heads SET removed = 0";
    for query in ["?after=0", "?after=0&kind=referral.declined", "?after=0&kind=referral.accepted"] {
        let late = read_while(query, remove);
        assert_eq!((late.status, late.text("/type")), (410, Some("/problems/events-removed")), "{}", late.body);
        assert_eq!(told(&read_while("?after=1", restore)).len(), 1, "the question was for nothing that was removed");
    }
    let oldest = read_while("", remove);
    assert_eq!((told(&oldest).len(), &oldest.body["next_after"]), (1, &json!(2)), "it begins with the oldest");
}

#[test]
fn a_list_has_what_changed_since_a_moment_at_the_council_and_at_the_practice() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let [first, second] = ["REF-1", "REF-2"].map(|reference| send(&council, reference));
    assert_eq!(first.text("/changed_at"), first.text("/received_at"));
    world.set_clock("2026-11-20T10:05:00Z");
    decline(&practice);
    let lists = |since: &str| {
        let at_council = council.system.get(&format!("{REFERRALS}?changed_since={since}"));
        let at_practice = practice.manager.get(&format!("/v1/practice/referrals?changed_since={since}"));
        assert_eq!((at_council.status, at_practice.status), (200, 200), "{} {}", at_council.body, at_practice.body);
        for one in at_practice.body["items"].as_array().unwrap() {
            assert!(one["changed_at"].as_str().unwrap() >= since.trim_end_matches('Z'), "{one}");
        }
        let ids: Vec<String> = column(&at_council, "/id").into_iter().flatten().map(str::to_owned).collect();
        (ids, column(&at_practice, "/status").into_iter().flatten().map(str::to_owned).collect::<Vec<_>>())
    };
    let (ids, at_practice) = lists("2026-11-20T10:00:00Z");
    assert_eq!((ids.len(), at_practice.len()), (2, 2), "at the practice too, in whatever state");
    let (ids, at_practice) = lists("2026-11-20T10:05:00Z");
    assert_eq!((ids, at_practice), (vec![first.text("/id").unwrap().to_owned()], vec!["declined".to_owned()]));
    assert_eq!(lists("2026-11-20T10:06:00Z").0, Vec::<String>::new());
    world.set_clock("2026-11-20T10:09:00Z");
    let path = at(&second, "/withdraw");
    let withdrawn = council.system.change(&path, &council.system.get(&at(&second, "")), &json!({}));
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.body);
    assert_eq!(lists("2026-11-20T10:09:00Z").1, ["withdrawn"]);
}

#[test]
fn eight_who_write_and_one_who_reads_lose_nothing_and_see_nothing_late() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for n in 0..48 {
        send(&council, &format!("REF-{n}"));
    }
    let inbox = practice.manager.get("/v1/practice/referrals?limit=200");
    let waiting: Vec<String> = column(&inbox, "/id").into_iter().flatten().map(str::to_owned).collect();
    let token = practice.manager.token().unwrap();
    thread::scope(|scope| {
        let writers: Vec<_> =
            waiting.chunks(6).map(|some| scope.spawn(|| decline_all(Web::new(world.url()), &token, some))).collect();
        let (mut read, mut are_done) = (0, false);
        while read < 48 {
            assert!(!are_done, "all is written and numbered, and something is missing after {read}");
            are_done = writers.iter().all(thread::ScopedJoinHandle::is_finished);
            world.work(&practice);
            let mut has_more = true;
            while has_more {
                let page = council.system.get(&format!("{EVENTS}?after={read}&limit=7"));
                for (number, _) in told(&page) {
                    read += 1;
                    assert_eq!(number, read, "each number once, in order and without a gap");
                }
                assert_eq!(page.body["next_after"], json!(read));
                has_more = page.body["has_more"] == true;
            }
        }
    });
}

/// Declines these referrals, which nobody has changed, on a connection of its own.
fn decline_all(web: Web, token: &str, referrals: &[String]) {
    for referral in referrals {
        let (bearer, key) = (format!("Bearer {token}"), fresh_key());
        let headers = [("authorization", bearer.as_str()), ("if-match", "\"1\""), ("idempotency-key", &key)];
        let content = Some(("application/json", br#"{"reason":"no_capacity"}"#.as_slice()));
        let declined = web.send("POST", &in_practice(referral, "/decline"), &headers, content);
        assert_eq!(declined.status, 200, "{}", declined.body);
    }
}
