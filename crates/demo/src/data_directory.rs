//! The data directory of the demonstration, which holds its keys, its logins and, where PostgreSQL can reach it, its database.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use almoner_api::new_private_key;
use almoner_embedded_postgres::{Error, Options, Server};
use almoner_persistence::random;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::logins::Logins;
use crate::{DIRECTORY, Failure};

/// The data directory, which lies below the working directory.
pub(crate) struct DataDirectory {
    path: PathBuf,
}

impl DataDirectory {
    /// Opens the directory, and makes it if it is not there.
    pub(crate) fn open() -> io::Result<Self> {
        let path = PathBuf::from(DIRECTORY);
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        // Root's PostgreSQL runs as a user of its own, who must pass through to the cluster. Every file in the directory is
        // closed to that user all the same.
        let mode = if fs::metadata(&path)?.uid() == 0 { 0o711 } else { 0o700 };
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
        Ok(Self { path })
    }

    /// Starts PostgreSQL in the directory; if the server's user cannot reach it, in a directory below `/var/lib`.
    pub(crate) fn start_postgres(&self) -> Result<Server, Error> {
        let start = |data| Server::start(&Options { data, durable: true, max_connections: 100 });
        match start(self.path.join("postgres")) {
            Err(Error::OutOfReach { .. }) => start(self.cluster_below_var_lib()),
            started => started,
        }
    }

    /// The path is the same for every start in the same working directory.
    fn cluster_below_var_lib(&self) -> PathBuf {
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        // FNV-1a: the standard library's hashes may differ from one version to the next.
        let hash = path.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Path::new("/var/lib/almoner-demo").join(format!("{hash:016x}")).join("postgres")
    }

    /// Tells whether the sample data is complete, and no file that belongs to it is missing.
    pub(crate) fn is_seeded(&self) -> bool {
        let files = [self.marker(), self.master_keys_file(), self.audit_key_file(), Logins::path()];
        files.iter().all(|file| file.exists())
    }

    /// Prepares for new sample data: makes new keys, and removes what the old data left.
    pub(crate) fn begin_seeding(&self) -> io::Result<()> {
        remove_if_present(&self.marker())?;
        let master = Zeroizing::new(random::bytes::<32>());
        let master = Zeroizing::new(format!("1:{}\n", BASE64.encode(master.as_ref())));
        write_secret(&self.master_keys_file(), master.as_bytes())?;
        remove_if_present(&self.audit_heads())?;
        write_secret(&self.audit_key_file(), new_ed25519_key().as_bytes())
    }

    /// Marks the sample data as complete.
    pub(crate) fn finish_seeding(&self) -> io::Result<()> {
        write_secret(&self.marker(), b"The sample data is complete. Without this file it is made anew.\n")
    }

    /// Reads the master keys of the demonstration.
    pub(crate) fn master_keys(&self) -> io::Result<Zeroizing<String>> {
        fs::read_to_string(self.master_keys_file()).map(Zeroizing::new)
    }

    /// Reads the key that signs the heads of the demonstration's audit log.
    pub(crate) fn audit_key(&self) -> io::Result<Zeroizing<String>> {
        fs::read_to_string(self.audit_key_file()).map(Zeroizing::new)
    }

    /// The directory in which documents are stored.
    pub(crate) fn documents(&self) -> PathBuf {
        self.path.join("documents")
    }

    /// The file to which the signed heads are added.
    pub(crate) fn audit_heads(&self) -> PathBuf {
        self.path.join("audit-heads")
    }

    fn audit_key_file(&self) -> PathBuf {
        self.path.join("audit-key.pem")
    }

    fn marker(&self) -> PathBuf {
        self.path.join("seeded")
    }

    fn master_keys_file(&self) -> PathBuf {
        self.path.join("master-keys")
    }
}

/// Makes a new Ed25519 private key, as PKCS#8 in PEM.
fn new_ed25519_key() -> Zeroizing<String> {
    let der = BASE64.encode(&new_private_key());
    Zeroizing::new(format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n"))
}

fn remove_if_present(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn write_secret(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content)
}

/// Says of a failure that it is one of the demonstration's PostgreSQL.
pub(crate) fn postgres_failed(error: Error) -> Failure {
    format!("the demonstration's PostgreSQL: {error}").into()
}
