//! The grounds on which a complaint is not considered, or not further (SI 2009/309 regs 5, 8 and 12).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint::ComplainantBasis;
use super::representing::RepresentativeOutcome;
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
        /// Whoever complains may not: they neither receive services nor are affected, and may act for nobody who is (reg 5(1) and (2)).
        MayNotComplain = "may_not_complain",
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

/// A complaint as a decision not to consider it sees it.
#[derive(Clone, Copy, Debug)]
pub struct Excludable<'a> {
    /// The day on which it was received.
    pub received: NaiveDate,
    /// Whether it came late.
    pub is_late: bool,
    /// Whether it was decided to look into it all the same.
    pub is_accepted: bool,
    /// What is dealt with apart.
    pub apart: &'a [MatterApart],
    /// The basis on which somebody complains; `None` if nobody is named.
    pub basis: Option<ComplainantBasis>,
    /// What came of the last check of the representative, if they were checked.
    pub check: Option<RepresentativeOutcome>,
}

impl ExclusionGround {
    /// Returns why an officer cannot exclude a complaint on this ground, if they cannot.
    ///
    /// Reg 8(1)(d) knows another: that the same was settled before by word of mouth. The service does not offer it: whoever was content
    /// with a promise complains all the same if it was not kept.
    fn fault(self, complaint: &Excludable<'_>) -> Option<Fault> {
        let Excludable { is_late, is_accepted, apart, basis, check, .. } = *complaint;
        let is_representative = basis == Some(ComplainantBasis::Representative);
        let detail = match self {
            Self::ResponsibleBody if basis != Some(ComplainantBasis::Affected) => {
                "is for another responsible body, which complains as one that is affected"
            }
            Self::MayNotComplain if basis.is_none() => "is for somebody who is named",
            Self::MayNotComplain if is_representative && check != Some(RepresentativeOutcome::NoAuthority) => {
                "is for a representative whose check found no authority: record the check first"
            }
            Self::ChildNeedsNoRepresentative | Self::NotInBestInterests if !is_representative => {
                "is for a representative, and nobody complains for another person here"
            }
            Self::ChildNeedsNoRepresentative if check != Some(RepresentativeOutcome::ChildNeedsNone) => {
                "is for a representative whose check found that the child needs none: record the check first"
            }
            Self::NotInBestInterests if check != Some(RepresentativeOutcome::NotInBestInterests) => {
                "is for a representative whose check found so: record the check first"
            }
            Self::OutOfTime if is_accepted => {
                "is not for a complaint that is looked into although it came late: record first that it is not"
            }
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
    /// Returns what is wrong with the decision on a complaint.
    pub fn faults(&self, complaint: &Excludable<'_>) -> Vec<Fault> {
        let received = complaint.received;
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
        self.ground.fault(complaint).into_iter().chain(heard).collect()
    }

    /// Why the complaint is not considered, in words.
    pub fn because(&self) -> String {
        let heard = self.heard_on.map(|day| {
            format!(
                "\n\nWhoever looked into it before heard you, or the person it is about, on {}.",
                day.format("%-d %B %Y")
            )
        });
        format!("{}{}", self.reason.as_str(), heard.unwrap_or_default())
    }

    /// What the complainant is told, above the Ombudsman's address: why, and who looks at it again if they ask.
    pub fn told(&self) -> String {
        format!(
            "{}\n\nIf you think that this is wrong, ask for a review and say why. The responsible person of the council looks at it again, or \
             who stands in for them, and never whoever decided it.",
            self.because()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received() -> Excludable<'static> {
        Excludable {
            received: "2026-11-20".parse().unwrap(),
            is_late: false,
            is_accepted: false,
            apart: &[],
            basis: Some(ComplainantBasis::Recipient),
            check: None,
        }
    }

    #[test]
    fn a_ground_fits_who_complains_what_their_check_found_and_what_was_decided() {
        use ComplainantBasis as Basis;
        use ExclusionGround as Ground;
        use RepresentativeOutcome as Outcome;
        let fits = |ground: Ground, change: fn(&mut Excludable<'_>)| {
            let mut complaint = received();
            change(&mut complaint);
            ground.fault(&complaint).is_none()
        };
        let acts = |check: Option<Outcome>| Excludable { basis: Some(Basis::Representative), check, ..received() };
        for (ground, outcome) in [
            (Ground::MayNotComplain, Outcome::NoAuthority),
            (Ground::ChildNeedsNoRepresentative, Outcome::ChildNeedsNone),
            (Ground::NotInBestInterests, Outcome::NotInBestInterests),
        ] {
            assert!(ground.fault(&acts(Some(outcome))).is_none(), "{ground:?}");
            for other in [None, Some(Outcome::Satisfied)] {
                assert!(ground.fault(&acts(other)).is_some(), "{ground:?} {other:?}");
            }
            assert!(!fits(ground, |complaint| complaint.basis = None), "{ground:?}: nobody is named");
        }
        assert!(fits(Ground::MayNotComplain, |_| ()), "who receives nothing after all");
        assert!(!fits(Ground::NotInBestInterests, |complaint| complaint.check = Some(Outcome::NotInBestInterests)));
        assert!(!fits(Ground::ResponsibleBody, |_| ()));
        assert!(fits(Ground::ResponsibleBody, |complaint| complaint.basis = Some(Basis::Affected)));
        assert!(fits(Ground::OutOfTime, |complaint| complaint.is_late = true));
        assert!(!fits(Ground::OutOfTime, |complaint| (complaint.is_late, complaint.is_accepted) = (true, true)));
    }

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
            let faults = exclude.faults(&received());
            let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_ref()).collect();
            assert_eq!(pointers, at, "{ground} {heard_on:?}");
        }
    }
}
