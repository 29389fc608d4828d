-- Councils, practices, the districts that a practice serves, and the onboarding items that it needs before it may work.

-- A public register of councils. A council is its id: its code, name and number change. A council's own door sees its own row.
CREATE TABLE councils (
    council_id uuid PRIMARY KEY,
    gss_code text NOT NULL UNIQUE,
    name text NOT NULL,
    emergency_duty_phone text NOT NULL,
    -- The day since when these three are valid.
    starts_on date NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    -- Since when the council has no officer to whom a complaint could be offered. NULL while it has one.
    complaints_unread_since timestamptz,
    -- Where somebody complains to the council, and who helps them to, as the public procedure says it.
    complaints_address text,
    complaints_phone text,
    complaints_email text,
    complaints_website text,
    complaints_advocacy text
);
SELECT app.secure_table('councils');
CREATE POLICY operator ON councils TO almoner_operator USING (true);
CREATE POLICY register ON councils TO almoner_practice, almoner_intake USING (true);
CREATE POLICY council ON councils TO almoner_council, almoner_complaints, almoner_worker USING (council_id = app.council());
-- Somebody who complains may name any council.
CREATE POLICY directory ON councils TO almoner_partner, almoner_public USING (true);
-- Signing in names the councils at which an account has a place.
CREATE POLICY identity ON councils TO almoner_identity USING (true);
GRANT SELECT, INSERT, UPDATE (gss_code, name, emergency_duty_phone, starts_on, version,
    complaints_unread_since) ON councils TO almoner_operator;
GRANT SELECT (council_id, gss_code, name) ON councils TO almoner_practice, almoner_intake, almoner_identity, almoner_complaints,
    almoner_partner, almoner_worker;
-- With new credentials an officer waits to be confirmed, and may have been the last who read complaints.
GRANT SELECT (complaints_unread_since), UPDATE (complaints_unread_since) ON councils TO almoner_identity;
GRANT SELECT, UPDATE (emergency_duty_phone, starts_on, version, complaints_unread_since, complaints_address, complaints_phone,
    complaints_email, complaints_website, complaints_advocacy) ON councils TO almoner_council;
-- A letter says where the council is that answers.
GRANT SELECT (complaints_address) ON councils TO almoner_complaints;
-- The public procedure says where somebody complains.
GRANT SELECT (council_id, gss_code, name, complaints_address, complaints_phone, complaints_email, complaints_website,
    complaints_advocacy) ON councils TO almoner_public;

-- What a council was called before, and by which number its emergency duty team was rung.
CREATE TABLE former_council_details (
    council_id uuid NOT NULL REFERENCES councils,
    former_id uuid NOT NULL,
    starts_on date NOT NULL,
    -- The day from which others were valid; the same day for a mistake that was put right at once.
    replaced_on date NOT NULL CHECK (replaced_on >= starts_on),
    gss_code text NOT NULL,
    name text NOT NULL,
    emergency_duty_phone text NOT NULL,
    -- Whether the council still has this code, or has it again.
    code_in_use boolean NOT NULL,
    PRIMARY KEY (council_id, former_id)
);
SELECT app.secure_table('former_council_details');
CREATE POLICY operator ON former_council_details TO almoner_operator USING (true);
CREATE POLICY register ON former_council_details TO almoner_practice, almoner_intake USING (true);
CREATE POLICY council ON former_council_details TO almoner_council USING (true) WITH CHECK (council_id = app.council());
GRANT SELECT, INSERT, UPDATE (code_in_use) ON former_council_details TO almoner_operator;
GRANT SELECT (council_id, gss_code, replaced_on, code_in_use) ON former_council_details
    TO almoner_practice, almoner_intake, almoner_council;
GRANT INSERT ON former_council_details TO almoner_council;

-- Reorganisations of local government, by which codes are abolished and created. Each created code succeeds each abolished one.
-- The operator adds to them.
CREATE TABLE reorganisations (
    reorganisation_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title text NOT NULL,
    takes_effect_on date NOT NULL,
    -- When the operator entered it. NULL for what the service ships.
    entered_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
SELECT app.secure_table('reorganisations');
CREATE POLICY operator ON reorganisations TO almoner_operator USING (true);
CREATE POLICY register ON reorganisations TO almoner_practice, almoner_intake, almoner_council USING (true);
GRANT SELECT, INSERT, UPDATE (takes_effect_on, version) ON reorganisations TO almoner_operator;
GRANT SELECT (reorganisation_id, takes_effect_on) ON reorganisations TO almoner_practice, almoner_intake, almoner_council;

CREATE TABLE reorganised_codes (
    reorganisation_id uuid NOT NULL REFERENCES reorganisations,
    code text NOT NULL CHECK (code ~ '^(E(06|08|09|10)|W06|S12)[0-9]{6}$'),
    fate text NOT NULL CHECK (fate IN ('abolished', 'created')),
    name text NOT NULL,
    PRIMARY KEY (reorganisation_id, code)
);
CREATE INDEX reorganised_codes_code ON reorganised_codes (code);
-- A code is created once.
CREATE UNIQUE INDEX reorganised_codes_created ON reorganised_codes (code) WHERE fate = 'created';
SELECT app.secure_table('reorganised_codes');
CREATE POLICY operator ON reorganised_codes TO almoner_operator USING (true);
CREATE POLICY register ON reorganised_codes TO almoner_practice, almoner_intake, almoner_council USING (true);
GRANT SELECT, INSERT ON reorganised_codes TO almoner_operator;
GRANT SELECT (reorganisation_id, code, fate) ON reorganised_codes TO almoner_practice, almoner_intake, almoner_council;

-- The reorganisations of authorities with adult social services since 2018, and those that are announced: Surrey for 2027, the
-- other counties with districts for 2028. The codes of their successors are not published yet; the operator adds them.
INSERT INTO reorganisations (title, takes_effect_on) VALUES
    ('Fife: new code after a change of boundaries', '2018-04-01'),
    ('Perth and Kinross: new code after a change of boundaries', '2018-04-01'),
    ('Bournemouth, Christchurch and Poole', '2019-04-01'),
    ('Dorset', '2019-04-01'),
    ('Glasgow City: new code after a change of boundaries', '2019-04-01'),
    ('North Lanarkshire: new code after a change of boundaries', '2019-04-01'),
    ('Buckinghamshire', '2020-04-01'),
    ('Northamptonshire', '2021-04-01'),
    ('Cumbria', '2023-04-01'),
    ('North Yorkshire', '2023-04-01'),
    ('Somerset', '2023-04-01'),
    ('Barnsley: new code after a change of boundaries', '2025-04-01'),
    ('Sheffield: new code after a change of boundaries', '2025-04-01'),
    ('Surrey', '2027-04-01'),
    ('Cambridgeshire', '2028-04-01'),
    ('Derbyshire', '2028-04-01'),
    ('Devon', '2028-04-01'),
    ('East Sussex', '2028-04-01'),
    ('Essex', '2028-04-01'),
    ('Gloucestershire', '2028-04-01'),
    ('Hampshire', '2028-04-01'),
    ('Hertfordshire', '2028-04-01'),
    ('Kent', '2028-04-01'),
    ('Lancashire', '2028-04-01'),
    ('Leicestershire', '2028-04-01'),
    ('Lincolnshire', '2028-04-01'),
    ('Norfolk', '2028-04-01'),
    ('Nottinghamshire', '2028-04-01'),
    ('Oxfordshire', '2028-04-01'),
    ('Staffordshire', '2028-04-01'),
    ('Suffolk', '2028-04-01'),
    ('Warwickshire', '2028-04-01'),
    ('West Sussex', '2028-04-01'),
    ('Worcestershire', '2028-04-01');
INSERT INTO reorganised_codes (reorganisation_id, code, fate, name)
SELECT reorganisation_id, code, fate, name FROM (VALUES
    ('Fife: new code after a change of boundaries', 'S12000015', 'abolished', 'Fife'),
    ('Fife: new code after a change of boundaries', 'S12000047', 'created', 'Fife'),
    ('Perth and Kinross: new code after a change of boundaries', 'S12000024', 'abolished', 'Perth and Kinross'),
    ('Perth and Kinross: new code after a change of boundaries', 'S12000048', 'created', 'Perth and Kinross'),
    ('Bournemouth, Christchurch and Poole', 'E06000028', 'abolished', 'Bournemouth'),
    ('Bournemouth, Christchurch and Poole', 'E06000029', 'abolished', 'Poole'),
    ('Bournemouth, Christchurch and Poole', 'E10000009', 'abolished', 'Dorset County Council'),
    ('Bournemouth, Christchurch and Poole', 'E06000058', 'created', 'Bournemouth, Christchurch and Poole'),
    ('Dorset', 'E10000009', 'abolished', 'Dorset County Council'),
    ('Dorset', 'E06000059', 'created', 'Dorset'),
    ('Glasgow City: new code after a change of boundaries', 'S12000046', 'abolished', 'Glasgow City'),
    ('Glasgow City: new code after a change of boundaries', 'S12000049', 'created', 'Glasgow City'),
    ('North Lanarkshire: new code after a change of boundaries', 'S12000044', 'abolished', 'North Lanarkshire'),
    ('North Lanarkshire: new code after a change of boundaries', 'S12000050', 'created', 'North Lanarkshire'),
    ('Buckinghamshire', 'E10000002', 'abolished', 'Buckinghamshire County Council'),
    ('Buckinghamshire', 'E06000060', 'created', 'Buckinghamshire'),
    ('Northamptonshire', 'E10000021', 'abolished', 'Northamptonshire'),
    ('Northamptonshire', 'E06000061', 'created', 'North Northamptonshire'),
    ('Northamptonshire', 'E06000062', 'created', 'West Northamptonshire'),
    ('Cumbria', 'E10000006', 'abolished', 'Cumbria'),
    ('Cumbria', 'E06000063', 'created', 'Cumberland'),
    ('Cumbria', 'E06000064', 'created', 'Westmorland and Furness'),
    ('North Yorkshire', 'E10000023', 'abolished', 'North Yorkshire County Council'),
    ('North Yorkshire', 'E06000065', 'created', 'North Yorkshire'),
    ('Somerset', 'E10000027', 'abolished', 'Somerset County Council'),
    ('Somerset', 'E06000066', 'created', 'Somerset'),
    ('Barnsley: new code after a change of boundaries', 'E08000016', 'abolished', 'Barnsley'),
    ('Barnsley: new code after a change of boundaries', 'E08000038', 'created', 'Barnsley'),
    ('Sheffield: new code after a change of boundaries', 'E08000019', 'abolished', 'Sheffield'),
    ('Sheffield: new code after a change of boundaries', 'E08000039', 'created', 'Sheffield'),
    ('Surrey', 'E10000030', 'abolished', 'Surrey'),
    ('Cambridgeshire', 'E10000003', 'abolished', 'Cambridgeshire'),
    ('Derbyshire', 'E10000007', 'abolished', 'Derbyshire'),
    ('Devon', 'E10000008', 'abolished', 'Devon'),
    ('East Sussex', 'E10000011', 'abolished', 'East Sussex'),
    ('Essex', 'E10000012', 'abolished', 'Essex'),
    ('Gloucestershire', 'E10000013', 'abolished', 'Gloucestershire'),
    ('Hampshire', 'E10000014', 'abolished', 'Hampshire'),
    ('Hertfordshire', 'E10000015', 'abolished', 'Hertfordshire'),
    ('Kent', 'E10000016', 'abolished', 'Kent'),
    ('Lancashire', 'E10000017', 'abolished', 'Lancashire'),
    ('Leicestershire', 'E10000018', 'abolished', 'Leicestershire'),
    ('Lincolnshire', 'E10000019', 'abolished', 'Lincolnshire'),
    ('Norfolk', 'E10000020', 'abolished', 'Norfolk'),
    ('Nottinghamshire', 'E10000024', 'abolished', 'Nottinghamshire'),
    ('Oxfordshire', 'E10000025', 'abolished', 'Oxfordshire'),
    ('Staffordshire', 'E10000028', 'abolished', 'Staffordshire'),
    ('Suffolk', 'E10000029', 'abolished', 'Suffolk'),
    ('Warwickshire', 'E10000031', 'abolished', 'Warwickshire'),
    ('West Sussex', 'E10000032', 'abolished', 'West Sussex'),
    ('Worcestershire', 'E10000034', 'abolished', 'Worcestershire')
) AS codes (title, code, fate, name) JOIN reorganisations USING (title);

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
CREATE POLICY directory ON practices TO almoner_public, almoner_council, almoner_complaints, almoner_partner, almoner_identity
    USING (true);
CREATE POLICY practice ON practices TO almoner_practice, almoner_intake, almoner_worker USING (practice_id = app.practice());
GRANT SELECT (practice_id, slug, name, capacity, complaints_procedure, advocacy, version, created_at, suspended_at,
    suspension_reason), INSERT, UPDATE (suspended_at, suspension_reason, version) ON practices TO almoner_operator;
GRANT SELECT (practice_id, slug, name, capacity, complaints_procedure, advocacy, suspended_at) ON practices TO almoner_public;
GRANT SELECT (practice_id, slug, name, capacity, suspended_at) ON practices TO almoner_council;
GRANT SELECT (practice_id, slug, name) ON practices TO almoner_complaints, almoner_partner;
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

-- The opening hours of a practice that has said any: the seven days from Monday, with nothing for a day on which it is closed. One
-- that has no row is open from 9 to 17 on working days. Periods in minutes are counted in them, in Europe/London.
CREATE TABLE opening_hours (
    practice_id uuid PRIMARY KEY REFERENCES practices,
    hours text NOT NULL CHECK (hours ~ '^(([0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9])?(,|$)){7}$'),
    changed_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1
);
SELECT app.secure_table('opening_hours');
CREATE POLICY council ON opening_hours TO almoner_council USING (true);
CREATE POLICY practice ON opening_hours TO almoner_practice, almoner_intake USING (practice_id = app.practice());
GRANT SELECT (practice_id, hours) ON opening_hours TO almoner_council, almoner_intake;
GRANT SELECT, INSERT, UPDATE (hours, changed_at, version) ON opening_hours TO almoner_practice;

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
-- What a practice must have on record before referrals are sent to it, without the evidence.
CREATE POLICY identity ON onboarding_items TO almoner_identity
    USING (item IN ('insurance', 'processing_agreement'));
GRANT SELECT, INSERT, UPDATE (done_on, expires_on, evidence, recorded_by, recorded_at, version) ON onboarding_items TO almoner_operator;
GRANT SELECT (practice_id, item, expires_on) ON onboarding_items TO almoner_identity;
