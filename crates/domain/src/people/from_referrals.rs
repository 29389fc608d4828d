//! What referrals say of a person that their record does not: each detail to take over, to keep as it is, or to ask about.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::ids::{ReferralId, StaffId};
use crate::refusal::Refusal;
use crate::words::gss_code::GssCode;
use crate::words::sql_text::{closed_codes, text_value};
use crate::words::text::Passage;

closed_codes! {
    /// What became of a detail in which a referral and the record differ.
    pub enum DifferenceStatus {
        /// Nobody has decided on it yet.
        Open = "open",
        /// The record says now what the referral says.
        TakenOver = "taken_over",
        /// The record stays as it was.
        Kept = "kept",
        /// Somebody is asked which of the two is right.
        Asked = "asked",
    }
}

closed_codes! {
    /// What is done about a detail in which a referral and the record differ.
    pub enum Settlement {
        /// The record is to say what the referral says.
        TakeOver = "take_over",
        /// The record is to stay as it is.
        Keep = "keep",
        /// Somebody is to be asked which of the two is right.
        Ask = "ask",
    }
}

/// The name of a detail, as a message has it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Text)]
pub struct DifferenceField(String);

impl DifferenceField {
    /// Reads a name: up to 60 small letters and low lines.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let is_of_a_name = |c: char| c.is_ascii_lowercase() || c == '_';
        if (1..=60).contains(&text.len()) && text.chars().all(is_of_a_name) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidValue::new("must be the name of a detail: small letters and low lines"))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(
    [] DifferenceField, shown,
    name: "DifferenceField",
    schema: ObjectBuilder::new()
        .description(Some("The name of a detail, as a message has it"))
        .pattern(Some("^[a-z_]+$"))
        .min_length(Some(1))
        .max_length(Some(60))
        .examples(["address"]),
);

/// A detail in which a referral and the record differ, or for which the record has no place yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordDifference {
    /// The detail, by the name that it has in the message; `name` and `date_of_birth` are settled as a whole.
    #[schema(max_length = 60, pattern = "^[a-z_]+$")]
    pub field: String,
    /// What the referral says.
    #[schema(value_type = Passage<20000>)]
    pub message: String,
    /// What the record said when the referral was accepted; left out if it said nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<20000>>)]
    pub record: Option<String>,
    /// Whether the record has a place for it. What has none is not yet on the record, and stands here.
    pub has_a_place: bool,
    /// What became of it.
    pub status: DifferenceStatus,
    /// The member of staff who decided on it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<StaffId>,
    /// When they decided on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<DateTime<Utc>>,
}

/// What one referral says of a person and the record did not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FromReferral {
    /// The referral.
    pub referral_id: ReferralId,
    /// The council that sent it, by the code that it had then.
    pub council: GssCode,
    /// The day on which the council asked.
    pub requested_on: NaiveDate,
    /// The details, those that must be known first at the top.
    #[schema(max_items = 60)]
    pub differences: Vec<RecordDifference>,
}

impl FromReferral {
    /// Whether somebody still has to look at what the referral says in this field.
    pub fn leaves_unsettled(&self, field: &str) -> bool {
        self.differences.iter().any(|one| one.field == field && one.is_unsettled())
    }

    /// Whether somebody has decided on something that the referral says, or has asked about it.
    pub fn was_looked_at(&self) -> bool {
        self.differences.iter().any(|one| one.status != DifferenceStatus::Open)
    }
}

impl RecordDifference {
    /// Records what is done about the detail. What was taken over or kept is settled.
    pub fn settle(&mut self, how: Settlement, by: StaffId, at: DateTime<Utc>) -> Result<(), Refusal> {
        let (status, step) = match how {
            Settlement::TakeOver => (DifferenceStatus::TakenOver, "taken over"),
            Settlement::Keep => (DifferenceStatus::Kept, "kept"),
            Settlement::Ask => (DifferenceStatus::Asked, "asked about"),
        };
        if !self.is_unsettled() || self.status == status {
            return Err(Refusal::InvalidState { thing: "difference", state: self.status.as_str(), step });
        }
        if how == Settlement::TakeOver && !self.has_a_place {
            return Err(Refusal::InvalidState { thing: "difference", state: "without a place on the record", step });
        }
        self.status = status;
        self.settled_by = Some(by);
        self.settled_at = Some(at);
        Ok(())
    }

    /// Whether the detail still has to be looked at.
    const fn is_unsettled(&self) -> bool {
        matches!(self.status, DifferenceStatus::Open | DifferenceStatus::Asked)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_detail_is_settled_once_and_may_be_asked_about_before() {
        use DifferenceStatus::{Asked, Kept, Open, TakenOver};
        use Settlement::{Ask, Keep, TakeOver};
        let (by, at) = (StaffId::from(Uuid::from_u128(1)), "2026-11-20T10:00:00Z".parse().unwrap());
        for (status, has_a_place, how, after) in [
            (Open, true, TakeOver, Some(TakenOver)),
            (Open, true, Keep, Some(Kept)),
            (Open, true, Ask, Some(Asked)),
            (Open, false, TakeOver, None),
            (Open, false, Keep, Some(Kept)),
            (Open, false, Ask, Some(Asked)),
            (Asked, true, TakeOver, Some(TakenOver)),
            (Asked, true, Keep, Some(Kept)),
            (Asked, true, Ask, None),
            (Kept, true, TakeOver, None),
            (Kept, true, Keep, None),
            (Kept, true, Ask, None),
            (TakenOver, true, TakeOver, None),
            (TakenOver, true, Keep, None),
            (TakenOver, true, Ask, None),
        ] {
            let mut difference = RecordDifference {
                field: "phone".to_owned(),
                message: "07700 900461".to_owned(),
                record: None,
                has_a_place,
                status,
                settled_by: None,
                settled_at: None,
            };
            let done = difference.settle(how, by, at);
            assert_eq!(done.is_ok(), after.is_some(), "{status:?} {has_a_place} {how:?}");
            assert_eq!(difference.status, after.unwrap_or(status), "{status:?} {has_a_place} {how:?}");
            assert_eq!(difference.settled_by, after.map(|_| by));
        }
    }
}
