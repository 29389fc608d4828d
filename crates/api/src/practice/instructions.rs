//! The instructions that councils gave to the practice.

use almoner_domain::referrals::instructing::InstructionStatus;
use almoner_persistence::Page;
use almoner_persistence::referrals::instructions::{self, InstructionToPractice};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::caller::Caller;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::permission::InstructionsRead;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InstructionsThatAre {
    /// Returns only instructions with this status.
    status: Option<InstructionStatus>,
}

/// Lists the instructions that councils gave to the practice, the newest first.
///
/// An instruction is about one case. Whoever acts on it names it: to take a case from its worker on the ground `council_instruction`.
#[utoipa::path(get, path = "/instructions")]
async fn list(
    caller: Caller<InstructionsRead>,
    page: Query<PageQuery>,
    which: Query<InstructionsThatAre>,
) -> Result<Reply<Page<InstructionToPractice>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| instructions::list(scope, which.0.status, &paging)).await
}
