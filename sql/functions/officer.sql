-- The officer who calls at the council's door, as the scope set it. Unset means NULL, which equals nothing: a system calls.
CREATE OR REPLACE FUNCTION app.officer() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.officer', true), '')::uuid;
