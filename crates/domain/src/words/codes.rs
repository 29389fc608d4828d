//! The lists of values of Client Level Data, the national return on adult social care, release 2.
//!
//! The lists are data, not code: a new release is a new file. Values are kept and sent in the
//! words of the list, since councils return those very words.

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
}

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
}

mod sealed {
    pub trait Sealed {}
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
    /// Finds the value. Words that are not on the list are [`InvalidValue`].
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let text = text.trim();
        L::values().iter().find(|value| *value == text).map(|value| Self { value, list: PhantomData }).ok_or_else(
            || {
                InvalidValue::new(format!(
                    "must be a value of the Client Level Data list {}, in its exact words",
                    L::NAME
                ))
            },
        )
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
        .description(Some(format!("A value of the Client Level Data list {}", L::NAME)))
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
}

impl RouteOfAccess {
    /// Whether the person comes from a hospital, or was kept out of one.
    pub fn is_hospital(self) -> bool {
        matches!(self.value, "Discharge from Hospital" | "Diversion from Hospital Services")
    }

    /// Whether a young person moves on from children's services.
    pub fn is_transition(self) -> bool {
        self.value == "Planned Entry (Transition)"
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
    }

    #[test]
    fn the_lists_are_complete_and_without_doubles() {
        assert_eq!(release(), "R2");
        sound::<RouteOfAccessList>(8);
        sound::<PrimarySupportReasonList>(13);
        sound::<GenderList>(4);
        sound::<EthnicityList>(21);
        sound::<EventOutcomeList>(16);
    }

    #[test]
    fn only_the_exact_words_of_the_list_are_taken() {
        assert!(Gender::parse("Female").is_ok());
        for text in ["female", "F", "", "Prison"] {
            let error = Gender::parse(text).unwrap_err().to_string();
            assert_eq!(error, "must be a value of the Client Level Data list Gender, in its exact words");
        }
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
    fn the_schema_lists_the_values() {
        let schema = serde_json::to_value(Gender::schema()).unwrap();
        assert_eq!(schema["enum"], serde_json::json!(["Male", "Female", "Other", "Unknown"]));
        assert_eq!(Gender::name(), "Gender");
    }
}
