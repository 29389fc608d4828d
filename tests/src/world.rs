//! The world of one test: a server, councils, practices and their callers.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use almoner_api::{PasswordCost, Quota, Quotas, Service, Settings, hash_password};
use almoner_demo::web::Answer;
use almoner_demo::{Authenticator, BackgroundServer, confirm_staff};
use almoner_domain::ids::{CouncilId, PracticeId, StaffId};
use almoner_domain::words::email::Email;
use almoner_persistence::access::clients::{self, NewClient};
use almoner_persistence::access::joining;
use almoner_persistence::access::sessions::SessionLimits;
use almoner_persistence::staff::NewMember;
use almoner_persistence::tenancy::councils::{self, NewCouncil};
use almoner_persistence::tenancy::practices::{self, NewPractice};
use almoner_persistence::{Clock, Login, Objects, OperatorScope, Store, StoreError, access::invitations};
use almoner_worker::{Scanner, Scans};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

use crate::Web;
use crate::callers::{Anyone, Staff, System};
use crate::council::Council;
use crate::postgres;
use crate::stores::{CONNECTIONS, store};

/// The key that signs the heads of the audit log in the tests.
pub const AUDIT_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n-----END PRIVATE KEY-----\n";

/// The password of everybody in the tests.
pub const PASSWORD: &str = "a password for tests alone";

/// The secret of everybody's authenticator, in base32.
pub const TOTP_SECRET: &str = "TESTSALONETESTSALONETESTSALONEAA";

/// The authenticator that everybody uses.
pub(crate) fn authenticator() -> &'static Authenticator {
    static AUTHENTICATOR: OnceLock<Authenticator> = OnceLock::new();
    AUTHENTICATOR.get_or_init(|| Authenticator::new(TOTP_SECRET).expect("a secret"))
}

/// The master key of the tests.
pub const MASTER_KEYS: &str = "1:dGVzdHMgYWxvbmUsIDMyIGJ5dGVzIG9mIGEgbWFzdGU=";

/// The time at which tests begin: a Friday morning.
const NOW: &str = "2026-11-20T10:00:00Z";

/// A server with its clock.
pub struct World {
    /// The clock of this server.
    pub clock: Clock,
    /// The store behind the server.
    pub store: Store,
    /// Where the documents of this server are stored.
    documents: Objects,
    database_url: String,
    server: BackgroundServer,
}

/// A practice with its staff, under contract with one council.
///
/// The director owns it. The director manages the manager, and the manager manages the two social workers and the
/// practitioner. The second manager, the second practitioner, the records officer and the administrator have no line manager.
pub struct Practice {
    /// The identifier of the practice.
    pub id: PracticeId,
    /// The name of the practice in URLs.
    pub slug: String,
    /// The director, who is a manager and an owner.
    pub director: Staff,
    /// The manager.
    pub manager: Staff,
    /// A manager who stands in nobody's line.
    pub second_manager: Staff,
    /// A registered social worker.
    pub social_worker: Staff,
    /// Another registered social worker.
    pub social_worker_2: Staff,
    /// An unregistered practitioner.
    pub practitioner: Staff,
    /// Another unregistered practitioner.
    pub practitioner_2: Staff,
    /// The records officer.
    pub records_officer: Staff,
    /// The administrator.
    pub administrator: Staff,
}

impl World {
    /// Makes a server on the shared database, on a Friday morning.
    pub fn new() -> Self {
        let clock = Clock::new();
        clock.set(NOW.parse().unwrap());
        Self::with_clock(clock, app_url())
    }

    /// Makes a server on the shared database with changed settings, such as its quotas, which are otherwise far above what a
    /// test needs.
    pub fn with_settings(change: impl FnOnce(&mut Settings)) -> Self {
        Self::on(app_url(), change)
    }

    /// Makes a server on a database of its own, on a Friday morning, with changed settings.
    pub fn on(database_url: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let clock = Clock::new();
        clock.set(NOW.parse().unwrap());
        Self::start(clock, database_url, CONNECTIONS, change)
    }

    /// Makes a server on a new database, in which a table can be locked or hidden without keeping other tests waiting. Returns a
    /// superuser's connection to the database, and its name.
    pub fn apart(what: &str, change: impl FnOnce(&mut Settings)) -> (Self, PgConnection, String) {
        let name = format!("almoner_it_{what}_{}", std::process::id());
        postgres::create(&name);
        almoner_persistence::migrations::migrate(&postgres::superuser_url(&name)).expect("the migrations");
        let world = Self::on(&postgres::url_as("almoner_app", &name), change);
        (world, PgConnection::establish(&postgres::superuser_url(&name)).expect("the database"), name)
    }

    /// Makes a server on a database of its own, to which it has one connection, on a Friday morning, with changed settings.
    pub fn on_one_connection(database_url: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let clock = Clock::new();
        clock.set(NOW.parse().unwrap());
        Self::start(clock, database_url, 1, change)
    }

    /// Makes a server on the shared database that has one connection to it.
    pub fn with_one_connection() -> Self {
        let clock = Clock::new();
        clock.set(NOW.parse().unwrap());
        Self::start(clock, app_url(), 1, |_| {})
    }

    /// Makes a server with this clock, on this database.
    ///
    /// Everything is logged into a file, which is searched for secrets after the tests ([`crate::log`]).
    pub fn with_clock(clock: Clock, database_url: &str) -> Self {
        Self::start(clock, database_url, CONNECTIONS, |_| {})
    }

    /// Makes a server on the shared database, and returns the address of the server of its metrics with it.
    pub fn with_metrics() -> (Self, String) {
        let clock = Clock::new();
        clock.set(NOW.parse().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        (Self::serve(clock, app_url(), CONNECTIONS, |_| {}, Some(listener)), url)
    }

    fn start(clock: Clock, database_url: &str, connections: u32, change: impl FnOnce(&mut Settings)) -> Self {
        Self::serve(clock, database_url, connections, change, None)
    }

    fn serve(
        clock: Clock,
        database_url: &str,
        connections: u32,
        change: impl FnOnce(&mut Settings),
        metrics: Option<TcpListener>,
    ) -> Self {
        crate::log::begin();
        let store = store(&clock, database_url, Login::App, connections);
        let mut settings = settings();
        change(&mut settings);
        let documents = settings.documents.clone();
        let service = Service::new(store.clone(), settings).expect("the service");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = BackgroundServer::start(service, listener, metrics, 1).expect("the server");
        Self { clock, store, documents, database_url: database_url.to_owned(), server }
    }

    /// The URL of the server.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Sets the clock.
    pub fn set_clock(&self, at: &str) {
        self.clock.set(at.parse::<DateTime<Utc>>().expect("an RFC 3339 time"));
    }

    /// Makes a caller without a token.
    pub fn anyone(&self) -> Anyone {
        Anyone::new(Web::new(self.url()))
    }

    /// Does the work that is due for one practice.
    pub fn work(&self, practice: &Practice) {
        self.work_for(Some(practice.id));
    }

    /// Does all the work that is due in a world on a database of its own, and clears away what has expired.
    pub fn work_everywhere(&self) {
        self.work_for(None);
    }

    fn work_for(&self, practice: Option<PracticeId>) {
        almoner_worker::run_once(&self.worker_store(), practice).expect("the worker");
    }

    pub(crate) fn worker_store(&self) -> Store {
        let work_url = self.database_url.replace("user=almoner_app", "user=almoner_work");
        store(&self.clock, &work_url, Login::Work, CONNECTIONS)
    }

    /// Does the jobs with documents that are due for one practice, once, with this scanner or without one.
    pub fn scan(&self, practice: &Practice, scanner: impl Into<Option<Scanner>>) {
        self.scan_for(practice.id.uuid(), scanner.into());
    }

    /// Does the jobs with documents that are due for one council, once, with this scanner or without one.
    pub fn scan_council(&self, council: &Council, scanner: impl Into<Option<Scanner>>) {
        self.scan_for(council.id.uuid(), scanner.into());
    }

    fn scan_for(&self, owner: uuid::Uuid, scanner: Option<Scanner>) {
        let store = self.worker_store();
        let scans = Scans { scanner, documents: self.documents.clone() };
        // What the scanner finds leaves a job that deletes its object.
        while almoner_worker::scan_once(&store, Some(owner), &scans).expect("the scans") > 0 {}
    }

    /// Makes a new council.
    pub fn council(&self) -> Council {
        let gss_code = format!("E06{:06}", number());
        let id = self.console(|scope| {
            councils::create(
                scope,
                &from_json::<NewCouncil>(json!({
                    "gss_code": gss_code, "name": format!("Council {gss_code}"), "emergency_duty_phone": "0345 678 9040",
                })),
            )
        });
        let [system, complaints, safeguarding] =
            ["referrals", "complaints", "safeguarding"].map(|scope| self.client(Some(id), &[scope]));
        Council { id, gss_code, system, complaints, safeguarding, first_officer: std::cell::OnceCell::new() }
    }

    /// Makes a new partner app.
    pub fn partner(&self) -> System {
        self.client(None, &["complaints"])
    }

    /// Makes a new client with these scopes.
    pub fn client(&self, council: Option<CouncilId>, scopes: &[&str]) -> System {
        let made = self.console(|scope| {
            clients::create(
                scope,
                &from_json::<NewClient>(json!({
                    "council_id": council, "name": "A system", "scopes": scopes,
                    "run_by": council.is_none().then_some("A charity"),
                    "controlled_by": if council.is_none() { vec!["Ida Fenwick"] } else { vec![] },
                })),
            )
        });
        crate::log::secret(made.secret.as_deref());
        System::new(Web::new(self.url()), &made.id.to_string(), &made.secret.expect("a secret"))
    }

    /// Makes a new practice that serves SY1 and SY2, under contract with this council, with all functions delegated.
    pub fn practice(&self, council: &Council) -> Practice {
        let practice = self.practice_with(json!({}));
        self.contract(council, &practice, json!({}));
        practice
    }

    /// Makes a new practice without a contract, with these members of its provisioning changed.
    pub fn practice_with(&self, changes: Value) -> Practice {
        let slug = format!("practice-{}", number());
        let mut new = new_practice(&slug);
        merge(&mut new, changes);
        let id = self.console(|scope| practices::create(scope, &from_json::<NewPractice>(new)));
        let staff = |login: &str, name: &str, roles: &[&str], more: Value| {
            let mut member = json!({ "name": name, "email": format!("{login}@{slug}.example"), "roles": roles });
            if roles.contains(&"social_worker") {
                member["social_work_england_number"] = format!("SW{}", number()).into();
            }
            merge(&mut member, more);
            self.join(id, member)
        };
        let director = staff("director", "Amara Okafor", &["manager"], json!({ "owner": true }));
        let manager = staff("manager", "Gareth Pugh", &["manager"], json!({ "line_manager_id": director.id }));
        let below = json!({ "line_manager_id": manager.id });
        let practice = Practice {
            second_manager: staff("second-manager", "Irena Kowalczyk", &["manager"], json!({})),
            social_worker: staff("social-worker", "Hannah Price", &["social_worker"], below.clone()),
            social_worker_2: staff("social-worker-2", "Tomasz Zielinski", &["social_worker"], below.clone()),
            practitioner: staff("practitioner", "Lucy Freeman", &["practitioner"], below),
            practitioner_2: staff("practitioner-2", "Bola Adeyemi", &["practitioner"], json!({})),
            records_officer: staff("records", "Rosalind Quayle", &["records_officer"], json!({})),
            administrator: staff("administrator", "Kit Duffy", &["administrator"], json!({})),
            id,
            slug,
            director,
            manager,
        };
        confirm_staff(&self.store, id, None).expect("the director confirms");
        crate::audited::clear_notices(id);
        practice
    }

    /// Makes a new practice in which nobody works.
    pub fn bare_practice(&self) -> PracticeId {
        let new = from_json::<NewPractice>(new_practice(&format!("practice-{}", number())));
        self.console(|scope| practices::create(scope, &new))
    }

    /// Makes a new member of a practice's staff. The practice's owner confirms roles that have to be confirmed.
    pub fn staff(&self, practice: PracticeId, member: Value) -> Staff {
        let staff = self.join(practice, member);
        confirm_staff(&self.store, practice, Some(staff.id)).expect("the owner confirms");
        staff
    }

    /// Makes a new member of a practice's staff, whom nobody confirms.
    pub fn join(&self, practice: PracticeId, member: Value) -> Staff {
        let new: NewMember = from_json(member);
        let made = self.console(|scope| joining::create(scope, practice, &new));
        self.accept(&made.secret.expect("a link"));
        Staff::new(Web::new(self.url()), self.clock.clone(), StaffId::from(made.id), new.email.as_str())
    }

    /// Accepts the invitation of this answer with everybody's password and authenticator, and returns the member.
    pub fn take_up(&self, invited: &Answer) -> Staff {
        self.accept(invited.text("/link/token").expect("a link"));
        let id: uuid::Uuid = invited.text("/id").expect("a member").parse().expect("an identifier");
        let email = invited.text("/email").expect("an address");
        Staff::new(Web::new(self.url()), self.clock.clone(), StaffId::from(id), email)
    }

    /// Makes an operator who is signed in.
    pub fn operator(&self) -> Staff {
        let email = format!("operator-{}@almoner.example", number());
        let address = Email::parse(&email).unwrap();
        let made = self.console(|scope| invitations::invite_operator(scope, &address, "An Operator"));
        self.accept(&made.secret.expect("a link"));
        Staff::operator(Web::new(self.url()), self.clock.clone(), &email)
    }

    /// Accepts the invitation of an operator, and returns them.
    pub fn operator_of(&self, invited: &Answer, email: &str) -> Staff {
        self.accept(invited.text("/link/token").expect("a link"));
        Staff::operator(Web::new(self.url()), self.clock.clone(), email)
    }

    /// Accepts an invitation with everybody's password and authenticator.
    pub fn accept(&self, token: &str) {
        static HASH: OnceLock<String> = OnceLock::new();
        let hash = HASH.get_or_init(|| hash_password(PasswordCost::Cheap, PASSWORD).expect("a hash"));
        authenticator().accept(&self.store, token, hash).expect("the link serves");
    }

    pub(crate) fn console<R>(&self, f: impl FnOnce(&mut OperatorScope<'_>) -> Result<R, StoreError>) -> R {
        self.store.console(f).expect("provisioning")
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

pub(crate) fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a well-formed fixture")
}

fn new_practice(slug: &str) -> Value {
    json!({
        "slug": slug, "name": format!("Practice {slug}"), "districts": ["SY1", "SY2"], "capacity": 100,
        "complaints_procedure": "Tell any of us.", "advocacy": "Independent Advocacy, 01743 000000",
    })
}

pub(crate) fn merge(target: &mut Value, changes: Value) {
    if let (Value::Object(target), Value::Object(changes)) = (target, changes) {
        target.extend(changes);
    }
}

/// Returns a number that no other test of this run has.
pub(crate) fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(100_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The directory in which the tests of this process store documents, which the next run of all tests removes.
fn documents_directory() -> PathBuf {
    crate::log::directory().join(format!("{}.documents", std::process::id()))
}

fn settings() -> Settings {
    let ample = Quota::parse("1000000/1000000").expect("a quota");
    Settings {
        public_url: "http://almoner.test".to_owned(),
        body_limit: 256 * 1024,
        request_timeout: Duration::from_secs(15),
        access_token: Duration::from_mins(10),
        sessions: SessionLimits { absolute: TimeDelta::hours(12), idle: TimeDelta::minutes(30) },
        shutdown: Duration::from_secs(1),
        password_cost: PasswordCost::Cheap,
        quotas: Quotas { member: ample, client: ample, tenant: ample, public: ample, sign_in: ample },
        trusted_proxies: Vec::new(),
        cors_origins: Vec::new(),
        allow_private_providers: false,
        documents: Objects::in_directory(&documents_directory()),
    }
}

fn app_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| postgres::url_as("almoner_app", postgres::shared()))
}
