//! Acknowledging a complaint (SI 2009/309 reg 13(3)): what the complainant is told, how, and on which day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::Passage;

closed_codes! {
    /// How an acknowledgement reached the complainant: in writing, as a response does, or by word of mouth.
    pub enum AcknowledgedBy {
        /// By telephone.
        Phone = "phone",
        /// Face to face.
        InPerson = "in_person",
        /// By post.
        Post = "post",
        /// From hand to hand.
        Hand = "hand",
        /// Read or signed to the complainant, who has it in writing besides.
        Read = "read",
        /// By electronic mail, to which the complainant consented (reg 15).
        Email = "email",
        /// In the app with which the complainant follows the complaint.
        App = "app",
    }
}

impl AcknowledgedBy {
    /// The way in words, as they stand behind what was given or said.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Phone => "by telephone",
            Self::InPerson => "face to face",
            Self::Post => "by post",
            Self::Hand => "from hand to hand",
            Self::Read => "by reading or signing it, and in writing besides",
            Self::Email => "by electronic mail",
            Self::App => "in the app",
        }
    }
}

/// An acknowledgement, which offers to discuss how the complaint is handled and by when (SI 2009/309 reg 13(7)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "message": "Thank you for telling us. May I ring you on Thursday morning to agree how we look into this, and by when?",
    "by": "phone",
    "on": "2026-11-20",
}))]
pub struct Acknowledge {
    /// The message as the complainant reads it, or as it was said to them. It offers to discuss the handling and the period.
    pub message: Passage<4000>,
    /// The way by which the complainant was given it; `app` if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AcknowledgedBy>,
    /// The day on which they were given it; today if it is left out. It is held against the three working days.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub on: Option<NaiveDate>,
}

/// What is known of whoever is given an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The day on which their complaint was received, for the first time or again.
    pub received: NaiveDate,
    /// Whether they consented to be sent documents electronically (reg 15).
    pub consents: bool,
    /// Whether they have the code and use it: they complained with an app or a form, or have followed the complaint.
    pub has_the_code: bool,
    /// How they can be reached besides.
    pub reach: Reach,
}

/// How somebody can be reached who complained, by the contact that they gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// They gave no contact.
    None,
    /// They can be spoken to, and gave nothing by which something reaches them in writing.
    ByWordOfMouth,
    /// They gave a postal address, or an email address with the consent to electronic sending (reg 15).
    InWriting,
}

impl Acknowledge {
    /// Returns what is wrong with this today. Who leaves `by` out says that it stands in the complaint, where the complainant reads it with the
    /// code: to whoever uses none and can be reached, it is given in another way.
    pub fn faults(&self, to: Addressee, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.by.is_none() && to.reach != Reach::None && !to.has_the_code {
            faults.push(Fault::new("/by", "is required: the complainant does not follow the complaint with its code"));
        }
        if self.on.is_some_and(|on| on < to.received || on > today) {
            faults.push(Fault::new("/on", format!("must be from {}, the day of receipt, to today", to.received)));
        }
        if self.by == Some(AcknowledgedBy::Email) && !to.consents {
            faults.push(Fault::new("/by", "needs the complainant's consent to electronic sending (reg 15)"));
        }
        if self.by == Some(AcknowledgedBy::App) && !to.consents && !to.has_the_code {
            let detail = "needs the complainant's consent to electronic sending (reg 15), or that they follow the complaint with its code";
            faults.push(Fault::new("/by", detail));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_is_given_from_the_day_of_receipt_to_today_and_electronically_where_the_complainant_reads_it()
    {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-11-24");
        let with = |by: Option<AcknowledgedBy>, on: Option<&str>| Acknowledge {
            message: Passage::parse("May I ring you?").unwrap(),
            by,
            on: on.map(day),
        };
        let pointers = |given: &Acknowledge, consents, has_the_code| -> Vec<String> {
            let to = Addressee { received: day("2026-11-20"), consents, has_the_code, reach: Reach::ByWordOfMouth };
            given.faults(to, today).into_iter().map(|fault| fault.pointer).collect()
        };
        for (on, is_right) in [("2026-11-19", false), ("2026-11-20", true), ("2026-11-24", true), ("2026-11-25", false)]
        {
            let given = with(Some(AcknowledgedBy::Phone), Some(on));
            assert_eq!(pointers(&given, false, false).is_empty(), is_right, "{on}");
        }
        for by in AcknowledgedBy::ALL {
            let (given, is_electronic) =
                (with(Some(*by), None), matches!(by, AcknowledgedBy::Email | AcknowledgedBy::App));
            assert!(pointers(&given, true, false).is_empty(), "{by:?}");
            assert_eq!(pointers(&given, false, false).is_empty(), !is_electronic, "{by:?}");
            assert_eq!(pointers(&given, false, true).is_empty(), *by != AcknowledgedBy::Email, "{by:?}");
        }
        assert!(pointers(&with(None, None), false, true).is_empty());
        assert_eq!(pointers(&with(None, None), true, false), ["/by"], "they read it nowhere");
    }
}
