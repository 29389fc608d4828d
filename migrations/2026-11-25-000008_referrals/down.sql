ALTER TABLE cases DROP CONSTRAINT cases_practice_id_referral_id_fkey;
DROP TABLE confirmations, referrals, council_requests;
