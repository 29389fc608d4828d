ALTER TABLE person_facts DROP CONSTRAINT person_facts_practice_id_referral_id_fkey;
ALTER TABLE cases DROP CONSTRAINT cases_practice_id_referral_id_fkey;
DROP TABLE feed_positions, confirmations, council_instructions, referrals, council_requests;
