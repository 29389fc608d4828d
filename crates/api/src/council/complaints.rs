//! Complaints from a form of the council's own. A council's system lodges them and reads none: those read them to whom they are
//! assigned, at the complaints' door.

use almoner_domain::complaints::complaint::LodgeComplaint;
use almoner_persistence::complaints::lodging;
use almoner_persistence::complaints::receipts::{self, Receipt};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::permission::LodgeFromForm;
use crate::ground::problem::ApiError;
use crate::ground::reply::Created;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: lodge);
}

/// Lodges a complaint that somebody made on the council's own form. It is this council's.
///
/// The receipt is shown to the complainant, who follows the complaint with it through any partner app.
#[utoipa::path(post, path = "/complaints")]
async fn lodge(
    caller: Caller<LodgeFromForm>,
    key: IdempotencyKey,
    body: Body<LodgeComplaint>,
) -> Result<Created<Receipt>, ApiError> {
    caller
        .create(
            key,
            body,
            lodging::lodge_from_form,
            |scope, made| receipts::find_lodged_from_form(scope, made.id(), made.secret()).map(no_record::changed),
            |receipt| format!("/v1/partner/complaints/{}", receipt.reference),
        )
        .await
}
