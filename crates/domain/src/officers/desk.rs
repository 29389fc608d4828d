//! A council's complaints desk: who has to be there before a practice works for the council, so that a complaint is always somebody's
//! (SI 2009/309 reg 4(1)).

use chrono::{DateTime, TimeDelta, Utc};

use crate::officers::roles::OfficerRole;

/// The time within which everybody at the desk has signed in at the complaints' door.
const SIGNED_IN_WITHIN: TimeDelta = TimeDelta::days(30);

/// An officer whose roles work, as far as the desk asks.
#[derive(Clone, Debug)]
pub struct DeskOfficer {
    /// The roles that work for the officer.
    pub roles: Vec<OfficerRole>,
    /// When the officer last signed in at the complaints' door.
    pub signed_in_at: Option<DateTime<Utc>>,
}

/// What is missing at a council's complaints desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeskGap {
    /// There are fewer than two complaints officers.
    ComplaintsOfficers,
    /// There is no responsible person.
    ResponsiblePerson,
    /// There is nobody who stands in for the responsible person, and is none of the others.
    Alternate,
}

impl DeskGap {
    /// Returns what is missing, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ComplaintsOfficers => "two complaints officers who have signed in within 30 days",
            Self::ResponsiblePerson => "a responsible person who has signed in within 30 days",
            Self::Alternate => "an alternate from outside who has signed in within 30 days",
        }
    }
}

/// Returns what is missing at the desk of a council that has these officers.
pub fn gaps(officers: &[DeskOfficer], at: DateTime<Utc>) -> Vec<DeskGap> {
    let is_there = |officer: &&DeskOfficer| officer.signed_in_at.is_some_and(|seen| at - seen <= SIGNED_IN_WITHIN);
    let there: Vec<&DeskOfficer> = officers.iter().filter(is_there).collect();
    let with = |role: OfficerRole| there.iter().filter(move |officer| officer.roles.contains(&role));
    // The alternate is asked where all the others cannot be, and is none of them.
    let is_apart = |officer: &&&DeskOfficer| {
        officer.roles.iter().filter(|role| role.is_of_complaints()).all(|role| *role == OfficerRole::Alternate)
    };
    let mut gaps = Vec::new();
    if with(OfficerRole::Complaints).count() < 2 {
        gaps.push(DeskGap::ComplaintsOfficers);
    }
    if with(OfficerRole::ResponsiblePerson).count() == 0 {
        gaps.push(DeskGap::ResponsiblePerson);
    }
    if with(OfficerRole::Alternate).filter(is_apart).count() == 0 {
        gaps.push(DeskGap::Alternate);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::OfficerRole::{Alternate, Commissioner, Complaints, ResponsiblePerson};
    use super::*;

    #[test]
    fn a_desk_has_two_officers_a_responsible_person_and_an_alternate_who_come_in_now_and_then() {
        let at: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let officer = |roles: &[OfficerRole], days: i64| DeskOfficer {
            roles: roles.to_vec(),
            signed_in_at: Some(at - TimeDelta::days(days)),
        };
        let whole = vec![
            officer(&[Complaints], 0),
            officer(&[Complaints, Commissioner], 30),
            officer(&[ResponsiblePerson], 1),
            officer(&[Alternate], 2),
        ];
        assert!(gaps(&whole, at).is_empty());
        let changed = |change: fn(&mut Vec<DeskOfficer>)| {
            let mut desk = whole.clone();
            change(&mut desk);
            gaps(&desk, at)
        };
        assert_eq!(changed(Vec::clear), [DeskGap::ComplaintsOfficers, DeskGap::ResponsiblePerson, DeskGap::Alternate]);
        assert_eq!(changed(|desk| desk[1].signed_in_at = None), [DeskGap::ComplaintsOfficers]);
        assert_eq!(
            changed(|desk| desk[0].signed_in_at = desk[0].signed_in_at.map(|at| at - TimeDelta::days(31))),
            [DeskGap::ComplaintsOfficers]
        );
        assert_eq!(changed(|desk| desk[3].roles.push(Complaints)), [DeskGap::Alternate]);
        assert_eq!(changed(|desk| desk[2].roles = vec![Alternate]), [DeskGap::ResponsiblePerson]);
    }
}
