//! The rules of a practice's staff: the roles and line managers that a member may have, the changes to them, and leaving.

use crate::fault::Fault;
use crate::ids::{AccountId, StaffId};
use crate::refusal::Refusal;
use crate::staff::roles::Role;

/// A position at the practice: roles, ownership and line manager. It decides what a member of staff may see and do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position<'a> {
    /// The roles that the member of staff holds.
    pub roles: &'a [Role],
    /// Whether the member of staff owns the practice or a share of it.
    pub owner: bool,
    /// The member of staff's line manager.
    pub line_manager_id: Option<StaffId>,
    /// The colleague for whom the member of staff deputises.
    pub deputy_for_id: Option<StaffId>,
}

impl Position<'_> {
    /// Whether a member of staff may hold this position. `colleagues` are those of the members named here who work at
    /// the practice.
    pub fn check(&self, has_number: bool, colleagues: &[StaffId]) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if self.roles.is_empty() {
            faults.push(Fault::new("/roles", "must name at least one role"));
        }
        if self.roles.iter().enumerate().any(|(n, role)| self.roles[..n].contains(role)) {
            faults.push(Fault::new("/roles", "must name each role once"));
        }
        // Social worker is a protected title: Social Workers Regulations 2018.
        if self.roles.contains(&Role::SocialWorker) && !has_number {
            faults.push(Fault::new("/social_work_england_number", "is required of a social worker"));
        }
        for (pointer, other) in [("/line_manager_id", self.line_manager_id), ("/deputy_for_id", self.deputy_for_id)] {
            if other.is_some_and(|other| !colleagues.contains(&other)) {
                faults.push(Fault::new(pointer, "names nothing that is there"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Returns the members of staff whom the position names.
    pub fn named(&self) -> Vec<StaffId> {
        [self.line_manager_id, self.deputy_for_id].into_iter().flatten().collect()
    }

    /// Nobody changes their own position, because it decides what they may see.
    pub fn change_of_own(&self, to: &Self) -> Result<(), Vec<Fault>> {
        let faults: Vec<Fault> = [
            ("/roles", self.roles != to.roles),
            ("/owner", self.owner != to.owner),
            ("/line_manager_id", self.line_manager_id != to.line_manager_id),
            ("/deputy_for_id", self.deputy_for_id != to.deputy_for_id),
        ]
        .into_iter()
        .filter(|(_, changed)| *changed)
        .map(|(pointer, _)| Fault::new(pointer, "must be changed by another administrator"))
        .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Whether the practice keeps an administrator, without whom it could not help itself. `others` counts the
    /// administrators besides this one. A member who leaves has no roles afterwards.
    pub fn keep_an_administrator(&self, roles_after: &[Role], others: i64) -> Result<(), Refusal> {
        let gives_it_up = self.roles.contains(&Role::Administrator) && !roles_after.contains(&Role::Administrator);
        if gives_it_up && others == 0 {
            return Err(refusal("the only administrator", "let go or given other roles"));
        }
        Ok(())
    }
}

/// The state of a membership of a practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MembershipState {
    /// Whether the member has accepted their invitation.
    pub joined: bool,
    /// Whether the member has left.
    pub left: bool,
}

impl MembershipState {
    /// Whether the member can be invited again. Only one who has not joined yet can.
    pub fn invite_again(self) -> Result<(), Refusal> {
        match self {
            Self { joined: true, .. } => Err(refusal("here already", "invited")),
            Self { left: true, .. } => Err(refusal("gone", "invited")),
            _ => Ok(()),
        }
    }

    /// Whether the member's details can be changed.
    pub fn change(self) -> Result<(), Refusal> {
        if self.left { Err(refusal("gone", "changed")) } else { Ok(()) }
    }

    /// Whether the member can leave.
    pub fn leave(self) -> Result<(), Refusal> {
        if self.left { Err(refusal("gone", "let go")) } else { Ok(()) }
    }
}

/// Returns the account whose lost password and second factor are reset. Only a member who has joined has one.
pub fn account_to_replace(account: Option<AccountId>) -> Result<AccountId, Refusal> {
    account.ok_or(refusal("not here yet", "given another second factor"))
}

/// Whether the operator can invite staff. Once the practice has an administrator, only its administrators can, so that
/// the operator cannot let themselves in.
pub fn invite_first_people(administrators: i64) -> Result<(), Refusal> {
    if administrators == 0 {
        return Ok(());
    }
    Err(Refusal::InvalidState { thing: "practice", state: "administered by its own staff", step: "staffed from here" })
}

fn refusal(state: &'static str, step: &'static str) -> Refusal {
    Refusal::InvalidState { thing: "member of staff", state, step }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Step = fn(MembershipState) -> Result<(), Refusal>;

    /// The text of the refusal for each membership, if it is refused.
    type Expected = &'static [(MembershipState, Option<&'static str>)];

    fn id(n: u128) -> StaffId {
        StaffId::from(uuid::Uuid::from_u128(n))
    }

    fn position(roles: &[Role]) -> Position<'_> {
        Position { roles, owner: false, line_manager_id: None, deputy_for_id: None }
    }

    fn pointers(result: Result<(), Vec<Fault>>) -> Vec<String> {
        result.err().unwrap_or_default().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_position_names_roles_once_and_people_who_work_here_and_a_social_worker_has_a_number() {
        use Role::{Administrator, Manager, SocialWorker};
        let line =
            |line_manager_id, deputy_for_id| Position { line_manager_id, deputy_for_id, ..position(&[Role::Manager]) };
        for (position, has_number, faults) in [
            (position(&[Manager]), false, vec![]),
            (position(&[SocialWorker, Administrator]), true, vec![]),
            (position(&[]), true, vec!["/roles"]),
            (position(&[Manager, Administrator, Manager]), true, vec!["/roles"]),
            (position(&[SocialWorker]), false, vec!["/social_work_england_number"]),
            (line(Some(id(1)), Some(id(2))), false, vec![]),
            (line(Some(id(3)), None), false, vec!["/line_manager_id"]),
            (line(Some(id(1)), Some(id(3))), false, vec!["/deputy_for_id"]),
            (line(Some(id(3)), Some(id(4))), false, vec!["/line_manager_id", "/deputy_for_id"]),
        ] {
            assert_eq!(pointers(position.check(has_number, &[id(1), id(2)])), faults, "{position:?}");
        }
        let all_at_once = Position {
            line_manager_id: Some(id(9)),
            deputy_for_id: Some(id(9)),
            ..position(&[SocialWorker, SocialWorker])
        };
        let every = ["/roles", "/social_work_england_number", "/line_manager_id", "/deputy_for_id"];
        assert_eq!(pointers(all_at_once.check(false, &[])), every);
    }

    #[test]
    fn nobody_changes_their_own_position_in_anything() {
        let own = position(&[Role::Manager]);
        assert_eq!(own.change_of_own(&own), Ok(()));
        for (to, pointer) in [
            (position(&[Role::Manager, Role::Administrator]), "/roles"),
            (Position { owner: true, ..own }, "/owner"),
            (Position { line_manager_id: Some(id(1)), ..own }, "/line_manager_id"),
            (Position { deputy_for_id: Some(id(1)), ..own }, "/deputy_for_id"),
        ] {
            assert_eq!(pointers(own.change_of_own(&to)), [pointer]);
        }
    }

    #[test]
    fn the_last_administrator_neither_leaves_nor_takes_other_roles() {
        use Role::{Administrator, Manager};
        for (before, after, others, allowed) in [
            (&[Administrator][..], &[][..], 0, false),
            (&[Administrator], &[], 1, true),
            (&[Administrator, Manager], &[Manager], 0, false),
            (&[Administrator, Manager], &[Administrator], 0, true),
            (&[Manager], &[], 0, true),
            (&[Manager], &[Administrator], 0, true),
        ] {
            let kept = position(before).keep_an_administrator(after, others);
            assert_eq!(kept.is_ok(), allowed, "{before:?} to {after:?} with {others} others");
        }
    }

    const INVITED: MembershipState = member(false, false);
    const HERE: MembershipState = member(true, false);
    const GONE: MembershipState = member(true, true);
    const NEVER_CAME: MembershipState = member(false, true);

    const fn member(joined: bool, left: bool) -> MembershipState {
        MembershipState { joined, left }
    }

    #[test]
    fn each_step_of_a_membership_is_possible_in_these_states_and_no_other() {
        let said = |result: Result<(), Refusal>| result.err().map(|refusal| refusal.to_string());
        let steps: [(Step, Expected); 3] = [
            (
                MembershipState::invite_again,
                &[
                    (INVITED, None),
                    (HERE, Some("here already and cannot be invited")),
                    (GONE, Some("here already and cannot be invited")),
                    (NEVER_CAME, Some("gone and cannot be invited")),
                ],
            ),
            (MembershipState::change, &[(INVITED, None), (HERE, None), (GONE, Some("gone and cannot be changed"))]),
            (MembershipState::leave, &[(INVITED, None), (HERE, None), (NEVER_CAME, Some("gone and cannot be let go"))]),
        ];
        for (step, cases) in steps {
            for (membership, refused) in cases {
                let refused = refused.map(|words| format!("the member of staff is {words}"));
                assert_eq!(said(step(*membership)), refused, "{membership:?}");
            }
        }
    }

    #[test]
    fn only_somebody_who_has_joined_has_credentials_to_replace() {
        let account = AccountId::from(uuid::Uuid::from_u128(1));
        assert_eq!(account_to_replace(Some(account)), Ok(account));
        let refused = account_to_replace(None).unwrap_err().to_string();
        assert_eq!(refused, "the member of staff is not here yet and cannot be given another second factor");
    }

    #[test]
    fn the_service_staffs_a_practice_only_until_it_is_administered() {
        assert_eq!(invite_first_people(0), Ok(()));
        assert!(invite_first_people(1).is_err());
    }

    proptest! {
        #[test]
        fn while_nobody_else_administers_the_practice_no_change_takes_its_administrator_away(
            before in prop::sample::subsequence(Role::ALL, 0..=Role::ALL.len()),
            after in prop::sample::subsequence(Role::ALL, 0..=Role::ALL.len()),
            others in 0_i64..3,
        ) {
            if position(&before).keep_an_administrator(&after, others).is_ok() {
                let administered = |roles: &[Role]| others > 0 || roles.contains(&Role::Administrator);
                prop_assert!(!administered(&before) || administered(&after));
            }
        }
    }
}
