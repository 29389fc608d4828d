//! Small pictures for the tests. Where they name a place, and wherever else one may be named, they say `PLAC`.

use crate::documents::Places;
use crate::fault::InvalidValue;

/// The bytes that stand for a place. They fit into a field of Exif data, and are the same in either order of bytes.
pub(super) const PLACE: &[u8; 4] = b"PLAC";

/// What comes out of a content that is pushed in pieces of this length, and whether anything was taken out of it.
pub(super) fn filter(content: &[u8], piece: usize) -> Result<(Vec<u8>, bool), InvalidValue> {
    let (mut places, mut out) = (Places::default(), Vec::new());
    content.chunks(piece).try_for_each(|piece| places.push(piece, &mut out))?;
    let is_changed = places.finish(&mut out)?;
    assert_eq!(is_changed, out != content, "it says whether it took anything out");
    Ok((out, is_changed))
}

/// What comes out of a picture that is taken.
pub(super) fn filtered(content: &[u8]) -> Vec<u8> {
    filter(content, 65_536).unwrap().0
}

pub(super) fn has(content: &[u8], bytes: &[u8]) -> bool {
    content.windows(bytes.len()).any(|window| window == bytes)
}

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn short(self, number: u16) -> Vec<u8> {
        if self == Self::Little { number.to_le_bytes().into() } else { number.to_be_bytes().into() }
    }

    pub(super) fn long(self, number: usize) -> Vec<u8> {
        let number = u32::try_from(number).unwrap();
        if self == Self::Little { number.to_le_bytes().into() } else { number.to_be_bytes().into() }
    }
}

/// A field of Exif data: its tag, its type, and the bytes of its value.
pub(super) type Field = (u16, u16, Vec<u8>);

/// Writes a directory that stands at an offset, and the longer values behind it.
pub(super) fn directory(order: Order, at: usize, fields: &[Field], next: usize) -> Vec<u8> {
    let mut written = order.short(u16::try_from(fields.len()).unwrap());
    let mut values = Vec::new();
    for (tag, kind, value) in fields {
        let unit = [1, 1, 1, 2, 4, 8, 1, 1][usize::from(*kind)];
        written.extend([order.short(*tag), order.short(*kind), order.long(value.len() / unit)].concat());
        if value.len() <= 4 {
            written.extend(value.iter().chain(&[0; 4]).take(4));
        } else {
            written.extend(order.long(at + 2 + fields.len() * 12 + 4 + values.len()));
            values.extend(value);
        }
    }
    [written, order.long(next), values].concat()
}

/// Writes the header of Exif data.
pub(super) fn header(order: Order) -> Vec<u8> {
    let mark = if order == Order::Little { b"II*\0" } else { b"MM\0*" };
    [mark.to_vec(), order.long(8)].concat()
}

/// Exif data with a camera, an orientation, a date and a thumbnail; and, if they are wanted, with places wherever there may be
/// some.
pub(super) fn exif(order: Order, with_places: bool) -> Vec<u8> {
    let if_wanted = |fields: Vec<Field>| if with_places { fields } else { Vec::new() };
    let thumbnail = jpeg(&[]);
    // The lengths are the same whatever the offsets are, so the second round knows where each directory stands.
    let (mut exif_at, mut gps_at, mut second_at, mut thumbnail_at) = (0, 0, 0, 0);
    let mut written = Vec::new();
    for _ in 0..2 {
        let main = [
            if_wanted(vec![(0x010E, 2, b"A picture of PLACE\0".into())]),
            vec![(0x010F, 2, b"A maker of cameras\0".into()), (0x0112, 3, order.short(6))],
            vec![(0x0132, 2, b"2026:01:02 03:04:05\0".into())],
            if_wanted(vec![(0x83BB, 7, b"PLACE of IPTC".into())]),
            vec![(0x8769, 4, order.long(exif_at))],
            if_wanted(vec![(0x8825, 4, order.long(gps_at))]),
            if_wanted(vec![(0xC7FE, 7, PLACE.into())]),
        ]
        .concat();
        let camera = [
            vec![(0x829A, 5, [order.long(1), order.long(60)].concat())],
            vec![(0x9003, 2, b"2026:01:02 03:04:06\0".into())],
            if_wanted(vec![(0x927C, 7, b"Maker\0PLACE".into()), (0x9286, 7, b"ASCII\0\0\0PLACE".into())]),
            vec![(0xA434, 2, b"A lens\0".into())],
        ]
        .concat();
        let gps = [
            (0x0000, 1, vec![2, 3, 0, 0]),
            (0x0001, 2, PLACE.into()),
            (0x0002, 5, PLACE.repeat(6)),
            (0x0003, 2, PLACE.into()),
            (0x0004, 5, PLACE.repeat(6)),
        ];
        let small = [
            vec![(0x0103, 3, order.short(6)), (0x0201, 4, order.long(thumbnail_at))],
            vec![(0x0202, 4, order.long(thumbnail.len()))],
            if_wanted(vec![(0x8825, 4, order.long(gps_at))]),
        ]
        .concat();
        written = [header(order), directory(order, 8, &main, second_at)].concat();
        exif_at = written.len();
        written.extend(directory(order, exif_at, &camera, 0));
        gps_at = written.len();
        if with_places {
            written.extend(directory(order, gps_at, &gps, 0));
        }
        second_at = written.len();
        written.extend(directory(order, second_at, &small, 0));
        thumbnail_at = written.len();
        written.extend(&thumbnail);
    }
    if with_places {
        written.extend(b"A PLACE that a program forgot");
    }
    written
}

/// A segment of a JPEG.
pub(super) fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xFF, marker], &u16::try_from(content.len() + 2).unwrap().to_be_bytes()[..], content].concat()
}

/// A JPEG in two scans, with these segments after its first.
pub(super) fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
    [
        b"\xFF\xD8".to_vec(),
        segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segments.concat(),
        segment(0xDB, &[1; 65]),
        segment(0xC2, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]),
        segment(0xC4, &[0; 20]),
        segment(0xDA, &[1, 1, 0, 0, 0, 0]),
        b"coded\xFF\0image\xFF\xD0after\xFF\xD1restarts\xFF\xFF".to_vec(),
        segment(0xC4, &[1; 20]),
        segment(0xDA, &[1, 1, 0, 1, 63, 0]),
        b"\xFF\0\xFF\0coded\xFF\xD9".to_vec(),
    ]
    .concat()
}

/// The segment of a JPEG with Exif data.
pub(super) fn exif_segment(tiff: &[u8]) -> Vec<u8> {
    segment(0xE1, &[b"Exif\0\0", tiff].concat())
}

/// A chunk of a PNG.
pub(super) fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let checked = [&name[..], content].concat();
    [&length[..], &checked, &crc32fast::hash(&checked).to_be_bytes()].concat()
}

/// A PNG with these chunks before its image.
pub(super) fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    let signature = b"\x89PNG\r\n\x1a\n".to_vec();
    let image = [chunk(*b"IDAT", b"a coded image"), chunk(*b"IDAT", b""), chunk(*b"IEND", b"")].concat();
    [signature, chunk(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]), chunks.concat(), image].concat()
}

/// A box of an HEIC.
pub(super) fn part(name: [u8; 4], contents: &[&[u8]]) -> Vec<u8> {
    let content = contents.concat();
    [&u32::try_from(content.len() + 8).unwrap().to_be_bytes(), &name[..], &content].concat()
}

/// Where the bytes of an item of an HEIC stand: the method by which it is told, the offset and the length.
pub(super) type Extent = (u16, usize, usize);

/// The box `meta` of an HEIC with these items and boxes. The items are numbered from 1.
pub(super) fn meta(items: &[(&[u8; 4], Extent)], boxes: &[Vec<u8>]) -> Vec<u8> {
    let long = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let short = |number: usize| u16::try_from(number).unwrap().to_be_bytes();
    let (mut entries, mut extents) = (Vec::new(), Vec::new());
    for (id, (kind, (method, offset, length))) in (1..).zip(items) {
        entries.extend(part(*b"infe", &[&[2, 0, 0, 0], &short(id), &[0, 0], &kind[..], b"\0application/rdf+xml\0"]));
        let [id, one, none] = [short(id), short(1), short(0)];
        extents.extend([&id[..], &method.to_be_bytes(), &none, &one, &long(*offset), &long(*length)].concat());
    }
    let iinf = part(*b"iinf", &[&[0; 4], &short(items.len()), &entries]);
    let iloc = part(*b"iloc", &[&[1, 0, 0, 0, 0x44, 0x00], &short(items.len()), &extents]);
    part(*b"meta", &[&[0; 4], &part(*b"hdlr", &[&[0; 8], b"pict", &[0; 13]]), &iinf, &iloc, &boxes.concat()])
}

/// The beginning of an HEIC.
pub(super) fn ftyp() -> Vec<u8> {
    part(*b"ftyp", &[b"heic\0\0\0\0mif1heic"])
}

/// An HEIC with these items one after another in `mdat`.
pub(super) fn heic(items: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let begin = |at: usize| {
        let starts = items.iter().scan(at, |end, (_, bytes)| {
            *end += bytes.len();
            Some(*end - bytes.len())
        });
        let extents = items.iter().zip(starts).map(|((kind, bytes), start)| (*kind, (0, start, bytes.len())));
        let property = part(*b"ispe", &[&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]]);
        let properties = part(*b"iprp", &[&part(*b"ipco", &[&property]), &part(*b"ipma", &[&[0; 8]])]);
        [ftyp(), meta(&extents.collect::<Vec<_>>(), &[properties])].concat()
    };
    let contents: Vec<&[u8]> = items.iter().map(|(_, bytes)| *bytes).collect();
    [begin(begin(0).len() + 8), part(*b"mdat", &contents)].concat()
}

/// The item of an HEIC with Exif data.
pub(super) fn exif_item(tiff: &[u8]) -> Vec<u8> {
    [b"\0\0\0\x06Exif\0\0", tiff].concat()
}

/// What telephones append to a picture.
pub(super) const TRAILER: &[u8] = b"PLACE after the picture";

/// Pictures of each kind with places in them.
pub(super) fn with_places() -> Vec<Vec<u8>> {
    let xmp = b"<x:xmpmeta>PLACE</x:xmpmeta>";
    let mut pictures = Vec::new();
    for order in [Order::Little, Order::Big] {
        let exif = exif(order, true);
        let more = segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", &xmp[..]].concat());
        pictures.push([jpeg(&[exif_segment(&exif), more]), TRAILER.to_vec()].concat());
        let text = chunk(*b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", &xmp[..]].concat());
        pictures.push([png(&[chunk(*b"eXIf", &exif), text]), TRAILER.to_vec()].concat());
        pictures.push(heic(&[
            (b"hvc1", b"an image"),
            (b"Exif", &exif_item(&exif)),
            (b"mime", xmp),
            (b"hvc1", b"more"),
        ]));
    }
    pictures
}

/// Pictures of each kind with no place in them.
pub(super) fn without_places() -> Vec<Vec<u8>> {
    let [little, big] = [Order::Little, Order::Big].map(|order| exif(order, false));
    vec![
        jpeg(&[]),
        jpeg(&[exif_segment(&little), segment(0xE2, b"ICC_PROFILE\0\x01\x01"), segment(0xEE, b"Adobe\0d\0\0\0\0\0")]),
        jpeg(&[exif_segment(&big)]),
        png(&[]),
        png(&[chunk(*b"gAMA", &[0, 0, 0, 1]), chunk(*b"eXIf", &little), chunk(*b"tIME", &[0; 7])]),
        png(&[chunk(*b"eXIf", &big)]),
        heic(&[(b"hvc1", b"an image")]),
        heic(&[(b"Exif", &exif_item(&little)), (b"hvc1", b"an image"), (b"Exif", &[&[0; 4][..], &big].concat())]),
    ]
}
