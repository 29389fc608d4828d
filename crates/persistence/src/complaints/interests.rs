//! The interests that an officer declares: what is about a practice or a name among them is not offered to them.

use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{InterestId, PracticeId};
use almoner_domain::words::slug::Slug;
use almoner_domain::words::text::{self, Line};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::known::interest_field;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_interests, practices};
use crate::ground::scope::ComplaintsScope;
use crate::tenancy::practices::PracticeName;

/// An interest that the caller has declared.
#[derive(Clone, Serialize, ToSchema)]
pub struct Interest {
    /// The identifier of the interest.
    pub id: InterestId,
    /// The practice, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practice: Option<PracticeName>,
    /// The name of somebody close, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Line<200>>)]
    pub name: Option<String>,
    /// When the interest was declared.
    pub declared_at: DateTime<Utc>,
}

/// An interest to declare: a practice, or the name of somebody close.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Sean O’Brien" }))]
pub struct DeclareInterest {
    /// A practice in which the officer, or somebody close to them, has an interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practice: Option<Slug>,
    /// The name of somebody close to the officer, whom a complaint could be about.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub name: Option<Line<200>>,
}

type InterestRow = (InterestId, Option<Vec<u8>>, DateTime<Utc>, Option<PracticeName>);

/// Selects the interests of the caller that they have not withdrawn.
macro_rules! rows {
    ($scope:expr) => {
        complaint_interests::table
            .left_join(practices::table.on(practices::practice_id.nullable().eq(complaint_interests::practice_id)))
            .filter(complaint_interests::council_id.eq($scope.council_id()))
            .filter(complaint_interests::officer_id.eq($scope.officer()?))
            .filter(complaint_interests::withdrawn_at.is_null())
            .select((
                complaint_interests::interest_id,
                complaint_interests::name,
                complaint_interests::declared_at,
                Option::<PracticeName>::as_select(),
            ))
    };
}

fn show(
    scope: &mut ComplaintsScope<'_>,
    (id, name, declared_at, practice): InterestRow,
) -> Result<Interest, StoreError> {
    let council = scope.council_id();
    let name = match name {
        Some(name) => Some(scope.root_key(council.uuid())?.open(interest_field(council, id.uuid()), &name)?),
        None => None,
    };
    Ok(Interest { id, practice, name, declared_at })
}

/// Lists the interests that the caller has declared, the oldest first.
pub fn list(scope: &mut ComplaintsScope<'_>, paging: &Paging) -> Result<OnRecord<Page<Interest>>, StoreError> {
    let officer = scope.officer()?;
    let rows: Vec<InterestRow> = rows!(scope)
        .filter(complaint_interests::interest_id.gt(InterestId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(complaint_interests::interest_id)
        .limit(paging.fetch())
        .load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.uuid()).try_map(|row| show(scope, row))?;
    scope.list_read(page, Event::ComplaintInterestsListed { officer })
}

/// Finds one interest of the caller's.
pub fn find(scope: &mut ComplaintsScope<'_>, id: InterestId) -> Result<Interest, StoreError> {
    let row: InterestRow = rows!(scope).filter(complaint_interests::interest_id.eq(id)).first(scope.conn)?;
    show(scope, row)
}

/// Declares an interest.
pub fn declare(scope: &mut ComplaintsScope<'_>, new: &DeclareInterest) -> Result<InterestId, StoreError> {
    let (council, officer) = (scope.council_id(), scope.officer()?);
    let fault = |pointer: &str, detail: &str| Err(StoreError::ValidationFailed(vec![Fault::new(pointer, detail)]));
    let practice: Option<PracticeId> = match (&new.practice, &new.name) {
        (Some(_), Some(_)) => return fault("/name", "must be left out where a practice is given"),
        (None, None) => return fault("/name", "is required unless a practice is given"),
        (None, Some(_)) => None,
        (Some(slug), None) => {
            let found = practices::table.filter(practices::slug.eq(slug)).select(practices::practice_id);
            match found.first(scope.conn).optional()? {
                Some(practice) => Some(practice),
                None => return fault("/practice", "is not the name of a practice that uses the service"),
            }
        }
    };
    let id: InterestId = scope.next_id();
    let name = match &new.name {
        Some(name) => Some(scope.root_key(council.uuid())?.seal(interest_field(council, id.uuid()), name.as_str())?),
        None => None,
    };
    diesel::insert_into(complaint_interests::table)
        .values((
            complaint_interests::council_id.eq(council),
            complaint_interests::officer_id.eq(officer),
            complaint_interests::interest_id.eq(id),
            complaint_interests::practice_id.eq(practice),
            complaint_interests::name.eq(name),
            complaint_interests::declared_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    scope.record(Event::ComplaintInterestDeclared { interest: id })?;
    Ok(id)
}

/// Withdraws an interest.
pub fn withdraw(scope: &mut ComplaintsScope<'_>, id: InterestId) -> Result<(), StoreError> {
    let (council, officer) = (scope.council_id(), scope.officer()?);
    let withdrawn = update(complaint_interests::table.find((council, officer, id)))
        .filter(complaint_interests::withdrawn_at.is_null())
        .set(complaint_interests::withdrawn_at.eq(scope.at()))
        .execute(scope.conn)?;
    if withdrawn == 0 {
        return Err(StoreError::NotFound);
    }
    scope.record(Event::ComplaintInterestWithdrawn { interest: id })
}
