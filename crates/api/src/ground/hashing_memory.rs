//! The memory in which passwords are hashed. Each takes 19 MiB for a moment. A piece that one hash has used serves the next, so
//! that there are never more pieces than passwords that are hashed at once; when nobody has signed in for a while, they are
//! given back. Left to the allocator, each thread would keep a piece of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::{Argon2, Block};

/// The time after the last hash at which the memory is given back.
const IDLE: Duration = Duration::from_secs(5);

/// The memory of one hash after another.
#[derive(Default)]
pub(crate) struct Memory(Vec<Block>);

impl Memory {
    /// Hashes a password into `out`. What an earlier hash has left does not matter: the first pass overwrites it.
    pub(crate) fn hash(
        &mut self,
        argon2: &Argon2<'_>,
        password: &[u8],
        salt: &[u8],
        out: &mut [u8],
    ) -> argon2::Result<()> {
        let blocks = argon2.params().block_count();
        if self.0.len() < blocks {
            // The old blocks go before the new ones come.
            self.0 = Vec::new();
            self.0 = vec![Block::default(); blocks];
        }
        argon2.hash_password_into_with_memory(password, salt, out, &mut self.0[..blocks])
    }
}

/// The pieces of memory that no hash uses now.
pub(crate) struct Spare {
    pieces: Mutex<Pieces>,
    is_watched: AtomicBool,
    idle: Duration,
}

#[derive(Default)]
struct Pieces {
    spare: Vec<Memory>,
    last_used: Option<Instant>,
}

impl Spare {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { pieces: Mutex::default(), is_watched: AtomicBool::new(false), idle: IDLE })
    }

    /// Runs `f` with a piece of memory: one that is spare, or else a new one.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut Memory) -> R) -> R {
        let mut memory = self.pieces().spare.pop().unwrap_or_default();
        let done = f(&mut memory);
        let mut pieces = self.pieces();
        pieces.spare.push(memory);
        pieces.last_used = Some(Instant::now());
        done
    }

    /// Has the memory given back as soon as no hash has used it for a while. To be called on the event loop.
    pub(crate) fn give_back_when_idle(self: &Arc<Self>) {
        if self.is_watched.swap(true, Ordering::AcqRel) {
            return;
        }
        let spare = Arc::clone(self);
        actix_web::rt::spawn(async move {
            while !spare.gave_back() {
                tokio::time::sleep(spare.idle).await;
            }
        });
    }

    /// Gives the memory back unless a hash has used it just now. Whoever comes after that has it watched again.
    fn gave_back(&self) -> bool {
        let mut pieces = self.pieces();
        let is_idle = pieces.last_used.is_none_or(|at| at.elapsed() >= self.idle);
        if is_idle {
            pieces.spare = Vec::new();
            self.is_watched.store(false, Ordering::Release);
        }
        is_idle
    }

    fn pieces(&self) -> MutexGuard<'_, Pieces> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use argon2::Params;

    use super::*;

    fn argon2(memory: u32) -> Argon2<'static> {
        Argon2::from(Params::new(memory, 2, 1, None).unwrap())
    }

    #[test]
    fn a_hash_is_the_same_in_memory_that_another_has_used() {
        let mut used = Memory::default();
        for memory in [64, 1024, 8, 256] {
            let [mut one, mut other] = [[0; 32]; 2];
            used.hash(&argon2(memory), b"a green bicycle", b"a salt of some", &mut one).unwrap();
            argon2(memory).hash_password_into(b"a green bicycle", b"a salt of some", &mut other).unwrap();
            assert_eq!(one, other, "{memory} KiB");
        }
    }

    #[actix_web::test]
    async fn there_are_as_many_pieces_as_hashes_at_once_and_none_after_a_while() {
        let spare = Arc::new(Spare { idle: Duration::ZERO, ..Arc::into_inner(Spare::new()).unwrap() });
        let pieces = || spare.pieces().spare.len();
        for _ in 0..2 {
            for _ in 0..10 {
                spare.with(|_| spare.with(|_| ()));
                spare.give_back_when_idle();
                assert_eq!(pieces(), 2, "each round uses what the one before has left");
            }
            // What gives the memory back runs as soon as this task waits.
            tokio::task::yield_now().await;
            assert_eq!(pieces(), 0, "given back");
        }
    }

    #[test]
    fn memory_that_was_used_just_now_is_kept() {
        let spare = Spare::new();
        spare.with(|_| ());
        assert!(!spare.gave_back());
        assert_eq!(spare.pieces().spare.len(), 1);
    }
}
