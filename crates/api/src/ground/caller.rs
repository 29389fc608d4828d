//! Who calls: by which door, with what permission; and the one way from a handler into the database.

use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::ops::DerefMut;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use almoner_domain::ids::{AccountId, CaseId, ServiceUserId};
use almoner_persistence::{
    ClientToken, CouncilScope, OperatorScope, PartnerScope, PracticeScope, PublicScope, Request, Scope, Session, Store,
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::ground::address::address_of;
use crate::ground::limits::Bucket;
use crate::ground::permission::Permission;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::service::Service;
use crate::ground::tenant_queue::Queue;
use crate::ground::token::Claims;

/// How long a proof of the second factor is fresh (RFC 9470 `max_age`).
pub(crate) const FRESH_FOR: TimeDelta = TimeDelta::minutes(5);

/// A door of the service.
pub(crate) trait Door: 'static {
    /// For whom its tokens are.
    const AUDIENCE: &'static str;
    /// Whether a session of this door is for one practice.
    const IN_A_PRACTICE: bool = false;
    /// The scope behind it.
    type Scope<'s>: DerefMut<Target = Scope<'s>>;

    /// When whoever the scope is for last proved a second factor; none where there is none to prove.
    fn authenticated_at(scope: &Self::Scope<'_>) -> Option<DateTime<Utc>>;

    /// Goes through it.
    fn enter<R>(
        store: &Store,
        claims: &Claims,
        request: Request,
        opens_complaints: bool,
        f: impl FnOnce(&mut Self::Scope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError>;
}

/// Staff of one practice.
pub(crate) enum Practice {}
/// One council's systems.
pub(crate) enum Council {}
/// Apps that lodge and follow complaints.
pub(crate) enum Partner {}
/// Who runs the service.
pub(crate) enum Operator {}

impl Claims {
    fn session(&self) -> Result<Session, ApiError> {
        let session = self.sid.ok_or_else(|| ApiError::new(Kind::NotAuthenticated))?;
        Ok(Session { account: AccountId::from(self.sub), session })
    }

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

    fn of_a_client(&self) -> Result<ClientToken, ApiError> {
        self.client().ok_or_else(|| ApiError::new(Kind::NotAuthenticated))
    }

    /// What the token covers: a client may ask for less than it is registered for.
    fn covers(&self, scopes: &mut Vec<String>) {
        let asked = self.scope.as_deref().unwrap_or("");
        scopes.retain(|scope| asked.split(' ').any(|one| one == scope));
    }
}

impl Door for Practice {
    const AUDIENCE: &'static str = "almoner:practice";
    const IN_A_PRACTICE: bool = true;
    type Scope<'s> = PracticeScope<'s>;

    fn authenticated_at(scope: &PracticeScope<'_>) -> Option<DateTime<Utc>> {
        Some(scope.member().authenticated_at)
    }

    fn enter<R>(
        store: &Store,
        claims: &Claims,
        request: Request,
        opens_complaints: bool,
        f: impl FnOnce(&mut PracticeScope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        store.practice(claims.session()?, request, opens_complaints, f)
    }
}

impl Door for Council {
    const AUDIENCE: &'static str = "almoner:council";
    type Scope<'s> = CouncilScope<'s>;

    fn authenticated_at(_: &CouncilScope<'_>) -> Option<DateTime<Utc>> {
        None
    }

    fn enter<R>(
        store: &Store,
        claims: &Claims,
        request: Request,
        _: bool,
        f: impl FnOnce(&mut CouncilScope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        store.council(claims.of_a_client()?, request, |scope| {
            claims.covers(&mut scope.client_mut().scopes);
            f(scope)
        })
    }
}

impl Door for Partner {
    const AUDIENCE: &'static str = "almoner:partner";
    type Scope<'s> = PartnerScope<'s>;

    fn authenticated_at(_: &PartnerScope<'_>) -> Option<DateTime<Utc>> {
        None
    }

    fn enter<R>(
        store: &Store,
        claims: &Claims,
        request: Request,
        _: bool,
        f: impl FnOnce(&mut PartnerScope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        store.partner(claims.of_a_client()?, request, |scope| {
            claims.covers(&mut scope.client_mut().scopes);
            f(scope)
        })
    }
}

impl Door for Operator {
    const AUDIENCE: &'static str = "almoner:operator";
    type Scope<'s> = OperatorScope<'s>;

    fn authenticated_at(scope: &OperatorScope<'_>) -> Option<DateTime<Utc>> {
        Some(scope.authenticated_at())
    }

    fn enter<R>(
        store: &Store,
        claims: &Claims,
        request: Request,
        _: bool,
        f: impl FnOnce(&mut OperatorScope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        store.operator(claims.session()?, request, f)
    }
}

/// Somebody with a token for the permission's door. Whether they have the permission is found with who they are, when their
/// scope begins.
pub(crate) struct Caller<P: Permission> {
    service: web::Data<Service>,
    claims: Claims,
    request: Request,
    named: Named,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Clone for Caller<P> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), claims: self.claims.clone(), permission: PhantomData, ..*self }
    }
}

/// What the path names, for the record of a refusal.
#[derive(Clone, Copy)]
struct Named {
    subject: Option<Uuid>,
    about: Option<ServiceUserId>,
    case: Option<CaseId>,
}

impl Named {
    fn by(request: &HttpRequest) -> Self {
        let subject: Option<Uuid> = request.match_info().get("id").and_then(|id| id.parse().ok());
        let of_a = |things: &str| subject.filter(|_| request.path().starts_with(things));
        Self {
            subject,
            about: of_a("/v1/practice/service-users/").map(ServiceUserId::from),
            case: of_a("/v1/practice/cases/").map(CaseId::from),
        }
    }
}

impl<P: Permission> Caller<P> {
    /// Runs `f` in the caller's scope: one transaction, committed if it succeeds.
    pub(crate) async fn scope<R, F>(self, f: F) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: for<'a, 's> FnOnce(&'a mut <P::Door as Door>::Scope<'s>) -> Result<R, ApiError> + Send + 'static,
    {
        let Self { service, claims, request, named, .. } = self;
        let queue = claims.queue();
        let held_and_done = move |service: &Service| {
            let mut entered = false;
            let done = P::Door::enter(&service.store, &claims, request, P::OPENS_COMPLAINTS, |scope| {
                entered = true;
                if !P::is_held(scope) {
                    return Err(ApiError::new(Kind::Forbidden));
                }
                let at = service.store.clock().now();
                let fresh = |proved: DateTime<Utc>| at - proved <= FRESH_FOR;
                if P::WANTS_FRESH_FACTOR && !P::Door::authenticated_at(scope).is_some_and(fresh) {
                    return Err(ApiError::new(Kind::FactorTooOld));
                }
                f(scope)
            });
            let Err(error) = &done else { return done };
            // Who was turned away before there was a scope is on record by the store.
            if entered && matches!(error.kind, Kind::Forbidden | Kind::NotFound | Kind::FactorTooOld) {
                // What was begun is rolled back; this is a transaction of its own. The same is done and written whatever
                // was refused: a complaint behind the wall, or an identifier that is nothing's. Who cannot be recorded is
                // not answered.
                P::Door::enter(&service.store, &claims, request, false, |scope| {
                    let about = match named.case {
                        Some(case) => scope.person_of(case)?,
                        None => named.about,
                    };
                    Ok(scope.record_refusal(P::OF_COMPLAINTS, P::WORD, named.subject, about)?)
                })?;
            }
            done
        };
        service.into_inner().block_in(queue, held_and_done).await
    }
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (service, claims) = authenticate(&request, P::Door::AUDIENCE).await?;
            let named = Named::by(&request);
            Ok(Self { service, claims, request: asked(&request), named, permission: PhantomData })
        })
    }
}

/// Whose token the request has, within their limits and their tenant's. Who has none that holds is limited by address.
async fn authenticate(request: &HttpRequest, audience: &'static str) -> Result<(web::Data<Service>, Claims), ApiError> {
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

/// Anyone, at the public door.
pub(crate) struct Anyone {
    service: web::Data<Service>,
    request: Request,
}

impl Anyone {
    /// Runs `f` in the public scope.
    pub(crate) async fn scope<R, F>(self, f: F) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: FnOnce(&mut PublicScope<'_>) -> Result<R, ApiError> + Send + 'static,
    {
        let request = self.request;
        self.service.into_inner().block(move |service| service.store.public(request, f)).await
    }
}

impl FromRequest for Anyone {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Service::of(request).map(|service| Self { service, request: asked(request) }))
    }
}
