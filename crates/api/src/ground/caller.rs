//! The caller of an operation, with the door and the permission. This is the one way from a handler into the database.

use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use almoner_persistence::{PublicScope, Request, Session};
use chrono::{DateTime, TimeDelta, Utc};

use crate::ground::address::address_of;
use crate::ground::door::Door;
use crate::ground::limits::Bucket;
use crate::ground::operation::{CallerArgument, Description};
use crate::ground::path::Subject;
use crate::ground::permission::Permission;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::service::Service;
use crate::ground::tenant_queue::Queue;
use crate::ground::token::AccessClaims;

/// The time for which a proof of the second factor is recent (RFC 9470 `max_age`).
pub(crate) const FRESH_FOR: TimeDelta = TimeDelta::minutes(5);

impl AccessClaims {
    /// Returns the bucket that the requests are counted in: a system's or a person's.
    fn bucket(&self, audience: &'static str) -> Bucket {
        match self.client() {
            Some(token) => Bucket::Client(audience, token.client.uuid()),
            None => Bucket::Member(audience, self.sub),
        }
    }

    /// Returns the queue in which the requests wait: their tenant's, or one of their own.
    fn queue(&self) -> Queue {
        Queue::Of(self.tenant.unwrap_or(self.sub))
    }
}

/// The scope that a permission opens.
pub(crate) type ScopeOf<'s, P> = <<P as Permission>::Door as Door>::Scope<'s>;

/// A caller with a token for the permission's door. The permission itself is checked when the scope begins, together
/// with the caller's identity.
pub(crate) struct Caller<P: Permission> {
    service: web::Data<Service>,
    claims: AccessClaims,
    http: HttpRequest,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Clone for Caller<P> {
    fn clone(&self) -> Self {
        let (service, claims, http) = (self.service.clone(), self.claims.clone(), self.http.clone());
        Self { service, claims, http, permission: PhantomData }
    }
}

impl<P: Permission> Caller<P> {
    pub(crate) fn service(&self) -> &Service {
        &self.service
    }

    /// Returns the identifier of the account or the client to which the token was issued.
    pub(crate) fn subject(&self) -> uuid::Uuid {
        self.claims.sub
    }

    /// Runs `f` in the caller's scope: one transaction, committed if it succeeds.
    pub(crate) async fn scope<R, F>(self, f: F) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>) -> Result<R, ApiError> + Send + 'static,
    {
        let Self { service, claims, http, .. } = self;
        // The path has been read by now, and a refusal is recorded as about the subject that the path names.
        let (request, subject) = (asked(&http), Subject::of_request(&http));
        let method = http.method().clone();
        drop(http);
        let queue = claims.queue();
        let held_and_done = move |service: &Service| {
            let mut entered = false;
            let done = P::Door::enter(&service.store, &claims, request, |scope| {
                entered = true;
                expect::<P>(scope, service.store.clock().now())?;
                f(scope)
            });
            let Err(error) = &done else { return done };
            // The store has recorded the refusal of a caller for whom no scope was opened.
            if let Some(person) = error.person_shown() {
                // What a refusal shows of a record is on record like any other reading, in a transaction of its own.
                P::Door::enter(&service.store, &claims, request, |scope| Ok(scope.record_comparison(person)?))?;
            }
            if entered && matches!(error.kind, Kind::Forbidden | Kind::NotFound | Kind::StepUpRequired) {
                // The refused transaction is rolled back, and this is one of its own. The same is done and written
                // whatever was refused: a complaint that is not assigned to the caller, or an identifier that does not exist. A refusal
                // that cannot be recorded is not answered.
                P::Door::enter(&service.store, &claims, request, |scope| {
                    let about = subject.person(scope)?;
                    Ok(scope.record_refusal(P::WORD, subject.id, about)?)
                })?;
            }
            done
        };
        service.into_inner().block_in(queue, held_and_done).await.map_err(|error| error.for_method(&method))
    }
}

/// Whether the caller of the scope fulfils everything that the permission requires, now.
fn expect<P: Permission>(scope: &mut ScopeOf<'_, P>, at: DateTime<Utc>) -> Result<(), ApiError> {
    if !P::is_held(scope) {
        return Err(ApiError::new(Kind::Forbidden));
    }
    let is_fresh = |proved: DateTime<Utc>| at - proved <= FRESH_FOR;
    if P::WANTS_OWN_PASSWORD && P::Door::is_by_provider(scope) {
        return Err(ApiError::new(Kind::Forbidden).detail("Sign in with your password for this."));
    }
    if P::WANTS_FRESH_FACTOR && !P::Door::authenticated_at(scope).is_some_and(is_fresh) {
        return Err(ApiError::new(Kind::StepUpRequired));
    }
    if P::IS_A_DECISION {
        P::Door::may_decide(scope)?;
    }
    Ok(())
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let http = request.clone();
        Box::pin(async move {
            let (service, claims) = authenticate(&http, P::Door::AUDIENCE).await?;
            Ok(Self { service, claims, http, permission: PhantomData })
        })
    }
}

impl<P: Permission> CallerArgument for Caller<P> {
    const IS_OPEN: bool = false;

    fn describe(description: &mut Description) {
        let system = P::SYSTEMS.map(|scope| (P::Door::NAME, Some(scope)));
        let person = P::Door::PEOPLE.filter(|_| P::PEOPLE).map(|scheme| (scheme, P::SCOPE));
        description.requires(system.into_iter().chain(person));
        description.refuses(&[Kind::NotAuthenticated]);
        if !P::IS_EVERYBODYS {
            description.refuses(&[Kind::Forbidden]);
        }
        if P::WANTS_OWN_PASSWORD {
            description.note("A session that an identity provider alone vouches for is refused.");
        }
        if P::WANTS_FRESH_FACTOR {
            description.note("It requires a recent second factor: one that was proved within the last five minutes.");
            description.refuses(&[Kind::StepUpRequired]);
        }
        if P::IS_A_DECISION {
            description.note("It is a professional decision: a social worker whom the register bars may not take it.");
            description.refuses(&[Kind::RegistrationLapsed]);
        }
    }
}

/// Checks the request's token, and the limits of its caller and of their tenant. A caller without a valid token is
/// limited by address.
async fn authenticate(
    request: &HttpRequest,
    audience: &'static str,
) -> Result<(web::Data<Service>, AccessClaims), ApiError> {
    let service = Service::of(request)?;
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    if let Some(token) = token {
        service.clone().into_inner().look_for_key(token).await?;
    }
    let at = service.store.clock().now();
    let Some(claims) = token.and_then(|token| service.tokens.verify(token, audience, at)) else {
        service.limits.take_for(request, Bucket::public(address_of(request)))?;
        return Err(token.map_or_else(|| ApiError::new(Kind::NotAuthenticated), |_| ApiError::invalid_token()));
    };
    service.limits.take_for_caller(request, claims.bucket(audience), claims.tenant)?;
    Ok((service, claims))
}

/// Returns the session that a token belongs to, and the queue in which its requests wait.
pub(crate) async fn session_of(
    request: &HttpRequest,
    audience: &'static str,
) -> Result<(web::Data<Service>, Session, Queue), ApiError> {
    let (service, claims) = authenticate(request, audience).await?;
    let session = claims.session()?;
    Ok((service, session, claims.queue()))
}

/// Returns the identifier that the request has in the log, in the audit log and in the answer's `X-Request-Id`, the address that it came
/// from, and what its path names, after it was read.
pub(crate) fn asked(request: &HttpRequest) -> Request {
    let id = request
        .extensions()
        .get::<tracing_actix_web::RequestId>()
        .map_or(uuid::Uuid::nil(), |id| uuid::Uuid::from(*id));
    Request { id, from: address_of(request), named: Subject::of_request(request).id }
}

/// A caller of an operation that requires no token.
pub(crate) struct Anyone {
    pub(crate) service: Arc<Service>,
    pub(crate) request: Request,
    method: Method,
}

impl Anyone {
    /// Runs `f` in the public scope.
    pub(crate) async fn scope<R, F>(self, f: F) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: FnOnce(&mut PublicScope<'_>) -> Result<R, ApiError> + Send + 'static,
    {
        let Self { service, request, method } = self;
        let done = service.block(move |service| service.store.public(request, f)).await;
        done.map_err(|error| error.for_method(&method))
    }
}

impl FromRequest for Anyone {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Service::of(request).map(|service| Self {
            service: service.into_inner(),
            request: asked(request),
            method: request.method().clone(),
        }))
    }
}

impl CallerArgument for Anyone {
    const IS_OPEN: bool = true;

    fn describe(_: &mut Description) {}
}

macro_rules! without_a_token {
    ($($(#[$doc:meta])* $name:ident: $($kind:ident),+;)+) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name(pub(crate) Anyone);

            impl FromRequest for $name {
                type Error = ApiError;
                type Future = Ready<Result<Self, ApiError>>;

                fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
                    ready(Anyone::from_request(request, payload).into_inner().map(Self))
                }
            }

            impl CallerArgument for $name {
                const IS_OPEN: bool = true;

                fn describe(description: &mut Description) {
                    description.refuses(&[$(Kind::$kind),+]);
                }
            }
        )+
    };
}

without_a_token! {
    /// A caller who authenticates with credentials in the content.
    Proving: InvalidCredentials;
    /// A caller who renews a session with its refresh token.
    Renewing: NotAuthenticated;
    /// A caller who has the link of an invitation.
    Invited: InvitationExpired;
}
