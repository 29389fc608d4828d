//! Unsealing the identity in a confidential complaint, for a reason and for an hour.

use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, UnsealingId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reading::find;
use crate::ground::callers::ComplaintsPerson;
use crate::ground::error::StoreError;
use crate::ground::schema::complaint_unsealings;
use crate::ground::scope::ComplaintsScope;

/// The time for which the identity in a confidential complaint is open to whoever unsealed it.
const UNSEALED_FOR: TimeDelta = TimeDelta::minutes(60);

/// A reason for unsealing the identity in a confidential complaint.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "To agree with you when it is safe to ring." }))]
pub struct Unseal {
    /// The reason for unsealing the identity. The complainant reads it.
    pub reason: Passage<1000>,
}

/// Until when the identity in a complaint is unsealed for the caller; `None` if it is not.
pub(super) fn unsealed_until(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let own = complaint_unsealings::table
        .filter(complaint_unsealings::council_id.eq(scope.council_id()).and(complaint_unsealings::complaint_id.eq(id)))
        .filter(complaint_unsealings::ends_at.gt(scope.at()))
        .select(max(complaint_unsealings::ends_at));
    Ok(match scope.worker().person {
        ComplaintsPerson::Officer(officer) => {
            own.filter(complaint_unsealings::officer_id.eq(officer)).first(scope.conn)?
        }
        ComplaintsPerson::Guest(guest) => own.filter(complaint_unsealings::guest_id.eq(guest)).first(scope.conn)?,
    })
}

/// Unseals the identity in a complaint for the caller, for an hour and for a reason, which the complainant reads.
pub fn unseal(scope: &mut ComplaintsScope<'_>, id: ComplaintId, with: &Unseal) -> Result<UnsealingId, StoreError> {
    let complaint = find(scope, id)?;
    if !complaint.confidential {
        return Err(Refusal::InvalidState { thing: "complaint", state: "not confidential", step: "unsealed" }.into());
    }
    let (person, at) = (scope.worker().person, scope.at());
    let sealed = complaint.sealed;
    let unsealing: UnsealingId = scope.next_id();
    let field = sealed.of("complaint_unsealings", "reason", unsealing.uuid());
    let reason = scope.key(sealed.council.uuid(), sealed.key_id)?.seal(field, with.reason.as_str())?;
    diesel::insert_into(complaint_unsealings::table)
        .values((
            complaint_unsealings::council_id.eq(sealed.council),
            complaint_unsealings::complaint_id.eq(id),
            complaint_unsealings::unsealing_id.eq(unsealing),
            complaint_unsealings::officer_id.eq(person.officer()),
            complaint_unsealings::guest_id.eq(person.guest()),
            complaint_unsealings::reason.eq(reason),
            complaint_unsealings::unsealed_at.eq(at),
            complaint_unsealings::ends_at.eq(at + UNSEALED_FOR),
        ))
        .execute(scope.conn)?;
    scope.record_because(Event::ComplaintUnsealed { complaint: id }, with.reason.as_str())?;
    Ok(unsealing)
}
