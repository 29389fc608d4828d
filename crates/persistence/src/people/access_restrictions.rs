//! Access restrictions on a record: the restriction to named members of staff, and the exclusion of single ones.
//!
//! Both make the person `access_restricted`, and with them every row about them; the policies of the tables do the rest. Which access-restricted
//! people are open to whom is `app.find_open_people`. `keep` is the one place that writes `access_restricted`.

use almoner_domain::events::Event;
use almoner_domain::ids::{CountersignatureId, PracticeId, ServiceUserId, StaffId};
use almoner_domain::people::access_restriction::RestrictionTerms;
use almoner_domain::people::access_rules::{change_access, keep_somebody_who_lifts};
use almoner_domain::people::grounds::RestrictionGround;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::identity;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Day, Page, Paging};
use crate::ground::prepared::{insert_rows, update};
use crate::ground::schema::{exclusions, restriction_staff, restrictions, service_users as people};
use crate::ground::scope::{PracticeScope, Scope};
use crate::ground::sealing::SealedField;
use crate::ground::transaction::setting_list;
use crate::people::about::about;
use crate::people::service_users::PersonShown;
use crate::people::service_users::{self, ServiceUser};
use crate::staff::names::{Worker, one_of, workers};
use crate::staff::roles::{colleagues, lasting_access_managers};

pub use super::exclusions::{
    Exclusion, end_exclusion, exclude, exclude_self, exclusions, find_exclusion, read_exclusion,
};

diesel::define_sql_function! {
    /// The members of staff who may not see a person's record, break-glass access apart.
    #[sql_name = "app.staff_without_access"]
    fn find_staff_without_access(practice: sql_types::Uuid, person: sql_types::Uuid) -> sql_types::Array<sql_types::Uuid>;
}

/// The access restrictions on a record.
#[derive(Clone, Serialize, ToSchema)]
pub struct Access {
    /// The restriction on the record, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restriction: Option<Restriction>,
    /// The request for a second person's decision to which the caller's change has led: the restriction waits for it, or is
    /// reviewed. It stands in the answer to the change alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub countersignature_id: Option<CountersignatureId>,
    /// The version of the record, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// The members of staff to whom a record is restricted, and the reason.
#[derive(Clone, Serialize, ToSchema)]
pub struct Restriction {
    /// The ground of the restriction.
    pub ground: RestrictionGround,
    /// The reason for the restriction, and the evidence where there is some.
    #[schema(value_type = almoner_domain::words::text::Passage<10000>)]
    pub reason: String,
    /// The members of staff who may see the record.
    #[schema(max_items = 50)]
    pub staff: Vec<Worker>,
    /// The day by which the restriction is reviewed.
    pub review_on: NaiveDate,
    /// The member of staff who restricted the record.
    pub set_by: Worker,
    /// When the record was restricted.
    pub set_at: DateTime<Utc>,
}

/// A restriction in a list.
#[derive(Clone, Serialize, ToSchema)]
pub struct RestrictionSummary {
    /// The person whose record is restricted.
    pub service_user: PersonShown,
    /// The day by which the restriction is reviewed.
    pub review_on: NaiveDate,
    /// The member of staff who restricted the record.
    pub set_by: Worker,
    /// When the record was restricted.
    pub set_at: DateTime<Utc>,
}

/// A record that is locked while its access restrictions change.
pub struct LockedRecord(ServiceUser);

/// A locked record, with every referral that means the person linked to it, so that the referrals become access-restricted
/// with the person. Only [`crate::referrals::hold_with_referrals`] makes one, so that no record is restricted while its
/// referrals are not.
pub struct HeldWithReferrals(pub(crate) LockedRecord);

impl HeldWithReferrals {
    /// The version of the record that the caller means to change.
    pub fn version(&self) -> i32 {
        self.0.version()
    }

    /// The person whose record is held.
    pub(crate) fn person(&self) -> &ServiceUser {
        self.0.person()
    }
}

impl LockedRecord {
    /// The version of the record that the caller means to change.
    pub fn version(&self) -> i32 {
        self.0.version
    }

    /// The person whose record is locked.
    pub(crate) fn person(&self) -> &ServiceUser {
        &self.0
    }
}

/// The members of staff who may not see a person's record, break-glass access apart. The caller may see the person, or is
/// the worker process.
pub(crate) fn staff_without_access(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    person: ServiceUserId,
) -> Result<Vec<StaffId>, StoreError> {
    Ok(diesel::select(find_staff_without_access(practice, person)).get_result(scope.conn)?)
}

/// Finds anew which access-restricted people the caller may see, when that has changed in this scope.
fn find_open_anew(scope: &mut PracticeScope<'_>) -> Result<(), StoreError> {
    let (practice, reader, session) = (scope.practice_id(), scope.staff_id(), scope.session());
    let open = scope.as_identity(|scope| identity::open_people(scope, practice, reader, session))?;
    scope.execute(&[setting_list("app.open_people", &open)])?;
    scope.member.open_people = open;
    Ok(())
}

/// Locks a record: others who change its access restrictions wait, and what they changed before is seen.
pub fn lock_record(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<LockedRecord, StoreError> {
    let _: ServiceUserId = people::table
        .filter(people::practice_id.eq(scope.practice_id()).and(people::service_user_id.eq(id)))
        .select(people::service_user_id)
        .for_update()
        .first(scope.conn)?;
    find_open_anew(scope)?;
    service_users::find(scope, id).map(LockedRecord)
}

/// A member of staff who sees the record only by break-glass access, or who manages only in the stead of somebody to whom it is
/// closed, may not change who else sees it.
pub(super) fn may_change(scope: &mut PracticeScope<'_>, person: &LockedRecord) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let closed_to = staff_without_access(scope, practice, person.0.id)?;
    Ok(change_access(scope.staff_id(), &scope.member().stands_in_for, &closed_to)?)
}

/// Writes whether a person is access-restricted, as their restriction and exclusions say, and finds anew which people the
/// caller may see. It runs as the intake: the caller may not see the person afterwards, and so the policy would refuse the
/// row from them.
pub(super) fn keep(scope: &mut PracticeScope<'_>, id: ServiceUserId, version: i32) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    scope.as_intake(|scope| {
        let restriction = restrictions::table
            .filter(restrictions::practice_id.eq(practice).and(restrictions::service_user_id.eq(id)))
            .select(restrictions::service_user_id);
        let exclusion = exclusions::table
            .filter(exclusions::practice_id.eq(practice).and(exclusions::service_user_id.eq(id)))
            .select(exclusions::service_user_id);
        let (restricted, somebody_excluded): (bool, bool) =
            diesel::select((exists(restriction), exists(exclusion))).get_result(scope.conn)?;
        let kept = update(people::table)
            .filter(people::practice_id.eq(practice).and(people::service_user_id.eq(id)))
            .set((
                people::restricted.eq(restricted),
                people::access_restricted.eq(restricted || somebody_excluded),
                people::version.eq(version),
            ))
            .execute(scope.conn)?;
        StoreError::unless_changed(kept, "the person's record")
    })?;
    find_open_anew(scope)
}

pub(super) fn reason_field(practice: PracticeId, table: &'static str, row: Uuid) -> SealedField {
    SealedField { owner: practice.uuid(), table, column: "reason", row }
}

/// Whether the caller may restrict the record so. Every member of staff who is named is a colleague and is not excluded, since
/// no restriction overrides an exclusion, and one of them could lift it.
pub(crate) fn check_terms(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    terms: &RestrictionTerms,
) -> Result<(), StoreError> {
    may_change(scope, &held.0)?;
    let WhoCanBeNamed { colleagues, excluded, managers } = who_can_be_named(scope, held, terms)?;
    Ok(terms.check_named(&colleagues, &excluded, &managers)?)
}

/// The restriction as it can be put in force now: some of those whom it names may have left since it was asked for.
pub(crate) fn terms_as_of_now(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    terms: RestrictionTerms,
) -> Result<RestrictionTerms, StoreError> {
    let WhoCanBeNamed { colleagues, excluded, managers } = who_can_be_named(scope, held, &terms)?;
    Ok(terms.as_of_now(&colleagues, &excluded, &managers)?)
}

/// Those of the named who are colleagues, everybody whom an exclusion keeps from the record, and the access managers.
struct WhoCanBeNamed {
    colleagues: Vec<StaffId>,
    excluded: Vec<StaffId>,
    managers: Vec<StaffId>,
}

fn who_can_be_named(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    terms: &RestrictionTerms,
) -> Result<WhoCanBeNamed, StoreError> {
    let (practice, person) = (scope.practice_id(), held.0.person().id);
    let colleagues = colleagues(scope, practice, &terms.staff)?;
    let excluded: Vec<StaffId> = exclusions::table
        .filter(exclusions::practice_id.eq(practice).and(exclusions::service_user_id.eq(person)))
        .select(exclusions::staff_id)
        .load(scope.conn)?;
    Ok(WhoCanBeNamed { colleagues, excluded, managers: lasting_access_managers(scope, practice)? })
}

/// The restriction that is in force on a record, and since when, if there is one.
pub(crate) fn terms_in_force(
    scope: &mut PracticeScope<'_>,
    person: &ServiceUser,
) -> Result<Option<(RestrictionTerms, DateTime<Utc>)>, StoreError> {
    type InForce = (RestrictionGround, Vec<u8>, NaiveDate, StaffId, DateTime<Utc>);
    let practice = scope.practice_id();
    let found: Option<InForce> = restrictions::table
        .filter(restrictions::practice_id.eq(practice).and(restrictions::service_user_id.eq(person.id)))
        .select((
            restrictions::ground,
            restrictions::reason,
            restrictions::review_on,
            restrictions::set_by,
            restrictions::set_at,
        ))
        .first(scope.conn)
        .optional()?;
    let Some((ground, reason, review_on, set_by, set_at)) = found else { return Ok(None) };
    let staff: Vec<StaffId> = restriction_staff::table
        .filter(restriction_staff::practice_id.eq(practice).and(restriction_staff::service_user_id.eq(person.id)))
        .order(restriction_staff::staff_id)
        .select(restriction_staff::staff_id)
        .load(scope.conn)?;
    let key = person.key(scope, practice.uuid())?;
    let words = key.open(reason_field(practice, "restrictions", person.id.uuid()), &reason)?;
    Ok(Some((RestrictionTerms { ground, words, staff, review_on, set_by }, set_at)))
}

/// Writes the restriction of a record to the named members of staff, in place of any earlier one. The record is closed to the
/// others once [`close_to_others`] has run.
pub(crate) fn write_terms(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    terms: &RestrictionTerms,
) -> Result<(), StoreError> {
    let person = held.0.person();
    let (practice, at) = (scope.practice_id(), scope.at());
    drop_restriction(scope, person.id)?;
    let sealed_field = reason_field(practice, "restrictions", person.id.uuid());
    let reason = person.key(scope, practice.uuid())?.seal(sealed_field, &terms.words)?;
    diesel::insert_into(restrictions::table)
        .values((
            restrictions::practice_id.eq(practice),
            about!(restrictions, person.about()),
            restrictions::reason.eq(reason),
            restrictions::ground.eq(terms.ground),
            restrictions::review_on.eq(terms.review_on),
            restrictions::set_by.eq(terms.set_by),
            restrictions::set_at.eq(at),
        ))
        .execute(scope.conn)?;
    let named: Vec<_> = terms
        .staff
        .iter()
        .map(|named| {
            (
                restriction_staff::practice_id.eq(practice),
                about!(restriction_staff, person.about()),
                restriction_staff::staff_id.eq(*named),
            )
        })
        .collect();
    Ok(insert_rows!(scope.conn, restriction_staff, named)?)
}

/// Closes a record whose restriction was written to everybody whom it does not name.
pub(crate) fn close_to_others(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    terms: &RestrictionTerms,
) -> Result<(), StoreError> {
    let person = held.0.person();
    keep(scope, person.id, person.version + 1)?;
    // The row of the restriction goes when it is lifted; why there was one stays.
    scope.record_because(Event::ServiceUserRestricted { person: person.id }, &terms.words)
}

/// The access managers, and the members of staff who may not see the person as the rows stand now.
pub(super) fn who_lifts(
    scope: &mut PracticeScope<'_>,
    person: ServiceUserId,
) -> Result<(Vec<StaffId>, Vec<StaffId>), StoreError> {
    let practice = scope.practice_id();
    let closed_to = staff_without_access(scope, practice, person)?;
    Ok((lasting_access_managers(scope, practice)?, closed_to))
}

/// Refuses a change after which a restricted record that this member of staff may see would be left with nobody who could
/// lift the restriction. They are about to leave, or to lose the role.
pub(crate) fn expect_to_be_lifted(scope: &mut PracticeScope<'_>, member: StaffId) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    // An administrator of staff need not be able to see the record.
    scope.as_identity(|scope| check_to_be_lifted(scope, practice, member))
}

/// The same, for a role that sees whom each restriction names.
pub(crate) fn check_to_be_lifted(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    member: StaffId,
) -> Result<(), StoreError> {
    let people: Vec<ServiceUserId> = restriction_staff::table
        .filter(restriction_staff::practice_id.eq(practice).and(restriction_staff::staff_id.eq(member)))
        .select(restriction_staff::service_user_id)
        .load(scope.conn)?;
    if people.is_empty() {
        return Ok(());
    }
    let managers = lasting_access_managers(scope, practice)?;
    for person in people {
        keep_somebody_who_lifts(&managers, &staff_without_access(scope, practice, person)?)?;
    }
    Ok(())
}

fn drop_restriction(scope: &mut PracticeScope<'_>, person: ServiceUserId) -> Result<usize, StoreError> {
    let practice = scope.practice_id();
    diesel::delete(restriction_staff::table)
        .filter(restriction_staff::practice_id.eq(practice).and(restriction_staff::service_user_id.eq(person)))
        .execute(scope.conn)?;
    Ok(diesel::delete(restrictions::table)
        .filter(restrictions::practice_id.eq(practice).and(restrictions::service_user_id.eq(person)))
        .execute(scope.conn)?)
}

/// Lifts a restriction. Exclusions remain.
pub fn lift(scope: &mut PracticeScope<'_>, person: &LockedRecord) -> Result<(), StoreError> {
    may_change(scope, person)?;
    open_to_others(scope, person)
}

/// Ends the restriction of a record. Exclusions remain.
pub(crate) fn open_to_others(
    scope: &mut PracticeScope<'_>,
    LockedRecord(person): &LockedRecord,
) -> Result<(), StoreError> {
    if drop_restriction(scope, person.id)? == 0 {
        return Err(StoreError::NotFound);
    }
    keep(scope, person.id, person.version + 1)?;
    scope.record(Event::ServiceUserRestrictionLifted { person: person.id })
}

/// Whether a record is restricted, and how, for somebody to whom it is open.
pub fn access(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<OnRecord<Access>, StoreError> {
    let person = service_users::find(scope, id)?;
    let restriction = match terms_in_force(scope, &person)? {
        Some((terms, set_at)) => Some(Restriction {
            ground: terms.ground,
            reason: terms.words,
            staff: workers(scope, &terms.staff)?,
            review_on: terms.review_on,
            set_by: one_of(&workers(scope, &[terms.set_by])?, terms.set_by)?,
            set_at,
        }),
        None => None,
    };
    let access = Access { restriction, countersignature_id: None, version: person.version };
    scope.record_read(access, Event::ServiceUserRestrictionRead { person: id })
}

/// Lists the restrictions on the records that the caller may see, by the day on which they are reviewed.
pub fn restrictions(
    scope: &mut PracticeScope<'_>,
    review_on_or_before: Option<NaiveDate>,
    paging: &Paging,
) -> Result<OnRecord<Page<RestrictionSummary>>, StoreError> {
    let mut query = restrictions::table
        .filter(restrictions::practice_id.eq(scope.practice_id()))
        .order((restrictions::review_on, restrictions::service_user_id))
        .limit(paging.fetch())
        .select((restrictions::service_user_id, restrictions::review_on, restrictions::set_by, restrictions::set_at))
        .into_boxed();
    if let Some(day) = review_on_or_before {
        query = query.filter(restrictions::review_on.le(day));
    }
    if let Some((day, id)) = paging.after_key::<Day>()? {
        let later = restrictions::review_on.gt(day.0);
        let same_day = restrictions::review_on.eq(day.0);
        query = query.filter(later.or(same_day.and(restrictions::service_user_id.gt(ServiceUserId::from(id)))));
    }
    let rows: Vec<(ServiceUserId, NaiveDate, StaffId, DateTime<Utc>)> = query.load(scope.conn)?;
    let page = paging.page(rows, |(id, review_on, ..)| format!("{review_on}|{id}"));
    let (ids, setters): (Vec<_>, Vec<_>) = page.items.iter().map(|(id, _, set_by, _)| (*id, *set_by)).unzip();
    let people = service_users::find_all(scope, &ids)?;
    let setters = workers(scope, &setters)?;
    let page = page.try_map(|(id, review_on, set_by, set_at)| {
        let person = people.iter().find(|person| person.id == id).ok_or(StoreError::NotFound)?;
        Ok(RestrictionSummary { service_user: person.into(), review_on, set_by: one_of(&setters, set_by)?, set_at })
    })?;
    let practice = scope.practice_id();
    scope.list_read(page, Event::ServiceUserRestrictionsListed { practice })
}
