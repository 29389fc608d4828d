DROP POLICY record ON service_users;
DROP POLICY record ON cases;
DROP POLICY record ON case_notes;
DROP POLICY record ON referrals;
DROP POLICY record ON documents;
DROP POLICY record ON staff;
DROP POLICY record ON sealing_keys;
REVOKE ALL ON service_users, cases, case_notes, referrals, documents, staff, sealing_keys FROM almoner_record;
DROP TABLE complaint_representative_checks, complaint_limits, complaint_decisions, complaint_periods, complaint_link_proposals, complaint_links, complaint_record_openings, practice_learning, safeguarding_alerts, complaint_documents, complaint_timeliness, complaint_concerns, complaint_objections, complaint_answers, complaint_notices, complaint_hearings, complaint_ombudsman, complaint_escalations, complaint_requests, complaint_actions, complaint_signatories, complaint_responses, complaint_heads;
