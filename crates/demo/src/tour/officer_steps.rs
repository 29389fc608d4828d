//! The step of the tour about a council's officers: what they decide no system does, and what they read is on record.

use almoner_domain::events::EventKind;
use serde_json::{Value, json};

use super::callers::{Officer, StepFailure};
use super::case_steps::{COUNCIL, SEVERN, Tour};
use super::record_steps::RECORDS_OFFICER;

const COMMISSIONER: Officer = Officer { name: "Commissioner", council: "shr", login: "commissioner" };
const COUNCILS_RECORDS: Officer = Officer { name: "The council's records officer", council: "shr", login: "records" };

impl Tour<'_> {
    pub(super) fn look_in_as_an_officer(&mut self) -> Result<(), StepFailure> {
        let referral = format!("/v1/council/referrals/{}", self.request.get()?);
        let system = self.callers.system(COUNCIL)?;
        let etag = system.get(&*referral).answers(200)?.etag()?;
        let elsewhere = json!({ "practice": SEVERN });
        let refused = system.post(format!("{referral}/route")).if_match(&etag).content(&elsewhere).answers(403)?;
        refused
            .remark("Naming a practice is a decision, and a system cannot take it, whatever name stands in a message.");

        let commissioner = self.callers.officer(COMMISSIONER)?;
        let read = commissioner.get(&*referral).answers(200)?;
        read.remark("The officer sees what the council sent, and how it ended.").show("/status").show("/outcome");
        let officers = commissioner.get("/v1/council/officers").answers(200)?;
        officers.remark("Each officer knows the others, with their roles.").show("/items/0/name");

        let records = self.callers.staff(RECORDS_OFFICER)?;
        let readers = format!("/v1/practice/service-users/{}/readers", self.service_user.get()?);
        let readers = records.get(readers).answers(200)?;
        readers.remark("The person asks who read about them: the council's commissioner is among them.");
        let by_council = |reader: &&Value| reader["action"] == EventKind::ReferralReadByCouncil.as_str();
        let found = readers.answer.body["items"].as_array().into_iter().flatten().find(by_council).cloned();
        let found = found.unwrap_or_default();
        let roles = found["roles"].to_string();
        let is_commissioner = found["roles"].as_array().is_some_and(|roles| roles.contains(&json!("commissioner")));
        readers.tell_checked("roles", roles, is_commissioner, || "expected the commissioner".to_owned());
        readers.tell("council", found["council"]["name"].as_str().unwrap_or("nobody").to_owned());

        let (request, read) = (self.request.get()?, EventKind::ReferralRead.as_str());
        let log = format!("/v1/council/audit?subject_id={request}&action={read}");
        let log = self.callers.officer(COUNCILS_RECORDS)?.get(log).answers(200)?;
        log.remark("In the council's own log the officer has a name.").show("/items/0/officer/name");
        let refused = commissioner.get("/v1/council/audit").answers(403)?;
        refused.remark("Nobody but its records officers reads that log.");
        Ok(())
    }
}
