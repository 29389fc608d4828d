-- Machine clients: more than one secret at a time, keys instead of secrets, addresses, tokens that were revoked; and the keys
-- that sign every access token.

-- The platform's. A key is published from the moment that it is made, signs from `active_from`, and is refused from
-- `retires_at`. The private half is sealed under the master key itself: no row of sealing_keys lies between.
CREATE TABLE signing_keys (
    kid uuid PRIMARY KEY,
    private_key bytea NOT NULL,
    public_jwk text NOT NULL,
    created_at timestamptz NOT NULL,
    active_from timestamptz NOT NULL,
    retires_at timestamptz
);

-- A client proves itself by a secret or, where it has registered public keys (a JSON Web Key Set), by a signature.
ALTER TABLE clients
    ADD COLUMN jwks text,
    ADD COLUMN allowed_addresses text[] NOT NULL DEFAULT '{}',
    ADD COLUMN version integer NOT NULL DEFAULT 1;

-- Several at a time, so that a new one can be brought in before the old one ends.
CREATE TABLE client_secrets (
    client_id uuid NOT NULL REFERENCES clients,
    secret_id uuid NOT NULL,
    hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (client_id, secret_id)
);
INSERT INTO client_secrets (client_id, secret_id, hash, created_at)
    SELECT client_id, gen_random_uuid(), secret_hash, created_at FROM clients;
ALTER TABLE clients DROP COLUMN secret_hash;

-- What a client has signed once to prove itself is not taken twice (RFC 7523 §3, jti).
CREATE TABLE client_assertions (
    client_id uuid NOT NULL REFERENCES clients,
    jti_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, jti_hash)
);

-- Access tokens that their client has given back before they expired (RFC 7009).
CREATE TABLE revoked_tokens (
    client_id uuid NOT NULL REFERENCES clients,
    jti uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, jti)
);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['signing_keys', 'client_secrets', 'client_assertions', 'revoked_tokens'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner ON %I TO almoner_owner USING (true)', t);
    END LOOP;
END $$;

CREATE POLICY platform ON signing_keys TO almoner_identity, almoner_operator, almoner_worker USING (true);
GRANT SELECT ON signing_keys TO almoner_identity;
GRANT SELECT (kid, created_at, active_from, retires_at), INSERT, UPDATE (retires_at) ON signing_keys TO almoner_operator;
GRANT SELECT (kid, retires_at), DELETE ON signing_keys TO almoner_worker;

GRANT SELECT (jwks, allowed_addresses, version), UPDATE (jwks, allowed_addresses, disabled_at, version) ON clients TO almoner_operator;

CREATE POLICY operator ON client_secrets TO almoner_operator USING (true);
CREATE POLICY identity ON client_secrets TO almoner_identity USING (client_id = app.client());
CREATE POLICY worker ON client_secrets TO almoner_worker USING (true);
GRANT SELECT (client_id, secret_id, created_at, expires_at), INSERT, UPDATE (expires_at) ON client_secrets TO almoner_operator;
GRANT SELECT ON client_secrets TO almoner_identity;
GRANT SELECT (client_id, secret_id, expires_at), DELETE ON client_secrets TO almoner_worker;

CREATE POLICY identity ON client_assertions TO almoner_identity USING (client_id = app.client());
CREATE POLICY worker ON client_assertions TO almoner_worker USING (true);
GRANT SELECT, INSERT ON client_assertions TO almoner_identity;
GRANT SELECT (client_id, jti_hash, expires_at), DELETE ON client_assertions TO almoner_worker;

CREATE POLICY identity ON revoked_tokens TO almoner_identity USING (client_id = app.client());
CREATE POLICY worker ON revoked_tokens TO almoner_worker USING (true);
GRANT SELECT, INSERT ON revoked_tokens TO almoner_identity;
GRANT SELECT (client_id, jti, expires_at), DELETE ON revoked_tokens TO almoner_worker;
