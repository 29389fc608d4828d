//! Access tokens: short JWTs in the profile of RFC 9068, signed with Ed25519, for one door each.

use std::time::Duration;

use almoner_domain::ids::{AccountId, ClientId, CouncilId, PracticeId, SessionId};
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// RFC 9068 §2.1. The library does not check it, so we do: a token made for something else is not an access token.
const TYPE: &str = "at+jwt";
const ALGORITHM: Algorithm = Algorithm::EdDSA;

/// Signs tokens and checks them.
pub(crate) struct Tokens {
    issuer: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    jwks: JwkSet,
    kid: String,
    validity: Duration,
}

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: String,
    /// The account or the client.
    pub(crate) sub: Uuid,
    exp: i64,
    iat: i64,
    jti: Uuid,
    /// The session, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sid: Option<SessionId>,
    /// The client, for a system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_id: Option<ClientId>,
    /// The practice or the council that the caller belongs to: whose limits count besides their own. What the caller may do is
    /// never read from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<Uuid>,
    /// What the token covers of what the client may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<String>,
}

/// A token that was issued.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) expires_in: u64,
}

impl Tokens {
    /// Reads the private key: Ed25519, PKCS#8, in PEM.
    pub(crate) fn new(issuer: String, pem: &str, validity: Duration) -> Result<Self, String> {
        let unreadable = |error: jsonwebtoken::errors::Error| format!("the signing key cannot be read: {error}");
        let signing = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(unreadable)?;
        let mut jwk = Jwk::from_encoding_key(&signing, ALGORITHM).map_err(unreadable)?;
        let public = serde_json::to_vec(&jwk.algorithm).map_err(|error| error.to_string())?;
        let kid = data_encoding::HEXLOWER.encode(&Sha256::digest(public)[..8]);
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let verifying = DecodingKey::from_jwk(&jwk).map_err(unreadable)?;
        Ok(Self { issuer, signing, verifying, jwks: JwkSet { keys: vec![jwk] }, kid, validity })
    }

    /// The public keys, for whoever checks tokens (RFC 7517).
    pub(crate) fn jwks(&self) -> &JwkSet {
        &self.jwks
    }

    /// A token for a person's session at a door.
    pub(crate) fn for_session(
        &self,
        audience: &str,
        account: AccountId,
        session: SessionId,
        tenant: Option<PracticeId>,
        at: DateTime<Utc>,
    ) -> Result<Issued, jsonwebtoken::errors::Error> {
        let claims = self.claims(audience, account.uuid(), at);
        self.sign(&Claims { sid: Some(session), tenant: tenant.map(PracticeId::uuid), ..claims })
    }

    /// A token for a system at a door.
    pub(crate) fn for_client(
        &self,
        audience: &str,
        client: ClientId,
        tenant: Option<CouncilId>,
        scope: String,
        at: DateTime<Utc>,
    ) -> Result<Issued, jsonwebtoken::errors::Error> {
        let claims = self.claims(audience, client.uuid(), at);
        self.sign(&Claims {
            client_id: Some(client),
            tenant: tenant.map(CouncilId::uuid),
            scope: Some(scope),
            ..claims
        })
    }

    fn claims(&self, audience: &str, subject: Uuid, at: DateTime<Utc>) -> Claims {
        let iat = at.timestamp();
        Claims {
            iss: self.issuer.clone(),
            aud: audience.to_owned(),
            sub: subject,
            exp: iat.saturating_add(i64::try_from(self.validity.as_secs()).unwrap_or(0)),
            iat,
            jti: uuid::Builder::from_random_bytes(almoner_persistence::random::bytes()).into_uuid(),
            sid: None,
            client_id: None,
            tenant: None,
            scope: None,
        }
    }

    fn sign(&self, claims: &Claims) -> Result<Issued, jsonwebtoken::errors::Error> {
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        let token = jsonwebtoken::encode(&header, claims, &self.signing)?;
        Ok(Issued { token, expires_in: self.validity.as_secs() })
    }

    /// What a token says, if it is one of ours, for this door, and not expired.
    pub(crate) fn verify(&self, token: &str, audience: &str, at: DateTime<Utc>) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) || header.kid.as_deref() != Some(self.kid.as_str()) {
            return None;
        }
        let mut validation = Validation::new(ALGORITHM);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // By the service's own clock, below.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verifying, &validation).ok()?.claims;
        let now = at.timestamp();
        (claims.exp > now && claims.iat <= now.saturating_add(60)).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An Ed25519 key in PKCS#8 for these tests alone.
    fn pem(seed: u8) -> String {
        let mut der = data_encoding::HEXLOWER.decode(b"302e020100300506032b657004220420").unwrap();
        der.extend([seed; 32]);
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", data_encoding::BASE64.encode(&der))
    }

    fn tokens(seed: u8) -> Tokens {
        Tokens::new("https://almoner.example".to_owned(), &pem(seed), Duration::from_mins(10)).unwrap()
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn issued(tokens: &Tokens) -> String {
        let account = AccountId::from(Uuid::from_u128(1));
        tokens.for_session("almoner:practice", account, SessionId::from(Uuid::from_u128(2)), None, at(0)).unwrap().token
    }

    #[test]
    fn a_token_holds_at_its_own_door_until_it_expires() {
        let tokens = tokens(1);
        let token = issued(&tokens);
        assert!(tokens.verify(&token, "almoner:practice", at(599)).is_some());
        assert!(tokens.verify(&token, "almoner:practice", at(600)).is_none(), "expired");
        assert!(tokens.verify(&token, "almoner:council", at(0)).is_none(), "another door");
        assert!(tokens.verify(&token, "almoner:practice", at(-120)).is_none(), "issued in the future");
    }

    #[test]
    fn a_token_signed_by_another_key_does_not_hold() {
        assert!(tokens(1).verify(&issued(&tokens(2)), "almoner:practice", at(0)).is_none());
    }

    #[test]
    fn a_token_of_another_type_or_algorithm_does_not_hold() {
        let tokens = tokens(1);
        let claims = tokens.claims("almoner:practice", Uuid::from_u128(1), at(0));
        let mut id_token = Header::new(ALGORITHM);
        id_token.kid = Some(tokens.kid.clone());
        id_token.typ = Some("JWT".to_owned());
        let token = jsonwebtoken::encode(&id_token, &claims, &tokens.signing).unwrap();
        assert!(tokens.verify(&token, "almoner:practice", at(0)).is_none(), "an ID token");

        // The public key, known to everyone, as the secret of an HMAC.
        let public = serde_json::to_vec(&tokens.jwks.keys[0]).unwrap();
        let mut confused = Header::new(Algorithm::HS256);
        confused.kid = Some(tokens.kid.clone());
        confused.typ = Some(TYPE.to_owned());
        let token = jsonwebtoken::encode(&confused, &claims, &EncodingKey::from_secret(&public)).unwrap();
        assert!(tokens.verify(&token, "almoner:practice", at(0)).is_none(), "HS256");

        let encode = |json: &str| data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
        let header = format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{}"}}"#, tokens.kid);
        let unsigned = format!("{}.{}.", encode(&header), encode(&serde_json::to_string(&claims).unwrap()));
        assert!(tokens.verify(&unsigned, "almoner:practice", at(0)).is_none(), "none");
    }
}
