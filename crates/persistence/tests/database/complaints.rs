//! Complaints are no door's but their own: the catalogue shows it for every table, and the roles of the doors when they try.

use diesel::connection::SimpleConnection;

use crate::catalogue::none;
use crate::cluster::{lines, migrated};
use crate::doors::{COMPLAINT, OTHER, PRACTICE, count, world};

/// What lets the practice's role at a complaint: a privilege on a table of complaints or of those who work on them, or on a function
/// that reads one, with whosever rights.
const WAYS_TO_A_COMPLAINT: &str = "SELECT DISTINCT table_name || ' ' || privilege_type AS line
        FROM information_schema.column_privileges
        WHERE grantee IN ('almoner_practice', 'PUBLIC') AND (table_name LIKE 'complaint%' OR table_name = 'guests')
    UNION ALL SELECT policyname || ' ' || tablename FROM pg_policies
        WHERE 'almoner_practice' = ANY (roles) AND (tablename LIKE 'complaint%' OR tablename = 'guests')
    UNION ALL SELECT 'function ' || proname FROM pg_proc
        WHERE pronamespace = 'app'::regnamespace AND prosrc ~ '\\m(complaints|complaint_[a-z]+|guests)\\M'
            AND has_function_privilege('almoner_practice', oid, 'EXECUTE')
    UNION ALL SELECT 'member of ' || r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
        WHERE m.member = 'almoner_practice'::regrole";

#[test]
fn the_practices_role_has_no_right_on_a_table_of_complaints_nor_on_a_function_that_reads_one() {
    let mut db = migrated("catalogue_complaints").connect("postgres");
    let tables =
        lines(&mut db, "SELECT relname::text AS line FROM pg_class WHERE relkind = 'r' AND relname LIKE 'complaint%'");
    assert!(tables.len() >= 7, "the tables are found: {tables:?}");
    none(&lines(&mut db, WAYS_TO_A_COMPLAINT), "a complaint is its council's alone");
    // The test sees each of these, planted.
    for (planted, seen) in [
        ("GRANT SELECT (status) ON complaints TO almoner_practice", "complaints SELECT"),
        ("CREATE POLICY practice ON complaint_offers TO almoner_practice USING (true)", "practice complaint_offers"),
        (
            "CREATE FUNCTION app.peep() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM complaints'",
            "function peep",
        ),
        ("GRANT EXECUTE ON FUNCTION app.known_of_complaint TO almoner_practice", "function known_of_complaint"),
        ("GRANT almoner_complaints TO almoner_practice", "member of almoner_complaints"),
    ] {
        db.batch_execute(&format!("BEGIN; {planted}")).unwrap();
        assert_eq!(lines(&mut db, WAYS_TO_A_COMPLAINT), [seen], "{planted}");
        db.batch_execute("ROLLBACK").unwrap();
    }
}

#[test]
fn a_complaint_is_there_only_for_those_to_whom_it_is_assigned_and_at_the_practices_door_for_nobody() {
    let database = world("doors_complaint");
    let council = ("app.council", "00000000-0000-0000-0000-0000000000d1");
    let seen =
        |settings: &[(&str, &str)]| count(&database, "almoner_complaints", settings, "complaints", "complaint_id");
    assert_eq!(seen(&[council]), 0, "whoever one is");
    assert_eq!(seen(&[council, ("app.assigned", "{}")]), 0);
    let assigned = format!("{{{COMPLAINT}}}");
    assert_eq!(seen(&[council, ("app.assigned", &assigned)]), 1);
    assert_eq!(seen(&[("app.council", OTHER), ("app.assigned", &assigned)]), 0, "another council's");
    let receipts =
        |role: &str, settings: &[(&str, &str)]| count(&database, role, settings, "complaint_receipts", "complaint_id");
    let client = ("app.client", "00000000-0000-0000-0000-0000000000d2");
    assert_eq!(receipts("almoner_partner", &[("app.client", OTHER)]), 0);
    assert_eq!(receipts("almoner_partner", &[client]), 1, "what one has lodged");
    assert_eq!(receipts("almoner_partner", &[("app.receipt", "01")]), 1, "with the code, whoever lodged it");
    assert_eq!(receipts("almoner_partner", &[("app.receipt", "02")]), 0);
    assert_eq!(receipts("almoner_council", &[council]), 0, "what a system of the council has not lodged");
    let followed =
        |settings: &[(&str, &str)]| count(&database, "almoner_partner", settings, "complaints", "complaint_id");
    assert_eq!(followed(&[council, client]), 0, "without the code");
    assert_eq!(followed(&[council, ("app.complaint", COMPLAINT)]), 1);
    for (role, setting) in [("almoner_practice", ("app.practice", PRACTICE)), ("almoner_council", council)] {
        let mut db = database.connect("almoner_app");
        let asked = format!(
            "BEGIN; SET LOCAL ROLE {role}; SET LOCAL {} = '{}'; SET LOCAL app.assigned = '{assigned}'; SELECT 1 FROM complaints",
            setting.0, setting.1
        );
        let refused = db.batch_execute(&asked).unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{role}: {refused}");
    }
}

#[test]
fn a_part_of_a_complaint_is_there_for_whom_it_is_shown_to_and_nobody_else_answers_it() {
    let database = world("doors_complaint_parts");
    let council = ("app.council", "00000000-0000-0000-0000-0000000000d1");
    let (part, other) = ("00000000-0000-0000-0000-0000000000a1", "00000000-0000-0000-0000-0000000000a2");
    let mut db = database.connect("postgres");
    db.batch_execute(&format!(
        "SET session_replication_role = replica;
         INSERT INTO complaint_notices VALUES ('{council}', '{COMPLAINT}', '{part}', '{council}', ''),
             ('{council}', '{COMPLAINT}', '{other}', '{council}', '')",
        council = council.1
    ))
    .unwrap();
    let assigned = format!("{{{COMPLAINT}}}");
    let shown = format!("{{{part}}}");
    let seen = |settings: &[(&str, &str)]| {
        count(&database, "almoner_complaints", settings, "complaint_notices", "assignment_id")
    };
    assert_eq!(seen(&[council]), 0);
    assert_eq!(seen(&[council, ("app.shown", &shown)]), 1, "the one that is shown");
    assert_eq!(seen(&[council, ("app.assigned", &assigned)]), 2, "whoever has the complaint sees what is shown of it");
    assert_eq!(seen(&[("app.council", OTHER), ("app.shown", &shown)]), 0, "another council's");
    for (settings, of) in [(format!("app.assigned = '{assigned}'"), part), (format!("app.shown = '{shown}'"), other)] {
        let mut db = database.connect("almoner_app");
        let refused = db
            .batch_execute(&format!(
                "BEGIN; SET LOCAL ROLE almoner_complaints; SET LOCAL app.council = '{council}'; SET LOCAL {settings};
                 INSERT INTO complaint_answers VALUES ('{council}', '{COMPLAINT}', '{of}', '{of}', '{council}', now(), '')",
                council = council.1
            ))
            .unwrap_err()
            .to_string();
        assert!(refused.contains("row-level security"), "{settings}: {refused}");
    }
}

#[test]
fn a_document_of_a_complaint_is_there_for_whom_it_is_not_closed_to_and_with_the_code_what_came_with_it() {
    let database = world("doors_complaint_documents");
    let council = ("app.council", "00000000-0000-0000-0000-0000000000d1");
    let mut db = database.connect("postgres");
    let (named, unnamed) = ("00000000-0000-0000-0000-0000000000a1", "00000000-0000-0000-0000-0000000000a2");
    for (author, officer, passed_on) in
        [("complainant", "NULL".to_owned(), "NULL"), ("council", format!("'{named}'"), "now()")]
    {
        db.batch_execute(&format!(
            "SET session_replication_role = replica;
             INSERT INTO complaint_documents (council_id, complaint_id, document_id, author, officer_id, kind, size, key_id, details, object_id,
                 sent_at, passed_on_at, names)
             VALUES ('{council}', '{COMPLAINT}', gen_random_uuid(), '{author}', {officer}, 'pdf', 1, '{council}', '', gen_random_uuid(), now(),
                 {passed_on}, '{{{named}}}')",
            council = council.1
        ))
        .unwrap();
    }
    let seen =
        |role: &str, settings: &[(&str, &str)]| count(&database, role, settings, "complaint_documents", "document_id");
    let assigned = format!("{{{COMPLAINT}}}");
    let has_it = ("app.assigned", assigned.as_str());
    let at_the_desk = |settings: &[(&str, &str)]| seen("almoner_complaints", settings);
    assert_eq!(at_the_desk(&[council, ("app.officer", unnamed)]), 0, "who does not have it");
    assert_eq!(at_the_desk(&[council, has_it, ("app.officer", unnamed)]), 2);
    assert_eq!(at_the_desk(&[council, has_it, ("app.officer", named)]), 1, "what may name them is closed");
    assert_eq!(at_the_desk(&[council, has_it, ("app.guest", unnamed)]), 1, "what nobody has passed on is closed");
    assert_eq!(at_the_desk(&[("app.council", OTHER), has_it, ("app.officer", unnamed)]), 0, "another council's");
    assert_eq!(seen("almoner_partner", &[council]), 0, "without the code");
    assert_eq!(seen("almoner_partner", &[council, ("app.complaint", COMPLAINT)]), 1, "what came with it");
    for role in ["almoner_practice", "almoner_council", "almoner_intake", "almoner_operator", "almoner_public"] {
        let mut db = database.connect("almoner_app");
        let asked = format!("BEGIN; SET LOCAL ROLE {role}; SELECT document_id FROM complaint_documents");
        let refused = db.batch_execute(&asked).unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{role}: {refused}");
    }
    for (role, column) in
        [("almoner_partner", "content_key"), ("almoner_identity", "content_key"), ("almoner_worker", "details")]
    {
        let mut db = database.connect("postgres");
        let asked = format!("BEGIN; SET LOCAL ROLE {role}; SELECT {column} FROM complaint_documents");
        let refused = db.batch_execute(&asked).unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{role}: {refused}");
    }
}

#[test]
fn an_officer_reads_of_the_log_what_was_done_with_a_complaint_that_they_have_and_nothing_else() {
    let database = world("doors_complaint_log");
    let council = ("app.council", "00000000-0000-0000-0000-0000000000d1");
    let mut db = database.connect("postgres");
    for (owner, chain, subject) in [
        (council.1, "complaints", COMPLAINT),
        (council.1, "complaints", OTHER),
        (council.1, "platform", COMPLAINT),
        (OTHER, "complaints", COMPLAINT),
    ] {
        db.batch_execute(&format!(
            "INSERT INTO audit_events (owner_id, event_id, chain, at, door, action, subject_id, request_id, roles, outcome)
             VALUES ('{owner}', gen_random_uuid(), '{chain}', now(), '', '', '{subject}', gen_random_uuid(), '{{}}', 'done')"
        ))
        .unwrap();
    }
    let assigned = format!("{{{COMPLAINT}}}");
    let seen = |settings: &[(&str, &str)]| count(&database, "almoner_complaints", settings, "audit_events", "event_id");
    let (officer, guest) = (("app.officer", OTHER), ("app.guest", OTHER));
    let has_it = ("app.assigned", assigned.as_str());
    assert_eq!(seen(&[council, officer, has_it]), 1, "of the chain of complaints, and of this one");
    assert_eq!(seen(&[council, officer]), 0, "who has no complaint");
    assert_eq!(seen(&[council, guest, has_it]), 0, "a guest");
    assert_eq!(seen(&[officer, has_it]), 0, "whose council is not known");
    for column in ["reason", "from_address", "session_id", "number"] {
        let mut db = database.connect("almoner_app");
        let asked = format!("BEGIN; SET LOCAL ROLE almoner_complaints; SELECT {column} FROM audit_events");
        let refused = db.batch_execute(&asked).unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{column}: {refused}");
    }
}

#[test]
fn an_officer_sees_their_own_live_assignments_without_a_list_and_writes_none_for_a_complaint_that_is_not_open() {
    let database = world("doors_complaint_assignments");
    let council = ("app.council", "00000000-0000-0000-0000-0000000000d1");
    let own = "00000000-0000-0000-0000-0000000000a1";
    let mut db = database.connect("postgres");
    for (officer, view, ended) in [(own, "whole", "NULL"), (own, "whole", "now()"), (OTHER, "whole", "NULL")] {
        let because = if ended == "NULL" { "NULL" } else { "'officer'" };
        db.batch_execute(&format!(
            "SET session_replication_role = replica;
             INSERT INTO complaint_assignments (council_id, complaint_id, assignment_id, officer_id, view, opens_at, key_id, assigned_by,
                 assigned_at, ended_at, ended_because)
             VALUES ('{council}', '{COMPLAINT}', gen_random_uuid(), '{officer}', '{view}', now(), '{council}', '{officer}', now(), {ended}, {because})",
            council = council.1
        ))
        .unwrap();
    }
    let seen = |settings: &[(&str, &str)]| {
        count(&database, "almoner_complaints", settings, "complaint_assignments", "assignment_id")
    };
    let officer = ("app.officer", own);
    assert_eq!(seen(&[council]), 0);
    assert_eq!(seen(&[council, officer]), 1, "their own that has not ended");
    assert_eq!(seen(&[("app.council", OTHER), officer]), 0, "another council's");
    assert_eq!(seen(&[council, officer, ("app.assigned", &format!("{{{COMPLAINT}}}"))]), 3, "all of an open one");
    let insert = format!(
        "INSERT INTO complaint_assignments (council_id, complaint_id, assignment_id, officer_id, view, opens_at, key_id, assigned_by, assigned_at)
         VALUES ('{council}', '{COMPLAINT}', gen_random_uuid(), '{own}', 'whole', now(), '{council}', '{own}', now())",
        council = council.1
    );
    for write in [insert.as_str(), "UPDATE complaint_assignments SET ended_at = now(), ended_because = 'officer'"] {
        let mut db = database.connect("almoner_app");
        let asked = format!(
            "BEGIN; SET LOCAL ROLE almoner_complaints; SET LOCAL app.council = '{}'; SET LOCAL app.officer = '{own}'; {write}",
            council.1
        );
        let refused = db.batch_execute(&asked).unwrap_err().to_string();
        assert!(refused.contains("row-level security"), "{write}: {refused}");
    }
}
