//! Operations are severed from the database at each of their statements: they leave nothing, and are done whole when they are
//! sent again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::documents::send_in;
use almoner_tests::{Severed, Severing, Staff, World, messages};
use serde_json::{Value, json};

use crate::council::REFERRALS;
use crate::council::instructions::{GIVEN, on_instruction, referred};
use crate::practice::access::single_sign_on::fake::Fake;
use crate::practice::complaints::two_worlds::script::{everything_by, letterbox_by};
use crate::practice::complaints::two_worlds::{Complaint, set_up};
use crate::practice::documents::erased::ask;
use crate::practice::referrals::due_first;

/// The operations that spend an attempt to sign on, in a transaction of its own, before they ask the provider: whatever happens
/// then, the same attempt is not taken twice.
const SPENT_FIRST: [&str; 2] = ["POST /account/identities/complete", "POST /sessions/single-sign-on/complete"];

/// Severs an operation at each of its statements, and expects that its caller was told each time.
fn sever(world: &World, database: &Severing, operation: &str, send: &mut dyn FnMut() -> Answer) -> Severed<Answer> {
    // Whoever asks while the connection is being made anew may be told 503.
    let connect = || {
        let is_connected = || {
            let is_there = world.anyone().get("/v1/public/practices?limit=1").status == 200;
            if !is_there {
                std::thread::sleep(Duration::from_millis(20));
            }
            is_there
        };
        assert!((0..100).any(|_| is_connected()), "the service does not connect again");
    };
    // A refusal is recorded after the transaction that found the reason for it.
    let is_refused = |answer: &Answer, left: &[String]| (400..500).contains(&answer.status) && left == ["audit_events"];
    let outcome = database.at_each_statement(connect, send, is_refused);
    assert!(outcome.whole.status < 500, "{operation}: {}", outcome.whole.body);
    for answer in &outcome.severed {
        // Where there is nothing to commit, the answer does not wait for the end of the transaction.
        let is_told = answer.status == 503 || !outcome.left_something && answer.status == outcome.whole.status;
        assert!(is_told, "{operation}: {} {}", answer.status, answer.body);
    }
    outcome
}

#[test]
fn an_operation_that_is_severed_at_any_of_its_statements_leaves_nothing_and_is_done_when_sent_again() {
    let database = Severing::new("severed");
    let world = World::on_one_connection(&database.url(), |settings| settings.allow_private_providers = true);
    let side = set_up(&world, &Fake::start(), Complaint::None);
    let statements = RefCell::new(BTreeMap::<String, usize>::new());
    let at_each_statement = |operation: &str, send: &mut dyn FnMut() -> Answer| {
        // Each is severed the first time.
        if SPENT_FIRST.contains(&operation) || statements.borrow().contains_key(operation) {
            return send();
        }
        let severed = sever(&world, &database, operation, send);
        statements.borrow_mut().entry(operation.to_owned()).or_insert(severed.severed.len());
        severed.whole
    };
    everything_by(&at_each_statement, &side, 1);
    letterbox_by(&at_each_statement, &side, 1);
    let statements = statements.borrow();
    for (operation, least) in [
        ("POST /referrals/{id}/accept", 20),
        ("POST /cases/{id}/close", 10),
        ("PUT /absence", 5),
        ("POST /cases/{id}/documents", 15),
        ("POST /complaints", 5),
    ] {
        assert!(statements[operation] >= least, "{operation}: {statements:?}");
    }
}

#[test]
fn what_a_council_sends_withdraws_and_routes_is_whole_or_not_there() {
    let database = Severing::new("severed_council");
    let world = World::on_one_connection(&database.url(), |_| {});
    let council = world.council();
    let practice = world.practice(&council);
    council.system.token().unwrap();
    let officer = world.first_officer(&council);
    officer.token().unwrap();
    let post = |what: &str, path: &str, seen: Option<&Answer>, content: &Value| {
        let tag = seen.and_then(Answer::etag).unwrap_or("\"1\"").to_owned();
        let content = content.to_string();
        let content = Some(("application/json", content.as_bytes()));
        let sent = sever(&world, &database, what, &mut || {
            let headers = [("if-match", tag.as_str())];
            if what == "route" {
                officer.send("POST", path, &headers, content)
            } else {
                council.system.send("POST", path, &headers, content)
            }
        });
        assert!(sent.whole.status < 300 && sent.left_something, "{what}: {}", sent.whole.body);
        assert!(sent.severed.len() > 5, "{what} was severed {} times", sent.severed.len());
        sent.whole
    };
    let [kept, withdrawn] = [(); 2].map(|()| post("send", REFERRALS, None, &messages::referral()));
    let letter = sever(&world, &database, "send a document", &mut || {
        let headers =
            [("idempotency-key", "one for all of them"), ("content-disposition", "attachment; filename=x.txt")];
        let path = format!("{REFERRALS}/{}/documents", kept.text("/id").unwrap());
        council.system.send("POST", &path, &headers, Some(("text/plain", b"She has been discharged.")))
    });
    assert!(letter.whole.status == 201 && letter.severed.len() > 20, "{} {}", letter.severed.len(), letter.whole.body);
    let at = |sent: &Answer, step: &str| format!("{REFERRALS}/{}{step}", sent.text("/id").unwrap());
    let seen = council.system.get(&at(&withdrawn, ""));
    assert_eq!(
        post("withdraw", &at(&withdrawn, "/withdraw"), Some(&seen), &json!({})).text("/status"),
        Some("withdrawn")
    );
    let waiting = due_first(&practice.manager);
    let decline = format!("/v1/practice/referrals/{}/decline", waiting.text("/id").unwrap());
    assert_eq!(practice.manager.change(&decline, &waiting, &json!({ "reason": "no_capacity" })).status, 200);
    let seen = council.system.get(&at(&kept, ""));
    let routed = post("route", &at(&kept, "/route"), Some(&seen), &json!({ "practice": practice.slug }));
    assert_eq!(routed.text("/status"), Some("received"));
    assert_eq!(council.system.get(REFERRALS).body["items"].as_array().unwrap().len(), 2);
    assert_eq!(practice.manager.get("/v1/practice/referrals").body["items"].as_array().unwrap().len(), 1);
}

#[test]
fn an_instruction_and_what_is_done_on_it_are_whole_or_not_there() {
    let database = Severing::new("severed_instruction");
    let world = World::on_one_connection(&database.url(), |_| {});
    let council = world.council();
    let practice = world.practice(&council);
    let officer = world.first_officer(&council);
    let [followed, withdrawn] = [(); 2].map(|()| referred(&council, &practice));
    let post = |what: &str, caller: &Staff, path: &str, seen: Option<&Answer>, content: &Value| {
        caller.token().unwrap();
        let tag = seen.and_then(Answer::etag).unwrap_or("\"1\"").to_owned();
        let (content, key) = (content.to_string(), fresh_key());
        let sent = sever(&world, &database, what, &mut || {
            let headers = [("if-match", tag.as_str()), ("idempotency-key", key.as_str())];
            caller.send("POST", path, &headers, Some(("application/json", content.as_bytes())))
        });
        assert!(sent.whole.status < 300 && sent.left_something, "{what}: {}", sent.whole.body);
        assert!(sent.severed.len() > 5, "{what} was severed {} times", sent.severed.len());
        sent.whole
    };
    let [to_follow, to_withdraw] = [&followed, &withdrawn].map(|theirs| {
        let new =
            json!({ "kind": "move_worker_off", "referral_id": theirs.referral, "words": "Somebody else, please." });
        post("instruct", officer, GIVEN, None, &new).text("/id").unwrap().to_owned()
    });
    let allocate = format!("{}/allocate", followed.case);
    let seen = practice.manager.get(&followed.case);
    post("follow", &practice.manager, &allocate, Some(&seen), &on_instruction(&practice, &to_follow));
    let path = format!("{GIVEN}/{to_withdraw}");
    let sent = send_in(&practice.manager, &withdrawn.case, "note.txt", "text/plain", b"Saw Edith at home.");
    for (step, status) in [("refuse", "refused"), ("instruct", "erased")] {
        let asked = ask(&practice.manager, sent.header("location").unwrap());
        let path = format!("/v1/council/erasure-requests/{}", asked.text("/id").unwrap());
        let why = json!({ "reason": "It is not hers." });
        let decided = post(step, officer, &format!("{path}/{step}"), Some(&officer.get(&path)), &why);
        assert_eq!(decided.text("/status"), Some(status), "{}", decided.body);
    }
    let gone = post("withdraw", officer, &format!("{path}/withdraw"), Some(&officer.get(&path)), &json!({}));
    assert_eq!(gone.text("/status"), Some("withdrawn"), "{}", gone.body);
}
