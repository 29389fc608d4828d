DROP TABLE outside_requests, countersignatures, case_events, case_notes, allocations, cases;
