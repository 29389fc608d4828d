DROP TABLE notices, registrations, account_memberships, staff;
