//! Warning notes: a danger to whoever visits a person, with the evidence, whether the person was told, and the day by which somebody
//! looks at it again. To write one is an adverse action.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::ids::WarningNoteId;
use crate::people::evidence::Evidence;
use crate::people::grounds::{Effect, WarningGround};
use crate::people::safety::{VisitWarning, VisitWarningKind};
use crate::refusal::Refusal;
use crate::staff::roles::Role;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Passage};
use crate::words::unread::Unread;

/// The most warning notes of one person that wait or are in force.
pub const MOST_IN_FORCE: usize = 20;

/// The time after which a warning that came from a council is reviewed: nobody at the practice has looked into it yet.
const COUNCILS_REVIEWED_AFTER: Months = Months::new(1);

closed_codes! {
    /// The status of a warning note.
    pub enum WarningNoteStatus {
        /// It is not in force: a second person decides on it first.
        Waiting = "waiting",
        /// It is in force, until somebody ends it.
        InForce = "in_force",
        /// The second person did not agree to it.
        Refused = "refused",
        /// Whoever asked for it took the request back.
        TakenBack = "taken_back",
        /// A review ended it.
        Ended = "ended",
        /// It was entered in error, and never was so.
        EnteredInError = "entered_in_error",
    }
}

/// Whether the person was told that the note is written: on which day, or why not. One of the two is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "on": "2026-11-18" }))]
pub struct Told {
    /// The day on which the person was told.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub on: Option<NaiveDate>,
    /// The reason why the person was not told.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub not_because: Option<Passage<1000>>,
}

impl Told {
    /// Returns what is wrong with it, as of `today`, below `pointer`.
    pub fn fault(&self, pointer: &str, today: NaiveDate) -> Option<Fault> {
        match (self.on, &self.not_because) {
            (Some(_), Some(_)) | (None, None) => Some(Fault::new(pointer, "must have on, or else not_because")),
            (Some(on), None) if on > today => Some(Fault::new(format!("{pointer}/on"), "must not be in the future")),
            _ => None,
        }
    }
}

/// A request to write a warning note.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "animal",
    "detail": "A large dog in the yard: ring from the gate.",
    "ground": "hazard",
    "evidence": { "what": "It bit the district nurse at the gate.", "on": "2026-11-18", "from": "The district nurses" },
    "told": { "on": "2026-11-19" },
    "review_on": "2027-05-20",
}))]
pub struct WriteWarningNote {
    /// The kind of danger.
    pub kind: VisitWarningKind,
    /// What a visitor must know.
    pub detail: Passage<1000>,
    /// The ground, which decides the effect: a warning note is an adverse action.
    #[schema(value_type = WarningGround)]
    pub ground: Unread,
    /// The evidence of the danger.
    pub evidence: Evidence,
    /// Whether the person was told.
    pub told: Told,
    /// The day by which the note is reviewed: after today, and at most a year ahead.
    #[serde(deserialize_with = "date::required")]
    pub review_on: NaiveDate,
}

/// A warning note that was read: as it is put in force, or before a second person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningTerms {
    /// The kind of danger.
    pub kind: VisitWarningKind,
    /// What a visitor must know.
    pub detail: Passage<1000>,
    /// The ground of the note.
    pub ground: WarningGround,
    /// The evidence, in words.
    pub evidence: String,
    /// Whether the person was told.
    pub told: Told,
    /// The day by which the note is reviewed.
    pub review_on: NaiveDate,
}

impl WriteWarningNote {
    /// Reads the request, as of `today`. All its faults are told at once.
    pub fn read(&self, today: NaiveDate) -> Result<WarningTerms, Vec<Fault>> {
        let mut faults = Vec::new();
        let ground = self.ground.read("/ground", WarningGround::parse, &mut faults);
        let evidence = self.evidence.read(today, &mut faults);
        faults.extend(self.told.fault("/told", today));
        faults.extend(fault_of_a_review(self.review_on, "/review_on", today));
        match (ground, evidence) {
            (Some(ground), Some(evidence)) if faults.is_empty() => Ok(WarningTerms {
                kind: self.kind,
                detail: self.detail.clone(),
                ground,
                evidence: evidence.to_string(),
                told: self.told.clone(),
                review_on: self.review_on,
            }),
            _ => Err(faults),
        }
    }
}

/// Returns what is wrong with the day by which a warning note or a restriction is reviewed.
pub(super) fn fault_of_a_review(review_on: NaiveDate, pointer: &str, today: NaiveDate) -> Option<Fault> {
    let in_a_year = today.checked_add_months(Months::new(12)).unwrap_or(NaiveDate::MAX);
    let is_right = review_on > today && review_on <= in_a_year;
    (!is_right).then(|| Fault::new(pointer, "must be after today and at most a year ahead"))
}

impl WarningTerms {
    /// Returns the note that takes over a warning of a council's message. The message is the evidence, and somebody at the practice
    /// looks into it within a month.
    pub fn of_referral(warning: &VisitWarning, requested_on: NaiveDate, today: NaiveDate) -> Self {
        let not_told = match warning.told_to_person {
            Some(true) => None,
            Some(false) => Passage::parse("The council wrote that it had not told the person.").ok(),
            None => Passage::parse("The council did not write whether it had told the person.").ok(),
        };
        Self {
            kind: warning.kind,
            detail: warning.detail.clone(),
            ground: WarningGround::HAZARD,
            evidence: format!("The council warned of it in its referral of {requested_on}."),
            told: Told { on: not_told.is_none().then_some(requested_on), not_because: not_told },
            review_on: today.checked_add_months(COUNCILS_REVIEWED_AFTER).unwrap_or(NaiveDate::MAX),
        }
    }
}

/// A warning note in force, as the record of the person shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WarningInForce {
    /// The identifier of the note.
    pub id: WarningNoteId,
    /// The kind of danger.
    pub kind: VisitWarningKind,
    /// What a visitor must know.
    pub detail: Passage<1000>,
    /// The day by which the note is reviewed.
    pub review_on: NaiveDate,
}

impl WarningInForce {
    /// Whether the note warns of this.
    pub fn warns_of(&self, kind: VisitWarningKind, detail: &Passage<1000>) -> bool {
        self.kind == kind && self.detail == *detail
    }
}

impl WarningNoteStatus {
    /// The status of a note that is written on this ground.
    pub fn on(ground: WarningGround) -> Self {
        if ground.effect() == Effect::Countersigned { Self::Waiting } else { Self::InForce }
    }

    /// Whether the note waits or is in force.
    pub const fn lives(self) -> bool {
        matches!(self, Self::Waiting | Self::InForce)
    }

    /// Returns the status of a note that waited, once a second person has agreed to it.
    pub fn countersigned(self) -> Result<Self, Refusal> {
        if self == Self::Waiting { Ok(Self::InForce) } else { Err(Self::OVERTAKEN) }
    }

    /// Refuses to uphold a note, as a second person who reviews it would, that is not in force any more.
    pub fn upheld(self) -> Result<(), Refusal> {
        if self == Self::InForce { Ok(()) } else { Err(Self::OVERTAKEN) }
    }

    const OVERTAKEN: Refusal = Refusal::Overtaken("the warning note is not in force any more");

    /// Returns the status of the note once a second person has not agreed to it. What a review has ended since stays as it is.
    #[must_use]
    pub const fn refused(self) -> Self {
        if self.lives() { Self::Refused } else { self }
    }

    /// Refuses a step unless the note is in this status.
    pub fn unless(self, expected: Self, step: &'static str) -> Result<(), Refusal> {
        if self == expected {
            return Ok(());
        }
        Err(Refusal::InvalidState { thing: "warning note", state: self.as_str(), step })
    }
}

/// Whether a member of staff may write a warning note on this ground, keep one in force, or else (without a ground) end one: a manager, or somebody who works with the person; never
/// a passing colleague. A practitioner without registration writes only what cannot wait, which a second person reviews.
pub fn may_warn(roles: &[Role], works_with_person: bool, ground: Option<WarningGround>) -> Result<(), Refusal> {
    if roles.contains(&Role::Manager) {
        return Ok(());
    }
    if !works_with_person {
        return Err(Refusal::NotWorkingWithPerson);
    }
    let cannot_wait = ground.is_none_or(|ground| ground.effect() != Effect::Countersigned);
    if cannot_wait || roles.contains(&Role::SocialWorker) { Ok(()) } else { Err(Refusal::NotRegistered) }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    pub(in crate::people) fn today() -> NaiveDate {
        "2026-11-20".parse().unwrap()
    }

    pub(in crate::people) fn request(changes: &Value) -> WriteWarningNote {
        let mut body = json!({
            "kind": "animal", "detail": "A dog.", "ground": "hazard", "told": { "on": "2026-11-19" }, "review_on": "2026-11-21",
            "evidence": { "what": "It bit the district nurse.", "on": "2026-11-18", "from": "District nurses" },
        });
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn a_warning_note_has_a_ground_evidence_whether_the_person_was_told_and_a_day_of_review() {
        for (changes, expected) in [
            (json!({}), vec![]),
            (json!({ "review_on": "2027-11-20" }), vec![]),
            (json!({ "told": { "not_because": "He would harm his wife." } }), vec![]),
            (json!({ "review_on": "2026-11-20" }), vec!["/review_on"]),
            (json!({ "review_on": "2027-11-21" }), vec!["/review_on"]),
            (json!({ "ground": "worker_absent" }), vec!["/ground"]),
            (json!({ "told": {} }), vec!["/told"]),
            (json!({ "told": { "on": "2026-11-19", "not_because": "No." } }), vec!["/told"]),
            (json!({ "told": { "on": "2026-11-21" } }), vec!["/told/on"]),
            (
                json!({ "ground": "x", "told": {}, "evidence": { "what": "It bit.", "on": "2026-11-21", "from": "x" } }),
                vec!["/ground", "/evidence/what", "/evidence/on", "/evidence/from", "/told"],
            ),
        ] {
            let faults = request(&changes).read(today()).err().unwrap_or_default();
            let found: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, expected, "{changes}");
        }
        let read = request(&json!({})).read(today()).unwrap();
        assert!(read.evidence.contains("bit the district nurse") && read.evidence.contains("2026-11-18"));
    }

    #[test]
    fn the_ground_decides_whether_the_note_waits() {
        for (ground, status) in [
            ("hazard", WarningNoteStatus::InForce),
            ("safeguarding_plan", WarningNoteStatus::InForce),
            ("court_direction", WarningNoteStatus::InForce),
            ("other", WarningNoteStatus::Waiting),
        ] {
            assert_eq!(WarningNoteStatus::on(WarningGround::parse(ground).unwrap()), status, "{ground}");
        }
    }

    #[test]
    fn a_second_person_puts_a_note_in_force_or_ends_it_and_changes_nothing_that_has_ended() {
        use WarningNoteStatus::{Ended, EnteredInError, InForce, Refused, TakenBack, Waiting};
        for (status, countersigned, reviewed, refused) in [
            (Waiting, true, false, Refused),
            (InForce, false, true, Refused),
            (Refused, false, false, Refused),
            (TakenBack, false, false, TakenBack),
            (Ended, false, false, Ended),
            (EnteredInError, false, false, EnteredInError),
        ] {
            assert_eq!(status.countersigned().ok(), countersigned.then_some(InForce), "{status}");
            assert_eq!(status.upheld().is_ok(), reviewed, "{status}");
            assert_eq!(status.refused(), refused, "{status}");
        }
    }

    #[test]
    fn a_manager_or_somebody_who_works_with_the_person_warns_and_never_a_passing_colleague() {
        let ground = |word| Some(WarningGround::parse(word).unwrap());
        for (roles, works_with_person, ground, expected) in [
            (&[Role::Manager][..], false, ground("other"), Ok(())),
            (&[Role::SocialWorker], true, ground("other"), Ok(())),
            (&[Role::SocialWorker], false, ground("hazard"), Err(Refusal::NotWorkingWithPerson)),
            (&[Role::SocialWorker], false, None, Err(Refusal::NotWorkingWithPerson)),
            (&[Role::Practitioner], true, ground("hazard"), Ok(())),
            (&[Role::Practitioner], true, ground("other"), Err(Refusal::NotRegistered)),
            (&[Role::Practitioner], true, None, Ok(())),
            (&[], false, None, Err(Refusal::NotWorkingWithPerson)),
        ] {
            assert_eq!(
                may_warn(roles, works_with_person, ground),
                expected,
                "{roles:?} {works_with_person} {ground:?}"
            );
        }
    }

    #[test]
    fn a_warning_of_a_council_says_from_where_it_is_and_is_looked_into_within_a_month() {
        for (told, on) in [(json!(true), Some("2026-11-19")), (json!(false), None), (Value::Null, None)] {
            let warning: VisitWarning =
                serde_json::from_value(json!({ "kind": "animal", "detail": "A dog.", "told_to_person": told }))
                    .unwrap();
            let terms = WarningTerms::of_referral(&warning, "2026-11-19".parse().unwrap(), today());
            assert_eq!(terms.told.on.map(|on| on.to_string()).as_deref(), on, "{told}");
            assert_eq!(terms.told.fault("/told", today()), None);
            assert_eq!(fault_of_a_review(terms.review_on, "/review_on", today()), None);
            assert!(terms.evidence.contains("2026-11-19"));
        }
    }
}
