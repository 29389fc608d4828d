-- Single sign-on: a practice's own OpenID Connect provider, and whose subject there is whose account here.

-- One for each practice. After it was taken away the row stays, without a provider, for its version.
CREATE TABLE identity_providers (
    practice_id uuid PRIMARY KEY REFERENCES practices,
    issuer text,
    client_id text,
    -- Sealed under the practice's root key.
    client_secret bytea,
    -- Where a browser is sent, as the provider said when it was set.
    authorization_endpoint text,
    redirect_uris text[] NOT NULL,
    required boolean NOT NULL,
    trusts_second_factor boolean NOT NULL,
    accepted_acr_values text[] NOT NULL,
    set_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    FOREIGN KEY (practice_id, set_by) REFERENCES staff (practice_id, staff_id),
    CHECK (num_nulls(issuer, client_id, client_secret, authorization_endpoint) IN (0, 4)),
    CHECK (issuer IS NOT NULL OR NOT required)
);
CREATE INDEX identity_providers_set_by ON identity_providers (practice_id, set_by);

-- Somebody was sent to the provider: nobody knows yet who, unless they are to be linked. The nonce and the PKCE verifier are
-- sealed under a key that is derived from the state, which is kept only as a hash.
CREATE TABLE sign_on_attempts (
    practice_id uuid NOT NULL REFERENCES practices,
    attempt_id uuid NOT NULL,
    state_hash bytea NOT NULL,
    secrets bytea NOT NULL,
    -- Whose identity is to be linked; none of who signs in.
    account_id uuid REFERENCES accounts,
    redirect_uri text NOT NULL,
    -- What the settings were when it began.
    provider_version integer NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (practice_id, attempt_id)
);
CREATE INDEX sign_on_attempts_of_an_account ON sign_on_attempts (account_id);

-- A subject at the provider of this practice is an account's, at this practice and nowhere else.
CREATE TABLE linked_identities (
    practice_id uuid NOT NULL REFERENCES practices,
    identity_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts,
    issuer text NOT NULL,
    subject text NOT NULL,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, identity_id),
    UNIQUE (practice_id, issuer, subject)
);
CREATE INDEX linked_identities_of_an_account ON linked_identities (account_id);

-- Whether the session was begun through the practice's provider: it is then for that practice alone, and its holder does not
-- change what their account has everywhere.
ALTER TABLE sessions ADD COLUMN by_provider boolean NOT NULL DEFAULT false;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['identity_providers', 'sign_on_attempts', 'linked_identities'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner ON %I TO almoner_owner USING (true)', t);
    END LOOP;
END $$;

CREATE POLICY practice ON identity_providers TO almoner_practice USING (practice_id = app.practice());
GRANT SELECT (practice_id, issuer, client_id, redirect_uris, required, trusts_second_factor, accepted_acr_values, changed_at, version),
    INSERT, UPDATE (issuer, client_id, client_secret, authorization_endpoint, redirect_uris, required, trusts_second_factor,
    accepted_acr_values, set_by, changed_at, version) ON identity_providers TO almoner_practice;
CREATE POLICY identity ON identity_providers TO almoner_identity USING (practice_id = app.practice());
GRANT SELECT ON identity_providers TO almoner_identity;

CREATE POLICY identity ON sign_on_attempts TO almoner_identity USING (practice_id = app.practice());
GRANT SELECT, INSERT, UPDATE (used_at) ON sign_on_attempts TO almoner_identity;
CREATE POLICY worker ON sign_on_attempts TO almoner_worker USING (true);
GRANT SELECT (practice_id, attempt_id, expires_at), DELETE ON sign_on_attempts TO almoner_worker;

CREATE POLICY identity ON linked_identities TO almoner_identity USING (practice_id = app.practice());
GRANT SELECT, INSERT, DELETE ON linked_identities TO almoner_identity;

-- The provider's secret is opened with the practice's root key; no other key of the practice's is seen.
ALTER POLICY identity ON sealing_keys USING (owner_id = app.account() OR (owner_id = app.practice() AND key_id = app.practice()))
    WITH CHECK (owner_id = app.account());
