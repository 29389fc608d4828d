//! The restriction of a referral that waits to named members of staff, until it is accepted.

use almoner_domain::events::Event;
use almoner_domain::ids::{PracticeId, ServiceUserId, StaffId};
use almoner_domain::referrals::restriction::{Before, Named, RestrictReferral, keep_a_manager};
use almoner_domain::referrals::state::ReferralStatus;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::inbox::{Referral, ReferralRow, sealed_field};
use crate::documents;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{referrals, staff};
use crate::ground::scope::{PracticeScope, Scope};
use crate::people::access_restrictions::staff_without_access;
use crate::staff::names::{Worker, workers};
use crate::staff::presence::not_gone;
use crate::staff::roles::{lasting_managers, parse_roles};

/// The members of staff to whom a referral is open, and the reason.
#[derive(Clone, Serialize, ToSchema)]
pub struct ReferralRestriction {
    /// The reason for the restriction: the practice's, or else the council's.
    #[schema(value_type = almoner_domain::words::text::Passage<1000>)]
    pub reason: String,
    /// The members of staff who may see the referral.
    #[schema(max_items = 200)]
    pub staff: Vec<Worker>,
}

/// Restricts a referral that waits to the members of staff named, in place of those to whom it was open.
pub fn restrict(scope: &mut PracticeScope<'_>, referral: &Referral, how: &RestrictReferral) -> Result<(), StoreError> {
    referral.status.restrict()?;
    check(scope, referral, how)?;
    let practice = scope.practice_id();
    let field = sealed_field(scope, "restriction_reason", referral.id);
    let reason = scope.key(field.owner, referral.key_id)?.seal(field, &how.reason)?;
    // The caller may leave themselves out, and the policy would refuse the row from them.
    let changed = scope.as_intake(|scope| {
        let changed = update(referrals::table)
            .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(referral.id)))
            .filter(referrals::version.eq(referral.version))
            .set((
                referrals::open_to.eq(Some(&how.staff)),
                referrals::restriction_reason.eq(Some(&reason)),
                referrals::changed_at.eq(scope.at()),
                referrals::version.eq(referral.version + 1),
            ))
            .execute(scope.conn)?;
        documents::open_to(scope, practice, referral.id, &how.staff)?;
        Ok(changed)
    })?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(super::find(scope, referral.id)?.version));
    }
    scope.record(Event::ReferralRestricted { referral: referral.id, person: referral.service_user_id })
}

fn check(scope: &mut PracticeScope<'_>, referral: &Referral, how: &RestrictReferral) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let lasting = lasting_managers(scope, practice)?;
    let rows: Vec<(StaffId, String, Vec<String>)> = staff::table
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq_any(&how.staff)).and(not_gone!(scope.at())))
        .select((staff::staff_id, staff::name, staff::roles))
        .load(scope.conn)?;
    let mut colleagues = Vec::with_capacity(rows.len());
    for (id, name, roles) in rows {
        let lasts_as_manager = lasting.iter().any(|(manager, _)| *manager == id);
        colleagues.push(Named { id, name, roles: parse_roles(&roles)?, lasts_as_manager });
    }
    let closed_to = closed_to(scope, referral.service_user_id)?;
    let not_to_see = referral.message.restricted.as_ref().map(|mark| mark.not_to_see.as_slice()).unwrap_or_default();
    let open_to = referral.open_to.as_deref().unwrap_or_default();
    how.check(&Before { colleagues: &colleagues, closed_to: &closed_to, not_to_see, open_to })
        .map_err(StoreError::ValidationFailed)
}

fn closed_to(scope: &mut PracticeScope<'_>, person: Option<ServiceUserId>) -> Result<Vec<StaffId>, StoreError> {
    let practice = scope.practice_id();
    person.map_or(Ok(Vec::new()), |person| staff_without_access(scope, practice, person))
}

/// Finds the restriction of a referral, if it has one.
pub(super) fn restriction_of(
    scope: &mut PracticeScope<'_>,
    row: &ReferralRow,
    councils_reason: Option<&str>,
) -> Result<Option<ReferralRestriction>, StoreError> {
    let Some(open_to) = &row.open_to else { return Ok(None) };
    let own: Option<String> = row.open(scope, "restriction_reason", row.restriction_reason.as_deref())?;
    let reason = own.or_else(|| councils_reason.map(str::to_owned)).unwrap_or_default();
    Ok(Some(ReferralRestriction { reason, staff: workers(scope, open_to)? }))
}

/// Refuses a change after which a restricted referral that waits would be open to no manager. The member of staff is about to
/// leave, or to lose the role. An administrator of staff need not be able to see the referral.
pub(crate) fn expect_to_be_screened(scope: &mut PracticeScope<'_>, member: StaffId) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    scope.as_identity(|scope| check_to_be_screened(scope, practice, member))
}

/// The same, for a role that sees to whom each referral is open.
pub(crate) fn check_to_be_screened(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    member: StaffId,
) -> Result<(), StoreError> {
    let waiting = [ReferralStatus::Received, ReferralStatus::InformationRequested];
    let open_to: Vec<Option<Vec<StaffId>>> = referrals::table
        .filter(referrals::practice_id.eq(practice).and(referrals::status.eq_any(waiting)))
        .filter(referrals::open_to.contains(vec![member]))
        .select(referrals::open_to)
        .load(scope.conn)?;
    let open_to: Vec<Vec<StaffId>> = open_to.into_iter().flatten().collect();
    if open_to.is_empty() {
        return Ok(());
    }
    let managers: Vec<StaffId> = lasting_managers(scope, practice)?.into_iter().map(|(id, _)| id).collect();
    Ok(keep_a_manager(&managers, &open_to)?)
}
