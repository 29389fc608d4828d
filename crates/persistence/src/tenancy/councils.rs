//! Councils with adult social services responsibilities.

use almoner_domain::events::Event;
use almoner_domain::ids::CouncilId;
use almoner_domain::words::gss_code::GssCode;
use almoner_domain::words::phone::Phone;
use almoner_domain::words::text::Line;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::councils;
use crate::ground::scope::OperatorScope;

/// A council.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = councils)]
pub struct Council {
    /// The identifier of the council.
    #[diesel(column_name = council_id)]
    pub id: CouncilId,
    /// The council's code in the register of the Office for National Statistics.
    pub gss_code: GssCode,
    /// The name of the council.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// The telephone number of the council's emergency duty team.
    #[schema(value_type = almoner_domain::words::phone::Phone)]
    pub emergency_duty_phone: String,
    /// When the council was entered.
    pub created_at: DateTime<Utc>,
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

/// Enters a council, with a root key of its own.
pub fn create(scope: &mut OperatorScope<'_>, new: &NewCouncil) -> Result<CouncilId, StoreError> {
    let id: CouncilId = scope.next_id();
    diesel::insert_into(councils::table)
        .values((
            councils::council_id.eq(id),
            councils::gss_code.eq(&new.gss_code),
            councils::name.eq(&new.name),
            councils::emergency_duty_phone.eq(&new.emergency_duty_phone),
            councils::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/gss_code"))?;
    scope.new_root_key(id.uuid())?;
    scope.record(Event::CouncilCreated { council: id })?;
    Ok(id)
}

/// Finds one council.
pub fn find(scope: &mut OperatorScope<'_>, id: CouncilId) -> Result<Council, StoreError> {
    Ok(councils::table.find(id.uuid()).select(Council::as_select()).first(scope.conn)?)
}

/// The identifiers of all councils.
pub(crate) fn all(scope: &mut OperatorScope<'_>) -> Result<Vec<CouncilId>, StoreError> {
    Ok(councils::table.select(councils::council_id).order(councils::council_id).load(scope.conn)?)
}

/// Lists the councils, in the order in which they were entered.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<Council>, StoreError> {
    let rows = councils::table
        .filter(councils::council_id.gt(paging.after_id()?.unwrap_or(Uuid::nil())))
        .order(councils::council_id)
        .limit(paging.fetch())
        .select(Council::as_select())
        .load(scope.conn)?;
    Ok(paging.page(rows, |council| council.id.uuid()))
}
