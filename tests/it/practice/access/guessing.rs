//! Guessing of passwords, and the account that is guessed at.

use std::sync::Mutex;

use almoner_api::Quota;
use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Staff, World};
use chrono::TimeDelta;
use serde_json::{Value, json};

const SESSIONS: &str = "/v1/practice/sessions";

/// Makes a server behind a proxy that reports the caller's address, with the usual quota of attempts for each address.
fn behind_a_proxy() -> World {
    World::with_settings(|settings| {
        settings.quotas.sign_in = Quota::parse("30/30").unwrap();
        settings.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
}

fn sign_in(world: &World, from: &str, credentials: &Value) -> Answer {
    let content = credentials.to_string();
    let content = Some(("application/json", content.as_bytes()));
    world.anyone().send("POST", SESSIONS, &[("x-forwarded-for", from)], content)
}

/// Sends so many wrong passwords from each of these addresses, many at once. Returns how often each status was the answer.
fn guess(world: &World, whom: &Staff, addresses: &[String], each: usize) -> (usize, usize) {
    let statuses = Mutex::new(Vec::new());
    let wrong = json!({ "email": whom.email, "password": "wrong password", "code": "123456" });
    // A request beyond the quota is delayed by a quarter of a second, so the requests are sent side by side.
    let threads = 25;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (statuses, wrong) = (&statuses, &wrong);
            scope.spawn(move || {
                for n in (thread..addresses.len() * each).step_by(threads) {
                    let status = sign_in(world, &addresses[n % addresses.len()], wrong).status;
                    statuses.lock().unwrap().push(status);
                }
            });
        }
    });
    let statuses = statuses.into_inner().unwrap();
    let count = |status| statuses.iter().filter(|one| **one == status).count();
    assert_eq!(count(401) + count(429), addresses.len() * each, "{statuses:?}");
    (count(401), count(429))
}

#[test]
fn row_12_after_200_wrong_passwords_from_one_address_the_right_person_comes_in_from_another() {
    let world = behind_a_proxy();
    let practice = world.practice_with(json!({}));
    let whom = &practice.manager;
    let attacker = ["198.51.100.7".to_owned()];
    let (tried, throttled) = guess(&world, whom, &attacker, 200);
    // The quota is ten, and one more for each six seconds that it took.
    assert!((10..=12).contains(&tried), "{tried} of 200 were tried, {throttled} were not");

    let elsewhere = sign_in(&world, "203.0.113.9", &whom.credentials());
    assert_eq!(elsewhere.status, 201, "{}", elsewhere.body);
    // A member of staff at the attacker's address has to wait, and then can sign in too: nobody is locked out for good.
    let beside = sign_in(&world, &attacker[0], &practice.manager.credentials());
    assert_eq!((beside.status, beside.text("/type")), (429, Some("/problems/too-many-requests")), "{}", beside.body);

    world.clock.advance(TimeDelta::minutes(1));
    let (tried, _) = guess(&world, whom, &attacker, 30);
    assert!((9..=12).contains(&tried), "{tried}: ten a minute, however long they go on");
    world.clock.advance(TimeDelta::minutes(1));
    let later = sign_in(&world, &attacker[0], &whom.credentials());
    assert_eq!(later.status, 201, "{}", later.body);
}

#[test]
fn row_12_guesses_from_many_addresses_leave_the_address_that_its_owner_knows() {
    let world = behind_a_proxy();
    let practice = world.practice_with(json!({}));
    let whom = &practice.manager;
    let home = "203.0.113.9";
    assert_eq!(sign_in(&world, home, &whom.credentials()).status, 201);

    let addresses: Vec<String> = (1..=12).map(|n| format!("198.51.100.{n}")).collect();
    let (tried, throttled) = guess(&world, whom, &addresses, 10);
    assert!(
        (59..=65).contains(&tried),
        "{tried}: sixty from all strange addresses together, of which the owner had one; {throttled} were not"
    );
    let stranger = sign_in(&world, "192.0.2.1", &json!({ "email": whom.email, "password": "x", "code": "123456" }));
    assert_eq!(stranger.status, 429, "{}", stranger.body);
    let at_home = sign_in(&world, home, &whom.credentials());
    assert_eq!(at_home.status, 201, "{}", at_home.body);
    let colleague = sign_in(&world, "192.0.2.2", &practice.second_manager.credentials());
    assert_eq!(colleague.status, 201, "nobody else is throttled: {}", colleague.body);
}

#[test]
fn row_12_another_way_of_writing_an_address_has_no_attempts_of_its_own() {
    let world = behind_a_proxy();
    let practice = world.practice_with(json!({}));
    let address = practice.manager.email.as_str();
    let mut statuses = Vec::new();
    for n in 0..30 {
        let written = match n % 3 {
            0 => format!("{}{address}", "\u{200b}".repeat(n + 1)),
            1 => address.replacen('@', &format!("{}@", "\u{2060}".repeat(n)), 1).to_uppercase(),
            _ => format!("\u{202a}{address}\u{202c}{}", "\u{a0}".repeat(n)),
        };
        let wrong = json!({ "email": written, "password": "wrong password", "code": "123456" });
        statuses.push(sign_in(&world, "198.51.100.7", &wrong).status);
    }
    let tried = statuses.iter().filter(|status| **status == 401).count();
    assert!((10..=12).contains(&tried), "{tried} were tried: {statuses:?}");
}
