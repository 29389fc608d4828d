//! Breaking the glass: a restricted record opened in an emergency, for an hour at most, in the session in which it was asked
//! for. Those who manage access are told at once, and one of them closes it with a review.

use almoner_domain::events::Event;
use almoner_domain::ids::{BreakGlassId, KeyId, ServiceUserId, StaffId};
use almoner_domain::people::access_rules::{self, RecordFound, ToOpen, record_to_open};
use almoner_domain::people::guard::{BreakGlass, Finding, ReviewBreakGlass};
use almoner_domain::people::service_user::SearchKey;
use almoner_domain::refusal::Refusal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{break_glasses, lock_outs, search_tokens, service_users};
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::Place;
use crate::ground::search_tokens::token;
use crate::staff::names::Worker;
use crate::staff::{exclusions, names, roles};

/// A broken glass, as who broke it sees it and who reviews it.
#[derive(Clone, Serialize, ToSchema)]
pub struct BrokenGlass {
    /// Its identifier.
    pub id: BreakGlassId,
    /// Whose record was opened. To who reviews it it may not be open.
    pub service_user_id: ServiceUserId,
    /// Who broke it.
    pub by: Worker,
    /// Why.
    pub reason: String,
    /// When.
    pub opened_at: DateTime<Utc>,
    /// When it closes, if the session does not end before.
    pub expires_at: DateTime<Utc>,
    /// The review, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// The version, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// The review that closed a broken glass.
#[derive(Clone, Serialize, ToSchema)]
pub struct Review {
    /// What was found.
    pub finding: Finding,
    /// On what grounds, and what follows.
    pub text: String,
    /// Who reviewed it.
    pub by: Worker,
    /// When.
    pub at: DateTime<Utc>,
}

/// A person of the identifiers asked for: whether the record is restricted, and under which key it is.
type Closed = (ServiceUserId, KeyId, bool);

/// Opens a restricted record to who acts. To somebody who is locked out of it, it is unknown.
pub fn open(scope: &mut PracticeScope<'_>, how: &BreakGlass) -> Result<BreakGlassId, StoreError> {
    let (stands_open, keys) = (how.stands_open()?, how.keys()?);
    let (person, key_id) = find_closed(scope, &keys)?;
    let reviewers = reviewers(scope, person)?;
    let (practice, at) = (scope.practice_id(), scope.at());
    let id: BreakGlassId = scope.next_id();
    let reason = scope.key(practice.uuid(), key_id)?.seal(place(scope, "reason", id), &how.reason)?;
    diesel::insert_into(break_glasses::table)
        .values((
            break_glasses::practice_id.eq(practice),
            break_glasses::break_glass_id.eq(id),
            break_glasses::service_user_id.eq(person),
            break_glasses::staff_id.eq(scope.staff_id()),
            break_glasses::session_id.eq(scope.session()),
            break_glasses::key_id.eq(key_id),
            break_glasses::reason.eq(reason),
            break_glasses::opened_at.eq(at),
            break_glasses::expires_at.eq(at + stands_open),
            break_glasses::reviewers.eq(&reviewers),
        ))
        .execute(scope.conn)?;
    scope.record_because(Event::BreakGlassOpened { break_glass: id, person, reviewers }, how.reason.as_str())?;
    Ok(id)
}

/// The one person of these identifiers whose record is closed to who acts by a restriction. The intake looks: it sees that
/// there are guarded people.
fn find_closed(scope: &mut PracticeScope<'_>, keys: &[SearchKey]) -> Result<(ServiceUserId, KeyId), StoreError> {
    let practice = scope.practice_id();
    let root = scope.root_key(practice.uuid())?;
    let locked_out = exclusions::of_caller(scope)?;
    let mut query = service_users::table
        .filter(service_users::practice_id.eq(practice).and(service_users::service_user_id.ne_all(locked_out)))
        .select((service_users::service_user_id, service_users::key_id, service_users::restricted))
        .into_boxed();
    for key in keys {
        query = query.filter(
            service_users::service_user_id.eq_any(
                search_tokens::table
                    .filter(search_tokens::practice_id.eq(practice).and(search_tokens::token.eq(token(&root, key))))
                    .select(search_tokens::service_user_id),
            ),
        );
    }
    let known: Vec<Closed> = scope.as_intake(|scope| Ok(query.load(scope.conn)?))?;
    let found = known
        .into_iter()
        .map(|(id, key, restricted)| RecordFound { record: (id, key), closed: restricted && !scope.has_open(id) })
        .collect();
    match record_to_open(found)? {
        ToOpen::This(record) => Ok(record),
        ToOpen::Nobody => Err(StoreError::NotFound),
        ToOpen::OpenAlready => Err(Refusal::OpenAlready.into()),
    }
}

/// Who is told, and may review: all who manage access but who acts and whoever is locked out.
fn reviewers(scope: &mut PracticeScope<'_>, person: ServiceUserId) -> Result<Vec<StaffId>, StoreError> {
    let (practice, breaker) = (scope.practice_id(), scope.staff_id());
    let locked_out: Vec<StaffId> = scope.as_identity(|scope| {
        Ok(lock_outs::table
            .filter(lock_outs::practice_id.eq(practice).and(lock_outs::service_user_id.eq(person)))
            .select(lock_outs::staff_id)
            .load(scope.conn)?)
    })?;
    let managers = roles::access_managers(scope, practice)?;
    Ok(access_rules::reviewers(&managers, breaker, &locked_out)?)
}

fn place(scope: &PracticeScope<'_>, column: &'static str, id: BreakGlassId) -> Place {
    Place { owner: scope.practice_id().uuid(), table: "break_glasses", column, row: id.uuid() }
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = break_glasses)]
struct Row {
    break_glass_id: BreakGlassId,
    service_user_id: ServiceUserId,
    staff_id: StaffId,
    key_id: KeyId,
    reason: Vec<u8>,
    opened_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    reviewed_at: Option<DateTime<Utc>>,
    reviewed_by: Option<StaffId>,
    finding: Option<Finding>,
    review: Option<Vec<u8>>,
    version: i32,
}

macro_rules! rows {
    ($scope:expr, $locked_out:expr) => {
        break_glasses::table
            .filter(break_glasses::practice_id.eq($scope.practice_id()))
            .filter(break_glasses::service_user_id.ne_all($locked_out))
            .select(Row::as_select())
    };
}

/// Who broke and who reviewed these.
fn named_in(scope: &mut PracticeScope<'_>, rows: &[Row]) -> Result<Vec<Worker>, StoreError> {
    let ids: Vec<StaffId> = rows.iter().flat_map(|row| [Some(row.staff_id), row.reviewed_by]).flatten().collect();
    names::workers(scope, &ids)
}

fn show(scope: &mut PracticeScope<'_>, named: &[Worker], row: Row) -> Result<BrokenGlass, StoreError> {
    let (reason, review) = (place(scope, "reason", row.break_glass_id), place(scope, "review", row.break_glass_id));
    let key = scope.key(reason.owner, row.key_id)?;
    let review = match (row.finding, row.reviewed_by, row.reviewed_at, &row.review) {
        (Some(finding), Some(by), Some(at), Some(sealed)) => {
            Some(Review { finding, text: key.open(review, sealed)?, by: names::one_of(named, by)?, at })
        }
        _ => None,
    };
    Ok(BrokenGlass {
        id: row.break_glass_id,
        service_user_id: row.service_user_id,
        by: names::one_of(named, row.staff_id)?,
        reason: key.open(reason, &row.reason)?,
        opened_at: row.opened_at,
        expires_at: row.expires_at,
        review,
        version: row.version,
    })
}

/// One broken glass, for who broke it and who may review it.
pub fn find(scope: &mut PracticeScope<'_>, id: BreakGlassId) -> Result<BrokenGlass, StoreError> {
    let locked_out = exclusions::of_caller(scope)?;
    let row: Row = rows!(scope, locked_out).filter(break_glasses::break_glass_id.eq(id)).first(scope.conn)?;
    let named = named_in(scope, std::slice::from_ref(&row))?;
    show(scope, &named, row)
}

/// One broken glass, for somebody who reads it: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: BreakGlassId) -> Result<BrokenGlass, StoreError> {
    let glass = find(scope, id)?;
    scope.record(Event::BreakGlassOpeningRead { break_glass: id, person: glass.service_user_id })?;
    Ok(glass)
}

/// What the caller broke or may review, the newest first.
pub fn list(
    scope: &mut PracticeScope<'_>,
    reviewed: Option<bool>,
    paging: &Paging,
) -> Result<Page<BrokenGlass>, StoreError> {
    let locked_out = exclusions::of_caller(scope)?;
    let mut query = rows!(scope, locked_out)
        .filter(break_glasses::break_glass_id.lt(BreakGlassId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(break_glasses::break_glass_id.desc())
        .limit(paging.fetch())
        .into_boxed();
    query = match reviewed {
        Some(true) => query.filter(break_glasses::reviewed_at.is_not_null()),
        Some(false) => query.filter(break_glasses::reviewed_at.is_null()),
        None => query,
    };
    let rows: Vec<Row> = query.load(scope.conn)?;
    let page = paging.page(rows, |row| row.break_glass_id.uuid());
    let named = named_in(scope, &page.items)?;
    let (practice, keys): (_, Vec<KeyId>) = (scope.practice_id(), page.items.iter().map(|row| row.key_id).collect());
    scope.load_keys(practice.uuid(), &keys)?;
    scope.record(Event::BreakGlassOpeningsListed { practice })?;
    page.try_map(|row| show(scope, &named, row))
}

/// Closes a broken glass with a review; who broke it is told. They look at it themselves, and no more.
pub fn review(scope: &mut PracticeScope<'_>, glass: &BrokenGlass, review: &ReviewBreakGlass) -> Result<(), StoreError> {
    if glass.by.id == scope.staff_id() {
        return Err(StoreError::NotFound);
    }
    access_rules::review(glass.review.is_some())?;
    let (practice, at) = (scope.practice_id(), scope.at());
    let key_id: KeyId = break_glasses::table
        .filter(break_glasses::practice_id.eq(practice).and(break_glasses::break_glass_id.eq(glass.id)))
        .select(break_glasses::key_id)
        .first(scope.conn)?;
    let text = scope.key(practice.uuid(), key_id)?.seal(place(scope, "review", glass.id), &review.text)?;
    let changed = diesel::update(break_glasses::table)
        .filter(break_glasses::practice_id.eq(practice).and(break_glasses::break_glass_id.eq(glass.id)))
        .filter(break_glasses::version.eq(glass.version))
        .set((
            break_glasses::finding.eq(review.finding),
            break_glasses::review.eq(text),
            break_glasses::reviewed_by.eq(scope.staff_id()),
            break_glasses::reviewed_at.eq(at),
            break_glasses::version.eq(glass.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::Changed(find(scope, glass.id)?.version));
    }
    let opener = vec![glass.by.id];
    scope.record(Event::BreakGlassReviewed { break_glass: glass.id, person: glass.service_user_id, opener })
}
