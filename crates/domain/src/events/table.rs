//! The table of events: a row for each thing that can happen, in the order of the subjects.
//!
//! Those of people, of instructions and of complaints stand in files of their own, which put them behind these.
//!
//! A row has these parts, in this order: a sentence; the variant and its word; the subject; the person whose record the
//! audit log names with it, if the subject does not say it; further fields; the log that it goes to; the line that it
//! writes on a case's timeline; the recipient of its announcement; the members of staff who are notified.

use crate::ids::{
    AccountId, BankHolidayId, BreakGlassId, CaseId, ClientId, ComplaintId, ContractId, CouncilId, CouncilRequestId,
    CountersignatureId, DocumentId, ErasureRequestId, GuestId, IdentityId, InstructionId, InterestId, InvitationId,
    LearningId, NoteId, NoticeId, OfficerId, PracticeId, ReferralId, RelationshipId, ReorganisationId,
    SafeguardingAlertId, ServiceUserId, SessionId, StaffId, WarningNoteId,
};
use uuid::Uuid;

use super::of_complaints::with_complaints;
use super::of_instructions::with_instructions;
use super::of_people::with_people;
use super::{about::AccountOf, about::CaseKey, about::ReferralOf, log::LogOwner};

with_people! {
    // Tenancy: practices, councils, contracts, clients and the service's signing keys.

    /// The operator entered a practice.
    PracticeCreated = "practice.created", about practice: PracticeId, in Platform;
    /// The operator suspended a practice; both logs say so.
    PracticeSuspended = "practice.suspended", about practice: PracticeId, in PracticeOrPlatform;
    /// The operator ended the suspension of a practice; both logs say so.
    PracticeResumed = "practice.resumed", about practice: PracticeId, in PracticeOrPlatform;
    /// The operator recorded an onboarding item of a practice; both logs say so.
    OnboardingRecorded = "onboarding.recorded", about practice: PracticeId, in PracticeOrPlatform;
    /// The operator entered a council.
    CouncilCreated = "council.created", about council: CouncilId, in Platform;
    /// The operator changed the code, the name or the emergency number of a council, or one of its officers the number.
    CouncilChanged = "council.changed", about council: CouncilId, in CouncilOrPlatform;
    /// The last officer to whom a complaint of the council could be offered is not there any more.
    CouncilComplaintsUnread = "council.complaints_unread", about council: CouncilId, in CouncilOrPlatform,
        announced to council about council: "the council";
    /// The operator entered a reorganisation of local government.
    ReorganisationEntered = "reorganisation.entered", about reorganisation: ReorganisationId, in Platform;
    /// The operator changed the day of a reorganisation, or added codes of successors.
    ReorganisationChanged = "reorganisation.changed", about reorganisation: ReorganisationId, in Platform;
    /// The operator added a bank holiday, which moved the deadlines that had not passed.
    BankHolidayAdded = "bank_holiday.added", about holiday: BankHolidayId, in Platform;
    /// The operator entered a contract between a council and a practice.
    ContractCreated = "contract.created", about contract: ContractId, in Platform;
    /// The operator registered a client: a council's system or a partner app.
    ClientCreated = "client.created", about client: ClientId, in Platform;
    /// The operator created a secret for a client.
    ClientSecretMade = "client.secret_made", about secret: Uuid, in Platform;
    /// The operator revoked a secret of a client.
    ClientSecretEnded = "client.secret_ended", about secret: Uuid, in Platform;
    /// The operator replaced the keys with which a client authenticates.
    ClientKeysChanged = "client.keys_changed", about client: ClientId, in Platform;
    /// The operator changed the addresses from which a client may connect.
    ClientAddressesChanged = "client.addresses_changed", about client: ClientId, in Platform;
    /// The operator disabled a client.
    ClientDisabled = "client.disabled", about client: ClientId, in Platform;
    /// The operator enabled a client again.
    ClientEnabled = "client.enabled", about client: ClientId, in Platform;
    /// A client failed to authenticate, or may not connect now.
    ClientRefused = "client.refused", about client: ClientId, in Platform;
    /// A client connected from an address that is not among its own.
    ClientAddressRefused = "client.address_refused", about client: ClientId, in Platform;
    /// A client was given an access token.
    TokenIssued = "token.issued", about client: ClientId, in Platform;
    /// A client asked for a scope that it may not have.
    TokenRefused = "token.refused", about client: ClientId, in Platform;
    /// A client revoked an access token of its own.
    TokenRevoked = "token.revoked", about token: Uuid, in Platform;
    /// The service created its first key for signing access tokens.
    SigningKeyMade = "signing_key.made", about key: Uuid, in Platform;
    /// The operator created a new signing key, which succeeds the present one.
    SigningKeyRotated = "signing_key.rotated", about key: Uuid, in Platform;
    /// The operator created a new signing key and withdrew every earlier one at once.
    SigningKeyReplacedAtOnce = "signing_key.replaced_at_once", about key: Uuid, in Platform;
    // Staff: members of a practice, their accounts and their sessions.

    /// Somebody was invited to a practice: by its administrator, or by the operator if it has none yet.
    StaffInvited = "staff.invited", about member: StaffId, in PracticeOrPlatform,
        notice to managers: "the managers, but for the one who invites";
    /// Somebody who was invited became a member of staff.
    StaffJoined = "staff.joined", about member: StaffId, in Practice;
    /// An administrator changed the details of a member of staff.
    StaffChanged = "staff.changed", about member: StaffId, in Practice;
    /// An administrator changed the roles of a member of staff.
    StaffRolesChanged = "staff.roles_changed", about member: StaffId, in Practice, notice to managers: "the other managers";
    /// An administrator changed the line manager, the deputising or the ownership of a member of staff.
    StaffLineChanged = "staff.line_changed", about member: StaffId, in Practice, notice to managers: "the other managers";
    /// An administrator said that a member of staff leaves, on a day ahead or once their open work has been moved.
    StaffLeavingPlanned = "staff.leaving_planned", about member: StaffId, in Practice, notice to managers: "the other managers";
    /// An administrator withdrew the leaving of a member of staff, who stays.
    StaffLeavingWithdrawn = "staff.leaving_withdrawn", about member: StaffId, in Practice, notice to managers: "the other managers";
    /// The access of a member of staff ended with their last day, and work of theirs is still open.
    StaffAccessEnded = "staff.access_ended", about member: StaffId, in Practice,
        notice to managers: "the managers, but for the one concerned";
    /// A member of staff left.
    StaffLeft = "staff.left", about member: StaffId, in Practice, notice to managers: "the other managers";
    /// The open work of a member of staff was listed.
    StaffOpenWorkListed = "staff.open_work_listed", about member: StaffId, in Practice;
    /// A manager or an administrator gave a member of staff the power of a manager until a day, which waits to be confirmed.
    StaffActingGiven = "staff.acting_given", about member: StaffId, in Practice, notice to managers: "the other managers";
    /// A manager or an administrator ended the power of an acting manager before its day.
    StaffActingEnded = "staff.acting_ended", about member: StaffId, in Practice, notice to managers: "the other managers";
    /// A member of staff said on which days they are away.
    StaffAbsenceSaid = "staff.absence_said", about member: StaffId, in Practice,
        notice to told: "the managers and the stand-in";
    /// A member of staff withdrew or ended their absence.
    StaffAbsenceEnded = "staff.absence_ended", about member: StaffId, in Practice,
        notice to told: "the managers and the stand-in";
    /// An administrator created the link with which a member of staff replaces a lost password and second factor.
    StaffCredentialResetOffered = "staff.credential_reset_offered", about member: StaffId, in Practice;
    /// A membership waits to be confirmed: its account's credentials were replaced, or it was given roles that open records.
    StaffUnconfirmed = "staff.unconfirmed", about member: StaffId, in Practice,
        notice to confirmers: "the members of staff who may confirm it; at a new practice its owners";
    /// All of a membership that waited was confirmed: the account is its member's, and every role works.
    StaffConfirmed = "staff.confirmed", about member: StaffId, in Practice;
    /// The operator did their part in confirming a membership of a new practice; both logs say so.
    StaffConfirmedByOperator = "staff.confirmed_by_operator", about member: StaffId, in PracticeOrPlatform;
    /// An owner did their part in confirming a membership of a new practice, before the operator did theirs.
    StaffConfirmedByOwner = "staff.confirmed_by_owner", about member: StaffId, in Practice;
    /// A member of staff gave or removed their home postcode.
    StaffHomePostcodeSet = "staff.home_postcode_set", about member: StaffId, in Practice;
    /// Somebody looked up a member of staff in the register of Social Work England and recorded the entry.
    RegistrationChecked = "registration.checked", about member: StaffId, in Practice;
    /// The practice's opening hours were set or changed.
    OpeningHoursSet = "opening_hours.set", about practice: PracticeId, in Practice;
    /// The identity provider of a practice or a council was set or changed.
    SingleSignOnSet = "single_sign_on.set", about owner: LogOwner, in PracticeOrCouncil;
    /// The identity provider of a practice or a council was removed.
    SingleSignOnRemoved = "single_sign_on.removed", about owner: LogOwner, in PracticeOrCouncil;
    /// The operator invited another operator.
    OperatorInvited = "operator.invited", about invitation: InvitationId, in Platform;
    /// Somebody who was invited became an operator.
    OperatorJoined = "operator.joined", about account: AccountId, in Platform;
    /// The operator disabled an account.
    AccountDisabled = "account.disabled", about account: AccountId, in Platform;
    /// The operator enabled an account again.
    AccountEnabled = "account.enabled", about account: AccountId, in Platform;
    /// The operator released the address of an account for the person whose address it is.
    AccountAddressReleased = "account.address_released", about account: AccountId, in Platform;
    /// The operator created the link with which the owner of an account replaces a lost password and second factor.
    AccountCredentialResetOffered = "account.credential_reset_offered", about account: AccountId, in Platform;
    /// The owner of an account replaced its password and second factor with a link.
    AccountCredentialsReset = "account.credentials_reset", about account: AccountOf, in TenantOrPlatform;
    /// The owner of an account proved their second factor again.
    AccountFactorProved = "account.factor_proved", about account: AccountId, in TenantOrPlatform;
    /// The owner of an account changed its password; their other sessions ended.
    AccountPasswordChanged = "account.password_changed", about account: AccountId, in TenantOrPlatform;
    /// The owner of an account began to set up another authenticator.
    AccountSecondFactorProposed = "account.second_factor_proposed", about account: AccountId, in TenantOrPlatform;
    /// The owner of an account changed to another authenticator; their other sessions ended.
    AccountSecondFactorChanged = "account.second_factor_changed", about account: AccountId, in TenantOrPlatform;
    /// The owner of an account replaced its recovery codes.
    AccountRecoveryCodesReplaced = "account.recovery_codes_replaced", about account: AccountId, in TenantOrPlatform;
    /// The owner of an account linked an identity at a provider to it.
    AccountIdentityLinked = "account.identity_linked", about identity: IdentityId, in TenantOrPlatform;
    /// The owner of an account removed the link of an identity to it.
    AccountIdentityUnlinked = "account.identity_unlinked", about identity: IdentityId, in TenantOrPlatform;
    /// Somebody signed in with a password and a second factor, or switched to another of their practices or councils.
    SessionBegun = "session.begun", about session: SessionId, in TenantOrPlatform;
    /// Somebody signed in through the identity provider of their practice or council.
    SessionBegunByProvider = "session.begun_by_provider", about session: SessionId, in PracticeOrCouncil;
    /// A session was renewed with its refresh token.
    SessionRenewed = "session.renewed", about session: SessionId, in TenantOrPlatform;
    /// Somebody signed out, or switched to another practice or council.
    SessionEnded = "session.ended", about session: SessionId, in TenantOrPlatform;
    /// A refresh token was used a second time, and the session was ended, because one of the two holders had stolen it.
    SessionTokenReused = "session.token_reused", about session: SessionId, in TenantOrPlatform,
        announced at practice: "the practice that the session was for",
        notice to holder: "the member of staff whose session it was";
    /// A member of staff marked a notice as read.
    NoticeRead = "notice.read", about notice: NoticeId, in Practice;
    // Officers: named people at a council.

    /// Somebody was invited to be an officer of a council: by its administrator, or by the operator if it has none yet.
    OfficerInvited = "officer.invited", about officer: OfficerId, in CouncilOrPlatform;
    /// Somebody who was invited became an officer.
    OfficerJoined = "officer.joined", about officer: OfficerId, in Council;
    /// An administrator changed the name of an officer.
    OfficerChanged = "officer.changed", about officer: OfficerId, in Council;
    /// An administrator changed the roles of an officer.
    OfficerRolesChanged = "officer.roles_changed", about officer: OfficerId, in Council;
    /// An administrator created the link with which an officer replaces a lost password and second factor.
    OfficerCredentialResetOffered = "officer.credential_reset_offered", about officer: OfficerId, in Council;
    /// An officer waits to be confirmed: they joined with roles or were given some, or their account's credentials were replaced.
    OfficerUnconfirmed = "officer.unconfirmed", about officer: OfficerId, in Council;
    /// All of an officer that waited was confirmed: the account is theirs, and every role works.
    OfficerConfirmed = "officer.confirmed", about officer: OfficerId, in CouncilOrPlatform;
    /// The first of two operators confirmed an officer of a new council; both logs say so.
    OfficerConfirmedByOperator = "officer.confirmed_by_operator", about officer: OfficerId, in CouncilOrPlatform;
    /// An administrator said that an officer leaves, at once or on a day ahead.
    OfficerLeavingPlanned = "officer.leaving_planned", about officer: OfficerId, in Council;
    /// An administrator withdrew the leaving of an officer, who stays.
    OfficerLeavingWithdrawn = "officer.leaving_withdrawn", about officer: OfficerId, in Council;
    /// An officer said on which days they are away.
    OfficerAbsenceSaid = "officer.absence_said", about officer: OfficerId, in Council;
    /// An officer withdrew or ended their absence.
    OfficerAbsenceEnded = "officer.absence_ended", about officer: OfficerId, in Council;
    // Access: restrictions and exclusions of records, break-glass access, and the audit log itself.

    /// A record was restricted to named members of staff.
    ServiceUserRestricted = "service_user.restricted", about person: ServiceUserId, in Practice;
    /// The restriction of a record was lifted.
    ServiceUserRestrictionLifted = "service_user.restriction_lifted", about person: ServiceUserId, in Practice;
    /// Somebody read whether a record is restricted, the staff it is restricted to and the reason.
    ServiceUserRestrictionRead = "service_user.restriction_read", about person: ServiceUserId, in Practice;
    /// The restrictions of records were listed.
    ServiceUserRestrictionsListed = "service_user.restrictions_listed", about practice: PracticeId, in Practice;
    /// A member of staff was excluded from a record.
    ServiceUserStaffExcluded = "service_user.staff_excluded", about member: StaffId, of person: ServiceUserId, in Practice;
    /// The exclusion of a member of staff from a record ended.
    ServiceUserExclusionEnded = "service_user.exclusion_ended", about member: StaffId, of person: ServiceUserId, in Practice;
    /// Somebody read the exclusions from a record, with their reasons.
    ServiceUserExclusionsRead = "service_user.exclusions_read", about person: ServiceUserId, in Practice;
    /// A restricted record was opened in an emergency, for a reason that the log keeps.
    BreakGlassOpened = "break_glass.opened", about break_glass: BreakGlassId, of person: ServiceUserId, in Practice,
        announced at practice: "the practice",
        notice to reviewers: "the managers and records officers, but for the one who opened it and those excluded";
    /// A break-glass access to a restricted record was reviewed.
    BreakGlassReviewed = "break_glass.reviewed", about break_glass: BreakGlassId, of person: ServiceUserId, in Practice,
        notice to opener: "the member of staff who opened it";
    /// The break-glass accesses to restricted records were listed.
    BreakGlassOpeningsListed = "break_glass.openings_listed", about practice: PracticeId, in Practice;
    /// A break-glass access to a restricted record was read, with its reason and its review.
    BreakGlassOpeningRead = "break_glass.opening_read", about break_glass: BreakGlassId, of person: ServiceUserId, in Practice;
    /// A records officer read the audit log, or its entries about one person.
    AuditListed = "audit.listed", about owner: LogOwner, of person: Option<ServiceUserId>, in PracticeOrCouncil;
    /// A records officer exported the audit log, or its entries about one person.
    AuditExported = "audit.exported", about owner: LogOwner, of person: Option<ServiceUserId>, in PracticeOrCouncil;
    /// A records officer read the report of unusual access.
    AuditUnusualListed = "audit.unusual_listed", about practice: PracticeId, in Practice;
    /// A records officer listed the members of staff who read or changed a person's record.
    ServiceUserReadersListed = "service_user.readers_listed", about person: ServiceUserId, in Practice;
    // Documents: of a person's record, of cases and of referrals.

    /// A document was sent in, and waits for the scanner.
    DocumentSent = "document.sent", about document: DocumentId, of person: Option<ServiceUserId>, in PracticeOrCouncil;
    /// A document that a council sent with its referral arrived at a practice.
    DocumentReceived = "document.received", about document: DocumentId, of person: Option<ServiceUserId>, in Practice;
    /// The scanner found nothing in a document, which may be read from now on.
    DocumentCleared = "document.cleared", about document: DocumentId, of person: Option<ServiceUserId>, in PracticeOrCouncil,
        notice to concerned: "of a council's, the worker of the case, or the managers until there is one";
    /// The scanner found something in a document, whose content was destroyed.
    DocumentFoundInfected = "document.found_infected", about document: DocumentId, of person: Option<ServiceUserId>,
        in Practice, notice to sender: "the member of staff who sent it in";
    /// The scanner found something in a document that a council sent with its referral, whose content was destroyed.
    CouncilDocumentFoundInfected = "council_document.found_infected", about document: DocumentId, with council: CouncilId,
        with request: CouncilRequestId, in Council, announced to council about request: "the council that sent it";
    /// A document was given out.
    DocumentDownloaded = "document.downloaded", about document: DocumentId, of person: Option<ServiceUserId>, in PracticeOrCouncil;
    /// The documents of a case were listed.
    CaseDocumentsListed = "case.documents_listed", about case: CaseId, of person: ServiceUserId, in Practice;
    /// All the documents in a person's record were listed: those of their cases, and those without a case.
    ServiceUserDocumentsListed = "service_user.documents_listed", about person: ServiceUserId, in Practice;
    /// The documents of a referral were listed: by its practice, or by the council that sent it.
    ReferralDocumentsListed = "referral.documents_listed", about referral: ReferralOf, of person: Option<ServiceUserId>,
        in PracticeOrCouncil;

    // Cases: their notes, their timelines, and second persons' decisions.

    /// A case was opened.
    CaseOpened = "case.opened", about case: CaseKey, in Practice, line Opened on case;
    /// A case was removed, because the acceptance that had opened it was undone.
    CaseRemoved = "case.removed", about case: CaseId, of person: ServiceUserId, in Practice;
    /// A case was read.
    CaseRead = "case.read", about case: CaseId, of person: ServiceUserId, in Practice;
    /// The practice's cases were listed, or one person's.
    CaseListed = "case.listed", about practice: PracticeId, of person: Option<ServiceUserId>, in Practice;
    /// The timeline of a case was read.
    CaseTimelineRead = "case.timeline_read", about case: CaseId, of person: ServiceUserId, in Practice;
    /// The workers to whom a case was allocated were listed.
    CaseAllocationsListed = "case.allocations_listed", about case: CaseId, of person: ServiceUserId, in Practice;
    /// A case was allocated to a worker.
    CaseAllocated = "case.allocated", about case: CaseKey, with worker: StaffId, in Practice,
        line Allocated on case about worker;
    /// A worker's caseload was read.
    CaseloadRead = "caseload.read", about worker: StaffId, in Practice;
    /// The notes of a case were read.
    NotesRead = "notes.read", about case: CaseId, of person: ServiceUserId, in Practice;
    /// A note was written on a case.
    NoteWritten = "note.written", about note: NoteId, of case: CaseKey, in Practice, line NoteWritten on case about note;
    /// A note was written in a person's record, without a case.
    NoteWrittenWithoutCase = "note.written_without_case", about note: NoteId, of person: ServiceUserId, in Practice;
    /// One note was read.
    NoteRead = "note.read", about note: NoteId, of person: ServiceUserId, in Practice;
    /// All the notes in a person's record were read: those of their cases, and those without a case.
    ServiceUserNotesRead = "service_user.notes_read", about person: ServiceUserId, in Practice;
    /// A note was marked as entered in error, and stays in the record for its author, managers and records officers.
    NoteEnteredInError = "note.entered_in_error", about note: NoteId, of person: ServiceUserId, in Practice;
    /// A registrant agreed that the practitioner who works on a case may ask to close it.
    CaseClosingAgreed = "case.closing_agreed", about case: CaseKey, with worker: StaffId, in Practice,
        line ClosingAgreed on case about worker;
    /// Somebody asked to close a case, which stays open until a second person agrees.
    CaseCloseAsked = "case.close_asked", about case: CaseKey, with countersignature: CountersignatureId, in Practice,
        line ClosingAsked on case about countersignature;
    /// A case was closed, on evidence.
    CaseClosed = "case.closed", about case: CaseKey, in Practice, line Closed on case;
    /// A case was closed because the second person agreed.
    CaseClosedOnApproval = "case.closed_on_approval", about case: CaseKey, in Nothing, line Closed on case by nobody;
    /// A case stays open because the second person did not agree to close it.
    CaseClosingRefused = "case.closing_refused", about case: CaseKey, in Nothing, line ClosingRefused on case by nobody;
    /// A case stays open because whoever asked to close it took the request back.
    CaseClosingTakenBack = "case.closing_taken_back", about case: CaseKey, in Nothing, line ClosingTakenBack on case;
    /// Somebody asked to take a case from its worker, or did; a second person decides before it takes effect, or reviews it.
    CaseMoveAsked = "case.move_asked", about case: CaseKey, with countersignature: CountersignatureId, in Practice,
        line MovingAsked on case about countersignature;
    /// A case was given to a worker because of a second person's decision.
    CaseAllocatedOnDecision = "case.allocated_on_decision", about case: CaseKey, with worker: StaffId, in Nothing,
        line Allocated on case about worker by nobody;
    /// A worker keeps a case because the second person did not agree to take it from them.
    CaseMoveRefused = "case.move_refused", about case: CaseKey, in Nothing, line MovingRefused on case by nobody;
    /// A worker keeps a case because whoever asked to take it from them took the request back.
    CaseMoveTakenBack = "case.move_taken_back", about case: CaseKey, in Nothing, line MovingTakenBack on case;
    /// A second person was drawn to decide on an adverse action, or to review one.
    CountersignatureAsked = "countersignature.asked", about countersignature: CountersignatureId, of person: ServiceUserId,
        in Practice;
    /// A request for a second person's decision was read.
    CountersignatureRead = "countersignature.read", about countersignature: CountersignatureId, of person: ServiceUserId,
        in Practice;
    /// Somebody listed the requests that wait for their decision as second person.
    CountersignatureListed = "countersignature.listed", about member: StaffId, in Practice;
    /// A second person did not decide in time, and another was drawn.
    CountersignaturePassedOn = "countersignature.passed_on", about countersignature: CountersignatureId,
        of person: ServiceUserId, in Practice;
    /// A bank holiday that was added moved the day by which a second person decides.
    CountersignatureDeadlineMoved = "countersignature.deadline_moved", about countersignature: CountersignatureId,
        of person: ServiceUserId, in Practice;
    /// The second person agreed.
    CountersignatureApproved = "countersignature.approved", about countersignature: CountersignatureId,
        of person: ServiceUserId, in Practice;
    /// Whoever asked for a second person's decision took the request back, because nobody was left to decide.
    CountersignatureTakenBack = "countersignature.taken_back", about countersignature: CountersignatureId,
        of person: ServiceUserId, in Practice;
    /// The second person did not agree.
    CountersignatureRefused = "countersignature.refused", about countersignature: CountersignatureId,
        of person: ServiceUserId, in Practice;
    // Referrals: as the council knows them, and as the practice knows them.

    /// A council sent a referral.
    ReferralSent = "referral.sent", about request: CouncilRequestId, in Council;
    /// A council named another practice for its referral.
    ReferralRouted = "referral.routed", about request: CouncilRequestId, in Council;
    /// A council withdrew its referral; the log of the practice where it waited says so too.
    ReferralWithdrawn = "referral.withdrawn", about referral: ReferralOf, in PracticeOrCouncil;
    /// A referral was read.
    ReferralRead = "referral.read", about referral: ReferralOf, of person: Option<ServiceUserId>, in PracticeOrCouncil;
    /// An officer of the council that sent a referral read it; the roles in the row are those at the council.
    ReferralReadByCouncil = "referral.read_by_council", about referral: ReferralId, of person: Option<ServiceUserId>,
        in Practice;
    /// The referrals of a practice or of a council were listed.
    ReferralListed = "referral.listed", about owner: LogOwner, in PracticeOrCouncil;
    /// A referral arrived at a practice.
    ReferralReceived = "referral.received", about referral: ReferralId, of person: Option<ServiceUserId>, in Practice,
        notice to readers: "the managers, and of an urgent or immediate one the social workers too";
    /// A referral that waits was restricted to named members of staff.
    ReferralRestricted = "referral.restricted", about referral: ReferralId, of person: Option<ServiceUserId>, in Practice;
    /// A practice accepted a referral.
    ReferralAccepted = "referral.accepted", about referral: ReferralId, of person: Option<ServiceUserId>,
        with council: CouncilId, with request: CouncilRequestId, in Practice,
        announced to council about request: "the council that sent it";
    /// A practice accepted a referral onto the record of a known person that differs from it, for a reason that the log keeps.
    ReferralRecordDiffers = "referral.record_differs", about referral: ReferralId, of person: Option<ServiceUserId>,
        with council: CouncilId, with request: CouncilRequestId, in Practice,
        announced to council about request: "the council that sent it";
    /// A practice accepted a referral about a person of whom it has another open case for the same council.
    ReferralSecondOpenCase = "referral.second_open_case", about referral: ReferralId, of person: Option<ServiceUserId>,
        with council: CouncilId, with request: CouncilRequestId, in Practice,
        announced to council about request: "the council that sent it";
    /// A practice accepted a referral about a person of whom another practice has an open referral of the same council.
    ReferralOpenElsewhere = "referral.open_elsewhere", about request: CouncilRequestId, with council: CouncilId, in Nothing,
        announced to council about request: "the council that sent both";
    /// A practice undid its acceptance of a referral, which is received again.
    ReferralAcceptanceUndone = "referral.acceptance_undone", about referral: ReferralId, of person: Option<ServiceUserId>,
        with council: CouncilId, with request: CouncilRequestId, in Practice,
        announced to council about request: "the council that sent it",
        notice to readers: "those who are told of a referral that arrives";
    /// A practice undid its decision to decline a referral, which is received again.
    ReferralDeclineUndone = "referral.decline_undone", about referral: ReferralId, of person: Option<ServiceUserId>,
        with council: CouncilId, with request: CouncilRequestId, in Practice,
        announced to council about request: "the council that sent it",
        notice to readers: "those who are told of a referral that arrives";
    /// A practice declined a referral.
    ReferralDeclined = "referral.declined", about referral: ReferralId, of person: Option<ServiceUserId>,
        with council: CouncilId, with request: CouncilRequestId, in Practice,
        announced to council about request: "the council that sent it";
    /// A practice did not answer a referral in time.
    ReferralExpired = "referral.expired", about referral: ReferralId, with council: CouncilId,
        with request: CouncilRequestId, in Practice, announced to council about request: "the council that sent it";
    /// Nobody had answered a referral by the time by which a human was to look at it.
    ReferralOverdue = "referral.overdue", about referral: ReferralId, of person: Option<ServiceUserId>,
        with council: CouncilId, with request: CouncilRequestId, in Practice,
        announced to council about request: "the council that sent it, which may name another practice now",
        notice to managers: "the managers";
    /// A practice did not answer a referral at which a human was to look by a certain time, and it came back to the council.
    ReferralCameBack = "referral.came_back", about referral: ReferralId, of person: Option<ServiceUserId>,
        with council: CouncilId, with request: CouncilRequestId, in Practice,
        announced to council about request: "the council that sent it, which is to name a practice",
        notice to managers: "the managers";
    /// A bank holiday that was added moved a deadline of a referral that its practice has not answered.
    ReferralDeadlineMoved = "referral.deadline_moved", about referral: ReferralId, of person: Option<ServiceUserId>,
        with council: CouncilId, with request: CouncilRequestId, in Practice,
        announced to council about request: "the council that sent it";
    /// A council listed what it confirms of the actions that took effect at once.
    ConfirmationsListed = "confirmations.listed", about council: CouncilId, in Council;
    /// Somebody told the council's safeguarding duty of danger, or of a concern.
    SafeguardingAlerted = "safeguarding.alerted", about alert: SafeguardingAlertId, with council: CouncilId, in Council,
        announced to council about alert: "the council's safeguarding duty";
    /// Nobody on the council's safeguarding duty has taken up for an hour what they were told of.
    SafeguardingUntaken = "safeguarding.untaken", about alert: SafeguardingAlertId, with council: CouncilId, in Council,
        announced to council about alert: "the council's safeguarding duty";
    /// The council's safeguarding duty listed what it was told of.
    SafeguardingListed = "safeguarding.listed", about council: CouncilId, in Council;
    /// Somebody on the council's safeguarding duty read what it was told of.
    SafeguardingRead = "safeguarding.read", about alert: SafeguardingAlertId, in Council;
    /// Somebody on the council's safeguarding duty took up what it was told of.
    SafeguardingTaken = "safeguarding.taken", about alert: SafeguardingAlertId, in Council;
    /// The case that a referral led to was closed.
    ReferralClosed = "referral.closed", about request: CouncilRequestId, with council: CouncilId, in Nothing,
        announced to council about request: "the council that sent it";
}
