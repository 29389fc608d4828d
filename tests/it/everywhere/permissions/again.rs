//! Requests that are sent again: what was read, with the `ETag` that it had; and what was done, with the same key and content
//! that differs.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;

use super::super::operations::{Operation, operations};
use super::cast::{CALLERS, Cast};
use super::requests::{Prepared, prepare};

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

#[test]
fn what_is_read_again_is_304_and_a_key_that_did_work_is_refused_with_other_content() {
    let cast = Cast::new();
    let (mut read, mut keys, mut undone) = (0, Vec::new(), Vec::new());
    for operation in operations() {
        let name = operation.name();
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
            let again = ask(&cast, &prepared, &[], &format!("{content} "));
            assert_eq!(again.text("/type"), Some("/problems/idempotency-key-reused"), "{name}: {}", again.body);
            keys.extend(prepared.headers.into_iter().find(|(name, _)| *name == "Idempotency-Key").map(|(_, key)| key));
        }
    }
    assert!(read >= 10 && keys.len() >= 10, "{read} {}", keys.len());
    // The key is looked at before what the content names, which these operations' examples only make up.
    for operation in undone {
        assert!(is_refused(&cast, &operation, &keys), "{}", operation.name());
    }
}
