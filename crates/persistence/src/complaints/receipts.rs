//! The receipt of a complaint, which its complainant gets at once, and the access code that comes with it.

use almoner_domain::events::Event;
use almoner_domain::ids::{ClientId, ComplaintId, CouncilId};
use almoner_domain::words::characters::letters_and_digits;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::closed::unless_another_is_asked;
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

/// Draws a new access code for a complaint that the caller has, to be handed to the complainant alone. The earlier one ends.
pub fn replace_code(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<Made, StoreError> {
    unless_another_is_asked(scope, id)?;
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
    row.with(scope, code)
}
