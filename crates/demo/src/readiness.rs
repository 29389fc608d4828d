//! What a practice that is made for the demonstration or for a test must show before referrals are sent to it.

use almoner_domain::contracts::onboarding::Item;
use almoner_domain::ids::PracticeId;
use almoner_domain::staff::registration::{RegistrationStatus, latest_end};
use almoner_domain::words::calendar::london_date;
use almoner_domain::words::text::Passage;
use almoner_persistence::access::sessions;
use almoner_persistence::contracts::onboarding::{self, RecordItem};
use almoner_persistence::staff::registrations::{self, CheckRegistration, LAPSING_WITHIN};
use almoner_persistence::{Paging, Store};
use chrono::Months;

use crate::Failure;
use crate::confirming::{begin, own_request, owner_of};

/// Makes a practice ready: the operator records its insurance and the agreement on data, and its owner what the register says
/// of the social workers who need to be looked up. Does nothing about them at a practice that no owner has joined.
pub fn make_ready(store: &Store, practice: PracticeId) -> Result<(), Failure> {
    let today = london_date(store.clock().now());
    let evidence = Passage::parse("Seen by the operator.").map_err(|invalid| invalid.to_string())?;
    let record = RecordItem { done_on: today, expires_on: today.checked_add_months(Months::new(60)), evidence };
    store.console(|scope| {
        onboarding::record(scope, practice, Item::Insurance, &record)?;
        onboarding::record(scope, practice, Item::ProcessingAgreement, &record)
    })?;
    let Some(owner) = owner_of(store, practice)? else { return Ok(()) };
    let session = begin(store, practice, &owner)?;
    store.practice(session, own_request(), |scope| {
        let found = registrations::list(scope, LAPSING_WITHIN, &Paging::new(None, 200)?)?;
        for of in found
            .items
            .iter()
            .filter(|of| (of.found.is_none() || !of.may_practise) && of.number.is_some() && of.staff.id != owner.id)
        {
            let what = CheckRegistration {
                status: RegistrationStatus::Registered,
                checked_on: today,
                registration_ends_on: Some(latest_end(today)),
                annotations: Vec::new(),
            };
            registrations::check(scope, of, &what)?;
        }
        Ok::<_, Failure>(())
    })?;
    store.account(session, own_request(), |scope| sessions::end_own(scope, session.session))?;
    Ok(())
}
