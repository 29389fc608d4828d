//! The fixed words of a referral.

use crate::words::sql_text::closed_codes;

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
