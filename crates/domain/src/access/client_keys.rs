//! The public keys by which a client's signatures are checked.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Object;

use crate::fault::InvalidValue;
use crate::words::closed_list::one_of;

/// The greatest number of keys that a client may have: two for a rotation, and some to spare.
const MOST: usize = 5;

/// A client's public keys: a JSON Web Key Set (RFC 7517 §5) of 1 to 5 keys, without a private or a symmetric one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Unchecked")]
#[schema(example = json!({ "keys": [{
    "kty": "OKP", "crv": "Ed25519", "kid": "2026-11", "alg": "EdDSA", "use": "sig",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}] }))]
pub struct ClientKeys {
    /// The public keys, 1 to 5.
    #[schema(min_items = 1, max_items = 5)]
    pub keys: Vec<ClientKey>,
}

/// One public key (RFC 7517, RFC 7518 §6, RFC 8037): Ed25519 (for `EdDSA`), P-256 (for `ES256`), or RSA of 2,048 to 4,096
/// bits (for `PS256`). Members that a public key does not have are refused, the private ones among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientKey {
    /// The key's type: `OKP`, `EC` or `RSA`.
    #[schema(schema_with = key_type)]
    pub kty: String,
    /// The key's identifier, which an assertion's header names. Each key has its own. It may be left out if there is
    /// only one key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    pub kid: Option<String>,
    /// The algorithm that the key is for: `EdDSA`, `ES256` or `PS256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = algorithm)]
    pub alg: Option<String>,
    /// The key's use, which is always `sig`.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = usage)]
    pub usage: Option<String>,
    /// The key's curve: `Ed25519` or `P-256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = curve)]
    pub crv: Option<String>,
    /// The x coordinate of an `OKP` or `EC` key: 32 bytes in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 43, pattern = "^[A-Za-z0-9_-]*$")]
    pub x: Option<String>,
    /// The y coordinate of an `EC` key: 32 bytes in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 43, pattern = "^[A-Za-z0-9_-]*$")]
    pub y: Option<String>,
    /// The modulus of an `RSA` key, in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 683, pattern = "^[A-Za-z0-9_-]*$")]
    pub n: Option<String>,
    /// The exponent of an `RSA` key, in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 12, pattern = "^[A-Za-z0-9_-]*$")]
    pub e: Option<String>,
}

fn key_type() -> Object {
    one_of("The key's type.", &["OKP", "EC", "RSA"])
}

fn algorithm() -> Object {
    one_of("The algorithm that the key is for, which goes with its type.", &["EdDSA", "ES256", "PS256"])
}

fn usage() -> Object {
    one_of("The key's use.", &["sig"])
}

fn curve() -> Object {
    one_of("The key's curve: `Ed25519` for `OKP`, `P-256` for `EC`, and none for `RSA`.", &["Ed25519", "P-256"])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    keys: Vec<ClientKey>,
}

impl TryFrom<Unchecked> for ClientKeys {
    type Error = InvalidValue;

    fn try_from(set: Unchecked) -> Result<Self, InvalidValue> {
        let keys = set.keys;
        if !(1..=MOST).contains(&keys.len()) {
            return Err(InvalidValue::new("must have 1 to 5 keys"));
        }
        for key in &keys {
            key.check()?;
        }
        let named: BTreeSet<_> = keys.iter().filter_map(|key| key.kid.as_deref()).collect();
        if keys.len() > 1 && named.len() < keys.len() {
            return Err(InvalidValue::new("must have a kid of its own in each of several keys"));
        }
        Ok(Self { keys })
    }
}

impl ClientKeys {
    /// Finds the key that an assertion's header names. If the header names none, this is the client's only key.
    pub fn find(&self, kid: Option<&str>) -> Option<&ClientKey> {
        match (kid, self.keys.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(kid), keys) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
        }
    }
}

impl ClientKey {
    /// Returns the one algorithm that goes with the key (RFC 7518 §3.1). The header of an assertion does not choose it.
    pub fn algorithm(&self) -> &'static str {
        match self.kty.as_str() {
            "OKP" => "EdDSA",
            "EC" => "ES256",
            _ => "PS256",
        }
    }

    fn check(&self) -> Result<(), InvalidValue> {
        let crv = self.crv.as_deref();
        let bytes = |member: &Option<String>| {
            member.as_ref().and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok()).map_or(0, |bytes| bytes.len())
        };
        let (x, y, n, e) = (bytes(&self.x), bytes(&self.y), bytes(&self.n), bytes(&self.e));
        let none = |members: &[&Option<String>]| members.iter().all(|member| member.is_none());
        match self.kty.as_str() {
            "OKP" if crv == Some("Ed25519") && x == 32 && none(&[&self.y, &self.n, &self.e]) => {}
            "EC" if crv == Some("P-256") && (x, y) == (32, 32) && none(&[&self.n, &self.e]) => {}
            "RSA" if crv.is_none() && (256..=512).contains(&n) && (1..=8).contains(&e) && none(&[&self.x, &self.y]) => {
            }
            _ => {
                return Err(InvalidValue::new(
                    "must be public keys of Ed25519 (OKP), P-256 (EC) or RSA with 2048 to 4096 bits, whole and nothing besides",
                ));
            }
        }
        if self.alg.as_deref().is_some_and(|alg| alg != self.algorithm()) {
            return Err(InvalidValue::new(
                "must have no other alg than that of its kind: EdDSA (OKP), ES256 (EC), PS256 (RSA)",
            ));
        }
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err(InvalidValue::new("must be for signatures: use is sig, or left out"));
        }
        let fits = |kid: &String| (1..=100).contains(&kid.len()) && kid.bytes().all(|b| b.is_ascii_graphic());
        if !self.kid.as_ref().is_none_or(fits) {
            return Err(InvalidValue::new("must have kids of 1 to 100 letters, digits and signs"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn ed25519(kid: &str) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
    }

    fn read(keys: &[Value]) -> Result<ClientKeys, serde_json::Error> {
        serde_json::from_value(json!({ "keys": keys }))
    }

    #[test]
    fn each_kind_of_key_has_its_one_algorithm() {
        let coordinate = BASE64URL_NOPAD.encode(&[7; 32]);
        let p256 = json!({ "kty": "EC", "crv": "P-256", "kid": "b", "x": coordinate, "y": coordinate });
        let rsa = json!({ "kty": "RSA", "kid": "c", "n": BASE64URL_NOPAD.encode(&[255; 256]), "e": "AQAB" });
        let keys = read(&[ed25519("a"), p256, rsa]).unwrap();
        let algorithm = |kid| keys.find(Some(kid)).map(ClientKey::algorithm);
        assert_eq!([algorithm("a"), algorithm("b"), algorithm("c")], [Some("EdDSA"), Some("ES256"), Some("PS256")]);
        assert!(keys.find(None).is_none() && keys.find(Some("d")).is_none());
        assert!(read(&[ed25519("a")]).unwrap().find(None).is_some());
    }

    #[test]
    fn a_private_a_symmetric_a_weak_or_a_doubtful_key_is_refused() {
        let with = |name: &str, value: Value| {
            let mut key = ed25519("a");
            key[name] = value;
            key
        };
        for (what, key) in [
            ("private", with("d", json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))),
            ("symmetric", json!({ "kty": "oct", "k": "c2VjcmV0" })),
            ("a weak RSA key", json!({ "kty": "RSA", "n": BASE64URL_NOPAD.encode(&[255; 128]), "e": "AQAB" })),
            ("another curve", with("crv", json!("Ed448"))),
            ("cut", with("x", json!("11qYAYKxCrfVS"))),
            ("padded", with("x", json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="))),
            ("no point", json!({ "kty": "OKP", "crv": "Ed25519" })),
            ("two kinds at once", with("n", json!("AQAB"))),
            ("a symmetric algorithm", with("alg", json!("HS256"))),
            ("for encryption", with("use", json!("enc"))),
            ("without a name", with("kid", json!(""))),
            ("from elsewhere", with("x5u", json!("https://evil.example/"))),
        ] {
            assert!(read(&[key]).is_err(), "{what}");
        }
        assert!(read(&[]).is_err());
        assert!(read(&[ed25519("a"), ed25519("a")]).is_err(), "one name for two");
        let six: Vec<Value> = ["a", "b", "c", "d", "e", "f"].map(ed25519).to_vec();
        assert!(read(&six).is_err() && read(&six[..5]).is_ok());
    }
}
