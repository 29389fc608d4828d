//! How a complaint is looked into and by when, as it was agreed with the complainant or determined (SI 2009/309 reg 13(7) and (8)).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::Passage;

closed_codes! {
    /// How the day came about by which a complaint is answered.
    pub enum Period {
        /// The complainant agreed to it.
        Agreed = "agreed",
        /// The complainant declined to discuss it, or did not take up the offer, and the council determined it (reg 13(8)).
        Determined = "determined",
    }
}

closed_codes! {
    /// How a period for the response to a complaint came about.
    pub enum PeriodOrigin {
        /// The complainant agreed to it.
        Agreed = "agreed",
        /// The council determined it (reg 13(8)).
        Determined = "determined",
        /// It was extended, to which the complainant agreed (reg 14(3)).
        Extended = "extended",
        /// The complaint is looked into anew, and the contract gives the period.
        BegunAnew = "begun_anew",
    }
}

impl From<Period> for PeriodOrigin {
    fn from(period: Period) -> Self {
        match period {
            Period::Agreed => Self::Agreed,
            Period::Determined => Self::Determined,
        }
    }
}

closed_codes! {
    /// The risk in what a complaint is about, as it was judged at triage.
    pub enum Risk {
        /// Little can come of it, and hardly to anybody.
        Low = "low",
        /// Something can come of it, or to several people.
        Moderate = "moderate",
        /// Serious harm can come of it, or it is likely to happen again.
        High = "high",
        /// Serious harm came of it, or is about to.
        Extreme = "extreme",
    }
}

/// A plan for a complaint. The complainant reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "handling": "Grace Obi speaks to the two people who were on duty, reads the diary of November, and rings you each Friday.",
    "respond_by": "2026-12-18",
    "period": "agreed",
}))]
pub struct Plan {
    /// How the complaint is looked into.
    pub handling: Passage<4000>,
    /// The day by which it is answered.
    #[serde(deserialize_with = "date::required")]
    pub respond_by: NaiveDate,
    /// How that day came about.
    pub period: Period,
}

impl Plan {
    /// Returns what is wrong with the plan today. Nobody determines a day after the relevant period of six months, nor takes back a
    /// day that was planned: a later one is an extension, to which the complainant agrees (reg 14(3)). Once that period is over without a
    /// plan, the complaint is answered all the same (reg 14(4)): it is planned for a later day as soon as the complainant was told, after
    /// the period, why there was no response in it (`explained`).
    pub fn faults(
        &self,
        today: NaiveDate,
        latest: NaiveDate,
        planned: Option<NaiveDate>,
        explained: Option<NaiveDate>,
    ) -> Vec<Fault> {
        let fault = |detail: String| vec![Fault::new("/respond_by", detail)];
        if self.respond_by < today {
            return fault("must not be in the past".to_owned());
        }
        match planned {
            Some(planned) if self.respond_by > planned => fault(format!(
                "must be no later than {planned}, the day that was planned: a later one is an extension, which the complainant asks for or agrees to"
            )),
            None if today > latest => match explained {
                Some(explained) if explained > latest => Vec::new(),
                _ => fault(format!(
                    "is after {latest}, the last day of the relevant period, which is over: tell the complainant first why there was no response"
                )),
            },
            None if self.respond_by > latest => fault(format!(
                "must be no later than {latest}, the last day of the relevant period: a later one is an extension, which the complainant asks for or agrees to"
            )),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_plan_ends_within_the_relevant_period_and_no_later_than_the_plan_before() {
        let plan = |respond_by: &str| Plan {
            handling: Passage::parse("We read the diary.").unwrap(),
            respond_by: day(respond_by),
            period: Period::Agreed,
        };
        let (today, latest) = (day("2026-11-20"), day("2027-05-19"));
        for (respond_by, planned, is_right) in [
            ("2026-11-19", None, false),
            ("2026-11-20", None, true),
            ("2027-05-19", None, true),
            ("2027-05-20", None, false),
            ("2026-12-18", Some("2026-12-18"), true),
            ("2026-12-11", Some("2026-12-18"), true),
            ("2026-12-19", Some("2026-12-18"), false),
            ("2027-06-01", Some("2027-06-30"), true), // nearer than what was agreed
        ] {
            let faults = plan(respond_by).faults(today, latest, planned.map(day), Some(today));
            assert_eq!(faults.is_empty(), is_right, "{respond_by} after {planned:?}: {faults:?}");
        }
    }

    #[test]
    fn a_complaint_without_a_plan_after_six_months_is_planned_once_its_complainant_was_told_why() {
        let plan = Plan {
            handling: Passage::parse("We read the diary.").unwrap(),
            respond_by: day("2027-06-30"),
            period: Period::Determined,
        };
        let latest = day("2027-05-19");
        for (today, planned, explained, is_right) in [
            ("2027-05-19", None, Some("2027-05-19"), false), // the period is not over: a later day is an extension
            ("2027-05-20", None, None, false),
            ("2027-05-20", None, Some("2027-05-19"), false), // that was why the contract's day was not kept
            ("2027-05-20", None, Some("2027-05-20"), true),
            ("2027-05-20", Some("2027-05-12"), Some("2027-05-20"), false),
            ("2027-07-01", None, Some("2027-05-20"), false), // in the past
        ] {
            let faults = plan.faults(day(today), latest, planned.map(day), explained.map(day));
            assert_eq!(
                faults.is_empty(),
                is_right,
                "{today}, planned {planned:?}, explained {explained:?}: {faults:?}"
            );
        }
    }
}
