//! The onboarding checklist of a practice: each item is recorded by hand with evidence, or follows from what is entered
//! elsewhere. It reads numbers of staff, and nothing about people served.

use std::collections::HashMap;

use almoner_domain::contracts::onboarding::{Facts, Item, ItemState, Period, Recorded, end_of};
use almoner_domain::events::Event;
use almoner_domain::ids::{CouncilId, PracticeId};
use almoner_domain::officers::desk::{DeskOfficer, gaps};
use almoner_domain::staff::roles::Role;
use almoner_domain::words::date;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::contracts::readiness;
use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{
    calendar_years, contracts, delegations, officers, onboarding_items, practices, registrations, staff,
};
use crate::ground::scope::{OperatorScope, Scope};
use crate::staff::presence::not_gone;
use crate::staff::registrations::{RegistrationColumns, look_up};
use crate::tenancy::practices::PracticeName;
use crate::tenancy::suspensions::record_in_both_logs;

/// The onboarding checklist of a practice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Onboarding {
    /// The practice.
    pub practice: PracticeName,
    /// Whether everything is there.
    pub complete: bool,
    /// Whether referrals can be sent to the practice, as far as the checklist goes, and the directory offers it.
    pub ready_for_referrals: bool,
    /// What it must have before referrals can be sent to it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<almoner_domain::words::text::Line<500>>)]
    pub not_ready_because: Option<String>,
    /// The items of the checklist.
    #[schema(max_items = 50)]
    pub items: Vec<OnboardingItem>,
    /// The version of what was recorded by hand, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// One onboarding item with its state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OnboardingItem {
    /// The item.
    pub item: Item,
    /// The title of the item.
    #[schema(value_type = almoner_domain::words::text::Line<200>)]
    pub title: &'static str,
    /// The reason for which the item is needed.
    #[schema(value_type = almoner_domain::words::text::Line<500>)]
    pub why: &'static str,
    /// The law or the standard that asks for the item.
    #[schema(value_type = almoner_domain::words::text::Line<500>)]
    pub source: &'static str,
    /// Whether the item is recorded by hand. Otherwise it follows from what is entered elsewhere.
    pub recorded_by_hand: bool,
    /// The state of the item.
    pub state: ItemState,
    /// A sentence that says what is missing or about to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<almoner_domain::words::text::Line<500>>)]
    pub missing: Option<String>,
    /// The day on which the item was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_on: Option<NaiveDate>,
    /// The last day on which the item is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
    /// The evidence that was recorded for the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<2000>>)]
    pub evidence: Option<String>,
}

/// The progress of one practice through its onboarding.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OnboardingSummary {
    /// The practice.
    pub practice: PracticeName,
    /// How many items are missing or have ended.
    #[schema(maximum = 100, format = Int32)]
    pub missing: usize,
    /// Whether every item is complete.
    pub complete: bool,
}

/// The record that an onboarding item was done.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "done_on": "2026-11-20", "evidence": "Approved by the council's data protection officer; ref IG-214." }))]
pub struct RecordItem {
    /// The day on which the item was done. It is not in the future.
    #[serde(deserialize_with = "date::required")]
    pub done_on: NaiveDate,
    /// The last day on which it holds; of the toolkit a 30 June, of insurance required.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
    /// The evidence: the name of a document, a number, who saw it. Nothing about anybody served.
    pub evidence: Passage<2000>,
}

/// The facts from which a practice's checklist is made, and the evidence of what was recorded.
#[derive(Default)]
struct Known {
    facts: Facts,
    evidence: HashMap<Item, String>,
    version: i32,
}

/// Finds the checklist of one practice.
pub fn find(scope: &mut OperatorScope<'_>, practice: PracticeId) -> Result<Onboarding, StoreError> {
    let practice: PracticeName = practices::table.find(practice).select(PracticeName::as_select()).first(scope.conn)?;
    let known = known(scope, &[practice.id])?.remove(&practice.id).unwrap_or_default();
    let today = scope.today();
    let (_, readiness) = readiness::find(scope, Some(&[practice.id]))?.pop().ok_or(StoreError::NotFound)?;
    let items = Item::ALL.iter().map(|item| show(&known, *item, today)).collect();
    Ok(Onboarding {
        practice,
        complete: known.facts.is_complete(today),
        ready_for_referrals: readiness.is_ready(),
        not_ready_because: readiness.missing().map(|missing| format!("The practice has {missing}.")),
        items,
        version: known.version,
    })
}

/// Finds the checklist of one practice and locks it for a change. Others who are about to change it wait.
pub fn find_to_change(scope: &mut OperatorScope<'_>, practice: PracticeId) -> Result<Onboarding, StoreError> {
    let held: Option<Uuid> = practices::table
        .filter(practices::practice_id.eq(practice))
        .select(practices::practice_id)
        .for_update()
        .first(scope.conn)
        .optional()?;
    held.ok_or(StoreError::NotFound)?;
    find(scope, practice)
}

fn show(known: &Known, item: Item, today: NaiveDate) -> OnboardingItem {
    let requirement = item.requirement();
    let standing = known.facts.standing(item, today);
    let recorded = known.facts.recorded.iter().find(|recorded| recorded.item == item);
    OnboardingItem {
        item,
        title: requirement.title,
        why: requirement.why,
        source: requirement.source,
        recorded_by_hand: requirement.recorded.is_some(),
        state: standing.state,
        missing: standing.missing,
        done_on: recorded.map(|recorded| recorded.done_on),
        expires_on: recorded.and_then(|recorded| recorded.expires_on),
        evidence: known.evidence.get(&item).cloned(),
    }
}

/// Lists the practices with their progress, in the order in which they were provisioned.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<OnboardingSummary>, StoreError> {
    let rows: Vec<PracticeName> = practices::table
        .filter(practices::practice_id.gt(paging.after_id()?.unwrap_or(Uuid::nil())))
        .order(practices::practice_id)
        .limit(paging.fetch())
        .select(PracticeName::as_select())
        .load(scope.conn)?;
    let page = paging.page(rows, |practice| practice.id.uuid());
    let ids: Vec<PracticeId> = page.items.iter().map(|practice| practice.id).collect();
    let mut known = known(scope, &ids)?;
    let today = scope.today();
    page.try_map(|practice| {
        let missing = known.remove(&practice.id).unwrap_or_default().facts.lacking(today);
        Ok(OnboardingSummary { practice, missing, complete: missing == 0 })
    })
}

/// Records that an item was done. Fails with a fault at `item` for an item that follows from what is entered elsewhere.
pub fn record(
    scope: &mut OperatorScope<'_>,
    practice: PracticeId,
    item: Item,
    what: &RecordItem,
) -> Result<(), StoreError> {
    let ends = item.recorded_by_hand()?;
    let expires_on = end_of(ends, what.done_on, what.expires_on, scope.today())?;
    let values = (
        onboarding_items::done_on.eq(what.done_on),
        onboarding_items::expires_on.eq(expires_on),
        onboarding_items::evidence.eq(&what.evidence),
        onboarding_items::recorded_by.eq(scope.actor),
        onboarding_items::recorded_at.eq(scope.at()),
    );
    diesel::insert_into(onboarding_items::table)
        .values((onboarding_items::practice_id.eq(practice), onboarding_items::item.eq(item), values))
        .on_conflict((onboarding_items::practice_id, onboarding_items::item))
        .do_update()
        .set((values, onboarding_items::version.eq(onboarding_items::version + 1)))
        .execute(scope.conn)?;
    record_in_both_logs(scope, practice, Event::OnboardingRecorded { practice })
}

/// Reads the facts about these practices, in eight queries however many practices there are.
fn known(scope: &mut Scope<'_>, ids: &[PracticeId]) -> Result<HashMap<PracticeId, Known>, StoreError> {
    let mut known: HashMap<PracticeId, Known> = ids.iter().map(|id| (*id, Known::default())).collect();
    let years: Vec<i32> = calendar_years::table.select(calendar_years::year).load(scope.conn)?;
    for known in known.values_mut() {
        known.facts.calendar_years.clone_from(&years);
    }
    load_contracts(scope, ids, &mut known)?;
    load_staff(scope, ids, &mut known)?;
    load_desks(scope, ids, &mut known)?;
    let recorded: Vec<(PracticeId, Item, NaiveDate, Option<NaiveDate>, String, i32)> = onboarding_items::table
        .filter(onboarding_items::practice_id.eq_any(ids))
        .select((
            onboarding_items::practice_id,
            onboarding_items::item,
            onboarding_items::done_on,
            onboarding_items::expires_on,
            onboarding_items::evidence,
            onboarding_items::version,
        ))
        .load(scope.conn)?;
    for (practice, item, done_on, expires_on, evidence, version) in recorded {
        let known = known.entry(practice).or_default();
        known.facts.recorded.push(Recorded { item, done_on, expires_on });
        known.evidence.insert(item, evidence);
        known.version += version;
    }
    Ok(known)
}

fn load_contracts(
    scope: &mut Scope<'_>,
    ids: &[PracticeId],
    known: &mut HashMap<PracticeId, Known>,
) -> Result<(), StoreError> {
    type Delegated = (PracticeId, (NaiveDate, Option<NaiveDate>), (NaiveDate, Option<NaiveDate>));
    let periods: Vec<(PracticeId, NaiveDate, Option<NaiveDate>)> = contracts::table
        .filter(contracts::practice_id.eq_any(ids))
        .select((contracts::practice_id, contracts::starts_on, contracts::ends_on))
        .load(scope.conn)?;
    for (practice, starts_on, ends_on) in periods {
        known.entry(practice).or_default().facts.contracts.push(Period { starts_on, ends_on });
    }
    let delegated: Vec<Delegated> = delegations::table
        .inner_join(contracts::table.on(
            contracts::council_id.eq(delegations::council_id).and(contracts::contract_id.eq(delegations::contract_id)),
        ))
        .filter(delegations::practice_id.eq_any(ids))
        .select((
            delegations::practice_id,
            (delegations::starts_on, delegations::ends_on),
            (contracts::starts_on, contracts::ends_on),
        ))
        .load(scope.conn)?;
    for (practice, (starts_on, ends_on), (contract_starts_on, contract_ends_on)) in delegated {
        // Neither the delegation nor the contract outlives the other. One without an end lasts as long as the other.
        let ends_on = [ends_on, contract_ends_on].into_iter().flatten().min();
        let period = Period { starts_on: starts_on.max(contract_starts_on), ends_on };
        if period.ends_on.is_none_or(|ends_on| ends_on >= period.starts_on) {
            known.entry(practice).or_default().facts.delegations.push(period);
        }
    }
    Ok(())
}

/// Reads what is missing at the complaints desk of each council with which one of these practices has a contract in force.
fn load_desks(
    scope: &mut Scope<'_>,
    ids: &[PracticeId],
    known: &mut HashMap<PracticeId, Known>,
) -> Result<(), StoreError> {
    type DeskRow = (CouncilId, Vec<String>, Option<DateTime<Utc>>);
    let today = scope.today();
    let parties: Vec<(PracticeId, CouncilId)> = contracts::table
        .filter(contracts::practice_id.eq_any(ids).and(contracts::starts_on.le(today)))
        .filter(contracts::ends_on.is_null().or(contracts::ends_on.ge(today)))
        .select((contracts::practice_id, contracts::council_id))
        .distinct()
        .load(scope.conn)?;
    let of: Vec<CouncilId> = parties.iter().map(|(_, council)| *council).collect();
    let rows: Vec<DeskRow> = officers::table
        .filter(officers::council_id.eq_any(of).and(officers::account_id.is_not_null()))
        .filter(officers::unconfirmed_at.is_null())
        .filter(officers::access_ends_at.is_null().or(officers::access_ends_at.gt(scope.at())))
        .select((officers::council_id, officers::roles, officers::complaints_signed_in_at))
        .load(scope.conn)?;
    let mut desks: HashMap<CouncilId, Vec<DeskOfficer>> = HashMap::new();
    for (council, roles, signed_in_at) in rows {
        let roles = crate::officers::parse_roles(&roles)?;
        desks.entry(council).or_default().push(DeskOfficer { roles, signed_in_at });
    }
    for (practice, council) in parties {
        let gaps = gaps(desks.get(&council).map_or(&[], Vec::as_slice), scope.at());
        known.entry(practice).or_default().facts.complaints_desks.push(gaps);
    }
    Ok(())
}

fn load_staff(
    scope: &mut Scope<'_>,
    ids: &[PracticeId],
    known: &mut HashMap<PracticeId, Known>,
) -> Result<(), StoreError> {
    type Member = (PracticeId, Vec<String>, bool, Option<DateTime<Utc>>, Option<RegistrationColumns>);
    let members: Vec<Member> = staff::table
        .left_join(
            registrations::table
                .on(registrations::practice_id.eq(staff::practice_id).and(registrations::staff_id.eq(staff::staff_id))),
        )
        .filter(staff::practice_id.eq_any(ids).and(not_gone!(scope.at())))
        .select((
            staff::practice_id,
            staff::roles,
            staff::owner,
            staff::joined_at,
            (registrations::status, registrations::checked_on, registrations::registration_ends_on).nullable(),
        ))
        .load(scope.conn)?;
    for (practice, roles, owner, joined_at, found) in members {
        let facts = &mut known.entry(practice).or_default().facts;
        for role in crate::staff::roles::parse_roles(&roles)? {
            match role {
                Role::SocialWorker => facts.social_workers.push(look_up(found, joined_at)),
                Role::Administrator => facts.administrators += 1,
                Role::Manager if !owner => facts.second_persons += 1,
                Role::Manager | Role::Practitioner | Role::RecordsOfficer => {}
            }
        }
    }
    Ok(())
}
