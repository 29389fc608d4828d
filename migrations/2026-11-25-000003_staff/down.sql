DROP TABLE account_offices, officers, notices, registrations, absences, account_memberships, staff;
