//! The OpenAPI document. It is collected from the routes that the server runs, whose types describe each operation, and
//! completed here with the parts about the whole API. A document for each door is derived from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme};
use utoipa::openapi::{
    Components, ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, RefOr, Server, ServerBuilder, Tag,
};
use utoipa::{PartialSchema, ToSchema};

use crate::ground::permission::{COUNCIL_SCOPES, PARTNER_PERMISSIONS};
use crate::ground::problem::Problem;
use crate::ground::routes::Routes;
use crate::ground::{bounds, examples, left_out, merged, shared};

/// Returns the whole document.
pub fn document() -> OpenApi {
    let mut api = OpenApi::default();
    let components = api.components.get_or_insert_with(Components::new);
    for operation in Routes::all().operations {
        let described = (operation.describe)();
        components.schemas.extend(described.schemas);
        api.paths.add_path_operation(operation.path, vec![operation.method], described.documentation);
    }
    complete(api)
}

/// Returns the document as it is committed.
pub fn text() -> Result<String, serde_json::Error> {
    written(&document())
}

/// Returns the documents that are committed: the name and the content of each file.
pub fn files() -> Result<Vec<(String, String)>, serde_json::Error> {
    let whole = document();
    let mut files = vec![("openapi.json".to_owned(), written(&whole)?)];
    for door in &doors() {
        files.push((format!("{door}.json"), written(&of_door(&whole, door)?)?));
    }
    Ok(files)
}

fn written(document: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    Ok(text)
}

/// Returns the doors that have a document of their own.
pub fn doors() -> [&'static str; 6] {
    ["practice", "council", "complaints", "partner", "public", "operator"]
}

/// Returns the document for the callers of one door: its operations, those with which its systems get their tokens, and
/// the schemas that they use.
pub(crate) fn of_door(whole: &OpenApi, door: &str) -> Result<Value, serde_json::Error> {
    let mut api = whole.clone();
    let takes_oauth = ["council", "partner"].contains(&door);
    let is_of_it = |tag: &str| tag == door || (takes_oauth && tag == "oauth");
    api.info.title = format!("{}: the {door} door", api.info.title);
    api.paths
        .paths
        .retain(|_, item| operations(item).any(|operation| operation.tags.iter().flatten().any(|tag| is_of_it(tag))));
    if let Some(tags) = &mut api.tags {
        tags.retain(|tag| is_of_it(&tag.name));
    }
    let components = serde_json::to_value(api.components.take().unwrap_or_default())?;
    let mut used = serde_json::to_value(&api)?;
    let mut parts: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    let mut wanted = references(&used);
    while let Some(reference) = wanted.pop() {
        let Some((kind, name)) = reference.split_once('/') else { continue };
        let part = &components[kind][name];
        let known = parts.entry(kind.to_owned()).or_default();
        if !part.is_null() && known.insert(name.to_owned(), part.clone()).is_none() {
            wanted.extend(references(part));
        }
    }
    // A council's systems and its officers are let in by two schemes.
    let names = [Some(door), (door == "council").then_some("officer")];
    for name in names.into_iter().flatten() {
        let scheme = &components["securitySchemes"][name];
        if !scheme.is_null() {
            parts.entry("securitySchemes".to_owned()).or_default().insert(name.to_owned(), scheme.clone());
        }
    }
    used["components"] = json!(parts);
    Ok(used)
}

/// Returns the components to which this value refers, such as `schemas/Problem`.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value.as_str().filter(|_| name == "$ref") {
                Some(reference) => reference.strip_prefix("#/components/").map(str::to_owned).into_iter().collect(),
                None => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

const DOORS: [(&str, &str); 7] = [
    ("complaints", "The officers and the guests of one council who work on its complaints."),
    ("council", "The systems and the officers of one council."),
    ("oauth", "Tokens for systems, and the keys with which tokens are checked."),
    ("operator", "The operator of the service, who never sees a record."),
    ("partner", "Apps that lodge and follow complaints for people."),
    ("practice", "The staff of one practice, through the practice's frontend."),
    ("public", "Anyone."),
];

fn complete(mut api: OpenApi) -> OpenApi {
    api.info = InfoBuilder::new()
        .title("Almoner")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("../../../../docs/openapi-introduction.md")))
        .license(Some(
            LicenseBuilder::new().name("Apache-2.0").url(Some("https://www.apache.org/licenses/LICENSE-2.0")).build(),
        ))
        .contact(Some(ContactBuilder::new().name(Some("The operator of the service")).build()))
        .build();
    api.servers = Some(vec![server()]);
    api.tags = Some(
        DOORS
            .iter()
            .map(|(name, description)| {
                let mut tag = Tag::new(*name);
                tag.description = Some((*description).to_owned());
                tag
            })
            .collect(),
    );
    let components = api.components.get_or_insert_with(Components::new);
    let mut schemas = Vec::new();
    Problem::schemas(&mut schemas);
    schemas.push((Problem::name().into_owned(), Problem::schema()));
    components.schemas.extend(schemas);
    for (name, scheme) in security_schemes() {
        components.security_schemes.insert(name.to_owned(), RefOr::T(scheme));
    }
    for (path, item) in &mut api.paths.paths {
        for operation in operations(item) {
            place(path, operation);
        }
    }
    merged::describe(&mut api);
    left_out::describe(&mut api);
    bounds::describe(&mut api);
    examples::describe(&mut api);
    shared::describe(&mut api);
    remove_unused(&mut api);
    api
}

/// Returns the one server: the address from which the document was loaded, whatever that instance is for.
fn server() -> Server {
    let mut server = ServerBuilder::new()
        .url("/")
        .description(Some("The instance that serves this document: production, staging or local"))
        .build();
    // Each door is for callers outside the operator's own network.
    server.extensions = Some([("x-internal", false)].into_iter().collect());
    server
}

/// Removes the schemas that were only parts of others.
fn remove_unused(api: &mut OpenApi) {
    let Ok(whole) = serde_json::to_value(&*api) else { return };
    let used: BTreeSet<String> = references(&whole).into_iter().collect();
    if let Some(components) = &mut api.components {
        components.schemas.retain(|name, _| used.contains(&format!("schemas/{name}")));
    }
}

fn security_schemes() -> [(&'static str, SecurityScheme); 6] {
    let bearer = |description: &str| {
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .description(Some(description))
                .build(),
        )
    };
    let client = |scopes: &[&str], description: &str| {
        let scopes: Scopes = scopes.iter().map(|scope| (*scope, *scope)).collect();
        SecurityScheme::OAuth2(OAuth2::with_description(
            [Flow::ClientCredentials(ClientCredentials::new("/oauth/token", scopes))],
            description,
        ))
    };
    [
        ("practice", bearer("An access token from `POST /v1/practice/sessions` (a JWT, handled as RFC8725 advises)")),
        (
            "council",
            client(
                COUNCIL_SCOPES,
                "A council's system: client credentials. The token is a JWT, handled as RFC8725 advises",
            ),
        ),
        (
            "complaints",
            bearer("An access token from `POST /v1/complaints/sessions` (a JWT, handled as RFC8725 advises)"),
        ),
        ("officer", bearer("An access token from `POST /v1/council/sessions` (a JWT, handled as RFC8725 advises)")),
        (
            "partner",
            client(
                PARTNER_PERMISSIONS,
                "A partner app: client credentials. The token is a JWT, handled as RFC8725 advises",
            ),
        ),
        ("operator", bearer("An access token from `POST /v1/operator/sessions` (a JWT, handled as RFC8725 advises)")),
    ]
}

/// Returns the operations at one address.
pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [item.get.as_mut(), item.post.as_mut(), item.patch.as_mut(), item.delete.as_mut(), item.put.as_mut()]
        .into_iter()
        .flatten()
}

/// Whether an operation needs a token.
fn is_authenticated(operation: &Operation) -> bool {
    operation.security.as_ref().is_some_and(|security| {
        security
            .iter()
            .any(|one| serde_json::to_value(one).is_ok_and(|one| one.as_object().is_some_and(|one| !one.is_empty())))
    })
}

/// Moves an operation to its door. The same verb on the same resource stands at several doors, and the operation's name
/// must be unique.
fn place(path: &str, operation: &mut Operation) {
    let door = path.split('/').nth(2).filter(|_| path.starts_with("/v1/")).unwrap_or("oauth");
    operation.operation_id = operation.operation_id.take().map(|id| format!("{door}_{id}"));
    operation.tags = Some(vec![door.to_owned()]);
    if operation.description.as_ref().is_none_or(String::is_empty) {
        operation.description = Some(needs(door, operation));
    }
}

/// Says what an operation requires of its caller. It is the description of an operation whose summary says the rest.
fn needs(door: &str, operation: &Operation) -> String {
    let security = operation.security.as_ref().and_then(|security| serde_json::to_value(security).ok());
    let of = |scheme: &str| -> Option<String> {
        let mut one_of = security.as_ref()?.as_array()?.iter();
        one_of.find_map(|required| required[scheme][0].as_str()).map(str::to_owned)
    };
    match (of(door), of("officer")) {
        (Some(scope), Some(permission)) => {
            format!("It requires the scope `{scope}` of a system, or the permission `{permission}` of an officer.")
        }
        (Some(permission), None) | (None, Some(permission)) => format!("It requires the permission `{permission}`."),
        (None, None) if is_authenticated(operation) => "It requires a session, and no permission.".to_owned(),
        (None, None) => "It requires no token.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::Schema;

    use super::*;

    #[test]
    fn no_two_types_have_one_name_in_the_document() {
        let mut known: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
        let mut shared = BTreeSet::new();
        for (name, schema) in Routes::all().operations.iter().flat_map(|operation| (operation.describe)().schemas) {
            let before = known.entry(name.clone()).or_insert_with(|| schema.clone());
            if *before != schema {
                shared.insert(name);
            }
        }
        assert!(shared.is_empty(), "give one of each a name of its own with `#[schema(as = …)]`: {shared:?}");
        assert!(known.len() > 100);
    }
}
