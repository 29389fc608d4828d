//! Inviting officers and changing what they may do.

use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::World;
use almoner_tests::callers::{Caller, fresh_key};
use serde_json::json;

use super::{OFFICERS, new_officer, of, step};
use crate::practice::cases::pointer;

#[test]
fn an_invitation_names_roles_once_and_a_wrong_one_is_told_all_its_faults() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    for (content, at) in [
        (json!({ "name": "Robin", "email": "robin@council.example", "roles": [] }), vec!["/roles"]),
        (json!({ "name": "Robin", "email": "r@council.example", "roles": ["duty", "duty"] }), vec!["/roles"]),
        (json!({ "name": " ", "email": "no address", "roles": ["owner"] }), vec!["/name", "/email", "/roles/0"]),
        (json!({ "name": "R", "email": "r@council.example", "roles": ["duty"], "owner": true }), vec!["/owner"]),
    ] {
        let refused = first.create(OFFICERS, &content);
        let errors = refused.body["errors"].as_array().cloned().unwrap_or_default();
        let mut told: Vec<&str> = errors.iter().filter_map(|error| error["pointer"].as_str()).collect();
        told.sort_unstable();
        let mut at = at;
        at.sort_unstable();
        assert_eq!((refused.status, told), (422, at), "{}", refused.body);
    }
    // A name of one word is a name.
    let mut mononym = new_officer(&["duty"]);
    mononym["name"] = "Suharto".into();
    assert_eq!(first.create(OFFICERS, &mononym).status, 201);
}

#[test]
fn an_officer_is_invited_once_and_the_same_request_is_the_same_invitation() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let new = new_officer(&["referrals"]);
    let key = fresh_key();
    let [once, again] = [(); 2].map(|()| first.post_with(OFFICERS, &[("idempotency-key", &key)], &new));
    assert_eq!((once.status, again.status), (201, 201));
    assert_eq!(once.body, again.body, "with the same link");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = first.create(OFFICERS, &new);
    assert_eq!((other.status, other.text("/type")), (409, Some("/problems/already-exists")), "{}", other.body);

    let path = once.header("location").unwrap();
    let anew = first.create(&format!("{path}/invitation"), &json!({}));
    assert_eq!(anew.status, 201, "{}", anew.body);
    let opened = |token: &str| world.anyone().post("/v1/council/invitations/open", &json!({ "token": token })).status;
    assert_eq!((opened(once.text("/link/token").unwrap()), opened(anew.text("/link/token").unwrap())), (410, 200));
    let elsewhere = json!({ "token": anew.text("/link/token").unwrap() });
    for door in ["practice", "operator"] {
        let refused = world.anyone().post(&format!("/v1/{door}/invitations/open"), &elsewhere);
        assert_eq!(refused.status, 410, "a council's link at the {door}'s door: {}", refused.body);
    }
    let officer = world.take_up_office(&anew);
    assert_eq!(first.create(&of(&officer, "/invitation"), &json!({})).status, 409, "here already");
    assert_eq!(opened(anew.text("/link/token").unwrap()), 410, "used");
}

#[test]
fn an_operator_invites_no_officer_of_a_council_that_administers_itself() {
    let world = World::new();
    let council = world.council();
    let operator = world.operator();
    let path = format!("/v1/operator/councils/{}/officers", council.id);
    world.first_officer(&council);
    let refused = operator.create(&path, &new_officer(&["complaints"]));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    let listed = operator.get(&path);
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(1), "{}", listed.body);
    let missing = "/v1/operator/councils/01937c5e-2b00-7a41-9d6c-000000000000/officers";
    assert_eq!(operator.create(missing, &new_officer(&["duty"])).status, 404);
}

#[test]
fn nobody_changes_their_own_roles_and_the_council_keeps_an_administrator() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let own = first.get(&of(first, ""));
    let refused = first.patch(&of(first, ""), &own, &json!({ "roles": ["administrator"] }));
    assert_eq!(pointer(&refused), (422, Some("/roles")), "{}", refused.body);
    let renamed = first.patch(&of(first, ""), &own, &json!({ "name": "Ravi Mistry-Shah" }));
    assert_eq!((renamed.status, renamed.text("/name")), (200, Some("Ravi Mistry-Shah")));
    assert_eq!(first.patch(&of(first, ""), &own, &json!({ "name": "R" })).status, 412, "changed meanwhile");

    let second = world.officer(&council, &[OfficerRole::Administrator]);
    let without = second.patch(&of(first, ""), &second.get(&of(first, "")), &json!({ "roles": ["duty"] }));
    assert_eq!(without.status, 200, "{}", without.body);
    assert_eq!(first.get("/v1/council/audit").status, 403, "it ended with the next request");
    // Now the second is the only one, and nobody can take the role from them.
    assert_eq!(first.patch(&of(&second, ""), &first.get(&of(&second, "")), &json!({ "roles": ["duty"] })).status, 403);
    let own = second.get(&of(&second, ""));
    let headers = [("if-match", own.etag().unwrap())];
    let leaves = second.send("PUT", &of(&second, "/leaving"), &headers, Some(("application/json", b"{}")));
    assert_eq!((leaves.status, leaves.text("/type")), (409, Some("/problems/invalid-state")), "{}", leaves.body);
}

#[test]
fn two_administrators_who_let_each_other_go_at_once_leave_one() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let second = world.officer(&council, &[OfficerRole::Administrator]);
    let seen = [first.get(&of(&second, "")), second.get(&of(first, ""))];
    let tokens = [first.token(), second.token()];
    let paths = [of(&second, "/leaving"), of(first, "/leaving")];
    let statuses: Vec<u16> = std::thread::scope(|threads| {
        let sent: Vec<_> = (0..2)
            .map(|n| {
                let (token, path, etag) =
                    (tokens[n].clone().unwrap(), paths[n].clone(), seen[n].etag().unwrap().to_owned());
                let anyone = world.anyone();
                threads.spawn(move || {
                    let authorization = format!("Bearer {token}");
                    let headers = [("authorization", authorization.as_str()), ("if-match", etag.as_str())];
                    anyone.send("PUT", &path, &headers, Some(("application/json", b"{}"))).status
                })
            })
            .collect();
        sent.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let done = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(done, 1, "{statuses:?}");
}

#[test]
fn an_officer_says_when_they_are_away_and_another_stands_in_without_a_role() {
    let world = World::new();
    let council = world.council();
    let first = world.first_officer(&council);
    let duty = world.officer(&council, &[OfficerRole::Duty]);
    let says = |content: &serde_json::Value| {
        duty.send("PUT", "/v1/council/absence", &[], Some(("application/json", content.to_string().as_bytes())))
    };
    let away = json!({ "from": "2026-11-30", "until": "2026-12-11", "stand_in_id": first.id });
    assert_eq!(says(&away).status, 204);
    assert_eq!(first.get(&of(&duty, "")).body["absence"], away);
    let wrong = says(&json!({ "from": "2026-11-30", "until": "2026-11-19", "stand_in_id": duty.id }));
    assert_eq!((wrong.status, wrong.body["errors"].as_array().map(Vec::len)), (422, Some(3)), "{}", wrong.body);
    let stranger = world.first_officer(&world.council()).id;
    assert_eq!(
        pointer(&says(&json!({ "from": "2026-11-30", "until": "2026-12-11", "stand_in_id": stranger }))),
        (422, Some("/stand_in_id"))
    );
    assert_eq!(first.get(&of(&duty, "")).body["absence"], away, "nothing changed");
    assert_eq!(duty.send("DELETE", "/v1/council/absence", &[], None).status, 204);
    assert_eq!(first.get(&of(&duty, "")).body.get("absence"), None);
    assert_eq!(step(first, &duty, "/confirm").status, 409, "nothing waits");
}
