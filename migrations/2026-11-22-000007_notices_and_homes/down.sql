ALTER TABLE staff DROP COLUMN replacement_drawn_by;
ALTER TABLE staff DROP COLUMN home_token;
DROP POLICY identity ON outbox;
REVOKE INSERT (owner_id, event_id, recipient_id, kind, subject_id, at) ON outbox FROM almoner_identity;
REVOKE UPDATE (version) ON staff FROM almoner_identity;
DROP POLICY identity ON notices;
REVOKE INSERT ON notices FROM almoner_identity;
