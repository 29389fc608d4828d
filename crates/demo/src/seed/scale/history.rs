//! What was done with each person of data at scale: one case, its worker, and notes.

use almoner_domain::cases::state::CaseState;
use almoner_domain::ids::{CouncilId, StaffId};
use almoner_persistence::cases::bulk::{PastCase, PastNote};
use almoner_persistence::people::bulk::WrittenPerson;
use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, RngExt};

use super::Ids;
use crate::Failure;
use crate::seed::sample_closures::CLOSURES_ON_EVIDENCE;
use crate::seed::sample_referrals::{GENERAL_NOTES, REFERRAL_TEMPLATES};

/// The notes of each case.
pub(super) const NOTES: usize = 10;

/// One case in this many is open; the others have ended.
pub(super) const CASES_PER_OPEN_CASE: usize = 4;

/// The members of staff and the council for whom cases are made.
pub(super) struct Office<'s> {
    pub(super) council: CouncilId,
    pub(super) manager: StaffId,
    pub(super) workers: &'s [StaffId],
}

/// Makes the case of the person with this number, which was opened soon after their record.
pub(super) fn case<'p>(
    rng: &mut StdRng,
    ids: &mut Ids,
    office: &Office<'_>,
    person: &'p WrittenPerson,
    number: usize,
    created_at: DateTime<Utc>,
) -> Result<PastCase<'p>, Failure> {
    let template = &REFERRAL_TEMPLATES[rng.random_range(0..REFERRAL_TEMPLATES.len())];
    let opened_at = created_at + TimeDelta::minutes(rng.random_range(5..600));
    let is_open = number.is_multiple_of(CASES_PER_OPEN_CASE);
    // Open cases go to the workers in turn, so that all have the same number of them.
    let turn = if is_open { number / CASES_PER_OPEN_CASE } else { usize::try_from(rng.next_u32())? };
    let mut at = opened_at + TimeDelta::hours(1);
    let mut notes = Vec::with_capacity(NOTES);
    for index in 0..NOTES {
        at += TimeDelta::minutes(rng.random_range(20..3_000));
        let (kind, text) =
            template.notes.get(index).copied().unwrap_or(GENERAL_NOTES[(index + number) % GENERAL_NOTES.len()]);
        notes.push(PastNote {
            id: ids.next(at).into(),
            kind: serde_json::from_value(kind.into())?,
            at,
            text: text.to_owned(),
        });
    }
    let closure = &CLOSURES_ON_EVIDENCE[rng.random_range(0..CLOSURES_ON_EVIDENCE.len())];
    let state = if is_open {
        CaseState::Open
    } else {
        CaseState::Closed {
            at: at + TimeDelta::hours(2),
            ground: serde_json::from_value(closure.ground.into())?,
            outcome: serde_json::from_value(closure.outcome.into())?,
        }
    };
    Ok(PastCase {
        id: ids.next(opened_at).into(),
        person,
        council_id: office.council,
        function: serde_json::from_value(template.function.into())?,
        priority: serde_json::from_value(if rng.random_bool(0.1) { "urgent" } else { "routine" }.into())?,
        state,
        opened_at,
        opened_by: office.manager,
        allocated_at: opened_at + TimeDelta::minutes(20),
        allocation_id: ids.next(opened_at).into(),
        worker: office.workers[turn % office.workers.len()],
        reason: "Has room, and works in the district.".to_owned(),
        notes,
    })
}
