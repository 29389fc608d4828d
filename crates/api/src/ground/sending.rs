//! Sending in a document at any door: it is taken in, and then its row is written.

use std::sync::Arc;

use almoner_domain::documents::DocumentName;
use almoner_domain::ids::{DocumentId, ObjectId};
use almoner_persistence::documents::Received;
use almoner_persistence::idempotency::IdempotentOutcome;
use almoner_persistence::{OnRecord, StoreError};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::caller::{Caller, ScopeOf};
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::permission::Permission;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Representation};
use crate::ground::upload::Upload;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NewVersion {
    /// The document of which this is a new version: its newest version, in the same case, record or referral.
    pub(crate) replaces: Option<DocumentId>,
}

/// What a document is sent to, at one door.
pub(crate) trait Destination: Copy + Send + 'static {
    /// The permission to send it.
    type Sends: Permission;
    /// What its sender is shown of it.
    type Shown: Representation + Send;
    /// The address below which documents are given out at the door.
    const ADDRESS: &'static str;

    /// Refuses a document of this size that may not be sent.
    fn check(self, scope: &mut ScopeOf<'_, Self::Sends>, size: u64) -> Result<(), StoreError>;

    /// Begins a content.
    fn begin(scope: &mut ScopeOf<'_, Self::Sends>) -> ObjectId;

    /// Sends a document whose content was taken in.
    fn send(
        self,
        scope: &mut ScopeOf<'_, Self::Sends>,
        name: &DocumentName,
        replaces: Option<DocumentId>,
        received: &Received,
    ) -> Result<Self::Shown, StoreError>;

    /// Finds a document that an earlier request sent.
    fn find_sent(scope: &mut ScopeOf<'_, Self::Sends>, id: DocumentId) -> Result<OnRecord<Self::Shown>, StoreError>;

    /// Returns the identifier of a document.
    fn id(shown: &Self::Shown) -> DocumentId;
}

/// Takes a document in and sends it. The caller's permission and the limits are asked before the content is read, in a
/// transaction of their own: none is held while a content arrives.
pub(crate) async fn send<D: Destination>(
    caller: Caller<D::Sends>,
    to: D,
    replaces: Option<DocumentId>,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<D::Shown>, ApiError> {
    let objects = caller.service().settings.documents.clone();
    let (size, again) = (upload.declared_size(), key.clone());
    let object = caller
        .clone()
        .scope(move |scope| {
            match to.check(scope, size) {
                // Where the same request was done before, its own document may be the last that there was room for.
                Err(StoreError::Refused(_)) if again.was_used(scope)? => {}
                checked => checked?,
            }
            Ok(D::begin(scope))
        })
        .await?;
    let (name, received) = upload.receive(&objects, object).await?;
    let received = Arc::new(received);
    let taken = Arc::clone(&received);
    let sent = caller.scope(move |scope| {
        let old = replaces.map(|old| old.to_string()).unwrap_or_default();
        let request = [&taken.hash[..], name.as_str().as_bytes(), taken.kind.as_str().as_bytes(), old.as_bytes()];
        let mut created = None;
        let done = key.run_over(scope, &request, |scope| {
            let document = to.send(scope, &name, replaces, &taken)?;
            let made = D::id(&document);
            created = Some(document);
            Ok::<_, ApiError>(made)
        })?;
        let shown = match created {
            Some(document) => no_record::made(document),
            None => D::find_sent(scope, done.id())?,
        };
        let address = format!("{}/{}", D::ADDRESS, done.id::<DocumentId>());
        let answer = Created::at(address, &shown)?.replayed_if(&done);
        Ok((answer, matches!(done, IdempotentOutcome::Replayed(_))))
    });
    match sent.await {
        Ok((answer, false)) => Ok(answer),
        // An earlier request with the same key sent the same content.
        Ok((answer, true)) => {
            received.discard().await;
            Ok(answer)
        }
        Err(error) => {
            // Where it is not known whether the row was written, the content stays until the worker clears it away.
            if error.kind.status().is_client_error() {
                received.discard().await;
            }
            Err(error)
        }
    }
}
