//! The OpenAPI document: collected from the routes that the server runs, and completed here with what holds for every
//! operation.

use actix_web::App;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme};
use utoipa::openapi::{
    Components, ContactBuilder, Content, InfoBuilder, LicenseBuilder, OpenApi, Ref, RefOr, ResponseBuilder, Schema,
    ServerBuilder, Tag,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

use crate::ground::permission::{COUNCIL_PERMISSIONS, PARTNER_PERMISSIONS};
use crate::ground::problem::{Kind, Problem};

/// The document.
pub fn document() -> OpenApi {
    let (_, collected) = App::new().into_utoipa_app().configure(crate::routes).split_for_parts();
    complete(collected)
}

/// The document as it is committed.
pub fn text() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&document())?;
    text.push('\n');
    Ok(text)
}

const DOORS: [(&str, &str); 6] = [
    ("practice", "Staff of one practice, through the practice's frontend."),
    ("council", "One council's systems."),
    ("partner", "Apps that lodge and follow complaints for people."),
    ("public", "Anyone."),
    ("operator", "Who runs the service; never a record."),
    ("oauth", "Tokens for systems, and the keys by which tokens are checked."),
];

fn complete(mut api: OpenApi) -> OpenApi {
    api.info = InfoBuilder::new()
        .title("Almoner")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("../../../../docs/openapi-introduction.md")))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .contact(Some(ContactBuilder::new().name(Some("The operator of the service")).build()))
        .build();
    api.servers = Some(vec![ServerBuilder::new().url("/").description(Some("This service")).build()]);
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
        for (method, operation) in operations(item) {
            complete_operation(path, method, operation);
        }
    }
    api
}

fn security_schemes() -> [(&'static str, SecurityScheme); 4] {
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
        ("practice", bearer("An access token from `POST /v1/practice/sessions` (a JWT, handled as RFC 8725 advises)")),
        ("council", client(COUNCIL_PERMISSIONS, "A council's system: client credentials")),
        ("partner", client(PARTNER_PERMISSIONS, "A partner app: client credentials")),
        ("operator", bearer("An access token from `POST /v1/operator/sessions` (a JWT, handled as RFC 8725 advises)")),
    ]
}

/// The operations of one address.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", item.get.as_mut()),
        ("post", item.post.as_mut()),
        ("patch", item.patch.as_mut()),
        ("delete", item.delete.as_mut()),
        ("put", item.put.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
}

/// Whether an operation needs a token.
pub(crate) fn is_authenticated(operation: &Operation) -> bool {
    operation.security.as_ref().is_some_and(|security| {
        security
            .iter()
            .any(|one| serde_json::to_value(one).is_ok_and(|one| one.as_object().is_some_and(|one| !one.is_empty())))
    })
}

fn complete_operation(path: &str, method: &str, operation: &mut Operation) {
    let door = path.split('/').nth(2).filter(|_| path.starts_with("/v1/")).unwrap_or("oauth").to_owned();
    // The same verb on the same thing stands at several doors; its name must not.
    let words: Vec<&str> =
        path.split('/').filter(|part| !part.is_empty() && *part != "v1" && !part.starts_with('{')).collect();
    let one = if path.ends_with('}') { "_one" } else { "" };
    operation.operation_id = Some(format!("{}_{method}{one}", words.join("_").replace(['-', '.'], "_")));
    operation.tags = Some(vec![door.clone()]);

    let authenticated = is_authenticated(operation);
    let has_parameter = |name: &str| {
        operation.parameters.as_ref().is_some_and(|parameters| {
            parameters.iter().any(|parameter| match parameter {
                RefOr::T(parameter) => parameter.name == name,
                RefOr::Ref(_) => false,
            })
        })
    };
    let mut kinds = vec![Kind::Internal, Kind::Unavailable, Kind::TooManyRequests];
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response.headers.extend(limit_headers());
        }
    }
    if door == "oauth" {
        let status = Kind::TooManyRequests.status().as_str().to_owned();
        operation.responses.responses.insert(status, RefOr::T(problem(Kind::TooManyRequests)));
        return;
    }
    if authenticated {
        kinds.extend([Kind::NotAuthenticated, Kind::Forbidden]);
    }
    if path.contains('{') {
        kinds.push(Kind::NotFound);
    }
    if path.ends_with("/sessions") {
        kinds.push(Kind::WrongCredentials);
    }
    if operation.request_body.is_some() {
        kinds.extend([Kind::NotJson, Kind::TooLarge, Kind::WrongMediaType, Kind::Unfit]);
    } else if has_parameter("limit") || has_parameter("postcode") {
        kinds.push(Kind::Unfit);
    }
    if has_parameter("If-Match") {
        kinds.extend([Kind::MatchMissing, Kind::Changed, Kind::WrongState]);
    }
    if has_parameter("Idempotency-Key") {
        kinds.extend([Kind::KeyMissing, Kind::UnderWay]);
    }
    kinds.sort_by_key(|kind| kind.status());
    for kind in kinds {
        let status = kind.status().as_str().to_owned();
        operation.responses.responses.entry(status).or_insert_with(|| RefOr::T(problem(kind)));
    }
}

fn problem(kind: Kind) -> utoipa::openapi::Response {
    let mut response = ResponseBuilder::new()
        .description(kind.title())
        .content("application/problem+json", Content::new(Some(Ref::from_schema_name(Problem::name()))))
        .build();
    if kind == Kind::TooManyRequests {
        response.headers.extend(limit_headers());
        let seconds = header(u64::schema(), "Seconds to wait.");
        response.headers.insert("Retry-After".to_owned(), seconds);
    }
    response
}

/// What every answer of a limited operation says (draft-ietf-httpapi-ratelimit-headers).
fn limit_headers() -> [(String, RefOr<Header>); 2] {
    [
        ("RateLimit-Policy", "The limit: `q` requests at once, which are there again after `w` seconds, such as `\"caller\";q=120;w=12`."),
        ("RateLimit", "What is left: `r` requests now, and all of them after `t` seconds, such as `\"caller\";r=119;t=1`."),
    ]
    .map(|(name, description)| (name.to_owned(), header(String::schema(), description)))
}

fn header(schema: RefOr<Schema>, description: &str) -> RefOr<Header> {
    let mut header = Header::new(schema);
    header.description = Some(description.to_owned());
    RefOr::T(header)
}
