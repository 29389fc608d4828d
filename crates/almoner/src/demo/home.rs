//! Where the demonstration lives: a directory of its own, with its keys and, where it can, its database.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use almoner_api::new_private_key;
use almoner_embedded_postgres::{Error, Options, Server};
use almoner_persistence::random;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::DIRECTORY;
use crate::logins::Logins;
use crate::serve::Failure;

/// The directory, below the working directory.
pub(super) struct Home {
    directory: PathBuf,
}

impl Home {
    /// Enters it, making it first if need be.
    pub(super) fn open() -> io::Result<Self> {
        let directory = PathBuf::from(DIRECTORY);
        match DirBuilder::new().mode(0o700).create(&directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        // Root's PostgreSQL runs as a user of its own, who must pass through to the cluster. Every file in the directory is
        // closed to that user all the same.
        let mode = if fs::metadata(&directory)?.uid() == 0 { 0o711 } else { 0o700 };
        fs::set_permissions(&directory, Permissions::from_mode(mode))?;
        Ok(Self { directory })
    }

    /// Starts PostgreSQL: in the directory or, where the server's user cannot get there, in one of its own below /var/lib.
    pub(super) fn start_postgres(&self) -> Result<Server, Error> {
        let start = |data| Server::start(&Options { data, durable: true, max_connections: 30 });
        match start(self.directory.join("postgres")) {
            Err(Error::OutOfReach { .. }) => start(self.elsewhere()),
            started => started,
        }
    }

    /// The same for every start in the same working directory.
    fn elsewhere(&self) -> PathBuf {
        let path = fs::canonicalize(&self.directory).unwrap_or_else(|_| self.directory.clone());
        // FNV-1a: the standard library's hashes may differ from one version to the next.
        let hash = path.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Path::new("/var/lib/almoner-demo").join(format!("{hash:016x}")).join("postgres")
    }

    /// Whether the synthetic data was made, to its end, and nothing that belongs to it has gone.
    pub(super) fn is_seeded(&self) -> bool {
        let files = [self.marker(), self.master_keys_file(), self.audit_key_file(), Logins::path()];
        files.iter().all(|file| file.exists())
    }

    /// Begins anew, with a new master key.
    pub(super) fn begin(&self) -> io::Result<()> {
        match fs::remove_file(self.marker()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let master = Zeroizing::new(random::bytes::<32>());
        let master = Zeroizing::new(format!("1:{}\n", BASE64.encode(master.as_ref())));
        write_secret(&self.master_keys_file(), master.as_bytes())?;
        match fs::remove_file(self.audit_heads()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        write_secret(&self.audit_key_file(), new_ed25519_key().as_bytes())
    }

    /// Remembers that the synthetic data is there.
    pub(super) fn finish(&self) -> io::Result<()> {
        write_secret(&self.marker(), b"The synthetic data is complete. Without this file it is made anew.\n")
    }

    /// The master keys of the demonstration.
    pub(super) fn master_keys(&self) -> io::Result<Zeroizing<String>> {
        fs::read_to_string(self.master_keys_file()).map(Zeroizing::new)
    }

    /// The key that signs the heads of the demonstration's audit log.
    pub(super) fn audit_key(&self) -> io::Result<Zeroizing<String>> {
        fs::read_to_string(self.audit_key_file()).map(Zeroizing::new)
    }

    /// Where the signed heads are written.
    pub(super) fn audit_heads(&self) -> PathBuf {
        self.directory.join("audit-heads")
    }

    fn audit_key_file(&self) -> PathBuf {
        self.directory.join("audit-key.pem")
    }

    fn marker(&self) -> PathBuf {
        self.directory.join("seeded")
    }

    fn master_keys_file(&self) -> PathBuf {
        self.directory.join("master-keys")
    }
}

/// A new Ed25519 private key, as PKCS#8 in PEM.
fn new_ed25519_key() -> Zeroizing<String> {
    let der = BASE64.encode(&new_private_key());
    Zeroizing::new(format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n"))
}

fn write_secret(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content)
}

/// What PostgreSQL refuses, as a failure of the demonstration.
pub(super) fn postgres_failed(error: Error) -> Failure {
    format!("the demonstration's PostgreSQL: {error}").into()
}
