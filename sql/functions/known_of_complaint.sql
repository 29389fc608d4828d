-- Gathers, in one statement, everything that is compared before somebody is let in to a complaint. Each row says what it is. The
-- complaint's own texts in which a name can stand, sealed: 'message', 'request' and 'document' of the complainant. What the council asked
-- for the person since a moment, for their record at the practice or with their NHS number ('asked', sealed), and the officers who did
-- something in the council's log with it, with the referrals by which practices have it, with an instruction about the person or with the
-- erasing of a document of theirs, or took up a safeguarding alert about them ('acted'). Those from whom the complaint was taken, or who said that they know somebody concerned
-- ('out'): whole, or a part if the complainant objected, also of officers who left and were invited anew, and not where it ended with the
-- complaint. The interests that the council's officers have declared ('interest', the name sealed). Everybody who works at the practice or
-- has worked there since ('member'), and whether they own a share, or owned one since. It runs in the identity role, and the program tells
-- the caller nothing but a yes or a no. What was done in that time counts, however long ago the council had asked for it.
CREATE OR REPLACE FUNCTION app.known_of_complaint(
    council uuid, complaint uuid, practice uuid, person uuid, nhs_number bytea, since timestamptz)
RETURNS TABLE (what text, id uuid, account uuid, at_practice uuid, key uuid, content bytea, full_name text, is_owner boolean)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    of_record uuid[] := ARRAY(SELECT r.council_request_id FROM referrals r
        WHERE r.practice_id = practice AND r.service_user_id = person AND r.council_id = council);
    requests uuid[] := ARRAY(SELECT q.council_request_id FROM council_requests q
        WHERE q.council_id = council AND (q.council_request_id = ANY (of_record) OR q.nhs_number_token = nhs_number));
    subjects uuid[] := requests || ARRAY(SELECT r.referral_id FROM referrals r
        WHERE r.council_id = council AND r.council_request_id = ANY (requests))
        || ARRAY(SELECT i.instruction_id FROM council_instructions i
        WHERE i.council_id = council
            AND (i.council_request_id = ANY (requests) OR (i.practice_id = practice AND i.service_user_id = person)))
        || ARRAY(SELECT e.request_id FROM erasure_requests e
        JOIN documents d ON d.practice_id = e.practice_id AND d.document_id = e.document_id
        WHERE e.council_id = council AND (e.council_request_id = ANY (requests)
            OR (e.practice_id = practice AND person IN (d.service_user_id, d.about_id))));
    -- Sealed rows of the log and others have an index each.
    actors uuid[] := ARRAY(SELECT DISTINCT e.actor_id FROM audit_events e
        WHERE e.owner_id = council AND e.chain = 'platform' AND e.subject_id = ANY (subjects) AND e.at >= since
            AND e.actor_id IS NOT NULL AND e.sealed AND e.service_user_id IS NULL)
        || ARRAY(SELECT DISTINCT e.actor_id FROM audit_events e
        WHERE e.owner_id = council AND e.chain = 'platform' AND e.subject_id = ANY (subjects) AND e.at >= since
            AND e.actor_id IS NOT NULL AND NOT e.sealed)
        || ARRAY(SELECT s.taken_by FROM safeguarding_alerts s
        WHERE s.council_id = council AND s.nhs_number_token = nhs_number AND s.taken_at >= since);
BEGIN
    RETURN QUERY
        SELECT 'message', m.message_id, NULL::uuid, NULL::uuid, NULL::uuid, m.text, NULL::text, NULL::boolean
        FROM complaint_messages m
        WHERE m.council_id = council AND m.complaint_id = complaint AND m.author = 'complainant'
        UNION ALL
        SELECT 'request', a.request_id, NULL, NULL, NULL, a.content, NULL, NULL FROM complaint_requests a
        WHERE a.council_id = council AND a.complaint_id = complaint
        UNION ALL
        SELECT 'document', d.document_id, NULL, NULL, NULL, d.details, NULL, NULL FROM complaint_documents d
        WHERE d.council_id = council AND d.complaint_id = complaint AND d.author = 'complainant'
        UNION ALL
        SELECT 'asked', q.council_request_id, NULL, NULL, q.key_id, q.message, NULL, NULL FROM council_requests q
        WHERE q.council_id = council AND q.council_request_id = ANY (requests) AND q.received_at >= since
        UNION ALL
        SELECT 'acted', NULL, o.account_id, NULL, NULL, NULL, o.name, NULL FROM officers o
        WHERE o.council_id = council AND o.officer_id = ANY (actors)
        UNION ALL
        SELECT 'out', NULL, COALESCE(o.account_id, g.account_id), NULL, NULL, NULL, COALESCE(o.name, g.name), NULL FROM complaint_assignments a
        LEFT JOIN officers o ON o.council_id = a.council_id AND o.officer_id = a.officer_id
        LEFT JOIN guests g ON g.council_id = a.council_id AND g.guest_id = a.guest_id
        WHERE a.council_id = council AND a.complaint_id = complaint
            AND (a.ended_at IS NOT NULL OR o.replaced_at IS NOT NULL OR g.ended_at IS NOT NULL)
            AND a.ended_because IS DISTINCT FROM 'closed' AND (a.view = 'whole' OR a.ended_because = 'complainant')
        UNION ALL
        SELECT 'out', NULL, o.account_id, NULL, NULL, NULL, o.name, NULL FROM complaint_offers f
        JOIN officers o ON o.council_id = f.council_id AND o.officer_id = f.officer_id
        WHERE f.council_id = council AND f.complaint_id = complaint AND f.outcome = 'conflict'
        UNION ALL
        SELECT 'interest', i.interest_id, o.account_id, i.practice_id, NULL, i.name, NULL, NULL FROM complaint_interests i
        JOIN officers o ON o.council_id = i.council_id AND o.officer_id = i.officer_id
        WHERE i.council_id = council AND i.withdrawn_at IS NULL
        UNION ALL
        SELECT 'member', m.id, m.account, NULL, NULL, NULL, m.full_name, m.is_owner FROM app.members_since(practice, since) m;
END
$$;
REVOKE EXECUTE ON FUNCTION app.known_of_complaint FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.known_of_complaint TO almoner_identity;
