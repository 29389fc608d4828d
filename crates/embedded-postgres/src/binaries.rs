use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use crate::Error;

/// The directories in which packages install PostgreSQL: one directory per version, each with a `bin` inside.
///
/// The second part is the beginning of the version's directory name, before the number.
const VERSIONS: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", ""),          // Debian, Ubuntu
    ("/usr", "pgsql-"),                   // PostgreSQL's own packages for Red Hat
    ("/opt/homebrew/opt", "postgresql@"), // Homebrew, Apple silicon
    ("/usr/local/opt", "postgresql@"),    // Homebrew, Intel
];

/// The directory that holds PostgreSQL's programs, `postgres` and `initdb`.
///
/// It is the directory named by `ALMONER_PG_BIN`; without that, the newest version in the directories in which packages
/// install it; without that, the first in `PATH` that has the programs. A directory that is named but lacks them is an
/// error: to take another would hide the mistake.
pub fn find_binaries() -> Result<PathBuf, Error> {
    if let Some(named) = env::var_os("ALMONER_PG_BIN").filter(|named| !named.is_empty()) {
        let directory = absolute(Path::new(&named))?;
        return if complete(&directory) {
            Ok(directory)
        } else {
            let reason = format!(
                "ALMONER_PG_BIN names {}, which does not hold the programs `postgres` and `initdb`",
                directory.display()
            );
            Err(Error::NoBinaries { reason })
        };
    }
    let newest = VERSIONS
        .iter()
        .flat_map(|(base, prefix)| versions(base, prefix))
        .filter(|(_, directory)| complete(directory))
        .max_by_key(|(version, _)| *version)
        .map(|(_, directory)| directory);
    let path = env::var_os("PATH").unwrap_or_default();
    match newest.or_else(|| env::split_paths(&path).find(|directory| complete(directory))) {
        Some(directory) => absolute(&directory),
        None => Err(Error::NoBinaries { reason: "it is neither where packages put it nor in PATH".to_owned() }),
    }
}

/// The number at the start of a version: 15 of `15.4`, 18 of `18beta1`.
pub(crate) fn major(version: &str) -> &str {
    let digits = version.bytes().take_while(u8::is_ascii_digit).count();
    &version[..digits]
}

fn versions(base: &str, prefix: &str) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(base).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix(prefix)?;
            Some((major(version).parse().ok()?, entry.path().join("bin")))
        })
        .collect()
}

fn complete(directory: &Path) -> bool {
    directory.join("postgres").is_file() && directory.join("initdb").is_file()
}

/// Makes a path absolute, because the programs are run from another working directory.
fn absolute(directory: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(directory).map_err(|source: io::Error| Error::File {
        action: "find",
        path: directory.to_owned(),
        source,
    })
}
