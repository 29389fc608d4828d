//! The rows that tell of what a scope does: in the audit log, the outbox, notices, timelines and the queue of jobs. They are
//! kept until the transaction is committed, or its role or its settings change, and are then written with one statement for
//! each table.

use almoner_domain::events::{Chain, Door, Feed, JobKind, NoticeKind, OutboxKind, Outcome, TimelineKind};
use almoner_domain::ids::{CaseId, EventId, NoticeId, PracticeId, ServiceUserId, StaffId, TeamId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::prepared::insert_rows;
use crate::ground::schema::{audit_events, case_events, jobs, notices, outbox};

/// A row of the audit log.
#[derive(Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub(super) struct AuditRow {
    pub(super) owner_id: Uuid,
    pub(super) event_id: Uuid,
    pub(super) chain: Chain,
    pub(super) at: DateTime<Utc>,
    pub(super) door: Door,
    pub(super) actor_id: Option<Uuid>,
    pub(super) roles: Vec<String>,
    pub(super) client_id: Option<Uuid>,
    pub(super) session_id: Option<Uuid>,
    pub(super) from_address: Option<String>,
    pub(super) action: &'static str,
    pub(super) subject_id: Option<Uuid>,
    pub(super) service_user_id: Option<Uuid>,
    pub(super) request_id: Uuid,
    pub(super) reason: Option<Vec<u8>>,
    pub(super) outcome: Outcome,
}

/// A row of the outbox.
#[derive(Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub(super) struct OutboxRow {
    pub(super) owner_id: Uuid,
    pub(super) event_id: EventId,
    pub(super) recipient_id: Uuid,
    pub(super) feed: Feed,
    pub(super) kind: OutboxKind,
    pub(super) subject_id: Uuid,
    pub(super) at: DateTime<Utc>,
}

/// A notice to one member of staff.
#[derive(Insertable)]
#[diesel(table_name = notices, treat_none_as_default_value = false)]
pub(super) struct NoticeRow {
    pub(super) practice_id: PracticeId,
    pub(super) notice_id: NoticeId,
    pub(super) recipient_id: StaffId,
    pub(super) kind: NoticeKind,
    pub(super) subject_id: Uuid,
    pub(super) service_user_id: Option<ServiceUserId>,
    pub(super) at: DateTime<Utc>,
}

/// A line of a case's timeline.
#[derive(Insertable)]
#[diesel(table_name = case_events, treat_none_as_default_value = false)]
pub(super) struct LineRow {
    pub(super) practice_id: PracticeId,
    pub(super) event_id: EventId,
    pub(super) case_id: CaseId,
    pub(super) service_user_id: ServiceUserId,
    pub(super) access_restricted: bool,
    pub(super) team_id: TeamId,
    pub(super) kind: TimelineKind,
    pub(super) at: DateTime<Utc>,
    pub(super) staff_id: Option<Uuid>,
    pub(super) subject_id: Option<Uuid>,
}

/// A job for a practice or a council.
#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub(super) struct JobRow {
    pub(super) owner_id: Uuid,
    pub(super) job_id: Uuid,
    pub(super) kind: JobKind,
    pub(super) subject_id: Uuid,
    pub(super) due_at: DateTime<Utc>,
}

/// The rows that are not written yet.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) audit: Vec<AuditRow>,
    pub(super) outbox: Vec<OutboxRow>,
    pub(super) notices: Vec<NoticeRow>,
    pub(super) lines: Vec<LineRow>,
    pub(super) jobs: Vec<JobRow>,
}

impl Pending {
    /// Writes the rows.
    pub(super) fn write(&mut self, conn: &mut PgConnection) -> QueryResult<()> {
        let Self { audit, outbox, notices, lines, jobs } = std::mem::take(self);
        insert_rows!(conn, audit_events, audit)?;
        insert_rows!(conn, outbox, outbox)?;
        insert_rows!(conn, notices, notices)?;
        insert_rows!(conn, case_events, lines)?;
        insert_rows!(conn, jobs, jobs)
    }
}
