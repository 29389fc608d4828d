-- What happens to somebody's sign-in is told to those who can act on it.
CREATE POLICY identity ON notices TO almoner_identity USING (practice_id = app.practice());
GRANT INSERT ON notices TO almoner_identity;
GRANT UPDATE (version) ON staff TO almoner_identity;
CREATE POLICY identity ON outbox TO almoner_identity USING (owner_id = app.practice());
GRANT INSERT (owner_id, event_id, recipient_id, kind, subject_id, at) ON outbox TO almoner_identity;

-- Where a member of staff lives, as a search token of the practice's: equal to that of whoever has the same postcode, and
-- readable by nobody. For the report of unusual access.
ALTER TABLE staff ADD COLUMN home_token bytea;
-- Who drew the last link by which a lost password and second factor are replaced: somebody else confirms the account.
ALTER TABLE staff ADD COLUMN replacement_drawn_by uuid;
GRANT SELECT (home_token, replacement_drawn_by), UPDATE (home_token, replacement_drawn_by) ON staff TO almoner_practice;
