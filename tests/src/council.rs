//! A test's councils and their officers.

use std::cell::OnceCell;

use almoner_demo::web::Answer;
use almoner_demo::{begin_as_officer, confirm_officer};
use almoner_domain::ids::{CouncilId, OfficerId};
use almoner_domain::officers::roles::OfficerRole;
use almoner_persistence::Request;
use almoner_persistence::access::appointing;
use almoner_persistence::idempotency::Made;
use almoner_persistence::officers::NewOfficer;
use serde_json::json;

use crate::Web;
use crate::callers::{Staff, System};
use crate::world::{World, from_json, number};

/// A council with its clients, and its first officer once somebody asks for them.
pub struct Council {
    /// The identifier of the council.
    pub id: CouncilId,
    /// The GSS code of the council.
    pub gss_code: String,
    /// The council's referral system.
    pub system: System,
    /// The council's own form for complaints.
    pub complaints: System,
    /// The system that rings the council's safeguarding duty.
    pub safeguarding: System,
    pub(crate) first_officer: OnceCell<Staff>,
}

impl Council {
    /// The council's system that has this scope.
    pub fn system_with(&self, scope: &str) -> &System {
        match scope {
            "referrals" => &self.system,
            "complaints" => &self.complaints,
            "safeguarding" => &self.safeguarding,
            other => panic!("no system has the scope {other}"),
        }
    }

    /// Forgets the tokens of its callers: the next request of each signs in again, as after the clock was moved.
    pub fn forget_tokens(&self) {
        self.system.forget_token();
        self.complaints.forget_token();
        self.safeguarding.forget_token();
        if let Some(officer) = self.first_officer.get() {
            officer.forget_token();
        }
    }
}

impl World {
    /// The first officer of a council, who has every role but those in complaints. Two operators have confirmed them.
    pub fn first_officer<'c>(&self, council: &'c Council) -> &'c Staff {
        council.first_officer.get_or_init(|| {
            let roles: Vec<OfficerRole> =
                OfficerRole::ALL.iter().copied().filter(|role| !role.is_of_complaints()).collect();
            let new = new_officer("Ravi Mistry", &roles);
            let made = self.console(|scope| appointing::invite_first(scope, council.id, &new));
            self.confirmed(council, &made, &new)
        })
    }

    /// Makes a new officer with these roles, whom the first officer invites. Somebody has confirmed them.
    pub fn officer(&self, council: &Council, roles: &[OfficerRole]) -> Staff {
        self.officer_named(council, "Ravi Mistry", roles)
    }

    /// Makes a new officer of this name with these roles, whom the first officer invites. Somebody has confirmed them.
    pub fn officer_named(&self, council: &Council, name: &str, roles: &[OfficerRole]) -> Staff {
        let new = new_officer(name, roles);
        let made = self.invited_officer(council, &new);
        self.confirmed(council, &made, &new)
    }

    /// Makes an officer who left and comes back, with the account that they had and a row of their own.
    pub fn officer_again(&self, council: &Council, officer: &Staff, name: &str, roles: &[OfficerRole]) -> Staff {
        let new: NewOfficer = from_json(json!({ "name": name, "email": officer.email, "roles": roles }));
        let made = self.invited_officer(council, &new);
        self.confirmed(council, &made, &new)
    }

    /// Makes a new officer with these roles, whom the first officer invites and nobody confirms.
    pub fn unconfirmed_officer(&self, council: &Council, roles: &[OfficerRole]) -> Staff {
        let new = new_officer("Ravi Mistry", roles);
        let made = self.invited_officer(council, &new);
        self.joined(&made, &new)
    }

    fn invited_officer(&self, council: &Council, new: &NewOfficer) -> Made {
        let first = self.first_officer(council);
        let session = begin_as_officer(&self.store, council.id, &first.email).expect("a session");
        let request = Request::of_our_own(uuid::Uuid::nil());
        let made = self.store.officer(session, request, |scope| appointing::invite(scope, new));
        made.expect("an invitation")
    }

    fn joined(&self, made: &Made, new: &NewOfficer) -> Staff {
        self.accept(made.secret.as_deref().expect("a link"));
        Staff::officer(Web::new(self.url()), self.clock.clone(), OfficerId::from(made.id), new.email.as_str())
    }

    fn confirmed(&self, council: &Council, made: &Made, new: &NewOfficer) -> Staff {
        let officer = self.joined(made, new);
        let operator = self.operator();
        confirm_officer(&self.store, council.id, made.id.into(), &operator.email).expect("the officer is confirmed");
        officer
    }

    pub(crate) fn guest_at_the_door(&self, id: almoner_domain::ids::StaffId, email: &str) -> Staff {
        Staff::officer(Web::new(self.url()), self.clock.clone(), OfficerId::from(id.uuid()), email).at_complaints()
    }

    /// Accepts the invitation of an officer in this answer with everybody's password and authenticator, and returns them.
    pub fn take_up_office(&self, invited: &Answer) -> Staff {
        self.accept(invited.text("/link/token").expect("a link"));
        let id: uuid::Uuid = invited.text("/id").expect("an officer").parse().expect("an identifier");
        let email = invited.text("/email").expect("an address");
        Staff::officer(Web::new(self.url()), self.clock.clone(), OfficerId::from(id), email)
    }
}

fn new_officer(name: &str, roles: &[OfficerRole]) -> NewOfficer {
    let email = format!("officer-{}@council.example", number());
    from_json(json!({ "name": name, "email": email, "roles": roles }))
}
