//! Operations on one's own account, and signing in. Each door of people has these operations: the practice's, the council's, the
//! operator's and the complaints'.

mod holder;
mod invitations;
mod own_account;
mod sessions;
pub(crate) mod sign_in;
pub(crate) mod single_sign_on;

pub(crate) use self::holder::{Changer, Holder};
use crate::ground::door::Door;
use crate::ground::routes::Routes;

/// Registers the operations on one's own account at a door.
pub(crate) fn routes<D: Door>(door: &mut Routes) {
    sessions::routes::<D>(door);
    own_account::routes::<D>(door);
    invitations::routes::<D>(door);
}
