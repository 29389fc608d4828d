//! Councils with adult social services responsibilities.

use std::collections::HashMap;

use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::CouncilId;
use almoner_domain::tenancy::council_codes::check_change;
use almoner_domain::words::date;
use almoner_domain::words::gss_code::GssCode;
use almoner_domain::words::phone::Phone;
use almoner_domain::words::text::{self, Line};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::callers::{ComplaintsPlace, Office};
use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{councils, former_council_details};
use crate::ground::scope::{OperatorScope, Scope};
use crate::tenancy::council_codes::days_for;

/// A council. Its identifier is what it is known by; its code, its name and its number change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Council {
    /// The identifier of the council.
    pub id: CouncilId,
    /// The council's code in the register of the Office for National Statistics.
    pub gss_code: GssCode,
    /// The name of the council.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// The telephone number of the council's emergency duty team.
    #[schema(value_type = almoner_domain::words::phone::Phone)]
    pub emergency_duty_phone: String,
    /// The day since when the code, the name and the number are valid.
    pub starts_on: NaiveDate,
    /// The codes, names and numbers that the council had before, the latest first.
    #[schema(max_items = 100)]
    pub former_details: Vec<FormerDetails>,
    /// When the council was entered.
    pub created_at: DateTime<Utc>,
    /// Since when the council has no officer to whom a complaint can be offered. Left out while it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaints_unread_since: Option<DateTime<Utc>>,
    /// The version of the council, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// The code, name and number of a council in a time that has ended.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = former_council_details)]
pub struct FormerDetails {
    /// The day since when they were valid.
    pub starts_on: NaiveDate,
    /// The day from which others were valid. It is the same day for a mistake that was put right at once.
    pub replaced_on: NaiveDate,
    /// The council's code.
    pub gss_code: GssCode,
    /// The council's name.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// The telephone number of the council's emergency duty team.
    #[schema(value_type = almoner_domain::words::phone::Phone)]
    pub emergency_duty_phone: String,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = councils)]
struct CouncilRow {
    council_id: CouncilId,
    gss_code: GssCode,
    name: String,
    emergency_duty_phone: String,
    starts_on: NaiveDate,
    created_at: DateTime<Utc>,
    complaints_unread_since: Option<DateTime<Utc>>,
    version: i32,
}

/// A council by name, wherever an answer names one.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = councils)]
pub struct CouncilName {
    /// The council's identifier.
    #[diesel(column_name = council_id)]
    pub id: CouncilId,
    /// The council's code in the register of the Office for National Statistics.
    pub gss_code: GssCode,
    /// The council's name.
    #[schema(value_type = Line<200>)]
    pub name: String,
}

impl From<&Office> for CouncilName {
    fn from(office: &Office) -> Self {
        Self { id: office.council_id, gss_code: office.gss_code.clone(), name: office.name.clone() }
    }
}

impl From<&ComplaintsPlace> for CouncilName {
    fn from(place: &ComplaintsPlace) -> Self {
        Self { id: place.council_id, gss_code: place.gss_code.clone(), name: place.name.clone() }
    }
}

/// A council to enter.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "gss_code": "E06000051", "name": "Shropshire Council", "emergency_duty_phone": "0345 678 9040" }))]
pub struct NewCouncil {
    /// The council's code in the register of the Office for National Statistics.
    pub gss_code: GssCode,
    /// The name of the council.
    pub name: Line<200>,
    /// The telephone number of the council's emergency duty team.
    pub emergency_duty_phone: Phone,
}

/// A change of a council's code, name or number. What is left out stays.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "starts_on": "2026-11-01", "gss_code": "E06000998", "name": "North Severnshire Council" }))]
pub struct ChangeCouncil {
    /// The day since when the change is valid: not in the future, and not before `starts_on` of the council. Today, if left
    /// out.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<NaiveDate>,
    /// The code, which is in force and has never been another council's.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub gss_code: Option<GssCode>,
    /// The name.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub name: Option<Line<200>>,
    /// The telephone number of the emergency duty team.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub emergency_duty_phone: Option<Phone>,
}

/// Enters a council, with a root key of its own.
pub fn create(scope: &mut OperatorScope<'_>, new: &NewCouncil) -> Result<CouncilId, StoreError> {
    let id: CouncilId = scope.next_id();
    let today = scope.today();
    StoreError::unless_faulty(fault_of_code(scope, id, &new.gss_code, today)?.into_iter().collect())?;
    diesel::insert_into(councils::table)
        .values((
            councils::council_id.eq(id),
            councils::gss_code.eq(&new.gss_code),
            councils::name.eq(&new.name),
            councils::emergency_duty_phone.eq(&new.emergency_duty_phone),
            councils::starts_on.eq(today),
            councils::created_at.eq(scope.at()),
            councils::complaints_unread_since.eq(Some(scope.at())),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/gss_code"))?;
    scope.new_root_key(id.uuid())?;
    scope.record(Event::CouncilCreated { council: id })?;
    Ok(id)
}

/// Changes a council's code, name or number, and keeps those that it had. All that the council has stays with it: it is found
/// by the council's identifier, and a person by any code that the council has or had.
pub fn change(scope: &mut OperatorScope<'_>, seen: &Council, how: &ChangeCouncil) -> Result<(), StoreError> {
    let (id, today) = (seen.id, scope.today());
    let starts_on = how.starts_on.unwrap_or(today);
    let gss_code = how.gss_code.as_ref().unwrap_or(&seen.gss_code);
    let name = how.name.as_ref().map_or(seen.name.as_str(), Line::as_str);
    let phone = how.emergency_duty_phone.as_ref().map_or(seen.emergency_duty_phone.as_str(), Phone::as_str);
    let is_changed = *gss_code != seen.gss_code || name != seen.name || phone != seen.emergency_duty_phone;
    if !is_changed {
        let detail = "must change the code, the name or the number";
        return Err(StoreError::ValidationFailed(vec![Fault::new("", detail)]));
    }
    let mut faults = check_change(starts_on, seen.starts_on, today).err().unwrap_or_default();
    if *gss_code != seen.gss_code {
        faults.extend(fault_of_code(scope, id, gss_code, starts_on)?);
    }
    StoreError::unless_faulty(faults)?;
    let changed = update(councils::table)
        .filter(councils::council_id.eq(id).and(councils::version.eq(seen.version)))
        .set((
            councils::gss_code.eq(gss_code),
            councils::name.eq(name),
            councils::emergency_duty_phone.eq(phone),
            councils::starts_on.eq(starts_on),
            councils::version.eq(seen.version + 1),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/gss_code"))?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, id)?.version));
    }
    diesel::insert_into(former_council_details::table)
        .values((
            former_council_details::council_id.eq(id),
            former_council_details::former_id.eq(scope.next_id::<Uuid>()),
            former_council_details::starts_on.eq(seen.starts_on),
            former_council_details::replaced_on.eq(starts_on),
            former_council_details::gss_code.eq(&seen.gss_code),
            former_council_details::name.eq(&seen.name),
            former_council_details::emergency_duty_phone.eq(&seen.emergency_duty_phone),
            former_council_details::code_in_use.eq(true),
        ))
        .execute(scope.conn)?;
    update(former_council_details::table)
        .filter(former_council_details::council_id.eq(id))
        .set(former_council_details::code_in_use.eq(former_council_details::gss_code.eq(gss_code)))
        .execute(scope.conn)?;
    scope.record(Event::CouncilChanged { council: id })
}

/// Returns a council by name.
pub(crate) fn name_of(scope: &mut Scope<'_>, id: CouncilId) -> Result<CouncilName, StoreError> {
    Ok(councils::table.find(id).select(CouncilName::as_select()).first(scope.conn)?)
}

/// Holds a council of which something is about to be counted, so that two changes at once see each other.
pub(crate) fn hold(scope: &mut Scope<'_>, id: CouncilId) -> Result<(), StoreError> {
    let _: CouncilId = councils::table.find(id).select(councils::council_id).for_no_key_update().first(scope.conn)?;
    Ok(())
}

/// Writes whether the council has an officer to whom a complaint can be offered. When the last one is gone, the council is told.
pub(crate) fn set_complaints_read(scope: &mut Scope<'_>, id: CouncilId, is_read: bool) -> Result<(), StoreError> {
    let unread_since: Option<DateTime<Utc>> =
        councils::table.find(id).select(councils::complaints_unread_since).for_no_key_update().first(scope.conn)?;
    if unread_since.is_none() == is_read {
        return Ok(());
    }
    let since = (!is_read).then(|| scope.at());
    let written =
        update(councils::table.find(id)).set(councils::complaints_unread_since.eq(since)).execute(scope.conn)?;
    StoreError::unless_changed(written, "the council")?;
    if is_read { Ok(()) } else { scope.record(Event::CouncilComplaintsUnread { council: id }) }
}

/// Returns what is wrong with a code that a council is to have: it is in force on the day from which the council has it and
/// today. A code that another council had is not; one that another council has is taken.
fn fault_of_code(
    scope: &mut OperatorScope<'_>,
    council: CouncilId,
    code: &GssCode,
    starts_on: NaiveDate,
) -> Result<Option<Fault>, StoreError> {
    let today = scope.today();
    let days = days_for(scope, &[code.as_str()], Some(council))?.of(code.as_str());
    let detail = days.fault(starts_on).or_else(|| days.fault(today));
    Ok(detail.map(|detail| Fault::new("/gss_code", detail)))
}

/// Finds one council.
pub fn find(scope: &mut OperatorScope<'_>, id: CouncilId) -> Result<Council, StoreError> {
    let row = councils::table.find(id.uuid()).select(CouncilRow::as_select()).first(scope.conn)?;
    let mut former = former_of(scope, &[id])?;
    Ok(show(row, &mut former))
}

/// The identifiers of all councils.
pub(crate) fn all(scope: &mut OperatorScope<'_>) -> Result<Vec<CouncilId>, StoreError> {
    Ok(councils::table.select(councils::council_id).order(councils::council_id).load(scope.conn)?)
}

/// Lists the councils, in the order in which they were entered.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<Council>, StoreError> {
    let rows: Vec<CouncilRow> = councils::table
        .filter(councils::council_id.gt(paging.after_id()?.unwrap_or(Uuid::nil())))
        .order(councils::council_id)
        .limit(paging.fetch())
        .select(CouncilRow::as_select())
        .load(scope.conn)?;
    let page = paging.page(rows, |row| row.council_id.uuid());
    let of_page: Vec<CouncilId> = page.items.iter().map(|row| row.council_id).collect();
    let mut former = former_of(scope, &of_page)?;
    page.try_map(|row| Ok(show(row, &mut former)))
}

/// The former details of each of these councils, the latest first, at most a hundred.
fn former_of(
    scope: &mut OperatorScope<'_>,
    councils: &[CouncilId],
) -> Result<HashMap<CouncilId, Vec<FormerDetails>>, StoreError> {
    let rows: Vec<(CouncilId, FormerDetails)> = former_council_details::table
        .filter(former_council_details::council_id.eq_any(councils))
        .order((former_council_details::replaced_on.desc(), former_council_details::former_id.desc()))
        .select((former_council_details::council_id, FormerDetails::as_select()))
        .load(scope.conn)?;
    let mut former: HashMap<CouncilId, Vec<FormerDetails>> = HashMap::new();
    for (council, details) in rows {
        let of_council = former.entry(council).or_default();
        if of_council.len() < 100 {
            of_council.push(details);
        }
    }
    Ok(former)
}

fn show(row: CouncilRow, former: &mut HashMap<CouncilId, Vec<FormerDetails>>) -> Council {
    Council {
        id: row.council_id,
        gss_code: row.gss_code,
        name: row.name,
        emergency_duty_phone: row.emergency_duty_phone,
        starts_on: row.starts_on,
        former_details: former.remove(&row.council_id).unwrap_or_default(),
        created_at: row.created_at,
        complaints_unread_since: row.complaints_unread_since,
        version: row.version,
    }
}
