//! Giving the complainant what the council wrote to them, where they do not follow the complaint with its code.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::acknowledging::{AcknowledgedBy, Addressee, Reach};
use crate::fault::Fault;
use crate::words::date;

/// How and when the complainant was given a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "by": "post", "on": "2026-11-20" }))]
pub struct MessageGiven {
    /// The way by which it was given.
    pub by: AcknowledgedBy,
    /// The day on which it was given.
    #[serde(deserialize_with = "date::required")]
    pub on: NaiveDate,
}

impl MessageGiven {
    /// Returns what is wrong with this today, for a message that was written on a day. What the complainant is owed `in_writing`, and can be
    /// given so, is not given by word of mouth alone.
    pub fn faults(&self, written: NaiveDate, in_writing: bool, to: Addressee, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.on < written || self.on > today {
            faults
                .push(Fault::new("/on", format!("must be from {written}, the day on which it was written, to today")));
        }
        match self.by {
            AcknowledgedBy::Phone | AcknowledgedBy::InPerson if in_writing && to.reach == Reach::InWriting => {
                faults.push(Fault::new("/by", "must be a way by which the complainant has it in writing"));
            }
            AcknowledgedBy::Email if !to.consents => {
                faults.push(Fault::new("/by", "needs the complainant's consent to electronic sending (reg 15)"));
            }
            AcknowledgedBy::App if !to.has_the_code => {
                faults.push(Fault::new("/by", "is for a complainant who follows the complaint with its code"));
            }
            _ => {}
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_in_writing_is_given_in_writing_on_a_day_that_has_come_and_electronically_where_it_may() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let pointers = |by, on: &str, (in_writing, reach), consents, has_the_code| -> Vec<String> {
            let to = Addressee { received: day("2026-11-01"), consents, has_the_code, reach };
            let faults = MessageGiven { by, on: day(on) }.faults(day("2026-11-20"), in_writing, to, day("2026-11-24"));
            faults.into_iter().map(|fault| fault.pointer).collect()
        };
        for (on, is_right) in [("2026-11-19", false), ("2026-11-20", true), ("2026-11-24", true), ("2026-11-25", false)]
        {
            assert_eq!(
                pointers(AcknowledgedBy::Post, on, (true, Reach::InWriting), false, false).is_empty(),
                is_right,
                "{on}"
            );
        }
        for by in AcknowledgedBy::ALL {
            let by_mouth = matches!(by, AcknowledgedBy::Phone | AcknowledgedBy::InPerson);
            let (email, app) = (*by == AcknowledgedBy::Email, *by == AcknowledgedBy::App);
            let is_right_at = |reach, in_writing, consents, has_the_code| {
                pointers(*by, "2026-11-20", (in_writing, reach), consents, has_the_code).is_empty()
            };
            let is_right =
                |in_writing, consents, has_the_code| is_right_at(Reach::InWriting, in_writing, consents, has_the_code);
            assert_eq!(is_right(true, true, true), !by_mouth, "{by:?}");
            assert!(is_right(false, true, true), "{by:?}");
            assert!(is_right_at(Reach::ByWordOfMouth, true, true, true), "who can only be rung is rung: {by:?}");
            assert_eq!(is_right(false, false, true), !email, "{by:?}");
            assert_eq!(is_right(false, true, false), !app, "{by:?}");
        }
    }
}
