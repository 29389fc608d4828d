DROP TABLE jobs, outbox, audit_events, idempotency_claims, sealing_keys, bank_holidays, calendar_years;
