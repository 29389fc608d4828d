DROP TABLE notices, registrations, staff;
