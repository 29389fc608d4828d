//! Sending in a document at any door: it is taken in, and then its row is written.

use std::sync::Arc;

use almoner_domain::documents::{DocumentName, Places};
use almoner_domain::ids::{DocumentId, ObjectId, UploadId};
use almoner_persistence::documents::Received;
use almoner_persistence::documents::uploads::{self, Pieces};
use almoner_persistence::idempotency::IdempotentOutcome;
use almoner_persistence::{Objects, OnRecord, StoreError};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::ground::caller::{Caller, ScopeOf};
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::permission::Permission;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Representation};
use crate::ground::upload::{Source, Upload};

/// How a document is sent in.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowSent {
    /// The document of which this is a new version: its newest version, in the same case, record or referral.
    replaces: Option<DocumentId>,
    /// The upload that is the document's content, which is all there. The content of the request is empty then.
    upload: Option<UploadId>,
    /// `keep` keeps the places in a picture. They are taken out otherwise, with whatever may say where it was taken.
    #[param(inline)]
    places: Option<PlacesWish>,
}

/// How a document is sent in that has no versions, at a door without uploads.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowSentWhole {
    /// `keep` keeps the places in a picture. They are taken out otherwise, with whatever may say where it was taken.
    #[param(inline)]
    places: Option<PlacesWish>,
}

impl From<HowSentWhole> for HowSent {
    fn from(how: HowSentWhole) -> Self {
        Self { replaces: None, upload: None, places: how.places }
    }
}

/// What is done with the places in a picture.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PlacesWish {
    /// The picture is stored as it is.
    Keep,
}

/// What a document is sent to, at one door.
pub(crate) trait Destination: Clone + Send + 'static {
    /// The permission to send it.
    type Sends: Permission;
    /// What its sender is shown of it.
    type Shown: Representation + Send;

    /// Refuses a document of this size that may not be sent.
    fn check(&self, scope: &mut ScopeOf<'_, Self::Sends>, size: u64) -> Result<(), StoreError>;

    /// Begins a content.
    fn begin(&self, scope: &mut ScopeOf<'_, Self::Sends>) -> Result<ObjectId, StoreError>;

    /// Opens an upload of the caller's as the content. A door without uploads has none.
    fn open_upload(_: &mut ScopeOf<'_, Self::Sends>, _: UploadId, _: &Objects) -> Result<Pieces, StoreError> {
        Err(uploads::gone())
    }

    /// Ends an upload that the document took.
    fn end_upload(_: &mut ScopeOf<'_, Self::Sends>, _: UploadId) -> Result<(), StoreError> {
        Err(uploads::gone())
    }

    /// Sends a document whose content was taken in, as a new version of the document that it replaces if it does.
    fn send(
        &self,
        scope: &mut ScopeOf<'_, Self::Sends>,
        name: &DocumentName,
        replaces: Option<DocumentId>,
        received: &Received,
    ) -> Result<Self::Shown, StoreError>;

    /// Finds a document that an earlier request sent.
    fn find_sent(
        &self,
        scope: &mut ScopeOf<'_, Self::Sends>,
        id: DocumentId,
    ) -> Result<OnRecord<Self::Shown>, StoreError>;

    /// Returns the identifier of a document.
    fn id(shown: &Self::Shown) -> DocumentId;

    /// Returns the address at which a document is found.
    fn address(&self, document: DocumentId) -> String;
}

/// Takes a document in and sends it. The caller's permission and the limits are asked before the content is read, in a
/// transaction of their own: none is held while a content arrives.
pub(crate) async fn send<D: Destination>(
    caller: Caller<D::Sends>,
    to: D,
    how: HowSent,
    key: IdempotencyKey,
    upload: Upload,
) -> Result<Created<D::Shown>, ApiError> {
    let objects = caller.service().settings.documents.clone();
    let HowSent { replaces, upload: from, places } = how;
    let (declared_size, again, stored) = (upload.declared_size(), key.clone(), objects.clone());
    let first = to.clone();
    let begun = caller.clone().scope(move |scope| {
        // Where the same request was done before, its document has taken the upload, and may be the last that there was room for.
        let pieces = match from {
            Some(from) if !again.was_used(scope)? => Some(D::open_upload(scope, from, &stored)?),
            _ => None,
        };
        match first.check(scope, pieces.as_ref().map_or(declared_size, |pieces| pieces.size)) {
            Err(StoreError::Refused(_)) if again.was_used(scope)? => {}
            checked => checked?,
        }
        let content = match (from, pieces) {
            (None, _) => Some(Source::Connection),
            (Some(_), pieces) => pieces.map(|pieces| Source::Upload(Box::new(pieces))),
        };
        Ok(match content {
            Some(content) => Some((content, first.begin(scope)?)),
            None => None,
        })
    });
    let begun = match begun.await {
        Ok(begun) => begun,
        Err(error) => {
            upload.refuse().await;
            return Err(error);
        }
    };
    let name = upload.name.clone();
    let (kind, received) = match begun {
        Some((content, object)) => {
            let filter = if places.is_some() { None } else { Some(Places::default()) };
            let received = upload.receive(&objects, object, content, filter).await?;
            (received.kind, Some(Arc::new(received)))
        }
        None => (upload.declared, None),
    };
    let taken = received.clone();
    let sent = caller.scope(move |scope| {
        let old = replaces.map(|old| old.to_string()).unwrap_or_default();
        // What an upload has does not change any more, and is gone when the request comes again.
        let content = match (from, &taken) {
            (Some(upload), _) => upload.uuid().as_bytes().to_vec(),
            (None, taken) => taken.as_ref().map(|taken| taken.hash.to_vec()).unwrap_or_default(),
        };
        let wish = if places.is_some() { &b"keep"[..] } else { b"" };
        let request = [&content[..], name.as_str().as_bytes(), kind.as_str().as_bytes(), old.as_bytes(), wish];
        let mut created = None;
        let done = key.run_over(scope, &request, |scope| {
            let taken = taken.as_deref().ok_or_else(uploads::gone)?;
            let document = to.send(scope, &name, replaces, taken)?;
            if let Some(upload) = from {
                D::end_upload(scope, upload)?;
            }
            let made = D::id(&document);
            created = Some(document);
            Ok::<_, ApiError>(made)
        })?;
        let shown = match created {
            Some(document) => no_record::made(document),
            None => to.find_sent(scope, done.id())?,
        };
        let answer = Created::at(to.address(done.id()), &shown)?.replayed_if(&done);
        Ok((answer, matches!(done, IdempotentOutcome::Replayed(_))))
    });
    let sent = sent.await;
    // An earlier request with the same key sent the same content. Where it is not known whether the row was written, the content
    // stays until the worker clears it away.
    let is_spare = match &sent {
        Ok((_, is_replayed)) => *is_replayed,
        Err(error) => error.kind.status().is_client_error(),
    };
    if let Some(received) = received.filter(|_| is_spare) {
        received.discard().await;
    }
    Ok(sent?.0)
}
