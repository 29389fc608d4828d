//! The grounds on which a complaint is not considered, or not further (SI 2009/309 regs 5, 8 and 12).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::streams::Stream;
use crate::fault::Fault;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::Passage;

closed_codes! {
    /// Why a complaint is not considered, or not further.
    pub enum ExclusionGround {
        /// Another responsible body complains (reg 8(1)(a)).
        ResponsibleBody = "responsible_body",
        /// An employee of a local authority or NHS body complains about their employment (reg 8(1)(b)).
        Employment = "employment",
        /// It was made by word of mouth and settled to the complainant's satisfaction by the next working day (reg 8(1)(c)).
        OralResolved = "oral_resolved",
        /// It was investigated before under the Regulations (reg 8(1)(e)), and the person themself was heard in it.
        PreviouslyInvestigated = "previously_investigated",
        /// The Local or a Health Service Commissioner has investigated it, or does (reg 8(1)(f)).
        OmbudsmanInvestigated = "ombudsman_investigated",
        /// It is about a request under the Freedom of Information Act 2000 (reg 8(1)(g)).
        FreedomOfInformation = "freedom_of_information",
        /// It is about a pension under the Superannuation Act 1972 (reg 8(1)(h)).
        Superannuation = "superannuation",
        /// It came more than twelve months after the matter was known, without a good reason, or cannot be investigated fairly any
        /// more (reg 12).
        OutOfTime = "out_of_time",
        /// Nothing speaks for a representative of this child (reg 5(3)).
        ChildNeedsNoRepresentative = "child_needs_no_representative",
        /// The representative does not act in the person's best interests (reg 5(5)).
        NotInBestInterests = "not_in_best_interests",
        /// It is for another body, to which it was sent on with the complainant's consent (reg 6(5)).
        ForAnotherBody = "for_another_body",
        /// It is no complaint, but a matter of another stream: a compliment, a grievance, an enquiry. It counts among no complaints.
        NoComplaint = "no_complaint",
    }
}

/// A matter of a complaint that is dealt with apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatterApart {
    /// The stream in which it is dealt with.
    pub stream: Stream,
    /// Whether it was passed on, or answered.
    pub is_done: bool,
}

impl ExclusionGround {
    /// Returns why an officer cannot exclude a complaint on this ground, if they cannot.
    ///
    /// Reg 8(1)(d) knows another: that the same was settled before by word of mouth. The service does not offer it: whoever was content
    /// with a promise complains all the same if it was not kept.
    fn fault(self, is_late: bool, apart: &[MatterApart]) -> Option<Fault> {
        let detail = match self {
            Self::OralResolved => "is recorded by the confirmation of the person that it is settled",
            Self::OutOfTime if !is_late => {
                "is for a complaint that came more than twelve months after what it is about: record when that was"
            }
            Self::ForAnotherBody if !apart.iter().any(|one| one.stream == Stream::OtherBody && one.is_done) => {
                "is for a complaint that was sent to another body: set it apart, and record that it was sent"
            }
            Self::NoComplaint if !apart.iter().any(|one| one.stream != Stream::OtherBody) => {
                "is for what is dealt with in another stream: set it apart first"
            }
            _ => return None,
        };
        Some(Fault::new("/ground", detail))
    }
}

/// A decision not to consider a complaint, or not further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "ground": "previously_investigated",
    "reason": "We answered the same complaint on 3 March, and you told us nothing new. You can take it to the Ombudsman.",
    "heard_on": "2026-02-12",
}))]
pub struct Exclude {
    /// The ground in the Regulations.
    pub ground: ExclusionGround,
    /// The reason in words, which the complainant reads as a message. The Ombudsman's address is put below it.
    pub reason: Passage<4000>,
    /// The day on which the complainant, or the person whose care it is about, was themself heard in the earlier investigation. It is
    /// required of what was investigated before, and of nothing else.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub heard_on: Option<NaiveDate>,
}

impl Exclude {
    /// Returns what is wrong with the decision, on a complaint that was received on a day and may be late, with these matters apart.
    pub fn faults(&self, received: NaiveDate, is_late: bool, apart: &[MatterApart]) -> Vec<Fault> {
        let heard = match (self.ground, self.heard_on) {
            (ExclusionGround::PreviouslyInvestigated, None) => {
                Some("is required: a matter was investigated only if the person themself was heard".to_owned())
            }
            (ExclusionGround::PreviouslyInvestigated, Some(day)) if day > received => {
                Some(format!("must not be after {received}, the day on which this complaint was received"))
            }
            (ExclusionGround::PreviouslyInvestigated, Some(_)) | (_, None) => None,
            (_, Some(_)) => Some("is for what was investigated before".to_owned()),
        };
        let heard = heard.map(|detail| Fault::new("/heard_on", detail));
        self.ground.fault(is_late, apart).into_iter().chain(heard).collect()
    }

    /// What the complainant is told.
    pub fn told(&self) -> String {
        let heard = self.heard_on.map(|day| {
            format!(
                "\n\nWhoever looked into it before heard you, or the person it is about, on {}.",
                day.format("%-d %B %Y")
            )
        });
        format!("{}{}", self.reason.as_str(), heard.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_investigated_before_was_heard_from_the_person_before_they_complained_again() {
        for (ground, heard_on, at) in [
            ("previously_investigated", None, &["/heard_on"][..]),
            ("previously_investigated", Some("2026-11-21"), &["/heard_on"]),
            ("previously_investigated", Some("2026-11-20"), &[]),
            ("employment", None, &[]),
            ("employment", Some("2026-03-03"), &["/heard_on"]),
            ("out_of_time", Some("2026-03-03"), &["/ground", "/heard_on"]),
        ] {
            let exclude = serde_json::json!({ "ground": ground, "reason": "We answered it.", "heard_on": heard_on });
            let exclude: Exclude = serde_json::from_value(exclude).unwrap();
            let faults = exclude.faults("2026-11-20".parse().unwrap(), false, &[]);
            let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_ref()).collect();
            assert_eq!(pointers, at, "{ground} {heard_on:?}");
        }
    }
}
