//! The identifiers that can stand in a path, with the person whom each is about. A refused request is recorded as one
//! about that person.

use almoner_domain::contracts::onboarding::Item;
use almoner_domain::ids::{
    AccountId, BreakGlassId, CaseId, ClientId, ComplaintId, ContractId, CouncilId, CouncilRequestId,
    CountersignatureId, IdentityId, PracticeId, ReferralId, ServiceUserId, SessionId, StaffId,
};
use almoner_domain::words::slug::Slug;
use almoner_persistence::{Scope, StoreError};
use uuid::Uuid;

use crate::ground::path::PathParameter;

macro_rules! identifiers {
    ($($name:ident: $description:literal $(, about $person:expr)?;)+) => {
        $(
            impl PathParameter for $name {
                const DESCRIPTION: &'static str = $description;

                fn id(&self) -> Option<Uuid> {
                    Some(self.uuid())
                }

                $(
                    fn person(&self, scope: &mut Scope<'_>) -> Result<Option<ServiceUserId>, StoreError> {
                        let person: fn(&mut Scope<'_>, Self) -> Result<Option<ServiceUserId>, StoreError> = $person;
                        person(scope, *self)
                    }
                )?
            }
        )+
    };
}

identifiers! {
    ServiceUserId: "The identifier of the person", about |_, person| Ok(Some(person));
    CaseId: "The identifier of the case", about |scope, case| scope.person_of(case);
    ReferralId: "The identifier of the referral";
    CountersignatureId: "The identifier of the countersignature";
    BreakGlassId: "The identifier of the break-glass access";
    ComplaintId: "The identifier of the complaint";
    StaffId: "The identifier of the member of staff";
    SessionId: "The identifier of the session";
    IdentityId: "The identifier of the linked identity";
    CouncilRequestId: "The identifier of the referral";
    AccountId: "The identifier of the account";
    CouncilId: "The identifier of the council";
    PracticeId: "The identifier of the practice";
    ContractId: "The identifier of the contract";
    ClientId: "The identifier of the client";
}

impl PathParameter for Slug {
    const DESCRIPTION: &'static str = "The practice's name in URLs";
}

impl PathParameter for Item {
    const DESCRIPTION: &'static str = "The onboarding item";
}
