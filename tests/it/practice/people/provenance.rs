//! What councils said of a person and what the practice found out, told apart detail by detail.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Council, Practice, messages};
use serde_json::{Value, json};

use super::from_referrals::{accepted, assert_refused, world};
use crate::practice::cases::pointer;

const PEOPLE: &str = "/v1/practice/service-users";

/// A message that says of the person what most do not.
fn message(council: &Council) -> Value {
    let mut message = messages::referral();
    let person = message["person"].as_object_mut().unwrap();
    let said = json!({
        "pronouns": "she/her",
        "nhs_number_status": "01",
        "ordinary_residence": council.gss_code,
        "accommodation_status": "Tenant: Private landlord",
        "language": { "preferred": "cy", "interpreter_needed": true },
        "gender": "Female",
    });
    person.extend(said.as_object().unwrap().clone());
    message
}

fn new_record(practice: &Practice, changes: &Value) -> Answer {
    let mut person = messages::person();
    person.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let created = practice.social_worker.create(PEOPLE, &person);
    assert_eq!(created.status, 201, "{}", created.body);
    created
}

/// Where what holds now comes from, by kind.
fn sources(practice: &Practice, person: &str) -> Value {
    let history = practice.social_worker.get(&format!("{person}/history?holds=true&limit=100"));
    let items = history.body["items"].as_array().unwrap_or_else(|| panic!("{}", history.body));
    items.iter().map(|item| (item["kind"].as_str().unwrap().to_owned(), item["source"].clone())).collect()
}

#[test]
fn of_each_detail_it_is_known_whether_the_council_said_it_or_the_practice_found_it_out() {
    let (_world, council, practice) = world();
    let message = message(&council);
    let accepted = accepted(&council, &practice, &message, None);
    let person = format!("{PEOPLE}/{}", accepted.text("/service_user_id").unwrap());
    let record = practice.social_worker.get(&person);
    assert_eq!(record.body["ordinary_residence"], json!({ "authority": council.gss_code }));
    for member in ["pronouns", "nhs_number_status", "accommodation_status", "language", "gender"] {
        assert_eq!(record.body[member], message["person"][member], "{member}");
    }
    assert_eq!(record.body["flags"]["communication_needs"], true, "somebody has to interpret");
    let before = sources(&practice, &person);
    for (kind, source) in before.as_object().unwrap() {
        assert_eq!(source, "referral", "{kind}");
    }
    let found_out = json!({
        "pronouns": "they/them",
        "accommodation_status": "Refuge",
        "language": { "preferred": "cy", "sign_language": "BSL" },
        "dementia": "No",
    });
    let changed = practice.social_worker.patch(&person, &record, &found_out);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let mut after = before;
    for kind in ["pronouns", "accommodation_status", "language", "dementia"] {
        after[kind] = json!("practice");
    }
    assert_eq!(sources(&practice, &person), after);

    let all = |filter: &str| {
        let history = practice.social_worker.get(&format!("{person}/history?kind=pronouns{filter}"));
        let items = history.body["items"].as_array().unwrap_or_else(|| panic!("{}", history.body)).clone();
        items.iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(all(""), ["they/them", "she/her"]);
    assert_eq!((all("&holds=true"), all("&holds=false")), (vec!["they/them".into()], vec!["she/her".into()]));
    assert_refused(&practice.social_worker.get(&format!("{person}/history?kind=shoe_size")), 422, "validation-failed");
}

#[test]
fn whether_one_number_was_traced_says_nothing_of_another() {
    let (_world, _council, practice) = world();
    let numbers = [(); 2].map(|()| messages::person()["nhs_number"].clone());
    let mut record = new_record(&practice, &json!({ "nhs_number": numbers[0], "nhs_number_status": "01" }));
    let person = record.header("location").unwrap().to_owned();
    for (changes, status) in [
        (json!({ "phone": "07700 900463" }), json!("01")),
        (json!({ "nhs_number": numbers[1] }), json!("03")),
        (json!({ "nhs_number_status": "02" }), json!("02")),
        (json!({ "nhs_number": numbers[0], "nhs_number_status": "01" }), json!("01")),
        (json!({ "nhs_number": null }), Value::Null),
    ] {
        record = practice.social_worker.patch(&person, &record, &changes);
        assert_eq!((record.status, &record.body["nhs_number_status"]), (200, &status), "{changes}: {}", record.body);
    }
    let held = practice.social_worker.get(&format!("{person}/history?kind=nhs_number"));
    let items = held.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 4, "{}", held.body);
    let end = &numbers[0].as_str().unwrap()[6..];
    assert_eq!(items[3]["text"], format!("nhs number: *** *** {end}; nhs number status: 01"));
}

#[test]
fn somebody_is_found_by_the_names_by_which_they_are_known() {
    let (_world, _council, practice) = world();
    let created = new_record(&practice, &json!({ "also_known_as": ["Duchess of Frankwell", "Tattie"] }));
    for name in ["duchess", "Tatty", "frankwel"] {
        let found = practice.manager.post(&format!("{PEOPLE}/search"), &json!({ "name": name }));
        assert_eq!(found.body["items"][0]["id"], created.body["id"], "{name}: {}", found.body);
    }
}

#[test]
fn the_fields_of_the_national_return_are_kept_in_its_words_and_what_is_none_is_refused_at_its_place() {
    let (_world, _council, practice) = world();
    let residence = json!({
        "authority": "e06000051", "basis": "placed", "from": "2024-05-01",
        "fixed_by": { "lines": ["14 Larkspur Close"], "postcode": "sy12le" },
        "lead_authority_in_dispute": "W06000023",
    });
    let created = new_record(
        &practice,
        &json!({
            "employment_status": "not in paid employment: voluntary work only", "has_unpaid_carer": "yes", "autism": "No",
            "visual_impairment": "partial sight / sight impaired", "hearing_impairment": "Hard of hearing",
            "client_funding_status": "Fully social care funded", "ordinary_residence": residence,
        }),
    );
    for (member, value) in [
        ("employment_status", json!("Not in paid employment: Voluntary work only")),
        ("has_unpaid_carer", json!("Yes")),
        ("visual_impairment", json!("Partial sight/sight impaired")),
    ] {
        assert_eq!(created.body[member], value, "{member}");
    }
    let kept = &created.body["ordinary_residence"];
    assert_eq!((&kept["authority"], &kept["fixed_by"]["postcode"]), (&json!("E06000051"), &json!("SY1 2LE")));
    let person = created.header("location").unwrap();
    for (member, value, at) in [
        ("pronouns", json!("x".repeat(41)), "/pronouns"),
        ("also_known_as", json!(vec!["Tattie"; 11]), "/also_known_as"),
        ("employment_status", json!("Retired"), "/employment_status"),
        ("autism", json!(true), "/autism"),
        ("nhs_number_status", json!("09"), "/nhs_number_status"),
        ("language", json!({}), "/language"),
        ("language", json!({ "preferred": "not a language" }), "/language/preferred"),
        ("ordinary_residence", json!({ "authority": "E07000001" }), "/ordinary_residence/authority"),
        ("ordinary_residence", json!({ "authority": "E06000051", "from": "2026-11-21" }), "/ordinary_residence/from"),
        ("ordinary_residence", json!({ "authority": "E06000051", "from": "1900-01-01" }), "/ordinary_residence/from"),
    ] {
        let refused = practice.social_worker.patch(person, &created, &json!({ member: value }));
        assert_eq!(pointer(&refused), (422, Some(at)), "{member}: {}", refused.body);
    }
}
