-- Councils, practices, the districts that a practice serves, and the onboarding items that it needs before it may work.

-- A public register of councils. A council's own door sees its own row.
CREATE TABLE councils (
    council_id uuid PRIMARY KEY,
    gss_code text NOT NULL UNIQUE,
    name text NOT NULL,
    emergency_duty_phone text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL
);
SELECT app.secure_table('councils');
CREATE POLICY operator ON councils TO almoner_operator USING (true);
CREATE POLICY register ON councils TO almoner_practice, almoner_intake USING (true);
CREATE POLICY council ON councils TO almoner_council USING (council_id = app.council());
GRANT SELECT (council_id, gss_code, name, emergency_duty_phone, version, created_at), INSERT ON councils TO almoner_operator;
GRANT SELECT (council_id, gss_code, name) ON councils TO almoner_practice, almoner_intake;
GRANT SELECT (council_id, gss_code, name, emergency_duty_phone) ON councils TO almoner_council;

-- A public directory of practices.
CREATE TABLE practices (
    practice_id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    -- Pieces of work that the practice can hold.
    capacity integer NOT NULL CHECK (capacity >= 0),
    complaints_procedure text NOT NULL,
    advocacy text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    -- When the practice was suspended, if it is; and the reason for that or for the last suspension, in the operator's words.
    suspended_at timestamptz,
    suspension_reason text,
    CONSTRAINT practices_suspension CHECK (suspended_at IS NULL OR suspension_reason IS NOT NULL)
);
SELECT app.secure_table('practices');
CREATE POLICY operator ON practices TO almoner_operator USING (true);
CREATE POLICY directory ON practices TO almoner_public, almoner_council, almoner_partner, almoner_identity USING (true);
CREATE POLICY practice ON practices TO almoner_practice, almoner_intake, almoner_worker USING (practice_id = app.practice());
GRANT SELECT (practice_id, slug, name, capacity, complaints_procedure, advocacy, version, created_at, suspended_at,
    suspension_reason), INSERT, UPDATE (suspended_at, suspension_reason, version) ON practices TO almoner_operator;
GRANT SELECT (practice_id, slug, name, capacity, complaints_procedure, advocacy, suspended_at) ON practices TO almoner_public;
GRANT SELECT (practice_id, slug, name, capacity, suspended_at) ON practices TO almoner_council;
GRANT SELECT (practice_id, slug, name, advocacy) ON practices TO almoner_partner;
GRANT SELECT (practice_id, slug, name, suspended_at) ON practices TO almoner_identity;
GRANT SELECT (practice_id, slug, name, capacity) ON practices TO almoner_practice, almoner_intake, almoner_worker;

-- How much of a practice's capacity is reserved: its open cases, and the referrals that wait for its answer. Every referral
-- moves this, so it has a row of its own: the directory's is neither locked nor written again when one arrives. The practice
-- itself, the intake and the worker keep it.
CREATE TABLE practice_capacity (
    practice_id uuid PRIMARY KEY REFERENCES practices,
    reserved integer NOT NULL DEFAULT 0 CHECK (reserved >= 0)
);
SELECT app.secure_table('practice_capacity');
CREATE POLICY operator ON practice_capacity TO almoner_operator USING (true);
CREATE POLICY directory ON practice_capacity TO almoner_public, almoner_council USING (true);
CREATE POLICY practice ON practice_capacity TO almoner_practice, almoner_intake, almoner_worker USING (practice_id = app.practice());
GRANT SELECT, INSERT (practice_id) ON practice_capacity TO almoner_operator;
GRANT SELECT ON practice_capacity TO almoner_public, almoner_council;
GRANT SELECT, UPDATE (reserved) ON practice_capacity TO almoner_practice, almoner_intake, almoner_worker;

CREATE TABLE practice_districts (
    practice_id uuid NOT NULL REFERENCES practices,
    district text NOT NULL,
    PRIMARY KEY (practice_id, district)
);
-- The directory is searched by district, across practices.
CREATE INDEX practice_districts_directory ON practice_districts (district, practice_id);
SELECT app.secure_table('practice_districts');
CREATE POLICY operator ON practice_districts TO almoner_operator USING (true);
CREATE POLICY directory ON practice_districts TO almoner_public, almoner_council USING (true);
GRANT SELECT, INSERT ON practice_districts TO almoner_operator;
GRANT SELECT ON practice_districts TO almoner_public, almoner_council;

-- The teams of a practice, by which its staff see the people whom it serves. Until a practice makes teams of its own there is
-- one, in which everybody is: its id is the practice's, and it is made with it.
CREATE TABLE teams (
    practice_id uuid NOT NULL REFERENCES practices,
    team_id uuid NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (practice_id, team_id)
);
SELECT app.secure_table('teams');
CREATE POLICY operator ON teams TO almoner_operator USING (true);
GRANT INSERT ON teams TO almoner_operator;

-- The parts of the onboarding checklist that are recorded by hand. What the other rows of this database say is not repeated
-- here.
CREATE TABLE onboarding_items (
    practice_id uuid NOT NULL REFERENCES practices,
    item text NOT NULL CHECK (item IN ('processing_agreement', 'dpia', 'dspt', 'insurance', 'dbs', 'exit_plan')),
    done_on date NOT NULL,
    -- The last day on which the item is valid.
    expires_on date CHECK (expires_on >= done_on),
    evidence text NOT NULL,
    -- The operator's account. NULL for a record made at the console.
    recorded_by uuid,
    recorded_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, item)
);
SELECT app.secure_table('onboarding_items');
CREATE POLICY operator ON onboarding_items TO almoner_operator USING (true);
GRANT SELECT, INSERT, UPDATE (done_on, expires_on, evidence, recorded_by, recorded_at, version) ON onboarding_items TO almoner_operator;
