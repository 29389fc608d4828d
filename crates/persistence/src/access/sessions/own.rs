//! The sessions of the caller's own: listing them, and ending one.

use almoner_domain::events::Event;
use almoner_domain::ids::{CouncilId, PracticeId, SessionId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::sessions::{SessionLimits, end};
use crate::ground::callers::Session;
use crate::ground::error::StoreError;
use crate::ground::schema::{councils, practices, sessions};
use crate::ground::scope::AccountScope;
use crate::tenancy::councils::CouncilName;
use crate::tenancy::practices::PracticeName;

/// A session of the caller's own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnSession {
    /// The identifier of the session.
    pub id: SessionId,
    /// Whether this is the session that makes the request.
    pub current: bool,
    /// The practice that it is for; none at another door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practice: Option<PracticeName>,
    /// The council that it is for; none at another door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub council: Option<CouncilName>,
    /// The address from which it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 45, pattern = "^[0-9a-f:.]+$", example = "203.0.113.7")]
    pub from_address: Option<String>,
    /// When the session was begun.
    pub created_at: DateTime<Utc>,
    /// When the session was last renewed.
    pub renewed_at: DateTime<Utc>,
    /// When the session ends at the latest.
    pub ends_at: DateTime<Utc>,
}

/// Lists the caller's sessions that are valid, the newest first.
pub fn list(scope: &mut AccountScope<'_>, limits: SessionLimits) -> Result<Vec<OwnSession>, StoreError> {
    type ListRow = (
        SessionId,
        Option<PracticeName>,
        Option<CouncilName>,
        Option<String>,
        DateTime<Utc>,
        DateTime<Utc>,
        DateTime<Utc>,
    );
    // A tenant whose provider vouches for somebody learns nothing from that of where else they have a place.
    let everywhere = !scope.by_provider;
    let (practice, council) = here(scope);
    let at_complaints = scope.place().complaints().is_some();
    let rows: Vec<ListRow> = sessions::table
        .left_join(practices::table.on(practices::practice_id.nullable().eq(sessions::practice_id)))
        .left_join(councils::table.on(councils::council_id.nullable().eq(sessions::council_id)))
        .filter(sessions::account_id.eq(scope.account.uuid()))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(scope.at())))
        .filter(sessions::renewed_at.ge(scope.at() - limits.idle))
        .filter(
            sessions::practice_id
                .eq(practice)
                .or(sessions::council_id.eq(council))
                .or(everywhere.into_sql::<diesel::sql_types::Nullable<diesel::sql_types::Bool>>()),
        )
        // What is done at the complaints' door is seen at that door alone.
        .filter(sessions::for_complaints.eq(false).or(at_complaints.into_sql::<diesel::sql_types::Bool>()))
        .order(sessions::session_id.desc())
        .limit(200)
        .select((
            sessions::session_id,
            Option::<PracticeName>::as_select(),
            Option::<CouncilName>::as_select(),
            sessions::from_address,
            sessions::created_at,
            sessions::renewed_at,
            sessions::expires_at,
        ))
        .load(scope.conn)?;
    let current = scope.session;
    let own = |(id, practice, council, from_address, created_at, renewed_at, ends_at)| OwnSession {
        id,
        current: id == current,
        practice,
        council,
        from_address,
        created_at,
        renewed_at,
        ends_at,
    };
    Ok(rows.into_iter().map(own).collect())
}

/// Ends one of the caller's sessions: its tokens stop working at once.
pub fn end_own(scope: &mut AccountScope<'_>, session: SessionId) -> Result<(), StoreError> {
    let account = scope.account;
    if scope.by_provider {
        let (practice, council) = here(scope);
        let of_here = sessions::table
            .find((account.uuid(), session.uuid()))
            .filter(sessions::practice_id.eq(practice).or(sessions::council_id.eq(council)))
            .count()
            .get_result::<i64>(scope.conn)?;
        if of_here == 0 {
            return Err(StoreError::NotFound);
        }
    }
    if !end(scope, Session { account, session }, "signed_out")? {
        return Err(StoreError::NotFound);
    }
    scope.record(Event::SessionEnded { session })
}

/// The practice or the council that the caller's session is for.
fn here(scope: &AccountScope<'_>) -> (Option<PracticeId>, Option<CouncilId>) {
    let place = scope.place();
    (place.membership().map(|held| held.practice_id), place.office().map(|held| held.council_id))
}
