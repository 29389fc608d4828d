-- Opens a page of the complaints that are assigned to the caller, whole, for the rest of the transaction, and no others: at most so many, the
-- newest first, that are older than the one named. It reads the caller's own assignments in the role of the complaints' door, once in a
-- request that lists them.
CREATE OR REPLACE FUNCTION app.open_assigned_page(council uuid, before uuid, most bigint) RETURNS uuid[] LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    page uuid[];
BEGIN
    IF app.officer() IS NULL THEN
        page := ARRAY(SELECT complaint_id FROM complaint_assignments
            WHERE council_id = council AND guest_id = app.guest() AND view = 'whole' AND ended_at IS NULL AND complaint_id < before
            ORDER BY complaint_id DESC LIMIT most);
    ELSE
        page := ARRAY(SELECT complaint_id FROM complaint_assignments
            WHERE council_id = council AND officer_id = app.officer() AND view = 'whole' AND ended_at IS NULL AND complaint_id < before
            ORDER BY complaint_id DESC LIMIT most);
    END IF;
    EXECUTE format('SET LOCAL app.assigned = %L', page);
    RETURN page;
END
$$;
REVOKE EXECUTE ON FUNCTION app.open_assigned_page FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.open_assigned_page TO almoner_complaints;
