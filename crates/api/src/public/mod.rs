//! The public door, for anyone: the directory of practices, how to complain, and how many complaints there were.

mod councils;
mod practices;

/// Registers every operation of the door.
use crate::ground::routes::Routes;
pub(crate) fn routes(service: &mut Routes) {
    service.under("/v1/public", |door| {
        practices::routes(door);
        councils::routes(door);
    });
}
