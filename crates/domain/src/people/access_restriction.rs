//! Access to a record: a restriction to named staff, an exclusion of one of them, and break-glass access in an
//! emergency.

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::ids::StaffId;
use crate::people::birth::Birth;
use crate::people::contact::DateOfBirthAccuracy;
use crate::people::council_person_id::CouncilPersonId;
use crate::people::evidence::{Evidence, evidence_for, with_evidence};
use crate::people::grounds::RestrictionGround;
use crate::people::search_key::SearchKey;
use crate::people::warning_note::fault_of_a_review;
use crate::staff::roles::Role;
use crate::words::date;
use crate::words::nhs_number::NhsNumber;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Passage};
use crate::words::unread::Unread;

/// The roles that restrict, exclude, and review break-glass accesses, of which they are notified.
pub const ACCESS_MANAGERS: &[Role] = &[Role::Manager, Role::RecordsOfficer];

/// The greatest number of members of staff that a restriction may name.
const NAMED_AT_MOST: usize = 50;

/// The longest time for which a break-glass access stays open, in minutes.
const OPEN_AT_MOST: u16 = 60;

/// A restriction of a record to named members of staff.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "ground": "safeguarding_plan",
    "reason": "Her son works at the county's newspaper.",
    "staff": ["01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d"],
    "review_on": "2027-05-20",
}))]
pub struct Restrict {
    /// The ground of the restriction, which decides its effect: a restriction is an adverse action.
    #[schema(value_type = RestrictionGround)]
    pub ground: Unread,
    /// The reason for the restriction.
    #[schema(value_type = Passage<1000>)]
    pub reason: Unread,
    /// The members of staff to whom the record is open. At least one of them is an access manager, so that somebody can
    /// lift the restriction.
    #[schema(min_items = 1, max_items = 50)]
    pub staff: Vec<StaffId>,
    /// The day by which the restriction is reviewed: after today, and at most a year ahead.
    #[serde(deserialize_with = "date::required")]
    pub review_on: NaiveDate,
    /// The evidence, which no ground of a restriction requires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// A restriction that was read: as it is put in force, put before a second person, or in force again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestrictionTerms {
    /// The ground of the restriction.
    pub ground: RestrictionGround,
    /// The reason, and the evidence where there is some, in words.
    pub words: String,
    /// The members of staff to whom the record is open.
    pub staff: Vec<StaffId>,
    /// The day by which the restriction is reviewed.
    pub review_on: NaiveDate,
    /// The member of staff who asked for the restriction.
    pub set_by: StaffId,
}

impl Restrict {
    /// Reads the request of this member of staff, as of `today`. All its faults are told at once.
    pub fn read(&self, by: StaffId, today: NaiveDate) -> Result<RestrictionTerms, Vec<Fault>> {
        let mut faults = Vec::new();
        let ground = self.ground.read("/ground", RestrictionGround::parse, &mut faults);
        let reason = self.reason.read("/reason", Passage::<1000>::parse, &mut faults);
        if !(1..=NAMED_AT_MOST).contains(&self.staff.len()) {
            faults.push(Fault::new("/staff", format!("must name 1 to {NAMED_AT_MOST} members of staff")));
        }
        for (index, one) in self.staff.iter().enumerate().take(NAMED_AT_MOST) {
            if self.staff[..index].contains(one) {
                faults.push(Fault::new(format!("/staff/{index}"), "must not be repeated"));
            }
        }
        faults.extend(fault_of_a_review(self.review_on, "/review_on", today));
        let effect = ground.map(RestrictionGround::effect);
        let evidence = evidence_for(effect, self.evidence.as_ref(), today, &mut faults);
        match (ground, reason) {
            (Some(ground), Some(reason)) if faults.is_empty() => Ok(RestrictionTerms {
                ground,
                words: with_evidence(reason.as_str(), evidence.as_ref()),
                staff: self.staff.clone(),
                review_on: self.review_on,
                set_by: by,
            }),
            _ => Err(faults),
        }
    }
}

/// An exclusion of a colleague from a record.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "staff_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "reason": "Is her nephew." }))]
pub struct ExcludeStaff {
    /// The member of staff to exclude, who is not the caller.
    pub staff_id: StaffId,
    /// The reason for the exclusion.
    pub reason: Passage<1000>,
}

/// An exclusion of the caller from a record.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Is my neighbour." }))]
pub struct ExcludeSelf {
    /// The reason for the exclusion.
    pub reason: Passage<1000>,
}

/// A request to open a restricted record in an emergency. It names an exact identifier, because nobody browses
/// restricted records.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "nhs_number": "9990548609", "reason": "Police are at the door and ask whom to ring.", "minutes": 30,
}))]
pub struct BreakGlass {
    /// The person's NHS number; or else `council_person_id` with `date_of_birth`.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub nhs_number: Option<NhsNumber>,
    /// The council's identifier for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub council_person_id: Option<CouncilPersonId>,
    /// The person's date of birth.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// The reason why the emergency cannot wait for somebody to whom the record is open.
    pub reason: Passage<1000>,
    /// The time for which the record stays open, in minutes: 1 to 60, and 60 if left out.
    #[serde(default = "an_hour")]
    #[schema(minimum = 1, maximum = 60)]
    pub minutes: u16,
}

fn an_hour() -> u16 {
    OPEN_AT_MOST
}

impl BreakGlass {
    /// Returns the time for which the record stays open.
    pub fn stands_open(&self) -> Result<TimeDelta, Vec<Fault>> {
        if (1..=OPEN_AT_MOST).contains(&self.minutes) {
            return Ok(TimeDelta::minutes(self.minutes.into()));
        }
        Err(vec![Fault::new("/minutes", format!("must be from 1 to {OPEN_AT_MOST}"))])
    }

    /// Returns the keys by which the person is found. A record must match one of each.
    pub fn keys(&self) -> Result<Vec<Vec<SearchKey>>, Vec<Fault>> {
        match (&self.nhs_number, &self.council_person_id, self.date_of_birth) {
            (Some(number), None, None) => Ok(vec![vec![SearchKey::NhsNumber(number.clone())]]),
            (None, Some(id), Some(born)) => {
                let birth = Birth::new(Some(born), DateOfBirthAccuracy::Exact);
                Ok(vec![vec![SearchKey::CouncilPersonId(id.clone())], birth.wanted()])
            }
            _ => Err(vec![Fault::new("", "must give nhs_number, or else council_person_id with date_of_birth")]),
        }
    }
}

closed_codes! {
    /// The finding of the review of a break-glass access.
    pub enum Finding {
        /// The access could not wait.
        Justified = "justified",
        /// The access could have waited, or there was no reason for it.
        NotJustified = "not_justified",
    }
}

/// A review, which closes a break-glass access.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "finding": "justified", "text": "Rang the police: the call is in their log." }))]
pub struct ReviewBreakGlass {
    /// The finding of the review.
    pub finding: Finding,
    /// The grounds of the finding, and its consequences.
    pub text: Passage<4000>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::grounds::{AdverseAction, Ground};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn pointers(result: Result<impl Sized, Vec<Fault>>) -> Vec<String> {
        result.err().unwrap_or_default().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_restriction_is_looked_at_again_within_a_year_and_names_each_once() {
        let id = |n: u128| StaffId::from(uuid::Uuid::from_u128(n));
        let restrict = |staff: Vec<StaffId>, review_on: &str| {
            let (ground, reason, review_on) = ("hazard".into(), "Why not.".into(), day(review_on));
            pointers(Restrict { ground, reason, staff, review_on, evidence: None }.read(id(9), day("2026-11-20")))
        };
        for (review_on, faults) in [
            ("2026-11-20", vec!["/review_on"]),
            ("2026-11-21", vec![]),
            ("2027-11-20", vec![]),
            ("2027-11-21", vec!["/review_on"]),
        ] {
            assert_eq!(restrict(vec![id(1)], review_on), faults, "{review_on}");
        }
        assert_eq!(restrict(vec![], "2027-01-01"), ["/staff"]);
        assert_eq!(restrict((0..51).map(id).collect(), "2027-01-01"), ["/staff"]);
        assert_eq!(restrict((0..50).map(id).collect(), "2027-01-01"), Vec::<String>::new());
        assert_eq!(restrict(vec![id(1), id(2), id(1)], "2027-01-01"), ["/staff/2"]);
    }

    #[test]
    fn a_restriction_has_a_ground_of_its_own_and_all_its_faults_are_told_at_once() {
        let by = StaffId::from(uuid::Uuid::from_u128(1));
        let restrict = |ground: &str| Restrict {
            ground: ground.into(),
            reason: "Why not.".into(),
            staff: vec![by],
            review_on: day("2027-01-01"),
            evidence: None,
        };
        for word in Ground::ALL.iter().map(|ground| ground.as_str()).chain(["person_asks", "", "\0"]) {
            let read = restrict(word).read(by, day("2026-11-20"));
            let expected: &[&str] =
                if AdverseAction::WarningOrRestriction.ground(word).is_ok() { &[] } else { &["/ground"] };
            assert_eq!(pointers(read), expected, "{word}");
        }
        let wrong = Restrict {
            reason: "\0".into(),
            staff: vec![],
            review_on: day("2026-11-20"),
            evidence: Some(Evidence { what: "e".into(), on: "2026-11-21".into(), from: "x".into() }),
            ..restrict("died")
        };
        let all = ["/ground", "/reason", "/staff", "/review_on", "/evidence/what", "/evidence/on", "/evidence/from"];
        assert_eq!(pointers(wrong.read(by, day("2026-11-20"))), all);
    }

    #[test]
    fn break_glass_access_is_given_by_an_exact_identifier_and_for_an_hour_at_most() {
        let break_glass_access = |json: serde_json::Value| serde_json::from_value::<BreakGlass>(json).unwrap();
        let council = serde_json::json!({ "council": "E06000051", "id": "SHR1" });
        for (json, keys) in [
            (serde_json::json!({ "nhs_number": "9990548609", "reason": "x" }), Some(1)),
            (
                serde_json::json!({ "council_person_id": council, "date_of_birth": "1941-03-08", "reason": "x" }),
                Some(2),
            ),
            (serde_json::json!({ "council_person_id": council, "reason": "x" }), None),
            (serde_json::json!({ "date_of_birth": "1941-03-08", "reason": "x" }), None),
            (serde_json::json!({ "nhs_number": "9990548609", "date_of_birth": "1941-03-08", "reason": "x" }), None),
            (serde_json::json!({ "reason": "x" }), None),
        ] {
            assert_eq!(break_glass_access(json.clone()).keys().ok().map(|keys| keys.len()), keys, "{json}");
        }
        for (minutes, open) in [(0, None), (1, Some(1)), (60, Some(60)), (61, None)] {
            let break_glass_access = break_glass_access(
                serde_json::json!({ "nhs_number": "9990548609", "reason": "x", "minutes": minutes }),
            );
            assert_eq!(break_glass_access.stands_open().ok().map(|time| time.num_minutes()), open);
        }
    }
}
