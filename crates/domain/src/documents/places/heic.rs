//! HEIC: boxes, of which `meta` says where in the box `mdat` the images, the Exif data and the texts stand (ISO/IEC 14496-12
//! §4.2 and §8.11, ISO/IEC 23008-12).

use std::collections::VecDeque;

use super::meta::{self, Item, Stretch};
use super::{LONGEST, Step, broken, length_and_name};
use crate::fault::InvalidValue;

/// A way through an HEIC. Its offsets count from its first byte, so nothing is left out before the last item: what is not an
/// item's becomes zero. What comes after the box with the last item, such as a video, is dropped.
#[derive(Debug, Default)]
pub(super) struct Heic {
    /// The number of bytes up to the end of the last step.
    at: u64,
    has_meta: bool,
    /// What of the items is still to come.
    stretches: VecDeque<Stretch>,
    /// The end of the box with the bytes of items, while it is passed through. It is [`u64::MAX`] if the box lasts to the end
    /// of the content.
    within: Option<u64>,
}

impl Heic {
    /// Takes the beginning of a box, the whole of `meta`, or the Exif data.
    pub(super) fn next(&mut self, gathered: &[u8], out: &mut Vec<u8>) -> Result<Step, InvalidValue> {
        if let Some(end) = self.within {
            if !gathered.is_empty() {
                out.extend(meta::exif_without_places(gathered));
            }
            if self.at < end {
                return self.next_item(end);
            }
            self.within = None;
        } else if !gathered.is_empty() {
            return self.next_box(gathered, out);
        }
        Ok(if self.has_meta && self.stretches.is_empty() { Step::drop_rest() } else { Step::gather(8) })
    }

    /// Takes the beginning of a box: its length, its name, and if the length is 1, a longer one in eight bytes. A length of 0
    /// lasts to the end of the content.
    fn next_box(&mut self, gathered: &[u8], out: &mut Vec<u8>) -> Result<Step, InvalidValue> {
        let Some((short, name, rest)) = length_and_name(gathered) else { return Err(broken("HEIC")) };
        let (header, length) = match (short, rest.first_chunk()) {
            (1, None) => return Ok(Step::gather_more(8)),
            (1, Some(long)) => (16, u64::from_be_bytes(*long)),
            (0, _) => (8, u64::MAX - self.at),
            (short, _) => (8, u64::from(short)),
        };
        let end = self.at.checked_add(length).ok_or_else(|| broken("HEIC"))?;
        let content = length.checked_sub(header).ok_or_else(|| broken("HEIC"))?;
        match name {
            b"meta" if !self.has_meta && short > 1 && length <= LONGEST as u64 => {
                let missing = length.saturating_sub(gathered.len() as u64);
                if missing > 0 {
                    return Ok(Step::gather_more(missing));
                }
                let mut content = rest.to_vec();
                self.stretches = meta::without_places(&mut content).ok_or_else(hidden)?;
                self.has_meta = true;
                self.at = end;
                out.extend(gathered.iter().take(8));
                out.extend(content);
                Ok(Step::pass(0))
            }
            b"mdat" if self.has_meta => {
                self.at += header;
                self.within = Some(end);
                out.extend_from_slice(gathered);
                Ok(Step::pass(0))
            }
            b"ftyp" if self.at == 0 => {
                self.at = end;
                out.extend_from_slice(gathered);
                Ok(Step::pass(content))
            }
            // A second picture, or one that moves, or a picture whose items come before it is said where they are.
            b"meta" | b"mdat" | b"ftyp" | b"moov" => Err(hidden()),
            _ => {
                self.at = end;
                out.extend(gathered.iter().take(4));
                out.extend(b"free");
                out.extend(gathered.iter().skip(8));
                Ok(Step::blank(content, 0))
            }
        }
    }

    /// Goes on within the box that has the bytes of items, and lasts to `end`.
    fn next_item(&mut self, end: u64) -> Result<Step, InvalidValue> {
        let next = self.stretches.front().copied();
        let (to, step) = match next {
            None if end == u64::MAX => (end, Step::drop_rest()),
            Some(next) if next.start == self.at && next.end <= end => {
                self.stretches.pop_front();
                let bytes = next.end - next.start;
                let step = match next.item {
                    Item::Image => Step::pass(bytes),
                    Item::Exif => Step::gather(bytes),
                    Item::Text => Step::blank(bytes, b' '),
                };
                (next.end, step)
            }
            Some(next) if next.start <= self.at || (next.start < end && next.end > end) => return Err(hidden()),
            next => {
                let to = next.map_or(end, |next| next.start.min(end));
                (to, Step::blank(to - self.at, 0))
            }
        };
        self.at = to;
        Ok(step)
    }
}

/// The refusal of a picture of which it cannot be told where its places are.
fn hidden() -> InvalidValue {
    InvalidValue::new(
        "must be a JPEG, or be sent with places=keep: where this picture in HEIC keeps its places cannot be told, so they \
         cannot be taken out",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::places::pictures::{
        Extent, Order, PLACE, exif, exif_item, filter, filtered, ftyp, has, heic, meta, part,
    };

    /// An HEIC with one image, before and after which these boxes stand.
    fn around(before: &[u8], after: &[u8], data: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let begin = |at: usize| [&ftyp(), &meta(&[(b"hvc1", (0, at, 8))], &[])[..], before].concat();
        let header = data(b"").len();
        [&begin(begin(0).len() + header), &data(b"an image")[..], after].concat()
    }

    fn data(content: &[u8]) -> Vec<u8> {
        part(*b"mdat", &[content])
    }

    #[test]
    fn exif_data_are_written_anew_and_texts_are_overwritten_where_they_stand() {
        let exif = exif_item(&exif(Order::Big, true));
        let items = |exif: &[u8], text: &[u8]| {
            heic(&[(b"hvc1", b"an image"), (b"Exif", exif), (b"mime", text), (b"uri ", text), (b"hvc1", b"more")])
        };
        let after = meta::exif_without_places(&exif);
        assert!(has(&exif, PLACE) && !has(&after, PLACE) && has(&after, b"A maker of cameras"));
        let blank = [b' '; 20];
        assert!(filtered(&items(&exif, b"XMP that says PLACE ")) == items(&after, &blank));
        let broken = [b"\0\0\0\x03Exi", &exif[10..]].concat();
        assert!(filtered(&items(&broken, &blank)) == items(&vec![0; broken.len()], &blank));
    }

    #[test]
    fn what_is_no_items_becomes_zero_and_what_follows_is_left_out() {
        let picture = around(b"", b"", data);
        for (spoilt, clean, why) in [
            (
                around(&part(*b"free", &[b"PLACE"]), b"", data),
                around(&part(*b"free", &[&[0; 5]]), b"", data),
                "a box that is free",
            ),
            (
                around(&part(*b"uuid", &[b"PLACE"]), b"", data),
                around(&part(*b"free", &[&[0; 5]]), b"", data),
                "a box that no item is in",
            ),
            (
                [&around(b"", b"", data)[..], &part(*b"mpvd", &[b"PLACE in a video"])].concat(),
                picture.clone(),
                "a video that follows",
            ),
            (around(b"", b"PLACE", data), picture.clone(), "something that follows"),
            (
                around(b"", b"", |image| {
                    if image.is_empty() { data(b"PLACE") } else { data(&[b"PLACE", image, b"PLAC"].concat()) }
                }),
                around(b"", b"", |image| {
                    if image.is_empty() { data(&[0; 5]) } else { data(&[&[0; 5], image, &[0; 4]].concat()) }
                }),
                "something beside the items",
            ),
        ] {
            assert!(filter(&spoilt, 3).unwrap() == (clean, true), "{why}");
        }
    }

    #[test]
    fn the_box_with_the_items_may_have_a_long_length_or_none() {
        let long = |image: &[u8]| [b"\0\0\0\x01mdat", &(16 + image.len() as u64).to_be_bytes()[..], image].concat();
        let without = |image: &[u8]| [b"\0\0\0\0mdat", image].concat();
        for picture in [around(b"", b"", long), around(b"", b"", without)] {
            assert_eq!(filter(&picture, 3).unwrap(), (picture.clone(), false));
            assert_eq!(filter(&[&picture, &b"PLACE"[..]].concat(), 3).unwrap(), (picture, true));
        }
    }

    #[test]
    fn a_picture_that_does_not_say_where_its_places_are_is_refused() {
        let one = |extent: Extent| [&ftyp(), &meta(&[(b"hvc1", extent)], &[])[..], &data(&[1; 500])].concat();
        let begin = [&ftyp(), &meta(&[(b"hvc1", (0, 200, 8))], &[])[..]].concat();
        for (picture, why) in [
            ([ftyp(), data(b"an image"), meta(&[(b"hvc1", (0, 32, 8))], &[])].concat(), "its items come first"),
            ([&begin[..], &meta(&[], &[])].concat(), "it says twice where they are"),
            ([&begin[..], &part(*b"moov", &[])].concat(), "it moves"),
            ([&begin[..], &ftyp()].concat(), "it begins twice"),
            ([ftyp(), b"\0\0\0\0meta".to_vec()].concat(), "the box that says where they are has no length"),
            ([ftyp(), b"\0\x10\0\0meta".to_vec()].concat(), "that box is longer than may be held"),
            (one((0, 10, 8)), "an item stands before"),
            (one((0, 600, 200)), "an item does not end with the box"),
        ] {
            let refused = filter(&picture, 4).unwrap_err().to_string();
            assert!(refused.contains("must be a JPEG") && refused.contains("places=keep"), "{why}: {refused}");
        }
        for (picture, why) in [
            (one((0, 5000, 8)), "an item stands behind the end"),
            ([&begin[..], b"\0\0\0\x07free"].concat(), "a box that is shorter than its header"),
            ([&begin[..], b"\0\0\0\x01free\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"].concat(), "a box longer than can be"),
            (begin.clone(), "no box with the items"),
        ] {
            let refused = filter(&picture, 4).unwrap_err().to_string();
            assert!(refused.contains("must be whole"), "{why}: {refused}");
        }
    }
}
