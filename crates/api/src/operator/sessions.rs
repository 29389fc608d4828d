//! Signing an operator in.

use almoner_persistence::Place;
use almoner_persistence::access::sessions;

use crate::account::sign_in::{Credentials, SignedIn, begun, prove_and_open};
use crate::ground::body::Body;
use crate::ground::caller::Proving;
use crate::ground::door::OperatorDoor;
use crate::ground::operation::operations;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::Created;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: sign_in);
}

/// Signs an operator in.
#[utoipa::path(post, path = "/sessions")]
async fn sign_in(Proving(anyone): Proving, body: Body<Credentials>) -> Result<Created<SignedIn>, ApiError> {
    let signed_in = prove_and_open::<OperatorDoor>(&anyone, body.value, |service, scope, account, operator| {
        if !operator {
            return Err(ApiError::new(Kind::InvalidCredentials));
        }
        Ok(sessions::begin(scope, account, Place::Service, service.settings.sessions)?)
    });
    begun::<OperatorDoor>(signed_in.await?)
}
