-- The audit log says in what role, through which client and session, from where, why and how it ended; and it is sealed into
-- hash chains, one for each owner and kind of log.

ALTER TABLE audit_events
    -- The member's roles at that moment; empty for whoever has none.
    ADD COLUMN roles text[] NOT NULL DEFAULT '{}',
    ADD COLUMN client_id uuid,
    ADD COLUMN session_id uuid,
    -- Why, where a reason was asked for: sealed under the owner's root key.
    ADD COLUMN reason bytea,
    ADD COLUMN from_address text,
    ADD COLUMN outcome text NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused')),
    -- The place in the chain, from 1, and the hash of the row and all before it. Given by the worker, within seconds.
    ADD COLUMN number bigint,
    ADD COLUMN hash bytea,
    ADD CHECK ((number IS NULL) = (hash IS NULL));
ALTER TABLE audit_events ALTER COLUMN roles DROP DEFAULT, ALTER COLUMN outcome DROP DEFAULT;

-- A chain cannot fork: a number is given once. Its end is found from here too.
CREATE UNIQUE INDEX audit_events_chain ON audit_events (owner_id, chain, number) WHERE number IS NOT NULL;
-- What the worker has still to seal.
CREATE INDEX audit_events_unsealed ON audit_events (owner_id, chain, at, event_id) WHERE number IS NULL;
-- What a records officer asks for: a time, a person.
CREATE INDEX audit_events_by_time ON audit_events (owner_id, at, event_id);
CREATE INDEX audit_events_by_person ON audit_events (owner_id, service_user_id, at, event_id) WHERE service_user_id IS NOT NULL;

-- The people from whom a member of staff is locked out, as a scope says it. Unset is NULL, and NULL shows nothing.
CREATE FUNCTION app.locked_out() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.locked_out', true), '')::uuid[] $$;

-- Who they are: nobody yet.
CREATE FUNCTION app.find_locked_out(practice uuid, reader uuid) RETURNS uuid[] LANGUAGE sql STABLE AS
$$ SELECT '{}'::uuid[] $$;

-- The doors add rows, and neither numbers nor hashes. A practice reads its own chain; its complaints' chain is read by
-- nobody there.
REVOKE INSERT ON audit_events FROM almoner_practice, almoner_council, almoner_partner, almoner_intake, almoner_identity,
    almoner_operator, almoner_worker;
GRANT INSERT (owner_id, event_id, chain, at, door, actor_id, action, subject_id, service_user_id, request_id, roles, client_id,
    session_id, reason, from_address, outcome)
    ON audit_events TO almoner_practice, almoner_council, almoner_partner, almoner_intake, almoner_identity, almoner_operator,
    almoner_worker;

DROP POLICY practice ON audit_events;
CREATE POLICY practice ON audit_events TO almoner_practice
    USING (owner_id = app.practice() AND chain = 'practice' AND (SELECT app.locked_out()) IS NOT NULL
        AND (service_user_id IS NULL OR service_user_id <> ALL ((SELECT app.locked_out())::uuid[])))
    WITH CHECK (owner_id = app.practice());
GRANT SELECT (owner_id, event_id, chain, at, door, actor_id, action, subject_id, service_user_id, request_id, roles, client_id,
    session_id, reason, from_address, outcome) ON audit_events TO almoner_practice;

-- The worker seals every chain and reads them to verify. What it adds itself has no number yet, and is its practice's.
ALTER POLICY intake ON audit_events TO almoner_intake;
CREATE POLICY worker ON audit_events TO almoner_worker
    USING (true)
    WITH CHECK (number IS NOT NULL OR owner_id IN (app.practice(), app.council()));
GRANT SELECT, UPDATE (number, hash) ON audit_events TO almoner_worker;
