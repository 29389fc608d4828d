//! The rules of a referral message that hold between its members, or between a member and today's date.

use chrono::{Months, NaiveDate};

use super::message::{DateOfBirthAccuracy, Function, ReferralMessage};
use crate::fault::Fault;
use crate::people::birth::Birth;
use crate::tenancy::council_codes::CodeDays;
use crate::words::calendar::Calendar;

/// The greatest age of a request: it is refused if it was made longer ago.
const OLDEST_REQUEST: Months = Months::new(5 * 12);

/// The longest time for which an answer may be left open.
const FURTHEST_ANSWER: Months = Months::new(12);

impl ReferralMessage {
    /// Checks the rules that the types cannot express: those between members, and the dates against `today` (the date
    /// in London), the calendar and the days of the code of ordinary residence. `Err` holds every fault found, in the order of the members.
    pub fn check(&self, today: NaiveDate, calendar: &Calendar, residence: &CodeDays) -> Result<(), Vec<Fault>> {
        let faults: Vec<Fault> = [
            self.fault_of_requested_on(today),
            self.fault_of_consent(today),
            self.fault_of_instruction(),
            self.fault_of_discharge(),
            self.fault_of_date_of_birth(today),
            residence.fault(today).map(|detail| Fault::new("/person/ordinary_residence", detail)),
            self.fault_of_referrer(),
            self.fault_of_respond_by(today, calendar),
        ]
        .into_iter()
        .flatten()
        .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn fault_of_requested_on(&self, today: NaiveDate) -> Option<Fault> {
        let fault = |detail| Some(Fault::new("/requested_on", detail));
        if self.requested_on > today {
            fault("must not be in the future")
        } else if self.requested_on < earlier(today, OLDEST_REQUEST) {
            fault("must not be more than 5 years ago")
        } else {
            None
        }
    }

    fn fault_of_consent(&self, today: NaiveDate) -> Option<Fault> {
        (self.consent.recorded_on > today).then(|| Fault::new("/consent/recorded_on", "must not be in the future"))
    }

    /// A practice makes an enquiry only on the council's instruction (Care Act 2014 s42(2)).
    fn fault_of_instruction(&self) -> Option<Fault> {
        let enquiry = self.function == Function::SafeguardingEnquiry;
        match &self.instruction {
            None if enquiry => Some(Fault::new("/instruction", "is required with the function safeguarding_enquiry")),
            Some(_) if !enquiry => {
                Some(Fault::new("/instruction", "is allowed only with the function safeguarding_enquiry"))
            }
            Some(instruction) if instruction.due_by <= self.requested_on => {
                Some(Fault::new("/instruction/due_by", "must be after requested_on"))
            }
            _ => None,
        }
    }

    fn fault_of_discharge(&self) -> Option<Fault> {
        (self.discharge.is_some() && !self.route_of_access.is_hospital()).then(|| {
            Fault::new(
                "/discharge",
                "is allowed only where route_of_access is Discharge from Hospital or Diversion from Hospital Services",
            )
        })
    }

    /// The Care Act 2014 is about adults. The assessment of a young person before they are 18 (s58) is the only reason
    /// for which a referral may be about somebody of 17. A person whose date of birth is known in part counts as an
    /// adult if they may be one.
    fn fault_of_date_of_birth(&self, today: NaiveDate) -> Option<Fault> {
        let fault = |detail| Some(Fault::new("/person/date_of_birth", detail));
        let transition = self.route_of_access.is_transition();
        let least_age = if transition { 17 } else { 18 };
        let birth = Birth::new(self.person.date_of_birth, self.person.date_of_birth_accuracy);
        if let Some(detail) = birth.fault(today) {
            return fault(detail);
        }
        match birth.possible() {
            None if self.person.date_of_birth_accuracy == DateOfBirthAccuracy::Unknown => None,
            None => fault("is required unless date_of_birth_accuracy is unknown"),
            Some((earliest, _)) => match self.requested_on.years_since(earliest) {
                Some(age) if age >= least_age => None,
                _ if transition => fault("must make the person at least 17 on requested_on"),
                _ => fault(
                    "must make the person at least 18 on requested_on, or 17 where route_of_access is Planned Entry (Transition)",
                ),
            },
        }
    }

    fn fault_of_referrer(&self) -> Option<Fault> {
        (self.referrer.phone.is_none() && self.referrer.email.is_none())
            .then(|| Fault::new("/referrer", "must have a phone or an email"))
    }

    /// A bank holiday moves what it makes too short, so the day must be one of which that is known.
    fn fault_of_respond_by(&self, today: NaiveDate, calendar: &Calendar) -> Option<Fault> {
        let day = self.respond_by?;
        if day < today {
            Some(Fault::new("/respond_by", "must not be in the past"))
        } else if day > today.checked_add_months(FURTHEST_ANSWER).unwrap_or(NaiveDate::MAX) {
            Some(Fault::new("/respond_by", "must be within a year"))
        } else {
            calendar.fault_of(day).map(|detail| Fault::new("/respond_by", detail))
        }
    }
}

fn earlier(date: NaiveDate, by: Months) -> NaiveDate {
    date.checked_sub_months(by).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests;
