-- Complaints, and the wall: the rule that a complaint is invisible to whom it is about and to those above them. A complaint
-- has a holder: the practice, or the council where nobody at the practice is free of conflict. A member of staff sees a
-- complaint only if it is on their list of open complaints.

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
    -- The complainant, the person and the contact wishes, sealed apart from the complainant's words. In a confidential
    -- complaint they are opened only to a handler who gives a reason.
    complainant bytea NOT NULL,
    confidential boolean NOT NULL,
    received_at timestamptz NOT NULL,
    acknowledgement_due_on date NOT NULL,
    response_due_on date NOT NULL,
    response_latest_on date NOT NULL,
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
CREATE INDEX complaints_due ON complaints (holder_id, status, acknowledgement_due_on, complaint_id);
-- A partner app follows the complaints that it lodged.
CREATE UNIQUE INDEX complaints_of_a_client ON complaints (client_id, reference);
SELECT app.secure_table('complaints');
CREATE POLICY practice ON complaints TO almoner_practice USING (holder_id = app.practice()
    AND complaint_id = ANY ((SELECT app.open_complaints())::uuid[]));
CREATE POLICY council ON complaints TO almoner_council USING (holder_id = app.council());
-- The intake lodges complaints. The worker hands a complaint that nobody at the practice may read any more over to the
-- council: it reads the rows as they are sealed, writes them for the council and deletes the practice's.
CREATE POLICY intake ON complaints TO almoner_intake, almoner_worker USING (holder_id IN (app.practice(), app.council()));
-- A partner app sees the state of the complaints that it lodged, and no more. Messages are read with the access code.
CREATE POLICY partner ON complaints TO almoner_partner USING (client_id = app.client());
-- The identity role finds the complaints that the caller may see, from who works with whom and nothing else.
CREATE POLICY identity ON complaints TO almoner_identity USING (true);
GRANT SELECT (holder_id, complaint_id, held_by, practice_id, council_id, client_id, reference, service_user_id, status, key_id, content,
    complainant, confidential, received_at, acknowledgement_due_on, response_due_on, response_latest_on, acknowledged_at, acknowledged_by,
    subjects_confirmed_at, version),
    UPDATE (status, acknowledged_at, acknowledged_by, service_user_id, subjects_confirmed_at, version) ON complaints TO almoner_practice;
GRANT SELECT (holder_id, complaint_id, held_by, practice_id, council_id, client_id, reference, status, key_id, content, complainant,
    confidential, received_at, acknowledgement_due_on, response_due_on, response_latest_on, acknowledged_at, acknowledged_by,
    subjects_confirmed_at, version),
    UPDATE (status, acknowledged_at, acknowledged_by, version) ON complaints TO almoner_council;
-- The intake moves deadlines when a bank holiday is added, and reads nothing else of a complaint.
GRANT SELECT (holder_id, complaint_id, status, received_at, acknowledgement_due_on, response_due_on, version), INSERT,
    UPDATE (acknowledgement_due_on, response_due_on, version) ON complaints TO almoner_intake;
GRANT SELECT, INSERT, UPDATE (version), DELETE ON complaints TO almoner_worker;
GRANT SELECT (holder_id, complaint_id, held_by, practice_id, council_id, client_id, reference, access_code_hash, status, key_id,
    received_at, acknowledgement_due_on, response_due_on, response_latest_on, acknowledged_at, version),
    UPDATE (version) ON complaints TO almoner_partner;
GRANT SELECT (holder_id, complaint_id, service_user_id, received_at, subjects_confirmed_at) ON complaints TO almoner_identity;

-- The subjects of a complaint: members of staff whom it is about, or who must not see it.
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
SELECT app.secure_table('complaint_subjects');
CREATE POLICY practice ON complaint_subjects TO almoner_practice USING (holder_id = app.practice()
    AND complaint_id = ANY ((SELECT app.open_complaints())::uuid[]));
CREATE POLICY council ON complaint_subjects TO almoner_council USING (holder_id = app.council());
CREATE POLICY intake ON complaint_subjects TO almoner_intake, almoner_worker USING (holder_id IN (app.practice(), app.council()));
CREATE POLICY identity ON complaint_subjects TO almoner_identity USING (true);
GRANT SELECT, INSERT ON complaint_subjects TO almoner_practice;
GRANT SELECT ON complaint_subjects TO almoner_council;
GRANT INSERT ON complaint_subjects TO almoner_intake;
GRANT SELECT, INSERT, DELETE ON complaint_subjects TO almoner_worker;
GRANT SELECT (holder_id, complaint_id, standing, staff_id) ON complaint_subjects TO almoner_identity;

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
SELECT app.secure_table('complaint_messages');
CREATE POLICY practice ON complaint_messages TO almoner_practice USING (holder_id = app.practice()
    AND complaint_id = ANY ((SELECT app.open_complaints())::uuid[]));
CREATE POLICY council ON complaint_messages TO almoner_council USING (holder_id = app.council());
CREATE POLICY intake ON complaint_messages TO almoner_intake, almoner_worker USING (holder_id IN (app.practice(), app.council()));
CREATE POLICY partner ON complaint_messages TO almoner_partner USING (client_id = app.client());
GRANT SELECT, INSERT ON complaint_messages TO almoner_practice, almoner_council;
GRANT INSERT ON complaint_messages TO almoner_intake;
GRANT SELECT, INSERT, DELETE ON complaint_messages TO almoner_worker;
GRANT SELECT (holder_id, complaint_id, message_id, client_id, author, written_at, text), INSERT ON complaint_messages TO almoner_partner;
