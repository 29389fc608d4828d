-- The people from whose records the caller is locked out: the list that app.find_locked_out found when the caller was
-- identified. The audit log's policy leaves out what was done to these. Unset is NULL, and with NULL the policy shows nothing.
CREATE OR REPLACE FUNCTION app.locked_out() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.locked_out', true), '')::uuid[] $$;
