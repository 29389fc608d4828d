//! Tuesday 1 December. November is over; and with the manager away, somebody else does what only a manager may.

use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::Caller;
use almoner_tests::{PASSWORD, Practice, messages};
use serde_json::json;

use super::cast::{Accepted, Fortnight, STAFF, TO_SIGN, assert_refused, done, id_of, minute, step};
use crate::practice::cases::{close, column};

const TO_CONFIRM: &str = "/v1/council/confirmations";

/// Of what took effect at once on evidence alone the council is given a tenth, drawn by lot and never less than one, to ask
/// the person about. In November that was one closing.
pub(super) fn the_council_is_given_a_tenth_of_november_to_confirm(story: &Fortnight, ivor: &Accepted) {
    story.at("2026-12-01T09:00");
    let officer = story.world.first_officer(&story.council);
    let listed = done(officer.get(&format!("{TO_CONFIRM}?month=2026-11")));
    assert_eq!(column(&listed, "/case_id"), [Some(id_of(&ivor.case))], "{}", listed.body);
    let entry = &listed.body["items"][0];
    assert_eq!((&entry["action"], &entry["ground"]), (&json!("closing"), &json!("agreed_with_person")));
    assert_eq!((&entry["referral_id"], &entry["done_on"]), (&json!(id_of(&ivor.at_the_council)), &json!("2026-11-25")));
    assert!(!listed.body.to_string().contains("signed"), "the evidence stays at the practice: {}", listed.body);
    assert_eq!(done(officer.get(TO_CONFIRM)).body, listed.body, "the same each time");
}

/// Lucy's telephone is in the river, and whoever could confirm her new one is at the training or away. Kit resets her
/// credentials, and may not confirm what Kit opened. So the operator and Efua, who owns a share, each say that it is Lucy.
pub(super) fn a_lost_telephone_is_confirmed_while_all_who_could_are_away(story: &Fortnight) {
    let Practice { id, practitioner: lucy, administrator: kit, .. } = &story.practice;
    let (operator, efua) = (&story.operator, &story.owner);
    story.at("2026-12-01T10:00");
    let member = format!("{STAFF}/{}", lucy.id);
    let link = kit.create(&format!("{member}/credential-reset"), &json!({}));
    assert_eq!(link.status, 201, "{}", link.body);
    let token = &link.body["link"]["token"];
    let opened = done(story.world.anyone().post("/v1/practice/invitations/open", &json!({ "token": token })));
    let secret = opened.text("/authenticator/secret").unwrap();
    let code = TotpSecret::from_base32(secret).unwrap().code(story.world.clock.now());
    let chosen = json!({ "token": token, "password": PASSWORD, "code": code });
    let joined = done(story.world.anyone().post("/v1/practice/invitations/accept", &chosen));
    lucy.change_authenticator(secret, &joined);

    story.at("2026-12-01T10:05");
    assert_eq!(lucy.sign_in(None).status, 401, "anybody may have found the link");
    let waits = kit.get(&member);
    assert_eq!(waits.text("/awaited_confirmation/by"), Some("operator_and_owner"), "{}", waits.body);
    assert_refused(&step(kit, &member, "confirm", &json!({})), 409, "invalid-state");
    let for_the_operator = format!("/v1/operator/practices/{id}/staff/{}", lucy.id);
    done(step(operator, &for_the_operator, "confirm", &json!({})));
    story.at("2026-12-01T10:10");
    assert_eq!(lucy.sign_in(None).status, 401, "one of the two has said so");
    done(step(efua, &member, "confirm", &json!({})));
    story.at("2026-12-01T10:15");
    assert_eq!(lucy.get("/v1/practice/caseload").text("/staff/name"), Some("Lucy Freeman"));
}

/// Lucy's work with Nora is done. She is not registered and does not ask alone; Tomasz asks as her manager would, and Irena
/// signs.
pub(super) fn the_acting_manager_closes_a_case(story: &Fortnight, nora: &Accepted) {
    let Practice { second_manager: irena, social_worker_2: tomasz, practitioner: lucy, .. } = &story.practice;
    story.at("2026-12-01T14:00");
    assert_refused(&close(lucy, &nora.case, &messages::close()), 403, "forbidden");
    let asked = done(close(tomasz, &nora.case, &messages::close()));
    assert_eq!(asked.text("/status"), Some("closing"), "{}", asked.body);
    // Irena is at the training too. Nobody else can be drawn, so the request is hers, and she signs it in the evening.
    story.at("2026-12-01T18:30");
    let waits = irena.get(TO_SIGN);
    let request = format!("{TO_SIGN}/{}", waits.text("/items/0/id").unwrap());
    assert_eq!(irena.get(&request).text("/asked_by/name"), Some("Tomasz Zielinski"));
    assert_eq!(tomasz.get(TO_SIGN).body["items"], json!([]), "he does not sign what he asked");
    done(step(irena, &request, "approve", &messages::approve()));
    let closed = lucy.get(&nora.case);
    assert_eq!((closed.text("/status"), minute(&closed, "/closed_at")), (Some("closed"), Some("2026-12-01T18:30")));
}
