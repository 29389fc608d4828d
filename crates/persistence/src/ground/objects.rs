//! Objects: contents too large for a row of the database, in a directory or in a bucket. They are sealed before they come here,
//! and have random identifiers, which tell nothing of whose they are.

use std::future::{Future, ready};
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path as Directory, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, WriteMultipart};
use tokio::runtime::{Builder, Handle};
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::s3::{Bucket, OpenBucket};

/// The bytes that are written to a file at once.
const PART_OF_A_FILE: usize = 1024 * 1024;

/// The bytes that are sent to a bucket at once: the least that S3 takes for a part that is not the last.
const PART_IN_A_BUCKET: usize = 5 * 1024 * 1024;

/// The place where objects are stored. Cheap to clone.
#[derive(Clone)]
pub struct Objects(Arc<Place>);

enum Place {
    Directory {
        path: PathBuf,
        /// The store of the directory, once it was needed: where no documents are sent in, the directory need not be there.
        opened: OnceLock<Arc<dyn ObjectStore>>,
    },
    Bucket(OpenBucket),
}

/// An object that is stored.
pub(crate) struct Stored {
    pub(crate) id: Uuid,
    /// When the object was stored, by the clock of the place where it is; in a bucket, when its upload began.
    pub(crate) at: DateTime<Utc>,
}

impl Objects {
    /// Stores objects in this directory, which is made when the first is written, for its owner alone.
    pub fn in_directory(directory: &Directory) -> Self {
        Self(Arc::new(Place::Directory { path: directory.to_owned(), opened: OnceLock::new() }))
    }

    /// Stores objects in this bucket, which has to be there. It is not asked before the first object is read or written.
    pub fn in_bucket(bucket: &Bucket<'_>) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Place::Bucket(OpenBucket::open(bucket)?))))
    }

    /// Opens the store, and makes its directory if it is not there.
    fn store(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        if let Place::Directory { path, opened } = &*self.0
            && opened.get().is_none()
        {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        }
        self.find_store()?.ok_or_else(|| failed("the directory is gone"))
    }

    /// Opens the store, unless it is a directory that is not there, in which nothing is stored.
    fn find_store(&self) -> Result<Option<Arc<dyn ObjectStore>>, StoreError> {
        match &*self.0 {
            Place::Bucket(bucket) => Ok(Some(Arc::clone(&bucket.store))),
            Place::Directory { path, opened } => {
                if opened.get().is_none() {
                    if !path.try_exists().map_err(failed)? {
                        return Ok(None);
                    }
                    // An object that was said to be stored is there after a loss of power.
                    let store = LocalFileSystem::new_with_prefix(path).map_err(failed)?.with_fsync(true);
                    opened.get_or_init(|| Arc::new(store));
                }
                Ok(opened.get().cloned())
            }
        }
    }

    /// Begins a new object. It is there once it is finished, whole; until then, and if it is dropped, it is not.
    pub(crate) async fn begin(&self, id: Uuid) -> Result<Writing, StoreError> {
        let upload = self.store()?.put_multipart(&address(id)).await.map_err(failed)?;
        let (part, aborts_on) = match &*self.0 {
            Place::Directory { .. } => (PART_OF_A_FILE, None),
            Place::Bucket(bucket) => (PART_IN_A_BUCKET, Some(bucket.runtime.clone())),
        };
        Ok(Writing { parts: Some(WriteMultipart::new_with_chunk_size(upload, part)), aborts_on })
    }

    /// Reads a part of an object.
    pub(crate) async fn read(&self, id: Uuid, range: Range<u64>) -> Result<Bytes, StoreError> {
        self.store()?.get_range(&address(id), range).await.map_err(failed)
    }

    /// Whether an object is there, whole.
    pub(crate) async fn has(&self, id: Uuid) -> Result<bool, StoreError> {
        let Some(store) = self.find_store()? else { return Ok(false) };
        match store.head(&address(id)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes an object, and what a process that died has left of it in a directory. (In a bucket, a rule of the bucket's does.)
    /// One that is not there is deleted already.
    pub(crate) async fn delete(&self, id: Uuid) -> Result<(), StoreError> {
        if let Place::Directory { path, .. } = &*self.0 {
            delete_unfinished(path, id)?;
        }
        match self.store()?.delete(&address(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Lists the objects of a folder: those whose identifiers begin with this byte, in no order. What is not finished is not
    /// among them, nor what is no object of this program's.
    pub(crate) async fn list(&self, folder: u8) -> Result<Vec<Stored>, StoreError> {
        let Some(store) = self.find_store()? else { return Ok(Vec::new()) };
        let folder = Path::from(format!("{folder:02x}"));
        let found = store.list(Some(&folder)).try_filter_map(|found| {
            let id = found.location.filename().and_then(|name| Uuid::try_parse(name).ok());
            let id = id.filter(|id| address(*id) == found.location);
            ready(Ok(id.map(|id| Stored { id, at: found.last_modified })))
        });
        found.try_collect().await.map_err(failed)
    }
}

/// Deletes the files of an object that was not finished, which the store gives a number sign and a number.
fn delete_unfinished(directory: &Directory, id: Uuid) -> Result<(), StoreError> {
    let path = directory.join(address(id).as_ref());
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let name = format!("{}#", name.to_string_lossy());
    let Ok(files) = std::fs::read_dir(folder) else { return Ok(()) };
    for file in files {
        let file = file.map_err(failed)?;
        if file.file_name().to_string_lossy().starts_with(&name) {
            std::fs::remove_file(file.path()).map_err(failed)?;
        }
    }
    Ok(())
}

/// An object that is being written, of which one part is in memory.
pub(crate) struct Writing {
    /// `None` once the object is finished.
    parts: Option<WriteMultipart>,
    /// Where a bucket is told that the object will not be finished. A file is removed by its own store.
    aborts_on: Option<Handle>,
}

impl Writing {
    /// Writes what comes next.
    pub(crate) async fn write(&mut self, next: Bytes) -> Result<(), StoreError> {
        let parts = self.parts.as_mut().ok_or_else(|| failed("the object is finished"))?;
        parts.put(next);
        // Until the part is written, nothing more is taken in.
        parts.wait_for_capacity(1).await.map_err(failed)
    }

    /// Finishes the object.
    pub(crate) async fn finish(mut self) -> Result<(), StoreError> {
        if let Some(parts) = self.parts.take() {
            parts.finish().await.map_err(failed)?;
        }
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let (Some(parts), Some(runtime)) = (self.parts.take(), &self.aborts_on) {
            runtime.spawn(async {
                if let Err(error) = parts.abort().await {
                    tracing::warn!(%error, "the parts of a content that was broken off could not be deleted");
                }
            });
        }
    }
}

/// The address of an object: by its first digits, so that no folder has too many.
fn address(id: Uuid) -> Path {
    let id = id.simple().to_string();
    Path::from(format!("{}/{id}", &id[..2]))
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::StorageFailed(error.to_string())
}

/// Waits for a future on a thread that may wait: one of a runtime's that is for blocking work, or one outside any.
pub(crate) fn wait<T>(future: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match Handle::try_current() {
        Ok(runtime) => runtime.block_on(future),
        // A request to a bucket that failed is repeated after a moment: hence the time.
        Err(_) => Builder::new_current_thread().enable_time().build().map_err(failed)?.block_on(future),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A directory of this test's own, which is removed when it is dropped.
    pub(crate) struct Scratch(pub(crate) PathBuf);

    impl Scratch {
        pub(crate) fn new() -> Self {
            let id = Uuid::from_bytes(crate::ground::random::bytes());
            Self(std::env::temp_dir().join(format!("almoner-objects-{id}")))
        }

        pub(crate) fn files(&self) -> Vec<PathBuf> {
            let Ok(folders) = std::fs::read_dir(&self.0) else { return Vec::new() };
            let folders = folders.map(|folder| folder.unwrap().path());
            folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path())).collect()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn an_object_is_there_once_it_is_finished_and_gone_once_it_is_deleted() {
        let scratch = Scratch::new();
        let objects = Objects::in_directory(&scratch.0);
        let id = Uuid::from_u128(7);
        wait(async {
            let mut writing = objects.begin(id).await?;
            writing.write(Bytes::from_static(b"sealed ")).await?;
            assert!(objects.read(id, 0..6).await.is_err(), "it is not finished");
            writing.write(Bytes::from_static(b"words")).await?;
            writing.finish().await?;
            assert_eq!(objects.read(id, 7..12).await?, "words");
            objects.delete(id).await?;
            assert!(objects.read(id, 0..6).await.is_err(), "it is gone");
            objects.delete(id).await
        })
        .unwrap();
        assert!(scratch.files().is_empty());
    }

    #[test]
    fn the_objects_of_a_folder_are_listed_and_nothing_else_that_is_in_it() {
        let scratch = Scratch::new();
        let objects = Objects::in_directory(&scratch.0);
        let [one, other] = [0x07 << 120 | 1, 0x08 << 120 | 1].map(Uuid::from_u128);
        let listed = |folder| {
            let listed = wait(objects.list(folder)).unwrap();
            listed.into_iter().map(|stored| stored.id).collect::<Vec<_>>()
        };
        assert!(
            listed(7).is_empty() && !wait(objects.has(one)).unwrap() && !scratch.0.exists(),
            "looking makes nothing"
        );
        wait(async {
            for id in [one, other] {
                let mut writing = objects.begin(id).await?;
                writing.write(Bytes::from_static(b"sealed")).await?;
                writing.finish().await?;
            }
            Ok(())
        })
        .unwrap();
        let folder = scratch.0.join("07");
        std::fs::write(folder.join(format!("{}#1", one.simple())), "half").unwrap();
        std::fs::write(folder.join("README"), "somebody else's").unwrap();
        std::fs::write(folder.join(other.simple().to_string()), "in the wrong folder").unwrap();
        assert_eq!((listed(7), listed(8), listed(9)), (vec![one], vec![other], vec![]));
    }

    #[test]
    fn an_object_that_is_dropped_before_it_is_finished_leaves_nothing() {
        let scratch = Scratch::new();
        let objects = Objects::in_directory(&scratch.0);
        wait(async {
            let mut writing = objects.begin(Uuid::from_u128(7)).await?;
            writing.write(Bytes::from_static(b"half")).await
        })
        .unwrap();
        // The file is removed on a thread of its own.
        let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while !scratch.files().is_empty() && std::time::Instant::now() < until {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(scratch.files().is_empty(), "{:?}", scratch.files());
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_said_to_have_failed() {
        let scratch = Scratch::new();
        std::fs::write(&scratch.0, "a file is in its place").unwrap();
        let failed = wait(Objects::in_directory(&scratch.0).begin(Uuid::from_u128(7))).err().unwrap();
        assert!(matches!(failed, StoreError::StorageFailed(_)), "{failed}");
        std::fs::remove_file(&scratch.0).unwrap();
    }
}
