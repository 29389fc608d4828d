-- Everybody in whose line of management this person stands, which is app.line_of from above: `b = ANY (line_of(a))` exactly
-- when `a = ANY (answers_for(b))`. Whoever acts or last acted for a manager stands in that manager's line. A complaint about
-- any of them is invisible to this person.
CREATE OR REPLACE FUNCTION app.answers_for(practice uuid, person uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        WITH RECURSIVE below (staff_id) AS (
            SELECT person
            UNION
            SELECT other.staff_id
            FROM below
            JOIN staff self ON self.practice_id = practice AND self.staff_id = below.staff_id
            JOIN staff other ON other.practice_id = practice
                AND (other.line_manager_id = self.staff_id OR other.staff_id = self.deputy_for_id
                    OR other.staff_id = self.acting_for_id)
        )
        SELECT COALESCE(array_agg(staff_id), '{}') FROM below);
END
$$;
