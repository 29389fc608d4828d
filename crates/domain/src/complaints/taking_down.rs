//! Taking a complaint down for somebody: how it came to whoever writes it down.

use serde::{Deserialize, Serialize};

use super::complaint::LodgeComplaint;
use crate::fault::Fault;
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
