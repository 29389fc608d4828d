//! Rate limits: per member of staff, system, tenant and address.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use almoner_api::Quota;
use almoner_demo::web::Answer;
use almoner_persistence::Clock;
use almoner_tests::callers::Caller;
use almoner_tests::{Staff, Web, World, postgres};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

fn quota(text: &str) -> Quota {
    Quota::parse(text).unwrap()
}

const CASES: &str = "/v1/practice/cases";

fn assert_refused(answer: &Answer, seconds: std::ops::RangeInclusive<u64>) {
    assert_eq!((answer.status, answer.text("/type")), (429, Some("/problems/too-many-requests")), "{}", answer.body);
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(seconds.contains(&wait), "{wait}");
}

#[test]
fn row_28_a_member_of_staff_is_limited_and_told_how_much_is_left() {
    let world = World::with_settings(|settings| settings.quotas.member = quota("6/2"));
    let practice = world.practice(&world.council());
    let (busy, colleague) = (&practice.social_worker, &practice.manager);
    for left in [1, 0] {
        let answer = busy.get(CASES);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("ratelimit-policy"), Some("\"caller\";q=2;w=20"));
        assert!(answer.header("ratelimit").unwrap().starts_with(&format!("\"caller\";r={left};t=")), "{answer:?}");
        assert_eq!(answer.header("retry-after"), None);
    }
    let refused = busy.get(CASES);
    assert_refused(&refused, 1..=10);
    assert!(refused.header("ratelimit").unwrap().starts_with("\"caller\";r=0;t="));
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    assert!(refused.header("x-request-id").is_some());
    assert_eq!(colleague.get(CASES).status, 200, "a colleague has a limit of their own");

    world.clock.advance(TimeDelta::seconds(10));
    assert_eq!(busy.get(CASES).status, 200, "there is one more");
    assert_refused(&busy.get(CASES), 1..=10);
}

#[test]
fn row_28_every_limited_answer_says_what_is_left_whatever_it_answers() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let nobodys = "/v1/practice/cases/01937c5e-2b00-7a41-9d6c-000000000000";
    let answers = [
        (practice.manager.get(nobodys), 404, "caller"),
        (practice.administrator.get(CASES), 403, "caller"),
        (practice.manager.create(CASES, &serde_json::json!({})), 422, "caller"),
        (world.anyone().get(CASES), 401, "address"),
        (world.anyone().get("/v1/public/practices"), 200, "address"),
        (world.anyone().post("/v1/practice/sessions", &serde_json::json!({})), 422, "sign-in"),
    ];
    for (answer, status, policy) in answers {
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.header("ratelimit").unwrap().starts_with(&format!("\"{policy}\";r=")), "{answer:?}");
    }
    for path in ["/health/live", "/openapi.json", "/nowhere"] {
        assert_eq!(world.anyone().get(path).header("ratelimit"), None, "{path} costs nothing and is not limited");
    }
}

#[test]
fn row_28_a_system_is_limited_by_itself_and_its_council_as_a_whole() {
    let world = World::with_settings(|settings| {
        settings.quotas.client = quota("1/2");
        settings.quotas.tenant = quota("1/3");
    });
    let (council, other) = (world.council(), world.council());
    let (referrals, complaints) = ("/v1/council/referrals", "/v1/council/complaints");
    let lodge = || council.complaints.create(complaints, &serde_json::json!({}));
    assert_eq!(council.system.get(referrals).status, 200);
    assert_eq!(council.system.get(referrals).status, 200);
    assert_refused(&council.system.get(referrals), 1..=60);
    // A request that was refused to one system is not taken from another's quota: of the council's three, one is left.
    let last = lodge();
    assert_eq!(last.status, 422);
    assert!(last.header("ratelimit").unwrap().starts_with("\"caller\";r=1;"), "what the council has left is not told");
    assert_refused(&lodge(), 1..=60);
    assert_eq!(other.system.get(referrals).status, 200, "another council's is another's");
}

#[test]
fn row_28_the_staff_of_a_practice_share_a_limit_and_another_practice_has_its_own() {
    let world = World::with_settings(|settings| settings.quotas.tenant = quota("1/4"));
    let council = world.council();
    let (practice, other) = (world.practice(&council), world.practice(&council));
    let staff = [&practice.manager, &practice.director, &practice.social_worker, &practice.practitioner];
    for member in staff {
        assert_eq!(member.get(CASES).status, 200);
    }
    assert_refused(&practice.administrator.get("/v1/practice/staff"), 1..=60);
    assert_eq!(other.manager.get(CASES).status, 200);
}

#[test]
fn row_28_who_tries_credentials_is_limited_by_address_and_those_who_have_a_token_are_not() {
    let world = World::with_settings(|settings| {
        settings.quotas.sign_in = quota("2/4");
        settings.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    });
    let practice = world.practice(&world.council());
    assert_eq!(practice.manager.get(CASES).status, 200);
    let from = |address: &str, path: &str, media_type: &str, content: &[u8]| {
        world.anyone().send("POST", path, &[("x-forwarded-for", address)], Some((media_type, content)))
    };
    let sign_in = |address: &str| {
        let wrong = br#"{"email": "nobody@practice.example", "password": "wrong password", "code": "123456"}"#;
        from(address, "/v1/practice/sessions", "application/json", wrong)
    };
    for _ in 0..3 {
        assert_eq!(sign_in("198.51.100.1").status, 401);
    }
    let form = "application/x-www-form-urlencoded";
    assert_eq!(from("198.51.100.1", "/oauth/token", form, b"grant_type=client_credentials").status, 401);
    assert_refused(&from("198.51.100.1", "/oauth/token", form, b"grant_type=client_credentials"), 1..=30);
    assert_refused(&sign_in("198.51.100.1"), 1..=30);
    assert_eq!(sign_in("198.51.100.2").status, 401, "another address");
    // One customer's network of IPv6 counts as one address.
    for host in 0..4 {
        assert_eq!(sign_in(&format!("2001:db8::{host}")).status, 401);
    }
    assert_refused(&sign_in("2001:db8::ffff"), 1..=30);
    assert_eq!(sign_in("2001:db8:0:1::1").status, 401);
    assert_eq!(practice.manager.get(CASES).status, 200);
}

#[test]
fn row_28_who_has_no_token_is_limited_by_address() {
    let world = World::with_settings(|settings| settings.quotas.public = quota("1/3"));
    let anyone = world.anyone();
    assert_eq!(anyone.get("/v1/public/practices").status, 200);
    assert_eq!(anyone.get("/.well-known/jwks.json").status, 200);
    assert_eq!(anyone.get(CASES).status, 401);
    assert_refused(&anyone.get(CASES), 1..=60);
    assert_refused(&anyone.get("/v1/public/practices"), 1..=60);
    assert_eq!(world.practice(&world.council()).manager.get(CASES).status, 200, "a token is not of an address");
}

/// The times that a member of staff waits for each of so many answers, sorted by length.
fn latencies(member: &Staff, requests: usize) -> Vec<Duration> {
    let mut all: Vec<Duration> = (0..requests)
        .map(|_| {
            let begun = Instant::now();
            assert_eq!(member.get(CASES).status, 200);
            begun.elapsed()
        })
        .collect();
    all.sort();
    all
}

/// Runs `f` while one member floods the service from so many threads, each with connections of its own.
fn during_a_flood<R>(world: &World, flooder: &Staff, threads: usize, f: impl FnOnce() -> R) -> R {
    let token = format!("Bearer {}", flooder.token().unwrap());
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (web, token, over) = (Web::new(world.url()), &token, &over);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let answer = web.send("GET", CASES, &[("authorization", token)], None);
                    assert!([200, 429, 503].contains(&answer.status), "{}", answer.body);
                }
            });
        }
        let result = f();
        over.store(true, Ordering::Relaxed);
        result
    })
}

/// Measures the numbers in the decision on limits: `-- --ignored --nocapture a_load`.
#[test]
#[ignore = "a measurement, which wants the machine to itself"]
fn a_load_by_one_tenant_and_the_latency_of_another() {
    for (limit, text) in [("no rate limit", "1000000/1000000"), ("600/120 a member", "600/120")] {
        let world = World::with_settings(|settings| settings.quotas.member = quota(text));
        let council = world.council();
        let (flooding, quiet) = (world.practice(&council), world.practice(&council));
        let requests = if text.starts_with("600") { 110 } else { 1_000 };
        let show = |when: &str, latencies: &[Duration]| {
            let at = |share: usize| latencies[latencies.len() * share / 100];
            println!("{limit}: {when}: p50 {:?}, p99 {:?}", at(50), at(99));
        };
        latencies(&quiet.director, 20);
        show("quiet", &latencies(&quiet.manager, requests));
        let flooded = during_a_flood(&world, &flooding.manager, 64, || {
            latencies(&quiet.director, 20);
            latencies(&quiet.second_manager, requests)
        });
        show("flood", &flooded);
    }
}

#[test]
fn row_28_one_tenants_flood_waits_in_a_queue_of_its_own_and_another_tenant_does_not() {
    // The test has a database of its own, in which a table can be locked without keeping other tests waiting.
    let name = format!("almoner_it_queues_{}", std::process::id());
    postgres::create(&name);
    almoner_persistence::migrations::migrate(&postgres::superuser_url(&name)).unwrap();
    let world = World::with_clock(Clock::new(), &postgres::url_as("almoner_app", &name));
    let council = world.council();
    let (flooding, quiet) = (world.practice(&council), world.practice(&council));
    let (manager, token) = (&quiet.manager, format!("Bearer {}", flooding.manager.token().unwrap()));
    assert_eq!(manager.get("/v1/practice/staff").status, 200);

    let mut database = PgConnection::establish(&postgres::superuser_url(&name)).unwrap();
    database.batch_execute("BEGIN; LOCK TABLE cases IN ACCESS EXCLUSIVE MODE").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            let (web, token) = (Web::new(world.url()), &token);
            scope.spawn(move || web.send("GET", CASES, &[("authorization", token)], None));
        }
        let waiting = "DO $$ BEGIN WHILE (SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'cases'::regclass) < 2 \
                       LOOP PERFORM pg_sleep(0.01); END LOOP; END $$";
        database.batch_execute(waiting).unwrap();
        for _ in 0..5 {
            assert_eq!(manager.get("/v1/practice/staff").status, 200, "half of the connections are the others'");
        }
        database.batch_execute("ROLLBACK").unwrap();
    });
}
