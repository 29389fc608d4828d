-- Documents of people's records, of cases and of referrals. The content is an object outside the database, sealed under a key of
-- the document's own; the row has that key, sealed under the person's or the referral's. The documents stand below the cases and
-- the referrals; this migration is the last, and so makes the keys to these with the tables.

-- The documents that a council sent with its requests, as the council sees them. Each practice to which a request is sent has
-- rows of its own in documents, for the same objects.
CREATE TABLE council_documents (
    council_id uuid NOT NULL REFERENCES councils,
    document_id uuid NOT NULL,
    council_request_id uuid NOT NULL,
    first_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    kind text NOT NULL CHECK (kind IN ('pdf', 'jpeg', 'png', 'heic', 'docx', 'odt', 'txt', 'mp3', 'm4a')),
    size bigint NOT NULL CHECK (size > 0),
    key_id uuid NOT NULL,
    details bytea NOT NULL,
    object_id uuid NOT NULL,
    content_key bytea,
    status text NOT NULL DEFAULT 'quarantined' CHECK (status IN ('quarantined', 'clean', 'infected')),
    -- The system that sent the document in.
    client_id uuid NOT NULL REFERENCES clients,
    sent_at timestamptz NOT NULL,
    scanned_at timestamptz,
    PRIMARY KEY (council_id, document_id),
    UNIQUE (council_id, first_id, number),
    FOREIGN KEY (council_id, council_request_id) REFERENCES council_requests (council_id, council_request_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    FOREIGN KEY (council_id, first_id) REFERENCES council_documents (council_id, document_id),
    CHECK ((status = 'quarantined') = (scanned_at IS NULL)),
    CHECK (status <> 'infected' OR content_key IS NULL),
    CHECK ((number = 1) = (first_id = document_id))
);
CREATE INDEX council_documents_request ON council_documents (council_id, council_request_id);
CREATE INDEX council_documents_key ON council_documents (council_id, key_id);
CREATE INDEX council_documents_client ON council_documents (client_id);
CREATE INDEX council_documents_object ON council_documents (council_id, object_id);
SELECT app.secure_table('council_documents');
-- What the scanner has not found clean is its sender's alone.
CREATE POLICY council ON council_documents TO almoner_council
    USING (council_id = app.council() AND (status = 'clean' OR client_id = app.client()));
-- The intake counts the documents of a request, whoever sent them, and gives them to the practice that has it now.
CREATE POLICY intake ON council_documents TO almoner_intake USING (council_id = app.council());
-- The worker has documents scanned.
CREATE POLICY worker ON council_documents TO almoner_worker USING (council_id = app.council());
-- Not the status: whatever is sent in waits for the scanner.
GRANT SELECT, INSERT (council_id, document_id, council_request_id, first_id, number, kind, size, key_id, details, object_id, content_key,
    client_id, sent_at) ON council_documents TO almoner_council;
-- Whoever locks a row must be able to change something of it: the intake the number, which has no other value that a row may have.
GRANT SELECT, UPDATE (number) ON council_documents TO almoner_intake;
GRANT SELECT (council_id, document_id, council_request_id, kind, size, key_id, object_id, content_key, status, sent_at),
    UPDATE (status, content_key, scanned_at) ON council_documents TO almoner_worker;

CREATE TABLE documents (
    practice_id uuid NOT NULL,
    document_id uuid NOT NULL,
    -- The person in whose record the document is. A document of a referral has none of its own: about_id and what stands beside
    -- it follow the referral.
    service_user_id uuid,
    access_restricted boolean NOT NULL DEFAULT false,
    team_id uuid NOT NULL,
    case_id uuid,
    referral_id uuid,
    -- The person whom the referral is about, or the referral itself as long as nobody is recognised.
    about_id uuid,
    -- The state of the referral. Once it is accepted, the document is in a record, whose restriction says who sees it.
    referral_status text,
    -- The members of staff to whom a restricted referral is open until it is accepted.
    open_to uuid[],
    -- The council that sent the document with its referral, and its own row.
    council_id uuid,
    council_document_id uuid,
    -- The document of which this is a version: the identifier of its first version.
    first_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    kind text NOT NULL CHECK (kind IN ('pdf', 'jpeg', 'png', 'heic', 'docx', 'odt', 'txt', 'mp3', 'm4a')),
    -- The bytes of the content.
    size bigint NOT NULL CHECK (size > 0),
    key_id uuid NOT NULL,
    -- The name, and the hash of the content.
    details bytea NOT NULL,
    -- The random identifier of the object, which tells nothing of whose it is.
    object_id uuid NOT NULL,
    -- The document's key. Without it the object is noise: to destroy it is to erase the content.
    content_key bytea,
    status text NOT NULL DEFAULT 'quarantined' CHECK (status IN ('quarantined', 'clean', 'infected')),
    -- The member of staff who sent the document in; NULL for a council's.
    sent_by uuid,
    sent_at timestamptz NOT NULL,
    -- When the scanner gave its answer.
    scanned_at timestamptz,
    -- An erased document has neither its key nor its name. The row stays for its number and for who was told of it. It was erased by who
    -- asked the council for it.
    erased_at timestamptz,
    erased_by uuid,
    PRIMARY KEY (practice_id, document_id),
    -- Of two that replace the same version at once, one is refused.
    UNIQUE (practice_id, first_id, number),
    FOREIGN KEY (practice_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CONSTRAINT documents_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    CONSTRAINT documents_referral_fkey FOREIGN KEY (practice_id, referral_id, about_id, access_restricted, team_id, referral_status)
        REFERENCES referrals (practice_id, referral_id, about_id, access_restricted, team_id, status) ON UPDATE CASCADE,
    FOREIGN KEY (council_id, council_document_id) REFERENCES council_documents (council_id, document_id),
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    FOREIGN KEY (practice_id, first_id) REFERENCES documents (practice_id, document_id),
    FOREIGN KEY (practice_id, sent_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, erased_by) REFERENCES staff (practice_id, staff_id),
    CHECK ((status = 'quarantined') = (scanned_at IS NULL)),
    CHECK (status <> 'infected' OR content_key IS NULL),
    CHECK (erased_at IS NULL OR content_key IS NULL AND details = ''),
    CHECK ((erased_at IS NULL) = (erased_by IS NULL)),
    CHECK ((number = 1) = (first_id = document_id)),
    -- A document is in a record, or came with a referral: the parts of each are there together.
    CHECK ((service_user_id IS NULL) <> (referral_id IS NULL)),
    CHECK (case_id IS NULL OR service_user_id IS NOT NULL),
    CHECK (num_nonnulls(referral_id, about_id, referral_status) IN (0, 3)),
    CHECK (num_nonnulls(council_id, council_document_id) IN (0, 2) AND num_nonnulls(council_id, sent_by) = 1),
    CHECK (council_id IS NULL OR referral_id IS NOT NULL)
);
CREATE INDEX documents_person ON documents (practice_id, service_user_id, access_restricted, team_id, document_id);
CREATE INDEX documents_case ON documents (practice_id, case_id, service_user_id, document_id);
CREATE INDEX documents_key ON documents (practice_id, key_id);
CREATE INDEX documents_sent_by ON documents (practice_id, sent_by);
CREATE INDEX documents_erased_by ON documents (practice_id, erased_by);
CREATE INDEX documents_referral ON documents (practice_id, referral_id, about_id, access_restricted, team_id, referral_status);
CREATE INDEX documents_about ON documents (practice_id, about_id);
CREATE INDEX documents_council ON documents (council_id, council_document_id);
CREATE INDEX documents_object ON documents (practice_id, object_id);
SELECT app.secure_table('documents');
-- A document of a referral is open as the referral is. What the scanner has not found clean is its sender's alone.
CREATE POLICY practice ON documents TO almoner_practice USING (practice_id = app.practice()
    AND (NOT access_restricted AND team_id = ANY ((SELECT app.open_teams())::uuid[])
        OR COALESCE(service_user_id, about_id) = ANY ((SELECT app.open_people())::uuid[]))
    AND (open_to IS NULL OR referral_status = 'accepted' OR app.staff() = ANY (open_to))
    AND (status = 'clean' OR sent_by = app.staff()));
-- The intake adds what a council sent, finds whom a document is about, for the record of a refusal, counts those that there are,
-- whoever sent them, and writes to whom a referral is open.
CREATE POLICY intake ON documents TO almoner_intake USING (practice_id = app.practice());
-- The worker has documents scanned: a practice's own, and what a council sent, wherever it went.
CREATE POLICY worker ON documents TO almoner_worker USING (practice_id = app.practice() OR council_id = app.council());
-- Not the status: whatever is sent in waits for the scanner, and the worker alone says that a document is clean. Nor what erases one: the
-- intake does, when an officer of the accountable council has instructed it.
GRANT SELECT, INSERT (practice_id, document_id, service_user_id, access_restricted, team_id, case_id, referral_id, about_id,
    referral_status, open_to, first_id, number, kind, size, key_id, details, object_id, content_key, sent_by, sent_at)
    ON documents TO almoner_practice;
GRANT SELECT (practice_id, document_id, service_user_id, case_id, referral_id, about_id, council_id, council_document_id, first_id, number,
    object_id, status, erased_at), INSERT, UPDATE (open_to, details, content_key, erased_at, erased_by) ON documents TO almoner_intake;
GRANT SELECT (practice_id, document_id, service_user_id, referral_id, about_id, council_id, council_document_id, kind, size, key_id,
    object_id, content_key, status, sent_by, sent_at, erased_at), UPDATE (status, content_key, scanned_at) ON documents TO almoner_worker;

-- What a practice asks the accountable council to have erased. The request is shown to the member of staff who asked and to the council.
-- Each has the words under a key of its own: the practice under that of the document's record or referral, the council under its root key.
CREATE TABLE erasure_requests (
    practice_id uuid NOT NULL,
    request_id uuid NOT NULL,
    council_id uuid NOT NULL REFERENCES councils,
    document_id uuid NOT NULL,
    -- The case that has the document, and the council's request with which it came, as far as there are any.
    case_id uuid,
    council_request_id uuid,
    status text NOT NULL CHECK (status IN ('asked', 'erased', 'refused', 'taken_back')),
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    key_id uuid NOT NULL,
    reason bytea NOT NULL,
    asked bytea NOT NULL,
    decided_at timestamptz,
    answer bytea,
    practice_answer bytea,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, request_id),
    FOREIGN KEY (practice_id, document_id) REFERENCES documents (practice_id, document_id),
    FOREIGN KEY (practice_id, asked_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    FOREIGN KEY (council_id, council_request_id) REFERENCES council_requests (council_id, council_request_id),
    CHECK ((status = 'asked') = (decided_at IS NULL)),
    CHECK ((status IN ('erased', 'refused')) = (answer IS NOT NULL) AND (answer IS NULL) = (practice_answer IS NULL))
);
CREATE INDEX erasure_requests_document ON erasure_requests (practice_id, document_id);
-- While one waits, nobody asks for the same again.
CREATE UNIQUE INDEX erasure_requests_waiting ON erasure_requests (practice_id, document_id) WHERE status = 'asked';
CREATE INDEX erasure_requests_asked_by ON erasure_requests (practice_id, asked_by, request_id);
CREATE INDEX erasure_requests_key ON erasure_requests (practice_id, key_id);
CREATE INDEX erasure_requests_request ON erasure_requests (council_id, council_request_id);
-- The list of what a council is asked.
CREATE INDEX erasure_requests_of_a_council ON erasure_requests (council_id, request_id);
SELECT app.secure_table('erasure_requests');
CREATE POLICY practice ON erasure_requests TO almoner_practice USING (practice_id = app.practice() AND asked_by = app.staff());
CREATE POLICY council ON erasure_requests TO almoner_council USING (council_id = app.council());
-- The intake of the practice puts the request before the council, and writes what its officer decided.
CREATE POLICY intake ON erasure_requests TO almoner_intake USING (practice_id = app.practice() AND council_id = app.council());
-- Who decided on the erasing of a person's document is not let in to a complaint about their care.
CREATE POLICY identity ON erasure_requests TO almoner_identity USING (council_id = app.council());
CREATE POLICY identity ON documents TO almoner_identity USING (true);
GRANT SELECT (practice_id, request_id, council_id, document_id, council_request_id) ON erasure_requests TO almoner_identity;
GRANT SELECT (practice_id, document_id, service_user_id, about_id) ON documents TO almoner_identity;
GRANT SELECT (practice_id, request_id, council_id, document_id, status, asked_by, asked_at, key_id, reason, decided_at, practice_answer,
    version), UPDATE (status, decided_at, version) ON erasure_requests TO almoner_practice;
GRANT SELECT (practice_id, request_id, council_id, document_id, case_id, council_request_id, status, asked_at, asked, decided_at, answer,
    version) ON erasure_requests TO almoner_council;
GRANT SELECT (practice_id, request_id, council_id, document_id, status, asked_by, key_id, version), INSERT,
    UPDATE (status, decided_at, answer, practice_answer, version) ON erasure_requests TO almoner_intake;

-- Contents that arrive in pieces (tus 1.0.0), until a document takes them or they expire. An upload is its caller's alone: a
-- member of staff's, or a council's system's.
CREATE TABLE uploads (
    owner_id uuid NOT NULL,
    caller_id uuid NOT NULL,
    upload_id uuid NOT NULL,
    -- The bytes that are to come, and those that came.
    size bigint NOT NULL CHECK (size > 0),
    received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND size),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, caller_id, upload_id)
);
SELECT app.secure_table('uploads');
CREATE POLICY practice ON uploads TO almoner_practice USING (owner_id = app.practice() AND caller_id = app.staff());
CREATE POLICY council ON uploads TO almoner_council USING (owner_id = app.council() AND caller_id = app.client());
CREATE POLICY worker ON uploads TO almoner_worker USING (true);
GRANT SELECT, INSERT, UPDATE (received), DELETE ON uploads TO almoner_practice, almoner_council;
GRANT SELECT (owner_id, caller_id, upload_id, expires_at), DELETE ON uploads TO almoner_worker;

-- The pieces that came, each an object of its own, sealed under a key of its own, which is sealed under the owner's root key.
CREATE TABLE upload_pieces (
    owner_id uuid NOT NULL,
    caller_id uuid NOT NULL,
    upload_id uuid NOT NULL,
    -- The bytes that came before it.
    starts_at bigint NOT NULL CHECK (starts_at >= 0),
    size bigint NOT NULL CHECK (size > 0),
    object_id uuid NOT NULL,
    content_key bytea NOT NULL,
    PRIMARY KEY (owner_id, caller_id, upload_id, starts_at),
    FOREIGN KEY (owner_id, caller_id, upload_id) REFERENCES uploads (owner_id, caller_id, upload_id)
);
SELECT app.secure_table('upload_pieces');
CREATE POLICY practice ON upload_pieces TO almoner_practice USING (owner_id = app.practice() AND caller_id = app.staff());
CREATE POLICY council ON upload_pieces TO almoner_council USING (owner_id = app.council() AND caller_id = app.client());
CREATE POLICY worker ON upload_pieces TO almoner_worker USING (true);
GRANT SELECT, INSERT, DELETE ON upload_pieces TO almoner_practice, almoner_council;
GRANT SELECT (owner_id, caller_id, upload_id), DELETE ON upload_pieces TO almoner_worker;

-- What each practice and each council sent in on the last day on which it sent anything. A request that sends a document holds
-- the row until it is done, so that two at once cannot exceed a limit together.
CREATE TABLE document_days (
    owner_id uuid PRIMARY KEY,
    day date NOT NULL,
    bytes bigint NOT NULL CHECK (bytes >= 0)
);
SELECT app.secure_table('document_days');
CREATE POLICY practice ON document_days TO almoner_practice USING (owner_id = app.practice());
CREATE POLICY council ON document_days TO almoner_council USING (owner_id = app.council());
GRANT SELECT, INSERT, UPDATE (day, bytes) ON document_days TO almoner_practice, almoner_council;
