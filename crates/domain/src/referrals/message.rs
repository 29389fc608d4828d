//! The message that a council's system sends to ask a practice for a piece of work.
//!
//! The names of the members are fixed, because councils' systems are built on them. Unknown members are refused, so
//! that a misspelt one is never silently lost. [`ReferralMessage::check`] holds the rules that a type alone cannot
//! express.

mod around;
mod person;
mod restricted;

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::example;
pub use around::{CaredFor, Carer, EmergencyContact, ReferralSource, Referrer, Representative};
pub use person::Person;
pub use restricted::RestrictedMark;

pub use super::terms::{ConsentBasis, ContinuingHealthcare, Pathway, Urgency};
pub use crate::contracts::function::Function;
pub use crate::people::contact::{Address, DateOfBirthAccuracy, PreferredContact};
use crate::people::council_person_id::CouncilPersonId;
use crate::people::residence::OrdinaryResidence;
pub use crate::people::safety::{SafeContact, VisitWarning};
use crate::people::service_user::ServiceUserDetails;
use crate::words::codes::{PrimarySupportReason, RouteOfAccess};
use crate::words::date;
use crate::words::gss_code::GssCode;
use crate::words::identifier::Identifier;
use crate::words::ods_code::OdsCode;
use crate::words::slug::Slug;
use crate::words::text::{self, Line, Passage};

/// A council's request, as its system sends it. Serialised, it has every default filled in and no absent member, so
/// that two messages with the same content are the same JSON.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::message)]
pub struct ReferralMessage {
    /// The council's own reference of this request, unique within the council. Sent again with
    /// the same content, it is the same request.
    pub council_reference: Identifier<64>,
    /// The day on which the council asks; not in the future, not more than 5 years ago.
    #[serde(deserialize_with = "date::required")]
    pub requested_on: NaiveDate,
    /// The function that the council asks the practice to exercise.
    pub function: Function,
    /// The urgency with which somebody must look at the request.
    pub urgency: Urgency,
    /// The way in which the request came about.
    pub route_of_access: RouteOfAccess,
    /// What whoever may visit the person must know first; up to 10.
    #[serde(default, deserialize_with = "text::objects::<_, _, 10>")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub visit_warnings: Vec<VisitWarning>,
    /// That the record is closed from the first moment to all but managers, and to those who must not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restricted: Option<RestrictedMark>,
    /// The reason for the request, in the council's own words. Line breaks are allowed.
    pub reason: Passage<4000>,
    /// The main reason why the person needs support.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_support_reason: Option<PrimarySupportReason>,
    /// Whether the council is concerned for the person's safety.
    #[serde(default)]
    #[schema(default = false)]
    pub safeguarding_concern: bool,
    /// The practice that the person chose.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen_practice: Option<Slug>,
    /// The practice that the council would prefer. The person's choice outranks it.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_practice: Option<Slug>,
    /// The person's agreement to the referral, or the ground that takes its place.
    pub consent: Consent,
    /// The council's instruction. A safeguarding enquiry requires it, and nothing else allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<Instruction>,
    /// The planned discharge from hospital. It is allowed only if the route of access is by hospital.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharge: Option<Discharge>,
    /// The person whom the referral is about.
    pub person: Person,
    /// The carer, who cares for the person without pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carer: Option<Carer>,
    /// The adult for whom the `person` cares, in a carer's assessment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cared_for: Option<CaredFor>,
    /// Somebody who speaks for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representative: Option<Representative>,
    /// Somebody to ring in an emergency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_contact: Option<EmergencyContact>,
    /// The services that the person has already; up to 20.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 20>")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub existing_services: Vec<Passage<300>>,
    /// How far the person's NHS continuing healthcare has been considered.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nhs_continuing_healthcare: Option<ContinuingHealthcare>,
    /// Where the referral began, apart from the officer who sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<ReferralSource>,
    /// The officer who answers questions about the referral.
    pub referrer: Referrer,
    /// The day by which the council wants an answer. Without it, the contract's period counts from receipt.
    #[serde(default, deserialize_with = "date::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respond_by: Option<NaiveDate>,
}

impl ReferralMessage {
    /// Returns the person's details as a practice keeps them. `sender` is the council whose message it is.
    pub fn service_user(&self, sender: &GssCode) -> ServiceUserDetails {
        let person = self.person.clone();
        ServiceUserDetails {
            title: person.title,
            given_name: person.given_name,
            family_name: person.family_name,
            preferred_name: person.preferred_name,
            pronouns: person.pronouns,
            former_names: person.former_names,
            also_known_as: Vec::new(),
            date_of_birth: person.date_of_birth,
            date_of_birth_accuracy: person.date_of_birth_accuracy,
            date_of_death: None,
            nhs_number: person.nhs_number,
            nhs_number_status: person.nhs_number_status,
            council_person_ids: vec![CouncilPersonId { council: sender.clone(), id: person.council_person_id }],
            gender: person.gender,
            ethnicity: person.ethnicity,
            address: person.address,
            temporary_address: person.temporary_address,
            ordinary_residence: person.ordinary_residence.map(OrdinaryResidence::of),
            accommodation_status: person.accommodation_status,
            gp_practice_code: person.gp_practice_code,
            phone: person.phone,
            email: person.email,
            contacts: person.contacts,
            safe_contact: person.safe_contact,
            preferred_contact: person.preferred_contact,
            language: person.language,
            communication_needs: person.communication_needs,
            reasonable_adjustments: person.reasonable_adjustments,
            primary_support_reason: self.primary_support_reason,
            employment_status: None,
            has_unpaid_carer: None,
            autism: None,
            visual_impairment: None,
            hearing_impairment: None,
            dementia: None,
            client_funding_status: None,
        }
    }
}

/// Prints the function and the urgency, and nothing about anybody.
impl fmt::Debug for ReferralMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReferralMessage")
            .field("function", &self.function)
            .field("urgency", &self.urgency)
            .finish_non_exhaustive()
    }
}

/// The person's agreement to the referral, or the ground that takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::consent)]
pub struct Consent {
    /// The basis on which the referral is made.
    pub basis: ConsentBasis,
    /// The day on which the consent or other basis was recorded; not in the future.
    #[serde(deserialize_with = "date::required")]
    pub recorded_on: NaiveDate,
    /// The reason why the referral is made without consent. It is required where consent was refused or not possible.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<Passage<2000>>,
}

/// The council's instruction to make an enquiry for it (Care Act 2014 s42(2)). The duty stays
/// with the council.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::instruction)]
pub struct Instruction {
    /// The officer who gives the instruction.
    pub officer: Officer,
    /// The day by which the enquiry is to be reported on; after `requested_on`.
    #[serde(deserialize_with = "date::required")]
    pub due_by: NaiveDate,
}

/// An officer of the council.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::officer)]
pub struct Officer {
    /// The council's own id of the officer.
    pub id: Identifier<64>,
    /// The officer's name.
    pub name: Line<200>,
    /// The officer's role.
    pub role: Line<100>,
}

/// A planned discharge from hospital.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::discharge)]
pub struct Discharge {
    /// The name of the hospital.
    pub hospital: Line<200>,
    /// The Organisation Data Service's code of the hospital, or of its trust.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hospital_ods_code: Option<OdsCode<5>>,
    /// The name of the ward.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ward: Option<Line<100>>,
    /// The day on which the person is expected to leave.
    #[serde(default, deserialize_with = "date::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_on: Option<NaiveDate>,
    /// The pathway on which the person leaves hospital.
    #[serde(default, deserialize_with = "text::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pathway: Option<Pathway>,
}

#[cfg(test)]
pub(super) mod tests;
