//! The officers of a council: how they come, what they may do, what is on record of it, and how they go.

mod appointed;
mod confirmed;
mod gone;
mod on_record;
mod signed_in;
mod single_sign_on;

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::{Caller, fresh_key};
use serde_json::{Value, json};

const OFFICERS: &str = "/v1/council/officers";

/// A new officer with these roles, at an address of their own.
fn new_officer(roles: &[&str]) -> Value {
    json!({ "name": "Robin Hale", "email": format!("{}@council.example", fresh_key()), "roles": roles })
}

/// The path of an officer, or of a step on them.
fn of(officer: &Staff, step: &str) -> String {
    format!("{OFFICERS}/{}{step}", officer.id)
}

/// Reads an officer and takes a step on them, as another.
fn step(by: &Staff, officer: &Staff, step: &str) -> Answer {
    let seen = by.get(&of(officer, ""));
    assert_eq!(seen.status, 200, "{}", seen.body);
    by.change(&of(officer, step), &seen, &json!({}))
}

/// Sends content to a path of what was read in `seen`.
fn put(by: &Staff, path: &str, seen: &Answer, content: &Value) -> Answer {
    let headers = [("if-match", seen.etag().unwrap())];
    by.send("PUT", path, &headers, Some(("application/json", content.to_string().as_bytes())))
}

/// Whether an officer can sign in now. Their tokens of before are forgotten.
fn can_sign_in(officer: &Staff) -> bool {
    officer.clock().advance(chrono::TimeDelta::minutes(1));
    let answer = officer.sign_in(None);
    assert!([201, 401].contains(&answer.status), "{}", answer.body);
    answer.status == 201
}
