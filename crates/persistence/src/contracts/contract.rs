//! Contracts between a council and a practice, and the functions delegated under them (Care Act 2014 s79).

use almoner_domain::contracts::terms::{Terms, urgent_response_working_days};
use almoner_domain::events::Event;
use almoner_domain::ids::{ContractId, CouncilId, DelegationId, PracticeId};
use almoner_domain::referrals::message::Function;
use almoner_domain::words::date;
use almoner_domain::words::gss_code::GssCode;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::insert_rows;
use crate::ground::schema::{contracts, councils, delegations, practices, reorganisations, reorganised_codes};
use crate::ground::scope::{OperatorScope, PracticeScope, Scope};
use crate::tenancy::council_codes::{council_codes, days_of};
use crate::tenancy::councils::CouncilName;
use crate::tenancy::practices::PracticeName;

/// A contract with its delegations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Contract {
    /// The identifier of the contract.
    pub id: ContractId,
    /// The council.
    pub council: CouncilName,
    /// The practice.
    pub practice: PracticeName,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// The number of working days in which the practice answers a referral.
    #[schema(minimum = 1, maximum = 60)]
    pub response_working_days: i32,
    /// The number of working days in which the practice answers an urgent referral. An immediate one is answered on the day on
    /// which a human looks at it.
    #[schema(minimum = 1, maximum = 60)]
    pub urgent_response_working_days: i32,
    /// The number of working days in which a complaint is answered.
    #[schema(minimum = 1, maximum = 125)]
    pub complaint_response_working_days: i32,
    /// The number of minutes, within the practice's opening hours, in which a human sees an immediate referral.
    #[schema(minimum = 5, maximum = 480)]
    pub immediate_minutes: i32,
    /// The number of minutes, within the practice's opening hours, in which a human sees an urgent referral, and one about
    /// somebody who goes home from hospital.
    #[schema(minimum = 5, maximum = 2400)]
    pub urgent_minutes: i32,
    /// The functions that the contract delegates.
    #[schema(max_items = 100)]
    pub delegations: Vec<Delegation>,
    /// When the contract was entered.
    pub created_at: DateTime<Utc>,
}

/// A function delegated to a practice.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = delegations)]
pub struct Delegation {
    /// The identifier of the delegation, by which decisions refer to it.
    #[diesel(column_name = delegation_id)]
    pub id: DelegationId,
    /// The function that is delegated.
    pub function: Function,
    /// The first day of the delegation.
    pub starts_on: NaiveDate,
    /// Its last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
}

/// A contract to enter.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "council_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "practice_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4e",
    "starts_on": "2026-04-01",
    "response_working_days": 5,
    "delegations": [{ "function": "needs_assessment", "starts_on": "2026-04-01" }],
}))]
pub struct NewContract {
    /// The council that commissions the practice.
    pub council_id: CouncilId,
    /// The practice that does the council's work.
    pub practice_id: PracticeId,
    /// The first day of the contract.
    #[serde(deserialize_with = "date::required")]
    pub starts_on: NaiveDate,
    /// The last day of the contract. Left out, it has no end.
    #[serde(default, deserialize_with = "date::optional")]
    pub ends_on: Option<NaiveDate>,
    /// The number of working days in which the practice answers a referral.
    #[schema(minimum = 1, maximum = 60)]
    pub response_working_days: i32,
    /// The number of working days in which the practice answers an urgent referral: not more than `response_working_days`. Left
    /// out, it is 2, or 1 where any referral is answered in 1.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 60)]
    pub urgent_response_working_days: Option<i32>,
    /// The number of working days in which a complaint is answered.
    #[serde(default = "twenty_five")]
    #[schema(minimum = 1, maximum = 125)]
    pub complaint_response_working_days: i32,
    /// The number of minutes, within the practice's opening hours, in which a human sees an immediate referral.
    #[serde(default = "two_hours")]
    #[schema(minimum = 5, maximum = 480)]
    pub immediate_minutes: i32,
    /// The number of minutes, within the practice's opening hours, in which a human sees an urgent referral, and one about
    /// somebody who goes home from hospital: not fewer than `immediate_minutes`.
    #[serde(default = "eight_hours")]
    #[schema(minimum = 5, maximum = 2400)]
    pub urgent_minutes: i32,
    /// The functions to delegate. Safeguarding enquiries cannot be delegated (Care Act 2014 s79(2)(c)).
    #[schema(max_items = 100)]
    pub delegations: Vec<NewDelegation>,
}

/// A function to delegate.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDelegation {
    /// The function to delegate.
    pub function: Function,
    /// The first day of the delegation.
    #[serde(deserialize_with = "date::required")]
    pub starts_on: NaiveDate,
    /// Its last day.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
}

fn twenty_five() -> i32 {
    25
}

fn two_hours() -> i32 {
    120
}

fn eight_hours() -> i32 {
    480
}

impl NewContract {
    fn terms(&self) -> Terms {
        Terms {
            lasts: (self.starts_on, self.ends_on),
            response_working_days: self.response_working_days,
            urgent_response_working_days: self
                .urgent_response_working_days
                .unwrap_or_else(|| urgent_response_working_days(self.response_working_days)),
            complaint_response_working_days: self.complaint_response_working_days,
            immediate_minutes: self.immediate_minutes,
            urgent_minutes: self.urgent_minutes,
            delegations: self.delegations.iter().map(|one| (one.function, one.starts_on, one.ends_on)).collect(),
        }
    }
}

/// Enters a contract with its delegations.
pub fn create(scope: &mut OperatorScope<'_>, new: &NewContract) -> Result<ContractId, StoreError> {
    let terms = new.terms();
    terms.check()?;
    crate::tenancy::councils::find(scope, new.council_id).map_err(|error| error.unless_found("/council_id"))?;
    crate::tenancy::practices::find(scope, new.practice_id).map_err(|error| error.unless_found("/practice_id"))?;
    let id: ContractId = scope.next_id();
    diesel::insert_into(contracts::table)
        .values((
            contracts::council_id.eq(new.council_id),
            contracts::contract_id.eq(id),
            contracts::practice_id.eq(new.practice_id),
            contracts::starts_on.eq(new.starts_on),
            contracts::ends_on.eq(new.ends_on),
            contracts::response_working_days.eq(terms.response_working_days),
            contracts::urgent_response_working_days.eq(terms.urgent_response_working_days),
            contracts::complaint_response_working_days.eq(terms.complaint_response_working_days),
            contracts::immediate_minutes.eq(terms.immediate_minutes),
            contracts::urgent_minutes.eq(terms.urgent_minutes),
            contracts::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    let rows: Vec<_> = new
        .delegations
        .iter()
        .map(|delegation| {
            (
                delegations::council_id.eq(new.council_id),
                delegations::delegation_id.eq(scope.next_id::<DelegationId>()),
                delegations::contract_id.eq(id),
                delegations::practice_id.eq(new.practice_id),
                delegations::function.eq(delegation.function),
                delegations::starts_on.eq(delegation.starts_on),
                delegations::ends_on.eq(delegation.ends_on),
            )
        })
        .collect();
    insert_rows!(scope.conn, delegations, rows)?;
    scope.record(Event::ContractCreated { contract: id })?;
    Ok(id)
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = contracts)]
struct ContractRow {
    contract_id: ContractId,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    response_working_days: i32,
    urgent_response_working_days: i32,
    complaint_response_working_days: i32,
    immediate_minutes: i32,
    urgent_minutes: i32,
    created_at: DateTime<Utc>,
}

type RowShown = (ContractRow, CouncilName, PracticeName);

/// One contract.
pub fn find(scope: &mut OperatorScope<'_>, id: ContractId) -> Result<Contract, StoreError> {
    let row: RowShown = contracts::table
        .inner_join(councils::table)
        .inner_join(practices::table)
        .filter(contracts::contract_id.eq(id.uuid()))
        .select((ContractRow::as_select(), CouncilName::as_select(), PracticeName::as_select()))
        .first(scope.conn)?;
    with_delegations(scope, row)
}

/// Lists the contracts, in the order in which they were entered.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<Contract>, StoreError> {
    let rows: Vec<RowShown> = contracts::table
        .inner_join(councils::table)
        .inner_join(practices::table)
        .filter(contracts::contract_id.gt(paging.after_id()?.unwrap_or(Uuid::nil())))
        .order(contracts::contract_id)
        .limit(paging.fetch())
        .select((ContractRow::as_select(), CouncilName::as_select(), PracticeName::as_select()))
        .load(scope.conn)?;
    paging.page(rows, |(row, ..)| row.contract_id.uuid()).try_map(|row| with_delegations(scope, row))
}

fn with_delegations(scope: &mut Scope<'_>, (row, council, practice): RowShown) -> Result<Contract, StoreError> {
    let delegations = delegations::table
        .filter(delegations::council_id.eq(council.id).and(delegations::contract_id.eq(row.contract_id)))
        .order(delegations::delegation_id)
        .select(Delegation::as_select())
        .load(scope.conn)?;
    Ok(Contract {
        id: row.contract_id,
        council,
        practice,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        response_working_days: row.response_working_days,
        urgent_response_working_days: row.urgent_response_working_days,
        complaint_response_working_days: row.complaint_response_working_days,
        immediate_minutes: row.immediate_minutes,
        urgent_minutes: row.urgent_minutes,
        delegations,
        created_at: row.created_at,
    })
}

/// Finds the delegation under which this practice may do this work for this council today, if there is one: the newest that
/// is in force under a contract that is in force.
pub(crate) fn live_delegation(
    scope: &mut PracticeScope<'_>,
    council: CouncilId,
    function: Function,
) -> Result<Option<DelegationId>, StoreError> {
    let today = scope.today();
    Ok(delegations::table
        .inner_join(contracts::table.on(
            contracts::council_id.eq(delegations::council_id).and(contracts::contract_id.eq(delegations::contract_id)),
        ))
        .filter(delegations::practice_id.eq(scope.practice_id()).and(delegations::council_id.eq(council)))
        .filter(delegations::function.eq_any(function.covered_by()))
        .filter(delegations::starts_on.le(today).and(delegations::ends_on.is_null().or(delegations::ends_on.ge(today))))
        .filter(contracts::starts_on.le(today).and(contracts::ends_on.is_null().or(contracts::ends_on.ge(today))))
        .order(delegations::delegation_id.desc())
        .select(delegations::delegation_id)
        .first(scope.conn)
        .optional()?)
}

/// Finds the council with this code, if it is in the register and the code is in force today. Otherwise, what is wrong with
/// the code if it is or was a council's.
pub(crate) fn council_of(
    scope: &mut PracticeScope<'_>,
    code: &GssCode,
) -> Result<Result<CouncilId, Option<String>>, StoreError> {
    let abolished = reorganised_codes::table
        .inner_join(reorganisations::table)
        .filter(reorganised_codes::code.eq(code).and(reorganised_codes::fate.eq("abolished")))
        .filter(reorganisations::takes_effect_on.le(scope.today()))
        .select(reorganised_codes::code);
    let found: Option<CouncilId> = councils::table
        .filter(councils::gss_code.eq(code).and(not(exists(abolished))))
        .select(councils::council_id)
        .first(scope.conn)
        .optional()?;
    match found {
        Some(council) => Ok(Ok(council)),
        None => Ok(Err(days_of(scope, &[code.as_str()])?.of(code.as_str()).fault(scope.today()))),
    }
}

/// Finds the council that is responsible by this code. A code that was abolished since the
/// referral was sent means its successor: the sender, if it may be, else the only one that is here.
pub(crate) fn responsible_council(
    scope: &mut PracticeScope<'_>,
    code: &str,
    sender: CouncilId,
) -> Result<Option<CouncilId>, StoreError> {
    let with_codes = |scope: &mut PracticeScope<'_>, codes: &[String]| -> Result<Vec<CouncilId>, StoreError> {
        Ok(councils::table.filter(councils::gss_code.eq_any(codes)).select(councils::council_id).load(scope.conn)?)
    };
    if let [council] = with_codes(scope, &[code.to_owned()])?.as_slice() {
        return Ok(Some(*council));
    }
    let codes: Vec<String> = diesel::select(council_codes(vec![code])).get_result(scope.conn)?;
    Ok(match with_codes(scope, &codes)?.as_slice() {
        councils if councils.contains(&sender) => Some(sender),
        [council] => Some(*council),
        _ => None,
    })
}
