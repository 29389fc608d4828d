//! The deadlines that a bank holiday moves, of every subject and every tenant.
//!
//! A deadline that has passed stays as it is. One that is counted in working days over the holiday ends a working day later.
//! It all happens in the transaction that adds the holiday; the tenants' own logs say what moved.

use almoner_domain::ids::{BankHolidayId, CouncilId};

use crate::complaints::{move_acknowledgements, move_answers, move_plans};
use crate::ground::calendar::AddedHoliday;
use crate::ground::error::StoreError;
use crate::ground::scope::{Intake, OperatorScope, Scope};
use crate::ground::transaction::setting;
use crate::tenancy::bank_holidays::{self, MovedDeadlines, NewBankHoliday};
use crate::tenancy::{councils, practices};

/// Adds a bank holiday, and moves every deadline that it makes too short and that has not passed.
pub fn add_bank_holiday(scope: &mut OperatorScope<'_>, new: &NewBankHoliday) -> Result<BankHolidayId, StoreError> {
    let (id, holiday) = bank_holidays::add(scope, new)?;
    let practices = practices::all(scope)?;
    let councils = councils::all(scope)?;
    let moved = scope.as_role("almoner_intake", |scope| {
        let mut moved = MovedDeadlines::default();
        for practice in practices {
            scope.execute(&[setting("app.practice", practice.uuid())])?;
            let intake = &mut Intake { scope: &mut *scope, practice };
            count(&mut moved.countersignatures, intake.move_countersignatures(&holiday)?);
            count(&mut moved.referral_responses, intake.move_responses(&holiday)?);
            count(&mut moved.human_contacts, intake.move_human_contacts(&holiday)?);
        }
        scope.execute(&["SET LOCAL app.practice = ''".to_owned()])?;
        for council in councils {
            scope.execute(&[setting("app.council", council.uuid())])?;
            move_complaints(scope, council, &holiday)?;
        }
        scope.execute(&["SET LOCAL app.council = ''".to_owned()])?;
        Ok(moved)
    })?;
    bank_holidays::keep_moved(scope, id, moved)?;
    Ok(id)
}

/// Moves the deadlines of complaints. They are not counted: the operator learns from no number whether somebody complained.
fn move_complaints(scope: &mut Scope<'_>, council: CouncilId, holiday: &AddedHoliday) -> Result<(), StoreError> {
    move_acknowledgements(scope, council, holiday)?;
    move_plans(scope, council, holiday)?;
    move_answers(scope, council, holiday)
}

fn count(total: &mut i32, more: usize) {
    *total = total.saturating_add(i32::try_from(more).unwrap_or(i32::MAX));
}
