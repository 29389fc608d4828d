//! What an address is: it has one spelling, `HEAD` does at it what `GET` does, and nothing that a stranger writes is counted
//! as one.

use almoner_api::Quota;
use almoner_demo::web::Web;
use almoner_domain::staff::roles::Role;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{World, messages};
use serde_json::Value;

use super::loops::NOBODYS;
use super::operations::operations;
use super::things::with_roles;
use super::wire::{send, statuses};

/// Ways of writing the second part of a path that a server or a proxy may take for the plain one.
fn other_spellings(path: &str) -> Vec<String> {
    let (first, rest) = path[1..].split_once('/').unwrap();
    let (letter, after) = rest.split_at(1);
    let encoded = format!("%{:02X}", letter.as_bytes()[0]);
    // A digit or a hyphen is unreserved as a letter is.
    let hyphens = path.replacen('-', "%2D", 1);
    let digits = path.replacen('1', "%31", 1);
    let unreserved = [hyphens, digits].into_iter().filter(|spelt| spelt != path);
    let others = vec![
        format!("/{first}/{encoded}{after}"),
        format!("/{first}/{}{after}", encoded.to_lowercase()),
        format!("/{first}//{rest}"),
        format!("//{first}/{rest}"),
        format!("/{first}/;x=1/{rest}"),
        format!("/{first};x=1/{rest}"),
        format!("/{first}%2F{rest}"),
        format!("/{first}/./{rest}"),
        format!("/{first}/x/../{rest}"),
        format!("/{first}/%2E/{rest}"),
        format!("/{first}/x/%2e%2E/{rest}"),
        format!("/{first}/{rest}/"),
        format!("/{first}/{rest}%00"),
        format!("/{first}\\{rest}"),
        format!("/{first}/{rest};"),
        format!("/{first}/{rest}/."),
        format!("/{first}/{rest}/.."),
        format!("/{first}/%2e%2e/{first}/{rest}"),
    ];
    others.into_iter().chain(unreserved).collect()
}

#[test]
fn row_1_an_operation_at_another_spelling_of_its_address_is_not_there() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let staff = with_roles(&world, &practice, Role::ALL);
    let mut covered = 0;
    for operation in operations() {
        let path = operation.path_with(NOBODYS);
        let (first, rest) = path[1..].split_once('/').unwrap();
        let encoded = format!("/{first}/%{:02x}{}", rest.as_bytes()[0], &rest[1..]);
        let answer = staff.send(&operation.method, &encoded, &[], None);
        assert_eq!((answer.status, answer.text("/type")), (404, Some("/problems/not-found")), "{encoded}");
        assert_eq!(answer.header("ratelimit"), None, "{encoded}: it was looked at before the caller was");
        covered += 1;
    }
    assert!(covered > 100, "{covered}");
    let token = staff.token().unwrap();
    for path in ["/v1/practice/cases", "/v1/practice/audit-events/export", "/v1/practice/service-users"] {
        for path in other_spellings(path) {
            for method in ["GET", "HEAD", "POST", "DELETE", "OPTIONS"] {
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nHost: almoner.test\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n\
                     Connection: close\r\n\r\n"
                );
                assert_eq!(statuses(&send(&world, &request)), [404], "{method} {path}");
            }
        }
    }
}

#[test]
fn row_28_another_spelling_of_an_address_is_no_way_past_its_limit() {
    let world = World::with_settings(|settings| settings.quotas.sign_in = Quota::parse("1/2").unwrap());
    let wrong = br#"{"email": "nobody@practice.example", "password": "wrong password", "code": "123456"}"#;
    let form = b"grant_type=client_credentials&client_id=x&client_secret=x";
    for (path, media_type, content) in [
        ("/v1/practice/sessions", "application/json", &wrong[..]),
        ("/oauth/token", "application/x-www-form-urlencoded", &form[..]),
    ] {
        for spelling in other_spellings(path) {
            let content = String::from_utf8_lossy(content);
            let request = format!(
                "POST {spelling} HTTP/1.1\r\nHost: almoner.test\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{content}",
                content.len()
            );
            assert_eq!(statuses(&send(&world, &request)), [404], "{spelling}");
        }
    }
    // None of those was a try, and each of these is one.
    let sign_in =
        || world.anyone().send("POST", "/v1/practice/sessions", &[], Some(("application/json", wrong))).status;
    assert_eq!([sign_in(), sign_in(), sign_in()], [401, 401, 429]);
}

#[test]
fn row_43_another_spelling_of_a_records_address_reads_nothing() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let person = practice.social_worker.create("/v1/practice/service-users", &messages::person());
    let id = person.text("/id").unwrap();
    let first = id.chars().next().unwrap();
    let reader = &practice.social_worker_2;
    for path in [
        format!("/v1/practice/service%2Dusers/{id}"),
        format!("/v1/practice/service-users/%{:02x}{}", u32::from(first), &id[1..]),
        format!("/%76%31/practice/service-users/{id}"),
    ] {
        let answer = reader.get(&path);
        assert_eq!((answer.status, answer.text("/type")), (404, Some("/problems/not-found")), "{path}");
    }
    let plain = format!("/v1/practice/service-users/{id}");
    assert_eq!(reader.get(&plain).status, 200);
    let readers = practice.records_officer.get(&format!("{plain}/readers"));
    let read = readers.body["items"].as_array().unwrap().iter();
    let by_the_second = read.filter(|event| event["staff"]["id"] == reader.id.to_string()).count();
    assert_eq!(by_the_second, 1, "{}", readers.body);
}

#[test]
fn head_answers_whatever_get_does_without_the_content() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let staff = with_roles(&world, &practice, Role::ALL);
    let mut answered = 0;
    for operation in operations().iter().filter(|operation| operation.method == "GET") {
        let path = operation.path_with(NOBODYS);
        let callers: [&dyn Caller; 2] = [&world.anyone(), &staff];
        for caller in callers {
            let [get, head] = ["GET", "HEAD"].map(|method| caller.send(method, &path, &[], None));
            assert_eq!((head.status, &head.body), (get.status, &Value::Null), "{path}");
            for name in ["content-type", "etag", "www-authenticate"] {
                assert_eq!(head.header(name), get.header(name), "{path}: {name}");
            }
            answered += usize::from(get.status == 200);
        }
    }
    assert!(answered > 20, "{answered}");
    for page in
        ["/health/live", "/health/ready", "/docs/", "/openapi.json", "/openapi/council.json", "/problems/forbidden"]
    {
        let head = world.anyone().send("HEAD", page, &[], None);
        assert_eq!((head.status, &head.body), (200, &Value::Null), "{page}");
    }
    let lodged = world.anyone().send("HEAD", "/oauth/token", &[], None);
    assert_eq!((lodged.status, lodged.header("allow")), (405, Some("POST")));
}

#[test]
fn a_literal_address_is_no_identifier_with_any_method() {
    let world = World::new();
    let practice = world.practice(&world.council());
    for (method, path, allow) in [
        ("DELETE", "/v1/practice/sessions/refresh", "POST"),
        ("DELETE", "/v1/operator/sessions/refresh", "POST"),
        ("DELETE", "/v1/practice/sessions/single-sign-on", "POST"),
        ("DELETE", "/v1/practice/account/identities/complete", "POST"),
        ("PATCH", "/v1/practice/service-users/search", "POST"),
        ("GET", "/v1/practice/service-users/search", "POST"),
        ("GET", "/v1/practice/sessions/current", "DELETE"),
    ] {
        let answer = practice.manager.send(method, path, &[("idempotency-key", &fresh_key())], None);
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {path}");
    }
}

#[test]
fn the_front_page_leads_to_the_documentation() {
    let world = World::new();
    for path in ["/", "/docs"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: almoner.test\r\nConnection: close\r\n\r\n");
        let answer = send(&world, &request);
        assert_eq!(statuses(&answer), [303], "{answer}");
        assert!(answer.contains("\r\nlocation: /docs/\r\n"), "{answer}");
    }
    let page = world.anyone().get("/docs/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html")));
    assert!(page.body.as_str().unwrap().contains("swagger-ui"), "{}", page.body);
    let script = world.anyone().get("/docs/swagger-initializer.js");
    assert!(script.body.as_str().unwrap().contains("/openapi.json"), "{}", script.body);
    assert_eq!(world.anyone().get("/docs/nothing.js").status, 404);
}

#[test]
fn invented_methods_and_addresses_add_nothing_to_the_metrics() {
    let (world, metrics) = World::with_metrics();
    let series = || {
        let answer = Web::new(&metrics).send("GET", "/metrics", &[], None).unwrap();
        let text = answer.body.as_str().unwrap();
        assert!(!text.contains("BREW") && !text.contains("nowhere"), "{text}");
        text.lines().filter(|line| line.starts_with("almoner_request_duration_seconds")).count()
    };
    let invented = |number: usize| {
        let method = format!("BREW{number}");
        for path in ["/v1/practice/cases".to_owned(), format!("/v1/practice/nowhere{number}")] {
            let request = format!("{method} {path} HTTP/1.1\r\nHost: almoner.test\r\nConnection: close\r\n\r\n");
            let answer = send(&world, &request);
            assert_eq!(statuses(&answer), [501], "{answer}");
            assert!(answer.contains("/problems/method-unknown"), "{answer}");
            assert_eq!(world.anyone().get(&path).status, if path.ends_with("cases") { 401 } else { 404 });
        }
    };
    invented(0);
    let after_one = series();
    (1..30).for_each(invented);
    assert_eq!(series(), after_one, "the metrics grew with what was sent");
}
