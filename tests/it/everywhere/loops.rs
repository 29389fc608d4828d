//! Three loops over every operation of the document. A new operation is covered from the day on which it is written; an
//! operation without a fixture fails here.

use almoner_api::{COUNCIL_PERMISSIONS, PRACTICE_PERMISSIONS};
use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::roles::Role;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::documents::{begin_upload, find_clean, find_council_document_clean, pdf, send_in};
use almoner_tests::{Council, Practice, Staff, System, World, messages, postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};

use super::operations::{Operation, operations};

/// The operations that need no token. There are no others.
const PUBLIC: [&str; 24] = [
    "GET /.well-known/jwks.json",
    "GET /.well-known/oauth-authorization-server",
    "GET /v1/public/practices",
    "GET /v1/public/practices/{slug}",
    "GET /v1/public/practices/{slug}/complaints-procedure",
    "POST /oauth/introspect",
    "POST /oauth/revoke",
    "POST /oauth/token",
    "POST /v1/council/invitations/accept",
    "POST /v1/council/invitations/open",
    "POST /v1/council/sessions",
    "POST /v1/council/sessions/refresh",
    "POST /v1/council/sessions/single-sign-on",
    "POST /v1/council/sessions/single-sign-on/complete",
    "POST /v1/operator/invitations/accept",
    "POST /v1/operator/invitations/open",
    "POST /v1/operator/sessions",
    "POST /v1/operator/sessions/refresh",
    "POST /v1/practice/invitations/accept",
    "POST /v1/practice/invitations/open",
    "POST /v1/practice/sessions",
    "POST /v1/practice/sessions/refresh",
    "POST /v1/practice/sessions/single-sign-on",
    "POST /v1/practice/sessions/single-sign-on/complete",
];

pub(super) const NOBODYS: &str = "01937c5e-2b00-7a41-9d6c-000000000000";

/// Sends an operation as the document describes it, with this value in place of its parameter.
pub(super) fn send(caller: &dyn Caller, operation: &Operation, value: &str) -> Answer {
    let content = operation.example();
    send_with(caller, operation, value, content.as_ref().map(|(media_type, example)| (media_type.as_str(), example)))
}

/// Sends an operation like [`send`], with this content in place of the example.
pub(super) fn send_with(
    caller: &dyn Caller,
    operation: &Operation,
    value: &str,
    content: Option<(&str, &Value)>,
) -> Answer {
    let key = fresh_key();
    let headers = operation.headers(&key, &[]);
    let content = content.map(|(media_type, content)| (media_type, content.to_string()));
    let content = content.as_ref().map(|(media_type, content)| (*media_type, content.as_bytes()));
    caller.send(&operation.method, &operation.path_with(value), &headers, content)
}

#[test]
fn row_6_without_a_token_every_operation_but_the_public_ones_is_401() {
    let world = World::new();
    let mut public = Vec::new();
    for operation in operations() {
        if operation.security().is_none() {
            public.push(operation.name());
            continue;
        }
        let answer = send(&world.anyone(), &operation, NOBODYS);
        assert_eq!(answer.status, 401, "{}: {}", operation.name(), answer.body);
        assert_eq!(answer.text("/type"), Some("/problems/not-authenticated"), "{}", operation.name());
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{}", operation.name());
    }
    public.sort();
    assert_eq!(public, PUBLIC);
}

#[test]
fn row_6_a_token_of_one_door_is_nobody_at_every_other() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (partner, operator) = (world.partner(), world.operator());
    for operation in operations() {
        let Some((door, _)) = operation.security() else { continue };
        let callers: [(&str, &dyn Fn() -> Answer); 5] = [
            ("practice", &|| send(&practice.manager, &operation, NOBODYS)),
            ("council", &|| send(&council.system, &operation, NOBODYS)),
            ("council", &|| send(world.first_officer(&council), &operation, NOBODYS)),
            ("partner", &|| send(&partner, &operation, NOBODYS)),
            ("operator", &|| send(&operator, &operation, NOBODYS)),
        ];
        for (from, call) in callers {
            if from != door {
                assert_eq!(call().status, 401, "{from} at {}", operation.name());
            }
        }
    }
}

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

#[test]
fn row_6_every_role_but_those_with_the_declared_permission_is_403_and_each_of_those_is_not() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let mut covered = 0;
    for operation in operations() {
        let Some((door, permissions)) = operation.security() else { continue };
        // An operation on the caller's own account requires a session and no permission.
        if door != "practice" || permissions.is_empty() {
            continue;
        }
        let [permission] = permissions.as_slice() else { panic!("{} declares no permission", operation.name()) };
        let known = PRACTICE_PERMISSIONS.iter().find(|(name, _)| name == permission);
        let (_, having) = known.unwrap_or_else(|| panic!("{} declares {permission}, which is none", operation.name()));
        let lacking: Vec<Role> = Role::ALL.iter().copied().filter(|role| !having.contains(role)).collect();
        // An operation that every role may do has no caller with a role to refuse.
        if !lacking.is_empty() {
            let answer = send(&with_roles(&world, &practice, &lacking), &operation, NOBODYS);
            assert_eq!(answer.status, 403, "{} with {lacking:?}: {}", operation.name(), answer.body);
        }
        for role in *having {
            let answer = send(&with_roles(&world, &practice, &[*role]), &operation, NOBODYS);
            assert!(![401, 403].contains(&answer.status), "{} with {role:?}: {}", operation.name(), answer.body);
        }
        covered += 1;
    }
    assert!(covered >= 25, "{covered}");
}

#[test]
fn row_6_every_officers_role_but_those_with_the_declared_permission_is_403_and_each_of_those_is_not() {
    let world = World::new();
    let council = world.council();
    let officers: Vec<(OfficerRole, Staff)> =
        OfficerRole::ALL.iter().map(|role| (*role, world.officer(&council, &[*role]))).collect();
    let mut covered = 0;
    for operation in operations() {
        let Some((door, _)) = operation.security() else { continue };
        let needed = operation.of_officers();
        // An operation on the caller's own account requires a session and no permission.
        if door != "council" || needed.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        let having: &[OfficerRole] = match needed.as_deref() {
            None => &[],
            Some([permission]) => COUNCIL_PERMISSIONS.iter().find(|(name, ..)| name == permission).unwrap().2,
            Some(other) => panic!("{} declares {other:?}", operation.name()),
        };
        for (role, officer) in &officers {
            let answer = send(officer, &operation, NOBODYS);
            let is_refused = [401, 403].contains(&answer.status);
            assert_eq!(!is_refused, having.contains(role), "{} as {role:?}: {}", operation.name(), answer.body);
        }
        covered += 1;
    }
    assert!(covered >= 25, "{covered}");
}

#[test]
fn row_51_roles_that_wait_to_be_confirmed_open_no_operation() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let email = format!("waits@{}.example", practice.slug);
    let heavy = Role::ALL.iter().filter(|role| role.is_heavy()).copied();
    let roles: Vec<Role> = heavy.chain([Role::Administrator]).collect();
    let waits = world.join(practice.id, json!({ "name": "Somebody New", "email": email, "roles": roles }));
    let mut refused = 0;
    for operation in operations() {
        let Some((_, permissions)) = operation.security().filter(|(door, _)| door == "practice") else { continue };
        let known = |permission: &String| PRACTICE_PERMISSIONS.iter().find(|(name, _)| name == permission);
        let Some((_, having)) = permissions.first().and_then(known) else { continue };
        let answer = send(&waits, &operation, NOBODYS);
        assert_eq!(answer.status == 403, !having.contains(&Role::Administrator), "{}", operation.name());
        refused += u32::from(answer.status == 403);
    }
    assert!(refused >= 25, "{refused}");
}

/// Removes every scope of a client. The operator's door does not make such a client, but the database can hold one.
pub(super) fn without_scopes(client: &System) {
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    database.batch_execute(&format!("UPDATE clients SET scopes = '{{}}' WHERE client_id = '{}'", client.id)).unwrap();
}

#[test]
fn row_6_every_scope_but_the_declared_one_is_403() {
    let world = World::new();
    let council = world.council();
    let partner = world.partner();
    let stripped = world.partner();
    stripped.token();
    without_scopes(&stripped);
    let mut covered = 0;
    for operation in operations() {
        let Some((door, _)) = operation.security() else { continue };
        let (having, lacking) = match (door.as_str(), operation.of_systems().as_deref()) {
            ("council", Some("referrals")) => (&council.system, &council.complaints),
            ("council", Some("complaints")) => (&council.complaints, &council.system),
            ("partner", Some("complaints")) => (&partner, &stripped),
            ("council", None) => {
                // What an officer decides, no system does, and it has no account of its own.
                let refused = if operation.of_officers().is_some_and(|needed| needed.is_empty()) { 401 } else { 403 };
                for system in [&council.system, &council.complaints] {
                    assert_eq!(send(system, &operation, NOBODYS).status, refused, "{}", operation.name());
                }
                continue;
            }
            ("council" | "partner", other) => panic!("{} declares {other:?}", operation.name()),
            _ => continue,
        };
        assert_eq!(send(lacking, &operation, NOBODYS).status, 403, "{}", operation.name());
        let answer = send(having, &operation, NOBODYS);
        assert!(![401, 403].contains(&answer.status), "{}: {}", operation.name(), answer.body);
        covered += 1;
    }
    assert!(covered >= 11, "{covered}");
}

/// One resource of every kind, all of one tenant.
pub(super) struct Things {
    pub(super) referral: String,
    pub(super) council_referral: String,
    pub(super) service_user: String,
    pub(super) case: String,
    pub(super) note: String,
    pub(super) document: String,
    pub(super) council_document: String,
    pub(super) upload: String,
    pub(super) council_upload: String,
    pub(super) countersignature: String,
    pub(super) break_glass_access: String,
    pub(super) complaint: String,
    pub(super) council_complaint: String,
    pub(super) reference: String,
    pub(super) session: String,
    pub(super) colleague: String,
    pub(super) identity: String,
    pub(super) officer: String,
    pub(super) officers_session: String,
    pub(super) officers_identity: String,
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
    let note = practice.social_worker.create(&format!("{path}/notes"), &messages::note("Saw Edith at home."));
    let document = send_in(&practice.social_worker, &path, "letter.pdf", "application/pdf", &pdf(100));
    let document = document.text("/id").unwrap_or_else(|| panic!("{}", document.body)).to_owned();
    find_clean(&document);
    let closing =
        practice.social_worker.change(&format!("{path}/close"), &practice.social_worker.get(&path), &messages::close());
    assert_eq!(closing.text("/status"), Some("closing"), "{}", closing.body);
    let lodged = partner.create("/v1/partner/complaints", &messages::complaint(&practice.slug));
    assert_eq!(lodged.status, 201, "{}", lodged.body);
    // The practice cannot hold this complaint, because it names the complaints manager.
    let mut about_the_manager = messages::complaint(&practice.slug);
    about_the_manager["staff"] = json!(["Bola Adeyemi"]);
    partner.create("/v1/partner/complaints", &about_the_manager);
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
    Things {
        referral,
        council_referral: sent.text("/id").unwrap().to_owned(),
        service_user: accepted.text("/service_user_id").unwrap().to_owned(),
        case,
        note: note.text("/id").unwrap_or_else(|| panic!("{}", note.body)).to_owned(),
        document,
        council_document,
        upload: upload(&practice.social_worker, "practice").unwrap(),
        council_upload: upload(&council.system, "council").unwrap(),
        countersignature: first(&|path| practice.second_manager.get(path), "/v1/practice/countersignatures"),
        break_glass_access: break_glass_access.text("/id").unwrap().to_owned(),
        complaint: first(&|path| practice.complaints_manager.get(path), "/v1/practice/complaints"),
        council_complaint: first(&|path| council.complaints.get(path), "/v1/council/complaints"),
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

#[test]
fn row_1_another_tenants_thing_is_404_and_answered_like_one_that_does_not_exist() {
    let world = World::new();
    let (council, partner) = (world.council(), world.partner());
    let practice = world.practice(&council);
    let things = things(&world, &council, &practice, &partner);

    let (other_council, other_partner) = (world.council(), world.partner());
    let other = world.practice(&other_council);
    let everything = with_roles(&world, &other, Role::ALL);
    let mut covered = 0;
    for operation in operations() {
        if operation.security().is_none() || !operation.path.contains('{') {
            continue;
        }
        let at = |start: &str| operation.path.starts_with(start);
        let answer_to = |thing: &str| -> Answer {
            if at("/v1/practice") {
                send(&everything, &operation, thing)
            } else if at("/v1/council") {
                let officer = send(world.first_officer(&other_council), &operation, thing);
                let system = match operation.of_systems().as_deref() {
                    Some("complaints") => send(&other_council.complaints, &operation, thing),
                    Some(_) => send(&other_council.system, &operation, thing),
                    None => return officer,
                };
                if operation.of_officers().is_some() {
                    assert_eq!((system.status, &system.body), (officer.status, &officer.body), "{}", operation.name());
                }
                system
            } else if at("/v1/partner") {
                send(&other_partner, &operation, thing)
            } else {
                send(&world.operator(), &operation, thing)
            }
        };
        let thing = if at("/v1/practice/referrals/") {
            &things.referral
        } else if at("/v1/practice/sessions/") {
            &things.session
        } else if at("/v1/practice/account/identities/") {
            &things.identity
        } else if at("/v1/practice/service-users/") {
            &things.service_user
        } else if at("/v1/practice/cases/") {
            &things.case
        } else if at("/v1/practice/notes/") {
            &things.note
        } else if at("/v1/practice/documents/") {
            &things.document
        } else if at("/v1/practice/uploads/") {
            &things.upload
        } else if at("/v1/council/uploads/") {
            &things.council_upload
        } else if at("/v1/practice/countersignatures/") {
            &things.countersignature
        } else if at("/v1/practice/staff/") {
            &things.colleague
        } else if at("/v1/practice/break-glass/") {
            &things.break_glass_access
        } else if at("/v1/practice/complaints/") {
            &things.complaint
        } else if at("/v1/council/referrals/") {
            &things.council_referral
        } else if at("/v1/council/documents/") {
            &things.council_document
        } else if at("/v1/council/complaints/") {
            &things.council_complaint
        } else if at("/v1/council/officers/") {
            &things.officer
        } else if at("/v1/council/sessions/") {
            &things.officers_session
        } else if at("/v1/council/account/identities/") {
            &things.officers_identity
        } else if at("/v1/partner/complaints/") {
            &things.reference
        } else if at("/v1/operator/") {
            // The operator sees every tenant, but an identifier that nobody has is not found.
            &NOBODYS.to_owned()
        } else {
            panic!("{} has no fixture", operation.name())
        };
        let (others, nobodys) = (answer_to(thing), answer_to(NOBODYS));
        assert_eq!(others.status, 404, "{}: {}", operation.name(), others.body);
        assert_eq!(others.text("/type"), Some("/problems/not-found"), "{}", operation.name());
        assert_eq!((others.status, others.body), (nobodys.status, nobodys.body), "{}", operation.name());
        covered += 1;
    }
    assert!(covered >= 30, "{covered}");
}
