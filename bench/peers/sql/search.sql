-- A page of the people who match every word, the newest record first: chosen from the tokens alone, and only then read. The line with {n}
-- stands once for each word but the first, numbered from 5. $1 practice, $2 last identifier of the page before, $3 limit, $4… tokens of a word.
SELECT p.service_user_id, p.restricted, p.details, p.key_id, own.wrapped
FROM (
    SELECT DISTINCT service_user_id FROM search_tokens
    WHERE practice_id = $1 AND token = ANY ($4) AND service_user_id < $2
    AND service_user_id = ANY (SELECT service_user_id FROM search_tokens WHERE practice_id = $1 AND token = ANY (${n}))
    ORDER BY service_user_id DESC
    LIMIT $3
) AS page
JOIN service_users p ON p.practice_id = $1 AND p.service_user_id = page.service_user_id
JOIN sealing_keys own ON own.owner_id = p.practice_id AND own.key_id = p.key_id
ORDER BY p.service_user_id DESC
