//! Free text: [`Line`] for one line, [`Passage`] for several, and the readers that treat a blank
//! optional member as a missing one.
//!
//! Text is kept in Unicode normalisation form C, without white space at either end. Lengths are counted in characters after
//! that. A text that shows nothing, such as a zero-width space, is blank.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::{invisible, is_blank, is_line_break, seen};
use crate::words::sql_text::text_value;

/// The pattern of a line: something shows, and there is no control character or line break but among the white space at the
/// ends, which is taken off.
pub(crate) const ONE_LINE: &str = concat!(
    r"^\s*[^\x00-\x1F\x7F-\x9F\u2028\u2029]*[^\s\x00-\x1F\x7F-\x9F\u2028\u2029\u2800",
    invisible!(),
    r"][^\x00-\x1F\x7F-\x9F\u2028\u2029]*\s*$"
);

/// The pattern of a passage: something shows, and there is no NUL.
pub(crate) const SEVERAL_LINES: &str =
    concat!(r"^[^\x00]*[^\s\x00-\x1F\x7F-\x9F\u2028\u2029\u2800", invisible!(), r"][^\x00]*$");

/// One line of text, of 1 to `MAX` characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// Reads a line, without the invisible characters and the controls of direction that were in it. A text that is blank
    /// or too long, or has a line break or control character, is [`InvalidValue`].
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let line = normalised(&seen(text));
        if line.chars().any(|c| c.is_control() || is_line_break(c)) {
            return Err(InvalidValue::new(
                "must be one line, without control characters such as NUL, tabs or line breaks",
            ));
        }
        of_length::<MAX>(line).map(Self)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(
    [const MAX: usize] Line<MAX>, hidden,
    name: format!("Line{MAX}"),
    schema: ObjectBuilder::new()
        .description(Some("One line of text without control characters; given back trimmed, and without invisible characters"))
        .pattern(Some(ONE_LINE))
        .min_length(Some(1))
        .max_length(Some(MAX)),
);

/// Text of 1 to `MAX` characters that may run over several lines. Lines end in `\n`, to which other line breaks are
/// converted, and a tab becomes a space: people paste what they wrote elsewhere.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Passage<const MAX: usize>(String);

impl<const MAX: usize> Passage<MAX> {
    /// Reads a passage, without the control characters that were in it. A text that is blank or too long, or has a NUL, is
    /// [`InvalidValue`].
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        if text.contains('\0') {
            return Err(InvalidValue::new("must not contain the control character NUL"));
        }
        let written = text.replace("\r\n", "\n");
        let written = written.chars().filter_map(|c| match c {
            '\t' => Some(' '),
            c if is_line_break(c) => Some('\n'),
            c => Some(c).filter(|c| !c.is_control()),
        });
        let passage = normalised(&written.collect::<String>());
        // Invisible characters inside a passage may order its directions; at its ends they are remains of the clipboard.
        of_length::<MAX>(passage.trim_matches(is_remains).to_owned()).map(Self)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(
    [const MAX: usize] Passage<MAX>, hidden,
    name: format!("Passage{MAX}"),
    schema: ObjectBuilder::new()
        .description(Some(
            "Text of several lines; given back trimmed, with line feeds as its only line breaks, spaces for tabs, and without \
             other control characters",
        ))
        .pattern(Some(SEVERAL_LINES))
        .min_length(Some(1))
        .max_length(Some(MAX)),
);

fn normalised(text: &str) -> String {
    text.trim().nfc().collect()
}

fn is_remains(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}')
}

pub(crate) fn of_length<const MAX: usize>(text: String) -> Result<String, InvalidValue> {
    if is_blank(&text) {
        return Err(InvalidValue::new("must not be blank"));
    }
    if text.chars().count() > MAX {
        return Err(InvalidValue::new(format!("must be at most {MAX} characters")));
    }
    Ok(text)
}

/// Refuses a text with fewer characters than this that a reader sees: invisible ones do not count, and a run of white space
/// counts once.
pub(crate) fn at_least(text: &str, characters: usize) -> Result<(), InvalidValue> {
    let shown = seen(text).split_whitespace().map(|word| word.chars().count() + 1).sum::<usize>();
    if shown.saturating_sub(1) >= characters {
        return Ok(());
    }
    Err(InvalidValue::new(format!("must have at least {characters} characters that can be seen")))
}

/// Reads an optional text member: `null` and blank are `None`.
///
/// This is for `#[serde(default, deserialize_with = "text::optional")]`. A blank value is never an error there,
/// whatever the type.
pub fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String, Error = InvalidValue>,
{
    match Option::<String>::deserialize(deserializer)? {
        Some(text) if !is_blank(&text) => T::try_from(text).map(Some).map_err(D::Error::custom),
        _ => Ok(None),
    }
}

/// Reads a list of `MIN` to `MAX` texts. Blank items are left out before counting, and `null` is the empty list.
pub fn list<'de, D, T, const MIN: usize, const MAX: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String, Error = InvalidValue>,
{
    let items: Vec<T> = Option::<Vec<Item<T>>>::deserialize(deserializer)?
        .unwrap_or_default()
        .into_iter()
        .filter_map(|item| item.0)
        .collect();
    if (MIN..=MAX).contains(&items.len()) {
        Ok(items)
    } else {
        Err(D::Error::custom(format!("must be a list of {MIN} to {MAX} texts that are not blank")))
    }
}

/// Reads a list of at most `MAX` objects; `null` is the empty list.
pub fn objects<'de, D, T, const MAX: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let items = Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default();
    if items.len() <= MAX { Ok(items) } else { Err(D::Error::custom(format!("must be a list of at most {MAX}"))) }
}

struct Item<T>(Option<T>);

impl<'de, T: TryFrom<String, Error = InvalidValue>> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        optional(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Short = Line<5>;

    fn why<T>(result: Result<T, InvalidValue>) -> String {
        result.err().unwrap().to_string()
    }

    #[test]
    fn a_line_is_trimmed_and_composed() {
        assert_eq!(Short::parse("  Ann\u{a0}\n").unwrap().as_str(), "Ann");
        assert_eq!(Short::parse("O\u{301}").unwrap().as_str(), "Ó");
        assert_eq!(Short::parse("X").unwrap().as_str(), "X");
    }

    #[test]
    fn length_is_counted_in_characters_after_composition() {
        assert_eq!(Short::parse("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}").unwrap().as_str(), "ééééé");
        assert_eq!(why(Short::parse("ééééée")), "must be at most 5 characters");
    }

    #[test]
    fn blank_is_refused() {
        for blank in ["", "   ", "\t", "\r\n", "\u{2003}", "\u{200b}", " \u{feff} ", "\u{202e}\u{2069}", "\u{2800}"] {
            assert_eq!(why(Short::parse(blank)), "must not be blank");
            assert_eq!(why(Passage::<5>::parse(blank)), "must not be blank");
        }
    }

    #[test]
    fn a_line_takes_no_control_characters_nor_line_breaks() {
        for c in ['\0', '\t', '\n', '\r', '\u{7f}', '\u{85}', '\u{2028}', '\u{2029}'] {
            assert!(why(Short::parse(&format!("a{c}b"))).starts_with("must be one line"), "{c:?}");
        }
    }

    #[test]
    fn a_passage_is_taken_as_it_is_pasted() {
        for text in
            ["a\nb", "a\r\nb", "a\rb", "a\u{2028}b", " a\nb\n\n", "a\u{b}b", "a\u{c}b", "a\u{85}b", "a\u{2029}b"]
        {
            assert_eq!(Passage::<3>::parse(text).unwrap().as_str(), "a\nb", "{text:?}");
        }
        for (text, kept) in [
            ("\u{feff}a\tb\u{1b}[31m \u{200b}", "a b[31m"),
            ("\ta\u{7f}\u{9f}b", "ab"),
            ("\u{2067}שלום\u{2069} a", "\u{2067}שלום\u{2069} a"),
            ("👩\u{200d}🦽", "👩\u{200d}🦽"),
        ] {
            assert_eq!(Passage::<20>::parse(text).unwrap().as_str(), kept, "{text:?}");
        }
        assert_eq!(why(Passage::<9>::parse("a\0b")), "must not contain the control character NUL");
    }

    #[test]
    fn a_line_has_no_invisible_characters() {
        for text in ["Ann", "A\u{200b}nn", "\u{feff}Ann", "\u{202e}Ann\u{202c}", "An\u{ad}n\u{200d}", "\u{200b} Ann \n"]
        {
            assert_eq!(Line::<3>::parse(text).unwrap().as_str(), "Ann", "{text:?}");
        }
    }

    #[test]
    fn debug_does_not_print_the_text() {
        assert_eq!(format!("{:?}", Short::parse("Ann").unwrap()), "Line5(..)");
    }

    #[derive(Deserialize)]
    struct Form {
        #[serde(default, deserialize_with = "optional")]
        name: Option<Line<5>>,
        #[serde(default, deserialize_with = "list::<_, _, 0, 2>")]
        needs: Vec<Line<5>>,
    }

    #[test]
    fn a_blank_or_null_optional_member_is_missing() {
        for json in ["{}", r#"{"name": null}"#, r#"{"name": ""}"#, r#"{"name": " \n"}"#, r#"{"name": "\u200b"}"#] {
            let form: Form = serde_json::from_str(json).unwrap();
            assert!(form.name.is_none() && form.needs.is_empty());
        }
        let form: Form = serde_json::from_str(r#"{"name": " Ann "}"#).unwrap();
        assert_eq!(form.name.unwrap().as_str(), "Ann");
        assert!(serde_json::from_str::<Form>(r#"{"name": "Annabel"}"#).is_err());
    }

    #[test]
    fn blank_items_of_a_list_do_not_count() {
        let form: Form = serde_json::from_str(r#"{"needs": ["a", " ", "b"]}"#).unwrap();
        assert_eq!(form.needs.len(), 2);
        let error = serde_json::from_str::<Form>(r#"{"needs": ["a", "b", "c"]}"#).err().unwrap();
        assert!(error.to_string().starts_with("must be a list of 0 to 2 texts"));
    }

    proptest! {
        #[test]
        fn what_a_text_prints_it_reads_back(text in ".{0,12}") {
            if let Ok(line) = Line::<8>::parse(&text) {
                prop_assert!(Line::<8>::parse(line.as_str()).unwrap() == line);
            }
            if let Ok(passage) = Passage::<8>::parse(&text) {
                prop_assert!(Passage::<8>::parse(passage.as_str()).unwrap() == passage);
            }
        }
    }
}
