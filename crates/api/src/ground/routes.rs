//! The addresses of the service: which there are, with which methods, and which of them a request names.
//!
//! A request is looked up once, before everything else. The limits, the metrics, the log and the signing keys go by what
//! was found, never by what the caller wrote, so there is one spelling of each address that counts.

use std::sync::LazyLock;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, Route, web};
use utoipa::openapi::path::HttpMethod;

use crate::ground::operation::Operation;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::unread::Expected;

/// Everything that is served, as it is collected.
#[derive(Default)]
pub(crate) struct Routes {
    prefix: &'static str,
    /// The operations, which the OpenAPI document describes.
    pub(crate) operations: Vec<Operation>,
    pages: Vec<(&'static str, Route)>,
}

impl Routes {
    /// Returns everything that is served.
    pub(crate) fn all() -> Self {
        let mut routes = Self::default();
        crate::routes(&mut routes);
        crate::ground::pages::routes(&mut routes);
        routes
    }

    /// Adds operations whose addresses begin so.
    pub(crate) fn under(&mut self, prefix: &'static str, add: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.prefix, prefix);
        add(self);
        self.prefix = before;
    }

    /// Adds an operation.
    pub(crate) fn add(&mut self, mut operation: Operation) {
        operation.path.insert_str(0, self.prefix);
        self.operations.push(operation);
    }

    /// Adds a page, which the document does not describe: for people and for monitoring.
    pub(crate) fn page(&mut self, address: &'static str, route: Route) {
        self.pages.push((address, route));
    }

    /// Has the server serve everything.
    pub(crate) fn serve(self, config: &mut web::ServiceConfig) {
        let operations = self.operations.into_iter().map(|operation| (operation.path, operation.route));
        let pages = self.pages.into_iter().map(|(address, route)| (address.to_owned(), route));
        let mut routes: Vec<(String, Route)> = operations.chain(pages).collect();
        // The server takes the first address that fits. The sort is stable, so methods stay in order.
        routes.sort_by_key(|(address, _)| precedence(address));
        let mut routes = routes.into_iter().peekable();
        while let Some((address, route)) = routes.next() {
            let mut resource = web::resource(&address).route(route);
            while let Some((_, route)) = routes.next_if(|(next, _)| *next == address) {
                resource = resource.route(route);
            }
            config.service(resource);
        }
    }
}

/// Orders addresses so that the more exact of two that fit comes first: `sessions/current` before `sessions/{id}`.
fn precedence(address: &str) -> Vec<(bool, String)> {
    address.split('/').map(|segment| (segment.starts_with('{'), segment.to_owned())).collect()
}

/// What a request may do at an address with its method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Whatever the caller's token allows.
    WithToken,
    /// Reads public data.
    Reading,
    /// Takes credentials of some kind: a password, a secret, a one-time code.
    Credentials,
    /// Shows a page or the service's health.
    Page,
}

/// An address of the service.
pub(crate) struct Address {
    /// The address with its placeholders.
    pub(crate) pattern: String,
    methods: Vec<Allowed>,
    /// The methods as `Allow` lists them (RFC 9110 §10.2.1).
    allow: String,
}

/// A method that an address has.
struct Allowed {
    method: Method,
    purpose: Purpose,
    /// What the operation expects of the parts of a request that its arguments do not read.
    expected: LazyLock<Expected, Box<dyn FnOnce() -> Expected + Send>>,
}

impl Address {
    /// Returns what a method may do here. `HEAD` may do what `GET` may.
    fn allows(&self, method: &str) -> Option<&Allowed> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.methods.iter().find(|allowed| allowed.method == method)
    }
}

#[expect(clippy::expect_used, reason = "the addresses are part of the program, and every test reads them")]
static ADDRESSES: LazyLock<matchit::Router<Address>> = LazyLock::new(|| {
    let Routes { operations, pages, .. } = Routes::all();
    let operations = operations.into_iter().map(|operation| {
        let method = method_of(&operation.method);
        let purpose = match (operation.is_open, &method) {
            (false, _) => Purpose::WithToken,
            (true, &Method::GET) => Purpose::Reading,
            (true, _) => Purpose::Credentials,
        };
        let describe = operation.describe;
        let expected: Box<dyn FnOnce() -> Expected + Send> = Box::new(move || describe().expected);
        (operation.path, Allowed { method, purpose, expected: LazyLock::new(expected) })
    });
    let pages = pages.into_iter().map(|(address, _)| {
        let expected: Box<dyn FnOnce() -> Expected + Send> = Box::new(Expected::default);
        let allowed = Allowed { method: Method::GET, purpose: Purpose::Page, expected: LazyLock::new(expected) };
        (address.to_owned(), allowed)
    });
    let mut addresses: Vec<Address> = Vec::new();
    for (pattern, allowed) in operations.chain(pages) {
        if let Some(known) = addresses.iter_mut().find(|known| known.pattern == pattern) {
            known.methods.push(allowed);
        } else {
            addresses.push(Address { pattern, methods: vec![allowed], allow: String::new() });
        }
    }
    let mut router = matchit::Router::new();
    for mut address in addresses {
        let allowed = METHODS.into_iter().filter(|method| address.allows(method).is_some());
        address.allow = allowed.collect::<Vec<_>>().join(", ");
        let inserted = router.insert(address.pattern.clone(), address);
        inserted.expect("no two addresses name the same placeholder differently");
    }
    router
});

/// Every method that the service knows. Any other is answered 501 (RFC 9110 §15.6.2).
const METHODS: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"];

/// Returns the method as the server knows it.
pub(crate) fn method_of(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}

/// What a request names. It has no text of the caller's.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    /// The method, or `other` for a method that the service does not know.
    pub(crate) method: &'static str,
    address: Option<&'static Address>,
    /// The operation or the page; `None` if there is no such address, or none with this method.
    allowed: Option<&'static Allowed>,
    /// The time at which the request came.
    pub(crate) begun: Instant,
}

impl Found {
    fn of(method: &Method, path: &str) -> Self {
        let name = METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or("other");
        let address = if is_spelt_plainly(path) { ADDRESSES.at(path).ok().map(|found| found.value) } else { None };
        Self { method: name, address, allowed: address.and_then(|address| address.allows(name)), begun: Instant::now() }
    }

    /// Returns what this request names, which [`find`] has looked up.
    pub(crate) fn by(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().copied().unwrap_or_else(|| Self {
            method: "other",
            address: None,
            allowed: None,
            begun: Instant::now(),
        })
    }

    /// Returns what the request may do; `None` if it names nothing that is served.
    pub(crate) fn purpose(self) -> Option<Purpose> {
        self.allowed.map(|allowed| allowed.purpose)
    }

    /// Returns what the operation expects of the parts of a request that its arguments do not read.
    pub(crate) fn expected(self) -> Option<&'static Expected> {
        self.allowed.map(|allowed| &*allowed.expected)
    }

    /// Returns the address with its placeholders, or `none`.
    pub(crate) fn pattern(self) -> &'static str {
        self.address.map_or("none", |address| &address.pattern)
    }

    /// Returns the methods that `Allow` lists for a request with `OPTIONS`.
    pub(crate) fn options(self) -> Option<&'static str> {
        self.address.filter(|_| self.method == "OPTIONS").map(|address| address.allow.as_str())
    }

    /// Returns the problem of a request that names nothing that is served.
    pub(crate) fn problem(self) -> ApiError {
        match self.address {
            _ if self.method == "other" => ApiError::new(Kind::MethodUnknown),
            None => ApiError::new(Kind::NotFound),
            Some(address) => ApiError::method_not_allowed(&address.allow),
        }
    }
}

/// Whether a path is written in the one way that counts. Proxies and the server itself read some characters in two ways:
/// none of them is in an address of the service, so a path that has one names nothing.
fn is_spelt_plainly(path: &str) -> bool {
    let has_detours = path.contains([';', '\\'])
        || path.contains("//")
        || path.split('/').any(|segment| [".", ".."].contains(&segment));
    let mut escapes = path.split('%');
    escapes.next();
    !has_detours && escapes.all(is_needed)
}

/// Whether the text after a percent sign is the code of a character that cannot be written plainly, and that means nothing
/// to a proxy: no unreserved character (RFC 3986 §2.3), no slash, backslash, percent sign, semicolon or control.
fn is_needed(escaped: &str) -> bool {
    let Some(code) = escaped.get(..2).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit())) else {
        return false;
    };
    let Ok(byte) = u8::from_str_radix(code, 16) else { return false };
    !(byte.is_ascii_alphanumeric() || byte.is_ascii_control() || b"-._~/\\%;".contains(&byte))
}

/// The outermost layer: looks up what the request names. A request with `HEAD` goes on as one with `GET`: with the same
/// permission, limit and record in the audit log. The server leaves out the content of its answer.
pub(crate) async fn find(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let found = Found::of(request.method(), request.path());
    if found.method == "HEAD" && found.allowed.is_some() {
        request.head_mut().method = Method::GET;
    }
    request.extensions_mut().insert(found);
    next.call(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> (&'static str, &'static str, Option<Purpose>) {
        let found = Found::of(&Method::from_bytes(method.as_bytes()).unwrap(), path);
        (found.method, found.pattern(), found.purpose())
    }

    #[test]
    fn the_more_exact_address_is_found() {
        let id = "/v1/practice/sessions/00000000-0000-0000-0000-000000000001";
        assert_eq!(found("DELETE", id), ("DELETE", "/v1/practice/sessions/{id}", Some(Purpose::WithToken)));
        let current = "/v1/practice/sessions/current";
        assert_eq!(found("DELETE", current), ("DELETE", current, Some(Purpose::WithToken)));
        let refresh = "/v1/practice/sessions/refresh";
        assert_eq!(found("POST", refresh), ("POST", refresh, Some(Purpose::Credentials)));
        assert_eq!(found("DELETE", refresh), ("DELETE", refresh, None));
        assert_eq!(found("HEAD", "/v1/public/practices").2, Some(Purpose::Reading));
        assert_eq!(found("HEAD", "/health/live").2, Some(Purpose::Page));
        assert_eq!(found("HEAD", "/oauth/token").2, None);
        assert_eq!(found("BREW", "/oauth/token"), ("other", "/oauth/token", None));
    }

    #[test]
    fn an_address_has_one_spelling() {
        assert!(found("POST", "/oauth/token").2.is_some());
        for path in [
            "/oauth/%74oken",
            "/oauth/%54oken",
            "/%6Fauth/token",
            "//oauth/token",
            "/oauth//token",
            "/oauth/./token",
            "/x/../oauth/token",
            "/oauth/%2E/token",
            "/oauth/token/",
            "/oauth/token;x",
            "/oauth;x=1/token",
            "/oauth%2Ftoken",
            "/oauth%2ftoken",
            "/oauth\\token",
            "/oauth%5Ctoken",
            "/oauth/token%00",
            "/oauth/token%",
            "/oauth/token%7",
            "/oauth/token%zz",
            "/oauth/token%25",
            "/OAUTH/token",
            "oauth/token",
            "",
        ] {
            assert_eq!(found("POST", path), ("POST", "none", None), "{path}");
        }
        // A code with blanks between its groups has to be escaped.
        assert!(found("GET", "/v1/partner/complaints/C%207QX4M%202KDPA").2.is_some());
        assert!(found("GET", "/v1/partner/complaints/%C3%A9").2.is_some());
        assert_eq!(found("GET", "/v1/partner/complaints/C%2D7QX4M").2, None);
    }
}
