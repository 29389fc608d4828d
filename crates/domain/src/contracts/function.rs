//! The functions of the Care Act 2014 that a council may have a practice exercise.

use crate::words::sql_text::closed_codes;

closed_codes! {
    /// The function of the Care Act 2014 that the council asks the practice to exercise.
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
        /// Aftercare for somebody who was detained under the Mental Health Act 1983 (s117 of that Act, which s79(1)(b) of the
        /// Care Act lets a council delegate).
        Section117Aftercare = "section_117_aftercare",
        /// An assessment of a child who is likely to need care and support as an adult (s58).
        TransitionAssessment = "transition_assessment",
        /// An assessment of somebody who cares for a child who is likely to need care and support as an adult (s60).
        ChildsCarerAssessment = "childs_carer_assessment",
        /// An assessment of a young carer who is likely to need support as an adult (s63).
        YoungCarerAssessment = "young_carer_assessment",
        /// Urgent needs, which may be met before they are assessed (s19(3)). A delegation of needs assessments covers it.
        UrgentNeeds = "urgent_needs",
        /// Continuity of care for somebody who moves to the area of another council (ss 37 to 38).
        ContinuityOfCare = "continuity_of_care",
    }
}

impl Function {
    /// Returns the functions whose delegation covers this one: none for a safeguarding enquiry, which the council instructs.
    pub const fn covered_by(self) -> &'static [Self] {
        match self {
            Self::SafeguardingEnquiry => &[],
            Self::UrgentNeeds => &[Self::UrgentNeeds, Self::NeedsAssessment],
            Self::NeedsAssessment => &[Self::NeedsAssessment],
            Self::CarersAssessment => &[Self::CarersAssessment],
            Self::Review => &[Self::Review],
            Self::SupportPlanning => &[Self::SupportPlanning],
            Self::InformationAndAdvice => &[Self::InformationAndAdvice],
            Self::Section117Aftercare => &[Self::Section117Aftercare],
            Self::TransitionAssessment => &[Self::TransitionAssessment],
            Self::ChildsCarerAssessment => &[Self::ChildsCarerAssessment],
            Self::YoungCarerAssessment => &[Self::YoungCarerAssessment],
            Self::ContinuityOfCare => &[Self::ContinuityOfCare],
        }
    }

    /// Whether it is the assessment of a carer: the person assessed is not the one whose residence decides.
    pub const fn is_of_a_carer(self) -> bool {
        matches!(self, Self::CarersAssessment | Self::ChildsCarerAssessment | Self::YoungCarerAssessment)
    }

    /// Whether it may be about somebody of any age: these functions prepare for the day on which somebody is 18.
    pub const fn is_before_adulthood(self) -> bool {
        matches!(self, Self::TransitionAssessment | Self::ChildsCarerAssessment | Self::YoungCarerAssessment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_as_what_it_was_printed_from() {
        for function in Function::ALL {
            assert_eq!(Function::parse(function.as_str()), Ok(*function));
            assert_eq!(serde_json::to_value(function).unwrap(), function.as_str());
        }
    }

    #[test]
    fn a_delegation_covers_its_own_function_and_one_of_needs_assessments_urgent_needs_too() {
        for function in Function::ALL {
            let covered: &[Function] = match function {
                Function::SafeguardingEnquiry => &[],
                Function::UrgentNeeds => &[Function::UrgentNeeds, Function::NeedsAssessment],
                own => std::slice::from_ref(own),
            };
            assert_eq!(function.covered_by(), covered, "{function:?}");
        }
    }
}
