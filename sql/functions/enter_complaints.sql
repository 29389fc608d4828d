-- Finds the officer or the guest to whom a live session at the complaints' door belongs, and goes on as them: in the role of that door,
-- with their council, themselves, the complaint that the request names if it is assigned to them, and the list of the parts that are
-- shown to their account there: whoever handles complaints, or is an officer, can be heard in another. A request opens no other complaint; a list opens those that it shows. No row if the session has ended or is for
-- another door, the account is disabled, an officer's access has ended or they have no role in complaints that works, or a guest has
-- been let go or waits to be confirmed: then the role stays as it was. All of it is compared here, in each request, and waits for no
-- job. It runs once in each request, as the identity role.
CREATE OR REPLACE FUNCTION app.enter_complaints(session uuid, moment timestamptz, named uuid) RETURNS TABLE (
    council_id uuid, officer_id uuid, guest_id uuid, name text, roles text[], authenticated_at timestamptz, shown uuid[])
LANGUAGE plpgsql ROWS 1
SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    assignments text := '';
    is_assigned boolean;
BEGIN
    SELECT s.council_id, o.officer_id, g.guest_id, COALESCE(o.name, g.name),
        COALESCE(ARRAY(SELECT r FROM unnest(o.roles) AS r WHERE r IN ('complaints', 'responsible_person', 'alternate')), '{}'),
        s.authenticated_at,
        EXISTS (SELECT FROM complaint_assignments c
            WHERE c.council_id = s.council_id AND c.complaint_id = named AND c.view = 'whole' AND c.ended_at IS NULL
                AND (c.officer_id = o.officer_id OR c.guest_id = g.guest_id)),
        ARRAY(SELECT c.assignment_id FROM guests p
            JOIN complaint_assignments c ON c.council_id = p.council_id AND c.guest_id = p.guest_id
            WHERE p.council_id = s.council_id AND p.account_id = s.account_id AND p.ended_at IS NULL AND p.unconfirmed_at IS NULL
                AND c.view <> 'whole' AND c.ended_at IS NULL AND c.opens_at <= moment)
    INTO council_id, officer_id, guest_id, name, roles, authenticated_at, is_assigned, shown
    FROM sessions s
    JOIN accounts a ON a.account_id = s.account_id
    LEFT JOIN officers o ON o.council_id = s.council_id AND o.officer_id = s.officer_id AND o.account_id = s.account_id
        AND (o.access_ends_at IS NULL OR o.access_ends_at > moment) AND o.unconfirmed_at IS NULL
        AND o.roles && ARRAY['complaints', 'responsible_person', 'alternate']
    LEFT JOIN guests g ON g.council_id = s.council_id AND g.guest_id = s.guest_id AND g.account_id = s.account_id
        AND g.ended_at IS NULL AND g.unconfirmed_at IS NULL
    WHERE s.account_id = app.account() AND s.session_id = session AND s.for_complaints AND s.ended_at IS NULL
        AND s.expires_at > moment AND a.disabled_at IS NULL AND num_nonnulls(o.officer_id, g.guest_id) = 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- A list that is left unset opens nothing.
    IF is_assigned THEN
        assignments := format('; SET LOCAL app.assigned = %L', ARRAY[named]);
    END IF;
    IF shown <> '{}' THEN
        assignments := assignments || format('; SET LOCAL app.shown = %L', shown);
    END IF;
    EXECUTE format('SET LOCAL ROLE almoner_complaints; SET LOCAL app.council = %L; SET LOCAL app.%s = %L', council_id,
        CASE WHEN officer_id IS NULL THEN 'guest' ELSE 'officer' END, COALESCE(officer_id, guest_id)) || assignments;
    RETURN NEXT;
END
$$;
REVOKE EXECUTE ON FUNCTION app.enter_complaints FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.enter_complaints TO almoner_identity;
