DROP TABLE notices, registrations, absences, account_memberships, staff;
