//! The partner door, for apps that lodge and follow complaints on behalf of people.

mod complaints;

/// Registers every operation of the door.
use crate::ground::routes::Routes;
pub(crate) fn routes(service: &mut Routes) {
    service.under("/v1/partner", |door| {
        complaints::routes(door);
    });
}
