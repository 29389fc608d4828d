-- These people, their line managers upwards, the deputies of all of them, and whoever acts or last acted as a manager for one
-- of them: as all of this is now, or was at any time since a moment. The draw of a countersignature's signatory passes over them.
CREATE OR REPLACE FUNCTION app.line_of(practice uuid, people uuid[], since timestamptz) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        WITH RECURSIVE standing AS (
            SELECT staff_id, line_manager_id, deputy_for_id, acting_for_id FROM staff WHERE practice_id = practice
            UNION ALL
            SELECT staff_id, line_manager_id, deputy_for_id, acting_for_id FROM former_lines
            WHERE practice_id = practice AND until >= since
        ),
        line (staff_id) AS (
            SELECT unnest(people)
            UNION
            SELECT other.staff_id
            FROM line
            JOIN standing person ON person.staff_id = line.staff_id
            JOIN standing other ON other.staff_id = person.line_manager_id OR other.deputy_for_id = person.staff_id
                OR other.acting_for_id = person.staff_id
        )
        SELECT COALESCE(array_agg(staff_id), '{}') FROM line);
END
$$;
