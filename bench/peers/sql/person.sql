-- One person with both keys. $1 practice, $2 person.
SELECT p.service_user_id, p.restricted, p.details, p.version, p.created_at, p.changed_at, p.key_id, own.wrapped, root.wrapped AS root
FROM service_users p
JOIN sealing_keys own ON own.owner_id = p.practice_id AND own.key_id = p.key_id
JOIN sealing_keys root ON root.owner_id = p.practice_id AND root.key_id = p.practice_id
WHERE p.practice_id = $1 AND p.service_user_id = $2
