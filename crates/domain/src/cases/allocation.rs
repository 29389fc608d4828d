//! The rules for allocating a case to a worker.

use chrono::NaiveDate;

use crate::fault::Fault;
use crate::refusal::Refusal;
use crate::staff::registration::{Registration, may_decide};
use crate::staff::roles::Role;

/// The facts about the member of staff to whom a case is to be allocated.
#[derive(Clone, Copy, Debug)]
pub struct ProposedWorker<'a> {
    /// The roles of the member of staff; `None` if the identifier names nobody at this practice, or somebody who has
    /// left.
    pub roles: Option<&'a [Role]>,
    /// The entry in the register of social workers, if anybody has looked it up.
    pub registration: Option<&'a Registration>,
    /// Whether an access restriction closes the person's record to the member of staff.
    pub closed_to_them: bool,
}

impl ProposedWorker<'_> {
    /// Whether a case may be allocated to the member of staff today: a social worker whom the register lets practise,
    /// or a practitioner, to whom the person's record is open. Only the first fault is named, so that the answer does
    /// not disclose whether a record is closed to somebody who could not work on the case anyway.
    pub fn check(&self, today: NaiveDate) -> Result<(), Vec<Fault>> {
        let fault = |detail: String| Err(vec![Fault::new("/staff_id", detail)]);
        let Some(roles) = self.roles else { return fault("names nothing that is there".to_owned()) };
        if !roles.iter().any(|role| matches!(role, Role::SocialWorker | Role::Practitioner)) {
            return fault("must be a social worker or a practitioner".to_owned());
        }
        if let Err(Refusal::Barred(bar)) = may_decide(roles, self.registration, today) {
            return fault(format!("may not practise: {bar}"));
        }
        if self.closed_to_them {
            return fault("must be somebody to whom this record is open".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::registration::RegistrationStatus;

    #[test]
    fn a_case_goes_to_somebody_who_may_do_the_work_and_to_whom_the_record_is_open() {
        use Role::{Administrator, Manager, Practitioner, SocialWorker};
        let today: NaiveDate = "2026-11-20".parse().unwrap();
        let removed =
            Registration { status: RegistrationStatus::Removed, checked_on: today, registration_ends_on: None };
        let barred = "may not practise: the register of Social Work England gives the status removed";
        for (roles, registration, closed_to_them, fault) in [
            (Some(&[SocialWorker][..]), None, false, None),
            (Some(&[Manager, Practitioner]), None, false, None),
            (None, None, false, Some("names nothing that is there")),
            (Some(&[Manager, Administrator]), None, false, Some("must be a social worker or a practitioner")),
            (Some(&[Manager]), None, true, Some("must be a social worker or a practitioner")),
            (Some(&[SocialWorker]), Some(&removed), false, Some(barred)),
            (Some(&[Practitioner, SocialWorker]), Some(&removed), false, Some(barred)),
            (Some(&[SocialWorker]), Some(&removed), true, Some(barred)),
            (Some(&[Practitioner]), Some(&removed), false, None),
            (Some(&[Practitioner]), None, true, Some("must be somebody to whom this record is open")),
        ] {
            let worker = ProposedWorker { roles, registration, closed_to_them };
            let expected = fault.map_or(Ok(()), |detail| Err(vec![Fault::new("/staff_id", detail)]));
            assert_eq!(worker.check(today), expected, "{worker:?}");
        }
    }
}
