//! The operations on one's own account, for each door that people sign in at.

/// Makes the operations of a door: its type, its name in addresses, and its security scheme.
macro_rules! own_account_operations {
    ($door:ty, $scheme:literal) => {
        use actix_web::{HttpRequest, delete, get, post};
        use almoner_domain::ids::SessionId;
        use almoner_persistence::access::accounts::{self, OwnAccount};

        use crate::account::{
            self, AcceptInvitation, AcceptedInvitation, ChangePassword, ConfirmSecondFactor, FreshFactor, Holder,
            NewAuthenticator, OpenInvitation, OpenedInvitation, OwnSessions, RecoveryCodes,
        };
        use crate::body::Body;
        use crate::page::Path;
        use crate::problem::ApiError;
        use crate::reply::Reply;
        use crate::sign_in::{self, Refresh, SignedIn};

        /// Goes on with a session: a new access token, and a new refresh token. Each refresh token serves once; one that is
        /// sent again ends the session.
        #[utoipa::path(
            request_body = Refresh,
            responses((status = 200, description = "The session goes on", body = SignedIn)),
            security(()),
        )]
        #[post("/sessions/refresh")]
        pub(crate) async fn refresh(request: HttpRequest, body: Body<Refresh>) -> Result<Reply, ApiError> {
            Reply::ok(&sign_in::refresh::<$door>(&request, body.value).await?)
        }

        /// The caller's sessions that count.
        #[utoipa::path(
            responses((status = 200, description = "The sessions", body = OwnSessions)),
            security(($scheme = [])),
        )]
        #[get("/sessions")]
        pub(crate) async fn list_sessions(holder: Holder<$door>) -> Result<Reply, ApiError> {
            account::list_sessions(holder).await
        }

        /// Signs out: the session's tokens stop working at once.
        #[utoipa::path(responses((status = 204, description = "Signed out")), security(($scheme = [])))]
        #[delete("/sessions/current")]
        pub(crate) async fn sign_out(holder: Holder<$door>) -> Result<Reply, ApiError> {
            account::end_session(holder, None).await
        }

        /// Ends one of the caller's sessions: its tokens stop working at once.
        #[utoipa::path(
            params(("id" = SessionId, Path, description = "The session")),
            responses((status = 204, description = "Ended")),
            security(($scheme = [])),
        )]
        #[delete("/sessions/{id}")]
        pub(crate) async fn end_session(holder: Holder<$door>, id: Path<SessionId>) -> Result<Reply, ApiError> {
            account::end_session(holder, Some(id.0)).await
        }

        /// Proves the second factor anew, for what wants a fresh one: new tokens, and the old ones end.
        #[utoipa::path(
            request_body = FreshFactor,
            responses((status = 200, description = "The session, with new tokens", body = SignedIn)),
            security(($scheme = [])),
        )]
        #[post("/sessions/current/step-up")]
        pub(crate) async fn step_up(holder: Holder<$door>, body: Body<FreshFactor>) -> Result<Reply, ApiError> {
            Reply::ok(&account::step_up(holder, body.value).await?)
        }

        /// The caller's own account.
        #[utoipa::path(
            responses((status = 200, description = "The account", body = OwnAccount)),
            security(($scheme = [])),
        )]
        #[get("/account")]
        pub(crate) async fn read_account(holder: Holder<$door>) -> Result<Reply, ApiError> {
            holder.scope(|scope| Reply::ok(&accounts::own(scope)?)).await
        }

        /// Changes the caller's password; their other sessions end. Wants a fresh second factor.
        #[utoipa::path(
            request_body = ChangePassword,
            responses((status = 204, description = "Changed")),
            security(($scheme = [])),
        )]
        #[post("/account/password")]
        pub(crate) async fn change_password(
            holder: Holder<$door>,
            body: Body<ChangePassword>,
        ) -> Result<Reply, ApiError> {
            account::change_password(holder, body.value).await
        }

        /// Draws the secret of a new authenticator. The present one serves until the new one is confirmed. Wants a fresh
        /// second factor.
        #[utoipa::path(
            responses((status = 200, description = "The secret, shown this once", body = NewAuthenticator)),
            security(($scheme = [])),
        )]
        #[post("/account/second-factor")]
        pub(crate) async fn propose_second_factor(holder: Holder<$door>) -> Result<Reply, ApiError> {
            account::propose_second_factor(holder).await
        }

        /// Goes over to the new authenticator; the caller's other sessions end. Wants a fresh second factor.
        #[utoipa::path(
            request_body = ConfirmSecondFactor,
            responses((status = 200, description = "New recovery codes, shown this once", body = RecoveryCodes)),
            security(($scheme = [])),
        )]
        #[post("/account/second-factor/confirm")]
        pub(crate) async fn confirm_second_factor(
            holder: Holder<$door>,
            body: Body<ConfirmSecondFactor>,
        ) -> Result<Reply, ApiError> {
            account::confirm_second_factor(holder, body.value).await
        }

        /// Draws new recovery codes; the earlier ones serve no more. Wants a fresh second factor.
        #[utoipa::path(
            responses((status = 200, description = "New recovery codes, shown this once", body = RecoveryCodes)),
            security(($scheme = [])),
        )]
        #[post("/account/recovery-codes")]
        pub(crate) async fn replace_recovery_codes(holder: Holder<$door>) -> Result<Reply, ApiError> {
            account::replace_recovery_codes(holder).await
        }

        /// Opens an invitation: who is meant, and the secret for their authenticator. Opened again it draws another secret.
        #[utoipa::path(
            request_body = OpenInvitation,
            responses((status = 200, description = "The invitation", body = OpenedInvitation)),
            security(()),
        )]
        #[post("/invitations/open")]
        pub(crate) async fn open_invitation(
            request: HttpRequest,
            body: Body<OpenInvitation>,
        ) -> Result<Reply, ApiError> {
            account::open_invitation::<$door>(&request, body.value).await
        }

        /// Accepts an invitation, with a password of the holder's own choosing and a code of their authenticator. Whoever has
        /// an account already gives its password and a code of the authenticator that they have.
        #[utoipa::path(
            request_body = AcceptInvitation,
            responses((status = 200, description = "Accepted; sign in now", body = AcceptedInvitation)),
            security(()),
        )]
        #[post("/invitations/accept")]
        pub(crate) async fn accept_invitation(
            request: HttpRequest,
            body: Body<AcceptInvitation>,
        ) -> Result<Reply, ApiError> {
            account::accept_invitation::<$door>(&request, body.value).await
        }
    };
}

pub(crate) use own_account_operations;
