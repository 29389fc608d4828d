-- The codes under which the councils of these codes are or were known: each council's own, present and former, those of the
-- councils that it succeeded in a reorganisation, and those of its successors. It reads public registers alone.
CREATE OR REPLACE FUNCTION app.council_codes(codes text[]) RETURNS text[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        WITH RECURSIVE known (council_id, code) AS (
            SELECT council_id, gss_code FROM councils
            UNION
            SELECT council_id, gss_code FROM former_council_details
        ), steps (older, newer) AS (
            SELECT old.code, new.code
            FROM reorganised_codes old
            JOIN reorganised_codes new ON new.reorganisation_id = old.reorganisation_id AND new.fate = 'created'
            WHERE old.fate = 'abolished'
            UNION
            SELECT one.code, other.code FROM known one JOIN known other ON other.council_id = one.council_id
        ), before (code) AS (
            SELECT unnest(codes)
            UNION
            SELECT steps.older FROM before JOIN steps ON steps.newer = before.code
        ), after (code) AS (
            SELECT unnest(codes)
            UNION
            SELECT steps.newer FROM after JOIN steps ON steps.older = after.code
        )
        SELECT array_agg(code ORDER BY code) FROM (SELECT code FROM before UNION SELECT code FROM after) AS line);
END
$$;
