//! What passes between the complainant and those who work on a complaint.

use almoner_domain::complaints::giving::MessageGiven;
use almoner_domain::ids::{ComplaintId, MessageId};
use almoner_persistence::complaints::handling;
use almoner_persistence::complaints::messages::{self, NewMessage};
use almoner_persistence::complaints::reading::Complaint;

use super::letters::message;
use super::{add, change};
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::letter::{HtmlLetter, PdfLetter};
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsAssign, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door:
        write,
        pass_on,
        give refuses InvalidState,
        as_html refuses InvalidState,
        as_pdf refuses InvalidState,
    );
}

/// Writes a message to the complainant.
#[utoipa::path(post, path = "/{id}/messages")]
async fn write(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    key: IdempotencyKey,
    body: Body<NewMessage>,
) -> Result<Created<Complaint>, ApiError> {
    add(caller, key, body, id.0, move |scope, new| handling::write(scope, id.0, new)).await
}

/// Passes a message of the complainant on to everybody who has the complaint: to guests, and to an officer whom it may name.
///
/// A message goes to the officers alone until one of them passes it on. The same again changes nothing.
#[utoipa::path(put, path = "/{id}/messages/{message_id}/passed-on")]
async fn pass_on(caller: Caller<ComplaintsAssign>, ids: Path<(ComplaintId, MessageId)>) -> Result<NoContent, ApiError> {
    let (complaint, message) = ids.0;
    caller.act(move |scope| handling::pass_on(scope, complaint, message)).await
}

/// Records how and when the complainant was given a message of the council's, once.
///
/// Who follows the complaint with its code reads it there. Whoever complained on the telephone, in a letter or at a desk and does not is given
/// it: by the end of the second working day, after which it comes before the responsible person. What refuses, ends, limits or decides
/// something, and what says that something is late, is given in writing (`in_writing`).
#[utoipa::path(put, path = "/{id}/messages/{message_id}/given")]
async fn give(
    caller: Caller<ComplaintsWork>,
    ids: Path<(ComplaintId, MessageId)>,
    if_match: IfMatch,
    body: Body<MessageGiven>,
) -> Result<Reply<Complaint>, ApiError> {
    let (complaint, message) = ids.0;
    change(caller, if_match, complaint, move |scope, complaint| messages::give(scope, complaint, message, &body.value))
        .await
}

/// Gives out a message of the council's as a letter, in HTML: in 18 points for who reads large print.
///
/// In a confidential complaint the caller unseals the identity first.
#[utoipa::path(get, path = "/{id}/messages/{message_id}/letter.html")]
async fn as_html(caller: Caller<ComplaintsWork>, ids: Path<(ComplaintId, MessageId)>) -> Result<HtmlLetter, ApiError> {
    let (complaint, id) = ids.0;
    caller
        .scope(move |scope| {
            Ok(HtmlLetter::of(messages::letter_to_give_out(scope, complaint, id)?.map(|one| message(&one))))
        })
        .await
}

/// Gives out a message of the council's as a letter, as a tagged PDF (PDF/UA-1): in 18 points for who reads large print.
///
/// In a confidential complaint the caller unseals the identity first.
#[utoipa::path(get, path = "/{id}/messages/{message_id}/letter.pdf")]
async fn as_pdf(caller: Caller<ComplaintsWork>, ids: Path<(ComplaintId, MessageId)>) -> Result<PdfLetter, ApiError> {
    let (complaint, id) = ids.0;
    caller
        .scope(move |scope| PdfLetter::of(messages::letter_to_give_out(scope, complaint, id)?.map(|one| message(&one))))
        .await
}
