use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Staff, World, messages};
use serde_json::{Value, json};

const PEOPLE: &str = "/v1/practice/service-users";

/// Opens a record. Returns its address.
fn open(staff: &Staff, person: &Value) -> String {
    let made = staff.create(PEOPLE, person);
    assert_eq!(made.status, 201, "{}", made.body);
    made.header("location").unwrap().to_owned()
}

fn named(given: Option<&str>, family: &str) -> Value {
    let mut person = json!({ "family_name": family, "date_of_birth_accuracy": "unknown" });
    if let Some(given) = given {
        person["given_name"] = given.into();
    }
    person
}

fn search(staff: &Staff, criteria: &Value) -> Answer {
    staff.post("/v1/practice/service-users/search", criteria)
}

/// The names of the people who match, in the order of the answer.
fn found(staff: &Staff, criteria: &Value) -> Vec<String> {
    let answer = search(staff, criteria);
    assert_eq!(answer.status, 200, "{criteria}: {}", answer.body);
    answer.body["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_record_is_opened_and_read() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let mut person = messages::person();
    person["communication_needs"] = json!(["Large print"]);
    let made = practice.practitioner.create(PEOPLE, &person);
    assert_eq!((made.status, made.etag()), (201, Some("\"1\"")), "{}", made.body);
    let read = practice.social_worker.get(made.header("location").unwrap());
    assert_eq!((read.status, &read.body, read.etag()), (200, &made.body, made.etag()));
    for (member, value) in person.as_object().unwrap() {
        assert_eq!(&read.body[member], value, "{member}");
    }
    let flags = json!({
        "restricted": false, "visit_warnings": false, "safe_contact": false, "reasonable_adjustments": false,
        "communication_needs": true, "deceased": false,
    });
    assert_eq!(read.body["flags"], flags);
}

#[test]
fn a_record_is_opened_once_for_each_key() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let (person, key) = (messages::person(), [("idempotency-key", "one-key-of-the-frontends")]);
    let [first, second] = [(); 2].map(|()| practice.manager.post_with(PEOPLE, &key, &person));
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body, second.body);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    let mut somebody_else = person.clone();
    somebody_else["given_name"] = "Arthur".into();
    let other = practice.manager.post_with(PEOPLE, &key, &somebody_else);
    assert_eq!((other.status, other.text("/type")), (422, Some("/problems/idempotency-key-reused")), "{}", other.body);
    assert_eq!(practice.manager.post(PEOPLE, &person).status, 400, "no key");
    let colleague = practice.social_worker.post_with(PEOPLE, &key, &person);
    assert_ne!(colleague.text("/id"), first.text("/id"), "a colleague's key is another");
}

#[test]
fn what_is_no_record_is_refused_at_its_place() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({}));
    let twice = json!([{ "council": council.gss_code, "id": "P1" }, { "council": council.gss_code, "id": "P2" }]);
    for (pointer, value) in [
        ("/family_name", " ".into()),
        ("/nhs_number", "9995225019".into()),
        ("/date_of_birth", "2026-11-21".into()),
        ("/date_of_birth", "08/03/1941".into()),
        ("/date_of_death", "1941-03-07".into()),
        ("/date_of_death", "2026-11-21".into()),
        ("/council_person_ids/1/council", twice),
        ("/flags", json!({ "restricted": false })),
        ("/practice_id", practice.id.to_string().into()),
        ("/id", uuid::Uuid::nil().to_string().into()),
        ("/preferred_contact", "pigeon".into()),
    ] {
        let mut person = messages::person();
        person[pointer.split('/').nth(1).unwrap()] = value;
        let refused = practice.manager.create(PEOPLE, &person);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
    }
    assert_eq!(found(&practice.manager, &json!({ "name": "marlow" })), Vec::<String>::new());
}

#[test]
fn a_change_sets_members_removes_them_with_null_and_leaves_the_rest() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let path = open(&practice.manager, &messages::person());
    let read = practice.manager.get(&path);
    let changed = practice.manager.patch(&path, &read, &json!({ "phone": "07700 900462", "nhs_number": null }));
    assert_eq!((changed.status, changed.etag()), (200, Some("\"2\"")), "{}", changed.body);
    assert_eq!((changed.text("/phone"), &changed.body["nhs_number"]), (Some("07700 900462"), &Value::Null));
    assert_eq!(changed.body["address"], read.body["address"]);

    let moved = json!({ "address": { "postcode": "SY2 6QQ" }, "phone": null, "family_name": "Price" });
    let changed = practice.manager.patch(&path, &changed, &moved);
    assert_eq!(changed.body["address"], json!({ "lines": ["4 Wyle Cop"], "postcode": "SY2 6QQ" }));
    assert_eq!(changed.body["phone"], Value::Null);
    assert_eq!(practice.manager.get(&path).body, changed.body);

    // A search finds people by what the record says now.
    assert_eq!(found(&practice.manager, &json!({ "name": "price", "postcode": "SY2 6QQ" })), ["Edith Price"]);
    for gone in [json!({ "name": "marlow" }), json!({ "postcode": "SY1 1UT" })] {
        assert_eq!(found(&practice.manager, &gone), Vec::<String>::new());
    }
    assert_eq!(found(&practice.manager, &json!({ "nhs_number": read.body["nhs_number"] })), Vec::<String>::new());

    let married = json!({
        "former_names": [{ "given_name": "Edie", "family_name": "Marlow" }],
        "temporary_address": { "lines": ["Ward 7, Royal Shrewsbury Hospital"], "postcode": "SY3 8XQ" },
    });
    let changed = practice.manager.patch(&path, &changed, &married);
    assert_eq!(changed.status, 200, "{}", changed.body);
    for criteria in
        [json!({ "name": "edie marlow" }), json!({ "postcode": "SY3 8XQ" }), json!({ "postcode": "SY2 6QQ" })]
    {
        assert_eq!(found(&practice.manager, &criteria), ["Edith Price"], "{criteria}");
    }
}

#[test]
fn a_change_that_does_not_fit_changes_nothing() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let path = open(&practice.manager, &messages::person());
    let read = practice.manager.get(&path);
    for (patch, pointer) in [
        (json!({ "fist_name": "Jo" }), "/fist_name"),
        (json!({ "flags": { "restricted": true } }), "/flags"),
        (json!({ "id": uuid::Uuid::nil() }), "/id"),
        (json!({ "created_at": "2020-01-01T00:00:00Z" }), "/created_at"),
        (json!({ "family_name": null }), "/family_name"),
        (json!({ "date_of_birth": null }), "/date_of_birth"),
        (json!({ "phone": 7 }), "/phone"),
        (json!({ "address": { "lines": null } }), "/address/lines"),
        (json!({ "address": "4 Wyle Cop" }), "/address"),
    ] {
        let refused = practice.manager.patch(&path, &read, &patch);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
        assert!(!refused.body.to_string().contains("Wyle Cop"), "{}", refused.body);
    }
    let if_match = [("if-match", read.etag().unwrap())];
    for (media_type, content, status) in [
        ("application/json", r#"{"phone": null}"#, 415),
        ("application/merge-patch+json", "[]", 422),
        ("application/merge-patch+json", "null", 422),
        ("application/merge-patch+json", "{", 400),
    ] {
        let refused = practice.manager.send("PATCH", &path, &if_match, Some((media_type, content.as_bytes())));
        assert_eq!(refused.status, status, "{media_type} {content}: {}", refused.body);
    }
    assert_eq!(practice.manager.get(&path).body, read.body);
}

#[test]
fn row_32_of_fifty_who_change_what_they_read_at_once_one_does_and_no_change_is_lost() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let path = open(&practice.manager, &messages::person());
    let seen = practice.manager.get(&path);
    let authorization = format!("Bearer {}", practice.manager.token().unwrap());
    let change = |n: u32| {
        let headers = [("authorization", authorization.as_str()), ("if-match", seen.etag().unwrap())];
        let phone = json!({ "phone": format!("07700 900{n:03}") });
        let content = phone.to_string();
        let content = Some(("application/merge-patch+json", content.as_bytes()));
        (phone, world.anyone().send("PATCH", &path, &headers, content).status)
    };
    let answers: Vec<(Value, u16)> = std::thread::scope(|threads| {
        let change = &change;
        let sent: Vec<_> = (100..150).map(|n| threads.spawn(move || change(n))).collect();
        sent.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let done: Vec<&Value> = answers.iter().filter(|(_, status)| *status == 200).map(|(phone, _)| phone).collect();
    assert_eq!(done.len(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|(_, status)| *status == 412).count(), 49, "{answers:?}");
    let after = practice.manager.get(&path);
    assert_eq!((after.etag(), &after.body["phone"]), (Some("\"2\""), &done[0]["phone"]));
}

#[test]
fn row_32_of_two_who_change_what_they_read_the_second_reads_again() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let path = open(&practice.manager, &messages::person());
    let read = practice.manager.get(&path);
    let first = practice.manager.patch(&path, &read, &json!({ "phone": "07700 900462" }));
    let second = practice.social_worker.patch(&path, &read, &json!({ "phone": "07700 900463" }));
    assert_eq!((first.status, second.status), (200, 412));
    assert_eq!((second.etag(), second.text("/type")), (first.etag(), Some("/problems/version-mismatch")));
    assert_eq!(practice.manager.get(&path).text("/phone"), Some("07700 900462"));
    let content = Some(("application/merge-patch+json", &b"{}"[..]));
    assert_eq!(practice.manager.send("PATCH", &path, &[], content).status, 428);
}

#[test]
fn people_are_found_by_parts_of_their_names_however_spelt() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let staff = &practice.social_worker;
    for (given, family) in [
        (Some("Edith"), "Marlow"),
        (Some("Zofia"), "Wójcik"),
        (Some("Catherine"), "Price"),
        (None, "Suharto"),
        (Some("Sean"), "O'Brien"),
        (Some("Zadie"), "Smith-Jones"),
        (Some("小明"), "王"),
        (Some("Aoife"), "Ó"),
        (Some("Quentin"), "Featherstonehaugh"),
    ] {
        open(staff, &named(given, family));
    }
    let mut known_as = named(Some("Nguyễn"), "Tran");
    known_as["preferred_name"] = "Winnie".into();
    open(staff, &known_as);
    for (name, expected) in [
        ("marlo", "Edith Marlow"),
        ("MARLOW", "Edith Marlow"),
        ("edi mar", "Edith Marlow"),
        ("marlow edith", "Edith Marlow"),
        ("wojcik", "Zofia Wójcik"),
        ("WÓJC", "Zofia Wójcik"),
        ("Pryce", "Catherine Price"),
        ("kathryn", "Catherine Price"),
        ("suharto", "Suharto"),
        ("obrien", "Sean O'Brien"),
        ("O’Brien", "Sean O'Brien"),
        ("jones", "Zadie Smith-Jones"),
        ("smyth", "Zadie Smith-Jones"),
        ("王", "小明 王"),
        ("Ó aoife", "Aoife Ó"),
        ("nguyen", "Winnie Tran"),
        ("winnie tran", "Winnie Tran"),
        ("featherstonehaugh", "Quentin Featherstonehaugh"),
        ("marlow price", ""),
        ("xyzzy", ""),
    ] {
        let expected: Vec<&str> = Some(expected).filter(|name| !name.is_empty()).into_iter().collect();
        assert_eq!(found(staff, &json!({ "name": name })), expected, "{name}");
    }
}

#[test]
fn people_are_found_by_what_is_known_of_them_and_everything_given_must_fit() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({}));
    let staff = &practice.social_worker;
    let mut edith = messages::person();
    edith["council_person_ids"] = json!([{ "council": council.gss_code, "id": "P1" }]);
    let mut other = messages::person();
    other["given_name"] = "Arthur".into();
    other["date_of_birth"] = "1939-11-02".into();
    for person in [&edith, &other] {
        open(staff, person);
    }
    let edith_only = ["Edith Marlow"];
    let number = edith["nhs_number"].as_str().unwrap();
    let spaced = format!("{} {} {}", &number[..3], &number[3..6], &number[6..]);
    assert_eq!(found(staff, &json!({ "date_of_birth": "1941-03-08" })), edith_only);
    assert_eq!(found(staff, &json!({ "nhs_number": spaced })), edith_only);
    assert_eq!(found(staff, &json!({ "council_person_id": { "council": council.gss_code, "id": "P1" } })), edith_only);
    assert_eq!(found(staff, &json!({ "postcode": "sy11ut" })), ["Arthur Marlow", "Edith Marlow"], "the newest first");
    assert_eq!(found(staff, &json!({ "name": "marlow", "date_of_birth": "1941-03-08" })), edith_only);
    assert_eq!(found(staff, &json!({ "name": "arthur", "date_of_birth": "1941-03-08" })), Vec::<String>::new());
    assert_eq!(found(staff, &json!({ "nhs_number": number, "postcode": "SY2 6QQ" })), Vec::<String>::new());
    let elsewhere = world.council().gss_code;
    let none = found(staff, &json!({ "council_person_id": { "council": elsewhere, "id": "P1" } }));
    assert_eq!(none, Vec::<String>::new(), "another council's P1 is another person");
}

#[test]
fn a_search_for_nothing_or_for_what_cannot_be_is_refused() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    for (criteria, pointer) in [
        (json!({}), ""),
        (json!({ "name": "- '" }), ""),
        (json!({ "name": "%" }), ""),
        (json!({ "name": " " }), ""),
        (json!({ "name": "x".repeat(101) }), "/name"),
        (json!({ "nhs_number": "9995225019" }), "/nhs_number"),
        (json!({ "date_of_birth": "8 March 1941" }), "/date_of_birth"),
        (json!({ "postcode": "Shrewsbury" }), "/postcode"),
        (json!({ "family_name": "Marlow" }), "/family_name"),
        (json!({ "name": "marlow", "cursor": "nonsense!" }), "cursor"),
    ] {
        let refused = search(&practice.manager, &criteria);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
        assert!(!refused.body.to_string().contains("8 March"), "{}", refused.body);
    }
}

#[test]
fn a_list_masks_the_nhs_number_and_the_record_shows_it_whole() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let person = messages::person();
    let number = person["nhs_number"].as_str().unwrap();
    let path = open(&practice.manager, &person);
    let list = search(&practice.manager, &json!({ "name": "marlow" }));
    assert_eq!(list.text("/items/0/nhs_number"), Some(format!("*** *** {}", &number[6..]).as_str()));
    assert!(!list.body.to_string().contains(number));
    assert_eq!(practice.manager.get(&path).text("/nhs_number"), Some(number));
}

#[test]
fn a_search_goes_on_where_the_page_ended() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    for number in 0..53 {
        open(&practice.manager, &named(Some(&format!("Number{number}")), "Ashworth"));
    }
    let first = search(&practice.manager, &json!({ "name": "ashworth" }));
    assert_eq!(first.body["items"].as_array().unwrap().len(), 50);
    assert_eq!(first.text("/items/0/name"), Some("Number52 Ashworth"));
    open(&practice.manager, &named(Some("Newer"), "Ashworth"));
    let cursor = first.text("/next_cursor").unwrap();
    let rest = found(&practice.manager, &json!({ "name": "ashworth", "cursor": cursor }));
    assert_eq!(rest, ["Number2 Ashworth", "Number1 Ashworth", "Number0 Ashworth"]);
}

#[test]
fn nothing_of_another_practices_is_found_read_or_changed() {
    let world = World::new();
    let [ours, theirs] = [world.practice_with(json!({})), world.practice_with(json!({}))];
    let person = messages::person();
    let path = open(&theirs.manager, &person);
    let read = theirs.manager.get(&path);
    let unknown = ours.manager.get(&format!("{PEOPLE}/{}", uuid::Uuid::from_u128(1)));
    let refused = ours.manager.get(&path);
    assert_eq!((refused.status, &refused.body), (404, &unknown.body));
    assert_eq!(ours.manager.patch(&path, &read, &json!({ "phone": null })).status, 404);
    for criteria in [json!({ "name": "marlow" }), json!({ "nhs_number": person["nhs_number"] })] {
        assert_eq!(found(&ours.manager, &criteria), Vec::<String>::new());
    }
    open(&ours.manager, &person);
    assert_eq!(found(&ours.manager, &json!({ "nhs_number": person["nhs_number"] })), ["Edith Marlow"], "ours alone");
}

#[test]
fn records_are_for_those_who_work_with_them() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let path = open(&practice.manager, &messages::person());
    let read = practice.records_officer.get(&path);
    assert_eq!(read.status, 200);
    assert_eq!(practice.records_officer.patch(&path, &read, &json!({ "phone": null })).status, 403);
    assert_eq!(practice.records_officer.create(PEOPLE, &messages::person()).status, 403);
    let staff = &practice.administrator;
    assert_eq!(staff.get(&path).status, 403);
    assert_eq!(search(staff, &json!({ "name": "marlow" })).status, 403);
}
