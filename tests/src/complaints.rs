//! A test's complaints desks: the officers of a council to whom complaints are offered, their guests, and what they do at their door.

use almoner_demo::web::Answer;
use almoner_demo::{begin_at_complaints, invite_guest};
use almoner_domain::ids::StaffId;
use almoner_domain::officers::roles::OfficerRole;
use almoner_persistence::Request;
use almoner_persistence::access::letting_in;
use almoner_persistence::audit::{self, ChainName};
use almoner_persistence::complaints::unattended;
use serde_json::{Value, json};

use crate::callers::{Caller, Staff};
use crate::council::Council;
use crate::documents::{disposition, send_with};
use crate::world::{Practice, World, from_json, number};

/// Where complaints are worked on.
pub const COMPLAINTS: &str = "/v1/complaints";

/// The people of a council to whom a complaint can be offered, each at the complaints' door.
pub struct Desk {
    /// Two complaints officers, in the order in which they are asked.
    pub officers: [Staff; 2],
    /// The responsible person.
    pub responsible: Staff,
    /// Who stands in for the responsible person.
    pub alternate: Staff,
}

impl Desk {
    /// Everybody, in the order in which they are asked.
    pub fn everybody(&self) -> [&Staff; 4] {
        [&self.officers[0], &self.officers[1], &self.responsible, &self.alternate]
    }

    /// Everybody, to put somebody in the place of another.
    pub fn everybody_mut(&mut self) -> [&mut Staff; 4] {
        let [first, second] = &mut self.officers;
        [first, second, &mut self.responsible, &mut self.alternate]
    }

    /// Forgets the tokens of everybody, as after the clock was moved.
    pub fn forget_tokens(&self) {
        self.everybody().into_iter().for_each(Staff::forget_token);
    }

    /// Who is offered something now, with each offer.
    pub fn offers(&self) -> Vec<(&Staff, String)> {
        let offered = |officer: &'_ Staff| -> Vec<String> {
            let offers = officer.get("/v1/complaints/offers?limit=200");
            assert_eq!(offers.status, 200, "{}", offers.body);
            let ids = offers.body["items"].as_array().into_iter().flatten();
            ids.filter_map(|offer| offer["id"].as_str().map(str::to_owned)).collect()
        };
        self.everybody()
            .into_iter()
            .flat_map(|officer| offered(officer).into_iter().map(move |id| (officer, id)))
            .collect()
    }
}

/// Answers an offer.
pub fn answer(officer: &Staff, offer: &str, knows_somebody_concerned: bool) -> Answer {
    let body = json!({ "knows_somebody_concerned": knows_somebody_concerned }).to_string();
    let path = format!("/v1/complaints/offers/{offer}/answer");
    officer.send("PUT", &path, &[], Some(("application/json", body.as_bytes())))
}

impl World {
    /// Makes the complaints desk of a council.
    pub fn desk(&self, council: &Council) -> Desk {
        let officer = |name, role| self.officer_named(council, name, &[role]).at_complaints();
        Desk {
            officers: [
                officer("Beatrice Oyelaran", OfficerRole::Complaints),
                officer("Callum Whitfield", OfficerRole::Complaints),
            ],
            responsible: officer("Helena Vance", OfficerRole::ResponsiblePerson),
            alternate: officer("Idris Rahman", OfficerRole::Alternate),
        }
    }

    /// Does the work that is due for one council.
    pub fn work_for_council(&self, council: &Council) {
        almoner_worker::do_jobs_of_council(&self.worker_store(), council.id).expect("the worker");
    }

    /// Counts the open complaints of a council that nobody has and nobody is asked to open, as the worker does every hour.
    pub fn unattended(&self, council: &Council) -> usize {
        let store = self.worker_store();
        store.worker_of_council(council.id, |scope| unattended::count(scope, council.id)).expect("a count")
    }

    /// Seals what a council's chain of complaints has that is not sealed yet.
    pub fn seal_complaints(&self, council: &Council) {
        let name = ChainName { owner: council.id.uuid(), chain: "complaints".to_owned() };
        self.worker_store().worker(None, |scope| audit::seal(scope, &name)).expect("the chain is sealed");
    }

    /// Lodges a complaint through an app.
    pub fn lodge(&self, complaint: &Value) -> Answer {
        let lodged = self.partner().create("/v1/partner/complaints", complaint);
        assert_eq!(lodged.status, 201, "{}", lodged.body);
        lodged
    }

    /// Lodges a complaint and has the next officer of the desk open it. Returns the receipt, who opened it, and its address.
    pub fn opened<'d>(&self, council: &Council, desk: &'d Desk, complaint: &Value) -> (Answer, &'d Staff, String) {
        let before = desk.offers();
        let receipt = self.lodge(complaint);
        self.work_for_council(council);
        let (officer, offer) =
            desk.offers().into_iter().find(|(_, offer)| !before.iter().any(|(_, old)| old == offer)).expect("an offer");
        let opened = answer(officer, &offer, false);
        assert_eq!(opened.status, 200, "{}", opened.body);
        let id = opened.text("/complaint_id").expect("a complaint");
        (receipt, officer, format!("{COMPLAINTS}/{id}"))
    }

    /// Makes a guest of a council who has joined: a member of a practice's staff as its handler, at the complaints' door. An officer of
    /// the desk invites them.
    pub fn handler(&self, council: &Council, desk: &Desk, practice: &Practice, member: &Staff, name: &str) -> Staff {
        let new = json!({ "name": name, "email": member.email, "capacity": "handler", "practice": practice.slug });
        self.guest(council, &desk.officers[0], &new)
    }

    /// Makes a guest of a council from elsewhere, who has joined.
    pub fn investigator(&self, council: &Council, desk: &Desk, name: &str) -> Staff {
        self.investigator_with(council, desk, name, &format!("investigator-{}@elsewhere.example", number()))
    }

    /// Makes an investigator with an address that may have an account.
    pub fn investigator_with(&self, council: &Council, desk: &Desk, name: &str, email: &str) -> Staff {
        let new = json!({ "name": name, "email": email, "capacity": "investigator" });
        self.guest(council, &desk.officers[0], &new)
    }

    /// Makes somebody who is heard in a complaint, or an employer's lead for it, and who has joined. An officer who has it invites them.
    pub fn shown_a_part(
        &self,
        council: &Council,
        officer: &Staff,
        complaint: &str,
        name: &str,
        capacity: &str,
    ) -> Staff {
        let email = format!("{capacity}-{}@elsewhere.example", number());
        self.shown_another_part(council, officer, complaint, (name, &email, capacity))
    }

    /// Makes a guest as [`World::shown_a_part`] does, with an address that may have an account.
    pub fn shown_another_part(
        &self,
        council: &Council,
        officer: &Staff,
        complaint: &str,
        (name, email, capacity): (&str, &str, &str),
    ) -> Staff {
        let id = complaint.rsplit('/').next().expect("the address of a complaint");
        let mut new = json!({ "name": name, "email": email, "capacity": capacity, "complaint_id": id });
        if capacity == "employers_lead" {
            let read = officer.get(complaint);
            new["practice"] = read.text("/practice/slug").unwrap_or_else(|| panic!("{}", read.body)).into();
        }
        self.guest(council, officer, &new)
    }

    fn guest(&self, council: &Council, officer: &Staff, new: &Value) -> Staff {
        let session = begin_at_complaints(&self.store, council.id, &officer.email).expect("a session");
        let request = Request::of_our_own(uuid::Uuid::nil());
        let made = self.store.complaints(session, request, |scope| letting_in::invite(scope, &from_json(new.clone())));
        let made = made.expect("an invitation");
        self.accept(made.secret.as_deref().expect("a link"));
        self.guest_at_the_door(StaffId::from(made.id), new["email"].as_str().expect("an address"))
    }

    /// Invites a guest and returns the link, with which nobody has joined yet.
    pub fn guest_link(&self, council: &Council, desk: &Desk, new: &Value) -> String {
        invite_guest(&self.store, council.id, &desk.officers[0].email, &from_json(new.clone())).expect("a link")
    }
}

/// Assigns a complaint to a guest.
pub fn assign(officer: &Staff, complaint: &str, guest: &Staff) -> Answer {
    let body = json!({ "guest_id": guest.id, "reason": "Has never met anybody concerned." });
    officer.create(&format!("{complaint}/assignments"), &body)
}

/// Writes a message as the complainant, with the receipt.
pub fn write_as_complainant(app: &dyn Caller, receipt: &Answer, text: &str) -> Answer {
    let path = format!("/v1/partner/complaints/{}/messages", receipt.text("/reference").expect("a reference"));
    let key = crate::callers::fresh_key();
    let code = receipt.text("/access_code").expect("a code");
    app.post_with(&path, &[("complaint-access-code", code), ("idempotency-key", &key)], &json!({ "text": text }))
}

/// Sends a document as the complainant, with the receipt, under this name.
pub fn send_as_complainant(
    app: &dyn Caller,
    receipt: &Answer,
    name: &str,
    (media_type, content): (&str, &[u8]),
) -> Answer {
    let complaint = format!("/v1/partner/complaints/{}", receipt.text("/reference").expect("a reference"));
    let code = receipt.text("/access_code").expect("a code");
    let headers = [("complaint-access-code", code), ("content-disposition", &disposition(name))];
    send_with(app, &complaint, &headers, media_type, content)
}

/// Follows a complaint with its receipt.
pub fn follow(app: &dyn Caller, receipt: &Answer) -> Answer {
    let path = format!("/v1/partner/complaints/{}", receipt.text("/reference").expect("a reference"));
    app.send("GET", &path, &[("complaint-access-code", receipt.text("/access_code").expect("a code"))], None)
}
