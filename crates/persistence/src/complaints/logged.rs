//! What the council's log says of one complaint: what was done with it, and who saw it. An officer who has the complaint reads it for the
//! file that goes to the Ombudsman, and the program looks there when the complaint was planned.

use std::collections::BTreeMap;

use almoner_domain::events::{Chain, Door, EventKind, Outcome};
use almoner_domain::ids::ComplaintId;
use almoner_domain::words::calendar::london_date;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::{count_star, max, min, not};
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::schema::audit_events;
use crate::ground::scope::ComplaintsScope;

/// The events by which somebody saw a complaint, or a part of it.
const SEEN_BY: [EventKind; 12] = [
    EventKind::ComplaintOfferRead,
    EventKind::ComplaintAssignmentsListed,
    EventKind::ComplaintRead,
    EventKind::ComplaintResponseRead,
    EventKind::ComplaintPartRead,
    EventKind::ComplaintRecordRead,
    EventKind::ComplaintRecordNotesRead,
    EventKind::ComplaintLetterGivenOut,
    EventKind::ComplaintFileTakenOut,
    EventKind::ComplaintFollowed,
    EventKind::ComplaintDocumentsListed,
    EventKind::ComplaintDocumentGivenOut,
];

/// The events that a file tells with more than the log knows: the messages themselves, and the clocks that ran out.
const TOLD_ELSEWHERE: [EventKind; 2] = [EventKind::ComplaintMessageWritten, EventKind::ComplaintEscalated];

/// Somebody who did something with a complaint, as the log has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    /// The door by which they came in.
    pub door: Door,
    /// The identifier of an officer, a guest or a system; `None` if the service did it by itself.
    pub id: Option<Uuid>,
}

/// Something that was done with a complaint.
#[derive(Clone, Debug)]
pub struct Act {
    /// When it was done.
    pub at: DateTime<Utc>,
    /// The sentence that says what was done.
    pub what: String,
    /// Who did it.
    pub by: Actor,
}

/// How often somebody saw a complaint, or a part of it, in one way.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Who saw it.
    pub by: Actor,
    /// The sentence that says what they saw.
    pub what: String,
    /// When they first saw it.
    pub first: DateTime<Utc>,
    /// When they last saw it.
    pub last: DateTime<Utc>,
    /// The number of times.
    pub times: i64,
}

/// Selects what was done with one complaint. The index by subject has the events that are sealed already; those of the last seconds are
/// looked for among the few that are not.
macro_rules! done_with {
    ($scope:expr, $complaint:expr) => {
        audit_events::table
            .filter(
                audit_events::owner_id.eq($scope.council_id().uuid()).and(audit_events::chain.eq(Chain::Complaints)),
            )
            .filter(audit_events::subject_id.eq($complaint.uuid()).and(audit_events::service_user_id.is_null()))
            .filter(audit_events::outcome.eq(Outcome::Done))
    };
}

/// The sentence of an event. An event that this program does not know yet is told by its word.
fn sentence(action: &str) -> String {
    EventKind::parse(action).map_or_else(|_| action.to_owned(), |kind| kind.description().sentence.to_owned())
}

/// The day on which a complaint that is looked into was planned last.
pub(super) fn planned_on(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<NaiveDate, StoreError> {
    let planned: Option<DateTime<Utc>> = done_with!(scope, id)
        .filter(audit_events::action.eq(EventKind::ComplaintPlanned))
        .select(max(audit_events::at))
        .first(scope.conn)?;
    planned.map(london_date).ok_or_else(|| StoreError::unreadable("a complaint that is looked into without a plan"))
}

/// Reads what was done with a complaint, the earliest first, at most so many. What only shows it is left out, and so is what the file
/// tells elsewhere.
pub(super) fn acts(scope: &mut ComplaintsScope<'_>, id: ComplaintId, most: i64) -> Result<Vec<Act>, StoreError> {
    type Row = (DateTime<Utc>, Uuid, String, Door, Option<Uuid>);
    macro_rules! done {
        () => {
            done_with!(scope, id)
                .filter(audit_events::action.ne_all([&SEEN_BY[..], &TOLD_ELSEWHERE].concat()))
                .order((audit_events::at, audit_events::event_id))
                .limit(most)
                .select((
                    audit_events::at,
                    audit_events::event_id,
                    audit_events::action,
                    audit_events::door,
                    audit_events::actor_id,
                ))
        };
    }
    let sealed = done!().filter(audit_events::sealed);
    let mut rows: Vec<Row> = done!().filter(not(audit_events::sealed)).union_all(sealed).load(scope.conn)?;
    rows.sort_by_key(|row| (row.0, row.1));
    let act = |(at, _, action, door, id): Row| Act { at, what: sentence(&action), by: Actor { door, id } };
    Ok(rows.into_iter().map(act).collect())
}

/// When somebody did something first and last, and how often.
type Times = (DateTime<Utc>, DateTime<Utc>, i64);

/// Counts who saw a complaint, and in which way, in the order in which they first did.
pub(super) fn sights(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<Vec<Sight>, StoreError> {
    type Row = (String, Door, Option<Uuid>, Option<DateTime<Utc>>, Option<DateTime<Utc>>, i64);
    macro_rules! seen {
        ($sealed:expr) => {
            done_with!(scope, id)
                .filter(audit_events::action.eq_any(SEEN_BY.to_vec()))
                .filter($sealed)
                .group_by((audit_events::action, audit_events::door, audit_events::actor_id))
                .select((
                    audit_events::action,
                    audit_events::door,
                    audit_events::actor_id,
                    min(audit_events::at),
                    max(audit_events::at),
                    count_star(),
                ))
        };
    }
    let rows: Vec<Row> = seen!(not(audit_events::sealed)).union_all(seen!(audit_events::sealed)).load(scope.conn)?;
    let mut all: BTreeMap<(Actor, String), Times> = BTreeMap::new();
    for (action, door, id, first, last, times) in rows {
        let Some((first, last)) = first.zip(last) else { continue };
        let seen = all.entry((Actor { door, id }, sentence(&action))).or_insert((first, last, 0));
        *seen = (seen.0.min(first), seen.1.max(last), seen.2 + times);
    }
    let sight = |((by, what), (first, last, times))| Sight { by, what, first, last, times };
    let mut sights: Vec<Sight> = all.into_iter().map(sight).collect();
    sights.sort_by_key(|sight| sight.first);
    Ok(sights)
}
