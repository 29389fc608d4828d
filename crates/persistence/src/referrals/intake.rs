//! A practice's intake: it puts arriving referrals into the practice's inbox. It may check whether a person is known, and it
//! adds rows; it reads no record.

use almoner_domain::events::{Event, LogOwner, ReferralOf, Task};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{
    ContractId, CouncilId, CouncilRequestId, PracticeId, ReferralId, ServiceUserId, StaffId, TeamId,
};
use almoner_domain::people::council_person_id::CouncilPersonId;
use almoner_domain::people::search_key::SearchKey;
use almoner_domain::referrals::deadlines::{Deadlines, leaves_at};
use almoner_domain::referrals::message::{ReferralMessage, Urgency};
use almoner_domain::referrals::state::{ReferralColumns, ReferralState, ReferralStatus};
use almoner_domain::staff::roles::Role;
use almoner_domain::words::gss_code::GssCode;
use diesel::prelude::*;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{referrals, search_tokens};
use crate::ground::scope::{Intake, Scope};
use crate::ground::sealing::SealedField;
use crate::ground::search_tokens::token;
use crate::people::about::AboutPerson;
use crate::staff::roles::{lasting_managers, members_with};
use crate::tenancy::capacity::{release_capacity, reserve_capacity};
use crate::tenancy::teams::everybody;

/// A council's request on its way into a practice's inbox.
pub(crate) struct Arrival<'a> {
    pub(crate) referral_id: ReferralId,
    pub(crate) council_id: CouncilId,
    /// The codes under which the council that sends it is or was known.
    pub(crate) sender_codes: Vec<GssCode>,
    pub(crate) council_request_id: CouncilRequestId,
    pub(crate) contract_id: ContractId,
    pub(crate) message: &'a ReferralMessage,
    pub(crate) deadlines: Deadlines,
}

impl Intake<'_, '_> {
    /// Puts a referral into the inbox. A referral about an access-restricted person is access-restricted from the first moment,
    /// and one that the council marked as restricted is open to managers alone.
    pub(crate) fn receive(&mut self, arrival: &Arrival<'_>) -> Result<(), StoreError> {
        let practice = self.practice;
        let (message, deadlines) = (arrival.message, arrival.deadlines);
        let access_restricted_person = self.access_restricted_person(&arrival.sender_codes, message)?;
        let open_to = self.open_to(message)?;
        let (key_id, key) = self.scope.new_key(practice.uuid())?;
        let sealed_field = SealedField {
            owner: practice.uuid(),
            table: "referrals",
            column: "message",
            row: arrival.referral_id.uuid(),
        };
        diesel::insert_into(referrals::table)
            .values((
                referrals::practice_id.eq(practice),
                referrals::referral_id.eq(arrival.referral_id),
                referrals::council_id.eq(arrival.council_id),
                referrals::council_request_id.eq(arrival.council_request_id),
                referrals::contract_id.eq(arrival.contract_id),
                referrals::service_user_id.eq(access_restricted_person.map(|person| person.service_user_id)),
                referrals::access_restricted.eq(access_restricted_person.is_some()),
                referrals::team_id.eq(access_restricted_person.map_or(everybody(practice), |person| person.team_id)),
                referrals::open_to.eq(&open_to),
                referrals::status.eq(ReferralStatus::Received),
                referrals::function.eq(message.function),
                referrals::urgency.eq(message.urgency),
                referrals::key_id.eq(key_id),
                referrals::message.eq(key.seal(sealed_field, message)?),
                referrals::received_at.eq(self.scope.at()),
                referrals::changed_at.eq(self.scope.at()),
                referrals::response_due_on.eq(deadlines.response_due_on),
                referrals::response_counted_from.eq(deadlines.counted_from),
                referrals::human_contact_due_at.eq(deadlines.human_contact_due_at),
                referrals::home_on.eq(deadlines.home_on),
            ))
            .execute(self.scope.conn)?;
        reserve_capacity(self.scope, practice)?;
        let referral = arrival.referral_id;
        let (due_on, looked_at_by) = (deadlines.response_due_on, deadlines.human_contact_due_at);
        self.scope.schedule(practice, Task::ExpireReferral { referral }, leaves_at(due_on, looked_at_by));
        if let Some(at) = looked_at_by {
            self.scope.schedule(practice, Task::ReportOverdueReferral { referral }, at);
        }
        let readers = match open_to {
            Some(open_to) => open_to,
            None => readers(self.scope, practice, message.urgency, access_restricted_person.is_some())?,
        };
        let person = access_restricted_person.map(|person| person.service_user_id);
        self.scope.record_in(LogOwner::Practice(practice), Event::ReferralReceived { referral, person, readers })
    }

    /// Returns the managers who may see a referral that the council marked as restricted; `None` for one that it did not. They
    /// are managers by their own role who stay: power that ends leaves no sight behind. A referral that nobody could read is
    /// refused.
    fn open_to(&mut self, message: &ReferralMessage) -> Result<Option<Vec<StaffId>>, StoreError> {
        let Some(mark) = &message.restricted else { return Ok(None) };
        let open_to = mark.open_to(lasting_managers(self.scope, self.practice)?);
        if open_to.is_empty() {
            let detail = "leaves no manager at the practice who may see the referral: name another practice";
            return Err(StoreError::ValidationFailed(vec![Fault::new("/restricted/not_to_see", detail)]));
        }
        Ok(Some(open_to))
    }

    /// Withdraws a referral that the practice has not answered. Returns the number of rows changed: none, if the practice
    /// has answered in the meantime.
    pub(crate) fn take_back(&mut self, id: ReferralId) -> Result<usize, StoreError> {
        let practice = self.practice;
        release_capacity(self.scope, practice)?;
        let kept = ReferralColumns::from(ReferralState::Withdrawn { at: self.scope.at() });
        let taken = update(referrals::table)
            .filter(referrals::practice_id.eq(practice).and(referrals::referral_id.eq(id)))
            .filter(referrals::status.eq_any([ReferralStatus::Received, ReferralStatus::InformationRequested]))
            .set((
                referrals::status.eq(kept.status),
                referrals::decided_at.eq(kept.decided_at),
                referrals::changed_at.eq(self.scope.at()),
                referrals::version.eq(referrals::version + 1),
            ))
            .execute(self.scope.conn)?;
        if taken == 1 {
            let withdrawn = Event::ReferralWithdrawn { referral: ReferralOf::Practice(id) };
            self.scope.record_in(LogOwner::Practice(practice), withdrawn)?;
        }
        Ok(taken)
    }

    /// Finds the access-restricted person who is meant, by NHS number or by the council's own identifier.
    fn access_restricted_person(
        &mut self,
        sender_codes: &[GssCode],
        message: &ReferralMessage,
    ) -> Result<Option<AboutPerson>, StoreError> {
        let root = self.scope.root_key(self.practice.uuid())?;
        let id = &message.person.council_person_id;
        let under = |code: &GssCode| CouncilPersonId { council: code.clone(), id: id.clone() };
        let mut keys: Vec<SearchKey> = sender_codes.iter().map(under).map(SearchKey::CouncilPersonId).collect();
        keys.extend(message.person.nhs_number.clone().map(SearchKey::NhsNumber));
        let tokens: Vec<Vec<u8>> = keys.iter().map(|key| token(&root, key)).collect();
        let found: Option<(ServiceUserId, TeamId)> = search_tokens::table
            .filter(search_tokens::practice_id.eq(self.practice).and(search_tokens::token.eq_any(tokens)))
            .filter(search_tokens::access_restricted)
            .select((search_tokens::service_user_id, search_tokens::team_id))
            .first(self.scope.conn)
            .optional()?;
        Ok(found.map(|(service_user_id, team_id)| AboutPerson { service_user_id, access_restricted: true, team_id }))
    }
}

/// The members of staff who are told that a referral waits: the managers, and of one that cannot wait the social workers too.
/// Of one about an access-restricted person the managers alone are told; of one that the council marked as restricted, those to
/// whom it is open.
pub(super) fn readers(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    urgency: Urgency,
    access_restricted: bool,
) -> Result<Vec<StaffId>, StoreError> {
    let told: &[Role] = match urgency {
        Urgency::Urgent | Urgency::Immediate if !access_restricted => &[Role::Manager, Role::SocialWorker],
        _ => &[Role::Manager],
    };
    members_with(scope, practice, told)
}
