//! The public directory of practices: those that are ready to be sent referrals.

use almoner_domain::ids::PracticeId;
use almoner_domain::words::postcode::District;
use almoner_domain::words::slug::Slug;
use almoner_domain::words::text::Line;
use diesel::dsl::array;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::contracts::readiness;
use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{practice_capacity, practice_districts, practices};
use crate::ground::scope::PublicScope;

/// A practice in the public directory.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Listing {
    /// The name of the practice in URLs and messages.
    pub slug: Slug,
    /// The name of the practice.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// The postcode districts that the practice serves.
    #[schema(max_items = 500)]
    pub districts: Vec<District>,
    /// The number of further pieces of work that the practice can take.
    #[schema(minimum = 0, maximum = 100_000)]
    pub free_capacity: i32,
}

/// The districts that the practice of a row serves.
macro_rules! districts_of_row {
    () => {
        array(
            practice_districts::table
                .filter(practice_districts::practice_id.eq(practices::practice_id))
                .order(practice_districts::district)
                .select(practice_districts::district),
        )
    };
}

/// Lists the practices that serve a district, or all, without those that are suspended or not ready, by their name in URLs.
pub fn list(
    scope: &mut PublicScope<'_>,
    district: Option<&District>,
    paging: &Paging,
) -> Result<Page<Listing>, StoreError> {
    let after: Option<(String, Uuid)> = paging.after_key()?;
    let ready = readiness::ready(scope)?;
    let mut query = practices::table
        .inner_join(practice_capacity::table)
        .filter(practices::slug.gt(after.map_or_else(String::new, |(slug, _)| slug)))
        .filter(practices::suspended_at.is_null().and(practices::practice_id.eq_any(ready)))
        .order(practices::slug)
        .limit(paging.fetch())
        .select((
            practices::practice_id,
            practices::slug,
            practices::name,
            practices::capacity,
            practice_capacity::reserved,
            districts_of_row!(),
        ))
        .into_boxed();
    if let Some(district) = district {
        query = query.filter(
            practices::practice_id.eq_any(
                practice_districts::table
                    .filter(practice_districts::district.eq(district))
                    .select(practice_districts::practice_id),
            ),
        );
    }
    let rows: Vec<ListingRow> = query.load(scope.conn)?;
    paging.page(rows, |row| format!("{}|{}", row.1, row.0)).try_map(|row| Ok(listing(row)))
}

type ListingRow = (PracticeId, Slug, String, i32, i32, Vec<District>);

fn listing((_, slug, name, capacity, taken, districts): ListingRow) -> Listing {
    Listing { slug, name, districts, free_capacity: (capacity - taken).max(0) }
}

/// Finds one practice in the directory, which has none that is suspended or not ready.
pub fn find(scope: &mut PublicScope<'_>, slug: &Slug) -> Result<Listing, StoreError> {
    let row: ListingRow = practices::table
        .inner_join(practice_capacity::table)
        .filter(practices::slug.eq(slug).and(practices::suspended_at.is_null()))
        .select((
            practices::practice_id,
            practices::slug,
            practices::name,
            practices::capacity,
            practice_capacity::reserved,
            districts_of_row!(),
        ))
        .first(scope.conn)?;
    let is_ready = readiness::find(scope, Some(&[row.0]))?.iter().any(|(_, readiness)| readiness.is_ready());
    if is_ready { Ok(listing(row)) } else { Err(StoreError::NotFound) }
}
