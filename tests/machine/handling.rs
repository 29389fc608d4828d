//! What those who have a complaint do with it, and what it answers to anybody else.

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::{Caller, fresh_key};
use chrono::Days;
use serde_json::{Value, json};

use crate::What;
use crate::model::{
    Holding, NAMES, OFFICERS, Person, SUBJECT, Step, after, day, midnight, six_months_from, working_days_after,
};
use crate::playing::Play;

/// An identifier that nothing has.
const NOBODYS: &str = "01937c5e-2b00-7a41-9d6c-000000000000";

/// Who may do something, and in which stages.
#[derive(Clone, Copy)]
struct Rule {
    is_an_officers: bool,
    step: Option<Step>,
    /// What is refused though the stage is right.
    refused: Option<u16>,
    /// Whether it is done at once, also by an officer in whose place another is asked.
    is_urgent: bool,
}

/// What an officer does.
const DECIDE: Rule = Rule { is_an_officers: true, step: None, refused: None, is_urgent: false };

/// What everybody does who has the complaint.
const WORK: Rule = Rule { is_an_officers: false, ..DECIDE };

/// Somebody who sends something about a complaint, whose version they have seen.
struct Sender<'a> {
    staff: &'a Staff,
    path: &'a str,
    etag: &'a str,
}

impl Sender<'_> {
    fn send(&self, method: &str, to: &str) -> Answer {
        let headers = [("if-match", self.etag)];
        self.staff.send(method, &format!("{}/{to}", self.path), &headers, None)
    }

    fn put(&self, to: &str, body: &Value) -> Answer {
        let content = body.to_string();
        let (path, headers) = (format!("{}/{to}", self.path), [("if-match", self.etag)]);
        self.staff.send("PUT", &path, &headers, Some(("application/json", content.as_bytes())))
    }

    fn create(&self, to: &str, body: &Value) -> Answer {
        self.staff.create(&format!("{}/{to}", self.path), body)
    }

    fn change(&self, to: &str, body: &Value) -> Answer {
        let headers = [("if-match", self.etag), ("idempotency-key", &fresh_key())];
        self.staff.post_with(&format!("{}/{to}", self.path), &headers, body)
    }
}

impl Rule {
    fn by(self, step: Step) -> Self {
        Self { step: Some(step), ..self }
    }

    fn unless(self, is_refused: bool, status: u16) -> Self {
        Self { refused: self.refused.or(is_refused.then_some(status)), ..self }
    }

    fn at_once(self) -> Self {
        Self { is_urgent: true, ..self }
    }
}

impl Play<'_> {
    /// Does something about a complaint. Nothing is done with one that nobody has opened yet, but what the complainant does.
    pub(crate) fn handles(&mut self, on: usize, by: Person, what: What) {
        match what {
            What::Complain { naming } => self.complains(on, self.named(on, naming)),
            What::Ask { withdraw, naming } => self.asks(on, withdraw, self.named(on, naming)),
            What::Object { to } => self.objects(on, to),
            _ if self.model.complaints[on].id.is_empty() => {}
            What::Next => self.does_what_is_next(on, by),
            What::Assign { to } => self.assigns(on, by, to),
            What::EndAssignment { of } => self.ends_assignment(on, by, of),
            What::Hear => self.hears(on, by),
            What::PassOn => self.passes_on(on, by),
            What::Decide { confirmed } => self.decides(on, by, confirmed),
            What::Acknowledge | What::Tell | What::Exclude | What::Reopen | What::Explain => self.writes(on, by, what),
            What::Plan { days } => self.plans(on, by, days),
            What::Raise | What::Find | What::Draft => self.looks_into(on, by, what),
            What::Sign | What::GiveBack | What::Send => self.answers(on, by, what),
            What::Promise { .. } | What::Done | What::Close => self.sees_through(on, by, what),
        }
    }

    /// Does what comes next, in order.
    fn does_what_is_next(&mut self, on: usize, by: Person) {
        match self.model.complaints[on].status {
            "received" => self.writes(on, by, What::Acknowledge),
            "acknowledged" => {
                if self.model.complaints[on].latest < day(self.now()) {
                    self.writes(on, by, What::Explain);
                }
                self.plans(on, by, 20);
            }
            "investigating" => {
                if self.model.complaints[on].heads.is_empty() {
                    self.looks_into(on, by, What::Raise);
                }
                self.looks_into(on, by, What::Find);
                self.looks_into(on, by, What::Draft);
                self.answers(on, by, What::Sign);
            }
            "signed" => self.answers(on, by, What::Send),
            "answered" => {
                self.sees_through(on, by, What::Done);
                self.sees_through(on, by, What::Close);
            }
            _ => self.writes(on, by, What::Reopen),
        }
    }

    /// Sends something about a complaint, with the version that the caller has seen, and holds the answer to the rule. Returns the answer
    /// if it was done. What is out of order says in which stage the complaint is, and changes nothing.
    fn tries(&mut self, on: usize, by: Person, rule: Rule, send: impl Fn(&Sender<'_>) -> Answer) -> Option<Answer> {
        let complaint = &self.model.complaints[on];
        let (status, is_there, reads) = (complaint.status, self.model.is_there(by), complaint.is_read_by(by));
        let next = rule.step.map_or(Some(status), |step| after(status, step));
        let rule = rule.unless(!rule.is_urgent && complaint.waits_for_another_than(by), 409);
        let refused = match () {
            () if !is_there => Some(401),
            () if rule.is_an_officers && by >= OFFICERS => Some(403),
            () if !reads => Some(404),
            () if next.is_none() => Some(409),
            () => rule.refused,
        };
        let (path, staff) = (self.path(on), self.staff(by));
        let seen = (is_there && reads).then(|| staff.get(&path));
        let etag = seen.as_ref().and_then(Answer::etag).unwrap_or("\"1\"").to_owned();
        let answer = send(&Sender { staff, path: &path, etag: &etag });
        if let Some(expected) = refused {
            assert_eq!(answer.status, expected, "{status}: {}", answer.body);
            if next.is_none() && expected == 409 {
                assert!(answer.text("/detail").unwrap().contains(status), "{status}: {}", answer.body);
            }
            let again = seen.as_ref().map(|_| staff.get(&path));
            assert_eq!(seen.map(|seen| seen.body), again.map(|again| again.body), "nothing has changed");
        } else {
            assert!(answer.status < 300, "{status}: {} {}", answer.status, answer.body);
        }
        if is_there && reads {
            self.model.complaints[on].looked_at = day(self.now());
        }
        if refused.is_some() {
            return None;
        }
        let complaint = &mut self.model.complaints[on];
        complaint.goes_to(next.unwrap());
        complaint.ends_for_guests();
        Some(answer)
    }

    fn writes(&mut self, on: usize, by: Person, what: What) {
        let (rule, to, body) = match what {
            What::Acknowledge => {
                (WORK.by(Step::Acknowledge).at_once(), "acknowledge", json!({ "message": "may I ring you?" }))
            }
            What::Exclude => (
                DECIDE.by(Step::Exclude),
                "exclude",
                json!({ "ground": "previously_investigated", "reason": "it was answered in spring.", "heard_on": "2026-03-03" }),
            ),
            What::Reopen => (DECIDE.by(Step::Reopen), "reopen", json!({ "reason": "it happened again." })),
            What::Explain => {
                let complaint = &self.model.complaints[on];
                let is_early = complaint.response_due.min(complaint.latest) >= day(self.now());
                let body = json!({ "reason": "nobody looked at it." });
                (WORK.by(Step::Explain).unless(is_early, 409).at_once(), "explain-delay", body)
            }
            _ => (WORK.at_once(), "messages", json!({ "text": "somebody rings you tomorrow." })),
        };
        let done = self.tries(on, by, rule, |sender| {
            // A message alone is written whatever version was seen.
            if to == "messages" { sender.create(to, &body) } else { sender.change(to, &body) }
        });
        let today = day(self.now());
        let complaint = &mut self.model.complaints[on];
        if done.is_none() {
            return;
        }
        complaint.told += 1;
        complaint.is_answered_by(by);
        if matches!(what, What::Explain) {
            complaint.explained = Some(today);
        }
        let is_word = matches!(what, What::Tell | What::Explain) && complaint.progress_due.is_some();
        if is_word || matches!(what, What::Acknowledge | What::Reopen) {
            complaint.progress_due = Some(working_days_after(today, 20));
        }
        if matches!(what, What::Reopen) {
            complaint.plan_due = working_days_after(today, 10);
            complaint.response_due = working_days_after(today, 25);
            complaint.latest = six_months_from(today);
            complaint.explained = None;
            complaint.is_planned = false;
            complaint.has_draft = false;
        }
    }

    fn plans(&mut self, on: usize, by: Person, days: u64) {
        let today = day(self.now());
        let respond_by = today + Days::new(days);
        let complaint = &self.model.complaints[on];
        let is_refused = if complaint.is_planned {
            respond_by > complaint.response_due
        } else if today > complaint.latest {
            complaint.explained.is_none_or(|explained| explained <= complaint.latest)
        } else {
            respond_by > complaint.latest
        };
        let body = json!({ "handling": "the diary is read.", "respond_by": respond_by, "period": "agreed" });
        let rule = WORK.by(Step::Plan).unless(is_refused, 422);
        if self.tries(on, by, rule, |sender| sender.put("plan", &body)).is_some() {
            let complaint = &mut self.model.complaints[on];
            complaint.is_planned = true;
            complaint.response_due = respond_by;
            complaint.progress_due = Some(working_days_after(today, 20));
        }
    }

    fn looks_into(&mut self, on: usize, by: Person, what: What) {
        let rule = WORK.by(Step::LookInto);
        match what {
            What::Raise => {
                let body = json!({ "statement": "three visits were cancelled.", "about": "service", "theme": "delay" });
                let raised = self.tries(on, by, rule, |sender| sender.create("heads", &body));
                if let Some(raised) = raised {
                    let id = raised.body["heads"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap();
                    self.model.complaints[on].heads.push((id.to_owned(), false));
                }
            }
            What::Find => {
                let heads = &self.model.complaints[on].heads;
                let Some(place) = heads.iter().position(|(_, is_found)| !is_found) else { return };
                let to = format!("heads/{}/finding", heads[place].0);
                let why = "she does not want to say more.";
                let body = json!({ "outcome": "inconclusive", "finding": "the diary does not say.", "not_heard_because": why });
                let send = |sender: &Sender<'_>| sender.put(&to, &body);
                if self.tries(on, by, rule, send).is_some() {
                    self.model.complaints[on].heads[place].1 = true;
                }
            }
            _ => {
                let body = json!({ "considered": "the diary.", "conclusions": "it is not known.", "action": "done." });
                let send = |sender: &Sender<'_>| sender.put("response", &body);
                if self.tries(on, by, rule, send).is_some() {
                    self.model.complaints[on].has_draft = true;
                }
            }
        }
    }

    fn answers(&mut self, on: usize, by: Person, what: What) {
        let complaint = &self.model.complaints[on];
        let is_whole =
            complaint.has_draft && !complaint.heads.is_empty() && complaint.heads.iter().all(|(_, found)| *found);
        match what {
            What::Sign => {
                // A signature wants a second factor that was proved a moment ago.
                if self.model.is_there(by) {
                    self.staff(by).forget_token();
                }
                let rule = DECIDE.by(Step::Sign).unless(!is_whole, 422);
                self.tries(on, by, rule, |sender| sender.send("POST", "response/sign"));
            }
            What::GiveBack => {
                self.tries(on, by, DECIDE.by(Step::GiveBack), |sender| sender.send("POST", "response/give-back"));
            }
            _ => {
                let body = json!({ "by": "post", "on": day(self.now()) });
                let sent = self.tries(on, by, DECIDE.by(Step::Send), |sender| sender.put("response/sent", &body));
                if sent.is_some() {
                    let today = day(self.now());
                    self.model.complaints[on].progress_due = None;
                    self.model.complaints[on].last_done = Some(today);
                }
            }
        }
    }

    fn sees_through(&mut self, on: usize, by: Person, what: What) {
        let today = day(self.now());
        let open = self.model.complaints[on].actions.first().cloned();
        match (what, open) {
            (What::Promise { days }, _) => {
                let due_on = today + Days::new(days);
                let body = json!({ "what": "somebody rings first.", "owner": "the practice", "due_on": due_on });
                let promised = self.tries(on, by, WORK.by(Step::Promise), |sender| sender.create("actions", &body));
                if let Some(promised) = promised {
                    let id = promised.body["actions"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap();
                    self.model.complaints[on].actions.push((id.to_owned(), due_on));
                }
            }
            (What::Done, Some((id, _))) => {
                let body = json!({ "on": today, "words": "it was seen." });
                let done = self.tries(on, by, WORK, |sender| sender.put(&format!("actions/{id}/done"), &body));
                if done.is_some() {
                    self.model.complaints[on].actions.remove(0);
                    self.model.complaints[on].last_done = Some(today);
                }
            }
            (What::Close, open) => {
                let rule = DECIDE.by(Step::Close).unless(open.is_some(), 409);
                self.tries(on, by, rule, |sender| sender.change("close", &json!({})));
            }
            _ => {}
        }
    }

    fn passes_on(&mut self, on: usize, by: Person) {
        let messages = &self.model.complaints[on].messages;
        let Some(place) = messages.iter().position(|message| message.waits) else { return };
        let is_named = messages[place].names == Some(by);
        let id = messages[place].id.clone();
        let send = |sender: &Sender<'_>| sender.send("PUT", &format!("messages/{id}/passed-on"));
        if self.tries(on, by, DECIDE.unless(is_named, 404).at_once(), send).is_some() {
            self.model.complaints[on].messages[place].waits = false;
        }
    }

    fn decides(&mut self, on: usize, by: Person, confirmed: bool) {
        let complaint = &self.model.complaints[on];
        let is_open = |asked: &crate::model::Asked| !asked.waits || asked.names != Some(by);
        let Some(place) = complaint.requests.iter().position(|asked| asked.waits && is_open(asked)) else { return };
        let seen = complaint.requests[..place].iter().filter(|asked| is_open(asked)).count();
        let mut rule = DECIDE;
        if confirmed && complaint.requests[place].withdraws {
            rule = rule.by(Step::Withdraw);
        }
        let body =
            json!({ "confirmed": confirmed, "told_by": "phone", "told_on": day(self.now()), "words": "she said so." });
        let decided = self.tries(on, by, rule, |sender| {
            let read = sender.staff.get(sender.path);
            let id = read.text(&format!("/requests/{seen}/id")).unwrap_or(NOBODYS);
            sender.change(&format!("requests/{id}/decide"), &body)
        });
        if decided.is_some() {
            self.model.complaints[on].requests[place].waits = false;
        }
    }

    fn assigns(&mut self, on: usize, by: Person, to: Person) {
        let complaint = &self.model.complaints[on];
        let member = if to < OFFICERS { "officer_id" } else { "guest_id" };
        let body = json!({ member: self.staff(to).id, "reason": "nothing is known against it." });
        if to == SUBJECT {
            return;
        }
        let is_over = complaint.is_closed() && to >= OFFICERS;
        let is_refused = !self.model.is_there(to) || self.model.is_barred(complaint, to);
        let rule = DECIDE
            .unless(complaint.waits_for_another_than(by), 409)
            .unless(is_refused, 422)
            .unless(is_over || complaint.holders.contains_key(&to), 409);
        let assigned = self.tries(on, by, rule, |sender| sender.create("assignments", &body));
        if assigned.is_some() {
            let holding = Holding { id: String::new(), objected: false, shown_from: None };
            self.model.complaints[on].holders.insert(to, holding);
            self.learns_assignments(on, by);
        }
    }

    fn ends_assignment(&mut self, on: usize, by: Person, of: usize) {
        let complaint = &self.model.complaints[on];
        let holders: Vec<Person> =
            complaint.holders.keys().copied().filter(|holder| self.model.is_there(*holder)).collect();
        if holders.is_empty() {
            return;
        }
        let ended = holders[of % holders.len()];
        let keeps_it =
            |other: &&Person| **other < OFFICERS && **other != ended && !complaint.waits_for_another_than(**other);
        let is_the_last = ended < OFFICERS && !holders.iter().any(|other| keeps_it(&other));
        let to = format!("assignments/{}", complaint.holders[&ended].id);
        let rule = DECIDE.unless(is_the_last, 409);
        let send = |sender: &Sender<'_>| sender.send("DELETE", &to);
        if self.tries(on, by, rule, send).is_some() {
            let complaint = &mut self.model.complaints[on];
            complaint.holders.remove(&ended);
            complaint.out.insert(ended);
        }
    }

    /// Has the subject heard on the first head.
    fn hears(&mut self, on: usize, by: Person) {
        let complaint = &self.model.complaints[on];
        let Some((head, _)) = complaint.heads.first().cloned() else { return };
        let is_heard = complaint.holders.contains_key(&SUBJECT);
        if by < OFFICERS && self.model.is_there(by) && complaint.is_read_by(by) && !self.heard.contains_key(&on) {
            let subject = (NAMES[SUBJECT], self.staff(SUBJECT).email.as_str(), "subject");
            let (world, path) = (&self.ground.world, self.path(on));
            let guest = world.shown_another_part(&self.council, self.staff(by), &path, subject);
            self.heard.insert(on, guest.id.to_string());
        }
        let guest = self.heard.get(&on).map_or(NOBODYS, String::as_str);
        let body = json!({ "guest_id": guest, "heads": [head], "message": "the worker is asked.", "interim": "another comes." });
        let rule = DECIDE.by(Step::LookInto).unless(is_heard, 409);
        let opened = self.tries(on, by, rule, |sender| sender.create("hearings", &body));
        if opened.is_some() {
            let shown_from = working_days_after(day(self.now()), 3) + Days::new(1);
            let holding = Holding { id: String::new(), objected: false, shown_from: Some(midnight(shown_from)) };
            let complaint = &mut self.model.complaints[on];
            complaint.holders.insert(SUBJECT, holding);
            complaint.told += 1;
            complaint.is_answered_by(by);
            self.learns_assignments(on, by);
        }
    }
}
