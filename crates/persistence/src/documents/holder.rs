//! The holders of documents at a practice: a record, a case in it, or a referral.

use almoner_domain::ids::{CaseId, KeyId, PracticeId, ReferralId, ServiceUserId, StaffId, TeamId};
use almoner_domain::referrals::state::ReferralStatus;
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::documents;
use crate::ground::scope::{PracticeScope, Scope};
use crate::people::about::AboutPerson;
use crate::people::service_users::{self, PersonShown};

/// The record, the case in it, or the referral that has a document.
#[derive(Clone)]
pub struct Holder {
    pub(super) of: Of,
    pub(super) key_id: KeyId,
}

/// What a holder is.
#[derive(Clone)]
pub(super) enum Of {
    /// A record, and the case in it if it is one. A case may have been opened from a referral, whose documents it shows too.
    Record { about: AboutPerson, case: Option<CaseId>, referral: Option<ReferralId> },
    /// A referral.
    Referral(Place),
}

/// A referral at a practice, with what its row says of who may see it.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) referral: ReferralId,
    /// The person, or the referral itself as long as nobody is recognised.
    pub(crate) about_id: Uuid,
    pub(crate) access_restricted: bool,
    pub(crate) team_id: TeamId,
    pub(crate) open_to: Option<Vec<StaffId>>,
    pub(crate) status: ReferralStatus,
    pub(crate) key_id: KeyId,
}

impl Place {
    /// The person whom the referral is about, if anybody is recognised.
    pub(crate) fn person(&self) -> Option<ServiceUserId> {
        person_of(None, Some(self.referral), Some(self.about_id))
    }
}

/// The person whom a document is about, by the columns of its row.
pub(super) fn person_of(
    person: Option<ServiceUserId>,
    referral: Option<ReferralId>,
    about_id: Option<Uuid>,
) -> Option<ServiceUserId> {
    let recognised = about_id.filter(|about| referral.is_none_or(|referral| referral.uuid() != *about));
    person.or(recognised.map(ServiceUserId::from))
}

/// The columns of a document that say where it is and who may see it.
#[derive(Insertable)]
#[diesel(table_name = documents, treat_none_as_default_value = false)]
pub(super) struct Whereabouts {
    service_user_id: Option<ServiceUserId>,
    access_restricted: bool,
    team_id: TeamId,
    case_id: Option<CaseId>,
    referral_id: Option<ReferralId>,
    about_id: Option<Uuid>,
    referral_status: Option<ReferralStatus>,
    open_to: Option<Vec<StaffId>>,
}

impl Place {
    pub(super) fn whereabouts(&self) -> Whereabouts {
        Whereabouts {
            service_user_id: None,
            access_restricted: self.access_restricted,
            team_id: self.team_id,
            case_id: None,
            referral_id: Some(self.referral),
            about_id: Some(self.about_id),
            referral_status: Some(self.status),
            open_to: self.open_to.clone(),
        }
    }
}

impl Holder {
    /// Finds the record of a person, for a document without a case.
    pub fn of_person(scope: &mut PracticeScope<'_>, person: ServiceUserId) -> Result<Self, StoreError> {
        let person = service_users::find(scope, person)?;
        Ok(Self { of: Of::Record { about: person.about(), case: None, referral: None }, key_id: person.key_id })
    }

    /// A case of this person, and the referral that opened it.
    pub(crate) fn of_case(case: CaseId, person: &PersonShown, referral: Option<ReferralId>) -> Self {
        Self { of: Of::Record { about: person.about, case: Some(case), referral }, key_id: person.key_id }
    }

    /// A referral.
    pub(crate) fn of_referral(place: Place) -> Self {
        Self { key_id: place.key_id, of: Of::Referral(place) }
    }

    pub(super) fn whereabouts(&self) -> Whereabouts {
        match &self.of {
            Of::Record { about, case, .. } => Whereabouts {
                service_user_id: Some(about.service_user_id),
                access_restricted: about.access_restricted,
                team_id: about.team_id,
                case_id: *case,
                referral_id: None,
                about_id: None,
                referral_status: None,
                open_to: None,
            },
            Of::Referral(place) => place.whereabouts(),
        }
    }

    /// The person whom the holder is about, if anybody is known.
    pub(super) fn person(&self) -> Option<ServiceUserId> {
        match &self.of {
            Of::Record { about, .. } => Some(about.service_user_id),
            Of::Referral(place) => place.person(),
        }
    }
}

/// Writes into the documents of a referral to whom it is open from now on. Everything else that says so follows the referral by
/// their key to it, in which a list has no room.
pub(crate) fn open_to(
    scope: &mut Scope<'_>,
    practice: PracticeId,
    referral: ReferralId,
    staff: &[StaffId],
) -> Result<(), StoreError> {
    update(documents::table)
        .filter(documents::practice_id.eq(practice).and(documents::referral_id.eq(referral)))
        .set(documents::open_to.eq(Some(staff)))
        .execute(scope.conn)?;
    Ok(())
}
