//! The keys by which a person is found.

use chrono::NaiveDate;

use crate::people::council_person_id::CouncilPersonId;
use crate::people::service_user::ServiceUserDetails;
use crate::words::name_keys::{LONGEST_PREFIX, Run, forms, prefixes, runs, sounds};
use crate::words::nhs_number::NhsNumber;
use crate::words::postcode::Postcode;
use crate::words::text::Line;

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

    pub(crate) const fn is_of_birth(&self) -> bool {
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

impl ServiceUserDetails {
    /// Returns the keys of the people who may be this one: those of the person, and of dates that may be theirs. A place at
    /// which they are for a time, such as a hospital, is many people's.
    pub fn keys_of_alike(&self) -> Vec<SearchKey> {
        let mut keys = self.search_keys();
        keys.retain(|key| match key {
            SearchKey::HasNhsNumber => false,
            SearchKey::Postcode(postcode) => postcode.is_a_place() && self.home_postcode() == Some(postcode),
            key => !key.is_of_birth(),
        });
        keys.extend(self.birth().wanted());
        keys
    }

    /// Returns every key by which the person may be found.
    pub fn search_keys(&self) -> Vec<SearchKey> {
        let present = [Some(&self.family_name), self.given_name.as_ref(), self.preferred_name.as_ref()];
        let former = self.former_names.iter().flat_map(|name| [Some(&name.family_name), name.given_name.as_ref()]);
        let mut keys: Vec<SearchKey> = present
            .into_iter()
            .chain(former)
            .flatten()
            .map(Line::as_str)
            .chain(self.also_known_as.iter().map(Line::as_str))
            .flat_map(forms)
            .flat_map(|word| {
                let beginnings = prefixes(&word).into_iter().map(SearchKey::NameBeginning);
                beginnings.chain(sounds(&word).into_iter().map(SearchKey::NameSound)).collect::<Vec<_>>()
            })
            .collect();
        keys.extend(self.birth().kept());
        keys.extend(
            self.nhs_number.iter().flat_map(|number| [SearchKey::NhsNumber(number.clone()), SearchKey::HasNhsNumber]),
        );
        let temporary = self.temporary_address.as_ref().and_then(|address| address.postcode.as_ref());
        keys.extend(self.home_postcode().into_iter().chain(temporary).cloned().map(SearchKey::Postcode));
        keys.extend(self.council_person_ids.iter().cloned().map(SearchKey::CouncilPersonId));
        keys.sort_by_cached_key(SearchKey::text);
        keys.dedup_by_key(|key| key.text());
        keys
    }
}
