//! The OpenAPI document is what the server serves, is complete, and is the one that is committed.

use std::collections::BTreeSet;
use std::path::Path;

use almoner_tests::World;
use almoner_tests::callers::Caller;

use super::operations::{document, operations};

#[test]
fn the_openapi_document_is_the_committed_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
    let now = almoner_api::openapi::text().unwrap();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == now,
        "openapi/openapi.json is not what the program serves: run `make openapi` and look at the change"
    );
}

#[test]
fn the_server_serves_the_document_and_a_page_to_read_it_offline() {
    let world = World::new();
    let anyone = world.anyone();
    assert_eq!(anyone.get("/openapi.json").body, document());
    let page = anyone.get("/docs/");
    assert_eq!(page.status, 200);
    let page = page.body.as_str().unwrap().to_owned();
    assert!(page.contains("swagger-ui"), "{page}");
    assert!(!page.contains("https://"), "nothing is loaded from elsewhere: {page}");
    for script in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        assert_eq!(anyone.get(&format!("/docs/{script}")).status, 200, "{script}");
    }
}

#[test]
fn every_operation_says_what_it_needs_and_what_it_may_answer() {
    let mut names = BTreeSet::new();
    for operation in operations() {
        let name = operation.name();
        let json = &operation.json;
        assert!(names.insert(json["operationId"].as_str().unwrap().to_owned()), "{name}: its operationId is another's");
        assert!(json["summary"].is_string(), "{name} says what it does");
        assert_eq!(json["tags"].as_array().unwrap().len(), 1, "{name} belongs to one door");
        operation.example();
        // OAuth says how its errors look.
        if json["tags"][0] == "oauth" {
            continue;
        }
        let responses = json["responses"].as_object().unwrap();
        for status in ["500", "503"] {
            let content = &responses[status]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(content, "#/components/schemas/Problem", "{name} {status}");
        }
        if operation.path.contains('{') {
            assert!(responses.contains_key("404"), "{name}");
        }
    }
}

#[test]
fn what_creates_takes_an_idempotency_key_and_what_changes_takes_an_etag() {
    // A council's reference is its own key; signing in makes nothing that could be doubled; a state serves once.
    let exempt = [
        "POST /v1/council/referrals",
        "POST /v1/practice/sessions",
        "POST /v1/operator/sessions",
        "POST /v1/practice/sessions/single-sign-on/complete",
        "POST /v1/practice/account/identities/complete",
    ];
    // An account is disabled or not, whatever it was before.
    let without_version = ["POST /v1/operator/accounts/{id}/disable", "POST /v1/operator/accounts/{id}/enable"];
    for operation in operations() {
        let name = operation.name();
        let creates = operation.method == "POST" && operation.json["responses"]["201"].is_object();
        if creates && !exempt.contains(&name.as_str()) {
            assert!(operation.needs("Idempotency-Key"), "{name}");
        }
        let changes = operation.path.contains("{id}")
            && !creates
            && ["POST", "PATCH", "PUT"].contains(&operation.method.as_str());
        if changes && !without_version.contains(&name.as_str()) {
            assert!(operation.needs("If-Match"), "{name}");
        }
    }
}

#[test]
fn every_kind_of_problem_has_its_page_and_every_page_its_kind() {
    let world = World::new();
    let mut words: Vec<String> = almoner_api::Kind::ALL.iter().map(|kind| kind.word().to_owned()).collect();
    for word in &words {
        let page = world.anyone().get(&format!("/problems/{word}"));
        assert_eq!(page.status, 200, "{word}");
        assert!(page.body.as_str().unwrap().contains(&format!("`/problems/{word}`")), "{word}");
    }
    let pages = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/problems")).unwrap();
    let mut pages: Vec<String> =
        pages.map(|page| page.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    words.sort();
    pages.sort();
    assert_eq!(pages, words);
}

#[test]
fn the_settings_in_the_readme_are_the_programs() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let (_, rest) = readme.split_once("<!-- settings -->").expect("a table of settings");
    let (table, _) = rest.split_once("<!-- /settings -->").expect("the table's end");
    assert_eq!(table.trim(), almoner::config::markdown_table().trim());
}
