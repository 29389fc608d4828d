DROP TABLE jobs, feed_heads, outbox, audit_chain_heads, audit_events, idempotency_claims, sealing_keys, bank_holidays, calendar_years;
