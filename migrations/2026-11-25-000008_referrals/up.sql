-- The requests of councils, and their routing to practices.

-- A council's request, as the council sees it. The practice that has it now reads its state and answers it. One that came back
-- because its practice did not answer is unrouted, and keeps the practice that had it last, which nobody is shown.
CREATE TABLE council_requests (
    council_id uuid NOT NULL REFERENCES councils,
    council_request_id uuid NOT NULL,
    council_reference text NOT NULL,
    client_id uuid NOT NULL REFERENCES clients,
    -- A keyed hash of the content. It shows whether the same content arrives again, without a copy that could be guessed at.
    fingerprint bytea NOT NULL,
    -- Keyed hashes of the council's identifier of the person and of the NHS number, by which the intake finds that the same
    -- person is with two practices. The key is the council's: they tell no practice anything.
    person_token bytea NOT NULL,
    nhs_number_token bytea,
    status text NOT NULL CHECK (status IN
        ('unrouted', 'received', 'information_requested', 'accepted', 'declined', 'withdrawn', 'expired')),
    function text NOT NULL,
    urgency text NOT NULL,
    key_id uuid NOT NULL,
    message bytea NOT NULL,
    received_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    strategy text NOT NULL,
    explanation text NOT NULL,
    practice_id uuid REFERENCES practices,
    contract_id uuid,
    referral_id uuid,
    -- When the request was last sent to a practice, or none was found.
    routed_at timestamptz NOT NULL,
    response_due_on date,
    human_contact_due_at timestamptz,
    -- When the worker reported that nobody had answered by human_contact_due_at.
    human_contact_missed_at timestamptz,
    decided_at timestamptz,
    decline_reason text,
    -- The details in which the record differs onto which the practice accepted the request, for a reason of its own.
    record_differs_in text[] NOT NULL DEFAULT '{}',
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
-- The list of what has changed since a moment.
CREATE INDEX council_requests_changed ON council_requests (council_id, changed_at);
CREATE INDEX council_requests_person ON council_requests (council_id, person_token);
CREATE INDEX council_requests_nhs_number ON council_requests (council_id, nhs_number_token) WHERE nhs_number_token IS NOT NULL;
-- The practice that has the request answers it.
CREATE INDEX council_requests_of_a_practice ON council_requests (practice_id, council_request_id);
SELECT app.secure_table('council_requests');
CREATE POLICY council ON council_requests TO almoner_council USING (council_id = app.council());
CREATE POLICY practice ON council_requests TO almoner_practice, almoner_worker USING (practice_id = app.practice());
-- When a practice accepts a request, its intake asks whether the same council's person is with another practice too.
CREATE POLICY intake ON council_requests TO almoner_intake USING (practice_id = app.practice() OR council_id = app.council());
-- Who referred somebody, or instructed an enquiry, is not offered a complaint of theirs.
CREATE POLICY identity ON council_requests TO almoner_identity USING (council_id = app.council());
GRANT SELECT (council_id, council_request_id, nhs_number_token, key_id, message, received_at) ON council_requests TO almoner_identity;
GRANT SELECT, INSERT, UPDATE (status, strategy, explanation, practice_id, contract_id, referral_id, routed_at, response_due_on,
    human_contact_due_at, human_contact_missed_at, decided_at, decline_reason, changed_at, version) ON council_requests TO almoner_council;
GRANT SELECT (council_id, council_request_id, council_reference, practice_id, referral_id, status, outcome, version),
    UPDATE (status, decided_at, decline_reason, record_differs_in, outcome, closed_on, changed_at, version) ON council_requests TO almoner_practice;
GRANT SELECT (council_id, council_request_id, practice_id, status, version),
    UPDATE (status, strategy, explanation, routed_at, response_due_on, human_contact_due_at, human_contact_missed_at, decided_at,
    changed_at, version) ON council_requests TO almoner_worker;
-- The intake moves the council's deadlines with the practice's when a bank holiday is added.
GRANT SELECT (council_id, council_request_id, practice_id, status, closed_on, person_token, nhs_number_token, version),
    UPDATE (response_due_on, human_contact_due_at, changed_at, version) ON council_requests TO almoner_intake;

-- One routing of a council's request to a practice. It can be made only under a contract between the two.
CREATE TABLE referrals (
    practice_id uuid NOT NULL,
    referral_id uuid NOT NULL,
    council_id uuid NOT NULL,
    council_request_id uuid NOT NULL,
    contract_id uuid NOT NULL,
    service_user_id uuid,
    access_restricted boolean NOT NULL DEFAULT false,
    -- Until the person is recognised: the team that everybody is in.
    team_id uuid NOT NULL,
    -- The members of staff to whom a restricted referral is open until it is accepted: the managers whom the council did not
    -- mean, or those whom a manager named. NULL for any other.
    open_to uuid[] CHECK (cardinality(open_to) > 0),
    -- The reason of the manager who named them.
    restriction_reason bytea,
    status text NOT NULL CHECK (status IN
        ('received', 'information_requested', 'accepted', 'declined', 'withdrawn', 'expired')),
    function text NOT NULL,
    urgency text NOT NULL,
    key_id uuid NOT NULL,
    message bytea NOT NULL,
    received_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    response_due_on date NOT NULL,
    -- The day from which response_due_on is counted in working days. NULL for a day that the council named.
    response_counted_from date,
    human_contact_due_at timestamptz,
    -- The day on which the person goes home from hospital, if it was still to come: the answer is not due after it.
    home_on date,
    -- The order of the inbox: what waits for an answer (0 and 1) before what does not, immediate referrals first, and then what
    -- is due first, to be looked at or to be answered.
    inbox_place smallint NOT NULL GENERATED ALWAYS AS (CASE WHEN status IN ('received', 'information_requested') THEN 0 ELSE 2 END
        + CASE WHEN urgency = 'immediate' THEN 0 ELSE 1 END) STORED,
    due_at timestamptz NOT NULL GENERATED ALWAYS AS
        (LEAST(human_contact_due_at, (response_due_on + 1)::timestamp AT TIME ZONE 'Europe/London')) STORED,
    decided_at timestamptz,
    decided_by uuid,
    decline_reason text,
    -- A note on the decision to decline, for the practice's own record.
    decline_note bytea,
    case_id uuid,
    -- A known person who has the NHS number of the message and was born on another day, when it was accepted.
    birth_contradicts uuid,
    -- The reason for which the referral was accepted onto a record that differs from it, and the differences.
    mismatch bytea,
    -- What accepting did to the person's record, so that it can be undone.
    record_effect text CHECK (record_effect IN ('unchanged', 'identifier_added', 'opened')),
    version integer NOT NULL DEFAULT 1,
    -- The person, or the referral itself as long as nobody is recognised. What came with the referral follows it by a key, and a
    -- key with a NULL in it binds nothing and follows nothing.
    about_id uuid NOT NULL GENERATED ALWAYS AS (COALESCE(service_user_id, referral_id)) STORED,
    PRIMARY KEY (practice_id, referral_id),
    UNIQUE (practice_id, referral_id, about_id, access_restricted, team_id, status),
    FOREIGN KEY (council_id, council_request_id) REFERENCES council_requests (council_id, council_request_id),
    FOREIGN KEY (council_id, contract_id, practice_id) REFERENCES contracts (council_id, contract_id, practice_id),
    FOREIGN KEY (practice_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    FOREIGN KEY (practice_id, team_id) REFERENCES teams (practice_id, team_id),
    FOREIGN KEY (practice_id, decided_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, birth_contradicts) REFERENCES service_users (practice_id, service_user_id),
    CONSTRAINT referrals_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    CHECK (service_user_id IS NOT NULL OR NOT access_restricted)
);
-- The inbox, and the list of those with another status, each in its order.
CREATE INDEX referrals_inbox ON referrals (practice_id, inbox_place, due_at, referral_id);
CREATE INDEX referrals_due ON referrals (practice_id, status, inbox_place, due_at, referral_id);
CREATE INDEX referrals_changed ON referrals (practice_id, changed_at);
CREATE INDEX referrals_request ON referrals (council_id, council_request_id);
CREATE INDEX referrals_contract ON referrals (council_id, contract_id, practice_id);
CREATE INDEX referrals_key ON referrals (practice_id, key_id);
CREATE INDEX referrals_decided_by ON referrals (practice_id, decided_by);
CREATE INDEX referrals_contradicted ON referrals (practice_id, birth_contradicts);
CREATE INDEX referrals_team ON referrals (practice_id, team_id);
CREATE INDEX referrals_person ON referrals (practice_id, service_user_id, access_restricted, team_id);
SELECT app.secure_table('referrals');
SELECT app.restrict_to_open_people('referrals', 'open_to IS NULL OR app.staff() = ANY (open_to)');
-- The intake puts an arriving referral where it belongs, finds whom one is about for the record of a refusal, and moves
-- deadlines when a bank holiday is added: it reads no record.
CREATE POLICY intake ON referrals TO almoner_intake USING (practice_id = app.practice());
-- The worker lets referrals expire. It and the identity role read who decided on one, and which requests were about a person.
CREATE POLICY worker ON referrals TO almoner_worker USING (practice_id = app.practice());
CREATE POLICY identity ON referrals TO almoner_identity USING (true);
GRANT SELECT, INSERT, UPDATE (service_user_id, access_restricted, team_id, open_to, status, decided_at, decided_by, decline_reason, decline_note, case_id,
    birth_contradicts, mismatch, record_effect, changed_at, version) ON referrals TO almoner_practice;
GRANT SELECT (practice_id, referral_id, council_id, council_request_id, contract_id, service_user_id, access_restricted, team_id,
    open_to, status, urgency, key_id, received_at, response_due_on, response_counted_from, human_contact_due_at, home_on, version), INSERT,
    UPDATE (open_to, restriction_reason, status, decided_at, response_due_on, human_contact_due_at, changed_at, version) ON referrals TO
    almoner_intake;
GRANT SELECT (practice_id, referral_id, council_id, council_request_id, service_user_id, open_to, status, response_due_on,
    human_contact_due_at, decided_at, decided_by, version),
    UPDATE (status, decided_at, changed_at, version) ON referrals TO almoner_worker;
-- It also finds the restricted referrals that would be left to nobody when a member of staff leaves.
GRANT SELECT (practice_id, referral_id, council_id, council_request_id, service_user_id, open_to, status, decided_by, decided_at) ON referrals
    TO almoner_identity;

-- A case may be opened from a referral; the cases stand below the referrals, so the key between the two is made here.
ALTER TABLE cases ADD FOREIGN KEY (practice_id, referral_id) REFERENCES referrals (practice_id, referral_id);

-- What an officer of a council instructed a practice to do about the case that a referral of the council's led to. The practice acts on it
-- once. The row is the council's and, as one about a person, the practice's too: each has the words sealed under the key of what it has of
-- the referral. It says neither which officer gave the instruction nor why; the council's audit log has who did.
CREATE TABLE council_instructions (
    council_id uuid NOT NULL REFERENCES councils,
    instruction_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('move_worker_off')),
    status text NOT NULL CHECK (status IN ('given', 'followed', 'withdrawn')),
    council_request_id uuid NOT NULL,
    practice_id uuid NOT NULL REFERENCES practices,
    case_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL DEFAULT false,
    team_id uuid NOT NULL,
    key_id uuid NOT NULL,
    words bytea NOT NULL,
    practice_key_id uuid NOT NULL,
    practice_words bytea NOT NULL,
    given_at timestamptz NOT NULL,
    followed_at timestamptz,
    withdrawn_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (council_id, instruction_id),
    FOREIGN KEY (council_id, council_request_id) REFERENCES council_requests (council_id, council_request_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    FOREIGN KEY (practice_id, practice_key_id) REFERENCES sealing_keys (owner_id, key_id),
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    CONSTRAINT council_instructions_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    CHECK ((status = 'followed') = (followed_at IS NOT NULL)),
    CHECK ((status = 'withdrawn') = (withdrawn_at IS NOT NULL))
);
CREATE INDEX council_instructions_request ON council_instructions (council_id, council_request_id);
CREATE INDEX council_instructions_key ON council_instructions (council_id, key_id);
CREATE INDEX council_instructions_practice_key ON council_instructions (practice_id, practice_key_id);
CREATE INDEX council_instructions_case ON council_instructions (practice_id, case_id, service_user_id);
CREATE INDEX council_instructions_person ON council_instructions (practice_id, service_user_id, access_restricted, team_id);
-- The list of what a practice got.
CREATE INDEX council_instructions_of_a_practice ON council_instructions (practice_id, instruction_id);
SELECT app.secure_table('council_instructions');
SELECT app.restrict_to_open_people('council_instructions');
CREATE POLICY council ON council_instructions TO almoner_council USING (council_id = app.council());
-- The intake of the practice writes an instruction, and its withdrawal, for the council's officer.
CREATE POLICY intake ON council_instructions TO almoner_intake USING (practice_id = app.practice() AND council_id = app.council());
-- Who gave an instruction about a person is not let in to a complaint about their care.
CREATE POLICY identity ON council_instructions TO almoner_identity USING (council_id = app.council());
GRANT SELECT (council_id, instruction_id, council_request_id, practice_id, service_user_id) ON council_instructions TO almoner_identity;
GRANT SELECT (council_id, instruction_id, kind, status, council_request_id, practice_id, case_id, key_id, words, given_at, followed_at,
    withdrawn_at, version) ON council_instructions TO almoner_council;
GRANT SELECT (council_id, instruction_id, kind, status, council_request_id, practice_id, case_id, service_user_id, access_restricted, team_id,
    practice_key_id, practice_words, given_at, followed_at, withdrawn_at, version), UPDATE (status, followed_at, version)
    ON council_instructions TO almoner_practice;
GRANT SELECT (council_id, instruction_id, status, practice_id, service_user_id, access_restricted, team_id, version), INSERT,
    UPDATE (status, withdrawn_at, version) ON council_instructions TO almoner_intake;

-- The actions that took effect at once on evidence or on a council's instruction, for the council that is responsible. It draws a
-- tenth of each practice's month and confirms it with the person. The practice adds a row with each action and reads none.
CREATE TABLE confirmations (
    council_id uuid NOT NULL REFERENCES councils,
    confirmation_id uuid NOT NULL,
    practice_id uuid NOT NULL REFERENCES practices,
    action text NOT NULL CHECK (action IN ('closing', 'moving_worker_off')),
    ground text NOT NULL,
    case_id uuid NOT NULL,
    council_request_id uuid,
    function text NOT NULL,
    done_on date NOT NULL,
    -- The council's instruction on which the practice acted.
    instruction_id uuid CHECK ((instruction_id IS NOT NULL) = (ground = 'council_instruction')),
    PRIMARY KEY (council_id, confirmation_id),
    FOREIGN KEY (council_id, council_request_id) REFERENCES council_requests (council_id, council_request_id),
    FOREIGN KEY (council_id, instruction_id) REFERENCES council_instructions (council_id, instruction_id)
);
CREATE INDEX confirmations_month ON confirmations (council_id, done_on);
CREATE INDEX confirmations_request ON confirmations (council_id, council_request_id);
CREATE INDEX confirmations_instruction ON confirmations (council_id, instruction_id);
CREATE INDEX confirmations_of_a_practice ON confirmations (practice_id);
SELECT app.secure_table('confirmations');
CREATE POLICY council ON confirmations TO almoner_council USING (council_id = app.council());
CREATE POLICY practice ON confirmations TO almoner_practice USING (practice_id = app.practice());
GRANT SELECT ON confirmations TO almoner_council;
GRANT INSERT ON confirmations TO almoner_practice;

-- How far a client has read its council's feed, kept for it.
CREATE TABLE feed_positions (
    council_id uuid NOT NULL REFERENCES councils,
    client_id uuid NOT NULL REFERENCES clients,
    number bigint NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, client_id)
);
CREATE INDEX feed_positions_client ON feed_positions (client_id);
SELECT app.secure_table('feed_positions');
CREATE POLICY council ON feed_positions TO almoner_council USING (council_id = app.council() AND client_id = app.client());
GRANT SELECT, INSERT, UPDATE (number, kept_at) ON feed_positions TO almoner_council;

-- A referral may be the source of what is known of a person; the people stand below the referrals.
ALTER TABLE person_facts ADD FOREIGN KEY (practice_id, referral_id) REFERENCES referrals (practice_id, referral_id);
ALTER TABLE relationships ADD FOREIGN KEY (practice_id, referral_id) REFERENCES referrals (practice_id, referral_id);
ALTER TABLE warning_notes ADD FOREIGN KEY (practice_id, referral_id) REFERENCES referrals (practice_id, referral_id);
