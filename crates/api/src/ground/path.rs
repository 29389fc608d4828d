//! The identifiers in a request's path, which are read for the handler and kept for the record of a refusal.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use almoner_domain::ids::ServiceUserId;
use almoner_persistence::{Scope, StoreError};
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

use crate::ground::operation::{Argument, Description};
use crate::ground::problem::{ApiError, Kind};

/// A type that can stand in a path.
pub(crate) trait PathParameter: DeserializeOwned + ToSchema + Clone + Send + Sync + 'static {
    /// The description of the parameter in the OpenAPI document.
    const DESCRIPTION: &'static str;

    /// Returns the parameter's identifier, if it has one.
    fn id(&self) -> Option<Uuid> {
        None
    }

    /// Returns the person whom the named resource is about, whether or not it is open to the caller; `None` if it is
    /// about no person.
    fn person(&self, _: &mut Scope<'_>) -> Result<Option<ServiceUserId>, StoreError> {
        Ok(None)
    }

    /// Returns a reference to the parameter's schema.
    fn reference(description: &mut Description) -> RefOr<Schema> {
        description.reference::<Self>()
    }
}

type FindPerson = dyn Fn(&mut Scope<'_>) -> Result<Option<ServiceUserId>, StoreError> + Send + Sync;

/// The subject of a request, by its path.
#[derive(Clone, Default)]
pub(crate) struct Subject {
    pub(crate) id: Option<Uuid>,
    find_person: Option<Arc<FindPerson>>,
}

impl Subject {
    fn of<T: PathParameter>(named: &T) -> Self {
        let (id, named) = (named.id(), named.clone());
        Self { id, find_person: Some(Arc::new(move |scope| named.person(scope))) }
    }

    /// Returns the subject that the path of this request names, after it was read.
    pub(crate) fn of_request(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// Returns the person whom the subject is about.
    pub(crate) fn person(&self, scope: &mut Scope<'_>) -> Result<Option<ServiceUserId>, StoreError> {
        self.find_person.as_ref().map_or(Ok(None), |find| find(scope))
    }
}

/// All the parameters of a path: one resource, or one within another.
pub(crate) trait PathParameters: DeserializeOwned + 'static {
    /// Returns the subject of the request, which is the first parameter.
    fn subject(&self) -> Subject;
    /// Adds each parameter, in order.
    fn describe(description: &mut Description);
}

impl<T: PathParameter> PathParameters for T {
    fn subject(&self) -> Subject {
        Subject::of(self)
    }

    fn describe(description: &mut Description) {
        let schema = T::reference(description);
        description.path_parameter(T::DESCRIPTION, schema);
    }
}

impl<A: PathParameter, B: PathParameter> PathParameters for (A, B) {
    fn subject(&self) -> Subject {
        Subject::of(&self.0)
    }

    fn describe(description: &mut Description) {
        <A as PathParameters>::describe(description);
        <B as PathParameters>::describe(description);
    }
}

/// The parameters of the path. A path that cannot be read names nothing.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: PathParameters> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = web::Path::<T>::from_request(request, payload).into_inner();
        ready(read.map_err(|_| ApiError::new(Kind::NotFound)).map(|path| {
            let named = path.into_inner();
            request.extensions_mut().insert(named.subject());
            Self(named)
        }))
    }
}

impl<T: PathParameters> Argument for Path<T> {
    fn describe(description: &mut Description) {
        <T as PathParameters>::describe(description);
        description.refuses(&[Kind::NotFound]);
    }
}
