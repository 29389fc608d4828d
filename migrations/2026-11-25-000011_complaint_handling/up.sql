-- What is done with a complaint: its heads and what was found on each, the response, the actions that follow, what the complainant asks
-- for, the Ombudsman. All of it is open to those to whom the complaint is assigned; to the complainant, what is for them.

-- The heads of a complaint, each with what was found.
CREATE TABLE complaint_heads (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    head_id uuid NOT NULL,
    key_id uuid NOT NULL,
    statement bytea NOT NULL,
    about text NOT NULL CHECK (about IN ('practice', 'staff', 'decision', 'service', 'council')),
    theme text NOT NULL CHECK (theme IN ('delay', 'communication', 'conduct', 'assessment', 'decision', 'quality', 'money', 'safety',
        'records', 'fairness', 'other')),
    -- What was found, with the remedy, sealed under the complaint's key.
    finding bytea,
    outcome text CHECK (outcome IN ('well_founded', 'partly_well_founded', 'not_well_founded', 'inconclusive')),
    -- Why the head is held while somebody else looks into the same, sealed, and until when.
    hold bytea,
    held_until date,
    raised_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, complaint_id, head_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK ((finding IS NULL) = (outcome IS NULL)),
    CHECK ((hold IS NULL) = (held_until IS NULL))
);
CREATE INDEX complaint_heads_key ON complaint_heads (council_id, key_id);
SELECT app.secure_table('complaint_heads');
CREATE POLICY complaints ON complaint_heads TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY worker ON complaint_heads TO almoner_worker, almoner_intake USING (council_id = app.council());
CREATE POLICY partner ON complaint_heads TO almoner_partner USING (council_id = app.council() AND complaint_id = app.complaint());
GRANT SELECT, INSERT, UPDATE (statement, about, theme, finding, outcome, hold, held_until), DELETE ON complaint_heads TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, head_id, held_until) ON complaint_heads TO almoner_worker;
-- The annual report counts the themes, and what went to the Ombudsman.
GRANT SELECT (council_id, complaint_id, theme) ON complaint_heads TO almoner_intake;
GRANT SELECT (council_id, complaint_id, head_id, key_id, statement, about, theme, hold, held_until) ON complaint_heads TO almoner_partner;

-- The responses. A complaint that is reopened has another.
CREATE TABLE complaint_responses (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    response_id uuid NOT NULL,
    key_id uuid NOT NULL,
    -- The draft, and once it is signed the whole letter as data, sealed under the complaint's key.
    draft bytea NOT NULL,
    letter bytea,
    signed_by uuid,
    signed_at timestamptz,
    -- The outcome of the complaint as a whole, as it was signed.
    outcome text CHECK (outcome IN ('well_founded', 'partly_well_founded', 'not_well_founded', 'inconclusive')),
    sent_by text CHECK (sent_by IN ('post', 'hand', 'read', 'email', 'app')),
    sent_on date,
    -- The day by which the complaint was to be answered when it was sent.
    due_on date,
    PRIMARY KEY (council_id, complaint_id, response_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, signed_by) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (num_nonnulls(letter, signed_by, signed_at, outcome) IN (0, 4)),
    CHECK (num_nonnulls(sent_by, sent_on, due_on) IN (0, 3)),
    CHECK (sent_by IS NULL OR signed_at IS NOT NULL)
);
-- A response that has not been sent is the only one.
CREATE UNIQUE INDEX complaint_responses_one_at_a_time ON complaint_responses (council_id, complaint_id) WHERE sent_by IS NULL;
CREATE INDEX complaint_responses_signed_by ON complaint_responses (council_id, signed_by);
CREATE INDEX complaint_responses_key ON complaint_responses (council_id, key_id);
SELECT app.secure_table('complaint_responses');
CREATE POLICY complaints ON complaint_responses TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
-- A complainant who consented to it reads the response in the app.
CREATE POLICY partner ON complaint_responses TO almoner_partner
    USING (council_id = app.council() AND complaint_id = app.complaint() AND sent_by = 'app');
GRANT SELECT, INSERT, UPDATE (draft, letter, signed_by, signed_at, outcome, sent_by, sent_on, due_on) ON complaint_responses TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, response_id, key_id, letter, sent_by, sent_on) ON complaint_responses TO almoner_partner;
-- The annual report counts the responses that were sent.
CREATE POLICY intake ON complaint_responses TO almoner_intake USING (council_id = app.council() AND sent_on IS NOT NULL);
GRANT SELECT (council_id, complaint_id, response_id, outcome, sent_on, due_on) ON complaint_responses TO almoner_intake;

-- The officers whom the responsible person has authorised to sign responses (SI 2009/309 reg 4(3)).
CREATE TABLE complaint_signatories (
    council_id uuid NOT NULL REFERENCES councils,
    officer_id uuid NOT NULL,
    authorised_by uuid NOT NULL,
    authorised_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, officer_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, authorised_by) REFERENCES officers (council_id, officer_id)
);
CREATE INDEX complaint_signatories_by ON complaint_signatories (council_id, authorised_by);
SELECT app.secure_table('complaint_signatories');
CREATE POLICY complaints ON complaint_signatories TO almoner_complaints USING (council_id = app.council() AND app.officer() IS NOT NULL);
GRANT SELECT, INSERT, DELETE ON complaint_signatories TO almoner_complaints;

-- What the council, or a practice for it, does because of a complaint.
CREATE TABLE complaint_actions (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    action_id uuid NOT NULL,
    key_id uuid NOT NULL,
    -- What is done and whose it is, sealed under the complaint's key.
    content bytea NOT NULL,
    -- Whether the Ombudsman asked for it.
    for_ombudsman boolean NOT NULL,
    -- The stream of a matter that is dealt with apart, and the day on which it was confirmed that the complainant consented that it is
    -- sent to another body.
    stream text CHECK (stream IN ('data_protection', 'grievance', 'compliment', 'councillors_enquiry', 'fitness_to_practise',
        'disclosure_and_barring', 'other_body')),
    consented_on date,
    -- The assignment of whoever it is shown to, who has a part of the complaint alone.
    assignment_id uuid,
    due_on date NOT NULL,
    done_on date,
    -- What was done, sealed under the complaint's key.
    done bytea,
    PRIMARY KEY (council_id, complaint_id, action_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, complaint_id, assignment_id) REFERENCES complaint_assignments (council_id, complaint_id, assignment_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK ((done IS NULL) = (done_on IS NULL)),
    CHECK (COALESCE(stream = 'other_body', false) = (consented_on IS NOT NULL))
);
CREATE INDEX complaint_actions_key ON complaint_actions (council_id, key_id);
CREATE INDEX complaint_actions_to_do ON complaint_actions (council_id, complaint_id) WHERE done_on IS NULL;
CREATE INDEX complaint_actions_assignment ON complaint_actions (council_id, complaint_id, assignment_id);
SELECT app.secure_table('complaint_actions');
CREATE POLICY complaints ON complaint_actions TO almoner_complaints
    USING (council_id = app.council() AND (complaint_id = ANY ((SELECT app.assigned())::uuid[]) OR assignment_id = ANY ((SELECT app.shown())::uuid[])))
    WITH CHECK (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY worker ON complaint_actions TO almoner_worker, almoner_intake USING (council_id = app.council());
-- The identity role finds in which of those that are assigned to a caller something is due.
CREATE POLICY identity ON complaint_actions TO almoner_identity USING (council_id = app.council());
GRANT SELECT, INSERT, UPDATE (done_on, done) ON complaint_actions TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, action_id, for_ombudsman, stream, due_on, done_on) ON complaint_actions TO almoner_worker;
GRANT SELECT (council_id, complaint_id, done_on) ON complaint_actions TO almoner_identity;
-- The annual report counts what is done because of complaints.
GRANT SELECT (council_id, complaint_id, stream, due_on, done_on) ON complaint_actions TO almoner_intake;

-- What takes away from a complaint or turns it: a request, which counts once the contact given at lodging has confirmed it.
CREATE TABLE complaint_requests (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    request_id uuid NOT NULL,
    key_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('withdrawal', 'extension', 'contact', 'person', 'complainant', 'consent', 'may_see',
        'review')),
    -- The request, sealed under the complaint's key.
    content bytea NOT NULL,
    -- Who wrote it: whoever has the code, or somebody who works on the complaint.
    author text NOT NULL CHECK (author IN ('complainant', 'council')),
    -- The officers of the council's desk whose names the request may have in it. It is closed to them until another decides it.
    names uuid[] NOT NULL,
    made_at timestamptz NOT NULL,
    decide_by date NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    -- Whether it counts: it was confirmed, or a review found for the complainant.
    confirmed boolean,
    -- How the contact was told, and what was said, or the reasons of a review, sealed under the complaint's key.
    decision bytea,
    PRIMARY KEY (council_id, complaint_id, request_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, decided_by) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (num_nonnulls(decided_at, decided_by, confirmed, decision) IN (0, 4))
);
CREATE INDEX complaint_requests_by ON complaint_requests (council_id, decided_by);
CREATE INDEX complaint_requests_key ON complaint_requests (council_id, key_id);
CREATE INDEX complaint_requests_waiting ON complaint_requests (council_id, complaint_id) WHERE decided_at IS NULL;
SELECT app.secure_table('complaint_requests');
-- A request is the officers', like a message that nobody has passed on.
CREATE POLICY complaints ON complaint_requests TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[])
        AND app.officer() IS NOT NULL AND (decided_at IS NOT NULL OR app.officer() <> ALL (names)));
-- What is known against somebody is looked for in every request, whoever may read it.
CREATE POLICY identity ON complaint_requests TO almoner_identity USING (council_id = app.council());
CREATE POLICY worker ON complaint_requests TO almoner_worker USING (council_id = app.council());
CREATE POLICY partner ON complaint_requests TO almoner_partner USING (council_id = app.council() AND complaint_id = app.complaint());
GRANT SELECT, INSERT, UPDATE (decided_at, decided_by, confirmed, decision) ON complaint_requests TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, request_id, kind, content, names, made_at, decide_by, decided_at) ON complaint_requests TO almoner_worker;
GRANT SELECT (council_id, complaint_id, request_id, content, names, decided_at) ON complaint_requests TO almoner_identity;
GRANT SELECT (council_id, complaint_id, request_id, key_id, kind, author, made_at, decide_by, decided_at, confirmed, decision), INSERT
    ON complaint_requests TO almoner_partner;

-- Who decided what about a complaint, and when: that it is not considered, is settled or was withdrawn, what is answered, how the
-- complainant is limited. Whoever made one of these decisions reviews none that was made before the review was asked for.
CREATE TABLE complaint_decisions (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('not_considered', 'settled', 'withdrawn', 'answered', 'limited')),
    officer_id uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, complaint_id, decision_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id)
);
CREATE INDEX complaint_decisions_officer ON complaint_decisions (council_id, officer_id);
SELECT app.secure_table('complaint_decisions');
CREATE POLICY complaints ON complaint_decisions TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY worker ON complaint_decisions TO almoner_worker USING (council_id = app.council());
GRANT SELECT (council_id, complaint_id, officer_id, decided_at), INSERT ON complaint_decisions TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, officer_id, decided_at) ON complaint_decisions TO almoner_worker;

-- The plans and periods of a complaint as they came about (SI 2009/309 reg 17): how it was to be looked into, the day by which it was to be
-- answered, and the day that stood before.
CREATE TABLE complaint_periods (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    period_id uuid NOT NULL,
    key_id uuid NOT NULL,
    origin text NOT NULL CHECK (origin IN ('agreed', 'determined', 'extended', 'begun_anew')),
    -- How it was to be looked into, sealed under the complaint's key.
    handling bytea,
    respond_by date NOT NULL,
    before date NOT NULL,
    officer_id uuid,
    guest_id uuid,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, complaint_id, period_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, guest_id) REFERENCES guests (council_id, guest_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (num_nonnulls(officer_id, guest_id) = 1),
    CHECK ((handling IS NOT NULL) = (origin IN ('agreed', 'determined')))
);
CREATE INDEX complaint_periods_officer ON complaint_periods (council_id, officer_id);
CREATE INDEX complaint_periods_guest ON complaint_periods (council_id, guest_id);
CREATE INDEX complaint_periods_key ON complaint_periods (council_id, key_id);
SELECT app.secure_table('complaint_periods');
CREATE POLICY complaints ON complaint_periods TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
GRANT SELECT, INSERT ON complaint_periods TO almoner_complaints;

-- The limits on how a complainant reaches those who have their complaint: which contact, how often, why, and until when.
CREATE TABLE complaint_limits (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    key_id uuid NOT NULL,
    -- The limits and the reasons, sealed under the complaint's key.
    content bytea NOT NULL,
    until date NOT NULL,
    PRIMARY KEY (council_id, complaint_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id)
);
CREATE INDEX complaint_limits_key ON complaint_limits (council_id, key_id);
SELECT app.secure_table('complaint_limits');
CREATE POLICY complaints ON complaint_limits TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY partner ON complaint_limits TO almoner_partner USING (council_id = app.council() AND complaint_id = app.complaint());
GRANT SELECT, INSERT, UPDATE (content, until), DELETE ON complaint_limits TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, content, until) ON complaint_limits TO almoner_partner;

-- What is shown to the subject of a complaint who is heard: heads, as they were when the hearing was opened.
CREATE TABLE complaint_hearings (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    hearing_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    head_id uuid NOT NULL,
    key_id uuid NOT NULL,
    statement bytea NOT NULL,
    -- The day by which it is answered.
    answer_by date NOT NULL,
    PRIMARY KEY (council_id, complaint_id, hearing_id),
    FOREIGN KEY (council_id, complaint_id, assignment_id) REFERENCES complaint_assignments (council_id, complaint_id, assignment_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id)
);
CREATE INDEX complaint_hearings_assignment ON complaint_hearings (council_id, complaint_id, assignment_id);
CREATE INDEX complaint_hearings_key ON complaint_hearings (council_id, key_id);
SELECT app.secure_table('complaint_hearings');
CREATE POLICY complaints ON complaint_hearings TO almoner_complaints
    USING (council_id = app.council() AND (complaint_id = ANY ((SELECT app.assigned())::uuid[]) OR assignment_id = ANY ((SELECT app.shown())::uuid[])))
    WITH CHECK (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
-- The worker sees who has not answered in time.
CREATE POLICY worker ON complaint_hearings TO almoner_worker USING (council_id = app.council());
GRANT SELECT, INSERT ON complaint_hearings TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, hearing_id, assignment_id, answer_by) ON complaint_hearings TO almoner_worker;

-- What is shown to an employer's lead: a notice, in the words of the officer who gave it.
CREATE TABLE complaint_notices (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    key_id uuid NOT NULL,
    notice bytea NOT NULL,
    PRIMARY KEY (council_id, complaint_id, assignment_id),
    FOREIGN KEY (council_id, complaint_id, assignment_id) REFERENCES complaint_assignments (council_id, complaint_id, assignment_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id)
);
CREATE INDEX complaint_notices_key ON complaint_notices (council_id, key_id);
SELECT app.secure_table('complaint_notices');
CREATE POLICY complaints ON complaint_notices TO almoner_complaints
    USING (council_id = app.council() AND (complaint_id = ANY ((SELECT app.assigned())::uuid[]) OR assignment_id = ANY ((SELECT app.shown())::uuid[])))
    WITH CHECK (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
GRANT SELECT, INSERT ON complaint_notices TO almoner_complaints;

-- What somebody answered to whom a part of a complaint is shown.
CREATE TABLE complaint_answers (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    answer_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    key_id uuid NOT NULL,
    written_at timestamptz NOT NULL,
    text bytea NOT NULL,
    PRIMARY KEY (council_id, complaint_id, answer_id),
    FOREIGN KEY (council_id, complaint_id, assignment_id) REFERENCES complaint_assignments (council_id, complaint_id, assignment_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id)
);
CREATE INDEX complaint_answers_assignment ON complaint_answers (council_id, complaint_id, assignment_id);
CREATE INDEX complaint_answers_key ON complaint_answers (council_id, key_id);
SELECT app.secure_table('complaint_answers');
CREATE POLICY complaints ON complaint_answers TO almoner_complaints
    USING (council_id = app.council() AND (complaint_id = ANY ((SELECT app.assigned())::uuid[]) OR assignment_id = ANY ((SELECT app.shown())::uuid[])))
    WITH CHECK (council_id = app.council() AND assignment_id = ANY ((SELECT app.shown())::uuid[]));
CREATE POLICY worker ON complaint_answers TO almoner_worker USING (council_id = app.council());
GRANT SELECT, INSERT ON complaint_answers TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, answer_id, assignment_id) ON complaint_answers TO almoner_worker;

-- The assignments of officers to whom the complainant objects. Such an officer has the complaint until another has opened it.
CREATE TABLE complaint_objections (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    objected_at timestamptz NOT NULL,
    -- Since when nobody is left who could open it in their place, and when the responsible person decided that they keep it.
    nobody_left_since timestamptz,
    kept_at timestamptz,
    PRIMARY KEY (council_id, complaint_id, assignment_id),
    FOREIGN KEY (council_id, complaint_id, assignment_id) REFERENCES complaint_assignments (council_id, complaint_id, assignment_id)
);
SELECT app.secure_table('complaint_objections');
CREATE POLICY complaints ON complaint_objections TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY worker ON complaint_objections TO almoner_worker USING (council_id = app.council());
-- It tells a complainant to whom somebody objected with their code.
CREATE POLICY identity ON complaint_objections TO almoner_identity USING (true);
CREATE POLICY partner ON complaint_objections TO almoner_partner USING (council_id = app.council() AND complaint_id = app.complaint());
GRANT SELECT, UPDATE (kept_at) ON complaint_objections TO almoner_complaints;
GRANT SELECT, UPDATE (nobody_left_since) ON complaint_objections TO almoner_worker;
GRANT SELECT (council_id, complaint_id, assignment_id, objected_at) ON complaint_objections TO almoner_identity;
GRANT SELECT (council_id, complaint_id, assignment_id, objected_at), INSERT, UPDATE (objected_at, nobody_left_since, kept_at)
    ON complaint_objections TO almoner_partner;

-- The clocks that ran out, each of which came before the responsible person once for each day that passed.
CREATE TABLE complaint_escalations (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    clock text NOT NULL CHECK (clock IN ('unacknowledged', 'confirmation', 'acknowledgement', 'plan', 'progress', 'held_head', 'request',
        'answer_message', 'objection', 'receipt', 'written_record', 'give_message', 'part', 'response', 'response_latest', 'delay', 'action', 'remedy', 'close', 'silence', 'gone')),
    due_on date NOT NULL,
    escalated_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, complaint_id, clock, due_on),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id)
);
SELECT app.secure_table('complaint_escalations');
CREATE POLICY complaints ON complaint_escalations TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY worker ON complaint_escalations TO almoner_worker USING (council_id = app.council());
GRANT SELECT ON complaint_escalations TO almoner_complaints;
GRANT SELECT, INSERT ON complaint_escalations TO almoner_worker;

-- What is recorded of a complaint that was taken to the Ombudsman. The newest entry counts; those before stay.
CREATE TABLE complaint_ombudsman (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    key_id uuid NOT NULL,
    asked_on date NOT NULL,
    -- The reference and the decision in words, sealed under the complaint's key.
    content bytea NOT NULL,
    decision text CHECK (decision IN ('upheld', 'not_upheld', 'closed_initial')),
    decided_on date,
    officer_id uuid,
    guest_id uuid,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, complaint_id, entry_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, guest_id) REFERENCES guests (council_id, guest_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (num_nonnulls(officer_id, guest_id) = 1),
    CHECK ((decision IS NULL) = (decided_on IS NULL))
);
CREATE INDEX complaint_ombudsman_officer ON complaint_ombudsman (council_id, officer_id);
CREATE INDEX complaint_ombudsman_guest ON complaint_ombudsman (council_id, guest_id);
CREATE INDEX complaint_ombudsman_key ON complaint_ombudsman (council_id, key_id);
SELECT app.secure_table('complaint_ombudsman');
CREATE POLICY complaints ON complaint_ombudsman TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY intake ON complaint_ombudsman TO almoner_intake USING (council_id = app.council());
GRANT SELECT, INSERT ON complaint_ombudsman TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, entry_id, decision) ON complaint_ombudsman TO almoner_intake;

-- The oral concerns that were settled at a practice's desk, each with the last day on which the person confirms it.
CREATE TABLE complaint_concerns (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    confirm_by date NOT NULL,
    PRIMARY KEY (council_id, complaint_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id)
);
SELECT app.secure_table('complaint_concerns');
CREATE POLICY complaints ON complaint_concerns TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY intake ON complaint_concerns TO almoner_intake, almoner_worker USING (council_id = app.council());
GRANT SELECT ON complaint_concerns TO almoner_complaints, almoner_worker;
GRANT INSERT ON complaint_concerns TO almoner_intake;

-- When the matter of a complaint happened and came to the complainant's notice (SI 2009/309 reg 12), and why the complaint is looked into
-- although it came late, sealed under the complaint's key.
CREATE TABLE complaint_timeliness (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    key_id uuid NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (council_id, complaint_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id)
);
CREATE INDEX complaint_timeliness_key ON complaint_timeliness (council_id, key_id);
SELECT app.secure_table('complaint_timeliness');
CREATE POLICY complaints ON complaint_timeliness TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY intake ON complaint_timeliness TO almoner_intake USING (council_id = app.council());
GRANT SELECT, INSERT, UPDATE (content) ON complaint_timeliness TO almoner_complaints;
GRANT INSERT ON complaint_timeliness TO almoner_intake;

-- The checks of a representative: whether they may complain for the person, and act in their best interests (SI 2009/309 reg 5).
CREATE TABLE complaint_representative_checks (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    check_id uuid NOT NULL,
    key_id uuid NOT NULL,
    -- Who was checked, what was seen, and the words, sealed under the complaint's key.
    content bytea NOT NULL,
    checked_on date NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('satisfied', 'no_authority', 'child_needs_none', 'not_in_best_interests')),
    officer_id uuid,
    guest_id uuid,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, complaint_id, check_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, guest_id) REFERENCES guests (council_id, guest_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (num_nonnulls(officer_id, guest_id) = 1)
);
CREATE INDEX complaint_representative_checks_officer ON complaint_representative_checks (council_id, officer_id);
CREATE INDEX complaint_representative_checks_guest ON complaint_representative_checks (council_id, guest_id);
CREATE INDEX complaint_representative_checks_key ON complaint_representative_checks (council_id, key_id);
SELECT app.secure_table('complaint_representative_checks');
CREATE POLICY complaints ON complaint_representative_checks TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY partner ON complaint_representative_checks TO almoner_partner
    USING (council_id = app.council() AND complaint_id = app.complaint());
GRANT SELECT, INSERT ON complaint_representative_checks TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, check_id, checked_on, outcome) ON complaint_representative_checks TO almoner_partner;

-- The documents of a complaint, sealed and stored like all documents: a row has the key of its content, sealed under the complaint's key.
-- No practice and no system of the council has anything of them.
CREATE TABLE complaint_documents (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    document_id uuid NOT NULL,
    -- Who sent the document: whoever has the code, or somebody who works on the complaint.
    author text NOT NULL CHECK (author IN ('complainant', 'council')),
    officer_id uuid,
    guest_id uuid,
    kind text NOT NULL CHECK (kind IN ('pdf', 'jpeg', 'png', 'heic', 'docx', 'odt', 'txt', 'mp3', 'm4a')),
    size bigint NOT NULL CHECK (size > 0),
    key_id uuid NOT NULL,
    -- The name and the hash of the content, sealed under the complaint's key.
    details bytea NOT NULL,
    object_id uuid NOT NULL,
    content_key bytea,
    status text NOT NULL DEFAULT 'quarantined' CHECK (status IN ('quarantined', 'clean', 'infected')),
    sent_at timestamptz NOT NULL,
    scanned_at timestamptz,
    -- When an officer passed on to the guests what the complainant sent. What the council sent is there for them from the first.
    passed_on_at timestamptz,
    -- The officers of the council's desk whose names may stand in the name of the document. It is closed to them until another passes
    -- it on.
    names uuid[] NOT NULL,
    PRIMARY KEY (council_id, document_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, guest_id) REFERENCES guests (council_id, guest_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (num_nonnulls(officer_id, guest_id) = (author = 'council')::int),
    CHECK ((status = 'quarantined') = (scanned_at IS NULL)),
    CHECK (status <> 'infected' OR content_key IS NULL)
);
CREATE INDEX complaint_documents_complaint ON complaint_documents (council_id, complaint_id, document_id);
CREATE INDEX complaint_documents_waiting ON complaint_documents (council_id, complaint_id) WHERE passed_on_at IS NULL;
CREATE INDEX complaint_documents_officer ON complaint_documents (council_id, officer_id);
CREATE INDEX complaint_documents_guest ON complaint_documents (council_id, guest_id);
CREATE INDEX complaint_documents_key ON complaint_documents (council_id, key_id);
CREATE INDEX complaint_documents_object ON complaint_documents (council_id, object_id);
SELECT app.secure_table('complaint_documents');
-- A document is open as a message is.
CREATE POLICY complaints ON complaint_documents TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[])
        AND (passed_on_at IS NOT NULL OR (app.officer() IS NOT NULL AND app.officer() <> ALL (names))));
-- The worker has documents scanned, and looks for whom their names mean.
CREATE POLICY worker ON complaint_documents TO almoner_worker USING (council_id = app.council());
-- What is known against somebody is looked for in the name of every document, and how many there are is counted, whoever may read them.
CREATE POLICY identity ON complaint_documents TO almoner_identity USING (council_id = app.council());
-- Whoever has the code sees what came with it.
CREATE POLICY partner ON complaint_documents TO almoner_partner
    USING (council_id = app.council() AND complaint_id = app.complaint() AND author = 'complainant');
-- Not the status: whatever is sent in waits for the scanner.
GRANT SELECT, INSERT (council_id, complaint_id, document_id, author, officer_id, guest_id, kind, size, key_id, details, object_id,
    content_key, sent_at, passed_on_at, names), UPDATE (passed_on_at) ON complaint_documents TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, document_id, kind, size, key_id, object_id, content_key, status, sent_at, passed_on_at, names),
    UPDATE (status, content_key, scanned_at) ON complaint_documents TO almoner_worker;
GRANT SELECT (council_id, complaint_id, document_id, author, size, details, sent_at, passed_on_at, names) ON complaint_documents
    TO almoner_identity;
GRANT SELECT (council_id, complaint_id, document_id, author, kind, size, details, status, sent_at, scanned_at),
    INSERT (council_id, complaint_id, document_id, author, kind, size, key_id, details, object_id, content_key, sent_at, names)
    ON complaint_documents TO almoner_partner;

-- The safeguarding concerns of which a council's duty is told: that somebody is in danger or may be, who it is, and where. Nothing here
-- says that there is a complaint.
CREATE TABLE safeguarding_alerts (
    council_id uuid NOT NULL REFERENCES councils,
    alert_id uuid NOT NULL,
    danger_now text NOT NULL CHECK (danger_now IN ('yes', 'unsure', 'no')),
    -- The hash of the person's NHS number, by which it is known who at the duty decided for the person.
    nhs_number_token bytea,
    -- The person, the place and what the duty must know, sealed under the council's root key.
    content bytea NOT NULL,
    raised_at timestamptz NOT NULL,
    taken_by uuid,
    taken_at timestamptz,
    -- What was done, sealed under the council's root key.
    done bytea,
    PRIMARY KEY (council_id, alert_id),
    FOREIGN KEY (council_id, taken_by) REFERENCES officers (council_id, officer_id),
    CHECK (num_nonnulls(taken_by, taken_at, done) IN (0, 3))
);
CREATE INDEX safeguarding_alerts_taken_by ON safeguarding_alerts (council_id, taken_by);
CREATE INDEX safeguarding_alerts_nhs_number ON safeguarding_alerts (council_id, nhs_number_token) WHERE nhs_number_token IS NOT NULL;
SELECT app.secure_table('safeguarding_alerts');
CREATE POLICY council ON safeguarding_alerts TO almoner_council USING (council_id = app.council() AND app.officer() IS NOT NULL);
CREATE POLICY intake ON safeguarding_alerts TO almoner_intake, almoner_worker USING (council_id = app.council());
CREATE POLICY identity ON safeguarding_alerts TO almoner_identity USING (true);
GRANT SELECT, UPDATE (taken_by, taken_at, done) ON safeguarding_alerts TO almoner_council;
GRANT SELECT (council_id, nhs_number_token, taken_by, taken_at) ON safeguarding_alerts TO almoner_identity;
GRANT INSERT ON safeguarding_alerts TO almoner_intake;
GRANT SELECT (council_id, alert_id, taken_at) ON safeguarding_alerts TO almoner_worker;
-- The receipt of a complaint gives the number of the council's duty.
GRANT SELECT (emergency_duty_phone) ON councils TO almoner_partner, almoner_complaints, almoner_intake;

-- Whoever is let in to a complaint is looked for at the practices with which its council has or had a contract.
CREATE POLICY identity ON contracts TO almoner_identity USING (true);
GRANT SELECT (practice_id, council_id) ON contracts TO almoner_identity;

-- What an officer releases to a practice of what was learnt from complaints, with the figures of a year if they choose. It names no
-- complaint and is no part of one: the practice reads it like a letter.
CREATE TABLE practice_learning (
    practice_id uuid NOT NULL REFERENCES practices,
    learning_id uuid NOT NULL,
    council_id uuid NOT NULL REFERENCES councils,
    -- The words and the figures, sealed under the practice's root key.
    content bytea NOT NULL,
    released_by uuid NOT NULL,
    released_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, learning_id),
    FOREIGN KEY (council_id, released_by) REFERENCES officers (council_id, officer_id)
);
CREATE INDEX practice_learning_of_a_council ON practice_learning (council_id, released_by);
SELECT app.secure_table('practice_learning');
CREATE POLICY practice ON practice_learning TO almoner_practice USING (practice_id = app.practice());
CREATE POLICY intake ON practice_learning TO almoner_intake
    USING (practice_id = app.practice() AND council_id = app.council());
GRANT SELECT (practice_id, learning_id, council_id, content, released_at) ON practice_learning TO almoner_practice;
GRANT SELECT, INSERT ON practice_learning TO almoner_intake;

-- The complaints of several complainants about the same, linked by an officer who had both, or by one with the agreement of another: a row
-- for each direction.
CREATE TABLE complaint_links (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    other_id uuid NOT NULL CHECK (other_id <> complaint_id),
    other_reference text NOT NULL,
    -- Whether an officer who has the one asked for it and one who has the other agreed: each then knows the reference of the other.
    agreed boolean NOT NULL,
    PRIMARY KEY (council_id, complaint_id, other_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, other_id) REFERENCES complaints (council_id, complaint_id)
);
CREATE INDEX complaint_links_other ON complaint_links (council_id, other_id);
SELECT app.secure_table('complaint_links');
CREATE POLICY complaints ON complaint_links TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY intake ON complaint_links TO almoner_intake USING (council_id = app.council());
GRANT SELECT, INSERT, UPDATE (agreed), DELETE ON complaint_links TO almoner_complaints;
-- The intake writes the direction that is not open to whoever agrees.
GRANT SELECT (council_id, complaint_id, other_id), INSERT, UPDATE (agreed) ON complaint_links TO almoner_intake;

-- The proposals to link a complaint with another about the same: a row in the complaint that asks, whether or not there is such another,
-- and one in the other, if there is. Neither shows more of the other than its reference.
CREATE TABLE complaint_link_proposals (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    -- The reference of the other, as it was given.
    reference text NOT NULL,
    -- The complaint that asks; NULL in that complaint itself.
    from_id uuid CHECK (from_id <> complaint_id),
    proposed_by text NOT NULL CHECK (proposed_by IN ('complainant', 'council')),
    proposed_at timestamptz NOT NULL,
    answered_by uuid,
    agreed boolean,
    PRIMARY KEY (council_id, complaint_id, proposal_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, from_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, answered_by) REFERENCES officers (council_id, officer_id),
    CHECK (num_nonnulls(answered_by, agreed) IN (0, 2)),
    CHECK (agreed IS NULL OR from_id IS NOT NULL)
);
CREATE INDEX complaint_link_proposals_from ON complaint_link_proposals (council_id, from_id);
CREATE INDEX complaint_link_proposals_answered_by ON complaint_link_proposals (council_id, answered_by);
SELECT app.secure_table('complaint_link_proposals');
CREATE POLICY complaints ON complaint_link_proposals TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]) AND app.officer() IS NOT NULL);
CREATE POLICY intake ON complaint_link_proposals TO almoner_intake USING (council_id = app.council());
GRANT SELECT, UPDATE (answered_by, agreed) ON complaint_link_proposals TO almoner_complaints;
GRANT INSERT ON complaint_link_proposals TO almoner_intake;

-- The record that an officer opened for looking into a complaint: of one person at the practice, in one period.
CREATE TABLE complaint_record_openings (
    council_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    opening_id uuid NOT NULL,
    practice_id uuid NOT NULL REFERENCES practices,
    service_user_id uuid NOT NULL,
    from_on date NOT NULL,
    until_on date NOT NULL CHECK (until_on >= from_on),
    -- Whether the guests who have the complaint whole read it too.
    for_guests boolean NOT NULL,
    -- Whether the complainant is told: it is their own record, or that of the person for whom they act.
    told boolean NOT NULL,
    key_id uuid NOT NULL,
    -- Why it is looked into, sealed under the complaint's key.
    reason bytea NOT NULL,
    opened_by uuid NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (council_id, complaint_id, opening_id),
    FOREIGN KEY (council_id, complaint_id) REFERENCES complaints (council_id, complaint_id),
    FOREIGN KEY (council_id, opened_by) REFERENCES officers (council_id, officer_id),
    FOREIGN KEY (council_id, key_id) REFERENCES sealing_keys (owner_id, key_id)
);
CREATE UNIQUE INDEX complaint_record_openings_one_at_a_time ON complaint_record_openings (council_id, complaint_id) WHERE closed_at IS NULL;
CREATE INDEX complaint_record_openings_by ON complaint_record_openings (council_id, opened_by);
CREATE INDEX complaint_record_openings_key ON complaint_record_openings (council_id, key_id);
CREATE INDEX complaint_record_openings_practice ON complaint_record_openings (practice_id);
CREATE INDEX complaint_record_openings_person ON complaint_record_openings (council_id, practice_id, service_user_id);
SELECT app.secure_table('complaint_record_openings');
CREATE POLICY complaints ON complaint_record_openings TO almoner_complaints
    USING (council_id = app.council() AND complaint_id = ANY ((SELECT app.assigned())::uuid[]));
CREATE POLICY partner ON complaint_record_openings TO almoner_partner
    USING (council_id = app.council() AND complaint_id = app.complaint() AND told);
-- The council tells a person who asks for what it has of them when their record was open, in whichever complaint.
CREATE POLICY identity ON complaint_record_openings TO almoner_identity USING (council_id = app.council());
GRANT SELECT, INSERT, UPDATE (closed_at) ON complaint_record_openings TO almoner_complaints;
GRANT SELECT (council_id, complaint_id, opening_id, practice_id, service_user_id, from_on, until_on, opened_by, opened_at, closed_at)
    ON complaint_record_openings TO almoner_identity;
GRANT SELECT (council_id, complaint_id, opening_id, from_on, until_on, told, reason, opened_at, closed_at) ON complaint_record_openings TO almoner_partner;

-- The role that reads such a record: of one person at one practice, what was done for this council or for none, whoever is restricted or
-- excluded there. It writes nothing, and so nothing at the practice tells of it.
CREATE POLICY record ON service_users TO almoner_record USING (practice_id = app.practice() AND service_user_id = app.recorded());
CREATE POLICY record ON cases TO almoner_record
    USING (practice_id = app.practice() AND service_user_id = app.recorded() AND council_id = app.council());
CREATE POLICY record ON case_notes TO almoner_record
    USING (practice_id = app.practice() AND service_user_id = app.recorded() AND status = 'final');
CREATE POLICY record ON referrals TO almoner_record
    USING (practice_id = app.practice() AND service_user_id = app.recorded() AND council_id = app.council());
CREATE POLICY record ON documents TO almoner_record
    USING (practice_id = app.practice() AND app.recorded() IN (service_user_id, about_id) AND status = 'clean');
-- A warning that another council sent tells of its work.
CREATE POLICY record ON warning_notes TO almoner_record USING (practice_id = app.practice() AND service_user_id = app.recorded()
    AND (council_id IS NULL OR council_id = app.council()));
CREATE POLICY record ON staff TO almoner_record USING (practice_id = app.practice());
CREATE POLICY record ON sealing_keys TO almoner_record USING (owner_id = app.practice());
GRANT SELECT (practice_id, service_user_id, key_id, details) ON service_users TO almoner_record;
GRANT SELECT (practice_id, case_id, service_user_id, council_id, function, priority, status, opened_at, opened_by, closed_at, ground, outcome)
    ON cases TO almoner_record;
GRANT SELECT (practice_id, note_id, case_id, service_user_id, status, author_id, kind, happened_at, written_at, text, in_error_at, in_error_reason)
    ON case_notes TO almoner_record;
GRANT SELECT (practice_id, referral_id, service_user_id, council_id, council_request_id, function, urgency, status, received_at, decided_at, decided_by, decline_reason)
    ON referrals TO almoner_record;
GRANT SELECT (practice_id, document_id, service_user_id, about_id, case_id, referral_id, status, kind, size, key_id, details, sent_by, sent_at, erased_at, erased_by)
    ON documents TO almoner_record;
GRANT SELECT (practice_id, warning_note_id, service_user_id, key_id, status, content, council_id, written_by, written_at)
    ON warning_notes TO almoner_record;
GRANT SELECT (practice_id, staff_id, name) ON staff TO almoner_record;
GRANT SELECT ON sealing_keys TO almoner_record;
