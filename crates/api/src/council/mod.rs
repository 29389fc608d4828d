//! The council door, for the systems of one council.

mod complaints;
mod referrals;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every operation of the door.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(scope("/v1/council").configure(referrals::routes).configure(complaints::routes));
}
