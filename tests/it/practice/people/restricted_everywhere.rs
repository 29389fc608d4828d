//! Everything about an access-restricted person is restricted with them: in every table, future ones too, and in everything
//! that the door shows.

use almoner_persistence::{Clock, migrations};
use almoner_tests::callers::Caller;
use almoner_tests::documents::{find_clean, pdf, send_in};
use almoner_tests::{Staff, World, messages, postgres};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::json;

use super::{end_exclusion, exclude, lift, meets, restrict};
use crate::council::instructions::instruct;
use crate::practice::cases::{close, column, give, open, record};

/// The tables that name a person and do not carry `access_restricted`, and the reason for each.
const NOT_ACCESS_RESTRICTED: [(&str, &str); 6] = [
    ("audit_events", "the practice door adds to it; whoever reads it asks who is excluded"),
    ("break_glass_accesses", "seen by who broke it and by who reviews it, to whom the record may be closed"),
    ("complaint_record_openings", "behind the same wall as complaints"),
    ("complaints", "behind a wall of their own"),
    ("notices", "seen by whom it was written for"),
    ("service_users", "carries `access_restricted` that the others refer to"),
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn lines(db: &mut PgConnection, query: &str) -> Vec<String> {
    diesel::sql_query(query).load::<Line>(db).unwrap().into_iter().map(|line| line.line).collect()
}

/// The tables whose rows carry `access_restricted`, from the catalogue.
fn access_restricted_tables(db: &mut PgConnection) -> Vec<String> {
    lines(
        db,
        "SELECT c.relname::text AS line FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'access_restricted' ORDER BY 1",
    )
}

/// Counts the rows about a person that a member of staff sees in a table, as the door's role, in a scope such as the store makes.
fn seen(database: &str, staff: &Staff, table: &str, person: &str) -> i64 {
    let mut db = PgConnection::establish(&postgres::url_as("almoner_app", database)).unwrap();
    let practice = {
        let mut all = PgConnection::establish(&postgres::superuser_url(database)).unwrap();
        lines(&mut all, &format!("SELECT practice_id::text AS line FROM staff WHERE staff_id = '{}'", staff.id))
            .remove(0)
    };
    let open =
        format!("SELECT app.find_open_people('{practice}', '{}', gen_random_uuid(), now())::text AS line", staff.id);
    db.batch_execute("BEGIN; SET LOCAL ROLE almoner_identity").unwrap();
    let open = lines(&mut db, &open).remove(0);
    db.batch_execute(&format!(
        "SET LOCAL ROLE almoner_practice; SET LOCAL app.practice = '{practice}'; SET LOCAL app.staff = '{}';
         SET LOCAL app.open_teams = '{{{practice}}}'; SET LOCAL app.open_people = '{open}'",
        staff.id
    ))
    .unwrap();
    let query = format!("SELECT count(service_user_id) AS count FROM {table} WHERE service_user_id = '{person}'");
    diesel::sql_query(query).get_result::<Count>(&mut db).unwrap().count
}

#[test]
fn every_table_about_a_person_carries_access_restricted_or_says_why_not() {
    let mut db = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let without = lines(
        &mut db,
        "SELECT c.relname::text AS line FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'service_user_id'
             AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confupdtype = 'c'
                 AND f.confrelid = 'service_users'::regclass AND cardinality(f.conkey) = 4)
         ORDER BY 1",
    );
    assert_eq!(without, NOT_ACCESS_RESTRICTED.map(|(table, _)| table));
    for table in access_restricted_tables(&mut db) {
        let policy = lines(
            &mut db,
            &format!(
                "SELECT qual AS line FROM pg_policies WHERE tablename = '{table}' AND 'almoner_practice' = ANY (roles)"
            ),
        );
        assert!(
            ["NOT access_restricted", "app.open_teams()", "app.open_people()"]
                .iter()
                .all(|part| policy[0].contains(part)),
            "{table}: {policy:?}"
        );
    }
}

#[test]
fn whatever_is_about_a_person_follows_access_restricted_in_every_table() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let mut sent = messages::referral();
    sent["visit_warnings"] = json!([{ "kind": "animal", "detail": "A large dog in the yard." }]);
    sent["person"]["safe_contact"] = json!({ "not_to_tell": "Her nephew." });
    let posted = council.system.post("/v1/council/referrals", &sent);
    let inbox = practice.manager.get("/v1/practice/referrals");
    let path = format!("/v1/practice/referrals/{}", inbox.text("/items/0/id").unwrap());
    let how = json!({ "allocate": { "staff_id": practice.social_worker.id, "reason": "Has room." } });
    let accepted = practice.manager.change(&format!("{path}/accept"), &practice.manager.get(&path), &how);
    let person = accepted.text("/service_user_id").unwrap();
    let case = format!("/v1/practice/cases/{}", accepted.text("/case_id").unwrap());
    practice.social_worker.create(&format!("{case}/notes"), &messages::note("Saw Edith at home."));
    let key_holder = json!({ "without_record": { "name": "Gwen" }, "other_is": { "roles": ["key_holder"] } });
    let related =
        practice.social_worker.create(&format!("/v1/practice/service-users/{person}/relationships"), &key_holder);
    assert_eq!(related.status, 201, "{}", related.body);
    let notes = format!("/v1/practice/service-users/{person}/warning-notes");
    assert_eq!(practice.manager.create(&notes, &messages::warning_note()).status, 201);
    let document = send_in(&practice.social_worker, &case, "letter.pdf", "application/pdf", &pdf(100));
    find_clean(document.text("/id").unwrap());
    let given = instruct(world.first_officer(&council), posted.text("/id").unwrap());
    assert_eq!(given.status, 201, "{}", given.body);
    close(&practice.social_worker, &case, &messages::close());
    let worker = &practice.social_worker;

    let mut db = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let tables = access_restricted_tables(&mut db);
    assert!(tables.len() >= 11, "{tables:?}");
    let rows_of = |db: &mut PgConnection, table: &str, access_restricted: bool| {
        let query = format!(
            "SELECT count(*) AS count FROM {table} WHERE service_user_id = '{person}' AND access_restricted = {access_restricted}"
        );
        diesel::sql_query(query).get_result::<Count>(db).unwrap().count
    };
    let named = json!([practice.manager.id, worker.id]);
    assert_eq!(restrict(&practice.manager, person, &named).status, 200);
    assert_eq!(exclude(&practice.manager, person, &practice.practitioner).status, 201);
    for table in &tables {
        assert_eq!(rows_of(&mut db, table, false), 0, "{table} carries `access_restricted`");
        assert!(rows_of(&mut db, table, true) > 0, "{table} has something to show");
        let database = postgres::shared_name();
        assert!(seen(&database, worker, table, person) > 0, "{table}: open to who is named");
        for closed in [&practice.practitioner, &practice.second_manager, &practice.social_worker_2] {
            assert_eq!(seen(&database, closed, table, person), 0, "{table}: closed to {}", closed.email);
        }
    }
    // Ending the exclusion shows the rows again.
    assert_eq!(end_exclusion(&practice.manager, person, &practice.practitioner).status, 204);
    assert_eq!(lift(&practice.manager, person).status, 204);
    for table in &tables {
        assert_eq!(rows_of(&mut db, table, true), 0, "{table}");
    }
    assert!(seen(&postgres::shared_name(), &practice.social_worker_2, "case_notes", person) > 0);
}

#[test]
fn a_table_of_tomorrow_is_restricted_by_its_key_and_policy_alone() {
    let database = format!("almoner_access_restrictions_{}", std::process::id());
    postgres::create(&database);
    migrations::migrate(&postgres::superuser_url(&database)).unwrap();
    let clock = Clock::new();
    clock.set("2026-11-20T10:00:00Z".parse().unwrap());
    let world = World::with_clock(clock, &postgres::url_as("almoner_app", &database));
    let practice = world.practice_with(json!({}));
    let (edith, frank) = (record(&practice, &messages::person()), record(&practice, &messages::person()));
    let mut db = PgConnection::establish(&postgres::superuser_url(&database)).unwrap();
    db.batch_execute(&format!(
        "SET ROLE almoner_owner;
         CREATE TABLE keepsakes (
             practice_id uuid, keepsake_id uuid, service_user_id uuid NOT NULL, access_restricted boolean NOT NULL DEFAULT false,
             team_id uuid NOT NULL,
             PRIMARY KEY (practice_id, keepsake_id),
             CONSTRAINT keepsakes_person_fkey FOREIGN KEY (practice_id, service_user_id, access_restricted, team_id)
                 REFERENCES service_users (practice_id, service_user_id, access_restricted, team_id) ON UPDATE CASCADE);
         SELECT app.secure_table('keepsakes');
         SELECT app.restrict_to_open_people('keepsakes');
         GRANT SELECT ON keepsakes TO almoner_practice;
         INSERT INTO keepsakes SELECT '{0}', gen_random_uuid(), person::uuid, false, '{0}'
             FROM unnest(ARRAY['{edith}', '{edith}', '{frank}']) AS person;
         RESET ROLE",
        practice.id
    ))
    .unwrap();
    let keepsakes = |staff: &Staff, person: &str| seen(&database, staff, "keepsakes", person);
    assert_eq!(keepsakes(&practice.social_worker, &edith), 2);
    exclude(&practice.manager, &edith, &practice.social_worker);
    assert_eq!(keepsakes(&practice.social_worker, &edith), 0, "excluded");
    assert_eq!(keepsakes(&practice.social_worker_2, &edith), 2, "and nobody else");
    restrict(&practice.manager, &edith, &json!([practice.manager.id, practice.practitioner.id]));
    assert_eq!(keepsakes(&practice.social_worker_2, &edith), 0, "not named");
    assert_eq!(keepsakes(&practice.practitioner, &edith), 2, "named");
    assert_eq!(keepsakes(&practice.social_worker, &frank), 1, "another person");
    lift(&practice.manager, &edith);
    assert_eq!(keepsakes(&practice.social_worker, &edith), 0, "still excluded");
    end_exclusion(&practice.manager, &edith, &practice.social_worker);
    assert_eq!(keepsakes(&practice.social_worker, &edith), 2);
}

#[test]
fn row_2_to_a_worker_without_a_relationship_nothing_of_a_restricted_record_is_there() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let worker = &practice.social_worker;
    let person = record(&practice, &messages::person());
    let case = open(&practice, &council, &person);
    give(&practice, &case, worker);
    worker.create(&format!("{case}/notes"), &messages::note("Saw Edith at home."));
    close(worker, &case, &messages::close());
    let request = practice.second_manager.get("/v1/practice/countersignatures").text("/items/0/id").unwrap().to_owned();
    let request = format!("/v1/practice/countersignatures/{request}");
    let things = [case.clone(), format!("{case}/notes"), format!("{case}/timeline"), request];
    for path in &things {
        assert_eq!(worker.get(path).status, 200, "{path}");
    }
    let named = json!([practice.manager.id, practice.second_manager.id]);
    assert_eq!(restrict(&practice.manager, &person, &named).status, 200);
    let nobodys = worker.get("/v1/practice/cases/01937c5e-2b00-7a41-9d6c-000000000000");
    for path in &things {
        let answer = worker.get(path);
        assert_eq!((answer.status, &answer.body), (404, &nobodys.body), "{path}");
    }
    assert!(!meets(worker, &person));
    assert!(column(&worker.get("/v1/practice/cases"), "/id").is_empty());
    assert!(column(&worker.get(&format!("/v1/practice/cases?service_user_id={person}")), "/id").is_empty());
    let caseload = worker.get("/v1/practice/caseload").body;
    assert_eq!((&caseload["open"], &caseload["waiting"]), (&json!(0), &json!(0)), "counts follow");
    let note = worker.create(&format!("{case}/notes"), &messages::note("One more."));
    assert_eq!(note.status, 404);
    let opened = worker.create("/v1/practice/cases", &messages::case(&council.gss_code, &person));
    assert_eq!((opened.status, opened.text("/errors/0/pointer")), (422, Some("/service_user_id")), "as of nobody's id");
}

#[test]
fn a_referral_about_an_access_restricted_person_is_so_whether_it_came_before_or_after() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = messages::person();
    let send = |number: &serde_json::Value| {
        let mut referral = messages::referral();
        referral["person"]["nhs_number"] = number.clone();
        council.system.post("/v1/council/referrals", &referral)
    };
    let inbox = |staff: &Staff| column(&staff.get("/v1/practice/referrals"), "/id").len();
    let declined = |staff: &Staff| column(&staff.get("/v1/practice/referrals?status=declined"), "/id").len();
    let number = &person["nhs_number"];
    send(number);
    let path = format!(
        "/v1/practice/referrals/{}",
        practice.manager.get("/v1/practice/referrals").text("/items/0/id").unwrap()
    );
    practice.manager.change(
        &format!("{path}/decline"),
        &practice.manager.get(&path),
        &json!({ "reason": "duplicate" }),
    );
    let before = send(number);
    let others = send(&messages::nhs_number(900_000).into());
    let id = record(&practice, &person);
    let worker = &practice.social_worker;
    assert_eq!((inbox(worker), declined(worker)), (2, 1));
    exclude(&practice.manager, &id, worker);
    assert_eq!((inbox(worker), declined(worker)), (1, 0), "what had come before is recognised");
    let after = send(number);
    assert_eq!((inbox(worker), inbox(&practice.social_worker_2)), (1, 3), "and so is what comes after");
    for answer in [&before, &after, &others] {
        let seen = council.system.get(&format!("/v1/council/referrals/{}", answer.text("/id").unwrap()));
        assert_eq!((answer.status, seen.text("/status")), (201, Some("received")), "{}", seen.body);
        let members =
            |answer: &almoner_demo::web::Answer| answer.body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(members(answer), members(&others), "the council sees no difference");
    }
    // A number that is added to the record later is recognised too.
    let late = messages::nhs_number(910_000);
    send(&late.clone().into());
    assert_eq!(inbox(worker), 2);
    let known = practice.manager.get(&super::of(&id, ""));
    assert_eq!(practice.manager.patch(&super::of(&id, ""), &known, &json!({ "nhs_number": late })).status, 200);
    assert_eq!(inbox(worker), 1);
}
