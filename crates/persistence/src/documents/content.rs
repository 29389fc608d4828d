//! The content of a document: an object, and the key that opens it.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use almoner_domain::documents::DocumentKind;
use almoner_domain::ids::ObjectId;
use bytes::Bytes;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::objects::{Objects, wait};
use crate::ground::sealed_stream::{CHUNK, HEADER, Opener};
use crate::ground::sealing::{Key, SealedField};

/// The chunks that are read from the store at once, 1 MiB of them: a bucket takes a while before it answers anything.
const READ_AT_ONCE: u64 = 16;

/// The place for which the content of an object is sealed.
pub(super) fn place(object: Uuid) -> SealedField {
    SealedField { owner: Uuid::nil(), table: "documents", column: "content", row: object }
}

/// The content of a document, to be read from where it is stored.
pub struct Content {
    /// The kind of the document.
    pub kind: DocumentKind,
    /// The name of the document, if whoever reads it is told.
    pub name: Option<String>,
    /// The number of bytes.
    pub size: u64,
    pub(super) object: Uuid,
    pub(super) key: Key,
}

impl Content {
    /// The content of a document of this kind, name and size, which is this object, sealed under this key.
    pub(crate) fn of(
        kind: DocumentKind,
        name: Option<String>,
        size: i64,
        (object, key): (ObjectId, Key),
    ) -> Result<Self, StoreError> {
        let size = u64::try_from(size).map_err(StoreError::unreadable)?;
        Ok(Self { kind, name, size, object: object.uuid(), key })
    }

    /// Begins to read the content.
    pub async fn begin(self, objects: &Objects) -> Result<Reading, StoreError> {
        Reading::begin(objects, self.object, &self.key, self.size).await
    }

    /// Makes a reader of the content, for a thread that may wait.
    pub fn reader(self, objects: &Objects) -> Result<impl Read + Seek + use<>, StoreError> {
        let size = self.size;
        Ok(Plain { reading: wait(self.begin(objects))?, size, at: 0, chunk: None })
    }
}

/// A content that is being read, one chunk after the other.
pub struct Reading {
    objects: Objects,
    object: Uuid,
    opener: Opener,
    next: u64,
    /// What was read last of the sealed content, and where that begins.
    sealed_from: u64,
    sealed: Bytes,
}

impl Reading {
    /// Begins to read an object of this many bytes, which was sealed under this key.
    pub(super) async fn begin(objects: &Objects, object: Uuid, key: &Key, size: u64) -> Result<Self, StoreError> {
        let header = objects.read(object, 0..HEADER as u64).await?;
        let opener = Opener::new(key, place(object), size, &header)?;
        Ok(Self { objects: objects.clone(), object, opener, next: 0, sealed_from: 0, sealed: Bytes::new() })
    }

    /// Reads the next chunk. `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        if self.next == self.opener.chunks() {
            return Ok(None);
        }
        let chunk = self.chunk(self.next).await?;
        self.next += 1;
        Ok(Some(chunk.into()))
    }

    async fn chunk(&mut self, chunk: u64) -> Result<Vec<u8>, StoreError> {
        let Range { start, end } = self.opener.range(chunk);
        if start < self.sealed_from || self.sealed_from + (self.sealed.len() as u64) < end {
            let last = (chunk + READ_AT_ONCE).min(self.opener.chunks()) - 1;
            self.sealed = self.objects.read(self.object, start..self.opener.range(last).end).await?;
            self.sealed_from = start;
        }
        let place = |at: u64| usize::try_from(at - self.sealed_from).map_err(StoreError::unreadable);
        // An object that was cut off has less, which does not open.
        let sealed = self.sealed.get(place(start)?..place(end)?).unwrap_or_default();
        self.opener.open(chunk, sealed)
    }
}

/// A content as a file, of which one chunk is open.
struct Plain {
    reading: Reading,
    size: u64,
    at: u64,
    chunk: Option<(u64, Vec<u8>)>,
}

impl Read for Plain {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size {
            return Ok(0);
        }
        let wanted = self.at / CHUNK;
        if self.chunk.as_ref().is_none_or(|(chunk, _)| *chunk != wanted) {
            self.chunk = Some((wanted, wait(self.reading.chunk(wanted)).map_err(io::Error::other)?));
        }
        let open = self.chunk.as_ref().map_or(&[] as &[u8], |(_, open)| open);
        let from = usize::try_from(self.at % CHUNK).map_err(io::Error::other)?;
        let read = open.get(from..).unwrap_or_default().read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Plain {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(more) => self.size.checked_add_signed(more),
            SeekFrom::Current(more) => self.at.checked_add_signed(more),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
