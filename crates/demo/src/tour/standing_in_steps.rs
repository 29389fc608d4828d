//! The step of the tour about an acting manager: a colleague stands in for the second manager, who is away.

use chrono::Days;
use serde_json::{Value, json};

use super::callers::{Caller, Staff, StepFailure};
use super::case_steps::{OUTCOME, SECOND_MANAGER, SEVERN, Tour, WORKER};
use super::record_steps::RECORDS_OFFICER;
use super::requests::CheckedAnswer;

const COLLEAGUE: Staff = Staff { name: "The worker's colleague", practice: SEVERN, login: "social-worker-2" };
const ADMINISTRATOR: Staff = Staff { name: "Administrator", practice: SEVERN, login: "administrator" };
const ABSENCE: &str = "/v1/practice/absence";
const COUNTERSIGNATURES: &str = "/v1/practice/countersignatures";
/// The number of days after today for which the second manager is away.
const DAYS_AWAY: Days = Days::new(6);

impl Tour<'_> {
    pub(super) fn stand_in(&mut self) -> Result<(), StepFailure> {
        let (manager, colleague) = (self.callers.staff(SECOND_MANAGER)?, self.callers.staff(COLLEAGUE)?);
        let administrator = self.callers.staff(ADMINISTRATOR)?;
        let today = self.person.today;
        let until = today.checked_add_days(DAYS_AWAY).unwrap_or(today);
        let away = json!({ "from": today, "until": until, "stand_in_id": colleague.staff_id()? });
        let said = manager.put(ABSENCE).content(&away).answers(204)?;
        said.remark(&format!("The second manager is away until {until}, and names a colleague."));
        let refused = colleague.get(COUNTERSIGNATURES).answers(403)?;
        refused.remark("Whoever is named to stand in has no more power than before.");

        let member = format!("/v1/practice/staff/{}", colleague.staff_id()?);
        let how = json!({ "for_id": manager.staff_id()?, "until": until });
        let give = administrator.put(format!("{member}/acting")).if_match(&etag(&administrator, &member)?);
        let given = give.content(&how).answers(200)?;
        given.remark("An administrator gives the power of a manager, for a manager, until a day.");
        given.is("/acting_manager/until", until.to_string()).is("/acting_manager/confirmed_at", Value::Null);
        given.is("/awaited_confirmation/by", "members");
        let acted = self.act(&administrator, &colleague, &member);

        // Whatever came of it, nobody keeps the power, and the next tour finds the practice as it was.
        let relieve = administrator.delete(format!("{member}/acting")).if_match(&etag(&administrator, &member)?);
        let relieved = relieve.answers(200)?;
        relieved.remark("The second manager is back: the power ends before its day.");
        relieved.is("/acting_manager", Value::Null);
        manager.delete(ABSENCE).answers(204)?;
        colleague.get(COUNTERSIGNATURES).answers(403)?;
        acted
    }

    /// Confirms the power, and has the acting manager decide on a closing.
    fn act(&self, administrator: &Caller<'_>, colleague: &Caller<'_>, member: &str) -> Result<(), StepFailure> {
        let waits = colleague.get(COUNTERSIGNATURES).answers(403)?;
        waits.remark("It opens nothing until a second person has confirmed it.");
        let confirm = format!("{member}/confirm");
        let own = administrator.post(&*confirm).if_match(&etag(administrator, member)?).answers(409)?;
        own.remark("Whoever gave it is no second person.").show("/detail");
        let records = self.callers.staff(RECORDS_OFFICER)?;
        let confirmed = records.post(&*confirm).if_match(&etag(&records, member)?).answers(200)?;
        confirmed.show("/name").show("/acting_manager/confirmed_at").is("/roles", json!(["social_worker"]));
        confirmed.check(confirmed.answer.text("/acting_manager/confirmed_at").is_some(), || {
            "expected the power to be confirmed".to_owned()
        });

        let worker = self.callers.staff(WORKER)?;
        let case = format!("/v1/practice/cases/{}", self.later_case.get()?);
        let closing = json!({
            "ground": "work_complete",
            "reason": "The review is done: the plan stays as it is, and nothing further was asked for.",
            "outcome": OUTCOME,
        });
        let asked = worker.post(format!("{case}/close")).if_match(&etag(&worker, &case)?).idempotent();
        let asked = asked.content(&closing).answers(200)?;
        asked.is("/status", "closing");

        let id = self.later_case.get()?;
        let drawn = colleague.find(COUNTERSIGNATURES, |asked| asked["case_id"] == id)?;
        let drawn = drawn.ok_or_else(|| StepFailure::new("the acting manager was not asked"))?;
        let path = format!("{COUNTERSIGNATURES}/{}", drawn["id"].as_str().unwrap_or_default());
        let read = colleague.get(&*path).answers(200)?;
        read.remark("The second manager is away, so the acting manager was drawn to decide.");
        read.is("/status", "waiting").show("/asked_by/name").show("/reason");
        let answer =
            json!({ "same_had_nobody_complained": true, "evidence": "The review and the plan of this month." });
        let approve = colleague.post(format!("{path}/approve")).if_match(&read.etag()?).content(&answer);
        approve.answers(200)?.is("/status", "approved");
        worker.get(&*case).answers(200)?.is("/status", "closed").is("/outcome", OUTCOME);
        Ok(())
    }
}

/// Reads something, for its version.
fn etag(caller: &Caller<'_>, path: &str) -> Result<String, StepFailure> {
    caller.get(path).answers(200).and_then(|seen| CheckedAnswer::etag(&seen))
}
