-- Finds the officer to whom a live session of the caller's account belongs, and goes on as them: in the role of the council's
-- door, with their council and themselves, and with its audit log if they are a records officer. No row if the session has ended,
-- the account is disabled, the officer's access has ended, or they are unconfirmed or have no role that works: then the role stays
-- as it was. Access ends at its moment, which is compared here, in each request, and waits for no job. It runs once in each
-- request, as the identity role.
CREATE OR REPLACE FUNCTION app.enter_council_as_officer(session uuid, moment timestamptz) RETURNS TABLE (
    council_id uuid, officer_id uuid, roles text[], authenticated_at timestamptz, by_provider boolean)
LANGUAGE plpgsql ROWS 1
SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    more text := '';
BEGIN
    SELECT o.council_id, o.officer_id, o.roles, s.authenticated_at, s.by_provider
    INTO council_id, officer_id, roles, authenticated_at, by_provider
    FROM sessions s
    JOIN accounts a ON a.account_id = s.account_id
    JOIN officers o ON o.council_id = s.council_id AND o.officer_id = s.officer_id
    WHERE s.account_id = app.account() AND s.session_id = session AND s.ended_at IS NULL AND s.expires_at > moment
        AND a.disabled_at IS NULL AND o.account_id = s.account_id
        AND (o.access_ends_at IS NULL OR o.access_ends_at > moment) AND o.unconfirmed_at IS NULL AND o.roles <> '{}';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF 'records_officer' = ANY (roles) THEN
        more := format('; SET LOCAL app.audited_council = %L', council_id);
    END IF;
    EXECUTE format('SET LOCAL ROLE almoner_council; SET LOCAL app.council = %L; SET LOCAL app.officer = %L', council_id, officer_id)
        || more;
    RETURN NEXT;
END
$$;
