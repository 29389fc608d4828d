DROP POLICY identity ON allocations;
REVOKE SELECT (practice_id, service_user_id, staff_id, ends_at) ON allocations FROM almoner_identity;
DROP FUNCTION app.find_open_complaints(uuid, uuid);
DROP TABLE complaint_messages, complaint_subjects, complaints;
