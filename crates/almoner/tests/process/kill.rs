//! Kills the program and PostgreSQL in the middle of their work. Every request that was answered is kept, and every other
//! one is done once when it is sent again.

use std::sync::atomic::{AtomicUsize, Ordering};

use almoner_demo::web::{Answer, Web};
use almoner_embedded_postgres::{Options, Server};
use almoner_persistence::{Clock, migrations};
use almoner_tests::{World, messages};
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{Directory, Service, free_port, send, until};

const REFERRALS: usize = 240;

/// A council's system that repeats every request that was not answered.
pub(super) struct Council {
    pub(super) web: Web,
    pub(super) id: String,
    pub(super) secret: String,
}

impl Council {
    pub(super) fn token(&self) -> Option<String> {
        let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", self.id, self.secret);
        let content = Some(("application/x-www-form-urlencoded", form.as_bytes()));
        self.web.send("POST", "/oauth/token", &[], content).ok()?.text("/access_token").map(str::to_owned)
    }

    pub(super) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        until("an answer", || {
            let authorization = format!("Bearer {}", self.token()?);
            let text = body.map(Value::to_string);
            let content = text.as_ref().map(|text| ("application/json", text.as_bytes()));
            let answer = self.web.send(method, path, &[("authorization", &authorization)], content).ok()?;
            (answer.status < 500).then_some(answer)
        })
    }
}

#[test]
fn row_31_with_the_service_and_postgres_killed_in_the_middle_240_referrals_are_240_and_no_more() {
    let directory = Directory(std::env::temp_dir().join(format!("almoner-kill-{}", std::process::id())));
    let options = Options { data: directory.0.clone(), durable: true, max_connections: 100 };
    let postgres = Server::start(&options).unwrap();
    migrations::migrate(&postgres.url("postgres", "postgres")).unwrap();
    let database_url = postgres.url("almoner_app", "postgres");

    let clock = Clock::new();
    let today = clock.now().date_naive().to_string();
    let world = World::with_clock(clock, &database_url);
    let council = world.council();
    let practice = world.practice_with(json!({ "capacity": 1000 }));
    world.contract(&council, &practice, json!({}));

    let port = free_port();
    let web = Web::new(&format!("http://127.0.0.1:{port}"));
    let sender = Council { web: web.clone(), id: council.system.id.clone(), secret: council.system.secret.clone() };
    drop(world);
    let service = Service::start(&database_url, port);

    let sent: Vec<Value> = (0..REFERRALS)
        .map(|_| {
            let mut message = messages::referral();
            message["requested_on"] = today.clone().into();
            message["consent"]["recorded_on"] = today.clone().into();
            message
        })
        .collect();
    let answered = AtomicUsize::new(0);
    let (service, postgres) = std::thread::scope(|scope| {
        for part in sent.chunks(REFERRALS / 4) {
            let (sender, answered) = (&sender, &answered);
            scope.spawn(move || {
                for message in part {
                    let answer = sender.call("POST", "/v1/council/referrals", Some(message));
                    assert!([200, 201].contains(&answer.status), "{}", answer.body);
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let when = |count| until("the referrals go on", || (answered.load(Ordering::SeqCst) >= count).then_some(()));

        when(REFERRALS / 4);
        service.kill();
        let service = Service::start(&database_url, port);

        when(REFERRALS / 2);
        send(postgres.pid(), Signal::KILL);
        drop(postgres);
        (service, Server::start(&options).unwrap())
    });

    let again: Vec<u16> =
        sent.iter().map(|message| sender.call("POST", "/v1/council/referrals", Some(message)).status).collect();
    assert!(again.iter().all(|status| *status == 200), "every one is known: {again:?}");

    let mut references = Vec::new();
    let mut path = "/v1/council/referrals?limit=100".to_owned();
    loop {
        let page = sender.call("GET", &path, None);
        let items = page.body["items"].as_array().unwrap();
        references.extend(items.iter().map(|item| item["council_reference"].as_str().unwrap().to_owned()));
        let Some(cursor) = page.text("/next_cursor") else { break };
        path = format!("/v1/council/referrals?limit=100&cursor={cursor}");
    }
    references.sort();
    references.dedup();
    assert_eq!(references.len(), REFERRALS);
    let listed = sender.call("GET", &format!("/v1/public/practices/{}", practice.slug), None);
    assert_eq!(
        listed.body["free_capacity"],
        1000 - REFERRALS,
        "each reserved capacity for one, whatever happened in between"
    );
    drop(service);
    postgres.stop().unwrap();
}
