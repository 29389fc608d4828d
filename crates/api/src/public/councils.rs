//! How somebody complains to a council, and how many complaints it had.

use almoner_domain::words::gss_code::GssCode;
use almoner_persistence::complaints::figures::{self, PublicFigures};
use almoner_persistence::tenancy::complaints_procedure::{self, CouncilComplaintsProcedure};

use crate::ground::caller::Anyone;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{OfYear, Query};
use crate::ground::path::Path;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: read_complaints_procedure, read_complaint_figures);
}

/// Shows how to complain to a council: where, who helps, and what comes after.
#[utoipa::path(get, path = "/councils/{council}/complaints-procedure")]
async fn read_complaints_procedure(
    anyone: Anyone,
    council: Path<GssCode>,
) -> Result<Reply<CouncilComplaintsProcedure>, ApiError> {
    anyone.scope(move |scope| Reply::ok(&no_record::public(complaints_procedure::of_council(scope, &council.0)?))).await
}

/// Tells how many complaints a council received in a year that is over, and what came of them.
///
/// The numbers by practice and by theme begin at five. The council's annual report (SI 2009/309 reg 18) is available from the council.
#[utoipa::path(get, path = "/councils/{council}/complaint-figures")]
async fn read_complaint_figures(
    anyone: Anyone,
    council: Path<GssCode>,
    year: Query<OfYear>,
) -> Result<Reply<PublicFigures>, ApiError> {
    anyone
        .scope(move |scope| Reply::ok(&no_record::public(figures::public_figures(scope, &council.0, year.0.ending)?)))
        .await
}
