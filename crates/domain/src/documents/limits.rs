//! How large a document may be, and how many there may be.

use crate::refusal::Refusal;

/// The greatest number of bytes of a document.
pub const LARGEST: u64 = 25 * 1024 * 1024;

/// The greatest number of documents that one owner has: a case, or a record without a case. Each version counts.
pub const MOST_OF_AN_OWNER: i64 = 200;

/// The greatest number of bytes that one practice sends in on one day, in London.
pub const MOST_OF_A_DAY: i64 = 1024 * 1024 * 1024;

/// Refuses another document of an owner who has as many as there may be.
pub fn expect_room(have: i64) -> Result<(), Refusal> {
    if have < MOST_OF_AN_OWNER { Ok(()) } else { Err(Refusal::TooManyDocuments) }
}

/// Refuses a document with which the practice would have sent in more in a day than it may.
pub fn expect_within_the_day(sent: i64, more: i64) -> Result<(), Refusal> {
    if sent.saturating_add(more) <= MOST_OF_A_DAY { Ok(()) } else { Err(Refusal::TooMuchForADay) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_has_at_most_two_hundred_documents() {
        for (have, fits) in [(0, true), (199, true), (200, false), (201, false)] {
            assert_eq!(expect_room(have).is_ok(), fits, "{have}");
        }
    }

    #[test]
    fn a_practice_sends_in_at_most_a_gigabyte_a_day() {
        let all = MOST_OF_A_DAY;
        for (sent, more, fits) in
            [(0, all, true), (all - 1, 1, true), (all - 1, 2, false), (all, 1, false), (i64::MAX, 1, false)]
        {
            assert_eq!(expect_within_the_day(sent, more).is_ok(), fits, "{sent} {more}");
        }
    }
}
