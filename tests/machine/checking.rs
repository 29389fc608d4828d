//! Looking at everything that somebody could read, and comparing it with the model.

use std::collections::{BTreeMap, BTreeSet};

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{COMPLAINTS, follow};
use serde_json::Value;

use crate::model::{NAMES, OFFICERS, Person, SUBJECT, day};
use crate::playing::Play;

/// The complaints that a list shows.
fn ids(list: &Answer, member: &str) -> BTreeSet<String> {
    assert_eq!(list.status, 200, "{}", list.body);
    let items = list.body["items"].as_array().unwrap();
    items.iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

fn count(answer: &Answer, member: &str) -> usize {
    answer.body[member].as_array().unwrap_or_else(|| panic!("{}", answer.body)).len()
}

impl Play<'_> {
    /// Looks at what is offered, and whether it is offered to somebody who may be asked.
    pub(crate) fn sees_what_is_offered(&mut self) {
        let mut offers = BTreeMap::new();
        for person in (0..OFFICERS).filter(|person| self.model.is_there(*person)) {
            let list = self.staff(person).get("/v1/complaints/offers?limit=200");
            for offer in list.body["items"].as_array().unwrap_or_else(|| panic!("{}", list.body)) {
                let id = offer["id"].as_str().unwrap();
                let open_by = offer["open_by"].as_str().unwrap().parse().unwrap();
                let on = self.complaint_of(person, id);
                let before = offers.insert(on, (person, id.to_owned(), open_by));
                assert!(before.is_none(), "a complaint is offered to one at a time");
            }
        }
        let at = self.now();
        for on in 0..self.model.complaints.len() {
            let offer = offers.remove(&on);
            let complaint = &self.model.complaints[on];
            if let Some((person, id, _)) = &offer
                && complaint.offer.as_ref().is_none_or(|(_, before, _)| before != id)
            {
                let wrong = self.model.wrong_with_asking(complaint, *person, at);
                assert_eq!(wrong, None, "complaint {on} is offered to {}: {complaint:?}", NAMES[*person]);
            }
            self.model.complaints[on].offer = offer;
            let complaint = &self.model.complaints[on];
            assert_eq!(self.model.wrong_after_a_turn(complaint, at), None, "complaint {on} at {at}: {complaint:?}");
        }
    }

    /// The complaint that is offered, which the officer does not see: the names of those concerned have its number.
    fn complaint_of(&self, person: Person, offer: &str) -> usize {
        let known = self
            .model
            .complaints
            .iter()
            .position(|complaint| matches!(&complaint.offer, Some((_, known, _)) if known == offer));
        known.unwrap_or_else(|| {
            let read = self.staff(person).get(&format!("/v1/complaints/offers/{offer}"));
            let concerned = read.body["concerned"].as_array().unwrap_or_else(|| panic!("{}", read.body));
            let number = concerned.iter().filter_map(Value::as_str).find_map(|name| name.strip_prefix("Zz"));
            number.unwrap().parse().unwrap()
        })
    }

    /// Looks at the complaint that was touched, as everybody. Where time alone has passed nobody opens one, so that nobody's looking stays
    /// what it is: then everybody looks at their list.
    pub(crate) fn sees_after(&mut self, touched: Option<usize>) {
        match touched {
            None => self.sees_lists(),
            Some(on) if self.model.complaints[on].id.is_empty() => {}
            Some(on) => {
                (0..NAMES.len()).for_each(|person| self.sees_one(on, person));
                self.sees_what_the_complainant_reads(on);
            }
        }
    }

    /// Looks at everybody's list of complaints.
    fn sees_lists(&self) {
        for (person, name) in NAMES.iter().enumerate() {
            let list = self.staff(person).get("/v1/complaints?limit=200");
            if !self.model.is_there(person) {
                assert_eq!(list.status, 401, "{name} is gone");
                continue;
            }
            let theirs = self.model.complaints.iter().filter(|complaint| complaint.is_read_by(person));
            let expected: BTreeSet<String> = theirs.map(|complaint| complaint.id.clone()).collect();
            assert_eq!(ids(&list, "id"), expected, "{} at {}", NAMES[person], self.now());
        }
    }

    /// Looks at one complaint as one person.
    fn sees_one(&mut self, on: usize, person: Person) {
        let read = self.staff(person).get(&self.path(on));
        let today = day(self.now());
        let is_there = self.model.is_there(person);
        let complaint = &mut self.model.complaints[on];
        let reads = complaint.is_read_by(person);
        let expected = if !is_there {
            401
        } else if reads {
            200
        } else {
            404
        };
        assert_eq!(read.status, expected, "{}: {}", NAMES[person], read.body);
        if expected != 200 {
            return;
        }
        complaint.looked_at = today;
        assert_eq!(read.text("/status"), Some(complaint.status));
        let messages = read.body["messages"].as_array().unwrap();
        let written = messages.iter().filter(|message| message["author"] != "service").count();
        assert_eq!(written, complaint.messages_read_by(person), "{}: {}", NAMES[person], read.body);
        assert_eq!(count(&read, "requests"), complaint.requests_read_by(person), "{}: {}", NAMES[person], read.body);
        assert_eq!(count(&read, "heads"), complaint.heads.len());
    }

    /// The complainant reads the stage, and who has the complaint.
    fn sees_what_the_complainant_reads(&self, on: usize) {
        let followed = follow(&self.app, &self.receipts[on]);
        let complaint = &self.model.complaints[on];
        assert_eq!(followed.text("/status"), Some(complaint.status), "{}", followed.body);
        let has_it = followed.body["has_it"].as_array().unwrap();
        let names: BTreeSet<&str> = has_it.iter().map(|one| one["name"].as_str().unwrap()).collect();
        let holders = complaint.holders.iter().filter(|(person, _)| self.model.is_there(**person));
        let shown = holders.filter(|(_, holding)| holding.shown_from.is_none_or(|from| from <= self.now()));
        assert_eq!(names, shown.map(|(person, _)| NAMES[*person]).collect(), "{}", followed.body);
    }

    /// Looks at everything at the end: each complaint and each part of it, as everybody.
    pub(crate) fn ends(&mut self) {
        self.sees_lists();
        for on in 0..self.model.complaints.len() {
            if self.model.complaints[on].id.is_empty() {
                continue;
            }
            let there: Vec<Person> = (0..NAMES.len()).filter(|person| self.model.is_there(*person)).collect();
            for person in there {
                self.sees_one(on, person);
                let expected = if self.model.complaints[on].is_read_by(person) { 200 } else { 404 };
                for part in ["assignments", "response", "shown"] {
                    let read = self.staff(person).get(&format!("{}/{part}", self.path(on)));
                    assert_eq!(read.status, expected, "{part} to {}: {}", NAMES[person], read.body);
                }
            }
            self.sees_what_the_complainant_reads(on);
            let path = self.path(on);
            assert_eq!(self.stranger.get(&path).status, 404, "another council's officer");
            assert_eq!(self.member.get(&path).status, 401, "a practice's member of staff");
        }
        assert!(ids(&self.stranger.get(COMPLAINTS), "id").is_empty());
        for person in (0..NAMES.len()).filter(|person| self.model.is_there(*person)) {
            self.sees_what_is_due(self.staff(person), person);
        }
        self.sees_what_is_shown();
    }

    /// Something is due in each complaint that waits for a response, to those who have it.
    fn sees_what_is_due(&self, reader: &Staff, person: Person) {
        let due = ids(&reader.get("/v1/complaints/due"), "complaint_id");
        let theirs = self.model.complaints.iter().filter(|complaint| complaint.is_read_by(person));
        let (waiting, others): (Vec<_>, Vec<_>) = theirs.partition(|complaint| complaint.awaits_a_response());
        assert!(waiting.iter().all(|complaint| due.contains(&complaint.id)), "{}: {due:?}", NAMES[person]);
        let known: BTreeSet<&String> = waiting.iter().chain(&others).map(|complaint| &complaint.id).collect();
        assert!(due.iter().all(|id| known.contains(id)), "{}: {due:?}", NAMES[person]);
    }

    /// The subject is shown the heads on which they are heard, from their day on.
    fn sees_what_is_shown(&self) {
        if !self.model.is_there(SUBJECT) {
            return;
        }
        let now = self.now();
        let holdings = self.model.complaints.iter().filter_map(|complaint| complaint.holders.get(&SUBJECT));
        let shown = holdings.filter(|holding| holding.shown_from.is_some_and(|from| from <= now));
        let expected: BTreeSet<String> = shown.map(|holding| holding.id.clone()).collect();
        assert_eq!(ids(&self.staff(SUBJECT).get("/v1/complaints/shown"), "id"), expected);
    }
}
