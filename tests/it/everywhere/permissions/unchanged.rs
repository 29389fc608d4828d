//! Every reading whose answer may be 304, read again with the `ETag` that it had.

use super::super::operations::operations;
use super::cast::{CALLERS, Cast};
use super::requests::prepare;
use almoner_tests::callers::Caller;

#[test]
fn every_operation_that_shows_a_version_answers_304_to_a_caller_who_has_it() {
    let cast = Cast::new();
    let anyone = cast.world.anyone();
    let mut covered = 0;
    for operation in operations().iter().filter(|operation| operation.json["responses"]["304"].is_object()) {
        assert!(operation.needs("If-None-Match"), "{}", operation.name());
        let read = CALLERS.iter().find_map(|(who, ..)| {
            let prepared = prepare(&cast, operation, *who);
            let headers: Vec<(&str, &str)> =
                prepared.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = anyone.send("GET", &prepared.path, &headers, None);
            let etag = answer.etag().filter(|_| answer.status == 200)?.to_owned();
            Some((prepared, etag))
        });
        let (prepared, etag) = read.unwrap_or_else(|| panic!("nobody reads {}", operation.name()));
        let mut headers: Vec<(&str, &str)> =
            prepared.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.push(("if-none-match", &etag));
        let again = anyone.send("GET", &prepared.path, &headers, None);
        assert_eq!((again.status, again.etag()), (304, Some(etag.as_str())), "{}", operation.name());
        covered += 1;
    }
    assert!(covered >= 10, "{covered}");
}
