//! Who may do what: one table for each door. A handler names the permission that it needs in the type of its caller, and
//! reaches the database through nothing else.

use almoner_domain::staff::roles::Role;
use almoner_domain::staff::roles::Role::{
    Administrator, ComplaintsManager, Manager, Practitioner, RecordsOfficer, SocialWorker,
};
use almoner_persistence::{CouncilScope, OperatorScope, PartnerScope, PracticeScope};

use crate::caller::{Council, Door, Operator, Partner, Practice};

/// A permission at a door.
pub(crate) trait Permission: 'static {
    type Door: Door;
    /// Whether it is found out which complaints the caller may see. To everything else there are none: nothing shows one by
    /// mistake, and no request takes longer because there are some.
    const OPENS_COMPLAINTS: bool = false;
    /// Whether it is for those alone who proved their second factor within the last minutes (RFC 9470).
    const WANTS_FRESH_FACTOR: bool = false;
    /// Its word, as the document and the audit log have it.
    const WORD: &'static str;
    /// Whether it is about complaints: what is refused by it goes to their own chain of the audit log.
    const OF_COMPLAINTS: bool = Self::OPENS_COMPLAINTS;
    /// Whether whoever the scope is for has it, now.
    fn is_held(scope: &<Self::Door as Door>::Scope<'_>) -> bool;
}

macro_rules! practice_permissions {
    (@opens complaints) => { true };
    (@opens) => { false };
    (@wants factor) => { true };
    (@wants) => { false };
    ($($(#[$doc:meta])* $name:ident = $word:literal, [$($role:ident),+] $(opens $what:ident)? $(fresh $fresh:ident)?;)+) => {
        $(
            $(#[$doc])*
            pub(crate) enum $name {}

            impl Permission for $name {
                type Door = Practice;
                const WORD: &'static str = $word;
                const OPENS_COMPLAINTS: bool = practice_permissions!(@opens $($what)?);
                const WANTS_FRESH_FACTOR: bool = practice_permissions!(@wants $($fresh)?);

                fn is_held(scope: &PracticeScope<'_>) -> bool {
                    const ROLES: &[Role] = &[$($role),+];
                    scope.member().roles.iter().any(|role| ROLES.contains(role))
                }
            }
        )+

        /// Each permission at the practice door by its name, with the roles that have it.
        pub const PRACTICE_PERMISSIONS: &[(&str, &[Role])] = &[$(($word, &[$($role),+])),+];
    };
}

practice_permissions! {
    /// To know one's colleagues. The administrator keeps the list, and reads no records.
    StaffRead = "staff.read", [SocialWorker, Practitioner, Manager, ComplaintsManager, RecordsOfficer, Administrator];
    /// To see a colleague whole: address, line, registration number.
    StaffSee = "staff.see", [Manager, Administrator];
    /// To invite staff, to change what they may do, to let them go.
    StaffManage = "staff.manage", [Administrator] fresh factor;
    /// To say that an account is still its member's.
    StaffConfirm = "staff.confirm", [Manager, Administrator] fresh factor;
    /// To have the practice's staff sign in through a provider of its own.
    SingleSignOnManage = "single_sign_on.manage", [Administrator] fresh factor;
    /// To look up colleagues in the register of Social Work England, and to see who is to be looked up.
    StaffRegistrations = "staff.registrations", [Administrator, Manager];
    /// To read the inbox.
    ReferralsRead = "referrals.read", [SocialWorker, Practitioner, Manager];
    /// To accept and decline referrals.
    ReferralsDecide = "referrals.decide", [SocialWorker, Manager];
    /// To search for people and read their records.
    ServiceUsersRead = "service_users.read", [SocialWorker, Practitioner, Manager, RecordsOfficer];
    /// To open and change people's records.
    ServiceUsersWrite = "service_users.write", [SocialWorker, Practitioner, Manager];
    /// To read cases, notes, timelines and caseloads.
    CasesRead = "cases.read", [SocialWorker, Practitioner, Manager, RecordsOfficer];
    /// To open cases, write notes, and ask for a case to be closed.
    CasesWrite = "cases.write", [SocialWorker, Practitioner, Manager];
    /// To say who works on a case.
    CasesAllocate = "cases.allocate", [Manager];
    /// To decide, when drawn, on what others ask. Who asked may look at their own request by the permission to write.
    Countersign = "countersignatures.decide", [Manager];
    /// To restrict a record to some, and to lock a colleague out of one.
    AccessManage = "access.manage", [Manager, RecordsOfficer];
    /// To open a restricted record in an emergency.
    RecordsBreakGlass = "records.break_glass", [SocialWorker, Manager] fresh factor;
    /// To look at what one opened so, and at what one may review.
    BreakGlassRead = "break_glass.read", [SocialWorker, Manager, RecordsOfficer];
    /// To review what others opened so.
    BreakGlassReview = "break_glass.review", [Manager, RecordsOfficer];
    /// To read what one is told.
    NoticesRead = "notices.read", [SocialWorker, Practitioner, Manager, ComplaintsManager, RecordsOfficer, Administrator];
    /// To read and handle complaints, as far as the wall allows.
    ComplaintsHandle = "complaints.handle", [ComplaintsManager] opens complaints;
    /// To read the practice's audit log, and who read a person's record.
    AuditRead = "audit.read", [RecordsOfficer];
    /// To take the audit log out as a file.
    AuditExport = "audit.export", [RecordsOfficer] fresh factor;
}

macro_rules! client_permissions {
    ($door:ident, $scope:ident, $table:ident: $($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        $(
            $(#[$doc])*
            pub(crate) enum $name {}

            impl Permission for $name {
                type Door = $door;
                const WORD: &'static str = $word;
                const OF_COMPLAINTS: bool = matches!($word.as_bytes(), b"complaints");

                fn is_held(scope: &$scope<'_>) -> bool {
                    scope.client().scopes.iter().any(|scope| scope == $word)
                }
            }
        )+

        /// Each permission at this door: the OAuth scope of that name.
        pub const $table: &[&str] = &[$($word),+];
    };
}

client_permissions! {
    Council, CouncilScope, COUNCIL_PERMISSIONS:
    /// To send and follow referrals.
    SendReferrals = "referrals";
    /// To handle complaints that the practice cannot.
    HandleComplaints = "complaints";
}

client_permissions! {
    Partner, PartnerScope, PARTNER_PERMISSIONS:
    /// To lodge and follow complaints.
    LodgeComplaints = "complaints";
}

/// To do at the operator's door what wants a fresh factor: accounts, clients' secrets, the suspension of a practice.
pub(crate) enum OperateWithFreshFactor {}

impl Permission for OperateWithFreshFactor {
    type Door = Operator;
    const WORD: &'static str = "operate.with_fresh_factor";
    const WANTS_FRESH_FACTOR: bool = true;

    fn is_held(_: &OperatorScope<'_>) -> bool {
        true
    }
}

/// To run the service.
pub(crate) enum Operate {}

impl Permission for Operate {
    type Door = Operator;
    const WORD: &'static str = "operate";

    fn is_held(_: &OperatorScope<'_>) -> bool {
        true
    }
}
