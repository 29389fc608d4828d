//! How large a document may be, and how many there may be.

use crate::refusal::Refusal;

/// The greatest number of bytes of a document.
pub const LARGEST: u64 = 25 * 1024 * 1024;

/// The greatest number of documents that one owner has: a case, a record without a case, or a referral. Each version counts.
pub const MOST_OF_AN_OWNER: i64 = 200;

/// The greatest number of documents that one complaint has, whoever sent them.
pub const MOST_OF_A_COMPLAINT: i64 = 100;

/// The greatest number of documents of one complaint that come with its access code.
pub const MOST_WITH_THE_CODE: i64 = 50;

/// The greatest number of bytes of all the documents of one complaint that come with its access code.
pub const MOST_BYTES_WITH_THE_CODE: i64 = 250 * 1024 * 1024;

/// The greatest number of bytes that one practice or one council sends in on one day, in London.
pub const MOST_OF_A_DAY: i64 = 1024 * 1024 * 1024;

/// The greatest number of uploads that one caller has under way: contents that arrive in pieces, and that no document has taken.
pub const MOST_UPLOADS: i64 = 20;

/// The greatest number of pieces in which a content arrives.
pub const MOST_PIECES: i64 = 500;

/// Refuses another upload of a caller who has as many under way as there may be.
pub fn expect_room_for_upload(under_way: i64) -> Result<(), Refusal> {
    if under_way < MOST_UPLOADS { Ok(()) } else { Err(Refusal::TooManyUploads) }
}

/// Refuses another piece of a content that came in as many as there may be.
pub fn expect_room_for_piece(have: i64) -> Result<(), Refusal> {
    if have < MOST_PIECES { Ok(()) } else { Err(Refusal::TooManyPieces) }
}

/// Refuses another document of an owner who has as many as there may be.
pub fn expect_room(have: i64) -> Result<(), Refusal> {
    if have < MOST_OF_AN_OWNER { Ok(()) } else { Err(Refusal::TooManyDocuments(MOST_OF_AN_OWNER)) }
}

/// Refuses another document of a complaint that has as many as there may be.
pub fn expect_room_at_a_complaint(have: i64) -> Result<(), Refusal> {
    if have < MOST_OF_A_COMPLAINT { Ok(()) } else { Err(Refusal::TooManyDocuments(MOST_OF_A_COMPLAINT)) }
}

/// Refuses another document of this size that comes with the access code of a complaint, by the sizes of those that came so before.
pub fn expect_room_with_the_code(sizes: &[i64], more: i64) -> Result<(), Refusal> {
    if i64::try_from(sizes.len()).map_or(true, |have| have >= MOST_WITH_THE_CODE) {
        return Err(Refusal::TooManyDocuments(MOST_WITH_THE_CODE));
    }
    let all = sizes.iter().fold(more, |all, size| all.saturating_add(*size));
    if all <= MOST_BYTES_WITH_THE_CODE { Ok(()) } else { Err(Refusal::TooMuchWithTheCode) }
}

/// Refuses a document with which the practice or the council would have sent in more in a day than it may.
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
    fn a_complaint_has_at_most_a_hundred_documents_of_which_fifty_and_250_mb_come_with_its_code() {
        for (have, fits) in [(0, true), (99, true), (100, false), (101, false)] {
            assert_eq!(expect_room_at_a_complaint(have).is_ok(), fits, "{have}");
        }
        for (have, fits) in [(0, true), (49, true), (50, false), (51, false)] {
            assert_eq!(expect_room_with_the_code(&vec![1; have], 1).is_ok(), fits, "{have}");
        }
        let most = MOST_BYTES_WITH_THE_CODE;
        for (sizes, more, fits) in
            [(vec![], most, true), (vec![most - 2, 1], 1, true), (vec![most - 1], 2, false), (vec![i64::MAX], 1, false)]
        {
            assert_eq!(expect_room_with_the_code(&sizes, more).is_ok(), fits, "{sizes:?} {more}");
        }
    }

    #[test]
    fn a_caller_has_twenty_uploads_under_way_and_each_comes_in_at_most_five_hundred_pieces() {
        for (have, fits) in [(0, true), (19, true), (20, false), (21, false)] {
            assert_eq!(expect_room_for_upload(have).is_ok(), fits, "{have}");
        }
        for (have, fits) in [(0, true), (499, true), (500, false)] {
            assert_eq!(expect_room_for_piece(have).is_ok(), fits, "{have}");
        }
    }

    #[test]
    fn a_practice_or_a_council_sends_in_at_most_a_gigabyte_a_day() {
        let all = MOST_OF_A_DAY;
        for (sent, more, fits) in
            [(0, all, true), (all - 1, 1, true), (all - 1, 2, false), (all, 1, false), (i64::MAX, 1, false)]
        {
            assert_eq!(expect_within_the_day(sent, more).is_ok(), fits, "{sent} {more}");
        }
    }
}
