//! Query parameters: the page of a list, and its filters.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use almoner_persistence::Paging;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::ground::operation::{Argument, Description};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::unread::expect_known_parameters;

/// The twelve months of which the caller asks for numbers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfYear {
    /// The year on whose 31 March the twelve months end. Without it the last that have ended are meant.
    #[param(minimum = 2000, maximum = 2200, example = 2026)]
    pub(crate) ending: Option<i32>,
}

/// The page of a list that the caller asks for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 200, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// The greatest number of items in the page: 1 to 200, 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

impl PageQuery {
    pub(crate) fn paging(&self) -> Result<Paging, ApiError> {
        let limit = self.limit.unwrap_or(50);
        if !(1..=200).contains(&limit) {
            return Err(ApiError::parameter("limit", "must be from 1 to 200"));
        }
        Ok(Paging::new(self.cursor.as_deref(), limit)?)
    }
}

/// Query parameters. A wrong one is answered with a problem that names it.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match web::Query::<T>::from_query(request.query_string()) {
            Ok(query) => Ok(Self(query.into_inner())),
            Err(_) => Err(expect_known_parameters(request).err().unwrap_or_else(|| wrong_parameter::<T>(request))),
        })
    }
}

impl<T: DeserializeOwned + IntoParams + 'static> Argument for Query<T> {
    fn describe(description: &mut Description) {
        description.query_parameters::<T>();
        description.refuses(&[Kind::ValidationFailed]);
    }
}

/// Names the parameter that cannot be read. Every parameter is optional, so each can be tried by itself.
fn wrong_parameter<T: DeserializeOwned>(request: &HttpRequest) -> ApiError {
    let wrong = request.query_string().split('&').find(|pair| web::Query::<T>::from_query(pair).is_err());
    let pair = wrong.and_then(|pair| web::Query::<Vec<(String, String)>>::from_query(pair).ok()?.0.pop());
    let name = pair.map(|(name, _)| name).unwrap_or_default();
    ApiError::parameter(&name, "is not a value that this parameter takes")
}
