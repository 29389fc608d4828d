//! The caller of an operation on their own account.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest};
use almoner_domain::ids::AccountId;
use almoner_persistence::{AccountScope, Request, Session};

use crate::ground::caller::{FRESH_FOR, asked, session_of};
use crate::ground::door::Door;
use crate::ground::operation::{CallerArgument, Description};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::service::Service;
use crate::ground::tenant_queue::Queue;

/// A caller who is signed in at this door and acts on their own account. No permission is needed for that.
pub(crate) struct Holder<D> {
    service: Arc<Service>,
    session: Session,
    queue: Queue,
    asked: Request,
    method: Method,
    door: PhantomData<fn() -> D>,
}

impl<D> Clone for Holder<D> {
    fn clone(&self) -> Self {
        Self { service: Arc::clone(&self.service), method: self.method.clone(), ..*self }
    }
}

impl<D: Door> FromRequest for Holder<D> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (service, session, queue) = session_of(&request, D::AUDIENCE).await?;
            let (service, asked, method) = (service.into_inner(), asked(&request), request.method().clone());
            Ok(Self { service, session, queue, asked, method, door: PhantomData })
        })
    }
}

impl<D: Door> CallerArgument for Holder<D> {
    const IS_OPEN: bool = false;

    fn describe(description: &mut Description) {
        description.requires(D::PEOPLE.map(|scheme| (scheme, None)));
        description.refuses(&[Kind::NotAuthenticated]);
    }
}

impl<D: Door> Holder<D> {
    pub(crate) fn service(&self) -> Arc<Service> {
        Arc::clone(&self.service)
    }

    /// Returns the account whose session it is.
    pub(super) fn account(&self) -> AccountId {
        self.session.account
    }

    /// Runs `f` in the scope of the caller's account.
    pub(crate) async fn scope<R: Send + 'static>(
        self,
        f: impl FnOnce(&mut AccountScope<'_>) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let Self { service, session, queue, asked, method, .. } = self;
        let done = service.block_in(queue, move |service| service.store.account(session, asked, f)).await;
        done.map_err(|error| error.for_method(&method))
    }

    /// Runs `f` in the scope of the caller's account, if the caller proved their second factor within the last minutes,
    /// also in a session begun through the practice's identity provider. It is for operations that concern only the
    /// practice of the session.
    pub(crate) async fn fresh_here<R: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AccountScope<'_>) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let (session, asked) = (self.session, self.asked);
        Arc::clone(&self.service)
            .block_in(self.queue, move |service| {
                service.store.account(session, asked, |scope| {
                    if scope.at() - scope.authenticated_at() > FRESH_FOR {
                        return Err(ApiError::new(Kind::StepUpRequired));
                    }
                    f(scope)
                })
            })
            .await
    }
}

/// A caller who changes what their account has at every practice: its password, its second factor, its identities. They
/// proved their second factor within the last minutes, in a session begun with a password. A caller whom a practice's
/// identity provider vouches for may not change anything that the account also has elsewhere.
pub(crate) struct Changer<D>(Holder<D>);

impl<D: Door> FromRequest for Changer<D> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let holder = Holder::from_request(request, payload);
        Box::pin(async move { holder.await.map(Self) })
    }
}

impl<D: Door> CallerArgument for Changer<D> {
    const IS_OPEN: bool = Holder::<D>::IS_OPEN;

    fn describe(description: &mut Description) {
        Holder::<D>::describe(description);
        description.refuses(&[Kind::StepUpRequired]);
        if D::HAS_PROVIDERS {
            description.refuses(&[Kind::Forbidden]);
        }
    }
}

impl<D: Door> Changer<D> {
    pub(crate) fn service(&self) -> Arc<Service> {
        self.0.service()
    }

    /// Returns the account whose session it is.
    pub(super) fn account(&self) -> AccountId {
        self.0.account()
    }

    /// Runs `f` in the scope of the caller's account.
    pub(crate) async fn fresh<R: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AccountScope<'_>) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        self.0
            .fresh_here(|scope| {
                if scope.by_provider() {
                    return Err(
                        ApiError::new(Kind::Forbidden).detail("Sign in with your password to change your account.")
                    );
                }
                f(scope)
            })
            .await
    }
}
