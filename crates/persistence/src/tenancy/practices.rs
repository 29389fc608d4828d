//! Practices: the tenants.

use std::collections::HashMap;

use almoner_domain::events::Event;
use almoner_domain::ids::PracticeId;
use almoner_domain::tenancy::practice::check_size;
use almoner_domain::words::postcode::District;
use almoner_domain::words::slug::Slug;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::callers::Membership;
use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{practice_capacity, practice_districts, practices};
use crate::ground::scope::{IdentityScope, OperatorScope, PracticeScope, Scope};
use crate::tenancy::suspensions::Suspension;
use crate::tenancy::{capacity, teams};

/// A practice, as the operator sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Practice {
    /// The identifier of the practice.
    pub id: PracticeId,
    /// The name of the practice in URLs and messages.
    pub slug: Slug,
    /// The name of the practice.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// The postcode districts that the practice serves.
    #[schema(max_items = 500)]
    pub districts: Vec<District>,
    /// The number of pieces of work that the practice can hold.
    #[schema(minimum = 0, maximum = 100_000)]
    pub capacity: i32,
    /// The number of pieces of work that it holds: open cases, and referrals that wait for its answer.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub capacity_reserved: i32,
    /// The practice's complaints procedure, in plain words.
    #[schema(value_type = Passage<10000>)]
    pub complaints_procedure: String,
    /// The local independent advocacy service.
    #[schema(value_type = Passage<2000>)]
    pub advocacy: String,
    /// When the practice was provisioned.
    pub created_at: DateTime<Utc>,
    /// The suspension, while there is one. While it lasts, the staff cannot sign in, and nothing is sent to the practice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
    /// The version of the practice, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// A practice by name, wherever an answer names one.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = practices)]
pub struct PracticeName {
    /// The practice's identifier.
    #[diesel(column_name = practice_id)]
    pub id: PracticeId,
    /// The practice's name in URLs and messages.
    pub slug: Slug,
    /// The practice's name.
    #[schema(value_type = Line<200>)]
    pub name: String,
}

impl From<&Membership> for PracticeName {
    fn from(membership: &Membership) -> Self {
        Self { id: membership.practice_id, slug: membership.slug.clone(), name: membership.name.clone() }
    }
}

/// A practice to provision.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "slug": "severn-social-work",
    "name": "Severn Social Work",
    "districts": ["SY1", "SY2"],
    "capacity": 120,
    "complaints_procedure": "Tell any of us, or write to us; we acknowledge within 3 working days.",
    "advocacy": "Shropshire Independent Advocacy, 01743 000000",
}))]
pub struct NewPractice {
    /// The name of the practice in URLs and messages. It is unique.
    pub slug: Slug,
    /// The name of the practice.
    pub name: Line<200>,
    /// The postcode districts that the practice serves.
    #[schema(min_items = 1, max_items = 500)]
    pub districts: Vec<District>,
    /// The number of pieces of work that the practice can hold.
    #[schema(maximum = 100_000)]
    pub capacity: u32,
    /// The practice's complaints procedure, in plain words.
    pub complaints_procedure: Passage<10000>,
    /// The local independent advocacy service.
    pub advocacy: Passage<2000>,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = practices)]
struct PracticeRow {
    practice_id: PracticeId,
    slug: Slug,
    name: String,
    capacity: i32,
    #[diesel(select_expression = practice_capacity::reserved)]
    reserved: i32,
    complaints_procedure: String,
    advocacy: String,
    version: i32,
    created_at: DateTime<Utc>,
    suspended_at: Option<DateTime<Utc>>,
    suspension_reason: Option<String>,
}

/// Provisions a practice: its directory entry, the count of its capacity, its team and its root key, in one transaction.
pub fn create(scope: &mut OperatorScope<'_>, new: &NewPractice) -> Result<PracticeId, StoreError> {
    check_size(new.districts.len(), new.capacity)?;
    let id: PracticeId = scope.next_id();
    diesel::insert_into(practices::table)
        .values((
            practices::practice_id.eq(id),
            practices::slug.eq(&new.slug),
            practices::name.eq(&new.name),
            practices::capacity.eq(i32::try_from(new.capacity).unwrap_or(i32::MAX)),
            practices::complaints_procedure.eq(&new.complaints_procedure),
            practices::advocacy.eq(&new.advocacy),
            practices::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/slug"))?;
    let districts: Vec<_> = new
        .districts
        .iter()
        .map(|district| (practice_districts::practice_id.eq(id), practice_districts::district.eq(district)))
        .collect();
    diesel::insert_into(practice_districts::table).values(districts).on_conflict_do_nothing().execute(scope.conn)?;
    capacity::open(scope, id)?;
    teams::open(scope, id)?;
    scope.new_root_key(id.uuid())?;
    scope.record(Event::PracticeCreated { practice: id })?;
    Ok(id)
}

/// Finds one practice.
pub fn find(scope: &mut OperatorScope<'_>, id: PracticeId) -> Result<Practice, StoreError> {
    let row = practices::table
        .inner_join(practice_capacity::table)
        .filter(practices::practice_id.eq(id))
        .select(PracticeRow::as_select())
        .first(scope.conn)?;
    let mut districts = districts(scope, &[id])?;
    Ok(show(row, &mut districts))
}

/// The identifiers of all practices.
pub(crate) fn all(scope: &mut OperatorScope<'_>) -> Result<Vec<PracticeId>, StoreError> {
    Ok(practices::table.select(practices::practice_id).order(practices::practice_id).load(scope.conn)?)
}

/// Lists the practices, in the order in which they were provisioned.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<Practice>, StoreError> {
    let rows = practices::table
        .inner_join(practice_capacity::table)
        .filter(practices::practice_id.gt(paging.after_id()?.unwrap_or(Uuid::nil())))
        .order(practices::practice_id)
        .limit(paging.fetch())
        .select(PracticeRow::as_select())
        .load(scope.conn)?;
    let page = paging.page(rows, |row| row.practice_id.uuid());
    let ids: Vec<PracticeId> = page.items.iter().map(|row| row.practice_id).collect();
    let mut districts = districts(scope, &ids)?;
    page.try_map(|row| Ok(show(row, &mut districts)))
}

fn show(row: PracticeRow, districts: &mut Districts) -> Practice {
    Practice {
        districts: districts.remove(&row.practice_id).unwrap_or_default(),
        id: row.practice_id,
        slug: row.slug,
        name: row.name,
        capacity: row.capacity,
        capacity_reserved: row.reserved,
        complaints_procedure: row.complaints_procedure,
        advocacy: row.advocacy,
        created_at: row.created_at,
        suspension: row
            .suspended_at
            .zip(row.suspension_reason)
            .map(|(suspended_at, reason)| Suspension { suspended_at, reason }),
        version: row.version,
    }
}

type Districts = HashMap<PracticeId, Vec<District>>;

/// Reads the districts that each of these practices serves, in one query.
fn districts(scope: &mut Scope<'_>, practices: &[PracticeId]) -> Result<Districts, StoreError> {
    let rows: Vec<(PracticeId, District)> = practice_districts::table
        .filter(practice_districts::practice_id.eq_any(practices))
        .order(practice_districts::district)
        .select((practice_districts::practice_id, practice_districts::district))
        .load(scope.conn)?;
    let mut districts = Districts::new();
    for (practice, district) in rows {
        districts.entry(practice).or_default().push(district);
    }
    Ok(districts)
}

/// Finds the name of the caller's practice in URLs.
pub fn own_name(scope: &mut PracticeScope<'_>) -> Result<String, StoreError> {
    let practice = scope.practice_id();
    Ok(practices::table.find(practice).select(practices::slug).first(scope.conn)?)
}

/// Returns the name in URLs of this practice, which is the scope's own.
pub fn slug_of(scope: &mut Scope<'_>, practice: PracticeId) -> Result<String, StoreError> {
    Ok(practices::table.find(practice.uuid()).select(practices::slug).first(scope.conn)?)
}

/// Finds the practice with this name in URLs.
pub(crate) fn id_of(scope: &mut IdentityScope<'_>, slug: &str) -> Result<Option<PracticeId>, StoreError> {
    let id: Option<Uuid> = practices::table
        .filter(practices::slug.eq(slug))
        .select(practices::practice_id)
        .first(scope.conn)
        .optional()?;
    Ok(id.map(PracticeId::from))
}
