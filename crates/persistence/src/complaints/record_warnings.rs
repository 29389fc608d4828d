//! The warning notes in a record that was opened for looking into a complaint: one may be what is complained of.

use almoner_domain::ids::{KeyId, StaffId, WarningNoteId};
use almoner_domain::people::grounds::WarningGround;
use almoner_domain::people::safety::VisitWarningKind;
use almoner_domain::people::warning_note::{Told, WarningNoteStatus};
use almoner_domain::people::warning_review::{WarningFinding, WarningKept};
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::record::{MOST, period};
use super::record_openings::RecordOpening;
use crate::ground::error::StoreError;
use crate::ground::schema::{staff, warning_notes};
use crate::ground::scope::Scope;
use crate::people::warning_notes::sealed_field;

/// A warning note in a record that is looked into, as it stands now.
#[derive(Clone, Serialize, ToSchema)]
pub struct WarningLookedInto {
    /// The note.
    pub id: WarningNoteId,
    /// The status of the note.
    pub status: WarningNoteStatus,
    /// The kind of danger.
    pub kind: VisitWarningKind,
    /// What a visitor must know.
    pub detail: Passage<1000>,
    /// The ground of the note.
    pub ground: WarningGround,
    /// The evidence: what, when and from whom.
    #[schema(value_type = Passage<5000>)]
    pub evidence: String,
    /// Whether the person was told.
    pub told: Told,
    /// What was known before of whether the person was told, the newest first.
    #[schema(max_items = 100)]
    pub told_before: Vec<ToldLookedInto>,
    /// The reviews, the newest first.
    #[schema(max_items = 101)]
    pub reviews: Vec<ReviewLookedInto>,
    /// Who wrote the note.
    #[schema(value_type = Line<200>)]
    pub written_by: String,
    /// When the note was written.
    pub written_at: DateTime<Utc>,
}

/// What was known until then of whether the person was told of a warning note.
#[derive(Clone, Serialize, ToSchema)]
pub struct ToldLookedInto {
    /// What was known.
    pub told: Told,
    /// When something else was recorded.
    pub changed_at: DateTime<Utc>,
    /// Who recorded it.
    #[schema(value_type = Line<200>)]
    pub changed_by: String,
}

/// A review of a warning note in a record that is looked into.
#[derive(Clone, Serialize, ToSchema)]
pub struct ReviewLookedInto {
    /// The finding of the review.
    pub finding: WarningFinding,
    /// What was looked at, and what was found.
    pub text: Passage<4000>,
    /// When the note was reviewed.
    pub at: DateTime<Utc>,
    /// Who reviewed the note.
    #[schema(value_type = Line<200>)]
    pub by: String,
}

/// Reads the warning notes of the record that is open.
pub(super) fn of(scope: &mut Scope<'_>, opening: &RecordOpening) -> Result<Vec<WarningLookedInto>, StoreError> {
    type Row = (WarningNoteId, WarningNoteStatus, KeyId, Vec<u8>, String, DateTime<Utc>);
    let (_, ends) = period(opening);
    let rows: Vec<Row> =
        warning_notes::table
            .inner_join(staff::table.on(
                staff::practice_id.eq(warning_notes::practice_id).and(staff::staff_id.eq(warning_notes::written_by)),
            ))
            .filter(warning_notes::practice_id.eq(opening.practice))
            .filter(warning_notes::service_user_id.eq(opening.person).and(warning_notes::written_at.lt(ends)))
            .order(warning_notes::warning_note_id.desc())
            .limit(MOST)
            .select((
                warning_notes::warning_note_id,
                warning_notes::status,
                warning_notes::key_id,
                warning_notes::content,
                staff::name,
                warning_notes::written_at,
            ))
            .load(scope.conn)?;
    let names: Vec<(StaffId, String)> = if rows.is_empty() {
        Vec::new()
    } else {
        staff::table
            .filter(staff::practice_id.eq(opening.practice))
            .select((staff::staff_id, staff::name))
            .load(scope.conn)?
    };
    let name = |id: StaffId| names.iter().find(|(one, _)| *one == id).map(|(_, name)| name.clone()).unwrap_or_default();
    rows.into_iter()
        .map(|(id, status, key_id, content, written_by, written_at)| {
            let key = scope.key(opening.practice.uuid(), key_id)?;
            let WarningKept { terms, reviews, told_before } = key.open(sealed_field(opening.practice, id), &content)?;
            let (kind, detail, ground, evidence, told) =
                (terms.kind, terms.detail, terms.ground, terms.evidence, terms.told);
            let told_before = told_before.into_iter().map(|before| ToldLookedInto {
                told: before.told,
                changed_at: before.changed_at,
                changed_by: name(before.changed_by),
            });
            let reviews = reviews.into_iter().map(|review| ReviewLookedInto {
                finding: review.finding,
                text: review.text,
                at: review.at,
                by: name(review.by),
            });
            Ok(WarningLookedInto {
                id,
                status,
                kind,
                detail,
                ground,
                evidence,
                told,
                told_before: told_before.collect(),
                reviews: reviews.collect(),
                written_by,
                written_at,
            })
        })
        .collect()
}
