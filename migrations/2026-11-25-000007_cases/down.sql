DROP TABLE countersignatures, case_events, case_notes, allocations, cases;
