//! Limiting how somebody complains, and ending that. Whoever follows the complaint reads what is in force.

use almoner_domain::complaints::limiting::Limits;
use almoner_domain::complaints::requests::DecisionKind;
use almoner_domain::complaints::status::Step;
use almoner_domain::events::Event;
use almoner_domain::ids::ComplaintId;
use diesel::prelude::*;

use super::Sealed;
use super::changing::{Changes, change, find_alone, seal};
use super::messages::write_in_writing;
use super::planning::tell;
use super::reading::Complaint;
use super::reviewing::note_decision;
use crate::ground::error::StoreError;
use crate::ground::schema::complaint_limits;
use crate::ground::scope::{ComplaintsScope, Scope};

const TABLE: &str = "complaint_limits";

/// Reads the limits that are in force in a complaint. The caller has already opened the key.
pub(super) fn in_force(scope: &mut Scope<'_>, sealed: Sealed) -> Result<Option<Limits>, StoreError> {
    let row: Option<Vec<u8>> = complaint_limits::table
        .find((sealed.council, sealed.id))
        .filter(complaint_limits::until.ge(scope.today()))
        .select(complaint_limits::content)
        .first(scope.conn)
        .optional()?;
    let Some(content) = row else { return Ok(None) };
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    Ok(Some(key.open(sealed.of(TABLE, "content", sealed.id.uuid()), &content)?))
}

/// Limits how the complainant complains, in the place of the limits before. They read it with the reasons.
pub fn limit(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, with: &Limits) -> Result<(), StoreError> {
    complaint.status.after(Step::Limit)?;
    StoreError::unless_faulty(with.faults(scope.today()))?;
    let content = seal(scope, complaint, (TABLE, "content"), complaint.id.uuid(), with)?;
    let values = (complaint_limits::content.eq(content), complaint_limits::until.eq(with.until));
    diesel::insert_into(complaint_limits::table)
        .values((
            complaint_limits::council_id.eq(scope.council_id()),
            complaint_limits::complaint_id.eq(complaint.id),
            complaint_limits::key_id.eq(complaint.sealed.key_id),
            values.clone(),
        ))
        .on_conflict((complaint_limits::council_id, complaint_limits::complaint_id))
        .do_update()
        .set(values)
        .execute(scope.conn)?;
    change(scope, complaint, Changes::default())?;
    note_decision(scope, complaint, DecisionKind::Limited)?;
    tell(scope, complaint, &with.told())?;
    scope.record_because(Event::ComplaintLimited { complaint: complaint.id }, with.reasons.as_str())
}

/// Ends the limits on a complaint, if there are any. The same again changes nothing.
pub fn end(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<(), StoreError> {
    scope.officer()?;
    let complaint = find_alone(scope, id)?;
    if end_limits(scope, &complaint)? {
        change(scope, &complaint, Changes::default())?;
        let told = "You can reach us as before. The limits that we told you of have ended.";
        write_in_writing(scope, complaint.sealed, told)?;
    }
    Ok(())
}

/// Ends the limits on a complaint. Returns whether there were any.
pub(super) fn end_limits(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<bool, StoreError> {
    let own = complaint_limits::table.find((scope.council_id(), complaint.id));
    let ended = diesel::delete(own).execute(scope.conn)? > 0;
    if ended {
        scope.record(Event::ComplaintLimitsEnded { complaint: complaint.id })?;
    }
    Ok(ended)
}
