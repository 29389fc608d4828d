//! Practices' own OpenID Connect providers: sending people there, and checking the identities that they vouch for
//! (OpenID Connect Core 1.0, authorisation code with PKCE).

use std::time::Duration;

use almoner_persistence::access::single_sign_on::{Attempt, Begun};
use chrono::{DateTime, Utc};
use openidconnect::core::{CoreClient, CoreClientAuthMethod, CoreJwsSigningAlgorithm, CoreProviderMetadata};
use openidconnect::url::Url;
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, TokenResponse,
};
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

/// The client that asks identity providers.
pub(crate) struct Providers {
    outbound: Outbound,
    turns: Semaphore,
}

/// An identity that a provider vouches for.
pub(crate) struct Vouched {
    /// The provider's identifier for the person.
    pub(crate) subject: String,
    /// Whether the provider says, by an `acr` value that the practice accepts, that it saw a second factor.
    pub(crate) second_factor: bool,
    /// The time at which the person last authenticated at the provider, if it says so.
    pub(crate) authenticated_at: Option<DateTime<Utc>>,
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

    /// Finds a provider by its issuer, and returns its authorisation endpoint.
    pub(crate) async fn find(&self, issuer: &str) -> Result<String, ApiError> {
        let found = self.in_turn(self.discover(issuer)).await?;
        let found = found.map_err(|error| {
            tracing::info!(%error, "an identity provider was refused");
            // The answer is the same whatever is found, so that nobody can probe a network with it.
            ApiError::parameter("/issuer", "does not answer as an OpenID Connect provider of this name, over https")
        })?;
        Ok(found.authorization_endpoint().to_string())
    }

    /// Asks the attempt's provider for the identity that this code stands for.
    pub(crate) async fn vouch(
        &self,
        attempt: &Attempt,
        code: String,
        now: DateTime<Utc>,
    ) -> Result<Result<Vouched, NotVouched>, ApiError> {
        self.in_turn(self.redeem(attempt, code, now)).await
    }

    async fn in_turn<R>(
        &self,
        asked: impl Future<Output = Result<R, NotVouched>>,
    ) -> Result<Result<R, NotVouched>, ApiError> {
        let Ok(_turn) = self.turns.try_acquire() else { return Err(ApiError::new(Kind::ServiceUnavailable)) };
        Ok(tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(NotVouched("too slow".to_owned()))))
    }

    /// Returns the provider's metadata, with its keys. Every address that it names must be one that may be requested.
    async fn discover(&self, issuer: &str) -> Result<CoreProviderMetadata, NotVouched> {
        let issuer =
            IssuerUrl::new(issuer.to_owned()).map_err(|_| NotVouched("the issuer is no address".to_owned()))?;
        if !self.outbound.permits(issuer.url()) || issuer.url().query().is_some() {
            return Err(NotVouched("the issuer is not one to ask".to_owned()));
        }
        let found = CoreProviderMetadata::discover_async(issuer, &self.outbound)
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

    async fn redeem(&self, attempt: &Attempt, code: String, now: DateTime<Utc>) -> Result<Vouched, NotVouched> {
        let found = self.discover(&attempt.issuer).await?;
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
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.to_string()))
            .request_async(&self.outbound)
            .await
            // The provider's words may repeat the input.
            .map_err(|_| NotVouched("the code was not redeemed".to_owned()))?;
        let token = answer.id_token().ok_or_else(not("there is no ID token"))?;
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
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
        Ok(Vouched {
            subject,
            second_factor: attempt.trusts_second_factor && (says_mfa || says_acr),
            authenticated_at: claims.auth_time(),
        })
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
    Ok(url.into())
}

/// Whether people may be sent back to this address: https, or a frontend on the reader's own machine.
pub(crate) fn is_a_frontend(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    plain && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

#[cfg(test)]
mod tests {
    use super::*;

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
