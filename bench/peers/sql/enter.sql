-- Finds the caller and what is open to them, and goes on as them in the role of the practice door. $1 session, $2 moment.
SELECT practice_id, staff_id, name, roles FROM app.enter_practice($1, $2, false)
