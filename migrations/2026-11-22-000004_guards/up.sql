-- Record-level access: a record that is restricted to some, a worker who is locked out of one, the glass that is broken in an
-- emergency, and the notices that tell of it.

-- `guarded` is: restricted, or somebody is locked out. `restricted` is what may be shown: a person whom a neighbour is locked
-- out of is guarded, and nothing says so.
ALTER TABLE service_users
    ADD COLUMN restricted boolean NOT NULL DEFAULT false,
    ADD CHECK (guarded OR NOT restricted);

CREATE TABLE restrictions (
    practice_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    guarded boolean NOT NULL,
    reason bytea NOT NULL,
    review_on date NOT NULL,
    set_by uuid NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, service_user_id),
    FOREIGN KEY (practice_id, service_user_id, guarded)
        REFERENCES service_users (practice_id, service_user_id, guarded) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, set_by) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX restrictions_person ON restrictions (practice_id, service_user_id, guarded);
CREATE INDEX restrictions_set_by ON restrictions (practice_id, set_by);
CREATE INDEX restrictions_due ON restrictions (practice_id, review_on, service_user_id);

-- Whom a restriction names: the record is open to them.
CREATE TABLE restriction_staff (
    practice_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    guarded boolean NOT NULL,
    staff_id uuid NOT NULL,
    PRIMARY KEY (practice_id, service_user_id, staff_id),
    FOREIGN KEY (practice_id, service_user_id) REFERENCES restrictions (practice_id, service_user_id),
    FOREIGN KEY (practice_id, service_user_id, guarded)
        REFERENCES service_users (practice_id, service_user_id, guarded) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX restriction_staff_restriction ON restriction_staff (practice_id, service_user_id);
CREATE INDEX restriction_staff_person ON restriction_staff (practice_id, service_user_id, guarded);
CREATE INDEX restriction_staff_staff ON restriction_staff (practice_id, staff_id);

-- Who may not meet a record, whatever else they may: a relative, a neighbour.
CREATE TABLE lock_outs (
    practice_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    guarded boolean NOT NULL,
    staff_id uuid NOT NULL,
    reason bytea NOT NULL,
    set_by uuid NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, service_user_id, staff_id),
    FOREIGN KEY (practice_id, service_user_id, guarded)
        REFERENCES service_users (practice_id, service_user_id, guarded) ON UPDATE CASCADE,
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, set_by) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX lock_outs_person ON lock_outs (practice_id, service_user_id, guarded);
CREATE INDEX lock_outs_staff ON lock_outs (practice_id, staff_id);
CREATE INDEX lock_outs_set_by ON lock_outs (practice_id, set_by);

-- An emergency: a restricted record opened to one member of staff, in one session, for an hour at most. Seen by them and by
-- those who were told of it at once, of whom one closes it with a review; not by who may see the record, hence no `guarded`.
CREATE TABLE break_glasses (
    practice_id uuid NOT NULL,
    break_glass_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    session_id uuid NOT NULL,
    -- The person's: whoever reviews may not see the person.
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
CREATE INDEX break_glasses_person ON break_glasses (practice_id, service_user_id);
CREATE INDEX break_glasses_staff ON break_glasses (practice_id, staff_id, expires_at);
CREATE INDEX break_glasses_reviewed_by ON break_glasses (practice_id, reviewed_by);
CREATE INDEX break_glasses_key ON break_glasses (practice_id, key_id);

-- What a member of staff is told. Ids, never content.
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
    FOREIGN KEY (practice_id, recipient_id) REFERENCES staff (practice_id, staff_id),
    FOREIGN KEY (practice_id, service_user_id) REFERENCES service_users (practice_id, service_user_id)
);
CREATE INDEX notices_recipient ON notices (practice_id, recipient_id, notice_id);
CREATE INDEX notices_person ON notices (practice_id, service_user_id);

-- What is open is found from these tables, and from when it is.
DROP FUNCTION app.find_open_people(uuid, uuid);
DROP TABLE open_people;

-- The people whom a member of staff is locked out of.
CREATE OR REPLACE FUNCTION app.find_locked_out(practice uuid, reader uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT COALESCE(array_agg(service_user_id), '{}') FROM lock_outs WHERE practice_id = practice AND staff_id = reader
$$;

-- The guarded people open to a member of staff at a moment, in a session: those whom they are not locked out of, and whose
-- record is not restricted, or names them, or stands open by a glass that they broke in this session.
CREATE FUNCTION app.find_open_people(practice uuid, reader uuid, session uuid, moment timestamptz) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
    SELECT COALESCE(array_agg(service_user_id), '{}') FROM (
        SELECT service_user_id FROM restriction_staff WHERE practice_id = practice AND staff_id = reader
        UNION
        SELECT service_user_id FROM break_glasses b
        WHERE practice_id = practice AND staff_id = reader AND session_id = session AND expires_at > moment
            AND EXISTS (SELECT FROM restrictions r
                WHERE r.practice_id = b.practice_id AND r.service_user_id = b.service_user_id)
        UNION
        SELECT service_user_id FROM lock_outs l
        WHERE practice_id = practice AND NOT EXISTS (SELECT FROM restrictions r
            WHERE r.practice_id = l.practice_id AND r.service_user_id = l.service_user_id)
        EXCEPT
        SELECT service_user_id FROM lock_outs WHERE practice_id = practice AND staff_id = reader
    ) AS open
$$;

-- The members of staff to whom a person is closed, glasses apart: whoever is locked out, and where the record is restricted,
-- whoever it does not name.
CREATE FUNCTION app.barred_from(practice uuid, person uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT COALESCE(array_agg(staff_id), '{}') FROM staff s
    WHERE s.practice_id = practice AND (
        EXISTS (SELECT FROM lock_outs l
            WHERE l.practice_id = practice AND l.service_user_id = person AND l.staff_id = s.staff_id)
        OR EXISTS (SELECT FROM restrictions r WHERE r.practice_id = practice AND r.service_user_id = person)
            AND NOT EXISTS (SELECT FROM restriction_staff n
                WHERE n.practice_id = practice AND n.service_user_id = person AND n.staff_id = s.staff_id))
$$;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['restrictions', 'restriction_staff', 'lock_outs', 'break_glasses', 'notices'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner ON %I TO almoner_owner USING (true)', t);
    END LOOP;
    -- About a person: the same policy as on every such table.
    FOREACH t IN ARRAY ARRAY['restrictions', 'restriction_staff', 'lock_outs'] LOOP
        EXECUTE format('CREATE POLICY practice ON %I TO almoner_practice USING (practice_id = app.practice()
            AND (NOT guarded OR service_user_id = ANY ((SELECT app.open_people())::uuid[])))', t);
        EXECUTE format('CREATE POLICY worker ON %I TO almoner_worker USING (practice_id = app.practice())', t);
    END LOOP;
    -- What is open to the caller is found with the caller.
    FOREACH t IN ARRAY ARRAY['restrictions', 'restriction_staff', 'lock_outs', 'break_glasses'] LOOP
        EXECUTE format('CREATE POLICY identity ON %I TO almoner_identity USING (true)', t);
    END LOOP;
    -- The intake keeps `guarded`: whoever restricts a record to others, or locks themselves out, does not see it any more.
    FOREACH t IN ARRAY ARRAY['service_users', 'restrictions', 'lock_outs'] LOOP
        EXECUTE format('CREATE POLICY intake ON %I TO almoner_intake USING (practice_id = app.practice())', t);
    END LOOP;
END $$;

CREATE POLICY practice ON break_glasses TO almoner_practice USING (practice_id = app.practice()
    AND (staff_id = app.staff() OR app.staff() = ANY (reviewers)));
-- A notice is written for others, and read by its recipient.
CREATE POLICY practice ON notices TO almoner_practice USING (practice_id = app.practice() AND recipient_id = app.staff())
    WITH CHECK (practice_id = app.practice());

GRANT SELECT, INSERT, DELETE ON restrictions, restriction_staff, lock_outs TO almoner_practice;
GRANT SELECT, INSERT, UPDATE (reviewed_at, reviewed_by, finding, review, version) ON break_glasses TO almoner_practice;
GRANT SELECT, INSERT, UPDATE (read_at) ON notices TO almoner_practice;

GRANT SELECT (practice_id, service_user_id) ON restrictions TO almoner_identity, almoner_intake, almoner_worker;
GRANT SELECT (practice_id, service_user_id, staff_id) ON restriction_staff TO almoner_identity, almoner_worker;
GRANT SELECT (practice_id, service_user_id, staff_id) ON lock_outs TO almoner_identity, almoner_worker;
GRANT SELECT (practice_id, service_user_id) ON lock_outs TO almoner_intake;
GRANT SELECT (practice_id, service_user_id, staff_id, session_id, expires_at) ON break_glasses TO almoner_identity;
GRANT SELECT (practice_id, service_user_id, key_id, restricted, version), UPDATE (guarded, restricted, version) ON service_users TO almoner_intake;
