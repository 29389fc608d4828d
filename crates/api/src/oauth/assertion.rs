//! What a client signs to prove itself: a JWT for this service alone, short and used once (RFC 7523 §3).

use almoner_domain::access::client_keys::ClientKeys;
use almoner_domain::ids::ClientId;
use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// How far ahead it may expire at the most, in seconds: so long its `jti` is remembered.
const LIFE: i64 = 300;

/// How far ahead the client's clock may be, in seconds (FAPI 2.0 §5.3.2.1).
const LEEWAY: i64 = 10;

/// The algorithms of the keys that a client may register.
pub(super) const ALGORITHMS: [&str; 3] = ["EdDSA", "ES256", "PS256"];

/// Whom an assertion says that it is of, before anything in it is believed.
#[derive(Deserialize)]
struct Named {
    sub: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    /// One text: an assertion for several audiences could be shown to us by another of them (FAPI 2.0 §5.3.2.1).
    aud: String,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: String,
}

/// A signature of the client's own, which must not be used again before it expires.
pub(super) struct Proof {
    pub(super) jti: String,
    pub(super) expires_at: DateTime<Utc>,
}

/// The client that an assertion names.
pub(super) fn client_named_in(assertion: &str) -> Option<String> {
    let claims = BASE64URL_NOPAD.decode(assertion.split('.').nth(1)?.as_bytes()).ok()?;
    serde_json::from_slice::<Named>(&claims).ok().map(|named| named.sub)
}

/// Whether the client signed it, for this issuer, and lately.
pub(super) fn verify(
    assertion: &str,
    client: ClientId,
    keys: &ClientKeys,
    issuer: &str,
    at: DateTime<Utc>,
) -> Option<Proof> {
    let header = jsonwebtoken::decode_header(assertion).ok()?;
    let key = keys.find(header.kid.as_deref())?;
    // The key says by which algorithm; the header may only agree.
    let algorithm: Algorithm = key.algorithm().parse().ok()?;
    let jwk: Jwk = serde_json::from_value(serde_json::to_value(key).ok()?).ok()?;
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_aud = false;
    // By the service's own clock, below.
    validation.validate_exp = false;
    let claims =
        jsonwebtoken::decode::<Claims>(assertion, &DecodingKey::from_jwk(&jwk).ok()?, &validation).ok()?.claims;

    let now = at.timestamp();
    let (id, soon) = (client.to_string(), now.saturating_add(LEEWAY));
    let is_ours = claims.iss == id && claims.sub == id && claims.aud == issuer;
    let is_timely = claims.exp > now
        && claims.exp <= now.saturating_add(LIFE)
        && claims.iat.is_none_or(|iat| iat <= soon)
        && claims.nbf.is_none_or(|nbf| nbf <= soon);
    let is_named = (1..=255).contains(&claims.jti.len());
    let expires_at = DateTime::from_timestamp(claims.exp, 0)?;
    (is_ours && is_timely && is_named).then_some(Proof { jti: claims.jti, expires_at })
}
