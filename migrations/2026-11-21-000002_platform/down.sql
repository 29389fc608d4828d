DROP FUNCTION app.answers_for(uuid, uuid);
DROP FUNCTION app.line_of(uuid, uuid[]);
DROP TABLE sessions, staff, accounts, clients, delegations, contracts, practice_districts, practices, councils,
    bank_holidays, calendar_years;
