-- The people whom a practice serves, the tokens with which they are searched for, and the access restrictions on their
-- records: restrictions, exclusions and break-glass access.

CREATE TABLE service_users (
    practice_id uuid NOT NULL REFERENCES practices,
    service_user_id uuid NOT NULL,
    -- Restricted, or somebody is excluded; and the team that works with the person. One foreign key carries both into every
    -- table about the person.
    access_restricted boolean NOT NULL DEFAULT false,
    team_id uuid NOT NULL,
    key_id uuid NOT NULL,
    details bytea NOT NULL,
    -- What referrals say of the person and the record does not, with what was decided on it.
    from_referrals bytea,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    -- The part of `access_restricted` that may be shown: a person from whom a neighbour is excluded is access-restricted,
    -- and nothing says so.
    restricted boolean NOT NULL DEFAULT false,
    -- The warning notes in force, so that whoever reads the person has them without a second look.
    warnings bytea,
    PRIMARY KEY (practice_id, service_user_id),
    UNIQUE (practice_id, service_user_id, access_restricted, team_id),
    FOREIGN KEY (practice_id, team_id) REFERENCES teams (practice_id, team_id),
    FOREIGN KEY (practice_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (access_restricted OR NOT restricted)
);
CREATE INDEX service_users_team ON service_users (practice_id, team_id);
CREATE INDEX service_users_key ON service_users (practice_id, key_id);
SELECT app.secure_table('service_users');
SELECT app.restrict_to_open_people('service_users');
-- The intake writes `access_restricted` and `restricted`, because a caller who restricts a record to others does not see it
-- any more.
CREATE POLICY intake ON service_users TO almoner_intake USING (practice_id = app.practice());
-- A record that an acceptance opened is removed if the acceptance is undone and nothing has come of it.
GRANT SELECT, INSERT, UPDATE (details, from_referrals, warnings, version, changed_at), DELETE ON service_users TO almoner_practice;
GRANT SELECT (practice_id, service_user_id, key_id, restricted, version), UPDATE (access_restricted, restricted, version) ON service_users TO almoner_intake;

-- A notice names at most one person. Notices stand below the people, so this key is made here.
ALTER TABLE notices ADD FOREIGN KEY (practice_id, service_user_id) REFERENCES service_users (practice_id, service_user_id);

-- Search compares keyed hashes of words, their beginnings and their sounds.
CREATE TABLE search_tokens (
    practice_id uuid NOT NULL,
    token bytea NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL DEFAULT false,
    team_id uuid NOT NULL,
    -- With what the row policy asks, so that a search reads this index alone.
    PRIMARY KEY (practice_id, token, service_user_id) INCLUDE (access_restricted, team_id),
    CONSTRAINT search_tokens_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE
);
CREATE INDEX search_tokens_of_a_person ON search_tokens (practice_id, service_user_id, access_restricted, team_id);
SELECT app.secure_table('search_tokens');
SELECT app.restrict_to_open_people('search_tokens');
-- The intake may check whether the person of an arriving referral is known; it reads no record.
CREATE POLICY intake ON search_tokens TO almoner_intake USING (practice_id = app.practice());
GRANT SELECT, INSERT, DELETE ON search_tokens TO almoner_practice;
GRANT SELECT ON search_tokens TO almoner_intake;

-- The history of what is known of people: every detail of their records, each with its source, the day from which it holds as
-- far as is known, and when it was recorded and ended. The record itself (`service_users.details`) has what holds now, for one reading; nothing here is changed
-- but to be ended.
CREATE TABLE person_facts (
    practice_id uuid NOT NULL,
    fact_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL,
    team_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('name', 'pronouns', 'former_name', 'also_known_as', 'date_of_birth',
        'date_of_death', 'nhs_number', 'council_person_id', 'gender', 'ethnicity', 'address', 'temporary_address',
        'ordinary_residence', 'accommodation_status', 'gp_practice_code', 'phone', 'email', 'contact', 'safe_contact',
        'preferred_contact', 'language', 'communication_need', 'reasonable_adjustment',
        'primary_support_reason', 'employment_status', 'has_unpaid_carer', 'autism', 'visual_impairment',
        'hearing_impairment', 'dementia', 'client_funding_status')),
    value bytea NOT NULL,
    source text NOT NULL CHECK (source IN ('practice', 'referral')),
    referral_id uuid,
    holds_from date NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    ended_by uuid,
    ended_at timestamptz,
    PRIMARY KEY (practice_id, fact_id),
    CONSTRAINT person_facts_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, recorded_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, ended_by) REFERENCES staff (practice_id, staff_id),
    CHECK ((source = 'referral') = (referral_id IS NOT NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
-- A page of the history is read from it, the newest entries first.
CREATE INDEX person_facts_person ON person_facts (practice_id, service_user_id, access_restricted, team_id, fact_id);
CREATE INDEX person_facts_recorded_by ON person_facts (practice_id, recorded_by);
CREATE INDEX person_facts_ended_by ON person_facts (practice_id, ended_by);
CREATE INDEX person_facts_referral ON person_facts (practice_id, referral_id);
SELECT app.secure_table('person_facts');
SELECT app.restrict_to_open_people('person_facts');
GRANT SELECT, INSERT, UPDATE (ended_by, ended_at), DELETE ON person_facts TO almoner_practice;

-- What people are to one another: family, unpaid carers, representatives. A row is about one person or about two, and whoever may not see
-- both of two does not see it. What is said is sealed under the key of the person in whose record it was written.
CREATE TABLE relationships (
    practice_id uuid NOT NULL,
    relationship_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL,
    team_id uuid NOT NULL,
    -- The other, if they have a record.
    other_service_user_id uuid,
    other_access_restricted boolean,
    other_team_id uuid,
    key_id uuid NOT NULL,
    content bytea NOT NULL,
    referral_id uuid,
    written_by uuid NOT NULL,
    written_at timestamptz NOT NULL,
    ended_because text CHECK (ended_because IN ('over', 'entered_in_error')),
    ended_on date,
    ended_by uuid,
    ended_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, relationship_id),
    CONSTRAINT relationships_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    CONSTRAINT relationships_other_fkey FOREIGN KEY (practice_id, other_service_user_id, other_access_restricted, other_team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    FOREIGN KEY (practice_id, written_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, ended_by) REFERENCES staff (practice_id, staff_id),
    CHECK (other_service_user_id <> service_user_id),
    CHECK ((other_service_user_id IS NULL) = (other_access_restricted IS NULL)
        AND (other_service_user_id IS NULL) = (other_team_id IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_because IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)
        AND (ended_at IS NULL) = (ended_on IS NULL))
);
CREATE INDEX relationships_person ON relationships (practice_id, service_user_id, access_restricted, team_id, relationship_id);
CREATE INDEX relationships_other ON relationships (practice_id, other_service_user_id, other_access_restricted, other_team_id, relationship_id);
-- Two people have one relationship that holds, whoever wrote it in whose record.
CREATE UNIQUE INDEX relationships_of_two ON relationships (practice_id, LEAST(service_user_id, other_service_user_id),
    GREATEST(service_user_id, other_service_user_id)) WHERE ended_at IS NULL AND other_service_user_id IS NOT NULL;
CREATE INDEX relationships_key ON relationships (practice_id, key_id);
CREATE INDEX relationships_written_by ON relationships (practice_id, written_by);
CREATE INDEX relationships_ended_by ON relationships (practice_id, ended_by);
CREATE INDEX relationships_referral ON relationships (practice_id, referral_id);
SELECT app.secure_table('relationships');
SELECT app.restrict_to_open_people('relationships', 'other_service_user_id IS NULL
    OR NOT other_access_restricted AND other_team_id = ANY ((SELECT app.open_teams())::uuid[])
    OR other_service_user_id = ANY ((SELECT app.open_people())::uuid[])');
GRANT SELECT, INSERT, UPDATE (content, ended_because, ended_on, ended_by, ended_at, version) ON relationships TO almoner_practice;

-- Warning notes: of a danger to whoever visits a person. One is in force until a review or a second person ends it: no day ends it by itself.
CREATE TABLE warning_notes (
    practice_id uuid NOT NULL,
    warning_note_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL,
    team_id uuid NOT NULL,
    key_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'in_force', 'refused', 'taken_back', 'ended', 'entered_in_error')),
    review_on date NOT NULL,
    -- The ground, the warning, the evidence, whether the person was told, and the reviews.
    content bytea NOT NULL,
    -- The referral that warned, and the council that sent it.
    referral_id uuid,
    council_id uuid,
    written_by uuid NOT NULL,
    written_at timestamptz NOT NULL,
    -- When it was no longer to be in force: refused, taken back, or ended by a review.
    ended_at timestamptz,
    -- Those who reviewed it or recorded whether the person was told, and when one of them or the writer last acted on it.
    acted_by uuid[] NOT NULL DEFAULT '{}',
    acted_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, warning_note_id),
    UNIQUE (practice_id, warning_note_id, service_user_id),
    CONSTRAINT warning_notes_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    FOREIGN KEY (practice_id, written_by) REFERENCES staff (practice_id, staff_id),
    CHECK ((ended_at IS NULL) = (status IN ('waiting', 'in_force'))),
    CHECK ((referral_id IS NULL) = (council_id IS NULL))
);
CREATE INDEX warning_notes_person ON warning_notes (practice_id, service_user_id, access_restricted, team_id, warning_note_id);
CREATE INDEX warning_notes_due ON warning_notes (practice_id, review_on, warning_note_id) WHERE status = 'in_force';
CREATE INDEX warning_notes_key ON warning_notes (practice_id, key_id);
CREATE INDEX warning_notes_written_by ON warning_notes (practice_id, written_by);
CREATE INDEX warning_notes_referral ON warning_notes (practice_id, referral_id);
SELECT app.secure_table('warning_notes');
SELECT app.restrict_to_open_people('warning_notes');
-- Who acted on a person's record is not let in to a complaint about their care.
CREATE POLICY identity ON warning_notes TO almoner_identity USING (true);
GRANT SELECT, INSERT, UPDATE (status, review_on, content, ended_at, acted_by, acted_at, version) ON warning_notes TO almoner_practice;
GRANT SELECT (practice_id, service_user_id, written_by, acted_by, acted_at) ON warning_notes TO almoner_identity;

-- Restrictions: the records that only the members of staff whom the restriction names may see.
CREATE TABLE restrictions (
    practice_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL,
    team_id uuid NOT NULL,
    reason bytea NOT NULL,
    ground text NOT NULL,
    review_on date NOT NULL,
    set_by uuid NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, service_user_id),
    CONSTRAINT restrictions_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, set_by) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX restrictions_person ON restrictions (practice_id, service_user_id, access_restricted, team_id);
CREATE INDEX restrictions_set_by ON restrictions (practice_id, set_by);
CREATE INDEX restrictions_due ON restrictions (practice_id, review_on, service_user_id);
SELECT app.secure_table('restrictions');
SELECT app.restrict_to_open_people('restrictions');
-- The identity role finds the records that the caller may see, once in each request.
CREATE POLICY identity ON restrictions TO almoner_identity USING (true);
CREATE POLICY intake ON restrictions TO almoner_intake USING (practice_id = app.practice());
CREATE POLICY worker ON restrictions TO almoner_worker USING (practice_id = app.practice());
GRANT SELECT, INSERT, DELETE ON restrictions TO almoner_practice;
GRANT SELECT (practice_id, service_user_id) ON restrictions TO almoner_identity, almoner_intake, almoner_worker;
GRANT SELECT (set_by, set_at) ON restrictions TO almoner_identity;

-- The members of staff whom a restriction names, who may see the record.
CREATE TABLE restriction_staff (
    practice_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL,
    team_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    PRIMARY KEY (practice_id, service_user_id, staff_id),
    FOREIGN KEY (practice_id, service_user_id) REFERENCES restrictions (practice_id, service_user_id),
    CONSTRAINT restriction_staff_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX restriction_staff_restriction ON restriction_staff (practice_id, service_user_id);
CREATE INDEX restriction_staff_person ON restriction_staff (practice_id, service_user_id, access_restricted, team_id);
CREATE INDEX restriction_staff_staff ON restriction_staff (practice_id, staff_id);
SELECT app.secure_table('restriction_staff');
SELECT app.restrict_to_open_people('restriction_staff');
CREATE POLICY identity ON restriction_staff TO almoner_identity USING (true);
CREATE POLICY worker ON restriction_staff TO almoner_worker USING (practice_id = app.practice());
GRANT SELECT, INSERT, DELETE ON restriction_staff TO almoner_practice;
GRANT SELECT (practice_id, service_user_id, staff_id) ON restriction_staff TO almoner_identity, almoner_worker;

-- Exclusions: members of staff who may not see a record whatever else they may, such as a relative or a neighbour.
CREATE TABLE exclusions (
    practice_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    access_restricted boolean NOT NULL,
    team_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    reason bytea NOT NULL,
    set_by uuid NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, service_user_id, staff_id),
    CONSTRAINT exclusions_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
        REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, set_by) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX exclusions_person ON exclusions (practice_id, service_user_id, access_restricted, team_id);
CREATE INDEX exclusions_staff ON exclusions (practice_id, staff_id);
CREATE INDEX exclusions_set_by ON exclusions (practice_id, set_by);
SELECT app.secure_table('exclusions');
SELECT app.restrict_to_open_people('exclusions');
CREATE POLICY identity ON exclusions TO almoner_identity USING (true);
-- The intake keeps `access_restricted` true, because a caller who excludes themselves does not see the record any more.
CREATE POLICY intake ON exclusions TO almoner_intake USING (practice_id = app.practice());
CREATE POLICY worker ON exclusions TO almoner_worker USING (practice_id = app.practice());
GRANT SELECT, INSERT, DELETE ON exclusions TO almoner_practice;
GRANT SELECT (practice_id, service_user_id, staff_id) ON exclusions TO almoner_identity, almoner_worker;
GRANT SELECT (set_by, set_at) ON exclusions TO almoner_identity;
GRANT SELECT (practice_id, service_user_id) ON exclusions TO almoner_intake;

-- Break-glass access: a restricted record opened to one member of staff in an emergency, in one session, for an hour at
-- most. They and the access managers who were notified at once may see the row; one of those closes it with a review.
-- Being able to see the record is not enough to see the row, hence it has no `access_restricted`.
CREATE TABLE break_glass_accesses (
    practice_id uuid NOT NULL,
    break_glass_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    session_id uuid NOT NULL,
    -- The person's key. It stands here because a reviewer may not be able to see the person.
    key_id uuid NOT NULL,
    reason bytea NOT NULL,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    reviewers uuid[] NOT NULL,
    reviewed_at timestamptz,
    reviewed_by uuid,
    finding text CHECK (finding IN ('justified', 'not_justified')),
    review bytea,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, break_glass_id),
    FOREIGN KEY (practice_id, service_user_id) REFERENCES service_users (practice_id, service_user_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, reviewed_by) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, key_id) REFERENCES sealing_keys (owner_id, key_id),
    CHECK (expires_at > opened_at AND expires_at <= opened_at + interval '60 minutes'),
    CHECK (cardinality(reviewers) > 0 AND NOT staff_id = ANY (reviewers)),
    CHECK (reviewed_by <> staff_id),
    CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL) AND (reviewed_at IS NULL) = (finding IS NULL)
        AND (reviewed_at IS NULL) = (review IS NULL))
);
CREATE INDEX break_glass_accesses_person ON break_glass_accesses (practice_id, service_user_id);
CREATE INDEX break_glass_accesses_staff ON break_glass_accesses (practice_id, staff_id, expires_at);
CREATE INDEX break_glass_accesses_reviewed_by ON break_glass_accesses (practice_id, reviewed_by);
CREATE INDEX break_glass_accesses_key ON break_glass_accesses (practice_id, key_id);
SELECT app.secure_table('break_glass_accesses');
CREATE POLICY practice ON break_glass_accesses TO almoner_practice USING (practice_id = app.practice()
    AND (staff_id = app.staff() OR app.staff() = ANY (reviewers)));
-- The intake finds whom an access is about, for the record of a refusal.
CREATE POLICY intake ON break_glass_accesses TO almoner_intake USING (practice_id = app.practice());
CREATE POLICY identity ON break_glass_accesses TO almoner_identity USING (true);
GRANT SELECT, INSERT, UPDATE (reviewed_at, reviewed_by, finding, review, version) ON break_glass_accesses TO almoner_practice;
GRANT SELECT (practice_id, break_glass_id, service_user_id) ON break_glass_accesses TO almoner_intake;
GRANT SELECT (practice_id, service_user_id, staff_id, session_id, expires_at) ON break_glass_accesses TO almoner_identity;
