DROP POLICY identity ON sealing_keys;
CREATE POLICY identity ON sealing_keys TO almoner_identity USING (owner_id = app.account());
ALTER TABLE sessions DROP COLUMN by_provider;
DROP TABLE linked_identities;
DROP TABLE sign_on_attempts;
DROP TABLE identity_providers;
