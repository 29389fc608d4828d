-- The practice that the transaction is for, as its scope set it with SET LOCAL. Nearly every row policy compares a table's owner
-- with it. Unset means NULL, and NULL equals nothing: a query outside a scope finds no row. A setting whose transaction has
-- ended is '' rather than NULL: hence NULLIF.
CREATE OR REPLACE FUNCTION app.practice() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.practice', true), '')::uuid;
