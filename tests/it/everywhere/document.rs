//! The OpenAPI document. It is complete, and the server serves the one that is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use almoner_tests::World;
use almoner_tests::callers::Caller;
use serde_json::Value;

use super::operations::{document, operations};

#[test]
fn the_openapi_documents_are_the_committed_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi");
    let now: BTreeMap<String, String> = almoner_api::openapi::files().unwrap().into_iter().collect();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        for (name, text) in &now {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let committed: BTreeMap<String, String> = files
        .map(|file| (file.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(file).unwrap()))
        .collect();
    assert_eq!(committed.keys().collect::<Vec<_>>(), now.keys().collect::<Vec<_>>());
    for (name, text) in now {
        assert!(
            committed[&name] == text,
            "openapi/{name} is not what the program serves: run `make openapi` and look at the change"
        );
    }
}

/// The names of the schemas to which this refers.
fn references(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|name| name.strip_prefix("#/components/schemas/")).map(str::to_owned);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => BTreeSet::new(),
    }
}

/// Where a schema allows `null`.
fn nullable(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let allowed = &members.get("type").cloned().unwrap_or_default();
            if allowed == "null" || allowed.as_array().is_some_and(|types| types.contains(&"null".into())) {
                found.push(place.to_owned());
            }
            members.iter().for_each(|(name, one)| nullable(one, &format!("{place}/{name}"), found));
        }
        Value::Array(items) => items.iter().for_each(|one| nullable(one, place, found)),
        _ => {}
    }
}

#[test]
fn no_schema_of_an_answer_allows_null_since_what_is_unknown_is_left_out() {
    let document = document();
    let mut waiting: BTreeSet<String> =
        operations().iter().flat_map(|operation| references(&operation.json["responses"])).collect();
    let (mut answered, mut found) = (BTreeSet::new(), Vec::new());
    while let Some(name) = waiting.pop_first() {
        if answered.insert(name.clone()) {
            let schema = &document["components"]["schemas"][&name];
            waiting.extend(references(schema));
            nullable(schema, &name, &mut found);
        }
    }
    assert!(answered.len() > 100, "the answers' schemas are found: {answered:?}");
    assert!(found.is_empty(), "{found:#?}");
}

/// Where a schema is an `allOf` with a part that refuses the members of the others, and so of every value.
fn unsatisfiable(value: &Value, place: &str, schemas: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let parts = members.get("allOf").and_then(Value::as_array).into_iter().flatten();
            let is_closed = |part: &Value| {
                let name = part["$ref"].as_str().and_then(|name| name.rsplit('/').next());
                name.map_or(part, |name| &schemas[name])["additionalProperties"] == false
            };
            if parts.clone().count() > 1 && parts.clone().any(is_closed) {
                found.push(place.to_owned());
            }
            members.iter().for_each(|(name, one)| unsatisfiable(one, &format!("{place}/{name}"), schemas, found));
        }
        Value::Array(items) => items.iter().for_each(|one| unsatisfiable(one, place, schemas, found)),
        _ => {}
    }
}

#[test]
fn no_schema_is_made_of_parts_that_refuse_one_anothers_members() {
    let document = document();
    let mut found = Vec::new();
    unsatisfiable(&document, "", &document["components"]["schemas"], &mut found);
    assert!(found.is_empty(), "{found:#?}");
    let parts = serde_json::json!({ "allOf": [{ "$ref": "#/components/schemas/Closed" }, { "type": "object" }] });
    unsatisfiable(&parts, "", &serde_json::json!({ "Closed": { "additionalProperties": false } }), &mut found);
    assert_eq!(found, [""], "one that is made of such parts is found");
}

#[test]
fn a_page_refers_to_the_schema_of_its_items() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let pages: Vec<_> = schemas.iter().filter(|(name, _)| name.starts_with("Page_")).collect();
    assert!(pages.len() > 20, "{}", pages.len());
    for (name, page) in pages {
        assert!(page["properties"]["items"]["items"]["$ref"].is_string(), "{name}: {page}");
    }
}

#[test]
fn every_component_is_referred_to() {
    let document = document();
    let text = document.to_string();
    for kind in ["headers", "responses", "schemas"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("\"#/components/{kind}/{name}\"");
            assert!(text.contains(&reference), "nothing refers to {kind}/{name}");
        }
    }
}

#[test]
fn the_openapi_document_of_a_door_has_its_operations_and_the_schemas_that_they_use_and_no_others() {
    let whole = document();
    let mut covered = 0;
    for (name, text) in almoner_api::openapi::files().unwrap() {
        let document: Value = serde_json::from_str(&text).unwrap();
        let schemas: BTreeSet<String> =
            document["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
        if name == "openapi.json" {
            continue;
        }
        assert_eq!(references(&document), schemas, "{name}");
        let door = name.strip_suffix(".json").unwrap();
        for (path, item) in whole["paths"].as_object().unwrap() {
            if path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next()) == Some(door) {
                assert_eq!(document["paths"][path], *item, "{name} {path}");
                covered += item.as_object().unwrap().len();
            } else if path.starts_with("/v1/") {
                assert!(document["paths"][path].is_null(), "{name} {path}");
            }
        }
    }
    assert_eq!(covered, operations().iter().filter(|operation| operation.path.starts_with("/v1/")).count());
}

#[test]
fn the_server_serves_the_document_and_a_page_to_read_it_offline() {
    let world = World::new();
    let anyone = world.anyone();
    assert_eq!(anyone.get("/openapi.json").body, document());
    for (name, text) in almoner_api::openapi::files().unwrap() {
        let served = anyone.get(&format!("/openapi/{name}"));
        assert_eq!(served.body, serde_json::from_str::<Value>(&text).unwrap(), "{name}");
    }
    assert_eq!(anyone.get("/openapi/nowhere.json").status, 404);
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
        let id = json["operationId"].as_str().unwrap();
        assert!(names.insert(id.to_owned()), "{name}: its operationId is another's");
        let words: Vec<&str> = id.split('_').collect();
        assert!(words.len() >= 3 && words[0] == json["tags"][0], "{name}: {id} is not a door, a resource and a verb");
        assert!(!["get", "post", "put", "patch", "delete", "one"].contains(words.last().unwrap()), "{name}: {id}");
        let summary = json["summary"].as_str().unwrap();
        assert!(summary.len() <= 150 && !summary.contains('\n'), "{name}: {summary}");
        assert_eq!(json["tags"].as_array().unwrap().len(), 1, "{name} belongs to one door");
        let in_path = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let described = json["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "path");
        let described: Vec<&str> = described.map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(described, in_path.collect::<Vec<_>>(), "{name} describes what its path names");
        operation.example();
        // OAuth defines the form of its own errors.
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
    // A council's reference is its own key, signing in creates nothing that could be doubled, a state can be used once, and an
    // upload that nobody goes on with expires.
    let exempt = [
        "POST /v1/council/referrals",
        "POST /v1/practice/sessions",
        "POST /v1/operator/sessions",
        "POST /v1/council/sessions",
        "POST /v1/complaints/sessions",
        "POST /v1/practice/sessions/single-sign-on/complete",
        "POST /v1/practice/account/identities/complete",
        "POST /v1/council/sessions/single-sign-on/complete",
        "POST /v1/council/account/identities/complete",
        "POST /v1/practice/uploads",
        "POST /v1/council/uploads",
    ];
    // An account is disabled or not, and has its address or not, whatever it was before, so these need no version. The offset of a
    // piece is the version of its upload. An offer is answered once, and a message is passed on or not, and somebody told or not. An
    // officer may sign or not.
    let accounts = ["disable", "enable", "release-address"];
    let accounts = accounts.map(|step| format!("POST /v1/operator/accounts/{{id}}/{step}"));
    let mut without_version = [
        "PATCH /v1/practice/uploads/{id}",
        "PATCH /v1/council/uploads/{id}",
        "PUT /v1/complaints/offers/{id}/answer",
        "PUT /v1/complaints/{id}/assignments/{assignment_id}/told",
        "PUT /v1/complaints/{id}/documents/{document_id}/passed-on",
        "PUT /v1/complaints/{id}/links/{other_id}",
        "PUT /v1/complaints/{id}/messages/{message_id}/passed-on",
        "PUT /v1/complaints/signatories/{id}",
    ]
    .map(str::to_owned)
    .to_vec();
    without_version.extend(accounts);
    for operation in operations() {
        let name = operation.name();
        let creates = operation.method == "POST" && operation.json["responses"]["201"].is_object();
        if creates && !exempt.contains(&name.as_str()) {
            assert!(operation.needs("Idempotency-Key"), "{name}");
        }
        let changes = operation.path.contains("{id}")
            && !creates
            && ["POST", "PATCH", "PUT"].contains(&operation.method.as_str());
        if changes && !without_version.contains(&name) {
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
