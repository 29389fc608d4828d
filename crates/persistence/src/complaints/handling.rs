//! Handling a complaint: acknowledging it, writing to the complainant, passing on what they wrote.

use almoner_domain::complaints::complaint::Author;
use almoner_domain::complaints::deadlines::progress_due_on;
use almoner_domain::complaints::status::Step;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, KeyId, MessageId};
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changing::{Changes, change};
use super::reading::Complaint;
use super::{NewMessage, Sealed, Written, write_message};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_messages, complaints};
use crate::ground::scope::ComplaintsScope;

/// An acknowledgement, which offers to discuss how the complaint is handled and by when (SI 2009/309 reg 13(7)).
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "message": "Thank you for telling us. May I ring you on Thursday morning to agree how we look into this, and by when?",
}))]
pub struct Acknowledge {
    /// The message that the complainant reads. It offers to discuss the handling and the period.
    pub message: Passage<4000>,
}

/// Acknowledges a complaint, with a message that the complainant reads.
pub fn acknowledge(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    with: &Acknowledge,
) -> Result<(), StoreError> {
    let status = complaint.status.after(Step::Acknowledge)?;
    let progress = progress_due_on(scope.today(), &scope.calendar()?);
    let acknowledged = Changes {
        status: Some(status),
        acknowledged_at: Some(Some(scope.at())),
        progress_due_on: Some(Some(progress)),
        ..Changes::default()
    };
    change(scope, complaint, acknowledged)?;
    let person = scope.worker().person;
    write_message(scope, complaint.sealed, Written::By(person), with.message.as_str())?;
    scope.record(Event::ComplaintAcknowledged { complaint: complaint.id })
}

/// Writes a message to the complainant.
pub fn write(scope: &mut ComplaintsScope<'_>, id: ComplaintId, new: &NewMessage) -> Result<MessageId, StoreError> {
    let council = scope.council_id();
    let own = complaints::table.find((council, id));
    let (key_id, progress): (KeyId, Option<NaiveDate>) =
        own.select((complaints::key_id, complaints::progress_due_on)).first(scope.conn)?;
    let person = scope.worker().person;
    let message = write_message(scope, Sealed { council, id, key_id }, Written::By(person), new.text.as_str())?;
    // Whoever hears from the council hears how it goes.
    let next = match progress {
        Some(_) => Some(progress_due_on(scope.today(), &scope.calendar()?)),
        None => None,
    };
    update(own)
        .set((complaints::last_worked_at.eq(scope.at()), complaints::progress_due_on.eq(next)))
        .execute(scope.conn)?;
    scope.record(Event::ComplaintMessageWritten { complaint: id })?;
    Ok(message)
}

/// Passes a message of the complainant on to everybody who has the complaint: to the guests, and to an officer whom it may name. Only an
/// officer does it who sees the message.
pub fn pass_on(scope: &mut ComplaintsScope<'_>, id: ComplaintId, message: MessageId) -> Result<(), StoreError> {
    scope.officer()?;
    let council = scope.council_id();
    let own = complaint_messages::table.find((council, id, message));
    let (author, passed_on_at): (Author, Option<DateTime<Utc>>) =
        own.select((complaint_messages::author, complaint_messages::passed_on_at)).first(scope.conn)?;
    if author == Author::Council || passed_on_at.is_some() {
        return Ok(());
    }
    let passed_on = update(own).set(complaint_messages::passed_on_at.eq(scope.at())).execute(scope.conn)?;
    StoreError::unless_changed(passed_on, "the message")?;
    scope.record(Event::ComplaintMessagePassedOn { complaint: id })
}
