//! Uploads: contents that arrive in pieces by tus 1.0.0, at each door at which documents are sent in. A document takes one by its
//! identifier (`ground/sending.rs`).

use std::sync::Arc;

use almoner_domain::ids::UploadId;
use almoner_persistence::documents::uploads::{self, Upload, Uploads};

use crate::ground::caller::Caller;
use crate::ground::door::Door;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::path::Path;
use crate::ground::permission::Permission;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply};
use crate::ground::routes::Routes;
use crate::ground::tus::{Begin, Piece, Progress, SpeaksTus};

/// A door at which documents are sent in.
pub(crate) trait UploadDoor: for<'s> Door<Scope<'s>: Uploads<'s>> {
    /// Permits sending documents in.
    type Sends: Permission<Door = Self>;
}

/// Registers the operations on uploads at a door.
pub(crate) fn routes<D: UploadDoor>(door: &mut Routes) {
    operations!(door: begin::<D>, read::<D>, append::<D>, discard::<D>);
}

/// Begins an upload: a content that arrives in pieces, by tus 1.0.0.
///
/// Whoever began it sends its pieces and then the document, with the upload's identifier as `upload`. It expires after 24 hours. A
/// caller has at most 20 under way. `Upload-Metadata` is ignored: the document has the name and the kind.
#[utoipa::path(post, path = "/uploads")]
async fn begin<D: UploadDoor>(caller: Caller<D::Sends>, size: Begin) -> Result<Progress<Created<Upload>>, ApiError> {
    let begun = caller.scope(move |scope| {
        let upload = uploads::begin(scope, size.0)?;
        let address = format!("/v1/{}/uploads/{}", D::NAME, upload.id);
        let answer = Created::at(address, &no_record::own(upload.clone()))?;
        Ok(Progress::of(upload, answer))
    });
    begun.await
}

/// Shows how far an upload of the caller's is.
#[utoipa::path(get, path = "/uploads/{id}")]
async fn read<D: UploadDoor>(
    caller: Caller<D::Sends>,
    id: Path<UploadId>,
    _: SpeaksTus,
) -> Result<Progress<Reply<Upload>>, ApiError> {
    let found = caller.scope(move |scope| {
        let upload = uploads::find(scope, id.0)?;
        let answer = Reply::ok(&no_record::own(upload.clone()))?;
        Ok(Progress::of(upload, answer))
    });
    found.await
}

/// Adds a piece to an upload, which goes on from the bytes that it has.
///
/// A piece that breaks off is kept as far as it came, unless it has a checksum. Of two that go on from the same byte, one is
/// refused.
#[utoipa::path(patch, path = "/uploads/{id}")]
async fn append<D: UploadDoor>(
    caller: Caller<D::Sends>,
    id: Path<UploadId>,
    piece: Piece,
) -> Result<Progress<NoContent>, ApiError> {
    let objects = caller.service().settings.documents.clone();
    let (id, from) = (id.0, piece.from);
    let begun = caller.clone().scope(move |scope| Ok(uploads::begin_piece(scope, id, from)?)).await;
    let (upload, object) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            piece.refuse().await;
            return Err(error);
        }
    };
    let rest = u64::try_from(upload.size - upload.received).unwrap_or(0);
    let Some(arrived) = piece.receive(&objects, object, rest).await? else {
        return Ok(Progress::of(upload, NoContent));
    };
    let arrived = Arc::new(arrived);
    let piece = Arc::clone(&arrived);
    match caller.scope(move |scope| Ok(uploads::add_piece(scope, id, from, &piece)?)).await {
        Ok(upload) => Ok(Progress::of(upload, NoContent)),
        Err(error) => {
            // Where it is not known whether the piece was added, it stays until the worker clears it away.
            if error.kind.status().is_client_error() {
                arrived.discard().await;
            }
            Err(error)
        }
    }
}

/// Discards an upload of the caller's, with all that came of it.
#[utoipa::path(delete, path = "/uploads/{id}")]
async fn discard<D: UploadDoor>(
    caller: Caller<D::Sends>,
    id: Path<UploadId>,
    _: SpeaksTus,
) -> Result<NoContent, ApiError> {
    caller.act(move |scope| uploads::discard(scope, id.0)).await
}
