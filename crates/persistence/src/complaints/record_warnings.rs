//! The warning notes in a record that was opened for looking into a complaint: one may be what is complained of.

use almoner_domain::ids::{KeyId, WarningNoteId};
use almoner_domain::people::grounds::WarningGround;
use almoner_domain::people::safety::VisitWarningKind;
use almoner_domain::people::warning_note::{Told, WarningNoteStatus};
use almoner_domain::people::warning_review::WarningKept;
use almoner_domain::words::text::{Line, Passage};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::record::{MOST, period};
use super::record_openings::RecordOpening;
use crate::ground::error::StoreError;
use crate::ground::schema::{referrals, staff, warning_notes};
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
    /// Who wrote the note.
    #[schema(value_type = Line<200>)]
    pub written_by: String,
    /// When the note was written.
    pub written_at: DateTime<Utc>,
}

/// Reads the warning notes of the record that is open.
pub(super) fn of(scope: &mut Scope<'_>, opening: &RecordOpening) -> Result<Vec<WarningLookedInto>, StoreError> {
    type Row = (WarningNoteId, WarningNoteStatus, KeyId, Vec<u8>, String, DateTime<Utc>);
    let (_, ends) = period(opening);
    let visible_referrals = referrals::table
        .filter(referrals::practice_id.eq(opening.practice).and(referrals::service_user_id.eq(opening.person)))
        .select(referrals::referral_id.nullable());
    let rows: Vec<Row> =
        warning_notes::table
            .inner_join(staff::table.on(
                staff::practice_id.eq(warning_notes::practice_id).and(staff::staff_id.eq(warning_notes::written_by)),
            ))
            .filter(warning_notes::practice_id.eq(opening.practice))
            .filter(warning_notes::service_user_id.eq(opening.person).and(warning_notes::written_at.lt(ends)))
            .filter(warning_notes::referral_id.is_null().or(warning_notes::referral_id.eq_any(visible_referrals)))
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
    rows.into_iter()
        .map(|(id, status, key_id, content, written_by, written_at)| {
            let key = scope.key(opening.practice.uuid(), key_id)?;
            let WarningKept { terms, .. } = key.open(sealed_field(opening.practice, id), &content)?;
            let (kind, detail, ground, evidence, told) =
                (terms.kind, terms.detail, terms.ground, terms.evidence, terms.told);
            Ok(WarningLookedInto { id, status, kind, detail, ground, evidence, told, written_by, written_at })
        })
        .collect()
}
