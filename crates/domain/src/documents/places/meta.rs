//! The box `meta` of an HEIC: its items, and where in the content the bytes of each stand (ISO/IEC 14496-12 §8.11).

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::{LONGEST, tiff};

/// The greatest number of items and of their stretches. A picture of 200 megapixels has about a thousand tiles.
const MOST: usize = 4096;

/// The boxes that `meta` needs besides the properties and the bytes of items: its kind, the file where its items are, the
/// first item, what items there are and where, and how they belong together.
const NEEDED: [&[u8; 4]; 7] = [b"hdlr", b"dinf", b"pitm", b"iinf", b"iloc", b"iref", b"grpl"];

/// What an item is, and what therefore is done with its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// An image, or how images are put together. It stays.
    Image,
    /// Exif data, which are written anew.
    Exif,
    /// A text, such as XMP, which is overwritten with spaces.
    Text,
}

/// Bytes of the content that belong to an item, or to several images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) item: Item,
}

/// Overwrites in `meta` what may tell a place, and returns the stretches of the content where items stand, in their order.
/// Returns `None` if it cannot be told where all items are. `content` is that of the box, without the box's own header.
pub(super) fn without_places(content: &mut [u8]) -> Option<VecDeque<Stretch>> {
    if content.get(..4)? != [0; 4] {
        return None;
    }
    let boxes = boxes(content, 4..content.len())?;
    let items = items(content.get(only(&boxes, *b"iinf")?)?)?;
    let (elsewhere, here) = stretches(content.get(only(&boxes, *b"iloc")?)?, &items)?;
    if !here.is_empty() {
        treat(content.get_mut(only(&boxes, *b"idat")?)?, &here)?;
    }
    for one in &boxes {
        match &one.name {
            b"iprp" => free_texts(content, one.content.clone())?,
            b"idat" if !here.is_empty() => {}
            name if NEEDED.contains(&name) => {}
            _ => one.free(content)?,
        }
    }
    Some(elsewhere.into())
}

/// A box within `meta`.
struct Part {
    name: [u8; 4],
    content: Range<usize>,
}

impl Part {
    /// Makes the box one that has nothing in it, at the same length (§8.1.2).
    fn free(&self, bytes: &mut [u8]) -> Option<()> {
        bytes.get_mut(self.content.clone())?.fill(0);
        *bytes.get_mut(..self.content.start)?.last_chunk_mut()? = *b"free";
        Some(())
    }
}

/// Finds the boxes that stand in a range one after another. Returns `None` if their lengths do not add up.
fn boxes(bytes: &[u8], range: Range<usize>) -> Option<Vec<Part>> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let mut header = Reader(bytes.get(at..range.end)?);
        let length = usize::try_from(header.number(4)?).ok().filter(|length| *length >= 8)?;
        let end = at.checked_add(length).filter(|end| *end <= range.end)?;
        found.push(Part { name: *header.take(4)?.first_chunk()?, content: at + 8..end });
        at = end;
    }
    Some(found)
}

/// Finds the content of the one box of a name.
fn only(boxes: &[Part], name: [u8; 4]) -> Option<Range<usize>> {
    let mut named = boxes.iter().filter(|one| one.name == name);
    let content = named.next()?.content.clone();
    named.next().is_none().then_some(content)
}

/// Overwrites the properties that are texts: descriptions by people (`udes`, ISO/IEC 23008-12) and what programs add.
/// They keep their place, by whose number the items name them.
fn free_texts(bytes: &mut [u8], iprp: Range<usize>) -> Option<()> {
    let properties = boxes(bytes, only(&boxes(bytes, iprp)?, *b"ipco")?)?;
    let mut texts = properties.iter().filter(|one| [b"udes", b"uuid"].contains(&&one.name));
    texts.try_for_each(|one| one.free(bytes))
}

/// Reads what each item is (§8.11.6).
fn items(iinf: &[u8]) -> Option<BTreeMap<u64, Item>> {
    let mut reader = Reader(iinf);
    let version = reader.number(1)?;
    reader.take(3)?;
    let count = reader.number(if version == 0 { 2 } else { 4 })?;
    let entries = boxes(reader.0, 0..reader.0.len())?;
    if entries.len() as u64 != count || entries.len() > MOST {
        return None;
    }
    let mut items = BTreeMap::new();
    for entry in entries.iter().filter(|entry| &entry.name == b"infe") {
        let mut reader = Reader(reader.0.get(entry.content.clone())?);
        let version = reader.number(1)?;
        reader.take(3)?;
        let id = match version {
            2 => reader.number(2)?,
            3 => reader.number(4)?,
            _ => return None,
        };
        let is_protected = reader.number(2)? != 0;
        let item = match reader.take(4)? {
            b"hvc1" | b"av01" | b"grid" | b"iovl" | b"iden" | b"tmap" => Item::Image,
            b"Exif" => Item::Exif,
            b"mime" | b"uri " => Item::Text,
            _ => return None,
        };
        if is_protected || items.insert(id, item).is_some() {
            return None;
        }
    }
    Some(items)
}

/// Reads where the bytes of the items are (§8.11.3): in the content, and within `meta` itself, in the box `idat`.
fn stretches(iloc: &[u8], items: &BTreeMap<u64, Item>) -> Option<(Vec<Stretch>, Vec<Stretch>)> {
    let mut reader = Reader(iloc);
    let version = reader.number(1)?;
    reader.take(3)?;
    let sizes = reader.number(2)?;
    let [size_of_offset, size_of_length, size_of_base, size_of_index] = [12, 8, 4, 0].map(|bits| (sizes >> bits) & 0xF);
    let (size_of_id, size_of_index) = match version {
        0 => (2, 0),
        1 => (2, size_of_index),
        2 => (4, size_of_index),
        _ => return None,
    };
    let (mut elsewhere, mut here) = (Vec::new(), Vec::new());
    for _ in 0..reader.number(size_of_id)? {
        let item = *items.get(&reader.number(size_of_id)?)?;
        let place = match if version == 0 { 0 } else { reader.number(2)? } {
            0 => &mut elsewhere,
            1 => &mut here,
            _ => return None,
        };
        let is_in_another_file = reader.number(2)? != 0;
        let base = reader.number(size_of_base)?;
        let extents = reader.number(2)?;
        // Exif data in several stretches would have to be put together.
        if is_in_another_file || (item == Item::Exif && extents > 1) {
            return None;
        }
        for _ in 0..extents {
            reader.number(size_of_index)?;
            let start = base.checked_add(reader.number(size_of_offset)?)?;
            // A length of zero stands for all of the content.
            let length = reader.number(size_of_length)?;
            let is_too_long = item == Item::Exif && length > LONGEST as u64;
            if length == 0 || is_too_long || place.len() == MOST {
                return None;
            }
            place.push(Stretch { start, end: start.checked_add(length)?, item });
        }
    }
    Some((in_order(elsewhere)?, in_order(here)?))
}

/// Puts stretches into the order of their bytes. Those of images may share bytes. Returns `None` if others do.
fn in_order(mut stretches: Vec<Stretch>) -> Option<Vec<Stretch>> {
    stretches.sort_by_key(|stretch| stretch.start);
    let mut ordered: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        match ordered.last_mut().filter(|last| last.end > stretch.start) {
            None => ordered.push(stretch),
            Some(last) if last.item == Item::Image && stretch.item == Item::Image => {
                last.end = last.end.max(stretch.end);
            }
            Some(_) => return None,
        }
    }
    Some(ordered)
}

/// Takes the places out of the items that stand in the box `idat`. What belongs to no item is overwritten.
fn treat(idat: &mut [u8], stretches: &[Stretch]) -> Option<()> {
    let mut at = 0;
    for stretch in stretches {
        let (start, end) = (usize::try_from(stretch.start).ok()?, usize::try_from(stretch.end).ok()?);
        idat.get_mut(at..start)?.fill(0);
        let bytes = idat.get_mut(start..end)?;
        match stretch.item {
            Item::Image => {}
            Item::Exif => bytes.copy_from_slice(&exif_without_places(bytes)),
            Item::Text => bytes.fill(b' '),
        }
        at = end;
    }
    idat.get_mut(at..)?.fill(0);
    Some(())
}

/// Writes the Exif data of an item anew: four bytes say how many others stand before the TIFF (ISO/IEC 23008-12 annex A.2.1).
/// Data that cannot be read becomes zeros, since an HEIC is turned by its properties and not by its Exif data.
pub(super) fn exif_without_places(item: &[u8]) -> Vec<u8> {
    let written = || {
        let mut reader = Reader(item);
        let before = reader.number(4)?;
        let header = reader.take(before)?;
        let tiff = tiff::without_places(reader.0)?;
        let is_known = header.is_empty() || header == b"Exif\0\0";
        is_known.then_some([item.get(..4)?, header, &tiff].concat())
    };
    written().unwrap_or_else(|| vec![0; item.len()])
}

/// Reads numbers from the beginning of bytes on.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// Reads a number of at most eight bytes, the highest first. One of no bytes is zero.
    fn number(&mut self, length: u64) -> Option<u64> {
        let bytes = self.take(length).filter(|bytes| bytes.len() <= 8)?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::places::pictures::{Extent, Order, PLACE, exif, exif_item, has, meta, part};

    fn read(items: &[(&[u8; 4], Extent)], boxes: &[Vec<u8>]) -> Option<(Vec<u8>, Vec<Stretch>)> {
        let mut content = meta(items, boxes).split_off(8);
        let stretches = without_places(&mut content)?;
        Some((content, stretches.into()))
    }

    fn stretch(start: u64, end: u64, item: Item) -> Stretch {
        Stretch { start, end, item }
    }

    #[test]
    fn the_items_are_found_in_the_order_of_their_bytes() {
        let items: &[(&[u8; 4], Extent)] = &[
            (b"mime", (0, 300, 40)),
            (b"hvc1", (0, 100, 20)),
            (b"grid", (0, 110, 30)),
            (b"hvc1", (0, 100, 20)),
            (b"Exif", (0, 140, 60)),
        ];
        let (_, stretches) = read(items, &[]).unwrap();
        let expected = [stretch(100, 140, Item::Image), stretch(140, 200, Item::Exif), stretch(300, 340, Item::Text)];
        assert_eq!(stretches, expected);
    }

    #[test]
    fn items_within_the_box_itself_lose_their_places_there() {
        let exif = exif_item(&exif(Order::Little, true));
        let idat = |exif: &[u8], text: &[u8]| part(*b"idat", &[b"grid", exif, text]);
        let items: &[(&[u8; 4], Extent)] =
            &[(b"grid", (1, 0, 4)), (b"Exif", (1, 4, exif.len())), (b"mime", (1, 4 + exif.len(), 5))];
        let (content, stretches) = read(items, &[idat(&exif, b"PLACE and more")]).unwrap();
        let expected = idat(&exif_without_places(&exif), b"     \0\0\0\0\0\0\0\0\0");
        assert!(stretches.is_empty() && content.ends_with(&expected) && !has(&content, PLACE));
    }

    #[test]
    fn boxes_and_properties_that_show_nothing_are_overwritten_at_their_length() {
        let properties = |name, text: &[u8]| {
            let properties =
                part(*b"ipco", &[&part(*b"ispe", &[b"size"]), &part(name, &[text]), &part(*b"irot", &[b"1"])]);
            part(*b"iprp", &[&properties, &part(*b"ipma", &[b"which are whose"])])
        };
        let items: &[(&[u8; 4], Extent)] = &[(b"hvc1", (0, 1000, 8))];
        for (before, after) in [
            (part(*b"xml ", &[b"PLACE"]), part(*b"free", &[&[0; 5]])),
            (part(*b"uuid", &[b"PLACE"]), part(*b"free", &[&[0; 5]])),
            (part(*b"udta", &[&part(*b"\xA9xyz", &[b"PLACE"])]), part(*b"free", &[&[0; 13]])),
            (part(*b"idat", &[b"PLACE"]), part(*b"free", &[&[0; 5]])),
            (properties(*b"udes", b"PLACE"), properties(*b"free", &[0; 5])),
            (properties(*b"uuid", b"PLACE"), properties(*b"free", &[0; 5])),
        ] {
            assert_eq!(read(items, &[before]).unwrap().0, meta(items, &[after])[8..]);
        }
        let shown =
            [properties(*b"colr", b"colours"), part(*b"iref", &[b"x"]), part(*b"dinf", &[]), part(*b"grpl", &[])];
        assert_eq!(read(items, &shown).unwrap().0, meta(items, &shown)[8..]);
    }

    #[test]
    fn items_of_which_it_cannot_be_told_where_they_are_or_what_are_none() {
        let long = LONGEST + 1;
        for (items, why) in [
            (&[(b"Exif", (2, 0, 8))][..], "within another item"),
            (&[(b"hvc1", (0, 100, 0))], "all of the content"),
            (&[(b"Exif", (0, 100, long))], "longer than may be held"),
            (&[(b"Exif", (1, 0, 8))], "in a box that is not there"),
            (&[(b"jpeg", (0, 100, 8))], "a picture of another kind"),
            (&[(b"hvc1", (0, 100, 8)), (b"Exif", (0, 104, 8))], "bytes that are an image's as well"),
            (&[(b"mime", (0, 100, 8)), (b"mime", (0, 100, 8))], "bytes that are two texts'"),
        ] {
            assert_eq!(read(items, &[]), None, "{why}");
        }
        let one: &[(&[u8; 4], Extent)] = &[(b"hvc1", (0, 100, 8))];
        let whole = meta(one, &[]).split_off(8);
        let iinf = whole.windows(4).position(|name| name == b"iinf").unwrap() + 4;
        let iloc = whole.windows(4).position(|name| name == b"iloc").unwrap() + 4;
        for (at, byte, why) in [
            (0, 1, "another version of the box"),
            (5, 0xFF, "a box that is longer than this one"),
            (iinf + 5, 7, "items that are not there"),
            (iinf + 14, 1, "an item as it was before items had kinds"),
            (iinf + 21, 1, "an item that is protected"),
            (iloc, 3, "a version that is not known"),
            (iloc + 4, 0xFF, "numbers of 15 bytes"),
            (iloc + 7, 9, "places that are not there"),
            (iloc + 9, 9, "the place of an item that is not there"),
            (iloc + 13, 1, "an item in another file"),
        ] {
            let mut spoilt = whole.clone();
            spoilt[at] = byte;
            assert_eq!(without_places(&mut spoilt), None, "{why}");
        }
        for twice in [b"iinf", b"iloc"] {
            assert_eq!(read(one, &[part(*twice, &[&[0; 6]])]), None, "two boxes of one name");
        }
        let many = vec![(b"hvc1", (0, 100, 8)); MOST + 1];
        assert_eq!(read(&many, &[]), None, "more items than are held");
    }
}
