//! Two months of work at eight practices, over HTTP, by a clock that is set into the past and moved on.

use almoner_persistence::{Clock, Store};
use chrono::{NaiveTime, TimeDelta};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::cast::{COUNCILS, Cast, PRACTICES};
use super::desk::{Desk, Who};
use super::people::pick;
use super::plan::{Life, Manner, Plan, Step, Urgency};
use super::words::{ACKNOWLEDGEMENT, ANSWERS, COMPLAINTS, Ending, NOTES, REPLIES, THEMES};
use crate::logins::Logins;
use crate::serve::Failure;

/// What every choice in the story comes from.
const SEED: u64 = 2014;

/// Enters everyone and lets two months pass. Afterwards the clock is to be set back to the real time.
pub(super) fn seed(store: &Store, works: &Store, clock: &Clock, url: &str) -> Result<Logins, Failure> {
    let now = clock.now();
    let mut rng = StdRng::seed_from_u64(SEED);
    let plan = Plan::draw(&mut rng, now.date_naive());
    clock.set(plan.days[0].and_time(NaiveTime::MIN).and_utc());
    let cast = Cast::enter(store, now.date_naive())?;
    println!("- entered: {} councils, {} practices, {} members of staff", COUNCILS.len(), PRACTICES.len(), cast.size());

    let count = plan.events.len() + plan.fresh.len();
    println!("- {} people and what happens to them in two months, in {count} steps over HTTP …", plan.lives.len());
    let desk = Desk::new(url, clock.clone(), cast.logins.clone())?;
    let states = plan.lives.iter().map(|life| State { at: life.practice, ..State::default() }).collect();
    let mut told = Story { desk, cast: &cast, rng, lives: &plan.lives, states, references: 1000 };
    let mut day = plan.days[0];
    for (at, life, step) in &plan.events {
        // Before work begins, what fell due in the night is done.
        while day < at.date_naive() {
            day = day.succ_opt().ok_or("the end of time")?;
            clock.set(day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(5));
            almoner_worker::run_once(works, None)?;
        }
        if *at > clock.now() {
            clock.set(*at);
        }
        told.tell(*life, *step)?;
    }
    clock.set(Clock::new().now() - TimeDelta::minutes(25));
    almoner_worker::run_once(works, None)?;
    for (life, step) in &plan.fresh {
        told.tell(*life, *step)?;
        clock.advance(TimeDelta::minutes(2));
    }
    Ok(cast.logins)
}

/// What has become of somebody's work so far.
#[derive(Default)]
struct State {
    /// The practice that has it.
    at: usize,
    request: String,
    referral: String,
    case: String,
    notes: usize,
    complaint: Complaint,
}

#[derive(Default)]
struct Complaint {
    reference: String,
    code: String,
    id: String,
    at_council: bool,
    answers: usize,
    replies: usize,
}

struct Story<'a> {
    desk: Desk,
    cast: &'a Cast,
    rng: StdRng,
    lives: &'a [Life],
    states: Vec<State>,
    references: u32,
}

impl Story<'_> {
    fn tell(&mut self, index: usize, step: Step) -> Result<(), Failure> {
        let lives = self.lives;
        let life = &lives[index];
        // Taken out while it is worked on.
        let mut state = std::mem::take(&mut self.states[index]);
        let outcome = match step {
            Step::Send => self.send(life, &mut state),
            Step::Accept => self.accept(life, &mut state),
            Step::Decline(reason) => self.decline(&state, reason),
            Step::Withdraw => self.withdraw(life, &state),
            Step::Route(practice) => self.route(life, &mut state, practice),
            Step::Open => self.open(life, &mut state),
            Step::Note => self.note(life, &mut state),
            Step::Close(ending) => self.close(life, &state, ending),
            Step::Approve => self.decide(&state, true),
            Step::Refuse => self.decide(&state, false),
            Step::Lodge(manner) => self.lodge(life, &mut state, manner),
            Step::Acknowledge => self.acknowledge(&state),
            Step::Confirm => self.confirm(life, &state),
            Step::Answer => self.answer(&mut state),
            Step::Reply => self.reply(&mut state),
        };
        self.states[index] = state;
        outcome.map_err(|failure| format!("in the story of {}: {failure}", life.person.spoken).into())
    }

    fn send(&mut self, life: &Life, state: &mut State) -> Result<(), Failure> {
        let council = PRACTICES[life.practice].council;
        self.references += 7;
        let reference = format!("{}-{:06}", COUNCILS[council].prefix, self.references);
        let mut message = message(life, &reference, self.desk.today());
        match self.references % 5 {
            _ if life.nowhere => {}
            0 => message["chosen_practice"] = PRACTICES[life.practice].slug.into(),
            1 => message["preferred_practice"] = PRACTICES[life.practice].slug.into(),
            _ => {}
        }
        let sent = self.desk.create(Who::Council(council), "/v1/council/referrals", &message)?;
        id_of(&sent.body, "/id")?.clone_into(&mut state.request);
        self.arrive(state, sent.text("/practice/slug"))
    }

    /// Finds the referral in the inbox of the practice that it went to: it is the newest there.
    fn arrive(&mut self, state: &mut State, slug: Option<&str>) -> Result<(), Failure> {
        let Some(practice) = PRACTICES.iter().position(|practice| Some(practice.slug) == slug) else { return Ok(()) };
        state.at = practice;
        let inbox = self.desk.get(Who::Staff(practice, "manager"), "/v1/practice/referrals?limit=200")?;
        let ids = items(&inbox.body).filter_map(|item| item["id"].as_str());
        ids.max().ok_or("nothing is in the inbox")?.clone_into(&mut state.referral);
        Ok(())
    }

    fn accept(&mut self, life: &Life, state: &mut State) -> Result<(), Failure> {
        let (worker, _) = self.cast.member(state.at, worker(life, state))?;
        let reason = pick(
            &mut self.rng,
            &["Has room, and works in the district.", "Knows the street and the GP.", "Asked for by the person."],
        );
        let content = json!({ "allocate": { "staff_id": worker, "reason": reason } });
        let path = format!("/v1/practice/referrals/{}", state.referral);
        let accepted = self.desk.change(Who::Staff(state.at, "manager"), &path, "accept", Some(&content))?;
        id_of(&accepted.body, "/case_id")?.clone_into(&mut state.case);
        Ok(())
    }

    fn decline(&mut self, state: &State, reason: &str) -> Result<(), Failure> {
        let content = json!({ "reason": reason, "note": "Rang the council's team and explained." });
        let path = format!("/v1/practice/referrals/{}", state.referral);
        self.desk.change(Who::Staff(state.at, "manager"), &path, "decline", Some(&content)).map(drop)
    }

    fn withdraw(&mut self, life: &Life, state: &State) -> Result<(), Failure> {
        let council = Who::Council(PRACTICES[life.practice].council);
        self.desk.change(council, &format!("/v1/council/referrals/{}", state.request), "withdraw", None).map(drop)
    }

    fn route(&mut self, life: &Life, state: &mut State, practice: usize) -> Result<(), Failure> {
        let council = Who::Council(PRACTICES[life.practice].council);
        let content = json!({ "practice": PRACTICES[practice].slug });
        let path = format!("/v1/council/referrals/{}", state.request);
        self.desk.change(council, &path, "route", Some(&content))?;
        self.arrive(state, Some(PRACTICES[practice].slug))
    }

    /// Somebody who came by themselves.
    fn open(&mut self, life: &Life, state: &mut State) -> Result<(), Failure> {
        let gss_code = COUNCILS[PRACTICES[life.practice].council].gss_code;
        let mut details = life.person.message.clone();
        let council_person_id = details["council_person_id"].take();
        details["council_person_ids"] = json!([{ "council": gss_code, "id": council_person_id }]);
        if let Some(details) = details.as_object_mut() {
            details.remove("council_person_id");
        }
        let worker = Who::Staff(state.at, life.worker);
        let record = self.desk.create(worker, "/v1/practice/service-users", &details)?;
        let case = json!({
            "service_user_id": id_of(&record.body, "/id")?,
            "council": gss_code,
            "function": THEMES[life.theme].function,
        });
        let case = self.desk.create(worker, "/v1/practice/cases", &case)?;
        id_of(&case.body, "/id")?.clone_into(&mut state.case);
        let (worker, _) = self.cast.member(state.at, life.worker)?;
        let content = json!({ "staff_id": worker, "reason": "Spoke to them when they rang." });
        let path = format!("/v1/practice/cases/{}", state.case);
        self.desk.change(Who::Staff(state.at, "manager"), &path, "allocate", Some(&content)).map(drop)
    }

    fn note(&mut self, life: &Life, state: &mut State) -> Result<(), Failure> {
        // First what belongs to this work, in its order; then what fits any.
        let of_theme = match life.urgency {
            Urgency::Immediate | Urgency::Safeguarding => None,
            Urgency::Standard | Urgency::Urgent => THEMES[life.theme].notes.get(state.notes),
        };
        let (kind, text) = of_theme.copied().unwrap_or(NOTES[(state.notes + life.theme) % NOTES.len()]);
        state.notes += 1;
        let worker = Who::Staff(state.at, worker(life, state));
        let path = format!("/v1/practice/cases/{}/notes", state.case);
        self.desk.create(worker, &path, &json!({ "kind": kind, "text": text })).map(drop)
    }

    fn close(&mut self, life: &Life, state: &State, ending: &Ending) -> Result<(), Failure> {
        let mut content = json!({ "ground": ending.ground, "reason": ending.reason, "outcome": ending.outcome });
        if let Some(evidence) = ending.evidence {
            content["evidence"] = evidence.into();
        }
        let worker = Who::Staff(state.at, worker(life, state));
        self.desk.change(worker, &format!("/v1/practice/cases/{}", state.case), "close", Some(&content)).map(drop)
    }

    /// Whoever was drawn decides; where nobody was, it waits for somebody from outside.
    fn decide(&mut self, state: &State, approves: bool) -> Result<(), Failure> {
        for login in ["second-manager", "manager"] {
            let manager = Who::Staff(state.at, login);
            let waiting = self.desk.get(manager, "/v1/practice/countersignatures?limit=200")?;
            let Some(asked) = items(&waiting.body).find(|item| item["case_id"] == state.case.as_str()) else {
                continue;
            };
            let path = format!("/v1/practice/countersignatures/{}", id_of(asked, "/id")?);
            let (step, content) = if approves {
                let evidence = "The last visit, the plan and the call notes of this month.";
                ("approve", json!({ "same_had_nobody_complained": true, "evidence": evidence }))
            } else {
                ("refuse", json!({ "reason": "See them once more first: the last visit is weeks ago." }))
            };
            return self.desk.change(manager, &path, step, Some(&content)).map(drop);
        }
        Ok(())
    }

    fn lodge(&mut self, life: &Life, state: &mut State, manner: Manner) -> Result<(), Failure> {
        let (narrative, wants) = COMPLAINTS[(life.theme + life.practice) % COMPLAINTS.len()];
        let person = &life.person.message;
        let mut content = json!({
            "practice": PRACTICES[state.at].slug, "narrative": narrative, "wants": wants,
        });
        if manner == Manner::Anonymous {
            content["anonymous"] = true.into();
        } else {
            let (_, worker) = self.cast.member(state.at, worker(life, state))?;
            content["staff"] = json!([worker]);
            content["complainant"] = json!({ "name": life.person.spoken, "basis": "recipient" });
            content["person"] = json!({ "family_name": person["family_name"], "nhs_number": person["nhs_number"] });
            content["contact"] =
                json!({ "preferred": "phone", "phone": person["phone"], "instructions": "Mornings only." });
            content["confidential"] = (manner == Manner::Confidential).into();
        }
        let receipt = self.desk.create(Who::Partner, "/v1/partner/complaints", &content)?;
        id_of(&receipt.body, "/reference")?.clone_into(&mut state.complaint.reference);
        id_of(&receipt.body, "/access_code")?.clone_into(&mut state.complaint.code);
        for at_council in [false, true] {
            let (handler, path) = handler(state.at, at_council);
            let list = self.desk.get(handler, &format!("{path}?limit=200"))?;
            let found = items(&list.body).find(|item| item["reference"] == state.complaint.reference.as_str());
            if let Some(found) = found {
                id_of(found, "/id")?.clone_into(&mut state.complaint.id);
                state.complaint.at_council = at_council;
                return Ok(());
            }
        }
        Err("nobody holds the complaint".into())
    }

    fn acknowledge(&mut self, state: &State) -> Result<(), Failure> {
        let (handler, path) = handler(state.at, state.complaint.at_council);
        let path = format!("{path}/{}", state.complaint.id);
        self.desk.change(handler, &path, "acknowledge", Some(&json!({ "message": ACKNOWLEDGEMENT }))).map(drop)
    }

    fn confirm(&mut self, life: &Life, state: &State) -> Result<(), Failure> {
        // The council does so in its own systems.
        if state.complaint.at_council {
            return Ok(());
        }
        let (worker, _) = self.cast.member(state.at, worker(life, state))?;
        let (handler, path) = handler(state.at, false);
        let path = format!("{path}/{}", state.complaint.id);
        self.desk.change(handler, &path, "subjects", Some(&json!({ "staff": [worker] }))).map(drop)
    }

    fn answer(&mut self, state: &mut State) -> Result<(), Failure> {
        if state.complaint.at_council {
            return Ok(());
        }
        let (handler, path) = handler(state.at, false);
        let text = ANSWERS[state.complaint.answers % ANSWERS.len()];
        state.complaint.answers += 1;
        self.desk
            .create(handler, &format!("{path}/{}/messages", state.complaint.id), &json!({ "text": text }))
            .map(drop)
    }

    fn reply(&mut self, state: &mut State) -> Result<(), Failure> {
        let Complaint { reference, code, replies, .. } = &mut state.complaint;
        let text = REPLIES[*replies % REPLIES.len()];
        *replies += 1;
        let path = format!("/v1/partner/complaints/{reference}/messages");
        let headers = [("complaint-access-code", code.as_str())];
        self.desk.create_with(Who::Partner, &path, &headers, &json!({ "text": text })).map(drop)
    }
}

/// The worker of the story, or a colleague at the practice that has it now.
fn worker(life: &Life, state: &State) -> &'static str {
    if Cast::workers(state.at).contains(&life.worker) { life.worker } else { "social-worker" }
}

/// Who handles complaints about a practice, and where.
fn handler(practice: usize, at_council: bool) -> (Who, &'static str) {
    if at_council {
        (Who::CouncilComplaints(PRACTICES[practice].council), "/v1/council/complaints")
    } else {
        (Who::Staff(practice, "complaints"), "/v1/practice/complaints")
    }
}

/// What the council sends.
fn message(life: &Life, reference: &str, today: chrono::NaiveDate) -> Value {
    let theme = &THEMES[life.theme];
    let council = PRACTICES[life.practice].council;
    let mut person = life.person.message.clone();
    if life.nowhere {
        // A district that no practice here serves.
        person["address"]["postcode"] = "HR9 9ZZ".into();
    }
    let mut message = json!({
        "council_reference": reference,
        "requested_on": today,
        "function": theme.function,
        "urgency": "standard",
        "route_of_access": theme.route,
        "reason": theme.reason,
        "primary_support_reason": theme.support_reason,
        "consent": { "basis": "consent_given", "recorded_on": today },
        "person": person,
        "referrer": {
            "name": "Duty desk",
            "team": format!("{}, adult social care", COUNCILS[council].name),
            "email": format!("duty.{}@example.org", COUNCILS[council].prefix.to_lowercase()),
        },
    });
    match life.urgency {
        Urgency::Standard => {}
        Urgency::Urgent => message["urgency"] = "urgent".into(),
        Urgency::Immediate => {
            message["function"] = "needs_assessment".into();
            message["urgency"] = "immediate".into();
            message["reason"] = "Their carer was taken to hospital an hour ago, and they cannot be left alone.".into();
        }
        Urgency::Safeguarding => {
            message["function"] = "safeguarding_enquiry".into();
            message["urgency"] = "urgent".into();
            message["safeguarding_concern"] = true.into();
            message["reason"] = "A lodger has had the bank card since July. Please make the enquiry for us.".into();
            message["consent"]["basis"] = "legal_duty".into();
            message["instruction"] = json!({
                "officer": { "id": "SAM-12", "name": "Fatima Marsh", "role": "Safeguarding Adults Manager" },
                "due_by": today + TimeDelta::days(28),
            });
        }
    }
    message
}

fn items(page: &Value) -> impl Iterator<Item = &Value> {
    page["items"].as_array().into_iter().flatten()
}

fn id_of<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, Failure> {
    value.pointer(pointer).and_then(Value::as_str).ok_or_else(|| format!("no {pointer} in {value}").into())
}
