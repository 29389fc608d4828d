//! Handing a complaint over to the council when nobody at the practice may read it any more: everybody who could read it has
//! left, works with the person now, or stands in the line of management of somebody who does.

use almoner_domain::complaints::complaint::{ComplaintStatus, HeldBy, SubjectStanding};
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{ClientId, ComplaintId, CouncilId, KeyId, MessageId, PracticeId};
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::{Content, HeldComplaint, Identity, has_reader, message_field};
use crate::ground::error::StoreError;
use crate::ground::prepared::insert_rows;
use crate::ground::schema::{complaint_messages, complaint_subjects, complaints, staff};
use crate::ground::scope::WorkerScope;
use crate::ground::transaction::setting;

/// A complaint with all its columns but the person's record, which stays with the practice.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaints)]
struct ComplaintRow {
    holder_id: Uuid,
    complaint_id: ComplaintId,
    held_by: HeldBy,
    practice_id: PracticeId,
    council_id: CouncilId,
    client_id: ClientId,
    reference: String,
    access_code_hash: Vec<u8>,
    status: ComplaintStatus,
    key_id: KeyId,
    content: Vec<u8>,
    complainant: Vec<u8>,
    confidential: bool,
    received_at: DateTime<Utc>,
    acknowledgement_due_on: NaiveDate,
    response_due_on: NaiveDate,
    response_latest_on: NaiveDate,
    acknowledged_at: Option<DateTime<Utc>>,
    version: i32,
}

impl ComplaintRow {
    fn held(&self) -> HeldComplaint {
        HeldComplaint { holder: self.holder_id, id: self.complaint_id, client_id: self.client_id, key_id: self.key_id }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaint_messages)]
struct MessageRow {
    holder_id: Uuid,
    complaint_id: ComplaintId,
    message_id: MessageId,
    client_id: ClientId,
    author: almoner_domain::complaints::complaint::Author,
    written_at: DateTime<Utc>,
    text: Vec<u8>,
}

/// Checks whether somebody at the practice may read the complaint. If nobody may, the council becomes its holder, with all
/// messages, and the practice has no trace of it. Returns whether the practice still holds it.
pub(crate) fn hand_over_if_nobody_reads(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    id: ComplaintId,
) -> Result<bool, StoreError> {
    let found = complaints::table
        .filter(complaints::holder_id.eq(practice.uuid()).and(complaints::complaint_id.eq(id)))
        .select(ComplaintRow::as_select())
        .for_update()
        .first(scope.conn)
        .optional()?;
    let Some(mut row) = found else { return Ok(false) };
    if has_reader(scope, practice, id)? {
        return Ok(true);
    }
    let council = row.council_id.uuid();
    scope.execute(&[setting("app.council", council)])?;
    let from = row.held();
    let old_key = scope.key(from.holder, from.key_id)?;
    let (key_id, new_key) = scope.new_key(council)?;
    let to = HeldComplaint { holder: council, key_id, ..from };

    let mut content: Content = old_key.open(from.sealed_field("content"), &row.content)?;
    let identity: Identity = old_key.open(from.sealed_field("complainant"), &row.complainant)?;
    // The council learns the confirmed subjects by name, as it learns those whom the complainant named.
    for name in confirmed_names(scope, practice, id)? {
        if let Ok(name) = Line::parse(&name)
            && !content.staff.contains(&name)
        {
            content.staff.push(name);
        }
    }
    row.holder_id = council;
    row.held_by = HeldBy::Council;
    row.key_id = key_id;
    row.content = new_key.seal(to.sealed_field("content"), &content)?;
    row.complainant = new_key.seal(to.sealed_field("complainant"), &identity)?;
    row.version += 1;
    let mut messages: Vec<MessageRow> = complaint_messages::table
        .filter(complaint_messages::holder_id.eq(from.holder).and(complaint_messages::complaint_id.eq(id)))
        .select(MessageRow::as_select())
        .load(scope.conn)?;
    for message in &mut messages {
        let text: String = old_key.open(message_field(from.holder, message.message_id), &message.text)?;
        message.holder_id = council;
        message.text = new_key.seal(message_field(council, message.message_id), &text)?;
    }

    diesel::delete(complaint_messages::table)
        .filter(complaint_messages::holder_id.eq(from.holder).and(complaint_messages::complaint_id.eq(id)))
        .execute(scope.conn)?;
    diesel::delete(complaint_subjects::table)
        .filter(complaint_subjects::holder_id.eq(from.holder).and(complaint_subjects::complaint_id.eq(id)))
        .execute(scope.conn)?;
    diesel::delete(complaints::table)
        .filter(complaints::holder_id.eq(from.holder).and(complaints::complaint_id.eq(id)))
        .execute(scope.conn)?;
    diesel::insert_into(complaints::table).values(&row).execute(scope.conn)?;
    if !messages.is_empty() {
        insert_rows!(scope.conn, complaint_messages, messages)?;
    }
    scope.record_in(LogOwner::Council(council.into()), Event::ComplaintHandedOver { complaint: id })?;
    Ok(false)
}

fn confirmed_names(
    scope: &mut WorkerScope<'_>,
    practice: PracticeId,
    id: ComplaintId,
) -> Result<Vec<String>, StoreError> {
    Ok(complaint_subjects::table
        .inner_join(staff::table.on(
            staff::practice_id.eq(complaint_subjects::holder_id).and(staff::staff_id.eq(complaint_subjects::staff_id)),
        ))
        .filter(complaint_subjects::holder_id.eq(practice.uuid()).and(complaint_subjects::complaint_id.eq(id)))
        .filter(complaint_subjects::standing.eq(SubjectStanding::Confirmed))
        .select(staff::name)
        .load(scope.conn)?)
}
