//! The identifiers that can stand in a path, with the person whom each is about. A refused request is recorded as one
//! about that person.

use almoner_domain::contracts::onboarding::Item;
use almoner_domain::ids::{
    AccountId, ActionId, AssignmentId, BankHolidayId, BreakGlassId, CaseId, ClientId, ComplaintId, ContractId,
    CouncilId, CouncilRequestId, CountersignatureId, DocumentId, ErasureRequestId, GuestId, HeadId, IdentityId,
    InstructionId, InterestId, LinkProposalId, MessageId, NoteId, OfferId, OfficerId, PracticeId, ReferralId,
    RelationshipId, ReorganisationId, RequestId, SafeguardingAlertId, ServiceUserId, SessionId, StaffId, UploadId,
    WarningNoteId,
};
use almoner_domain::people::from_referrals::DifferenceField;
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
    ServiceUserId: "The person", about |_, person| Ok(Some(person));
    CaseId: "The case", about |scope, case| scope.person_of(case);
    RelationshipId: "The relationship";
    WarningNoteId: "The warning note";
    NoteId: "The note", about |scope, note| scope.person_of_note(note);
    DocumentId: "The version of the document", about |scope, document| scope.person_of_document(document);
    UploadId: "The upload";
    ReferralId: "The referral", about |scope, referral| scope.person_of_referral(referral);
    CountersignatureId: "The request", about |scope, request| scope.person_of_countersignature(request);
    BreakGlassId: "The break-glass access", about |scope, access| scope.person_of_break_glass_access(access);
    ComplaintId: "The complaint";
    OfferId: "The offer";
    AssignmentId: "The assignment";
    MessageId: "The message";
    HeadId: "The head";
    ActionId: "The action";
    LinkProposalId: "The proposal to link a complaint with another";
    RequestId: "The request";
    GuestId: "The guest";
    ErasureRequestId: "The request";
    InstructionId: "The instruction";
    InterestId: "The interest";
    SafeguardingAlertId: "The concern";
    StaffId: "The member of staff";
    OfficerId: "The officer";
    SessionId: "The session";
    IdentityId: "The link";
    CouncilRequestId: "The referral";
    AccountId: "The account";
    CouncilId: "The council";
    BankHolidayId: "The bank holiday";
    ReorganisationId: "The reorganisation";
    PracticeId: "The practice";
    ContractId: "The contract";
    ClientId: "The client";
}

impl PathParameter for DifferenceField {
    const DESCRIPTION: &'static str = "The detail, by the name that it has in `differences`.";
}

impl PathParameter for Slug {
    const DESCRIPTION: &'static str = "The practice's name in URLs";
}

impl PathParameter for Item {
    const DESCRIPTION: &'static str = "The onboarding item";
}
