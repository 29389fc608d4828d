//! The rule for who may ask for a case to be closed: the worker to whom it is allocated, or a manager; never a passing
//! colleague.

use crate::ids::StaffId;
use crate::people::grounds::ClosingGround;
use crate::refusal::Refusal;
use crate::staff::roles::Role;

/// The member of staff who asks, and what is known of their place in the case.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The member of staff who asks.
    pub id: StaffId,
    /// The roles of the member of staff.
    pub roles: &'a [Role],
    /// The worker to whom the case is allocated, if there is one.
    pub worker: Option<StaffId>,
    /// The ground on which a registrant agreed that this worker may ask.
    pub agreed_ground: Option<ClosingGround>,
}

/// Whose word a request to close a case rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The member of staff asks by themselves.
    Own,
    /// A practitioner asks with the agreement of a registrant, which serves once.
    Agreed,
}

impl Asker<'_> {
    /// Whether the member of staff may ask to close the case on this ground.
    pub fn may_close(&self, ground: ClosingGround) -> Result<Standing, Refusal> {
        if self.roles.contains(&Role::Manager) {
            return Ok(Standing::Own);
        }
        if self.worker != Some(self.id) {
            return Err(Refusal::NotAllocated);
        }
        if self.roles.contains(&Role::SocialWorker) {
            return Ok(Standing::Own);
        }
        if self.agreed_ground == Some(ground) { Ok(Standing::Agreed) } else { Err(Refusal::NoAgreement) }
    }
}

/// The agreement of a registrant that the practitioner who works on a case may ask to close it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ground": "agreed_with_person" }))]
pub struct AgreeToClosing {
    /// The ground on which the practitioner may ask. On another ground the agreement does not serve.
    pub ground: ClosingGround,
}

/// Whether a registrant may agree that the worker of a case asks to close it; the worker comes back. Nobody agrees to what
/// they ask themselves.
pub fn may_agree(registrant: StaffId, worker: Option<StaffId>) -> Result<StaffId, Refusal> {
    worker.filter(|worker| *worker != registrant).ok_or(Refusal::NobodyToAgreeWith)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> StaffId {
        StaffId::from(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn the_worker_or_a_manager_asks_and_a_practitioner_only_as_a_registrant_agreed() {
        use Role::{Manager, Practitioner, SocialWorker};
        let ground = |word| ClosingGround::parse(word).unwrap();
        let (other, died) = (ground("other"), ground("died"));
        let (own, agreed) = (Ok(Standing::Own), Ok(Standing::Agreed));
        for (roles, worker, agreed_ground, expected) in [
            (&[SocialWorker][..], Some(1), None, own.clone()),
            (&[SocialWorker], Some(2), None, Err(Refusal::NotAllocated)),
            (&[SocialWorker], None, None, Err(Refusal::NotAllocated)),
            (&[SocialWorker], Some(2), Some(other), Err(Refusal::NotAllocated)),
            (&[Practitioner], Some(1), None, Err(Refusal::NoAgreement)),
            (&[Practitioner], Some(1), Some(died), Err(Refusal::NoAgreement)),
            (&[Practitioner], Some(1), Some(other), agreed),
            (&[Practitioner], Some(2), Some(other), Err(Refusal::NotAllocated)),
            (&[Practitioner, SocialWorker], Some(1), None, own.clone()),
            (&[Manager], None, None, own.clone()),
            (&[Manager, Practitioner], Some(2), None, own),
            (&[], Some(1), None, Err(Refusal::NoAgreement)),
        ] {
            let asker = Asker { id: id(1), roles, worker: worker.map(id), agreed_ground };
            assert_eq!(asker.may_close(other), expected, "{asker:?}");
        }
    }

    #[test]
    fn a_registrant_agrees_with_somebody_else() {
        assert_eq!(may_agree(id(1), Some(id(2))), Ok(id(2)));
        assert_eq!(may_agree(id(1), Some(id(1))), Err(Refusal::NobodyToAgreeWith));
        assert_eq!(may_agree(id(1), None), Err(Refusal::NobodyToAgreeWith));
    }
}
