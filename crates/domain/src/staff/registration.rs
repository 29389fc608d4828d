//! Registration with Social Work England: whether a social worker may practise, and whose registration must be checked
//! again.

use chrono::{Datelike as _, Days, Months, NaiveDate};

use crate::fault::Fault;
use crate::refusal::Refusal;
use crate::staff::roles::Role;
use crate::staff::social_work_england::SocialWorkEnglandNumber;
use crate::words::sql_text::closed_codes;

/// The day from which a registration can be renewed, each year (Social Work England, registration renewal).
pub const RENEWAL_OPENS: (u32, u32) = (9, 1);

/// The last day of a registration, and the last on which it can be renewed.
pub const RENEWAL_CLOSES: (u32, u32) = (11, 30);

/// The day from which the register shows which social workers have not renewed.
pub const REGISTER_UPDATED: (u32, u32) = (12, 1);

/// The time for which a check of the register is valid, which is as long as a registration.
pub const CHECK_GOOD_FOR: Months = Months::new(12);

closed_codes! {
    /// The status of a social worker in the register.
    pub enum RegistrationStatus {
        /// The social worker is on the register.
        Registered = "registered",
        /// The social worker is on the register, under conditions of practice. The practice has to see to the
        /// conditions.
        RegisteredWithConditions = "registered_with_conditions",
        /// The social worker is suspended from practice, by an order or in the interim.
        Suspended = "suspended",
        /// The social worker was removed from the register.
        Removed = "removed",
        /// The social worker did not renew the registration.
        Lapsed = "lapsed",
    }
}

closed_codes! {
    /// An annotation of a social worker's entry in the register.
    pub enum Annotation {
        /// The social worker is an approved mental health professional (Mental Health Act 1983 s114).
        Amhp = "amhp",
        /// The social worker is a best interests assessor (Mental Capacity Act 2005 Sch A1).
        Bia = "bia",
    }
}

closed_codes! {
    /// The reason why a registration must be checked.
    pub enum Attention {
        /// The register bars the social worker, or their registration has ended.
        Lapsed = "lapsed",
        /// The registration ends within the days asked for.
        Lapsing = "lapsing",
        /// Nobody has checked the registration yet.
        NeverChecked = "never_checked",
        /// The last check is a year old or more.
        CheckedLongAgo = "checked_long_ago",
        /// The number that was checked is not the social worker's number now.
        OtherNumber = "other_number",
    }
}

/// The registration of a social worker, as it was last checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The status that the register gave.
    pub status: RegistrationStatus,
    /// The day on which the register was checked.
    pub checked_on: NaiveDate,
    /// The last day of the registration. A registered social worker has one.
    pub registration_ends_on: Option<NaiveDate>,
}

/// The number of days after joining within which a practice looks a social worker up in the register.
pub const LOOKED_UP_WITHIN: u64 = 14;

/// What a practice knows of a member of staff from the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// Somebody looked them up, and found this.
    Found(Registration),
    /// Nobody has looked them up.
    NotYet {
        /// The day on which they joined; `None` if they have yet to.
        joined_on: Option<NaiveDate>,
    },
}

impl LookUp {
    /// Returns what is known, from what was found, if anything was, and the day on which the member of staff joined.
    pub fn new(found: Option<Registration>, joined_on: Option<NaiveDate>) -> Self {
        found.map_or(Self::NotYet { joined_on }, Self::Found)
    }
}

/// The reason why somebody may not practise as a social worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bar {
    /// The register gives a status that bars them.
    #[error("the register of Social Work England gives the status {}", .0.as_str())]
    Status(RegistrationStatus),
    /// The registration that was found has ended.
    #[error("the registration with Social Work England ended on {0}")]
    RanOut(NaiveDate),
    /// Nobody at the practice has looked them up in time.
    #[error("nobody at the practice had looked up the registration with Social Work England by {0}")]
    NotLookedUp(NaiveDate),
}

/// Whether a social worker may practise today (Social Workers Regulations 2018). The last day of a registration counts.
///
/// A social worker whom nobody has looked up may practise for 14 days after joining: the check is the practice's duty, and it
/// has that long for it. [`attention`] names them from the first day.
pub fn may_practise(known: LookUp, today: NaiveDate) -> Result<(), Bar> {
    let registration = match known {
        LookUp::Found(registration) => registration,
        LookUp::NotYet { joined_on } => {
            let until = joined_on.and_then(|joined_on| joined_on.checked_add_days(Days::new(LOOKED_UP_WITHIN)));
            return until.filter(|until| *until < today).map_or(Ok(()), |until| Err(Bar::NotLookedUp(until)));
        }
    };
    match (registration.status, registration.registration_ends_on) {
        (RegistrationStatus::Registered | RegistrationStatus::RegisteredWithConditions, until) => match until {
            Some(until) if until < today => Err(Bar::RanOut(until)),
            _ => Ok(()),
        },
        (status, _) => Err(Bar::Status(status)),
    }
}

/// Whether somebody with these roles may decide about people and their cases. A social worker whom the register bars
/// may not, whatever other role they hold.
pub fn may_decide(roles: &[Role], known: LookUp, today: NaiveDate) -> Result<(), Refusal> {
    if roles.contains(&Role::SocialWorker) { may_practise(known, today).map_err(Refusal::Barred) } else { Ok(()) }
}

/// An entry that somebody found in the register, to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct RegisterEntry<'a> {
    /// The status that the register gives.
    pub status: RegistrationStatus,
    /// The day on which the register was checked.
    pub checked_on: NaiveDate,
    /// The last day of the registration.
    pub registration_ends_on: Option<NaiveDate>,
    /// The annotations of the entry.
    pub annotations: &'a [Annotation],
}

impl RegisterEntry<'_> {
    /// Whether the register can hold this entry for a member of staff, as of `today`. Returns the number that was
    /// checked.
    pub fn check<'n>(
        &self,
        number: Option<&'n SocialWorkEnglandNumber>,
        today: NaiveDate,
    ) -> Result<&'n SocialWorkEnglandNumber, Vec<Fault>> {
        use RegistrationStatus::{Registered, RegisteredWithConditions};
        let mut faults = Vec::new();
        if number.is_none() {
            faults.push(Fault::new("", "must be about a member of staff who has a number"));
        }
        if self.checked_on > today {
            faults.push(Fault::new("/checked_on", "must not be in the future"));
        }
        match self.registration_ends_on {
            None if matches!(self.status, Registered | RegisteredWithConditions) => {
                faults.push(Fault::new("/registration_ends_on", "is required of a registered social worker"));
            }
            Some(until) if until > latest_end(self.checked_on) => {
                let latest = latest_end(self.checked_on);
                faults.push(Fault::new(
                    "/registration_ends_on",
                    format!("must not be after {latest}: registrations are renewed yearly, from 1 September"),
                ));
            }
            _ => {}
        }
        if self.annotations.iter().enumerate().any(|(at, one)| self.annotations[..at].contains(one)) {
            faults.push(Fault::new("/annotations", "must not be repeated"));
        }
        number.filter(|_| faults.is_empty()).ok_or(faults)
    }
}

/// Returns the reasons why a social worker's registration must be checked. `within` is the number of days ahead
/// in which an end counts as near.
pub fn attention(known: LookUp, today: NaiveDate, within: u16) -> Vec<Attention> {
    let LookUp::Found(registration) = known else { return vec![Attention::NeverChecked] };
    let mut why = Vec::new();
    if may_practise(known, today).is_err() {
        why.push(Attention::Lapsed);
    } else if registration.registration_ends_on.is_some_and(|until| until <= today + Days::new(within.into())) {
        why.push(Attention::Lapsing);
    }
    if registration.checked_on + CHECK_GOOD_FOR <= today {
        why.push(Attention::CheckedLongAgo);
    }
    why
}

/// Returns the latest day on which a registration that is found on this day can end: the next 30 November, or the one
/// after it if it is found within the renewal period. A later day is a typing error.
pub fn latest_end(checked_on: NaiveDate) -> NaiveDate {
    let (month, day) = (checked_on.month(), checked_on.day());
    let years = i32::from((month, day) >= RENEWAL_OPENS);
    let (november, last_day) = RENEWAL_CLOSES;
    NaiveDate::from_ymd_opt(checked_on.year() + years, november, last_day).unwrap_or(checked_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn found(status: RegistrationStatus, until: Option<&str>) -> Registration {
        Registration { status, checked_on: day("2026-09-10"), registration_ends_on: until.map(day) }
    }

    #[test]
    fn a_registration_holds_until_the_end_of_its_last_day() {
        let registration = found(RegistrationStatus::Registered, Some("2026-11-30"));
        for (today, may) in [("2026-11-29", true), ("2026-11-30", true), ("2026-12-01", false)] {
            assert_eq!(may_practise(LookUp::Found(registration), day(today)).is_ok(), may, "{today}");
        }
        assert_eq!(may_practise(LookUp::Found(registration), day("2026-12-01")), Err(Bar::RanOut(day("2026-11-30"))));
    }

    #[test]
    fn the_register_bars_whom_it_does_not_have() {
        use RegistrationStatus::{Lapsed, Registered, RegisteredWithConditions, Removed, Suspended};
        let today = day("2026-11-20");
        for status in [Suspended, Removed, Lapsed] {
            // The day written with it makes no difference.
            for until in [None, Some("2027-11-30")] {
                assert_eq!(may_practise(LookUp::Found(found(status, until)), today), Err(Bar::Status(status)));
            }
        }
        for status in [Registered, RegisteredWithConditions] {
            assert_eq!(may_practise(LookUp::Found(found(status, Some("2027-11-30"))), today), Ok(()));
        }
    }

    #[test]
    fn a_social_worker_whom_nobody_looks_up_may_practise_for_fourteen_days() {
        let joined = |joined_on: Option<&str>| LookUp::NotYet { joined_on: joined_on.map(day) };
        for (joined_on, today, may) in [
            (Some("2026-11-20"), "2026-11-20", true),
            (Some("2026-11-20"), "2026-12-04", true),
            (Some("2026-11-20"), "2026-12-05", false),
            (None, "2027-11-20", true),
        ] {
            let bar = may_practise(joined(joined_on), day(today));
            assert_eq!(
                bar,
                if may { Ok(()) } else { Err(Bar::NotLookedUp(day("2026-12-04"))) },
                "{joined_on:?} {today}"
            );
        }
        let late = joined(Some("2026-11-20"));
        assert!(may_decide(&[Role::SocialWorker, Role::Manager], late, day("2026-12-05")).is_err());
        assert!(may_decide(&[Role::Practitioner, Role::Manager], late, day("2026-12-05")).is_ok());
    }

    #[test]
    fn the_register_bars_a_social_worker_from_deciding_in_whatever_other_role() {
        use Role::{Manager, Practitioner, SocialWorker};
        let (today, removed) = (day("2026-11-20"), LookUp::Found(found(RegistrationStatus::Removed, None)));
        for (roles, known, may) in [
            (&[SocialWorker][..], LookUp::NotYet { joined_on: Some(today) }, true),
            (&[SocialWorker], removed, false),
            (&[Manager, SocialWorker], removed, false),
            (&[Manager, Practitioner], removed, true),
        ] {
            assert_eq!(may_decide(roles, known, today).is_ok(), may, "{roles:?} {known:?}");
        }
    }

    #[test]
    fn what_was_found_in_the_register_is_what_a_register_can_say() {
        use Annotation::{Amhp, Bia};
        use RegistrationStatus::{Registered, RegisteredWithConditions, Removed};
        let number = SocialWorkEnglandNumber::parse("SW123456").unwrap();
        let entry = |status, checked_on, until: Option<&str>, annotations| RegisterEntry {
            status,
            checked_on: day(checked_on),
            registration_ends_on: until.map(day),
            annotations,
        };
        for (entry, has_number, faults) in [
            (entry(Registered, "2026-11-20", Some("2027-11-30"), &[Amhp, Bia][..]), true, vec![]),
            (entry(Registered, "2026-11-20", Some("2027-12-01"), &[]), true, vec!["/registration_ends_on"]),
            (entry(RegisteredWithConditions, "2026-11-20", None, &[]), true, vec!["/registration_ends_on"]),
            (entry(Removed, "2026-11-20", None, &[]), true, vec![]),
            (entry(Removed, "2026-11-21", None, &[]), true, vec!["/checked_on"]),
            (entry(Removed, "2026-11-20", None, &[Amhp, Amhp]), true, vec!["/annotations"]),
            (entry(Removed, "2026-11-20", None, &[]), false, vec![""]),
            (
                entry(Registered, "2026-11-21", None, &[Bia, Bia]),
                false,
                vec!["", "/checked_on", "/registration_ends_on", "/annotations"],
            ),
        ] {
            let number = has_number.then_some(&number);
            let found = entry.check(number, day("2026-11-20")).err().unwrap_or_default();
            assert_eq!(found.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>(), faults, "{entry:?}");
        }
    }

    #[test]
    fn whoever_is_to_be_looked_at_is_named_with_the_reason() {
        use Attention::{CheckedLongAgo, Lapsed, Lapsing, NeverChecked};
        use RegistrationStatus::{Registered, Removed};
        let registered = found(Registered, Some("2026-11-30"));
        for (registration, today, why) in [
            (None, "2026-11-20", vec![NeverChecked]),
            (Some(registered), "2026-10-30", vec![]),
            (Some(registered), "2026-10-31", vec![Lapsing]),
            (Some(registered), "2026-11-30", vec![Lapsing]),
            (Some(registered), "2026-12-01", vec![Lapsed]),
            (Some(found(Removed, None)), "2026-11-20", vec![Lapsed]),
            (Some(found(Registered, Some("2027-11-30"))), "2027-09-09", vec![]),
            (Some(found(Registered, Some("2027-11-30"))), "2027-09-10", vec![CheckedLongAgo]),
            (Some(found(Registered, Some("2027-11-30"))), "2027-12-01", vec![Lapsed, CheckedLongAgo]),
        ] {
            let known = LookUp::new(registration, Some(day("2026-11-01")));
            assert_eq!(attention(known, day(today), 30), why, "{registration:?} on {today}");
        }
    }

    #[test]
    fn a_registration_runs_to_the_next_thirtieth_of_november_or_where_it_was_renewed_the_one_after() {
        for (checked_on, latest) in [
            ("2026-08-31", "2026-11-30"),
            ("2026-09-01", "2027-11-30"),
            ("2026-11-30", "2027-11-30"),
            ("2026-12-01", "2027-11-30"),
            ("2027-01-01", "2027-11-30"),
        ] {
            assert_eq!(latest_end(day(checked_on)), day(latest), "{checked_on}");
        }
        let (month, next) = REGISTER_UPDATED;
        assert_eq!(day("2026-11-30").succ_opt(), NaiveDate::from_ymd_opt(2026, month, next));
    }
}
