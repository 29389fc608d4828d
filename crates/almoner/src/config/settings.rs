//! The table of settings, from which come the settings that are read, the names that are refused as unknown, and the table in
//! the README.

use std::fmt::Write as _;

use super::Command::{self, Audit, Demo, DemoData, Documents, Migrate, Operator, Serve, Work};

/// A setting of the program.
pub(super) struct Setting {
    /// The name of the environment variable.
    pub(super) name: &'static str,
    pub(super) default: Fallback,
    /// Whether the setting is a secret: never shown, allowed to come from a file, and read only by the commands that use it.
    pub(super) secret: bool,
    pub(super) demanded_by: &'static [Command],
    /// The commands that use the secret if it is given, besides those that demand it.
    pub(super) used_by: &'static [Command],
    /// The meaning, in one sentence.
    pub(super) meaning: &'static str,
}

/// The value of a setting that is not given.
pub(super) enum Fallback {
    /// The value is this text, which is read like one that was given.
    Text(&'static str),
    /// The program finds the value itself; these words say how.
    Words(&'static str),
    /// The setting has no value.
    Nothing,
}

/// Makes a static of each row, with the name of its variable, and `SETTINGS` of all of them.
macro_rules! settings {
    ($($name:ident: $setting:expr;)*) => {
        $(pub(super) static $name: Setting = Setting { name: stringify!($name), ..$setting };)*

        /// Every setting, in the order of the documentation.
        pub(super) static SETTINGS: &[&Setting] = &[$(&$name),*];
    };
}

settings! {
    DATABASE_URL: secret(
        &[Serve, Work, Operator, Audit, Documents, DemoData], &[Migrate, Demo], Fallback::Nothing,
        "The database, as `postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full`: as `almoner_app`, \
         and for `work`, `audit` and `documents` as `almoner_work`.",
    );
    ALMONER_MIGRATE_DATABASE_URL: secret(
        &[], &[Migrate, Demo, DemoData], Fallback::Words("that of `DATABASE_URL`"),
        "The database for `migrate`, as `almoner_owner`, or as a superuser where the roles are still to be made.",
    );
    ALMONER_PUBLIC_URL: demanded(
        &[Serve],
        "The base URL by which callers reach the service, and the issuer of its tokens: `https` unless the host is \
         this machine.",
    );
    ALMONER_MASTER_KEYS: secret(
        &[Serve, Work, Operator, Audit, Documents, DemoData], &[Demo], Fallback::Nothing,
        "The keys that wrap every other key: `VERSION:BASE64[,VERSION:BASE64…]`, 32 bytes each; the highest version \
         wraps.",
    );
    ALMONER_AUDIT_KEY: secret(
        &[], &[Work, Audit], Fallback::Words("none: the heads of the audit log are not signed"),
        "The Ed25519 private key that signs the heads of the audit log, as PKCS#8 in PEM: never in the database.",
    );
    ALMONER_AUDIT_HEADS: Setting {
        default: Fallback::Words("none: the heads of the audit log are not signed"),
        ..plain("", "The file to whose end `work` writes the signed heads of the audit log, on another machine's disk if it can be.")
    };
    ALMONER_DOCUMENTS: plain(
        "/var/lib/almoner/documents",
        "Where documents are stored, sealed: a directory, which is made if it is not there, or a bucket of S3 as \
         `s3://BUCKET/PREFIX`, with or without a prefix; one that `serve` and `work` share, in the backups.",
    );
    ALMONER_S3_ENDPOINT: Setting {
        default: Fallback::Words("that of the region at Amazon"),
        ..plain("", "The base URL of the store that has the bucket: `https` unless the host is this machine.")
    };
    ALMONER_S3_REGION: Setting {
        default: Fallback::Words("none: needed with a bucket"),
        ..plain("", "The region of the bucket, such as `eu-west-2`.")
    };
    ALMONER_S3_ACCESS_KEY_ID: Setting {
        default: Fallback::Words("none: needed with a bucket"),
        ..plain("", "The identifier of the access key for the bucket.")
    };
    ALMONER_S3_SECRET_ACCESS_KEY: secret(
        &[], &[Serve, Work, Documents], Fallback::Words("none: needed with a bucket"),
        "The secret of the access key for the bucket.",
    );
    ALMONER_SCANNER: Setting {
        default: Fallback::Words("none: no document leaves quarantine"),
        ..plain("", "The command by which `work` has documents scanned, as the whole path of a program and its arguments, such as `/usr/bin/clamdscan --no-summary -`.")
    };
    ALMONER_LISTEN: plain("127.0.0.1:8080", "The address and port of the API.");
    ALMONER_METRICS_LISTEN: plain("127.0.0.1:9090", "The address and port of `/metrics`, which is not for the public.");
    ALMONER_WORK_LISTEN: Setting {
        default: Fallback::Words("none: `work` listens on no port"),
        ..plain("", "The address and port on which `work` answers `/metrics`, `/health/live` and `/health/ready`, which are not for the public.")
    };
    ALMONER_DATABASE_CONNECTIONS: Setting {
        default: Fallback::Words("four times the processor's cores, from 4 to 64"),
        ..plain("", "How many database connections this process holds, which is how many requests run at once.")
    };
    ALMONER_PREPARED_STATEMENTS: plain(
        "named",
        "Whether connections keep the statements that they prepared: `named`, or `none` behind a pooler in transaction mode.",
    );
    ALMONER_BODY_LIMIT_KIB: plain("256", "The largest request body that is read, in KiB.");
    ALMONER_REQUEST_TIMEOUT_SECONDS: plain("15", "How long a request may take, to be sent and to be answered, in seconds each.");
    ALMONER_LIMIT_MEMBER: plain("600/120", "How often one member of staff, officer or operator may ask: so many a minute, and so many at once.");
    ALMONER_LIMIT_CLIENT: plain("1200/240", "How often one system, a council's or a partner app, may ask.");
    ALMONER_LIMIT_TENANT: plain("6000/1200", "How often all the staff of one practice, or all systems and officers of one council, may ask together.");
    ALMONER_LIMIT_PUBLIC: plain("120/60", "How often one address may ask without a token.");
    ALMONER_LIMIT_SIGN_IN: plain("30/30", "How often one address may try credentials.");
    ALMONER_TRUSTED_PROXIES: Setting {
        default: Fallback::Words("none"),
        ..plain("", "The proxies whose `X-Forwarded-For` counts, as networks: `10.0.0.0/8,2001:db8::7/128`.")
    };
    ALMONER_CORS_ORIGINS: Setting {
        default: Fallback::Words("none"),
        ..plain("", "The origins whose pages may call from a browser: `https://app.example.org,https://other.example`.")
    };
    ALMONER_ALLOW_PRIVATE_PROVIDERS: plain(
        "false",
        "Whether the identity provider of a practice or a council may be on this machine or in its own network, and there without TLS: `true` or `false`.",
    );
    ALMONER_DRAIN_SECONDS: plain(
        "5",
        "How long the service goes on answering after SIGTERM while it is not ready any more, in seconds: longer than the balancer needs to notice.",
    );
    ALMONER_SHUTDOWN_SECONDS: plain("20", "How long requests under way are waited for when the service stops, in seconds.");
    ALMONER_ACCESS_TOKEN_MINUTES: plain("10", "How long an access token holds, in minutes.");
    ALMONER_SESSION_HOURS: plain("12", "How long a sign-in holds before it must be done again, in hours.");
    ALMONER_SESSION_IDLE_MINUTES: plain("30", "How long a sign-in holds without being renewed, in minutes.");
    ALMONER_LOG: plain("info", "What is logged: levels, by module if need be, such as `info,almoner_api=debug`.");
    ALMONER_LOG_FORMAT: plain("json", "How it is logged: `json`, a line for each event, or `text`, for people.");
}

const fn plain(default: &'static str, meaning: &'static str) -> Setting {
    Setting { name: "", default: Fallback::Text(default), secret: false, demanded_by: &[], used_by: &[], meaning }
}

const fn demanded(by: &'static [Command], meaning: &'static str) -> Setting {
    Setting { name: "", default: Fallback::Nothing, secret: false, demanded_by: by, used_by: &[], meaning }
}

const fn secret(
    demanded_by: &'static [Command],
    used_by: &'static [Command],
    default: Fallback,
    meaning: &'static str,
) -> Setting {
    Setting { name: "", default, secret: true, demanded_by, used_by, meaning }
}

impl Setting {
    /// The name of the variable that gives the path of a file with the secret.
    pub(super) fn file_name(&self) -> String {
        format!("{}_FILE", self.name)
    }

    pub(super) fn is_demanded_by(&self, command: Command) -> bool {
        self.demanded_by.contains(&command)
    }

    pub(super) fn is_read_by(&self, command: Command) -> bool {
        !self.secret || self.is_demanded_by(command) || self.used_by.contains(&command)
    }
}

/// The key of a variable in the file of settings.
pub(super) fn key(name: &str) -> String {
    name.trim_start_matches("ALMONER_").to_ascii_lowercase()
}

/// Writes the settings as a table in Markdown, for the README.
pub fn markdown_table() -> String {
    let mut table = "| Setting | Default | Secret | Meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for setting in SETTINGS {
        let default = match setting.default {
            Fallback::Text(text) => format!("`{text}`"),
            Fallback::Words(words) => words.to_owned(),
            Fallback::Nothing => {
                let commands: Vec<_> = setting.demanded_by.iter().map(|command| format!("`{command}`")).collect();
                format!("none: needed by {}", commands.join(", "))
            }
        };
        let secret = if setting.secret { "yes" } else { "" };
        // Writing to a `String` cannot fail.
        let _ = writeln!(table, "| `{}` | {default} | {secret} | {} |", setting.name, setting.meaning);
    }
    table
}

/// Finds the name that `wanted` was most likely meant to be, if it resembles one of them.
///
/// The prefix `ALMONER_` is left out of the comparison, because otherwise all names would resemble each other.
pub(super) fn nearest<'n>(wanted: &str, names: &'n [String]) -> Option<&'n str> {
    let bare = |name: &str| name.to_ascii_uppercase().trim_start_matches("ALMONER_").to_owned();
    let wanted = bare(wanted);
    let (distance, name) = names.iter().map(|name| (distance(&wanted, &bare(name)), name)).min()?;
    (distance <= (wanted.chars().count() / 2).max(2)).then_some(name)
}

/// Counts the characters that must be added, left out or changed to make one text of the other (Levenshtein distance).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, here) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, there) in other.iter().enumerate() {
            let changed = diagonal + usize::from(here != *there);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_one_that_was_meant() {
        let names: Vec<String> = SETTINGS.iter().map(|setting| setting.name.to_owned()).collect();
        for (wrong, right) in [
            ("ALMONER_LISTN", Some("ALMONER_LISTEN")),
            ("ALMONER_DATABASE_URL", Some("DATABASE_URL")),
            ("almoner_log_fromat", Some("ALMONER_LOG_FORMAT")),
            ("ALMONER_MASTER_KEY", Some("ALMONER_MASTER_KEYS")),
            ("ALMONER_XYZZY_PLUGH_QUUX", None),
        ] {
            assert_eq!(nearest(wrong, &names), right, "{wrong}");
        }
        assert_eq!([distance("", ""), distance("kitten", "sitting"), distance("", "abc")], [0, 3, 3]);
    }

    #[test]
    fn the_table_has_a_row_for_every_setting_and_every_meaning_is_one_sentence() {
        let table = markdown_table();
        assert_eq!(table.lines().count(), SETTINGS.len() + 2);
        assert!(table.lines().all(|line| line.matches('|').count() == 5), "{table}");
        assert!(table.contains("| `ALMONER_LISTEN` | `127.0.0.1:8080` |  | The address and port of the API. |"));
        assert!(table.contains(
            "| `ALMONER_MASTER_KEYS` | none: needed by `serve`, `work`, `operator`, `audit`, `documents`, `demo-data` | yes | "
        ));
        for setting in SETTINGS {
            assert!(setting.meaning.ends_with('.') && !setting.meaning.contains(". "), "{}", setting.name);
        }
    }

    #[test]
    fn keys_in_the_file_are_the_names_without_the_prefix() {
        assert_eq!(key(DATABASE_URL.name), "database_url");
        assert_eq!(key(ALMONER_MIGRATE_DATABASE_URL.name), "migrate_database_url");
    }
}
