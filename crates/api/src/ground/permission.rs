//! The permissions, in one table for each door. A handler names the permission that it needs in the type of its caller,
//! and reaches the database through nothing else.

use almoner_domain::staff::roles::Role;
use almoner_domain::staff::roles::Role::{
    Administrator, ComplaintsManager, Manager, Practitioner, RecordsOfficer, SocialWorker,
};
use almoner_persistence::{CouncilScope, OperatorScope, PartnerScope, PracticeScope};

use crate::ground::door::{CouncilDoor, Door, OperatorDoor, PartnerDoor, PracticeDoor};

/// A permission at a door.
pub(crate) trait Permission: 'static {
    type Door: Door;
    /// Whether the scope finds out which complaints the caller may see. For every other permission no complaint is
    /// visible: none is shown by mistake, and no request takes longer because complaints exist.
    const OPENS_COMPLAINTS: bool = false;
    /// Whether the permission requires a second factor that was proved within the last minutes (RFC 9470).
    const WANTS_FRESH_FACTOR: bool = false;
    /// Whether the permission is a professional decision about a person or their case. A social worker whom the
    /// register bars may not take it, whatever other role they hold.
    const IS_A_DECISION: bool = false;
    /// The permission's word, in the OpenAPI document and in the audit log.
    const WORD: &'static str;
    /// The scope that a token must cover, in the OpenAPI document; `None` at a door with one permission for everything.
    const SCOPE: Option<&'static str> = Some(Self::WORD);
    /// Whether the permission is about complaints, so that its refusals go to their own chain of the audit log.
    const OF_COMPLAINTS: bool = Self::OPENS_COMPLAINTS;
    /// Whether everybody who comes in by the door has the permission, so that nobody is refused for want of it.
    const IS_EVERYBODYS: bool = false;
    /// Whether the caller of the scope has the permission, now.
    fn is_held(scope: &<Self::Door as Door>::Scope<'_>) -> bool;
}

macro_rules! practice_permissions {
    (@opens complaints) => { true };
    (@opens) => { false };
    (@wants factor) => { true };
    (@wants) => { false };
    (@is decision) => { true };
    (@is) => { false };
    ($(
        $(#[$doc:meta])*
        $name:ident = $word:literal, [$($role:ident),+] $(opens $what:ident)? $(fresh $fresh:ident)? $(a $decision:ident)?;
    )+) => {
        $(
            $(#[$doc])*
            pub(crate) enum $name {}

            impl Permission for $name {
                type Door = PracticeDoor;
                const WORD: &'static str = $word;
                const OPENS_COMPLAINTS: bool = practice_permissions!(@opens $($what)?);
                const WANTS_FRESH_FACTOR: bool = practice_permissions!(@wants $($fresh)?);
                const IS_EVERYBODYS: bool = [$($role),+].len() == Role::ALL.len();
                const IS_A_DECISION: bool = practice_permissions!(@is $($decision)?);

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
    /// Permits listing one's colleagues. The administrator keeps the list, and reads no records.
    StaffRead = "staff.read", [SocialWorker, Practitioner, Manager, ComplaintsManager, RecordsOfficer, Administrator];
    /// Permits reading a colleague's whole record: address, line of management, registration number.
    StaffSee = "staff.see", [Manager, RecordsOfficer, Administrator];
    /// Permits inviting staff, changing what they may do, and ending their membership.
    StaffManage = "staff.manage", [Administrator] fresh factor;
    /// Permits confirming memberships, of which [`almoner_domain::staff::confirmation`] says whose one may confirm.
    StaffConfirm = "staff.confirm", [Manager, RecordsOfficer, Administrator] fresh factor;
    /// Permits giving a member of staff the power of a manager until a day, and ending it.
    StaffAppoint = "staff.appoint", [Manager, Administrator] fresh factor;
    /// Permits setting the identity provider through which the practice's staff sign in.
    SingleSignOnManage = "single_sign_on.manage", [Administrator] fresh factor;
    /// Permits checking colleagues in the register of Social Work England, and listing those to be checked.
    StaffRegistrations = "staff.registrations", [Administrator, Manager];
    /// Permits reading when the practice is open.
    OpeningHoursRead = "opening_hours.read",
        [SocialWorker, Practitioner, Manager, ComplaintsManager, RecordsOfficer, Administrator];
    /// Permits setting when the practice is open.
    OpeningHoursManage = "opening_hours.manage", [Manager, Administrator];
    /// Permits reading the practice's referrals.
    ReferralsRead = "referrals.read", [SocialWorker, Practitioner, Manager];
    /// Permits accepting and declining referrals.
    ReferralsDecide = "referrals.decide", [SocialWorker, Manager] a decision;
    /// Permits saying who sees a referral that waits.
    ReferralsRestrict = "referrals.restrict", [Manager];
    /// Permits searching for people and reading their records.
    ServiceUsersRead = "service_users.read", [SocialWorker, Practitioner, Manager, RecordsOfficer];
    /// Permits opening and changing people's records.
    ServiceUsersWrite = "service_users.write", [SocialWorker, Practitioner, Manager];
    /// Permits reading cases, notes, timelines and caseloads.
    CasesRead = "cases.read", [SocialWorker, Practitioner, Manager, RecordsOfficer];
    /// Permits writing notes, and marking one's own as entered in error; a manager marks any.
    CasesWrite = "cases.write", [SocialWorker, Practitioner, Manager];
    /// Permits allocating a case to a worker.
    CasesAllocate = "cases.allocate", [Manager] a decision;
    /// Permits agreeing, as a registrant, that a practitioner asks to close a case.
    CasesAgree = "cases.agree", [SocialWorker] a decision;
    /// Permits following one's own requests for a second person's decision, and taking them back.
    CountersignaturesAsk = "countersignatures.ask", [SocialWorker, Practitioner, Manager, RecordsOfficer];
    /// Permits reading the requests that one was drawn to decide on.
    CountersignaturesRead = "countersignatures.decide", [Manager];
    /// Permits restricting a record to named staff, and excluding a colleague from one.
    AccessManage = "access.manage", [Manager, RecordsOfficer];
    /// Permits opening a restricted record in an emergency.
    RecordsBreakGlass = "records.break_glass", [SocialWorker, Manager] fresh factor;
    /// Permits reading one's own break-glass accesses, and those that one may review.
    BreakGlassRead = "break_glass.read", [SocialWorker, Manager, RecordsOfficer];
    /// Permits reviewing others' break-glass accesses.
    BreakGlassReview = "break_glass.review", [Manager, RecordsOfficer];
    /// Permits reading one's notices.
    NoticesRead = "notices.read", [SocialWorker, Practitioner, Manager, ComplaintsManager, RecordsOfficer, Administrator];
    /// Permits reading and handling complaints, as far as the wall allows.
    ComplaintsHandle = "complaints.handle", [ComplaintsManager] opens complaints;
    /// Permits reading the practice's audit log, and the list of those who read a person's record.
    AuditRead = "audit.read", [RecordsOfficer];
    /// Permits exporting the audit log as a file.
    AuditExport = "audit.export", [RecordsOfficer] fresh factor;
}

macro_rules! decisions {
    ($($(#[$doc:meta])* $name:ident = $permission:ident;)+) => {
        $(
            $(#[$doc])*
            pub(crate) enum $name {}

            impl Permission for $name {
                type Door = PracticeDoor;
                const WORD: &'static str = $permission::WORD;
                const IS_A_DECISION: bool = true;

                fn is_held(scope: &PracticeScope<'_>) -> bool {
                    $permission::is_held(scope)
                }
            }
        )+
    };
}

// Some permissions also cover a professional decision.
decisions! {
    /// Permits opening cases, and asking for a case to be closed.
    CasesDecide = CasesWrite;
    /// Permits deciding, when drawn, on others' requests.
    Countersign = CountersignaturesRead;
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

        /// Each permission at this door, which is the OAuth scope of that name.
        pub const $table: &[&str] = &[$($word),+];
    };
}

client_permissions! {
    CouncilDoor, CouncilScope, COUNCIL_PERMISSIONS:
    /// Permits sending and following referrals.
    SendReferrals = "referrals";
    /// Permits handling complaints that the practice cannot handle.
    HandleComplaints = "complaints";
}

client_permissions! {
    PartnerDoor, PartnerScope, PARTNER_PERMISSIONS:
    /// Permits lodging and following complaints.
    LodgeComplaints = "complaints";
}

/// Permits the operations at the operator's door that require a recent second factor: accounts, clients' secrets, the
/// suspension of a practice.
pub(crate) enum OperateWithFreshFactor {}

impl Permission for OperateWithFreshFactor {
    type Door = OperatorDoor;
    const WORD: &'static str = "operate.with_fresh_factor";
    const SCOPE: Option<&'static str> = None;
    const IS_EVERYBODYS: bool = true;
    const WANTS_FRESH_FACTOR: bool = true;

    fn is_held(_: &OperatorScope<'_>) -> bool {
        true
    }
}

/// Permits operating the service.
pub(crate) enum Operate {}

impl Permission for Operate {
    type Door = OperatorDoor;
    const WORD: &'static str = "operate";
    const SCOPE: Option<&'static str> = None;
    const IS_EVERYBODYS: bool = true;

    fn is_held(_: &OperatorScope<'_>) -> bool {
        true
    }
}
