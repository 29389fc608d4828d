//! Uploads: contents that arrive in pieces, so that a connection that breaks off loses little, until a document takes them. An
//! upload is its caller's alone, and expires.
//!
//! Each piece is an object, sealed under a key of its own; no transaction is held while it arrives. When a piece begins, a job is
//! left that deletes its object after the upload has expired, whatever becomes of the process.

use almoner_domain::documents::limits;
use almoner_domain::events::Task;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ObjectId, UploadId};
use almoner_domain::refusal::Refusal;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::documents::content::Reading;
use crate::documents::sending::{bytes, random_object};
use crate::documents::storing::Storing;
use crate::ground::error::StoreError;
use crate::ground::objects::Objects;
use crate::ground::page::{CLEARED_AT_ONCE, as_limit};
use crate::ground::prepared::update;
use crate::ground::schema::{upload_pieces, uploads};
use crate::ground::scope::{CouncilScope, PracticeScope, Scope, WorkerScope};
use crate::ground::sealing::Key;

/// The time after which an upload expires.
pub const EXPIRES_AFTER: TimeDelta = TimeDelta::hours(24);

/// The time after an upload's end for which its pieces are kept, so that a document that is taking them reads them all.
const KEPT_AFTER: TimeDelta = TimeDelta::hours(1);

/// A content that arrives in pieces.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Upload {
    /// The identifier of the upload.
    pub id: UploadId,
    /// The bytes that are to come.
    #[schema(minimum = 1, maximum = 26_214_400)]
    pub size: i64,
    /// The bytes that came.
    #[schema(minimum = 0, maximum = 26_214_400)]
    pub received: i64,
    /// When the upload expires.
    pub expires_at: DateTime<Utc>,
}

/// Who uploads: a practice or a council, and within it a member of staff or a system.
#[derive(Clone, Copy)]
pub struct Uploader {
    owner: Uuid,
    caller: Uuid,
}

/// A scope in which contents arrive in pieces.
pub trait Uploads<'s> {
    /// Returns the scope, and who uploads.
    fn uploader(&mut self) -> (&mut Scope<'s>, Uploader);
    /// Returns the job that deletes an object.
    fn clearing(object: ObjectId) -> Task;
}

impl<'s> Uploads<'s> for PracticeScope<'s> {
    fn uploader(&mut self) -> (&mut Scope<'s>, Uploader) {
        let uploader = Uploader { owner: self.practice_id().uuid(), caller: self.staff_id().uuid() };
        (&mut self.scope, uploader)
    }

    fn clearing(object: ObjectId) -> Task {
        Task::ClearObject { object }
    }
}

impl<'s> Uploads<'s> for CouncilScope<'s> {
    fn uploader(&mut self) -> (&mut Scope<'s>, Uploader) {
        let uploader = Uploader { owner: self.council_id().uuid(), caller: self.caller_id() };
        (&mut self.scope, uploader)
    }

    fn clearing(object: ObjectId) -> Task {
        Task::ClearCouncilObject { object }
    }
}

/// Begins an upload of this many bytes.
pub fn begin<'s>(scope: &mut impl Uploads<'s>, size: u64) -> Result<Upload, StoreError> {
    let (scope, Uploader { owner, caller }) = scope.uploader();
    let own = uploads::table
        .filter(uploads::owner_id.eq(owner).and(uploads::caller_id.eq(caller)).and(uploads::expires_at.gt(scope.at())));
    // They are held until this one is there, so that two that begin at once are counted one after the other.
    let _: Vec<UploadId> =
        own.order(uploads::upload_id).select(uploads::upload_id).for_no_key_update().load(scope.conn)?;
    let under_way: i64 = own.count().get_result(scope.conn)?;
    limits::expect_room_for_upload(under_way)?;
    let upload =
        Upload { id: scope.next_id(), size: bytes(size)?, received: 0, expires_at: scope.at() + EXPIRES_AFTER };
    diesel::insert_into(uploads::table)
        .values((
            uploads::owner_id.eq(owner),
            uploads::caller_id.eq(caller),
            uploads::upload_id.eq(upload.id),
            uploads::size.eq(upload.size),
            uploads::expires_at.eq(upload.expires_at),
        ))
        .execute(scope.conn)?;
    Ok(upload)
}

/// Finds an upload of the caller's that has not expired.
pub fn find<'s>(scope: &mut impl Uploads<'s>, id: UploadId) -> Result<Upload, StoreError> {
    let (scope, Uploader { owner, caller }) = scope.uploader();
    let (size, received, expires_at) = uploads::table
        .find((owner, caller, id))
        .filter(uploads::expires_at.gt(scope.at()))
        .select((uploads::size, uploads::received, uploads::expires_at))
        .first(scope.conn)?;
    Ok(Upload { id, size, received, expires_at })
}

/// Begins the piece of an upload that goes on from this byte. Returns the upload, and the object that the piece is to be.
pub fn begin_piece<'s, S: Uploads<'s>>(
    scope: &mut S,
    id: UploadId,
    from: i64,
) -> Result<(Upload, ObjectId), StoreError> {
    let upload = find(scope, id)?;
    if upload.received != from {
        return Err(Refusal::OffsetDiffers(upload.received).into());
    }
    let (scope, Uploader { owner, caller }) = scope.uploader();
    let have = upload_pieces::table
        .filter(upload_pieces::owner_id.eq(owner).and(upload_pieces::caller_id.eq(caller)))
        .filter(upload_pieces::upload_id.eq(id))
        .count()
        .get_result(scope.conn)?;
    limits::expect_room_for_piece(have)?;
    let object = random_object();
    scope.schedule(owner, S::clearing(object), upload.expires_at + KEPT_AFTER);
    Ok((upload, object))
}

/// A piece that is arriving. If it is dropped, nothing is left of it.
pub struct ArrivingPiece {
    storing: Storing,
    size: u64,
    objects: Objects,
}

/// A piece that arrived and is stored, without a row that has its key.
pub struct ArrivedPiece {
    size: u64,
    object: Uuid,
    key: Key,
    objects: Objects,
}

impl ArrivingPiece {
    /// Begins to take in a piece, as this object.
    pub async fn begin(objects: &Objects, object: ObjectId) -> Result<Self, StoreError> {
        Ok(Self { storing: Storing::begin(objects, object).await?, size: 0, objects: objects.clone() })
    }

    /// Takes the next bytes.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.size += bytes.len() as u64;
        self.storing.take(bytes).await
    }

    /// Ends the piece. `None` if it has no bytes: nothing is left of it then.
    pub async fn finish(self) -> Result<Option<ArrivedPiece>, StoreError> {
        if self.size == 0 {
            return Ok(None);
        }
        let (object, key) = self.storing.finish().await?;
        Ok(Some(ArrivedPiece { size: self.size, object, key, objects: self.objects }))
    }
}

impl ArrivedPiece {
    /// Deletes the piece, which nobody can open without its key.
    pub async fn discard(&self) {
        if let Err(error) = self.objects.delete(self.object).await {
            tracing::warn!(%error, "a piece of an upload that was refused could not be deleted");
        }
    }
}

/// Adds a piece that arrived to the upload, unless another did meanwhile, and returns the upload.
pub fn add_piece<'s>(
    scope: &mut impl Uploads<'s>,
    id: UploadId,
    from: i64,
    piece: &ArrivedPiece,
) -> Result<Upload, StoreError> {
    let size = bytes(piece.size)?;
    let (within, Uploader { owner, caller }) = scope.uploader();
    let added: Option<(i64, i64, DateTime<Utc>)> = update(uploads::table.find((owner, caller, id)))
        .filter(uploads::received.eq(from).and(uploads::expires_at.gt(within.at())))
        .set(uploads::received.eq(from + size))
        .returning((uploads::size, uploads::received, uploads::expires_at))
        .get_result(within.conn)
        .optional()?;
    let Some((of, received, expires_at)) = added else {
        let upload = find(scope, id)?;
        return Err(Refusal::OffsetDiffers(upload.received).into());
    };
    let content_key = within.root_key(owner)?.wrap(owner, piece.object, &piece.key)?;
    diesel::insert_into(upload_pieces::table)
        .values((
            upload_pieces::owner_id.eq(owner),
            upload_pieces::caller_id.eq(caller),
            upload_pieces::upload_id.eq(id),
            upload_pieces::starts_at.eq(from),
            upload_pieces::size.eq(size),
            upload_pieces::object_id.eq(piece.object),
            upload_pieces::content_key.eq(content_key),
        ))
        .execute(within.conn)?;
    Ok(Upload { id, size: of, received, expires_at })
}

/// A piece that is stored, with the key that opens it.
struct StoredPiece {
    size: u64,
    object: Uuid,
    key: Key,
}

/// The pieces of an upload that has all of its bytes, to be read one after the other.
pub struct Pieces {
    /// The bytes of all of them.
    pub size: u64,
    /// The pieces that are not read yet, the last first.
    waiting: Vec<StoredPiece>,
    objects: Objects,
    reading: Option<Reading>,
}

/// Opens an upload of the caller's for a document that is to take it.
pub fn open<'s>(scope: &mut impl Uploads<'s>, id: UploadId, objects: &Objects) -> Result<Pieces, StoreError> {
    let upload = find(scope, id).map_err(unless_gone)?;
    if upload.received < upload.size {
        return Err(Refusal::UploadUnfinished(upload.received).into());
    }
    let (scope, Uploader { owner, caller }) = scope.uploader();
    let rows: Vec<(i64, Uuid, Vec<u8>)> = upload_pieces::table
        .filter(upload_pieces::owner_id.eq(owner).and(upload_pieces::caller_id.eq(caller)))
        .filter(upload_pieces::upload_id.eq(id))
        .order(upload_pieces::starts_at.desc())
        .select((upload_pieces::size, upload_pieces::object_id, upload_pieces::content_key))
        .load(scope.conn)?;
    let root = scope.root_key(owner)?;
    let mut waiting = Vec::with_capacity(rows.len());
    for (size, object, sealed) in rows {
        let size = u64::try_from(size).map_err(StoreError::unreadable)?;
        waiting.push(StoredPiece { size, object, key: root.unwrap_key(owner, object, &sealed)? });
    }
    Ok(Pieces {
        size: u64::try_from(upload.size).map_err(StoreError::unreadable)?,
        waiting,
        objects: objects.clone(),
        reading: None,
    })
}

impl Pieces {
    /// Reads the next bytes. `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        loop {
            if let Some(reading) = &mut self.reading
                && let Some(read) = reading.next().await?
            {
                return Ok(Some(read));
            }
            let Some(StoredPiece { size, object, key }) = self.waiting.pop() else { return Ok(None) };
            self.reading = Some(Reading::begin(&self.objects, object, &key, size).await?);
        }
    }
}

/// Ends an upload that a document took. Of two documents that take it at once, one is refused.
pub fn end<'s>(scope: &mut impl Uploads<'s>, id: UploadId) -> Result<(), StoreError> {
    discard(scope, id).map_err(unless_gone)
}

/// Discards an upload of the caller's, with all that came of it.
pub fn discard<'s, S: Uploads<'s>>(scope: &mut S, id: UploadId) -> Result<(), StoreError> {
    let (scope, Uploader { owner, caller }) = scope.uploader();
    let pieces: Vec<ObjectId> = diesel::delete(upload_pieces::table)
        .filter(upload_pieces::owner_id.eq(owner).and(upload_pieces::caller_id.eq(caller)))
        .filter(upload_pieces::upload_id.eq(id))
        .returning(upload_pieces::object_id)
        .get_results(scope.conn)?;
    let deleted = diesel::delete(uploads::table.find((owner, caller, id))).execute(scope.conn)?;
    if deleted == 0 {
        return Err(StoreError::NotFound);
    }
    let at = scope.at();
    for object in pieces {
        scope.schedule(owner, S::clearing(object), at);
    }
    Ok(())
}

/// Turns the problem of an upload that is not there into a fault of the request that names it.
fn unless_gone(error: StoreError) -> StoreError {
    match error {
        StoreError::NotFound => gone(),
        other => other,
    }
}

/// Returns the fault of a request that names an upload which is not there, or not any more.
pub fn gone() -> StoreError {
    vec![Fault::new("upload", "names no upload of yours that is under way: it expired, or a document took it")].into()
}

/// Deletes uploads that have expired, with the rows of their pieces, each of which has a job that deletes its object.
pub(crate) fn clear_away(scope: &mut WorkerScope<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let deleted: Vec<(Uuid, Uuid, Uuid)> = uploads::table
        .filter(uploads::expires_at.lt(now - KEPT_AFTER))
        .limit(as_limit(CLEARED_AT_ONCE))
        .select((uploads::owner_id, uploads::caller_id, uploads::upload_id))
        .load(scope.conn)?;
    for (owner, caller, upload) in &deleted {
        diesel::delete(upload_pieces::table)
            .filter(upload_pieces::owner_id.eq(owner).and(upload_pieces::caller_id.eq(caller)))
            .filter(upload_pieces::upload_id.eq(upload))
            .execute(scope.conn)?;
        diesel::delete(uploads::table.find((owner, caller, upload))).execute(scope.conn)?;
    }
    Ok(deleted.len())
}
