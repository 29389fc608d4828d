//! Officers work once a second person has confirmed them. A hostile administrator with puppets, and an operator with puppets, try
//! to be that person.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, PASSWORD, Staff, World};
use serde_json::json;

use super::{OFFICERS, can_sign_in, new_officer, of, step};

fn at_the_operators_door(council: &Council, step: &str) -> String {
    format!("/v1/operator/councils/{}/officers{step}", council.id)
}

/// An operator invites somebody to be one of the council's first officers, who joins.
fn invited(world: &World, operator: &Staff, council: &Council, roles: &[&str]) -> Staff {
    let invited = operator.create(&at_the_operators_door(council, ""), &new_officer(roles));
    assert_eq!(invited.status, 201, "{}", invited.body);
    world.take_up_office(&invited)
}

fn confirm(operator: &Staff, council: &Council, officer: &Staff) -> Answer {
    let path = at_the_operators_door(council, &format!("/{}", officer.id));
    let seen = operator.get(&path);
    operator.change(&format!("{path}/confirm"), &seen, &json!({}))
}

/// Replaces the credentials of an account with the link of this answer, at this door.
pub(super) fn replace_credentials(world: &World, door: &str, offered: &Answer, of: &Staff) {
    let token = offered.text("/link/token").unwrap_or_else(|| panic!("{}", offered.body));
    let opened = world.anyone().post(&format!("/v1/{door}/invitations/open"), &json!({ "token": token }));
    let secret = opened.text("/authenticator/secret").unwrap_or_else(|| panic!("{}", opened.body));
    let code = TotpSecret::from_base32(secret).unwrap().code(world.clock.now());
    let content = json!({ "token": token, "password": PASSWORD, "code": code });
    let accepted = world.anyone().post(&format!("/v1/{door}/invitations/accept"), &content);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    of.change_authenticator(secret, &accepted);
}

fn assert_refused(answer: &Answer, what: &str) {
    let told = (answer.status, answer.text("/type"));
    assert_eq!(told, (409, Some("/problems/invalid-state")), "{what}: {}", answer.body);
}

#[test]
fn row_51_a_councils_first_two_officers_are_confirmed_by_two_operators() {
    let world = World::new();
    let council = world.council();
    let (one, two) = (world.operator(), world.operator());
    let first = invited(&world, &one, &council, &["administrator"]);
    assert!(!can_sign_in(&first), "nobody has confirmed them");
    let noted = confirm(&one, &council, &first);
    assert_eq!(noted.body["awaited_confirmation"]["confirmed_by_operator"], true, "{}", noted.body);
    assert_eq!(noted.text("/awaited_confirmation/by"), Some("two_operators"));
    assert!(!can_sign_in(&first), "one has");
    assert_refused(&confirm(&one, &council, &first), "the same operator again");
    let confirmed = confirm(&two, &council, &first);
    assert_eq!((confirmed.status, confirmed.body.get("awaited_confirmation")), (200, None), "{}", confirmed.body);
    assert!(can_sign_in(&first));
    assert_refused(&confirm(&two, &council, &first), "nothing waits");

    // The first may invite the second, and confirms nobody whom they invited themselves.
    let second = first.create(OFFICERS, &new_officer(&["records_officer"]));
    let second = world.take_up_office(&second);
    assert_refused(&step(&first, &second, "/confirm"), "the only one there");
    assert_eq!((confirm(&one, &council, &second).status, confirm(&two, &council, &second).status), (200, 200));
    assert!(can_sign_in(&second));

    // Now that two stand, an officer confirms the third, and no operator does.
    let third = world.take_up_office(&first.create(OFFICERS, &new_officer(&["duty"])));
    assert_refused(&confirm(&one, &council, &third), "an officer may");
    assert_refused(&step(&first, &third, "/confirm"), "they opened it");
    assert!(!can_sign_in(&third));
    first.forget_token();
    second.forget_token();
    assert_eq!(step(&second, &third, "/confirm").status, 200);
    assert!(can_sign_in(&third));
}

#[test]
fn an_operator_invites_an_officer_once() {
    let world = World::new();
    let (council, operator) = (world.council(), world.operator());
    let new = new_officer(&["administrator"]);
    assert_eq!(operator.create(&at_the_operators_door(&council, ""), &new).status, 201);
    let again = operator.create(&at_the_operators_door(&council, ""), &new);
    assert_eq!((again.status, again.text("/type")), (409, Some("/problems/already-exists")), "{}", again.body);
}

#[test]
fn row_51_an_operator_who_invites_themselves_does_not_come_in() {
    let world = World::new();
    let council = world.council();
    let hostile = world.operator();
    let themselves = json!({ "name": "Robin Hale", "email": hostile.email, "roles": ["administrator"] });
    let invited = hostile.create(&at_the_operators_door(&council, ""), &themselves);
    assert_eq!(invited.status, 201, "nothing tells whose address it is: {}", invited.body);
    let token = invited.text("/link/token").unwrap();
    let content = json!({ "token": token, "password": PASSWORD, "code": hostile.credentials()["code"] });
    let accepted = world.anyone().post("/v1/council/invitations/accept", &content);
    assert_eq!(accepted.status, 401, "an operator's account is nobody's at a council: {}", accepted.body);
}

#[test]
fn row_51_an_operator_with_two_puppets_confirms_nobody() {
    let world = World::new();
    let council = world.council();
    let hostile = world.operator();
    let puppet = |by: &Staff, email: &str| {
        let made = by.create("/v1/operator/accounts", &json!({ "name": "A Puppet", "email": email }));
        world.operator_of(&made, email)
    };
    let key = almoner_tests::callers::fresh_key();
    let one = puppet(&hostile, &format!("one-{key}@almoner.example"));
    let other = puppet(&hostile, &format!("other-{key}@almoner.example"));
    let third = puppet(&one, &format!("third-{key}@almoner.example"));
    let officer = invited(&world, &hostile, &council, &["administrator", "complaints"]);
    assert_eq!(confirm(&one, &council, &officer).status, 200);
    for (who, what) in [(&hostile, "who made the first one"), (&other, "a sister"), (&third, "a daughter")] {
        assert_refused(&confirm(who, &council, &officer), what);
    }
    assert!(!can_sign_in(&officer));
    assert_eq!(confirm(&world.operator(), &council, &officer).status, 200);
    assert!(can_sign_in(&officer));
}

#[test]
fn row_51_an_operator_who_replaced_a_colleagues_credentials_is_no_second_one() {
    let world = World::new();
    let council = world.council();
    let hostile = world.operator();
    let honest = world.operator();
    let officer = invited(&world, &hostile, &council, &["administrator", "complaints"]);
    assert_eq!(confirm(&hostile, &council, &officer).status, 200);
    let account = honest.get("/v1/operator/account").text("/id").unwrap().to_owned();
    let drawn = hostile.create(&format!("/v1/operator/accounts/{account}/credential-reset"), &json!({}));
    assert_eq!(drawn.status, 201, "{}", drawn.body);
    replace_credentials(&world, "operator", &drawn, &honest);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    honest.forget_token();
    assert_refused(&confirm(&honest, &council, &officer), "the link may have been used by whoever drew it");
    assert_eq!(confirm(&world.operator(), &council, &officer).status, 200);
}

#[test]
fn row_51_an_administrator_with_two_puppets_opens_no_role() {
    let world = World::new();
    let council = world.council();
    let hostile = world.first_officer(&council);
    let puppet = |by: &Staff| world.take_up_office(&by.create(OFFICERS, &new_officer(&["administrator"])));
    let (one, other) = (puppet(hostile), puppet(hostile));
    // There is one confirmed officer: the puppets confirm nobody, since none of their roles works.
    assert!(!can_sign_in(&one) && !can_sign_in(&other));
    hostile.forget_token();
    assert_refused(&step(hostile, &one, "/confirm"), "their own puppet");
    // With a second, honest officer, the puppets still open nothing, and their own puppets neither.
    let honest = world.officer(&council, &[OfficerRole::RecordsOfficer]);
    let target = world.take_up_office(&hostile.create(OFFICERS, &new_officer(&["complaints"])));
    assert_refused(&step(hostile, &target, "/confirm"), "the inviter");
    let seen = honest.get(&of(&target, ""));
    assert_eq!(seen.body["awaited_confirmation"]["confirmers"], json!([honest.id]), "{}", seen.body);
    assert_eq!(honest.change(&of(&target, "/confirm"), &seen, &json!({})).status, 200);
    assert_eq!(honest.change(&of(&target, "/confirm"), &seen, &json!({})).status, 412, "twice");
}

#[test]
fn row_51_a_role_that_an_officer_is_given_works_once_another_has_confirmed_it() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let clerk = world.officer(&council, &[OfficerRole::Duty]);
    let honest = world.officer(&council, &[OfficerRole::Commissioner]);
    let log = "/v1/council/audit";
    assert_eq!(clerk.get(log).status, 403);
    let given =
        first.patch(&of(&clerk, ""), &first.get(&of(&clerk, "")), &json!({ "roles": ["duty", "records_officer"] }));
    assert_eq!(given.status, 200, "{}", given.body);
    assert_eq!(given.body["unconfirmed_roles"], json!(["records_officer"]));
    assert_eq!(clerk.get(log).status, 403, "it waits");
    assert_eq!(clerk.get("/v1/council/events").status, 200, "what worked goes on");
    assert_refused(&step(first, &clerk, "/confirm"), "who gave it");
    assert_refused(&step(&clerk, &clerk, "/confirm"), "who got it");
    assert_eq!(step(&honest, &clerk, "/confirm").status, 200);
    assert_eq!(clerk.get(log).status, 200);
    // Taken away, it ends with the next request.
    let taken = first.patch(&of(&clerk, ""), &first.get(&of(&clerk, "")), &json!({ "roles": ["duty"] }));
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert_eq!(clerk.get(log).status, 403);
}

#[test]
fn row_51_replaced_credentials_open_nothing_at_the_council_until_another_officer_confirms_them() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let lost = world.officer(&council, &[OfficerRole::Complaints]);
    let honest = world.officer(&council, &[OfficerRole::Commissioner]);
    assert_eq!(lost.get("/v1/council/contacts").status, 200);
    let at_complaints = lost.at_complaints();
    assert_eq!(at_complaints.get("/v1/complaints").status, 200);
    let offered = first.create(&of(&lost, "/credential-reset"), &json!({}));
    assert_eq!(offered.status, 201, "{}", offered.body);
    replace_credentials(&world, "council", &offered, &lost);
    for (caller, path) in [(&lost, "/v1/council/contacts"), (&at_complaints, "/v1/complaints")] {
        assert_eq!(caller.get(path).status, 401, "the sessions ended");
    }
    assert_eq!(at_complaints.sign_in(None).status, 401, "nor there");
    assert!(!can_sign_in(&lost), "the one who drew the link may have used it");
    first.forget_token();
    honest.forget_token();
    assert_refused(&step(first, &lost, "/confirm"), "who drew the link");
    let seen = honest.get(&of(&lost, ""));
    assert!(seen.text("/unconfirmed_at").is_some(), "{}", seen.body);
    assert_eq!(step(&honest, &lost, "/confirm").status, 200);
    assert!(can_sign_in(&lost));
}

#[test]
fn row_51_an_account_that_a_practice_replaced_opens_no_council_either() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let worker = &practice.practitioner;
    let first = world.first_officer(&council);
    let invited = json!({ "name": "Lucy Freeman", "email": worker.email, "roles": ["duty"] });
    let both = world.take_up_office(&first.create(OFFICERS, &invited));
    let operators = [world.operator(), world.operator()];
    assert!(operators.iter().all(|operator| confirm(operator, &council, &both).status == 200));
    assert!(can_sign_in(&both));
    practice.administrator.forget_token();
    let path = format!("/v1/practice/staff/{}/credential-reset", worker.id);
    let offered = practice.administrator.create(&path, &json!({}));
    replace_credentials(&world, "practice", &offered, &both);
    assert!(!can_sign_in(&both), "the practice's administrator is nobody at the council");
}
