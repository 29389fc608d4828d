//! What a second person decides on: the closing of a case, a case that is taken from its worker, a restriction, or a
//! warning note.

use almoner_domain::ids::{CaseId, StaffId, WarningNoteId};
use almoner_domain::people::access_restriction::RestrictionTerms;
use almoner_domain::people::grounds::AdverseAction;
use almoner_domain::people::safety::VisitWarningKind;
use almoner_domain::people::warning_note::{Told, WarningTerms};
use almoner_domain::words::codes::EventOutcome;
use almoner_domain::words::text::Passage;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::staff::names::Worker;

/// An adverse action on which a second person decides, with what it needs to take effect, or to be undone.
#[derive(Clone)]
pub(crate) enum Matter {
    /// A case is closed with this outcome.
    Closing(CaseId, EventOutcome),
    /// A case is taken from a worker.
    Moving(Move),
    /// A record is restricted.
    Restricting {
        /// The restriction that is asked for, or is in force.
        terms: RestrictionTerms,
        /// The restriction that was in force before, for a restriction that is reviewed.
        before: Option<RestrictionTerms>,
    },
    /// A warning note is written, which said this when it was put before the second person.
    Warning(WarningNoteId, WarningTerms),
}

/// A case that is taken from one worker and given to another.
#[derive(Clone, Copy)]
pub(crate) struct Move {
    pub(crate) case: CaseId,
    pub(crate) from: StaffId,
    pub(crate) to: StaffId,
}

/// A restriction on which a second person decides.
#[derive(Clone, Serialize, ToSchema)]
pub struct AskedRestriction {
    /// The members of staff to whom the record is open.
    #[schema(max_items = 50)]
    pub staff: Vec<Worker>,
    /// The day by which the restriction is reviewed.
    pub review_on: NaiveDate,
}

/// A warning note on which a second person decides, as it was when they were asked.
#[derive(Clone, Serialize, ToSchema)]
pub struct AskedWarning {
    /// The note.
    pub id: WarningNoteId,
    /// The kind of danger.
    pub kind: VisitWarningKind,
    /// What a visitor must know.
    pub detail: Passage<1000>,
    /// Whether the person was told.
    pub told: Told,
    /// The day by which the note is reviewed.
    pub review_on: NaiveDate,
}

impl AskedWarning {
    pub(super) fn of(id: WarningNoteId, terms: &WarningTerms) -> Self {
        let WarningTerms { kind, detail, told, review_on, .. } = terms.clone();
        Self { id, kind, detail, told, review_on }
    }
}

/// The columns of a countersignature that say what it is about.
pub(super) struct MatterColumns<'a> {
    pub(super) action: AdverseAction,
    pub(super) case: Option<CaseId>,
    pub(super) outcome: Option<EventOutcome>,
    pub(super) moved_from: Option<StaffId>,
    pub(super) moved_to: Option<StaffId>,
    pub(super) restriction: Option<&'a RestrictionTerms>,
    pub(super) restriction_before: Option<&'a RestrictionTerms>,
    pub(super) warning: Option<(WarningNoteId, &'a WarningTerms)>,
}

/// The columns of a countersignature do not fit its action.
#[derive(Debug, thiserror::Error)]
#[error("a countersignature of the action {0} is kept without all that it needs, or with more")]
struct Miskept(AdverseAction);

impl<'a> MatterColumns<'a> {
    pub(super) fn of(matter: &'a Matter) -> Self {
        let none = |action| Self {
            action,
            case: None,
            outcome: None,
            moved_from: None,
            moved_to: None,
            restriction: None,
            restriction_before: None,
            warning: None,
        };
        match matter {
            Matter::Closing(case, outcome) => {
                Self { case: Some(*case), outcome: Some(*outcome), ..none(AdverseAction::Closing) }
            }
            Matter::Moving(Move { case, from, to }) => Self {
                case: Some(*case),
                moved_from: Some(*from),
                moved_to: Some(*to),
                ..none(AdverseAction::MovingWorkerOff)
            },
            Matter::Restricting { terms, before } => Self {
                restriction: Some(terms),
                restriction_before: before.as_ref(),
                ..none(AdverseAction::WarningOrRestriction)
            },
            Matter::Warning(warning_note, terms) => {
                Self { warning: Some((*warning_note, terms)), ..none(AdverseAction::WarningOrRestriction) }
            }
        }
    }

    pub(super) fn matter(&self) -> Result<Matter, StoreError> {
        let moved = self.moved_from.zip(self.moved_to);
        match (self.action, self.case, self.outcome, moved, self.restriction, self.warning) {
            (AdverseAction::Closing, Some(case), Some(outcome), None, None, None) => Ok(Matter::Closing(case, outcome)),
            (AdverseAction::MovingWorkerOff, Some(case), None, Some((from, to)), None, None) => {
                Ok(Matter::Moving(Move { case, from, to }))
            }
            (AdverseAction::WarningOrRestriction, None, None, None, Some(terms), None) => {
                Ok(Matter::Restricting { terms: terms.clone(), before: self.restriction_before.cloned() })
            }
            (AdverseAction::WarningOrRestriction, None, None, None, None, Some((note, terms))) => {
                Ok(Matter::Warning(note, terms.clone()))
            }
            (action, ..) => Err(StoreError::unreadable(Miskept(action))),
        }
    }
}
