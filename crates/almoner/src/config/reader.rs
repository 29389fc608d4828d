//! Reads settings from the environment and the file, and collects their faults.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;

use zeroize::Zeroizing;

use super::checks;
use super::settings::{Fallback, SETTINGS, Setting, key, nearest};
use super::{Command, Secret};

/// Variables that begin like settings and are not: for PostgreSQL's programs, for the tests, and the file's own.
const NOT_SETTINGS: [&str; 3] = ["ALMONER_CONFIG", "ALMONER_PG_BIN", "ALMONER_URL"];
const TESTS: &str = "ALMONER_TEST_";

/// Reads the file at a path as text.
pub(super) type ReadFile<'f> = &'f dyn Fn(&Path) -> io::Result<String>;

/// The settings of one process, and the faults found so far.
pub(super) struct Reader<'f> {
    command: Command,
    environment: BTreeMap<String, Given>,
    file: BTreeMap<String, Given>,
    read_file: ReadFile<'f>,
    pub(super) faults: Vec<String>,
}

/// A setting's text and where it was given, as a fault names it.
#[derive(Clone)]
struct Given {
    text: Zeroizing<String>,
    place: String,
}

/// The error for a setting that cannot be used, whose fault is already on the list.
pub(super) struct Faulty;

impl<'f> Reader<'f> {
    pub(super) fn new(
        command: Command,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        read_file: ReadFile<'f>,
    ) -> Self {
        let mut reader =
            Self { command, environment: BTreeMap::new(), file: BTreeMap::new(), read_file, faults: Vec::new() };
        for (name, text) in variables {
            reader.take_variable(&name.to_string_lossy(), text);
        }
        if let Some(config) = reader.environment.remove("ALMONER_CONFIG") {
            reader.take_file(&config.text);
        }
        reader
    }

    /// An empty text counts as not given, so that an empty line of a container's environment is harmless.
    fn take_variable(&mut self, name: &str, text: OsString) {
        let names = names();
        let known = name == "ALMONER_CONFIG" || names.iter().any(|known| known == name);
        if known && !text.is_empty() {
            match text.into_string() {
                Ok(text) => {
                    let given = Given { text: Zeroizing::new(text), place: name.to_owned() };
                    self.environment.insert(name.to_owned(), given);
                }
                Err(_) => self.faults.push(format!("{name}: expected text in UTF-8")),
            }
        } else if !known && name.starts_with("ALMONER_") && !is_known_elsewhere(name, &text.to_string_lossy()) {
            self.faults.push(format!("{name} is not a setting{}", suggestion(nearest(name, &names))));
        }
    }

    fn take_file(&mut self, path: &str) {
        let text = match (self.read_file)(Path::new(path)) {
            Ok(text) => Zeroizing::new(text),
            Err(error) => {
                return self.faults.push(format!("ALMONER_CONFIG names {path}, which cannot be read: {error}"));
            }
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                // The error's own words quote the line, which may hold a secret.
                let start = error.span().map_or(0, |span| span.start);
                let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
                return self.faults.push(format!("{path}: not TOML near line {line}: expected name = \"value\""));
            }
        };
        let keys: Vec<String> = names().iter().map(|name| key(name)).collect();
        for (name, value) in table {
            let place = format!("`{name}` in {path}");
            if !keys.contains(&name) {
                self.faults.push(format!("{place} is not a setting{}", suggestion(nearest(&name, &keys))));
                continue;
            }
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(truth) => truth.to_string(),
                _ => {
                    self.faults.push(format!("{place}: expected a text, a whole number, or true or false"));
                    continue;
                }
            };
            if !text.is_empty() {
                self.file.insert(name, Given { text: Zeroizing::new(text), place });
            }
        }
    }

    /// Finds the text that was given for a setting, or its default. A missing text is a fault if the command needs it.
    fn given(&mut self, setting: &Setting) -> Result<Option<Given>, Faulty> {
        if !setting.is_read_by(self.command) {
            return Ok(None);
        }
        // The environment wins, whichever of the two names it uses.
        let (name, file_name) = (setting.name, setting.file_name());
        let from_environment = (self.environment.get(name), self.environment.get(&file_name));
        let found = match from_environment {
            (None, None) => (self.file.get(&key(name)), self.file.get(&key(&file_name))),
            found => found,
        };
        match (found.0.cloned(), found.1.cloned()) {
            (Some(given), Some(file)) => {
                self.faults.push(format!("{} and {} are both given: leave one out", given.place, file.place));
                return Err(Faulty);
            }
            (Some(given), None) => return Ok(Some(given)),
            (None, Some(file)) => return self.secret_file(file).map(Some),
            (None, None) => {}
        }
        if setting.is_demanded_by(self.command) {
            self.demand(setting);
            return Err(Faulty);
        }
        Ok(match setting.default {
            Fallback::Text(text) => {
                Some(Given { text: Zeroizing::new(text.to_owned()), place: setting.name.to_owned() })
            }
            Fallback::Words(_) | Fallback::Nothing => None,
        })
    }

    /// Adds the fault that a setting is missing.
    pub(super) fn demand(&mut self, setting: &Setting) {
        self.faults.push(format!("{} is needed by `almoner {}`. {}", setting.name, self.command, setting.meaning));
    }

    fn secret_file(&mut self, named: Given) -> Result<Given, Faulty> {
        let fault = match (self.read_file)(Path::new(named.text.as_str())).map(Zeroizing::new) {
            Ok(text) => {
                let trimmed = text.strip_suffix('\n').map_or(text.as_str(), |text| text.trim_end_matches('\r'));
                if !trimmed.is_empty() {
                    return Ok(Given { text: Zeroizing::new(trimmed.to_owned()), place: named.place });
                }
                "the file that it names is empty".to_owned()
            }
            // The path is not repeated: it may be the secret itself, given under the wrong name.
            Err(error) => format!("the file that it names cannot be read: {}", error.kind()),
        };
        self.faults.push(format!("{}: {fault}", named.place));
        Err(Faulty)
    }

    /// Reads a setting with `parse`, whose error says what is wrong without repeating the text.
    pub(super) fn parse<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Faulty> {
        let Some(given) = self.given(setting)? else { return Ok(None) };
        match parse(&given.text) {
            Ok(value) => Ok(Some(value)),
            Err(fault) => {
                self.faults.push(format!("{}: {fault}", given.place));
                Err(Faulty)
            }
        }
    }

    /// Reads a setting that always has a text, because it has a default.
    pub(super) fn value<T>(
        &mut self,
        setting: &Setting,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.parse(setting, |text| parse(text).ok_or_else(|| format!("expected {expected}"))).ok().flatten()
    }

    /// Reads a whole number within bounds.
    pub(super) fn number(&mut self, setting: &Setting, bounds: RangeInclusive<u32>) -> Result<Option<u32>, Faulty> {
        let expected = format!("expected a whole number from {} to {}", bounds.start(), bounds.end());
        self.parse(setting, |text| text.parse().ok().filter(|number| bounds.contains(number)).ok_or(expected))
    }

    /// Reads a secret, which is empty if the command has no use for it. `judge` refuses what only a demonstration may use.
    pub(super) fn secret(
        &mut self,
        setting: &Setting,
        shape: impl FnOnce(&str) -> Result<(), String>,
        judge: impl FnOnce(&str) -> Result<(), String>,
    ) -> Option<Secret> {
        let demonstration = self.command == Command::Demo;
        let secret = self.parse(setting, |text| {
            shape(text)?;
            if !demonstration {
                checks::not_for_demonstrations(text)?;
                judge(text)?;
            }
            Ok(Secret::from(text.to_owned()))
        });
        secret.ok().map(Option::unwrap_or_default)
    }
}

/// Lists the names of all settings, and of the variables that name a secret's file.
fn names() -> Vec<String> {
    let files = SETTINGS.iter().filter(|setting| setting.secret).map(|setting| setting.file_name());
    SETTINGS.iter().map(|setting| setting.name.to_owned()).chain(files).collect()
}

/// Tells whether a variable that begins like a setting belongs to another part of this program, or to Kubernetes, which gives
/// every container variables like `ALMONER_SERVICE_HOST` and `ALMONER_PORT_8080_TCP` where a service is called `almoner`.
fn is_known_elsewhere(name: &str, text: &str) -> bool {
    NOT_SETTINGS.contains(&name)
        || name.starts_with(TESTS)
        || name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.contains("_PORT_")
        || (name.ends_with("_PORT") && text.starts_with("tcp://"))
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(": did you mean {name}?"))
}
