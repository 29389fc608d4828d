//! The feed of what the council's safeguarding duty is told. It is apart from the council's other events, which tell nothing of complaints,
//! and names nobody: who is on duty reads the concern. The row policy opens a council's own feeds to its door; the permission keeps them apart.

use almoner_domain::events::{Feed, OutboxKind};
use almoner_domain::ids::SafeguardingAlertId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;

use crate::ground::error::StoreError;
use crate::ground::scope::CouncilScope;
use crate::referrals::feed::{CouncilEventsAsked, Part, VERSION, kind_of_event_in, read_part};

/// An event of the feed of the safeguarding duty.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SafeguardingEvent {
    /// The number of the event in this feed: the first is 1, and none is left out.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub number: i64,
    /// What happened.
    #[schema(schema_with = kind_of_event)]
    pub kind: OutboxKind,
    /// The version of the event's form.
    #[schema(minimum = 1, maximum = 1000)]
    pub version: i32,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The concern of which the duty is told.
    pub alert_id: SafeguardingAlertId,
}

/// A part of the feed of the safeguarding duty.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SafeguardingEvents {
    /// The events, in the order of their numbers.
    #[schema(max_items = 200)]
    pub items: Vec<SafeguardingEvent>,
    /// The number to go on after: all events up to it are here or were before.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub next_after: i64,
    /// Whether there are more events now.
    pub has_more: bool,
}

fn kind_of_event() -> Object {
    kind_of_event_in(Feed::Safeguarding)
}

/// Reads a part of the feed of the safeguarding duty. Fails with `EventsRemoved` where it would not begin where it was asked to.
pub fn read(scope: &mut CouncilScope<'_>, after: Option<i64>, limit: i64) -> Result<SafeguardingEvents, StoreError> {
    let asked = CouncilEventsAsked { after, limit, ..CouncilEventsAsked::default() };
    let Part { events, next_after, has_more } = read_part(scope, Feed::Safeguarding, asked)?;
    let items = events.into_iter().map(|(number, kind, at, alert)| SafeguardingEvent {
        number,
        kind,
        version: VERSION,
        at,
        alert_id: SafeguardingAlertId::from(alert),
    });
    Ok(SafeguardingEvents { items: items.collect(), next_after, has_more })
}
