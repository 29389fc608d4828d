//! Taking a complaint down for somebody: how it came to whoever writes it down.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint::LodgeComplaint;
use super::response::SentBy;
use crate::fault::Fault;
use crate::words::date;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// How a complaint came to whoever took it down.
    pub enum CameBy {
        /// The complainant telephoned.
        Telephone = "telephone",
        /// The complainant wrote a letter.
        Letter = "letter",
        /// Somebody visited the complainant.
        Visit = "visit",
        /// The complainant wrote an email.
        Email = "email",
        /// The complainant came in, to the council's desk or to a practice's.
        InPerson = "in_person",
    }
}

impl CameBy {
    /// Whether it was said, and not written: then the council gives the complainant a written record of it (reg 13(2)).
    pub const fn is_oral(self) -> bool {
        matches!(self, Self::Telephone | Self::Visit | Self::InPerson)
    }
}

/// How and when the complainant was given the written record of what they said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "by": "post", "on": "2026-11-20" }))]
pub struct RecordGiven {
    /// The way by which it was given.
    pub by: SentBy,
    /// The day on which it was given.
    #[serde(deserialize_with = "date::required")]
    pub on: NaiveDate,
}

impl RecordGiven {
    /// Returns what is wrong with this today, for a complaint that was received on a day. `consents` says whether the complainant
    /// consented to be sent documents electronically.
    pub fn faults(&self, received: NaiveDate, today: NaiveDate, consents: bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.on < received || self.on > today {
            faults.push(Fault::new("/on", format!("must be from {received}, the day of receipt, to today")));
        }
        if self.by.is_electronic() && !consents {
            faults.push(Fault::new("/by", "needs the complainant's consent to electronic sending (reg 15)"));
        }
        faults
    }
}

/// A complaint that an officer takes down for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "came_by": "telephone",
    "complaint": {
        "practice": "severn-social-work",
        "narrative": "My worker cancelled three visits and did not ring.",
        "complainant": { "name": "Edith Marlow", "basis": "recipient" },
        "contact": { "preferred": "phone", "phone": "07700 900461" },
        "danger": { "now": "no" },
    },
}))]
pub struct TakeDown {
    /// How the complaint came.
    pub came_by: CameBy,
    /// The complaint, in the complainant's own words.
    pub complaint: LodgeComplaint,
}

impl TakeDown {
    /// Names a fault of the complaint by its place in this.
    pub fn own_fault(fault: Fault) -> Fault {
        Fault { pointer: format!("/complaint{}", fault.pointer), ..fault }
    }
}
