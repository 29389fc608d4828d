-- What a scope says of itself: one setting each, set with SET LOCAL at the start of a transaction.
-- A setting that was made and then ended with its transaction is '', not NULL: hence NULLIF. Unset means NULL, and NULL
-- equals nothing: a query outside a scope finds no row.
CREATE SCHEMA app;

CREATE FUNCTION app.practice() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.practice', true), '')::uuid $$;
CREATE FUNCTION app.staff() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.staff', true), '')::uuid $$;
CREATE FUNCTION app.council() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.council', true), '')::uuid $$;
CREATE FUNCTION app.client() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.client', true), '')::uuid $$;
CREATE FUNCTION app.account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.account', true), '')::uuid $$;

-- The guarded people and the complaints that this member of staff may see. Lists of what is open: what is guarded or
-- lodged a moment later is closed by itself, and an unset list opens nothing.
CREATE FUNCTION app.open_people() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT COALESCE(NULLIF(current_setting('app.open_people', true), ''), '{}')::uuid[] $$;
CREATE FUNCTION app.open_complaints() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT COALESCE(NULLIF(current_setting('app.open_complaints', true), ''), '{}')::uuid[] $$;

GRANT USAGE ON SCHEMA app TO almoner_identity, almoner_practice, almoner_council, almoner_partner,
    almoner_public, almoner_operator, almoner_intake, almoner_worker;
