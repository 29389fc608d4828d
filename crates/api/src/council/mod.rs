//! The council door, for the systems of one council.

mod complaints;
mod confirmations;
mod events;
mod referrals;

/// Registers every operation of the door.
use crate::ground::routes::Routes;
pub(crate) fn routes(service: &mut Routes) {
    service.under("/v1/council", |door| {
        referrals::routes(door);
        confirmations::routes(door);
        events::routes(door);
        complaints::routes(door);
    });
}
