//! Turns at the database. There are as many as connections, given in order; one tenant has at most half of them at once, and
//! waits for more in a lane of its own. So however much one of them asks for, the others find the other half.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// Where a request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    /// With the others of its practice or council; of a caller without either, by itself.
    Of(Uuid),
    /// With everyone who has no token, or is only getting one.
    Nobody,
    /// With nobody: whoever asks whether the service is ready must not wait behind those who keep it busy.
    Health,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _in_lane: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

/// The turns.
pub(crate) struct Lanes {
    all: Arc<Semaphore>,
    share: usize,
    by_tenant: Mutex<HashMap<Lane, Arc<Semaphore>>>,
}

/// So many lanes are kept before those that nobody is in are looked for.
const LANES_KEPT: usize = 1_000;

impl Lanes {
    pub(crate) fn new(connections: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(connections)), share: connections.div_ceil(2), by_tenant: Mutex::default() }
    }

    /// Waits for a turn; none if there will be no more.
    pub(crate) async fn turn(&self, lane: Lane) -> Option<Turn> {
        // The lane first: who waits in it holds nothing that another tenant waits for.
        let in_lane = self.lane(lane).acquire_owned().await.ok()?;
        let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Turn { _in_lane: in_lane, _of_all: of_all })
    }

    fn lane(&self, lane: Lane) -> Arc<Semaphore> {
        let mut lanes = self.by_tenant.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= LANES_KEPT && !lanes.contains_key(&lane) {
            // Whoever waits or works holds a reference besides this one.
            lanes.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        Arc::clone(lanes.entry(lane).or_insert_with(|| Arc::new(Semaphore::new(self.share))))
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn at_once(lanes: &Lanes, lane: Lane) -> Option<Turn> {
        match pin!(lanes.turn(lane)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => turn,
            Poll::Pending => None,
        }
    }

    #[test]
    fn one_tenant_has_half_of_the_turns_and_the_others_find_the_other_half() {
        let lanes = Lanes::new(4);
        let (flood, other) = (Lane::Of(Uuid::from_u128(1)), Lane::Of(Uuid::from_u128(2)));
        let first = at_once(&lanes, flood).expect("a turn");
        let _second = at_once(&lanes, flood).expect("a second");
        assert!(at_once(&lanes, flood).is_none(), "a third");
        let _others = at_once(&lanes, other).expect("another's turn");
        let _health = at_once(&lanes, Lane::Health).expect("the last one");
        assert!(at_once(&lanes, other).is_none(), "there are no more than four");
        drop(first);
        assert!(at_once(&lanes, flood).is_some(), "a turn that is over is given again");
    }

    #[test]
    fn a_single_connection_is_everyones_in_turn() {
        let lanes = Lanes::new(1);
        let turn = at_once(&lanes, Lane::Nobody).expect("a turn");
        assert!(at_once(&lanes, Lane::Health).is_none());
        drop(turn);
        assert!(at_once(&lanes, Lane::Health).is_some());
    }

    #[test]
    fn lanes_that_nobody_is_in_are_forgotten() {
        let lanes = Lanes::new(2);
        let _turn = at_once(&lanes, Lane::Of(Uuid::from_u128(0))).expect("a turn");
        for n in 1..=LANES_KEPT as u128 {
            at_once(&lanes, Lane::Of(Uuid::from_u128(n))).expect("a turn");
        }
        assert_eq!(lanes.by_tenant.lock().unwrap().len(), 2);
    }
}
