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
}
