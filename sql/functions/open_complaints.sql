-- The complaints that the caller may see: the list that app.find_open_complaints found when the caller was identified. The
-- policies of the complaints' tables compare with it. It lists what is open, so a complaint that is lodged a moment later is
-- invisible, and an unset list opens none.
CREATE OR REPLACE FUNCTION app.open_complaints() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(NULLIF(current_setting('app.open_complaints', true), ''), '{}')::uuid[];
