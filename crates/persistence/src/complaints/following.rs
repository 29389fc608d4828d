//! What the complainant does with their receipt: they follow their complaint, and write. The reference and the code are found together, by
//! one look-up of their keyed hash, so a wrong code is a reference that does not exist.

use almoner_domain::complaints::acknowledging::AcknowledgedBy;
use almoner_domain::complaints::limiting::Limits;
use almoner_domain::complaints::planning::Period;
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{AssignmentId, ComplaintId, CouncilId, KeyId, MessageId, UnsealingId};
use almoner_domain::officers::guests::Capacity;
use almoner_domain::words::closed_list::one_of;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;

use super::Sealed;
use super::closed::{ask_another, named_at_the_desk};
use super::documents::{self, SentDocument};
use super::heads::{self, FollowedHead};
use super::intakes;
use super::limiting;
use super::messages::{ComplaintMessage, NewMessage, Written, messages, write_message};
use super::objecting::{self, FollowedObjection};
use super::receipts::receipt_hash;
use super::record_openings::{self, FollowedRecordOpening};
use super::representing::{self, FollowedCheck};
use super::requests::{self, FollowedRequest};
use super::response::{self, SignedLetter};
use super::rights::Rights;
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::prepared::update;
use crate::ground::schema::{
    complaint_acknowledgements, complaint_assignments, complaint_receipts, complaint_unsealings, complaints, guests,
    officers, practices,
};
use crate::ground::scope::PartnerScope;
use crate::ground::transaction::setting;
use crate::officers::roles::works_on_complaints;
use crate::tenancy::councils::{self, CouncilName};

/// A complaint, as its complainant follows it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Followed {
    /// The reference of the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
    /// The status of the complaint.
    pub status: ComplaintStatus,
    /// When the complaint arrived.
    pub received_at: DateTime<Utc>,
    /// The day by which the complaint is acknowledged.
    pub acknowledgement_due_on: NaiveDate,
    /// When the complainant was given the acknowledgement: in the middle of the day, if that was recorded later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// The way by which the complainant was given it. What was reopened counts as acknowledged by the reason alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<AcknowledgedBy>,
    /// The day by which the complaint should be answered; absent until an officer has the complaint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_due_on: Option<NaiveDate>,
    /// The day by which the complaint is answered at the latest.
    pub response_latest_on: NaiveDate,
    /// The council that answers for the complaint; absent until an officer has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub council: Option<CouncilName>,
    /// Those who have the complaint now.
    #[schema(max_items = 200)]
    pub has_it: Vec<HasIt>,
    /// The objections that were made with the code, the oldest first. Whoever did not make one asks for a new code.
    #[schema(max_items = 200)]
    pub objections: Vec<FollowedObjection>,
    /// The times at which somebody looked at who the complainant is, in a confidential complaint.
    #[schema(max_items = 200)]
    pub unsealings: Vec<Unsealing>,
    /// The times for which the record of the person is or was open for looking into the complaint, where the complainant is that person
    /// or acts for them.
    #[schema(max_items = 200)]
    pub record_openings: Vec<FollowedRecordOpening>,
    /// When somebody read or did something with the code before this time. Whoever did not do that asks for a new code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_followed_at: Option<DateTime<Utc>>,
    /// How the complaint is looked into, once that is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Passage<4000>>)]
    pub handling: Option<String>,
    /// How the day came about by which the complaint is answered. Until it is planned, the contract gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The heads of the complaint.
    #[schema(max_items = 30)]
    pub heads: Vec<FollowedHead>,
    /// The limits that are in force on how the complainant reaches those who have the complaint. What is written here arrives all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// When the complainant was given the written record of what they said in the app, where they read it (`…/written-record.html`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_record_given_on: Option<NaiveDate>,
    /// The last check of whether the complainant may act for the person, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub representative_check: Option<FollowedCheck>,
    /// What was asked for that takes away from the complaint or turns it.
    #[schema(max_items = 200)]
    pub requests: Vec<FollowedRequest>,
    /// When the response was sent: in the middle of the day, if that was recorded later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// The response, if the complainant consented to be sent it in the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<SignedLetter>,
    /// When the complaint was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// The messages between the complainant and those who work on the complaint, the oldest first.
    #[schema(max_items = 500)]
    pub messages: Vec<ComplaintMessage>,
    /// The documents that came with the code, the oldest first.
    #[schema(max_items = 50)]
    pub documents: Vec<SentDocument>,
    /// The complainant's rights.
    pub rights: Rights,
}

/// Somebody who has a complaint.
#[derive(Clone, Serialize, ToSchema)]
pub struct HasIt {
    /// The identifier of their having it, with which the complainant objects to them.
    pub id: AssignmentId,
    /// Their name.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// In what capacity they have it: as an officer of the council, or as a guest's capacity says.
    #[schema(schema_with = capacities)]
    pub capacity: String,
    /// Since when they have it.
    pub since: DateTime<Utc>,
}

fn capacities() -> Object {
    one_of(
        "In what capacity somebody has a complaint.",
        &["officer", "handler", "investigator", "subject", "employers_lead"],
    )
}

/// A time at which somebody looked at who a confidential complainant is.
#[derive(Clone, Serialize, ToSchema)]
pub struct Unsealing {
    /// When it was.
    pub at: DateTime<Utc>,
    /// The reason that they gave.
    #[schema(value_type = Passage<1000>)]
    pub reason: String,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaints)]
struct FollowedRow {
    status: ComplaintStatus,
    received_at: DateTime<Utc>,
    acknowledgement_due_on: NaiveDate,
    response_due_on: NaiveDate,
    response_latest_on: NaiveDate,
    opened_at: Option<DateTime<Utc>>,
    acknowledged_at: Option<DateTime<Utc>>,
    handling: Option<Vec<u8>>,
    period: Option<Period>,
    answered_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    last_followed_at: Option<DateTime<Utc>>,
}

/// Finds the complaint of this reference and code, and opens its key.
pub(super) fn find_sealed(scope: &mut PartnerScope<'_>, reference: &str, code: &str) -> Result<Sealed, StoreError> {
    let Receipted { council, complaint, .. } = find_receipt(scope, reference, code)?;
    let sealed = open(scope, council, complaint)?;
    note_followed(scope, council, complaint)?;
    Ok(sealed)
}

/// Puts down that the complaint was followed now: whoever has the code did something with it, and whoever follows it next sees when.
fn note_followed(scope: &mut PartnerScope<'_>, council: CouncilId, complaint: ComplaintId) -> Result<(), StoreError> {
    update(complaints::table.find((council, complaint)))
        .set(complaints::last_followed_at.eq(scope.at()))
        .execute(scope.conn)?;
    Ok(())
}

/// Finds which complaint has this reference and code, for what needs nothing that is sealed.
pub(super) fn find_unopened(
    scope: &mut PartnerScope<'_>,
    (reference, code): (&str, &str),
) -> Result<(CouncilId, ComplaintId), StoreError> {
    let Receipted { council, complaint, .. } = find_receipt(scope, reference, code)?;
    scope.execute(&[setting("app.council", council.uuid()), setting("app.complaint", complaint.uuid())])?;
    Ok((council, complaint))
}

/// A complaint that was found by its receipt.
#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaint_receipts)]
struct Receipted {
    #[diesel(column_name = council_id)]
    council: CouncilId,
    #[diesel(column_name = complaint_id)]
    complaint: ComplaintId,
    reference: String,
    /// The councils of which one answers.
    councils: Vec<CouncilId>,
}

/// Finds the receipt of this reference and code, through whichever app.
fn find_receipt(scope: &mut PartnerScope<'_>, reference: &str, code: &str) -> Result<Receipted, StoreError> {
    let hash = receipt_hash(reference, code);
    let digits = data_encoding::HEXLOWER.encode(&hash);
    scope.execute(&[format!("SET LOCAL app.receipt = '{digits}'")])?;
    Ok(complaint_receipts::table
        .filter(complaint_receipts::code_hash.eq(hash))
        .select(Receipted::as_select())
        .first(scope.conn)?)
}

/// Goes on with this complaint, and opens its key as the intake, which alone may.
fn open(scope: &mut PartnerScope<'_>, council: CouncilId, id: ComplaintId) -> Result<Sealed, StoreError> {
    let settings = [setting("app.council", council.uuid()), setting("app.complaint", id.uuid())];
    let key_id = scope.at_intake_with(Some(Tenant::Council(council)), &settings, |scope| {
        let (key_id, keys): (KeyId, WrappedKeys) = complaints::table
            .find((council, id))
            .select((complaints::key_id, wrapped_keys!(complaints, council.uuid())))
            .first(scope.conn)?;
        scope.unwrap(council.uuid(), key_id, &keys)?;
        Ok(key_id)
    })?;
    Ok(Sealed { council, id, key_id })
}

/// Whether the complainant is told which of these councils answers. Where it may follow from whose record a practice has, they are told once
/// somebody has acknowledged or ended the complaint or let a guest in to it, and not whoever tries a name and a date of birth: nobody from a
/// practice has a complaint of which the complainant is not told, and whoever is refused knows by whom.
fn tells_the_council(
    scope: &mut PartnerScope<'_>,
    (council, complaint): (CouncilId, ComplaintId),
    possible: &[CouncilId],
    dealt_with_at: Option<DateTime<Utc>>,
) -> Result<bool, StoreError> {
    if possible.len() == 1 || dealt_with_at.is_some() {
        return Ok(true);
    }
    let to_guests = complaint_assignments::table
        .filter(complaint_assignments::council_id.eq(council).and(complaint_assignments::complaint_id.eq(complaint)))
        .filter(complaint_assignments::guest_id.is_not_null())
        .select(complaint_assignments::assignment_id);
    scope.as_identity(|scope| Ok(diesel::select(exists(to_guests)).get_result(scope.conn)?))
}

/// The names of the practice that a complaint is about and, as far as the complainant is told that, of the council that answers for it.
pub(super) fn own_names_told(scope: &mut PartnerScope<'_>, sealed: Sealed) -> Result<Vec<String>, StoreError> {
    type Row = (Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<String>);
    let (council, complaint) = (sealed.council, sealed.id);
    let possible: Vec<CouncilId> = complaint_receipts::table
        .filter(complaint_receipts::council_id.eq(council).and(complaint_receipts::complaint_id.eq(complaint)))
        .select(complaint_receipts::councils)
        .first(scope.conn)?;
    let (acknowledged_at, closed_at, practice): Row = complaints::table
        .find((council, complaint))
        .left_join(practices::table.on(practices::practice_id.nullable().eq(complaints::practice_id)))
        .select((complaints::acknowledged_at, complaints::closed_at, practices::name.nullable()))
        .first(scope.conn)?;
    let mut names: Vec<String> = practice.into_iter().collect();
    if tells_the_council(scope, (council, complaint), &possible, acknowledged_at.or(closed_at))? {
        names.push(councils::name_of(scope, council)?.name);
    }
    Ok(names)
}

/// Follows a complaint with its code.
pub fn follow(scope: &mut PartnerScope<'_>, reference: &str, code: &str) -> Result<OnRecord<Followed>, StoreError> {
    let Receipted { council, complaint, reference, councils } = find_receipt(scope, reference, code)?;
    let sealed = open(scope, council, complaint)?;
    let row: FollowedRow =
        complaints::table.find((council, complaint)).select(FollowedRow::as_select()).first(scope.conn)?;
    let tells_the_council =
        tells_the_council(scope, (council, complaint), &councils, row.acknowledged_at.or(row.closed_at))?;
    let is_known = row.opened_at.is_some() && tells_the_council;
    let has_it = if tells_the_council { has_it(scope, council, complaint)? } else { Vec::new() };
    let objections = if tells_the_council { objecting::followed(scope, council, complaint)? } else { Vec::new() };
    let unsealings = unsealings(scope, sealed)?;
    let record_openings = if tells_the_council { record_openings::followed(scope, sealed)? } else { Vec::new() };
    let messages = messages(scope, sealed)?;
    let documents = documents::followed(scope, sealed)?;
    let heads = heads::followed(scope, sealed)?;
    let limits = limiting::in_force(scope, sealed)?;
    let written_record_given_on = intakes::given_in_the_app(scope, sealed)?;
    let representative_check = representing::followed(scope, sealed)?;
    let requests = requests::followed(scope, sealed)?;
    let response = response::followed(scope, sealed)?;
    let key = scope.key(council.uuid(), sealed.key_id)?;
    let handling = match &row.handling {
        Some(handling) => Some(key.open(sealed.field("handling"), handling)?),
        None => None,
    };
    let acknowledged_by: Option<AcknowledgedBy> = complaint_acknowledgements::table
        .find((council, complaint))
        .select(complaint_acknowledgements::given_by)
        .first(scope.conn)
        .optional()?;
    let name = if is_known { Some(councils::name_of(scope, council)?) } else { None };
    note_followed(scope, council, complaint)?;
    let followed = Followed {
        reference,
        status: row.status,
        received_at: row.received_at,
        acknowledgement_due_on: row.acknowledgement_due_on,
        acknowledged_at: row.acknowledged_at,
        acknowledged_by: acknowledged_by.filter(|_| row.acknowledged_at.is_some()),
        response_due_on: is_known.then_some(row.response_due_on),
        response_latest_on: row.response_latest_on,
        council: name,
        has_it,
        objections,
        unsealings,
        record_openings,
        last_followed_at: row.last_followed_at,
        handling,
        period: row.period,
        heads,
        limits,
        written_record_given_on,
        representative_check,
        requests,
        answered_at: row.answered_at,
        response,
        closed_at: row.closed_at,
        messages,
        documents,
        rights: Rights::in_words(),
    };
    scope.log = LogOwner::Complaints(council);
    scope.record_read(followed, Event::ComplaintFollowed { complaint })
}

/// Those who have a complaint now, in the order in which they got it. An officer has nothing who is gone, waits to be confirmed or has no
/// role in complaints any more, and neither has a guest who was let go or waits to be confirmed.
fn has_it(scope: &mut PartnerScope<'_>, council: CouncilId, complaint: ComplaintId) -> Result<Vec<HasIt>, StoreError> {
    type Row = (AssignmentId, DateTime<Utc>, Option<String>, Option<(String, Capacity)>);
    let at = scope.at();
    let rows: Vec<Row> = scope.as_identity(|scope| {
        Ok(complaint_assignments::table
            .left_join(
                officers::table.on(officers::council_id
                    .eq(complaint_assignments::council_id)
                    .and(officers::officer_id.nullable().eq(complaint_assignments::officer_id))
                    .and(works_on_complaints!(at))),
            )
            .left_join(
                guests::table.on(guests::council_id
                    .eq(complaint_assignments::council_id)
                    .and(guests::guest_id.nullable().eq(complaint_assignments::guest_id))
                    .and(guests::ended_at.is_null().and(guests::unconfirmed_at.is_null()))),
            )
            .filter(complaint_assignments::council_id.eq(council))
            .filter(complaint_assignments::complaint_id.eq(complaint).and(complaint_assignments::ended_at.is_null()))
            .filter(complaint_assignments::opens_at.le(at))
            .order(complaint_assignments::assignment_id)
            .select((
                complaint_assignments::assignment_id,
                complaint_assignments::opens_at,
                officers::name.nullable(),
                (guests::name, guests::capacity).nullable(),
            ))
            .load(scope.conn)?)
    })?;
    let shown = |(id, since, officer, guest): Row| {
        let officer = officer.map(|name| (name, "officer"));
        let (name, capacity) = officer.or(guest.map(|(name, capacity)| (name, capacity.as_str())))?;
        Some(HasIt { id, name, capacity: capacity.to_owned(), since })
    };
    Ok(rows.into_iter().filter_map(shown).collect())
}

fn unsealings(scope: &mut PartnerScope<'_>, sealed: Sealed) -> Result<Vec<Unsealing>, StoreError> {
    let rows: Vec<(UnsealingId, DateTime<Utc>, Vec<u8>)> = complaint_unsealings::table
        .filter(complaint_unsealings::council_id.eq(sealed.council))
        .filter(complaint_unsealings::complaint_id.eq(sealed.id))
        .order(complaint_unsealings::unsealing_id)
        .limit(200)
        .select((complaint_unsealings::unsealing_id, complaint_unsealings::unsealed_at, complaint_unsealings::reason))
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    rows.into_iter()
        .map(|(id, at, reason)| {
            let field = sealed.of("complaint_unsealings", "reason", id.uuid());
            Ok(Unsealing { at, reason: key.open(field, &reason)? })
        })
        .collect()
}

/// Writes a message from the complainant. It goes to the officers who have the complaint, but not to one whom it may name: then another
/// officer is asked, and an offer to one whom it may name ends.
pub fn add_message(
    scope: &mut PartnerScope<'_>,
    reference: &str,
    code: &str,
    new: &NewMessage,
) -> Result<MessageId, StoreError> {
    let sealed = find_sealed(scope, reference, code)?;
    write_to_officers(scope, sealed, new.text.as_str())
}

/// Writes a message of the complainant's. The caller has found the complaint by its code.
pub(super) fn write_to_officers(
    scope: &mut PartnerScope<'_>,
    sealed: Sealed,
    text: &str,
) -> Result<MessageId, StoreError> {
    let (council, complaint) = (sealed.council, sealed.id);
    let names = named_at_the_desk(scope, council, text)?;
    let id = write_message(scope, sealed, Written::ByComplainant { names: names.clone() }, text)?;
    ask_another(scope, sealed, &names)?;
    scope.record_in(LogOwner::Complaints(council), Event::ComplaintMessageWritten { complaint })?;
    Ok(id)
}
