//! A valid request for each operation, about a resource that exists.
//!
//! An operation that takes `If-Match` is sent with a version that nothing ever has. A caller who gets as far as the version
//! has the permission (412), and nothing changes for the next caller.

use std::sync::atomic::{AtomicU32, Ordering};

use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::roles::Role;
use almoner_persistence::access::second_factor::TotpSecret;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::assign;
use almoner_tests::documents::{find_clean, pdf, send_in};
use almoner_tests::{Staff, System, messages, postgres};
use chrono::{Datelike as _, NaiveDate};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

use super::super::operations::Operation;
use super::super::things::{Things, linked_identity, upload, with_roles};
use super::cast::{Cast, Tenant, Who, exclude};
use crate::practice::documents::erased::ask;

/// A request, with the token of its sender.
pub(super) struct Prepared {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) content: Option<(String, String)>,
}

/// Whether the path names a person's record, so that an access restriction of the record decides.
pub(super) fn is_of_a_record(operation: &Operation) -> bool {
    ["service-users", "cases", "notes", "documents", "referrals"]
        .iter()
        .any(|thing| operation.path.starts_with(&format!("/v1/practice/{thing}/{{id}}")))
}

/// Whether the path names something of a complaint, which is theirs to whom the complaint is assigned or offered.
pub(super) fn is_assigned_or_offered(operation: &Operation) -> bool {
    ["{id}", "offers/{id}", "interests/{id}", "shown/{assignment_id}"]
        .iter()
        .any(|thing| operation.path.starts_with(&format!("/v1/complaints/{thing}")))
}

/// Whether the operation is about a part of a complaint that is shown to a guest.
pub(super) fn is_shown(operation: &Operation) -> bool {
    operation.path.starts_with("/v1/complaints/shown/")
}

/// Whether the request makes its sender's token unusable: it signs them out or changes their password or factor.
fn uses_up_its_caller(operation: &Operation) -> bool {
    let (_, rest) = operation.path.split_once("/v1/").unwrap_or_default();
    let (_, what) = rest.split_once('/').unwrap_or_default();
    operation.method != "GET"
        && operation.security().is_some()
        && (what.starts_with("account/") || what.starts_with("sessions/"))
}

pub(super) fn prepare(cast: &Cast, operation: &Operation, who: Who) -> Prepared {
    let security = operation.security();
    let scope = security.and_then(|(_, permissions)| permissions.into_iter().next()).unwrap_or_default();
    let another = if uses_up_its_caller(operation) { cast.another(who) } else { None };
    let caller: &dyn Caller = match &another {
        Some(another) => another,
        None => cast.caller(who, &scope),
    };
    let tenant = cast.tenant_of(who);
    let mut headers: Vec<(&'static str, String)> = Vec::new();
    for (name, value) in [
        ("If-Match", "\"999\"".to_owned()),
        ("Idempotency-Key", fresh_key()),
        ("Complaint-Access-Code", receipt(tenant, operation).1.clone()),
    ] {
        if operation.needs(name) {
            headers.push((name, value));
        }
    }
    let others = operation.headers("", &["If-Match", "Idempotency-Key", "Complaint-Access-Code"]);
    headers.extend(others.into_iter().map(|(name, value)| (name, value.to_owned())));
    let path = path(cast, operation, who, caller);
    let content = content(cast, operation, who, another.as_ref());
    headers.extend(caller.token().map(|token| ("authorization", format!("Bearer {token}"))));
    Prepared { method: operation.method.clone(), path, headers, content }
}

/// The lists of the operator whose first item an address names.
const LISTS_OF_THE_OPERATOR: [&str; 3] =
    ["/v1/operator/contracts/", "/v1/operator/reorganisations/", "/v1/operator/bank-holidays/"];

/// What addresses name within a thing, wherever it is the same.
fn within(things: &Things) -> Vec<(&'static str, String)> {
    let (relationship, warning_note) = (things.relationship.clone(), things.warning_note.clone());
    vec![
        ("{item}", "dpia".to_owned()),
        ("{field}", "address".to_owned()),
        ("{relationship_id}", relationship),
        ("{warning_note_id}", warning_note),
    ]
}

fn path(cast: &Cast, operation: &Operation, who: Who, caller: &dyn Caller) -> String {
    let tenant = cast.tenant_of(who);
    let (practice, things) = (&tenant.practice, &tenant.things);
    let at = |start: &str| operation.path.starts_with(start);
    let works_here = !matches!(who, Who::Nobody | Who::Suspended) && !at("/v1/public");
    let operates = matches!(who, Who::Operator | Who::OperatorOldFactor);
    if !operation.path.contains('{') {
        return operation.path.clone();
    }
    let mut more = within(things);
    let thing = if at("/v1/practice/staff/") {
        practice.social_worker_2.id.to_string()
    } else if at("/v1/practice/account/identities/") && matches!(who, Who::Has(_) | Who::OldFactor) {
        linked_identity("practice", practice.id.uuid(), caller)
    } else if at("/v1/council/account/identities/") && matches!(who, Who::Is(_) | Who::OfficerOldFactor) {
        linked_identity("council", tenant.council.id.uuid(), caller)
    } else if at("/v1/council/account/identities/") {
        things.officers_identity.clone()
    } else if at("/v1/practice/account/identities/") {
        things.identity.clone()
    } else if at("/v1/practice/sessions/") && matches!(who, Who::Has(_) | Who::OldFactor) {
        own_session(caller, "practice")
    } else if at("/v1/practice/sessions/") {
        things.session.clone()
    } else if at("/v1/practice/service-users/{id}/restriction") {
        let unnamed = who == Who::Unnamed;
        if unnamed { things.service_user.clone() } else { tenant.restricted.clone() }
    } else if at("/v1/practice/service-users/{id}/exclude-me")
        && works_here
        && !matches!(who, Who::Excluded | Who::Unnamed)
    {
        let made = practice.manager.create("/v1/practice/service-users", &messages::person());
        made.text("/id").unwrap_or_else(|| panic!("{}", made.body)).to_owned()
    } else if at("/v1/practice/service-users/{id}/exclusions/{staff_id}") {
        let whom = if works_here {
            let colleague = with_roles(&cast.world, practice, &[Role::Practitioner]);
            exclude(practice, &things.service_user, &colleague);
            colleague.id
        } else {
            practice.social_worker_2.id
        };
        more.push(("{staff_id}", whom.to_string()));
        things.service_user.clone()
    } else if at("/v1/practice/service-users/") {
        things.service_user.clone()
    } else if at("/v1/practice/documents/") {
        things.document.clone()
    } else if at("/v1/practice/erasure-requests/") {
        erasure(tenant, who, caller)
    } else if at("/v1/practice/uploads/") {
        let own = if works_here && who != Who::Elsewhere { upload(caller, "practice") } else { None };
        own.unwrap_or_else(|| things.upload.clone())
    } else if at("/v1/council/uploads/") {
        let own = if who == Who::SendsReferrals { upload(caller, "council") } else { None };
        own.unwrap_or_else(|| things.council_upload.clone())
    } else if let Some(thing) = of_a_tenant(things, &operation.path) {
        thing.to_owned()
    } else if at("/v1/council/sessions/") && matches!(who, Who::Is(_) | Who::OfficerOldFactor) {
        own_session(caller, "council")
    } else if at("/v1/council/sessions/") {
        things.officers_session.clone()
    } else if at("/v1/complaints/") {
        let (thing, inner) = of_the_desk(cast, operation, who, caller);
        more.extend(inner);
        thing
    } else if at("/v1/operator/councils/{id}/officers/") {
        more.push(("{officer_id}", things.officer.clone()));
        tenant.council.id.to_string()
    } else if at("/v1/partner/complaints/") {
        receipt(tenant, operation).0.clone()
    } else if let Some(listed) = of_the_public(tenant, &operation.path) {
        listed
    } else if at("/v1/operator/accounts/") {
        let account = if operates { &cast.world.operator() } else { &cast.operator };
        let account = account.get("/v1/operator/account");
        account.text("/id").unwrap_or_else(|| panic!("{}", account.body)).to_owned()
    } else if at("/v1/operator/sessions/") {
        own_session(if operates { caller } else { &cast.operator }, "operator")
    } else if at("/v1/operator/clients/") {
        let client = if operates { &cast.world.partner() } else { &cast.app };
        let read = cast.operator.get(&format!("/v1/operator/clients/{}", client.id));
        let secret = read.text("/secrets/0/id").unwrap_or_else(|| panic!("{}", read.body));
        more.push(("{secret_id}", secret.to_owned()));
        client.id.clone()
    } else if at("/v1/operator/practices/{id}/staff/") {
        more.push(("{staff_id}", practice.social_worker_2.id.to_string()));
        practice.id.to_string()
    } else if let Some(owner) = of_the_operator(tenant, &operation.path) {
        owner
    } else if let Some(list) = LISTS_OF_THE_OPERATOR.iter().find(|list| at(list)) {
        let listed = cast.operator.get(&format!("{}?limit=1", list.trim_end_matches('/')));
        listed.text("/items/0/id").unwrap_or_else(|| panic!("{}", listed.body)).to_owned()
    } else {
        panic!("{} has no fixture: say here what its address names", operation.name())
    };
    let parts = operation.path.split('/').map(|part| {
        let known = more.iter().find(|(name, _)| *name == part).map(|(_, value)| value.as_str());
        known.unwrap_or(if part.starts_with('{') { &thing } else { part })
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The practice or the council that an address of the operator's door names.
fn of_the_operator(tenant: &Tenant, path: &str) -> Option<String> {
    let councils = path.starts_with("/v1/operator/councils/").then(|| tenant.council.id.to_string());
    councils.or_else(|| path.starts_with("/v1/operator/practices/").then(|| tenant.practice.id.to_string()))
}

/// The practice or the council that an address of the public door names.
fn of_the_public(tenant: &Tenant, path: &str) -> Option<String> {
    let councils = path.starts_with("/v1/public/councils/").then(|| tenant.council.gss_code.clone());
    councils.or_else(|| path.starts_with("/v1/public/practices/").then(|| tenant.practice.slug.clone()))
}

/// The receipt of the complaint that an app asks for.
fn receipt<'t>(tenant: &'t Tenant, operation: &Operation) -> &'t (String, String) {
    if operation.path.contains("/written-record.") { &tenant.recorded } else { &tenant.receipt }
}

/// The thing of the practice or the council that an address names whoever calls.
fn of_a_tenant<'t>(things: &'t Things, path: &str) -> Option<&'t str> {
    let all = [
        ("/v1/practice/referrals/", &things.referral),
        ("/v1/practice/cases/", &things.case),
        ("/v1/practice/notes/", &things.note),
        ("/v1/practice/countersignatures/", &things.countersignature),
        ("/v1/practice/break-glass/", &things.break_glass_access),
        ("/v1/council/referrals/", &things.council_referral),
        ("/v1/council/documents/", &things.council_document),
        ("/v1/council/safeguarding-alerts/", &things.alert),
        ("/v1/council/instructions/", &things.instruction),
        ("/v1/council/erasure-requests/", &things.erasure),
        ("/v1/council/officers/", &things.officer),
    ];
    all.into_iter().find(|(start, _)| path.starts_with(start)).map(|(_, thing)| thing.as_str())
}

/// The thing at the complaints' door that an address names, with what is named inside it: a new one, where the request ends it.
fn of_the_desk(
    cast: &Cast,
    operation: &Operation,
    who: Who,
    caller: &dyn Caller,
) -> (String, Vec<(&'static str, String)>) {
    let things = &cast.tenant_of(who).things.complaints;
    let is_responsible = matches!(who, Who::Responsible | Who::ResponsibleOldFactor);
    let (desk, has_it) = (&things.desk, is_responsible || matches!(who, Who::AtTheDesk | Who::AtTheDeskOldFactor));
    let at = |start: &str| operation.path.starts_with(start);
    if at("/v1/complaints/sessions/") {
        let is_at_the_door = has_it || matches!(who, Who::OtherAtTheDesk | Who::Guest | Who::ShownAPart);
        (if is_at_the_door { own_session(caller, "complaints") } else { things.session.clone() }, Vec::new())
    } else if at("/v1/complaints/offers/") {
        let is_answered = operation.path.ends_with("/answer");
        (things.offers[usize::from(is_answered)].clone(), Vec::new())
    } else if at("/v1/complaints/interests/") && has_it {
        let declared = caller.create("/v1/complaints/interests", &json!({ "name": "Rosalind Vance" }));
        (declared.text("/id").unwrap_or_else(|| panic!("{}", declared.body)).to_owned(), Vec::new())
    } else if at("/v1/complaints/interests/") {
        (things.interest.clone(), Vec::new())
    } else if at("/v1/complaints/{id}/response/letter.") || operation.name() == "DELETE /v1/complaints/{id}/record" {
        // Of the other complaint no record is open: to close it changes nothing, and that of this one is read.
        (things.signed.clone(), Vec::new())
    } else if at("/v1/complaints/shown/") {
        (things.shown.clone(), Vec::new())
    } else if at("/v1/complaints/signatories/") {
        let officer = &desk.officers[1].id;
        if operation.method == "DELETE" {
            let path = format!("/v1/complaints/signatories/{officer}");
            assert_eq!(desk.responsible.send("PUT", &path, &[], None).status, 204);
        }
        (officer.to_string(), Vec::new())
    } else if at("/v1/complaints/guests/") {
        (guest(cast, operation, who), Vec::new())
    } else {
        let mut assignment = things.assignment.clone();
        if has_it && at("/v1/complaints/{id}/assignments/{assignment_id}") {
            let path = format!("/v1/complaints/{}", things.complaint);
            // Whoever had the complaint before is not let in again under the same name.
            let name = format!("Margaret {}", fresh_key());
            let guest = cast.world.investigator(&cast.tenant.council, desk, &name);
            let assigned = assign(&desk.officers[0], &path, &guest);
            let all = assigned.body["items"].as_array().unwrap_or_else(|| panic!("{}", assigned.body));
            all.last().unwrap()["id"].as_str().unwrap().clone_into(&mut assignment);
            if operation.path.ends_with("/told") {
                let path = format!("{path}/assignments/{assignment}");
                assert_eq!(desk.officers[0].send("DELETE", &path, &[], None).status, 204);
            }
            if operation.path.ends_with("/keep") {
                leave_nobody(cast.tenant_of(who).council.id.uuid(), &things.complaint, &assignment);
            }
        }
        let mut head = things.head.clone();
        if has_it && operation.method == "DELETE" && operation.path == "/v1/complaints/{id}/heads/{head_id}" {
            let new = json!({ "statement": "Nobody rang.", "about": "service", "theme": "communication" });
            let raised = desk.officers[0].create(&format!("/v1/complaints/{}/heads", things.complaint), &new);
            let all = raised.body["heads"].as_array().unwrap_or_else(|| panic!("{}", raised.body));
            all.last().unwrap()["id"].as_str().unwrap().clone_into(&mut head);
        }
        let is_to_them = operation.path.ends_with("/given") || operation.path.contains("/letter.");
        let message = if is_to_them { &things.message_to_them } else { &things.message };
        let inner = vec![
            ("{assignment_id}", assignment),
            ("{message_id}", message.clone()),
            ("{document_id}", things.document.clone()),
            ("{head_id}", head),
            ("{action_id}", things.action.clone()),
            ("{request_id}", things.request.clone()),
            ("{proposal_id}", things.proposal.clone()),
            ("{other_id}", things.signed.clone()),
        ];
        (things.complaint.clone(), inner)
    }
}

/// Puts down that the complainant objects to somebody, and that nobody is left who could have the complaint in their place. Through the
/// service everybody else would have to be barred, but the database can hold it.
fn leave_nobody(council: uuid::Uuid, complaint: &str, assignment: &str) {
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let objection = format!(
        "INSERT INTO complaint_objections VALUES ('{council}', '{complaint}', '{assignment}', now(), now(), NULL)"
    );
    database.batch_execute(&objection).unwrap();
}

/// A guest of the tenant's council: one who has not joined, where the request invites them again.
fn guest(cast: &Cast, operation: &Operation, who: Who) -> String {
    let things = &cast.tenant_of(who).things.complaints;
    let is_responsible = matches!(who, Who::Responsible | Who::ResponsibleOldFactor);
    let is_of_the_council =
        is_responsible || matches!(who, Who::AtTheDesk | Who::OtherAtTheDesk | Who::AtTheDeskOldFactor);
    if !is_of_the_council || !operation.path.ends_with("/invitation") {
        return things.handler.id.to_string();
    }
    let email = format!("new.{}@elsewhere.example", fresh_key());
    let new = json!({ "name": "Robin Hale", "email": email, "capacity": "investigator" });
    let made = things.desk.officers[0].create("/v1/complaints/guests", &new);
    made.text("/id").unwrap_or_else(|| panic!("{}", made.body)).to_owned()
}

/// A request to erase a document of the tenant's: one of the caller's own, if they may make one.
fn erasure(tenant: &Tenant, who: Who, caller: &dyn Caller) -> String {
    if !matches!(who, Who::Has(Role::Manager | Role::RecordsOfficer) | Who::OldFactor) {
        return tenant.things.erasure.clone();
    }
    let case = format!("/v1/practice/cases/{}", tenant.things.case);
    let sent = send_in(&tenant.practice.social_worker, &case, "letter.pdf", "application/pdf", &pdf(100));
    find_clean(sent.text("/id").unwrap_or_else(|| panic!("{}", sent.body)));
    let asked = ask(caller, sent.header("location").unwrap());
    asked.text("/id").unwrap_or_else(|| panic!("{}", asked.body)).to_owned()
}

fn own_session(caller: &dyn Caller, door: &str) -> String {
    let sessions = caller.get(&format!("/v1/{door}/sessions"));
    sessions.text("/items/0/id").unwrap_or_else(|| panic!("{}", sessions.body)).to_owned()
}

/// Credentials that do not expire: a recovery code is the second factor.
fn lasting_credentials(staff: &Staff) -> Value {
    std::iter::repeat_with(|| staff.credentials()).find(|all| all["recovery_code"].is_string()).unwrap()
}

/// Returns a weekday of the last year of the calendar, another one each time.
fn far_weekday() -> NaiveDate {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = NaiveDate::from_ymd_opt(2029, 5, 8).unwrap();
    let mut weekdays = begin.iter_days().filter(|day| day.weekday().number_from_monday() <= 5);
    weekdays.nth(NEXT.fetch_add(1, Ordering::Relaxed) as usize).unwrap()
}

fn form(client: &System, more: &str) -> String {
    format!("client_id={}&client_secret={}&{more}", client.id, client.secret)
}

fn content(cast: &Cast, operation: &Operation, who: Who, another: Option<&Staff>) -> Option<(String, String)> {
    let (media_type, example) = operation.example()?;
    let somebody = |door: &str| {
        let with_every_role = || with_roles(&cast.world, &cast.tenant.practice, Role::ALL);
        match door {
            "practice" => with_every_role(),
            "council" => cast.world.officer(&cast.tenant.council, OfficerRole::ALL),
            "complaints" => cast.world.officer(&cast.tenant.council, &[OfficerRole::Complaints]).at_complaints(),
            _ => cast.world.operator(),
        }
    };
    let door = operation.path.split('/').nth(2).unwrap_or_default();
    let app = &cast.app;
    let doors = ["/v1/practice/", "/v1/council/", "/v1/complaints/", "/v1/operator/"];
    let name = doors.iter().fold(operation.name(), |name, door| name.replace(door, "/v1/*/"));
    let content = match name.as_str() {
        "POST /oauth/token" => form(app, "grant_type=client_credentials"),
        "POST /oauth/introspect" | "POST /oauth/revoke" => {
            let token = app.ask_token(&form(app, "grant_type=client_credentials"));
            form(app, &format!("token={}", token.text("/access_token").unwrap()))
        }
        "POST /v1/*/sessions" => lasting_credentials(&somebody(door)).to_string(),
        "POST /v1/*/sessions/refresh" => {
            json!({ "refresh_token": somebody(door).sign_in(None).body["refresh_token"] }).to_string()
        }
        "POST /v1/*/invitations/open" => json!({ "token": cast.invitation(door) }).to_string(),
        "POST /v1/*/invitations/accept" => {
            let token = cast.invitation(door);
            let path = format!("/v1/{door}/invitations/open");
            let opened = cast.world.anyone().post(&path, &json!({ "token": token }));
            let secret = TotpSecret::from_base32(opened.text("/authenticator/secret").unwrap()).unwrap();
            let code = secret.code(cast.world.clock.now());
            json!({ "token": token, "password": "a green bicycle in the rain", "code": code }).to_string()
        }
        "POST /v1/*/sessions/current/step-up" => match another {
            Some(another) => json!({ "recovery_code": lasting_credentials(another)["recovery_code"] }).to_string(),
            None => example.to_string(),
        },
        "POST /v1/*/sessions/current/council" => {
            let elsewhere = matches!(who, Who::OfficerElsewhere | Who::AtAnotherDesk);
            let council = if elsewhere { cast.other_council.id } else { cast.tenant.council.id };
            json!({ "council_id": council }).to_string()
        }
        "POST /v1/*/sessions/current/practice" => json!({ "practice": cast.practice_of(who).slug }).to_string(),
        "POST /v1/*/break-glass" => {
            let break_glass_request = &cast.tenant_of(who).break_glass_request;
            json!({ "nhs_number": break_glass_request, "reason": "She rang, and then nothing more." }).to_string()
        }
        "POST /v1/*/service-users/{id}/exclusions" => {
            let colleague = with_roles(&cast.world, cast.practice_of(who), &[Role::Practitioner]);
            json!({ "staff_id": colleague.id, "reason": "Is her neighbour." }).to_string()
        }
        "POST /v1/*/reorganisations" => {
            let created =
                [json!({ "code": cast.world.council().gss_code.replace("E06", "E10"), "name": "Severnshire" })];
            json!({ "title": "Severnshire", "takes_effect_on": "2029-04-01", "created": created }).to_string()
        }
        // A bank holiday moves everybody's deadlines, so it is a day that none of them reaches.
        "POST /v1/*/bank-holidays" => json!({ "day": far_weekday(), "title": "A day of celebration" }).to_string(),
        _ => example.to_string(),
    };
    Some((media_type, content))
}
