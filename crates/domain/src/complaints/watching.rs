//! What a complaint needs next, and when it has to be looked at again. No complaint is without somebody who has it or is asked to.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::clocks::Due;
use crate::words::calendar::{end_of_day, london_date};

/// The time after which a complaint that somebody has is looked at again, though nothing is due: a nearer day may have been set.
const WHILE_NOTHING_IS_DUE: TimeDelta = TimeDelta::hours(24);

/// The time after which a complaint is looked at again that nobody has.
const WHILE_NOBODYS: TimeDelta = TimeDelta::hours(1);

/// An offer of a complaint that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveOffer {
    /// The last day on which the officer may open the complaint.
    pub open_by: NaiveDate,
    /// Whether the officer is still there, with a role in complaints that works, and named in no message of the complainant that waits.
    pub officer_is_there: bool,
}

/// How a complaint stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The offer that has not ended.
    pub offer: Option<LiveOffer>,
    /// The number of officers who have the complaint, are still there, and are named in nothing of the complainant's that waits.
    pub officers: usize,
    /// What is due, but for what ran out before and came before the responsible person.
    pub due: Vec<Due>,
    /// Whether those who had it are gone, or something has run out and neither the responsible person nor who stands in for them got the
    /// complaint since, or who did is away.
    pub wants_the_responsible_person: bool,
}

/// What a complaint needs now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: it is to be looked at again at this time.
    Wait(DateTime<Utc>),
    /// The offer has lapsed, because its day is over.
    EndOffer,
    /// The officer to whom it is offered is not there any more.
    OfferAfterGone,
    /// It is to be offered to the next officer.
    Offer,
    /// It is to be offered to the responsible person, beside whoever has it.
    OfferAbove,
    /// It is to come before the responsible person, because a clock has run out.
    Escalate,
}

impl Standing {
    /// Returns what the complaint needs at this moment.
    pub fn next(&self, at: DateTime<Utc>) -> Step {
        let today = london_date(at);
        if self.due.iter().any(|due| due.is_overdue(today)) {
            return Step::Escalate;
        }
        let latest = at + if self.officers == 0 { WHILE_NOBODYS } else { WHILE_NOTHING_IS_DUE };
        let latest = self.due.iter().map(|due| end_of_day(due.on)).fold(latest, Ord::min);
        match self.offer {
            Some(offer) if !offer.officer_is_there => Step::OfferAfterGone,
            Some(offer) if offer.open_by < today => Step::EndOffer,
            Some(offer) => Step::Wait(end_of_day(offer.open_by).min(latest)),
            None if self.officers == 0 => Step::Offer,
            None if self.wants_the_responsible_person => Step::OfferAbove,
            None => Step::Wait(latest),
        }
    }
}

/// Returns when a complaint is looked at again for which nobody was found.
pub fn tried_again_at(at: DateTime<Utc>) -> DateTime<Utc> {
    at + WHILE_NOBODYS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clocks::Clock;
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn due(on: &str) -> Due {
        Due { clock: Clock::Unacknowledged, on: day(on) }
    }

    fn opened() -> Standing {
        Standing { offer: None, officers: 1, due: vec![due("2026-11-24")], wants_the_responsible_person: false }
    }

    #[test]
    fn a_complaint_goes_from_one_officer_to_the_next_until_somebody_has_it() {
        let friday = at("2026-11-20T17:30:00Z");
        let offered = |officer_is_there, open_by: &str| Standing {
            offer: Some(LiveOffer { open_by: day(open_by), officer_is_there }),
            officers: 0,
            ..opened()
        };
        assert_eq!(Standing { officers: 0, ..opened() }.next(friday), Step::Offer);
        assert_eq!(
            offered(true, "2026-11-23").next(friday),
            Step::Wait(at("2026-11-20T18:30:00Z")),
            "it is nobody's yet"
        );
        let late = at("2026-11-23T23:30:00Z");
        assert_eq!(offered(true, "2026-11-23").next(late), Step::Wait(at("2026-11-24T00:00:00Z")));
        assert_eq!(offered(true, "2026-11-23").next(at("2026-11-24T00:00:00Z")), Step::EndOffer);
        assert_eq!(offered(false, "2026-11-23").next(friday), Step::OfferAfterGone);
        assert_eq!(opened().next(friday), Step::Wait(at("2026-11-21T17:30:00Z")));
    }

    #[test]
    fn what_has_run_out_comes_before_the_responsible_person() {
        assert_eq!(opened().next(at("2026-11-24T09:00:00Z")), Step::Wait(at("2026-11-25T00:00:00Z")));
        assert_eq!(opened().next(at("2026-11-25T00:00:00Z")), Step::Escalate);
        let unopened = Standing {
            offer: Some(LiveOffer { open_by: day("2026-11-25"), officer_is_there: true }),
            officers: 0,
            ..opened()
        };
        assert_eq!(unopened.next(at("2026-11-25T00:00:00Z")), Step::Escalate, "though somebody is asked");
        let before = Standing { due: vec![due("2026-12-01")], ..opened() };
        assert_eq!(before.next(at("2026-11-25T00:00:00Z")), Step::Wait(at("2026-11-26T00:00:00Z")));
        let wanted = Standing { due: Vec::new(), wants_the_responsible_person: true, ..opened() };
        assert_eq!(wanted.next(at("2026-11-25T00:00:00Z")), Step::OfferAbove, "until one of them has it");
        let asked = Standing { offer: unopened.offer, ..wanted };
        assert!(matches!(asked.next(at("2026-11-25T00:00:00Z")), Step::Wait(_)));
        let nothing = Standing { due: Vec::new(), ..opened() };
        assert!(matches!(nothing.next(at("2027-11-25T00:00:00Z")), Step::Wait(_)));
    }

    proptest! {
        #[test]
        fn a_complaint_that_is_left_alone_is_somebodys(
            offer in prop::option::of((0..10_i64, any::<bool>())), officers in 0..3_usize, days in prop::collection::vec(0..20_i64, 0..4),
            hours in 0..300_i64, wants_the_responsible_person: bool,
        ) {
            let begin = at("2026-11-20T00:00:00Z");
            let standing = Standing {
                offer: offer.map(|(days, officer_is_there)| LiveOffer {
                    open_by: day("2026-11-20") + TimeDelta::days(days), officer_is_there,
                }),
                officers,
                due: days
                    .into_iter()
                    .map(|days| Due { clock: Clock::Response, on: day("2026-11-20") + TimeDelta::days(days) })
                    .collect(),
                wants_the_responsible_person,
            };
            let now = begin + TimeDelta::hours(hours);
            if let Step::Wait(until) = standing.next(now) {
                prop_assert!(until > now, "it is looked at again");
                prop_assert!(standing.due.iter().all(|due| !due.is_overdue(london_date(now)) && until <= end_of_day(due.on)));
                prop_assert!(standing.officers > 0 || standing.offer.is_some_and(|offer| offer.officer_is_there));
            }
        }
    }
}
