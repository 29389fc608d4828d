//! The opening hours of a practice, which it says itself.

use almoner_domain::events::Event;
use almoner_domain::tenancy::opening_hours::OpeningHours;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::opening_hours;
use crate::ground::scope::PracticeScope;

/// The opening hours of the practice.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct OwnOpeningHours {
    /// The hours.
    #[serde(flatten)]
    pub hours: OpeningHours,
    /// When they were last changed. Left out as long as they are the usual ones: 9 to 17 on working days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<DateTime<Utc>>,
    /// The number of changes of the hours: zero before the first.
    #[serde(skip)]
    pub version: i32,
}

/// Returns the hours that a row has, or those of a practice that has none.
pub(crate) fn said(hours: Option<&str>) -> Result<OpeningHours, StoreError> {
    hours.map_or(Ok(OpeningHours::USUAL), |hours| hours.parse().map_err(StoreError::unreadable))
}

/// Reads the opening hours of the caller's practice.
pub fn read(scope: &mut PracticeScope<'_>) -> Result<OwnOpeningHours, StoreError> {
    let row: Option<(String, DateTime<Utc>, i32)> = opening_hours::table
        .filter(opening_hours::practice_id.eq(scope.practice_id()))
        .select((opening_hours::hours, opening_hours::changed_at, opening_hours::version))
        .first(scope.conn)
        .optional()?;
    let hours = said(row.as_ref().map(|(hours, ..)| hours.as_str()))?;
    Ok(OwnOpeningHours {
        hours,
        changed_at: row.as_ref().map(|(_, changed_at, _)| *changed_at),
        version: row.map_or(0, |(.., version)| version),
    })
}

/// Sets the opening hours in place of those that were read as `now`. Times that councils were told before stay.
pub fn set(scope: &mut PracticeScope<'_>, now: &OwnOpeningHours, hours: &OpeningHours) -> Result<(), StoreError> {
    hours.check()?;
    let practice = scope.practice_id();
    let values = (
        opening_hours::hours.eq(hours.to_string()),
        opening_hours::changed_at.eq(scope.at()),
        opening_hours::version.eq(now.version + 1),
    );
    let done = if now.version == 0 {
        diesel::insert_into(opening_hours::table)
            .values((opening_hours::practice_id.eq(practice), values))
            .on_conflict_do_nothing()
            .execute(scope.conn)?
    } else {
        update(opening_hours::table)
            .filter(opening_hours::practice_id.eq(practice).and(opening_hours::version.eq(now.version)))
            .set(values)
            .execute(scope.conn)?
    };
    if done == 0 {
        return Err(StoreError::VersionMismatch(read(scope)?.version));
    }
    scope.record(Event::OpeningHoursSet { practice })
}
