//! Practices' own OpenID Connect providers: sending people there, and checking the identities that they vouch for
//! (OpenID Connect Core 1.0, authorisation code with PKCE).

use std::time::Duration;

use almoner_persistence::access::single_sign_on::{Attempt, Begun};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::url::Url;
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthorizationCode, ClientId, ClientSecret, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, TokenResponse,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::ground::outbound::Outbound;
use crate::ground::problem::{ApiError, Kind};

/// The number of providers that are asked at once. A slow one occupies one of these and no connection to the database.
const AT_ONCE: usize = 32;

/// The longest time that all requests about one person may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The algorithms with which an ID token may be signed. A shared secret and `none` are not among them.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The longest subject (OpenID Connect Core 1.0, section 2).
const LONGEST_SUBJECT: usize = 255;

/// The time within which a person must have authenticated at the provider (`max_age`): as long as a session lasts at most.
const AUTHENTICATED_WITHIN: TimeDelta = TimeDelta::hours(12);

/// The time by which a provider's clock may be ahead or behind.
const LEEWAY: TimeDelta = TimeDelta::minutes(1);

/// The part of a provider's metadata about mix-up (RFC 9207).
#[derive(Clone, Debug, Deserialize, Serialize)]
struct MixUpMetadata {
    /// Whether the provider names itself, as `iss`, in the answers with which people come back.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for MixUpMetadata {}

type Metadata = ProviderMetadata<
    MixUpMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A provider that was found.
pub(crate) struct FoundProvider {
    pub(crate) authorization_endpoint: String,
    /// Whether it names itself in the answers with which people come back (RFC 9207).
    pub(crate) names_itself: bool,
}

/// What a person came back with, besides the `state`.
pub(crate) struct CameBack {
    /// The `code`.
    pub(crate) code: String,
    /// The `iss`, if there was one.
    pub(crate) issuer: Option<String>,
    /// The address at which the person came back, if the frontend named it.
    pub(crate) redirect_uri: Option<String>,
}

/// The client that asks identity providers.
pub(crate) struct Providers {
    outbound: Outbound,
    turns: Semaphore,
}

/// An identity that a provider vouches for.
pub(crate) struct Vouched {
    /// The provider's identifier for the person.
    pub(crate) subject: String,
    /// The time at which the provider saw a second factor, if it says so in a way that the practice accepts.
    pub(crate) second_factor_at: Option<DateTime<Utc>>,
}

/// The reason why a provider vouches for nobody, for the log. It contains nothing that was sent or received.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotVouched(String);

fn not(why: &'static str) -> impl Fn() -> NotVouched {
    move || NotVouched(why.to_owned())
}

impl Providers {
    pub(crate) fn new(private: bool) -> Result<Self, String> {
        Ok(Self { outbound: Outbound::new(private)?, turns: Semaphore::new(AT_ONCE) })
    }

    /// Finds a provider by its issuer.
    pub(crate) async fn find(&self, issuer: &str) -> Result<FoundProvider, ApiError> {
        let found = self.in_turn(self.discover(issuer)).await?;
        let found = found.map_err(|error| {
            tracing::info!(%error, "an identity provider was refused");
            // The answer is the same whatever is found, so that nobody can probe a network with it.
            ApiError::parameter("/issuer", "does not answer as an OpenID Connect provider of this name, over https")
        })?;
        Ok(FoundProvider {
            authorization_endpoint: found.authorization_endpoint().to_string(),
            names_itself: found.additional_metadata().authorization_response_iss_parameter_supported,
        })
    }

    /// Asks the attempt's provider for the identity with whose code the person came back.
    pub(crate) async fn vouch(
        &self,
        attempt: &Attempt,
        back: CameBack,
        now: DateTime<Utc>,
    ) -> Result<Result<Vouched, NotVouched>, ApiError> {
        self.in_turn(self.redeem(attempt, back, now)).await
    }

    async fn in_turn<R>(
        &self,
        asked: impl Future<Output = Result<R, NotVouched>>,
    ) -> Result<Result<R, NotVouched>, ApiError> {
        let Ok(_turn) = self.turns.try_acquire() else { return Err(ApiError::new(Kind::ServiceUnavailable)) };
        Ok(tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(NotVouched("too slow".to_owned()))))
    }

    /// Returns the provider's metadata, with its keys. Every address that it names must be one that may be requested.
    async fn discover(&self, issuer: &str) -> Result<Metadata, NotVouched> {
        let issuer =
            IssuerUrl::new(issuer.to_owned()).map_err(|_| NotVouched("the issuer is no address".to_owned()))?;
        if !self.outbound.permits(issuer.url()) || issuer.url().query().is_some() {
            return Err(NotVouched("the issuer is not one to ask".to_owned()));
        }
        let found = Metadata::discover_async(issuer, &self.outbound)
            .await
            .map_err(|error| NotVouched(format!("discovery: {error}")))?;
        let token = found.token_endpoint().ok_or_else(not("there is no token endpoint"))?.url();
        if ![found.authorization_endpoint().url(), token, found.jwks_uri().url()]
            .into_iter()
            .all(|url| self.outbound.permits(url))
        {
            return Err(NotVouched("one of the endpoints is not one to ask".to_owned()));
        }
        Ok(found)
    }

    async fn redeem(&self, attempt: &Attempt, back: CameBack, now: DateTime<Utc>) -> Result<Vouched, NotVouched> {
        // The code may be another provider's, whose hostile neighbour this one is (RFC 9700 §4.4). It goes nowhere until it
        // is clear whose it is.
        if back.issuer.as_ref().is_some_and(|issuer| *issuer != attempt.issuer) {
            return Err(NotVouched("the person came back from another provider".to_owned()));
        }
        if back.redirect_uri.as_ref().is_some_and(|uri| *uri != attempt.redirect_uri) {
            return Err(NotVouched("the person came back to another address".to_owned()));
        }
        let found = self.discover(&attempt.issuer).await?;
        if found.additional_metadata().authorization_response_iss_parameter_supported {
            back.issuer.ok_or_else(not("this provider names itself in its answers, and the answer names nobody"))?;
        } else {
            let named = back.redirect_uri.ok_or_else(not("neither the provider nor the address was named"))?;
            if !is_of_one_tenant(&named, &attempt.name_in_urls) {
                return Err(NotVouched("the address might be another practice's".to_owned()));
            }
        }
        let token_endpoint = found.token_endpoint().cloned().ok_or_else(not("there is no token endpoint"))?;
        let by_post = found.token_endpoint_auth_methods_supported().is_some_and(|methods| {
            !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let redirect = RedirectUrl::new(attempt.redirect_uri.clone())
            .map_err(|_| NotVouched("the address to come back to is none".to_owned()))?;
        let client = CoreClient::from_provider_metadata(
            found,
            ClientId::new(attempt.client_id.clone()),
            Some(ClientSecret::new(attempt.client_secret.to_string())),
        )
        .set_token_uri(token_endpoint)
        .set_redirect_uri(redirect)
        .set_auth_type(if by_post { AuthType::RequestBody } else { AuthType::BasicAuth });
        let answer = client
            .exchange_code(AuthorizationCode::new(back.code))
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.to_string()))
            .request_async(&self.outbound)
            .await
            // The provider's words may repeat the input.
            .map_err(|_| NotVouched("the code was not redeemed".to_owned()))?;
        let token = answer.id_token().ok_or_else(not("there is no ID token"))?;
        let (begun, no_later) = (attempt.begun_at - LEEWAY, now + LEEWAY);
        let within = move |at: DateTime<Utc>, from: DateTime<Utc>, what: &str| {
            if (from..=no_later).contains(&at) { Ok(()) } else { Err(format!("{what} is out of time")) }
        };
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || now)
            // The token was made for this attempt.
            .set_issue_time_verifier_fn(move |at| within(at, begun, "iat"))
            .set_auth_time_verifier_fn(move |at| {
                at.map_or(Ok(()), |at| within(at, now - AUTHENTICATED_WITHIN - LEEWAY, "auth_time"))
            });
        let claims = token
            .claims(&verifier, &Nonce::new(attempt.nonce.clone()))
            .map_err(|error| NotVouched(format!("the ID token: {error}")))?;
        let subject = claims.subject().to_string();
        if subject.is_empty() || subject.chars().count() > LONGEST_SUBJECT || subject.contains('\0') {
            return Err(NotVouched("the subject is none".to_owned()));
        }
        let says_mfa =
            claims.auth_method_refs().is_some_and(|methods| methods.iter().any(|method| method.as_str() == "mfa"));
        let says_acr = claims
            .auth_context_ref()
            .is_some_and(|acr| attempt.accepted_acr_values.iter().any(|accepted| accepted == acr.as_str()));
        // A second factor whose time is not told may have been proved last year: the provider was asked to tell it.
        let authenticated_at = claims.auth_time().filter(|_| attempt.trusts_second_factor && (says_mfa || says_acr));
        Ok(Vouched { subject, second_factor_at: authenticated_at })
    }
}

/// Returns the address to which the person is sent.
pub(crate) fn authorization_url(begun: &Begun, redirect_uri: &str) -> Result<String, ApiError> {
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(begun.verifier.to_string()));
    let mut url = Url::parse(&begun.authorization_endpoint).map_err(ApiError::internal)?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("scope", "openid")
        .append_pair("client_id", &begun.client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", &begun.state)
        .append_pair("nonce", &begun.nonce)
        .append_pair("code_challenge", challenge.as_str())
        .append_pair("code_challenge_method", "S256");
    if begun.trusts_second_factor {
        url.query_pairs_mut().append_pair("max_age", &AUTHENTICATED_WITHIN.num_seconds().to_string());
        if !begun.accepted_acr_values.is_empty() {
            url.query_pairs_mut().append_pair("acr_values", &begun.accepted_acr_values.join(" "));
        }
    }
    Ok(url.into())
}

/// Whether people may be sent back to this address: https, or a frontend on the reader's own machine.
pub(crate) fn is_a_frontend(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    plain && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

/// Whether this address cannot be another practice's: its path ends with the practice's name in URLs.
pub(crate) fn is_of_one_tenant(address: &str, slug: &str) -> bool {
    Url::parse(address).is_ok_and(|url| {
        url.query().is_none() && url.path_segments().and_then(|mut parts| parts.next_back()) == Some(slug)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_one_practice_ends_with_its_name() {
        for address in ["https://app.example/severn", "https://app.example/signed-on/severn"] {
            assert!(is_of_one_tenant(address, "severn"), "{address}");
        }
        for address in [
            "https://severn.example/signed-on",
            "https://app.example/severn/",
            "https://app.example/severn/signed-on",
            "https://app.example/my-severn",
            "https://app.example/other?to=/severn",
            "https://app.example/severn?x",
            "https://app.example/other/..%2Fsevern",
            "severn",
        ] {
            assert!(!is_of_one_tenant(address, "severn"), "{address}");
        }
    }

    #[test]
    fn people_are_sent_back_to_frontends_alone() {
        for address in ["https://app.example/signed-on", "http://localhost:3000/", "http://127.0.0.1/x?y=z"] {
            assert!(is_a_frontend(address), "{address}");
        }
        for address in
            ["", "/signed-on", "javascript:alert(1)", "http://app.example/", "https://app.example/#a", "https://a@b/"]
        {
            assert!(!is_a_frontend(address), "{address}");
        }
    }
}
