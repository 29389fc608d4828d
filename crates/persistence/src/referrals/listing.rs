//! The inbox as a list: immediate referrals, and then what is due first.

use almoner_domain::events::Event;
use almoner_domain::fault::InvalidValue;
use almoner_domain::ids::ReferralId;
use almoner_domain::referrals::message::{Discharge, Function, ReferralMessage, Urgency};
use almoner_domain::referrals::state::ReferralStatus;
use almoner_domain::words::postcode::{District, Postcode};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::inbox::{ReferralRow, RowShown, open_message, rows};
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{councils, referrals, service_users as people, staff};
use crate::ground::scope::PracticeScope;
use crate::staff::names::Worker;
use crate::tenancy::councils::CouncilName;

/// A referral in the inbox.
#[derive(Clone, Serialize, ToSchema)]
pub struct ReferralSummary {
    /// The identifier of the referral.
    pub id: ReferralId,
    /// The council that sent the referral.
    pub council: CouncilName,
    /// The status of the referral.
    pub status: ReferralStatus,
    /// The function that the council asks for.
    pub function: Function,
    /// The urgency of the referral.
    pub urgency: Urgency,
    /// The person's name, as it is said.
    #[schema(value_type = almoner_domain::words::text::Line<500>)]
    pub person: String,
    /// The postcode district of the person's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<District>,
    /// The planned discharge from hospital.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discharge: Option<Discharge>,
    /// What must be known before anybody contacts the person.
    pub flags: ReferralFlags,
    /// When the referral arrived at the practice.
    pub received_at: DateTime<Utc>,
    /// When the referral last changed.
    pub changed_at: DateTime<Utc>,
    /// The time by which a human sees a referral that is urgent or immediate, or about somebody who goes home from hospital.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub human_contact_due_at: Option<DateTime<Utc>>,
    /// The day by which the practice answers the referral.
    pub response_due_on: NaiveDate,
    /// Whether that time or that day has passed without an answer.
    pub overdue: bool,
}

/// What must be known before anybody contacts the person whom a referral is about: whether the message says something of each
/// kind. The referral itself has it in full.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each flag is a member of the answer")]
pub struct ReferralFlags {
    /// Whether the council is concerned for the person's safety, or instructs a safeguarding enquiry.
    pub safeguarding: bool,
    /// Whether there are warnings to whoever visits.
    pub visit_warnings: bool,
    /// Whether there are instructions for contacting the person safely.
    pub safe_contact: bool,
    /// Whether the person has communication needs.
    pub communication_needs: bool,
    /// Whether the person needs reasonable adjustments.
    pub reasonable_adjustments: bool,
}

impl From<&ReferralMessage> for ReferralFlags {
    fn from(message: &ReferralMessage) -> Self {
        Self {
            safeguarding: message.safeguarding_concern || message.function == Function::SafeguardingEnquiry,
            visit_warnings: !message.visit_warnings.is_empty(),
            safe_contact: message.person.safe_contact.is_some(),
            communication_needs: !message.person.communication_needs.is_empty(),
            reasonable_adjustments: !message.person.reasonable_adjustments.is_empty(),
        }
    }
}

/// The first place in the inbox's order of what does not wait for an answer.
const ANSWERED: i16 = 2;

/// The place of a referral in the inbox, as a cursor has it: whether it is immediate, and when it is due in microseconds since
/// 1970, which is as exact as the database is.
struct Place(i16, DateTime<Utc>);

impl std::str::FromStr for Place {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidValue::new("must be the place of a referral in the inbox");
        let (place, due_at) = text.split_once('.').ok_or_else(invalid)?;
        let due_at = due_at.parse().ok().and_then(DateTime::from_timestamp_micros);
        let due_at = due_at.filter(|due_at| (1970..10_000).contains(&due_at.year())).ok_or_else(invalid)?;
        Ok(Self(place.parse().map_err(|_| invalid())?, due_at))
    }
}

/// Lists the referrals of a status in the inbox, or those that changed since a moment: immediate ones, and then those due first
/// at the top.
pub fn list(
    scope: &mut PracticeScope<'_>,
    status: Option<ReferralStatus>,
    changed_since: Option<DateTime<Utc>>,
    paging: &Paging,
) -> Result<OnRecord<Page<ReferralSummary>>, StoreError> {
    let mut query = rows!(scope)
        .order((referrals::inbox_place, referrals::due_at, referrals::referral_id))
        .limit(paging.fetch())
        .into_boxed();
    query = match (status, changed_since) {
        (Some(status), _) => query.filter(referrals::status.eq(status)),
        (None, None) => query.filter(referrals::inbox_place.lt(ANSWERED)),
        (None, Some(_)) => query,
    };
    if let Some(since) = changed_since {
        query = query.filter(referrals::changed_at.ge(since));
    }
    if let Some((Place(place, due_at), id)) = paging.after_key::<Place>()? {
        let id = ReferralId::from(id);
        let later = referrals::due_at.gt(due_at).or(referrals::due_at.eq(due_at).and(referrals::referral_id.gt(id)));
        query = query.filter(referrals::inbox_place.gt(place).or(referrals::inbox_place.eq(place).and(later)));
    }
    let rows: Vec<RowShown> = query.load(scope.conn)?;
    let page = paging
        .page(rows, |(row, ..)| format!("{}.{}|{}", row.inbox_place, row.due_at.timestamp_micros(), row.referral_id));
    let owner = scope.log;
    let (today, now) = (scope.today(), scope.at());
    let page = page.try_map(|(row, council, _, _, keys)| {
        let message = open_message(scope, &row, &keys)?;
        let flags = ReferralFlags::from(&message);
        let person = message.person;
        let first = person.preferred_name.or(person.given_name).map_or_else(String::new, |name| format!("{name} "));
        let is_late = row.response_due_on < today || row.human_contact_due_at.is_some_and(|due_at| due_at <= now);
        Ok(ReferralSummary {
            id: row.referral_id,
            council,
            status: row.status,
            function: row.function,
            urgency: row.urgency,
            person: format!("{first}{}", person.family_name),
            place: person.address.and_then(|address| address.postcode).as_ref().map(Postcode::district),
            discharge: message.discharge,
            flags,
            received_at: row.received_at,
            changed_at: row.changed_at,
            human_contact_due_at: row.human_contact_due_at,
            response_due_on: row.response_due_on,
            overdue: row.status.waits_for_the_practice() && is_late,
        })
    })?;
    scope.list_read(page, Event::ReferralListed { owner })
}
