//! The members of staff who work at a practice now, and those who have the power of a manager now. Both are comparisons with
//! the moment of the request, in every query that asks: nothing waits for a job.

use almoner_domain::ids::StaffId;
use almoner_domain::staff::acting::Acting;
use almoner_domain::staff::roles::Role;
use chrono::{DateTime, Utc};

use crate::ground::error::StoreError;
use crate::staff::roles::parse_roles;

/// The condition that a member of staff belongs to the practice at a moment: they have not left, and their access has not
/// ended. They need not have joined.
macro_rules! not_gone {
    ($at:expr) => {
        $crate::ground::schema::staff::left_at.is_null().and(
            $crate::ground::schema::staff::access_ends_at
                .is_null()
                .or($crate::ground::schema::staff::access_ends_at.gt($at)),
        )
    };
}
pub(crate) use not_gone;

/// The condition that a member of staff can do at a moment what their roles say: they have joined and are not gone, and nobody
/// has to confirm them first.
macro_rules! present {
    ($at:expr) => {
        $crate::staff::presence::not_gone!($at)
            .and($crate::ground::schema::staff::account_id.is_not_null())
            .and($crate::ground::schema::staff::unconfirmed_at.is_null())
    };
}
pub(crate) use present;

/// The columns of the power of an acting manager: until when, since when it is confirmed, for whom, and by whom it was given.
pub(crate) type ActingColumns = (Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<StaffId>, Option<StaffId>);

/// Picks the columns of the power of an acting manager.
macro_rules! acting_columns {
    () => {
        (
            $crate::ground::schema::staff::acting_until,
            $crate::ground::schema::staff::acting_confirmed_at,
            $crate::ground::schema::staff::acting_for_id,
            $crate::ground::schema::staff::acting_given_by,
        )
    };
}
pub(crate) use acting_columns;

/// Reads the power of an acting manager that somebody was given, at any time.
pub(crate) fn acting((until, confirmed_at, for_id, given_by): ActingColumns) -> Option<Acting> {
    until.zip(given_by).map(|(until, given_by)| Acting { until, confirmed_at, for_id, given_by })
}

/// The roles that work for a member of staff at a moment, and those for whom they stand in, which is nobody unless they manage
/// only because they act as a manager.
#[derive(Clone, Debug)]
pub(crate) struct Power {
    /// The roles that the member of staff holds, and the power of a manager while they act as one.
    pub(crate) roles: Vec<Role>,
    /// The manager for whom they act, and the member of staff who gave them the power.
    pub(crate) stands_in_for: Vec<StaffId>,
}

/// Reads the power of a member of staff at a moment.
pub(crate) fn power_at(held: &[String], columns: ActingColumns, at: DateTime<Utc>) -> Result<Power, StoreError> {
    let mut roles = parse_roles(held)?;
    match acting(columns).filter(|acting| acting.counts(at) && !roles.contains(&Role::Manager)) {
        Some(acting) => {
            roles.push(Role::Manager);
            Ok(Power { roles, stands_in_for: acting.stands_in_for() })
        }
        None => Ok(Power { roles, stands_in_for: Vec::new() }),
    }
}
