//! The peers: other servers that do the same work on the same database. Each is a folder of `bench/peers` with a `prepare`,
//! a `serve` and, if it wants requests of its own, a `requests.json`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use serde_json::Value;

use crate::Failure;
use crate::cluster::{APP, Cluster};
use crate::scenario::{Call, Requests, Scenario, Source, Values, ascii_json};
use crate::service::{Program, free_port};

/// What `prepare` exits with where the machine lacks what the peer needs.
const NOT_HERE: i32 = 77;

/// The words of the scenarios that a peer without requests of its own serves.
const SERVED: [Scenario; 6] =
    [Scenario::Person, Scenario::Caseload, Scenario::Name, Scenario::Nhs, Scenario::Timeline, Scenario::Note];

/// A request of a peer's own, with placeholders.
#[derive(Clone, Deserialize)]
struct Own {
    method: String,
    path: String,
    #[serde(default)]
    body: Value,
    #[serde(default)]
    contains: String,
}

/// A peer's folder.
pub(crate) struct Peer {
    pub(crate) name: String,
    pub(crate) title: String,
    folder: PathBuf,
    own: Option<BTreeMap<String, Own>>,
}

/// What every peer is told about the database and the service.
pub(crate) struct Surroundings<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) program: &'a Program,
    pub(crate) database: &'a str,
    pub(crate) pool: u32,
    /// The port of the service, which has the keys of the tokens.
    pub(crate) service: u16,
}

/// A running peer, stopped with all its processes when this is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) port: u16,
}

impl Peer {
    /// The peers that are there, of these names; all of them if there is none.
    pub(crate) fn find(folder: &Path, names: &[String]) -> Result<Vec<Self>, Failure> {
        let mut peers = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (name, folder) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
            if !folder.join("serve").is_file() || !(names.is_empty() || names.contains(&name)) {
                continue;
            }
            let own = match fs::read(folder.join("requests.json")) {
                Ok(text) => Some(serde_json::from_slice(&text)?),
                Err(_) => None,
            };
            let title = fs::read_to_string(folder.join("title")).unwrap_or_else(|_| name.clone());
            peers.push(Self { name, title: title.trim().to_owned(), folder, own });
        }
        peers.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(peers)
    }

    /// Whether the peer serves a scenario.
    pub(crate) fn serves(&self, scenario: Scenario) -> bool {
        match &self.own {
            Some(own) => own.contains_key(scenario.word()),
            None => SERVED.contains(&scenario),
        }
    }

    /// Prepares and starts the peer. `Err` says why it is not there.
    pub(crate) fn start(&self, around: &Surroundings<'_>) -> Result<Running, Failure> {
        let port = free_port()?;
        let cache = std::path::absolute(around.program.directory.join("peers").join(&self.name))?;
        fs::create_dir_all(&cache)?;
        let service = format!("http://127.0.0.1:{}", around.service);
        let sockets = around.cluster.socket_directory();
        let command = |name: &str| -> Result<Command, Failure> {
            let mut command = Command::new(fs::canonicalize(self.folder.join(name))?);
            command
                .current_dir(&self.folder)
                .env("PORT", port.to_string())
                .env("LISTEN", "127.0.0.1")
                .env("DATABASE_URL", around.cluster.url(APP, around.database))
                .env("PGHOST", &sockets)
                .env("PGPORT", "5432")
                .env("PGUSER", APP)
                .env("PGDATABASE", around.database)
                .env("POOL", around.pool.to_string())
                .env("ALMONER_MASTER_KEYS", &around.program.master_keys)
                .env("ALMONER_JWKS_URL", format!("{service}/.well-known/jwks.json"))
                .env("ALMONER_ISSUER", &service)
                .env("PEER_CACHE", &cache)
                .stdin(Stdio::null());
            Ok(command)
        };
        let prepared = command("prepare")?.output()?;
        if !prepared.status.success() {
            let said = String::from_utf8_lossy(&prepared.stderr);
            let reason = said.lines().last().unwrap_or("it cannot be prepared").to_owned();
            let skipped = prepared.status.code() == Some(NOT_HERE);
            return Err(if skipped { reason } else { format!("prepare failed: {reason}") }.into());
        }
        let log = File::create(around.program.directory.join(format!("{}.log", self.name)))?;
        let mut child = command("serve")?.process_group(0).stdout(Stdio::piped()).stderr(log).spawn()?;
        let output = child.stdout.take().ok_or("no standard output")?;
        let (send, receive) = mpsc::channel();
        // The thread goes on reading, so that the peer can go on writing, until the peer ends.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if line.trim() == "READY" {
                    // The receiver waits below, or has given up.
                    let _ = send.send(());
                }
            }
        });
        let running = Running { child, port };
        receive.recv_timeout(Duration::from_secs(30)).map_err(|_| "it did not say READY")?;
        Ok(running)
    }

    /// The requests of a scenario, in the peer's own words if it has some.
    pub(crate) fn requests(&self, requests: Requests) -> Rc<dyn Source> {
        let own = self.own.as_ref().and_then(|own| own.get(requests.scenario.word())).cloned();
        match own {
            Some(own) => Rc::new(OwnRequests { own, requests }),
            None => Rc::new(requests),
        }
    }
}

struct OwnRequests {
    own: Own,
    requests: Requests,
}

impl Source for OwnRequests {
    fn next(&self) -> Option<Call> {
        let number = self.requests.count.get();
        self.requests.count.set(number + 1);
        let Values { office, person, key, text } = self.requests.values(self.requests.scenario, number)?;
        let fill = |template: &str, as_json: bool| {
            let quoted = |value: &str| {
                let json = ascii_json(&Value::from(value));
                if as_json { json[1..json.len() - 1].to_owned() } else { value.to_owned() }
            };
            [
                ("{person}", person.id.as_str()),
                ("{case}", &person.case),
                ("{name}", &person.name),
                ("{nhs}", &person.nhs_number),
                ("{text}", &text),
                ("{key}", &key.to_string()),
                ("{practice}", &office.practice),
            ]
            .iter()
            .fold(template.to_owned(), |filled, (name, value)| filled.replace(name, &quoted(value)))
        };
        let token = office.worker_token.as_str();
        let contains = fill(&self.own.contains, false);
        let path = fill(&self.own.path, false);
        let mut call = if self.own.method == "GET" {
            Call::get(path, token, &contains)
        } else {
            Call::post(path, token, &Value::Null, &contains)
        };
        if !self.own.body.is_null() {
            call.body = fill(&self.own.body.to_string(), true);
        }
        Some(call)
    }
}

impl Running {
    /// The first process, which leads the group.
    pub(crate) fn group(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.child);
        let began = Instant::now();
        // Each fails only where nothing is left to end.
        let _ = kill_process_group(group, Signal::TERM);
        while began.elapsed() < Duration::from_secs(5) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
    }
}
