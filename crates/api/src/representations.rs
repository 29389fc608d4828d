//! The types that answers show: for each type of the store, the member that holds its version.

use almoner_persistence::Page;
use almoner_persistence::access::accounts::{AccountSummary, OwnAccount};
use almoner_persistence::access::clients::RegisteredClient;
use almoner_persistence::access::invitations::Link;
use almoner_persistence::access::single_sign_on::{LinkedIdentity, SingleSignOn};
use almoner_persistence::cases::countersignatures::Countersignature;
use almoner_persistence::cases::notes::Note;
use almoner_persistence::cases::open_work::OpenWork;
use almoner_persistence::cases::outside::OutsideRequest;
use almoner_persistence::cases::timeline::TimelineEntry;
use almoner_persistence::cases::{Allocation, Case};
use almoner_persistence::complaints::assignments::Assignments;
use almoner_persistence::complaints::clocks::DueList;
use almoner_persistence::complaints::documents::{ComplaintDocument, SentDocument};
use almoner_persistence::complaints::figures::PublicFigures;
use almoner_persistence::complaints::following::Followed;
use almoner_persistence::complaints::hearings::ShownList;
use almoner_persistence::complaints::interests::Interest;
use almoner_persistence::complaints::learning::Learning;
use almoner_persistence::complaints::listing::ComplaintSummary;
use almoner_persistence::complaints::offers::{AnsweredOffer, Offer, OfferWithNames};
use almoner_persistence::complaints::reading::Complaint;
use almoner_persistence::complaints::receipts::{Receipt, ReplacedCode};
use almoner_persistence::complaints::record::{NoteLookedInto, RecordLookedInto};
use almoner_persistence::complaints::reporting::AnnualReport;
use almoner_persistence::complaints::response::Response;
use almoner_persistence::complaints::safeguarding::{SafeguardingAlert, SafeguardingAlertSummary};
use almoner_persistence::complaints::safeguarding_feed::SafeguardingEvents;
use almoner_persistence::complaints::signatories::ComplaintsOfficers;
use almoner_persistence::complaints::subject_access::RecordOpenings;
use almoner_persistence::complaints::telling::EndedAssignments;
use almoner_persistence::contracts::Contract;
use almoner_persistence::contracts::directory::Listing;
use almoner_persistence::contracts::onboarding::{Onboarding, OnboardingSummary};
use almoner_persistence::documents::uploads::Upload;
use almoner_persistence::documents::{CouncilDocument, Document};
use almoner_persistence::officers::CouncilOfficer;
use almoner_persistence::officers::guests::Guest;
use almoner_persistence::people::access_restrictions::{Access, Exclusion, RestrictionSummary};
use almoner_persistence::people::break_glass_accesses::BreakGlassAccess;
use almoner_persistence::people::facts::FactShown;
use almoner_persistence::people::network::Network;
use almoner_persistence::people::relationships::Relationship;
use almoner_persistence::people::service_users::{ServiceUser, ServiceUserSummary};
use almoner_persistence::people::warning_notes::{WarningNote, WarningNoteSummary};
use almoner_persistence::referrals::confirmations::Confirmation;
use almoner_persistence::referrals::council_requests::CouncilReferral;
use almoner_persistence::referrals::erasures::{ErasureRequest, ErasureRequestToCouncil};
use almoner_persistence::referrals::feed::{CouncilEvents, FeedPosition};
use almoner_persistence::referrals::instructions::{CouncilInstruction, InstructionToPractice};
use almoner_persistence::referrals::{Referral, ReferralSummary, ReferralWithMatches};
use almoner_persistence::reports::audit_log::{AuditEvent, Reader};
use almoner_persistence::reports::council_log::CouncilAuditEvent;
use almoner_persistence::reports::unusual_access::Unusual;
use almoner_persistence::staff::notices::Notice;
use almoner_persistence::staff::registrations::StaffRegistration;
use almoner_persistence::staff::{Colleague, Member};
use almoner_persistence::tenancy::bank_holidays::BankHoliday;
use almoner_persistence::tenancy::council_contacts::CouncilContacts;
use almoner_persistence::tenancy::councils::Council;
use almoner_persistence::tenancy::opening_hours::OwnOpeningHours;
use almoner_persistence::tenancy::practices::Practice;
use almoner_persistence::tenancy::reorganisations::Reorganisation;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::reply::Representation;

/// A member of staff, with the link that was created for them.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberWithLink {
    /// The member of staff.
    #[serde(flatten)]
    pub(crate) member: Member,
    /// The link to hand to them and to nobody else; shown again only to the same request with the same Idempotency-Key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<Link>,
}

/// An officer, with the link that was created for them.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfficerWithLink {
    /// The officer.
    #[serde(flatten)]
    pub(crate) officer: CouncilOfficer,
    /// The link to hand to them and to nobody else; shown again only to the same request with the same Idempotency-Key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<Link>,
}

/// A guest, with the link that was created for them.
#[derive(Serialize, ToSchema)]
pub(crate) struct GuestWithLink {
    /// The guest.
    #[serde(flatten)]
    pub(crate) guest: Guest,
    /// The link to hand to them and to nobody else; shown again only to the same request with the same Idempotency-Key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<Link>,
}

/// Who read or changed a person's record at the practice, as the person is told of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Readers {
    /// The items of the page.
    #[schema(max_items = 200)]
    pub(crate) items: Vec<Reader>,
    /// The `cursor` to send for the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, pattern = "^[A-Za-z0-9_-]+$")]
    pub(crate) next_cursor: Option<String>,
    /// Where more may be held, which the practice is not told of. Say it with the list, whoever asks and always.
    #[schema(value_type = almoner_domain::words::text::Line<200>)]
    pub(crate) elsewhere: &'static str,
}

impl From<Page<Reader>> for Readers {
    fn from(page: Page<Reader>) -> Self {
        let elsewhere = "Your council may hold more about who read your record. Ask it too.";
        Self { items: page.items, next_cursor: page.next_cursor, elsewhere }
    }
}

macro_rules! representations {
    (@version $($of:ident).+) => { Some(|shown| shown.$($of).+) };
    ($($name:ident $(= $($version:ident).+)? $(, $partly:ident computed)?;)+) => {
        $(
            impl Representation for $name {
                $(const VERSION: Option<fn(&Self) -> i32> = representations!(@version $($version).+);)?
                $(const IS_PARTLY_COMPUTED: bool = representations!(@$partly);)?
            }
        )+
    };
    (@partly) => { true };
}

representations! {
    Access = version;
    AccountSummary;
    Allocation;
    AnnualReport;
    AnsweredOffer;
    Assignments;
    AuditEvent;
    BankHoliday;
    BreakGlassAccess = version;
    Case = version;
    Colleague;
    Complaint = version, partly computed;
    ComplaintDocument;
    ComplaintSummary;
    EndedAssignments;
    SafeguardingAlert;
    SafeguardingAlertSummary;
    SafeguardingEvents;
    Learning;
    PublicFigures;
    RecordOpenings;
    Confirmation;
    Contract;
    Council = version;
    CouncilAuditEvent;
    CouncilContacts = version;
    CouncilDocument;
    CouncilInstruction = version;
    CouncilReferral = version;
    CouncilEvents;
    CouncilOfficer = version, partly computed;
    Countersignature = version;
    Document;
    ComplaintsOfficers;
    DueList;
    FeedPosition;
    Followed;
    LinkedIdentity;
    Listing;
    ErasureRequest = version;
    ErasureRequestToCouncil = version;
    Exclusion;
    FactShown;
    Guest = version;
    GuestWithLink = guest.version;
    InstructionToPractice;
    Interest;
    Member = version, partly computed;
    MemberWithLink = member.version, partly computed;
    Network;
    Note = version;
    NoteLookedInto;
    Notice;
    Offer;
    OfferWithNames;
    Onboarding = version, partly computed;
    OfficerWithLink = officer.version, partly computed;
    OnboardingSummary;
    OpenWork;
    OutsideRequest;
    OwnAccount;
    OwnOpeningHours = version;
    Practice = version, partly computed;
    Reader;
    Readers;
    Receipt;
    ReplacedCode;
    RecordLookedInto;
    Referral = version;
    ReferralSummary;
    ReferralWithMatches = referral.version;
    Reorganisation = version;
    RegisteredClient = version;
    Response = version, partly computed;
    Relationship = version, partly computed;
    RestrictionSummary;
    SentDocument;
    ServiceUser = version;
    ServiceUserSummary;
    ShownList;
    SingleSignOn = version;
    StaffRegistration = version, partly computed;
    TimelineEntry;
    Unusual;
    Upload;
    WarningNote = version, partly computed;
    WarningNoteSummary;
}
