//! Who calls: by which door, with what permission; and the one way from a handler into the database.

use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
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

/// How long a proof of the second factor is fresh (RFC 9470 `max_age`).
pub(crate) const FRESH_FOR: TimeDelta = TimeDelta::minutes(5);

impl AccessClaims {
    /// Whose the requests are, for the limits: a system's, or a person's.
    fn bucket(&self, audience: &'static str) -> Bucket {
        match self.client() {
            Some(token) => Bucket::Client(audience, token.client.uuid()),
            None => Bucket::Member(audience, self.sub),
        }
    }

    /// Where the requests wait: with their tenant's, or by themselves.
    fn queue(&self) -> Queue {
        Queue::Of(self.tenant.unwrap_or(self.sub))
    }
}

/// The scope that a permission opens.
pub(crate) type ScopeOf<'s, P> = <<P as Permission>::Door as Door>::Scope<'s>;

/// Somebody with a token for the permission's door. Whether they have the permission is found with who they are, when their
/// scope begins.
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

    /// Runs `f` in the caller's scope: one transaction, committed if it succeeds.
    pub(crate) async fn scope<R, F>(self, f: F) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>) -> Result<R, ApiError> + Send + 'static,
    {
        let Self { service, claims, http, .. } = self;
        // The path has been read by now: what it names is what a refusal is about.
        let (request, subject) = (asked(&http), Subject::of_request(&http));
        drop(http);
        let queue = claims.queue();
        let held_and_done = move |service: &Service| {
            let mut entered = false;
            let done = P::Door::enter(&service.store, &claims, request, P::OPENS_COMPLAINTS, |scope| {
                entered = true;
                expect::<P>(scope, service.store.clock().now())?;
                f(scope)
            });
            let Err(error) = &done else { return done };
            // Who was turned away before there was a scope is on record by the store.
            if entered && matches!(error.kind, Kind::Forbidden | Kind::NotFound | Kind::StepUpRequired) {
                // What was begun is rolled back; this is a transaction of its own. The same is done and written whatever
                // was refused: a complaint behind the wall, or an identifier that is nothing's. Who cannot be recorded is
                // not answered.
                P::Door::enter(&service.store, &claims, request, false, |scope| {
                    let about = subject.person(scope)?;
                    Ok(scope.record_refusal(P::OF_COMPLAINTS, P::WORD, subject.id, about)?)
                })?;
            }
            done
        };
        service.into_inner().block_in(queue, held_and_done).await
    }
}

/// Whether whoever the scope is for has all that the permission wants, now.
fn expect<P: Permission>(scope: &mut ScopeOf<'_, P>, at: DateTime<Utc>) -> Result<(), ApiError> {
    if !P::is_held(scope) {
        return Err(ApiError::new(Kind::Forbidden));
    }
    let is_fresh = |proved: DateTime<Utc>| at - proved <= FRESH_FOR;
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
    fn describe(description: &mut Description) {
        description.requires(P::Door::NAME, P::SCOPE);
        description.refuses(&[Kind::NotAuthenticated, Kind::Forbidden]);
        if P::WANTS_FRESH_FACTOR {
            description.note("It requires a fresh second factor: one that was proved within the last five minutes.");
            description.refuses(&[Kind::StepUpRequired]);
        }
        if P::IS_A_DECISION {
            description.note("It is a professional decision: a social worker whom the register bars may not take it.");
            description.refuses(&[Kind::RegistrationLapsed]);
        }
    }
}

/// Whose token the request has, within their limits and their tenant's. Who has none that holds is limited by address.
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
        return Err(ApiError::new(Kind::NotAuthenticated));
    };
    service.limits.take_for_caller(request, claims.bucket(audience), claims.tenant)?;
    Ok((service, claims))
}

/// The session that a token is of, and the queue in which it waits.
pub(crate) async fn session_of(
    request: &HttpRequest,
    audience: &'static str,
) -> Result<(web::Data<Service>, Session, Queue), ApiError> {
    let (service, claims) = authenticate(request, audience).await?;
    let session = claims.session()?;
    Ok((service, session, claims.queue()))
}

/// The identifier that the request carries in the log, in the audit and in the answer's `X-Request-Id`; and where it came
/// from.
pub(crate) fn asked(request: &HttpRequest) -> Request {
    let id = request
        .extensions()
        .get::<tracing_actix_web::RequestId>()
        .map_or(uuid::Uuid::nil(), |id| uuid::Uuid::from(*id));
    Request { id, from: address_of(request) }
}

/// Anyone: no token is asked for.
pub(crate) struct Anyone {
    pub(crate) service: Arc<Service>,
    pub(crate) request: Request,
}

impl Anyone {
    /// Runs `f` in the public scope.
    pub(crate) async fn scope<R, F>(self, f: F) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: FnOnce(&mut PublicScope<'_>) -> Result<R, ApiError> + Send + 'static,
    {
        let request = self.request;
        self.service.block(move |service| service.store.public(request, f)).await
    }
}

impl FromRequest for Anyone {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Service::of(request).map(|service| Self { service: service.into_inner(), request: asked(request) }))
    }
}

impl CallerArgument for Anyone {
    fn describe(description: &mut Description) {
        description.is_open();
    }
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
                fn describe(description: &mut Description) {
                    description.is_open();
                    description.refuses(&[$(Kind::$kind),+]);
                }
            }
        )+
    };
}

without_a_token! {
    /// Somebody who proves who they are by what they send.
    Proving: InvalidCredentials;
    /// Somebody who goes on with a session by the token that they send.
    Renewing: NotAuthenticated;
    /// Somebody with the link of an invitation.
    Invited: InvalidCredentials, InvitationExpired;
}
