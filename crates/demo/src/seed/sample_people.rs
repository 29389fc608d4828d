//! Sample people: names, numbers and addresses that belong to nobody, drawn from a seeded random source so that they are the
//! same on every machine.
//!
//! NHS numbers are of the range 999, which is kept for tests; telephone numbers are of those that Ofcom keeps for drama; mail
//! goes to example.org.

use std::collections::HashSet;

use chrono::{Days, NaiveDate};
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::sample_councils::COUNCILS;
use super::sample_organisations::PRACTICES;

/// Names that go together, and the ethnicity that a person of such a name may give.
pub(super) struct Origin {
    pub(super) ethnicity: &'static str,
    pub(super) women: &'static [&'static str],
    pub(super) men: &'static [&'static str],
    pub(super) families: &'static [&'static str],
}

const BRITISH: &str = "White: English, Welsh, Scottish, Northern Irish or British";
const OTHER_WHITE: &str = "White: Any other White background";

pub(super) const ORIGINS: [Origin; 15] = [
    Origin {
        ethnicity: BRITISH,
        women: &["Edith", "Maureen", "Doreen", "Janet", "Susan", "Lorraine", "Chloe"],
        men: &["Stanley", "Derek", "Roy", "Malcolm", "Graham", "Kevin", "Jordan"],
        families: &[
            "Ashdown",
            "Bickerstaff",
            "Cotterill",
            "Dunmore",
            "Entwhistle",
            "Fairclough",
            "Hollins",
            "Wetherby",
        ],
    },
    Origin {
        ethnicity: BRITISH,
        women: &["Siân", "Bronwen", "Morag", "Eilidh", "Mair"],
        men: &["Emrys", "Gethin", "Alasdair", "Ruaridh", "Ieuan"],
        families: &["Prydderch", "Llewellyn-Hughes", "MacAskill", "Probert", "Strachan"],
    },
    Origin {
        ethnicity: BRITISH,
        women: &["Peggy", "Beryl", "Sheila", "Tracey", "Mollie"],
        men: &["Ernest", "Cyril", "Terence", "Gary", "Callum"],
        families: &["Lovatt", "Medlicott", "Nightingale", "Oakeley", "Pargeter", "Quickfall", "Tranter"],
    },
    Origin {
        ethnicity: "White: Irish",
        women: &["Bríd", "Oonagh", "Noreen", "Caoimhe"],
        men: &["Pádraig", "Cormac", "Eamonn", "Fintan"],
        families: &["O'Shaughnessy", "Devaney", "McGettigan", "Geraghty"],
    },
    Origin {
        ethnicity: OTHER_WHITE,
        women: &["Łucja", "Bożena", "Danuta", "Agnieszka"],
        men: &["Zdzisław", "Stanisław", "Grzegorz", "Mieczysław"],
        families: &["Gałązka", "Wójcik", "Błaszczyk", "Kozieł"],
    },
    Origin {
        ethnicity: OTHER_WHITE,
        women: &["Despina", "Fernanda", "Ilse", "Oksana"],
        men: &["Giannis", "Hélder", "Jürgen", "Mykola"],
        families: &["Papadimitriou", "Gonçalves", "Vörös", "Shevchuk"],
    },
    Origin {
        ethnicity: "Asian or Asian British: Pakistani",
        women: &["Nasreen", "Shazia", "Rukhsana", "Bushra"],
        men: &["Tariq", "Ghulam", "Naveed", "Bashir"],
        families: &["Mirza", "Chaudry", "Rafiq", "Hussain"],
    },
    Origin {
        ethnicity: "Asian or Asian British: Indian",
        women: &["Gurpreet", "Lakshmi", "Jyoti", "Manjit"],
        men: &["Balwinder", "Suresh", "Venkatesh", "Harbhajan"],
        families: &["Sandhu", "Krishnamurthy", "Patel", "Bhogal"],
    },
    Origin {
        ethnicity: "Asian or Asian British: Bangladeshi",
        women: &["Rahela", "Shirin", "Momtaz"],
        men: &["Abdul", "Rezaul", "Mizanur"],
        families: &["Sarker", "Miah", "Chowdhury"],
    },
    Origin {
        ethnicity: "Asian or Asian British: Chinese",
        women: &["Siu-Fong", "Mei", "秀英"],
        men: &["Kwok-Wai", "Ho", "Jian"],
        families: &["Cheung", "Lau", "王"],
    },
    Origin {
        ethnicity: "Asian or Asian British: Any other Asian background",
        women: &["Thị Hoa", "Marisol", "Sumathi"],
        men: &["Văn Đức", "Rodrigo", "Niranjan"],
        families: &["Nguyễn", "Dimaculangan", "Thapa"],
    },
    Origin {
        ethnicity: "Black, Black British, Caribbean or African: Caribbean",
        women: &["Icilda", "Merlene", "Shanice", "Gloria"],
        men: &["Winston", "Clifton", "Desmond", "Tyrone"],
        families: &["Braithwaite", "Lightbourne", "Pinnock", "St Hilaire"],
    },
    Origin {
        ethnicity: "Black, Black British, Caribbean or African: African",
        women: &["Efua", "Temitope", "Hodan", "Chipo"],
        men: &["Kwabena", "Olusegun", "Abdirahman", "Tendai"],
        families: &["Asante", "Adeyemi-Cole", "Jama", "Moyo"],
    },
    Origin {
        ethnicity: "Other ethnic group: Arab",
        women: &["Layla", "Samira", "هدى"],
        men: &["Mahmoud", "Faisal", "Karim"],
        families: &["al-Hashimi", "Benali", "منصور"],
    },
    // People with one name only.
    Origin {
        ethnicity: "Other ethnic group: Any other ethnic group",
        women: &[""],
        men: &[""],
        families: &["Suharti", "Wahid", "Ngawang", "Thirumalai", "Gulalai", "Bo"],
    },
];

pub(super) const STREETS: [&str; 14] = [
    "Larkspur Close",
    "Teasel Walk",
    "Cooper's Yard",
    "Old Tannery Lane",
    "Jubilee Court",
    "Foundry Terrace",
    "Damson Drive",
    "Chapel Steps",
    "Heron View",
    "Marigold Avenue",
    "Wheelwright Street",
    "Quarry Bank",
    "Bellringers' Row",
    "Sorrel Crescent",
];

pub(super) const NEEDS: [&str; 7] = [
    "Large print",
    "British Sign Language interpreter",
    "Easy Read",
    "Speak slowly and face me",
    "Interpreter for the first language",
    "No calls: text messages only",
    "Hearing loop",
];

pub(super) const ADJUSTMENTS: [&str; 5] = [
    "A visit in the afternoon",
    "The same worker each time",
    "Ring before coming, and wait at the door",
    "A meeting place without steps",
    "Short meetings with breaks",
];

/// A sample person.
pub(super) struct SamplePerson {
    /// The person as a council's message describes them.
    pub(super) details: Value,
    /// The given name and the family name.
    pub(super) full_name: String,
}

/// Makes sample people, each with a name and numbers that no other has.
pub(super) struct PersonGenerator {
    today: NaiveDate,
    count: u32,
    names: HashSet<String>,
}

impl PersonGenerator {
    pub(super) fn new(today: NaiveDate) -> Self {
        Self { today, count: 0, names: HashSet::new() }
    }

    /// Makes a person who lives in a district of this practice.
    pub(super) fn generate(&mut self, rng: &mut StdRng, practice: usize) -> SamplePerson {
        let (woman, origin, given, family) = self.name(rng);
        let full_name = if given.is_empty() { family.to_owned() } else { format!("{given} {family}") };
        self.count += 1;
        let practice = &PRACTICES[practice];
        let mut details = json!({
            "council_person_id": format!("{}{}", COUNCILS[practice.council].prefix, 410_000 + self.count * 17),
            "nhs_number": nhs_number(self.count),
            "family_name": family,
            "date_of_birth": date_of_birth(rng, self.today),
            "gender": if woman { "Female" } else { "Male" },
            "ethnicity": origin.ethnicity,
            "address": {
                "lines": [format!("{} {}", rng.random_range(1..90), pick(rng, &STREETS)), pick(rng, practice.towns)],
                "postcode": postcode(rng, practice.districts),
            },
            "phone": format!("07700 900{:03}", self.count),
            "preferred_contact": pick(rng, &["phone", "phone", "letter", "sms", "in_person"]),
        });
        if !given.is_empty() {
            details["given_name"] = given.into();
        }
        if rng.random_bool(0.3) {
            details["email"] = format!("person{}@example.org", self.count).into();
        }
        if rng.random_bool(0.25) {
            details["communication_needs"] = json!([pick(rng, &NEEDS)]);
        }
        if rng.random_bool(0.2) {
            details["reasonable_adjustments"] = json!([pick(rng, &ADJUSTMENTS)]);
        }
        if rng.random_bool(0.05) {
            details["date_of_birth_accuracy"] = "year".into();
        }
        SamplePerson { details, full_name }
    }

    /// Draws a name that nobody has yet.
    fn name(&mut self, rng: &mut StdRng) -> (bool, &'static Origin, &'static str, &'static str) {
        loop {
            let origin = &ORIGINS[rng.random_range(0..ORIGINS.len())];
            let woman = rng.random_bool(0.55);
            let given = pick(rng, if woman { origin.women } else { origin.men });
            let family = pick(rng, origin.families);
            if self.names.insert(format!("{given} {family}")) {
                return (woman, origin, given, family);
            }
        }
    }
}

/// Draws a date of birth: about two of three people are 66 or older.
pub(super) fn date_of_birth(rng: &mut StdRng, today: NaiveDate) -> NaiveDate {
    let age = if rng.random_bool(0.65) { rng.random_range(66..97) } else { rng.random_range(19..66) };
    let days = age * 365 + age / 4 + rng.random_range(0..365);
    today.checked_sub_days(Days::new(days)).unwrap_or(today)
}

/// Draws one of these texts.
pub(super) fn pick(rng: &mut StdRng, words: &[&'static str]) -> &'static str {
    words.choose(rng).copied().unwrap_or_default()
}

/// Draws a postcode in one of these districts.
pub(super) fn postcode(rng: &mut StdRng, districts: &[&'static str]) -> String {
    const LETTERS: &[&str] =
        &["A", "B", "D", "E", "F", "G", "H", "J", "L", "N", "P", "Q", "R", "S", "T", "W", "X", "Z"];
    let (district, digit) = (pick(rng, districts), rng.random_range(1..10));
    format!("{district} {digit}{}{}", pick(rng, LETTERS), pick(rng, LETTERS))
}

/// Makes the NHS number of the n-th person, of the range for tests. One number in eleven has no check digit and is skipped.
fn nhs_number(count: u32) -> String {
    let first = 999_400_000 + count * 61;
    (first..first + 10).find_map(with_check_digit).unwrap_or_default()
}

/// Appends the check digit to the nine digits before it; `None` if there is none for them.
pub(super) fn with_check_digit(number: u32) -> Option<String> {
    let digits = number.to_string();
    let weighed: u32 = digits.chars().zip((2..=10).rev()).map(|(c, weight)| c.to_digit(10).unwrap_or(0) * weight).sum();
    match 11 - weighed % 11 {
        10 => None,
        11 => Some(format!("{digits}0")),
        check => Some(format!("{digits}{check}")),
    }
}

#[cfg(test)]
mod tests {
    use almoner_domain::referrals::message::Person;
    use almoner_domain::words::nhs_number::NhsNumber;
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn everybody_is_somebody_of_their_own_whom_a_council_could_send() {
        let mut generator = PersonGenerator::new(NaiveDate::from_ymd_opt(2026, 11, 20).unwrap());
        let mut rng = StdRng::seed_from_u64(7);
        let mut numbers = HashSet::new();
        for index in 0..160 {
            let person = generator.generate(&mut rng, index % PRACTICES.len());
            let sent: Person = serde_json::from_value(person.details).unwrap();
            assert!(numbers.insert(sent.nhs_number.unwrap().as_str().to_owned()), "{}", person.full_name);
        }
        assert!(numbers.iter().all(|number| number.starts_with("999") && NhsNumber::parse(number).is_ok()));
    }
}
