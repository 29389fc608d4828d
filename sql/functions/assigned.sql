-- The complaints that are open in this request, of those that are assigned to the caller, whole: the one that the request names, as
-- app.enter_complaints found when the caller was identified, or those that a list shows. The policies of the complaints' tables compare
-- with it. It lists what is open by name, so a complaint that is lodged a moment later is invisible, and an unset list opens none.
CREATE OR REPLACE FUNCTION app.assigned() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(NULLIF(current_setting('app.assigned', true), ''), '{}')::uuid[];
