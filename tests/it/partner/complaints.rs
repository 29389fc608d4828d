//! Lodging a complaint.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, pointers};
use almoner_tests::{System, World, messages};
use serde_json::{Value, json};

/// A complaint as its complainant knows it.
pub(crate) struct Lodged {
    /// The path of the complaint at the partner's door.
    pub(crate) path: String,
    /// The access code of the complaint.
    pub(crate) code: String,
}

/// Lodges a complaint.
pub(crate) fn lodge(partner: &System, complaint: &Value) -> Lodged {
    let lodged = partner.create("/v1/partner/complaints", complaint);
    assert_eq!(lodged.status, 201, "{}", lodged.body);
    let path = format!("/v1/partner/complaints/{}", lodged.text("/reference").unwrap());
    assert_eq!(lodged.header("location"), Some(path.as_str()));
    Lodged { path, code: lodged.text("/access_code").unwrap().to_owned() }
}

/// Reads a complaint with its access code.
pub(crate) fn follow(partner: &System, lodged: &Lodged) -> Answer {
    partner.send("GET", &lodged.path, &[("complaint-access-code", &lodged.code)], None)
}

#[test]
fn a_receipt_has_the_reference_the_code_the_dates_and_the_rights() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let receipt = world.partner().create("/v1/partner/complaints", &messages::complaint(&practice.slug));
    assert_eq!(receipt.status, 201, "{}", receipt.body);
    assert!(receipt.text("/reference").unwrap().starts_with("C-"), "{}", receipt.body);
    assert_eq!(receipt.text("/access_code").unwrap().len(), 32);
    // The day is a Friday.
    assert_eq!(receipt.text("/acknowledgement_due_on"), Some("2026-11-25"));
    assert_eq!(receipt.text("/response_latest_on"), Some("2027-05-19"));
    assert!(receipt.text("/received_at").unwrap().starts_with("2026-11-20T10:0"));
    assert!(receipt.text("/rights/no_detriment").unwrap().contains("because you complained"));
    assert!(receipt.text("/rights/advocacy").unwrap().contains("independent"));
    assert!(receipt.text("/rights/council").unwrap().contains("your council's"));
    assert!(receipt.text("/rights/ombudsman").unwrap().contains("Ombudsman"));
    assert!(!receipt.body.to_string().contains("Three visits"), "the receipt does not repeat the complaint");
}

#[test]
fn the_dates_are_those_of_the_regulations() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    for (received, acknowledgement_due_on, at_latest) in [
        ("2026-04-02T10:00:00Z", "2026-04-09", "2026-10-01"), // the Thursday before Easter
        ("2026-07-18T10:00:00Z", "2026-07-22", "2027-01-17"), // a Saturday
        ("2026-08-31T10:00:00Z", "2026-09-03", "2027-02-28"), // a bank holiday, clamped
        ("2026-12-24T10:00:00Z", "2026-12-31", "2027-06-23"), // Boxing Day on a Saturday
        ("2026-07-17T23:30:00Z", "2026-07-22", "2027-01-17"), // the same Saturday has begun in London
    ] {
        world.set_clock(received);
        partner.forget_token();
        let lodged = partner.create("/v1/partner/complaints", &messages::complaint(&practice.slug));
        assert_eq!(lodged.status, 201, "{received}: {}", lodged.body);
        assert_eq!(lodged.text("/acknowledgement_due_on"), Some(acknowledgement_due_on), "{received}");
        assert_eq!(lodged.text("/response_latest_on"), Some(at_latest), "{received}");
    }
}

#[test]
fn the_same_key_gives_the_same_code_and_a_new_key_another_complaint() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let partner = world.partner();
    let complaint = messages::complaint(&practice.slug);
    let send = |key: &str, complaint: &Value| {
        partner.post_with("/v1/partner/complaints", &[("idempotency-key", key)], complaint)
    };

    let first = send("a key of this complaint", &complaint);
    let again = send("a key of this complaint", &complaint);
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, None));
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
    assert_eq!(first.body, again.body);
    assert!(first.text("/access_code").is_some());

    let other = send("another key of the same", &complaint);
    assert_eq!(other.status, 201);
    assert_ne!(other.text("/reference"), first.text("/reference"));
    assert_ne!(other.text("/access_code"), first.text("/access_code"));
    assert_eq!(world.audited_of(council.id.uuid(), "complaint.lodged"), 2);

    let mut changed = complaint;
    changed["narrative"] = "Something else.".into();
    let reused = send("a key of this complaint", &changed);
    assert_eq!((reused.status, reused.text("/type")), (422, Some("/problems/idempotency-key-reused")));
    assert!(!reused.body.to_string().contains(first.text("/access_code").unwrap()));
    assert_eq!(partner.post("/v1/partner/complaints", &messages::complaint(&practice.slug)).status, 400);
}

#[test]
fn anyone_may_complain_anonymously_confidentially_or_for_another_with_the_reason() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let partner = world.partner();
    let send = |change: &dyn Fn(&mut Value)| {
        let mut complaint = messages::complaint(&practice.slug);
        change(&mut complaint);
        partner.create("/v1/partner/complaints", &complaint)
    };
    let without_complainant = |complaint: &mut Value| {
        complaint.as_object_mut().unwrap().remove("complainant");
    };
    let representative = |complaint: &mut Value| complaint["complainant"]["basis"] = "representative".into();
    let person = json!({ "family_name": "Marlow" });

    assert_eq!(pointers(&send(&without_complainant)), ["/complainant"]);
    assert_eq!(pointers(&send(&|complaint| complaint["anonymous"] = true.into())), ["/complainant"]);
    assert_eq!(pointers(&send(&representative)), ["/complainant/representation_reason", "/person"]);
    let fault = send(&|complaint| {
        representative(complaint);
        complaint["person"] = person.clone();
        complaint["complainant"]["representation_reason"] = "nosy".into();
    });
    assert_eq!(pointers(&fault), ["/complainant/representation_reason"]);
    let fault = send(&|complaint| complaint["complainant"]["representation_reason"] = "requested".into());
    assert_eq!(pointers(&fault), ["/complainant/representation_reason"]);
    let fault = send(&|complaint| {
        complaint["person"] = json!({ "family_name": "Marlow", "date_of_birth": "2026-11-21" });
    });
    assert_eq!(pointers(&fault), ["/person/date_of_birth"]);

    let anonymous = send(&|complaint| {
        without_complainant(complaint);
        complaint["anonymous"] = true.into();
    });
    assert_eq!(anonymous.status, 201, "{}", anonymous.body);
    assert_eq!(send(&|complaint| complaint["confidential"] = true.into()).status, 201);
    for reason in ["deceased", "child", "physical_incapacity", "lacks_capacity_mca", "requested"] {
        let lodged = send(&|complaint| {
            representative(complaint);
            complaint["person"] = person.clone();
            complaint["complainant"]["representation_reason"] = reason.into();
        });
        assert_eq!(lodged.status, 201, "{reason}: {}", lodged.body);
    }
}

#[test]
fn a_complaint_that_cannot_be_taken_points_at_why() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let without_contract = world.practice_with(json!({}));
    let partner = world.partner();
    let with = |at: &str, value: Value| {
        let mut complaint = messages::complaint(&practice.slug);
        if let Some(member) = complaint.pointer_mut(at) {
            *member = value;
        } else {
            complaint[&at[1..]] = value;
        }
        partner.create("/v1/partner/complaints", &complaint)
    };
    for (at, value) in [
        ("/practice", json!("no-such-practice")),
        ("/practice", json!("No Practice")),
        ("/narrative", json!("x".repeat(10_001))),
        ("/narrative", json!("Nobody\u{0} came.")),
        ("/narrative", json!("  ")),
        ("/narrative", Value::Null),
        ("/wants", json!("x".repeat(4001))),
        ("/complainant/name", json!("Edith\nMarlow")),
        ("/complainant/name", json!("x".repeat(201))),
        ("/complainant/basis", json!("busybody")),
        ("/contact/phone", json!("ask Bill")),
        ("/contact/instructions", json!("x".repeat(1001))),
        ("/staff", json!(vec!["Hannah Price"; 11])),
        ("/must_not_see", json!(vec!["Hannah Price"; 11])),
        ("/must_not_see", json!(["Hannah\u{1b}[2J"])),
        ("/person", json!({ "family_name": "Marlow", "nhs_number": "9990548600" })),
        ("/person", json!({ "given_name": "Edith" })),
        ("/access_code", json!("mine")),
    ] {
        let refused = with(at, value);
        let pointers = pointers(&refused);
        assert_eq!(pointers.len(), 1, "{at}: {}", refused.body);
        assert!(pointers[0].starts_with(at), "{at}: {}", refused.body);
    }
    let nobodys = partner.create("/v1/partner/complaints", &messages::complaint(&without_contract.slug));
    assert_eq!(pointers(&nobodys), ["/council"], "no council answers for that practice");
    assert_eq!(with("/narrative", json!("ŵ".repeat(10_000))).status, 201);
    let large = with("/narrative", json!("x".repeat(300 * 1024)));
    assert_eq!(large.status, 413);
}
