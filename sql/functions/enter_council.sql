-- Finds the council whose system the scope's client is, if the client is not disabled and its token is neither revoked
-- nor of an earlier generation, and goes on as that council. No row if there is none: then the role stays as it was. It runs
-- once in each request, as the identity role.
CREATE OR REPLACE FUNCTION app.enter_council(token uuid, generation integer) RETURNS TABLE (
    council_id uuid, scopes text[], allowed_addresses text[])
LANGUAGE plpgsql ROWS 1
SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT c.council_id, c.scopes, c.allowed_addresses INTO council_id, scopes, allowed_addresses
    FROM clients c
    WHERE c.client_id = app.client() AND c.council_id IS NOT NULL AND c.disabled_at IS NULL
        AND c.token_generation = generation
        AND NOT EXISTS (SELECT FROM revoked_tokens t WHERE t.client_id = c.client_id AND t.jti = token);
    IF FOUND THEN
        EXECUTE format('SET LOCAL ROLE almoner_council; SET LOCAL app.council = %L', council_id);
        RETURN NEXT;
    END IF;
END
$$;
