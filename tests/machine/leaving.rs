//! Officers and guests who leave, lose their role and get it back, and are away.

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::COMPLAINTS;
use chrono::Days;
use serde_json::json;

use crate::model::{NAMES, Person, RESPONSIBLE, day};
use crate::playing::Play;

impl Play<'_> {
    /// The responsible person, or who stands in for them, if one is there.
    fn responsible(&self) -> Option<&Staff> {
        RESPONSIBLE.into_iter().find(|person| self.model.is_there(*person)).map(|person| self.staff(person))
    }

    /// Lets a guest go, who has nothing any more.
    pub(crate) fn let_go(&mut self, guest: Person) -> usize {
        let Some(officer) = self.responsible() else { return 0 };
        let path = format!("{COMPLAINTS}/guests/{}", self.staff(guest).id);
        officer.forget_token();
        let done = officer.change(&format!("{path}/let-go"), &officer.get(&path), &json!({}));
        assert_eq!(done.status, if self.model.is_there(guest) { 200 } else { 409 }, "{}", done.body);
        let now = self.now();
        self.model.gone.entry(guest).or_insert(now);
        for complaint in &mut self.model.complaints {
            if complaint.holders.remove(&guest).is_some() {
                complaint.out.insert(guest);
            }
        }
        0
    }

    /// An officer leaves, as the first officer of the council says.
    pub(crate) fn leave(&mut self, officer: Person) -> usize {
        let first = self.ground.world.first_officer(&self.council);
        first.forget_token();
        let path = format!("/v1/council/officers/{}", self.staff(officer).id);
        let left = first.put(&format!("{path}/leaving"), &first.get(&path), &json!({}));
        if self.model.is_there(officer) {
            assert_eq!(left.status, 200, "{}", left.body);
            let now = self.now();
            self.model.gone.insert(officer, now);
        }
        self.model.without_role.remove(&officer);
        0
    }

    /// An officer who left is invited anew, with the account that they had and a row of their own. They have nothing of what they had, and
    /// are not let in to it again.
    pub(crate) fn come_anew(&mut self, officer: Person) -> Option<usize> {
        if self.model.is_there(officer) || self.model.without_role.contains(&officer) {
            return None;
        }
        // Only the responsible person authorises who signs.
        let signs = officer < 2;
        if signs && !self.model.is_there(RESPONSIBLE[0]) {
            return None;
        }
        let roles = [["complaints", "complaints", "responsible_person", "alternate"][officer].parse().unwrap()];
        let world = &self.ground.world;
        let anew = world.officer_again(&self.council, self.staff(officer), NAMES[officer], &roles).at_complaints();
        if signs {
            let responsible = self.staff(RESPONSIBLE[0]);
            responsible.forget_token();
            let path = format!("{COMPLAINTS}/signatories/{}", anew.id);
            let authorised = responsible.send("PUT", &path, &[], None);
            assert_eq!(authorised.status, 204, "{}", authorised.body);
        }
        *self.desk.everybody_mut()[officer] = anew;
        self.model.comes_anew(officer, self.now());
        None
    }

    /// An officer loses their role in complaints, which the first officer takes from them.
    pub(crate) fn lose_role(&mut self, officer: Person) -> usize {
        if self.model.is_there(officer) {
            self.give_roles(officer, "duty");
            let now = self.now();
            self.model.gone.insert(officer, now);
            self.model.without_role.insert(officer);
        }
        0
    }

    /// An officer gets back the role that they had, which a second one confirms. They have whatever was not passed on meanwhile.
    pub(crate) fn get_role_back(&mut self, officer: Person) -> Option<usize> {
        if !self.model.without_role.remove(&officer) {
            return None;
        }
        self.give_roles(officer, ["complaints", "complaints", "responsible_person", "alternate"][officer]);
        let path = format!("/v1/council/officers/{}", self.staff(officer).id);
        self.second.forget_token();
        let confirmed = self.second.change(&format!("{path}/confirm"), &self.second.get(&path), &json!({}));
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        let now = self.now();
        self.model.gets_role_back(officer, now);
        self.staff(officer).forget_token();
        for on in 0..self.model.complaints.len() {
            // Of what is over it was passed on at some time of the day.
            let complaint = &self.model.complaints[on];
            if complaint.is_closed() && complaint.holders.contains_key(&officer) {
                let reads = self.staff(officer).get(&self.path(on)).status == 200;
                let today = day(self.now());
                let complaint = &mut self.model.complaints[on];
                if reads {
                    complaint.looked_at = today;
                } else {
                    complaint.holders.remove(&officer);
                    complaint.out.insert(officer);
                }
            }
        }
        None
    }

    fn give_roles(&self, officer: Person, role: &str) {
        let first = self.ground.world.first_officer(&self.council);
        first.forget_token();
        let path = format!("/v1/council/officers/{}", self.staff(officer).id);
        let changed = first.patch(&path, &first.get(&path), &json!({ "roles": [role] }));
        assert_eq!(changed.status, 200, "{}", changed.body);
    }

    pub(crate) fn go_away(&mut self, officer: Person, days: u64) -> Option<usize> {
        let until = day(self.now()) + Days::new(days);
        if self.model.is_there(officer) {
            let body = json!({ "from": day(self.now()), "until": until }).to_string();
            let away = self.at_the_council(officer, "PUT", Some(&body));
            assert_eq!(away.status, 204, "{}", away.body);
            self.model.away_until.insert(officer, until);
        }
        None
    }

    pub(crate) fn come_back(&mut self, officer: Person) -> Option<usize> {
        if self.model.is_there(officer) && self.model.away_until.remove(&officer).is_some() {
            assert_eq!(self.at_the_council(officer, "DELETE", None).status, 204);
        }
        None
    }

    /// What an officer says of their absence, at the council's door.
    fn at_the_council(&self, officer: Person, method: &str, body: Option<&str>) -> Answer {
        let there = self.staff(officer).at_the_council();
        let content = body.map(|body| ("application/json", body.as_bytes()));
        there.send(method, "/v1/council/absence", &[], content)
    }
}
