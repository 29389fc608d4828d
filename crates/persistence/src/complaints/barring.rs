//! What is known against letting somebody in to a complaint. Facts alone are gathered here; what follows from them is for the rules.
//!
//! The practices' own tables are read in the identity role, which tells the caller nothing but a yes or a no.

use std::collections::HashSet;

use almoner_domain::cases::case::two_years_before;
use almoner_domain::complaints::assigning::{AssignmentEnd, KnownAgainst, View};
use almoner_domain::complaints::complaint::Author;
use almoner_domain::complaints::naming::Texts;
use almoner_domain::complaints::offering::OfferOutcome;
use almoner_domain::events::Chain;
use almoner_domain::ids::{
    AccountId, ComplaintId, CouncilId, CouncilRequestId, KeyId, MessageId, OfficerId, PracticeId, ReferralId,
    ServiceUserId, StaffId,
};
use almoner_domain::referrals::message::ReferralMessage;
use almoner_domain::staff::meant::may_mean;
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use super::{Content, Identity, Sealed, documents, requests};
use crate::cases::countersignatures::line_of;
use crate::ground::error::StoreError;
use crate::ground::schema::{
    audit_events, complaint_assignments, complaint_interests, complaint_messages, complaint_offers, complaints,
    council_requests, guests, referrals, staff,
};
use crate::ground::scope::{ComplaintsScope, Scope, WorkerScope};
use crate::ground::sealing::SealedField;
use crate::referrals::council_requests::message_field;

diesel::define_sql_function! {
    /// The members of staff who worked with a person since a moment, or acted on their record.
    #[sql_name = "app.acted_on"]
    fn acted_on(
        practice: sql_types::Uuid,
        person: sql_types::Uuid,
        since: sql_types::Timestamptz,
    ) -> sql_types::Array<sql_types::Uuid>;
}

/// A complaint as the rules for letting people in see it.
pub(super) struct Concerned {
    pub(super) sealed: Sealed,
    pub(super) practice: Option<PracticeId>,
    pub(super) person: Option<ServiceUserId>,
    pub(super) texts: Texts,
    /// The names of those concerned, as an officer sees them who has not opened the complaint.
    pub(super) names: Vec<String>,
    pub(super) since: DateTime<Utc>,
}

/// Reads every message of the complainant's, those too that are closed to the caller. The caller has already opened the key.
fn written_by_complainant(scope: &mut Scope<'_>, sealed: Sealed) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(MessageId, Vec<u8>)> = complaint_messages::table
        .filter(complaint_messages::council_id.eq(sealed.council).and(complaint_messages::complaint_id.eq(sealed.id)))
        .filter(complaint_messages::author.eq(Author::Complainant))
        .select((complaint_messages::message_id, complaint_messages::text))
        .load(scope.conn)?;
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    rows.into_iter().map(|(id, text)| key.open(sealed.message(id), &text)).collect()
}

/// Reads a complaint with everything in which a name can stand. The scope may see it.
pub(super) fn concerned(scope: &mut Scope<'_>, council: CouncilId, id: ComplaintId) -> Result<Concerned, StoreError> {
    type Row = (KeyId, Option<PracticeId>, Option<ServiceUserId>, Vec<u8>, Vec<u8>, bool, DateTime<Utc>);
    let (key_id, practice, person, content, complainant, confidential, received_at): Row = complaints::table
        .find((council, id))
        .select((
            complaints::key_id,
            complaints::practice_id,
            complaints::service_user_id,
            complaints::content,
            complaints::complainant,
            complaints::confidential,
            complaints::received_at,
        ))
        .first(scope.conn)?;
    let sealed = Sealed { council, id, key_id };
    let key = scope.key(council.uuid(), key_id)?;
    let content: Content = key.open(sealed.field("content"), &content)?;
    let identity: Identity = key.open(sealed.field("complainant"), &complainant)?;
    let mut names: Vec<String> = content.staff.iter().map(|name| name.as_str().to_owned()).collect();
    if !confidential {
        names.extend(identity.names());
    }
    let written = scope.as_identity(|scope| {
        let mut written = written_by_complainant(scope, sealed)?;
        written.extend(requests::texts(scope, sealed)?);
        written.extend(documents::texts(scope, sealed)?);
        Ok(written)
    })?;
    let texts = content.texts(&identity, written);
    Ok(Concerned { sealed, practice, person, texts, names, since: two_years_before(received_at) })
}

impl Concerned {
    /// The members of staff of the practice, present and past, with whom an account works or has worked there since.
    fn memberships_of(&self, scope: &mut Scope<'_>, account: AccountId) -> Result<Vec<(StaffId, bool)>, StoreError> {
        let Some(practice) = self.practice else { return Ok(Vec::new()) };
        Ok(staff::table
            .filter(staff::practice_id.eq(practice).and(staff::account_id.eq(account)))
            .filter(staff::left_at.is_null().or(staff::left_at.gt(self.since)))
            .select((staff::staff_id, staff::owner))
            .load(scope.conn)?)
    }

    /// Everybody at the practice who worked with the person or acted on their record, and whose name may be meant in the complaint.
    fn implicated(&self, scope: &mut Scope<'_>) -> Result<Vec<StaffId>, StoreError> {
        let Some(practice) = self.practice else { return Ok(Vec::new()) };
        let mut implicated: Vec<StaffId> = match self.person {
            Some(person) => diesel::select(acted_on(practice, person, self.since)).get_result(scope.conn)?,
            None => Vec::new(),
        };
        let everybody: Vec<(StaffId, String)> = staff::table
            .filter(staff::practice_id.eq(practice))
            .select((staff::staff_id, staff::name))
            .load(scope.conn)?;
        implicated.extend(everybody.into_iter().filter(|(_, name)| self.texts.names(name)).map(|(id, _)| id));
        Ok(implicated)
    }

    /// What is known against a guest, who may work at the practice that the complaint is about.
    pub(super) fn against_guest(
        &self,
        scope: &mut ComplaintsScope<'_>,
        name: &str,
        account: AccountId,
    ) -> Result<KnownAgainst, StoreError> {
        let mut known = KnownAgainst {
            is_named: self.texts.names(name),
            must_not_see: self.texts.must_not_be_seen_by(name),
            is_out: self.had_it_as_guest(scope, account)?,
            ..KnownAgainst::default()
        };
        let Some(practice) = self.practice else { return Ok(known) };
        scope.as_identity(|scope| {
            let memberships = self.memberships_of(scope, account)?;
            if memberships.is_empty() {
                return Ok(());
            }
            let members: Vec<StaffId> = memberships.iter().map(|(member, _)| *member).collect();
            let implicated = self.implicated(scope)?;
            // They stand above somebody implicated, or somebody implicated stands above them.
            let (above_implicated, above_members): (Vec<StaffId>, Vec<StaffId>) =
                diesel::select((line_of(practice, implicated.clone()), line_of(practice, members.clone())))
                    .get_result(scope.conn)?;
            known.controls_the_practice = memberships.iter().any(|(_, owner)| *owner);
            known.worked_with_the_person = members.iter().any(|member| implicated.contains(member));
            known.is_in_the_line = members.iter().any(|member| above_implicated.contains(member))
                || implicated.iter().any(|one| above_members.contains(one));
            Ok(())
        })?;
        Ok(known)
    }

    /// What is known against another officer of the council.
    pub(super) fn against_officer(
        &self,
        scope: &mut ComplaintsScope<'_>,
        officer: OfficerId,
        name: &str,
        account: AccountId,
    ) -> Result<KnownAgainst, StoreError> {
        let had_it = self.officers_who_had_it(scope)?.contains(&officer);
        // Their interests are sealed under the council's key, which is opened first.
        scope.root_key(self.sealed.council.uuid())?;
        let members = self.members_among(scope, &[account])?;
        let deciders = self.deciders(scope)?;
        scope.as_identity(|scope| {
            Ok(KnownAgainst {
                is_named: self.texts.names(name),
                must_not_see: self.texts.must_not_be_seen_by(name),
                decided_for_the_person: deciders.include(officer, name),
                works_at_the_practice: members.contains(&account),
                has_an_interest: self.interests(scope)?.contains(&officer),
                is_out: had_it || self.said_they_know_somebody(scope, officer)?,
                ..KnownAgainst::default()
            })
        })
    }

    /// Whether an officer to whom the complaint was offered said that they know somebody concerned.
    fn said_they_know_somebody(&self, scope: &mut Scope<'_>, officer: OfficerId) -> Result<bool, StoreError> {
        let conflicts = complaint_offers::table
            .filter(complaint_offers::council_id.eq(self.sealed.council))
            .filter(complaint_offers::complaint_id.eq(self.sealed.id).and(complaint_offers::officer_id.eq(officer)))
            .filter(complaint_offers::outcome.eq(OfferOutcome::Conflict))
            .select(complaint_offers::officer_id);
        Ok(diesel::select(exists(conflicts)).get_result(scope.conn)?)
    }

    /// Whether the complaint was assigned whole to a guest of this account and is not any more, or a part of it and the complainant
    /// objected: also before they were let go and invited anew.
    fn had_it_as_guest(&self, scope: &mut Scope<'_>, account: AccountId) -> Result<bool, StoreError> {
        let whole = complaint_assignments::view.eq(View::Whole);
        let ended = complaint_assignments::table
            .inner_join(
                guests::table.on(guests::council_id
                    .eq(complaint_assignments::council_id)
                    .and(guests::guest_id.nullable().eq(complaint_assignments::guest_id))),
            )
            .filter(complaint_assignments::council_id.eq(self.sealed.council))
            .filter(complaint_assignments::complaint_id.eq(self.sealed.id))
            .filter(guests::account_id.eq(account))
            .filter(complaint_assignments::ended_at.is_not_null().or(guests::ended_at.is_not_null()))
            .filter(whole.or(complaint_assignments::ended_because.is_not_distinct_from(AssignmentEnd::Complainant)))
            .select(complaint_assignments::assignment_id);
        Ok(diesel::select(exists(ended)).get_result(scope.conn)?)
    }

    /// The officers to whom the complaint was assigned and is not any more.
    pub(super) fn officers_who_had_it(&self, scope: &mut Scope<'_>) -> Result<Vec<OfficerId>, StoreError> {
        Ok(complaint_assignments::table
            .filter(complaint_assignments::council_id.eq(self.sealed.council))
            .filter(complaint_assignments::complaint_id.eq(self.sealed.id))
            .filter(complaint_assignments::ended_at.is_not_null().and(complaint_assignments::officer_id.is_not_null()))
            .select(complaint_assignments::officer_id.assume_not_null())
            .load(scope.conn)?)
    }

    /// The officers who have declared an interest in the practice, or in a name that stands in the complaint.
    pub(super) fn interests(&self, scope: &mut Scope<'_>) -> Result<HashSet<OfficerId>, StoreError> {
        type Row = (OfficerId, Uuid, Option<PracticeId>, Option<Vec<u8>>);
        let council = self.sealed.council;
        let rows: Vec<Row> = complaint_interests::table
            .filter(complaint_interests::council_id.eq(council).and(complaint_interests::withdrawn_at.is_null()))
            .select((
                complaint_interests::officer_id,
                complaint_interests::interest_id,
                complaint_interests::practice_id,
                complaint_interests::name,
            ))
            .load(scope.conn)?;
        let mut officers = HashSet::new();
        for (officer, id, practice, name) in rows {
            let is_concerned = match name {
                Some(name) => {
                    let name: String = scope.root_key(council.uuid())?.open(interest_field(council, id), &name)?;
                    self.texts.names(&name)
                }
                None => practice.is_some() && practice == self.practice,
            };
            if is_concerned {
                officers.insert(officer);
            }
        }
        Ok(officers)
    }

    /// The officers who have worked at the practice since, by their accounts.
    pub(super) fn members_among(
        &self,
        scope: &mut Scope<'_>,
        accounts: &[AccountId],
    ) -> Result<HashSet<AccountId>, StoreError> {
        let Some(practice) = self.practice else { return Ok(HashSet::new()) };
        scope.as_identity(|scope| {
            let members: Vec<Option<AccountId>> = staff::table
                .filter(staff::practice_id.eq(practice).and(staff::account_id.eq_any(accounts)))
                .filter(staff::left_at.is_null().or(staff::left_at.gt(self.since)))
                .select(staff::account_id)
                .load(scope.conn)?;
            Ok(members.into_iter().flatten().collect())
        })
    }

    /// Finds who decided, referred or signed for the person.
    pub(super) fn deciders(&self, scope: &mut Scope<'_>) -> Result<Deciders, StoreError> {
        let (Some(practice), Some(person)) = (self.practice, self.person) else { return Ok(Deciders::default()) };
        let council = self.sealed.council;
        let (acted, messages) = scope.as_identity(|scope| {
            let of_person: Vec<(ReferralId, CouncilRequestId)> = referrals::table
                .filter(referrals::practice_id.eq(practice).and(referrals::service_user_id.eq(person)))
                .filter(referrals::council_id.eq(council))
                .select((referrals::referral_id, referrals::council_request_id))
                .load(scope.conn)?;
            let requests: Vec<CouncilRequestId> = of_person.iter().map(|(_, request)| *request).collect();
            let messages: Vec<(CouncilRequestId, KeyId, Vec<u8>)> = council_requests::table
                .filter(council_requests::council_id.eq(council))
                .filter(council_requests::council_request_id.eq_any(requests))
                .filter(council_requests::received_at.ge(self.since))
                .select((council_requests::council_request_id, council_requests::key_id, council_requests::message))
                .load(scope.conn)?;
            Ok((self.who_acted_on(scope, of_person)?, messages))
        })?;
        let mut signed = Vec::new();
        for (request, key_id, message) in messages {
            let field = message_field(council, request);
            let message: ReferralMessage = scope.key(council.uuid(), key_id)?.open(field, &message)?;
            signed.push(message.referrer.name.into());
            signed.extend(message.instruction.map(|instruction| instruction.officer.name.into()));
        }
        Ok(Deciders { acted, signed })
    }

    /// The officers who did anything in the council's log with these referrals.
    fn who_acted_on(
        &self,
        scope: &mut Scope<'_>,
        of_person: Vec<(ReferralId, CouncilRequestId)>,
    ) -> Result<HashSet<OfficerId>, StoreError> {
        let council = self.sealed.council;
        let subjects: Vec<Uuid> =
            of_person.into_iter().flat_map(|(referral, request)| [referral.uuid(), request.uuid()]).collect();
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

/// The officers who decided, referred or signed for a person.
#[derive(Default)]
pub(super) struct Deciders {
    /// Those who did something in the council's log with a referral of the person's.
    acted: HashSet<OfficerId>,
    /// The names of who referred, and of who instructed an enquiry, in what the council's systems sent.
    signed: Vec<String>,
}

impl Deciders {
    /// Whether this officer is one of them, or may be by their name.
    pub(super) fn include(&self, officer: OfficerId, name: &str) -> bool {
        self.acted.contains(&officer) || self.signed.iter().any(|signed| may_mean(signed, name))
    }
}

/// The field in which the name of an interest is sealed.
pub(super) fn interest_field(council: CouncilId, id: Uuid) -> SealedField {
    SealedField { owner: council.uuid(), table: "complaint_interests", column: "name", row: id }
}

/// What has been made of the offers of a complaint to each officer: how many lapsed, and whether one ended in a conflict.
pub(super) fn offers_made(
    scope: &mut WorkerScope<'_>,
    sealed: Sealed,
) -> Result<Vec<(OfficerId, Option<OfferOutcome>)>, StoreError> {
    Ok(complaint_offers::table
        .filter(complaint_offers::council_id.eq(sealed.council).and(complaint_offers::complaint_id.eq(sealed.id)))
        .select((complaint_offers::officer_id, complaint_offers::outcome))
        .load(scope.conn)?)
}
