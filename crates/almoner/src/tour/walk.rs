//! The walk: from a council's referral to the outcome that the council reads.

use almoner_domain::events::TimelineKind;
use almoner_domain::words::nhs_number::NhsNumber;
use almoner_persistence::random;
use chrono::{Months, NaiveDate};
use serde_json::{Value, json};

use super::callers::{Callers, Seen, Staff, Stop, System};
use super::report::Report;
use crate::logins::Logins;
use crate::web::Web;

pub(super) const SEVERN: &str = "severn-social-work";
pub(super) const COUNCIL: System = System { name: "Shropshire's referral system", key: "COUNCIL_E06000051" };
pub(super) const WORKER: Staff = Staff { name: "Social worker", practice: SEVERN, login: "social-worker" };
pub(super) const LINE_MANAGER: Staff = Staff { name: "The worker's line manager", practice: SEVERN, login: "manager" };
pub(super) const DIRECTOR: Staff = Staff { name: "Director", practice: SEVERN, login: "director" };
const SECOND_MANAGER: Staff = Staff { name: "Second manager", practice: SEVERN, login: "second-manager" };

/// Something that one step makes or finds and later ones need.
pub(super) struct Thing {
    what: &'static str,
    id: Option<String>,
}

impl Thing {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, id: None }
    }

    pub(super) fn set(&mut self, id: String) {
        self.id = Some(id);
    }

    pub(super) fn get(&self) -> Result<&str, Stop> {
        self.id.as_deref().ok_or_else(|| Stop::new(format!("an earlier step should have told {}", self.what)))
    }
}

/// The walk, with what is known so far.
pub(super) struct Walk<'a> {
    report: &'a Report,
    pub(super) callers: Callers<'a>,
    pub(super) person: Person,
    /// The council's own identifier of its request.
    pub(super) request: Thing,
    /// The practice's identifier of the same.
    pub(super) referral: Thing,
    pub(super) service_user: Thing,
    pub(super) case: Thing,
    pub(super) worker_name: Thing,
    pub(super) complaint: Thing,
    pub(super) complaint_reference: Thing,
    pub(super) access_code: Thing,
    pub(super) before: Vec<(String, super::complaint::Sight)>,
}

type Step<'a> = fn(&mut Walk<'a>) -> Result<(), Stop>;

impl<'a> Walk<'a> {
    /// A walk with a person of its own, so that it can be taken again and again.
    pub(super) fn new(web: &'a Web, report: &'a Report, logins: &'a Logins, today: NaiveDate) -> Self {
        Self {
            report,
            callers: Callers::new(web, report, logins),
            person: Person::new(today),
            request: Thing::new("the council's referral"),
            referral: Thing::new("the referral at the practice"),
            service_user: Thing::new("the person's record"),
            case: Thing::new("the case"),
            worker_name: Thing::new("the worker's name"),
            complaint: Thing::new("the complaint"),
            complaint_reference: Thing::new("the complaint's reference"),
            access_code: Thing::new("the complaint's access code"),
            before: Vec::new(),
        }
    }

    /// Takes every step. One that cannot go on is a check that failed, and the next one tries.
    pub(super) fn run(&mut self) {
        let steps: [(&str, Step<'a>); 12] = [
            ("Anyone looks up who serves a postcode, and how to complain", Self::look_up),
            ("The operator sees the practices, and nobody's record", Self::operate),
            ("A council refers somebody", Self::refer),
            ("The practice accepts, and gives the case to a worker", Self::accept),
            ("The worker writes a note", Self::write_note),
            ("The worker asks to close the case; a second person agrees", Self::close),
            ("The council reads the outcome", Self::read_outcome),
            ("What the worker and the worker's managers see before any complaint", Self::look_before),
            ("The person complains about the worker, through a partner app", Self::complain),
            ("The worker complained about sees nothing; nor do the worker's managers", Self::look_again),
            ("The complaints manager acknowledges the complaint", Self::acknowledge),
            ("Another practice and another council are told 404 throughout", Self::look_from_elsewhere),
        ];
        for (title, step) in steps {
            self.report.step(title);
            if let Err(stop) = step(self) {
                self.report.check(false, || format!("this step goes no further: {stop}"));
            }
        }
    }

    fn look_up(&mut self) -> Result<(), Stop> {
        let anyone = self.callers.anyone();
        let found = anyone.get("/v1/public/practices?postcode=SY1%201AA").answers(200)?;
        let items = found.answer.body["items"].as_array().cloned().unwrap_or_default();
        for practice in &items {
            let free = format!("{} free places", practice["free_places"]);
            found.tell(practice["slug"].as_str().unwrap_or_default(), free);
        }
        found
            .check(items.iter().any(|practice| practice["slug"] == SEVERN), || format!("expected {SEVERN} among them"));
        let procedure = anyone.get(format!("/v1/public/practices/{SEVERN}/complaints-procedure")).answers(200)?;
        procedure.show("/procedure").show("/advocacy");
        procedure.take("/procedure").map(drop)
    }

    fn operate(&mut self) -> Result<(), Stop> {
        let operator = self.callers.operator()?;
        let practices = operator.get("/v1/operator/practices").answers(200)?;
        for practice in practices.answer.body["items"].as_array().into_iter().flatten() {
            let places = format!("{} of {} places taken", practice["places_taken"], practice["capacity"]);
            practices.tell(practice["slug"].as_str().unwrap_or_default(), places);
        }
        practices.check(practices.count("/items") > 0, || "expected practices".to_owned());
        let refused = operator.get("/v1/practice/cases").answers(401)?;
        refused.show("/title");
        Ok(())
    }

    fn refer(&mut self) -> Result<(), Stop> {
        let council = self.callers.system(COUNCIL)?;
        let message = self.person.message();
        let post = |message: &Value, status| council.post("/v1/council/referrals").content(message).answers(status);

        let sent = post(&message, 201)?;
        sent.words(&format!("refers {}, NHS number {}", self.person.name(), self.person.nhs_number.spaced()));
        sent.show("/council_reference")
            .is("/status", "received")
            .is("/practice/slug", SEVERN)
            .is("/routing/strategy", "choice");
        sent.show("/routing/explanation").show("/respond_by");
        let id = sent.take("/id")?;
        self.request.set(id.clone());

        post(&message, 200)?.words("the same message again is the same referral").is("/id", id);

        let mut changed = message.clone();
        changed["reason"] = "Something else altogether.".into();
        post(&changed, 409)?.words("other content under the same reference").is("/type", "/problems/reference-taken");

        let mut misspelt = message;
        if let Some(person) = misspelt["person"].as_object_mut() {
            let born = person.remove("date_of_birth").unwrap_or_default();
            person.insert("date_of_brith".to_owned(), born);
        }
        let refused = post(&misspelt, 422)?;
        refused.words("a misspelt member is not lost in silence").is("/errors/0/pointer", "/person/date_of_brith");
        refused.show("/errors/0/detail");
        Ok(())
    }

    fn accept(&mut self) -> Result<(), Stop> {
        let worker = self.callers.staff(WORKER)?;
        let name = self.person.name();
        let waiting = worker.find("/v1/practice/referrals", |referral| referral["person"] == name.as_str())?;
        let waiting = waiting.ok_or_else(|| Stop::new(format!("{name} is not in the inbox")))?;
        let id = waiting["id"].as_str().unwrap_or_default().to_owned();
        self.referral.set(id.clone());

        let read = worker.get(format!("/v1/practice/referrals/{id}")).answers(200)?;
        read.is("/message/council_reference", self.person.council_reference.as_str());
        read.is("/message/person/nhs_number", self.person.nhs_number.as_str()).show("/message/reason");
        let alike = read.answer.body["likely_matches"].as_array().into_iter().flatten();
        let alike: Vec<&str> = alike.filter_map(|one| one["service_user"]["name"].as_str()).collect();
        read.tell("likely_matches", alike);
        let etag = read.etag()?;

        let path = format!("/v1/practice/referrals/{id}/accept");
        let reason = "Has room, and works in the district.";
        let how = json!({ "priority": "routine", "allocate": { "staff_id": worker.staff_id()?, "reason": reason } });
        let key = random::secret();
        let accept = || worker.post(&*path).if_match(&etag).header("idempotency-key", &key).content(&how);
        let accepted = accept().answers(200)?;
        accepted.is("/status", "accepted").show("/service_user_id").show("/case_id");
        self.service_user.set(accepted.take("/service_user_id")?);
        self.case.set(accepted.take("/case_id")?);

        let again = accept().answers(200)?;
        again.words("the same request again, with the same Idempotency-Key: done once");
        replayed(&again).is("/case_id", self.case.get()?);

        let late = worker.post(&*path).if_match(&etag).once().content(&how).answers(412)?;
        late.words("a request of somebody who read it before it changed").show("/title");

        let case = worker.get(format!("/v1/practice/cases/{}", self.case.get()?)).answers(200)?;
        case.is("/status", "open").is("/allocated_to/id", worker.staff_id()?).show("/allocated_to/name");
        self.worker_name.set(case.take("/allocated_to/name")?);
        Ok(())
    }

    fn write_note(&mut self) -> Result<(), Stop> {
        let worker = self.callers.staff(WORKER)?;
        let case = self.case.get()?;
        let text = "Saw the person at home. Wants to go on cooking, and to get to the shops again.";
        let path = format!("/v1/practice/cases/{case}/notes");
        let note = worker.post(path).once().content(&json!({ "kind": "visit", "text": text })).answers(201)?;
        note.is("/text", text).is("/author/name", self.worker_name.get()?);

        let timeline = worker.get(format!("/v1/practice/cases/{case}/timeline")).answers(200)?;
        happened(&timeline, &[TimelineKind::Opened, TimelineKind::Allocated, TimelineKind::NoteWritten]);

        let caseload = worker.get("/v1/practice/caseload").answers(200)?;
        caseload.show("/open").show("/waiting");
        let cases = caseload.answer.body["cases"].as_array();
        let in_hand = cases.is_some_and(|cases| cases.iter().any(|one| one["id"] == case));
        caseload.check(in_hand, || "expected the case in the worker's caseload".to_owned());
        Ok(())
    }

    fn close(&mut self) -> Result<(), Stop> {
        let worker = self.callers.staff(WORKER)?;
        let case = format!("/v1/practice/cases/{}", self.case.get()?);
        let etag = worker.get(&*case).answers(200)?.etag()?;
        let request = json!({
            "ground": "work_complete",
            "reason": "The assessment is done and the plan is in place; nothing further was asked for.",
            "outcome": OUTCOME,
        });
        let asked = worker.post(format!("{case}/close")).if_match(&etag).once().content(&request).answers(200)?;
        asked.is("/status", "closing").is("/ground", "work_complete");

        let id = self.case.get()?;
        let list = "/v1/practice/countersignatures";
        let line_manager = self.callers.staff(LINE_MANAGER)?;
        let drawn = line_manager.find(list, |asked| asked["case_id"] == id)?;
        self.report.check(drawn.is_none(), || "expected nothing about this case in the line manager's list".to_owned());

        let second_manager = self.callers.staff(SECOND_MANAGER)?;
        let drawn = second_manager.find(list, |asked| asked["case_id"] == id)?;
        let drawn = drawn.ok_or_else(|| Stop::new("the second manager was not asked"))?;
        let path = format!("{list}/{}", drawn["id"].as_str().unwrap_or_default());
        let asked = second_manager.get(&*path).answers(200)?;
        asked.is("/status", "waiting").show("/asked_by/name").show("/reason").show("/due_on");
        let answer =
            json!({ "same_had_nobody_complained": true, "evidence": "The assessment and the plan signed with it." });
        let etag = asked.etag()?;
        let approve = format!("{path}/approve");

        line_manager.get(&*path).answers(404)?.words("whoever is in the worker's line is not shown it");
        line_manager.post(&*approve).if_match(&etag).content(&answer).answers(404)?;

        let approved = second_manager.post(&*approve).if_match(&etag).content(&answer).answers(200)?;
        approved.is("/status", "approved");

        let closed = worker.get(&*case).answers(200)?;
        closed.is("/status", "closed").is("/outcome", OUTCOME).show("/closed_at");
        let timeline = worker.get(format!("{case}/timeline")).answers(200)?;
        happened(
            &timeline,
            &[
                TimelineKind::Opened,
                TimelineKind::Allocated,
                TimelineKind::NoteWritten,
                TimelineKind::ClosingAsked,
                TimelineKind::Closed,
            ],
        );
        Ok(())
    }

    fn read_outcome(&mut self) -> Result<(), Stop> {
        let council = self.callers.system(COUNCIL)?;
        let read = council.get(format!("/v1/council/referrals/{}", self.request.get()?)).answers(200)?;
        read.is("/status", "accepted").is("/outcome", OUTCOME).show("/closed_on");
        read.take("/closed_on").map(drop)
    }
}

const OUTCOME: &str = "Continuation of support or services";

/// The answer should be that of the first time.
fn replayed<'s, 'a>(seen: &'s Seen<'a>) -> &'s Seen<'a> {
    let replayed = seen.answer.header("idempotency-replayed").unwrap_or("missing");
    seen.tell("Idempotency-Replayed", replayed).check(replayed == "true", || format!("expected true, got {replayed}"))
}

/// What happened in a case should be this, in this order.
fn happened(timeline: &Seen<'_>, expected: &[TimelineKind]) {
    let expected: Vec<&str> = expected.iter().map(|kind| kind.as_str()).collect();
    let items = timeline.answer.body["items"].as_array().into_iter().flatten();
    let kinds: Vec<&str> = items.filter_map(|item| item["kind"].as_str()).collect();
    timeline.tell("kinds", kinds.join(", "));
    timeline.check(kinds == expected, || format!("expected {}", expected.join(", ")));
}

/// Somebody made up, whom nobody knows yet.
pub(super) struct Person {
    given_name: &'static str,
    family_name: String,
    pub(super) nhs_number: NhsNumber,
    born: NaiveDate,
    council_person_id: String,
    council_reference: String,
    today: NaiveDate,
}

impl Person {
    fn new(today: NaiveDate) -> Self {
        const GIVEN: [&str; 8] = ["Agnes", "Bryony", "Cedric", "Dilys", "Edwin", "Freda", "Gethin", "Hilda"];
        const FIRST: [&str; 8] = ["Ash", "Brock", "Caer", "Dun", "Elm", "Fern", "Gorse", "Hawk"];
        const SECOND: [&str; 8] = ["bourne", "croft", "dale", "field", "hurst", "ley", "moor", "wick"];
        let lot: [u8; 4] = random::bytes();
        let pick = |from: [&'static str; 8], lot: u8| from[usize::from(lot % 8)];
        let family_name = format!("{}{}-", pick(FIRST, lot[1]), pick(SECOND, lot[2]));
        // Letters that no other walk has: the inbox is searched by the name.
        let own: String = random::secret().chars().filter(char::is_ascii_alphabetic).take(5).collect();
        let age = Months::new(12 * (40 + u32::from(lot[3] % 50)));
        Self {
            given_name: pick(GIVEN, lot[0]),
            family_name: family_name + &capitalised(&own),
            nhs_number: nhs_number(),
            born: today.checked_sub_months(age).unwrap_or(today),
            council_person_id: random::reference("SHR"),
            council_reference: random::reference("TOUR"),
            today,
        }
    }

    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// What the council sends about them.
    fn message(&self) -> Value {
        json!({
            "council_reference": self.council_reference,
            "requested_on": self.today,
            "function": "needs_assessment",
            "urgency": "standard",
            "route_of_access": "Community / Other route",
            "reason": "Two falls since the summer, and no longer sure of the stairs. Wants to stay at home.",
            "chosen_practice": SEVERN,
            "consent": { "basis": "consent_given", "recorded_on": self.today },
            "person": {
                "council_person_id": self.council_person_id,
                "nhs_number": self.nhs_number,
                "given_name": self.given_name,
                "family_name": self.family_name,
                "date_of_birth": self.born,
                "address": { "lines": ["12 Castle Street"], "postcode": "SY1 1AA" },
                "preferred_contact": "phone",
                "phone": "07700 900461",
            },
            "referrer": { "name": "Fatima Marsh", "team": "First Point of Contact", "email": "duty@shropshire.example" },
        })
    }

    /// The same person, as a complaint names them.
    pub(super) fn concerned(&self) -> Value {
        json!({
            "given_name": self.given_name,
            "family_name": self.family_name,
            "date_of_birth": self.born,
            "nhs_number": self.nhs_number,
        })
    }
}

fn capitalised(lower: &str) -> String {
    let mut letters = lower.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A number of the range that is kept for tests, with the check digit that belongs to it. One beginning in eleven has none.
fn nhs_number() -> NhsNumber {
    loop {
        let lot = u32::from_le_bytes(random::bytes()) % 1_000_000;
        let fits = (0..10).find_map(|digit| NhsNumber::parse(&format!("999{lot:06}{digit}")).ok());
        if let Some(number) = fits {
            return number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_made_up_has_a_number_kept_for_tests_and_a_name_of_their_own() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let (one, other) = (Person::new(today), Person::new(today));
        assert!(one.nhs_number.as_str().starts_with("999"));
        assert_ne!(one.name(), other.name());
        assert_ne!(one.council_reference, other.council_reference);
    }
}
