//! What every operation makes of the parts of a request that its handler does not read: query parameters that it does not
//! have, and entity tags.

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{World, messages};
use serde_json::{Value, json};

use super::loops::NOBODYS;
use super::operations::{Operation, operations};
use super::provoked::{Callers, expect};

/// Sends an operation as its example says, with this after its address and these headers.
fn send(callers: &Callers, operation: &Operation, query: &str, more: &[(&str, &str)]) -> almoner_demo::web::Answer {
    let key = fresh_key();
    let without: Vec<&str> = more.iter().map(|(name, _)| *name).collect();
    let headers = [operation.headers(&key, &without), more.to_vec()].concat();
    let content = operation.example().map(|(media_type, example)| (media_type, example.to_string()));
    let content = content.as_ref().map(|(media_type, example)| (media_type.as_str(), example.as_bytes()));
    let path = format!("{}{query}", operation.path_with(NOBODYS));
    callers.of(operation).send(&operation.method, &path, &headers, content)
}

fn query_parameters(operation: &Operation) -> Vec<&str> {
    let parameters = operation.json["parameters"].as_array().into_iter().flatten();
    parameters.filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap()).collect()
}

#[test]
fn a_query_parameter_that_an_operation_does_not_have_is_refused_by_its_name() {
    let world = World::new();
    let callers = Callers::new(&world);
    let (mut refused, mut ignored) = (0, 0);
    for operation in operations() {
        let answer = send(&callers, &operation, "?limt=5&%C3%A9=1&Limit=&=2", &[]);
        if ["/oauth/", "/.well-known/"].iter().any(|start| operation.path.starts_with(start)) {
            assert_ne!(answer.status, 422, "{}", operation.name());
            ignored += 1;
            continue;
        }
        expect(&operation, &answer, 422, "validation-failed");
        let errors = answer.body["errors"].as_array().unwrap();
        let pointers: Vec<&str> = errors.iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["limt", "é", "Limit", ""], "{}", operation.name());
        assert!(
            errors.iter().all(|fault| fault["detail"] == "is not a parameter of this operation"),
            "{}",
            answer.body
        );
        refused += 1;
    }
    assert!(refused > 130 && ignored == 5, "{refused} {ignored}");
}

#[test]
fn a_query_parameter_without_a_value_or_with_two_is_refused_by_its_name() {
    let world = World::new();
    let callers = Callers::new(&world);
    let mut covered = 0;
    for operation in operations() {
        for name in query_parameters(&operation) {
            for (query, detail) in [
                (format!("?{name}="), "must have a value, or be left out"),
                (format!("?{name}"), "must have a value, or be left out"),
                (format!("?{name}=%20%09"), "must have a value, or be left out"),
                (format!("?{name}=1&{name}=1"), "must be given once"),
            ] {
                let answer = send(&callers, &operation, &query, &[]);
                expect(&operation, &answer, 422, "validation-failed");
                assert_eq!(answer.body["errors"], json!([{ "pointer": name, "detail": detail }]), "{query}");
                covered += 1;
            }
        }
    }
    assert!(covered > 200, "{covered}");
}

#[test]
fn pages_to_read_take_any_query() {
    let world = World::new();
    for path in
        ["/health/live", "/health/ready", "/openapi.json", "/openapi/council.json", "/docs/", "/problems/not-found"]
    {
        assert_eq!(world.anyone().get(&format!("{path}?_=1")).status, 200, "{path}");
    }
}

#[test]
fn at_most_fifty_faults_of_a_query_are_told() {
    let world = World::new();
    let query: Vec<String> = (0..500).map(|n| format!("p{n}=1")).collect();
    let answer = world.anyone().get(&format!("/v1/public/practices?{}", query.join("&")));
    assert_eq!((answer.status, answer.body["errors"].as_array().unwrap().len()), (422, 50));
}

#[test]
fn an_entity_tag_that_is_none_is_refused_by_every_operation_that_takes_one() {
    let world = World::new();
    let callers = Callers::new(&world);
    for (header, at_least) in [("If-Match", 25), ("If-None-Match", 10)] {
        let mut covered = 0;
        let longest = format!("\"{}\"", "1".repeat(999));
        for operation in operations().iter().filter(|operation| operation.needs(header)) {
            for malformed in ["3", "'3'", "\"3", "w/\"3\"", "*, \"3\"", "\"3\" \"4\"", "\"\u{e9}\"", ",", &longest] {
                let answer = send(&callers, operation, "", &[(header, malformed)]);
                expect(operation, &answer, 400, "malformed-header");
                let detail = answer.text("/detail").unwrap();
                assert!(detail.starts_with(header) && detail.contains("such as \"3\""), "{detail}");
            }
            covered += 1;
        }
        assert!(covered >= at_least, "{header}: {covered}");
    }
}

#[test]
fn a_change_names_its_version_alone_in_a_list_weakly_or_by_an_asterisk() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let caller = &practice.social_worker;
    let made = caller.create("/v1/practice/service-users", &messages::person());
    let path = format!("/v1/practice/service-users/{}", made.text("/id").unwrap());
    let change = |tags: &[&str], phone: &str| {
        let headers: Vec<_> = tags.iter().map(|tag| ("if-match", *tag)).collect();
        let body = json!({ "phone": phone }).to_string();
        caller.send("PATCH", &path, &headers, Some(("application/merge-patch+json", body.as_bytes())))
    };
    let forms: [fn(i32) -> Vec<String>; 8] = [
        |version| vec![format!("\"{version}\"")],
        |version| vec![format!("W/\"{version}\"")],
        |version| vec![format!("\"0\", \"{version}\"")],
        |version| vec![format!("\"a,b\" ,, W/\"{version}\",\"99\"")],
        |version| vec!["\"98\"".to_owned(), format!("\"{version}\"")],
        |_| vec!["*".to_owned()],
        |version| vec![format!("  \"{version}\"")],
        |version| vec![format!("W/\"x\", W/\"{version}\"")],
    ];
    for (n, form) in forms.iter().enumerate() {
        let version = i32::try_from(n).unwrap() + 1;
        let (current, tags) = (format!("\"{version}\""), form(version));
        for stale in [
            format!("\"0{version}\""),
            format!("\"+{version}\""),
            format!("W/\"{}\"", version + 1),
            format!("\"{version} \"").replace(' ', "!"),
            format!("\"{version}{}\"", "0".repeat(200)),
            "\"\"".to_owned(),
            "\"98\", \"99\"".to_owned(),
        ] {
            let refused = change(&[&stale], "07700 900000");
            assert_eq!((refused.status, refused.etag()), (412, Some(current.as_str())), "{stale}: {}", refused.body);
        }
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let done = change(&tags, &format!("07700 90000{version}"));
        assert_eq!(done.status, 200, "{tags:?}: {}", done.body);
        assert_eq!(done.etag(), Some(format!("\"{}\"", version + 1).as_str()), "the tag is strong");
    }
}

#[test]
fn a_reader_names_its_versions_alone_in_a_list_weakly_or_by_an_asterisk() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let made = practice.social_worker.create("/v1/practice/service-users", &messages::person());
    let path = format!("/v1/practice/service-users/{}", made.text("/id").unwrap());
    let read = |tags: &[&str]| {
        let headers: Vec<_> = tags.iter().map(|tag| ("if-none-match", *tag)).collect();
        practice.social_worker.send("GET", &path, &headers, None)
    };
    let has: [&[&str]; 7] =
        [&["\"1\""], &["W/\"1\""], &["*"], &["\"7\", \"1\""], &["\"7\",W/\"1\""], &["\"7\"", "\"1\""], &[", \"1\" ,"]];
    for tags in has {
        let unchanged = read(tags);
        assert_eq!(
            (unchanged.status, unchanged.etag(), &unchanged.body),
            (304, Some("\"1\""), &Value::Null),
            "{tags:?}"
        );
    }
    let has_not: [&[&str]; 6] = [&["\"01\""], &["\"11\""], &["W/\"2\""], &["\"\""], &["\"1,\""], &["\"2\", \"3\""]];
    for tags in has_not {
        assert_eq!((read(tags).status, read(tags).etag()), (200, Some("\"1\"")), "{tags:?}");
    }
}
