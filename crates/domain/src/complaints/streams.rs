//! Matters that are dealt with apart from a complaint in which they came: each has a stream of its own, with its own rules and clock.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::ids::RequestId;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::{Line, Passage};

closed_codes! {
    /// The stream in which a matter is dealt with.
    pub enum Stream {
        /// A complaint about personal data, which is acknowledged within 30 days (Data Protection Act 2018 s 164A).
        DataProtection = "data_protection",
        /// A grievance of a member of staff, or what somebody discloses in the public interest.
        Grievance = "grievance",
        /// A compliment, or a comment.
        Compliment = "compliment",
        /// An enquiry of a councillor or of a Member of Parliament.
        CouncillorsEnquiry = "councillors_enquiry",
        /// A referral of a social worker's fitness to practise to their regulator.
        FitnessToPractise = "fitness_to_practise",
        /// A referral of somebody who harmed, or may harm, to the Disclosure and Barring Service (Safeguarding Vulnerable Groups Act 2006).
        DisclosureAndBarring = "disclosure_and_barring",
        /// A part that is for another body, to which it is sent on with the complainant's consent (SI 2009/309 regs 6(5) and 11). The
        /// clocks of that body begin there.
        OtherBody = "other_body",
    }
}

/// The days in which a complaint about personal data is acknowledged, that of receipt among them.
const DATA_PROTECTION: Days = Days::new(29);

impl Stream {
    /// Returns the last day for the first answer in this stream, of a matter that was received on this day, if the law sets one.
    pub fn latest(self, received: NaiveDate) -> Option<NaiveDate> {
        (self == Self::DataProtection).then(|| received.checked_add_days(DATA_PROTECTION)).flatten()
    }
}

/// A matter in a complaint to deal with apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "stream": "data_protection", "owner": "Data protection officer of the council",
    "words": "That your letter went to a neighbour is dealt with by our data protection officer, who writes to you apart from this complaint.",
}))]
pub struct SetApart {
    /// The stream.
    pub stream: Stream,
    /// Whose it is: a name, an office, or another body.
    pub owner: Line<200>,
    /// What the complainant is told: which part it is, and who deals with it. They read it as a message.
    pub words: Passage<2000>,
    /// The day by which it is passed on, or answered for the first time. Left out for the last day that the law sets, or the day by which
    /// the complaint is answered.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// The request with which the complainant consented that it is sent to this body, and that the contact given at lodging confirmed. For
    /// such a matter alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_request_id: Option<RequestId>,
}

impl SetApart {
    /// Returns what is wrong with this today, of a complaint that was received on this day.
    pub fn faults(&self, received: NaiveDate, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        let latest = self.stream.latest(received);
        if self.due_on.is_some_and(|due| due < today) {
            faults.push(Fault::new("/due_on", "must not be in the past"));
        } else if let Some(latest) = latest.filter(|latest| self.due_on.is_some_and(|due| due > *latest)) {
            faults.push(Fault::new("/due_on", format!("must not be after {latest}, the thirtieth day")));
        }
        let consent = match (self.stream, self.consent_request_id) {
            (Stream::OtherBody, None) => Some("is required: nothing is sent to another body without consent"),
            (Stream::OtherBody, Some(_)) | (_, None) => None,
            (_, Some(_)) => Some("must be left out unless it is sent to another body"),
        };
        faults.extend(consent.map(|detail| Fault::new("/consent_request_id", detail)));
        faults
    }
}

/// Returns what is wrong with sending something on to a body of this name: to the practice that a complaint is about, or to the council that
/// answers for it, nothing is forwarded. `own` has their names. Case and spacing make no difference.
pub fn fault_of_body(pointer: &str, body: &str, own: &[impl AsRef<str>]) -> Option<Fault> {
    let folded = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let is_own = own.iter().any(|name| folded(name.as_ref()) == folded(body));
    let detail =
        "must be another body: between the practice that a complaint is about and the council nothing is forwarded";
    is_own.then(|| Fault::new(pointer, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_practice_and_council_nothing_is_forwarded() {
        let own = ["Severn Social Work", "Shropshire Council"];
        for (body, is_another) in [
            ("Severn Social Work", false),
            (" severn  SOCIAL\u{a0}work ", false),
            ("shropshire council", false),
            ("Shropshire", true),
            ("Royal Shrewsbury Hospital", true),
        ] {
            assert_eq!(fault_of_body("/owner", body, &own).is_none(), is_another, "{body}");
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_complaint_about_personal_data_is_acknowledged_within_thirty_days_that_begin_with_its_receipt() {
        for (received, latest) in
            [("2026-11-20", "2026-12-19"), ("2028-02-01", "2028-03-01"), ("2026-12-31", "2027-01-29")]
        {
            assert_eq!(Stream::DataProtection.latest(day(received)), Some(day(latest)));
            assert!(Stream::ALL.iter().filter(|one| one.latest(day(received)).is_some()).count() == 1);
        }
    }

    #[test]
    fn nothing_goes_to_another_body_without_consent_and_no_day_is_later_than_the_law_allows() {
        let request = "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d";
        for (changes, at) in [
            (serde_json::json!({}), &[][..]),
            (serde_json::json!({ "due_on": "2026-12-19" }), &[]),
            (serde_json::json!({ "due_on": "2026-12-20" }), &["/due_on"]),
            (
                serde_json::json!({ "due_on": "2026-11-22", "consent_request_id": request }),
                &["/due_on", "/consent_request_id"],
            ),
            (serde_json::json!({ "stream": "other_body" }), &["/consent_request_id"]),
            (serde_json::json!({ "stream": "other_body", "consent_request_id": request, "due_on": "2027-02-01" }), &[]),
        ] {
            let mut matter =
                serde_json::json!({ "stream": "data_protection", "owner": "An officer", "words": "Apart." });
            matter.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            let matter: SetApart = serde_json::from_value(matter).unwrap();
            let faults = matter.faults(day("2026-11-20"), day("2026-11-23"));
            let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_ref()).collect();
            assert_eq!(pointers, at, "{changes}");
        }
    }
}
