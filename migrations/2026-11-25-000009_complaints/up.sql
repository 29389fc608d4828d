-- Complaints. A complaint is its council's from the first byte on (SI 2009/309 reg 6(1A)), whatever practice it is about, and nobody
-- reads it but those to whom it is assigned by name. The role of the practice's door has no right on these tables, and neither has
-- that of the council's door, but for the receipts of what the council's own systems lodged.

CREATE TABLE complaints (
    council_id uuid NOT NULL REFERENCES councils,
    complaint_id uuid NOT NULL,
    -- How the complaint came in: through a partner app, from the council's own form, taken down by an officer, or at a practice's desk.
    way text NOT NULL CHECK (way IN ('app', 'council_form', 'officer', 'practice_desk')),
    -- The practice complained about, if the complaint is about one.
    practice_id uuid REFERENCES practices,
    -- Whether the complaint is said to be about the council's own people.
    about_council boolean NOT NULL,
    -- The record at the practice that what was written fits, and no other does. It is no finding: an officer says whom it is about.
    service_user_id uuid,
    status text NOT NULL CHECK (status IN ('received', 'acknowledged', 'investigating', 'signed', 'answered', 'closed', 'withdrawn',
        'not_considered')),
    key_id uuid NOT NULL,
    -- The complainant's words, sealed under the complaint's own key.
    content bytea NOT NULL,
    -- The complainant, the person and the contact, sealed apart: in a confidential complaint they are opened for a reason.
    complainant bytea NOT NULL,
    confidential boolean NOT NULL,
    received_at timestamptz NOT NULL,
    acknowledgement_due_on date NOT NULL,
    plan_due_on date NOT NULL,
    response_due_on date NOT NULL,
    response_latest_on date NOT NULL,
    opened_at timestamptz,
    acknowledged_at timestamptz,
    -- How the complaint is looked into, sealed, and how the day came about by which it is answered. Until then the contract gives it.
    handling bytea,
    period text CHECK (period IN ('agreed', 'determined')),
    risk text CHECK (risk IN ('low', 'moderate', 'high', 'extreme')),
    -- The last day on which the complainant is told how it goes.
    progress_due_on date,
    -- When the complainant was told why there is no response in time (SI 2009/309 reg 14(4)).
    delay_explained_at timestamptz,
    answered_at timestamptz,
    outcome text CHECK (outcome IN ('well_founded', 'partly_well_founded', 'not_well_founded', 'inconclusive')),
    -- The ground on which it is not considered.
    exclusion text CHECK (exclusion IN ('responsible_body', 'employment', 'oral_resolved', 'previously_investigated',
        'ombudsman_investigated', 'freedom_of_information', 'superannuation', 'out_of_time', 'may_not_complain', 'child_needs_no_representative',
        'not_in_best_interests', 'for_another_body', 'no_complaint')),
    closed_at timestamptz,
    -- What was learnt from it, without anybody's name, sealed.
    learning bytea,
    reopened_at timestamptz,
    -- When somebody who has the complaint last looked at it, by the day.
    last_worked_at timestamptz NOT NULL,
    last_followed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (council_id, complaint_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (status IN ('received', 'withdrawn', 'not_considered') OR acknowledged_at IS NOT NULL),
    CHECK ((handling IS NULL) = (period IS NULL)),
    CHECK ((status = 'not_considered') = (exclusion IS NOT NULL)),
    CHECK (acknowledged_at IS NULL OR opened_at IS NOT NULL)
);
CREATE INDEX complaints_key ON complaints (council_id, key_id);
CREATE INDEX complaints_practice ON complaints (practice_id);
-- What is due is looked for in those that are open.
CREATE INDEX complaints_open ON complaints (council_id, complaint_id) WHERE closed_at IS NULL;
SELECT app.secure_table('complaints');
CREATE POLICY complaints ON complaints TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY intake ON complaints TO almoner_intake, almoner_worker USING (council_id = app.council());
-- The identity role finds in which of those that are assigned to a caller something is due.
CREATE POLICY identity ON complaints TO almoner_identity USING (council_id = app.council());
-- Whoever has the code of a receipt follows the one complaint that it is of.
CREATE POLICY partner ON complaints TO almoner_partner USING (council_id = app.council() AND complaint_id = app.complaint());
GRANT SELECT, UPDATE (status, content, complainant, practice_id, about_council, service_user_id, acknowledgement_due_on, plan_due_on, response_due_on, response_latest_on, opened_at,
    acknowledged_at, last_worked_at, handling, period, risk, progress_due_on, delay_explained_at, answered_at, outcome, exclusion, closed_at,
    learning, reopened_at, version) ON complaints TO almoner_complaints;
-- The intake moves deadlines when a bank holiday is added, and counts complaints for the annual report. It reads nothing else of one.
GRANT SELECT (council_id, complaint_id, key_id, way, practice_id, status, period, received_at, acknowledgement_due_on, plan_due_on,
    response_due_on, exclusion, learning, version), INSERT,
    UPDATE (acknowledgement_due_on, plan_due_on, response_due_on, version) ON complaints TO almoner_intake;
GRANT SELECT, UPDATE (version) ON complaints TO almoner_worker;
GRANT SELECT (council_id, complaint_id, closed_at, last_followed_at) ON complaints TO almoner_identity;
GRANT SELECT (council_id, complaint_id, status, key_id, practice_id, received_at, acknowledgement_due_on, response_due_on,
    response_latest_on, opened_at, acknowledged_at, handling, period, answered_at, closed_at, reopened_at, last_followed_at),
    UPDATE (last_followed_at) ON complaints TO almoner_partner;

-- How a complaint came to the officer, or to the member of a practice's staff, who took it down.
CREATE TABLE complaint_intakes (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    came_by text NOT NULL CHECK (came_by IN ('telephone', 'letter', 'visit', 'email', 'in_person')),
    -- The officer who took it down; of a member of a practice's staff nothing is kept.
    taken_down_by uuid,
    key_id uuid NOT NULL,
    -- The written record of what was said, as it was given to the complainant, sealed under the complaint's key; how and when.
    record bytea,
    given_by text CHECK (given_by IN ('post', 'hand', 'read', 'email', 'app')),
    given_on date,
    -- Since which day the complainant can be given something, because they gave a contact.
    reached_on date,
    -- When something was written to them last that nobody has recorded as given. Whether it waits depends on when they followed the complaint.
    written_at timestamptz,
    PRIMARY KEY (council_id, complaint_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, taken_down_by) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (num_nonnulls(record, given_by, given_on) IN (0, 3)),
    CHECK (record IS NULL OR came_by IN ('telephone', 'visit', 'in_person'))
);
-- What is due is looked for in those in which something waits.
CREATE INDEX complaint_intakes_written ON complaint_intakes (council_id, complaint_id) WHERE written_at IS NOT NULL;
CREATE INDEX complaint_intakes_by ON complaint_intakes (council_id, taken_down_by);
CREATE INDEX complaint_intakes_key ON complaint_intakes (council_id, key_id);
SELECT app.secure_table('complaint_intakes');
CREATE POLICY complaints ON complaint_intakes TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY intake ON complaint_intakes TO almoner_intake, almoner_worker USING (council_id = app.council());
-- What waits to be given to a complainant is looked for in everything that somebody has.
CREATE POLICY identity ON complaint_intakes TO almoner_identity USING (council_id = app.council());
-- A complainant who consented to it reads the written record in the app.
CREATE POLICY partner ON complaint_intakes TO almoner_partner
    USING (council_id = app.council() AND complaint_id = app.complaint() AND given_by = 'app');
GRANT SELECT, UPDATE (record, given_by, given_on, reached_on, written_at) ON complaint_intakes TO almoner_complaints;
GRANT INSERT ON complaint_intakes TO almoner_intake;
GRANT SELECT (council_id, complaint_id, came_by, given_on, reached_on), UPDATE (written_at) ON complaint_intakes TO almoner_worker;
GRANT SELECT (council_id, complaint_id, record, given_by, given_on) ON complaint_intakes TO almoner_partner;
GRANT SELECT (council_id, complaint_id, reached_on, written_at) ON complaint_intakes TO almoner_identity;

-- How the complainant was given the acknowledgement (SI 2009/309 reg 13(3)): in writing, or by word of mouth. The day stands in the complaint.
CREATE TABLE complaint_acknowledgements (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    given_by text NOT NULL CHECK (given_by IN ('phone', 'in_person', 'post', 'hand', 'read', 'email', 'app')),
    PRIMARY KEY (council_id, complaint_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id)
);
SELECT app.secure_table('complaint_acknowledgements');
CREATE POLICY complaints ON complaint_acknowledgements TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY partner ON complaint_acknowledgements TO almoner_partner USING (council_id = app.council() AND complaint_id = app.complaint());
GRANT SELECT, INSERT, UPDATE (given_by) ON complaint_acknowledgements TO almoner_complaints;
GRANT SELECT ON complaint_acknowledgements TO almoner_partner;

-- The receipts: by a keyed hash of its reference and its code a complaint is found, with one look-up. A client sees the receipts of
-- what it lodged.
CREATE TABLE complaint_receipts (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    client_id uuid REFERENCES clients,
    reference text NOT NULL,
    code_hash bytea NOT NULL,
    -- A keyed hash of the Idempotency-Key with which a member of a practice's staff wrote the complaint down. The practice keeps no
    -- claim of it.
    desk_key bytea,
    received_at timestamptz NOT NULL,
    acknowledgement_due_on date NOT NULL,
    response_latest_on date NOT NULL,
    -- Whether somebody is said to be in danger, or may be: the receipt gives the number of the council's duty.
    danger boolean NOT NULL,
    -- The councils of which one answers, as far as what was sent and the public directory say. Where there are several, the complainant is
    -- told which it is once somebody has acknowledged the complaint: it may follow from whose record the practice has.
    councils uuid[] NOT NULL CHECK (councils <> '{}'),
    -- The last day on which the council sends the code, of a complaint that was made at a practice's desk, where nobody has seen one.
    code_due_on date,
    PRIMARY KEY (council_id, complaint_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id)
);
CREATE UNIQUE INDEX complaint_receipts_by_code ON complaint_receipts (code_hash);
CREATE UNIQUE INDEX complaint_receipts_of_a_desk ON complaint_receipts (council_id, desk_key);
CREATE INDEX complaint_receipts_by_reference ON complaint_receipts (council_id, reference);
CREATE INDEX complaint_receipts_of_a_client ON complaint_receipts (client_id, complaint_id);
SELECT app.secure_table('complaint_receipts');
CREATE POLICY lodged ON complaint_receipts TO almoner_partner USING (client_id = app.client() OR code_hash = app.receipt());
CREATE POLICY council ON complaint_receipts TO almoner_council USING (council_id = app.council() AND client_id = app.client());
CREATE POLICY complaints ON complaint_receipts TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY intake ON complaint_receipts TO almoner_intake, almoner_worker USING (council_id = app.council());
GRANT SELECT (council_id, complaint_id, client_id, reference, code_hash, received_at, acknowledgement_due_on, response_latest_on, danger,
    councils) ON complaint_receipts TO almoner_partner, almoner_council;
GRANT SELECT (council_id, complaint_id, reference, received_at, acknowledgement_due_on, response_latest_on, danger, councils, code_due_on),
    UPDATE (code_hash, code_due_on) ON complaint_receipts TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, code_due_on) ON complaint_receipts TO almoner_worker;
GRANT SELECT (council_id, complaint_id, reference, desk_key, received_at, acknowledgement_due_on, response_latest_on, danger, councils), INSERT
    ON complaint_receipts TO almoner_intake;

-- The offers of a complaint, unopened, to one officer after another.
CREATE TABLE complaint_offers (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    officer_id uuid NOT NULL,
    -- As what the officer is asked: from the rota, or as who is responsible where nobody there is left, or where a clock has run out.
    asked_as text NOT NULL CHECK (asked_as IN ('complaints', 'responsible_person', 'alternate')),
    -- The practice that the complaint is about, which an offer may show.
    practice_id uuid REFERENCES practices,
    key_id uuid NOT NULL,
    -- The names of those concerned, sealed under the complaint's key: the officer says whether they know one of them.
    concerned bytea NOT NULL,
    offered_at timestamptz NOT NULL,
    open_by date NOT NULL,
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('opened', 'conflict', 'lapsed', 'gone')),
    PRIMARY KEY (council_id, complaint_id, offer_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
-- A complaint is offered to one officer at a time.
CREATE UNIQUE INDEX complaint_offers_one_at_a_time ON complaint_offers (council_id, complaint_id) WHERE ended_at IS NULL;
CREATE INDEX complaint_offers_of_an_officer ON complaint_offers (council_id, officer_id, offer_id);
CREATE INDEX complaint_offers_key ON complaint_offers (council_id, key_id);
CREATE INDEX complaint_offers_practice ON complaint_offers (practice_id);
SELECT app.secure_table('complaint_offers');
CREATE POLICY complaints ON complaint_offers TO almoner_complaints USING (council_id = app.council() AND officer_id = app.officer());
CREATE POLICY worker ON complaint_offers TO almoner_worker USING (council_id = app.council());
-- Whoever lets a colleague in is told that they had said they know somebody concerned.
CREATE POLICY identity ON complaint_offers TO almoner_identity USING (council_id = app.council());
GRANT SELECT, UPDATE (practice_id, ended_at, outcome) ON complaint_offers TO almoner_complaints;
GRANT SELECT, INSERT, UPDATE (ended_at, outcome) ON complaint_offers TO almoner_worker;
GRANT SELECT (council_id, complaint_id, officer_id, outcome) ON complaint_offers TO almoner_identity;

-- The assignments: who reads which complaint, as what, from when and until when. Nobody reads a complaint without one.
CREATE TABLE complaint_assignments (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    officer_id uuid,
    guest_id uuid,
    view text NOT NULL CHECK (view IN ('whole', 'heads', 'notice')),
    -- From when on something is shown by it: at once, but for a subject who is heard.
    opens_at timestamptz NOT NULL,
    key_id uuid NOT NULL,
    -- Why the officer who assigned it judged that nothing speaks against it, sealed under the complaint's key. NULL for an officer who
    -- opened the complaint.
    reason bytea,
    -- The officer who assigned it: for one who opened the complaint, themselves.
    assigned_by uuid NOT NULL,
    assigned_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because text CHECK (ended_because IN ('officer', 'complainant', 'passed_on', 'closed')),
    -- When an officer had whoever had it told that it ended.
    told_at timestamptz,
    PRIMARY KEY (council_id, complaint_id, assignment_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, guest_id) REFERENCES guests (council_id, guest_id),
    FOREIGN KEY (council_id, assigned_by) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (num_nonnulls(officer_id, guest_id) = 1),
    CHECK (view = 'whole' OR guest_id IS NOT NULL),
    CHECK ((ended_at IS NULL) = (ended_because IS NULL)),
    CHECK (told_at IS NULL OR ended_at IS NOT NULL)
);
CREATE UNIQUE INDEX complaint_assignments_officer ON complaint_assignments (council_id, officer_id, complaint_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX complaint_assignments_guest ON complaint_assignments (council_id, guest_id, complaint_id) WHERE ended_at IS NULL;
CREATE INDEX complaint_assignments_officers ON complaint_assignments (council_id, officer_id);
CREATE INDEX complaint_assignments_guests ON complaint_assignments (council_id, guest_id);
CREATE INDEX complaint_assignments_by ON complaint_assignments (council_id, assigned_by);
CREATE INDEX complaint_assignments_key ON complaint_assignments (council_id, key_id);
SELECT app.secure_table('complaint_assignments');
-- Everybody sees their own live ones too, by which a page of what is assigned to them is opened.
CREATE POLICY complaints ON complaint_assignments TO almoner_complaints
    USING (council_id = app.council() AND (complaint_id = ANY ((SELECT app.assigned())::uuid[])
        OR (view = 'whole' AND ended_at IS NULL AND (officer_id = app.officer() OR guest_id = app.guest()))))
    WITH CHECK (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY worker ON complaint_assignments TO almoner_worker USING (council_id = app.council());
ALTER TABLE guests ADD FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id);
CREATE POLICY complaints ON guests TO almoner_complaints
    USING (council_id = app.council() AND (complaint_id IS NULL OR complaint_id = ANY ((SELECT app.assigned())::uuid[])));
-- The identity role finds what is assigned to a caller, and tells a complainant the names of those who have the complaint.
CREATE POLICY identity ON complaint_assignments TO almoner_identity USING (true);
-- A complainant ends the assignment of a guest to whom they object.
CREATE POLICY partner ON complaint_assignments TO almoner_partner USING (council_id = app.council() AND complaint_id = app.complaint());
GRANT SELECT, INSERT, UPDATE (ended_at, ended_because, told_at) ON complaint_assignments TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, assignment_id, officer_id, guest_id, view, opens_at, assigned_at, ended_at, ended_because),
    UPDATE (ended_at, ended_because) ON complaint_assignments TO almoner_worker;
GRANT SELECT (council_id, complaint_id, assignment_id, officer_id, guest_id, view, opens_at, assigned_at, ended_at, ended_because, told_at)
    ON complaint_assignments TO almoner_identity;

GRANT SELECT (council_id, complaint_id, assignment_id, officer_id, guest_id, ended_at), UPDATE (ended_at, ended_because)
    ON complaint_assignments TO almoner_partner;

-- The messages between the complainant and those who work on the complaint.
CREATE TABLE complaint_messages (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    message_id uuid NOT NULL,
    author text NOT NULL CHECK (author IN ('complainant', 'council', 'service')),
    officer_id uuid,
    guest_id uuid,
    written_at timestamptz NOT NULL,
    text bytea NOT NULL,
    -- When an officer passed on to the guests what the complainant wrote. What the council wrote is there for them from the first.
    passed_on_at timestamptz,
    -- The officers of the council's desk whose names the message may have in it. It is closed to them until another passes it on.
    names uuid[] NOT NULL,
    -- Whether the complainant is owed it in writing; and how and when they were given it who do not follow the complaint with its code.
    in_writing boolean NOT NULL,
    given_by text CHECK (given_by IN ('phone', 'in_person', 'post', 'hand', 'read', 'email', 'app')),
    given_on date,
    PRIMARY KEY (council_id, complaint_id, message_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, guest_id) REFERENCES guests (council_id, guest_id),
    CHECK (num_nonnulls(officer_id, guest_id) = (author = 'council')::int),
    CHECK (num_nonnulls(given_by, given_on) IN (0, 2)),
    CHECK (author <> 'complainant' OR (given_on IS NULL AND NOT in_writing))
);
-- What waits for an officer is looked for in all complaints that somebody has.
CREATE INDEX complaint_messages_waiting ON complaint_messages (council_id, complaint_id) WHERE passed_on_at IS NULL;
CREATE INDEX complaint_messages_officer ON complaint_messages (council_id, officer_id);
CREATE INDEX complaint_messages_guest ON complaint_messages (council_id, guest_id);
SELECT app.secure_table('complaint_messages');
CREATE POLICY complaints ON complaint_messages TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[])
        AND (passed_on_at IS NOT NULL OR (app.officer() IS NOT NULL AND app.officer() <> ALL (names))));
CREATE POLICY worker ON complaint_messages TO almoner_worker USING (council_id = app.council());
-- What is known against somebody is looked for in every message, whoever may read it.
CREATE POLICY identity ON complaint_messages TO almoner_identity USING (council_id = app.council());
CREATE POLICY partner ON complaint_messages TO almoner_partner USING (council_id = app.council() AND complaint_id = app.complaint());
GRANT SELECT, INSERT, UPDATE (passed_on_at, given_by, given_on) ON complaint_messages TO almoner_complaints;
GRANT SELECT, INSERT ON complaint_messages TO almoner_worker;
GRANT SELECT (council_id, complaint_id, message_id, author, written_at, text, passed_on_at, names) ON complaint_messages
    TO almoner_identity;
GRANT SELECT (council_id, complaint_id, message_id, author, written_at, text, in_writing, given_by, given_on), INSERT ON complaint_messages
    TO almoner_partner;

-- The times for which somebody opened the identity of a confidential complainant, each with its reason, sealed under the complaint's key.
CREATE TABLE complaint_unsealings (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    unsealing_id uuid NOT NULL,
    officer_id uuid,
    guest_id uuid,
    reason bytea NOT NULL,
    unsealed_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > unsealed_at),
    PRIMARY KEY (council_id, complaint_id, unsealing_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, guest_id) REFERENCES guests (council_id, guest_id),
    CHECK (num_nonnulls(officer_id, guest_id) = 1)
);
CREATE INDEX complaint_unsealings_officer ON complaint_unsealings (council_id, officer_id);
CREATE INDEX complaint_unsealings_guest ON complaint_unsealings (council_id, guest_id);
SELECT app.secure_table('complaint_unsealings');
CREATE POLICY complaints ON complaint_unsealings TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY partner ON complaint_unsealings TO almoner_partner USING (council_id = app.council() AND complaint_id = app.complaint());
GRANT SELECT, INSERT ON complaint_unsealings TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, unsealing_id, reason, unsealed_at, ends_at) ON complaint_unsealings TO almoner_partner;

-- The interests that an officer declares: a practice, or a name of somebody close to them. What is about either is not offered to them.
CREATE TABLE complaint_interests (
    council_id uuid NOT NULL,
    officer_id uuid NOT NULL,
    interest_id uuid NOT NULL,
    practice_id uuid REFERENCES practices,
    -- The name, sealed under the council's root key.
    name bytea,
    declared_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    PRIMARY KEY (council_id, officer_id, interest_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    CHECK (num_nonnulls(practice_id, name) = 1)
);
CREATE INDEX complaint_interests_practice ON complaint_interests (practice_id);
SELECT app.secure_table('complaint_interests');
CREATE POLICY complaints ON complaint_interests TO almoner_complaints USING (council_id = app.council() AND officer_id = app.officer());
CREATE POLICY worker ON complaint_interests TO almoner_worker USING (council_id = app.council());
-- Whoever lets a colleague in is told that they have declared an interest, and not which.
CREATE POLICY identity ON complaint_interests TO almoner_identity USING (council_id = app.council());
GRANT SELECT, INSERT, UPDATE (withdrawn_at) ON complaint_interests TO almoner_complaints;
GRANT SELECT ON complaint_interests TO almoner_worker, almoner_identity;
