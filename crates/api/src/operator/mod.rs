//! The operator's door: tenants, contracts and clients; never a record.

mod account;
mod accounts;
mod clients;
mod provisioning;
mod sessions;

use actix_web::{get, post};
use almoner_domain::ids::{ContractId, CouncilId, PracticeId};
use almoner_persistence::Page;
use almoner_persistence::access::invitations::Link;
use almoner_persistence::access::joining;
use almoner_persistence::contracts::{self, Contract, NewContract};
use almoner_persistence::staff::{self, Member, NewMember};
use almoner_persistence::tenancy::councils::{self, Council, NewCouncil};
use almoner_persistence::tenancy::practices::{self, NewPractice, Practice};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::body::Body;
use crate::caller::Caller;
use crate::once::OnceKey;
use crate::page::{PageQuery, Path, Query};
use crate::permission::{Operate, OperateWithFreshFactor};
use crate::practice::staff::MemberWithLink;
use crate::problem::ApiError;
use crate::reply::Reply;

/// Every operation of the door.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(
        scope("/v1/operator")
            .service(sessions::sign_in)
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
            .service(accounts::invite)
            .service(accounts::list)
            .service(accounts::read)
            .service(accounts::disable)
            .service(accounts::enable)
            .service(accounts::offer_replacement)
            .service(create_council)
            .service(list_councils)
            .service(read_council)
            .service(create_practice)
            .service(list_practices)
            .service(read_practice)
            .service(invite_staff)
            .service(provisioning::suspend)
            .service(provisioning::resume)
            .service(provisioning::list_onboarding)
            .service(provisioning::read_onboarding)
            .service(provisioning::record_item)
            .service(list_staff)
            .service(create_contract)
            .service(list_contracts)
            .service(read_contract)
            .service(clients::create)
            .service(clients::list)
            .service(clients::read)
            .service(clients::add_secret)
            .service(clients::end_secret)
            .service(clients::replace_keys)
            .service(clients::allow_addresses)
            .service(clients::disable)
            .service(clients::enable),
    );
}

/// Enters a council.
#[utoipa::path(
    params(OnceKey),
    request_body = NewCouncil,
    responses((status = 201, description = "Entered", body = Council)),
    security(("operator" = [])),
)]
#[post("/councils")]
async fn create_council(caller: Caller<Operate>, once: OnceKey, body: Body<NewCouncil>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| Ok(councils::create(scope, new)?.into()))?;
            let made = councils::find(scope, done.id())?;
            Ok(Reply::created(&made, format!("/v1/operator/councils/{}", made.id))?.once(&done))
        })
        .await
}

/// The councils.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page", body = Page<Council>)),
    security(("operator" = [])),
)]
#[get("/councils")]
async fn list_councils(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&councils::list(scope, &paging)?)).await
}

/// One council.
#[utoipa::path(
    params(("id" = CouncilId, Path, description = "The council")),
    responses((status = 200, description = "The council", body = Council)),
    security(("operator" = [])),
)]
#[get("/councils/{id}")]
async fn read_council(caller: Caller<Operate>, id: Path<CouncilId>) -> Result<Reply, ApiError> {
    caller.scope(move |scope| Reply::ok(&councils::find(scope, id.0)?)).await
}

/// Enters a practice.
#[utoipa::path(
    params(OnceKey),
    request_body = NewPractice,
    responses((status = 201, description = "Entered", body = Practice)),
    security(("operator" = [])),
)]
#[post("/practices")]
async fn create_practice(caller: Caller<Operate>, once: OnceKey, body: Body<NewPractice>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| Ok(practices::create(scope, new)?.into()))?;
            let made = practices::find(scope, done.id())?;
            let location = format!("/v1/operator/practices/{}", made.id);
            Ok(Reply::created(&made, location)?.version(made.version).once(&done))
        })
        .await
}

/// The practices.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page", body = Page<Practice>)),
    security(("operator" = [])),
)]
#[get("/practices")]
async fn list_practices(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&practices::list(scope, &paging)?)).await
}

/// One practice.
#[utoipa::path(
    params(("id" = PracticeId, Path, description = "The practice")),
    responses((status = 200, description = "The practice", body = Practice)),
    security(("operator" = [])),
)]
#[get("/practices/{id}")]
async fn read_practice(caller: Caller<Operate>, id: Path<PracticeId>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let practice = practices::find(scope, id.0)?;
            // How full it is changes without its version.
            Ok(Reply::ok(&practice)?.version(practice.version).computed())
        })
        .await
}

/// Enters a contract.
#[utoipa::path(
    params(OnceKey),
    request_body = NewContract,
    responses((status = 201, description = "Entered", body = Contract)),
    security(("operator" = [])),
)]
#[post("/contracts")]
async fn create_contract(caller: Caller<Operate>, once: OnceKey, body: Body<NewContract>) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| Ok(contracts::create(scope, new)?.into()))?;
            let made = contracts::find(scope, done.id())?;
            Ok(Reply::created(&made, format!("/v1/operator/contracts/{}", made.id))?.once(&done))
        })
        .await
}

/// The contracts.
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "A page", body = Page<Contract>)),
    security(("operator" = [])),
)]
#[get("/contracts")]
async fn list_contracts(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&contracts::list(scope, &paging)?)).await
}

/// One contract.
#[utoipa::path(
    params(("id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "The contract", body = Contract)),
    security(("operator" = [])),
)]
#[get("/contracts/{id}")]
async fn read_contract(caller: Caller<Operate>, id: Path<ContractId>) -> Result<Reply, ApiError> {
    caller.scope(move |scope| Reply::ok(&contracts::find(scope, id.0)?)).await
}

/// Invites one of a practice's first members of staff. Nobody chooses a password for them: a link is drawn, and shown once.
/// Once an administrator of the practice has joined, they invite the others. Wants a fresh second factor.
#[utoipa::path(
    params(("id" = PracticeId, Path, description = "The practice"), OnceKey),
    request_body = NewMember,
    responses((status = 201, description = "Invited", body = MemberWithLink)),
    security(("operator" = [])),
)]
#[post("/practices/{id}/staff")]
async fn invite_staff(
    caller: Caller<OperateWithFreshFactor>,
    id: Path<PracticeId>,
    once: OnceKey,
    body: Body<NewMember>,
) -> Result<Reply, ApiError> {
    caller
        .scope(move |scope| {
            let done = once.run(scope, &body, |scope, new| {
                practices::find(scope, id.0)?;
                joining::expect_no_administrator(scope, id.0)?;
                Ok(joining::create(scope, id.0, new)?)
            })?;
            let member = staff::find(scope, id.0, done.id())?;
            let link = done.secret().map(Link::new);
            let location = format!("/v1/operator/practices/{}/staff", id.0);
            Ok(Reply::created(&MemberWithLink { member, link }, location)?.once(&done))
        })
        .await
}

/// A practice's staff.
#[utoipa::path(
    params(("id" = PracticeId, Path, description = "The practice"), PageQuery),
    responses((status = 200, description = "A page", body = Page<Member>)),
    security(("operator" = [])),
)]
#[get("/practices/{id}/staff")]
async fn list_staff(caller: Caller<Operate>, id: Path<PracticeId>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let paging = page.0.paging()?;
    caller.scope(move |scope| Reply::ok(&staff::list(scope, id.0, &paging)?)).await
}
