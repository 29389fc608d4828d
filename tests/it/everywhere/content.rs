//! The content of requests, as editors, proxies and libraries send it, and all that is wrong with it at once.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{World, messages};
use serde_json::{Value, json};

/// The faults of an answer: the pointer and the words of each.
fn faults(answer: &Answer) -> Vec<(&str, &str)> {
    let errors = answer.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|error| (error["pointer"].as_str().unwrap(), error["detail"].as_str().unwrap())).collect()
}

#[test]
fn content_is_read_in_utf_8_and_in_nothing_else() {
    let world = World::new();
    let council = world.council();
    let referral = messages::referral().to_string();
    let mut marked = b"\xEF\xBB\xBF".to_vec();
    marked.extend_from_slice(referral.as_bytes());
    let utf_16: Vec<u8> = referral.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let send = |media_type: &str, headers: &[(&str, &str)], content: &[u8]| {
        council.system.send("POST", "/v1/council/referrals", headers, Some((media_type, content)))
    };
    for (media_type, content) in [
        ("application/json; charset=utf-8", referral.as_bytes()),
        ("Application/JSON;charset=\"UTF-8\"", referral.as_bytes()),
        ("application/json", &marked),
    ] {
        let taken = send(media_type, &[], content);
        assert!([200, 201].contains(&taken.status), "{media_type}: {}", taken.body);
    }
    let json = "application/json";
    for (why, answer) in [
        ("a charset", send("application/json; charset=utf-16", &[], &utf_16)),
        ("a charset that it is not in", send("application/json; charset=windows-1252", &[], referral.as_bytes())),
        ("UTF-16 that does not say so", send(json, &[], &utf_16)),
        ("a coding", send(json, &[("content-encoding", "gzip")], b"\x1f\x8b\x08")),
        ("another type", send("text/plain", &[], referral.as_bytes())),
    ] {
        assert_eq!((answer.status, answer.text("/type")), (415, Some("/problems/unsupported-media-type")), "{why}");
        assert!(answer.text("/detail").is_some(), "{why}: what is taken");
    }
    assert!([200, 201].contains(&send(json, &[("content-encoding", "identity")], referral.as_bytes()).status));
    let not_utf_8 = send(json, &[], b"{\"a\": \"\xff\"}");
    assert_eq!((not_utf_8.status, not_utf_8.text("/type")), (400, Some("/problems/malformed-json")));
}

#[test]
fn an_idempotency_key_is_bound_to_the_content_and_not_to_its_bytes() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let key = fresh_key();
    let create = |content: &str| {
        let headers = [("idempotency-key", key.as_str())];
        let content = Some(("application/json", content.as_bytes()));
        practice.manager.send("POST", "/v1/practice/service-users", &headers, content)
    };
    let made = create(
        r#"{"given_name":"Edith","date_of_birth_accuracy":"unknown","family_name":"Marlow","address":{"lines":["4 Wyle Cop"],"postcode":"SY1 1UT"}}"#,
    );
    assert_eq!(made.status, 201, "{}", made.body);
    for same in [
        r#"{ "family_name": "Marlow", "given_name": "Edith", "date_of_birth_accuracy":  "unknown", "address": {"postcode": "SY1 1UT", "lines": ["4 Wyle Cop"]} }"#,
        r#"{"date_of_birth_accuracy":"unknown","given_name":"\u0045dith","family_name":"Marlow","phone":null,"email":" ","address":{"lines":["4 Wyle Cop"],"postcode":"SY1 1UT"}}"#,
    ] {
        let again = create(same);
        assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")), "{same}: {}", again.body);
        assert_eq!(again.body["id"], made.body["id"], "{same}");
    }
    for other in [
        r#"{"given_name":"Edith","date_of_birth_accuracy":"unknown","family_name":"Marlowe","address":{"lines":["4 Wyle Cop"],"postcode":"SY1 1UT"}}"#,
        r#"{"given_name":"Edith","date_of_birth_accuracy":"unknown","family_name":"Marlow"}"#,
    ] {
        let reused = create(other);
        assert_eq!((reused.status, reused.text("/type")), (422, Some("/problems/idempotency-key-reused")), "{other}");
    }
}

#[test]
fn every_fault_of_a_shape_is_told_at_once() {
    let world = World::new();
    let council = world.council();
    let mut message = messages::referral();
    message["urgency"] = "yesterday".into();
    message["invented"] = true.into();
    message["person"]["given_name"] = 3.into();
    message["person"]["also/invented"] = 1.into();
    message["person"]["date_of_birth"] = "the 3rd".into();
    message.as_object_mut().unwrap().remove("reason");
    let refused = council.system.post("/v1/council/referrals", &message);
    assert_eq!((refused.status, refused.text("/type")), (422, Some("/problems/validation-failed")), "{}", refused.body);
    let mut pointers: Vec<&str> = faults(&refused).into_iter().map(|(pointer, _)| pointer).collect();
    pointers.sort_unstable();
    let expected =
        ["/invented", "/person/also~1invented", "/person/date_of_birth", "/person/given_name", "/reason", "/urgency"];
    assert_eq!(pointers, expected, "{}", refused.body);
    for (pointer, words) in faults(&refused) {
        assert!(!words.contains("yesterday") && !words.contains("the 3rd"), "{pointer}: {words}");
        assert!(words.starts_with("is ") || words.starts_with("must "), "{pointer}: {words}");
    }

    // A change by merge changes is told all of its faults too.
    let practice = world.practice(&council);
    let person = practice.manager.create("/v1/practice/service-users", &messages::person());
    let path = format!("/v1/practice/service-users/{}", person.text("/id").unwrap());
    let changes = json!({ "phone": 1, "family_name": [], "invented": "x" }).to_string();
    let headers = [("if-match", person.etag().unwrap())];
    let content = Some(("application/merge-patch+json", changes.as_bytes()));
    let refused = practice.manager.send("PATCH", &path, &headers, content);
    let mut pointers: Vec<&str> = faults(&refused).into_iter().map(|(pointer, _)| pointer).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/family_name", "/invented", "/phone"], "{}", refused.body);
}

#[test]
fn fifty_faults_in_sixty_four_kilobytes_are_told_and_no_more() {
    let world = World::new();
    let council = world.council();
    let with_faults = |count: usize| {
        let mut message = messages::referral();
        for number in 0..count {
            message[format!("invented_{number}")] = Value::from("x".repeat(60_000 / count));
        }
        assert!((60_000..70_000).contains(&message.to_string().len()));
        council.system.post("/v1/council/referrals", &message)
    };
    let refused = with_faults(50);
    assert_eq!((refused.status, faults(&refused).len()), (422, 50));
    assert!(faults(&refused).iter().all(|(_, words)| *words == "is not a member of this message"), "{}", refused.body);
    assert_eq!(faults(&with_faults(60)).len(), 50);
}
