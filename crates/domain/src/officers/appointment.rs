//! The rules of a council's officers: the roles that one may hold, the changes to them, and leaving.

use crate::fault::Fault;
use crate::officers::roles::OfficerRole;
use crate::refusal::Refusal;

/// Returns what is wrong with the roles of an officer.
pub fn faults_of_roles(roles: &[OfficerRole]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if roles.is_empty() {
        faults.push(Fault::new("/roles", "must name at least one role"));
    }
    if roles.iter().enumerate().any(|(n, role)| roles[..n].contains(role)) {
        faults.push(Fault::new("/roles", "must name each role once"));
    }
    faults
}

/// Nobody changes their own roles.
pub fn change_own_roles(from: &[OfficerRole], to: &[OfficerRole]) -> Vec<Fault> {
    if from == to {
        return Vec::new();
    }
    vec![Fault::new("/roles", "must be changed by another administrator")]
}

/// Returns the roles that work and those that wait, for an officer who is given `wanted` and for whom `working` work already.
pub fn split(wanted: &[OfficerRole], working: &[OfficerRole]) -> (Vec<OfficerRole>, Vec<OfficerRole>) {
    wanted.iter().copied().partition(|role| working.contains(role))
}

/// The state of an officer's place at a council.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppointmentState {
    /// Whether the officer has accepted their invitation.
    pub joined: bool,
    /// Whether a leaving is written down.
    pub is_leaving: bool,
    /// Whether the officer's access has ended.
    pub left: bool,
}

impl AppointmentState {
    /// Whether the officer can be invited again. Only one who has not joined yet can.
    pub fn invite_again(self) -> Result<(), Refusal> {
        match self {
            Self { left: true, .. } => Err(refusal("gone", "invited")),
            Self { joined: true, .. } => Err(refusal("here already", "invited")),
            _ => Ok(()),
        }
    }

    /// Whether the officer's name and roles can be changed, or their leaving written down.
    pub fn change(self) -> Result<(), Refusal> {
        if self.left { Err(refusal("gone", "changed")) } else { Ok(()) }
    }

    /// Whether the leaving of the officer can be withdrawn.
    pub fn stay(self) -> Result<(), Refusal> {
        match self {
            Self { left: true, .. } => Err(refusal("gone", "kept")),
            Self { is_leaving: false, .. } => Err(refusal("not leaving", "kept")),
            _ => Ok(()),
        }
    }

    /// Whether a lost password and second factor of the officer can be replaced through a link. Only one who has joined has them.
    pub fn replace_credentials(self) -> Result<(), Refusal> {
        match self {
            Self { left: true, .. } => Err(refusal("gone", "given another second factor")),
            Self { joined: false, .. } => Err(refusal("not here yet", "given another second factor")),
            _ => Ok(()),
        }
    }
}

/// Whether the council keeps an administrator, without whom it could not help itself. `others` counts those besides this officer
/// who are confirmed and stay.
pub fn keep_an_administrator(before: &[OfficerRole], after: &[OfficerRole], others: usize) -> Result<(), Refusal> {
    let gives_it_up = before.contains(&OfficerRole::Administrator) && !after.contains(&OfficerRole::Administrator);
    if gives_it_up && others == 0 {
        return Err(refusal("the only administrator", "let go or given other roles"));
    }
    Ok(())
}

/// Whether the operator can invite officers. Once the council has an administrator whom somebody has confirmed, only its own
/// administrators can, so that the operator cannot let themselves in.
pub fn invite_first_officers(administrators: usize) -> Result<(), Refusal> {
    if administrators == 0 {
        return Ok(());
    }
    let state = "administered by its own officers";
    Err(Refusal::InvalidState { thing: "council", state, step: "given officers from here" })
}

pub(super) fn refusal(state: &'static str, step: &'static str) -> Refusal {
    Refusal::InvalidState { thing: "officer", state, step }
}

#[cfg(test)]
mod tests {
    use super::OfficerRole::{Administrator, Commissioner, Complaints};
    use super::*;

    type Step = fn(AppointmentState) -> Result<(), Refusal>;

    fn pointers(faults: Vec<Fault>) -> Vec<String> {
        faults.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn an_officer_has_a_role_and_each_once_and_nobody_changes_their_own() {
        assert_eq!(pointers(faults_of_roles(&[])), ["/roles"]);
        assert_eq!(pointers(faults_of_roles(&[Complaints, Complaints])), ["/roles"]);
        assert!(faults_of_roles(&[Complaints, Commissioner]).is_empty());
        assert!(change_own_roles(&[Complaints], &[Complaints]).is_empty());
        assert_eq!(pointers(change_own_roles(&[Complaints], &[Complaints, Commissioner])), ["/roles"]);
    }

    #[test]
    fn every_role_that_is_new_to_an_officer_waits() {
        assert_eq!(split(&[Administrator], &[]), (vec![], vec![Administrator]));
        let (working, waiting) = split(&[Commissioner, Complaints], &[Commissioner, Administrator]);
        assert_eq!((working, waiting), (vec![Commissioner], vec![Complaints]));
    }

    #[test]
    fn what_can_be_done_follows_from_where_an_officer_stands() {
        let new = AppointmentState { joined: false, is_leaving: false, left: false };
        let here = AppointmentState { joined: true, ..new };
        let leaving = AppointmentState { is_leaving: true, ..here };
        let gone = AppointmentState { left: true, ..leaving };
        let steps: [(Step, [bool; 4]); 4] = [
            (AppointmentState::invite_again, [true, false, false, false]),
            (AppointmentState::change, [true, true, true, false]),
            (AppointmentState::stay, [false, false, true, false]),
            (AppointmentState::replace_credentials, [false, true, true, false]),
        ];
        for (number, (step, expected)) in steps.into_iter().enumerate() {
            assert_eq!([new, here, leaving, gone].map(|state| step(state).is_ok()), expected, "step {number}");
        }
    }

    #[test]
    fn a_council_keeps_an_administrator_and_the_operator_invites_while_there_is_none() {
        assert!(keep_an_administrator(&[Administrator], &[], 0).is_err());
        assert!(keep_an_administrator(&[Administrator], &[], 1).is_ok());
        assert!(keep_an_administrator(&[Administrator, Complaints], &[Administrator], 0).is_ok());
        assert!(keep_an_administrator(&[Complaints], &[], 0).is_ok());
        assert!(invite_first_officers(0).is_ok());
        assert!(invite_first_officers(1).is_err());
    }
}
