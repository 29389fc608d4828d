//! The data that is measured, as `almoner demo-data` printed it, and the tokens of those who call.

use std::cell::RefCell;
use std::collections::VecDeque;

use almoner_demo::Authenticator;
use almoner_persistence::Clock;
use almoner_persistence::access::second_factor::Factor;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Failure;
use crate::load::Connection;
use crate::scenario::Call;

/// What `almoner demo-data` printed.
#[derive(Deserialize)]
pub(crate) struct Printed {
    password: String,
    totp_secret: String,
    councils: Vec<Client>,
    partner: Client,
    pub(crate) practices: Vec<Practice>,
}

#[derive(Deserialize)]
struct Client {
    council: String,
    #[serde(rename = "client_id")]
    id: String,
    #[serde(rename = "client_secret")]
    secret: String,
}

/// A practice, with some of its people.
#[derive(Deserialize)]
pub(crate) struct Practice {
    pub(crate) id: String,
    pub(crate) slug: String,
    council: String,
    manager: String,
    records_officer: String,
    workers: Vec<String>,
    pub(crate) people: Vec<Person>,
}

/// A person of the practice, with their case.
#[derive(Clone, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) nhs_number: String,
    pub(crate) case: String,
    pub(crate) open: bool,
    worker: String,
}

/// The tokens of one practice's callers, and its people.
pub(crate) struct Office {
    pub(crate) slug: String,
    pub(crate) practice: String,
    pub(crate) council_token: String,
    pub(crate) manager_token: String,
    /// The e-mail address of the records officer.
    records_officer: String,
    pub(crate) worker_token: String,
    pub(crate) people: Vec<Person>,
    /// The people whose case is open.
    pub(crate) open: Vec<Person>,
    /// The cases of the worker who calls.
    pub(crate) caseload: Vec<Person>,
}

/// Everything that the requests are made from.
pub(crate) struct World {
    pub(crate) offices: Vec<Office>,
    pub(crate) partner_token: String,
    pub(crate) password: String,
    authenticator: Authenticator,
    clock: Clock,
    /// The moment at which they signed in, as a query has it.
    pub(crate) entered_at: String,
    /// The accounts that sign in, in turn.
    accounts: RefCell<VecDeque<String>>,
    /// The referrals that can be accepted: the index of the office, and the identifier.
    pub(crate) referrals: RefCell<VecDeque<(usize, String)>>,
    /// The documents that can be given out: the index of the office, and the identifier.
    pub(crate) documents: RefCell<Vec<(usize, String)>>,
}

impl World {
    /// Signs in a worker and the manager of every practice, and the councils' systems.
    pub(crate) async fn enter(printed: Printed, port: u16) -> Result<Self, Failure> {
        let mut connection = Connection::open(port).await?;
        let authenticator = Authenticator::new(&printed.totp_secret).ok_or("the authenticator's secret")?;
        let clock = Clock::new();
        let entered_at = clock.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut offices = Vec::new();
        let mut accounts = VecDeque::new();
        let partner_token = client_token(&mut connection, &printed.partner).await?;
        for practice in printed.practices {
            let council = printed.councils.iter().find(|council| council.council == practice.council);
            let council = council.ok_or("a practice without a council")?;
            let council_token = client_token(&mut connection, council).await?;
            let open: Vec<Person> = practice.people.iter().filter(|person| person.open).cloned().collect();
            // A worker of whose cases some are among the people.
            let worker = open.first().ok_or("a practice without an open case")?.worker.clone();
            let caseload = open.iter().filter(|person| person.worker == worker).cloned().collect();
            let manager_token =
                sign_in(&mut connection, &authenticator, &clock, &practice.manager, &printed.password).await?;
            let worker_token = sign_in(&mut connection, &authenticator, &clock, &worker, &printed.password).await?;
            accounts.extend(practice.workers.into_iter().filter(|email| *email != worker));
            offices.push(Office {
                slug: practice.slug,
                practice: practice.id,
                council_token,
                manager_token,
                records_officer: practice.records_officer,
                worker_token,
                people: practice.people,
                open,
                caseload,
            });
        }
        Ok(Self {
            offices,
            partner_token,
            password: printed.password,
            authenticator,
            clock,
            entered_at,
            accounts: RefCell::new(accounts),
            referrals: RefCell::default(),
            documents: RefCell::default(),
        })
    }

    /// The request with which the next account signs in; `None` once each has used the code of this moment.
    pub(crate) fn next_sign_in(&self) -> Option<Call> {
        let mut accounts = self.accounts.borrow_mut();
        for _ in 0..accounts.len() {
            let email = accounts.pop_front()?;
            let factor = self.authenticator.factor(&email, self.clock.now());
            let call = match factor {
                // A recovery code is worth more than a measurement.
                Some(Factor::RecoveryCode(_)) | None => None,
                code => sign_in_call(&email, &self.password, code),
            };
            accounts.push_back(email);
            if call.is_some() {
                return call;
            }
        }
        None
    }

    /// Signs in the records officer of a practice.
    pub(crate) async fn records_token(&self, office: &Office, port: u16) -> Result<String, Failure> {
        let mut connection = Connection::open(port).await?;
        sign_in(&mut connection, &self.authenticator, &self.clock, &office.records_officer, &self.password).await
    }

    /// Looks up the referrals that wait in every inbox.
    pub(crate) async fn look_into_inboxes(&self, port: u16) -> Result<(), Failure> {
        let mut connection = Connection::open(port).await?;
        self.referrals.borrow_mut().clear();
        for (index, office) in self.offices.iter().enumerate() {
            let mut cursor = String::new();
            loop {
                let path = format!("/v1/practice/referrals?limit=200{cursor}");
                let content = connection.expect(&Call::get(path, &office.manager_token, "items")).await?;
                let page: Value = serde_json::from_slice(&content)?;
                let ids = page["items"].as_array().into_iter().flatten();
                let ids = ids.filter_map(|item| item["id"].as_str()).map(|id| (index, id.to_owned()));
                self.referrals.borrow_mut().extend(ids);
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
        }
        Ok(())
    }
}

/// Signs in a member of staff. The code of this moment may have been used when the data was made; the next one is not.
async fn sign_in(
    connection: &mut Connection,
    authenticator: &Authenticator,
    clock: &Clock,
    email: &str,
    password: &str,
) -> Result<String, Failure> {
    let mut last: Failure = "no code is left".into();
    while let Some(call) = sign_in_call(email, password, authenticator.factor(email, clock.now())) {
        match connection.expect(&call).await {
            Ok(content) => return text(&content, "/access_token"),
            Err(failure) => last = failure,
        }
    }
    Err(last)
}

fn sign_in_call(email: &str, password: &str, factor: Option<Factor>) -> Option<Call> {
    let mut content = json!({ "email": email, "password": password });
    match factor? {
        Factor::Code(code) => content["code"] = code.into(),
        Factor::RecoveryCode(code) => content["recovery_code"] = code.into(),
    }
    Some(Call::post("/v1/practice/sessions".to_owned(), "", &content, "access_token"))
}

async fn client_token(connection: &mut Connection, client: &Client) -> Result<String, Failure> {
    let call = Call {
        headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
        body: format!("grant_type=client_credentials&client_id={}&client_secret={}", client.id, client.secret),
        ..Call::post("/oauth/token".to_owned(), "", &Value::Null, "access_token")
    };
    text(&connection.expect(&call).await?, "/access_token")
}

fn text(content: &[u8], pointer: &str) -> Result<String, Failure> {
    let content: Value = serde_json::from_slice(content)?;
    let found = content.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("{pointer} is not in the answer").into())
}
