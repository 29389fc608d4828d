//! The cost of hashing a password, and what the time of an answer shows.

use std::time::{Duration, Instant};

use almoner_api::PasswordCost;
use almoner_tests::callers::Caller;
use almoner_tests::{Staff, World, postgres};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_types};
use serde_json::{Value, json};

const SESSIONS: &str = "/v1/practice/sessions";

#[derive(QueryableByName)]
struct Hash {
    #[diesel(sql_type = sql_types::Text)]
    password_hash: String,
}

fn hash_of(staff: &Staff) -> String {
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let found: Hash = diesel::sql_query("SELECT password_hash FROM accounts WHERE email = $1")
        .bind::<sql_types::Text, _>(&staff.email)
        .get_result(&mut database)
        .unwrap();
    found.password_hash
}

#[test]
fn a_password_is_hashed_anew_when_hashing_has_become_dearer() {
    let world = World::with_settings(|settings| settings.password_cost = PasswordCost::Full);
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    let before = hash_of(staff);
    assert!(before.contains("m=8,t=1"), "{before}");
    let mut wrong = staff.credentials();
    wrong["password"] = "another password".into();
    assert_eq!(world.anyone().post(SESSIONS, &wrong).status, 401);
    assert_eq!(hash_of(staff), before, "a wrong password changes nothing");
    assert_eq!(staff.sign_in(None).status, 201);
    let after = hash_of(staff);
    assert!(after.contains("m=19456,t=2"), "{after}");
    assert_eq!(staff.sign_in(None).status, 201);
    assert_eq!(hash_of(staff), after, "once is enough");
}

/// The median time of so many attempts with these credentials, a minute of the server's clock apart.
fn median(world: &World, credentials: &Value) -> Duration {
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            world.clock.advance(chrono::TimeDelta::minutes(1));
            let begun = Instant::now();
            assert_eq!(world.anyone().post(SESSIONS, credentials).status, 401);
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

#[test]
#[ignore = "it measures; run it by itself, on a quiet machine, with --ignored --nocapture"]
fn how_long_it_takes_to_refuse_whom() {
    let world = World::with_settings(|settings| settings.password_cost = PasswordCost::Full);
    let practice = world.practice_with(json!({}));
    let staff = &practice.manager;
    assert_eq!(staff.sign_in(None).status, 201, "hashed at its full cost from here on");
    let with = |email: &str, password: &str| json!({ "email": email, "password": password, "code": "000000" });
    for (whom, credentials) in [
        ("an unknown address", with("nobody@practice.example", "another password")),
        ("a wrong password", with(&staff.email, "another password")),
        ("a wrong code", with(&staff.email, almoner_tests::PASSWORD)),
        ("an unknown address", with("nobody@practice.example", "another password")),
        ("a wrong password", with(&staff.email, "another password")),
    ] {
        println!("{whom}: {:?}", median(&world, &credentials));
    }
}
