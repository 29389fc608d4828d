//! The parts of a request that no argument of its handler reads. They are looked at for every operation alike: query
//! parameters that the operation does not have, and `If-None-Match`, which the answer reads once the work is done.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, Handler, HttpRequest, web};
use almoner_domain::fault::Fault;

use crate::ground::etag::IfNoneMatch;
use crate::ground::problem::ApiError;
use crate::ground::routes::Found;

/// What an operation expects of the parts of a request that its arguments do not read, from its description.
#[derive(Default)]
pub(crate) struct Expected {
    /// The names of the query parameters; `None` if others are ignored.
    pub(crate) parameters: Option<Vec<String>>,
    /// Whether the answer may be 304.
    pub(crate) is_conditional: bool,
}

/// A handler that is called only with a request whose other parts are as the operation expects them.
#[derive(Clone)]
pub(crate) struct Whole<H>(pub(crate) H);

impl<H: Handler<Arguments>, Arguments> Handler<(Arguments, Unread)> for Whole<H> {
    type Output = H::Output;
    type Future = H::Future;

    fn call(&self, (arguments, _): (Arguments, Unread)) -> H::Future {
        self.0.call(arguments)
    }
}

/// The proof that the other parts of a request are as its operation expects them.
pub(crate) struct Unread;

impl FromRequest for Unread {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let checked = expect_known_parameters(request).and_then(|()| {
            if expected(request).is_some_and(|expected| expected.is_conditional) {
                IfNoneMatch::of(request)?;
            }
            Ok(Self)
        });
        ready(checked)
    }
}

fn expected(request: &HttpRequest) -> Option<&'static Expected> {
    Found::by(request).expected()
}

/// Whether each query parameter is one that the operation has, is given once, and has a value. What is given otherwise
/// would be lost without a word.
pub(crate) fn expect_known_parameters(request: &HttpRequest) -> Result<(), ApiError> {
    let Some(known) = expected(request).and_then(|expected| expected.parameters.as_ref()) else { return Ok(()) };
    let given = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let given = given.map(web::Query::into_inner).unwrap_or_default();
    let faults: Vec<Fault> = given
        .iter()
        .enumerate()
        .filter_map(|(at, (name, value))| {
            let detail = if !known.contains(name) {
                "is not a parameter of this operation"
            } else if given[..at].iter().any(|(earlier, _)| earlier == name) {
                "must be given once"
            } else if value.trim().is_empty() {
                "must have a value, or be left out"
            } else {
                return None;
            };
            Some(Fault::new(name, detail))
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(ApiError::validation_failed(faults)) }
}
