//! The roles of the doors, tried as those roles: without a scope they see nothing; in a scope they see their own rows, an
//! access-restricted person only where the caller may, a complaint only where the caller may, and nothing unsealed that
//! should be sealed.

use std::fmt::Write;

use almoner_persistence::{Clock, MasterKeys, Store, StoreError, StoreOptions};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::cluster::{Database, lines, migrated};

const PRACTICE: &str = "00000000-0000-0000-0000-0000000000a1";
const OTHER: &str = "00000000-0000-0000-0000-0000000000a2";
const EDITH: &str = "00000000-0000-0000-0000-0000000000b1";
const FRANK: &str = "00000000-0000-0000-0000-0000000000b2";
const COMPLAINT: &str = "00000000-0000-0000-0000-0000000000c1";

/// Makes two practices; at the first Edith and Frank have a case each, and there is a complaint.
fn world(name: &str) -> Database {
    let database = migrated(name);
    let mut db = database.connect("postgres");
    let mut rows = String::from("SET ROLE almoner_owner;");
    for (practice, slug) in [(PRACTICE, "one"), (OTHER, "two")] {
        write!(
            rows,
            "INSERT INTO practices (practice_id, slug, name, capacity, complaints_procedure, advocacy, created_at)
                 VALUES ('{practice}', '{slug}', '{slug}', 10, '-', '-', now());
             INSERT INTO sealing_keys VALUES ('{practice}', '{practice}', 1, '', now());"
        )
        .unwrap();
    }
    let council = "00000000-0000-0000-0000-0000000000d1";
    let client = "00000000-0000-0000-0000-0000000000d2";
    let account = "00000000-0000-0000-0000-0000000000d3";
    write!(
        rows,
        "INSERT INTO councils VALUES ('{council}', 'E06000001', 'Council', '0', 1, now());
         INSERT INTO clients VALUES ('{client}', 'partner', NULL, 'App', '{{complaints}}', NULL, now());
         INSERT INTO accounts (account_id, email, name, password_hash, created_at)
             VALUES ('{account}', 'a@example.org', 'A', '-', now());
         INSERT INTO staff (practice_id, staff_id, account_id, name, email, roles, created_at)
             VALUES ('{PRACTICE}', '{account}', '{account}', 'A', 'a@example.org', '{{manager}}', now());"
    )
    .unwrap();
    for (person, case) in [(EDITH, "e1"), (FRANK, "e2")] {
        write!(
 rows,
            "INSERT INTO service_users VALUES ('{PRACTICE}', '{person}', false, '{PRACTICE}', '', 1, now(), now());
             INSERT INTO search_tokens VALUES ('{PRACTICE}', '\\x01', '{person}', false);
             INSERT INTO cases (practice_id, case_id, service_user_id, council_id, function, priority, status, opened_at, opened_by)
                 VALUES ('{PRACTICE}', '00000000-0000-0000-0000-0000000000{case}', '{person}', '{council}',
                     'safeguarding_enquiry', 'routine', 'open', now(), '{account}');"
        )
.unwrap();
    }
    write!(
 rows,
        "INSERT INTO complaints (holder_id, complaint_id, held_by, practice_id, council_id, client_id, reference, access_code_hash,
             status, key_id, content, complainant, confidential, received_at, acknowledgement_due_on, response_due_on, response_latest_on)
         VALUES ('{PRACTICE}', '{COMPLAINT}', 'practice', '{PRACTICE}', '{council}', '{client}', 'C', '', 'received', '{PRACTICE}',
             '', '', false, now(), now(), now(), now());"
    ).unwrap();
    db.batch_execute(&rows).unwrap();
    database
}

/// Counts the rows that a door's role sees in a scope with these settings.
fn count(database: &Database, role: &str, settings: &[(&str, &str)], table: &str, column: &str) -> i64 {
    let mut db = database.connect("almoner_app");
    db.batch_execute(&format!("BEGIN; SET LOCAL ROLE {role}")).unwrap();
    for (name, value) in settings {
        db.batch_execute(&format!("SET LOCAL {name} = '{value}'")).unwrap();
    }
    let count = lines(&mut db, &format!("SELECT count({column})::text AS line FROM {table}"));
    count[0].parse().unwrap()
}

#[test]
fn row_1_without_a_scope_there_is_nothing_and_in_one_there_is_ones_own() {
    let database = world("doors_scope");
    let people =
        |settings: &[(&str, &str)]| count(&database, "almoner_practice", settings, "service_users", "service_user_id");
    assert_eq!(people(&[]), 0);
    assert_eq!(people(&[("app.practice", "")]), 0, "what is left of a setting after its transaction");
    assert_eq!(people(&[("app.practice", OTHER)]), 0);
    assert_eq!(people(&[("app.practice", PRACTICE)]), 2);
}

#[test]
fn the_log_in_role_has_no_rights_of_its_own() {
    let database = world("doors_login");
    let mut db = database.connect("almoner_app");
    for table in ["service_users", "practices", "complaints", "accounts", "sealing_keys", "audit_events"] {
        let refused = db.batch_execute(&format!("SELECT 1 FROM {table}")).unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{table}: {refused}");
    }
    for role in ["almoner_owner", "almoner_worker", "postgres"] {
        assert!(db.batch_execute(&format!("SET ROLE {role}")).is_err(), "{role}");
    }
}

#[test]
fn an_access_restricted_person_is_closed_in_every_table_at_that_moment() {
    let database = world("doors_access_restricted");
    let mut owner = database.connect("postgres");
    owner
        .batch_execute(&format!(
            "SET ROLE almoner_owner; UPDATE service_users SET access_restricted = true WHERE service_user_id = '{EDITH}'"
        ))
        .unwrap();
    for table in ["service_users", "search_tokens", "cases"] {
        let seen = |open: &str| {
            count(
                &database,
                "almoner_practice",
                &[("app.practice", PRACTICE), ("app.open_people", open)],
                table,
                "service_user_id",
            )
        };
        assert_eq!(seen(""), 1, "{table}: Frank alone");
        assert_eq!(seen("{}"), 1, "{table}: an empty list opens nobody");
        assert_eq!(seen(&format!("{{{FRANK}}}")), 1, "{table}: somebody else's being open opens nobody");
        assert_eq!(seen(&format!("{{{EDITH}}}")), 2, "{table}: open");
    }
}

#[test]
fn nobody_can_forge_or_drop_the_access_restriction_of_a_row() {
    let database = world("doors_forged");
    let mut owner = database.connect("postgres");
    let forged = owner
        .batch_execute(&format!(
            "SET ROLE almoner_owner; UPDATE cases SET access_restricted = true WHERE service_user_id = '{EDITH}'"
        ))
        .unwrap_err()
        .to_string();
    assert!(forged.contains("foreign key"), "{forged}");
    let mut app = database.connect("almoner_app");
    let refused = app
        .batch_execute(&format!(
            "BEGIN; SET LOCAL ROLE almoner_practice; SET LOCAL app.practice = '{PRACTICE}'; UPDATE service_users SET access_restricted = false"
        ))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("permission denied"), "{refused}");
}

#[test]
fn a_complaint_is_there_only_for_those_to_whom_it_is_open() {
    let database = world("doors_complaint");
    let seen = |settings: &[(&str, &str)]| count(&database, "almoner_practice", settings, "complaints", "complaint_id");
    assert_eq!(seen(&[("app.practice", PRACTICE)]), 0);
    assert_eq!(seen(&[("app.practice", PRACTICE), ("app.open_complaints", "{}")]), 0);
    let open = format!("{{{COMPLAINT}}}");
    assert_eq!(seen(&[("app.practice", PRACTICE), ("app.open_complaints", &open)]), 1);
    assert_eq!(seen(&[("app.practice", OTHER), ("app.open_complaints", &open)]), 0, "another practice's");
    let council = count(
        &database,
        "almoner_council",
        &[("app.council", "00000000-0000-0000-0000-0000000000d1")],
        "complaints",
        "complaint_id",
    );
    assert_eq!(council, 0, "the practice holds it, not the council");
}

#[test]
fn row_1_a_row_cannot_be_written_for_or_moved_to_another_practice() {
    let database = world("doors_move");
    let mut db = database.connect("almoner_app");
    db.batch_execute(&format!("BEGIN; SET LOCAL ROLE almoner_practice; SET LOCAL app.practice = '{OTHER}'")).unwrap();
    assert_eq!(
        diesel::sql_query("UPDATE cases SET version = 9").execute(&mut db).unwrap(),
        0,
        "another's rows are not there to change"
    );
    let refused = db
        .batch_execute(&format!(
            "INSERT INTO service_users VALUES ('{PRACTICE}', gen_random_uuid(), false, '{PRACTICE}', '', 1, now(), now())"
        ))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("row-level security"), "{refused}");
}

#[test]
fn the_operator_and_the_public_have_no_way_to_a_record() {
    let database = world("doors_operator");
    for role in ["almoner_operator", "almoner_public", "almoner_partner"] {
        for table in ["service_users", "cases", "case_notes", "referrals", "search_tokens"] {
            let mut db = database.connect("almoner_app");
            db.batch_execute(&format!("BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.practice = '{PRACTICE}'")).unwrap();
            let refused = db.batch_execute(&format!("SELECT 1 FROM {table}")).unwrap_err().to_string();
            assert!(refused.contains("permission denied"), "{role} {table}: {refused}");
        }
    }
}

#[test]
fn the_service_does_not_start_with_a_role_that_the_policies_do_not_bind() {
    let database = world("doors_powerful");
    let open = |role: &str| {
        Store::open(StoreOptions {
            database_url: database.url(role),
            connections: 1,
            master_keys: MasterKeys::parse("1:dGVzdHMgYWxvbmUsIDMyIGJ5dGVzIG9mIGEgbWFzdGU=").unwrap(),
            clock: Clock::new(),
            statements_one_by_one: false,
        })
    };
    for role in ["postgres", "almoner_owner"] {
        assert!(matches!(open(role), Err(StoreError::PowerfulRole(_))), "{role}");
    }
    assert!(open("almoner_app").is_ok());
    assert!(open("almoner_work").is_ok());
}

#[test]
fn whose_line_one_stands_in_is_the_same_from_above_and_from_below() {
    let database = world("doors_lines");
    let mut db = database.connect("postgres");
    // Nine people: chains, a fork, a deputy of a deputy, and two who manage each other.
    let person = |n: u32| format!("00000000-0000-0000-0000-00000000f{n:03}");
    let mut rows = String::from("SET ROLE almoner_owner;");
    for n in 1..=9 {
        write!(
            rows,
            "INSERT INTO accounts (account_id, email, name, password_hash, created_at)
                 VALUES ('{0}', 'p{n}@example.org', 'P', '-', now());
             INSERT INTO staff (practice_id, staff_id, account_id, name, email, roles, created_at)
                 VALUES ('{PRACTICE}', '{0}', '{0}', 'P', 'p{n}@example.org', '{{manager}}', now());",
            person(n)
        )
        .unwrap();
    }
    for (below, above) in [(1, 2), (2, 3), (4, 2), (8, 9), (9, 8)] {
        write!(rows, "UPDATE staff SET line_manager_id = '{}' WHERE staff_id = '{}';", person(above), person(below))
            .unwrap();
    }
    for (deputy, whom) in [(5, 2), (6, 5)] {
        write!(rows, "UPDATE staff SET deputy_for_id = '{}' WHERE staff_id = '{}';", person(whom), person(deputy))
            .unwrap();
    }
    db.batch_execute(&rows).unwrap();
    let differing = lines(
        &mut db,
        &format!(
            "SELECT a.staff_id || ' ' || b.staff_id AS line FROM staff a, staff b
             WHERE (b.staff_id = ANY (app.line_of('{PRACTICE}', ARRAY[a.staff_id])))
                 <> (a.staff_id = ANY (app.answers_for('{PRACTICE}', b.staff_id)))"
        ),
    );
    assert!(differing.is_empty(), "{differing:?}");
    let line = lines(
        &mut db,
        &format!(
            "SELECT right(m::text, 1) AS line FROM unnest(app.line_of('{PRACTICE}', ARRAY['{}'::uuid])) AS m ORDER BY 1",
            person(1)
        ),
    );
    assert_eq!(line, ["1", "2", "3", "5", "6"]);
}
