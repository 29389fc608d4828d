//! Turns at the database. There are as many as connections. A tenant that has some gets another while more are free than it
//! has: so one tenant has at most half of them, a second at most half of what the first leaves, and there is one for a
//! tenant that has none for as long as anybody could have two. A tenant whose turns take long, because its requests wait for
//! something, has at most a quarter until one is short again. Tenants that wait are served in rotation.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use uuid::Uuid;

/// The queue in which a request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Queue {
    /// The request waits with the others of its practice or council; that of a caller without either waits by itself.
    Of(Uuid),
    /// The request waits with all those that have no token, or are only getting one.
    Nobody,
}

/// A turn, which lasts until it is dropped.
pub(crate) struct Turn {
    queues: TenantQueues,
    queue: Queue,
    begun: Instant,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.queues.end(self.queue, self.begun.elapsed());
    }
}

/// The turns and the tenants' queues.
#[derive(Clone)]
pub(crate) struct TenantQueues(Arc<Mutex<Turns>>);

struct Turns {
    all: usize,
    free: usize,
    tenants: HashMap<Queue, Tenant>,
    /// The tenants that wait, in the order in which they are served.
    rotation: VecDeque<Queue>,
}

#[derive(Default)]
struct Tenant {
    has: usize,
    /// Whether the turn of this tenant that ended last had taken long.
    is_slow: bool,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// The duration from which a turn has taken long. PostgreSQL ends a wait for a lock after three seconds.
const LONG: Duration = Duration::from_secs(1);

/// The number of queues above which those are removed that are kept only because their turns took long.
const QUEUES_KEPT: usize = 1_000;

impl TenantQueues {
    pub(crate) fn new(connections: usize) -> Self {
        let turns = Turns { all: connections, free: connections, tenants: HashMap::new(), rotation: VecDeque::new() };
        Self(Arc::new(Mutex::new(turns)))
    }

    /// Waits for a turn.
    pub(crate) async fn turn(&self, queue: Queue) -> Option<Turn> {
        let (sender, receiver) = oneshot::channel();
        let mut turns = self.lock();
        turns.wait(queue, sender);
        self.give(turns);
        receiver.await.ok()
    }

    /// Returns how many requests wait for a turn.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.lock().tenants.values().map(|tenant| tenant.waiting.len()).sum()
    }

    fn end(&self, queue: Queue, took: Duration) {
        let mut turns = self.lock();
        turns.end(queue, took >= LONG);
        self.give(turns);
    }

    /// Gives the free turns to those who may have one.
    fn give(&self, mut turns: MutexGuard<'_, Turns>) {
        let mut given = Vec::new();
        while let Some((queue, sender)) = turns.next() {
            given.push((sender, Turn { queues: self.clone(), queue, begun: Instant::now() }));
        }
        // A turn whose receiver has stopped waiting ends here, and the lock is taken again for it.
        drop(turns);
        for (sender, turn) in given {
            drop(sender.send(turn));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Turns> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turns {
    fn wait(&mut self, queue: Queue, sender: oneshot::Sender<Turn>) {
        if self.tenants.len() >= QUEUES_KEPT {
            self.tenants.retain(|_, tenant| tenant.has > 0 || !tenant.waiting.is_empty());
        }
        let tenant = self.tenants.entry(queue).or_default();
        // Those who have stopped waiting are forgotten, so that a queue is no longer than the requests that wait in it.
        tenant.waiting.retain(|sender| !sender.is_closed());
        tenant.waiting.push_back(sender);
        if !self.rotation.contains(&queue) {
            self.rotation.push_back(queue);
        }
    }

    /// Takes a free turn for the next tenant that may have one.
    fn next(&mut self) -> Option<(Queue, oneshot::Sender<Turn>)> {
        for _ in 0..self.rotation.len() {
            let queue = self.rotation.pop_front()?;
            let Some(tenant) = self.tenants.get_mut(&queue) else { continue };
            tenant.waiting.retain(|sender| !sender.is_closed());
            let most = if tenant.is_slow { (self.all / 4).max(1) } else { self.all };
            let sender = if tenant.has < self.free && tenant.has < most { tenant.waiting.pop_front() } else { None };
            if sender.is_some() {
                tenant.has += 1;
                self.free -= 1;
            }
            if !tenant.waiting.is_empty() {
                self.rotation.push_back(queue);
            }
            self.forget(queue);
            if let Some(sender) = sender {
                return Some((queue, sender));
            }
        }
        None
    }

    fn end(&mut self, queue: Queue, was_long: bool) {
        self.free += 1;
        if let Some(tenant) = self.tenants.get_mut(&queue) {
            tenant.has -= 1;
            tenant.is_slow = was_long;
        }
        self.forget(queue);
    }

    /// Removes the queue of a tenant of whom there is nothing to remember.
    fn forget(&mut self, queue: Queue) {
        if self.tenants.get(&queue).is_some_and(|t| t.has == 0 && t.waiting.is_empty() && !t.is_slow) {
            self.tenants.remove(&queue);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<F: Future<Output = Option<Turn>>>(turn: Pin<&mut F>) -> Option<Turn> {
        match turn.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => turn,
            Poll::Pending => None,
        }
    }

    fn at_once(queues: &TenantQueues, queue: Queue) -> Option<Turn> {
        poll(pin!(queues.turn(queue)))
    }

    /// Takes as many turns as the tenant gets, up to a hundred.
    fn flood(queues: &TenantQueues, queue: Queue) -> Vec<Turn> {
        (0..100).map_while(|_| at_once(queues, queue)).collect()
    }

    fn tenant(n: u128) -> Queue {
        Queue::Of(Uuid::from_u128(n))
    }

    #[test]
    fn one_tenant_has_half_of_the_turns_and_each_further_one_half_of_what_is_left() {
        let queues = TenantQueues::new(16);
        let stuck: Vec<Vec<Turn>> = (1..=4).map(|n| flood(&queues, tenant(n))).collect();
        assert_eq!(stuck.iter().map(Vec::len).collect::<Vec<_>>(), [8, 4, 2, 1]);
        let other = at_once(&queues, Queue::Nobody).expect("one for somebody who has none");
        assert!(at_once(&queues, tenant(5)).is_none(), "there are no more than sixteen");
        drop(other);
        assert!(at_once(&queues, tenant(5)).is_some(), "a turn that is over is given again");
    }

    #[test]
    fn a_tenant_whose_turns_take_long_has_a_quarter_until_one_is_short_again() {
        let queues = TenantQueues::new(8);
        let mut turns = flood(&queues, tenant(1));
        assert_eq!(turns.len(), 4);
        for turn in &mut turns {
            turn.begun = turn.begun.checked_sub(LONG).expect("an earlier time");
        }
        drop(turns);
        assert_eq!(flood(&queues, tenant(2)).len(), 4, "the others have their half");
        let mut turns = flood(&queues, tenant(1));
        assert_eq!(turns.len(), 2);
        turns.remove(0);
        assert_eq!(flood(&queues, tenant(1)).len(), 3);
    }

    #[test]
    fn those_who_wait_are_served_in_rotation_and_those_who_have_gone_are_passed_over() {
        let queues = TenantQueues::new(2);
        let held = at_once(&queues, tenant(1)).expect("a turn");
        let _kept = at_once(&queues, tenant(9)).expect("the other");
        let mut first = pin!(queues.turn(tenant(1)));
        let mut second = pin!(queues.turn(tenant(1)));
        let mut other = pin!(queues.turn(tenant(2)));
        assert!(poll(first.as_mut()).is_none() && poll(second.as_mut()).is_none() && poll(other.as_mut()).is_none());
        assert!(at_once(&queues, tenant(3)).is_none(), "this one stops waiting");
        assert_eq!(queues.waiting(), 4);
        drop(held);
        let held = poll(first.as_mut()).expect("the one who has waited longest");
        drop(held);
        let held = poll(other.as_mut()).expect("another tenant, although the first has waited longer");
        drop(held);
        assert!(poll(second.as_mut()).is_some());
        assert_eq!(queues.waiting(), 0);
    }

    #[test]
    fn a_single_connection_is_everyones_in_turn() {
        let queues = TenantQueues::new(1);
        let turn = at_once(&queues, Queue::Nobody).expect("a turn");
        assert!(at_once(&queues, tenant(1)).is_none());
        drop(turn);
        assert!(at_once(&queues, tenant(1)).is_some());
    }

    #[test]
    fn queues_that_nobody_is_in_are_forgotten() {
        let queues = TenantQueues::new(2);
        let _turn = at_once(&queues, tenant(0)).expect("a turn");
        for n in 1..QUEUES_KEPT as u128 {
            let mut turn = at_once(&queues, tenant(n)).expect("a turn");
            turn.begun = turn.begun.checked_sub(LONG).expect("an earlier time");
        }
        assert_eq!(queues.lock().tenants.len(), QUEUES_KEPT, "what took long is remembered for a while");
        drop(at_once(&queues, tenant(1)));
        assert_eq!(queues.lock().tenants.len(), 1);
    }
}
