//! The contacts, addresses for a time and safe contact on a person's record, and their history.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::messages;
use serde_json::{Value, json};

use super::from_referrals::{accepted, assert_refused, difference, fields, known_as_in, settle, world};
use crate::practice::cases::{column, pointer};

const PEOPLE: &str = "/v1/practice/service-users";

/// A message that says what real ones do.
fn full() -> Value {
    let mut message = messages::referral();
    let person = &mut message["person"];
    person["former_names"] = json!([{ "given_name": "Edith", "family_name": "Lloyd" }]);
    person["temporary_address"] = json!({ "lines": ["Ward 7"], "until": "2026-11-27", "reason": "hospital" });
    person["contacts"] = json!([
        { "kind": "mobile", "value": "07700 900417", "note": "After 4 pm." },
        { "kind": "relay", "value": "18002, then her number" },
    ]);
    person["safe_contact"] = json!({ "how": "By letter in a plain envelope.", "not_to_tell": "Her nephew." });
    person["communication_needs"] = json!(["Large print"]);
    message
}

/// The details of the record which the message has too.
const SHARED: [&str; 5] = ["former_names", "temporary_address", "contacts", "safe_contact", "communication_needs"];

fn kinds(history: &Answer) -> Vec<&str> {
    let mut kinds: Vec<_> = column(history, "/kind").into_iter().flatten().collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn a_new_record_has_all_that_the_message_says_of_reaching_the_person() {
    let (_world, council, practice) = world();
    let message = full();
    let accepted = accepted(&council, &practice, &message, None);
    assert_eq!(accepted.body.get("differences"), None, "the record has it all");
    let person = format!("{PEOPLE}/{}", accepted.text("/service_user_id").unwrap());
    let record = practice.social_worker.get(&person);
    for member in SHARED {
        assert_eq!(record.body[member], message["person"][member], "{member}");
    }
    assert_eq!(record.body["flags"]["safe_contact"], true);
    let history = practice.social_worker.get(&format!("{person}/history"));
    assert_eq!(
        kinds(&history),
        [
            "address",
            "communication_need",
            "contact",
            "contact",
            "council_person_id",
            "date_of_birth",
            "former_name",
            "name",
            "nhs_number",
            "phone",
            "safe_contact",
            "temporary_address"
        ]
    );
    for item in history.body["items"].as_array().unwrap() {
        assert_eq!((&item["source"], &item["referral_id"]), (&json!("referral"), &accepted.body["id"]));
        assert_eq!((&item["holds_from"], item.get("ended_at")), (&message["requested_on"], None));
    }
    // A page at a time, the whole is the same.
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = practice.social_worker.get(&format!("{person}/history?limit=2{cursor}"));
        paged.extend(column(&page, "/id").into_iter().flatten().map(str::to_owned));
        match page.text("/next_cursor") {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged.iter().map(|id| Some(id.as_str())).collect::<Vec<_>>(), column(&history, "/id"));
}

#[test]
fn what_must_be_known_first_is_seen_at_once_and_added_when_it_is_taken_over() {
    let (_world, council, practice) = world();
    let (manager, message) = (&practice.manager, full());
    let known = known_as_in(&practice, &message);
    let person = known.header("location").unwrap();
    let need = json!({ "communication_needs": ["Makaton"], "safe_contact": null });
    let changed = manager.patch(person, &known, &need);
    assert_eq!((changed.status, &changed.body["flags"]["safe_contact"]), (200, &json!(false)), "{}", changed.body);
    let accepted = accepted(&council, &practice, &message, Some(&known));
    let shown = &accepted.body["differences"];
    assert_eq!(fields(shown)[..2], ["safe_contact", "communication_needs"], "what must be known first comes first");
    let need = difference(shown, "communication_needs");
    assert_eq!((&need["message"], &need["record"]), (&json!("Large print"), &json!("Makaton")));
    let flags = |answer: &Answer| answer.body["flags"].clone();
    assert_eq!(flags(&manager.get(person))["safe_contact"], true, "a referral says so, and nobody has settled it");
    let found = manager.post(&format!("{PEOPLE}/search"), &json!({ "nhs_number": known.body["nhs_number"] }));
    assert_eq!(found.body["items"][0]["flags"]["safe_contact"], true);

    let referral = &accepted.body["id"];
    let taken = settle(manager, person, "communication_needs", referral, "take_over");
    assert_eq!(taken.body["communication_needs"], json!(["Makaton", "Large print"]));
    let kept = settle(manager, person, "safe_contact", referral, "keep");
    assert_eq!((kept.status, &kept.body["flags"]["safe_contact"]), (200, &json!(false)), "{}", kept.body);
    let ended = manager.patch(person, &kept, &json!({ "communication_needs": ["Large print"] }));
    assert_eq!(ended.status, 200, "{}", ended.body);
    let history = manager.get(&format!("{person}/history"));
    let needs: Vec<(&str, &str, bool)> = history.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["kind"] == "communication_need")
        .map(|item| (item["text"].as_str().unwrap(), item["source"].as_str().unwrap(), item.get("ended_at").is_none()))
        .collect();
    assert_eq!(needs, [("Large print", "referral", true), ("Makaton", "practice", false)]);
}

#[test]
fn a_list_that_would_be_too_long_is_not_taken_over() {
    let (_world, council, practice) = world();
    let (manager, message) = (&practice.manager, full());
    let known = known_as_in(&practice, &message);
    let person = known.header("location").unwrap();
    let ten: Vec<String> = (0..10).map(|n| format!("Need {n}")).collect();
    assert_eq!(manager.patch(person, &known, &json!({ "communication_needs": ten })).status, 200);
    let referral = accepted(&council, &practice, &message, Some(&known)).body["id"].clone();
    let refused = settle(manager, person, "communication_needs", &referral, "take_over");
    assert_eq!(pointer(&refused), (422, Some("/settlement")), "{}", refused.body);
    let said = manager.get(person).body["from_referrals"][0]["differences"].clone();
    assert_eq!(difference(&said, "communication_needs")["status"], "open");
}

#[test]
fn what_cannot_be_of_a_person_is_refused_at_its_place() {
    let (_world, _council, practice) = world();
    let manager = &practice.manager;
    let known = known_as_in(&practice, &messages::referral());
    let person = known.header("location").unwrap();
    let until = |day: &str| json!({ "lines": ["Ward 7"], "until": day });
    let contact = |kind: &str, value: &str| json!([{ "kind": kind, "value": value }]);
    for (member, value, at) in [
        ("former_names", json!(vec![json!({ "family_name": "Lloyd" }); 11]), "/former_names"),
        ("former_names", json!([{ "given_name": "Edith" }]), "/former_names/0/family_name"),
        ("former_names", json!([{ "family_name": "Ll\u{0}oyd" }]), "/former_names/0/family_name"),
        ("temporary_address", json!({ "lines": [] }), "/temporary_address/lines"),
        ("temporary_address", until("2031-11-21"), "/temporary_address/until"),
        ("temporary_address", until("1941-03-07"), "/temporary_address/until"),
        ("temporary_address", json!({ "lines": ["Ward 7"], "reason": "lodging" }), "/temporary_address/reason"),
        ("contacts", contact("mobile", "her son"), "/contacts/0/value"),
        ("contacts", contact("email", "07700 900417"), "/contacts/0/value"),
        ("contacts", contact("fax", "01743 000000"), "/contacts/0/kind"),
        ("contacts", contact("relay", "\u{200b}"), "/contacts/0/value"),
        ("safe_contact", json!({}), "/safe_contact"),
        ("safe_contact", json!({ "how": "a".repeat(501) }), "/safe_contact/how"),
        ("safe_contact", json!({ "by": "letter" }), "/safe_contact/by"),
        ("communication_needs", json!(["a".repeat(201)]), "/communication_needs/0"),
        ("visit_warnings", json!([{ "kind": "animal", "detail": "A dog." }]), "/visit_warnings"),
    ] {
        let mut change = json!({});
        change[member] = value;
        assert_eq!(pointer(&manager.patch(person, &known, &change)), (422, Some(at)), "{change}");
    }
    assert_eq!(manager.get(person).etag(), known.etag(), "nothing was written");
}

#[test]
fn the_history_is_read_by_those_who_read_the_record() {
    let (world, council, practice) = world();
    let known = known_as_in(&practice, &messages::referral());
    let path = format!("{}/history", known.header("location").unwrap());
    for member in [&practice.manager, &practice.social_worker, &practice.practitioner, &practice.records_officer] {
        assert_eq!(member.get(&path).status, 200);
    }
    assert_refused(&practice.administrator.get(&path), 403, "forbidden");
    assert_refused(&world.practice(&council).manager.get(&path), 404, "not-found");
    assert_refused(
        &practice.manager.get(&format!("{PEOPLE}/01937c5e-2b00-7a41-9d6c-000000000000/history")),
        404,
        "not-found",
    );
}
