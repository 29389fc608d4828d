//! The rules for allocating a case to a worker.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::ids::{InstructionId, StaffId};
use crate::people::evidence::{Evidence, evidence_for, with_evidence};
use crate::people::grounds::{Ground, MovingGround};
use crate::refusal::Refusal;
use crate::staff::registration::{LookUp, may_decide};
use crate::staff::roles::Role;
use crate::words::text::Passage;
use crate::words::unread::Unread;

/// A request to allocate a case to a worker. If another worker has the case it is taken from them, which is an adverse action:
/// the ground decides its effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "staff_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "reason": "Knows the family and signs British Sign Language.",
    "ground": "worker_absent",
}))]
pub struct AllocateCase {
    /// The worker to whom the case is allocated.
    pub staff_id: StaffId,
    /// The reason for choosing this worker, and for taking the case from the one who has it.
    #[schema(value_type = Passage<1000>)]
    pub reason: Unread,
    /// The ground for taking the case from the worker who has it. It is required if another worker has the case, and left out
    /// if nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<MovingGround>)]
    pub ground: Option<Unread>,
    /// The evidence. The grounds `worker_left` and `person_asked` require it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// The instruction of the council on which the case is taken from its worker. The ground `council_instruction` requires it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction_id: Option<InstructionId>,
}

/// An allocation that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Allocating {
    /// The worker to whom the case is allocated.
    pub to: StaffId,
    /// The reason, and the evidence where there is some, in words.
    pub words: String,
    /// The worker from whom the case is taken, and the ground; `None` if nobody loses it.
    pub moved: Option<(StaffId, MovingGround)>,
    /// The council's instruction, where the ground is one.
    pub instruction: Option<InstructionId>,
}

impl AllocateCase {
    /// Reads the request, as of `today`, for a case that this worker has. All its faults are told at once.
    pub fn read(&self, worker: Option<StaffId>, today: NaiveDate) -> Result<Allocating, Vec<Fault>> {
        let mut faults = Vec::new();
        let reason = self.reason.read("/reason", Passage::<1000>::parse, &mut faults);
        let from = worker.filter(|worker| *worker != self.staff_id);
        let ground = self.ground.as_ref().and_then(|word| word.read("/ground", MovingGround::parse, &mut faults));
        match (from, &self.ground) {
            (Some(_), None) => faults.push(Fault::new("/ground", "is required: another worker has the case")),
            (None, Some(_)) => faults.push(Fault::new("/ground", "must be left out: no worker loses the case")),
            (Some(_), Some(_)) | (None, None) => {}
        }
        let is_instructed = ground.is_some_and(|ground| ground.ground() == Ground::CouncilInstruction);
        match self.instruction_id {
            None if is_instructed => {
                faults.push(Fault::new("/instruction_id", "is required: only the council gives this ground"));
            }
            Some(_) if !is_instructed => {
                faults.push(Fault::new(
                    "/instruction_id",
                    "must be left out: the ground is no instruction of the council's",
                ));
            }
            _ => {}
        }
        let evidence = evidence_for(ground.map(MovingGround::effect), self.evidence.as_ref(), today, &mut faults);
        match reason {
            Some(reason) if faults.is_empty() => Ok(Allocating {
                to: self.staff_id,
                words: with_evidence(reason.as_str(), evidence.as_ref()),
                moved: from.zip(ground),
                instruction: self.instruction_id,
            }),
            _ => Err(faults),
        }
    }
}

/// The facts about the member of staff to whom a case is to be allocated.
#[derive(Clone, Copy, Debug)]
pub struct ProposedWorker<'a> {
    /// The roles of the member of staff; `None` if the identifier names nobody at this practice, or somebody who has
    /// left.
    pub roles: Option<&'a [Role]>,
    /// What is known of the member of staff from the register of social workers.
    pub registration: LookUp,
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
    use crate::people::grounds::{AdverseAction, Effect, Ground};
    use crate::staff::registration::{Registration, RegistrationStatus};

    fn id(n: u128) -> StaffId {
        StaffId::from(uuid::Uuid::from_u128(n))
    }

    fn read(worker: Option<u128>, ground: Option<&str>, evidence: bool) -> Result<Allocating, Vec<String>> {
        let evidence = evidence.then(|| Evidence {
            what: "She said so when she rang on Thursday.".into(),
            on: "2026-11-19".into(),
            from: "her".into(),
        });
        let instruction_id =
            (ground == Some("council_instruction")).then(|| InstructionId::from(uuid::Uuid::from_u128(9)));
        let (reason, ground) = ("Has room.".into(), ground.map(Into::into));
        let request = AllocateCase { staff_id: id(2), reason, ground, evidence, instruction_id };
        let read = request.read(worker.map(id), "2026-11-20".parse().unwrap());
        read.map_err(|faults| faults.into_iter().map(|fault| fault.pointer).collect())
    }

    #[test]
    fn taking_a_case_from_its_worker_needs_a_ground_and_giving_it_to_its_first_needs_none() {
        for worker in [None, Some(2)] {
            assert_eq!(read(worker, None, false).map(|read| read.moved), Ok(None), "{worker:?}");
            let stray = read(worker, Some("worker_absent"), false).err();
            assert_eq!(stray, Some(vec!["/ground".to_owned()]), "{worker:?}");
        }
        assert_eq!(read(Some(1), None, false).err(), Some(vec!["/ground".to_owned()]));
        for word in Ground::ALL.iter().map(|ground| ground.as_str()).chain(["moved_away", "", "\0"]) {
            let effect = AdverseAction::MovingWorkerOff.ground(word).ok().map(|(_, effect)| effect);
            let expected: &[&str] = match effect {
                None => &["/ground"],
                Some(Effect::AtOnceWithEvidence) => &["/evidence"],
                Some(_) => &[],
            };
            let without = read(Some(1), Some(word), false).err().unwrap_or_default();
            assert_eq!(without, expected, "{word}");
            if effect.is_some() {
                let with = read(Some(1), Some(word), true).unwrap();
                assert_eq!(with.moved, Some((id(1), MovingGround::parse(word).unwrap())), "{word}");
                assert!(with.words.starts_with("Has room.\n\nEvidence: She said so"), "{}", with.words);
            }
        }
    }

    #[test]
    fn all_faults_of_an_allocation_are_told_at_once() {
        let request = AllocateCase {
            staff_id: id(2),
            reason: "\0".into(),
            ground: Some("died".into()),
            evidence: Some(Evidence { what: "e".into(), on: "2026-11-21".into(), from: "x".into() }),
            instruction_id: Some(InstructionId::from(uuid::Uuid::from_u128(9))),
        };
        let faults = request.read(Some(id(1)), "2026-11-20".parse().unwrap()).err().unwrap_or_default();
        let pointers: Vec<String> = faults.into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(
            pointers,
            ["/reason", "/ground", "/instruction_id", "/evidence/what", "/evidence/on", "/evidence/from"]
        );
    }

    #[test]
    fn the_councils_instruction_is_named_where_it_is_the_ground_and_nowhere_else() {
        let ask = |worker: Option<u128>, ground: Option<&str>, instruction: Option<u128>| {
            let request = AllocateCase {
                staff_id: id(2),
                reason: "Has room.".into(),
                ground: ground.map(Into::into),
                evidence: None,
                instruction_id: instruction.map(|n| InstructionId::from(uuid::Uuid::from_u128(n))),
            };
            let read = request.read(worker.map(id), "2026-11-20".parse().unwrap());
            read.map(|read| read.instruction).map_err(|faults| faults[0].pointer.clone())
        };
        let named = Ok(Some(InstructionId::from(uuid::Uuid::from_u128(9))));
        assert_eq!(ask(Some(1), Some("council_instruction"), Some(9)), named);
        assert_eq!(ask(Some(1), Some("worker_absent"), None), Ok(None));
        for (worker, ground, instruction) in [
            (Some(1), Some("council_instruction"), None),
            (Some(1), Some("worker_absent"), Some(9)),
            (None, None, Some(9)),
        ] {
            assert_eq!(ask(worker, ground, instruction), Err("/instruction_id".to_owned()), "{ground:?}");
        }
    }

    #[test]
    fn a_case_goes_to_somebody_who_may_do_the_work_and_to_whom_the_record_is_open() {
        use Role::{Administrator, Manager, Practitioner, SocialWorker};
        let today: NaiveDate = "2026-11-20".parse().unwrap();
        let removed =
            Some(Registration { status: RegistrationStatus::Removed, checked_on: today, registration_ends_on: None });
        let barred = "may not practise: the register of Social Work England gives the status removed";
        for (roles, registration, closed_to_them, fault) in [
            (Some(&[SocialWorker][..]), None, false, None),
            (Some(&[Manager, Practitioner]), None, false, None),
            (None, None, false, Some("names nothing that is there")),
            (Some(&[Manager, Administrator]), None, false, Some("must be a social worker or a practitioner")),
            (Some(&[Manager]), None, true, Some("must be a social worker or a practitioner")),
            (Some(&[SocialWorker]), removed, false, Some(barred)),
            (Some(&[Practitioner, SocialWorker]), removed, false, Some(barred)),
            (Some(&[SocialWorker]), removed, true, Some(barred)),
            (Some(&[Practitioner]), removed, false, None),
            (Some(&[Practitioner]), None, true, Some("must be somebody to whom this record is open")),
        ] {
            let worker = ProposedWorker { roles, registration: LookUp::new(registration, Some(today)), closed_to_them };
            let expected = fault.map_or(Ok(()), |detail| Err(vec![Fault::new("/staff_id", detail)]));
            assert_eq!(worker.check(today), expected, "{worker:?}");
        }
    }
}
