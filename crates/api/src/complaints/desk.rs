//! The council's desk for complaints: taking one down for somebody, and giving a complainant a new code.

use almoner_domain::complaints::complaint::LodgeComplaint;
use almoner_domain::ids::ComplaintId;
use almoner_persistence::complaints::lodging;
use almoner_persistence::complaints::receipts::{self, Receipt};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsAssign, ComplaintsTakeDown};
use crate::ground::problem::ApiError;
use crate::ground::reply::Created;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: take_down, replace_code refuses InvalidState);
}

/// The address at which a complainant follows their complaint.
fn followed_at(receipt: &Receipt) -> String {
    format!("/v1/partner/complaints/{}", receipt.reference)
}

/// Takes a complaint down for somebody: on the telephone, from a letter, on a visit.
///
/// The receipt is the complainant's. Whoever takes a complaint down does not have it by that: it is offered like any other.
#[utoipa::path(post, path = "")]
async fn take_down(
    caller: Caller<ComplaintsTakeDown>,
    key: IdempotencyKey,
    body: Body<LodgeComplaint>,
) -> Result<Created<Receipt>, ApiError> {
    caller
        .create(
            key,
            body,
            lodging::take_down,
            |scope, made| receipts::find_taken_down(scope, made.id(), made.secret()).map(no_record::changed),
            followed_at,
        )
        .await
}

/// Draws a new access code for a complaint, to be handed to the complainant alone. The earlier code ends.
///
/// It goes to the contact that the complainant gave, or from hand to hand. What somebody knows about a complaint proves nothing.
#[utoipa::path(post, path = "/{id}/code")]
async fn replace_code(
    caller: Caller<ComplaintsAssign>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
) -> Result<Created<Receipt>, ApiError> {
    caller
        .create_bare(
            key,
            move |scope| receipts::replace_code(scope, id.0),
            move |scope, made| receipts::find_receipt(scope, id.0, made.secret()).map(no_record::changed),
            followed_at,
        )
        .await
}
