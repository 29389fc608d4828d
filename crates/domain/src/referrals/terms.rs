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
        /// The person refused, and the referral is made all the same, for a reason that is given.
        Refused = "refused",
        /// The person could not be asked, for a reason that is given.
        NotPossible = "not_possible",
    }
}

impl ConsentBasis {
    /// Whether the referral must say why it is made without the person's agreement.
    pub const fn needs_justification(self) -> bool {
        matches!(self, Self::Refused | Self::NotPossible)
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

closed_codes! {
    /// The authority by which somebody speaks for a person.
    pub enum RepresentativeKind {
        /// An attorney for health and welfare (Mental Capacity Act 2005 s9).
        AttorneyHealth = "attorney_health",
        /// An attorney for property and affairs (Mental Capacity Act 2005 s9).
        AttorneyProperty = "attorney_property",
        /// A deputy of the Court of Protection (Mental Capacity Act 2005 s16).
        Deputy = "deputy",
        /// An appointee for benefits.
        Appointee = "appointee",
        /// An independent advocate (Care Act 2014 s67).
        Advocate = "advocate",
        /// The nearest relative (Mental Health Act 1983 s26).
        NearestRelative = "nearest_relative",
        /// Somebody else.
        Other = "other",
    }
}

closed_codes! {
    /// The kind of person or organisation with which a referral began.
    pub enum SourceKind {
        /// The person asked.
        SelfReferral = "self",
        /// The family asked, or a friend.
        Family = "family",
        /// A general practice asked.
        Gp = "gp",
        /// A hospital asked.
        Hospital = "hospital",
        /// A provider of care asked.
        CareProvider = "care_provider",
        /// The police asked.
        Police = "police",
        /// The fire service asked.
        FireService = "fire_service",
        /// The ambulance service asked.
        Ambulance = "ambulance",
        /// A landlord or a housing service asked.
        Housing = "housing",
        /// A prison asked.
        Prison = "prison",
        /// A voluntary organisation asked.
        Voluntary = "voluntary",
        /// Somebody else asked.
        Other = "other",
    }
}

closed_codes! {
    /// How far somebody's NHS continuing healthcare has been considered.
    pub enum ContinuingHealthcare {
        /// It has not been considered.
        NotConsidered = "not_considered",
        /// The checklist says that a full assessment is needed.
        ChecklistPositive = "checklist_positive",
        /// The checklist says that no full assessment is needed.
        ChecklistNegative = "checklist_negative",
        /// The full assessment is being made.
        InAssessment = "in_assessment",
        /// The person is eligible.
        Eligible = "eligible",
        /// The person is not eligible.
        NotEligible = "not_eligible",
    }
}

closed_codes! {
    /// What is doubtful about a referral, or cannot be obeyed.
    pub enum WarningCode {
        /// The way in which the person wants to be contacted is not given.
        ContactMissing = "contact_missing",
        /// The person wants to be contacted through a representative whom nobody names.
        RepresentativeMissing = "representative_missing",
        /// A carer's assessment does not say for whom the carer cares.
        CaredForMissing = "cared_for_missing",
        /// The message does not say which council is responsible: the sender is presumed to be.
        ResponsibleCouncilPresumed = "responsible_council_presumed",
        /// The date of birth may be a stopgap, or is not the one of the person whom the NHS number means.
        DateOfBirthInDoubt = "date_of_birth_in_doubt",
        /// The person is home before anybody would answer.
        DischargeBeforeAnswer = "discharge_before_answer",
    }
}

closed_codes! {
    /// The rule by which a council is responsible.
    pub enum ResponsibleBy {
        /// The person is ordinarily resident in its area (Care Act 2014 s39).
        OrdinaryResidence = "ordinary_residence",
        /// The adult for whom the carer cares is ordinarily resident in its area (Care Act 2014 s20(1)).
        CaredFor = "cared_for",
        /// The prison or approved premises are in its area (Care Act 2014 s76).
        HeldIn = "held_in",
        /// The person is in its area and has no settled residence (Care Act 2014 s18(1)), or has urgent needs and a residence
        /// outside England (s19(3)).
        PresentIn = "present_in",
        /// The person was ordinarily resident in its area before they were detained (Mental Health Act 1983 s117(3)).
        ResidentBeforeDetention = "resident_before_detention",
        /// The adult is in its area (Care Act 2014 s42).
        LocatedIn = "located_in",
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
