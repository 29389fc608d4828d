//! What passes between the complainant and those who work on a complaint. Who follows it with its code reads it there; whoever does not is
//! given it, and that is recorded.

use almoner_domain::complaints::acknowledging::AcknowledgedBy;
use almoner_domain::complaints::complaint::{Author, ContactWish, ReadingFormat};
use almoner_domain::complaints::giving::MessageGiven;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, CouncilId, MessageId, OfficerId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changing::{Changes, change_at_once};
use super::handling::addressee;
use super::reading::{Complaint, find};
use super::{Sealed, intakes};
use crate::ground::callers::ComplaintsPerson;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_intakes, complaint_messages, complaints, councils};
use crate::ground::scope::{ComplaintsScope, Scope};
use crate::ground::sealing::Key;

/// A message between the complainant and those who work on the complaint.
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
    /// Whether the complainant is owed it in writing: it refuses, ends, limits or decides something, or says that something is late.
    pub in_writing: bool,
    /// How and when the complainant was given it, where that was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<MessageGiven>,
}

/// A message to write.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "She came today and said nothing about it. Thank you." }))]
pub struct NewMessage {
    /// The text of the message.
    pub text: Passage<10000>,
}

/// A message of the council's as a letter, with whom it is for.
pub struct MessageLetter {
    /// The reference of the complaint.
    pub reference: String,
    /// The council whose the complaint is, and its address for letters about complaints.
    pub council: (String, Option<String>),
    /// The name of the complainant, if they gave one.
    pub name: Option<Line<200>>,
    /// Their postal address, unless they gave none or wish to be reached safely in another way.
    pub address: Option<Passage<500>>,
    /// The day on which it was written.
    pub written_on: NaiveDate,
    /// The text of the message.
    pub text: String,
    /// The format in which the complainant reads what they are sent.
    pub format: ReadingFormat,
}

type Row = (MessageId, Author, DateTime<Utc>, Vec<u8>, (bool, Option<AcknowledgedBy>, Option<NaiveDate>));

/// Selects a [`Row`].
macro_rules! columns {
    () => {
        (
            complaint_messages::message_id,
            complaint_messages::author,
            complaint_messages::written_at,
            complaint_messages::text,
            (complaint_messages::in_writing, complaint_messages::given_by, complaint_messages::given_on),
        )
    };
}

fn open(key: &Key, sealed: Sealed, row: Row) -> Result<ComplaintMessage, StoreError> {
    let (id, author, written_at, text, (in_writing, by, on)) = row;
    let given = by.zip(on).map(|(by, on)| MessageGiven { by, on });
    Ok(ComplaintMessage { id, author, written_at, text: key.open(sealed.message(id), &text)?, in_writing, given })
}

/// Reads the last 500 messages of a complaint that the scope may see, the oldest first.
pub(super) fn messages(scope: &mut Scope<'_>, sealed: Sealed) -> Result<Vec<ComplaintMessage>, StoreError> {
    let rows: Vec<Row> = complaint_messages::table
        .filter(complaint_messages::council_id.eq(sealed.council).and(complaint_messages::complaint_id.eq(sealed.id)))
        .order(complaint_messages::message_id.desc())
        .limit(500)
        .select(columns!())
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    rows.into_iter().rev().map(|row| open(&key, sealed, row)).collect()
}

/// Who wrote a message or sent a document, and to whom it is closed at first.
pub(super) enum Written {
    /// The complainant did. It waits for an officer to pass it on to guests, and is closed to the officers whom it may name.
    ByComplainant { names: Vec<OfficerId> },
    /// Somebody who works on the complaint did. It is open to everybody who has the complaint.
    By(ComplaintsPerson),
    /// The service did, because a clock had run out. It is open to everybody who has the complaint.
    ByTheService,
}

impl Written {
    /// The author, with the officer or the guest; since when it is open to everybody who has the complaint; to whom it is closed until then.
    pub(super) fn columns(
        self,
        at: DateTime<Utc>,
    ) -> (Author, Option<ComplaintsPerson>, Option<DateTime<Utc>>, Vec<OfficerId>) {
        match self {
            Self::ByComplainant { names } => (Author::Complainant, None, None, names),
            Self::By(person) => (Author::Council, Some(person), Some(at), Vec::new()),
            Self::ByTheService => (Author::Service, None, Some(at), Vec::new()),
        }
    }
}

/// Writes a message. The caller has already opened the key.
pub(super) fn write_message(
    scope: &mut Scope<'_>,
    sealed: Sealed,
    written: Written,
    text: &str,
) -> Result<MessageId, StoreError> {
    let in_writing = matches!(written, Written::ByTheService);
    write(scope, sealed, written, (text, in_writing, None))
}

/// Writes what the complainant is owed in writing.
pub(super) fn write_in_writing(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
    text: &str,
) -> Result<MessageId, StoreError> {
    let person = scope.worker().person;
    write(scope, sealed, Written::By(person), (text, true, None))
}

/// Writes what the complainant was told already, in this way.
pub(super) fn write_as_told(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
    text: &str,
    given: Option<MessageGiven>,
) -> Result<MessageId, StoreError> {
    let person = scope.worker().person;
    write(scope, sealed, Written::By(person), (text, false, given))
}

fn write(
    scope: &mut Scope<'_>,
    sealed: Sealed,
    written: Written,
    (text, in_writing, given): (&str, bool, Option<MessageGiven>),
) -> Result<MessageId, StoreError> {
    let id: MessageId = scope.next_id();
    let text = scope.key(sealed.council.uuid(), sealed.key_id)?.seal(sealed.message(id), text)?;
    let (author, person, passed_on_at, names) = written.columns(scope.at());
    if author != Author::Complainant && given.is_none() {
        intakes::note_written(scope, sealed)?;
    }
    diesel::insert_into(complaint_messages::table)
        .values((
            complaint_messages::council_id.eq(sealed.council),
            complaint_messages::complaint_id.eq(sealed.id),
            complaint_messages::message_id.eq(id),
            complaint_messages::author.eq(author),
            complaint_messages::officer_id.eq(person.and_then(ComplaintsPerson::officer)),
            complaint_messages::guest_id.eq(person.and_then(ComplaintsPerson::guest)),
            complaint_messages::written_at.eq(scope.at()),
            complaint_messages::text.eq(text),
            complaint_messages::passed_on_at.eq(passed_on_at),
            complaint_messages::names.eq(names),
            complaint_messages::in_writing.eq(in_writing),
            complaint_messages::given_by.eq(given.as_ref().map(|given| given.by)),
            complaint_messages::given_on.eq(given.as_ref().map(|given| given.on)),
        ))
        .execute(scope.conn)?;
    Ok(id)
}

/// Reads one message that the caller may see: who wrote it, whether it is owed in writing, whether it was given, and its text.
fn find_message(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    id: MessageId,
) -> Result<ComplaintMessage, StoreError> {
    let sealed = complaint.sealed;
    let row: Row =
        complaint_messages::table.find((sealed.council, sealed.id, id)).select(columns!()).first(scope.conn)?;
    open(&scope.key(sealed.council.uuid(), sealed.key_id)?, sealed, row)
}

/// Records how and when the complainant was given a message of the council's, once.
pub fn give(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    id: MessageId,
    with: &MessageGiven,
) -> Result<(), StoreError> {
    let message = find_message(scope, complaint, id)?;
    let refused =
        |state| Err(Refusal::InvalidState { thing: "message", state, step: "given to the complainant" }.into());
    if message.author == Author::Complainant {
        return refused("the complainant's own");
    }
    if message.given.is_some() {
        return refused("given");
    }
    let to = addressee(scope, complaint)?;
    let written = london_date(message.written_at);
    StoreError::unless_faulty(with.faults(written, message.in_writing, to, scope.today()))?;
    let given = update(complaint_messages::table.find((scope.council_id(), complaint.id, id)))
        .set((complaint_messages::given_by.eq(with.by), complaint_messages::given_on.eq(with.on)))
        .execute(scope.conn)?;
    StoreError::unless_changed(given, "the message")?;
    let not_given = complaint_messages::table
        .filter(complaint_messages::council_id.eq(scope.council_id()))
        .filter(complaint_messages::complaint_id.eq(complaint.id).and(complaint_messages::given_on.is_null()))
        .filter(complaint_messages::author.ne(Author::Complainant));
    if !diesel::select(exists(not_given)).get_result::<bool>(scope.conn)? {
        intakes::note_all_given(scope, complaint.id)?;
    }
    change_at_once(scope, complaint, Changes::default())?;
    scope.record(Event::ComplaintMessageGiven { complaint: complaint.id })
}

/// Gives out a message of the council's as a letter, to be printed or sent: that is on record. It is refused while the identity in a
/// confidential complaint is sealed for the caller: the letter has the name and the address.
pub fn letter_to_give_out(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    message: MessageId,
) -> Result<OnRecord<MessageLetter>, StoreError> {
    let complaint = find(scope, id)?;
    let found = find_message(scope, &complaint, message)?;
    let refused = |thing, state| Err(Refusal::InvalidState { thing, state, step: "written as a letter" }.into());
    if found.author == Author::Complainant {
        return refused("message", "the complainant's own");
    }
    if complaint.confidential && complaint.unsealed_until.is_none() {
        return refused("identity in the complaint", "sealed");
    }
    let council = councils::table
        .find(scope.council_id())
        .select((councils::name, councils::complaints_address))
        .first(scope.conn)?;
    let letter = MessageLetter {
        reference: complaint.reference.clone(),
        council,
        name: complaint.complainant.as_ref().map(|complainant| complainant.name.clone()),
        address: complaint.contact.as_ref().and_then(ContactWish::address_of_letters).cloned(),
        written_on: london_date(found.written_at),
        text: found.text,
        format: complaint.format,
    };
    scope.record_read(letter, Event::ComplaintLetterGivenOut { complaint: id })
}

/// Returns from which day each message of these complaints waits to be given to the complainant: those of complaints that somebody took down
/// from whoever can be reached, and that were never followed with their code; of those that were, what is owed in writing and was written since.
pub(super) fn waiting_to_be_given(
    scope: &mut Scope<'_>,
    council: CouncilId,
    ids: &[ComplaintId],
) -> Result<Vec<(ComplaintId, NaiveDate)>, StoreError> {
    let is_unread = complaints::last_followed_at.is_null().or(complaint_messages::in_writing
        .and(complaints::last_followed_at.lt(complaint_messages::written_at.nullable()).assume_not_null()));
    let rows: Vec<(ComplaintId, DateTime<Utc>, NaiveDate)> = complaint_messages::table
        .inner_join(
            complaint_intakes::table.on(complaint_intakes::council_id
                .eq(complaint_messages::council_id)
                .and(complaint_intakes::complaint_id.eq(complaint_messages::complaint_id))),
        )
        .inner_join(
            complaints::table.on(complaints::council_id
                .eq(complaint_messages::council_id)
                .and(complaints::complaint_id.eq(complaint_messages::complaint_id))),
        )
        .filter(complaint_messages::council_id.eq(council).and(complaint_messages::complaint_id.eq_any(ids)))
        .filter(complaint_messages::author.ne(Author::Complainant).and(complaint_messages::given_on.is_null()))
        .filter(complaint_intakes::reached_on.is_not_null().and(is_unread))
        .select((
            complaint_messages::complaint_id,
            complaint_messages::written_at,
            complaint_intakes::reached_on.assume_not_null(),
        ))
        .load(scope.conn)?;
    Ok(rows.into_iter().map(|(id, written_at, reached_on)| (id, london_date(written_at).max(reached_on))).collect())
}
