ALTER TABLE guests DROP CONSTRAINT guests_account_id_fkey;
ALTER TABLE account_offices DROP CONSTRAINT account_offices_account_id_fkey;
ALTER TABLE officers DROP CONSTRAINT officers_account_id_fkey;
ALTER TABLE account_memberships DROP CONSTRAINT account_memberships_account_id_fkey;
ALTER TABLE staff DROP CONSTRAINT staff_account_id_fkey;
DROP TABLE linked_identities, sign_on_attempts, identity_providers, signing_keys, revoked_tokens, client_assertions,
    client_secrets, clients, invitations, refresh_tokens, sessions, recovery_codes, accounts;
