//! Objects: contents too large for a row of the database, in a directory. They are sealed before they come here, and have
//! random identifiers, which tell nothing of whose they are.

use std::future::Future;
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path as Directory, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _};
use tokio::runtime::{Builder, Handle};
use uuid::Uuid;

use crate::ground::error::StoreError;

/// The place where objects are stored. Cheap to clone.
#[derive(Clone)]
pub struct Objects {
    directory: Arc<PathBuf>,
    /// The store of the directory, once it was needed: where no documents are sent in, the directory need not be there.
    opened: Arc<OnceLock<Arc<dyn ObjectStore>>>,
}

impl Objects {
    /// Stores objects in this directory, which is made when the first is written, for its owner alone.
    pub fn in_directory(directory: &Directory) -> Self {
        Self { directory: Arc::new(directory.to_owned()), opened: Arc::new(OnceLock::new()) }
    }

    fn store(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        if let Some(store) = self.opened.get() {
            return Ok(Arc::clone(store));
        }
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&*self.directory).map_err(failed)?;
        // An object that was said to be stored is there after a loss of power.
        let store = LocalFileSystem::new_with_prefix(&*self.directory).map_err(failed)?.with_fsync(true);
        Ok(Arc::clone(self.opened.get_or_init(|| Arc::new(store))))
    }

    /// Begins a new object. It is there once it is finished, whole; until then, and if it is dropped, it is not.
    pub(crate) async fn begin(&self, id: Uuid) -> Result<Writing, StoreError> {
        Ok(Writing(self.store()?.put_multipart(&address(id)).await.map_err(failed)?))
    }

    /// Reads a part of an object.
    pub(crate) async fn read(&self, id: Uuid, range: Range<u64>) -> Result<Bytes, StoreError> {
        self.store()?.get_range(&address(id), range).await.map_err(failed)
    }

    /// Whether an object is there, whole.
    pub(crate) async fn has(&self, id: Uuid) -> Result<bool, StoreError> {
        match self.store()?.head(&address(id)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes an object, and what a process that died has left of it. One that is not there is deleted already.
    pub(crate) async fn delete(&self, id: Uuid) -> Result<(), StoreError> {
        self.delete_unfinished(id)?;
        match self.store()?.delete(&address(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

impl Objects {
    /// Deletes the files of an object that was not finished, which the store gives a number sign and a number.
    fn delete_unfinished(&self, id: Uuid) -> Result<(), StoreError> {
        let path = self.directory.join(address(id).as_ref());
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
}

/// An object that is being written.
pub(crate) struct Writing(Box<dyn MultipartUpload>);

impl Writing {
    /// Writes the next part.
    pub(crate) async fn write(&mut self, part: Bytes) -> Result<(), StoreError> {
        self.0.put_part(part.into()).await.map_err(failed)
    }

    /// Finishes the object.
    pub(crate) async fn finish(mut self) -> Result<(), StoreError> {
        self.0.complete().await.map_err(failed)?;
        Ok(())
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
        Err(_) => Builder::new_current_thread().build().map_err(failed)?.block_on(future),
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
