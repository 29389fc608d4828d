//! Hearing the subject of a complaint: what they are shown, and what the complainant is told before they see it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::acknowledging::{AcknowledgedBy, Addressee, Reach};
use crate::fault::Fault;
use crate::ids::{GuestId, HeadId};
use crate::words::date;
use crate::words::text::Passage;

/// Somebody to be heard on heads of a complaint.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "guest_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "heads": ["01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4e"],
    "message": "On Thursday we ask your worker what she says about the three visits. She sees that part and nothing else.",
    "interim": "You agreed that Mr Bell visits you until this is answered.",
}))]
pub struct Hear {
    /// The guest who is heard: a subject.
    pub guest_id: GuestId,
    /// The heads on which they are heard.
    #[schema(min_items = 1, max_items = 30)]
    pub heads: Vec<HeadId>,
    /// The day by which the subject answers; five working days after the day from which they see the heads if it is left out.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<NaiveDate>,
    /// What the complainant is told: what the subject sees. The day from which the subject sees it is put below it.
    pub message: Passage<4000>,
    /// What is arranged until the complaint is answered: as the complainant agreed, or as the officer decided where they did not.
    pub interim: Passage<2000>,
    /// The way by which the complainant was told, where they do not read it in the complaint: required of one who complained without an app
    /// or a form and has not followed the complaint, unless they left no way to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_by: Option<AcknowledgedBy>,
    /// The day on which they were told so, from which the three working days count; today for whoever follows the complaint.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub told_on: Option<NaiveDate>,
}

impl Hear {
    /// Returns what is wrong today with how and when the complainant was told. Who does not follow the complaint is told in another way than
    /// with the code, unless they left none.
    pub fn faults(&self, to: Addressee, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        let is_said = self.told_by.is_some() || self.told_on.is_some() || (to.reach != Reach::None && !to.has_the_code);
        for (pointer, is_missing) in [("/told_by", self.told_by.is_none()), ("/told_on", self.told_on.is_none())] {
            if is_said && is_missing {
                let detail = "is required where the complainant does not follow the complaint with its code, and beside the other";
                faults.push(Fault::new(pointer, detail));
            }
        }
        if self.told_on.is_some_and(|on| on < to.received || on > today) {
            let detail = format!("must be from {}, the day of receipt, to today", to.received);
            faults.push(Fault::new("/told_on", detail));
        }
        if self.told_by == Some(AcknowledgedBy::Email) && !to.consents {
            faults.push(Fault::new("/told_by", "needs the complainant's consent to electronic sending (reg 15)"));
        }
        if self.told_by == Some(AcknowledgedBy::App) && !to.has_the_code {
            faults.push(Fault::new("/told_by", "is for a complainant who follows the complaint with its code"));
        }
        faults
    }

    /// What the complainant reads, of what the subject sees from a day on.
    pub fn told(&self, from: NaiveDate) -> String {
        let (message, interim, from) = (self.message.as_str(), self.interim.as_str(), from.format("%-d %B %Y"));
        let told = self.told_by.zip(self.told_on).map_or_else(String::new, |(by, on)| {
            format!(" You were told of this {} on {}.", by.in_words(), on.format("%-d %B %Y"))
        });
        format!("{message}\n\n{interim}\n\nWhoever is heard sees their part of your complaint from {from} on.{told}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_follow_the_complaint_is_told_before_the_subject_sees_anything() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let pointers = |has_the_code, is_within_reach, told_by, told_on: Option<&str>| -> Vec<String> {
            let reach = if is_within_reach { Reach::ByWordOfMouth } else { Reach::None };
            let to = Addressee { received: day("2026-11-20"), consents: false, has_the_code, reach };
            let hear = Hear {
                guest_id: GuestId::from(uuid::Uuid::nil()),
                heads: Vec::new(),
                answer_by: None,
                message: Passage::parse("We ask her on Thursday.").unwrap(),
                interim: Passage::parse("Mr Bell visits you.").unwrap(),
                told_by,
                told_on: told_on.map(day),
            };
            assert!(hear.told(day("2026-12-01")).contains("from 1 December 2026 on."));
            let faults = hear.faults(to, day("2026-11-24")).into_iter();
            faults.map(|fault| fault.pointer).collect()
        };
        let (phone, app, email) = (Some(AcknowledgedBy::Phone), Some(AcknowledgedBy::App), Some(AcknowledgedBy::Email));
        let today = Some("2026-11-24");
        assert!(pointers(true, true, None, None).is_empty(), "they read it");
        assert_eq!(pointers(false, true, None, None), ["/told_by", "/told_on"]);
        assert!(pointers(false, false, None, None).is_empty(), "nobody can tell them");
        assert!(pointers(false, true, phone, Some("2026-11-20")).is_empty());
        assert_eq!(pointers(true, true, phone, None), ["/told_on"]);
        assert_eq!(pointers(true, true, None, today), ["/told_by"]);
        for on in ["2026-11-19", "2026-11-25"] {
            assert_eq!(pointers(false, true, phone, Some(on)), ["/told_on"], "{on}");
        }
        assert_eq!(pointers(false, true, app, today), ["/told_by"], "they have no code");
        assert!(pointers(true, true, app, today).is_empty());
        assert_eq!(pointers(true, true, email, today), ["/told_by"]);
    }
}
