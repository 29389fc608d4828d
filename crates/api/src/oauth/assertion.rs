//! Client assertions: JWTs with which a client authenticates, for this service alone, short-lived and used once (RFC
//! 7523 §3).

use almoner_domain::access::client_keys::ClientKeys;
use almoner_domain::ids::ClientId;
use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// The greatest number of seconds until an assertion expires, for which its `jti` is remembered.
const LIFE: i64 = 300;

/// The number of seconds that the client's clock may be ahead (FAPI 2.0 §5.3.2.1).
const LEEWAY: i64 = 10;

/// The algorithms of the keys that a client may register.
pub(super) const ALGORITHMS: [&str; 3] = ["EdDSA", "ES256", "PS256"];

/// The subject that an assertion claims, before anything in it is verified.
#[derive(Deserialize)]
struct SubjectClaim {
    sub: String,
}

#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    /// The one audience. An assertion for several audiences could be presented here by another of them (FAPI 2.0
    /// §5.3.2.1).
    aud: String,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: String,
}

/// An assertion that the client signed, which must not be used again before it expires.
pub(super) struct ProvedAssertion {
    pub(super) jti: String,
    pub(super) expires_at: DateTime<Utc>,
}

/// Returns the client that an assertion names.
pub(super) fn client_named_in(assertion: &str) -> Option<String> {
    let claims = BASE64URL_NOPAD.decode(assertion.split('.').nth(1)?.as_bytes()).ok()?;
    serde_json::from_slice::<SubjectClaim>(&claims).ok().map(|named| named.sub)
}

/// Whether the client signed the assertion, for this issuer, and recently.
pub(super) fn verify(
    assertion: &str,
    client: ClientId,
    keys: &ClientKeys,
    issuer: &str,
    at: DateTime<Utc>,
) -> Option<ProvedAssertion> {
    let header = jsonwebtoken::decode_header(assertion).ok()?;
    let key = keys.find(header.kid.as_deref())?;
    // The key decides the algorithm, and the header may only agree.
    let algorithm: Algorithm = key.algorithm().parse().ok()?;
    let jwk: Jwk = serde_json::from_value(serde_json::to_value(key).ok()?).ok()?;
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_aud = false;
    // The expiry is checked below, by the service's own clock.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<AssertionClaims>(assertion, &DecodingKey::from_jwk(&jwk).ok()?, &validation)
        .ok()?
        .claims;

    let now = at.timestamp();
    let (id, soon) = (client.to_string(), now.saturating_add(LEEWAY));
    let is_ours = claims.iss == id && claims.sub == id && claims.aud == issuer;
    let is_timely = claims.exp > now
        && claims.exp <= now.saturating_add(LIFE)
        && claims.iat.is_none_or(|iat| iat <= soon)
        && claims.nbf.is_none_or(|nbf| nbf <= soon);
    let is_named = (1..=255).contains(&claims.jti.len());
    let expires_at = DateTime::from_timestamp(claims.exp, 0)?;
    (is_ours && is_timely && is_named).then_some(ProvedAssertion { jti: claims.jti, expires_at })
}
