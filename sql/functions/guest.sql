-- The guest who calls at the complaints' door, as the scope set it. Unset means NULL, which equals nothing: an officer calls.
CREATE OR REPLACE FUNCTION app.guest() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.guest', true), '')::uuid;
