//! The timeline of a case: what happened, in order. Nothing about a complaint is ever written here.

use almoner_domain::cases::note::sees_marked;
use almoner_domain::events::{Event, TimelineKind};
use almoner_domain::ids::{CaseId, EventId, StaffId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{case_events, case_notes, staff};
use crate::ground::scope::PracticeScope;
use crate::staff::names::Worker;

/// An entry in the timeline of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// The identifier of the entry.
    pub id: EventId,
    /// The kind of the entry.
    pub kind: TimelineKind,
    /// When the event happened.
    pub at: DateTime<Utc>,
    /// The member of staff who did it; left out for a second person's decision, whose name is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Worker>,
    /// The identifier of what the event is about: the note, the worker, or the request that a second person decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<Uuid>,
    /// Whether the note that the event is about was entered in error. Only those who see such a note see its line.
    pub entered_in_error: bool,
}

type TimelineRow =
    (EventId, TimelineKind, DateTime<Utc>, Option<Uuid>, Option<(StaffId, String)>, Option<DateTime<Utc>>);

/// The timeline of a case, the oldest first. The line of a note that was entered in error is shown to those who see the note.
pub fn list(
    scope: &mut PracticeScope<'_>,
    case: CaseId,
    paging: &Paging,
) -> Result<OnRecord<Page<TimelineEntry>>, StoreError> {
    let case = crate::cases::find(scope, case)?;
    let rows: Vec<TimelineRow> = case_events::table
        .left_join(staff::table.on(
            staff::practice_id.eq(case_events::practice_id).and(staff::staff_id.nullable().eq(case_events::staff_id)),
        ))
        .left_join(
            case_notes::table.on(case_notes::practice_id
                .eq(case_events::practice_id)
                .and(case_notes::note_id.nullable().eq(case_events::subject_id))),
        )
        .filter(
            case_notes::in_error_at
                .is_null()
                .or(case_notes::author_id.eq(scope.staff_id()))
                .or(sees_marked(&scope.member().roles).into_sql::<Bool>()),
        )
        .filter(case_events::practice_id.eq(scope.practice_id()).and(case_events::case_id.eq(case.id)))
        // The person is the case's. Named here, the index gives the events in their order, and the page is read from it.
        .filter(case_events::service_user_id.eq(case.service_user.id))
        .filter(case_events::event_id.gt(EventId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(case_events::event_id)
        .limit(paging.fetch())
        .select((
            case_events::event_id,
            case_events::kind,
            case_events::at,
            case_events::subject_id,
            (staff::staff_id, staff::name).nullable(),
            case_notes::in_error_at.nullable(),
        ))
        .load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.uuid()).try_map(|(id, kind, at, subject_id, by, in_error_at)| {
        let by = by.map(|(id, name)| Worker { id, name });
        Ok(TimelineEntry { id, kind, at, by, subject_id, entered_in_error: in_error_at.is_some() })
    })?;
    scope.list_read(page, Event::CaseTimelineRead { case: case.id, person: case.service_user.id })
}
