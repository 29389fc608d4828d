//! The written record of a complaint that was made by word of mouth, of which the complainant is given a copy.

use almoner_domain::complaints::taking_down::RecordGiven;
use almoner_domain::ids::ComplaintId;
use almoner_persistence::complaints::intakes;
use almoner_persistence::complaints::reading::Complaint;

use super::change;
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::letter::{HtmlLetter, PdfLetter};
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::ComplaintsWork;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;
use crate::letters::written_record;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: as_html refuses InvalidState, as_pdf, given refuses InvalidState);
}

/// Gives out the written record of what was said, as an HTML document: in 18 points for who reads large print.
///
/// It is for a complaint that an officer or a member of a practice's staff took down by word of mouth (SI 2009/309 reg 13(2)). In a
/// confidential complaint the caller unseals the identity first.
#[utoipa::path(get, path = "/{id}/written-record/letter.html")]
async fn as_html(caller: Caller<ComplaintsWork>, id: Path<ComplaintId>) -> Result<HtmlLetter, ApiError> {
    caller
        .scope(move |scope| {
            Ok(HtmlLetter::of(intakes::record_to_give_out(scope, id.0)?.map(|one| written_record(&one))))
        })
        .await
}

/// Gives out the written record of what was said, as a tagged PDF (PDF/UA-1): in 18 points for who reads large print.
///
/// It is for a complaint that an officer or a member of a practice's staff took down by word of mouth (SI 2009/309 reg 13(2)). In a
/// confidential complaint the caller unseals the identity first.
#[utoipa::path(get, path = "/{id}/written-record/letter.pdf")]
async fn as_pdf(caller: Caller<ComplaintsWork>, id: Path<ComplaintId>) -> Result<PdfLetter, ApiError> {
    caller
        .scope(move |scope| PdfLetter::of(intakes::record_to_give_out(scope, id.0)?.map(|one| written_record(&one))))
        .await
}

/// Records how and when the complainant was given the written record of what they said, once.
///
/// Nothing goes electronically to a complainant who did not consent to it (SI 2009/309 reg 15). What is given with `app` is read in the
/// app with which the complaint is followed. Until it is recorded, it is due on the day of the acknowledgement.
#[utoipa::path(put, path = "/{id}/written-record/given")]
async fn given(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<RecordGiven>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| intakes::give_record(scope, complaint, &body.value)).await
}
