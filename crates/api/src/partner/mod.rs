//! The partner door: apps that lodge and follow complaints for people.

mod complaints;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every operation of the door.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(scope("/v1/partner").configure(complaints::routes));
}
