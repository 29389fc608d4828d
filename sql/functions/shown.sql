-- The assignments by which a part of a complaint is shown to the caller: heads on which they are heard, or a notice. app.enter_complaints
-- found them when the caller was identified. An unset list shows nothing.
CREATE OR REPLACE FUNCTION app.shown() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(NULLIF(current_setting('app.shown', true), ''), '{}')::uuid[];
