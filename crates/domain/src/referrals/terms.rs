//! The closed lists of words in a referral.

use crate::words::sql_text::closed_codes;

closed_codes! {
    /// The urgency with which somebody must look at a referral. The more urgent value is the greater.
    pub enum Urgency {
        /// Somebody looks at the referral within the period of the contract.
        Standard = "standard",
        /// Somebody looks at the referral ahead of standard ones.
        Urgent = "urgent",
        /// Somebody looks at the referral at once, or the emergency duty team is named.
        Immediate = "immediate",
    }
}

closed_codes! {
    /// The basis on which the referral is made: the person's agreement, or the ground that takes its place. It is not
    /// the basis for processing under the UK GDPR.
    pub enum ConsentBasis {
        /// The person agreed to the referral.
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
    /// The pathway on which a person leaves hospital (hospital discharge and community support guidance).
    pub enum Pathway {
        /// The person goes home, without new support from health or social care.
        P0 = "P0",
        /// The person goes home, with new or more support.
        P1 = "P1",
        /// The person goes to rehabilitation or reablement in a bed, for a time.
        P2 = "P2",
        /// The person goes to a care home, probably for good.
        P3 = "P3",
    }
}

#[cfg(test)]
mod tests {
    use utoipa::{PartialSchema as _, ToSchema as _};

    use super::*;

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
