//! The people around the person in a referral message: who cares for them, whom they care for, who speaks for them, where
//! the referral began, and who sends it.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::example;
use super::super::terms::{RepresentativeKind, SourceKind};
use crate::words::date;
use crate::words::email::ContactEmail;
use crate::words::gss_code::AuthorityCode;
use crate::words::identifier::Identifier;
use crate::words::ods_code::OdsCode;
use crate::words::phone::Phone;
use crate::words::text::{self, Line};

/// A carer: somebody who cares for a person without pay (Care Act 2014 s10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::carer)]
pub struct Carer {
    /// The carer's name.
    pub name: Line<200>,
    /// The carer's relationship to the person, such as "daughter".
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationship: Option<Line<100>>,
    /// The carer's telephone number.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Whether the carer lives with the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lives_with_person: Option<bool>,
}

/// The officer who answers questions about a referral. There must be a telephone number or an email address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::referrer)]
pub struct Referrer {
    /// The referrer's name.
    pub name: Line<200>,
    /// The referrer's team.
    pub team: Line<200>,
    /// The referrer's telephone number.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The referrer's email address.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<ContactEmail>,
}

/// The adult for whom a carer cares. The `person` of a carer's assessment is the carer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::cared_for)]
pub struct CaredFor {
    /// The name of the person who is cared for.
    pub name: Line<200>,
    /// The relationship of the carer to them, such as "mother".
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationship: Option<Line<100>>,
    /// Their day of birth; not in the future, not more than 125 years ago.
    #[serde(default, deserialize_with = "date::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// The council's own id of them.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub council_person_id: Option<Identifier<32>>,
    /// The authority of the area where they are ordinarily resident. It is responsible for the carer's assessment (Care Act
    /// 2014 s20(1)).
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordinary_residence: Option<AuthorityCode>,
    /// Whether they live with the carer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lives_with_person: Option<bool>,
}

/// Prints nothing about the person who is cared for.
impl fmt::Debug for CaredFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaredFor").finish_non_exhaustive()
    }
}

/// Somebody who speaks for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::representative)]
pub struct Representative {
    /// The representative's name. Without it nobody is named through whom the person could be contacted.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Line<200>>,
    /// The authority by which they speak for the person.
    pub kind: RepresentativeKind,
    /// Whether the document that gives the authority was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority_seen: Option<bool>,
    /// The reference of that document.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Line<100>>,
    /// The representative's telephone number.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The representative's email address.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<ContactEmail>,
}

/// Somebody to ring in an emergency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::emergency_contact)]
pub struct EmergencyContact {
    /// Their name.
    pub name: Line<200>,
    /// Their relationship to the person.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationship: Option<Line<100>>,
    /// Their telephone number.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
}

/// Where a referral began, apart from the officer who sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::source)]
pub struct ReferralSource {
    /// The kind of person or organisation that asked first.
    pub kind: SourceKind,
    /// The name of the organisation.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Line<200>>,
    /// The Organisation Data Service's code of the organisation.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ods_code: Option<OdsCode<10>>,
    /// The name of whoever asked.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Line<200>>,
    /// Their role, or their relationship to the person.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Line<100>>,
    /// Their telephone number.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Whether the person knows of the referral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_knows: Option<bool>,
}
