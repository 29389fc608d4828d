-- The teams whose people the caller may see, as the scope set them from who the caller is. The policies about a person compare
-- with them: a person who is not access-restricted is seen by those to whom their team is open. An unset list opens none.
CREATE OR REPLACE FUNCTION app.open_teams() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(NULLIF(current_setting('app.open_teams', true), ''), '{}')::uuid[];
