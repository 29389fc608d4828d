//! The complaints' door: who is offered a complaint, who is let in, and what they do.

mod answered;
mod apart;
mod assignments;
mod attachments;
mod bars;
mod bundle;
mod clocks;
mod confidential;
mod danger;
mod given;
mod gone;
mod guests;
mod heard;
mod known;
mod late;
mod linked;
mod many;
mod objected;
mod offers;
mod overdue;
mod places;
mod planned;
mod practices;
mod record;
mod reported;
mod represented;
mod requested;
mod reviewed;
mod sessions;
mod settled;
mod steered;
mod subject_access;
mod taken_in;
mod waiting;
mod writing;
mod written_down;

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, pointers};
use almoner_tests::complaints::Desk;
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};

/// An identifier that nothing has.
const NOBODYS: &str = "01937c5e-2b00-7a41-9d6c-000000000000";

/// A council with its desk, and a practice under contract with it.
struct Scene {
    world: World,
    council: Council,
    practice: Practice,
    desk: Desk,
}

impl Scene {
    fn new() -> Self {
        Self::of(World::new())
    }

    /// A council with its desk and a practice in this world.
    fn of(world: World) -> Self {
        let council = world.council();
        let practice = world.practice(&council);
        let desk = world.desk(&council);
        Self { world, council, practice, desk }
    }

    /// A complaint about the practice, with these members.
    fn complaint(&self, changes: Value) -> Value {
        let mut complaint = messages::complaint(&self.practice.slug);
        complaint.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        complaint
    }

    /// A complaint with these members, as an officer takes it down on the telephone.
    fn telephoned(&self, changes: Value) -> Value {
        json!({ "came_by": "telephone", "complaint": self.complaint(changes) })
    }

    /// Opens a complaint with these members. Returns the receipt, who opened it, and its path.
    fn opened(&self, changes: Value) -> (Answer, &Staff, String) {
        self.world.opened(&self.council, &self.desk, &self.complaint(changes))
    }

    /// Moves the clock, and has the worker do what is due.
    fn it_is(&self, at: &str) {
        self.world.set_clock(at);
        self.desk.forget_tokens();
        self.world.work_for_council(&self.council);
    }

    /// The name of whoever is offered something, and as what they are asked. Panics if not exactly one thing is offered.
    fn asked(&self) -> (&'static str, String) {
        let offers = self.desk.offers();
        let [(officer, offer)] = offers.as_slice() else { panic!("{} offers", offers.len()) };
        let read = officer.get(&format!("/v1/complaints/offers/{offer}"));
        let names = ["Beatrice", "Callum", "Helena", "Idris"];
        let place = self.desk.everybody().iter().position(|one| one.id == officer.id).unwrap();
        (names[place], read.text("/asked_as").unwrap_or_else(|| panic!("{}", read.body)).to_owned())
    }

    /// The offer to whoever is asked.
    fn offer(&self) -> (&Staff, String) {
        self.desk.offers().into_iter().next().unwrap()
    }
}

/// Whether somebody sees a complaint. The list and the single read must agree.
fn sees(reader: &Staff, complaint: &str) -> bool {
    let list = reader.get("/v1/complaints?limit=200");
    let items = list.body["items"].as_array().unwrap_or_else(|| panic!("{}", list.body));
    let is_listed = items.iter().any(|item| item["id"].as_str() == complaint.rsplit('/').next());
    let read = reader.get(complaint);
    assert_eq!(read.status, if is_listed { 200 } else { 404 }, "{}: {}", reader.email, read.body);
    is_listed
}

/// Puts something of a complaint, of which the caller has just seen the version.
fn put(caller: &Staff, complaint: &str, to: &str, body: &Value) -> Answer {
    caller.put(&format!("{complaint}/{to}"), &caller.get(complaint), body)
}

/// Acknowledges a complaint, by post.
fn acknowledge(caller: &Staff, complaint: &str) {
    let body = json!({ "message": "May I ring you to agree how we look into this?", "by": "post" });
    let done = caller.change(&format!("{complaint}/acknowledge"), &caller.get(complaint), &body);
    assert_eq!(done.status, 200, "{}", done.body);
}

/// Plans a complaint, as its complainant has agreed.
fn plan(caller: &Staff, complaint: &str, respond_by: &str) -> Answer {
    let body = json!({ "handling": "I read the diary, and ring you each Friday.", "respond_by": respond_by, "period": "agreed" });
    let planned = put(caller, complaint, "plan", &body);
    assert_eq!(planned.status, 200, "{}", planned.body);
    planned
}

/// Puts down a head, and returns its identifier.
fn raise(caller: &Staff, complaint: &str) -> String {
    let body =
        json!({ "statement": "Three visits were cancelled without a call.", "about": "service", "theme": "delay" });
    let raised = caller.create(&format!("{complaint}/heads"), &body);
    assert_eq!(raised.status, 201, "{}", raised.body);
    let heads = raised.body["heads"].as_array().unwrap();
    heads.last().unwrap()["id"].as_str().unwrap().to_owned()
}

/// Finds that a head is well-founded.
fn found(caller: &Staff, complaint: &str, head: &str) {
    let body = json!({ "outcome": "well_founded", "finding": "The diary shows it.", "remedy": "We apologise.",
        "heard_on": "2026-11-20" });
    let decided = put(caller, complaint, &format!("heads/{head}/finding"), &body);
    assert_eq!(decided.status, 200, "{}", decided.body);
}
