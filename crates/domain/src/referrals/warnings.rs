//! What is taken, but is doubtful or cannot be obeyed: the sender is told so in the answer, and the practice reads it with the
//! referral.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::contracts::function::Function;
use crate::people::birth::Birth;
use crate::people::contact::{ContactKind, DateOfBirthAccuracy, PreferredContact};
use crate::referrals::example;
use crate::referrals::message::ReferralMessage;
use crate::referrals::terms::{ResponsibleBy, WarningCode};
use crate::words::text::Line;

/// Something in a referral that is doubtful or cannot be obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = example::warning)]
pub struct ReferralWarning {
    /// What is wrong.
    pub code: WarningCode,
    /// The member of the message that is doubtful, or that would have said it (RFC 6901).
    #[schema(value_type = Line<100>)]
    pub pointer: &'static str,
    /// An explanation in a sentence without a subject. It repeats nothing of the message.
    #[schema(value_type = Line<500>)]
    pub detail: &'static str,
}

const fn warning(code: WarningCode, pointer: &'static str, detail: &'static str) -> ReferralWarning {
    ReferralWarning { code, pointer, detail }
}

impl ReferralMessage {
    /// Returns what is doubtful about the message or cannot be obeyed, in the order of the members. `answered_by` is the last
    /// day for an answer; while no practice has the referral, the day on which it arrived. The same message at the same
    /// practice always has the same warnings.
    pub fn warnings(&self, answered_by: NaiveDate) -> Vec<ReferralWarning> {
        [
            self.warning_of_discharge(answered_by),
            self.warning_of_date_of_birth(),
            self.warning_of_preferred_contact(),
            self.warning_of_held_in(),
            self.warning_of_responsible_council(),
            self.warning_of_cared_for(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn warning_of_discharge(&self, answered_by: NaiveDate) -> Option<ReferralWarning> {
        let home_on = self.discharge.as_ref()?.expected_on?;
        (home_on < answered_by).then_some(warning(
            WarningCode::DischargeBeforeAnswer,
            "/discharge/expected_on",
            "is before the day by which somebody looks and answers: the person may be home before anybody has looked",
        ))
    }

    /// The first of January stands in many systems for a day that nobody knows.
    fn warning_of_date_of_birth(&self) -> Option<ReferralWarning> {
        let first_of_january = self.person.date_of_birth?.format("%m-%d").to_string() == "01-01";
        (first_of_january && self.person.date_of_birth_accuracy == DateOfBirthAccuracy::Exact).then_some(warning(
            WarningCode::DateOfBirthInDoubt,
            "/person/date_of_birth",
            "is 1 January with the accuracy exact, which often stands for a day that is not known",
        ))
    }

    fn warning_of_preferred_contact(&self) -> Option<ReferralWarning> {
        let person = &self.person;
        let has = |kinds: &[ContactKind]| person.contacts.iter().any(|contact| kinds.contains(&contact.kind));
        let missing = |detail| Some(warning(WarningCode::ContactMissing, "/person/preferred_contact", detail));
        match person.preferred_contact? {
            PreferredContact::Phone if person.phone.is_none() && !has(&TELEPHONES) => {
                missing("is phone, and no telephone number is given")
            }
            PreferredContact::Sms if person.phone.is_none() && !has(&[ContactKind::Mobile]) => {
                missing("is sms, and no telephone number is given that takes text messages")
            }
            PreferredContact::Email if person.email.is_none() && !has(&[ContactKind::Email]) => {
                missing("is email, and no email address is given")
            }
            PreferredContact::Letter if person.address.is_none() && person.temporary_address.is_none() => {
                missing("is letter, and no address is given")
            }
            PreferredContact::ViaRepresentative
                if self.representative.as_ref().is_none_or(|representative| representative.name.is_none()) =>
            {
                Some(warning(
                    WarningCode::RepresentativeMissing,
                    "/person/preferred_contact",
                    "is via_representative, and no representative is named",
                ))
            }
            _ => None,
        }
    }

    /// The route says where the person came from, and not whether they are still held there, where there is no duty to make
    /// enquiries (Care Act 2014 s76(7)).
    fn warning_of_held_in(&self) -> Option<ReferralWarning> {
        (self.function == Function::SafeguardingEnquiry && self.route_of_access.is_prison()).then_some(warning(
            WarningCode::ResponsibleCouncilPresumed,
            "/person/held_in",
            "is not given, and the route is Prison: the person is presumed not to be held any more, since there is no duty to \
             make enquiries in a prison",
        ))
    }

    fn warning_of_responsible_council(&self) -> Option<ReferralWarning> {
        let responsible = self.responsible();
        let detail = match responsible.by {
            ResponsibleBy::HeldIn => "is not given, and the route is Prison: the sender is presumed to be responsible",
            ResponsibleBy::CaredFor => {
                "is not given, and decides on a carer's assessment: the sender is presumed to be responsible"
            }
            ResponsibleBy::LocatedIn => {
                "is not given, and decides on a safeguarding concern: the sender is presumed to be responsible"
            }
            ResponsibleBy::PresentIn => {
                "is not given, and decides for somebody who has no settled residence in England: the sender is presumed to be \
                 responsible"
            }
            ResponsibleBy::ResidentBeforeDetention => {
                "is not given, and decides on aftercare: the sender is presumed to be responsible"
            }
            // Ordinary residence that is not given is the sender's area, by the message's own rule.
            ResponsibleBy::OrdinaryResidence => return None,
        };
        responsible.presumed.then_some(warning(WarningCode::ResponsibleCouncilPresumed, responsible.at, detail))
    }

    fn warning_of_cared_for(&self) -> Option<ReferralWarning> {
        let detail = match (&self.cared_for, &self.carer) {
            (Some(_), _) => return None,
            (None, Some(_)) => "is not given: the carer is taken for the carer, and the person for the adult cared for",
            (None, None) => "is not given: nobody knows for whom the carer cares",
        };
        self.function.is_of_a_carer().then_some(warning(WarningCode::CaredForMissing, "/cared_for", detail))
    }
}

/// The kinds of contact that are telephones.
const TELEPHONES: [ContactKind; 5] =
    [ContactKind::Home, ContactKind::Mobile, ContactKind::Work, ContactKind::Textphone, ContactKind::Relay];

/// Returns the warning about a known person who has this NHS number, if they were born on another day. It is for the practice
/// alone: the council would learn from it that the practice knows the person.
pub fn warning_of_a_known_person(known: Birth, told: Birth) -> Option<ReferralWarning> {
    known.contradicts(told).then_some(known_person_born_otherwise())
}

/// Returns that warning, for a referral that was accepted in spite of it.
pub const fn known_person_born_otherwise() -> ReferralWarning {
    warning(
        WarningCode::DateOfBirthInDoubt,
        "/person/date_of_birth",
        "is not the date of birth of the known person who has this NHS number",
    )
}

#[cfg(test)]
mod tests;
