//! The examples of the OpenAPI document: each request and each answer has one, its schema allows it, and an error's is the
//! service's own.

use std::collections::{BTreeMap, BTreeSet};

use almoner_api::Kind;
use almoner_tests::World;
use almoner_tests::callers::Caller;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::operations::{Operation, document, operations};

/// The examples of a content, by name; the only one has none.
fn examples(content: &Value) -> BTreeMap<String, Value> {
    let only = content.get("example").map(|example| (String::new(), example.clone()));
    let named = content["examples"].as_object().into_iter().flatten();
    only.into_iter().chain(named.map(|(name, example)| (name.clone(), example["value"].clone()))).collect()
}

/// The answers of an operation, by status, each in the place of the reference to it.
fn responses(operation: &Operation) -> BTreeMap<String, Value> {
    let document = document();
    let whole = |response: &Value| match response["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap().clone(),
        None => response.clone(),
    };
    let responses = operation.json["responses"].as_object().unwrap();
    responses.iter().map(|(status, response)| (status.clone(), whole(response))).collect()
}

/// Every content of an operation's request and answers, with its place.
fn contents(operation: &Operation) -> Vec<(String, Value)> {
    let of = |place: String, part: &Value| {
        let content = part["content"].as_object().cloned().unwrap_or_default();
        content.into_iter().map(move |(media_type, content)| (format!("{place} {media_type}"), content))
    };
    let name = operation.name();
    let responses = responses(operation);
    of(name.clone(), &operation.json["requestBody"])
        .chain(responses.iter().flat_map(|(status, response)| of(format!("{name} {status}"), response)))
        .collect()
}

fn validator(schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = document()["components"].clone();
    jsonschema::options().should_validate_formats(true).build(&whole).unwrap()
}

#[test]
fn every_request_and_every_answer_has_an_example_that_its_schema_allows() {
    let mut validators: BTreeMap<String, Validator> = BTreeMap::new();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for operation in operations() {
        for (place, content) in contents(&operation) {
            let examples = examples(&content);
            if examples.is_empty() {
                wrong.push(format!("{place} has no example"));
            }
            let schema = &content["schema"];
            let validator = validators.entry(schema.to_string()).or_insert_with(|| validator(schema));
            for (name, example) in examples {
                seen += 1;
                let faults = validator.iter_errors(&example).map(|fault| format!("{} {fault}", fault.instance_path()));
                wrong.extend(faults.map(|fault| format!("{place} {name}: {fault}")));
            }
        }
    }
    assert!(seen > 800, "the document has examples: {seen}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_kind_of_problem_of_an_operation_has_an_example_with_its_own_words() {
    let kinds: BTreeMap<&str, Kind> = Kind::ALL.iter().map(|kind| (kind.word(), *kind)).collect();
    for operation in operations() {
        for (status, response) in responses(&operation) {
            let content = &response["content"]["application/problem+json"];
            if content.is_null() {
                continue;
            }
            let place = format!("{} {status}", operation.name());
            let description = response["description"].as_str().unwrap();
            let named: BTreeSet<&str> = description.split('`').skip(1).step_by(2).collect();
            let examples = examples(content);
            assert_eq!(examples.keys().map(String::as_str).collect::<BTreeSet<_>>(), named, "{place}");
            for (word, example) in &examples {
                let kind = kinds[word.as_str()];
                assert_eq!(example["type"], format!("/problems/{word}"), "{place}");
                assert_eq!(example["title"], kind.title(), "{place} {word}");
                assert_eq!(example["status"], kind.status().as_u16(), "{place} {word}");
                assert_eq!(status, example["status"].to_string(), "{place} {word}");
            }
        }
    }
}

#[test]
fn the_referral_of_the_document_is_taken_today_and_in_three_years() {
    let world = World::new();
    let council = world.council();
    let operations = operations();
    let sending = operations.iter().find(|operation| operation.name() == "POST /v1/council/referrals").unwrap();
    let (_, referral) = sending.example().unwrap();
    let places = [("chosen_practice", json!(["SY1"])), ("preferred_practice", json!(["TF1"]))];
    let practices = places.map(|(member, districts)| {
        let practice = world.practice_with(json!({ "slug": referral[member], "districts": districts }));
        world.contract(&council, &practice, json!({}));
        practice
    });
    for at in ["2026-11-20T10:00:00Z", "2029-11-20T10:00:00Z"] {
        world.set_clock(at);
        for practice in &practices {
            world.make_ready(practice);
        }
        let system = world.client(Some(council.id), &["referrals"]);
        let mut message = referral.clone();
        let sent = system.post("/v1/council/referrals", &message);
        assert!([200, 201].contains(&sent.status), "{at}: {} {}", sent.status, sent.body);
        assert_eq!(sent.body["practice"]["slug"], referral["chosen_practice"], "{at}");
        // The same reference is the same referral, so a reader who sends it again later does so under their own.
        message["council_reference"] = format!("SENT-{}", &at[..4]).into();
        let sent = system.post("/v1/council/referrals", &message);
        assert_eq!(sent.status, 201, "{at}: {}", sent.body);
    }
}
