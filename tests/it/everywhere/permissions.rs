//! The permissions, as the running server answers: the tests send every operation of the document as every kind of caller.
//! The answers are `docs/permissions.txt`, which people read and this test compares.

mod again;
mod cast;
mod page;
mod requests;

use std::path::Path;

use almoner_api::{AtTheDesk, COMPLAINTS_PERMISSIONS, COUNCIL_PERMISSIONS, PRACTICE_PERMISSIONS};
use almoner_domain::staff::roles::Role;
use almoner_tests::callers::Caller;

use self::cast::{CALLERS, Cast, Who};
use self::requests::Prepared;
use super::operations::{Operation, operations};

/// The kind of answer that a caller gets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// The operation is done, or fails only because of what was sent: 2xx, 409, 412, 422.
    Allowed,
    /// The caller's token is not valid at this door: 401.
    Nobody,
    /// The second factor was proved too long ago: 401.
    StepUpRequired,
    /// The caller lacks the permission: 403.
    Refused,
    /// The resource is not found: 404.
    NotFound,
    /// The test does not send the request.
    NotAsked,
}

const BROKEN_BEFORE: &str = "those who could review it when it was broken may look at it; they joined later";
const OFFERED: &str = "a complaint is offered to one officer at a time, and is to another";
const DRAWN: &str = "another manager was drawn to decide";

/// Operations that answer not found to a caller with the permission although the resource exists, and the reason for each.
const NOT_THEIRS: &[(&str, &[Who], &str)] = &[
    ("POST /v1/practice/break-glass", &[Who::Elsewhere], "the number is of somebody whom their practice does not know"),
    ("GET /v1/practice/break-glass/{id}", &[Who::OldFactor], BROKEN_BEFORE),
    ("POST /v1/practice/break-glass/{id}/review", &[Who::OldFactor], BROKEN_BEFORE),
    (
        "GET /v1/practice/countersignatures/{id}",
        &[Who::Has(Role::Practitioner), Who::Has(Role::RecordsOfficer), Who::OldFactor],
        "a request is read by who asked and by who was drawn; a social worker asked",
    ),
    ("POST /v1/practice/countersignatures/{id}/approve", &[Who::OldFactor], DRAWN),
    ("POST /v1/practice/countersignatures/{id}/refuse", &[Who::OldFactor], DRAWN),
    (
        "POST /v1/practice/countersignatures/{id}/take-back",
        &[Who::Has(Role::Practitioner), Who::Has(Role::RecordsOfficer), Who::OldFactor],
        "a request is taken back by who asked; a social worker asked",
    ),
    ("GET /v1/complaints/offers/{id}", &[Who::Responsible, Who::ResponsibleOldFactor], OFFERED),
    ("PUT /v1/complaints/offers/{id}/answer", &[Who::Responsible, Who::ResponsibleOldFactor], OFFERED),
    ("GET /v1/public/practices/{slug}", &[Who::Suspended], "a practice that is suspended is not in the directory"),
];

/// The operations that ask for credentials. A caller whose credentials are found wrong or expired has passed the permission.
const CREDENTIALS: [&str; 8] = [
    "POST /v1/practice/account/identities",
    "POST /v1/council/account/identities",
    "POST /v1/council/sessions/single-sign-on",
    "POST /v1/practice/invitations/accept",
    "POST /v1/operator/invitations/accept",
    "POST /v1/council/invitations/accept",
    "POST /v1/complaints/invitations/accept",
    "POST /v1/practice/sessions/single-sign-on",
];

fn why_not_theirs(operation: &Operation, who: Who) -> Option<&'static str> {
    let found = NOT_THEIRS.iter().find(|(name, callers, _)| *name == operation.name() && callers.contains(&who));
    found.map(|(_, _, why)| *why)
}

fn ask(cast: &Cast, prepared: &Prepared, what: &str) -> Cell {
    let headers: Vec<(&str, &str)> = prepared.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let content = prepared.content.as_ref().map(|(media_type, content)| (media_type.as_str(), content.as_bytes()));
    let answer = cast.world.anyone().send(&prepared.method, &prepared.path, &headers, content);
    match (answer.status, answer.text("/type")) {
        (200..=299 | 409 | 412 | 422, _) => Cell::Allowed,
        (401, Some("/problems/not-authenticated")) => Cell::Nobody,
        (401, Some("/problems/step-up-required")) => Cell::StepUpRequired,
        (403, _) => Cell::Refused,
        (404, Some("/problems/not-found")) => Cell::NotFound,
        (401, Some("/problems/invalid-credentials")) if CREDENTIALS.iter().any(|name| what.starts_with(name)) => {
            Cell::Allowed
        }
        (status, _) => panic!("{what} was not sent as it should be: {status} {}", answer.body),
    }
}

/// The answer that the declared permission leads to.
fn expected(operation: &Operation, who: Who) -> Cell {
    let Some((door, permissions)) = operation.security() else { return Cell::Allowed };
    let needed = permissions.first().map(String::as_str);
    let own = match who {
        Who::Nobody => return Cell::Nobody,
        Who::Has(_) | Who::Elsewhere | Who::Suspended | Who::Excluded | Who::Unnamed | Who::OldFactor => "practice",
        Who::SendsReferrals
        | Who::HandlesComplaints
        | Who::RingsTheDuty
        | Who::WithoutScope
        | Who::OtherCouncil
        | Who::Is(_)
        | Who::OfficerOldFactor
        | Who::OfficerElsewhere => "council",
        Who::AtTheDesk
        | Who::Responsible
        | Who::ResponsibleOldFactor
        | Who::OtherAtTheDesk
        | Who::Guest
        | Who::ShownAPart
        | Who::AtTheDeskOldFactor
        | Who::AtAnotherDesk => "complaints",
        Who::App | Who::AppWithoutScope | Who::OtherApp => "partner",
        Who::Operator | Who::OperatorOldFactor => "operator",
    };
    let has = |held: bool| if held { Cell::Allowed } else { Cell::Refused };
    let of_a_tenant = operation.path.contains('{');
    if own != door {
        return Cell::Nobody;
    }
    match who {
        Who::Suspended => Cell::Nobody,
        Who::Has(role) => needed.map_or(Cell::Allowed, |needed| {
            let (_, roles) = PRACTICE_PERMISSIONS.iter().find(|(name, _)| *name == needed).unwrap();
            has(roles.contains(&role))
        }),
        Who::Excluded | Who::Unnamed => Cell::NotFound,
        // A system has no account, and no officer's permission.
        Who::SendsReferrals | Who::HandlesComplaints | Who::RingsTheDuty | Who::WithoutScope | Who::OtherCouncil
            if operation.of_systems().is_none() =>
        {
            if operation.of_officers().is_some_and(|needed| needed.is_empty()) {
                Cell::Nobody
            } else {
                Cell::Refused
            }
        }
        Who::Is(_) | Who::OfficerOldFactor | Who::OfficerElsewhere if operation.of_officers().is_none() => {
            Cell::Refused
        }
        Who::Is(role) => {
            operation.of_officers().and_then(|needed| needed.into_iter().next()).map_or(Cell::Allowed, |needed| {
                let (.., roles) = COUNCIL_PERMISSIONS.iter().find(|(name, ..)| *name == needed).unwrap();
                has(roles.contains(&role))
            })
        }
        Who::Guest | Who::ShownAPart if needed.is_some_and(|needed| !is_a_guests(needed)) => Cell::Refused,
        Who::AtTheDesk | Who::AtTheDeskOldFactor | Who::Responsible | Who::ResponsibleOldFactor | Who::Guest
            if requests::is_shown(operation) =>
        {
            Cell::NotFound
        }
        Who::ShownAPart if requests::is_assigned_or_offered(operation) && !requests::is_shown(operation) => {
            Cell::NotFound
        }
        Who::AtTheDesk | Who::OtherAtTheDesk | Who::AtTheDeskOldFactor | Who::AtAnotherDesk
            if needed.is_some_and(is_the_responsible_persons) =>
        {
            Cell::Refused
        }
        Who::OtherAtTheDesk if requests::is_assigned_or_offered(operation) => Cell::NotFound,
        Who::Elsewhere | Who::OtherCouncil | Who::OfficerElsewhere | Who::AtAnotherDesk if of_a_tenant => {
            Cell::NotFound
        }
        Who::SendsReferrals => has(needed == Some("referrals")),
        Who::HandlesComplaints => has(needed == Some("complaints")),
        Who::RingsTheDuty => has(needed == Some("safeguarding")),
        Who::WithoutScope | Who::AppWithoutScope => Cell::Refused,
        _ => Cell::Allowed,
    }
}

/// Whether a permission at the complaints' door is the responsible person's, and not every officer's.
fn is_the_responsible_persons(permission: &str) -> bool {
    let above = [AtTheDesk::AnswersForTheCouncil, AtTheDesk::ResponsiblePerson];
    COMPLAINTS_PERMISSIONS.iter().any(|(name, holders)| *name == permission && above.contains(holders))
}

/// Whether guests have a permission at the complaints' door.
fn is_a_guests(permission: &str) -> bool {
    COMPLAINTS_PERMISSIONS.iter().any(|(name, holders)| *name == permission && *holders == AtTheDesk::Everybody)
}

#[test]
fn row_6_every_operation_answers_every_role_as_docs_permissions_txt_says() {
    let cast = Cast::new();
    let operations = operations();
    let prepared: Vec<Vec<Option<Prepared>>> = operations
        .iter()
        .map(|operation| {
            let of_a_record = requests::is_of_a_record(operation);
            CALLERS
                .iter()
                .map(|(who, _, _)| {
                    let asked = of_a_record || !matches!(who, Who::Excluded | Who::Unnamed);
                    asked.then(|| requests::prepare(&cast, operation, *who))
                })
                .collect()
        })
        .collect();
    let mut cells = vec![vec![Cell::NotAsked; CALLERS.len()]; operations.len()];
    // Callers whose second factor is too old come last, so that the clock is moved once for all of them.
    for late in [false, true] {
        if late {
            cast.world.clock.advance(chrono::TimeDelta::minutes(6));
        }
        for (row, operation) in operations.iter().enumerate() {
            for (column, (who, head, _)) in CALLERS.iter().enumerate() {
                let Some(request) = &prepared[row][column] else { continue };
                if late == who.has_an_old_factor() {
                    cells[row][column] = ask(&cast, request, &format!("{} by {head}", operation.name()));
                }
            }
        }
    }
    let mut wrong = Vec::new();
    for (operation, row) in operations.iter().zip(&cells) {
        for ((who, head, _), cell) in CALLERS.iter().zip(row) {
            let right = match cell {
                Cell::NotAsked => true,
                // Whether the operation requires a recent second factor is for the file and its readers to decide.
                Cell::StepUpRequired => who.has_an_old_factor(),
                Cell::NotFound if why_not_theirs(operation, *who).is_some() => true,
                cell => *cell == expected(operation, *who) && why_not_theirs(operation, *who).is_none(),
            };
            if !right {
                let (is, should) = (page::word(*cell), page::word(expected(operation, *who)));
                wrong.push(format!("{} by {head}: {is}, not {should}", operation.name()));
            }
        }
        // A not found answer only counts if the caller asked for a resource that exists.
        if !row.contains(&Cell::Allowed) {
            wrong.push(format!("{} is allowed to nobody, or has no fixture", operation.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let now = page::written(&operations, &cells);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/permissions.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == now,
        "docs/permissions.txt is not what the server answers: run `make permissions` and look at the change"
    );
}
