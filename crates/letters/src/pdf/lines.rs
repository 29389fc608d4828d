//! Where a text is broken into lines.

use std::ops::Range;

use icu_segmenter::options::LineBreakOptions;
use icu_segmenter::{GraphemeClusterSegmenter, LineSegmenter};

use crate::pdf::shaping::Text;

/// By how many em a line may be too wide: sums of advances are not exact.
const TOLERANCE: f32 = 0.001;

/// A place for a break that shows a hyphen if it is used. No hyphen is written, so it is no place for a break.
const SOFT_HYPHEN: char = '\u{ad}';

/// Breaks a text into lines that are at most this many em wide without the spaces at their ends. Breaks are where Unicode
/// allows them (UAX #14). A word that is wider than a line is broken between two of its characters, and one character is
/// never broken, however narrow the line.
pub(super) fn break_lines(text: &Text, widest: f32) -> Vec<Range<usize>> {
    let mut broken = Lines { text, widest: widest + TOLERANCE, ended: Vec::new(), start: 0 };
    let whole = text.as_str();
    let mut fits = 0;
    for end in LineSegmenter::new_for_non_complex_scripts(LineBreakOptions::default()).segment_str(whole) {
        if end < whole.len() && (whole[..end].ends_with(SOFT_HYPHEN) || is_within_a_code(whole, end)) {
            continue;
        }
        if !broken.fits(end) {
            broken.end_line(fits);
            if !broken.fits(end) {
                broken.split(end);
            }
        }
        fits = end;
    }
    broken.end_line(whole.len());
    broken.ended
}

/// Whether a code such as `C-7QX4M-2KDPA` goes on here after a hyphen: capitals or digits stand on both sides. Whoever copies a code that is
/// broken over two lines leaves the hyphen out.
fn is_within_a_code(whole: &str, at: usize) -> bool {
    let is_of_a_code = |character: char| character.is_uppercase() || character.is_ascii_digit();
    let before = whole[..at].strip_suffix('-').and_then(|before| before.chars().next_back());
    before.is_some_and(is_of_a_code) && whole[at..].chars().next().is_some_and(is_of_a_code)
}

/// A text as far as it is broken.
struct Lines<'a> {
    text: &'a Text,
    widest: f32,
    /// The lines that are ended.
    ended: Vec<Range<usize>>,
    /// Where the line begins that is not yet ended.
    start: usize,
}

impl Lines<'_> {
    /// Whether the line may go on as far as here.
    fn fits(&self, end: usize) -> bool {
        let seen = self.start + self.text.as_str()[self.start..end].trim_end().len();
        self.text.width(&(self.start..seen)) <= self.widest
    }

    fn end_line(&mut self, end: usize) {
        if end > self.start {
            self.ended.push(self.start..end);
            self.start = end;
        }
    }

    /// Breaks a word that is wider than a line, up to its last line, which may go on.
    fn split(&mut self, end: usize) {
        let (from, mut fits) = (self.start, self.start);
        for within in GraphemeClusterSegmenter::new().segment_str(&self.text.as_str()[from..end]) {
            if !self.fits(from + within) {
                self.end_line(fits);
            }
            fits = from + within;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::fonts::Weight;
    use crate::pdf::shaping::Shaper;

    fn broken(text: &str, widest: f32) -> Vec<String> {
        let text = Shaper::new(false).measure(text.to_owned(), Weight::Regular);
        break_lines(&text, widest).into_iter().map(|range| text.as_str()[range].to_owned()).collect()
    }

    #[test]
    fn a_text_is_broken_where_unicode_allows_it() {
        assert_eq!(broken("We are sorry for this.", 6.0), ["We are sorry ", "for this."]);
        assert_eq!(broken("Mr\u{a0}Marlow and Mr\u{a0}Hale", 7.0), ["Mr\u{a0}Marlow ", "and Mr\u{a0}Hale"]);
        assert_eq!(broken("a co\u{ad}op\u{ad}er\u{ad}a\u{ad}tive", 5.7), ["a ", "co\u{ad}op\u{ad}er\u{ad}a\u{ad}tive"]);
        assert_eq!(broken("One.", 6.0), ["One."]);
        assert_eq!(broken("Anne-Marie", 3.5), ["Anne-", "Marie"]);
    }

    #[test]
    fn a_code_is_not_broken_at_its_hyphens_unless_it_is_wider_than_a_line() {
        assert_eq!(broken("About C-7QX4M-2KDPA, of today", 9.0), ["About ", "C-7QX4M-2KDPA, ", "of today"]);
        assert_eq!(broken("C-7QX4M-2KDPA", 6.0).concat(), "C-7QX4M-2KDPA");
        assert!(broken("C-7QX4M-2KDPA", 6.0).len() > 1);
        assert_eq!(broken("on 2026-11-20", 6.0), ["on ", "2026-11-20"]);
    }

    #[test]
    fn spaces_at_the_end_of_a_line_take_no_room() {
        assert_eq!(broken(&format!("One{}two", " ".repeat(40)), 3.0), [format!("One{}", " ".repeat(40)), "two".into()]);
    }

    #[test]
    fn a_word_that_is_wider_than_a_line_is_broken_and_no_character_is() {
        let word = "x".repeat(300);
        let lines = broken(&format!("A {word} b"), 20.0);
        assert_eq!(lines[0], "A ");
        assert!(lines[1].len() > 30 && lines.len() < 12, "{lines:?}");
        assert_eq!(lines.concat(), format!("A {word} b"));
        let accents = "e\u{301}\u{323}".repeat(10);
        assert!(broken(&accents, 0.1).iter().all(|line| line == "e\u{301}\u{323}"));
    }
}
