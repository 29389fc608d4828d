//! The doors that a token opens, and the database scope behind each.

use std::ops::DerefMut;

use almoner_domain::ids::AccountId;
use almoner_domain::refusal::Refusal;
use almoner_persistence::{
    ClientToken, ComplaintsScope, CouncilCaller, CouncilScope, OperatorScope, PartnerScope, PlaceKind, PracticeScope,
    Request, Scope, Session, Store, idempotency,
};
use chrono::{DateTime, Utc};

use crate::ground::problem::ApiError;
use crate::ground::token::AccessClaims;

/// A door of the service.
pub(crate) trait Door: 'static {
    /// The name of the door, in URLs, in the OpenAPI document and in the audit log.
    const NAME: &'static str;
    /// The audience of the door's tokens.
    const AUDIENCE: &'static str;
    /// What the sessions of people at this door are for; `None` at a door of systems alone.
    const PLACE: Option<PlaceKind> = None;
    /// The name of the credentials of people in the OpenAPI document; `None` at a door of systems alone.
    const PEOPLE: Option<&'static str> = None;
    /// Whether a provider can vouch for people at this door.
    const HAS_PROVIDERS: bool = false;
    /// The scope behind it.
    type Scope<'s>: DerefMut<Target = Scope<'s>> + idempotency::ClaimingScope<'s>;

    /// Returns the time at which the caller of the scope last proved a second factor; `None` if the door has none.
    fn authenticated_at(scope: &Self::Scope<'_>) -> Option<DateTime<Utc>>;

    /// Whether the caller of the scope began their session through a provider, which alone vouches for them.
    fn is_by_provider(_: &Self::Scope<'_>) -> bool {
        false
    }

    /// Whether the caller of the scope may take a professional decision. Only the practice's door requires it.
    fn may_decide(_: &Self::Scope<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    /// Opens the scope behind the door and runs `f` in it.
    fn enter<R>(
        store: &Store,
        claims: &AccessClaims,
        request: Request,
        f: impl FnOnce(&mut Self::Scope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError>;
}

/// The door for the staff of one practice.
pub(crate) enum PracticeDoor {}
/// The door for the systems and the officers of one council.
pub(crate) enum CouncilDoor {}
/// The door for those who work on complaints of a council.
pub(crate) enum ComplaintsDoor {}
/// The door for apps that lodge and follow complaints.
pub(crate) enum PartnerDoor {}
/// The door for the operator of the service.
pub(crate) enum OperatorDoor {}

impl AccessClaims {
    /// Returns the session of a person's token.
    pub(crate) fn session(&self) -> Result<Session, ApiError> {
        let session = self.sid.ok_or_else(ApiError::invalid_token)?;
        Ok(Session { account: AccountId::from(self.sub), session })
    }

    fn of_a_client(&self) -> Result<ClientToken, ApiError> {
        self.client().ok_or_else(ApiError::invalid_token)
    }

    /// Limits the scopes to those that the token covers, because a client may ask for fewer than it is registered for.
    fn covers(&self, scopes: &mut Vec<String>) {
        let asked = self.scope.as_deref().unwrap_or("");
        scopes.retain(|scope| asked.split(' ').any(|one| one == scope));
    }
}

impl Door for PracticeDoor {
    const NAME: &'static str = "practice";
    const AUDIENCE: &'static str = "almoner:practice";
    const PLACE: Option<PlaceKind> = Some(PlaceKind::Practice);
    const PEOPLE: Option<&'static str> = Some("practice");
    const HAS_PROVIDERS: bool = true;
    type Scope<'s> = PracticeScope<'s>;

    fn authenticated_at(scope: &PracticeScope<'_>) -> Option<DateTime<Utc>> {
        Some(scope.member().authenticated_at)
    }

    fn may_decide(scope: &PracticeScope<'_>) -> Result<(), Refusal> {
        scope.decision()
    }

    fn enter<R>(
        store: &Store,
        claims: &AccessClaims,
        request: Request,
        f: impl FnOnce(&mut PracticeScope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        store.practice(claims.session()?, request, f)
    }
}

impl Door for CouncilDoor {
    const NAME: &'static str = "council";
    const AUDIENCE: &'static str = "almoner:council";
    const PLACE: Option<PlaceKind> = Some(PlaceKind::Council);
    const PEOPLE: Option<&'static str> = Some("officer");
    const HAS_PROVIDERS: bool = true;
    type Scope<'s> = CouncilScope<'s>;

    fn authenticated_at(scope: &CouncilScope<'_>) -> Option<DateTime<Utc>> {
        match scope.caller() {
            CouncilCaller::System(_) => None,
            CouncilCaller::Officer(officer) => Some(officer.authenticated_at),
        }
    }

    fn is_by_provider(scope: &CouncilScope<'_>) -> bool {
        matches!(scope.caller(), CouncilCaller::Officer(officer) if officer.by_provider)
    }

    fn enter<R>(
        store: &Store,
        claims: &AccessClaims,
        request: Request,
        f: impl FnOnce(&mut CouncilScope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        let Some(token) = claims.client() else { return store.officer(claims.session()?, request, f) };
        store.council(token, request, |scope| {
            if let Some(client) = scope.client_mut() {
                claims.covers(&mut client.scopes);
            }
            f(scope)
        })
    }
}

impl Door for ComplaintsDoor {
    const NAME: &'static str = "complaints";
    const AUDIENCE: &'static str = "almoner:complaints";
    const PLACE: Option<PlaceKind> = Some(PlaceKind::Complaints);
    const PEOPLE: Option<&'static str> = Some("complaints");
    type Scope<'s> = ComplaintsScope<'s>;

    fn authenticated_at(scope: &ComplaintsScope<'_>) -> Option<DateTime<Utc>> {
        Some(scope.worker().authenticated_at)
    }

    fn enter<R>(
        store: &Store,
        claims: &AccessClaims,
        request: Request,
        f: impl FnOnce(&mut ComplaintsScope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        store.complaints(claims.session()?, request, f)
    }
}

impl Door for PartnerDoor {
    const NAME: &'static str = "partner";
    const AUDIENCE: &'static str = "almoner:partner";
    type Scope<'s> = PartnerScope<'s>;

    fn authenticated_at(_: &PartnerScope<'_>) -> Option<DateTime<Utc>> {
        None
    }

    fn enter<R>(
        store: &Store,
        claims: &AccessClaims,
        request: Request,
        f: impl FnOnce(&mut PartnerScope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        store.partner(claims.of_a_client()?, request, |scope| {
            claims.covers(&mut scope.client_mut().scopes);
            f(scope)
        })
    }
}

impl Door for OperatorDoor {
    const NAME: &'static str = "operator";
    const AUDIENCE: &'static str = "almoner:operator";
    const PLACE: Option<PlaceKind> = Some(PlaceKind::Service);
    const PEOPLE: Option<&'static str> = Some("operator");
    type Scope<'s> = OperatorScope<'s>;

    fn authenticated_at(scope: &OperatorScope<'_>) -> Option<DateTime<Utc>> {
        Some(scope.authenticated_at())
    }

    fn enter<R>(
        store: &Store,
        claims: &AccessClaims,
        request: Request,
        f: impl FnOnce(&mut OperatorScope<'_>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        store.operator(claims.session()?, request, f)
    }
}
