//! The second factor: time-based one-time passwords (TOTP, RFC 6238) and recovery codes. Each code can be used once.

use almoner_domain::ids::AccountId;
use almoner_domain::words::characters::letters_and_digits;
use chrono::{DateTime, Utc};
use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE};
use diesel::prelude::*;
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::ground::error::StoreError;
use crate::ground::prepared::{insert_rows, update};
use crate::ground::random;
use crate::ground::schema::{accounts, recovery_codes};
use crate::ground::scope::Scope;
use crate::ground::sealing::SealedField;

/// The number of recovery codes of an account.
const RECOVERY_CODES: usize = 10;

/// A second factor that a caller sends.
pub enum Factor {
    /// The six digits that the caller's authenticator shows.
    Code(String),
    /// One of the caller's recovery codes.
    RecoveryCode(String),
}

/// A secret of 160 bits, shared with the holder's authenticator alone (RFC 4226 §4).
pub struct TotpSecret(Zeroizing<Vec<u8>>);

impl TotpSecret {
    pub(crate) fn draw() -> Self {
        Self(Zeroizing::new(random::bytes::<20>().to_vec()))
    }

    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the secret from base32, as an authenticator is given it.
    pub fn from_base32(text: &str) -> Option<Self> {
        BASE32_NOPAD_NOCASE.decode(text.as_bytes()).ok().map(Self::from_bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret in base32, for typing into an authenticator.
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0))
    }

    /// The secret as an `otpauth` address, for an authenticator's camera.
    pub fn address(&self, email: &str) -> Result<Zeroizing<String>, StoreError> {
        let totp = self.builder().with_issuer(Some("Almoner")).with_account_name(email).build();
        totp.and_then(|totp| totp.to_url()).map(Zeroizing::new).map_err(StoreError::unreadable)
    }

    fn builder(&self) -> Builder {
        Builder::new().with_secret(Secret::from(self.0.to_vec()))
    }

    fn totp(&self) -> Totp {
        self.builder().build_noncompliant()
    }

    /// The code at a moment, as an authenticator shows it.
    pub fn code(&self, at: DateTime<Utc>) -> String {
        self.totp().generate(seconds(at)).to_string()
    }

    /// The time step of a code: the present step, the one before it or the one after it.
    fn step_of(&self, code: &str, at: DateTime<Utc>) -> Option<i64> {
        let code = letters_and_digits(code);
        if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.totp().check(&code, seconds(at)).and_then(|step| i64::try_from(step).ok())
    }
}

fn seconds(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp()).unwrap_or(0)
}

fn sealed_field(account: AccountId, column: &'static str) -> SealedField {
    SealedField { owner: account.uuid(), table: "accounts", column, row: account.uuid() }
}

/// The hash that is kept of a recovery code, however it is typed. Nobody can guess 80 random bits, so a plain hash is enough.
fn hash(code: &str) -> Vec<u8> {
    Sha256::digest(letters_and_digits(code).as_bytes()).to_vec()
}

/// Makes a secret the account's second factor, and replaces its recovery codes. The code proves that the authenticator has
/// the secret, and cannot be used again.
pub(crate) fn install(
    scope: &mut Scope<'_>,
    account: AccountId,
    secret: &TotpSecret,
    code: &str,
) -> Result<Option<Vec<String>>, StoreError> {
    let Some(step) = secret.step_of(code, scope.at()) else { return Ok(None) };
    let sealed = scope.root_key(account.uuid())?.seal(sealed_field(account, "totp_secret"), secret.bytes())?;
    let installed = update(accounts::table.find(account.uuid()))
        .set((
            accounts::totp_secret.eq(sealed),
            accounts::totp_pending.eq(None::<Vec<u8>>),
            accounts::totp_last_step.eq(step),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(installed, "the account")?;
    replace_recovery_codes(scope, account).map(Some)
}

/// Draws new recovery codes. The earlier codes stop working.
pub(crate) fn replace_recovery_codes(scope: &mut Scope<'_>, account: AccountId) -> Result<Vec<String>, StoreError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account.uuid()))).execute(scope.conn)?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| draw_recovery_code()).collect();
    let rows: Vec<_> = codes
        .iter()
        .map(|code| (recovery_codes::account_id.eq(account.uuid()), recovery_codes::code_hash.eq(hash(code))))
        .collect();
    insert_rows!(scope.conn, recovery_codes, rows)?;
    Ok(codes)
}

fn draw_recovery_code() -> String {
    let letters = BASE32_NOPAD.encode(&random::bytes::<10>()).to_lowercase();
    [&letters[..4], &letters[4..8], &letters[8..12], &letters[12..]].join("-")
}

/// Keeps a secret that becomes the account's second factor once a code of it is shown.
pub(crate) fn propose(scope: &mut Scope<'_>, account: AccountId) -> Result<TotpSecret, StoreError> {
    let secret = TotpSecret::draw();
    let sealed = scope.root_key(account.uuid())?.seal(sealed_field(account, "totp_pending"), secret.bytes())?;
    let kept =
        update(accounts::table.find(account.uuid())).set(accounts::totp_pending.eq(sealed)).execute(scope.conn)?;
    StoreError::unless_changed(kept, "the account")?;
    Ok(secret)
}

/// The secret that was proposed as the account's next second factor.
pub(crate) fn proposed(scope: &mut Scope<'_>, account: AccountId) -> Result<Option<TotpSecret>, StoreError> {
    let sealed: Option<Vec<u8>> =
        accounts::table.find(account.uuid()).select(accounts::totp_pending).first(scope.conn)?;
    let Some(sealed) = sealed else { return Ok(None) };
    let bytes: Vec<u8> = scope.root_key(account.uuid())?.open(sealed_field(account, "totp_pending"), &sealed)?;
    Ok(Some(TotpSecret::from_bytes(bytes)))
}

/// Whether the factor is the account's. A code that was accepted is not accepted again, nor by two requests at once.
pub(crate) fn prove(scope: &mut Scope<'_>, account: AccountId, factor: &Factor) -> Result<bool, StoreError> {
    match factor {
        Factor::Code(code) => prove_code(scope, account, code),
        Factor::RecoveryCode(code) => {
            let used = update(
                recovery_codes::table.find((account.uuid(), hash(code))).filter(recovery_codes::used_at.is_null()),
            )
            .set(recovery_codes::used_at.eq(scope.at()))
            .execute(scope.conn)?;
            Ok(used == 1)
        }
    }
}

fn prove_code(scope: &mut Scope<'_>, account: AccountId, code: &str) -> Result<bool, StoreError> {
    let sealed: Option<Option<Vec<u8>>> =
        accounts::table.find(account.uuid()).select(accounts::totp_secret).first(scope.conn).optional()?;
    let Some(sealed) = sealed.flatten() else { return Ok(false) };
    let bytes: Vec<u8> = scope.root_key(account.uuid())?.open(sealed_field(account, "totp_secret"), &sealed)?;
    let Some(step) = TotpSecret::from_bytes(bytes).step_of(code, scope.at()) else { return Ok(false) };
    let used = update(accounts::table.find(account.uuid()))
        .filter(accounts::totp_last_step.is_null().or(accounts::totp_last_step.lt(step)))
        .set(accounts::totp_last_step.eq(step))
        .execute(scope.conn)?;
    Ok(used == 1)
}

/// The number of recovery codes that an account has left.
pub(crate) fn recovery_codes_left(scope: &mut Scope<'_>, account: AccountId) -> Result<i64, StoreError> {
    Ok(recovery_codes::table
        .filter(recovery_codes::account_id.eq(account.uuid()).and(recovery_codes::used_at.is_null()))
        .count()
        .get_result(scope.conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // RFC 6238, Appendix B, the last six of its eight digits.
        let secret = TotpSecret::from_bytes(b"12345678901234567890".to_vec());
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(secret.code(at(second)), code);
            assert_eq!(secret.step_of(code, at(second)), Some(second / 30));
            assert_eq!(secret.step_of(code, at(second + 30)), Some(second / 30), "a step late");
            assert_eq!(secret.step_of(code, at(second + 60)), None, "two steps late");
        }
        for typed in ["287 082", "287-082", " 287\u{a0}082\u{200b}", "２８７０８２"] {
            assert_eq!(secret.step_of(typed, at(59)), Some(1), "{typed}");
        }
        for wrong in ["", "28708", "2870822", "28708a", "٢٨٧٠٨٢"] {
            assert_eq!(secret.step_of(wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn a_recovery_code_is_the_same_however_it_is_typed() {
        let code = draw_recovery_code();
        assert_eq!(code.len(), 19);
        assert_eq!(hash(&code), hash(&code.to_uppercase().replace('-', " ")));
        assert_eq!(hash(&code), hash(&code.replace('-', "\u{2011}\u{200b}")));
    }
}
