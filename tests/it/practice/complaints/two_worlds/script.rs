//! The requests of each walled person: every operation of the practice's door.

use almoner_demo::web::Answer;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::documents::find_clean;
use almoner_tests::{PASSWORD, Staff, messages};
use serde_json::{Value, json};

use super::{Side, own_request, person_with};
use crate::practice::access::single_sign_on::{CLIENT, FRONTEND, SECRET};
use crate::practice::cases::{column, record};
use crate::practice::people;

/// A way in which a request of the script is sent: the operation, and what sends it.
pub(crate) type Way<'a> = &'a dyn Fn(&str, &mut dyn FnMut() -> Answer) -> Answer;

/// The requests of one caller, with their answers.
struct Script<'a> {
    caller: &'a Staff,
    way: Way<'a>,
    answers: Vec<(String, Answer)>,
}

impl Script<'_> {
    /// Sends an operation of the document, with this value in place of its parameter.
    fn send(&mut self, operation: &str, id: &str, query: &str, seen: Option<&Answer>, body: Option<Value>) -> Answer {
        self.send_to(operation, &[("{id}", id)], query, seen, body)
    }

    /// Sends an operation with several parameters.
    fn send_to(
        &mut self,
        operation: &str,
        parameters: &[(&str, &str)],
        query: &str,
        seen: Option<&Answer>,
        body: Option<Value>,
    ) -> Answer {
        let (method, template) = operation.split_once(' ').unwrap();
        let place = |path: String, (name, value): &(&str, &str)| path.replace(name, value);
        let path = format!("/v1/practice{}{query}", parameters.iter().fold(template.to_owned(), place));
        let key = fresh_key();
        let etag = seen.and_then(Answer::etag).unwrap_or("\"1\"");
        let headers = [("idempotency-key", key.as_str()), ("if-match", etag)];
        let media_type = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let content = body.map(|body| body.to_string());
        let content = content.as_ref().map(|content| (media_type, content.as_bytes()));
        let answer = (self.way)(operation, &mut || self.caller.send(method, &path, &headers, content));
        self.answers.push((operation.to_owned(), answer.clone()));
        answer
    }

    /// Sends in a text as a document.
    fn send_document(&mut self, operation: &str, id: &str, content: &[u8]) -> Answer {
        let key = fresh_key();
        let headers = [("idempotency-key", key.as_str()), ("content-disposition", "attachment; filename=note.txt")];
        self.send_content(operation, id, &headers, Some(("text/plain", content)))
    }

    /// Sends an operation whose content is no JSON.
    fn send_content(
        &mut self,
        operation: &str,
        id: &str,
        headers: &[(&str, &str)],
        content: Option<(&str, &[u8])>,
    ) -> Answer {
        let (method, template) = operation.split_once(' ').unwrap();
        let path = format!("/v1/practice{}", template.replace("{id}", id));
        let answer = (self.way)(operation, &mut || self.caller.send(method, &path, headers, content));
        self.answers.push((operation.to_owned(), answer.clone()));
        answer
    }

    fn get(&mut self, operation: &str, id: &str) -> Answer {
        self.send(operation, id, "", None, None)
    }

    fn post(&mut self, operation: &str, id: &str, seen: Option<&Answer>, body: Value) {
        self.send(operation, id, "", seen, Some(body));
    }
}

/// Sends every operation of the practice's door as the walled person of this index.
pub(super) fn everything(side: &Side, n: usize) -> Vec<(String, Answer)> {
    everything_by(&|_, send| send(), side, n)
}

/// Sends every operation of the practice's door, each in this way.
pub(crate) fn everything_by(way: Way<'_>, side: &Side, n: usize) -> Vec<(String, Answer)> {
    let caller = &side.walled[n];
    let mut script = Script { caller, way, answers: Vec::new() };
    own_account(&mut script, side);
    staff(&mut script, side, n);
    single_sign_on(&mut script, side, n);
    let seen = script.get("GET /opening-hours", "");
    let hours = json!({ "monday": { "from": "09:00", "to": "17:00" } });
    script.send("PUT /opening-hours", "", "", Some(&seen), Some(hours));
    script.get("GET /referrals", "");
    for (step, referral, body) in [
        ("POST /referrals/{id}/accept", &side.referrals[2 * n], json!({ "priority": "routine" })),
        ("POST /referrals/{id}/decline", &side.referrals[2 * n + 1], json!({ "reason": "no_capacity" })),
    ] {
        let seen = script.get("GET /referrals/{id}", referral);
        script.post(step, referral, Some(&seen), body);
        let seen = script.get("GET /referrals/{id}", referral);
        script.send("POST /referrals/{id}/undo", referral, "", Some(&seen), None);
        let seen = script.get("GET /referrals/{id}", referral);
        let walled: Vec<_> = side.walled.iter().map(|walled| walled.id).collect();
        let to = json!({ "reason": "Her sister works here.", "staff": walled });
        script.send("PUT /referrals/{id}/restriction", referral, "", Some(&seen), Some(to));
    }

    for referral in &side.referrals[2 * n..=2 * n + 1] {
        script.send_document("POST /referrals/{id}/documents", referral, b"She rang.");
        script.get("GET /referrals/{id}/documents", referral);
    }

    let new = person_with(700_000 + 100 * u32::try_from(n).unwrap());
    script.post("POST /service-users", "", None, new);
    script.post("POST /service-users/search", "", None, json!({ "name": "marlow" }));
    let seen = script.get("GET /service-users/{id}", &side.person);
    script.send("PATCH /service-users/{id}", &side.person, "", Some(&seen), Some(json!({ "phone": "07700 900462" })));

    script.get("GET /service-users/{id}/history", &side.person);
    relationships(&mut script, side);
    warning_notes(&mut script, side);
    let referral = &side.referrals[2 * n];
    let seen = script.get("GET /referrals/{id}", referral);
    let accept = "POST /referrals/{id}/accept";
    let accepted = script.send(accept, referral, "", Some(&seen), Some(json!({ "priority": "routine" })));
    let opened = accepted.text("/service_user_id").unwrap_or(&side.person);
    let seen = script.get("GET /service-users/{id}", opened);
    let settled = json!({ "referral_id": referral, "settlement": "keep" });
    let settle = "POST /service-users/{id}/differences/{field}";
    script.send_to(settle, &[("{id}", opened), ("{field}", "carer")], "", Some(&seen), Some(settled));

    let case = side.cases[n].rsplit('/').next().unwrap();
    script.post("POST /cases", "", None, messages::case(&side.council.gss_code, &side.person));
    script.send("GET /cases", "", "?limit=2", None, None);
    script.send("GET /cases", "", &format!("?service_user_id={}&status=open", side.person), None, None);
    notes(&mut script, side, case);
    documents(&mut script, side, case);
    uploads(&mut script);
    let seen = script.get("GET /cases/{id}", case);
    let to = messages::move_on_leaving(side.relief.id);
    script.post("POST /cases/{id}/allocate", case, Some(&seen), to);
    let seen = script.get("GET /cases/{id}", case);
    script.post("POST /cases/{id}/agree-to-closing", case, Some(&seen), json!({ "ground": "work_complete" }));
    let seen = script.get("GET /cases/{id}", case);
    script.post("POST /cases/{id}/close", case, Some(&seen), messages::close());
    script.get("GET /cases/{id}/timeline", case);
    script.get("GET /cases/{id}/allocations", case);
    script.get("GET /caseload", "");
    script.get("GET /staff", "");
    let relief = side.relief.id.to_string();
    let seen = script.get("GET /staff/{id}/registration", &relief);
    let found = json!({ "status": "registered", "checked_on": "2026-11-20", "registration_ends_on": "2027-11-30" });
    script.send("PUT /staff/{id}/registration", &relief, "", Some(&seen), Some(found));
    script.get("GET /registrations", "");
    script.send("GET /caseload", "", &format!("?staff_id={}", side.walled[0].id), None, None);

    script.get("GET /instructions", "");
    script.get("GET /countersignatures", "");
    script.get("GET /countersignatures/{id}", &own_request(side, n));
    for (step, request, body) in [
        ("POST /countersignatures/{id}/approve", &side.requests[0], messages::approve()),
        ("POST /countersignatures/{id}/refuse", &side.requests[1], json!({ "reason": "See her first." })),
    ] {
        let seen = script.get("GET /countersignatures/{id}", request);
        script.post(step, request, Some(&seen), body);
    }

    let seen = script.get("GET /countersignatures/{id}", &side.outside);
    script.post("POST /countersignatures/{id}/take-back", &side.outside, Some(&seen), json!({}));

    who_may_meet_a_record(&mut script, side, n);

    // The log of the practice is no way round the wall: nothing of a complaint is in it.
    script.send("GET /audit", "", "?limit=200", None, None);
    script.get("GET /audit/export", "");
    script.get("GET /audit/unusual", "");
    script.get("GET /service-users/{id}/readers", &side.person);
    script.get("DELETE /sessions/current", "");
    caller.forget_token();
    script.answers
}

fn relationships(script: &mut Script<'_>, side: &Side) {
    let (all, one) = ("/service-users/{id}/relationships", "/service-users/{id}/relationships/{relationship_id}");
    let key_holder = json!({ "without_record": { "name": "Gwen" }, "other_is": { "roles": ["key_holder"] } });
    let written = script.send(&format!("POST {all}"), &side.person, "", None, Some(key_holder));
    script.get(&format!("GET {all}"), &side.person);
    script.get("GET /service-users/{id}/network", &side.person);
    let id = written.text("/id").unwrap_or(&side.person).to_owned();
    let at = [("{id}", side.person.as_str()), ("{relationship_id}", id.as_str())];
    let seen = script.send_to(&format!("GET {one}"), &at, "", None, None);
    let note = json!({ "note": "Lives next door." });
    let changed = script.send_to(&format!("PATCH {one}"), &at, "", Some(&seen), Some(note));
    script.send_to(&format!("POST {one}/end"), &at, "", Some(&changed), Some(json!({ "because": "over" })));
}

fn warning_notes(script: &mut Script<'_>, side: &Side) {
    let (all, one) = ("/service-users/{id}/warning-notes", "/service-users/{id}/warning-notes/{warning_note_id}");
    let written = script.send(&format!("POST {all}"), &side.person, "", None, Some(messages::warning_note()));
    script.get(&format!("GET {all}"), &side.person);
    script.get("GET /warning-notes", "");
    let id = written.text("/id").unwrap_or(&side.person).to_owned();
    let at = [("{id}", side.person.as_str()), ("{warning_note_id}", id.as_str())];
    let seen = script.send_to(&format!("GET {one}"), &at, "", None, None);
    let told = script.send_to(&format!("PUT {one}/told"), &at, "", Some(&seen), Some(json!({ "on": "2026-11-18" })));
    let over = json!({ "finding": "entered_in_error", "text": "It is another person's dog." });
    script.send_to(&format!("POST {one}/review"), &at, "", Some(&told), Some(over));
}

/// Writes notes on a case and without one, and marks one of each as entered in error.
fn notes(script: &mut Script<'_>, side: &Side, case: &str) {
    let text = messages::note("Saw Edith at home.");
    for (operation, of) in [("/cases/{id}/notes", case), ("/service-users/{id}/notes", side.person.as_str())] {
        script.post(&format!("POST {operation}"), of, None, text.clone());
        let written = script.send(&format!("POST {operation}"), of, "", None, Some(text.clone()));
        let note = written.text("/id").unwrap_or(&side.complaint).to_owned();
        let seen = script.get("GET /notes/{id}", &note);
        let why = json!({ "reason": "The visit was to somebody else." });
        script.post("POST /notes/{id}/entered-in-error", &note, Some(&seen), why);
        script.get(&format!("GET {operation}"), of);
    }
}

/// Sends in documents of a case and without one, lists them, and asks for the content of one.
fn documents(script: &mut Script<'_>, side: &Side, case: &str) {
    for (operation, of) in [("/cases/{id}/documents", case), ("/service-users/{id}/documents", side.person.as_str())] {
        let sent = script.send_document(&format!("POST {operation}"), of, b"Saw Edith at home.");
        script.get(&format!("GET {operation}"), of);
        sent.text("/id").into_iter().for_each(find_clean);
        let document = sent.text("/id").unwrap_or(&side.complaint);
        script.get("GET /documents/{id}", document);
        let why = json!({ "reason": "Sent in by mistake." });
        let asked = script.send("POST /documents/{id}/erasure-requests", document, "", None, Some(why));
        script.get("GET /erasure-requests", "");
        let request = asked.text("/id").unwrap_or(&side.complaint).to_owned();
        let seen = script.get("GET /erasure-requests/{id}", &request);
        script.send("POST /erasure-requests/{id}/take-back", &request, "", Some(&seen), None);
    }
}

/// Begins an upload, adds a piece to it, and discards it.
fn uploads(script: &mut Script<'_>) {
    let tus = [("tus-resumable", "1.0.0"), ("upload-length", "10"), ("upload-offset", "0")];
    let begun = script.send_content("POST /uploads", "", &tus, None);
    let upload = begun.text("/id").unwrap();
    let piece = Some(("application/offset+octet-stream", b"Saw".as_slice()));
    script.send_content("PATCH /uploads/{id}", upload, &tus, piece);
    script.send_content("GET /uploads/{id}", upload, &tus, None);
    script.send_content("DELETE /uploads/{id}", upload, &tus, None);
}

/// Sends the operations on the caller's own account.
fn own_account(script: &mut Script<'_>, side: &Side) {
    let signed_in = |script: &mut Script<'_>| {
        let answer = script.caller.sign_in(None);
        script.answers.push(("POST /sessions".to_owned(), answer.clone()));
        answer
    };
    let first = signed_in(script);
    signed_in(script);
    script.get("GET /sessions", "");
    script.get("DELETE /sessions/{id}", first.text("/session_id").unwrap());
    script.get("GET /account", "");
    let passwords = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
    script.post("POST /account/password", "", None, passwords);
    let drawn = script.send("POST /account/second-factor", "", "", None, Some(json!({})));
    let code = code_of(&drawn, "/secret", script.caller);
    let confirmed = script.send("POST /account/second-factor/confirm", "", "", None, Some(json!({ "code": code })));
    let proved = json!({ "recovery_code": confirmed.body["recovery_codes"][0] });
    let stepped_up = script.send("POST /sessions/current/step-up", "", "", None, Some(proved));
    script.caller.go_on_with(&stepped_up);
    let entered = json!({ "practice": side.practice.slug });
    let entered = script.send("POST /sessions/current/practice", "", "", None, Some(entered));
    let renewed = json!({ "refresh_token": entered.body["refresh_token"] });
    let renewed = script.send("POST /sessions/refresh", "", "", None, Some(renewed));
    script.caller.go_on_with(&renewed);
    let codes = script.send("POST /account/recovery-codes", "", "", None, Some(json!({})));
    script.caller.change_authenticator(drawn.text("/secret").unwrap_or_default(), &codes);
}

/// The code of an authenticator whose secret an answer shows.
fn code_of(answer: &Answer, pointer: &str, caller: &Staff) -> String {
    let secret = TotpSecret::from_base32(answer.text(pointer).unwrap_or_default()).unwrap();
    secret.code(caller.clock().now())
}

/// Sets a provider of the practice's own, links with it, signs in through it and removes it.
fn single_sign_on(script: &mut Script<'_>, side: &Side, n: usize) {
    let (provider, subject, now) = (&side.provider, format!("subject-{n}"), script.caller.clock().now());
    let seen = script.get("GET /single-sign-on", "");
    let settings = json!({
        "issuer": provider.issuer(), "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [FRONTEND],
        "trusts_second_factor": true,
    });
    script.send("PUT /single-sign-on", "", "", Some(&seen), Some(settings));
    let back = json!({ "redirect_uri": FRONTEND });
    let begun = script.send("POST /account/identities", "", "", None, Some(back));
    script.post("POST /account/identities/complete", "", None, provider.vouch(now, &begun, &subject));
    let at = json!({ "practice": side.practice.slug, "redirect_uri": FRONTEND });
    let begun = script.send("POST /sessions/single-sign-on", "", "", None, Some(at));
    script.post("POST /sessions/single-sign-on/complete", "", None, provider.vouch(now, &begun, &subject));
    let linked = script.get("GET /account/identities", "");
    let linked = linked.text("/items/0/id").unwrap_or(&side.complaint).to_owned();
    script.get("DELETE /account/identities/{id}", &linked);
    let seen = script.get("GET /single-sign-on", "");
    script.send("DELETE /single-sign-on", "", "", Some(&seen), None);
}

/// Sends an administrator's operations on colleagues.
fn staff(script: &mut Script<'_>, side: &Side, n: usize) {
    let new = json!({
        "name": "Robin Hale", "email": format!("robin-{n}@{}.example", side.practice.slug), "roles": ["manager"],
    });
    script.send("PUT /home-postcode", "", "", None, Some(json!({ "postcode": "SY1 1UT" })));
    let away = json!({ "from": "2026-12-21", "until": "2026-12-24", "stand_in_id": side.relief.id });
    script.send("PUT /absence", "", "", None, Some(away));
    script.get("DELETE /absence", "");
    let relief = side.relief.id.to_string();
    script.get("GET /staff/{id}/open-work", &relief);
    let seen = script.get("GET /staff/{id}", &relief);
    let acting = json!({ "for_id": side.practice.manager.id, "until": "2026-12-24" });
    script.send("PUT /staff/{id}/acting", &relief, "", Some(&seen), Some(acting));
    let seen = script.get("GET /staff/{id}", &relief);
    script.send("DELETE /staff/{id}/acting", &relief, "", Some(&seen), None);
    let invited = script.send("POST /staff", "", "", None, Some(new));
    let id = invited.text("/id").unwrap_or(&side.complaint).to_owned();
    let again = script.send("POST /staff/{id}/invitation", &id, "", None, Some(json!({})));
    let token = again.body.pointer("/link/token").cloned().unwrap_or(json!("none"));
    let opened = script.send("POST /invitations/open", "", "", None, Some(json!({ "token": token })));
    let code =
        if opened.status == 200 { code_of(&opened, "/authenticator/secret", script.caller) } else { String::new() };
    let accepted = json!({ "token": token, "password": "a green bicycle in the rain", "code": code });
    script.post("POST /invitations/accept", "", None, accepted);
    script.post("POST /staff/{id}/credential-reset", &id, None, json!({}));
    let seen = script.get("GET /staff/{id}", &id);
    script.send("PATCH /staff/{id}", &id, "", Some(&seen), Some(json!({ "name": "Robin Hale-Lee" })));
    let seen = script.get("GET /staff/{id}", &id);
    script.post("POST /staff/{id}/confirm", &id, Some(&seen), json!({}));
    let seen = script.get("GET /staff/{id}", &id);
    let ahead = json!({ "last_day": "2026-12-24" });
    script.send("PUT /staff/{id}/leaving", &id, "", Some(&seen), Some(ahead));
    let seen = script.get("GET /staff/{id}", &id);
    script.send("DELETE /staff/{id}/leaving", &id, "", Some(&seen), None);
    let seen = script.get("GET /staff/{id}", &id);
    script.post("POST /staff/{id}/leave", &id, Some(&seen), json!({}));
}

/// Sends the operations on restrictions, exclusions, break-glass accesses and their notices.
fn who_may_meet_a_record(script: &mut Script<'_>, side: &Side, n: usize) {
    let numbered = person_with(800_000 + 100 * u32::try_from(n).unwrap());
    let (theirs, neighbour) = (record(&side.practice, &numbered), record(&side.practice, &numbered));
    let (restriction, exclusions) = ("/service-users/{id}/restriction", "/service-users/{id}/exclusions");
    let seen = script.get(&format!("GET {restriction}"), &theirs);
    let named = json!([side.practice.manager.id, side.walled[n].id]);
    let body = people::restriction(&named);
    let put = script.send(&format!("PUT {restriction}"), &theirs, "", Some(&seen), Some(body));
    if let Some(request) = put.text("/countersignature_id") {
        // The only one who could be drawn reviews it now. Later, when it is lifted, chance would choose among several.
        let (manager, request) = (&side.practice.manager, format!("/v1/practice/countersignatures/{request}"));
        let approved = manager.change(&format!("{request}/approve"), &manager.get(&request), &messages::approve());
        assert_eq!(approved.status, 200, "{}", approved.body);
    }
    script.send("GET /restrictions", "", "?review_on_or_before=2027-06-01", None, None);
    let seen = script.get(&format!("GET {restriction}"), &theirs);
    script.send(&format!("DELETE {restriction}"), &theirs, "", Some(&seen), None);
    let whom = json!({ "staff_id": side.relief.id, "reason": "Is her nephew." });
    script.post(&format!("POST {exclusions}"), &theirs, None, whom);
    script.get(&format!("GET {exclusions}"), &theirs);
    let let_in = format!("DELETE {exclusions}/{{staff_id}}");
    script.send_to(&let_in, &[("{id}", &theirs), ("{staff_id}", &side.relief.id.to_string())], "", None, None);
    script.post("POST /service-users/{id}/exclude-me", &neighbour, None, json!({ "reason": "Is my neighbour." }));
    script.get("GET /service-users/{id}", &neighbour);

    // Each walled person who may review the colleague's break-glass access does so.
    let break_glass_access = people::break_glass(&side.practice.social_worker, &side.closed[0]);
    let break_glass_access = break_glass_access
        .text("/id")
        .map_or_else(|| people::break_glass_accesses(&side.practice.social_worker).remove(0), str::to_owned);
    let own = json!({ "nhs_number": side.closed[1]["nhs_number"], "reason": "Nobody answers." });
    script.post("POST /break-glass", "", None, own);
    script.get("GET /break-glass", "");
    let seen = script.get("GET /break-glass/{id}", &break_glass_access);
    let review = json!({ "finding": "justified", "text": "The call is in the log." });
    script.post("POST /break-glass/{id}/review", &break_glass_access, Some(&seen), review);
    script.get("GET /learning", "");
    let told = script.get("GET /notices", "");
    script.post("POST /notices/read", "", None, json!({ "notices": column(&told, "/id") }));
    script.send("GET /notices", "", "?unread=true", None, None);
}

/// Repeats the requests of the same person after the countersignature has gone to the next signatory, and from there to nobody.
pub(super) fn later(side: &Side, n: usize, request: &str) -> Vec<(String, Answer)> {
    let mut script = Script { caller: &side.walled[n], way: &|_, send| send(), answers: Vec::new() };
    script.get("GET /countersignatures/{id}", request);
    script.get("GET /countersignatures", "");
    script.get("GET /cases/{id}/timeline", side.cases[n].rsplit('/').next().unwrap());
    script.get("GET /referrals", "");
    script.answers
}

/// Writes a complaint down for somebody, and sends it again with the same key.
pub(super) fn letterbox(side: &Side, n: usize) -> Vec<(String, Answer)> {
    letterbox_by(&|_, send| send(), side, n)
}

/// Writes a complaint down for somebody, in this way.
pub(crate) fn letterbox_by(way: Way<'_>, side: &Side, n: usize) -> Vec<(String, Answer)> {
    let mut script = Script { caller: &side.walled[n], way, answers: Vec::new() };
    script.caller.token();
    let mut complaint = messages::complaint(&side.practice.slug);
    complaint["staff"] = json!(["Idris Vaughan"]);
    script.post("POST /complaints", "", None, complaint);
    let minute = json!({
        "said": "Nobody rang.", "danger": { "now": "no" }, "settled": "I rang her daughter, and she was content.", "staff": ["Idris Vaughan"],
        "complainant": { "name": "Edith Marlow", "basis": "recipient" },
        "contact": { "preferred": "phone", "phone": "07700 900461" },
    });
    script.post("POST /concerns", "", None, minute);
    script.answers
}
