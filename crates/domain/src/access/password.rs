//! The rules for passwords (NIST SP 800-63B §3.1.1, ASVS 5.0 §6.2): a password is long enough, and is not among those
//! that are guessed first. There is no rule of composition, and no password is truncated.

use deunicode::deunicode;
use unicode_normalization::UnicodeNormalization;

use crate::fault::InvalidValue;

/// The fewest characters that a password may have.
pub const SHORTEST: usize = 12;
/// The most characters that a password may have.
pub const LONGEST: usize = 128;

/// The commonest passwords of at least [`SHORTEST`] characters, one to a line, in small letters and in order: from the million
/// commonest of leaked ones (`SecLists`, MIT licence).
const COMMON: &str = include_str!("password/common.txt");

/// Returns the password in the form that is hashed, in which the same characters typed on another machine are the same
/// password (NFKC).
pub fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// Whether a password may be chosen by somebody about whom these words are known: their name, their email address,
/// their practice.
pub fn check(password: &str, known: &[&str]) -> Result<(), InvalidValue> {
    let password = normal(password);
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(InvalidValue::new(format!("must be at least {SHORTEST} characters")));
    }
    if length > LONGEST {
        return Err(InvalidValue::new(format!("must be at most {LONGEST} characters")));
    }
    let small = password.to_lowercase();
    if is_common(&small) {
        return Err(InvalidValue::new("is one of the passwords that are guessed first"));
    }
    let mut rest = deunicode(&small);
    for word in words(known).iter().filter(|word| word.len() >= 4) {
        rest = rest.replace(word.as_str(), "");
    }
    if rest.chars().filter(|c| c.is_alphanumeric()).count() < 6 {
        return Err(InvalidValue::new("must be more than your name, your address or your practice"));
    }
    let mut characters: Vec<char> = small.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    if characters.len() < 4 {
        return Err(InvalidValue::new("must be more than a few characters repeated"));
    }
    Ok(())
}

fn words(known: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = known
        .iter()
        .chain(&["almoner", "password"])
        .flat_map(|text| {
            let text = deunicode(text).to_lowercase();
            text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    // The longest words are removed first, because the rest of a longer word is not a word of its own.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

/// Searches the sorted lines by bisection.
fn is_common(password: &str) -> bool {
    let (mut start, mut end) = (0, COMMON.len());
    while start < end {
        let middle = usize::midpoint(start, end);
        let line_start = COMMON.as_bytes()[..middle].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let line_end =
            COMMON.as_bytes()[middle..].iter().position(|b| *b == b'\n').map_or(COMMON.len(), |at| middle + at);
        let line = &COMMON.as_bytes()[line_start..line_end];
        match line.cmp(password.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => start = line_end + 1,
            std::cmp::Ordering::Greater => end = line_start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_every_line_of_it_is_found() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.is_sorted_by(|one, next| one.as_bytes() < next.as_bytes()));
        assert!(lines.len() > 40_000);
        assert!(lines.iter().all(|line| line.len() >= SHORTEST && is_common(line)));
        assert!(!is_common("") && !is_common("~~~~") && !is_common("correct horse battery staple"));
    }

    #[test]
    fn a_password_is_12_to_128_characters_and_not_a_common_one() {
        let known = ["Hannah Price", "hannah.price@severn.example", "Severn Social Work"];
        let of = |n: usize| {
            "correct horse battery staple, and then some more of it; ".repeat(4).chars().take(n).collect::<String>()
        };
        for (password, fits) in [
            (of(11), false),
            (of(12), true),
            (of(128), true),
            (of(129), false),
            ("only small letters".to_owned(), true),
            ("überquerung am fluß".to_owned(), true),
            ("123456789012".to_owned(), false),
            ("Administrator".to_owned(), false),
            ("QWERTYuiop123".to_owned(), false),
            ("aaaaaaaaaaaaaaaaa".to_owned(), false),
            ("hannahprice2026".to_owned(), false),
            ("Hannah.Price@Severn1".to_owned(), false),
            ("almonerpassword1!".to_owned(), false),
            ("hannah rides a green bicycle".to_owned(), true),
        ] {
            assert_eq!(check(&password, &known).is_ok(), fits, "{password}");
        }
    }

    #[test]
    fn characters_that_look_the_same_are_the_same_password() {
        assert_eq!(normal("Cafe\u{301} au lait"), normal("Café au lait"));
        assert_ne!(normal("Café au lait"), normal("café au lait"));
    }
}
