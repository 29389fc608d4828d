//! What an officer does with a complaint that is offered to them: they see who is concerned, and open it, or say that they know somebody.

use almoner_domain::complaints::assigning::{AssignmentEnd, View};
use almoner_domain::complaints::offering::{AskedAs, Bar, OfferOutcome};
use almoner_domain::events::{Event, Task};
use almoner_domain::ids::{AssignmentId, ComplaintId, KeyId, OfferId};
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Sealed;
use super::barring::concerned;
use super::changing::hold;
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_assignments, complaint_offers, complaints, practices};
use crate::ground::scope::ComplaintsScope;
use crate::tenancy::practices::PracticeName;

/// A complaint that is offered, unopened, to the caller.
#[derive(Clone, Serialize, ToSchema)]
pub struct Offer {
    /// The identifier of the offer.
    pub id: OfferId,
    /// As what the caller is asked.
    pub asked_as: AskedAs,
    /// The practice that the complaint is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practice: Option<PracticeName>,
    /// When the complaint was offered.
    pub offered_at: DateTime<Utc>,
    /// The last day on which the caller may open it. Then it is offered to the next officer.
    pub open_by: NaiveDate,
}

/// An offer with the names of those concerned, about whom the caller says whether they know them.
#[derive(Clone, Serialize, ToSchema)]
pub struct OfferWithNames {
    /// The offer.
    #[serde(flatten)]
    pub offer: Offer,
    /// The names of those concerned: the staff complained about, and unless the complaint is confidential the complainant and the person.
    #[schema(max_items = 20, value_type = Vec<Line<310>>)]
    pub concerned: Vec<String>,
}

/// The answer of an officer to whom a complaint is offered.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "knows_somebody_concerned": false }))]
pub struct OpenOffer {
    /// Whether the officer, or anybody close to them, knows anybody concerned. If so, the complaint stays closed to them and is offered to
    /// the next officer.
    pub knows_somebody_concerned: bool,
}

/// What came of answering an offer.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct AnsweredOffer {
    /// The outcome of the offer.
    pub outcome: OfferOutcome,
    /// The complaint, which the caller has now. It is left out if they know somebody concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaint_id: Option<ComplaintId>,
}

diesel::define_sql_function! {
    /// The first of two moments, or the second where there is no first.
    fn coalesce(
        first: sql_types::Nullable<sql_types::Timestamptz>,
        second: sql_types::Nullable<sql_types::Timestamptz>,
    ) -> sql_types::Nullable<sql_types::Timestamptz>;
}

type OfferColumns = (OfferId, AskedAs, DateTime<Utc>, NaiveDate);
type OfferRow = (OfferColumns, Option<PracticeName>);

fn show(((id, asked_as, offered_at, open_by), practice): OfferRow) -> Offer {
    Offer { id, asked_as, practice, offered_at, open_by }
}

/// Selects the live offers to the caller.
macro_rules! rows {
    ($scope:expr) => {
        complaint_offers::table
            .left_join(practices::table.on(practices::practice_id.nullable().eq(complaint_offers::practice_id)))
            .filter(complaint_offers::council_id.eq($scope.council_id()))
            .filter(complaint_offers::officer_id.eq($scope.officer()?).and(complaint_offers::ended_at.is_null()))
    };
}

/// The columns of an offer.
macro_rules! columns {
    () => {
        (
            complaint_offers::offer_id,
            complaint_offers::asked_as,
            complaint_offers::offered_at,
            complaint_offers::open_by,
        )
    };
}

/// Lists what is offered to the caller, the oldest first.
pub fn list(scope: &mut ComplaintsScope<'_>, paging: &Paging) -> Result<OnRecord<Page<Offer>>, StoreError> {
    let officer = scope.officer()?;
    let rows: Vec<OfferRow> = rows!(scope)
        .filter(complaint_offers::offer_id.gt(OfferId::from(paging.after_id()?.unwrap_or(uuid::Uuid::nil()))))
        .order(complaint_offers::offer_id)
        .limit(paging.fetch())
        .select((columns!(), Option::<PracticeName>::as_select()))
        .load(scope.conn)?;
    let page = paging.page(rows, |((id, ..), _)| id.uuid()).try_map(|row| Ok(show(row)))?;
    scope.list_read(page, Event::ComplaintOffersListed { officer })
}

/// Shows one offer with the names of those concerned: the reading is on record.
pub fn read(scope: &mut ComplaintsScope<'_>, id: OfferId) -> Result<OnRecord<OfferWithNames>, StoreError> {
    type Row = (OfferColumns, Option<PracticeName>, (ComplaintId, KeyId, Vec<u8>), WrappedKeys);
    let council = scope.council_id();
    let (columns, practice, (complaint, key_id, concerned), keys): Row = rows!(scope)
        .filter(complaint_offers::offer_id.eq(id))
        .select((
            columns!(),
            Option::<PracticeName>::as_select(),
            (complaint_offers::complaint_id, complaint_offers::key_id, complaint_offers::concerned),
            wrapped_keys!(complaint_offers, council.uuid()),
        ))
        .first(scope.conn)?;
    let field = Sealed { council, id: complaint, key_id }.of("complaint_offers", "concerned", id.uuid());
    let concerned: Vec<String> = scope.unwrap(council.uuid(), key_id, &keys)?.open(field, &concerned)?;
    scope.record_read(
        OfferWithNames { offer: show((columns, practice)), concerned },
        Event::ComplaintOfferRead { complaint },
    )
}

/// What came of it before, for an offer that the caller has answered so.
fn answered_before(
    scope: &mut ComplaintsScope<'_>,
    id: OfferId,
    answered: OfferOutcome,
) -> Result<AnsweredOffer, StoreError> {
    let (complaint, outcome): (ComplaintId, OfferOutcome) = complaint_offers::table
        .filter(complaint_offers::council_id.eq(scope.council_id()).and(complaint_offers::offer_id.eq(id)))
        .filter(complaint_offers::officer_id.eq(scope.officer()?))
        .filter(complaint_offers::outcome.eq_any([answered, OfferOutcome::Conflict]))
        .select((complaint_offers::complaint_id, complaint_offers::outcome.assume_not_null()))
        .first(scope.conn)?;
    Ok(AnsweredOffer { outcome, complaint_id: (outcome == OfferOutcome::Opened).then_some(complaint) })
}

/// Ends the caller's own assignment, if a colleague has let them in since the complaint was offered.
fn end_own(scope: &mut ComplaintsScope<'_>, complaint: ComplaintId) -> Result<(), StoreError> {
    let ended = update(complaint_assignments::table)
        .filter(complaint_assignments::council_id.eq(scope.council_id()))
        .filter(complaint_assignments::complaint_id.eq(complaint))
        .filter(complaint_assignments::officer_id.eq(scope.officer()?).and(complaint_assignments::ended_at.is_null()))
        .set((
            complaint_assignments::ended_at.eq(scope.at()),
            complaint_assignments::ended_because.eq(AssignmentEnd::Officer),
        ))
        .execute(scope.conn)?;
    if ended > 0 {
        scope.record(Event::ComplaintAssignmentEnded { complaint })?;
    }
    Ok(())
}

/// Whether something is known by now against the caller's opening a complaint.
fn is_barred(scope: &mut ComplaintsScope<'_>, complaint: ComplaintId, asked_as: AskedAs) -> Result<bool, StoreError> {
    let (council, caller) = (scope.council_id(), scope.worker().clone());
    let complaint = concerned(scope, council, complaint)?;
    Ok(match complaint.bar(complaint.against_officer(&caller.name, caller.account)) {
        Bar::Nothing => false,
        Bar::NamedByAPractice => asked_as != AskedAs::Alternate,
        Bar::Barred => true,
    })
}

/// Answers an offer: opens the complaint, which the caller has from now on, or leaves it to the next officer. What has become known against
/// the caller since they were asked counts as if they had said it.
pub fn answer(scope: &mut ComplaintsScope<'_>, id: OfferId, with: OpenOffer) -> Result<AnsweredOffer, StoreError> {
    let (council, officer) = (scope.council_id(), scope.officer()?);
    let said = if with.knows_somebody_concerned { OfferOutcome::Conflict } else { OfferOutcome::Opened };
    let offer = || {
        complaint_offers::table
            .filter(complaint_offers::council_id.eq(council).and(complaint_offers::officer_id.eq(officer)))
            .filter(complaint_offers::offer_id.eq(id).and(complaint_offers::ended_at.is_null()))
    };
    let of: Option<ComplaintId> = offer().select(complaint_offers::complaint_id).first(scope.conn).optional()?;
    let Some(complaint) = of else { return answered_before(scope, id, said) };
    scope.open_assigned(&[complaint])?;
    // Whoever changes what the complaint is about meanwhile waits, or is seen.
    hold(scope, complaint)?;
    let live: Option<(KeyId, AskedAs)> = offer()
        .select((complaint_offers::key_id, complaint_offers::asked_as))
        .for_update()
        .first(scope.conn)
        .optional()?;
    let Some((key_id, asked_as)) = live else { return answered_before(scope, id, said) };
    let is_out = with.knows_somebody_concerned || is_barred(scope, complaint, asked_as)?;
    let outcome = if is_out { OfferOutcome::Conflict } else { OfferOutcome::Opened };
    update(offer())
        .set((complaint_offers::ended_at.eq(scope.at()), complaint_offers::outcome.eq(outcome)))
        .execute(scope.conn)?;
    let at = scope.at();
    // The next officer is asked, or whoever the complainant objects to has it no more.
    scope.schedule(council, Task::OfferComplaint { complaint }, at);
    if outcome == OfferOutcome::Conflict {
        end_own(scope, complaint)?;
        scope.record(Event::ComplaintOfferDeclined { complaint })?;
        return Ok(AnsweredOffer { outcome, complaint_id: None });
    }
    diesel::insert_into(complaint_assignments::table)
        .values((
            complaint_assignments::council_id.eq(council),
            complaint_assignments::complaint_id.eq(complaint),
            complaint_assignments::assignment_id.eq(scope.next_id::<AssignmentId>()),
            complaint_assignments::officer_id.eq(officer),
            complaint_assignments::view.eq(View::Whole),
            complaint_assignments::opens_at.eq(at),
            complaint_assignments::key_id.eq(key_id),
            complaint_assignments::assigned_by.eq(officer),
            complaint_assignments::assigned_at.eq(at),
        ))
        // A colleague may have assigned it to them since it was offered.
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    // A complaint that another had before keeps the moment at which it was first opened.
    let first = coalesce(complaints::opened_at, at);
    update(complaints::table.find((council, complaint)))
        .set((complaints::opened_at.eq(first), complaints::last_worked_at.eq(at)))
        .execute(scope.conn)?;
    scope.record(Event::ComplaintOpened { complaint })?;
    Ok(AnsweredOffer { outcome, complaint_id: Some(complaint) })
}
