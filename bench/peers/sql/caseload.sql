-- The cases of a worker that are not closed, the most urgent first, then the oldest. $1 practice, $2 worker.
SELECT c.case_id, c.delegation_id, c.referral_id, c.function, c.priority, c.status, c.opened_at, c.closed_at, c.ground, c.outcome,
    k.council_id, k.gss_code, k.name AS council_name, w.staff_id, w.name AS staff_name,
    p.service_user_id, p.restricted, p.details, p.key_id, own.wrapped, root.wrapped AS root
FROM allocations a
JOIN cases c ON c.practice_id = a.practice_id AND c.case_id = a.case_id
JOIN councils k ON k.council_id = c.council_id
JOIN staff w ON w.practice_id = a.practice_id AND w.staff_id = a.staff_id
JOIN service_users p ON p.practice_id = c.practice_id AND p.service_user_id = c.service_user_id
JOIN sealing_keys own ON own.owner_id = p.practice_id AND own.key_id = p.key_id
JOIN sealing_keys root ON root.owner_id = p.practice_id AND root.key_id = p.practice_id
WHERE a.practice_id = $1 AND a.staff_id = $2 AND a.ends_at IS NULL AND c.status <> 'closed'
ORDER BY array_position('{immediate,urgent,routine}', c.priority), c.opened_at
LIMIT 1000
