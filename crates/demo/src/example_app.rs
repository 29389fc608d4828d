//! The example app for people who complain: the files of `crates/demo/example-app`, which the demonstration serves beside the
//! API, and the token that it gives to them.
//!
//! A page that anybody can open keeps no secret, so every app has a server of its own that has its client's secret. Here the
//! demonstration is that server. `almoner serve` has none of this.

use std::pin::Pin;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde_json::{Value, json};

use crate::Failure;
use crate::logins::Logins;
use crate::seed::COUNCILS;
use crate::web::Web;

/// The address of the page below the URL of the API.
pub(crate) const ADDRESS: &str = "/example-app/";

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

/// A file of the app: its path below [`ADDRESS`], its media type and its text.
type File = (&'static str, &'static str, &'static str);

const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! file {
    ($path:literal, $media_type:expr) => {
        ($path, $media_type, include_str!(concat!("../example-app/", $path)))
    };
}

const FILES: [File; 14] = [
    file!("index.html", "text/html; charset=utf-8"),
    file!("app.css", "text/css; charset=utf-8"),
    file!("icon.svg", "image/svg+xml"),
    file!("app.js", SCRIPT),
    file!("complaint.js", SCRIPT),
    file!("following.js", SCRIPT),
    file!("lodging.js", SCRIPT),
    file!("receipt.js", SCRIPT),
    file!("ground/elements.js", SCRIPT),
    file!("ground/faults.js", SCRIPT),
    file!("ground/leaving.js", SCRIPT),
    file!("ground/service.js", SCRIPT),
    file!("ground/texts.js", SCRIPT),
    file!("texts/en.json", "application/json"),
];

/// Answers a request for the app, and leaves every other one to the API.
pub(crate) fn answer(request: &HttpRequest) -> Option<Pin<Box<dyn Future<Output = HttpResponse>>>> {
    if format!("{}/", request.path()) == ADDRESS {
        let page = with_headers(HttpResponse::PermanentRedirect()).insert_header((header::LOCATION, ADDRESS)).finish();
        return Some(Box::pin(async { page }));
    }
    let path = request.path().strip_prefix(ADDRESS)?;
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    match path {
        "token" if request.method() == Method::POST => Some(Box::pin(token())),
        "councils.json" if reads => Some(Box::pin(async { with_headers(HttpResponse::Ok()).json(councils()) })),
        _ if reads => {
            let path = if path.is_empty() { "index.html" } else { path };
            let (_, media_type, text) = FILES.into_iter().find(|(name, ..)| *name == path)?;
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
    use almoner_domain::complaints::complaint::Author;
    use almoner_domain::complaints::status::ComplaintStatus;
    use almoner_domain::officers::guests::Capacity;

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
        let paths = FILES.iter().map(|(path, ..)| *path).chain(["", "councils.json"]);
        for path in paths {
            let answer = get(&format!("{ADDRESS}{path}")).unwrap_or_else(|| panic!("{path} is served"));
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
        let moved = get("/example-app").unwrap();
        assert_eq!(moved.headers().get("location").unwrap(), ADDRESS);
    }

    #[test]
    fn what_is_not_of_the_app_is_left_to_the_api() {
        for path in
            ["/", "/docs/", "/v1/public/practices", "/example-app/nothing", "/example-apples", "/example-app/token"]
        {
            assert!(get(path).is_none(), "{path}");
        }
        assert!(answer_to(TestRequest::post().uri("/example-app/app.js")).is_none());
    }

    #[test]
    fn every_file_of_the_folder_is_served() {
        fn below(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    below(&path, root, found);
                } else {
                    found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("example-app");
        let mut there = BTreeSet::new();
        below(&root, &root, &mut there);
        assert_eq!(there, FILES.iter().map(|(path, ..)| (*path).to_owned()).collect());
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
        let (.., page) = FILES[0];
        assert_eq!(page.matches("<script").count(), page.matches("<script type=\"module\" src=").count());
        assert!(!page.contains("style=") && !page.contains("<style"), "the page has no style of its own");
    }

    #[test]
    fn every_text_is_used() {
        fn keys(texts: &Value, key: &str, found: &mut Vec<String>) {
            match texts.as_object() {
                Some(below) => below.iter().for_each(|(name, texts)| keys(texts, &format!("{key}.{name}"), found)),
                None => found.push(key.trim_start_matches('.').to_owned()),
            }
        }
        let (.., texts) = FILES.into_iter().find(|(path, ..)| *path == "texts/en.json").unwrap();
        let mut found = Vec::new();
        keys(&serde_json::from_str(texts).unwrap(), "", &mut found);
        assert!(found.len() > 150, "{}", found.len());
        let sources: String = scripts().chain([FILES[0]]).map(|(.., text)| text).collect();
        // A question is asked by the key that its texts share, and a word of the API is the end of a key.
        let is_used = |key: &str| {
            let shared = |(above, _): (&str, &str)| {
                sources.contains(&format!("'{above}'")) || sources.contains(&format!("{above}.${{"))
            };
            let full = ["'", "\""].iter().any(|quote| sources.contains(&format!("{quote}{key}{quote}")));
            full || key.rsplit_once('.').is_some_and(shared) || key.split_once('.').is_some_and(shared)
        };
        let unused: Vec<_> = found.iter().filter(|key| !is_used(key)).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }

    #[test]
    fn there_are_words_for_everything_that_a_followed_complaint_may_say() {
        let texts: serde_json::Value =
            serde_json::from_str(include_str!("../example-app/texts/en.json")).expect("the texts are JSON");
        let words = |at: String| assert!(texts.pointer(&at).is_some_and(serde_json::Value::is_string), "{at}");
        for status in ComplaintStatus::ALL {
            words(format!("/complaint/status/{}", status.as_str()));
        }
        for author in Author::ALL {
            words(format!("/complaint/from_{}", author.as_str()));
        }
        for capacity in Capacity::ALL {
            words(format!("/complaint/has_it/{}", capacity.as_str()));
        }
    }
}
