//! The partner door, for apps that lodge and follow complaints on behalf of people.

mod complaints;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every operation of the door.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(scope("/v1/partner").configure(complaints::routes));
}
