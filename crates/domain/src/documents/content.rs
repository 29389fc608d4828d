//! The kind of a content, looked at as it comes in: by its first bytes, and for a text by all of them.

use infer::{archive, audio, image};

use crate::documents::container::MOST_PARTS;
use crate::documents::kind::DocumentKind;
use crate::documents::text::TextCheck;
use crate::fault::InvalidValue;

/// The greatest number of first bytes that are kept: enough for the brands of a container of pictures or sound.
pub(super) const FIRST: usize = 512;

/// What a content is found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A document of this kind.
    Kind(DocumentKind),
    /// A ZIP, whose parts show what it is ([`Container`](crate::documents::container::Container)).
    Container,
}

/// Looks at a content piece by piece, as it comes in.
#[derive(Clone, Debug, Default)]
pub struct ContentCheck {
    first: Vec<u8>,
    text: TextCheck,
    /// The last bytes seen, in which the entry of a part may have begun.
    before: Vec<u8>,
    /// The number of entries of parts, if the content is a ZIP.
    parts: usize,
}

/// The bytes with which a PDF begins.
const PDF: &[u8] = b"%PDF-";

/// Tells whether a content begins as one of a kind does.
type BeginsAs = fn(&[u8]) -> bool;

/// The bytes with which the entry of each part begins in the directory of a ZIP.
const ENTRY: &[u8] = b"PK\x01\x02";

impl ContentCheck {
    /// Looks at the next piece.
    pub fn look(&mut self, piece: &[u8]) {
        let wanted = FIRST - self.first.len();
        self.first.extend(piece.iter().take(wanted));
        // A PDF, the largest of what may be text besides, is known by its beginning.
        if !self.first.starts_with(PDF) {
            self.text.look(piece);
        }
        let mut seen = std::mem::take(&mut self.before);
        seen.extend_from_slice(piece);
        let begins = seen.iter().enumerate().filter(|(_, byte)| **byte == ENTRY[0]);
        self.parts += begins.filter(|(at, _)| seen[*at..].starts_with(ENTRY)).count();
        self.before = seen.split_off(seen.len().saturating_sub(ENTRY.len() - 1));
    }

    /// Finds the kind of the whole content. One that is of no kind that is taken is [`InvalidValue`].
    pub fn found(&self) -> Result<Found, InvalidValue> {
        let first = self.first.as_slice();
        if let Some(kind) = begins_as(first) {
            return Ok(Found::Kind(kind));
        }
        // One with more parts is not read: its directory alone would take more memory than a document is worth.
        if archive::is_zip(first) && self.parts <= MOST_PARTS {
            return Ok(Found::Container);
        }
        if self.text.is_text() {
            return Ok(Found::Kind(DocumentKind::Txt));
        }
        Err(InvalidValue::new(
            "must be a PDF, a picture in JPEG, PNG or HEIC, a DOCX or ODT without macros, a plain text in UTF-8, or a \
             recording in MP3 or M4A",
        ))
    }
}

/// Finds the kind that a content shows by its [`FIRST`] bytes, or by all of them if there are fewer. What stands before the
/// content, such as a page before a PDF, makes it another kind.
pub(super) fn begins_as(first: &[u8]) -> Option<DocumentKind> {
    let kinds: [(BeginsAs, DocumentKind); 6] = [
        (|first| first.starts_with(PDF), DocumentKind::Pdf),
        (image::is_jpeg, DocumentKind::Jpeg),
        (image::is_png, DocumentKind::Png),
        (image::is_heif, DocumentKind::Heic),
        (audio::is_m4a, DocumentKind::M4a),
        (audio::is_mp3, DocumentKind::Mp3),
    ];
    kinds.into_iter().find(|(is, _)| is(first)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_with_too_many_parts_is_not_read() {
        for (parts, expected) in [(MOST_PARTS, Some(Found::Container)), (MOST_PARTS + 1, None)] {
            let content = [b"PK\x03\x04".to_vec(), b"PK\x01\x02..".repeat(parts)].concat();
            for piece in [3, 65_536] {
                assert_eq!(found(&content, piece), expected, "{parts} in pieces of {piece}");
            }
        }
    }

    fn found(content: &[u8], piece: usize) -> Option<Found> {
        let mut check = ContentCheck::default();
        content.chunks(piece).for_each(|piece| check.look(piece));
        check.found().ok()
    }

    #[test]
    fn a_kind_is_known_by_how_its_content_begins() {
        let kind = |kind| Some(Found::Kind(kind));
        for (content, expected) in [
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3".as_slice(), kind(DocumentKind::Pdf)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", kind(DocumentKind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", kind(DocumentKind::Png)),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", kind(DocumentKind::Heic)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", kind(DocumentKind::Heic)),
            (b"\0\0\0\x1cftypM4A \0\0\x02\0M4A isomiso2", kind(DocumentKind::M4a)),
            (b"ID3\x03\0\0\0\0\0\x21TIT2", kind(DocumentKind::Mp3)),
            (b"\xff\xfb\x90\x64\0\0", kind(DocumentKind::Mp3)),
            (b"PK\x03\x04\x14\0\x06\0", Some(Found::Container)),
            (b"Saw Edith at home.", kind(DocumentKind::Txt)),
            (b"<html>%PDF-1.7", None),
            (b"\xef\xbb\xbf<svg/>", None),
            (b"GIF89a\x01\0\x01\0\x80", None),
            (b"MZ\x90\0\x03\0\0\0", None),
            (b"\x7fELF\x02\x01\x01\0", None),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None),
            (b"\0\0\0\x18ftypisom\0\0\0\0isomiso2", None),
            (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", None),
            (b"RIFF\0\0\0\0WAVEfmt ", None),
            (b"{\\rtf1\\ansi\x07", None),
            (b"", None),
        ] {
            for piece in [1, 5, 65_536] {
                assert_eq!(found(content, piece), expected, "{content:?} in pieces of {piece}");
            }
        }
    }
}
