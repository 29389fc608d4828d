//! The documents of referrals at their practice.

use almoner_domain::documents::state::Verdict;
use almoner_domain::ids::{CouncilId, CouncilRequestId, KeyId, PracticeId, ReferralId, ServiceUserId, StaffId, TeamId};
use almoner_domain::referrals::state::ReferralStatus;
use almoner_domain::staff::roles::Role;
use diesel::prelude::*;

use crate::documents::{self, Document, Holder, Place, Scanned};
use crate::ground::error::StoreError;
use crate::ground::job_queue::Job;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{allocations, cases, referrals};
use crate::ground::scope::{Intake, PracticeScope, WorkerScope};
use crate::staff::roles::members_with;

/// What a referral's row says of its documents.
#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = referrals)]
struct PlaceRow {
    referral_id: ReferralId,
    service_user_id: Option<ServiceUserId>,
    access_restricted: bool,
    team_id: TeamId,
    open_to: Option<Vec<StaffId>>,
    key_id: KeyId,
    status: ReferralStatus,
}

impl From<PlaceRow> for Place {
    fn from(row: PlaceRow) -> Self {
        Self {
            referral: row.referral_id,
            // As the column of that name has it, by which the key to the referral goes.
            about_id: row.service_user_id.map_or(row.referral_id.uuid(), ServiceUserId::uuid),
            access_restricted: row.access_restricted,
            team_id: row.team_id,
            open_to: row.open_to,
            status: row.status,
            key_id: row.key_id,
        }
    }
}

/// Finds a referral to which a document is sent in: one that the practice has. Whoever restricts it or answers it waits until the
/// document is there, and so restricts the document too.
pub fn holder(scope: &mut PracticeScope<'_>, id: ReferralId) -> Result<Holder, StoreError> {
    let row: PlaceRow = referrals::table
        .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq(id)))
        .select(PlaceRow::as_select())
        .for_share()
        .first(scope.conn)?;
    row.status.take_document_of_practice()?;
    Ok(Holder::of_referral(row.into()))
}

/// The documents of a referral that the caller may see, the newest first, with every version of each: those that the council sent,
/// and those that the practice did.
pub fn list_documents(
    scope: &mut PracticeScope<'_>,
    id: ReferralId,
    paging: &Paging,
) -> Result<OnRecord<Page<Document>>, StoreError> {
    let row: PlaceRow = referrals::table
        .filter(referrals::practice_id.eq(scope.practice_id()).and(referrals::referral_id.eq(id)))
        .select(PlaceRow::as_select())
        .first(scope.conn)?;
    documents::list_of_referral(scope, &row.into(), paging)
}

impl Intake<'_, '_> {
    /// Finds where the documents of a council's request go that is with the practice. `None` if the practice has answered in this
    /// moment that it does not take it, or the council has taken it back.
    pub(super) fn place_of(
        &mut self,
        council: CouncilId,
        request: CouncilRequestId,
        id: ReferralId,
    ) -> Result<Option<Place>, StoreError> {
        let row: PlaceRow = referrals::table
            .filter(referrals::practice_id.eq(self.practice).and(referrals::referral_id.eq(id)))
            .filter(referrals::council_id.eq(council).and(referrals::council_request_id.eq(request)))
            .select(PlaceRow::as_select())
            // Whoever answers waits until the documents are there.
            .for_share()
            .first(self.scope.conn)?;
        Ok(row.status.is_with_a_practice().then(|| row.into()))
    }
}

/// Writes down what the scanner answered of a council's document, at the council and at every practice to which it went. Where it
/// is clean, the referral has changed, and whoever works with it is told. The scope is the council's.
pub fn settle_council_scan(scope: &mut WorkerScope<'_>, job: &Job, verdict: Verdict) -> Result<Scanned, StoreError> {
    documents::settle_council_scan(scope, job, verdict, arrives)
}

/// Notes that a referral has another document from now on, and returns who is told: the worker of its case, or the managers to
/// whom it is open until there is one.
fn arrives(scope: &mut WorkerScope<'_>, practice: PracticeId, id: ReferralId) -> Result<Vec<StaffId>, StoreError> {
    let open_to: Option<Vec<StaffId>> = update(referrals::table)
        .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(id)))
        .set((referrals::changed_at.eq(scope.at()), referrals::version.eq(referrals::version + 1)))
        .returning(referrals::open_to)
        .get_result(scope.conn)?;
    let workers: Vec<StaffId> = allocations::table
        .inner_join(
            cases::table
                .on(cases::practice_id.eq(allocations::practice_id).and(cases::case_id.eq(allocations::case_id))),
        )
        .filter(cases::practice_id.eq(practice).and(cases::referral_id.eq(id)).and(allocations::ends_at.is_null()))
        .select(allocations::staff_id)
        .load(scope.conn)?;
    if !workers.is_empty() {
        return Ok(workers);
    }
    let mut managers = members_with(scope, practice, &[Role::Manager])?;
    managers.retain(|manager| open_to.as_ref().is_none_or(|open_to| open_to.contains(manager)));
    Ok(managers)
}
