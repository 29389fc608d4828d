//! Turns at the database. There are as many as connections, given in order. One tenant has at most half of them at
//! once, and waits for more in a queue of its own. However much one tenant asks for, the others have the other half.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// The queue in which a request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Queue {
    /// The request waits with the others of its practice or council; that of a caller without either waits by itself.
    Of(Uuid),
    /// The request waits with all those that have no token, or are only getting one.
    Nobody,
    /// The request does not wait: a health check must not wait behind the requests that keep the service busy.
    Health,
}

/// A turn, which lasts until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _in_queue: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

/// The turns and the tenants' queues.
pub(crate) struct TenantQueues {
    all: Arc<Semaphore>,
    share: usize,
    by_tenant: Mutex<HashMap<Queue, Arc<Semaphore>>>,
}

/// The number of queues above which empty ones are removed.
const QUEUES_KEPT: usize = 1_000;

impl TenantQueues {
    pub(crate) fn new(connections: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(connections)), share: connections.div_ceil(2), by_tenant: Mutex::default() }
    }

    /// Waits for a turn; `None` if there will be no more.
    pub(crate) async fn turn(&self, queue: Queue) -> Option<Turn> {
        // The queue comes first, because a request that waits in it holds nothing that another tenant waits for.
        let in_queue = self.queue(queue).acquire_owned().await.ok()?;
        let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Turn { _in_queue: in_queue, _of_all: of_all })
    }

    fn queue(&self, queue: Queue) -> Arc<Semaphore> {
        let mut queues = self.by_tenant.lock().unwrap_or_else(PoisonError::into_inner);
        if queues.len() >= QUEUES_KEPT && !queues.contains_key(&queue) {
            // A request that waits or works holds a reference besides this one.
            queues.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        Arc::clone(queues.entry(queue).or_insert_with(|| Arc::new(Semaphore::new(self.share))))
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn at_once(queues: &TenantQueues, queue: Queue) -> Option<Turn> {
        match pin!(queues.turn(queue)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => turn,
            Poll::Pending => None,
        }
    }

    #[test]
    fn one_tenant_has_half_of_the_turns_and_the_others_find_the_other_half() {
        let queues = TenantQueues::new(4);
        let (flood, other) = (Queue::Of(Uuid::from_u128(1)), Queue::Of(Uuid::from_u128(2)));
        let first = at_once(&queues, flood).expect("a turn");
        let _second = at_once(&queues, flood).expect("a second");
        assert!(at_once(&queues, flood).is_none(), "a third");
        let _others = at_once(&queues, other).expect("another's turn");
        let _health = at_once(&queues, Queue::Health).expect("the last one");
        assert!(at_once(&queues, other).is_none(), "there are no more than four");
        drop(first);
        assert!(at_once(&queues, flood).is_some(), "a turn that is over is given again");
    }

    #[test]
    fn a_single_connection_is_everyones_in_turn() {
        let queues = TenantQueues::new(1);
        let turn = at_once(&queues, Queue::Nobody).expect("a turn");
        assert!(at_once(&queues, Queue::Health).is_none());
        drop(turn);
        assert!(at_once(&queues, Queue::Health).is_some());
    }

    #[test]
    fn queues_that_nobody_is_in_are_forgotten() {
        let queues = TenantQueues::new(2);
        let _turn = at_once(&queues, Queue::Of(Uuid::from_u128(0))).expect("a turn");
        for n in 1..=QUEUES_KEPT as u128 {
            at_once(&queues, Queue::Of(Uuid::from_u128(n))).expect("a turn");
        }
        assert_eq!(queues.by_tenant.lock().unwrap().len(), 2);
    }
}
