//! The one source of identifiers, secrets and nonces.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use rand::RngExt;
use uuid::{ContextV7, Timestamp, Uuid};

/// Makes identifiers in order: two that one process makes sort in the order in which they were made.
#[derive(Debug)]
pub(crate) struct Ids(Mutex<ContextV7>);

impl Ids {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(ContextV7::new()))
    }

    /// A new identifier (UUID version 7) for this moment.
    pub(crate) fn next<Id: From<Uuid>>(&self, at: DateTime<Utc>) -> Id {
        let context = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(&*context, seconds, at.timestamp_subsec_nanos())).into()
    }
}

/// Random bytes fit for secrets and nonces.
#[expect(clippy::disallowed_methods, reason = "this is the one place that draws at random")]
pub fn bytes<const N: usize>() -> [u8; N] {
    rand::rng().random()
}

/// A secret of 160 bits, in letters and digits that are not mistaken for one another.
pub fn secret() -> String {
    data_encoding::BASE32_NOPAD.encode(&bytes::<20>()).to_lowercase()
}

/// A reference that can be read out: ten letters and digits in two groups, in an order that does not show how many there are.
pub fn reference(prefix: &str) -> String {
    let text = data_encoding::BASE32_NOPAD.encode(&bytes::<7>());
    format!("{prefix}-{}-{}", &text[..5], &text[5..10])
}
