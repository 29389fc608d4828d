-- The council whose audit log the caller may read: set for its records officers alone, when they were identified. Unset means
-- NULL, which equals nothing.
CREATE OR REPLACE FUNCTION app.audited_council() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.audited_council', true), '')::uuid;
