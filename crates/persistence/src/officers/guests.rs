//! The guests of a council: people whom its complaints officers let in by name. A guest has no role; what they read is assigned to them.

use almoner_domain::complaints::assigning::View;
use almoner_domain::events::Event;
use almoner_domain::ids::{AccountId, ComplaintId, CouncilId, GuestId, OfficerId, PracticeId};
use almoner_domain::officers::guests::{Capacity, GuestState};
use almoner_domain::words::email::Email;
use almoner_domain::words::gss_code::GssCode;
use almoner_domain::words::slug::Slug;
use almoner_domain::words::text::Line;
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::callers::{ComplaintsPerson, ComplaintsPlace};
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_assignments, councils, guests, officers, practices};
use crate::ground::scope::{ComplaintsScope, Scope};
use crate::officers::roles::{answers_for_the_council, not_gone, parse_roles};
use crate::staff::Drawn;
use crate::tenancy::practices::PracticeName;

/// A guest of a council.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Guest {
    /// The identifier of the guest.
    pub id: GuestId,
    /// The name of the guest.
    pub name: Line<200>,
    /// The e-mail address to which the invitation was sent.
    pub email: Email,
    /// In what capacity the guest works on complaints.
    pub capacity: Capacity,
    /// The practice where a handler works, or of which an employer's lead is the one named person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practice: Option<PracticeName>,
    /// The complaint of which whoever is heard, or gets a notice, is shown a part. Such a guest is known to those who have that complaint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaint_id: Option<ComplaintId>,
    /// When the guest was invited.
    pub created_at: DateTime<Utc>,
    /// When the guest accepted the invitation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<DateTime<Utc>>,
    /// When the credentials of the guest's account were replaced through a link: until an officer confirms that the account is still
    /// theirs, it opens nothing here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed_at: Option<DateTime<Utc>>,
    /// When the guest was let go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// The version of the guest, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    pub(crate) account: Option<AccountId>,
    #[serde(skip)]
    opened_by: Vec<AccountId>,
}

/// A guest to invite.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Grace Obi", "email": "grace.obi@severn.example", "capacity": "handler", "practice": "severn-social-work",
}))]
pub struct NewGuest {
    /// The name of the guest.
    pub name: Line<200>,
    /// The e-mail address of the guest. A person who has an account joins with it; others create one.
    pub email: Email,
    /// In what capacity the guest works on complaints.
    pub capacity: Capacity,
    /// The practice where the guest works. It is required of a handler and of an employer's lead, and nobody else has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practice: Option<Slug>,
    /// The complaint, which the caller has. It is required of whoever is heard or gets a notice, and nobody else is a guest for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaint_id: Option<ComplaintId>,
}

impl Guest {
    /// Where the guest stands.
    pub fn state(&self) -> GuestState {
        GuestState {
            joined: self.joined_at.is_some(),
            waits: self.unconfirmed_at.is_some(),
            ended: self.ended_at.is_some(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = guests)]
struct GuestRow {
    guest_id: GuestId,
    account_id: Option<AccountId>,
    capacity: Capacity,
    complaint_id: Option<ComplaintId>,
    name: Line<200>,
    email: Email,
    created_at: DateTime<Utc>,
    joined_at: Option<DateTime<Utc>>,
    unconfirmed_at: Option<DateTime<Utc>>,
    opened_by: Vec<AccountId>,
    ended_at: Option<DateTime<Utc>>,
    version: i32,
}

fn show((row, practice): (GuestRow, Option<PracticeName>)) -> Guest {
    Guest {
        id: row.guest_id,
        name: row.name,
        email: row.email,
        capacity: row.capacity,
        practice,
        complaint_id: row.complaint_id,
        created_at: row.created_at,
        joined_at: row.joined_at,
        unconfirmed_at: row.unconfirmed_at,
        ended_at: row.ended_at,
        version: row.version,
        account: row.account_id,
        opened_by: row.opened_by,
    }
}

/// Selects the guests of this council.
macro_rules! rows {
    ($council:expr) => {
        guests::table
            .left_join(practices::table.on(practices::practice_id.nullable().eq(guests::practice_id)))
            .filter(guests::council_id.eq($council))
            .select((GuestRow::as_select(), Option::<PracticeName>::as_select()))
    };
}

/// Enters a guest who has yet to join. [`crate::access::letting_in`] draws their link.
pub(crate) fn enter(scope: &mut ComplaintsScope<'_>, new: &NewGuest) -> Result<GuestId, StoreError> {
    let practice: Option<PracticeId> = match &new.practice {
        None => None,
        Some(slug) => practices::table
            .filter(practices::slug.eq(slug))
            .select(practices::practice_id)
            .first(scope.conn)
            .optional()?,
    };
    let mut faults = new.capacity.faults_of_practice(new.practice.is_some(), practice.is_some());
    let has_it = match new.complaint_id {
        None => false,
        Some(complaint) => has_whole(scope, complaint)?,
    };
    faults.extend(new.capacity.fault_of_complaint(new.complaint_id.is_some(), has_it));
    StoreError::unless_faulty(faults)?;
    if let Some(complaint) = new.complaint_id {
        scope.open_assigned(&[complaint])?;
    }
    let id: GuestId = scope.next_id();
    diesel::insert_into(guests::table)
        .values((
            guests::council_id.eq(scope.council_id()),
            guests::guest_id.eq(id),
            guests::capacity.eq(new.capacity),
            guests::practice_id.eq(practice),
            guests::complaint_id.eq(new.complaint_id),
            guests::name.eq(&new.name),
            guests::email.eq(&new.email),
            guests::invited_by.eq(vec![scope.worker().account]),
            guests::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/email"))?;
    Ok(id)
}

/// Whether the caller has a complaint whole.
fn has_whole(scope: &mut ComplaintsScope<'_>, complaint: ComplaintId) -> Result<bool, StoreError> {
    let own = complaint_assignments::table
        .filter(complaint_assignments::council_id.eq(scope.council_id()))
        .filter(complaint_assignments::officer_id.eq(scope.officer()?).and(complaint_assignments::ended_at.is_null()))
        .filter(complaint_assignments::view.eq(View::Whole))
        .filter(complaint_assignments::complaint_id.eq(complaint))
        .select(complaint_assignments::assignment_id);
    Ok(diesel::select(exists(own)).get_result(scope.conn)?)
}

/// Opens the complaints of the caller's for which there are guests, so that the caller sees these, in a request that names no complaint.
fn open_those_with_guests(scope: &mut ComplaintsScope<'_>) -> Result<(), StoreError> {
    let (council, officer) = (scope.council_id(), scope.officer()?);
    let own: Vec<ComplaintId> = scope.as_identity(|scope| {
        Ok(guests::table
            .inner_join(
                complaint_assignments::table.on(complaint_assignments::council_id
                    .eq(guests::council_id)
                    .and(complaint_assignments::complaint_id.nullable().eq(guests::complaint_id))),
            )
            .filter(guests::council_id.eq(council).and(complaint_assignments::officer_id.eq(officer)))
            .filter(complaint_assignments::view.eq(View::Whole).and(complaint_assignments::ended_at.is_null()))
            .select(complaint_assignments::complaint_id)
            .distinct()
            .load(scope.conn)?)
    })?;
    scope.open_assigned(&own)
}

/// Finds a guest of the caller's council at the desk, in a request that names no complaint.
pub fn find_at_the_desk(scope: &mut ComplaintsScope<'_>, id: GuestId) -> Result<Guest, StoreError> {
    open_those_with_guests(scope)?;
    find(scope, id)
}

/// Finds a guest of the caller's council: one for a complaint, if that is open in the request.
pub fn find(scope: &mut ComplaintsScope<'_>, id: GuestId) -> Result<Guest, StoreError> {
    Ok(show(rows!(scope.council_id()).filter(guests::guest_id.eq(id)).first(scope.conn)?))
}

/// Reads a guest of the caller's council: the reading is on record.
pub fn read(scope: &mut ComplaintsScope<'_>, id: GuestId) -> Result<OnRecord<Guest>, StoreError> {
    let (guest, council) = (find_at_the_desk(scope, id)?, scope.council_id());
    scope.record_read(guest, Event::ComplaintPeopleListed { council })
}

/// Lists the guests of the caller's council, those who were let go among them, in the order in which they were invited. Whoever is shown a
/// part of a complaint is listed to those who have it.
pub fn list(scope: &mut ComplaintsScope<'_>, paging: &Paging) -> Result<OnRecord<Page<Guest>>, StoreError> {
    open_those_with_guests(scope)?;
    let council = scope.council_id();
    let rows: Vec<(GuestRow, Option<PracticeName>)> = rows!(council)
        .filter(guests::guest_id.gt(GuestId::from(paging.after_id()?.unwrap_or(Uuid::nil()))))
        .order(guests::guest_id)
        .limit(paging.fetch())
        .load(scope.conn)?;
    let page = paging.page(rows, |(row, _)| row.guest_id.uuid()).try_map(|row| Ok(show(row)))?;
    scope.record_read(page, Event::ComplaintPeopleListed { council })
}

/// Confirms that the account of a guest is still theirs.
pub fn confirm(scope: &mut ComplaintsScope<'_>, known: &Guest) -> Result<(), StoreError> {
    known.state().confirm(&known.opened_by, scope.worker().account)?;
    let confirmed = update(guests::table.find((scope.council_id(), known.id)))
        .filter(guests::version.eq(known.version))
        .set((
            guests::unconfirmed_at.eq(None::<DateTime<Utc>>),
            guests::opened_by.eq(Vec::<AccountId>::new()),
            guests::version.eq(known.version + 1),
        ))
        .execute(scope.conn)?;
    unless_changed_since(scope, known, confirmed)?;
    scope.record(Event::GuestConfirmed { guest: known.id })
}

/// Writes that a guest is let go. What is assigned to them ends with it ([`crate::complaints`]), in complaints that the caller does not have
/// too: the responsible person lets go of who handles or looks into complaints, and who has a complaint of who is shown a part of it.
pub(crate) fn write_let_go(scope: &mut ComplaintsScope<'_>, known: &Guest) -> Result<(), StoreError> {
    known.state().let_go(known.complaint_id.is_some() || answers_for_the_council(&scope.worker().roles))?;
    let ended = update(guests::table.find((scope.council_id(), known.id)))
        .filter(guests::version.eq(known.version))
        .set((guests::ended_at.eq(scope.at()), guests::version.eq(known.version + 1)))
        .execute(scope.conn)?;
    unless_changed_since(scope, known, ended)?;
    scope.record(Event::GuestLetGo { guest: known.id })
}

fn unless_changed_since(scope: &mut ComplaintsScope<'_>, known: &Guest, changed: usize) -> Result<(), StoreError> {
    if changed == 1 {
        return Ok(());
    }
    Err(StoreError::VersionMismatch(find(scope, known.id)?.version))
}

/// Lets an account become the guest whom an invitation was for.
pub(crate) fn join(
    scope: &mut Scope<'_>,
    (council, guest): (CouncilId, GuestId),
    account: AccountId,
    drawn: Drawn,
) -> Result<(), StoreError> {
    let joined = update(guests::table.find((council, guest)))
        .filter(guests::account_id.is_null().and(guests::ended_at.is_null()))
        .set((
            guests::account_id.eq(account),
            guests::joined_at.eq(scope.at()),
            guests::invited_by.eq(guests::invited_by.concat(vec![drawn.by])),
            guests::version.eq(guests::version + 1),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/token"))?;
    if joined == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Whether a guest was not let go, joined or not.
pub(crate) fn is_here(scope: &mut Scope<'_>, council: CouncilId, guest: GuestId) -> Result<bool, StoreError> {
    let here = guests::table.find((council, guest)).filter(guests::ended_at.is_null()).select(guests::guest_id);
    Ok(diesel::select(exists(here)).get_result(scope.conn)?)
}

/// Makes every place of an account as a guest unconfirmed, and returns them: whoever drew the link may use the account now.
pub(crate) fn leave_unconfirmed(
    scope: &mut Scope<'_>,
    account: AccountId,
    drawn: Drawn,
) -> Result<Vec<(CouncilId, GuestId)>, StoreError> {
    Ok(update(guests::table.filter(guests::account_id.eq(account)))
        .filter(guests::ended_at.is_null())
        .set((
            guests::unconfirmed_at.eq(scope.at()),
            guests::opened_by.eq(guests::opened_by.concat(vec![drawn.by])),
            guests::version.eq(guests::version + 1),
        ))
        .returning((guests::council_id, guests::guest_id))
        .get_results(scope.conn)?)
}

/// The councils at whose complaints' door an account has a place: as an officer with a role in complaints that works, or as a guest.
/// Asked once both factors are proved.
pub(crate) fn complaints_places(scope: &mut Scope<'_>, account: AccountId) -> Result<Vec<ComplaintsPlace>, StoreError> {
    type CouncilColumns = (CouncilId, GssCode, String);
    let as_officer: Vec<(CouncilColumns, OfficerId, Vec<String>)> = officers::table
        .inner_join(councils::table.on(councils::council_id.eq(officers::council_id)))
        .filter(officers::account_id.eq(account).and(officers::unconfirmed_at.is_null()).and(not_gone!(scope.at())))
        .select(((councils::council_id, councils::gss_code, councils::name), officers::officer_id, officers::roles))
        .load(scope.conn)?;
    let as_guest: Vec<(CouncilColumns, GuestId)> = guests::table
        .inner_join(councils::table.on(councils::council_id.eq(guests::council_id)))
        .filter(guests::account_id.eq(account).and(guests::unconfirmed_at.is_null()).and(guests::ended_at.is_null()))
        .order((guests::complaint_id.is_not_null(), guests::guest_id))
        .select(((councils::council_id, councils::gss_code, councils::name), guests::guest_id))
        .load(scope.conn)?;
    let place =
        |(council_id, gss_code, name): CouncilColumns, person| ComplaintsPlace { council_id, gss_code, name, person };
    let mut places = Vec::new();
    for (council, officer, roles) in as_officer {
        if parse_roles(&roles)?.iter().any(|role| role.is_of_complaints()) {
            places.push(place(council, ComplaintsPerson::Officer(officer)));
        }
    }
    places.extend(as_guest.into_iter().map(|(council, guest)| place(council, ComplaintsPerson::Guest(guest))));
    // At one council an officer comes in as that, and a guest as who handles or looks into complaints rather than as who is shown a part.
    places.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(places)
}

/// Notes that an officer signed in at the complaints' door, by which the council's desk is known to be there.
pub(crate) fn note_signed_in(
    scope: &mut Scope<'_>,
    council: CouncilId,
    person: ComplaintsPerson,
) -> Result<(), StoreError> {
    let Some(officer) = person.officer() else { return Ok(()) };
    let noted = update(officers::table.find((council, officer)))
        .set(officers::complaints_signed_in_at.eq(scope.at()))
        .execute(scope.conn)?;
    StoreError::unless_changed(noted, "the officer")
}
