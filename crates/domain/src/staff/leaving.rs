//! Leaving a practice: now, on a day ahead, or once the open work has been moved to colleagues.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::fault::Fault;
use crate::refusal::Refusal;
use crate::words::calendar::{end_of_day, london_date};
use crate::words::sql_text::closed_codes;

/// The greatest number of days ahead for which a last day is taken. A later one is a typing error.
const FURTHEST: Days = Days::new(366);

closed_codes! {
    /// What happens where a member of staff who leaves still has open work.
    pub enum WithOpenWork {
        /// They do not leave. The refusal lists the work.
        Refuse = "refuse",
        /// They go on working until it has been moved, at most to the end of their last day.
        Wait = "wait",
        /// Their access ends all the same, now or with their last day. The work waits for the managers.
        EndAccess = "end_access",
    }
}

/// A wish that a member of staff leaves.
#[derive(Clone, Copy, Debug)]
pub struct Leaving {
    /// The last day on which they work. `None` if they leave as soon as nothing keeps them.
    pub last_day: Option<NaiveDate>,
    /// What happens where they still have open work.
    pub with_open_work: WithOpenWork,
}

/// What comes of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// They leave at once.
    Now,
    /// They leave later: once no work of theirs is open, and not before their access has ended where it has an end.
    Later {
        /// When their access ends. `None` if it lasts until their work has been moved.
        access_ends_at: Option<DateTime<Utc>>,
    },
}

impl Leaving {
    /// Decides what comes of the wish, for a member of staff who has open work or none.
    pub fn plan(self, has_open_work: bool, at: DateTime<Utc>) -> Result<Plan, NotPlanned> {
        let today = london_date(at);
        if let Some(fault) = self.last_day.and_then(|day| fault_of_last_day(day, today)) {
            return Err(NotPlanned::Fault(vec![Fault::new("/last_day", fault)]));
        }
        let by_day = self.last_day.map(end_of_day);
        match (self.with_open_work, has_open_work) {
            (WithOpenWork::Refuse, true) => Err(NotPlanned::OpenWork),
            (_, false) if by_day.is_none() => Ok(Plan::Now),
            (WithOpenWork::EndAccess, true) if by_day.is_none() => Ok(Plan::Later { access_ends_at: Some(at) }),
            _ => Ok(Plan::Later { access_ends_at: by_day }),
        }
    }
}

fn fault_of_last_day(day: NaiveDate, today: NaiveDate) -> Option<String> {
    let furthest = today + FURTHEST;
    if day < today {
        Some("must not be in the past".to_owned())
    } else if day > furthest {
        Some(format!("must not be after {furthest}"))
    } else {
        None
    }
}

/// The reason why a wish to leave comes to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPlanned {
    /// The wish has faults.
    Fault(Vec<Fault>),
    /// The member of staff has open work.
    OpenWork,
}

/// The last day before this moment, in London: the day of which the moment is the end.
pub fn last_day_before(end: DateTime<Utc>) -> NaiveDate {
    london_date(end - TimeDelta::seconds(1))
}

/// Whether the leaving of a member of staff can be withdrawn: they still work here.
pub fn withdraw(is_leaving: bool, access_ended: bool) -> Result<(), Refusal> {
    let state = match (is_leaving, access_ended) {
        (true, false) => return Ok(()),
        (true, true) => "gone",
        (false, _) => "not leaving",
    };
    Err(Refusal::InvalidState { thing: "member of staff", state, step: "kept" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn whoever_leaves_does_so_now_or_later_or_not_at_all() {
        use WithOpenWork::{EndAccess, Refuse, Wait};
        let now = at("2026-11-20T10:00:00Z");
        let midnight = at("2026-12-12T00:00:00Z");
        let day = "2026-12-11".parse().ok();
        let later = |access_ends_at| Ok(Plan::Later { access_ends_at });
        for (last_day, with_open_work, has_open_work, expected) in [
            (None, Refuse, false, Ok(Plan::Now)),
            (None, Wait, false, Ok(Plan::Now)),
            (None, EndAccess, false, Ok(Plan::Now)),
            (None, Refuse, true, Err(NotPlanned::OpenWork)),
            (None, Wait, true, later(None)),
            (None, EndAccess, true, later(Some(now))),
            (day, Refuse, false, later(Some(midnight))),
            (day, Wait, false, later(Some(midnight))),
            (day, EndAccess, false, later(Some(midnight))),
            (day, Refuse, true, Err(NotPlanned::OpenWork)),
            (day, Wait, true, later(Some(midnight))),
            (day, EndAccess, true, later(Some(midnight))),
        ] {
            let plan = Leaving { last_day, with_open_work }.plan(has_open_work, now);
            assert_eq!(plan, expected, "{last_day:?} {with_open_work:?} {has_open_work}");
        }
    }

    #[test]
    fn a_last_day_is_today_or_within_a_year_in_london() {
        // It is 21 June in London already.
        let now = at("2026-06-20T23:30:00Z");
        for (day, taken) in [
            ("2026-06-20", false),
            ("2026-06-21", true),
            ("2027-06-22", true),
            ("2027-06-23", false),
            ("1900-01-01", false),
        ] {
            let wish = Leaving { last_day: day.parse().ok(), with_open_work: WithOpenWork::Wait };
            let plan = wish.plan(true, now);
            assert_eq!(plan.is_ok(), taken, "{day}");
            let pointers = match plan {
                Err(NotPlanned::Fault(faults)) => faults.into_iter().map(|fault| fault.pointer).collect(),
                _ => Vec::new(),
            };
            assert_eq!(pointers.is_empty(), taken, "{day}: {pointers:?}");
        }
    }

    #[test]
    fn the_end_of_a_day_is_shown_as_that_day() {
        for day in ["2026-03-29", "2026-06-21", "2026-10-25", "2026-12-11"] {
            let day = day.parse().unwrap();
            assert_eq!(last_day_before(end_of_day(day)), day);
        }
    }

    #[test]
    fn a_leaving_is_withdrawn_while_the_member_still_works_here() {
        assert_eq!(withdraw(true, false), Ok(()));
        for (is_leaving, access_ended, words) in
            [(true, true, "gone and cannot be kept"), (false, false, "not leaving and cannot be kept")]
        {
            let refused = withdraw(is_leaving, access_ended).unwrap_err().to_string();
            assert_eq!(refused, format!("the member of staff is {words}"));
        }
    }
}
