//! Requests that are sent again: what was read, with the `ETag` that it had; and what was done, with the same key and content
//! that differs.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use serde_json::Value;

use super::super::operations::{Operation, operations};
use super::cast::{CALLERS, Cast};
use super::requests::{Prepared, prepare};

/// What is written down at a practice's desk leaves nothing there, so nothing tells that a key was used: other content with it is
/// another complaint.
const LETTERBOXES: [&str; 2] = ["POST /v1/practice/complaints", "POST /v1/practice/concerns"];

fn ask(cast: &Cast, prepared: &Prepared, more: &[(&str, &str)], content: &str) -> Answer {
    let mut headers: Vec<(&str, &str)> = prepared.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.extend(more);
    let content = prepared.content.as_ref().map(|(media_type, _)| (media_type.as_str(), content.as_bytes()));
    cast.world.anyone().send(&prepared.method, &prepared.path, &headers, content)
}

/// Sends the operation as the first caller for whom it succeeds.
fn done(cast: &Cast, operation: &Operation) -> Option<(Prepared, Answer)> {
    CALLERS.iter().find_map(|(who, ..)| {
        let prepared = prepare(cast, operation, *who);
        let content = prepared.content.as_ref().map_or("", |(_, content)| content);
        let answer = ask(cast, &prepared, &[], content);
        ([200, 201].contains(&answer.status)).then_some((prepared, answer))
    })
}

/// Whether somebody who sends the operation with one of these keys, which did other work, is refused.
fn is_refused(cast: &Cast, operation: &Operation, keys: &[String]) -> bool {
    CALLERS.iter().any(|(who, ..)| {
        let mut prepared = prepare(cast, operation, *who);
        let content = prepared.content.as_ref().map_or(String::new(), |(_, content)| content.clone());
        keys.iter().any(|key| {
            prepared.headers.retain(|(name, _)| *name != "Idempotency-Key");
            prepared.headers.push(("Idempotency-Key", key.clone()));
            ask(cast, &prepared, &[], &content).text("/type") == Some("/problems/idempotency-key-reused")
        })
    })
}

/// The content with one of its members changed, in several ways.
fn changed(content: &str) -> Vec<String> {
    let content: Value = serde_json::from_str(content).unwrap();
    let Some(members) = content.as_object() else {
        return vec![Value::String(format!("{} more", content.as_str().unwrap())).to_string()];
    };
    let mut others = Vec::new();
    for (name, value) in members {
        let values = match value {
            Value::String(text) => {
                let mut last = text.clone();
                let digit = if last.pop() == Some('1') { '2' } else { '1' };
                vec![format!("{text} more").into(), format!("{last}{digit}").into()]
            }
            Value::Number(number) => vec![(number.as_i64().unwrap_or(0) + 1).into()],
            Value::Bool(is) => vec![(!is).into()],
            Value::Object(_) => {
                changed(&value.to_string()).iter().map(|other| serde_json::from_str(other).unwrap()).collect()
            }
            _ => vec![Value::Null],
        };
        for value in values {
            let mut other = content.clone();
            other[name] = value;
            others.push(other.to_string());
        }
    }
    others
}

#[test]
fn what_is_read_again_is_304_and_a_key_that_did_work_is_refused_with_other_content() {
    let cast = Cast::new();
    let (mut read, mut keys, mut undone) = (0, Vec::new(), Vec::new());
    // The examples name a practice, which is made unless another test has.
    let practice = operations().into_iter().find(|operation| operation.name() == "POST /v1/operator/practices");
    done(&cast, &practice.unwrap());
    for operation in operations() {
        let name = operation.name();
        if LETTERBOXES.contains(&&*name) {
            continue;
        }
        if operation.json["responses"]["304"].is_object() {
            assert!(operation.needs("If-None-Match"), "{name}");
            let (prepared, answer) = done(&cast, &operation).unwrap_or_else(|| panic!("nobody reads {name}"));
            let etag = answer.etag().unwrap_or_else(|| panic!("{name} has no ETag"));
            for has in [etag, "*", &format!("W/{etag}"), &format!("\"other\", {etag}")] {
                let again = ask(&cast, &prepared, &[("if-none-match", has)], "");
                assert_eq!((again.status, again.etag()), (304, Some(etag)), "{name} {has}");
            }
            read += 1;
        } else if operation.needs("Idempotency-Key") && operation.example().is_some() {
            let Some((prepared, _)) = done(&cast, &operation) else {
                undone.push(operation);
                continue;
            };
            let (_, content) = prepared.content.as_ref().unwrap();
            // Of the changes to one member some are not allowed there, and are refused for that.
            let answers: Vec<_> = changed(content).iter().map(|other| ask(&cast, &prepared, &[], other)).collect();
            let is_reused = |answer: &Answer| answer.text("/type") == Some("/problems/idempotency-key-reused");
            assert!(answers.iter().any(is_reused), "{name}: {:?}", answers.first().map(|answer| &answer.body));
            assert!(answers.iter().all(|answer| [400, 422].contains(&answer.status)), "{name}");
            keys.extend(prepared.headers.into_iter().find(|(name, _)| *name == "Idempotency-Key").map(|(_, key)| key));
        }
    }
    assert!(read >= 10 && keys.len() >= 10, "{read} {}", keys.len());
    // The key is looked at before what the content names, which these operations' examples only make up.
    for operation in undone {
        assert!(is_refused(&cast, &operation, &keys), "{}", operation.name());
    }
}
