//! Acting managers: the power of a manager until the end of a day, confirmed by a second person like a heavy role.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::ids::StaffId;
use crate::refusal::Refusal;
use crate::staff::roles::Role;
use crate::words::date;

/// The greatest number of days for which somebody acts as a manager. Who is needed for longer is given the role.
const LONGEST_ACTING: Days = Days::new(92);

/// Gives a member of staff the power of a manager until the end of a day.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "for_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "until": "2026-12-11" }))]
pub struct ActAsManager {
    /// The manager for whom they act. Left out where the post is vacant.
    #[serde(default)]
    pub for_id: Option<StaffId>,
    /// The last day on which they act.
    #[serde(deserialize_with = "date::required")]
    pub until: NaiveDate,
}

/// A member of staff who is to act as a manager, as far as the rules ask.
#[derive(Clone, Copy, Debug)]
pub struct ToAct<'a> {
    /// The identifier of the membership.
    pub id: StaffId,
    /// The roles that work for them. None works while they have not joined, or while their account waits to be confirmed.
    pub working_roles: &'a [Role],
    /// Whether they have left, or their access has ended.
    pub gone: bool,
}

/// The member of staff who gives the power.
#[derive(Clone, Copy, Debug)]
pub struct Giver<'a> {
    /// The identifier of the membership.
    pub id: StaffId,
    /// The roles that work for them, without the power of an acting manager.
    pub working_roles: &'a [Role],
}

impl ActAsManager {
    /// Whether this member of staff may act as a manager. `for_roles` are the working roles of the manager for whom they
    /// act; `None` if no such member of staff works here.
    pub fn check(
        &self,
        who: ToAct<'_>,
        by: Giver<'_>,
        for_roles: Option<&[Role]>,
        today: NaiveDate,
    ) -> Result<(), NotActing> {
        expect_giver(by)?;
        if who.gone {
            return Err(refusal("gone", "made an acting manager").into());
        }
        if who.id == by.id {
            return Err(refusal("yourself", "made an acting manager by you").into());
        }
        if who.working_roles.is_empty() {
            return Err(refusal("not confirmed or not here yet", "made an acting manager").into());
        }
        if who.working_roles.contains(&Role::Manager) {
            return Err(refusal("a manager", "made an acting manager").into());
        }
        let mut faults = Vec::new();
        let latest = today + LONGEST_ACTING;
        if self.until < today {
            faults.push(Fault::new("/until", "must not be in the past"));
        } else if self.until > latest {
            faults.push(Fault::new("/until", format!("must not be after {latest}: give the role for longer")));
        }
        if self.for_id.is_some() && !for_roles.is_some_and(|roles| roles.contains(&Role::Manager)) {
            faults.push(Fault::new("/for_id", "must name a manager who works here"));
        }
        if faults.is_empty() { Ok(()) } else { Err(NotActing::Fault(faults)) }
    }
}

/// Whether a member of staff may give or end the power of an acting manager: a manager or an administrator in their own
/// right. Power that has an end is not passed on.
pub fn expect_giver(by: Giver<'_>) -> Result<(), Refusal> {
    let may = by.working_roles.iter().any(|role| matches!(role, Role::Manager | Role::Administrator));
    if may {
        Ok(())
    } else {
        Err(refusal("for a manager or an administrator in their own right to appoint", "appointed by you"))
    }
}

/// Refuses to end what somebody does not have.
pub fn expect_acting(is_acting: bool) -> Result<(), Refusal> {
    if is_acting { Ok(()) } else { Err(refusal("no acting manager", "relieved")) }
}

/// The reason why a member of staff does not act as a manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotActing {
    /// The content has faults.
    Fault(Vec<Fault>),
    /// A rule refuses it.
    Refused(Refusal),
}

impl From<Refusal> for NotActing {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn refusal(state: &'static str, step: &'static str) -> Refusal {
    Refusal::InvalidState { thing: "member of staff", state, step }
}

/// The power of an acting manager that somebody was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acting {
    /// When the power ends.
    pub until: DateTime<Utc>,
    /// When a second person confirmed it. `None` while it waits.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The manager for whom they act. `None` where the post is vacant.
    pub for_id: Option<StaffId>,
    /// The member of staff who gave the power.
    pub given_by: StaffId,
}

impl Acting {
    /// Whether the power counts at a moment. `app.enter_practice` asks the same of each caller.
    pub fn counts(self, at: DateTime<Utc>) -> bool {
        self.confirmed_at.is_some() && self.until > at
    }

    /// The manager for whom they act, and the member of staff who gave them the power. Whoever stands in for somebody decides
    /// nothing that is closed to them, so that nobody does through another what they may not do themselves.
    pub fn stands_in_for(self) -> Vec<StaffId> {
        self.for_id.into_iter().chain([self.given_by]).collect()
    }

    /// Whether the power waits to be confirmed at a moment.
    pub fn waits(self, at: DateTime<Utc>) -> bool {
        self.confirmed_at.is_none() && self.until > at
    }
}

#[cfg(test)]
mod tests;
