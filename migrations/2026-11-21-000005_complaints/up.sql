-- Complaints, and the wall round them. A complaint has a holder: the practice, or the council where nobody at the practice
-- is free of conflict. A member of staff sees a complaint only if it is on their list of open complaints.

CREATE TABLE complaints (
    holder_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    held_by text NOT NULL CHECK (held_by IN ('practice', 'council')),
    practice_id uuid NOT NULL REFERENCES practices,
    -- The responsible body (SI 2009/309 reg 6).
    council_id uuid NOT NULL REFERENCES councils,
    client_id uuid NOT NULL REFERENCES clients,
    reference text NOT NULL,
    access_code_hash bytea NOT NULL,
    service_user_id uuid,
    status text NOT NULL CHECK (status IN ('received', 'acknowledged')),
    key_id uuid NOT NULL,
    content bytea NOT NULL,
    -- Who complains and for whom, and how to reach them: sealed apart from what they say, and in a confidential complaint
    -- opened only to a handler who gives a reason.
    complainant bytea NOT NULL,
    confidential boolean NOT NULL,
    received_at timestamptz NOT NULL,
    acknowledge_by date NOT NULL,
    respond_by date NOT NULL,
    respond_at_latest date NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    subjects_confirmed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (holder_id, complaint_id),
    UNIQUE (holder_id, complaint_id, client_id),
    FOREIGN KEY (holder_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (holder_id = CASE held_by WHEN 'practice' THEN practice_id ELSE council_id END),
    CHECK ((status = 'received') = (acknowledged_at IS NULL))
);
CREATE INDEX complaints_key ON complaints (holder_id, key_id);
CREATE INDEX complaints_practice ON complaints (practice_id);
CREATE INDEX complaints_council ON complaints (council_id);
CREATE INDEX complaints_due ON complaints (holder_id, status, acknowledge_by, complaint_id);
-- A partner follows what it lodged.
CREATE UNIQUE INDEX complaints_of_a_client ON complaints (client_id, reference);

-- Whom a complaint is about, as far as staff are concerned.
CREATE TABLE complaint_subjects (
    holder_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    -- 'named': the complainant's words may mean this person; 'must_not_see': the complainant asked so; 'confirmed': found
    -- by the complaints manager.
    standing text NOT NULL CHECK (standing IN ('named', 'must_not_see', 'confirmed')),
    staff_id uuid NOT NULL,
    PRIMARY KEY (holder_id, complaint_id, subject_id),
    FOREIGN KEY (holder_id, complaint_id) REFERENCES complaints (holder_id, complaint_id)
);
CREATE INDEX complaint_subjects_complaint ON complaint_subjects (holder_id, complaint_id, standing);

CREATE TABLE complaint_messages (
    holder_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    message_id uuid NOT NULL,
    client_id uuid NOT NULL,
    author text NOT NULL CHECK (author IN ('complainant', 'practice', 'council')),
    staff_id uuid,
    written_at timestamptz NOT NULL,
    text bytea NOT NULL,
    PRIMARY KEY (holder_id, complaint_id, message_id),
    FOREIGN KEY (holder_id, complaint_id, client_id) REFERENCES complaints (holder_id, complaint_id, client_id)
);
CREATE INDEX complaint_messages_complaint ON complaint_messages (holder_id, complaint_id, client_id);

-- The complaints of a practice that a reader may see: not those about themselves or about anyone whose line they stand in.
-- Whom the complainant named stays one, until others are confirmed to be. Until the subjects are confirmed, whoever worked with the person in the 24 months
-- before it was lodged, or since, is presumed to be one; until the person is known, only a reader without cases or reports
-- of their own may read.
CREATE FUNCTION app.find_open_complaints(practice uuid, reader uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    WITH below AS MATERIALIZED (SELECT app.answers_for(practice, reader) AS staff)
    SELECT COALESCE(array_agg(c.complaint_id), '{}')
    FROM complaints c, below
    WHERE c.holder_id = practice
        AND NOT EXISTS (
            SELECT FROM complaint_subjects s
            WHERE s.holder_id = c.holder_id AND s.complaint_id = c.complaint_id AND s.staff_id = ANY (below.staff)
                AND (s.standing IN ('must_not_see', 'confirmed') OR NOT EXISTS (
                    SELECT FROM complaint_subjects k
                    WHERE k.holder_id = c.holder_id AND k.complaint_id = c.complaint_id AND k.standing = 'confirmed')))
        AND CASE
            WHEN c.subjects_confirmed_at IS NOT NULL THEN true
            WHEN c.service_user_id IS NOT NULL THEN
                NOT app.workers_of(practice, c.service_user_id, c.received_at - interval '24 months') && below.staff
            ELSE cardinality(below.staff) = 1 AND NOT EXISTS (
                SELECT FROM allocations a
                WHERE a.practice_id = practice AND a.staff_id = ANY (below.staff)
                    AND (a.ends_at IS NULL OR a.ends_at >= c.received_at - interval '24 months'))
        END
$$;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['complaints', 'complaint_subjects', 'complaint_messages'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner ON %I TO almoner_owner USING (true)', t);
        EXECUTE format('CREATE POLICY practice ON %I TO almoner_practice USING (holder_id = app.practice()
            AND complaint_id = ANY ((SELECT app.open_complaints())::uuid[]))', t);
        EXECUTE format('CREATE POLICY council ON %I TO almoner_council USING (holder_id = app.council())', t);
        EXECUTE format('CREATE POLICY intake ON %I TO almoner_intake, almoner_worker
            USING (holder_id IN (app.practice(), app.council()))', t);
    END LOOP;
END $$;

GRANT SELECT (holder_id, complaint_id, held_by, practice_id, council_id, client_id, reference, status, key_id, content,
    complainant, confidential, received_at, acknowledge_by, respond_by, respond_at_latest, acknowledged_at, acknowledged_by,
    subjects_confirmed_at, version) ON complaints TO almoner_practice, almoner_council;
GRANT SELECT (service_user_id) ON complaints TO almoner_practice;
GRANT UPDATE (status, acknowledged_at, acknowledged_by, service_user_id, subjects_confirmed_at, version) ON complaints TO almoner_practice;
GRANT UPDATE (status, acknowledged_at, acknowledged_by, version) ON complaints TO almoner_council;
GRANT SELECT, INSERT ON complaint_subjects, complaint_messages TO almoner_practice;
GRANT SELECT ON complaint_subjects TO almoner_council;
GRANT SELECT, INSERT ON complaint_messages TO almoner_council;

-- The intake lodges.
GRANT INSERT ON complaints, complaint_subjects, complaint_messages TO almoner_intake;

-- The worker hands a complaint that nobody at the practice may read any more to the council: it reads the rows as they are
-- sealed, writes them for the council and deletes the practice's.
GRANT SELECT, INSERT, DELETE ON complaints, complaint_subjects, complaint_messages TO almoner_worker;
GRANT UPDATE (version) ON complaints TO almoner_worker;

-- A partner app sees what it lodged, and only its state; what was written is read with the access code.
CREATE POLICY partner ON complaints TO almoner_partner USING (client_id = app.client());
CREATE POLICY partner ON complaint_messages TO almoner_partner USING (client_id = app.client());
GRANT SELECT (holder_id, complaint_id, held_by, practice_id, council_id, client_id, reference, access_code_hash, status, key_id,
    received_at, acknowledge_by, respond_by, respond_at_latest, acknowledged_at, version) ON complaints TO almoner_partner;
GRANT UPDATE (version) ON complaints TO almoner_partner;
GRANT SELECT (holder_id, complaint_id, message_id, client_id, author, written_at, text), INSERT ON complaint_messages TO almoner_partner;

-- Which complaints are open to the caller is found with the caller, from who works with whom and nothing else.
CREATE POLICY identity ON complaints TO almoner_identity USING (true);
CREATE POLICY identity ON complaint_subjects TO almoner_identity USING (true);
CREATE POLICY identity ON allocations TO almoner_identity USING (true);
GRANT SELECT (holder_id, complaint_id, service_user_id, received_at, subjects_confirmed_at) ON complaints TO almoner_identity;
GRANT SELECT (holder_id, complaint_id, standing, staff_id) ON complaint_subjects TO almoner_identity;
GRANT SELECT (practice_id, service_user_id, staff_id, ends_at) ON allocations TO almoner_identity;
CREATE POLICY identity ON cases TO almoner_identity USING (true);
CREATE POLICY identity ON case_notes TO almoner_identity USING (true);
CREATE POLICY identity ON referrals TO almoner_identity USING (true);
GRANT SELECT (practice_id, service_user_id, opened_by, opened_at) ON cases TO almoner_identity;
GRANT SELECT (practice_id, service_user_id, author_id, written_at) ON case_notes TO almoner_identity;
GRANT SELECT (practice_id, service_user_id, decided_by, decided_at) ON referrals TO almoner_identity;
