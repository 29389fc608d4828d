//! What a council instructs a practice to do about a case that its referral led to. The row is the council's, and the practice's too as one
//! about a person: each has the words under a key of its own. Nothing in it says which officer gave the instruction, or why.

use almoner_domain::events::{Event, LogOwner};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{
    CaseId, CouncilId, CouncilRequestId, InstructionId, KeyId, PracticeId, ServiceUserId, TeamId,
};
use almoner_domain::referrals::instructing::{GiveInstruction, InstructionKind, InstructionStatus};
use almoner_domain::referrals::state::ReferralStatus;
use almoner_domain::refusal::Refusal;
use almoner_domain::staff::roles::Role;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::Case;
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::{
    allocations, cases, council_instructions, council_requests, councils, practices, referrals,
};
use crate::ground::scope::{CouncilScope, Intake, PracticeScope};
use crate::ground::sealing::SealedField;
use crate::people::about::{AboutPerson, about};
use crate::staff::roles::members_with;
use crate::tenancy::councils::CouncilName;
use crate::tenancy::practices::PracticeName;

/// An instruction that the council gave to a practice.
#[derive(Clone, Serialize, ToSchema)]
pub struct CouncilInstruction {
    /// The identifier of the instruction.
    pub id: InstructionId,
    /// What the practice is instructed to do.
    pub kind: InstructionKind,
    /// Where the instruction is.
    pub status: InstructionStatus,
    /// The practice.
    pub practice: PracticeName,
    /// The council's referral that led to the case.
    pub referral_id: CouncilRequestId,
    /// The identifier of the case at the practice.
    pub case_id: CaseId,
    /// What the practice is told.
    #[schema(value_type = Passage<2000>)]
    pub words: String,
    /// When the instruction was given.
    pub given_at: DateTime<Utc>,
    /// When the practice acted on the instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followed_at: Option<DateTime<Utc>>,
    /// When the council withdrew the instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// The version of the instruction, which is its `ETag`.
    #[serde(skip)]
    pub version: i32,
}

/// An instruction that the practice got from a council.
#[derive(Clone, Serialize, ToSchema)]
pub struct InstructionToPractice {
    /// The identifier of the instruction, which the practice names when it acts on it.
    pub id: InstructionId,
    /// What the practice is instructed to do.
    pub kind: InstructionKind,
    /// Where the instruction is.
    pub status: InstructionStatus,
    /// The council that gave it.
    pub council: CouncilName,
    /// The case.
    pub case_id: CaseId,
    /// The person whose case it is.
    pub service_user_id: ServiceUserId,
    /// What the council tells the practice.
    #[schema(value_type = Passage<2000>)]
    pub words: String,
    /// When the instruction was given.
    pub given_at: DateTime<Utc>,
    /// When the practice acted on the instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followed_at: Option<DateTime<Utc>>,
    /// When the council withdrew the instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// The field in which the council has the words of an instruction.
pub(super) fn field_of_council(council: CouncilId, id: InstructionId) -> SealedField {
    SealedField { owner: council.uuid(), table: "council_instructions", column: "words", row: id.uuid() }
}

/// The field in which the practice has the words of an instruction.
fn field_of_practice(practice: PracticeId, id: InstructionId) -> SealedField {
    SealedField { owner: practice.uuid(), table: "council_instructions", column: "practice_words", row: id.uuid() }
}

/// Gives an instruction to the practice that has the case to which a referral of the council's led.
pub fn give(scope: &mut CouncilScope<'_>, new: &GiveInstruction) -> Result<(Uuid, CouncilInstruction), StoreError> {
    type Request = (Option<PracticeId>, ReferralStatus, bool, KeyId);
    // Whoever gives an instruction is a person: no system does.
    scope.officer()?;
    let council = scope.council_id();
    let request: Option<Request> = council_requests::table
        .find((council, new.referral_id))
        .select((
            council_requests::practice_id,
            council_requests::status,
            council_requests::closed_on.is_not_null(),
            council_requests::key_id,
        ))
        .first(scope.conn)
        .optional()?;
    let at_a_practice = request.and_then(|(practice, status, closed, key)| {
        (status == ReferralStatus::Accepted && !closed).then_some((practice?, key))
    });
    let (practice, key_id) = at_a_practice
        .ok_or_else(|| vec![Fault::new("/referral_id", "names no referral of your council's with an open case")])?;
    let id: InstructionId = scope.next_id();
    let words = scope.key(council.uuid(), key_id)?.seal(field_of_council(council, id), new.words.as_str())?;
    scope.at_intake(practice, |intake| intake.receive_instruction(council, id, new, (key_id, words)))?;
    scope.record(Event::InstructionGiven { instruction: id })?;
    Ok((id.uuid(), find_given(scope, id)?))
}

impl Intake<'_, '_> {
    /// Writes an instruction about the case of a referral, and tells the managers, of whom those to whom the record is open read that.
    fn receive_instruction(
        &mut self,
        council: CouncilId,
        id: InstructionId,
        new: &GiveInstruction,
        (key_id, words): (KeyId, Vec<u8>),
    ) -> Result<(), StoreError> {
        type CaseRow = (CaseId, CouncilId, (ServiceUserId, bool, TeamId), KeyId);
        let (practice, at) = (self.practice, self.scope.at());
        let (case, responsible, (service_user_id, access_restricted, team_id), practice_key_id): CaseRow =
            referrals::table
                .inner_join(
                    cases::table.on(cases::practice_id
                        .eq(referrals::practice_id)
                        .and(cases::referral_id.eq(referrals::referral_id.nullable()))),
                )
                .filter(referrals::practice_id.eq(practice).and(referrals::council_id.eq(council)))
                .filter(referrals::council_request_id.eq(new.referral_id))
                .select((
                    cases::case_id,
                    cases::council_id,
                    (cases::service_user_id, referrals::access_restricted, referrals::team_id),
                    referrals::key_id,
                ))
                .first(self.scope.conn)?;
        if responsible != council {
            return Err(
                vec![Fault::new("/referral_id", "led to a case for which another council is responsible")].into()
            );
        }
        let person = AboutPerson { service_user_id, access_restricted, team_id };
        let practice_words = self
            .scope
            .key(practice.uuid(), practice_key_id)?
            .seal(field_of_practice(practice, id), new.words.as_str())?;
        diesel::insert_into(council_instructions::table)
            .values((
                council_instructions::council_id.eq(council),
                council_instructions::instruction_id.eq(id),
                council_instructions::kind.eq(new.kind),
                council_instructions::status.eq(InstructionStatus::Given),
                council_instructions::council_request_id.eq(new.referral_id),
                council_instructions::practice_id.eq(practice),
                council_instructions::case_id.eq(case),
                about!(council_instructions, person),
                council_instructions::key_id.eq(key_id),
                council_instructions::words.eq(words),
                council_instructions::practice_key_id.eq(practice_key_id),
                council_instructions::practice_words.eq(practice_words),
                council_instructions::given_at.eq(at),
            ))
            .execute(self.scope.conn)?;
        let managers = members_with(self.scope, practice, &[Role::Manager])?;
        let received = Event::InstructionReceived { instruction: id, person: service_user_id, managers };
        self.scope.record_unsigned_in(LogOwner::Practice(practice), received)
    }
}

#[derive(Queryable)]
struct Given {
    id: InstructionId,
    kind: InstructionKind,
    status: InstructionStatus,
    practice: PracticeName,
    request: CouncilRequestId,
    case: CaseId,
    key_id: KeyId,
    words: Vec<u8>,
    at: DateTime<Utc>,
    acted: (Option<DateTime<Utc>>, Option<DateTime<Utc>>, i32),
    keys: WrappedKeys,
}

/// Selects the instructions that this council gave.
macro_rules! given {
    ($council:expr) => {
        council_instructions::table
            .inner_join(practices::table.on(practices::practice_id.eq(council_instructions::practice_id)))
            .filter(council_instructions::council_id.eq($council))
            .select((
                council_instructions::instruction_id,
                council_instructions::kind,
                council_instructions::status,
                PracticeName::as_select(),
                council_instructions::council_request_id,
                council_instructions::case_id,
                council_instructions::key_id,
                council_instructions::words,
                council_instructions::given_at,
                (council_instructions::followed_at, council_instructions::withdrawn_at, council_instructions::version),
                wrapped_keys!(council_instructions, $council.uuid()),
            ))
    };
}

fn show_given(scope: &mut CouncilScope<'_>, row: Given) -> Result<CouncilInstruction, StoreError> {
    let council = scope.council_id();
    let key = scope.unwrap(council.uuid(), row.key_id, &row.keys)?;
    let (followed_at, withdrawn_at, version) = row.acted;
    Ok(CouncilInstruction {
        id: row.id,
        kind: row.kind,
        status: row.status,
        practice: row.practice,
        referral_id: row.request,
        case_id: row.case,
        words: key.open(field_of_council(council, row.id), &row.words)?,
        given_at: row.at,
        followed_at,
        withdrawn_at,
        version,
    })
}

/// Lists the instructions that the council gave, the newest first, or those alone with a status.
pub fn list_given(
    scope: &mut CouncilScope<'_>,
    status: Option<InstructionStatus>,
    paging: &Paging,
) -> Result<OnRecord<Page<CouncilInstruction>>, StoreError> {
    let council = scope.council_id();
    let mut query = given!(council)
        .filter(council_instructions::instruction_id.lt(InstructionId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(council_instructions::instruction_id.desc())
        .limit(paging.fetch())
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(council_instructions::status.eq(status));
    }
    let rows: Vec<Given> = query.load(scope.conn)?;
    let page = paging.page(rows, |row| row.id.uuid()).try_map(|row| show_given(scope, row))?;
    scope.list_read(page, Event::InstructionsListed { owner: LogOwner::Council(council) })
}

/// Finds an instruction that the council gave.
pub fn find_given(scope: &mut CouncilScope<'_>, id: InstructionId) -> Result<CouncilInstruction, StoreError> {
    let council = scope.council_id();
    let row: Given = given!(council).filter(council_instructions::instruction_id.eq(id)).first(scope.conn)?;
    show_given(scope, row)
}

/// Shows an instruction that the council gave.
pub fn read_given(scope: &mut CouncilScope<'_>, id: InstructionId) -> Result<OnRecord<CouncilInstruction>, StoreError> {
    let found = find_given(scope, id)?;
    scope.record_read(found, Event::InstructionRead { instruction: id })
}

/// Withdraws an instruction on which the practice has not acted.
pub fn withdraw(scope: &mut CouncilScope<'_>, given: &CouncilInstruction) -> Result<(), StoreError> {
    let (council, practice, id) = (scope.council_id(), given.practice.id, given.id);
    if given.status != InstructionStatus::Given {
        let state = given.status.as_str();
        return Err(Refusal::InvalidState { thing: "instruction", state, step: "withdrawn" }.into());
    }
    scope.at_intake(practice, |intake| {
        let at = intake.scope.at();
        let withdrawn: Option<ServiceUserId> = update(council_instructions::table.find((council, id)))
            .filter(council_instructions::version.eq(given.version))
            .set((
                council_instructions::status.eq(InstructionStatus::Withdrawn),
                council_instructions::withdrawn_at.eq(at),
                council_instructions::version.eq(given.version + 1),
            ))
            .returning(council_instructions::service_user_id)
            .get_result(intake.scope.conn)
            .optional()?;
        // The practice acted on it in this moment.
        let person = withdrawn.ok_or(StoreError::InProgress)?;
        let managers = members_with(intake.scope, practice, &[Role::Manager])?;
        let event = Event::InstructionWithdrawn { instruction: id, person: Some(person), managers };
        intake.scope.record_unsigned_in(LogOwner::Practice(practice), event)
    })?;
    scope.record(Event::InstructionWithdrawn { instruction: id, person: None, managers: Vec::new() })
}

type Got = (
    InstructionId,
    InstructionKind,
    InstructionStatus,
    CouncilName,
    (CaseId, ServiceUserId),
    (KeyId, Vec<u8>, WrappedKeys),
    (DateTime<Utc>, Option<DateTime<Utc>>, Option<DateTime<Utc>>),
);

/// Lists the instructions that the practice got about people whose records the caller may see, the newest first, or those alone with a
/// status.
pub fn list(
    scope: &mut PracticeScope<'_>,
    status: Option<InstructionStatus>,
    paging: &Paging,
) -> Result<OnRecord<Page<InstructionToPractice>>, StoreError> {
    let practice = scope.practice_id();
    let mut query = council_instructions::table
        .inner_join(councils::table.on(councils::council_id.eq(council_instructions::council_id)))
        .filter(council_instructions::practice_id.eq(practice))
        .filter(council_instructions::instruction_id.lt(InstructionId::from(paging.after_id()?.unwrap_or(Uuid::max()))))
        .order(council_instructions::instruction_id.desc())
        .limit(paging.fetch())
        .select((
            council_instructions::instruction_id,
            council_instructions::kind,
            council_instructions::status,
            CouncilName::as_select(),
            (council_instructions::case_id, council_instructions::service_user_id),
            (
                council_instructions::practice_key_id,
                council_instructions::practice_words,
                wrapped_keys!(council_instructions.practice_key_id, practice.uuid()),
            ),
            (council_instructions::given_at, council_instructions::followed_at, council_instructions::withdrawn_at),
        ))
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(council_instructions::status.eq(status));
    }
    let rows: Vec<Got> = query.load(scope.conn)?;
    let page = paging.page(rows, |row| row.0.uuid()).try_map(|row| show_got(scope, row))?;
    scope.list_read(page, Event::InstructionsListed { owner: LogOwner::Practice(practice) })
}

fn show_got(scope: &mut PracticeScope<'_>, row: Got) -> Result<InstructionToPractice, StoreError> {
    let (id, kind, status, council, (case_id, service_user_id), (key_id, words, keys), acted) = row;
    let (given_at, followed_at, withdrawn_at) = acted;
    let practice = scope.practice_id();
    let key = scope.unwrap(practice.uuid(), key_id, &keys)?;
    let words = key.open(field_of_practice(practice, id), &words)?;
    Ok(InstructionToPractice {
        id,
        kind,
        status,
        council,
        case_id,
        service_user_id,
        words,
        given_at,
        followed_at,
        withdrawn_at,
    })
}

/// Acts on an instruction of the council that is responsible for a case, once. Whatever is wrong with the instruction, the answer is the
/// same: the practice learns nothing of one that is not its own.
pub(super) fn follow(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    kind: InstructionKind,
    id: InstructionId,
) -> Result<(), StoreError> {
    let council = case.council.id;
    // It is about whoever had the case when it was given, and about nobody who has the case by now.
    let about = allocations::table
        .filter(allocations::practice_id.eq(scope.practice_id()).and(allocations::case_id.eq(case.id)))
        .filter(allocations::staff_id.nullable().eq(case.allocated_to.as_ref().map(|worker| worker.id)))
        .filter(allocations::starts_at.le(council_instructions::given_at))
        .filter(allocations::ends_at.is_null().or(allocations::ends_at.gt(council_instructions::given_at.nullable())));
    let followed: Option<CouncilRequestId> = update(council_instructions::table.find((council, id)))
        .filter(council_instructions::practice_id.eq(scope.practice_id()))
        .filter(council_instructions::case_id.eq(case.id).and(council_instructions::kind.eq(kind)))
        .filter(council_instructions::status.eq(InstructionStatus::Given).and(exists(about)))
        .set((
            council_instructions::status.eq(InstructionStatus::Followed),
            council_instructions::followed_at.eq(scope.at()),
            council_instructions::version.eq(council_instructions::version + 1),
        ))
        .returning(council_instructions::council_request_id)
        .get_result(scope.conn)
        .optional()?;
    let request = followed.ok_or_else(|| {
        let detail = "names no instruction of the council's for this case on which the practice can act now";
        vec![Fault::new("/instruction_id", detail)]
    })?;
    scope.record(Event::InstructionFollowed { instruction: id, person: case.service_user.id, council, request })
}
