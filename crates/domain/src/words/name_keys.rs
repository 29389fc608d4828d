//! The keys by which a name is found again when the name itself is encrypted: its words, their
//! beginnings and their sounds, all in plain Latin letters.
//!
//! The same functions make the keys of a stored name and of a search's words, so that a search is an equality of keys.

use deunicode::deunicode_with_tofu;
use rphonetic::DoubleMetaphone;

/// The fewest characters that a beginning of a word has in a search.
const SHORTEST_PREFIX: usize = 2;

/// The most characters that a beginning of a word has in a search; further characters do not narrow it.
const LONGEST_PREFIX: usize = 12;

/// Returns the words of a name: in Latin letters (other scripts are transliterated) and digits, in lower case, each
/// once, in order. A word joined by apostrophes or hyphens gives its parts and the whole: "Smith-Jones" gives `smith`,
/// `jones` and `smithjones`.
pub fn words(name: &str) -> Vec<String> {
    let latin = deunicode_with_tofu(name, "").to_lowercase();
    let mut words = Vec::new();
    for joined in latin.split(|c: char| !c.is_ascii_alphanumeric() && !is_joiner(c)) {
        let parts: Vec<&str> = joined.split(is_joiner).filter(|part| !part.is_empty()).collect();
        for word in parts.iter().copied().map(str::to_owned).chain([parts.concat()]) {
            if !word.is_empty() && !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words
}

/// Returns the beginnings of a word that has been through [`words`], of 2 to 12 characters, shortest first. A word of
/// one letter is its own beginning.
pub fn prefixes(word: &str) -> Vec<String> {
    let ends: Vec<usize> = word.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
    let shortest = SHORTEST_PREFIX.min(ends.len());
    ends.iter().take(LONGEST_PREFIX).skip(shortest.saturating_sub(1)).map(|end| word[..*end].to_owned()).collect()
}

/// Returns the Double Metaphone codes (Lawrence Philips, 2000) of a word that has been through [`words`], which stand
/// for its sounds: one or two, of up to four letters. A word without sound, such as a number, has none.
pub fn sounds(word: &str) -> Vec<String> {
    let letters: String = word.chars().filter(char::is_ascii_alphabetic).collect();
    let codes = DoubleMetaphone::default().double_metaphone(&letters);
    let mut sounds = vec![codes.primary(), codes.alternate()];
    sounds.dedup();
    sounds.retain(|code| !code.is_empty());
    sounds
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\'' | '-' | '`')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_gives_its_words_in_latin_letters() {
        for (name, expected) in [
            ("Wójcik", &["wojcik"][..]),
            ("Ó", &["o"]),
            ("O'Brien", &["o", "brien", "obrien"]),
            ("O\u{2019}Brien", &["o", "brien", "obrien"]),
            ("D'Souza", &["d", "souza", "dsouza"]),
            ("Smith-Jones", &["smith", "jones", "smithjones"]),
            ("Smith\u{2013}Jones", &["smith", "jones", "smithjones"]),
            ("Nguyễn", &["nguyen"]),
            ("Nguye\u{302}\u{303}n", &["nguyen"]),
            ("Xiùyīng", &["xiuying"]),
            ("Öztürk", &["ozturk"]),
            ("Ñuñez Łukasz", &["nunez", "lukasz"]),
            ("X", &["x"]),
            ("van der Berg", &["van", "der", "berg"]),
            ("Ann  Ann", &["ann"]),
            ("St. John", &["st", "john"]),
            ("de-la-Cruz", &["de", "la", "cruz", "delacruz"]),
            ("王小明", &["wang", "xiao", "ming"]),
            ("Олена", &["olena"]),
            (" - ' ", &[]),
            ("", &[]),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
    }

    #[test]
    fn a_word_is_found_by_its_beginning() {
        for (word, expected) in
            [("smith", &["sm", "smi", "smit", "smith"][..]), ("li", &["li"]), ("x", &["x"]), ("", &[])]
        {
            assert_eq!(prefixes(word), expected, "{word}");
        }
        let long = prefixes("featherstonehaugh");
        assert_eq!((long.len(), long.last().unwrap().as_str()), (11, "featherstone"));
    }

    #[test]
    fn names_that_sound_alike_share_a_sound() {
        for (one, other) in [
            ("Wójcik", "Wojcik"),
            ("Smith", "Smyth"),
            ("Catherine", "Kathryn"),
            ("Stephen", "Steven"),
            ("Nguyễn", "Nguyen"),
            ("Öztürk", "Osturk"),
            ("X", "X"),
        ] {
            let of = |name| -> Vec<String> { words(name).iter().flat_map(|word| sounds(word)).collect() };
            let (of_one, of_other) = (of(one), of(other));
            assert!(of_one.iter().any(|sound| of_other.contains(sound)), "{one} {of_one:?}, {other} {of_other:?}");
        }
        assert_eq!(sounds("smith"), ["SM0", "XMT"]);
        assert_eq!(sounds("42"), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn any_name_gives_keys_of_plain_letters_and_digits(name in "\\PC{0,40}") {
            for word in words(&name) {
                prop_assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
                prop_assert!(!prefixes(&word).is_empty());
                prop_assert_eq!(words(&word), vec![word.clone()]);
                prop_assert!(sounds(&word).len() <= 2);
            }
        }

        #[test]
        fn any_word_has_sounds_or_none(word in "[a-z]{0,24}") {
            prop_assert!(sounds(&word).iter().all(|sound| !sound.is_empty()));
        }

        #[test]
        fn prefixes_of_any_text_are_its_beginnings(word in "\\PC{0,20}") {
            prop_assert!(prefixes(&word).iter().all(|prefix| word.starts_with(prefix.as_str())));
        }
    }
}
