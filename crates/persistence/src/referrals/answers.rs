//! The practice's answers: it accepts a referral, or declines it.

use crate::cases::{self, Allocate, Opening};
use crate::contracts;
use crate::ground::audit::Chain;
use crate::ground::error::StoreError;
use crate::ground::schema::{council_requests, referrals};
use crate::ground::scope::PracticeScope;
use crate::people::service_users::{self};
use crate::tenancy::capacity::release_capacity;
use almoner_domain::cases::case::Priority;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{CaseId, ServiceUserId, TeamId};
use almoner_domain::referrals::message::{Function, Urgency};
use almoner_domain::referrals::state::{DeclineReason, ReferralStatus};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::Passage;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::inbox::{Referral, find, place};
use super::recognition::recognise;

/// How a referral is accepted.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "priority": "routine",
    "allocate": { "staff_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "reason": "Has room, and works in the district." },
}))]
pub struct AcceptReferral {
    /// The known person who is meant; left out, a record is opened for them.
    #[serde(default)]
    pub service_user_id: Option<ServiceUserId>,
    /// How soon the work is wanted; from the referral's urgency if left out.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// Who is to work on it; nobody yet, if left out.
    #[serde(default)]
    pub allocate: Option<Allocate>,
}

/// How a referral is declined.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "no_capacity" }))]
pub struct DeclineReferral {
    /// Why.
    pub reason: DeclineReason,
    /// More, for the practice's own record.
    #[serde(default)]
    pub note: Option<Passage<1000>>,
}

/// Accepts a referral: finds or opens the person's record, opens the case, and gives it to a worker, all or nothing.
pub fn accept(scope: &mut PracticeScope<'_>, referral: &Referral, how: &AcceptReferral) -> Result<(), StoreError> {
    scope.decision()?;
    let status = referral.status.accept()?;
    let function = referral.message.function;
    // The council of ordinary residence is responsible (Care Act 2014 s39), whoever sent the person; an enquiry is made
    // under the sender's instruction (s42(2)).
    let council_id = match &referral.message.person.ordinary_residence {
        Some(code) if function != Function::SafeguardingEnquiry => {
            contracts::council_of(scope, code)?.ok_or(Refusal::NotDelegated(function))?
        }
        _ => referral.council_id,
    };
    let delegation_id = match function {
        Function::SafeguardingEnquiry => None,
        _ => Some(contracts::live_delegation(scope, council_id, function)?.ok_or(Refusal::NotDelegated(function))?),
    };
    if referral.guarded && how.service_user_id.is_some_and(|id| Some(id) != referral.service_user_id) {
        let detail = "must be the person whom the referral was recognised to be about";
        return Err(StoreError::Unfit(vec![Fault::new("/service_user_id", detail)]));
    }
    let person = match how.service_user_id.or(referral.service_user_id) {
        Some(id) => recognise(scope, referral, id)?,
        None => service_users::create(scope, &referral.details())?,
    };
    let priority = how.priority.unwrap_or(match referral.message.urgency {
        Urgency::Standard => Priority::Routine,
        Urgency::Urgent => Priority::Urgent,
        Urgency::Immediate => Priority::Immediate,
    });
    let person = service_users::find(scope, person)?.about();
    let case_id = cases::open(
        scope,
        &Opening { person, council_id, delegation_id, referral_id: Some(referral.id), function, priority },
    )?;
    if let Some(to) = &how.allocate {
        let case = cases::find(scope, case_id)?;
        cases::allocate(scope, &case, to).map_err(|error| below("/allocate", error))?;
    }
    let decision = Decision {
        service_user_id: Some(person.service_user_id),
        guarded: person.guarded,
        team_id: person.team_id,
        case_id: Some(case_id),
        decline_reason: None,
        decline_note: None,
    };
    save(scope, referral, status, &decision, "referral.accepted")
}

fn below(parent: &str, error: StoreError) -> StoreError {
    match error {
        StoreError::Unfit(faults) => StoreError::Unfit(
            faults.into_iter().map(|fault| Fault::new(format!("{parent}{}", fault.pointer), fault.detail)).collect(),
        ),
        other => other,
    }
}

/// Declines a referral: the council may send it to another practice.
pub fn decline(scope: &mut PracticeScope<'_>, referral: &Referral, how: &DeclineReferral) -> Result<(), StoreError> {
    scope.decision()?;
    let status = referral.status.decline()?;
    let practice = scope.practice_id();
    release_capacity(scope, practice)?;
    let decline_note = match &how.note {
        Some(note) => {
            let place = place(scope, "decline_note", referral.id);
            Some(scope.key(place.owner, referral.key_id)?.seal(place, note)?)
        }
        None => None,
    };
    let decision = Decision {
        service_user_id: referral.service_user_id,
        guarded: referral.guarded,
        team_id: referral.team_id,
        case_id: None,
        decline_reason: Some(how.reason),
        decline_note,
    };
    save(scope, referral, status, &decision, "referral.declined")
}

#[derive(AsChangeset)]
#[diesel(table_name = referrals)]
struct Decision {
    service_user_id: Option<ServiceUserId>,
    guarded: bool,
    team_id: TeamId,
    case_id: Option<CaseId>,
    decline_reason: Option<DeclineReason>,
    decline_note: Option<Vec<u8>>,
}

/// Writes the decision here and at the council, with its audit row and its event.
fn save(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
    status: ReferralStatus,
    decision: &Decision,
    event: &'static str,
) -> Result<(), StoreError> {
    let at = scope.at();
    let changed = diesel::update(referrals::table)
        .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq(referral.id)))
        .filter(referrals::version.eq(referral.version))
        .set((
            decision,
            referrals::status.eq(status),
            referrals::decided_at.eq(at),
            referrals::decided_by.eq(scope.staff_id()),
            referrals::version.eq(referral.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::Changed(find(scope, referral.id)?.version));
    }
    let told = diesel::update(council_requests::table)
        .filter(council_requests::council_id.eq(referral.council_id))
        .filter(council_requests::council_request_id.eq(referral.council_request_id))
        .set((
            council_requests::status.eq(status),
            council_requests::decided_at.eq(at),
            council_requests::decline_reason.eq(decision.decline_reason),
            council_requests::version.eq(council_requests::version + 1),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(told, "the council's request")?;
    scope.announce(referral.council_id.uuid(), event, referral.council_request_id.uuid())?;
    scope.audit(Chain::Practice, event, referral.id.uuid(), decision.service_user_id)
}
