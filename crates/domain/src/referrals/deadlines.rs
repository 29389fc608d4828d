//! The times of a referral: by when a human looks at it, by when the practice answers it, and what the council is told of that.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;

use crate::referrals::message::ReferralMessage;
use crate::referrals::terms::Urgency;
use crate::tenancy::opening_hours::OpeningHours;
use crate::words::calendar::{Calendar, CalendarUnavailable, end_of_day, london_date};

/// The periods of a contract, and the hours in which those of minutes count.
#[derive(Clone, Copy, Debug)]
pub struct Periods {
    /// The number of working days in which the practice answers a standard referral.
    pub response_working_days: u32,
    /// The number of working days in which the practice answers an urgent referral.
    pub urgent_response_working_days: u32,
    /// The number of minutes, within opening hours, in which a human looks at an immediate referral.
    pub immediate_minutes: u32,
    /// The number of minutes, within opening hours, in which a human looks at an urgent referral, and at one about somebody
    /// who is about to go home from hospital.
    pub urgent_minutes: u32,
    /// The opening hours of the practice.
    pub opening_hours: OpeningHours,
}

/// What of a message decides by when the practice answers it.
#[derive(Clone, Copy, Debug)]
pub struct Pressing {
    /// The urgency of the referral.
    pub urgency: Urgency,
    /// The day by which the council wants an answer.
    pub respond_by: Option<NaiveDate>,
    /// The day on which the person goes home from hospital.
    pub home_on: Option<NaiveDate>,
}

impl From<&ReferralMessage> for Pressing {
    fn from(message: &ReferralMessage) -> Self {
        let home_on = message.discharge.as_ref().and_then(|discharge| discharge.expected_on);
        Self { urgency: message.urgency, respond_by: message.respond_by, home_on }
    }
}

/// The times that a practice is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// The day by which the practice answers.
    pub response_due_on: NaiveDate,
    /// The day from which `response_due_on` is counted. `None` for a day that the council named, or on which the person goes
    /// home.
    pub counted_from: Option<NaiveDate>,
    /// The day on which the person goes home, if that was still to come: the answer is not due after it.
    pub home_on: Option<NaiveDate>,
    /// The time by which a human looks at the referral, if it is urgent or immediate or the person goes home.
    pub human_contact_due_at: Option<DateTime<Utc>>,
}

impl Periods {
    /// Returns the times of a referral that arrives now. The period of its urgency counts, or the day that the council named:
    /// for a standard referral instead of the period, for another the earlier of the two. The answer is not due after the
    /// person has gone home. If they have gone already, it is due on the day by which a human looks.
    pub fn deadlines(
        &self,
        of: Pressing,
        received_at: DateTime<Utc>,
        calendar: &Calendar,
    ) -> Result<Deadlines, CalendarUnavailable> {
        let today = london_date(received_at);
        let looked_at_by = self.looked_at_by(of.urgency, received_at, calendar)?;
        let seen_on = london_date(looked_at_by);
        let is_looked_at = of.urgency > Urgency::Standard || of.home_on.is_some();
        let period = match of.urgency {
            Urgency::Standard => calendar.add_working_days(today, self.response_working_days)?,
            Urgency::Urgent => calendar.add_working_days(today, self.urgent_response_working_days)?,
            Urgency::Immediate => seen_on,
        };
        let by_council = match (of.respond_by, of.urgency) {
            (None, _) => period,
            (Some(day), Urgency::Standard) => day,
            (Some(day), Urgency::Urgent | Urgency::Immediate) => day.min(period),
        };
        let response_due_on = match of.home_on {
            Some(home_on) if home_on >= today => by_council.min(home_on),
            Some(_) => by_council.min(seen_on),
            None => by_council,
        };
        let is_counted = response_due_on == period && of.respond_by != Some(period);
        Ok(Deadlines {
            response_due_on,
            counted_from: is_counted.then_some(today),
            home_on: of.home_on.filter(|home_on| *home_on >= today),
            human_contact_due_at: is_looked_at.then_some(looked_at_by),
        })
    }

    /// Returns the time by which a human looks at a referral of which that is asked: one that is urgent or immediate, or about
    /// somebody who goes home from hospital.
    pub fn looked_at_by(
        &self,
        urgency: Urgency,
        received_at: DateTime<Utc>,
        calendar: &Calendar,
    ) -> Result<DateTime<Utc>, CalendarUnavailable> {
        let minutes = match urgency {
            Urgency::Immediate => self.immediate_minutes,
            Urgency::Urgent | Urgency::Standard => self.urgent_minutes,
        };
        self.opening_hours.add_minutes(received_at, minutes, calendar)
    }
}

/// Returns the last day on which a practice may answer: that by which the answer is due, and not before the day on which a human
/// was to look at the referral.
pub fn answered_by(response_due_on: NaiveDate, human_contact_due_at: Option<DateTime<Utc>>) -> NaiveDate {
    human_contact_due_at.map_or(response_due_on, |at| response_due_on.max(london_date(at)))
}

/// Returns the time at which a referral that is not answered leaves the practice: at the end of the last day for an answer.
pub fn leaves_at(response_due_on: NaiveDate, human_contact_due_at: Option<DateTime<Utc>>) -> DateTime<Utc> {
    end_of_day(answered_by(response_due_on, human_contact_due_at))
}

/// What a council is told to do until a human looks at its referral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntilThen {
    /// Whether to ring the emergency duty team now.
    pub ring_now: bool,
    /// Whether a human looks at the referral on the day on which it was sent to the practice.
    pub seen_same_day: bool,
    /// What to do, in a sentence or two that begin with the telephone number.
    pub words: String,
}

/// Where a referral is that nobody has accepted, as far as anybody there may be counted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// A practice has it, where a human looks at it in time.
    AtAPractice,
    /// A practice has it, where nobody has answered it by the time by which a human was to look at it.
    Missed,
    /// A practice has it that is suspended: nobody there can sign in.
    AtASuspendedPractice,
    /// No practice has it.
    Nowhere,
}

/// Returns what the council is told until a human looks at its referral; `None` for one at which no human looks by a certain
/// time. `sent_at` is when it went to the practice, and `due_at` the time by which a human looks there. Where nobody can be
/// counted on, whatever is more than standard is rung through at once.
pub fn until_a_human_looks(
    urgency: Urgency,
    sent_at: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
    whereabouts: Whereabouts,
    phone: &str,
) -> Option<UntilThen> {
    let cannot_wait = urgency > Urgency::Standard;
    let (ring_now, seen_same_day, looks) = match (whereabouts, due_at) {
        (Whereabouts::Nowhere, _) if !cannot_wait => return None,
        (Whereabouts::Nowhere, _) => {
            (true, false, "No practice has this referral, and nobody looks at it until you name one.".to_owned())
        }
        (_, None) => return None,
        (Whereabouts::AtASuspendedPractice, Some(_)) => {
            let looks = "The practice that has this referral is suspended, and nobody looks at it there: name another.";
            (cannot_wait, false, looks.to_owned())
        }
        (Whereabouts::Missed, Some(due_at)) => {
            let by = in_words(due_at);
            let looks = format!(
                "Nobody at the practice has answered this referral, at which a human was to look by {by}: you may name \
                 another practice."
            );
            (cannot_wait, false, looks)
        }
        (Whereabouts::AtAPractice, Some(due_at)) if london_date(due_at) == london_date(sent_at) => {
            (false, true, format!("Somebody at the practice looks at this referral by {}.", in_words(due_at)))
        }
        (Whereabouts::AtAPractice, Some(due_at)) => {
            let by = in_words(due_at);
            let looks = format!(
                "Nobody at the practice is sure to look at this referral before {by}, which is not the day on which it was \
                 sent there."
            );
            (urgency == Urgency::Immediate, false, looks)
        }
    };
    let ring = if ring_now { "ring it now" } else { "ring it if this cannot wait" };
    let words = format!("{phone} is the emergency duty team: {ring}. {looks}");
    Some(UntilThen { ring_now, seen_same_day, words })
}

fn in_words(at: DateTime<Utc>) -> String {
    at.with_timezone(&London).format("%A %-d %B %Y at %H:%M").to_string()
}

#[cfg(test)]
#[path = "deadlines/tests.rs"]
mod tests;
