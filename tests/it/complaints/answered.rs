//! Heads, findings, the response that is signed and sent, and what comes of it.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::Staff;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{assign, follow};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::represented::check;
use super::{Scene, acknowledge, found, plan, pointers, put, raise};

pub(super) fn draft() -> Value {
    json!({
        "considered": "I read the diary of November.", "conclusions": "You were left without a call.",
        "action": "I am satisfied that the practice rings first now.",
    })
}

/// A complaint that is looked into, with one head that is well-founded and a whole draft.
pub(super) fn ready_to_sign(scene: &Scene, changes: Value) -> (Answer, &Staff, String) {
    let (receipt, officer, complaint) = scene.opened(changes);
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-12-18");
    let head = raise(officer, &complaint);
    found(officer, &complaint, &head);
    if officer.get(&complaint).text("/complainant/basis") == Some("representative") {
        assert_eq!(check(officer, &complaint, &["consent"], "satisfied").status, 201);
    }
    let kept = put(officer, &complaint, "response", &draft());
    assert_eq!((kept.status, kept.body["missing"].clone()), (200, json!([])), "{}", kept.body);
    (receipt, officer, complaint)
}

pub(super) fn let_in(officer: &Staff, complaint: &str, other: &Staff) {
    let body = json!({ "officer_id": other.id, "reason": "Signs for the council." });
    let assigned = officer.create(&format!("{complaint}/assignments"), &body);
    assert_eq!(assigned.status, 201, "{}", assigned.body);
}

pub(super) fn sign(signatory: &Staff, complaint: &str) -> Answer {
    let seen = signatory.get(complaint);
    signatory.send(
        "POST",
        &format!("{complaint}/response/sign"),
        &[("if-match", seen.etag().unwrap_or_else(|| panic!("{}", seen.body)))],
        None,
    )
}

#[test]
fn a_head_is_put_down_written_anew_held_found_on_and_taken_out_while_nothing_is_found() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let head = raise(officer, &complaint);
    let at = format!("heads/{head}");
    let other = json!({ "statement": "Nobody rang on 3 November.", "about": "service", "theme": "communication" });
    let amended = put(officer, &complaint, &at, &other);
    assert_eq!(amended.text("/heads/0/statement"), Some("Nobody rang on 3 November."), "{}", amended.body);

    let wait = json!({ "reason": "The police have asked us to wait.", "until": "2026-12-11" });
    let waiting = put(officer, &complaint, &format!("{at}/hold"), &wait);
    assert_eq!(waiting.text("/heads/0/held/until"), Some("2026-12-11"), "{}", waiting.body);
    let finding = json!({ "outcome": "well_founded", "finding": "The diary shows it.", "remedy": "We apologise." });
    let refused = put(officer, &complaint, &format!("{at}/finding"), &finding);
    assert_eq!(refused.status, 409, "while it is held: {}", refused.body);
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/heads/0/held/reason"), Some("The police have asked us to wait."));
    for until in ["2026-11-20", "2027-02-21"] {
        let refused =
            put(officer, &complaint, &format!("{at}/hold"), &json!({ "reason": "They ask.", "until": until }));
        assert_eq!(pointers(&refused), ["/until"], "{until}");
    }
    let hold = format!("{complaint}/{at}/hold");
    assert_eq!(officer.send("DELETE", &hold, &[], None).status, 204);
    assert_eq!(officer.send("DELETE", &hold, &[], None).status, 204, "the same again changes nothing");

    let without = json!({ "outcome": "well_founded", "finding": "The diary shows it." });
    assert_eq!(pointers(&put(officer, &complaint, &format!("{at}/finding"), &without)), ["/remedy"]);
    let decided = put(officer, &complaint, &format!("{at}/finding"), &finding);
    assert_eq!(decided.text("/heads/0/outcome"), Some("well_founded"), "{}", decided.body);
    assert_eq!(officer.send("DELETE", &format!("{complaint}/{at}"), &[], None).status, 409, "something is found");
    assert!(!follow(&scene.world.partner(), &receipt).body.to_string().contains("The diary shows it"), "not before");
    let second = raise(officer, &complaint);
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    let path = format!("{complaint}/heads/{second}");
    assert_eq!(handler.send("DELETE", &path, &[], None).status, 403, "a guest takes nothing away");
    assert_eq!(officer.send("DELETE", &format!("{complaint}/heads/{second}"), &[], None).status, 204);
    assert_eq!(officer.get(&complaint).body["heads"].as_array().unwrap().len(), 1);
    let nowhere = format!("heads/{}", super::NOBODYS);
    assert_eq!(put(officer, &complaint, &nowhere, &other).status, 404);
}

#[test]
fn a_response_is_refused_while_anything_is_missing_and_each_thing_is_said() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-12-18");
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    let all = ["/considered", "/conclusions", "/action", "/heads"];
    assert_eq!(pointers(&sign(responsible, &complaint)), all, "without a draft");
    let head = raise(officer, &complaint);
    let kept = put(officer, &complaint, "response", &json!({ "considered": "I read the diary." }));
    let missing: Vec<&str> =
        kept.body["missing"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert_eq!(
        missing,
        ["/conclusions", "/action", "/heads/0/outcome"],
        "a draft may lack what the response must have"
    );
    assert_eq!(pointers(&sign(responsible, &complaint)), missing);
    // A matter counts as investigated only if the person themself was heard.
    let at = format!("heads/{head}/finding");
    let mut finding = json!({ "outcome": "well_founded", "finding": "The diary shows it.", "remedy": "We apologise." });
    assert_eq!(put(officer, &complaint, &at, &finding).status, 200);
    put(officer, &complaint, "response", &draft());
    assert_eq!(pointers(&sign(responsible, &complaint)), ["/heads/0/heard_on"]);
    finding["heard_on"] = json!("2026-11-19");
    assert_eq!(pointers(&put(officer, &complaint, &at, &finding)), ["/heard_on"], "before she complained");
    finding["heard_on"] = json!("2026-11-20");
    let found_on = put(officer, &complaint, &at, &finding);
    assert_eq!(found_on.text("/heads/0/heard_on"), Some("2026-11-20"), "{}", found_on.body);
    let wait = json!({ "reason": "The police ask us to wait.", "until": "2026-12-11" });
    put(officer, &complaint, &format!("heads/{head}/hold"), &wait);
    assert_eq!(pointers(&sign(responsible, &complaint)), ["/heads/0/held"]);
    assert_eq!(officer.send("DELETE", &format!("{complaint}/heads/{head}/hold"), &[], None).status, 204);
    let signed = sign(responsible, &complaint);
    assert_eq!(signed.status, 200, "{}", signed.body);
    assert_eq!(signed.text("/letter/signed_by"), Some("Helena Vance"));
    assert_eq!(signed.text("/letter/outcome"), Some("well_founded"));
    assert!(signed.text("/letter/ombudsman").unwrap().contains("Ombudsman"));
    assert_eq!(signed.text("/letter/heads/0/heard_on"), Some("2026-11-20"));
}

#[test]
fn a_response_says_why_nobody_was_heard_where_nobody_could_be() {
    let scene = Scene::new();
    let (_, officer, complaint) = ready_to_sign(&scene, json!({ "anonymous": true, "complainant": null }));
    let head = officer.get(&complaint).text("/heads/0/id").unwrap().to_owned();
    let why = "You left no way to reach you.";
    let finding = json!({ "outcome": "inconclusive", "finding": "The diary is lost.", "not_heard_because": why });
    assert_eq!(put(officer, &complaint, &format!("heads/{head}/finding"), &finding).status, 200);
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    let signed = sign(responsible, &complaint);
    assert_eq!(signed.text("/letter/heads/0/not_heard_because"), Some(why), "{}", signed.body);
    let html = officer.get(&format!("{complaint}/response/letter.html"));
    let html = String::from_utf8(html.content.clone()).unwrap();
    assert!(html.contains(&format!("Neither you nor the person it is about was heard on this. {why}")), "{html}");
}

#[test]
fn the_responsible_person_signs_or_whom_they_authorise_and_a_guest_never() {
    let scene = Scene::new();
    let (_, officer, complaint) = ready_to_sign(&scene, json!({}));
    let handler = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    assert_eq!(sign(&handler, &complaint).status, 403, "a guest");
    let refused = sign(officer, &complaint);
    assert_eq!((refused.status, refused.text("/type")), (403, Some("/problems/forbidden")), "{}", refused.body);
    let responsible = &scene.desk.responsible;
    let seen = officer.get(&complaint);
    let path = format!("{complaint}/response/sign");
    let unassigned = responsible.send("POST", &path, &[("if-match", seen.etag().unwrap())], None);
    assert_eq!(unassigned.status, 404, "their office opens nothing");

    let own = format!("/v1/complaints/signatories/{}", officer.id);
    assert_eq!(officer.send("PUT", &own, &[], None).status, 403, "nobody authorises themselves");
    assert_eq!(scene.desk.alternate.send("PUT", &own, &[], None).status, 403, "nor does who stands in");
    assert_eq!(responsible.send("PUT", &own, &[], None).status, 204);
    assert_eq!(responsible.send("PUT", &own, &[], None).status, 204, "the same again changes nothing");
    let list = responsible.get("/v1/complaints/officers");
    let signing: Vec<(&str, bool)> = list.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["signs"].as_bool().unwrap()))
        .collect();
    let expected =
        [("Beatrice Oyelaran", true), ("Callum Whitfield", false), ("Helena Vance", true), ("Idris Rahman", true)];
    assert_eq!(signing, expected);
    scene.world.clock.advance(TimeDelta::minutes(6));
    let late = sign(officer, &complaint);
    assert_eq!((late.status, late.text("/type")), (401, Some("/problems/step-up-required")), "{}", late.body);
    officer.forget_token();
    let signed = sign(officer, &complaint);
    assert_eq!(signed.text("/letter/signed_as"), Some("Authorised by the responsible person of the council"));
    assert_eq!(sign(officer, &complaint).status, 409, "once");

    responsible.forget_token();
    assert_eq!(responsible.send("DELETE", &own, &[], None).status, 204);
    assert_eq!(responsible.send("DELETE", &own, &[], None).status, 404);
    let back = officer.send(
        "POST",
        &format!("{complaint}/response/give-back"),
        &[("if-match", officer.get(&complaint).etag().unwrap())],
        None,
    );
    assert_eq!((back.status, back.text("/status")), (200, Some("investigating")), "{}", back.body);
    assert!(officer.get(&format!("{complaint}/response")).body.get("letter").is_none(), "the signature is gone");
    assert_eq!(sign(officer, &complaint).status, 403, "and so is the authority");
}

#[test]
fn a_signed_letter_does_not_change_and_goes_electronically_with_consent_only() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = ready_to_sign(&scene, json!({}));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    for ending in ["html", "pdf"] {
        assert_eq!(officer.get(&format!("{complaint}/response/letter.{ending}")).status, 404, "nothing is signed");
    }
    let early = put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" }));
    assert_eq!(early.status, 409, "{}", early.body);
    assert_eq!(sign(responsible, &complaint).status, 200);
    assert_eq!(put(officer, &complaint, "response", &draft()).status, 409, "it is signed");
    let head = officer.get(&complaint).text("/heads/0/id").unwrap().to_owned();
    let other = json!({ "statement": "Nobody rang.", "about": "service", "theme": "delay" });
    let wait = json!({ "reason": "The police ask us to wait.", "until": "2026-12-11" });
    assert_eq!(officer.create(&format!("{complaint}/heads"), &other).status, 409);
    assert_eq!(put(officer, &complaint, &format!("heads/{head}"), &other).status, 409);
    assert_eq!(put(officer, &complaint, &format!("heads/{head}/hold"), &wait).status, 409);
    assert_eq!(officer.send("DELETE", &format!("{complaint}/heads/{head}/hold"), &[], None).status, 409);
    for by in ["app", "email"] {
        let refused = put(officer, &complaint, "response/sent", &json!({ "by": by, "on": "2026-11-20" }));
        assert_eq!(pointers(&refused), ["/by"], "{by}");
    }
    for on in ["2026-11-19", "2026-11-21"] {
        let refused = put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": on }));
        assert_eq!(pointers(&refused), ["/on"], "{on}");
    }
    let html = officer.get(&format!("{complaint}/response/letter.html"));
    assert_eq!(html.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = html.header("content-security-policy").unwrap();
    assert!(policy.starts_with("sandbox; default-src 'none'"), "no browser runs anything of it: {policy}");
    let pdf = officer.get(&format!("{complaint}/response/letter.pdf"));
    assert_eq!((pdf.status, pdf.header("content-type")), (200, Some("application/pdf")));
    assert!(
        pdf.header("content-disposition").unwrap().contains("response-C-"),
        "{:?}",
        pdf.header("content-disposition")
    );
    let sent = put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" }));
    assert_eq!((sent.status, sent.text("/status")), (200, Some("answered")), "{}", sent.body);
    let etag = officer.get(&complaint);
    let back =
        officer.send("POST", &format!("{complaint}/response/give-back"), &[("if-match", etag.etag().unwrap())], None);
    assert_eq!(back.status, 409, "it was sent");
    let followed = follow(&scene.world.partner(), &receipt);
    assert!(followed.text("/answered_at").is_some() && followed.body.get("response").is_none(), "{}", followed.body);

    let contact = json!({ "preferred": "email", "email": "edith@marlow.example", "electronic": true });
    let (receipt, officer, complaint) = ready_to_sign(&scene, json!({ "contact": contact, "confidential": true }));
    let_in(officer, &complaint, responsible);
    assert_eq!(sign(responsible, &complaint).status, 200);
    assert!(follow(&scene.world.partner(), &receipt).body.get("response").is_none(), "not before it is sent");
    let sent = put(officer, &complaint, "response/sent", &json!({ "by": "app", "on": "2026-11-20" }));
    assert_eq!(sent.status, 200, "{}", sent.body);
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/response/heads/0/finding"), Some("The diary shows it."), "{}", followed.body);
    assert!(
        !followed.body["response"].to_string().contains("Marlow"),
        "the letter of a confidential complaint names nobody"
    );
}

/// The lines of a letter above its title.
fn head_of_letter(caller: &Staff, complaint: &str) -> String {
    let html = caller.get(&format!("{complaint}/response/letter.html"));
    assert_eq!(html.status, 200, "{}", html.body);
    let page = String::from_utf8(html.content.clone()).unwrap();
    let (_, page) = page.split_once("<main>").unwrap();
    page.split_once("<h1").unwrap().0.to_owned()
}

#[test]
fn a_letter_says_who_answers_and_whom_as_far_as_they_can_safely_be_written_to() {
    let scene = Scene::new();
    let responsible = &scene.desk.responsible;
    let duty = scene.world.officer(&scene.council, &[OfficerRole::Duty]);
    duty.step_up();
    let contacts = duty.get("/v1/council/contacts");
    let at =
        json!({ "address": "Guildhall,\nFrankwell Quay", "phone": "0345 678 9077", "advocacy": "Taking Part helps." });
    assert_eq!(duty.patch("/v1/council/contacts", &contacts, &json!({ "complaints": at })).status, 200);
    let signed = |changes: Value| {
        let (receipt, officer, complaint) = ready_to_sign(&scene, changes);
        let_in(officer, &complaint, responsible);
        let signed = sign(responsible, &complaint);
        assert_eq!(signed.text("/letter/council_address"), Some("Guildhall,\nFrankwell Quay"), "{}", signed.body);
        (receipt, officer, complaint)
    };
    let home = json!({ "preferred": "letter", "address": "4 Wyle Cop\nShrewsbury SY1 1UT", "instructions": "Plain envelopes." });
    let (_, officer, complaint) = signed(json!({ "contact": home }));
    let head = head_of_letter(officer, &complaint);
    for line in ["Guildhall", "Frankwell Quay", "Edith Marlow", "4 Wyle Cop", "Shrewsbury SY1 1UT"] {
        assert!(head.contains(line), "{line}: {head}");
    }
    // Somebody who lives with him must not find a letter.
    let careful = json!({ "preferred": "phone", "phone": "07700 900461", "address": "4 Wyle Cop", "instructions": "Never write." });
    let (_, officer, complaint) = signed(json!({ "contact": careful }));
    let head = head_of_letter(officer, &complaint);
    assert!(head.contains("Edith Marlow") && !head.contains("Wyle Cop"), "{head}");
    let nobody = json!({ "anonymous": true, "complainant": null, "contact": null });
    let (_, officer, complaint) = signed(nobody);
    let head = head_of_letter(officer, &complaint);
    assert!(head.contains("Guildhall") && !head.contains("Marlow"), "{head}");

    // In a confidential complaint it is for nobody who has not unsealed whom it is for, and what is kept names nobody.
    let (receipt, officer, complaint) = signed(
        json!({ "confidential": true, "contact": { "preferred": "letter", "address": "4 Wyle Cop", "electronic": true } }),
    );
    let sealed = head_of_letter(officer, &complaint);
    assert!(sealed.contains("Guildhall") && !sealed.contains("Marlow") && !sealed.contains("Wyle Cop"), "{sealed}");
    officer.step_up();
    let why = json!({ "reason": "To post the answer to you." });
    assert_eq!(officer.create(&format!("{complaint}/unsealings"), &why).status, 201);
    let unsealed = head_of_letter(officer, &complaint);
    assert!(unsealed.contains("Edith Marlow") && unsealed.contains("4 Wyle Cop"), "{unsealed}");
    assert!(!head_of_letter(responsible, &complaint).contains("Marlow"), "for who unsealed it alone");
    assert_eq!(put(officer, &complaint, "response/sent", &json!({ "by": "app", "on": "2026-11-20" })).status, 200);
    let followed = follow(&scene.world.partner(), &receipt);
    assert_eq!(followed.text("/response/council_address"), Some("Guildhall,\nFrankwell Quay"));
    assert!(!followed.body["response"].to_string().contains("Wyle Cop"), "{}", followed.body);
}

#[test]
fn a_letter_in_characters_without_a_font_is_given_out_as_html_alone() {
    let scene = Scene::new();
    let (_, officer, complaint) = ready_to_sign(&scene, json!({}));
    let japanese =
        json!({ "considered": "日記を読みました。", "conclusions": "You are right.", "action": "I am satisfied." });
    assert_eq!(put(officer, &complaint, "response", &japanese).status, 200);
    let_in(officer, &complaint, &scene.desk.responsible);
    assert_eq!(sign(&scene.desk.responsible, &complaint).status, 200);
    let pdf = officer.get(&format!("{complaint}/response/letter.pdf"));
    assert_eq!((pdf.status, pdf.text("/type")), (409, Some("/problems/invalid-state")), "{}", pdf.body);
    assert_eq!(officer.get(&format!("{complaint}/response/letter.html")).status, 200);
}

#[test]
fn what_was_promised_is_seen_through_and_what_was_closed_can_be_reopened() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = ready_to_sign(&scene, json!({}));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    let action = json!({ "what": "Visits are taken out after a call only.", "owner": "Practice manager", "due_on": "2027-01-15" });
    let added = officer.create(&format!("{complaint}/actions"), &action);
    assert_eq!(added.status, 201, "{}", added.body);
    let mut past = action.clone();
    past["due_on"] = "2026-11-19".into();
    assert_eq!(pointers(&officer.create(&format!("{complaint}/actions"), &past)), ["/due_on"]);
    assert_eq!(sign(responsible, &complaint).text("/letter/actions/0/due_on"), Some("2027-01-15"));
    put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" }));
    let close = |body: Value| officer.change(&format!("{complaint}/close"), &officer.get(&complaint), &body);
    let open = close(json!({}));
    assert_eq!((open.status, open.text("/type")), (409, Some("/problems/invalid-state")), "{}", open.body);
    let path = format!("actions/{}/done", added.text("/actions/0/id").unwrap());
    let tomorrow = json!({ "on": "2026-11-21", "words": "It will be." });
    assert_eq!(pointers(&put(officer, &complaint, &path, &tomorrow)), ["/on"]);
    let done = put(officer, &complaint, &path, &json!({ "on": "2026-11-20", "words": "I have seen the diary." }));
    assert_eq!(done.text("/actions/0/done"), Some("I have seen the diary."), "{}", done.body);
    let closed = close(json!({ "learning": "A visit without a call is heard as being forgotten." }));
    assert_eq!((closed.status, closed.text("/status")), (200, Some("closed")), "{}", closed.body);

    let asked = json!({ "asked_on": "2026-11-20", "reference": "26 014 233" });
    let asked = put(officer, &complaint, "ombudsman", &asked);
    assert_eq!(asked.text("/ombudsman/reference"), Some("26 014 233"), "{}", asked.body);
    let decided = json!({ "asked_on": "2026-11-20", "decision": "upheld" });
    assert_eq!(pointers(&put(officer, &complaint, "ombudsman", &decided)), ["/decided_on"]);
    let decided = json!({
        "asked_on": "2026-11-20", "reference": "26 014 233", "decision": "upheld", "decided_on": "2026-11-20",
        "summary": "The council apologises, and pays for the distress.",
    });
    let upheld = put(officer, &complaint, "ombudsman", &decided);
    assert_eq!(upheld.text("/ombudsman/decision"), Some("upheld"), "{}", upheld.body);
    let again = put(officer, &complaint, "ombudsman", &json!({ "asked_on": "2026-11-20" }));
    assert_eq!(again.text("/ombudsman/reference"), Some("26 014 233"), "what is left out stays: {}", again.body);
    assert_eq!(again.text("/ombudsman/decision"), Some("upheld"), "{}", again.body);
    let remedy = json!({ "what": "Pay for the distress.", "owner": "Head of service", "due_on": "2026-12-18", "for_ombudsman": true });
    assert_eq!(officer.create(&format!("{complaint}/actions"), &remedy).status, 201);

    scene.it_is("2027-06-01T09:00:00Z");
    let why = json!({ "reason": "You told us that it happened again." });
    let reopened = officer.change(&format!("{complaint}/reopen"), &officer.get(&complaint), &why);
    assert_eq!((reopened.status, reopened.text("/status")), (200, Some("acknowledged")), "{}", reopened.body);
    assert_eq!(reopened.text("/response_latest_on"), Some("2027-11-30"), "clocks that begin today");
    assert!(reopened.body.get("outcome").is_none() && reopened.body.get("period").is_none());
    let again = officer.get(&format!("{complaint}/response"));
    assert_eq!(again.body["draft"], json!({}), "another response: {}", again.body);
    plan(officer, &complaint, "2027-07-01");
    put(officer, &complaint, "response", &draft());
    assert_eq!(sign(responsible, &complaint).status, 200);
    let texts = follow(&scene.world.partner(), &receipt).body["messages"].to_string();
    assert!(texts.contains("it happened again"), "{texts}");
}
