-- The tables on which every subject rests: the calendar, the keys that seal, idempotency claims, the audit log, the outbox
-- and the jobs.

-- Working days. A deadline past the last loaded year is an error, so each year says that it is loaded. Every door reads the
-- calendar; the operator's checklist shows how far it is loaded.
CREATE TABLE calendar_years (year integer PRIMARY KEY);
SELECT app.secure_table('calendar_years');
CREATE POLICY everyone ON calendar_years TO almoner_practice, almoner_council, almoner_complaints, almoner_partner, almoner_intake, almoner_worker USING (true);
CREATE POLICY operator ON calendar_years TO almoner_operator USING (true);
GRANT SELECT ON calendar_years TO almoner_practice, almoner_council, almoner_complaints, almoner_partner, almoner_intake, almoner_worker, almoner_operator;

CREATE TABLE bank_holidays (
    bank_holiday_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    day date NOT NULL UNIQUE,
    title text NOT NULL,
    -- What the operator has added has a time, and how many deadlines of each kind it moved.
    added_at timestamptz,
    referral_responses integer CHECK (referral_responses >= 0),
    human_contacts integer CHECK (human_contacts >= 0),
    countersignatures integer CHECK (countersignatures >= 0)
);
SELECT app.secure_table('bank_holidays');
CREATE POLICY everyone ON bank_holidays TO almoner_practice, almoner_council, almoner_complaints, almoner_partner, almoner_intake, almoner_worker USING (true);
CREATE POLICY operator ON bank_holidays TO almoner_operator USING (true);
GRANT SELECT (day, title) ON bank_holidays TO almoner_practice, almoner_council, almoner_complaints, almoner_partner, almoner_intake, almoner_worker;
GRANT SELECT, INSERT (bank_holiday_id, day, title, added_at), UPDATE (referral_responses, human_contacts, countersignatures)
    ON bank_holidays TO almoner_operator;

INSERT INTO calendar_years SELECT generate_series(2024, 2030);
-- Bank holidays of England and Wales (Banking and Financial Dealings Act 1971 s1), with Good Friday and Christmas Day. When
-- a year is published, a migration of its own adds it.
INSERT INTO bank_holidays (day, title) VALUES
    ('2024-01-01', 'New Year''s Day'),
    ('2024-03-29', 'Good Friday'),
    ('2024-04-01', 'Easter Monday'),
    ('2024-05-06', 'Early May bank holiday'),
    ('2024-05-27', 'Spring bank holiday'),
    ('2024-08-26', 'Summer bank holiday'),
    ('2024-12-25', 'Christmas Day'),
    ('2024-12-26', 'Boxing Day'),
    ('2025-01-01', 'New Year''s Day'),
    ('2025-04-18', 'Good Friday'),
    ('2025-04-21', 'Easter Monday'),
    ('2025-05-05', 'Early May bank holiday'),
    ('2025-05-26', 'Spring bank holiday'),
    ('2025-08-25', 'Summer bank holiday'),
    ('2025-12-25', 'Christmas Day'),
    ('2025-12-26', 'Boxing Day'),
    ('2026-01-01', 'New Year''s Day'),
    ('2026-04-03', 'Good Friday'),
    ('2026-04-06', 'Easter Monday'),
    ('2026-05-04', 'Early May bank holiday'),
    ('2026-05-25', 'Spring bank holiday'),
    ('2026-08-31', 'Summer bank holiday'),
    ('2026-12-25', 'Christmas Day'),
    ('2026-12-28', 'Boxing Day (substitute day)'),
    ('2027-01-01', 'New Year''s Day'),
    ('2027-03-26', 'Good Friday'),
    ('2027-03-29', 'Easter Monday'),
    ('2027-05-03', 'Early May bank holiday'),
    ('2027-05-31', 'Spring bank holiday'),
    ('2027-08-30', 'Summer bank holiday'),
    ('2027-12-27', 'Christmas Day (substitute day)'),
    ('2027-12-28', 'Boxing Day (substitute day)'),
    ('2028-01-03', 'New Year''s Day (substitute day)'),
    ('2028-04-14', 'Good Friday'),
    ('2028-04-17', 'Easter Monday'),
    ('2028-05-01', 'Early May bank holiday'),
    ('2028-05-29', 'Spring bank holiday'),
    ('2028-08-28', 'Summer bank holiday'),
    ('2028-12-25', 'Christmas Day'),
    ('2028-12-26', 'Boxing Day'),
    ('2029-01-01', 'New Year''s Day'),
    ('2029-03-30', 'Good Friday'),
    ('2029-04-02', 'Easter Monday'),
    ('2029-05-07', 'Early May bank holiday'),
    ('2029-05-28', 'Spring bank holiday'),
    ('2029-08-27', 'Summer bank holiday'),
    ('2029-12-25', 'Christmas Day'),
    ('2029-12-26', 'Boxing Day'),
    ('2030-01-01', 'New Year''s Day'),
    ('2030-04-19', 'Good Friday'),
    ('2030-04-22', 'Easter Monday'),
    ('2030-05-06', 'Early May bank holiday'),
    ('2030-05-27', 'Spring bank holiday'),
    ('2030-08-26', 'Summer bank holiday'),
    ('2030-12-25', 'Christmas Day'),
    ('2030-12-26', 'Boxing Day');

-- A row has a random id and a wrapped key, and does not show to whom it belongs. The key whose id is its owner's is the
-- owner's root key, wrapped by the master key; the root key wraps the others. Destroying the wrapped bytes erases what they
-- sealed.
CREATE TABLE sealing_keys (
    owner_id uuid NOT NULL,
    key_id uuid NOT NULL,
    -- The version of the wrapping key.
    version integer NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, key_id)
);
SELECT app.secure_table('sealing_keys');
CREATE POLICY practice ON sealing_keys TO almoner_practice USING (owner_id = app.practice());
CREATE POLICY council ON sealing_keys TO almoner_council, almoner_complaints USING (owner_id = app.council());
CREATE POLICY intake ON sealing_keys TO almoner_intake, almoner_worker USING (owner_id IN (app.practice(), app.council()));
CREATE POLICY operator ON sealing_keys TO almoner_operator USING (true);
-- The identity role opens the secret of an identity provider with the root key of the practice or council that owns it. It sees
-- none of the owner's other keys.
CREATE POLICY identity ON sealing_keys TO almoner_identity
    USING (owner_id = app.account() OR (owner_id = key_id AND owner_id IN (app.practice(), app.council())))
    WITH CHECK (owner_id = app.account());
GRANT SELECT, INSERT ON sealing_keys TO almoner_practice, almoner_council, almoner_complaints, almoner_intake, almoner_worker, almoner_identity;
GRANT INSERT ON sealing_keys TO almoner_operator;

-- One row for each Idempotency-Key of a caller, written in the transaction that it guards. The key itself is not kept. The
-- owner is the tenant: a practice, a council, a partner app, or the nil id of the platform; within it each caller has their
-- own keys: a member of staff, a client, an operator's account.
CREATE TABLE idempotency_claims (
    owner_id uuid NOT NULL,
    claimant_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    fingerprint bytea NOT NULL,
    resource_id uuid,
    -- A secret that the first answer showed once, sealed under the Idempotency-Key.
    secret bytea,
    claimed_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, claimant_id, key_hash)
);
SELECT app.secure_table('idempotency_claims');
CREATE POLICY practice ON idempotency_claims TO almoner_practice USING (owner_id = app.practice() AND claimant_id = app.staff());
CREATE POLICY council ON idempotency_claims TO almoner_council
    USING (owner_id = app.council() AND claimant_id IN (app.client(), app.officer()));
CREATE POLICY complaints ON idempotency_claims TO almoner_complaints
    USING (owner_id = app.council() AND claimant_id IN (app.officer(), app.guest()));
CREATE POLICY partner ON idempotency_claims TO almoner_partner USING (owner_id = app.client() AND claimant_id = app.client());
CREATE POLICY operator ON idempotency_claims TO almoner_operator
    USING (owner_id = '00000000-0000-0000-0000-000000000000' AND claimant_id = app.account());
CREATE POLICY worker ON idempotency_claims TO almoner_worker USING (true);
GRANT SELECT, INSERT, UPDATE (resource_id, secret) ON idempotency_claims
    TO almoner_practice, almoner_council, almoner_complaints, almoner_partner, almoner_operator;
GRANT SELECT (owner_id, claimant_id, key_hash, claimed_at), DELETE ON idempotency_claims TO almoner_worker;

-- The audit log is append-only. The owner of a row is a practice, a council, a client, or the nil id of the platform. A row
-- says who did what, in what role, through which client and session, from where, why and how it ended. Rows are sealed into
-- hash chains, one for each owner and kind of log.
CREATE TABLE audit_events (
    owner_id uuid NOT NULL,
    event_id uuid NOT NULL,
    chain text NOT NULL CHECK (chain IN ('practice', 'complaints', 'platform')),
    at timestamptz NOT NULL,
    door text NOT NULL,
    actor_id uuid,
    -- The actor's roles at that moment; empty for an actor who has none.
    roles text[] NOT NULL,
    client_id uuid,
    session_id uuid,
    from_address text,
    action text NOT NULL,
    subject_id uuid,
    service_user_id uuid,
    request_id uuid NOT NULL,
    -- The reason that the caller gave, where one was required, sealed under the owner's root key.
    reason bytea,
    outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
    -- The row's number in the chain, from 1, and the hash of the row and all before it. The worker writes both within seconds.
    number bigint,
    hash bytea,
    sealed boolean NOT NULL GENERATED ALWAYS AS (number IS NOT NULL) STORED,
    PRIMARY KEY (owner_id, event_id),
    CHECK ((number IS NULL) = (hash IS NULL))
);
-- A chain cannot fork: a number is given once.
CREATE UNIQUE INDEX audit_events_chain ON audit_events (owner_id, chain, number) WHERE number IS NOT NULL;
-- The worker finds the rows that it has still to seal with this index.
CREATE INDEX audit_events_unsealed ON audit_events (owner_id, chain, at, event_id) WHERE NOT sealed;
-- A records officer searches by time or by person. Each person is another page of an index, which a request would write to the
-- log whole after each checkpoint: a row enters that index when the worker seals it.
CREATE INDEX audit_events_by_time ON audit_events (owner_id, at, event_id);
CREATE INDEX audit_events_by_person ON audit_events (owner_id, service_user_id, at, event_id)
    WHERE service_user_id IS NOT NULL AND sealed;
-- What was done with a referral before it was known whom it is about is found by the referral.
CREATE INDEX audit_events_by_subject ON audit_events (owner_id, subject_id, at, event_id)
    WHERE service_user_id IS NULL AND sealed;
SELECT app.secure_table('audit_events');
-- A practice reads its own chain.
CREATE POLICY practice ON audit_events TO almoner_practice
    USING (owner_id = app.practice() AND chain = 'practice' AND (SELECT app.excluded_from()) IS NOT NULL
        AND (service_user_id IS NULL OR service_user_id <> ALL ((SELECT app.excluded_from())::uuid[])))
    WITH CHECK (owner_id = app.practice());
-- A council's records officer reads its own chain, which has no complaints. Nobody else there reads any of it.
CREATE POLICY council ON audit_events TO almoner_council
    USING (owner_id = app.audited_council() AND chain = 'platform')
    WITH CHECK (owner_id = app.council());
-- An officer who has a complaint reads what was done with it, for the file that goes to the Ombudsman. Nobody at the complaints' door
-- reads another row.
CREATE POLICY complaints ON audit_events TO almoner_complaints
    USING (owner_id = app.council() AND chain = 'complaints' AND app.officer() IS NOT NULL
        AND subject_id = ANY ((SELECT app.assigned())::uuid[]))
    WITH CHECK (owner_id = app.council());
-- What somebody does with the code of their receipt is recorded with the complaint.
CREATE POLICY partner ON audit_events TO almoner_partner USING (owner_id IN (app.client(), app.council()));
CREATE POLICY intake ON audit_events TO almoner_intake USING (owner_id IN (app.practice(), app.council()));
-- A sign-in at a practice or a council is recorded in its log, and so is what the operator does to one of them.
CREATE POLICY identity ON audit_events TO almoner_identity
    USING (owner_id IN ('00000000-0000-0000-0000-000000000000', app.practice(), app.council()));
CREATE POLICY operator ON audit_events TO almoner_operator
    USING (owner_id IN ('00000000-0000-0000-0000-000000000000', app.practice(), app.council()));
-- The worker seals every chain and reads them to verify. A row that it adds has no number yet and belongs to its practice.
CREATE POLICY worker ON audit_events TO almoner_worker
    USING (true)
    WITH CHECK (number IS NOT NULL OR owner_id IN (app.practice(), app.council()));
-- The doors add rows, but may not write numbers or hashes.
GRANT INSERT (owner_id, event_id, chain, at, door, actor_id, action, subject_id, service_user_id, request_id, roles, client_id,
    session_id, reason, from_address, outcome)
    ON audit_events TO almoner_practice, almoner_council, almoner_complaints, almoner_partner, almoner_intake, almoner_identity,
    almoner_operator, almoner_worker;
GRANT SELECT (owner_id, event_id, chain, at, door, actor_id, action, subject_id, service_user_id, request_id, roles, client_id,
    session_id, reason, from_address, outcome, sealed) ON audit_events TO almoner_practice, almoner_council;
GRANT SELECT (owner_id, event_id, chain, at, door, actor_id, action, subject_id, service_user_id, outcome, sealed)
    ON audit_events TO almoner_complaints;
-- Who did something with a person's referral at a council is kept out of a complaint about it; and who read a record that was open for
-- looking into one is told to the person who asks.
GRANT SELECT (owner_id, chain, at, actor_id, action, subject_id, service_user_id, outcome, sealed) ON audit_events TO almoner_identity;
GRANT SELECT, UPDATE (number, hash) ON audit_events TO almoner_worker;

-- The end of each chain: how many rows it has, and the hash of the last. The worker writes it when it seals, and goes on from
-- it; whoever verifies a chain compares the two.
CREATE TABLE audit_chain_heads (
    owner_id uuid NOT NULL,
    chain text NOT NULL CHECK (chain IN ('practice', 'complaints', 'platform')),
    number bigint NOT NULL CHECK (number > 0),
    hash bytea NOT NULL,
    PRIMARY KEY (owner_id, chain)
);
SELECT app.secure_table('audit_chain_heads');
CREATE POLICY worker ON audit_chain_heads TO almoner_worker USING (true);
GRANT SELECT, INSERT, UPDATE (number, hash) ON audit_chain_heads TO almoner_worker;

-- Events for others, thin: ids only. The number is given after the commit, because ids are not in the order of commits. Each
-- feed of a recipient has numbers of its own, without a gap.
CREATE TABLE outbox (
    owner_id uuid NOT NULL,
    event_id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    feed text NOT NULL CHECK (feed IN ('council', 'safeguarding', 'practice')),
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    at timestamptz NOT NULL,
    number bigint,
    PRIMARY KEY (owner_id, event_id)
);
-- The worker looks for events without a number; a recipient's feed is read in the order of numbers, whole or of one subject.
CREATE INDEX outbox_unnumbered ON outbox (at, event_id) WHERE number IS NULL;
CREATE UNIQUE INDEX outbox_feed ON outbox (recipient_id, feed, number);
CREATE INDEX outbox_of_a_subject ON outbox (recipient_id, feed, subject_id, number);
SELECT app.secure_table('outbox');
CREATE POLICY practice ON outbox TO almoner_practice USING (owner_id = app.practice());
CREATE POLICY council ON outbox TO almoner_council
    USING (recipient_id = app.council() AND feed IN ('council', 'safeguarding'))
    WITH CHECK (owner_id = app.council());
CREATE POLICY intake ON outbox TO almoner_intake USING (owner_id IN (app.practice(), app.council()));
CREATE POLICY identity ON outbox TO almoner_identity USING (owner_id IN (app.practice(), app.council()));
CREATE POLICY operator ON outbox TO almoner_operator USING (owner_id = '00000000-0000-0000-0000-000000000000');
CREATE POLICY worker ON outbox TO almoner_worker USING (true);
GRANT INSERT (owner_id, event_id, recipient_id, feed, kind, subject_id, at)
    ON outbox TO almoner_practice, almoner_council, almoner_intake, almoner_identity, almoner_operator, almoner_worker;
GRANT SELECT (recipient_id, feed, kind, subject_id, at, number) ON outbox TO almoner_council;
GRANT SELECT, UPDATE (number), DELETE ON outbox TO almoner_worker;

-- The last number of each feed of a recipient, who owns it, and the last of those that were removed because they were too old.
CREATE TABLE feed_heads (
    owner_id uuid NOT NULL,
    feed text NOT NULL,
    number bigint NOT NULL,
    removed bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (owner_id, feed)
);
SELECT app.secure_table('feed_heads');
CREATE POLICY council ON feed_heads TO almoner_council USING (owner_id = app.council() AND feed IN ('council', 'safeguarding'));
CREATE POLICY worker ON feed_heads TO almoner_worker USING (true);
GRANT SELECT ON feed_heads TO almoner_council;
GRANT SELECT, INSERT, UPDATE (number, removed) ON feed_heads TO almoner_worker;

-- Jobs for the worker, each for one practice or one council.
CREATE TABLE jobs (
    owner_id uuid NOT NULL,
    job_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (owner_id, job_id)
);
-- The worker reads the jobs that are due across owners.
CREATE INDEX jobs_due ON jobs (due_at, job_id) WHERE done_at IS NULL;
SELECT app.secure_table('jobs');
CREATE POLICY practice ON jobs TO almoner_practice USING (owner_id = app.practice());
CREATE POLICY council ON jobs TO almoner_council, almoner_complaints USING (owner_id = app.council());
-- The intake schedules what is due for the practice or the council to which something arrives.
CREATE POLICY intake ON jobs TO almoner_intake USING (owner_id IN (app.practice(), app.council()));
CREATE POLICY worker ON jobs TO almoner_worker USING (true);
GRANT INSERT ON jobs TO almoner_practice, almoner_council, almoner_complaints, almoner_intake, almoner_worker;
GRANT SELECT, UPDATE (due_at, done_at) ON jobs TO almoner_worker;
