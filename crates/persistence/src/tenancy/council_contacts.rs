//! The contacts of a council, as its officers keep them.

use almoner_domain::events::Event;
use almoner_domain::words::email::ContactEmail;
use almoner_domain::words::phone::Phone;
use almoner_domain::words::text::{self, Line, Passage};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{councils, former_council_details};
use crate::ground::scope::CouncilScope;
use crate::tenancy::councils::CouncilName;

/// The contacts of a council.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilContacts {
    /// The council.
    pub council: CouncilName,
    /// The contacts that can be changed.
    #[serde(flatten)]
    pub details: ContactDetails,
    /// The day since when its name, its code and its number are valid.
    pub starts_on: NaiveDate,
    /// The version of the council, for the `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// The contacts of a council that its officers can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactDetails {
    /// The telephone number of the council's emergency duty team, which every answer about an urgent referral gives.
    pub emergency_duty_phone: Phone,
    /// Where somebody complains to the council, which the public procedure of each practice says. `null` takes it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaints: Option<ComplaintsContact>,
}

/// Where somebody complains to a council, and who helps them to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintsContact {
    /// The postal address, in lines.
    pub address: Passage<500>,
    /// The telephone number.
    pub phone: Phone,
    /// The email address.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub email: Option<ContactEmail>,
    /// The website.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub website: Option<Line<200>>,
    /// Who helps somebody to complain, independently and free of charge, and how they are reached.
    pub advocacy: Passage<2000>,
}

/// The columns with where somebody complains to a council.
#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = councils)]
pub(crate) struct ComplaintsColumns {
    #[diesel(column_name = complaints_address)]
    address: Option<String>,
    #[diesel(column_name = complaints_phone)]
    phone: Option<String>,
    #[diesel(column_name = complaints_email)]
    email: Option<String>,
    #[diesel(column_name = complaints_website)]
    website: Option<String>,
    #[diesel(column_name = complaints_advocacy)]
    advocacy: Option<String>,
}

impl ComplaintsColumns {
    /// Where somebody complains to the council, once an officer has said so.
    pub(crate) fn contact(self) -> Result<Option<ComplaintsContact>, StoreError> {
        let (Some(address), Some(phone), Some(advocacy)) = (self.address, self.phone, self.advocacy) else {
            return Ok(None);
        };
        Ok(Some(ComplaintsContact {
            address: address.parse().map_err(StoreError::unreadable)?,
            phone: Phone::parse(&phone).map_err(StoreError::unreadable)?,
            email: self.email.map(|email| email.parse()).transpose().map_err(StoreError::unreadable)?,
            website: self.website.map(|site| site.parse()).transpose().map_err(StoreError::unreadable)?,
            advocacy: advocacy.parse().map_err(StoreError::unreadable)?,
        }))
    }
}

/// Finds the contacts of the caller's council.
pub fn find(scope: &mut CouncilScope<'_>) -> Result<CouncilContacts, StoreError> {
    let id = scope.council_id();
    let (council, emergency_duty_phone, columns, starts_on, version) = councils::table
        .find(id)
        .select((
            CouncilName::as_select(),
            councils::emergency_duty_phone,
            ComplaintsColumns::as_select(),
            councils::starts_on,
            councils::version,
        ))
        .first::<(_, _, ComplaintsColumns, _, _)>(scope.conn)?;
    let details = ContactDetails { emergency_duty_phone, complaints: columns.contact()? };
    Ok(CouncilContacts { council, details, starts_on, version })
}

/// Changes the contacts of the caller's council from today on, and keeps those that it had. Other crates call
/// [`crate::referrals::council_requests::change_contacts`].
pub(crate) fn change(
    scope: &mut CouncilScope<'_>,
    known: &CouncilContacts,
    details: &ContactDetails,
) -> Result<(), StoreError> {
    let (council, today) = (scope.council_id(), scope.today());
    let complaints = details.complaints.as_ref();
    let changed = update(councils::table)
        .filter(councils::council_id.eq(council).and(councils::version.eq(known.version)))
        .set((
            councils::emergency_duty_phone.eq(&details.emergency_duty_phone),
            councils::complaints_address.eq(complaints.map(|contact| contact.address.as_str())),
            councils::complaints_phone.eq(complaints.map(|contact| contact.phone.as_str())),
            councils::complaints_email.eq(complaints.and_then(|contact| contact.email.as_ref())),
            councils::complaints_website.eq(complaints.and_then(|contact| contact.website.as_ref())),
            councils::complaints_advocacy.eq(complaints.map(|contact| contact.advocacy.as_str())),
            councils::starts_on.eq(today),
            councils::version.eq(known.version + 1),
        ))
        .execute(scope.conn)?;
    if changed == 0 {
        return Err(StoreError::VersionMismatch(find(scope)?.version));
    }
    diesel::insert_into(former_council_details::table)
        .values((
            former_council_details::council_id.eq(council),
            former_council_details::former_id.eq(scope.next_id::<Uuid>()),
            former_council_details::starts_on.eq(known.starts_on),
            former_council_details::replaced_on.eq(today),
            former_council_details::gss_code.eq(&known.council.gss_code),
            former_council_details::name.eq(&known.council.name),
            former_council_details::emergency_duty_phone.eq(&known.details.emergency_duty_phone),
            former_council_details::code_in_use.eq(true),
        ))
        .execute(scope.conn)?;
    scope.record(Event::CouncilChanged { council })
}
