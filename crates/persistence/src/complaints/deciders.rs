//! Who decided, referred or signed for the person whom a complaint is about.

use std::collections::HashSet;

use almoner_domain::events::Chain;
use almoner_domain::ids::{AccountId, CouncilRequestId, KeyId, OfficerId, ReferralId};
use almoner_domain::referrals::message::ReferralMessage;
use almoner_domain::staff::meant::may_mean;
use diesel::prelude::*;
use uuid::Uuid;

use super::barring::Concerned;
use crate::ground::error::StoreError;
use crate::ground::schema::{audit_events, council_requests, referrals};
use crate::ground::scope::Scope;
use crate::referrals::council_requests::{message_field, token_of_nhs_number};

/// Who decided, referred or signed for a person.
#[derive(Default)]
pub(super) struct Deciders {
    /// What the council asked for the person.
    pub(super) requests: Vec<CouncilRequestId>,
    /// The accounts of the officers who did something in the council's log with a request or a referral of the person's.
    pub(super) acted: HashSet<AccountId>,
    /// The names of who referred, and of who instructed an enquiry, in what the council's systems sent.
    signed: Vec<String>,
}

impl Deciders {
    /// Whether somebody of this name may be one who referred or instructed.
    pub(super) fn signed_as(&self, name: &str) -> bool {
        self.signed.iter().any(|signed| may_mean(signed, name))
    }
}

impl Concerned {
    /// Finds who decided, referred or signed for the person: on what is in the record that the complaint is about, and on whatever else the
    /// council sent with the person's NHS number, to any practice or to none. The caller has already opened the council's key.
    pub(super) fn deciders(&self, scope: &mut Scope<'_>) -> Result<Deciders, StoreError> {
        let council = self.sealed.council;
        let token = match &self.nhs_number {
            Some(number) => Some(token_of_nhs_number(&scope.root_key(council.uuid())?, number)),
            None => None,
        };
        let (requests, acted, messages) = scope.as_identity(|scope| {
            let of_record: Vec<CouncilRequestId> = match (self.practice, self.person) {
                (Some(practice), Some(person)) => referrals::table
                    .filter(referrals::practice_id.eq(practice).and(referrals::service_user_id.eq(person)))
                    .filter(referrals::council_id.eq(council))
                    .select(referrals::council_request_id)
                    .load(scope.conn)?,
                _ => Vec::new(),
            };
            let with_number = council_requests::nhs_number_token.is_not_distinct_from(token.clone());
            let messages: Vec<(CouncilRequestId, KeyId, Vec<u8>)> = council_requests::table
                .filter(council_requests::council_id.eq(council))
                .filter(
                    council_requests::council_request_id
                        .eq_any(of_record)
                        .or(council_requests::nhs_number_token.is_not_null().and(with_number)),
                )
                .filter(council_requests::received_at.ge(self.since))
                .select((council_requests::council_request_id, council_requests::key_id, council_requests::message))
                .load(scope.conn)?;
            let requests: Vec<CouncilRequestId> = messages.iter().map(|(request, ..)| *request).collect();
            let officers = self.who_acted_on(scope, &requests)?;
            Ok((requests, self.accounts_of(scope, officers)?, messages))
        })?;
        let mut signed = Vec::new();
        for (request, key_id, message) in messages {
            let field = message_field(council, request);
            let message: ReferralMessage = scope.key(council.uuid(), key_id)?.open(field, &message)?;
            signed.push(message.referrer.name.into());
            signed.extend(message.instruction.map(|instruction| instruction.officer.name.into()));
        }
        Ok(Deciders { requests, acted, signed })
    }

    /// The officers who did anything in the council's log with these requests, or with the referrals by which practices have them.
    fn who_acted_on(&self, scope: &mut Scope<'_>, requests: &[CouncilRequestId]) -> Result<Vec<OfficerId>, StoreError> {
        let council = self.sealed.council;
        let sent: Vec<ReferralId> = referrals::table
            .filter(referrals::council_id.eq(council).and(referrals::council_request_id.eq_any(requests)))
            .select(referrals::referral_id)
            .load(scope.conn)?;
        let subjects: Vec<Uuid> =
            sent.into_iter().map(ReferralId::uuid).chain(requests.iter().map(|request| request.uuid())).collect();
        let acts = || {
            audit_events::table
                .filter(audit_events::owner_id.eq(council.uuid()).and(audit_events::chain.eq(Chain::Platform)))
                .filter(audit_events::subject_id.eq_any(subjects.clone()))
                .filter(audit_events::at.ge(self.since).and(audit_events::actor_id.is_not_null()))
                .select(audit_events::actor_id.assume_not_null())
        };
        // Sealed rows and others have an index each.
        let mut actors: Vec<Uuid> = acts()
            .filter(audit_events::sealed.and(audit_events::service_user_id.is_null()))
            .distinct()
            .load(scope.conn)?;
        actors.extend(acts().filter(audit_events::sealed.eq(false)).distinct().load::<Uuid>(scope.conn)?);
        Ok(actors.into_iter().map(OfficerId::from).collect())
    }
}
