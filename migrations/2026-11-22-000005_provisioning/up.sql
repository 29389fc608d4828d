-- Provisioning: practices that are suspended, what a practice needs before it may work, and the registration of its staff.

-- Since when the practice is suspended, if it is; and why it is, or was the last time, in the operator's words.
ALTER TABLE practices
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN suspension_reason text,
    ADD CONSTRAINT practices_suspension CHECK (suspended_at IS NULL OR suspension_reason IS NOT NULL);
GRANT SELECT (suspended_at, suspension_reason), UPDATE (suspended_at, suspension_reason, version) ON practices TO almoner_operator;
GRANT SELECT (suspended_at) ON practices TO almoner_public, almoner_council, almoner_identity;

-- What is recorded by hand of what a practice needs. What the other rows of this database say is not written here.
CREATE TABLE onboarding_items (
    practice_id uuid NOT NULL REFERENCES practices,
    item text NOT NULL CHECK (item IN ('processing_agreement', 'dpia', 'dspt', 'insurance', 'dbs', 'exit_plan')),
    done_on date NOT NULL,
    -- The last day on which it holds.
    expires_on date CHECK (expires_on >= done_on),
    evidence text NOT NULL,
    -- The operator's account; none at the console.
    recorded_by uuid,
    recorded_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, item)
);

-- What the register of Social Work England said of a member of staff when somebody last looked (Social Workers Regulations
-- 2018). The register is public, and so nothing here is sealed.
CREATE TABLE registrations (
    practice_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    -- The number that was looked up.
    number text NOT NULL,
    status text NOT NULL CHECK (status IN ('registered', 'registered_with_conditions', 'suspended', 'removed', 'lapsed')),
    annotations text[] NOT NULL CHECK (annotations <@ ARRAY['amhp', 'bia']),
    checked_on date NOT NULL,
    -- The last day of the registration, where there is one.
    registered_until date,
    checked_by uuid NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (practice_id, staff_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, checked_by) REFERENCES staff (practice_id, staff_id),
    CHECK (checked_by <> staff_id),
    CHECK (registered_until IS NOT NULL OR status NOT IN ('registered', 'registered_with_conditions'))
);
CREATE INDEX registrations_checked_by ON registrations (practice_id, checked_by);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['onboarding_items', 'registrations'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner ON %I TO almoner_owner USING (true)', t);
    END LOOP;
END $$;

CREATE POLICY operator ON onboarding_items TO almoner_operator USING (true);
GRANT SELECT, INSERT, UPDATE (done_on, expires_on, evidence, recorded_by, recorded_at, version) ON onboarding_items TO almoner_operator;

-- Who a caller is now includes whether the register bars them; the operator's checklist counts.
CREATE POLICY operator ON registrations TO almoner_operator USING (true);
CREATE POLICY identity ON registrations TO almoner_identity USING (true);
CREATE POLICY practice ON registrations TO almoner_practice, almoner_worker USING (practice_id = app.practice());
GRANT SELECT (practice_id, staff_id, number, status, annotations, checked_on, registered_until, checked_by, version), INSERT,
    UPDATE (number, status, annotations, checked_on, registered_until, checked_by, version) ON registrations TO almoner_practice;
GRANT SELECT (practice_id, staff_id, number, status, checked_on, registered_until) ON registrations TO almoner_identity, almoner_operator, almoner_worker;

-- The checklist says how far the calendar is loaded.
CREATE POLICY operator ON calendar_years TO almoner_operator USING (true);
GRANT SELECT ON calendar_years TO almoner_operator;

-- What the operator does to one practice stands in that practice's log too.
ALTER POLICY identity ON audit_events TO almoner_identity;
CREATE POLICY operator ON audit_events TO almoner_operator
    USING (owner_id IN ('00000000-0000-0000-0000-000000000000', app.practice()));
