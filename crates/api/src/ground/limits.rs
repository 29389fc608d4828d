//! Rate limits: a bucket for each member of staff, system, tenant and address, each filled at its own rate. The buckets
//! are kept behind [`Buckets`]: in this process ([`InProcess`]), or one day in a store that several processes share.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest};
use almoner_persistence::Clock;
use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota as GovernorQuota, RateLimiter};
use uuid::Uuid;

use crate::ground::address::network;
use crate::ground::problem::ApiError;

/// A quota: `burst` requests at once, and `per_minute` requests for any length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The number of requests a minute, in the long run.
    pub per_minute: NonZeroU32,
    /// The number of requests at once, after a pause.
    pub burst: NonZeroU32,
}

impl Quota {
    /// Makes a quota of `per_minute` requests a minute in the long run and `burst` at once; at least one of each.
    pub const fn new(per_minute: u32, burst: u32) -> Self {
        const fn at_least_one(many: u32) -> NonZeroU32 {
            match NonZeroU32::new(many) {
                Some(many) => many,
                None => NonZeroU32::MIN,
            }
        }
        Self { per_minute: at_least_one(per_minute), burst: at_least_one(burst) }
    }

    /// Reads `PER_MINUTE/BURST`, such as `600/120`; `None` if the text is anything else, or either number is 0.
    pub fn parse(text: &str) -> Option<Self> {
        let (per_minute, burst) = text.split_once('/')?;
        Some(Self { per_minute: per_minute.parse().ok()?, burst: burst.parse().ok()? })
    }

    /// Returns the time until the bucket has one more request.
    fn pace(self) -> Duration {
        Duration::from_mins(1) / self.per_minute.get()
    }

    /// Returns the time until the bucket has this many more requests, in whole seconds, rounded up.
    fn seconds_for(self, many: u32) -> u64 {
        whole_seconds(self.pace() * many)
    }
}

/// The quotas of the service, by the kind of caller.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    /// The quota of one account, at the doors of staff and of operators.
    pub member: Quota,
    /// The quota of one client: a council's system or a partner app.
    pub client: Quota,
    /// The quota of one practice's staff, or one council's systems, together.
    pub tenant: Quota,
    /// The quota of one address, for requests that need no token or have no valid one.
    pub public: Quota,
    /// The quota of one address, for requests that try credentials.
    pub sign_in: Quota,
}

/// The bucket that a request is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Bucket {
    /// The bucket of a person's account, by its door's audience.
    Member(&'static str, Uuid),
    /// The bucket of a system, by its door's audience.
    Client(&'static str, Uuid),
    /// The bucket of a practice or a council.
    Tenant(Uuid),
    /// The bucket of callers without a token, by their network.
    Public(IpAddr),
    /// The bucket of callers who try credentials, by their network.
    SignIn(IpAddr),
    /// The bucket of callers who try the credentials of one account, from any address: a hash of the account's name. It
    /// has a quota of its own, with [`Limits::take_of`].
    Account([u8; 32]),
}

impl Bucket {
    /// Returns the name of the bucket's policy in the headers.
    const fn word(self) -> &'static str {
        match self {
            Self::Member(..) | Self::Client(..) => "caller",
            Self::Tenant(_) => "tenant",
            Self::Public(_) => "address",
            Self::SignIn(_) | Self::Account(_) => "sign-in",
        }
    }

    /// Returns the bucket of an address. A network of IPv6 counts as one address, because one customer has all of it.
    pub(crate) fn public(address: Option<IpAddr>) -> Self {
        Self::Public(network(address))
    }

    /// Returns the bucket of an address that tries credentials.
    pub(crate) fn sign_in(address: Option<IpAddr>) -> Self {
        Self::SignIn(network(address))
    }
}

/// Whether the bucket had a request left, and how long to wait if it had none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakenFromBucket {
    /// The bucket had a request left; `remaining` more are left now.
    One { remaining: u32 },
    /// The bucket was empty; it has a request again after `wait`.
    None { wait: Duration },
}

/// A store of buckets. Another implementation may keep them in a store that several processes share. It answers at
/// once, and grants the request if it cannot reach its store.
pub(crate) trait Buckets: Send + Sync {
    /// Takes one request from this bucket, which is filled by this quota.
    fn take(&self, bucket: Bucket, quota: Quota) -> TakenFromBucket;
}

/// The limits of the service.
pub(crate) struct Limits {
    quotas: Quotas,
    buckets: Box<dyn Buckets>,
}

impl Limits {
    /// Makes limits that are kept in this process, by this clock.
    pub(crate) fn in_process(quotas: Quotas, clock: Clock) -> Self {
        Self { quotas, buckets: Box::new(InProcess::new(clock)) }
    }

    /// Takes one request from the bucket, by the bucket's own quota. Returns 429 with the seconds to wait if the bucket
    /// is empty.
    pub(crate) fn take(&self, bucket: Bucket) -> (RateLimitState, Result<(), ApiError>) {
        let quota = match bucket {
            Bucket::Member(..) => self.quotas.member,
            Bucket::Client(..) => self.quotas.client,
            Bucket::Tenant(_) => self.quotas.tenant,
            Bucket::Public(_) => self.quotas.public,
            Bucket::SignIn(_) | Bucket::Account(_) => self.quotas.sign_in,
        };
        self.take_of(bucket, quota)
    }

    /// Takes one request from the bucket, by this quota. The same bucket always goes with the same quota.
    pub(crate) fn take_of(&self, bucket: Bucket, quota: Quota) -> (RateLimitState, Result<(), ApiError>) {
        let standing = |remaining, reset| RateLimitState { policy: bucket.word(), quota, remaining, reset };
        match self.buckets.take(bucket, quota) {
            TakenFromBucket::One { remaining } => {
                (standing(remaining, quota.seconds_for(quota.burst.get().saturating_sub(remaining))), Ok(()))
            }
            TakenFromBucket::None { wait } => {
                let seconds = whole_seconds(wait).max(1);
                (standing(0, seconds), Err(ApiError::too_many_requests(seconds)))
            }
        }
    }

    /// Takes one request from the bucket for an HTTP request, whose answer then says how much is left.
    pub(crate) fn take_for(&self, request: &HttpRequest, bucket: Bucket) -> Result<(), ApiError> {
        let (standing, taken) = self.take(bucket);
        request.extensions_mut().insert(standing);
        taken
    }

    /// Takes one request from the caller's own bucket, then one from the tenant's, for an HTTP request with a token.
    /// The answer does not say how much the tenant has left, because that would tell each member of staff how busy the
    /// others are.
    pub(crate) fn take_for_caller(
        &self,
        request: &HttpRequest,
        caller: Bucket,
        tenant: Option<Uuid>,
    ) -> Result<(), ApiError> {
        self.take_for(request, caller)?;
        match tenant {
            Some(tenant) => self.take(Bucket::Tenant(tenant)).1,
            None => Ok(()),
        }
    }
}

/// The rest of a caller's quota, for the headers of draft-ietf-httpapi-ratelimit-headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimitState {
    policy: &'static str,
    quota: Quota,
    remaining: u32,
    /// The number of seconds until the bucket is full again; after a refusal, until it has one request.
    reset: u64,
}

impl RateLimitState {
    /// Writes the headers. `q` is the number of requests at once, and `w` the number of seconds in which as many are
    /// available again.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let Self { policy, quota, remaining, reset } = self;
        let burst = quota.burst.get();
        let policy_value = format!("\"{policy}\";q={burst};w={}", quota.seconds_for(burst));
        for (name, value) in
            [("ratelimit-policy", policy_value), ("ratelimit", format!("\"{policy}\";r={remaining};t={reset}"))]
        {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Returns the time rounded up to whole seconds, so that a caller who waits so long does not come too early.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// The service's clock, which tests move, in the form that governor reads: nanoseconds that have passed. A clock that
/// is set back counts as having stood still for a moment. Otherwise everyone would be refused until it shows the same
/// time again.
#[derive(Clone)]
struct ServiceClock {
    clock: Clock,
    seen: Arc<Mutex<ClockReading>>,
}

#[derive(Default)]
struct ClockReading {
    shown: u64,
    passed: u64,
}

impl ServiceClock {
    fn new(clock: Clock) -> Self {
        Self { clock, seen: Arc::default() }
    }
}

impl GovernorClock for ServiceClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // A `u64` of nanoseconds is enough until the year 2262.
        let shown = u64::try_from(self.clock.now().timestamp_nanos_opt().unwrap_or(0)).unwrap_or(0);
        seen.passed += shown.saturating_sub(seen.shown);
        seen.shown = shown;
        Nanos::from(seen.passed)
    }
}

type Keyed = RateLimiter<Bucket, DefaultKeyedStateStore<Bucket>, ServiceClock, StateInformationMiddleware>;

/// The number of requests taken after which full buckets are removed.
const TAKINGS_BETWEEN_CLEARINGS: u32 = 10_000;

/// Buckets that are kept in this process. With several processes, each grants the whole quota.
struct InProcess {
    clock: ServiceClock,
    /// The limiters, by the quota that fills them: a handful, which comes with the settings.
    limiters: RwLock<HashMap<(NonZeroU32, NonZeroU32), Arc<Keyed>>>,
    takings: AtomicU32,
}

impl InProcess {
    fn new(clock: Clock) -> Self {
        Self { clock: ServiceClock::new(clock), limiters: RwLock::default(), takings: AtomicU32::new(0) }
    }

    fn limiter(&self, quota: Quota) -> Arc<Keyed> {
        let key = (quota.per_minute, quota.burst);
        let known = self.limiters.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.unwrap_or_else(|| {
            let mut limiters = self.limiters.write().unwrap_or_else(PoisonError::into_inner);
            let made = || {
                let governors = GovernorQuota::per_minute(quota.per_minute).allow_burst(quota.burst);
                Arc::new(RateLimiter::<_, _, _, StateInformationMiddleware>::new(
                    governors,
                    DefaultKeyedStateStore::default(),
                    self.clock.clone(),
                ))
            };
            limiters.entry(key).or_insert_with(made).clone()
        })
    }

    /// Removes every full bucket. This loses nothing, and the buckets of a million addresses that each made one request
    /// do not stay in memory.
    fn clear(&self) {
        for limiter in self.limiters.read().unwrap_or_else(PoisonError::into_inner).values() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

impl Buckets for InProcess {
    fn take(&self, bucket: Bucket, quota: Quota) -> TakenFromBucket {
        if self.takings.fetch_add(1, Ordering::Relaxed) % TAKINGS_BETWEEN_CLEARINGS == TAKINGS_BETWEEN_CLEARINGS - 1 {
            self.clear();
        }
        match self.limiter(quota).check_key(&bucket) {
            Ok(state) => TakenFromBucket::One { remaining: state.remaining_burst_capacity() },
            Err(refused) => {
                let wait = refused.earliest_possible().duration_since(self.clock.now());
                TakenFromBucket::None { wait: wait.into() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::ground::problem::Kind;

    fn quota(text: &str) -> Quota {
        Quota::parse(text).unwrap()
    }

    #[test]
    fn a_quota_is_two_numbers_above_nothing() {
        let parsed = quota("600/120");
        assert_eq!((parsed.per_minute.get(), parsed.burst.get()), (600, 120));
        for text in ["", "600", "600/", "/120", "0/1", "1/0", "-1/1", "600/120/1", "600 / 120"] {
            assert_eq!(Quota::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_bucket_gives_its_burst_and_then_at_its_pace_and_no_others() {
        let clock = Clock::new();
        let buckets = InProcess::new(clock.clone());
        let slow = quota("1/3");
        let (one, other) = (Bucket::Tenant(Uuid::from_u128(1)), Bucket::Tenant(Uuid::from_u128(2)));
        for remaining in [2, 1, 0] {
            assert_eq!(buckets.take(one, slow), TakenFromBucket::One { remaining });
        }
        let TakenFromBucket::None { wait } = buckets.take(one, slow) else { panic!("a fourth") };
        assert!(wait > Duration::from_secs(55) && wait <= Duration::from_mins(1), "{wait:?}");
        assert_eq!(buckets.take(other, slow), TakenFromBucket::One { remaining: 2 }, "another's is another's");
        clock.advance(TimeDelta::seconds(61));
        assert_eq!(buckets.take(one, slow), TakenFromBucket::One { remaining: 0 });
        assert!(matches!(buckets.take(one, slow), TakenFromBucket::None { .. }));
    }

    #[test]
    fn a_clock_that_is_set_back_shuts_nobody_out() {
        let clock = Clock::new();
        let buckets = InProcess::new(clock.clone());
        let (bucket, slow) = (Bucket::Tenant(Uuid::from_u128(1)), quota("1/2"));
        buckets.take(bucket, slow);
        clock.advance(TimeDelta::hours(-1));
        assert_eq!(buckets.take(bucket, slow), TakenFromBucket::One { remaining: 0 });
        clock.advance(TimeDelta::seconds(61));
        assert_eq!(buckets.take(bucket, slow), TakenFromBucket::One { remaining: 0 });
        assert!(matches!(buckets.take(bucket, slow), TakenFromBucket::None { .. }));
    }

    #[test]
    fn buckets_that_are_full_again_are_forgotten() {
        let clock = Clock::new();
        let buckets = InProcess::new(clock.clone());
        let quota = quota("60/10");
        for address in 0..TAKINGS_BETWEEN_CLEARINGS - 1 {
            buckets.take(Bucket::Public(IpAddr::from(std::net::Ipv4Addr::from_bits(address))), quota);
        }
        assert_eq!(buckets.limiter(quota).len(), TAKINGS_BETWEEN_CLEARINGS as usize - 1);
        clock.advance(TimeDelta::minutes(2));
        buckets.take(Bucket::public(None), quota);
        assert_eq!(buckets.limiter(quota).len(), 1);
    }

    #[test]
    fn the_headers_say_what_is_left_and_when_it_is_back() {
        let limits = Limits::in_process(
            Quotas {
                member: quota("60/2"),
                client: quota("60/2"),
                tenant: quota("60/2"),
                public: quota("60/2"),
                sign_in: quota("6/1"),
            },
            Clock::new(),
        );
        let written = |bucket| {
            let (standing, taken) = limits.take(bucket);
            let mut headers = HeaderMap::new();
            standing.write(&mut headers);
            let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
            (header("ratelimit-policy"), header("ratelimit"), taken.map_err(|error| error.kind))
        };
        let member = Bucket::Member("almoner:practice", Uuid::from_u128(1));
        let policy = || "\"caller\";q=2;w=2".to_owned();
        assert_eq!(written(member), (policy(), "\"caller\";r=1;t=1".to_owned(), Ok(())));
        assert_eq!(written(member), (policy(), "\"caller\";r=0;t=2".to_owned(), Ok(())));
        assert_eq!(written(member), (policy(), "\"caller\";r=0;t=1".to_owned(), Err(Kind::TooManyRequests)));
        let sign_in = Bucket::sign_in(None);
        assert_eq!(written(sign_in), ("\"sign-in\";q=1;w=10".to_owned(), "\"sign-in\";r=0;t=10".to_owned(), Ok(())));
        assert_eq!(written(sign_in).2, Err(Kind::TooManyRequests));
    }
}
