//! Every function by every place: which council's the case is, once the practice accepts.

use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, World, messages};
use serde_json::{Value, json};

use crate::council::{REFERRALS, due_first, in_practice};

const FUNCTIONS: [&str; 12] = [
    "needs_assessment",
    "carers_assessment",
    "review",
    "support_planning",
    "safeguarding_enquiry",
    "information_and_advice",
    "section_117_aftercare",
    "transition_assessment",
    "childs_carer_assessment",
    "young_carer_assessment",
    "urgent_needs",
    "continuity_of_care",
];

const PLACES: [&str; 5] = [
    "/person/ordinary_residence",
    "/person/held_in",
    "/person/located_in",
    "/person/resident_before_detention",
    "/cared_for/ordinary_residence",
];

fn delegating(functions: &[&str]) -> Value {
    let delegations: Vec<Value> =
        functions.iter().map(|function| json!({ "function": function, "starts_on": "2024-04-01" })).collect();
    json!({ "delegations": delegations })
}

/// A practice to which both councils delegate everything that they may.
fn practice_of(world: &World, councils: [&Council; 2]) -> Practice {
    let practice = world.practice_with(json!({}));
    let functions: Vec<&str> = FUNCTIONS.into_iter().filter(|word| *word != "safeguarding_enquiry").collect();
    for council in councils {
        world.contract(council, &practice, delegating(&functions));
    }
    practice
}

fn message(function: &str, route: &str, places: &[(&str, &str)]) -> Value {
    let mut message = messages::referral();
    message["function"] = function.into();
    message["route_of_access"] = route.into();
    if function == "safeguarding_enquiry" {
        let officer = json!({ "id": "O1", "name": "An Officer", "role": "Safeguarding Adults Manager" });
        message["instruction"] = json!({ "officer": officer, "due_by": "2026-12-08" });
    }
    for (pointer, code) in places {
        if *pointer == PLACES[4] {
            message["cared_for"] = json!({ "name": "Ivor" });
        }
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        message.pointer_mut(parent).unwrap()[member] = (*code).into();
    }
    message
}

/// The place that decides for a function, by whoever lives at home.
fn decides(function: &str) -> &'static [&'static str] {
    match function {
        "safeguarding_enquiry" => &PLACES[2..3],
        "section_117_aftercare" => &PLACES[3..4],
        "carers_assessment" | "childs_carer_assessment" | "young_carer_assessment" => &PLACES[4..5],
        _ => &PLACES[0..2],
    }
}

/// Sends the message, and has the practice accept it: the code of the council that the case belongs to, and whether that
/// council was presumed.
fn accepted(sender: &Council, practice: &Practice, message: &Value) -> (String, bool) {
    let sent = sender.system.post(REFERRALS, message);
    assert_eq!(sent.status, 201, "{}: {}", message["function"], sent.body);
    let codes = |warnings: &Value| -> Vec<String> {
        let warnings = warnings.as_array().map(Vec::as_slice).unwrap_or_default();
        warnings.iter().map(|warning| format!("{} {}", warning["code"], warning["pointer"])).collect()
    };
    let seen = due_first(&practice.manager);
    let done = practice.manager.change(&in_practice(seen.text("/id").unwrap(), "/accept"), &seen, &json!({}));
    assert_eq!(done.status, 200, "{}: {}", message["function"], done.body);
    assert_eq!(codes(&done.body["warnings"]), codes(&sent.body["warnings"]), "{}", done.body);
    let presumed = done.body["responsible_council"]["presumed"].as_bool().unwrap();
    let warned = codes(&sent.body["warnings"]).iter().any(|code| code.contains("responsible_council_presumed"));
    assert_eq!(presumed, warned, "{}", done.body);
    let case = practice.manager.get(&format!("/v1/practice/cases/{}", done.text("/case_id").unwrap()));
    let code = case.text("/council/gss_code").unwrap().to_owned();
    assert_eq!(done.text("/responsible_council/code"), Some(code.as_str()), "{}", done.body);
    (code, presumed)
}

#[test]
fn every_function_by_every_place_is_accepted_for_the_council_that_is_responsible() {
    let world = World::new();
    let [sender, other] = [world.council(), world.council()];
    let practice = practice_of(&world, [&sender, &other]);
    for function in FUNCTIONS {
        let decides = decides(function);
        let at_home = decides == &PLACES[0..2];
        let alone = accepted(&sender, &practice, &message(function, "Community / Other route", &[]));
        assert_eq!(alone, (sender.gss_code.clone(), !at_home), "{function}");
        for place in PLACES {
            if function == "safeguarding_enquiry" && place == "/person/held_in" {
                continue;
            }
            let message = message(function, "Community / Other route", &[(place, &other.gss_code)]);
            let expected = if decides.contains(&place) {
                (other.gss_code.clone(), false)
            } else {
                (sender.gss_code.clone(), !at_home)
            };
            assert_eq!(accepted(&sender, &practice, &message), expected, "{function} {place}");
        }
    }
}

#[test]
fn a_prisoner_a_carer_in_another_area_and_a_person_who_is_elsewhere_can_be_accepted() {
    let world = World::new();
    let [sender, other] = [world.council(), world.council()];
    let practice = practice_of(&world, [&sender, &other]);
    let here = |presumed| (sender.gss_code.clone(), presumed);
    let elsewhere = "W06000023";
    let residence = ("/person/ordinary_residence", elsewhere);
    // The residence from before the prison does not count, wherever it is.
    let released = message("review", "Prison", &[residence]);
    assert_eq!(accepted(&sender, &practice, &released), here(true));
    let held = message("review", "Prison", &[residence, ("/person/held_in", &other.gss_code)]);
    assert_eq!(accepted(&sender, &practice, &held), (other.gss_code.clone(), false));
    let held_here = message("review", "Prison", &[residence, ("/person/held_in", &sender.gss_code)]);
    assert_eq!(accepted(&sender, &practice, &held_here), here(false));
    // The carer lives elsewhere, and the adult cared for here.
    let carer =
        message("carers_assessment", "Self-Funder", &[residence, ("/cared_for/ordinary_residence", &sender.gss_code)]);
    assert_eq!(accepted(&sender, &practice, &carer), here(false));
    let unsaid = message("carers_assessment", "Self-Funder", &[residence]);
    assert_eq!(accepted(&sender, &practice, &unsaid), here(true));
    // Read the other way about: the person is the adult cared for.
    let mut turned = message("carers_assessment", "Self-Funder", &[("/person/ordinary_residence", &other.gss_code)]);
    turned["carer"] = json!({ "name": "Gwen Marlow" });
    assert_eq!(accepted(&sender, &practice, &turned), (other.gss_code.clone(), false));
    // An enquiry where the adult is, at a council that does not use the service: it is the sender's own instruction.
    let away = message("safeguarding_enquiry", "Self-Funder", &[("/person/located_in", "E06999999")]);
    let sent = sender.system.post(REFERRALS, &away);
    assert_eq!(sent.status, 201, "{}", sent.body);
    let seen = due_first(&practice.manager);
    let done = practice.manager.change(&in_practice(seen.text("/id").unwrap(), "/accept"), &seen, &json!({}));
    assert_eq!(done.status, 200, "{}", done.body);
}

#[test]
fn who_has_no_settled_residence_is_accepted_for_the_council_where_they_are() {
    let world = World::new();
    let [sender, other] = [world.council(), world.council()];
    let practice = practice_of(&world, [&sender, &other]);
    let homeless = |places: &[(&str, &str)]| {
        let mut message = message("needs_assessment", "Community / Other route", places);
        message["person"]["accommodation_status"] = "Rough sleeper or squatting".into();
        message
    };
    let elsewhere = homeless(&[("/person/located_in", &other.gss_code)]);
    assert_eq!(accepted(&sender, &practice, &elsewhere), (other.gss_code.clone(), false));
    assert_eq!(accepted(&sender, &practice, &homeless(&[])), (sender.gss_code.clone(), true));
    let warned = sender.system.post(REFERRALS, &homeless(&[]));
    assert_eq!(warned.text("/warnings/0/pointer"), Some("/person/located_in"), "{}", warned.body);
    // A council that names a residence has settled it.
    let resident =
        homeless(&[("/person/ordinary_residence", &sender.gss_code), ("/person/located_in", &other.gss_code)]);
    let sent = sender.system.post(REFERRALS, &resident);
    assert_eq!((sent.status, sent.body.get("warnings")), (201, None), "{}", sent.body);
}

#[test]
fn what_is_the_duty_of_an_authority_of_wales_or_scotland_is_refused_where_it_says_so() {
    let world = World::new();
    let [council, other] = [world.council(), world.council()];
    let practice = practice_of(&world, [&council, &other]);
    let community = "Community / Other route";
    for code in ["W06000023", "S12000036"] {
        for (function, place) in [
            ("needs_assessment", PLACES[0]),
            ("continuity_of_care", PLACES[0]),
            ("section_117_aftercare", PLACES[3]),
            ("young_carer_assessment", PLACES[4]),
        ] {
            let refused = council.system.post(REFERRALS, &message(function, community, &[(place, code)]));
            let fault = (refused.status, refused.text("/errors/0/pointer"));
            assert_eq!(fault, (422, Some(place)), "{function} {code}: {}", refused.body);
            let detail = refused.text("/errors/0/detail").unwrap();
            assert!(detail.starts_with("must be a council of England"), "{detail}");
        }
    }
    assert_eq!(council.system.get(REFERRALS).body, json!({ "items": [] }));
    // Urgent needs are met where somebody is, wherever they live.
    let urgent = message("urgent_needs", community, &[(PLACES[0], "W06000023"), (PLACES[2], &council.gss_code)]);
    assert_eq!(accepted(&council, &practice, &urgent), (council.gss_code.clone(), false));
    let unsaid = message("urgent_needs", community, &[(PLACES[0], "S12000036")]);
    assert_eq!(accepted(&council, &practice, &unsaid), (council.gss_code.clone(), true));
}

#[test]
fn an_enquiry_about_a_prisoner_is_refused_and_one_who_came_from_prison_is_warned_of() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for route in ["Prison", "Community / Other route"] {
        let held = message("safeguarding_enquiry", route, &[("/person/held_in", &council.gss_code)]);
        let refused = council.system.post(REFERRALS, &held);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/function")), "{}", refused.body);
    }
    let came = message("safeguarding_enquiry", "Prison", &[("/person/located_in", &council.gss_code)]);
    let sent = council.system.post(REFERRALS, &came);
    assert_eq!(sent.status, 201, "{}", sent.body);
    let warned = [sent.text("/warnings/0/code"), sent.text("/warnings/0/pointer")];
    assert_eq!(warned, [Some("responsible_council_presumed"), Some("/person/held_in")], "{}", sent.body);
    let seen = due_first(&practice.manager);
    assert_eq!(seen.body["warnings"], sent.body["warnings"]);
}

#[test]
fn urgent_needs_are_covered_by_a_delegation_of_needs_assessments() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({}));
    world.contract(&council, &practice, delegating(&["needs_assessment"]));
    assert_eq!(
        accepted(&council, &practice, &message("urgent_needs", "Community / Other route", &[])),
        (council.gss_code.clone(), false)
    );
    let sent = council.system.post(REFERRALS, &message("continuity_of_care", "Community / Other route", &[]));
    assert_eq!((sent.status, sent.text("/status")), (201, Some("unrouted")), "{}", sent.body);
    let reviewing = world.practice_with(json!({}));
    let council = world.council();
    world.contract(&council, &reviewing, delegating(&["review"]));
    let sent = council.system.post(REFERRALS, &message("urgent_needs", "Community / Other route", &[]));
    assert_eq!((sent.status, sent.text("/status")), (201, Some("unrouted")), "{}", sent.body);
}
