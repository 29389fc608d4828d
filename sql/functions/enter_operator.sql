-- Finds when an operator last proved their second factor in a live session of the caller's account, and goes on as the
-- operator. No row if it is not an operator's session, or has ended: then the role stays as it was. It runs once in each
-- request, as the identity role.
CREATE OR REPLACE FUNCTION app.enter_operator(session uuid, moment timestamptz) RETURNS TABLE (authenticated_at timestamptz)
LANGUAGE plpgsql ROWS 1
SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT s.authenticated_at INTO authenticated_at
    FROM sessions s JOIN accounts a ON a.account_id = s.account_id
    WHERE s.account_id = app.account() AND s.session_id = session AND s.ended_at IS NULL AND s.expires_at > moment
        AND s.practice_id IS NULL AND s.council_id IS NULL AND a.disabled_at IS NULL AND a.operator;
    IF FOUND THEN
        SET LOCAL ROLE almoner_operator;
        RETURN NEXT;
    END IF;
END
$$;
