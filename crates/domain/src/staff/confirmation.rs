//! Confirming what somebody alone has opened: a heavy role ([`Weight`](super::roles::Weight)), or an account whose
//! credentials were replaced through a link. Whoever opened it might be using it themselves, under another name. So it
//! takes a second person, who was there before and did not come by the same hand.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::ids::{AccountId, StaffId};
use crate::refusal::Refusal;
use crate::staff::hands::hands;
use crate::staff::roles::Role;
use crate::words::sql_text::closed_codes;

/// The roles with which a member of staff may confirm others.
const CONFIRMERS: [Role; 3] = [Role::Manager, Role::RecordsOfficer, Role::Administrator];

/// The number of members with confirmed heavy roles from which on members confirm further ones. Until then nobody was
/// there before, and the operator confirms together with the owner.
const SETTLED: usize = 2;

/// A membership of a practice, present or past, as far as confirming asks.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four facts of a membership, none of which follows from another")]
pub struct Standing {
    /// The identifier of the membership.
    pub id: StaffId,
    /// The account of the member. `None` if they have not joined.
    pub account: Option<AccountId>,
    /// When the member joined.
    pub joined_at: Option<DateTime<Utc>>,
    /// Whether the membership has neither ended nor waits for its account to be confirmed.
    pub is_present: bool,
    /// Whether the member is an owner whom the operator invited as one. An owner whom a colleague made one counts for
    /// nothing here: an administrator would make a puppet of theirs the owner.
    pub founder: bool,
    /// Whether the member has said that they are away today. They may confirm all the same, if they are there after all.
    pub is_away: bool,
    /// The member who gave them the power of a manager that they have now, beside their roles. `None` if they act as no manager.
    pub acts_by: Option<StaffId>,
    /// The roles that work.
    pub roles: Vec<Role>,
    /// The accounts that invited the member or drew the link with which they joined. An operator at the console has the nil
    /// account.
    pub invited_by: Vec<AccountId>,
    /// Whether a second person has confirmed the membership.
    pub is_confirmed: bool,
}

/// What of a membership waits to be confirmed.
#[derive(Clone, Debug)]
pub struct Awaited {
    /// The identifier of the membership.
    pub member: StaffId,
    /// The heavy roles that do not work yet.
    pub roles: Vec<Role>,
    /// Whether the credentials of the account were replaced.
    pub account: bool,
    /// The accounts that opened what waits.
    pub opened_by: Vec<AccountId>,
    /// When the last of it was opened: the role was given, or the link was drawn.
    pub opened_at: DateTime<Utc>,
}

closed_codes! {
    /// Those who confirm a membership.
    pub enum ConfirmedBy {
        /// A member of staff confirms it.
        Members = "members",
        /// The practice is new: the operator and an owner confirm it, each for themselves.
        OperatorAndOwner = "operator_and_owner",
    }
}

/// Every membership that the practice has or had.
#[derive(Clone, Debug)]
pub struct Roster(Vec<Standing>);

impl Roster {
    /// Makes a roster of these memberships.
    pub const fn new(members: Vec<Standing>) -> Self {
        Self(members)
    }

    fn find(&self, id: StaffId) -> Option<&Standing> {
        self.0.iter().find(|standing| standing.id == id)
    }

    fn of(&self, account: AccountId) -> impl Iterator<Item = &Standing> {
        self.0.iter().filter(move |standing| standing.account == Some(account))
    }

    /// Returns the hands by which an account came: itself, and those who brought it.
    pub fn hands(&self, account: AccountId) -> BTreeSet<AccountId> {
        hands(account, |account| {
            let unconfirmed = self.of(account).filter(|own| !own.is_confirmed);
            unconfirmed.flat_map(|own| own.invited_by.iter().copied())
        })
    }

    fn hands_that_opened(&self, awaited: &Awaited) -> BTreeSet<AccountId> {
        awaited.opened_by.iter().flat_map(|account| self.hands(*account)).collect()
    }

    /// Returns the hands that are members of the practice, now or before.
    fn members_among(&self, hands: &BTreeSet<AccountId>) -> BTreeSet<AccountId> {
        hands.iter().copied().filter(|account| self.of(*account).next().is_some()).collect()
    }

    /// Says who confirms what waits. Where members cannot, because the practice has too few whom anybody has confirmed, the
    /// operator and the owner do. They also do where it is an account alone and every member who could confirm it is away:
    /// somebody who has lost their telephone does not wait for a manager's return.
    pub fn confirmed_by(&self, awaited: &Awaited) -> ConfirmedBy {
        let heavy = |other: &&Standing| {
            other.id != awaited.member && other.is_present && other.is_confirmed && other.account.is_some()
        };
        let settled =
            self.0.iter().filter(heavy).filter(|other| other.roles.iter().any(|role| role.is_heavy())).count();
        let members = self.members(awaited);
        if awaited.roles.is_empty() && !members.is_empty() && members.iter().all(|member| self.is_away(*member)) {
            return ConfirmedBy::OperatorAndOwner;
        }
        let by_members = settled >= SETTLED || awaited.roles.is_empty() && !members.is_empty();
        if by_members { ConfirmedBy::Members } else { ConfirmedBy::OperatorAndOwner }
    }

    /// Returns the members who may confirm what waits: at a new practice its owners, otherwise all who were there before and
    /// did not come by the same hand.
    pub fn confirmers(&self, awaited: &Awaited) -> Vec<StaffId> {
        match self.confirmed_by(awaited) {
            ConfirmedBy::Members => self.members(awaited),
            ConfirmedBy::OperatorAndOwner => {
                let owners = self.0.iter().filter(|owner| self.may_be_the_owner(awaited, owner)).map(|owner| owner.id);
                // A member who is away may be there after all.
                let back = self.members(awaited).into_iter().filter(|_| awaited.roles.is_empty());
                owners.chain(back).collect::<BTreeSet<_>>().into_iter().collect()
            }
        }
    }

    fn is_away(&self, id: StaffId) -> bool {
        self.find(id).is_some_and(|member| member.is_away)
    }

    fn members(&self, awaited: &Awaited) -> Vec<StaffId> {
        let opened = self.hands_that_opened(awaited);
        self.0.iter().filter(|other| self.is_second(awaited, &opened, other)).map(|other| other.id).collect()
    }

    /// Whether a member of staff is a second person: present with a role to confirm by, there before, not the member
    /// concerned or brought by them, and not of a hand that opened what waits.
    fn is_second(&self, awaited: &Awaited, opened: &BTreeSet<AccountId>, other: &Standing) -> bool {
        let Some(account) = other.account else { return false };
        let confirms_by_role = other.roles.iter().any(|role| CONFIRMERS.contains(role));
        let mut hands = self.hands(account);
        // Whoever confirms only because they act as a manager does so by the hand that gave them the power, too.
        let giver = other.acts_by.filter(|_| !confirms_by_role).and_then(|giver| self.find(giver)?.account);
        hands.extend(giver.into_iter().flat_map(|giver| self.hands(giver)));
        let concerned = self.find(awaited.member).and_then(|member| member.account);
        other.id != awaited.member
            && other.is_present
            && (confirms_by_role || other.acts_by.is_some())
            && other.joined_at.is_some_and(|joined_at| joined_at < awaited.opened_at)
            && concerned.is_none_or(|concerned| !hands.contains(&concerned))
            && hands.is_disjoint(opened)
    }

    /// Whether a member of staff may do the owner's part: a founder, by whose link no colleague may have joined. Where an
    /// account waits it is neither their own nor that of somebody for whom they drew the link.
    fn may_be_the_owner(&self, awaited: &Awaited, owner: &Standing) -> bool {
        let Some(account) = owner.account else { return false };
        let by_colleagues = self.members_among(&self.hands(account)).len() > 1;
        let of_another = owner.id != awaited.member && !self.hands_that_opened(awaited).contains(&account);
        owner.founder && owner.is_present && !by_colleagues && (!awaited.account || of_another)
    }

    /// Whether a member of staff may confirm what waits.
    pub fn confirm(&self, awaited: &Awaited, by: StaffId) -> Result<ConfirmedBy, Refusal> {
        let confirmed_by = self.confirmed_by(awaited);
        if awaited.roles.is_empty() && self.members(awaited).contains(&by) {
            return Ok(ConfirmedBy::Members);
        }
        if self.confirmers(awaited).contains(&by) {
            return Ok(confirmed_by);
        }
        Err(match confirmed_by {
            ConfirmedBy::Members => refusal(
                "waiting for somebody who was here before, and who did not come by the hand that opened this",
                "confirmed by you",
            ),
            ConfirmedBy::OperatorAndOwner => {
                refusal("waiting for the operator and an owner whom the operator invited", "confirmed by you")
            }
        })
    }

    /// Returns the owner whose part in what waits is done: the one who confirmed it, the one who gave the role, or the one who
    /// joined with it by the operator's invitation.
    pub fn owners_part(&self, awaited: &Awaited, confirmed_by: Option<StaffId>) -> Option<StaffId> {
        let by_colleagues = !self.members_among(&self.hands_that_opened(awaited)).is_empty();
        let did = |owner: &&Standing| {
            confirmed_by == Some(owner.id)
                || owner.account.is_some_and(|account| awaited.opened_by.contains(&account))
                || owner.id == awaited.member && !by_colleagues
        };
        self.0.iter().filter(did).find(|owner| self.may_be_the_owner(awaited, owner)).map(|owner| owner.id)
    }

    /// Whether an operator may confirm what waits, together with this owner. `lineage` are the operator's account and the
    /// operators by whom it came; it is empty at the console. Neither may have invited the other, and the operator did not
    /// draw the link of a credential reset.
    pub fn operator_confirms(
        &self,
        awaited: &Awaited,
        lineage: &BTreeSet<AccountId>,
        owner: Option<StaffId>,
    ) -> Result<(), Refusal> {
        if self.confirmed_by(awaited) == ConfirmedBy::Members {
            return Err(refusal("waiting for a colleague", "confirmed by the operator"));
        }
        let came_by = |owner: StaffId| self.find(owner).and_then(|owner| owner.account).map(|own| self.hands(own));
        let brought_the_owner = owner.and_then(came_by).is_some_and(|hands| !hands.is_disjoint(lineage));
        let drew_the_link = awaited.account && !self.hands_that_opened(awaited).is_disjoint(lineage);
        if brought_the_owner || drew_the_link {
            let state = "waiting for an operator who neither invited the owner nor drew the link";
            return Err(refusal(state, "confirmed by you"));
        }
        Ok(())
    }
}

/// Refuses to confirm a membership of which nothing waits, or whose member has not joined.
pub fn refuse_to_confirm(joined: bool) -> Refusal {
    if joined { refusal("confirmed", "confirmed") } else { refusal("not here yet", "confirmed") }
}

/// Returns the roles that work and those that wait, for a member who is given `wanted` and in whose case `working` work
/// already.
pub fn split(wanted: &[Role], working: &[Role]) -> (Vec<Role>, Vec<Role>) {
    wanted.iter().copied().partition(|role| !role.is_heavy() || working.contains(role))
}

fn refusal(state: &'static str, step: &'static str) -> Refusal {
    Refusal::InvalidState { thing: "member of staff", state, step }
}

#[cfg(test)]
mod tests;
