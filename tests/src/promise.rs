//! What the OpenAPI document promises of each answer, compared with every answer that the tests get: its status, its headers,
//! its media type, its content and its kind of problem. `docs/decisions/0025-every-answer-keeps-the-documents-promise.md` says
//! why. Each pair of an operation and a status that was seen is noted in `target/test-logs/PROCESS.answers`, from which
//! `check-answers` finds the promises that no test has ever seen kept.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex, OnceLock};

use almoner_demo::web::Answer;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The headers that an answer has only if the document says so. `X-Request-Id` is on every answer of the service.
const HEADERS: [&str; 9] = [
    "allow",
    "etag",
    "idempotency-replayed",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
    "x-request-id",
];

/// The addresses outside the document, which no client of the API needs: health, pages to read, the document itself.
const OUTSIDE: [&str; 5] = ["/health/", "/docs", "/openapi.json", "/openapi/", "/problems/"];

/// Compares an answer with the document, and fails the test if the document does not promise it.
pub(crate) fn expect_kept(method: &str, path: &str, answer: &Answer) {
    match promises().compare(method, path, answer) {
        Ok(seen) => seen.iter().for_each(|seen| note(seen)),
        Err(broken) => panic!(
            "openapi.json does not promise this answer: {method} {path}: {} {}: {broken}",
            answer.status, answer.body
        ),
    }
}

/// What the document promises: the method and the template of each operation, the status, and the kind of problem.
pub fn promised() -> BTreeSet<String> {
    let mut promised = BTreeSet::new();
    for operation in &promises().operations {
        for (status, response) in &operation.responses {
            let answer = format!("{} {status}", operation.name());
            let kinds = kinds(response);
            if kinds.is_empty() {
                promised.insert(answer);
            } else {
                promised.extend(kinds.iter().map(|kind| format!("{answer} {kind}")));
            }
        }
    }
    promised
}

/// The kinds of problem that a response names: the words in code of its description.
fn kinds(response: &Value) -> Vec<&str> {
    if response["content"]["application/problem+json"].is_null() {
        return Vec::new();
    }
    response["description"].as_str().unwrap_or_default().split('`').skip(1).step_by(2).collect()
}

struct Operation {
    method: String,
    template: String,
    responses: Map<String, Value>,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// How closely the path fits the template, by parts from the left; `None` if it does not fit. A part that is written
    /// out fits more closely than a placeholder, as in the server, so that `/sessions/current` is not `/sessions/{id}`.
    fn fit(&self, path: &str) -> Option<Vec<bool>> {
        let (parts, given): (Vec<_>, Vec<_>) = (self.template.split('/').collect(), path.split('/').collect());
        let fits = |part: &str, given: &str| if part.starts_with('{') { !given.is_empty() } else { part == given };
        let all = parts.len() == given.len() && parts.iter().zip(&given).all(|(part, given)| fits(part, given));
        all.then(|| parts.iter().map(|part| !part.starts_with('{')).collect())
    }
}

struct Promises {
    document: Value,
    operations: Vec<Operation>,
    /// The schemas that were asked for, by their text.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

fn promises() -> &'static Promises {
    static PROMISES: OnceLock<Promises> = OnceLock::new();
    PROMISES.get_or_init(|| {
        let document = almoner_api::openapi::text().expect("the document");
        Promises::of(serde_json::from_str(&document).expect("the document"))
    })
}

impl Promises {
    fn of(document: Value) -> Self {
        let mut operations = Vec::new();
        for (template, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                let mut responses = operation["responses"].as_object().expect("responses").clone();
                for response in responses.values_mut() {
                    resolve(&document, response);
                    response["headers"]
                        .as_object_mut()
                        .into_iter()
                        .flatten()
                        .for_each(|(_, one)| resolve(&document, one));
                }
                operations.push(Operation { method: method.to_uppercase(), template: template.clone(), responses });
            }
        }
        Self { document, operations, validators: Mutex::default() }
    }

    /// Compares an answer with the document. Returns what was seen, unless it was of no operation, or what is broken.
    fn compare(&self, method: &str, path: &str, answer: &Answer) -> Result<Option<String>, String> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        // Another spelling of an address is refused before it is anything, and before it is counted.
        let is_respelt = path.contains('%') && answer.status == 404 && answer.header("ratelimit").is_none();
        let fitting = self.operations.iter().filter(|_| !is_respelt);
        let closest = fitting.filter_map(|operation| Some((operation.fit(path)?, &operation.template))).max();
        let Some((_, template)) = closest else {
            return self.of_no_operation(method, path, false, answer).map(|()| None);
        };
        // `HEAD` is answered as `GET` is, without the content.
        let asked = if method == "HEAD" { "GET" } else { method };
        let mut there = self.operations.iter().filter(|operation| operation.template == *template);
        let Some(operation) = there.find(|operation| operation.method == asked) else {
            return self.of_no_operation(method, path, true, answer).map(|()| None);
        };
        let status = answer.status.to_string();
        let response = operation.responses.get(&status).ok_or("the status is not documented")?;
        self.headers(response, answer)?;
        if method == "HEAD" {
            return if answer.body.is_null() { Ok(None) } else { Err("the answer to HEAD has content".to_owned()) };
        }
        self.content(response, answer)?;
        let kind = answer.text("/type").and_then(|kind| kind.strip_prefix("/problems/"));
        if let Some(kind) = kind.filter(|kind| !kinds(response).contains(kind)) {
            return Err(format!("the kind of problem `{kind}` is not documented"));
        }
        let name = operation.name();
        Ok(Some(kind.map_or_else(|| format!("{name} {status}"), |kind| format!("{name} {status} {kind}"))))
    }

    /// An answer at an address or with a method that the document does not have. Only refusals are to be had there, of kinds
    /// that are the same everywhere, and the answer to `OPTIONS`.
    fn of_no_operation(&self, method: &str, path: &str, is_known: bool, answer: &Answer) -> Result<(), String> {
        if answer.header("x-request-id").is_none() {
            return Err("the header X-Request-Id is missing".to_owned());
        }
        let is_outside = path == "/" || OUTSIDE.iter().any(|start| path.starts_with(start));
        match (method, answer.status) {
            ("OPTIONS", 200 | 204 | 400) if is_known => return Ok(()),
            (_, 405) if is_known && answer.header("allow").is_none() => {
                return Err("the header Allow is missing".to_owned());
            }
            (_, 405) if is_known => {}
            (_, 404) if !is_known => {}
            (_, 501) if answer.text("/type").is_none_or(|kind| kind == "/problems/method-unknown") => {}
            (_, 500 | 503 | 504) => {}
            _ if is_outside => return Ok(()),
            _ => return Err("the document has no such operation, and this is not the answer to that".to_owned()),
        }
        // The answer to HEAD has no content.
        if method == "HEAD" && answer.body.is_null() {
            return Ok(());
        }
        if media_type(answer) != Some("application/problem+json") {
            return Err("it is no problem document".to_owned());
        }
        self.validate(&json!({ "$ref": "#/components/schemas/Problem" }), &answer.body)
    }

    fn headers(&self, response: &Value, answer: &Answer) -> Result<(), String> {
        let none = Map::new();
        let documented = response["headers"].as_object().unwrap_or(&none);
        for (name, header) in documented {
            match answer.header(&name.to_lowercase()) {
                Some(value) => {
                    let is_text = header["schema"]["type"] == "string";
                    let value =
                        if is_text { value.into() } else { serde_json::from_str(value).unwrap_or(value.into()) };
                    self.validate(&header["schema"], &value).map_err(|broken| format!("{name}: {broken}"))?;
                }
                None if header["required"] == true => return Err(format!("the header {name} is missing")),
                None => {}
            }
        }
        for name in HEADERS {
            if answer.header(name).is_some() && !documented.keys().any(|one| one.eq_ignore_ascii_case(name)) {
                return Err(format!("the header {name} is not documented"));
            }
        }
        Ok(())
    }

    fn content(&self, response: &Value, answer: &Answer) -> Result<(), String> {
        let Some(documented) = response["content"].as_object() else {
            let is_empty = answer.body.is_null() && media_type(answer).is_none();
            return if is_empty { Ok(()) } else { Err("it has content, and none is documented".to_owned()) };
        };
        let media_type = media_type(answer).ok_or("it has no content, or content without a media type")?;
        let content =
            documented.get(media_type).ok_or_else(|| format!("the media type {media_type} is not documented"))?;
        // The client reads a single line of JSON as JSON, whatever its media type.
        if media_type == "application/x-ndjson" {
            return Ok(());
        }
        self.validate(&content["schema"], &answer.body)
    }

    fn validate(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let validator = self.validator(schema);
        let mut broken = String::new();
        for error in validator.iter_errors(value) {
            let (pointer, rule) = (error.instance_path(), error.schema_path());
            let pointer = if pointer.as_str().is_empty() { "the content" } else { pointer.as_str() };
            let _ = write!(broken, "\n  {pointer} breaks {rule}: {error}");
        }
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let made = validators.entry(schema.to_string()).or_insert_with(|| {
            let mut whole = schema.clone();
            let mut schemas = Map::new();
            self.add_used(schema, &mut schemas);
            whole["components"] = json!({ "schemas": schemas });
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&whole).unwrap_or_else(|error| panic!("{schema} is no schema: {error}")))
        });
        made.clone()
    }

    /// Adds the schemas to which this refers, however deep.
    fn add_used(&self, value: &Value, schemas: &mut Map<String, Value>) {
        match value {
            Value::Object(members) => {
                let name = members.get("$ref").and_then(Value::as_str);
                if let Some(name) = name.and_then(|name| name.strip_prefix("#/components/schemas/"))
                    && !schemas.contains_key(name)
                {
                    let schema = &self.document["components"]["schemas"][name];
                    schemas.insert(name.to_owned(), closed(schema));
                    self.add_used(schema, schemas);
                }
                members.values().for_each(|member| self.add_used(member, schemas));
            }
            Value::Array(items) => items.iter().for_each(|item| self.add_used(item, schemas)),
            _ => {}
        }
    }
}

/// Puts what a reference refers to in its place.
fn resolve(document: &Value, value: &mut Value) {
    if let Some(reference) = value["$ref"].as_str() {
        let found = document.pointer(reference.trim_start_matches('#'));
        *value = found.unwrap_or_else(|| panic!("{reference} is not in the document")).clone();
    }
}

/// The schema without room for members that it does not describe. A client has to leave that room, for the members of later
/// versions; an answer of this version that uses it has a member that is not documented.
fn closed(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut members: Map<String, Value> =
                members.iter().map(|(name, member)| (name.clone(), closed(member))).collect();
            if members.get("properties").is_some_and(Value::is_object) && members.get("type") == Some(&"object".into())
            {
                members.entry("additionalProperties").or_insert(false.into());
            }
            Value::Object(members)
        }
        Value::Array(items) => Value::Array(items.iter().map(closed).collect()),
        other => other.clone(),
    }
}

fn media_type(answer: &Answer) -> Option<&str> {
    answer.header("content-type").and_then(|value| value.split(';').next()).map(str::trim)
}

/// Notes what was seen, once in each process.
fn note(seen: &str) {
    static SEEN: OnceLock<Mutex<(BTreeSet<String>, std::fs::File)>> = OnceLock::new();
    let noted = SEEN.get_or_init(|| Mutex::new((BTreeSet::new(), crate::log::file("answers"))));
    let (known, file) = &mut *noted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if known.insert(seen.to_owned()) {
        writeln!(file, "{seen}").expect("the list of answers");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promises() -> Promises {
        let tag = json!({ "ETag": { "$ref": "#/components/headers/ETag" }, "X-Request-Id": { "schema": { "type": "string" } } });
        let case = json!({ "$ref": "#/components/schemas/Case" });
        let read = json!({
            "200": { "description": "A case", "headers": tag, "content": { "application/json": { "schema": case } } },
            "204": { "description": "Nothing" },
            "404": { "$ref": "#/components/responses/NotFound" },
        });
        let problem = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
        Promises::of(json!({
            "paths": {
                "/cases/{id}": { "get": { "responses": read } },
                "/cases/current": { "get": { "responses": { "204": { "description": "Nothing" } } } },
            },
            "components": {
                "headers": { "ETag": { "required": true, "schema": { "type": "string" } } },
                "responses": { "NotFound": { "description": "`not-found`: Not found.", "content": problem } },
                "schemas": {
                    "Case": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string", "format": "uuid" } } },
                    "Problem": { "type": "object", "properties": { "type": { "type": "string" } } },
                },
            },
        }))
    }

    fn answer(status: u16, headers: &[(&str, &str)], body: Value) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer { status, headers, body, content: Vec::new() }
    }

    #[test]
    fn an_answer_that_the_document_promises_is_seen_as_what_it_is() {
        let case = json!({ "id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d" });
        let headers = [("content-type", "application/json; charset=utf-8"), ("etag", "\"1\"")];
        let problem = [("content-type", "application/problem+json"), ("x-request-id", "1")];
        for (method, path, answer, seen) in [
            ("GET", "/cases/1?x=/y", answer(200, &headers, case), Some("GET /cases/{id} 200")),
            ("GET", "/cases/1", answer(204, &[], Value::Null), Some("GET /cases/{id} 204")),
            ("GET", "/cases/current", answer(204, &[], Value::Null), Some("GET /cases/current 204")),
            (
                "GET",
                "/cases/1",
                answer(404, &problem[..1], json!({ "type": "/problems/not-found" })),
                Some("GET /cases/{id} 404 not-found"),
            ),
            ("GET", "/nowhere", answer(404, &problem, json!({ "type": "/problems/not-found" })), None),
            ("OPTIONS", "/cases/1", answer(204, &problem[1..], Value::Null), None),
        ] {
            let compared = promises().compare(method, path, &answer);
            assert_eq!(compared.as_ref().map(|seen| seen.as_deref()), Ok(seen), "{method} {path}");
        }
    }

    #[test]
    fn an_answer_that_the_document_does_not_promise_is_refused_with_the_reason() {
        let id = json!({ "id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d" });
        let typed = ("content-type", "application/json");
        let tagged = [typed, ("etag", "\"1\"")];
        let problem = [("content-type", "application/problem+json"), ("x-request-id", "1")];
        for (path, answer, reason) in [
            ("/cases/1", answer(418, &tagged, id.clone()), "the status is not documented"),
            ("/cases/1", answer(200, &[typed], id.clone()), "the header ETag is missing"),
            ("/cases/1", answer(200, &[typed, tagged[1], ("location", "/")], id.clone()), "the header location is not"),
            (
                "/cases/1",
                answer(200, &[("content-type", "text/plain"), tagged[1]], id.clone()),
                "the media type text/plain",
            ),
            ("/cases/1", answer(200, &tagged[1..], Value::Null), "it has no content"),
            ("/cases/1", answer(204, &[typed], id), "it has content, and none is documented"),
            ("/cases/1", answer(200, &tagged, json!({})), "\"id\" is a required property"),
            (
                "/cases/1",
                answer(200, &tagged, json!({ "id": "x" })),
                "/id breaks /components/schemas/Case/properties/id/format",
            ),
            (
                "/cases/1",
                answer(200, &tagged, json!({ "id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "more": 1 })),
                "additionalProperties",
            ),
            ("/cases/1", answer(404, &problem[..1], json!({ "type": "/problems/gone" })), "the kind of problem `gone`"),
            ("/cases/1/notes", answer(200, &problem, json!({})), "the document has no such operation"),
            ("/nowhere", answer(404, &problem[..1], json!({})), "the header X-Request-Id is missing"),
        ] {
            let broken = promises().compare("GET", path, &answer).unwrap_err();
            assert!(broken.contains(reason), "{reason}: {broken}");
        }
    }
}
