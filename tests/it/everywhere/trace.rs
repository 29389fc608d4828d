//! Traces (W3C Trace Context): the caller's goes on, and what is malformed begins one anew.

use almoner_demo::web::{Answer, Web};
use almoner_tests::World;
use almoner_tests::callers::Caller;

/// A trace that no other test sends, and the header of a caller in it.
const TRACE: &str = "7e57ab1e00c0ffee7e57ab1e00c0ffee";

fn header(trace: &str) -> String {
    format!("00-{trace}-00f067aa0ba902b7-01")
}

/// The answer's trace, its span and its flags; the version is always the same.
fn parts(answer: &Answer) -> [String; 3] {
    let header = answer.header("traceparent").unwrap_or_else(|| panic!("no trace: {answer:?}"));
    let parts: Vec<&str> = header.split('-').collect();
    let [version, trace, span, flags] = parts[..] else { panic!("{header}") };
    let is_hex = |text: &str, length| text.len() == length && text.bytes().all(|b| b"0123456789abcdef".contains(&b));
    assert!(version == "00" && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2), "{header}");
    [trace, span, flags].map(str::to_owned)
}

#[test]
fn the_callers_trace_goes_on_through_every_answer_with_a_span_of_its_own() {
    let world = World::new();
    let mut spans = Vec::new();
    for (method, path, status) in [
        ("GET", "/v1/public/practices", 200),
        ("HEAD", "/health/live", 200),
        ("GET", "/docs/", 200),
        ("GET", "/v1/practice/cases", 401),
        ("POST", "/oauth/token", 400),
        ("GET", "/nowhere", 404),
        ("GET", "/%76%31/practice/cases", 404),
        ("DELETE", "/v1/practice/cases", 405),
    ] {
        let given = header(TRACE);
        let headers = [("traceparent", given.as_str()), ("tracestate", "vendor=anything")];
        let answer = world.anyone().send(method, path, &headers, None);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        let [trace, span, flags] = parts(&answer);
        assert_eq!((trace.as_str(), flags.as_str()), (TRACE, "01"), "{method} {path}");
        assert_eq!(answer.header("tracestate"), None);
        let request = answer.header("x-request-id").unwrap().replace('-', "");
        assert_eq!(span, request[16..], "whoever has one finds the other");
        spans.push(span);
    }
    spans.push("00f067aa0ba902b7".to_owned());
    let count = spans.len();
    spans.sort_unstable();
    spans.dedup();
    assert_eq!(spans.len(), count, "each request is a span of its own");
}

#[test]
fn a_malformed_trace_is_passed_over_and_nothing_of_it_is_logged_or_counted() {
    let (world, metrics) = World::with_metrics();
    let series = || {
        let answer = Web::new(&metrics).send("GET", "/metrics", &[], None).unwrap();
        answer.body.as_str().unwrap().lines().count()
    };
    let fresh = |headers: &[(&str, &str)]| {
        let answer = world.anyone().send("GET", "/v1/public/practices", headers, None);
        assert_eq!(answer.status, 200, "{headers:?}: {}", answer.body);
        let [trace, _, flags] = parts(&answer);
        assert_eq!(trace, answer.header("x-request-id").unwrap().replace('-', ""), "{headers:?}");
        assert_eq!(flags, "00", "{headers:?}");
    };
    fresh(&[]);
    let before = series();
    let marker = "feedfacefeedfacefeedfacefeedface";
    let good = header(marker);
    for malformed in [
        good.to_uppercase(),
        good.replacen("00-", "ff-", 1),
        format!("{good}-more"),
        format!("{good} {good}"),
        good[..54].to_owned(),
        good.replace("00f067aa0ba902b7", "0000000000000000"),
        good.replace(marker, &"0".repeat(32)),
        format!("request_id={marker}"),
        "a".repeat(4_000),
        String::new(),
    ] {
        fresh(&[("traceparent", &malformed)]);
    }
    fresh(&[("traceparent", &good), ("traceparent", &good)]);
    fresh(&[("tracestate", &good)]);
    assert_eq!(series(), before, "the metrics grew with what was sent");
    let given = header(TRACE);
    let answer = world.anyone().send("GET", "/v1/public/practices", &[("traceparent", &given)], None);
    let id = answer.header("x-request-id").unwrap();

    let log = format!("{}/{}.log", almoner_tests::log::directory().display(), std::process::id());
    let log = std::fs::read_to_string(log).unwrap();
    let line = log.lines().find(|line| line.contains(id) && line.contains("answered")).unwrap();
    assert!(line.contains(&format!("trace_id={TRACE} ")), "{line}");
    assert!(!log.to_lowercase().contains(marker), "what was malformed is in the log");
}
