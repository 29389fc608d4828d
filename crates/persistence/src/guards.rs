//! Who may meet a record: restrictions to named staff, and lock-outs of one of them.
//!
//! Both make the person `guarded`, and with them every row about them; the policies of the tables do the rest. Which guarded
//! people are open to whom is `app.find_open_people`. `keep` is the one place that writes `guarded`: where a foreign key
//! cannot carry it along (Citus), it is this function that would write it into every table.

use almoner_domain::fault::Fault;
use almoner_domain::ids::{PracticeId, ServiceUserId, StaffId};
use almoner_domain::people::guard::{ACCESS_MANAGERS, LockOut, Restrict};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::{PersonShown, Worker};
use crate::error::StoreError;
use crate::events::Chain;
use crate::page::{Day, Page, Paging};
use crate::schema::{lock_outs, restriction_staff, restrictions, service_users as people, staff};
use crate::scope::{PracticeScope, Scope};
use crate::sealing::Place;
use crate::service_users::{self, ServiceUser};
use crate::{identity, referrals};

diesel::define_sql_function! {
    /// The members of staff to whom a person is closed, glasses apart.
    #[sql_name = "app.barred_from"]
    fn barred(practice: sql_types::Uuid, person: sql_types::Uuid) -> sql_types::Array<sql_types::Uuid>;
}

/// Whether a record is restricted, and how.
#[derive(Clone, Serialize, ToSchema)]
pub struct Access {
    /// The restriction, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restriction: Option<Restriction>,
    /// The version of the record, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// To whom a record is open, and why not to others.
#[derive(Clone, Serialize, ToSchema)]
pub struct Restriction {
    /// Why.
    pub reason: String,
    /// To whom the record is open.
    #[schema(max_items = 50)]
    pub staff: Vec<Worker>,
    /// The day by which it is looked at again.
    pub review_on: NaiveDate,
    /// Who restricted it.
    pub set_by: Worker,
    /// When.
    pub set_at: DateTime<Utc>,
}

/// A restriction in a list.
#[derive(Clone, Serialize, ToSchema)]
pub struct RestrictionSummary {
    /// Whose record.
    pub service_user: PersonShown,
    /// The day by which it is looked at again.
    pub review_on: NaiveDate,
    /// Who restricted it.
    pub set_by: Worker,
    /// When.
    pub set_at: DateTime<Utc>,
}

/// A member of staff who may not meet a record.
#[derive(Clone, Serialize, ToSchema)]
pub struct LockedOut {
    /// Who.
    pub staff: Worker,
    /// Why.
    pub reason: String,
    /// Who locked them out: themselves, or somebody who manages access.
    pub set_by: Worker,
    /// When.
    pub set_at: DateTime<Utc>,
}

/// A record held still while who may see it changes.
pub struct Held(ServiceUser);

impl Held {
    /// The version that the caller means to change.
    pub fn version(&self) -> i32 {
        self.0.version
    }
}

/// Who is closed out of a person's record, glasses apart. Whoever asks has the person open, or is the worker.
pub(crate) fn barred_from(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    person: ServiceUserId,
) -> Result<Vec<StaffId>, StoreError> {
    Ok(diesel::select(barred(practice, person)).get_result(scope.conn)?)
}

/// The people whom who acts is locked out of. For what is not about a person by its policy, and tells of one.
pub(crate) fn locked_out(scope: &mut PracticeScope<'_>) -> Result<Vec<Uuid>, StoreError> {
    let (practice, reader) = (scope.practice_id(), scope.staff_id());
    scope.as_identity(|scope| identity::locked_out(scope, practice, reader))
}

/// Holds a record still: others who change who may see it wait, and what they changed before is seen.
pub fn hold(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<Held, StoreError> {
    let _: ServiceUserId = people::table
        .filter(people::practice_id.eq(scope.practice_id()).and(people::service_user_id.eq(id)))
        .select(people::service_user_id)
        .for_update()
        .first(scope.conn)?;
    scope.look_again()?;
    service_users::find(scope, id).map(Held)
}

/// Who sees the record only through a broken glass does not change who else may.
fn may_change(scope: &mut PracticeScope<'_>, person: &Held) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    if barred_from(scope, practice, person.0.id)?.contains(&scope.staff_id()) {
        return Err(Refusal::OpenForAWhile.into());
    }
    Ok(())
}

/// Writes whether a person is guarded, as their restriction and lock-outs say, and finds anew what is open to who acts. The
/// intake does it: who acts may not see the person afterwards, and by the policy could not write such a row.
fn keep(scope: &mut PracticeScope<'_>, id: ServiceUserId, version: i32) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    scope.as_intake(|scope| {
        let restriction = restrictions::table
            .filter(restrictions::practice_id.eq(practice).and(restrictions::service_user_id.eq(id)))
            .select(restrictions::service_user_id);
        let lock_out = lock_outs::table
            .filter(lock_outs::practice_id.eq(practice).and(lock_outs::service_user_id.eq(id)))
            .select(lock_outs::service_user_id);
        let (restricted, somebody_locked_out): (bool, bool) =
            diesel::select((exists(restriction), exists(lock_out))).get_result(scope.conn)?;
        diesel::update(people::table)
            .filter(people::practice_id.eq(practice).and(people::service_user_id.eq(id)))
            .set((
                people::restricted.eq(restricted),
                people::guarded.eq(restricted || somebody_locked_out),
                people::version.eq(version),
            ))
            .execute(scope.conn)?;
        Ok(())
    })?;
    scope.look_again()
}

fn reason_place(practice: PracticeId, table: &'static str, row: Uuid) -> Place {
    Place { owner: practice.uuid(), table, column: "reason", row }
}

/// Restricts a record to some, in the place of the restriction that there is.
pub fn restrict(scope: &mut PracticeScope<'_>, person: &Held, how: &Restrict) -> Result<(), StoreError> {
    how.check(scope.today())?;
    may_change(scope, person)?;
    let Held(person) = person;
    let (practice, at) = (scope.practice_id(), scope.at());
    check_named(scope, person.id, how)?;
    referrals::recognise_all(scope, person, &person.details)?;
    drop_restriction(scope, person.id)?;
    let place = reason_place(practice, "restrictions", person.id.uuid());
    let reason = person.key(scope, practice.uuid())?.seal(place, &how.reason)?;
    diesel::insert_into(restrictions::table)
        .values((
            restrictions::practice_id.eq(practice),
            restrictions::service_user_id.eq(person.id),
            restrictions::guarded.eq(person.guarded),
            restrictions::reason.eq(reason),
            restrictions::review_on.eq(how.review_on),
            restrictions::set_by.eq(scope.staff_id()),
            restrictions::set_at.eq(at),
        ))
        .execute(scope.conn)?;
    let named: Vec<_> = how
        .staff
        .iter()
        .map(|named| {
            (
                restriction_staff::practice_id.eq(practice),
                restriction_staff::service_user_id.eq(person.id),
                restriction_staff::guarded.eq(person.guarded),
                restriction_staff::staff_id.eq(named),
            )
        })
        .collect();
    diesel::insert_into(restriction_staff::table).values(named).execute(scope.conn)?;
    if managers_left(scope, person.id)?.is_empty() {
        let detail = "must name somebody who manages access: a manager or a records officer";
        return Err(StoreError::Unfit(vec![Fault::new("/staff", detail)]));
    }
    keep(scope, person.id, person.version + 1)?;
    scope.audit(Chain::Practice, "service_user.restricted", person.id.uuid(), Some(person.id))
}

/// Whoever is named is a colleague, and not locked out: a lock-out is beaten by nothing.
fn check_named(scope: &mut PracticeScope<'_>, person: ServiceUserId, how: &Restrict) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let colleagues: Vec<StaffId> = staff::table
        .filter(staff::practice_id.eq(practice).and(staff::staff_id.eq_any(&how.staff)).and(staff::left_at.is_null()))
        .select(staff::staff_id)
        .load(scope.conn)?;
    let locked_out: Vec<StaffId> = lock_outs::table
        .filter(lock_outs::practice_id.eq(practice).and(lock_outs::service_user_id.eq(person)))
        .select(lock_outs::staff_id)
        .load(scope.conn)?;
    let fault = |(index, one): (usize, &StaffId)| {
        let detail = match () {
            () if !colleagues.contains(one) => "names nobody who is there",
            () if locked_out.contains(one) => "is locked out of this record",
            () => return None,
        };
        Some(Fault::new(format!("/staff/{index}"), detail))
    };
    let faults: Vec<Fault> = how.staff.iter().enumerate().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

/// Those who manage access and to whom the person would be open.
fn managers_left(scope: &mut PracticeScope<'_>, person: ServiceUserId) -> Result<Vec<StaffId>, StoreError> {
    let practice = scope.practice_id();
    let barred = barred_from(scope, practice, person)?;
    Ok(access_managers(scope, practice)?.into_iter().filter(|manager| !barred.contains(manager)).collect())
}

/// Refuses where a restricted record that is open to this member of staff would be open to nobody who could lift it: they are
/// about to leave, or to lose the role.
pub(crate) fn expect_to_be_lifted(scope: &mut PracticeScope<'_>, member: StaffId) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let people: Vec<ServiceUserId> = scope.as_identity(|scope| {
        Ok(restriction_staff::table
            .filter(restriction_staff::practice_id.eq(practice).and(restriction_staff::staff_id.eq(member)))
            .select(restriction_staff::service_user_id)
            .load(scope.conn)?)
    })?;
    let managers = access_managers(scope, practice)?;
    for person in people {
        // Whoever administers the staff need not have the record open.
        let closed = scope.as_identity(|scope| barred_from(scope, practice, person))?;
        if managers.iter().all(|manager| closed.contains(manager)) {
            return Err(Refusal::NobodyToLift.into());
        }
    }
    Ok(())
}

/// The members of staff who manage access, in the order in which they joined.
pub(crate) fn access_managers(scope: &mut Scope<'_>, practice: PracticeId) -> Result<Vec<StaffId>, StoreError> {
    let rows: Vec<(StaffId, Vec<String>)> = staff::table
        .filter(staff::practice_id.eq(practice).and(staff::left_at.is_null()))
        .order(staff::staff_id)
        .select((staff::staff_id, staff::roles))
        .load(scope.conn)?;
    let mut managers = Vec::new();
    for (id, roles) in rows {
        if identity::parse_roles(&roles)?.iter().any(|role| ACCESS_MANAGERS.contains(role)) {
            managers.push(id);
        }
    }
    Ok(managers)
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

/// Lifts a restriction. Lock-outs stay.
pub fn lift(scope: &mut PracticeScope<'_>, person: &Held) -> Result<(), StoreError> {
    may_change(scope, person)?;
    let Held(person) = person;
    if drop_restriction(scope, person.id)? == 0 {
        return Err(StoreError::NotFound);
    }
    keep(scope, person.id, person.version + 1)?;
    scope.audit(Chain::Practice, "service_user.restriction_lifted", person.id.uuid(), Some(person.id))
}

/// Whether a record is restricted, and how, for somebody to whom it is open.
pub fn access(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<Access, StoreError> {
    let person = service_users::find(scope, id)?;
    let practice = scope.practice_id();
    let found: Option<(Vec<u8>, NaiveDate, StaffId, DateTime<Utc>)> = restrictions::table
        .filter(restrictions::practice_id.eq(practice).and(restrictions::service_user_id.eq(id)))
        .select((restrictions::reason, restrictions::review_on, restrictions::set_by, restrictions::set_at))
        .first(scope.conn)
        .optional()?;
    scope.audit(Chain::Practice, "service_user.restriction_read", id.uuid(), Some(id))?;
    let Some((reason, review_on, set_by, set_at)) = found else {
        return Ok(Access { restriction: None, version: person.version });
    };
    let named: Vec<StaffId> = restriction_staff::table
        .filter(restriction_staff::practice_id.eq(practice).and(restriction_staff::service_user_id.eq(id)))
        .order(restriction_staff::staff_id)
        .select(restriction_staff::staff_id)
        .load(scope.conn)?;
    let restriction = Restriction {
        reason: person.key(scope, practice.uuid())?.open(reason_place(practice, "restrictions", id.uuid()), &reason)?,
        staff: workers(scope, &named)?,
        review_on,
        set_by: one_of(&workers(scope, &[set_by])?, set_by)?,
        set_at,
    };
    Ok(Access { restriction: Some(restriction), version: person.version })
}

/// Members of staff by name, whether or not they have left, in the order in which they joined.
pub(crate) fn workers(scope: &mut PracticeScope<'_>, ids: &[StaffId]) -> Result<Vec<Worker>, StoreError> {
    let rows: Vec<(StaffId, String)> = staff::table
        .filter(staff::practice_id.eq(scope.practice_id()).and(staff::staff_id.eq_any(ids)))
        .order(staff::staff_id)
        .select((staff::staff_id, staff::name))
        .load(scope.conn)?;
    Ok(rows.into_iter().map(|(id, name)| Worker { id, name }).collect())
}

/// One of those that were looked up.
pub(crate) fn one_of(workers: &[Worker], id: StaffId) -> Result<Worker, StoreError> {
    workers.iter().find(|worker| worker.id == id).cloned().ok_or(StoreError::NotFound)
}

/// The restrictions on the records that are open to who acts, by the day on which they are looked at again.
pub fn restrictions(
    scope: &mut PracticeScope<'_>,
    due_by: Option<NaiveDate>,
    paging: &Paging,
) -> Result<Page<RestrictionSummary>, StoreError> {
    let mut query = restrictions::table
        .filter(restrictions::practice_id.eq(scope.practice_id()))
        .order((restrictions::review_on, restrictions::service_user_id))
        .limit(paging.fetch())
        .select((restrictions::service_user_id, restrictions::review_on, restrictions::set_by, restrictions::set_at))
        .into_boxed();
    if let Some(due_by) = due_by {
        query = query.filter(restrictions::review_on.le(due_by));
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
    page.try_map(|(id, review_on, set_by, set_at)| {
        let person = people.iter().find(|person| person.id == id).ok_or(StoreError::NotFound)?;
        Ok(RestrictionSummary { service_user: person.into(), review_on, set_by: one_of(&setters, set_by)?, set_at })
    })
}

/// Locks a colleague out of a record.
pub fn lock_out(scope: &mut PracticeScope<'_>, person: &Held, whom: &LockOut) -> Result<(), StoreError> {
    may_change(scope, person)?;
    if whom.staff_id == scope.staff_id() {
        let detail = "must be another than yourself: there is an operation of its own for that";
        return Err(StoreError::Unfit(vec![Fault::new("/staff_id", detail)]));
    }
    crate::staff::colleague(scope, whom.staff_id).map_err(|error| error.unless_found("/staff_id"))?;
    write_lock_out(scope, person, whom.staff_id, &whom.reason)
}

/// Who acts says of themselves that they should not meet this record. They do not see it from now on.
pub fn lock_me_out(scope: &mut PracticeScope<'_>, person: &Held, reason: &Passage<1000>) -> Result<(), StoreError> {
    let me = scope.staff_id();
    write_lock_out(scope, person, me, reason)
}

fn write_lock_out(
    scope: &mut PracticeScope<'_>,
    Held(person): &Held,
    whom: StaffId,
    reason: &Passage<1000>,
) -> Result<(), StoreError> {
    let (practice, at) = (scope.practice_id(), scope.at());
    referrals::recognise_all(scope, person, &person.details)?;
    let reason = person.key(scope, practice.uuid())?.seal(reason_place(practice, "lock_outs", whom.uuid()), reason)?;
    diesel::insert_into(lock_outs::table)
        .values((
            lock_outs::practice_id.eq(practice),
            lock_outs::service_user_id.eq(person.id),
            lock_outs::guarded.eq(person.guarded),
            lock_outs::staff_id.eq(whom),
            lock_outs::reason.eq(reason),
            lock_outs::set_by.eq(scope.staff_id()),
            lock_outs::set_at.eq(at),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::taken(error, "/staff_id"))?;
    if managers_left(scope, person.id)?.is_empty() {
        return Err(Refusal::NobodyToLift.into());
    }
    keep(scope, person.id, person.version)?;
    scope.audit(Chain::Practice, "service_user.locked_out", whom.uuid(), Some(person.id))
}

/// Lets a colleague in again.
pub fn let_in(scope: &mut PracticeScope<'_>, person: &Held, whom: StaffId) -> Result<(), StoreError> {
    may_change(scope, person)?;
    let Held(person) = person;
    let dropped = diesel::delete(lock_outs::table)
        .filter(lock_outs::practice_id.eq(scope.practice_id()).and(lock_outs::service_user_id.eq(person.id)))
        .filter(lock_outs::staff_id.eq(whom))
        .execute(scope.conn)?;
    if dropped == 0 {
        return Err(StoreError::NotFound);
    }
    keep(scope, person.id, person.version)?;
    scope.audit(Chain::Practice, "service_user.let_in", whom.uuid(), Some(person.id))
}

type LockOutRow = (StaffId, Vec<u8>, StaffId, DateTime<Utc>);

macro_rules! locked_out_of {
    ($scope:expr, $person:expr) => {
        lock_outs::table
            .filter(lock_outs::practice_id.eq($scope.practice_id()).and(lock_outs::service_user_id.eq($person)))
            .select((lock_outs::staff_id, lock_outs::reason, lock_outs::set_by, lock_outs::set_at))
    };
}

/// Who is locked out of a record, for somebody to whom it is open.
pub fn lock_outs(
    scope: &mut PracticeScope<'_>,
    id: ServiceUserId,
    paging: &Paging,
) -> Result<Page<LockedOut>, StoreError> {
    let person = service_users::find(scope, id)?;
    let rows: Vec<LockOutRow> = locked_out_of!(scope, id)
        .filter(lock_outs::staff_id.gt(StaffId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(lock_outs::staff_id)
        .limit(paging.fetch())
        .load(scope.conn)?;
    scope.audit(Chain::Practice, "service_user.lock_outs_read", id.uuid(), Some(id))?;
    let page = paging.page(rows, |row| row.0.uuid());
    let named: Vec<StaffId> = page.items.iter().flat_map(|(whom, _, set_by, _)| [*whom, *set_by]).collect();
    let named = workers(scope, &named)?;
    page.try_map(|row| show(scope, &person, &named, row))
}

/// One lock-out.
pub fn find_lock_out(scope: &mut PracticeScope<'_>, id: ServiceUserId, whom: StaffId) -> Result<LockedOut, StoreError> {
    let person = service_users::find(scope, id)?;
    let row: LockOutRow = locked_out_of!(scope, id).filter(lock_outs::staff_id.eq(whom)).first(scope.conn)?;
    let named = workers(scope, &[row.0, row.2])?;
    show(scope, &person, &named, row)
}

fn show(
    scope: &mut PracticeScope<'_>,
    person: &ServiceUser,
    named: &[Worker],
    (whom, reason, set_by, set_at): LockOutRow,
) -> Result<LockedOut, StoreError> {
    let practice = scope.practice_id();
    let place = reason_place(practice, "lock_outs", whom.uuid());
    Ok(LockedOut {
        reason: person.key(scope, practice.uuid())?.open(place, &reason)?,
        staff: one_of(named, whom)?,
        set_by: one_of(named, set_by)?,
        set_at,
    })
}
