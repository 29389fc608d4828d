//! Rotation of the keys that sign tokens. Each test has a database of its own, because all servers on a database share the keys.

use std::time::Duration;

use almoner_api::rotate_signing_keys;
use almoner_persistence::{Clock, Store, access::signing_keys, migrations};
use almoner_tests::callers::Caller;
use almoner_tests::{World, postgres};
use chrono::TimeDelta;
use serde_json::Value;

use super::{assert_not_authenticated, decode, read_with};

const LIFE: Duration = Duration::from_mins(10);

/// Makes a world on a database of its own, and another server on the same database.
fn worlds(name: &str) -> (World, World) {
    let name = database_of(name);
    postgres::create(&name);
    migrations::migrate(&postgres::superuser_url(&name)).unwrap();
    let clock = Clock::new();
    clock.set("2026-11-20T10:00:00Z".parse().unwrap());
    let url = postgres::url_as("almoner_app", &name);
    // Two servers that start at once make one key.
    std::thread::scope(|threads| {
        let [one, two] = [(); 2].map(|()| threads.spawn(|| World::with_clock(clock.clone(), &url)));
        (one.join().unwrap(), two.join().unwrap())
    })
}

fn kid(token: &str) -> Value {
    decode(token.split('.').next().unwrap())["kid"].clone()
}

fn published(world: &World) -> Vec<Value> {
    let keys = world.anyone().get("/.well-known/jwks.json");
    assert!(!keys.body.to_string().contains("\"d\""), "private parts stay private");
    keys.body["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect()
}

fn kept(store: &Store) -> usize {
    store.console(signing_keys::list).unwrap().len()
}

#[test]
fn a_new_key_is_published_at_once_signs_an_hour_later_and_no_token_ends_before_its_time() {
    let (world, other) = worlds("rotated");
    let council = world.council();
    assert_eq!(kept(&world.store), 1, "two servers that start at once make one key");
    let old = kid(&council.system.token().unwrap());

    let new = Value::from(rotate_signing_keys(&world.store, LIFE, false).unwrap().to_string());
    world.clock.advance(TimeDelta::seconds(31));
    assert_eq!(published(&world), [old.clone(), new.clone()]);
    assert_eq!(published(&other).len(), 2, "every server knows it within half a minute");
    council.system.forget_token();
    assert_eq!(kid(&council.system.token().unwrap()), old, "it is published before it signs");

    world.clock.advance(TimeDelta::minutes(59));
    council.system.forget_token();
    let last = council.system.token().unwrap();
    assert_eq!(kid(&last), old);
    world.clock.advance(TimeDelta::minutes(1));
    council.system.forget_token();
    let first = council.system.token().unwrap();
    assert_eq!(kid(&first), new, "after an hour it signs");
    assert_eq!((read_with(&other, &last).status, read_with(&other, &first).status), (200, 200));

    world.clock.advance(TimeDelta::minutes(11));
    assert_eq!(published(&world), [new], "the old one goes when its last token has");
}

#[test]
fn a_leaked_key_is_refused_at_once_with_all_that_it_signed() {
    let (world, other) = worlds("leaked");
    let council = world.council();
    let before = council.system.token().unwrap();
    assert_eq!(read_with(&other, &before).status, 200);
    let new = rotate_signing_keys(&world.store, LIFE, true).unwrap();
    world.clock.advance(TimeDelta::seconds(31));
    for server in [&world, &other] {
        assert_not_authenticated(&read_with(server, &before), "signed by the leaked key");
    }
    council.system.forget_token();
    let after = council.system.token().unwrap();
    assert_eq!(kid(&after), Value::from(new.to_string()));
    assert_eq!(read_with(&other, &after).status, 200);
    assert_eq!(published(&other).len(), 1);
}

#[test]
fn a_server_that_meets_an_unknown_key_looks_for_it_before_it_refuses() {
    let (world, other) = worlds("unknown_kid");
    let council = world.council();
    council.system.token();
    rotate_signing_keys(&world.store, LIFE, true).unwrap();
    // This server starts with the new key. The other holds the old one, and read it less than half a minute ago.
    let third = World::with_clock(world.clock.clone(), &postgres::url_as("almoner_app", &database_of("unknown_kid")));
    world.clock.advance(TimeDelta::seconds(2));
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        council.system.id, council.system.secret
    );
    let content = Some(("application/x-www-form-urlencoded", form.as_bytes()));
    let token = third.anyone().send("POST", "/oauth/token", &[], content);
    let token = token.text("/access_token").unwrap();
    assert_eq!(read_with(&other, token).status, 200);
}

fn database_of(name: &str) -> String {
    format!("almoner_it_{name}_{}", std::process::id())
}
