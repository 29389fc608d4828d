-- A page of a case's timeline, the oldest first. $1 practice, $2 case, $3 last identifier of the page before, $4 limit.
SELECT e.event_id, e.kind, e.at, e.subject_id, w.staff_id, w.name AS staff_name
FROM case_events e
LEFT JOIN staff w ON w.practice_id = e.practice_id AND w.staff_id = e.staff_id
WHERE e.practice_id = $1 AND e.case_id = $2 AND e.event_id > $3
ORDER BY e.event_id
LIMIT $4
