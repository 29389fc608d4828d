//! Where a person is ordinarily resident: the authority that is responsible for them, and what fixes that (Care Act 2014 s39 and
//! schedule 1).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::people::contact::Address;
use crate::words::date;
use crate::words::gss_code::AuthorityCode;
use crate::words::sql_text::closed_codes;
use crate::words::text;

closed_codes! {
    /// The ground on which a person is ordinarily resident in an authority's area.
    pub enum ResidenceBasis {
        /// The person has settled there by choice.
        Settled = "settled",
        /// The person lives elsewhere, in a care home, a shared lives scheme or supported living that was arranged for them, and
        /// stays resident where they were before (Care Act 2014 s39(1), SI 2014/2828).
        Placed = "placed",
        /// The person is in NHS accommodation, and stays resident where they were before (Care Act 2014 s39(5)).
        NhsAccommodation = "nhs_accommodation",
        /// The person is entitled to aftercare from the authority (Mental Health Act 1983 s117(3)).
        Aftercare = "aftercare",
        /// The person has no settled residence, and is treated as resident where they are (Care Act 2014 s39(1)(b)).
        NoSettledResidence = "no_settled_residence",
        /// It was determined in a dispute (Care Act 2014 s40).
        Determined = "determined",
    }
}

/// Where a person is ordinarily resident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "authority": "E06000051",
    "basis": "placed",
    "from": "2024-05-01",
    "fixed_by": { "lines": ["14 Larkspur Close", "Shrewsbury"], "postcode": "SY1 2LE" },
}))]
pub struct OrdinaryResidence {
    /// The authority in whose area the person is ordinarily resident.
    pub authority: AuthorityCode,
    /// The ground on which the person is.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub basis: Option<ResidenceBasis>,
    /// The day from which the person is resident there.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The address that fixes the residence, where the person does not live there now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_by: Option<Address>,
    /// The authority that meets the person's needs while it is disputed where they are resident (SI 2014/2829 reg 2). It is left
    /// out where nobody disputes it.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub lead_authority_in_dispute: Option<AuthorityCode>,
}

impl OrdinaryResidence {
    /// What a council's message says: the authority alone.
    pub const fn of(authority: AuthorityCode) -> Self {
        Self { authority, basis: None, from: None, fixed_by: None, lead_authority_in_dispute: None }
    }

    /// Returns what is wrong with it, as of `today`, for somebody who was born on `born` at the earliest.
    pub(super) fn fault(&self, born: Option<NaiveDate>, today: NaiveDate) -> Option<Fault> {
        let from = self.from?;
        let detail = if from > today {
            "must not be in the future"
        } else if born.is_some_and(|born| from < born) {
            "must not be before the date of birth"
        } else {
            return None;
        };
        Some(Fault::new("/ordinary_residence/from", detail))
    }
}
