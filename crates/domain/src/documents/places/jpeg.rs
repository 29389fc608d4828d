//! JPEG: segments that begin with a marker, and between them the coded image (ITU-T T.81 annex B).

use super::{Step, broken, tiff};
use crate::fault::InvalidValue;

/// The beginning of the Exif data in a segment APP1 (Exif 2.32 §4.7.2).
const EXIF: &[u8] = b"Exif\0\0";

/// The segments of applications that are needed to show a picture: the density, the colours, and how they were coded. A
/// segment that is not among them may hold anything: XMP in APP1 (XMP part 3 §1.1.3), a table of more pictures in APP2, the
/// track of an action camera in APP6, IPTC in APP13.
const SHOWN_BY: [(u8, &[u8]); 3] = [(0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe")];

/// The greatest number of bytes FF before a marker. One is the rule, and any number is allowed.
const MOST_FILL_BYTES: usize = 1024;

/// A way through a JPEG. What comes after the end of its image is dropped: further pictures, videos, and what telephones
/// append.
#[derive(Debug, Default)]
pub(super) struct Jpeg {
    has_begun: bool,
    /// Whether the last segment began a scan, in whose coded image FF 00 and the markers of restarts may stand.
    is_in_scan: bool,
}

impl Jpeg {
    /// Takes a marker, or the segment that it begins, when it is whole.
    pub(super) fn next(&mut self, gathered: &[u8], out: &mut Vec<u8>) -> Result<Step, InvalidValue> {
        let fill = gathered.iter().take_while(|byte| **byte == 0xFF).count();
        let (marker, segment) = match gathered.get(fill..) {
            _ if gathered.is_empty() => return Ok(Step::gather(2)),
            Some([marker, segment @ ..]) if fill > 0 => (*marker, segment),
            Some([]) if fill <= MOST_FILL_BYTES => return Ok(Step::gather_more(1)),
            _ => return Err(broken("JPEG")),
        };
        match marker {
            0xD8 if !self.has_begun => self.has_begun = true,
            _ if !self.has_begun => return Err(broken("JPEG")),
            0x00 | 0xD0..=0xD7 if self.is_in_scan => {
                out.extend_from_slice(gathered);
                return Ok(Step::pass_to_marker());
            }
            0xD9 => {
                out.extend_from_slice(gathered);
                return Ok(Step::drop_rest());
            }
            // Frames and tables; a scan; what applications add; comments.
            0xC0..=0xC7 | 0xC9..=0xCF | 0xDA..=0xEF | 0xFE => return self.segment(marker, segment, gathered, out),
            _ => return Err(broken("JPEG")),
        }
        out.extend_from_slice(gathered);
        Ok(Step::gather(2))
    }

    /// Takes a segment: two bytes that say its length, themselves among it, and its content.
    fn segment(
        &mut self,
        marker: u8,
        segment: &[u8],
        gathered: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Step, InvalidValue> {
        let Some((length, content)) = segment.split_first_chunk() else { return Ok(Step::gather_more(2)) };
        let length = u64::from(u16::from_be_bytes(*length)).checked_sub(2).ok_or_else(|| broken("JPEG"))?;
        let missing = length.saturating_sub(content.len() as u64);
        if missing > 0 {
            return Ok(Step::gather_more(missing));
        }
        self.is_in_scan = marker == 0xDA;
        match (marker, content.strip_prefix(EXIF)) {
            (0xE1, Some(exif)) => {
                if let Some(exif) = tiff::without_places(exif) {
                    out.extend(gathered.iter().take(gathered.len() - exif.len()));
                    out.extend(exif);
                }
            }
            (0xE0..=0xEF, _) if !SHOWN_BY.iter().any(|(one, name)| *one == marker && content.starts_with(name)) => {}
            (0xFE, _) => {}
            _ => out.extend_from_slice(gathered),
        }
        Ok(if self.is_in_scan { Step::pass_to_marker() } else { Step::gather(2) })
    }
}

#[cfg(test)]
mod tests {
    use crate::documents::places::pictures::{Order, PLACE, exif, exif_segment, filter, filtered, has, jpeg, segment};

    #[test]
    fn a_segment_stays_only_if_it_is_needed_to_show_the_picture() {
        for (marker, content, stays) in [
            (0xE0, "JFIF\0 density", true),
            (0xE0, "JFXX\0 a thumbnail", false),
            (0xE0, "CIFF of a camera", false),
            (0xE1, "http://ns.adobe.com/xap/1.0/\0 XMP", false),
            (0xE1, "http://ns.adobe.com/xmp/extension/\0 XMP", false),
            (0xE1, "Exif\0\0 and nothing that can be read", false),
            (0xE1, "", false),
            (0xE2, "ICC_PROFILE\0 colours", true),
            (0xE2, "MPF\0 a table of pictures that follow", false),
            (0xE5, "RMETA\0 of a camera", false),
            (0xE6, "GoPro\0 a track", false),
            (0xEB, "JP a claim where it comes from", false),
            (0xED, "Photoshop 3.0\0 IPTC", false),
            (0xEE, "Adobe colours", true),
            (0xEE, "another", false),
            (0xFE, "a comment", false),
        ] {
            let one = segment(marker, content.as_bytes());
            let (out, is_changed) = filter(&jpeg(std::slice::from_ref(&one)), 5).unwrap();
            assert!(out == if stays { jpeg(&[one]) } else { jpeg(&[]) }, "{marker:X} {content:?}");
            assert_eq!(is_changed, !stays, "{marker:X} {content:?}");
        }
    }

    #[test]
    fn each_segment_with_exif_data_loses_its_places() {
        let [little, big] = [Order::Little, Order::Big].map(|order| exif_segment(&exif(order, true)));
        let before = jpeg(&[little, big]);
        let after = filtered(&before);
        assert_eq!(after.len(), before.len());
        assert!(has(&before, PLACE) && !has(&after, PLACE));
    }

    #[test]
    fn what_follows_the_image_is_left_out() {
        let picture = jpeg(&[]);
        let second = jpeg(&[exif_segment(&exif(Order::Little, true))]);
        for trailer in [&second[..], b"\0\0\0\x18ftypmp42", b"\0", b"Image_UTC_Data"] {
            assert_eq!(filter(&[&picture, trailer].concat(), 3).unwrap(), (picture.clone(), true));
        }
    }

    #[test]
    fn bytes_that_fill_before_a_marker_pass_with_it() {
        let filled = |fill: usize, marker: &[u8]| [b"\xFF\xD8", &vec![0xFF; fill][..], marker, b"\xFF\xD9"].concat();
        let tables = segment(0xDB, &[1; 65]);
        for fill in [0, 1, 500] {
            let picture = filled(fill, &tables);
            assert_eq!(filtered(&picture), picture);
            assert_eq!(filtered(&filled(fill, &segment(0xFE, b"PLACE"))), b"\xFF\xD8\xFF\xD9");
        }
        assert!(filter(&filled(5000, &tables), 9).is_err());
    }

    #[test]
    fn a_jpeg_that_cannot_be_read_to_its_end_is_refused() {
        for (rest, why) in [
            (b"\xFF\xD8\xFF\xD9".as_slice(), "it begins twice"),
            (b"\xFF\xE0\0\x01", "a segment shorter than its length"),
            (b"\xFF\xE1\xFF\xFFExif\0\0", "a segment longer than the content"),
            (b"\xFF\xDB\0\x03\0text\xFF\xD9", "something between the segments"),
            (b"\xFF\xD0\xFF\xD9", "a restart outside a scan"),
            (b"\xFF\0\xFF\xD9", "no marker"),
            (b"\xFF\xF7\0\x02\xFF\xD9", "another format"),
            (b"\xFF\xDA\0\x02coded", "no end"),
        ] {
            let refused = filter(&[b"\xFF\xD8", rest].concat(), 4).unwrap_err().to_string();
            assert!(refused.contains("must be whole") && refused.contains("JPEG"), "{why}: {refused}");
        }
    }
}
