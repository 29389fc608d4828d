//! The practice door, for the staff of one practice, through the practice's own frontend.

mod audit;
mod break_glass;
mod cases;
mod complaints;
mod countersignatures;
mod exclusions;
mod notes;
mod notices;
mod referrals;
mod registrations;
mod restrictions;
mod service_users;
mod sessions;
mod single_sign_on;
mod staff;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::account;
use crate::ground::door::PracticeDoor;

/// Registers every operation of the door.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(
        scope("/v1/practice")
            .configure(sessions::routes)
            .configure(single_sign_on::routes)
            .configure(account::routes::<PracticeDoor>)
            .configure(staff::routes)
            .configure(registrations::routes)
            .configure(referrals::routes)
            .configure(service_users::routes)
            .configure(audit::routes)
            .configure(restrictions::routes)
            .configure(exclusions::routes)
            .configure(break_glass::routes)
            .configure(notices::routes)
            .configure(cases::routes)
            .configure(notes::routes)
            .configure(countersignatures::routes)
            .configure(complaints::routes),
    );
}
