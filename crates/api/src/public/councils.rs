//! How somebody complains to a council, and how many complaints it had.

use almoner_persistence::access::apps;
use almoner_persistence::complaints::figures::{self, PublicFigures};
use almoner_persistence::tenancy::complaints_procedure;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use super::CouncilProcedure;
use crate::ground::caller::Anyone;
use crate::ground::no_record;
use crate::ground::operation::{Description, operations};
use crate::ground::page::{OfYear, Query};
use crate::ground::path::{Path, PathParameter};
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: read_complaints_procedure, read_complaint_figures);
}

/// The code of a council, as somebody typed it. One that no council has is not found.
#[derive(Clone, Deserialize, ToSchema)]
struct Code(String);

impl PathParameter for Code {
    const DESCRIPTION: &'static str = "The council's code in the register of the Office for National Statistics";

    fn reference(_: &mut Description) -> RefOr<Schema> {
        let code = ObjectBuilder::new().schema_type(Type::String);
        code.pattern(Some("^E(06|08|09|10)[0-9]{6}$")).max_length(Some(9)).examples(["E06000051"]).into()
    }
}

/// Shows how to complain to a council: where, who helps, what comes after, and apps to complain with.
#[utoipa::path(get, path = "/councils/{council}/complaints-procedure")]
async fn read_complaints_procedure(anyone: Anyone, council: Path<Code>) -> Result<Reply<CouncilProcedure>, ApiError> {
    anyone
        .scope(move |scope| {
            let procedure = complaints_procedure::of_council(scope, &council.0.0)?;
            let apps = apps::to_complain_with(scope)?;
            Reply::ok(&no_record::public(CouncilProcedure { procedure, apps }))
        })
        .await
}

/// Tells how many complaints a council received in a year that is over, and what came of them.
///
/// The numbers by practice and by theme begin at five. The council's annual report (SI 2009/309 reg 18) is available from the council.
#[utoipa::path(get, path = "/councils/{council}/complaint-figures")]
async fn read_complaint_figures(
    anyone: Anyone,
    council: Path<Code>,
    year: Query<OfYear>,
) -> Result<Reply<PublicFigures>, ApiError> {
    anyone
        .scope(move |scope| Reply::ok(&no_record::public(figures::public_figures(scope, &council.0.0, year.0.ending)?)))
        .await
}
