//! Confirming the staff of practices and the officers of councils that are made for the demonstration or for a test: the operator
//! at the console and the owner, or a second operator or an officer, do it as they do for a tenant of any kind.

use almoner_domain::ids::{CouncilId, OfficerId, PracticeId, StaffId};
use almoner_domain::officers::confirmation::OfficerConfirmedBy;
use almoner_domain::staff::confirmation::ConfirmedBy;
use almoner_persistence::access::sessions::SessionLimits;
use almoner_persistence::access::{accounts, appointing, confirmations, identity, letting_in, sessions};
use almoner_persistence::officers::{self, guests::NewGuest};
use almoner_persistence::staff::{self, Member};
use almoner_persistence::{Paging, Place, Request, Session, Store, StoreError};
use chrono::TimeDelta;

/// How long a session in which somebody is confirmed lasts.
const LIMITS: SessionLimits = SessionLimits { absolute: TimeDelta::hours(1), idle: TimeDelta::hours(1) };

/// Confirms every member of a practice who has joined and whose roles wait, or one of them. Does nothing at a practice that no
/// owner has joined.
pub fn confirm_staff(store: &Store, practice: PracticeId, one: Option<StaffId>) -> Result<(), StoreError> {
    let members = members_of(store, practice)?;
    let waiting: Vec<StaffId> = members
        .iter()
        .filter(|member| is_here(member))
        .filter(|member| !member.unconfirmed_roles.is_empty() && one.is_none_or(|one| member.id == one))
        .map(|member| member.id)
        .collect();
    let Some(owner) = members.iter().filter(|member| is_here(member)).find(|member| member.details.owner) else {
        return Ok(());
    };
    if waiting.is_empty() {
        return Ok(());
    }
    if waiting.contains(&owner.id) {
        by_the_operator(store, practice, owner.id)?;
    }
    let session = begin(store, practice, owner)?;
    for member in waiting.into_iter().filter(|member| *member != owner.id) {
        by_the_operator(store, practice, member)?;
        store.practice(session, own_request(), |scope| {
            let known = staff::find_own(scope, member)?;
            confirmations::confirm(scope, &known)
        })?;
    }
    store.account(session, own_request(), |scope| sessions::end_own(scope, session.session))
}

fn members_of(store: &Store, practice: PracticeId) -> Result<Vec<Member>, StoreError> {
    let mut members: Vec<Member> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = store.console(|scope| staff::list(scope, practice, &Paging::new(cursor.as_deref(), 200)?))?;
        members.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(members);
        }
    }
}

fn is_here(member: &Member) -> bool {
    member.joined && member.left_at.is_none() && member.unconfirmed_at.is_none()
}

/// Finds an owner of a practice who has joined.
pub(crate) fn owner_of(store: &Store, practice: PracticeId) -> Result<Option<Member>, StoreError> {
    let members = members_of(store, practice)?;
    Ok(members.into_iter().find(|member| is_here(member) && member.details.owner))
}

/// Does the operator's part, where there is one.
fn by_the_operator(store: &Store, practice: PracticeId, member: StaffId) -> Result<(), StoreError> {
    store.console(|scope| {
        let known = staff::find(scope, practice, member)?;
        match known.awaited_confirmation.as_ref().map(|awaited| awaited.by) {
            Some(ConfirmedBy::OperatorAndOwner) => confirmations::confirm_for_operator(scope, practice, &known),
            _ => Ok(()),
        }
    })
}

pub(crate) fn begin(store: &Store, practice: PracticeId, owner: &Member) -> Result<Session, StoreError> {
    let membership = store.identity(own_request(), |scope| {
        let account = accounts::find(scope, owner.email.as_str())?.ok_or(StoreError::NotFound)?;
        accounts::is_familiar(scope, Some(&account))?;
        let held = identity::memberships(scope, account.account_id)?;
        held.into_iter().find(|held| held.practice_id == practice).ok_or(StoreError::NotFound)
    })?;
    begin_at(store, owner.email.as_str(), Place::Practice(membership))
}

/// Confirms an officer of a council who has joined: the operator at the console and this one do, or an officer who was there
/// before.
pub fn confirm_officer(
    store: &Store,
    council: CouncilId,
    officer: OfficerId,
    operator: &str,
) -> Result<(), StoreError> {
    let find = || store.console(|scope| officers::find(scope, council, officer));
    let Some(awaited) = find()?.awaited_confirmation else { return Ok(()) };
    match (awaited.by, awaited.confirmers.first()) {
        (OfficerConfirmedBy::TwoOperators, _) => {
            let known = find()?;
            store.console(|scope| appointing::confirm_for_operator(scope, council, &known))?;
            let (session, known) = (begin_at(store, operator, Place::Service)?, find()?);
            store.operator(session, own_request(), |scope| appointing::confirm_for_operator(scope, council, &known))
        }
        (OfficerConfirmedBy::Officer, Some(confirmer)) => {
            let by = store.console(|scope| officers::find(scope, council, *confirmer))?;
            let session = begin_as_officer(store, council, by.email.as_str())?;
            store.officer(session, own_request(), |scope| {
                let known = officers::find_own(scope, officer)?;
                appointing::confirm(scope, &known)
            })
        }
        (OfficerConfirmedBy::Officer, None) => Err(StoreError::NotFound),
    }
}

/// Begins a session of an officer's.
pub fn begin_as_officer(store: &Store, council: CouncilId, email: &str) -> Result<Session, StoreError> {
    let office = store.identity(own_request(), |scope| {
        let account = accounts::find(scope, email)?.ok_or(StoreError::NotFound)?;
        accounts::is_familiar(scope, Some(&account))?;
        let held = identity::offices(scope, account.account_id)?;
        held.into_iter().find(|held| held.council_id == council).ok_or(StoreError::NotFound)
    })?;
    begin_at(store, email, Place::Council(office))
}

/// Begins a session of an officer's at the complaints' door.
pub fn begin_at_complaints(store: &Store, council: CouncilId, email: &str) -> Result<Session, StoreError> {
    let place = store.identity(own_request(), |scope| {
        let account = accounts::find(scope, email)?.ok_or(StoreError::NotFound)?;
        let held = identity::complaints_places(scope, account.account_id)?;
        held.into_iter().find(|held| held.council_id == council).ok_or(StoreError::NotFound)
    })?;
    begin_at(store, email, Place::Complaints(place))
}

/// Invites a guest of a council as one of its officers, and returns the link.
pub fn invite_guest(store: &Store, council: CouncilId, officer: &str, guest: &NewGuest) -> Result<String, StoreError> {
    let session = begin_at_complaints(store, council, officer)?;
    let made = store.complaints(session, own_request(), |scope| letting_in::invite(scope, guest))?;
    made.secret.ok_or(StoreError::NotFound)
}

fn begin_at(store: &Store, email: &str, place: Place) -> Result<Session, StoreError> {
    store.identity(own_request(), |scope| {
        let account = accounts::find(scope, email)?.ok_or(StoreError::NotFound)?;
        let opened = sessions::begin(scope, account.account_id, place, LIMITS)?;
        Ok(Session { account: opened.account, session: opened.session })
    })
}

pub(crate) fn own_request() -> Request {
    Request::of_our_own(uuid::Uuid::nil())
}
