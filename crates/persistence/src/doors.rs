//! The doors: each finds out who the caller is, and then begins a transaction in the role of the door. There is no other way
//! into a scope.

use almoner_domain::events::{Door, LogOwner};
use almoner_domain::ids::{AccountId, CouncilId, PracticeId};
use uuid::Uuid;

use crate::access::{client_identity, identity, sessions};
use crate::ground::callers::{CallerThen, Client, ClientToken, CouncilCaller, Request, Session};
use crate::ground::error::StoreError;
use crate::ground::scope::{
    AccountScope, ComplaintsScope, CouncilScope, IdentityScope, OperatorScope, PartnerScope, PracticeScope,
    PublicScope, Scope, WorkerScope,
};
use crate::ground::transaction::{Store, setting};
use crate::tenancy::practices;

impl Store {
    /// Opens a scope for a member of staff, after finding out who they are now.
    pub fn practice<R, E: From<StoreError>>(
        &self,
        caller: Session,
        request: Request,
        f: impl FnOnce(&mut PracticeScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_identity", &caller.settings(), request, |mut scope| {
            let member = identity::enter_practice(&mut scope, caller)?;
            scope.acts(LogOwner::Practice(member.practice_id), Some(member.staff_id.uuid()), Door::Practice);
            let roles = member.roles.iter().map(|role| role.as_str().to_owned()).collect();
            scope.acts_as(CallerThen { roles, client: None, session: Some(caller.session.uuid()) });
            f(&mut PracticeScope { scope, member, account: caller.account, session: caller.session })
        })
    }

    /// Opens a scope for a council's system.
    pub fn council<R, E: From<StoreError>>(
        &self,
        token: ClientToken,
        request: Request,
        f: impl FnOnce(&mut CouncilScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.for_client(
            Door::Council,
            token,
            request,
            client_identity::enter_council,
            |mut scope, council_id, client| {
                scope.acts(LogOwner::Council(council_id), Some(client.client_id.uuid()), Door::Council);
                scope.acts_as(CallerThen { client: Some(client.client_id.uuid()), ..CallerThen::default() });
                f(&mut CouncilScope { scope, council_id, caller: CouncilCaller::System(client) })
            },
        )
    }

    /// Opens a scope for an officer of a council, after finding out who they are now.
    pub fn officer<R, E: From<StoreError>>(
        &self,
        caller: Session,
        request: Request,
        f: impl FnOnce(&mut CouncilScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_identity", &caller.settings(), request, |mut scope| {
            let (council_id, officer) = identity::enter_council(&mut scope, caller)?;
            scope.acts(LogOwner::Council(council_id), Some(officer.officer_id.uuid()), Door::Council);
            let roles = officer.roles.iter().map(|role| role.as_str().to_owned()).collect();
            scope.acts_as(CallerThen { roles, client: None, session: Some(caller.session.uuid()) });
            f(&mut CouncilScope { scope, council_id, caller: CouncilCaller::Officer(officer) })
        })
    }

    /// Opens a scope for an officer or a guest at the complaints' door, after finding out who they are now, and
    /// whether the complaint that the request names is assigned to them.
    pub fn complaints<R, E: From<StoreError>>(
        &self,
        caller: Session,
        request: Request,
        f: impl FnOnce(&mut ComplaintsScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_identity", &caller.settings(), request, |mut scope| {
            let (council_id, worker) = identity::enter_complaints(&mut scope, caller, request.named)?;
            scope.acts(LogOwner::Complaints(council_id), Some(worker.person.uuid()), Door::Complaints);
            let roles = worker.roles.iter().map(|role| role.as_str().to_owned()).collect();
            scope.acts_as(CallerThen { roles, client: None, session: Some(caller.session.uuid()) });
            f(&mut ComplaintsScope { scope, council_id, worker })
        })
    }

    /// Opens a scope for a partner app.
    pub fn partner<R, E: From<StoreError>>(
        &self,
        token: ClientToken,
        request: Request,
        f: impl FnOnce(&mut PartnerScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let enter = |scope: &mut Scope<'_>, token| Ok(((), client_identity::enter_partner(scope, token)?));
        self.for_client(Door::Partner, token, request, enter, |mut scope, (), client| {
            scope.acts(LogOwner::Client(client.client_id), Some(client.client_id.uuid()), Door::Partner);
            scope.acts_as(CallerThen { client: Some(client.client_id.uuid()), ..CallerThen::default() });
            f(&mut PartnerScope { scope, client })
        })
    }

    /// Finds out whether a client's token is still valid. A token that is used from an address that is not among the
    /// client's own is refused, and the refusal is recorded: the transaction is committed with nothing else in it.
    fn for_client<T, R, E: From<StoreError>>(
        &self,
        door: Door,
        token: ClientToken,
        request: Request,
        enter: impl FnOnce(&mut Scope<'_>, ClientToken) -> Result<(T, Client), StoreError>,
        f: impl FnOnce(Scope<'_>, T, Client) -> Result<R, E>,
    ) -> Result<R, E> {
        let done = self.transact(
            "almoner_identity",
            &[setting("app.client", token.client.uuid())],
            request,
            |mut scope| -> Result<Option<R>, E> {
                let (tenant, client) = enter(&mut scope, token)?;
                if !client.may_come_from(request.from) {
                    client_identity::record_address(&mut scope, token.client, door)?;
                    return Ok(None);
                }
                f(scope, tenant, client).map(Some)
            },
        )?;
        done.ok_or_else(|| StoreError::WrongAddress.into())
    }

    /// Opens a scope for anybody, without authentication.
    pub fn public<R, E: From<StoreError>>(
        &self,
        request: Request,
        f: impl FnOnce(&mut PublicScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_public", &[], request, |scope| f(&mut PublicScope { scope }))
    }

    /// Opens a scope for an operator who is signed in.
    pub fn operator<R, E: From<StoreError>>(
        &self,
        caller: Session,
        request: Request,
        f: impl FnOnce(&mut OperatorScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_identity", &caller.settings(), request, |mut scope| {
            let authenticated_at = identity::enter_operator(&mut scope, caller)?;
            scope.acts(LogOwner::Platform, Some(caller.account.uuid()), Door::Operator);
            scope.acts_as(CallerThen { session: Some(caller.session.uuid()), ..CallerThen::default() });
            f(&mut OperatorScope { scope, account: caller.account, authenticated_at })
        })
    }

    /// Opens a scope for an operator at the machine's own console, who already has the database's password.
    pub fn console<R, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut OperatorScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let account = AccountId::from(Uuid::nil());
        let request = self.request_of_our_own();
        self.transact("almoner_operator", &[setting("app.account", account.uuid())], request, |mut scope| {
            scope.acts(LogOwner::Platform, None, Door::Console);
            let authenticated_at = scope.at();
            f(&mut OperatorScope { scope, account, authenticated_at })
        })
    }

    /// Opens a scope for the owner of an account, who has a valid session.
    pub fn account<R, E: From<StoreError>>(
        &self,
        caller: Session,
        request: Request,
        f: impl FnOnce(&mut AccountScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_identity", &caller.settings(), request, |mut scope| {
            let live = sessions::find_live(&mut scope, caller, None)?.ok_or(StoreError::NotAuthenticated)?;
            sessions::acts_for(&mut scope, caller.account, live.place.seat(), Some(caller.session))?;
            f(&mut AccountScope {
                scope,
                account: caller.account,
                session: caller.session,
                place: live.place,
                authenticated_at: live.authenticated_at,
                by_provider: live.by_provider,
                ends_at: live.ends_at,
            })
        })
    }

    /// Opens a scope for signing in.
    pub fn identity<R, E: From<StoreError>>(
        &self,
        request: Request,
        f: impl FnOnce(&mut IdentityScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact("almoner_identity", &[], request, |scope| f(&mut IdentityScope { scope }))
    }

    /// Finds the practice with this name in URLs.
    pub fn find_practice_id(&self, slug: &str) -> Result<Option<PracticeId>, StoreError> {
        let request = self.request_of_our_own();
        self.identity(request, |scope| practices::id_of(scope, slug))
    }

    /// Opens a scope for the worker: across practices it sees only the outbox, the jobs and expired rows, otherwise one practice.
    pub fn worker<R, E: From<StoreError>>(
        &self,
        practice: Option<PracticeId>,
        f: impl FnOnce(&mut WorkerScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let request = self.request_of_our_own();
        let settings: Vec<_> = practice.map(|practice| setting("app.practice", practice.uuid())).into_iter().collect();
        self.transact("almoner_worker", &settings, request, |mut scope| {
            scope.acts(practice.map_or(LogOwner::Platform, LogOwner::Practice), None, Door::Worker);
            f(&mut WorkerScope { scope, practice })
        })
    }

    /// Opens the worker's scope for one council.
    pub fn worker_of_council<R, E: From<StoreError>>(
        &self,
        council: CouncilId,
        f: impl FnOnce(&mut WorkerScope<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let request = self.request_of_our_own();
        self.transact("almoner_worker", &[setting("app.council", council.uuid())], request, |mut scope| {
            scope.acts(LogOwner::Council(council), None, Door::Worker);
            f(&mut WorkerScope { scope, practice: None })
        })
    }
}
