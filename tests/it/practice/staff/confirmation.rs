//! Memberships that read records work once a second person has confirmed them. A hostile administrator, with two puppets,
//! tries to be that person.

use almoner_demo::web::Answer;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, Staff, World};
use serde_json::{Value, json};

const STAFF: &str = "/v1/practice/staff";
const INBOX: &str = "/v1/practice/referrals";
const CHOSEN: &str = "a green bicycle in the rain";

fn invitation(by: &Staff, roles: &[&str], more: Value) -> Answer {
    let email = format!("somebody.{}@practice.example", fresh_key());
    let mut new = json!({ "name": "Robin Hale", "email": email, "roles": roles });
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let invited = by.create(STAFF, &new);
    assert_eq!(invited.status, 201, "{}", invited.body);
    invited
}

/// Somebody whom this administrator invites and who joins.
fn joined(world: &World, by: &Staff, roles: &[&str]) -> Staff {
    world.take_up(&invitation(by, roles, json!({})))
}

fn confirm(by: &Staff, member: &Staff) -> Answer {
    let path = format!("{STAFF}/{}", member.id);
    let seen = by.get(&path);
    assert_eq!(seen.status, 200, "{}", seen.body);
    by.change(&format!("{path}/confirm"), &seen, &json!({}))
}

fn assert_refused(by: &Staff, member: &Staff, what: &str) {
    let answer = confirm(by, member);
    assert_eq!(
        (answer.status, answer.text("/type")),
        (409, Some("/problems/invalid-state")),
        "{what}: {}",
        answer.body
    );
}

fn sign_in(member: &Staff) -> u16 {
    member.clock().advance(chrono::TimeDelta::minutes(1));
    member.sign_in(None).status
}

/// An administrator with two puppets, and a puppet of one of these.
fn puppets<'p>(world: &World, practice: &'p Practice) -> (&'p Staff, Staff, Staff, Staff) {
    let hostile = &practice.administrator;
    let one = joined(world, hostile, &["administrator"]);
    let other = joined(world, hostile, &["administrator"]);
    let third = joined(world, &one, &["administrator"]);
    (hostile, one, other, third)
}

#[test]
fn row_51_an_administrator_with_two_puppets_opens_no_membership_that_reads_records() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (hostile, one, other, third) = puppets(&world, &practice);
    let hands = [("hostile", hostile), ("one", &one), ("other", &other), ("third", &third)];
    let openers = [("manager", hostile), ("records_officer", &one), ("records_officer", &third), ("manager", &other)];
    for (role, opener) in openers {
        let member = joined(&world, opener, &[role]);
        assert_eq!(sign_in(&member), 401, "{role}: nobody has confirmed it");
        for (what, hand) in hands {
            hand.forget_token();
            assert_refused(hand, &member, &format!("{role}, {what}"));
        }
        assert_eq!(sign_in(&member), 401);
        practice.manager.forget_token();
        let seen = practice.manager.get(&format!("{STAFF}/{}", member.id));
        assert_eq!((&seen.body["roles"], &seen.body["unconfirmed_roles"]), (&json!([role]), &json!([role])));
        assert_eq!(seen.text("/awaited_confirmation/by"), Some("members"));
        let confirmers = seen.body["awaited_confirmation"]["confirmers"].as_array().unwrap();
        assert!(confirmers.contains(&json!(practice.manager.id)), "{}", seen.body);
        for (what, hand) in hands {
            assert!(!confirmers.contains(&json!(hand.id)), "{what}: {}", seen.body);
        }
        let told = practice.manager.get("/v1/practice/notices");
        assert_eq!(told.text("/items/0/kind"), Some("staff.unconfirmed"), "{}", told.body);
        let confirmed = confirm(&practice.manager, &member);
        assert_eq!((confirmed.status, confirmed.body.get("unconfirmed_roles")), (200, None), "{}", confirmed.body);
        assert_eq!(sign_in(&member), 201, "{role}");
        assert_eq!(confirm(&practice.manager, &member).status, 409, "once");
    }
    assert_eq!(world.audited(&practice, "staff.confirmed"), 4 + 4, "four by the fixture");
}

#[test]
fn row_51_a_role_that_is_added_later_works_once_it_is_confirmed_and_the_member_keeps_what_they_had() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (hostile, one, other, _) = puppets(&world, &practice);
    let worker = &practice.social_worker;
    let path = format!("{STAFF}/{}", worker.id);
    let allocates = |worker: &Staff| worker.get("/v1/practice/countersignatures").status;
    assert_eq!((worker.get(INBOX).status, allocates(worker)), (200, 403));
    let roles = json!({ "roles": ["social_worker", "manager"] });
    let changed = one.patch(&path, &one.get(&path), &roles);
    assert_eq!((changed.status, &changed.body["unconfirmed_roles"]), (200, &json!(["manager"])), "{}", changed.body);
    assert_eq!((worker.get(INBOX).status, allocates(worker)), (200, 403), "what they had works on, and no more");
    for hand in [hostile, &one, &other] {
        assert_refused(hand, worker, "a hand that opened it");
    }
    let list = practice.social_worker_2.get(STAFF);
    let own = list.body["items"].as_array().unwrap().iter().find(|item| item["id"] == json!(worker.id)).unwrap();
    assert_eq!(own["unconfirmed_roles"], json!(["manager"]), "everybody sees what a colleague has");

    // A change of another detail neither confirms nor withdraws it.
    let renamed = hostile.patch(&path, &hostile.get(&path), &json!({ "name": "Hannah Pryce" }));
    assert_eq!(renamed.body["unconfirmed_roles"], json!(["manager"]), "{}", renamed.body);
    assert_eq!(confirm(&practice.records_officer, worker).status, 200);
    assert_eq!((worker.get(INBOX).status, allocates(worker)), (200, 200));

    // Taken away and given back, it waits again; another heavy role in its place opens nothing.
    for roles in [json!(["social_worker"]), json!(["social_worker", "manager"])] {
        assert_eq!(one.patch(&path, &one.get(&path), &json!({ "roles": roles })).status, 200);
        assert_eq!(allocates(worker), 403);
    }
    let officer = format!("{STAFF}/{}", practice.second_manager.id);
    assert_eq!(practice.second_manager.get("/v1/practice/audit").status, 403);
    let swapped = one.patch(&officer, &one.get(&officer), &json!({ "roles": ["records_officer"] }));
    assert_eq!(swapped.status, 200, "{}", swapped.body);
    assert_eq!(practice.second_manager.get("/v1/practice/audit").status, 401, "no role of theirs works");
    assert_refused(&other, &practice.second_manager, "a puppet");
    assert_eq!(confirm(&practice.manager, &practice.second_manager).status, 200);
    assert_eq!(sign_in(&practice.second_manager), 201);
    assert_eq!(practice.second_manager.get("/v1/practice/audit").status, 200);
}

#[test]
fn row_51_nobody_confirms_what_they_opened_themselves_or_who_came_later() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let both = world.staff(
        practice.id,
        json!({
            "name": "Efua Mensah", "email": format!("both.{}@practice.example", fresh_key()),
            "roles": ["administrator", "manager"],
        }),
    );
    let member = joined(&world, &both, &["manager"]);
    assert_refused(&both, &member, "who opened it");
    let later = world.staff(
        practice.id,
        json!({
            "name": "Ben Later", "email": format!("later.{}@practice.example", fresh_key()), "roles": ["manager"],
        }),
    );
    assert_refused(&later, &member, "who came later");
    assert_eq!(confirm(&practice.records_officer, &member).status, 200, "who was there before");
}

/// Uses the link of a credential reset. Returns the authenticator.
pub(crate) fn take_over(world: &World, link: &Answer) -> TotpSecret {
    let token = link.body["link"]["token"].clone();
    let opened = world.anyone().post("/v1/practice/invitations/open", &json!({ "token": token }));
    let secret = TotpSecret::from_base32(opened.text("/authenticator/secret").unwrap()).unwrap();
    let code = secret.code(world.clock.now());
    let body = json!({ "token": token, "password": CHOSEN, "code": code });
    let accepted = world.anyone().post("/v1/practice/invitations/accept", &body);
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    secret
}

pub(crate) fn reset(by: &Staff, member: &Staff) -> Answer {
    let link = by.create(&format!("{STAFF}/{}/credential-reset", member.id), &json!({}));
    assert_eq!(link.status, 201, "{}", link.body);
    link
}

#[test]
fn row_51_a_replaced_account_is_confirmed_by_nobody_of_the_hand_that_drew_the_link() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (hostile, one, other, third) = puppets(&world, &practice);
    let victims = [&practice.second_manager, &practice.practitioner_2, &practice.social_worker];
    for (victim, drawer) in victims.into_iter().zip([hostile, &one, &third]) {
        drawer.forget_token();
        let link = reset(drawer, victim);
        let later = world.staff(
            practice.id,
            json!({
                "name": "Ben Later", "email": format!("later.{}@practice.example", fresh_key()), "roles": ["manager"],
            }),
        );
        let secret = take_over(&world, &link);
        let signs_in = || {
            world.clock.advance(chrono::TimeDelta::minutes(1));
            let code = secret.code(world.clock.now());
            let body = json!({ "email": victim.email, "password": CHOSEN, "code": code });
            world.anyone().post("/v1/practice/sessions", &body).status
        };
        for hand in [hostile, &one, &other, &third, &later] {
            hand.forget_token();
            assert_refused(hand, victim, "a hand that drew it, or who came later");
        }
        assert_eq!(signs_in(), 401);
        practice.manager.forget_token();
        assert_eq!(confirm(&practice.manager, victim).status, 200);
        assert_eq!(signs_in(), 201);
    }
}

#[test]
fn row_51_whoever_draws_the_link_at_another_practice_does_not_confirm_at_this_one() {
    let world = World::new();
    let [here, there] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let member = |email: &str, roles: Value| json!({ "name": "Somebody", "email": email, "roles": roles });
    let hostile = world.staff(there.id, member(&here.administrator.email, json!(["administrator"])));
    let victim = world.staff(there.id, member(&here.manager.email, json!(["practitioner"])));
    assert_eq!(hostile.sign_in(Some(&there.slug)).status, 201);
    take_over(&world, &reset(&hostile, &victim));
    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(here.administrator.sign_in(Some(&here.slug)).status, 201);
    assert_refused(&here.administrator, &here.manager, "the same person");
    assert_eq!(confirm(&here.second_manager, &here.manager).status, 200);
}

#[test]
fn row_51_whoever_draws_the_link_anew_is_a_hand_by_which_the_member_came() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let honest = world.staff(
        practice.id,
        json!({
            "name": "Efua Mensah", "email": format!("both.{}@practice.example", fresh_key()),
            "roles": ["administrator", "manager"],
        }),
    );
    let (hostile, one, ..) = puppets(&world, &practice);
    // The honest administrator invites; the hostile one draws the link anew, and takes it.
    let invited = invitation(&honest, &["manager"], json!({}));
    let again = hostile.create(&format!("{STAFF}/{}/invitation", invited.text("/id").unwrap()), &json!({}));
    let taken = world.take_up(&again);
    assert_refused(&one, &taken, "a puppet of whoever drew the link");
    let light = invitation(&honest, &["administrator"], json!({}));
    let again = one.create(&format!("{STAFF}/{}/invitation", light.text("/id").unwrap()), &json!({}));
    let puppet = world.take_up(&again);
    let opened = joined(&world, hostile, &["records_officer"]);
    assert_refused(&puppet, &opened, "a member whose link a puppet drew");
    assert_eq!(confirm(&honest, &opened).status, 200);
}
