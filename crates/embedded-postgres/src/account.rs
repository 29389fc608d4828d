use std::{
    fs, io,
    os::unix::fs::{MetadataExt, lchown},
    path::Path,
};

use crate::Error;

/// The user as whom the server runs when this program runs as root.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Account {
    /// The user as whom to run the server. `None` is this program's own user, who is not root.
    pub(crate) fn for_cluster(data: &Path) -> Result<Option<Self>, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let account = match fs::metadata(data) {
            Ok(found) if found.uid() != 0 => {
                let owner = Self::find(&users, |account| account.uid == found.uid());
                Some(owner.unwrap_or_else(|| Self {
                    name: found.uid().to_string(),
                    uid: found.uid(),
                    gid: found.gid(),
                }))
            }
            _ => Self::find(&users, |account| account.name == "postgres"),
        };
        account.map(Some).ok_or(Error::NoUser)
    }

    fn find(users: &str, wanted: impl Fn(&Self) -> bool) -> Option<Self> {
        let parse = |line: &str| {
            let mut fields = line.split(':');
            Some(Self {
                name: fields.next()?.to_owned(),
                uid: fields.nth(1)?.parse().ok()?,
                gid: fields.next()?.parse().ok()?,
            })
        };
        users.lines().filter_map(parse).find(wanted)
    }

    /// Makes this user the owner of a path and of all below it. Symbolic links are not followed.
    pub(crate) fn own(&self, path: &Path) -> io::Result<()> {
        lchown(path, Some(self.uid), Some(self.gid))?;
        if fs::symlink_metadata(path)?.is_dir() {
            for entry in fs::read_dir(path)? {
                self.own(&entry?.path())?;
            }
        }
        Ok(())
    }

    /// The outermost directory on the way to a path that this user may not enter, going by the permission bits. It explains
    /// a refusal of the system's afterwards, and does not predict one.
    pub(crate) fn barred_from<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        let barred = |directory: &&Path| {
            fs::metadata(directory).is_ok_and(|found| {
                let search = if found.uid() == self.uid {
                    0o100
                } else if found.gid() == self.gid {
                    0o010
                } else {
                    0o001
                };
                found.mode() & search == 0
            })
        };
        path.ancestors().filter(barred).last()
    }
}
