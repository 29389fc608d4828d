-- The access-restricted people whose records a member of staff may see at a moment, in a session: those from whom they are
-- not excluded, and whose record is not restricted, or names them, or was opened by them with break-glass access in this
-- session. It runs once, when the caller is identified.
CREATE OR REPLACE FUNCTION app.find_open_people(practice uuid, reader uuid, session uuid, moment timestamptz) RETURNS uuid[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT COALESCE(array_agg(service_user_id), '{}') FROM (
            SELECT service_user_id FROM restriction_staff WHERE practice_id = practice AND staff_id = reader
            UNION
            SELECT service_user_id FROM break_glass_accesses b
            WHERE practice_id = practice AND staff_id = reader AND session_id = session AND expires_at > moment
                AND EXISTS (SELECT FROM restrictions r
                    WHERE r.practice_id = b.practice_id AND r.service_user_id = b.service_user_id)
            UNION
            SELECT service_user_id FROM exclusions l
            WHERE practice_id = practice AND NOT EXISTS (SELECT FROM restrictions r
                WHERE r.practice_id = l.practice_id AND r.service_user_id = l.service_user_id)
            EXCEPT
            SELECT service_user_id FROM exclusions WHERE practice_id = practice AND staff_id = reader
        ) AS open);
END
$$;
