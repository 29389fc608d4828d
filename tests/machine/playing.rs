//! Doing what an operation says, over HTTP, and holding each answer to the model.

use std::collections::BTreeMap;

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::{Caller, System, fresh_key};
use almoner_tests::complaints::{COMPLAINTS, Desk, answer, follow, write_as_complainant};
use almoner_tests::{Council, Practice, Staff, World, messages};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::model::{
    Asked, Complaint, Holding, Message, Model, NAMES, OFFICERS, Person, SUBJECT, day, six_months_from,
    working_days_after,
};
use crate::{Naming, Operation, Who};

/// For how long a token serves.
const A_DAY: TimeDelta = TimeDelta::hours(24);

/// What all sequences have in common: a server, a practice, and another council.
pub(crate) struct Ground {
    pub(crate) world: World,
    practice: Practice,
    elsewhere: Council,
    begins: DateTime<Utc>,
}

impl Ground {
    pub(crate) fn new() -> Self {
        // Nobody signs in again within a day, and nobody's session ends.
        let long = TimeDelta::days(400);
        let world = World::with_settings(|settings| {
            settings.access_token = A_DAY.to_std().unwrap();
            settings.request_timeout = std::time::Duration::from_mins(1);
            settings.sessions.absolute = long;
            settings.sessions.idle = long;
        });
        let elsewhere = world.council();
        let practice = world.practice(&elsewhere);
        let begins = world.clock.now();
        Self { world, practice, elsewhere, begins }
    }
}

/// One sequence at a council of its own.
pub(crate) struct Play<'g> {
    pub(crate) ground: &'g Ground,
    pub(crate) council: Council,
    pub(crate) desk: Desk,
    pub(crate) guests: [Staff; 3],
    /// As whom the subject is heard in a complaint, by its number.
    pub(crate) heard: BTreeMap<usize, String>,
    /// A complaints officer of another council.
    pub(crate) stranger: Staff,
    /// A member of staff of the practice that every complaint is about.
    pub(crate) member: Staff,
    pub(crate) app: System,
    pub(crate) receipts: Vec<Answer>,
    pub(crate) model: Model,
    /// A second officer who confirms what the first gives.
    pub(crate) second: Staff,
    /// When everybody got the token that they have.
    signed_in_at: DateTime<Utc>,
    months_have_passed: bool,
}

impl<'g> Play<'g> {
    pub(crate) fn new(ground: &'g Ground) -> Self {
        let world = &ground.world;
        world.clock.set(ground.begins);
        let council = world.council();
        let desk = world.desk(&council);
        let guests = [
            world.investigator(&council, &desk, NAMES[4]),
            world.investigator(&council, &desk, NAMES[5]),
            world.investigator(&council, &desk, NAMES[SUBJECT]),
        ];
        for officer in &desk.officers {
            let signs = format!("{COMPLAINTS}/signatories/{}", officer.id);
            assert_eq!(desk.responsible.send("PUT", &signs, &[], None).status, 204);
        }
        guests.iter().chain(desk.everybody()).for_each(|one| assert_eq!(one.get(COMPLAINTS).status, 200));
        let roles = [OfficerRole::Complaints];
        ground.elsewhere.forget_tokens();
        let stranger = world.officer_named(&ground.elsewhere, "Farid Nazari", &roles).at_complaints();
        let email = format!("member-{}@practice.example", fresh_key());
        let member = json!({ "name": "Owen Bright", "email": email, "roles": ["practitioner"] });
        let member = world.join(ground.practice.id, member);
        let app = world.partner();
        Self {
            ground,
            desk,
            guests,
            heard: BTreeMap::new(),
            stranger,
            member,
            app,
            receipts: Vec::new(),
            model: Model::default(),
            second: world.officer_named(&council, "Ruth Zeller", &[OfficerRole::Administrator]),
            signed_in_at: ground.begins,
            months_have_passed: false,
            council,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.ground.world.clock.now()
    }

    pub(crate) fn staff(&self, person: Person) -> &Staff {
        if person < OFFICERS { self.desk.everybody()[person] } else { &self.guests[person - OFFICERS] }
    }

    pub(crate) fn path(&self, on: usize) -> String {
        format!("{COMPLAINTS}/{}", self.model.complaints[on].id)
    }

    fn who(&self, who: Who, on: usize) -> Person {
        match who {
            Who::Anybody(person) => person,
            Who::Holder(number) => {
                let holders: Vec<Person> = self.model.complaints[on].holders.keys().copied().collect();
                if holders.is_empty() { number } else { holders[number % holders.len()] }
            }
        }
    }

    /// Does what an operation says, and looks at everything that it touched.
    pub(crate) fn plays(&mut self, operation: &Operation) {
        self.ground.world.clock.advance(TimeDelta::minutes(1));
        self.signs_in_anew();
        let touched = self.does(operation);
        self.sees_after(touched);
    }

    /// Returns which complaint was touched; nothing where time has passed.
    fn does(&mut self, operation: &Operation) -> Option<usize> {
        match *operation {
            Operation::Lodge { named, must_not_see, confidential, about_council } => {
                Some(self.lodge(named, must_not_see, confidential, about_council))
            }
            Operation::Answer { offer, knows_somebody } => self.answer(offer, knows_somebody),
            Operation::LetGo { guest } => Some(self.let_go(OFFICERS + guest)),
            Operation::Leave { officer } => Some(self.leave(officer)),
            Operation::ComeAnew { officer } => self.come_anew(officer),
            Operation::GoAway { officer, days } => self.go_away(officer, days),
            Operation::ComeBack { officer } => self.come_back(officer),
            Operation::LoseRole { officer } => Some(self.lose_role(officer)),
            Operation::GetRoleBack { officer } => self.get_role_back(officer),
            Operation::Months => self.let_months_pass(),
            Operation::Work => self.after(TimeDelta::zero()),
            Operation::Hours(hours) => self.after(TimeDelta::hours(hours)),
            Operation::Days(days) => {
                for _ in 0..days {
                    self.after(TimeDelta::hours(24));
                }
                None
            }
            Operation::On { complaint, by, what } => {
                let on = complaint % self.model.complaints.len();
                let by = self.who(by, on);
                self.handles(on, by, what);
                Some(on)
            }
        }
    }

    /// Moves the clock, and has the worker do what is due.
    fn after(&mut self, time: TimeDelta) -> Option<usize> {
        self.ground.world.clock.advance(time);
        self.signs_in_anew();
        self.ground.world.work_for_council(&self.council);
        self.model.turn();
        self.sees_what_is_offered();
        None
    }

    /// Everybody who is there signs in again before their token has expired.
    fn signs_in_anew(&mut self) {
        if self.now() - self.signed_in_at < A_DAY - TimeDelta::hours(1) {
            return;
        }
        self.signed_in_at = self.now();
        self.app.forget_token();
        for person in (0..NAMES.len()).filter(|person| self.model.is_there(*person)) {
            self.staff(person).forget_token();
        }
        self.stranger.forget_token();
        self.member.forget_token();
    }

    fn lodge(
        &mut self,
        named: Option<Person>,
        must_not_see: Option<Person>,
        confidential: bool,
        about_council: bool,
    ) -> usize {
        let mut complaint = messages::complaint(&self.ground.practice.slug);
        complaint["council"] = json!(self.council.gss_code);
        complaint["confidential"] = json!(confidential);
        // The number tells an offer of this complaint from others.
        let number = format!("Zz{}", self.model.complaints.len());
        complaint["staff"] = named.map(|person| NAMES[person].to_owned()).into_iter().chain([number]).collect();
        complaint["must_not_see"] = must_not_see.map(|person| NAMES[person]).into_iter().collect();
        if about_council {
            complaint["about"] = json!(["council"]);
        }
        let receipt = self.app.create("/v1/partner/complaints", &complaint);
        assert_eq!(receipt.status, 201, "{}", receipt.body);
        let today = day(self.now());
        self.model.complaints.push(Complaint {
            id: String::new(),
            status: "received",
            about_council,
            received: today,
            plan_due: working_days_after(today, 10),
            response_due: working_days_after(today, 25),
            latest: six_months_from(today),
            explained: None,
            progress_due: None,
            actions: Vec::new(),
            heads: Vec::new(),
            is_planned: false,
            has_draft: false,
            looked_at: today,
            named: named.into_iter().chain(must_not_see).collect(),
            out: std::collections::BTreeSet::new(),
            holders: std::collections::BTreeMap::new(),
            messages: Vec::new(),
            told: 0,
            requests: Vec::new(),
            last_done: None,
            offer: None,
        });
        self.receipts.push(receipt);
        self.model.complaints.len() - 1
    }

    /// Answers an offer as whoever is asked. To anybody else there is no such offer, nor is there one to an officer whom the complainant
    /// has named since.
    fn answer(&mut self, number: usize, knows_somebody: bool) -> Option<usize> {
        let offered: Vec<usize> =
            (0..self.model.complaints.len()).filter(|on| self.model.complaints[*on].offer.is_some()).collect();
        let on = *offered.get(number % offered.len().max(1))?;
        let (asked, offer, _) = self.model.complaints[on].offer.clone()?;
        let other = (0..OFFICERS).find(|other| *other != asked && self.model.is_there(*other));
        if let Some(other) = other {
            assert_eq!(answer(self.staff(other), &offer, knows_somebody).status, 404, "another's offer");
        }
        let answered = answer(self.staff(asked), &offer, knows_somebody);
        let is_there = self.model.is_there(asked);
        let is_barred = self.model.is_barred(&self.model.complaints[on], asked);
        let expected = if is_there { 200 } else { 401 };
        assert_eq!(answered.status, expected, "{} answers: {}", NAMES[asked], answered.body);
        if expected != 200 {
            return Some(on);
        }
        let today = day(self.now());
        let complaint = &mut self.model.complaints[on];
        complaint.offer = None;
        if knows_somebody || is_barred {
            assert_eq!(answered.text("/outcome"), Some("conflict"), "{}", answered.body);
            complaint.out.insert(asked);
            complaint.holders.remove(&asked);
            return Some(on);
        }
        let id = answered.text("/complaint_id").expect("a complaint").to_owned();
        assert!(complaint.id.is_empty() || complaint.id == id, "one complaint");
        complaint.id = id;
        complaint.looked_at = today;
        let holding = Holding { id: String::new(), objected: false, shown_from: None };
        complaint.holders.entry(asked).or_insert(holding);
        self.learns_assignments(on, asked);
        Some(on)
    }

    /// Learns the identifiers of the assignments of a complaint, from somebody who has it.
    pub(crate) fn learns_assignments(&mut self, on: usize, reader: Person) {
        let listed = self.staff(reader).get(&format!("{}/assignments", self.path(on)));
        for item in listed.body["items"].as_array().unwrap_or_else(|| panic!("{}", listed.body)) {
            let person = NAMES.iter().position(|name| item["name"] == *name);
            if let Some(holding) = person.and_then(|person| self.model.complaints[on].holders.get_mut(&person))
                && item.get("ended_at").is_none()
            {
                item["id"].as_str().unwrap().clone_into(&mut holding.id);
            }
        }
    }

    /// More than six months pass, once in a sequence, and the worker stands still until they have.
    fn let_months_pass(&mut self) -> Option<usize> {
        if std::mem::replace(&mut self.months_have_passed, true) { None } else { self.after(TimeDelta::days(190)) }
    }

    /// Whose name stands in something that the complainant writes.
    pub(crate) fn named(&self, on: usize, naming: Naming) -> Option<Person> {
        let complaint = &self.model.complaints[on];
        match naming {
            Naming::Nobody => None,
            Naming::Somebody(person) => Some(person),
            Naming::WhoeverHasIt => {
                let asked = complaint.offer.as_ref().map(|(person, ..)| *person);
                asked.or_else(|| complaint.holders.keys().next().copied())
            }
        }
    }

    /// Writes as the complainant. The officers whom the text names are known by their names alone.
    pub(crate) fn complains(&mut self, on: usize, naming: Option<Person>) {
        let text = naming.map_or("nobody rang again.", |person| NAMES[person]);
        assert_eq!(write_as_complainant(&self.app, &self.receipts[on], text).status, 201);
        let followed = follow(&self.app, &self.receipts[on]);
        let mut messages = followed.body["messages"].as_array().unwrap().iter();
        let written = messages.rfind(|message| message["author"] == "complainant").unwrap();
        let id = written["id"].as_str().unwrap().to_owned();
        let today = day(self.now());
        let complaint = &mut self.model.complaints[on];
        complaint.named.extend(naming);
        let answer_by = working_days_after(today, 5);
        complaint.messages.push(Message { id, names: naming, waits: true, is_answered: false, answer_by });
    }

    /// Asks for something with the code.
    pub(crate) fn asks(&mut self, on: usize, withdraw: bool, naming: Option<Person>) {
        let mut body = json!({ "kind": if withdraw { "withdrawal" } else { "consent" } });
        if !withdraw {
            body["body"] = "the ambulance service".into();
        }
        if let Some(person) = naming {
            body["words"] = NAMES[person].into();
        }
        let asked = self.with_the_code(on, "requests", &body);
        assert_eq!(asked.status, 201, "{}", asked.body);
        let decide_by = working_days_after(day(self.now()), 5);
        let complaint = &mut self.model.complaints[on];
        complaint.named.extend(naming);
        complaint.requests.push(Asked { names: naming, waits: true, withdraws: withdraw, decide_by });
    }

    /// Objects to somebody who has the complaint.
    pub(crate) fn objects(&mut self, on: usize, number: usize) {
        let holders: Vec<Person> = self.model.complaints[on].holders.keys().copied().collect();
        if holders.is_empty() {
            return;
        }
        let person = holders[number % holders.len()];
        let id = self.model.complaints[on].holders[&person].id.clone();
        let objected = self.with_the_code(on, "objections", &json!({ "assignment_id": id }));
        assert_eq!(objected.status, 201, "{}", objected.body);
        let complaint = &mut self.model.complaints[on];
        if person < OFFICERS {
            complaint.holders.get_mut(&person).unwrap().objected = true;
        } else {
            complaint.holders.remove(&person);
            complaint.out.insert(person);
        }
    }

    pub(crate) fn with_the_code(&self, on: usize, to: &str, body: &Value) -> Answer {
        let receipt = &self.receipts[on];
        let path = format!("/v1/partner/complaints/{}/{to}", receipt.text("/reference").unwrap());
        let code = receipt.text("/access_code").unwrap();
        self.app.post_with(&path, &[("complaint-access-code", code), ("idempotency-key", &fresh_key())], body)
    }
}
