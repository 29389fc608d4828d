//! Signing an officer in, and switching from one council to another.

use almoner_domain::ids::CouncilId;
use almoner_persistence::access::{identity, sessions};
use almoner_persistence::{Office, Place};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::account::Holder;
use crate::account::sign_in::{Credentials, Password, SignedIn, begun, prove_and_open, signed_in};
use crate::ground::body::Body;
use crate::ground::caller::Proving;
use crate::ground::door::CouncilDoor;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: sign_in, enter refuses Forbidden);
}

/// The credentials of a sign-in, with the council to enter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfficerSignIn, example = json!({
    "email": "ravi.mistry@shropshire.example", "password": "correct horse battery staple", "code": "492039",
}))]
struct SignIn {
    /// The email address of the account.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// The password of the account.
    password: Password,
    /// The six digits that the authenticator shows. Each code can be used once.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 20, pattern = "^[0-9 -]+$")]
    code: Option<String>,
    /// One of the account's recovery codes, in place of `code`. Each can be used once.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9 -]+$")]
    recovery_code: Option<String>,
    /// The council to enter. It is required of an officer of several councils.
    #[serde(default)]
    council_id: Option<CouncilId>,
}

/// Signs an officer in to one council.
#[utoipa::path(post, path = "/sessions")]
async fn sign_in(Proving(anyone): Proving, body: Body<SignIn>) -> Result<Created<SignedIn>, ApiError> {
    let SignIn { email, password, code, recovery_code, council_id } = body.value;
    let credentials = Credentials { email, password, code, recovery_code };
    let entered = prove_and_open::<CouncilDoor>(&anyone, credentials, move |service, scope, account, _| {
        let office = choose(identity::offices(scope, account)?, council_id)?;
        Ok(sessions::begin(scope, account, Place::Council(office), service.settings.sessions)?)
    });
    begun::<CouncilDoor>(entered.await?)
}

/// Returns the office to enter: at the council named, or the only one.
fn choose(offices: Vec<Office>, named: Option<CouncilId>) -> Result<Office, ApiError> {
    let office = match named {
        Some(council) => offices.into_iter().find(|office| office.council_id == council),
        None if offices.len() > 1 => {
            let councils: Vec<_> =
                offices.iter().map(|office| format!("{} ({})", office.council_id, office.name)).collect();
            return Err(ApiError::parameter("/council_id", format!("must be one of: {}", councils.join(", "))));
        }
        None => offices.into_iter().next(),
    };
    // A caller without an office, or without one at the council named, gets the same answer as to a wrong password.
    office.ok_or_else(|| ApiError::new(Kind::InvalidCredentials))
}

/// A request to switch to another council.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "council_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d" }))]
struct EnterCouncil {
    /// The council.
    council_id: CouncilId,
}

/// Switches to another of the caller's councils.
///
/// The answer has tokens for that council, and those for the present one stop working. The time of the second factor does not
/// change.
#[utoipa::path(post, path = "/sessions/current/council")]
async fn enter(holder: Holder<CouncilDoor>, body: Body<EnterCouncil>) -> Result<Reply<SignedIn>, ApiError> {
    let service = holder.service();
    let opened = holder
        .scope(move |scope| {
            if scope.by_provider() {
                return Err(ApiError::new(Kind::Forbidden).detail("This session is valid for its council only."));
            }
            let account = scope.account();
            let mut offices = identity::offices(scope, account)?.into_iter();
            let there = offices.find(|office| office.council_id == body.value.council_id);
            let there = there.ok_or_else(|| ApiError::parameter("/council_id", "names none of your councils"))?;
            Ok(sessions::enter(scope, Place::Council(there))?)
        })
        .await?;
    Reply::ok(&no_record::own(signed_in::<CouncilDoor>(&service, opened)?))
}
