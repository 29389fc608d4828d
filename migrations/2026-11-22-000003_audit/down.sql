DROP POLICY worker ON audit_events;
ALTER POLICY intake ON audit_events TO almoner_intake, almoner_worker;
REVOKE ALL ON audit_events FROM almoner_practice, almoner_council, almoner_partner, almoner_intake, almoner_identity,
    almoner_operator, almoner_worker;
DROP POLICY practice ON audit_events;
CREATE POLICY practice ON audit_events TO almoner_practice USING (owner_id = app.practice());
DROP INDEX audit_events_chain, audit_events_unsealed, audit_events_by_time, audit_events_by_person;
ALTER TABLE audit_events
    DROP COLUMN roles,
    DROP COLUMN client_id,
    DROP COLUMN session_id,
    DROP COLUMN reason,
    DROP COLUMN from_address,
    DROP COLUMN outcome,
    DROP COLUMN number,
    DROP COLUMN hash;
GRANT INSERT ON audit_events TO almoner_practice, almoner_council, almoner_partner, almoner_intake, almoner_identity,
    almoner_operator, almoner_worker;
DROP FUNCTION app.locked_out();
DROP FUNCTION app.find_locked_out(uuid, uuid);
