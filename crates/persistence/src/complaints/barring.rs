//! What is known against letting somebody in to a complaint. Facts alone are gathered here; what follows from them is for the rules.
//!
//! A fact is known of an account, not of a place at the council: whoever left and came back, or comes in another capacity, is the same
//! person. The practices' own tables are read in the identity role, which tells the caller nothing but a yes or a no.

use std::collections::HashSet;

use almoner_domain::cases::case::two_years_before;
use almoner_domain::complaints::assigning::{AssignmentEnd, KnownAgainst, View};
use almoner_domain::complaints::complaint::Author;
use almoner_domain::complaints::naming::Texts;
use almoner_domain::complaints::offering::OfferOutcome;
use almoner_domain::ids::{
    AccountId, ComplaintId, CouncilId, CouncilRequestId, KeyId, MessageId, OfficerId, PracticeId, ServiceUserId,
    StaffId,
};
use almoner_domain::staff::meant::same_name;
use almoner_domain::words::nhs_number::NhsNumber;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use super::deciders::Deciders;
use super::{Content, Identity, Sealed, documents, requests};
use crate::cases::countersignatures::line_of;
use crate::ground::error::StoreError;
use crate::ground::schema::{
    complaint_assignments, complaint_interests, complaint_messages, complaint_offers, complaints, guests, officers,
    referrals, staff,
};
use crate::ground::scope::{ComplaintsScope, Scope, WorkerScope};
use crate::ground::sealing::SealedField;
use crate::staff::former_lines;

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
    /// The person's NHS number, where the complaint says it.
    pub(super) nhs_number: Option<NhsNumber>,
    pub(super) texts: Texts,
    /// The names of those concerned, as an officer sees them who has not opened the complaint.
    pub(super) names: Vec<String>,
    /// Whether it was closed, withdrawn, or is not considered.
    pub(super) is_over: bool,
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
    type Row = (KeyId, Option<PracticeId>, Option<ServiceUserId>, Vec<u8>, Vec<u8>, bool, (DateTime<Utc>, bool));
    let (key_id, practice, person, content, complainant, confidential, (received_at, is_over)): Row = complaints::table
        .find((council, id))
        .select((
            complaints::key_id,
            complaints::practice_id,
            complaints::service_user_id,
            complaints::content,
            complaints::complainant,
            complaints::confidential,
            (complaints::received_at, complaints::closed_at.is_not_null()),
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
    let nhs_number = identity.person.and_then(|person| person.nhs_number);
    Ok(Concerned { sealed, practice, person, nhs_number, texts, names, is_over, since: two_years_before(received_at) })
}

impl Concerned {
    /// Everybody who works at the practice or has worked there since.
    fn staff(&self, scope: &mut Scope<'_>) -> Result<Vec<Member>, StoreError> {
        let Some(practice) = self.practice else { return Ok(Vec::new()) };
        let mut members: Vec<Member> = staff::table
            .filter(staff::practice_id.eq(practice))
            .filter(staff::left_at.is_null().or(staff::left_at.gt(self.since)))
            .select((staff::staff_id, staff::account_id, staff::name, staff::owner))
            .load(scope.conn)?;
        let former_owners = former_lines::owners_since(scope, practice, self.since)?;
        members.iter_mut().for_each(|(member, .., owner)| *owner |= former_owners.contains(member));
        Ok(members)
    }

    /// Everybody at the practice who worked with the person, acted on their record or decided on what the council asked for them, and whose
    /// name may be meant in the complaint.
    fn implicated(&self, scope: &mut Scope<'_>, requests: &[CouncilRequestId]) -> Result<Vec<StaffId>, StoreError> {
        let Some(practice) = self.practice else { return Ok(Vec::new()) };
        let mut implicated: Vec<StaffId> = match self.person {
            Some(person) => diesel::select(acted_on(practice, person, self.since)).get_result(scope.conn)?,
            None => Vec::new(),
        };
        let decided: Vec<StaffId> = referrals::table
            .filter(referrals::practice_id.eq(practice).and(referrals::council_id.eq(self.sealed.council)))
            .filter(referrals::council_request_id.eq_any(requests).and(referrals::decided_by.is_not_null()))
            .select(referrals::decided_by.assume_not_null())
            .load(scope.conn)?;
        implicated.extend(decided);
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
        account: Option<AccountId>,
    ) -> Result<KnownAgainst, StoreError> {
        let known = self.known(scope)?;
        let mut against = known.against(self, name, account);
        let Some(practice) = self.practice else { return Ok(against) };
        let members: Vec<&Member> = known.members_who_may_be(name, account).collect();
        against.controls_the_practice = members.iter().any(|(.., owner)| *owner);
        let members: Vec<StaffId> = members.into_iter().map(|(member, ..)| *member).collect();
        if members.is_empty() {
            return Ok(against);
        }
        scope.as_identity(|scope| {
            let implicated = self.implicated(scope, &known.deciders.requests)?;
            // They stand above somebody implicated, or somebody implicated stands above them.
            let (above_implicated, above_members): (Vec<StaffId>, Vec<StaffId>) = diesel::select((
                line_of(practice, implicated.clone(), self.since),
                line_of(practice, members.clone(), self.since),
            ))
            .get_result(scope.conn)?;
            against.worked_with_the_person = members.iter().any(|member| implicated.contains(member));
            against.is_in_the_line = members.iter().any(|member| above_implicated.contains(member))
                || implicated.iter().any(|one| above_members.contains(one));
            Ok(against)
        })
    }

    /// What is known against an officer of the council.
    pub(super) fn against_officer(
        &self,
        scope: &mut Scope<'_>,
        name: &str,
        account: AccountId,
    ) -> Result<KnownAgainst, StoreError> {
        Ok(self.known(scope)?.against_officer(self, name, account))
    }

    /// Gathers what is known of accounts. The caller has already opened the complaint's key.
    pub(super) fn known(&self, scope: &mut Scope<'_>) -> Result<Known, StoreError> {
        // The names of interests are sealed under the council's key, and so are the hashes of NHS numbers.
        scope.root_key(self.sealed.council.uuid())?;
        let deciders = self.deciders(scope)?;
        let mut out = self.had_it(scope)?;
        scope.as_identity(|scope| {
            let conflicts = self.said_they_know_somebody(scope)?;
            out.extend(self.accounts_of(scope, conflicts)?);
            let interested = self.interests(scope)?;
            Ok(Known { out, interested: self.accounts_of(scope, interested)?, members: self.staff(scope)?, deciders })
        })
    }

    /// The accounts with which these officers work or worked.
    pub(super) fn accounts_of(
        &self,
        scope: &mut Scope<'_>,
        officers: Vec<OfficerId>,
    ) -> Result<HashSet<AccountId>, StoreError> {
        let accounts: Vec<AccountId> = officers::table
            .filter(officers::council_id.eq(self.sealed.council).and(officers::officer_id.eq_any(officers)))
            .filter(officers::account_id.is_not_null())
            .select(officers::account_id.assume_not_null())
            .load(scope.conn)?;
        Ok(accounts.into_iter().collect())
    }

    /// The officers to whom the complaint was offered, and who said that they know somebody concerned.
    fn said_they_know_somebody(&self, scope: &mut Scope<'_>) -> Result<Vec<OfficerId>, StoreError> {
        Ok(complaint_offers::table
            .filter(complaint_offers::council_id.eq(self.sealed.council))
            .filter(complaint_offers::complaint_id.eq(self.sealed.id))
            .filter(complaint_offers::outcome.eq(OfferOutcome::Conflict))
            .select(complaint_offers::officer_id)
            .load(scope.conn)?)
    }

    /// The accounts of those to whom the complaint was assigned whole and is not any more, or a part of it and the complainant objected:
    /// also before a guest was let go, or an officer left, and was invited anew. What ended because the complaint did takes nothing from
    /// anybody.
    fn had_it(&self, scope: &mut Scope<'_>) -> Result<HashSet<AccountId>, StoreError> {
        let ended = complaint_assignments::ended_at
            .is_not_null()
            .or(guests::ended_at.nullable().is_not_null())
            .or(officers::replaced_at.nullable().is_not_null());
        let whole = complaint_assignments::view.eq(View::Whole);
        let accounts: Vec<(Option<AccountId>, Option<AccountId>)> = complaint_assignments::table
            .left_join(
                officers::table.on(officers::council_id
                    .eq(complaint_assignments::council_id)
                    .and(officers::officer_id.nullable().eq(complaint_assignments::officer_id))),
            )
            .left_join(
                guests::table.on(guests::council_id
                    .eq(complaint_assignments::council_id)
                    .and(guests::guest_id.nullable().eq(complaint_assignments::guest_id))),
            )
            .filter(complaint_assignments::council_id.eq(self.sealed.council))
            .filter(complaint_assignments::complaint_id.eq(self.sealed.id))
            .filter(ended)
            .filter(complaint_assignments::ended_because.is_distinct_from(AssignmentEnd::Closed))
            .filter(whole.or(complaint_assignments::ended_because.is_not_distinct_from(AssignmentEnd::Complainant)))
            .select((officers::account_id.nullable(), guests::account_id.nullable()))
            .load(scope.conn)?;
        Ok(accounts.into_iter().filter_map(|(officer, guest)| officer.or(guest)).collect())
    }

    /// The officers who have declared an interest in the practice, or in a name that stands in the complaint.
    fn interests(&self, scope: &mut Scope<'_>) -> Result<Vec<OfficerId>, StoreError> {
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
        let mut officers = Vec::new();
        for (officer, id, practice, name) in rows {
            let is_concerned = match name {
                Some(name) => {
                    let name: String = scope.root_key(council.uuid())?.open(interest_field(council, id), &name)?;
                    self.texts.names(&name)
                }
                None => practice.is_some() && practice == self.practice,
            };
            if is_concerned {
                officers.push(officer);
            }
        }
        Ok(officers)
    }
}

/// A member of staff: their account, their name, and whether they own a share of the practice, or owned one since.
type Member = (StaffId, Option<AccountId>, String, bool);

/// What is known of accounts, for one complaint.
pub(super) struct Known {
    /// Those from whom the complaint was taken, or who said that they know somebody concerned.
    out: HashSet<AccountId>,
    /// Those who have declared an interest.
    interested: HashSet<AccountId>,
    /// Those who work or worked at the practice.
    members: Vec<Member>,
    deciders: Deciders,
}

impl Known {
    /// The members of staff who come with this account, or where none does, whoever has this name: an account can be made with any address.
    fn members_who_may_be<'k>(&'k self, name: &'k str, account: Option<AccountId>) -> impl Iterator<Item = &'k Member> {
        let with_account = move |member: &Member| account.is_some() && member.1 == account;
        let has_account = self.members.iter().any(with_account);
        self.members
            .iter()
            .filter(move |member| if has_account { with_account(member) } else { same_name(&member.2, name) })
    }

    /// What is known against anybody, in whatever capacity. Of who has not joined yet the name alone is known.
    fn against(&self, complaint: &Concerned, name: &str, account: Option<AccountId>) -> KnownAgainst {
        let is_among = |accounts: &HashSet<AccountId>| account.is_some_and(|account| accounts.contains(&account));
        KnownAgainst {
            is_named: complaint.texts.names(name),
            must_not_see: complaint.texts.must_not_be_seen_by(name),
            decided_for_the_person: is_among(&self.deciders.acted) || self.deciders.signed_as(name),
            has_an_interest: is_among(&self.interested),
            is_out: is_among(&self.out),
            ..KnownAgainst::default()
        }
    }

    /// What is known against an officer.
    pub(super) fn against_officer(&self, complaint: &Concerned, name: &str, account: AccountId) -> KnownAgainst {
        KnownAgainst {
            works_at_the_practice: self.members_who_may_be(name, Some(account)).next().is_some(),
            ..self.against(complaint, name, Some(account))
        }
    }
}

/// The field in which the name of an interest is sealed.
pub(super) fn interest_field(council: CouncilId, id: Uuid) -> SealedField {
    SealedField { owner: council.uuid(), table: "complaint_interests", column: "name", row: id }
}

/// The officers who let offers of a complaint lapse, once for each.
pub(super) fn lapsed_offers(scope: &mut WorkerScope<'_>, sealed: Sealed) -> Result<Vec<OfficerId>, StoreError> {
    Ok(complaint_offers::table
        .filter(complaint_offers::council_id.eq(sealed.council).and(complaint_offers::complaint_id.eq(sealed.id)))
        .filter(complaint_offers::outcome.eq(OfferOutcome::Lapsed))
        .select(complaint_offers::officer_id)
        .load(scope.conn)?)
}
