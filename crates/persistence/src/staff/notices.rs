//! Notices to members of staff. A notice has a kind and identifiers, never content.

use almoner_domain::events::NoticeKind;
use almoner_domain::ids::{NoticeId, ServiceUserId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::notices;
use crate::ground::scope::PracticeScope;

/// A notice to the caller.
#[derive(Clone, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = notices)]
pub struct Notice {
    /// The identifier of the notice.
    #[diesel(column_name = notice_id)]
    pub id: NoticeId,
    /// The kind of event that the notice reports.
    pub kind: NoticeKind,
    /// The resource that the event is about: the break-glass access, the caller's own session, or the colleague.
    pub subject_id: Uuid,
    /// The person whom the event is about, whose record the caller may not be able to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<ServiceUserId>,
    /// When the event happened.
    pub at: DateTime<Utc>,
    /// When the caller marked the notice as read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<DateTime<Utc>>,
}

macro_rules! own {
    ($scope:expr, $excluded_from:expr) => {
        notices::table
            .filter(notices::practice_id.eq($scope.practice_id()).and(notices::recipient_id.eq($scope.staff_id())))
            .filter(notices::service_user_id.is_null().or(notices::service_user_id.ne_all($excluded_from)))
    };
}

/// Lists the caller's notices, the newest first.
pub fn list(scope: &mut PracticeScope<'_>, unread: bool, paging: &Paging) -> Result<Page<Notice>, StoreError> {
    let excluded_from = scope.excluded_from();
    let mut query = own!(scope, excluded_from)
        .filter(notices::notice_id.lt(NoticeId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(notices::notice_id.desc())
        .limit(paging.fetch())
        .select(Notice::as_select())
        .into_boxed();
    if unread {
        query = query.filter(notices::read_at.is_null());
    }
    Ok(paging.page(query.load(scope.conn)?, |notice| notice.id.uuid()))
}

/// Marks these notices of the caller's as read. Fails with not found for a notice that is somebody else's.
pub fn mark_read(scope: &mut PracticeScope<'_>, ids: &[NoticeId]) -> Result<(), StoreError> {
    let excluded_from = scope.excluded_from();
    let found: Vec<(NoticeId, Option<DateTime<Utc>>)> = own!(scope, excluded_from)
        .filter(notices::notice_id.eq_any(ids))
        .order(notices::notice_id)
        .select((notices::notice_id, notices::read_at))
        .load(scope.conn)?;
    if ids.iter().any(|id| found.iter().all(|(known, _)| known != id)) {
        return Err(StoreError::NotFound);
    }
    let practice = scope.practice_id();
    for (id, _) in found.iter().filter(|(_, read_at)| read_at.is_none()) {
        scope.mark_read(practice, *id)?;
    }
    Ok(())
}
