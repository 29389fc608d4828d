//! A document as data, and how it is written: as HTML and as tagged PDF (PDF/UA-1).
//!
//! A [`Letter`] is a list of [`Block`]s. It knows nothing of what it is about, reads no file, no clock and no random number,
//! and gives the same bytes for the same blocks. Both ways of writing it tell a screen reader what is a heading, a paragraph,
//! a list or a fact, and both take every text: what people write has any alphabet, any length, and characters that nobody
//! can see.
//!
//! ```
//! use almoner_letters::{Block, Language, Letter, Level, Size};
//!
//! let letter = Letter::new("Your complaint", Language::BRITISH_ENGLISH, Size::LargePrint, [
//!     Block::lines(["Mrs A. Example", "1 Sample Street"]),
//!     Block::heading(Level::One, "What we found"),
//!     Block::paragraph("We are sorry.\n\nThis is what we do next:"),
//!     Block::list(["We write to the agency.", "We come back to you by 1 March."]),
//! ]);
//! assert!(letter.html().contains("<li dir=\"auto\"><p>We write to the agency.</p></li>"));
//! ```

mod html;
mod language;
mod letter;
mod pdf;
mod text;

pub use language::{InvalidLanguage, Language};
pub use letter::{Block, Letter, Level, Size};
pub use pdf::PdfError;
