//! The fonts that are embedded in a PDF, and which of them has a character.

use std::sync::LazyLock;

use krilla::text::Font;
use rustybuzz::Face as Shaper;

use crate::text;

/// How heavy a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// The place of a font in [`FACES`].
pub(super) type FaceId = usize;

/// A font that is embedded.
pub(super) struct Face {
    /// The font as it is measured and shaped.
    pub(super) shaper: Shaper<'static>,
    bytes: &'static [u8],
    /// The weight for which the font is there, or `None` if it is there for both.
    weight: Option<Weight>,
}

impl Face {
    /// The font as it is written into a PDF.
    pub(super) fn embedded(&self) -> Option<Font> {
        Font::new(self.bytes.into(), 0)
    }

    /// Whether the font can draw a character, alone or together with others.
    fn covers(&self, character: char) -> bool {
        self.has(character) || text::is_invisible(character) || is_space(character)
    }

    /// What is drawn for a character that the font covers: a space for a wide one that it has not, and nothing for a
    /// character that shows nothing and for which the shaper would draw a box.
    pub(super) fn drawn(&self, character: char) -> Option<char> {
        match character {
            '\u{115f}' | '\u{1160}' | '\u{180f}' | '\u{3164}' | '\u{ffa0}' | '\u{1bca0}'..='\u{1bca3}' => None,
            _ if is_space(character) && !self.has(character) => Some(' '),
            _ => Some(character),
        }
    }

    fn has(&self, character: char) -> bool {
        self.shaper.glyph_index(character).is_some()
    }
}

macro_rules! font {
    ($file:literal, $weight:expr) => {
        (include_bytes!(concat!("../../fonts/", $file)) as &'static [u8], $weight)
    };
}

/// The files, in the order in which they are asked for a character.
static FILES: [(&[u8], Option<Weight>); 12] = [
    font!("NotoSans-Regular.ttf", Some(Weight::Regular)),
    font!("NotoSans-Bold.ttf", Some(Weight::Bold)),
    font!("NotoSansArabic-Regular.ttf", Some(Weight::Regular)),
    font!("NotoSansArabic-Bold.ttf", Some(Weight::Bold)),
    font!("NotoSansHebrew-Regular.ttf", None),
    font!("NotoSansDevanagari-Regular.ttf", None),
    font!("NotoSansBengali-Regular.ttf", None),
    font!("NotoSansGurmukhi-Regular.ttf", None),
    font!("NotoSansGujarati-Regular.ttf", None),
    font!("NotoSansTamil-Regular.ttf", None),
    font!("NotoEmoji-Regular.ttf", None),
    font!("DejaVuSans.ttf", None),
];

/// The fonts, in the order in which they are asked for a character.
pub(super) static FACES: LazyLock<Vec<Face>> = LazyLock::new(|| {
    let face = |(bytes, weight): &(&'static [u8], Option<Weight>)| {
        Some(Face { shaper: Shaper::from_slice(bytes, 0)?, bytes, weight: *weight })
    };
    FILES.iter().filter_map(face).collect()
});

/// The first font of this weight that has all the characters.
pub(super) fn face_for(characters: &str, weight: Weight) -> Option<FaceId> {
    FACES.iter().position(|face| {
        face.weight.is_none_or(|its| its == weight) && characters.chars().all(|character| face.covers(character))
    })
}

/// Whether a character is a space besides the usual one, which stands in for it where a font has it not.
fn is_space(character: char) -> bool {
    matches!(character, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_font_that_may_be_embedded() {
        assert_eq!(FACES.len(), FILES.len());
        for (at, face) in FACES.iter().enumerate() {
            assert!(face.embedded().is_some(), "{at}");
            assert!(face.shaper.glyph_index(' ').is_some(), "{at} has a space for what cannot be seen");
            assert!(face.bytes.len() < 1_000_000, "{at} is {} bytes", face.bytes.len());
        }
    }

    #[test]
    fn the_alphabets_of_the_languages_spoken_most_in_england_and_wales_are_there() {
        for (language, letters) in [
            ("English", "“It’s £5 – or €6…” ½ © ™"),
            ("Welsh", "ŵŷŴŶâêîôûïöäÏẁỳẃýẅÿ"),
            ("Polish", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"),
            ("Romanian", "ăâîșțĂÂÎȘȚşţ"),
            ("Portuguese and Spanish", "ãõçáéíóúñ¿¡"),
            ("Turkish", "ğıİşöüç"),
            ("Lithuanian and Latvian", "ąčęėįšųūžāēģīķļņ"),
            ("Vietnamese", "ạảấầẩẫậắằẳẵặđơư"),
            ("Greek", "αβγάέΆΩἀᾳ"),
            ("Ukrainian and Bulgarian", "абвїєґЖЯъ"),
            ("Arabic", "ابتثةىءأإؤ،؟ـًٌٍّ٠١٢"),
            ("Urdu", "ٹڈڑںےھہۓ۔۰۱"),
            ("Persian and Pashto", "گچپژکښږځڼ"),
            ("Hebrew", "אבגםןּׁ"),
            ("Hindi", "अआकखि्हिन्दी"),
            ("Bengali", "অকি্বাংলা"),
            ("Panjabi", "ਅਕਿੱਪੰਜਾਬੀ"),
            ("Gujarati", "અકિ્ગુજરાતી"),
            ("Tamil", "அகி்தமிழ்"),
            ("emoji", "😀😢🤬👍🏽❤️🏠🇬🇧"),
            ("signs", "→←✓☐☑≤≥≠√●■"),
        ] {
            for weight in [Weight::Regular, Weight::Bold] {
                for letter in letters.chars() {
                    assert!(face_for(&letter.to_string(), weight).is_some(), "{language}: {letter} {weight:?}");
                }
            }
        }
    }

    #[test]
    fn latin_letters_are_bold_where_they_are_asked_for_bold() {
        assert_eq!(face_for("ŵ", Weight::Regular), Some(0));
        assert_eq!(face_for("ŵ", Weight::Bold), Some(1));
        assert_eq!(face_for("王", Weight::Bold), None);
    }
}
