//! The examples of the OpenAPI document. Each request and each answer has one, which is composed from its schema: a
//! member's value comes from `data/examples.json`, from the type's own example, or from its format. Each error has an
//! example for each kind of problem that it may be.
//!
//! Identifiers are made from the name of their type, so that a case has one identifier wherever it occurs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi, RefOr, Schema};

use crate::ground::openapi::operations;
use crate::ground::problem::Kind;

/// The values of which examples are made. A name is a member's, or a schema's and its member's.
#[derive(Deserialize)]
struct Values {
    /// The optional members that an example leaves out, because they belong to a later state of the resource.
    absent: Vec<String>,
    values: BTreeMap<String, Value>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
static VALUES: LazyLock<Values> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/examples.json")).expect("data/examples.json is sound")
});

/// The depth at which an optional object is left out, so that an example ends.
const DEEPEST: usize = 8;

/// Gives each request and each answer an example.
pub(crate) fn describe(api: &mut OpenApi) {
    let schemas = api.components.iter().flat_map(|components| &components.schemas);
    let composer =
        Composer(schemas.filter_map(|(name, one)| Some((name.clone(), serde_json::to_value(one).ok()?))).collect());
    let mut identifiers = Vec::new();
    for operation in api.paths.paths.values_mut().flat_map(operations) {
        composer.exemplify(operation);
    }
    for (name, schema) in &composer.0 {
        if is_identifier(schema) {
            identifiers.push((name.clone(), identifier(name)));
        }
    }
    for (name, example) in identifiers {
        let schema = api.components.as_mut().and_then(|components| components.schemas.get_mut(&name));
        if let Some(RefOr::T(Schema::Object(object))) = schema {
            object.example = None;
            object.examples = vec![example];
        }
    }
}

/// Returns the content of the problems that one status may have, with an example of each.
pub(crate) fn of_problems(content: Content, kinds: &[Kind]) -> Content {
    let mut content = content;
    for kind in kinds {
        let example = ExampleBuilder::new().summary(kind.title()).value(Some(problem(*kind)));
        content.examples.insert(kind.word().to_owned(), RefOr::T(example.into()));
    }
    content
}

/// Returns an example of a problem, as the service answers it.
fn problem(kind: Kind) -> Value {
    let mut shown = json!({
        "type": format!("/problems/{}", kind.word()),
        "title": kind.title(),
        "status": kind.status().as_u16(),
    });
    let detail = match kind {
        Kind::MalformedJson => "The fault is at line 1, column 20.",
        Kind::IdempotencyKeyMissing => {
            "Send a value of your own, such as a UUID, that is new for each thing you create."
        }
        Kind::MalformedHeader => {
            "If-Match must be an ETag as the service gave it, such as \"3\" with its quotes, a list of these, or *: at most \
             1000 characters."
        }
        Kind::IfMatchMissing => "Send the ETag of the version that you read.",
        Kind::UnsupportedMediaType => "Send Content-Type: application/json.",
        Kind::ValidationFailed => {
            shown["errors"] = json!([{ "pointer": "/nickname", "detail": "is not a member of this message" }]);
            return shown;
        }
        Kind::AlreadyExists => {
            shown["errors"] = json!([{ "pointer": "/email", "detail": "is already in use" }]);
            return shown;
        }
        _ => return shown,
    };
    shown["detail"] = detail.into();
    shown
}

/// The schemas of the document, by name.
struct Composer(BTreeMap<String, Value>);

impl Composer {
    fn exemplify(&self, operation: &mut Operation) {
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            body.content.values_mut().for_each(|content| self.complete("", content));
        }
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                response.content.iter_mut().for_each(|(media_type, content)| self.complete(media_type, content));
            }
        }
    }

    fn complete(&self, media_type: &str, content: &mut RefOr<Content>) {
        let RefOr::T(content) = content else { return };
        if content.example.is_some() || !content.examples.is_empty() {
            return;
        }
        let line = content.extensions.as_ref().and_then(|extensions| extensions.get("x-item-schema")).cloned();
        let whole = || serde_json::to_value(content.schema.as_ref()?).ok();
        let Some(schema) = line.or_else(whole) else { return };
        let example = self.compose("", "", &schema, 0);
        content.example = example.map(|example| match media_type {
            "application/x-ndjson" => format!("{example}\n").into(),
            _ => example,
        });
    }

    /// Returns the name of the schema to which this one refers, and that schema; or this schema, without a name.
    fn resolved<'a>(&'a self, schema: &'a Value) -> (Option<&'a str>, &'a Value) {
        let name = schema["$ref"].as_str().and_then(|place| place.rsplit('/').next());
        match name.and_then(|name| self.0.get_key_value(name)) {
            Some((name, schema)) => (Some(name), schema),
            None => (None, schema),
        }
    }

    /// Returns an example of a member: `within` is the schema that has it.
    fn compose(&self, within: &str, member: &str, schema: &Value, depth: usize) -> Option<Value> {
        if let Some(value) = VALUES.values.get(&format!("{within}.{member}")) {
            return Some(value.clone());
        }
        let (name, schema) = self.resolved(schema);
        let name = name.unwrap_or(within);
        if depth > DEEPEST {
            return None;
        }
        if let Some(value) = schema["const"].as_str().map(Value::from).or_else(|| schema["enum"].get(0).cloned()) {
            return Some(value);
        }
        if let Some(only) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            return self.compose(name, member, only.iter().find(|one| one["type"] != "null")?, depth + 1);
        }
        let own = schema.get("example").or_else(|| schema["examples"].get(0));
        if is_identifier(schema) {
            return Some(if name == within { identifier(member) } else { identifier(name) });
        }
        let composed = self.members(name, schema, depth);
        match (composed, own) {
            (Some(composed), own) => Some(self.with_own(name, schema, composed, own)),
            (None, own) => match type_of(schema)? {
                "array" => Some(own.cloned().unwrap_or_else(|| self.list(name, member, schema, depth))),
                kind => VALUES
                    .values
                    .get(member)
                    .filter(|value| fits(value, kind))
                    .or(own)
                    .cloned()
                    .or_else(|| of_type(kind, schema)),
            },
        }
    }

    fn list(&self, name: &str, member: &str, schema: &Value, depth: usize) -> Value {
        if let Some(values) = VALUES.values.get(member).filter(|value| value.is_array()) {
            return values.clone();
        }
        let most = schema["maxItems"].as_u64();
        let item = if most == Some(0) { None } else { self.compose(name, member, &schema["items"], depth + 1) };
        Value::Array(item.into_iter().collect())
    }

    /// Returns an object with the members of a schema; `None` if the schema has none.
    fn members(&self, name: &str, schema: &Value, depth: usize) -> Option<Map<String, Value>> {
        let mut members = Map::new();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let (part_name, part) = self.resolved(part);
            members.extend(self.members(part_name.unwrap_or(name), part, depth + 1)?);
        }
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object();
        for (member, schema) in properties.into_iter().flatten() {
            let is_required = required.contains(&member.as_str());
            if is_required || !is_absent(name, member) {
                let value = self.compose(name, member, schema, depth + 1);
                members
                    .extend(value.filter(|value| is_required || !value.is_null()).map(|value| (member.clone(), value)));
            }
        }
        (properties.is_some() || schema["allOf"].is_array()).then_some(members)
    }

    /// Returns the type's own example, if it has one, with the identifiers that every other example has.
    fn with_own(&self, name: &str, schema: &Value, composed: Map<String, Value>, own: Option<&Value>) -> Value {
        let Some(Value::Object(own)) = own else { return Value::Object(composed) };
        let mut shown = own.clone();
        for (member, value) in &mut shown {
            let identified = self.resolved(&schema["properties"][member]);
            let items = self.resolved(&identified.1["items"]);
            match value {
                Value::String(_) if is_identifier(identified.1) => {
                    *value = identifier(identified.0.unwrap_or(member));
                }
                Value::Array(values) if is_identifier(items.1) => {
                    values.truncate(1);
                    for value in values.iter_mut() {
                        *value = identifier(items.0.unwrap_or(name));
                    }
                }
                _ => {}
            }
        }
        Value::Object(shown)
    }
}

fn is_absent(schema: &str, member: &str) -> bool {
    VALUES.absent.iter().any(|absent| absent == member || *absent == format!("{schema}.{member}"))
}

fn type_of(schema: &Value) -> Option<&str> {
    let named = &schema["type"];
    named.as_str().or_else(|| named.as_array()?.iter().filter_map(Value::as_str).find(|kind| *kind != "null"))
}

fn is_identifier(schema: &Value) -> bool {
    schema["format"] == "uuid" && type_of(schema) == Some("string")
}

fn fits(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" | "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => false,
    }
}

fn of_type(kind: &str, schema: &Value) -> Option<Value> {
    match kind {
        "boolean" => Some(false.into()),
        "integer" => schema.get("minimum").cloned().or(Some(1.into())),
        "object" => Some(json!({})),
        _ => None,
    }
}

/// Returns the identifier of the thing of this name: a UUID of version 7 whose end is a digest of the name (FNV-1a).
fn identifier(name: &str) -> Value {
    let digest = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("01937c5e-2b00-7a41-9d6c-{:012x}", digest & 0xffff_ffff_ffff).into()
}
