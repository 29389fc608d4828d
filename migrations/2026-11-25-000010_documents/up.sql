-- Documents of people's records and of cases. The content is an object outside the database, sealed under a key of the
-- document's own; the row has that key, sealed under the person's. The documents stand below the cases; this migration is the
-- last, and so makes the key to the cases with the table.

CREATE TABLE documents (
    practice_id uuid NOT NULL,
    document_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL DEFAULT false,
    team_id uuid NOT NULL,
    case_id uuid,
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
    status text NOT NULL CHECK (status IN ('quarantined', 'clean', 'infected')),
    sent_by uuid NOT NULL,
    sent_at timestamptz NOT NULL,
    -- When the scanner gave its answer.
    scanned_at timestamptz,
    -- An erased document has neither its key nor its name. The row stays for its number and for who was told of it.
    erased_at timestamptz,
    erased_by uuid,
    PRIMARY KEY (practice_id, document_id),
    -- Of two that replace the same version at once, one is refused.
    UNIQUE (practice_id, first_id, number),
    FOREIGN KEY (practice_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CONSTRAINT documents_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    FOREIGN KEY (practice_id, first_id) REFERENCES documents (practice_id, document_id),
    FOREIGN KEY (practice_id, sent_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, erased_by) REFERENCES staff (practice_id, staff_id),
    CHECK ((status = 'quarantined') = (scanned_at IS NULL)),
    CHECK (status <> 'infected' OR content_key IS NULL),
    CHECK (erased_at IS NULL OR content_key IS NULL AND details = ''),
    CHECK ((erased_at IS NULL) = (erased_by IS NULL)),
    CHECK ((number = 1) = (first_id = document_id))
);
CREATE INDEX documents_person ON documents (practice_id, service_user_id, access_restricted, team_id, document_id);
CREATE INDEX documents_case ON documents (practice_id, case_id, service_user_id, document_id);
CREATE INDEX documents_key ON documents (practice_id, key_id);
CREATE INDEX documents_sent_by ON documents (practice_id, sent_by);
CREATE INDEX documents_erased_by ON documents (practice_id, erased_by);
SELECT app.secure_table('documents');
-- What the scanner has not found clean is its sender's alone.
SELECT app.restrict_to_open_people('documents', 'status = ''clean'' OR sent_by = app.staff()');
-- The intake finds whom a document is about, for the record of a refusal, and counts those that there are, whoever sent them.
CREATE POLICY intake ON documents TO almoner_intake USING (practice_id = app.practice());
-- The worker has documents scanned.
CREATE POLICY worker ON documents TO almoner_worker USING (practice_id = app.practice());
-- Not the state: the worker alone says that a document is clean.
GRANT SELECT, INSERT, UPDATE (details, content_key, erased_at, erased_by) ON documents TO almoner_practice;
GRANT SELECT (practice_id, document_id, service_user_id, case_id, first_id, number, status, erased_at) ON documents TO almoner_intake;
GRANT SELECT (practice_id, document_id, service_user_id, kind, size, key_id, object_id, content_key, status, sent_by, erased_at),
    UPDATE (status, content_key, scanned_at) ON documents TO almoner_worker;

-- What each practice sent in on the last day on which it sent anything. A request that sends a document holds the row until
-- it is done, so that two at once cannot exceed a limit together.
CREATE TABLE document_days (
    practice_id uuid PRIMARY KEY REFERENCES practices,
    day date NOT NULL,
    bytes bigint NOT NULL CHECK (bytes >= 0)
);
SELECT app.secure_table('document_days');
CREATE POLICY practice ON document_days TO almoner_practice USING (practice_id = app.practice());
GRANT SELECT, INSERT, UPDATE (day, bytes) ON document_days TO almoner_practice;
