use html5gum::{DefaultEmitter, Token, Tokenizer};
use proptest::prelude::*;

use crate::{Block, Language, Letter, Level, Size, text};

/// What a browser finds in a document: `<p>`, the texts, `</p>`. The white space between elements is left out.
fn parsed(html: &str) -> Vec<String> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut found = Vec::new();
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let utf_8 = |text: &[u8]| String::from_utf8(text.to_vec()).unwrap();
        match token.unwrap() {
            Token::StartTag(tag) => found.push(format!("<{}>", utf_8(&tag.name))),
            Token::EndTag(tag) => found.push(format!("</{}>", utf_8(&tag.name))),
            Token::String(text) if **text != *b"\n" => found.push(utf_8(&text)),
            Token::String(_) => {}
            Token::Doctype(doctype) => found.push(format!("<!{}>", utf_8(&doctype.name))),
            Token::Comment(_) => panic!("a comment"),
            Token::Error(error) => panic!("{error:?}"),
        }
    }
    found
}

/// What stands between the tags of `main`.
fn main_of(html: &str) -> Vec<String> {
    let found = parsed(html);
    let (from, to) = (found.iter().position(|one| one == "<main>"), found.iter().position(|one| one == "</main>"));
    found[from.unwrap() + 1..to.unwrap()].to_vec()
}

fn wrapped(name: &str, within: Vec<String>) -> Vec<String> {
    [vec![format!("<{name}>")], within, vec![format!("</{name}>")]].concat()
}

fn lines(lines: &[String]) -> Vec<String> {
    lines.iter().flat_map(|line| ["<br>".to_owned(), line.clone()]).skip(1).collect()
}

fn paragraphs(text: &str) -> Vec<String> {
    text::paragraphs(text).iter().flat_map(|paragraph| wrapped("p", lines(paragraph))).collect()
}

/// What has to be found in `main`, by the rules of [`Block`].
fn expected(block: &Block) -> Vec<String> {
    match block {
        Block::Heading { level, text } => wrapped(&format!("h{}", level.number()), vec![text::one_line(text)]),
        Block::Paragraph(text) => paragraphs(text),
        Block::Lines(given) => {
            let given: Vec<String> = given.iter().flat_map(|line| text::paragraphs(line).concat()).collect();
            if given.is_empty() { vec![] } else { wrapped("p", lines(&given)) }
        }
        Block::List(items) => {
            let items: Vec<_> = items.iter().map(|item| paragraphs(item)).filter(|item| !item.is_empty()).collect();
            let items: Vec<_> = items.into_iter().flat_map(|item| wrapped("li", item)).collect();
            if items.is_empty() { vec![] } else { wrapped("ul", items) }
        }
        Block::Facts(facts) => {
            let seen = |(name, value): &&(String, String)| !text::is_blank(name) || !text::is_blank(value);
            let rows: Vec<_> = facts
                .iter()
                .filter(seen)
                .flat_map(|(name, value)| {
                    let name = Some(text::one_line(name)).filter(|name| !name.is_empty());
                    let row = [wrapped("dt", name.into_iter().collect()), wrapped("dd", paragraphs(value))];
                    wrapped("div", row.concat())
                })
                .collect();
            if rows.is_empty() { vec![] } else { wrapped("dl", rows) }
        }
        Block::PageBreak => vec![],
    }
}

/// Texts that a careless writer gets wrong, and any others.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => any::<String>(),
        2 => "[<>&\"'/!a-z =;#-]{0,12}",
        1 => "[\\x00-\\x20\u{7f}-\u{a0}\u{2028}\u{2029}\u{feff}\u{fffe}]{0,6}",
        1 => Just("</p></main><script>alert(1)</script>".to_owned()),
        1 => Just("<!-- --><title></title></style>&lt;&amp;&#0;".to_owned()),
        1 => Just("\u{202e}\u{2067}مرحبا 12 \u{5d0}\n\n".to_owned()),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn any_block() -> impl Strategy<Value = Block> {
    let level = prop_oneof![Just(Level::One), Just(Level::Two), Just(Level::Three)];
    prop_oneof![
        (level, any_text()).prop_map(|(level, text)| Block::Heading { level, text }),
        any_text().prop_map(Block::Paragraph),
        prop::collection::vec(any_text(), 0..4).prop_map(Block::Lines),
        prop::collection::vec(any_text(), 0..4).prop_map(Block::List),
        prop::collection::vec((any_text(), any_text()), 0..4).prop_map(Block::Facts),
        Just(Block::PageBreak),
    ]
}

proptest! {
    #[test]
    fn whatever_the_text_a_browser_finds_that_text_and_no_other_element(
        title in any_text(),
        blocks in prop::collection::vec(any_block(), 0..6),
    ) {
        let letter = Letter::new(&title, Language::BRITISH_ENGLISH, Size::Standard, blocks);
        let html = letter.html();
        let main: Vec<String> = letter.blocks().iter().flat_map(expected).collect();
        prop_assert_eq!(main_of(&html), main);
        let found = parsed(&html);
        let at = found.iter().position(|one| one == "<title>").unwrap();
        prop_assert_eq!(&found[at + 1], letter.title());
        prop_assert_eq!(&found[at + 2], "</title>");
    }
}

fn letter(blocks: impl IntoIterator<Item = Block>) -> Letter {
    Letter::new("A letter", Language::BRITISH_ENGLISH, Size::Standard, blocks)
}

#[test]
fn a_document_says_its_language_its_direction_and_its_size() {
    let html = letter([]).html();
    assert!(
        html.starts_with(
            "<!DOCTYPE html>\n<html lang=\"en-GB\" dir=\"ltr\" class=\"standard\">\n<head>\n<meta charset"
        )
    );
    let arabic = Letter::new("رسالة", Language::parse("ar").unwrap(), Size::LargePrint, []).html();
    assert!(arabic.contains("<html lang=\"ar\" dir=\"rtl\" class=\"large-print\">"));
}

#[test]
fn a_document_loads_nothing_and_runs_nothing() {
    let html = letter([Block::paragraph("<img src=https://example.org/x.png onerror=alert(1)>")]).html();
    assert!(html.contains(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    ));
    for markup in ["<script", "<img", "<link", "<a ", "url(", "@import"] {
        assert!(!html.contains(markup), "{markup}");
    }
}

#[test]
fn a_page_break_is_a_class_of_what_follows_and_none_at_the_end() {
    let html = letter([
        Block::PageBreak,
        Block::PageBreak,
        Block::paragraph("One."),
        Block::lines(["Two."]),
        Block::PageBreak,
        Block::lines(["Three."]),
        Block::PageBreak,
    ])
    .html();
    let main = html.split("<main>\n").nth(1).unwrap().split("</main>").next().unwrap();
    assert_eq!(
        main,
        "<p class=\"new-page\" dir=\"auto\">One.</p>\n<p class=\"lines\" dir=\"auto\">Two.</p>\n\
         <p class=\"lines new-page\" dir=\"auto\">Three.</p>\n"
    );
}

#[test]
fn the_style_keeps_the_rules_for_large_print() {
    let style = super::STYLE;
    assert!(style.contains(":root.large-print { font-size: 18pt; }"));
    assert!(!style.contains('<'));
}
