-- A client keeps the secret that lasts longest; one that proved itself by keys is left without.
ALTER TABLE clients ADD COLUMN secret_hash bytea;
UPDATE clients SET secret_hash = COALESCE(
    (SELECT hash FROM client_secrets
     WHERE client_secrets.client_id = clients.client_id
     ORDER BY expires_at DESC NULLS FIRST, created_at DESC LIMIT 1), '');
ALTER TABLE clients ALTER COLUMN secret_hash SET NOT NULL;
DROP TABLE revoked_tokens, client_assertions, client_secrets, signing_keys;
ALTER TABLE clients DROP COLUMN version, DROP COLUMN allowed_addresses, DROP COLUMN jwks;
REVOKE UPDATE (disabled_at) ON clients FROM almoner_operator;
