//! The operator door, for tenants, contracts and clients; it never opens a record.

mod accounts;
mod bank_holidays;
mod clients;
mod contracts;
mod councils;
mod officers;
mod onboarding;
mod outside_requests;
mod practices;
mod reorganisations;
mod sessions;
mod staff;

use crate::account;
use crate::ground::door::OperatorDoor;
use crate::ground::routes::Routes;

/// Registers every operation of the door.
pub(crate) fn routes(service: &mut Routes) {
    service.under("/v1/operator", |door| {
        sessions::routes(door);
        account::routes::<OperatorDoor>(door);
        accounts::routes(door);
        bank_holidays::routes(door);
        councils::routes(door);
        officers::routes(door);
        reorganisations::routes(door);
        practices::routes(door);
        staff::routes(door);
        onboarding::routes(door);
        outside_requests::routes(door);
        contracts::routes(door);
        clients::routes(door);
    });
}
