//! The signed heads of the audit log's chains. They are written to a file outside the database, so that a chain which
//! somebody rewrites with all its hashes no longer matches what was signed before. The breaks that an operator enters after a
//! restore stand in the same file.
//!
//! A line is a JWS in compact form (RFC 7515), signed with Ed25519. The file is only ever added to.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use almoner_domain::words::text::Line;
use almoner_persistence::audit::{self, Break, ChainName, Head, Place, Signed, SignedHead};
use almoner_persistence::{Store, StoreError};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The type of the JWS, so that nothing else that the key may come to sign is taken for a head.
const HEAD: &str = "almoner-audit-head";

/// The type of the JWS of a break.
const BREAK: &str = "almoner-audit-break";

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
    /// A line of the file is neither a head nor a break that this key signed.
    #[error("{path}, line {line}: not a head or a break signed with this key")]
    Line {
        /// The path of the file.
        path: String,
        /// The number of the line, from 1.
        line: usize,
    },
    /// A break has no operator or no reason.
    #[error("{0}")]
    Break(String),
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

/// The claims of the JWT that signs a break.
#[derive(Serialize, Deserialize)]
struct SignedBreakClaims {
    owner: Uuid,
    chain: String,
    from_number: i64,
    from_hash: String,
    to_number: i64,
    to_hash: String,
    after: i64,
    at: DateTime<Utc>,
    by: Line<200>,
    reason: Line<1000>,
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
            lines.push_str(&self.sign_head(head, at)?);
            lines.push('\n');
        }
        self.append_lines(&lines)?;
        let count = moved.len();
        self.signed.extend(moved.into_iter().map(|head| (head.name, head.number)));
        Ok(count)
    }

    /// Signs breaks, and appends them to the file.
    pub fn enter(&self, breaks: &[Break]) -> Result<(), HeadsError> {
        let mut lines = String::new();
        for one in breaks {
            lines.push_str(&self.sign_break(one)?);
            lines.push('\n');
        }
        self.append_lines(&lines)
    }

    fn sign_head(&self, head: &Head, at: DateTime<Utc>) -> Result<String, HeadsError> {
        let claims = SignedHeadClaims {
            owner: head.name.owner,
            chain: head.name.chain.clone(),
            number: head.number,
            hash: HEXLOWER.encode(&head.hash),
            at,
        };
        self.sign(HEAD, &claims)
    }

    fn sign_break(&self, one: &Break) -> Result<String, HeadsError> {
        let unfit = |what: &str| HeadsError::Break(format!("{what}: expected a line of text"));
        let claims = SignedBreakClaims {
            owner: one.name.owner,
            chain: one.name.chain.clone(),
            from_number: one.from.number,
            from_hash: HEXLOWER.encode(&one.from.hash),
            to_number: one.to.number,
            to_hash: HEXLOWER.encode(&one.to.hash),
            after: one.after,
            at: one.at,
            by: Line::parse(&one.by).map_err(|_| unfit("the operator"))?,
            reason: Line::parse(&one.reason).map_err(|_| unfit("the reason"))?,
        };
        self.sign(BREAK, &claims)
    }

    fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, HeadsError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.signing).map_err(|error| HeadsError::Key(error.to_string()))
    }

    fn append_lines(&self, lines: &str) -> Result<(), HeadsError> {
        self.write(lines.as_bytes())
            .map_err(|source| HeadsError::File { path: self.file.display().to_string(), source })
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

    /// Reads the heads and the breaks in a file, and checks their signatures with this key. The last line may be half-written;
    /// any other line that is neither is an error.
    pub fn read(&self, path: &Path) -> Result<Signed, HeadsError> {
        let name = || path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| HeadsError::File { path: name(), source })?;
        let mut signed = Signed::default();
        for (n, line) in text.split_inclusive('\n').enumerate() {
            let jws = line.trim();
            if let Some(head) = self.open_head(jws) {
                signed.heads.push(head);
            } else if let Some(one) = self.open_break(jws) {
                signed.breaks.push(one);
            } else if !jws.is_empty() && line.ends_with('\n') {
                return Err(HeadsError::Line { path: name(), line: n + 1 });
            }
        }
        Ok(signed)
    }

    fn open_head(&self, line: &str) -> Option<SignedHead> {
        let claims: SignedHeadClaims = self.open(HEAD, line)?;
        let name = ChainName { owner: claims.owner, chain: claims.chain };
        let hash = HEXLOWER.decode(claims.hash.as_bytes()).ok()?;
        Some(SignedHead { head: Head { name, number: claims.number, hash }, at: claims.at })
    }

    fn open_break(&self, line: &str) -> Option<Break> {
        let claims: SignedBreakClaims = self.open(BREAK, line)?;
        let place = |number, hash: &str| Some(Place { number, hash: HEXLOWER.decode(hash.as_bytes()).ok()? });
        Some(Break {
            name: ChainName { owner: claims.owner, chain: claims.chain },
            from: place(claims.from_number, &claims.from_hash)?,
            to: place(claims.to_number, &claims.to_hash)?,
            after: claims.after,
            at: claims.at,
            by: claims.by.as_str().to_owned(),
            reason: claims.reason.as_str().to_owned(),
        })
    }

    fn open<Claims: DeserializeOwned>(&self, kind: &str, line: &str) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(line).ok()?;
        if header.typ.as_deref() != Some(kind) {
            return None;
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Some(jsonwebtoken::decode(line, &self.verifying, &validation).ok()?.claims)
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

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn signed(heads: &Heads, number: i64) -> String {
        heads.sign_head(&head(number), at()).unwrap()
    }

    fn broken() -> Break {
        let place = |number, byte| Place { number, hash: vec![byte; 32] };
        Break {
            name: head(1).name,
            from: place(30, 3),
            to: place(17, 1),
            after: 10,
            at: at(),
            by: "An Operator".to_owned(),
            reason: "restored to 04:52 after the disc failed".to_owned(),
        }
    }

    #[test]
    fn what_is_signed_is_read_again_and_only_with_its_key() {
        let (heads, others) = (heads(1), self::heads(2));
        let line = signed(&heads, 3);
        assert_eq!(heads.open_head(&line), Some(SignedHead { head: head(3), at: at() }));
        assert_eq!(others.open_head(&line), None, "another's key");
        for at in [3, line.len() / 2, line.len() - 3] {
            let mut changed = line.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(heads.open_head(&String::from_utf8(changed).unwrap()), None, "character {at}");
        }
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        let claims = serde_json::json!({
            "owner": Uuid::from_u128(7), "chain": "practice", "number": 3, "hash": "09", "at": "2026-11-20T10:00:00Z",
        });
        let token = jsonwebtoken::encode(&header, &claims, &heads.signing).unwrap();
        assert_eq!(heads.open_head(&token), None, "something else that the key signed");
    }

    #[test]
    fn a_break_is_read_again_and_only_with_its_key_and_as_what_it_is() {
        let (heads, others) = (heads(4), self::heads(5));
        let line = heads.sign_break(&broken()).unwrap();
        assert_eq!(heads.open_break(&line), Some(broken()));
        assert_eq!(others.open_break(&line), None, "another's key");
        assert_eq!((heads.open_head(&line), heads.open_break(&signed(&heads, 3))), (None, None));
        for at in [3, line.len() / 2, line.len() - 3] {
            let mut changed = line.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(heads.open_break(&String::from_utf8(changed).unwrap()), None, "character {at}");
        }
        let claims = serde_json::json!({ "by": "An Operator", "reason": "restored" });
        for kind in [HEAD, BREAK] {
            let half = heads.sign(kind, &claims).unwrap();
            assert_eq!((heads.open_head(&half), heads.open_break(&half)), (None, None), "{kind} without its places");
        }
        for (by, reason) in [("", "restored"), ("An Operator", ""), ("An Operator", " \u{200b} ")] {
            let unfit = Break { by: by.to_owned(), reason: reason.to_owned(), ..broken() };
            assert!(matches!(heads.sign_break(&unfit), Err(HeadsError::Break(_))), "{by:?} {reason:?}");
        }
    }

    #[test]
    fn a_file_is_added_to_and_a_line_that_is_no_head_is_a_fault_unless_it_is_the_last_half_written() {
        let heads = heads(3);
        let lines: Vec<String> = (1..=3).map(|number| signed(&heads, number) + "\n").collect();
        for line in &lines {
            heads.write(line.as_bytes()).unwrap();
        }
        let read = || {
            let signed = heads.read(&heads.file)?;
            Ok::<_, HeadsError>(signed.heads.iter().map(|signed| signed.head.number).collect::<Vec<_>>())
        };
        assert_eq!(read().unwrap(), [1, 2, 3]);
        heads.write(&lines[0].as_bytes()[..20]).unwrap();
        assert_eq!(read().unwrap(), [1, 2, 3], "the machine stopped while it was written");
        heads.write(lines[0].as_bytes()).unwrap();
        assert!(matches!(read(), Err(HeadsError::Line { line: 4, .. })));
        let text = fs::read_to_string(&heads.file).unwrap();
        assert!(text.ends_with(&format!("\n{}", lines[0])), "what comes after has a line of its own");
        fs::remove_file(&heads.file).unwrap();
        heads.write(lines[0].as_bytes()).unwrap();
        heads.enter(&[broken(), broken()]).unwrap();
        let all = heads.read(&heads.file).unwrap();
        assert_eq!((all.heads.len(), all.breaks), (1, vec![broken(), broken()]));
        fs::remove_file(&heads.file).unwrap();
    }
}
