//! PNG: a signature and chunks, each with its length, its name and a check of both (Portable Network Graphics, third edition,
//! §5).

use super::{LONGEST, Step, broken, length_and_name, tiff};
use crate::fault::InvalidValue;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The chunks that are needed to show a picture: its size and palette, its image and moving images, what is transparent, its
/// colours, its background, its density and its date. Text is not among them, and neither is what programs add, such as XMP
/// or the Exif data of a JPEG within a text (`iTXt`, `tEXt`, `zTXt`).
const SHOWN_BY: [&[u8; 4]; 19] = [
    b"IHDR", b"PLTE", b"IDAT", b"acTL", b"fcTL", b"fdAT", b"tRNS", b"cHRM", b"cICP", b"cLLI", b"gAMA", b"iCCP",
    b"mDCV", b"sBIT", b"sRGB", b"bKGD", b"hIST", b"pHYs", b"tIME",
];

/// The length of what stands before a chunk's content, its length and its name.
const BEFORE: usize = 8;
/// The length of what stands after a chunk's content, its check.
const AFTER: u64 = 4;
/// The greatest length of a chunk's content (§5.3).
const LONGEST_CHUNK: u32 = 0x7FFF_FFFF;

/// A way through a PNG. What comes after its last chunk is dropped.
#[derive(Debug, Default)]
pub(super) struct Png {
    has_begun: bool,
}

impl Png {
    /// Takes the signature, the beginning of a chunk, or a whole one that was gathered.
    pub(super) fn next(&mut self, gathered: &[u8], out: &mut Vec<u8>) -> Result<Step, InvalidValue> {
        if gathered.is_empty() {
            return Ok(Step::gather(BEFORE as u64));
        }
        if !self.has_begun {
            self.has_begun = gathered == SIGNATURE;
            out.extend_from_slice(gathered);
            return if self.has_begun { Ok(Step::gather(BEFORE as u64)) } else { Err(broken("PNG")) };
        }
        let Some((length, name, rest)) = length_and_name(gathered) else { return Err(broken("PNG")) };
        let after_name = u64::from(length) + AFTER;
        if name == b"eXIf" && !rest.is_empty() {
            if let Some(chunk) = exif_without_places(gathered) {
                out.extend(chunk);
            }
            return Ok(Step::gather(BEFORE as u64));
        }
        let is_readable = length <= LONGEST_CHUNK && name.iter().all(u8::is_ascii_alphabetic);
        let is_needed = name.first().is_some_and(u8::is_ascii_uppercase);
        match name {
            b"IEND" if length == 0 && rest.is_empty() => Ok(Step::gather_more(AFTER)),
            b"IEND" if length == 0 => {
                out.extend_from_slice(gathered);
                Ok(Step::drop_rest())
            }
            b"eXIf" if after_name <= LONGEST as u64 => Ok(Step::gather_more(after_name)),
            _ if is_readable && SHOWN_BY.contains(&name) => {
                out.extend_from_slice(gathered);
                Ok(Step::pass(after_name))
            }
            _ if is_readable && !is_needed => Ok(Step::drop(after_name)),
            _ => Err(broken("PNG")),
        }
    }
}

/// Writes a chunk of Exif data anew, with the check of its name and content. One that stays the same keeps its check, which
/// whoever opens the picture may find wrong as it was.
fn exif_without_places(chunk: &[u8]) -> Option<Vec<u8>> {
    let (begin, rest) = chunk.split_at_checked(BEFORE)?;
    let (content, _) = rest.split_at_checked(rest.len().checked_sub(4)?)?;
    let without = tiff::without_places(content)?;
    if without == content {
        return Some(chunk.to_vec());
    }
    let mut check = crc32fast::Hasher::new();
    check.update(begin.get(4..)?);
    check.update(&without);
    Some([begin, &without, &check.finalize().to_be_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use crate::documents::places::LONGEST;
    use crate::documents::places::pictures::{Order, PLACE, chunk, exif, filter, filtered, has, png};

    #[test]
    fn a_chunk_stays_only_if_it_is_needed_to_show_the_picture() {
        for (name, content, stays) in [
            (b"gAMA", "colours", true),
            (b"iCCP", "colours", true),
            (b"PLTE", "colours", true),
            (b"tRNS", "what is transparent", true),
            (b"pHYs", "a density", true),
            (b"tIME", "a date", true),
            (b"fcTL", "a moving image", true),
            (b"iTXt", "XML:com.adobe.xmp\0\0\0\0\0 XMP", false),
            (b"tEXt", "Comment\0", false),
            (b"zTXt", "Raw profile type exif\0", false),
            (b"eXIf", "Exif\0\0 and nothing that can be read", false),
            (b"eXIf", "", false),
            (b"caBX", "a claim where it comes from", false),
            (b"iDOT", "offsets of a program", false),
        ] {
            let one = chunk(*name, content.as_bytes());
            let (out, is_changed) = filter(&png(std::slice::from_ref(&one)), 5).unwrap();
            assert!(out == if stays { png(&[one]) } else { png(&[]) }, "{content:?}");
            assert_eq!(is_changed, !stays, "{content:?}");
        }
    }

    #[test]
    fn exif_data_lose_their_places_and_their_check_is_right() {
        for order in [Order::Little, Order::Big] {
            let before = png(&[chunk(*b"eXIf", &exif(order, true))]);
            let after = filtered(&before);
            assert!(has(&before, PLACE) && !has(&after, PLACE));
            let at = after.windows(4).position(|name| name == b"eXIf").unwrap();
            let content = &after[at + 4..at + 4 + exif(order, true).len()];
            assert_eq!(after, png(&[chunk(*b"eXIf", content)]));
        }
    }

    #[test]
    fn exif_data_longer_than_may_be_held_are_left_out() {
        for (more, stays) in [(0, true), (1, false)] {
            let mut exif = exif(Order::Little, false);
            exif.resize(LONGEST - 4 + more, 0);
            let picture = png(&[chunk(*b"eXIf", &exif)]);
            assert!(filtered(&picture) == if stays { picture } else { png(&[]) });
        }
    }

    #[test]
    fn what_follows_the_last_chunk_is_left_out() {
        assert_eq!(filter(&[png(&[]), b"PLACE".to_vec()].concat(), 3).unwrap(), (png(&[]), true));
    }

    #[test]
    fn a_png_that_cannot_be_read_to_its_end_is_refused() {
        let whole = png(&[]);
        for (picture, why) in [
            (b"\x89PNG\n\n\x1a\n".to_vec(), "another signature"),
            ([&whole[..8], b"\0\0\0\x01IEND\0\0\0\0\0"].concat(), "something in the last chunk"),
            ([&whole[..8], b"\x80\0\0\0IDAT"].concat(), "a chunk that is longer than may be"),
            ([&whole[..8], b"\0\0\0\0I\0AT\0\0\0\0"].concat(), "a chunk without a name"),
            ([&whole[..8], &chunk(*b"NEED", b""), &whole[8..]].concat(), "a chunk that is needed and not known"),
            (whole[..whole.len() - 12].to_vec(), "no last chunk"),
        ] {
            let refused = filter(&picture, 4).unwrap_err().to_string();
            assert!(refused.contains("must be whole") && refused.contains("PNG"), "{why}: {refused}");
        }
    }
}
