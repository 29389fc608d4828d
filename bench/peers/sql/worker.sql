-- A member of staff by name. $1 practice, $2 staff.
SELECT staff_id, name FROM staff WHERE practice_id = $1 AND staff_id = $2
