-- The complaints of a practice that a member of staff may see: not those about themselves or about anyone in whose line of
-- management they stand (app.answers_for). The people whom the complainant named are subjects until others are confirmed.
-- Until the subjects are confirmed, those who worked with the person in the 24 months before the complaint was lodged, or
-- since, are presumed to be subjects. Until the person is known, only a reader without cases or reports of their own may
-- read the complaint. It runs once, when the caller is identified.
CREATE OR REPLACE FUNCTION app.find_open_complaints(practice uuid, reader uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        WITH below AS MATERIALIZED (SELECT app.answers_for(practice, reader) AS staff)
        SELECT COALESCE(array_agg(c.complaint_id), '{}')
        FROM complaints c, below
        WHERE c.holder_id = practice
            AND NOT EXISTS (
                SELECT FROM complaint_subjects s
                WHERE s.holder_id = c.holder_id AND s.complaint_id = c.complaint_id AND s.staff_id = ANY (below.staff)
                    AND (s.standing IN ('must_not_see', 'confirmed') OR NOT EXISTS (
                        SELECT FROM complaint_subjects k
                        WHERE k.holder_id = c.holder_id AND k.complaint_id = c.complaint_id AND k.standing = 'confirmed')))
            AND CASE
                WHEN c.subjects_confirmed_at IS NOT NULL THEN true
                WHEN c.service_user_id IS NOT NULL THEN
                    NOT app.workers_of(practice, c.service_user_id, c.received_at - interval '24 months') && below.staff
                ELSE cardinality(below.staff) = 1 AND NOT EXISTS (
                    SELECT FROM allocations a
                    WHERE a.practice_id = practice AND a.staff_id = ANY (below.staff)
                        AND (a.ends_at IS NULL OR a.ends_at >= c.received_at - interval '24 months'))
            END);
END
$$;
