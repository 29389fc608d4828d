//! The practice door, for the staff of one practice, through the practice's own frontend.

mod audit;
mod break_glass;
mod cases;
mod complaints;
mod countersignatures;
mod documents;
mod erasures;
mod exclusions;
mod instructions;
mod learning;
mod leaving;
mod notes;
mod notices;
mod opening_hours;
mod referrals;
mod registrations;
mod relationships;
mod restrictions;
mod service_users;
mod sessions;
mod single_sign_on;
mod staff;
mod warning_notes;

use crate::account;
use crate::ground::door::PracticeDoor;
use crate::ground::routes::Routes;

/// Registers every operation of the door.
pub(crate) fn routes(service: &mut Routes) {
    service.under("/v1/practice", |door| {
        sessions::routes(door);
        single_sign_on::routes(door);
        account::routes::<PracticeDoor>(door);
        staff::routes(door);
        leaving::routes(door);
        registrations::routes(door);
        opening_hours::routes(door);
        referrals::routes(door);
        service_users::routes(door);
        relationships::routes(door);
        warning_notes::routes(door);
        audit::routes(door);
        restrictions::routes(door);
        exclusions::routes(door);
        break_glass::routes(door);
        notices::routes(door);
        cases::routes(door);
        notes::routes(door);
        documents::routes(door);
        erasures::routes(door);
        countersignatures::routes(door);
        instructions::routes(door);
        complaints::routes(door);
        learning::routes(door);
    });
}
