//! The directory of practices.

use almoner_domain::words::postcode::{District, Postcode};
use almoner_domain::words::slug::Slug;
use almoner_persistence::Page;
use almoner_persistence::access::apps;
use almoner_persistence::contracts::directory::{self, Listing};
use almoner_persistence::tenancy::complaints_procedure;
use serde::Deserialize;
use utoipa::IntoParams;

use super::PracticeProcedure;
use crate::ground::caller::Anyone;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list, read, read_complaints_procedure);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PracticesFilter {
    /// Returns only practices that serve this postcode, or this first half of one.
    #[param(
        min_length = 2,
        max_length = 16,
        pattern = "^\\s*[A-Za-z]{1,2}[0-9Rr][0-9A-Za-z]?\\s*([0-9][A-Za-z]{2}\\s*)?$",
        example = "SY1 1UT"
    )]
    postcode: Option<String>,
}

impl PracticesFilter {
    fn district(self) -> Result<Option<District>, ApiError> {
        self.postcode
            .map(|text| {
                Postcode::parse(&text)
                    .map(|postcode| postcode.district())
                    .or_else(|_| District::parse(&text))
                    .map_err(|invalid| ApiError::parameter("postcode", invalid.to_string()))
            })
            .transpose()
    }
}

/// Lists the practices, or those that serve a postcode, with the free capacity of each.
#[utoipa::path(get, path = "/practices")]
async fn list(
    anyone: Anyone,
    filter: Query<PracticesFilter>,
    page: Query<PageQuery>,
) -> Result<Reply<Page<Listing>>, ApiError> {
    let (district, paging) = (filter.0.district()?, page.0.paging()?);
    anyone.scope(move |scope| Reply::ok(&no_record::public(directory::list(scope, district.as_ref(), &paging)?))).await
}

/// Shows one practice.
#[utoipa::path(get, path = "/practices/{slug}")]
async fn read(anyone: Anyone, slug: Path<Slug>) -> Result<Reply<Listing>, ApiError> {
    anyone.scope(move |scope| Reply::ok(&no_record::public(directory::find(scope, &slug.0)?))).await
}

/// Shows how to complain about a practice, in plain words, with local advocacy, its councils, the Ombudsman, and apps to complain with.
#[utoipa::path(get, path = "/practices/{slug}/complaints-procedure")]
async fn read_complaints_procedure(anyone: Anyone, slug: Path<Slug>) -> Result<Reply<PracticeProcedure>, ApiError> {
    anyone
        .scope(move |scope| {
            let procedure = complaints_procedure::of_practice(scope, &slug.0)?;
            let apps = apps::to_complain_with(scope)?;
            Reply::ok(&no_record::public(PracticeProcedure { procedure, apps }))
        })
        .await
}
