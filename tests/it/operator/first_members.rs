//! The first members of a practice whose roles open records: the operator confirms them together with the owner, until there
//! are two; then members do.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Staff, World};
use serde_json::{Value, json};

struct NewPractice {
    world: World,
    staff_of: String,
    /// The operator who invites the owner, and another who did not come by them.
    operator: Staff,
    another: Staff,
}

fn invitation(roles: &[&str], owner: bool) -> Value {
    let email = format!("somebody.{}@practice.example", fresh_key());
    json!({ "name": "Robin Hale", "email": email, "roles": roles, "owner": owner })
}

impl NewPractice {
    fn new() -> Self {
        let world = World::new();
        let (operator, another) = (world.operator(), world.operator());
        let staff_of = format!("/v1/operator/practices/{}/staff", world.bare_practice());
        Self { world, staff_of, operator, another }
    }

    /// Somebody whom the operator invites and who joins.
    fn first(&self, roles: &[&str], owner: bool) -> Staff {
        self.world.take_up(&self.operator.create(&self.staff_of, &invitation(roles, owner)))
    }

    /// Somebody whom an administrator invites and who joins.
    fn invited(&self, by: &Staff, roles: &[&str]) -> Staff {
        by.forget_token();
        self.world.clock.advance(chrono::TimeDelta::minutes(1));
        self.world.take_up(&by.create("/v1/practice/staff", &invitation(roles, false)))
    }

    fn confirm(&self, operator: &Staff, member: &Staff) -> Answer {
        self.world.clock.advance(chrono::TimeDelta::minutes(1));
        operator.forget_token();
        let path = format!("{}/{}", self.staff_of, member.id);
        operator.change(&format!("{path}/confirm"), &operator.get(&path), &json!({}))
    }

    fn confirm_as_member(&self, by: &Staff, member: &Staff) -> Answer {
        self.world.clock.advance(chrono::TimeDelta::minutes(1));
        by.forget_token();
        let path = format!("/v1/practice/staff/{}", member.id);
        by.change(&format!("{path}/confirm"), &by.get(&path), &json!({}))
    }

    fn signs_in(&self, member: &Staff) -> bool {
        self.world.clock.advance(chrono::TimeDelta::minutes(1));
        member.sign_in(None).status == 201
    }
}

fn refused(answer: &Answer) -> bool {
    (answer.status, answer.text("/type")) == (409, Some("/problems/invalid-state"))
}

#[test]
fn row_51_the_first_manager_and_records_officer_are_confirmed_by_the_operator_and_the_owner_and_the_third_by_members() {
    let new = NewPractice::new();
    let owner = new.first(&["administrator"], true);
    let through = json!({ "name": "A Puppet", "email": format!("operator.{}@almoner.example", fresh_key()) });
    let link = new.operator.create("/v1/operator/accounts", &through);
    let through = new.world.operator_of(&link, through["email"].as_str().unwrap());

    let manager = new.invited(&owner, &["manager"]);
    assert!(!new.signs_in(&manager));
    let seen = new.another.get(&format!("{}/{}", new.staff_of, manager.id));
    let awaited = &seen.body["awaited_confirmation"];
    assert_eq!(
        (&awaited["by"], &awaited["confirmed_by_owner"], &awaited["confirmed_by_operator"]),
        (&json!("operator_and_owner"), &json!(true), &json!(false)),
        "the owner gave the role: {}",
        seen.body
    );
    assert!(refused(&new.confirm(&new.operator, &manager)), "who invited the owner");
    assert!(refused(&new.confirm(&through, &manager)), "who came by the one who invited the owner");
    let confirmed = new.confirm(&new.another, &manager);
    assert_eq!((confirmed.status, confirmed.body.get("unconfirmed_roles")), (200, None), "{}", confirmed.body);
    assert!(new.signs_in(&manager));

    let officer = new.invited(&owner, &["records_officer"]);
    assert!(refused(&new.confirm_as_member(&manager, &officer)), "one alone was there before");
    assert_eq!(new.confirm(&new.another, &officer).status, 200);
    assert!(new.signs_in(&officer));

    let third = new.invited(&owner, &["manager"]);
    assert!(refused(&new.confirm(&new.another, &third)), "from now on members do");
    assert!(refused(&new.confirm_as_member(&owner, &third)), "who gave the role");
    assert_eq!(new.confirm_as_member(&officer, &third).status, 200);
    assert!(new.signs_in(&third));
    assert!(refused(&new.confirm(&new.another, &third)), "nothing waits");
}

#[test]
fn row_51_an_owners_own_first_role_wants_an_operator_who_did_not_invite_them() {
    let new = NewPractice::new();
    let owner = new.first(&["manager"], true);
    assert!(!new.signs_in(&owner));
    assert!(refused(&new.confirm(&new.operator, &owner)));
    assert_eq!(new.confirm(&new.another, &owner).status, 200);
    assert!(new.signs_in(&owner), "their joining was the owner's part");
}

#[test]
fn row_51_where_an_administrator_opens_it_both_the_operator_and_the_owner_confirm_in_either_order() {
    let new = NewPractice::new();
    let invitations =
        [true, false].map(|owner| new.operator.create(&new.staff_of, &invitation(&["administrator"], owner)));
    let [owner, administrator] = invitations.map(|invited| new.world.take_up(&invited));
    let puppet = new.invited(&administrator, &["administrator"]);

    let manager = new.invited(&administrator, &["manager"]);
    let half = new.confirm(&new.another, &manager);
    assert_eq!((half.status, &half.body["unconfirmed_roles"]), (200, &json!(["manager"])), "{}", half.body);
    assert_eq!(half.body["awaited_confirmation"]["confirmers"], json!([owner.id]), "{}", half.body);
    assert!(!new.signs_in(&manager), "the owner has not said so");

    // The administrator makes a puppet an owner, and the puppet makes the administrator one.
    for (by, whom) in [(&administrator, &puppet), (&puppet, &administrator)] {
        let path = format!("/v1/practice/staff/{}", whom.id);
        by.forget_token();
        new.world.clock.advance(chrono::TimeDelta::minutes(1));
        assert_eq!(by.patch(&path, &by.get(&path), &json!({ "owner": true })).status, 200);
        assert!(refused(&new.confirm_as_member(whom, &manager)), "an owner whom a colleague made one");
    }
    assert_eq!(new.confirm_as_member(&owner, &manager).status, 200);
    assert!(new.signs_in(&manager));

    let officer = new.invited(&administrator, &["records_officer"]);
    let half = new.confirm_as_member(&owner, &officer);
    assert_eq!((half.status, &half.body["unconfirmed_roles"]), (200, &json!(["records_officer"])), "{}", half.body);
    assert!(!new.signs_in(&officer), "the operator has not said so");
    assert!(refused(&new.confirm(&new.operator, &officer)), "who invited the owner");
    // A further role wants both again.
    let path = format!("/v1/practice/staff/{}", officer.id);
    administrator.forget_token();
    new.world.clock.advance(chrono::TimeDelta::minutes(1));
    let more = json!({ "roles": ["records_officer", "manager"] });
    assert_eq!(administrator.patch(&path, &administrator.get(&path), &more).status, 200);
    let half = new.confirm(&new.another, &officer);
    assert_eq!(half.body["unconfirmed_roles"].as_array().map(Vec::len), Some(2), "{}", half.body);
    assert_eq!(new.confirm_as_member(&owner, &officer).status, 200);
    assert!(new.signs_in(&officer));
}
