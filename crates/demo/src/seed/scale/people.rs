//! The people of data at scale: as many as are asked for, each with an NHS number that no other has.
//!
//! The demonstration's own people have names that nobody shares, of which there are about a thousand. Here half of the
//! families have English names of two parts, so that a name is shared by few and most people are found by it.

use almoner_domain::ids::ServiceUserId;
use almoner_persistence::people::bulk::PastPerson;
use chrono::{DateTime, NaiveDate, Utc};
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::json;

use super::Ids;
use crate::Failure;
use crate::seed::sample_councils::COUNCILS;
use crate::seed::sample_organisations::Practice;
use crate::seed::sample_people::{
    ADJUSTMENTS, NEEDS, ORIGINS, STREETS, date_of_birth, pick, postcode, with_check_digit,
};

/// The most people for whom there are NHS numbers in the range for tests.
pub(super) const MOST_PEOPLE: usize = 800_000;

const FIRST_PARTS: [&str; 40] = [
    "Ash", "Birk", "Black", "Bram", "Brough", "Cald", "Char", "Clay", "Cole", "Cran", "Dal", "Den", "East", "Elm",
    "Fair", "Far", "Gar", "Green", "Hal", "Hart", "Hazel", "Hol", "Kings", "Lang", "Lin", "Marl", "Mid", "Nor", "Oak",
    "Pen", "Rad", "Red", "Row", "Sed", "Stan", "Thorn", "Up", "Wake", "Whit", "Win",
];

const SECOND_PARTS: [&str; 30] = [
    "bourne", "bridge", "brook", "burn", "bury", "by", "combe", "cote", "croft", "dale", "den", "field", "ford",
    "grave", "ham", "hurst", "leigh", "ley", "low", "more", "shaw", "stead", "stone", "thorpe", "ton", "wall", "well",
    "wick", "wood", "worth",
];

/// The numbers of the range for tests, in an order in which neighbours are far apart: the factor has no divisor in common
/// with the size of the range.
struct NhsNumbers {
    position: u64,
}

impl NhsNumbers {
    const SIZE: u64 = 1_000_000;
    const FACTOR: u64 = 387_421;

    fn next(&mut self) -> String {
        loop {
            let place = self.position * Self::FACTOR % Self::SIZE;
            self.position += 1;
            // One number in eleven has no check digit.
            let number = u32::try_from(place).ok().and_then(|place| with_check_digit(999_000_000 + place));
            if let Some(number) = number {
                return number;
            }
        }
    }
}

/// Makes the people of one practice.
pub(super) struct People {
    practice: &'static Practice,
    today: NaiveDate,
    numbers: NhsNumbers,
    count: usize,
}

impl People {
    /// `before` is the number of people of the practices before this one, whose numbers are passed over.
    pub(super) fn new(practice: &'static Practice, today: NaiveDate, before: usize) -> Self {
        // At most one in eleven was skipped, so this many places are enough for those before.
        let position = (before + before / 9) as u64;
        Self { practice, today, numbers: NhsNumbers { position }, count: before }
    }

    /// Makes the next person, whose record was opened at this time.
    pub(super) fn next(
        &mut self,
        rng: &mut StdRng,
        ids: &mut Ids,
        created_at: DateTime<Utc>,
    ) -> Result<PastPerson, Failure> {
        let council = &COUNCILS[self.practice.council];
        let origin = &ORIGINS[rng.random_range(0..ORIGINS.len())];
        let woman = rng.random_bool(0.55);
        let given = pick(rng, if woman { origin.women } else { origin.men });
        let family = if rng.random_bool(0.5) {
            format!("{}{}", pick(rng, &FIRST_PARTS), pick(rng, &SECOND_PARTS))
        } else {
            pick(rng, origin.families).to_owned()
        };
        self.count += 1;
        let mut details = json!({
            "council_person_ids": [{ "council": council.gss_code, "id": format!("{}{:07}", council.prefix, self.count) }],
            "nhs_number": self.numbers.next(),
            "family_name": family,
            "date_of_birth": date_of_birth(rng, self.today),
            "gender": if woman { "Female" } else { "Male" },
            "ethnicity": origin.ethnicity,
            "address": {
                "lines": [
                    format!("{} {}", rng.random_range(1..90), pick(rng, &STREETS)),
                    pick(rng, self.practice.towns),
                ],
                "postcode": postcode(rng, self.practice.districts),
            },
            "phone": format!("07700 900{:03}", self.count % 1000),
            "preferred_contact": pick(rng, &["phone", "phone", "letter", "sms", "in_person"]),
        });
        if !given.is_empty() {
            details["given_name"] = given.into();
        }
        if rng.random_bool(0.25) {
            details["communication_needs"] = json!([pick(rng, &NEEDS)]);
        }
        if rng.random_bool(0.2) {
            details["reasonable_adjustments"] = json!([pick(rng, &ADJUSTMENTS)]);
        }
        let id: ServiceUserId = ids.next(created_at).into();
        Ok(PastPerson { id, details: serde_json::from_value(details)?, created_at })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn nhs_numbers_of_two_practices_never_meet() {
        let (size, mut seen) = (50_000_u64, HashSet::new());
        for practice in 0..16 {
            let before = practice * size;
            let mut numbers = NhsNumbers { position: before + before / 9 };
            for _ in 0..size {
                assert!(seen.insert(numbers.next()));
            }
        }
        assert_eq!(seen.len(), MOST_PEOPLE);
    }
}
