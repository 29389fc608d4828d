//! The members of staff whom a name may mean that comes from outside: in a complaint, or in a referral that somebody must not
//! see.

use crate::words::name_keys::{forms, sounds, words};

/// Whether a name that somebody outside gives may mean this member of staff: the names share a word or its sound, one
/// begins like the other, in both however neighbouring words are run together; or the initials are given. The answer errs
/// towards yes: a member of staff who is wrongly taken for the one who is meant does not read one complaint or referral, and
/// one who is wrongly not taken for them reads what they must not see.
pub fn may_mean(given: &str, staff_name: &str) -> bool {
    let (ours, theirs) = (words(given), words(staff_name));
    let together = |words: &[String]| words.concat();
    let initials = |words: &[String]| words.iter().filter_map(|word| word.chars().next()).collect::<String>();
    let by_initials = !ours.is_empty()
        && (ours.iter().all(|word| word.len() == 1) || together(&ours).len() <= 3)
        && together(&ours) == initials(&theirs);
    let (ours, theirs) = (forms(given), forms(staff_name));
    by_initials || ours.iter().any(|form| theirs.iter().any(|other| alike(form, other)))
}

/// Whether two full names are one person's: every word of the shorter stands in the longer, and there are at least two, or both are one
/// word. Unlike [`may_mean`] it is asked where a wrong yes would cost something.
pub fn same_name(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let (shorter, longer) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let is_enough = shorter.len() > 1 || (shorter.len() == 1 && longer.len() == 1);
    is_enough && shorter.iter().all(|word| longer.contains(word))
}

fn alike(one: &str, other: &str) -> bool {
    let long = |word: &str| word.len() > 2;
    one == other && one.len() > 1
        || (long(one) && other.starts_with(one))
        || (long(other) && one.starts_with(other))
        || (one.len() > 1 && sounds(one).iter().any(|sound| sound.len() > 1 && sounds(other).contains(sound)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_full_names_are_one_persons_with_or_without_a_middle_name_and_in_any_order() {
        for (one, other, same) in [
            ("Hannah Price", "hannah PRICE", true),
            ("Price, Hannah", "Hannah J. Price", true),
            ("Se\u{301}an O\u{2019}Brien", "Sean O'Brien", true),
            ("Hannah Price", "Hannah Pugh", false),
            ("Hannah", "Hannah Price", false),
            ("Madhuri", "Madhuri", true),
            ("", "", false),
        ] {
            assert_eq!(same_name(one, other), same, "{one} and {other}");
            assert_eq!(same_name(other, one), same, "{other} and {one}");
        }
    }

    #[test]
    fn a_name_may_mean_whoever_shares_a_word_of_it_or_its_sound() {
        for (given, staff) in [
            ("Hannah Price", "Hannah Price"),
            ("Mrs Price", "Hannah Price"),
            ("hannah from the duty desk", "Hannah Price"),
            ("Hana Pryce", "Hannah Price"),
            ("O'Brien", "Sean O’Brien"),
            ("O Brannigan", "Sean OBrannigan"),
            ("OBrannigan", "Sean O Brannigan"),
            ("Mc Donald", "Ann McDonald"),
            ("McDonald", "Ann Mc Donald"),
            ("Han", "Hannah Price"),
            ("Prices", "Hannah Price"),
            ("HannahPrice", "Hannah Price"),
            ("H.P.", "Hannah Price"),
            ("HP", "Hannah Price"),
            ("P\u{200b}rice", "Hannah Price"),
        ] {
            assert!(may_mean(given, staff), "{given} / {staff}");
        }
        assert!(!may_mean("Hannah Price", "Tomasz Wójcik"));
    }
}
