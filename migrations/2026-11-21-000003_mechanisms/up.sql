-- What every change carries with it: keys, claims of idempotency, the audit log, the outbox, and what is due later.

-- A row says nothing of whom it is for: a random id and a wrapped key. The key whose id is its owner's is the owner's root,
-- wrapped by the master key; the others are wrapped by that root. Destroying the wrapped bytes erases what they sealed.
CREATE TABLE sealing_keys (
    owner_id uuid NOT NULL,
    key_id uuid NOT NULL,
    -- Which version of the wrapping key wrapped it.
    version integer NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, key_id)
);

-- One row per Idempotency-Key of a caller, written in the transaction that it guards. The key itself is not kept.
CREATE TABLE idempotency_claims (
    owner_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    fingerprint bytea NOT NULL,
    resource_id uuid,
    -- A secret that the first answer showed once, sealed under the Idempotency-Key.
    secret bytea,
    claimed_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, key_hash)
);

-- Append-only. The owner is whose log it is: a practice, a council, a client, or the nil id of the platform.
CREATE TABLE audit_events (
    owner_id uuid NOT NULL,
    event_id uuid NOT NULL,
    chain text NOT NULL CHECK (chain IN ('practice', 'complaints', 'platform')),
    at timestamptz NOT NULL,
    door text NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    subject_id uuid,
    service_user_id uuid,
    request_id uuid NOT NULL,
    PRIMARY KEY (owner_id, event_id)
);

-- Events for others, thin: ids only. The number is given after the commit, because ids are not in the order of commits.
CREATE TABLE outbox (
    owner_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    at timestamptz NOT NULL,
    number bigint,
    PRIMARY KEY (owner_id, event_id)
);
-- The publisher looks for what has no number yet; a recipient's feed is read in the order of numbers.
CREATE INDEX outbox_unnumbered ON outbox (at, event_id) WHERE number IS NULL;
CREATE UNIQUE INDEX outbox_feed ON outbox (recipient_id, number);

-- What is due later, for one practice.
CREATE TABLE jobs (
    owner_id uuid NOT NULL,
    job_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (owner_id, job_id)
);
-- The worker asks what is due across practices.
CREATE INDEX jobs_due ON jobs (due_at, job_id) WHERE done_at IS NULL;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['sealing_keys', 'idempotency_claims', 'audit_events', 'outbox', 'jobs'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner ON %I TO almoner_owner USING (true)', t);
    END LOOP;
END $$;

CREATE POLICY practice ON sealing_keys TO almoner_practice USING (owner_id = app.practice());
CREATE POLICY council ON sealing_keys TO almoner_council USING (owner_id = app.council());
CREATE POLICY intake ON sealing_keys TO almoner_intake, almoner_worker USING (owner_id IN (app.practice(), app.council()));
CREATE POLICY operator ON sealing_keys TO almoner_operator USING (true);
GRANT SELECT, INSERT ON sealing_keys TO almoner_practice, almoner_council, almoner_intake, almoner_worker;
GRANT INSERT ON sealing_keys TO almoner_operator;

CREATE POLICY practice ON idempotency_claims TO almoner_practice USING (owner_id = app.staff());
CREATE POLICY council ON idempotency_claims TO almoner_council, almoner_partner USING (owner_id = app.client());
CREATE POLICY operator ON idempotency_claims TO almoner_operator USING (owner_id = app.account());
CREATE POLICY worker ON idempotency_claims TO almoner_worker USING (true);
GRANT SELECT, INSERT, UPDATE (resource_id, secret) ON idempotency_claims TO almoner_practice, almoner_council, almoner_partner, almoner_operator;
GRANT SELECT (owner_id, key_hash, claimed_at), DELETE ON idempotency_claims TO almoner_worker;

CREATE POLICY practice ON audit_events TO almoner_practice USING (owner_id = app.practice());
CREATE POLICY council ON audit_events TO almoner_council USING (owner_id = app.council());
CREATE POLICY partner ON audit_events TO almoner_partner USING (owner_id = app.client());
CREATE POLICY intake ON audit_events TO almoner_intake, almoner_worker USING (owner_id IN (app.practice(), app.council()));
CREATE POLICY identity ON audit_events TO almoner_identity, almoner_operator USING (owner_id = '00000000-0000-0000-0000-000000000000');
GRANT INSERT ON audit_events TO almoner_practice, almoner_council, almoner_partner, almoner_intake, almoner_identity, almoner_operator, almoner_worker;

CREATE POLICY practice ON outbox TO almoner_practice USING (owner_id = app.practice());
CREATE POLICY council ON outbox TO almoner_council USING (owner_id = app.council());
CREATE POLICY intake ON outbox TO almoner_intake USING (owner_id IN (app.practice(), app.council()));
CREATE POLICY worker ON outbox TO almoner_worker USING (true);
GRANT INSERT (owner_id, event_id, recipient_id, kind, subject_id, at) ON outbox TO almoner_practice, almoner_council, almoner_intake, almoner_worker;
GRANT SELECT, UPDATE (number) ON outbox TO almoner_worker;

CREATE POLICY practice ON jobs TO almoner_practice, almoner_intake USING (owner_id = app.practice());
CREATE POLICY worker ON jobs TO almoner_worker USING (true);
GRANT INSERT ON jobs TO almoner_practice, almoner_intake, almoner_worker;
GRANT SELECT, UPDATE (due_at, done_at) ON jobs TO almoner_worker;
