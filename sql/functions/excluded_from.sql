-- The people from whose records the caller is excluded: the list that app.find_excluded_from found when the caller was
-- identified. The audit log's policy leaves out what was done to these. Unset is NULL, and with NULL the policy shows nothing.
CREATE OR REPLACE FUNCTION app.excluded_from() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.excluded_from', true), '')::uuid[];
