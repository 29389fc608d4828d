//! The callers: one of every kind, each with resources of its own tenant.

use almoner_api::COUNCIL_SCOPES;
use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::roles::Role;
use almoner_tests::callers::{Anyone, Caller, fresh_key};
use almoner_tests::complaints::{Desk, answer};
use almoner_tests::{Council, Practice, Staff, System, World, messages};
use serde_json::{Value, json};

use super::super::things::{Things, things, with_roles, without_scopes};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Nobody,
    Has(Role),
    OldFactor,
    Excluded,
    Unnamed,
    Elsewhere,
    Suspended,
    SendsReferrals,
    HandlesComplaints,
    RingsTheDuty,
    WithoutScope,
    OtherCouncil,
    Is(OfficerRole),
    OfficerOldFactor,
    OfficerElsewhere,
    AtTheDesk,
    Responsible,
    ResponsibleOldFactor,
    OtherAtTheDesk,
    Guest,
    ShownAPart,
    AtTheDeskOldFactor,
    AtAnotherDesk,
    App,
    AppWithoutScope,
    OtherApp,
    Operator,
    OperatorOldFactor,
}

impl Who {
    /// Whether the caller proved their second factor too long ago.
    pub(super) fn has_an_old_factor(self) -> bool {
        matches!(
            self,
            Self::OldFactor
                | Self::OfficerOldFactor
                | Self::AtTheDeskOldFactor
                | Self::ResponsibleOldFactor
                | Self::OperatorOldFactor
        )
    }
}

/// Each caller with the head of its column, and the meaning of that.
pub(crate) const CALLERS: [(Who, &str, &str); 39] = [
    (Who::Nobody, "any", "anyone, without a token"),
    (Who::Has(Role::SocialWorker), "sw", "practice: a social worker"),
    (Who::Has(Role::Practitioner), "pra", "practice: a practitioner"),
    (Who::Has(Role::Manager), "man", "practice: a manager"),
    (Who::Has(Role::RecordsOfficer), "rec", "practice: a records officer"),
    (Who::Has(Role::Administrator), "adm", "practice: an administrator"),
    (Who::OldFactor, "old", "practice: somebody with every role, who proved their second factor six minutes ago"),
    (Who::Excluded, "out", "practice: somebody with every role, who is excluded from the record in the address"),
    (
        Who::Unnamed,
        "unn",
        "practice: somebody with every role, whom the restriction of the record in the address does not name",
    ),
    (Who::Elsewhere, "els", "practice: somebody with every role at another practice"),
    (Who::Suspended, "sus", "practice: somebody with every role at a practice that is suspended"),
    (Who::SendsReferrals, "ref", "council: a system with the scope `referrals`"),
    (Who::HandlesComplaints, "cpl", "council: a system with the scope `complaints`"),
    (Who::RingsTheDuty, "rng", "council: a system with the scope `safeguarding`"),
    (Who::WithoutScope, "non", "council: a system without a scope"),
    (Who::OtherCouncil, "oth", "council: a system of another council, with the scope that is needed"),
    (Who::Is(OfficerRole::Referrals), "o.r", "council: an officer for referrals"),
    (Who::Is(OfficerRole::Complaints), "o.c", "council: an officer for complaints"),
    (Who::Is(OfficerRole::ResponsiblePerson), "o.p", "council: the responsible person"),
    (Who::Is(OfficerRole::Safeguarding), "o.s", "council: an officer for safeguarding"),
    (Who::Is(OfficerRole::Commissioner), "o.m", "council: a commissioner"),
    (Who::Is(OfficerRole::Duty), "o.d", "council: an officer on duty out of hours"),
    (Who::Is(OfficerRole::RecordsOfficer), "o.x", "council: a records officer"),
    (Who::Is(OfficerRole::Administrator), "o.a", "council: an administrator"),
    (
        Who::OfficerOldFactor,
        "o.o",
        "council: an officer with every role, who proved their second factor six minutes ago",
    ),
    (Who::OfficerElsewhere, "o.e", "council: an officer of another council with every role"),
    (Who::AtTheDesk, "c.o", "complaints: an officer to whom the complaint in the address is assigned, or offered"),
    (Who::Responsible, "c.p", "complaints: the responsible person, to whom it is assigned"),
    (Who::ResponsibleOldFactor, "c.r", "complaints: as `c.p`, who proved their second factor six minutes ago"),
    (Who::OtherAtTheDesk, "c.n", "complaints: another officer of the council, to whom it is not"),
    (Who::Guest, "c.g", "complaints: a guest to whom it is assigned"),
    (Who::ShownAPart, "c.h", "complaints: a guest to whom a part of it is shown"),
    (Who::AtTheDeskOldFactor, "c.f", "complaints: as `c.o`, who proved their second factor six minutes ago"),
    (Who::AtAnotherDesk, "c.e", "complaints: an officer of another council"),
    (Who::App, "app", "partner: an app with the scope `complaints`"),
    (Who::AppWithoutScope, "ap0", "partner: an app without a scope"),
    (
        Who::OtherApp,
        "ap2",
        "partner: another app with the scope, which did not lodge the complaint and has its access code",
    ),
    (Who::Operator, "ope", "operator"),
    (Who::OperatorOldFactor, "opo", "operator: one who proved their second factor six minutes ago"),
];

/// A practice, its council, and one resource of every kind there.
pub(super) struct Tenant {
    pub(super) council: Council,
    pub(super) practice: Practice,
    pub(super) things: Things,
    /// A record that is restricted to one colleague of each role.
    pub(super) restricted: String,
    /// A break-glass request for a person whose record is restricted to the director.
    pub(super) break_glass_request: Value,
    /// A member of staff with every role, whom that restriction names.
    pub(super) everyone: Staff,
    /// The reference of a complaint, and its access code.
    pub(super) receipt: (String, String),
    /// The receipt of a complaint that was made by word of mouth, whose written record was given in the app.
    pub(super) recorded: (String, String),
}

pub(super) struct Cast {
    pub(super) world: World,
    pub(super) tenant: Tenant,
    pub(super) unnamed: Tenant,
    pub(super) suspended: Tenant,
    pub(super) elsewhere: Practice,
    pub(super) app: System,
    pub(super) operator: Staff,
    officers: Vec<(OfficerRole, Staff)>,
    anyone: Anyone,
    excluded: Staff,
    stranger: Staff,
    without_scope: System,
    pub(super) other_council: Council,
    other_desk: Desk,
    desk_old_factor: Staff,
    responsible_old_factor: Staff,
    app_without_scope: System,
    other_app: System,
    operator_old_factor: Staff,
}

/// Makes a record that is restricted to these members of staff. Returns its identifier and NHS number.
fn restricted(practice: &Practice, to: &[&Staff]) -> (String, Value) {
    let person = messages::person();
    let made = practice.manager.create("/v1/practice/service-users", &person);
    let id = made.text("/id").unwrap_or_else(|| panic!("{}", made.body)).to_owned();
    restrict(practice, &id, to);
    (id, person["nhs_number"].clone())
}

fn restrict(practice: &Practice, record: &str, to: &[&Staff]) {
    let path = format!("/v1/practice/service-users/{record}/restriction");
    let named: Vec<_> = to.iter().map(|staff| staff.id).collect();
    let body = json!({ "ground": "hazard", "reason": "Is known here.", "staff": named, "review_on": "2027-05-20" })
        .to_string();
    let seen = practice.manager.get(&path);
    let headers = [("if-match", seen.etag().unwrap_or("\"1\""))];
    let put = practice.manager.send("PUT", &path, &headers, Some(("application/json", body.as_bytes())));
    assert!(put.status < 300, "{}", put.body);
}

pub(super) fn exclude(practice: &Practice, record: &str, whom: &Staff) {
    let path = format!("/v1/practice/service-users/{record}/exclusions");
    let body = json!({ "staff_id": whom.id, "reason": "Is her neighbour." });
    let done = practice.second_manager.create(&path, &body);
    assert_eq!(done.status, 201, "{}", done.body);
}

/// The reference and the access code of a receipt.
fn of_receipt(receipt: &Answer) -> (String, String) {
    let member = |at| receipt.text(at).unwrap_or_else(|| panic!("{}", receipt.body)).to_owned();
    (member("/reference"), member("/access_code"))
}

/// Takes down a complaint on a visit, and gives its written record in the app. Returns its reference and its access code.
fn recorded(world: &World, council: &Council, practice: &Practice, desk: &Desk) -> (String, String) {
    let mut complaint = messages::complaint(&practice.slug);
    complaint["contact"] = json!({ "preferred": "email", "email": "edith@example.org", "electronic": true });
    world.work_for_council(council);
    let before = desk.offers();
    let receipt = desk.officers[0].create("/v1/complaints", &json!({ "came_by": "visit", "complaint": complaint }));
    world.work_for_council(council);
    let (officer, offer) =
        desk.offers().into_iter().find(|(_, offer)| !before.iter().any(|(_, old)| old == offer)).unwrap();
    let opened = answer(officer, &offer, false);
    let path = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap_or_else(|| panic!("{}", opened.body)));
    let given = json!({ "by": "app", "on": "2026-11-20" });
    let given = officer.put(&format!("{path}/written-record/given"), &officer.get(&path), &given);
    assert_eq!(given.status, 200, "{}", given.body);
    of_receipt(&receipt)
}

impl Tenant {
    fn new(world: &World, app: &System) -> Self {
        let council = world.council();
        let practice = world.practice(&council);
        let things = things(world, &council, &practice, app);
        let lodged = app.create("/v1/partner/complaints", &messages::complaint(&practice.slug));
        let receipt = of_receipt(&lodged);
        let recorded = recorded(world, &council, &practice, &things.complaints.desk);
        let everyone = with_roles(world, &practice, Role::ALL);
        let one_of_each = [
            &practice.social_worker,
            &practice.practitioner,
            &practice.second_manager,
            &practice.records_officer,
            &everyone,
        ];
        let (id, _) = restricted(&practice, &one_of_each);
        let (_, break_glass_request) = restricted(&practice, &[&practice.director]);
        Self { restricted: id, break_glass_request, receipt, recorded, council, things, practice, everyone }
    }
}

impl Cast {
    pub(super) fn new() -> Self {
        let world = World::new();
        let (app, operator) = (world.partner(), world.operator());
        let [tenant, unnamed, suspended] = [(); 3].map(|()| Tenant::new(&world, &app));
        let elsewhere = world.practice(&world.council());

        let excluded = with_roles(&world, &tenant.practice, Role::ALL);
        for record in [&tenant.things.service_user, &tenant.restricted] {
            exclude(&tenant.practice, record, &excluded);
        }
        let practice = &unnamed.practice;
        let in_charge = [&practice.manager, &practice.second_manager, &practice.social_worker];
        restrict(practice, &unnamed.things.service_user, &in_charge);
        suspended.everyone.token();
        let path = format!("/v1/operator/practices/{}", suspended.practice.id);
        let reason = json!({ "reason": "The insurance ended on 31 October." });
        assert_eq!(operator.change(&format!("{path}/suspend"), &operator.get(&path), &reason).status, 200);
        let other_council = world.council();
        let desk_old_factor = tenant.things.complaints.desk.officers[0].at_complaints();
        desk_old_factor.token();
        let responsible_old_factor = tenant.things.complaints.desk.responsible.at_complaints();
        responsible_old_factor.token();
        let cast = Self {
            other_desk: world.desk(&other_council),
            desk_old_factor,
            responsible_old_factor,
            stranger: with_roles(&world, &elsewhere, Role::ALL),
            officers: OfficerRole::ALL.iter().map(|role| (*role, world.officer(&tenant.council, &[*role]))).collect(),
            without_scope: world.client(Some(tenant.council.id), &["referrals"]),
            app_without_scope: world.partner(),
            other_app: world.partner(),
            operator_old_factor: world.operator(),
            anyone: world.anyone(),
            tenant,
            unnamed,
            suspended,
            elsewhere,
            app,
            operator,
            excluded,
            other_council,
            world,
        };
        for stripped in [&cast.without_scope, &cast.app_without_scope] {
            stripped.token();
            without_scopes(stripped);
        }
        cast
    }

    /// The tenant whose resources a caller asks for.
    pub(super) fn tenant_of(&self, who: Who) -> &Tenant {
        match who {
            Who::Unnamed => &self.unnamed,
            Who::Suspended => &self.suspended,
            _ => &self.tenant,
        }
    }

    /// The practice at which a caller of the practice's door works.
    pub(super) fn practice_of(&self, who: Who) -> &Practice {
        if who == Who::Elsewhere { &self.elsewhere } else { &self.tenant_of(who).practice }
    }

    /// The caller. Of a council's clients, the one with this scope.
    pub(super) fn caller(&self, who: Who, scope: &str) -> &dyn Caller {
        let practice = &self.tenant.practice;
        match who {
            Who::Nobody => &self.anyone,
            Who::Has(Role::SocialWorker) => &practice.social_worker,
            Who::Has(Role::Practitioner) => &practice.practitioner,
            Who::Has(Role::Manager) => &practice.second_manager,
            Who::Has(Role::RecordsOfficer) => &practice.records_officer,
            Who::Has(Role::Administrator) => &practice.administrator,
            Who::OldFactor => &self.tenant.everyone,
            Who::Excluded => &self.excluded,
            Who::Unnamed => &self.unnamed.everyone,
            Who::Elsewhere => &self.stranger,
            Who::Suspended => &self.suspended.everyone,
            Who::SendsReferrals => &self.tenant.council.system,
            Who::HandlesComplaints => &self.tenant.council.complaints,
            Who::RingsTheDuty => &self.tenant.council.safeguarding,
            Who::WithoutScope => &self.without_scope,
            Who::OtherCouncil if COUNCIL_SCOPES.contains(&scope) => self.other_council.system_with(scope),
            Who::OtherCouncil => &self.other_council.system,
            Who::Is(role) => &self.officers.iter().find(|(held, _)| *held == role).unwrap().1,
            Who::OfficerOldFactor => self.world.first_officer(&self.tenant.council),
            Who::OfficerElsewhere => self.world.first_officer(&self.other_council),
            Who::AtTheDesk => &self.tenant.things.complaints.desk.officers[0],
            Who::Responsible => &self.tenant.things.complaints.desk.responsible,
            Who::ResponsibleOldFactor => &self.responsible_old_factor,
            Who::OtherAtTheDesk => &self.tenant.things.complaints.desk.officers[1],
            Who::Guest => &self.tenant.things.complaints.handler,
            Who::ShownAPart => &self.tenant.things.complaints.lead,
            Who::AtTheDeskOldFactor => &self.desk_old_factor,
            Who::AtAnotherDesk => &self.other_desk.officers[0],
            Who::App => &self.app,
            Who::AppWithoutScope => &self.app_without_scope,
            Who::OtherApp => &self.other_app,
            Who::Operator => &self.operator,
            Who::OperatorOldFactor => &self.operator_old_factor,
        }
    }

    /// Makes a new member of staff of the same kind, where one request uses up the caller. `None` where no new one is needed.
    pub(super) fn another(&self, who: Who) -> Option<Staff> {
        match who {
            Who::Has(role) => Some(with_roles(&self.world, &self.tenant.practice, &[role])),
            Who::OldFactor => Some(with_roles(&self.world, &self.tenant.practice, Role::ALL)),
            Who::Elsewhere => Some(with_roles(&self.world, &self.elsewhere, Role::ALL)),
            Who::Is(role) => Some(self.world.officer(&self.tenant.council, &[role])),
            Who::OfficerOldFactor => Some(self.world.officer(&self.tenant.council, OfficerRole::ALL)),
            Who::OfficerElsewhere => Some(self.world.officer(&self.other_council, OfficerRole::ALL)),
            Who::AtTheDesk | Who::OtherAtTheDesk | Who::AtTheDeskOldFactor => {
                Some(self.world.officer(&self.tenant.council, &[OfficerRole::Complaints]).at_complaints())
            }
            Who::Responsible | Who::ResponsibleOldFactor => {
                Some(self.world.officer(&self.tenant.council, &[OfficerRole::ResponsiblePerson]).at_complaints())
            }
            Who::AtAnotherDesk => {
                Some(self.world.officer(&self.other_council, &[OfficerRole::Complaints]).at_complaints())
            }
            Who::Guest | Who::ShownAPart => Some(self.world.investigator(
                &self.tenant.council,
                &self.tenant.things.complaints.desk,
                "Margaret Ashby",
            )),
            Who::Operator | Who::OperatorOldFactor => Some(self.world.operator()),
            _ => None,
        }
    }

    /// An invitation of a new person at this door.
    pub(super) fn invitation(&self, door: &str) -> Value {
        let email = format!("new.{}@practice.example", fresh_key());
        let made = if door == "practice" {
            let new = json!({ "name": "Robin Hale", "email": email, "roles": ["practitioner"] });
            self.tenant.practice.administrator.create("/v1/practice/staff", &new)
        } else if door == "council" {
            let new = json!({ "name": "Robin Hale", "email": email, "roles": ["duty"] });
            let path = format!("/v1/operator/councils/{}/officers", self.world.council().id);
            self.operator.create(&path, &new)
        } else if door == "complaints" {
            let new = json!({ "name": "Robin Hale", "email": email, "capacity": "investigator" });
            self.tenant.things.complaints.desk.officers[0].create("/v1/complaints/guests", &new)
        } else {
            self.operator.create("/v1/operator/accounts", &json!({ "name": "Robin Hale", "email": email }))
        };
        made.body.pointer("/link/token").unwrap_or_else(|| panic!("{}", made.body)).clone()
    }
}
