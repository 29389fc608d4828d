//! Acting managers: the power of a manager until a moment, which a second person confirms with the membership.

use almoner_domain::events::Event;
use almoner_domain::ids::StaffId;
use almoner_domain::staff::acting::{ActAsManager, Acting, Giver, NotActing, ToAct, expect_acting, expect_giver};
use almoner_domain::staff::leaving::last_day_before;
use almoner_domain::staff::roles::Role;
use almoner_domain::words::calendar::end_of_day;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::staff;
use crate::ground::scope::PracticeScope;
use crate::staff::members::{find_own, managers_besides, unless_changed_since};
use crate::staff::{Member, accounts_of_members, former_lines, roster};

/// The power of a manager that a member of staff has until the end of a day.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ActingManager {
    /// The manager for whom they act. Left out where the post is vacant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_id: Option<StaffId>,
    /// The manager or administrator who gave them the power.
    pub given_by_id: StaffId,
    /// The last day on which they act.
    pub until: NaiveDate,
    /// When a second person confirmed it. Left out while it waits: until then it is no power.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// Shows the power of an acting manager that has not ended.
pub(super) fn show(acting: Option<Acting>, at: DateTime<Utc>) -> Option<ActingManager> {
    acting.filter(|acting| acting.until > at).map(|acting| ActingManager {
        for_id: acting.for_id,
        given_by_id: acting.given_by,
        until: last_day_before(acting.until),
        confirmed_at: acting.confirmed_at,
    })
}

fn expect_caller_to_appoint(scope: &mut PracticeScope<'_>) -> Result<Vec<Role>, StoreError> {
    let own = scope.staff_id();
    let roles = find_own(scope, own)?.working_roles();
    expect_giver(Giver { id: own, working_roles: &roles })?;
    Ok(roles)
}

/// Writes that a member of staff acts as a manager once a second person has confirmed it. Whatever they were given before
/// ends.
pub fn write(scope: &mut PracticeScope<'_>, known: &Member, wish: &ActAsManager) -> Result<(), StoreError> {
    let by = expect_caller_to_appoint(scope)?;
    let for_roles = match wish.for_id {
        Some(id) => match find_own(scope, id) {
            Ok(manager) if manager.works_here() && id != known.id => Some(manager.working_roles()),
            Ok(_) | Err(StoreError::NotFound) => None,
            Err(error) => return Err(error),
        },
        None => None,
    };
    let works = known.joined && known.unconfirmed_at.is_none();
    let roles = if works { known.working_roles() } else { Vec::new() };
    let who = ToAct { id: known.id, working_roles: &roles, gone: !known.works_here() };
    let giver = Giver { id: scope.staff_id(), working_roles: &by };
    wish.check(who, giver, for_roles.as_deref(), scope.today()).map_err(|reason| match reason {
        NotActing::Fault(faults) => StoreError::from(faults),
        NotActing::Refused(refusal) => refusal.into(),
    })?;
    let practice = scope.practice_id();
    former_lines::keep(scope, known.id)?;
    let written = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
        .filter(staff::version.eq(known.version).and(staff::left_at.is_null()))
        .set((
            staff::acting_for_id.eq(wish.for_id),
            staff::acting_given_by.eq(Some(scope.staff_id())),
            staff::acting_until.eq(end_of_day(wish.until)),
            staff::acting_confirmed_at.eq(None::<DateTime<Utc>>),
            staff::version.eq(known.version + 1),
        ))
        .execute(scope.conn)?;
    unless_changed_since(scope, known, written)?;
    accounts_of_members::open(scope, known)?;
    let managers = managers_besides(scope, known.id)?;
    scope.record(Event::StaffActingGiven { member: known.id, managers })?;
    let confirmers = roster::confirmers(scope, practice, known.id)?;
    scope.record(Event::StaffUnconfirmed { member: known.id, confirmers })
}

/// Ends the power of an acting manager before its day. For whom they acted stays written: what was invisible to them for
/// that stays so.
pub fn relieve(scope: &mut PracticeScope<'_>, known: &Member) -> Result<(), StoreError> {
    expect_caller_to_appoint(scope)?;
    expect_acting(known.acting_manager.is_some())?;
    let practice = scope.practice_id();
    let ended = update(staff::table.filter(staff::practice_id.eq(practice).and(staff::staff_id.eq(known.id))))
        .filter(staff::version.eq(known.version).and(staff::left_at.is_null()))
        .set((
            staff::acting_given_by.eq(None::<StaffId>),
            staff::acting_until.eq(None::<DateTime<Utc>>),
            staff::acting_confirmed_at.eq(None::<DateTime<Utc>>),
            staff::version.eq(known.version + 1),
        ))
        .execute(scope.conn)?;
    unless_changed_since(scope, known, ended)?;
    let managers = managers_besides(scope, known.id)?;
    scope.record(Event::StaffActingEnded { member: known.id, managers })
}
