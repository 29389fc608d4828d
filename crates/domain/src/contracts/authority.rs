//! The authority under which a practice does a piece of work for a council.

use crate::contracts::function::Function;
use crate::ids::{CouncilId, DelegationId};
use crate::refusal::Refusal;

/// The council that answers for a piece of work, and the delegation under which the practice does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The responsible council.
    pub council_id: CouncilId,
    /// The delegation (Care Act 2014 s79); a safeguarding enquiry has none: it is made under the council's instruction
    /// (s42(2)).
    pub delegation_id: Option<DelegationId>,
}

impl Authority {
    /// Returns the authority under which the practice may do this work today. `council_id` is the responsible council,
    /// if it is registered here. `in_force` is the delegation of this function by that council to this practice that is
    /// in force today.
    pub fn of(
        function: Function,
        council_id: Option<CouncilId>,
        in_force: Option<DelegationId>,
    ) -> Result<Self, Refusal> {
        let council_id = council_id.ok_or(Refusal::NotDelegated(function))?;
        let delegation_id = match function {
            Function::SafeguardingEnquiry => None,
            _ => Some(in_force.ok_or(Refusal::NotDelegated(function))?),
        };
        Ok(Self { council_id, delegation_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_work_but_a_safeguarding_enquiry_is_done_under_a_delegation_in_force() {
        let council = CouncilId::from(uuid::Uuid::from_u128(1));
        let delegation = DelegationId::from(uuid::Uuid::from_u128(2));
        for function in Function::ALL {
            let enquiry = *function == Function::SafeguardingEnquiry;
            let of = |council, in_force| Authority::of(*function, council, in_force);
            let refused = Err(Refusal::NotDelegated(*function));
            let under = |delegation_id| Ok(Authority { council_id: council, delegation_id });
            assert_eq!(of(Some(council), Some(delegation)), under((!enquiry).then_some(delegation)), "{function:?}");
            assert_eq!(of(Some(council), None), if enquiry { under(None) } else { refused.clone() }, "{function:?}");
            assert_eq!(of(None, None), refused, "{function:?}");
            assert_eq!(of(None, Some(delegation)), refused, "{function:?}");
        }
    }
}
