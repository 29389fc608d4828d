-- Finds the scope's client, if it is a partner app's and not disabled, and its token is neither revoked nor of an earlier
-- generation, and goes on as that app. No row if it is not: then the role stays as it was. It runs once in each request, as the
-- identity role.
CREATE OR REPLACE FUNCTION app.enter_partner(token uuid, generation integer) RETURNS TABLE (scopes text[], allowed_addresses text[])
LANGUAGE plpgsql ROWS 1
SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT c.scopes, c.allowed_addresses INTO scopes, allowed_addresses
    FROM clients c
    WHERE c.client_id = app.client() AND c.council_id IS NULL AND c.disabled_at IS NULL
        AND c.token_generation = generation
        AND NOT EXISTS (SELECT FROM revoked_tokens t WHERE t.client_id = c.client_id AND t.jti = token);
    IF FOUND THEN
        SET LOCAL ROLE almoner_partner;
        RETURN NEXT;
    END IF;
END
$$;
