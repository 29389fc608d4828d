//! Finding people by what is known of them: searches by staff, and the known people whom a referral may mean.

use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::ServiceUserId;
use almoner_domain::people::birth::Birth;
use almoner_domain::people::contact::DateOfBirthAccuracy;
use almoner_domain::people::council_person_id::CouncilPersonId;
use almoner_domain::people::likeness::{LIKELY, Likeness, likeness};
use almoner_domain::people::search_key::SearchKey;
use almoner_domain::people::service_user::ServiceUserDetails;
use almoner_domain::words::date;
use almoner_domain::words::nhs_number::NhsNumber;
use almoner_domain::words::postcode::Postcode;
use almoner_domain::words::text::{self, Line};
use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{search_tokens, service_users};
use crate::ground::scope::PracticeScope;
use crate::ground::search_tokens::token;
use crate::people::service_users::{SealedPerson, ServiceUserSummary, find_all, open, sealed_person};
use crate::tenancy::council_codes::codes_of;

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
    /// When the known person may have been born.
    #[serde(skip)]
    pub(crate) birth: Birth,
}

/// The criteria of a search. A record must match all that are given.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "marlo" }))]
pub struct Criteria {
    /// A part of a name: the beginnings of words, or words that sound alike.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub name: Option<Line<100>>,
    /// The person's date of birth.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// The person's NHS number.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub nhs_number: Option<NhsNumber>,
    /// The person's postcode.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Postcode>,
    /// A council's own identifier of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub council_person_id: Option<CouncilPersonId>,
    /// The cursor from the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, pattern = "^[A-Za-z0-9_-]+$")]
    pub cursor: Option<String>,
}

/// The alternatives of each criterion: a record must match one of each.
fn wanted(criteria: &Criteria) -> Vec<Vec<SearchKey>> {
    let mut wanted: Vec<Vec<SearchKey>> = Vec::new();
    // What few records share comes first, since the search begins there.
    wanted.extend(criteria.nhs_number.clone().map(|number| vec![SearchKey::NhsNumber(number)]));
    wanted.extend(criteria.council_person_id.clone().map(|id| vec![SearchKey::CouncilPersonId(id)]));
    wanted.extend(criteria.date_of_birth.map(|date| Birth::new(Some(date), DateOfBirthAccuracy::Exact).wanted()));
    wanted.extend(criteria.postcode.clone().map(|postcode| vec![SearchKey::Postcode(postcode)]));
    wanted.extend(criteria.name.iter().flat_map(|name| SearchKey::of_name(name.as_str(), true)));
    wanted
}

/// Searches the records that the caller may see. A record must match every criterion; the newest records come first.
pub fn search(
    scope: &mut PracticeScope<'_>,
    criteria: &Criteria,
    paging: &Paging,
) -> Result<OnRecord<Page<ServiceUserSummary>>, StoreError> {
    let practice = scope.practice_id();
    let root = scope.root_key(practice.uuid())?;
    let wanted = under_every_code(scope, wanted(criteria))?;
    let mut wanted = wanted.into_iter().map(|keys| keys.iter().map(|key| token(&root, key)).collect());
    let Some(first): Option<Vec<Vec<u8>>> = wanted.next() else {
        let detail = "must give at least one of name, date_of_birth, nhs_number, postcode, council_person_id";
        return Err(StoreError::ValidationFailed(vec![Fault::new("", detail)]));
    };
    let other_tokens = diesel::alias!(search_tokens as other_tokens);
    // The page is chosen from the tokens alone, and only its records are read.
    let mut page = search_tokens::table
        .filter(search_tokens::practice_id.eq(practice).and(search_tokens::token.eq_any(first)))
        .filter(search_tokens::service_user_id.lt(ServiceUserId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .select(search_tokens::service_user_id)
        .distinct()
        .order(search_tokens::service_user_id.desc())
        .limit(paging.fetch())
        .into_boxed();
    for tokens in wanted {
        let tokens: Vec<Vec<u8>> = tokens;
        // A distinct list is found by itself, from the tokens. Otherwise PostgreSQL, which plans this without knowing how many
        // share a token, looks through all the tokens of each person whom the first criterion found.
        let others = other_tokens
            .filter(other_tokens.field(search_tokens::practice_id).eq(practice))
            .filter(other_tokens.field(search_tokens::token).eq_any(tokens))
            .select(other_tokens.field(search_tokens::service_user_id))
            .distinct();
        page = page.filter(search_tokens::service_user_id.eq_any(others));
    }
    let rows: Vec<SealedPerson> = service_users::table
        .filter(service_users::practice_id.eq(practice).and(service_users::service_user_id.eq_any(page)))
        .order(service_users::service_user_id.desc())
        .select(sealed_person!(service_users, practice.uuid()))
        .load(scope.conn)?;
    let page = paging.page(rows, |(row, _)| row.service_user_id.uuid());
    let page = page.try_map(|row| open(scope, row).map(|person| person.summary()))?;
    scope.list_read(page, Event::ServiceUserSearched { practice })
}

/// Finds the known people who may be this one, the likeliest first.
pub fn likely_matches(
    scope: &mut PracticeScope<'_>,
    details: &ServiceUserDetails,
) -> Result<Vec<LikelyMatch>, StoreError> {
    let mut details = details.clone();
    details.council_person_ids = ids_under_every_code(scope, &details.council_person_ids)?;
    // A person who shares an identifier is a candidate, however many others share more of a name.
    let (identifiers, rest): (Vec<SearchKey>, Vec<SearchKey>) =
        details.keys_of_alike().into_iter().partition(SearchKey::identifies);
    let mut candidates = sharing(scope, &identifiers)?;
    candidates.extend(sharing(scope, &rest)?);
    let mut matches: Vec<LikelyMatch> = find_all(scope, &candidates)?
        .iter()
        .filter_map(|known| {
            let (alike, why) = likeness(&known.details, &details);
            (alike >= LIKELY).then(|| LikelyMatch {
                service_user: known.summary(),
                score: alike,
                why,
                birth: known.details.birth(),
            })
        })
        .collect();
    matches.sort_by_key(|one| (std::cmp::Reverse(one.score), one.service_user.id));
    matches.truncate(5);
    Ok(matches)
}

/// Finds a known person who has this one's NHS number, and was born on another day.
pub(crate) fn born_otherwise(
    scope: &mut PracticeScope<'_>,
    details: &ServiceUserDetails,
) -> Result<Option<ServiceUserId>, StoreError> {
    let Some(number) = &details.nhs_number else { return Ok(None) };
    let practice = scope.practice_id();
    let root = scope.root_key(practice.uuid())?;
    let with_the_number = search_tokens::table
        .filter(search_tokens::practice_id.eq(practice))
        .filter(search_tokens::token.eq(token(&root, &SearchKey::NhsNumber(number.clone()))))
        .select(search_tokens::service_user_id);
    let known: Vec<SealedPerson> = service_users::table
        .filter(service_users::practice_id.eq(practice).and(service_users::service_user_id.eq_any(with_the_number)))
        .order(service_users::service_user_id)
        .limit(20)
        .select(sealed_person!(service_users, practice.uuid()))
        .load(scope.conn)?;
    for row in known {
        let known = open(scope, row)?;
        if known.details.birth().contradicts(details.birth()) {
            return Ok(Some(known.id));
        }
    }
    Ok(None)
}

/// Adds to each criterion that is a council's identifier the same identifier under every code that the council has or had.
pub(crate) fn under_every_code(
    scope: &mut PracticeScope<'_>,
    wanted: Vec<Vec<SearchKey>>,
) -> Result<Vec<Vec<SearchKey>>, StoreError> {
    let mut all = Vec::with_capacity(wanted.len());
    for keys in wanted {
        let mut any = Vec::with_capacity(keys.len());
        for key in keys {
            match key {
                SearchKey::CouncilPersonId(id) => {
                    any.extend(ids_under_every_code(scope, &[id])?.into_iter().map(SearchKey::CouncilPersonId));
                }
                key => any.push(key),
            }
        }
        all.push(any);
    }
    Ok(all)
}

/// These identifiers, each under every code that its council has or had.
fn ids_under_every_code(
    scope: &mut PracticeScope<'_>,
    ids: &[CouncilPersonId],
) -> Result<Vec<CouncilPersonId>, StoreError> {
    let mut all = Vec::new();
    for id in ids {
        let codes = codes_of(scope, &id.council)?;
        all.extend(id.under(&codes));
    }
    Ok(all)
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
