//! The rule for the time that a case note is about.

use chrono::{DateTime, Datelike as _, SubsecRound as _, Utc};

use crate::fault::Fault;

/// Returns the time at which the events in a note happened, to the microsecond, as it is kept: the time that the author gave,
/// or else `now`. A time in the future, or one before anybody alive was born, is refused.
pub fn happened_at(said: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Vec<Fault>> {
    let fault = |detail| Err(vec![Fault::new("/happened_at", detail)]);
    match said {
        Some(at) if at > now => fault("must not be in the future"),
        Some(at) if at.year() < 1900 => fault("must not be before 1900"),
        said => Ok(said.unwrap_or(now).trunc_subsecs(6)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_about_what_has_happened_since_1900() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-20T10:00:00Z");
        for (said, may) in [
            ("2026-11-20T10:00:00Z", true),
            ("2026-11-20T10:00:01Z", false),
            ("1900-01-01T00:00:00Z", true),
            ("1899-12-31T23:59:59Z", false),
        ] {
            assert_eq!(happened_at(Some(at(said)), now).ok(), may.then(|| at(said)), "{said}");
        }
        assert_eq!(happened_at(None, now), Ok(now));
        assert_eq!(happened_at(Some(at("2026-11-20T09:59:00.123456789Z")), now), Ok(at("2026-11-20T09:59:00.123456Z")));
    }
}
