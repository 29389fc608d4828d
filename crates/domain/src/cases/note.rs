//! The rules of notes: the time that one is about, and who may mark one as entered in error.

use chrono::{DateTime, Datelike as _, SubsecRound as _, Utc};

use crate::fault::Fault;
use crate::ids::StaffId;
use crate::refusal::Refusal;
use crate::staff::roles::Role;

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

/// Whether a member of staff may mark a note as entered in error: its author, or a manager.
pub fn may_mark(author: StaffId, marker: StaffId, roles: &[Role]) -> bool {
    author == marker || roles.contains(&Role::Manager)
}

/// Marks a note as entered in error, which is done once: the mark says who did it first, and why.
pub fn mark(is_marked: bool) -> Result<(), Refusal> {
    if is_marked {
        return Err(Refusal::InvalidState { thing: "note", state: "entered in error", step: "marked so again" });
    }
    Ok(())
}

/// Whether a member of staff with these roles sees every note that was entered in error, and why: a manager, and a records officer,
/// who answers for the whole record. Any other sees only their own.
pub fn sees_marked(roles: &[Role]) -> bool {
    roles.iter().any(|role| matches!(role, Role::Manager | Role::RecordsOfficer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_author_and_managers_mark_a_note_and_records_officers_see_the_mark_too() {
        let (author, other) = (StaffId::from(uuid::Uuid::from_u128(1)), StaffId::from(uuid::Uuid::from_u128(2)));
        for role in Role::ALL {
            assert!(may_mark(author, author, &[*role]), "{role:?}");
            assert_eq!(may_mark(author, other, &[*role]), *role == Role::Manager, "{role:?}");
            let sees = [Role::Manager, Role::RecordsOfficer].contains(role);
            assert_eq!(sees_marked(&[*role]), sees, "{role:?}");
        }
        assert!(!may_mark(author, other, &[]) && !sees_marked(&[]));
        assert!(may_mark(author, other, Role::ALL) && sees_marked(Role::ALL));
    }

    #[test]
    fn a_note_is_marked_once() {
        assert_eq!(mark(false), Ok(()));
        assert_eq!(mark(true).unwrap_err().to_string(), "the note is entered in error and cannot be marked so again");
    }

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
