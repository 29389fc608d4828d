//! The lists of values of Client Level Data, the national return on adult social care, release 2.
//!
//! The lists are data, not code: a new release is a new file. Values are kept and sent in the
//! words of the list, since councils return those very words. They are taken in any case, with `&` for `and`, with or
//! without spaces around a `/` and other punctuation, and in the words of release 1, which most systems still have.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::LazyLock;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::letters_and_digits;
use crate::words::sql_text::text_value;

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
static LISTS: LazyLock<Lists> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/cld-r2.json")).expect("data/cld-r2.json is sound"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    release: String,
    route_of_access: Vec<String>,
    primary_support_reason: Vec<String>,
    gender: Vec<String>,
    ethnicity: Vec<String>,
    event_outcome: Vec<String>,
    accommodation_status: Vec<String>,
    employment_status: Vec<String>,
    visual_impairment: Vec<String>,
    hearing_impairment: Vec<String>,
    client_funding_status: Vec<String>,
    yes_no_unknown: Vec<String>,
}

/// The words of release 1, and of systems that kept those, for values that release 2 words otherwise; by list.
#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
static EARLIER: LazyLock<HashMap<String, HashMap<String, String>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/cld-r1.json")).expect("data/cld-r1.json is sound"));

/// Returns the release of Client Level Data that the lists belong to, such as `R2`.
pub fn release() -> &'static str {
    &LISTS.release
}

/// The list that a [`CldValue`] is from. Only the markers of this module implement it.
pub trait List: Copy + Ord + Hash + fmt::Debug + sealed::Sealed + 'static {
    /// The list's name, as used for its schema.
    const NAME: &'static str;

    /// Returns the values, in the order of the specification.
    fn values() -> &'static [String];

    /// Returns the value that each wording stands for, in the list or in an earlier release, by the letters of the wording.
    fn by_words() -> &'static HashMap<String, &'static str>;
}

mod sealed {
    pub trait Sealed {}
}

/// Returns what is compared of a value's words: letters and digits in lower case, and `and` for `&`.
fn folded(words: &str) -> String {
    letters_and_digits(&words.replace(['&', '＆'], " and "))
}

fn by_words_of(
    values: &'static [String],
    earlier: Option<&'static HashMap<String, String>>,
) -> HashMap<String, &'static str> {
    let earlier = earlier.into_iter().flatten();
    let values = values.iter().map(|value| (value, value));
    earlier.chain(values).map(|(words, value)| (folded(words), value.as_str())).collect()
}

/// A value of one Client Level Data list, in the words of the list, case included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, AsExpression, FromSqlRow)]
#[serde(into = "String", bound = "")]
#[diesel(sql_type = Text)]
pub struct CldValue<L: List> {
    value: &'static str,
    list: PhantomData<L>,
}

impl<L: List> CldValue<L> {
    /// Finds the value by its words, or by those of an earlier release. Others are [`InvalidValue`], which lists the values.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        match L::by_words().get(&folded(text)) {
            Some(value) => Ok(Self { value, list: PhantomData }),
            None => Err(InvalidValue::new(format!("must be one of: {}", L::values().join("; ")))),
        }
    }

    /// Returns the words of the value.
    pub fn as_str(&self) -> &'static str {
        self.value
    }

    /// Returns every value of the list, in the order of the specification.
    pub fn all() -> impl Iterator<Item = Self> {
        L::values().iter().map(|value| Self { value, list: PhantomData })
    }
}

impl<'de, L: List> Deserialize<'de> for CldValue<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

text_value!(
    [L: List] CldValue<L>, shown,
    name: L::NAME,
    schema: ObjectBuilder::new()
        .description(Some(format!(
            "A value of the Client Level Data list {}, in whose words it is given back. Case, punctuation, and `&` for `and` do \
             not matter on the way in, and the words of release 1 are taken.",
            L::NAME
        )))
        .enum_values(Some(L::values().iter().map(String::as_str))),
);

macro_rules! lists {
    ($($(#[doc = $doc:literal])* $alias:ident, $marker:ident = $field:ident;)+) => {$(
        $(#[doc = $doc])*
        pub type $alias = CldValue<$marker>;

        #[doc = concat!("Marks the list of [`", stringify!($alias), "`].")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $marker;

        impl sealed::Sealed for $marker {}

        impl List for $marker {
            const NAME: &'static str = stringify!($alias);

            fn values() -> &'static [String] {
                &LISTS.$field
            }

            fn by_words() -> &'static HashMap<String, &'static str> {
                static BY_WORDS: LazyLock<HashMap<String, &'static str>> =
                    LazyLock::new(|| by_words_of(&LISTS.$field, EARLIER.get(stringify!($field))));
                &BY_WORDS
            }
        }
    )+};
}

lists! {
    /// The way in which a request for support came about.
    RouteOfAccess, RouteOfAccessList = route_of_access;
    /// The main reason why a person needs support.
    PrimarySupportReason, PrimarySupportReasonList = primary_support_reason;
    /// A person's gender.
    Gender, GenderList = gender;
    /// A person's ethnicity, as they describe it.
    Ethnicity, EthnicityList = ethnicity;
    /// The outcome of a request, assessment, service or review, in the order in which one outranks another.
    EventOutcome, EventOutcomeList = event_outcome;
    /// The accommodation in which a person lives.
    AccommodationStatus, AccommodationStatusList = accommodation_status;
    /// Whether a person works.
    EmploymentStatus, EmploymentStatusList = employment_status;
    /// How far a person sees.
    VisualImpairment, VisualImpairmentList = visual_impairment;
    /// How far a person hears.
    HearingImpairment, HearingImpairmentList = hearing_impairment;
    /// Who pays for a person's support.
    ClientFundingStatus, ClientFundingStatusList = client_funding_status;
    /// Whether something holds of a person.
    YesNoUnknown, YesNoUnknownList = yes_no_unknown;
}

impl RouteOfAccess {
    /// Whether the person comes from a hospital, or was kept out of one.
    pub fn is_hospital(self) -> bool {
        matches!(self.value, "Discharge from Hospital" | "Diversion from Hospital Services")
    }

    /// Whether the person comes from prison.
    pub fn is_prison(self) -> bool {
        self.value == "Prison"
    }

    /// Whether a young person moves on from children's services.
    pub fn is_transition(self) -> bool {
        self.value == "Planned Entry (Transition)"
    }
}

impl AccommodationStatus {
    /// Whether somebody who lives there has no settled residence.
    pub fn is_unsettled(self) -> bool {
        matches!(self.value, "Rough sleeper or squatting" | "Night shelter, emergency hostel or direct access hostel")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use utoipa::{PartialSchema as _, ToSchema as _};

    use super::*;

    fn sound<L: List>(count: usize) {
        let distinct: BTreeSet<_> = CldValue::<L>::all().collect();
        assert_eq!(distinct.len(), count, "{}", L::NAME);
        assert_eq!(L::values().len(), count, "{}", L::NAME);
        for value in L::values() {
            assert_eq!(CldValue::<L>::parse(value).unwrap().as_str(), value);
            assert_eq!(value.trim(), value);
        }
        let folds: BTreeSet<_> = L::values().iter().map(|value| folded(value)).collect();
        assert_eq!(folds.len(), count, "{}", L::NAME);
    }

    #[test]
    fn the_lists_are_complete_and_without_doubles() {
        assert_eq!(release(), "R2");
        sound::<RouteOfAccessList>(8);
        sound::<PrimarySupportReasonList>(13);
        sound::<GenderList>(4);
        sound::<EthnicityList>(21);
        sound::<EventOutcomeList>(16);
        sound::<AccommodationStatusList>(20);
        sound::<EmploymentStatusList>(7);
        sound::<VisualImpairmentList>(5);
        sound::<HearingImpairmentList>(6);
        sound::<ClientFundingStatusList>(4);
        sound::<YesNoUnknownList>(3);
    }

    #[test]
    fn the_words_of_a_value_are_taken_however_they_are_written() {
        for text in [
            "Community / Other route",
            "community/other route",
            "COMMUNITY /OTHER ROUTE",
            " Community\u{a0}/ Other route",
        ] {
            assert_eq!(RouteOfAccess::parse(text).unwrap().as_str(), "Community / Other route", "{text}");
        }
        for text in ["Physical Support - Access & mobility only", "physical support: access and mobility only"] {
            let reason = PrimarySupportReason::parse(text).unwrap();
            assert_eq!(reason.as_str(), "Physical support: Access and mobility only", "{text}");
        }
        assert!(Gender::parse("female").is_ok());
        for text in ["F", "", "Prison"] {
            let error = Gender::parse(text).unwrap_err().to_string();
            assert_eq!(error, "must be one of: Male; Female; Other; Unknown");
        }
    }

    #[test]
    fn the_words_of_release_1_stand_for_values_and_never_for_another_value() {
        fn all<L: List>(field: &str) {
            for (words, value) in &EARLIER[field] {
                assert!(L::values().contains(value), "{words}: {value}");
                assert_eq!(CldValue::<L>::parse(words).unwrap().as_str(), value);
                assert!(!L::values().iter().any(|other| folded(other) == folded(words)), "{words} is a value itself");
            }
        }
        all::<RouteOfAccessList>("route_of_access");
        all::<PrimarySupportReasonList>("primary_support_reason");
        all::<GenderList>("gender");
        all::<EthnicityList>("ethnicity");
        all::<EventOutcomeList>("event_outcome");
        assert_eq!(EARLIER.len(), 5);
        let outcome = EventOutcome::parse("NFA- Information & Advice/Signposting only").unwrap();
        assert_eq!(outcome.as_str(), "NFA: Information and advice or signposting");
    }

    #[test]
    fn two_routes_are_by_hospital_and_one_is_transition() {
        let words = |test: fn(RouteOfAccess) -> bool| -> Vec<&str> {
            RouteOfAccess::all().filter(|route| test(*route)).map(|route| route.as_str()).collect()
        };
        assert_eq!(words(RouteOfAccess::is_hospital), ["Discharge from Hospital", "Diversion from Hospital Services"]);
        assert_eq!(words(RouteOfAccess::is_transition), ["Planned Entry (Transition)"]);
    }

    #[test]
    fn who_sleeps_rough_or_in_a_night_shelter_has_no_settled_residence() {
        let unsettled: Vec<&str> =
            AccommodationStatus::all().filter(|status| status.is_unsettled()).map(|status| status.as_str()).collect();
        assert_eq!(
            unsettled,
            ["Rough sleeper or squatting", "Night shelter, emergency hostel or direct access hostel"]
        );
    }

    #[test]
    fn the_schema_lists_the_values() {
        let schema = serde_json::to_value(Gender::schema()).unwrap();
        assert_eq!(schema["enum"], serde_json::json!(["Male", "Female", "Other", "Unknown"]));
        assert_eq!(Gender::name(), "Gender");
    }
}
