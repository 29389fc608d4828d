//! The complaints of a world: as many as it has, some offered, some opened, some assigned and answered.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{answer, assign, send_as_complainant, write_as_complainant};
use almoner_tests::documents::{pdf, send_in};
use almoner_tests::{Staff, System, World, messages};
use serde_json::{Value, json};

use crate::practice::complaints::two_worlds::Side;

/// Those who work on complaints beside the officers of the desk. Each world has them, whether or not it has complaints.
pub(super) struct Guests {
    /// A member of the practice's staff who handles complaints.
    pub(super) handler: Staff,
    /// An investigator to whom nothing is assigned.
    pub(super) stranger: Staff,
}

/// What is named in the addresses of requests: things of a complaint, or identifiers that nothing has where there is none.
pub(super) struct Named {
    pub(super) complaint: String,
    pub(super) offer: String,
    pub(super) assignment: String,
    pub(super) shown: String,
    pub(super) message: String,
    pub(super) document: String,
    pub(super) head: String,
    pub(super) action: String,
    pub(super) request: String,
}

impl Named {
    fn nothing() -> Self {
        Self {
            complaint: fresh_key(),
            offer: fresh_key(),
            assignment: fresh_key(),
            shown: fresh_key(),
            message: fresh_key(),
            document: fresh_key(),
            head: fresh_key(),
            action: fresh_key(),
            request: fresh_key(),
        }
    }
}

/// Lodges this many complaints about the practice and the worker who is walled off, and works on them.
pub(super) fn complain(world: &World, side: &Side, guests: &Guests, app: &System, complaints: usize) -> Named {
    for n in 0..complaints {
        let mut complaint = messages::complaint(&side.practice.slug);
        complaint["staff"] = json!(["Idris Vaughan"]);
        complaint["confidential"] = (n % 3 == 2).into();
        let receipt = if n % 4 == 3 {
            side.council.complaints.create("/v1/council/complaints", &complaint)
        } else {
            app.create("/v1/partner/complaints", &complaint)
        };
        assert_eq!(receipt.status, 201, "{}", receipt.body);
        if n % 2 == 0 {
            assert_eq!(write_as_complainant(app, &receipt, "Please do not ring on Thursday.").status, 201);
            let diary = ("text/plain", &b"The visits of November, as I wrote them down."[..]);
            assert_eq!(send_as_complainant(app, &receipt, "visits.txt", diary).status, 201);
        }
    }
    world.work_for_council(&side.council);
    let offers = side.desk.offers();
    assert_eq!(offers.len(), complaints, "each is offered to somebody");
    let mut worked_on = Vec::new();
    for (n, (officer, offer)) in offers.into_iter().enumerate() {
        // Of five, three are opened, of which two are worked on, one is left, and one goes on because the officer knows somebody.
        match n % 5 {
            1 => {}
            2 => assert_eq!(answer(officer, &offer, true).status, 200),
            step => {
                let opened = answer(officer, &offer, false);
                let path = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap());
                if step != 3 {
                    work_on(world, side, officer, &path, guests);
                }
                worked_on.push((officer, path, offer));
            }
        }
    }
    world.work_for_council(&side.council);
    let Some((officer, path, offer)) = worked_on.into_iter().next() else { return Named::nothing() };
    let read = officer.get(&path);
    let one = |at: &str| read.text(at).unwrap_or_else(|| panic!("{at}: {}", read.body)).to_owned();
    let documents = officer.get(&format!("{path}/documents"));
    let assignments = officer.get(&format!("{path}/assignments"));
    let assignments: Vec<&str> =
        assignments.body["items"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    Named {
        complaint: one("/id"),
        offer,
        assignment: assignments[0].to_owned(),
        shown: (*assignments.last().unwrap()).to_owned(),
        message: one("/messages/0/id"),
        document: documents.text("/items/0/id").unwrap_or_else(|| panic!("{}", documents.body)).to_owned(),
        head: one("/heads/0/id"),
        action: one("/actions/0/id"),
        request: one("/requests/0/id"),
    }
}

/// Acknowledges a complaint, assigns it to the handler, writes to the complainant, and begins to answer.
fn work_on(world: &World, side: &Side, officer: &Staff, path: &str, guests: &Guests) {
    let done = |answer: Answer| assert!(answer.status < 300, "{}", answer.body);
    let create = |to: &str, body: Value| done(officer.create(&format!("{path}/{to}"), &body));
    let thanks = json!({ "message": "Thank you. May I ring you?" });
    done(officer.change(&format!("{path}/acknowledge"), &officer.get(path), &thanks));
    done(assign(officer, path, &guests.handler));
    create("messages", json!({ "text": "I have spoken to the two people you named." }));
    create("heads", json!({ "statement": "Three visits were cancelled.", "about": "staff", "theme": "delay" }));
    create("actions", json!({ "what": "Somebody rings first.", "owner": "The practice", "due_on": "2027-01-15" }));
    create("requests", json!({ "kind": "withdrawal" }));
    done(send_in(officer, path, "diary.pdf", "application/pdf", &pdf(100)));
    // An address without a number, so that those of the others are the same in each world.
    let id = path.rsplit('/').next().unwrap();
    let lead = ("Rosalind Quayle", format!("lead-{id}@elsewhere.example"), "employers_lead");
    let lead = world.shown_another_part(&side.council, officer, path, (lead.0, &lead.1, lead.2));
    let notice = json!({ "guest_id": lead.id, "text": "Nobody visits alone.", "reason": "She leads another team." });
    create("notices", notice);
}
