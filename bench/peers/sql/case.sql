-- What a case's timeline needs of the case: whether the caller may see it, and whom it is about. $1 practice, $2 case.
SELECT service_user_id FROM cases WHERE practice_id = $1 AND case_id = $2
