//! What the council's safeguarding duty is told of: that somebody is in danger or may be, who it is, and where.

use almoner_domain::ids::SafeguardingAlertId;
use almoner_persistence::Page;
use almoner_persistence::complaints::safeguarding::{self, SafeguardingAlert, SafeguardingAlertSummary, TakeAlert};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::SafeguardingDuty;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, read, take refuses InvalidState);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AlertsThatAre {
    /// Whether those alone are listed that nobody has taken up.
    #[serde(default)]
    untaken: bool,
}

/// Lists the safeguarding concerns of which the council's duty was told, the newest first.
///
/// Whoever lodges a complaint is asked whether somebody is in danger. Where the answer is yes or unsure, it stands here at once, with the
/// person and the place, and not a word of the complaint. So does a concern that comes to light while a complaint is looked into. The feed
/// of events says of each `safeguarding.alerted`, and each hour until somebody takes it up `safeguarding.untaken`.
#[utoipa::path(get, path = "/safeguarding-alerts")]
async fn list(
    caller: Caller<SafeguardingDuty>,
    page: Query<PageQuery>,
    which: Query<AlertsThatAre>,
) -> Result<Reply<Page<SafeguardingAlertSummary>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| safeguarding::list(scope, &paging, which.0.untaken)).await
}

/// Shows one safeguarding concern of which the council's duty was told.
#[utoipa::path(get, path = "/safeguarding-alerts/{id}")]
async fn read(
    caller: Caller<SafeguardingDuty>,
    id: Path<SafeguardingAlertId>,
) -> Result<Reply<SafeguardingAlert>, ApiError> {
    caller.read(move |scope| safeguarding::read(scope, id.0)).await
}

/// Takes a safeguarding concern up, and records what was done at once.
///
/// What follows is recorded where the council records its safeguarding enquiries (Care Act 2014 s42).
#[utoipa::path(post, path = "/safeguarding-alerts/{id}/take")]
async fn take(
    caller: Caller<SafeguardingDuty>,
    id: Path<SafeguardingAlertId>,
    key: IdempotencyKey,
    body: Body<TakeAlert>,
) -> Result<Created<SafeguardingAlert>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, with| safeguarding::take(scope, id.0, with),
            move |scope, _| safeguarding::read(scope, id.0),
            |alert| format!("/v1/council/safeguarding-alerts/{}", alert.id),
        )
        .await
}
