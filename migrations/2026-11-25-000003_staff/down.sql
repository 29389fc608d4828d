DROP TABLE account_offices, officers, guests, notices, registrations, absences, account_memberships, former_lines, staff;
