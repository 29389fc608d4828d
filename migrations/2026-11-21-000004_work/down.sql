DROP FUNCTION app.find_open_people(uuid, uuid);
DROP FUNCTION app.workers_of(uuid, uuid, timestamptz);
DROP TABLE countersignatures, case_events, case_notes, allocations, cases, referrals, council_requests, search_tokens,
    open_people, service_users;
