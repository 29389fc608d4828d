//! The steps of the tour about how a complaint is looked into and answered.

use almoner_domain::words::calendar::london_date;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::callers::{Caller, Officer, StepFailure};
use super::case_steps::Tour;
use super::requests::CheckedAnswer;

const RESPONSIBLE_PERSON: Officer = Officer { name: "Responsible person", council: "shr", login: "responsible" };

impl Tour<'_> {
    fn of_complaint(&self) -> Result<String, StepFailure> {
        Ok(format!("/v1/complaints/{}", self.complaint.get()?))
    }

    /// Puts something of the complaint, of which the caller has just read the version.
    fn put_of_complaint<'c>(
        &self,
        caller: &'c Caller<'c>,
        to: &str,
        body: &Value,
    ) -> Result<CheckedAnswer<'c>, StepFailure> {
        let path = self.of_complaint()?;
        let etag = caller.get(&*path).answers(200)?.etag()?;
        caller.put(format!("{path}/{to}")).if_match(&etag).content(body).answers(200)
    }

    pub(super) fn look_into_it(&mut self) -> Result<(), StepFailure> {
        let handler = self.handler()?;
        let officer = self.officer_of_complaint()?;
        let path = self.of_complaint()?;
        let received_at: DateTime<Utc> =
            self.complaint_received_at.get()?.parse().map_err(|_| StepFailure::new("no moment"))?;
        let respond_by = (received_at + TimeDelta::days(21)).date_naive();
        let plan = json!({
            "handling": "I read the diary of November, and speak to the two people who were on duty.",
            "respond_by": respond_by, "period": "agreed",
        });
        let planned = self.put_of_complaint(&handler, "plan", &plan)?;
        planned.remark("The handler agrees with the person how they look into it, and by when.");
        planned.is("/status", "investigating").show("/response_due_on").show("/progress_due_on");
        let head = planned.take("/heads/0/id")?;

        let invite = json!({
            "name": "Somebody who is heard", "email": format!("{}@heard.example", self.complaint_reference.get()?.to_lowercase()),
            "capacity": "subject", "complaint_id": path.rsplit('/').next(),
        });
        let invited = officer.post("/v1/complaints/guests").idempotent().content(&invite).answers(201)?;
        invited.remark("Whoever is complained about is heard as a guest, on stated heads, and is told nothing before the person is.");
        invited.is("/capacity", "subject");
        let hearing = json!({
            "guest_id": invited.take("/id")?, "heads": [head], "message": "We ask your worker about this on Thursday.",
            "interim": "Somebody else visits you until then.",
        });
        let opened = officer.post(format!("{path}/hearings")).idempotent().content(&hearing).answers(201)?;
        opened.remark(
            "The person reads at once what is asked and what is arranged; the heads open three working days later.",
        );
        opened.show("/items/2/view").show("/items/2/opens_at");

        let finding = json!({
            "outcome": "well_founded", "finding": "The diary shows three visits that were taken out on the day, and no call.",
            "remedy": "We apologise.", "heard_on": london_date(received_at),
        });
        let found = self.put_of_complaint(&handler, &format!("heads/{head}/finding"), &finding)?;
        found.is("/heads/0/outcome", "well_founded");
        let draft = json!({ "considered": "I read the diary, and spoke to the two people who were on duty." });
        let kept = self.put_of_complaint(&handler, "response", &draft)?;
        kept.remark("A draft may lack what the Regulations ask of a response. The answer says what.");
        kept.show("/missing/0/pointer").show("/missing/0/detail");
        let due = handler.get("/v1/complaints/due").answers(200)?;
        due.show("/items/0/clock").show("/items/0/on");
        Ok(())
    }

    pub(super) fn answer_complaint(&mut self) -> Result<(), StepFailure> {
        let (officer, handler) = (self.officer_of_complaint()?, self.handler()?);
        let responsible = self.callers.at_complaints(RESPONSIBLE_PERSON)?;
        let path = self.of_complaint()?;
        let desk = officer.get("/v1/complaints/officers").answers(200)?;
        let signs = |one: &&Value| one["roles"][0] == "responsible_person";
        let signatory = desk.answer.body["items"].as_array().and_then(|items| items.iter().find(signs));
        let signatory = signatory.ok_or_else(|| StepFailure::new("the desk has no responsible person"))?;
        let assign = json!({ "officer_id": signatory["id"], "reason": "Signs for the council." });
        officer.post(format!("{path}/assignments")).idempotent().content(&assign).answers(201)?;
        let etag = responsible.get(&*path).answers(200)?.etag()?;
        let refused = responsible.post(format!("{path}/response/sign")).if_match(&etag).answers(422)?;
        refused.remark("An incomplete response is not signed, and each missing part is named.");
        refused.show("/errors/0/pointer").show("/errors/1/pointer");
        let draft = json!({
            "considered": "I read the diary, and spoke to the two people who were on duty.",
            "conclusions": "You were left without a call three times. That must not happen.",
            "action": "I am satisfied that the practice now rings before it takes out a visit.",
        });
        self.put_of_complaint(&handler, "response", &draft)?.is("/missing", json!([]));
        let etag = officer.get(&*path).answers(200)?.etag()?;
        let refused = officer.post(format!("{path}/response/sign")).if_match(&etag).answers(403)?;
        refused.remark("The complaints officer does not sign, nor anybody at the practice.").show("/detail");
        let signed = responsible.post(format!("{path}/response/sign")).if_match(&etag).answers(200)?;
        signed.show("/letter/signed_by").is("/letter/outcome", "well_founded").show("/letter/ombudsman");
        let letter = officer.get(format!("{path}/response/letter.pdf")).answers(200)?;
        letter.tell("the letter", letter.answer.header("content-type").unwrap_or_default());
        let sent = self.put_of_complaint(
            &officer,
            "response/sent",
            &json!({ "by": "post", "on": signed.take("/letter/signed_on")? }),
        )?;
        sent.is("/status", "answered").show("/answered_at");
        let followed = self.follow()?;
        followed.remark("The person reads that the response was sent. They did not consent to reading it in the app.");
        followed.is("/status", "answered").is("/response", Value::Null);
        let closed = officer.get(&*path).answers(200)?.etag()?;
        let learning = json!({ "learning": "A visit that is taken out without a call is heard as being forgotten." });
        let closed = officer.post(format!("{path}/close")).if_match(&closed).content(&learning).answers(200)?;
        closed.is("/status", "closed").is("/outcome", "well_founded");
        let asked = json!({ "asked_on": signed.take("/letter/signed_on")?, "reference": "26 014 233" });
        self.put_of_complaint(&officer, "ombudsman", &asked)?.is("/ombudsman/reference", "26 014 233");
        let file = officer.get(format!("{path}/ombudsman/bundle.pdf")).answers(200)?;
        file.remark(
            "For the Ombudsman the whole file goes out as one document, with who had the complaint and who saw it.",
        );
        file.tell("the file", file.answer.header("content-type").unwrap_or_default());
        Ok(())
    }
}
