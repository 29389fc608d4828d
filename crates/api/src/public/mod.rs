//! The public door, for anyone: the directory of practices, how to complain, and how many complaints there were.

mod councils;
mod practices;

use almoner_persistence::access::apps::ComplaintsApp;
use almoner_persistence::tenancy::complaints_procedure::{ComplaintsProcedure, CouncilComplaintsProcedure};
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::reply::Representation;
use crate::ground::routes::Routes;

/// Registers every operation of the door.
pub(crate) fn routes(service: &mut Routes) {
    service.under("/v1/public", |door| {
        practices::routes(door);
        councils::routes(door);
    });
}

/// How somebody complains about a practice, and the apps with which they can.
#[derive(Serialize, ToSchema)]
struct PracticeProcedure {
    /// How somebody complains about it.
    #[serde(flatten)]
    procedure: ComplaintsProcedure,
    /// The apps with which anybody can complain, by name. No practice runs one, nor anybody who controls a practice.
    #[schema(max_items = 100)]
    apps: Vec<ComplaintsApp>,
}

/// How somebody complains to a council, and the apps with which they can.
#[derive(Serialize, ToSchema)]
struct CouncilProcedure {
    /// How somebody complains to it.
    #[serde(flatten)]
    procedure: CouncilComplaintsProcedure,
    /// The apps with which anybody can complain, by name. No practice runs one, nor anybody who controls a practice.
    #[schema(max_items = 100)]
    apps: Vec<ComplaintsApp>,
}

impl Representation for PracticeProcedure {}
impl Representation for CouncilProcedure {}
