//! The steps of the tour about a referral of somebody who is known: an acceptance that is undone, and what the council says
//! otherwise than the record, taken over detail by detail.

use std::time::Duration;

use almoner_domain::events::EventKind;
use serde_json::{Value, json};

use super::callers::{Caller, Staff, StepFailure};
use super::case_steps::{COUNCIL, SEVERN, Tour, WORKER};
use super::report::shown;
use super::requests::CheckedAnswer;

pub(super) const RECORDS_OFFICER: Staff = Staff { name: "Records officer", practice: SEVERN, login: "records" };
const INBOX: &str = "/v1/practice/referrals";

impl Tour<'_> {
    pub(super) fn undo(&mut self) -> Result<(), StepFailure> {
        let worker = self.callers.staff(WORKER)?;
        let name = self.person.later_name();
        let waiting = worker.find(INBOX, |line| line["person"] == *name)?;
        let waiting = waiting.ok_or_else(|| StepFailure::new(format!("{name} is not in the inbox")))?;
        let referral = format!("{INBOX}/{}", waiting["id"].as_str().unwrap_or_default());
        let read = worker.get(&*referral).answers(200)?;
        read.remark(&format!("The practice knows this person, as {}.", self.person.name()));
        read.is("/likely_matches/0/service_user/id", self.service_user.get()?);
        read.show("/likely_matches/0/score").show("/likely_matches/0/why");
        let due_on = read.take("/response_due_on")?;

        let how = json!({ "allocate": { "staff_id": worker.staff_id()?, "reason": "Has room." } });
        let accept = worker.post(format!("{referral}/accept")).if_match(&read.etag()?).idempotent().content(&how);
        let accepted = accept.answers(200)?;
        accepted.remark("The worker overlooks that, and accepts: a second record of the same person is opened.");
        let (person, case) = (accepted.take("/service_user_id")?, accepted.take("/case_id")?);
        let is_another = person != self.service_user.get()?;
        accepted.tell_checked("service_user_id", person.as_str(), is_another, || "expected another record".to_owned());
        let council = self.callers.system(COUNCIL)?;
        let request = format!("/v1/council/referrals/{}", self.later_request.get()?);
        let told = council.get(&*request).answers(200)?;
        told.is("/status", "accepted").show("/decided_at");

        let undo = format!("{referral}/undo");
        let undone = worker.post(&*undo).if_match(&accepted.etag()?).idempotent().answers(200)?;
        undone.remark("Within an hour it is undone. The days by which it was due go on as they were.");
        undone.is("/status", "received").is("/case_id", Value::Null).is("/response_due_on", due_on);
        for gone in [format!("/v1/practice/cases/{case}"), format!("/v1/practice/service-users/{person}")] {
            worker.get(gone).answers(404)?;
        }
        worker.get(format!("/v1/practice/service-users/{}", self.service_user.get()?)).answers(200)?;
        let again = worker.post(&*undo).if_match(&undone.etag()?).idempotent().answers(409)?;
        again.show("/detail");

        let poll = council.get(&*request).header("if-none-match", &told.etag()?).answers(200)?;
        poll.remark("The council asks whether anything has changed since it saw the acceptance. It has.");
        poll.is("/status", "received").is("/decided_at", Value::Null);

        self.read_feed(&council)?;
        let records = self.callers.staff(RECORDS_OFFICER)?;
        let log = records.get(format!("/v1/practice/audit?staff_id={}&limit=50", worker.staff_id()?)).answers(200)?;
        log.remark("What was removed is not forgotten: the audit log has the acceptance and its undoing.");
        let id = waiting["id"].as_str().unwrap_or_default();
        let about = [id, &case, &person];
        let events = log.answer.body["items"].as_array().into_iter().flatten();
        let events = events.filter(|event| about.iter().any(|id| event["subject_id"] == *id));
        let mut actions: Vec<&str> = events.filter_map(|event| event["action"].as_str()).collect();
        actions.reverse();
        let expected = [
            EventKind::ReferralAccepted,
            EventKind::ReferralAcceptanceUndone,
            EventKind::CaseRemoved,
            EventKind::ServiceUserRemoved,
        ]
        .map(EventKind::as_str);
        let has_all = expected.iter().all(|action| actions.contains(action));
        log.tell_checked("events", actions.join(", "), has_all, || format!("expected {}", expected.join(", ")));
        self.later_referral.set(id.to_owned());
        Ok(())
    }

    /// Reads what the council's feed has of the later referral, once the worker has numbered it, which takes seconds.
    fn read_feed(&self, council: &Caller<'_>) -> Result<(), StepFailure> {
        let path = format!("/v1/council/events?referral_id={}", self.later_request.get()?);
        let expected = [EventKind::ReferralAccepted, EventKind::ReferralAcceptanceUndone].map(EventKind::as_str);
        let kinds = |told: &CheckedAnswer<'_>| -> Vec<String> {
            let events = told.answer.body["items"].as_array().into_iter().flatten();
            events.filter_map(|event| event["kind"].as_str().map(str::to_owned)).collect()
        };
        let mut told = council.get(&*path).answers(200)?;
        for _ in 0..20 {
            if kinds(&told).len() >= expected.len() {
                break;
            }
            std::thread::sleep(Duration::from_millis(500));
            told = council.get(&*path).answers(200)?;
        }
        told.remark("The council's feed has both, in the order of its numbers.");
        let kinds = kinds(&told);
        told.tell_checked("kind", kinds.join(", "), kinds == expected, || format!("expected {}", expected.join(", ")));
        told.show("/next_after");
        Ok(())
    }

    pub(super) fn take_over(&mut self) -> Result<(), StepFailure> {
        let worker = self.callers.staff(WORKER)?;
        let referral = format!("{INBOX}/{}", self.later_referral.get()?);
        let known = self.service_user.get()?;
        let etag = worker.get(&*referral).answers(200)?.etag()?;
        let mut how = json!({
            "service_user_id": known,
            "allocate": { "staff_id": worker.staff_id()?, "reason": "Knows the person." },
        });
        let accept = |how: &Value| worker.post(format!("{referral}/accept")).if_match(&etag).idempotent().content(how);
        let refused = accept(&how).answers(422)?;
        refused.remark("The family name is another one: nobody is taken for somebody else without a reason.");
        refused.is("/type", "/problems/record-differs").is("/differences/0/field", "family_name");
        refused.show("/differences/0/message").show("/differences/0/record");
        how["mismatch_reason"] = "Rang the person: married in July. Date of birth and NHS number are the same.".into();
        let accepted = accept(&how).answers(200)?;
        accepted.is("/status", "accepted").is("/service_user_id", known);
        let found = accepted.answer.body["differences"].as_array().cloned().unwrap_or_default();
        let mut fields: Vec<&str> = found.iter().filter_map(|one| one["field"].as_str()).collect();
        fields.sort_unstable();
        for one in &found {
            let record = one["record"].as_str().unwrap_or("nothing");
            accepted.tell(
                one["field"].as_str().unwrap_or_default(),
                format!("{} (record: {record})", text(&one["message"])),
            );
        }
        let expected = ["address", "former_names", "name", "phone"];
        accepted.check(fields == expected, || format!("expected {}, got {}", expected.join(", "), fields.join(", ")));
        let case = accepted.take("/case_id")?;

        let record = format!("/v1/practice/service-users/{known}");
        let seen = worker.get(&*record).answers(200)?;
        seen.remark("Nothing is overwritten: the record stands, with what the referral says beside it.");
        seen.is("/family_name", self.person.family_name.as_str());
        let kept = [seen.answer.body["phone"].clone(), seen.answer.body["address"].clone()];
        let seen = self.settle(&worker, seen, "name", "take_over", "taken_over")?;
        seen.is("/family_name", self.person.later_family_name.as_str());
        let seen = self.settle(&worker, seen, "former_names", "take_over", "taken_over")?;
        seen.is("/former_names/0/family_name", self.person.family_name.as_str());
        let seen = self.settle(&worker, seen, "phone", "keep", "kept")?;
        let seen = self.settle(&worker, seen, "address", "ask", "asked")?;
        let [phone, address] = kept;
        seen.remark("What was kept, and what somebody still asks about, stands in the record as it did.");
        seen.is("/phone", phone).check(seen.answer.body["address"] == address, || format!("expected {address}"));
        self.read_history(&worker, &record)?;

        let undo = worker.post(format!("{referral}/undo")).if_match(&accepted.etag()?).idempotent().answers(409)?;
        undo.remark("What somebody has decided on is not undone any more.").show("/detail");
        let council = self.callers.system(COUNCIL)?;
        let told = council.get(format!("/v1/council/referrals/{}", self.later_request.get()?)).answers(200)?;
        told.remark(
            "The council is told in which detail its message differs, and not what the practice's record says.",
        );
        told.is("/record_differs_in", json!(["family_name"]));
        self.later_case.set(case);
        Ok(())
    }

    /// Settles what the later referral says of one detail, at the version of the record that was seen.
    fn settle<'a>(
        &self,
        worker: &Caller<'a>,
        seen: CheckedAnswer<'a>,
        field: &str,
        settlement: &str,
        status: &str,
    ) -> Result<CheckedAnswer<'a>, StepFailure> {
        let (known, referral) = (self.service_user.get()?, self.later_referral.get()?);
        let settle = worker.post(format!("/v1/practice/service-users/{known}/differences/{field}"));
        let how = json!({ "referral_id": referral, "settlement": settlement });
        let settled = settle.if_match(&seen.etag()?).content(&how).answers(200)?;
        let said = settled.answer.body["from_referrals"].as_array().into_iter().flatten();
        let said = said.filter(|said| said["referral_id"] == *referral);
        let mut differences = said.filter_map(|said| said["differences"].as_array()).flatten();
        let now = differences.find(|one| one["field"] == *field).map(|one| one["status"].clone()).unwrap_or_default();
        let passed = now == *status;
        settled.tell_checked(field, now, passed, || format!("expected {status}"));
        Ok(settled)
    }

    /// Checks that the history has both names, each with the referral that said it.
    fn read_history(&self, worker: &Caller<'_>, record: &str) -> Result<(), StepFailure> {
        let history = worker.get(format!("{record}/history")).answers(200)?;
        let items = history.answer.body["items"].as_array().into_iter().flatten();
        let names: Vec<&Value> = items.filter(|item| item["kind"] == "name").collect();
        for name in &names {
            let ended = match name["ended_at"].as_str() {
                Some(at) => format!(" to {}, ended by {}", &at[..10], text(&name["ended_by"]["name"])),
                None => String::new(),
            };
            let source = format!("{} {}", text(&name["source"]), shown(&name["referral_id"]));
            let told = format!("{}; source: {source}; from {}{ended}", text(&name["text"]), text(&name["holds_from"]));
            history.tell("name", told);
        }
        let of = |item: &Value, family: &str, referral: &str| {
            text(&item["text"]).contains(family) && item["source"] == "referral" && item["referral_id"] == *referral
        };
        let (now, before) = (self.later_referral.get()?, self.referral.get()?);
        let as_expected = matches!(names[..], [new, old] if of(new, &self.person.later_family_name, now)
            && new["ended_at"].is_null()
            && of(old, &self.person.family_name, before)
            && old["ended_by"]["name"] == *self.worker_name.get()?);
        history.check(as_expected, || "expected the name of now and the former one, each with its referral".to_owned());
        Ok(())
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
