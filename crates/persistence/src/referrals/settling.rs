//! Settling what a referral says of a person and the record does not: it is taken over, the record is kept, or somebody is
//! asked.

use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::ReferralId;
use almoner_domain::people::from_referrals::{FromReferral, Settlement};
use almoner_domain::people::grounds::WarningGround;
use almoner_domain::people::service_user::ServiceUserDetails;
use almoner_domain::people::warning_note::{WarningInForce, WarningTerms};
use almoner_domain::referrals::differences::{WARNINGS, new_warnings, record_differences, taken_over};
use almoner_domain::referrals::people_around::relationship_in;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::inbox::{self, Referral};
use super::recognition::rewrite;
use crate::cases::warning;
use crate::ground::error::StoreError;
use crate::ground::scope::PracticeScope;
use crate::people::facts::Provenance;
use crate::people::relationships;
use crate::people::service_users::{Rewritten, ServiceUser};
use crate::people::warning_notes;

/// What is done about a detail in which a referral and the record differ.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "referral_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "settlement": "take_over" }))]
pub struct SettleDifference {
    /// The referral that says it.
    pub referral_id: ReferralId,
    /// What is done about it.
    pub settlement: Settlement,
}

/// What a referral says of its person and the record does not; `None` if it says nothing more.
pub(super) fn from_referral(
    referral: &Referral,
    person: &ServiceUserDetails,
    warnings: &[WarningInForce],
) -> Option<FromReferral> {
    let differences = record_differences(&referral.message, &referral.council.gss_code, person, warnings);
    (!differences.is_empty()).then(|| FromReferral {
        referral_id: referral.id,
        council: referral.council.gss_code.clone(),
        requested_on: referral.message.requested_on,
        differences,
    })
}

/// Settles a detail of a person in which a referral and the record differ. What is taken over has the referral as its source,
/// and holds from the day on which the council asked. Somebody around the person becomes a relationship of theirs, and a warning a
/// warning note.
pub fn settle(
    scope: &mut PracticeScope<'_>,
    known: &ServiceUser,
    field: &str,
    how: &SettleDifference,
) -> Result<(), StoreError> {
    let (by, at) = (scope.staff_id(), scope.at());
    let mut from_referrals = known.from_referrals.clone();
    let said = from_referrals.iter_mut().find(|said| said.referral_id == how.referral_id).ok_or_else(|| {
        StoreError::ValidationFailed(vec![Fault::new("/referral_id", "says nothing that the record does not")])
    })?;
    let difference = said.differences.iter_mut().find(|one| one.field == field).ok_or(StoreError::NotFound)?;
    if field == WARNINGS && how.settlement != Settlement::Ask {
        warning::check_may_warn(scope, known.id, Some(WarningGround::HAZARD))?;
    }
    difference.settle(how.settlement, by, at)?;
    let mut provenance = Provenance { referral: None, from: scope.today() };
    let mut details = known.details.clone();
    let mut warnings = None;
    if how.settlement == Settlement::TakeOver {
        let referral = inbox::find(scope, how.referral_id)?;
        provenance = Provenance { referral: Some(referral.id), from: said.requested_on };
        let relationship = relationship_in(field, &referral.message);
        match relationship {
            None if field == WARNINGS => warnings = Some(referral),
            Some(relationship) => {
                relationships::create_from(scope, known, &relationship, Some(referral.id))?;
            }
            None => {
                details = taken_over(field, &referral.message, &said.council, &known.details, scope.today()).map_err(
                    |invalid| StoreError::ValidationFailed(vec![Fault::new("/settlement", invalid.to_string())]),
                )?;
            }
        }
    }
    rewrite(scope, known, &Rewritten { details: &details, from_referrals: &from_referrals, provenance })?;
    if let Some(referral) = warnings {
        take_over_warnings(scope, known, &referral)?;
    }
    scope.record(Event::ServiceUserDifferenceSettled { person: known.id })
}

/// Writes a warning note for each warning of a referral that no note gives, or gave since the referral was accepted: what was ended or
/// refused meanwhile stays so. Each is put before a second person, as if somebody at the practice had found the danger.
fn take_over_warnings(
    scope: &mut PracticeScope<'_>,
    known: &ServiceUser,
    referral: &Referral,
) -> Result<(), StoreError> {
    let message = &referral.message;
    let given = warning_notes::given_since(scope, known.id, referral.decided_at)?;
    for warning in new_warnings(message, &given) {
        let terms = WarningTerms::of_referral(warning, message.requested_on, scope.today());
        warning::write(scope, known, &terms, Some((referral.id, referral.council.id)))?;
    }
    Ok(())
}
