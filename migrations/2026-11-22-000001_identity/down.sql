ALTER POLICY identity ON audit_events USING (owner_id = '00000000-0000-0000-0000-000000000000');
REVOKE UPDATE (authenticated_at, renewed_at, ended_because) ON sessions FROM almoner_identity;
REVOKE SELECT (email, account_id, version, created_at, unconfirmed_since), INSERT,
    UPDATE (name, roles, owner, line_manager_id, deputy_for_id, social_work_england_number, left_at, unconfirmed_since, version)
    ON staff FROM almoner_practice;
REVOKE UPDATE (account_id, unconfirmed_since) ON staff FROM almoner_identity;
DROP POLICY identity ON sealing_keys;
REVOKE SELECT, INSERT ON sealing_keys FROM almoner_identity;
REVOKE INSERT, SELECT (totp_secret, totp_pending, totp_last_step, created_at),
    UPDATE (password_hash, totp_secret, totp_pending, totp_last_step) ON accounts FROM almoner_identity;
REVOKE UPDATE (disabled_at) ON accounts FROM almoner_operator;
GRANT INSERT ON accounts TO almoner_operator;
DROP TABLE refresh_tokens, invitations, recovery_codes;
ALTER TABLE sessions DROP COLUMN ended_because;
ALTER TABLE sessions DROP COLUMN from_address;
ALTER TABLE sessions DROP COLUMN renewed_at;
ALTER TABLE sessions DROP COLUMN authenticated_at;
DROP INDEX staff_account, staff_email;
ALTER TABLE staff ADD CONSTRAINT staff_practice_id_account_id_key UNIQUE (practice_id, account_id);
ALTER TABLE staff DROP COLUMN unconfirmed_since;
ALTER TABLE staff DROP COLUMN version;
ALTER TABLE staff DROP COLUMN email;
ALTER TABLE staff ALTER COLUMN account_id SET NOT NULL;
ALTER TABLE accounts DROP COLUMN totp_last_step;
ALTER TABLE accounts DROP COLUMN totp_pending;
ALTER TABLE accounts DROP COLUMN totp_secret;
