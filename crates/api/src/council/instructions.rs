//! The instructions that the council gives to its practices. An officer gives them; no system does.

use almoner_domain::ids::InstructionId;
use almoner_domain::referrals::instructing::{GiveInstruction, InstructionStatus};
use almoner_persistence::Page;
use almoner_persistence::referrals::instructions::{self, CouncilInstruction};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::{GivenInstructionsRead, InstructionsGive};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, give, read, withdraw refuses InvalidState);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InstructionsThatAre {
    /// Returns only instructions with this status.
    status: Option<InstructionStatus>,
}

/// Lists the instructions that the council gave to practices, the newest first.
#[utoipa::path(get, path = "/instructions")]
async fn list(
    caller: Caller<GivenInstructionsRead>,
    page: Query<PageQuery>,
    which: Query<InstructionsThatAre>,
) -> Result<Reply<Page<CouncilInstruction>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| instructions::list_given(scope, which.0.status, &paging)).await
}

/// Instructs the practice that has the case of a referral of the council's.
///
/// The practice reads the council, the time and the words, and not who gave the instruction. It acts on it once, at once, and the council
/// finds what was done among what it confirms.
#[utoipa::path(post, path = "/instructions")]
async fn give(
    caller: Caller<InstructionsGive>,
    key: IdempotencyKey,
    body: Body<GiveInstruction>,
) -> Result<Created<CouncilInstruction>, ApiError> {
    caller
        .create_record(
            key,
            body,
            instructions::give,
            |scope, id| instructions::read_given(scope, id.into()),
            |given| format!("/v1/council/instructions/{}", given.id),
        )
        .await
}

/// Shows an instruction that the council gave to a practice.
#[utoipa::path(get, path = "/instructions/{id}")]
async fn read(
    caller: Caller<GivenInstructionsRead>,
    id: Path<InstructionId>,
) -> Result<Reply<CouncilInstruction>, ApiError> {
    caller.read(move |scope| instructions::read_given(scope, id.0)).await
}

/// Withdraws an instruction on which the practice has not acted.
#[utoipa::path(post, path = "/instructions/{id}/withdraw")]
async fn withdraw(
    caller: Caller<InstructionsGive>,
    id: Path<InstructionId>,
    if_match: IfMatch,
) -> Result<Reply<CouncilInstruction>, ApiError> {
    caller.change(if_match, move |scope| instructions::find_given(scope, id.0), instructions::withdraw).await
}
