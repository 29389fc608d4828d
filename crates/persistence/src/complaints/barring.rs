//! What is known against letting somebody in to a complaint. What follows from it is for the rules. The practices' own tables are read in the
//! identity role, which tells the caller nothing but a yes or a no.

use std::collections::{HashMap, HashSet};

use almoner_domain::cases::case::two_years_before;
use almoner_domain::complaints::assigning::KnownAgainst;
use almoner_domain::complaints::complaint::{PersonConcerned, Way};
use almoner_domain::complaints::naming::Texts;
use almoner_domain::complaints::offering::{Bar, OfferOutcome};
use almoner_domain::ids::{AccountId, ComplaintId, CouncilId, KeyId, OfficerId, PracticeId, ServiceUserId, StaffId};
use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types;

use super::known::{About, Known, Member, gather, who_may_be};
use super::lodging::{match_person, namesakes};
use super::places::{members_of, places_of};
use super::{Content, Identity, Sealed};
use crate::cases::countersignatures::line_of;
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::schema::{complaint_offers, complaints, referrals};
use crate::ground::scope::{ComplaintsScope, Scope, WorkerScope};
use crate::ground::transaction::setting;
use crate::officers::guests::Guest;
use crate::referrals::council_requests::token_of_nhs_number;

diesel::define_sql_function! {
    /// The members of staff who worked with one of these people since a moment, or acted on their record.
    #[sql_name = "app.acted_on"]
    fn acted_on(
        practice: sql_types::Uuid,
        people: sql_types::Array<sql_types::Uuid>,
        since: sql_types::Timestamptz,
    ) -> sql_types::Array<sql_types::Uuid>;
}

/// A complaint as the rules for letting people in see it.
pub(super) struct Concerned {
    pub(super) sealed: Sealed,
    pub(super) practice: Option<PracticeId>,
    pub(super) person: Option<ServiceUserId>,
    pub(super) texts: Texts,
    /// What the person is called whose care the complaint is about, as far as it says: their names, or that of a complainant who is that
    /// person.
    called: Vec<String>,
    /// The person whose care it is about, as the complaint describes them.
    described: Option<PersonConcerned>,
    /// The names of those concerned, as an officer sees them who has not opened the complaint.
    pub(super) names: Vec<String>,
    /// Whether it was closed, withdrawn, or is not considered.
    pub(super) is_over: bool,
    /// Whether somebody at a practice's desk wrote it down, and the complainant has written nothing themselves yet.
    is_from_a_practice_alone: bool,
    pub(super) since: DateTime<Utc>,
    known: Known,
    /// The accounts of those who have declared an interest.
    interested: HashSet<AccountId>,
}

/// Reads a complaint with everything in which a name can stand, and gathers what is known of those who may be let in. The scope may see it.
pub(super) fn concerned(scope: &mut Scope<'_>, council: CouncilId, id: ComplaintId) -> Result<Concerned, StoreError> {
    type Row = (
        (KeyId, Option<PracticeId>, Option<ServiceUserId>),
        (Vec<u8>, Vec<u8>, bool, DateTime<Utc>, bool, Way),
        WrappedKeys,
    );
    let ((key_id, practice, person), (content, complainant, confidential, received_at, is_over, way), keys): Row =
        complaints::table
            .find((council, id))
            .select((
                (complaints::key_id, complaints::practice_id, complaints::service_user_id),
                (
                    complaints::content,
                    complaints::complainant,
                    complaints::confidential,
                    complaints::received_at,
                    complaints::closed_at.is_not_null(),
                    complaints::way,
                ),
                wrapped_keys!(complaints, council.uuid()),
            ))
            .first(scope.conn)?;
    let sealed = Sealed { council, id, key_id };
    let key = scope.unwrap(council.uuid(), key_id, &keys)?;
    let content: Content = key.open(sealed.field("content"), &content)?;
    let identity: Identity = key.open(sealed.field("complainant"), &complainant)?;
    let mut names: Vec<String> = content.staff.iter().map(|name| name.as_str().to_owned()).collect();
    if !confidential {
        names.extend(identity.names());
    }
    // The names of interests are sealed under the council's key, and so are the hashes of NHS numbers.
    let root = scope.root_key(council.uuid())?;
    let nhs_number = identity.person.as_ref().and_then(|person| person.nhs_number.as_ref());
    let nhs_number_token = nhs_number.map(|number| token_of_nhs_number(&root, number));
    let since = two_years_before(received_at);
    let mut known = gather(scope, sealed, About { practice, person, nhs_number_token, since })?;
    let is_from_a_practice_alone = way == Way::PracticeDesk && known.written.is_empty();
    let texts = content.texts(&identity, std::mem::take(&mut known.written));
    let interested = known.interested(practice, &texts);
    let called = identity.called();
    let described = identity.person;
    Ok(Concerned {
        sealed,
        practice,
        person,
        texts,
        called,
        described,
        names,
        is_over,
        is_from_a_practice_alone,
        since,
        known,
        interested,
    })
}

impl Concerned {
    /// The records at a practice that may be the person's: the one that is recognised, else each of somebody who is called like them. Who
    /// is kept from the complaint for a namesake's sake costs nothing: somebody else is asked.
    fn possible_records(
        &self,
        scope: &mut ComplaintsScope<'_>,
        practice: PracticeId,
    ) -> Result<Vec<ServiceUserId>, StoreError> {
        if let Some(person) = self.person.filter(|_| self.practice == Some(practice)) {
            return Ok(vec![person]);
        }
        let called: Vec<&str> = self.called.iter().map(String::as_str).collect();
        let own = Some(Tenant::Council(self.sealed.council));
        let settings = [setting("app.practice", practice.uuid())];
        scope.at_intake_with(own, &settings, |scope| {
            let recognised = self.described.as_ref().map(|person| match_person(scope, practice, person)).transpose()?;
            match recognised.flatten() {
                Some(person) => Ok(vec![person]),
                None if called.is_empty() => Ok(Vec::new()),
                None => namesakes(scope, practice, &called),
            }
        })
    }

    /// Everybody at a practice who worked with the person, acted on their record or decided on what the council asked for them.
    fn implicated(
        &self,
        scope: &mut Scope<'_>,
        practice: PracticeId,
        records: &[ServiceUserId],
    ) -> Result<Vec<StaffId>, StoreError> {
        let mut implicated: Vec<StaffId> =
            diesel::select(acted_on(practice, records, self.since)).get_result(scope.conn)?;
        let decided: Vec<StaffId> = referrals::table
            .filter(referrals::practice_id.eq(practice).and(referrals::council_id.eq(self.sealed.council)))
            .filter(referrals::council_request_id.eq_any(&self.known.requests).and(referrals::decided_by.is_not_null()))
            .select(referrals::decided_by.assume_not_null())
            .load(scope.conn)?;
        implicated.extend(decided);
        Ok(implicated)
    }

    /// What is known against a guest: under each name that they have, and at each of the council's practices where they work or have worked,
    /// whether or not the complaint names it.
    pub(super) fn against_guest(
        &self,
        scope: &mut ComplaintsScope<'_>,
        guest: &Guest,
    ) -> Result<KnownAgainst, StoreError> {
        let mut against = self.against(guest.name.as_str(), guest.account);
        let mut practices: Vec<PracticeId> = self.practice.into_iter().collect();
        if let Some(account) = guest.account {
            let places = scope.as_identity(|scope| places_of(scope, self.sealed.council, account, self.since))?;
            practices.extend(places.practices);
            against.is_named |= places.names.iter().any(|name| self.texts.names(name));
            against.must_not_see |= places.names.iter().any(|name| self.texts.must_not_be_seen_by(name));
        }
        practices.sort_unstable();
        practices.dedup();
        for practice in practices {
            self.add_what_is_known_at(scope, practice, guest, &mut against)?;
        }
        Ok(against)
    }

    /// Adds what is known against a guest at one practice. Where the complaint is about another, a name that it says means nobody here, and
    /// who owns this one has no share in it.
    fn add_what_is_known_at(
        &self,
        scope: &mut ComplaintsScope<'_>,
        practice: PracticeId,
        guest: &Guest,
        against: &mut KnownAgainst,
    ) -> Result<(), StoreError> {
        let elsewhere = match self.practice {
            Some(own) if own == practice => None,
            _ => Some(scope.as_identity(|scope| members_of(scope, practice, self.since))?),
        };
        let members = elsewhere.as_deref().unwrap_or_else(|| self.known.members());
        let may_be_meant = self.practice.is_none_or(|own| own == practice);
        let guests = who_may_be(members, guest.name.as_str(), guest.account);
        if guests.is_empty() {
            return Ok(());
        }
        against.controls_the_practice |= may_be_meant && guests.iter().any(|(.., owner)| *owner);
        let guests: Vec<StaffId> = guests.into_iter().map(|(member, ..)| *member).collect();
        let records = self.possible_records(scope, practice)?;
        scope.as_identity(|scope| {
            let mut implicated = self.implicated(scope, practice, &records)?;
            if may_be_meant {
                let is_named = |member: &&Member| self.texts.names(&member.2);
                implicated.extend(members.iter().filter(is_named).map(|(member, ..)| *member));
            }
            // They stand above somebody implicated, or somebody implicated stands above them.
            let (above_implicated, above_guests): (Vec<StaffId>, Vec<StaffId>) = diesel::select((
                line_of(practice, implicated.clone(), self.since),
                line_of(practice, guests.clone(), self.since),
            ))
            .get_result(scope.conn)?;
            against.worked_with_the_person |= guests.iter().any(|guest| implicated.contains(guest));
            against.is_in_the_line |= guests.iter().any(|guest| above_implicated.contains(guest))
                || implicated.iter().any(|one| above_guests.contains(one));
            Ok(())
        })
    }

    /// What is known against an officer of the council.
    pub(super) fn against_officer(&self, name: &str, account: AccountId) -> KnownAgainst {
        let works_at_the_practice = self.known.works_with(account);
        KnownAgainst { works_at_the_practice, ..self.against(name, Some(account)) }
    }

    /// What speaks against offering the complaint to an officer of whom this is known.
    pub(super) fn bar(&self, against: KnownAgainst) -> Bar {
        match () {
            () if !against.is_anything() => Bar::Nothing,
            () if self.is_from_a_practice_alone && !against.is_more_than_a_name() => Bar::NamedByAPractice,
            () => Bar::Barred,
        }
    }

    /// What is known against anybody, in whatever capacity. Of who has not joined yet the name alone is known.
    fn against(&self, name: &str, account: Option<AccountId>) -> KnownAgainst {
        KnownAgainst {
            is_named: self.texts.names(name),
            must_not_see: self.texts.must_not_be_seen_by(name),
            decided_for_the_person: self.known.has_decided(name, account),
            has_an_interest: account.is_some_and(|account| self.interested.contains(&account)),
            is_out: self.known.is_out(name, account),
            ..KnownAgainst::default()
        }
    }
}

/// The officers who let offers of a complaint lapse, and when each did last.
pub(super) fn lapsed_offers(
    scope: &mut WorkerScope<'_>,
    sealed: Sealed,
) -> Result<HashMap<OfficerId, Option<DateTime<Utc>>>, StoreError> {
    Ok(complaint_offers::table
        .filter(complaint_offers::council_id.eq(sealed.council).and(complaint_offers::complaint_id.eq(sealed.id)))
        .filter(complaint_offers::outcome.eq(OfferOutcome::Lapsed))
        .group_by(complaint_offers::officer_id)
        .select((complaint_offers::officer_id, max(complaint_offers::ended_at)))
        .load::<(OfficerId, Option<DateTime<Utc>>)>(scope.conn)?
        .into_iter()
        .collect())
}
