-- The member of staff who calls, as the scope set it. Unset means NULL, which equals nothing.
CREATE OR REPLACE FUNCTION app.staff() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.staff', true), '')::uuid;
