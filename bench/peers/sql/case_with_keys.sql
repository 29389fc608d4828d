-- A case on which a note is written: its state, whom it is about, and both keys. $1 practice, $2 case.
SELECT c.status, c.service_user_id, c.access_restricted, c.team_id, p.key_id, own.wrapped, root.wrapped AS root
FROM cases c
JOIN service_users p ON p.practice_id = c.practice_id AND p.service_user_id = c.service_user_id
JOIN sealing_keys own ON own.owner_id = p.practice_id AND own.key_id = p.key_id
JOIN sealing_keys root ON root.owner_id = p.practice_id AND root.key_id = p.practice_id
WHERE c.practice_id = $1 AND c.case_id = $2
