//! Rules that the service keeps for every operation.

use std::collections::BTreeSet;

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, World, messages, postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

use super::operations::{Operation, document, operations};

const NOBODYS: &str = "01937c5e-2b00-7a41-9d6c-000000000000";

/// Sends the operation as the document describes it, with this content in place of its example.
fn send(caller: &dyn Call, operation: &Operation, content: Option<&Value>) -> almoner_demo::web::Answer {
    let key = fresh_key();
    let mut headers: Vec<(&str, &str)> = Vec::new();
    for (name, value) in [("If-Match", "\"1\""), ("Idempotency-Key", key.as_str()), ("Complaint-Access-Code", "wrong")]
    {
        if operation.needs(name) {
            headers.push((name, value));
        }
    }
    let media_type = operation.example().map(|(media_type, _)| media_type);
    let content = content.map(ToString::to_string);
    let content = media_type.as_deref().zip(content.as_ref().map(String::as_bytes));
    caller.call(&operation.method, &operation.path_with(NOBODYS), &headers, content)
}

/// Callers of every kind in one list.
trait Call {
    fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        content: Option<(&str, &[u8])>,
    ) -> almoner_demo::web::Answer;
}

impl<C: Caller> Call for C {
    fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        content: Option<(&str, &[u8])>,
    ) -> almoner_demo::web::Answer {
        self.send(method, path, headers, content)
    }
}

/// One caller at each door.
struct Everyone {
    world: World,
    council: almoner_tests::Council,
    practice: Practice,
    partner: almoner_tests::System,
    operator: almoner_tests::Staff,
    desk: almoner_tests::complaints::Desk,
    anyone: almoner_tests::Anyone,
}

impl Everyone {
    fn new(world: World) -> Self {
        let council = world.council();
        let practice = world.practice(&council);
        Self {
            practice,
            partner: world.partner(),
            operator: world.operator(),
            desk: world.desk(&council),
            anyone: world.anyone(),
            council,
            world,
        }
    }

    fn at(&self, operation: &Operation) -> &dyn Call {
        match operation.security() {
            Some((door, _)) if door == "practice" => &self.practice.manager,
            Some((door, _)) if door == "council" => match operation.of_systems().as_deref() {
                Some(scope) => self.council.system_with(scope),
                None => self.world.first_officer(&self.council),
            },
            Some((door, _)) if door == "partner" => &self.partner,
            Some((door, _)) if door == "complaints" => &self.desk.officers[0],
            Some(_) => &self.operator,
            None => &self.anyone,
        }
    }
}

fn is_json(operation: &Operation) -> bool {
    operation.example().is_some_and(|(media_type, _)| media_type == "application/json")
}

#[test]
fn row_4_what_no_message_has_is_refused_by_every_operation() {
    let everyone = Everyone::new(World::new());
    let mut covered = 0;
    for operation in operations().into_iter().filter(is_json) {
        for name in ["tenant_id", "created_by"] {
            let (_, mut example) = operation.example().unwrap();
            example[name] = "01937c5e-2b00-7a41-9d6c-000000000001".into();
            let answer = send(everyone.at(&operation), &operation, Some(&example));
            assert_eq!(answer.status, 422, "{} with {name}: {}", operation.name(), answer.body);
            assert_eq!(answer.text("/errors/0/pointer"), Some(format!("/{name}").as_str()), "{}", operation.name());
        }
        covered += 1;
    }
    assert!(covered >= 20, "{covered}");
}

#[test]
fn row_4_a_member_that_is_not_the_callers_to_set_is_refused_and_nothing_changes() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let made = practice.social_worker.create("/v1/practice/service-users", &messages::person());
    let path = made.header("location").unwrap().to_owned();
    let before = practice.social_worker.get(&path);
    for (name, value) in [
        ("id", json!(NOBODYS)),
        ("practice_id", json!(NOBODYS)),
        ("version", json!(7)),
        ("access_restricted", json!(false)),
        ("created_at", json!("2020-01-01T00:00:00Z")),
    ] {
        let refused = practice.social_worker.patch(&path, &before, &json!({ name: value }));
        assert_eq!(refused.status, 422, "{name}: {}", refused.body);
    }
    let after = practice.social_worker.get(&path);
    assert_eq!((after.etag(), &after.body), (before.etag(), &before.body));
}

#[test]
fn a_list_in_the_place_of_an_object_is_refused_by_every_operation() {
    let everyone = Everyone::new(World::new());
    for operation in operations().into_iter().filter(is_json) {
        let (_, example) = operation.example().unwrap();
        // The members' values in their order, from which a struct could be read without their names.
        let members: Vec<Value> = example.as_object().unwrap().values().cloned().collect();
        let answer = send(everyone.at(&operation), &operation, Some(&members.into()));
        assert_eq!(answer.status, 422, "{}: {}", operation.name(), answer.body);
        assert_eq!(answer.text("/errors/0/detail"), Some("must be an object"), "{}", operation.name());
    }
}

#[test]
fn row_41_and_37_every_answer_of_every_operation_forbids_keeping_it_and_says_what_it_is() {
    let everyone = Everyone::new(World::new());
    for operation in operations() {
        let example = operation.example().map(|(_, example)| example);
        for caller in [everyone.at(&operation), &everyone.anyone] {
            let answer = send(caller, &operation, example.as_ref());
            let name = format!("{} {}", operation.name(), answer.status);
            // Public keys, and their location, may be cached.
            if !operation.path.starts_with("/.well-known/") {
                assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
            }
            for (header, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ] {
                assert_eq!(answer.header(header), Some(value), "{name}");
            }
            assert!(answer.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{name}");
            assert_eq!(answer.header("server"), None, "{name}: no version is told");
            let content_type = match (answer.status, answer.body.is_null()) {
                (_, true) => continue,
                (200..=299, _) if operation.path.ends_with("/audit/export") => "application/x-ndjson",
                (200..=299, _) if operation.path.ends_with("csv") => "text/csv; charset=utf-8",
                (200..=299, _) if operation.path.ends_with("html") => "text/html; charset=utf-8",
                (200..=299, _) => "application/json",
                _ if operation.path.starts_with("/oauth/") => "application/json",
                _ => "application/problem+json",
            };
            // These types are UTF-8 and have no parameter for it (RFC 8259 §11).
            assert_eq!(answer.header("content-type"), Some(content_type), "{name}: {}", answer.body);
        }
    }
    let page = everyone.world.anyone().get("/problems/validation-failed");
    assert_eq!(page.header("content-type"), Some("text/markdown; charset=utf-8"));
}

#[test]
fn row_37_a_method_that_an_address_does_not_have_is_405_with_those_that_it_has() {
    let world = World::new();
    let document = document();
    for (path, item) in document["paths"].as_object().unwrap() {
        let mut known: BTreeSet<String> =
            item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        if known.contains("GET") {
            known.insert("HEAD".to_owned());
        }
        let address = path.replace("{slug}", "practice").replace("{id}", NOBODYS).replace(['{', '}'], "");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "HEAD"] {
            if known.contains(method) {
                continue;
            }
            let answer = world.anyone().send(method, &address, &[], None);
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.body);
            let allowed: BTreeSet<String> = answer.header("allow").unwrap().split(", ").map(str::to_owned).collect();
            assert_eq!(allowed, known, "{method} {path}");
        }
        let options = world.anyone().send("OPTIONS", &address, &[], None);
        assert_eq!(options.status, 204, "{path}: {}", options.body);
        assert!(options.header("allow").is_some(), "{path}");
    }
}

#[test]
fn row_29_a_page_a_content_and_a_depth_beyond_the_most_are_refused_everywhere() {
    let everyone = Everyone::new(World::new());
    for operation in operations() {
        let caller = everyone.at(&operation);
        if operation.needs("limit") {
            let path = format!("{}?limit=201", operation.path_with(NOBODYS));
            let answer = caller.call(&operation.method, &path, &[], None);
            assert_eq!((answer.status, answer.text("/errors/0/pointer")), (422, Some("limit")), "{}", operation.name());
        }
        if is_json(&operation) {
            let large = json!({ "a": "x".repeat(300 * 1024) });
            assert_eq!(send(caller, &operation, Some(&large)).status, 413, "{}", operation.name());
            let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
            let deep: Value = serde_json::from_str(&deep).unwrap();
            let answer = send(caller, &operation, Some(&deep));
            assert_eq!(
                (answer.status, answer.text("/type")),
                (400, Some("/problems/nesting-too-deep")),
                "{}",
                operation.name()
            );
        }
    }
}

#[test]
fn row_35_with_the_database_gone_the_answer_is_a_problem_that_tells_nothing_of_it() {
    let name = format!("almoner_it_gone_{}", std::process::id());
    postgres::create(&name);
    almoner_persistence::migrations::migrate(&postgres::superuser_url(&name)).unwrap();
    let world = World::with_clock(almoner_persistence::Clock::new(), &postgres::url_as("almoner_app", &name));
    assert_eq!(world.anyone().get("/v1/public/practices").status, 200);
    let mut cluster = PgConnection::establish(&postgres::superuser_url("postgres")).unwrap();
    cluster.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();

    // The first requests meet connections that were cut. The next ones find none.
    for _ in 0..6 {
        let answer = world.anyone().get("/v1/public/practices");
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert!(answer.header("x-request-id").unwrap().parse::<uuid::Uuid>().is_ok());
        let members: Vec<_> = answer.body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["status", "title", "type"], "{}", answer.body);
        let text = format!("{} {:?}", answer.body, answer.headers).to_lowercase();
        let version = env!("CARGO_PKG_VERSION");
        for told in
            ["postgres", "sql", "select", "diesel", "actix", "rust", ".rs", "terminat", "almoner_", version, &name]
        {
            assert!(!text.contains(told), "{told}: {text}");
        }
        assert_eq!((answer.header("server"), answer.header("retry-after").is_some()), (None, true));
    }
    assert_eq!(world.anyone().get("/health/ready").status, 503);
    assert_eq!(world.anyone().get("/health/live").status, 200);
}

#[test]
fn row_38_who_somebody_says_they_are_in_a_header_counts_for_nothing() {
    let world = World::new();
    let council = world.council();
    let (practice, other) = (world.practice(&council), world.practice(&council));
    let made = other.social_worker.create("/v1/practice/service-users", &messages::person());
    let path = made.header("location").unwrap();
    let (others_id, others_staff) = (other.id.to_string(), other.manager.id.to_string());
    let headers = [
        ("x-user-id", others_staff.as_str()),
        ("x-staff-id", &others_staff),
        ("x-tenant", &others_id),
        ("x-tenant-id", &others_id),
        ("x-practice-id", &others_id),
        ("x-forwarded-user", &other.manager.email),
        ("x-remote-user", &other.manager.email),
        ("x-http-method-override", "DELETE"),
        ("x-original-url", path),
        ("x-rewrite-url", path),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "for=10.0.0.1;host=evil.example"),
    ];
    assert_eq!(practice.social_worker.send("GET", path, &headers, None).status, 404);
    assert_eq!(world.anyone().send("GET", path, &headers, None).status, 401);
    let own = practice.social_worker.create("/v1/practice/service-users", &messages::person());
    let own = own.header("location").unwrap();
    let answer = practice.social_worker.send("GET", own, &headers, None);
    assert_eq!(answer.status, 200, "it was read, not deleted, and is still its own practice's");
    assert!(!answer.headers.iter().any(|(_, value)| value.contains("evil")), "{answer:?}");
}

#[test]
fn row_38_who_is_behind_a_trusted_proxy_is_told_apart_and_who_is_not_cannot_pretend_to_be() {
    let quota = almoner_api::Quota::parse("1/1");
    let seen = |trusted: &str| {
        let world = World::with_settings(|settings| {
            settings.quotas.public = quota.unwrap();
            settings.trusted_proxies = vec![trusted.parse().unwrap()];
        });
        let get =
            |from: &str| world.anyone().send("GET", "/v1/public/practices", &[("x-forwarded-for", from)], None).status;
        // The same caller changes the addresses that its own side writes.
        [get("192.0.2.1, 198.51.100.1"), get("192.0.2.2, 198.51.100.1"), get("198.51.100.2")]
    };
    assert_eq!(seen("127.0.0.1/32"), [200, 429, 200], "from a proxy of ours its right-most address counts");
    assert_eq!(seen("10.0.0.0/8"), [200, 429, 429], "from anyone else nothing of it does");
}

/// Words that no parameter's name may be or end with, because the address would then contain what they hold.
const NOT_IN_AN_ADDRESS: [&str; 14] = [
    "nhs",
    "number",
    "name",
    "surname",
    "birth",
    "token",
    "secret",
    "password",
    "code",
    "email",
    "phone",
    "address",
    "narrative",
    "reason",
];

#[test]
fn row_40_no_number_name_or_token_is_ever_in_an_address() {
    let mut covered = 0;
    for operation in operations() {
        for parameter in operation.json["parameters"].as_array().into_iter().flatten() {
            let (name, place) = (parameter["name"].as_str().unwrap(), parameter["in"].as_str().unwrap());
            if place == "header" {
                continue;
            }
            // The identifier of a secret is not a secret.
            let words: Vec<&str> = name.trim_end_matches("secret_id").split(['_', '-']).collect();
            let told = words.iter().find(|word| NOT_IN_AN_ADDRESS.contains(word));
            assert_eq!(told, None, "{}: {name} in its {place}", operation.name());
            covered += 1;
        }
    }
    assert!(covered > 30, "{covered}");
    // Search is by POST, and a token in the query opens nothing.
    assert!(operations().iter().any(|operation| operation.name() == "POST /v1/practice/service-users/search"));
    let world = World::new();
    let practice = world.practice(&world.council());
    let token = practice.manager.token().unwrap();
    let answer = world.anyone().get(&format!("/v1/practice/cases?access_token={token}"));
    assert_eq!(answer.status, 401);
}

#[test]
fn row_48_what_is_documented_is_served_and_what_is_not_is_not() {
    let everyone = Everyone::new(World::new());
    for operation in operations() {
        let example = operation.example().map(|(_, example)| example);
        let answer = send(everyone.at(&operation), &operation, example.as_ref());
        assert!(![405, 501].contains(&answer.status), "{}: {}", operation.name(), answer.body);
        let versioned = operation.path.starts_with("/v1/");
        assert!(
            versioned || ["/oauth/", "/.well-known/"].iter().any(|start| operation.path.starts_with(start)),
            "{}",
            operation.path
        );
    }
    let anyone = everyone.world.anyone();
    for path in [
        "/metrics",
        "/v1/metrics",
        "/v2/practice/cases",
        "/v1",
        "/.env",
        "/.git/config",
        "/admin",
        "/debug",
        "/server-status",
    ] {
        assert_eq!(anyone.get(path).status, 404, "{path}");
    }
}

#[test]
fn row_47_no_answer_and_no_document_has_a_secret_in_it() {
    let world = World::new();
    let keys = world.anyone().get("/.well-known/jwks.json");
    for key in keys.body["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "k"] {
            assert!(key[private].is_null(), "{key}");
        }
    }
    let document = almoner_api::openapi::text().unwrap();
    for secret in ["BEGIN PRIVATE", "eyJ", almoner_tests::MASTER_KEYS] {
        assert!(!document.contains(secret), "{secret}");
    }
}
