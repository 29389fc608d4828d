-- Gives a table about a person the policy of the practice's door: a person's rows are seen by those to whom the person's team is
-- open, and an access-restricted person's only by those to whom that person is open; besides, where more is asked, by those of whom this
-- is true. No migration writes that policy by hand, so it is the same on every table; only the owner may call this. The inner
-- SELECTs make PostgreSQL read each list once for a query instead of once for a row.
CREATE OR REPLACE FUNCTION app.restrict_to_open_people(target regclass, besides text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE POLICY practice ON %s TO almoner_practice USING (practice_id = app.practice()
        AND (NOT access_restricted AND team_id = ANY ((SELECT app.open_teams())::uuid[])
            OR service_user_id = ANY ((SELECT app.open_people())::uuid[]))%s)', target, ' AND (' || besides || ')');
END
$$;
REVOKE ALL ON FUNCTION app.restrict_to_open_people(regclass, text) FROM PUBLIC;
