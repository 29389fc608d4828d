//! The flags that a visitor must see first.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::people::from_referrals::FromReferral;
use crate::people::language::LanguageNeeds;
use crate::people::service_user::ServiceUserDetails;

/// The flags that a visitor must see first, wherever a person is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own: a visitor sees any of them")]
pub struct Flags {
    /// Whether the record is restricted to named members of staff.
    pub restricted: bool,
    /// Whether a warning note to whoever visits is in force, or a referral warns and nobody has settled it.
    pub visit_warnings: bool,
    /// Whether there are instructions for contacting the person safely.
    pub safe_contact: bool,
    /// Whether reasonable adjustments must be made for the person.
    pub reasonable_adjustments: bool,
    /// Whether the person has communication needs.
    pub communication_needs: bool,
    /// Whether the person has died.
    pub deceased: bool,
}

impl ServiceUserDetails {
    /// Returns the flags that a visitor must see first. What a referral says counts too, until somebody has settled it.
    pub fn flags(&self, restricted: bool, warned: bool, from_referrals: &[FromReferral]) -> Flags {
        let is_said = |field| from_referrals.iter().any(|said| said.leaves_unsettled(field));
        Flags {
            restricted,
            visit_warnings: warned || is_said("visit_warnings"),
            safe_contact: self.safe_contact.is_some() || is_said("safe_contact"),
            reasonable_adjustments: !self.reasonable_adjustments.is_empty() || is_said("reasonable_adjustments"),
            communication_needs: !self.communication_needs.is_empty()
                || self.language.as_ref().is_some_and(LanguageNeeds::asks_for_help)
                || ["communication_needs", "language"].into_iter().any(is_said),
            deceased: self.date_of_death.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::service_user::tests::{edith, person};

    #[test]
    fn a_visitor_sees_flags_of_the_record_and_of_what_a_referral_says_until_it_is_settled() {
        let said = |field: &str, status: &str| -> Vec<FromReferral> {
            let difference =
                serde_json::json!({ "field": field, "message": "A dog.", "has_a_place": true, "status": status });
            let said = serde_json::json!({
                "referral_id": uuid::Uuid::nil(), "council": "E06000051", "requested_on": "2026-11-19",
                "differences": [difference],
            });
            vec![serde_json::from_value(said).unwrap()]
        };
        for (field, on_record) in [
            ("visit_warnings", serde_json::Value::Null),
            ("safe_contact", serde_json::json!({ "not_to_tell": "Her nephew." })),
            ("communication_needs", serde_json::json!(["Large print"])),
            ("reasonable_adjustments", serde_json::json!(["A ramp"])),
        ] {
            let mut details = serde_json::to_value(edith()).unwrap();
            let warned = on_record.is_null();
            if !warned {
                details[field] = on_record;
            }
            assert_eq!(serde_json::to_value(person(details.clone()).flags(false, warned, &[])).unwrap()[field], true);
            for (details, from_referrals, shown) in [
                (edith(), vec![], false),
                (edith(), said(field, "open"), true),
                (edith(), said(field, "asked"), true),
                (edith(), said(field, "kept"), false),
                (edith(), said("phone", "open"), false),
            ] {
                let flags = serde_json::to_value(details.flags(false, false, &from_referrals)).unwrap();
                assert_eq!(flags[field], shown, "{field}");
                assert_eq!(
                    flags.as_object().unwrap().values().filter(|flag| **flag == true).count(),
                    usize::from(shown)
                );
            }
        }
    }
}
