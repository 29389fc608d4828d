//! Referrals that a practice received.

use almoner_domain::ids::ReferralId;
use almoner_domain::referrals::restriction::RestrictReferral;
use almoner_domain::referrals::state::ReferralStatus;
use almoner_persistence::referrals::{self, AcceptReferral, DeclineReferral, ReferralSummary, ReferralWithMatches};
use almoner_persistence::{Page, StoreError};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{CasesAllocate, Permission, ReferralsDecide, ReferralsRead, ReferralsRestrict};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Reply, ReplyOrNothing};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: list,
        read,
        accept refuses InvalidState NotDelegated RecordDiffers,
        decline refuses InvalidState,
        restrict refuses InvalidState,
        undo refuses InvalidState,
    );
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReferralsFilter {
    /// Returns only referrals with this status; those that wait for an answer, if this and `changed_since` are left out.
    #[param(inline = false)]
    status: Option<ReferralStatus>,
    /// Returns only referrals that changed at this moment or later. What was being changed just then may be seen a minute late:
    /// ask from a minute before the last time.
    changed_since: Option<DateTime<Utc>>,
}

/// Lists the referrals that wait for an answer, in the order in which they are due.
#[utoipa::path(get, path = "/referrals")]
async fn list(
    caller: Caller<ReferralsRead>,
    page: Query<PageQuery>,
    filter: Query<ReferralsFilter>,
) -> Result<Reply<Page<ReferralSummary>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| referrals::list(scope, filter.0.status, filter.0.changed_since, &paging)).await
}

/// Shows one referral, with its likely matches among known people.
#[utoipa::path(get, path = "/referrals/{id}")]
async fn read(caller: Caller<ReferralsRead>, id: Path<ReferralId>) -> Result<Reply<ReferralWithMatches>, ApiError> {
    caller.read(move |scope| referrals::read(scope, id.0)).await
}

/// Accepts a referral.
///
/// It finds or opens the person's record, opens the case, and allocates it to a worker. Where the record of the person who is
/// named differs from the message in name, date of birth or identifier, a reason is required, and kept with the differences. The
/// case belongs to the council that is responsible for the function, which `responsible_council` names; it says whether the
/// sender is only presumed to be it.
#[utoipa::path(post, path = "/referrals/{id}/accept")]
async fn accept(
    caller: Caller<ReferralsDecide>,
    id: Path<ReferralId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<AcceptReferral>,
) -> Result<Reply<ReferralWithMatches>, ApiError> {
    caller
        .scope(move |scope| {
            let mut accepted = None;
            let done = key.run(scope, &body, |scope, how| {
                let referral = referrals::find(scope, id.0)?;
                if_match.check_of(&referral)?;
                // Only a manager allocates cases to others. A social worker may allocate one to themselves.
                let other = how.allocate.as_ref().is_some_and(|to| to.staff_id != scope.staff_id());
                if other && !CasesAllocate::is_held(scope) {
                    return Err(
                        ApiError::new(Kind::Forbidden).detail("Only a manager may allocate a case to somebody else.")
                    );
                }
                accepted = Some(referrals::accept(scope, &referral, how)?);
                Ok(id.0)
            })?;
            let referral = match accepted {
                Some(found) => no_record::changed(referrals::accepted(scope, id.0, found)?),
                None => referrals::read_accepted(scope, id.0)?,
            };
            Ok(Reply::ok(&referral)?.replayed_if(&done))
        })
        .await
}

/// Declines a referral, with a reason. The council may send it to another practice.
#[utoipa::path(post, path = "/referrals/{id}/decline")]
async fn decline(
    caller: Caller<ReferralsDecide>,
    id: Path<ReferralId>,
    if_match: IfMatch,
    body: Body<DeclineReferral>,
) -> Result<Reply<ReferralWithMatches>, ApiError> {
    caller
        .change_and_show(
            if_match,
            move |scope| referrals::find(scope, id.0),
            move |scope, referral| referrals::decline(scope, referral, &body.value),
            move |scope| referrals::answered(scope, id.0).map(no_record::changed),
        )
        .await
}

/// Restricts a referral that waits to the members of staff named, who may be one screener and one manager.
///
/// It replaces those to whom the referral was open. The record that it opens is restricted to the same members of staff. The
/// caller may leave themselves out; the answer then says nothing.
#[utoipa::path(put, path = "/referrals/{id}/restriction")]
async fn restrict(
    caller: Caller<ReferralsRestrict>,
    id: Path<ReferralId>,
    if_match: IfMatch,
    body: Body<RestrictReferral>,
) -> Result<ReplyOrNothing<ReferralWithMatches>, ApiError> {
    caller
        .scope(move |scope| {
            let referral = referrals::find(scope, id.0)?;
            if_match.check_of(&referral)?;
            referrals::restrict(scope, &referral, &body.value)?;
            match referrals::answered(scope, id.0) {
                Ok(referral) => Ok(ReplyOrNothing::Reply(Reply::ok(&no_record::changed(referral))?)),
                Err(StoreError::NotFound) => Ok(ReplyOrNothing::Nothing),
                Err(error) => Err(error.into()),
            }
        })
        .await
}

/// Undoes an acceptance or a decline: the referral is received again, and is due when it was due before.
///
/// It is undone within an hour by the member of staff who answered, or by a manager. The case that an acceptance opened is
/// removed, and the record, if it opened one; nothing else may stand under either. A decline cannot be undone once the council
/// has sent the referral on.
#[utoipa::path(post, path = "/referrals/{id}/undo")]
async fn undo(
    caller: Caller<ReferralsDecide>,
    id: Path<ReferralId>,
    if_match: IfMatch,
    key: IdempotencyKey,
) -> Result<Reply<ReferralWithMatches>, ApiError> {
    caller
        .scope(move |scope| {
            let done = key.run_bare(scope, |scope| {
                let referral = referrals::find(scope, id.0)?;
                if_match.check_of(&referral)?;
                referrals::undo(scope, &referral)?;
                Ok::<_, ApiError>(id.0)
            })?;
            Ok(Reply::ok(&referrals::read(scope, id.0)?)?.replayed_if(&done))
        })
        .await
}
