//! What members of staff are told: ids and a word, never content.

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
use crate::staff::excluded_from;

/// Something that the caller is told.
#[derive(Clone, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = notices)]
pub struct Notice {
    /// Its identifier.
    #[diesel(column_name = notice_id)]
    pub id: NoticeId,
    /// What happened.
    pub kind: NoticeKind,
    /// What it happened to: the opening of a restricted record, the caller's own session, or the colleague.
    pub subject_id: Uuid,
    /// The person whom it is about, whose record may not be open to the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<ServiceUserId>,
    /// When.
    pub at: DateTime<Utc>,
    /// When the caller said that they have read it.
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

/// What the caller was told, the newest first.
pub fn list(scope: &mut PracticeScope<'_>, unread: bool, paging: &Paging) -> Result<Page<Notice>, StoreError> {
    let excluded_from = excluded_from::of_caller(scope)?;
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

/// The caller has read these. What is not theirs is not there.
pub fn mark_read(scope: &mut PracticeScope<'_>, ids: &[NoticeId]) -> Result<(), StoreError> {
    let excluded_from = excluded_from::of_caller(scope)?;
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
