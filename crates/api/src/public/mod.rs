//! The public door: the directory of practices, for anyone.

use actix_web::get;
use almoner_domain::words::postcode::{District, Postcode};
use almoner_domain::words::slug::Slug;
use almoner_persistence::Page;
use almoner_persistence::tenancy::practices::{self, ComplaintsProcedure, Listing};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::caller::Anyone;
use crate::page::{PageQuery, Path, Query};
use crate::problem::ApiError;
use crate::reply::Reply;

/// Every operation of the door.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(scope("/v1/public").service(list).service(read).service(complaints_procedure));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Where {
    /// A postcode, or its first half: the practices that serve it.
    #[param(max_length = 8, example = "SY1 1UT")]
    postcode: Option<String>,
}

impl Where {
    fn district(self) -> Result<Option<District>, ApiError> {
        self.postcode
            .map(|text| {
                Postcode::parse(&text)
                    .map(|postcode| postcode.district())
                    .or_else(|_| District::parse(&text))
                    .map_err(|unfit| ApiError::parameter("postcode", unfit.to_string()))
            })
            .transpose()
    }
}

/// The practices, or those that serve a postcode, with how many more people each can take.
#[utoipa::path(
    params(Where, PageQuery),
    responses((status = 200, description = "A page of the directory", body = Page<Listing>)),
    security(()),
)]
#[get("/practices")]
async fn list(anyone: Anyone, place: Query<Where>, page: Query<PageQuery>) -> Result<Reply, ApiError> {
    let (district, paging) = (place.0.district()?, page.0.paging()?);
    anyone.scope(move |scope| Reply::ok(&practices::directory(scope, district.as_ref(), &paging)?)).await
}

/// One practice.
#[utoipa::path(
    params(("slug" = Slug, Path, description = "The practice's name in URLs")),
    responses((status = 200, description = "The practice", body = Listing)),
    security(()),
)]
#[get("/practices/{slug}")]
async fn read(anyone: Anyone, slug: Path<Slug>) -> Result<Reply, ApiError> {
    anyone.scope(move |scope| Reply::ok(&practices::listed(scope, &slug.0)?)).await
}

/// How to complain about a practice, in plain words, with local advocacy.
#[utoipa::path(
    params(("slug" = Slug, Path, description = "The practice's name in URLs")),
    responses((status = 200, description = "The procedure", body = ComplaintsProcedure)),
    security(()),
)]
#[get("/practices/{slug}/complaints-procedure")]
async fn complaints_procedure(anyone: Anyone, slug: Path<Slug>) -> Result<Reply, ApiError> {
    anyone.scope(move |scope| Reply::ok(&practices::complaints_procedure(scope, &slug.0)?)).await
}
