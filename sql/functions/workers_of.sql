-- The members of staff who worked with a person at any time since a moment: those who were allocated to them, opened their
-- case, decided on their referral or wrote in their record. A complaint is presumed to be about them until its subjects are
-- confirmed, and none of them countersigns a decision about the person.
CREATE OR REPLACE FUNCTION app.workers_of(practice uuid, person uuid, since timestamptz) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT COALESCE(array_agg(DISTINCT worker), '{}') FROM (
            SELECT staff_id AS worker FROM allocations
            WHERE practice_id = practice AND service_user_id = person AND (ends_at IS NULL OR ends_at >= since)
            UNION ALL
            SELECT opened_by FROM cases WHERE practice_id = practice AND service_user_id = person AND opened_at >= since
            UNION ALL
            SELECT decided_by FROM referrals
            WHERE practice_id = practice AND service_user_id = person AND decided_by IS NOT NULL AND decided_at >= since
            UNION ALL
            SELECT author_id FROM case_notes
            WHERE practice_id = practice AND service_user_id = person AND written_at >= since
        ) AS work);
END
$$;
