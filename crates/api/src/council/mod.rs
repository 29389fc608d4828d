//! The council door, for the systems and the officers of one council.

mod audit;
mod complaints;
mod confirmations;
mod contacts;
mod documents;
mod erasures;
mod events;
mod instructions;
mod officers;
mod referrals;
mod safeguarding;
mod sessions;
mod single_sign_on;

use crate::account;
use crate::ground::door::CouncilDoor;
use crate::ground::routes::Routes;

/// Registers every operation of the door.
pub(crate) fn routes(service: &mut Routes) {
    service.under("/v1/council", |door| {
        sessions::routes(door);
        single_sign_on::routes(door);
        account::routes::<CouncilDoor>(door);
        officers::routes(door);
        contacts::routes(door);
        audit::routes(door);
        referrals::routes(door);
        safeguarding::routes(door);
        documents::routes(door);
        instructions::routes(door);
        erasures::routes(door);
        confirmations::routes(door);
        events::routes(door);
        complaints::routes(door);
    });
}
