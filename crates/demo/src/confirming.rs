//! Confirming the staff of practices that are made for the demonstration or for a test: the operator at the console and the
//! owner, in a session of theirs, do it as they do for a practice of any kind.

use almoner_domain::ids::{PracticeId, StaffId};
use almoner_domain::staff::confirmation::ConfirmedBy;
use almoner_persistence::access::sessions::SessionLimits;
use almoner_persistence::access::{accounts, confirmations, identity, sessions};
use almoner_persistence::staff::{self, Member};
use almoner_persistence::{Paging, Request, Session, Store, StoreError};
use chrono::TimeDelta;

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
        store.practice(session, own_request(), false, |scope| {
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
    let limits = SessionLimits { absolute: TimeDelta::hours(1), idle: TimeDelta::hours(1) };
    store.identity(own_request(), |scope| {
        let account = accounts::find(scope, owner.email.as_str())?.ok_or(StoreError::NotFound)?;
        accounts::is_familiar(scope, Some(&account))?;
        let held = identity::memberships(scope, account.account_id)?;
        let membership = held.into_iter().find(|held| held.practice_id == practice).ok_or(StoreError::NotFound)?;
        let opened = sessions::begin(scope, account.account_id, Some(membership), limits)?;
        Ok(Session { account: opened.account, session: opened.session })
    })
}

pub(crate) fn own_request() -> Request {
    Request::of_our_own(uuid::Uuid::nil())
}
