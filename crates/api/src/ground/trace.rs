//! The trace that a request belongs to (W3C Trace Context, level 1). It is taken from the caller's `traceparent`, or begun
//! here; it stands in the log, in the answer, and in the requests that this one makes of others.

use std::fmt;
use std::future::Future;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use data_encoding::HEXLOWER;
use uuid::Uuid;

use crate::ground::caller::asked;

/// The name of the header.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// The pattern of the header as the service writes it.
pub(crate) const PATTERN: &str = "^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$";

/// The flag that says that the caller records its part of the trace. The others have no meaning in version 00.
const SAMPLED: u8 = 1;

tokio::task_local! {
    static CURRENT: Trace;
}

/// A request's place in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    id: [u8; 16],
    span: [u8; 8],
    sampled: bool,
}

impl Trace {
    /// Returns the trace of a request. The request is a span of its own in it.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self::in_headers(request.headers(), asked(request).id)
    }

    /// Both identifiers that are new come from the request's own, which is random and never nil: the span is its second half,
    /// and a trace that begins here has the whole of it. So whoever has one in a log finds the other.
    fn in_headers(headers: &HeaderMap, request: Uuid) -> Self {
        let own = request.into_bytes();
        let mut span = [0; 8];
        span.copy_from_slice(&own[8..]);
        let mut given = headers.get_all(TRACEPARENT);
        let (id, sampled) = match (given.next(), given.next()) {
            // Two of them are as good as none.
            (Some(one), None) => parse(one.as_bytes()).unwrap_or((own, false)),
            _ => (own, false),
        };
        Self { id, span, sampled }
    }

    /// Returns the identifier of the trace, which is 32 hexadecimal digits, whoever began it.
    pub(crate) fn id(&self) -> String {
        HEXLOWER.encode(&self.id)
    }

    /// Runs `f` as a part of this trace.
    pub(crate) async fn around<F: Future>(self, f: F) -> F::Output {
        CURRENT.scope(self, f).await
    }

    /// Returns the trace of the request that is being answered, if one is.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(|trace| *trace).ok()
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, span) = (HEXLOWER.encode(&self.id), HEXLOWER.encode(&self.span));
        write!(f, "00-{id}-{span}-{:02x}", if self.sampled { SAMPLED } else { 0 })
    }
}

/// Reads the identifier of the trace, and whether it is recorded. A later version may have more at the end; what it has in
/// common with version 00 is read, as section 4.3 says.
fn parse(text: &[u8]) -> Option<([u8; 16], bool)> {
    let (known, more) = text.split_at_checked(55)?;
    let part = |from: usize, to: usize| {
        let digits = &known[from..to];
        // The library takes upper case for an error; so does the specification.
        HEXLOWER.decode(digits).ok()
    };
    if [2, 35, 52].iter().any(|at| known[*at] != b'-') {
        return None;
    }
    let version = part(0, 2)?[0];
    let is_long_enough = match version {
        0 => more.is_empty(),
        0xff => false,
        _ => more.is_empty() || more[0] == b'-',
    };
    let id: [u8; 16] = part(3, 35)?.try_into().ok()?;
    let parent = part(36, 52)?;
    let flags = part(53, 55)?[0];
    let is_nobodys = id == [0; 16] || parent.iter().all(|byte| *byte == 0);
    (is_long_enough && !is_nobodys).then_some((id, flags & SAMPLED != 0))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    const REQUEST: Uuid = Uuid::from_u128(0x0193_7c5e_2b00_4a41_9d6c_5f0e_1a2b_3c4d);
    const FRESH: &str = "00-01937c5e2b004a419d6c5f0e1a2b3c4d-9d6c5f0e1a2b3c4d-00";
    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn answered(given: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for one in given {
            headers.append(HeaderName::from_static(TRACEPARENT), HeaderValue::from_bytes(one.as_bytes()).unwrap());
        }
        Trace::in_headers(&headers, REQUEST).to_string()
    }

    #[test]
    fn a_trace_goes_on_with_a_span_of_the_requests_own() {
        assert_eq!(answered(&[GIVEN]), "00-4bf92f3577b34da6a3ce929d0e0e4736-9d6c5f0e1a2b3c4d-01");
        assert_eq!(
            answered(&[&GIVEN.replace("-01", "-00")]),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-9d6c5f0e1a2b3c4d-00"
        );
        let unknown_flags = GIVEN.replace("-01", "-fe");
        assert!(answered(&[&unknown_flags]).ends_with("-00"), "a flag without a meaning is not passed on");
        // A later version is read as far as it is known, and answered in ours.
        for later in [GIVEN.replacen("00", "01", 1), format!("{}-more-of-it", GIVEN.replacen("00", "cc", 1))] {
            assert_eq!(answered(&[&later]), "00-4bf92f3577b34da6a3ce929d0e0e4736-9d6c5f0e1a2b3c4d-01", "{later}");
        }
    }

    #[test]
    fn what_is_malformed_is_as_good_as_nothing() {
        assert_eq!(answered(&[]), FRESH);
        assert_eq!(answered(&[GIVEN, GIVEN]), FRESH, "two of them");
        for malformed in [
            "",
            "00",
            "x",
            &GIVEN[..54],
            &format!("{GIVEN}-"),
            &format!("{GIVEN}0"),
            &format!("{GIVEN} "),
            &format!("{GIVEN},{GIVEN}"),
            &GIVEN.to_uppercase(),
            &GIVEN.replacen("00", "ff", 1),
            &GIVEN.replacen("00", "0g", 1),
            &format!("{}x", GIVEN.replacen("00", "01", 1)),
            &GIVEN.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &GIVEN.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &GIVEN.replace('-', "_"),
            &GIVEN.replace("4bf9", "4b é"),
            &"0".repeat(8_000),
        ] {
            assert_eq!(answered(&[malformed]), FRESH, "{malformed}");
        }
    }

    #[tokio::test]
    async fn what_a_request_does_is_a_part_of_its_trace_and_nothing_else_is() {
        let trace = Trace::in_headers(&HeaderMap::new(), REQUEST);
        assert_eq!(Trace::current(), None);
        assert_eq!(trace.around(async { Trace::current() }).await, Some(trace));
        assert_eq!(Trace::current(), None);
    }
}
