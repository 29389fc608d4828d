//! Exif data, which is a TIFF: directories of fields, whose longer values stand elsewhere in it (Exif 2.32 §4.6, TIFF 6.0 §2).
//!
//! It is written anew at the same length. Each field that stays keeps its value where it was, so that no offset changes; the
//! other fields are left out of their directories, and every byte that no field has is zero. So nothing is left of the
//! directory of positions (GPS, 0x8825), of a camera maker's private data (`MakerNote`, 0x927C), of comments, or of what a
//! program forgot to remove.

use std::ops::Range;

/// A directory of Exif data.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Directory {
    /// The first: what the picture is.
    Main,
    /// What the camera did, which the first directory names.
    Exif,
    /// The second: a small picture for a list.
    Thumbnail,
}

/// The field that names the directory of what the camera did.
const EXIF: u16 = 0x8769;
/// The fields that say where a thumbnail in JPEG begins and how long it is.
const THUMBNAIL_AT: u16 = 0x0201;
const THUMBNAIL_LENGTH: u16 = 0x0202;

/// The greatest number of fields in a directory. A camera writes a few dozen.
const MOST_FIELDS: usize = 256;
/// The greatest length of a value that stays. Without this limit and the other, data that are made for it would be copied for
/// minutes.
const LONGEST_VALUE: usize = 4096;
/// The length of a field in a directory: tag, type, count, and the value or its offset.
const FIELD: usize = 12;

impl Directory {
    /// Whether a field stays: one that a camera fills in, that helps to show the picture or says with which camera, how and
    /// when it was taken, and that is no free text (Exif 2.32 tables 4, 7 and 8).
    const fn keeps(self, tag: u16) -> bool {
        match self {
            // Size and samples; make, model, orientation; resolution; software and date; colours.
            Self::Main | Self::Thumbnail => matches!(
                tag,
                0x0100..=0x0103
                    | 0x0106
                    | 0x010F
                    | 0x0110
                    | 0x0112
                    | 0x0115
                    | 0x011A..=0x011C
                    | 0x0128
                    | 0x012D
                    | 0x0131
                    | 0x0132
                    | 0x013E
                    | 0x013F
                    | 0x0211..=0x0214
            ),
            // Exposure; version and dates; how the image is coded; light, lens and distance; fractions of the dates' seconds;
            // colour space and size; sensor; kinds of source and scene; settings; the picture's and the camera's numbers;
            // the lens; composite pictures; gamma.
            Self::Exif => matches!(
                tag,
                0x829A
                    | 0x829D
                    | 0x8822
                    | 0x8827
                    | 0x8830..=0x8835
                    | 0x9000
                    | 0x9003
                    | 0x9004
                    | 0x9010..=0x9012
                    | 0x9101
                    | 0x9102
                    | 0x9201..=0x920A
                    | 0x9214
                    | 0x9290..=0x9292
                    | 0xA000..=0xA003
                    | 0xA20B
                    | 0xA20E..=0xA210
                    | 0xA214
                    | 0xA215
                    | 0xA217
                    | 0xA300..=0xA302
                    | 0xA401..=0xA40A
                    | 0xA40C
                    | 0xA420
                    | 0xA431..=0xA435
                    | 0xA460..=0xA462
                    | 0xA500
            ),
        }
    }
}

/// Writes Exif data anew without the fields that may tell a place, at the same length. Returns `None` if it cannot be read, or
/// if nothing of it would be left.
pub(super) fn without_places(tiff: &[u8]) -> Option<Vec<u8>> {
    let is_little_endian = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let out = vec![0; tiff.len()];
    let mut copy = Copy { tiff, is_little_endian, out, has_exif: false, directories: Vec::new(), values: Vec::new() };
    copy.write(0, tiff.get(..8)?)?;
    copy.directories.push(0..8);
    let mut main = copy.directory(copy.u32(4)?, Directory::Main)?;
    // The directories are at most these three, however they point at one another.
    if main.next != 0
        && let Some(second) = copy.directory(main.next, Directory::Thumbnail)
    {
        copy.write(main.link, &copy.bytes_of_u32(main.next))?;
        main.bytes.end = main.bytes.end.max(main.link + 4);
        copy.directories.push(second.bytes);
    }
    copy.directories.push(main.bytes);
    copy.has_all_apart().then_some(copy.out)
}

/// A directory that was copied.
struct Copied {
    /// Where it stands, without the offset of the next directory, which some programs leave out.
    bytes: Range<usize>,
    /// Where in the copy the offset of the next directory stands. The copy has zero there.
    link: usize,
    /// The offset of the next directory in the original.
    next: u32,
}

/// Exif data that is written anew.
struct Copy<'a> {
    tiff: &'a [u8],
    is_little_endian: bool,
    out: Vec<u8>,
    /// Whether the directory of what the camera did has been named. There is one.
    has_exif: bool,
    /// The bytes of the header and of the directories, as they were.
    directories: Vec<Range<usize>>,
    /// The bytes of values that stay and of the thumbnail.
    values: Vec<Range<usize>>,
}

impl Copy<'_> {
    /// Copies the directory at an offset with those fields that stay, and their values. Returns `None` if the directory is not
    /// whole or if no field of it stays.
    fn directory(&mut self, at: u32, directory: Directory) -> Option<Copied> {
        let at = usize::try_from(at).ok()?;
        let fields_at = at.checked_add(2)?;
        let count = usize::from(self.u16(at)?);
        let end = fields_at.checked_add(count * FIELD)?;
        let fields = self.tiff.get(fields_at..end).filter(|_| count <= MOST_FIELDS)?;
        let has_thumbnail = directory == Directory::Thumbnail && self.keep_thumbnail(fields_at..end).is_some();
        let mut kept = Vec::new();
        for (field, field_at) in fields.chunks_exact(FIELD).zip((fields_at..end).step_by(FIELD)) {
            let tag = self.u16(field_at)?;
            let stays = match tag {
                EXIF if directory == Directory::Main && !self.has_exif => {
                    self.has_exif = true;
                    let exif = self.directory(self.u32(field_at + 8)?, Directory::Exif);
                    exif.map(|exif| self.directories.push(exif.bytes)).is_some()
                }
                THUMBNAIL_AT | THUMBNAIL_LENGTH => has_thumbnail,
                _ => directory.keeps(tag) && self.keep_value(field_at).is_some(),
            };
            if stays {
                kept.extend_from_slice(field);
            }
        }
        let count = u16::try_from(kept.len() / FIELD).ok().filter(|count| *count > 0)?;
        let count = if self.is_little_endian { count.to_le_bytes() } else { count.to_be_bytes() };
        self.write(at, &count)?;
        self.write(fields_at, &kept)?;
        let next = self.u32(end).unwrap_or_default();
        Some(Copied { bytes: at..end, link: fields_at + kept.len(), next })
    }

    /// Copies the value of a field, unless it stands in the field itself. Returns `None` if the value cannot be read.
    fn keep_value(&mut self, field_at: usize) -> Option<()> {
        let unit = match self.u16(field_at + 2)? {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let length = usize::try_from(self.u32(field_at + 4)?).ok()?.checked_mul(unit)?;
        let at = usize::try_from(self.u32(field_at + 8)?).ok()?;
        match length {
            0..=4 => Some(()),
            5..=LONGEST_VALUE => self.keep(at..at.checked_add(length)?),
            _ => None,
        }
    }

    /// Copies the thumbnail that the fields of a directory name, if it is a JPEG without data of applications (FF E1 to FF EF)
    /// and without a comment (FF FE), in which places might stand.
    fn keep_thumbnail(&mut self, fields: Range<usize>) -> Option<()> {
        let find = |tag| {
            let mut fields = fields.clone().step_by(FIELD);
            fields.find(|at| self.u16(*at) == Some(tag)).and_then(|at| usize::try_from(self.u32(at + 8)?).ok())
        };
        let (at, length) = (find(THUMBNAIL_AT)?, find(THUMBNAIL_LENGTH)?);
        let range = at..at.checked_add(length)?;
        let thumbnail = self.tiff.get(range.clone())?;
        let mut pairs = thumbnail.iter().zip(thumbnail.iter().skip(1));
        if pairs.any(|pair| matches!(pair, (0xFF, 0xE1..=0xEF | 0xFE))) {
            return None;
        }
        self.keep(range)
    }

    fn keep(&mut self, range: Range<usize>) -> Option<()> {
        self.write(range.start, self.tiff.get(range.clone())?)?;
        self.values.push(range);
        Some(())
    }

    /// Whether no directory shares bytes with another or with a value, which would bring back a field that was left out. Values
    /// may share theirs.
    fn has_all_apart(&self) -> bool {
        self.directories.iter().enumerate().all(|(number, one)| {
            let mut others = self.directories.iter().skip(number + 1).chain(&self.values);
            others.all(|other| other.end <= one.start || one.end <= other.start)
        })
    }

    fn write(&mut self, at: usize, bytes: &[u8]) -> Option<()> {
        self.out.get_mut(at..)?.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(())
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = *self.tiff.get(at..)?.first_chunk()?;
        Some(if self.is_little_endian { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = *self.tiff.get(at..)?.first_chunk()?;
        Some(if self.is_little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    const fn bytes_of_u32(&self, number: u32) -> [u8; 4] {
        if self.is_little_endian { number.to_le_bytes() } else { number.to_be_bytes() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::places::pictures::{
        Field, Order, PLACE, directory, exif, exif_segment, has, header, jpeg, segment,
    };

    #[test]
    fn fields_that_may_tell_a_place_are_left_out_and_the_others_keep_their_values_where_they_were() {
        for order in [Order::Little, Order::Big] {
            let before = exif(order, true);
            let after = without_places(&before).unwrap();
            assert_eq!(after.len(), before.len());
            assert!(!has(&after, PLACE));
            for text in ["A maker of cameras", "2026:01:02 03:04:05", "2026:01:02 03:04:06", "A lens"] {
                let find = |tiff: &[u8]| tiff.windows(text.len()).position(|window| window == text.as_bytes());
                assert!(find(&after).is_some() && find(&after) == find(&before), "{text}");
            }
            assert_eq!(after[8..10], order.short(4), "camera, orientation, date, and the directory of the camera");
            assert!(has(&after, &jpeg(&[])), "the thumbnail");
            assert_eq!(without_places(&after), Some(after), "what came out can be read");
            let clean = exif(order, false);
            assert_eq!(without_places(&clean), Some(clean));
        }
    }

    fn written(fields: &[Field], next: usize) -> Vec<u8> {
        [header(Order::Little), directory(Order::Little, 8, fields, next)].concat()
    }

    fn orientation() -> Field {
        (0x0112, 3, vec![6, 0])
    }

    #[test]
    fn data_that_cannot_be_read_or_of_which_nothing_stays_are_none() {
        let gps = (0x8825, 4, Order::Little.long(8));
        let whole = written(&[orientation()], 0);
        for (tiff, why) in [
            (b"".to_vec(), "nothing"),
            (b"Exif\0\0II*\0\x08\0\0\0".to_vec(), "the mark of a segment of a JPEG, twice"),
            (b"II\0*\x08\0\0\0\0\0\0\0\0\0".to_vec(), "both orders of bytes"),
            (b"II*\0\xFF\xFF\xFF\xFF\0\0\0\0\0\0".to_vec(), "a directory that stands outside"),
            (b"MM\0*\0\0\0\x08\xFF\xFF\0\0\0\0".to_vec(), "a directory that is not whole"),
            (whole[..whole.len() - 5].to_vec(), "a field that is not whole"),
            (written(&[], 0), "a directory without fields"),
            (written(&vec![orientation(); MOST_FIELDS + 1], 0), "a directory with too many fields"),
            (written(&[gps], 0), "nothing but a position"),
        ] {
            assert_eq!(without_places(&tiff), None, "{why}");
        }
        assert_eq!(
            without_places(&whole[..whole.len() - 4]),
            Some(whole[..whole.len() - 4].to_vec()),
            "no last offset"
        );
    }

    #[test]
    fn a_field_whose_value_cannot_be_read_is_left_out() {
        let expected = directory(Order::Little, 8, &[orientation()], 0);
        for (field, why) in [
            ([0x0F, 1, 2, 0, 9, 0, 0, 0, 0xFF, 0xFF, 0, 0], "a value that stands outside"),
            ([0x0F, 1, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF, 8, 0, 0, 0], "a value that is too long"),
            ([0x0F, 1, 12, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "a value that is longer than can be"),
            ([0x0F, 1, 2, 0, 1, 0x10, 0, 0, 40, 0, 0, 0], "a value that is longer than those that stay"),
            ([0x0F, 1, 77, 0, 1, 0, 0, 0, b'P', b'L', b'A', b'C'], "a value of no type"),
            ([0x69, 0x87, 4, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0, 0], "a directory that stands outside"),
        ] {
            let mut tiff = written(&[(0x010F, 1, PLACE.into()), orientation()], 0);
            tiff[10..22].copy_from_slice(&field);
            tiff.resize(5000, 0);
            let after = without_places(&tiff).unwrap();
            assert!(after[8..].starts_with(&expected), "{why}: {after:?}");
        }
    }

    #[test]
    fn a_directory_may_lack_the_offset_of_the_next() {
        let exif_at = 8 + 2 + 2 * FIELD + 4;
        let main = written(&[orientation(), (0x8769, 4, Order::Little.long(exif_at))], 0);
        let value_at = exif_at + 2 + FIELD;
        let exif =
            [&[1, 0, 0x9A, 0x82, 5, 0, 1, 0, 0, 0], &Order::Little.long(value_at)[..], &[1, 0, 0, 0, 60, 0, 0, 0]];
        let tiff = [main, exif.concat()].concat();
        assert_eq!(without_places(&tiff), Some(tiff));
    }

    #[test]
    fn directories_and_values_that_share_bytes_are_none() {
        let itself = || (0x8769, 4, Order::Little.long(8));
        let metering = || (0x9207, 3, vec![2, 0]);
        for (fields, next, why) in [
            (vec![orientation()], 8, "a directory that comes after itself"),
            (vec![orientation(), itself(), metering()], 0, "a directory within itself"),
            (vec![orientation(), itself(), itself(), metering()], 8, "both, and more than once"),
        ] {
            assert_eq!(without_places(&written(&fields, next)), None, "{why}");
        }
        let mut tiff = written(&[(0x010F, 2, b"Maker of cameras".into()), orientation()], 0);
        assert!(without_places(&tiff).is_some());
        tiff[18] = 12;
        assert_eq!(without_places(&tiff), None, "a value within a directory");
    }

    #[test]
    fn a_thumbnail_that_may_have_places_of_its_own_is_left_out() {
        let nested = exif_segment(&exif(Order::Big, true));
        for (thumbnail, stays) in [
            (jpeg(&[]), true),
            (jpeg(&[nested]), false),
            (jpeg(&[segment(0xFE, b"PLACE")]), false),
            (jpeg(&[segment(0xED, b"Photoshop 3.0\0PLACE")]), false),
        ] {
            let at = 8 + 18 + 2 + 3 * FIELD + 4;
            let small = [
                (0x0103, 3, vec![6, 0]),
                (0x0201, 4, Order::Little.long(at)),
                (0x0202, 4, Order::Little.long(thumbnail.len())),
            ];
            let second = directory(Order::Little, 26, &small, 0);
            let tiff = [written(&[orientation()], 26), second, thumbnail.clone()].concat();
            let after = without_places(&tiff).unwrap();
            assert_eq!(after == tiff, stays);
            assert_eq!(after[26], if stays { 3 } else { 1 }, "the fields that name the thumbnail");
            assert_eq!(has(&after, &thumbnail), stays);
        }
    }
}
