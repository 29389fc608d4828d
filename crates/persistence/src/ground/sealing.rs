//! Sealed fields: names, numbers, contact and narrative are encrypted before they reach the database.
//!
//! A value is encrypted with AES-256-GCM under a key of the person's (or referral's, or complaint's) own. The owner's root
//! key wraps that key, and the master key wraps the root key. A sealed value is bound to its place: moved to another row,
//! column or owner, it does not open. Destroying a wrapped key erases what it sealed, backups of the records included.

use std::collections::BTreeMap;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::ground::error::StoreError;
use crate::ground::random;

/// The first byte of every sealed value. It names the layout of the rest: version of the key, nonce, ciphertext with tag.
const FORMAT: u8 = 1;
const NONCE: usize = 12;

/// A key of 256 bits, which is erased from memory when it is dropped.
#[derive(Clone)]
pub(crate) struct Key {
    version: u8,
    bytes: Zeroizing<[u8; 32]>,
}

/// The place of a sealed value. The value opens at no other.
#[derive(Clone, Copy)]
pub(crate) struct SealedField {
    pub(crate) owner: Uuid,
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: Uuid,
}

impl SealedField {
    pub(in crate::ground) fn bound(self) -> String {
        format!("{}|{}|{}|{}", self.owner, self.table, self.column, self.row)
    }
}

impl Key {
    pub(crate) fn new() -> Self {
        Self { version: 1, bytes: Zeroizing::new(random::bytes()) }
    }

    pub(crate) fn from_bytes(version: u8, bytes: [u8; 32]) -> Self {
        Self { version, bytes: Zeroizing::new(bytes) }
    }

    pub(crate) fn version(&self) -> u8 {
        self.version
    }

    /// Seals a value for its place.
    pub(crate) fn seal<T: Serialize + ?Sized>(
        &self,
        sealed_field: SealedField,
        value: &T,
    ) -> Result<Vec<u8>, StoreError> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(StoreError::unreadable)?);
        self.encrypt(sealed_field.bound().as_bytes(), &plain)
    }

    /// Opens a value that was sealed for this place.
    pub(crate) fn open<T: DeserializeOwned>(&self, sealed_field: SealedField, sealed: &[u8]) -> Result<T, StoreError> {
        let plain = self.decrypt(sealed_field.bound().as_bytes(), sealed)?;
        serde_json::from_slice(&plain).map_err(StoreError::unreadable)
    }

    /// Wraps a key of this owner's.
    pub(crate) fn wrap(&self, owner: Uuid, id: Uuid, key: &Self) -> Result<Vec<u8>, StoreError> {
        self.encrypt(format!("{owner}|key|{id}").as_bytes(), key.bytes.as_ref())
    }

    /// Unwraps a key of this owner's.
    pub(crate) fn unwrap_key(&self, owner: Uuid, id: Uuid, wrapped: &[u8]) -> Result<Self, StoreError> {
        let plain = self.decrypt(format!("{owner}|key|{id}").as_bytes(), wrapped)?;
        let bytes = <[u8; 32]>::try_from(plain.as_slice()).map_err(|_| StoreError::Sealed)?;
        Ok(Self::from_bytes(1, bytes))
    }

    /// A keyed hash for equality: only the same input under the same key and purpose gives the same hash.
    pub(crate) fn hash(&self, purpose: &str, input: &[u8]) -> Vec<u8> {
        let mut derived = Zeroizing::new([0_u8; 32]);
        if Hkdf::<Sha256>::new(None, self.bytes.as_ref()).expand(purpose.as_bytes(), derived.as_mut()).is_err() {
            unreachable!("HKDF-SHA-256 gives 32 bytes");
        }
        keyed_hash(derived.as_ref(), &[input]).to_vec()
    }

    /// The cipher of this key.
    pub(in crate::ground) fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.bytes).into())
    }

    fn encrypt(&self, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let nonce: [u8; NONCE] = random::bytes();
        let sealed = self
            .cipher()
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: bound })
            .map_err(|_| StoreError::Sealed)?;
        Ok([&[FORMAT, self.version], nonce.as_slice(), &sealed].concat())
    }

    fn decrypt(&self, bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let (header, rest) = sealed.split_at_checked(2).ok_or(StoreError::Sealed)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or(StoreError::Sealed)?;
        if header != [FORMAT, self.version] {
            return Err(StoreError::Sealed);
        }
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| StoreError::Sealed)?;
        self.cipher()
            .decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad: bound })
            .map(Zeroizing::new)
            .map_err(|_| StoreError::Sealed)
    }
}

/// HMAC-SHA-256 over the parts, each preceded by its length.
pub(crate) fn keyed_hash(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { unreachable!("HMAC takes a key of any length") };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The master keys, by version. The newest wraps; each unwraps what it has wrapped.
#[derive(Clone)]
pub struct MasterKeys {
    keys: BTreeMap<u8, Key>,
    newest: Key,
}

impl MasterKeys {
    /// Reads `1:BASE64[,2:BASE64 …]`: each key 32 bytes in base64, with its version from 1 to 255.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys = BTreeMap::new();
        for part in text.trim().split(',') {
            let (version, key) = part.trim().split_once(':').ok_or("expected VERSION:BASE64, such as 1:…")?;
            let version: u8 =
                version.parse().ok().filter(|v| *v > 0).ok_or("the version must be a number from 1 to 255")?;
            let bytes = Zeroizing::new(
                data_encoding::BASE64.decode(key.as_bytes()).map_err(|_| "the key must be in base64 (RFC 4648 §4)")?,
            );
            let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| "the key must be 32 bytes")?;
            if keys.insert(version, Key::from_bytes(version, bytes)).is_some() {
                return Err(format!("version {version} is given twice"));
            }
        }
        let newest = keys.last_key_value().map(|(_, key)| key.clone()).ok_or("no key is given")?;
        Ok(Self { keys, newest })
    }

    pub(crate) fn newest(&self) -> &Key {
        &self.newest
    }

    /// Opens a value that a master key sealed itself, whichever version it was.
    pub(crate) fn open<T: DeserializeOwned>(&self, sealed_field: SealedField, sealed: &[u8]) -> Result<T, StoreError> {
        let version = sealed.get(1).ok_or(StoreError::Sealed)?;
        self.keys.get(version).ok_or(StoreError::Sealed)?.open(sealed_field, sealed)
    }

    /// Unwraps an owner's root key with the master key that wrapped it.
    pub(crate) fn unwrap_root(&self, owner: Uuid, wrapped: &[u8]) -> Result<Key, StoreError> {
        let version = wrapped.get(1).ok_or(StoreError::Sealed)?;
        self.keys.get(version).ok_or(StoreError::Sealed)?.unwrap_key(owner, owner, wrapped)
    }
}

/// A key from the caller's Idempotency-Key, which is not stored. It seals a secret that an answer shows once.
pub(crate) fn under_passphrase(passphrase: &str) -> Key {
    Key::from_bytes(1, keyed_hash(b"almoner one-time secret", &[passphrase.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn sealed_field(row: u128) -> SealedField {
        SealedField { owner: Uuid::from_u128(1), table: "service_users", column: "details", row: Uuid::from_u128(row) }
    }

    #[test]
    fn row_45_what_is_sealed_opens_in_its_place_and_nowhere_else() {
        let key = Key::new();
        let sealed = key.seal(sealed_field(7), "Edith").unwrap();
        assert_eq!(key.open::<String>(sealed_field(7), &sealed).unwrap(), "Edith");
        assert!(key.open::<String>(sealed_field(8), &sealed).is_err(), "another row");
        assert!(
            key.open::<String>(SealedField { column: "message", ..sealed_field(7) }, &sealed).is_err(),
            "another column"
        );
        assert!(
            key.open::<String>(SealedField { owner: Uuid::from_u128(2), ..sealed_field(7) }, &sealed).is_err(),
            "another owner"
        );
        assert!(Key::new().open::<String>(sealed_field(7), &sealed).is_err(), "another key");
    }

    #[test]
    fn row_45_a_changed_or_cut_byte_is_noticed() {
        let key = Key::new();
        let sealed = key.seal(sealed_field(7), "Edith").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open::<String>(sealed_field(7), &changed).is_err(), "byte {at}");
            assert!(key.open::<String>(sealed_field(7), &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn row_45_no_nonce_comes_twice() {
        let key = Key::new();
        let nonces: BTreeSet<Vec<u8>> =
            (0..20_000).map(|_| key.seal(sealed_field(7), "Edith").unwrap()[2..2 + NONCE].to_vec()).collect();
        assert_eq!(nonces.len(), 20_000, "the same words in the same sealed_field under the same key");
    }

    #[test]
    fn row_45_master_keys_unwrap_what_an_older_version_wrapped() {
        let encode = |byte: u8| data_encoding::BASE64.encode(&[byte; 32]);
        let owner = Uuid::from_u128(5);
        let old = MasterKeys::parse(&format!("1:{}", encode(1))).unwrap();
        let root = Key::new();
        let wrapped = old.newest().wrap(owner, owner, &root).unwrap();
        let both = MasterKeys::parse(&format!("1:{},2:{}", encode(1), encode(2))).unwrap();
        assert_eq!(*both.unwrap_root(owner, &wrapped).unwrap().bytes, *root.bytes);
        let new = MasterKeys::parse(&format!("2:{}", encode(2))).unwrap();
        assert!(new.unwrap_root(owner, &wrapped).is_err());
        assert!(both.unwrap_root(Uuid::from_u128(6), &wrapped).is_err(), "another owner");
    }

    #[test]
    fn a_master_key_that_cannot_be_read_says_why() {
        for (text, why) in [("", "VERSION"), ("x:AAAA", "number"), ("1:AAAA", "32 bytes"), ("1:not base64", "base64")] {
            assert!(MasterKeys::parse(text).err().unwrap().contains(why), "{text}");
        }
    }
}
