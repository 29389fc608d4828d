//! The content of a request: JSON of the expected shape, or a problem that names the faults.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use almoner_domain::fault::Fault;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;
use utoipa::ToSchema;
use utoipa::openapi::{Content, ContentBuilder, ObjectBuilder, Type};

use crate::ground::all_faults;
use crate::ground::operation::{Argument, Description};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::service::Service;
use crate::ground::strict::{self, Unique};

/// The greatest depth to which the content may nest. No message of the API comes near.
const DEPTH: usize = 32;

/// The JSON content of a request.
#[derive(Debug)]
pub(crate) struct Body<T> {
    pub(crate) value: T,
    /// The content to which an Idempotency-Key is bound. The order of members, white space between them and members that
    /// are `null` or blank make no difference.
    pub(crate) content: Vec<u8>,
}

/// A change of a `T` in the form of RFC 7396: a member with a value sets it, `null` removes it, and a member that is
/// left out stays.
#[derive(Debug)]
pub(crate) struct MergePatch<T> {
    members: serde_json::Map<String, Value>,
    of: PhantomData<fn() -> T>,
}

/// A type that can be changed by a merge patch.
pub(crate) trait Patchable: serde::Serialize + DeserializeOwned + ToSchema + 'static {
    /// Returns an example of a patch, for the OpenAPI document.
    fn example() -> Value;
}

/// The problems with which content is refused, whatever its expected shape.
const REFUSALS: &[Kind] = &[
    Kind::MalformedJson,
    Kind::NestingTooDeep,
    Kind::ContentTooLarge,
    Kind::UnsupportedMediaType,
    Kind::ValidationFailed,
];

impl<T: DeserializeOwned + ToSchema + 'static> Argument for Body<T> {
    fn describe(description: &mut Description) {
        let content = Content::new(Some(description.reference::<T>()));
        description.content("application/json", content, None);
        description.refuses(REFUSALS);
    }
}

impl<T: Patchable> Argument for MergePatch<T> {
    fn describe(description: &mut Description) {
        let object = ObjectBuilder::new().schema_type(Type::Object);
        let content = ContentBuilder::new().schema(Some(object)).example(Some(T::example())).build();
        let words = "The members to change; `null` removes one";
        description.content("application/merge-patch+json", content, Some(words));
        description.refuses(REFUSALS);
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read(request, payload, "application/json");
        Box::pin(async move {
            let mut content = parse_value(&bytes.await?)?;
            let value = strict::read(content.clone());
            without_what_says_nothing(&mut content);
            let value = value.map_err(|error| refused::<T>(&content, &error))?;
            Ok(Self { value, content: content.to_string().into_bytes() })
        })
    }
}

impl<T: Patchable> FromRequest for MergePatch<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read(request, payload, "application/merge-patch+json");
        Box::pin(async move {
            match parse_value(&bytes.await?)? {
                Value::Object(members) => Ok(Self { members, of: PhantomData }),
                _ => Err(ApiError::validation_failed(vec![Fault::new("", "must be an object")])),
            }
        })
    }
}

impl<T: Patchable> MergePatch<T> {
    /// Returns the value with the change made. The result must still be valid.
    pub(crate) fn apply(self, value: &T) -> Result<T, ApiError> {
        let mut changed = serde_json::to_value(value).map_err(ApiError::internal)?;
        merge(&mut changed, Value::Object(self.members));
        strict::read(changed.clone()).map_err(|error| refused::<T>(&changed, &error))
    }
}

fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(members) = target {
        for (name, value) in patch {
            if value.is_null() {
                members.remove(&name);
            } else {
                merge(members.entry(name).or_insert(Value::Null), value);
            }
        }
    }
}

/// Reads the content of a request: UTF-8 of this media type, without a content coding, of limited length and in limited
/// time. A caller that sends it drop by drop is cut off.
pub(crate) fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    media_type: &'static str,
) -> impl Future<Output = Result<web::Bytes, ApiError>> + use<> {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let fits = is_of(given, media_type);
    let coding = request.headers().get(header::CONTENT_ENCODING).map(|coding| coding.as_bytes().trim_ascii());
    let is_coded = coding.is_some_and(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"));
    let settings = Service::of(request).map(|service| (service.settings.body_limit, service.settings.request_timeout));
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or(0);
    let payload = web::Payload::from_request(request, payload);
    async move {
        let (limit, patience) = settings?;
        let payload = payload.await.map_err(|_| ApiError::new(Kind::MalformedJson))?;
        if !fits {
            return Err(
                ApiError::new(Kind::UnsupportedMediaType).detail(format!("Send Content-Type: {media_type}, in UTF-8."))
            );
        }
        if is_coded {
            return Err(ApiError::new(Kind::UnsupportedMediaType)
                .detail("Send the content as it is, without Content-Encoding."));
        }
        let too_large =
            || ApiError::new(Kind::ContentTooLarge).detail(format!("The content may have at most {limit} bytes."));
        if length > limit {
            return Err(too_large());
        }
        match tokio::time::timeout(patience, payload.to_bytes_limited(limit)).await {
            Ok(Ok(Ok(bytes))) => in_utf8(bytes),
            Ok(Ok(Err(_))) => {
                Err(ApiError::new(Kind::MalformedJson).detail("The connection closed before the content was complete."))
            }
            Ok(Err(_)) => Err(too_large()),
            Err(_) => Err(ApiError::new(Kind::Timeout)),
        }
    }
}

/// Whether a `Content-Type` is this media type, in UTF-8 if it names a charset.
fn is_of(given: &str, media_type: &str) -> bool {
    let mut parts = given.split(';').map(str::trim);
    let is_type = parts.next().is_some_and(|given| given.eq_ignore_ascii_case(media_type));
    let charsets = parts.filter_map(|parameter| parameter.split_once('='));
    is_type
        && charsets.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset")).all(|(_, charset)| {
            let charset = charset.trim().trim_matches('"');
            ["utf-8", "utf8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known))
        })
}

/// Returns the content without a byte order mark, which some editors write. Content in UTF-16 or UTF-32 is refused: it
/// begins with another mark, or with an ASCII character beside a zero byte.
fn in_utf8(bytes: web::Bytes) -> Result<web::Bytes, ApiError> {
    match bytes.as_ref() {
        [0xEF, 0xBB, 0xBF, ..] => Ok(bytes.slice(3..)),
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, _, ..] | [_, 0, ..] => {
            Err(ApiError::new(Kind::UnsupportedMediaType).detail("Send the content in UTF-8."))
        }
        _ => Ok(bytes),
    }
}

/// Returns the problem of content that is not of the expected shape, with all of its faults.
fn refused<T: DeserializeOwned + ToSchema + 'static>(
    content: &Value,
    error: &serde_path_to_error::Error<serde_json::Error>,
) -> ApiError {
    ApiError::validation_failed(all_faults::with_first::<T>(content, fault(error)))
}

/// Leaves out the members that are `null` or blank, which say the same as members that are left out.
fn without_what_says_nothing(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !strict::is_left_out(member));
            members.values_mut().for_each(without_what_says_nothing);
        }
        Value::Array(items) => items.iter_mut().for_each(without_what_says_nothing),
        _ => {}
    }
}

/// Reads JSON that comes by another way than HTTP, such as a file that the operator gives to a command, by the same rules.
/// The error has a line for each fault, with its place.
pub fn read_content<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    let read = parse_value(json.as_bytes())
        .and_then(|content| strict::read(content).map_err(|error| ApiError::validation_failed(vec![fault(&error)])));
    read.map_err(|error| {
        let faults = error.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail).trim().to_owned());
        let faults = faults.collect::<Vec<_>>().join("\n");
        if faults.is_empty() { error.to_string() } else { faults }
    })
}

/// Reads JSON of any shape, in which no member is given twice.
fn parse_value(bytes: &[u8]) -> Result<Value, ApiError> {
    if depth(bytes) > DEPTH {
        return Err(ApiError::new(Kind::NestingTooDeep).detail(format!("The content may nest at most {DEPTH} levels.")));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: Unique = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        if error.inner().is_data() {
            ApiError::validation_failed(vec![fault(&error)])
        } else {
            let place = error.inner();
            ApiError::new(Kind::MalformedJson).detail(format!(
                "The fault is at line {}, column {}.",
                place.line(),
                place.column()
            ))
        }
    })?;
    reader
        .end()
        .map_err(|_| ApiError::new(Kind::MalformedJson).detail("There is text after the end of the JSON document."))?;
    Ok(value.0)
}

/// Returns the depth to which the brackets nest, without parsing further.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Returns the place and the nature of the fault, without repeating the input. `serde_json` reports a missing or
/// unknown member only in words, and the tests pin those words.
pub(crate) fn fault<E: std::fmt::Display>(error: &serde_path_to_error::Error<E>) -> Fault {
    let mut pointer = String::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&member_pointer(&index.to_string())),
            Segment::Map { key } => pointer.push_str(&member_pointer(key)),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let words = error.inner().to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
    let member = |start: &str| words.strip_prefix(start)?.split('`').next();
    for (start, detail) in [
        ("missing field `", "is required"),
        ("unknown field `", "is not a member of this message"),
        ("duplicate field `", "is given twice"),
    ] {
        if let Some(member) = member(start) {
            let last = member_pointer(member);
            if !pointer.ends_with(&last) {
                pointer.push_str(&last);
            }
            return Fault::new(pointer, detail);
        }
    }
    let expected = words.rsplit_once(", expected ").map(|(_, expected)| {
        // serde names the service's types, which callers must not see.
        let expected = if expected.starts_with("struct ") { "an object" } else { expected };
        format!("must be {expected}")
    });
    Fault::new(pointer, expected.unwrap_or_else(|| words.to_owned()))
}

/// Returns a member's name as a step of a JSON pointer (RFC 6901 §3).
fn member_pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// A message.
    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        /// The parts of the message.
        #[expect(dead_code, reason = "only its reading is tested")]
        inner: Vec<Inner>,
    }

    /// A part.
    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        /// Whether the part is there.
        #[expect(dead_code, reason = "only its reading is tested")]
        yes: bool,
    }

    fn refused(json: &str) -> (Kind, String) {
        let error = parse_value(json.as_bytes())
            .and_then(|content| {
                strict::read::<Outer>(content.clone()).map_err(|error| super::refused::<Outer>(&content, &error))
            })
            .unwrap_err();
        let fault =
            error.faults.first().map_or_else(String::new, |fault| format!("{} {}", fault.pointer, fault.detail));
        (error.kind, fault)
    }

    #[test]
    fn a_fault_is_pointed_at_and_never_repeated() {
        for (json, fault) in [
            (r"{}", "/inner is required"),
            (r#"{"inner": [{}]}"#, "/inner/0/yes is required"),
            (r#"{"inner": [{"yes": true}, {"yes": "Edith"}]}"#, "/inner/1/yes must be a boolean"),
            (r#"{"inner": [{"yes": true, "a/b": 1}]}"#, "/inner/0/a~1b is not a member of this message"),
            (r#"{"inner": [{"yes": true, "yes": true}]}"#, "/inner/0/yes is given twice"),
            (r#"{"inner": ["x"]}"#, "/inner/0 must be an object"),
            ("3", " must be an object"),
        ] {
            assert_eq!(refused(json), (Kind::ValidationFailed, fault.to_owned()), "{json}");
        }
    }

    #[test]
    fn what_is_not_json_or_goes_on_or_nests_too_deep_is_its_own_problem() {
        assert_eq!(refused("{").0, Kind::MalformedJson);
        assert_eq!(refused("").0, Kind::MalformedJson);
        assert_eq!(refused(r#"{"inner": []} x"#).0, Kind::MalformedJson);
        assert_eq!(refused(&"[".repeat(100_000)).0, Kind::NestingTooDeep);
        assert_eq!(refused(&format!(r#"{{"inner": "{}"}}"#, "[".repeat(100))).0, Kind::ValidationFailed);
    }

    #[test]
    fn a_member_of_a_patch_that_is_given_twice_is_refused_wherever_it_is() {
        for (json, pointer) in [(r#"{"a": 1, "a": 2}"#, "/a"), (r#"{"b": [{"c": null, "c": 1}]}"#, "/b/0/c")] {
            let error = parse_value(json.as_bytes()).unwrap_err();
            assert_eq!(
                (error.faults[0].pointer.as_str(), error.faults[0].detail.as_str()),
                (pointer, "is given twice")
            );
        }
        let json = r#"{"a": [1, -2, 0.5, "x", true, null, {}]}"#;
        assert_eq!(parse_value(json.as_bytes()).unwrap(), serde_json::from_str::<Value>(json).unwrap());
    }

    #[test]
    fn content_is_utf_8_whatever_it_says() {
        for (given, fits) in [
            ("application/json", true),
            ("APPLICATION/JSON; Charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("application/json; version=1", true),
            ("application/json; charset=utf-16", false),
            ("application/json; charset=iso-8859-1", false),
            ("application/jsonx", false),
            ("text/json", false),
            ("", false),
        ] {
            assert_eq!(is_of(given, "application/json"), fits, "{given}");
        }
        let read = |bytes: &'static [u8]| in_utf8(web::Bytes::from_static(bytes)).map_err(|error| error.kind);
        assert_eq!(read(b"\xEF\xBB\xBF{}"), Ok(web::Bytes::from_static(b"{}")));
        assert_eq!(read(b"{}"), Ok(web::Bytes::from_static(b"{}")));
        assert_eq!(read(b""), Ok(web::Bytes::new()));
        for utf_16 in [&b"\xFF\xFE{\0}\0"[..], b"\xFE\xFF\0{\0}", b"{\0}\0", b"\0{\0}"] {
            assert_eq!(read(utf_16), Err(Kind::UnsupportedMediaType));
        }
    }

    #[test]
    fn a_merge_patch_sets_removes_and_leaves() {
        let mut value = serde_json::json!({ "a": 1, "b": { "c": 2, "d": 3 } });
        merge(&mut value, serde_json::json!({ "a": null, "b": { "c": 9 }, "e": [1] }));
        assert_eq!(value, serde_json::json!({ "b": { "c": 9, "d": 3 }, "e": [1] }));
    }
}
