//! `almoner demo-data`: the same seed gives the same people, who are found over HTTP by their own practice and by no other.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::path::PathBuf;
use std::process::Command;

use almoner_demo::Authenticator;
use almoner_demo::web::{Answer, Web};
use almoner_embedded_postgres::{Options, Server};
use almoner_persistence::access::second_factor::Factor;
use almoner_persistence::{Clock, migrations};
use almoner_tests::{MASTER_KEYS, World};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

/// A cluster that is removed with the test.
struct Cluster {
    server: Option<Server>,
    directory: PathBuf,
}

impl Cluster {
    fn start() -> Self {
        let directory = std::env::temp_dir().join(format!("almoner-demo-data-{}", std::process::id()));
        let options = Options { data: directory.clone(), durable: false, max_connections: 60 };
        Self { server: Some(Server::start(&options).unwrap()), directory }
    }

    fn url(&self, role: &str, database: &str) -> String {
        self.server.as_ref().unwrap().url(role, database)
    }

    /// Makes a database, and fills it with 60 people at two practices.
    fn fill(&self, database: &str, seed: u64) -> Value {
        let mut superuser = PgConnection::establish(&self.url("postgres", "postgres")).unwrap();
        superuser.batch_execute(&format!("CREATE DATABASE {database}")).unwrap();
        migrations::migrate(&self.url("postgres", database)).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_almoner"))
            .args(["demo-data", "--practices", "2", "--people", "60", "--inbox", "2", "--seed", &seed.to_string()])
            .env("DATABASE_URL", self.url("almoner_app", database))
            .env("ALMONER_MASTER_KEYS", MASTER_KEYS)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.server.take());
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A caller at a practice's door.
struct Member {
    web: Web,
    authorization: String,
}

impl Member {
    /// Signs in one of those whom `demo-data` printed.
    fn sign_in(world: &World, printed: &Value, email: &Value) -> Self {
        let web = Web::new(world.url());
        let (email, secret) = (email.as_str().unwrap(), printed["totp_secret"].as_str().unwrap());
        let authenticator = Authenticator::new(secret).unwrap();
        // The manager has used the code of this moment when the data was written; the next one is accepted as well.
        authenticator.factor(email, world.clock.now());
        let factor = authenticator.factor(email, world.clock.now());
        let Some(Factor::Code(code)) = factor else { panic!("a code") };
        let content = json!({ "email": email, "password": printed["password"], "code": code }).to_string();
        let content = Some(("application/json", content.as_bytes()));
        let signed_in = web.send("POST", "/v1/practice/sessions", &[], content).unwrap();
        assert_eq!(signed_in.status, 201, "{}", signed_in.body);
        Self { web, authorization: format!("Bearer {}", signed_in.text("/access_token").unwrap()) }
    }

    fn get(&self, path: &str) -> Answer {
        self.web.send("GET", path, &[("authorization", &self.authorization)], None).unwrap()
    }

    /// The identifiers of the people whom a search finds.
    fn search(&self, criteria: &Value) -> Vec<Value> {
        let (path, content) = ("/v1/practice/service-users/search", criteria.to_string());
        let content = Some(("application/json", content.as_bytes()));
        let found = self.web.send("POST", path, &[("authorization", &self.authorization)], content).unwrap();
        assert_eq!(found.status, 200, "{}", found.body);
        found.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
    }
}

#[test]
fn the_same_seed_gives_the_same_people_who_are_found_by_their_own_practice_alone() {
    let cluster = Cluster::start();
    let (one, same, other) = (cluster.fill("one", 7), cluster.fill("same", 7), cluster.fill("other", 8));
    for practice in 0..2 {
        let people = |printed: &Value| printed["practices"][practice]["people"].clone();
        assert_eq!(people(&one).as_array().unwrap().len(), 30);
        assert_eq!(people(&one), people(&same), "the same seed");
        assert_ne!(people(&one), people(&other), "another seed");
    }

    let world = World::with_clock(Clock::new(), &cluster.url("almoner_app", "one"));
    let again = World::with_clock(Clock::new(), &cluster.url("almoner_app", "same"));
    let practices = &one["practices"];
    let worker = Member::sign_in(&world, &one, &practices[0]["workers"][0]);
    let worker_again = Member::sign_in(&again, &same, &same["practices"][0]["workers"][0]);
    let stranger = Member::sign_in(&world, &one, &practices[1]["workers"][0]);
    for person in practices[0]["people"].as_array().unwrap().iter().take(8) {
        let path = format!("/v1/practice/service-users/{}", person["id"].as_str().unwrap());
        let record = worker.get(&path);
        assert_eq!(record.status, 200, "{}", record.body);
        assert_eq!(record.body, worker_again.get(&path).body, "the same seed");
        assert_eq!(stranger.get(&path).status, 404, "the other practice");

        let number = json!({ "nhs_number": person["nhs_number"] });
        assert_eq!(worker.search(&number), [person["id"].clone()]);
        assert!(stranger.search(&number).is_empty(), "the other practice");
        assert!(worker.search(&json!({ "name": person["name"] })).contains(&person["id"]));

        let case = person["case"].as_str().unwrap();
        let notes = worker.get(&format!("/v1/practice/cases/{case}/notes"));
        assert_eq!(notes.body["items"].as_array().unwrap().len(), 10, "{}", notes.body);
        assert_eq!(stranger.get(&format!("/v1/practice/cases/{case}/notes")).status, 404, "the other practice");
        let kinds: Vec<Value> = worker.get(&format!("/v1/practice/cases/{case}/timeline")).body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["kind"].clone())
            .collect();
        assert_eq!(kinds[..3], ["opened", "allocated", "note_written"]);
        assert_eq!(kinds.len(), if person["open"] == true { 12 } else { 13 }, "{kinds:?}");
    }
    let caseload = worker.get("/v1/practice/caseload");
    let open = practices[0]["people"].as_array().unwrap().iter().filter(|person| person["open"] == true).count();
    assert_eq!(caseload.body["open"], open, "{}", caseload.body);
    let manager = Member::sign_in(&world, &one, &practices[0]["manager"]);
    assert_eq!(manager.get("/v1/practice/referrals").body["items"].as_array().unwrap().len(), 2);
}
