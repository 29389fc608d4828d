//! Beginning to sign in through a council's identity provider.

use almoner_domain::ids::CouncilId;
use almoner_persistence::access::single_sign_on;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::account::single_sign_on::{ProviderDoor, SentAway, sent_away, wrong};
use crate::ground::body::Body;
use crate::ground::caller::{Anyone, Proving};
use crate::ground::door::CouncilDoor;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::permission::CouncilSingleSignOnManage;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;
use crate::ground::service::Service;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: begin);
    crate::account::single_sign_on::routes::<CouncilDoor>(door);
}

impl ProviderDoor for CouncilDoor {
    type Manage = CouncilSingleSignOnManage;
}

/// A request to begin an officer's sign-on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BeginOfficersSignOn, example = json!({
    "council_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "redirect_uri": "https://app.shropshire.example/signed-on",
}))]
struct BeginSignOn {
    /// The council.
    council_id: CouncilId,
    /// The address to which the provider sends the person back: one of those that are registered for it.
    #[schema(max_length = 500, format = "uri")]
    redirect_uri: String,
}

/// Begins to sign an officer in through their council's identity provider.
///
/// What has to do with complaints, and letting officers in, wants a session with a password instead.
#[utoipa::path(post, path = "/sessions/single-sign-on")]
async fn begin(Proving(anyone): Proving, body: Body<BeginSignOn>) -> Result<Reply<SentAway>, ApiError> {
    let Anyone { service, request, .. } = anyone;
    let BeginSignOn { council_id, redirect_uri } = body.value;
    let begin = move |service: &Service| {
        service.store.identity(request, |scope| {
            let begun = single_sign_on::begin_at_council(scope, council_id, &redirect_uri)?.ok_or_else(wrong)?;
            Reply::ok(&no_record::own(sent_away(&begun, &redirect_uri)?))
        })
    };
    service.block(begin).await
}
