-- The one complaint whose receipt the caller at the partner's door has shown with its code. Unset means NULL, which equals nothing.
CREATE OR REPLACE FUNCTION app.complaint() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.complaint', true), '')::uuid;
