//! The signed heads of the audit log's chains. They are written to a file outside the database, so that a chain which
//! somebody rewrites with all its hashes no longer matches what was signed before.
//!
//! A line is a JWS in compact form (RFC 7515), signed with Ed25519. The file is only ever added to.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use almoner_persistence::audit::{self, ChainName, Head};
use almoner_persistence::{Store, StoreError};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The type of the JWS, so that nothing else that the key may come to sign is taken for a head.
const TYPE: &str = "almoner-audit-head";

/// Signs heads, and remembers the last one of each chain.
pub struct Heads {
    signing: EncodingKey,
    verifying: DecodingKey,
    kid: String,
    file: PathBuf,
    signed: HashMap<ChainName, i64>,
}

/// The reason why heads cannot be signed, written or read.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// The key is not an Ed25519 private key as PKCS#8 in PEM.
    #[error("the key cannot be read: {0}")]
    Key(String),
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The path of the file.
        path: String,
        /// The reason that the system gives.
        source: std::io::Error,
    },
    /// A line of the file is not a head that this key signed.
    #[error("{path}, line {line}: not a head signed with this key")]
    Line {
        /// The path of the file.
        path: String,
        /// The number of the line, from 1.
        line: usize,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The claims of the JWT that signs the head of a chain.
#[derive(Serialize, Deserialize)]
struct SignedHeadClaims {
    owner: Uuid,
    chain: String,
    number: i64,
    hash: String,
    at: DateTime<Utc>,
}

impl Heads {
    /// Reads an Ed25519 private key (PKCS#8, PEM). Signed heads are appended to this file.
    pub fn new(pem: &str, file: impl Into<PathBuf>) -> Result<Self, HeadsError> {
        let unreadable = |error: jsonwebtoken::errors::Error| HeadsError::Key(error.to_string());
        let signing = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(unreadable)?;
        let jwk = Jwk::from_encoding_key(&signing, Algorithm::EdDSA).map_err(unreadable)?;
        let public = serde_json::to_vec(&jwk.algorithm).map_err(|error| HeadsError::Key(error.to_string()))?;
        let verifying = DecodingKey::from_jwk(&jwk).map_err(unreadable)?;
        let kid = HEXLOWER.encode(&Sha256::digest(public)[..8]);
        Ok(Self { signing, verifying, kid, file: file.into(), signed: HashMap::new() })
    }

    /// Signs the head of every chain that has grown since, and appends them to the file. Returns how many it signed.
    pub fn append(&mut self, store: &Store) -> Result<usize, HeadsError> {
        let heads = store.worker::<_, StoreError>(None, audit::heads)?;
        let moved: Vec<Head> =
            heads.into_iter().filter(|head| self.signed.get(&head.name) != Some(&head.number)).collect();
        if moved.is_empty() {
            return Ok(0);
        }
        let at = store.clock().now();
        let mut lines = String::new();
        for head in &moved {
            lines.push_str(&self.sign(head, at)?);
            lines.push('\n');
        }
        self.write(lines.as_bytes())
            .map_err(|source| HeadsError::File { path: self.file.display().to_string(), source })?;
        let count = moved.len();
        self.signed.extend(moved.into_iter().map(|head| (head.name, head.number)));
        Ok(count)
    }

    fn sign(&self, head: &Head, at: DateTime<Utc>) -> Result<String, HeadsError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        let claims = SignedHeadClaims {
            owner: head.name.owner,
            chain: head.name.chain.clone(),
            number: head.number,
            hash: HEXLOWER.encode(&head.hash),
            at,
        };
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(|error| HeadsError::Key(error.to_string()))
    }

    fn write(&self, lines: &[u8]) -> std::io::Result<()> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.file)?;
        // A line that was half-written when the machine stopped stays on a line of its own, for people to judge.
        let mut last = [b'\n'];
        if file.seek(SeekFrom::End(-1)).is_ok() {
            file.read_exact(&mut last)?;
        }
        if last != [b'\n'] {
            file.write_all(b"\n")?;
        }
        file.write_all(lines)?;
        file.sync_data()
    }

    /// Reads the heads in a file, and checks their signatures with this key. The last line may be half-written; any other
    /// line that is not a signed head is an error.
    pub fn read(&self, path: &Path) -> Result<Vec<Head>, HeadsError> {
        let name = || path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| HeadsError::File { path: name(), source })?;
        let mut heads = Vec::new();
        for (n, line) in text.split_inclusive('\n').enumerate() {
            match self.open(line.trim()) {
                Some(head) => heads.push(head),
                None if line.trim().is_empty() || !line.ends_with('\n') => {}
                None => return Err(HeadsError::Line { path: name(), line: n + 1 }),
            }
        }
        Ok(heads)
    }

    fn open(&self, line: &str) -> Option<Head> {
        let header = jsonwebtoken::decode_header(line).ok()?;
        if header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<SignedHeadClaims>(line, &self.verifying, &validation).ok()?.claims;
        let hash = HEXLOWER.decode(claims.hash.as_bytes()).ok()?;
        let name = ChainName { owner: claims.owner, chain: claims.chain };
        Some(Head { name, number: claims.number, hash })
    }
}

impl std::fmt::Debug for Heads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Heads").field("kid", &self.kid).field("file", &self.file).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a signer for these tests, with an Ed25519 key in PKCS#8.
    fn heads(seed: u8) -> Heads {
        let mut der = HEXLOWER.decode(b"302e020100300506032b657004220420").unwrap();
        der.extend([seed; 32]);
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", data_encoding::BASE64.encode(&der));
        Heads::new(&pem, std::env::temp_dir().join(format!("almoner-heads-{seed}-{}", std::process::id()))).unwrap()
    }

    fn head(number: i64) -> Head {
        let name = ChainName { owner: Uuid::from_u128(7), chain: "practice".to_owned() };
        Head { name, number, hash: vec![9; 32] }
    }

    fn signed(heads: &Heads, number: i64) -> String {
        heads.sign(&head(number), DateTime::from_timestamp(1_800_000_000, 0).unwrap()).unwrap()
    }

    #[test]
    fn what_is_signed_is_read_again_and_only_with_its_key() {
        let (heads, others) = (heads(1), self::heads(2));
        let line = signed(&heads, 3);
        assert_eq!(heads.open(&line), Some(head(3)));
        assert_eq!(others.open(&line), None, "another's key");
        for at in [3, line.len() / 2, line.len() - 3] {
            let mut changed = line.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(heads.open(&String::from_utf8(changed).unwrap()), None, "character {at}");
        }
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        let claims = serde_json::json!({
            "owner": Uuid::from_u128(7), "chain": "practice", "number": 3, "hash": "09", "at": "2026-11-20T10:00:00Z",
        });
        let token = jsonwebtoken::encode(&header, &claims, &heads.signing).unwrap();
        assert_eq!(heads.open(&token), None, "something else that the key signed");
    }

    #[test]
    fn a_file_is_added_to_and_a_line_that_is_no_head_is_a_fault_unless_it_is_the_last_half_written() {
        let heads = heads(3);
        let lines: Vec<String> = (1..=3).map(|number| signed(&heads, number) + "\n").collect();
        for line in &lines {
            heads.write(line.as_bytes()).unwrap();
        }
        let read = || heads.read(&heads.file).map(|heads| heads.iter().map(|head| head.number).collect::<Vec<_>>());
        assert_eq!(read().unwrap(), [1, 2, 3]);
        heads.write(&lines[0].as_bytes()[..20]).unwrap();
        assert_eq!(read().unwrap(), [1, 2, 3], "the machine stopped while it was written");
        heads.write(lines[0].as_bytes()).unwrap();
        assert!(matches!(read(), Err(HeadsError::Line { line: 4, .. })));
        let text = fs::read_to_string(&heads.file).unwrap();
        assert!(text.ends_with(&format!("\n{}", lines[0])), "what comes after has a line of its own");
        fs::remove_file(&heads.file).unwrap();
    }
}
