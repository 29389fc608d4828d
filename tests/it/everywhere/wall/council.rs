//! The requests at the council's door: of an officer with every role but those in complaints, and of the council's systems.

use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::documents::find_council_document_clean;
use almoner_tests::{Council, World, messages};
use serde_json::json;

use super::asker::{Asker, accept, own_account};
use super::recorder::Recorder;
use crate::practice::access::single_sign_on::fake::Fake;
use crate::practice::access::single_sign_on::{CLIENT, FRONTEND, SECRET};
use crate::practice::complaints::two_worlds::Side;

pub(super) const DOOR: &str = "/v1/council";

/// An identifier that nothing has.
const NOBODYS: &str = "01937c5e-2b00-7a41-9d6c-000000000000";

/// Sends every operation of the council's door, but for lodging a complaint.
pub(super) fn everything(recorder: &Recorder, world: &World, provider: &Fake, side: &Side) {
    let council = &side.council;
    let first = world.first_officer(council);
    let asker = |caller, by| Asker { recorder, caller, by, door: DOOR };
    let (system, officer) = (asker(&council.system, "a referral system"), asker(first, "an officer"));
    own_account(&officer, first, council);
    officers(&officer, first, council);
    let sent = referrals(&system, side);
    uploads(&system);
    for reader in [&system, &officer] {
        reader.get("GET /referrals", "");
        reader.get("GET /referrals/{id}", &sent[0]);
        reader.get("GET /referrals/{id}/documents", &sent[0]);
        reader.get("GET /documents/{id}", &sent[2]);
        reader.get("GET /events?limit=200", "");
    }
    system.get("GET /events/position", "");
    system.ask("PUT /events/position", &[], None, Some(json!({ "after": 0 })));
    let seen = system.get("GET /referrals/{id}", &sent[0]);
    system.ask("POST /referrals/{id}/withdraw", &[("{id}", &sent[0])], Some(&seen), Some(json!({})));
    let path = format!("/v1/practice/referrals/{}", in_practice(side));
    let manager = &side.practice.manager;
    let declined = manager.change(&format!("{path}/decline"), &manager.get(&path), &json!({ "reason": "no_capacity" }));
    assert_eq!(declined.status, 200, "{}", declined.body);
    let seen = officer.get("GET /referrals/{id}", &sent[1]);
    let to = json!({ "practice": side.practice.slug });
    officer.ask("POST /referrals/{id}/route", &[("{id}", &sent[1])], Some(&seen), Some(to));
    let seen = officer.get("GET /referrals/{id}", &sent[1]);
    officer.ask("POST /referrals/{id}/withdraw", &[("{id}", &sent[1])], Some(&seen), Some(json!({})));
    let known = officer.get("GET /contacts", "");
    let phone = json!({ "emergency_duty_phone": "01743 255000" });
    officer.ask("PATCH /contacts", &[], Some(&known), Some(phone));
    safeguarding(&officer);
    instructions(&officer);
    erasures(&officer);
    officer.get("GET /confirmations", "");
    single_sign_on(&officer, first, provider, council);
    officer.get("GET /audit?limit=200", "");
    officer.get("GET /audit/export", "");
    officer.get("DELETE /sessions/current", "");
    first.forget_token();
}

/// Asks for what the safeguarding duty was told of: nothing.
fn safeguarding(officer: &Asker<'_>) {
    officer.get("GET /safeguarding-alerts", "");
    officer.get("GET /safeguarding-events", "");
    officer.get("GET /safeguarding-alerts/{id}", NOBODYS);
    let done = json!({ "done": "I rang her: she is safe." });
    officer.ask("POST /safeguarding-alerts/{id}/take", &[("{id}", NOBODYS)], None, Some(done));
}

/// Instructs a practice about what it does not have, and asks for what it was instructed.
fn instructions(officer: &Asker<'_>) {
    let new = json!({ "kind": "move_worker_off", "referral_id": NOBODYS, "words": "Somebody else works with her." });
    officer.post("POST /instructions", new);
    officer.get("GET /instructions", "");
    let seen = officer.get("GET /instructions/{id}", NOBODYS);
    officer.ask("POST /instructions/{id}/withdraw", &[("{id}", NOBODYS)], Some(&seen), Some(json!({})));
}

/// Asks for what practices want erased, and decides on what is not there.
fn erasures(officer: &Asker<'_>) {
    officer.get("GET /erasure-requests", "");
    let seen = officer.get("GET /erasure-requests/{id}", NOBODYS);
    let reason = json!({ "reason": "It is not hers." });
    for step in ["instruct", "refuse"] {
        let operation = format!("POST /erasure-requests/{{id}}/{step}");
        officer.ask(&operation, &[("{id}", NOBODYS)], Some(&seen), Some(reason.clone()));
    }
}

/// The referral that the practice received last.
fn in_practice(side: &Side) -> String {
    let inbox = side.practice.manager.get("/v1/practice/referrals?limit=200");
    let waiting = inbox.body["items"].as_array().unwrap();
    let last = waiting.iter().max_by_key(|item| item["received_at"].as_str()).unwrap();
    last["id"].as_str().unwrap().to_owned()
}

/// Sends two referrals, and a document with the first. Returns the identifiers of the three.
fn referrals(system: &Asker<'_>, side: &Side) -> [String; 3] {
    let id =
        |answer: &almoner_demo::web::Answer| answer.text("/id").unwrap_or_else(|| panic!("{}", answer.body)).to_owned();
    let [first, second] = [0, 1].map(|n| {
        let mut referral = messages::referral();
        referral["council_reference"] = format!("WALL-{n}").into();
        referral["person"]["council_person_id"] = format!("WALL-P{n}").into();
        referral["person"]["nhs_number"] = messages::nhs_number(900_000 + 100 * n).into();
        referral["chosen_practice"] = side.practice.slug.as_str().into();
        id(&system.post("POST /referrals", referral))
    });
    let key = almoner_tests::callers::fresh_key();
    let headers = [("idempotency-key", key.as_str()), ("content-disposition", "attachment; filename=letter.txt")];
    let content = Some(("text/plain", b"She has been discharged.".as_slice()));
    let letter = id(&system.send("POST /referrals/{id}/documents", &[("{id}", &first)], &headers, content));
    find_council_document_clean(&letter);
    [first, second, letter]
}

/// Begins an upload, adds a piece to it, and discards it.
fn uploads(system: &Asker<'_>) {
    let tus = [("tus-resumable", "1.0.0"), ("upload-length", "10"), ("upload-offset", "0")];
    let begun = system.send("POST /uploads", &[], &tus, None);
    let upload = [("{id}", begun.text("/id").unwrap())];
    let piece = Some(("application/offset+octet-stream", b"Saw".as_slice()));
    system.send("PATCH /uploads/{id}", &upload, &tus, piece);
    system.send("GET /uploads/{id}", &upload, &tus, None);
    system.send("DELETE /uploads/{id}", &upload, &tus, None);
}

/// Appoints somebody, changes what they may do, and lets them go.
fn officers(officer: &Asker<'_>, first: &Staff, council: &Council) {
    officer.get("GET /officers?limit=200", "");
    let away = json!({ "from": "2026-11-30", "until": "2026-12-11" });
    officer.ask("PUT /absence", &[], None, Some(away));
    officer.get("DELETE /absence", "");
    let new =
        json!({ "name": "Robin Hale", "email": format!("robin@{}.example", council.gss_code), "roles": ["duty"] });
    let invited = officer.post("POST /officers", new);
    let id = invited.text("/id").unwrap_or_else(|| panic!("{}", invited.body)).to_owned();
    let at = [("{id}", id.as_str())];
    let again = officer.ask("POST /officers/{id}/invitation", &at, None, Some(json!({})));
    accept(officer, first, &again);
    officer.ask("POST /officers/{id}/credential-reset", &at, None, Some(json!({})));
    let seen = || officer.get("GET /officers/{id}", &id);
    officer.ask("PATCH /officers/{id}", &at, Some(&seen()), Some(json!({ "roles": ["referrals"] })));
    officer.ask("POST /officers/{id}/confirm", &at, Some(&seen()), Some(json!({})));
    officer.ask("PUT /officers/{id}/leaving", &at, Some(&seen()), Some(json!({ "last_day": "2026-12-11" })));
    officer.ask("DELETE /officers/{id}/leaving", &at, Some(&seen()), None);
}

/// Sets a provider of the council's own, links with it, signs in through it and removes it.
fn single_sign_on(officer: &Asker<'_>, first: &Staff, provider: &Fake, council: &Council) {
    let now = first.clock().now();
    let seen = officer.get("GET /single-sign-on", "");
    let settings = json!({
        "issuer": provider.issuer(), "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [FRONTEND],
        "trusts_second_factor": true,
    });
    officer.ask("PUT /single-sign-on", &[], Some(&seen), Some(settings));
    let begun = officer.post("POST /account/identities", json!({ "redirect_uri": FRONTEND }));
    officer.post("POST /account/identities/complete", provider.vouch(now, &begun, "ravi"));
    let at = json!({ "council_id": council.id, "redirect_uri": FRONTEND });
    let begun = officer.post("POST /sessions/single-sign-on", at);
    officer.post("POST /sessions/single-sign-on/complete", provider.vouch(now, &begun, "ravi"));
    let linked = officer.get("GET /account/identities", "");
    officer.get("DELETE /account/identities/{id}", linked.text("/items/0/id").unwrap());
    let seen = officer.get("GET /single-sign-on", "");
    officer.ask("DELETE /single-sign-on", &[], Some(&seen), None);
}
