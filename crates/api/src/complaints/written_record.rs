//! The written record of a complaint that was made by word of mouth, of which the complainant is given a copy.

use almoner_domain::complaints::taking_down::{CameBy, RecordGiven};
use almoner_domain::ids::ComplaintId;
use almoner_letters::{Block, Language, Letter, Level};
use almoner_persistence::complaints::intakes::{self, WrittenRecord};
use almoner_persistence::complaints::reading::Complaint;

use super::change;
use super::letters::{day, file_name, size};
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
        .scope(move |scope| Ok(HtmlLetter::of(intakes::record_to_give_out(scope, id.0)?.map(|one| letter(&one)))))
        .await
}

/// Gives out the written record of what was said, as a tagged PDF (PDF/UA-1): in 18 points for who reads large print.
///
/// It is for a complaint that an officer or a member of a practice's staff took down by word of mouth (SI 2009/309 reg 13(2)). In a
/// confidential complaint the caller unseals the identity first.
#[utoipa::path(get, path = "/{id}/written-record/letter.pdf")]
async fn as_pdf(caller: Caller<ComplaintsWork>, id: Path<ComplaintId>) -> Result<PdfLetter, ApiError> {
    caller.scope(move |scope| PdfLetter::of(intakes::record_to_give_out(scope, id.0)?.map(|one| letter(&one)))).await
}

/// Records how and when the complainant was given the written record of what they said.
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

/// How what was said came, as the complainant reads it.
fn came_by(by: CameBy) -> &'static str {
    match by {
        CameBy::Telephone => "You telephoned us",
        CameBy::Visit => "We visited you",
        CameBy::InPerson => "You told somebody at a desk",
        CameBy::Letter | CameBy::Email => "You wrote to us",
    }
}

/// The written record as a letter, with the name of its file.
pub(crate) fn letter(record: &WrittenRecord) -> (String, Letter) {
    let title = format!("What you told us: the written record of your complaint {}", record.reference);
    let mut facts = vec![
        ("Our reference", record.reference.clone()),
        ("How you told us", came_by(record.came_by).to_owned()),
        ("When you told us", day(record.received_on)),
    ];
    facts.extend(record.complainant.clone().map(|name| ("Your name", name)));
    facts.extend(record.person.clone().map(|name| ("Whose care it is about", name)));
    facts.extend(record.practice.clone().map(|practice| ("About", practice)));
    let heading = |text: &str| Block::heading(Level::Two, text);
    let mut blocks = vec![
        Block::heading(Level::One, title.clone()),
        Block::facts(facts),
        heading("What happened"),
        Block::paragraph(record.narrative.clone()),
    ];
    for (title, words) in [("What you want", &record.wants), ("What was done at once", &record.settled)] {
        if let Some(words) = words {
            blocks.extend([heading(title), Block::paragraph(words.clone())]);
        }
    }
    if !record.staff.is_empty() {
        blocks.extend([heading("Whom you complained about"), Block::list(record.staff.clone())]);
    }
    blocks.extend([
        heading("If something is wrong or missing"),
        Block::paragraph("Tell us, in whatever way is easiest for you. What you tell us is added to your complaint."),
        Block::paragraph("You are not treated worse, and lose no service, because you complained. Tell us at once if you feel that you are."),
        Block::lines([record.council.clone()]),
    ]);
    (
        file_name("record", &record.reference),
        Letter::new(&title, Language::BRITISH_ENGLISH, size(record.format), blocks),
    )
}
