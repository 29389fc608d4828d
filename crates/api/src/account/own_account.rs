//! The caller's own account: the password and the second factor.

use almoner_domain::access::password;
use almoner_persistence::access::accounts::{self, OwnAccount};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sign_in::{CODES, Password, Throttle};
use super::{Changer, Holder};
use crate::ground::body::Body;
use crate::ground::door::Door;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::problem::ApiError;
use crate::ground::reply::{NoContent, Reply, Representation};
use crate::ground::routes::Routes;

pub(super) fn routes<D: Door>(door: &mut Routes) {
    operations!(
        door: read::<D>,
        change_password::<D>,
        propose_second_factor::<D>,
        confirm_second_factor::<D>,
        replace_recovery_codes::<D>,
    );
}

/// Shows the caller's own account.
#[utoipa::path(get, path = "/account")]
async fn read<D: Door>(holder: Holder<D>) -> Result<Reply<OwnAccount>, ApiError> {
    holder.scope(|scope| Reply::ok(&no_record::own(accounts::own(scope)?))).await
}

/// A request to change the caller's password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "current_password": "correct horse battery staple", "new_password": "a green bicycle in the rain",
}))]
struct ChangePassword {
    /// The present password.
    current_password: Password,
    /// The new password: 12 to 128 characters of any kind.
    #[schema(min_length = 12)]
    new_password: Password,
}

/// Changes the caller's password, and ends their other sessions.
///
/// It requires a recent second factor.
#[utoipa::path(post, path = "/account/password")]
async fn change_password<D: Door>(changer: Changer<D>, body: Body<ChangePassword>) -> Result<NoContent, ApiError> {
    let ChangePassword { current_password, new_password } = body.value;
    let service = changer.service();
    Throttle::of(changer.account()).take(&service, CODES)?;
    let (known, account) = changer.fresh(|scope| Ok((accounts::password_hash(scope)?, accounts::own(scope)?))).await?;
    let passwords = &service.passwords;
    if current_password.is_too_long() || !passwords.check(current_password.normal(), Some(known)).await?.right {
        return Err(ApiError::parameter("/current_password", "is not the present password"));
    }
    let mut words = vec![account.name.as_str(), account.email.as_str()];
    words.extend(account.memberships.iter().map(|membership| membership.practice.name.as_str()));
    fits(&new_password, &words, "/new_password")?;
    let hash = passwords.hash(new_password.normal()).await?;
    changer.fresh(move |scope| Ok(accounts::change_password(scope, &hash)?)).await?;
    Ok(NoContent)
}

/// Whether a password may be chosen by somebody about whom these words are known.
pub(super) fn fits(password: &Password, known: &[&str], pointer: &str) -> Result<(), ApiError> {
    password::check(password.as_str(), known).map_err(|invalid| ApiError::parameter(pointer, invalid.to_string()))
}

/// The secret for a new authenticator.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewAuthenticator {
    /// The secret in base32, for typing it in.
    #[schema(max_length = 64, pattern = "^[A-Z2-7]+$")]
    pub(super) secret: String,
    /// The secret as an `otpauth` address, to be shown as a QR code.
    #[schema(max_length = 1000, format = "uri")]
    pub(super) otpauth_uri: String,
}

impl Representation for NewAuthenticator {}

/// Draws the secret of a new authenticator, and shows it once.
///
/// The present authenticator works until the new one is confirmed. It requires a recent second factor.
#[utoipa::path(post, path = "/account/second-factor")]
async fn propose_second_factor<D: Door>(changer: Changer<D>) -> Result<Reply<NewAuthenticator>, ApiError> {
    changer
        .fresh(|scope| {
            let (secret, address) = accounts::propose_second_factor(scope)?;
            let shown = NewAuthenticator { secret: secret.base32().to_string(), otpauth_uri: address.to_string() };
            Reply::ok(&no_record::own(shown))
        })
        .await
}

/// A request to confirm a new authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "492039" }))]
struct ConfirmSecondFactor {
    /// The six digits that the new authenticator shows.
    #[schema(max_length = 20, pattern = "^[0-9 -]*$")]
    code: String,
}

/// Recovery codes, which are shown only once.
#[derive(Serialize, ToSchema)]
#[schema(as = NewRecoveryCodes)]
struct RecoveryCodes {
    /// The codes. Each can be used once in place of an authenticator's code. They are to be kept on paper.
    #[schema(min_items = 10, max_items = 10, value_type = Vec<almoner_domain::words::text::Line<40>>)]
    recovery_codes: Vec<String>,
}

impl Representation for RecoveryCodes {}

/// Replaces the caller's authenticator with the new one, and ends their other sessions.
///
/// The answer has new recovery codes, which are shown only once. It requires a recent second factor.
#[utoipa::path(post, path = "/account/second-factor/confirm")]
async fn confirm_second_factor<D: Door>(
    changer: Changer<D>,
    body: Body<ConfirmSecondFactor>,
) -> Result<Reply<RecoveryCodes>, ApiError> {
    changer
        .fresh(move |scope| {
            let codes = accounts::confirm_second_factor(scope, &body.value.code)?;
            Reply::ok(&no_record::own(RecoveryCodes { recovery_codes: codes.ok_or_else(wrong_code)? }))
        })
        .await
}

fn wrong_code() -> ApiError {
    ApiError::parameter("/code", "is not the code that the new authenticator shows now")
}

/// Replaces the caller's recovery codes, and shows the new ones once.
///
/// The earlier codes stop working. It requires a recent second factor.
#[utoipa::path(post, path = "/account/recovery-codes")]
async fn replace_recovery_codes<D: Door>(changer: Changer<D>) -> Result<Reply<RecoveryCodes>, ApiError> {
    changer
        .fresh(|scope| {
            let recovery_codes = accounts::replace_recovery_codes(scope)?;
            Reply::ok(&no_record::own(RecoveryCodes { recovery_codes }))
        })
        .await
}
