//! The people whom a practice serves.

use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{KeyId, PracticeId, ServiceUserId, TeamId};
use almoner_domain::people::council_person_id::CouncilPersonId;
use almoner_domain::people::facts::fact_changes;
use almoner_domain::people::flags::Flags;
use almoner_domain::people::from_referrals::FromReferral;
use almoner_domain::people::service_user::ServiceUserDetails;
use almoner_domain::people::warning_note::WarningInForce;
use almoner_domain::words::nhs_number::NhsNumber;
use almoner_domain::words::postcode::Postcode;
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::keys::WrappedKeys;
use crate::ground::on_record::OnRecord;
use crate::ground::prepared::update;
use crate::ground::schema::{search_tokens, service_users};
use crate::ground::scope::{PracticeScope, Scope};
use crate::ground::sealing::{Key, SealedField};
use crate::ground::search_tokens::token;
use crate::people::about::{AboutPerson, about};
use crate::people::facts::{self, Provenance};
use crate::tenancy::council_codes::days_of;
use crate::tenancy::teams::everybody;

diesel::define_sql_function! {
    /// A row for each element of the array.
    fn unnest(array: sql_types::Array<sql_types::Bytea>) -> sql_types::Bytea;
}

/// A person whom the practice serves.
#[derive(Clone, Serialize, ToSchema)]
pub struct ServiceUser {
    /// The identifier of the person in this practice.
    pub id: ServiceUserId,
    /// The flags that a visitor must see first.
    pub flags: Flags,
    /// The details of the person.
    #[serde(flatten)]
    pub details: ServiceUserDetails,
    /// The warning notes in force, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub warnings: Vec<WarningInForce>,
    /// What referrals say of the person and the record does not, the newest referral first. It stands here until it is settled,
    /// and afterwards with what was decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    pub from_referrals: Vec<FromReferral>,
    /// When the record was opened.
    pub created_at: DateTime<Utc>,
    /// When the record was last changed.
    pub changed_at: DateTime<Utc>,
    /// The version of the record, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
    #[serde(skip)]
    pub(crate) key_id: KeyId,
    #[serde(skip)]
    pub(crate) access_restricted: bool,
    #[serde(skip)]
    pub(crate) team_id: TeamId,
}

/// A person in a list.
#[derive(Clone, Serialize, ToSchema)]
pub struct ServiceUserSummary {
    /// The identifier of the person in this practice.
    pub id: ServiceUserId,
    /// The person's name, as it is said.
    #[schema(value_type = Line<500>)]
    pub name: String,
    /// Date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// The NHS number, masked but for its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 12, pattern = "^\\*{3} \\*{3} [0-9]{4}$", example = "*** *** 8609")]
    pub nhs_number: Option<String>,
    /// The postcode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Postcode>,
    /// The flags that a visitor must see first.
    pub flags: Flags,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = service_users)]
pub(crate) struct ServiceUserRow {
    pub(super) service_user_id: ServiceUserId,
    access_restricted: bool,
    team_id: TeamId,
    key_id: KeyId,
    details: Vec<u8>,
    from_referrals: Option<Vec<u8>>,
    version: i32,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    restricted: bool,
    warnings: Option<Vec<u8>>,
}

/// A person's row with the keys that open it.
pub(crate) type SealedPerson = (ServiceUserRow, WrappedKeys);

/// Selects people with the keys that open them.
macro_rules! sealed_person {
    ($people:ident, $practice:expr) => {
        (
            <$crate::people::service_users::ServiceUserRow as diesel::prelude::SelectableHelper<_>>::as_select(),
            $crate::ground::keys::wrapped_keys!($people, $practice),
        )
    };
}
pub(crate) use sealed_person;

/// The field in which a column of a person's record is sealed.
pub(crate) fn sealed_field(practice: PracticeId, column: &'static str, id: ServiceUserId) -> SealedField {
    SealedField { owner: practice.uuid(), table: "service_users", column, row: id.uuid() }
}

/// What a record says from now on.
pub(crate) struct Rewritten<'r> {
    pub(crate) details: &'r ServiceUserDetails,
    /// What referrals say and the record does not.
    pub(crate) from_referrals: &'r [FromReferral],
    /// The source of what is new in the details.
    pub(crate) provenance: Provenance,
}

impl Rewritten<'_> {
    /// Seals what referrals say, if they say anything.
    fn sealed_from_referrals(
        &self,
        scope: &PracticeScope<'_>,
        key: &Key,
        id: ServiceUserId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let says = (!self.from_referrals.is_empty()).then_some(self.from_referrals);
        says.map(|says| key.seal(sealed_field(scope.practice_id(), "from_referrals", id), says)).transpose()
    }
}

/// The version of a record that nobody has changed yet.
const FIRST_VERSION: i32 = 1;

/// Opens a record.
pub fn create(scope: &mut PracticeScope<'_>, details: &ServiceUserDetails) -> Result<ServiceUser, StoreError> {
    check_codes(scope, &details.council_person_ids, &[])?;
    let provenance = Provenance { referral: None, from: scope.today() };
    create_for_referral(scope, &Rewritten { details, from_referrals: &[], provenance })
}

/// Refuses a code of a council that there is not yet: it has given nobody an identifier. One that has been abolished may have.
fn check_codes(
    scope: &mut PracticeScope<'_>,
    ids: &[CouncilPersonId],
    known: &[CouncilPersonId],
) -> Result<(), StoreError> {
    let is_new = |one: &CouncilPersonId| !known.iter().any(|other| other.council == one.council);
    let codes: Vec<&str> = ids.iter().filter(|one| is_new(one)).map(|one| one.council.as_str()).collect();
    if codes.is_empty() {
        return Ok(());
    }
    let (days, today) = (days_of(scope, &codes)?, scope.today());
    let fault = |(index, one): (usize, &CouncilPersonId)| {
        let detail = days.of(one.council.as_str()).fault_of_a_past_code(today)?;
        Some(Fault::new(format!("/council_person_ids/{index}/council"), detail))
    };
    StoreError::unless_faulty(ids.iter().enumerate().filter_map(fault).collect())
}

/// Opens a record for somebody in a referral, whose council's own code is beyond doubt.
pub(crate) fn create_for_referral(
    scope: &mut PracticeScope<'_>,
    new: &Rewritten<'_>,
) -> Result<ServiceUser, StoreError> {
    let details = new.details;
    details.check(scope.today())?;
    let practice = scope.practice_id();
    let id: ServiceUserId = scope.next_id();
    let about = AboutPerson { service_user_id: id, access_restricted: false, team_id: everybody(practice) };
    let (key_id, key) = scope.new_key(practice.uuid())?;
    let sealed = key.seal(sealed_field(scope.practice_id(), "details", id), details)?;
    let from_referrals = new.sealed_from_referrals(scope, &key, id)?;
    diesel::insert_into(service_users::table)
        .values((
            service_users::practice_id.eq(practice),
            about!(service_users, about),
            service_users::key_id.eq(key_id),
            service_users::details.eq(sealed),
            service_users::from_referrals.eq(from_referrals),
            service_users::version.eq(FIRST_VERSION),
            service_users::created_at.eq(scope.at()),
            service_users::changed_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    write_tokens(scope, about, details)?;
    facts::write(scope, about, &key, &fact_changes(None, details), new.provenance)?;
    scope.record(Event::ServiceUserCreated { person: id })?;
    Ok(ServiceUser {
        id,
        flags: details.flags(false, false, new.from_referrals),
        details: details.clone(),
        warnings: Vec::new(),
        from_referrals: new.from_referrals.to_vec(),
        created_at: scope.at(),
        changed_at: scope.at(),
        version: FIRST_VERSION,
        key_id,
        access_restricted: about.access_restricted,
        team_id: about.team_id,
    })
}

/// Finds one person.
pub fn find(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<ServiceUser, StoreError> {
    let practice = scope.practice_id().uuid();
    let row = service_users::table
        .filter(service_users::practice_id.eq(practice).and(service_users::service_user_id.eq(id)))
        .select(sealed_person!(service_users, practice))
        .first(scope.conn)?;
    open(scope, row)
}

/// Refuses a person who is not there, or whom the caller may not see.
pub(crate) fn expect(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<(), StoreError> {
    let _: ServiceUserId = service_users::table
        .filter(service_users::practice_id.eq(scope.practice_id()).and(service_users::service_user_id.eq(id)))
        .select(service_users::service_user_id)
        .first(scope.conn)?;
    Ok(())
}

/// One person, for somebody who reads the record: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<OnRecord<ServiceUser>, StoreError> {
    let found = find(scope, id)?;
    scope.record_read(found, Event::ServiceUserRead { person: id })
}

/// Finds several people at once.
pub(crate) fn find_all(scope: &mut PracticeScope<'_>, ids: &[ServiceUserId]) -> Result<Vec<ServiceUser>, StoreError> {
    let practice = scope.practice_id().uuid();
    let rows: Vec<SealedPerson> = service_users::table
        .filter(service_users::practice_id.eq(practice).and(service_users::service_user_id.eq_any(ids)))
        .select(sealed_person!(service_users, practice))
        .load(scope.conn)?;
    rows.into_iter().map(|row| open(scope, row)).collect()
}

/// Opens a person's record that a query brought.
pub(crate) fn open(scope: &mut PracticeScope<'_>, (row, keys): SealedPerson) -> Result<ServiceUser, StoreError> {
    let practice = scope.practice_id();
    let key = scope.unwrap(practice.uuid(), row.key_id, &keys)?;
    let field = |column| sealed_field(practice, column, row.service_user_id);
    let details: ServiceUserDetails = key.open(field("details"), &row.details)?;
    let from_referrals: Option<Vec<FromReferral>> =
        row.from_referrals.map(|sealed| key.open(field("from_referrals"), &sealed)).transpose()?;
    let from_referrals = from_referrals.unwrap_or_default();
    let warnings: Option<Vec<WarningInForce>> =
        row.warnings.map(|sealed| key.open(field("warnings"), &sealed)).transpose()?;
    let warnings = warnings.unwrap_or_default();
    Ok(ServiceUser {
        id: row.service_user_id,
        flags: details.flags(row.restricted, !warnings.is_empty(), &from_referrals),
        details,
        warnings,
        from_referrals,
        created_at: row.created_at,
        changed_at: row.changed_at,
        version: row.version,
        key_id: row.key_id,
        access_restricted: row.access_restricted,
        team_id: row.team_id,
    })
}

/// Writes a record anew. Fails with a version mismatch if somebody has changed it since the caller read it. Other files call
/// [`crate::referrals::change_service_user`] and the like, which also link the referrals that the new details match.
pub(crate) fn rewrite(
    scope: &mut PracticeScope<'_>,
    known: &ServiceUser,
    new: &Rewritten<'_>,
) -> Result<(), StoreError> {
    let details = new.details;
    details.check(scope.today())?;
    check_codes(scope, &details.council_person_ids, &known.details.council_person_ids)?;
    let practice = scope.practice_id();
    let key = scope.key(practice.uuid(), known.key_id)?;
    let sealed = key.seal(sealed_field(scope.practice_id(), "details", known.id), details)?;
    let from_referrals = new.sealed_from_referrals(scope, &key, known.id)?;
    let changed = update(service_users::table)
        .filter(service_users::practice_id.eq(practice).and(service_users::service_user_id.eq(known.id)))
        .filter(service_users::version.eq(known.version))
        .set((
            service_users::details.eq(sealed),
            service_users::from_referrals.eq(from_referrals),
            service_users::version.eq(known.version + 1),
            service_users::changed_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, known.id)?.version));
    }
    if *details != known.details {
        diesel::delete(search_tokens::table)
            .filter(search_tokens::practice_id.eq(practice).and(search_tokens::service_user_id.eq(known.id)))
            .execute(scope.conn)?;
        write_tokens(scope, known.about(), details)?;
        facts::write(scope, known.about(), &key, &fact_changes(Some(&known.details), details), new.provenance)?;
    }
    scope.record(Event::ServiceUserChanged { person: known.id })
}

/// Removes a record that was opened by mistake and that nobody has changed since. All that it has came from the council's
/// message, which stays. Refuses it if anything else is about the person.
pub(crate) fn remove(scope: &mut PracticeScope<'_>, person: &ServiceUser) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    diesel::delete(search_tokens::table)
        .filter(search_tokens::practice_id.eq(practice).and(search_tokens::service_user_id.eq(person.id)))
        .execute(scope.conn)?;
    facts::remove(scope, person.about())?;
    let removed = diesel::delete(service_users::table)
        .filter(service_users::practice_id.eq(practice).and(service_users::service_user_id.eq(person.id)))
        .filter(service_users::version.eq(person.version))
        .execute(scope.conn)
        .map_err(|error| StoreError::something_stands(error, "another record about the person"))?;
    if removed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, person.id)?.version));
    }
    scope.record(Event::ServiceUserRemoved { person: person.id })
}

impl Scope<'_> {
    /// Records that a refusal showed the caller a part of a person's record.
    pub fn record_comparison(&mut self, person: ServiceUserId) -> Result<(), StoreError> {
        self.record(Event::ServiceUserCompared { person })
    }
}

fn write_tokens(
    scope: &mut PracticeScope<'_>,
    person: AboutPerson,
    details: &ServiceUserDetails,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let root = scope.root_key(practice.uuid())?;
    let tokens: Vec<Vec<u8>> = details.search_keys().iter().map(|key| token(&root, key)).collect();
    // One text, however many tokens: the statement is prepared once on each connection.
    let rows = diesel::select((
        practice.uuid().into_sql::<sql_types::Uuid>(),
        unnest(tokens),
        person.service_user_id.uuid().into_sql::<sql_types::Uuid>(),
        person.access_restricted.into_sql::<sql_types::Bool>(),
        person.team_id.uuid().into_sql::<sql_types::Uuid>(),
    ));
    diesel::insert_into(search_tokens::table)
        .values(rows)
        .into_columns((
            search_tokens::practice_id,
            search_tokens::token,
            search_tokens::service_user_id,
            search_tokens::access_restricted,
            search_tokens::team_id,
        ))
        .execute(scope.conn)?;
    Ok(())
}

impl ServiceUser {
    /// Whether the details were written anew since the record was opened.
    pub(crate) const fn was_changed(&self) -> bool {
        self.version != FIRST_VERSION
    }

    /// The person as a list shows them.
    pub fn summary(&self) -> ServiceUserSummary {
        ServiceUserSummary {
            id: self.id,
            name: self.details.spoken_name(),
            date_of_birth: self.details.date_of_birth,
            nhs_number: self.details.nhs_number.as_ref().map(NhsNumber::masked),
            postcode: self.details.address.as_ref().and_then(|address| address.postcode.clone()),
            flags: self.flags,
        }
    }

    /// The key under which everything about this person is sealed.
    pub(crate) fn key(&self, scope: &mut Scope<'_>, practice: Uuid) -> Result<Key, StoreError> {
        scope.key(practice, self.key_id)
    }

    /// The person's key, which every row about them carries.
    pub(crate) fn about(&self) -> AboutPerson {
        AboutPerson { service_user_id: self.id, access_restricted: self.access_restricted, team_id: self.team_id }
    }
}

/// The person as a case shows them.
#[derive(Clone, Serialize, ToSchema)]
pub struct PersonShown {
    /// The identifier of the person in this practice.
    pub id: ServiceUserId,
    /// The person's name, as it is said.
    #[schema(value_type = Line<500>)]
    pub name: String,
    /// The flags that a visitor must see first.
    pub flags: Flags,
    #[serde(skip)]
    pub(crate) about: AboutPerson,
    #[serde(skip)]
    pub(crate) key_id: KeyId,
}

impl PersonShown {
    /// The key under which everything about this person is sealed.
    pub(crate) fn key(&self, scope: &mut PracticeScope<'_>) -> Result<Key, StoreError> {
        let practice = scope.practice_id();
        scope.key(practice.uuid(), self.key_id)
    }
}

impl From<&ServiceUser> for PersonShown {
    fn from(person: &ServiceUser) -> Self {
        Self {
            id: person.id,
            name: person.details.spoken_name(),
            flags: person.flags,
            about: person.about(),
            key_id: person.key_id,
        }
    }
}
