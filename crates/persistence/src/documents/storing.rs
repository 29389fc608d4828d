//! Storing a content as it comes: it is sealed in chunks, under a key of its own, and never whole in memory.

use almoner_domain::ids::ObjectId;
use bytes::Bytes;
use uuid::Uuid;

use crate::documents::content::place;
use crate::ground::error::StoreError;
use crate::ground::objects::{Objects, Writing};
use crate::ground::sealed_stream::Sealer;
use crate::ground::sealing::Key;

/// The bytes that are handed on at once to be written. So much of each content is in memory, and two chunks, besides the part
/// that is being written.
const PIECE: usize = 256 * 1024;

/// An object that is being written. If it is dropped, nothing is left of it.
pub(super) struct Storing {
    object: Uuid,
    key: Key,
    writing: Writing,
    sealer: Sealer,
    /// What is sealed and not written yet.
    sealed: Vec<u8>,
}

impl Storing {
    /// Begins this object.
    pub(super) async fn begin(objects: &Objects, object: ObjectId) -> Result<Self, StoreError> {
        let (object, key) = (object.uuid(), Key::new());
        let (sealer, header) = Sealer::begin(&key, place(object));
        Ok(Self { object, key, writing: objects.begin(object).await?, sealer, sealed: header.to_vec() })
    }

    /// Takes the next bytes.
    pub(super) async fn take(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.sealer.push(bytes, &mut self.sealed)?;
        if self.sealed.len() >= PIECE {
            self.writing.write(Bytes::from(std::mem::take(&mut self.sealed))).await?;
        }
        Ok(())
    }

    /// Finishes the object, which has taken something. Returns it with the key that opens it.
    pub(super) async fn finish(mut self) -> Result<(Uuid, Key), StoreError> {
        self.sealer.finish(&mut self.sealed)?;
        self.writing.write(Bytes::from(self.sealed)).await?;
        self.writing.finish().await?;
        Ok((self.object, self.key))
    }
}
