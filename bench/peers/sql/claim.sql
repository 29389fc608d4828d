-- Claims an Idempotency-Key for what will be made. $1 owner, $2 claimant, $3 hash of the key, $4 fingerprint, $5 moment, $6 resource.
INSERT INTO idempotency_claims (owner_id, claimant_id, key_hash, fingerprint, claimed_at, resource_id)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
