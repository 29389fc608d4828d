//! Confirming officers. No role of an officer works before a second person has confirmed it, and neither does an account whose
//! credentials were replaced through a link: whoever opened it might be using it themselves, under another name. The second
//! person is an officer who was there before and did not come by the same hand. Of a council that has fewer than two confirmed
//! officers, two operators confirm, neither of whom came by the other.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::ids::{AccountId, OfficerId};
use crate::officers::appointment::refusal;
use crate::refusal::Refusal;
use crate::staff::hands::hands;
use crate::words::sql_text::closed_codes;

/// The number of confirmed officers from which on officers confirm further ones.
const SETTLED: usize = 2;

/// An officer of the council, present or past, as far as confirming asks.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four facts of an officer, none of which follows from another")]
pub struct OfficerStanding {
    /// The identifier of the officer.
    pub id: OfficerId,
    /// The account of the officer. `None` if they have not joined.
    pub account: Option<AccountId>,
    /// When the officer joined.
    pub joined_at: Option<DateTime<Utc>>,
    /// Whether the officer is at the council, and their account does not wait to be confirmed.
    pub is_present: bool,
    /// Whether the officer has said that they are away today. They may confirm all the same, if they are there after all.
    pub is_away: bool,
    /// Whether a role of the officer works.
    pub works: bool,
    /// Whether a second person has ever confirmed the officer.
    pub is_confirmed: bool,
    /// The accounts that invited the officer or drew the link with which they joined.
    pub invited_by: Vec<AccountId>,
}

/// What of an officer waits to be confirmed.
#[derive(Clone, Debug)]
pub struct AwaitedOfficer {
    /// The identifier of the officer.
    pub officer: OfficerId,
    /// Whether roles wait. Otherwise the account alone does.
    pub has_roles: bool,
    /// The accounts that opened what waits.
    pub opened_by: Vec<AccountId>,
    /// When the last of it was opened: the role was given, or the link was drawn.
    pub opened_at: DateTime<Utc>,
}

closed_codes! {
    /// Those who confirm an officer.
    pub enum OfficerConfirmedBy {
        /// Another officer of the council confirms it.
        Officer = "officer",
        /// The council is new, or nobody there can: two operators confirm it.
        TwoOperators = "two_operators",
    }
}

/// Every officer whom the council has or had.
#[derive(Clone, Debug)]
pub struct Officers(Vec<OfficerStanding>);

impl Officers {
    /// Makes the list of these officers.
    pub const fn new(officers: Vec<OfficerStanding>) -> Self {
        Self(officers)
    }

    fn hands(&self, account: AccountId) -> BTreeSet<AccountId> {
        hands(account, |account| {
            let unconfirmed = self.0.iter().filter(move |own| own.account == Some(account) && !own.is_confirmed);
            unconfirmed.flat_map(|own| own.invited_by.iter().copied())
        })
    }

    /// Says who confirms what waits: an officer, if one may, and if the council has two who stand or it is an account alone. If
    /// everybody who may is away, the two operators may too for an account alone: somebody who has lost their telephone does not
    /// wait for a holiday to end.
    pub fn confirmed_by(&self, awaited: &AwaitedOfficer) -> OfficerConfirmedBy {
        let stands = |other: &&OfficerStanding| {
            other.id != awaited.officer && other.is_present && other.is_confirmed && other.works
        };
        let settled = self.0.iter().filter(stands).count() >= SETTLED;
        let mut seconds = self.seconds(awaited);
        let one_is_there = seconds.any(|second| awaited.has_roles || !second.is_away);
        if one_is_there && (settled || !awaited.has_roles) {
            OfficerConfirmedBy::Officer
        } else {
            OfficerConfirmedBy::TwoOperators
        }
    }

    /// Returns the officers who may confirm what waits.
    pub fn confirmers(&self, awaited: &AwaitedOfficer) -> Vec<OfficerId> {
        // An officer who is away may be there after all.
        if self.confirmed_by(awaited) == OfficerConfirmedBy::TwoOperators && awaited.has_roles {
            return Vec::new();
        }
        self.seconds(awaited).map(|second| second.id).collect()
    }

    /// The officers who are second persons: present, with a role that works, there before, neither the officer concerned nor
    /// brought by them, and not of a hand that opened what waits.
    fn seconds<'a>(&'a self, awaited: &'a AwaitedOfficer) -> impl Iterator<Item = &'a OfficerStanding> {
        let opened: BTreeSet<AccountId> = awaited.opened_by.iter().flat_map(|account| self.hands(*account)).collect();
        let concerned = self.0.iter().find(|officer| officer.id == awaited.officer).and_then(|own| own.account);
        self.0.iter().filter(move |other| {
            let Some(account) = other.account else { return false };
            let hands = self.hands(account);
            other.id != awaited.officer
                && other.is_present
                && other.works
                && other.joined_at.is_some_and(|joined_at| joined_at < awaited.opened_at)
                && concerned.is_none_or(|concerned| !hands.contains(&concerned))
                && hands.is_disjoint(&opened)
        })
    }

    /// Whether an officer may confirm what waits.
    pub fn confirm(&self, awaited: &AwaitedOfficer, by: OfficerId) -> Result<(), Refusal> {
        if self.confirmers(awaited).contains(&by) {
            return Ok(());
        }
        Err(match self.confirmed_by(awaited) {
            OfficerConfirmedBy::Officer => refusal(
                "waiting for somebody who was here before, and who did not come by the hand that opened this",
                "confirmed by you",
            ),
            OfficerConfirmedBy::TwoOperators => refusal("waiting for two operators", "confirmed by you"),
        })
    }

    /// Whether an operator may confirm what waits. `lineage` are the operator's account and the operators by whose hands it went,
    /// and `first` is the same of the operator who confirmed it before, if one did. The console is one too, where it confirms.
    pub fn operator_confirms(
        &self,
        awaited: &AwaitedOfficer,
        lineage: &BTreeSet<AccountId>,
        first: Option<&BTreeSet<AccountId>>,
    ) -> Result<OperatorsPart, Refusal> {
        if self.confirmed_by(awaited) == OfficerConfirmedBy::Officer {
            return Err(refusal("waiting for an officer", "confirmed by the operator"));
        }
        match first {
            None => Ok(OperatorsPart::First),
            Some(first) if first.is_disjoint(lineage) => Ok(OperatorsPart::Second),
            Some(_) => {
                Err(refusal("waiting for an operator who did not come by the first one's hand", "confirmed by you"))
            }
        }
    }
}

/// Which of the two operators an operator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorsPart {
    /// Another operator still has to confirm it.
    First,
    /// It is confirmed.
    Second,
}

/// Refuses to confirm an officer of whom nothing waits, or who has not joined.
pub fn refuse_to_confirm(joined: bool) -> Refusal {
    if joined { refusal("confirmed", "confirmed") } else { refusal("not here yet", "confirmed") }
}

#[cfg(test)]
mod tests;
