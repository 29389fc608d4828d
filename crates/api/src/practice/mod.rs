//! The practice door: staff of one practice, through the practice's own frontend.

mod account;
mod audit;
mod break_glasses;
mod cases;
mod complaints;
mod countersignatures;
mod guards;
mod notes;
mod notices;
mod referrals;
mod registrations;
mod service_users;
mod sessions;
mod single_sign_on;
pub(crate) mod staff;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every operation of the door.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(
        scope("/v1/practice")
            .service(sessions::sign_in)
            .service(sessions::enter)
            .service(single_sign_on::begin)
            .service(single_sign_on::complete)
            .service(single_sign_on::read)
            .service(single_sign_on::set)
            .service(single_sign_on::remove)
            .service(single_sign_on::list_identities)
            .service(single_sign_on::begin_link)
            .service(single_sign_on::complete_link)
            .service(single_sign_on::unlink)
            .service(account::refresh)
            .service(account::list_sessions)
            .service(account::sign_out)
            .service(account::end_session)
            .service(account::step_up)
            .service(account::read_account)
            .service(account::change_password)
            .service(account::propose_second_factor)
            .service(account::confirm_second_factor)
            .service(account::replace_recovery_codes)
            .service(account::open_invitation)
            .service(account::accept_invitation)
            .service(staff::list)
            .service(staff::say_home)
            .service(staff::invite)
            .service(staff::read)
            .service(staff::change)
            .service(staff::invite_again)
            .service(staff::offer_replacement)
            .service(staff::leave)
            .service(staff::confirm)
            .service(registrations::list)
            .service(registrations::read)
            .service(registrations::check)
            .service(referrals::list)
            .service(referrals::read)
            .service(referrals::accept)
            .service(referrals::decline)
            .service(service_users::create)
            .service(service_users::search)
            .service(service_users::read)
            .service(service_users::change)
            .service(audit::readers)
            .service(audit::list)
            .service(audit::export)
            .service(audit::unusual)
            .service(guards::read)
            .service(guards::restrict)
            .service(guards::lift)
            .service(guards::restrictions)
            .service(guards::lock_outs)
            .service(guards::lock_me_out)
            .service(guards::lock_out)
            .service(guards::let_in)
            .service(break_glasses::list)
            .service(break_glasses::open)
            .service(break_glasses::read)
            .service(break_glasses::review)
            .service(notices::list)
            .service(notices::mark_read)
            .service(cases::list)
            .service(cases::create)
            .service(cases::read)
            .service(cases::allocate)
            .service(cases::close)
            .service(cases::read_timeline)
            .service(cases::caseload)
            .service(notes::list)
            .service(notes::create)
            .service(countersignatures::list)
            .service(countersignatures::read)
            .service(countersignatures::approve)
            .service(countersignatures::refuse)
            .service(complaints::list)
            .service(complaints::read)
            .service(complaints::acknowledge)
            .service(complaints::confirm_subjects)
            .service(complaints::identify)
            .service(complaints::reveal)
            .service(complaints::write),
    );
}
