//! The demonstration's logins: written by `almoner demo` into a file that a shell can source, read by `almoner tour`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::DIRECTORY;

/// The logins of the demonstration, each under the name of a shell variable:
///
/// - `ALMONER_URL`: the URL at which the demonstration serves;
/// - `OPERATOR_EMAIL`, `STAFF_PASSWORD` and `STAFF_TOTP_SECRET` (the one password and the one authenticator's secret of every
///   demonstration account, the operator's too);
/// - `COUNCIL_<GSS code>_ID` and `_SECRET`: the council's referral system;
/// - `COUNCIL_<GSS code>_COMPLAINTS_ID` and `_SECRET`: its complaints system;
/// - `COUNCIL_<GSS code>_SAFEGUARDING_ID` and `_SECRET`: the system that rings its safeguarding duty;
/// - `PARTNER_ID` and `PARTNER_SECRET`: the partner app.
///
/// Staff sign in as `<login>@<practice slug>.example`: see [`crate::demo`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Logins(BTreeMap<String, String>);

impl Logins {
    /// The path of the file, below the working directory.
    pub(crate) fn path() -> PathBuf {
        Path::new(DIRECTORY).join("logins.env")
    }

    /// Sets a value.
    pub(crate) fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.0.insert(key.into(), value.into());
    }

    /// Finds a value; a missing one is an error that names the file.
    pub(crate) fn get(&self, key: &str) -> Result<&str, String> {
        self.0.get(key).map(String::as_str).ok_or_else(|| format!("{key} is not in {}", Self::path().display()))
    }

    /// Writes the file, so that `. .almoner/logins.env` sets the variables.
    pub(crate) fn write(&self) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(Self::path())?;
        self.0.iter().try_for_each(|(key, value)| writeln!(file, "export {key}='{value}'"))
    }

    /// Reads the file that the demonstration wrote.
    pub(crate) fn read() -> Result<Self, String> {
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
