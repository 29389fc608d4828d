-- A practice's work: the people it serves, the referrals, the cases. Two shapes of policy: what is practice-wide, and what
-- is about a person, where a guarded person's rows are seen only by those to whom they are open.

CREATE TABLE service_users (
    practice_id uuid NOT NULL REFERENCES practices,
    service_user_id uuid NOT NULL,
    -- Restricted, or somebody is locked out. Carried into every table about the person by its foreign key.
    guarded boolean NOT NULL DEFAULT false,
    key_id uuid NOT NULL,
    details bytea NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, service_user_id),
    UNIQUE (practice_id, service_user_id, guarded),
    FOREIGN KEY (practice_id, key_id) REFERENCES sealing_keys (owner_id, key_id)
);
CREATE INDEX service_users_key ON service_users (practice_id, key_id);

-- The members of staff to whom a guarded person is open.
CREATE TABLE open_people (
    practice_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    PRIMARY KEY (practice_id, service_user_id, staff_id),
    FOREIGN KEY (practice_id, service_user_id) REFERENCES service_users (practice_id, service_user_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX open_people_of_staff ON open_people (practice_id, staff_id);

-- Search is equality on keyed hashes of words, their beginnings and their sounds.
CREATE TABLE search_tokens (
    practice_id uuid NOT NULL,
    token bytea NOT NULL,
    service_user_id uuid NOT NULL,
    guarded boolean NOT NULL DEFAULT false,
    PRIMARY KEY (practice_id, token, service_user_id),
    FOREIGN KEY (practice_id, service_user_id, guarded)
        REFERENCES service_users (practice_id, service_user_id, guarded) ON UPDATE CASCADE
);
CREATE INDEX search_tokens_of_a_person ON search_tokens (practice_id, service_user_id, guarded);

-- What a council asked, as the council sees it. Which practice has it now is for that practice to read and to answer.
CREATE TABLE council_requests (
    council_id uuid NOT NULL REFERENCES councils,
    council_request_id uuid NOT NULL,
    council_reference text NOT NULL,
    client_id uuid NOT NULL REFERENCES clients,
    -- Keyed: the same content again is known without keeping a copy that could be guessed at.
    fingerprint bytea NOT NULL,
    status text NOT NULL CHECK (status IN
        ('unrouted', 'received', 'information_requested', 'accepted', 'declined', 'withdrawn', 'expired')),
    function text NOT NULL,
    urgency text NOT NULL,
    key_id uuid NOT NULL,
    message bytea NOT NULL,
    received_at timestamptz NOT NULL,
    strategy text NOT NULL,
    explanation text NOT NULL,
    practice_id uuid REFERENCES practices,
    contract_id uuid,
    referral_id uuid,
    respond_by date,
    seen_by timestamptz,
    decided_at timestamptz,
    decline_reason text,
    -- The outcome of the work, once its case is closed (Client Level Data event outcome).
    outcome text,
    closed_on date,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (council_id, council_request_id),
    UNIQUE (council_id, council_reference),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    FOREIGN KEY (council_id, contract_id, practice_id) REFERENCES contracts (council_id, contract_id, practice_id),
    CHECK ((practice_id IS NULL) = (referral_id IS NULL) AND (practice_id IS NULL) = (contract_id IS NULL))
);
CREATE INDEX council_requests_client ON council_requests (client_id);
CREATE INDEX council_requests_key ON council_requests (council_id, key_id);
CREATE INDEX council_requests_contract ON council_requests (council_id, contract_id, practice_id);
-- The practice that has the request answers it.
CREATE INDEX council_requests_of_a_practice ON council_requests (practice_id, council_request_id);

-- One routing of a council's request to a practice. It can be made only under a contract between the two.
CREATE TABLE referrals (
    practice_id uuid NOT NULL,
    referral_id uuid NOT NULL,
    council_id uuid NOT NULL,
    council_request_id uuid NOT NULL,
    contract_id uuid NOT NULL,
    service_user_id uuid,
    guarded boolean NOT NULL DEFAULT false,
    status text NOT NULL CHECK (status IN
        ('received', 'information_requested', 'accepted', 'declined', 'withdrawn', 'expired')),
    function text NOT NULL,
    urgency text NOT NULL,
    key_id uuid NOT NULL,
    message bytea NOT NULL,
    received_at timestamptz NOT NULL,
    respond_by date NOT NULL,
    seen_by timestamptz,
    decided_at timestamptz,
    decided_by uuid,
    decline_reason text,
    -- For the practice's own record.
    decline_note bytea,
    case_id uuid,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, referral_id),
    FOREIGN KEY (council_id, council_request_id) REFERENCES council_requests (council_id, council_request_id),
    FOREIGN KEY (council_id, contract_id, practice_id) REFERENCES contracts (council_id, contract_id, practice_id),
    FOREIGN KEY (practice_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    FOREIGN KEY (practice_id, decided_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, service_user_id, guarded)
        REFERENCES service_users (practice_id, service_user_id, guarded) ON UPDATE CASCADE,
    CHECK (service_user_id IS NOT NULL OR NOT guarded)
);
CREATE INDEX referrals_due ON referrals (practice_id, status, respond_by, referral_id);
CREATE INDEX referrals_request ON referrals (council_id, council_request_id);
CREATE INDEX referrals_contract ON referrals (council_id, contract_id, practice_id);
CREATE INDEX referrals_key ON referrals (practice_id, key_id);
CREATE INDEX referrals_decided_by ON referrals (practice_id, decided_by);
CREATE INDEX referrals_person ON referrals (practice_id, service_user_id, guarded);

CREATE TABLE cases (
    practice_id uuid NOT NULL,
    case_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    guarded boolean NOT NULL DEFAULT false,
    council_id uuid NOT NULL REFERENCES councils,
    -- The delegation that the work is done under; a safeguarding enquiry is done under the council's instruction instead.
    delegation_id uuid,
    referral_id uuid,
    function text NOT NULL,
    priority text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'closing', 'closed')),
    opened_at timestamptz NOT NULL,
    opened_by uuid NOT NULL,
    closed_at timestamptz,
    ground text,
    outcome text,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, case_id),
    UNIQUE (practice_id, case_id, service_user_id),
    FOREIGN KEY (practice_id, service_user_id, guarded)
        REFERENCES service_users (practice_id, service_user_id, guarded) ON UPDATE CASCADE,
    FOREIGN KEY (council_id, delegation_id) REFERENCES delegations (council_id, delegation_id),
    FOREIGN KEY (practice_id, referral_id) REFERENCES referrals (practice_id, referral_id),
    FOREIGN KEY (practice_id, opened_by) REFERENCES staff (practice_id, staff_id),
    CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CHECK (delegation_id IS NOT NULL OR function = 'safeguarding_enquiry')
);
CREATE INDEX cases_person ON cases (practice_id, service_user_id, guarded);
CREATE INDEX cases_status ON cases (practice_id, status, case_id);
CREATE INDEX cases_council ON cases (council_id);
CREATE INDEX cases_delegation ON cases (council_id, delegation_id);
CREATE INDEX cases_referral ON cases (practice_id, referral_id);
CREATE INDEX cases_opened_by ON cases (practice_id, opened_by);

CREATE TABLE allocations (
    practice_id uuid NOT NULL,
    allocation_id uuid NOT NULL,
    case_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    guarded boolean NOT NULL DEFAULT false,
    staff_id uuid NOT NULL,
    allocated_by uuid NOT NULL,
    reason bytea NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    PRIMARY KEY (practice_id, allocation_id),
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    FOREIGN KEY (practice_id, service_user_id, guarded)
        REFERENCES service_users (practice_id, service_user_id, guarded) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, allocated_by) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX allocations_case ON allocations (practice_id, case_id, service_user_id);
CREATE INDEX allocations_person ON allocations (practice_id, service_user_id, guarded);
CREATE INDEX allocations_staff ON allocations (practice_id, staff_id, ends_at);
CREATE INDEX allocations_allocated_by ON allocations (practice_id, allocated_by);
-- A case has one worker at a time.
CREATE UNIQUE INDEX allocations_current ON allocations (practice_id, case_id) WHERE ends_at IS NULL;

CREATE TABLE case_notes (
    practice_id uuid NOT NULL,
    note_id uuid NOT NULL,
    case_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    guarded boolean NOT NULL DEFAULT false,
    author_id uuid NOT NULL,
    kind text NOT NULL,
    happened_at timestamptz NOT NULL,
    written_at timestamptz NOT NULL,
    text bytea NOT NULL,
    PRIMARY KEY (practice_id, note_id),
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    FOREIGN KEY (practice_id, service_user_id, guarded)
        REFERENCES service_users (practice_id, service_user_id, guarded) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, author_id) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX case_notes_case ON case_notes (practice_id, case_id, service_user_id, note_id);
CREATE INDEX case_notes_person ON case_notes (practice_id, service_user_id, guarded);
CREATE INDEX case_notes_author ON case_notes (practice_id, author_id);

-- The timeline of a case: what happened, in order. Nothing about a complaint is ever written here.
CREATE TABLE case_events (
    practice_id uuid NOT NULL,
    event_id uuid NOT NULL,
    case_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    guarded boolean NOT NULL DEFAULT false,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    staff_id uuid,
    subject_id uuid,
    PRIMARY KEY (practice_id, event_id),
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    FOREIGN KEY (practice_id, service_user_id, guarded)
        REFERENCES service_users (practice_id, service_user_id, guarded) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX case_events_case ON case_events (practice_id, case_id, service_user_id, event_id);
CREATE INDEX case_events_person ON case_events (practice_id, service_user_id, guarded);
CREATE INDEX case_events_staff ON case_events (practice_id, staff_id);

-- An adverse action that a second person decides or reviews. Seen by who asked and by the signatory drawn, and by nobody
-- else. Without a signatory it waits for one from outside the practice.
CREATE TABLE countersignatures (
    practice_id uuid NOT NULL,
    countersignature_id uuid NOT NULL,
    case_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    guarded boolean NOT NULL DEFAULT false,
    purpose text NOT NULL CHECK (purpose IN ('countersign', 'review')),
    status text NOT NULL CHECK (status IN ('waiting', 'approved', 'refused')),
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    ground text NOT NULL,
    outcome text NOT NULL,
    reason bytea NOT NULL,
    signatory_id uuid,
    passed_over uuid[] NOT NULL DEFAULT '{}',
    due_on date NOT NULL,
    decided_at timestamptz,
    answer bytea,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, countersignature_id),
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    FOREIGN KEY (practice_id, service_user_id, guarded)
        REFERENCES service_users (practice_id, service_user_id, guarded) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, asked_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, signatory_id) REFERENCES staff (practice_id, staff_id),
    CHECK (asked_by <> signatory_id)
);
CREATE INDEX countersignatures_case ON countersignatures (practice_id, case_id, service_user_id);
CREATE INDEX countersignatures_person ON countersignatures (practice_id, service_user_id, guarded);
CREATE INDEX countersignatures_asked_by ON countersignatures (practice_id, asked_by);
CREATE INDEX countersignatures_signatory ON countersignatures (practice_id, signatory_id, status);
-- A case waits for one decision at a time.
CREATE UNIQUE INDEX countersignatures_waiting ON countersignatures (practice_id, case_id) WHERE status = 'waiting';

-- Who worked with a person at any time since a moment: whoever was allocated to them, opened their case, decided on their
-- referral or wrote in their record.
CREATE FUNCTION app.workers_of(practice uuid, person uuid, since timestamptz) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT COALESCE(array_agg(DISTINCT worker), '{}') FROM (
        SELECT staff_id AS worker FROM allocations
        WHERE practice_id = practice AND service_user_id = person AND (ends_at IS NULL OR ends_at >= since)
        UNION ALL
        SELECT opened_by FROM cases WHERE practice_id = practice AND service_user_id = person AND opened_at >= since
        UNION ALL
        SELECT decided_by FROM referrals
        WHERE practice_id = practice AND service_user_id = person AND decided_by IS NOT NULL AND decided_at >= since
        UNION ALL
        SELECT author_id FROM case_notes
        WHERE practice_id = practice AND service_user_id = person AND written_at >= since
    ) AS work
$$;

-- The guarded people open to a member of staff: found once, with the caller.
CREATE FUNCTION app.find_open_people(practice uuid, reader uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT COALESCE(array_agg(service_user_id), '{}') FROM open_people WHERE practice_id = practice AND staff_id = reader
$$;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['service_users', 'open_people', 'search_tokens', 'council_requests', 'referrals', 'cases',
        'allocations', 'case_notes', 'case_events', 'countersignatures'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner ON %I TO almoner_owner USING (true)', t);
    END LOOP;
    -- About a person: the same policy on each.
    FOREACH t IN ARRAY ARRAY['service_users', 'search_tokens', 'referrals', 'cases', 'allocations', 'case_notes', 'case_events'] LOOP
        EXECUTE format('CREATE POLICY practice ON %I TO almoner_practice USING (practice_id = app.practice()
            AND (NOT guarded OR service_user_id = ANY ((SELECT app.open_people())::uuid[])))', t);
    END LOOP;
END $$;

CREATE POLICY practice ON countersignatures TO almoner_practice USING (practice_id = app.practice()
    AND (NOT guarded OR service_user_id = ANY ((SELECT app.open_people())::uuid[]))
    AND app.staff() IN (asked_by, signatory_id));

GRANT SELECT, INSERT, UPDATE (details, version, changed_at) ON service_users TO almoner_practice;
GRANT SELECT, INSERT, DELETE ON search_tokens TO almoner_practice;
GRANT SELECT, INSERT, UPDATE (service_user_id, guarded, status, decided_at, decided_by, decline_reason, decline_note, case_id, version) ON referrals TO almoner_practice;
GRANT SELECT, INSERT, UPDATE (status, closed_at, ground, outcome, version) ON cases TO almoner_practice;
GRANT SELECT, INSERT, UPDATE (ends_at) ON allocations TO almoner_practice;
GRANT SELECT, INSERT ON case_notes, case_events TO almoner_practice;
GRANT SELECT, INSERT, UPDATE (status, decided_at, answer, version) ON countersignatures TO almoner_practice;

-- Which guarded people are open to the caller is found with the caller.
CREATE POLICY identity ON open_people TO almoner_identity USING (true);
GRANT SELECT ON open_people TO almoner_identity;

-- The council sees what it asked; the practice that has the request sees its state and answers it.
CREATE POLICY council ON council_requests TO almoner_council USING (council_id = app.council());
CREATE POLICY practice ON council_requests TO almoner_practice, almoner_worker USING (practice_id = app.practice());
GRANT SELECT, INSERT, UPDATE (status, strategy, explanation, practice_id, contract_id, referral_id, respond_by, seen_by,
    decided_at, decline_reason, version) ON council_requests TO almoner_council;
GRANT SELECT (council_id, council_request_id, council_reference, practice_id, status, outcome, version),
    UPDATE (status, decided_at, decline_reason, outcome, closed_on, version) ON council_requests TO almoner_practice;
GRANT SELECT (council_id, council_request_id, practice_id, status, version),
    UPDATE (status, decided_at, version) ON council_requests TO almoner_worker;

-- The intake puts an arriving referral or complaint where it belongs: it may ask whether a person is known, and who works
-- with them, and add rows; it reads no record.
CREATE POLICY intake ON search_tokens TO almoner_intake USING (practice_id = app.practice());
CREATE POLICY intake ON referrals TO almoner_intake USING (practice_id = app.practice());
CREATE POLICY intake ON cases TO almoner_intake USING (practice_id = app.practice());
CREATE POLICY intake ON allocations TO almoner_intake USING (practice_id = app.practice());
GRANT SELECT ON search_tokens TO almoner_intake;
GRANT SELECT (practice_id, referral_id, status, version), INSERT, UPDATE (status, decided_at, version) ON referrals TO almoner_intake;
GRANT SELECT (practice_id, case_id, service_user_id, council_id, opened_at) ON cases TO almoner_intake;
GRANT SELECT (practice_id, service_user_id, staff_id, ends_at) ON allocations TO almoner_intake;

-- The worker lets referrals expire and passes on requests that wait too long.
CREATE POLICY worker ON referrals TO almoner_worker USING (practice_id = app.practice());
CREATE POLICY worker ON allocations TO almoner_worker USING (practice_id = app.practice());
CREATE POLICY worker ON countersignatures TO almoner_worker USING (practice_id = app.practice());
GRANT SELECT (practice_id, referral_id, council_id, council_request_id, status, respond_by, version),
    UPDATE (status, decided_at, version) ON referrals TO almoner_worker;
GRANT SELECT (practice_id, service_user_id, staff_id, ends_at) ON allocations TO almoner_worker;
CREATE POLICY worker ON cases TO almoner_worker USING (practice_id = app.practice());
CREATE POLICY worker ON case_notes TO almoner_worker USING (practice_id = app.practice());
GRANT SELECT (practice_id, service_user_id, opened_by, opened_at) ON cases TO almoner_worker;
GRANT SELECT (practice_id, service_user_id, author_id, written_at) ON case_notes TO almoner_worker;
GRANT SELECT (service_user_id, decided_by, decided_at) ON referrals TO almoner_worker;
GRANT SELECT (practice_id, countersignature_id, case_id, service_user_id, purpose, status, asked_by, signatory_id, passed_over, due_on, version),
    UPDATE (signatory_id, passed_over, due_on, version) ON countersignatures TO almoner_worker;
