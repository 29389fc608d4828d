//! The people whom a practice serves.

use almoner_domain::events::Event;
use almoner_domain::ids::{KeyId, ServiceUserId, TeamId};
use almoner_domain::people::service_user::{
    CouncilPersonId, Flags, LIKELY, Likeness, SearchKey, ServiceUserDetails, likeness,
};
use almoner_domain::words::date;
use almoner_domain::words::name_keys::{sounds, words};
use almoner_domain::words::nhs_number::NhsNumber;
use almoner_domain::words::postcode::Postcode;
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{search_tokens, service_users};
use crate::ground::scope::{PracticeScope, Scope};
use crate::ground::sealing::{Key, SealedField};
use crate::ground::search_tokens::token;
use crate::people::about::{AboutPerson, about};
use crate::tenancy::teams::everybody;

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

/// A known person who may be the one whom a referral means.
#[derive(Clone, Serialize, ToSchema)]
pub struct LikelyMatch {
    /// The known person.
    pub service_user: ServiceUserSummary,
    /// The likeness, from 0 to 100.
    #[schema(maximum = 100)]
    pub score: u8,
    /// The details in which the two agree.
    #[schema(max_items = 6)]
    pub why: Vec<Likeness>,
}

/// The criteria of a search. A record must match all that are given.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "marlo" }))]
pub struct Criteria {
    /// A part of a name: the beginnings of words, or words that sound alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Line<100>>,
    /// The person's date of birth.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// The person's NHS number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nhs_number: Option<NhsNumber>,
    /// The person's postcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Postcode>,
    /// A council's own identifier of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub council_person_id: Option<CouncilPersonId>,
    /// The cursor from the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Line<200>>,
}

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = service_users)]
struct ServiceUserRow {
    service_user_id: ServiceUserId,
    access_restricted: bool,
    team_id: TeamId,
    key_id: KeyId,
    details: Vec<u8>,
    version: i32,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    restricted: bool,
}

fn sealed_field(scope: &PracticeScope<'_>, id: ServiceUserId) -> SealedField {
    SealedField { owner: scope.practice_id().uuid(), table: "service_users", column: "details", row: id.uuid() }
}

/// Opens a record.
pub fn create(scope: &mut PracticeScope<'_>, details: &ServiceUserDetails) -> Result<ServiceUserId, StoreError> {
    details.check(scope.today())?;
    let practice = scope.practice_id();
    let id: ServiceUserId = scope.next_id();
    let about = AboutPerson { service_user_id: id, access_restricted: false, team_id: everybody(practice) };
    let (key_id, key) = scope.new_key(practice.uuid())?;
    let sealed = key.seal(sealed_field(scope, id), details)?;
    diesel::insert_into(service_users::table)
        .values((
            service_users::practice_id.eq(practice),
            about!(service_users, about),
            service_users::key_id.eq(key_id),
            service_users::details.eq(sealed),
            service_users::created_at.eq(scope.at()),
            service_users::changed_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    write_tokens(scope, about, details)?;
    scope.record(Event::ServiceUserCreated { person: id })?;
    Ok(id)
}

/// Finds one person.
pub fn find(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<ServiceUser, StoreError> {
    let row = service_users::table
        .filter(service_users::practice_id.eq(scope.practice_id()).and(service_users::service_user_id.eq(id)))
        .select(ServiceUserRow::as_select())
        .first(scope.conn)?;
    open(scope, row)
}

/// One person, for somebody who reads the record: the reading is on record too.
pub fn read(scope: &mut PracticeScope<'_>, id: ServiceUserId) -> Result<OnRecord<ServiceUser>, StoreError> {
    let found = find(scope, id)?;
    scope.record_read(found, Event::ServiceUserRead { person: id })
}

/// Finds several people at once.
pub(crate) fn find_all(scope: &mut PracticeScope<'_>, ids: &[ServiceUserId]) -> Result<Vec<ServiceUser>, StoreError> {
    let rows = service_users::table
        .filter(service_users::practice_id.eq(scope.practice_id()).and(service_users::service_user_id.eq_any(ids)))
        .select(ServiceUserRow::as_select())
        .load(scope.conn)?;
    open_all(scope, rows)
}

fn open(scope: &mut PracticeScope<'_>, row: ServiceUserRow) -> Result<ServiceUser, StoreError> {
    let practice = scope.practice_id();
    let key = scope.key(practice.uuid(), row.key_id)?;
    let details: ServiceUserDetails = key.open(sealed_field(scope, row.service_user_id), &row.details)?;
    Ok(ServiceUser {
        id: row.service_user_id,
        flags: details.flags(row.restricted),
        details,
        created_at: row.created_at,
        changed_at: row.changed_at,
        version: row.version,
        key_id: row.key_id,
        access_restricted: row.access_restricted,
        team_id: row.team_id,
    })
}

fn open_all(scope: &mut PracticeScope<'_>, rows: Vec<ServiceUserRow>) -> Result<Vec<ServiceUser>, StoreError> {
    let keys: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
    let practice = scope.practice_id();
    scope.load_keys(practice.uuid(), &keys)?;
    rows.into_iter().map(|row| open(scope, row)).collect()
}

/// Writes the details of a person anew. Fails with a version mismatch if somebody has changed them since the caller read
/// them. Other crates call [`crate::referrals::change_service_user`], which also links the referrals that the new details
/// match.
pub(crate) fn change(
    scope: &mut PracticeScope<'_>,
    known: &ServiceUser,
    details: &ServiceUserDetails,
) -> Result<(), StoreError> {
    details.check(scope.today())?;
    let practice = scope.practice_id();
    let sealed = scope.key(practice.uuid(), known.key_id)?.seal(sealed_field(scope, known.id), details)?;
    let changed = diesel::update(service_users::table)
        .filter(service_users::practice_id.eq(practice).and(service_users::service_user_id.eq(known.id)))
        .filter(service_users::version.eq(known.version))
        .set((
            service_users::details.eq(sealed),
            service_users::version.eq(known.version + 1),
            service_users::changed_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope, known.id)?.version));
    }
    diesel::delete(search_tokens::table)
        .filter(search_tokens::practice_id.eq(practice).and(search_tokens::service_user_id.eq(known.id)))
        .execute(scope.conn)?;
    write_tokens(scope, known.about(), details)?;
    scope.record(Event::ServiceUserChanged { person: known.id })
}

fn write_tokens(
    scope: &mut PracticeScope<'_>,
    person: AboutPerson,
    details: &ServiceUserDetails,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let root = scope.root_key(practice.uuid())?;
    let rows: Vec<_> = details
        .search_keys()
        .iter()
        .map(|key| {
            (
                search_tokens::practice_id.eq(practice),
                search_tokens::token.eq(token(&root, key)),
                about!(search_tokens, person),
            )
        })
        .collect();
    diesel::insert_into(search_tokens::table).values(rows).execute(scope.conn)?;
    Ok(())
}

/// Searches the records that the caller may see. A record must match every criterion; the newest records come first.
pub fn search(
    scope: &mut PracticeScope<'_>,
    criteria: &Criteria,
    paging: &Paging,
) -> Result<OnRecord<Page<ServiceUserSummary>>, StoreError> {
    let practice = scope.practice_id();
    let root = scope.root_key(practice.uuid())?;
    let mut wanted: Vec<Vec<SearchKey>> = Vec::new();
    if let Some(name) = &criteria.name {
        for word in words(name.as_str()) {
            let beginning: String = word.chars().take(12).collect();
            let mut alternatives = vec![SearchKey::NameBeginning(beginning)];
            alternatives.extend(sounds(&word).into_iter().map(SearchKey::NameSound));
            wanted.push(alternatives);
        }
    }
    wanted.extend(criteria.date_of_birth.map(|date| vec![SearchKey::DateOfBirth(date)]));
    wanted.extend(criteria.nhs_number.clone().map(|number| vec![SearchKey::NhsNumber(number)]));
    wanted.extend(criteria.postcode.clone().map(|postcode| vec![SearchKey::Postcode(postcode)]));
    wanted.extend(criteria.council_person_id.clone().map(|id| vec![SearchKey::CouncilPersonId(id)]));
    if wanted.is_empty() {
        let detail = "must give at least one of name, date_of_birth, nhs_number, postcode, council_person_id";
        return Err(StoreError::ValidationFailed(vec![almoner_domain::fault::Fault::new("", detail)]));
    }
    let mut query = service_users::table
        .filter(service_users::practice_id.eq(practice))
        .filter(service_users::service_user_id.lt(ServiceUserId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(service_users::service_user_id.desc())
        .limit(paging.fetch())
        .select(ServiceUserRow::as_select())
        .into_boxed();
    for alternatives in wanted {
        let tokens: Vec<Vec<u8>> = alternatives.iter().map(|key| token(&root, key)).collect();
        query = query.filter(
            service_users::service_user_id.eq_any(
                search_tokens::table
                    .filter(search_tokens::practice_id.eq(practice).and(search_tokens::token.eq_any(tokens)))
                    .select(search_tokens::service_user_id),
            ),
        );
    }
    let rows = query.load(scope.conn)?;
    let page = paging.page(rows, |row: &ServiceUserRow| row.service_user_id.uuid());
    let found = open_all(scope, page.items)?;
    let page = Page { items: found.iter().map(ServiceUser::summary).collect(), next_cursor: page.next_cursor };
    scope.list_read(page, Event::ServiceUserSearched { practice })
}

/// Finds the known people who may be this one, the likeliest first.
pub fn likely_matches(
    scope: &mut PracticeScope<'_>,
    details: &ServiceUserDetails,
) -> Result<Vec<LikelyMatch>, StoreError> {
    // A person who shares an identifier is a candidate, however many others share more of a name.
    let (identifiers, rest): (Vec<SearchKey>, Vec<SearchKey>) =
        details.search_keys().into_iter().partition(SearchKey::identifies);
    let mut candidates = sharing(scope, &identifiers)?;
    candidates.extend(sharing(scope, &rest)?);
    let mut matches: Vec<LikelyMatch> = find_all(scope, &candidates)?
        .iter()
        .filter_map(|known| {
            let (alike, why) = likeness(&known.details, details);
            (alike >= LIKELY).then(|| LikelyMatch { service_user: known.summary(), score: alike, why })
        })
        .collect();
    matches.sort_by_key(|one| (std::cmp::Reverse(one.score), one.service_user.id));
    matches.truncate(5);
    Ok(matches)
}

/// Finds the people who share the most of these keys.
fn sharing(scope: &mut PracticeScope<'_>, keys: &[SearchKey]) -> Result<Vec<ServiceUserId>, StoreError> {
    let practice = scope.practice_id();
    let root = scope.root_key(practice.uuid())?;
    let tokens: Vec<Vec<u8>> = keys.iter().map(|key| token(&root, key)).collect();
    Ok(search_tokens::table
        .filter(search_tokens::practice_id.eq(practice).and(search_tokens::token.eq_any(tokens)))
        .group_by(search_tokens::service_user_id)
        .order(count_star().desc())
        .limit(20)
        .select(search_tokens::service_user_id)
        .load(scope.conn)?)
}

impl ServiceUser {
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
}

impl From<&ServiceUser> for PersonShown {
    fn from(person: &ServiceUser) -> Self {
        Self { id: person.id, name: person.details.spoken_name(), flags: person.flags, about: person.about() }
    }
}
