//! The public door, with the directory of practices, for anyone.

mod practices;

/// Registers every operation of the door.
use crate::ground::routes::Routes;
pub(crate) fn routes(service: &mut Routes) {
    service.under("/v1/public", |door| {
        practices::routes(door);
    });
}
