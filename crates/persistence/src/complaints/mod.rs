//! Complaints, and the wall: a complaint is invisible to the members of staff whom it is about and to those above them.
//!
//! A complaint has a holder: the practice, where a complaints manager is free of conflict, otherwise the council. Only the
//! holder has rows: a practice that does not hold a complaint has no trace of it. `app.find_open_complaints` finds, once for
//! each request, the complaints that a member of staff may see, and the row policies enforce it. Nothing here filters for
//! the wall.

mod deadlines;
mod hand_over;
mod handle;
pub mod leaving;
mod lodge;
mod read;
mod rights;
pub mod staff_changes;

use std::collections::HashSet;

use almoner_domain::complaints::complaint::{Author, Complainant, ContactWish, PersonConcerned, SubjectStanding};
use almoner_domain::ids::{ClientId, ComplaintId, KeyId, MessageId, PracticeId, StaffId, SubjectId};
use almoner_domain::staff::roles::Role;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::identity::find_open_complaints;
use crate::ground::error::StoreError;
use crate::ground::prepared::insert_rows;
use crate::ground::schema::{complaint_messages, complaint_subjects, staff};
use crate::ground::scope::{PracticeScope, Scope};
use crate::ground::sealing::SealedField;
use crate::staff::presence::not_gone;
use crate::tenancy::suspensions::is_suspended;

pub(crate) use deadlines::{move_acknowledgements, move_answers};
pub(crate) use hand_over::hand_over_if_nobody_reads;
pub use handle::{
    Acknowledge, ConfirmSubjects, IdentifyPerson, acknowledge, acknowledge_at_council, confirm_subjects, identify,
    write,
};
pub use lodge::{Followed, Receipt, add_message, find_lodged, follow, lodge};
pub use read::{
    Complaint, ComplaintSummary, RevealComplainant, find, find_at_council, list, list_at_council, read,
    read_at_council, reveal, reveal_at_council,
};

/// Makes a change of lines of management or roles. A complaint that was invisible to a member of staff before the change
/// stays invisible to them, so that a line changed for a moment opens nothing.
fn keep_closed(
    scope: &mut PracticeScope<'_>,
    change: impl FnOnce(&mut PracticeScope<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let before = open_to_each(scope)?;
    change(scope)?;
    let after = open_to_each(scope)?;
    let practice = scope.practice_id().uuid();
    let rows: Vec<_> = after
        .into_iter()
        .filter(|opened| !before.contains(opened))
        .map(|(reader, complaint)| {
            (
                complaint_subjects::holder_id.eq(practice),
                complaint_subjects::complaint_id.eq(complaint),
                complaint_subjects::subject_id.eq(scope.next_id::<SubjectId>()),
                complaint_subjects::standing.eq(SubjectStanding::MustNotSee),
                complaint_subjects::staff_id.eq(reader),
            )
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    scope.as_intake(|scope| {
        insert_rows!(scope.conn, complaint_subjects, rows)?;
        Ok(())
    })
}

/// The complaints that would be open to one member of staff.
#[derive(QueryableByName)]
struct OpenTo {
    #[diesel(sql_type = sql_types::Uuid)]
    reader: StaffId,
    #[diesel(sql_type = sql_types::Array<sql_types::Uuid>)]
    complaints: Vec<Uuid>,
}

/// Finds the complaints that would be open to each member of staff, were they a complaints manager.
fn open_to_each(scope: &mut PracticeScope<'_>) -> Result<HashSet<(StaffId, Uuid)>, StoreError> {
    let practice = scope.practice_id();
    let readers: Vec<StaffId> = staff::table
        .filter(staff::practice_id.eq(practice).and(not_gone!(scope.at())))
        .select(staff::staff_id)
        .load(scope.conn)?;
    // The function reads tables: it is asked for the list of staff, not in a query over them.
    let rows: Vec<OpenTo> = scope.as_identity(|scope| {
        Ok(diesel::sql_query(
            "SELECT reader, app.find_open_complaints($1, reader) AS complaints FROM unnest($2) AS reader",
        )
        .bind::<sql_types::Uuid, _>(practice)
        .bind::<sql_types::Array<sql_types::Uuid>, _>(readers)
        .load(scope.conn)?)
    })?;
    let each = |OpenTo { reader, complaints }| complaints.into_iter().map(move |complaint| (reader, complaint));
    Ok(rows.into_iter().flat_map(each).collect())
}

/// A message between the complainant and the handler of a complaint.
#[derive(Clone, Serialize, ToSchema)]
pub struct ComplaintMessage {
    /// The identifier of the message.
    pub id: MessageId,
    /// The author of the message.
    pub author: Author,
    /// When the message was written.
    pub written_at: DateTime<Utc>,
    /// The text of the message.
    #[schema(value_type = Passage<10000>)]
    pub text: String,
}

/// A message to write.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "She came today and said nothing about it. Thank you." }))]
pub struct NewMessage {
    /// The text of the message.
    pub text: Passage<10000>,
}

/// The complainant's words, sealed under the complaint's own key.
#[derive(Serialize, Deserialize)]
struct Content {
    narrative: Passage<10000>,
    wants: Option<Passage<4000>>,
    staff: Vec<Line<200>>,
    must_not_see: Vec<Line<200>>,
}

/// The complainant, the person and the contact wishes, sealed apart from the content.
#[derive(Clone, Serialize, Deserialize)]
struct Identity {
    complainant: Option<Complainant>,
    person: Option<PersonConcerned>,
    contact: Option<ContactWish>,
}

/// The holder of a complaint, and the key under which it is sealed.
#[derive(Clone, Copy)]
struct HeldComplaint {
    holder: Uuid,
    id: ComplaintId,
    client_id: ClientId,
    key_id: KeyId,
}

impl HeldComplaint {
    fn sealed_field(&self, column: &'static str) -> SealedField {
        SealedField { owner: self.holder, table: "complaints", column, row: self.id.uuid() }
    }
}

fn message_field(holder: Uuid, id: MessageId) -> SealedField {
    SealedField { owner: holder, table: "complaint_messages", column: "text", row: id.uuid() }
}

/// The interval at which the worker checks whether somebody at the practice may still read a complaint.
pub(crate) const READER_LOOKED_FOR_EVERY: TimeDelta = TimeDelta::hours(1);

/// Whether a complaints manager of the practice may read a complaint, by `app.find_open_complaints`. At a suspended practice
/// nobody may.
fn has_reader(scope: &mut Scope<'_>, practice: PracticeId, id: ComplaintId) -> Result<bool, StoreError> {
    let staff: Vec<(StaffId, Vec<String>)> = staff::table
        .filter(staff::practice_id.eq(practice).and(not_gone!(scope.at())))
        .select((staff::staff_id, staff::roles))
        .load(scope.conn)?;
    let managers =
        staff.into_iter().filter(|(_, roles)| roles.iter().any(|role| role == Role::ComplaintsManager.as_str()));
    scope.as_identity(|scope| {
        if is_suspended(scope, practice)? {
            return Ok(false);
        }
        for (manager, _) in managers {
            let open: Vec<ComplaintId> =
                diesel::select(find_open_complaints(practice, manager)).get_result(scope.conn)?;
            if open.contains(&id) {
                return Ok(true);
            }
        }
        Ok(false)
    })
}

/// Reads the last 500 messages of a complaint, the oldest first. The caller has already opened the key.
fn messages(scope: &mut Scope<'_>, held: &HeldComplaint) -> Result<Vec<ComplaintMessage>, StoreError> {
    let rows: Vec<(MessageId, Author, DateTime<Utc>, Vec<u8>)> = complaint_messages::table
        .filter(complaint_messages::holder_id.eq(held.holder).and(complaint_messages::complaint_id.eq(held.id)))
        .order(complaint_messages::message_id.desc())
        .limit(500)
        .select((
            complaint_messages::message_id,
            complaint_messages::author,
            complaint_messages::written_at,
            complaint_messages::text,
        ))
        .load(scope.conn)?;
    let key = scope.key(held.holder, held.key_id)?;
    rows.into_iter()
        .rev()
        .map(|(id, author, written_at, sealed)| {
            Ok(ComplaintMessage { id, author, written_at, text: key.open(message_field(held.holder, id), &sealed)? })
        })
        .collect()
}

/// Writes a message. The caller has already opened the key.
fn write_message(
    scope: &mut Scope<'_>,
    held: &HeldComplaint,
    author: Author,
    staff: Option<StaffId>,
    text: &str,
) -> Result<MessageId, StoreError> {
    let id: MessageId = scope.next_id();
    let sealed = scope.key(held.holder, held.key_id)?.seal(message_field(held.holder, id), text)?;
    diesel::insert_into(complaint_messages::table)
        .values((
            complaint_messages::holder_id.eq(held.holder),
            complaint_messages::complaint_id.eq(held.id),
            complaint_messages::message_id.eq(id),
            complaint_messages::client_id.eq(held.client_id),
            complaint_messages::author.eq(author),
            complaint_messages::staff_id.eq(staff.map(StaffId::uuid)),
            complaint_messages::written_at.eq(scope.at()),
            complaint_messages::text.eq(sealed),
        ))
        .execute(scope.conn)?;
    Ok(id)
}
