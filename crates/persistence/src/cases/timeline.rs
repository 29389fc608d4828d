//! The timeline of a case: what happened, in order. Nothing about a complaint is ever written here.

use almoner_domain::ids::{CaseId, EventId, StaffId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::CaseKey;
use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{case_events, staff};
use crate::ground::scope::PracticeScope;
use crate::people::about::about;
use crate::staff::names::Worker;

/// What can happen to a case.
#[derive(Clone, Copy)]
pub(crate) enum Happening {
    Opened,
    Allocated,
    NoteWritten,
    ClosingAsked,
    ClosingRefused,
    Closed,
    Reopened,
}

impl Happening {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Allocated => "allocated",
            Self::NoteWritten => "note_written",
            Self::ClosingAsked => "closing_asked",
            Self::ClosingRefused => "closing_refused",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
        }
    }
}

/// One thing that happened to a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// Its identifier.
    pub id: EventId,
    /// What: `opened`, `allocated`, `note_written`, `closing_asked`, `closing_refused`, `closed`, `reopened`.
    pub kind: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it; nobody for what a second person decided, whose name is not shown.
    pub by: Option<Worker>,
    /// What it is about: the note, the worker, or the request that a second person decides.
    pub subject_id: Option<Uuid>,
}

pub(crate) fn append(
    scope: &mut PracticeScope<'_>,
    case: &CaseKey,
    what: Happening,
    subject: Option<Uuid>,
) -> Result<(), StoreError> {
    let by = scope.staff_id();
    append_by(scope, case, what, subject, Some(by))
}

pub(crate) fn append_by(
    scope: &mut PracticeScope<'_>,
    case: &CaseKey,
    what: Happening,
    subject: Option<Uuid>,
    by: Option<StaffId>,
) -> Result<(), StoreError> {
    diesel::insert_into(case_events::table)
        .values((
            case_events::practice_id.eq(scope.practice_id()),
            case_events::event_id.eq(scope.next_id::<EventId>()),
            case_events::case_id.eq(case.case_id),
            about!(case_events, case.person),
            case_events::kind.eq(what.as_str()),
            case_events::at.eq(scope.at()),
            case_events::staff_id.eq(by),
            case_events::subject_id.eq(subject),
        ))
        .execute(scope.conn)?;
    Ok(())
}

type Row = (EventId, String, DateTime<Utc>, Option<Uuid>, Option<(StaffId, String)>);

/// The timeline of a case, the oldest first.
pub fn list(scope: &mut PracticeScope<'_>, case: CaseId, paging: &Paging) -> Result<Page<TimelineEntry>, StoreError> {
    let case = crate::cases::find(scope, case)?;
    let rows: Vec<Row> = case_events::table
        .left_join(staff::table.on(
            staff::practice_id.eq(case_events::practice_id).and(staff::staff_id.nullable().eq(case_events::staff_id)),
        ))
        .filter(case_events::practice_id.eq(scope.practice_id()).and(case_events::case_id.eq(case.id)))
        .filter(case_events::event_id.gt(EventId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(case_events::event_id)
        .limit(paging.fetch())
        .select((
            case_events::event_id,
            case_events::kind,
            case_events::at,
            case_events::subject_id,
            (staff::staff_id, staff::name).nullable(),
        ))
        .load(scope.conn)?;
    scope.audit(
        crate::ground::audit::Chain::Practice,
        "case.timeline_read",
        case.id.uuid(),
        Some(case.service_user.id),
    )?;
    paging.page(rows, |row| row.0.uuid()).try_map(|(id, kind, at, subject_id, by)| {
        Ok(TimelineEntry { id, kind, at, by: by.map(|(id, name)| Worker { id, name }), subject_id })
    })
}
