//! The language of a letter.

use std::borrow::Cow;

/// The greatest number of characters in a tag: RFC 5646 §4.4.1 says that 35 are enough for every tag in use.
const LONGEST: usize = 35;

/// The languages that are written from right to left, unless their tag names another script.
const RIGHT_TO_LEFT: [&str; 10] = ["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];

/// The scripts that are written from right to left, as they stand in a tag, in lower case.
const RIGHT_TO_LEFT_SCRIPTS: [&str; 5] = ["arab", "hebr", "nkoo", "syrc", "thaa"];

/// The language in which a letter is written, as a tag of BCP 47 such as `en-GB`. A screen reader takes its voice from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(Cow<'static, str>);

impl Language {
    /// British English, `en-GB`.
    pub const BRITISH_ENGLISH: Self = Self(Cow::Borrowed("en-GB"));

    /// Reads a tag. It must be well formed: a language of two to eight letters, and then parts of up to eight letters and
    /// digits, joined by hyphens, 35 characters at most. Whether there is such a language is not looked up.
    pub fn parse(tag: &str) -> Result<Self, InvalidLanguage> {
        let (language, rest) = tag.split_once('-').map_or((tag, None), |(language, rest)| (language, Some(rest)));
        let is_language = (2..=8).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_part =
            |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if tag.len() <= LONGEST && is_language && rest.is_none_or(|rest| rest.split('-').all(is_part)) {
            Ok(Self(Cow::Owned(tag.to_owned())))
        } else {
            Err(InvalidLanguage)
        }
    }

    /// Returns the tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the language is written from right to left.
    pub(crate) fn is_right_to_left(&self) -> bool {
        let tag = self.0.to_ascii_lowercase();
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default();
        match parts.next().filter(|part| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_alphabetic())) {
            Some(script) => RIGHT_TO_LEFT_SCRIPTS.contains(&script),
            None => RIGHT_TO_LEFT.contains(&language),
        }
    }
}

/// The error of a text that is no language tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a language tag of BCP 47, such as en-GB")]
pub struct InvalidLanguage;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_well_formed_and_anything_else_is_refused() {
        for tag in ["en", "en-GB", "cy", "zh-Hant-HK", "de-CH-1996", "sl-rozaj-biske-1994", "en-x-lvariant"] {
            assert_eq!(Language::parse(tag).unwrap().as_str(), tag);
        }
        for tag in ["", "e", "-", "en-", "-GB", "en--GB", "en_GB", "en GB", "English language", "en-\"><b", "é", "12"]
        {
            assert_eq!(Language::parse(tag), Err(InvalidLanguage), "{tag}");
        }
        assert_eq!(Language::parse(&format!("en{}", "-abc".repeat(10))), Err(InvalidLanguage));
    }

    #[test]
    fn a_language_is_written_in_the_direction_of_its_script() {
        for (tag, expected) in [
            ("en-GB", false),
            ("ar", true),
            ("AR-EG", true),
            ("ur-PK", true),
            ("he", true),
            ("az", false),
            ("az-Arab-IR", true),
            ("ur-Latn", false),
        ] {
            assert_eq!(Language::parse(tag).unwrap().is_right_to_left(), expected, "{tag}");
        }
    }
}
