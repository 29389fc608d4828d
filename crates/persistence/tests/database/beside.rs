//! What the roles could keep in the database beside its tables, where no policy looks: temporary tables, large objects, tables
//! of their own.

use diesel::connection::SimpleConnection;

use crate::cluster::{lines, migrated};

fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}: {found:?}");
}

#[test]
fn the_roles_can_keep_nothing_in_the_database_beside_its_tables() {
    let mut db = migrated("catalogue_beside").connect("postgres");
    let roles = "pg_roles r WHERE r.rolname LIKE 'almoner\\_%' AND r.rolname <> 'almoner_owner'";
    none(
        &lines(
            &mut db,
            &format!(
                "SELECT rolname || ' may make temporary tables' AS line FROM {roles}
                     AND has_database_privilege(r.oid, current_database(), 'TEMPORARY')
                 UNION ALL SELECT rolname || ' may make tables' FROM {roles}
                     AND (has_database_privilege(r.oid, current_database(), 'CREATE')
                         OR has_schema_privilege(r.oid, 'public', 'CREATE') OR has_schema_privilege(r.oid, 'app', 'CREATE'))"
            ),
        ),
        "no role makes tables, not even for a session",
    );
    none(
        &lines(
            &mut db,
            "SELECT r.rolname || ' ' || p.oid::regprocedure AS line FROM pg_roles r, pg_proc p
             WHERE r.rolname LIKE 'almoner\\_%' AND p.pronamespace = 'pg_catalog'::regnamespace
                 AND (p.proname LIKE 'lo\\_%' OR p.proname IN ('loread', 'lowrite'))
                 AND has_function_privilege(r.oid, p.oid, 'EXECUTE')",
        ),
        "large objects have no policies, and nobody makes or reads any",
    );
    let readers = lines(
        &mut db,
        "SELECT rolname::text AS line FROM pg_roles WHERE rolname LIKE 'almoner\\_%' AND rolname <> 'almoner_owner'
             AND (has_column_privilege(oid, 'staff', 'home_postcode_token', 'SELECT')
                 OR has_column_privilege(oid, 'staff', 'home_postcode_token', 'INSERT'))",
    );
    assert_eq!(readers, ["almoner_practice"], "where a member of staff lives is compared at the practice's door alone");
}

#[test]
fn whoever_has_taken_over_a_program_keeps_nothing_beside_the_tables() {
    let database = migrated("beside_tried");
    let roles = "SELECT rolname::text AS line FROM pg_roles WHERE rolname LIKE 'almoner\\_%' ORDER BY rolname";
    let roles = lines(&mut database.connect("postgres"), roles);
    for login in ["almoner_app", "almoner_work"] {
        let mut program = database.connect(login);
        let mut tried = 0;
        for role in &roles {
            if program.batch_execute(&format!("BEGIN; SET LOCAL ROLE {role}; COMMIT")).is_err() {
                program.batch_execute("ROLLBACK").unwrap();
                continue;
            }
            for statement in [
                "CREATE TEMPORARY TABLE kept (name text)",
                "CREATE TEMPORARY TABLE kept AS SELECT 1 AS one",
                "SELECT 1 AS one INTO TEMPORARY kept",
                "CREATE TEMPORARY VIEW kept AS SELECT 1 AS one",
                "CREATE TEMPORARY SEQUENCE kept",
                "CREATE TABLE kept (name text)",
                "CREATE TABLE app.kept (name text)",
                "CREATE SCHEMA kept",
                "CREATE FUNCTION kept() RETURNS int LANGUAGE sql RETURN 1",
                "SELECT lo_create(0)",
                "SELECT lo_creat(-1)",
                "SELECT lo_from_bytea(0, 'kept')",
                "SELECT lo_open(1, 131072)",
                "SELECT lo_get(1)",
                "SELECT lo_put(1, 0, 'kept')",
                "SELECT lo_unlink(1)",
                "SELECT lo_import('/etc/passwd')",
                "SELECT lo_export(1, '/tmp/kept')",
                "SELECT loread(0, 1)",
                "SELECT lowrite(0, 'kept')",
            ] {
                let done = program.batch_execute(&format!("BEGIN; SET LOCAL ROLE {role}; {statement}"));
                program.batch_execute("ROLLBACK").unwrap();
                let refused = done.expect_err(&format!("{login} as {role}: {statement}")).to_string();
                assert!(refused.contains("permission denied"), "{login} as {role}: {statement}: {refused}");
                tried += 1;
            }
        }
        assert!(tried >= 3 * 20, "{login} becomes its roles: {tried}");
    }
}
