//! The scenarios: which request is sent, and what the answer must have.

use std::cell::Cell;
use std::fmt::Write as _;
use std::rc::Rc;

use almoner_domain::events::TimelineKind;
use almoner_domain::people::search_key::SearchKey;
use almoner_domain::words::nhs_number::NhsNumber;
use almoner_persistence::{Clock, random};
use clap::ValueEnum;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{Office, Person, World};

/// How many events the feed of each council has.
pub(crate) const EVENTS: usize = 10_000;

/// How many events a page of it has.
const PAGE: usize = 50;

/// What is done in one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Scenario {
    Caseload,
    Person,
    Name,
    Nhs,
    Timeline,
    Inbox,
    Note,
    Accepted,
    Complaint,
    SignIn,
    /// A page of a council's feed of events.
    Feed,
    /// The referrals of a practice that changed within the last minutes.
    Changed,
    /// A letter of 64 KiB is sent in.
    Upload,
    /// A letter of 64 KiB is given out.
    Download,
    Mixed,
    /// The last: what pgbench replays of it are referrals whose content opens nowhere, and an inbox with them cannot be read.
    Taken,
}

impl Scenario {
    /// What a table calls it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Caseload => "caseload",
            Self::Person => "person",
            Self::Name => "search by name",
            Self::Nhs => "search by NHS number",
            Self::Timeline => "timeline",
            Self::Inbox => "inbox",
            Self::Note => "note written",
            Self::Taken => "referral taken",
            Self::Accepted => "referral accepted",
            Self::Complaint => "complaint lodged",
            Self::SignIn => "sign-in",
            Self::Feed => "page of the feed",
            Self::Changed => "referrals changed since",
            Self::Upload => "document sent in",
            Self::Download => "document given out",
            Self::Mixed => "mixed",
        }
    }

    /// The word by which a peer's own requests name it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Caseload => "caseload",
            Self::Person => "person",
            Self::Name => "name",
            Self::Nhs => "nhs",
            Self::Timeline => "timeline",
            Self::Note => "note",
            Self::Inbox
            | Self::Taken
            | Self::Accepted
            | Self::Complaint
            | Self::SignIn
            | Self::Feed
            | Self::Changed
            | Self::Upload
            | Self::Download
            | Self::Mixed => "",
        }
    }

    /// Why the statements of it cannot be replayed by pgbench, if they cannot.
    pub(crate) fn not_replayed(self) -> Option<&'static str> {
        match self {
            Self::SignIn => Some(
                "a sign-in is the hash of a password, which PostgreSQL does not make; each account has one code in half a minute, and a round ends when all have used theirs",
            ),
            Self::Complaint => Some("what a complaint writes hangs on the answers of its own statements"),
            Self::Accepted => Some("a referral can be accepted once, and a replay would find none that waits"),
            Self::Mixed => Some("it is the sum of the others"),
            Self::Upload | Self::Download => {
                Some("the content of a document is no statement: it is written to a disk and read from it")
            }
            _ => None,
        }
    }
}

/// One request.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// The text that must stand in the answer.
    pub(crate) contains: String,
}

impl Call {
    /// A request that reads. Without a token it has none.
    pub(crate) fn get(path: String, token: &str, contains: &str) -> Self {
        let mut headers = vec![("accept", "application/json".to_owned())];
        if !token.is_empty() {
            headers.push(("authorization", format!("Bearer {token}")));
        }
        Self { method: "GET", path, headers, body: String::new(), contains: contains.to_owned() }
    }

    /// A request with content.
    pub(crate) fn post(path: String, token: &str, content: &Value, contains: &str) -> Self {
        let mut call = Self { method: "POST", body: content.to_string(), ..Self::get(path, token, contains) };
        call.headers.push(("content-type", "application/json".to_owned()));
        call
    }

    /// The same request with an `Idempotency-Key`.
    fn once(mut self, key: Uuid) -> Self {
        self.headers.push(("idempotency-key", key.to_string()));
        self
    }

    /// The same request with a content of this type.
    fn of_type(mut self, media_type: &str) -> Self {
        self.headers.retain(|(name, _)| *name != "content-type");
        self.with("content-type", media_type.to_owned())
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// What is wrong with an answer, if something is.
    pub(crate) fn fault(&self, status: u16, content: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(content);
        if (200..300).contains(&status) && text.contains(&self.contains) {
            return None;
        }
        let shown: String = text.chars().take(300).collect();
        Some(format!("{} {}: {status}, without {:?}: {shown}", self.method, self.path, self.contains))
    }
}

/// Where the requests of a round come from.
pub(crate) trait Source {
    /// The next request; `None` if there are no more.
    fn next(&self) -> Option<Call>;
}

/// The requests of one scenario to Almoner.
pub(crate) struct Requests {
    pub(crate) world: Rc<World>,
    pub(crate) scenario: Scenario,
    pub(crate) count: Cell<usize>,
}

/// The values from which a request was made, for a peer that wants another request.
pub(crate) struct Values<'w> {
    pub(crate) office: &'w Office,
    pub(crate) person: &'w Person,
    pub(crate) key: Uuid,
    pub(crate) text: String,
}

impl Source for Requests {
    fn next(&self) -> Option<Call> {
        let number = self.count.get();
        self.count.set(number + 1);
        self.call(self.scenario, number)
    }
}

impl Requests {
    /// The values of the request with this number. Neighbours in number are far apart in the data.
    pub(crate) fn values(&self, scenario: Scenario, number: usize) -> Option<Values<'_>> {
        let office = &self.world.offices[number % self.world.offices.len()];
        let people = match scenario {
            Scenario::Note => &office.open,
            Scenario::Caseload => &office.caseload,
            _ => &office.people,
        };
        let person = people.get(number.wrapping_mul(7919) % people.len().max(1))?;
        let key = uuid::Builder::from_random_bytes(random::bytes()).into_uuid();
        let text = format!("Rang at the agreed time. The two carers come from Monday; note {key}.");
        Some(Values { office, person, key, text })
    }

    fn call(&self, scenario: Scenario, number: usize) -> Option<Call> {
        let Values { office, person, key, text } = self.values(scenario, number)?;
        let worker = office.worker_token.as_str();
        Some(match scenario {
            Scenario::Person => Call::get(format!("/v1/practice/service-users/{}", person.id), worker, &person.id),
            Scenario::Caseload => Call::get("/v1/practice/caseload".to_owned(), worker, &person.case),
            // A name is shared by several, and the page may end before this one: that there are people on it is what is seen.
            Scenario::Name => search(worker, "name", &person.name, "postcode")
                .with("bench-search-keys", search_keys_of_name(&person.name)),
            Scenario::Nhs => search(worker, "nhs_number", &person.nhs_number, &person.id)
                .with("bench-search-keys", search_keys_of_number(&person.nhs_number)),
            Scenario::Timeline => {
                let path = format!("/v1/practice/cases/{}/timeline", person.case);
                Call::get(path, worker, TimelineKind::NoteWritten.as_str())
            }
            Scenario::Inbox => Call::get("/v1/practice/referrals".to_owned(), &office.manager_token, "items"),
            Scenario::Note => {
                let content = json!({ "kind": "call", "text": text });
                let path = format!("/v1/practice/cases/{}/notes", person.case);
                Call::post(path, worker, &content, &key.to_string()).once(key)
            }
            Scenario::Taken => Call::post(
                "/v1/council/referrals".to_owned(),
                &office.council_token,
                &referral(office, person, key),
                &key.simple().to_string(),
            ),
            Scenario::Accepted => {
                let (office, referral) = self.world.referrals.borrow_mut().pop_front()?;
                let token = &self.world.offices[office].manager_token;
                Call::post(format!("/v1/practice/referrals/{referral}/accept"), token, &json!({}), "case_id")
                    .once(key)
                    .with("if-match", "\"1\"".to_owned())
            }
            Scenario::Complaint => Call::post(
                "/v1/partner/complaints".to_owned(),
                &self.world.partner_token,
                &complaint(office, person),
                "access_code",
            )
            .once(key),
            Scenario::SignIn => self.world.next_sign_in()?,
            Scenario::Feed => {
                let after = number.wrapping_mul(7919) % (EVENTS - PAGE);
                let path = format!("/v1/council/events?after={after}&limit={PAGE}");
                Call::get(path, &office.council_token, &format!("\"number\":{},", after + PAGE))
            }
            Scenario::Changed => {
                let path = format!("/v1/practice/referrals?changed_since={}", self.world.entered_at);
                Call::get(path, &office.manager_token, "changed_at")
            }
            Scenario::Upload => Call {
                body: letter(key),
                ..Call::post(format!("/v1/practice/cases/{}/documents", person.case), worker, &json!({}), "quarantined")
            }
            .once(key)
            .with("content-disposition", "attachment; filename=letter.txt".to_owned())
            .of_type("text/plain"),
            Scenario::Download => {
                let documents = self.world.documents.borrow();
                let (office, document) = documents.get(number % documents.len().max(1))?;
                let token = &self.world.offices[*office].worker_token;
                Call::get(format!("/v1/practice/documents/{document}"), token, LETTER)
            }
            Scenario::Mixed => return self.call(mixed(number / self.world.offices.len()), number),
        })
    }
}

/// What the day of a practice is made of: of twenty requests so many of each.
fn mixed(number: usize) -> Scenario {
    match number % 20 {
        0..8 => Scenario::Person,
        8..11 => Scenario::Caseload,
        11..14 => Scenario::Name,
        14 => Scenario::Nhs,
        15 | 16 => Scenario::Timeline,
        17 => Scenario::Inbox,
        _ => Scenario::Note,
    }
}

/// The line of which a letter is made.
const LETTER: &str = "She has been discharged, and the two carers come from Monday.\n";

/// A letter of 64 KiB.
fn letter(key: Uuid) -> String {
    let mut letter = format!("{key}\n");
    while letter.len() < 64 * 1024 {
        letter.push_str(LETTER);
    }
    letter
}

fn search(token: &str, member: &str, value: &str, contains: &str) -> Call {
    let mut content = json!({});
    content[member] = value.into();
    Call::post("/v1/practice/service-users/search".to_owned(), token, &content, contains)
}

/// The search keys of every word of a name, for a peer without a library of sounds.
fn search_keys_of_name(name: &str) -> String {
    let keys: Vec<Vec<String>> =
        SearchKey::of_name(name, true).iter().map(|any| any.iter().map(SearchKey::text).collect()).collect();
    ascii_json(&json!(keys))
}

fn search_keys_of_number(number: &str) -> String {
    let keys: Vec<String> =
        NhsNumber::parse(number).into_iter().map(|number| SearchKey::NhsNumber(number).text()).collect();
    ascii_json(&json!([keys]))
}

/// JSON that may stand in a header: every other character is escaped.
pub(crate) fn ascii_json(value: &Value) -> String {
    let mut text = String::new();
    for unit in value.to_string().encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => text.push(char::from(byte)),
            // Writing to a `String` cannot fail.
            _ => drop(write!(text, "\\u{unit:04x}")),
        }
    }
    text
}

fn referral(office: &Office, person: &Person, key: Uuid) -> Value {
    let today = Clock::new().now().date_naive();
    json!({
        "council_reference": key.simple().to_string(),
        "requested_on": today,
        "function": "needs_assessment",
        "urgency": "standard",
        "route_of_access": "Community / Other route",
        "reason": "Has fallen twice this month and no longer goes upstairs.",
        "chosen_practice": office.slug,
        "consent": { "basis": "consent_given", "recorded_on": today },
        "person": {
            "council_person_id": key.simple().to_string(),
            "family_name": person.name.split(' ').next_back(),
            "date_of_birth": "1941-03-08",
            "nhs_number": person.nhs_number,
        },
        "referrer": { "name": "Duty desk", "team": "First Point of Contact", "phone": "07700 900733" },
    })
}

fn complaint(office: &Office, person: &Person) -> Value {
    json!({
        "practice": office.slug,
        "narrative": "Three visits were cancelled and nobody rang.",
        "wants": "An apology, and visits that happen.",
        "complainant": { "name": person.name, "basis": "recipient" },
        "person": { "family_name": person.name.split(' ').next_back(), "nhs_number": person.nhs_number },
        "danger": { "now": "no" },
    })
}
