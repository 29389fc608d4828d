//! Checking an e-mail address and a password: the same answer, in the same time, whether or not there is such an account.

use actix_web::{HttpRequest, web};
use almoner_domain::email::Email;
use almoner_persistence::identity::{self, Account};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::asked;
use crate::problem::{ApiError, Kind};
use crate::service::Service;

/// A password as it is typed: at most 128 characters, never shown.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password, max_length = 128)]
pub(crate) struct Password(String);

/// The account, if the password is its own.
pub(crate) async fn check(
    request: &HttpRequest,
    email: &str,
    password: Password,
) -> Result<(web::Data<Service>, Account), ApiError> {
    let service = Service::of(request)?;
    let wrong = || ApiError::new(Kind::WrongCredentials);
    // Longer than any password that was ever set: it is not one, and is not hashed.
    if password.0.chars().count() > 128 {
        return Err(wrong());
    }
    let email = Email::parse(email).ok();
    let id = asked(request);
    let account = service
        .clone()
        .into_inner()
        .block(move |service| match email {
            Some(email) => Ok(service.store.identity(id, |scope| identity::find_account(scope, email.as_str()))?),
            None => Ok(None),
        })
        .await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    if !service.passwords.verify(password.0, hash).await? {
        return Err(wrong());
    }
    let account = account.ok_or_else(wrong)?;
    Ok((service, account))
}
