//! The rules for opening a case without a referral.

use crate::contracts::authority::Authority;
use crate::contracts::function::Function;
use crate::fault::Fault;
use crate::ids::{CouncilId, DelegationId};
use crate::people::about::AboutPerson;
use crate::refusal::Refusal;

/// The facts about a case that somebody wants to open without a referral.
#[derive(Clone, Copy, Debug)]
pub struct OpeningFacts {
    /// The function under which the work is to be done.
    pub function: Function,
    /// The person, if they have a record that is open to whoever asks.
    pub person: Option<AboutPerson>,
    /// The council of the code that was given, if there is one here.
    pub council_id: Option<CouncilId>,
    /// The delegation of the function by that council to this practice that is in force today, if any.
    pub in_force: Option<DelegationId>,
}

impl OpeningFacts {
    /// Whether the content says something from which a case can be opened: the person comes back. `council_fault` is what is
    /// wrong with a code that is or was a council's.
    pub fn check(&self, council_fault: Option<String>) -> Result<AboutPerson, Vec<Fault>> {
        let mut faults = Vec::new();
        if self.function == Function::SafeguardingEnquiry {
            let detail = "an enquiry is opened by accepting the council's referral with its instruction";
            faults.push(Fault::new("/function", detail));
        }
        if self.person.is_none() {
            faults.push(Fault::new("/service_user_id", "names nothing that is there"));
        }
        if self.council_id.is_none() {
            let unknown = || "is not the code of a council that uses the service".to_owned();
            faults.push(Fault::new("/council", council_fault.unwrap_or_else(unknown)));
        }
        self.person.filter(|_| faults.is_empty()).ok_or(faults)
    }

    /// Returns the authority under which the work is done.
    pub fn authority(&self) -> Result<Authority, Refusal> {
        Authority::of(self.function, self.council_id, self.in_force)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_opened_for_a_known_person_and_council_and_never_for_an_enquiry() {
        let council = Some(CouncilId::from(uuid::Uuid::from_u128(1)));
        let known = AboutPerson {
            service_user_id: uuid::Uuid::from_u128(3).into(),
            access_restricted: false,
            team_id: uuid::Uuid::from_u128(4).into(),
        };
        for (function, is_known, council_id, faults) in [
            (Function::Review, true, council, vec![]),
            (Function::SafeguardingEnquiry, true, council, vec!["/function"]),
            (Function::Review, false, council, vec!["/service_user_id"]),
            (Function::Review, true, None, vec!["/council"]),
            (Function::SafeguardingEnquiry, false, None, vec!["/function", "/service_user_id", "/council"]),
        ] {
            let facts = OpeningFacts { function, person: is_known.then_some(known), council_id, in_force: None };
            let found = facts.check(None).err().unwrap_or_default();
            assert_eq!(found.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>(), faults, "{facts:?}");
        }
    }

    #[test]
    fn without_a_delegation_in_force_it_is_not_opened() {
        let facts = OpeningFacts {
            function: Function::Review,
            person: None,
            council_id: Some(CouncilId::from(uuid::Uuid::from_u128(1))),
            in_force: None,
        };
        assert_eq!(facts.authority(), Err(Refusal::NotDelegated(Function::Review)));
        let in_force = Some(DelegationId::from(uuid::Uuid::from_u128(2)));
        assert_eq!(OpeningFacts { in_force, ..facts }.authority().unwrap().delegation_id, in_force);
    }
}
