//! The step of the tour about a referral that cannot wait: a ward sends somebody home tomorrow. On which day and at which time
//! the tour is taken decides what the council is told, so every check follows from the times in the answers.

use almoner_domain::events::NoticeKind;
use almoner_domain::tenancy::opening_hours::OpeningHours;
use almoner_domain::words::calendar::london_date;
use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Europe::London;
use serde_json::{Value, json};

use super::callers::StepFailure;
use super::case_steps::{COUNCIL, SEVERN, Tour, WORKER};
use super::requests::CheckedAnswer;
use super::sample_person::SamplePerson;
use crate::seed::COUNCILS;

const INBOX: &str = "/v1/practice/referrals";
const NOTICES: &str = "/v1/practice/notices";

impl Tour<'_> {
    pub(super) fn discharge(&mut self) -> Result<(), StepFailure> {
        self.refer_later()?;
        let patient = SamplePerson::new(self.person.today);
        let told = self.refer_from_ward(&patient)?;
        let (request, due) = (told.take("/id")?, told.take("/human_contact_due_at")?);
        let referral = self.find_first(&patient, &told)?;

        let worker = self.callers.staff(WORKER)?;
        let is_about_it = |notice: &Value| {
            notice["kind"] == NoticeKind::ReferralReceived.as_str() && notice["subject_id"] == *referral
        };
        let notice = worker.find(NOTICES, is_about_it)?;
        let notice = notice.ok_or_else(|| StepFailure::new("nobody told the worker of the referral"))?;
        let unread = notice["read_at"].is_null();
        self.report.checked_member("notice", &notice["kind"], unread, || "expected a notice that is unread".to_owned());
        worker.post(format!("{NOTICES}/read")).content(&json!({ "notices": [notice["id"]] })).answers(204)?;

        let read = worker.get(format!("{INBOX}/{referral}")).answers(200)?;
        read.is("/message/council_reference", patient.council_reference.as_str());
        read.show("/message/reason").show("/message/source/name").show("/message/source/phone");
        let needs = patient.discharge(SEVERN)["person"]["communication_needs"].clone();
        read.is("/know_first/communication_needs", needs);
        let how =
            json!({ "allocate": { "staff_id": worker.staff_id()?, "reason": "On duty, and rings the ward now." } });
        let accept = worker.post(format!("{INBOX}/{referral}/accept")).if_match(&read.etag()?).idempotent();
        let accepted = accept.content(&how).answers(200)?;
        accepted.is("/status", "accepted").is("/human_contact_due_at", due.as_str());
        let answered = time(&accepted, "/decided_at")?;
        accepted
            .check(answered <= time(&accepted, "/human_contact_due_at")?, || "expected an answer in time".to_owned());
        let case = worker.get(format!("/v1/practice/cases/{}", accepted.take("/case_id")?)).answers(200)?;
        case.remark("The urgency of the referral is the priority of the case.").is("/priority", "immediate");

        let council = self.callers.system(COUNCIL)?;
        let answered = council.get(format!("/v1/council/referrals/{request}")).answers(200)?;
        answered.is("/status", "accepted").show("/decided_at");
        answered.remark("Somebody has it in hand: nothing more is said of the duty team.");
        answered.is("/emergency_duty_team", Value::Null);
        Ok(())
    }

    /// An ordinary referral, which the next steps take up: of the person of the steps before, under a name of later.
    fn refer_later(&mut self) -> Result<(), StepFailure> {
        let council = self.callers.system(COUNCIL)?;
        let message = self.person.later_referral(SEVERN);
        let sent = council.post("/v1/council/referrals").content(&message).answers(201)?;
        sent.remark(&format!("An ordinary referral comes in first: {} asks for a review.", self.person.later_name()));
        sent.is("/status", "received").show("/response_due_on");
        sent.is("/human_contact_due_at", Value::Null).is("/emergency_duty_team", Value::Null);
        self.later_request.set(sent.take("/id")?);
        Ok(())
    }

    /// Sends the ward's referral, and checks what the council is told against the times in the answer.
    fn refer_from_ward(&self, patient: &SamplePerson) -> Result<CheckedAnswer<'_>, StepFailure> {
        let council = self.callers.system(COUNCIL)?;
        let message = patient.discharge(SEVERN);
        let sent = council.post("/v1/council/referrals").content(&message).answers(201)?;
        sent.remark(&format!("Then a ward rings the council: {} goes home tomorrow, and lives alone.", patient.name()));
        sent.is("/urgency", "immediate").is("/status", "received");
        let (arrived, looked_at) = (time(&sent, "/received_at")?, time(&sent, "/human_contact_due_at")?);
        let is_same_day = london_date(arrived) == london_date(looked_at);
        sent.tell("now", in_london(arrived));
        sent.tell("a human looks", format!("by {}", in_london(looked_at)));

        let phone = COUNCILS.iter().find(|council| COUNCIL.key.ends_with(council.gss_code));
        let phone = phone.map(|council| council.emergency_duty_phone).unwrap_or_default();
        sent.is("/emergency_duty_team/phone", phone);
        sent.is("/emergency_duty_team/seen_same_day", is_same_day).is("/emergency_duty_team/ring_now", !is_same_day);
        let detail = sent.take("/emergency_duty_team/detail")?;
        let (ring, looks) = if is_same_day {
            ("ring it if this cannot wait", "Somebody at the practice looks at this referral by ")
        } else {
            ("ring it now", "Nobody at the practice is sure to look at this referral before ")
        };
        let says_all = detail.starts_with(phone)
            && detail.contains(&format!(": {ring}. "))
            && detail.contains(&format!("{looks}{}", in_london(looked_at)));
        sent.tell_checked("the council is told", detail, says_all, || {
            format!("expected the number, {ring:?} and {looks:?} with the time")
        });
        let due_on = patient.goes_home_on().min(london_date(looked_at));
        sent.is("/response_due_on", due_on.to_string());
        sent.check(looked_at > arrived, || "expected a time after the arrival".to_owned());
        self.look_at_hours(looked_at)?;
        Ok(sent)
    }

    /// Checks that the practice is open when a human looks.
    fn look_at_hours(&self, looked_at: DateTime<Utc>) -> Result<(), StepFailure> {
        let worker = self.callers.staff(WORKER)?;
        let said = worker.get("/v1/practice/opening-hours").answers(200)?;
        let mut hours = said.answer.body.clone();
        if let Some(hours) = hours.as_object_mut() {
            hours.remove("changed_at");
        }
        let hours: OpeningHours =
            serde_json::from_value(hours).map_err(|error| StepFailure::new(format!("the hours: {error}")))?;
        let there = looked_at.with_timezone(&London);
        let open = hours.on(there.weekday());
        // A period that ends with the closing ends then.
        let minute = there.hour() * 60 + there.minute();
        let is_open =
            open.is_some_and(|open| u32::from(open.from.minutes()) <= minute && minute <= u32::from(open.to.minutes()));
        let hours = open.map_or_else(|| "closed".to_owned(), |open| format!("from {} to {}", open.from, open.to));
        let told = format!("{}: {hours}", there.format("%A"));
        said.remark("A human is there when it says so: minutes count while the practice is open.");
        said.tell_checked("open on that day", told, is_open, || {
            format!("expected hours with {}", there.format("%H:%M"))
        });
        Ok(())
    }

    /// Finds the ward's referral in the inbox, and checks its line and its place there. Returns the practice's id of it.
    fn find_first(&self, patient: &SamplePerson, told: &CheckedAnswer<'_>) -> Result<String, StepFailure> {
        let worker = self.callers.staff(WORKER)?;
        let (name, ordinary) = (patient.name(), self.person.later_name());
        let mut before = Vec::new();
        let line = worker.find(INBOX, |line| {
            let is_it = line["person"] == *name;
            if !is_it {
                before.push(line.clone());
            }
            is_it
        })?;
        let line = line.ok_or_else(|| StepFailure::new(format!("{name} is not in the inbox")))?;
        let due = |line: &Value| line["human_contact_due_at"].as_str().map(str::to_owned);
        let cannot_wait_either = |other: &Value| {
            other["urgency"] == "immediate"
                && other["person"] != *ordinary
                && due(other).is_some_and(|at| Some(at) <= due(&line))
        };
        let place = match before.len() {
            0 => "first".to_owned(),
            count => format!("after {count}, immediate too and due sooner"),
        };
        self.report.checked_member("its place", &place.into(), before.iter().all(cannot_wait_either), || {
            "expected nothing before it but what is immediate and due sooner".to_owned()
        });
        let sent = patient.discharge(SEVERN);
        let expected = [
            ("urgency", json!("immediate")),
            ("place", json!("SY1")),
            ("discharge", sent["discharge"].clone()),
            ("human_contact_due_at", told.answer.body["human_contact_due_at"].clone()),
            ("response_due_on", told.answer.body["response_due_on"].clone()),
            ("overdue", json!(false)),
        ];
        for (member, expected) in expected {
            let got = &line[member];
            self.report
                .checked_member(member, &in_words(got), *got == expected, || format!("expected {expected}, got {got}"));
        }
        let flagged = line["flags"]["communication_needs"] == true;
        self.report.checked_member("flags", &in_words(&line["flags"]), flagged, || {
            "expected communication needs among the flags".to_owned()
        });
        Ok(line["id"].as_str().unwrap_or_default().to_owned())
    }
}

/// Writes the members of an object with their names, and of flags those that are set.
fn in_words(value: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    let parts = members.iter().filter(|(_, value)| **value != Value::Bool(false));
    let parts: Vec<String> = parts
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!("{}: {text}", name.replace('_', " ")),
            None => name.replace('_', " "),
        })
        .collect();
    parts.join(", ").into()
}

fn time(seen: &CheckedAnswer<'_>, pointer: &str) -> Result<DateTime<Utc>, StepFailure> {
    let text = seen.take(pointer)?;
    let time = DateTime::parse_from_rfc3339(&text);
    time.map(|time| time.to_utc()).map_err(|error| StepFailure::new(format!("{text} is no time: {error}")))
}

/// A moment as people in England say it.
fn in_london(at: DateTime<Utc>) -> String {
    at.with_timezone(&London).format("%A %-d %B %Y at %H:%M").to_string()
}
