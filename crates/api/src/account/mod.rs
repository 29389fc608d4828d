//! Operations on one's own account, and signing in. The practice's door and the operator's door each have these
//! operations.

mod holder;
mod invitations;
mod own_account;
mod sessions;
pub(crate) mod sign_in;

pub(crate) use self::holder::{Changer, Holder};
use crate::ground::door::Door;
use crate::ground::routes::Routes;

/// Registers the operations on one's own account at a door.
pub(crate) fn routes<D: Door>(door: &mut Routes) {
    sessions::routes::<D>(door);
    own_account::routes::<D>(door);
    invitations::routes::<D>(door);
}
