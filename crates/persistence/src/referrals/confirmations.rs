//! What a council confirms from outside: of the actions that took effect at once on evidence a tenth, and all that took effect
//! on the council's own instruction.
//!
//! Every such action leaves the same row, and nothing about it differs for those that are sampled: which they are is worked out
//! when the council asks, with its own key.

use std::collections::BTreeMap;

use almoner_domain::cases::sampling::{Month, sampled};
use almoner_domain::events::Event;
use almoner_domain::ids::{CaseId, ConfirmationId, CouncilId, CouncilRequestId, InstructionId, KeyId, PracticeId};
use almoner_domain::people::grounds::{AdverseAction, Effect, Ground};
use almoner_domain::referrals::message::Function;
use almoner_domain::words::text::Passage;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::Case;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::page::{Page, Paging};
use crate::ground::schema::{confirmations, council_instructions, practices};
use crate::ground::scope::{CouncilScope, PracticeScope};
use crate::referrals::instructions::field_of_council;
use crate::tenancy::practices::PracticeName;

/// An action that took effect at once, which the council confirms with the person.
#[derive(Clone, Serialize, ToSchema)]
pub struct Confirmation {
    /// The identifier of the entry.
    pub id: ConfirmationId,
    /// The practice that took the action.
    pub practice: PracticeName,
    /// The action: a case was closed, or taken from its worker.
    pub action: AdverseAction,
    /// The ground of the action.
    pub ground: Ground,
    /// The identifier of the case at the practice.
    pub case_id: CaseId,
    /// The council's referral that led to the case; left out for a case that was opened without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<CouncilRequestId>,
    /// The function under which the work is done.
    pub function: Function,
    /// The day on which the action took effect.
    pub done_on: NaiveDate,
    /// The instruction on which the practice acted; left out where the action was taken on evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruction: Option<InstructionFollowed>,
}

/// An instruction of the council's on which a practice acted.
#[derive(Clone, Serialize, ToSchema)]
pub struct InstructionFollowed {
    /// The identifier of the instruction.
    pub id: InstructionId,
    /// What the practice was told.
    #[schema(value_type = Passage<2000>)]
    pub words: String,
    /// When the instruction was given.
    pub given_at: DateTime<Utc>,
}

/// Keeps an action that took effect at once, for the council that is responsible. `request` is the council's request that led
/// to the case, and the council that sent it; `instruction` is the council's, where the action was taken on one.
pub(super) fn keep(
    scope: &mut PracticeScope<'_>,
    case: &Case,
    (action, ground): (AdverseAction, Ground),
    request: Option<(CouncilId, CouncilRequestId)>,
    instruction: Option<InstructionId>,
) -> Result<(), StoreError> {
    let id: ConfirmationId = scope.next_id();
    let council = case.council.id;
    // Another council may have sent the person than the one that is responsible, which does not know that request.
    let request = request.filter(|(sender, _)| *sender == council).map(|(_, request)| request);
    diesel::insert_into(confirmations::table)
        .values((
            confirmations::council_id.eq(council),
            confirmations::confirmation_id.eq(id),
            confirmations::practice_id.eq(scope.practice_id()),
            confirmations::action.eq(action),
            confirmations::ground.eq(ground),
            confirmations::case_id.eq(case.id),
            confirmations::council_request_id.eq(request),
            confirmations::function.eq(case.function),
            confirmations::done_on.eq(scope.today()),
            confirmations::instruction_id.eq(instruction),
        ))
        .execute(scope.conn)?;
    Ok(())
}

type InstructionRow = Option<(InstructionId, KeyId, Vec<u8>, DateTime<Utc>)>;
type Row = (
    ConfirmationId,
    PracticeName,
    AdverseAction,
    Ground,
    CaseId,
    Option<CouncilRequestId>,
    Function,
    NaiveDate,
    InstructionRow,
);

/// Lists what the council confirms of a month that is over, in the order in which it was done.
pub fn list(
    scope: &mut CouncilScope<'_>,
    month: Month,
    paging: &Paging,
) -> Result<OnRecord<Page<Confirmation>>, StoreError> {
    let council = scope.council_id();
    let mut chosen = chosen(scope, month)?;
    chosen.sort_unstable_by_key(|one| one.id);
    let after = ConfirmationId::from(paging.after_id()?.unwrap_or(Uuid::nil()));
    let most = usize::try_from(paging.fetch()).unwrap_or(usize::MAX);
    let from_here = chosen.into_iter().filter(|one| one.id > after).take(most).collect();
    let page = paging.page(from_here, |one: &Confirmation| one.id.uuid());
    scope.list_read(page, Event::ConfirmationsListed { council })
}

/// Draws the sample of each practice's month, by lots under the council's key, and adds all that the council instructed.
fn chosen(scope: &mut CouncilScope<'_>, month: Month) -> Result<Vec<Confirmation>, StoreError> {
    let council = scope.council_id();
    let rows: Vec<Row> = confirmations::table
        .inner_join(practices::table)
        .left_join(
            council_instructions::table.on(council_instructions::council_id
                .eq(confirmations::council_id)
                .and(council_instructions::instruction_id.nullable().eq(confirmations::instruction_id))),
        )
        .filter(confirmations::council_id.eq(council))
        .filter(confirmations::done_on.ge(month.first()).and(confirmations::done_on.lt(month.next())))
        .select((
            confirmations::confirmation_id,
            PracticeName::as_select(),
            confirmations::action,
            confirmations::ground,
            confirmations::case_id,
            confirmations::council_request_id,
            confirmations::function,
            confirmations::done_on,
            (
                council_instructions::instruction_id,
                council_instructions::key_id,
                council_instructions::words,
                council_instructions::given_at,
            )
                .nullable(),
        ))
        .load(scope.conn)?;
    let key = scope.root_key(council.uuid())?;
    let mut instructed = Vec::new();
    let mut lots: BTreeMap<PracticeId, Vec<(Vec<u8>, Confirmation)>> = BTreeMap::new();
    for (id, practice, action, ground, case_id, referral_id, function, done_on, instruction) in rows {
        let of = practice.id;
        let instruction = instruction.map(|instruction| show_instruction(scope, instruction)).transpose()?;
        let done = Confirmation { id, practice, action, ground, case_id, referral_id, function, done_on, instruction };
        if action.effect(ground) == Some(Effect::AtOnceForTheCouncil) {
            instructed.push(done);
            continue;
        }
        let lot = key.hash("sample of confirmations", format!("{of}|{month}|{id}").as_bytes());
        lots.entry(of).or_default().push((lot, done));
    }
    Ok(lots.into_values().flat_map(sampled).chain(instructed).collect())
}

fn show_instruction(
    scope: &mut CouncilScope<'_>,
    (id, key_id, words, given_at): (InstructionId, KeyId, Vec<u8>, DateTime<Utc>),
) -> Result<InstructionFollowed, StoreError> {
    let council = scope.council_id();
    let words = scope.key(council.uuid(), key_id)?.open(field_of_council(council, id), &words)?;
    Ok(InstructionFollowed { id, words, given_at })
}
