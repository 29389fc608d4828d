-- The members of staff who worked with one of these people at any time since a moment (app.workers_of), or acted on their record: asked for an
-- action that a second person decides, decided on one, restricted the record, excluded somebody from it or is excluded, wrote or
-- reviewed a warning note, or broke the glass. None of them is let in to a complaint about the person's care.
CREATE OR REPLACE FUNCTION app.acted_on(practice uuid, people uuid[], since timestamptz) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT COALESCE(array_agg(DISTINCT actor), '{}') FROM (
            SELECT unnest(app.workers_of(practice, person, since)) AS actor FROM unnest(people) AS person
            UNION ALL
            SELECT unnest(ARRAY[asked_by, signatory_id]) FROM countersignatures
            WHERE practice_id = practice AND service_user_id = ANY (people) AND COALESCE(decided_at, asked_at) >= since
            UNION ALL
            SELECT set_by FROM restrictions WHERE practice_id = practice AND service_user_id = ANY (people) AND set_at >= since
            UNION ALL
            SELECT unnest(ARRAY[staff_id, set_by]) FROM exclusions WHERE practice_id = practice AND service_user_id = ANY (people)
            UNION ALL
            SELECT unnest(written_by || acted_by) FROM warning_notes
            WHERE practice_id = practice AND service_user_id = ANY (people) AND acted_at >= since
            UNION ALL
            SELECT staff_id FROM break_glass_accesses
            WHERE practice_id = practice AND service_user_id = ANY (people) AND expires_at >= since) AS acts
        WHERE actor IS NOT NULL);
END
$$;
