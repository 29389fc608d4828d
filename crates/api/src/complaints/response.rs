//! The response to a complaint, and the officers who may sign one.

use almoner_domain::complaints::response::{Draft, Sent};
use almoner_domain::ids::{ComplaintId, OfficerId};
use almoner_persistence::complaints::changing;
use almoner_persistence::complaints::reading::Complaint;
use almoner_persistence::complaints::response::{self, Response};
use almoner_persistence::complaints::signatories::{self, ComplaintsOfficers};

use super::{change, letters};
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::letter::{HtmlLetter, PdfLetter};
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::{ComplaintsAuthorise, ComplaintsDecide, ComplaintsSign, ComplaintsWork};
use crate::ground::problem::ApiError;
use crate::ground::reply::{NoContent, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door:
        read,
        letter_as_html,
        letter_as_pdf,
        draft refuses InvalidState,
        sign refuses InvalidState,
        give_back refuses InvalidState,
        sent refuses InvalidState,
        list_officers,
        authorise,
        end,
    );
}

/// Shows the response to a complaint: the draft with what it lacks, and the letter once it is signed.
#[utoipa::path(get, path = "/{id}/response")]
async fn read(caller: Caller<ComplaintsWork>, id: Path<ComplaintId>) -> Result<Reply<Response>, ApiError> {
    caller.read(move |scope| response::read(scope, id.0)).await
}

/// Gives out the signed response as an HTML document, to be printed or sent: in 18 points for who reads large print.
#[utoipa::path(get, path = "/{id}/response/letter.html")]
async fn letter_as_html(caller: Caller<ComplaintsWork>, id: Path<ComplaintId>) -> Result<HtmlLetter, ApiError> {
    caller
        .scope(move |scope| {
            let letter = response::letter_to_give_out(scope, id.0)?;
            Ok(HtmlLetter::of(letter.map(|signed| letters::response(&signed))))
        })
        .await
}

/// Gives out the signed response as a tagged PDF (PDF/UA-1), to be printed or sent: in 18 points for who reads large print.
#[utoipa::path(get, path = "/{id}/response/letter.pdf")]
async fn letter_as_pdf(caller: Caller<ComplaintsWork>, id: Path<ComplaintId>) -> Result<PdfLetter, ApiError> {
    caller
        .scope(move |scope| {
            let letter = response::letter_to_give_out(scope, id.0)?;
            PdfLetter::of(letter.map(|signed| letters::response(&signed)))
        })
        .await
}

/// Keeps a draft of the response. It may lack what a response must have: the answer says what.
#[utoipa::path(put, path = "/{id}/response")]
async fn draft(
    caller: Caller<ComplaintsWork>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Draft>,
) -> Result<Reply<Response>, ApiError> {
    caller
        .change_and_show(
            if_match,
            move |scope| changing::find_alone(scope, id.0),
            move |scope, complaint| response::draft(scope, complaint, &body.value),
            move |scope| response::find_response(scope, id.0).map(no_record::changed),
        )
        .await
}

/// Signs the response, for the responsible person, who stands in for them, or an officer whom they authorised.
///
/// It is refused while anything is missing that the Regulations ask for, with a pointer to each. From now on the letter does not change.
#[utoipa::path(post, path = "/{id}/response/sign")]
async fn sign(
    caller: Caller<ComplaintsSign>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
) -> Result<Reply<Response>, ApiError> {
    caller
        .change_and_show(
            if_match,
            move |scope| changing::find_alone(scope, id.0),
            response::sign,
            move |scope| response::find_response(scope, id.0).map(no_record::changed),
        )
        .await
}

/// Gives back a signed response that has not been sent, to be changed. The signature is gone.
#[utoipa::path(post, path = "/{id}/response/give-back")]
async fn give_back(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, response::give_back).await
}

/// Records how and when a signed response was sent.
///
/// Nothing goes electronically to a complainant who did not consent to it (SI 2009/309 reg 15). What is sent with `app` is read in the
/// app with which the complaint is followed.
#[utoipa::path(put, path = "/{id}/response/sent")]
async fn sent(
    caller: Caller<ComplaintsDecide>,
    id: Path<ComplaintId>,
    if_match: IfMatch,
    body: Body<Sent>,
) -> Result<Reply<Complaint>, ApiError> {
    change(caller, if_match, id.0, move |scope, complaint| response::sent(scope, complaint, &body.value)).await
}

/// Lists the officers who work on the council's complaints, with whether they sign responses.
///
/// Somebody new, and somebody whose password and second factor were replaced, stands among them from the first moment on, and opens
/// nothing until a second person has confirmed them.
#[utoipa::path(get, path = "/officers")]
async fn list_officers(caller: Caller<ComplaintsDecide>) -> Result<Reply<ComplaintsOfficers>, ApiError> {
    caller.read(signatories::list).await
}

/// Authorises an officer to sign responses, for the responsible person. The same again changes nothing.
#[utoipa::path(put, path = "/signatories/{id}")]
async fn authorise(caller: Caller<ComplaintsAuthorise>, id: Path<OfficerId>) -> Result<NoContent, ApiError> {
    caller.act(move |scope| signatories::authorise(scope, id.0)).await
}

/// Ends an officer's authority to sign responses, for the responsible person.
#[utoipa::path(delete, path = "/signatories/{id}")]
async fn end(caller: Caller<ComplaintsAuthorise>, id: Path<OfficerId>) -> Result<NoContent, ApiError> {
    caller.act(move |scope| signatories::end(scope, id.0)).await
}
