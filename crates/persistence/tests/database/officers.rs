//! What a council's scope sees of officers and of its log, tried as the role itself.

use std::fmt::Write as _;

use diesel::connection::SimpleConnection;

use crate::doors::{count, world};

#[test]
fn a_council_reads_its_own_officers_and_its_log_where_a_records_officer_calls_and_never_complaints() {
    let database = world("doors_officers");
    let (council, other) = ("00000000-0000-0000-0000-0000000000d1", "00000000-0000-0000-0000-0000000000d9");
    let mut owner = database.connect("postgres");
    let mut rows = format!(
        "SET ROLE almoner_owner;
         INSERT INTO councils VALUES ('{other}', 'E06000002', 'Other', '0', '2026-11-02', 1, now(), NULL);"
    );
    for owned in [council, other] {
        write!(
            rows,
            "INSERT INTO officers (council_id, officer_id, name, email, roles, unconfirmed_roles, invited_by, opened_by, opened_at, created_at)
                 VALUES ('{owned}', '{owned}', 'R', 'r@example.org', '{{}}', '{{duty}}', '{{}}', '{{}}', now(), now());
             INSERT INTO audit_events (owner_id, event_id, chain, at, door, roles, action, request_id, outcome) VALUES
                 ('{owned}', gen_random_uuid(), 'platform', now(), 'council', '{{}}', 'a', '{owned}', 'done'),
                 ('{owned}', gen_random_uuid(), 'complaints', now(), 'council', '{{}}', 'a', '{owned}', 'done');"
        )
        .unwrap();
    }
    owner.batch_execute(&rows).unwrap();
    let seen = |settings: &[(&str, &str)], table: &str| count(&database, "almoner_council", settings, table, "*");
    let (calls, audits) = (("app.council", council), ("app.audited_council", council));
    assert_eq!(seen(&[], "officers"), 0, "without a scope");
    assert_eq!(seen(&[calls], "officers"), 1, "its own alone");
    let log = |settings: &[(&str, &str)]| count(&database, "almoner_council", settings, "audit_events", "event_id");
    assert_eq!(log(&[calls]), 0, "a system's or another officer's scope");
    assert_eq!(log(&[calls, audits]), 1, "without complaints, and without another council's");
    for (role, setting) in [("almoner_practice", "app.practice"), ("almoner_partner", "app.client")] {
        let mut app = database.connect("almoner_app");
        let asked = format!("BEGIN; SET LOCAL ROLE {role}; SET LOCAL {setting} = '{council}'; SELECT 1 FROM officers");
        let refused = app.batch_execute(&asked).unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{role}: {refused}");
    }
    let mut app = database.connect("almoner_app");
    let forged = format!(
        "BEGIN; SET LOCAL ROLE almoner_council; SET LOCAL app.council = '{council}';
         INSERT INTO former_council_details SELECT '{other}', '{other}', now(), now(), 'E06000002', 'O', '1', true"
    );
    let refused = app.batch_execute(&forged).unwrap_err().to_string();
    assert!(refused.contains("row-level security"), "{refused}");
}
