-- The people from whose records a member of staff is excluded. It runs once, when the caller is identified.
CREATE OR REPLACE FUNCTION app.find_excluded_from(practice uuid, reader uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT COALESCE(array_agg(service_user_id), '{}') FROM exclusions WHERE practice_id = practice AND staff_id = reader);
END
$$;
