//! An authenticator app, as people have it on their telephone, for the demonstration and the tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use almoner_persistence::access::second_factor::{Factor, TotpSecret};
use almoner_persistence::{Request, Store, StoreError, access::accounts, access::invitations};
use chrono::{DateTime, TimeDelta, Utc};

use crate::Failure;

/// The time for which an authenticator shows a code, in seconds.
pub(crate) const CODE_SECONDS: i64 = 30;

/// An authenticator for accounts that all have the same secret. An account can use each code once, so it remembers the last
/// code that each account was given.
pub struct Authenticator {
    secret: TotpSecret,
    accounts: Mutex<BTreeMap<String, Account>>,
}

/// The state that the authenticator keeps of one account.
#[derive(Default)]
struct Account {
    last_step: i64,
    recovery_codes: Vec<String>,
    /// The account's own secret, if it is not the common one.
    secret: Option<TotpSecret>,
}

impl Authenticator {
    /// Makes an authenticator whose common secret is given in base32; `None` if it is not base32.
    pub fn new(secret: &str) -> Option<Self> {
        TotpSecret::from_base32(secret).map(|secret| Self { secret, accounts: Mutex::default() })
    }

    /// Gives the second factor with which an account signs in at this time: the code of this moment or the next, if it has not
    /// been used; otherwise a recovery code.
    pub fn factor(&self, email: &str, at: DateTime<Utc>) -> Option<Factor> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let account = accounts.entry(email.to_owned()).or_default();
        let now = at.timestamp() / CODE_SECONDS;
        let step = now.max(account.last_step + 1);
        if step > now + 1 {
            return account.recovery_codes.pop().map(Factor::RecoveryCode);
        }
        account.last_step = step;
        let secret = account.secret.as_ref().unwrap_or(&self.secret);
        DateTime::from_timestamp(step * CODE_SECONDS, 0).map(|at| Factor::Code(secret.code(at)))
    }

    /// Replaces the secret and the recovery codes of one account, which has just used a code of the new secret.
    pub fn change(&self, email: &str, secret: TotpSecret, recovery_codes: Vec<String>) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let account = accounts.entry(email.to_owned()).or_default();
        (account.secret, account.recovery_codes) = (Some(secret), recovery_codes);
    }

    /// Accepts an invitation with the hash of a password. A person who already has an account joins with that account. If the code
    /// went out of date on the way, the next one is tried.
    pub fn accept(&self, store: &Store, token: &str, password_hash: &str) -> Result<(), Failure> {
        self.accept_now(store, token, password_hash).or_else(|_| self.accept_now(store, token, password_hash))
    }

    fn accept_now(&self, store: &Store, token: &str, password_hash: &str) -> Result<(), Failure> {
        let request = Request::of_our_own(uuid::Uuid::nil());
        let shown_before = self.secret.code(store.clock().now() - TimeDelta::seconds(CODE_SECONDS));
        let (email, codes) = store.identity(request, |scope| {
            let invitation = invitations::find(scope, token)?.ok_or(StoreError::NotFound)?;
            let codes = match accounts::find(scope, &invitation.email)? {
                Some(known) => {
                    invitations::join(scope, &invitation, known.account_id)?;
                    Vec::new()
                }
                None => invitations::take_up(scope, &invitation, password_hash, &self.secret, &shown_before)?
                    .ok_or(StoreError::NotFound)?,
            };
            Ok::<_, StoreError>((invitation.email, codes))
        })?;
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let account = accounts.entry(email).or_default();
        account.last_step = account.last_step.max(store.clock().now().timestamp() / CODE_SECONDS - 1);
        account.recovery_codes.extend(codes);
        Ok(())
    }
}
