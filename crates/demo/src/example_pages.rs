//! The example pages, which the demonstration serves beside the API: the app for people who complain (`crates/demo/example-app`),
//! the complaints desk of a council (`crates/demo/example-desk`), and what both are made of (`crates/demo/example-ground`).
//!
//! A page that anybody can open keeps no secret, so every app has a server of its own that has its client's secret. Here the
//! demonstration is that server, and gives the app a token. `almoner serve` has none of this.

use std::pin::Pin;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde_json::{Value, json};

use crate::Failure;
use crate::logins::Logins;
use crate::seed::COUNCILS;
use crate::web::Web;

/// The address of the app below the URL of the API.
pub(crate) const APP: &str = "/example-app/";

/// The address of the desk below the URL of the API.
pub(crate) const DESK: &str = "/example-desk/";

/// The headers of every answer: nothing is loaded from elsewhere, no form is sent by the browser itself, no page frames this
/// one, and nothing is kept.
const HEADERS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
];

/// A file of the pages: its address, its media type and its text.
type File = (&'static str, &'static str, &'static str);

const PAGE: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const TEXTS: &str = "application/json";

macro_rules! file {
    ($address:literal, $media_type:expr) => {
        ($address, $media_type, include_str!(concat!("..", $address)))
    };
}

const FILES: [File; 45] = [
    file!("/example-app/index.html", PAGE),
    file!("/example-app/app.css", STYLE),
    file!("/example-app/app.js", SCRIPT),
    file!("/example-app/complaint.js", SCRIPT),
    file!("/example-app/fields.js", SCRIPT),
    file!("/example-app/following.js", SCRIPT),
    file!("/example-app/lodging.js", SCRIPT),
    file!("/example-app/parts/answer.js", SCRIPT),
    file!("/example-app/parts/asking.js", SCRIPT),
    file!("/example-app/parts/documents.js", SCRIPT),
    file!("/example-app/parts/messages.js", SCRIPT),
    file!("/example-app/parts/people.js", SCRIPT),
    file!("/example-app/parts/standing.js", SCRIPT),
    file!("/example-app/receipt.js", SCRIPT),
    file!("/example-app/texts/en.json", TEXTS),
    file!("/example-desk/index.html", PAGE),
    file!("/example-desk/complaint.js", SCRIPT),
    file!("/example-desk/desk.css", STYLE),
    file!("/example-desk/desk.js", SCRIPT),
    file!("/example-desk/interests.js", SCRIPT),
    file!("/example-desk/list.js", SCRIPT),
    file!("/example-desk/offer.js", SCRIPT),
    file!("/example-desk/parts/actions.js", SCRIPT),
    file!("/example-desk/parts/assigning.js", SCRIPT),
    file!("/example-desk/parts/contact.js", SCRIPT),
    file!("/example-desk/parts/documents.js", SCRIPT),
    file!("/example-desk/parts/found.js", SCRIPT),
    file!("/example-desk/parts/given.js", SCRIPT),
    file!("/example-desk/parts/looking.js", SCRIPT),
    file!("/example-desk/parts/messages.js", SCRIPT),
    file!("/example-desk/parts/reading.js", SCRIPT),
    file!("/example-desk/parts/requests.js", SCRIPT),
    file!("/example-desk/parts/response.js", SCRIPT),
    file!("/example-desk/session.js", SCRIPT),
    file!("/example-desk/texts/en.json", TEXTS),
    file!("/example-ground/drafts.js", SCRIPT),
    file!("/example-ground/elements.js", SCRIPT),
    file!("/example-ground/faults.js", SCRIPT),
    file!("/example-ground/files.js", SCRIPT),
    file!("/example-ground/icon.svg", "image/svg+xml"),
    file!("/example-ground/leaving.js", SCRIPT),
    file!("/example-ground/page.css", STYLE),
    file!("/example-ground/service.js", SCRIPT),
    file!("/example-ground/texts.js", SCRIPT),
    file!("/example-ground/texts/en.json", TEXTS),
];

/// Answers a request for one of the pages, and leaves every other one to the API.
pub(crate) fn answer(request: &HttpRequest) -> Option<Pin<Box<dyn Future<Output = HttpResponse>>>> {
    let path = request.path();
    let index = [APP, DESK].into_iter().find(|index| index.strip_suffix('/') == Some(path));
    if let Some(index) = index {
        let page = with_headers(HttpResponse::PermanentRedirect()).insert_header((header::LOCATION, index)).finish();
        return Some(Box::pin(async { page }));
    }
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    match path.strip_prefix(APP) {
        Some("token") if request.method() == Method::POST => Some(Box::pin(token())),
        Some("councils.json") if reads => Some(Box::pin(async { with_headers(HttpResponse::Ok()).json(councils()) })),
        _ if reads => {
            let is_asked = |address: &str| address == path || address.strip_suffix("index.html") == Some(path);
            let (_, media_type, text) = FILES.into_iter().find(|(address, ..)| is_asked(address))?;
            Some(Box::pin(async move { with_headers(HttpResponse::Ok()).content_type(media_type).body(text) }))
        }
        _ => None,
    }
}

fn with_headers(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    for header in HEADERS {
        response.insert_header(header);
    }
    response
}

/// The councils to which the app can complain, by the codes of the Office for National Statistics. A real app has all of them.
fn councils() -> Value {
    COUNCILS.iter().map(|council| json!({ "code": council.gss_code, "name": council.name })).collect()
}

/// Gives a token of the app's client to the page. A real app keeps its token on its server too.
async fn token() -> HttpResponse {
    match web::block(|| fetch_token().map_err(|failure| failure.to_string())).await {
        Ok(Ok(token)) => with_headers(HttpResponse::Ok()).json(token),
        Ok(Err(failure)) => {
            tracing::error!(%failure, "the example app gets no token");
            with_headers(HttpResponse::ServiceUnavailable()).finish()
        }
        Err(_) => with_headers(HttpResponse::ServiceUnavailable()).finish(),
    }
}

/// Asks for a token as every app does, with the client that the demonstration's logins name.
fn fetch_token() -> Result<Value, Failure> {
    let logins = Logins::read()?;
    // Both are letters and digits that need no encoding.
    let (id, secret) = (logins.get("PARTNER_ID")?, logins.get("PARTNER_SECRET")?);
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let form = ("application/x-www-form-urlencoded", form.as_bytes());
    let answer = Web::new(logins.get("ALMONER_URL")?).send("POST", "/oauth/token", &[], Some(form))?;
    let token = answer.text("/access_token").ok_or_else(|| format!("/oauth/token answered {}", answer.status))?;
    Ok(json!({ "access_token": token, "expires_in": answer.body["expires_in"] }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use actix_web::rt::System;
    use actix_web::test::TestRequest;
    use almoner_domain::complaints::acknowledging::AcknowledgedBy;
    use almoner_domain::complaints::clocks::Clock;
    use almoner_domain::complaints::complaint::{Author, Matter, ReadingFormat};
    use almoner_domain::complaints::heads::{ComplaintOutcome, Theme};
    use almoner_domain::complaints::planning::Period;
    use almoner_domain::complaints::requests::{RequestKind, ToldBy};
    use almoner_domain::complaints::response::SentBy;
    use almoner_domain::complaints::status::ComplaintStatus;
    use almoner_domain::documents::DocumentStatus;
    use almoner_domain::officers::guests::Capacity;
    use almoner_domain::people::contact::PreferredContact;

    use super::*;

    fn answer_to(request: TestRequest) -> Option<HttpResponse> {
        let request = request.to_http_request();
        answer(&request).map(|answering| System::new().block_on(answering))
    }

    fn get(path: &str) -> Option<HttpResponse> {
        answer_to(TestRequest::get().uri(path))
    }

    fn scripts() -> impl Iterator<Item = File> {
        FILES.into_iter().filter(|(_, media_type, _)| *media_type == SCRIPT)
    }

    #[test]
    fn each_file_is_served_and_lets_a_browser_load_nothing_from_elsewhere_and_keep_nothing() {
        let others = [APP, DESK, "/example-app/councils.json"];
        for path in FILES.iter().map(|(address, ..)| *address).chain(others) {
            let answer = get(path).unwrap_or_else(|| panic!("{path} is served"));
            assert_eq!(answer.status(), 200, "{path}");
            let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
            for directive in ["default-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"] {
                assert!(header("content-security-policy").unwrap().contains(directive), "{path}: {directive}");
            }
            assert!(!header("content-security-policy").unwrap().contains("unsafe"), "{path}");
            assert_eq!(header("referrer-policy"), Some("no-referrer"), "{path}");
            assert_eq!(header("cache-control"), Some("no-store"), "{path}");
            assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
            assert_eq!(header("set-cookie"), None, "{path}");
        }
        for (path, index) in [("/example-app", APP), ("/example-desk", DESK)] {
            assert_eq!(get(path).unwrap().headers().get("location").unwrap(), index);
        }
    }

    #[test]
    fn what_is_not_of_the_pages_is_left_to_the_api() {
        for path in [
            "/",
            "/docs/",
            "/v1/public/practices",
            "/example-app/nothing",
            "/example-apples",
            "/example-app/token",
            "/example-desk/councils.json",
            "/example-ground/",
        ] {
            assert!(get(path).is_none(), "{path}");
        }
        assert!(answer_to(TestRequest::post().uri("/example-app/app.js")).is_none());
    }

    #[test]
    fn every_file_of_the_folders_is_served() {
        fn below(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    below(&path, root, found);
                } else {
                    found.insert(format!("/{}", path.strip_prefix(root).unwrap().to_str().unwrap()));
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut there = BTreeSet::new();
        for folder in ["example-app", "example-desk", "example-ground"] {
            below(&root.join(folder), root, &mut there);
        }
        assert_eq!(there, FILES.iter().map(|(address, ..)| (*address).to_owned()).collect());
    }

    #[test]
    fn no_script_keeps_anything_or_reads_text_as_markup() {
        let forbidden = [
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
            "pushState",
            "replaceState",
            "innerHTML",
            "insertAdjacentHTML",
            "location.hash",
            "location.search",
            "eval(",
            "console.",
        ];
        for (path, _, text) in scripts() {
            for word in forbidden {
                assert!(!text.contains(word), "{path} has {word}");
            }
        }
        for (path, _, page) in FILES.into_iter().filter(|(_, media_type, _)| *media_type == PAGE) {
            assert_eq!(page.matches("<script").count(), page.matches("<script type=\"module\" src=").count(), "{path}");
            assert!(!page.contains("style=") && !page.contains("<style"), "{path} has no style of its own");
        }
    }

    #[test]
    fn every_text_is_used() {
        fn keys(texts: &Value, key: &str, found: &mut Vec<String>) {
            match texts.as_object() {
                Some(below) => below.iter().for_each(|(name, texts)| keys(texts, &format!("{key}.{name}"), found)),
                None => found.push(key.trim_start_matches('.').to_owned()),
            }
        }
        for folder in ["/example-app/", "/example-desk/", "/example-ground/"] {
            let mut found = Vec::new();
            keys(&texts(folder), "", &mut found);
            assert!(found.len() > 10, "{folder}: {}", found.len());
            // The ground uses texts of the pages, and the pages use texts of the ground.
            let is_ground = |path: &str| path.starts_with("/example-ground/");
            let is_of = |path: &str| path.starts_with(folder) || is_ground(path) || is_ground(folder);
            let sources: String = FILES
                .into_iter()
                .filter(|(path, media_type, _)| [PAGE, SCRIPT].contains(media_type) && is_of(path))
                .map(|(.., text)| text)
                .collect();
            let unused: Vec<_> = found.iter().filter(|key| !is_used(key, &sources)).collect();
            assert!(unused.is_empty(), "{folder}: {unused:?}");
        }
    }

    // A question is asked by the key that its texts share, and a word of the API is the end of a key.
    fn is_used(key: &str, sources: &str) -> bool {
        let shared = |(above, _): (&str, &str)| {
            sources.contains(&format!("'{above}'")) || sources.contains(&format!("{above}.${{"))
        };
        let full = ["'", "\""].iter().any(|quote| sources.contains(&format!("{quote}{key}{quote}")));
        full || key.rsplit_once('.').is_some_and(shared) || key.split_once('.').is_some_and(shared)
    }

    fn texts(folder: &str) -> Value {
        let path = format!("{folder}texts/en.json");
        let (.., text) = FILES.into_iter().find(|(address, ..)| *address == path).unwrap();
        serde_json::from_str(text).unwrap()
    }

    // There are words in the texts of a page for each code of a list.
    macro_rules! words {
        ($texts:ident, $($at:literal: $code:ident),*) => {
            $(for code in $code::ALL {
                let at = format!("/{}{}", $at, code.as_str());
                assert!($texts.pointer(&at).is_some_and(Value::is_string), "{at}");
            })*
        };
    }

    #[test]
    fn there_are_words_for_everything_that_a_followed_complaint_may_say() {
        let texts = texts(APP);
        words! {
            texts, "complaint/status/": ComplaintStatus, "complaint/from_": Author, "complaint/has_it/": Capacity,
            "complaint/respond_by/": Period, "documents/status/": DocumentStatus, "asking/kind/": RequestKind, "asking/by/": Author,
            "asking/told_by/": ToldBy, "answer/outcome/": ComplaintOutcome,
            "complaint/acknowledged_by/": AcknowledgedBy
        }
    }

    #[test]
    fn the_desk_has_words_for_everything_that_an_officer_may_read() {
        let texts = texts(DESK);
        words! {
            texts, "status/": ComplaintStatus, "clock/": Clock, "about/": Matter, "theme/": Theme, "outcome/": ComplaintOutcome,
            "assigning/as/": Capacity, "messages/from/": Author, "documents/from/": Author, "documents/status/": DocumentStatus,
            "requests/kind/": RequestKind, "requests/told_by/": ToldBy, "reading/by/": PreferredContact, "reading/as/": ReadingFormat,
            "response/sent_by/": SentBy, "sending/by/": SentBy, "reading/acknowledged_by/": AcknowledgedBy,
            "messages/given/": AcknowledgedBy
        }
    }
}
