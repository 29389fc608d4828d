-- A note. $1 practice, $2 note, $3 case, $4 person, $5 access restricted, $6 team, $7 author, $8 kind, $9 happened, $10 written, $11 text.
INSERT INTO case_notes (practice_id, note_id, case_id, service_user_id, access_restricted, team_id, author_id, kind, happened_at, written_at, text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
