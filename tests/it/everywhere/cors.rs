//! Cross-origin requests: the pages that may call from a browser.

use almoner_tests::World;
use almoner_tests::callers::Caller;

use super::operations::operations;

const OURS: &str = "https://app.practice.example";

fn world() -> World {
    World::with_settings(|settings| settings.cors_origins = vec![OURS.to_owned(), "https://other.example".to_owned()])
}

#[test]
fn a_browser_may_call_every_operation_from_a_page_of_an_origin_that_was_named() {
    let world = world();
    for operation in operations() {
        let mut asked = vec!["authorization", "content-type", "traceparent", "tracestate"];
        for header in ["If-Match", "Idempotency-Key", "Complaint-Access-Code"] {
            if operation.needs(header) {
                asked.push(header);
            }
        }
        let asked = asked.join(",").to_lowercase();
        let headers = [
            ("origin", OURS),
            ("access-control-request-method", operation.method.as_str()),
            ("access-control-request-headers", asked.as_str()),
        ];
        let path = operation.path_with("01937c5e-2b00-7a41-9d6c-000000000000");
        let answer = world.anyone().send("OPTIONS", &path, &headers, None);
        assert_eq!(answer.status, 200, "{}: {}", operation.name(), answer.body);
        assert_eq!(answer.header("access-control-allow-origin"), Some(OURS), "{}", operation.name());
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let methods = answer.header("access-control-allow-methods").unwrap();
        assert!(methods.contains(&operation.method), "{}: {methods}", operation.name());
        let allowed = answer.header("access-control-allow-headers").unwrap().to_lowercase();
        assert!(asked.split(',').all(|header| allowed.contains(header)), "{}: {allowed}", operation.name());
    }
}

#[test]
fn a_page_may_read_what_it_needs_of_every_answer_a_refusal_among_them() {
    let world = World::with_settings(|settings| {
        settings.cors_origins = vec![OURS.to_owned()];
        settings.quotas.public = almoner_api::Quota::parse("1/1").unwrap();
    });
    for status in [200, 429] {
        let answer = world.anyone().send("GET", "/v1/public/practices", &[("origin", OURS)], None);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, Some(OURS)));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for header in ["etag", "location", "retry-after", "ratelimit", "x-request-id", "traceparent"] {
            assert!(exposed.to_lowercase().split(", ").any(|one| one == header), "{header}: {exposed}");
        }
        assert!(answer.header("vary").unwrap().to_lowercase().contains("origin"));
    }
}

#[test]
fn a_page_of_another_origin_gets_no_leave_and_neither_does_anyone_unless_origins_are_named() {
    let no_leave = |world: &World, origin: &str| {
        let preflight = [("origin", origin), ("access-control-request-method", "GET")];
        for answer in [
            world.anyone().send("OPTIONS", "/v1/public/practices", &preflight, None),
            world.anyone().send("GET", "/v1/public/practices", &[("origin", origin)], None),
        ] {
            assert!(
                !answer.headers.iter().any(|(name, _)| name == "access-control-allow-origin"),
                "{origin}: {answer:?}"
            );
        }
    };
    let named = world();
    for origin in [
        "https://evil.example",
        "null",
        "http://app.practice.example",
        "https://app.practice.example.evil.example",
        "https://app.practice.example:8443",
        "https://sub.app.practice.example",
    ] {
        no_leave(&named, origin);
    }
    no_leave(&World::new(), OURS);
    // A client that is not a browser may send an Origin without harm.
    let answer = named.anyone().send("GET", "/v1/public/practices", &[("origin", "https://evil.example")], None);
    assert_eq!(answer.status, 200);
}
