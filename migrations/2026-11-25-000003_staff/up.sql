-- The members of staff of a practice, their registration, and the notices that they are given; the officers of a council,
-- and the guests whom these let in to a complaint.

-- A membership in a practice. A worker's name is public (the register of Social Work England) and is not sealed. The account is
-- the member's once they have accepted their invitation; its foreign key is made with the accounts.
CREATE TABLE staff (
    practice_id uuid NOT NULL REFERENCES practices,
    staff_id uuid NOT NULL,
    account_id uuid,
    -- The accounts that invited the member or drew the link with which they joined. The nil account is the console's. Those who
    -- came by one hand do not confirm what that hand opened.
    invited_by uuid[] NOT NULL DEFAULT '{}',
    joined_at timestamptz,
    -- Whether the operator invited the member as an owner. Such an owner confirms the first members, with the operator.
    founder boolean NOT NULL DEFAULT false,
    -- When the membership became unconfirmed: the account's password and second factor were reset through a link, and somebody
    -- at the practice has to confirm that the account is still the member's.
    unconfirmed_at timestamptz,
    -- The heavy roles that the member was given and that do not work until a second person has confirmed them. `roles` has
    -- those that work, and nothing else asks what a member may do.
    unconfirmed_roles text[] NOT NULL DEFAULT '{}',
    -- The accounts that opened what waits to be confirmed, and when the last of it was opened. They mean nothing while nothing
    -- waits.
    opened_by uuid[] NOT NULL DEFAULT '{}',
    opened_at timestamptz,
    -- At a new practice, the parts of the operator and of the owner in confirming. The console's account is nil.
    operator_confirmed_by uuid,
    owner_confirmed_by uuid,
    -- When a second person last confirmed the membership.
    confirmed_at timestamptz,
    name text NOT NULL,
    email text NOT NULL,
    roles text[] NOT NULL,
    owner boolean NOT NULL DEFAULT false,
    line_manager_id uuid,
    deputy_for_id uuid,
    social_work_england_number text,
    -- The home postcode of a member of staff, as a search token of the practice's: it equals that of anyone with the same
    -- postcode, and nobody can read it. For the report of unusual access.
    home_postcode_token bytea,
    created_at timestamptz NOT NULL,
    -- When somebody said that the member leaves. They are a leaver once they have no open work and their access has ended.
    leaving_since timestamptz,
    -- When the access of a member who leaves ends, whether or not a job has run and their work has been moved.
    access_ends_at timestamptz,
    -- When the managers were told that work of a member whose access has ended is still open.
    open_work_told_at timestamptz,
    left_at timestamptz,
    -- The power of a manager that somebody else has until a moment: for whom they act, who gave it, and when a second person
    -- confirmed it. It counts from then until acting_until, and is never among `roles`. For whom they acted stays written.
    acting_for_id uuid,
    acting_given_by uuid,
    acting_until timestamptz,
    acting_confirmed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, staff_id),
    FOREIGN KEY (practice_id, line_manager_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, deputy_for_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, acting_for_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, acting_given_by) REFERENCES staff (practice_id, staff_id),
    CHECK (line_manager_id <> staff_id AND deputy_for_id <> staff_id AND acting_for_id <> staff_id
        AND acting_given_by <> staff_id),
    CHECK (access_ends_at IS NULL OR leaving_since IS NOT NULL),
    CHECK ((acting_until IS NULL) = (acting_given_by IS NULL) AND (acting_until IS NOT NULL OR acting_confirmed_at IS NULL))
);
-- A member who left may come back, with a new row.
CREATE UNIQUE INDEX staff_account ON staff (practice_id, account_id) WHERE left_at IS NULL;
CREATE UNIQUE INDEX staff_email ON staff (practice_id, email) WHERE left_at IS NULL;
CREATE INDEX staff_of_an_account ON staff (account_id);
CREATE INDEX staff_line_manager ON staff (practice_id, line_manager_id);
CREATE INDEX staff_deputy ON staff (practice_id, deputy_for_id);
CREATE INDEX staff_acting_for ON staff (practice_id, acting_for_id);
CREATE INDEX staff_acting_given_by ON staff (practice_id, acting_given_by);
SELECT app.secure_table('staff');
CREATE POLICY operator ON staff TO almoner_operator USING (true);
CREATE POLICY identity ON staff TO almoner_identity USING (true);
CREATE POLICY practice ON staff TO almoner_practice, almoner_intake, almoner_worker USING (practice_id = app.practice());
-- The token of the home postcode is set and compared at the practice's door alone.
GRANT SELECT (practice_id, staff_id, account_id, invited_by, joined_at, founder, unconfirmed_at, unconfirmed_roles, opened_by,
    opened_at, operator_confirmed_by, owner_confirmed_by, confirmed_at, name, email, roles, owner, line_manager_id, deputy_for_id,
    social_work_england_number, created_at, leaving_since, access_ends_at, left_at,
    acting_for_id, acting_given_by, acting_until, acting_confirmed_at, version),
    INSERT (practice_id, staff_id, account_id, invited_by, joined_at, founder, unconfirmed_at, unconfirmed_roles, opened_by,
    opened_at, operator_confirmed_by, owner_confirmed_by, confirmed_at, name, email, roles, owner, line_manager_id, deputy_for_id,
    social_work_england_number, created_at, left_at, version) ON staff TO almoner_operator, almoner_practice;
GRANT UPDATE (operator_confirmed_by, version) ON staff TO almoner_operator;
GRANT SELECT (practice_id, staff_id, account_id, invited_by, joined_at, founder, unconfirmed_at, unconfirmed_roles, opened_by,
    opened_at, operator_confirmed_by, owner_confirmed_by, confirmed_at, name, email, roles, owner, line_manager_id, deputy_for_id,
    social_work_england_number, created_at, leaving_since, access_ends_at, left_at,
    acting_for_id, acting_given_by, acting_until, acting_confirmed_at, version),
    UPDATE (account_id, joined_at, invited_by, unconfirmed_at, opened_by, opened_at, operator_confirmed_by,
    owner_confirmed_by, version) ON staff TO almoner_identity;
GRANT SELECT (home_postcode_token),
    UPDATE (unconfirmed_at, unconfirmed_roles, opened_by, opened_at, operator_confirmed_by, owner_confirmed_by, confirmed_at, name,
    roles, owner, line_manager_id, deputy_for_id, social_work_england_number, home_postcode_token,
    leaving_since, access_ends_at, open_work_told_at, left_at, acting_for_id, acting_given_by, acting_until, acting_confirmed_at,
    version) ON staff TO almoner_practice;
GRANT SELECT (practice_id, staff_id, account_id, joined_at, unconfirmed_at, name, roles, owner, line_manager_id, deputy_for_id,
    social_work_england_number, leaving_since, access_ends_at, left_at, acting_for_id, acting_given_by, acting_until,
    acting_confirmed_at) ON staff TO almoner_intake, almoner_worker;
-- The worker writes that a member has left, once that is so, and that the managers were told of work that is still open.
GRANT SELECT (open_work_told_at, version), UPDATE (open_work_told_at, left_at, version) ON staff TO almoner_worker;

-- How a member of staff stood at the practice until a moment: whom they answered to and deputised for, for whom they last acted, and
-- whether they owned a share. Whoever stood above or below somebody in the last two years decides nothing about what these did.
CREATE TABLE former_lines (
    practice_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    -- The version of the member's row that this was.
    version integer NOT NULL,
    line_manager_id uuid,
    deputy_for_id uuid,
    acting_for_id uuid,
    owner boolean NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (practice_id, staff_id, version),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, line_manager_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, deputy_for_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, acting_for_id) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX former_lines_line_manager ON former_lines (practice_id, line_manager_id);
CREATE INDEX former_lines_deputy ON former_lines (practice_id, deputy_for_id);
CREATE INDEX former_lines_acting_for ON former_lines (practice_id, acting_for_id);
CREATE INDEX former_lines_until ON former_lines (practice_id, until);
SELECT app.secure_table('former_lines');
CREATE POLICY identity ON former_lines TO almoner_identity USING (true);
CREATE POLICY practice ON former_lines TO almoner_practice, almoner_worker USING (practice_id = app.practice());
GRANT SELECT ON former_lines TO almoner_identity, almoner_practice, almoner_worker;
GRANT INSERT ON former_lines TO almoner_practice;

-- The days on which a member of staff has said that they are away, and who stands in: the last that they said.
CREATE TABLE absences (
    practice_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    stand_in_id uuid,
    PRIMARY KEY (practice_id, staff_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, stand_in_id) REFERENCES staff (practice_id, staff_id),
    CHECK (first_day <= last_day AND stand_in_id <> staff_id)
);
CREATE INDEX absences_stand_in ON absences (practice_id, stand_in_id);
SELECT app.secure_table('absences');
CREATE POLICY operator ON absences TO almoner_operator USING (true);
CREATE POLICY identity ON absences TO almoner_identity USING (true);
CREATE POLICY practice ON absences TO almoner_practice, almoner_worker USING (practice_id = app.practice());
GRANT SELECT ON absences TO almoner_operator, almoner_identity, almoner_practice, almoner_worker;
GRANT INSERT, UPDATE (first_day, last_day, stand_in_id), DELETE ON absences TO almoner_practice;

-- Which practices an account belongs to: one look-up on the platform's side, so that signing in asks nothing of the practices'
-- own tables. It is written with the membership, in the same transaction: a row comes when somebody joins and goes when they
-- leave; while `staff.unconfirmed_at` says so, or no role of the member works, it is not confirmed. The foreign key to the
-- account is made with the accounts.
CREATE TABLE account_memberships (
    account_id uuid NOT NULL,
    practice_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    confirmed boolean NOT NULL DEFAULT false,
    -- When the membership ends, as `staff.access_ends_at` has it.
    ends_at timestamptz,
    PRIMARY KEY (account_id, practice_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX account_memberships_of_staff ON account_memberships (practice_id, staff_id);
SELECT app.secure_table('account_memberships');
CREATE POLICY identity ON account_memberships TO almoner_identity USING (account_id = app.account());
CREATE POLICY practice ON account_memberships TO almoner_practice, almoner_worker USING (practice_id = app.practice());
GRANT SELECT, INSERT (account_id, practice_id, staff_id, confirmed, ends_at), UPDATE (confirmed) ON account_memberships TO almoner_identity;
GRANT SELECT (practice_id, staff_id), UPDATE (confirmed, ends_at), DELETE ON account_memberships TO almoner_practice;
GRANT SELECT (practice_id, staff_id), DELETE ON account_memberships TO almoner_worker;

-- What the register of Social Work England said of a member of staff when somebody last looked (Social Workers Regulations
-- 2018). The register is public, and so nothing here is sealed.
CREATE TABLE registrations (
    practice_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    -- The registration number that was looked up.
    number text NOT NULL,
    status text NOT NULL CHECK (status IN ('registered', 'registered_with_conditions', 'suspended', 'removed', 'lapsed')),
    annotations text[] NOT NULL CHECK (annotations <@ ARRAY['amhp', 'bia']),
    checked_on date NOT NULL,
    -- The last day of the registration, where there is one.
    registration_ends_on date,
    checked_by uuid NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, staff_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, checked_by) REFERENCES staff (practice_id, staff_id),
    CHECK (checked_by <> staff_id),
    CHECK (registration_ends_on IS NOT NULL OR status NOT IN ('registered', 'registered_with_conditions'))
);
CREATE INDEX registrations_checked_by ON registrations (practice_id, checked_by);
SELECT app.secure_table('registrations');
-- The identity role reads whether the register bars a caller; the operator's checklist counts.
CREATE POLICY operator ON registrations TO almoner_operator USING (true);
CREATE POLICY identity ON registrations TO almoner_identity USING (true);
CREATE POLICY practice ON registrations TO almoner_practice, almoner_worker USING (practice_id = app.practice());
GRANT SELECT (practice_id, staff_id, number, status, annotations, checked_on, registration_ends_on, checked_by, version), INSERT,
    UPDATE (number, status, annotations, checked_on, registration_ends_on, checked_by, version) ON registrations TO almoner_practice;
GRANT SELECT (practice_id, staff_id, number, status, checked_on, registration_ends_on) ON registrations TO almoner_identity, almoner_operator, almoner_worker;

-- Notices to a member of staff: identifiers, never content. The foreign key to the person whom a notice may be about is made
-- with the service users.
CREATE TABLE notices (
    practice_id uuid NOT NULL,
    notice_id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    service_user_id uuid,
    at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (practice_id, notice_id),
    FOREIGN KEY (practice_id, recipient_id) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX notices_recipient ON notices (practice_id, recipient_id, notice_id);
CREATE INDEX notices_person ON notices (practice_id, service_user_id);
SELECT app.secure_table('notices');
-- A notice is written for others, and read by its recipient.
CREATE POLICY practice ON notices TO almoner_practice USING (practice_id = app.practice() AND recipient_id = app.staff())
    WITH CHECK (practice_id = app.practice());
-- Security events about an account are reported to the members of staff who can act on them, and so are referrals that arrive
-- and those that nobody answers.
CREATE POLICY writers ON notices TO almoner_identity, almoner_intake, almoner_worker USING (practice_id = app.practice());
GRANT SELECT, INSERT, UPDATE (read_at) ON notices TO almoner_practice;
GRANT INSERT ON notices TO almoner_identity, almoner_intake, almoner_worker;

-- The officers of a council: named people, who decide what its systems may not. An officer's name is public and is not sealed. The
-- account is theirs once they have accepted their invitation; its foreign key is made with the accounts.
CREATE TABLE officers (
    council_id uuid NOT NULL REFERENCES councils,
    officer_id uuid NOT NULL,
    account_id uuid,
    name text NOT NULL,
    email text NOT NULL,
    -- The roles that work, and those that wait for a second person. Nothing but `roles` asks what an officer may do.
    roles text[] NOT NULL,
    unconfirmed_roles text[] NOT NULL,
    -- The accounts that invited the officer or drew the link with which they joined. The nil account is the console's. Those who
    -- came by one hand do not confirm what that hand opened.
    invited_by uuid[] NOT NULL,
    joined_at timestamptz,
    -- When the account's password and second factor were replaced through a link, until a second person confirms it.
    unconfirmed_at timestamptz,
    -- The accounts that opened what waits to be confirmed, and when the last of it was opened. They mean nothing while nothing
    -- waits.
    opened_by uuid[] NOT NULL,
    opened_at timestamptz NOT NULL,
    -- The first of two operators, where two confirm. The console's account is nil.
    operator_confirmed_by uuid,
    -- When a second person last confirmed the officer.
    confirmed_at timestamptz,
    -- The days on which the officer has said that they are away, and who stands in.
    absent_from date,
    absent_until date,
    stand_in_id uuid,
    -- When the officer last signed in at the complaints' door.
    complaints_signed_in_at timestamptz,
    -- When the officer's access ends or has ended. It is compared with the moment of each request.
    access_ends_at timestamptz,
    -- When the place was given to the same person again, who has a row of its own since then.
    replaced_at timestamptz,
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (council_id, officer_id),
    FOREIGN KEY (council_id, stand_in_id) REFERENCES officers (council_id, officer_id),
    CHECK (stand_in_id <> officer_id),
    CHECK (absent_from <= absent_until AND (absent_from IS NULL) = (absent_until IS NULL)),
    CHECK (stand_in_id IS NULL OR absent_from IS NOT NULL),
    CHECK (replaced_at IS NULL OR access_ends_at <= replaced_at)
);
-- An officer who left may come back, with a new row.
CREATE UNIQUE INDEX officers_account ON officers (council_id, account_id) WHERE replaced_at IS NULL;
CREATE UNIQUE INDEX officers_email ON officers (council_id, email) WHERE replaced_at IS NULL;
CREATE INDEX officers_of_an_account ON officers (account_id);
CREATE INDEX officers_stand_in ON officers (council_id, stand_in_id);
SELECT app.secure_table('officers');
CREATE POLICY operator ON officers TO almoner_operator USING (true);
CREATE POLICY identity ON officers TO almoner_identity USING (true);
CREATE POLICY council ON officers TO almoner_council, almoner_complaints, almoner_worker USING (council_id = app.council());
GRANT SELECT, INSERT ON officers TO almoner_operator, almoner_council;
-- Whoever is let in to a complaint may be an officer; the worker offers complaints to those who are there.
GRANT SELECT (council_id, officer_id, account_id, name, roles, joined_at, confirmed_at, unconfirmed_at, absent_from, absent_until,
    access_ends_at, replaced_at, complaints_signed_in_at) ON officers TO almoner_complaints, almoner_worker;
GRANT SELECT (unconfirmed_roles) ON officers TO almoner_complaints;
GRANT UPDATE (roles, unconfirmed_roles, unconfirmed_at, opened_by, operator_confirmed_by, confirmed_at, replaced_at, version)
    ON officers TO almoner_operator;
GRANT UPDATE (name, roles, unconfirmed_roles, unconfirmed_at, opened_by, opened_at, operator_confirmed_by, confirmed_at, absent_from,
    absent_until, stand_in_id, access_ends_at, replaced_at, version) ON officers TO almoner_council;
GRANT SELECT, UPDATE (account_id, joined_at, invited_by, unconfirmed_at, opened_by, opened_at, operator_confirmed_by,
    complaints_signed_in_at, version) ON officers TO almoner_identity;

-- At which councils an account has a place, as `account_memberships` says it of practices: one look-up, so that signing in asks
-- nothing of the councils' own tables.
CREATE TABLE account_offices (
    account_id uuid NOT NULL,
    council_id uuid NOT NULL,
    officer_id uuid NOT NULL,
    confirmed boolean NOT NULL DEFAULT false,
    -- When it ends, as `officers.access_ends_at` has it.
    ends_at timestamptz,
    PRIMARY KEY (account_id, council_id),
    FOREIGN KEY (council_id, officer_id) REFERENCES officers (council_id, officer_id)
);
CREATE INDEX account_offices_of_an_officer ON account_offices (council_id, officer_id);
SELECT app.secure_table('account_offices');
CREATE POLICY identity ON account_offices TO almoner_identity USING (account_id = app.account());
CREATE POLICY council ON account_offices TO almoner_council USING (council_id = app.council());
CREATE POLICY operator ON account_offices TO almoner_operator USING (council_id = app.council());
GRANT SELECT, INSERT, UPDATE (officer_id, confirmed, ends_at) ON account_offices TO almoner_identity;
GRANT SELECT (council_id, officer_id), UPDATE (confirmed, ends_at) ON account_offices TO almoner_council;
GRANT SELECT (council_id, officer_id), UPDATE (confirmed) ON account_offices TO almoner_operator;

-- The guests of a council: people whom its complaints officers let in by name, to complaints that are assigned to them. A guest has no
-- role, and reads nothing that is not assigned to them. The account is theirs once they have accepted their invitation.
CREATE TABLE guests (
    council_id uuid NOT NULL REFERENCES councils,
    guest_id uuid NOT NULL,
    account_id uuid,
    -- 'handler': of a practice, whom the council has met and trained; 'investigator': from elsewhere; 'subject': who is heard on heads of
    -- a complaint; 'employers_lead': who gets a notice of what an employer must know and do.
    capacity text NOT NULL CHECK (capacity IN ('handler', 'investigator', 'subject', 'employers_lead')),
    -- The one complaint of which whoever is heard, or gets a notice, is shown a part.
    complaint_id uuid,
    -- The practice where a guest works, as the officer says.
    practice_id uuid REFERENCES practices,
    name text NOT NULL,
    email text NOT NULL,
    invited_by uuid[] NOT NULL,
    created_at timestamptz NOT NULL,
    joined_at timestamptz,
    -- When the account's password and second factor were replaced through a link, and the accounts that drew it, until an officer
    -- confirms that the account is still the guest's.
    unconfirmed_at timestamptz,
    opened_by uuid[] NOT NULL DEFAULT '{}',
    ended_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (council_id, guest_id),
    CHECK ((practice_id IS NOT NULL) = (capacity IN ('handler', 'employers_lead'))),
    CHECK ((complaint_id IS NOT NULL) = (capacity IN ('subject', 'employers_lead')))
);
-- Somebody is shown parts of several complaints as a guest for each: nobody learns from a name that is taken who is heard in another.
CREATE UNIQUE INDEX guests_account ON guests (council_id, account_id) WHERE ended_at IS NULL AND complaint_id IS NULL;
CREATE UNIQUE INDEX guests_account_in_a_complaint ON guests (council_id, complaint_id, account_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX guests_email ON guests (council_id, email) WHERE ended_at IS NULL AND complaint_id IS NULL;
CREATE UNIQUE INDEX guests_email_in_a_complaint ON guests (council_id, complaint_id, email) WHERE ended_at IS NULL;
CREATE INDEX guests_of_an_account ON guests (account_id);
CREATE INDEX guests_practice ON guests (practice_id);
SELECT app.secure_table('guests');
CREATE POLICY identity ON guests TO almoner_identity USING (true);
-- The complaints' door has a policy of its own, in the migration of complaints: who is shown a part is known to who has the complaint.
CREATE POLICY worker ON guests TO almoner_worker USING (council_id = app.council());
GRANT SELECT, INSERT, UPDATE (name, unconfirmed_at, opened_by, ended_at, version) ON guests TO almoner_complaints;
GRANT SELECT (council_id, guest_id, account_id, capacity, practice_id, name, joined_at, unconfirmed_at, ended_at) ON guests TO almoner_worker;
GRANT SELECT, UPDATE (account_id, joined_at, invited_by, unconfirmed_at, opened_by, version) ON guests TO almoner_identity;
