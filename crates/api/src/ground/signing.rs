//! The keys that sign access tokens. They are made here, kept by the store, and cached in memory for a short time.

use almoner_persistence::access::signing_keys::{self, NewSigningKey, Rotation, SigningKey};
use almoner_persistence::{Request, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The bytes before the 32 bytes of an Ed25519 private key in PKCS#8 (RFC 8410 §7).
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// A signing key in use.
pub(crate) struct Key {
    pub(crate) kid: String,
    pub(crate) signing: EncodingKey,
    pub(crate) verifying: DecodingKey,
    public: Jwk,
    active_from: DateTime<Utc>,
    retires_at: Option<DateTime<Utc>>,
}

impl Key {
    fn is_retired(&self, at: DateTime<Utc>) -> bool {
        self.retires_at.is_some_and(|retires_at| retires_at <= at)
    }
}

/// The signing keys that were not retired when they were loaded, in the order in which they sign.
pub(crate) struct Keys {
    keys: Vec<Key>,
    pub(crate) loaded_at: DateTime<Utc>,
}

impl Keys {
    /// Loads the keys from the store.
    pub(crate) fn load(store: &Store) -> Result<Self, StoreError> {
        store.identity(Request::of_our_own(Uuid::nil()), |scope| {
            let at = scope.at();
            Self::read(signing_keys::current(scope)?, at)
        })
    }

    pub(crate) fn read(kept: Vec<SigningKey>, loaded_at: DateTime<Utc>) -> Result<Self, StoreError> {
        let mut keys = kept.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        keys.sort_by(|one, other| (one.active_from, &one.kid).cmp(&(other.active_from, &other.kid)));
        Ok(Self { keys, loaded_at })
    }

    /// Returns the key that signs now: the one that became active last. If none has, as on a server whose clock is
    /// behind, it is the first.
    pub(crate) fn signer(&self, at: DateTime<Utc>) -> Option<&Key> {
        let held = || self.keys.iter().filter(|key| !key.is_retired(at));
        held().rfind(|key| key.active_from <= at).or_else(|| held().next())
    }

    /// Returns the key with this identifier, unless it is retired.
    pub(crate) fn find(&self, kid: &str, at: DateTime<Utc>) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid == kid && !key.is_retired(at))
    }

    /// Returns the public halves of the keys that are not retired.
    pub(crate) fn published(&self, at: DateTime<Utc>) -> JwkSet {
        JwkSet { keys: self.keys.iter().filter(|key| !key.is_retired(at)).map(|key| key.public.clone()).collect() }
    }
}

/// Makes a key ready. Its public half comes from the private one, which is sealed with its identifier: so nobody who can
/// write to the database puts another in its place.
fn read(kept: SigningKey) -> Result<Key, StoreError> {
    let unreadable = |error: jsonwebtoken::errors::Error| StoreError::Unreadable(format!("a signing key: {error}"));
    let kid = kept.kid.to_string();
    let signing = EncodingKey::from_ed_der(&kept.private_key);
    let mut public = Jwk::from_encoding_key(&signing, Algorithm::EdDSA).map_err(unreadable)?;
    public.common.key_id = Some(kid.clone());
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(Key {
        kid,
        signing,
        verifying: DecodingKey::from_jwk(&public).map_err(unreadable)?,
        public,
        active_from: kept.active_from,
        retires_at: kept.retires_at,
    })
}

/// Makes a new Ed25519 private key, as PKCS#8 in DER.
pub fn new_private_key() -> Zeroizing<Vec<u8>> {
    let seed = Zeroizing::new(almoner_persistence::random::bytes::<32>());
    Zeroizing::new([PKCS8.as_slice(), seed.as_slice()].concat())
}

/// Draws a key that signs tokens.
pub(crate) fn generate() -> NewSigningKey {
    let kid = uuid::Builder::from_random_bytes(almoner_persistence::random::bytes()).into_uuid();
    NewSigningKey { kid, private_key: new_private_key() }
}

/// Returns the keys to start with: those in the store or, if there are none, a first one.
pub(crate) fn first(store: &Store) -> Result<Keys, String> {
    let in_words = |error: StoreError| format!("the keys that sign tokens: {error}");
    let kept = Keys::load(store).map_err(in_words)?;
    if !kept.keys.is_empty() {
        return Ok(kept);
    }
    let new = generate();
    if store.console(|scope| signing_keys::begin(scope, &new)).map_err(in_words)? {
        tracing::info!(kid = %new.kid, "there was no key to sign tokens with; one was made");
    }
    Keys::load(store).map_err(in_words)
}

/// Makes a new key that succeeds the present ones, and returns its identifier. It signs from an hour from now, and the
/// others are refused one token's life later. With `at_once`, it signs now and the others are refused now.
pub fn rotate_signing_keys(store: &Store, token_life: std::time::Duration, at_once: bool) -> Result<Uuid, String> {
    let token_life = TimeDelta::from_std(token_life).map_err(|error| error.to_string())?;
    let how = if at_once { Rotation::AtOnce } else { Rotation::Overlapping { token_life } };
    let new = generate();
    store.console(|scope| signing_keys::rotate(scope, &new, how)).map_err(|error: StoreError| error.to_string())?;
    Ok(new.kid)
}
