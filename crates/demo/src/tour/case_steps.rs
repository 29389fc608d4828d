//! The steps of the tour about a case: from a council's referral to the outcome that the council reads.

use almoner_domain::events::TimelineKind;
use almoner_persistence::random;
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::callers::{Caller, Callers, Staff, StepFailure, System};
use super::complaint_steps::Snapshot;
use super::report::Report;
use super::requests::CheckedAnswer;
use super::sample_person::SamplePerson;
use super::shared::Shared;
use crate::logins::Logins;
use crate::web::{Answer, Web};

pub(super) const SEVERN: &str = "severn-social-work";
pub(super) const COUNCIL: System = System { name: "Shropshire's referral system", key: "COUNCIL_E06000051" };
pub(super) const WORKER: Staff = Staff { name: "Social worker", practice: SEVERN, login: "social-worker" };
pub(super) const LINE_MANAGER: Staff = Staff { name: "The worker's line manager", practice: SEVERN, login: "manager" };
pub(super) const DIRECTOR: Staff = Staff { name: "Director", practice: SEVERN, login: "director" };
pub(super) const SECOND_MANAGER: Staff = Staff { name: "Second manager", practice: SEVERN, login: "second-manager" };

/// The tour, with the texts that its steps have found so far.
pub(super) struct Tour<'a> {
    pub(super) report: &'a Report,
    pub(super) callers: Callers<'a>,
    pub(super) person: SamplePerson,
    /// The council's id of the referral.
    pub(super) request: Shared,
    /// The practice's id of the same referral.
    pub(super) referral: Shared,
    pub(super) service_user: Shared,
    pub(super) case: Shared,
    pub(super) worker_name: Shared,
    /// The council's id of the later referral of the same person.
    pub(super) later_request: Shared,
    /// The practice's id of the later referral.
    pub(super) later_referral: Shared,
    pub(super) later_case: Shared,
    pub(super) complaint: Shared,
    pub(super) complaint_reference: Shared,
    pub(super) complaint_received_at: Shared,
    /// The officer who opened the complaint.
    pub(super) complaint_officer: Option<Caller<'a>>,
    pub(super) access_code: Shared,
    /// The answers that the worker and their managers got before the complaint, each by the caller and the path.
    pub(super) before_complaint: Vec<(String, Snapshot)>,
}

type Step<'a> = fn(&mut Tour<'a>) -> Result<(), StepFailure>;

impl<'a> Tour<'a> {
    /// Prepares a tour with a person whom no other tour has, so that it can be taken again and again.
    pub(super) fn new(web: &'a Web, report: &'a Report, logins: &'a Logins, today: NaiveDate) -> Self {
        Self {
            report,
            callers: Callers::new(web, report, logins),
            person: SamplePerson::new(today),
            request: Shared::new("the council's referral"),
            referral: Shared::new("the referral at the practice"),
            service_user: Shared::new("the person's record"),
            case: Shared::new("the case"),
            worker_name: Shared::new("the worker's name"),
            later_request: Shared::new("the council's later referral"),
            later_referral: Shared::new("the later referral at the practice"),
            later_case: Shared::new("the case of the later referral"),
            complaint: Shared::new("the complaint"),
            complaint_reference: Shared::new("the complaint's reference"),
            complaint_received_at: Shared::new("when the complaint arrived"),
            complaint_officer: None,
            access_code: Shared::new("the complaint's access code"),
            before_complaint: Vec::new(),
        }
    }

    /// Takes every step. A step that cannot go on counts as a failed check, and the next step is taken.
    pub(super) fn run(&mut self) {
        for (index, (title, shows, step)) in Self::STEPS.into_iter().enumerate() {
            self.report.step(index + 1, title, shows);
            if let Err(failure) = step(self) {
                self.report.check(false, || format!("this step goes no further: {failure}"));
            }
        }
    }

    /// The steps, each with its title and the property that it shows.
    const STEPS: [(&'static str, &'static str, Step<'a>); 21] = [
        (
            "Anyone looks up which practices serve a postcode, and how to complain",
            "This door asks for no token: a person can choose a practice before anybody refers them, and can learn how to \
             complain without asking the people whom the complaint is about.",
            Self::look_up,
        ),
        (
            "The operator sees the practices, and nobody's record",
            "The operator runs the service. The operator's token opens the list of practices, and is refused where people's \
             records are.",
            Self::operate,
        ),
        (
            "A council refers somebody",
            "The council's system is told at once where the referral went, and why. Its own reference makes a repetition \
             harmless, and a misspelt member is refused by its name instead of being lost.",
            Self::refer,
        ),
        (
            "The practice accepts the referral and allocates the case",
            "Accepting opens the person's record and a case. A repeated request is carried out once, and a request about an \
             old version changes nothing.",
            Self::accept,
        ),
        (
            "The worker writes a note",
            "The note is on the case's timeline, and the case is in the worker's caseload.",
            Self::write_note,
        ),
        (
            "The worker sends in the ward's letter, which is read once it has been scanned",
            "The content of a document shows what it is: a letter that is called a picture is refused. Until the scanner has \
             found it clean, only its sender sees that it is there, and nobody is given it.",
            Self::send_letter,
        ),
        (
            "The worker asks to close the case, and a second person agrees",
            "The second person is drawn from the managers outside the worker's line of management. To the worker's own \
             manager the request does not exist.",
            Self::close,
        ),
        (
            "The council reads the outcome",
            "The council sees on its own referral that the case is closed, when, and with which outcome.",
            Self::read_outcome,
        ),
        (
            "An officer of the council looks at the referral, and it is on record on both sides",
            "What a council decides, a named officer decides in a session of their own. What they read about somebody is in the \
             council's log and in the practice's.",
            Self::look_in_as_an_officer,
        ),
        (
            "A ward's referral cannot wait, and goes ahead of the others",
            "On a Friday at 16:40 nobody at the practice looks before Monday. So the council is told at once by when a human \
             looks, and whom to ring if nobody looks today. What is true depends on when you take this tour, and each check \
             follows from the times in the answer.",
            Self::discharge,
        ),
        (
            "The worker accepts a referral by mistake, and takes it back",
            "The person was known. An acceptance can be undone within an hour, as if it had not been: what it opened is \
             removed, and the referral waits as before.",
            Self::undo,
        ),
        (
            "A known person has another name: the record takes it over detail by detail",
            "What a council says of a person it knows better overwrites nothing. Each detail is taken over, kept or asked \
             about, by a person, and the history says who said what, and from when.",
            Self::take_over,
        ),
        (
            "The second manager is away, and a colleague acts as a manager",
            "One person gives the power, another confirms it, and it ends by its day. The acting manager then decides on a \
             closing as a manager does.",
            Self::stand_in,
        ),
        (
            "The worker, the line manager and the director look, before any complaint",
            "The tour reads everything in which a complaint could leave a trace, and keeps the answers to compare them with \
             those of step 15.",
            Self::look_before,
        ),
        (
            "The person complains about the worker, through a partner app",
            "The complaint is confidential, and the council's from the first byte on. The person follows it with an access code \
             that is shown once; without the code the complaint does not exist.",
            Self::complain,
        ),
        (
            "The worker complained about sees nothing; nor does anybody else at the practice",
            "The practice's door has no way to a complaint. Everything of step 14 is read again. Each answer has to be the same to the letter, as if nobody had complained.",
            Self::look_again,
        ),
        (
            "An officer of the council is offered the complaint, opens it, and acknowledges it",
            "It is offered, unopened, to one officer who is not barred. The complainant's name is opened only for a reason, which \
             the complainant can read.",
            Self::open_complaint,
        ),
        (
            "The officer gives the complaint to a handler at the practice, by name",
            "Nobody is let in by a role. The handler reads what is assigned to them, and of the messages what the officer passes on. \
             The person complained about cannot come in.",
            Self::give_to_a_handler,
        ),
        (
            "The handler agrees with the person how the complaint is looked into, and looks into it",
            "The plan, the heads, what was found on each, a draft. Whoever is complained about is heard as a guest, and never has the \
             whole.",
            Self::look_into_it,
        ),
        (
            "The responsible person signs the response, and the complaint is closed",
            "An incomplete response is refused, with each missing part (SI 2009/309 reg 14(2)). Neither the complaints officer nor the \
             practice signs.",
            Self::answer_complaint,
        ),
        (
            "Another practice and another council are told 404 throughout",
            "To other tenants none of this exists: 404 is also the answer for an id that was never given.",
            Self::look_from_elsewhere,
        ),
    ];

    fn look_up(&mut self) -> Result<(), StepFailure> {
        let anyone = self.callers.anyone();
        let found = anyone.get("/v1/public/practices?postcode=SY1%201AA").answers(200)?;
        let items = found.answer.body["items"].as_array().cloned().unwrap_or_default();
        for practice in &items {
            let free = format!("{} free capacity", practice["free_capacity"]);
            found.tell(practice["slug"].as_str().unwrap_or_default(), free);
        }
        found
            .check(items.iter().any(|practice| practice["slug"] == SEVERN), || format!("expected {SEVERN} among them"));
        let procedure = anyone.get(format!("/v1/public/practices/{SEVERN}/complaints-procedure")).answers(200)?;
        procedure.show("/procedure").show("/advocacy").show("/councils/0/contact/address");
        procedure.take("/procedure").and(procedure.take("/councils/0/contact/website")).map(drop)
    }

    fn operate(&mut self) -> Result<(), StepFailure> {
        let operator = self.callers.operator()?;
        let practices = operator.get("/v1/operator/practices").answers(200)?;
        for practice in practices.answer.body["items"].as_array().into_iter().flatten() {
            let capacity = format!("{} of {} reserved", practice["capacity_reserved"], practice["capacity"]);
            practices.tell(practice["slug"].as_str().unwrap_or_default(), capacity);
        }
        practices.check(practices.count("/items") > 0, || "expected practices".to_owned());
        let refused = operator.get("/v1/practice/cases").answers(401)?;
        refused.show("/title");
        Ok(())
    }

    fn refer(&mut self) -> Result<(), StepFailure> {
        let council = self.callers.system(COUNCIL)?;
        let message = self.person.referral(SEVERN);
        let post = |message: &Value, status| council.post("/v1/council/referrals").content(message).answers(status);

        let sent = post(&message, 201)?;
        sent.remark(&format!(
            "The council refers {}, NHS number {}.",
            self.person.name(),
            self.person.nhs_number.spaced()
        ));
        sent.show("/council_reference")
            .is("/status", "received")
            .is("/practice/slug", SEVERN)
            .is("/routing/strategy", "choice");
        sent.show("/routing/explanation").show("/response_due_on");
        let id = sent.take("/id")?;
        self.request.set(id.clone());

        post(&message, 200)?.remark("The same message again is the same referral.").is("/id", id);

        let mut changed = message.clone();
        changed["reason"] = "Something else altogether.".into();
        post(&changed, 409)?
            .remark("Other content under the same reference is refused.")
            .is("/type", "/problems/reference-already-used");

        let mut misspelt = message;
        if let Some(person) = misspelt["person"].as_object_mut() {
            let born = person.remove("date_of_birth").unwrap_or_default();
            person.insert("date_of_brith".to_owned(), born);
        }
        let refused = post(&misspelt, 422)?;
        refused.remark("A misspelt member is refused, not lost.").is("/errors/0/pointer", "/person/date_of_brith");
        refused.show("/errors/0/detail");
        Ok(())
    }

    fn accept(&mut self) -> Result<(), StepFailure> {
        let worker = self.callers.staff(WORKER)?;
        let name = self.person.name();
        let waiting = worker.find("/v1/practice/referrals", |referral| referral["person"] == name.as_str())?;
        let waiting = waiting.ok_or_else(|| StepFailure::new(format!("{name} is not in the inbox")))?;
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
        again.remark("The same request with the same Idempotency-Key gets the stored answer.");
        replayed(&again).is("/case_id", self.case.get()?);

        let late = worker.post(&*path).if_match(&etag).idempotent().content(&how).answers(412)?;
        late.remark("A request with the version from before the change is refused.").show("/title");

        let case = worker.get(format!("/v1/practice/cases/{}", self.case.get()?)).answers(200)?;
        case.is("/status", "open").is("/allocated_to/id", worker.staff_id()?).show("/allocated_to/name");
        self.worker_name.set(case.take("/allocated_to/name")?);
        Ok(())
    }

    fn write_note(&mut self) -> Result<(), StepFailure> {
        let worker = self.callers.staff(WORKER)?;
        let case = self.case.get()?;
        let text = "Saw the person at home. Wants to go on cooking, and to get to the shops again.";
        let path = format!("/v1/practice/cases/{case}/notes");
        let note = worker.post(path).idempotent().content(&json!({ "kind": "visit", "text": text })).answers(201)?;
        note.is("/text", text).is("/author/name", self.worker_name.get()?);

        let timeline = worker.get(format!("/v1/practice/cases/{case}/timeline")).answers(200)?;
        check_timeline(&timeline, &[TimelineKind::Opened, TimelineKind::Allocated, TimelineKind::NoteWritten]);

        let caseload = worker.get("/v1/practice/caseload").answers(200)?;
        caseload.show("/open").show("/waiting");
        let cases = caseload.answer.body["cases"].as_array();
        let in_hand = cases.is_some_and(|cases| cases.iter().any(|one| one["id"] == case));
        caseload.check(in_hand, || "expected the case in the worker's caseload".to_owned());
        Ok(())
    }

    fn send_letter(&mut self) -> Result<(), StepFailure> {
        let (worker, manager) = (self.callers.staff(WORKER)?, self.callers.staff(LINE_MANAGER)?);
        let path = format!("/v1/practice/cases/{}/documents", self.case.get()?);
        let letter = b"Dear colleague,\nshe goes home on Friday, and would like a rail at the front door.\nWard 7";
        let named = ("content-disposition", "attachment; filename=\"Letter from the ward.txt\"");
        let send = |media_type| worker.post(&*path).idempotent().header(named.0, named.1).file(media_type, letter);
        let refused = send("image/png").answers(422)?;
        refused.is("/errors/0/pointer", "content-type").show("/errors/0/detail");
        let letter_sent = send("text/plain").answers(201)?;
        letter_sent.is("/status", "quarantined").is("/name", "Letter from the ward.txt").show("/sha256");

        let is_clean = |answer: &Answer| answer.text("/items/0/status") == Some("clean");
        let listed = worker.get(&*path).answers_in_time(200, is_clean)?;
        listed.show("/items/0/name").show("/items/0/status");
        let content = format!("/v1/practice/documents/{}", letter_sent.take("/id")?);
        if is_clean(&listed.answer) {
            let read = manager.get(content).answers(200)?;
            let disposition = read.answer.header("content-disposition").unwrap_or_default();
            read.tell("content-disposition", disposition);
            read.check(read.answer.content == letter, || "expected the letter as it was sent in".to_owned());
        } else {
            let kept = worker.get(content).answers(404)?;
            kept.remark("No scanner has answered: the letter stays in quarantine.");
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), StepFailure> {
        let worker = self.callers.staff(WORKER)?;
        let case = format!("/v1/practice/cases/{}", self.case.get()?);
        let etag = worker.get(&*case).answers(200)?.etag()?;
        let mut request = json!({
            "ground": "provider_stopped",
            "reason": "The assessment is done and the plan is in place; nothing further was asked for.",
            "outcome": OUTCOME,
            "evidence": { "what": "e", "on": "2126-01-01", "from": "x" },
        });
        let refused =
            worker.post(format!("{case}/close")).if_match(&etag).idempotent().content(&request).answers(422)?;
        refused
            .is("/errors/0/pointer", "/ground")
            .is("/errors/3/pointer", "/evidence/from")
            .remark("A provider that stopped ends no duty, and evidence says what, when and from whom.");
        request["ground"] = "work_complete".into();
        request["evidence"] = Value::Null;
        let asked = worker.post(format!("{case}/close")).if_match(&etag).idempotent().content(&request).answers(200)?;
        asked.is("/status", "closing").is("/ground", "work_complete");

        let id = self.case.get()?;
        let list = "/v1/practice/countersignatures";
        let line_manager = self.callers.staff(LINE_MANAGER)?;
        let drawn = line_manager.find(list, |asked| asked["case_id"] == id)?;
        self.report.check(drawn.is_none(), || "expected nothing about this case in the line manager's list".to_owned());

        let second_manager = self.callers.staff(SECOND_MANAGER)?;
        let drawn = second_manager.find(list, |asked| asked["case_id"] == id)?;
        let drawn = drawn.ok_or_else(|| StepFailure::new("the second manager was not asked"))?;
        let path = format!("{list}/{}", drawn["id"].as_str().unwrap_or_default());
        let asked = second_manager.get(&*path).answers(200)?;
        asked.is("/status", "waiting").show("/asked_by/name").show("/reason").show("/due_on");
        let answer =
            json!({ "same_had_nobody_complained": true, "evidence": "The assessment and the plan signed with it." });
        let etag = asked.etag()?;
        let approve = format!("{path}/approve");

        line_manager
            .get(&*path)
            .answers(404)?
            .remark("A manager in the worker's line cannot see or approve the request.");
        line_manager.post(&*approve).if_match(&etag).content(&answer).answers(404)?;

        let approved = second_manager.post(&*approve).if_match(&etag).content(&answer).answers(200)?;
        approved.is("/status", "approved");

        let closed = worker.get(&*case).answers(200)?;
        closed.is("/status", "closed").is("/outcome", OUTCOME).show("/closed_at");
        let timeline = worker.get(format!("{case}/timeline")).answers(200)?;
        let expected = [
            TimelineKind::Opened,
            TimelineKind::Allocated,
            TimelineKind::NoteWritten,
            TimelineKind::ClosingAsked,
            TimelineKind::Closed,
        ];
        check_timeline(&timeline, &expected);
        Ok(())
    }

    fn read_outcome(&mut self) -> Result<(), StepFailure> {
        let council = self.callers.system(COUNCIL)?;
        let read = council.get(format!("/v1/council/referrals/{}", self.request.get()?)).answers(200)?;
        read.is("/status", "accepted").is("/outcome", OUTCOME).show("/closed_on");
        read.take("/closed_on").map(drop)
    }
}

pub(super) const OUTCOME: &str = "Continuation of support or services";

/// Checks that the answer is the stored one of the first request.
fn replayed<'s, 'a>(seen: &'s CheckedAnswer<'a>) -> &'s CheckedAnswer<'a> {
    let replayed = seen.answer.header("idempotency-replayed").unwrap_or("missing");
    let passed = replayed == "true";
    seen.tell_checked("Idempotency-Replayed", replayed, passed, || format!("expected true, got {replayed}"))
}

/// Checks that a case's timeline has exactly these kinds of entries, in this order.
fn check_timeline(timeline: &CheckedAnswer<'_>, expected: &[TimelineKind]) {
    let expected: Vec<&str> = expected.iter().map(|kind| kind.as_str()).collect();
    let items = timeline.answer.body["items"].as_array().into_iter().flatten();
    let kinds: Vec<&str> = items.filter_map(|item| item["kind"].as_str()).collect();
    timeline.tell_checked("kinds", kinds.join(", "), kinds == expected, || format!("expected {}", expected.join(", ")));
}
