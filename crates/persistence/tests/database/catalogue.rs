//! Rules for every table. Each query reads the catalogue and lists the tables that break a rule, so that a new table is
//! tested from the day on which it is made.

use crate::cluster::{lines, migrated};

/// The tables that have no owner: the calendar, the register of reorganisations, the keys that sign tokens, and the
/// migrations' own.
const PLATFORM: &str = "('calendar_years', 'bank_holidays', 'reorganisations', 'reorganised_codes', 'signing_keys',
    '__diesel_schema_migrations')";

/// The columns that own a table's rows, with which its keys and indexes begin. An invitation owns itself, because the holder
/// of its link is not yet a member of anything.
const OWNERS: &str = "('practice_id', 'council_id', 'client_id', 'account_id', 'owner_id', 'invitation_id')";

/// The indexes that begin otherwise, or with another owner than their table's, and the reason for each.
const EXCEPTIONS: [(&str, &str); 18] = [
    ("councils_gss_code_key", "a public register: who is in it is no secret"),
    ("practices_slug_key", "a public directory"),
    ("practice_districts_directory", "the directory is asked by district, across practices"),
    ("contracts_of_a_practice", "a practice reads the contracts that it is a party to"),
    ("delegations_of_a_practice", "a practice reads what is delegated to it"),
    ("accounts_email_key", "signing in asks by e-mail address, and only the identity role and the operator's see it"),
    ("staff_of_an_account", "covers a foreign key"),
    ("officers_of_an_account", "covers a foreign key"),
    ("sessions_of_staff", "covers a foreign key"),
    ("sessions_of_officers", "covers a foreign key"),
    ("outbox_unnumbered", "the publisher looks for what has no number, across owners"),
    ("outbox_feed", "a recipient's feed is read in the order of its numbers"),
    ("outbox_of_a_subject", "a recipient's feed is read for one subject, in the order of its numbers"),
    ("jobs_due", "the worker asks what is due, across practices"),
    ("complaint_receipts_by_code", "whoever has a receipt's code finds the one complaint that it is of"),
    ("guests_of_an_account", "covers a foreign key"),
    ("council_requests_of_a_practice", "the practice that has a request answers it"),
    ("confirmations_of_a_practice", "covers a foreign key"),
];

/// The unique indexes with which a row of one owner can conflict with another owner's, and why that tells nobody anything.
const UNIQUE_ACROSS_OWNERS: [(&str, &str); 7] = [
    (
        "accounts_email_key",
        "a person has one account; the identity role adds one for who holds an invitation, the operator frees an address",
    ),
    ("bank_holidays_day_key", "the calendar, written by the operator alone"),
    ("complaint_receipts_by_code", "160 random bits, which nobody can meet by chance"),
    ("councils_gss_code_key", "a public register, written by the operator alone"),
    ("outbox_feed", "the worker alone gives numbers, one feed at a time"),
    ("practices_slug_key", "a public directory, written by the operator alone"),
    ("reorganised_codes_created", "a public register, written by the operator alone"),
];

/// The foreign keys that lead from a row of one owner to a row of another, and why.
const KEYS_ACROSS_OWNERS: [(&str, &str); 40] = [
    ("account_memberships_practice_id_staff_id_fkey", "which practices an account belongs to is kept with the account"),
    (
        "account_offices_council_id_officer_id_fkey",
        "of which councils an account is an officer is kept with the account",
    ),
    ("cases_council_id_delegation_id_fkey", "a practice works under a council's delegation"),
    ("cases_council_id_fkey", "a practice works for a council"),
    ("clients_council_id_fkey", "a council's system acts for it"),
    ("complaint_interests_practice_id_fkey", "an officer declares an interest in a practice"),
    ("complaint_offers_practice_id_fkey", "an offer names the practice that the complaint is about"),
    ("complaint_receipts_client_id_fkey", "an app lodges for somebody, and shows the receipt"),
    ("complaint_record_openings_practice_id_fkey", "a record is opened at the practice that the complaint is about"),
    ("complaints_practice_id_fkey", "a complaint is its council's, and about a practice"),
    ("confirmations_practice_id_fkey", "a council confirms what its practices did"),
    ("contracts_practice_id_fkey", "a contract has two parties, and is the council's"),
    ("council_documents_client_id_fkey", "a council's system sent the document"),
    ("council_instructions_person_fkey", "an instruction is the council's, and about a person at the practice"),
    (
        "council_instructions_practice_id_case_id_service_user_id_fkey",
        "an instruction is the council's, and about a case at the practice",
    ),
    ("council_instructions_practice_id_fkey", "a council instructs a practice"),
    ("council_instructions_practice_id_practice_key_id_fkey", "the practice has the words under a key of its own"),
    ("council_requests_client_id_fkey", "a council's system sent the request"),
    ("council_requests_practice_id_fkey", "the practice that has the request answers it"),
    ("documents_council_id_council_document_id_fkey", "a council sent the document with its referral"),
    ("erasure_requests_council_id_council_request_id_fkey", "a practice asks about what came with a council's request"),
    ("erasure_requests_council_id_fkey", "a practice asks the accountable council to have a document erased"),
    ("feed_positions_client_id_fkey", "a council's system keeps how far it has read its council's feed"),
    ("guests_account_id_fkey", "a guest is an account's"),
    ("guests_practice_id_fkey", "a guest who handles complaints works at a practice"),
    ("invitations_account_id_fkey", "a link may replace an account's lost password"),
    ("invitations_council_id_guest_id_fkey", "a link may let a guest in"),
    ("invitations_council_id_officer_id_fkey", "a link may let an officer in"),
    ("invitations_practice_id_staff_id_fkey", "a link may let a member of staff in"),
    ("linked_identities_account_id_fkey", "a practice's provider vouches for an account, at that practice"),
    ("officers_account_id_fkey", "an officer is an account's"),
    ("practice_learning_council_id_fkey", "a council releases to a practice what was learnt"),
    ("practice_learning_council_id_released_by_fkey", "an officer of the council releases it"),
    ("referrals_council_id_contract_id_practice_id_fkey", "a referral is made only under a contract between the two"),
    ("referrals_council_id_council_request_id_fkey", "a referral is one routing of a council's request"),
    ("sessions_council_id_guest_id_fkey", "a session is for one place of its account's"),
    ("sessions_council_id_officer_id_fkey", "a session is for one place of its account's"),
    ("sessions_practice_id_staff_id_fkey", "a session is for one membership of its account's"),
    ("sign_on_attempts_account_id_fkey", "an account's holder links it to a practice's provider"),
    ("staff_account_id_fkey", "a membership is an account's"),
];

/// The tables about a person whose policy at the practice's door is not the one that `app.restrict_to_open_people` makes.
const POLICIES_OF_THEIR_OWN: [(&str, &str); 8] = [
    ("audit_events", "records officers read what was done to a person whom they may not see, unless they are excluded"),
    (
        "break_glass_accesses",
        "seen by who broke the break_glass_access and by its reviewers, who may not see the person",
    ),
    ("case_notes", "asks more: of a draft, only its author"),
    ("countersignatures", "asks more: of those who may see the person, only who asked and who signs"),
    (
        "documents",
        "asks more: of one that the scanner has not found clean, only its sender; and follows a referral with nobody",
    ),
    ("notices", "read by its recipient, and tells ids alone"),
    ("referrals", "asks more: one that the council marked as restricted is for the managers to whom it is open"),
    ("relationships", "asks more: of two people, that the caller may see both"),
];

/// The policy about a person, as PostgreSQL prints it.
const ABOUT_A_PERSON: &str = "((practice_id = app.practice()) AND \
    (((NOT access_restricted) AND (team_id = ANY (( SELECT app.open_teams() AS open_teams)::uuid[]))) OR \
    (service_user_id = ANY (( SELECT app.open_people() AS open_people)::uuid[]))))";

pub(crate) fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}: {found:?}");
}

#[test]
fn every_table_enables_and_forces_row_security_and_gives_the_owner_a_policy() {
    let mut db = migrated("catalogue_rls").connect("postgres");
    let tables = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'app') AND c.relkind IN ('r', 'p') AND c.relname <> '__diesel_schema_migrations'";
    assert!(lines(&mut db, &format!("SELECT c.relname::text AS line {tables}")).len() > 25, "the catalogue is read");
    none(
        &lines(
            &mut db,
            &format!("SELECT c.relname::text AS line {tables} AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"),
        ),
        "row security is enabled and forced",
    );
    none(
        &lines(
            &mut db,
            &format!(
                "SELECT c.relname::text AS line {tables} AND NOT EXISTS (
                    SELECT FROM pg_policies p WHERE p.tablename = c.relname AND p.roles = '{{almoner_owner}}' AND p.qual = 'true')"
            ),
        ),
        "without a policy for the owner a backfill changes nothing, in silence",
    );
    none(
        &lines(&mut db, &format!("SELECT c.relname::text AS line {tables} AND c.relowner <> 'almoner_owner'::regrole")),
        "the owner owns every table",
    );
}

#[test]
fn a_door_has_one_permissive_policy_on_a_table_and_no_policy_asks_another_table() {
    let mut db = migrated("catalogue_policies").connect("postgres");
    none(
        &lines(
            &mut db,
            "SELECT tablename || ' ' || role AS line FROM pg_policies, unnest(roles) AS role
             GROUP BY tablename, role HAVING count(*) > 1",
        ),
        "policies of one role are joined by OR: there is one",
    );
    none(
        &lines(&mut db, "SELECT policyname::text AS line FROM pg_policies WHERE permissive <> 'PERMISSIVE'"),
        "never RESTRICTIVE",
    );
    none(
        &lines(&mut db, "SELECT tablename::text AS line FROM pg_policies WHERE 'public' = ANY (roles)"),
        "a policy names its roles",
    );
    none(
        &lines(&mut db, "SELECT tablename || ' ' || policyname AS line FROM pg_policies WHERE qual ~* ' FROM '"),
        "a policy reads settings, not tables",
    );
}

#[test]
fn a_role_that_may_touch_a_table_has_a_policy_on_it() {
    let mut db = migrated("catalogue_grants").connect("postgres");
    none(
        &lines(
            &mut db,
            "SELECT DISTINCT g.table_name || ' ' || g.grantee AS line
             FROM information_schema.column_privileges g
             WHERE g.table_schema = 'public' AND g.grantee LIKE 'almoner\\_%' AND g.grantee <> 'almoner_owner'
                 AND NOT EXISTS (SELECT FROM pg_policies p WHERE p.tablename = g.table_name AND g.grantee = ANY (p.roles))",
        ),
        "a grant without a policy shows nothing, and misleads",
    );
}

#[test]
fn keys_and_indexes_begin_with_the_owner() {
    let mut db = migrated("catalogue_keys").connect("postgres");
    let exceptions: Vec<String> = EXCEPTIONS.iter().map(|(index, _)| format!("'{index}'")).collect();
    let indexes = format!(
        "SELECT i.relname::text AS line FROM pg_index x
         JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
         JOIN pg_namespace n ON n.oid = t.relnamespace
         LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
         LEFT JOIN pg_index p ON p.indrelid = t.oid AND p.indisprimary
         WHERE n.nspname = 'public' AND t.relname NOT IN {PLATFORM}
             AND NOT (a.attname IN {OWNERS} AND x.indkey[0] = p.indkey[0])
             AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = t.oid AND f.conkey[1] = x.indkey[0]
                 AND NOT x.indisunique)"
    );
    none(
        &lines(&mut db, &format!("{indexes} AND i.relname NOT IN ({})", exceptions.join(", "))),
        "an index that does not begin with its table's owner is listed with its reason",
    );
    let listed = lines(
        &mut db,
        &format!(
            "SELECT i.relname::text AS line FROM pg_class i WHERE i.relkind = 'i' AND i.relname IN ({})",
            exceptions.join(", ")
        ),
    );
    assert_eq!(listed.len(), EXCEPTIONS.len(), "what is listed is there: {listed:?}");
    none(
        &lines(
            &mut db,
            &format!(
                "SELECT t.relname::text AS line FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
                 WHERE n.nspname = 'public' AND t.relkind = 'r' AND t.relname NOT IN {PLATFORM}
                     AND NOT EXISTS (SELECT FROM pg_index x JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
                         WHERE x.indrelid = t.oid AND x.indisprimary AND a.attname IN {OWNERS})"
            ),
        ),
        "a primary key begins with who owns the row",
    );
}

#[test]
fn a_unique_index_or_a_foreign_key_that_crosses_owners_is_listed_with_its_reason() {
    let mut db = migrated("catalogue_owners").connect("postgres");
    let unique = lines(
        &mut db,
        "SELECT i.relname::text AS line FROM pg_index x
         JOIN pg_class i ON i.oid = x.indexrelid AND i.relnamespace = 'public'::regnamespace
         JOIN pg_index p ON p.indrelid = x.indrelid AND p.indisprimary
         WHERE x.indisunique AND x.indkey[0] <> p.indkey[0] ORDER BY i.relname COLLATE \"C\"",
    );
    assert_eq!(unique, UNIQUE_ACROSS_OWNERS.map(|(index, _)| index));
    let keys = lines(
        &mut db,
        "SELECT f.conname::text AS line FROM pg_constraint f
         JOIN pg_index p ON p.indrelid = f.conrelid AND p.indisprimary
         JOIN pg_index q ON q.indrelid = f.confrelid AND q.indisprimary
         WHERE f.contype = 'f' AND (f.conkey[1] <> p.indkey[0] OR f.confkey[1] <> q.indkey[0]) ORDER BY f.conname COLLATE \"C\"",
    );
    assert_eq!(keys, KEYS_ACROSS_OWNERS.map(|(key, _)| key));
}

#[test]
fn every_table_about_a_person_has_the_one_policy_at_the_practice_door_or_says_why_not() {
    let mut db = migrated("catalogue_people").connect("postgres");
    let about_a_person = "pg_policies p WHERE 'almoner_practice' = ANY (p.roles) AND EXISTS (
        SELECT FROM information_schema.columns c
        WHERE c.table_schema = p.schemaname AND c.table_name = p.tablename AND c.column_name = 'service_user_id')";
    let same = format!("(p.qual = '{ABOUT_A_PERSON}' AND p.with_check IS NULL AND p.cmd = 'ALL')");
    let theirs = lines(
        &mut db,
        &format!(
            "SELECT p.tablename::text AS line FROM {about_a_person} AND NOT {same} ORDER BY p.tablename COLLATE \"C\""
        ),
    );
    assert_eq!(theirs, POLICIES_OF_THEIR_OWN.map(|(table, _)| table));
    let with_it = lines(&mut db, &format!("SELECT p.tablename::text AS line FROM {about_a_person} AND {same}"));
    assert!(with_it.len() >= 8, "{with_it:?}");
    none(
        &lines(
            &mut db,
            &format!(
                "SELECT p.tablename::text AS line FROM pg_policies p WHERE p.tablename IN ('case_notes', 'countersignatures', 'referrals')
                     AND 'almoner_practice' = ANY (p.roles) AND NOT starts_with(p.qual, '{}')",
                ABOUT_A_PERSON.trim_end_matches(')')
            ),
        ),
        "what asks more asks that first",
    );
}

#[test]
fn the_guard_and_the_team_come_to_every_table_about_a_person_by_one_key_whose_name_the_program_knows() {
    let mut db = migrated("catalogue_person_keys").connect("postgres");
    let keyed = lines(
        &mut db,
        "SELECT t.relname || ' ' || f.conname AS line FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid
         WHERE f.contype = 'f' AND f.confrelid = 'service_users'::regclass AND f.confupdtype = 'c'
             AND (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(f.conkey) WITH ORDINALITY AS k (number, place)
                 JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number)
                 = '{practice_id,service_user_id,access_restricted,team_id}'
         ORDER BY t.relname COLLATE \"C\"",
    );
    let expected = lines(
        &mut db,
        "SELECT tablename || ' ' || tablename || '_person_fkey' AS line FROM pg_policies
         WHERE 'almoner_practice' = ANY (roles) AND qual LIKE '%open_teams%' AND tablename <> 'service_users'
         ORDER BY tablename COLLATE \"C\"",
    );
    assert_eq!(
        keyed, expected,
        "a row that races with a change of the guard is told from one that is wrong by this name"
    );
    assert!(keyed.len() >= 10, "{keyed:?}");
}

#[test]
fn a_foreign_key_stays_with_its_owner_never_cascades_a_deletion_and_has_an_index() {
    let mut db = migrated("catalogue_fks").connect("postgres");
    none(
        &lines(
            &mut db,
            &format!(
                "SELECT f.conname::text AS line FROM pg_constraint f
                 JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
                 JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = f.confkey[1]
                 WHERE f.contype = 'f' AND NOT (a.attname IN {OWNERS} AND b.attname IN {OWNERS})
                     AND NOT (f.conrelid::regclass::text IN {PLATFORM} AND f.confrelid::regclass::text IN {PLATFORM})"
            ),
        ),
        "both sides of a foreign key begin with the owner",
    );
    none(
        &lines(&mut db, "SELECT conname::text AS line FROM pg_constraint WHERE contype = 'f' AND confdeltype <> 'a'"),
        "nothing is deleted along",
    );
    none(
        &lines(
            &mut db,
            "SELECT f.conname::text AS line FROM pg_constraint f WHERE f.contype = 'f' AND NOT EXISTS (
                SELECT FROM pg_index x WHERE x.indrelid = f.conrelid
                    AND (x.indkey::int2[])[0:cardinality(f.conkey) - 1] @> f.conkey
                    AND (x.indkey::int2[])[0:cardinality(f.conkey) - 1] <@ f.conkey)
                AND NOT (cardinality(f.conkey) = 1 AND EXISTS (
                    SELECT FROM pg_index x WHERE x.indrelid = f.conrelid AND x.indkey[0] = f.conkey[1]))",
        ),
        "a foreign key has an index",
    );
}

#[test]
fn the_doors_can_only_add_to_the_audit_log_and_never_truncate_or_own() {
    let mut db = migrated("catalogue_rights").connect("postgres");
    none(
        &lines(
            &mut db,
            "SELECT grantee || ' ' || privilege_type AS line FROM information_schema.table_privileges
             WHERE table_name = 'audit_events' AND grantee LIKE 'almoner\\_%' AND grantee <> 'almoner_owner'
                 AND privilege_type NOT IN ('INSERT', 'SELECT')",
        ),
        "the audit log cannot be altered",
    );
    none(
        &lines(
            &mut db,
            "SELECT grantee || ' ' || privilege_type || ' ' || column_name AS line FROM information_schema.column_privileges
             WHERE table_name = 'audit_events' AND grantee LIKE 'almoner\\_%' AND grantee <> 'almoner_owner'
                 AND privilege_type NOT IN ('INSERT', 'SELECT')
                 AND NOT (grantee = 'almoner_worker' AND privilege_type = 'UPDATE' AND column_name IN ('number', 'hash'))",
        ),
        "the worker alone gives numbers and hashes, and nothing else is altered",
    );
    none(
        &lines(
            &mut db,
            "SELECT grantee || ' ' || privilege_type || ' ' || column_name AS line FROM information_schema.column_privileges
             WHERE table_name = 'audit_events' AND grantee LIKE 'almoner\\_%'
                 AND grantee NOT IN ('almoner_owner', 'almoner_worker') AND column_name IN ('number', 'hash')",
        ),
        "the chains' numbers and hashes are no door's",
    );
    none(
        &lines(
            &mut db,
            "SELECT table_name || ' ' || grantee || ' ' || privilege_type AS line FROM information_schema.table_privileges
             WHERE table_schema = 'public' AND grantee LIKE 'almoner\\_%' AND grantee <> 'almoner_owner'
                 AND privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')",
        ),
        "doors read, add and change rows",
    );
    none(
        &lines(
            &mut db,
            "SELECT DISTINCT table_name::text AS line FROM information_schema.column_privileges
             WHERE grantee = 'almoner_operator' AND table_name IN ('service_users', 'search_tokens', 'person_facts', 'council_requests',
                 'referrals', 'cases', 'allocations', 'case_notes', 'case_events', 'countersignatures', 'guests')
                 OR grantee = 'almoner_operator' AND table_name LIKE 'complaint%'",
        ),
        "the operator's role has no grant on any table of records",
    );
}

#[test]
fn there_is_no_way_round_the_policies() {
    let mut db = migrated("catalogue_ways_round").connect("postgres");
    none(
        &lines(
            &mut db,
            "SELECT rolname::text AS line FROM pg_roles WHERE rolname LIKE 'almoner\\_%' AND (rolsuper OR rolbypassrls OR rolinherit)",
        ),
        "no role is a superuser, bypasses row security or inherits",
    );
    none(
        &lines(
            &mut db,
            "SELECT c.relname::text AS line FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname IN ('public', 'app') AND c.relkind IN ('v', 'm')",
        ),
        "views are reached with their owner's rights: there are none",
    );
    none(
        &lines(
            &mut db,
            "SELECT p.proname::text AS line FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname IN ('public', 'app') AND p.prosecdef",
        ),
        "no function runs with its owner's rights",
    );
    none(
        &lines(
            &mut db,
            "SELECT c.relname || '.' || a.attname AS line FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
             WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND (t.typtype = 'e' OR a.attidentity <> '')",
        ),
        "no enum types, whose comparison cannot use an index here, and no sequences, whose gaps tell",
    );
}
