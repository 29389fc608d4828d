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

/// Two are equal if they mean the same person, without regard to case and punctuation: a restricted record must be
/// recognised however its identifier is written, so recognition errs towards yes.
impl PartialEq for CouncilPersonId {
    fn eq(&self, other: &Self) -> bool {
        self.council == other.council && self.id.comparable() == other.id.comparable()
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

/// A reason why a known person may be the one in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The NHS numbers are the same.
    NhsNumber,
    /// The same council uses the same identifier for both.
    CouncilPersonId,
    /// The dates of birth are the same, as far as both are known.
    DateOfBirth,
    /// The family names are the same, and so are the given or preferred names.
    Name,
    /// The names begin or sound alike.
    SimilarName,
    /// The postcodes are the same.
    Postcode,
}

/// Returns how alike two people are, from 0 to 100, with the reasons. An identifier in common weighs most, and a
/// different one speaks against.
pub fn likeness(known: &ServiceUserDetails, other: &ServiceUserDetails) -> (u8, Vec<Likeness>) {
    let mut why = Vec::new();
    let both_numbers = known.nhs_number.is_some() && other.nhs_number.is_some();
    let same_number = both_numbers && known.nhs_number == other.nhs_number;
    if same_number {
        why.push(Likeness::NhsNumber);
    }
    if other.council_person_ids.iter().any(|id| known.council_person_ids.contains(id)) {
        why.push(Likeness::CouncilPersonId);
    }
    if known.birth().may_be(other.birth()) {
        why.push(Likeness::DateOfBirth);
    }
    let family = |details: &ServiceUserDetails| forms(details.family_name.as_str());
    let first = |details: &ServiceUserDetails| -> Vec<String> {
        let names = [details.given_name.as_ref(), details.preferred_name.as_ref()];
        names.into_iter().flatten().flat_map(|name| forms(name.as_str())).collect()
    };
    let (our_family, their_family, our_first, their_first) = (family(known), family(other), first(known), first(other));
    let share = |a: &[String], b: &[String]| a.iter().any(|form| b.contains(form));
    let sounds_of = |forms: &[String], more: &[String]| -> Vec<String> {
        forms.iter().chain(more).flat_map(|form| sounds(form)).collect()
    };
    let one_name_each = our_first.is_empty() && their_first.is_empty();
    if share(&our_family, &their_family) && (one_name_each || share(&our_first, &their_first)) {
        why.push(Likeness::Name);
    } else if share(&sounds_of(&our_family, &our_first), &sounds_of(&their_family, &their_first)) {
        why.push(Likeness::SimilarName);
    }
    let postcode = |details: &ServiceUserDetails| {
        let postcode = details.address.as_ref().and_then(|address| address.postcode.clone());
        postcode.filter(Postcode::is_a_place)
    };
    if postcode(known).is_some() && postcode(known) == postcode(other) {
        why.push(Likeness::Postcode);
    }
    let weight = |likeness: &Likeness| match likeness {
        Likeness::NhsNumber => 80_u8,
        Likeness::CouncilPersonId => 70,
        Likeness::DateOfBirth => 30,
        Likeness::Name => 35,
        Likeness::SimilarName | Likeness::Postcode => 15,
    };
    let score = why.iter().map(weight).fold(0_u8, u8::saturating_add).min(100);
    let against = if both_numbers && !same_number { 40 } else { 0 };
    (score.saturating_sub(against), why)
}

/// The least score with which a known person is offered as a likely match.
pub const LIKELY: u8 = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn person(json: serde_json::Value) -> ServiceUserDetails {
        serde_json::from_value(json).unwrap()
    }

    fn edith() -> ServiceUserDetails {
        person(serde_json::json!({
            "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08", "nhs_number": "9990548609",
            "address": { "lines": ["4 Wyle Cop"], "postcode": "SY1 1UT" },
            "council_person_ids": [{ "council": "E06000051", "id": "SHR1" }],
        }))
    }

    #[test]
    fn the_same_number_is_as_good_as_certain_and_another_speaks_against() {
        let same = person(
            serde_json::json!({ "family_name": "Marlowe", "date_of_birth": "1941-03-08", "nhs_number": "9990548609" }),
        );
        let (score, why) = likeness(&edith(), &same);
        assert_eq!(score, 100);
        assert_eq!(why, [Likeness::NhsNumber, Likeness::DateOfBirth, Likeness::SimilarName]);
        let other = person(serde_json::json!({
            "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08", "nhs_number": "9434765919",
        }));
        assert!(likeness(&edith(), &other).0 < LIKELY);
    }

    #[test]
    fn a_name_and_a_birthday_are_likely_and_a_name_alone_is_not() {
        let twin = person(
            serde_json::json!({ "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08" }),
        );
        assert!(likeness(&edith(), &twin).0 >= LIKELY);
        let namesake = person(
            serde_json::json!({ "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1990-01-01" }),
        );
        assert!(likeness(&edith(), &namesake).0 < LIKELY);
    }

    #[test]
    fn people_with_one_name_are_compared_by_it() {
        let one = person(serde_json::json!({ "family_name": "Ó", "date_of_birth": "1950-01-01" }));
        assert_eq!(likeness(&one, &one).1, [Likeness::DateOfBirth, Likeness::Name]);
    }

    #[test]
    fn a_name_is_the_same_however_it_is_divided() {
        let divided = person(serde_json::json!({ "given_name": "Mary Ann", "family_name": "Mc Donald" }));
        let joined = person(serde_json::json!({ "given_name": "Maryann", "family_name": "McDonald" }));
        assert_eq!(likeness(&divided, &joined).1, [Likeness::Name]);
        assert_eq!(likeness(&joined, &divided).1, [Likeness::Name]);
        let found = |name: &str, details: &ServiceUserDetails| {
            let kept: Vec<String> = details.search_keys().iter().map(SearchKey::text).collect();
            SearchKey::of_name(name, true).iter().all(|any| any.iter().any(|key| kept.contains(&key.text())))
        };
        for name in ["Mc Donald", "McDonald", "mc-don", "Mary Ann McDonald", "maryann mc donald", "Mc Donald Mary"] {
            assert!(found(name, &divided) && found(name, &joined), "{name}");
        }
        for name in ["Mc Gregor", "Hannah McDonald", "MacDonald Hannah", "McDonald Hannah", "Maryannmcdonald Hannah"] {
            assert!(!found(name, &joined) && !found(name, &divided), "{name}");
        }
        let featherstone = person(serde_json::json!({ "given_name": "Anna", "family_name": "Featherstone" }));
        assert!(found("Feather Stone", &featherstone) && found("Featherstone Anna", &featherstone));
        assert!(
            !found("Featherstone Hugh", &featherstone),
            "a beginning that is cut off says nothing of the next word"
        );
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
