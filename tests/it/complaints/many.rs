//! What 10,000 complaints at a council cost: an officer who has 40 of them open and 4,960 closed, and everybody else. The figures are on
//! `docs/performance/complaints.md`.

use std::time::{Duration, Instant};

use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types};
use serde_json::json;

use super::{Scene, acknowledge, plan, raise};

/// The requests of each operation, of which the fastest and the median are printed.
const REQUESTS: usize = 60;

/// The tables that grow with the complaints of a council.
const TABLES: &str = "('complaints', 'complaint_receipts', 'complaint_assignments', 'complaint_heads', 'complaint_offers', \
     'complaint_messages', 'complaint_actions', 'complaint_requests', 'complaint_intakes')";

/// Copies one complaint with everything that belongs to it 9,999 times: 39 open ones and 4,960 closed ones of the same officer, and
/// 5,000 closed ones of another, all taken down on the telephone, with ten letters each. What is sealed in a copy opens nowhere, and no list opens it.
fn copies(complaint: &str, officer: &str, other: &str) -> String {
    format!(
        "CREATE TEMPORARY TABLE copies AS SELECT number, number <= 9960 AS is_closed,
             CASE WHEN number <= 5000 THEN '{other}' ELSE '{officer}' END::uuid AS officer_id,
             (lpad(to_hex(1700000000000 + number * 600000), 12, '0') || '7000' || '8000' || lpad(to_hex(number), 12, '0'))::uuid AS id
             FROM generate_series(1::bigint, 9999) number;
         INSERT INTO complaints SELECT (jsonb_populate_record(one, jsonb_build_object('complaint_id', id,
             'status', CASE WHEN is_closed THEN 'closed' ELSE one.status END,
             'last_followed_at', CASE WHEN number % 10 = 0 THEN one.received_at + interval '1 day' END,
             'closed_at', CASE WHEN is_closed THEN one.received_at END))).*
             FROM complaints one, copies WHERE one.complaint_id = '{complaint}';
         INSERT INTO complaint_receipts SELECT (jsonb_populate_record(one, jsonb_build_object('complaint_id', id,
             'code_hash', sha256(id::text::bytea)))).*
             FROM complaint_receipts one, copies WHERE one.complaint_id = '{complaint}';
         INSERT INTO complaint_intakes SELECT (jsonb_populate_record(one, jsonb_build_object('complaint_id', id,
             'written_at', CASE WHEN NOT is_closed OR number % 10 = 0 THEN one.written_at END))).*
             FROM complaint_intakes one, copies WHERE one.complaint_id = '{complaint}';
         INSERT INTO complaint_assignments SELECT (jsonb_populate_record(one, jsonb_build_object('complaint_id', id,
             'assignment_id', gen_random_uuid(), 'officer_id', copies.officer_id))).*
             FROM complaint_assignments one, copies WHERE one.complaint_id = '{complaint}';
         INSERT INTO complaint_heads SELECT (jsonb_populate_record(one, jsonb_build_object('complaint_id', id,
             'head_id', gen_random_uuid()))).*
             FROM complaint_heads one, copies WHERE one.complaint_id = '{complaint}';
         INSERT INTO complaint_actions SELECT (jsonb_populate_record(one, jsonb_build_object('complaint_id', id,
             'action_id', gen_random_uuid(), 'done_on', CASE WHEN is_closed THEN due_on END,
             'done', CASE WHEN is_closed THEN content END))).*
             FROM complaint_actions one, copies WHERE one.complaint_id = '{complaint}';
         INSERT INTO complaint_requests SELECT (jsonb_populate_record(one, jsonb_build_object('complaint_id', id,
             'request_id', gen_random_uuid(), 'decided_at', CASE WHEN is_closed THEN made_at END,
             'decided_by', CASE WHEN is_closed THEN '{officer}' END, 'confirmed', CASE WHEN is_closed THEN false END,
             'decision', CASE WHEN is_closed THEN content END))).*
             FROM complaint_requests one, copies WHERE one.complaint_id = '{complaint}';
         INSERT INTO complaint_messages SELECT (jsonb_populate_record(one, jsonb_build_object('complaint_id', id,
             'message_id', gen_random_uuid(), 'given_by', CASE WHEN is_closed THEN 'post' END,
             'given_on', CASE WHEN is_closed THEN one.written_at::date END))).*
             FROM complaint_messages one, copies, generate_series(1, 10) WHERE one.complaint_id = '{complaint}';
         INSERT INTO complaint_offers SELECT (jsonb_populate_record(one, jsonb_build_object('complaint_id', id,
             'offer_id', gen_random_uuid(), 'officer_id', copies.officer_id))).*
             FROM complaint_offers one, copies WHERE one.complaint_id = '{complaint}';
         ANALYZE"
    )
}

#[derive(QueryableByName)]
struct Scans {
    #[diesel(sql_type = sql_types::Text)]
    table: String,
    #[diesel(sql_type = sql_types::BigInt)]
    whole: i64,
}

/// How often each of the tables was read whole until now. The counters are written once a second at most.
fn scans(database: &mut PgConnection) -> Vec<(String, i64)> {
    std::thread::sleep(Duration::from_millis(1_500));
    let query = format!(
        "SELECT relname::text AS table, seq_scan AS whole FROM pg_stat_user_tables WHERE relname IN {TABLES} ORDER BY relname"
    );
    let rows: Vec<Scans> = sql_query(query).load(database).unwrap();
    rows.into_iter().map(|row| (row.table, row.whole)).collect()
}

/// A request, which answers with its status.
type Request<'a> = Box<dyn Fn() -> u16 + 'a>;

/// The fastest of some requests and their median, in milliseconds. What else runs on the machine lets the fastest be.
fn measured(request: &dyn Fn() -> u16) -> [f64; 2] {
    let timed = |_| {
        let begins = Instant::now();
        assert!(request() < 300);
        begins.elapsed().as_secs_f64() * 1000.0
    };
    // What is not in memory yet is read once before.
    timed(0);
    let mut took: Vec<f64> = (0..REQUESTS).map(timed).collect();
    took.sort_by(f64::total_cmp);
    [took[0], took[REQUESTS / 2]]
}

/// Measures the figures on the page: `-- --ignored --nocapture ten_thousand_complaints`.
#[test]
#[ignore = "a measurement, which wants the machine to itself"]
fn ten_thousand_complaints_at_a_council_and_what_an_officer_and_everybody_else_waits_for() {
    let (world, mut database, _) = World::apart("many", |_| {});
    let council = world.council();
    let practice = world.practice(&council);
    let desk = world.desk(&council);
    let scene = Scene { world, council, practice, desk };
    let contact = json!({ "contact": { "preferred": "letter", "address": "4 Wyle Cop" } });
    let (_, officer, complaint) = scene.taken_down("telephone", contact);
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-12-18");
    raise(officer, &complaint);
    let action = json!({ "what": "Somebody rings first.", "owner": "The practice", "due_on": "2027-01-15" });
    assert_eq!(officer.create(&format!("{complaint}/actions"), &action).status, 201);
    assert_eq!(officer.create(&format!("{complaint}/requests"), &json!({ "kind": "withdrawal" })).status, 201);
    scene.council.system.post("/v1/council/referrals", &messages::referral());
    scene.world.clock.advance(TimeDelta::minutes(1));
    let id = complaint.rsplit('/').next().unwrap();
    let app = scene.world.partner();
    let lodged = scene.complaint(json!({}));
    let operations: [(&str, Request<'_>); 10] = [
        ("GET /v1/complaints", Box::new(|| officer.get("/v1/complaints").status)),
        ("GET /v1/complaints/due", Box::new(|| officer.get("/v1/complaints/due").status)),
        ("GET /v1/complaints/offers", Box::new(|| officer.get("/v1/complaints/offers").status)),
        ("GET /v1/complaints/{id}", Box::new(|| officer.get(&complaint).status)),
        ("GET /v1/complaints, of whoever has none", Box::new(|| scene.desk.alternate.get("/v1/complaints").status)),
        ("POST /v1/partner/complaints", Box::new(|| app.create("/v1/partner/complaints", &lodged).status)),
        ("GET /v1/practice/referrals", Box::new(|| scene.practice.manager.get("/v1/practice/referrals").status)),
        ("GET /v1/practice/staff", Box::new(|| scene.practice.manager.get("/v1/practice/staff").status)),
        ("GET /v1/practice/cases", Box::new(|| scene.practice.social_worker.get("/v1/practice/cases").status)),
        ("GET /v1/council/referrals", Box::new(|| scene.council.system.get("/v1/council/referrals").status)),
    ];
    let measure = || -> Vec<[f64; 2]> { operations.iter().map(|(_, operation)| measured(operation)).collect() };
    let few = measure();
    database.batch_execute(&copies(id, &officer.id.to_string(), &scene.desk.officers[1].id.to_string())).unwrap();
    let before = scans(&mut database);
    let many = measure();
    println!("| Operation | 1 complaint: fastest, median | 10,000 complaints: fastest, median | Fastest, times |");
    println!("| --- | ---: | ---: | ---: |");
    for (((name, _), few), many) in operations.iter().zip(few).zip(many) {
        let [[fastest, median], [fastest_of_many, median_of_many]] = [few, many];
        let times = fastest_of_many / fastest;
        println!(
            "| `{name}` | {fastest:.1}, {median:.1} ms | {fastest_of_many:.1}, {median_of_many:.1} ms | {times:.2} |"
        );
    }
    assert_eq!(scans(&mut database), before, "none of these tables is read whole");
    let listed = officer.get("/v1/complaints/due");
    assert!(listed.body["items"].as_array().unwrap().len() >= 40, "{}", listed.body);
}
