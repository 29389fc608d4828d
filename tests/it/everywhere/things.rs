//! One resource of every kind of a tenant, and callers with the roles or scopes that a test asks for.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::roles::Role;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{Desk, assign, write_as_complainant};
use almoner_tests::documents::{
    begin_upload, find_clean, find_complaint_document_clean, find_council_document_clean, pdf, send_in,
};
use almoner_tests::{Council, Practice, Staff, System, World, messages, postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

use crate::council::instructions::instruct;
use crate::practice::documents::erased::ask;

/// Makes a member of staff with exactly these roles.
pub(super) fn with_roles(world: &World, practice: &Practice, roles: &[Role]) -> Staff {
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let key = fresh_key();
    world.staff(
        practice.id,
        json!({
            "name": "Robin Hale", "email": format!("{key}@practice.example"), "roles": words,
            "social_work_england_number": "SW1",
        }),
    )
}

/// Removes every scope of a client. The operator's door does not make such a client, but the database can hold one.
pub(super) fn without_scopes(client: &System) {
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    database.batch_execute(&format!("UPDATE clients SET scopes = '{{}}' WHERE client_id = '{}'", client.id)).unwrap();
}

/// One resource of every kind, all of one tenant.
pub(super) struct Things {
    pub(super) referral: String,
    pub(super) council_referral: String,
    /// What the council's safeguarding duty was told of.
    pub(super) alert: String,
    pub(super) instruction: String,
    pub(super) erasure: String,
    pub(super) service_user: String,
    pub(super) relationship: String,
    pub(super) warning_note: String,
    pub(super) case: String,
    pub(super) note: String,
    pub(super) document: String,
    pub(super) council_document: String,
    pub(super) upload: String,
    pub(super) council_upload: String,
    pub(super) countersignature: String,
    pub(super) break_glass_access: String,
    pub(super) complaints: ComplaintThings,
    pub(super) reference: String,
    pub(super) session: String,
    pub(super) colleague: String,
    pub(super) identity: String,
    pub(super) officer: String,
    pub(super) officers_session: String,
    pub(super) officers_identity: String,
}

/// One resource of every kind at the complaints' door. The first officer of the desk has the complaint, and two offers.
pub(super) struct ComplaintThings {
    pub(super) desk: Desk,
    pub(super) complaint: String,
    pub(super) handler: Staff,
    pub(super) assignment: String,
    pub(super) message: String,
    /// A message of the council's to the complainant.
    pub(super) message_to_them: String,
    pub(super) document: String,
    pub(super) head: String,
    pub(super) action: String,
    pub(super) request: String,
    pub(super) proposal: String,
    pub(super) lead: Staff,
    pub(super) shown: String,
    pub(super) signed: String,
    pub(super) interest: String,
    pub(super) session: String,
    pub(super) offers: [String; 2],
}

fn complaint_things(world: &World, council: &Council, practice: &Practice) -> ComplaintThings {
    let desk = world.desk(council);
    let officer = &desk.officers[0];
    let (receipt, opened_by, path) = world.opened(council, &desk, &messages::complaint(&practice.slug));
    assert_eq!(opened_by.id, officer.id, "the rota begins with the first");
    let handler = world.handler(council, &desk, practice, &practice.practitioner_2, "Bola Adeyemi");
    let assigned = assign(officer, &path, &handler);
    assert_eq!(assigned.status, 201, "{}", assigned.body);
    assert_eq!(write_as_complainant(&world.partner(), &receipt, "Please do not ring on Thursday.").status, 201);
    let thanks = json!({ "text": "Thank you. We ring on Friday." });
    assert_eq!(officer.create(&format!("{path}/messages"), &thanks).status, 201);
    let document = send_in(officer, &path, "letter.pdf", "application/pdf", &pdf(100));
    let document = document.text("/id").unwrap_or_else(|| panic!("{}", document.body)).to_owned();
    find_complaint_document_clean(&document);
    let responsible = json!({ "officer_id": desk.responsible.id, "reason": "Signs for the council." });
    assert_eq!(officer.create(&format!("{path}/assignments"), &responsible).status, 201);
    let head = json!({ "statement": "Three visits were cancelled.", "about": "service", "theme": "delay" });
    assert_eq!(officer.create(&format!("{path}/heads"), &head).status, 201);
    let action = json!({ "what": "Somebody rings first.", "owner": "The practice", "due_on": "2027-01-15" });
    assert_eq!(officer.create(&format!("{path}/actions"), &action).status, 201);
    let request = json!({ "kind": "withdrawal" });
    assert_eq!(officer.create(&format!("{path}/requests"), &request).status, 201);
    let lead = world.shown_a_part(council, officer, &path, "Rosalind Quayle", "employers_lead");
    let notice = json!({ "guest_id": lead.id, "text": "Nobody visits alone.", "reason": "She leads another team." });
    let given = officer.create(&format!("{path}/notices"), &notice);
    assert_eq!(given.status, 201, "{}", given.body);
    let assignments = given.body["items"].as_array().unwrap();
    let shown = assignments.last().unwrap()["id"].as_str().unwrap().to_owned();
    let known = json!({ "given_name": "Winifred", "family_name": "Lockwood", "date_of_birth": "1938-05-04" });
    assert_eq!(practice.manager.create("/v1/practice/service-users", &known).status, 201);
    open_record(&desk.responsible, &path);
    let signed = signed(world, council, practice, &desk, &handler);
    let about = json!({ "reference": receipt.text("/reference") });
    let proposed = desk.responsible.create(&format!("/v1/complaints/{signed}/link-proposals"), &about);
    assert_eq!(proposed.status, 201, "{}", proposed.body);
    let complaint = officer.get(&path);
    let one = |at: &str| complaint.text(at).unwrap_or_else(|| panic!("{}", complaint.body)).to_owned();
    let offers = || -> Vec<String> {
        let offered = desk.offers().into_iter().filter(|(asked, _)| asked.id == officer.id);
        offered.map(|(_, offer)| offer).collect()
    };
    // Each officer is asked in turn, so that every second complaint is offered to the first.
    for _ in 0..4 {
        world.lodge(&messages::complaint(&practice.slug));
        world.work_for_council(council);
    }
    let first = |path: &str| officer.get(path).text("/items/0/id").unwrap().to_owned();
    let family = json!({ "name": "Rosalind Vance" });
    assert_eq!(officer.create("/v1/complaints/interests", &family).status, 201);
    ComplaintThings {
        complaint: complaint.text("/id").unwrap().to_owned(),
        assignment: assigned.text("/items/1/id").unwrap_or_else(|| panic!("{}", assigned.body)).to_owned(),
        message: one("/messages/0/id"),
        message_to_them: one("/messages/1/id"),
        document,
        head: one("/heads/0/id"),
        action: one("/actions/0/id"),
        request: one("/requests/0/id"),
        proposal: one("/link_proposals/0/id"),
        shown,
        signed,
        lead,
        interest: first("/v1/complaints/interests"),
        session: first("/v1/complaints/sessions"),
        offers: offers().try_into().unwrap(),
        handler,
        desk,
    }
}

/// Opens the record of somebody whom the practice knows, for looking into a complaint, to guests too.
fn open_record(officer: &Staff, complaint: &str) {
    let opened = json!({
        "from": "2026-11-01", "until": "2026-11-20", "guests": true, "reason": "To see what was written.",
        "person": { "family_name": "Lockwood", "date_of_birth": "1938-05-04" },
    });
    let opened = officer.put(&format!("{complaint}/record"), &officer.get(complaint), &opened);
    assert_eq!(opened.status, 200, "{}", opened.body);
}

/// A complaint whose response is signed, and which those have who have the other.
fn signed(world: &World, council: &Council, practice: &Practice, desk: &Desk, handler: &Staff) -> String {
    let (_, officer, path) = world.opened(council, desk, &messages::complaint(&practice.slug));
    let done = |answer: Answer| assert!(answer.status < 300, "{}", answer.body);
    let put = |to: &str, body: Value| done(officer.put(&format!("{path}/{to}"), &officer.get(&path), &body));
    let thanks = json!({ "message": "Thank you. May I ring you?" });
    done(officer.change(&format!("{path}/acknowledge"), &officer.get(&path), &thanks));
    put("plan", json!({ "handling": "I read the diary.", "respond_by": "2026-12-18", "period": "agreed" }));
    let head = json!({ "statement": "Nobody rang.", "about": "service", "theme": "communication" });
    let raised = officer.create(&format!("{path}/heads"), &head);
    let head = raised.text("/heads/0/id").unwrap_or_else(|| panic!("{}", raised.body));
    let finding = json!({ "outcome": "inconclusive", "finding": "The diary is lost.", "heard_on": "2026-11-20" });
    put(&format!("heads/{head}/finding"), finding);
    put("response", json!({ "considered": "I looked.", "conclusions": "I cannot say.", "action": "I am satisfied." }));
    let let_in = |who: Value| done(officer.create(&format!("{path}/assignments"), &who));
    let_in(json!({ "officer_id": desk.responsible.id, "reason": "Signs for the council." }));
    let_in(json!({ "guest_id": handler.id, "reason": "Has never met anybody concerned." }));
    let seen = desk.responsible.get(&path);
    let sign = format!("{path}/response/sign");
    done(desk.responsible.send("POST", &sign, &[("if-match", seen.etag().unwrap())], None));
    if officer.id != desk.officers[0].id {
        let_in(json!({ "officer_id": desk.officers[0].id, "reason": "I am away." }));
        let own = officer.get(&format!("{path}/assignments"));
        let own = format!("{path}/assignments/{}", own.text("/items/0/id").unwrap());
        done(officer.send("DELETE", &own, &[], None));
    }
    path.rsplit('/').next().unwrap().to_owned()
}

/// Begins an upload of the caller's, if they may.
pub(super) fn upload(caller: &dyn Caller, door: &str) -> Option<String> {
    begin_upload(caller, door, 10).text("/id").map(str::to_owned)
}

pub(super) fn things(world: &World, council: &Council, practice: &Practice, partner: &System) -> Things {
    let sent = council.system.post("/v1/council/referrals", &messages::referral());
    let at = format!("/v1/council/referrals/{}", sent.text("/id").unwrap());
    let council_document = send_in(&council.system, &at, "letter.pdf", "application/pdf", &pdf(100));
    let council_document =
        council_document.text("/id").unwrap_or_else(|| panic!("{}", council_document.body)).to_owned();
    find_council_document_clean(&council_document);
    let inbox = practice.manager.get("/v1/practice/referrals");
    let referral = inbox.text("/items/0/id").unwrap().to_owned();
    let path = format!("/v1/practice/referrals/{referral}");
    // The case has a worker, whose line manager cannot be drawn, so the request goes to the other manager.
    let how = json!({ "allocate": { "staff_id": practice.social_worker.id, "reason": "Has room." } });
    let accepted = practice.social_worker.change(&format!("{path}/accept"), &practice.manager.get(&path), &how);
    let case = accepted.text("/case_id").unwrap().to_owned();
    let path = format!("/v1/practice/cases/{case}");
    let instruction = instruct(world.first_officer(council), sent.text("/id").unwrap());
    let note = practice.social_worker.create(&format!("{path}/notes"), &messages::note("Saw Edith at home."));
    let document = send_in(&practice.social_worker, &path, "letter.pdf", "application/pdf", &pdf(100));
    let document = document.text("/id").unwrap_or_else(|| panic!("{}", document.body)).to_owned();
    find_clean(&document);
    let erasure = ask(&practice.records_officer, &format!("/v1/practice/documents/{document}"));
    let closing =
        practice.social_worker.change(&format!("{path}/close"), &practice.social_worker.get(&path), &messages::close());
    assert_eq!(closing.text("/status"), Some("closing"), "{}", closing.body);
    let complaints = complaint_things(world, council, practice);
    let mut in_danger = messages::complaint(&practice.slug);
    in_danger["danger"] = json!({ "now": "unsure" });
    let lodged = partner.create("/v1/partner/complaints", &in_danger);
    assert_eq!(lodged.status, 201, "{}", lodged.body);
    let restricted = messages::person();
    let made = practice.manager.create("/v1/practice/service-users", &restricted);
    let path = format!("{}/restriction", made.header("location").unwrap());
    let body = json!({ "ground": "hazard", "reason": "Is known here.", "staff": [practice.second_manager.id], "review_on": "2027-05-20" });
    let headers = [("if-match", "\"1\"")];
    let content = body.to_string();
    let put = practice.manager.send("PUT", &path, &headers, Some(("application/json", content.as_bytes())));
    assert_eq!(put.status, 204, "{}", put.body);
    let break_glass_access =
        json!({ "nhs_number": restricted["nhs_number"], "reason": "She rang, and then nothing more." });
    let break_glass_access = practice.social_worker.create("/v1/practice/break-glass", &break_glass_access);
    assert_eq!(break_glass_access.status, 201, "{}", break_glass_access.body);
    let first = |caller: &dyn Fn(&str) -> Answer, path: &str| {
        let answer = caller(path);
        answer.text("/items/0/id").unwrap_or_else(|| panic!("{path}: {}", answer.body)).to_owned()
    };
    let person = accepted.text("/service_user_id").unwrap();
    let key_holder = json!({ "without_record": { "name": "Gwen" }, "other_is": { "roles": ["key_holder"] } });
    let related = practice.manager.create(&format!("/v1/practice/service-users/{person}/relationships"), &key_holder);
    // A practitioner works with the person too.
    let theirs = practice.manager.create("/v1/practice/cases", &messages::case(&council.gss_code, person));
    let theirs = format!("/v1/practice/cases/{}", theirs.text("/id").unwrap_or_else(|| panic!("{}", theirs.body)));
    let worker = json!({ "staff_id": practice.practitioner.id, "reason": "Knows the family." });
    let given = practice.manager.change(&format!("{theirs}/allocate"), &practice.manager.get(&theirs), &worker);
    assert_eq!(given.status, 200, "{}", given.body);
    let warned = practice
        .manager
        .create(&format!("/v1/practice/service-users/{person}/warning-notes"), &messages::warning_note());
    Things {
        referral,
        council_referral: sent.text("/id").unwrap().to_owned(),
        alert: first(&|path| world.first_officer(council).get(path), "/v1/council/safeguarding-alerts"),
        instruction: instruction.text("/id").unwrap_or_else(|| panic!("{}", instruction.body)).to_owned(),
        erasure: erasure.text("/id").unwrap_or_else(|| panic!("{}", erasure.body)).to_owned(),
        service_user: person.to_owned(),
        warning_note: warned.text("/id").unwrap_or_else(|| panic!("{}", warned.body)).to_owned(),
        relationship: related.text("/id").unwrap_or_else(|| panic!("{}", related.body)).to_owned(),
        case,
        note: note.text("/id").unwrap_or_else(|| panic!("{}", note.body)).to_owned(),
        document,
        council_document,
        upload: upload(&practice.social_worker, "practice").unwrap(),
        council_upload: upload(&council.system, "council").unwrap(),
        countersignature: first(&|path| practice.second_manager.get(path), "/v1/practice/countersignatures"),
        break_glass_access: break_glass_access.text("/id").unwrap().to_owned(),
        complaints,
        reference: lodged.text("/reference").unwrap().to_owned(),
        session: practice.manager.get("/v1/practice/sessions").text("/items/0/id").unwrap().to_owned(),
        colleague: practice.social_worker.id.to_string(),
        identity: linked_identity("practice", practice.id.uuid(), &practice.manager),
        officers_identity: linked_identity("council", council.id.uuid(), world.first_officer(council)),
        officer: world.officer(council, &[OfficerRole::Duty]).id.to_string(),
        officers_session: first(&|path| world.first_officer(council).get(path), "/v1/council/sessions"),
    }
}

/// Links an identity to a member of staff or an officer, at the tenant of this door. Through the service a provider would have to
/// vouch for it, but the database can hold it.
pub(super) fn linked_identity(door: &str, tenant: uuid::Uuid, of: &dyn Caller) -> String {
    let id = fresh_key();
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let account = of.get(&format!("/v1/{door}/account"));
    let link = format!(
        "INSERT INTO linked_identities VALUES ('{tenant}', '{id}', '{}', 'https://login.example', '{id}', now())",
        account.text("/id").unwrap()
    );
    database.batch_execute(&link).unwrap();
    let known = of.get(&format!("/v1/{door}/account/identities"));
    assert_eq!(known.text("/items/0/id"), Some(id.as_str()), "{}", known.body);
    id
}
