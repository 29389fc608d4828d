//! Handling a complaint: acknowledging it, writing to the complainant, passing on what they wrote.

use almoner_domain::complaints::acknowledging::{Acknowledge, AcknowledgedBy, Addressee, Reach};
use almoner_domain::complaints::complaint::{Author, ContactWish, Way};
use almoner_domain::complaints::deadlines::progress_due_on;
use almoner_domain::complaints::giving::MessageGiven;
use almoner_domain::complaints::status::Step;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, KeyId, MessageId};
use almoner_domain::words::calendar::{london_date, moment_of};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::Sealed;
use super::changing::{Changes, change_at_once};
use super::messages::{NewMessage, Written, write_as_told, write_message};
use super::reading::{Complaint, identity};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_acknowledgements, complaint_messages, complaints};
use crate::ground::scope::ComplaintsScope;

/// Acknowledges a complaint, with a message that the complainant reads or was told. The day on which they were given it counts, whenever that
/// is recorded.
pub fn acknowledge(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    with: &Acknowledge,
) -> Result<(), StoreError> {
    let status = complaint.status.after(Step::Acknowledge)?;
    let today = scope.today();
    let to = addressee(scope, complaint)?;
    StoreError::unless_faulty(with.faults(to, today))?;
    let on = with.on.unwrap_or(today);
    let progress = progress_due_on(on, &scope.calendar()?);
    let acknowledged = Changes {
        status: Some(status),
        acknowledged_at: Some(Some(moment_of(on, scope.at()))),
        progress_due_on: Some(Some(progress)),
        ..Changes::default()
    };
    change_at_once(scope, complaint, acknowledged)?;
    let by = with.by.unwrap_or(AcknowledgedBy::App);
    diesel::insert_into(complaint_acknowledgements::table)
        .values((
            complaint_acknowledgements::council_id.eq(complaint.sealed.council),
            complaint_acknowledgements::complaint_id.eq(complaint.id),
            complaint_acknowledgements::given_by.eq(by),
        ))
        // What is received again is acknowledged again.
        .on_conflict((complaint_acknowledgements::council_id, complaint_acknowledgements::complaint_id))
        .do_update()
        .set(complaint_acknowledgements::given_by.eq(by))
        .execute(scope.conn)?;
    let given = with.by.map(|by| MessageGiven { by, on });
    write_as_told(scope, complaint.sealed, with.message.as_str(), given)?;
    scope.record(Event::ComplaintAcknowledged { complaint: complaint.id })
}

/// What is known of the complainant as somebody who is given an acknowledgement, or told what goes on.
pub(super) fn addressee(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Addressee, StoreError> {
    let identity = identity(scope, complaint)?;
    let followed: Option<DateTime<Utc>> = complaints::table
        .find((scope.council_id(), complaint.id))
        .select(complaints::last_followed_at)
        .first(scope.conn)?;
    Ok(Addressee {
        received: london_date(complaint.reopened_at.unwrap_or(complaint.received_at)),
        consents: identity.consents_to_electronic_sending(),
        has_the_code: matches!(complaint.way, Way::App | Way::CouncilForm) || followed.is_some(),
        reach: identity.contact.as_ref().map_or(Reach::None, ContactWish::reach),
    })
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
