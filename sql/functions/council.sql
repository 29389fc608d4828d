-- The council that the transaction is for, as its scope set it. Unset means NULL, which equals nothing.
CREATE OR REPLACE FUNCTION app.council() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.council', true), '')::uuid;
