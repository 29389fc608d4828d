//! Break-glass access: a restricted record that a member of staff opens in an emergency, for an hour at most, in the session
//! in which they asked. The access managers are notified at once, and one of them closes it with a review.

use almoner_domain::events::Event;
use almoner_domain::ids::{BreakGlassId, KeyId, ServiceUserId, StaffId};
use almoner_domain::people::access_restriction::{ACCESS_MANAGERS, BreakGlass, Finding, ReviewBreakGlass};
use almoner_domain::people::access_rules::{self, RecordFound, ToOpen, record_to_open};
use almoner_domain::people::search_key::SearchKey;
use almoner_domain::refusal::Refusal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{break_glass_accesses, exclusions, search_tokens, service_users};
use crate::ground::scope::{PracticeScope, Scope};
use crate::ground::sealing::SealedField;
use crate::ground::search_tokens::token;
use crate::people::search::under_every_code;
use crate::staff::names::Worker;
use crate::staff::{names, roles};

/// A break-glass access, as the member of staff who opened the record and the reviewers see it.
#[derive(Clone, Serialize, ToSchema)]
pub struct BreakGlassAccess {
    /// The identifier of the break-glass access.
    pub id: BreakGlassId,
    /// The person whose record was opened. A reviewer may not be able to see the record.
    pub service_user_id: ServiceUserId,
    /// The member of staff who opened the record.
    pub by: Worker,
    /// The reason that they gave.
    #[schema(value_type = almoner_domain::words::text::Passage<1000>)]
    pub reason: String,
    /// When the record was opened.
    pub opened_at: DateTime<Utc>,
    /// When the access expires, if the session does not end before.
    pub expires_at: DateTime<Utc>,
    /// The review, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// The version of the break-glass access, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// The review that closed a break-glass access.
#[derive(Clone, Serialize, ToSchema)]
pub struct Review {
    /// The reviewer's finding.
    pub finding: Finding,
    /// The reviewer's reasons, and any action that follows.
    #[schema(value_type = almoner_domain::words::text::Passage<4000>)]
    pub text: String,
    /// The member of staff who reviewed the access.
    pub by: Worker,
    /// When the access was reviewed.
    pub at: DateTime<Utc>,
}

/// A person who matches the identifiers: their key, and whether the record is restricted.
type ClosedRecord = (ServiceUserId, KeyId, bool);

/// Opens a restricted record to the caller. To a caller who is excluded from it, the record is unknown.
pub fn open(scope: &mut PracticeScope<'_>, how: &BreakGlass) -> Result<BreakGlassAccess, StoreError> {
    let (stands_open, keys) = (how.stands_open()?, how.keys()?);
    let keys = under_every_code(scope, keys)?;
    let (person, key_id) = find_closed(scope, &keys)?;
    let reviewers = reviewers(scope, person)?;
    let (practice, at) = (scope.practice_id(), scope.at());
    let id: BreakGlassId = scope.next_id();
    let reason = scope.key(practice.uuid(), key_id)?.seal(sealed_field(scope, "reason", id), &how.reason)?;
    diesel::insert_into(break_glass_accesses::table)
        .values((
            break_glass_accesses::practice_id.eq(practice),
            break_glass_accesses::break_glass_id.eq(id),
            break_glass_accesses::service_user_id.eq(person),
            break_glass_accesses::staff_id.eq(scope.staff_id()),
            break_glass_accesses::session_id.eq(scope.session()),
            break_glass_accesses::key_id.eq(key_id),
            break_glass_accesses::reason.eq(reason),
            break_glass_accesses::opened_at.eq(at),
            break_glass_accesses::expires_at.eq(at + stands_open),
            break_glass_accesses::reviewers.eq(&reviewers),
        ))
        .execute(scope.conn)?;
    scope.record_because(Event::BreakGlassOpened { break_glass: id, person, reviewers }, how.reason.as_str())?;
    find(scope, id)
}

/// Finds the one person of these identifiers whose record a restriction keeps from the caller. The query runs as the intake,
/// which sees that there are access-restricted people.
fn find_closed(scope: &mut PracticeScope<'_>, keys: &[Vec<SearchKey>]) -> Result<(ServiceUserId, KeyId), StoreError> {
    let practice = scope.practice_id();
    let root = scope.root_key(practice.uuid())?;
    let excluded_from = scope.excluded_from();
    let mut query = service_users::table
        .filter(service_users::practice_id.eq(practice).and(service_users::service_user_id.ne_all(excluded_from)))
        .select((service_users::service_user_id, service_users::key_id, service_users::restricted))
        .into_boxed();
    for any in keys {
        let tokens: Vec<Vec<u8>> = any.iter().map(|key| token(&root, key)).collect();
        query = query.filter(
            service_users::service_user_id.eq_any(
                search_tokens::table
                    .filter(search_tokens::practice_id.eq(practice).and(search_tokens::token.eq_any(tokens)))
                    .select(search_tokens::service_user_id),
            ),
        );
    }
    let known: Vec<ClosedRecord> = scope.as_intake(|scope| Ok(query.load(scope.conn)?))?;
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

/// The members of staff who are notified and may review: every access manager except the caller and those who are excluded.
fn reviewers(scope: &mut PracticeScope<'_>, person: ServiceUserId) -> Result<Vec<StaffId>, StoreError> {
    let (practice, breaker) = (scope.practice_id(), scope.staff_id());
    let excluded: Vec<StaffId> = scope.as_identity(|scope| {
        Ok(exclusions::table
            .filter(exclusions::practice_id.eq(practice).and(exclusions::service_user_id.eq(person)))
            .select(exclusions::staff_id)
            .load(scope.conn)?)
    })?;
    let managers = roles::access_managers(scope, practice)?;
    Ok(access_rules::reviewers(&managers, breaker, &excluded)?)
}

fn sealed_field(scope: &PracticeScope<'_>, column: &'static str, id: BreakGlassId) -> SealedField {
    SealedField { owner: scope.practice_id().uuid(), table: "break_glass_accesses", column, row: id.uuid() }
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = break_glass_accesses)]
struct BreakGlassRow {
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

type RowShown = (BreakGlassRow, WrappedKeys);

macro_rules! rows {
    ($scope:expr, $excluded_from:expr) => {
        break_glass_accesses::table
            .filter(break_glass_accesses::practice_id.eq($scope.practice_id()))
            .filter(break_glass_accesses::service_user_id.ne_all($excluded_from))
            // Whoever managed access, for a time, reads only their own afterwards.
            .filter(
                break_glass_accesses::staff_id
                    .eq($scope.staff_id())
                    .or(manages_access($scope).into_sql::<sql_types::Bool>()),
            )
            .select((BreakGlassRow::as_select(), wrapped_keys!(break_glass_accesses, $scope.practice_id().uuid())))
    };
}

fn manages_access(scope: &PracticeScope<'_>) -> bool {
    scope.member().roles.iter().any(|role| ACCESS_MANAGERS.contains(role))
}

/// The names of the members of staff who opened or reviewed these.
fn named_in(scope: &mut PracticeScope<'_>, rows: &[RowShown]) -> Result<Vec<Worker>, StoreError> {
    let ids: Vec<StaffId> = rows.iter().flat_map(|(row, _)| [Some(row.staff_id), row.reviewed_by]).flatten().collect();
    names::workers(scope, &ids)
}

fn show(
    scope: &mut PracticeScope<'_>,
    named: &[Worker],
    (row, keys): RowShown,
) -> Result<BreakGlassAccess, StoreError> {
    let (reason, review) =
        (sealed_field(scope, "reason", row.break_glass_id), sealed_field(scope, "review", row.break_glass_id));
    let key = scope.unwrap(reason.owner, row.key_id, &keys)?;
    let review = match (row.finding, row.reviewed_by, row.reviewed_at, &row.review) {
        (Some(finding), Some(by), Some(at), Some(sealed)) => {
            Some(Review { finding, text: key.open(review, sealed)?, by: names::one_of(named, by)?, at })
        }
        _ => None,
    };
    Ok(BreakGlassAccess {
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

/// Finds one break-glass access, for the member of staff who opened the record and for the reviewers.
pub fn find(scope: &mut PracticeScope<'_>, id: BreakGlassId) -> Result<BreakGlassAccess, StoreError> {
    let excluded_from = scope.excluded_from();
    let row: RowShown =
        rows!(scope, excluded_from).filter(break_glass_accesses::break_glass_id.eq(id)).first(scope.conn)?;
    let named = named_in(scope, std::slice::from_ref(&row))?;
    show(scope, &named, row)
}

/// One break-glass access, for somebody who reads it: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: BreakGlassId) -> Result<OnRecord<BreakGlassAccess>, StoreError> {
    let break_glass_access = find(scope, id)?;
    let person = break_glass_access.service_user_id;
    scope.record_read(break_glass_access, Event::BreakGlassOpeningRead { break_glass: id, person })
}

/// Lists the break-glass accesses that the caller opened or may review, the newest first.
pub fn list(
    scope: &mut PracticeScope<'_>,
    reviewed: Option<bool>,
    paging: &Paging,
) -> Result<OnRecord<Page<BreakGlassAccess>>, StoreError> {
    let excluded_from = scope.excluded_from();
    let mut query = rows!(scope, excluded_from)
        .filter(break_glass_accesses::break_glass_id.lt(BreakGlassId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(break_glass_accesses::break_glass_id.desc())
        .limit(paging.fetch())
        .into_boxed();
    query = match reviewed {
        Some(true) => query.filter(break_glass_accesses::reviewed_at.is_not_null()),
        Some(false) => query.filter(break_glass_accesses::reviewed_at.is_null()),
        None => query,
    };
    let rows: Vec<RowShown> = query.load(scope.conn)?;
    let page = paging.page(rows, |(row, _)| row.break_glass_id.uuid());
    let named = named_in(scope, &page.items)?;
    let practice = scope.practice_id();
    let page = page.try_map(|row| show(scope, &named, row))?;
    scope.list_read(page, Event::BreakGlassOpeningsListed { practice })
}

/// Closes a break-glass access with a review. The member of staff who opened the record is notified; they may read the
/// review, and may not write it.
pub fn review(
    scope: &mut PracticeScope<'_>,
    break_glass_access: &BreakGlassAccess,
    review: &ReviewBreakGlass,
) -> Result<(), StoreError> {
    if break_glass_access.by.id == scope.staff_id() {
        return Err(StoreError::NotFound);
    }
    access_rules::review(break_glass_access.review.is_some())?;
    let (practice, at) = (scope.practice_id(), scope.at());
    let key_id: KeyId = break_glass_accesses::table
        .filter(
            break_glass_accesses::practice_id
                .eq(practice)
                .and(break_glass_accesses::break_glass_id.eq(break_glass_access.id)),
        )
        .select(break_glass_accesses::key_id)
        .first(scope.conn)?;
    let text =
        scope.key(practice.uuid(), key_id)?.seal(sealed_field(scope, "review", break_glass_access.id), &review.text)?;
    let changed = update(break_glass_accesses::table)
        .filter(
            break_glass_accesses::practice_id
                .eq(practice)
                .and(break_glass_accesses::break_glass_id.eq(break_glass_access.id)),
        )
        .filter(break_glass_accesses::version.eq(break_glass_access.version))
        .set((
            break_glass_accesses::finding.eq(review.finding),
            break_glass_accesses::review.eq(text),
            break_glass_accesses::reviewed_by.eq(scope.staff_id()),
            break_glass_accesses::reviewed_at.eq(at),
            break_glass_accesses::version.eq(break_glass_access.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, break_glass_access.id)?.version));
    }
    let opener = vec![break_glass_access.by.id];
    scope.record(Event::BreakGlassReviewed {
        break_glass: break_glass_access.id,
        person: break_glass_access.service_user_id,
        opener,
    })
}

impl Scope<'_> {
    /// Finds the person whose record a break-glass access opened, open to the caller or not: for the record of a refusal.
    pub fn person_of_break_glass_access(&mut self, access: BreakGlassId) -> Result<Option<ServiceUserId>, StoreError> {
        self.as_role("almoner_intake", |scope| {
            Ok(break_glass_accesses::table
                .filter(
                    break_glass_accesses::practice_id
                        .eq(scope.log.uuid())
                        .and(break_glass_accesses::break_glass_id.eq(access)),
                )
                .select(break_glass_accesses::service_user_id)
                .first(scope.conn)
                .optional()?)
        })
    }
}
