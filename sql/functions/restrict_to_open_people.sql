-- Gives a table about a person the policy of the practice's door: a caller sees an access-restricted person's rows only if
-- the person is on the caller's list of open people. No migration writes that policy by hand, so it is the same on every
-- table; only the owner may call this. The inner SELECT makes PostgreSQL read the list once for a query instead of once for
-- a row.
CREATE OR REPLACE FUNCTION app.restrict_to_open_people(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY practice ON %s TO almoner_practice USING (practice_id = app.practice()
        AND (NOT access_restricted OR service_user_id = ANY ((SELECT app.open_people())::uuid[])))', target);
END
$$;
REVOKE ALL ON FUNCTION app.restrict_to_open_people(regclass) FROM PUBLIC;
