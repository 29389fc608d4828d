//! What people do with their own account, and how they prove themselves, at whichever door they sign in: the practice's and the
//! operator's each have these operations.

mod holder;
mod invitations;
mod own_account;
mod sessions;
pub(crate) mod sign_in;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use self::holder::Holder;
use crate::ground::door::Door;

/// The operations on one's own account at a door.
pub(crate) fn routes<D: Door>(door: &mut ServiceConfig<'_>) {
    sessions::routes::<D>(door);
    own_account::routes::<D>(door);
    invitations::routes::<D>(door);
}
