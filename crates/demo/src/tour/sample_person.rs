//! The people whom the tour is about, made up anew for every tour.

use almoner_domain::words::nhs_number::NhsNumber;
use almoner_persistence::random;
use chrono::{Days, Months, NaiveDate};
use serde_json::{Value, json};

/// A person who does not exist, and whom no practice knows yet.
pub(super) struct SamplePerson {
    given_name: &'static str,
    pub(super) family_name: String,
    /// The family name that the person takes later.
    pub(super) later_family_name: String,
    pub(super) nhs_number: NhsNumber,
    born: NaiveDate,
    council_person_id: String,
    pub(super) council_reference: String,
    pub(super) today: NaiveDate,
}

impl SamplePerson {
    /// Draws a person.
    pub(super) fn new(today: NaiveDate) -> Self {
        const GIVEN: [&str; 8] = ["Agnes", "Bryony", "Cedric", "Dilys", "Edwin", "Freda", "Gethin", "Hilda"];
        const FIRST: [&str; 8] = ["Ash", "Brock", "Caer", "Dun", "Elm", "Fern", "Gorse", "Hawk"];
        const SECOND: [&str; 8] = ["bourne", "croft", "dale", "field", "hurst", "ley", "moor", "wick"];
        let drawn: [u8; 4] = random::bytes();
        let pick = |from: [&'static str; 8], number: u8| from[usize::from(number % 8)];
        // The name ends in letters that no other tour has, because the tour finds the referral in the inbox by the name.
        let family_name = |first: u8| {
            let own: String = random::secret().chars().filter(char::is_ascii_alphabetic).take(5).collect();
            format!("{}{}-{}", pick(FIRST, first), pick(SECOND, drawn[2]), capitalised(&own))
        };
        let age = Months::new(12 * (40 + u32::from(drawn[3] % 50)));
        Self {
            given_name: pick(GIVEN, drawn[0]),
            family_name: family_name(drawn[1]),
            later_family_name: family_name(drawn[1].wrapping_add(1)),
            nhs_number: nhs_number(),
            born: today.checked_sub_months(age).unwrap_or(today),
            council_person_id: random::reference("SHR"),
            council_reference: random::reference("TOUR"),
            today,
        }
    }

    /// The given name and the family name.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// The referral that the council sends, to the practice with this slug.
    pub(super) fn referral(&self, practice: &str) -> Value {
        json!({
            "council_reference": self.council_reference,
            "requested_on": self.today,
            "function": "needs_assessment",
            "urgency": "standard",
            "route_of_access": "Community / Other route",
            "reason": "Two falls since the summer, and no longer sure of the stairs. Wants to stay at home.",
            "chosen_practice": practice,
            "consent": { "basis": "consent_given", "recorded_on": self.today },
            "person": {
                "council_person_id": self.council_person_id,
                "nhs_number": self.nhs_number,
                "given_name": self.given_name,
                "family_name": self.family_name,
                "date_of_birth": self.born,
                "address": { "lines": ["12 Castle Street"], "postcode": "SY1 1AA" },
                "preferred_contact": "phone",
                "phone": "07700 900461",
            },
            "referrer": { "name": "Fatima Marsh", "team": "First Point of Contact", "email": "duty@shropshire.example" },
        })
    }

    /// The given name and the later family name.
    pub(super) fn later_name(&self) -> String {
        format!("{} {}", self.given_name, self.later_family_name)
    }

    /// A later referral of the same person, who has another family name, another address and another telephone number by then.
    pub(super) fn later_referral(&self, practice: &str) -> Value {
        let mut message = self.referral(practice);
        message["council_reference"] = random::reference("TOUR").into();
        message["function"] = "review".into();
        message["reason"] = "Married in the summer, moved to Frankwell, and asks for a review of the plan.".into();
        let person = &mut message["person"];
        person["former_names"] = json!([{ "given_name": self.given_name, "family_name": self.family_name }]);
        person["family_name"] = self.later_family_name.as_str().into();
        person["address"] = json!({ "lines": ["3 Frankwell Quay"], "postcode": "SY3 8JY" });
        person["phone"] = "07700 900982".into();
        message
    }

    /// The day on which the person goes home from hospital.
    pub(super) fn goes_home_on(&self) -> NaiveDate {
        self.today.checked_add_days(Days::new(1)).unwrap_or(self.today)
    }

    /// The referral that a ward sends through the council, because the person goes home the next day.
    pub(super) fn discharge(&self, practice: &str) -> Value {
        let mut message = self.referral(practice);
        message["urgency"] = "immediate".into();
        message["route_of_access"] = "Discharge from Hospital".into();
        message["reason"] =
            "Broke a hip and lives alone. Nobody is there to help with getting up and to the toilet.".into();
        message["discharge"] = json!({
            "hospital": "Borderland Infirmary", "ward": "Ward 22", "expected_on": self.goes_home_on(), "pathway": "P1",
        });
        message["source"] = json!({
            "kind": "hospital", "organisation": "Borderland Infirmary", "name": "Sister Amara Nwosu", "role": "Ward manager",
            "phone": "01632 960340", "person_knows": true,
        });
        message["person"]["communication_needs"] =
            json!(["Wears hearing aids in both ears: face them, and do not shout."]);
        message
    }

    /// The person as a later complaint names them.
    pub(super) fn in_complaint(&self) -> Value {
        json!({
            "given_name": self.given_name,
            "family_name": self.later_family_name,
            "date_of_birth": self.born,
            "nhs_number": self.nhs_number,
        })
    }
}

fn capitalised(lower: &str) -> String {
    let mut letters = lower.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Draws an NHS number of the range for tests. One in eleven of the nine-digit beginnings has no check digit.
fn nhs_number() -> NhsNumber {
    loop {
        let drawn = u32::from_le_bytes(random::bytes()) % 1_000_000;
        let fits = (0..10).find_map(|digit| NhsNumber::parse(&format!("999{drawn:06}{digit}")).ok());
        if let Some(number) = fits {
            return number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_made_up_has_a_number_kept_for_tests_and_a_name_of_their_own() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let (one, other) = (SamplePerson::new(today), SamplePerson::new(today));
        assert!(one.nhs_number.as_str().starts_with("999"));
        assert_ne!(one.name(), other.name());
        assert_ne!(one.council_reference, other.council_reference);
    }
}
