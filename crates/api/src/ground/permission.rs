//! The permissions, in one table for each door. A handler names the permission that it needs in the type of its caller,
//! and reaches the database through nothing else.

use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::roles::Role;
use almoner_domain::staff::roles::Role::{Administrator, Manager, Practitioner, RecordsOfficer, SocialWorker};
use almoner_persistence::{
    ComplaintsPerson, ComplaintsScope, CouncilCaller, CouncilScope, OperatorScope, PartnerScope, PracticeScope,
};

use crate::ground::door::{ComplaintsDoor, CouncilDoor, Door, OperatorDoor, PartnerDoor, PracticeDoor};

/// A permission at a door.
pub(crate) trait Permission: 'static {
    type Door: Door;
    /// Whether the permission requires a second factor that was proved within the last minutes (RFC 9470).
    const WANTS_FRESH_FACTOR: bool = false;
    /// Whether the permission is a professional decision about a person or their case. A social worker whom the
    /// register bars may not take it, whatever other role they hold.
    const IS_A_DECISION: bool = false;
    /// The permission's word, in the OpenAPI document and in the audit log.
    const WORD: &'static str;
    /// The scope with which a system has the permission (RFC 6749 §3.3); `None` if no system has it.
    const SYSTEMS: Option<&'static str> = None;
    /// Whether somebody with a session can have the permission, at a door of people.
    const PEOPLE: bool = true;
    /// The permission in the OpenAPI document; `None` at a door with one permission for everything.
    const SCOPE: Option<&'static str> = Some(Self::WORD);
    /// Whether the caller must have begun their session with a password of their own. A council's identity provider alone does not
    /// vouch for what lets somebody in to complaints.
    const WANTS_OWN_PASSWORD: bool = false;
    /// Whether everybody who comes in by the door has the permission, so that nobody is refused for want of it.
    const IS_EVERYBODYS: bool = false;
    /// Whether the caller of the scope has the permission, now.
    fn is_held(scope: &<Self::Door as Door>::Scope<'_>) -> bool;
}

macro_rules! practice_permissions {
    (@wants factor) => { true };
    (@wants) => { false };
    (@is decision) => { true };
    (@is) => { false };
    ($(
        $(#[$doc:meta])*
        $name:ident = $word:literal, [$($role:ident),+] $(fresh $fresh:ident)? $(a $decision:ident)?;
    )+) => {
        $(
            $(#[$doc])*
            pub(crate) enum $name {}

            impl Permission for $name {
                type Door = PracticeDoor;
                const WORD: &'static str = $word;
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
    StaffRead = "staff.read", [SocialWorker, Practitioner, Manager, RecordsOfficer, Administrator];
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
        [SocialWorker, Practitioner, Manager, RecordsOfficer, Administrator];
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
    /// Permits listing the documents of people and cases, and saving them.
    DocumentsRead = "documents.read", [SocialWorker, Practitioner, Manager, RecordsOfficer];
    /// Permits sending in documents.
    DocumentsSend = "documents.send", [SocialWorker, Practitioner, Manager];
    /// Permits asking the accountable council to have a document erased.
    DocumentsAskToErase = "documents.ask_to_erase", [Manager, RecordsOfficer];
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
    NoticesRead = "notices.read", [SocialWorker, Practitioner, Manager, RecordsOfficer, Administrator];
    /// Permits writing a complaint down for somebody, which is the council's from then on.
    ComplaintsWriteDown = "complaints.write_down", [SocialWorker, Practitioner, Manager, RecordsOfficer, Administrator];
    /// Permits reading the instructions that councils gave to the practice.
    InstructionsRead = "instructions.read", [Manager];
    /// Permits reading what councils release to the practice of what was learnt from complaints.
    LearningRead = "learning.read", [SocialWorker, Practitioner, Manager, RecordsOfficer, Administrator];
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
    /// Permits writing warning notes, and reviewing them.
    WarningsDecide = ServiceUsersWrite;
    /// Permits deciding, when drawn, on others' requests.
    Countersign = CountersignaturesRead;
}

/// The OAuth scope by which a council's system does what has to do with referrals.
const REFERRALS: &str = "referrals";
/// The OAuth scope by which a council's system does what has to do with complaints.
const COMPLAINTS: &str = "complaints";
/// The OAuth scope by which a council's system learns that the safeguarding duty is told of something, and not of what.
const SAFEGUARDING: &str = "safeguarding";

/// Each OAuth scope that a council's system can have.
pub const COUNCIL_SCOPES: &[&str] = &[REFERRALS, COMPLAINTS, SAFEGUARDING];

macro_rules! council_permissions {
    (@system scope $scope:ident) => { Some($scope) };
    (@system) => { None };
    (@wants factor) => { true };
    (@wants) => { false };
    (@proves own) => { true };
    (@proves) => { false };
    ($(
        $(#[$doc:meta])*
        $name:ident = $word:literal, [$($role:ident),*] $(systems with $scope:ident)? $(fresh $fresh:ident)? $(by their $own:ident password)?;
    )+) => {
        $(
            $(#[$doc])*
            pub(crate) enum $name {}

            impl Permission for $name {
                type Door = CouncilDoor;
                const WORD: &'static str = $word;
                const SYSTEMS: Option<&'static str> = council_permissions!(@system $(scope $scope)?);
                const PEOPLE: bool = !Self::ROLES.is_empty();
                const WANTS_FRESH_FACTOR: bool = council_permissions!(@wants $($fresh)?);
                const WANTS_OWN_PASSWORD: bool = council_permissions!(@proves $($own)?);

                fn is_held(scope: &CouncilScope<'_>) -> bool {
                    match scope.caller() {
                        CouncilCaller::System(client) => {
                            Self::SYSTEMS.is_some_and(|wanted| client.scopes.iter().any(|scope| scope == wanted))
                        }
                        CouncilCaller::Officer(officer) => {
                            officer.roles.iter().any(|role| Self::ROLES.contains(role))
                        }
                    }
                }
            }

            impl $name {
                const ROLES: &[OfficerRole] = &[$(OfficerRole::$role),*];
            }
        )+

        /// Each permission at the council's door by its name, with the scope of a system and the roles of officers that have it.
        pub const COUNCIL_PERMISSIONS: &[(&str, Option<&str>, &[OfficerRole])] =
            &[$(($word, <$name as Permission>::SYSTEMS, $name::ROLES)),+];
    };
}

council_permissions! {
    /// Permits sending referrals.
    ReferralsSend = "referrals.send", [] systems with REFERRALS;
    /// Permits following the council's referrals, and what it sent.
    ReferralsFollow = "referrals.follow", [Referrals, Safeguarding, Commissioner, Duty] systems with REFERRALS;
    /// Permits withdrawing referrals.
    ReferralsWithdraw = "referrals.withdraw", [Referrals, Safeguarding, Duty] systems with REFERRALS;
    /// Permits naming the practice for a referral that no rule could route, or that came back.
    ReferralsRoute = "referrals.route", [Referrals, Safeguarding, Duty];
    /// Permits reading the feed of the council's events.
    EventsRead = "events.read", [Referrals, Safeguarding, Commissioner, Duty] systems with REFERRALS;
    /// Permits keeping how far one's own client has read the feed.
    EventsPosition = "events.position", [] systems with REFERRALS;
    /// Permits reading what the council confirms of the actions that took effect at once.
    ConfirmationsRead = "confirmations.read", [Referrals, Safeguarding, Commissioner];
    /// Permits reading the instructions that the council gave to practices.
    GivenInstructionsRead = "instructions.read", [Referrals, Complaints, ResponsiblePerson, Alternate, Safeguarding, Commissioner];
    /// Permits instructing a practice, and withdrawing an instruction.
    InstructionsGive = "instructions.give", [Referrals, Complaints, ResponsiblePerson, Alternate, Safeguarding, Commissioner]
        fresh factor;
    /// Permits reading what practices ask the council to have erased.
    ErasuresRead = "erasures.read", [Commissioner, RecordsOfficer];
    /// Permits instructing a practice to erase a document, and refusing to.
    ErasuresDecide = "erasures.decide", [Commissioner, RecordsOfficer] fresh factor;
    /// Permits reading what the council's safeguarding duty is told of, and taking it up.
    SafeguardingDuty = "safeguarding.duty", [Safeguarding, Duty];
    /// Permits reading the feed of what the council's safeguarding duty is told.
    SafeguardingEventsRead = "safeguarding.events", [Safeguarding, Duty] systems with SAFEGUARDING;
    /// Permits lodging complaints from a form of the council's own.
    LodgeFromForm = "complaints.lodge", [] systems with COMPLAINTS;
    /// Permits reading the council's contacts.
    ContactsRead = "contacts.read",
        [Referrals, Complaints, ResponsiblePerson, Alternate, Safeguarding, Commissioner, Duty, RecordsOfficer, Administrator];
    /// Permits changing the council's contacts.
    ContactsManage = "contacts.manage", [Commissioner, Duty, Administrator] fresh factor;
    /// Permits knowing the council's officers, and saying when one is away.
    OfficersRead = "officers.read",
        [Referrals, Complaints, ResponsiblePerson, Alternate, Safeguarding, Commissioner, Duty, RecordsOfficer, Administrator];
    /// Permits inviting officers, changing what they may do, and ending their access.
    OfficersManage = "officers.manage", [Administrator] fresh factor by their own password;
    /// Permits confirming officers, of which [`almoner_domain::officers::confirmation`] says whom one may confirm.
    OfficersConfirm = "officers.confirm",
        [Referrals, Complaints, ResponsiblePerson, Alternate, Safeguarding, Commissioner, Duty, RecordsOfficer, Administrator]
        fresh factor by their own password;
    /// Permits setting the identity provider through which the council's officers sign in.
    CouncilSingleSignOnManage = "single_sign_on.manage", [Administrator] fresh factor by their own password;
    /// Permits reading the council's audit log.
    CouncilAuditRead = "audit.read", [RecordsOfficer];
    /// Permits exporting the council's audit log as a file.
    CouncilAuditExport = "audit.export", [RecordsOfficer] fresh factor;
}

macro_rules! complaints_permissions {
    (@wants factor) => { true };
    (@wants) => { false };
    (@held everybody $scope:ident) => { { let _ = $scope; true } };
    (@held officers $scope:ident) => { matches!($scope.worker().person, ComplaintsPerson::Officer(_)) };
    (@held answering $scope:ident) => {
        $scope.worker().roles.iter().any(|role| matches!(role, OfficerRole::ResponsiblePerson | OfficerRole::Alternate))
    };
    (@held responsible $scope:ident) => { $scope.worker().roles.contains(&OfficerRole::ResponsiblePerson) };
    (@everybody everybody) => { true };
    (@everybody officers) => { false };
    (@everybody answering) => { false };
    (@everybody responsible) => { false };
    (@holders everybody) => { AtTheDesk::Everybody };
    (@holders officers) => { AtTheDesk::Officers };
    (@holders answering) => { AtTheDesk::AnswersForTheCouncil };
    (@holders responsible) => { AtTheDesk::ResponsiblePerson };
    ($(
        $(#[$doc:meta])*
        $name:ident = $word:literal, of $who:ident $(fresh $fresh:ident)?;
    )+) => {
        $(
            $(#[$doc])*
            pub(crate) enum $name {}

            impl Permission for $name {
                type Door = ComplaintsDoor;
                const WORD: &'static str = $word;
                const WANTS_FRESH_FACTOR: bool = complaints_permissions!(@wants $($fresh)?);
                const IS_EVERYBODYS: bool = complaints_permissions!(@everybody $who);

                fn is_held(scope: &ComplaintsScope<'_>) -> bool {
                    complaints_permissions!(@held $who scope)
                }
            }
        )+

        /// Each permission at the complaints' door by its name, and who has it.
        pub const COMPLAINTS_PERMISSIONS: &[(&str, AtTheDesk)] = &[$(($word, complaints_permissions!(@holders $who))),+];
    };
}

/// Who has a permission at the complaints' door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtTheDesk {
    /// Officers and guests have it.
    Everybody,
    /// Officers have it.
    Officers,
    /// The responsible person has it, and the alternate.
    AnswersForTheCouncil,
    /// The responsible person has it.
    ResponsiblePerson,
}

complaints_permissions! {
    /// Permits working on the complaints that are assigned to the caller. It opens none by itself.
    ComplaintsWork = "complaints.work", of everybody;
    /// Permits unsealing the identity in a confidential complaint that is assigned to the caller.
    ComplaintsUnseal = "complaints.unseal", of everybody fresh factor;
    /// Permits answering what is offered to the caller, and declaring interests.
    ComplaintsOpen = "complaints.open", of officers;
    /// Permits letting others in to a complaint that the caller has, and passing on what the complainant writes.
    ComplaintsAssign = "complaints.assign", of officers;
    /// Permits what an officer decides about a complaint that the caller has: that it is not considered, what the complainant asks for,
    /// that a response was sent, that it is closed.
    ComplaintsDecide = "complaints.decide", of officers;
    /// Permits taking out the whole file of a complaint that the caller has, for the Ombudsman.
    ComplaintsTakeOut = "complaints.take_out", of officers fresh factor;
    /// Permits drawing a new access code for a complaint that the caller has.
    ComplaintsReplaceCode = "complaints.replace_code", of officers fresh factor;
    /// Permits opening the record at the practice for looking into a complaint that the caller has.
    ComplaintsOpenRecord = "complaints.open_record", of officers fresh factor;
    /// Permits signing the response to a complaint that the caller has, for whoever is authorised.
    ComplaintsSign = "complaints.sign", of officers fresh factor;
    /// Permits saying who signs for the responsible person.
    ComplaintsAuthorise = "complaints.authorise", of responsible fresh factor;
    /// Permits deciding that an officer to whom the complainant objects keeps a complaint that the caller has.
    ComplaintsKeep = "complaints.keep", of responsible;
    /// Permits finding when a person's record was open for looking into complaints, for the council's answer to a subject access request. The
    /// alternate has it too.
    ComplaintsAnswerAccess = "complaints.answer_access", of answering fresh factor;
    /// Permits taking a complaint down for somebody.
    ComplaintsTakeDown = "complaints.take_down", of officers;
    /// Permits knowing the guests of the council.
    GuestsRead = "guests.read", of officers;
    /// Permits inviting guests, confirming them and letting them go.
    GuestsManage = "guests.manage", of officers fresh factor;
}

/// The OAuth scopes that a partner app can have.
pub const PARTNER_PERMISSIONS: &[&str] = &[LodgeComplaints::WORD];

/// Permits lodging and following complaints.
pub(crate) enum LodgeComplaints {}

impl Permission for LodgeComplaints {
    type Door = PartnerDoor;
    const WORD: &'static str = "complaints";
    const SYSTEMS: Option<&'static str> = Some(Self::WORD);

    fn is_held(scope: &PartnerScope<'_>) -> bool {
        scope.client().scopes.iter().any(|scope| scope == Self::WORD)
    }
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
