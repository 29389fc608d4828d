-- Who there is: councils, practices, the contracts between them, their systems and their people.
-- Every table: enabled and forced row-level security, a policy for the owner (migrations), one policy for each door's role
-- that may touch it, and column grants that say what that role sees.

-- Working days. A deadline past the last loaded year is an error, so each year says that it is loaded.
CREATE TABLE calendar_years (year integer PRIMARY KEY);
CREATE TABLE bank_holidays (day date PRIMARY KEY, title text NOT NULL);
INSERT INTO calendar_years SELECT generate_series(2024, 2030);
-- England and Wales (Banking and Financial Dealings Act 1971 s1), with Good Friday and Christmas Day. When a year is published
-- it is added by a migration of its own.
INSERT INTO bank_holidays (day, title) VALUES
    ('2024-01-01', 'New Year''s Day'),
    ('2024-03-29', 'Good Friday'),
    ('2024-04-01', 'Easter Monday'),
    ('2024-05-06', 'Early May bank holiday'),
    ('2024-05-27', 'Spring bank holiday'),
    ('2024-08-26', 'Summer bank holiday'),
    ('2024-12-25', 'Christmas Day'),
    ('2024-12-26', 'Boxing Day'),
    ('2025-01-01', 'New Year''s Day'),
    ('2025-04-18', 'Good Friday'),
    ('2025-04-21', 'Easter Monday'),
    ('2025-05-05', 'Early May bank holiday'),
    ('2025-05-26', 'Spring bank holiday'),
    ('2025-08-25', 'Summer bank holiday'),
    ('2025-12-25', 'Christmas Day'),
    ('2025-12-26', 'Boxing Day'),
    ('2026-01-01', 'New Year''s Day'),
    ('2026-04-03', 'Good Friday'),
    ('2026-04-06', 'Easter Monday'),
    ('2026-05-04', 'Early May bank holiday'),
    ('2026-05-25', 'Spring bank holiday'),
    ('2026-08-31', 'Summer bank holiday'),
    ('2026-12-25', 'Christmas Day'),
    ('2026-12-28', 'Boxing Day (substitute day)'),
    ('2027-01-01', 'New Year''s Day'),
    ('2027-03-26', 'Good Friday'),
    ('2027-03-29', 'Easter Monday'),
    ('2027-05-03', 'Early May bank holiday'),
    ('2027-05-31', 'Spring bank holiday'),
    ('2027-08-30', 'Summer bank holiday'),
    ('2027-12-27', 'Christmas Day (substitute day)'),
    ('2027-12-28', 'Boxing Day (substitute day)'),
    ('2028-01-03', 'New Year''s Day (substitute day)'),
    ('2028-04-14', 'Good Friday'),
    ('2028-04-17', 'Easter Monday'),
    ('2028-05-01', 'Early May bank holiday'),
    ('2028-05-29', 'Spring bank holiday'),
    ('2028-08-28', 'Summer bank holiday'),
    ('2028-12-25', 'Christmas Day'),
    ('2028-12-26', 'Boxing Day'),
    ('2029-01-01', 'New Year''s Day'),
    ('2029-03-30', 'Good Friday'),
    ('2029-04-02', 'Easter Monday'),
    ('2029-05-07', 'Early May bank holiday'),
    ('2029-05-28', 'Spring bank holiday'),
    ('2029-08-27', 'Summer bank holiday'),
    ('2029-12-25', 'Christmas Day'),
    ('2029-12-26', 'Boxing Day'),
    ('2030-01-01', 'New Year''s Day'),
    ('2030-04-19', 'Good Friday'),
    ('2030-04-22', 'Easter Monday'),
    ('2030-05-06', 'Early May bank holiday'),
    ('2030-05-27', 'Spring bank holiday'),
    ('2030-08-26', 'Summer bank holiday'),
    ('2030-12-25', 'Christmas Day'),
    ('2030-12-26', 'Boxing Day');

CREATE TABLE councils (
    council_id uuid PRIMARY KEY,
    gss_code text NOT NULL UNIQUE,
    name text NOT NULL,
    emergency_duty_phone text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL
);

CREATE TABLE practices (
    practice_id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    -- Pieces of work that the practice can hold, and those that it holds: open cases and referrals waiting for its answer.
    capacity integer NOT NULL CHECK (capacity >= 0),
    places_taken integer NOT NULL DEFAULT 0 CHECK (places_taken >= 0),
    complaints_procedure text NOT NULL,
    advocacy text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL
);

CREATE TABLE practice_districts (
    practice_id uuid NOT NULL REFERENCES practices,
    district text NOT NULL,
    PRIMARY KEY (practice_id, district)
);
-- The directory is asked by district, across practices.
CREATE INDEX practice_districts_directory ON practice_districts (district, practice_id);

CREATE TABLE contracts (
    council_id uuid NOT NULL REFERENCES councils,
    contract_id uuid NOT NULL,
    practice_id uuid NOT NULL REFERENCES practices,
    starts_on date NOT NULL,
    ends_on date CHECK (ends_on >= starts_on),
    -- Working days in which the practice answers a referral, and in which it answers a complaint.
    response_working_days integer NOT NULL CHECK (response_working_days BETWEEN 1 AND 60),
    complaint_response_working_days integer NOT NULL CHECK (complaint_response_working_days BETWEEN 1 AND 125),
    -- Minutes, within office hours, in which a human sees an immediate referral.
    immediate_minutes integer NOT NULL CHECK (immediate_minutes BETWEEN 5 AND 480),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, contract_id),
    UNIQUE (council_id, contract_id, practice_id)
);
-- A practice reads the contracts that it is a party to.
CREATE INDEX contracts_of_a_practice ON contracts (practice_id, council_id);

-- Care Act 2014 s79: which functions, from when, until when.
CREATE TABLE delegations (
    council_id uuid NOT NULL,
    delegation_id uuid NOT NULL,
    contract_id uuid NOT NULL,
    practice_id uuid NOT NULL,
    function text NOT NULL,
    starts_on date NOT NULL,
    ends_on date CHECK (ends_on >= starts_on),
    PRIMARY KEY (council_id, delegation_id),
    FOREIGN KEY (council_id, contract_id, practice_id) REFERENCES contracts (council_id, contract_id, practice_id)
);
CREATE INDEX delegations_of_a_contract ON delegations (council_id, contract_id, practice_id);
CREATE INDEX delegations_of_a_practice ON delegations (practice_id, council_id, function);

-- OAuth 2.0 clients: a council's systems and partner apps. A client owns itself.
CREATE TABLE clients (
    client_id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('council', 'partner')),
    council_id uuid REFERENCES councils,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    CHECK ((kind = 'council') = (council_id IS NOT NULL))
);
CREATE INDEX clients_of_a_council ON clients (council_id);

-- One account per person; the e-mail address is unique across practices and is seen only by sign-in and the operator.
CREATE TABLE accounts (
    account_id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text NOT NULL,
    operator boolean NOT NULL DEFAULT false,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL
);

-- A membership in a practice. A worker's name is public (the register of Social Work England) and is not sealed.
CREATE TABLE staff (
    practice_id uuid NOT NULL REFERENCES practices,
    staff_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts,
    name text NOT NULL,
    roles text[] NOT NULL,
    owner boolean NOT NULL DEFAULT false,
    line_manager_id uuid,
    deputy_for_id uuid,
    social_work_england_number text,
    left_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, staff_id),
    UNIQUE (practice_id, account_id),
    FOREIGN KEY (practice_id, line_manager_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, deputy_for_id) REFERENCES staff (practice_id, staff_id),
    CHECK (line_manager_id <> staff_id AND deputy_for_id <> staff_id)
);
-- Sign-in asks which practices an account belongs to.
CREATE INDEX staff_of_an_account ON staff (account_id);
CREATE INDEX staff_line_manager ON staff (practice_id, line_manager_id);
CREATE INDEX staff_deputy ON staff (practice_id, deputy_for_id);

CREATE TABLE sessions (
    account_id uuid NOT NULL REFERENCES accounts,
    session_id uuid NOT NULL,
    -- The one practice that the session is for; none at the operator's door.
    practice_id uuid,
    staff_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (account_id, session_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    CHECK ((practice_id IS NULL) = (staff_id IS NULL))
);
CREATE INDEX sessions_of_staff ON sessions (practice_id, staff_id);

-- Everyone from whom this person takes instruction, and who stands in for them: themselves, their line managers upwards,
-- and the deputies of all of these.
CREATE FUNCTION app.line_of(practice uuid, people uuid[]) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE line (staff_id) AS (
        SELECT unnest(people)
        UNION
        SELECT other.staff_id
        FROM line
        JOIN staff person ON person.practice_id = practice AND person.staff_id = line.staff_id
        JOIN staff other ON other.practice_id = practice
            AND (other.staff_id = person.line_manager_id OR other.deputy_for_id = person.staff_id)
    )
    SELECT COALESCE(array_agg(staff_id), '{}') FROM line
$$;

-- The same seen from above: everyone in whose line this person stands. `b = ANY (line_of(a))` exactly when
-- `a = ANY (answers_for(b))`.
CREATE FUNCTION app.answers_for(practice uuid, person uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE below (staff_id) AS (
        SELECT person
        UNION
        SELECT other.staff_id
        FROM below
        JOIN staff self ON self.practice_id = practice AND self.staff_id = below.staff_id
        JOIN staff other ON other.practice_id = practice
            AND (other.line_manager_id = self.staff_id OR other.staff_id = self.deputy_for_id)
    )
    SELECT COALESCE(array_agg(staff_id), '{}') FROM below
$$;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['calendar_years', 'bank_holidays', 'councils', 'practices', 'practice_districts', 'contracts',
        'delegations', 'clients', 'accounts', 'staff', 'sessions'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner ON %I TO almoner_owner USING (true)', t);
    END LOOP;
END $$;

-- The calendar is for everyone.
CREATE POLICY everyone ON calendar_years TO almoner_practice, almoner_council, almoner_partner, almoner_intake, almoner_worker USING (true);
CREATE POLICY everyone ON bank_holidays TO almoner_practice, almoner_council, almoner_partner, almoner_intake, almoner_worker USING (true);
GRANT SELECT ON calendar_years, bank_holidays TO almoner_practice, almoner_council, almoner_partner, almoner_intake, almoner_worker;

-- Councils: a public register. A council's own door sees its own row.
CREATE POLICY operator ON councils TO almoner_operator USING (true);
CREATE POLICY register ON councils TO almoner_practice, almoner_intake USING (true);
CREATE POLICY council ON councils TO almoner_council USING (council_id = app.council());
GRANT SELECT (council_id, gss_code, name, emergency_duty_phone, version, created_at) ON councils TO almoner_operator;
GRANT INSERT ON councils TO almoner_operator;
GRANT SELECT (council_id, gss_code, name) ON councils TO almoner_practice, almoner_intake;
GRANT SELECT (council_id, gss_code, name, emergency_duty_phone) ON councils TO almoner_council;

-- Practices: a public directory. How full a practice is, is kept by itself and by the intake.
CREATE POLICY operator ON practices TO almoner_operator USING (true);
CREATE POLICY directory ON practices TO almoner_public, almoner_council, almoner_partner, almoner_identity USING (true);
CREATE POLICY practice ON practices TO almoner_practice, almoner_intake, almoner_worker USING (practice_id = app.practice());
GRANT SELECT (practice_id, slug, name, capacity, places_taken, complaints_procedure, advocacy, version, created_at), INSERT ON practices TO almoner_operator;
GRANT SELECT (practice_id, slug, name, capacity, places_taken, complaints_procedure, advocacy) ON practices TO almoner_public;
GRANT SELECT (practice_id, slug, name, capacity, places_taken) ON practices TO almoner_council;
GRANT SELECT (practice_id, slug, name, advocacy) ON practices TO almoner_partner;
GRANT SELECT (practice_id, slug, name) ON practices TO almoner_identity;
GRANT SELECT (practice_id, slug, name, capacity, places_taken), UPDATE (places_taken) ON practices TO almoner_practice, almoner_intake, almoner_worker;

CREATE POLICY operator ON practice_districts TO almoner_operator USING (true);
CREATE POLICY directory ON practice_districts TO almoner_public, almoner_council USING (true);
GRANT SELECT, INSERT ON practice_districts TO almoner_operator;
GRANT SELECT ON practice_districts TO almoner_public, almoner_council;

CREATE POLICY operator ON contracts TO almoner_operator USING (true);
CREATE POLICY council ON contracts TO almoner_council USING (council_id = app.council());
CREATE POLICY practice ON contracts TO almoner_practice, almoner_intake USING (practice_id = app.practice());
GRANT SELECT, INSERT ON contracts TO almoner_operator;
GRANT SELECT ON contracts TO almoner_council, almoner_practice, almoner_intake;

CREATE POLICY operator ON delegations TO almoner_operator USING (true);
CREATE POLICY council ON delegations TO almoner_council USING (council_id = app.council());
CREATE POLICY practice ON delegations TO almoner_practice USING (practice_id = app.practice());
GRANT SELECT, INSERT ON delegations TO almoner_operator;
GRANT SELECT ON delegations TO almoner_council, almoner_practice;

-- Clients: the identity sees the one whose id was presented.
CREATE POLICY operator ON clients TO almoner_operator USING (true);
CREATE POLICY identity ON clients TO almoner_identity USING (client_id = app.client());
GRANT SELECT (client_id, kind, council_id, name, scopes, disabled_at, created_at), INSERT ON clients TO almoner_operator;
GRANT SELECT ON clients TO almoner_identity;

CREATE POLICY operator ON accounts TO almoner_operator USING (true);
CREATE POLICY identity ON accounts TO almoner_identity USING (true);
GRANT SELECT (account_id, email, name, operator, disabled_at, created_at), INSERT ON accounts TO almoner_operator;
GRANT SELECT (account_id, email, name, password_hash, operator, disabled_at) ON accounts TO almoner_identity;

CREATE POLICY operator ON staff TO almoner_operator USING (true);
CREATE POLICY identity ON staff TO almoner_identity USING (true);
CREATE POLICY practice ON staff TO almoner_practice, almoner_intake, almoner_worker USING (practice_id = app.practice());
GRANT SELECT, INSERT ON staff TO almoner_operator;
GRANT SELECT ON staff TO almoner_identity;
GRANT SELECT (practice_id, staff_id, name, roles, owner, line_manager_id, deputy_for_id, social_work_england_number, left_at) ON staff TO almoner_practice, almoner_intake, almoner_worker;

CREATE POLICY identity ON sessions TO almoner_identity USING (account_id = app.account());
CREATE POLICY worker ON sessions TO almoner_worker USING (true);
GRANT SELECT, INSERT, UPDATE (ended_at) ON sessions TO almoner_identity;
GRANT SELECT (account_id, session_id, expires_at), DELETE ON sessions TO almoner_worker;
