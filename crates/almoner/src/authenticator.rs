//! An authenticator, as people have one on their telephone: for the demonstration, the tour and the tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use almoner_persistence::access::second_factor::{Factor, TotpSecret};
use almoner_persistence::{Request, Store, StoreError, access::accounts, access::invitations};
use chrono::{DateTime, TimeDelta, Utc};

use crate::serve::Failure;

/// How long a code is shown.
const STEP: i64 = 30;

/// Codes for accounts that all have the same secret. Each code serves an account once, so the next one of its own is given.
pub struct Authenticator {
    secret: TotpSecret,
    kept: Mutex<BTreeMap<String, Kept>>,
}

/// What its owner knows of an account.
#[derive(Default)]
struct Kept {
    last_step: i64,
    recovery_codes: Vec<String>,
    /// Where it is another than everybody's.
    secret: Option<TotpSecret>,
}

impl Authenticator {
    /// With this secret, in base32.
    pub fn new(secret: &str) -> Option<Self> {
        TotpSecret::from_base32(secret).map(|secret| Self { secret, kept: Mutex::default() })
    }

    /// What an account signs in with at this moment: a code that has not served, of now or the next; else a recovery code.
    pub fn factor(&self, email: &str, at: DateTime<Utc>) -> Option<Factor> {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(email.to_owned()).or_default();
        let now = at.timestamp() / STEP;
        let step = now.max(kept.last_step + 1);
        if step > now + 1 {
            return kept.recovery_codes.pop().map(Factor::RecoveryCode);
        }
        kept.last_step = step;
        let secret = kept.secret.as_ref().unwrap_or(&self.secret);
        DateTime::from_timestamp(step * STEP, 0).map(|at| Factor::Code(secret.code(at)))
    }

    /// Goes over to another secret for one account, a code of which has just served.
    pub fn change(&self, email: &str, secret: TotpSecret, recovery_codes: Vec<String>) {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(email.to_owned()).or_default();
        (kept.secret, kept.recovery_codes) = (Some(secret), recovery_codes);
    }

    /// Accepts an invitation with this password's hash; whoever has an account already joins with it.
    pub fn accept(&self, store: &Store, token: &str, password_hash: &str) -> Result<(), Failure> {
        let request = Request { id: uuid::Uuid::nil(), from: None };
        let shown_before = self.secret.code(store.clock().now() - TimeDelta::seconds(STEP));
        let (email, codes) = store.identity(request, |scope| {
            let invitation = invitations::find(scope, token)?.ok_or(StoreError::NotFound)?;
            let codes = match accounts::find(scope, &invitation.email)? {
                Some(account) => {
                    invitations::join(scope, &invitation, account.account_id)?;
                    Vec::new()
                }
                None => invitations::take_up(scope, &invitation, password_hash, &self.secret, &shown_before)?
                    .ok_or(StoreError::NotFound)?,
            };
            Ok::<_, StoreError>((invitation.email, codes))
        })?;
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(email).or_default();
        kept.last_step = kept.last_step.max(store.clock().now().timestamp() / STEP - 1);
        kept.recovery_codes.extend(codes);
        Ok(())
    }
}
