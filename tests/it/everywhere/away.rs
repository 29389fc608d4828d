//! A database that is away: it takes what is sent and never answers, as a server that was stopped does, or one behind a
//! network that has forgotten its connections. No request waits for it for long, and nobody else waits for the requests of a
//! tenant that are stuck.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use almoner_tests::callers::Caller;
use almoner_tests::{Web, World, messages, postgres};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// The time in which a request is answered while the database is away: the two seconds of its patience, and what two busy
/// cores need for twenty requests and their client.
const ANSWERED: Duration = Duration::from_millis(3_500);

/// A caller whom several threads share.
#[derive(Clone)]
struct Shared {
    web: Web,
    token: Option<String>,
}

impl Shared {
    fn of(caller: &dyn Caller) -> Self {
        Self { web: caller.web().clone(), token: caller.token() }
    }
}

impl Caller for Shared {
    fn web(&self) -> &Web {
        &self.web
    }

    fn token(&self) -> Option<String> {
        self.token.clone()
    }
}

/// A way to the database over TCP, which can fall silent: it takes connections and what they send, and answers nothing.
struct Way {
    port: u16,
    is_silent: Arc<AtomicBool>,
}

impl Way {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_silent = Arc::new(AtomicBool::new(false));
        let silence = Arc::clone(&is_silent);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), UnixStream::connect(socket()).unwrap());
                // A connection on which something was lost stays silent, as one does that was forgotten on the way.
                let is_lost = Arc::new(AtomicBool::new(false));
                let (back, there) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (silent, lost) = (Arc::clone(&silence), Arc::clone(&is_lost));
                std::thread::spawn(move || carry(client, there, &silent, &lost));
                let silent = Arc::clone(&silence);
                std::thread::spawn(move || carry(server, back, &silent, &is_lost));
            }
        });
        Self { port, is_silent }
    }

    fn is_silent(&self, silent: bool) {
        self.is_silent.store(silent, Ordering::SeqCst);
    }
}

fn carry(mut from: impl Read, mut to: impl Write, is_silent: &AtomicBool, is_lost: &AtomicBool) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if is_silent.load(Ordering::SeqCst) {
            is_lost.store(true, Ordering::SeqCst);
        }
        if !is_lost.load(Ordering::SeqCst) && to.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
}

/// The cluster's socket.
fn socket() -> String {
    let url = postgres::superuser_url("postgres");
    let parameter = |name: &str| {
        let (_, query) = url.split_once('?').unwrap();
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        pair.map(|value| value.replace("%2F", "/"))
    };
    format!("{}/.s.PGSQL.{}", parameter("host").unwrap(), parameter("port").unwrap_or_else(|| "5432".to_owned()))
}

/// A migrated database of its own, and the URL of its log-in role by these ways.
fn database(name: &str, ways: &[&Way]) -> (String, String) {
    let name = format!("almoner_it_{name}_{}", std::process::id());
    postgres::create(&name);
    almoner_persistence::migrations::migrate(&postgres::superuser_url(&name)).unwrap();
    let hosts: Vec<String> = ways.iter().map(|way| format!("127.0.0.1:{}", way.port)).collect();
    let url = format!("postgres://almoner_app@{}/{name}", hosts.join(","));
    (name, url)
}

/// Asks again and again until it is answered with 200, and returns the time that this took.
fn until_it_is_well(ask: impl Fn() -> u16) -> Duration {
    let begun = Instant::now();
    while ask() != 200 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is not well after {:?}", begun.elapsed());
        std::thread::sleep(Duration::from_millis(100));
    }
    begun.elapsed()
}

#[test]
fn while_the_database_never_answers_a_request_is_answered_within_two_seconds() {
    let way = Way::new();
    let (_, url) = database("away", &[&way]);
    let world = World::on(&url, |_| {});
    let practice = world.practice(&world.council());
    let read = || practice.manager.get("/v1/practice/notices").status;
    let ready = || world.anyone().get("/health/ready").status;
    assert_eq!([read(), ready()], [200, 200]);

    way.is_silent(true);
    // The signing keys are older than half a minute, so the first request that comes has to load them.
    world.clock.advance(TimeDelta::seconds(31));
    let (manager, anyone) = (Shared::of(&practice.manager), Shared::of(&world.anyone()));
    let ask = |path: &str| {
        let begun = Instant::now();
        let answer = if path.starts_with("/v1/practice") { manager.get(path) } else { anyone.get(path) };
        assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true), "{path}: {}", answer.body);
        begun.elapsed()
    };
    let at_once: Vec<Duration> = std::thread::scope(|threads| {
        let ask = &ask;
        let paths = (0..20).map(|n| if n % 5 == 0 { "/v1/public/practices" } else { "/v1/practice/notices" });
        let asked: Vec<_> = paths.map(|path| threads.spawn(move || ask(path))).collect();
        asked.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let one_by_one: Vec<Duration> = (0..5).map(|_| ask("/v1/practice/notices")).collect();
    let health: Vec<Duration> = (0..2).map(|_| ask("/health/ready")).collect();
    for took in at_once.iter().chain(&one_by_one).chain(&health) {
        assert!(*took < ANSWERED, "at once {at_once:?}, one by one {one_by_one:?}, health {health:?}");
    }

    way.is_silent(false);
    let (served, is_ready) = (until_it_is_well(read), until_it_is_well(ready));
    println!(
        "slowest of 20 at once {:?}, of 5 one by one {:?}, of health {:?}; served again after {served:?}, ready after {is_ready:?}",
        at_once.iter().max().unwrap(),
        one_by_one.iter().max().unwrap(),
        health.iter().max().unwrap()
    );
}

#[test]
fn where_the_url_has_a_second_host_the_service_goes_on_there() {
    let (first, second) = (Way::new(), Way::new());
    let (_, url) = database("failover", &[&first, &second]);
    let world = World::on(&url, |_| {});
    let practice = world.practice(&world.council());
    let read = || practice.manager.get("/v1/practice/notices").status;
    assert_eq!(read(), 200);
    first.is_silent(true);
    let (served, is_ready) = (until_it_is_well(read), until_it_is_well(|| world.anyone().get("/health/ready").status));
    println!("served again after {served:?}, ready after {is_ready:?}");
    assert!(served + is_ready < Duration::from_secs(12), "{served:?} {is_ready:?}");
}

#[test]
fn the_stuck_requests_of_one_practice_and_its_council_leave_turns_to_others_and_the_service_ready() {
    let world = World::new();
    let (council, other_council) = (world.council(), world.council());
    let (stuck, other) = (world.practice(&council), world.practice(&other_council));
    for practice in [&stuck, &other] {
        assert_eq!(practice.manager.get("/v1/practice/notices").status, 200);
    }
    assert_eq!(council.system.get("/v1/council/referrals").status, 200);
    let mut lock = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    lock.batch_execute(&format!("BEGIN; SELECT FROM practices WHERE practice_id = '{}' FOR UPDATE", stuck.id)).unwrap();
    let (is_over, refused) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|threads| {
        for n in 0..8 {
            let caller = if n % 2 == 0 { Shared::of(&stuck.social_worker) } else { Shared::of(&council.system) };
            let (is_over, refused) = (&is_over, &refused);
            threads.spawn(move || {
                while !is_over.load(Ordering::SeqCst) {
                    let answer = if n % 2 == 0 {
                        caller.create("/v1/practice/service-users", &messages::person())
                    } else {
                        caller.post("/v1/council/referrals", &messages::referral())
                    };
                    // The last ones may get through when the lock is given up.
                    if !is_over.load(Ordering::SeqCst) {
                        assert!([409, 503].contains(&answer.status), "{}: {}", answer.status, answer.body);
                        assert!(answer.header("retry-after").is_some());
                    }
                    refused.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let mut looks = Vec::new();
        while looks.len() < 16 || refused.load(Ordering::SeqCst) < 16 {
            let begun = Instant::now();
            let made = other.social_worker.create("/v1/practice/service-users", &messages::person()).status;
            looks.push((made, world.anyone().get("/health/ready").status, begun.elapsed()));
        }
        is_over.store(true, Ordering::SeqCst);
        lock.batch_execute("ROLLBACK").unwrap();
        let well = looks.iter().filter(|(made, ready, _)| (*made, *ready) == (201, 200)).count();
        assert_eq!(well, looks.len(), "{looks:?}");
        println!("{well} looks, the slowest {:?}", looks.iter().map(|look| look.2).max().unwrap());
    });
}

#[test]
fn a_way_that_is_silent_takes_connections_and_answers_nothing() {
    let way = Way::new();
    way.is_silent(true);
    let mut peer = TcpStream::connect(("127.0.0.1", way.port)).unwrap();
    peer.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    // A request for TLS, to which PostgreSQL would answer with a letter.
    peer.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
    assert!(peer.read(&mut [0]).is_err());
}
