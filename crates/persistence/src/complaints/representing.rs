//! Checks of representatives: whether somebody may complain for another person, and acts in their best interests (SI 2009/309 reg 5).

use almoner_domain::complaints::representing::{CheckRepresentative, RepresentativeOutcome, SeenOfRepresentative};
use almoner_domain::complaints::response::Standing;
use almoner_domain::events::Event;
use almoner_domain::ids::{ComplaintId, GuestId, OfficerId, RepresentativeCheckId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changing::{Changes, change, find_alone, seal};
use super::reading::{Complaint, identity};
use super::{Identity, Sealed};
use crate::ground::callers::ComplaintsPerson;
use crate::ground::error::StoreError;
use crate::ground::schema::complaint_representative_checks;
use crate::ground::scope::{ComplaintsScope, PartnerScope};

/// The most checks of one complaint.
const MOST_CHECKS: usize = 20;

const TABLE: &str = "complaint_representative_checks";

/// A check of the representative who complains for a person.
#[derive(Clone, Serialize, ToSchema)]
pub struct RepresentativeCheck {
    /// The identifier of the check.
    pub id: RepresentativeCheckId,
    /// The day of the check.
    pub checked_on: NaiveDate,
    /// What came of it.
    pub outcome: RepresentativeOutcome,
    /// The representative who was checked. In a confidential complaint this, what was seen and the words are left out until the caller
    /// unseals them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub representative: Option<Line<200>>,
    /// What was seen.
    #[schema(max_items = 3)]
    pub seen: Vec<SeenOfRepresentative>,
    /// What was seen and said, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Passage<2000>>,
    /// The officer who checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer_id: Option<OfficerId>,
    /// The guest who checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_id: Option<GuestId>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// The last check of a representative, as they follow the complaint.
#[derive(Clone, Serialize, ToSchema, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct FollowedCheck {
    /// The day of the check.
    pub checked_on: NaiveDate,
    /// What came of it.
    pub outcome: RepresentativeOutcome,
}

/// What is sealed of a check.
#[derive(Serialize, Deserialize)]
struct Content {
    representative: Line<200>,
    seen: Vec<SeenOfRepresentative>,
    words: Passage<2000>,
}

/// Records the check of the representative who complains, as anybody who has the complaint.
pub fn check(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    with: &CheckRepresentative,
) -> Result<RepresentativeCheckId, StoreError> {
    let complaint = find_alone(scope, id)?;
    let refused = |thing, state, step| Err(Refusal::InvalidState { thing, state, step }.into());
    if complaint.confidential && complaint.unsealed_until.is_none() {
        return refused("identity in the complaint", "sealed", "checked: unseal it first");
    }
    let complainant = identity(scope, &complaint)?.complainant;
    let Some((complainant, reason)) = complainant.and_then(|one| one.representation_reason.map(|why| (one, why)))
    else {
        return refused("complainant", "nobody who acts for another person", "checked as a representative");
    };
    StoreError::unless_faulty(with.faults(reason, scope.today()))?;
    if complaint.representative_checks.len() >= MOST_CHECKS {
        return refused("representative", "checked twenty times", "checked again");
    }
    let check: RepresentativeCheckId = scope.next_id();
    let content = Content { representative: complainant.name, seen: with.seen.clone(), words: with.words.clone() };
    let content = seal(scope, &complaint, (TABLE, "content"), check.uuid(), &content)?;
    let person = Some(scope.worker().person);
    diesel::insert_into(complaint_representative_checks::table)
        .values((
            complaint_representative_checks::council_id.eq(scope.council_id()),
            complaint_representative_checks::complaint_id.eq(id),
            complaint_representative_checks::check_id.eq(check),
            complaint_representative_checks::key_id.eq(complaint.sealed.key_id),
            complaint_representative_checks::content.eq(content),
            complaint_representative_checks::checked_on.eq(with.checked_on),
            complaint_representative_checks::outcome.eq(with.outcome),
            complaint_representative_checks::officer_id.eq(person.and_then(ComplaintsPerson::officer)),
            complaint_representative_checks::guest_id.eq(person.and_then(ComplaintsPerson::guest)),
            complaint_representative_checks::recorded_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    change(scope, &complaint, Changes::default())?;
    scope.record(Event::ComplaintRepresentativeChecked { complaint: id })?;
    Ok(check)
}

/// Reads the checks of a complaint, the oldest first, without who was checked unless that is unsealed. The caller has already opened the
/// key.
pub(super) fn of_complaint(
    scope: &mut ComplaintsScope<'_>,
    sealed: Sealed,
    is_unsealed: bool,
) -> Result<Vec<RepresentativeCheck>, StoreError> {
    type Row = (
        (RepresentativeCheckId, Vec<u8>, NaiveDate, RepresentativeOutcome),
        (Option<OfficerId>, Option<GuestId>, DateTime<Utc>),
    );
    let rows: Vec<Row> = complaint_representative_checks::table
        .filter(complaint_representative_checks::council_id.eq(sealed.council))
        .filter(complaint_representative_checks::complaint_id.eq(sealed.id))
        .order(complaint_representative_checks::check_id)
        .select((
            (
                complaint_representative_checks::check_id,
                complaint_representative_checks::content,
                complaint_representative_checks::checked_on,
                complaint_representative_checks::outcome,
            ),
            (
                complaint_representative_checks::officer_id,
                complaint_representative_checks::guest_id,
                complaint_representative_checks::recorded_at,
            ),
        ))
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let open = |((id, content, checked_on, outcome), (officer_id, guest_id, recorded_at)): Row| {
        let content: Option<Content> =
            if is_unsealed { Some(key.open(sealed.of(TABLE, "content", id.uuid()), &content)?) } else { None };
        let (representative, seen, words) = match content {
            Some(content) => (Some(content.representative), content.seen, Some(content.words)),
            None => (None, Vec::new(), None),
        };
        Ok(RepresentativeCheck {
            id,
            checked_on,
            outcome,
            representative,
            seen,
            words,
            officer_id,
            guest_id,
            recorded_at,
        })
    };
    rows.into_iter().map(open).collect()
}

/// On what basis somebody complains, and what came of the last check of whoever acts for the person now. A check of somebody who complained
/// before in their place does not count.
pub(super) fn standing(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<Standing, StoreError> {
    let Identity { complainant, .. } = identity(scope, complaint)?;
    let Some(complainant) = complainant else { return Ok(Standing { basis: None, check: None }) };
    let checks = of_complaint(scope, complaint.sealed, true)?;
    let last = checks.into_iter().rfind(|check| check.representative.as_ref() == Some(&complainant.name));
    Ok(Standing { basis: Some(complainant.basis), check: last.map(|check| check.outcome) })
}

/// Reads the last check, for the complainant who follows the complaint.
pub(super) fn followed(scope: &mut PartnerScope<'_>, sealed: Sealed) -> Result<Option<FollowedCheck>, StoreError> {
    Ok(complaint_representative_checks::table
        .filter(complaint_representative_checks::council_id.eq(sealed.council))
        .filter(complaint_representative_checks::complaint_id.eq(sealed.id))
        .order(complaint_representative_checks::check_id.desc())
        .select((complaint_representative_checks::checked_on, complaint_representative_checks::outcome))
        .first(scope.conn)
        .optional()?)
}
