-- The row of the audit log. $1 practice, $2 event, $3 moment, $4 staff, $5 action, $6 subject, $7 person, $8 request, $9 roles, $10 session,
-- $11 address.
INSERT INTO audit_events (owner_id, event_id, chain, at, door, actor_id, action, subject_id, service_user_id, request_id, roles, client_id,
    session_id, reason, from_address, outcome)
VALUES ($1, $2, 'practice', $3, 'practice', $4, $5, $6, $7, $8, $9, NULL, $10, NULL, $11, 'done')
