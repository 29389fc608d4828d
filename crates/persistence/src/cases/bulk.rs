//! Many cases at once, each with its worker, its notes and its timeline, for data that is made. As in [`crate::people::bulk`],
//! it is written in the scope of a member of staff, and nothing of it stands in the audit log or the outbox.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use almoner_domain::cases::case::{NoteKind, Priority};
use almoner_domain::cases::state::{CaseColumns, CaseState};
use almoner_domain::events::{CaseKey, TimelineKind};
use almoner_domain::ids::{AllocationId, CaseId, CouncilId, DelegationId, NoteId, PracticeId, StaffId};
use almoner_domain::referrals::message::Function;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::contracts;
use crate::ground::bulk::PastLine;
use crate::ground::error::StoreError;
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::SealedField;
use crate::people::bulk::WrittenPerson;
use crate::tenancy::capacity::reserve_capacity_of_many;

/// A case to write, with what was done in it.
pub struct PastCase<'p> {
    /// The identifier of the case.
    pub id: CaseId,
    /// The person with whom the work is done.
    pub person: &'p WrittenPerson,
    /// The responsible council.
    pub council_id: CouncilId,
    /// The function under which the work is done.
    pub function: Function,
    /// The priority of the work.
    pub priority: Priority,
    /// The state of the case.
    pub state: CaseState,
    /// When the case was opened.
    pub opened_at: DateTime<Utc>,
    /// The member of staff who opened the case and allocated it.
    pub opened_by: StaffId,
    /// When the case was allocated.
    pub allocated_at: DateTime<Utc>,
    /// The identifier of the allocation.
    pub allocation_id: AllocationId,
    /// The worker to whom the case is allocated, who writes its notes.
    pub worker: StaffId,
    /// The reason for which the worker was chosen.
    pub reason: String,
    /// The notes, the oldest first.
    pub notes: Vec<PastNote>,
}

/// A note to write.
pub struct PastNote {
    /// The identifier of the note.
    pub id: NoteId,
    /// The kind of contact or event that the note records.
    pub kind: NoteKind,
    /// When the note was written.
    pub at: DateTime<Utc>,
    /// The text of the note.
    pub text: String,
}

impl PastCase<'_> {
    fn key(&self) -> CaseKey {
        let about = self.person.about;
        CaseKey {
            case: self.id,
            person: about.service_user_id,
            access_restricted: about.access_restricted,
            team: about.team_id,
        }
    }

    /// The lines of the timeline, with identifiers from `new_id`, which gets the time of each.
    fn lines(&self, new_id: &mut dyn FnMut(DateTime<Utc>) -> Uuid) -> Vec<PastLine> {
        let mut events = vec![
            (TimelineKind::Opened, self.opened_at, None),
            (TimelineKind::Allocated, self.allocated_at, Some(self.worker.uuid())),
        ];
        events.extend(self.notes.iter().map(|note| (TimelineKind::NoteWritten, note.at, Some(note.id.uuid()))));
        events.extend(self.state.closed_at().map(|at| (TimelineKind::Closed, at, None)));
        let case = self.key();
        events
            .into_iter()
            .map(|(kind, at, subject)| {
                let by = if kind == TimelineKind::NoteWritten { self.worker } else { self.opened_by };
                PastLine { id: new_id(at), case, kind, at, by, subject }
            })
            .collect()
    }
}

/// Writes cases under the delegations in force, with their allocations, notes and timelines, and reserves the capacity that
/// the open ones use. `new_id` makes the identifiers of the timeline's lines; those of one case must be in order of time.
pub fn create_all(
    scope: &mut PracticeScope<'_>,
    cases: &[PastCase<'_>],
    new_id: &mut dyn FnMut(DateTime<Utc>) -> Uuid,
) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let mut delegations: HashMap<(CouncilId, Function), DelegationId> = HashMap::new();
    for case in cases {
        if let Entry::Vacant(unknown) = delegations.entry((case.council_id, case.function)) {
            let delegation = contracts::live_delegation(scope, case.council_id, case.function)?;
            unknown.insert(delegation.ok_or(StoreError::NotFound)?);
        }
    }
    write_cases(scope, cases, &delegations)?;
    write_allocations(scope, cases)?;
    write_notes(scope, cases)?;
    let lines: Vec<PastLine> = cases.iter().flat_map(|case| case.lines(new_id)).collect();
    scope.append_past_lines(practice, &lines)?;
    let open = cases.iter().filter(|case| !case.state.is_closed()).count();
    reserve_capacity_of_many(scope, practice, open)
}

fn write_cases(
    scope: &mut PracticeScope<'_>,
    cases: &[PastCase<'_>],
    delegations: &HashMap<(CouncilId, Function), DelegationId>,
) -> Result<(), StoreError> {
    let column = |of: &dyn Fn(&PastCase<'_>) -> Uuid| cases.iter().map(of).collect::<Vec<Uuid>>();
    let states: Vec<CaseColumns> = cases.iter().map(|case| CaseColumns::from(case.state)).collect();
    diesel::sql_query(
        "INSERT INTO cases (practice_id, access_restricted, case_id, service_user_id, team_id, council_id, delegation_id,
             function, priority, status, opened_at, opened_by, closed_at, ground, outcome, changed_at)
         SELECT $1, false, made.*
         FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS made",
    )
    .bind::<SqlUuid, _>(scope.practice_id().uuid())
    .bind::<Array<SqlUuid>, _>(column(&|case| case.id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case| case.person.about.service_user_id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case| case.person.about.team_id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case| case.council_id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case| delegations[&(case.council_id, case.function)].uuid()))
    .bind::<Array<Text>, _>(cases.iter().map(|case| case.function.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(cases.iter().map(|case| case.priority.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(states.iter().map(|state| state.status.as_str()).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(cases.iter().map(|case| case.opened_at).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(column(&|case| case.opened_by.uuid()))
    .bind::<Array<Nullable<Timestamptz>>, _>(states.iter().map(|state| state.closed_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(
        states.iter().map(|state| state.ground.map(|ground| ground.as_str())).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<Text>>, _>(
        states.iter().map(|state| state.outcome.map(|outcome| outcome.as_str())).collect::<Vec<_>>(),
    )
    .bind::<Array<Timestamptz>, _>(
        cases.iter().zip(&states).map(|(case, state)| state.closed_at.unwrap_or(case.allocated_at)).collect::<Vec<_>>(),
    )
    .execute(scope.conn)?;
    Ok(())
}

fn write_allocations(scope: &mut PracticeScope<'_>, cases: &[PastCase<'_>]) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let column = |of: &dyn Fn(&PastCase<'_>) -> Uuid| cases.iter().map(of).collect::<Vec<Uuid>>();
    let reasons: Vec<Vec<u8>> = cases
        .iter()
        .map(|case| {
            let field = sealed_field(practice, "allocations", "reason", case.allocation_id.uuid());
            case.person.key.seal(field, &case.reason)
        })
        .collect::<Result<_, _>>()?;
    diesel::sql_query(
        "INSERT INTO allocations (practice_id, access_restricted, allocation_id, case_id, service_user_id, team_id, staff_id,
             allocated_by, reason, starts_at, ends_at)
         SELECT $1, false, made.* FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) AS made",
    )
    .bind::<SqlUuid, _>(practice.uuid())
    .bind::<Array<SqlUuid>, _>(column(&|case| case.allocation_id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case| case.id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case| case.person.about.service_user_id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case| case.person.about.team_id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case| case.worker.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case| case.opened_by.uuid()))
    .bind::<Array<Binary>, _>(reasons)
    .bind::<Array<Timestamptz>, _>(cases.iter().map(|case| case.allocated_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(cases.iter().map(|case| case.state.closed_at()).collect::<Vec<_>>())
    .execute(scope.conn)?;
    Ok(())
}

fn write_notes(scope: &mut PracticeScope<'_>, cases: &[PastCase<'_>]) -> Result<(), StoreError> {
    let practice = scope.practice_id();
    let notes: Vec<(&PastCase<'_>, &PastNote)> =
        cases.iter().flat_map(|case| case.notes.iter().map(move |note| (case, note))).collect();
    let column = |of: &dyn Fn(&PastCase<'_>, &PastNote) -> Uuid| {
        notes.iter().map(|(case, note)| of(case, note)).collect::<Vec<Uuid>>()
    };
    let times: Vec<DateTime<Utc>> = notes.iter().map(|(_, note)| note.at).collect();
    let texts: Vec<Vec<u8>> = notes
        .iter()
        .map(|(case, note)| {
            case.person.key.seal(sealed_field(practice, "case_notes", "text", note.id.uuid()), &note.text)
        })
        .collect::<Result<_, _>>()?;
    diesel::sql_query(
        "INSERT INTO case_notes (practice_id, access_restricted, note_id, case_id, service_user_id, team_id, author_id, kind,
             happened_at, written_at, text)
         SELECT $1, false, made.* FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) AS made",
    )
    .bind::<SqlUuid, _>(practice.uuid())
    .bind::<Array<SqlUuid>, _>(column(&|_, note| note.id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case, _| case.id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case, _| case.person.about.service_user_id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case, _| case.person.about.team_id.uuid()))
    .bind::<Array<SqlUuid>, _>(column(&|case, _| case.worker.uuid()))
    .bind::<Array<Text>, _>(notes.iter().map(|(_, note)| note.kind.as_str()).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(&times)
    .bind::<Array<Timestamptz>, _>(&times)
    .bind::<Array<Binary>, _>(texts)
    .execute(scope.conn)?;
    Ok(())
}

fn sealed_field(practice: PracticeId, table: &'static str, column: &'static str, row: Uuid) -> SealedField {
    SealedField { owner: practice.uuid(), table, column, row }
}
