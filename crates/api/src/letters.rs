//! What letters about complaints have in common, and the written record of what was said, which two doors give out.

use almoner_domain::complaints::complaint::ReadingFormat;
use almoner_domain::complaints::taking_down::CameBy;
use almoner_letters::{Block, Language, Letter, Level, Size};
use almoner_persistence::complaints::intakes::WrittenRecord;
use chrono::NaiveDate;

/// A day as it is written in a letter, such as 3 March 2026.
pub(crate) fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// The size in which somebody reads who reads in this format.
pub(crate) fn size(format: ReadingFormat) -> Size {
    if format == ReadingFormat::LargePrint { Size::LargePrint } else { Size::Standard }
}

/// The name of the file of a letter about a complaint, without its ending.
pub(crate) fn file_name(kind: &str, reference: &str) -> String {
    format!("{kind}-{reference}")
}

/// How a complaint came, as the complainant reads it. What nobody took down was written.
fn came_by(by: Option<CameBy>) -> &'static str {
    match by {
        Some(CameBy::Telephone) => "You telephoned us",
        Some(CameBy::Visit) => "We visited you",
        Some(CameBy::InPerson) => "You told somebody at a desk",
        Some(CameBy::Letter | CameBy::Email) | None => "You wrote to us",
    }
}

/// How and when a complaint came, as a letter to the complainant says it.
pub(crate) fn how_and_when(by: Option<CameBy>, received: NaiveDate) -> [(&'static str, String); 2] {
    [("How you told us", came_by(by).to_owned()), ("When you told us", day(received))]
}

/// The written record as a letter, with the name of its file.
pub(crate) fn written_record(record: &WrittenRecord) -> (String, Letter) {
    let title = format!("What you told us: the written record of your complaint {}", record.reference);
    let mut facts = vec![("Our reference", record.reference.clone())];
    facts.extend(how_and_when(Some(record.came_by), record.received_on));
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
