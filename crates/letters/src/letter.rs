//! A letter: its title, its language, its size and its blocks.

use crate::language::Language;
use crate::text;

/// The title of a letter that was given none. Neither HTML nor PDF/UA is right without a title.
const UNTITLED: &str = "Letter";

/// How large a letter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 12 points.
    Standard,
    /// 18 points, for readers who have asked for large print.
    LargePrint,
}

/// How deep a heading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A heading of the letter itself.
    One,
    /// A heading within one of level one.
    Two,
    /// A heading within one of level two.
    Three,
}

impl Level {
    /// The number of the level, from one.
    pub(crate) fn number(self) -> u16 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// The deepest level that a heading may have after one of this level.
    fn next(self) -> Self {
        match self {
            Self::One => Self::Two,
            Self::Two | Self::Three => Self::Three,
        }
    }
}

/// A part of a letter.
///
/// A text may be anything. A blank line in it begins a new paragraph, and any other end of a line stays one. A tab is four
/// spaces. A control character or a code that is no character is written as its number, such as `[U+0007]`. A text without
/// anything to see in it is left out, and so is a block that has no other.
#[derive(Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading. Its text is one line, whatever stands in it. It stays with what follows it.
    Heading {
        /// How deep the heading is. See [`Letter::new`].
        level: Level,
        /// What the heading says.
        text: String,
    },
    /// A paragraph, or several if there are blank lines in it.
    Paragraph(String),
    /// Lines that belong together, such as an address or a signature.
    Lines(Vec<String>),
    /// A list with a bullet before each item.
    List(Vec<String>),
    /// Names and values, such as "Reference" and "C-123". The name is one line; the value may have paragraphs.
    Facts(Vec<(String, String)>),
    /// The end of a page. What follows begins a new one. An empty page does not come of it, however many there are.
    PageBreak,
}

impl Block {
    /// A heading.
    pub fn heading(level: Level, text: impl Into<String>) -> Self {
        Self::Heading { level, text: text.into() }
    }

    /// A paragraph, or several if there are blank lines in it.
    pub fn paragraph(text: impl Into<String>) -> Self {
        Self::Paragraph(text.into())
    }

    /// Lines that belong together.
    pub fn lines<T: Into<String>>(lines: impl IntoIterator<Item = T>) -> Self {
        Self::Lines(lines.into_iter().map(Into::into).collect())
    }

    /// A list with a bullet before each item.
    pub fn list<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// Names and their values.
    pub fn facts<N: Into<String>, V: Into<String>>(facts: impl IntoIterator<Item = (N, V)>) -> Self {
        Self::Facts(facts.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Says what kind of block it is and nothing of what stands in it, because a log is no place for a letter.
impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Heading { level, .. } => write!(f, "Heading({level:?}, ..)"),
            Self::Paragraph(_) => f.write_str("Paragraph(..)"),
            Self::Lines(_) => f.write_str("Lines(..)"),
            Self::List(_) => f.write_str("List(..)"),
            Self::Facts(_) => f.write_str("Facts(..)"),
            Self::PageBreak => f.write_str("PageBreak"),
        }
    }
}

/// A document that can be written as HTML and as PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    title: Title,
    language: Language,
    size: Size,
    blocks: Vec<Block>,
}

/// The title of a letter, which does not show in a log.
#[derive(Clone, PartialEq, Eq)]
struct Title(String);

impl std::fmt::Debug for Title {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Title(..)")
    }
}

impl Letter {
    /// Makes a letter of these blocks. The title is one line that a program shows for the whole document; it does not stand
    /// on the page. A title with nothing in it becomes `Letter`.
    ///
    /// Levels of headings do not skip, as PDF/UA-1 §7.4.2 asks: the first heading has level one, and each other one is at
    /// most one level below the heading before it. A heading that would be deeper is lifted to that level. A heading without
    /// a text is left out.
    pub fn new(title: &str, language: Language, size: Size, blocks: impl IntoIterator<Item = Block>) -> Self {
        let mut deepest = Level::One;
        let mut kept = Vec::new();
        for mut block in blocks {
            if let Block::Heading { level, text } = &mut block {
                if text::is_blank(text) {
                    continue;
                }
                *level = deepest.min(*level);
                deepest = level.next();
            }
            kept.push(block);
        }
        let title = text::one_line(title);
        let title = if title.is_empty() { UNTITLED.to_owned() } else { title };
        Self { title: Title(title), language, size, blocks: kept }
    }

    /// The same letter in this size.
    #[must_use]
    pub fn in_size(self, size: Size) -> Self {
        Self { size, ..self }
    }

    /// The title, as one line.
    pub fn title(&self) -> &str {
        &self.title.0
    }

    /// The language in which the letter is written.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// The size in which the letter is written.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The blocks, in the order in which they are read, with their levels set right.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(given: &[Level]) -> Vec<u16> {
        let headings = given.iter().map(|level| Block::heading(*level, "A heading"));
        let letter = Letter::new("A letter", Language::BRITISH_ENGLISH, Size::Standard, headings);
        let level = |block: &Block| if let Block::Heading { level, .. } = block { Some(level.number()) } else { None };
        letter.blocks().iter().filter_map(level).collect()
    }

    #[test]
    fn a_heading_that_would_skip_a_level_is_lifted() {
        use Level::{One, Three, Two};
        for (given, expected) in [
            (&[One, Two, Three, One] as &[Level], [1, 2, 3, 1]),
            (&[Three, Three, Three, Three], [1, 2, 3, 3]),
            (&[One, Three, Two, Three], [1, 2, 2, 3]),
            (&[Two, One, Three, Two], [1, 1, 2, 2]),
        ] {
            assert_eq!(levels(given), expected);
        }
    }

    #[test]
    fn a_heading_without_text_is_left_out_and_makes_no_level() {
        let blocks = [Block::heading(Level::One, " \n\u{200b}"), Block::heading(Level::Two, "A heading")];
        let letter = Letter::new("A letter", Language::BRITISH_ENGLISH, Size::Standard, blocks);
        assert_eq!(letter.blocks(), [Block::heading(Level::One, "A heading")]);
    }

    #[test]
    fn a_title_is_one_line_and_never_blank() {
        for (given, expected) in [(" Your\n\ncomplaint ", "Your complaint"), ("", UNTITLED), (" \u{200b}\n", UNTITLED)]
        {
            assert_eq!(Letter::new(given, Language::BRITISH_ENGLISH, Size::Standard, []).title(), expected);
        }
    }

    #[test]
    fn a_log_shows_nothing_that_stands_in_a_letter() {
        let secret = "Edith";
        let blocks = [
            Block::heading(Level::One, secret),
            Block::paragraph(secret),
            Block::lines([secret]),
            Block::list([secret]),
            Block::facts([(secret, secret)]),
        ];
        let letter = Letter::new(secret, Language::BRITISH_ENGLISH, Size::Standard, blocks);
        assert!(!format!("{letter:?}").contains(secret));
    }
}
