use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{System, World, messages};
use serde_json::{Value, json};

use crate::council::{REFERRALS, at};

/// The faults: the name of each, its JSON pointer, and the value there; null for nothing at all.
fn faults() -> Vec<(&'static str, &'static str, Value)> {
    let officer = json!({ "id": "O1", "name": "An Officer", "role": "Safeguarding Adults Manager" });
    vec![
        ("a check digit that does not fit", "/person/nhs_number", "9995225019".into()),
        ("ten equal digits", "/person/nhs_number", "0000000000".into()),
        ("a letter O for a nought", "/person/nhs_number", "99905486O9".into()),
        ("a number too short", "/person/nhs_number", "999054860".into()),
        ("a request of tomorrow", "/requested_on", "2026-11-21".into()),
        ("a request of six years ago", "/requested_on", "2020-11-19".into()),
        ("a day that does not exist", "/requested_on", "2026-02-30".into()),
        ("a date the other way round", "/requested_on", "19/11/2026".into()),
        ("a date without noughts", "/requested_on", "2026-11-9".into()),
        ("a moment for a date", "/requested_on", "2026-11-19T10:00:00Z".into()),
        ("a function that is none", "/function", "charging".into()),
        ("no urgency", "/urgency", Value::Null),
        ("an urgency that is none", "/urgency", "asap".into()),
        ("a blank name", "/person/family_name", "  ".into()),
        ("no name", "/person/family_name", Value::Null),
        ("a name too long", "/person/family_name", "x".repeat(101).into()),
        ("a name on two lines", "/person/given_name", "Edith\nAnn".into()),
        ("a NUL in a name", "/person/given_name", "Edith\u{0}".into()),
        ("a child", "/person/date_of_birth", "2017-11-22".into()),
        ("seventeen, and not on transition", "/person/date_of_birth", "2009-01-01".into()),
        ("older than anyone", "/person/date_of_birth", "1801-01-01".into()),
        ("not born yet", "/person/date_of_birth", "2030-01-01".into()),
        ("no date of birth, and no word that it is unknown", "/person/date_of_birth", Value::Null),
        ("not a postcode", "/person/address/postcode", "SY1 1CI".into()),
        ("a UPRN of 13 digits", "/person/address/uprn", "1234567890123".into()),
        ("an address of six lines", "/person/address/lines", json!(["1", "2", "3", "4", "5", "6"])),
        ("an address of no lines", "/person/address/lines", json!([" "])),
        ("an empty reason", "/reason", "".into()),
        ("a reason of 4,001 characters", "/reason", "x".repeat(4001).into()),
        ("a NUL in the reason", "/reason", "bad\u{0}byte".into()),
        ("a number for a reason", "/reason", 7.into()),
        ("no consent", "/consent", Value::Null),
        ("a consent of tomorrow", "/consent/recorded_on", "2026-11-21".into()),
        ("a consent on no ground", "/consent/basis", "implied".into()),
        ("a misspelt member", "/person/fist_name", "Jo".into()),
        ("a member that is not the sender's to set", "/practice_id", uuid::Uuid::nil().to_string().into()),
        ("another", "/status", "accepted".into()),
        ("another", "/council", "E06000051".into()),
        ("a reference too long", "/council_reference", "x".repeat(65).into()),
        ("no reference", "/council_reference", Value::Null),
        ("no identifier of the person", "/person/council_person_id", Value::Null),
        ("an identifier too long", "/person/council_person_id", "x".repeat(33).into()),
        ("a route that is not on the list", "/route_of_access", "Walked in".into()),
        ("neither phone nor e-mail", "/referrer", json!({ "name": "A", "team": "B" })),
        ("an e-mail address that is none", "/referrer/email", "duty at council".into()),
        ("a telephone number that is none", "/person/phone", "ring me".into()),
        ("not a GP practice's code", "/person/gp_practice_code", "12345".into()),
        ("not a council's code", "/person/ordinary_residence", "E07000001".into()),
        ("a gender that is not on the list", "/person/gender", "F".into()),
        ("a way of contact that is none", "/person/preferred_contact", "pigeon".into()),
        ("eleven needs", "/person/communication_needs", vec!["Large print"; 11].into()),
        ("a need too long", "/person/communication_needs/1", "x".repeat(201).into()),
        ("not a boolean", "/safeguarding_concern", "yes".into()),
        ("a person who is a word", "/person", "Edith Marlow".into()),
        ("a person who is a list", "/person", json!([])),
        ("not a practice's name", "/chosen_practice", "Severn Social Work".into()),
        ("an answer wanted yesterday", "/respond_by", "2026-11-19".into()),
        ("a discharge from home", "/discharge", json!({ "hospital": "Royal Infirmary" })),
        ("an instruction to assess", "/instruction", json!({ "officer": officer, "due_by": "2026-12-08" })),
    ]
}

/// Puts the value at the pointer, or removes the member there.
fn spoil(message: &mut Value, pointer: &str, value: Value) {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    if member == "1" {
        message["person"]["communication_needs"] = json!(["Large print", value]);
        return;
    }
    let parent = message.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => parent.remove(member),
        value => parent.insert(member.to_owned(), value),
    };
}

/// Checks that a problem names the pointer of the fault, and repeats nothing of what was sent.
fn assert_tells_nothing(problem: &Answer, sent: &Value) {
    assert_eq!(problem.header("content-type"), Some("application/problem+json"));
    let text = problem.body.to_string();
    let person = &sent["person"];
    let own = ["/given_name", "/family_name", "/nhs_number", "/phone"];
    let own = own.iter().filter_map(|pointer| person.pointer(pointer)?.as_str()).filter(|word| word.trim().len() > 2);
    for secret in own.chain(["Edith", "Marlow", "fallen", "xxxx", "SELECT", "INSERT", "relation", "diesel"]) {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

fn send_raw(system: &System, media_type: &str, content: &[u8]) -> Answer {
    system.send("POST", REFERRALS, &[], Some((media_type, content)))
}

#[test]
fn every_fault_is_refused_at_its_place_and_nothing_is_kept() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for (why, pointer, value) in faults() {
        let mut message = messages::referral();
        let reference = message["council_reference"].as_str().unwrap().to_owned();
        spoil(&mut message, pointer, value);
        let refused = council.system.post(REFERRALS, &message);
        assert_eq!(refused.status, 422, "{why}: {}", refused.body);
        assert_eq!(refused.text("/type"), Some("/problems/validation-failed"), "{why}");
        assert_eq!(refused.text("/errors/0/pointer"), Some(pointer), "{why}: {}", refused.body);
        assert_eq!(refused.body["errors"].as_array().unwrap().len(), 1, "{why}: {}", refused.body);
        assert_tells_nothing(&refused, &message);
        let kept = council.system.get(&format!("{REFERRALS}?council_reference={reference}"));
        assert_eq!(kept.body, json!({ "items": [] }), "{why}");
    }
    assert_eq!(council.system.get(REFERRALS).body, json!({ "items": [] }));
    assert_eq!(practice.manager.get("/v1/practice/referrals").body, json!({ "items": [] }));
}

#[test]
fn an_enquiry_is_made_on_the_councils_instruction_and_on_nothing_else() {
    let world = World::new();
    let council = world.council();
    world.practice(&council);
    let mut message = messages::referral();
    message["function"] = "safeguarding_enquiry".into();
    let refused = council.system.post(REFERRALS, &message);
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/instruction")), "{}", refused.body);

    let officer = json!({ "id": "O1", "name": "An Officer", "role": "Safeguarding Adults Manager" });
    message["instruction"] = json!({ "officer": officer, "due_by": "2026-11-19" });
    let refused = council.system.post(REFERRALS, &message);
    assert_eq!(refused.text("/errors/0/pointer"), Some("/instruction/due_by"), "not after the day of the request");
    message["instruction"] = json!({ "officer": { "id": "O1", "name": "An Officer" }, "due_by": "2026-12-08" });
    let refused = council.system.post(REFERRALS, &message);
    assert_eq!(refused.text("/errors/0/pointer"), Some("/instruction/officer/role"));

    message["instruction"] = json!({ "officer": officer, "due_by": "2026-12-08" });
    assert_eq!(council.system.post(REFERRALS, &message).status, 201);
}

#[test]
fn several_faults_are_told_at_once_where_the_shape_is_right() {
    let world = World::new();
    let council = world.council();
    let mut message = messages::referral();
    message["requested_on"] = "2026-11-21".into();
    message["consent"]["recorded_on"] = "2026-11-22".into();
    message["referrer"].as_object_mut().unwrap().remove("email");
    let refused = council.system.post(REFERRALS, &message);
    let pointers: Vec<&str> =
        refused.body["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/requested_on", "/consent/recorded_on", "/referrer"]);
}

#[test]
fn a_member_that_is_given_twice_is_refused_wherever_it_is() {
    let world = World::new();
    let council = world.council();
    let message = messages::referral();
    let text = message.to_string();
    for (member, pointer) in
        [(r#""family_name":"Marlow""#, "/person/family_name"), (r#""function":"needs_assessment""#, "/function")]
    {
        let twice = text.replacen(member, &format!("{member},{member}"), 1);
        assert_ne!(twice, text);
        let refused = send_raw(&council.system, "application/json", twice.as_bytes());
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some(pointer)), "{}", refused.body);
        assert_tells_nothing(&refused, &message);
    }
}

#[test]
fn what_is_not_json_is_said_to_be_none() {
    let world = World::new();
    let council = world.council();
    let text = messages::referral().to_string();
    let broken: [&[u8]; 12] = [
        b"",
        b" ",
        b"Edith Marlow",
        b"<referral/>",
        b"{",
        b"nul",
        &text.as_bytes()[..text.len() - 1],
        b"{'person': 1}",
        b"{\"person\": NaN}",
        b"{\"reason\": \"\xff\xfe\"}",
        b"{\"reason\": \"\\ud800\"}",
        b"{\"reason\": \"\0\"}",
    ];
    for content in broken {
        let refused = send_raw(&council.system, "application/json", content);
        let shown = String::from_utf8_lossy(content);
        assert_eq!(
            (refused.status, refused.text("/type")),
            (400, Some("/problems/malformed-json")),
            "{shown}: {}",
            refused.body
        );
        assert_tells_nothing(&refused, &json!({ "person": {} }));
    }
    let followed = send_raw(&council.system, "application/json", format!("{text} {text}").as_bytes());
    assert_eq!((followed.status, followed.text("/type")), (400, Some("/problems/malformed-json")), "{}", followed.body);
    for content in ["null", "[]", "7", "\"Edith\"", "{}", "true"] {
        assert_eq!(send_raw(&council.system, "application/json", content.as_bytes()).status, 422, "{content}");
    }
    assert_eq!(council.system.get(REFERRALS).body, json!({ "items": [] }));
}

#[test]
fn content_of_another_media_type_is_not_read() {
    let world = World::new();
    let council = world.council();
    let text = messages::referral().to_string();
    for media_type in
        ["text/plain", "application/xml", "application/merge-patch+json", "text/json", "application/jsonx", "*/*"]
    {
        let refused = send_raw(&council.system, media_type, text.as_bytes());
        let kind = (refused.status, refused.text("/type"));
        assert_eq!(kind, (415, Some("/problems/unsupported-media-type")), "{media_type}: {}", refused.body);
    }
    assert_eq!(council.system.send("POST", REFERRALS, &[], None).status, 415, "none at all");
    assert_eq!(send_raw(&council.system, "Application/JSON; charset=utf-8", text.as_bytes()).status, 201);
}

#[test]
fn too_large_and_too_deep_are_refused_before_they_are_read() {
    let world = World::new();
    let council = world.council();
    for bytes in [256 * 1024 + 1, 1024 * 1024] {
        let large = format!(r#"{{"reason": "{}"}}"#, "x".repeat(bytes));
        let refused = send_raw(&council.system, "application/json", large.as_bytes());
        assert_eq!(
            (refused.status, refused.text("/type")),
            (413, Some("/problems/content-too-large")),
            "{}",
            refused.body
        );
    }
    for deep in ["[".repeat(100_000), r#"{"person":"#.repeat(33), "[{".repeat(17)] {
        let refused = send_raw(&council.system, "application/json", deep.as_bytes());
        assert_eq!(
            (refused.status, refused.text("/type")),
            (400, Some("/problems/nesting-too-deep")),
            "{}",
            refused.body
        );
    }
}

#[test]
fn a_reason_of_4000_characters_is_taken_whole_whatever_they_are() {
    let world = World::new();
    let council = world.council();
    for reason in
        ["x".repeat(4000), "é".repeat(4000), "🙂".repeat(4000), format!("{}\n{}", "a".repeat(2000), "b".repeat(1999))]
    {
        let mut message = messages::referral();
        message["reason"] = reason.as_str().into();
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(sent.status, 201, "{}", sent.body);
        assert_eq!(council.system.get(&at(&sent, "")).text("/message/reason"), Some(reason.as_str()));
    }
}

#[test]
fn names_are_taken_as_people_have_them() {
    let world = World::new();
    let council = world.council();
    for (given, family) in [
        (Some("Siobhán"), "Ó"),
        (Some("X"), "Y"),
        (None, "Suharto"),
        (Some("Wei"), "王"),
        (Some("Олена"), "Шевченко"),
        (Some("فاطمة"), "الزهراء"),
        (Some("Xiùyīng"), "Nguyễn"),
        (Some("Ifan"), "ap-Rhys"),
        (Some("O’Neil"), "D'Souza"),
        (Some("Robert'); DROP TABLE referrals;--"), "Null"),
        (Some("<b>Jo</b>"), "{{7*7}}"),
        (Some("नीलम"), "Featherstonehaugh-Cholmondeley"),
        (None, "…"),
        (Some("👩‍🦽"), "-"),
    ] {
        let mut message = messages::referral();
        let person = message["person"].as_object_mut().unwrap();
        person.insert("family_name".to_owned(), family.into());
        match given {
            Some(given) => person.insert("given_name".to_owned(), given.into()),
            None => person.remove("given_name"),
        };
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(sent.status, 201, "{family}: {}", sent.body);
        let read = council.system.get(&at(&sent, ""));
        assert_eq!(
            (read.text("/message/person/given_name"), read.text("/message/person/family_name")),
            (given, Some(family))
        );
    }
}

#[test]
fn what_is_written_in_another_way_is_taken_and_given_back_in_one() {
    let world = World::new();
    let council = world.council();
    for (pointer, written, kept) in [
        ("/person/nhs_number", "999 054 8609", "9990548609"),
        ("/person/nhs_number", " 9990548609 ", "9990548609"),
        ("/person/address/postcode", "sy11ut", "SY1 1UT"),
        ("/person/family_name", "  Nguye\u{302}\u{303}n ", "Nguyễn"),
        ("/reason", "One.\r\nTwo.\u{2028}Three.\n", "One.\nTwo.\nThree."),
    ] {
        let mut message = messages::referral();
        *message.pointer_mut(pointer).unwrap() = written.into();
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(sent.status, 201, "{written}: {}", sent.body);
        assert_eq!(council.system.get(&at(&sent, "")).text(&format!("/message{pointer}")), Some(kept));
    }
}

#[test]
fn somebody_of_17_comes_on_transition_and_somebody_of_unknown_age_comes_too() {
    let world = World::new();
    let council = world.council();
    let mut young = messages::referral();
    young["person"]["date_of_birth"] = "2009-01-01".into();
    young["route_of_access"] = "Planned Entry (Transition)".into();
    let mut unknown = messages::referral();
    unknown["person"].as_object_mut().unwrap().remove("date_of_birth");
    unknown["person"]["date_of_birth_accuracy"] = "unknown".into();
    for message in [young, unknown] {
        let sent = council.system.post(REFERRALS, &message);
        assert_eq!(sent.status, 201, "{}", sent.body);
    }
}
