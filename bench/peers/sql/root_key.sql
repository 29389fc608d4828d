-- The practice's wrapped root key. $1 practice.
SELECT wrapped FROM sealing_keys WHERE owner_id = $1 AND key_id = $1
