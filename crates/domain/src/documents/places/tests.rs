//! What holds for pictures of every kind.

use proptest::prelude::*;

use super::pictures::{PLACE, TRAILER, chunk, filter, has, png, with_places, without_places};
use super::{LONGEST, Places, Stage};

#[test]
fn places_are_taken_out_however_the_content_is_cut_into_pieces() {
    for picture in with_places() {
        assert!(has(&picture, PLACE));
        let whole = filter(&picture, usize::MAX).unwrap();
        assert!(!has(&whole.0, PLACE) && whole.1, "{:?}", String::from_utf8_lossy(&whole.0));
        for piece in [1, 2, 7, 65_536] {
            assert_eq!(filter(&picture, piece).unwrap(), whole, "in pieces of {piece}");
        }
        for kept in ["A maker of cameras", "2026:01:02 03:04:05", "2026:01:02 03:04:06", "A lens"] {
            assert!(has(&whole.0, kept.as_bytes()), "{kept}");
        }
        let orientations = [&[1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6][..], &[0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0]];
        assert!(orientations.iter().any(|field| has(&whole.0, field)), "the picture is shown upright");
        assert_eq!(
            filter(&whole.0, 7).unwrap(),
            (whole.0, false),
            "what came out is whole, and nothing is left to take"
        );
    }
}

#[test]
fn a_content_without_places_stays_as_it_is() {
    let others: [&[u8]; 6] = [
        b"",
        b"\xFF",
        b"%PDF-1.7 PLACE",
        b"Seen in PLACE.",
        b"\0\0\0\x1cftypM4A \0\0\x02\0M4A isomiso2PLACE",
        b"\x89PN",
    ];
    let long = [b"%PDF-1.7".to_vec(), vec![b'a'; 200_000]].concat();
    let contents = others.map(<[u8]>::to_vec).into_iter().chain([long]).chain(without_places());
    for content in contents {
        for piece in [1, 2, 7, 65_536] {
            let (out, is_changed) = filter(&content, piece).unwrap();
            assert!(out == content && !is_changed, "{:?}", String::from_utf8_lossy(&out));
        }
    }
}

#[test]
fn a_picture_that_is_cut_off_is_refused_and_nothing_of_its_places_has_come_out() {
    for picture in with_places() {
        let end = picture.strip_suffix(TRAILER).unwrap_or(&picture).len();
        for length in 4..picture.len() {
            let (mut places, mut out) = (Places::default(), Vec::new());
            let pushed = places.push(&picture[..length], &mut out);
            // Of fewer bytes it cannot be told that they begin an HEIC, which the check of the kind refuses.
            let is_known = !has(&picture, b"ftyp") || length >= 24;
            let finished = pushed.and_then(|()| places.finish(&mut out));
            assert_eq!(finished.is_err(), is_known && length < end, "cut off after {length} of {end}");
            assert!(!has(&out, PLACE), "cut off after {length}");
        }
    }
}

#[test]
fn little_of_a_content_is_held() {
    let long = vec![b'a'; 3 * LONGEST];
    let mut picture = png(&[chunk(*b"eXIf", &long), chunk(*b"iTXt", &long), chunk(*b"IDAT", &long)]);
    picture.extend(&long);
    let (mut places, mut out) = (Places::default(), Vec::new());
    for piece in picture.chunks(1000) {
        places.push(piece, &mut out).unwrap();
        let held = match &places.0 {
            Stage::Beginning(first) => first.capacity(),
            Stage::Walking(walking) => walking.gathered.capacity(),
        };
        assert!(held < 2000, "{held} bytes are held");
    }
    assert!(places.finish(&mut out).unwrap());
    assert!(out == png(&[chunk(*b"IDAT", &long)]));
}

/// A picture, of which a few bytes are others, and then some more bytes.
fn spoilt() -> impl Strategy<Value = Vec<u8>> {
    let pictures = [with_places(), without_places()].concat();
    let others = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let more = prop::collection::vec(any::<u8>(), 0..40);
    (prop::sample::select(pictures), others, more).prop_map(|(mut picture, others, more)| {
        for (at, byte) in others {
            let at = at.index(picture.len());
            picture[at] = byte;
        }
        picture.extend(more);
        picture
    })
}

/// The beginning of a picture, and then any bytes.
fn begun() -> impl Strategy<Value = Vec<u8>> {
    let beginnings = without_places().into_iter().flat_map(|picture| {
        [3, 8, 12, 24, 32, 60, 120, 200].map(|length| picture[..length.min(picture.len())].to_vec())
    });
    let more = prop::collection::vec(any::<u8>(), 0..2000);
    (prop::sample::select(beginnings.collect::<Vec<_>>()), more).prop_map(|(begun, more)| [begun, more].concat())
}

proptest! {
    #[test]
    fn any_content_comes_out_the_same_however_it_is_cut(content in prop_oneof![spoilt(), begun()], piece in 1usize..600) {
        prop_assert_eq!(filter(&content, piece), filter(&content, usize::MAX));
        if let Ok((out, _)) = filter(&content, piece) {
            prop_assert!(out.len() <= content.len());
        }
    }

    #[test]
    fn what_has_come_out_has_nothing_left_to_take(content in spoilt()) {
        if let Ok((out, _)) = filter(&content, usize::MAX) {
            prop_assert_eq!(filter(&out, usize::MAX), Ok((out, false)));
        }
    }
}
