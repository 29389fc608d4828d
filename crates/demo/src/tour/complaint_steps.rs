//! The steps of the tour about a complaint, and about the members of staff who can see nothing of it.

use almoner_persistence::random;
use serde_json::{Value, json};

use super::callers::{Caller, Officer, Staff, StepFailure, System, find_in_time};
use super::case_steps::{DIRECTOR, LINE_MANAGER, SEVERN, Tour, WORKER};
use super::requests::CheckedAnswer;

const PARTNER: System = System { name: "The partner app", key: "PARTNER" };
const OTHER_COUNCIL: System = System { name: "Surrey's referral system", key: "COUNCIL_E10000030" };
const COMPLAINTS_OFFICER: Officer = Officer { name: "Complaints officer", council: "shr", login: "complaints" };
const SECOND_COMPLAINTS_OFFICER: Officer =
    Officer { name: "Second complaints officer", council: "shr", login: "complaints-2" };
const OTHER_OFFICER: Officer = Officer { name: "Surrey's complaints officer", council: "sry", login: "complaints" };
const HANDLER: Staff = Staff { name: "Handler", practice: SEVERN, login: "handler" };
const OTHER_PRACTICE: &str = "long-mynd-practice";
const OTHER_MANAGER: Staff = Staff { name: "Manager", practice: OTHER_PRACTICE, login: "manager" };
const ACCESS_CODE: &str = "complaint-access-code";

/// An answer as it was at one moment: the content and its version.
#[derive(PartialEq)]
pub(super) struct Snapshot {
    body: Value,
    etag: Option<String>,
}

impl Snapshot {
    fn of(seen: &CheckedAnswer<'_>) -> Self {
        Self { body: seen.answer.body.clone(), etag: seen.answer.etag().map(str::to_owned) }
    }
}

impl<'a> Tour<'a> {
    /// Remembers what these members of staff see before there is a complaint.
    pub(super) fn look_before(&mut self) -> Result<(), StepFailure> {
        let mut before = Vec::new();
        self.look(|who, path, seen| {
            before.push((format!("{who} {path}"), Snapshot::of(seen)));
            Ok(())
        })?;
        self.before_complaint = before;
        Ok(())
    }

    /// Checks that the same members of staff see exactly the same after the complaint.
    pub(super) fn look_again(&mut self) -> Result<(), StepFailure> {
        // Without a complaint there would be nothing to see or to hide.
        self.complaint_reference.get()?;
        self.look(|who, path, seen| {
            let question = format!("{who} {path}");
            let before = self.before_complaint.iter().find(|(known, _)| *known == question);
            let (_, before) =
                before.ok_or_else(|| StepFailure::new("an earlier step should have looked at the same"))?;
            let same = *before == Snapshot::of(seen);
            let told = if same { "yes, content and version" } else { "no" };
            seen.tell_checked("same as before", told, same, || {
                "expected the answer of before the complaint".to_owned()
            });
            Ok(())
        })
    }

    /// Reads everything in which a complaint could leave a trace, as each member of staff who must not find one.
    fn look(
        &self,
        mut with: impl FnMut(&str, &str, &CheckedAnswer<'_>) -> Result<(), StepFailure>,
    ) -> Result<(), StepFailure> {
        let (case, person, referral) = (self.case.get()?, self.service_user.get()?, self.referral.get()?);
        let worker_id = self.callers.staff(WORKER)?.staff_id()?.to_owned();
        let paths = [
            (format!("/v1/practice/cases/{case}"), 200),
            (format!("/v1/practice/cases/{case}/timeline"), 200),
            (format!("/v1/practice/cases/{case}/notes"), 200),
            (format!("/v1/practice/caseload?staff_id={worker_id}"), 200),
            (format!("/v1/practice/service-users/{person}"), 200),
            (format!("/v1/practice/referrals/{referral}"), 200),
        ];
        for who in [WORKER, LINE_MANAGER, DIRECTOR] {
            let caller = self.callers.staff(who)?;
            for (path, status) in &paths {
                with(who.name, path, &caller.get(&**path).answers(*status)?)?;
            }
        }
        Ok(())
    }

    pub(super) fn complain(&mut self) -> Result<(), StepFailure> {
        let partner = self.callers.system(PARTNER)?;
        let worker = self.worker_name.get()?;
        let complaint = json!({
            "practice": SEVERN,
            "narrative": "Three visits were cancelled and nobody rang. When I asked why I was told not to be difficult.",
            "wants": "Another worker, and an apology.",
            "complainant": { "name": self.person.later_name(), "basis": "recipient" },
            "person": self.person.in_complaint(),
            "confidential": true,
            "staff": [worker],
            "danger": { "now": "no" },
            "contact": { "preferred": "phone", "phone": "07700 900461", "instructions": "Mornings only. Leave no message." },
        });
        let lodged = partner.post("/v1/partner/complaints").idempotent().content(&complaint).answers(201)?;
        lodged.remark(&format!("The person complains about {worker}, in confidence.")).show("/reference");
        let code = lodged.take("/access_code")?;
        lodged.tell("access_code", format!("{}… (shown this once)", code.chars().take(4).collect::<String>()));
        lodged.show("/acknowledgement_due_on").show("/response_latest_on");
        lodged.show("/rights/no_detriment").show("/rights/advocacy").show("/rights/ombudsman");
        let reference = lodged.take("/reference")?;
        self.complaint_received_at.set(lodged.take("/received_at")?);
        let path = format!("/v1/partner/complaints/{reference}");
        self.complaint_reference.set(reference);
        self.access_code.set(code);
        let code = self.access_code.get()?;

        let followed = partner.get(&*path).header(ACCESS_CODE, code).answers(200)?;
        followed.remark("The person follows the complaint with the access code.").is("/status", "received");

        let wrong = partner.get(&*path).header(ACCESS_CODE, &random::secret()).answers(404)?;
        wrong.remark("With a wrong code there is no such complaint.").show("/title");

        let text = "Please do not ring on Thursday.";
        let written = partner.post(format!("{path}/messages")).idempotent().header(ACCESS_CODE, code);
        let written = written.content(&json!({ "text": text })).answers(201)?;
        written.is("/messages/0/author", "complainant").is("/messages/0/text", text);
        Ok(())
    }

    pub(super) fn open_complaint(&mut self) -> Result<(), StepFailure> {
        let officers =
            [self.callers.at_complaints(COMPLAINTS_OFFICER)?, self.callers.at_complaints(SECOND_COMPLAINTS_OFFICER)?];
        let received_at = self.complaint_received_at.get()?.to_owned();
        let is_ours = |offer: &Value| {
            offer["practice"]["slug"] == SEVERN && offer["offered_at"].as_str().is_some_and(|at| *at >= *received_at)
        };
        let (officer, offer) = find_in_time(&officers, "/v1/complaints/offers", is_ours)?;
        let path = format!("/v1/complaints/offers/{}", offer["id"].as_str().unwrap_or_default());
        let seen = officer.get(&*path).answers(200)?;
        seen.remark("The offer names those concerned, and says nothing else.")
            .is("/concerned/0", self.worker_name.get()?);
        let answer = json!({ "knows_somebody_concerned": false });
        let opened = officer.put(format!("{path}/answer")).content(&answer).answers(200)?;
        self.complaint.set(opened.take("/complaint_id")?);

        let path = format!("/v1/complaints/{}", self.complaint.get()?);
        let read = officer.get(&*path).answers(200)?;
        read.show("/narrative").is("/staff_named/0", self.worker_name.get()?);
        read.is("/confidential", true).is("/complainant", Value::Null).is("/person", Value::Null);
        let reason = json!({ "reason": "To agree with you how we look into this." });
        let unsealed = officer.post(format!("{path}/unsealings")).idempotent().content(&reason).answers(201)?;
        unsealed.remark("The officer opens the complainant's name for an hour, and gives a reason.");
        unsealed.show("/complainant/name").show("/unsealed_until");

        let message = "Thank you for telling us. May we ring you tomorrow to agree how we look into this, and by when?";
        let acknowledge = officer.post(format!("{path}/acknowledge")).if_match(&read.etag()?);
        let acknowledged = acknowledge.content(&json!({ "message": message })).answers(200)?;
        acknowledged.is("/status", "acknowledged").show("/acknowledged_at");

        let followed = self.follow()?;
        followed.remark("The person reads who has the complaint, and that somebody looked at who they are.");
        followed
            .is("/status", "acknowledged")
            .show("/council/name")
            .show("/has_it/0/name")
            .show("/unsealings/0/reason");
        let other = officers.iter().find(|one| one.name != officer.name);
        let other = other.ok_or_else(|| StepFailure::new("there is one officer alone"))?;
        let elsewhere = other.get(&*path).answers(404)?;
        elsewhere.remark("To the other complaints officer the complaint does not exist.").show("/title");
        self.complaint_officer = Some(officer.clone());
        Ok(())
    }

    pub(super) fn follow(&self) -> Result<CheckedAnswer<'_>, StepFailure> {
        let partner = self.callers.system(PARTNER)?;
        let followed = partner.get(format!("/v1/partner/complaints/{}", self.complaint_reference.get()?));
        followed.header(ACCESS_CODE, self.access_code.get()?).answers(200)
    }

    /// The officer who opened the complaint.
    pub(super) fn officer_of_complaint(&self) -> Result<Caller<'a>, StepFailure> {
        let officer = self.complaint_officer.clone();
        officer.ok_or_else(|| StepFailure::new("an earlier step should have found the officer"))
    }

    /// The handler at the practice.
    pub(super) fn handler(&self) -> Result<Caller<'a>, StepFailure> {
        self.callers.guest(HANDLER)
    }

    pub(super) fn give_to_a_handler(&mut self) -> Result<(), StepFailure> {
        let officer = self.officer_of_complaint()?;
        let path = format!("/v1/complaints/{}", self.complaint.get()?);
        let handler = officer.find("/v1/complaints/guests", |guest| guest["practice"]["slug"] == SEVERN)?;
        let handler = handler.ok_or_else(|| StepFailure::new("the practice has no handler"))?;
        let reason = "They have never met the person, and are in nobody's line who is named.";
        let guest = self.handler()?;
        let head =
            json!({ "statement": "Three visits were cancelled without a call.", "about": "service", "theme": "delay" });
        let raised = officer.post(format!("{path}/heads")).idempotent().content(&head).answers(201)?;
        let heads = json!({ "guest_id": handler["id"], "heads": [raised.take("/heads/0/id")?], "reason": reason });
        let by_heads = officer.post(format!("{path}/assignments")).idempotent().content(&heads).answers(201)?;
        by_heads.remark(
            "An officer gives a handler some heads of a complaint, or the whole. By heads they see these alone.",
        );
        by_heads.is("/items/1/view", "heads").is("/items/1/capacity", "handler");
        guest.get("/v1/complaints/shown").answers(200)?.show("/items/0/heads/0/statement");
        guest.get(&*path).answers(404)?;
        officer.delete(format!("{path}/assignments/{}", by_heads.take("/items/1/id")?)).answers(204)?;

        let assign = json!({ "guest_id": handler["id"], "reason": reason });
        let assigned = officer.post(format!("{path}/assignments")).idempotent().content(&assign).answers(201)?;
        assigned.show("/items/2/name").is("/items/2/view", "whole").show("/items/2/reason");
        let read = guest.get(&*path).answers(200)?;
        read.remark(
            "The handler reads the complaint. What the person wrote since waits for the officer to pass it on.",
        );
        read.show("/narrative").is("/complainant", Value::Null).is("/messages/0/author", "council");
        let messages = officer.get(&*path).answers(200)?;
        let message = messages.take("/messages/0/id")?;
        officer.put(format!("{path}/messages/{message}/passed-on")).answers(204)?;
        guest.get(&*path).answers(200)?.is("/messages/0/author", "complainant").show("/messages/0/text");

        let refused = self.callers.is_no_guest(WORKER)?;
        refused.remark("The worker complained about cannot come in by this door, with the right password and code.");
        refused.show("/title");
        let followed = self.follow()?;
        followed.remark("The person reads that the handler has it too.").is("/has_it/1/capacity", "handler");
        Ok(())
    }

    pub(super) fn look_from_elsewhere(&mut self) -> Result<(), StepFailure> {
        let manager = self.callers.staff(OTHER_MANAGER)?;
        let absent = |caller: &Caller<'_>, path: String| caller.get(path).answers(404).map(drop);
        absent(&manager, format!("/v1/practice/referrals/{}", self.referral.get()?))?;
        absent(&manager, format!("/v1/practice/service-users/{}", self.service_user.get()?))?;
        let case = format!("/v1/practice/cases/{}", self.case.get()?);
        for below in ["", "/notes", "/timeline"] {
            absent(&manager, format!("{case}{below}"))?;
        }
        let note = json!({ "kind": "note", "text": "This should not be written." });
        manager.post(format!("{case}/notes")).idempotent().content(&note).answers(404)?;
        let search = json!({ "nhs_number": self.person.nhs_number });
        let found = manager.post("/v1/practice/service-users/search").content(&search).answers(200)?;
        found.remark("A search for the NHS number finds nobody.").is("/items", json!([]));

        let other_council = self.callers.system(OTHER_COUNCIL)?;
        absent(&other_council, format!("/v1/council/referrals/{}", self.request.get()?))?;

        let officer = self.callers.at_complaints(OTHER_OFFICER)?;
        absent(&officer, format!("/v1/complaints/{}", self.complaint.get()?))
    }
}
