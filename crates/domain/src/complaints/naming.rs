//! Whether a text names somebody. A name that stands in a complaint, in whichever of its texts, keeps its bearer from it.

use crate::staff::meant::may_mean;
use crate::words::name_keys::{forms, sounds, words};

/// The fewest letters of a word that is compared by its sound or its beginning: shorter ones mean too much.
const LONG: usize = 4;

/// Everything in a complaint in which a name can stand.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// The running texts: what happened, what is wanted, messages, and the names of files.
    pub running: Vec<String>,
    /// The names of those complained about.
    pub complained_about: Vec<String>,
    /// The names of those who must not see the complaint.
    pub must_not_see: Vec<String>,
}

impl Texts {
    /// Whether somebody of this name must not see the complaint, by the complainant's wish.
    pub fn must_not_be_seen_by(&self, name: &str) -> bool {
        self.must_not_see.iter().any(|given| may_mean(given, name))
    }

    /// Whether somebody of this name may be meant anywhere in the complaint.
    pub fn names(&self, name: &str) -> bool {
        self.complained_about.iter().chain(&self.must_not_see).any(|given| may_mean(given, name))
            || self.running.iter().any(|text| is_named_in(text, name))
    }
}

/// Whether a running text may name somebody: it has a word of their name, however neighbouring words are run together; or a word
/// that begins with a capital, as names do, and that sounds or begins like one. A text without capitals, or in capitals alone, is
/// compared whole. The answer errs towards yes: somebody who is wrongly taken for the one who is meant is not asked, and the next is.
pub fn is_named_in(text: &str, name: &str) -> bool {
    let theirs: Vec<String> = forms(name).into_iter().filter(|form| form.len() > 1).collect();
    if forms(text).iter().any(|form| theirs.contains(form)) {
        return true;
    }
    let is_uniform = !text.chars().any(char::is_uppercase) || !text.chars().any(char::is_lowercase);
    let capital = |word: &&str| is_uniform || word.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase);
    // A mark may stand within a name, or divide two words: `left.Whitfield`, `worker/Oyelaran`.
    let apart = text.split(|c: char| !c.is_alphanumeric());
    let candidates = text.split_whitespace().chain(apart).filter(capital).flat_map(words);
    let parts: Vec<String> = words(name).into_iter().filter(|part| part.len() >= LONG).collect();
    candidates.filter(|word| word.len() >= LONG).any(|word| parts.iter().any(|part| alike(&word, part)))
}

/// The titles with which people write their names, in lower case.
const TITLES: [&str; 14] =
    ["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev", "revd", "sir", "dame", "lord", "lady"];

/// The name that somebody wrote, without the title before it. A name that is a title alone is left as it is.
pub fn without_title(name: &str) -> &str {
    match name.trim().split_once(char::is_whitespace) {
        Some((first, rest)) if TITLES.contains(&first.trim_end_matches('.').to_lowercase().as_str()) => {
            rest.trim_start()
        }
        _ => name.trim(),
    }
}

/// The words of a file's name, as a running text in which names are looked for: the name itself, without its ending, and once more with a
/// space wherever a word may end in it. `IMG2_MsPryce.jpg` is also `IMG 2 Ms Pryce`.
pub fn words_of_file(name: &str) -> String {
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    let mut divided = String::with_capacity(name.len());
    let mut last = ' ';
    for c in name.chars() {
        let ends = last.is_lowercase() && c.is_uppercase() || last.is_numeric() != c.is_numeric();
        if ends {
            divided.push(' ');
        }
        divided.push(if matches!(c, '_' | '.' | ',' | '+' | '(' | ')') { ' ' } else { c });
        last = c;
    }
    format!("{name} {divided}")
}

fn alike(one: &str, other: &str) -> bool {
    other.starts_with(one)
        || one.starts_with(other)
        || sounds(one).iter().any(|sound| sound.len() > 1 && sounds(other).contains(sound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_no_part_of_a_name() {
        for (written, name) in [
            ("Mrs Edith Marlow", "Edith Marlow"),
            (" dr. Amara Obi ", "Amara Obi"),
            ("Edith Marlow", "Edith Marlow"),
            ("Lady", "Lady"),
            ("Drew Price", "Drew Price"),
        ] {
            assert_eq!(without_title(written), name);
        }
    }

    #[test]
    fn a_text_names_whoever_has_a_word_of_it_in_their_name() {
        for (text, name) in [
            ("My worker Hannah did not ring.", "Hannah Price"),
            ("I spoke to mrs price.", "Hannah Price"),
            ("It was Price's fault.", "Hannah Price"),
            ("She left.Whitfeild came instead.", "Callum Whitfield"),
            ("The worker/Oyelarun knows.", "Beatrice Oyelaran"),
            ("I asked mr.Oyelarun twice.", "Beatrice Oyelaran"),
            ("Nobody came(Whitfeild was ill).", "Callum Whitfield"),
            ("Whitfe\u{301}ild came.", "Callum Whitfield"),
            ("Whit\u{200b}feild came.", "Callum Whitfield"),
            ("PRICE SHOUTED AT ME", "Hannah Price"),
            ("Miss Pryce came late.", "Hannah Price"),
            ("miss pryce came late", "Hannah Price"),
            ("Hanna said no.", "Hannah Price"),
            ("O Brien and O'Brien", "Sean O\u{2019}Brien"),
            ("she is called mc donald", "Ann McDonald"),
            ("P\u{200b}rice", "Hannah Price"),
            ("Ask W\u{f3}jcik.", "Tomasz Wojcik"),
            ("price.pdf", "Hannah Price"),
        ] {
            assert!(is_named_in(text, name), "{text} / {name}");
        }
        for (text, name) in [
            ("She was right that the road is wrong.", "Sarah Reed"),
            ("They and the others were there.", "Andrew Theakston"),
            ("My visits were cancelled and nobody rang me.", "Ravi Mistry"),
            ("", "Hannah Price"),
        ] {
            assert!(!is_named_in(text, name), "{text} / {name}");
        }
    }

    #[test]
    fn a_files_name_names_whoever_stands_in_it_however_its_words_are_divided() {
        for file in [
            "price.pdf",
            "hannah.jpg",
            "letter to Mrs Price.docx",
            "IMG_0001_Price.HEIC",
            "MsPryce.jpg",
            "noteFromHannah.txt",
            "note-from-hannah-2026.txt",
            "2026Price11.odt",
            "note_Pryce2.jpg",
            "HANNAHPRICE.PDF",
        ] {
            assert!(is_named_in(&words_of_file(file), "Hannah Price"), "{file}");
        }
        for file in ["IMG_0001.HEIC", "on the stairs.jpg", "Care plan v1.2.odt", "scan.pdf", "letter.jpeg"] {
            assert!(!is_named_in(&words_of_file(file), "Hannah Price"), "{file}");
        }
    }

    #[test]
    fn every_text_of_a_complaint_counts() {
        let named = |change: fn(&mut Texts)| {
            let mut texts = Texts { running: vec!["Nobody came.".to_owned()], ..Texts::default() };
            change(&mut texts);
            (texts.names("Hannah Price"), texts.must_not_be_seen_by("Hannah Price"))
        };
        assert_eq!(named(|_| ()), (false, false));
        assert_eq!(named(|texts| texts.running.push("hannah.jpg".to_owned())), (true, false));
        assert_eq!(named(|texts| texts.complained_about.push("Mrs Price".to_owned())), (true, false));
        assert_eq!(named(|texts| texts.must_not_see.push("H.P.".to_owned())), (true, true));
    }
}
