//! What the doors' roles may write of documents, tried as the roles themselves.

use diesel::connection::SimpleConnection;

use crate::doors::{count, world};

#[test]
fn neither_door_says_of_a_document_that_it_is_clean() {
    let database = world("doors_documents");
    let (practice, council) = ("00000000-0000-0000-0000-0000000000a1", "00000000-0000-0000-0000-0000000000d1");
    for (scope, table) in [
        (format!("almoner_practice; SET LOCAL app.practice = '{practice}'"), "documents"),
        (format!("almoner_council; SET LOCAL app.council = '{council}'"), "council_documents"),
        (format!("almoner_complaints; SET LOCAL app.council = '{council}'"), "complaint_documents"),
        (format!("almoner_partner; SET LOCAL app.council = '{council}'"), "complaint_documents"),
    ] {
        for statement in [
            format!("INSERT INTO {table} (status) VALUES ('clean')"),
            format!("INSERT INTO {table} (scanned_at) VALUES (now())"),
            format!("UPDATE {table} SET status = 'clean'"),
        ] {
            let mut app = database.connect("almoner_app");
            let refused =
                app.batch_execute(&format!("BEGIN; SET LOCAL ROLE {scope}; {statement}")).unwrap_err().to_string();
            assert!(refused.contains("permission denied"), "{statement}: {refused}");
        }
    }
}

#[test]
fn the_practices_role_has_no_right_to_what_erases_a_document() {
    let database = world("doors_erasing");
    for statement in [
        "UPDATE documents SET content_key = NULL",
        "UPDATE documents SET details = ''",
        "UPDATE documents SET erased_at = now()",
        "DELETE FROM documents",
        "INSERT INTO erasure_requests (status) VALUES ('erased')",
        "UPDATE erasure_requests SET answer = ''",
    ] {
        let mut app = database.connect("almoner_app");
        let scope = "SET LOCAL ROLE almoner_practice; SET LOCAL app.practice = '00000000-0000-0000-0000-0000000000a1'";
        let refused = app.batch_execute(&format!("BEGIN; {scope}; {statement}")).unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
}

#[test]
fn an_upload_is_its_callers_alone_at_both_doors() {
    let database = world("doors_uploads");
    let ids = ["00000000-0000-0000-0000-0000000000a1", "00000000-0000-0000-0000-0000000000a2"];
    let mut owner = database.connect("postgres");
    for tenant in ids {
        for caller in ids {
            let rows = format!(
                "SET ROLE almoner_owner;
                 INSERT INTO uploads VALUES ('{tenant}', '{caller}', gen_random_uuid(), 10, 5, now());
                 INSERT INTO upload_pieces SELECT owner_id, caller_id, upload_id, 0, 5, upload_id, '' FROM uploads
                     WHERE owner_id = '{tenant}' AND caller_id = '{caller}'"
            );
            owner.batch_execute(&rows).unwrap();
        }
    }
    for (role, tenant, caller) in
        [("almoner_practice", "app.practice", "app.staff"), ("almoner_council", "app.council", "app.client")]
    {
        for table in ["uploads", "upload_pieces"] {
            let seen = |settings: &[(&str, &str)]| count(&database, role, settings, table, "*");
            assert_eq!(seen(&[(tenant, ids[0])]), 0, "{role} {table}: without a caller");
            assert_eq!(seen(&[(caller, ids[0])]), 0, "{role} {table}: without a tenant");
            assert_eq!(seen(&[(tenant, ids[0]), (caller, ids[1])]), 1, "{role} {table}");
        }
    }
}
