-- The OAuth 2.0 client that calls, as the scope set it. Unset means NULL, which equals nothing.
CREATE OR REPLACE FUNCTION app.client() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.client', true), '')::uuid;
