//! The keys by which a name is found again when the name itself is encrypted: its words, neighbouring words run together,
//! their beginnings and their sounds, all in plain Latin letters.
//!
//! Where a name is divided into words is a matter of spelling: "Mac Donald", "Mac-Donald" and "Macdonald" are one name. So both
//! sides of every comparison run neighbouring words together. The same functions make the keys of a stored name and of a
//! search's words, so that a search is an equality of keys.

use std::ops::Range;

use deunicode::deunicode_with_tofu;
use rphonetic::DoubleMetaphone;

use crate::words::characters::is_invisible;

/// The fewest characters that a beginning of a word has in a search.
const SHORTEST_PREFIX: usize = 2;

/// The most characters that a beginning of a word has in a search; further characters do not narrow it.
pub const LONGEST_PREFIX: usize = 12;

/// The most neighbouring words that are run together: "van der Berg", and one more.
const LONGEST_RUN: usize = 4;

/// Returns the words of a name in order: in Latin letters (other scripts are transliterated) and digits, in lower case.
/// Apostrophes and hyphens divide words like spaces. Accents, invisible characters and other punctuation are left out.
pub fn words(name: &str) -> Vec<String> {
    let shown: String = name.chars().filter(|c| !is_invisible(*c)).collect();
    let latin = deunicode_with_tofu(&shown, "").to_lowercase();
    latin.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Some neighbouring words of a name, run together as one.
pub struct Run {
    /// The places of the words in the name.
    pub places: Range<usize>,
    /// The words as one.
    pub form: String,
}

/// Returns each word of a name, and each run of neighbouring words, in order.
pub fn runs(name: &str) -> Vec<Run> {
    let words = words(name);
    let from = |start: usize| (1..=LONGEST_RUN.min(words.len() - start)).map(move |length| start..start + length);
    let places = (0..words.len()).flat_map(from);
    places.map(|places| Run { form: words[places.clone()].concat(), places }).collect()
}

/// Returns the forms by which a name is compared, each once: its words, and each run of neighbouring words as one word.
/// "Mac an Rí" gives `mac`, `macan`, `macanri`, `an`, `anri` and `ri`.
pub fn forms(name: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for Run { form, .. } in runs(name) {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// Returns the forms that a surname may have which ends a person's full name: the last word with those before it that may
/// belong to it, and each part of a last word that is hyphenated. "Sean O Brannigan" gives `brannigan` and `obrannigan`.
pub fn surname_forms(full_name: &str) -> Vec<String> {
    let last = forms(full_name.split_whitespace().next_back().unwrap_or_default());
    let runs = runs(full_name);
    let end = runs.iter().map(|run| run.places.end).max();
    let with_those_before = runs.into_iter().filter(|run| Some(run.places.end) == end).map(|run| run.form);
    let mut forms: Vec<String> = last.into_iter().chain(with_those_before).collect();
    forms.sort_unstable();
    forms.dedup();
    forms
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_gives_its_words_in_latin_letters() {
        for (name, expected) in [
            ("Wójcik", &["wojcik"][..]),
            ("Ó", &["o"]),
            ("O'Brien", &["o", "brien"]),
            ("O\u{2019}Brien", &["o", "brien"]),
            ("Smith\u{2013}Jones", &["smith", "jones"]),
            ("Nguyễn", &["nguyen"]),
            ("Nguye\u{302}\u{303}n", &["nguyen"]),
            ("Xiùyīng", &["xiuying"]),
            ("Öztürk", &["ozturk"]),
            ("Ñuñez Łukasz", &["nunez", "lukasz"]),
            ("X", &["x"]),
            ("van der Berg", &["van", "der", "berg"]),
            ("Ann  Ann", &["ann", "ann"]),
            ("St. John", &["st", "john"]),
            ("Mar\u{200b}low\u{ad}", &["marlow"]),
            ("王小明", &["wang", "xiao", "ming"]),
            ("Олена", &["olena"]),
            (" - ' ", &[]),
            ("", &[]),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_has_the_same_forms_however_it_is_divided() {
        for (one, other) in [
            ("Mc Donald", "McDonald"),
            ("O Brannigan", "O'Brannigan"),
            ("O Brannigan", "OBrannigan"),
            ("Smith-Jones", "Smith Jones"),
            ("Smithjones", "Smith–Jones"),
            ("van der Berg", "Vanderberg"),
            ("de-la-Cruz", "Delacruz"),
            ("al Zahra", "Al-Zahra"),
            ("Mary Ann", "Maryann"),
        ] {
            let (ours, theirs) = (forms(one), forms(other));
            assert!(ours.iter().any(|form| theirs.contains(form)), "{one} {ours:?}, {other} {theirs:?}");
        }
        assert_eq!(forms("Mac an Rí"), ["mac", "macan", "macanri", "an", "anri", "ri"]);
        assert_eq!(forms("Ann Ann"), ["ann", "annann"]);
    }

    #[test]
    fn a_surname_ends_a_full_name_with_what_may_belong_to_it() {
        for (name, expected) in [
            ("Sean O Brannigan", &["brannigan", "obrannigan", "seanobrannigan"][..]),
            ("Ann Smith-Jones", &["annsmithjones", "jones", "smith", "smithjones"]),
            ("Suharto", &["suharto"]),
            ("", &[]),
        ] {
            assert_eq!(surname_forms(name), expected, "{name}");
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
