//! The reference of a complaint, as people type it.

use crate::words::characters::letters_and_digits;
use crate::words::text::Line;

/// The reference as the receipt gives it, however it was typed: in any case, with or without spaces and hyphens.
pub fn as_given(typed: &str) -> String {
    let plain = letters_and_digits(typed).to_uppercase();
    match (plain.get(..1), plain.get(1..6), plain.get(6..)) {
        (Some(kind), Some(first), Some(rest)) => format!("{kind}-{first}-{rest}"),
        _ => plain,
    }
}

/// A reference that somebody wrote for another complaint, as a receipt gives it; `None` if no receipt could have it.
pub fn of_a_receipt(written: &Line<40>) -> Option<Line<40>> {
    let given = as_given(written.as_str());
    let is_one = given.len() == 13
        && given.starts_with("C-")
        && given[2..].bytes().filter(|b| *b != b'-').all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b));
    Line::parse(&given).ok().filter(|_| is_one)
}

/// A reference that somebody wrote for another complaint: as a receipt gives it, or as it was written if no receipt could have it.
pub fn of_another(written: &Line<40>) -> Line<40> {
    of_a_receipt(written).unwrap_or_else(|| written.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_known_however_it_is_typed_and_other_words_stay() {
        for (written, known) in [
            ("C-7QX4M-2KDPA", "C-7QX4M-2KDPA"),
            (" c7qx4m2kdpa ", "C-7QX4M-2KDPA"),
            ("c 7qx4m 2kdpa", "C-7QX4M-2KDPA"),
            ("my sister wrote too", "my sister wrote too"),
            ("C-7QX4M-2KDP", "C-7QX4M-2KDP"),
            ("C-7QX4M-2KDP9", "C-7QX4M-2KDP9"),
            ("D-7QX4M-2KDPA", "D-7QX4M-2KDPA"),
        ] {
            let line = written.parse().unwrap();
            assert_eq!(of_another(&line).as_str(), known, "{written}");
            assert_eq!(of_a_receipt(&line).is_some(), known == "C-7QX4M-2KDPA", "{written}");
        }
        assert_eq!(as_given("c7"), "C7");
    }
}
