//! Passwords, hashed with argon2id. Hashing has a semaphore of its own, so that signing in cannot starve everything
//! else, and happens outside any transaction. The password for an unknown account is hashed too, and a hash that was made
//! when hashing cost less is topped up to the present cost, so that the answer and its time are the same. The memory is that
//! of `hashing_memory.rs`, and no more than the hashes at once need.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::web;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::ground::hashing_memory::{Memory, Spare};
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
        hasher(self.params())
    }

    /// Returns the cost of the computation that must follow one with these parameters, for the two together to cost as
    /// much as a hash of today. Returns `None` if nothing is missing.
    fn missing_after(self, done: &Params) -> Option<Params> {
        let missing = work(&self.params()).saturating_sub(work(done));
        let passes = missing.div_ceil(self.params().m_cost()).max(1);
        let memory = missing / passes;
        (memory >= Params::MIN_M_COST).then(|| Params::new(memory, passes, 1, None).unwrap_or_default())
    }
}

fn hasher(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The work of one hash: its memory in KiB, as often as it is passed over.
fn work(params: &Params) -> u32 {
    params.m_cost().saturating_mul(params.t_cost())
}

/// Compares a password with a hash, and does as much work as a hash of today costs, whatever the hash cost when it was
/// made and whether or not the password is the right one. Returns the parameters of each computation beside the result.
fn verify(
    cost: PasswordCost,
    password: &str,
    kept: &str,
    memory: &mut Memory,
) -> Result<(Checked, Vec<Params>), String> {
    let hash = PasswordHash::new(kept).map_err(in_words)?;
    let params = Params::try_from(&hash).map_err(in_words)?;
    let right = is_right(password, &hash, params.clone(), memory)?;
    let outdated = right && !cost.is_of(&params);
    let mut computed = vec![params];
    if let Some(missing) = cost.missing_after(&computed[0]) {
        memory.hash(&hasher(missing.clone()), password.as_bytes(), TOPPING_UP, &mut [0; 32]).map_err(in_words)?;
        computed.push(missing);
    }
    Ok((Checked { right, outdated }, computed))
}

/// Whether the password has this hash, with the algorithm and the version that the hash names. The comparison takes as long
/// wherever the two differ.
fn is_right(password: &str, hash: &PasswordHash, params: Params, memory: &mut Memory) -> Result<bool, String> {
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
        return Err("a kept hash has no salt or no value".to_owned());
    };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(in_words)?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).map_err(in_words)?;
    let mut bytes = Zeroizing::new(vec![0; expected.len()]);
    memory.hash(&Argon2::new(algorithm, version, params), password.as_bytes(), salt, &mut bytes).map_err(in_words)?;
    Ok(Output::new(&bytes).map_err(in_words)? == *expected)
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The salt of a computation whose result nobody looks at.
const TOPPING_UP: &[u8; 16] = b"almoner tops up.";

/// The result of checking a password.
pub(crate) struct Checked {
    /// Whether the password is the right one.
    pub(crate) right: bool,
    /// Whether the cost of hashing has risen since the password was set, so that it must be hashed again.
    pub(crate) outdated: bool,
}

/// Hashes a password, in PHC form.
pub fn hash(cost: PasswordCost, password: &str) -> Result<String, String> {
    hash_in(cost, password, &mut Memory::default())
}

fn hash_in(cost: PasswordCost, password: &str, memory: &mut Memory) -> Result<String, String> {
    let salt = Salt::new(&almoner_persistence::random::bytes::<16>()).map_err(in_words)?;
    let mut bytes = [0; Params::DEFAULT_OUTPUT_LEN];
    memory.hash(&cost.hasher(), password.as_bytes(), &salt, &mut bytes).map_err(in_words)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&cost.params()).map_err(in_words)?,
        salt: Some(salt),
        hash: Some(Output::new(&bytes).map_err(in_words)?),
    };
    Ok(hash.to_string())
}

/// The checker of passwords.
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
    /// The number of passwords that can be hashed at once.
    lanes: usize,
    waiting: Arc<AtomicUsize>,
    memory: Arc<Spare>,
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
        let permits = Arc::new(Semaphore::new(cores));
        Ok(Self { permits, lanes: cores, waiting: Arc::default(), memory: Spare::new(), cost, nobody })
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
        self.work(move |memory| {
            let (checked, _) = verify(cost, &password, &kept, memory)?;
            Ok(Checked { right: checked.right && known, outdated: checked.outdated && known })
        })
        .await
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, ApiError> {
        let cost = self.cost;
        let password = Zeroizing::new(password);
        self.work(move |memory| hash_in(cost, &password, memory)).await
    }

    async fn work<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<R, String> + Send + 'static,
    ) -> Result<R, ApiError> {
        let waiting = tokio::time::timeout(Duration::from_secs(5), Arc::clone(&self.permits).acquire_owned());
        let waits = Waits::new(&self.waiting);
        let permit = waiting.await;
        drop(waits);
        let Ok(Ok(permit)) = permit else { return Err(ApiError::new(Kind::ServiceUnavailable)) };
        self.memory.give_back_when_idle();
        let memory = Arc::clone(&self.memory);
        web::block(move || {
            let _permit = permit;
            memory.with(work)
        })
        .await
        .map_err(ApiError::internal)?
        .map_err(ApiError::internal)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use argon2::{PasswordHasher, PasswordVerifier};

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
    fn row_13_a_check_costs_the_same_whenever_the_hash_was_made_and_whether_or_not_the_password_is_right() {
        let today = PasswordCost::Full;
        let full = work(&today.params());
        let made_with = |memory, passes| {
            let params = Params::new(memory, passes, 1, None).unwrap();
            hasher(params).hash_password(b"a green bicycle in the rain").unwrap().to_string()
        };
        let kept = [
            hash(today, "a green bicycle in the rain").unwrap(),
            hash(PasswordCost::Cheap, "a green bicycle in the rain").unwrap(),
            made_with(12 * 1024, 3),
            made_with(9 * 1024, 4),
            made_with(19 * 1024, 1),
            made_with(4 * 1024, 7),
        ];
        let mut memory = Memory::default();
        for kept in &kept {
            for (password, right) in [("a green bicycle in the rain", true), ("a red one in the sun", false)] {
                let (checked, computed) = verify(today, password, kept, &mut memory).unwrap();
                assert_eq!(checked.right, right, "{kept}");
                assert_eq!(checked.outdated, right && !kept.contains("m=19456,t=2,p=1"), "{kept}");
                let done: u32 = computed.iter().map(work).sum();
                assert!(full.abs_diff(done) <= full / 1000, "{done} instead of {full} after {kept}");
            }
        }
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
