//! The roles of the doors, tried as those roles: without a scope they see nothing; in a scope they see their own rows, an
//! access-restricted person only where the caller may, a complaint only where the caller may, and nothing unsealed that
//! should be sealed.

use std::fmt::Write;

use almoner_persistence::{Clock, Login, MasterKeys, Store, StoreError, StoreOptions};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::cluster::{Database, lines, migrated};

pub(crate) const PRACTICE: &str = "00000000-0000-0000-0000-0000000000a1";
pub(crate) const OTHER: &str = "00000000-0000-0000-0000-0000000000a2";
const EDITH: &str = "00000000-0000-0000-0000-0000000000b1";
const FRANK: &str = "00000000-0000-0000-0000-0000000000b2";
pub(crate) const COMPLAINT: &str = "00000000-0000-0000-0000-0000000000c1";

/// Makes two practices; at the first Edith and Frank have a case each, and there is a complaint about it, which is its council's.
pub(crate) fn world(name: &str) -> Database {
    let database = migrated(name);
    let mut db = database.connect("postgres");
    let mut rows = String::from("SET ROLE almoner_owner;");
    for (practice, slug) in [(PRACTICE, "one"), (OTHER, "two")] {
        write!(
            rows,
            "INSERT INTO practices (practice_id, slug, name, capacity, complaints_procedure, advocacy, created_at)
                 VALUES ('{practice}', '{slug}', '{slug}', 10, '-', '-', now());
             INSERT INTO practice_capacity VALUES ('{practice}', 1);
             INSERT INTO teams VALUES ('{practice}', '{practice}', 'everybody');
             INSERT INTO sealing_keys VALUES ('{practice}', '{practice}', 1, '', now());"
        )
        .unwrap();
    }
    let council = "00000000-0000-0000-0000-0000000000d1";
    let client = "00000000-0000-0000-0000-0000000000d2";
    let account = "00000000-0000-0000-0000-0000000000d3";
    write!(
        rows,
        "INSERT INTO councils VALUES ('{council}', 'E06000001', 'Council', '0', '2026-11-02', 1, now(), NULL);
         INSERT INTO sealing_keys VALUES ('{council}', '{council}', 1, '', now());
         INSERT INTO clients (client_id, kind, name, scopes, created_at, run_by, controlled_by)
             VALUES ('{client}', 'partner', 'App', '{{complaints}}', now(), 'A charity', '{{Ida Fenwick}}');
         INSERT INTO accounts (account_id, email, name, password_hash, created_at)
             VALUES ('{account}', 'a@example.org', 'A', '-', now());
         INSERT INTO staff (practice_id, staff_id, account_id, name, email, roles, created_at)
             VALUES ('{PRACTICE}', '{account}', '{account}', 'A', 'a@example.org', '{{manager}}', now());"
    )
    .unwrap();
    for (person, case) in [(EDITH, "e1"), (FRANK, "e2")] {
        write!(
 rows,
            "INSERT INTO service_users VALUES ('{PRACTICE}', '{person}', false, '{PRACTICE}', '{PRACTICE}', '', NULL, 1, now(), now());
             INSERT INTO search_tokens VALUES ('{PRACTICE}', '\\x01', '{person}', false, '{PRACTICE}');
             INSERT INTO cases (practice_id, case_id, service_user_id, team_id, council_id, function, priority, status, opened_at,
                 opened_by, changed_at)
                 VALUES ('{PRACTICE}', '00000000-0000-0000-0000-0000000000{case}', '{person}', '{PRACTICE}', '{council}',
                     'safeguarding_enquiry', 'routine', 'open', now(), '{account}', now());"
        )
.unwrap();
    }
    write!(
        rows,
        "INSERT INTO complaints (council_id, complaint_id, way, practice_id, about_council, status, key_id, content, complainant,
             confidential, received_at, last_worked_at, acknowledgement_due_on, plan_due_on, response_due_on, response_latest_on)
         VALUES ('{council}', '{COMPLAINT}', 'app', '{PRACTICE}', false, 'received', '{council}', '', '', false, now(), now(), now(), now(),
             now(), now());
         INSERT INTO complaint_receipts VALUES ('{council}', '{COMPLAINT}', '{client}', 'C', '\\x01', NULL, now(), now(), now(), false, ARRAY['{council}']::uuid[], NULL);"
    )
    .unwrap();
    db.batch_execute(&rows).unwrap();
    database
}

/// Counts the rows that a door's role sees in a scope with these settings.
pub(crate) fn count(database: &Database, role: &str, settings: &[(&str, &str)], table: &str, column: &str) -> i64 {
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
    let open_teams = format!("{{{PRACTICE}}}");
    assert_eq!(people(&[("app.practice", OTHER), ("app.open_teams", &open_teams)]), 0);
    assert_eq!(people(&[("app.practice", PRACTICE), ("app.open_teams", &open_teams)]), 2);
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
    let open_teams = format!("{{{PRACTICE}}}");
    for table in ["service_users", "search_tokens", "cases"] {
        let seen = |open: &str| {
            count(
                &database,
                "almoner_practice",
                &[("app.practice", PRACTICE), ("app.open_teams", &open_teams), ("app.open_people", open)],
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
fn a_person_is_seen_by_those_to_whom_their_team_is_open_and_an_unset_list_opens_none() {
    let database = world("doors_teams");
    let north = "00000000-0000-0000-0000-0000000000aa";
    // Frank goes to a team of his own, and every row about him with him.
    database
        .connect("postgres")
        .batch_execute(&format!(
            "SET ROLE almoner_owner; INSERT INTO teams VALUES ('{PRACTICE}', '{north}', 'north');
             UPDATE service_users SET team_id = '{north}' WHERE service_user_id = '{FRANK}'"
        ))
        .unwrap();
    for table in ["service_users", "search_tokens", "cases"] {
        let seen = |teams: &str, people: &str| {
            let settings = [("app.practice", PRACTICE), ("app.open_teams", teams), ("app.open_people", people)];
            count(&database, "almoner_practice", &settings, table, "service_user_id")
        };
        let unset = count(&database, "almoner_practice", &[("app.practice", PRACTICE)], table, "service_user_id");
        assert_eq!((unset, seen("", ""), seen("{}", "{}")), (0, 0, 0), "{table}: no team is open");
        assert_eq!(seen(&format!("{{{PRACTICE}}}"), "{}"), 1, "{table}: Edith's team");
        assert_eq!(seen(&format!("{{{north}}}"), "{}"), 1, "{table}: Frank's");
        assert_eq!(seen(&format!("{{{north},{PRACTICE}}}"), "{}"), 2, "{table}: both");
        assert_eq!(seen(&format!("{{{OTHER}}}"), "{}"), 0, "{table}: another's");
        assert_eq!(seen("{}", &format!("{{{FRANK}}}")), 1, "{table}: a person who is open is seen without their team");
    }
    let mut owner = database.connect("postgres");
    for forged in [
        format!("UPDATE cases SET team_id = '{north}' WHERE service_user_id = '{EDITH}'"),
        format!("UPDATE service_users SET team_id = '{OTHER}' WHERE service_user_id = '{EDITH}'"),
    ] {
        let refused = owner.batch_execute(&format!("SET ROLE almoner_owner; {forged}")).unwrap_err().to_string();
        assert!(refused.contains("foreign key"), "{forged}: {refused}");
    }
    let mut app = database.connect("almoner_app");
    let refused = app
        .batch_execute(&format!(
            "BEGIN; SET LOCAL ROLE almoner_practice; SET LOCAL app.practice = '{PRACTICE}';
             SET LOCAL app.open_teams = '{{{PRACTICE}}}'; UPDATE service_users SET team_id = '{PRACTICE}'"
        ))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("permission denied"), "{refused}");
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
fn sign_in_sees_the_memberships_of_the_account_that_it_is_for_and_a_practice_its_own() {
    let database = world("doors_memberships");
    let mut owner = database.connect("postgres");
    owner
        .batch_execute(&format!(
            "INSERT INTO accounts (account_id, email, name, password_hash, created_at)
                 VALUES ('{EDITH}', 'b@example.org', 'B', '-', now());
             INSERT INTO staff (practice_id, staff_id, account_id, name, email, roles, created_at)
                 SELECT practice_id, account_id, account_id, a.name, email, '{{manager}}', now() FROM practices, accounts a
                 ON CONFLICT DO NOTHING;
             INSERT INTO account_memberships SELECT account_id, practice_id, staff_id FROM staff"
        ))
        .unwrap();
    let identity = |settings: &[(&str, &str)]| {
        count(&database, "almoner_identity", settings, "account_memberships", "practice_id")
    };
    assert_eq!(identity(&[]), 0, "for nobody");
    assert_eq!(identity(&[("app.practice", PRACTICE)]), 0, "a practice is nobody's account");
    assert_eq!(identity(&[("app.account", EDITH)]), 2, "both of one account, and no other's");
    let practice = |practice: &str| {
        let settings = [("app.practice", practice), ("app.account", EDITH)];
        count(&database, "almoner_practice", &settings, "account_memberships", "practice_id")
    };
    assert_eq!((practice(PRACTICE), practice(OTHER), practice("")), (2, 2, 0));
    for (role, statement) in [
        (
            "almoner_practice",
            "INSERT INTO account_memberships (account_id, practice_id, staff_id) SELECT app.account(), app.practice(), app.account()",
        ),
        ("almoner_practice", "SELECT account_id FROM account_memberships"),
        ("almoner_identity", "DELETE FROM account_memberships"),
        ("almoner_operator", "SELECT 1 FROM account_memberships"),
    ] {
        let mut db = database.connect("almoner_app");
        db.batch_execute(&format!("BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.practice = '{PRACTICE}'")).unwrap();
        let refused = db.batch_execute(statement).unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{role}: {statement}: {refused}");
    }
}

#[test]
fn a_referral_that_arrives_moves_the_capacity_of_its_practice_alone_and_never_the_directory() {
    let database = world("doors_capacity");
    for role in ["almoner_practice", "almoner_intake", "almoner_worker"] {
        let mut db = database.connect(if role == "almoner_worker" { "almoner_work" } else { "almoner_app" });
        db.batch_execute(&format!("BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.practice = '{PRACTICE}'")).unwrap();
        let moved = diesel::sql_query("UPDATE practice_capacity SET reserved = reserved + 1").execute(&mut db).unwrap();
        assert_eq!(moved, 1, "{role}: its own");
        let refused = db.batch_execute("UPDATE practices SET capacity = capacity").unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{role}: {refused}");
    }
    for role in ["almoner_operator", "almoner_council", "almoner_public"] {
        let mut db = database.connect("almoner_app");
        db.batch_execute(&format!("BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.practice = '{PRACTICE}'")).unwrap();
        assert_eq!(lines(&mut db, "SELECT reserved::text AS line FROM practice_capacity"), ["1", "1"], "{role}");
        let refused = db.batch_execute("UPDATE practice_capacity SET reserved = 0").unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{role}: {refused}");
    }
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
            "INSERT INTO service_users VALUES ('{PRACTICE}', gen_random_uuid(), false, '{PRACTICE}', '{PRACTICE}', '', NULL, 1, now(), now())"
        ))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("row-level security"), "{refused}");
}

/// A door's role, the settings of its scope, and the owner and the claimant that a claim is for.
type Claim<'c> = (&'c str, &'c [(&'c str, &'c str)], &'c str, &'c str);

/// Claims one key as a door's role, in a scope of these settings, for this owner and claimant: how many rows were added.
fn claim(
    db: &mut PgConnection,
    role: &str,
    settings: &[(&str, &str)],
    owner: &str,
    claimant: &str,
) -> Result<usize, String> {
    db.batch_execute(&format!("RESET ROLE; SET ROLE {role}")).unwrap();
    for setting in ["app.practice", "app.staff", "app.council", "app.client", "app.account", "app.officer", "app.guest"]
    {
        let value = settings.iter().find(|(name, _)| *name == setting).map_or("", |(_, value)| value);
        db.batch_execute(&format!("SET {setting} = '{value}'")).unwrap();
    }
    diesel::sql_query(format!(
        "INSERT INTO idempotency_claims (owner_id, claimant_id, key_hash, fingerprint, claimed_at)
         VALUES ('{owner}', '{claimant}', '\\x01', '', now()) ON CONFLICT DO NOTHING"
    ))
    .execute(db)
    .map_err(|error| error.to_string())
}

#[test]
fn one_key_of_idempotency_is_a_claim_of_its_own_for_each_caller_and_tenant() {
    let database = world("doors_claims");
    let mut db = database.connect("almoner_app");
    let nil = "00000000-0000-0000-0000-000000000000";
    let (practice, staff) = (("app.practice", PRACTICE), ("app.staff", EDITH));
    let (council, client, account) = (("app.council", OTHER), ("app.client", EDITH), ("app.account", EDITH));
    let apart: [Claim<'_>; 8] = [
        ("almoner_practice", &[practice, staff], PRACTICE, EDITH),
        ("almoner_practice", &[practice, ("app.staff", FRANK)], PRACTICE, FRANK),
        ("almoner_practice", &[("app.practice", OTHER), staff], OTHER, EDITH),
        ("almoner_council", &[("app.council", COMPLAINT), client], COMPLAINT, EDITH),
        ("almoner_complaints", &[council, ("app.officer", FRANK)], OTHER, FRANK),
        ("almoner_complaints", &[council, ("app.guest", COMPLAINT)], OTHER, COMPLAINT),
        ("almoner_partner", &[client], EDITH, EDITH),
        ("almoner_operator", &[account], nil, EDITH),
    ];
    for (role, settings, owner, claimant) in apart {
        assert_eq!(claim(&mut db, role, settings, owner, claimant), Ok(1), "{role} {owner} {claimant}: nobody had it");
        assert_eq!(claim(&mut db, role, settings, owner, claimant), Ok(0), "{role} {owner} {claimant}: it is claimed");
        let seen = lines(&mut db, "SELECT concat_ws(' ', owner_id, claimant_id) AS line FROM idempotency_claims");
        assert_eq!(seen, [format!("{owner} {claimant}")], "{role} sees its own");
    }
    let forged: [Claim<'_>; 7] = [
        ("almoner_practice", &[practice, staff], PRACTICE, COMPLAINT),
        ("almoner_practice", &[practice, staff], COMPLAINT, EDITH),
        ("almoner_practice", &[staff], PRACTICE, EDITH),
        ("almoner_council", &[council, client], PRACTICE, EDITH),
        ("almoner_complaints", &[council, ("app.guest", FRANK)], OTHER, EDITH),
        ("almoner_partner", &[client], EDITH, FRANK),
        ("almoner_operator", &[account], PRACTICE, EDITH),
    ];
    for (role, settings, owner, claimant) in forged {
        let refused = claim(&mut db, role, settings, owner, claimant).unwrap_err();
        assert!(refused.contains("row-level security"), "{role} {owner} {claimant}: {refused}");
    }
}

#[test]
fn the_operator_and_the_public_have_no_way_to_a_record() {
    let database = world("doors_operator");
    for role in ["almoner_operator", "almoner_public", "almoner_partner", "almoner_complaints"] {
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
    let open = |role: &str, login: Login| {
        Store::open(StoreOptions {
            database_url: database.url(role),
            login,
            connections: 1,
            keeps_statements: true,
            master_keys: MasterKeys::parse("1:dGVzdHMgYWxvbmUsIDMyIGJ5dGVzIG9mIGEgbWFzdGU=").unwrap(),
            clock: Clock::new(),
        })
    };
    for role in ["postgres", "almoner_owner"] {
        assert!(matches!(open(role, Login::App), Err(StoreError::PowerfulRole(_))), "{role}");
    }
    assert!(open("almoner_app", Login::App).is_ok());
    assert!(open("almoner_work", Login::Work).is_ok());
}

#[test]
fn a_line_goes_up_through_managers_and_deputies_and_ends_in_a_circle() {
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
    // The sixth answered to the seventh until a day.
    write!(
        rows,
        "INSERT INTO former_lines (practice_id, staff_id, version, line_manager_id, owner, until)
             VALUES ('{PRACTICE}', '{}', 1, '{}', false, '2026-11-01');",
        person(6),
        person(7)
    )
    .unwrap();
    db.batch_execute(&rows).unwrap();
    let mut line_of = |of: u32, since: &str| {
        let line = format!("app.line_of('{PRACTICE}', ARRAY['{}'::uuid], '{since}')", person(of));
        lines(&mut db, &format!("SELECT right(m::text, 1) AS line FROM unnest({line}) AS m ORDER BY 1"))
    };
    for (of, expected) in [(1, &["1", "2", "3", "5", "6"][..]), (6, &["6"]), (8, &["8", "9"]), (9, &["8", "9"])] {
        assert_eq!(line_of(of, "2026-11-02"), expected, "{of}");
    }
    assert_eq!(line_of(6, "2026-11-01"), ["6", "7"], "as it was on the last day");
    assert_eq!(line_of(1, "2024-11-01"), ["1", "2", "3", "5", "6", "7"], "and before");
}
