//! The complaints' door: who is offered a complaint, who is let in, and what they do.

mod assignments;
mod bars;
mod confidential;

mod offers;
mod sessions;
mod taken_in;
mod writing;

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::Desk;
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::Value;

/// A council with its desk, and a practice under contract with it.
struct Scene {
    world: World,
    council: Council,
    practice: Practice,
    desk: Desk,
}

impl Scene {
    fn new() -> Self {
        let world = World::new();
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
