//! The demonstration's logins: written by `almoner demo` into a file that a shell can source, read by `almoner tour`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::demo::DIRECTORY;

/// Who can log in where. Every key is a shell variable's name.
///
/// - `ALMONER_URL`: where the demonstration serves;
/// - `OPERATOR_EMAIL`, `STAFF_PASSWORD` and `STAFF_TOTP_SECRET` (the one password and the one authenticator's secret of every
///   demonstration account, the operator's too);
/// - `COUNCIL_<GSS code>_ID` and `_SECRET`: the council's referral system;
/// - `COUNCIL_<GSS code>_COMPLAINTS_ID` and `_SECRET`: its complaints system;
/// - `PARTNER_ID` and `PARTNER_SECRET`: the partner app.
///
/// Staff sign in as `<role>@<practice slug>.example`: see [`crate::demo`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logins(BTreeMap<String, String>);

impl Logins {
    /// Where the demonstration writes them down, below the working directory.
    pub fn path() -> PathBuf {
        Path::new(DIRECTORY).join("logins.env")
    }

    /// Remembers a value.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.0.insert(key.into(), value.into());
    }

    /// A value, or words that say what to do.
    pub fn get(&self, key: &str) -> Result<&str, String> {
        self.0.get(key).map(String::as_str).ok_or_else(|| format!("{key} is not in {}", Self::path().display()))
    }

    /// Writes them so that `. .almoner/logins.env` sets them.
    pub fn write(&self) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(Self::path())?;
        self.0.iter().try_for_each(|(key, value)| writeln!(file, "export {key}='{value}'"))
    }

    /// Reads what the demonstration wrote down.
    pub fn read() -> Result<Self, String> {
        let path = Self::path();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}. Start the demonstration first: make demo", path.display()))?;
        let pairs = text.lines().filter_map(|line| {
            let (key, value) = line.strip_prefix("export ")?.split_once('=')?;
            Some((key.to_owned(), value.trim_matches('\'').to_owned()))
        });
        Ok(Self(pairs.collect()))
    }
}
