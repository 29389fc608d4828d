//! HTTP: the six doors, their extractors, problems and the OpenAPI document.
//!
//! A handler takes a `Caller` of the permission that it needs, reads its parameters and its content, and does its work
//! in the caller's scope: one transaction in the role of the door. It answers with a reply made inside that
//! transaction. These types also describe it in the OpenAPI document (`ground/operation.rs`).
//!
//! `ground/` has the mechanisms and knows no door. `account/` has the operations on one's own account, and `uploads.rs` those on
//! contents that arrive in pieces, which several doors share; `letters.rs` has a letter that two doors give out. Each door has a folder of its own. A file of a door has its handlers and its own `routes()`.

mod account;
mod complaints;
mod council;
mod ground;
mod letters;
mod oauth;
mod operator;
mod partner;
mod path_ids;
mod practice;
mod public;
mod representations;
mod uploads;

pub use ground::body::read_content;
pub use ground::limits::{Quota, Quotas};
pub use ground::metrics::Metrics;
pub use ground::monitoring::{HasHealth, HasMetrics, metrics_server, monitoring_server};
pub use ground::openapi;
pub use ground::password::{PasswordCost, hash as hash_password};
pub use ground::permission::{
    AtTheDesk, COMPLAINTS_PERMISSIONS, COUNCIL_PERMISSIONS, COUNCIL_SCOPES, PARTNER_PERMISSIONS, PRACTICE_PERMISSIONS,
};
pub use ground::problem::Kind;
pub use ground::server::{Beside, server, server_beside};
pub use ground::service::{Service, Settings};
pub use ground::signing::{new_private_key, rotate_signing_keys};

/// Adds every operation of the service, which the server serves and the OpenAPI document describes.
fn routes(service: &mut ground::routes::Routes) {
    practice::routes(service);
    council::routes(service);
    complaints::routes(service);
    partner::routes(service);
    public::routes(service);
    operator::routes(service);
    oauth::routes(service);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn files(path: &Path) -> Vec<PathBuf> {
        if path.is_file() {
            return vec![path.to_owned()];
        }
        std::fs::read_dir(path).unwrap().flat_map(|entry| files(&entry.unwrap().path())).collect()
    }

    /// Returns the names after each `crate::` in a file: the folders that it uses.
    fn used(file: &Path) -> BTreeSet<String> {
        let text = std::fs::read_to_string(file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let after = code.split("crate::").skip(1);
        after
            .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn the_ground_uses_no_door_and_no_door_uses_another() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let shared: &[&str] = &["ground", "account", "letters", "representations", "uploads"];
        // The server and the document use the routes of every door.
        let rooms: [(&str, &[&str]); 11] = [
            ("ground", &["ground", "routes"]),
            ("account", &["ground"]),
            ("letters.rs", &["ground"]),
            ("uploads.rs", &["ground"]),
            ("oauth", &["ground"]),
            ("practice", shared),
            ("council", shared),
            ("complaints", shared),
            ("partner", shared),
            ("public", shared),
            ("operator", shared),
        ];
        let mut read = 0;
        for (room, allowed) in rooms {
            for file in files(&source.join(room)) {
                for name in used(&file) {
                    assert!(allowed.contains(&name.as_str()), "{} uses crate::{name}", file.display());
                    read += 1;
                }
            }
        }
        assert!(read > 60, "{read}");
    }
}
