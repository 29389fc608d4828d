//! Access tokens: short-lived JWTs in the profile of RFC 9068, signed with Ed25519, for one door each.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use almoner_domain::ids::{AccountId, ClientId, CouncilId, SessionId};
use almoner_persistence::{Client, ClientToken, PATIENCE, Store};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ground::problem::{ApiError, Kind};
use crate::ground::service::Service;
use crate::ground::signing::Keys;

/// The type of an access token in the header (RFC 9068 §2.1). The library does not check it, so `verify` does: a token
/// made for something else is not an access token.
const TYPE: &str = "at+jwt";
const ALGORITHM: Algorithm = Algorithm::EdDSA;

/// The time for which the copy of the keys in memory is used before they are loaded again.
const KEPT_FOR: TimeDelta = TimeDelta::seconds(30);

/// The shortest time between two loads of the keys that are due to a token with an unknown key, so that a sender of
/// such tokens cannot put load on the database.
const LOOKED_FOR_EVERY: TimeDelta = TimeDelta::seconds(1);

/// The time for which a failed load is remembered.
const FAILURE_REMEMBERED: Duration = Duration::from_secs(1);

/// The number of seconds that another server's clock may be ahead.
const LEEWAY: i64 = 60;

/// The signer and verifier of access tokens.
pub(crate) struct Tokens {
    issuer: String,
    validity: Duration,
    keys: RwLock<Arc<Keys>>,
    /// Held during a load, so that there is one at a time. A request that waited for it finds the keys loaded.
    loading: tokio::sync::Mutex<()>,
    /// When a load failed last, and how. Those who waited for it do not try again at once, one after another.
    failed: Mutex<Option<(Instant, Kind)>>,
}

/// The claims of an access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessClaims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    /// The account or the client that the token was issued to.
    pub(crate) sub: Uuid,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    pub(crate) jti: Uuid,
    /// The client: for a system, its own id; for a person, who uses no registered OAuth client, the door (RFC 9068 §2.2
    /// requires one).
    client_id: String,
    /// The session of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sid: Option<SessionId>,
    /// The practice or the council that the caller belongs to, whose limits count besides the caller's own. The
    /// caller's permissions are never read from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<Uuid>,
    /// The scopes that the token covers, of those that the client may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<String>,
    /// The generation of the client's tokens. Disabling a client ends every generation so far.
    #[serde(default, rename = "gen", skip_serializing_if = "Option::is_none")]
    generation: Option<i32>,
}

impl AccessClaims {
    /// Returns the token of a system; `None` for a person's.
    pub(crate) fn client(&self) -> Option<ClientToken> {
        let id: Uuid = self.client_id.parse().ok()?;
        let generation = self.generation.unwrap_or(0);
        (self.sid.is_none() && id == self.sub).then(|| ClientToken {
            client: ClientId::from(id),
            jti: self.jti,
            generation,
        })
    }
}

/// An access token that was issued.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) expires_in: u64,
}

/// The reason why no token can be issued.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsigned {
    #[error("there is no key that signs tokens")]
    NoKey,
    #[error("a token cannot be signed: {0}")]
    Failed(#[from] jsonwebtoken::errors::Error),
}

impl Tokens {
    /// Makes the signer with these keys, which are loaded again as they age.
    pub(crate) fn new(issuer: String, validity: Duration, keys: Keys) -> Self {
        let keys = RwLock::new(Arc::new(keys));
        Self { issuer, validity, keys, loading: tokio::sync::Mutex::new(()), failed: Mutex::default() }
    }

    /// Returns the issuer of every token, which an assertion must name as its audience.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the public keys, for those who check tokens (RFC 7517): the keys that sign, will sign, or have signed
    /// tokens that may still be valid.
    pub(crate) fn jwks(&self, at: DateTime<Utc>) -> JwkSet {
        self.keys().published(at)
    }

    fn failed(&self) -> MutexGuard<'_, Option<(Instant, Kind)>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns a token for a person's session at a door.
    pub(crate) fn for_session(
        &self,
        audience: &str,
        account: AccountId,
        session: SessionId,
        tenant: Option<Uuid>,
        at: DateTime<Utc>,
    ) -> Result<Issued, Unsigned> {
        let claims = self.claims(audience, account.uuid(), audience.to_owned(), at);
        self.sign(&AccessClaims { sid: Some(session), tenant, ..claims }, at)
    }

    /// Returns a token for a system at a door.
    pub(crate) fn for_client(
        &self,
        audience: &str,
        client: &Client,
        scope: String,
        at: DateTime<Utc>,
    ) -> Result<Issued, Unsigned> {
        let Client { client_id, council_id, token_generation, .. } = client;
        let claims = self.claims(audience, client_id.uuid(), client_id.to_string(), at);
        let (scope, tenant) = (Some(scope), council_id.map(CouncilId::uuid));
        self.sign(&AccessClaims { scope, tenant, generation: Some(*token_generation), ..claims }, at)
    }

    fn claims(&self, audience: &str, subject: Uuid, client_id: String, at: DateTime<Utc>) -> AccessClaims {
        let iat = at.timestamp();
        AccessClaims {
            iss: self.issuer.clone(),
            aud: audience.to_owned(),
            sub: subject,
            exp: iat.saturating_add(i64::try_from(self.validity.as_secs()).unwrap_or(0)),
            iat,
            nbf: None,
            jti: uuid::Builder::from_random_bytes(almoner_persistence::random::bytes()).into_uuid(),
            client_id,
            sid: None,
            tenant: None,
            scope: None,
            generation: None,
        }
    }

    fn sign(&self, claims: &AccessClaims, at: DateTime<Utc>) -> Result<Issued, Unsigned> {
        let keys = self.keys();
        let key = keys.signer(at).ok_or(Unsigned::NoKey)?;
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid.clone());
        let token = jsonwebtoken::encode(&header, claims, &key.signing)?;
        Ok(Issued { token, expires_in: self.validity.as_secs() })
    }

    /// Returns the claims of a token, if the service issued it, for this door, and it has not expired.
    pub(crate) fn verify(&self, token: &str, audience: &str, at: DateTime<Utc>) -> Option<AccessClaims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        // The service's own tokens never contain a key or a link to one.
        let brings_a_key = header.jwk.is_some() || header.jku.is_some() || header.x5u.is_some() || header.x5c.is_some();
        if header.typ.as_deref() != Some(TYPE) || brings_a_key {
            return None;
        }
        let keys = self.keys();
        let key = keys.find(header.kid.as_deref()?, at)?;
        let mut validation = Validation::new(ALGORITHM);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The expiry is checked below, by the service's own clock.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<AccessClaims>(token, &key.verifying, &validation).ok()?.claims;
        let (now, soon) = (at.timestamp(), at.timestamp().saturating_add(LEEWAY));
        (claims.exp > now && claims.iat <= soon && claims.nbf.is_none_or(|nbf| nbf <= soon)).then_some(claims)
    }

    fn knows(&self, token: &str, at: DateTime<Utc>) -> bool {
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
        // A token that names no key is not helped by other keys.
        kid.is_none_or(|kid| self.keys().find(&kid, at).is_some())
    }

    fn are_older_than(&self, age: TimeDelta, at: DateTime<Utc>) -> bool {
        // After the clock was set back, the keys were loaded in the future, which counts as old.
        (at - self.keys().loaded_at).abs() > age
    }
}

impl Service {
    /// Loads the keys again if they are older than half a minute, before anything is signed or checked with them.
    pub(crate) async fn keep_keys(self: Arc<Self>) -> Result<(), ApiError> {
        self.load_keys_older_than(KEPT_FOR).await
    }

    /// Loads the keys if the token names an unknown one, and they have not been loaded within the last second.
    pub(crate) async fn look_for_key(self: Arc<Self>, token: &str) -> Result<(), ApiError> {
        if self.tokens.knows(token, self.store.clock().now()) {
            return Ok(());
        }
        self.load_keys_older_than(LOOKED_FOR_EVERY).await
    }

    async fn load_keys_older_than(self: Arc<Self>, age: TimeDelta) -> Result<(), ApiError> {
        let are_old = |service: &Self| service.tokens.are_older_than(age, service.store.clock().now());
        if !are_old(&self) {
            return Ok(());
        }
        let Ok(_one) = tokio::time::timeout(PATIENCE, self.tokens.loading.lock()).await else {
            return Err(ApiError::new(Kind::ServiceUnavailable));
        };
        if !are_old(&self) {
            return Ok(());
        }
        if let Some((at, kind)) = *self.tokens.failed()
            && at.elapsed() < FAILURE_REMEMBERED
        {
            return Err(ApiError::new(kind));
        }
        let keys = match Arc::clone(&self).block(|service| load(&service.store)).await {
            Ok(keys) => keys,
            Err(error) => {
                // Whatever was in the way of the keys, nothing was done yet of what the caller asked for.
                let kind = if error.kind == Kind::InProgress { Kind::ServiceUnavailable } else { error.kind };
                *self.tokens.failed() = Some((Instant::now(), kind));
                return Err(ApiError::new(kind));
            }
        };
        *self.tokens.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }
}

fn load(store: &Store) -> Result<Keys, ApiError> {
    Keys::load(store).map_err(ApiError::from)
}

#[cfg(test)]
mod tests {
    use almoner_persistence::access::signing_keys::SigningKey;
    use jsonwebtoken::EncodingKey;

    use super::*;
    use crate::ground::signing::generate;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    /// Makes a new key that signs from one second and is refused from another.
    fn key(active_from: i64, retires_at: Option<i64>) -> SigningKey {
        let new = generate();
        SigningKey {
            kid: new.kid,
            private_key: new.private_key,
            active_from: at(active_from),
            retires_at: retires_at.map(at),
        }
    }

    fn tokens(keys: Vec<SigningKey>) -> Tokens {
        let keys = Keys::read(keys, at(0)).unwrap();
        Tokens::new("https://almoner.example".to_owned(), Duration::from_mins(10), keys)
    }

    fn issued(tokens: &Tokens, second: i64) -> String {
        let account = AccountId::from(Uuid::from_u128(1));
        let session = SessionId::from(Uuid::from_u128(2));
        tokens.for_session("almoner:practice", account, session, None, at(second)).unwrap().token
    }

    fn kid(token: &str) -> Uuid {
        jsonwebtoken::decode_header(token).unwrap().kid.unwrap().parse().unwrap()
    }

    #[test]
    fn a_token_holds_at_its_own_door_until_it_expires() {
        let tokens = tokens(vec![key(0, None)]);
        let token = issued(&tokens, 0);
        assert!(tokens.verify(&token, "almoner:practice", at(599)).is_some());
        assert!(tokens.verify(&token, "almoner:practice", at(600)).is_none(), "expired");
        assert!(tokens.verify(&token, "almoner:council", at(0)).is_none(), "another door");
        assert!(tokens.verify(&token, "almoner:practice", at(-120)).is_none(), "issued in the future");
    }

    #[test]
    fn a_token_that_does_not_hold_yet_does_not_hold() {
        let tokens = tokens(vec![key(0, None)]);
        let claims = tokens.claims("almoner:practice", Uuid::from_u128(1), "almoner:practice".to_owned(), at(0));
        let signed = |nbf| tokens.sign(&AccessClaims { nbf: Some(nbf), ..claims.clone() }, at(0)).unwrap().token;
        let now = at(0).timestamp();
        assert!(tokens.verify(&signed(now), "almoner:practice", at(0)).is_some());
        assert!(tokens.verify(&signed(now + 120), "almoner:practice", at(0)).is_none());
        assert!(tokens.verify(&signed(now + 120), "almoner:practice", at(120)).is_some());
    }

    #[test]
    fn a_token_signed_by_another_key_does_not_hold() {
        let token = issued(&tokens(vec![key(0, None)]), 0);
        assert!(tokens(vec![key(0, None)]).verify(&token, "almoner:practice", at(0)).is_none());
    }

    #[test]
    fn the_youngest_key_that_is_active_signs_and_the_old_one_checks_until_it_retires() {
        let (old, new) = (key(-1000, Some(700)), key(100, None));
        let (old_kid, new_kid) = (old.kid, new.kid);
        let tokens = tokens(vec![old, new]);
        assert_eq!(tokens.jwks(at(0)).keys.len(), 2, "the new one is published before it signs");
        let early = issued(&tokens, 99);
        assert_eq!((kid(&early), kid(&issued(&tokens, 100))), (old_kid, new_kid));
        assert!(tokens.verify(&early, "almoner:practice", at(698)).is_some());
        assert!(tokens.verify(&early, "almoner:practice", at(700)).is_none(), "retired");
        assert_eq!(tokens.jwks(at(700)).keys.len(), 1);
        assert_eq!(kid(&issued(&tokens, 2000)), new_kid);
    }

    #[test]
    fn where_no_key_is_active_yet_the_first_signs_and_where_all_are_retired_none_does() {
        let early = tokens(vec![key(100, None)]);
        assert!(early.verify(&issued(&early, 0), "almoner:practice", at(0)).is_some());
        let none = tokens(vec![key(-100, Some(0))]);
        let account = AccountId::from(Uuid::from_u128(1));
        assert!(none.for_session("almoner:practice", account, SessionId::from(Uuid::nil()), None, at(0)).is_err());
    }

    #[test]
    fn row_24_a_token_of_another_type_or_algorithm_or_with_a_key_of_its_own_does_not_hold() {
        let tokens = tokens(vec![key(0, None)]);
        let keys = tokens.keys();
        let key = keys.signer(at(0)).unwrap();
        let claims = tokens.claims("almoner:practice", Uuid::from_u128(1), "almoner:practice".to_owned(), at(0));
        let mut right = Header::new(ALGORITHM);
        right.kid = Some(key.kid.clone());
        right.typ = Some(TYPE.to_owned());
        let signed = |header: &Header| jsonwebtoken::encode(header, &claims, &key.signing).unwrap();
        let holds = |token: &str| tokens.verify(token, "almoner:practice", at(0)).is_some();
        assert!(holds(&signed(&right)));

        let id_token = Header { typ: Some("JWT".to_owned()), ..right.clone() };
        assert!(!holds(&signed(&id_token)), "an ID token");
        let jku = Header { jku: Some("https://evil.example/".to_owned()), ..right.clone() };
        assert!(!holds(&signed(&jku)), "jku");
        let jwk = Header { jwk: Some(tokens.jwks(at(0)).keys[0].clone()), ..right.clone() };
        assert!(!holds(&signed(&jwk)), "jwk");

        // The public key, which is known to everyone, serves as the secret of an HMAC.
        let public = serde_json::to_vec(&tokens.jwks(at(0)).keys[0]).unwrap();
        let confused = Header { alg: Algorithm::HS256, ..right };
        let token = jsonwebtoken::encode(&confused, &claims, &EncodingKey::from_secret(&public)).unwrap();
        assert!(!holds(&token), "HS256");

        let encode = |json: &str| data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
        let header = format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{}"}}"#, key.kid);
        let unsigned = format!("{}.{}.", encode(&header), encode(&serde_json::to_string(&claims).unwrap()));
        assert!(!holds(&unsigned), "none");
    }

    #[test]
    fn a_persons_token_is_no_clients() {
        let tokens = tokens(vec![key(0, None)]);
        let persons = tokens.verify(&issued(&tokens, 0), "almoner:practice", at(0)).unwrap();
        assert_eq!(persons.client_id, "almoner:practice");
        assert!(persons.client().is_none());
        let client_id = ClientId::from(Uuid::from_u128(7));
        let (scopes, allowed_addresses) = (Vec::new(), Vec::new());
        let client = Client { client_id, council_id: None, scopes, allowed_addresses, token_generation: 3 };
        let token = tokens.for_client("almoner:council", &client, "referrals".to_owned(), at(0)).unwrap().token;
        let systems = tokens.verify(&token, "almoner:council", at(0)).unwrap().client().unwrap();
        assert_eq!((systems.client, systems.generation), (client_id, 3));
    }
}
