//! An oral concern that was settled on the spot, at a practice's desk (SI 2009/309 reg 8(1)(c)).
//!
//! The minute of it goes to the council at once. The person confirms by the end of the next working day that it is settled; else it is a
//! complaint, of the day on which it was made. That it was settled is never a ground to refuse a later complaint.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint::{Complainant, ContactWish, LodgeComplaint, PersonConcerned, ReadingFormat};
use super::danger::Danger;
use crate::fault::Fault;
use crate::words::date;
use crate::words::slug::Slug;
use crate::words::text::{self, Line, Passage};

/// The minute of an oral concern that was settled on the spot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "said": "Nobody rang on Monday although it was promised, and she waited in all day.",
    "settled": "I rang her daughter while she was here, and the visit is on Friday at ten. She said that this is all she wanted.",
    "complainant": { "name": "Edith Marlow", "basis": "recipient" },
    "contact": { "preferred": "phone", "phone": "07700 900461" },
    "danger": { "now": "no" },
}))]
pub struct LodgeConcern {
    /// What the person said, as nearly in their own words as whoever wrote it down can give them.
    pub said: Passage<10000>,
    /// What was done or promised, and with what the person was satisfied.
    pub settled: Passage<4000>,
    /// The person who raised it.
    pub complainant: Complainant,
    /// The person whose care it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonConcerned>,
    /// The names of the staff whom it is about; empty if it is about none.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>")]
    #[schema(max_items = 10)]
    pub staff: Vec<Line<200>>,
    /// The names of staff who must not see it.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>")]
    #[schema(max_items = 10)]
    pub must_not_see: Vec<Line<200>>,
    /// The language in which the person wants to be spoken to; English if it is left out.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub language: Option<Line<100>>,
    /// The format in which the person reads what they are sent.
    #[serde(default)]
    pub format: ReadingFormat,
    /// The ways in which the person can be asked whether it is settled.
    pub contact: ContactWish,
    /// The answer to the question whether somebody is in danger: the council's safeguarding duty sees it at once, whether or not the rest
    /// is settled.
    pub danger: Danger,
    /// The day on which it was made, if that is before today.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub made_on: Option<NaiveDate>,
}

impl LodgeConcern {
    /// The complaint that it is until the person has confirmed that it is settled, about this practice.
    pub fn as_complaint(&self, practice: Slug) -> LodgeComplaint {
        LodgeComplaint {
            practice: Some(practice),
            council: None,
            about: Vec::new(),
            narrative: self.said.clone(),
            wants: None,
            complainant: Some(self.complainant.clone()),
            person: self.person.clone(),
            language: self.language.clone(),
            format: self.format,
            confidential: false,
            anonymous: false,
            staff: self.staff.clone(),
            must_not_see: self.must_not_see.clone(),
            contact: Some(self.contact.clone()),
            danger: self.danger.clone(),
            happened_on: None,
            noticed_on: None,
            received_on: self.made_on,
            together_with: None,
        }
    }

    /// Names a fault of the complaint that this is by the member of this in which it lies.
    pub fn own_fault(fault: Fault) -> Fault {
        match fault.pointer.as_str() {
            "/received_on" => Fault { pointer: "/made_on".into(), ..fault },
            _ => fault,
        }
    }
}

/// The confirmation of the person that what they raised is settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "confirmed": "I rang her at ten. She says that the visit on Friday is all she wants." }))]
pub struct ConfirmSettled {
    /// How the person was asked, and what they said.
    pub confirmed: Passage<2000>,
}
