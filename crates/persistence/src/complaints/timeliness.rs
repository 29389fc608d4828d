//! When the matter of a complaint happened, and why a complaint that came late is looked into all the same (SI 2009/309 reg 12).

use almoner_domain::complaints::status::Step;
use almoner_domain::complaints::timeliness::{MatterDates, Timeliness};
use almoner_domain::events::Event;
use almoner_domain::words::calendar::london_date;
use diesel::prelude::*;

use super::Sealed;
use super::changing::{Changes, change, seal};
use super::reading::Complaint;
use crate::ground::error::StoreError;
use crate::ground::schema::complaint_timeliness;
use crate::ground::scope::{ComplaintsScope, Scope};
use crate::ground::sealing::Key;

const TABLE: &str = "complaint_timeliness";

/// Writes the dates that whoever lodges a complaint gives, if they give the day on which it happened, or noticed. The caller has already
/// opened the key.
pub(super) fn insert(scope: &mut Scope<'_>, sealed: Sealed, dates: MatterDates) -> Result<(), StoreError> {
    let Some(happened_on) = dates.happened_on.or(dates.noticed_on) else { return Ok(()) };
    let timeliness = Timeliness { happened_on, noticed_on: dates.noticed_on, accepted_because: None };
    let key = scope.key(sealed.council.uuid(), sealed.key_id)?;
    let content = key.seal(sealed.of(TABLE, "content", sealed.id.uuid()), &timeliness)?;
    diesel::insert_into(complaint_timeliness::table)
        .values((
            complaint_timeliness::council_id.eq(sealed.council),
            complaint_timeliness::complaint_id.eq(sealed.id),
            complaint_timeliness::key_id.eq(sealed.key_id),
            complaint_timeliness::content.eq(content),
        ))
        .execute(scope.conn)?;
    Ok(())
}

pub(super) fn open(key: &Key, sealed: Sealed, content: &[u8]) -> Result<Timeliness, StoreError> {
    key.open(sealed.of(TABLE, "content", sealed.id.uuid()), content)
}

/// Records when the matter of a complaint happened, and if it came late, why it is looked into all the same.
pub fn record(scope: &mut ComplaintsScope<'_>, complaint: &Complaint, with: &Timeliness) -> Result<(), StoreError> {
    complaint.status.after(Step::Assess)?;
    StoreError::unless_faulty(with.faults(london_date(complaint.received_at)))?;
    let content = seal(scope, complaint, (TABLE, "content"), complaint.id.uuid(), with)?;
    diesel::insert_into(complaint_timeliness::table)
        .values((
            complaint_timeliness::council_id.eq(scope.council_id()),
            complaint_timeliness::complaint_id.eq(complaint.id),
            complaint_timeliness::key_id.eq(complaint.sealed.key_id),
            complaint_timeliness::content.eq(&content),
        ))
        .on_conflict((complaint_timeliness::council_id, complaint_timeliness::complaint_id))
        .do_update()
        .set(complaint_timeliness::content.eq(&content))
        .execute(scope.conn)?;
    change(scope, complaint, Changes::default())?;
    let event = Event::ComplaintTimelinessRecorded { complaint: complaint.id };
    match &with.accepted_because {
        Some(because) => scope.record_because(event, because.as_str()),
        None => scope.record(event),
    }
}
