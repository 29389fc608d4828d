mod referrals;
