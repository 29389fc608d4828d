//! The fixed words of a referral.

use crate::sql_text::closed_codes;

closed_codes! {
    /// What the council asks for, by function of the Care Act 2014.
    pub enum Function {
        /// An assessment of an adult's needs for care and support (s9).
        NeedsAssessment = "needs_assessment",
        /// An assessment of a carer's needs for support (s10).
        CarersAssessment = "carers_assessment",
        /// A review of a care and support plan (s27).
        Review = "review",
        /// The making of a care and support plan (s25).
        SupportPlanning = "support_planning",
        /// An enquiry that the council causes to be made (s42(2)). It is instructed, not delegated:
        /// s79 does not reach safeguarding.
        SafeguardingEnquiry = "safeguarding_enquiry",
        /// Information and advice (s4).
        InformationAndAdvice = "information_and_advice",
    }
}

closed_codes! {
    /// How soon somebody must look at a referral. The more urgent is the greater.
    pub enum Urgency {
        /// Within the period of the contract.
        Standard = "standard",
        /// Ahead of what is standard.
        Urgent = "urgent",
        /// Now: a person sees it at once or the emergency duty team is named.
        Immediate = "immediate",
    }
}

closed_codes! {
    /// On what ground the referral is made: the person's agreement or what stands in its stead.
    /// It is not the basis for processing under the UK GDPR.
    pub enum ConsentBasis {
        /// The person agreed.
        ConsentGiven = "consent_given",
        /// The person lacks capacity to agree, and it is in their best interests (Mental Capacity
        /// Act 2005 s4).
        BestInterests = "best_interests",
        /// Somebody's life or safety is at stake.
        VitalInterests = "vital_interests",
        /// The law requires it, whether or not the person agrees.
        LegalDuty = "legal_duty",
    }
}

closed_codes! {
    /// How much of a date of birth is known. What is not known is any day, or any month.
    pub enum DateOfBirthAccuracy {
        /// The whole date.
        Exact = "exact",
        /// The month and the year; the day stands for any day of that month.
        Month = "month",
        /// The year; the rest stands for any day of that year.
        Year = "year",
        /// Nothing.
        Unknown = "unknown",
    }
}

/// `exact`.
impl Default for DateOfBirthAccuracy {
    fn default() -> Self {
        Self::Exact
    }
}

closed_codes! {
    /// How a person wants to be contacted.
    pub enum PreferredContact {
        /// By telephone.
        Phone = "phone",
        /// By email.
        Email = "email",
        /// By post.
        Letter = "letter",
        /// By text message.
        Sms = "sms",
        /// Face to face.
        InPerson = "in_person",
        /// Through somebody who speaks for them.
        ViaRepresentative = "via_representative",
    }
}

closed_codes! {
    /// The pathway on which a person leaves hospital (hospital discharge and community support
    /// guidance).
    pub enum Pathway {
        /// Home, without new support from health or social care.
        P0 = "P0",
        /// Home, with new or more support.
        P1 = "P1",
        /// To rehabilitation or reablement in a bed, for a time.
        P2 = "P2",
        /// To a care home, probably for good.
        P3 = "P3",
    }
}

#[cfg(test)]
mod tests {
    use utoipa::{PartialSchema as _, ToSchema as _};

    use super::*;

    #[test]
    fn every_word_is_read_back_as_what_it_was_printed_from() {
        for function in Function::ALL {
            assert_eq!(Function::parse(function.as_str()), Ok(*function));
            assert_eq!(serde_json::to_value(function).unwrap(), function.as_str());
        }
    }

    #[test]
    fn a_word_that_is_not_one_of_them_is_answered_with_those_that_are() {
        for text in ["", "asap", "Urgent"] {
            assert_eq!(Urgency::parse(text).unwrap_err().to_string(), "must be one of: standard, urgent, immediate");
        }
    }

    #[test]
    fn the_more_urgent_is_the_greater() {
        assert!(Urgency::Standard < Urgency::Urgent && Urgency::Urgent < Urgency::Immediate);
    }

    #[test]
    fn the_schema_lists_the_words() {
        assert_eq!(
            serde_json::to_value(Pathway::schema()).unwrap()["enum"],
            serde_json::json!(["P0", "P1", "P2", "P3"])
        );
        assert_eq!(Pathway::name(), "Pathway");
    }
}
