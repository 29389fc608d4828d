//! The complaints' door, for those who work on complaints of a council: its officers, and the guests whom these let in by name. Nobody
//! reads a complaint here that is not assigned to them.

mod assignments;
mod closing;
mod desk;
mod guests;
mod handling;
mod heads;
mod hearings;
mod letters;
mod offers;
mod planning;
mod reporting;
mod requests;
mod response;
mod sessions;

use crate::account;
use crate::ground::door::ComplaintsDoor;
use crate::ground::routes::Routes;

/// Registers every operation of the door.
pub(crate) fn routes(service: &mut Routes) {
    service.under("/v1/complaints", |door| {
        sessions::routes(door);
        account::routes::<ComplaintsDoor>(door);
        desk::routes(door);
        offers::routes(door);
        guests::routes(door);
        handling::routes(door);
        assignments::routes(door);
        planning::routes(door);
        reporting::routes(door);
        heads::routes(door);
        hearings::routes(door);
        response::routes(door);
        closing::routes(door);
        requests::routes(door);
    });
}
