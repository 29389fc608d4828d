//! The contacts of a council, as its officers keep them.

use almoner_domain::events::Event;
use almoner_domain::words::phone::Phone;
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
}

/// Finds the contacts of the caller's council.
pub fn find(scope: &mut CouncilScope<'_>) -> Result<CouncilContacts, StoreError> {
    let id = scope.council_id();
    let (council, emergency_duty_phone, starts_on, version) = councils::table
        .find(id)
        .select((CouncilName::as_select(), councils::emergency_duty_phone, councils::starts_on, councils::version))
        .first(scope.conn)?;
    Ok(CouncilContacts { council, details: ContactDetails { emergency_duty_phone }, starts_on, version })
}

/// Changes the contacts of the caller's council from today on, and keeps those that it had. Other crates call
/// [`crate::referrals::council_requests::change_contacts`].
pub(crate) fn change(
    scope: &mut CouncilScope<'_>,
    known: &CouncilContacts,
    details: &ContactDetails,
) -> Result<(), StoreError> {
    let (council, today) = (scope.council_id(), scope.today());
    let changed = update(councils::table)
        .filter(councils::council_id.eq(council).and(councils::version.eq(known.version)))
        .set((
            councils::emergency_duty_phone.eq(&details.emergency_duty_phone),
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
