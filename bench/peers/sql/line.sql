-- The note's line on the timeline. $1 practice, $2 event, $3 case, $4 person, $5 access restricted, $6 team, $7 moment, $8 staff, $9 note.
INSERT INTO case_events (practice_id, event_id, case_id, service_user_id, access_restricted, team_id, kind, at, staff_id, subject_id)
VALUES ($1, $2, $3, $4, $5, $6, 'note_written', $7, $8, $9)
