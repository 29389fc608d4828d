//! What an acting manager gains, and what nobody gains through one: neither an administrator with two puppets, nor a manager to
//! whom a record is closed, nor whoever broke the glass. And what has to last is left to nobody who leaves or acts.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, Staff, World, messages};
use serde_json::{Value, json};

use super::acting::{appoint, confirm, manages, relieve};
use super::confirmation::{reset, take_over};
use super::leaving::{plan, send, twice_at_once};
use crate::council::{REFERRALS, in_practice};
use crate::practice::cases::{self, case_of, pointer, record};
use crate::practice::people::{break_glass, break_glass_accesses, end_exclusion, exclude, of, restrict};
use crate::practice::referrals::due_first;

const STAFF: &str = "/v1/practice/staff";
const ABSENCE: &str = "/v1/practice/absence";
const BREAK_GLASS: &str = "/v1/practice/break-glass";

fn acts(practice: &Practice, by: &Staff, member: &Staff, how: &Value) {
    assert_eq!(appoint(by, member, how).status, 200);
    let confirmed = confirm(&practice.records_officer, member);
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert!(manages(member));
}

fn goes_away(member: &Staff) {
    let away = json!({ "from": "2026-11-20", "until": "2026-12-11" });
    assert_eq!(send(member, "PUT", ABSENCE, None, Some(&away)).status, 204);
}

fn refused(answer: &Answer) -> bool {
    (answer.status, answer.text("/type")) == (409, Some("/problems/invalid-state"))
}

fn joined(world: &World, by: &Staff, roles: &[&str]) -> Staff {
    let email = format!("somebody.{}@practice.example", fresh_key());
    let invited = by.create(STAFF, &json!({ "name": "Robin Hale", "email": email, "roles": roles }));
    assert_eq!(invited.status, 201, "{}", invited.body);
    world.take_up(&invited)
}

#[test]
fn row_51_an_administrator_with_two_puppets_gains_nothing_by_an_acting_manager() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let hostile = &practice.administrator;
    let one = joined(&world, hostile, &["practitioner"]);
    let other = joined(&world, hostile, &["administrator"]);
    let how = json!({ "until": "2026-12-11" });
    assert_eq!(appoint(hostile, &one, &how).status, 200);
    for hand in [hostile, &other] {
        assert!(refused(&confirm(hand, &one)), "a hand that opened it");
    }
    assert!(!manages(&one));
    // Even where a second person was deceived, the power confirms nothing of the hand from which it came.
    assert_eq!(confirm(&practice.records_officer, &one).status, 200);
    assert!(manages(&one));
    let third = joined(&world, hostile, &["manager"]);
    let fourth = joined(&world, &other, &["records_officer"]);
    take_over(&world, &reset(&other, &practice.second_manager));
    for (what, member) in [("a role", &third), ("a puppet's role", &fourth), ("an account", &practice.second_manager)] {
        assert!(refused(&confirm(&one, member)), "{what}");
    }
    assert!(refused(&appoint(&one, &other, &how)), "they pass it on");
    // Nor does it stay with them as if somebody had vouched for them.
    let path = format!("{STAFF}/{}", one.id);
    assert_eq!(relieve(hostile, &one).status, 200);
    let roles = json!({ "roles": ["practitioner", "administrator"] });
    assert_eq!(hostile.patch(&path, &hostile.get(&path), &roles).status, 200);
    assert!(refused(&confirm(&one, &third)), "came by the hand that opened it, as ever");
    assert_eq!(confirm(&practice.manager, &third).status, 200);
}

#[test]
fn whoever_acts_for_a_manager_to_whom_a_record_is_closed_does_not_say_who_sees_it() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let [for_them, by_them] = [&practice.social_worker, &practice.social_worker_2];
    let person = record(&practice, &messages::person());
    let another = record(&practice, &messages::person());
    assert_eq!(exclude(&practice.second_manager, &person, &practice.manager).status, 201);
    acts(
        &practice,
        &practice.administrator,
        for_them,
        &json!({ "for_id": practice.manager.id, "until": "2026-12-11" }),
    );
    acts(&practice, &practice.manager, by_them, &json!({ "until": "2026-12-11" }));
    for acting in [for_them, by_them] {
        for answer in [
            end_exclusion(acting, &person, &practice.manager),
            exclude(acting, &person, &practice.practitioner),
            restrict(acting, &person, &json!([acting.id, practice.second_manager.id])),
        ] {
            assert!(refused(&answer), "{}", answer.body);
        }
        assert_eq!(practice.manager.get(&of(&person, "")).status, 404);
    }
    // Other records are theirs to close as a manager's.
    assert_eq!(exclude(for_them, &another, &practice.practitioner).status, 201);
    assert_eq!(end_exclusion(by_them, &another, &practice.practitioner).status, 204);
    assert_eq!(end_exclusion(&practice.second_manager, &person, &practice.manager).status, 204);
}

#[test]
fn a_break_glass_access_is_reviewed_by_nobody_who_acts_for_the_one_who_took_it_and_read_while_the_power_lasts() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let acting = &practice.practitioner;
    acts(&practice, &practice.administrator, acting, &json!({ "for_id": practice.manager.id, "until": "2026-12-11" }));
    let (mut person, mut another) = (messages::person(), messages::person());
    person["nhs_number"] = messages::nhs_number(1).into();
    another["nhs_number"] = messages::nhs_number(2).into();
    for one in [&person, &another] {
        let id = record(&practice, one);
        let named = json!([practice.second_manager.id, practice.records_officer.id]);
        assert_eq!(restrict(&practice.second_manager, &id, &named).status, 200);
    }
    assert_eq!(break_glass(&practice.manager, &person).status, 201);
    assert_eq!(break_glass_accesses(acting), [""; 0], "of the manager for whom they act");
    let opened = break_glass(&practice.social_worker, &another);
    let id = opened.text("/id").unwrap().to_owned();
    assert_eq!(break_glass_accesses(acting), std::slice::from_ref(&id));
    assert_eq!(acting.get(&format!("{BREAK_GLASS}/{id}")).status, 200);
    assert_eq!(break_glass_accesses(&practice.records_officer).len(), 2);
    // A social worker who acted has their own reading of break-glass accesses, of their own alone.
    let worker = &practice.social_worker_2;
    acts(&practice, &practice.administrator, worker, &json!({ "until": "2026-12-11" }));
    world.clock.advance(chrono::TimeDelta::hours(2));
    practice.social_worker.forget_token();
    let later = break_glass(&practice.social_worker, &another);
    let later = later.text("/id").unwrap().to_owned();
    worker.forget_token();
    assert_eq!(break_glass_accesses(worker), std::slice::from_ref(&later));
    practice.administrator.forget_token();
    assert_eq!(relieve(&practice.administrator, worker).status, 200);
    assert_eq!(break_glass_accesses(worker), [""; 0], "their power has ended");
    assert_eq!(worker.get(&format!("{BREAK_GLASS}/{later}")).status, 404);
    practice.social_worker.forget_token();
    assert_eq!(break_glass_accesses(&practice.social_worker).len(), 2, "one's own stay");
}

fn waiting_for(member: &Staff) -> usize {
    member.forget_token();
    member.get("/v1/practice/countersignatures").body["items"].as_array().unwrap().len()
}

#[test]
fn nobody_signs_what_the_manager_for_whom_they_act_asked_and_whoever_acts_signs_for_others() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (second, acting) = (&practice.second_manager, &practice.practitioner_2);
    // The second manager stands in nobody's line, and neither does the acting one.
    acts(&practice, &practice.administrator, acting, &json!({ "for_id": second.id, "until": "2026-12-11" }));
    goes_away(second);
    let case = case_of(&practice, &council, &practice.social_worker);
    let asked = cases::close(&practice.social_worker, &case, &messages::close());
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert_eq!((waiting_for(second), waiting_for(acting)), (0, 1), "they act because the manager is away");
    let case = case_of(&practice, &council, &practice.social_worker_2);
    let asked = cases::close(second, &case, &messages::close());
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert_eq!(waiting_for(acting), 1, "the manager would sign by another hand what they asked themselves");
}

#[test]
fn what_a_leaver_was_drawn_to_decide_goes_to_the_next_when_their_access_ends() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let email = format!("efua.{}@practice.example", fresh_key());
    let next = world.staff(practice.id, json!({ "name": "Efua Mensah", "email": email, "roles": ["manager"] }));
    goes_away(&next);
    let leaver = &practice.second_manager;
    let case = case_of(&practice, &council, &practice.social_worker);
    assert_eq!(cases::close(&practice.social_worker, &case, &messages::close()).status, 200);
    assert_eq!((waiting_for(leaver), waiting_for(&next)), (1, 0));
    let listed = practice.administrator.get(&format!("{STAFF}/{}/open-work", leaver.id));
    assert_eq!(listed.body, json!({ "cases": [], "other_cases": 0 }), "it would tell who was drawn");
    let planned = plan(&practice.administrator, leaver, &json!({ "last_day": "2026-11-20" }));
    assert_eq!(planned.status, 200, "{}", planned.body);
    world.work(&practice);
    assert_eq!((waiting_for(leaver), waiting_for(&next)), (1, 0), "the day has not ended");
    world.set_clock("2026-11-21T00:00:00Z");
    world.work(&practice);
    assert_eq!(waiting_for(&next), 1);
    // Nobody is left after them: the request waits for somebody from outside.
    practice.administrator.forget_token();
    let how = json!({ "last_day": "2026-11-21", "with_open_work": "end_access" });
    assert_eq!(plan(&practice.administrator, &next, &how).status, 200);
    world.set_clock("2026-11-22T00:00:00Z");
    world.work(&practice);
    practice.social_worker.forget_token();
    let timeline = practice.social_worker.get(&format!("{case}/timeline"));
    let id = cases::column(&timeline, "/subject_id").last().copied().flatten().unwrap().to_owned();
    let request = practice.social_worker.get(&format!("/v1/practice/countersignatures/{id}"));
    assert_eq!(request.body["waits_for_outside"], true, "{}", request.body);
}

fn restricted() -> Value {
    let mut message = messages::referral();
    message["restricted"] = json!({ "reason": "Her son works for the practice.", "not_to_see": ["Gareth Pugh"] });
    message
}

#[test]
fn a_restricted_referral_is_left_to_a_manager_who_stays_and_to_nobody_who_only_acts() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (administrator, acting) = (&practice.administrator, &practice.social_worker);
    acts(&practice, administrator, acting, &json!({ "until": "2026-12-11" }));
    assert_eq!(council.system.post(REFERRALS, &restricted()).status, 201);
    let seen = due_first(&practice.director);
    let path = in_practice(seen.text("/id").unwrap(), "");
    assert_eq!(acting.get(&path).status, 404, "power that ends leaves no sight behind");
    let give = |staff: Value| {
        let how = json!({ "reason": "Her sister works here.", "staff": staff });
        let path = in_practice(seen.text("/id").unwrap(), "/restriction");
        send(
            &practice.director,
            "PUT",
            &path,
            Some(&practice.director.get(&in_practice(seen.text("/id").unwrap(), ""))),
            Some(&how),
        )
    };
    assert_eq!(pointer(&give(json!([acting.id]))), (422, Some("/staff")));
    let ahead = json!({ "last_day": "2026-12-11", "with_open_work": "wait" });
    assert_eq!(plan(administrator, &practice.second_manager, &ahead).status, 200, "the director is left");
    assert_eq!(pointer(&give(json!([acting.id, practice.second_manager.id]))), (422, Some("/staff")), "who leaves");
    for how in [ahead, json!({ "with_open_work": "wait" }), json!({ "with_open_work": "end_access" })] {
        let stranding = plan(administrator, &practice.director, &how);
        assert!(refused(&stranding), "{how}: {}", stranding.body);
    }
    assert_eq!(give(json!([practice.director.id, acting.id])).status, 200);
    assert_eq!(acting.get(&path).status, 200, "by name");
    // Where nobody who stays could read it, the council is told at once.
    let path = format!("{STAFF}/{}", practice.director.id);
    let answered = practice.director.change(
        &in_practice(seen.text("/id").unwrap(), "/decline"),
        &practice.director.get(&in_practice(seen.text("/id").unwrap(), "")),
        &json!({ "reason": "no_capacity" }),
    );
    assert_eq!(answered.status, 200, "{}", answered.body);
    let how = json!({ "last_day": "2026-12-11", "with_open_work": "wait" });
    let planned = send(administrator, "PUT", &format!("{path}/leaving"), Some(&administrator.get(&path)), Some(&how));
    assert_eq!(planned.status, 200, "{}", planned.body);
    let nobody = council.system.post(REFERRALS, &restricted());
    assert_eq!(pointer(&nobody), (422, Some("/restricted/not_to_see")), "{}", nobody.body);
}

#[test]
fn of_two_at_once_one_gives_the_power_and_one_says_the_leaving() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let path = format!("{STAFF}/{}", practice.practitioner.id);
    for (part, body) in [("acting", json!({ "until": "2026-12-11" })), ("leaving", json!({ "last_day": "2026-12-11" }))]
    {
        let seen = practice.administrator.get(&path);
        let both = twice_at_once(&world, &practice.administrator, "PUT", &format!("{path}/{part}"), &seen, &body);
        assert_eq!(both, [200, 412], "{part}");
    }
    assert_eq!(world.audited(&practice, "staff.acting_given"), 1);
    assert_eq!(world.audited(&practice, "staff.leaving_planned"), 1);
}

#[test]
fn a_lost_telephone_is_confirmed_by_an_acting_manager_or_while_all_are_away_by_the_operator_and_an_owner() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let email = format!("owner.{}@practice.example", fresh_key());
    let owner = world.staff(
        practice.id,
        json!({ "name": "Efua Mensah", "email": email, "roles": ["administrator"], "owner": true }),
    );
    let operator = world.operator();
    let worker = &practice.social_worker;
    // Somebody whose membership two hands confirmed once, and who has no role now by which to confirm.
    let email = format!("acting.{}@practice.example", fresh_key());
    let member = json!({ "name": "Bola Adeyemi", "email": email, "roles": ["records_officer"] });
    let acting = &world.staff(practice.id, member);
    let path = format!("{STAFF}/{}", acting.id);
    let seen = practice.administrator.get(&path);
    assert_eq!(practice.administrator.patch(&path, &seen, &json!({ "roles": ["practitioner"] })).status, 200);
    let secret = take_over(&world, &reset(&practice.administrator, worker));
    let signs_in = |secret: &almoner_persistence::access::second_factor::TotpSecret| {
        world.clock.advance(chrono::TimeDelta::minutes(1));
        let code = secret.code(world.clock.now());
        let body = json!({ "email": worker.email, "password": "a green bicycle in the rain", "code": code });
        world.anyone().post("/v1/practice/sessions", &body).status
    };
    let of_operator = format!("/v1/operator/practices/{}/staff/{}", practice.id, worker.id);
    let by_operator = || {
        world.clock.advance(chrono::TimeDelta::minutes(1));
        operator.forget_token();
        operator.change(&format!("{of_operator}/confirm"), &operator.get(&of_operator), &json!({}))
    };
    assert!(refused(&by_operator()), "colleagues are here");
    let who_may = [&practice.director, &practice.manager, &practice.second_manager, &practice.records_officer];
    for (n, member) in who_may.iter().enumerate() {
        let seen = owner.get(&format!("{STAFF}/{}", worker.id));
        assert_eq!(seen.text("/awaited_confirmation/by"), Some("members"), "{n} away: {}", seen.body);
        goes_away(member);
    }
    let seen = owner.get(&format!("{STAFF}/{}", worker.id));
    assert_eq!(seen.text("/awaited_confirmation/by"), Some("operator_and_owner"), "{}", seen.body);
    assert!(refused(&confirm(&practice.administrator, worker)), "who drew the link");
    let half = by_operator();
    assert_eq!(half.status, 200, "{}", half.body);
    assert_eq!(signs_in(&secret), 401, "the owner has not said so");
    owner.forget_token();
    assert_eq!(confirm(&owner, worker).status, 200);
    assert_eq!(signs_in(&secret), 201);

    // Somebody who acts as a manager is one of those who may, and here.
    practice.records_officer.forget_token();
    acts(&practice, &practice.manager, acting, &json!({ "for_id": practice.manager.id, "until": "2026-12-11" }));
    practice.administrator.forget_token();
    let secret = take_over(&world, &reset(&practice.administrator, worker));
    owner.forget_token();
    let seen = owner.get(&format!("{STAFF}/{}", worker.id));
    assert_eq!(seen.text("/awaited_confirmation/by"), Some("members"), "{}", seen.body);
    assert!(refused(&by_operator()));
    assert_eq!(signs_in(&secret), 401);
    acting.forget_token();
    assert_eq!(confirm(acting, worker).status, 200);
    assert_eq!(signs_in(&secret), 201);
}
