-- Everybody who works at the practice or has worked there since a moment, and whether they own a share, or owned one since.
CREATE OR REPLACE FUNCTION app.members_since(practice uuid, since timestamptz)
RETURNS TABLE (id uuid, account uuid, full_name text, is_owner boolean) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT s.staff_id, s.account_id, s.name,
            s.owner OR EXISTS (SELECT FROM former_lines f
                WHERE f.practice_id = practice AND f.staff_id = s.staff_id AND f.owner AND f.until >= since)
        FROM staff s
        WHERE s.practice_id = practice AND (s.left_at IS NULL OR s.left_at > since);
END
$$;
