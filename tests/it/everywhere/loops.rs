//! Three loops over every operation of the document. A new operation is covered from the day on which it is written; an
//! operation without a fixture fails here.

use almoner_api::{AtTheDesk, COMPLAINTS_PERMISSIONS, COUNCIL_PERMISSIONS, PRACTICE_PERMISSIONS};
use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::roles::Role;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Staff, World};
use serde_json::{Value, json};

use super::operations::{Operation, operations};
use super::things::{Things, things, with_roles, without_scopes};

/// The operations that need no token. There are no others.
const PUBLIC: [&str; 30] = [
    "GET /.well-known/jwks.json",
    "GET /.well-known/oauth-authorization-server",
    "GET /v1/public/councils/{council}/complaint-figures",
    "GET /v1/public/councils/{council}/complaints-procedure",
    "GET /v1/public/practices",
    "GET /v1/public/practices/{slug}",
    "GET /v1/public/practices/{slug}/complaints-procedure",
    "POST /oauth/introspect",
    "POST /oauth/revoke",
    "POST /oauth/token",
    "POST /v1/complaints/invitations/accept",
    "POST /v1/complaints/invitations/open",
    "POST /v1/complaints/sessions",
    "POST /v1/complaints/sessions/refresh",
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
    let (partner, operator, desk) = (world.partner(), world.operator(), world.desk(&council));
    for operation in operations() {
        let Some((door, _)) = operation.security() else { continue };
        let callers: [(&str, &dyn Fn() -> Answer); 6] = [
            ("practice", &|| send(&practice.manager, &operation, NOBODYS)),
            ("council", &|| send(&council.system, &operation, NOBODYS)),
            ("council", &|| send(world.first_officer(&council), &operation, NOBODYS)),
            ("partner", &|| send(&partner, &operation, NOBODYS)),
            ("operator", &|| send(&operator, &operation, NOBODYS)),
            ("complaints", &|| send(&desk.officers[0], &operation, NOBODYS)),
        ];
        for (from, call) in callers {
            if from != door {
                assert_eq!(call().status, 401, "{from} at {}", operation.name());
            }
        }
    }
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
fn row_6_at_the_complaints_door_officers_have_everything_but_what_is_the_responsible_persons_and_guests_what_guests_have()
 {
    let world = World::new();
    let council = world.council();
    let desk = world.desk(&council);
    let guest = world.investigator(&council, &desk, "Margaret Ashby");
    let mut covered = 0;
    for operation in operations() {
        let Some((_, permissions)) = operation.security().filter(|(door, _)| door == "complaints") else { continue };
        // An operation on the caller's own account requires a session and no permission.
        let Some(needed) = permissions.first() else { continue };
        let (_, holders) = COMPLAINTS_PERMISSIONS.iter().find(|(name, _)| name == needed).unwrap();
        for officer in desk.everybody() {
            let answer = send(officer, &operation, NOBODYS);
            let is_held = match holders {
                AtTheDesk::Everybody | AtTheDesk::Officers => true,
                AtTheDesk::AnswersForTheCouncil => [desk.responsible.id, desk.alternate.id].contains(&officer.id),
                AtTheDesk::ResponsiblePerson => officer.id == desk.responsible.id,
            };
            assert_eq!(answer.status == 403, !is_held, "{}: {}", operation.name(), answer.body);
            assert_ne!(answer.status, 401, "{}: {}", operation.name(), answer.body);
        }
        let answer = send(&guest, &operation, NOBODYS);
        assert_eq!(answer.status == 403, *holders != AtTheDesk::Everybody, "{}: {}", operation.name(), answer.body);
        covered += 1;
    }
    assert!(covered >= 20, "{covered}");
    for role in OfficerRole::ALL.iter().filter(|role| !role.is_of_complaints()) {
        let refused = world.officer(&council, &[*role]).at_complaints().sign_in(None);
        assert_eq!(refused.text("/type"), Some("/problems/invalid-credentials"), "{role:?}: {}", refused.body);
    }
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
            ("council", Some(scope @ ("complaints" | "safeguarding"))) => (council.system_with(scope), &council.system),
            ("partner", Some("complaints")) => (&partner, &stripped),
            ("council", None) => {
                // What an officer decides, no system does, and it has no account of its own.
                let refused = if operation.of_officers().is_some_and(|needed| needed.is_empty()) { 401 } else { 403 };
                for system in [&council.system, &council.complaints, &council.safeguarding] {
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

/// The thing of one officer that an address names, or what an officer decides for a practice.
fn of_an_officer<'t>(things: &'t Things, path: &str) -> Option<&'t String> {
    let desk = &things.complaints;
    let all = [
        ("/v1/council/instructions/", &things.instruction),
        ("/v1/council/erasure-requests/", &things.erasure),
        ("/v1/practice/erasure-requests/", &things.erasure),
        ("/v1/complaints/sessions/", &desk.session),
        ("/v1/complaints/offers/", &desk.offers[0]),
        ("/v1/complaints/interests/", &desk.interest),
    ];
    all.into_iter().find(|(start, _)| path.starts_with(start)).map(|(_, thing)| thing)
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
    let other_desk = world.desk(&other_council);
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
                    Some(scope) => send(other_council.system_with(scope), &operation, thing),
                    None => return officer,
                };
                if operation.of_officers().is_some() {
                    assert_eq!((system.status, &system.body), (officer.status, &officer.body), "{}", operation.name());
                }
                system
            } else if at("/v1/partner") {
                send(&other_partner, &operation, thing)
            } else if at("/v1/complaints/signatories") {
                send(&other_desk.responsible, &operation, thing)
            } else if at("/v1/complaints") {
                let of_the_responsible = operation.path.ends_with("/keep");
                let caller = if of_the_responsible { &other_desk.responsible } else { &other_desk.officers[0] };
                send(caller, &operation, thing)
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
        } else if at("/v1/council/referrals/") {
            &things.council_referral
        } else if at("/v1/council/documents/") {
            &things.council_document
        } else if at("/v1/council/safeguarding-alerts/") {
            &things.alert
        } else if at("/v1/council/officers/") {
            &things.officer
        } else if at("/v1/council/sessions/") {
            &things.officers_session
        } else if at("/v1/council/account/identities/") {
            &things.officers_identity
        } else if at("/v1/partner/complaints/") {
            &things.reference
        } else if let Some(thing) = of_an_officer(&things, &operation.path) {
            thing
        } else if at("/v1/complaints/guests/") {
            &things.complaints.handler.id.to_string()
        } else if at("/v1/complaints/shown/") {
            &things.complaints.shown
        } else if at("/v1/complaints/signatories/") {
            &things.complaints.desk.officers[1].id.to_string()
        } else if at("/v1/complaints/") {
            &things.complaints.complaint
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
