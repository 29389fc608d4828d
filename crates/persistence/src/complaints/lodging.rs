//! Taking a complaint in: through a partner app, from the council's own form, by an officer, or at a practice's desk. It is the council's
//! from the first byte on. What the answer says never depends on whether anybody is known anywhere.

use almoner_domain::complaints::complaint::{LodgeComplaint, PersonConcerned, Way};
use almoner_domain::complaints::deadlines::{acknowledgement_due_on, plan_due_on, response_due_on, response_latest_on};
use almoner_domain::complaints::responsibility::{ContractFound, responsible_council};
use almoner_domain::complaints::status::ComplaintStatus;
use almoner_domain::events::{Event, LogOwner, Task};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ClientId, ComplaintId, CouncilId, PracticeId, ServiceUserId};
use almoner_domain::people::search_key::SearchKey;
use almoner_domain::words::characters::letters_and_digits;
use almoner_domain::words::gss_code::GssCode;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::rights::Rights;
use super::{Content, Identity, Sealed};
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::idempotency::{IdempotencyKey, Made};
use crate::ground::random;
use crate::ground::schema::{cases, complaint_receipts, complaints, contracts, councils, practices, search_tokens};
use crate::ground::scope::{ComplaintsScope, CouncilScope, PartnerScope, PracticeScope, Scope};
use crate::ground::sealing::keyed_hash;
use crate::ground::search_tokens::token;
use crate::ground::transaction::setting;

/// The receipt that a complainant gets at once. It is not the acknowledgement.
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
    /// The day by which the complaint is answered at the latest (reg 14).
    pub response_latest_on: NaiveDate,
    /// The complainant's rights.
    pub rights: Rights,
}

/// A keyed hash of a reference and its code, as somebody typed them: in any case, with or without spaces and hyphens.
pub(super) fn receipt_hash(reference: &str, code: &str) -> Vec<u8> {
    let plain = |typed: &str| letters_and_digits(typed).to_lowercase();
    keyed_hash(b"almoner complaint receipt", &[plain(reference).as_bytes(), plain(code).as_bytes()]).to_vec()
}

/// Lodges a complaint through a partner app. The access code is returned once and kept as a hash.
pub fn lodge(scope: &mut PartnerScope<'_>, new: &LodgeComplaint) -> Result<Made, StoreError> {
    let (new, practice) = checked(scope, new, None)?;
    let client = scope.client.client_id;
    take_in(scope, None, &Arrival { way: Way::App, practice, client: Some(client), desk_key: None }, &new)
}

/// Lodges a complaint from a form of the council's own, to this council.
pub fn lodge_from_form(scope: &mut CouncilScope<'_>, new: &LodgeComplaint) -> Result<Made, StoreError> {
    let (council, client) = (scope.council_id(), scope.system()?.client_id);
    let (new, practice) = checked(scope, new, Some(council))?;
    let arrival = Arrival { way: Way::CouncilForm, practice, client: Some(client), desk_key: None };
    take_in(scope, Some(Tenant::Council(council)), &arrival, &new)
}

/// Takes a complaint down as an officer, for this council. Whoever takes it down does not have it by that.
pub fn take_down(scope: &mut ComplaintsScope<'_>, new: &LodgeComplaint) -> Result<Made, StoreError> {
    let council = scope.council_id();
    scope.officer()?;
    let (new, practice) = checked(scope, new, Some(council))?;
    let arrival = Arrival { way: Way::Officer, practice, client: None, desk_key: None };
    take_in(scope, Some(Tenant::Council(council)), &arrival, &new)
}

/// Writes a complaint down at a practice's desk, for somebody. The practice keeps no trace of it: no row, no claim, no job, and no line of
/// its log. The same request again, with its key, does nothing.
pub fn write_down(
    scope: &mut PracticeScope<'_>,
    new: &LodgeComplaint,
    own_name: &str,
    key: &IdempotencyKey,
) -> Result<(), StoreError> {
    if new.practice.as_ref().is_some_and(|named| named.as_str() != own_name) {
        return Err(StoreError::ValidationFailed(vec![Fault::new("/practice", "must be your own practice")]));
    }
    let practice = scope.practice_id();
    let desk_key = key.hash_for(scope.staff_id().uuid());
    let arrival = Arrival { way: Way::PracticeDesk, practice: Some(practice), client: None, desk_key: Some(desk_key) };
    let new = LodgeComplaint { practice: Some(own_name.parse().map_err(StoreError::unreadable)?), ..new.clone() };
    new.check(scope.today())?;
    take_in(scope, Some(Tenant::Practice(practice)), &arrival, &new).map(drop)
}

/// How a complaint arrives.
struct Arrival {
    way: Way,
    practice: Option<PracticeId>,
    client: Option<ClientId>,
    desk_key: Option<Vec<u8>>,
}

/// Checks a complaint, and finds the practice that it names in the public directory. At a council's own door it is to this council.
fn checked(
    scope: &mut Scope<'_>,
    new: &LodgeComplaint,
    own_council: Option<CouncilId>,
) -> Result<(LodgeComplaint, Option<PracticeId>), StoreError> {
    let mut new = new.clone();
    let mut faults = Vec::new();
    if let Some(council) = own_council {
        let own: GssCode = councils::table.find(council).select(councils::gss_code).first(scope.conn)?;
        if new.council.as_ref().is_some_and(|named| *named != own) {
            faults.push(Fault::new("/council", "must be your own council"));
        }
        new.council = Some(own);
    }
    let practice: Option<PracticeId> = match &new.practice {
        None => None,
        Some(slug) => {
            let named = practices::table.filter(practices::slug.eq(slug)).select(practices::practice_id);
            named.first(scope.conn).optional()?
        }
    };
    if practice.is_none() && new.practice.is_some() {
        faults.push(Fault::new("/practice", "is not the name of a practice that uses the service"));
    }
    faults.extend(new.check(scope.today()).err().unwrap_or_default());
    StoreError::unless_faulty(faults)?;
    Ok((new, practice))
}

/// Takes the complaint in for the council that answers for it. At the door of a council, or of its complaints, that is this council.
fn take_in(
    scope: &mut Scope<'_>,
    own: Option<Tenant>,
    arrival: &Arrival,
    new: &LodgeComplaint,
) -> Result<Made, StoreError> {
    let calendar = scope.calendar()?;
    let today = scope.today();
    let at_practice: Vec<String> =
        arrival.practice.map(|practice| setting("app.practice", practice.uuid())).into_iter().collect();
    let own_council = match own {
        Some(Tenant::Council(council)) => Some(council),
        Some(Tenant::Practice(_)) | None => None,
    };
    let (person, (council, days)) = scope.at_intake_with(own, &at_practice, |scope| {
        let person = match (arrival.practice, &new.person) {
            (Some(practice), Some(person)) => match_person(scope, practice, person)?,
            _ => None,
        };
        let chosen = match own_council {
            Some(council) => Some(council),
            None => chosen_council(scope, new)?,
        };
        Ok((person, answering_council(scope, arrival.practice, person, chosen)?))
    })?;
    let id: ComplaintId = scope.next_id();
    let (reference, code) = (random::reference("C"), random::secret());
    let days =
        (acknowledgement_due_on(today, &calendar), response_due_on(today, days, &calendar), response_latest_on(today));
    let plan_due_on = plan_due_on(today, &calendar);
    let taken = Taken { id, person, council, reference, code_hash: Vec::new(), days, plan_due_on };
    let taken = Taken { code_hash: receipt_hash(&taken.reference, &code), ..taken };
    scope
        .at_intake_with(own, &[setting("app.council", council.uuid())], |scope| insert(scope, arrival, new, &taken))?;
    Ok(Made { id: id.uuid(), secret: Some(code) })
}

/// A complaint that is taken in.
struct Taken {
    id: ComplaintId,
    person: Option<ServiceUserId>,
    council: CouncilId,
    reference: String,
    code_hash: Vec<u8>,
    days: (NaiveDate, NaiveDate, NaiveDate),
    plan_due_on: NaiveDate,
}

fn insert(scope: &mut Scope<'_>, arrival: &Arrival, new: &LodgeComplaint, taken: &Taken) -> Result<(), StoreError> {
    let council = taken.council;
    if let Some(desk_key) = &arrival.desk_key {
        // The same request a moment earlier is waited for. Its hash begins with as good a number as any.
        scope.hold_alone(desk_key.first_chunk().map_or(0, |first| i64::from_be_bytes(*first)))?;
        let written: i64 = complaint_receipts::table
            .filter(complaint_receipts::council_id.eq(council).and(complaint_receipts::desk_key.eq(desk_key)))
            .count()
            .get_result(scope.conn)?;
        if written > 0 {
            return Ok(());
        }
    }
    let (key_id, key) = scope.new_key(council.uuid())?;
    let sealed = Sealed { council, id: taken.id, key_id };
    let (acknowledgement_due_on, response_due_on, response_latest_on) = taken.days;
    diesel::insert_into(complaints::table)
        .values((
            (
                complaints::council_id.eq(council),
                complaints::complaint_id.eq(taken.id),
                complaints::way.eq(arrival.way),
                complaints::practice_id.eq(arrival.practice),
                complaints::about_council.eq(new.is_about_the_council()),
                complaints::service_user_id.eq(taken.person),
                complaints::status.eq(ComplaintStatus::Received),
                complaints::key_id.eq(key_id),
            ),
            (
                complaints::content.eq(key.seal(sealed.field("content"), &Content::of(new))?),
                complaints::complainant.eq(key.seal(sealed.field("complainant"), &Identity::of(new))?),
                complaints::confidential.eq(new.confidential),
                complaints::received_at.eq(scope.at()),
                complaints::last_worked_at.eq(scope.at()),
                complaints::acknowledgement_due_on.eq(acknowledgement_due_on),
                complaints::plan_due_on.eq(taken.plan_due_on),
                complaints::response_due_on.eq(response_due_on),
                complaints::response_latest_on.eq(response_latest_on),
            ),
        ))
        .execute(scope.conn)?;
    diesel::insert_into(complaint_receipts::table)
        .values((
            complaint_receipts::council_id.eq(council),
            complaint_receipts::complaint_id.eq(taken.id),
            complaint_receipts::client_id.eq(arrival.client),
            complaint_receipts::reference.eq(&taken.reference),
            complaint_receipts::code_hash.eq(&taken.code_hash),
            complaint_receipts::desk_key.eq(&arrival.desk_key),
            complaint_receipts::received_at.eq(scope.at()),
            complaint_receipts::acknowledgement_due_on.eq(acknowledgement_due_on),
            complaint_receipts::response_latest_on.eq(response_latest_on),
        ))
        .execute(scope.conn)?;
    let at = scope.at();
    scope.schedule(council, Task::WatchComplaint { complaint: taken.id }, at);
    scope.record_in(LogOwner::Complaints(council), Event::ComplaintLodged { complaint: taken.id })
}

/// Finds the council that the complainant chose. One that does not use the service chooses nothing.
fn chosen_council(scope: &mut Scope<'_>, new: &LodgeComplaint) -> Result<Option<CouncilId>, StoreError> {
    let Some(code) = &new.council else { return Ok(None) };
    Ok(councils::table.filter(councils::gss_code.eq(code)).select(councils::council_id).first(scope.conn).optional()?)
}

/// The council that answers for the complaint (SI 2009/309 reg 6), and the working days in which its contract has complaints answered:
/// the one that was chosen, that of the person's latest case, or the one whose contract is the oldest in force.
fn answering_council(
    scope: &mut Scope<'_>,
    practice: Option<PracticeId>,
    person: Option<ServiceUserId>,
    chosen: Option<CouncilId>,
) -> Result<(CouncilId, u32), StoreError> {
    let of_person: Option<CouncilId> = match (practice, person) {
        (Some(practice), Some(person)) => cases::table
            .filter(cases::practice_id.eq(practice).and(cases::service_user_id.eq(person)))
            .order(cases::opened_at.desc())
            .select(cases::council_id)
            .first(scope.conn)
            .optional()?,
        _ => None,
    };
    let rows: Vec<(CouncilId, i32, NaiveDate, Option<NaiveDate>)> = match practice {
        None => Vec::new(),
        Some(practice) => contracts::table
            .filter(contracts::practice_id.eq(practice))
            .order((contracts::starts_on, contracts::contract_id))
            .select((
                contracts::council_id,
                contracts::complaint_response_working_days,
                contracts::starts_on,
                contracts::ends_on,
            ))
            .load(scope.conn)?,
    };
    let found = |(council_id, response_working_days, starts_on, ends_on)| ContractFound {
        council_id,
        response_working_days,
        lasts: (starts_on, ends_on),
    };
    let contracts: Vec<ContractFound> = rows.into_iter().map(found).collect();
    Ok(responsible_council(chosen, &contracts, of_person, scope.today())?)
}

/// Finds the one person of the practice who is meant. Returns `None` if several people or nobody match.
///
/// Everything that is said has to fit, so a number alone is no match: one that belongs to somebody of another name is a
/// doubt for who looks into it, and so is a number beside another on the record. A number that is on nobody's record does
/// not undo what name and date of birth find.
pub(super) fn match_person(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    person: &PersonConcerned,
) -> Result<Option<ServiceUserId>, StoreError> {
    let names = [Some(&person.family_name), person.given_name.as_ref()].into_iter().flatten();
    let mut wanted: Vec<Vec<SearchKey>> = names.flat_map(|name| SearchKey::of_name(name.as_str(), false)).collect();
    let born = person.birth().wanted();
    let is_born = !born.is_empty();
    if is_born {
        wanted.push(born);
    }
    let number = person.nhs_number.clone().map(|number| vec![SearchKey::NhsNumber(number)]);
    let holders = match &number {
        Some(number) => everybody_with(scope, practice, None, std::slice::from_ref(number))?,
        None => Vec::new(),
    };
    if holders.is_empty() && !is_born {
        return Ok(None);
    }
    let is_new_number = number.is_some() && holders.is_empty();
    let among = Some(holders).filter(|holders| !holders.is_empty());
    let mut fitting = everybody_with(scope, practice, among, &wanted)?;
    if is_new_number {
        let contradicted = everybody_with(scope, practice, Some(fitting.clone()), &[vec![SearchKey::HasNhsNumber]])?;
        fitting.retain(|one| !contradicted.contains(one));
    }
    Ok(match fitting.as_slice() {
        [one] => Some(*one),
        _ => None,
    })
}

/// Finds the people of the practice, or among these, who have one key of each.
fn everybody_with(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    among: Option<Vec<ServiceUserId>>,
    wanted: &[Vec<SearchKey>],
) -> Result<Vec<ServiceUserId>, StoreError> {
    let root = scope.root_key(practice.uuid())?;
    let mut fits = among;
    for any in wanted {
        let tokens: Vec<Vec<u8>> = any.iter().map(|key| token(&root, key)).collect();
        let mut query = search_tokens::table
            .filter(search_tokens::practice_id.eq(practice).and(search_tokens::token.eq_any(tokens)))
            .select(search_tokens::service_user_id)
            .distinct()
            .into_boxed();
        if let Some(fits) = fits {
            query = query.filter(search_tokens::service_user_id.eq_any(fits));
        }
        fits = Some(query.load(scope.conn)?);
    }
    Ok(fits.unwrap_or_default())
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaint_receipts)]
struct ReceiptRow {
    reference: String,
    received_at: DateTime<Utc>,
    acknowledgement_due_on: NaiveDate,
    response_latest_on: NaiveDate,
}

impl ReceiptRow {
    fn with(self, code: Option<&str>) -> Receipt {
        Receipt {
            reference: self.reference,
            access_code: code.map(str::to_owned),
            received_at: self.received_at,
            acknowledgement_due_on: self.acknowledgement_due_on,
            response_latest_on: self.response_latest_on,
            rights: Rights::in_words(),
        }
    }
}

/// Finds the receipt of a complaint that this client lodged. It has the access code only if the caller gives it.
pub fn find_lodged(scope: &mut PartnerScope<'_>, id: ComplaintId, code: Option<&str>) -> Result<Receipt, StoreError> {
    let client = scope.client.client_id;
    receipt_of(scope, client, id, code)
}

/// Finds the receipt of a complaint that this system of the council lodged, as [`find_lodged`] does.
pub fn find_lodged_from_form(
    scope: &mut CouncilScope<'_>,
    id: ComplaintId,
    code: Option<&str>,
) -> Result<Receipt, StoreError> {
    let client = scope.system()?.client_id;
    receipt_of(scope, client, id, code)
}

fn receipt_of(
    scope: &mut Scope<'_>,
    client: ClientId,
    id: ComplaintId,
    code: Option<&str>,
) -> Result<Receipt, StoreError> {
    let row: ReceiptRow = complaint_receipts::table
        .filter(complaint_receipts::client_id.eq(client).and(complaint_receipts::complaint_id.eq(id)))
        .select(ReceiptRow::as_select())
        .first(scope.conn)?;
    Ok(row.with(code))
}

/// Finds the receipt of a complaint that the caller has just taken down, for the complainant.
pub fn find_taken_down(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    code: Option<&str>,
) -> Result<Receipt, StoreError> {
    let council = scope.council_id();
    let own = Some(Tenant::Council(council));
    let row: ReceiptRow = scope.at_intake_with(own, &[setting("app.council", council.uuid())], |scope| {
        Ok(complaint_receipts::table.find((council, id)).select(ReceiptRow::as_select()).first(scope.conn)?)
    })?;
    Ok(row.with(code))
}

/// Draws a new access code for a complaint that the caller has, to be handed to the complainant alone. The earlier one ends.
pub fn replace_code(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<Made, StoreError> {
    scope.officer()?;
    let council = scope.council_id();
    let own = complaint_receipts::table.find((council, id));
    let reference: String = own.select(complaint_receipts::reference).first(scope.conn)?;
    let code = random::secret();
    let replaced = crate::ground::prepared::update(own)
        .set(complaint_receipts::code_hash.eq(receipt_hash(&reference, &code)))
        .execute(scope.conn)?;
    StoreError::unless_changed(replaced, "the receipt")?;
    scope.record(Event::ComplaintCodeReplaced { complaint: id })?;
    Ok(Made { id: id.uuid(), secret: Some(code) })
}

/// Finds the receipt of a complaint that the caller has, with its new code.
pub fn find_receipt(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    code: Option<&str>,
) -> Result<Receipt, StoreError> {
    let council = scope.council_id();
    let row: ReceiptRow =
        complaint_receipts::table.find((council, id)).select(ReceiptRow::as_select()).first(scope.conn)?;
    Ok(row.with(code))
}
