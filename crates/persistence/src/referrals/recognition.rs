//! Recognition of the people in referrals: a referral is linked to a known person by the identifiers that it carries.

use almoner_domain::ids::{ReferralId, ServiceUserId};
use almoner_domain::people::council_person_id::CouncilPersonId;
use almoner_domain::people::from_referrals::FromReferral;
use almoner_domain::people::mismatch::{Mismatch, MismatchReason, differences, explained};
use almoner_domain::people::service_user::ServiceUserDetails;
use almoner_domain::referrals::undoing::RecordEffect;
use diesel::prelude::*;
use uuid::Uuid;

use super::inbox::{Referral, ReferralRow, RowShown, open_message, rows};
use super::settling::from_referral;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{councils, referrals, service_users as people, staff};
use crate::ground::scope::PracticeScope;
use crate::people::about::about;
use crate::people::access_restrictions::{self, HeldWithReferrals};
use crate::people::facts::Provenance;
use crate::people::service_users::{self, Rewritten, ServiceUser};
use crate::staff::names::Worker;
use crate::tenancy::council_codes::codes_of;
use crate::tenancy::councils::CouncilName;

/// Locks a record, and links every unmatched referral that means the person to it. A member of staff who is about to lose
/// access to the record loses access to these referrals too.
pub fn hold_with_referrals(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<HeldWithReferrals, StoreError> {
    let held = access_restrictions::lock_record(scope, id)?;
    link_unmatched(scope, held.person(), &held.person().details)?;
    Ok(HeldWithReferrals(held))
}

/// Writes the details of a person anew, as somebody at the practice found them to be.
pub fn change_service_user(
    scope: &mut PracticeScope<'_>,
    known: &ServiceUser,
    details: &ServiceUserDetails,
) -> Result<(), StoreError> {
    let provenance = Provenance { referral: None, from: scope.today() };
    let details = &details.clone().changed_from(&known.details);
    rewrite(scope, known, &Rewritten { details, from_referrals: &known.from_referrals, provenance })
}

/// Writes a record anew. If it is access-restricted, the unmatched referrals that the new details match are linked to it, and
/// become access-restricted with it.
pub(super) fn rewrite(
    scope: &mut PracticeScope<'_>,
    known: &ServiceUser,
    new: &Rewritten<'_>,
) -> Result<(), StoreError> {
    service_users::rewrite(scope, known, new)?;
    if known.access_restricted && *new.details != known.details {
        link_unmatched(scope, known, new.details)?;
    }
    Ok(())
}

/// A person who was found for a referral, or whose record was opened for it.
pub(super) struct Recognised {
    pub(super) person: ServiceUser,
    /// What became of the record.
    pub(super) effect: RecordEffect,
    /// The reason for which the referral was taken to mean a person whose record differs, and the differences.
    pub(super) mismatch: Option<Mismatch>,
    /// What the referral says and the record does not.
    pub(super) said: Option<FromReferral>,
}

/// Keeps the council's own identifier with a person whom the practice knows, and returns them. Where their record differs from
/// the message in what tells people apart, a reason must be given, and nothing is kept without it.
pub(super) fn recognise(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
    id: ServiceUserId,
    reason: Option<&MismatchReason>,
) -> Result<Recognised, StoreError> {
    let known = service_users::find(scope, id).map_err(|error| error.unless_found("/service_user_id"))?;
    let mismatch = explained(differences(&known.details, &referral.details()), reason)
        .map_err(|differences| StoreError::RecordDiffers { person: id, differences })?;
    let theirs = referral.council_person_id();
    let ids = &known.details.council_person_ids;
    let has_it = ids.iter().any(|one| one.council == theirs.council) || is_among(scope, &theirs, ids)?;
    let said = from_referral(referral, &known.details, &known.warnings);
    let effect = if has_it { RecordEffect::Unchanged } else { RecordEffect::IdentifierAdded };
    if has_it && said.is_none() {
        return Ok(Recognised { person: known, effect, mismatch, said });
    }
    let mut details = known.details.clone();
    if !has_it {
        details.council_person_ids.push(theirs);
    }
    let from_referrals: Vec<FromReferral> = said.iter().chain(&known.from_referrals).cloned().collect();
    let provenance = Provenance { referral: Some(referral.id), from: referral.message.requested_on };
    rewrite(scope, &known, &Rewritten { details: &details, from_referrals: &from_referrals, provenance })?;
    Ok(Recognised { person: known, effect, mismatch, said })
}

/// Whether a referral means the person with these details by an identifier: the NHS number, or the council's own.
pub(super) fn is_meant(
    scope: &mut PracticeScope<'_>,
    referral: &Referral,
    details: &ServiceUserDetails,
) -> Result<bool, StoreError> {
    let number = &referral.message.person.nhs_number;
    let same_number = number.is_some() && *number == details.nhs_number;
    Ok(same_number || is_among(scope, &referral.council_person_id(), &details.council_person_ids)?)
}

/// Whether an identifier is among these, under any code that its council has or had.
fn is_among(scope: &mut PracticeScope<'_>, id: &CouncilPersonId, ids: &[CouncilPersonId]) -> Result<bool, StoreError> {
    if ids.contains(id) {
        return Ok(true);
    }
    let mut written_alike = ids.iter().filter(|one| one.is_written_like(id)).peekable();
    if written_alike.peek().is_none() {
        return Ok(false);
    }
    let codes = codes_of(scope, &id.council)?;
    Ok(written_alike.any(|one| codes.contains(&one.council)))
}

/// Links every unmatched referral that carries this person's NHS number, or the sending council's own identifier of them.
/// The intake makes the same test for a referral that arrives after the record was opened.
fn link_unmatched(
    scope: &mut PracticeScope<'_>,
    person: &ServiceUser,
    details: &ServiceUserDetails,
) -> Result<(), StoreError> {
    let mut last = ReferralId::from(Uuid::nil());
    loop {
        let unknown: Vec<RowShown> = rows!(scope)
            .filter(referrals::service_user_id.is_null().and(referrals::referral_id.gt(last)))
            .order(referrals::referral_id)
            .limit(200)
            .load(scope.conn)?;
        let Some((newest, ..)) = unknown.last() else { return Ok(()) };
        last = newest.referral_id;
        let mut meant = Vec::new();
        for (row, council, _, _, keys) in unknown {
            let other = open_message(scope, &row, &keys)?.person;
            let id = CouncilPersonId { council: council.gss_code, id: other.council_person_id };
            let same_number = other.nhs_number.is_some() && other.nhs_number == details.nhs_number;
            if same_number || is_among(scope, &id, &details.council_person_ids)? {
                meant.push(row.referral_id);
            }
        }
        if meant.is_empty() {
            continue;
        }
        let linked = update(referrals::table)
            .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq_any(meant)))
            .set(about!(referrals, person.about()))
            .execute(scope.conn)?;
        StoreError::unless_changed(linked, "the unmatched referral")?;
    }
}
