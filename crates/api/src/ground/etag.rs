//! Versions: every answer that shows one resource carries its `ETag`, every change names the version that it changes in
//! `If-Match`, and a reader may name the versions that it has in `If-None-Match` (RFC 9110 §8.8.3 and §13.1). All of them
//! are read and compared here.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::EntityTag;
use actix_web::{FromRequest, HttpRequest};
use utoipa::openapi::{ObjectBuilder, Required};

use crate::ground::operation::{Argument, Description};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::Representation;

const IF_MATCH: &str = "If-Match";
const IF_NONE_MATCH: &str = "If-None-Match";

/// The greatest number of characters in the entity tags of a request.
const LONGEST: usize = 1000;

/// The pattern of `If-Match` and `If-None-Match`: an asterisk, or a list of entity tags, some of which may be weak. A list
/// may have empty items (RFC 9110 §5.6.1).
const TAGS: &str = r#"^(\*|[\t ,]*(W/)?"[!#-~]*"([\t ]*,[\t ,]*(W/)?"[!#-~]*")*[\t ,]*)$"#;

/// Returns the strong `ETag` of a version.
pub(crate) fn etag(version: i32) -> String {
    format!("\"{version}\"")
}

/// The versions that a header of a request names.
#[derive(Clone, Debug)]
enum EntityTags {
    /// Every version: `*`.
    Any,
    These(Vec<EntityTag>),
}

impl EntityTags {
    /// Returns the schema of a header with entity tags.
    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().pattern(Some(TAGS)).max_length(Some(LONGEST)).examples(["\"1\""])
    }

    /// Reads a header; `None` if the request does not have it. A header that is sent in several lines is one list.
    fn read(request: &HttpRequest, name: &'static str) -> Result<Option<Self>, ApiError> {
        let expected = format!(
            "{name} must be an ETag as the service gave it, such as \"3\" with its quotes, a list of these, or *: at \
             most {LONGEST} characters."
        );
        let mut lines = Vec::new();
        for line in request.headers().get_all(name) {
            lines.push(line.to_str().map_err(|_| malformed(&expected))?);
        }
        if lines.is_empty() {
            return Ok(None);
        }
        Self::parse(&lines.join(", ")).map(Some).ok_or_else(|| malformed(&expected))
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        if text.trim_matches([' ', '\t']) == "*" {
            return Some(Self::Any);
        }
        let mut is_quoted = false;
        // A comma inside a tag separates nothing.
        let items = text.split(|c| {
            is_quoted ^= c == '"';
            c == ',' && !is_quoted
        });
        let items = items.map(|item| item.trim_matches([' ', '\t'])).filter(|item| !item.is_empty());
        let tags = items.map(|item| item.parse().ok()).collect::<Option<Vec<_>>>()?;
        (!tags.is_empty()).then_some(Self::These(tags))
    }

    /// Whether this version is among them. A weak tag counts like a strong one, in `If-Match` too: our tags are versions,
    /// and a proxy that compresses an answer makes its tag weak (decision 0028).
    fn include(&self, version: i32) -> bool {
        let current = EntityTag::new_strong(version.to_string());
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|tag| tag.weak_eq(&current)),
        }
    }
}

fn malformed(expected: &str) -> ApiError {
    ApiError::new(Kind::MalformedHeader).detail(expected)
}

/// The versions that the caller means to change, from `If-Match`.
#[derive(Clone, Debug)]
pub(crate) struct IfMatch(EntityTags);

impl IfMatch {
    /// Whether the version of this resource is one of the caller's. Answers 412 if it is not.
    pub(crate) fn check_of<T: Representation>(&self, current: &T) -> Result<(), ApiError> {
        // A resource without a version cannot be changed by one: this does not compile.
        let version = const {
            match T::VERSION {
                Some(version) => version,
                None => panic!("a change is of something with a version"),
            }
        };
        self.check(version(current))
    }

    /// Whether the current version is one of the caller's. Answers 412 if it is not.
    pub(crate) fn check(&self, current: i32) -> Result<(), ApiError> {
        if self.0.include(current) { Ok(()) } else { Err(ApiError::version_mismatch(current)) }
    }
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(EntityTags::read(request, IF_MATCH).and_then(|tags| {
            let missing = || ApiError::new(Kind::IfMatchMissing).detail("Send the ETag of the version that you read.");
            tags.map(Self).ok_or_else(missing)
        }))
    }
}

impl Argument for IfMatch {
    fn describe(description: &mut Description) {
        let words = "The `ETag` of the version that is to be changed, or a list of such versions; `*` is any version";
        description.header_parameter(IF_MATCH, Required::True, words, EntityTags::schema());
        description.refuses(&[Kind::IfMatchMissing, Kind::MalformedHeader, Kind::VersionMismatch]);
    }
}

/// The versions that a reader has, from `If-None-Match`.
pub(crate) struct IfNoneMatch(Option<EntityTags>);

impl IfNoneMatch {
    /// Reads the header, which a request need not have.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        EntityTags::read(request, IF_NONE_MATCH).map(Self)
    }

    /// Whether the reader has this version, so that the answer need not show it.
    pub(crate) fn includes(&self, version: i32) -> bool {
        self.0.as_ref().is_some_and(|tags| tags.include(version))
    }

    /// Describes the header of an operation whose answer may be 304.
    pub(crate) fn describe(description: &mut Description) {
        let words = "The `ETag` of the version that the caller has, or a list of such versions; if the version is still one of \
                     them, the answer is 304 without content";
        description.header_parameter(IF_NONE_MATCH, Required::False, words, EntityTags::schema());
        description.refuses(&[Kind::MalformedHeader]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_alone_in_a_list_weakly_or_by_an_asterisk() {
        let names_three = [
            "\"3\"",
            "W/\"3\"",
            "*",
            " * ",
            "\"2\", \"3\"",
            "\"2\",W/\"3\"",
            "\"a,b\"\t,\t\"3\"",
            ", \"3\",,",
            "\"3\",\"03\"",
        ];
        for text in names_three {
            assert!(EntityTags::parse(text).unwrap().include(3), "{text}");
        }
        for text in ["\"03\"", "\"33\"", "\"+3\"", "\" 3\"", "\"\"", "\"-3\"", "\"3,\"", "W/\"03\"", "\"2\", \"4\""] {
            assert!(EntityTags::parse(text).is_none_or(|tags| !tags.include(3)), "{text}");
        }
    }

    #[test]
    fn what_is_no_list_of_entity_tags_is_refused() {
        let longest = format!("\"{}\"", "1".repeat(LONGEST - 2));
        assert!(EntityTags::parse(&longest).is_some());
        let too_long = format!("{longest} ");
        let malformed = [
            "",
            " ",
            ",",
            "3",
            "'3'",
            "\"3",
            "3\"",
            "\"",
            "w/\"3\"",
            "W/3",
            "W/ \"3\"",
            "\"3\" \"4\"",
            "\"3\";\"4\"",
            "*, \"3\"",
            "\"3\", *",
            "**",
            "\"3\", 4",
            "\"3 4\"",
            "\"\u{e9}\"x",
            &too_long,
        ];
        for text in malformed {
            assert!(EntityTags::parse(text).is_none(), "{text}");
        }
    }
}
