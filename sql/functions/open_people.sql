-- The access-restricted people whose records the caller may see: the list that app.find_open_people found when the caller
-- was identified. The policies about a person compare with it. It lists who is open, never who is closed, so a person who
-- becomes access-restricted a moment later is invisible, and an unset list opens nobody.
CREATE OR REPLACE FUNCTION app.open_people() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(NULLIF(current_setting('app.open_people', true), ''), '{}')::uuid[];
