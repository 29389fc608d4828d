-- These people, their line managers upwards, the deputies of all of them, and whoever acts or last acted as a manager for one
-- of them. The draw of a countersignature's signatory passes over them.
CREATE OR REPLACE FUNCTION app.line_of(practice uuid, people uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        WITH RECURSIVE line (staff_id) AS (
            SELECT unnest(people)
            UNION
            SELECT other.staff_id
            FROM line
            JOIN staff person ON person.practice_id = practice AND person.staff_id = line.staff_id
            JOIN staff other ON other.practice_id = practice
                AND (other.staff_id = person.line_manager_id OR other.deputy_for_id = person.staff_id
                    OR other.acting_for_id = person.staff_id)
        )
        SELECT COALESCE(array_agg(staff_id), '{}') FROM line);
END
$$;
