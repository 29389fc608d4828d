//! The restriction of a referral that waits: before anybody has a record, it is open to named members of staff alone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::ids::StaffId;
use crate::refusal::Refusal;
use crate::staff::meant::may_mean;
use crate::staff::roles::Role;
use crate::words::text::{Line, Passage};

/// The roles that read referrals.
pub const READERS: &[Role] = &[Role::SocialWorker, Role::Practitioner, Role::Manager];

/// The greatest number of members of staff that a restriction may name.
const NAMED_AT_MOST: usize = 50;

/// A restriction of a referral to named members of staff, until it is accepted. The record that it opens is restricted to them.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reason": "Her sister works at the front desk.",
    "staff": ["01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d"],
}))]
pub struct RestrictReferral {
    /// The reason for the restriction.
    pub reason: Passage<1000>,
    /// The members of staff to whom the referral is open, such as who screens it. At least one of them is a manager.
    #[schema(min_items = 1, max_items = 50)]
    pub staff: Vec<StaffId>,
}

/// A member of staff who works at the practice, as far as a restriction asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The identifier.
    pub id: StaffId,
    /// The name.
    pub name: String,
    /// The roles.
    pub roles: Vec<Role>,
    /// Whether they hold the role of a manager themselves, are here to use it, and are not leaving.
    pub lasts_as_manager: bool,
}

/// What stands before a restriction of a referral.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    /// The members of staff named who work at the practice.
    pub colleagues: &'a [Named],
    /// The members of staff to whom the record of the person is closed.
    pub closed_to: &'a [StaffId],
    /// The names that the council gave of those who must not see the referral.
    pub not_to_see: &'a [Line<200>],
    /// The members of staff to whom the referral is open already. A name that they took since does not close it to them.
    pub open_to: &'a [StaffId],
}

impl RestrictReferral {
    /// Checks whom the restriction names. Each is a colleague who reads referrals, may see the person, and is not meant by a
    /// name that the council gave; one at least is a manager who stays, so that the referral is never left to nobody.
    pub fn check(&self, before: &Before<'_>) -> Result<(), Vec<Fault>> {
        if !(1..=NAMED_AT_MOST).contains(&self.staff.len()) {
            return Err(vec![Fault::new("/staff", format!("must name 1 to {NAMED_AT_MOST} members of staff"))]);
        }
        let mut faults: Vec<Fault> = self
            .staff
            .iter()
            .enumerate()
            .filter_map(|(index, one)| {
                let detail =
                    if self.staff[..index].contains(one) { "must not be repeated" } else { fault_of(*one, before)? };
                Some(Fault::new(format!("/staff/{index}"), detail))
            })
            .collect();
        let is_manager = |named: &Named| self.staff.contains(&named.id) && named.lasts_as_manager;
        if faults.is_empty() && !before.colleagues.iter().any(is_manager) {
            faults.push(Fault::new("/staff", "must name a manager who does not leave, and does not only act as one"));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// Says why this member of staff cannot be named, if they cannot.
fn fault_of(one: StaffId, before: &Before<'_>) -> Option<&'static str> {
    let Some(named) = before.colleagues.iter().find(|named| named.id == one) else {
        return Some("names nobody at this practice");
    };
    let is_meant = || before.not_to_see.iter().any(|given| may_mean(given.as_str(), &named.name));
    if !named.roles.iter().any(|role| READERS.contains(role)) {
        Some("names somebody who does not read referrals")
    } else if before.closed_to.contains(&one) {
        Some("names somebody to whom the record of this person is closed")
    } else if !before.open_to.contains(&one) && is_meant() {
        Some("names somebody who may be meant in not_to_see")
    } else {
        None
    }
}

/// Whether each restricted referral stays open to a manager after a member of staff left, or lost the role. `open_to` are those
/// to whom each is open.
pub fn keep_a_manager(managers: &[StaffId], open_to: &[Vec<StaffId>]) -> Result<(), Refusal> {
    let is_kept = |named: &Vec<StaffId>| named.iter().any(|one| managers.contains(one));
    if open_to.iter().all(is_kept) { Ok(()) } else { Err(Refusal::NobodyToScreen) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> StaffId {
        StaffId::from(Uuid::from_u128(n))
    }

    fn named(n: u128, name: &str, role: Role) -> Named {
        Named { id: id(n), name: name.to_owned(), roles: vec![role], lasts_as_manager: role == Role::Manager }
    }

    #[test]
    fn a_restriction_names_colleagues_who_may_read_the_referral_and_a_manager_among_them() {
        let colleagues = [
            named(1, "Hannah Price", Role::Manager),
            named(2, "Tomasz Wójcik", Role::SocialWorker),
            named(3, "Ann Lloyd", Role::RecordsOfficer),
            named(4, "Sean O'Brien", Role::Manager),
            named(5, "Mary Pugh", Role::Practitioner),
            Named { lasts_as_manager: false, ..named(7, "Ivor Bell", Role::Manager) },
        ];
        let not_to_see = [Line::parse("Mrs Pugh").unwrap(), Line::parse("OBrien").unwrap()];
        let (closed_to, open_to) = ([id(6)], [id(4)]);
        let before =
            Before { colleagues: &colleagues, closed_to: &closed_to, not_to_see: &not_to_see, open_to: &open_to };
        for (staff, pointers) in [
            (vec![1], vec![]),
            (vec![1, 2], vec![]),
            // The manager who is called so by now saw it before.
            (vec![4, 2], vec![]),
            (vec![], vec!["/staff"]),
            (vec![2], vec!["/staff"]),
            // A manager who leaves, or who only acts as one, is named beside one who stays.
            (vec![7, 2], vec!["/staff"]),
            (vec![7, 1], vec![]),
            (vec![1, 1], vec!["/staff/1"]),
            (vec![1, 3, 9], vec!["/staff/1", "/staff/2"]),
            (vec![1, 5], vec!["/staff/1"]),
            ((1..=51).collect(), vec!["/staff"]),
        ] {
            let restrict = RestrictReferral {
                reason: Passage::parse("Her sister works here.").unwrap(),
                staff: staff.iter().map(|n| id(*n)).collect(),
            };
            let faults = restrict.check(&before).err().unwrap_or_default();
            let found: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, pointers, "{staff:?}");
        }
        let with_closed = [&colleagues[..], &[named(6, "Ivor Bell", Role::Manager)]].concat();
        let before = Before { colleagues: &with_closed, ..before };
        let restrict = RestrictReferral { reason: Passage::parse("So.").unwrap(), staff: vec![id(6)] };
        assert_eq!(restrict.check(&before).unwrap_err()[0].pointer, "/staff/0");
    }

    #[test]
    fn no_restricted_referral_is_left_without_a_manager() {
        for (managers, open_to, kept) in [
            (vec![1], vec![], true),
            (vec![1], vec![vec![1], vec![1, 2]], true),
            (vec![1], vec![vec![1], vec![2]], false),
            (vec![], vec![vec![1]], false),
        ] {
            let managers: Vec<StaffId> = managers.into_iter().map(id).collect();
            let open_to: Vec<Vec<StaffId>> =
                open_to.into_iter().map(|named| named.into_iter().map(id).collect()).collect();
            assert_eq!(keep_a_manager(&managers, &open_to).is_ok(), kept, "{managers:?} {open_to:?}");
        }
    }
}
