//! The letters of a complaint as the complainant reads them: its response, and each message of the council's.

use almoner_domain::complaints::heads::ComplaintOutcome;
use almoner_domain::words::text::{Line, Passage};
use almoner_letters::{Block, Language, Letter, Level};
use almoner_persistence::complaints::messages::MessageLetter;
use almoner_persistence::complaints::response::{AddressedLetter, AnsweredHead, SignedLetter};

use crate::letters::{day, file_name, how_and_when, size};

/// The words for an outcome, as a letter says it.
pub(super) fn outcome_in_words(outcome: ComplaintOutcome) -> &'static str {
    match outcome {
        ComplaintOutcome::WellFounded => "We find that you are right.",
        ComplaintOutcome::PartlyWellFounded => "We find that you are right in part.",
        ComplaintOutcome::NotWellFounded => "We do not find that you are right.",
        ComplaintOutcome::Inconclusive => "We cannot find out what happened.",
    }
}

/// When the person themself was heard on a head, or why they were not.
fn heard(head: &AnsweredHead) -> Option<String> {
    let when = head.heard_on.map(|on| format!("We heard you, or the person it is about, on {}.", day(on)));
    let because = head.not_heard_because.as_ref();
    when.or(because.map(|why| format!("Neither you nor the person it is about was heard on this. {why}")))
}

/// The blocks of a signed response, below a heading of this level.
pub(super) fn blocks_of_response(signed: &SignedLetter, level: Level) -> Vec<Block> {
    let heading = |text: &str| Block::heading(level, text);
    let mut facts = vec![("Our reference", signed.reference.clone())];
    facts.extend(how_and_when(signed.came_by, signed.received_on));
    facts.extend(signed.practice.clone().map(|practice| ("About", practice)));
    facts.push(("Date of this letter", day(signed.signed_on)));
    let mut blocks = vec![
        Block::facts(facts),
        heading("How we looked into it"),
        Block::paragraph(signed.considered.as_str()),
        heading("What we found"),
    ];
    for (number, head) in signed.heads.iter().enumerate() {
        let below = if level == Level::One { Level::Two } else { Level::Three };
        blocks.push(Block::heading(below, format!("{}. {}", number + 1, head.statement)));
        blocks.push(Block::paragraph(outcome_in_words(head.outcome)));
        blocks.push(Block::paragraph(head.finding.clone()));
        blocks.extend(head.remedy.clone().map(Block::paragraph));
        blocks.extend(heard(head).map(Block::paragraph));
    }
    blocks.extend([
        heading("Our conclusions"),
        Block::paragraph(signed.conclusions.as_str()),
        heading("What is done"),
        Block::paragraph(signed.action.as_str()),
    ]);
    if !signed.actions.is_empty() {
        let promised = |action: &almoner_persistence::complaints::response::PromisedAction| {
            format!("By {}: {}", day(action.due_on), action.what)
        };
        blocks.push(Block::list(signed.actions.iter().map(promised)));
    }
    blocks.extend([
        heading("If you are not satisfied"),
        Block::paragraph(signed.ombudsman.clone()),
        Block::paragraph("You are not treated worse, and lose no service, because you complained. Tell us at once if you feel that you are."),
        Block::lines([signed.signed_by.clone(), signed.signed_as.clone(), signed.council.clone()]),
    ]);
    blocks
}

/// The head of a letter: the council, whoever it is for, and what it is.
fn head_of_letter(
    (council, council_address): (&str, Option<&str>),
    (name, address): (Option<&Line<200>>, Option<&Passage<500>>),
    title: &str,
) -> Vec<Block> {
    let council = [Some(council), council_address];
    let recipient = [name.map(Line::as_str), address.map(Passage::as_str)];
    vec![
        Block::lines(council.into_iter().flatten()),
        Block::lines(recipient.into_iter().flatten()),
        Block::heading(Level::One, title),
    ]
}

/// A message of the council's as a letter, with the name of its file.
pub(super) fn message(message: &MessageLetter) -> (String, Letter) {
    let title = format!("About your complaint {}", message.reference);
    let (council, council_address) = &message.council;
    let to = (message.name.as_ref(), message.address.as_ref());
    let mut blocks = head_of_letter((council, council_address.as_deref()), to, &title);
    blocks.extend([
        Block::facts([("Our reference", message.reference.clone()), ("Date of this letter", day(message.written_on))]),
        Block::paragraph(message.text.clone()),
        Block::paragraph("You are not treated worse, and lose no service, because you complained. Tell us at once if you feel that you are."),
        Block::lines([council.clone()]),
    ]);
    (
        file_name("message", &message.reference),
        Letter::new(&title, Language::BRITISH_ENGLISH, size(message.format), blocks),
    )
}

/// A signed response as a letter, with the name of its file. The council and whoever it is for stand at its head.
pub(super) fn response(addressed: &AddressedLetter) -> (String, Letter) {
    let AddressedLetter { letter: signed, name, address } = addressed;
    let title = format!("Our answer to your complaint {}", signed.reference);
    let council = (signed.council.as_str(), signed.council_address.as_deref());
    let mut blocks = head_of_letter(council, (name.as_ref(), address.as_ref()), &title);
    blocks.extend(blocks_of_response(signed, Level::Two));
    let letter = Letter::new(&title, Language::BRITISH_ENGLISH, size(signed.format), blocks);
    (file_name("response", &signed.reference), letter)
}

#[cfg(test)]
mod tests {
    use almoner_domain::complaints::complaint::ReadingFormat;
    use almoner_domain::complaints::taking_down::CameBy;
    use almoner_letters::Size;
    use almoner_persistence::complaints::response::PromisedAction;
    use chrono::NaiveDate;

    use super::*;

    fn signed(format: ReadingFormat, finding: &str) -> AddressedLetter {
        let words = |text: &str| Passage::parse(text).unwrap();
        let letter = SignedLetter {
            reference: "C-7QX4M-2KDPA".to_owned(),
            council: "Shropshire Council".to_owned(),
            council_address: Some("Guildhall, Frankwell Quay\nShrewsbury SY3 8HQ".to_owned()),
            practice: Some("Severn Social Work".to_owned()),
            received_on: day_of("2026-11-20"),
            came_by: None,
            considered: words("I read the diary."),
            heads: vec![AnsweredHead {
                statement: "Nobody rang.".to_owned(),
                outcome: ComplaintOutcome::WellFounded,
                finding: finding.to_owned(),
                remedy: Some("We apologise.".to_owned()),
                heard_on: Some(day_of("2026-11-27")),
                not_heard_because: None,
            }],
            outcome: ComplaintOutcome::WellFounded,
            conclusions: words("You were left without a call."),
            action: Passage::parse("I am satisfied.").unwrap(),
            actions: vec![PromisedAction { what: "Somebody rings first.".to_owned(), due_on: day_of("2027-01-15") }],
            ombudsman: "You can go to the Ombudsman.".to_owned(),
            signed_by: "Helena Vance".to_owned(),
            signed_as: "Responsible person of the council".to_owned(),
            signed_on: day_of("2026-12-01"),
            language: None,
            format,
        };
        let address = Passage::parse("4 Wyle Cop\nShrewsbury SY1 1UT").ok();
        AddressedLetter { letter, name: Line::parse("Edith Marlow").ok(), address }
    }

    fn day_of(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_letter_says_in_order_what_the_regulations_ask_for_and_runs_nothing_that_somebody_wrote() {
        let (name, letter) = response(&signed(ReadingFormat::Standard, "<script>alert(1)</script>"));
        assert_eq!(name, "response-C-7QX4M-2KDPA");
        let html = letter.html();
        let head = ["<main>", "Shropshire Council", "Guildhall", "SY3 8HQ", "Edith Marlow", "4 Wyle Cop", "SY1 1UT"];
        let head = head.map(|part| html.find(part).unwrap_or_else(|| panic!("{part}")));
        assert!(head.is_sorted(), "{head:?}");
        let parts = [
            "SY1 1UT",
            "C-7QX4M-2KDPA",
            "20 November 2026",
            "I read the diary.",
            "Nobody rang.",
            "We find that you are right.",
            "We apologise.",
            "We heard you, or the person it is about, on 27 November 2026.",
            "You were left without a call.",
            "I am satisfied.",
            "By 15 January 2027: Somebody rings first.",
            "You can go to the Ombudsman.",
            "Helena Vance",
            "Shropshire Council",
        ];
        let places: Vec<usize> =
            parts.iter().map(|part| html.rfind(part).unwrap_or_else(|| panic!("{part}"))).collect();
        assert!(places[1..].is_sorted(), "{places:?}");
        assert!(!html.contains("<script>"));
    }

    #[test]
    fn a_letter_says_how_the_complaint_came() {
        for (came_by, words) in [
            (None, "You wrote to us"),
            (Some(CameBy::Letter), "You wrote to us"),
            (Some(CameBy::Telephone), "You telephoned us"),
            (Some(CameBy::Visit), "We visited you"),
            (Some(CameBy::InPerson), "You told somebody at a desk"),
        ] {
            let mut addressed = signed(ReadingFormat::Standard, "The diary shows it.");
            addressed.letter.came_by = came_by;
            let html = response(&addressed).1.html();
            assert!(html.contains(words), "{came_by:?}: {html}");
            assert_eq!(html.contains("You wrote"), words == "You wrote to us", "{came_by:?}");
        }
    }

    #[test]
    fn who_reads_large_print_gets_it_and_what_has_no_font_is_refused_as_pdf_alone() {
        let large = response(&signed(ReadingFormat::LargePrint, "The diary shows it.")).1;
        assert_eq!(large.size(), Size::LargePrint);
        assert!(large.pdf().unwrap().starts_with(b"%PDF-"));
        let (_, letter) = response(&signed(ReadingFormat::Standard, "日記"));
        assert!(letter.html().contains("日記"));
        assert!(letter.pdf().is_err());
    }
}
