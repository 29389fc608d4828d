//! Tests of the worker on a real PostgreSQL, whose superuser's URL is in `ALMONER_TEST_POSTGRES`. Each test has a database.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails, fails its test")]

use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use almoner_domain::ids::PracticeId;
use almoner_persistence::{Clock, Login, MasterKeys, Store, StoreError, StoreOptions, jobs, migrations};
use almoner_worker::{Done, Tally, run, run_once};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use uuid::Uuid;

/// A practice under contract to a council, with a person, a case and its staff, and with nothing due.
const WORLD: &str = "
    INSERT INTO councils VALUES (id(1), 'E06000051', 'Shropshire', '0345 678 9040', '2026-11-02', 1, '2026-11-02', NULL);
    INSERT INTO practices VALUES (id(2), 'severn', 'Severn', 100, 'Tell us.', 'Ask them.', 1, '2026-11-02');
    INSERT INTO practice_capacity VALUES (id(2), 20);
    INSERT INTO teams VALUES (id(2), id(2), 'everybody');
    INSERT INTO contracts VALUES (id(1), id(3), id(2), '2026-01-01', NULL, 5, 2, 20, 60, 480, '2026-11-02');
    INSERT INTO clients VALUES (id(4), 'council', id(1), 'Shropshire', '{}', NULL, '2026-11-02');
    INSERT INTO sealing_keys VALUES (id(1), id(10), 1, '', '2026-11-02'), (id(2), id(20), 1, '', '2026-11-02');
    INSERT INTO service_users VALUES (id(2), id(5), true, id(2), id(20), '', NULL, 1, '2026-11-02', '2026-11-02');
    INSERT INTO accounts (account_id, email, name, password_hash, created_at)
        SELECT id(n), n || '@example.org', n::text, '', '2026-11-02' FROM generate_series(30, 36) n;
    INSERT INTO staff (practice_id, staff_id, account_id, email, name, roles, owner, line_manager_id, left_at, created_at) VALUES
        (id(2), id(31), id(31), '31@example.org', 'manager of the worker', '{manager}', false, NULL, NULL, '2026-11-02'),
        (id(2), id(30), id(30), '30@example.org', 'worker', '{social_worker}', false, id(31), NULL, '2026-11-02'),
        (id(2), id(32), id(32), '32@example.org', 'first drawn', '{manager}', false, NULL, NULL, '2026-11-02'),
        (id(2), id(33), id(33), '33@example.org', 'second drawn', '{manager}', false, NULL, NULL, '2026-11-02'),
        (id(2), id(34), id(34), '34@example.org', 'owner', '{manager}', true, NULL, NULL, '2026-11-02'),
        (id(2), id(35), id(35), '35@example.org', 'gone', '{manager}', false, NULL, '2026-11-03', '2026-11-02'),
        (id(2), id(36), id(36), '36@example.org', 'who asks', '{manager}', false, NULL, NULL, '2026-11-02');
    INSERT INTO cases (practice_id, case_id, service_user_id, access_restricted, team_id, council_id, function, priority, status, opened_at, opened_by, changed_at)
        VALUES (id(2), id(6), id(5), true, id(2), id(1), 'safeguarding_enquiry', 'routine', 'closing', '2026-11-02', id(36), '2026-11-02');
    INSERT INTO allocations VALUES (id(2), id(7), id(6), id(5), true, id(2), id(30), id(36), '', '2026-11-02', NULL);
";

struct World {
    store: Store,
    database: String,
}

impl World {
    /// Makes a database in which it is Monday, 23 November 2026, nine o'clock.
    fn new(name: &str) -> Self {
        let server = std::env::var("ALMONER_TEST_POSTGRES")
            .expect("ALMONER_TEST_POSTGRES is not set: run the tests under with-postgres");
        let name = format!("almoner_worker_{name}");
        let database = server.replacen("/postgres?", &format!("/{name}?"), 1);
        {
            // The roles belong to the cluster, so tests make them one at a time.
            static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
            let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
            let mut server = PgConnection::establish(&server).unwrap();
            server.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).unwrap();
            server.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
            migrations::migrate(&database).unwrap();
        }
        let (before_user, _) = database.split_once("&user=").unwrap();
        let store = Store::open(StoreOptions {
            database_url: format!("{before_user}&user=almoner_work"),
            login: Login::Work,
            connections: 4,
            keeps_statements: true,
            master_keys: MasterKeys::parse("1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap(),
            clock: Clock::new(),
        })
        .unwrap();
        let world = Self { store, database };
        world.is_now("2026-11-23T09:00:00Z");
        world.sql(WORLD);
        world
    }

    fn is_now(&self, at: &str) {
        self.store.clock().set(at.parse().unwrap());
    }

    fn practice(&self) -> PracticeId {
        self.answer("id(2)").parse::<Uuid>().unwrap().into()
    }

    fn connect(&self) -> PgConnection {
        let mut conn = PgConnection::establish(&self.database).unwrap();
        conn.batch_execute(
            "CREATE FUNCTION pg_temp.id(n bigint) RETURNS uuid LANGUAGE sql AS
                 $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$",
        )
        .unwrap();
        conn
    }

    /// Runs statements as the superuser; `id(n)` is a UUID that ends in n.
    fn sql(&self, statements: &str) {
        self.connect().batch_execute(&statements.replace("id(", "pg_temp.id(")).unwrap();
    }

    /// The value of an expression, as text.
    fn answer(&self, expression: &str) -> String {
        #[derive(QueryableByName)]
        struct Answer {
            #[diesel(sql_type = diesel::sql_types::Text)]
            answer: String,
        }
        let expression = expression.replace("id(", "pg_temp.id(");
        diesel::sql_query(format!("SELECT COALESCE(({expression})::text, 'none') AS answer"))
            .get_result::<Answer>(&mut self.connect())
            .unwrap()
            .answer
    }

    /// Inserts referrals numbered `first` to `last`, which were to be answered by Friday.
    fn referrals(&self, first: u32, last: u32, status: &str) {
        self.sql(&format!(
            "INSERT INTO council_requests (council_id, council_request_id, council_reference, client_id, fingerprint, person_token,
                 status, function, urgency, key_id, message, received_at, changed_at, routed_at, strategy, explanation, practice_id, contract_id,
                 referral_id)
             SELECT id(1), id(n + 1000), n, id(4), '', '', '{status}', 'assessment', 'standard', id(10), '', '2026-11-13',
                 '2026-11-13', '2026-11-13', '', '',
                 id(2), id(3), id(n) FROM generate_series({first}, {last}) n;
             INSERT INTO referrals (practice_id, team_id, referral_id, council_id, council_request_id, contract_id, status, function,
                 urgency, key_id, message, received_at, changed_at, response_due_on)
             SELECT id(2), id(2), id(n), id(1), id(n + 1000), id(3), '{status}', 'assessment', 'standard', id(20), '', '2026-11-13',
                 '2026-11-13', '2026-11-20' FROM generate_series({first}, {last}) n;
             INSERT INTO jobs SELECT id(2), id(n + 2000), 'referral.expire', id(n), '2026-11-21'
                 FROM generate_series({first}, {last}) n;"
        ));
    }
}

#[test]
fn a_referral_that_nobody_answered_expires_and_its_council_is_told() {
    let world = World::new("expires");
    world.referrals(100, 100, "information_requested");
    world.referrals(101, 101, "accepted");

    let done = run_once(&world.store, Some(world.practice())).unwrap();

    assert_eq!(done, Done { numbered: 1, jobs: 2, sealed: 1, cleared: 0 });
    for table in ["referrals", "council_requests"] {
        let stands = format!(
            "SELECT string_agg(concat_ws(' ', status, decided_at IS NOT NULL, version), ', ' ORDER BY referral_id) FROM {table}"
        );
        assert_eq!(world.answer(&stands), "expired t 2, accepted f 1");
    }
    assert_eq!(world.answer("SELECT reserved FROM practice_capacity"), "19");
    assert_eq!(
        world.answer("SELECT concat_ws(' ', kind, recipient_id = id(1), subject_id = id(1100), number) FROM outbox"),
        "referral.expired t t 1"
    );
    assert_eq!(
        world.answer(
            "SELECT concat_ws(' ', owner_id = id(2), chain, door, action, subject_id = id(100)) FROM audit_events"
        ),
        "t practice worker referral.expired t"
    );
    assert_eq!(run_once(&world.store, Some(world.practice())).unwrap(), Done::default());
}

#[test]
fn workers_side_by_side_do_a_job_once_and_number_an_event_once() {
    let world = World::new("side_by_side");
    world.sql("UPDATE practices SET capacity = 2000; UPDATE practice_capacity SET reserved = 1200");
    world.referrals(100, 699, "received");
    let practice = world.practice();

    let each = std::thread::scope(|threads| {
        let runs: Vec<_> = (0..3).map(|_| threads.spawn(|| run_once(&world.store, Some(practice)).unwrap())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<Done>>()
    });

    assert_eq!(each.iter().map(|done| done.jobs).sum::<usize>(), 600, "{each:?}");
    assert_eq!(each.iter().map(|done| done.numbered).sum::<usize>(), 600, "{each:?}");
    assert_eq!(world.answer("SELECT reserved FROM practice_capacity"), "600");
    assert_eq!(each.iter().map(|done| done.sealed).sum::<usize>(), 600, "{each:?}");
    assert_eq!(
        world.answer("SELECT concat_ws(' ', min(number), max(number), count(DISTINCT number)) FROM audit_events"),
        "1 600 600"
    );
    assert_eq!(
        world.answer("SELECT concat_ws(' ', min(number), max(number), count(DISTINCT number)) FROM outbox"),
        "1 600 600"
    );
}

#[test]
fn each_feed_of_a_recipient_has_numbers_of_its_own_that_go_on_when_old_ones_are_removed() {
    let world = World::new("numbers");
    let event = |n: u32, recipient: u32, feed: &str, minute: u32| {
        world.sql(&format!(
            "INSERT INTO outbox VALUES (id(2), id({n}), id({recipient}), '{feed}', 'x', id(1), '2026-11-23 08:{minute:02}', NULL)"
        ));
    };
    let numbers = || {
        world.answer("SELECT string_agg(right(event_id::text, 2) || '=' || number, ' ' ORDER BY event_id) FROM outbox")
    };
    event(13, 1, "council", 3);
    event(12, 1, "council", 4);
    event(15, 1, "practice", 4);
    event(14, 9, "council", 4);
    assert_eq!(world.store.worker(None, jobs::number_events).unwrap(), 4);
    assert_eq!(numbers(), "12=2 13=1 14=1 15=1");
    event(11, 1, "council", 1);
    assert_eq!(world.store.worker(None, jobs::number_events).unwrap(), 1);
    assert_eq!(numbers(), "11=3 12=2 13=1 14=1 15=1");

    let heads = || {
        let of_one = "SELECT string_agg(feed || '=' || number || '-' || removed, ' ' ORDER BY feed) FROM feed_heads";
        world.answer(&format!("{of_one} WHERE owner_id = id(1)"))
    };
    world.is_now("2027-02-21T08:00:00Z");
    run_once(&world.store, None).unwrap();
    assert_eq!(numbers(), "11=3 12=2 13=1 14=1 15=1", "ninety days are not over");
    world.is_now("2027-02-21T08:03:30Z");
    run_once(&world.store, None).unwrap();
    assert_eq!(numbers(), "12=2 14=1 15=1", "what is older is removed");
    assert_eq!(heads(), "council=3-3 practice=1-0");
    world.is_now("2027-02-21T08:05:00Z");
    run_once(&world.store, None).unwrap();
    assert_eq!((numbers().as_str(), heads().as_str()), ("none", "council=3-3 practice=1-1"));
    event(16, 1, "council", 9);
    assert_eq!(world.store.worker(None, jobs::number_events).unwrap(), 1);
    assert_eq!(numbers(), "16=4", "the numbers go on from the last that was given");
}

#[test]
fn a_countersignature_goes_from_signatory_to_signatory_and_then_waits_for_one_from_outside() {
    let world = World::new("passed_on");
    let run = || run_once(&world.store, Some(world.practice())).unwrap().jobs;
    let stands = || {
        world.answer(
            "SELECT concat_ws(' ', COALESCE(right(signatory_id::text, 2), '-'), array(SELECT right(p::text, 2) FROM unnest(passed_over) p),
                 due_on, version) FROM countersignatures",
        )
    };
    world.sql(
        "INSERT INTO countersignatures (practice_id, countersignature_id, action, case_id, service_user_id, access_restricted, team_id, purpose, status,
             asked_by, asked_at, ground, outcome, reason, signatory_id, due_on, counted_from)
         VALUES (id(2), id(8), 'closing', id(6), id(5), true, id(2), 'countersign', 'waiting', id(36), '2026-11-18', 'other', 'x', '', id(32), '2026-11-20', '2026-11-18');
         INSERT INTO jobs VALUES (id(2), id(9), 'countersignature.pass_on', id(8), '2026-11-21');",
    );

    assert_eq!(run(), 1);
    assert_eq!(stands(), "33 {32} 2026-11-25 2");
    assert_eq!(
        world.answer("SELECT concat_ws(' ', action, subject_id = id(8), service_user_id = id(5)) FROM audit_events"),
        "countersignature.passed_on t t"
    );

    world.is_now("2026-11-25T23:59:59Z");
    assert_eq!(run(), 0);
    world.is_now("2026-11-26T00:00:00Z");
    assert_eq!(run(), 1);
    assert_eq!(stands(), "- {32,33} 2026-11-30 3");
    let listed = "SELECT concat_ws(' ', countersignature_id = id(8), purpose, date_trunc('minute', waiting_since AT TIME ZONE 'UTC')) FROM outside_requests";
    assert_eq!(world.answer(listed), "t countersign 2026-11-26 00:00:00");

    world.is_now("2026-12-24T00:00:00Z");
    assert_eq!(run(), 1);
    assert_eq!(stands(), "- {32,33} 2026-11-30 3");
    assert_eq!(world.answer("SELECT count(*) FROM jobs WHERE done_at IS NULL"), "0");
}

#[test]
fn a_countersignature_that_is_decided_stays_where_it_is() {
    let world = World::new("decided");
    world.sql(
        "INSERT INTO countersignatures (practice_id, countersignature_id, action, case_id, service_user_id, access_restricted, team_id, purpose, status,
             asked_by, asked_at, ground, outcome, reason, signatory_id, due_on, counted_from)
         VALUES (id(2), id(8), 'closing', id(6), id(5), true, id(2), 'countersign', 'approved', id(36), '2026-11-18', 'other', 'x', '', id(32), '2026-11-20', '2026-11-18');
         INSERT INTO jobs VALUES (id(2), id(9), 'countersignature.pass_on', id(8), '2026-11-21');",
    );
    assert_eq!(run_once(&world.store, Some(world.practice())).unwrap().jobs, 1);
    assert_eq!(
        world.answer("SELECT concat_ws(' ', version, right(signatory_id::text, 2)) FROM countersignatures"),
        "1 32"
    );
}

#[test]
fn a_job_that_fails_stays_undone_and_holds_up_no_other() {
    let world = World::new("fails");
    world.sql(
        "INSERT INTO jobs SELECT id(2), id(n), 'unheard.of', id(n), '2026-11-01' FROM generate_series(5000, 5149) n",
    );
    world.referrals(100, 101, "received");
    // The second request cannot follow its referral: neither changes.
    world.sql("UPDATE council_requests SET practice_id = NULL, contract_id = NULL, referral_id = NULL WHERE council_request_id = id(1101)");

    assert_eq!(run_once(&world.store, Some(world.practice())).unwrap().jobs, 1);

    assert_eq!(world.answer("SELECT count(*) FROM jobs WHERE done_at IS NULL"), "151");
    assert_eq!(world.answer("SELECT string_agg(status, ' ' ORDER BY referral_id) FROM referrals"), "expired received");
    assert_eq!(world.answer("SELECT reserved FROM practice_capacity"), "19");
}

#[test]
fn a_referral_does_not_expire_where_its_practices_capacity_is_not_there_to_be_released() {
    let world = World::new("no_capacity");
    world.referrals(100, 100, "received");
    world.sql("DELETE FROM practice_capacity");
    assert_eq!(run_once(&world.store, Some(world.practice())).unwrap().jobs, 0);
    assert_eq!(world.answer("SELECT status FROM referrals"), "received", "nothing of the transaction is kept");
    assert_eq!(world.answer("SELECT count(*) FROM jobs WHERE done_at IS NULL"), "1");
}

#[test]
fn a_job_is_done_only_in_its_practices_scope() {
    let world = World::new("scope");
    world.referrals(100, 100, "received");
    let due = world
        .store
        .worker(None, |scope| jobs::due(scope, None, jobs::Lane::Others, world.store.clock().now(), None, 10))
        .unwrap();
    assert_eq!(due.len(), 1);
    for scope in [None, Some(PracticeId::from(Uuid::nil()))] {
        let refused = world.store.worker(scope, |scope| jobs::perform(scope, &due[0])).unwrap_err();
        assert!(matches!(refused, StoreError::NotFound));
    }
    let elsewhere = PracticeId::from(Uuid::nil());
    assert_eq!(run_once(&world.store, Some(elsewhere)).unwrap().jobs, 0);
}

#[test]
fn what_has_expired_is_cleared_away_in_batches() {
    let world = World::new("cleared");
    world.sql(
        "INSERT INTO sessions (account_id, session_id, created_at, authenticated_at, renewed_at, expires_at)
             SELECT id(30), id(n), '2026-10-01', '2026-10-01', '2026-10-01',
                 CASE n WHEN 0 THEN timestamptz '2026-10-24 09:01' ELSE '2026-10-24 08:59' END
             FROM generate_series(0, 2100) n;
         INSERT INTO refresh_tokens SELECT id(30), decode(lpad(n::text, 64, '0'), 'hex'), id(n), '2026-10-01', NULL
             FROM generate_series(0, 1200) n;
         INSERT INTO idempotency_claims VALUES (id(2), id(30), 'old', '', NULL, NULL, '2026-11-21 08:59'),
             (id(2), id(30), 'new', '', NULL, NULL, '2026-11-21 09:01');",
    );
    assert_eq!(run_once(&world.store, Some(world.practice())).unwrap(), Done::default());
    assert_eq!(run_once(&world.store, None).unwrap(), Done { cleared: 3301, ..Done::default() });
    assert_eq!(world.answer("SELECT count(*) FROM sessions"), "1");
    assert_eq!(world.answer("SELECT encode(key_hash, 'escape') FROM idempotency_claims"), "new");
}

#[test]
fn what_clients_and_signing_keys_leave_behind_is_cleared_away_once_nobody_needs_it() {
    let world = World::new("cleared_clients");
    world.sql(
        "INSERT INTO client_assertions VALUES (id(4), 'old', '2026-11-23 07:59'), (id(4), 'new', '2026-11-23 08:01');
         INSERT INTO revoked_tokens VALUES (id(4), id(1), '2026-11-23 07:59'), (id(4), id(2), '2026-11-23 08:01');
         INSERT INTO client_secrets VALUES (id(4), id(1), '', '2026-10-01', '2026-10-24 08:59'),
             (id(4), id(2), '', '2026-10-01', '2026-10-24 09:01'), (id(4), id(3), '', '2026-10-01', NULL);
         INSERT INTO signing_keys VALUES (id(1), '', '2026-10-01', '2026-10-01', '2026-11-22 08:59'),
             (id(2), '', '2026-10-01', '2026-10-01', '2026-11-22 09:01'), (id(3), '', '2026-10-01', '2026-10-01', NULL);",
    );
    assert_eq!(run_once(&world.store, None).unwrap(), Done { cleared: 4, ..Done::default() });
    assert_eq!(world.answer("SELECT encode(jti_hash, 'escape') FROM client_assertions"), "new");
    assert_eq!(world.answer("SELECT count(*) FROM revoked_tokens WHERE jti = id(2)"), "1");
    assert_eq!(world.answer("SELECT count(*) FROM client_secrets"), "2");
    assert_eq!(world.answer("SELECT count(*) FROM signing_keys"), "2");
}

#[test]
fn who_was_sent_to_a_provider_and_did_not_come_back_is_forgotten_an_hour_after_their_time() {
    let world = World::new("cleared_sign_ons");
    let practice = world.practice();
    world.sql(&format!(
        "INSERT INTO sign_on_attempts (owner_id, attempt_id, state_hash, secrets, redirect_uri, provider_version, created_at, expires_at)
             SELECT '{practice}', id(n), '', '', '', 1, '2026-11-23 07:00',
                 CASE n WHEN 1 THEN timestamptz '2026-11-23 07:59' ELSE '2026-11-23 08:01' END
             FROM generate_series(1, 2) n",
    ));
    assert_eq!(run_once(&world.store, None).unwrap(), Done { cleared: 1, ..Done::default() });
    assert_eq!(world.answer("SELECT count(*) FROM sign_on_attempts WHERE attempt_id = id(2)"), "1");
}

#[test]
fn the_worker_goes_on_when_the_database_was_away_and_stops_when_told() {
    let world = World::new("away");
    let (stop, stopped) = mpsc::channel();
    std::thread::scope(|threads| {
        let store = &world.store;
        let worker = threads.spawn(move || run(store, stopped, Duration::from_millis(10), None, &Tally::default()));
        for round in [100, 101] {
            world.referrals(round, round, "received");
            let expired = format!("SELECT status FROM referrals WHERE referral_id = id({round})");
            let waited = (0..500).find(|_| {
                std::thread::sleep(Duration::from_millis(20));
                world.answer(&expired) == "expired"
            });
            assert!(waited.is_some());
            // This is what a client sees when the server goes away: every connection ends, and for a while there is no new one.
            world.sql("ALTER DATABASE almoner_worker_away CONNECTION LIMIT 0");
            world.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'almoner_work'");
            std::thread::sleep(Duration::from_millis(200));
            world.sql("ALTER DATABASE almoner_worker_away CONNECTION LIMIT -1");
        }
        stop.send(()).unwrap();
        worker.join().unwrap();
    });
}

#[test]
fn a_complaint_that_nobody_has_is_counted_though_no_job_watches_it() {
    let world = World::new("unattended");
    let tally = Tally::default();
    let counted = || {
        let (_, stop) = mpsc::channel();
        run(&world.store, stop, Duration::ZERO, None, &tally);
        tally.unattended()
    };
    assert_eq!(tally.unattended(), None, "nothing was counted yet");
    assert_eq!(counted(), Some(0));
    world.sql(
        "INSERT INTO complaints (council_id, complaint_id, way, about_council, status, key_id, content, complainant, confidential,
                 received_at, acknowledgement_due_on, plan_due_on, response_due_on, response_latest_on, last_worked_at, closed_at)
             SELECT id(1), id(n), 'app', false, 'received', id(10), '', '', false, '2026-11-20', '2026-11-25', '2026-12-04', '2026-12-29',
                 '2027-05-19', '2026-11-20', CASE n WHEN 41 THEN '2026-11-21'::timestamptz END
             FROM generate_series(40, 41) n;
         INSERT INTO officers (council_id, officer_id, account_id, name, email, roles, unconfirmed_roles, invited_by, opened_by, opened_at,
                 created_at)
             VALUES (id(1), id(50), id(30), 'Beatrice', '30@example.org', '{complaints}', '{}', '{}', '{}', '2026-11-02', '2026-11-02')",
    );
    assert_eq!(counted(), Some(1), "what is closed is nobody's concern");
    world.sql(
        "INSERT INTO complaint_assignments (council_id, complaint_id, assignment_id, officer_id, view, opens_at, key_id, assigned_by, assigned_at)
             VALUES (id(1), id(40), id(60), id(50), 'whole', '2026-11-20', id(10), id(50), '2026-11-20')",
    );
    assert_eq!(counted(), Some(0));
    for gone in [
        "UPDATE officers SET access_ends_at = '2026-11-22'",
        "UPDATE officers SET access_ends_at = NULL, roles = '{duty}'",
        "UPDATE officers SET roles = '{complaints}', unconfirmed_at = '2026-11-22'",
        "UPDATE officers SET unconfirmed_at = NULL; UPDATE accounts SET disabled_at = '2026-11-22'",
    ] {
        world.sql(gone);
        assert_eq!(counted(), Some(1), "{gone}");
    }
}
