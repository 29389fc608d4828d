//! What members of staff are told: ids and a word, never content.

use almoner_domain::ids::{NoticeId, PracticeId, ServiceUserId, StaffId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::audit::Chain;
use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::notices;
use crate::ground::scope::{PracticeScope, Scope};
use crate::staff::exclusions;

/// Something that the caller is told.
#[derive(Clone, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = notices)]
pub struct Notice {
    /// Its identifier.
    #[diesel(column_name = notice_id)]
    pub id: NoticeId,
    /// What happened: `break_glass.opened`, `break_glass.reviewed`; `session.token_reused`, one's own session that ended because
    /// a token came back; `staff.unconfirmed`, a colleague's account that the practice has to confirm; `staff.invited`,
    /// `staff.roles_changed` and `staff.line_changed`, which decide what a colleague may see.
    pub kind: String,
    /// What it happened to: the broken glass, the session, the colleague.
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

/// Tells these members of staff of something. Somebody who is locked out of the person it is about does not get to see it.
pub(crate) fn tell(
    scope: &mut PracticeScope<'_>,
    recipients: &[StaffId],
    kind: &'static str,
    subject: Uuid,
    about: Option<ServiceUserId>,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    tell_at(scope, practice, recipients, kind, subject, about)
}

/// The same, in a scope that is not the practice's own.
pub(crate) fn tell_at(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    recipients: &[StaffId],
    kind: &'static str,
    subject: Uuid,
    about: Option<ServiceUserId>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = recipients
        .iter()
        .map(|recipient| {
            (
                notices::practice_id.eq(practice),
                notices::notice_id.eq(scope.next_id::<NoticeId>()),
                notices::recipient_id.eq(*recipient),
                notices::kind.eq(kind),
                notices::subject_id.eq(subject),
                notices::service_user_id.eq(about),
                notices::at.eq(scope.at()),
            )
        })
        .collect();
    if !rows.is_empty() {
        diesel::insert_into(notices::table).values(rows).execute(scope.conn)?;
    }
    Ok(())
}

macro_rules! own {
    ($scope:expr, $locked_out:expr) => {
        notices::table
            .filter(notices::practice_id.eq($scope.practice_id()).and(notices::recipient_id.eq($scope.staff_id())))
            .filter(notices::service_user_id.is_null().or(notices::service_user_id.ne_all($locked_out)))
    };
}

/// What the caller was told, the newest first.
pub fn list(scope: &mut PracticeScope<'_>, unread: bool, paging: &Paging) -> Result<Page<Notice>, StoreError> {
    let locked_out = exclusions::of_caller(scope)?;
    let mut query = own!(scope, locked_out)
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
    let locked_out = exclusions::of_caller(scope)?;
    let found: Vec<(NoticeId, Option<DateTime<Utc>>)> = own!(scope, locked_out)
        .filter(notices::notice_id.eq_any(ids))
        .order(notices::notice_id)
        .select((notices::notice_id, notices::read_at))
        .load(scope.conn)?;
    if ids.iter().any(|id| found.iter().all(|(known, _)| known != id)) {
        return Err(StoreError::NotFound);
    }
    for (id, _) in found.iter().filter(|(_, read_at)| read_at.is_none()) {
        let read = diesel::update(notices::table)
            .filter(notices::practice_id.eq(scope.practice_id()).and(notices::notice_id.eq(id)))
            .set(notices::read_at.eq(scope.at()))
            .execute(scope.conn)?;
        StoreError::unless_changed(read, "the notice")?;
        scope.audit(Chain::Practice, "notice.read", id.uuid(), None)?;
    }
    Ok(())
}
