//! Whether practices are ready to be sent referrals: the directory leaves out those that are not, and no referral is routed to
//! one.

use almoner_domain::contracts::onboarding::Item;
use almoner_domain::contracts::readiness::Readiness;
use almoner_domain::ids::PracticeId;
use almoner_domain::staff::registration::RegistrationStatus;
use almoner_domain::staff::roles::Role;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::schema::{onboarding_items, practices, registrations, staff};
use crate::ground::scope::Scope;
use crate::staff::presence::present;

/// Whether an item of onboarding is on record for the practice of a row and has not ended before this day.
macro_rules! has_item {
    ($item:expr, $today:expr) => {
        exists(
            onboarding_items::table
                .filter(onboarding_items::practice_id.eq(practices::practice_id).and(onboarding_items::item.eq($item)))
                .filter(onboarding_items::expires_on.is_null().or(onboarding_items::expires_on.ge($today)))
                .select(onboarding_items::item),
        )
    };
}

/// Finds whether practices are ready today: those that are named, or all.
pub(crate) fn find(
    scope: &mut Scope<'_>,
    named: Option<&[PracticeId]>,
) -> Result<Vec<(PracticeId, Readiness)>, StoreError> {
    let (at, today) = (scope.at(), scope.today());
    let has_worker =
        exists(
            staff::table
                .inner_join(registrations::table.on(
                    registrations::practice_id.eq(staff::practice_id).and(registrations::staff_id.eq(staff::staff_id)),
                ))
                .filter(staff::practice_id.eq(practices::practice_id).and(present!(at)))
                .filter(staff::roles.contains(vec![Role::SocialWorker.as_str()]))
                .filter(staff::social_work_england_number.eq(registrations::number.nullable()))
                .filter(
                    registrations::status
                        .eq_any([RegistrationStatus::Registered, RegistrationStatus::RegisteredWithConditions]),
                )
                .filter(registrations::registration_ends_on.ge(today))
                .select(staff::staff_id),
        );
    let columns = (
        practices::practice_id,
        has_worker,
        has_item!(Item::Insurance, today),
        has_item!(Item::ProcessingAgreement, today),
    );
    // Nobody else may look at the staff of every practice.
    let found: Vec<(PracticeId, bool, bool, bool)> = scope.as_identity(|scope| {
        let mut query = practices::table.select(columns).into_boxed();
        if let Some(named) = named {
            query = query.filter(practices::practice_id.eq_any(named));
        }
        Ok(query.load(scope.conn)?)
    })?;
    let readiness = |(practice, has_worker, is_insured, has_agreement)| {
        (practice, Readiness { has_worker, is_insured, has_agreement })
    };
    Ok(found.into_iter().map(readiness).collect())
}

/// Finds the practices that are ready today.
pub(crate) fn ready(scope: &mut Scope<'_>) -> Result<Vec<PracticeId>, StoreError> {
    let found = find(scope, None)?.into_iter();
    Ok(found.filter(|(_, readiness)| readiness.is_ready()).map(|(practice, _)| practice).collect())
}
