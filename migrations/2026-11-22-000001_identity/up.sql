-- Identity: second factors, invitations, sessions that are renewed.

-- When the second factor was last proved.
ALTER TABLE sessions ADD COLUMN authenticated_at timestamptz;
UPDATE sessions SET authenticated_at = created_at;
ALTER TABLE sessions ALTER COLUMN authenticated_at SET NOT NULL;
GRANT SELECT (authenticated_at), UPDATE (authenticated_at) ON sessions TO almoner_identity;
