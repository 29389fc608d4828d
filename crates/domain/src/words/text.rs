//! Free text: [`Line`] for one line, [`Passage`] for several, and the readers that treat a blank
//! optional member as a missing one.
//!
//! Text is kept in Unicode normalisation form C, without white space at either end, and without
//! control characters. Lengths are counted in characters after that.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::sql_text::text_value;

/// The pattern of a line: white space at its ends is taken off, and something is left.
const ONE_LINE: &str = r"^\s*[^\s\x00-\x1F\x7F-\x9F\u2028\u2029]([^\x00-\x1F\x7F-\x9F\u2028\u2029]*[^\s\x00-\x1F\x7F-\x9F\u2028\u2029])?\s*$";

/// The pattern of a passage: like a line's, but with line breaks.
const SEVERAL_LINES: &str =
    r"^\s*[^\s\x00-\x1F\x7F-\x9F]([^\x00-\x09\x0B\x0C\x0E-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F])?\s*$";

/// One line of text, of 1 to `MAX` characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// Reads a line. A text that is blank or too long, or has a line break or control character, is [`InvalidValue`].
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let line = normalised(text);
        if line.chars().any(|c| c.is_control() || is_separator(c)) {
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
        .description(Some("One line of text without control characters, trimmed"))
        .pattern(Some(ONE_LINE))
        .min_length(Some(1))
        .max_length(Some(MAX)),
);

/// Text of 1 to `MAX` characters that may run over several lines. Lines end in `\n`, to which other line breaks are
/// converted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct Passage<const MAX: usize>(String);

impl<const MAX: usize> Passage<MAX> {
    /// Reads a passage. A text that is blank or too long, or has a control character other than a line break, is
    /// [`InvalidValue`].
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let passage = normalised(&text.replace("\r\n", "\n").replace(is_line_break, "\n"));
        if passage.chars().any(|c| c.is_control() && c != '\n') {
            return Err(InvalidValue::new(
                "must not contain control characters such as NUL or tabs; line breaks are allowed",
            ));
        }
        of_length::<MAX>(passage).map(Self)
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
            "Text without control characters other than line breaks, trimmed",
        ))
        .pattern(Some(SEVERAL_LINES))
        .min_length(Some(1))
        .max_length(Some(MAX)),
);

fn normalised(text: &str) -> String {
    text.trim().nfc().collect()
}

fn is_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_line_break(c: char) -> bool {
    c == '\r' || is_separator(c)
}

fn of_length<const MAX: usize>(text: String) -> Result<String, InvalidValue> {
    if text.is_empty() {
        return Err(InvalidValue::new("must not be blank"));
    }
    if text.chars().count() > MAX {
        return Err(InvalidValue::new(format!("must be at most {MAX} characters")));
    }
    Ok(text)
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
        Some(text) if !text.trim().is_empty() => T::try_from(text).map(Some).map_err(D::Error::custom),
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
        for blank in ["", "   ", "\t", "\r\n", "\u{2003}"] {
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
    fn a_passage_keeps_its_line_breaks_and_writes_them_one_way() {
        for text in ["a\nb", "a\r\nb", "a\rb", "a\u{2028}b", " a\nb\n\n"] {
            assert_eq!(Passage::<3>::parse(text).unwrap().as_str(), "a\nb");
        }
        for c in ['\0', '\t', '\u{1b}', '\u{85}'] {
            assert!(why(Passage::<9>::parse(&format!("a{c}b"))).starts_with("must not contain"), "{c:?}");
        }
    }

    #[test]
    fn direction_marks_are_left_alone() {
        assert_eq!(Line::<9>::parse("a\u{202e}b").unwrap().as_str(), "a\u{202e}b");
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
        for json in ["{}", r#"{"name": null}"#, r#"{"name": ""}"#, r#"{"name": " \n"}"#] {
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
        fn what_a_line_prints_it_reads_back(text in "\\PC{0,12}") {
            if let Ok(line) = Line::<8>::parse(&text) {
                prop_assert!(Line::<8>::parse(line.as_str()).unwrap() == line);
            }
        }
    }
}
