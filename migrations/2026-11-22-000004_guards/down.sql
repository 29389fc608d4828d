DROP FUNCTION app.find_open_people(uuid, uuid, uuid, timestamptz);
DROP FUNCTION app.barred_from(uuid, uuid);
CREATE OR REPLACE FUNCTION app.find_locked_out(practice uuid, reader uuid) RETURNS uuid[] LANGUAGE sql STABLE AS
$$ SELECT '{}'::uuid[] $$;
DROP TABLE notices, break_glasses, lock_outs, restriction_staff, restrictions;

DROP POLICY intake ON service_users;
REVOKE ALL ON service_users FROM almoner_intake;
ALTER TABLE service_users DROP COLUMN restricted;

-- Whoever is guarded now stays so, and is open to nobody.
CREATE TABLE open_people (
    practice_id uuid NOT NULL,
    service_user_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    PRIMARY KEY (practice_id, service_user_id, staff_id),
    FOREIGN KEY (practice_id, service_user_id) REFERENCES service_users (practice_id, service_user_id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id)
);
CREATE INDEX open_people_of_staff ON open_people (practice_id, staff_id);
ALTER TABLE open_people ENABLE ROW LEVEL SECURITY;
ALTER TABLE open_people FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON open_people TO almoner_owner USING (true);
CREATE POLICY identity ON open_people TO almoner_identity USING (true);
GRANT SELECT ON open_people TO almoner_identity;

CREATE FUNCTION app.find_open_people(practice uuid, reader uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT COALESCE(array_agg(service_user_id), '{}') FROM open_people WHERE practice_id = practice AND staff_id = reader
$$;
