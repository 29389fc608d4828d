//! The feed of a council while eight write into it at once, one reads it, and the workers that number it are killed.
//!
//! `make test` writes a few hundred events, and `scripts/deep.d/feed` a hundred thousand.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use almoner_demo::web::Web;
use almoner_domain::ids::{CouncilId, PracticeId};
use almoner_persistence::{Clock, random};
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Council, System, World, messages};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_types};
use serde_json::json;
use uuid::Uuid;

use super::{Machine, PATIENCE, Service, Worker, free_port};

const WRITERS: usize = 8;

/// An event as the feed shows it, but for its number.
type Shown = (Uuid, String, String);

/// The course of the test, which writers, reader and whoever kills share.
struct Course {
    /// How many events are to be written.
    events: usize,
    /// How many events the writers may be ahead of the reader, so that there is something to number until the end.
    ahead: usize,
    written: AtomicUsize,
    read: AtomicUsize,
    /// Whether somebody has failed, so that nobody else waits.
    is_over: AtomicBool,
}

/// Says that the course is over where its thread fails.
struct Guard<'c>(&'c Course);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.is_over.store(true, Ordering::SeqCst);
        }
    }
}

impl Course {
    /// Waits until there is something to do.
    fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(!self.is_over.load(Ordering::SeqCst), "{what}: another thread failed");
            assert!(begun.elapsed() < PATIENCE, "{what}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn wait_for_the_reader(&self) {
        self.until("the reader follows", || {
            self.written.load(Ordering::SeqCst) <= self.read.load(Ordering::SeqCst) + self.ahead
        });
    }
}

/// A number below this one, by chance.
fn below(end: u8) -> u8 {
    let [number] = random::bytes();
    number % end
}

/// Writes events in the role in which requests at the practice's door write them, some of them over HTTP: most transactions
/// at once, some slowly, so that they are committed long after others that began later, and some that are taken back.
fn write(
    course: &Course,
    url: &str,
    (practice, council): (PracticeId, CouncilId),
    (web, token): (&Web, &str),
    mut referrals: Vec<Sent>,
) -> Vec<Uuid> {
    let _guard = Guard(course);
    let mut db = PgConnection::establish(url).unwrap();
    let begin = format!("BEGIN; SET LOCAL ROLE almoner_practice; SET LOCAL app.practice = '{practice}';");
    let (share, over_http) = (course.events / WRITERS, referrals.len());
    let mut written = Vec::new();
    while written.len() < share {
        course.wait_for_the_reader();
        // Those over HTTP are spread over the whole course.
        if referrals.len() * share > over_http * (share - written.len()).saturating_sub(1) {
            let sent = referrals.pop().unwrap();
            decline(web, token, sent.referral_id);
            written.push(sent.council_request_id);
            course.written.fetch_add(1, Ordering::SeqCst);
            continue;
        }
        let room = share - written.len() - referrals.len();
        let subjects: Vec<Uuid> =
            (0..room.clamp(1, 1 + usize::from(below(8)))).map(|_| Uuid::from_bytes(random::bytes())).collect();
        let rows: Vec<String> = subjects
            .iter()
            .map(|subject| {
                let event = Uuid::from_bytes(random::bytes());
                format!("('{practice}', '{event}', '{council}', 'council', 'referral.accepted', '{subject}', now())")
            })
            .collect();
        let insert = format!(
            "INSERT INTO outbox (owner_id, event_id, recipient_id, feed, kind, subject_id, at) VALUES {};",
            rows.join(", ")
        );
        match below(20) {
            0 => {
                db.batch_execute(&format!("{begin} {insert} ROLLBACK")).unwrap();
                continue;
            }
            1 => {
                db.batch_execute(&format!("{begin} {insert}")).unwrap();
                thread::sleep(Duration::from_millis(below(100).into()));
                db.batch_execute("COMMIT").unwrap();
            }
            _ => db.batch_execute(&format!("{begin} {insert} COMMIT")).unwrap(),
        }
        course.written.fetch_add(subjects.len(), Ordering::SeqCst);
        written.extend(subjects);
    }
    written
}

/// Declines a referral that nobody has changed.
fn decline(web: &Web, token: &str, referral: Uuid) {
    let (bearer, key) = (format!("Bearer {token}"), fresh_key());
    let headers = [("authorization", bearer.as_str()), ("if-match", "\"1\""), ("idempotency-key", &key)];
    let content = Some(("application/json", br#"{"reason":"no_capacity"}"#.as_slice()));
    let declined = web.send("POST", &format!("/v1/practice/referrals/{referral}/decline"), &headers, content).unwrap();
    assert_eq!(declined.status, 200, "{}", declined.body);
}

/// Reads the next part of the feed, and returns whether there is more. Its numbers must be the next ones.
fn read_on(web: &Web, token: &str, shown: &mut Vec<Shown>) -> bool {
    let path = format!("/v1/council/events?after={}&limit=200", shown.len());
    let page = web.send("GET", &path, &[("authorization", &format!("Bearer {token}"))], None).unwrap();
    assert_eq!(page.status, 200, "{}", page.body);
    for item in page.body["items"].as_array().unwrap() {
        assert_eq!(item["number"], json!(shown.len() + 1), "each number once, in order and without a gap");
        let text = |member: &str| item[member].as_str().unwrap().to_owned();
        shown.push((text("referral_id").parse().unwrap(), text("kind"), text("at")));
    }
    assert_eq!(page.body["next_after"], json!(shown.len()), "nothing is passed over, and nothing comes again");
    page.body["has_more"] == true
}

/// Reads the feed until every event is read.
fn follow(course: &Course, web: &Web, token: &str) -> Vec<Shown> {
    let _guard = Guard(course);
    let mut shown = Vec::new();
    while shown.len() < course.events {
        course.until("the feed goes on", || {
            let before = shown.len();
            // What is read is a page or several: the reader is never far behind what is numbered.
            while read_on(web, token, &mut shown) {}
            course.read.store(shown.len(), Ordering::SeqCst);
            shown.len() > before
        });
    }
    shown
}

/// A referral, as the council and as the practice know it.
#[derive(QueryableByName)]
struct Sent {
    #[diesel(sql_type = sql_types::Uuid)]
    council_request_id: Uuid,
    #[diesel(sql_type = sql_types::Uuid)]
    referral_id: Uuid,
}

/// Sends referrals that the practice can decline.
fn send_referrals(council: &Council, db: &mut PgConnection, count: usize) -> Vec<Sent> {
    let today = Clock::new().now().date_naive();
    for _ in 0..count {
        let mut message = messages::referral();
        message["requested_on"] = json!(today);
        message["consent"]["recorded_on"] = json!(today);
        let sent = council.system.create("/v1/council/referrals", &message);
        assert_eq!(sent.status, 201, "{}", sent.body);
    }
    diesel::sql_query("SELECT council_request_id, referral_id FROM referrals").load(db).unwrap()
}

/// Asks for an access token.
fn token(web: &Web, path: &str, media_type: &str, content: &str) -> String {
    let answer = web.send("POST", path, &[], Some((media_type, content.as_bytes()))).unwrap();
    answer.text("/access_token").unwrap_or_else(|| panic!("no token: {}", answer.body)).to_owned()
}

/// The number in an environment variable, or this one.
fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |value| value.parse().unwrap())
}

#[test]
fn eight_who_write_and_one_who_reads_lose_nothing_and_see_nothing_late_while_workers_are_killed() {
    let (events, kills) = (setting("ALMONER_TEST_EVENTS", 400), setting("ALMONER_TEST_KILLS", 2));
    let events = events.next_multiple_of(WRITERS);
    let machine = Machine::new("feed");
    let mut db = PgConnection::establish(&machine.url("postgres")).unwrap();
    let (port, app) = (free_port(), machine.url("almoner_app"));
    let world = World::with_clock(Clock::new(), &app);
    let council = world.council();
    let practice = world.practice_with(json!({ "capacity": 10_000 }));
    world.contract(&council, &practice, json!({}));
    let mut referrals = send_referrals(&council, &mut db, events / 125 / WRITERS * WRITERS + WRITERS);
    let ample = ["MEMBER", "TENANT", "CLIENT"].map(|limit| (format!("ALMONER_LIMIT_{limit}"), "600000/600000"));
    let mut settings = vec![("ALMONER_ACCESS_TOKEN_MINUTES", "60")];
    settings.extend(ample.iter().map(|(name, value)| (name.as_str(), *value)));
    let service = Service::start_with(&app, port, &settings);
    let web = Web::new(&format!("http://127.0.0.1:{port}"));
    let System { id, secret, .. } = &council.system;
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let council_token = token(&web, "/oauth/token", "application/x-www-form-urlencoded", &form);
    let credentials = practice.manager.credentials().to_string();
    let manager_token = token(&web, "/v1/practice/sessions", "application/json", &credentials);

    let course = Course {
        events,
        ahead: (events / kills.max(1) / 2).max(100),
        written: AtomicUsize::new(0),
        read: AtomicUsize::new(0),
        is_over: AtomicBool::new(false),
    };
    let begun = Instant::now();
    // Any number of workers may run; two try to number the same events.
    let mut workers = [(); 2].map(|()| Worker::start(&machine));
    let (written, shown) = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let own = referrals.split_off(referrals.len() - referrals.len() / WRITERS);
                let (course, app, web, token) = (&course, app.as_str(), &web, manager_token.as_str());
                let (practice, council) = (practice.id, council.id);
                scope.spawn(move || write(course, app, (practice, council), (web, token), own))
            })
            .collect();
        let reader = scope.spawn(|| follow(&course, &web, &council_token));
        {
            let _guard = Guard(&course);
            for kill in 0..kills {
                let read = events * (kill + 1) / (kills + 2);
                course.until("the feed is read", || course.read.load(Ordering::SeqCst) >= read);
                // Numbers were just given, and more are being given.
                thread::sleep(Duration::from_millis(below(100).into()));
                workers[kill % 2].0.kill().unwrap();
                workers[kill % 2] = Worker::start(&machine);
            }
        }
        let written: Vec<Uuid> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        (written, reader.join().unwrap())
    });
    let took = begun.elapsed().as_secs();

    let of_read: HashSet<Uuid> = shown.iter().map(|(subject, ..)| *subject).collect();
    assert_eq!((written.len(), shown.len(), of_read.len()), (events, events, events), "each once");
    assert!(written.iter().all(|subject| of_read.contains(subject)), "every one that was committed, and no other");
    let mut again = Vec::new();
    while read_on(&web, &council_token, &mut again) {}
    assert!(again == shown, "nothing came behind what was read, and nothing has moved");
    println!(
        "{events} events of {WRITERS} writers were read, each once, in {took} s; {kills} times a worker was killed"
    );
    drop((workers, service));
}
