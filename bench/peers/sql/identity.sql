-- Who the caller is now, and the lists of what is open to them. $1 account, $2 session, $3 moment.
SELECT m.practice_id, m.staff_id, m.name, m.roles,
    app.find_open_people(m.practice_id, m.staff_id, s.session_id, $3) AS open_people,
    CASE WHEN 'records_officer' = ANY (m.roles) THEN app.find_excluded_from(m.practice_id, m.staff_id) ELSE '{}' END AS excluded_from,
    r.status, r.checked_on, r.registration_ends_on
FROM sessions s
JOIN accounts a ON a.account_id = s.account_id
JOIN staff m ON m.practice_id = s.practice_id AND m.staff_id = s.staff_id
JOIN practices p ON p.practice_id = m.practice_id
LEFT JOIN registrations r ON r.practice_id = m.practice_id AND r.staff_id = m.staff_id
WHERE s.account_id = $1 AND s.session_id = $2 AND s.ended_at IS NULL AND s.expires_at > $3
    AND a.disabled_at IS NULL AND p.suspended_at IS NULL AND m.left_at IS NULL AND m.unconfirmed_at IS NULL
