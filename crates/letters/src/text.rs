//! What a text of a block is made of: paragraphs, and lines in them.

use std::fmt::Write;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// What a tab becomes.
const TAB: &str = "    ";

/// The character that joins two words without a space, in the place of the byte order mark that once did so too.
const WORD_JOINER: char = '\u{2060}';

/// The paragraphs of a text, each with its lines. None of them is blank, and no line has spaces at its end.
pub(crate) fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let mut paragraphs = vec![Vec::new()];
    for line in lines(text) {
        if is_blank(&line) {
            paragraphs.push(Vec::new());
        } else if let Some(paragraph) = paragraphs.last_mut() {
            paragraph.push(line.trim_end().to_owned());
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// The text as one line, with one space between words. It is empty if nothing of the text can be seen.
pub(crate) fn one_line(text: &str) -> String {
    let lines = paragraphs(text).concat();
    let words: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
    words.join(" ")
}

/// Whether nothing of the text can be seen.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || is_invisible(character))
}

/// Whether Unicode says that a character shows nothing of its own, such as a joiner or a control of direction
/// (`Default_Ignorable_Code_Point`).
pub(crate) fn is_invisible(character: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
}

/// The lines of a text, the blank ones too, of which no character is a control.
fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' => lines.push(String::new()),
            '\u{2029}' => lines.extend([String::new(), String::new()]),
            _ => {
                if let Some(line) = lines.last_mut() {
                    push(line, character);
                }
            }
        }
    }
    lines
}

fn push(line: &mut String, character: char) {
    match character {
        '\t' => line.push_str(TAB),
        '\u{feff}' => line.push(WORD_JOINER),
        _ if character.is_control() || is_override(character) || is_no_character(character) => {
            let _ = write!(line, "[U+{:04X}]", u32::from(character));
        }
        _ => line.push(character),
    }
}

/// Whether the character turns what follows it against the direction of its own letters: a letter would say one thing to the eye, and another
/// to whoever hears it. No language is written with it (UAX #9).
fn is_override(character: char) -> bool {
    matches!(character, '\u{202d}' | '\u{202e}')
}

/// Whether Unicode has set this code aside for good. Neither HTML nor the metadata of a PDF may have one.
fn is_no_character(character: char) -> bool {
    let code = u32::from(character);
    (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_line_begins_a_paragraph_and_any_other_end_of_a_line_stays() {
        for (text, expected) in [
            ("", &[] as &[&[&str]]),
            (" \n\t\n\u{200b}", &[]),
            ("One.", &[&["One."]]),
            ("One.\nTwo.", &[&["One.", "Two."]]),
            ("One.\r\nTwo.\rThree.\u{2028}Four.", &[&["One.", "Two.", "Three.", "Four."]]),
            ("One.\n\nTwo.", &[&["One."], &["Two."]]),
            ("One.\n \u{200b}\t\n\n\nTwo.\n", &[&["One."], &["Two."]]),
            ("One.\r\n\r\nTwo.", &[&["One."], &["Two."]]),
            ("One.\u{2029}Two.", &[&["One."], &["Two."]]),
            ("  Two spaces, \n and one.  ", &[&["  Two spaces,", " and one."]]),
        ] {
            assert_eq!(paragraphs(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_control_character_is_written_as_its_number() {
        for (text, expected) in [
            ("a\tb", "a    b"),
            ("bell\u{7}", "bell[U+0007]"),
            ("nul\0", "nul[U+0000]"),
            ("\u{7f}\u{9b}", "[U+007F][U+009B]"),
            ("\u{fffe}\u{fdd0}\u{10ffff}", "[U+FFFE][U+FDD0][U+10FFFF]"),
            ("a\u{feff}b", "a\u{2060}b"),
            ("paid \u{202e}001\u{202c} pounds", "paid [U+202E]001\u{202c} pounds"),
        ] {
            assert_eq!(paragraphs(text), [[expected]], "{text:?}");
        }
    }

    #[test]
    fn one_line_has_one_space_between_words() {
        assert_eq!(one_line("  What\n\n we\tfound \u{7} "), "What we found [U+0007]");
        assert_eq!(one_line("\n\u{200b} \n"), "");
    }
}
