//! Makes the sample data: two months of work at eight practices, done over HTTP by a clock that is set into the past and
//! moved on.

mod api_client;
mod sample_closures;
mod sample_complaints;
mod sample_councils;
mod sample_organisations;
mod sample_people;
mod sample_referrals;
pub(crate) mod scale;
mod timetable;

use almoner_console::{Progress as Saying, say};
use almoner_persistence::{Clock, Store};
use chrono::{NaiveTime, TimeDelta};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::Failure;
use crate::logins::Logins;
use api_client::{ApiClient, Caller};
use sample_closures::CaseClosure;
use sample_complaints::{ACKNOWLEDGEMENT, ANSWERS, COMPLAINTS, REPLIES};
use sample_councils::COMPLAINTS_DESK;
pub(crate) use sample_councils::COUNCILS;
use sample_organisations::SampleOrganisations;
pub(crate) use sample_organisations::{BANK_EMAIL, PRACTICES};
use sample_people::pick;
use sample_referrals::{GENERAL_NOTES, REFERRAL_TEMPLATES};
use timetable::{ComplaintKind, SampleReferral, Step, Timetable, Urgency};

/// The seed of every random choice in the sample data.
const SEED: u64 = 2014;

/// Enters the organisations and takes every step of the timetable. The caller sets the clock back to the real time afterwards.
pub(crate) fn seed(store: &Store, worker_store: &Store, clock: &Clock, url: &str) -> Result<Logins, Failure> {
    let now = clock.now();
    let mut rng = StdRng::seed_from_u64(SEED);
    let timetable = Timetable::draw(&mut rng, now.date_naive());
    clock.set(timetable.days[0].and_time(NaiveTime::MIN).and_utc());
    let organisations = SampleOrganisations::enter(store, now.date_naive())?;
    say!(
        "- entered: {} councils, {} practices, {} members of staff",
        COUNCILS.len(),
        PRACTICES.len(),
        organisations.staff_count()
    )?;

    let count = timetable.past_steps.len() + timetable.latest_steps.len();
    say!("- making two months of work for {} people, in {count} steps over HTTP …", timetable.referrals.len())?;
    let mut client = ApiClient::new(url, clock.clone(), organisations.logins.clone())?;
    for (index, council) in COUNCILS.iter().enumerate() {
        let contact = json!({ "complaints": council.complaints_contact() });
        client.patch(Caller::Officer(index, "administrator"), "/v1/council/contacts", &contact)?;
    }
    let progress = timetable
        .referrals
        .iter()
        .map(|referral| Progress { practice: referral.practice, ..Progress::default() })
        .collect();
    let mut seeder = Seeder {
        client,
        worker_store,
        organisations: &organisations,
        rng,
        referrals: &timetable.referrals,
        progress,
        references: 1000,
    };
    let saying = Saying::of("making the sample data");
    let mut day = timetable.days[0];
    for (taken, (at, referral, step)) in timetable.past_steps.iter().enumerate() {
        saying.is(format!("{taken} of {count} steps"));
        // Every morning the worker does what fell due in the night.
        while day < at.date_naive() {
            day = day.succ_opt().ok_or("the end of time")?;
            clock.set(day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(5));
            almoner_worker::run_once(worker_store, None)?;
        }
        if *at > clock.now() {
            clock.set(*at);
        }
        seeder.take_step(*referral, *step)?;
    }
    clock.set(Clock::new().now() - TimeDelta::minutes(25));
    almoner_worker::run_once(worker_store, None)?;
    for (referral, step) in &timetable.latest_steps {
        seeder.take_step(*referral, *step)?;
        clock.advance(TimeDelta::minutes(2));
    }
    Ok(organisations.logins)
}

/// The progress of one referral after the steps so far.
#[derive(Default)]
struct Progress {
    /// The index in [`PRACTICES`] of the practice that has the referral.
    practice: usize,
    /// The council's id of the referral.
    request: String,
    /// The practice's id of the referral.
    referral: String,
    case: String,
    /// The number of notes written.
    notes: usize,
    complaint: Complaint,
}

/// The progress of the complaint that came from a referral, if there is one.
#[derive(Default)]
struct Complaint {
    reference: String,
    access_code: String,
    /// The officer to whom it was offered, and the offer.
    offered: Option<(&'static str, String)>,
    id: String,
    /// The number of messages that the officer wrote.
    answers: usize,
    /// The number of messages that the complainant wrote.
    replies: usize,
}

/// Takes the steps of the timetable.
struct Seeder<'a> {
    client: ApiClient,
    worker_store: &'a Store,
    organisations: &'a SampleOrganisations,
    rng: StdRng,
    referrals: &'a [SampleReferral],
    /// The progress of each referral, in the same order.
    progress: Vec<Progress>,
    /// The number in the last council reference.
    references: u32,
}

impl Seeder<'_> {
    fn take_step(&mut self, index: usize, step: Step) -> Result<(), Failure> {
        let referral = &self.referrals[index];
        let mut progress = std::mem::take(&mut self.progress[index]);
        let outcome = match step {
            Step::Send => self.send(referral, &mut progress),
            Step::Accept => self.accept(referral, &mut progress),
            Step::Decline(reason) => self.decline(&progress, reason),
            Step::Withdraw => self.withdraw(referral, &progress),
            Step::Route(practice) => self.route(referral, &mut progress, practice),
            Step::Open => self.open(referral, &mut progress),
            Step::Note => self.note(referral, &mut progress),
            Step::Close(closure) => self.close(referral, &progress, closure),
            Step::Approve => self.decide(&progress, true),
            Step::Refuse => self.decide(&progress, false),
            Step::Lodge(kind) => self.lodge(referral, &mut progress, kind),
            Step::Acknowledge => self.acknowledge(&mut progress),
            Step::Answer => self.answer(&mut progress),
            Step::Reply => self.reply(&mut progress),
        };
        self.progress[index] = progress;
        outcome.map_err(|failure| format!("in the history of {}: {failure}", referral.person.full_name).into())
    }

    fn send(&mut self, referral: &SampleReferral, progress: &mut Progress) -> Result<(), Failure> {
        let council = PRACTICES[referral.practice].council;
        self.references += 7;
        let reference = format!("{}-{:06}", COUNCILS[council].prefix, self.references);
        let mut message = message(referral, &reference, self.client.today());
        match self.references % 5 {
            _ if referral.outside_all_districts => {}
            0 => message["chosen_practice"] = PRACTICES[referral.practice].slug.into(),
            1 => message["preferred_practice"] = PRACTICES[referral.practice].slug.into(),
            _ => {}
        }
        let sent = self.client.create(Caller::Council(council), "/v1/council/referrals", &message)?;
        id_of(&sent.body, "/id")?.clone_into(&mut progress.request);
        self.find_in_inbox(progress, sent.text("/practice/slug"))
    }

    /// Finds the referral in the inbox of the practice that it was routed to, if to any. It is the newest one there.
    fn find_in_inbox(&mut self, progress: &mut Progress, slug: Option<&str>) -> Result<(), Failure> {
        let Some(practice) = PRACTICES.iter().position(|practice| Some(practice.slug) == slug) else { return Ok(()) };
        progress.practice = practice;
        let inbox = self.client.get(Caller::Staff(practice, "manager"), "/v1/practice/referrals?limit=200")?;
        let ids = items(&inbox.body).filter_map(|item| item["id"].as_str());
        ids.max().ok_or("nothing is in the inbox")?.clone_into(&mut progress.referral);
        Ok(())
    }

    fn accept(&mut self, referral: &SampleReferral, progress: &mut Progress) -> Result<(), Failure> {
        let (worker, _) = self.organisations.staff_member(progress.practice, worker(referral, progress))?;
        let reason = pick(
            &mut self.rng,
            &["Has room, and works in the district.", "Knows the street and the GP.", "Asked for by the person."],
        );
        let content = json!({ "allocate": { "staff_id": worker, "reason": reason } });
        let path = format!("/v1/practice/referrals/{}", progress.referral);
        let accepted =
            self.client.change(Caller::Staff(progress.practice, "manager"), &path, "accept", Some(&content))?;
        id_of(&accepted.body, "/case_id")?.clone_into(&mut progress.case);
        Ok(())
    }

    fn decline(&mut self, progress: &Progress, reason: &str) -> Result<(), Failure> {
        let content = json!({ "reason": reason, "note": "Rang the council's team and explained." });
        let path = format!("/v1/practice/referrals/{}", progress.referral);
        self.client.change(Caller::Staff(progress.practice, "manager"), &path, "decline", Some(&content)).map(drop)
    }

    fn withdraw(&mut self, referral: &SampleReferral, progress: &Progress) -> Result<(), Failure> {
        let council = Caller::Council(PRACTICES[referral.practice].council);
        self.client.change(council, &format!("/v1/council/referrals/{}", progress.request), "withdraw", None).map(drop)
    }

    fn route(&mut self, referral: &SampleReferral, progress: &mut Progress, practice: usize) -> Result<(), Failure> {
        let council = Caller::Officer(PRACTICES[referral.practice].council, "referrals");
        let content = json!({ "practice": PRACTICES[practice].slug });
        let path = format!("/v1/council/referrals/{}", progress.request);
        self.client.change(council, &path, "route", Some(&content))?;
        self.find_in_inbox(progress, Some(PRACTICES[practice].slug))
    }

    /// Opens a record and a case for a person who came without a referral.
    fn open(&mut self, referral: &SampleReferral, progress: &mut Progress) -> Result<(), Failure> {
        let gss_code = COUNCILS[PRACTICES[referral.practice].council].gss_code;
        let mut details = referral.person.details.clone();
        let council_person_id = details["council_person_id"].take();
        details["council_person_ids"] = json!([{ "council": gss_code, "id": council_person_id }]);
        if let Some(details) = details.as_object_mut() {
            details.remove("council_person_id");
        }
        let worker = Caller::Staff(progress.practice, referral.worker);
        let record = self.client.create(worker, "/v1/practice/service-users", &details)?;
        let case = json!({
            "service_user_id": id_of(&record.body, "/id")?,
            "council": gss_code,
            "function": REFERRAL_TEMPLATES[referral.template].function,
        });
        let case = self.client.create(worker, "/v1/practice/cases", &case)?;
        id_of(&case.body, "/id")?.clone_into(&mut progress.case);
        let (worker, _) = self.organisations.staff_member(progress.practice, referral.worker)?;
        let content = json!({ "staff_id": worker, "reason": "Spoke to them when they rang." });
        let path = format!("/v1/practice/cases/{}", progress.case);
        self.client.change(Caller::Staff(progress.practice, "manager"), &path, "allocate", Some(&content)).map(drop)
    }

    fn note(&mut self, referral: &SampleReferral, progress: &mut Progress) -> Result<(), Failure> {
        // The notes of the template come first, in their order; then notes that fit any case.
        let own_note = match referral.urgency {
            Urgency::Immediate | Urgency::Safeguarding => None,
            Urgency::Standard | Urgency::Urgent => REFERRAL_TEMPLATES[referral.template].notes.get(progress.notes),
        };
        let (kind, text) =
            own_note.copied().unwrap_or(GENERAL_NOTES[(progress.notes + referral.template) % GENERAL_NOTES.len()]);
        progress.notes += 1;
        let worker = Caller::Staff(progress.practice, worker(referral, progress));
        let path = format!("/v1/practice/cases/{}/notes", progress.case);
        self.client.create(worker, &path, &json!({ "kind": kind, "text": text })).map(drop)
    }

    fn close(&mut self, referral: &SampleReferral, progress: &Progress, closure: &CaseClosure) -> Result<(), Failure> {
        let mut content = json!({ "ground": closure.ground, "reason": closure.reason, "outcome": closure.outcome });
        if let Some((what, from)) = closure.evidence {
            content["evidence"] = json!({ "what": what, "on": self.client.today(), "from": from });
        }
        let worker = worker(referral, progress);
        let case = format!("/v1/practice/cases/{}", progress.case);
        if worker == "practitioner" {
            let agreed = json!({ "ground": closure.ground });
            let registrant = Caller::Staff(progress.practice, "social-worker");
            self.client.change(registrant, &case, "agree-to-closing", Some(&agreed))?;
        }
        self.client.change(Caller::Staff(progress.practice, worker), &case, "close", Some(&content)).map(drop)
    }

    /// Decides on the closure as the manager who was drawn. Where nobody could be drawn, the closure waits for somebody from
    /// outside the practice.
    fn decide(&mut self, progress: &Progress, approves: bool) -> Result<(), Failure> {
        for login in ["second-manager", "manager"] {
            let manager = Caller::Staff(progress.practice, login);
            let waiting = self.client.get(manager, "/v1/practice/countersignatures?limit=200")?;
            let Some(asked) = items(&waiting.body).find(|item| item["case_id"] == progress.case.as_str()) else {
                continue;
            };
            let path = format!("/v1/practice/countersignatures/{}", id_of(asked, "/id")?);
            let (step, content) = if approves {
                let evidence = "The last visit, the plan and the call notes of this month.";
                ("approve", json!({ "same_had_nobody_complained": true, "evidence": evidence }))
            } else {
                ("refuse", json!({ "reason": "See them once more first: the last visit is weeks ago." }))
            };
            return self.client.change(manager, &path, step, Some(&content)).map(drop);
        }
        Ok(())
    }

    fn lodge(
        &mut self,
        referral: &SampleReferral,
        progress: &mut Progress,
        kind: ComplaintKind,
    ) -> Result<(), Failure> {
        let (narrative, wants) = COMPLAINTS[(referral.template + referral.practice) % COMPLAINTS.len()];
        let person = &referral.person.details;
        let mut content = json!({
            "practice": PRACTICES[progress.practice].slug, "narrative": narrative, "wants": wants,
            "danger": { "now": "no" },
        });
        if kind == ComplaintKind::Anonymous {
            content["anonymous"] = true.into();
        } else {
            let (_, worker) = self.organisations.staff_member(progress.practice, worker(referral, progress))?;
            content["staff"] = json!([worker]);
            content["complainant"] = json!({ "name": referral.person.full_name, "basis": "recipient" });
            content["person"] = json!({ "family_name": person["family_name"], "nhs_number": person["nhs_number"] });
            content["contact"] =
                json!({ "preferred": "phone", "phone": person["phone"], "instructions": "Mornings only." });
            content["confidential"] = (kind == ComplaintKind::Confidential).into();
        }
        let receipt = self.client.create(Caller::Partner, "/v1/partner/complaints", &content)?;
        id_of(&receipt.body, "/reference")?.clone_into(&mut progress.complaint.reference);
        id_of(&receipt.body, "/access_code")?.clone_into(&mut progress.complaint.access_code);
        let council = PRACTICES[progress.practice].council;
        let before = self.offers(council)?;
        almoner_worker::do_jobs_of_council(self.worker_store, self.organisations.councils[council])?;
        let mut offers = self.offers(council)?.into_iter();
        progress.complaint.offered = offers.rfind(|(_, offer)| !before.iter().any(|(_, old)| old == offer));
        Ok(())
    }

    /// What is offered to the officers of a council: who is asked, and the offer.
    fn offers(&mut self, council: usize) -> Result<Vec<(&'static str, String)>, Failure> {
        let mut offers = Vec::new();
        for login in COMPLAINTS_DESK {
            let listed = self.client.get(Caller::Complaints(council, login), "/v1/complaints/offers?limit=200")?;
            offers.extend(items(&listed.body).filter_map(|item| Some((login, item["id"].as_str()?.to_owned()))));
        }
        Ok(offers)
    }

    /// The officer who has the complaint, at the complaints' door.
    fn officer(progress: &Progress) -> Result<Caller, Failure> {
        let (login, _) = progress.complaint.offered.as_ref().ok_or("nobody was asked to open the complaint")?;
        Ok(Caller::Complaints(PRACTICES[progress.practice].council, login))
    }

    fn acknowledge(&mut self, progress: &mut Progress) -> Result<(), Failure> {
        let officer = Self::officer(progress)?;
        let (_, offer) = progress.complaint.offered.as_ref().ok_or("nobody was asked to open the complaint")?;
        let path = format!("/v1/complaints/offers/{offer}/answer");
        let opened = self.client.put(officer, &path, &json!({ "knows_somebody_concerned": false }))?;
        id_of(&opened.body, "/complaint_id")?.clone_into(&mut progress.complaint.id);
        let path = format!("/v1/complaints/{}", progress.complaint.id);
        self.client.change(officer, &path, "acknowledge", Some(&json!({ "message": ACKNOWLEDGEMENT }))).map(drop)
    }

    fn answer(&mut self, progress: &mut Progress) -> Result<(), Failure> {
        let officer = Self::officer(progress)?;
        let text = ANSWERS[progress.complaint.answers % ANSWERS.len()];
        progress.complaint.answers += 1;
        let path = format!("/v1/complaints/{}/messages", progress.complaint.id);
        self.client.create(officer, &path, &json!({ "text": text })).map(drop)
    }

    fn reply(&mut self, progress: &mut Progress) -> Result<(), Failure> {
        let Complaint { reference, access_code, replies, .. } = &mut progress.complaint;
        let text = REPLIES[*replies % REPLIES.len()];
        *replies += 1;
        let path = format!("/v1/partner/complaints/{reference}/messages");
        let headers = [("complaint-access-code", access_code.as_str())];
        self.client.create_with(Caller::Partner, &path, &headers, &json!({ "text": text })).map(drop)
    }
}

/// The login of the referral's worker, or of a colleague if another practice has the referral now.
fn worker(referral: &SampleReferral, progress: &Progress) -> &'static str {
    if SampleOrganisations::case_workers(progress.practice).contains(&referral.worker) {
        referral.worker
    } else {
        "social-worker"
    }
}

/// The message that the council sends.
fn message(referral: &SampleReferral, reference: &str, today: chrono::NaiveDate) -> Value {
    let template = &REFERRAL_TEMPLATES[referral.template];
    let council = PRACTICES[referral.practice].council;
    let mut person = referral.person.details.clone();
    if referral.outside_all_districts {
        // No practice of the sample data serves this district.
        person["address"]["postcode"] = "HR9 9ZZ".into();
    }
    let mut message = json!({
        "council_reference": reference,
        "requested_on": today,
        "function": template.function,
        "urgency": "standard",
        "route_of_access": template.route,
        "reason": template.reason,
        "primary_support_reason": template.support_reason,
        "consent": { "basis": "consent_given", "recorded_on": today },
        "person": person,
        "referrer": {
            "name": "Duty desk",
            "team": format!("{}, adult social care", COUNCILS[council].name),
            "email": format!("duty.{}@example.org", COUNCILS[council].prefix.to_lowercase()),
        },
    });
    match referral.urgency {
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

/// Reads what is to be entered, as an operator writes it.
fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Failure> {
    Ok(serde_json::from_value(value)?)
}
