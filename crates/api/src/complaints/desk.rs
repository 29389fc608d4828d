//! The council's desk for complaints: taking one down for somebody, and giving a complainant a new code.

use almoner_domain::complaints::taking_down::TakeDown;
use almoner_domain::ids::ComplaintId;
use almoner_persistence::complaints::lodging;
use almoner_persistence::complaints::receipts::{self, NewCode, Receipt, ReplacedCode};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsReplaceCode, ComplaintsTakeDown};
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

/// Takes a complaint down for somebody: on the telephone, from a letter or an email, on a visit, or at the desk.
///
/// The receipt is the complainant's. Whoever takes a complaint down does not have it by that: it is offered like any other.
#[utoipa::path(post, path = "")]
async fn take_down(
    caller: Caller<ComplaintsTakeDown>,
    key: IdempotencyKey,
    body: Body<TakeDown>,
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
/// It goes to the contact that was given at lodging, which the answer names, or from hand to hand; what somebody knows about a complaint
/// proves nothing. Whoever has the new code reads who gave it out, and when. In a confidential complaint the caller unseals the identity
/// first.
#[utoipa::path(post, path = "/{id}/code")]
async fn replace_code(
    caller: Caller<ComplaintsReplaceCode>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<NewCode>,
) -> Result<Created<ReplacedCode>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, with| receipts::replace_code(scope, id.0, with),
            move |scope, made| receipts::find_replaced(scope, id.0, made.secret()).map(no_record::changed),
            |replaced| followed_at(&replaced.receipt),
        )
        .await
}
