-- The keyed hash of the reference and the code that the caller at the partner's door has shown, in hexadecimal digits. Unset means
-- NULL, which equals nothing.
CREATE OR REPLACE FUNCTION app.receipt() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN decode(NULLIF(current_setting('app.receipt', true), ''), 'hex');
