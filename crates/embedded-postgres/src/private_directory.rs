use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process,
};

use crate::{Error, account::Account};

/// A new directory that only the server's user (and root) can enter, removed with all it holds
/// when dropped.
#[derive(Debug)]
pub struct PrivateDirectory(PathBuf);

impl PrivateDirectory {
    /// Makes a directory inside another, which may be one that everybody can write to.
    ///
    /// It belongs to the user whom a new cluster's server will run as.
    pub fn create(inside: &Path) -> Result<Self, Error> {
        Self::create_for(inside, Account::for_cluster(Path::new(""))?.as_ref())
    }

    pub(crate) fn create_for(inside: &Path, account: Option<&Account>) -> Result<Self, Error> {
        let program = process::id();
        // `create` fails where the name is taken, even by a dangling link; so a directory that
        // somebody else has put there beforehand is passed over, never used.
        let directory = (0..1000)
            .map(|number| inside.join(format!("almoner-{program}-{number}")))
            .find_map(|path| match DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
                Err(error) => Some(Err(Error::file("make", path)(error))),
                Ok(()) => Some(Ok(Self(path))),
            })
            .unwrap_or_else(|| {
                let taken = io::Error::from(io::ErrorKind::AlreadyExists);
                Err(Error::file("make a directory in", inside)(taken))
            })?;
        if let Some(account) = account {
            account.own(&directory.0).map_err(Error::file("change the owner of", &directory.0))?;
        }
        Ok(directory)
    }

    /// The path of the directory.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        // The error can be reported to nobody, and what stays behind is of no use to anybody.
        let _ = fs::remove_dir_all(&self.0);
    }
}
