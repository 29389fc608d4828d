//! The operator door, for tenants, contracts and clients; it never opens a record.

mod accounts;
mod clients;
mod contracts;
mod councils;
mod onboarding;
mod practices;
mod sessions;
mod staff;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::account;
use crate::ground::door::OperatorDoor;

/// Registers every operation of the door.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(
        scope("/v1/operator")
            .configure(sessions::routes)
            .configure(account::routes::<OperatorDoor>)
            .configure(accounts::routes)
            .configure(councils::routes)
            .configure(practices::routes)
            .configure(staff::routes)
            .configure(onboarding::routes)
            .configure(contracts::routes)
            .configure(clients::routes),
    );
}
