-- The work with a person: cases, who is allocated to them, the notes, the timeline, and the decisions that a second person signs.
-- The intake, the worker and the identity role see of these tables only who worked with whom, and when. The intake also finds
-- whom a case, a note or a countersignature is about, for the record of a refusal.

-- The referral from which a case was opened stands above the cases; its foreign key is made with the referrals.
CREATE TABLE cases (
    practice_id uuid NOT NULL,
    case_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL DEFAULT false,
    team_id uuid NOT NULL,
    council_id uuid NOT NULL REFERENCES councils,
    -- The delegation under which the work is done. A safeguarding enquiry is done under the council's instruction instead.
    delegation_id uuid,
    referral_id uuid,
    function text NOT NULL,
    priority text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'closing', 'closed')),
    opened_at timestamptz NOT NULL,
    opened_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    closed_at timestamptz,
    ground text,
    outcome text,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, case_id),
    UNIQUE (practice_id, case_id, service_user_id),
    CONSTRAINT cases_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (council_id, delegation_id) REFERENCES delegations (council_id, delegation_id),
    FOREIGN KEY (practice_id, opened_by) REFERENCES staff (practice_id, staff_id),
    CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CHECK (delegation_id IS NOT NULL OR function = 'safeguarding_enquiry')
);
CREATE INDEX cases_person ON cases (practice_id, service_user_id, access_restricted, team_id);
CREATE INDEX cases_status ON cases (practice_id, status, case_id);
-- The list of what has changed since a moment.
CREATE INDEX cases_changed ON cases (practice_id, changed_at);
CREATE INDEX cases_council ON cases (council_id);
CREATE INDEX cases_delegation ON cases (council_id, delegation_id);
CREATE INDEX cases_referral ON cases (practice_id, referral_id);
CREATE INDEX cases_opened_by ON cases (practice_id, opened_by);
SELECT app.secure_table('cases');
SELECT app.restrict_to_open_people('cases');
CREATE POLICY intake ON cases TO almoner_intake USING (practice_id = app.practice());
CREATE POLICY worker ON cases TO almoner_worker USING (practice_id = app.practice());
CREATE POLICY identity ON cases TO almoner_identity USING (true);
-- A case is removed, with its first allocation and its first lines, if the acceptance that opened it is undone.
GRANT SELECT, INSERT, UPDATE (status, changed_at, closed_at, ground, outcome, version), DELETE ON cases TO almoner_practice;
GRANT SELECT (practice_id, case_id, service_user_id, council_id, referral_id, opened_at) ON cases TO almoner_intake;
GRANT SELECT (practice_id, service_user_id, opened_by, opened_at) ON cases TO almoner_worker, almoner_identity;
-- The worker tells whoever works on a case that a document of its referral arrived.
GRANT SELECT (case_id, referral_id) ON cases TO almoner_worker;

CREATE TABLE allocations (
    practice_id uuid NOT NULL,
    allocation_id uuid NOT NULL,
    case_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL DEFAULT false,
    team_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    allocated_by uuid NOT NULL,
    reason bytea NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    -- The registrant who agreed that the worker, a practitioner, may ask to close the case, and on which ground.
    closing_agreed_by uuid,
    closing_agreed_ground text,
    -- The ground on which the case was taken from the worker before; empty where nobody lost it.
    ground text,
    PRIMARY KEY (practice_id, allocation_id),
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    CONSTRAINT allocations_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, allocated_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, closing_agreed_by) REFERENCES staff (practice_id, staff_id),
    CHECK ((closing_agreed_by IS NULL) = (closing_agreed_ground IS NULL)),
    CHECK (closing_agreed_by <> staff_id)
);
CREATE INDEX allocations_case ON allocations (practice_id, case_id, service_user_id);
CREATE INDEX allocations_person ON allocations (practice_id, service_user_id, access_restricted, team_id);
CREATE INDEX allocations_staff ON allocations (practice_id, staff_id, ends_at);
CREATE INDEX allocations_allocated_by ON allocations (practice_id, allocated_by);
CREATE INDEX allocations_closing_agreed_by ON allocations (practice_id, closing_agreed_by);
-- A case has one worker at a time.
CREATE UNIQUE INDEX allocations_current ON allocations (practice_id, case_id) WHERE ends_at IS NULL;
SELECT app.secure_table('allocations');
SELECT app.restrict_to_open_people('allocations');
CREATE POLICY intake ON allocations TO almoner_intake USING (practice_id = app.practice());
CREATE POLICY worker ON allocations TO almoner_worker USING (practice_id = app.practice());
CREATE POLICY identity ON allocations TO almoner_identity USING (true);
GRANT SELECT, INSERT, UPDATE (ends_at, closing_agreed_by, closing_agreed_ground), DELETE ON allocations TO almoner_practice;
GRANT SELECT (practice_id, service_user_id, staff_id, ends_at) ON allocations TO almoner_intake, almoner_worker, almoner_identity;
-- The intake finds which cases a member of staff who leaves still has, those in restricted records among them.
GRANT SELECT (case_id) ON allocations TO almoner_intake, almoner_worker;

-- A note stands in one person's record, on a case of theirs or without one. A text about several people is a note in the record
-- of each, under the same written_together: each is sealed with its person's key, and walled as its person is.
CREATE TABLE case_notes (
    practice_id uuid NOT NULL,
    note_id uuid NOT NULL,
    case_id uuid,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL DEFAULT false,
    team_id uuid NOT NULL,
    written_together uuid,
    -- A final note is never changed: what is added to it is a note that names it, in the same record.
    adds_to uuid,
    status text NOT NULL DEFAULT 'final' CHECK (status IN ('draft', 'final')),
    author_id uuid NOT NULL,
    kind text NOT NULL,
    happened_at timestamptz NOT NULL,
    written_at timestamptz NOT NULL,
    text bytea NOT NULL,
    -- A note that should not stand in this record stays, marked by whom and why.
    in_error_at timestamptz,
    in_error_by uuid,
    in_error_reason bytea,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, note_id),
    UNIQUE (practice_id, note_id, service_user_id),
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    CONSTRAINT case_notes_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, author_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, adds_to, service_user_id) REFERENCES case_notes (practice_id, note_id, service_user_id),
    FOREIGN KEY (practice_id, in_error_by) REFERENCES staff (practice_id, staff_id),
    CHECK ((in_error_at IS NULL) = (in_error_by IS NULL) AND (in_error_at IS NULL) = (in_error_reason IS NULL)),
    -- A draft is no part of the record yet.
    CHECK (status = 'final' OR in_error_at IS NULL)
);
CREATE INDEX case_notes_case ON case_notes (practice_id, case_id, service_user_id, note_id);
CREATE INDEX case_notes_person ON case_notes (practice_id, service_user_id, access_restricted, team_id, note_id);
CREATE INDEX case_notes_author ON case_notes (practice_id, author_id);
CREATE INDEX case_notes_adds_to ON case_notes (practice_id, adds_to, service_user_id) WHERE adds_to IS NOT NULL;
CREATE INDEX case_notes_in_error_by ON case_notes (practice_id, in_error_by) WHERE in_error_by IS NOT NULL;
SELECT app.secure_table('case_notes');
-- A draft is its author's own.
SELECT app.restrict_to_open_people('case_notes', 'status <> ''draft'' OR author_id = app.staff()');
CREATE POLICY intake ON case_notes TO almoner_intake USING (practice_id = app.practice());
CREATE POLICY worker ON case_notes TO almoner_worker USING (practice_id = app.practice());
CREATE POLICY identity ON case_notes TO almoner_identity USING (true);
GRANT SELECT, INSERT, UPDATE (in_error_at, in_error_by, in_error_reason, version) ON case_notes TO almoner_practice;
GRANT SELECT (practice_id, note_id, service_user_id) ON case_notes TO almoner_intake;
GRANT SELECT (practice_id, service_user_id, author_id, written_at) ON case_notes TO almoner_worker, almoner_identity;

-- The timeline of a case: what happened to it, in order. Nothing about a complaint is ever written here.
CREATE TABLE case_events (
    practice_id uuid NOT NULL,
    event_id uuid NOT NULL,
    case_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL DEFAULT false,
    team_id uuid NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    staff_id uuid,
    subject_id uuid,
    PRIMARY KEY (practice_id, event_id),
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    CONSTRAINT case_events_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX case_events_case ON case_events (practice_id, case_id, service_user_id, event_id);
CREATE INDEX case_events_person ON case_events (practice_id, service_user_id, access_restricted, team_id);
CREATE INDEX case_events_staff ON case_events (practice_id, staff_id);
SELECT app.secure_table('case_events');
SELECT app.restrict_to_open_people('case_events');
GRANT SELECT, INSERT, DELETE ON case_events TO almoner_practice;

-- An adverse action that a second person decides or reviews. Only the member of staff who asked and the signatory who was
-- drawn see it. Without a signatory it waits for one from outside the practice.
CREATE TABLE countersignatures (
    practice_id uuid NOT NULL,
    countersignature_id uuid NOT NULL,
    action text NOT NULL CHECK (action IN ('closing', 'moving_worker_off', 'warning_or_restriction')),
    -- The case that is closed or moved; empty where a record is restricted or a warning note is written.
    case_id uuid,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL DEFAULT false,
    team_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('countersign', 'review')),
    status text NOT NULL CHECK (status IN ('waiting', 'approved', 'refused', 'taken_back')),
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    ground text NOT NULL,
    reason bytea NOT NULL,
    -- The outcome of a case that is closed.
    outcome text,
    -- The worker who loses the case, and the worker who is given it.
    moved_from uuid,
    moved_to uuid,
    -- The restriction that is asked for, or is in force, and the one whose place it took.
    restriction bytea,
    restriction_before bytea,
    -- The warning note that is asked for, or is in force, and what it said when it was put before the second person.
    warning_note_id uuid,
    warning bytea,
    signatory_id uuid,
    passed_over uuid[] NOT NULL DEFAULT '{}',
    due_on date NOT NULL,
    -- The day from which due_on is counted in working days.
    counted_from date NOT NULL,
    decided_at timestamptz,
    answer bytea,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, countersignature_id),
    FOREIGN KEY (practice_id, case_id, service_user_id) REFERENCES cases (practice_id, case_id, service_user_id),
    CONSTRAINT countersignatures_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, warning_note_id, service_user_id) REFERENCES warning_notes (practice_id, warning_note_id, service_user_id),
    FOREIGN KEY (practice_id, asked_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, signatory_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, moved_from) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, moved_to) REFERENCES staff (practice_id, staff_id),
    CHECK (asked_by <> signatory_id),
    CHECK ((case_id IS NOT NULL) = (action IN ('closing', 'moving_worker_off'))),
    CHECK ((outcome IS NOT NULL) = (action = 'closing')),
    CHECK ((moved_from IS NOT NULL) = (action = 'moving_worker_off')),
    CHECK ((moved_from IS NULL) = (moved_to IS NULL)),
    CHECK ((restriction IS NULL) <> (warning IS NULL) OR action <> 'warning_or_restriction'),
    CHECK ((restriction IS NULL AND warning IS NULL) = (action <> 'warning_or_restriction')),
    CHECK ((warning IS NULL) = (warning_note_id IS NULL)),
    CHECK (restriction_before IS NULL OR restriction IS NOT NULL)
);
CREATE INDEX countersignatures_case ON countersignatures (practice_id, case_id, service_user_id);
CREATE INDEX countersignatures_warning ON countersignatures (practice_id, warning_note_id, service_user_id);
CREATE INDEX countersignatures_person ON countersignatures (practice_id, service_user_id, access_restricted, team_id);
CREATE INDEX countersignatures_asked_by ON countersignatures (practice_id, asked_by);
CREATE INDEX countersignatures_signatory ON countersignatures (practice_id, signatory_id, status);
CREATE INDEX countersignatures_moved_from ON countersignatures (practice_id, moved_from);
CREATE INDEX countersignatures_moved_to ON countersignatures (practice_id, moved_to);
-- An action with a case waits for one decision at a time, and so do the restriction of a record and a warning note about the person. What
-- has taken effect may wait for several reviews.
CREATE UNIQUE INDEX countersignatures_waiting ON countersignatures (practice_id, service_user_id, action, case_id, (warning_note_id IS NULL))
    NULLS NOT DISTINCT WHERE status = 'waiting' AND purpose = 'countersign';
SELECT app.secure_table('countersignatures');
-- Being allowed to see the person is not enough.
SELECT app.restrict_to_open_people('countersignatures', 'app.staff() IN (asked_by, signatory_id)');
CREATE POLICY intake ON countersignatures TO almoner_intake USING (practice_id = app.practice());
CREATE POLICY worker ON countersignatures TO almoner_worker USING (practice_id = app.practice());
-- Who acted on a person's record is not let in to a complaint about their care.
CREATE POLICY identity ON countersignatures TO almoner_identity USING (true);
GRANT SELECT (practice_id, service_user_id, asked_by, asked_at, signatory_id, decided_at) ON countersignatures TO almoner_identity;
GRANT SELECT, INSERT, UPDATE (status, decided_at, answer, version) ON countersignatures TO almoner_practice;
-- The intake finds whom one is about, and moves its day when a bank holiday is added.
GRANT SELECT (practice_id, countersignature_id, service_user_id, status, due_on, counted_from, version),
    UPDATE (due_on, version) ON countersignatures TO almoner_intake;
GRANT SELECT (practice_id, countersignature_id, case_id, service_user_id, purpose, status, asked_by, signatory_id, passed_over, due_on, version),
    UPDATE (signatory_id, passed_over, due_on, counted_from, version) ON countersignatures TO almoner_worker;

-- The requests that nobody at their practice is left to decide, for the operator, who finds a countersigner from outside. It
-- names no case, no person and no member of staff. A row is gone when the request does not wait any more.
CREATE TABLE outside_requests (
    practice_id uuid NOT NULL,
    countersignature_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('countersign', 'review')),
    waiting_since timestamptz NOT NULL,
    PRIMARY KEY (practice_id, countersignature_id),
    FOREIGN KEY (practice_id, countersignature_id) REFERENCES countersignatures (practice_id, countersignature_id)
);
SELECT app.secure_table('outside_requests');
CREATE POLICY practice ON outside_requests TO almoner_practice USING (practice_id = app.practice());
CREATE POLICY worker ON outside_requests TO almoner_worker USING (practice_id = app.practice());
CREATE POLICY operator ON outside_requests TO almoner_operator USING (true);
GRANT SELECT (practice_id, countersignature_id), INSERT, DELETE ON outside_requests TO almoner_practice;
GRANT INSERT ON outside_requests TO almoner_worker;
GRANT SELECT ON outside_requests TO almoner_operator;
