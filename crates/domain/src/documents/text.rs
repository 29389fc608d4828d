//! Whether a content is a plain text, looked at as it comes in.

/// The markup that a browser takes for a page or a picture, wherever it stands, in lower case.
const MARKUP: [&[u8]; 8] = [b"<!doctype", b"<?xml", b"<html", b"<head", b"<body", b"<script", b"<svg", b"<iframe"];

/// The tags with which a page may begin besides ([MIME Sniffing](https://mimesniff.spec.whatwg.org/) §7.1), in lower case.
const FIRST_TAGS: [&[u8]; 12] =
    [b"<!--", b"<h1", b"<div", b"<font", b"<table", b"<a", b"<style", b"<title", b"<b", b"<br", b"<p", b"<meta"];

/// The greatest number of bytes that are kept of the beginning, and from one piece to the next: more than a tag has.
const KEPT: usize = 16;

/// Looks at a content piece by piece, as it comes in, and tells whether it is a plain text: UTF-8 without control characters,
/// and no page or picture in markup.
#[derive(Clone, Debug, Default)]
pub(super) struct TextCheck {
    /// The first bytes after white space, in lower case.
    beginning: Vec<u8>,
    /// The last bytes, in lower case, in which markup may have begun.
    before: Vec<u8>,
    /// The bytes of a character that the last piece did not end.
    unfinished: Vec<u8>,
    is_other: bool,
}

impl TextCheck {
    /// Looks at the next piece.
    pub(super) fn look(&mut self, piece: &[u8]) {
        if !self.is_other {
            self.is_other = piece.iter().copied().any(is_control) || !self.is_utf_8(piece) || self.has_markup(piece);
        }
    }

    /// Whether all the pieces together are a plain text in which something stands.
    pub(super) fn is_text(&self) -> bool {
        let begins_as_a_page = FIRST_TAGS.iter().any(|tag| {
            let rest = self.beginning.strip_prefix(*tag);
            let ends = |next: Option<&u8>| next.is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'>');
            rest.is_some_and(|rest| *tag == b"<!--" || ends(rest.first()))
        });
        !self.is_other && self.unfinished.is_empty() && !self.beginning.is_empty() && !begins_as_a_page
    }

    /// Whether the piece goes on in UTF-8. The next piece may finish its last character.
    fn is_utf_8(&mut self, piece: &[u8]) -> bool {
        let mut bytes = std::mem::take(&mut self.unfinished);
        bytes.extend_from_slice(piece);
        let Err(error) = std::str::from_utf8(&bytes) else { return true };
        self.unfinished = bytes.split_off(error.valid_up_to());
        error.error_len().is_none()
    }

    fn has_markup(&mut self, piece: &[u8]) -> bool {
        if self.beginning.len() < KEPT {
            let from_here = if self.beginning.is_empty() {
                piece.strip_prefix("\u{feff}".as_bytes()).unwrap_or(piece).trim_ascii_start()
            } else {
                piece
            };
            self.beginning.extend(from_here.iter().take(KEPT).map(u8::to_ascii_lowercase));
        }
        let mut seen = std::mem::take(&mut self.before);
        seen.extend(piece.iter().map(u8::to_ascii_lowercase));
        let mut begins = seen.iter().enumerate().filter(|(_, byte)| **byte == b'<').map(|(at, _)| &seen[at..]);
        let found = begins.any(|rest| MARKUP.iter().any(|tag| rest.starts_with(tag)));
        self.before = seen.split_off(seen.len().saturating_sub(KEPT));
        found
    }
}

fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_text(content: &[u8], piece: usize) -> bool {
        let mut check = TextCheck::default();
        content.chunks(piece).for_each(|piece| check.look(piece));
        check.is_text()
    }

    #[test]
    fn a_text_is_utf_8_without_markup_however_it_is_cut_into_pieces() {
        let long = format!("{}<script>", "a".repeat(100_000));
        for (content, expected) in [
            ("Saw Edith at home.".as_bytes(), true),
            ("\u{feff}With a mark.".as_bytes(), true),
            ("Tabs\tand\r\nlines\n".as_bytes(), true),
            ("Café \u{1f33b} 5 < 7 and <3".as_bytes(), true),
            ("She said: <nothing>".as_bytes(), true),
            ("<br".as_bytes(), false),
            ("<bring> this".as_bytes(), true),
            (b"", false),
            (b" \n\t ", false),
            ("<!DOCTYPE html><p>x".as_bytes(), false),
            ("  \n<HTML>".as_bytes(), false),
            ("\u{feff}<html>".as_bytes(), false),
            ("<!-- x --> hello".as_bytes(), false),
            ("<p>hello".as_bytes(), false),
            ("<a href=x>".as_bytes(), false),
            ("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".as_bytes(), false),
            ("<?xml version=\"1.0\"?><svg/>".as_bytes(), false),
            ("hello <ScRiPt>alert(1)</script>".as_bytes(), false),
            (long.as_bytes(), false),
            (b"nul\0", false),
            (b"bell\x07", false),
            (b"\xff\xfeh\0i\0", false),
            (b"caf\xe9", false),
            (b"cut off \xf0\x9f\x8c", false),
        ] {
            for piece in [1, 2, 3, 7, 65_536] {
                let shown = String::from_utf8_lossy(&content[..content.len().min(40)]);
                assert_eq!(is_text(content, piece), expected, "{shown:?} in pieces of {piece}");
            }
        }
    }
}
