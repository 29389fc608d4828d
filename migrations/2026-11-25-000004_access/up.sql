-- The authentication of people and systems: accounts and their second factor, sessions, invitations, OAuth 2.0 clients, the
-- keys that sign access tokens, and single sign-on.

-- One account for each person, created by that person. The e-mail address is unique across practices, and only sign-in and
-- the operator see it.
CREATE TABLE accounts (
    account_id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text NOT NULL,
    -- The second factor (RFC 6238), sealed under the account's own key, and the last time step that was used, so that a code
    -- can be used once.
    totp_secret bytea,
    totp_pending bytea,
    totp_last_step bigint,
    operator boolean NOT NULL DEFAULT false,
    -- The accounts by whose hands an operator's went: whoever invited it, and whoever drew a link with which its credentials were
    -- replaced. The nil account is the console's. Empty for other accounts.
    invited_by uuid[] NOT NULL DEFAULT '{}',
    disabled_at timestamptz,
    created_at timestamptz NOT NULL
);
SELECT app.secure_table('accounts');
CREATE POLICY operator ON accounts TO almoner_operator USING (true);
CREATE POLICY identity ON accounts TO almoner_identity USING (true);
-- Nobody creates an account for somebody else: the operator and the practice invite.
GRANT SELECT (account_id, email, name, operator, disabled_at, created_at), UPDATE (email, disabled_at) ON accounts
    TO almoner_operator;
GRANT SELECT (account_id, email, name, password_hash, totp_secret, totp_pending, totp_last_step, operator, invited_by, disabled_at,
    created_at), INSERT, UPDATE (password_hash, totp_secret, totp_pending, totp_last_step, invited_by) ON accounts
    TO almoner_identity;

-- The accounts stand above the staff, so that rows about a member of staff need no account. A membership is made before its
-- account, and the foreign key between the two is made here.
ALTER TABLE staff ADD FOREIGN KEY (account_id) REFERENCES accounts;
ALTER TABLE account_memberships ADD FOREIGN KEY (account_id) REFERENCES accounts;
ALTER TABLE officers ADD FOREIGN KEY (account_id) REFERENCES accounts;
ALTER TABLE account_offices ADD FOREIGN KEY (account_id) REFERENCES accounts;
ALTER TABLE guests ADD FOREIGN KEY (account_id) REFERENCES accounts;

-- Recovery codes. Each can be used once, in place of a code of the authenticator.
CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES accounts,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account_id, code_hash)
);
SELECT app.secure_table('recovery_codes');
CREATE POLICY identity ON recovery_codes TO almoner_identity USING (account_id = app.account());
GRANT SELECT, INSERT, UPDATE (used_at), DELETE ON recovery_codes TO almoner_identity;

CREATE TABLE sessions (
    account_id uuid NOT NULL REFERENCES accounts,
    session_id uuid NOT NULL,
    -- The one practice or council that the session is for. NULL at the operator's door.
    practice_id uuid,
    staff_id uuid,
    council_id uuid,
    officer_id uuid,
    guest_id uuid,
    -- Whether the session is for the complaints' door, where a guest is, and where an officer signs in anew.
    for_complaints boolean NOT NULL DEFAULT false,
    -- Whether the session was begun through the practice's identity provider. Such a session is for that practice alone, and
    -- cannot change what its account has elsewhere.
    by_provider boolean NOT NULL DEFAULT false,
    from_address text,
    created_at timestamptz NOT NULL,
    -- When the second factor was last proved, and when the session was last renewed.
    authenticated_at timestamptz NOT NULL,
    renewed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because text,
    PRIMARY KEY (account_id, session_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, guest_id) REFERENCES guests (council_id, guest_id),
    CHECK ((practice_id IS NULL) = (staff_id IS NULL) AND (council_id IS NOT NULL)::int = num_nonnulls(officer_id, guest_id)),
    CHECK (practice_id IS NULL OR council_id IS NULL),
    CHECK (guest_id IS NULL OR for_complaints),
    -- No provider vouches for anybody at the complaints' door.
    CHECK (NOT for_complaints OR (council_id IS NOT NULL AND NOT by_provider))
);
CREATE INDEX sessions_of_staff ON sessions (practice_id, staff_id);
CREATE INDEX sessions_of_officers ON sessions (council_id, officer_id);
CREATE INDEX sessions_of_guests ON sessions (council_id, guest_id);
SELECT app.secure_table('sessions');
CREATE POLICY identity ON sessions TO almoner_identity USING (account_id = app.account());
CREATE POLICY worker ON sessions TO almoner_worker USING (true);
-- The operator ends the sessions of an account that they disable, and those at a practice that they suspend.
CREATE POLICY operator ON sessions TO almoner_operator USING (true);
GRANT SELECT (account_id, session_id, practice_id, ended_at), UPDATE (ended_at, ended_because) ON sessions TO almoner_operator;
GRANT SELECT, INSERT, UPDATE (authenticated_at, renewed_at, ended_at, ended_because) ON sessions TO almoner_identity;
GRANT SELECT (account_id, session_id, expires_at), DELETE ON sessions TO almoner_worker;

-- Refresh tokens, which renew a session (RFC 6749 §6). If a token comes back that was already replaced, it or its successor
-- was stolen, and the session ends.
CREATE TABLE refresh_tokens (
    account_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    replaced_at timestamptz,
    -- The token that came in its place, sealed under this one, until that is used.
    successor bytea,
    PRIMARY KEY (account_id, token_hash),
    FOREIGN KEY (account_id, session_id) REFERENCES sessions (account_id, session_id)
);
CREATE INDEX refresh_tokens_of_a_session ON refresh_tokens (account_id, session_id);
CREATE INDEX refresh_tokens_with_a_successor ON refresh_tokens (account_id, token_hash) WHERE successor IS NOT NULL;
SELECT app.secure_table('refresh_tokens');
CREATE POLICY identity ON refresh_tokens TO almoner_identity USING (account_id = app.account());
CREATE POLICY worker ON refresh_tokens TO almoner_worker USING (true);
GRANT SELECT, INSERT, UPDATE (replaced_at, successor) ON refresh_tokens TO almoner_identity;
GRANT SELECT (account_id, token_hash, session_id, replaced_at, successor), UPDATE (successor), DELETE
    ON refresh_tokens TO almoner_worker;

-- Invitations: links that can be used once, to join a practice or a council, to become an operator, or for a credential reset. An
-- invitation owns itself. Its token is kept only as a hash, and the secret drawn for its holder is sealed under the token.
CREATE TABLE invitations (
    invitation_id uuid PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('join', 'operate', 'reset_credentials')),
    -- The practice or the council that gave the invitation. NULL for the operator.
    practice_id uuid,
    staff_id uuid,
    council_id uuid,
    officer_id uuid,
    guest_id uuid,
    -- The account whose password and second factor are reset.
    account_id uuid REFERENCES accounts,
    -- The account that drew the link. The nil account is the console's.
    drawn_by uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    totp_secret bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, guest_id) REFERENCES guests (council_id, guest_id),
    CHECK ((practice_id IS NULL) = (staff_id IS NULL) AND (council_id IS NOT NULL)::int = num_nonnulls(officer_id, guest_id)),
    CHECK (practice_id IS NULL OR council_id IS NULL),
    CHECK (purpose <> 'join' OR practice_id IS NOT NULL OR council_id IS NOT NULL),
    CHECK ((purpose = 'reset_credentials') = (account_id IS NOT NULL))
);
CREATE INDEX invitations_of_staff ON invitations (practice_id, staff_id);
CREATE INDEX invitations_of_officers ON invitations (council_id, officer_id);
CREATE INDEX invitations_of_guests ON invitations (council_id, guest_id);
CREATE INDEX invitations_of_an_account ON invitations (account_id);
SELECT app.secure_table('invitations');
CREATE POLICY identity ON invitations TO almoner_identity USING (true);
CREATE POLICY operator ON invitations TO almoner_operator USING (true);
CREATE POLICY practice ON invitations TO almoner_practice, almoner_worker USING (practice_id = app.practice());
CREATE POLICY council ON invitations TO almoner_council, almoner_complaints USING (council_id = app.council());
GRANT SELECT, UPDATE (totp_secret, ended_at) ON invitations TO almoner_identity;
GRANT SELECT (invitation_id, practice_id, staff_id, council_id, officer_id, guest_id, account_id, email, purpose, ended_at), INSERT,
    UPDATE (ended_at) ON invitations TO almoner_operator, almoner_practice, almoner_council, almoner_complaints;
-- The worker ends the links of a member of staff whose last day has passed.
GRANT SELECT (practice_id, staff_id, ended_at), UPDATE (ended_at) ON invitations TO almoner_worker;

-- OAuth 2.0 clients: councils' systems and partner apps. A client owns itself. It authenticates with a secret or, if it has
-- registered public keys (a JSON Web Key Set), with a signature.
CREATE TABLE clients (
    client_id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('council', 'partner')),
    council_id uuid REFERENCES councils,
    name text NOT NULL,
    scopes text[] NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    jwks text,
    allowed_addresses text[] NOT NULL DEFAULT '{}',
    -- Tokens carry the generation in which they were issued. It is counted up when the client is disabled, and when one of its
    -- credentials is ended at once: no token of before comes to life again.
    token_generation integer NOT NULL DEFAULT 0,
    -- Who runs a partner app, and who owns or manages them: no practice, nor anybody who controls one.
    run_by text,
    controlled_by text[] NOT NULL DEFAULT '{}',
    -- Where anybody finds a partner app, if the public is told of it.
    website text,
    version integer NOT NULL DEFAULT 1,
    CHECK ((kind = 'council') = (council_id IS NOT NULL)),
    CHECK ((kind = 'partner') = (run_by IS NOT NULL)),
    CHECK ((kind = 'partner') = (controlled_by <> '{}')),
    CHECK (kind = 'partner' OR website IS NULL)
);
CREATE INDEX clients_of_a_council ON clients (council_id);
SELECT app.secure_table('clients');
-- The identity role sees the client whose id was presented.
CREATE POLICY operator ON clients TO almoner_operator USING (true);
CREATE POLICY identity ON clients TO almoner_identity USING (client_id = app.client());
-- The public procedure for complaining links the apps that may be used.
CREATE POLICY directory ON clients TO almoner_public USING (kind = 'partner' AND disabled_at IS NULL AND website IS NOT NULL);
GRANT SELECT (client_id, kind, council_id, name, scopes, disabled_at, created_at, jwks, allowed_addresses, token_generation, run_by,
    controlled_by, website, version), INSERT,
    UPDATE (jwks, allowed_addresses, disabled_at, token_generation, version) ON clients TO almoner_operator;
GRANT SELECT (client_id, kind, name, scopes, disabled_at, run_by, website) ON clients TO almoner_public;
GRANT SELECT ON clients TO almoner_identity;

-- A client may have several secrets at a time, so that a new one can be introduced before the old one ends.
CREATE TABLE client_secrets (
    client_id uuid NOT NULL REFERENCES clients,
    secret_id uuid NOT NULL,
    hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (client_id, secret_id)
);
SELECT app.secure_table('client_secrets');
CREATE POLICY operator ON client_secrets TO almoner_operator USING (true);
CREATE POLICY identity ON client_secrets TO almoner_identity USING (client_id = app.client());
CREATE POLICY worker ON client_secrets TO almoner_worker USING (true);
GRANT SELECT (client_id, secret_id, created_at, expires_at), INSERT, UPDATE (expires_at) ON client_secrets TO almoner_operator;
GRANT SELECT ON client_secrets TO almoner_identity;
GRANT SELECT (client_id, secret_id, expires_at), DELETE ON client_secrets TO almoner_worker;

-- An assertion with which a client has authenticated is not accepted again (RFC 7523 §3, jti).
CREATE TABLE client_assertions (
    client_id uuid NOT NULL REFERENCES clients,
    jti_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, jti_hash)
);
SELECT app.secure_table('client_assertions');
CREATE POLICY identity ON client_assertions TO almoner_identity USING (client_id = app.client());
CREATE POLICY worker ON client_assertions TO almoner_worker USING (true);
GRANT SELECT, INSERT ON client_assertions TO almoner_identity;
GRANT SELECT (client_id, jti_hash, expires_at), DELETE ON client_assertions TO almoner_worker;

-- Access tokens that their client has revoked before they expired (RFC 7009).
CREATE TABLE revoked_tokens (
    client_id uuid NOT NULL REFERENCES clients,
    jti uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, jti)
);
SELECT app.secure_table('revoked_tokens');
CREATE POLICY identity ON revoked_tokens TO almoner_identity USING (client_id = app.client());
CREATE POLICY worker ON revoked_tokens TO almoner_worker USING (true);
GRANT SELECT, INSERT ON revoked_tokens TO almoner_identity;
GRANT SELECT (client_id, jti, expires_at), DELETE ON revoked_tokens TO almoner_worker;

-- The platform's keys, which sign every access token. A key is published from the moment that it is made, signs from
-- `active_from`, and is refused from `retires_at`. The private half is sealed under the master key itself: no row of
-- sealing_keys lies between. The public half is no column: who may write here could put their own in its place. It is
-- derived from the private one.
CREATE TABLE signing_keys (
    kid uuid PRIMARY KEY,
    private_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    active_from timestamptz NOT NULL,
    retires_at timestamptz
);
SELECT app.secure_table('signing_keys');
CREATE POLICY platform ON signing_keys TO almoner_identity, almoner_operator, almoner_worker USING (true);
GRANT SELECT ON signing_keys TO almoner_identity;
GRANT SELECT (kid, created_at, active_from, retires_at), INSERT, UPDATE (retires_at) ON signing_keys TO almoner_operator;
GRANT SELECT (kid, retires_at), DELETE ON signing_keys TO almoner_worker;

-- Single sign-on: one OpenID Connect provider for each practice and each council, which owns it. After the provider is removed the row stays without one,
-- for its version.
CREATE TABLE identity_providers (
    owner_id uuid PRIMARY KEY,
    issuer text,
    client_id text,
    -- The client secret, sealed under the owner's root key.
    client_secret bytea,
    -- The address to which a browser is sent, as the provider published it when it was set.
    authorization_endpoint text,
    redirect_uris text[] NOT NULL,
    required boolean NOT NULL,
    trusts_second_factor boolean NOT NULL,
    accepted_acr_values text[] NOT NULL,
    -- The member of staff or the officer who last changed it.
    set_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CHECK (num_nulls(issuer, client_id, client_secret, authorization_endpoint) IN (0, 4)),
    CHECK (issuer IS NOT NULL OR NOT required)
);
SELECT app.secure_table('identity_providers');
CREATE POLICY practice ON identity_providers TO almoner_practice USING (owner_id = app.practice());
CREATE POLICY council ON identity_providers TO almoner_council USING (owner_id = app.council());
CREATE POLICY identity ON identity_providers TO almoner_identity USING (owner_id IN (app.practice(), app.council()));
GRANT SELECT (owner_id, issuer, client_id, redirect_uris, required, trusts_second_factor, accepted_acr_values, changed_at, version),
    INSERT, UPDATE (issuer, client_id, client_secret, authorization_endpoint, redirect_uris, required, trusts_second_factor,
    accepted_acr_values, set_by, changed_at, version) ON identity_providers TO almoner_practice, almoner_council;
GRANT SELECT ON identity_providers TO almoner_identity;

-- Attempts to sign in through a provider. Nobody knows yet who the person is, unless an identity is to be linked. The nonce
-- and the PKCE verifier are sealed under a key that is derived from the state, which is kept only as a hash.
CREATE TABLE sign_on_attempts (
    owner_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    state_hash bytea NOT NULL,
    secrets bytea NOT NULL,
    -- The account whose identity is to be linked. NULL for a sign-in.
    account_id uuid REFERENCES accounts,
    redirect_uri text NOT NULL,
    -- The version of the settings when the attempt began.
    provider_version integer NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (owner_id, attempt_id)
);
CREATE INDEX sign_on_attempts_of_an_account ON sign_on_attempts (account_id);
SELECT app.secure_table('sign_on_attempts');
CREATE POLICY identity ON sign_on_attempts TO almoner_identity USING (owner_id IN (app.practice(), app.council()));
CREATE POLICY worker ON sign_on_attempts TO almoner_worker USING (true);
GRANT SELECT, INSERT, UPDATE (used_at) ON sign_on_attempts TO almoner_identity;
GRANT SELECT (owner_id, attempt_id, expires_at), DELETE ON sign_on_attempts TO almoner_worker;

-- Links between subjects at a provider and accounts. A link is valid at the provider's owner and nowhere else.
CREATE TABLE linked_identities (
    owner_id uuid NOT NULL,
    identity_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts,
    issuer text NOT NULL,
    subject text NOT NULL,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, identity_id),
    UNIQUE (owner_id, issuer, subject)
);
CREATE INDEX linked_identities_of_an_account ON linked_identities (account_id);
SELECT app.secure_table('linked_identities');
CREATE POLICY identity ON linked_identities TO almoner_identity USING (owner_id IN (app.practice(), app.council()));
GRANT SELECT, INSERT, DELETE ON linked_identities TO almoner_identity;
