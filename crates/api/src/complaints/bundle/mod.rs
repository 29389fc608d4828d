//! The whole file of a complaint for the Ombudsman, as one document in one order.

mod parts;
mod people;
mod words;

use almoner_domain::ids::ComplaintId;
use almoner_letters::{Block, Language, Letter, Level, Size};
use almoner_persistence::complaints::bundle::{self, Bundle};

use crate::ground::caller::Caller;
use crate::ground::letter::{HtmlLetter, PdfLetter};
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::ComplaintsTakeOut;
use crate::ground::problem::ApiError;
use crate::ground::routes::Routes;
use crate::letters::file_name;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: as_html refuses InvalidState, as_pdf);
}

/// Takes out the whole file of a complaint for the Ombudsman, as an HTML document.
///
/// It is for an officer who has the complaint, once it is recorded that it was taken to the Ombudsman. It is refused to an officer to whom
/// a part of it is closed, and while the identity in a confidential complaint is sealed for them: a file is whole.
#[utoipa::path(get, path = "/{id}/ombudsman/bundle.html")]
async fn as_html(caller: Caller<ComplaintsTakeOut>, id: Path<ComplaintId>) -> Result<HtmlLetter, ApiError> {
    caller.scope(move |scope| Ok(HtmlLetter::of(bundle::take_out(scope, id.0)?.map(|bundle| letter(&bundle))))).await
}

/// Takes out the whole file of a complaint for the Ombudsman, as a tagged PDF (PDF/UA-1).
///
/// It is for an officer who has the complaint, once it is recorded that it was taken to the Ombudsman. It is refused to an officer to whom
/// a part of it is closed, and while the identity in a confidential complaint is sealed for them: a file is whole.
#[utoipa::path(get, path = "/{id}/ombudsman/bundle.pdf")]
async fn as_pdf(caller: Caller<ComplaintsTakeOut>, id: Path<ComplaintId>) -> Result<PdfLetter, ApiError> {
    caller.scope(move |scope| PdfLetter::of(bundle::take_out(scope, id.0)?.map(|bundle| letter(&bundle)))).await
}

/// A part of a file: its heading, and what makes its blocks.
type Part = (&'static str, fn(&Bundle) -> Vec<Block>);

/// The parts of a file in their order.
const PARTS: [Part; 13] = [
    ("Particulars", parts::particulars),
    ("The complaint in the complainant's own words", parts::own_words),
    ("Chronology", people::chronology),
    ("Plan", parts::plan),
    ("Heads of complaint, with what was found", parts::heads),
    ("Hearings and notices, with the answers", people::hearings),
    ("Messages", people::messages),
    ("Documents that were sent", people::documents),
    ("What the complainant asked for, and objections", parts::requests),
    ("Responses that were sent", parts::responses),
    ("Actions", parts::actions),
    ("Learning", parts::learning),
    ("Those who had the complaint, and those who saw it", people::who_had_it),
];

/// The file as a letter, with the name of its file. It is the council's, in ordinary print, however the complainant reads.
fn letter(bundle: &Bundle) -> (String, Letter) {
    let reference = &bundle.complaint.reference;
    let title = format!("The file of complaint {reference}");
    let numbered = |place: usize| format!("{}. {}", place + 1, PARTS[place].0);
    let mut blocks = vec![
        Block::heading(Level::One, title.clone()),
        Block::facts([
            ("Council", bundle.council.clone()),
            ("For", "Local Government and Social Care Ombudsman".to_owned()),
            ("Taken out by", bundle.taken_out_by.clone()),
            ("Taken out on", words::moment(bundle.taken_out_at)),
        ]),
        Block::heading(Level::Two, "Contents"),
        Block::list((0..PARTS.len()).map(numbered)),
        Block::PageBreak,
    ];
    for (place, (_, part)) in PARTS.iter().enumerate() {
        blocks.push(Block::heading(Level::One, numbered(place)));
        blocks.extend(part(bundle));
    }
    let letter = Letter::new(&title, Language::BRITISH_ENGLISH, Size::Standard, blocks);
    (file_name("file", reference), letter)
}
