//! The characters of a text, by their properties in Unicode: which of them show, which only look like others, and what is
//! left of a text when only that counts by which people tell texts apart.

use deunicode::deunicode_with_tofu;
use icu_properties::props::{Dash, DefaultIgnorableCodePoint, ExtendedPictographic, Script};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::UnicodeNormalization as _;

/// The characters that [`is_invisible`], for a pattern in the OpenAPI document. Those beyond U+FFFF are left out: a pattern
/// cannot name them in every regular expression dialect.
macro_rules! invisible {
    () => {
        r"\xAD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB"
    };
}

/// The dashes, for a pattern in the OpenAPI document, up to U+FFFF.
macro_rules! dashes {
    () => {
        r"\-\u058A\u05BE\u1400\u1806\u2010-\u2015\u2053\u207B\u208B\u2212\u2E17\u2E1A\u2E3A\u2E3B\u2E40\u2E5D\u301C\u3030\u30A0\uFE31\uFE32\uFE58\uFE63\uFF0D"
    };
}

/// The spaces that may stand inside one line, for a pattern in the OpenAPI document.
macro_rules! spaces {
    () => {
        r" \xA0\u1680\u2000-\u200A\u202F\u205F\u3000"
    };
}

pub(crate) use {dashes, invisible, spaces};

/// Whether the character shows nothing and takes no room: the default-ignorable characters of Unicode, among them the
/// controls of direction, the joiners and the byte order mark; and the marks of interlinear annotation.
pub fn is_invisible(c: char) -> bool {
    // Most text is ASCII, which has none of them.
    !c.is_ascii()
        && (CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) || ('\u{fff9}'..='\u{fffb}').contains(&c))
}

/// Whether the text shows nothing: it is empty, or has only white space, control characters and invisible characters.
pub fn is_blank(text: &str) -> bool {
    !text.chars().any(shows)
}

/// Whether the character shows something. The braille pattern without dots is a symbol by its category, and does not.
fn shows(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !is_invisible(c) && c != '\u{2800}'
}

fn is_dash(c: char) -> bool {
    CodePointSetData::new::<Dash>().contains(c)
}

/// Whether the character ends a line, or separates paragraphs.
pub(crate) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns a text of fixed form in the one way in which it is compared: compatible characters are one (NFKC), invisible
/// ones are dropped, every dash is `-`, and white space is one plain space, and none at the ends. Line breaks and control
/// characters inside the text are left, for the value's own rule to refuse.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    // White space at the ends counts for nothing, line breaks among it; invisible characters may stand on either side of it.
    let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    for c in text.trim().nfkc().filter(|c| !is_invisible(*c)) {
        match c {
            c if c.is_whitespace() && !c.is_control() && !is_line_break(c) => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            c if is_dash(c) => plain.push('-'),
            c => plain.push(c),
        }
    }
    // What NFKC makes of a spacing accent begins with a space.
    plain.trim().to_owned()
}

/// Returns what is left of an identifier when neither case nor punctuation nor script counts: letters and digits in plain
/// Latin, in lower case. Recognition errs towards yes, so texts that look alike come out equal. A text of punctuation alone
/// is compared by its punctuation.
pub fn comparable(text: &str) -> String {
    let plain = plain(text);
    let letters = letters_and_digits(&deunicode_with_tofu(&plain, ""));
    if letters.is_empty() { plain.to_lowercase() } else { letters }
}

/// Returns the letters and digits of a code that somebody typed, in lower case. Spaces, hyphens, invisible characters, and
/// whether a letter is a capital, do not matter.
pub fn letters_and_digits(code: &str) -> String {
    code.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns the text without its invisible characters, but with the joiners that its script needs.
///
/// A zero-width joiner or non-joiner decides how letters of Arabic, Indic and some other scripts are shaped, and a joiner
/// makes one picture of several. It is kept between two such characters; anywhere else it only makes two texts out of one.
pub(crate) fn seen(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut joiner = None;
    for c in text.chars() {
        match c {
            '\u{200c}' | '\u{200d}' => joiner = Some(c),
            // A picture is followed by the selector that says how it is drawn.
            c if is_invisible(c) => {}
            c => {
                if let Some(joiner) = joiner.take()
                    && seen.chars().next_back().is_some_and(joins)
                    && joins(c)
                {
                    seen.push(joiner);
                }
                seen.push(c);
            }
        }
    }
    seen
}

/// Whether a joiner beside the character can mean something.
fn joins(c: char) -> bool {
    if c.is_ascii() || c.is_whitespace() {
        return false;
    }
    let apart = [
        Script::Common,
        Script::Latin,
        Script::Greek,
        Script::Cyrillic,
        Script::Armenian,
        Script::Georgian,
        Script::Hebrew,
        Script::Han,
        Script::Hangul,
        Script::Hiragana,
        Script::Katakana,
        Script::Thai,
        Script::Lao,
    ];
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
        || !apart.contains(&CodePointMapData::<Script>::new().get(c))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The characters of a class such as `\u2010-\u2015\xAD`.
    fn members(class: &str) -> BTreeSet<char> {
        let mut units: Vec<(u32, bool)> = Vec::new();
        let mut rest = class;
        while let Some(first) = rest.chars().next() {
            let (unit, length) = match rest.as_bytes() {
                [b'\\', b'u', ..] => (u32::from_str_radix(&rest[2..6], 16).unwrap(), 6),
                [b'\\', b'x', ..] => (u32::from_str_radix(&rest[2..4], 16).unwrap(), 4),
                [b'\\', escaped, ..] => (u32::from(*escaped), 2),
                _ => (u32::from(first), first.len_utf8()),
            };
            units.push((unit, first == '-'));
            rest = &rest[length..];
        }
        let mut members = BTreeSet::new();
        let mut at = 0;
        while at < units.len() {
            let (from, _) = units[at];
            let until = if units.get(at + 1).is_some_and(|(_, range)| *range) {
                at += 2;
                units[at].0
            } else {
                from
            };
            members.extend((from..=until).filter_map(char::from_u32));
            at += 1;
        }
        members
    }

    #[test]
    fn the_patterns_name_the_characters_that_the_program_means() {
        let in_reach = || '\0'..='\u{ffff}';
        assert_eq!(members(invisible!()), in_reach().filter(|c| is_invisible(*c)).collect());
        assert_eq!(members(dashes!()), in_reach().filter(|c| is_dash(*c)).collect());
        let spaces = in_reach().filter(|c| c.is_whitespace() && !c.is_control() && !is_line_break(*c));
        assert_eq!(members(spaces!()), spaces.collect());
    }

    #[test]
    fn what_shows_nothing_is_blank() {
        for text in ["", " ", "\u{200b}", "\u{feff}\u{2060}", "\u{202e}\n", "\u{3164}", "\u{e0041}", "\u{2800}", "\0"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", "…", "-", "\u{200b}王", "👩"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn a_fixed_form_is_written_one_way() {
        for (text, expected) in [
            ("SHR\u{2011}1", "SHR-1"),
            ("\u{feff}SHR\u{200b}\u{ad}1\u{200b} ", "SHR1"),
            ("ＳＨＲ１", "SHR1"),
            ("a\u{a0}\u{2003} b", "a b"),
            ("\u{202a}01632\u{2013}960123\u{202c}", "01632-960123"),
            ("a\nb", "a\nb"),
            (" \u{200b}\n a", "a"),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }

    #[test]
    fn identifiers_are_compared_by_letters_and_digits() {
        for text in
            ["shr-000 1", "SHR0001", "SHR/0001", "Shr\u{2011}0001", "ＳＨＲ０００１", "SHR\u{200b}0001", "SHR٠٠٠١"]
        {
            assert_eq!(comparable(text), "shr0001", "{text}");
        }
        assert_ne!(comparable("SHR0001"), comparable("SHR0002"));
        assert_ne!(comparable("--"), comparable("**"));
        assert_eq!(letters_and_digits(" GQ3T-kzw5\u{a0}X7m2 "), "gq3tkzw5x7m2");
    }

    #[test]
    fn joiners_are_kept_where_a_script_needs_them_and_nowhere_else() {
        for kept in ["می\u{200c}خواهم", "ක්\u{200d}ය", "👩\u{200d}🦽"] {
            assert_eq!(seen(kept), kept);
        }
        for (text, expected) in [
            ("Mar\u{200d}low", "Marlow"),
            ("\u{200c}می", "می"),
            ("می\u{200c}", "می"),
            ("می\u{200c} خواهم", "می خواهم"),
            ("\u{2067}فاطمة\u{2069}", "فاطمة"),
            ("a\u{202e}b\u{200f}", "ab"),
        ] {
            assert_eq!(seen(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_plain_stays_as_it_is(text in ".{0,20}") {
            let once = plain(&text);
            prop_assert_eq!(plain(&once), once.clone());
            prop_assert_eq!(comparable(&once), comparable(&text));
            prop_assert_eq!(seen(&seen(&text)), seen(&text));
        }
    }
}
