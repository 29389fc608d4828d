//! Two practices set up by the same steps; at one of them somebody complains about a worker. To the worker, to their line
//! manager and to the director every answer is the same at both, though the two latter handle complaints.

use std::collections::{BTreeMap, BTreeSet};

use almoner::web::Answer;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Council, PASSWORD, Practice, Staff, World, messages};
use serde_json::{Value, json};

use crate::partner::complaints::lodge;
use crate::practice::cases::{close, column, give, open, record};
use crate::practice::guards;
use crate::practice::single_sign_on::fake::Fake;
use crate::practice::single_sign_on::{CLIENT, FRONTEND, SECRET};

const COMPLAINTS: &str = "/v1/practice/complaints";
const REQUESTS: &str = "/v1/practice/countersignatures";

/// One of the two practices.
struct Side {
    provider: Fake,
    council: Council,
    practice: Practice,
    /// The worker, their line manager and the director above.
    walled: [Staff; 3],
    relief: Staff,
    person: String,
    /// Two people whose records are restricted to the second manager.
    closed: [Value; 2],
    /// Cases of the worker's with the person, one for each of the walled.
    cases: Vec<String>,
    /// Requests that are drawn to the line manager.
    requests: Vec<String>,
    /// Referrals that wait, two for each of the walled.
    referrals: Vec<String>,
    /// The complaint, or an identifier that is nothing's.
    complaint: String,
    names: Vec<String>,
}

/// How far the complaint has come at the one practice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Complaint {
    None,
    Lodged,
    Confirmed,
}

fn ids(page: &Answer) -> Vec<String> {
    column(page, "/id").into_iter().flatten().map(str::to_owned).collect()
}

/// A person with the NHS number of this place in the test range: the same at both practices.
fn person_with(number: u32) -> Value {
    let mut person = messages::person();
    person["nhs_number"] = messages::nhs_number(number).into();
    person
}

fn set_up(world: &World, provider: &Fake, complaint: Complaint) -> Side {
    let council = world.council();
    let practice = world.practice(&council);
    let member = |login: &str, name: &str, roles: &[&str], line_manager: Option<&Staff>, owner: bool| {
        let member = json!({
            "name": name, "email": format!("{login}@{}.example", practice.slug), "roles": roles, "owner": owner,
            "line_manager_id": line_manager.map(|manager| manager.id), "social_work_england_number": "SW123456",
        });
        world.staff(practice.id, member)
    };
    let chief = member("chief", "Mair Lloyd", &["manager", "complaints_manager"], None, true);
    let every_role = ["manager", "complaints_manager", "administrator", "records_officer"];
    let lead = member("lead", "Olwen Beck", &every_role, Some(&chief), false);
    let worker = member("worker", "Idris Vaughan", &["social_worker"], Some(&lead), false);
    // In nobody's line: whoever may sign stays the same two managers, whomever the case is given to.
    let relief = member("relief", "Kofi Mensah", &["practitioner"], None, false);

    let edith = person_with(500_000);
    let person = record(&practice, &edith);
    let cases: Vec<String> = (0..3).map(|_| open(&practice, &council, &person)).collect();
    for case in &cases {
        give(&practice, case, &worker);
    }
    // The second manager asks about the work of another line: the lead is the one manager left.
    for n in [510_000, 520_000] {
        let case = open(&practice, &council, &record(&practice, &person_with(n)));
        give(&practice, &case, &practice.social_worker);
        close(&practice.second_manager, &case, &messages::close());
    }
    let requests = ids(&lead.get(REQUESTS));
    assert_eq!(requests.len(), 2);
    for n in 0..6 {
        let mut referral = messages::referral();
        referral["council_reference"] = format!("REF-{n}").into();
        referral["person"]["council_person_id"] = format!("P{n}").into();
        referral["person"]["nhs_number"] = messages::nhs_number(600_000 + 100 * n).into();
        assert_eq!(council.system.post("/v1/council/referrals", &referral).status, 201);
    }
    let referrals = ids(&practice.manager.get("/v1/practice/referrals"));
    let closed = [520_500, 520_600].map(person_with);
    for person in &closed {
        let named = json!([practice.second_manager.id]);
        assert_eq!(guards::restrict(&practice.manager, &record(&practice, person), &named).status, 204);
    }
    let complaint = complain(world, &practice, &edith, &worker, complaint);
    let walled = [worker, lead, chief];
    Side {
        provider: provider.clone(),
        council,
        practice,
        walled,
        relief,
        person,
        closed,
        cases,
        requests,
        referrals,
        complaint,
        names: Vec::new(),
    }
}

/// Lodges the complaint and handles it so far; gives its identifier.
fn complain(world: &World, practice: &Practice, person: &Value, worker: &Staff, how_far: Complaint) -> String {
    if how_far == Complaint::None {
        assert!(ids(&practice.complaints_manager.get(COMPLAINTS)).is_empty());
        return fresh_key();
    }
    let mut complaint = messages::complaint(&practice.slug);
    complaint["person"] = json!({ "family_name": "Marlow", "nhs_number": person["nhs_number"] });
    complaint["staff"] = json!(["Idris Vaughan"]);
    lodge(&world.partner(), &complaint);
    let manager = &practice.complaints_manager;
    let seen = ids(&manager.get(COMPLAINTS));
    assert_eq!(seen.len(), 1, "a complaints manager free of conflict sees it");
    let id = seen[0].clone();
    if how_far == Complaint::Confirmed {
        let path = format!("{COMPLAINTS}/{id}");
        let step = |step: &str, body: Value| {
            let answer = manager.change(&format!("{path}/{step}"), &manager.get(&path), &body);
            assert!(answer.status < 300, "{step}: {}", answer.body);
        };
        step("acknowledge", json!({ "message": "May I ring you?" }));
        step("subjects", json!({ "staff": [worker.id] }));
        step("messages", json!({ "text": "I shall ask." }));
    }
    id
}

/// What one caller asked, and was answered.
struct Script<'a> {
    caller: &'a Staff,
    answers: Vec<(String, Answer)>,
}

impl Script<'_> {
    /// Sends an operation of the document, with this in the place of its parameter.
    fn send(&mut self, operation: &str, id: &str, query: &str, seen: Option<&Answer>, body: Option<Value>) -> Answer {
        self.send_to(operation, &[("{id}", id)], query, seen, body)
    }

    /// The same with several parameters.
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
        let answer = self.caller.send(method, &path, &headers, content);
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

/// Everything that the practice's door has, by the walled person of this number.
fn everything(side: &Side, n: usize) -> Vec<(String, Answer)> {
    let caller = &side.walled[n];
    let mut script = Script { caller, answers: Vec::new() };
    own_account(&mut script, side);
    staff(&mut script, side, n);
    single_sign_on(&mut script, side, n);
    script.get("GET /referrals", "");
    for (step, referral, body) in [
        ("POST /referrals/{id}/accept", &side.referrals[2 * n], json!({ "priority": "routine" })),
        ("POST /referrals/{id}/decline", &side.referrals[2 * n + 1], json!({ "reason": "no_capacity" })),
    ] {
        let seen = script.get("GET /referrals/{id}", referral);
        script.post(step, referral, Some(&seen), body);
    }

    let new = person_with(700_000 + 100 * u32::try_from(n).unwrap());
    script.post("POST /service-users", "", None, new);
    script.post("POST /service-users/search", "", None, json!({ "name": "marlow" }));
    let seen = script.get("GET /service-users/{id}", &side.person);
    script.send("PATCH /service-users/{id}", &side.person, "", Some(&seen), Some(json!({ "phone": "07700 900462" })));

    let case = side.cases[n].rsplit('/').next().unwrap();
    script.post("POST /cases", "", None, messages::case(&side.council.gss_code, &side.person));
    script.send("GET /cases", "", "?limit=2", None, None);
    script.send("GET /cases", "", &format!("?service_user_id={}&status=open", side.person), None, None);
    script.post("POST /cases/{id}/notes", case, None, messages::note("Saw Edith at home."));
    script.get("GET /cases/{id}/notes", case);
    let seen = script.get("GET /cases/{id}", case);
    let to = json!({ "staff_id": side.relief.id, "reason": "Has room." });
    script.post("POST /cases/{id}/allocate", case, Some(&seen), to);
    let seen = script.get("GET /cases/{id}", case);
    script.post("POST /cases/{id}/close", case, Some(&seen), messages::close());
    script.get("GET /cases/{id}/timeline", case);
    script.get("GET /caseload", "");
    script.get("GET /staff", "");
    let relief = side.relief.id.to_string();
    let seen = script.get("GET /staff/{id}/registration", &relief);
    let found = json!({ "status": "registered", "checked_on": "2026-11-20", "registered_until": "2027-11-30" });
    script.send("PUT /staff/{id}/registration", &relief, "", Some(&seen), Some(found));
    script.get("GET /registrations", "");
    script.send("GET /caseload", "", &format!("?staff_id={}", side.walled[0].id), None, None);

    script.get("GET /countersignatures", "");
    script.get("GET /countersignatures/{id}", &own_request(side, n));
    for (step, request, body) in [
        ("POST /countersignatures/{id}/approve", &side.requests[0], messages::approve()),
        ("POST /countersignatures/{id}/refuse", &side.requests[1], json!({ "reason": "See her first." })),
    ] {
        let seen = script.get("GET /countersignatures/{id}", request);
        script.post(step, request, Some(&seen), body);
    }

    who_may_meet_a_record(&mut script, side, n);

    script.get("GET /complaints", "");
    script.get("GET /complaints/{id}", &side.complaint);
    // The log of the practice is no way round the wall: neither what handlers did nor what was refused is in it.
    script.send("GET /audit", "", "?limit=200", None, None);
    script.get("GET /audit/export", "");
    script.get("GET /audit/unusual", "");
    script.get("GET /service-users/{id}/readers", &side.person);
    for (step, body) in [
        ("POST /complaints/{id}/acknowledge", json!({ "message": "May I ring you?" })),
        ("POST /complaints/{id}/subjects", json!({ "staff": [] })),
        ("POST /complaints/{id}/person", json!({ "service_user_id": side.person })),
        ("POST /complaints/{id}/messages", json!({ "text": "Who are you?" })),
        ("POST /complaints/{id}/complainant", json!({ "reason": "To find out who it was." })),
    ] {
        script.post(step, &side.complaint, None, body);
    }
    script.get("DELETE /sessions/current", "");
    caller.forget_token();
    script.answers
}

/// What everybody does with their own account.
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

/// A provider of the practice's own: set, linked with, signed in through and taken away.
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

/// What an administrator does with colleagues.
fn staff(script: &mut Script<'_>, side: &Side, n: usize) {
    let new = json!({
        "name": "Robin Hale", "email": format!("robin-{n}@{}.example", side.practice.slug), "roles": ["manager"],
    });
    script.send("PUT /home", "", "", None, Some(json!({ "postcode": "SY1 1UT" })));
    script.get("GET /staff/{id}", &side.relief.id.to_string());
    let invited = script.send("POST /staff", "", "", None, Some(new));
    let id = invited.text("/id").unwrap_or(&side.complaint).to_owned();
    let again = script.send("POST /staff/{id}/invitation", &id, "", None, Some(json!({})));
    let token = again.body.pointer("/link/token").cloned().unwrap_or(json!("none"));
    let opened = script.send("POST /invitations/open", "", "", None, Some(json!({ "token": token })));
    let code =
        if opened.status == 200 { code_of(&opened, "/authenticator/secret", script.caller) } else { String::new() };
    let accepted = json!({ "token": token, "password": "a green bicycle in the rain", "code": code });
    script.post("POST /invitations/accept", "", None, accepted);
    script.post("POST /staff/{id}/replacement", &id, None, json!({}));
    let seen = script.get("GET /staff/{id}", &id);
    script.send("PATCH /staff/{id}", &id, "", Some(&seen), Some(json!({ "name": "Robin Hale-Lee" })));
    let seen = script.get("GET /staff/{id}", &id);
    script.post("POST /staff/{id}/confirm", &id, Some(&seen), json!({}));
    script.post("POST /staff/{id}/leave", &id, Some(&seen), json!({}));
}

/// Restrictions, lock-outs, broken glasses and the notices of them.
fn who_may_meet_a_record(script: &mut Script<'_>, side: &Side, n: usize) {
    let numbered = person_with(800_000 + 100 * u32::try_from(n).unwrap());
    let (theirs, neighbour) = (record(&side.practice, &numbered), record(&side.practice, &numbered));
    let (restriction, lock_outs) = ("/service-users/{id}/restriction", "/service-users/{id}/lock-outs");
    let seen = script.get(&format!("GET {restriction}"), &theirs);
    let named = json!([side.practice.manager.id, side.walled[n].id]);
    let body = guards::restriction(&named);
    script.send(&format!("PUT {restriction}"), &theirs, "", Some(&seen), Some(body));
    script.send("GET /restrictions", "", "?due_by=2027-06-01", None, None);
    let seen = script.get(&format!("GET {restriction}"), &theirs);
    script.send(&format!("DELETE {restriction}"), &theirs, "", Some(&seen), None);
    let whom = json!({ "staff_id": side.relief.id, "reason": "Is her nephew." });
    script.post(&format!("POST {lock_outs}"), &theirs, None, whom);
    script.get(&format!("GET {lock_outs}"), &theirs);
    let let_in = format!("DELETE {lock_outs}/{{staff_id}}");
    script.send_to(&let_in, &[("{id}", &theirs), ("{staff_id}", &side.relief.id.to_string())], "", None, None);
    script.post("POST /service-users/{id}/lock-me-out", &neighbour, None, json!({ "reason": "Is my neighbour." }));
    script.get("GET /service-users/{id}", &neighbour);

    // The colleague's glass is for each of the walled to review who may.
    let glass = guards::break_glass(&side.practice.social_worker, &side.closed[0]);
    let glass =
        glass.text("/id").map_or_else(|| guards::glasses(&side.practice.social_worker).remove(0), str::to_owned);
    let own = json!({ "nhs_number": side.closed[1]["nhs_number"], "reason": "Nobody answers." });
    script.post("POST /break-glass", "", None, own);
    script.get("GET /break-glass", "");
    let seen = script.get("GET /break-glass/{id}", &glass);
    let review = json!({ "finding": "justified", "text": "The call is in the log." });
    script.post("POST /break-glass/{id}/review", &glass, Some(&seen), review);
    let told = script.get("GET /notices", "");
    script.post("POST /notices/read", "", None, json!({ "notices": column(&told, "/id") }));
    script.send("GET /notices", "", "?unread=true", None, None);
}

/// The request by which the walled person of this number asked to close their case: its signatory, a manager of another
/// line, knows it.
fn own_request(side: &Side, n: usize) -> String {
    let case = side.cases[n].rsplit('/').next().unwrap();
    let of_case = |page: &Answer| {
        let items = page.body["items"].as_array().unwrap();
        items.iter().find(|item| item["case_id"] == case).map(|item| item["id"].as_str().unwrap().to_owned())
    };
    let (manager, second) = (side.practice.manager.get(REQUESTS), side.practice.second_manager.get(REQUESTS));
    of_case(&manager).or_else(|| of_case(&second)).unwrap()
}

/// What the same person finds when the request has gone to the next signatory, and from there to nobody.
fn later(side: &Side, n: usize, request: &str) -> Vec<(String, Answer)> {
    let mut script = Script { caller: &side.walled[n], answers: Vec::new() };
    script.get("GET /countersignatures/{id}", request);
    script.get("GET /countersignatures", "");
    script.get("GET /cases/{id}/timeline", side.cases[n].rsplit('/').next().unwrap());
    script.get("GET /referrals", "");
    script.get("GET /complaints", "");
    script.answers
}

/// An answer with what is each side's own renamed in the order in which it appears.
fn renamed(answer: &Answer, names: &mut Vec<String>) -> (u16, BTreeMap<String, String>, Value) {
    let written = answer.body.to_string().len();
    let body = rename("", &answer.body, names);
    let mut headers = BTreeMap::new();
    for (name, value) in &answer.headers {
        match name.as_str() {
            "date" | "x-request-id" | "connection" => {}
            // A time may be written in fewer digits: what counts is that nothing else is in it.
            "content-length" => {
                headers.insert(
                    name.clone(),
                    (value.parse::<i64>().unwrap() - i64::try_from(written).unwrap()).to_string(),
                );
            }
            _ => {
                headers.insert(name.clone(), rename_text(value, names));
            }
        }
    }
    (answer.status, headers, body)
}

fn rename(member: &str, value: &Value, names: &mut Vec<String>) -> Value {
    match value {
        Value::String(text) if DRAWN.contains(&member) => place_of(text, names).into(),
        Value::String(text) => rename_text(text, names).into(),
        Value::Array(items) => items.iter().map(|item| rename(member, item, names)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), rename(name, value, names))).collect()
        }
        other => other.clone(),
    }
}

/// What is drawn at random.
const DRAWN: [&str; 9] = [
    "access_token",
    "authorization_url",
    "state",
    "refresh_token",
    "next_cursor",
    "token",
    "secret",
    "otpauth_uri",
    "recovery_codes",
];

fn place_of(name: &str, names: &mut Vec<String>) -> String {
    let place = names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    format!("#{place}")
}

fn rename_text(text: &str, names: &mut Vec<String>) -> String {
    let part_of_a_name = |c: char| c.is_ascii_alphanumeric() || "-_.:@+".contains(c);
    let mut renamed = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| part_of_a_name(c) != part_of_a_name(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let own = uuid::Uuid::try_parse(word).is_ok()
            || chrono::DateTime::parse_from_rfc3339(word).is_ok()
            || word.contains("practice-1")
            || (word.len() == 9 && word.starts_with("E06"))
            || (word.len() == 8 && word.starts_with("SW1"));
        if own {
            renamed.push_str(&place_of(word, names));
        } else {
            renamed.push_str(word);
        }
        rest = after;
    }
    renamed
}

fn assert_same(sides: &mut [Side; 2], n: usize, answers: [Vec<(String, Answer)>; 2]) {
    let [here, there] = answers;
    assert_eq!(here.len(), there.len());
    let [with, without] = sides;
    for ((operation, here), (_, there)) in here.iter().zip(&there) {
        let (here, there) = (renamed(here, &mut with.names), renamed(there, &mut without.names));
        assert_eq!(here, there, "{operation} tells number {n} whether somebody complained");
    }
}

/// Every operation of the practice's door, as the document lists them.
fn operations() -> BTreeSet<String> {
    let document = serde_json::to_value(almoner_api::openapi::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let at_the_door = paths.iter().filter_map(|(path, item)| Some((path.strip_prefix("/v1/practice")?, item)));
    let methods =
        |item: &Value| item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect::<Vec<_>>();
    at_the_door
        .flat_map(|(path, item)| methods(item).into_iter().map(move |method| format!("{method} {path}")))
        .collect()
}

fn the_same_whether_or_not(how_far: Complaint) {
    let world = World::with_settings(|settings| settings.allow_private_providers = true);
    let provider = Fake::start();
    let mut sides = [set_up(&world, &provider, how_far), set_up(&world, &provider, Complaint::None)];
    let mut requests = Vec::new();
    for n in 0..3 {
        let answers = [everything(&sides[0], n), everything(&sides[1], n)];
        let asked: BTreeSet<String> = answers[0].iter().map(|(operation, _)| operation.clone()).collect();
        assert_eq!(operations(), asked, "every operation of the practice's door wants a step in this script");
        if n == 1 {
            // The line manager may do everything, so that it is not refusals alone that are compared.
            for operation in &asked {
                let done = answers[0].iter().any(|(name, answer)| name == operation && answer.status < 300);
                // Nobody's account was replaced here, so that there is nothing to confirm.
                let refused = operation.contains("/complaints/") || operation == "POST /staff/{id}/confirm";
                assert_eq!(done, !refused, "{operation}");
            }
        }
        assert_same(&mut sides, n, answers);
        requests.push([own_request(&sides[0], n), own_request(&sides[1], n)]);
    }
    for at in ["2026-11-25T00:01:00Z", "2026-11-28T00:01:00Z"] {
        world.set_clock(at);
        for side in &sides {
            world.work(&side.practice);
            side.walled.iter().for_each(Staff::forget_token);
        }
        for (n, [here, there]) in requests.iter().enumerate() {
            let answers = [later(&sides[0], n, here), later(&sides[1], n, there)];
            assert_same(&mut sides, n, answers);
        }
    }
    let manager = &sides[0].practice.complaints_manager;
    manager.forget_token();
    let complaint = manager.get(&format!("{COMPLAINTS}/{}", sides[0].complaint));
    assert_eq!(complaint.status, 200, "and yet it is there: {}", complaint.body);
}

#[test]
fn to_the_walled_every_answer_is_the_same_whether_or_not_somebody_has_complained() {
    the_same_whether_or_not(Complaint::Lodged);
}

#[test]
fn to_the_walled_every_answer_is_the_same_when_it_is_settled_whom_the_complaint_is_about() {
    the_same_whether_or_not(Complaint::Confirmed);
}
