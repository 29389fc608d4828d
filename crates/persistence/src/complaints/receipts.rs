//! The receipt of a complaint, which its complainant gets at once, and the access code that comes with it.

use almoner_domain::complaints::complaint::ContactWish;
use almoner_domain::complaints::requests::{ToldBy, ways};
use almoner_domain::events::Event;
use almoner_domain::ids::{ClientId, ComplaintId, CouncilId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::characters::letters_and_digits;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changing::find_alone;
use super::closed::unless_another_is_asked;
use super::messages::{Written, write_message};
use super::reading::{Complaint, find, identity};
use super::rights::Rights;
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::idempotency::Made;
use crate::ground::prepared::update;
use crate::ground::random;
use crate::ground::schema::{complaint_receipts, councils};
use crate::ground::scope::{ComplaintsScope, CouncilScope, PartnerScope, Scope};
use crate::ground::sealing::keyed_hash;
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
    /// What to do where somebody is in danger, or may be. The council's safeguarding duty was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub danger: Option<InDanger>,
    /// The complainant's rights.
    pub rights: Rights,
}

/// What to do where somebody is in danger, or may be.
#[derive(Clone, Serialize, ToSchema)]
pub struct InDanger {
    /// The emergency duty team of the council; of each council that may answer, where the practice works for several.
    #[schema(min_items = 1, max_items = 200)]
    pub emergency_duty: Vec<DutyTeam>,
    /// What to do, in a sentence that an app can show.
    #[schema(value_type = almoner_domain::words::text::Line<500>)]
    pub what_to_do: String,
}

/// The emergency duty team of a council.
#[derive(Clone, Queryable, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct DutyTeam {
    /// The name of the council.
    #[schema(value_type = almoner_domain::words::text::Line<200>)]
    pub council: String,
    /// The telephone number of the team, at any hour.
    #[schema(value_type = almoner_domain::words::phone::Phone)]
    pub phone: String,
}

impl InDanger {
    fn at(scope: &mut Scope<'_>, councils: &[CouncilId]) -> Result<Self, StoreError> {
        let emergency_duty: Vec<DutyTeam> = councils::table
            .filter(councils::council_id.eq_any(councils))
            .order(councils::name)
            .select((councils::name, councils::emergency_duty_phone))
            .load(scope.conn)?;
        let numbers: Vec<String> = match emergency_duty.as_slice() {
            [one] => vec![one.phone.clone()],
            several => several.iter().map(|team| format!("{} ({})", team.phone, team.council)).collect(),
        };
        let what_to_do = format!(
            "If somebody is in danger now, ring 999. The people on duty at the council have been told what you wrote of who is in danger and \
             where. Ring them at any hour on {}, above all if you have not said who or where.",
            numbers.join(" or ")
        );
        Ok(Self { emergency_duty, what_to_do })
    }
}

/// A keyed hash of a reference and its code, as somebody typed them: in any case, with or without spaces and hyphens.
pub(super) fn receipt_hash(reference: &str, code: &str) -> Vec<u8> {
    let plain = |typed: &str| letters_and_digits(typed).to_lowercase();
    keyed_hash(b"almoner complaint receipt", &[plain(reference).as_bytes(), plain(code).as_bytes()]).to_vec()
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = complaint_receipts)]
struct ReceiptRow {
    reference: String,
    received_at: DateTime<Utc>,
    acknowledgement_due_on: NaiveDate,
    response_latest_on: NaiveDate,
    danger: bool,
    councils: Vec<CouncilId>,
}

impl ReceiptRow {
    fn with(self, scope: &mut Scope<'_>, code: Option<&str>) -> Result<Receipt, StoreError> {
        let danger = if self.danger { Some(InDanger::at(scope, &self.councils)?) } else { None };
        Ok(Receipt {
            danger,
            reference: self.reference,
            access_code: code.map(str::to_owned),
            received_at: self.received_at,
            acknowledgement_due_on: self.acknowledgement_due_on,
            response_latest_on: self.response_latest_on,
            rights: Rights::in_words(),
        })
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
    row.with(scope, code)
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
    row.with(scope, code)
}

/// Why a complainant is given a new access code.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "She rang: her son threw the receipt away. I ring her back on the number that she gave us." }))]
pub struct NewCode {
    /// The reason, which the log keeps.
    pub reason: Passage<1000>,
}

/// A receipt with a new access code, and how that is handed over.
#[derive(Clone, Serialize, ToSchema)]
pub struct ReplacedCode {
    /// The receipt.
    #[serde(flatten)]
    pub receipt: Receipt,
    /// The ways in which the code may be handed over: those that were given when the complaint was lodged, or from hand to hand. Without
    /// any that was given, from hand to hand alone.
    #[schema(max_items = 4)]
    pub hand_over_by: Vec<ToldBy>,
    /// The contact that was given when the complaint was lodged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hand_over_to: Option<ContactWish>,
}

/// Refuses a new code in a confidential complaint whose identity is sealed: the contact is told to whoever hands the code over.
fn unless_sealed(complaint: &Complaint) -> Result<(), Refusal> {
    if complaint.confidential && complaint.unsealed_until.is_none() {
        let state = "confidential, and its identity is sealed";
        return Err(Refusal::InvalidState { thing: "complaint", state, step: "given a new code" });
    }
    Ok(())
}

/// Draws a new access code for a complaint that the caller has, to be handed to the complainant alone, for a reason. The earlier one ends.
/// Whoever has the new one reads who gave it out.
pub fn replace_code(scope: &mut ComplaintsScope<'_>, id: ComplaintId, with: &NewCode) -> Result<Made, StoreError> {
    let complaint = find_alone(scope, id)?;
    unless_another_is_asked(scope, id)?;
    unless_sealed(&complaint)?;
    let council = scope.council_id();
    let own = complaint_receipts::table.find((council, id));
    let reference: String = own.select(complaint_receipts::reference).first(scope.conn)?;
    let code = random::secret();
    let replaced = update(own)
        .set((
            complaint_receipts::code_hash.eq(receipt_hash(&reference, &code)),
            complaint_receipts::code_due_on.eq(None::<NaiveDate>),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(replaced, "the receipt")?;
    let (person, name) = (scope.worker().person, scope.worker().name.clone());
    let told = format!(
        "{name} gave out a new access code for this complaint, and the earlier one ended. If you did not ask for it, tell your council at \
         once."
    );
    write_message(scope, complaint.sealed, Written::By(person), &told)?;
    scope.record_because(Event::ComplaintCodeReplaced { complaint: id }, with.reason.as_str())?;
    Ok(Made { id: id.uuid(), secret: Some(code) })
}

/// Finds the receipt of a complaint that the caller has, with its new code, and with the contact to which that goes.
pub fn find_replaced(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    code: Option<&str>,
) -> Result<ReplacedCode, StoreError> {
    let council = scope.council_id();
    let complaint = find(scope, id)?;
    unless_sealed(&complaint)?;
    let hand_over_to = identity(scope, &complaint)?.contact_at_lodging;
    let hand_over_by = ways(hand_over_to.as_ref()).into_iter().chain([ToldBy::InPerson]).collect();
    let row: ReceiptRow =
        complaint_receipts::table.find((council, id)).select(ReceiptRow::as_select()).first(scope.conn)?;
    Ok(ReplacedCode { receipt: row.with(scope, code)?, hand_over_by, hand_over_to })
}
