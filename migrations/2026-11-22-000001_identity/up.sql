-- Identity: an account is made by the person it is for, with a second factor; sessions are renewed by tokens that serve once.

-- The second factor (RFC 6238), sealed under the account's own key, and the last step that was used: a code serves once.
ALTER TABLE accounts ADD COLUMN totp_secret bytea;
ALTER TABLE accounts ADD COLUMN totp_pending bytea;
ALTER TABLE accounts ADD COLUMN totp_last_step bigint;

-- Each serves once, in the place of a code.
CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES accounts,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account_id, code_hash)
);

-- A membership is somebody's once they have accepted their invitation.
ALTER TABLE staff ALTER COLUMN account_id DROP NOT NULL;
ALTER TABLE staff ADD COLUMN email text;
UPDATE staff SET email = accounts.email FROM accounts WHERE accounts.account_id = staff.account_id;
ALTER TABLE staff ALTER COLUMN email SET NOT NULL;
ALTER TABLE staff ADD COLUMN version integer NOT NULL DEFAULT 1;
-- Since when somebody at the practice has to say that the account is still theirs: its password and second factor were
-- replaced through a link that the practice did not give.
ALTER TABLE staff ADD COLUMN unconfirmed_since timestamptz;
-- Whoever left may come back.
ALTER TABLE staff DROP CONSTRAINT staff_practice_id_account_id_key;
CREATE UNIQUE INDEX staff_account ON staff (practice_id, account_id) WHERE left_at IS NULL;
CREATE UNIQUE INDEX staff_email ON staff (practice_id, email) WHERE left_at IS NULL;

-- A link that serves once: to join a practice, to come in by the operator's door, or to replace a lost password and second
-- factor. An invitation owns itself; its token is kept only as a hash, and what is drawn for its holder is sealed under it.
CREATE TABLE invitations (
    invitation_id uuid PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('join', 'operate', 'replace')),
    -- Who gave it: a practice, or the operator where there is none.
    practice_id uuid,
    staff_id uuid,
    -- Whose password and second factor it replaces.
    account_id uuid REFERENCES accounts,
    email text NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    totp_secret bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff (practice_id, staff_id),
    CHECK ((practice_id IS NULL) = (staff_id IS NULL)),
    CHECK (purpose <> 'join' OR practice_id IS NOT NULL),
    CHECK ((purpose = 'replace') = (account_id IS NOT NULL))
);
CREATE INDEX invitations_of_staff ON invitations (practice_id, staff_id);
CREATE INDEX invitations_of_an_account ON invitations (account_id);

-- When the second factor was last proved, when the session was last renewed, from where it was begun, how it ended.
ALTER TABLE sessions ADD COLUMN authenticated_at timestamptz;
ALTER TABLE sessions ADD COLUMN renewed_at timestamptz;
UPDATE sessions SET authenticated_at = created_at, renewed_at = created_at;
ALTER TABLE sessions ALTER COLUMN authenticated_at SET NOT NULL;
ALTER TABLE sessions ALTER COLUMN renewed_at SET NOT NULL;
ALTER TABLE sessions ADD COLUMN from_address text;
ALTER TABLE sessions ADD COLUMN ended_because text;

-- The tokens by which a session is renewed (RFC 6749 §6). One that was replaced and comes back was stolen, or its successor
-- was: the session ends.
CREATE TABLE refresh_tokens (
    account_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    replaced_at timestamptz,
    PRIMARY KEY (account_id, token_hash),
    FOREIGN KEY (account_id, session_id) REFERENCES sessions (account_id, session_id)
);
CREATE INDEX refresh_tokens_of_a_session ON refresh_tokens (account_id, session_id);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['recovery_codes', 'invitations', 'refresh_tokens'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner ON %I TO almoner_owner USING (true)', t);
    END LOOP;
END $$;

CREATE POLICY identity ON recovery_codes TO almoner_identity USING (account_id = app.account());
GRANT SELECT, INSERT, UPDATE (used_at), DELETE ON recovery_codes TO almoner_identity;
CREATE POLICY identity ON refresh_tokens TO almoner_identity USING (account_id = app.account());
GRANT SELECT, INSERT, UPDATE (replaced_at) ON refresh_tokens TO almoner_identity;
CREATE POLICY worker ON refresh_tokens TO almoner_worker USING (true);
GRANT SELECT (account_id, session_id), DELETE ON refresh_tokens TO almoner_worker;

CREATE POLICY identity ON invitations TO almoner_identity USING (true);
GRANT SELECT, UPDATE (totp_secret, ended_at) ON invitations TO almoner_identity;
CREATE POLICY operator ON invitations TO almoner_operator USING (true);
CREATE POLICY practice ON invitations TO almoner_practice USING (practice_id = app.practice());
GRANT SELECT (invitation_id, practice_id, staff_id, account_id, email, purpose, ended_at), INSERT, UPDATE (ended_at)
    ON invitations TO almoner_operator, almoner_practice;

-- Nobody makes an account for another: the operator and the practice invite.
REVOKE INSERT ON accounts FROM almoner_operator;
GRANT UPDATE (disabled_at) ON accounts TO almoner_operator;
GRANT INSERT, SELECT (totp_secret, totp_pending, totp_last_step, created_at),
    UPDATE (password_hash, totp_secret, totp_pending, totp_last_step) ON accounts TO almoner_identity;
CREATE POLICY identity ON sealing_keys TO almoner_identity USING (owner_id = app.account());
GRANT SELECT, INSERT ON sealing_keys TO almoner_identity;
GRANT UPDATE (account_id, unconfirmed_since) ON staff TO almoner_identity;
GRANT SELECT (email, account_id, version, created_at, unconfirmed_since), INSERT,
    UPDATE (name, roles, owner, line_manager_id, deputy_for_id, social_work_england_number, left_at, unconfirmed_since, version)
    ON staff TO almoner_practice;
GRANT UPDATE (authenticated_at, renewed_at, ended_because) ON sessions TO almoner_identity;

-- Who signs in to a practice is in that practice's log.
ALTER POLICY identity ON audit_events USING (owner_id IN ('00000000-0000-0000-0000-000000000000', app.practice()));
