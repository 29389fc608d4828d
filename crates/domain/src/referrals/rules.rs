//! The rules of a referral message that hold between its members, or between a member and today's date.

use chrono::{Months, NaiveDate};

use super::message::{DateOfBirthAccuracy, Function, ReferralMessage};
use crate::fault::Fault;
use crate::people::birth::Birth;
use crate::people::service_user::LONGEST_STAY;
use crate::tenancy::council_codes::CodeDays;
use crate::words::calendar::Calendar;
use crate::words::gss_code::AuthorityCode;

/// The greatest age of a request: it is refused if it was made longer ago.
const OLDEST_REQUEST: Months = Months::new(5 * 12);

/// The longest time for which an answer may be left open.
const FURTHEST_ANSWER: Months = Months::new(12);

impl ReferralMessage {
    /// Checks the rules that the types cannot express: those between members, and the dates against `today` (the date
    /// in London), the calendar and the days of the codes of [`places`](Self::places), in their order. `Err` holds every fault
    /// found, in the order of the members.
    pub fn check(&self, today: NaiveDate, calendar: &Calendar, places: &[CodeDays]) -> Result<(), Vec<Fault>> {
        let faults: Vec<Fault> = [
            self.fault_of_requested_on(today),
            self.fault_of_function(),
            self.fault_of_consent(today),
            self.fault_of_justification(),
            self.fault_of_instruction(),
            self.fault_of_discharge(),
            self.fault_of_date_of_birth(today),
            self.fault_of_temporary_address(),
            self.fault_of_safe_contact(),
            self.fault_of_language(),
        ]
        .into_iter()
        .flatten()
        .chain(self.person.contacts.iter().enumerate().filter_map(|(at, contact)| {
            let invalid = contact.check().err()?;
            Some(Fault::new(format!("/person/contacts/{at}/value"), invalid.to_string()))
        }))
        .chain(self.places().iter().zip(places).filter_map(|(place, days)| {
            let detail = if place.of_the_past { days.fault_of_a_past_code(today) } else { days.fault(today) };
            detail.map(|detail| Fault::new(place.pointer, detail))
        }))
        .chain(
            [
                self.fault_of_responsible_council(),
                self.fault_of_cared_for(today),
                self.fault_of_referrer(),
                self.fault_of_respond_by(today, calendar),
            ]
            .into_iter()
            .flatten(),
        )
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

    /// A council does not make enquiries about somebody who is in a prison or approved premises (Care Act 2014 s76(7)).
    fn fault_of_function(&self) -> Option<Fault> {
        (self.function == Function::SafeguardingEnquiry && self.person.held_in.is_some()).then(|| {
            let detail = "must not be safeguarding_enquiry for somebody who is held in a prison or approved premises, where \
                          section 42 of the Care Act 2014 does not apply (s76(7))";
            Fault::new("/function", detail)
        })
    }

    fn fault_of_justification(&self) -> Option<Fault> {
        (self.consent.basis.needs_justification() && self.consent.justification.is_none())
            .then(|| Fault::new("/consent/justification", "is required where consent was refused or not possible"))
    }

    fn fault_of_temporary_address(&self) -> Option<Fault> {
        let until = self.person.temporary_address.as_ref()?.until?;
        let fault = |detail| Some(Fault::new("/person/temporary_address/until", detail));
        if until < self.requested_on {
            fault("must not be before requested_on")
        } else if until > self.requested_on.checked_add_months(LONGEST_STAY).unwrap_or(NaiveDate::MAX) {
            fault("must be within 5 years of requested_on")
        } else {
            None
        }
    }

    fn fault_of_safe_contact(&self) -> Option<Fault> {
        let invalid = self.person.safe_contact.as_ref()?.check().err()?;
        Some(Fault::new("/person/safe_contact", invalid.to_string()))
    }

    fn fault_of_language(&self) -> Option<Fault> {
        let invalid = self.person.language.as_ref()?.check().err()?;
        Some(Fault::new("/person/language", invalid.to_string()))
    }

    /// Nobody here acts for an authority of Wales or Scotland, so no practice could ever accept what is its duty.
    fn fault_of_responsible_council(&self) -> Option<Fault> {
        let responsible = self.responsible();
        let code = AuthorityCode::parse(responsible.code?).ok()?;
        (!code.is_in_england()).then(|| {
            let detail = "must be a council of England, because it decides who is responsible: refer the person to the authority \
                          itself, which has the duty";
            Fault::new(responsible.at, detail)
        })
    }

    fn fault_of_cared_for(&self, today: NaiveDate) -> Option<Fault> {
        let born = self.cared_for.as_ref()?.date_of_birth;
        let detail = Birth::new(born, DateOfBirthAccuracy::Exact).fault(today)?;
        Some(Fault::new("/cared_for/date_of_birth", detail))
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

    /// The Care Act 2014 is about adults. What prepares for adulthood (ss 58, 60 and 63) has no lower age: the functions, and
    /// the route by which a young person moves on. A person whose date of birth is known in part counts as an adult if they
    /// may be one.
    fn fault_of_date_of_birth(&self, today: NaiveDate) -> Option<Fault> {
        let fault = |detail| Some(Fault::new("/person/date_of_birth", detail));
        let least_age =
            if self.function.is_before_adulthood() || self.route_of_access.is_transition() { 0 } else { 18 };
        let birth = Birth::new(self.person.date_of_birth, self.person.date_of_birth_accuracy);
        if let Some(detail) = birth.fault(today) {
            return fault(detail);
        }
        match birth.possible() {
            None if self.person.date_of_birth_accuracy == DateOfBirthAccuracy::Unknown => None,
            None => fault("is required unless date_of_birth_accuracy is unknown"),
            Some((earliest, _)) => match self.requested_on.years_since(earliest) {
                Some(age) if age >= least_age => None,
                None => fault("must not be after requested_on"),
                Some(_) => fault(
                    "must make the person at least 18 on requested_on, but for transition_assessment, childs_carer_assessment, \
                     young_carer_assessment and the route Planned Entry (Transition)",
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
