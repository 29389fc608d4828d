-- Enables and forces row-level security on a table and gives its owner a policy. Without a policy, a migration that fills a
-- column would change no row and report no error. Every migration calls it for every table that it makes; only the owner
-- may.
CREATE OR REPLACE FUNCTION app.secure_table(target regclass) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY owner ON %s TO almoner_owner USING (true)', target);
END
$$;
REVOKE ALL ON FUNCTION app.secure_table(regclass) FROM PUBLIC;
