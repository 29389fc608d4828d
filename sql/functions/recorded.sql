-- The one person whose record an officer opened for looking into a complaint. Unset means NULL, which equals nothing.
CREATE OR REPLACE FUNCTION app.recorded() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.recorded', true), '')::uuid;
