//! Passwords, hashed with argon2id. Hashing has a semaphore of its own, so that signing in cannot starve everything
//! else, and happens outside any transaction. The password for an unknown account is hashed too, so that the answer and
//! its time are the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::web;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::ground::problem::{ApiError, Kind};

/// The cost of a password's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCost {
    /// The cost is 19 MiB and 2 passes: the least that OWASP advises for argon2id.
    Full,
    /// The cost is the least that the algorithm allows, for tests and the demonstration, which make many accounts.
    Cheap,
}

impl PasswordCost {
    fn params(self) -> Params {
        let (memory, passes) = match self {
            Self::Full => (19 * 1024, 2),
            Self::Cheap => (8, 1),
        };
        Params::new(memory, passes, 1, None).unwrap_or_default()
    }

    fn is_of(self, params: &Params) -> bool {
        let own = self.params();
        (own.m_cost(), own.t_cost(), own.p_cost()) == (params.m_cost(), params.t_cost(), params.p_cost())
    }

    fn hasher(self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params())
    }
}

/// The result of checking a password.
pub(crate) struct Checked {
    /// Whether the password is the right one.
    pub(crate) right: bool,
    /// Whether the cost of hashing has risen since the password was set, so that it must be hashed again.
    pub(crate) outdated: bool,
}

/// Hashes a password, in PHC form.
pub fn hash(cost: PasswordCost, password: &str) -> Result<String, String> {
    cost.hasher().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

/// The checker of passwords.
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
    /// The number of passwords that can be hashed at once.
    lanes: usize,
    waiting: Arc<AtomicUsize>,
    cost: PasswordCost,
    /// The hash of a password that nobody has.
    nobody: String,
}

/// One that waits. It is counted until it is dropped, also where its caller has gone.
struct Waits(Arc<AtomicUsize>);

impl Waits {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Passwords {
    pub(crate) fn new(cost: PasswordCost) -> Result<Self, String> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let nobody = hash(cost, &almoner_persistence::random::secret())?;
        Ok(Self { permits: Arc::new(Semaphore::new(cores)), lanes: cores, waiting: Arc::default(), cost, nobody })
    }

    /// Returns a reader of how many passwords are being hashed, and how many wait for it.
    pub(crate) fn watched(&self) -> (impl Fn() -> usize + use<>, impl Fn() -> usize + use<>) {
        let (permits, all) = (Arc::clone(&self.permits), self.lanes);
        let waiting = Arc::clone(&self.waiting);
        (move || all - permits.available_permits(), move || waiting.load(Ordering::Relaxed))
    }

    /// Whether the password is the one whose hash this is. Without a hash it never is, and the check takes as long. The
    /// result also says whether the cost of hashing has risen since.
    pub(crate) async fn check(&self, password: String, hash: Option<String>) -> Result<Checked, ApiError> {
        let known = hash.is_some();
        let kept = hash.unwrap_or_else(|| self.nobody.clone());
        let password = Zeroizing::new(password);
        let cost = self.cost;
        self.work(move |hasher| {
            let hash = PasswordHash::new(&kept).map_err(|error| error.to_string())?;
            let matches = hasher.verify_password(password.as_bytes(), &hash).is_ok();
            let right = matches && known;
            let outdated = right && Params::try_from(&hash).is_ok_and(|params| !cost.is_of(&params));
            Ok(Checked { right, outdated })
        })
        .await
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, ApiError> {
        let cost = self.cost;
        self.work(move |_| hash(cost, &password)).await
    }

    async fn work<R: Send + 'static>(
        &self,
        work: impl FnOnce(Argon2<'static>) -> Result<R, String> + Send + 'static,
    ) -> Result<R, ApiError> {
        let waiting = tokio::time::timeout(Duration::from_secs(5), Arc::clone(&self.permits).acquire_owned());
        let waits = Waits::new(&self.waiting);
        let permit = waiting.await;
        drop(waits);
        let Ok(Ok(permit)) = permit else { return Err(ApiError::new(Kind::ServiceUnavailable)) };
        let hasher = self.cost.hasher();
        web::block(move || {
            let _permit = permit;
            work(hasher)
        })
        .await
        .map_err(ApiError::internal)?
        .map_err(ApiError::internal)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[actix_web::test]
    async fn row_29_no_more_passwords_are_hashed_at_once_than_there_are_cores() {
        let passwords = Passwords::new(PasswordCost::Cheap).unwrap();
        let cores = passwords.permits.available_permits();
        assert_eq!(cores, std::thread::available_parallelism().unwrap().get());
        let (working, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let hashing = (0..cores * 8).map(|_| {
            let (working, most) = (Arc::clone(&working), Arc::clone(&most));
            passwords.work(move |_| {
                most.fetch_max(working.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(5));
                working.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            })
        });
        let mut hashing: Vec<_> = hashing.map(Box::pin).collect();
        std::future::poll_fn(|context| {
            hashing.retain_mut(|one| one.as_mut().poll(context).is_pending());
            if hashing.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        let most = most.load(Ordering::SeqCst);
        assert!((1..=cores).contains(&most), "{most} at once on {cores} cores");
    }

    #[test]
    fn row_14_a_password_is_its_own_to_the_last_letter_and_case() {
        let long = "correct horse battery staple ".repeat(4);
        let hash = hash(PasswordCost::Cheap, &long).unwrap();
        let is = |password: &str| {
            let hash = PasswordHash::new(&hash).unwrap();
            PasswordCost::Cheap.hasher().verify_password(password.as_bytes(), &hash).is_ok()
        };
        assert!(is(&long));
        assert!(!is(&long.to_uppercase()));
        assert!(!is(&format!("{}x", &long[..long.len() - 1])));
        assert!(!is(&long[..72]));
    }
}
