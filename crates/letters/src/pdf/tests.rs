use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::pdf::fonts::{Weight, face_for};
use crate::pdf::rows::{Element, Role, Rows};
use crate::pdf::shaping::Shaper;
use crate::{Block, Language, Letter, Level, PdfError, Size, text};

fn letter(size: Size, blocks: impl IntoIterator<Item = Block>) -> Letter {
    Letter::new("A letter", Language::BRITISH_ENGLISH, size, blocks)
}

fn laid_out(letter: &Letter) -> Rows {
    Rows::of(letter, &mut Shaper::new(false))
}

/// The texts of the elements that have any, in the order in which they are read.
fn texts(rows: &Rows) -> Vec<String> {
    let mut texts: BTreeMap<usize, String> = BTreeMap::new();
    for cell in rows.rows.iter().flat_map(|row| &row.cells) {
        texts.entry(cell.element).or_default().push_str(&cell.text.as_str()[cell.range.clone()]);
    }
    texts.into_values().collect()
}

/// The texts that a block has to have on paper, by the rules of [`Block`].
fn expected(block: &Block) -> Vec<String> {
    let joined = |text: &String| text::paragraphs(text).into_iter().map(|lines| lines.join(" ")).collect::<Vec<_>>();
    match block {
        Block::Heading { text, .. } => vec![text::one_line(text)],
        Block::Paragraph(text) => joined(text),
        Block::Lines(lines) => {
            let lines: Vec<String> = lines.iter().flat_map(|line| text::paragraphs(line).concat()).collect();
            if lines.is_empty() { vec![] } else { vec![lines.join(" ")] }
        }
        Block::List(items) => {
            let items = items.iter().map(joined).filter(|item| !item.is_empty());
            items.flat_map(|item| [vec!["•".to_owned()], item].concat()).collect()
        }
        Block::Facts(facts) => {
            let fact = |(name, value): &(String, String)| [vec![text::one_line(name)], joined(value)].concat();
            facts.iter().flat_map(fact).filter(|text| !text.is_empty()).collect()
        }
        Block::PageBreak => vec![],
    }
}

/// Characters that are hard to set, and any others, but only those that a font has if that is asked for.
fn any_text(only_drawable: bool) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        6 => "[a-zA-Z0-9 ,.()-]",
        2 => "[\\x00-\\x20\u{7f}-\u{ff}]",
        2 => "[ŵŷŁżșğạ\u{300}-\u{340}]",
        2 => "[\u{5d0}-\u{5ea}\u{620}-\u{6d5}]",
        2 => "[\u{900}-\u{97f}\u{980}-\u{9ff}\u{a00}-\u{a7f}\u{a80}-\u{aff}\u{b80}-\u{bff}]",
        2 => "[\u{1f300}-\u{1f6ff}\u{fe0f}\u{200d}\u{1f3fb}-\u{1f3ff}\u{1f1e6}-\u{1f1ff}]",
        2 => "[\u{ad}\u{61c}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2069}\u{feff}\u{e0061}\u{180e}\u{3164}]",
        1 => "[\u{1680}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}\u{a0}]",
        1 => any::<char>().prop_map(|character| character.to_string()),
    ];
    prop::collection::vec((character, 1..40_usize), 0..30).prop_map(move |pieces| {
        let text: String =
            pieces.iter().map(|(piece, times)| piece.repeat(if times % 8 == 0 { *times } else { 1 })).collect();
        let drawn = |character: &char| face_for(&character.to_string(), Weight::Regular).is_some();
        let kept = |character: &char| !only_drawable || character.is_control() || drawn(character);
        text.chars().filter(kept).collect()
    })
}

fn any_block(only_drawable: bool) -> impl Strategy<Value = Block> {
    let level = prop_oneof![Just(Level::One), Just(Level::Two), Just(Level::Three)];
    let text = move || any_text(only_drawable);
    prop_oneof![
        (level, text()).prop_map(|(level, text)| Block::Heading { level, text }),
        text().prop_map(Block::Paragraph),
        prop::collection::vec(text(), 0..4).prop_map(Block::Lines),
        prop::collection::vec(text(), 0..4).prop_map(Block::List),
        prop::collection::vec((text(), text()), 0..4).prop_map(Block::Facts),
        Just(Block::PageBreak),
    ]
}

fn any_size() -> impl Strategy<Value = Size> {
    prop_oneof![Just(Size::Standard), Just(Size::LargePrint)]
}

proptest! {
    #[test]
    fn a_text_that_the_fonts_have_is_all_on_paper_in_the_order_in_which_it_is_read(
        size in any_size(),
        blocks in prop::collection::vec(any_block(true), 0..6),
    ) {
        let letter = letter(size, blocks);
        let shown: Vec<String> = letter.blocks().iter().flat_map(expected).collect();
        prop_assert_eq!(texts(&laid_out(&letter)), shown);
        prop_assert!(letter.pdf().is_ok(), "{:?}", letter.pdf().map(|pdf| pdf.len()));
    }

    #[test]
    fn whatever_the_text_the_answer_is_a_pdf_or_the_characters_that_no_font_has(
        blocks in prop::collection::vec(any_block(false), 0..4),
    ) {
        let letter = letter(Size::Standard, blocks);
        let drawn = letter.blocks().iter().flat_map(expected).collect::<String>();
        let missing: BTreeSet<char> =
            drawn.chars().filter(|character| face_for(&character.to_string(), Weight::Regular).is_none()).collect();
        match letter.pdf() {
            Ok(_) => prop_assert!(missing.is_empty()),
            Err(error) => prop_assert_eq!(error, PdfError::NoFont(missing.into_iter().collect())),
        }
    }
}

#[test]
fn every_character_that_a_font_has_can_be_drawn() {
    let drawn = |character: &char| face_for(&character.to_string(), Weight::Regular).is_some();
    let all: Vec<char> = ('\u{20}'..char::MAX).filter(drawn).collect();
    assert!(all.len() > 8000, "{}", all.len());
    let lines = all.chunks(200).map(|some| some.iter().flat_map(|one| [*one, ' ']).collect::<String>());
    letter(Size::Standard, lines.map(Block::Paragraph)).pdf().unwrap();
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    let blocks = || {
        [
            Block::heading(Level::One, "What we found"),
            Block::paragraph("Ŵyr Siân, مرحبا and 😢"),
            Block::facts([("Reference", "C-1"), ("Written", "in March")]),
            Block::list(["One", "Two"]),
        ]
    };
    for size in [Size::Standard, Size::LargePrint] {
        assert!(letter(size, blocks()).pdf().unwrap() == letter(size, blocks()).pdf().unwrap());
    }
}

#[test]
fn a_character_that_no_font_has_is_named_once_and_the_letter_is_not_written() {
    let error = letter(Size::Standard, [Block::paragraph("王小明 and 王, café")]).pdf().unwrap_err();
    assert_eq!(error, PdfError::NoFont(vec!['小', '明', '王']));
    assert_eq!(error.to_string(), "no embedded font has U+5C0F, U+660E, U+738B");
    let many = ('\u{4e00}'..='\u{4e17}').collect::<String>();
    let error = letter(Size::Standard, [Block::paragraph(many)]).pdf().unwrap_err();
    assert!(error.to_string().ends_with("U+4E13 and 4 others"), "{error}");
}

#[test]
fn a_letter_without_blocks_and_one_without_headings_are_valid() {
    letter(Size::Standard, []).pdf().unwrap();
    letter(Size::LargePrint, [Block::PageBreak, Block::paragraph("Thank you.")]).pdf().unwrap();
    let arabic = Language::parse("ar").unwrap();
    Letter::new("رسالة", arabic, Size::Standard, [Block::paragraph("123")]).pdf().unwrap();
}

#[test]
fn a_heading_is_on_the_page_of_what_follows_it() {
    for lines in 20..40 {
        let above = vec!["A line."; lines].join("\n");
        let blocks = [Block::paragraph(above), Block::heading(Level::One, "Next"), Block::paragraph("One.\nTwo.")];
        let rows = laid_out(&letter(Size::Standard, blocks));
        let pages = super::pages::pages(&rows.rows, 700.0);
        let page_of = |row: usize| pages.iter().position(|page| page.contains(&row));
        assert_eq!(page_of(lines), page_of(lines + 2), "{lines} lines above");
    }
}

/// The roles of a letter, each with the place of the one that it is in.
fn roles(elements: &[Element]) -> Vec<(&str, Option<usize>)> {
    let role = |element: &Element| match element.role {
        Role::Heading(Level::One, _) => "H1",
        Role::Heading(Level::Two, _) => "H2",
        Role::Heading(Level::Three, _) => "H3",
        Role::Paragraph => "P",
        Role::List { bullets: true } => "L",
        Role::List { bullets: false } => "L without bullets",
        Role::Item => "LI",
        Role::Label => "Lbl",
        Role::Body => "LBody",
    };
    elements.iter().map(|element| (role(element), element.within)).collect()
}

#[test]
fn each_block_says_what_it_is() {
    let blocks = [
        Block::heading(Level::One, "What we found"),
        Block::lines(["One", "Two"]),
        Block::list(["One\n\nmore"]),
        Block::facts([("Reference", "C-1"), ("Nothing", "")]),
    ];
    let rows = laid_out(&letter(Size::Standard, blocks));
    assert_eq!(
        roles(&rows.elements),
        [
            ("H1", None),
            ("P", None),
            ("L", None),
            ("LI", Some(2)),
            ("Lbl", Some(3)),
            ("LBody", Some(3)),
            ("P", Some(5)),
            ("P", Some(5)),
            ("L without bullets", None),
            ("LI", Some(8)),
            ("Lbl", Some(9)),
            ("LBody", Some(9)),
            ("P", Some(11)),
            ("LI", Some(8)),
            ("Lbl", Some(13)),
        ]
    );
}

#[test]
fn arabic_stands_at_the_right_and_its_bullet_too() {
    let rows = laid_out(&letter(Size::Standard, [Block::list(["مرحبا", "Hello"])]));
    let cells: Vec<_> = rows.rows.iter().map(|row| (row.cells[0].left, row.cells[1].left)).collect();
    assert!(cells[0].0 > cells[0].1, "the bullet stands to the right of Arabic");
    assert!(cells[1].0 < cells[1].1, "the bullet stands to the left of English");
    assert!(rows.rows[0].cells[1].text.is_right_to_left());
}

#[test]
fn a_title_is_escaped_in_the_metadata_and_whole() {
    let title = "<b> & \"Ŵyr\" \u{7} \u{fffe} مرحبا 王";
    let letter = Letter::new(title, Language::BRITISH_ENGLISH, Size::Standard, []);
    let pdf = letter.pdf().unwrap();
    // The metadata are not compressed.
    let metadata = String::from_utf8_lossy(&pdf);
    let shown = metadata.split("xml:lang=\"x-default\">").nth(1).unwrap().split("</rdf:li>").next().unwrap();
    let expected = "<b> & \"Ŵyr\" [U+0007] [U+FFFE] مرحبا 王";
    let unescaped = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    assert!(!shown.contains('<') && !shown.contains("& "), "{shown}");
    assert_eq!(unescaped, expected);
}
