DROP POLICY operator ON audit_events;
ALTER POLICY identity ON audit_events TO almoner_identity, almoner_operator;
REVOKE SELECT ON calendar_years FROM almoner_operator;
DROP POLICY operator ON calendar_years;
DROP TABLE registrations;
DROP TABLE onboarding_items;
REVOKE UPDATE (version) ON practices FROM almoner_operator;
ALTER TABLE practices DROP COLUMN suspended_at, DROP COLUMN suspension_reason;
