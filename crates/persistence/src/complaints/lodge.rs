//! Lodging a complaint through a partner app, and following it with its access code.

use almoner_domain::complaints::complaint::{
    Author, ComplaintStatus, HeldBy, LodgeComplaint, PersonConcerned, SubjectStanding,
};
use almoner_domain::complaints::deadlines::{acknowledgement_due_on, response_due_on, response_latest_on};
use almoner_domain::complaints::handling::{ContractFound, contract_of, practice_named};
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::ids::{ComplaintId, CouncilId, KeyId, MessageId, PracticeId, ServiceUserId, StaffId, SubjectId};
use almoner_domain::people::search_key::SearchKey;
use almoner_domain::staff::meant::may_mean;
use almoner_domain::words::characters::letters_and_digits;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rights::Rights;
use super::{
    ComplaintMessage, Content, HeldComplaint, Identity, NewMessage, READER_LOOKED_FOR_EVERY, has_reader, messages,
    write_message,
};
use crate::access::clients;
use crate::ground::error::StoreError;
use crate::ground::idempotency::Made;
use crate::ground::on_record::OnRecord;
use crate::ground::prepared::insert_rows;
use crate::ground::random;
use crate::ground::schema::{cases, complaint_subjects, complaints, contracts, practices, search_tokens, staff};
use crate::ground::scope::{Intake, PartnerScope};
use crate::ground::search_tokens::token;
use crate::ground::transaction::setting;

/// The receipt that a complainant gets at once.
#[derive(Clone, Serialize, ToSchema)]
pub struct Receipt {
    /// The reference of the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
    /// The code by which the complaint is followed, in the header `Complaint-Access-Code`: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 32, pattern = "^[a-z2-7]{32}$")]
    pub access_code: Option<String>,
    /// When the complaint arrived.
    pub received_at: DateTime<Utc>,
    /// The day by which the complaint is acknowledged (SI 2009/309 reg 13(3)).
    pub acknowledgement_due_on: NaiveDate,
    /// The day by which the complaint should be answered under the contract.
    pub response_due_on: NaiveDate,
    /// The day by which the complaint is answered at the latest (reg 14).
    pub response_latest_on: NaiveDate,
    /// The complainant's rights.
    pub rights: Rights,
}

/// A complaint, as its complainant follows it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Followed {
    /// The reference of the complaint.
    #[schema(pattern = "^C-[A-Z2-7]{5}-[A-Z2-7]{5}$", max_length = 13, example = "C-7QX4M-2KDPA")]
    pub reference: String,
    /// Whether the practice or the council handles the complaint.
    pub held_by: HeldBy,
    /// The status of the complaint.
    pub status: ComplaintStatus,
    /// When the complaint arrived.
    pub received_at: DateTime<Utc>,
    /// The day by which the complaint is acknowledged.
    pub acknowledgement_due_on: NaiveDate,
    /// When the complaint was acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// The day by which the complaint should be answered under the contract.
    pub response_due_on: NaiveDate,
    /// The day by which the complaint is answered at the latest.
    pub response_latest_on: NaiveDate,
    /// The messages between the complainant and the handler, the oldest first.
    #[schema(max_items = 500)]
    pub messages: Vec<ComplaintMessage>,
    /// The complainant's rights.
    pub rights: Rights,
}

/// Lodges a complaint: with the practice, if a complaints manager there may read it; otherwise with the council, and then
/// the practice has no trace of it. The access code is returned once and kept as a hash.
pub fn lodge(scope: &mut PartnerScope<'_>, new: &LodgeComplaint) -> Result<Made, StoreError> {
    new.check(scope.today())?;
    let found: Option<PracticeId> = practices::table
        .filter(practices::slug.eq(&new.practice))
        .select(practices::practice_id)
        .first(scope.conn)
        .optional()?;
    let practice = practice_named(found)?;
    let client_id = scope.client.client_id;
    let id: ComplaintId = scope.next_id();
    let code = random::secret();
    let calendar = scope.calendar()?;
    let today = scope.today();
    scope.at_intake(practice, |intake| {
        let person = match &new.person {
            Some(person) => intake.match_person(person)?,
            None => None,
        };
        let (council, days) = intake.responsible_council(person)?;
        let lodging = Lodging {
            id,
            new,
            person,
            council,
            client_id,
            reference: random::reference("C"),
            code_hash: clients::hash(&code),
            acknowledgement_due_on: acknowledgement_due_on(today, &calendar)?,
            response_due_on: response_due_on(today, days.unsigned_abs(), &calendar)?,
            response_latest_on: response_latest_on(today),
        };
        intake.file_complaint(&lodging)
    })?;
    Ok(Made { id: id.uuid(), secret: Some(code) })
}

struct Lodging<'a> {
    id: ComplaintId,
    new: &'a LodgeComplaint,
    person: Option<ServiceUserId>,
    council: CouncilId,
    client_id: almoner_domain::ids::ClientId,
    reference: String,
    code_hash: Vec<u8>,
    acknowledgement_due_on: NaiveDate,
    response_due_on: NaiveDate,
    response_latest_on: NaiveDate,
}

impl Intake<'_, '_> {
    /// Finds the one person of the practice who is meant. Returns `None` if several people or nobody match.
    ///
    /// Everything that is said has to fit, so a number alone is no match: one that belongs to somebody of another name is a
    /// doubt for who looks into it, and so is a number beside another on the record. A number that is on nobody's record does
    /// not undo what name and date of birth find.
    fn match_person(&mut self, person: &PersonConcerned) -> Result<Option<ServiceUserId>, StoreError> {
        let names = [Some(&person.family_name), person.given_name.as_ref()].into_iter().flatten();
        let mut wanted: Vec<Vec<SearchKey>> = names.flat_map(|name| SearchKey::of_name(name.as_str(), false)).collect();
        let born = person.birth().wanted();
        let is_born = !born.is_empty();
        if is_born {
            wanted.push(born);
        }
        let number = person.nhs_number.clone().map(|number| vec![SearchKey::NhsNumber(number)]);
        let holders = match &number {
            Some(number) => self.everybody_with(None, std::slice::from_ref(number))?,
            None => Vec::new(),
        };
        if holders.is_empty() && !is_born {
            return Ok(None);
        }
        let is_new_number = number.is_some() && holders.is_empty();
        let mut fitting = self.everybody_with(Some(holders).filter(|holders| !holders.is_empty()), &wanted)?;
        if is_new_number {
            let contradicted = self.everybody_with(Some(fitting.clone()), &[vec![SearchKey::HasNhsNumber]])?;
            fitting.retain(|one| !contradicted.contains(one));
        }
        Ok(match fitting.as_slice() {
            [one] => Some(*one),
            _ => None,
        })
    }

    /// Finds the people of the practice, or among these, who have one key of each.
    fn everybody_with(
        &mut self,
        among: Option<Vec<ServiceUserId>>,
        wanted: &[Vec<SearchKey>],
    ) -> Result<Vec<ServiceUserId>, StoreError> {
        let root = self.scope.root_key(self.practice.uuid())?;
        let mut fits = among;
        for any in wanted {
            let tokens: Vec<Vec<u8>> = any.iter().map(|key| token(&root, key)).collect();
            let mut query = search_tokens::table
                .filter(search_tokens::practice_id.eq(self.practice).and(search_tokens::token.eq_any(tokens)))
                .select(search_tokens::service_user_id)
                .distinct()
                .into_boxed();
            if let Some(fits) = fits {
                query = query.filter(search_tokens::service_user_id.eq_any(fits));
            }
            fits = Some(query.load(self.scope.conn)?);
        }
        Ok(fits.unwrap_or_default())
    }

    /// The council that is responsible (SI 2009/309 reg 6), and the working days in which its contract has complaints
    /// answered. It is the council of the person's latest case, otherwise the one whose contract is the oldest in force.
    fn responsible_council(&mut self, person: Option<ServiceUserId>) -> Result<(CouncilId, i32), StoreError> {
        let of_person: Option<CouncilId> = match person {
            Some(person) => cases::table
                .filter(cases::practice_id.eq(self.practice).and(cases::service_user_id.eq(person)))
                .order(cases::opened_at.desc())
                .select(cases::council_id)
                .first(self.scope.conn)
                .optional()?,
            None => None,
        };
        let today = self.scope.today();
        let rows: Vec<(CouncilId, i32, NaiveDate, Option<NaiveDate>)> = contracts::table
            .filter(contracts::practice_id.eq(self.practice))
            .order((contracts::starts_on, contracts::contract_id))
            .select((
                contracts::council_id,
                contracts::complaint_response_working_days,
                contracts::starts_on,
                contracts::ends_on,
            ))
            .load(self.scope.conn)?;
        let contracts: Vec<ContractFound> = rows
            .into_iter()
            .map(|(council_id, response_working_days, starts_on, ends_on)| ContractFound {
                council_id,
                response_working_days,
                lasts: (starts_on, ends_on),
            })
            .collect();
        let contract = contract_of(&contracts, of_person, today)?;
        Ok((contract.council_id, contract.response_working_days))
    }

    /// Files the complaint for the practice, and asks the wall (`app.find_open_complaints`) whether a complaints manager
    /// there may read it. If none may, that write is undone and the council becomes the holder.
    fn file_complaint(&mut self, lodging: &Lodging<'_>) -> Result<(), StoreError> {
        let practice = self.practice;
        let practice_holds_it = self.scope.attempt(|scope| {
            let mut intake = Intake { scope, practice };
            intake.insert_complaint(lodging, HeldBy::Practice)?;
            // A name that matches nobody here could mean anybody, so no member of staff is known to be free of conflict.
            Ok(intake.everybody_named_is_somebody(lodging)? && has_reader(intake.scope, practice, lodging.id)?)
        })?;
        if practice_holds_it {
            let first_look = self.scope.at() + READER_LOOKED_FOR_EVERY;
            self.scope.schedule(practice, Task::FindComplaintReader { complaint: lodging.id }, first_look);
            return Ok(());
        }
        self.scope.execute(&[setting("app.council", lodging.council.uuid())])?;
        self.insert_complaint(lodging, HeldBy::Council)?;
        self.scope.execute(&["SET LOCAL app.council = ''".to_owned()])
    }

    fn insert_complaint(&mut self, lodging: &Lodging<'_>, held_by: HeldBy) -> Result<(), StoreError> {
        let owner = match held_by {
            HeldBy::Practice => LogOwner::Practice(self.practice),
            HeldBy::Council => LogOwner::Council(lodging.council),
        };
        let holder = owner.uuid();
        let (key_id, key) = self.scope.new_key(holder)?;
        let held = HeldComplaint { holder, id: lodging.id, client_id: lodging.client_id, key_id };
        let new = lodging.new;
        let content = Content {
            narrative: new.narrative.clone(),
            wants: new.wants.clone(),
            staff: new.staff.clone(),
            must_not_see: new.must_not_see.clone(),
        };
        let identity =
            Identity { complainant: new.complainant.clone(), person: new.person.clone(), contact: new.contact.clone() };
        // The council may not know the practice's own identifier of a person.
        let person = lodging.person.filter(|_| held_by == HeldBy::Practice);
        diesel::insert_into(complaints::table)
            .values((
                (
                    complaints::holder_id.eq(holder),
                    complaints::complaint_id.eq(lodging.id),
                    complaints::held_by.eq(held_by),
                    complaints::practice_id.eq(self.practice),
                    complaints::council_id.eq(lodging.council),
                    complaints::client_id.eq(lodging.client_id),
                    complaints::reference.eq(&lodging.reference),
                    complaints::access_code_hash.eq(&lodging.code_hash),
                    complaints::service_user_id.eq(person.map(ServiceUserId::uuid)),
                ),
                (
                    complaints::status.eq(ComplaintStatus::Received),
                    complaints::key_id.eq(key_id),
                    complaints::content.eq(key.seal(held.sealed_field("content"), &content)?),
                    complaints::complainant.eq(key.seal(held.sealed_field("complainant"), &identity)?),
                    complaints::confidential.eq(new.confidential),
                    complaints::received_at.eq(self.scope.at()),
                    complaints::acknowledgement_due_on.eq(lodging.acknowledgement_due_on),
                    complaints::response_due_on.eq(lodging.response_due_on),
                    complaints::response_latest_on.eq(lodging.response_latest_on),
                ),
            ))
            .execute(self.scope.conn)?;
        if held_by == HeldBy::Practice {
            self.insert_subjects(lodging)?;
        }
        self.scope.record_in(owner, Event::ComplaintLodged { complaint: lodging.id })
    }

    /// The names of everybody who works at the practice or has worked there.
    fn staff_names(&mut self) -> Result<Vec<(StaffId, String)>, StoreError> {
        Ok(staff::table
            .filter(staff::practice_id.eq(self.practice))
            .select((staff::staff_id, staff::name))
            .load(self.scope.conn)?)
    }

    fn everybody_named_is_somebody(&mut self, lodging: &Lodging<'_>) -> Result<bool, StoreError> {
        let staff = self.staff_names()?;
        let named = lodging.new.staff.iter().chain(&lodging.new.must_not_see);
        Ok(named.into_iter().all(|given| staff.iter().any(|(_, name)| may_mean(given.as_str(), name))))
    }

    /// Inserts the members of staff whom the complainant's words may mean as subjects.
    fn insert_subjects(&mut self, lodging: &Lodging<'_>) -> Result<(), StoreError> {
        let staff = self.staff_names()?;
        let given =
            [(SubjectStanding::Named, &lodging.new.staff), (SubjectStanding::MustNotSee, &lodging.new.must_not_see)];
        let mut rows = Vec::new();
        for (standing, names) in given {
            for (member, _) in staff.iter().filter(|(_, name)| names.iter().any(|given| may_mean(given.as_str(), name)))
            {
                rows.push((
                    complaint_subjects::holder_id.eq(self.practice.uuid()),
                    complaint_subjects::complaint_id.eq(lodging.id),
                    complaint_subjects::subject_id.eq(self.scope.next_id::<SubjectId>()),
                    complaint_subjects::standing.eq(standing),
                    complaint_subjects::staff_id.eq(*member),
                ));
            }
        }
        Ok(insert_rows!(self.scope.conn, complaint_subjects, rows)?)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaints)]
struct ComplaintRow {
    holder_id: Uuid,
    complaint_id: ComplaintId,
    held_by: HeldBy,
    practice_id: PracticeId,
    council_id: CouncilId,
    client_id: almoner_domain::ids::ClientId,
    reference: String,
    access_code_hash: Vec<u8>,
    status: ComplaintStatus,
    key_id: KeyId,
    received_at: DateTime<Utc>,
    acknowledgement_due_on: NaiveDate,
    response_due_on: NaiveDate,
    response_latest_on: NaiveDate,
    acknowledged_at: Option<DateTime<Utc>>,
}

impl ComplaintRow {
    fn held(&self) -> HeldComplaint {
        HeldComplaint { holder: self.holder_id, id: self.complaint_id, client_id: self.client_id, key_id: self.key_id }
    }
}

fn rights(scope: &mut PartnerScope<'_>, practice: PracticeId) -> Result<Rights, StoreError> {
    let advocacy =
        practices::table.filter(practices::practice_id.eq(practice)).select(practices::advocacy).first(scope.conn)?;
    Ok(Rights::with(advocacy))
}

/// Finds the receipt of a complaint that this client lodged. It has the access code only if the caller gives it.
pub fn find_lodged(scope: &mut PartnerScope<'_>, id: ComplaintId, code: Option<&str>) -> Result<Receipt, StoreError> {
    let row = complaints::table
        .filter(complaints::client_id.eq(scope.client.client_id).and(complaints::complaint_id.eq(id)))
        .select(ComplaintRow::as_select())
        .first(scope.conn)?;
    Ok(Receipt {
        reference: row.reference,
        access_code: code.map(str::to_owned),
        received_at: row.received_at,
        acknowledgement_due_on: row.acknowledgement_due_on,
        response_due_on: row.response_due_on,
        response_latest_on: row.response_latest_on,
        rights: rights(scope, row.practice_id)?,
    })
}

/// Finds the complaint of this reference for a caller who has its access code, through the app that lodged it. A wrong code
/// is answered like a reference that does not exist.
fn find(scope: &mut PartnerScope<'_>, reference: &str, code: &str) -> Result<ComplaintRow, StoreError> {
    let row = complaints::table
        .filter(complaints::client_id.eq(scope.client.client_id))
        .filter(complaints::reference.eq(reference_as_given(reference)))
        .select(ComplaintRow::as_select())
        .first(scope.conn)?;
    // Both are hashes of 160 random bits, so the time that the comparison takes tells nothing of either.
    if row.access_code_hash != clients::hash(&letters_and_digits(code)) {
        return Err(StoreError::NotFound);
    }
    open_key(scope, &row)?;
    Ok(row)
}

/// The reference as the receipt gave it, from what somebody typed: `c7qx4m 2kdpa` is `C-7QX4M-2KDPA`.
fn reference_as_given(typed: &str) -> String {
    let letters = letters_and_digits(typed).to_uppercase();
    match letters.split_at_checked(1).and_then(|(kind, rest)| Some((kind, rest.split_at_checked(5)?))) {
        Some((kind, (first, second))) => format!("{kind}-{first}-{second}"),
        None => letters,
    }
}

/// Opens the complaint's key for this request, in the intake role of the holder.
fn open_key(scope: &mut PartnerScope<'_>, row: &ComplaintRow) -> Result<(), StoreError> {
    scope.at_intake(row.practice_id, |intake| {
        intake.scope.execute(&[setting("app.council", row.council_id.uuid())])?;
        intake.scope.key(row.holder_id, row.key_id)?;
        intake.scope.execute(&["SET LOCAL app.council = ''".to_owned()])
    })
}

/// Follows a complaint with its code.
pub fn follow(scope: &mut PartnerScope<'_>, reference: &str, code: &str) -> Result<OnRecord<Followed>, StoreError> {
    let row = find(scope, reference, code)?;
    let messages = messages(scope, &row.held())?;
    let event = Event::ComplaintFollowed { complaint: row.complaint_id };
    let followed = Followed {
        reference: row.reference,
        held_by: row.held_by,
        status: row.status,
        received_at: row.received_at,
        acknowledgement_due_on: row.acknowledgement_due_on,
        acknowledged_at: row.acknowledged_at,
        response_due_on: row.response_due_on,
        response_latest_on: row.response_latest_on,
        messages,
        rights: rights(scope, row.practice_id)?,
    };
    scope.record_read(followed, event)
}

/// Writes a message from the complainant to the handler.
pub fn add_message(
    scope: &mut PartnerScope<'_>,
    reference: &str,
    code: &str,
    new: &NewMessage,
) -> Result<MessageId, StoreError> {
    let row = find(scope, reference, code)?;
    let id = write_message(scope, &row.held(), Author::Complainant, None, new.text.as_str())?;
    scope.record(Event::ComplaintMessageWritten { complaint: row.complaint_id })?;
    Ok(id)
}
