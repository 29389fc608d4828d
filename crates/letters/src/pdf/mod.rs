//! A letter as a tagged PDF, PDF/UA-1.

mod drawing;
mod fonts;
mod lines;
mod pages;
mod rows;
mod shaping;

use std::fmt::Write;

use crate::letter::Letter;
use crate::pdf::rows::Rows;
use crate::pdf::shaping::Shaper;

/// The greatest number of characters that an error names.
const NAMED: usize = 20;

/// The reason why a letter could not be written as a PDF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// No embedded font has these characters, which are in their order and each there once. HTML takes them.
    #[error("no embedded font has {}", named(.0))]
    NoFont(Vec<char>),
    /// The library that writes the PDF refused what it was given, for example because it is no PDF/UA-1.
    #[error("the PDF was refused: {0}")]
    Refused(String),
}

/// Names characters by their numbers, so that a log has nothing of the letter.
fn named(characters: &[char]) -> String {
    let mut names = String::new();
    for character in characters.iter().take(NAMED) {
        let comma = if names.is_empty() { "" } else { ", " };
        let _ = write!(names, "{comma}U+{:04X}", u32::from(*character));
    }
    if let Some(others) = characters.len().checked_sub(NAMED).filter(|others| *others > 0) {
        let _ = write!(names, " and {others} others");
    }
    names
}

impl Letter {
    /// Writes the letter as a PDF of A4 pages, tagged and valid as PDF/UA-1, with its fonts in it. The same letter gives the
    /// same bytes.
    ///
    /// A character that no embedded font has would be an empty box on paper, and a gap for somebody who hears the letter. So
    /// such a letter is [`PdfError::NoFont`], which names the characters. Its [`Letter::html`] can be had.
    pub fn pdf(&self) -> Result<Vec<u8>, PdfError> {
        let mut shaper = Shaper::new(self.language().is_right_to_left());
        let rows = Rows::of(self, &mut shaper);
        if !shaper.missing().is_empty() {
            return Err(PdfError::NoFont(shaper.missing().iter().copied().collect()));
        }
        drawing::draw(self, &rows, &mut shaper)
    }
}

#[cfg(test)]
mod tests;
