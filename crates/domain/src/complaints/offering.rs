//! To whom a complaint is offered next. It is offered, unopened, to one officer at a time, by rota; who is barred is not asked.

use chrono::{DateTime, Utc};

use crate::ids::OfficerId;
use crate::officers::roles::OfficerRole;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// As what an officer is asked to open a complaint.
    pub enum AskedAs {
        /// The officer is the next on the rota of complaints officers.
        Complaints = "complaints",
        /// The officer is the responsible person: the complaint is about the council's own people, or nobody else is left.
        ResponsiblePerson = "responsible_person",
        /// The officer stands in for the responsible person.
        Alternate = "alternate",
    }
}

closed_codes! {
    /// What came of an offer.
    pub enum OfferOutcome {
        /// The officer opened the complaint and has it.
        Opened = "opened",
        /// The officer, or somebody close to them, knows somebody concerned.
        Conflict = "conflict",
        /// The officer did not open the complaint by the end of the next working day.
        Lapsed = "lapsed",
        /// The officer is not there any more.
        Gone = "gone",
    }
}

/// What speaks against offering a complaint to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bar {
    /// Nothing.
    Nothing,
    /// A name of theirs alone, which somebody at a practice wrote down for the complainant.
    NamedByAPractice,
    /// Their name, their work, a membership, an interest, or that they know somebody concerned or the complaint was taken from them.
    Barred,
}

/// An officer whose role in complaints works, as far as an offer asks.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The identifier of the officer.
    pub officer: OfficerId,
    /// The roles that work for the officer.
    pub roles: Vec<OfficerRole>,
    /// What speaks against the officer.
    pub bar: Bar,
    /// Whether the complaint is assigned to the officer.
    pub has_it: bool,
    /// Whether the officer is away today.
    pub is_away: bool,
    /// When the officer last let an offer of this complaint lapse.
    pub lapsed_at: Option<DateTime<Utc>>,
    /// When a complaint was last offered to the officer.
    pub last_offered_at: Option<DateTime<Utc>>,
}

impl Candidate {
    fn may_be_asked(&self, asked_as: AskedAs) -> bool {
        let is_last = asked_as == AskedAs::Alternate && self.bar == Bar::NamedByAPractice;
        !self.has_it && (self.bar == Bar::Nothing || is_last)
    }

    fn tier(&self, begins_above: bool) -> Option<AskedAs> {
        let has = |role| self.roles.contains(&role);
        if has(OfficerRole::Complaints) && !begins_above {
            Some(AskedAs::Complaints)
        } else if has(OfficerRole::ResponsiblePerson) {
            Some(AskedAs::ResponsiblePerson)
        } else if has(OfficerRole::Alternate) {
            Some(AskedAs::Alternate)
        } else {
            None
        }
    }
}

/// Returns the officer to whom a complaint is offered next, and as what. `begins_above` says that the responsible person is asked
/// first: the complaint is about the council's own people, or a clock has run out. Among those of one rank the one is asked to whom a
/// complaint was offered longest ago; who let an offer of this one lapse is asked again after everybody else, in the order in which
/// they did, and who is away only where nobody else is left. Where nobody is left because of names that came from a practice's desk, the
/// alternate is asked, who stands outside: a practice buries no complaint by naming everybody. Returns `None` if nobody is left at all.
pub fn next_officer(candidates: &[Candidate], begins_above: bool) -> Option<(OfficerId, AskedAs)> {
    let ranked = candidates.iter().filter_map(|one| Some((one, one.tier(begins_above)?)));
    let free: Vec<_> = ranked.filter(|(one, asked_as)| one.may_be_asked(*asked_as)).collect();
    let rank = |asked_as: AskedAs| match asked_as {
        AskedAs::Complaints => 0,
        AskedAs::ResponsiblePerson => 1,
        AskedAs::Alternate => 2,
    };
    free.into_iter()
        .min_by_key(|(one, asked_as)| {
            (one.bar, one.is_away, one.lapsed_at, rank(*asked_as), one.last_offered_at, one.officer)
        })
        .map(|(one, asked_as)| (one.officer, asked_as))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: u128) -> OfficerId {
        OfficerId::from(uuid::Uuid::from_u128(number))
    }

    fn candidate(number: u128, role: OfficerRole) -> Candidate {
        Candidate {
            officer: id(number),
            roles: vec![role],
            bar: Bar::Nothing,
            has_it: false,
            is_away: false,
            lapsed_at: None,
            last_offered_at: None,
        }
    }

    fn desk() -> Vec<Candidate> {
        vec![
            candidate(1, OfficerRole::Complaints),
            candidate(2, OfficerRole::Complaints),
            candidate(3, OfficerRole::ResponsiblePerson),
            candidate(4, OfficerRole::Alternate),
            candidate(5, OfficerRole::Commissioner),
        ]
    }

    fn asked(change: impl FnOnce(&mut [Candidate]), begins_above: bool) -> Option<(u128, AskedAs)> {
        let mut desk = desk();
        change(&mut desk);
        next_officer(&desk, begins_above).map(|(officer, asked_as)| (officer.uuid().as_u128(), asked_as))
    }

    #[test]
    fn the_rota_goes_round_and_then_up() {
        let at = |hour: u32| format!("2026-11-20T{hour:02}:00:00Z").parse().ok();
        assert_eq!(asked(|_| (), false), Some((1, AskedAs::Complaints)));
        assert_eq!(asked(|desk| desk[0].last_offered_at = at(9), false), Some((2, AskedAs::Complaints)));
        let both = |desk: &mut [Candidate]| {
            desk[0].last_offered_at = at(9);
            desk[1].last_offered_at = at(10);
        };
        assert_eq!(asked(both, false), Some((1, AskedAs::Complaints)));
        let lapse = |desk: &mut [Candidate], hours: &[u32]| {
            desk.iter_mut().zip(hours).for_each(|(one, hour)| one.lapsed_at = at(*hour));
        };
        assert_eq!(asked(|desk| lapse(desk, &[9]), false), Some((2, AskedAs::Complaints)));
        assert_eq!(asked(|desk| lapse(desk, &[9, 10]), false), Some((3, AskedAs::ResponsiblePerson)));
        let round = |desk: &mut [Candidate]| lapse(desk, &[9, 10, 11, 12]);
        assert_eq!(asked(round, false), Some((1, AskedAs::Complaints)), "the round begins again");
        // The responsible person was away, and the alternate was asked before them: they are not asked twice running.
        let turned = |desk: &mut [Candidate]| lapse(desk, &[9, 10, 12, 11]);
        assert_eq!(asked(turned, true), Some((4, AskedAs::Alternate)));
    }

    #[test]
    fn who_is_barred_or_knows_somebody_is_never_asked() {
        let out = |desk: &mut [Candidate]| {
            desk[0].bar = Bar::Barred;
            desk[1].bar = Bar::Barred;
        };
        assert_eq!(asked(out, false), Some((3, AskedAs::ResponsiblePerson)));
        let further = |desk: &mut [Candidate]| {
            out(desk);
            desk[2].bar = Bar::Barred;
        };
        assert_eq!(asked(further, false), Some((4, AskedAs::Alternate)));
        let bar = |desk: &mut [Candidate], bar: Bar| desk.iter_mut().for_each(|one| one.bar = bar);
        let all = |desk: &mut [Candidate]| bar(desk, Bar::Barred);
        assert_eq!(asked(all, false), None);
        let all_by_a_practice = |desk: &mut [Candidate]| bar(desk, Bar::NamedByAPractice);
        assert_eq!(asked(all_by_a_practice, false), Some((4, AskedAs::Alternate)));
        let but_one = |desk: &mut [Candidate]| {
            all_by_a_practice(desk);
            desk[1].bar = Bar::Nothing;
        };
        assert_eq!(asked(but_one, false), Some((2, AskedAs::Complaints)));
    }

    #[test]
    fn a_complaint_about_the_council_begins_with_the_responsible_person() {
        assert_eq!(asked(|_| (), true), Some((3, AskedAs::ResponsiblePerson)));
        assert_eq!(asked(|desk| desk[2].bar = Bar::Barred, true), Some((4, AskedAs::Alternate)));
        let two_roles = |desk: &mut [Candidate]| desk[0].roles.push(OfficerRole::ResponsiblePerson);
        assert_eq!(asked(two_roles, true), Some((1, AskedAs::ResponsiblePerson)));
    }

    #[test]
    fn who_is_away_is_asked_where_nobody_else_is_left() {
        assert_eq!(asked(|desk| desk[0].is_away = true, false), Some((2, AskedAs::Complaints)));
        let away = |desk: &mut [Candidate]| desk.iter_mut().for_each(|one| one.is_away = true);
        assert_eq!(asked(away, false), Some((1, AskedAs::Complaints)));
    }

    proptest! {
        #[test]
        fn nobody_is_asked_who_is_barred_and_somebody_is_where_anybody_is_free(
            facts in prop::collection::vec((0..5_usize, any::<[bool; 3]>(), 0..3_i64), 0..6), begins_above: bool,
        ) {
            let roles = [
                OfficerRole::Complaints, OfficerRole::ResponsiblePerson, OfficerRole::Alternate, OfficerRole::Duty,
                OfficerRole::Administrator,
            ];
            let desk: Vec<Candidate> = facts.iter().enumerate().map(|(n, (role, [barred, has, away], lapsed))| Candidate {
                bar: if *barred { Bar::Barred } else { Bar::Nothing }, has_it: *has, is_away: *away, lapsed_at: DateTime::from_timestamp(*lapsed, 0).filter(|at| at.timestamp() > 0),
                ..candidate(n as u128, roles[*role])
            }).collect();
            let free = |one: &Candidate| one.bar == Bar::Nothing && !one.has_it && one.tier(begins_above).is_some();
            match next_officer(&desk, begins_above) {
                Some((officer, _)) => prop_assert!(desk.iter().any(|one| one.officer == officer && free(one))),
                None => prop_assert!(!desk.iter().any(free)),
            }
        }
    }
}
