-- Finds the member of staff to whom a live session of the caller's account belongs, and goes on as them: in the role of the
-- practice's door, with their practice, themselves, their teams, and the lists of what is open to them. No row if the session
-- has ended, the account is disabled, the practice is suspended, or the membership has ended, is unconfirmed or has no role
-- that works: then the role stays as it was. A membership ends at its moment, and the power of an acting manager counts
-- between its confirmation and its end: both are compared here, in each request, and wait for no job. A member who manages
-- only by such power stands in for the manager for whom they act and for whoever gave it. A role that nobody has confirmed is
-- not among `roles`, and so opens nothing. A list of what is open is left unset if it is empty, which opens nothing. It runs
-- once in each request, as the identity role.
-- Only records officers read the audit log: their list is set for nobody else.
CREATE OR REPLACE FUNCTION app.enter_practice(session uuid, moment timestamptz) RETURNS TABLE (
    practice_id uuid, staff_id uuid, name text, roles text[], stands_in_for uuid[], authenticated_at timestamptz,
    joined_at timestamptz, registration_status text, registration_checked_on date, registration_ends_on date, open_people uuid[],
    excluded_from uuid[])
LANGUAGE plpgsql ROWS 1
SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    has_restricted_people boolean;
    lists text := '';
BEGIN
    SELECT m.practice_id, m.staff_id, m.name,
        CASE WHEN acting.counts THEN m.roles || 'manager'::text ELSE m.roles END,
        CASE WHEN acting.counts THEN array_remove(ARRAY[m.acting_for_id, m.acting_given_by], NULL) ELSE '{}' END,
        s.authenticated_at, m.joined_at, r.status, r.checked_on, r.registration_ends_on,
        '{}', '{}',
        EXISTS (SELECT FROM restrictions x WHERE x.practice_id = s.practice_id)
            OR EXISTS (SELECT FROM exclusions x WHERE x.practice_id = s.practice_id)
    INTO practice_id, staff_id, name, roles, stands_in_for, authenticated_at, joined_at, registration_status,
        registration_checked_on, registration_ends_on, open_people, excluded_from, has_restricted_people
    FROM sessions s
    JOIN accounts a ON a.account_id = s.account_id
    JOIN staff m ON m.practice_id = s.practice_id AND m.staff_id = s.staff_id
    JOIN practices p ON p.practice_id = s.practice_id
    CROSS JOIN LATERAL (SELECT m.acting_confirmed_at IS NOT NULL AND m.acting_until > moment
        AND NOT 'manager' = ANY (m.roles) AS counts) acting
    LEFT JOIN registrations r ON r.practice_id = s.practice_id AND r.staff_id = s.staff_id
    WHERE s.account_id = app.account() AND s.session_id = session AND s.ended_at IS NULL AND s.expires_at > moment
        AND a.disabled_at IS NULL AND p.suspended_at IS NULL AND m.left_at IS NULL
        AND (m.access_ends_at IS NULL OR m.access_ends_at > moment) AND m.unconfirmed_at IS NULL
        AND m.roles <> '{}';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF has_restricted_people THEN
        open_people := app.find_open_people(practice_id, staff_id, session, moment);
        excluded_from := app.find_excluded_from(practice_id, staff_id);
    END IF;
    -- The audit log opens only where this list is set, which may be empty.
    IF 'records_officer' = ANY (roles) THEN
        lists := format('; SET LOCAL app.excluded_from = %L', excluded_from);
    END IF;
    IF open_people <> '{}' THEN
        lists := lists || format('; SET LOCAL app.open_people = %L', open_people);
    END IF;
    -- Until practices make teams, each has one, in which everybody is: its id is the practice's.
    EXECUTE format('SET LOCAL ROLE almoner_practice; SET LOCAL app.practice = %L; SET LOCAL app.staff = %L;
        SET LOCAL app.open_teams = %L', practice_id, staff_id, ARRAY[practice_id]) || lists;
    RETURN NEXT;
END
$$;
