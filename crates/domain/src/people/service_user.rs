//! A service user: a person whom a practice serves.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::people::birth::Birth;
use crate::people::contact::{Address, DateOfBirthAccuracy, PreferredContact};
use crate::words::codes::{Ethnicity, Gender, PrimarySupportReason};
use crate::words::date;
use crate::words::email::ContactEmail;
use crate::words::gp_practice_code::GpPracticeCode;
use crate::words::gss_code::GssCode;
use crate::words::identifier::Identifier;
use crate::words::name_keys::{LONGEST_PREFIX, Run, forms, prefixes, runs, sounds};
use crate::words::nhs_number::NhsNumber;
use crate::words::phone::Phone;
use crate::words::postcode::Postcode;
use crate::words::text::{self, Line};

/// The details of a person in the practice's record. A name may be one word: only the family name is required.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "given_name": "Edith",
    "family_name": "Marlow",
    "date_of_birth": "1941-03-08",
    "nhs_number": "9990548609",
    "address": { "lines": ["4 Wyle Cop"], "postcode": "SY1 1UT" },
    "preferred_contact": "phone",
    "phone": "07700 900461",
    "communication_needs": ["Large print"],
}))]
pub struct ServiceUserDetails {
    /// The person's title, such as Ms or Dr.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub title: Option<Line<32>>,
    /// The person's given name.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub given_name: Option<Line<100>>,
    /// The person's family name, or their only name.
    pub family_name: Line<100>,
    /// The name that the person goes by.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub preferred_name: Option<Line<100>>,
    /// The person's date of birth.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// The accuracy of the date of birth.
    #[serde(default)]
    pub date_of_birth_accuracy: DateOfBirthAccuracy,
    /// The day on which the person died.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub date_of_death: Option<NaiveDate>,
    /// The person's NHS number.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub nhs_number: Option<NhsNumber>,
    /// The identifiers that councils use for the person, one for each council.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub council_person_ids: Vec<CouncilPersonId>,
    /// The person's gender, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// The person's ethnicity, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<Ethnicity>,
    /// The address at which the person lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The code of the person's GP practice.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub gp_practice_code: Option<GpPracticeCode>,
    /// The person's telephone number.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The person's email address.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub email: Option<ContactEmail>,
    /// The way in which the person likes to be contacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_contact: Option<PreferredContact>,
    /// The support that the person needs in order to understand and be understood.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub communication_needs: Vec<Line<200>>,
    /// The reasonable adjustments that must be made for the person (Equality Act 2010 s20).
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub reasonable_adjustments: Vec<Line<200>>,
    /// The main reason why the person needs support, in the words of the national data set.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub primary_support_reason: Option<PrimarySupportReason>,
}

/// The identifier that one council uses for a person.
#[derive(Clone, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CouncilPersonId {
    /// The GSS code of the council.
    pub council: GssCode,
    /// The council's identifier for the person.
    pub id: Identifier<32>,
}

impl CouncilPersonId {
    /// Returns the same identifier under each of these codes: those of one council before and after it was reorganised.
    pub fn under<'c>(&'c self, codes: &'c [GssCode]) -> impl Iterator<Item = Self> + 'c {
        codes.iter().map(|code| Self { council: code.clone(), id: self.id.clone() })
    }

    /// Whether the identifiers are the same, whosever they are.
    pub fn is_written_like(&self, other: &Self) -> bool {
        self.id.comparable() == other.id.comparable()
    }
}

/// Two are equal if they mean the same person, without regard to case and punctuation: a restricted record must be
/// recognised however its identifier is written, so recognition errs towards yes.
impl PartialEq for CouncilPersonId {
    fn eq(&self, other: &Self) -> bool {
        self.council == other.council && self.is_written_like(other)
    }
}

/// The flags that a visitor must see first, wherever a person is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own: a visitor sees any of them")]
pub struct Flags {
    /// Whether the record is restricted to named members of staff.
    pub restricted: bool,
    /// Whether reasonable adjustments must be made for the person.
    pub reasonable_adjustments: bool,
    /// Whether the person has communication needs.
    pub communication_needs: bool,
    /// Whether the person has died.
    pub deceased: bool,
}

impl ServiceUserDetails {
    /// Checks the rules that hold between members, as of `today`.
    pub fn check(&self, today: NaiveDate) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if self.date_of_birth.is_none() && self.date_of_birth_accuracy != DateOfBirthAccuracy::Unknown {
            faults.push(Fault::new("/date_of_birth", "is required unless date_of_birth_accuracy is unknown"));
        }
        if let Some(fault) = self.birth().fault(today) {
            faults.push(Fault::new("/date_of_birth", fault));
        }
        let born = self.birth().possible().map(|(earliest, _)| earliest);
        match (born, self.date_of_death) {
            (_, Some(died)) if died > today => faults.push(Fault::new("/date_of_death", "must not be in the future")),
            (Some(born), Some(died)) if died < born => {
                faults.push(Fault::new("/date_of_death", "must not be before the date of birth"));
            }
            _ => {}
        }
        for (index, one) in self.council_person_ids.iter().enumerate() {
            if self.council_person_ids[..index].iter().any(|other| other.council == one.council) {
                faults.push(Fault::new(format!("/council_person_ids/{index}/council"), "must not be repeated"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Returns the date of birth as far as it is known.
    pub const fn birth(&self) -> Birth {
        Birth::new(self.date_of_birth, self.date_of_birth_accuracy)
    }

    /// Returns the keys of the people who may be this one: those of the person, and of dates that may be theirs.
    pub fn keys_of_alike(&self) -> Vec<SearchKey> {
        let mut keys = self.search_keys();
        keys.retain(|key| match key {
            SearchKey::HasNhsNumber => false,
            SearchKey::Postcode(postcode) => postcode.is_a_place(),
            key => !key.is_of_birth(),
        });
        keys.extend(self.birth().wanted());
        keys
    }

    /// Returns the flags that a visitor must see first.
    pub fn flags(&self, restricted: bool) -> Flags {
        Flags {
            restricted,
            reasonable_adjustments: !self.reasonable_adjustments.is_empty(),
            communication_needs: !self.communication_needs.is_empty(),
            deceased: self.date_of_death.is_some(),
        }
    }

    /// Returns the name as it is said aloud: preferred or given name, then family name.
    pub fn spoken_name(&self) -> String {
        match self.preferred_name.as_ref().or(self.given_name.as_ref()) {
            Some(first) => format!("{first} {}", self.family_name),
            None => self.family_name.to_string(),
        }
    }

    /// Returns every key by which the person may be found.
    pub fn search_keys(&self) -> Vec<SearchKey> {
        let mut keys: Vec<SearchKey> =
            [Some(&self.family_name), self.given_name.as_ref(), self.preferred_name.as_ref()]
                .into_iter()
                .flatten()
                .flat_map(|name| forms(name.as_str()))
                .flat_map(|word| {
                    let beginnings = prefixes(&word).into_iter().map(SearchKey::NameBeginning);
                    beginnings.chain(sounds(&word).into_iter().map(SearchKey::NameSound)).collect::<Vec<_>>()
                })
                .collect();
        keys.extend(self.birth().kept());
        keys.extend(
            self.nhs_number.iter().flat_map(|number| [SearchKey::NhsNumber(number.clone()), SearchKey::HasNhsNumber]),
        );
        keys.extend(self.address.as_ref().and_then(|address| address.postcode.clone()).map(SearchKey::Postcode));
        keys.extend(self.council_person_ids.iter().cloned().map(SearchKey::CouncilPersonId));
        keys.sort_by_cached_key(SearchKey::text);
        keys.dedup_by_key(|key| key.text());
        keys
    }
}

/// One key by which a person is found. The database stores a keyed hash of [`SearchKey::text`].
#[derive(Clone)]
pub enum SearchKey {
    /// A word of the person's name has this beginning: lower case, transliterated, 2 to 12 characters.
    NameBeginning(String),
    /// A word of the person's name has this sound.
    NameSound(String),
    /// The person was born on this day.
    DateOfBirth(NaiveDate),
    /// The person was born in this month of this year; whether the day is known too.
    MonthOfBirth {
        /// The year and the month.
        month: (i32, u32),
        /// Whether the day is known.
        and_day: bool,
    },
    /// The person was born in this year; whether more of the date is known.
    YearOfBirth {
        /// The year.
        year: i32,
        /// Whether more of the date is known.
        and_more: bool,
    },
    /// The person has this NHS number.
    NhsNumber(NhsNumber),
    /// The person's NHS number is known: another one contradicts it.
    HasNhsNumber,
    /// The person lives at this postcode.
    Postcode(Postcode),
    /// A council uses this identifier for the person.
    CouncilPersonId(CouncilPersonId),
}

impl SearchKey {
    /// Returns the criteria of a search by a name, one for each of its words. A record must match one key of each: the
    /// beginning of the word or, where `sounding` is set, its sound; or those of a run of words that it is part of, so that a
    /// name is found however it is divided. A run's key that stands for the rest of the run alone, because beginnings and
    /// sounds have a greatest length, says nothing of the word.
    pub fn of_name(name: &str, sounding: bool) -> Vec<Vec<Self>> {
        let keys_of = |form: &str| {
            let sounds = if sounding { sounds(form) } else { Vec::new() };
            let beginning = Self::NameBeginning(form.chars().take(LONGEST_PREFIX).collect());
            std::iter::once(beginning).chain(sounds.into_iter().map(Self::NameSound)).collect::<Vec<_>>()
        };
        let runs: Vec<(Run, Vec<Self>)> = runs(name)
            .into_iter()
            .map(|run| {
                let keys = keys_of(&run.form);
                (run, keys)
            })
            .collect();
        let words = runs.iter().map(|(run, _)| run.places.end).max().unwrap_or(0);
        let criterion = |at: usize| {
            let (with, without): (Vec<_>, Vec<_>) = runs.iter().partition(|(run, _)| run.places.contains(&at));
            let elsewhere: Vec<String> = without.iter().flat_map(|(_, keys)| keys).map(Self::text).collect();
            let is_own = |run: &Run| run.places.len() == 1;
            let keys = with.into_iter().flat_map(|(run, keys)| keys.iter().map(move |key| (run, key)));
            keys.filter(|(run, key)| is_own(run) || !elsewhere.contains(&key.text()))
                .map(|(_, key)| key.clone())
                .collect::<Vec<_>>()
        };
        (0..words).map(criterion).collect()
    }

    /// Whether the key is an identifier that is given to one person only.
    pub const fn identifies(&self) -> bool {
        matches!(self, Self::NhsNumber(_) | Self::CouncilPersonId(_))
    }

    const fn is_of_birth(&self) -> bool {
        matches!(self, Self::DateOfBirth(_) | Self::MonthOfBirth { .. } | Self::YearOfBirth { .. })
    }

    /// Returns the text that is hashed: kind and value.
    pub fn text(&self) -> String {
        match self {
            Self::NameBeginning(beginning) => format!("name {beginning}"),
            Self::NameSound(sound) => format!("sound {sound}"),
            Self::DateOfBirth(date) => format!("born {date}"),
            Self::MonthOfBirth { month: (year, month), and_day } => {
                format!("born {} {year}-{month:02}", if *and_day { "in" } else { "some day in" })
            }
            Self::YearOfBirth { year, and_more } => {
                format!("born {} {year}", if *and_more { "in" } else { "some day in" })
            }
            Self::NhsNumber(number) => format!("nhs {}", number.as_str()),
            Self::HasNhsNumber => "nhs known".to_owned(),
            Self::Postcode(postcode) => format!("postcode {postcode}"),
            Self::CouncilPersonId(id) => format!("council {} {}", id.council, id.id.comparable()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn person(json: serde_json::Value) -> ServiceUserDetails {
        serde_json::from_value(json).unwrap()
    }

    pub(crate) fn edith() -> ServiceUserDetails {
        person(serde_json::json!({
            "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08", "nhs_number": "9990548609",
            "address": { "lines": ["4 Wyle Cop"], "postcode": "SY1 1UT" },
            "council_person_ids": [{ "council": "E06000051", "id": "SHR1" }],
        }))
    }

    #[test]
    fn a_councils_identifier_is_recognised_however_it_is_written() {
        let id = |id: &str| -> CouncilPersonId {
            serde_json::from_value(serde_json::json!({ "council": "E06000051", "id": id })).unwrap()
        };
        for written in ["SHR-1", "shr-1", "SHR1", "SHR\u{200b}-1", "\u{feff}SHR\u{2011}1", "ＳＨＲ－１", "SHR / 1"]
        {
            assert!(id(written) == id("SHR-1"), "{written:?}");
            let (one, other) = (SearchKey::CouncilPersonId(id(written)), SearchKey::CouncilPersonId(id("SHR-1")));
            assert_eq!(one.text(), other.text(), "{written:?}");
        }
        assert!(id("SHR-1") != id("SHR-2"));
    }

    #[test]
    fn a_person_is_found_by_beginnings_sounds_and_identifiers() {
        let keys: Vec<String> = edith().search_keys().iter().map(SearchKey::text).collect();
        for key in [
            "name ed",
            "name marlow",
            "born 1941-03-08",
            "nhs 9990548609",
            "postcode SY1 1UT",
            "council E06000051 shr1",
        ] {
            assert!(keys.iter().any(|k| k == key), "{key} in {keys:?}");
        }
    }

    #[test]
    fn one_council_has_one_name_for_a_person() {
        let mut twice = edith();
        twice.council_person_ids.push(twice.council_person_ids[0].clone());
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        assert_eq!(twice.check(today).unwrap_err()[0].pointer, "/council_person_ids/1/council");
        assert!(edith().check(today).is_ok());
    }
}
