//! Beginning to sign in through a practice's identity provider.

use almoner_domain::words::slug::Slug;
use almoner_persistence::access::single_sign_on;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::account::single_sign_on::{ProviderDoor, SentAway, sent_away, wrong};
use crate::ground::body::Body;
use crate::ground::caller::{Anyone, Proving};
use crate::ground::door::PracticeDoor;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::permission::SingleSignOnManage;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;
use crate::ground::service::Service;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: begin);
    crate::account::single_sign_on::routes::<PracticeDoor>(door);
}

impl ProviderDoor for PracticeDoor {
    type Manage = SingleSignOnManage;
}

/// A request to begin a sign-on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "practice": "severn-social-work", "redirect_uri": "https://app.severn.example/signed-on" }))]
struct BeginSignOn {
    /// The practice's name in URLs.
    practice: Slug,
    /// The address to which the provider sends the person back: one of those that are registered for it.
    #[schema(max_length = 500, format = "uri")]
    redirect_uri: String,
}

/// Begins to sign somebody in through their practice's identity provider.
#[utoipa::path(post, path = "/sessions/single-sign-on")]
async fn begin(Proving(anyone): Proving, body: Body<BeginSignOn>) -> Result<Reply<SentAway>, ApiError> {
    let Anyone { service, request, .. } = anyone;
    let BeginSignOn { practice, redirect_uri } = body.value;
    let begin = move |service: &Service| {
        service.store.identity(request, |scope| {
            let begun = single_sign_on::begin(scope, practice.as_str(), &redirect_uri)?.ok_or_else(wrong)?;
            Reply::ok(&no_record::own(sent_away(&begun, &redirect_uri)?))
        })
    };
    service.block(begin).await
}
