//! Signing in at the complaints' door, with the account's own password and code. No provider vouches for anybody here, and no token of
//! another door is taken.

use almoner_domain::ids::CouncilId;
use almoner_persistence::access::{identity, sessions};
use almoner_persistence::{ComplaintsPlace, Place};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::account::Holder;
use crate::account::sign_in::{Credentials, Password, SignedIn, begun, prove_and_open, signed_in};
use crate::ground::body::Body;
use crate::ground::caller::Proving;
use crate::ground::door::ComplaintsDoor;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: sign_in, enter);
}

/// The credentials of a sign-in, with the council whose complaints they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ComplaintsSignIn, example = json!({
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
    /// The council whose complaints they are. It is required of somebody who works on complaints of several.
    #[serde(default)]
    council_id: Option<CouncilId>,
}

/// Signs an officer or a guest in to the complaints of one council.
#[utoipa::path(post, path = "/sessions")]
async fn sign_in(Proving(anyone): Proving, body: Body<SignIn>) -> Result<Created<SignedIn>, ApiError> {
    let SignIn { email, password, code, recovery_code, council_id } = body.value;
    let credentials = Credentials { email, password, code, recovery_code };
    let entered = prove_and_open::<ComplaintsDoor>(&anyone, credentials, move |service, scope, account, _| {
        let place = choose(identity::complaints_places(scope, account)?, council_id)?;
        Ok(sessions::begin(scope, account, Place::Complaints(place), service.settings.sessions)?)
    });
    begun::<ComplaintsDoor>(entered.await?)
}

/// Returns the place to enter: at the council named, or the only one.
fn choose(mut places: Vec<ComplaintsPlace>, named: Option<CouncilId>) -> Result<ComplaintsPlace, ApiError> {
    // An officer who is a guest of the same council too comes in as the officer.
    places.dedup_by_key(|place| place.council_id);
    let place = match named {
        Some(council) => places.into_iter().find(|place| place.council_id == council),
        None if places.len() > 1 => {
            let councils: Vec<_> =
                places.iter().map(|place| format!("{} ({})", place.council_id, place.name)).collect();
            return Err(ApiError::parameter("/council_id", format!("must be one of: {}", councils.join(", "))));
        }
        None => places.into_iter().next(),
    };
    // A caller without a place, or without one at the council named, gets the same answer as to a wrong password.
    place.ok_or_else(|| ApiError::new(Kind::InvalidCredentials))
}

/// A request to switch to the complaints of another council.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EnterComplaints, example = json!({ "council_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d" }))]
struct Enter {
    /// The council.
    council_id: CouncilId,
}

/// Switches to the complaints of another of the caller's councils.
///
/// The answer has tokens for that council, and those for the present one stop working. The time of the second factor does not
/// change.
#[utoipa::path(post, path = "/sessions/current/council")]
async fn enter(holder: Holder<ComplaintsDoor>, body: Body<Enter>) -> Result<Reply<SignedIn>, ApiError> {
    let service = holder.service();
    let opened = holder
        .scope(move |scope| {
            let account = scope.account();
            let mut places = identity::complaints_places(scope, account)?.into_iter();
            let there = places.find(|place| place.council_id == body.value.council_id);
            let there = there.ok_or_else(|| ApiError::parameter("/council_id", "names none of your councils"))?;
            Ok(sessions::enter(scope, Place::Complaints(there))?)
        })
        .await?;
    Reply::ok(&no_record::own(signed_in::<ComplaintsDoor>(&service, opened)?))
}
