//! Everybody in the story, the clock that they live by, and what they do again and again.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};

pub(super) const INBOX: &str = "/v1/practice/referrals";
pub(super) const PEOPLE: &str = "/v1/practice/service-users";
pub(super) const STAFF: &str = "/v1/practice/staff";
pub(super) const NOTICES: &str = "/v1/practice/notices";
pub(super) const TO_SIGN: &str = "/v1/practice/countersignatures";
const SENT: &str = "/v1/council/referrals";

/// Two weeks at one practice of one council. The practice next door is for another part of the county.
pub(super) struct Fortnight {
    pub(super) world: World,
    pub(super) council: Council,
    pub(super) practice: Practice,
    pub(super) owner: Staff,
    pub(super) newcomer: Staff,
    pub(super) next_door: Practice,
    pub(super) operator: Staff,
}

/// A referral that waits at the practice: the answer that the council got, and the referral's addresses at both.
pub(super) struct Waiting {
    pub(super) message: Value,
    pub(super) answer: Answer,
    pub(super) at_the_council: String,
    pub(super) at_the_practice: String,
}

/// A referral that was accepted, with the addresses of what the practice opened for it.
pub(super) struct Accepted {
    pub(super) answer: Answer,
    pub(super) at_the_council: String,
    pub(super) at_the_practice: String,
    pub(super) person: String,
    pub(super) case: String,
}

impl Fortnight {
    /// Friday 20 November 2026. The practice has its staff and a contract from today, and nothing else.
    pub(super) fn begin() -> Self {
        let world = World::new();
        let council = world.council();
        let practice = world.practice_with(json!({ "districts": ["SY1", "SY2"] }));
        world.contract_alone(&council, &practice, json!({}));
        let owner = json!({
            "name": "Efua Mensah", "email": format!("owner@{}.example", practice.slug), "roles": ["administrator"],
            "owner": true,
        });
        let owner = world.staff(practice.id, owner);
        let newcomer = json!({
            "name": "Wren Abbott", "email": format!("wren@{}.example", practice.slug), "roles": ["social_worker"],
            "line_manager_id": practice.manager.id, "social_work_england_number": "SW778899",
        });
        let newcomer = world.staff(practice.id, newcomer);
        let next_door = world.practice_with(json!({ "districts": ["SY3"] }));
        world.contract(&council, &next_door, json!({}));
        let operator = world.operator();
        Self { world, council, practice, owner, newcomer, next_door, operator }
    }

    /// Moves the clock to this minute in London. Whoever does something next signs in anew.
    pub(super) fn at(&self, minute: &str) {
        self.world.set_clock(&format!("{minute}:00Z"));
        self.council.forget_tokens();
        for member in [&self.operator, &self.owner, &self.newcomer] {
            member.forget_token();
        }
        for practice in [&self.practice, &self.next_door] {
            for member in [
                &practice.director,
                &practice.manager,
                &practice.second_manager,
                &practice.social_worker,
                &practice.social_worker_2,
                &practice.practitioner,
                &practice.records_officer,
                &practice.administrator,
            ] {
                member.forget_token();
            }
        }
    }

    /// Has the service do what is due.
    pub(super) fn what_is_due_is_done(&self) {
        self.world.work(&self.practice);
    }

    /// The council sends a referral, and the practice has it.
    pub(super) fn send(&self, message: &Value) -> Waiting {
        let answer = self.council.system.post(SENT, message);
        assert_eq!((answer.status, answer.text("/status")), (201, Some("received")), "{}", answer.body);
        let at_the_practice = self.arrived();
        Waiting { message: message.clone(), at_the_council: at_the_council(&answer), at_the_practice, answer }
    }

    /// The council sends a referral: the answer, whatever it is.
    pub(super) fn post(&self, message: &Value) -> Answer {
        self.council.system.post(SENT, message)
    }

    /// The council reads its referral.
    pub(super) fn council_reads(&self, address: &str) -> Answer {
        let read = self.council.system.get(address);
        assert_eq!(read.status, 200, "{}", read.body);
        read
    }

    /// The address of the referral that arrived last, as the manager's newest notice says it.
    pub(super) fn arrived(&self) -> String {
        let newest = self.practice.manager.get(&format!("{NOTICES}?limit=1"));
        assert_eq!(newest.text("/items/0/kind"), Some("referral.received"), "{}", newest.body);
        format!("{INBOX}/{}", newest.text("/items/0/subject_id").unwrap())
    }

    /// Counts the announcements of a kind to the council, about a referral of its.
    pub(super) fn told_the_council(&self, kind: &str, referral: &str) -> i64 {
        self.world.announced(&self.council, kind, id_of(referral))
    }
}

/// The address at the council of the referral in this answer.
pub(super) fn at_the_council(answer: &Answer) -> String {
    format!("{SENT}/{}", answer.text("/id").unwrap())
}

/// The identifier at the end of an address.
pub(super) fn id_of(address: &str) -> &str {
    address.rsplit('/').next().unwrap()
}

/// What somebody does about the thing at this address, as they see it now.
pub(super) fn step(by: &Staff, address: &str, step: &str, how: &Value) -> Answer {
    by.change(&format!("{address}/{step}"), &by.get(address), how)
}

/// Puts something at an address, with the version of what was seen.
pub(super) fn put(by: &Staff, address: &str, seen: &Answer, what: &Value) -> Answer {
    let headers = [("if-match", seen.etag().unwrap_or_else(|| panic!("no version: {}", seen.body)))];
    by.send("PUT", address, &headers, Some(("application/json", what.to_string().as_bytes())))
}

/// Accepts a referral that waits.
pub(super) fn accept(by: &Staff, waiting: &Waiting, how: &Value) -> Accepted {
    let answer = done(step(by, &waiting.at_the_practice, "accept", how));
    assert_eq!(answer.text("/status"), Some("accepted"), "{}", answer.body);
    Accepted {
        at_the_council: waiting.at_the_council.clone(),
        at_the_practice: waiting.at_the_practice.clone(),
        person: format!("{PEOPLE}/{}", answer.text("/service_user_id").unwrap()),
        case: format!("/v1/practice/cases/{}", answer.text("/case_id").unwrap()),
        answer,
    }
}

/// A worker takes the case that they open by accepting.
pub(super) fn for_myself(worker: &Staff) -> Value {
    json!({ "allocate": { "staff_id": worker.id, "reason": "Is on duty." } })
}

pub(super) fn done(answer: Answer) -> Answer {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

pub(super) fn assert_refused(answer: &Answer, status: u16, kind: &str) {
    let kind = format!("/problems/{kind}");
    assert_eq!((answer.status, answer.text("/type")), (status, Some(kind.as_str())), "{}", answer.body);
}

/// The pointers of the faults for which something was refused.
pub(super) fn faults(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 422, "{}", answer.body);
    answer.body["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect()
}

/// The time at this place to the minute: the clock of the story goes on while something is done.
pub(super) fn minute<'a>(answer: &'a Answer, pointer: &str) -> Option<&'a str> {
    answer.text(pointer).map(|time| &time[..16])
}

/// Counts the notices of a kind that somebody got about this.
pub(super) fn notices(of: &Staff, kind: &str, about: &str) -> usize {
    let list = of.get(&format!("{NOTICES}?limit=200"));
    let items = list.body["items"].as_array().unwrap().iter();
    items.filter(|notice| notice["kind"] == kind && notice["subject_id"] == id_of(about)).count()
}

/// A message of the council about somebody who lives in the practice's area and whom no other message is about.
pub(super) fn about(given_name: &str, family_name: &str, born: &str) -> Value {
    let mut message = messages::referral();
    message["reason"] = "Manages less and less at home since the autumn.".into();
    message["person"]["given_name"] = given_name.into();
    message["person"]["family_name"] = family_name.into();
    message["person"]["date_of_birth"] = born.into();
    message
}

/// Somebody whom the practice knows from before, by name and date of birth.
pub(super) fn known(given_name: &str, family_name: &str, born: &str) -> Value {
    json!({ "given_name": given_name, "family_name": family_name, "date_of_birth": born })
}

/// The same message about somebody who goes home from hospital on this day.
pub(super) fn going_home(mut message: Value, on: &str) -> Value {
    message["route_of_access"] = "Discharge from Hospital".into();
    message["discharge"] = json!({ "hospital": "Royal Shrewsbury Hospital", "ward": "Ward 22", "expected_on": on });
    message["source"] =
        json!({ "kind": "hospital", "organisation": "Royal Shrewsbury Hospital", "role": "Discharge nurse" });
    message
}

/// Evidence of something that happened in these days.
pub(super) fn evidence(what: &str, on: &str, from: &str) -> Value {
    json!({ "what": what, "on": on, "from": from })
}
