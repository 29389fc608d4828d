//! The list of the complaints that are assigned to the caller.

use almoner_domain::complaints::clocks::Due;
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::events::Event;
use almoner_domain::ids::ComplaintId;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::earliest::{TimedColumns, earliest, timed_columns};
use super::reading::rows;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{complaint_receipts, complaints, practices};
use crate::ground::scope::ComplaintsScope;
use crate::tenancy::practices::PracticeName;

diesel::define_sql_function! {
    /// Opens a page of the complaints that are assigned to the caller.
    #[sql_name = "app.open_assigned_page"]
    fn open_assigned_page(
        council: sql_types::Uuid,
        before: sql_types::Uuid,
        most: sql_types::BigInt,
    ) -> sql_types::Array<sql_types::Uuid>;
}

/// A complaint in the list of those that are assigned to the caller.
#[derive(Clone, Serialize, ToSchema)]
pub struct ComplaintSummary {
    /// The identifier of the complaint.
    pub id: ComplaintId,
    /// The reference with which the complainant follows the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
    /// The practice that the complaint is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practice: Option<PracticeName>,
    /// The status of the complaint.
    pub status: ComplaintStatus,
    /// When the complaint arrived.
    pub received_at: DateTime<Utc>,
    /// What is due next, if anything is. What waits for an answer, and the closing, stand in the list of what is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_due: Option<Due>,
    /// Whether the day for it is over.
    pub overdue: bool,
    /// The day by which the complaint is answered: planned, or under the contract.
    pub response_due_on: NaiveDate,
}

/// Lists the complaints that are assigned to the caller, the newest first.
pub fn list(scope: &mut ComplaintsScope<'_>, paging: &Paging) -> Result<OnRecord<Page<ComplaintSummary>>, StoreError> {
    type Row = (ComplaintId, String, Option<PracticeName>, DateTime<Utc>, TimedColumns);
    let council = scope.council_id();
    let before = paging.after_id()?.unwrap_or(Uuid::max());
    let of_page: Vec<ComplaintId> =
        diesel::select(open_assigned_page(council, before, paging.fetch())).get_result(scope.conn)?;
    let rows: Vec<Row> = rows!(council)
        .filter(complaints::complaint_id.eq_any(&of_page))
        .order(complaints::complaint_id.desc())
        .select((
            complaints::complaint_id,
            complaint_receipts::reference,
            Option::<PracticeName>::as_select(),
            complaints::received_at,
            timed_columns!(),
        ))
        .load(scope.conn)?;
    let today = scope.today();
    let page = paging.page(rows, |row| row.0.uuid()).try_map(|(id, reference, practice, received_at, columns)| {
        let timed = earliest(columns);
        let next_due = timed.due(today).into_iter().next();
        Ok(ComplaintSummary {
            id,
            reference,
            practice,
            status: timed.status,
            received_at,
            overdue: next_due.is_some_and(|due| due.is_overdue(today)),
            next_due,
            response_due_on: timed.response_due_on,
        })
    })?;
    let reader = scope.worker().person.uuid();
    scope.list_read(page, Event::ComplaintListed { reader })
}
