-- The members of staff who may not see a person's record, break-glass access apart: those who are excluded from it, and,
-- where it is restricted, everyone whom the restriction does not name.
CREATE OR REPLACE FUNCTION app.staff_without_access(practice uuid, person uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT COALESCE(array_agg(staff_id), '{}') FROM staff s
        WHERE s.practice_id = practice AND (
            EXISTS (SELECT FROM exclusions l
                WHERE l.practice_id = practice AND l.service_user_id = person AND l.staff_id = s.staff_id)
            OR EXISTS (SELECT FROM restrictions r WHERE r.practice_id = practice AND r.service_user_id = person)
                AND NOT EXISTS (SELECT FROM restriction_staff n
                    WHERE n.practice_id = practice AND n.service_user_id = person AND n.staff_id = s.staff_id)));
END
$$;
