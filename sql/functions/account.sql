-- The account of the person who calls, as the scope set it. Unset means NULL, which equals nothing.
CREATE OR REPLACE FUNCTION app.account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.account', true), '')::uuid;
