//! Reorganisations of local government: the codes that they abolish and create, from the service and from the operator.

use almoner_domain::events::Event;
use almoner_domain::ids::ReorganisationId;
use almoner_domain::tenancy::council_codes::{ReorganisedCodes, check_reorganisation};
use almoner_domain::words::date;
use almoner_domain::words::gss_code::AuthorityCode;
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::page::{Day, Page, Paging};
use crate::ground::prepared::{insert_rows, update};
use crate::ground::schema::{reorganisations, reorganised_codes};
use crate::ground::scope::OperatorScope;

/// A reorganisation of local government.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reorganisation {
    /// The identifier of the reorganisation.
    pub id: ReorganisationId,
    /// What it is called.
    #[schema(value_type = Line<200>)]
    pub title: String,
    /// The day on which it takes effect: the first day of the codes that it creates, and the first day on which those that it
    /// abolishes are not in force.
    pub takes_effect_on: NaiveDate,
    /// The codes that it abolishes.
    #[schema(max_items = 100)]
    pub abolished: Vec<CodeAndName>,
    /// The codes that it creates, each of which succeeds each that it abolishes.
    #[schema(max_items = 100)]
    pub created: Vec<CodeAndName>,
    /// When the operator entered it. Absent if the service shipped with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered_at: Option<DateTime<Utc>>,
    /// The version of the reorganisation, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// An authority's code, and the authority's name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "E06000998", "name": "North Severnshire" }))]
pub struct CodeAndName {
    /// The code of the authority.
    pub code: AuthorityCode,
    /// The name of the authority.
    pub name: Line<200>,
}

/// A reorganisation to enter.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Severnshire", "takes_effect_on": "2029-04-01",
    "abolished": [{ "code": "E10000999", "name": "Severnshire County Council" }],
    "created": [{ "code": "E06000998", "name": "North Severnshire" }, { "code": "E06000999", "name": "South Severnshire" }],
}))]
pub struct NewReorganisation {
    /// What it is called.
    pub title: Line<200>,
    /// The day on which it takes effect.
    #[serde(deserialize_with = "date::required")]
    pub takes_effect_on: NaiveDate,
    /// The codes that it abolishes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub abolished: Vec<CodeAndName>,
    /// The codes that it creates. A code is created once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub created: Vec<CodeAndName>,
}

/// A change of a reorganisation: its day, or the codes of successors that were not known before.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "takes_effect_on": "2029-04-01", "created": [{ "code": "E06000997", "name": "West Severnshire" }] }))]
pub struct ChangeReorganisation {
    /// The day on which it takes effect, if that is another.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub takes_effect_on: Option<NaiveDate>,
    /// More codes that it creates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub created: Vec<CodeAndName>,
}

const ABOLISHED: &str = "abolished";
const CREATED: &str = "created";

/// Enters a reorganisation.
pub fn create(scope: &mut OperatorScope<'_>, new: &NewReorganisation) -> Result<ReorganisationId, StoreError> {
    check_reorganisation(&ReorganisedCodes::default(), &codes(&new.abolished, &new.created))?;
    let id: ReorganisationId = scope.next_id();
    diesel::insert_into(reorganisations::table)
        .values((
            reorganisations::reorganisation_id.eq(id),
            reorganisations::title.eq(&new.title),
            reorganisations::takes_effect_on.eq(new.takes_effect_on),
            reorganisations::entered_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    insert_codes(scope, id, ABOLISHED, &new.abolished)?;
    insert_codes(scope, id, CREATED, &new.created)?;
    scope.record(Event::ReorganisationEntered { reorganisation: id })?;
    Ok(id)
}

/// Changes the day of a reorganisation, or adds the codes of successors.
pub fn change(
    scope: &mut OperatorScope<'_>,
    seen: &Reorganisation,
    how: &ChangeReorganisation,
) -> Result<(), StoreError> {
    check_reorganisation(&codes(&seen.abolished, &seen.created), &codes(&[], &how.created))?;
    let changed = update(reorganisations::table)
        .filter(reorganisations::reorganisation_id.eq(seen.id).and(reorganisations::version.eq(seen.version)))
        .set((
            reorganisations::takes_effect_on.eq(how.takes_effect_on.unwrap_or(seen.takes_effect_on)),
            reorganisations::version.eq(seen.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, seen.id)?.version));
    }
    insert_codes(scope, seen.id, CREATED, &how.created)?;
    scope.record(Event::ReorganisationChanged { reorganisation: seen.id })
}

fn codes<'c>(abolished: &'c [CodeAndName], created: &'c [CodeAndName]) -> ReorganisedCodes<'c> {
    let list = |codes: &'c [CodeAndName]| codes.iter().map(|one| one.code.as_str()).collect();
    ReorganisedCodes { abolished: list(abolished), created: list(created) }
}

fn insert_codes(
    scope: &mut OperatorScope<'_>,
    id: ReorganisationId,
    fate: &'static str,
    codes: &[CodeAndName],
) -> Result<(), StoreError> {
    let rows = codes
        .iter()
        .map(|one| {
            (
                reorganised_codes::reorganisation_id.eq(id),
                reorganised_codes::code.eq(one.code.clone()),
                reorganised_codes::fate.eq(fate),
                reorganised_codes::name.eq(one.name.clone()),
            )
        })
        .collect();
    insert_rows!(scope.conn, reorganised_codes, rows).map_err(|error| StoreError::already_exists(error, "/created"))
}

type ReorganisationRow = (ReorganisationId, String, NaiveDate, Option<DateTime<Utc>>, i32);

macro_rules! columns_shown {
    () => {
        (
            reorganisations::reorganisation_id,
            reorganisations::title,
            reorganisations::takes_effect_on,
            reorganisations::entered_at,
            reorganisations::version,
        )
    };
}

/// Finds one reorganisation.
pub fn find(scope: &mut OperatorScope<'_>, id: ReorganisationId) -> Result<Reorganisation, StoreError> {
    let row = reorganisations::table.find(id.uuid()).select(columns_shown!()).first(scope.conn)?;
    let mut shown = with_codes(scope, vec![row])?;
    shown.pop().ok_or(StoreError::NotFound)
}

/// Lists the reorganisations, the earliest first.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<Reorganisation>, StoreError> {
    let (day, id) = paging.after_key::<Day>()?.map(|(Day(day), id)| (day, id)).unwrap_or_default();
    let rows: Vec<ReorganisationRow> = reorganisations::table
        .filter(
            reorganisations::takes_effect_on
                .gt(day)
                .or(reorganisations::takes_effect_on.eq(day).and(reorganisations::reorganisation_id.gt(id))),
        )
        .order((reorganisations::takes_effect_on, reorganisations::reorganisation_id))
        .limit(paging.fetch())
        .select(columns_shown!())
        .load(scope.conn)?;
    let page = paging.page(rows, |(id, _, day, ..)| format!("{day}|{id}"));
    let items = with_codes(scope, page.items)?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

fn with_codes(scope: &mut OperatorScope<'_>, rows: Vec<ReorganisationRow>) -> Result<Vec<Reorganisation>, StoreError> {
    let ids: Vec<ReorganisationId> = rows.iter().map(|(id, ..)| *id).collect();
    let codes: Vec<(ReorganisationId, String, AuthorityCode, String)> = reorganised_codes::table
        .filter(reorganised_codes::reorganisation_id.eq_any(ids))
        .order(reorganised_codes::code)
        .select((
            reorganised_codes::reorganisation_id,
            reorganised_codes::fate,
            reorganised_codes::code,
            reorganised_codes::name,
        ))
        .load(scope.conn)?;
    let of = |reorganisation: ReorganisationId, wanted: &str| {
        codes
            .iter()
            .filter(|(id, fate, ..)| *id == reorganisation && fate == wanted)
            .map(|(_, _, code, name)| {
                let name = Line::parse(name).map_err(StoreError::unreadable)?;
                Ok(CodeAndName { code: code.clone(), name })
            })
            .collect::<Result<Vec<_>, StoreError>>()
    };
    rows.into_iter()
        .map(|(id, title, takes_effect_on, entered_at, version)| {
            let (abolished, created) = (of(id, ABOLISHED)?, of(id, CREATED)?);
            Ok(Reorganisation { id, title, takes_effect_on, abolished, created, entered_at, version })
        })
        .collect()
}
